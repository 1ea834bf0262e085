//! A piece being performed, and the handle that steers it.
//!
//! [`Performance`] sends commands through a bounded queue to the [`performer`] on the performing thread;
//! its readings are atomics.
//!
//! Reading order: [`command`] (what can be asked), [`state`] (does it play?), [`performer`] (commands in,
//! turns out), then the two drivers: [`thread`] (a thread of our own, as the reference) and [`blocks`] (a
//! host's process callback). [`recorder`] writes files on a thread of its own; [`shared`] is what the
//! threads have in common; [`fade`] hides gaps.

pub mod blocks;
pub(crate) mod calls;
pub(crate) mod command;
pub(crate) mod error;
pub mod fade;
mod performer;
pub mod recorder;
pub(crate) mod score_events;
mod seat;
pub(crate) mod shared;
pub(crate) mod state;
pub(crate) mod thread;

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::engine::{EventKind, MidiMessage, PField, TimeBase};
use csound_library::CsoundHandle;

use command::{Command, ProcessCallback};
use error::PerformanceError;
use recorder::{BitDepth, RecordOptions, Recording};
use score_events::{event_of_text, make_event};
use shared::{LOOK_AGAIN, Shared, Troubles, UNATTENDED_SECONDS, lock};
use state::{Change, Phase};

/// A handle onto a performance: a piece being performed. Clone it, send it, share it.
///
/// It comes from a [`PerformanceThread`](crate::PerformanceThread), which dereferences to one and may end
/// before it; or it is made over the [`Shared`] of a host's [`Blocks`](crate::blocks::Blocks).
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doc/mod.rs")); }
/// # let Some(thread) = doc::thread() else { return Ok(()) };
/// let performance = thread.performance();
/// let conductor = std::thread::spawn(move || {
///     performance.input_message("i 1 0 0.2 0.5 440")?;
///     performance.play()?;
///     performance.join() // 0.2 s of sound later
/// });
/// assert_eq!(conductor.join().unwrap()?, 2);
/// assert!(thread.score_time() >= 0.2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// Each command can be refused with [`PerformanceError::QueueFull`]: a few thousand wait already. After
/// the end of the performance commands are accepted, and do nothing.
///
/// # Realtime safety
/// Readings are safe ([`status`](Self::status), [`is_running`](Self::is_running), [`phase`](Self::phase),
/// [`score_time`](Self::score_time), [`frames`](Self::frames), [`troubles`](Self::troubles),
/// [`process_callback`](Self::process_callback)). Other calls may allocate, free, or lock a mutex that no
/// performing thread locks.
#[derive(Clone)]
pub struct Performance {
    shared: Arc<Shared>,
}

