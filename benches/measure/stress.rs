//! The audio thread's blocks at the pace of a sound card, in quiet and while other threads reload the
//! piece, record and send events. What the plugin is made of, without the plugin's shell.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use csound_library::FlushDenormals;
use csound_performance::TimeBase;
use csound_performance::blocks::Blocks;
use csound_performance::engine::framing::Timing;
use csound_performance::engine::piece::{Piece, Source};
use csound_performance::engine::{AtEnd, platform};
use csound_performance::{BitDepth, RecordOptions};
use csound_performer::plugin::control::Control;
use csound_performer::plugin::shared::errand::Errand;
use csound_performer::plugin::shared::link::Link;
use csound_performer::plugin::shared::locked::{HostFormat, PieceState};
use csound_performer::plugin::shared::requests::StartOptions;
use test_host::measure::figures::Latency;
use test_host::measure::job::{self, Stress};
use test_host::measure::pieces::{RATE, Weight};
use test_host::session;

use super::plain;

/// Frames of a block.
const FRAMES: usize = 128;

/// How long a block sounds.
const PERIOD: Duration = Duration::from_nanos((FRAMES as f64 / RATE * 1e9) as u64);

/// Blocks before anything is measured: notes begin, memory is touched for the first time.
const WARM_UP: Duration = Duration::from_millis(300);

/// Events that are sent at a time, and how often, for 10000 a second.
const EVENTS: usize = 10;
const EVENTS_EVERY: Duration = Duration::from_millis(1);

/// How often the piece is reloaded, and how long a recording is.
const RELOAD_EVERY: Duration = Duration::from_millis(500);
const RECORDING: Duration = Duration::from_millis(700);

/// The priority that JACK gives to its clients' audio threads, on most systems.
const PRIORITY: u32 = 70;

/// What the audio thread and the others share.
struct Stage {
    link: Arc<Link>,
    over: AtomicBool,
    events: AtomicUsize,
    reloads: AtomicUsize,
}

/// Measures blocks in quiet and under stress, with real-time scheduling where the system allows it.
pub fn measure(seconds: f64, timing: session::Timing) -> Result<()> {
    let timing = match timing {
        session::Timing::Exact => Timing::Exact,
        session::Timing::Immediate => Timing::Immediate,
        session::Timing::Pipelined => Timing::Pipelined,
    };
    let duration = Duration::from_secs_f64(seconds);
    for piece in [Weight::Trivial, Weight::Moderate] {
        for stressed in [false, true] {
            job::answer(&one(piece, duration, timing, stressed)?)?;
        }
    }
    Ok(())
}

fn one(piece: Weight, duration: Duration, timing: Timing, stressed: bool) -> Result<Stress> {
    let link = Arc::new(Link::default());
    let control = Control::new(Arc::clone(&link));
    ensure!(control.start(), "no thread could be started");
    let name = format!("{}.csd", piece.name());
    link.ask(Errand::Load(Piece { name, source: Source::Csd(piece.csd()), folder: None }));
    let host = HostFormat { sample_rate: RATE, largest: FRAMES, outputs: 2 };
    link.activate(host, StartOptions { at_end: AtEnd::Stop, sample_accurate: false }, false);
    link.wait_built();
    ensure!(link.piece_state() == PieceState::Ready, "the piece does not perform: {:?}", link.piece_state());
    let mut blocks = Blocks::new(Arc::clone(&link.shared), Arc::clone(&link.arrivals));
    blocks.activate(RATE, FRAMES, timing);
    let stage = Stage {
        link,
        over: AtomicBool::new(false),
        events: AtomicUsize::new(0),
        reloads: AtomicUsize::new(0),
    };
    let ((realtime, times), recorded) = std::thread::scope(|scope| {
        let audio = scope.spawn(|| perform(blocks, duration));
        let others = stressed.then(|| {
            (scope.spawn(|| send(&stage)), scope.spawn(|| reload(&stage)), scope.spawn(|| record(&stage)))
        });
        let performed = audio.join().unwrap_or_default();
        stage.over.store(true, Ordering::Relaxed);
        (performed, others.map(|(_, _, record)| record.join().unwrap_or(Ok(0))))
    });
    let overruns = times.iter().filter(|time| **time > PERIOD.as_nanos() as u64).count();
    let troubles = stage.link.performance().troubles();
    Ok(Stress {
        piece,
        isolated: stage.link.performance().csound().is_none(),
        pipelined: timing == Timing::Pipelined,
        stressed,
        realtime,
        frames: FRAMES,
        block: Latency::of(times, 0.0),
        overruns,
        late: troubles.late_turns,
        reloads: stage.reloads.into_inner(),
        events: stage.events.into_inner(),
        recorded: recorded.unwrap_or(Ok(0))?,
    })
}

/// The audio thread: whether it has real-time scheduling, and how long each block took, in
/// nanoseconds.
fn perform(mut blocks: Blocks, duration: Duration) -> (bool, Vec<u64>) {
    let realtime = platform::Scheduling::in_real_time(PRIORITY).give_to(0).is_ok();
    let _denormals = FlushDenormals::new();
    let mut times = Vec::with_capacity((duration.as_secs_f64() / PERIOD.as_secs_f64()) as usize + 1);
    let (mut left, mut right) = ([0.0; FRAMES], [0.0; FRAMES]);
    let began = Instant::now() + WARM_UP;
    let mut next = Instant::now();
    while next < began + duration {
        std::thread::sleep(next.saturating_duration_since(Instant::now()));
        next += PERIOD;
        let block = Instant::now();
        blocks.begin(FRAMES, false).finish(&mut [&mut left, &mut right]);
        if block >= began {
            times.push(block.elapsed().as_nanos() as u64);
        }
        // A sound card whose blocks were late goes on from now.
        next = next.max(Instant::now().checked_sub(PERIOD).unwrap_or(next));
    }
    (realtime, times)
}

fn send(stage: &Stage) {
    let performance = stage.link.performance();
    let began = Instant::now();
    let mut due = 0;
    while !stage.over.load(Ordering::Relaxed) {
        due += EVENTS;
        for _ in 0..EVENTS {
            // Instrument 9 does nothing. A full queue loses the event, and it is not counted.
            let sent = performance.score_event(TimeBase::Now, 'i', &[9.0, 0.0, 0.001]);
            stage.events.fetch_add(usize::from(sent.is_ok()), Ordering::Relaxed);
        }
        let next = began + EVENTS_EVERY * (due / EVENTS) as u32;
        std::thread::sleep(next.saturating_duration_since(Instant::now()));
    }
}

fn reload(stage: &Stage) {
    while !stage.over.load(Ordering::Relaxed) {
        std::thread::sleep(RELOAD_EVERY);
        stage.link.ask(Errand::Reload);
        stage.link.wait_built();
        stage.reloads.fetch_add(1, Ordering::Relaxed);
    }
}

/// Records again and again; the frames of all recordings.
fn record(stage: &Stage) -> Result<u64> {
    let folder = tempfile::TempDir::with_prefix("csound-performer-bench-")?;
    let performance = stage.link.performance();
    let mut frames = 0;
    while !stage.over.load(Ordering::Relaxed) {
        let path = folder.path().join("take.wav");
        performance
            .record_with(RecordOptions { path, depth: BitDepth::Float32, buffers: 64, overwrite: true })
            .map_err(plain)?;
        std::thread::sleep(RECORDING);
        performance.stop_record().map_err(plain)?;
        frames += performance.recording().map_or(0, |recording| recording.frames_written());
    }
    Ok(frames)
}
