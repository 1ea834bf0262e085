//! The host's side of an engine process, off the audio thread: starting it, listening to it, ending
//! it when it does not get on, and saying how it ended.

use std::ffi::OsStr;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::engine::local::MAX_CHANNELS;
use crate::engine::platform::{self, Ended, Process, SharedMemory};
use crate::engine::protocol::{self, Ask, Confinement, Inbox, Network, Say, Start};
use crate::engine::{Abandoned, ConsoleLine, Format, MAX_KSMPS, PieceSpec, Shown, StartError, wire};
use csound_library::{Level, Lines, own_folder};

use super::folder::EngineFolder;
use super::refusals::Refusals;
use super::sums::Sums;
use super::{Inner, Options};

/// The engine program's name.
const PROGRAM: &str = "csound-performer-engine";

/// The environment variable that names it; nothing else is tried then.
const VARIABLE: &str = "CSOUND_PERFORMER_ENGINE";

/// The environment variable that, set to `name`, has every refused system call named on the console.
const REFUSALS_VARIABLE: &str = "CSOUND_PERFORMER_REFUSALS";

/// Where it is installed, if it is not beside the plugin.
const INSTALLED: &[&str] =
    &["/usr/local/lib/csound-performer", "/usr/lib/csound-performer", "/usr/local/bin", "/usr/bin"];

/// How often the watch looks up while it waits for an engine's end.
const LOOK: Duration = Duration::from_millis(20);

/// How long an engine may take to end when it is asked to: a piece closes its files.
const CLOSING: Duration = Duration::from_secs(1);

/// Errors of a piece that does not start, as its failure tells them.
const MOST_ERRORS: usize = 32;

/// Packets of the console that are read at a time.
const PACKETS: usize = 256;

/// Lines of the console that wait for a reader, and their bytes; the oldest give way.
const LINES: usize = 10_000;
const LINE_BYTES: usize = 2 << 20;

/// Characters of what is wrong with orchestra code.
const LONGEST_REASON: usize = 1000;

/// Bytes of what is wrong with a piece, as its engine tells it.
const LONGEST_FAILURE: usize = 64 << 10;

/// Channels and characters of a name that an engine can tell of.
const MOST_CHANNELS: usize = 16_384;
const LONGEST_NAME: usize = 1024;

/// The engine program: what the environment names, else beside the plugin or program that this code
/// is part of, else where it is installed.
pub fn program() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os(VARIABLE).filter(|named| !named.is_empty()) {
        return Some(PathBuf::from(named)).filter(|program| program.is_file());
    }
    let own = own_folder();
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
    /// Whom the piece may talk to.
    network: Network,
    /// Whether a confined engine has yet to send what it asks on.
    awaits_listener: bool,
    /// What a confined engine asks, once it can.
    refusals: Option<Refusals>,
    sums: Sums,
    /// The engine's thread that performs, and how it is scheduled.
    thread: i32,
    scheduled: u64,
    /// The turn and how often the engine got on in it, as last seen, and when that was.
    progress: Progress,
    /// When the stream from the engine was at its end.
    deaf_since: Option<Instant>,
    /// Why we ended it.
    killed_for: Option<String>,
    /// Lines and bytes of the console until the start, and whether there were too many.
    told_lines: usize,
    told_bytes: usize,
    left_out: bool,
}

/// How far an engine has got with a turn.
#[derive(Clone, Copy, Default)]
struct Progress {
    /// The turn.
    turn: u32,
    /// The engine's own count.
    count: u32,
    /// How often that went up in this turn.
    steps: u32,
    /// When it last did, or the turn was seen first.
    at: u64,
}

/// What the watch tells whoever waits for a piece to start.
enum Starting {
    /// The engine is there.
    Begun(Arc<Inner>),
    Line(ConsoleLine),
    Started(Format, Shown),
    Failed(StartError),
}

