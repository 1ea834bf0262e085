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
