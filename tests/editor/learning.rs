//! MIDI controllers that turn channels.

use std::sync::Arc;

use csound_performer::editor::model::*;
use egui::accesskit::Role;
use egui_kittest::kittest::Queryable;
#[cfg(target_os = "linux")]
use nice_plug::prelude::NoteEvent;

#[cfg(target_os = "linux")]
use crate::backend_bench::{Bench, HEADER, alone, write};
use crate::desk::*;

fn menu(desk: &mut Desk) {
    desk.window.get_by_role_and_label(Role::Slider, "cutoff").click_secondary();
    desk.steps(2);
}

#[test]
fn the_menu_of_a_control_learns_a_controller_shows_it_and_forgets_it() {
    let mut desk = Desk::on(synth());
    menu(&mut desk);
    assert!(!desk.shows("Forget CC"));
    desk.press("Learn MIDI");
    assert_eq!(desk.log(), [Action::LearnChannel("cutoff".into())]);
    desk.steps(2);
    assert!(desk.shows("Move a controller…"));
    menu(&mut desk);
    desk.press("Do not learn MIDI");
    assert_eq!(desk.log(), [Action::LearnChannel("cutoff".into())]);
    assert!(!desk.shows("Move a controller…"));
    desk.backend.change(|view| {
        let learned = [("cutoff".to_owned(), "CC 20 ch 1".to_owned())].into();
        view.controllers = Arc::new(Controllers { waiting: None, learned });
    });
    desk.steps(2);
    menu(&mut desk);
    desk.press("Forget CC 20 ch 1");
    assert_eq!(desk.log(), [Action::ForgetChannel("cutoff".into())]);
    menu(&mut desk);
    assert!(!desk.shows("Forget CC"));
}

#[cfg(target_os = "linux")]
fn controller(value: f32) -> NoteEvent<csound_performer::plugin::audio::sysex::SysEx> {
    NoteEvent::MidiCC { timing: 0, channel: 0, cc: 20, value }
}

/// A piece whose left channel is *cutoff*, from 0 to 2, and whose right one is the controller that it gets itself.
#[cfg(target_os = "linux")]
fn text() -> String {
    let body = "instr 1\nkcut chnget \"cutoff\"\nkown ctrl7 1, 20, 0, 1\nouts a(kcut), a(kown)\nendin\n";
    let header = format!("{HEADER}chn_k \"cutoff\", 1, 2, 0.5, 0, 2\n");
    crate::common::csd("-M0", &header, body, "i 1 0 1000")
}

#[test]
#[cfg(target_os = "linux")]
fn a_learned_controller_turns_the_channel_and_the_parameter_and_a_session_keeps_it() {
    if !alone("learning::a_learned_controller_turns_the_channel_and_the_parameter_and_a_session_keeps_it") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = write(folder.path(), "piece.csd", &text());
    let mut bench = Bench::new();
    bench.open_window();
    bench.desk.act(Action::Open(path));
    bench.until("it plays", |view, heard| view.state == State::Playing && heard[511] == 0.5);
    bench.desk.act(Action::LearnChannel("cutoff".into()));
    bench.until("it waits", |view, _| view.controllers.waiting.is_some());
    bench.play_with(&[controller(1.0)]);
    bench.until("the controller turns it", |view, heard| {
        heard[511] == 2.0 && view.values[0] == 2.0 && !view.controllers.learned.is_empty()
    });
    assert_eq!(bench.view.controllers.learned.get("cutoff").map(String::as_str), Some("CC 20 ch 1"));
    bench.play_with(&[controller(0.0)]);
    bench.until("down as well", |view, heard| heard[511] == 0.0 && view.values[0] == 0.0);
    let [_, own] = bench.perform(&[controller(1.0)]);
    assert_eq!(own[511], 0.0, "the piece does not get it any more");

    let saved = bench.link.save();
    drop(bench);
    let mut bench = Bench::new();
    bench.open_window();
    bench.link.load(&saved);
    bench.until("it is loaded", |view, _| {
        view.state == State::Playing && !view.controllers.learned.is_empty()
    });
    bench.play_with(&[controller(1.0)]);
    bench.until("and turns it there", |_, heard| heard[511] == 2.0);
    bench.desk.act(Action::ForgetChannel("cutoff".into()));
    bench.until("it is forgotten", |view, _| view.controllers.learned.is_empty());
    bench.play_with(&[controller(0.0)]);
    bench.until("and turns nothing any more", |_, heard| heard[511] == 2.0);
    let [_, own] = bench.perform(&[controller(1.0)]);
    assert!((own[511] - 1.0).abs() < 1e-4, "the piece gets it again: {}", own[511]);
}