/// Starts an engine process and its piece.
#[allow(clippy::type_complexity, reason = "used once, in `RemoteEngine::start`")]
pub(super) fn start(
    spec: &PieceSpec,
    options: &Options,
    console: &mut dyn FnMut(ConsoleLine),
) -> Result<(Arc<Inner>, JoinHandle<()>, Format, Shown), StartError> {
    let (tell, told) = channel();
    let (spec_there, options_there) = (spec.clone(), options.clone());
    // The engine ends with the thread that starts it, so that is the one that outlives it.
    let watching = move || match spawn(&spec_there, &options_there) {
        Ok(watch) => {
            if tell.send(Starting::Begun(Arc::clone(&watch.inner))).is_err() {
                // Nobody waits any more.
                watch.inner.end_at_once();
            }
            watch.run(&spec_there.piece.name, options_there.compile_limit, &tell);
        }
        Err(error) => drop(tell.send(Starting::Failed(error))),
    };
    let thread =
        std::thread::Builder::new().name("csound watch".into()).spawn(watching).map_err(|error| {
            StartError::Process(format!(
                "no thread could be started that watches an engine: {error}. This user may have too many"
            ))
        })?;
    let mut inner = None;
    let started = wait_for_start(&told, &options.abandoned, &mut inner, console)
        .and_then(|(format, shown)| check(spec, format, shown).map_err(StartError::Process));
    let lost = || StartError::Process("an engine was lost while it started; this is our fault".into());
    match started.and_then(|(format, shown)| Ok((inner.take().ok_or_else(lost)?, format, shown))) {
        Ok((inner, format, shown)) => Ok((inner, thread, format, shown)),
        Err(error) => {
            if let Some(inner) = inner {
                inner.end_at_once();
            }
            // Where the engine has not even begun, the watch ends it when it finds nobody to tell of it.
            drop(told);
            // A panic there was told.
            let _ = thread.join();
            Err(error)
        }
    }
}

/// Waits until the watch says that the piece is started or has failed, which it does in its time.
fn wait_for_start(
    told: &Receiver<Starting>,
    abandoned: &Abandoned,
    inner: &mut Option<Arc<Inner>>,
    console: &mut dyn FnMut(ConsoleLine),
) -> Result<(Format, Shown), StartError> {
    loop {
        if abandoned.is_abandoned() {
            return Err(StartError::Process("the piece was given up while it was being compiled".into()));
        }
        match told.recv_timeout(LOOK) {
            Err(RecvTimeoutError::Timeout) => {}
            Ok(Starting::Begun(begun)) => *inner = Some(begun),
            Ok(Starting::Line(line)) => console(line),
            Ok(Starting::Started(format, shown)) => return Ok((format, shown)),
            Ok(Starting::Failed(error)) => return Err(error),
            Err(RecvTimeoutError::Disconnected) => {
                return Err(StartError::Process(
                    "Csound Performer failed while it watched an engine; this is our fault".into(),
                ));
            }
        }
    }
}

/// Starts the process, and tells it of its piece.
fn spawn(spec: &PieceSpec, options: &Options) -> Result<Watch, StartError> {
    let lacking = |what: &str, error: io::Error| StartError::Process(format!("{what}: {error}"));
    let folder = EngineFolder::new().map_err(|error| {
        let place = std::env::temp_dir();
        let what = format!(
            "the engine has no folder to write into, because {} cannot be used (TMPDIR names another)",
            place.display()
        );
        lacking(&what, error)
    })?;
    let shared = |error| lacking("there is no memory to share with an engine", error);
    let (descriptor, memory) = SharedMemory::create(wire::BYTES).map_err(shared)?;
    let connected = |error| lacking("an engine cannot be talked to", error);
    let (control, engines_control) = UnixStream::pair().map_err(connected)?;
    let (console, engines_console) = platform::packet_pair().map_err(connected)?;
    let descriptors = [engines_control.into(), descriptor, engines_console];
    let is_wanted = if options.confinement.is_some() { is_for_a_confined_engine } else { is_for_an_engine };
    let process =
        Process::start(&options.program, folder.path(), descriptors, is_wanted).map_err(|error| {
            lacking(&format!("the engine {} does not start", options.program.display()), error)
        })?;
    let elsewhere = options.confinement.as_ref().is_none_or(|confinement| !confinement.writable.is_empty());
    let sums = Sums::new(options.bounds, process.id(), folder.path(), elsewhere);
    let inner = Arc::new(Inner {
        name: spec.piece.name.clone(),
        process,
        memory,
        control: control.try_clone().map_err(connected)?,
        asking: Mutex::new(()),
        is_deaf: AtomicBool::new(false),
        born: Instant::now(),
        dead: AtomicBool::new(false),
        ending: AtomicBool::new(false),
        posted: AtomicU32::new(0),
        posted_at: AtomicU64::new(0),
        scheduling: AtomicU64::new(0),
        steps: AtomicU32::new(0),
        patience: AtomicU64::new(0),
        bound: Mutex::new(0),
        was_bound: Condvar::new(),
        evaluating: Mutex::default(),
        console: Mutex::default(),
        death: Mutex::default(),
    });
    let start = Start {
        version: protocol::VERSION,
        spec: spec.clone(),
        folder: folder.path().to_owned(),
        confinement: options.confinement.clone().map(with_the_users_wish),
        bounds: options.bounds,
    };
    let told = inner.ask_within(&Ask::Start(Box::new(start)), options.compile_limit);
    if let Err(error) = told {
        inner.end_at_once();
        return Err(lacking(
            &format!("the engine {} does not take the piece", options.program.display()),
            error,
        ));
    }
    Ok(Watch {
        inner,
        control,
        console,
        inbox: Inbox::new(protocol::LONGEST_FROM_ENGINE),
        lines: Lines::default(),
        _folder: folder,
        network: options.confinement.as_ref().map_or(Network::Any, |confinement| confinement.network),
        awaits_listener: options.confinement.is_some(),
        refusals: None,
        sums,
        thread: 0,
        scheduled: 0,
        progress: Progress::default(),
        deaf_since: None,
        killed_for: None,
        told_lines: 0,
        told_bytes: 0,
        left_out: false,
    })
}

