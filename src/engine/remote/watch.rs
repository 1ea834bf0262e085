//! The host's side of an engine process, off the audio thread: starting it, listening to it, ending
//! it when it does not get on, and saying how it ended.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::csound::{Level, Lines, library};
use crate::engine::local::MAX_CHANNELS;
use crate::engine::platform::{self, Ended, Process, SharedMemory};
use crate::engine::protocol::{self, Ask, Inbox, Say, Start};
use crate::engine::{ConsoleLine, Format, MAX_KSMPS, PieceSpec, Shown, StartError, wire};

use super::folder::EngineFolder;
use super::{Inner, Options};

/// The engine program's name.
const PROGRAM: &str = "csound-performer-engine";

/// The environment variable that names it; nothing else is tried then.
const VARIABLE: &str = "CSOUND_PERFORMER_ENGINE";

/// Where it is installed, if it is not beside the plugin.
const INSTALLED: &[&str] =
    &["/usr/local/lib/csound-performer", "/usr/lib/csound-performer", "/usr/local/bin", "/usr/bin"];

/// How often the watch looks up from listening.
const LOOK: Duration = Duration::from_millis(20);

/// How long an engine may take to end when it is asked to: a piece closes its files.
const CLOSING: Duration = Duration::from_secs(1);

/// Packets of the console that are read at a time.
const PACKETS: usize = 256;

/// Lines of the console that wait for a reader; the oldest give way.
const LINES: usize = 10_000;

/// Characters of what is wrong with orchestra code.
const LONGEST_REASON: usize = 1000;

/// Channels and characters of a name that an engine can tell of.
const MOST_CHANNELS: usize = 16_384;
const LONGEST_NAME: usize = 1024;

/// The engine program: what the environment names, else beside the plugin or program that this code
/// is part of, else where it is installed.
pub fn program() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os(VARIABLE).filter(|named| !named.is_empty()) {
        return Some(PathBuf::from(named)).filter(|program| program.is_file());
    }
    let own = library::own_folder();
    // Cargo puts tests and examples into a folder below that of programs.
    let above = own.as_deref().and_then(std::path::Path::parent).map(ToOwned::to_owned);
    let users = dirs::data_local_dir().map(|folder| folder.join("csound-performer"));
    let folders = own.into_iter().chain(above).chain(users).chain(INSTALLED.iter().map(PathBuf::from));
    folders.map(|folder| folder.join(PROGRAM)).find(|program| program.is_file())
}

/// The usual bound on an engine's address space.
pub(super) fn half_the_memory() -> u64 {
    let info = rustix::system::sysinfo();
    // The field's type is the machine's word.
    #[allow(clippy::unnecessary_cast, reason = "not on every machine")]
    let total = info.totalram as u64 * u64::from(info.mem_unit.max(1));
    (total / 2).max(1 << 30)
}

/// What was heard of an engine, besides the console.
enum Heard {
    Said(Say),
    /// It is no more; how it ended.
    Ended(String),
}

/// Listens to one engine.
struct Watch {
    inner: Arc<Inner>,
    control: UnixStream,
    console: OwnedFd,
    inbox: Inbox,
    lines: Lines,
    /// The folder goes when the engine has.
    _folder: EngineFolder,
    /// The last progress that was seen, and when.
    progress: (u32, u32),
    progress_at: u64,
    /// When the stream from the engine was at its end.
    deaf_since: Option<Instant>,
    /// Why we ended it.
    killed_for: Option<String>,
}

/// Starts an engine process and its piece.
#[allow(clippy::type_complexity, reason = "used once, in `RemoteEngine::start`")]
pub(super) fn start(
    spec: &PieceSpec,
    options: &Options,
    console: &mut dyn FnMut(ConsoleLine),
) -> Result<(Arc<Inner>, JoinHandle<()>, Format, Shown), StartError> {
    let mut watch = spawn(spec, options).map_err(|error| {
        StartError::Process(format!("the engine {} does not start: {error}", options.program.display()))
    })?;
    let started = watch.wait_for_start(spec, options, console);
    for line in watch.inner.drain() {
        console(line);
    }
    match started {
        Ok((format, shown)) => {
            let inner = Arc::clone(&watch.inner);
            let thread =
                std::thread::Builder::new().name("csound watch".into()).spawn(move || watch.run())?;
            Ok((inner, thread, format, shown))
        }
        Err(error) => {
            watch.inner.ending.store(true, Ordering::Release);
            watch.inner.process.kill();
            watch.wait_for_the_end();
            Err(error)
        }
    }
}

