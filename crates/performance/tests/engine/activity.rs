//! What an engine tells of the score and of the instruments that sound.

use std::time::{Duration, Instant};

use csound_performance::engine::remote::RemoteEngine;
use csound_performance::engine::{ActiveInstrument, PieceSpec, ScoreEntry, Started};

use crate::common::engines::{options, spec, turn};
use crate::common::{csd, libcsound_is_missing};

const HEADER: &str = "sr = 48000\nksmps = 32\nnchnls = 2\n";

/// Csound gives *bell* the first number that is free, 2, and *drone* the next, 4.
const INSTRUMENTS: &str = "instr 1\nendin\ninstr bell\nendin\ninstr 3\nendin\ninstr drone\nendin\n";

fn start(score: &str) -> Started<RemoteEngine> {
    let spec: PieceSpec = spec(csd("", HEADER, INSTRUMENTS, score));
    RemoteEngine::start(&spec, &options(), &mut |_| ()).unwrap()
}

/// Performs until the engine has told these.
fn until(engine: &mut RemoteEngine, expected: &[(u32, u32)]) {
    let (handle, began) = (engine.handle(), Instant::now());
    loop {
        turn(engine, 1, &mut [], true);
        let mut told: Vec<ActiveInstrument> = handle.active().to_vec();
        told.sort_by_key(|active| active.number);
        let told: Vec<_> = told.iter().map(|active| (active.number, active.instances)).collect();
        if told == expected {
            return;
        }
        assert!(began.elapsed() < Duration::from_secs(30), "{told:?} is not {expected:?}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn instruments_that_sound_are_counted_while_somebody_looks_and_only_then() {
    if libcsound_is_missing() {
        return;
    }
    let score = "i 1 0 1000\ni 1.5 0 1000\ni 3 0 1000\ni \"bell\" 0 1000\ni \"drone\" 0 1000\ni 3 100 1000\n";
    let Started { mut engine, .. } = start(score);
    let handle = engine.handle();
    for _ in 0..100 {
        turn(&mut engine, 1, &mut [], true);
    }
    assert!(handle.active().is_empty(), "nobody looks");
    handle.count_active(true).unwrap();
    until(&mut engine, &[(1, 2), (2, 1), (3, 1), (4, 1)]);
    turn(&mut engine, 100 * 1500, &mut [], true);
    until(&mut engine, &[(1, 2), (2, 1), (3, 2), (4, 1)]);
    handle.count_active(false).unwrap();
    let before = handle.active();
    turn(&mut engine, 1100 * 1500, &mut [], true);
    std::thread::sleep(Duration::from_millis(200));
    turn(&mut engine, 1, &mut [], true);
    assert_eq!(handle.active(), before, "nobody looks any more");
    handle.count_active(true).unwrap();
    until(&mut engine, &[]);
}

#[test]
fn what_each_instrument_takes_is_told_while_somebody_looks() {
    if libcsound_is_missing() {
        return;
    }
    let much =
        "instr 1\nk1 = 0\nwhile k1 < 3000 do\nk1 += 1\nod\nendin\ninstr 2\na1 oscili 0.1, 440\nendin\n";
    let spec: PieceSpec = spec(csd("", HEADER, much, "i 1 0 1000\ni 2 0 1000\n"));
    let Started { mut engine, .. } = RemoteEngine::start(&spec, &options(), &mut |_| ()).unwrap();
    let (handle, began) = (engine.handle(), Instant::now());
    handle.count_active(true).unwrap();
    loop {
        turn(&mut engine, 10, &mut [], true);
        let load = |number: u32| handle.active().iter().find(|active| active.number == number)?.load;
        let told = [load(1), load(2)];
        // The one is a loop of thousands of steps, the other an oscillator.
        if let [Some(much), Some(little)] = told
            && much > 10
            && little * 5 < much
        {
            break;
        }
        assert!(began.elapsed() < Duration::from_secs(30), "{told:?}");
    }
}

#[test]
fn the_entries_of_the_score_are_told_in_seconds() {
    if libcsound_is_missing() {
        return;
    }
    let entry = |instrument: &str, begin, length| ScoreEntry { instrument: instrument.into(), begin, length };
    for (score, expected) in [
        ("i 1 0 0.5\ni 3 1 2", vec![entry("1", 0.0, 0.5), entry("3", 1.0, 2.0)]),
        ("t 0 120\ni 1 2 4\n", vec![entry("1", 1.0, 2.0)]),
        ("i \"bell\" 0 1\ns\ni 1 1 1\ne", vec![entry("bell", 0.0, 1.0), entry("1", 2.0, 1.0)]),
        ("i 1.25 0 -1\ni -1.25 3 0\n", vec![entry("1", 0.0, 3.0)]),
        ("{ 3 N\ni 1 [$N.] 1\n}", vec![entry("1", 0.0, 1.0), entry("1", 1.0, 1.0), entry("1", 2.0, 1.0)]),
        ("f 0 z", vec![]),
    ] {
        let shown = start(score).shown;
        let close = |one: f64, other: f64| (one - other).abs() < 1e-6;
        let is_it = |(found, expected): (&ScoreEntry, &ScoreEntry)| {
            let times = close(found.begin, expected.begin) && close(found.length, expected.length);
            found.instrument == expected.instrument && times
        };
        let all = shown.score.len() == expected.len() && shown.score.iter().zip(&expected).all(is_it);
        assert!(all, "{score:?}: {:?} is not {expected:?}", shown.score);
    }
}
