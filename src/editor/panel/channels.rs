//! The piece's controls: as its own layout places them, else a tidy grid in its order and groups.

use egui::{Rect, RichText, ScrollArea, TextEdit, Ui, pos2, vec2};

use super::keyboard::Keyboard;
use super::textures::Textures;
use super::{control, layout, room};
use crate::editor::keys::{self, KeyCommand, PASTE};
use crate::editor::model::{Action, Channel, Layout, Question};
use crate::editor::scene::Scene;
use crate::editor::theme;

/// The least size of a control in the grid, and how many times as large one gets where there is room.
const CELL: egui::Vec2 = vec2(92.0, 92.0);
const LARGEST: f32 = 2.5;

/// The steps in which they grow.
const STEP: f32 = 0.1;

/// So many controls grow; more of them do not fit a page anyway.
const FEW: usize = 64;

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
    fn height(&self, cell: egui::Vec2) -> f32 {
        match self {
            Self::Heading(_) => HEADING,
            Self::Cells(_) => cell.y + theme::GAP,
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
                    theme::choice(ui, &mut scene.state.own_layout, own, text);
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
        let room = vec2(across, ui.available_height());
        let (cell, rows) = laid_out(&scene.view.channels, room, &self.wanted.to_lowercase());
        let height = rows.iter().map(|row| row.height(cell)).sum();
        ScrollArea::vertical().id_salt("channels").auto_shrink(false).show_viewport(ui, |ui, visible| {
            ui.set_height(height);
            let origin = ui.min_rect().min;
            let mut top = 0.0;
            for row in &rows {
                let bottom = top + row.height(cell);
                if bottom >= visible.top() && top <= visible.bottom() {
                    draw_row(ui, scene, row, cell, pos2(origin.x, origin.y + top));
                }
                top = bottom;
            }
        });
    }
}

fn nothing(ui: &mut Ui, scene: &mut Scene) {
    if scene.view.piece.name.is_empty() {
        return begin(ui, scene);
    }
    let text = "This piece has no channels. A line such as\n\n    chn_k \"cutoff\", 1, 2, 440, 20, 20000\n\nin its orchestra makes one.";
    ui.add_space(theme::GAP * 4.0);
    ui.vertical_centered(|ui| ui.label(RichText::new(text).color(theme::palette(ui).weak)));
}

/// A first start says what to do next.
fn begin(ui: &mut Ui, scene: &mut Scene) {
    let weak = theme::palette(ui).weak;
    ui.add_space(theme::GAP * 4.0);
    ui.vertical_centered(|ui| {
        ui.label(RichText::new("Begin here").strong().size(16.0));
        ui.label(
            RichText::new("Csound Performer plays pieces: .csd files, or .orc files with their .sco.")
                .color(weak),
        );
        ui.add_space(theme::GAP);
        let first = "Play a first instrument";
        if !scene.view.piece.shipped.is_empty()
            && ui
                .button(RichText::new(first).strong())
                .on_hover_text("Then play it by MIDI, or by the keyboard at the top right")
                .clicked()
        {
            scene.act(Action::OpenShipped(0));
        }
        let key = keys::in_brackets(ui.ctx(), KeyCommand::Browse);
        if ui.button("Browse pieces").on_hover_text(format!("All pieces that there are{key}")).clicked() {
            scene.act(Action::LookAtCatalogue);
        }
        if ui.button("Open a file…").clicked() {
            scene.ask(Question::Open);
        }
        ui.add_space(theme::GAP);
        ui.label(RichText::new(format!("Or copy a .csd file and paste it here ({PASTE}).")).color(weak));
    });
}

fn draw_row(ui: &mut Ui, scene: &mut Scene, row: &Row, cell: egui::Vec2, at: egui::Pos2) {
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
                let left = at.x + column as f32 * (cell.x + theme::GAP);
                draw_cell(ui, scene, channel, Rect::from_min_size(pos2(left, at.y), cell));
            }
        }
    }
}

fn draw_cell(ui: &mut Ui, scene: &mut Scene, channel: usize, rect: Rect) {
    ui.painter().rect_filled(rect, theme::ROUND, theme::palette(ui).panel);
    control::show(ui, rect.shrink(5.0), channel, scene, control::Look::default(), None);
}

/// The size of controls, and their rows: as large as lets all of them be seen at once, where they are few. It depends on
/// the room and the channels alone, so that nothing moves under the pointer.
fn laid_out(channels: &[Channel], room: egui::Vec2, wanted: &str) -> (egui::Vec2, Vec<Row>) {
    let of = |cell: egui::Vec2| {
        let columns = ((room.x + theme::GAP) / (cell.x + theme::GAP)).floor().max(1.0) as usize;
        (cell, rows(channels, columns, wanted))
    };
    let steps = if channels.len() > FEW { 0 } else { ((LARGEST - 1.0) / STEP).round() as usize };
    let larger = (1..=steps).rev().map(|step| of(CELL * (1.0 + step as f32 * STEP)));
    let mut fitting = larger.filter(|(cell, rows)| {
        cell.x <= room.x && rows.iter().map(|row| row.height(*cell)).sum::<f32>() <= room.y
    });
    fitting.next().unwrap_or_else(|| of(CELL))
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
    fn controls_grow_with_the_room_as_long_as_all_are_seen() {
        let of = |count: usize, room: egui::Vec2| {
            let channels: Vec<_> = (0..count).map(|number| channel(&number.to_string(), "")).collect();
            let (cell, rows) = laid_out(&channels, room, "");
            let height: f32 = rows.iter().map(|row| row.height(cell)).sum();
            (cell.x, height <= room.y)
        };
        assert_eq!(of(1, vec2(900.0, 500.0)), (CELL.x * LARGEST, true), "one alone is as large as it gets");
        let (few, more) = (of(8, vec2(900.0, 500.0)), of(40, vec2(900.0, 500.0)));
        assert!(few.0 > more.0 && more.0 >= CELL.x && few.1, "{few:?} {more:?}");
        assert!(of(8, vec2(500.0, 300.0)).0 < few.0, "less room");
        assert_eq!(of(200, vec2(900.0, 500.0)), (CELL.x, false), "many are scrolled");
        for width in 1..40 {
            let (cell, fits) = of(12, vec2(width as f32 * 30.0, 400.0));
            assert!(cell >= CELL.x && (fits || cell == CELL.x), "{width}");
        }
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