fn spawn(spec: &PieceSpec, options: &Options) -> io::Result<Watch> {
    let folder = EngineFolder::new()?;
    let (descriptor, memory) = SharedMemory::create(wire::BYTES)?;
    let (control, engines_control) = UnixStream::pair()?;
    let (console, engines_console) = platform::packet_pair()?;
    let descriptors = [engines_control.into(), descriptor, engines_console];
    let process = Process::start(&options.program, folder.path(), descriptors)?;
    let inner = Arc::new(Inner {
        name: spec.piece.name.clone(),
        process,
        memory,
        control: Mutex::new(control.try_clone()?),
        born: Instant::now(),
        dead: AtomicBool::new(false),
        ending: AtomicBool::new(false),
        posted: AtomicU32::new(0),
        posted_at: AtomicU64::new(0),
        patience: AtomicU64::new(0),
        bound: Mutex::new(0),
        was_bound: Condvar::new(),
        evaluating: Mutex::default(),
        console: Mutex::default(),
        death: Mutex::default(),
    });
    // An engine that does not read must not hold whoever writes to it.
    control.set_write_timeout(Some(options.compile_limit))?;
    let start = Start {
        version: protocol::VERSION,
        spec: spec.clone(),
        folder: folder.path().to_owned(),
        confinement: options.confinement.clone(),
        bounds: options.bounds,
    };
    inner.ask(&Ask::Start(Box::new(start)))?;
    control.set_nonblocking(false)?;
    Ok(Watch {
        inner,
        control,
        console,
        inbox: Inbox::new(protocol::LONGEST_FROM_ENGINE),
        lines: Lines::default(),
        _folder: folder,
        progress: (0, 0),
        progress_at: 0,
        deaf_since: None,
        killed_for: None,
    })
}

impl Inner {
    fn say(&self, lines: impl IntoIterator<Item = ConsoleLine>) {
        let mut console = self.console.lock().unwrap_or_else(PoisonError::into_inner);
        console.extend(lines);
        let over = console.len().saturating_sub(LINES);
        console.drain(..over);
    }

