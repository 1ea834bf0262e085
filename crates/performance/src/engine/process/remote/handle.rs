//! The state of one engine process that the host's threads share, and a handle onto it.

use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use crossbeam_queue::ArrayQueue;
use csound_cabbage::table::Stroke;
use csound_cabbage::{Change, Changes};

use crate::engine::active::{ActiveInstrument, MOST_ACTIVE, MOST_LOAD};
use crate::engine::console::ConsoleLine;
use crate::engine::event::Code;
use crate::engine::process::platform::{self, Process, SharedMemory};
use crate::engine::process::protocol::{self, Ask};
use crate::engine::process::wire;

/// The longest that an engine may take to read a message.
const ASK_LIMIT: Duration = Duration::from_secs(1);

/// Codes that an engine can have that are not answered: no more than wait for a performance.
pub(super) const CODES: usize = 8192;

/// Lines of the console that wait for a reader, and their bytes; the oldest give way.
pub(super) const LINES: usize = 10_000;
pub(super) const LINE_BYTES: usize = 2 << 20;

/// The state of one engine process that the host's threads share.
pub(super) struct Inner {
    pub(super) name: String,
    pub(super) process: Process,
    pub(super) memory: SharedMemory,
    pub(super) control: UnixStream,
    /// Held by whoever tells the engine something.
    pub(super) asking: Mutex<()>,
    /// It did not take what it was told, and was ended.
    pub(super) is_deaf: AtomicBool,
    pub(super) began: Instant,
    /// The engine has ended, or is not to be used any more.
    pub(super) ended: AtomicBool,
    /// We end it, so its end is none to report.
    pub(super) ending: AtomicBool,
    /// The last turn that the engine was given; written by the audio thread.
    pub(super) posted: AtomicU32,
    /// When, in milliseconds after `began`.
    pub(super) posted_at: AtomicU64,
    /// The scheduling of the audio thread, which the engine's performing thread is to have.
    pub(super) scheduling: AtomicU64,
    /// The number of times that it can get on in that turn before it is done with it.
    pub(super) steps: AtomicU32,
    /// The longest that it may take to get on, in milliseconds.
    pub(super) patience: AtomicU64,
    /// Score time after the last turn that was answered, as the bits of seconds; written by the audio thread.
    pub(super) score_time: AtomicU64,
    /// The number of times that the engine has bound the channels.
    pub(super) bound: Mutex<u32>,
    pub(super) was_bound: Condvar,
    /// Orchestra code that the engine was given and has not answered yet, in its order; put there by the audio
    /// thread, taken by the watch.
    pub(super) given: ArrayQueue<Box<Code>>,
    /// The last turn with code, and the longest that an engine may take to answer for it, in milliseconds; see
    /// [`mark_code`](Self::mark_code).
    pub(super) coded: AtomicU64,
    pub(super) answering: AtomicU64,
    pub(super) console: Mutex<Vec<ConsoleLine>>,
    /// What the piece has changed of its widgets, until somebody has taken it.
    pub(super) panel: Mutex<Changes>,
    /// Whether it was asked to count the instruments that sound, and what it said last.
    pub(super) counts_active: AtomicBool,
    pub(super) active: Mutex<Arc<[ActiveInstrument]>>,
    /// The report of its end, until somebody has taken it.
    pub(super) report: Mutex<Option<String>>,
    /// Called by the watch once that report is there.
    pub(super) at_end: OnceLock<Box<dyn Fn() + Send + Sync>>,
}

/// A handle onto an engine process, for threads that may block.
#[derive(Clone)]
pub struct EngineHandle(pub(super) Arc<Inner>);

