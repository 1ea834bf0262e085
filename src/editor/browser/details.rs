//! All about the entry at hand: what it says of itself, its tags, and what may be done with it.

use egui::text::LayoutJob;
use egui::{Align, Button, FontSelection, Label, RichText, TextStyle, Ui, vec2};

use super::preview;
use crate::editor::model::{Action, Entry, Opens};
use crate::editor::scene::Scene;
use crate::editor::theme;

/// The rows that its description may take, which are there in any case: the list does not move.
const ROWS: usize = 2;

/// All about the entry at hand. True: it is to be opened.
pub(super) fn show(ui: &mut Ui, scene: &mut Scene, entry: Option<&Entry>) -> bool {
    let palette = theme::palette(ui);
    ui.separator();
    let Some(entry) = entry else { return false };
    let words = match &entry.trouble {
        Some(why) => RichText::new(why).color(palette.warning),
        None if entry.about.is_empty() => RichText::new("It says nothing about itself.").color(palette.weak),
        None => RichText::new(&entry.about),
    };
    let height = ROWS as f32 * ui.text_style_height(&TextStyle::Body);
    ui.allocate_ui(vec2(ui.available_width(), height), |ui| {
        ui.set_min_height(height);
        let mut job = LayoutJob::default();
        words.append_to(&mut job, ui.style(), FontSelection::Default, Align::Min);
        job.wrap.max_rows = ROWS;
        ui.add(Label::new(job).wrap());
    });
    let width = ui.available_width();
    let font = TextStyle::Body.resolve(ui.style());
    let fits = |text: &str| {
        ui.painter().layout_no_wrap(text.to_owned(), font.clone(), palette.weak).size().x <= width
    };
    let tags = tags(&entry.tags, fits);
    let label = ui.add(Label::new(RichText::new(&tags).color(palette.weak)).truncate());
    if entry.tags.len() > 1 {
        label.on_hover_text(entry.tags.join(", "));
    }
    let mut opens = false;
    ui.horizontal(|ui| {
        let word = Button::new(RichText::new("Open").strong());
        let told = format!("Open {}", entry.name);
        opens =
            ui.add(word).on_hover_text("It takes the present piece's place").accessible_name(told).clicked();
        preview::button(ui, scene, entry);
        let file = match &entry.opens {
            Opens::Shipped(_) => None,
            Opens::File(path) => Some(path),
            Opens::Preset(id) => Some(&id.file),
        };
        if let Some(file) = file {
            if ui.button("Show in folder").clicked() {
                scene.act(Action::ShowInFolder(file.clone()));
            }
            let path = file.to_string_lossy();
            ui.add(Label::new(RichText::new(&*path).color(palette.weak)).truncate()).on_hover_text(&*path);
        }
    });
    preview::line(ui, scene, entry);
    opens
}

/// The line of tags, with as many whole ones as fit.
fn tags(tags: &[String], fits: impl Fn(&str) -> bool) -> String {
    if tags.is_empty() {
        return "Tags: none".to_owned();
    }
    let line = |count: usize| match tags.len() - count {
        0 => format!("Tags: {}", tags.join(", ")),
        left => format!("Tags: {} and {left} more", tags[..count].join(", ")),
    };
    let count = (1..=tags.len()).rev().find(|count| fits(&line(*count))).unwrap_or(1);
    line(count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_whole_and_the_rest_is_counted() {
        let all = ["pad", "warm", "slow bells"].map(str::to_owned);
        assert_eq!(tags(&all, |text| text.len() <= 40), "Tags: pad, warm, slow bells");
        assert_eq!(tags(&all, |text| text.len() <= 26), "Tags: pad, warm and 1 more");
        assert_eq!(tags(&all, |text| text.len() <= 20), "Tags: pad and 2 more");
        assert_eq!(tags(&all, |_| false), "Tags: pad and 2 more");
        assert_eq!(tags(&[], |_| true), "Tags: none");
    }
}
