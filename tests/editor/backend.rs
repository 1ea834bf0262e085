//! The editor's backend over a running instance: what it shows, and what its actions do.

use std::path::Path;
use std::time::Duration;

use csound_performer::editor::model::{Action, Backend, PlacedKind, State, View, Widget};
use csound_performer::plugin::audio::sysex::SysEx;
use csound_performer::plugin::pieces::files::read_piece;
use csound_performer::plugin::session::{self, SavedPiece, Session};
use nice_plug::params::Params;
use nice_plug::prelude::NoteEvent;
use test_host::testing::generation;

use crate::backend_bench::*;
use crate::common::{csd, csound_is_missing, pieces};

#[test]
fn a_piece_is_opened_edited_applied_in_vain_and_reloaded() {
    if !alone("backend::a_piece_is_opened_edited_applied_in_vain_and_reloaded") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let level = |level: &str| {
        csd("", HEADER, &format!("instr 1\nouts a({level}), a({level})\nendin\n"), "i 1 0 1000")
    };
    let path = write(folder.path(), "level.csd", &level("0.25"));
    let mut bench = Bench::new();
    bench.desk.act(Action::Open(path.clone()));
    bench.until("it plays", |view, heard| view.state == State::Playing && heard[511] == 0.25);
    assert_eq!(
        (bench.view.piece.name.as_str(), bench.view.piece.path.as_deref()),
        ("level.csd", Some(path.as_path()))
    );
    assert_eq!(bench.view.piece.recent.as_ref(), std::slice::from_ref(&path));
    bench.desk.act(Action::Apply(vec![level("0.5")]));
    bench.until("the new text plays", |view, heard| view.source.answered == 1 && heard[511] == 0.5);
    assert!(bench.view.source.errors.is_empty());
    bench.desk.act(Action::Apply(vec![level("0.5 +,")]));
    bench.until("the broken one is answered", |view, _| view.source.answered == 2);
    assert!(
        bench
            .view
            .source
            .errors
            .iter()
            .any(|error| error.line == Some(12) && error.text.contains("syntax error")),
        "{:?}",
        bench.view.source.errors
    );
    assert_eq!(bench.play()[511], 0.5, "what played plays on");
    assert_eq!((&bench.view.state, bench.view.source.failure.is_some()), (&State::Playing, true));
    bench.desk.act(Action::Restart);
    bench.until("what plays is begun again, and not the text that failed", |view, heard| {
        view.transport.time < 0.3 && heard[511] == 0.5 && view.state == State::Playing
    });
    bench.desk.act(Action::Pause);
    bench.until("and held", |view, _| view.state == State::Paused && view.source.failure.is_some());
    bench.desk.act(Action::Play);
    bench.until("and played", |view, heard| view.state == State::Playing && heard[511] == 0.5);
    bench.desk.act(Action::Reload);
    bench.until("the file plays again", |view, heard| view.state == State::Playing && heard[511] == 0.25);
    bench.desk.act(Action::SaveAs(folder.path().join("copy.csd"), vec![level("0.75")]));
    bench.until("the copy plays", |view, heard| view.piece.name == "copy.csd" && heard[511] == 0.75);
    assert!(std::fs::read_to_string(folder.path().join("copy.csd")).unwrap().contains("0.75"));
    assert!(std::fs::read_to_string(&path).unwrap().contains("0.25"), "the first file is as it was");
}

#[test]
fn what_is_saved_while_it_is_saved_under_another_name_goes_there() {
    if !alone("backend::what_is_saved_while_it_is_saved_under_another_name_goes_there") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = write(folder.path(), "level.csd", &level("0.25"));
    let copy = folder.path().join("copy.csd");
    let mut bench = Bench::new();
    bench.desk.act(Action::Open(path.clone()));
    bench.until("it plays", |view, heard| view.state == State::Playing && heard[511] == 0.25);
    bench.desk.act(Action::SaveAs(copy.clone(), vec![level("0.5")]));
    bench.desk.act(Action::Apply(vec![level("0.625")]));
    bench.desk.act(Action::Save(vec![level("0.75")]));
    bench.until("the newest plays", |view, heard| view.piece.name == "copy.csd" && heard[511] == 0.75);
    let text = |path: &Path| std::fs::read_to_string(path).unwrap();
    assert_eq!((text(&path), text(&copy)), (level("0.25"), level("0.75")), "the first file is as it was");
    assert_eq!(bench.view.piece.path, Some(copy));
}

