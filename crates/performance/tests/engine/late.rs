//! Turns that an engine does not answer in time, and those that it performs while the host's thread goes on.

use std::ffi::CString;
use std::time::{Duration, Instant};

use csound_performance::engine::planes::Planes;
use csound_performance::engine::remote::RemoteEngine;
use csound_performance::engine::{Engine, Event, EventKind, MidiOut, Span, Turn, Wait};

use super::process::{message, start};
use crate::common::engines::{eventually, is_alive, turn};
use crate::common::libcsound_is_missing;

/// Turns in real time until one is heard again; how many were not.
fn missed_until_heard(engine: &mut RemoteEngine) -> usize {
    let began = Instant::now();
    let mut missed = 0;
    loop {
        let (outcome, _) = turn(engine, 8, &mut [], false);
        assert!(!outcome.engine_ended);
        if !outcome.late {
            return missed;
        }
        missed += 1;
        assert!(began.elapsed() < Duration::from_secs(60), "it was never heard again");
        std::thread::sleep(Duration::from_micros(8 * 32 * 1_000_000 / 48_000));
    }
}

#[test]
fn a_late_engine_is_waited_for_once_and_catches_up_to_where_it_would_have_been() {
    if libcsound_is_missing() {
        return;
    }
    // A note that takes a good while to begin, and a clock.
    let slow = "instr 1\nktime timeinsts\nouts a(ktime), a(ktime)\nendin\n\
                instr 2\nindex = 0\nwhile index < p4 do\nindex += 1\nod\nendin\n";
    let mut engine = start(slow, "i 1 0 1000").unwrap().engine;
    turn(&mut engine, 100, &mut [], true);
    // A longer one, where the machine is too fast for the first.
    let mut in_time = 0;
    let heard = loop {
        let text = CString::new(format!("i 2 0 0.1 {}", 5_000_000_u64 << in_time)).unwrap();
        let (outcome, heard) = turn(&mut engine, 8, &mut message(&text), false);
        if outcome.late {
            break heard;
        }
        in_time += 1;
        assert!(in_time < 10, "it is never late");
    };
    assert!(heard.channel(0).iter().all(|sample| *sample == 0.0));
    let missed = missed_until_heard(&mut engine);
    let (_, heard) = turn(&mut engine, 8, &mut [], true);
    // 100 k-cycles, those in time, the late turn, those that were missed, the one that was heard, and this one.
    let cycles = 100 + in_time * 8 + 8 + missed * 8 + 8;
    let expected = (cycles * 32) as f32 / 48_000.0;
    let clock = heard.channel(0)[0];
    assert!((clock - expected).abs() < 0.002, "the clock is at {clock}, not at {expected}");
    assert_eq!(turn(&mut engine, 1, &mut [], true).0.frames, ((cycles + 8 + 1) * 32) as i64);
}

#[test]
fn a_long_seek_is_silence_in_real_time_and_arrives_with_the_time_that_went_by() {
    if libcsound_is_missing() {
        return;
    }
    let clock = "instr 1\nktime timeinsts\nouts a(ktime / 10000), a(ktime)\nendin\n";
    let mut engine = start(clock, "i 1 0 100000").unwrap().engine;
    let handle = engine.handle();
    turn(&mut engine, 8, &mut [], true);
    let mut seek = [Event { cycle: 0, frame: 0, kind: EventKind::Seek(7200.0) }];
    let began = Instant::now();
    turn(&mut engine, 8, &mut seek, false);
    println!("the turn of the seek took {:?}", began.elapsed());
    let missed = missed_until_heard(&mut engine);
    let (outcome, _) = turn(&mut engine, 1, &mut [], true);
    let expected = 7200.0 + ((8 + missed * 8 + 8 + 1) * 32) as f64 / 48_000.0;
    assert!((outcome.score_time - expected).abs() < 0.01, "{} is not {expected}", outcome.score_time);
    assert_eq!(handle.take_end(), None);
}

/// Stops a process, and is back when each of its threads stands still.
fn stop(process: i32) {
    signal(process, rustix::process::Signal::STOP);
    eventually("it stands still", || {
        let mut threads = std::fs::read_dir(format!("/proc/{process}/task")).unwrap().flatten();
        let stat = |path: std::path::PathBuf| std::fs::read_to_string(path.join("stat")).unwrap();
        threads.all(|thread| stat(thread.path()).contains(") T ")).then_some(())
    });
}

fn signal(process: i32, signal: rustix::process::Signal) {
    rustix::process::kill_process(rustix::process::Pid::from_raw(process).unwrap(), signal).unwrap();
}

