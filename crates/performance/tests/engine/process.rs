//! The engine in a process of its own: what it performs, how it ends, and that nothing of it is left.

use std::time::{Duration, Instant};

use csound_performance::engine::local::LocalEngine;
use csound_performance::engine::planes::Planes;
use csound_performance::engine::remote::{Options, RemoteEngine};
use csound_performance::engine::{
    AtEnd, ConsoleLine, Engine, Event, EventKind, MidiOut, PieceSpec, ScoreEvent, Span, StartError, Started,
    TimeBase, Turn,
};
use rustix::process::{Pid, Signal, WaitOptions};

use crate::common::engines::{
    children, death, end_with_their_host, is_alive, nurseries, options, spec, start_endless, turn,
};
use crate::common::{alone, csd, libcsound_is_missing};

const HEADER: &str = "sr = 48000\nksmps = 32\nnchnls = 2\n";

const TONE: &str = "instr 1\na1 poscil p4, p5\nouts a1, a1 * 0.5\nendin\n";

pub fn start(body: &str, score: &str) -> Result<Started<RemoteEngine>, StartError> {
    start_with(&options(), body, score, &mut Vec::new())
}

fn start_with(
    options: &Options,
    body: &str,
    score: &str,
    console: &mut Vec<ConsoleLine>,
) -> Result<Started<RemoteEngine>, StartError> {
    RemoteEngine::start(&spec(csd("", HEADER, body, score)), options, &mut |line| console.push(line))
}

#[test]
fn it_performs_what_an_engine_in_this_process_performs() {
    if libcsound_is_missing() {
        return;
    }
    let text = csd("", HEADER, TONE, "i 1 0 0.5 0.5 440\ni 1 0.25 0.5 0.25 660");
    let mut remote = RemoteEngine::start(&spec(text.clone()), &options(), &mut |_| ()).unwrap().engine;
    let mut local = LocalEngine::start(&spec(text), &mut |_| ()).unwrap().engine;
    assert_eq!(remote.format(), local.format());
    for cycles in [1, 3, 32, 33, 200, 1000] {
        let (theirs, expected) = turn(&mut local, cycles, &mut [], true);
        let (ours, heard) = turn(&mut remote, cycles, &mut [], true);
        assert_eq!(ours, theirs, "{cycles} k-cycles");
        for channel in 0..2 {
            assert_eq!(heard.channel(channel), expected.channel(channel), "{cycles} k-cycles");
        }
    }
}

#[test]
fn the_process_ends_with_its_engine_and_leaves_nothing() {
    if libcsound_is_missing() {
        return;
    }
    let started = start(TONE, "i 1 0 1 0.5 440").unwrap();
    let process = started.engine.handle().process_id();
    let folder = std::fs::read_link(format!("/proc/{process}/cwd")).unwrap();
    assert!(is_alive(process) && folder.exists());
    drop(started);
    assert!(!is_alive(process) && !folder.exists());
}

#[test]
fn a_crash_while_compiling_is_an_error_with_the_signal() {
    if libcsound_is_missing() {
        return;
    }
    let text = csd("", "ksmps = 32\nnchnls = 10000\n", TONE, "");
    let error = RemoteEngine::start(&spec(text), &options(), &mut |_| ()).err().unwrap().to_string();
    assert!(error.contains("crashed"), "{error}");
}

#[test]
fn a_piece_that_never_compiles_is_given_up_as_soon_as_nobody_waits_for_it() {
    if libcsound_is_missing() {
        return;
    }
    let options = options();
    let abandoned = options.abandoned.clone();
    let (told, hears) = std::sync::mpsc::channel();
    let starting = std::thread::spawn(move || start_endless(options, || told.send(()).unwrap()));
    hears.recv().unwrap();
    abandoned.abandon();
    let error = starting.join().unwrap();
    assert!(error.contains("given up"), "{error}");
}

#[test]
fn a_piece_that_prints_without_end_while_it_compiles_is_heard_only_so_far() {
    if libcsound_is_missing() {
        return;
    }
    let options = Options { compile_limit: Duration::from_secs(3), ..options() };
    let endless = "while 1 == 1 do\nprints \"x\\n\"\nod\n";
    let mut console = Vec::new();
    let text = csd("", &format!("{HEADER}{endless}"), TONE, "");
    assert!(RemoteEngine::start(&spec(text), &options, &mut |line| console.push(line)).is_err());
    assert!(console.len() <= 10_001, "{} lines", console.len());
    assert!(console.last().unwrap().text.contains("left out"), "{:?}", console.last());
}

