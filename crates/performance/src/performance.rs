//! The performance API: a piece being performed, and the handle that steers it.
//!
//! [`Performance`] offers every method of Csound's `CsoundPerformanceThread` under its Rust name.
//! It is a handle: clone it, send it, share it. Its commands go through a bounded queue, first in,
//! first out, to the [`performer`] on the performing thread; its readings are atomics.
//!
//! Reading order: [`command`] (what can be asked), [`state`] (whether it plays), [`performer`]
//! (commands in, turns out), then the two drivers: [`thread`] (a thread of our own, as the
//! reference) and [`blocks`] (a host's process callback). [`recorder`] writes files on a thread of
//! its own; [`shared`] is what the threads have in common; [`fade`] hides gaps.

pub mod blocks;
pub mod command;
mod error;
pub mod fade;
pub mod performer;
pub mod recorder;
mod score_events;
pub mod seat;
pub mod shared;
pub mod state;
pub mod thread;

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::engine::{EventKind, MidiMessage, PField, TimeBase};
use csound_library::CsoundHandle;

pub use command::{Command, Cycle, ProcessCallback};
pub use error::PerformanceError;
pub use recorder::{BitDepth, RecordError, RecordOptions, RecordState, Recording};
pub use score_events::{MAX_PFIELDS, event_of_text};
pub use shared::{Shared, Troubles};
pub use state::{Change, Phase};

use score_events::make_event;
use shared::lock;

/// How long a driver may be silent before waiting calls give up on it.
const UNATTENDED_SECONDS: f64 = 0.5;

/// How often waiting calls look again.
const LOOK_AGAIN: Duration = Duration::from_millis(1);

/// A performance: a piece being performed. See the module.
#[derive(Clone)]
pub struct Performance {
    shared: Arc<Shared>,
}

impl Performance {
    /// A handle onto what a driver shares.
    pub fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }

    /// Plays, or plays on. In a plugin, after `stop` or the end: performs the piece afresh.
    ///
    /// # Errors
    /// [`PerformanceError::QueueFull`].
    pub fn play(&self) -> Result<(), PerformanceError> {
        self.send(Command::Change(Change::Play))
    }

    /// Pauses at the nearest k boundary. Messages are still executed.
    ///
    /// # Errors
    /// [`PerformanceError::QueueFull`].
    pub fn pause(&self) -> Result<(), PerformanceError> {
        self.send(Command::Change(Change::Pause))
    }

    /// Pauses if it plays, plays if it is paused.
    ///
    /// # Errors
    /// [`PerformanceError::QueueFull`].
    pub fn toggle_pause(&self) -> Result<(), PerformanceError> {
        self.send(Command::Change(Change::Toggle))
    }

    /// Stops. A performance thread's performance cannot be continued.
    ///
    /// # Errors
    /// [`PerformanceError::QueueFull`].
    pub fn stop(&self) -> Result<(), PerformanceError> {
        self.send(Command::Change(Change::Stop))
    }

    /// Sends a score event. `pfields` begin with p1; p2 (seconds) counts from `time_base`. P-fields
    /// are numbers or, with [`PField`], strings.
    ///
    /// An absolute time that has passed makes p2 zero; a positive p3 is then shortened by the
    /// lateness, and the event dropped if nothing is left.
    ///
    /// # Errors
    /// [`PerformanceError::Event`] for an unknown opcode, no p-fields, more than
    /// [`MAX_PFIELDS`], a number that is not finite or a string with a quote or line end;
    /// [`PerformanceError::QueueFull`].
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

    /// Sends a line of score text, as typed to `csound -L`.
    ///
    /// # Errors
    /// [`PerformanceError::Text`] where the line would not survive Csound's parser;
    /// [`PerformanceError::QueueFull`].
    pub fn input_message(&self, message: &str) -> Result<(), PerformanceError> {
        self.send(Command::Event(event_of_text(message)?))
    }

    /// Sends one whole MIDI channel message to the piece.
    ///
    /// # Errors
    /// [`PerformanceError::QueueFull`].
    pub fn midi_message(&self, message: MidiMessage) -> Result<(), PerformanceError> {
        self.send(Command::Event(EventKind::Midi(message)))
    }

    /// Moves the score time to `seconds` from its beginning.
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

    /// Sets the function called once before each k-cycle, not while paused; `None` takes it away.
    ///
    /// # Errors
    /// [`PerformanceError::QueueFull`].
    pub fn set_process_callback(&self, callback: Option<ProcessCallback>) -> Result<(), PerformanceError> {
        self.send(Command::Callback(callback.map(Box::new)))
    }

    /// Whether a process callback is set.
    pub fn process_callback(&self) -> bool {
        self.shared.has_callback()
    }

    /// Starts recording Csound's output (before any gain of a host) into a new WAV file of 16 or 24
    /// bit PCM or 32 bit float, with the rate and channels of the running piece. `buffers` (1 to
    /// 1024) sizes the ring between the performing thread and the disk, in buffers of at least 1024
    /// frames. An existing file is never overwritten; see [`record_with`](Self::record_with).
    ///
    /// # Errors
    /// [`PerformanceError::Record`] if the file cannot be made, or the depth is none of the three;
    /// [`PerformanceError::NoPiece`]; [`PerformanceError::QueueFull`].
    pub fn record(&self, path: impl AsRef<Path>, bits: u32, buffers: usize) -> Result<(), PerformanceError> {
        let depth = BitDepth::try_from(bits)?;
        self.record_with(RecordOptions { path: path.as_ref().to_owned(), depth, buffers, overwrite: false })
    }

    /// [`record`](Self::record), with every choice.
    ///
    /// # Errors
    /// As [`record`](Self::record).
    pub fn record_with(&self, options: RecordOptions) -> Result<(), PerformanceError> {
        let (sample_rate, ksmps, outputs) = self.shared.running_format().ok_or(PerformanceError::NoPiece)?;
        let (tap, recording) = recorder::open(options, outputs, sample_rate.round() as u32, ksmps)?;
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

    /// Takes a recording that was begun on the audio thread as the present one.
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

    /// Waits for the end of the performance and returns its status: positive after `stop` (1) or
    /// the end of the score (2), negative after an error.
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

    /// Zero while the performance goes on (paused or not), positive at the end of the score or
    /// after `stop`, negative after an error.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn status(&self) -> i32 {
        self.shared.status()
    }

    /// Whether the performance has not ended.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn is_running(&self) -> bool {
        self.shared.phase() != Phase::Ended
    }

    /// Whether k-cycles are performed, paused or over.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn phase(&self) -> Phase {
        self.shared.phase()
    }

    /// Score time in seconds. A seek makes it jump.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn score_time(&self) -> f64 {
        self.shared.score_time()
    }

    /// Frames that Csound counts as performed. A seek makes it jump.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn frames(&self) -> i64 {
        self.shared.frames()
    }

    /// What went wrong so far, counted.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn troubles(&self) -> Troubles {
        self.shared.troubles()
    }

    /// The Csound instance, where it lives in this process.
    pub fn csound(&self) -> Option<CsoundHandle> {
        lock(&self.shared.csound).clone()
    }

    /// Whoever starts an engine in this process says which instance it drives.
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
mod tests {
    use super::*;