/// Whether an engine of a trusted piece gets a variable of the host's: all but those of the loader, which
/// are meant for the host.
fn is_for_an_engine(name: &OsStr) -> bool {
    !name.as_encoded_bytes().starts_with(b"LD_")
}

/// Whether a confined engine gets it: what says where Csound is and what the user's language is. A DAW's
/// environment can hold what is nobody's business, such as passwords.
fn is_for_a_confined_engine(name: &OsStr) -> bool {
    const NAMES: &[&str] = &[
        "HOME",
        "LANG",
        "LANGUAGE",
        "TZ",
        "TMPDIR",
        "PATH",
        "OPCODE6DIR64",
        "OPCODE6DIR",
        "OPCODE7DIR64",
        "SSDIR",
        "SFDIR",
        "SADIR",
        "INCDIR",
        "MFDIR",
        "RAWWAVE_PATH",
        "CSNOSTOP",
        "CS_LANG",
        "CS_UDO_DIR",
        "RUST_BACKTRACE",
    ];
    name.to_str().is_some_and(|name| {
        NAMES.contains(&name) || name.starts_with("LC_") || name.starts_with("CSOUND_PERFORMER_")
    })
}

/// The host is asked about every call where the user looks for what is refused.
fn with_the_users_wish(confinement: Confinement) -> Confinement {
    let wanted = std::env::var_os(REFUSALS_VARIABLE).is_some_and(|value| value == "name");
    Confinement { names_every_refusal: confinement.names_every_refusal || wanted, ..confinement }
}

