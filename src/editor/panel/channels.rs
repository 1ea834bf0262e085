//! The piece's controls: as its own layout places them, else a tidy grid in its order and groups.

use egui::{Rect, RichText, ScrollArea, TextEdit, Ui, pos2, vec2};

use super::keyboard::Keyboard;
use super::textures::Textures;
use super::{control, layout, room};
use crate::editor::model::{Channel, Layout};
use crate::editor::scene::Scene;
use crate::editor::theme;

/// The size of a control in the grid.
const CELL: egui::Vec2 = vec2(92.0, 92.0);

/// The height of a group's name.
const HEADING: f32 = 26.0;

/// From how many channels on they can be searched.
const MANY: usize = 16;

/// Remembers what is searched for.
#[derive(Default)]
pub(crate) struct Channels {
    wanted: String,
    /// The hidden parts of the piece's own layout that the user has opened.
    opened: layout::Opened,
    textures: Textures,
}

/// A row of the grid.
#[derive(Clone, Debug, PartialEq)]
enum Row {
    /// A group's name.
    Heading(String),
    /// Controls, by their channel's index.
    Cells(Vec<usize>),
}

impl Row {
    fn height(&self) -> f32 {
        match self {
            Self::Heading(_) => HEADING,
            Self::Cells(_) => CELL.y + theme::GAP,
        }
    }
}

impl Channels {
    /// Draws the page.
    pub fn show(&mut self, ui: &mut Ui, scene: &mut Scene, keyboard: &mut Keyboard) {
        self.tools(ui, scene);
        match scene.view.layout.clone().filter(|_| scene.state.own_layout) {
            Some(placed) => {
                layout::show(ui, scene, &placed, keyboard, (&mut self.opened, &mut self.textures))
            }
            None if scene.view.channels.is_empty() => nothing(ui, scene),
            None => self.grid(ui, scene),
        }
    }

    /// Fills the room there is with the piece's layout.
    pub fn fill(&mut self, ui: &mut Ui, scene: &mut Scene, placed: &Layout, keyboard: &mut Keyboard) {
        layout::fill(ui, scene, placed, keyboard, (&mut self.opened, &mut self.textures));
    }

    fn tools(&mut self, ui: &mut Ui, scene: &mut Scene) {
        let many = scene.view.channels.len() >= MANY;
        if scene.view.layout.is_none() && !many {
            return;
        }
        ui.horizontal(|ui| {
            if scene.view.layout.is_some() {
                for (own, text) in [(true, "As the piece lays out"), (false, "All in a grid")] {
                    ui.selectable_value(&mut scene.state.own_layout, own, text);
                }
            }
            if scene.view.layout.is_some() && scene.state.own_layout {
                let help = "Fill the window with the panel; the button in its corner leads back";
                if ui.button("Panel only").on_hover_text(help).clicked() {
                    room::fill(ui, scene);
                }
            }
            if let Some(placed) = scene.view.layout.as_ref().filter(|_| scene.state.own_layout)
                && !placed.parts.is_empty()
            {
                layout::parts_menu(ui, placed, &mut self.opened);
            }
            if many && !(scene.view.layout.is_some() && scene.state.own_layout) {
                ui.add(
                    TextEdit::singleline(&mut self.wanted)
                        .align(egui::Align2::LEFT_CENTER)
                        .hint_text("Find a channel")
                        .desired_width(160.0),
                );
            }
        });
    }

    fn grid(&self, ui: &mut Ui, scene: &mut Scene) {
        let across = ui.available_width() - ui.spacing().scroll.bar_width - theme::GAP;
        let columns = ((across + theme::GAP) / (CELL.x + theme::GAP)).floor().max(1.0) as usize;
        let rows = rows(&scene.view.channels, columns, &self.wanted.to_lowercase());
        let height = rows.iter().map(Row::height).sum();
        ScrollArea::vertical().id_salt("channels").auto_shrink(false).show_viewport(ui, |ui, visible| {
            ui.set_height(height);
            let origin = ui.min_rect().min;
            let mut top = 0.0;
            for row in &rows {
                let bottom = top + row.height();
                if bottom >= visible.top() && top <= visible.bottom() {
                    draw_row(ui, scene, row, pos2(origin.x, origin.y + top));
                }
                top = bottom;
            }
        });
    }
}

