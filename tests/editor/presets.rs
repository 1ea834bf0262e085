//! The line of presets, by a hand: over a backend without a plugin, and over a running instance.

use csound_performer::editor::model::*;
use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::kittest::{NodeT, Queryable};

use crate::desk::{CONTROL, Desk, synth};

const CONTROL_SHIFT: Modifiers = Modifiers { ctrl: true, command: true, shift: true, ..Modifiers::NONE };

impl Desk {
    /// Saves how it stands under this name, by the keyboard alone.
    fn save_preset(&mut self, name: &str) {
        self.key(CONTROL_SHIFT, Key::S);
        self.steps(3);
        self.key(CONTROL, Key::A);
        self.write(name);
        self.key(Modifiers::NONE, Key::Enter);
        self.steps(3);
    }

    fn presets(&self) -> Vec<String> {
        self.backend.view().presets.list.iter().map(|preset| preset.name.clone()).collect()
    }

    fn chosen(&self) -> Option<String> {
        Some(self.backend.view().presets.chosen()?.name.clone())
    }
}

#[test]
fn presets_are_saved_and_stepped_through_by_the_keyboard() {
    let mut desk = Desk::on(synth());
    desk.save_preset("Soft");
    assert_eq!((desk.presets(), desk.chosen()), (vec!["Soft".to_owned()], Some("Soft".to_owned())));
    desk.backend.act(Action::SetParam(ParamRef::Bank(0), 1.0));
    desk.save_preset("Hard");
    assert_eq!(desk.presets(), ["Hard", "Soft"]);
    for (key, chosen, value) in
        [(Key::PageDown, "Soft", 5.0), (Key::PageDown, "Hard", 10.0), (Key::PageUp, "Soft", 5.0)]
    {
        desk.key(CONTROL, key);
        assert_eq!((desk.chosen().as_deref(), desk.backend.view().values[0]), (Some(chosen), value));
        assert!(desk.shows(&format!("Preset: {chosen}")), "{chosen}");
    }
    // In a text the keys are the text's.
    desk.enter_source();
    desk.log();
    desk.key(CONTROL, Key::PageDown);
    assert!(!desk.log().iter().any(|action| matches!(action, Action::StepPreset(_))));
}

#[test]
fn a_preset_of_that_name_is_replaced_only_after_a_question() {
    let mut desk = Desk::on(synth());
    desk.save_preset("Soft");
    desk.backend.act(Action::SetParam(ParamRef::Bank(0), 1.0));
    desk.steps(2);
    desk.log();
    desk.press("Save preset");
    desk.press("Save");
    assert!(desk.shows("There is a preset Soft already."));
    assert!(!desk.log().iter().any(|action| matches!(action, Action::SavePreset { .. })));
    // Another name is no replacement; the first one is asked about again.
    desk.press("Cancel");
    desk.press("Save preset");
    desk.press("Save");
    desk.press("Replace it");
    let saved = desk.log();
    assert!(
        saved
            .iter()
            .any(|action| matches!(action, Action::SavePreset { name, replace: true, .. } if name == "Soft")),
        "{saved:?}"
    );
    assert_eq!(desk.presets(), ["Soft"]);
}

#[test]
fn a_preset_is_found_by_its_tags_renamed_and_deleted_after_a_question() {
    let mut desk = Desk::on(synth());
    for (name, tag) in [("Dark", "pad"), ("Bright", "lead")] {
        desk.backend.act(Action::SavePreset { name: name.into(), tags: vec![tag.into()], replace: false });
    }
    desk.steps(3);
    desk.press("Preset: Bright");
    assert!(desk.has_button("Dark") && desk.has_button("Bright"));
    desk.window.get_by_label("Find a preset").focus();
    desk.steps(2);
    desk.write("PAD");
    assert!(desk.has_button("Dark") && !desk.has_button("Bright"));
    desk.press("Dark");
    assert_eq!(desk.chosen().as_deref(), Some("Dark"));
    desk.press("More about presets");
    desk.press("Name and tags…");
    desk.window.get_by_label("Preset name").focus();
    desk.steps(2);
    desk.key(CONTROL, Key::A);
    desk.write("Night");
    desk.press("Save");
    assert_eq!(desk.presets(), ["Bright", "Night"]);
    desk.press("More about presets");
    desk.press("Delete…");
    assert_eq!(desk.presets().len(), 2, "it is asked");
    desk.press("Delete it");
    assert_eq!(desk.presets(), ["Bright"]);
}

#[test]
fn two_sides_are_compared_and_morphed_and_it_goes_back() {
    let mut desk = Desk::on(synth());
    assert!(desk.window.query_by_label("Between A and B").is_none());
    desk.press("Other side of A and B");
    desk.backend.act(Action::SetParam(ParamRef::Bank(0), 1.0));
    desk.press("Other side of A and B");
    assert_eq!(desk.backend.view().values[0], 5.0);
    let bar = desk.rect("Between A and B");
    desk.drag(bar.left_center() + egui::vec2(4.0, 0.0), bar.center());
    let value = desk.backend.view().values[0];
    assert!((6.0..9.0).contains(&value), "{value}");
    desk.save_preset("Between");
    desk.backend.act(Action::SetParam(ParamRef::Bank(0), 0.0));
    desk.backend.act(Action::LoadPreset(desk.backend.view().presets.list[0].id.clone()));
    desk.steps(2);
    desk.press("Back to how it was");
    assert_eq!(desk.backend.view().values[0], 0.0);
}

