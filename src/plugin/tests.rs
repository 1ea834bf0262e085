//! A piece that is heard over the present one: both in an instance whose host is the test.

mod daw;

use std::time::{Duration, Instant};

use test_host::measure::usage::engines;
use test_host::testing::{alone_with, csd};

use super::*;
use crate::catalogue::Opens;
use crate::editor::model::{Action, Backend, View};
use crate::plugin::backend::InstanceBackend;
use crate::plugin::pieces::trust::{FOLDERS_VARIABLE, Trust};
use crate::preview::{Preview, Stands};
use daw::{BLOCK, Daw, HEADER, level};

/// Frames of a preview's fade.
const RAMP: f32 = 960.0;

/// In a process of its own with an empty configuration, in which pieces perform unless they are previews, and all
/// pieces may read the folder of that configuration.
fn alone(test: &str) -> bool {
    if test_host::tools::is_missing("libcsound", csound_library::Library::get().is_ok()) {
        return false;
    }
    let home = tempfile::tempdir().unwrap();
    let environment = [
        ("XDG_CONFIG_HOME", home.path().as_os_str()),
        (FOLDERS_VARIABLE, home.path().as_os_str()),
        ("CSOUND_PERFORMER_ISOLATION", "off".as_ref()),
    ];
    alone_with(&format!("plugin::tests::{test}"), &environment)
}

/// Kills a process.
fn kill(process: i32) {
    let process = rustix::process::Pid::from_raw(process).unwrap();
    rustix::process::kill_process(process, rustix::process::Signal::KILL).unwrap();
}

/// What is heard beside the piece: where it begins and ends, and its frames at the full level.
fn shape(beside: &[f32], level: f32) -> (usize, usize, usize) {
    let first = beside.iter().position(|sample| *sample != 0.0).expect("nothing was heard");
    let last = beside.iter().rposition(|sample| *sample != 0.0).unwrap();
    let full = beside.iter().filter(|sample| (**sample - level).abs() < 1e-6).count();
    (first, last, full)
}

fn steepest(beside: &[f32]) -> f32 {
    beside.windows(2).map(|pair| (pair[1] - pair[0]).abs()).fold(0.0, f32::max)
}

#[test]
fn a_preview_is_added_to_the_present_piece_which_is_as_it_is_alone() {
    if !alone("a_preview_is_added_to_the_present_piece_which_is_as_it_is_alone") {
        return;
    }
    let mut daw = Daw::new(false);
    (0..20).for_each(|_| daw.play());
    let before = (daw.core.link.session(), daw.core.params.serialize_fields(), daw.core.link.recent());
    let (console, isolation, latency) =
        (daw.core.link.console().len(), daw.core.link.isolation(), daw.core.blocks.latency());
    assert!(engines().is_empty(), "the present piece is in this process");
    let take = daw.path().join("take.wav");
    daw.core.link.performance().record(&take, 24, 64).unwrap();
    daw.hear("level.csd", &level("0.25", 1));
    assert_eq!(engines().len(), 1, "a preview is isolated whatever the user has set");
    assert_eq!(daw.core.blocks.latency(), latency);
    daw.until("it ends with the piece", Daw::is_over);
    daw.core.link.performance().stop_record().unwrap();
    (0..20).for_each(|_| daw.play());
    let after = (daw.core.link.session(), daw.core.params.serialize_fields(), daw.core.link.recent());
    assert_eq!(after, before);
    assert_eq!((daw.core.link.console().len(), daw.core.link.isolation()), (console, isolation));
    assert_eq!(daw.core.link.performance().troubles().late_turns, 0);
    let recorded: Vec<_> = hound::WavReader::open(&take).unwrap().into_samples::<i32>().step_by(2).collect();
    let sum: f64 = recorded.into_iter().map(|sample| f64::from(sample.unwrap()) / f64::from(1 << 23)).sum();
    assert!(sum.abs() < 500.0, "the preview is in the recording: a sum of {sum}");
    let beside = daw.beside();
    let (first, last, full) = shape(&beside, 0.25);
    assert!(first >= 20 * BLOCK && last < beside.len() - 20 * BLOCK);
    assert!(full > 30_000, "{full} of 48000 frames");
    assert!(beside.iter().all(|sample| (-1e-6..0.25 + 1e-6).contains(sample)));
    daw.wait("its engine ends", |_| engines().is_empty());
}