#[test]
fn trust_is_for_the_piece_that_was_seen() {
    if !alone("backend::trust_is_for_the_piece_that_was_seen") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let seen = write(folder.path(), "seen.csd", &level("0.25"));
    let other = write(folder.path(), "other.csd", &level("0.5"));
    let mut bench = Bench::new();
    bench.desk.act(Action::Open(seen));
    bench.until("it plays", |view, heard| view.state == State::Playing && heard[511] == 0.25);
    bench.desk.act(Action::Open(other));
    bench.desk.act(Action::Trust);
    bench.until("the other plays", |view, heard| view.piece.name == "other.csd" && heard[511] == 0.5);
    assert!(!bench.view.isolation.trusted);
    assert!(
        bench.view.refused.as_ref().is_some_and(|why| why.contains("another piece")),
        "{:?}",
        bench.view.refused
    );
    bench.desk.act(Action::Trust);
    bench.until("it is trusted once it is seen", |view, _| view.isolation.trusted);
}

#[test]
fn an_applied_text_stays_in_the_editor_while_the_piece_before_it_is_still_compiled() {
    if !alone("backend::an_applied_text_stays_in_the_editor_while_the_piece_before_it_is_still_compiled") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    // About a second or more of work before the first k-cycle.
    let slow = format!("{HEADER}gi init 0\nwhile gi < 60000000 do\ngi += 1\nod\n");
    let text =
        |level: &str| csd("", &slow, &format!("instr 1\nouts a({level}), a({level})\nendin\n"), "i 1 0 1000");
    let path = write(folder.path(), "slow.csd", &text("0.25"));
    let mut bench = Bench::new();
    bench.desk.act(Action::Open(path));
    bench.until("it is compiled", |view, _| view.state == State::Loading && view.source.generation > 0);
    let generation = bench.view.source.generation;
    bench.desk.act(Action::Apply(vec![text("0.5")]));
    bench.until("the new text plays", |view, heard| {
        assert_eq!(view.source.generation, generation, "no other text takes the editor's place");
        view.source.answered == 1 && heard[511] == 0.5
    });
}

#[test]
fn a_cabbage_piece_shows_its_widgets_at_their_places_and_its_slots_send() {
    if !alone("backend::a_cabbage_piece_shows_its_widgets_at_their_places_and_its_slots_send") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let body = "instr 1\nkcut chnget \"cutoff\"\nouts a(kcut / 10000), a(0)\nendin\ninstr 2\nouts a(p4), a(p4)\nendin\n";
    let cabbage = "<Cabbage>\nform caption(\"Glass\") size(300, 200)\n\
                   rslider bounds(10, 20, 70, 80), channel(\"cutoff\"), range(20, 20000, 1000, 0.5, 1), text(\"Cutoff\")\n\
                   label bounds(5, 5, 100, 15), text(\"hello\")\n</Cabbage>\n";
    let path =
        write(folder.path(), "glass.csd", &(cabbage.to_owned() + &csd("", HEADER, body, "i 1 0 1000")));
    let mut bench = Bench::new();
    bench.desk.act(Action::Open(path));
    bench.until("the widget's value is applied", |view, heard| {
        view.state == State::Playing && (heard[511] - 0.1).abs() < 1e-6 && view.layout.is_some()
    });
    let channel = &bench.view.channels[0];
    assert_eq!((channel.name.as_str(), channel.title(), channel.widget), ("cutoff", "Cutoff", Widget::Knob));
    assert_eq!(channel.range.default, 1000.0);
    let layout = bench.view.layout.clone().unwrap();
    assert_eq!((layout.caption.as_str(), layout.size), ("Glass", [300.0, 200.0]));
    assert!(
        layout
            .widgets
            .iter()
            .any(|placed| placed.kind == PlacedKind::Control(0) && placed.bounds == [10.0, 20.0, 70.0, 80.0])
    );
    bench.desk.act(Action::SetSlot(4, "i 2 0 100 0.5".into()));
    bench.desk.act(Action::TriggerSlot(4));
    bench.until("the slot's note sounds", |view, heard| {
        view.slots[4].text.starts_with("i 2") && heard[511] > 0.55
    });
    bench.desk.act(Action::SetSlot(4, "i 2 0 [1+".into()));
    bench.desk.fill(&mut bench.view);
    assert!(bench.view.reply.as_ref().unwrap().error.is_some(), "a line that cannot be sent is refused");
    assert_eq!(bench.link.slots.texts()[4].line, "i 2 0 100 0.5");
}

