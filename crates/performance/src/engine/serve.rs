//! The engine program: starts one piece and performs the turns that its host puts into the shared
//! memory, until the host is gone.
//!
//! Two threads. The main thread listens to the host, and ends the process when the host's end of the
//! stream closes, however the host ended. The perform thread
//! does nothing but turns.

use std::ffi::CString;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};
use std::os::unix::net::UnixStream;
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use csound_library::messages::tap_all;
use csound_library::{CsoundHandle, FlushDenormals, Level, Library, Lines, Message};

use super::local::{LocalEngine, Started};
use super::piece;
use super::planes::Planes;
use super::platform::{self, SharedMemory};
use super::protocol::{self, Ask, Inbox, Say, Start};
use super::wire::{self, Layout};
use super::{
    ConsoleLine, Engine, Event, MIDI_OUT_CAPACITY, MidiOut, Outcome, PieceSpec, StartError, Turn,
    opcode_libraries, sandbox,
};

/// How often the main thread looks whether code was compiled.
const LOOK_AFTER: Duration = Duration::from_millis(20);

/// The folder of the piece's text, in the engine's own.
const PIECE_FOLDER: &str = "piece";

/// How long the piece may take to close its files at the end.
const CLOSING: Duration = Duration::from_millis(700);

/// How long a message waits for room on a full console while the piece compiles. While it performs,
/// none waits.
const CONSOLE_PATIENCE: Duration = Duration::from_millis(100);

/// Characters of a reason that is sent.
const LONGEST_REASON: usize = 1000;

/// Stack of the perform thread: what a program's first thread usually has.
const STACK: usize = 8 << 20;

/// The console's descriptor, for the callback that Csound's messages come through.
static CONSOLE: AtomicI32 = AtomicI32::new(-1);

/// Whether a message may wait for room on the console.
static PATIENT: AtomicBool = AtomicBool::new(true);

/// Runs the engine program to its end. Returns only if there is no host.
///
/// # Errors
/// What it was started without.
pub fn run() -> std::io::Result<()> {
    let (mut control, memory, console) = platform::inherited()?;
    let memory = Arc::new(SharedMemory::map(memory.as_fd(), wire::BYTES)?);
    CONSOLE.store(console.as_raw_fd(), Ordering::Release);
    tap_all(say_on_console);
    let Ask::Start(start) = protocol::receive(&mut control, protocol::LONGEST_TO_ENGINE)? else {
        return Err(std::io::Error::other("the host did not begin with a piece"));
    };
    let started = match start_piece(&start, &mut control, console.as_fd()) {
        Ok(started) => started,
        Err(reason) => {
            protocol::send(&mut control, &Say::Failed(reason))?;
            wait_for_the_end(&control);
            leave(&start)
        }
    };
    PATIENT.store(false, Ordering::Release);
    let handle = started.engine.csound();
    let (format, shown) = (started.engine.format(), started.shown);
    let bench = Arc::new(Bench {
        memory,
        bindings: Mutex::new(None),
        code: Code::default(),
        ending: AtomicBool::new(false),
    });
    let (thread, finished) = match perform_on_a_thread(Arc::clone(&bench), started.engine) {
        Ok(started) => started,
        Err(error) => {
            let reason = format!("no thread could be started to perform in: {error}");
            protocol::send(&mut control, &Say::Failed(reason))?;
            wait_for_the_end(&control);
            leave(&start)
        }
    };
    protocol::send(&mut control, &Say::Started { format, shown, thread })?;
    // Whatever ends the conversation is the end of the host, as far as this process can tell.
    let _ = attend(&mut control, &bench, handle.as_ref());
    bench.ending.store(true, Ordering::Release);
    platform::wake(bench.memory.word(wire::REQUEST));
    // A piece that hangs is left as it is: the process ends all the same.
    let _ = finished.recv_timeout(CLOSING);
    leave(&start)
}