#[test]
fn it_begins_with_its_own_values_and_leaves_those_of_the_present_piece() {
    if !alone("it_begins_with_its_own_values_and_leaves_those_of_the_present_piece") {
        return;
    }
    let mut daw = Daw::new(false);
    daw.until("the channel is known", |daw| daw.view.channels.iter().any(|channel| channel.name == "mine"));
    let at =
        daw.view.channels.iter().find(|channel| channel.name == "mine").and_then(|channel| channel.parameter);
    daw.core.link.bank.moved_to(at.unwrap(), 0.5);
    let is_set = |daw: &Daw| {
        let values = daw.core.link.bank.values();
        values.iter().any(|(name, value)| name == "mine" && (value - 0.5).abs() < 1e-6)
    };
    daw.until("it is set", is_set);
    let own = level("0.25 + chnget:k(\"mine\")", 60);
    daw.hear("own.csd", &own);
    (0..200).for_each(|_| daw.play());
    let beside = daw.beside();
    assert!(beside.iter().all(|sample| (-1e-6..0.25 + 1e-6).contains(sample)), "it has another's value");
    assert!(is_set(&daw), "the present piece keeps its own");
}

#[test]
fn one_that_is_given_up_before_it_begins_is_over() {
    if !alone("one_that_is_given_up_before_it_begins_is_over") {
        return;
    }
    let mut daw = Daw::new(false);
    let path = daw.write("level.csd", &level("0.25", 60));
    for _ in 0..20 {
        daw.desk.act(Action::Preview(Opens::File(path.clone())));
        // As a host does that begins anew.
        daw.core.link.previews.end();
        let began = Instant::now();
        loop {
            daw.play();
            if daw.view.preview.as_ref().is_none_or(|preview| preview.stands == Stands::Over) {
                break;
            }
            assert!(began.elapsed() < Duration::from_secs(20), "{:?}", daw.view.preview);
            std::thread::sleep(Duration::from_millis(2));
        }
    }
}

#[test]
fn it_ends_without_a_step_by_whatever_ends_it() {
    if !alone("it_ends_without_a_step_by_whatever_ends_it") {
        return;
    }
    let mut daw = Daw::new(false);
    let other = daw.write("other.csd", &level("-0.25", 5));
    daw.hear("level.csd", &level("0.25", 60));
    daw.desk.act(Action::EndPreview);
    daw.until("it has faded", Daw::is_over);
    daw.hear("level.csd", &level("0.25", 60));
    daw.preview(&other);
    daw.until("the other one is heard", |daw| {
        let is_other = |preview: &Preview| preview.of == Opens::File(other.clone());
        daw.is_heard() && daw.view.preview.as_ref().is_some_and(is_other)
    });
    assert!(engines().len() == 1, "the one before has ended: {:?}", engines());
    daw.desk.closed();
    daw.until("it ends with the window", Daw::is_over);
    daw.play();
    let beside = daw.beside();
    assert!(steepest(&beside) <= 0.25 / RAMP + 1e-5, "a step of {}", steepest(&beside));
    let signs = [beside.iter().any(|sample| *sample > 0.2), beside.iter().any(|sample| *sample < -0.2)];
    assert_eq!(signs, [true; 2]);
    assert!(beside[beside.len() - BLOCK / 2..].iter().all(|sample| *sample == 0.0));
    // Another piece takes the present one's place.
    daw.hear("level.csd", &level("0.25", 60));
    let from = daw.heard.len();
    daw.desk.act(Action::Open(other));
    daw.until("it is over", Daw::is_over);
    assert!(daw.heard.len() - from < 10 * 48_000, "it has not gone on to its own end");
    daw.wait("no engine is left", |_| engines().is_empty());
}