#[test]
fn what_came_with_the_piece_is_not_renamed_and_a_sealed_export_shows_its_presets() {
    let mut desk = Desk::on(synth());
    desk.backend.change(|view| {
        view.export = Some(ExportView { name: "Anna's Bells".into(), shows_source: false });
        let factory = PresetView { name: "Factory".into(), ..PresetView::default() };
        view.presets = PresetsView { list: [factory].into(), current: Some(0), ..PresetsView::default() };
    });
    desk.steps(3);
    for shown in ["Preset: Factory", "Previous preset", "Next preset", "Save preset"] {
        assert!(desk.shows(shown), "{shown}");
    }
    desk.press("More about presets");
    let rename = desk.window.get_by_role_and_label(Role::Button, "Name and tags…");
    assert!(rename.accesskit_node().is_disabled());
}

#[test]
fn without_a_piece_there_is_no_line_of_presets() {
    let desk = Desk::new(Vec::new(), [960.0, 640.0]);
    assert!(!desk.has_button("Save preset"));
}

#[cfg(target_os = "linux")]
mod over_an_instance {
    use super::*;
    use crate::backend_bench::{HEADER, alone};
    use crate::common::csd;
    use crate::real::Real;

    fn levels() -> String {
        let body =
            "chn_k \"level\", 1, 2, 0.25, 0, 1\ninstr 1\nk1 chnget \"level\"\nouts a(k1), a(k1)\nendin\n";
        csd("", HEADER, body, "i 1 0 1000")
    }

    #[test]
    fn presets_are_saved_beside_the_piece_heard_and_kept_with_the_session() {
        if !alone(
            "presets::over_an_instance::presets_are_saved_beside_the_piece_heard_and_kept_with_the_session",
        ) {
            return;
        }
        let mut real = Real::on(&levels());
        real.hears("it begins", 0.25);
        for (name, position) in [("Loud", 1.0), ("Soft", 0.5)] {
            real.bench.desk.act(Action::SetParam(ParamRef::Bank(0), position));
            real.hears("it is set", position as f32);
            real.key(CONTROL_SHIFT, Key::S);
            real.steps(3);
            real.key(CONTROL, Key::A);
            real.write(name);
            real.key(Modifiers::NONE, Key::Enter);
            real.until("it is saved", |real| {
                real.view().presets.chosen().is_some_and(|preset| preset.name == name)
            });
        }
        let folder = real.folder.path().join("piece.presets");
        assert!(folder.join("Loud.csdpreset").is_file() && folder.join("Soft.csdpreset").is_file());
        real.key(CONTROL, Key::PageUp);
        real.hears("the one before", 1.0);
        real.click("Next preset");
        real.hears("the next one", 0.5);
        // What lies there is told at once, be it damaged.
        std::fs::write(folder.join("damaged.csdpreset"), "{").unwrap();
        real.until("it is told", |real| {
            let console = &real.view().console;
            (console.first()..console.next())
                .filter_map(|number| console.line(number))
                .any(|line| line.text.contains("damaged.csdpreset cannot be read"))
        });
        assert_eq!(real.view().presets.list.len(), 2);
        let saved = real.bench.link.save();
        real.open("other.csd", &levels());
        real.until("another piece has none", |real| real.view().presets.list.is_empty());
        real.bench.link.load(&saved);
        real.until("the session knows its preset", |real| {
            real.view().presets.chosen().is_some_and(|preset| preset.name == "Soft")
        });
        real.hears("and its values", 0.5);
    }

    #[test]
    fn cabbages_presets_are_found_beside_the_piece_and_only_read() {
        if !alone("presets::over_an_instance::cabbages_presets_are_found_beside_the_piece_and_only_read") {
            return;
        }
        let mut real = Real::on(&levels());
        let snaps = real.folder.path().join("piece.snaps");
        let text =
            "{ \"Half\": { \"form\": 0.0, \"level\": 0.5 }, \"Full\": { \"level\": 1.0, \"gone\": 2 } }";
        std::fs::write(&snaps, text).unwrap();
        real.until("they are listed", |real| real.view().presets.list.len() == 2);
        assert!(real.view().presets.list.iter().all(|preset| !preset.is_own));
        real.click("Next preset");
        real.hears("the first", 1.0);
        real.click("Next preset");
        real.hears("the second", 0.5);
        let said = real.bench.link.console();
        let said: Vec<_> =
            said.iter().filter(|line| line.text.contains("preset")).map(|line| &line.text).collect();
        assert!(said.iter().any(|line| line.contains("no channel gone")), "{said:?}");
        assert!(!said.iter().any(|line| line.contains("form")), "{said:?}");
        let id = real.view().presets.list[0].id.clone();
        real.bench.desk.act(Action::DeletePreset(id));
        real.until("they came with the piece", |real| real.view().refused.is_some());
        assert_eq!(std::fs::read_to_string(&snaps).unwrap(), text);
    }
}
