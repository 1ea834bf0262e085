//! A performance thread over a piece, and what its tests look at.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use csound_library::{Csound, Io};
use csound_performance::PerformanceThread;
use csound_performance::engine::piece::{Piece, Source};
use csound_performance::engine::protocol::Confinement;
use csound_performance::engine::remote::{Options, RemoteEngine};
use csound_performance::engine::{AtEnd, Engine, PieceSpec};
use csound_performance::{RecordState, Recording};

use crate::common::csd;

pub const HEADER: &str = "sr = 48000\nksmps = 32\nnchnls = 2\n";

/// A constant, so that every performed frame is known.
pub const STEADY: &str = "instr 1\na1 = p4\nouts a1, a1 * 0.5\nendin\n\
                      instr 2\nSname = p4\niset strtod Sname\nchnset iset, \"said\"\na1 = 0\nouts a1, a1\nendin\n";

pub struct Bench {
    pub thread: PerformanceThread,
    pub folder: tempfile::TempDir,
}

impl Bench {
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

/// Whether these are the tests over an engine in a process of its own.
pub fn is_isolated() -> bool {
    module_path!().contains("::isolated::")
}

/// The same piece in a process of its own.
pub fn isolated_bench(text: String) -> Bench {
    let spec = PieceSpec {
        at_end: AtEnd::Stop,
        channel_defaults: false,
        ..PieceSpec::new(
            Piece { name: "piece.csd".into(), source: Source::Csd(text), folder: None },
            48_000.0,
        )
    };
    let program = env!("CARGO_BIN_EXE_csound-performer-engine").into();
    let options = Options::new(program, Some(Confinement::default()));
    let mut engine = RemoteEngine::start(&spec, &options, &mut |_| ()).unwrap().engine;
    engine.bind(&[Some("said".to_owned())]);
    let thread = PerformanceThread::with_engine(Box::new(engine)).unwrap();
    Bench { thread, folder: tempfile::tempdir().unwrap() }
}

/// A thread over a piece, without sound devices, paused at its start.
pub fn bench(header: &str, body: &str, score: &str) -> Bench {
    if is_isolated() {
        return isolated_bench(csd("", header, body, score));
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("piece.csd");
    std::fs::write(&path, csd("", header, body, score)).unwrap();
    let mut csound = Csound::new(Io::Own).unwrap();
    csound.compile(&["csound", "-n", "-d", path.to_str().unwrap()]).unwrap();
    csound.start().unwrap();
    Bench { thread: PerformanceThread::new(csound).unwrap(), folder }
}

pub fn steady(score: &str) -> Bench {
    bench(HEADER, STEADY, score)
}

pub fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let began = Instant::now();
    while !holds() {
        assert!(began.elapsed() < Duration::from_secs(20), "{what}: not within 20 s");
        std::thread::sleep(Duration::from_millis(2));
    }
}

pub fn closed(recording: &Recording) {
    eventually("the file is closed", || recording.state() == RecordState::Closed);
}

pub fn read(path: &Path) -> (hound::WavSpec, Vec<f32>) {
    let mut reader = hound::WavReader::open(path).unwrap();
    let spec = reader.spec();
    let samples = match spec.sample_format {
        hound::SampleFormat::Float => reader.samples::<f32>().map(Result::unwrap).collect(),
        hound::SampleFormat::Int => {
            let full = (1_u32 << (spec.bits_per_sample - 1)) as f32;
            reader.samples::<i32>().map(|sample| sample.unwrap() as f32 / full).collect()
        }
    };
    (spec, samples)
}