#[test]
fn a_file_that_the_host_renders_has_nothing_of_it() {
    if !alone("a_file_that_the_host_renders_has_nothing_of_it") {
        return;
    }
    let mut daw = Daw::new(false);
    daw.hear("level.csd", &level("0.25", 60));
    // A host that says so.
    daw.activate(true);
    assert!(!daw.core.preview.is_heard());
    let from = daw.heard.len();
    (0..20).for_each(|_| drop(daw.block()));
    daw.preview(&daw.path().join("level.csd"));
    let began = Instant::now();
    while daw.view.preview.as_ref().is_some_and(|preview| preview.stands != Stands::Over) {
        assert!(began.elapsed() < Duration::from_secs(20));
        daw.block();
        daw.desk.fill(&mut daw.view);
    }
    let trouble = daw.view.preview.clone().and_then(|preview| preview.trouble).unwrap();
    assert!(trouble.contains("while your DAW exports"), "{trouble}");
    // In sync with itself a bounce begins where the piece does.
    let mut bounced = Daw::new(true);
    while bounced.heard.len() < daw.heard.len() - from {
        bounced.block();
    }
    assert_eq!(bounced.heard, daw.heard[from..]);
    // One that does not: it is found out after half a second.
    daw.activate(false);
    daw.heard.clear();
    daw.desk.act(Action::EndPreview);
    daw.hear("level.csd", &level("0.25", 60));
    while !daw.core.clock.is_offline() {
        daw.block();
    }
    assert!(!daw.core.preview.is_heard());
}

#[test]
fn what_is_wrong_with_it_is_told_in_a_sentence_and_the_present_piece_plays_on() {
    if !alone("what_is_wrong_with_it_is_told_in_a_sentence_and_the_present_piece_plays_on") {
        return;
    }
    let mut daw = Daw::new(false);
    (0..5).for_each(|_| daw.play());
    let broken = daw.trouble_of(&csd("", HEADER, "instr 1\na1 oscilly 1, 2\nendin\n", "i 1 0 1"));
    assert!(broken.contains("trouble.csd does not compile") && broken.contains("oscilly"), "{broken}");
    let effect =
        csd("", &format!("{HEADER}nchnls_i = 2\n"), "instr 1\na1, a2 ins\nouts a1, a2\nendin\n", "i 1 0 9");
    daw.hear("effect.csd", &effect);
    let told = daw.view.preview.clone().unwrap();
    assert!(matches!(told.stands, Stands::Heard { of: Some(9.0), .. }), "{told:?}");
    assert!(told.trouble.as_ref().is_some_and(|why| why.contains("reads its input")), "{told:?}");
    let late = "klate = timeinsts() > 1 ? 0.25 : 0\nouts a(klate) + a1, a2";
    daw.hear("both.csd", &effect.replace("outs a1, a2", late));
    assert!(daw.view.preview.as_ref().is_some_and(|preview| preview.trouble.is_some()));
    daw.until("it sounds by itself", |daw| {
        daw.view.preview.as_ref().is_some_and(|preview| preview.trouble.is_none())
    });
    let effect = daw.trouble_of(&csd(
        "",
        &format!("{HEADER}nchnls_i = 2\n"),
        "instr 1\na1, a2 ins\nouts a1, a2\nendin\n",
        "i 1 0 1",
    ));
    assert!(effect.contains("at its input"), "{effect}");
    let lacks = "instr 1\na1, a2 ins\na3 diskin2 \"gone.wav\"\nouts a1 + a3, a2\nendin\n";
    let lacks = daw.trouble_of(&csd("", &format!("{HEADER}nchnls_i = 2\n"), lacks, "i 1 0 1"));
    assert!(lacks.contains("its own files"), "what it lacks is more than that: {lacks}");
    let hangs = daw.trouble_of(&csd(
        "",
        HEADER,
        "instr 1\nkone = 1\nwhile kone == 1 do\nkone = 1\nod\nendin\n",
        "i 1 0 9",
    ));
    assert!(hangs.contains("broke off"), "{hangs}");
    let loops =
        "instr 1\nkone = 0\nwhile kone < 200000 do\nkone += 1\nod\naout = 0.25\nouts aout, aout\nendin\n";
    let slow = daw.trouble_of(&csd("", HEADER, loops, "i 1 0 60"));
    assert!(slow.contains("too slow"), "{slow}");
    // Its engine ends while it is heard.
    daw.hear("level.csd", &level("0.25", 60));
    kill(engines()[0].as_raw());
    daw.until("it is told", |daw| {
        daw.view
            .preview
            .as_ref()
            .is_some_and(|preview| preview.trouble.as_ref().is_some_and(|why| why.contains("broke off")))
    });
    daw.until("and over", |daw| {
        daw.view.preview.as_ref().is_some_and(|preview| preview.stands == Stands::Over)
    });
    let gone = daw.path().join("gone.csd");
    daw.preview(&gone);
    daw.until("there is no file", |daw| {
        daw.view.preview.as_ref().is_some_and(|preview| {
            preview.trouble.as_ref().is_some_and(|why| why.contains("gone.csd could not be read"))
        })
    });
    let beside = daw.beside();
    assert!(steepest(&beside) <= 0.25 / 64.0 + 1e-5, "a step of {}", steepest(&beside));
    assert!(!daw.core.link.shared.has_engine_ended() && daw.core.link.last_crash().is_none());
    assert!(daw.core.link.take_refusals().is_empty());
}

