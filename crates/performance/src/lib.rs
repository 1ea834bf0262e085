//! Csound's performance thread for Rust: a piece that is performed on a thread of its own, or block by
//! block in a host's audio callback, in this process or confined in a process of its own.
//!
//! A [`PerformanceThread`] takes an instance of Csound that was compiled and started, and performs it to
//! its end. It offers every call of `CsoundPerformanceThread`: play, pause, stop, score events, input
//! messages, score offset, process callback, recording, flush, status, join.
//!
//! ```
//! # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doc/mod.rs")); }
//! # if doc::thread().is_none() { return Ok(()) }
//! use csound_library::{Csound, Io};
//! use csound_performance::{PerformanceThread, TimeBase};
//!
//! # let folder = tempfile::tempdir()?;
//! # std::env::set_current_dir(&folder)?;
//! std::fs::write("bell.csd", r#"
//!     <CsoundSynthesizer>
//!     <CsInstruments>
//!     sr = 48000
//!     ksmps = 32
//!     nchnls = 2
//!     0dbfs = 1
//!     instr 1
//!       aenv expon p4, p3, 0.001
//!       abell oscili aenv, p5
//!       outs abell, abell
//!     endin
//!     </CsInstruments>
//!     <CsScore>
//!     i 1 0 1 0.5 660
//!     </CsScore>
//!     </CsoundSynthesizer>
//! "#)?;
//!
//! let mut csound = Csound::new(Io::Own)?;
//! csound.compile(&["csound", "-n", "bell.csd"])?; // "-odac" in place of "-n": the sound card
//! csound.start()?;
//!
//! let thread = PerformanceThread::new(csound)?; // paused at the start
//! thread.record("bell.wav", 24, 64)?; // what is wrong with the path is an error here, not later
//! thread.score_event(TimeBase::Now, 'i', &[1.0, 0.5, 1.0, 0.2, 880.0])?;
//! thread.play()?;
//! let status = thread.join();
//! assert_eq!(status, 2); // 2: the end of the score; 1: stopped; below 0: an error
//! # assert!(std::fs::metadata("bell.wav")?.len() > 48_000);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What one does with it
//!
//! | you want to | use |
//! |---|---|
//! | perform a piece to its end | [`PerformanceThread`] |
//! | send notes, lines of score text, MIDI | [`Performance::score_event`], [`input_message`](Performance::input_message), [`midi_message`](Performance::midi_message) |
//! | go to another time of the score | [`Performance::set_score_offset_seconds`] |
//! | record into a WAV file | [`Performance::record`], [`record_with`](Performance::record_with), [`Recording`] |
//! | be called before each k-cycle | [`Performance::set_process_callback`] |
//! | compile orchestra code into what plays | [`Performance::compile_orc`] |
//! | evaluate it, and have its number | [`Performance::eval_code`], [`Answer`] |
//! | run something between two k-cycles | [`Performance::request_callback`] |
//! | read and write channels | [`Performance::csound`] |
//! | know that all that was sent is done | [`Performance::flush_message_queue`] |
//! | perform in an audio callback | [`blocks`] |
//! | perform a piece that may crash, hang or do harm | [`isolated`], [`PerformanceThread::isolated`] |
//!
//! # Threads
//!
//! The *performing thread* owns the engine: the thread of a [`PerformanceThread`], or the one that calls
//! [`blocks::Blocks`]. A [`Performance`] is a handle onto what it performs: clone it, send it, share it.
//! Whatever a handle is asked for goes as a [`Command`] through one bounded queue, first in, first out, so
//! commands keep their order whichever thread they come from; a full queue hands the command back. What
//! the performing thread is done with comes back over a second queue and is freed by the handles. So the
//! performing thread allocates, locks and frees nothing of ours; Csound's opcodes may do anything.
//!
//! Readings ([`status`](Performance::status), [`score_time`](Performance::score_time), …) are atomics: any
//! thread may take them at any time. All other calls may allocate or free, so they are not for an audio
//! thread. The two that wait say so.
//!
//! # Which part of the API is promised
//!
//! From version 1.0 on, what is named at the root of this crate and in [`blocks`] and [`isolated`] changes
//! by the rules of semantic versioning. Not promised are the variants of [`Command`] and the methods of
//! [`Engine`] and [`Shared`] but [`Shared::free_spent`]. The modules [`engine`], [`command`], [`fade`] and [`recorder`]
//! are public for the plugin that is built on them, for its tests and for other drivers; they may change with
//! any version.

