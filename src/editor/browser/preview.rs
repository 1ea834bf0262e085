//! A piece that is heard before it is opened: its button, and the line that says how far it is or what is wrong.

use egui::{Label, RichText, Ui};

use crate::editor::keys::{self, KeyCommand};
use crate::editor::model::{Action, Entry, Opens, Preview, PreviewStands};
use crate::editor::scene::Scene;
use crate::editor::theme;
use crate::preview::LONGEST;

/// Whether it can be heard before it is opened.
fn has_preview(entry: &Entry) -> bool {
    !matches!(entry.opens, Opens::Preset(_)) && entry.trouble.is_none()
}

fn is_heard(scene: &Scene, entry: &Entry) -> bool {
    scene.view.preview.as_ref().is_some_and(|preview| preview.is_of(&entry.opens))
}

/// Has an entry heard, or no longer.
pub(super) fn switch(scene: &mut Scene, entry: &Entry) {
    if is_heard(scene, entry) {
        scene.act(Action::EndPreview);
    } else if has_preview(entry) {
        scene.act(Action::Preview(entry.opens.clone()));
    }
}

/// The button that does so.
pub(super) fn button(ui: &mut Ui, scene: &mut Scene, entry: &Entry) {
    if !has_preview(entry) {
        return;
    }
    let word = if is_heard(scene, entry) { "Stop" } else { "Preview" };
    let key = keys::in_brackets(ui.ctx(), KeyCommand::Preview);
    let help = format!("Hear it over the present piece, which stays as it is{key}");
    let button = ui.button(word).on_hover_text(help);
    if button.accessible_name(format!("{word} {}", entry.name)).clicked() {
        switch(scene, entry);
    }
}

/// The line below it, which is there in any case: the list does not move.
pub(super) fn line(ui: &mut Ui, scene: &Scene, at_hand: &Entry) {
    let palette = theme::palette(ui);
    let catalogue = &scene.view.catalogue;
    let Some(preview) = &scene.view.preview else {
        ui.label("");
        return;
    };
    let is_at_hand = preview.of == at_hand.opens;
    let entry = catalogue.entries.iter().find(|entry| entry.opens == preview.of && !is_at_hand);
    let name = entry.map(|entry| format!("{}: ", entry.name)).unwrap_or_default();
    let text = format!("{name}{}", words(preview));
    let color = if preview.trouble.is_some() { palette.warning } else { palette.weak };
    ui.add(Label::new(RichText::new(&text).color(color)).truncate()).on_hover_text(&text);
}

/// How far it is, and what is wrong.
fn words(preview: &Preview) -> String {
    let stands = match preview.stands {
        PreviewStands::Starting => Some("Starting …".to_owned()),
        PreviewStands::Heard { seconds, of: Some(of) } => Some(format!("{seconds:.0} of {of:.0} s")),
        PreviewStands::Heard { seconds, of: None } => Some(format!("{seconds:.0} of {LONGEST:.0} s at most")),
        PreviewStands::Over => None,
    };
    stands.into_iter().chain(preview.trouble.clone()).collect::<Vec<_>>().join(". ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_said_how_far_it_is_and_what_is_wrong() {
        let of = |stands, trouble: Option<&str>| {
            words(&Preview { of: Opens::Shipped(0), stands, trouble: trouble.map(str::to_owned) })
        };
        let heard = PreviewStands::Heard { seconds: 3.4, of: Some(7.0) };
        let unknown = PreviewStands::Heard { seconds: 3.4, of: None };
        assert_eq!(of(PreviewStands::Starting, None), "Starting …");
        assert_eq!(of(heard, None), "3 of 7 s");
        assert_eq!(of(unknown, None), "3 of 20 s at most");
        assert_eq!(of(heard, Some("It lacks a file")), "3 of 7 s. It lacks a file");
        assert_eq!(of(PreviewStands::Over, Some("It is broken")), "It is broken");
    }
}