#[test]
fn one_that_nobody_hears_ends_by_itself_and_says_why() {
    if !alone("one_that_nobody_hears_ends_by_itself_and_says_why") {
        return;
    }
    let mut daw = Daw::new(false);
    daw.hear("level.csd", &level("0.25", 60));
    let has_ended = |daw: &mut Daw| {
        let began = Instant::now();
        while daw.view.preview.as_ref().is_some_and(|preview| preview.stands != Stands::Over) {
            assert!(began.elapsed() < Duration::from_secs(20), "{:?}", daw.view.preview);
            std::thread::sleep(Duration::from_millis(20));
            daw.desk.fill(&mut daw.view);
        }
        daw.view.preview.clone().and_then(|preview| preview.trouble).unwrap()
    };
    assert!(has_ended(&mut daw).contains("your DAW has stopped its audio"));
    assert!(engines().is_empty());
    let from = daw.heard.len();
    (0..10).for_each(|_| daw.play());
    assert!(daw.beside()[from..].iter().all(|sample| *sample == 0.0), "nothing of it comes later");
}

#[test]
fn without_a_host_that_has_begun_nothing_is_heard_and_that_is_said() {
    if !alone("without_a_host_that_has_begun_nothing_is_heard_and_that_is_said") {
        return;
    }
    test_host::bundle::refresh_engine().unwrap();
    let core = Core::new(false);
    let desk = InstanceBackend::new(Arc::clone(&core.control), Arc::clone(&core.params));
    desk.act(Action::Preview(Opens::Shipped(0)));
    let (began, mut view) = (Instant::now(), View::default());
    while view.preview.as_ref().is_none_or(|preview| preview.stands != Stands::Over) {
        assert!(began.elapsed() < Duration::from_secs(20), "{:?}", view.preview);
        std::thread::sleep(Duration::from_millis(5));
        desk.fill(&mut view);
    }
    let trouble = view.preview.and_then(|preview| preview.trouble).unwrap();
    assert!(trouble.contains("before your DAW has started"), "{trouble}");
}