impl Performance {
    /// A handle onto what a driver shares: the one that a host's [`Blocks`](crate::blocks::Blocks) was
    /// given.
    pub fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }

    /// Plays, or plays on, from the next k-cycle. After the end, a [`PerformanceThread`] does nothing; a
    /// host's driver performs the piece afresh, once its owner has brought a fresh engine.
    ///
    /// [`PerformanceThread`]: crate::PerformanceThread
    ///
    /// # Errors
    /// [`PerformanceError::QueueFull`].
    pub fn play(&self) -> Result<(), PerformanceError> {
        self.send(Command::Change(Change::Play))
    }

    /// Pauses at the nearest k boundary. While paused, commands are still executed.
    ///
    /// # Errors
    /// [`PerformanceError::QueueFull`].
    pub fn pause(&self) -> Result<(), PerformanceError> {
        self.send(Command::Change(Change::Pause))
    }

    /// Pauses a performance that plays, plays one that is paused.
    ///
    /// # Errors
    /// [`PerformanceError::QueueFull`].
    pub fn toggle_pause(&self) -> Result<(), PerformanceError> {
        self.send(Command::Change(Change::Toggle))
    }

    /// Ends the performance with status 1. That of a performance thread cannot be continued.
    ///
    /// # Errors
    /// [`PerformanceError::QueueFull`].
    pub fn stop(&self) -> Result<(), PerformanceError> {
        self.send(Command::Change(Change::Stop))
    }

    /// Sends a score event: one of the statements `i`, `f`, `a`, `q`, `d`, `e`. `pfields` begin with p1; p2
    /// is in seconds from `time_base`, p3 in seconds. P-fields are numbers, or strings as [`PField`].
    ///
    /// In a piece with `--sample-accurate` it starts on its exact frame, otherwise at the nearest k
    /// boundary. An absolute time that has passed makes p2 zero; a positive p3 is then shortened by the
    /// lateness, and the event dropped if nothing is left ([`Troubles::late_events`] counts both).
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doc/mod.rs")); }
    /// # let Some(thread) = doc::thread() else { return Ok(()) };
    /// use csound_performance::{PField, TimeBase};
    ///
    /// // Half a second from now, for a second.
    /// thread.score_event(TimeBase::Now, 'i', &[1.0, 0.5, 1.0, 0.2, 440.0])?;
    /// // Two seconds after the beginning of the performance.
    /// thread.score_event(TimeBase::Start, 'i', &[1.0, 2.0, 1.0, 0.2, 660.0])?;
    /// // Strings and numbers.
    /// let fields = [PField::from(2.0), 0.0.into(), 0.1.into(), "ding dong".into()];
    /// thread.score_event(TimeBase::Now, 'i', &fields)?;
    /// assert!(thread.score_event(TimeBase::Now, 'i', &[f64::NAN]).is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`PerformanceError::Event`] for an unknown opcode, no p-fields, more than
    /// [`MAX_PFIELDS`](crate::MAX_PFIELDS), a number that is not finite or a string with a quote, a backslash
    /// or a line end; [`PerformanceError::QueueFull`].
    pub fn score_event<'a, P>(
        &self,
        time_base: TimeBase,
        opcode: char,
        pfields: &'a [P],
    ) -> Result<(), PerformanceError>
    where
        PField: From<&'a P>,
    {
        let event = make_event(time_base, opcode, pfields.iter().map(PField::from).collect())?;
        self.send(Command::Event(EventKind::Score(Box::new(event))))
    }

    /// Sends a line of score text, as typed to `csound -L`. Times count from now, in seconds.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doc/mod.rs")); }
    /// # let Some(thread) = doc::thread() else { return Ok(()) };
    /// use csound_performance::PerformanceError;
    ///
    /// thread.input_message("i 1 0 0.5 0.2 440 ; a comment")?;
    /// // Csound's reader crashes on some lines. They are refused, with the reason.
    /// let refused = thread.input_message("i 1 0 [");
    /// assert!(matches!(refused, Err(PerformanceError::Text(_))));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`PerformanceError::Text`] for a line that would not survive Csound's parser;
    /// [`PerformanceError::QueueFull`].
    pub fn input_message(&self, message: &str) -> Result<(), PerformanceError> {
        self.send(Command::Event(event_of_text(message)?))
    }

    /// Sends one whole MIDI channel message to the piece, for the next k-cycle. An instance with Csound's own
    /// MIDI ([`Io::Own`](csound_library::Io::Own)) reads its devices instead.
    ///
    /// # Errors
    /// [`PerformanceError::QueueFull`].
    pub fn midi_message(&self, message: MidiMessage) -> Result<(), PerformanceError> {
        self.send(Command::Event(EventKind::Midi(message)))
    }

    /// Moves the score to `seconds` from its beginning. Csound performs the k-cycles in between unheard,
    /// within one call: a long way takes time.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doc/mod.rs")); }
    /// # let Some(thread) = doc::thread() else { return Ok(()) };
    /// thread.input_message("f 0 20")?; // the score lasts 20 s
    /// thread.set_score_offset_seconds(19.9)?;
    /// thread.play()?;
    /// let performance = thread.performance();
    /// assert_eq!(thread.join(), 2); // 0.1 s later
    /// assert!(performance.score_time() >= 19.9);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`PerformanceError::Time`] if `seconds` is negative or not finite;
    /// [`PerformanceError::QueueFull`].
    pub fn set_score_offset_seconds(&self, seconds: f64) -> Result<(), PerformanceError> {
        if !(seconds.is_finite() && seconds >= 0.0) {
            return Err(PerformanceError::Time(seconds));
        }
        self.send(Command::Event(EventKind::Seek(seconds)))
    }

    /// Sets the function that is called once before each k-cycle, not while paused; `None` takes it away.
    /// It runs on the performing thread, so in a host's driver it has to be realtime safe.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doc/mod.rs")); }
    /// # let Some(thread) = doc::thread() else { return Ok(()) };
    /// use std::sync::Arc;
    /// use std::sync::atomic::{AtomicU32, Ordering};
    ///
    /// use csound_performance::Cycle;
    ///
    /// let count = Arc::new(AtomicU32::new(0));
    /// let counted = Arc::clone(&count);
    /// let callback = move |cycle: &Cycle<'_>| {
    ///     assert_eq!(cycle.frames() % 32, 0);
    ///     counted.fetch_add(1, Ordering::Relaxed);
    /// };
    /// thread.set_process_callback(Some(Box::new(callback)))?;
    /// thread.play()?;
    /// assert_eq!(thread.join(), 2);
    /// assert!(count.load(Ordering::Relaxed) >= 150); // 0.1 s of 32 frames at 48 kHz
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`PerformanceError::QueueFull`].
    pub fn set_process_callback(&self, callback: Option<ProcessCallback>) -> Result<(), PerformanceError> {
        self.send(Command::Callback(callback.map(Box::new)))
    }

    /// True while a process callback is set.
    pub fn process_callback(&self) -> bool {
        self.shared.has_callback()
    }

    /// Starts recording Csound's output (before any gain of a host) into a new WAV file of 16 or 24
    /// `bits` PCM or 32 bit float, with the rate and channels of the running piece. `buffers` (1 to
    /// 1024) sizes the ring between the performing thread and the disk, in buffers of at least 1024
    /// frames. An existing file is never overwritten; see [`record_with`](Self::record_with).
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doc/mod.rs")); }
    /// # let Some(thread) = doc::thread() else { return Ok(()) };
    /// use csound_performance::RecordState;
    ///
    /// # let folder = tempfile::tempdir()?;
    /// # std::env::set_current_dir(&folder)?;
    /// assert!(thread.record("no such folder/take.wav", 24, 64).is_err());
    /// thread.record("take.wav", 24, 64)?;
    /// thread.play()?;
    /// let performance = thread.performance();
    /// thread.join();
    /// performance.stop_record()?; // on return the file is complete
    /// let recording = performance.recording().unwrap();
    /// assert_eq!(recording.state(), RecordState::Closed);
    /// assert_eq!(recording.frames_lost(), 0);
    /// println!("{:.1} s in {}", recording.seconds(), recording.path().display());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`PerformanceError::Record`] if the file cannot be made, or the depth is none of the three;
    /// [`PerformanceError::NoPiece`]; [`PerformanceError::QueueFull`].
    pub fn record(&self, path: impl AsRef<Path>, bits: u32, buffers: usize) -> Result<(), PerformanceError> {
        let depth = BitDepth::try_from(bits)?;
        self.record_with(RecordOptions { path: path.as_ref().to_owned(), depth, buffers, overwrite: false })
    }

    /// Starts recording as [`record`](Self::record) does, with every choice of [`RecordOptions`].
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doc/mod.rs")); }
    /// # let Some(thread) = doc::thread() else { return Ok(()) };
    /// use csound_performance::{BitDepth, RecordOptions};
    ///
    /// # let folder = tempfile::tempdir()?;
    /// # std::env::set_current_dir(&folder)?;
    /// std::fs::write("take.wav", "an older take")?;
    /// thread.record_with(RecordOptions {
    ///     path: "take.wav".into(),
    ///     depth: BitDepth::Float32,
    ///     buffers: 100,
    ///     overwrite: true,
    /// })?;
    /// # thread.stop_record()?;
    /// # assert_eq!(&std::fs::read("take.wav")?[..4], b"RIFF");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Those of [`record`](Self::record).
    pub fn record_with(&self, options: RecordOptions) -> Result<(), PerformanceError> {
        let format = self.shared.running_format().ok_or(PerformanceError::NoPiece)?;
        let (tap, recording) = recorder::open(options, format.sound())?;
        // The one before it goes on until the performing thread takes the new tap, so its handle
        // has to live until then: dropping it here would close its file early.
        let before = lock(&self.shared.recording).replace(recording);
        let sent = self.send(Command::Record(Box::new(tap)));
        if let Some(before) = before {
            lock(&self.shared.earlier).retain(|earlier| !earlier.wait_closed(Duration::ZERO));
            lock(&self.shared.earlier).push(before);
        }
        sent
    }

    /// Takes a recording that was begun on the audio thread (by [`Standby`](recorder::Standby)) as the
    /// present one.
    pub fn adopt_recording(&self, recording: Recording) {
        let before = lock(&self.shared.recording).replace(recording);
        lock(&self.shared.earlier).retain(|earlier| !earlier.wait_closed(Duration::ZERO));
        lock(&self.shared.earlier).extend(before);
    }

    /// Stops recording and closes the file: on return it is complete. While no driver is at work the
    /// file is closed all the same, after half a second. From the process callback the call does
    /// not wait.
    ///
    /// # Errors
    /// [`PerformanceError::QueueFull`]; [`PerformanceError::Record`] if the disk failed.
    pub fn stop_record(&self) -> Result<(), PerformanceError> {
        self.send(Command::StopRecord)?;
        if self.shared.is_performing_thread() {
            return Ok(());
        }
        let recording = lock(&self.shared.recording).clone();
        let Some(recording) = recording else { return Ok(()) };
        while !recording.wait_closed(Duration::from_millis(20)) {
            if self.shared.seconds_unattended() > UNATTENDED_SECONDS || self.shared.is_closed() {
                recording.close_now();
            }
        }
        recording.result().map_err(PerformanceError::Record)
    }

    /// The present or last recording: its path, frames and state.
    pub fn recording(&self) -> Option<Recording> {
        lock(&self.shared.recording).clone()
    }

    /// Waits until everything queued before the call was executed, or dropped at the end.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doc/mod.rs")); }
    /// # let Some(thread) = doc::thread() else { return Ok(()) };
    /// use csound_performance::Phase;
    ///
    /// thread.stop()?;
    /// thread.flush_message_queue()?;
    /// assert_eq!(thread.phase(), Phase::Ended);
    /// assert_eq!(thread.status(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`PerformanceError::NotProcessing`] if the driver has not been at work for half a second;
    /// [`PerformanceError::OnPerformingThread`].
    pub fn flush_message_queue(&self) -> Result<(), PerformanceError> {
        if self.shared.is_performing_thread() {
            return Err(PerformanceError::OnPerformingThread);
        }
        let ticket = self.shared.next_ticket();
        let began = Instant::now();
        let mut marker = Some(Command::Flush(ticket));
        while !self.shared.is_flushed(ticket) {
            if let Some(command) = marker.take() {
                marker = self.shared.send(command).err();
            }
            if self.shared.is_closed() {
                return Ok(());
            }
            let idle = self.shared.seconds_unattended().min(began.elapsed().as_secs_f64());
            if idle > UNATTENDED_SECONDS {
                return Err(PerformanceError::NotProcessing);
            }
            std::thread::sleep(LOOK_AGAIN);
        }
        Ok(())
    }

    /// Waits for the end of the performance and returns its status: 2 at the end of the score, 1 after
    /// `stop`, negative after an error.
    ///
    /// # Errors
    /// [`PerformanceError::OnPerformingThread`].
    pub fn join(&self) -> Result<i32, PerformanceError> {
        if self.shared.is_performing_thread() {
            return Err(PerformanceError::OnPerformingThread);
        }
        while self.is_running() {
            self.shared.free_spent();
            std::thread::sleep(LOOK_AGAIN);
        }
        Ok(self.status())
    }

    /// Zero while the performance goes on (paused or not), 2 at the end of the score, 1 after `stop`,
    /// negative after an error.
    pub fn status(&self) -> i32 {
        self.shared.status()
    }

    /// True until the performance has ended, paused or not.
    pub fn is_running(&self) -> bool {
        self.shared.phase() != Phase::Ended
    }

    /// The state of the performance: playing, paused or ended.
    pub fn phase(&self) -> Phase {
        self.shared.phase()
    }

    /// Score time in seconds, after the last turn of the engine. A seek makes it jump.
    pub fn score_time(&self) -> f64 {
        self.shared.score_time()
    }

    /// Frames that Csound counts as performed. A seek makes it jump.
    pub fn frames(&self) -> i64 {
        self.shared.frames()
    }

    /// Counts of the things that went wrong so far.
    pub fn troubles(&self) -> Troubles {
        self.shared.troubles()
    }

    /// The Csound instance, if it lives in this process: to read and write channels, and to read its
    /// messages. It keeps the instance alive.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doc/mod.rs")); }
    /// # let Some(thread) = doc::thread() else { return Ok(()) };
    /// let csound = thread.csound().expect("not isolated");
    /// assert!(csound.set_control_channel("brightness", 0.25));
    /// assert_eq!(csound.control_channel("brightness"), Some(0.25));
    ///
    /// thread.input_message("i 2 0 0.1 \"hello\"")?; // puts the length of its string into "letters"
    /// thread.play()?;
    /// thread.performance().join()?;
    /// assert_eq!(csound.control_channel("letters"), Some(5.0));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn csound(&self) -> Option<CsoundHandle> {
        lock(&self.shared.csound).clone()
    }

    /// Tells the handles which instance an engine in this process drives: for its starter.
    pub fn set_csound(&self, csound: Option<CsoundHandle>) {
        *lock(&self.shared.csound) = csound;
    }

    /// Queues a command, such as one that a full queue handed back.
    ///
    /// # Errors
    /// [`PerformanceError::QueueFull`], with the command.
    pub fn send(&self, command: Command) -> Result<(), PerformanceError> {
        self.shared.send(command).map_err(|command| PerformanceError::QueueFull(Box::new(command)))
    }
}

#[cfg(test)]
mod tests;