#[test]
fn a_missing_temporary_folder_is_called_that_with_what_to_do() {
    let test = "process::a_missing_temporary_folder_is_called_that_with_what_to_do";
    if libcsound_is_missing() || !alone(test, "TMPDIR", "/nowhere/at/all") {
        return;
    }
    let error = start(TONE, "").err().unwrap().to_string();
    assert!(error.contains("/nowhere/at/all cannot be used (TMPDIR names another)"), "{error}");
    let error = LocalEngine::start(&spec(csd("", HEADER, TONE, "")), &mut |_| ()).err().unwrap().to_string();
    assert!(error.contains("could not be written into /nowhere/at/all"), "{error}");
}

#[test]
fn a_syntax_error_is_csounds_own_with_its_line() {
    if libcsound_is_missing() {
        return;
    }
    let mut console = Vec::new();
    let error =
        start_with(&options(), "instr 1\na1 oscili 1,, 440\nendin\n", "", &mut console).err().unwrap();
    assert!(error.to_string().contains("syntax error"), "{error}");
    assert!(console.iter().any(|line| line.line.is_some()), "{console:?}");
}

#[test]
fn a_crash_while_playing_is_reported_with_the_event_before_it() {
    if libcsound_is_missing() {
        return;
    }
    let crash = "instr 2\nadel delayr 1\natap deltap 1e9\ndelayw atap\nouts atap, atap\nendin\n";
    let mut started = start(&(TONE.to_owned() + crash), "i 1 0 100 0.5 440").unwrap();
    let handle = started.engine.handle();
    assert!(turn(&mut started.engine, 4, &mut [], true).0.performed == 4);
    let message = EventKind::Message(Box::new(c"i 2 0 1".to_owned()));
    let mut events = [Event { cycle: 0, frame: 0, kind: message }];
    let (outcome, _) = turn(&mut started.engine, 400, &mut events, true);
    assert!(outcome.engine_ended, "{outcome:?}");
    let report = death(&handle);
    assert!(report.contains("signal 11") && report.contains("i 2 0 1"), "{report}");
}

/// A message for the piece, before the turn's first k-cycle.
pub fn message(text: &std::ffi::CStr) -> [Event; 1] {
    [Event { cycle: 0, frame: 0, kind: EventKind::Message(Box::new(text.to_owned())) }]
}

#[test]
fn an_engine_that_hangs_in_real_time_is_ended_and_every_call_returns_soon() {
    if libcsound_is_missing() {
        return;
    }
    let forever = "instr 2\nwhile 1 == 1 do\nod\nendin\n";
    let mut engine = start(&(TONE.to_owned() + forever), "i 1 0 100 0.5 440").unwrap().engine;
    let handle = engine.handle();
    let mut report = None;
    let mut events = message(c"i 2 0 1");
    let mut outcome = turn(&mut engine, 8, &mut events, false).0;
    let began = Instant::now();
    while !outcome.engine_ended {
        assert!(outcome.late);
        outcome = turn(&mut engine, 8, &mut [], false).0;
        report = report.or_else(|| handle.take_end());
        assert!(began.elapsed() < Duration::from_secs(150));
        std::thread::sleep(Duration::from_millis(5));
    }
    let report = report.unwrap_or_else(|| death(&handle));
    assert!(report.contains("did not get on") && report.contains("i 2 0 1"), "{report}");
}