/// A turn without events and input into `output`.
fn plain_turn<'a>(
    cycles: usize,
    input: &'a Planes,
    output: &'a mut Planes,
    midi_out: &'a mut Vec<MidiOut>,
    offline: bool,
) -> Turn<'a> {
    Turn { span: Span::at_front(cycles), input, output, events: &mut [], midi_out, offline }
}

#[test]
fn a_posted_turn_lets_its_caller_go_on_and_is_collected_or_late_as_any_other() {
    if libcsound_is_missing() {
        return;
    }
    let clock = "instr 1\nktime timeinsts\naout = ktime * 48000\nouts aout, aout\nendin\n";
    let mut engine = start(clock, "i 1 0 100").unwrap().engine;
    let process = engine.handle().process_id();
    let (input, mut output, mut midi) = (Planes::new(4, 4096), Planes::new(2, 4096), Vec::with_capacity(64));
    let (_, first) = turn(&mut engine, 8, &mut [], true);
    let first = first.channel(0)[0];
    for offline in [true, false] {
        // An engine that stands still: whoever waits for it here waits for ever, or is told that it is late.
        let before = turn(&mut engine, 1, &mut [], true).1.channel(0)[0];
        stop(process);
        nice_assert_no_alloc::assert_no_alloc(|| {
            engine.post(&mut plain_turn(8, &input, &mut output, &mut midi, offline));
        });
        if !offline {
            let collected = nice_assert_no_alloc::assert_no_alloc(|| {
                engine.collect(&mut plain_turn(8, &input, &mut output, &mut midi, offline), Wait::of(offline))
            });
            assert!(collected.late && output.channel(0)[..256].iter().all(|sample| *sample == 0.0));
            // The next one is not waited for, and its time goes by all the same.
            let began = Instant::now();
            for _ in 0..100 {
                engine.post(&mut plain_turn(1, &input, &mut output, &mut midi, offline));
                assert!(
                    engine
                        .collect(&mut plain_turn(1, &input, &mut output, &mut midi, offline), Wait::Shortly)
                        .late
                );
            }
            println!("a hundred late turns took {:?}", began.elapsed());
        }
        signal(process, rustix::process::Signal::CONT);
        if offline {
            let collected =
                engine.collect(&mut plain_turn(8, &input, &mut output, &mut midi, offline), Wait::ToTheEnd);
            assert!(!collected.late && collected.performed == 8);
            assert_eq!(output.channel(0)[0], before + 32.0);
        }
        let cycles = if offline { 9.0 } else { 109.0 };
        assert_eq!(turn(&mut engine, 1, &mut [], true).1.channel(0)[0], before + cycles * 32.0);
        assert!(before > first);
    }
    // One that ends meanwhile is found ended, at once and for good.
    stop(process);
    engine.post(&mut plain_turn(8, &input, &mut output, &mut midi, true));
    signal(process, rustix::process::Signal::KILL);
    for _ in 0..2 {
        assert!(
            engine
                .collect(&mut plain_turn(8, &input, &mut output, &mut midi, true), Wait::ToTheEnd)
                .engine_ended
        );
        engine.post(&mut plain_turn(8, &input, &mut output, &mut midi, true));
    }
}

#[test]
fn a_turn_that_was_posted_offline_holds_up_nobody_who_waits_as_in_real_time() {
    if libcsound_is_missing() {
        return;
    }
    let clock = "instr 1\nktime timeinsts\naout = ktime * 48000\nouts aout, aout\nendin\n";
    let mut engine = start(clock, "i 1 0 100").unwrap().engine;
    let process = engine.handle().process_id();
    let (input, mut output, mut midi) = (Planes::new(4, 8192), Planes::new(2, 8192), Vec::with_capacity(64));
    let before = turn(&mut engine, 1, &mut [], true).1.channel(0)[0];
    // One that stands still: whoever waits for its turn to the end waits until the watch ends it.
    stop(process);
    nice_assert_no_alloc::assert_no_alloc(|| {
        engine.post(&mut plain_turn(8, &input, &mut output, &mut midi, true));
        let collected =
            engine.collect(&mut plain_turn(8, &input, &mut output, &mut midi, true), Wait::Shortly);
        assert!(collected.late && output.channel(0)[..256].iter().all(|sample| *sample == 0.0));
    });
    assert!(is_alive(process));
    // The engine has that turn still, and goes on where it would have been. More than one part of a turn, too.
    signal(process, rustix::process::Signal::CONT);
    engine.post(&mut plain_turn(200, &input, &mut output, &mut midi, true));
    let wait = Wait::ToTheEnd;
    let collected = engine.collect(&mut plain_turn(200, &input, &mut output, &mut midi, true), wait);
    assert!(!collected.late && collected.performed == 200);
    assert_eq!(output.channel(0)[0], before + 9.0 * 32.0);
}
