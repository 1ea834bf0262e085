//! Scales and keyboard mappings by a hand on the real backend: what a piece hears of them, and what of damaged ones.

use csound_performer::editor::model::*;
use egui_kittest::kittest::Queryable;

use crate::backend_bench::{HEADER, alone};
use crate::common::csd;
use crate::real::Real;

/// The frequency of A, over a thousand.
fn piece() -> String {
    let body = "instr 1\nouts a(chnget:k(sprintf(\"tuning.%d\", 69)) / 1000), a(0)\nendin\n";
    csd("", HEADER, body, "i 1 0 1000")
}

#[test]
fn a_piece_goes_on_in_the_tuning_that_is_chosen_and_a_damaged_file_changes_nothing() {
    if !alone("tuning::a_piece_goes_on_in_the_tuning_that_is_chosen_and_a_damaged_file_changes_nothing") {
        return;
    }
    let mut real = Real::on(&piece());
    real.hears("A is where it ever is", 0.44);
    let put = |real: &Real, name: &str, text: &str| {
        let path = real.folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        Action::Tune(Some(path))
    };
    let action = put(&real, "low.kbm", "0\n0\n127\n69\n69\n432\n0\n");
    real.bench.desk.act(action);
    real.until("it is shown", |real| real.view().tuning.as_deref() == Some("low.kbm"));
    real.hears("A is lower", 0.432);
    for (name, text, why) in [("bad.scl", "bad\n2\n3/2\n", "line 4"), ("bad.kbm", "1\n0\n0\nx\n", "line 4")] {
        let action = put(&real, name, text);
        real.bench.desk.act(action);
        real.until("it is told", |real| real.view().refused.as_ref().is_some_and(|told| told.contains(why)));
        let told = real.view().refused.clone().unwrap();
        assert!(told.contains(name) && told.contains("stays"), "{told}");
        assert_eq!(real.view().tuning.as_deref(), Some("low.kbm"));
    }
    real.hears("as it was", 0.432);
    let session = real.bench.link.save();
    real.click("Settings");
    assert!(real.shows("Open tuning…"));
    real.scroll_to("Equal");
    let equal = real.window.get_by_label("Equal").rect().center();
    real.click_at(equal, egui::PointerButton::Primary);
    real.until("there are equal steps again", |real| real.view().tuning.is_none());
    real.hears("A is where it ever is", 0.44);
    real.bench.link.load(&session);
    real.until("the session brings its tuning", |real| real.view().tuning.as_deref() == Some("low.kbm"));
    real.hears("A is lower", 0.432);
}

#[test]
fn a_preset_brings_its_tuning_and_mpe_and_one_that_says_nothing_of_them_changes_nothing() {
    if !alone("tuning::a_preset_brings_its_tuning_and_mpe_and_one_that_says_nothing_of_them_changes_nothing")
    {
        return;
    }
    let mut real = Real::on(&piece());
    let low = real.folder.path().join("low.kbm");
    std::fs::write(&low, "0\n0\n127\n69\n69\n432\n0\n").unwrap();
    real.bench.desk.act(Action::Tune(Some(low.clone())));
    real.bench.desk.act(Action::Set(Setting::Mpe, 1.0));
    real.hears("A is lower", 0.432);
    let stands = |view: &View| (view.tuning.clone(), view.settings.of(Setting::Mpe));
    let save = Action::SavePreset { name: "Low".into(), tags: Vec::new(), replace: false };
    real.bench.desk.act(save);
    real.until("it is saved", |real| real.view().presets.list.len() == 1);
    let id = real.view().presets.list[0].id.clone();
    // The file that it was made with is needed no more.
    std::fs::remove_file(&low).unwrap();
    real.bench.desk.act(Action::Tune(None));
    real.bench.desk.act(Action::Set(Setting::Mpe, 0.0));
    real.hears("A is where it ever is", 0.44);
    real.bench.desk.act(Action::LoadPreset(id.clone()));
    real.hears("A is lower with the preset", 0.432);
    real.until("both are shown", |real| stands(&real.view()) == (Some("low.kbm".into()), 1.0));
    real.bench.desk.act(Action::BackFromPreset);
    real.hears("as it was before", 0.44);
    real.until("both are shown", |real| stands(&real.view()) == (None, 0.0));
    real.bench.desk.act(Action::LoadPreset(id.clone()));
    real.hears("once more", 0.432);

    let whole: serde_json::Value = serde_json::from_slice(&std::fs::read(&id.file).unwrap()).unwrap();
    let before = stands(&real.view());
    for (what, change, why) in [
        ("old", serde_json::json!(null), None),
        ("missing", serde_json::json!({ "keyboard": { "name": "gone.kbm" } }), Some("gone.kbm is missing")),
        (
            "damaged",
            serde_json::json!({ "keyboard": { "name": "bad.kbm", "text": "1\n0\n0\nx\n" } }),
            Some("bad.kbm: line 4"),
        ),
        ("nonsense", serde_json::json!(7), Some("neither a scale")),
    ] {
        let mut preset = whole.clone();
        preset["name"] = what.into();
        let fields = preset.as_object_mut().unwrap();
        match why {
            None => {
                fields.remove("tuning");
                fields["settings"].as_object_mut().unwrap().remove("mpe");
            }
            Some(_) => {
                fields.insert("tuning".into(), change);
                fields["settings"]["mpe"] = "yes".into();
            }
        }
        let file = id.file.with_file_name(format!("{what}.csdpreset"));
        std::fs::write(&file, preset.to_string()).unwrap();
        real.bench.desk.act(Action::LoadPreset(PresetId { file: file.clone(), key: None }));
        let loaded = |real: &Real| real.bench.link.session().preset.is_some_and(|now| now.file == file);
        real.until("it is loaded", loaded);
        real.hears("the tuning is as it was", 0.432);
        assert_eq!(stands(&real.view()), before, "{what}");
        let console = real.bench.link.console();
        let told = |words: &str| {
            let is_told = |line: &&str| line.contains(&format!("preset {what}:")) && line.contains(words);
            console.iter().map(|line| line.text.as_str()).filter(is_told).count()
        };
        assert_eq!(told("the tuning stays as it is"), usize::from(why.is_some()), "{what}");
        assert_eq!(told(why.unwrap_or("mpe")), usize::from(why.is_some()), "{what}");
        assert_eq!(told("mpe cannot be"), usize::from(why.is_some()), "{what}");
    }
}

#[test]
fn channels_for_each_note_beyond_what_there_can_be_are_told_once() {
    if !alone("tuning::channels_for_each_note_beyond_what_there_can_be_are_told_once") {
        return;
    }
    let read: String =
        (0..18).map(|number| format!("k{number} chnget sprintf(\"note.%d.c{number}\", 1)\n")).collect();
    let body = format!("instr 1\n{read}outs a(0.25), a(0)\nendin\n");
    let mut real = Real::on(&csd("", HEADER, &body, "i 1 0 1000"));
    real.hears("it performs", 0.25);
    real.bench.desk.act(Action::Restart);
    real.steps(200);
    let console = real.bench.link.console();
    let told: Vec<_> = console.iter().filter(|line| line.text.contains("for each note")).collect();
    assert_eq!(told.len(), 1, "{told:?}");
    for words in ["18 channels", "note.%d.c16, note.%d.c17 stay at 0"] {
        assert!(told[0].text.contains(words), "{told:?}");
    }
}
