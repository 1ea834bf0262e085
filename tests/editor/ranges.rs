//! Ranges and units of channels, edited in place.

use csound_performer::editor::model::*;
use csound_performer::range::{EditedRange, Range, Scale, ScaleKind};
use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable;

#[cfg(target_os = "linux")]
use crate::backend_bench::{Bench, HEADER, alone, write};
use crate::desk::*;

fn menu(desk: &mut Desk, name: &str) {
    desk.window.get_by_role_and_label(Role::Slider, name).click_secondary();
    desk.steps(2);
}

/// Opens the form of *cutoff*, which goes from 0 to 10.
fn form(desk: &mut Desk) {
    menu(desk, "cutoff");
    desk.press("Range and unit…");
    assert!(desk.window.get_by_label("Least of cutoff").is_focused());
}

fn fill(desk: &mut Desk, field: &str, text: &str) {
    desk.window.get_by_label(&format!("{field} of cutoff")).focus();
    desk.steps(1);
    desk.key(CONTROL, Key::A);
    desk.key(Modifiers::NONE, Key::Delete);
    if !text.is_empty() {
        desk.write(text);
    }
}

#[test]
fn the_form_gives_a_channel_a_range_and_a_unit_and_the_menu_takes_them_back() {
    let mut desk = Desk::on(synth());
    form(&mut desk);
    for (field, text) in [("Least", "20"), ("Most", "2k"), ("Step", "5"), ("Unit", "Hz")] {
        fill(&mut desk, field, text);
    }
    desk.press("Set");
    let edited = EditedRange::new(20.0, 2000.0, 5.0, "Hz").unwrap();
    assert_eq!(desk.log(), [Action::EditRange("cutoff".into(), Some(edited))]);
    assert!(!desk.shows("Least of cutoff"), "it is done");
    assert_eq!(desk.backend.view().channels[0].range.text(40.0), "40 Hz");
    assert!(desk.shows("20 Hz"), "the control shows its value in the unit");
    form(&mut desk);
    assert!(desk.shows("The piece's own: 0 to 10"));
    desk.press("The piece's own");
    assert_eq!(desk.log(), [Action::EditRange("cutoff".into(), None)]);
    menu(&mut desk, "cutoff");
    assert!(!desk.shows("The piece's own range"), "it has it");
}

#[test]
fn enter_takes_escape_leaves_and_what_makes_no_range_stays_with_the_reason() {
    let mut desk = Desk::on(synth());
    form(&mut desk);
    for (field, text, why) in [
        ("Least", "much", "Least has to be a number, and “much” is none"),
        ("Least", "NaN", "Least has to be a number"),
        ("Least", "12", "Most has to be greater than Least: 10 is not greater than 12"),
        ("Least", "10", "10 is not greater than 10"),
        ("Least", "", "Least has to be a number"),
    ] {
        fill(&mut desk, field, text);
        desk.key(Modifiers::NONE, Key::Enter);
        desk.steps(2);
        assert!(desk.shows(why), "{text}");
        assert_eq!(desk.log(), [], "{text}");
    }
    fill(&mut desk, "Least", "-10");
    assert!(!desk.shows("has to be"), "it is being mended");
    fill(&mut desk, "Step", "100");
    desk.press("Set");
    assert!(desk.shows("Step has to be between 0 and 20"));
    assert!(desk.window.get_by_label("Step of cutoff").is_focused(), "the field to mend");
    desk.write("0.5");
    desk.key(Modifiers::NONE, Key::Enter);
    let edited = EditedRange::new(-10.0, 10.0, 0.5, "").unwrap();
    assert_eq!(desk.log(), [Action::EditRange("cutoff".into(), Some(edited))]);
    form(&mut desk);
    fill(&mut desk, "Most", "99");
    desk.key(Modifiers::NONE, Key::Escape);
    desk.steps(2);
    assert!(!desk.shows("Most of cutoff"));
    assert_eq!(desk.log(), []);
    form(&mut desk);
    desk.press("Cancel");
    assert!(!desk.shows("Most of cutoff"));
    assert_eq!(desk.log(), []);
}

#[test]
fn choices_switches_and_a_plugin_of_its_own_have_no_form_and_one_that_is_gone_closes_it() {
    let mut piece = synth();
    let items = ["One", "Two"].map(str::to_owned).to_vec();
    let range = Range::choice(items, 1.0, 1.0).unwrap();
    piece.channels.push(Channel { widget: Widget::Choice, range, ..knob("mode", 2) });
    let mut desk = Desk::on(piece);
    desk.window.get_by_role_and_label(Role::ComboBox, "mode").click_secondary();
    desk.steps(2);
    assert!(desk.has_button("Learn MIDI") && !desk.has_button("Range and unit…"));
    desk.key(Modifiers::NONE, Key::Escape);
    form(&mut desk);
    desk.backend.change(|view| view.channels = view.channels[1..].into());
    desk.steps(2);
    assert!(!desk.shows("Least of cutoff"));
    let export = ExportView { name: "Bells".into(), shows_source: true };
    desk.backend.change(|view| view.export = Some(export));
    desk.steps(2);
    menu(&mut desk, "decay");
    assert!(desk.has_button("Learn MIDI") && !desk.has_button("Range and unit…"));
}