#[test]
fn a_file_that_changes_is_offered_or_performed_by_itself() {
    if !alone("backend::a_file_that_changes_is_offered_or_performed_by_itself") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let orchestra = |level: &str| format!("{HEADER}0dbfs = 1\ninstr 1\nouts a({level}), a({level})\nendin\n");
    let path = write(folder.path(), "level.orc", &orchestra("0.25"));
    write(folder.path(), "level.sco", "i 1 0 1000\n");
    let mut bench = Bench::new();
    bench.desk.act(Action::Open(path.clone()));
    bench.until("it plays", |view, heard| view.state == State::Playing && heard[511] == 0.25);
    assert!(!bench.view.piece.changed_on_disk);
    write(folder.path(), "level.sco", "i 1 0 1000\ni 1 0 1000\n");
    bench.until("the score's change is offered", |view, _| view.piece.changed_on_disk);
    assert_eq!(bench.play()[511], 0.25, "what plays plays on");
    bench.desk.act(Action::Reload);
    bench.until("it plays twice", |view, heard| heard[511] == 0.5 && !view.piece.changed_on_disk);

    bench.desk.act(Action::ReloadByItself(true));
    let new = write(folder.path(), "new", &orchestra("0.125"));
    std::fs::rename(new, &path).unwrap();
    bench.until("what replaced the file plays", |view, heard| {
        heard[511] == 0.25 && !view.piece.changed_on_disk
    });
    write(folder.path(), "level.orc", &orchestra("0.375"));
    bench.until("and what was written into it", |_, heard| heard[511] == 0.75);
    bench.until("the source shows it", |view, _| view.source.files[0].text.contains("0.375"));
}

#[test]
fn an_included_file_that_changes_is_offered_and_read_with_the_same_permission() {
    if !alone("backend::an_included_file_that_changes_is_offered_and_read_with_the_same_permission") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let voice = |level: &str| format!("instr 1\nouts a({level}), a({level})\nendin\n");
    write(folder.path(), "voice.orc", &voice("0.25"));
    let text = csd("", HEADER, "#include \"voice.orc\"\n", "i 1 0 1000");
    let path = write(folder.path(), "piece.csd", &text);
    let mut bench = Bench::new();
    bench.desk.act(Action::Open(path));
    bench.until("it plays", |view, heard| view.state == State::Playing && heard[511] == 0.25);
    write(folder.path(), "voice.orc", &voice("0.125"));
    bench.until("its change is offered", |view, _| view.piece.changed_on_disk);
    bench.desk.act(Action::Reload);
    bench.until("it plays", |view, heard| heard[511] == 0.125 && !view.piece.changed_on_disk);
    bench.desk.act(Action::ReloadByItself(true));
    write(folder.path(), "voice.orc", &voice("0.375"));
    bench.until("it plays by itself", |view, heard| heard[511] == 0.375 && !view.piece.changed_on_disk);
    assert_eq!(bench.view.isolation.asks_to_read, None);
}

/// A piece whose instrument plays the sum of its 300 channels, and writes two.
fn of_300_channels() -> String {
    let declared: String = (0..300).map(|at| format!("chn_k \"c{at:03}\", 1, 2, 0, 0, 1\n")).collect();
    let header =
        format!("{HEADER}chn_k \"a_own\", 3, 2, 0, 0, 8\n{declared}chn_k \"level\", 2, 2, 0, -1, 1\n");
    let sum: String = (0..300).map(|at| format!("kall += chnget:k(\"c{at:03}\")\n")).collect();
    let body = format!(
        "instr 1\nkall = 0\n{sum}chnset kall / 2, \"level\"\nchnset k(4), \"a_own\"\nouts a(kall), a(0)\nendin\n"
    );
    csd("", &header, &body, "i 1 0 1000")
}

