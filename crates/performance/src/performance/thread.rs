//! The library's driver: a thread of our own performs a compiled Csound instance, as the reference
//! `CsoundPerformanceThread` does. Paused at the start.

use std::ops::Deref;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use crate::engine::local::LocalEngine;
use crate::engine::planes::Planes;
#[cfg(target_os = "linux")]
use crate::engine::{ConsoleLine, PieceSpec, StartError, remote};
use crate::engine::{Engine, Span};
use csound_library::{Csound, FlushDenormals};

use super::Performance;
use super::blocks::NOW;
use super::performer::Performer;
use super::seat::Seat;
use super::shared::{Shared, lock};
use super::state::{Life, Phase, State};

/// The time after which a paused performance looks for commands again.
const PAUSED_LOOK: Duration = Duration::from_millis(1);

/// The longest wait for a disk that does not keep up with a recording.
const RECORD_PATIENCE: Duration = Duration::from_secs(2);

/// A thread that performs a piece to its end. Steered through the [`Performance`] it dereferences
/// to; dropping it stops the performance and waits for the thread. The [crate's page](crate) shows how one
/// is made.
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doc/mod.rs")); }
/// # let Some(thread) = doc::thread() else { return Ok(()) };
/// thread.input_message("i 1 0.05 1 0.2 440")?; // paused until `play`, so it begins at 0.05 s
/// thread.play()?;
/// thread.set_score_offset_seconds(1.0)?;
/// assert_eq!(thread.join(), 2); // the end of the score
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct PerformanceThread {
    performance: Performance,
    thread: Option<JoinHandle<()>>,
}

/// The consequence of one step of the thread.
enum Next {
    Go,
    Wait,
    End,
}

impl PerformanceThread {
    /// A thread over an instance that was compiled and started. It is paused until
    /// [`play`](Performance::play). An instance that was never started then ends with status -1, as in the
    /// reference.
    ///
    /// # Errors
    /// The system's error, if it cannot start a thread.
    pub fn new(csound: Csound) -> std::io::Result<Self> {
        Self::with_engine(Box::new(LocalEngine::of(csound)))
    }

    /// A thread over a piece in a process of its own, which may crash, hang or be killed: the
    /// performance then ends with a negative status, and the handle says why. There is no
    /// [`csound`](Performance::csound) to hold. Csound's messages go to `console` while the piece compiles,
    /// later ones to the handle.
    ///
    /// ```no_run
    /// // Compiled only: it needs the engine program.
    /// use csound_performance::isolated::{Confinement, Options};
    /// use csound_performance::{AtEnd, PerformanceThread, Piece, PieceSpec, Source};
    ///
    /// let text = std::fs::read_to_string("piece.csd")?;
    /// let piece = Piece { name: "piece.csd".into(), source: Source::Csd(text), folder: None };
    /// let spec = PieceSpec { at_end: AtEnd::Stop, ..PieceSpec::new(piece, 48_000.0) };
    /// let options = Options::new("csound-performer-engine".into(), Some(Confinement::default()));
    /// let (thread, handle) = PerformanceThread::isolated(&spec, &options, &mut |line| println!("{}", line.text))?;
    /// thread.record("piece.wav", 24, 64)?;
    /// thread.play()?;
    /// if thread.join() < 0 {
    ///     println!("{}", handle.take_end().unwrap_or_default());
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`StartError`]; what the system says when it cannot start a thread is one of them.
    #[cfg(target_os = "linux")]
    pub fn isolated(
        spec: &PieceSpec,
        options: &remote::Options,
        console: &mut dyn FnMut(ConsoleLine),
    ) -> Result<(Self, remote::EngineHandle), StartError> {
        let engine = remote::RemoteEngine::start(spec, options, console)?.engine;
        let handle = engine.handle();
        let thread = Self::with_engine(Box::new(engine)).map_err(|error| {
            StartError::Process(format!("no thread could be started to perform in: {error}"))
        })?;
        Ok((thread, handle))
    }

    /// A thread over any engine, such as a [`LocalEngine`](crate::LocalEngine).
    ///
    /// # Errors
    /// The system's error, if it cannot start a thread.
    pub fn with_engine(engine: Box<dyn Engine>) -> std::io::Result<Self> {
        let shared = Arc::new(Shared::default());
        *lock(&shared.csound) = engine.csound();
        let performance = Performance::new(Arc::clone(&shared));
        let mut performer = Performer::new(Arc::clone(&shared), State::new(Phase::Paused, Life::Once));
        performer.be_patient(RECORD_PATIENCE);
        performer.seat(Box::new(Seat::new(engine, 0)), 0);
        let thread = std::thread::Builder::new()
            .name("csound performance".into())
            .spawn(move || run(&shared, performer))?;
        Ok(Self { performance, thread: Some(thread) })
    }

    /// A handle that can outlive the thread.
    pub fn performance(&self) -> Performance {
        self.performance.clone()
    }

    /// Waits for the end of the performance, releases everything and returns the status: 2 at the
    /// end of the score, 1 after `stop`, negative after an error.
    pub fn join(mut self) -> i32 {
        self.end_thread();
        self.performance.status()
    }

    fn end_thread(&mut self) {
        let Some(thread) = self.thread.take() else { return };
        if thread.join().is_err() {
            // A panic on the thread is a defect of ours; its performance counts as failed.
            self.performance.shared.close();
        }
        self.performance.shared.free_spent();
        *lock(&self.performance.shared.csound) = None;
    }
}

impl Deref for PerformanceThread {
    type Target = Performance;

    fn deref(&self) -> &Performance {
        &self.performance
    }
}

impl Drop for PerformanceThread {
    fn drop(&mut self) {
        while self.thread.is_some() && self.performance.stop().is_err() {
            std::thread::sleep(PAUSED_LOOK);
        }
        self.end_thread();
    }
}

fn run(shared: &Shared, mut performer: Performer) {
    let denormals = FlushDenormals::new();
    let input = Planes::default();
    loop {
        match step(shared, &mut performer, &input) {
            Next::Go => {}
            Next::Wait => std::thread::sleep(PAUSED_LOOK),
            Next::End => break,
        }
    }
    performer.close();
    drop(denormals);
    shared.close();
}

/// One k-cycle, or one look at the queue.
fn step(shared: &Shared, performer: &mut Performer, input: &Planes) -> Next {
    shared.attend();
    performer.take_commands(NOW);
    match performer.state().phase() {
        Phase::Playing => performer.perform(Span::at_front(1), input, true, &mut || None),
        Phase::Paused => performer.attend(input, true),
        Phase::Ended => {}
    }
    match performer.state().phase() {
        Phase::Playing => Next::Go,
        Phase::Paused => Next::Wait,
        Phase::Ended => Next::End,
    }
}
