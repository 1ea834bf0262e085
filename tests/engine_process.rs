//! The engine in a process of its own: what it performs, how it ends, and that nothing of it is left.
#![cfg(target_os = "linux")]

mod common;
mod engines;

use common::csd;
use csound_performer::engine::local::LocalEngine;
use csound_performer::engine::remote::{Options, RemoteEngine, Started};
use csound_performer::engine::{ConsoleLine, Engine, Event, EventKind, StartError};
use engines::{death, is_alive, libcsound_is_missing, options, spec, turn};

const HEADER: &str = "sr = 48000\nksmps = 32\nnchnls = 2\n";

const TONE: &str = "instr 1\na1 poscil p4, p5\nouts a1, a1 * 0.5\nendin\n";

fn start(body: &str, score: &str) -> Result<Started, StartError> {
    start_with(&options(), body, score, &mut Vec::new())
}

fn start_with(
    options: &Options,
    body: &str,
    score: &str,
    console: &mut Vec<ConsoleLine>,
) -> Result<Started, StartError> {
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
    assert!(outcome.gone, "{outcome:?}");
    let report = death(&handle);
    assert!(report.contains("signal 11") && report.contains("i 2 0 1"), "{report}");
}