#[test]
fn channels_without_a_parameter_are_set_read_back_and_kept_and_written_ones_are_shown() {
    if !alone("backend::channels_without_a_parameter_are_set_read_back_and_kept_and_written_ones_are_shown") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = write(folder.path(), "many.csd", &of_300_channels());
    let mut bench = Bench::new();
    bench.desk.act(Action::Open(path.clone()));
    bench.until("all channels are shown", |view, _| {
        view.state == State::Playing && view.channels.len() == 302
    });
    let at = |view: &View, name: &str| view.channels.iter().position(|channel| channel.name == name).unwrap();
    let (wired, unwired) = (at(&bench.view, "c005"), at(&bench.view, "c250"));
    assert!(
        bench.view.channels[wired].parameter.is_some() && bench.view.channels[unwired].parameter.is_none()
    );
    bench.desk.act(Action::SetChannel("c250".into(), 0.5));
    bench.until("the channel is heard", |view, heard| heard[511] == 0.5 && view.values[unwired] == 0.5);

    let (level, own) = (at(&bench.view, "level"), at(&bench.view, "a_own"));
    assert!(bench.view.channels[level].is_output && bench.view.channels[level].range.scale.minimum() == -1.0);
    assert!(!bench.view.channels[own].is_output);
    bench.until("what the piece writes is shown", |view, _| {
        view.values[level] == 0.25 && view.values[own] == 4.0
    });
    bench.desk.act(Action::SetChannel("c250".into(), 0.75));
    bench.until("and followed", |view, _| view.values[level] == 0.375);

    bench.desk.act(Action::Reload);
    bench.play();
    bench.link.wait_built();
    bench.until("it is set again", |view, heard| view.state == State::Playing && heard[511] == 0.75);
    bench.desk.act(Action::Restart);
    bench.until("it begins again", |view, _| view.transport.time < 0.2);
    bench.until("and is still set", |_, heard| heard[511] == 0.75);

    bench.until("time goes by", |view, _| view.transport.time > 0.5);
    bench.desk.act(Action::Reload);
    let mut value = 0.0;
    while bench.link.is_pending() {
        value += 1.0 / 1024.0;
        bench.desk.act(Action::SetChannel("c250".into(), value));
        bench.play();
        // Most likely the new engine comes now, between two blocks.
        std::thread::sleep(Duration::from_millis(5));
    }
    bench.until("what moved while the piece was compiled is not lost", |view, heard| {
        view.transport.time < 0.4 && f64::from(heard[511]) == value
    });
    bench.desk.act(Action::SetChannel("c250".into(), 0.75));
    bench.until("it is heard", |_, heard| heard[511] == 0.75);

    let saved = bench.params.serialize_fields();
    let mut again = Bench::new();
    again.params.deserialize_fields(&saved);
    again.until("the session has it", |view, heard| {
        heard[511] == 0.75 && view.channels.len() == 302 && view.values[unwired] == 0.75
    });
}

#[test]
fn a_knob_that_nobody_turned_stands_where_the_piece_begins() {
    if !alone("backend::a_knob_that_nobody_turned_stands_where_the_piece_begins") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let header = format!("{HEADER}chn_k \"depth\", 1, 2, 3, 1, 5\n");
    let body = "instr 1\nouts a(chnget:k(\"depth\") / 10), a(0)\nendin\n";
    let first = write(folder.path(), "first.csd", &csd("", &header, body, "i 1 0 1000"));
    let other = write(
        folder.path(),
        "other.csd",
        &csd("", HEADER, "instr 1\nouts a(0.5), a(0)\nendin\n", "i 1 0 1000"),
    );
    let mut bench = Bench::new();
    bench.desk.act(Action::Open(first));
    bench.until("it stands at 3", |view, heard| (heard[511] - 0.3).abs() < 1e-6 && view.values == [3.0]);
    bench.desk.act(Action::Open(other));
    bench
        .until("another piece does not show it", |view, heard| heard[511] == 0.5 && view.channels.is_empty());
}

/// A piece that answers MIDI channel 1 with 0.25 and instrument 2 with p4.
fn of_notes() -> String {
    let body =
        "massign 0, 0\nmassign 1, 1\ninstr 1\nouts a(0.25), a(0)\nendin\ninstr 2\nouts a(p4), a(0)\nendin\n";
    csd("", HEADER, body, "f 0 1000")
}

fn midi(frame: u32, bytes: &[u8]) -> NoteEvent<SysEx> {
    NoteEvent::from_midi(frame, bytes).unwrap()
}