impl Inner {
    fn say(&self, lines: impl IntoIterator<Item = ConsoleLine>) {
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
    fn end_at_once(&self) {
        self.ending.store(true, Ordering::Release);
        self.process.kill();
    }

    fn drain(&self) -> Vec<ConsoleLine> {
        std::mem::take(&mut *self.console.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Watch {
    /// Listens to an engine from its start to its end.
    fn run(mut self, name: &str, limit: Duration, tell: &Sender<Starting>) {
        let listening = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            let started = self.listen_to_the_start(name, limit, tell);
            self.tell_lines(tell, &mut Vec::new());
            let performs = started.is_ok();
            // Nobody waits any more, at worst: then the engine is ended already.
            let _ = tell.send(match started {
                Ok((format, shown)) => Starting::Started(format, shown),
                Err(error) => Starting::Failed(error),
            });
            if performs {
                self.listen_to_the_end();
            } else {
                self.inner.end_at_once();
            }
        }));
        if listening.is_err() {
            self.inner.say([ConsoleLine::error(
                "Csound Performer failed while it watched an engine; this is our fault",
            )]);
        }
        self.inner.die();
        self.wait_for_the_end();
    }

    /// Listens until the piece is started, has failed, or takes too long.
    fn listen_to_the_start(
        &mut self,
        name: &str,
        limit: Duration,
        tell: &Sender<Starting>,
    ) -> Result<(Format, Shown), StartError> {
        let name = name.to_owned();
        let until = Instant::now() + limit;
        let mut errors = Vec::new();
        loop {
            let heard = self.listen();
            self.tell_lines(tell, &mut errors);
            for heard in heard {
                match heard {
                    Heard::Said(Say::Started { format, shown, thread }) => {
                        self.thread = thread;
                        return Ok((format, shown));
                    }
                    Heard::Said(Say::Failed(mut reason)) => {
                        reason.truncate(reason.floor_char_boundary(LONGEST_FAILURE));
                        return Err(self.with_refusals(failure(name, reason, errors)));
                    }
                    Heard::Said(Say::Confined { missing, complete, told }) => {
                        if !complete {
                            return Err(unconfined(&name, &missing));
                        }
                        if !told && self.network == Network::Machine {
                            self.tell_line(tell, ConsoleLine::error(
                                "this machine's network cannot be given to the piece: another program watches \
                                 what is started here (a container manager, perhaps), and only one can",
                            ));
                        }
                    }
                    Heard::Said(Say::Console(line)) => self.tell_line(tell, line),
                    Heard::Said(Say::Bound | Say::Evaluated(_)) => {}
                    Heard::Ended(how) => {
                        let reason = format!("{how} while it was being compiled");
                        let said = errors.last().map(|error| format!(" / {error}")).unwrap_or_default();
                        return Err(self.with_refusals(StartError::Compile { name, reason: reason + &said }));
                    }
                }
            }
            self.see_that_it_takes_no_more();
            if Instant::now() > until {
                let seconds = limit.as_secs_f64();
                let reason = format!("it was not done after {seconds} s; a loop without an end, perhaps");
                return Err(StartError::Compile { name, reason });
            }
        }
    }

    /// Tells whoever waits for the start what is on the console; errors are collected.
    fn tell_lines(&mut self, tell: &Sender<Starting>, errors: &mut Vec<String>) {
        for line in self.inner.drain() {
            if line.level == Level::Error && errors.len() < MOST_ERRORS {
                errors.push(line.text.clone());
            }
            self.tell_line(tell, line);
        }
    }

    /// Tells a line, as long as there were not too many: a piece may print without end.
    fn tell_line(&mut self, tell: &Sender<Starting>, line: ConsoleLine) {
        let line = line.shortened();
        self.told_lines += 1;
        self.told_bytes += line.text.len();
        if self.told_lines <= LINES && self.told_bytes <= LINE_BYTES {
            // Nobody waits any more, at worst.
            let _ = tell.send(Starting::Line(line));
        } else if !std::mem::replace(&mut self.left_out, true) {
            let _ = tell.send(Starting::Line(ConsoleLine::note(
                "what else the piece says until it has started is left out: it is too much",
            )));
        }
    }

    /// A failure of a piece that was refused something names what it would need.
    fn with_refusals(&self, error: StartError) -> StartError {
        let Some(refusals) = &self.refusals else { return error };
        let needs = match (refusals.sockets(), refusals.programs()) {
            (0, 0) => return error,
            (1.., 0) => "it tried to open a network connection, which needs a permission (see the shield)",
            (_, _) => "it tried to start a program, which only a piece that you trust may",
        };
        match error {
            StartError::Compile { name, reason } => {
                StartError::Compile { name, reason: format!("{reason} / {needs}") }
            }
            StartError::Process(reason) => StartError::Process(format!("{reason} / {needs}")),
            other => other,
        }
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
            self.schedule();
            self.see_that_it_gets_on();
            self.see_that_it_takes_no_more();
        }
    }

    /// Gives the engine's performing thread the scheduling of the host's audio thread. The engine cannot do
    /// that itself: it would take more, for more threads.
    fn schedule(&mut self) {
        let wanted = self.inner.scheduling.load(Ordering::Relaxed);
        if wanted == self.scheduled {
            return;
        }
        self.scheduled = wanted;
        let task = format!("/proc/{}/task/{}", self.inner.process.id(), self.thread);
        if self.thread > 0 && std::path::Path::new(&task).exists() {
            // Where the user may not do that, the engine performs as any program does.
            // One below the audio thread's, which no engine can then keep from going on.
            let _ = platform::Scheduling::from_bits(wanted).one_below().give_to(self.thread);
        }
    }