#[test]
fn it_may_do_nothing_even_where_the_user_trusts_the_same_text() {
    if !alone("it_may_do_nothing_even_where_the_user_trusts_the_same_text") {
        return;
    }
    let mut daw = Daw::new(false);
    let marker = daw.path().join("marker");
    let command =
        format!("instr 1\nires system_i 1, \"touch {}\"\nouts a(0.25), a(0.25)\nendin\n", marker.display());
    let hostile = csd("", HEADER, &command, "i 1 0 1");
    let path = daw.write("trouble.csd", &hostile);
    let piece = pieces::files::read_piece(&path).unwrap();
    Trust::change(|trust| trust.set_trusted(&piece, true)).unwrap();
    assert!(daw.trouble_of(&hostile).contains("more than a preview may do"));
    assert!(!marker.exists());
    // Its own files, which it might read once it is opened.
    std::fs::write(daw.path().join("own.inc"), "instr 1\nouts a(0.25), a(0.25)\nendin\n").unwrap();
    let includes = csd("", HEADER, "#include \"own.inc\"\n", "i 1 0 1");
    daw.write("trouble.csd", &includes);
    let piece = pieces::files::read_piece(&path).unwrap();
    Trust::change(|trust| {
        trust.choose(&piece);
        trust.set_trusted(&piece, true)
    })
    .unwrap();
    assert!(daw.trouble_of(&includes).contains("its own files"));
}

#[test]
fn it_reads_no_folder_that_all_pieces_of_the_process_may_read() {
    if !alone("it_reads_no_folder_that_all_pieces_of_the_process_may_read") {
        return;
    }
    let folder = dirs::config_dir().unwrap();
    let mut daw = Daw::new(false);
    std::fs::write(folder.join("all.inc"), "instr 1\nouts a(0.25), a(0.25)\nendin\n").unwrap();
    let includes = format!("#include \"{}\"\n", folder.join("all.inc").display());
    let includes = csd("", HEADER, &includes, "i 1 0 1");
    let path = daw.write("trouble.csd", &includes);
    let piece = pieces::files::read_piece(&path).unwrap();
    let all = Trust::read().unwrap().granted(&piece).folders;
    assert_eq!(all, [folder.canonicalize().unwrap()], "it could read it once it is opened");
    assert!(daw.trouble_of(&includes).contains("its own files"));
    // By an opcode, which fails while the piece performs: what is heard is not what the file holds.
    std::fs::write(folder.join("all.txt"), "0.25\n").unwrap();
    let reads = format!(
        "instr 1\nilevel init 0.125\nSline, iline readfi \"{}\"\nilevel strtod Sline\nouts a(ilevel), a(ilevel)\nendin\n",
        folder.join("all.txt").display()
    );
    let reads = csd("", HEADER, &reads, "i 1 0 1");
    assert!(daw.trouble_of(&reads).contains("its own files"));
}

#[test]
fn a_piece_without_notes_is_played_to_and_one_that_plays_keeps_the_host_going() {
    if !alone("a_piece_without_notes_is_played_to_and_one_that_plays_keeps_the_host_going") {
        return;
    }
    let mut daw = Daw::new(false);
    let midi = "massign 0, 1\ninstr 1\nouts a(0.1), a(0.1)\nendin\n";
    daw.hear("midi.csd", &csd("", HEADER, midi, ""));
    daw.until("it is over", Daw::is_over);
    let from = daw.heard.len();
    let score = csd(
        "",
        &format!("; csound-performer: note_mode=score\n{HEADER}"),
        "instr 1\nouts a(p4 / 600), a(0)\nendin\n",
        "",
    );
    daw.hear("score.csd", &score);
    assert!(matches!(daw.status, ProcessStatus::KeepAlive));
    daw.until("it is over", Daw::is_over);
    let beside = daw.beside();
    let has = |span: &[f32], level: f32| span.iter().any(|sample| (sample - level).abs() < 1e-5);
    assert!(has(&beside[..from], 0.1) && has(&beside[..from], 0.3), "single keys, and three of them");
    assert!(has(&beside[from..], 60.0 / 600.0) && has(&beside[from..], 72.0 / 600.0));
    // The host would let the plugin sleep.
    daw.core.link.performance().stop().unwrap();
    daw.until("the present piece is over", |daw| matches!(daw.status, ProcessStatus::Tail(_)));
    daw.hear("level.csd", &level("0.25", 60));
    assert!(matches!(daw.status, ProcessStatus::KeepAlive));
}