#[test]
fn keys_that_the_host_holds_are_lit_until_they_are_let_go() {
    if !alone("backend::keys_that_the_host_holds_are_lit_until_they_are_let_go") {
        return;
    }
    let mut bench = Bench::new();
    let held = |bench: &mut Bench, events: &[NoteEvent<SysEx>]| {
        bench.play_with(events);
        bench.desk.fill(&mut bench.view);
        bench.view.held
    };
    bench.desk.act(Action::NoteOn { key: 50, velocity: 90 });
    assert_eq!(
        held(&mut bench, &[midi(3, &[0x95, 60, 100]), midi(9, &[0x90, 127, 1])]),
        1 << 50 | 1 << 60 | 1 << 127
    );
    assert_eq!(held(&mut bench, &[midi(0, &[0x85, 60, 0])]), 1 << 50 | 1 << 127);
    assert_eq!(held(&mut bench, &[midi(0, &[0xB0, 123, 0])]), 1 << 50, "the editor's own key stays");
    held(&mut bench, &[midi(0, &[0x90, 1, 1])]);
    bench.steering.reset(&mut bench.blocks);
    assert_eq!(held(&mut bench, &[]), 1 << 50, "the host's reset lets its keys go");
}

#[test]
fn a_slot_learns_a_message_which_sends_it_at_its_frame_and_is_no_note_any_more() {
    if !alone("backend::a_slot_learns_a_message_which_sends_it_at_its_frame_and_is_no_note_any_more") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = write(
        folder.path(),
        "notes.csd",
        &of_notes().replace("<CsOptions>\n", "<CsOptions>\n--sample-accurate "),
    );
    let mut bench = Bench::new();
    bench.desk.act(Action::Open(path));
    bench.until("it plays", |view, _| view.state == State::Playing && view.transport.time > 0.1);
    bench.desk.act(Action::SetSlot(6, "i 2 0 0.1 0.5".into()));
    let key = [midi(100, &[0x90, 60, 100]), midi(300, &[0x80, 60, 0])];
    let loudest = |heard: Vec<f32>| heard.into_iter().fold(0.0, f32::max);
    assert_eq!(loudest(bench.play_with(&key)), 0.25, "a note of the piece at first");
    for _ in 0..4 {
        bench.play();
    }
    bench.desk.act(Action::LearnSlot(6));
    bench.until("it waits", |view, _| view.slots[6].learning);
    assert_eq!(loudest(bench.play_with(&key)), 0.0, "what is learned does not sound");
    bench.until("it has learned", |view, _| !view.slots[6].learning && view.slots[6].learned.is_some());
    assert_eq!(bench.view.slots[6].learned.as_deref(), Some("C4 ch 1"));
    let heard = bench.play_with(&key);
    let latency = bench.blocks.latency();
    let onset = heard.iter().position(|sample| *sample != 0.0);
    assert_eq!((onset, heard[511]), (Some(100 + latency), 0.5), "the line, from the key's frame on");
    bench.until("the line ends", |_, heard| heard[511] == 0.0);

    let saved = bench.params.serialize_fields();
    let mut again = Bench::new();
    again.params.deserialize_fields(&saved);
    again.until("the session has it", |view, _| {
        view.state == State::Playing
            && view.transport.time > 0.1
            && view.slots[6].learned.as_deref() == Some("C4 ch 1")
    });
    assert_eq!(loudest(again.play_with(&key)), 0.5);
    again.until("the line ends", |_, heard| heard[511] == 0.0);
    again.desk.act(Action::ForgetSlot(6));
    assert_eq!(loudest(again.play_with(&key)), 0.25, "a note of the piece again");
    again.until("it is forgotten", |view, _| view.slots[6].learned.is_none());
    again.desk.act(Action::LearnSlot(6));
    again.desk.act(Action::LearnSlot(6));
    assert_eq!(loudest(again.play_with(&key)), 0.25, "what was called off is not learned");
}