#[test]
fn the_audio_thread_never_allocates_whatever_becomes_of_the_engine() {
    if libcsound_is_missing() {
        return;
    }
    let forever = "instr 2\nwhile 1 == 1 do\nod\nendin\n";
    let mut engine = start(&(TONE.to_owned() + forever), "i 1 0 100 0.5 440").unwrap().engine;
    let (mut output, input) = (Planes::new(2, 4096), Planes::new(4, 4096));
    let mut midi_out: Vec<MidiOut> = Vec::with_capacity(64);
    let mut gone = false;
    let began = Instant::now();
    let mut count = 0;
    while !gone {
        count += 1;
        // Notes and moves in every turn; after a while one that never returns. If the engine is late just then,
        // the next move may take it away, so there are more of them.
        let mut events: Vec<Event> = match count % 100 {
            0 => message(c"i 2 0 1").into(),
            _ => (0..20)
                .map(|cycle| Event { cycle, frame: 0, kind: EventKind::Seek(cycle as f64) })
                .chain([Event { cycle: 100, frame: 0, kind: EventKind::NotesOff }])
                .collect(),
        };
        let mut turn = Turn {
            span: Span::at_front(128),
            input: &input,
            output: &mut output,
            events: &mut events,
            midi_out: &mut midi_out,
            offline: false,
        };
        gone = nice_assert_no_alloc::assert_no_alloc(|| engine.perform(&mut turn)).engine_ended;
        assert!(began.elapsed() < Duration::from_secs(150));
        if count > 100 {
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

#[test]
fn more_events_than_one_turn_holds_all_happen_in_their_order() {
    if libcsound_is_missing() {
        return;
    }
    let counting = "gicount init 0\ninstr 1\ngicount = gicount + p4\nendin\n\
                    instr 2\nkcount = gicount\nacount upsamp kcount\nouts acount, acount\nendin\n";
    let mut engine = start(counting, "i 2 0 100").unwrap().engine;
    let fields = |amount: f64| {
        let mut fields = vec![1.0, 0.0, 0.0001, amount];
        fields.resize(1000, 0.0);
        fields
    };
    let event = |cycle: usize, amount: f64| {
        let score = ScoreEvent { time_base: TimeBase::Now, opcode: b'i', fields: fields(amount), text: None };
        Event { cycle, frame: 0, kind: EventKind::Score(Box::new(score)) }
    };
    // Two megabytes of events.
    let mut events: Vec<Event> = (0..250).map(|at| event(at / 25, 1.0)).collect();
    let (outcome, _) = turn(&mut engine, 32, &mut events, true);
    assert!(!outcome.late && !outcome.engine_ended);
    assert_eq!(outcome.performed, 32);
    let (_, heard) = turn(&mut engine, 4, &mut [], true);
    assert_eq!(heard.channel(0)[64], 250.0);
}

#[test]
fn nothing_is_left_of_many_engines() {
    if libcsound_is_missing() {
        return;
    }
    let is_long = std::env::var_os("CSOUND_PERFORMER_LONG").is_some();
    // From a nursery a thousand starts take ten or twenty seconds.
    let rounds = if is_long || options().nurseries.is_some() { 1000 } else { 50 };
    // In a process of its own, because other tests open files meanwhile.
    if !alone("process::nothing_is_left_of_many_engines", "UNUSED", "") {
        return;
    }
    let open_files = || std::fs::read_dir("/proc/self/fd").unwrap().count();
    let mapped = || std::fs::read_to_string("/proc/self/maps").unwrap().matches("csound-performer").count();
    let round = || {
        let mut started = start(TONE, "i 1 0 1 0.5 440").unwrap();
        turn(&mut started.engine, 1, &mut [], true);
    };
    round();
    let before = (open_files(), mapped());
    (0..rounds).for_each(|_| round());
    assert_eq!((open_files(), mapped()), before);
    assert_eq!(children(), Vec::<i32>::new());
    assert!(nurseries().len() <= 1);
}

/// True if the kernel tells of a process how it ended, although somebody else has collected it.
fn kernel_tells_of_the_collected() -> bool {
    let release = rustix::system::uname().release().to_string_lossy().into_owned();
    let mut numbers = release.split(['.', '-']).map_while(|number| number.parse::<u32>().ok());
    (numbers.next(), numbers.next()) >= (Some(6), Some(15))
}

#[test]
fn a_host_that_collects_all_children_is_told_how_engines_end() {
    const HOW: &str = "CSOUND_PERFORMER_TEST_COLLECTING";
    if libcsound_is_missing() {
        return;
    }
    for how in ["waits for all", "ignores their signal"] {
        if alone("process::a_host_that_collects_all_children_is_told_how_engines_end", HOW, how) {
            match std::env::var(HOW).as_deref() {
                Ok("waits for all") => drop(std::thread::spawn(|| {
                    loop {
                        // There is none, or none has ended: it asks again.
                        let _ = rustix::process::wait(WaitOptions::NOHANG);
                        std::thread::sleep(Duration::from_micros(200));
                    }
                })),
                // SAFETY: no handler is set; the kernel collects children by itself from now on.
                _ => drop(unsafe { libc::signal(libc::SIGCHLD, libc::SIG_IGN) }),
            }
            return ends_are_told();
        }
    }
}

fn ends_are_told() {
    let how = |signal: i32| match kernel_tells_of_the_collected() {
        true => format!("signal {signal}"),
        false => "how is not known".to_owned(),
    };
    let send = |process: i32, signal| {
        rustix::process::kill_process(Pid::from_raw(process).unwrap(), signal).unwrap()
    };
    for (signal, number) in [(Signal::KILL, 9), (Signal::TERM, 15)] {
        let mut engine = start(TONE, "i 1 0 9 0.5 440").unwrap().engine;
        assert_eq!(turn(&mut engine, 8, &mut [], true).0.performed, 8);
        send(engine.handle().process_id(), signal);
        let report = death(&engine.handle());
        assert!(report.contains(&how(number)), "{report}");
        // The audio thread is told, too.
        assert!(turn(&mut engine, 8, &mut [], true).0.engine_ended);
        let reason = start_endless(options(), || {
            let compiling = children().into_iter().find(|child| is_alive(*child)).unwrap();
            send(compiling, signal);
        });
        assert!(reason.contains(&how(number)), "{reason}");
    }
    // What ends as it should is no end to report, and nothing is left of it.
    let engine = start(TONE, "i 1 0 9 0.5 440").unwrap().engine;
    let handle = engine.handle();
    drop(engine);
    assert_eq!(handle.take_end(), None);
    assert_eq!(children(), Vec::<i32>::new());
}

#[test]
fn the_length_of_the_score_is_that_of_csounds_sorted_one() {
    if libcsound_is_missing() {
        return;
    }
    for (score, length) in [
        ("i 1 0 0.5 0.5 440", Some(0.5)),
        ("t 0 120\ni 1 0 4 0.5 440\ni 1 2 6 0.5 440", Some(4.0)),
        ("i 1 0 2 0.5 440\ns\ni 1 1 1 0.5 440\ne", Some(4.0)),
        ("r 3\ni 1 0 1 0.5 440\ns", Some(3.0)),
        ("{ 4 N\ni 1 [$N.] 1 0.5 440\n}", Some(4.0)),
        ("i 1 0 -1 0.5 440", None),
        ("f 0 z", None),
        ("", None),
    ] {
        for at_end in [AtEnd::Stop, AtEnd::Keep] {
            let spec = PieceSpec { at_end, ..spec(csd("", HEADER, TONE, score)) };
            let shown = RemoteEngine::start(&spec, &options(), &mut |_| ()).unwrap().shown;
            let close = match (shown.score_length, length) {
                (Some(found), Some(length)) => (found - length).abs() < 1e-6,
                (found, length) => found == length,
            };
            assert!(close, "{score:?}, {at_end:?}: {:?} is not {length:?}", shown.score_length);
        }
    }
}

#[test]
fn an_engine_whose_main_thread_is_taken_ends_with_its_host() {
    if libcsound_is_missing() {
        return;
    }
    let name = "process::an_engine_whose_main_thread_is_taken_ends_with_its_host";
    // The thread that compiles is the one that would hear the host's end.
    end_with_their_host(name, || start_endless(options(), || println!("processes {}", children()[0])));
}

#[test]
fn whoever_waits_for_the_end_is_told_without_looking() {
    if libcsound_is_missing() {
        return;
    }
    let started = start("instr 1\nendin\n", "f 0 100").unwrap();
    let handle = started.engine.handle();
    let (told, hears) = std::sync::mpsc::channel();
    let again = told.clone();
    let ended = handle.clone();
    let (goes_on, waits) = std::sync::mpsc::channel();
    let waits = std::sync::Mutex::new(waits);
    handle.at_end(move || {
        told.send(ended.take_end()).unwrap();
        let () = waits.lock().unwrap().recv_timeout(Duration::from_secs(150)).unwrap();
    });
    assert!(hears.try_recv().is_err(), "it performs");
    let process = rustix::process::Pid::from_raw(handle.process_id()).unwrap();
    rustix::process::kill_process(process, rustix::process::Signal::KILL).unwrap();
    let report = hears.recv_timeout(Duration::from_secs(150)).unwrap();
    assert!(report.is_some_and(|report| report.contains("9")), "the report is there when it is told");
    // Another engine may come in at once: this one is not faded out then, of which nothing is heard.
    assert!(started.engine.has_ended(), "whoever asks the engine knows it before");
    goes_on.send(()).unwrap();
    // The first to ask is told; a handle that comes later finds the end itself.
    handle.at_end(move || again.send(None).unwrap());
    assert!(hears.try_recv().is_err());
}

#[test]
fn the_score_time_of_a_piece_that_moves_its_score_is_its_own() {
    if libcsound_is_missing() {
        return;
    }
    let moving = "instr 2\nsetscorepos 500\nturnoff\nendin\n";
    for (body, score) in [
        (TONE.to_owned(), "a 0 0 100\ni 1 0 3600 0.5 440"),
        (TONE.to_owned(), "i 1 0 3600 0.5 440\ni 1 1000 1 0.5 440"),
        (format!("{TONE}{moving}"), "i 1 0 3600 0.5 440\ni 2 0.01 1"),
    ] {
        let mut remote = start(&body, score).unwrap().engine;
        let mut local = LocalEngine::start(&spec(csd("", HEADER, &body, score)), &mut |_| ()).unwrap().engine;
        for seek in [None, Some(1.5), Some(900.0), Some(2.0)] {
            for cycles in [1, 40, 400] {
                let event = |seconds| Event { cycle: 0, frame: 0, kind: EventKind::Seek(seconds) };
                let mut events: [Vec<Event>; 2] = [(); 2].map(|()| seek.map(event).into_iter().collect());
                let (theirs, _) = turn(&mut local, cycles, &mut events[0], true);
                let (ours, _) = turn(&mut remote, cycles, &mut events[1], true);
                assert_eq!(ours, theirs, "{score:?}, {seek:?}, {cycles} k-cycles");
            }
        }
    }
}