    /// What the engine says, its end included; waits for it a little.
    fn listen(&mut self) -> Vec<Heard> {
        let [spoken, printed, ended, asked] = self.wait(self.sums.pause());
        if printed {
            self.read_console();
        }
        if asked && self.refusals.as_mut().is_some_and(|refusals| !refusals.answer()) {
            self.refusals = None;
        }
        let refused = self.refusals.as_mut().map(|refusals| refusals.lines(ended)).unwrap_or_default();
        self.inner.say(refused);
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

    /// Whether the engine has spoken, printed, ended, asked.
    fn wait(&self, limit: Duration) -> [bool; 4] {
        let (control, console) = (self.control.as_fd(), self.console.as_fd());
        let process = self.inner.process.descriptor();
        match &self.refusals {
            Some(refusals) => platform::wait_for([control, console, process, refusals.descriptor()], limit),
            None => {
                let [spoken, printed, ended] = platform::wait_for([control, console, process], limit);
                [spoken, printed, ended, false]
            }
        }
    }

    fn read_console(&mut self) {
        let mut packet = [0; 4096];
        let mut lines = Vec::new();
        for _ in 0..PACKETS {
            let Ok((len @ 1.., descriptor)) = platform::receive_packet(&self.console, &mut packet) else {
                break;
            };
            if packet[0] == platform::LISTENER_PACKET {
                self.take_listener(descriptor);
                continue;
            }
            let (level, text) = match packet[0] {
                byte @ 1..=5 => (level_of(byte), &packet[1..len]),
                _ => (Level::Default, &packet[..len]),
            };
            self.lines.take(level, text, &mut lines);
        }
        self.inner.say(lines.into_iter().map(ConsoleLine::from));
    }

    /// Takes what a confined engine asks on, once.
    fn take_listener(&mut self, listener: Option<OwnedFd>) {
        if let (Some(listener), true) = (listener, std::mem::take(&mut self.awaits_listener)) {
            self.refusals = Some(Refusals::new(listener, self.network, self.inner.process.id()));
        }
    }

    fn read_control(&mut self, heard: &mut Vec<Heard>) {
        let taken = self.inbox.take(&mut platform::Present(&self.control), usize::MAX);
        if taken.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock) {
            return;
        }
        if taken.is_err() {
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

    /// Ends an engine that has a turn and does not get on with it. A turn has so many steps and no more:
    /// what an engine counts beyond them is not believed.
    fn see_that_it_gets_on(&mut self) {
        let word = |at: usize| self.inner.memory.word(at).load(Ordering::Acquire);
        let posted = self.inner.posted.load(Ordering::Acquire);
        let count = word(wire::PROGRESS);
        let now = self.inner.now();
        let Progress { turn, count: before, steps, .. } = self.progress;
        if turn != posted || word(wire::ANSWER) == posted {
            self.progress = Progress { turn: posted, count, steps: 0, at: now };
        } else if count != before && steps < self.inner.steps.load(Ordering::Relaxed) {
            self.progress = Progress { turn, count, steps: steps + 1, at: now };
        }
        let since = self.progress.at.max(self.inner.posted_at.load(Ordering::Relaxed));
        let patience = self.inner.patience.load(Ordering::Relaxed);
        // Before the first turn there is nothing to get on with.
        if posted != 0 && now.saturating_sub(since) > patience {
            self.kill(&format!("it did not get on for {} s", patience as f64 / 1000.0));
        }
    }

    /// Ends an engine that has taken more than it may.
    fn see_that_it_takes_no_more(&mut self) {
        if let Some(excess) = self.sums.excess() {
            self.kill(&excess);
        }
    }

    /// How the process ended, in words. It has.
    fn how_it_ended(&self) -> String {
        let ended = self.inner.process.ended().unwrap_or(Ended::Unknown);
        match (&self.killed_for, ended) {
            (None, Ended::Signal(libc::SIGKILL)) if self.inner.is_deaf.load(Ordering::Acquire) => {
                "its engine was ended, because it did not take what it was told,".to_owned()
            }
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
            // Whatever still asks is refused: a piece that closes its files may.
            if self.refusals.as_mut().is_some_and(|refusals| !refusals.answer()) {
                self.refusals = None;
            }
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
    let missing: Vec<&str> =
        missing.iter().take(8).map(|lacks| &lacks[..lacks.floor_char_boundary(200)]).collect();
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
        let finite = |hints: &csound_library::ChannelHints| {
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
