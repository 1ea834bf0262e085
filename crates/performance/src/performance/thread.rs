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
/// to; dropping it stops the performance and waits for the thread.
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
    /// Takes a compiled and started instance; it is paused until [`play`](Performance::play). The
    /// performance of an instance that was never started then ends with status -1, as in the
    /// reference.
    ///
    /// # Errors
    /// What the system says when it cannot start a thread.
    pub fn new(csound: Csound) -> std::io::Result<Self> {
        Self::with_engine(Box::new(LocalEngine::of(csound)))
    }

    /// The same for a piece in a process of its own, which may crash, hang or be killed: the
    /// performance then ends with a negative status, and the handle says why. There is no
    /// [`csound`](Performance::csound) to hold. What Csound says while the piece compiles goes to
    /// `console`, later lines to the handle.
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

    /// The same over any engine.
    ///
    /// # Errors
    /// What the system says when it cannot start a thread.
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

    /// Waits for the end of the performance, releases everything and returns the status: positive
    /// after `stop` or the end of the score, negative after an error.
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
        Phase::Playing => performer.perform(Span::at_front(1), input, true),
        Phase::Paused => performer.attend(input, true),
        Phase::Ended => {}
    }
    match performer.state().phase() {
        Phase::Playing => Next::Go,
        Phase::Paused => Next::Wait,
        Phase::Ended => Next::End,
    }
}