/// Confines the process and starts the piece.
fn start_piece(start: &Start, control: &mut UnixStream, console: BorrowedFd<'_>) -> Result<Started, String> {
    if start.version != protocol::VERSION {
        return Err(format!(
            "the engine program is of another version than the plugin ({} and {}): install both again",
            protocol::VERSION,
            start.version
        ));
    }
    sandbox::bound(&start.bounds).map_err(|error| format!("the engine's bounds cannot be set: {error}"))?;
    let library = Library::get().map_err(|error| error.to_string())?;
    let files = start.folder.join(PIECE_FOLDER);
    // A confined engine makes no folders.
    std::fs::create_dir(&files)
        .map_err(|error| format!("the engine's folder {} cannot be used: {error}", start.folder.display()))?;
    if let Some(confinement) = &start.confinement {
        opcode_libraries::limit(library, &confinement.libraries)
            .map_err(|error| format!("the folder of opcode libraries cannot be made: {error}"))?;
        let confined = sandbox::confine(confinement, &start.folder, library.path(), console)
            .map_err(|error| format!("the engine cannot be confined: {error}"))?;
        let sandbox::Confined { missing, complete, told } = confined;
        let said = Say::Confined { missing, complete, told };
        protocol::send(control, &said).map_err(|error| error.to_string())?;
        if !complete {
            return Err("the engine is not confined".into());
        }
        library.forget_users_settings();
    }
    let mut lines = Vec::new();
    // This process's folder is its own.
    let mut spec = PieceSpec { measured: true, ..start.spec.clone() };
    if start.confinement.is_some() {
        let (source, taken_out) = piece::without_foreign_parts(&spec.piece.source);
        spec.piece.source = source;
        lines.extend(taken_out.into_iter().map(|what| {
            ConsoleLine::error(format!("refused: {what}; only a piece that you trust may have that"))
        }));
    }
    let started = std::panic::catch_unwind(AssertUnwindSafe(|| {
        LocalEngine::start_from(&spec, &files, &mut |line| lines.push(line))
    }));
    for line in lines {
        protocol::send(control, &Say::Console(line)).map_err(|error| error.to_string())?;
    }
    match started {
        Ok(started) => started.map(measured).map_err(|error: StartError| error.to_string()),
        Err(_) => Err("Csound Performer failed while loading the piece; this is our fault".into()),
    }
}

/// With the length of the score that Csound has written.
fn measured(mut started: Started) -> Started {
    let sorted = std::fs::read_to_string("score.srt").ok();
    started.shown.score_length = sorted.as_deref().and_then(piece::length::score_length);
    started
}

/// Listens to the host until it is gone.
fn attend(control: &mut UnixStream, bench: &Bench, csound: Option<&CsoundHandle>) -> std::io::Result<()> {
    let mut inbox = Inbox::new(protocol::LONGEST_TO_ENGINE);
    loop {
        let [spoken] = platform::wait_for([control.as_fd()], LOOK_AFTER);
        if spoken {
            inbox.take(control, usize::MAX)?;
            while let Some(ask) = inbox.message()? {
                carry_out(ask, control, bench, csound)?;
            }
        }
        for error in bench.code.take_done() {
            protocol::send(control, &Say::Evaluated(error))?;
        }
    }
}

fn carry_out(
    ask: Ask,
    control: &mut UnixStream,
    bench: &Bench,
    csound: Option<&CsoundHandle>,
) -> std::io::Result<()> {
    match ask {
        Ask::Start(_) => Err(std::io::Error::other("a second piece")),
        Ask::Bind(slots) => {
            *bench.bindings.lock().unwrap_or_else(PoisonError::into_inner) = Some(slots);
            protocol::send(control, &Say::Bound)
        }
        Ask::Evaluate(code) => {
            bench.code.asked(code);
            // It sleeps where no turn is asked for.
            platform::wake(bench.memory.word(wire::REQUEST));
            Ok(())
        }
        Ask::Text { name, text } => {
            if let Some(csound) = csound {
                csound.set_string_channel(&name, &text);
            }
            Ok(())
        }
    }
}

fn wait_for_the_end(control: &UnixStream) {
    let [_ended] = platform::wait_for([control.as_fd()], Duration::from_secs(60));
}

/// Ends the process. No exit handlers: libraries that a piece has loaded have nothing left to do, and some
/// hang there.
///
/// Its folder is the host's to remove. Where there is no host any more a trusted engine removes it; a
/// confined one can remove nothing, and the next host does.
fn leave(start: &Start) -> ! {
    if start.confinement.is_none() {
        // What cannot be removed the next host finds.
        let _ = std::fs::remove_dir_all(&start.folder);
    }
    // SAFETY: ends the process.
    unsafe { libc::_exit(0) }
}