fn nothing(ui: &mut Ui, scene: &Scene) {
    let text = match scene.view.piece.name.as_str() {
        "" => "Open a piece with the button above, or copy a .csd file and paste it here (Ctrl+V).",
        _ => {
            "This piece has no channels. A line such as\n\n    chn_k \"cutoff\", 1, 2, 440, 20, 20000\n\nin its orchestra makes one."
        }
    };
    ui.add_space(theme::GAP * 4.0);
    ui.vertical_centered(|ui| ui.label(RichText::new(text).color(theme::palette(ui).weak)));
}

fn draw_row(ui: &mut Ui, scene: &mut Scene, row: &Row, at: egui::Pos2) {
    match row {
        Row::Heading(name) => {
            let palette = theme::palette(ui);
            let font = egui::TextStyle::Body.resolve(ui.style());
            let middle = pos2(at.x, at.y + HEADING / 2.0);
            let text = ui.painter().text(middle, egui::Align2::LEFT_CENTER, name, font, palette.weak);
            let line = egui::Stroke::new(1.0, palette.line);
            ui.painter().hline(text.right() + 8.0..=ui.max_rect().right(), middle.y, line);
        }
        Row::Cells(channels) => {
            for (column, &channel) in channels.iter().enumerate() {
                let left = at.x + column as f32 * (CELL.x + theme::GAP);
                draw_cell(ui, scene, channel, Rect::from_min_size(pos2(left, at.y), CELL));
            }
        }
    }
}

fn draw_cell(ui: &mut Ui, scene: &mut Scene, channel: usize, rect: Rect) {
    ui.painter().rect_filled(rect, theme::ROUND, theme::palette(ui).panel);
    control::show(ui, rect.shrink(5.0), channel, scene, control::Look::default(), None);
}

/// The rows of the grid: each group under its name, groups and channels in the piece's order.
fn rows(channels: &[Channel], columns: usize, wanted: &str) -> Vec<Row> {
    let mut groups: Vec<(&str, Vec<usize>)> = Vec::new();
    let found = |channel: &Channel| {
        wanted.is_empty()
            || channel.name.to_lowercase().contains(wanted)
            || channel.label.to_lowercase().contains(wanted)
    };
    for (index, channel) in channels.iter().enumerate().filter(|(_, channel)| found(channel)) {
        match groups.iter_mut().find(|(name, _)| *name == channel.group) {
            Some((_, members)) => members.push(index),
            None => groups.push((&channel.group, vec![index])),
        }
    }
    let mut rows = Vec::new();
    for (name, members) in groups {
        if !name.is_empty() {
            rows.push(Row::Heading(name.to_owned()));
        }
        rows.extend(members.chunks(columns).map(|members| Row::Cells(members.to_vec())));
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    fn channel(name: &str, group: &str) -> Channel {
        Channel { name: name.into(), group: group.into(), ..Channel::default() }
    }

    #[test]
    fn groups_stand_together_in_the_pieces_order() {
        let channels = [channel("a", ""), channel("b", "Filter"), channel("c", ""), channel("d", "Filter")];
        let expected =
            [Row::Cells(vec![0, 2]), Row::Heading("Filter".into()), Row::Cells(vec![1]), Row::Cells(vec![3])];
        assert_eq!(rows(&channels, 2, "")[..1], expected[..1]);
        assert_eq!(rows(&channels, 1, "")[2..], expected[1..]);
        assert_eq!(rows(&channels, 4, "B"), []);
        assert_eq!(rows(&channels, 4, "b"), [Row::Heading("Filter".into()), Row::Cells(vec![1])]);
    }
}
