//! The report of made-up numbers.

use super::super::crowds::{Crowded, Many};
use super::super::instructions::Instructions;
use super::super::results::Programs;
use super::*;
use test_host::measure::job::Counted;

/// Made-up numbers for everything.
fn made_up() -> Results {
    let spread = |median: f64| Spread { lower: median * 0.99, median, upper: median * 1.02, count: 40 };
    let latency = |median: f64| Latency {
        median,
        p99: median * 2.0,
        p999: median * 4.0,
        worst: median * 30.0,
        count: 100_000,
    };
    let whos = [Who::Raw, Who::RawBuffer, Who::InProcess(512), Who::Isolated(64), Who::Isolated(512)];
    let paced_whos = [Who::RawPaced(64), Who::Isolated(64), Who::Pipelined(64)];
    let each = COMPARED.into_iter().flat_map(|piece| Generation::ALL.map(|generation| (piece, generation)));
    let row = |piece, generation, who, at: usize| Compared {
        piece,
        generation,
        who,
        wall: spread(1.0 + 0.004 * at as f64),
        cpu: spread(1.0 + 0.008 * at as f64),
        per_frame: spread(100.0),
        beyond: spread(at as f64),
        over_six: (generation == Generation::Seven).then(|| spread(1.07)),
        block: matches!(who, Who::RawPaced(_) | Who::Pipelined(_)).then(|| latency(33.25)),
    };
    let rows = |whos: &[Who]| -> Vec<Compared> {
        let each = each.clone();
        each.flat_map(|(piece, generation)| {
            whos.iter().enumerate().map(move |(at, who)| row(piece, generation, *who, at))
        })
        .collect()
    };
    let crowded = |many, ratio: f64| Crowded {
        generation: Generation::Six,
        count: 32,
        many,
        wall: spread(ratio),
        cpu: spread(ratio),
        per_frame: spread(700.0),
    };
    let took = |piece| Took { piece, milliseconds: spread(50.0), worst: 80.0, failed: 1 };
    let crowd = |count| Crowd {
        count,
        piece: Weight::Moderate,
        wall: spread(3000.0),
        cpu: spread(3100.0),
        host: 1e6,
        engine: 2e7,
    };
    let start =
        |way| EngineStart { way, took: took(Weight::Trivial), program: 900_000, own: 8e6, share: 1e7 };
    let stress = |stressed| Stress {
        isolated: true,
        pipelined: false,
        stressed,
        realtime: false,
        piece: Weight::Trivial,
        frames: 128,
        block: latency(400.0),
        overruns: 2,
        late: 1,
        reloads: 9,
        events: 70_000,
        recorded: 300_000,
    };
    let parts = Parts {
        hand_over: [false, true]
            .map(|paced| HandOver {
                piece: Weight::Empty,
                frames: 64,
                paced,
                own: 0.5,
                beyond: latency(if paced { 20.0 } else { 3.0 }),
                late: 0,
            })
            .to_vec(),
        start: [Way::Nursery, Way::Program, Way::Trusted].map(start).to_vec(),
        stress: [false, true].map(stress).to_vec(),
        reload: [vec![took(Weight::Trivial)], vec![took(Weight::Moderate)]],
        instances: [vec![crowd(1), crowd(32)], vec![crowd(1)], vec![crowd(1)]],
        kill: Some(took(Weight::Trivial)),
        programs: Programs {
            reload: vec![took(Weight::Trivial)],
            instances: vec![crowd(32)],
            kill: Some(took(Weight::Trivial)),
        },
    };
    Results {
        machine: Machine {
            processor: "a processor".into(),
            processors: 2,
            memory: 4096,
            load: [0.5, 2.25],
            others: 0.4,
            busiest: vec![("rustc".into(), 0.31), ("find".into(), 0.05)],
            dev: true,
            ..Machine::default()
        },
        compared: rows(&whos),
        paced: rows(&paced_whos),
        beside: rows(&whos),
        beside_paced: rows(&paced_whos),
        crowds: vec![crowded(Many::RawInTurns, 1.0), crowded(Many::Isolated, 1.0625)],
        instructions: vec![Instructions {
            generation: Generation::Seven,
            counted: Counted::Pipelined,
            frames: 512,
            host: 4.5,
            engine: Some(17.25),
        }],
        scans: vec![Scanned { described: 3.5, created: 8.25, loads_csound: false, processes: 0 }; 3],
        queue: vec![Throughput { what: "score events".into(), senders: 4, per_second: spread(5e6) }],
        editor: vec![Frames { what: "300 channels".into(), per_second: spread(500.0) }],
        panel: Some(PanelFrames {
            widgets: 299,
            milliseconds: spread(21.5),
            by_open_gl: spread(62.5),
            changed: spread(4.75),
            looks: 50,
            drawn: 7,
        }),
        seven: parts.clone(),
        six: parts,
    }
}

#[test]
fn a_report_begins_with_the_ratios_and_says_what_falls_short() {
    let text = text(&made_up());
    assert!(text.starts_with("Time by Csound 6 over a raw loop, block after block: trivial"), "{text}");
    for part in [
        "1.0120",
        "Csound 7: time over raw",
        "CPU time over Csound 6: 1.070",
        "Csound 7: CPU over raw, without pause",
        "first turn, by Csound 7",
        "FALLS SHORT",
        "  met",
        "not measured",
        "32 isolated",
        "(1 times not",
        "300 channels",
        "A panel of 299 widgets",
        "21.50",
        "4.75",
        "7 of 50 looks",
        "a processor",
        "trusted, all",
        "Csound 7, pipelined, blocks of 512",
        "p99.9 us a block",
        "133.0",
        "17.25",
        "by Csound 7 over a raw loop",
        "at a sound card's pace: trivial",
        "raw loop, blocks of 64",
        "beside two busy programs",
        "32 instances isolated",
        "1.0625",
        "scan",
        "8.2",
        "rustc 31 %, find 5 %",
        "load 0.5 before, 2.2 after",
        "4096 MB",
        "tests' build",
    ] {
        assert!(text.contains(part), "{part} is missing:\n{text}");
    }
    assert!(!text.contains("NaN") && text.lines().all(|line| line.len() < 200), "{text}");
}

#[test]
fn what_was_not_measured_is_left_out() {
    let text = text(&Results::default());
    assert!(!text.contains("Hand-over:") && !text.contains("over a raw loop,"), "{text}");
    assert!(text.starts_with("Goals") && !text.contains("FALLS SHORT"), "{text}");
}

#[test]
fn the_files_are_written_and_the_json_holds_everything() {
    let folder = tempfile::tempdir().unwrap();
    for results in [Results::default(), made_up()] {
        write(folder.path(), &results).unwrap();
        let json = fs::read_to_string(folder.path().join("report.json")).unwrap();
        assert_eq!(serde_json::from_str::<Results>(&json).unwrap(), results);
        assert!(json.contains("\"verdict\""));
        let picture = fs::read(folder.path().join("chart.png")).unwrap();
        assert!(picture.starts_with(b"\x89PNG"));
        assert!(folder.path().join("report.txt").exists());
    }
}