/// What Csound says goes out at once, so that the last words before a crash are heard.
fn say_on_console(level: Level, text: &[u8]) {
    const LONGEST: usize = 1024;
    overhear(level, text);
    let descriptor: RawFd = CONSOLE.load(Ordering::Acquire);
    // SAFETY: the descriptor is open for the process's whole life once it is stored.
    let socket = unsafe { BorrowedFd::borrow_raw(descriptor.max(0)) };
    for part in text.chunks(LONGEST - 1) {
        let mut packet = [0; LONGEST];
        packet[0] = level_to_byte(level);
        packet[1..=part.len()].copy_from_slice(part);
        let packet = &packet[..=part.len()];
        let began = Instant::now();
        while !platform::send_packet(socket, packet)
            && PATIENT.load(Ordering::Relaxed)
            && began.elapsed() < CONSOLE_PATIENCE
        {
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}

/// The first byte of a packet on the console. What comes without one was printed past Csound.
pub(super) fn level_to_byte(level: Level) -> u8 {
    match level {
        Level::Default => 1,
        Level::Orchestra => 2,
        Level::Realtime => 3,
        Level::Warning => 4,
        Level::Error => 5,
    }
}

/// What the two threads share.
struct Bench {
    memory: Arc<SharedMemory>,
    /// The bank's channels, where they have changed.
    bindings: Mutex<Option<Vec<Option<String>>>>,
    code: Code,
    ending: AtomicBool,
}

/// Orchestra code on its way to the perform thread, and what came of it.
#[derive(Default)]
struct Code {
    texts: Mutex<Vec<String>>,
    /// Whether there are any.
    waits: AtomicBool,
    /// Of each text, why it failed, if it did.
    done: Mutex<Vec<Option<String>>>,
}

impl Code {
    fn asked(&self, text: String) {
        lock(&self.texts).push(text);
        self.waits.store(true, Ordering::Release);
    }

    fn take(&self) -> Vec<String> {
        match self.waits.load(Ordering::Relaxed) && self.waits.swap(false, Ordering::Acquire) {
            true => std::mem::take(&mut *lock(&self.texts)),
            false => Vec::new(),
        }
    }

    fn take_done(&self) -> Vec<Option<String>> {
        std::mem::take(&mut *lock(&self.done))
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What Csound says while it compiles orchestra code.
static OVERHEARD: Mutex<Option<(Lines, Vec<Message>)>> = Mutex::new(None);

/// Compiles code; what Csound says against it, if it does not.
fn evaluate(engine: &mut dyn Engine, code: &str) -> Option<String> {
    let Ok(code) = CString::new(code) else { return Some("the code holds a NUL character".to_owned()) };
    *lock(&OVERHEARD) = Some(Default::default());
    let done = engine.evaluate(&code);
    let (mut lines, mut said) = lock(&OVERHEARD).take().unwrap_or_default();
    lines.end(&mut said);
    if done {
        return None;
    }
    let errors = said.iter().filter(|said| said.level == Level::Error).map(|said| said.text.trim());
    let reason = errors.filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" / ");
    let silent = || "Csound does not compile it, and does not say why".to_owned();
    Some(if reason.is_empty() { silent() } else { reason.chars().take(LONGEST_REASON).collect() })
}

fn overhear(level: Level, text: &[u8]) {
    // A thread that finds it taken has something else to say.
    if let Ok(mut overheard) = OVERHEARD.try_lock()
        && let Some((lines, messages)) = overheard.as_mut().filter(|(_, messages)| messages.len() < 64)
    {
        lines.take(level, text, messages);
    }
}

/// The number of the thread, and what hears of its end.
fn perform_on_a_thread(bench: Arc<Bench>, engine: LocalEngine) -> std::io::Result<(i32, Receiver<()>)> {
    let (finished, wait): (Sender<()>, _) = channel();
    let (begun, number) = channel();
    std::thread::Builder::new().name("csound perform".into()).stack_size(STACK).spawn(move || {
        // Somebody waits for it, below.
        let _ = begun.send(platform::thread_number());
        let mut performer = Turns::new(&bench, Box::new(engine));
        performer.run();
        // Closes the piece's files.
        drop(performer);
        let _ = finished.send(());
    })?;
    Ok((number.recv().map_err(std::io::Error::other)?, wait))
}

/// Performs turns.
struct Turns<'a> {
    bench: &'a Bench,
    engine: Box<dyn Engine>,
    layout: Layout,
    input: Planes,
    silence: Planes,
    output: Planes,
    unheard: Planes,
    bytes: Vec<u8>,
    events: Vec<Event>,
    midi_out: Vec<MidiOut>,
    slots: [f64; wire::SLOTS],
    /// The number of the last request.
    seen: u32,
    progress: u32,
    /// Whether requests come so fast that it pays to look for them a little before sleeping.
    hurried: bool,
}

impl<'a> Turns<'a> {
    fn new(bench: &'a Bench, engine: Box<dyn Engine>) -> Self {
        let format = engine.format();
        let layout = Layout::new(format.ksmps);
        let planes = |channels: usize| Planes::new(channels, layout.frames());
        Self {
            bench,
            engine,
            layout,
            input: planes(wire::INPUTS),
            silence: planes(wire::INPUTS),
            output: planes(format.outputs.max(1)),
            unheard: planes(format.outputs.max(1)),
            bytes: Vec::with_capacity(wire::EVENT_BYTES),
            events: Vec::new(),
            midi_out: Vec::with_capacity(MIDI_OUT_CAPACITY),
            slots: [0.0; wire::SLOTS],
            seen: 0,
            progress: 0,
            hurried: false,
        }
    }

    fn run(&mut self) {
        let _denormals = FlushDenormals::new();
        while self.wait() {
            self.bind();
            self.turn();
            self.answer();
        }
    }

    fn word(&self, at: usize) -> u32 {
        self.bench.memory.word(at).load(Ordering::Relaxed)
    }

    fn put(&self, at: usize, value: u32) {
        self.bench.memory.word(at).store(value, Ordering::Relaxed);
    }

    /// Waits for the next request; false at the end.
    fn wait(&mut self) -> bool {
        let request = self.bench.memory.word(wire::REQUEST);
        let asleep = self.bench.memory.word(wire::ENGINE_SLEEPS);
        let began = Instant::now();
        loop {
            self.evaluate();
            // Pairs with the host's Release: the whole turn is there.
            let number = request.load(Ordering::Acquire);
            if self.bench.ending.load(Ordering::Acquire) {
                return false;
            }
            if number != self.seen {
                self.seen = number;
                self.hurried = began.elapsed() < SPIN;
                return true;
            }
            let here = platform::processor();
            self.put(wire::ENGINE_PROCESSOR, here);
            // On the host's own processor it could only keep the host from going on.
            if self.hurried && here != self.word(wire::HOST_PROCESSOR) && began.elapsed() < SPIN {
                std::hint::spin_loop();
                continue;
            }
            // Either the host sees the mark, or we see its request: both are in one order.
            asleep.store(1, Ordering::SeqCst);
            if request.load(Ordering::SeqCst) == self.seen {
                platform::sleep_while(request, self.seen, Duration::from_secs(1));
            }
            asleep.store(0, Ordering::SeqCst);
        }
    }

    fn bind(&mut self) {
        // Never waits: who holds it is about to let it go, and the next turn looks again.
        if let Ok(mut bindings) = self.bench.bindings.try_lock()
            && let Some(slots) = bindings.take()
        {
            self.engine.bind(&slots);
        }
    }

    /// Compiles what the host has sent. A turn that is asked for meanwhile is late.
    fn evaluate(&mut self) {
        for text in self.bench.code.take() {
            let error = evaluate(&mut *self.engine, &text);
            lock(&self.bench.code.done).push(error);
        }
    }

    fn turn(&mut self) {
        let ksmps = self.engine.format().ksmps;
        let cycles = (self.word(wire::CYCLES) as usize).min(self.layout.cycles());
        let skipped = self.word(wire::SKIPPED) as usize;
        let offline = self.word(wire::FLAGS) & 1 != 0;
        self.read_events();
        self.midi_out.clear();
        let mut outcome = self.catch_up(skipped, offline);
        self.events.iter_mut().for_each(|event| event.cycle = event.cycle.saturating_sub(skipped));
        for channel in 0..wire::INPUTS.min(self.engine.format().inputs) {
            let frames = &mut self.input.channel_mut(channel)[..cycles * ksmps];
            self.bench.memory.read_samples(self.layout.input(channel), frames);
        }
        let mut turn = Turn {
            cycles,
            input_offset: 0,
            output_offset: 0,
            input: &self.input,
            output: &mut self.output,
            events: &mut self.events,
            midi_out: &mut self.midi_out,
            offline,
        };
        let heard = self.engine.perform(&mut turn);
        outcome = Outcome {
            non_finite: heard.non_finite,
            late_events: outcome.late_events + heard.late_events,
            lengthened_events: outcome.lengthened_events + heard.lengthened_events,
            ..heard
        };
        self.get_on(cycles);
        for channel in 0..self.output.channels() {
            let frames = &self.output.channel(channel)[..outcome.performed * ksmps];
            self.bench.memory.write_samples(self.layout.output(channel), frames);
        }
        self.write_outcome(&outcome);
    }

    fn read_events(&mut self) {
        let len = (self.word(wire::EVENTS_LEN) as usize).min(wire::EVENT_BYTES);
        self.bytes.resize(len, 0);
        self.bench.memory.read(wire::EVENTS, &mut self.bytes);
        self.events.clear();
        self.events.extend(wire::read_events(&self.bytes));
    }

    /// Performs unheard what went by while this engine was late.
    fn catch_up(&mut self, skipped: usize, offline: bool) -> Outcome {
        let mut whole = Outcome::default();
        let mut done = 0;
        while done < skipped {
            let cycles = (skipped - done).min(self.layout.cycles());
            let due = self.events.iter().take_while(|event| event.cycle < done + cycles).count();
            let mut events: Vec<Event> = self.events.drain(..due).collect();
            events.iter_mut().for_each(|event| event.cycle = event.cycle.saturating_sub(done));
            let sent_before = self.midi_out.len();
            let mut turn = Turn {
                cycles,
                input_offset: 0,
                output_offset: 0,
                input: &self.silence,
                output: &mut self.unheard,
                events: &mut events,
                midi_out: &mut self.midi_out,
                offline,
            };
            let outcome = self.engine.perform(&mut turn);
            // What is sent late is sent at once.
            self.midi_out[sent_before..].iter_mut().for_each(|sent| sent.cycle = 0);
            whole.late_events += outcome.late_events;
            whole.lengthened_events += outcome.lengthened_events;
            done += cycles;
            self.get_on(cycles);
        }
        whole
    }

    fn get_on(&mut self, cycles: usize) {
        self.progress = self.progress.wrapping_add(cycles as u32);
        self.put(wire::PROGRESS, self.progress);
    }

    fn write_outcome(&mut self, outcome: &Outcome) {
        let memory = &self.bench.memory;
        for (at, sent) in self.midi_out.iter().enumerate() {
            memory.write(wire::MIDI + at * wire::MIDI_BYTES, &wire::midi_to_bytes(sent));
        }
        self.engine.read_slots(&mut self.slots);
        for (slot, value) in self.slots.iter().enumerate() {
            memory.long(wire::READINGS + slot * 8).store(value.to_bits(), Ordering::Relaxed);
        }
        memory.long(wire::SCORE_TIME).store(outcome.score_time.to_bits(), Ordering::Relaxed);
        memory.long(wire::FRAME_COUNT).store(outcome.frames as u64, Ordering::Relaxed);
        self.put(wire::MIDI_LEN, self.midi_out.len() as u32);
        self.put(wire::PERFORMED, outcome.performed as u32);
        self.put(wire::ENDED, u32::from(outcome.end.is_some()));
        self.put(wire::END, outcome.end.unwrap_or(0) as u32);
        self.put(wire::NON_FINITE, outcome.non_finite);
        self.put(wire::LATE_EVENTS, outcome.late_events);
        self.put(wire::LENGTHENED, outcome.lengthened_events);
    }

    fn answer(&self) {
        let memory = &self.bench.memory;
        // SeqCst with the host's mark, as in `wait`; as a Release it publishes the outcome.
        memory.word(wire::ANSWER).store(self.seen, Ordering::SeqCst);
        if memory.word(wire::HOST_SLEEPS).load(Ordering::SeqCst) != 0 {
            platform::wake(memory.word(wire::ANSWER));
        }
    }
}

/// How long either side looks for the other before it sleeps, where that has paid lately and the
/// other is on another processor.
pub(super) const SPIN: Duration = Duration::from_micros(30);