impl EngineHandle {
    /// The engine's lines since the last call.
    pub fn drain_console(&self) -> Vec<ConsoleLine> {
        std::mem::take(&mut *self.0.console.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// What the piece has changed of its widgets since the last call: the newest values of each identifier, within
    /// the bounds of [`Changes`].
    pub fn take_changes(&self) -> Vec<Change> {
        std::mem::take(&mut *self.0.panel.lock().unwrap_or_else(PoisonError::into_inner)).into()
    }

    /// Has the engine count the instruments that sound, or no longer; the same again costs nothing. It costs the engine a
    /// little for each instance, a few times a second, and no time of a turn's.
    ///
    /// # Errors
    /// The engine has ended.
    pub fn count_active(&self, is_wanted: bool) -> std::io::Result<()> {
        if self.0.counts_active.swap(is_wanted, Ordering::Relaxed) == is_wanted {
            return Ok(());
        }
        self.0.ask(&Ask::CountActive(is_wanted))
    }

    /// The instruments that sounded when the engine told last.
    pub fn active(&self) -> Arc<[ActiveInstrument]> {
        Arc::clone(&self.0.active.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The report of the engine's end, once, if nobody asked it to end.
    pub fn take_end(&self) -> Option<String> {
        self.0.report.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// True once the engine has ended, also where the audio thread has not found that yet.
    pub fn has_ended(&self) -> bool {
        self.0.ended.load(Ordering::Acquire)
    }

    /// Has `tell` called once the report of the engine's end is there to be taken, on the thread that watches
    /// the engine; at once where it is there already. The first `tell` counts, and
    /// it must not wait for the engine.
    pub fn at_end(&self, tell: impl Fn() + Send + Sync + 'static) {
        if self.0.at_end.set(Box::new(tell)).is_ok()
            && self.0.report.lock().unwrap_or_else(PoisonError::into_inner).is_some()
        {
            self.0.tell_of_the_end();
        }
    }

    /// Score time in seconds after all that the engine has performed for the host: where another goes on.
    pub fn score_time(&self) -> f64 {
        f64::from_bits(self.0.score_time.load(Ordering::Relaxed))
    }

    /// Ends the process, without a report of its end. Whoever waits for a turn of it waits no more.
    pub fn end(&self) {
        self.0.end_at_once();
    }

    /// The number of the process.
    pub fn process_id(&self) -> i32 {
        self.0.process.id()
    }

    /// Sets a string channel.
    ///
    /// # Errors
    /// The engine has ended.
    pub fn set_string_channel(&self, name: &str, text: &str) -> std::io::Result<()> {
        self.0.ask(&Ask::Text { name: name.to_owned(), text: text.to_owned() })
    }

    /// Has a stroke drawn into a table that a widget of the piece shows.
    ///
    /// # Errors
    /// The engine has ended.
    pub fn draw(&self, stroke: Stroke) -> std::io::Result<()> {
        self.0.ask(&Ask::Draw(stroke))
    }
}

impl Inner {
    pub(super) fn new(name: &str, process: Process, memory: SharedMemory, control: UnixStream) -> Self {
        Self {
            name: name.to_owned(),
            process,
            memory,
            control,
            asking: Mutex::new(()),
            is_deaf: AtomicBool::new(false),
            began: Instant::now(),
            ended: AtomicBool::new(false),
            ending: AtomicBool::new(false),
            posted: AtomicU32::new(0),
            posted_at: AtomicU64::new(0),
            scheduling: AtomicU64::new(0),
            steps: AtomicU32::new(0),
            patience: AtomicU64::new(0),
            score_time: AtomicU64::new(0),
            bound: Mutex::new(0),
            was_bound: Condvar::new(),
            given: ArrayQueue::new(CODES),
            coded: AtomicU64::new(0),
            answering: AtomicU64::new(0),
            console: Mutex::default(),
            panel: Mutex::default(),
            counts_active: AtomicBool::new(false),
            active: Mutex::new([].into()),
            report: Mutex::default(),
            at_end: OnceLock::new(),
        }
    }

    pub(super) fn ask(&self, ask: &Ask) -> std::io::Result<()> {
        self.ask_within(ask, ASK_LIMIT)
    }

    /// Tells the engine something. One that does not listen is ended: it has part of a message at worst.
    pub(super) fn ask_within(&self, ask: &Ask, limit: Duration) -> std::io::Result<()> {
        let bytes = protocol::to_bytes(ask)?;
        let _in_turn = self.asking.lock().unwrap_or_else(PoisonError::into_inner);
        platform::write_within(&self.control, &bytes, limit).inspect_err(|_| {
            self.is_deaf.store(true, Ordering::Release);
            self.process.kill();
        })
    }

    pub(super) fn now(&self) -> u64 {
        self.began.elapsed().as_millis() as u64
    }

    pub(super) fn mark_ended(&self) {
        // In one order with the audio thread's look, once it has given the engine code.
        self.ended.store(true, Ordering::SeqCst);
        self.end_code();
        // Whoever waits for an answer looks again.
        platform::wake(self.memory.word(wire::ANSWER));
    }
}

impl Inner {
    /// Tells whoever waits for it that the report of the end is there.
    pub(super) fn tell_of_the_end(&self) {
        if let Some(tell) = self.at_end.get() {
            tell();
        }
    }

    pub(super) fn say(&self, lines: impl IntoIterator<Item = ConsoleLine>) {
        let mut console = self.console.lock().unwrap_or_else(PoisonError::into_inner);
        console.extend(lines.into_iter().map(ConsoleLine::shortened));
        let over = console.len().saturating_sub(LINES);
        console.drain(..over);
        let mut room = LINE_BYTES;
        // From the newest on, as many as there is room for.
        let kept = console.iter().rev().take_while(|line| {
            let fits = line.text.len() <= room;
            room = room.saturating_sub(line.text.len());
            fits
        });
        let over = console.len() - kept.count();
        console.drain(..over);
    }

    /// Ends the process without a word about it.
    pub(super) fn end_at_once(&self) {
        self.ending.store(true, Ordering::Release);
        self.process.kill();
    }

    /// Takes changes of widgets; those that cannot be, or for which there is no room, are left out.
    pub(super) fn change(&self, changes: Vec<Change>) {
        let mut panel = self.panel.lock().unwrap_or_else(PoisonError::into_inner);
        for change in changes {
            let _ = panel.add(change);
        }
    }

    /// Takes a count; an engine may say anything, and no more than there is room for is kept.
    pub(super) fn set_active(&self, mut active: Vec<ActiveInstrument>) {
        active.truncate(MOST_ACTIVE);
        for active in &mut active {
            active.load = active.load.map(|load| load.min(MOST_LOAD));
        }
        *self.active.lock().unwrap_or_else(PoisonError::into_inner) = active.into();
    }

    pub(super) fn drain(&self) -> Vec<ConsoleLine> {
        std::mem::take(&mut *self.console.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