#[test]
fn orchestra_code_is_compiled_into_what_plays_and_csound_says_what_is_wrong_with_it() {
    if !alone("backend::orchestra_code_is_compiled_into_what_plays_and_csound_says_what_is_wrong_with_it") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = write(
        folder.path(),
        "level.csd",
        &csd("", HEADER, "instr 1\nouts a(0.25), a(0)\nendin\n", "i 1 0 1000"),
    );
    let mut bench = Bench::new();
    bench.desk.act(Action::Open(path));
    bench.until("it plays", |view, heard| view.state == State::Playing && heard[511] == 0.25);
    let send = |bench: &mut Bench, code: &str| {
        let before = bench.view.reply.as_ref().map_or(0, |reply| reply.number);
        bench.desk.act(Action::SendOrchestra(code.into()));
        bench.until("it is answered", |view, _| {
            view.reply.as_ref().is_some_and(|reply| reply.number > before)
        });
        bench.view.reply.clone().unwrap().error
    };
    assert_eq!(send(&mut bench, "instr 7\nouts a(0.5), a(0)\nendin\nschedule 7, 0, 1000"), None);
    bench.until("the new instrument sounds", |_, heard| heard[511] == 0.75);
    let wrong = send(&mut bench, "instr 8\nk1 = 1 +\nouts a(1), a(1)\nendin").unwrap();
    assert!(wrong.contains("syntax error") && wrong.contains("line"), "{wrong}");
    let unknown = send(&mut bench, "instr 8\na1 no_such_opcode 1\nendin").unwrap();
    assert!(unknown.contains("no_such_opcode"), "{unknown}");
    let open = send(&mut bench, "instr 8\nprints \"open\nendin").unwrap();
    assert!(!open.is_empty());
    assert_eq!(bench.play()[511], 0.75, "what plays plays on");

    bench.desk.act(Action::Pause);
    bench.until("it holds still", |view, _| view.state == State::Paused);
    assert_eq!(send(&mut bench, "giAgain = 1"), None, "a piece that holds still takes code, too");
    bench.desk.act(Action::Play);
    bench.until("it plays on", |_, heard| heard[511] == 0.75);
    bench.desk.act(Action::Restart);
    bench.until("the piece is as it was", |_, heard| heard[511] == 0.25);

    // What no check foresees takes down the engine and nothing else.
    bench.offline = false;
    let ended = send(&mut bench, "instr 9\nendin\nkat = 0\nit = 0\nwhile it == 0 do\nit = 0\nod");
    assert!(ended.is_some(), "a loop without an end is ended");
    bench.until("it plays again", |_, heard| heard[511] == 0.25);
}

/// What Csound by itself makes of a piece at 48 kHz, of the generation that performs here.
fn oracle(piece: &Path) -> Vec<Vec<f32>> {
    let folder = tempfile::tempdir().unwrap();
    let output = folder.path().join("ref.wav");
    let mut command = test_host::compare::oracle::command(generation(), 48_000, &output).unwrap();
    let said = command.arg(piece).output().unwrap();
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    test_host::wav::read(&output).unwrap().0
}

#[test]
fn an_editor_that_looks_on_changes_no_sample() {
    if csound_is_missing() || !alone("backend::an_editor_that_looks_on_changes_no_sample") {
        return;
    }
    for name in ["tones.csd", "channels.csd"] {
        let path = pieces().join("oracle").join(name);
        let reference = oracle(&path);
        let piece = Some(SavedPiece::from(&read_piece(&path).unwrap()));
        let session = Session { piece, channel_defaults: false, ..Session::default() };
        let mut bench = Bench::new();
        bench.link.taps.watch(true);
        bench.link.load(&[(session::FIELD.to_owned(), session.write())].into());
        bench.link.wait_built();
        let (mut heard, mut looks) = ([Vec::new(), Vec::new()], 0);
        let frames = reference[0].len();
        while heard[0].len() < frames + 512 {
            let block = bench.perform(&[]);
            heard.iter_mut().zip(block).for_each(|(heard, block)| heard.extend(block));
            // Sixty times a second, and a little more.
            bench.desk.fill(&mut bench.view);
            looks += 1;
        }
        assert!(looks * 800 > frames, "{looks} looks");
        assert_eq!(bench.view.state, State::Playing, "{name}");
        assert_eq!(bench.view.channels.is_empty(), name == "tones.csd");
        assert!(bench.view.picture.scope.iter().flatten().any(|sample| *sample != 0.0), "it sees the sound");
        let latency = bench.blocks.latency();
        // A host's flush-to-zero takes subnormal samples away.
        let plain = |sample: &f32| if sample.is_subnormal() { 0 } else { (sample + 0.0).to_bits() };
        for (ours, theirs) in heard.iter().zip(&reference) {
            let differs =
                ours[latency..].iter().zip(theirs).position(|(ours, theirs)| plain(ours) != plain(theirs));
            assert_eq!(differs, None, "{name}");
            assert!(theirs.iter().any(|sample| sample.abs() > 0.01), "{name}: nothing was compared");
        }
    }
}