pub mod engine;
mod performance;
mod thread;

pub use csound_library::{Generation, MidiMessage};
pub use engine::local::LocalEngine;
pub use engine::piece::{Piece, Source};
pub use engine::{AnswerError, AtEnd, ConsoleLine, Engine, PField, PieceSpec, StartError, TimeBase};
pub use performance::calls::answer::Answer;
pub use performance::command::{Command, Cycle, ProcessCallback};
pub use performance::error::PerformanceError;
pub use performance::recorder::{BitDepth, RecordError, RecordOptions, RecordState, Recording};
pub use performance::score_events::MAX_PFIELDS;
pub use performance::shared::{RunningFormat, Shared, Troubles};
pub use performance::state::Phase;
pub use performance::thread::PerformanceThread;
pub use performance::{Performance, blocks, fade, recorder};

/// The parts of a [`Command`], and the used things that come back to be freed: for the plugin and for drivers
/// of another kind.
pub mod command {
    pub use crate::performance::command::{Command, Spent};
    pub use crate::performance::score_events::event_of_text;
    pub use crate::performance::shared::COMMAND_CAPACITY;
    pub use crate::performance::state::Change;
}

/// A piece in a process of its own (Linux): it may crash, hang or be killed, and reaches only what it is
/// permitted.
///
/// The process runs the program `csound-performer-engine` of this package. Whether an engine lives here or
/// there makes no difference above it: a [`PerformanceThread`] performs either, and so do
/// [`Blocks`](blocks::Blocks).
///
/// ```no_run
/// // Compiled only: it needs the engine program.
/// use std::sync::Arc;
///
/// use csound_performance::blocks::{Blocks, Seat, Timing, arrivals};
/// use csound_performance::isolated::{Confinement, Options, RemoteEngine};
/// use csound_performance::{Performance, Piece, PieceSpec, Shared, Source};
///
/// let text = std::fs::read_to_string("piece.csd")?;
/// let piece = Piece { name: "piece.csd".into(), source: Source::Csd(text), folder: None };
/// let options = Options::new("/usr/bin/csound-performer-engine".into(), Some(Confinement::default()));
/// let started = RemoteEngine::start(&PieceSpec::new(piece, 48_000.0), &options, &mut |line| {
///     println!("{}", line.text);
/// })?;
/// let handle = started.engine.handle();
///
/// let (shared, arrivals) = (Arc::<Shared>::default(), arrivals());
/// let performance = Performance::new(Arc::clone(&shared));
/// let mut blocks = Blocks::new(shared, Arc::clone(&arrivals));
/// arrivals.force_push(Box::new(Seat::new(Box::new(started.engine), 512)));
/// blocks.activate(48_000.0, 512, Timing::Exact);
///
/// performance.set_score_offset_seconds(2.0)?;
/// let (mut left, mut right) = ([0.0; 512], [0.0; 512]);
/// blocks.begin(512, false).finish(&mut [&mut left, &mut right]);
/// if let Some(reason) = handle.take_end() {
///     println!("the engine ended: {reason}");
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[cfg(target_os = "linux")]
pub mod isolated {
    pub use crate::engine::Started;
    pub use crate::engine::protocol::{Bounds, Confinement, Network};
    pub use crate::engine::remote::{EngineHandle, Nurseries, Options, RemoteEngine};
}

/// The programs of the README, compiled.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
mod readme {}

#[cfg(test)]
mod tests {
    /// A process loads one Csound, so that the tests of this program run again in another one.
    #[test]
    fn everything_here_holds_over_csound_7() {
        if test_host::testing::again_over_csound_7(&[]) {
            let library = csound_library::Library::get().unwrap();
            assert_eq!(library.generation(), csound_library::Generation::Seven);
        }
    }
}
