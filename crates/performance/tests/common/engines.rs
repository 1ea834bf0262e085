//! What the tests of engine processes share.
#![allow(dead_code, reason = "each test program uses its part")]

use std::path::PathBuf;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use csound_performance::engine::piece::{Piece, Source};
use csound_performance::engine::planes::Planes;
use csound_performance::engine::protocol::Confinement;
use csound_performance::engine::remote::{EngineHandle, Nurseries, Options};
use csound_performance::engine::{AtEnd, Engine, Event, MidiOut, Outcome, PieceSpec, Span, Turn};
use test_host::measure::usage::is_nursery;

/// The nurseries of this program, which outlive its engines.
static NURSERIES: LazyLock<Option<Nurseries>> = LazyLock::new(Nurseries::if_wanted);

/// Keeps them between two engines.
pub fn keep_nurseries() {
    LazyLock::force(&NURSERIES);
}

pub fn options() -> Options {
    keep_nurseries();
    Options::new(PathBuf::from(env!("CARGO_BIN_EXE_csound-performer-engine")), Some(Confinement::default()))
}

pub fn spec(text: String) -> PieceSpec {
    PieceSpec {
        at_end: AtEnd::Stop,
        ..PieceSpec::new(
            Piece { name: "piece.csd".into(), source: Source::Csd(text), folder: None },
            48_000.0,
        )
    }
}

/// One turn of `cycles` k-cycles without input; its output, interleaved as planes.
pub fn turn(
    engine: &mut dyn Engine,
    cycles: usize,
    events: &mut [Event],
    offline: bool,
) -> (Outcome, Planes) {
    let mut output = Planes::new(engine.format().outputs.max(1), cycles * engine.format().ksmps);
    let mut midi_out: Vec<MidiOut> = Vec::with_capacity(64);
    let input = Planes::new(4, cycles * engine.format().ksmps);
    let mut turn = Turn {
        span: Span::at_front(cycles),
        input: &input,
        output: &mut output,
        events,
        midi_out: &mut midi_out,
        offline,
    };
    (engine.perform(&mut turn), output)
}

/// The bits of a sample, where subnormals count as nothing: a host flushes them to zero.
pub fn plain(sample: f32) -> u32 {
    if sample.is_subnormal() { 0 } else { (sample + 0.0).to_bits() }
}

/// The processes that this one has started and not yet waited for, but for nurseries.
pub fn children() -> Vec<i32> {
    all_children().into_iter().filter(|child| !is_nursery(*child)).collect()
}

/// The nurseries of this process.
pub fn nurseries() -> Vec<i32> {
    all_children().into_iter().filter(|child| is_nursery(*child)).collect()
}

fn all_children() -> Vec<i32> {
    let threads = std::fs::read_dir("/proc/self/task").unwrap().flatten();
    // A thread may end meanwhile.
    let lists = threads.filter_map(|thread| std::fs::read_to_string(thread.path().join("children")).ok());
    lists.collect::<String>().split_whitespace().map(|child| child.parse().unwrap()).collect()
}

pub fn is_alive(process: i32) -> bool {
    std::fs::read_to_string(format!("/proc/{process}/stat")).is_ok_and(|stat| !stat.contains(") Z "))
}

pub fn eventually<T>(what: &str, mut there: impl FnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(found) = there() {
            return found;
        }
        assert!(began.elapsed() < Duration::from_secs(40), "{what}: not within 40 s");
        std::thread::sleep(Duration::from_millis(5));
    }
}

pub fn death(handle: &EngineHandle) -> String {
    eventually("the engine's end is reported", || handle.take_end())
}