/// A piece whose left channel is *cutoff*, from 0 to `most`.
#[cfg(target_os = "linux")]
fn text(most: &str) -> String {
    let body = "instr 1\nouts a(chnget:k(\"cutoff\")), a(0)\nendin\n";
    let header = format!("{HEADER}chn_k \"cutoff\", 1, 2, 0.5, 0, {most}\n");
    crate::common::csd("", &header, body, "i 1 0 1000")
}

#[cfg(target_os = "linux")]
fn shown(bench: &Bench, position: f32) -> String {
    let csound_performer::plugin::params::ChannelParam::Even(param) = &bench.params.channels[0] else {
        panic!("it has no steps")
    };
    nice_plug::prelude::Param::normalized_value_to_string(param, position, true)
}

#[test]
#[cfg(target_os = "linux")]
fn a_range_goes_before_the_pieces_reaches_the_host_and_lasts_until_it_is_taken_back() {
    if !alone("ranges::a_range_goes_before_the_pieces_reaches_the_host_and_lasts_until_it_is_taken_back") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = write(folder.path(), "piece.csd", &text("1"));
    let mut bench = Bench::new();
    bench.open_window();
    bench.desk.act(Action::Open(path.clone()));
    bench.until("it plays", |view, heard| view.state == State::Playing && heard[511] == 0.5);
    let told = bench.link.names.changes();
    let edited = EditedRange::new(2.0, 4.0, 0.5, "st").unwrap();
    bench.desk.act(Action::EditRange("cutoff".into(), Some(edited.clone())));
    assert!(bench.link.names.changes() > told, "the host is told to look at texts");
    bench.until("the value is brought into it", |view, heard| heard[511] == 2.0 && view.values[0] == 2.0);
    assert_eq!(shown(&bench, 1.0), "cutoff 4.0 st");
    bench.link.bank.moved_to(0, 0.5);
    bench.until("the parameter goes along it", |_, heard| heard[511] == 3.0);

    // The piece says something else while it performs, and when it is applied and read again.
    let piece_says = Range::new(Scale::new(ScaleKind::Linear, 0.0, 100.0), 0.0);
    assert!(!bench.link.change_ranges(&[("cutoff".to_owned(), piece_says)]));
    assert_eq!(shown(&bench, 1.0), "cutoff 4.0 st");
    bench.desk.act(Action::Apply(vec![text("8")]));
    bench.until("an applied text keeps it", |view, heard| view.source.answered == 1 && heard[511] == 3.0);
    assert_eq!(shown(&bench, 1.0), "cutoff 4.0 st");
    let saved = bench.link.save();
    bench.desk.act(Action::EditRange("cutoff".into(), None));
    assert_eq!(shown(&bench, 1.0), "cutoff 8", "the piece's own, as it is by now");
    bench.until("its value stays", |view, heard| {
        heard[511] == 3.0 && (view.values[0] - 3.0).abs() < 1e-5 && view.channels[0].own_range.is_none()
    });
    drop(bench);

    let mut bench = Bench::new();
    bench.open_window();
    bench.link.load(&saved);
    assert_eq!(shown(&bench, 1.0), "cutoff 4.0 st", "before the piece performs");
    bench.until("a session keeps it", |view, heard| {
        view.state == State::Playing && heard[511] == 3.0 && view.channels[0].own_range.is_some()
    });
    assert_eq!(bench.view.channels[0].range, edited.over(bench.view.channels[0].own_range.as_ref().unwrap()));
    bench.desk.act(Action::Reload);
    bench.until("a text that is read again keeps it", |view, heard| {
        let own = view.channels[0].own_range.as_ref();
        own.is_some_and(|own| own.scale.maximum() == 1.0) && heard[511] == 3.0
    });
    assert_eq!(shown(&bench, 1.0), "cutoff 4.0 st");
    let other = write(folder.path(), "other.csd", &text("1"));
    bench.desk.act(Action::Open(other));
    bench.until("another piece has its own", |view, heard| {
        view.piece.name == "other.csd" && heard[511] == 0.5 && view.channels[0].own_range.is_none()
    });
    assert_eq!(shown(&bench, 1.0), "cutoff 1");
}