    fn drain(&self) -> Vec<ConsoleLine> {
        std::mem::take(&mut *self.console.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Watch {
    /// Listens until the piece is started, has failed, or takes too long.
    fn wait_for_start(
        &mut self,
        spec: &PieceSpec,
        options: &Options,
        console: &mut dyn FnMut(ConsoleLine),
    ) -> Result<(Format, Shown), StartError> {
        let name = spec.piece.name.clone();
        let until = Instant::now() + options.compile_limit;
        let mut errors = Vec::new();
        loop {
            let heard = self.listen();
            for line in self.inner.drain() {
                if line.level == Level::Error {
                    errors.push(line.text.clone());
                }
                console(line);
            }
            for heard in heard {
                match heard {
                    Heard::Said(Say::Started { format, shown }) => {
                        return check(spec, format, shown).map_err(StartError::Process);
                    }
                    Heard::Said(Say::Failed(reason)) => return Err(failure(name, reason, errors)),
                    Heard::Said(Say::Confined { missing, complete }) => {
                        if !complete {
                            return Err(unconfined(&name, &missing));
                        }
                        missing.into_iter().for_each(|lacks| {
                            console(ConsoleLine::note(format!("this kernel lacks a protection: {lacks}")));
                        });
                    }
                    Heard::Said(Say::Console(line)) => console(line),
                    Heard::Said(Say::Bound | Say::Evaluated(_)) => {}
                    Heard::Ended(how) => {
                        let reason = format!("{how} while it was being compiled");
                        let said = errors.last().map(|error| format!(" / {error}")).unwrap_or_default();
                        return Err(StartError::Compile { name, reason: reason + &said });
                    }
                }
            }
            if Instant::now() > until {
                let seconds = options.compile_limit.as_secs_f64();
                let reason = format!("it was not done after {seconds} s; a loop without an end, perhaps");
                return Err(StartError::Compile { name, reason });
            }
        }
    }

    /// Listens to a running engine until its end.
    fn run(mut self) {
        let listening = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| self.listen_to_the_end()));
        if listening.is_err() {
            self.inner.say([ConsoleLine::error(
                "Csound Performer failed while it watched an engine; this is our fault",
            )]);
        }
        self.inner.die();
        self.wait_for_the_end();
    }

    fn listen_to_the_end(&mut self) {
        loop {
            if self.inner.ending.load(Ordering::Acquire) {
                return;
            }
            for heard in self.listen() {
                match heard {
                    Heard::Said(Say::Bound) => {
                        *self.inner.bound.lock().unwrap_or_else(PoisonError::into_inner) += 1;
                        self.inner.was_bound.notify_all();
                    }
                    Heard::Said(Say::Console(line)) => self.inner.say([line]),
                    Heard::Said(Say::Evaluated(error)) => {
                        let error = error.map(|error| error.chars().take(LONGEST_REASON).collect());
                        if !self.inner.evaluated(error) {
                            self.kill("it spoke out of turn");
                        }
                    }
                    Heard::Said(_) => self.kill("it spoke out of turn"),
                    Heard::Ended(how) => return self.report(how),
                }
            }
            self.see_that_it_gets_on();
        }
    }

    /// What the engine says, its end included; waits for it a little.
    fn listen(&mut self) -> Vec<Heard> {
        let descriptors = [self.control.as_fd(), self.console.as_fd(), self.inner.process.descriptor()];
        let [spoken, printed, ended] = platform::wait_for(descriptors, LOOK);
        if printed {
            self.read_console();
        }
        let mut heard = Vec::new();
        if spoken {
            self.read_control(&mut heard);
        }
        if ended {
            // Its last words are in the sockets still.
            self.read_console();
            let mut last = Vec::new();
            self.lines.end(&mut last);
            self.inner.say(last.into_iter().map(ConsoleLine::from));
            heard.push(Heard::Ended(self.how_it_ended()));
        } else if spoken || printed {
            // A piece that talks without end gets a share of this thread, not all of it.
            std::thread::sleep(Duration::from_millis(1));
        }
        heard
    }

    fn read_console(&mut self) {
        let mut packet = [0; 4096];
        let mut lines = Vec::new();
        for _ in 0..PACKETS {
            let Ok(len @ 1..) = platform::receive_packet(&self.console, &mut packet) else { break };
            let (level, text) = match packet[0] {
                byte @ 1..=5 => (level_of(byte), &packet[1..len]),
                _ => (Level::Default, &packet[..len]),
            };
            self.lines.take(level, text, &mut lines);
        }
        self.inner.say(lines.into_iter().map(ConsoleLine::from));
    }

    fn read_control(&mut self, heard: &mut Vec<Heard>) {
        if self.inbox.take(&mut self.control, usize::MAX).is_err() {
            // The end of the stream comes with the end of the process; without it, it is a lie.
            let since = *self.deaf_since.get_or_insert_with(Instant::now);
            if since.elapsed() > CLOSING {
                self.kill("it does not listen any more");
            }
            return;
        }
        loop {
            match self.inbox.message() {
                Ok(Some(said)) => heard.push(Heard::Said(said)),
                Ok(None) => return,
                Err(error) => return self.kill(&format!("it said what makes no sense ({error})")),
            }
        }
    }

    fn kill(&mut self, why: &str) {
        if !self.inner.ending.load(Ordering::Acquire) && self.killed_for.is_none() {
            self.killed_for = Some(why.to_owned());
        }
        self.inner.process.kill();
    }

    /// Ends an engine that has a turn and does not get on with it.
    fn see_that_it_gets_on(&mut self) {
        let word = |at: usize| self.inner.memory.word(at).load(Ordering::Acquire);
        let posted = self.inner.posted.load(Ordering::Acquire);
        let seen = (posted, word(wire::PROGRESS));
        let now = self.inner.now();
        if seen != self.progress || word(wire::ANSWER) == posted {
            self.progress = seen;
            self.progress_at = now;
        }
        let since = self.progress_at.max(self.inner.posted_at.load(Ordering::Relaxed));
        let patience = self.inner.patience.load(Ordering::Relaxed);
        // Before the first turn there is nothing to get on with.
        if posted != 0 && now.saturating_sub(since) > patience {
            self.kill(&format!("it did not get on for {} s", patience as f64 / 1000.0));
        }
    }

    /// How the process ended, in words. It has.
    fn how_it_ended(&self) -> String {
        let ended = self.inner.process.ended().unwrap_or(Ended::Unknown);
        match (&self.killed_for, ended) {
            (Some(why), _) => format!("its engine was ended, because {why},"),
            (None, Ended::Signal(signal)) => {
                format!("its engine crashed (signal {signal}, {})", name_of_signal(signal))
            }
            (None, Ended::Code(code)) => format!("Csound ended its engine (exit status {code})"),
            (None, Ended::Unknown) => "its engine ended (how is not known)".to_owned(),
        }
    }

    /// Says how a running engine ended, and what came before.
    fn report(&self, how: String) {
        if self.inner.ending.load(Ordering::Acquire) {
            return;
        }
        let how = how.trim_end_matches(',');
        let before = self.last_event().map(|event| format!("; the last it was given was {event}"));
        let report = format!("{}: {how}{}", self.inner.name, before.unwrap_or_default());
        *self.inner.death.lock().unwrap_or_else(PoisonError::into_inner) = Some(report);
    }

    /// The last event of the last turn. What an engine has left in the memory may be anything.
    fn last_event(&self) -> Option<String> {
        let len = self.inner.memory.word(wire::EVENTS_LEN).load(Ordering::Relaxed) as usize;
        let mut bytes = vec![0; len.min(wire::EVENT_BYTES)];
        self.inner.memory.read(wire::EVENTS, &mut bytes);
        let last = wire::read_events(&bytes).last()?;
        let text = wire::describe(&last.kind);
        Some(text.chars().filter(|character| !character.is_control()).take(300).collect())
    }

    /// Waits until the process has ended by itself; after a while it is ended.
    fn wait_for_the_end(&mut self) {
        let until = Instant::now() + CLOSING;
        while self.inner.process.ended().is_none() {
            if Instant::now() > until {
                self.inner.process.kill();
            }
            self.read_console();
            let [_ended] = platform::wait_for([self.inner.process.descriptor()], LOOK);
        }
    }
}

/// Why the piece did not start: Csound's errors where it had any to say.
fn failure(name: String, reason: String, errors: Vec<String>) -> StartError {
    match errors.is_empty() {
        true => StartError::Process(reason),
        false => StartError::Compile { name, reason: errors.join(" / ") },
    }
}

fn unconfined(name: &str, missing: &[String]) -> StartError {
    StartError::Process(format!(
        "{name} stays silent: this system cannot confine it ({}). Trust the piece to perform it all the same",
        missing.join("; ")
    ))
}

/// Holds what an engine says of its piece to what is possible.
fn check(spec: &PieceSpec, format: Format, mut shown: Shown) -> Result<(Format, Shown), String> {
    let channels = &mut shown.channels;
    let possible = (1..=MAX_KSMPS).contains(&format.ksmps)
        && format.inputs <= MAX_CHANNELS
        && format.outputs <= MAX_CHANNELS
        && format.sample_rate == spec.sample_rate
        && channels.len() <= MOST_CHANNELS
        && channels.iter().all(|channel| channel.name.len() <= LONGEST_NAME);
    if !possible {
        return Err(format!("{}: its engine says what cannot be, and was ended", spec.piece.name));
    }
    for channel in channels {
        let finite = |hints: &crate::csound::ChannelHints| {
            [hints.default, hints.minimum, hints.maximum].iter().all(|value| value.is_finite())
        };
        channel.hints = channel.hints.take().filter(finite);
    }
    shown.score_length = shown.score_length.filter(|length| length.is_finite() && *length >= 0.0);
    Ok((format, shown))
}

fn level_of(byte: u8) -> Level {
    [Level::Orchestra, Level::Realtime, Level::Warning, Level::Error]
        .into_iter()
        .find(|level| crate::engine::serve::level_to_byte(*level) == byte)
        .unwrap_or(Level::Default)
}

fn name_of_signal(signal: i32) -> &'static str {
    match signal {
        libc::SIGSEGV => "a wrong access to memory",
        libc::SIGABRT => "it gave itself up",
        libc::SIGFPE => "an impossible calculation",
        libc::SIGBUS => "a wrong access to memory",
        libc::SIGILL => "an impossible instruction",
        libc::SIGKILL => "somebody or the system killed it",
        libc::SIGXCPU => "too long without a pause under real-time scheduling",
        libc::SIGSYS => "a forbidden system call",
        _ => "unusual",
    }
}
