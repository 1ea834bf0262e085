//! An offline render waits for what its blocks ask for, so that nothing depends on their size or on the machine.

use serde_json::json;
use test_host::host::{Event, EventBody};
use test_host::render::{BlockSize, RenderOptions, render};

use crate::common::bench::{Bench, KSMPS, LATENCY, mmc, session, state_with};
use crate::common::{libcsound_is_missing, onset, plugin};

/// A score line for the remote control.
fn line(text: &str) -> Vec<u8> {
    [&[0xF0, 0x7D, b'C', b'S'], text.as_bytes(), &[0xF7]].concat()
}

/// What is heard of the piece with a system-exclusive message at a frame.
fn rendered(block: BlockSize, events: &[(u64, Vec<u8>)]) -> Vec<Vec<f32>> {
    let mut options = RenderOptions::new(plugin(), session());
    options.seconds = Some(0.5);
    options.block = block;
    options.events = events.iter().map(|(frame, bytes)| (*frame, EventBody::SysEx(bytes.clone()))).collect();
    render(&options, |_, _| ()).unwrap().samples
}

const BLOCKS: [BlockSize; 4] =
    [BlockSize::Fixed(32), BlockSize::Fixed(480), BlockSize::Fixed(4096), BlockSize::Random { seed: 3 }];

#[test]
fn a_line_sounds_at_its_frame_in_every_block() {
    if libcsound_is_missing() {
        return;
    }
    for frame in [0, 7, 4095, 12_345] {
        for block in BLOCKS {
            let heard = rendered(block, &[(frame, line("i 2 0 0.1 0.5"))]);
            assert_eq!(onset(&heard[1]), Some(frame as usize), "{block:?}");
        }
    }
    // Lines keep their order, and one that cannot be sent holds up none.
    let lines = [(100, line("i 2 0 [1+")), (100, line("i 2 0 -1 0.25")), (4800, line("i -2 0 1"))];
    let heard = rendered(BlockSize::Fixed(480), &lines);
    assert_eq!(onset(&heard[1]), Some(100));
    let end = heard[1].iter().rposition(|sample| *sample != 0.0).unwrap() + 1;
    assert!((4800 - KSMPS..=4800 + KSMPS).contains(&end), "{end}");
}

#[test]
fn orchestra_code_is_compiled_at_its_frame_in_every_block() {
    if libcsound_is_missing() {
        return;
    }
    let code = |head: u8, text: &str| [&[0xF0, 0x7D, b'C', head], text.as_bytes(), &[0xF7]].concat();
    // A boundary of a k-cycle and a frame that has to move to one.
    for frame in [9600, 9601] {
        let compiled = code(b'O', "instr 77\n outch 2, a(0.5)\nendin");
        let evaluated = code(b'E', "event_i \"i\", 77, 0, 0.1\nreturn 1");
        let broken =
            [code(b'O', "instr 78\nnonsense\nendin"), code(b'E', "return nonsense"), code(b'O', "/* x")];
        let mut events = vec![(frame, compiled), (frame, evaluated)];
        events.extend(broken.map(|broken| (frame, broken)));
        let expected = rendered(BLOCKS[0], &events);
        assert_eq!(onset(&expected[1]), Some(9600), "frame {frame}");
        for block in &BLOCKS[1..] {
            assert!(rendered(*block, &events) == expected, "{block:?}, frame {frame}");
        }
    }
}

#[test]
fn a_restart_comes_in_its_own_k_cycle_in_every_block() {
    if libcsound_is_missing() {
        return;
    }
    for frame in [5000, 9601] {
        let restart = [(frame, vec![0xFA])];
        let expected = rendered(BLOCKS[0], &restart);
        let clock = |at: usize| f64::from(expected[0][at]) * 1000.0;
        let begins = frame as usize / KSMPS * KSMPS;
        assert!((clock(begins - 1) * 48_000.0 - begins as f64).abs() < 2.0 * KSMPS as f64);
        // Both are heard for ten milliseconds, then the new one alone.
        let later = begins + 960;
        assert!((clock(later) - 0.02).abs() < 0.001, "{}", clock(later));
        for block in &BLOCKS[1..] {
            assert!(rendered(*block, &restart) == expected, "{block:?}, frame {frame}");
        }
    }
    // What was stopped plays again, from the start, with the message that says so.
    let again = [(5000, vec![0xF0, 0x7F, 0x7F, 6, 1, 0xF7]), (9600, vec![0xFB])];
    let expected = rendered(BLOCKS[0], &again);
    assert_eq!(expected[0][6000..9600], [0.0; 3600]);
    assert!(onset(&expected[0][9600..]).is_some_and(|frame| frame < 960));
    assert!(rendered(BLOCKS[1], &again) == expected);
}

#[test]
fn a_recording_begins_in_the_first_block_and_misses_nothing() {
    if libcsound_is_missing() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let state = state_with(&session(), |params, own| {
        params["record_bits"] = json!({ "string": "32" });
        own["recording_folder"] = folder.path().to_str().into();
    });
    let mut bench = Bench::with_state(&state);
    let mut heard = Vec::new();
    let mut expected = Vec::new();
    for round in 0..2 {
        let mut block = |events: &[Event], heard: &mut Vec<f32>| {
            heard.extend_from_slice(&bench.block(4096, events).output[0]);
        };
        let from = heard.len() + 33;
        block(&[mmc(33, &[6])], &mut heard);
        // Much more than waits for the disk.
        for _ in 0..300 + round {
            block(&[], &mut heard);
        }
        let until = heard.len() + 5;
        block(&[mmc(5, &[7])], &mut heard);
        block(&[], &mut heard);
        expected.push(heard[from + LATENCY..until + LATENCY].to_vec());
    }
    let recorded = || {
        let files = std::fs::read_dir(folder.path()).unwrap().flatten();
        let mut takes: Vec<_> = files.filter_map(|file| left(&file.path())).collect();
        takes.sort_by_key(Vec::len);
        takes
    };
    let lengths = |takes: &[Vec<f32>]| takes.iter().map(Vec::len).collect::<Vec<_>>();
    // The files are closed a little later.
    let began = std::time::Instant::now();
    while lengths(&recorded()) != lengths(&expected) && began.elapsed().as_secs() < 10 {
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    let recorded = recorded();
    assert_eq!(lengths(&recorded), lengths(&expected));
    assert!(recorded == expected);
}

/// The first channel of a file that can be read.
fn left(file: &std::path::Path) -> Option<Vec<f32>> {
    let samples = hound::WavReader::open(file).ok()?.into_samples::<f32>();
    let samples: Vec<f32> = samples.collect::<Result<_, _>>().ok()?;
    Some(samples.chunks(2).map(|frame| frame[0]).collect())
}
