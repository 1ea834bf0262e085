//! What the tests of engine processes share.
#![allow(dead_code, reason = "each test program uses its part")]

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use csound_performance::engine::piece::{Piece, Source};
use csound_performance::engine::planes::Planes;
use csound_performance::engine::protocol::Confinement;
use csound_performance::engine::remote::{EngineHandle, Nurseries, Options, RemoteEngine};
use csound_performance::engine::{
    AtEnd, ConsoleLine, Engine, Event, MidiOut, Outcome, PieceSpec, Span, Turn,
};
use test_host::processes;
pub use test_host::processes::is_alive;
use test_host::processes::is_nursery;

use super::csd;

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
    processes::children().into_iter().filter(|child| !is_nursery(*child)).collect()
}

/// The nurseries of this process.
pub fn nurseries() -> Vec<i32> {
    processes::children().into_iter().filter(|child| is_nursery(*child)).collect()
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

/// Starts a piece that never compiles through, and says why it has ended all the same. Once it is at it, calls
/// `at_it`.
pub fn start_endless(options: Options, mut at_it: impl FnMut()) -> String {
    let options = Options { compile_limit: Duration::from_secs(3600), ..options };
    let text = csd("", "prints \"forever\\n\"\nwhile 1 == 1 do\nod\n", "instr 1\nendin\n", "");
    let mut listen = |line: ConsoleLine| {
        if line.text.contains("forever") {
            at_it();
        }
    };
    RemoteEngine::start(&spec(text), &options, &mut listen).err().expect("it never ends").to_string()
}

/// Runs this test (its whole path) again in a process of its own. There it is a host, which is to print `processes`
/// and numbers; it is killed as soon as it has, and these processes have to end by themselves.
pub fn end_with_their_host(test: &str, host: impl FnOnce() -> String) {
    const VARIABLE: &str = "CSOUND_PERFORMER_TEST_HOST";
    if std::env::var_os(VARIABLE).is_some() {
        panic!("it is over: {}", host());
    }
    let mut host = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture"])
        .env(VARIABLE, "1")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(host.stdout.take().unwrap()).lines().map_while(Result::ok);
    let told = lines.find_map(|line| line.strip_prefix("processes ").map(ToOwned::to_owned));
    let told = told.expect("processes");
    let processes: Vec<i32> = told.split(' ').map(|number| number.parse().unwrap()).collect();
    assert!(processes.iter().all(|process| is_alive(*process)), "{processes:?}");
    host.kill().unwrap();
    host.wait().unwrap();
    for process in processes {
        eventually("it ends", || (!is_alive(process)).then_some(()));
    }
}