    #[test]
    fn the_handle_goes_to_any_thread() {
        fn anywhere<T: Clone + Send + Sync>() {}
        anywhere::<Performance>();
    }

    #[test]
    fn events_that_cannot_be_are_refused_with_a_reason() {
        let none: [f64; 0] = [];
        let performance = Performance::new(Arc::default());
        assert!(performance.score_event(TimeBase::Now, 'x', &[1.0, 0.0, 1.0]).is_err());
        assert!(performance.score_event(TimeBase::Now, 'i', &none).is_err());
        assert!(performance.score_event(TimeBase::Now, 'i', &[1.0, f64::NAN]).is_err());
        assert!(performance.score_event(TimeBase::Now, 'i', &vec![0.0; 1001]).is_err());
        let quote = [PField::from(1.0), 0.0.into(), 1.0.into(), "a\"b".into()];
        assert!(performance.score_event(TimeBase::Now, 'i', &quote).is_err());
        assert!(performance.set_score_offset_seconds(-1.0).is_err());
        assert!(performance.set_score_offset_seconds(f64::INFINITY).is_err());
    }

    #[test]
    fn a_full_queue_hands_the_command_back_and_it_can_be_sent_again() {
        let performance = Performance::new(Arc::default());
        for _ in 0..shared::COMMAND_CAPACITY {
            performance.play().unwrap();
        }
        let Err(PerformanceError::QueueFull(command)) = performance.set_score_offset_seconds(2.5) else {
            panic!("the queue took more than it holds");
        };
        assert!(matches!(*command, Command::Event(EventKind::Seek(seconds)) if seconds == 2.5));
        assert!(matches!(performance.send(*command), Err(PerformanceError::QueueFull(_))));
    }

    #[test]
    fn flush_reports_a_driver_that_is_not_at_work() {
        let performance = Performance::new(Arc::default());
        assert!(matches!(performance.flush_message_queue(), Err(PerformanceError::NotProcessing)));
    }
}
