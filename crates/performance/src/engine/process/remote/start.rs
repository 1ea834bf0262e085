//! Starting an engine process and its piece.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread::JoinHandle;

use csound_library::Opcode;
use rustix::io::Errno;

use super::handle::Inner;
use super::options::Options;
use super::program::{environment, with_the_users_wish};
use super::watch::starting::Starting;
use super::watch::{LOOK, Watch};
use crate::engine::console::ConsoleLine;
use crate::engine::piece::score_entries::MOST_ENTRIES;
use crate::engine::process::folder::EngineFolder;
use crate::engine::process::nursery::{Birth, Key, Upbringing};
use crate::engine::process::platform::{self, Process, Program, SharedMemory};
use crate::engine::process::protocol::{self, Ask, Confinement, Start};
use crate::engine::process::reading::{FILES_VARIABLE, NAMED};
use crate::engine::process::wire;
use crate::engine::spec::{Abandoned, PieceSpec, Shown, StartError};
use crate::engine::turn::{Format, MAX_CHANNELS, MAX_KSMPS};

/// Channels and characters of a name that an engine can tell of.
const MOST_CHANNELS: usize = 16_384;
const LONGEST_NAME: usize = 1024;

/// Opcodes that an engine can tell of, variants of one name counted each, and characters of the types of one.
const MOST_OPCODES: usize = 16_384;
const LONGEST_TYPES: usize = 512;

/// Nurseries that are tried before an engine is started as a program.
const NURSERIES_TRIED: usize = 2;

/// Starts an engine process and its piece.
#[allow(clippy::type_complexity, reason = "used once, in `RemoteEngine::start`")]
pub(super) fn start(
    spec: &PieceSpec,
    options: &Options,
    console: &mut dyn FnMut(ConsoleLine),
) -> Result<(Arc<Inner>, JoinHandle<()>, Format, Shown), StartError> {
    let (tell, told) = channel();
    // A piece can be long: this is its one copy on the host's side, and it goes once the engine has it.
    let (spec_there, options_there) = (spec.clone(), options.clone());
    let name = spec.piece.name.clone();
    // The engine ends with the thread that starts it, so that is the one that outlives it.
    let watching = move || match spawn(spec_there, &options_there) {
        Ok(watch) => {
            if tell.send(Starting::Begun(Arc::clone(&watch.inner))).is_err() {
                // Nobody waits any more.
                watch.inner.end_at_once();
            }
            watch.run(&name, options_there.compile_limit, &tell);
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
            // An engine may have begun that nobody has heard of yet, or begin now. The watch tells until it is done.
            for late in &told {
                if let Starting::Begun(begun) = late {
                    begun.end_at_once();
                }
            }
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
fn spawn(spec: PieceSpec, options: &Options) -> Result<Watch, StartError> {
    let folder = EngineFolder::new().map_err(|error| {
        let place = std::env::temp_dir();
        let what = format!(
            "the engine has no folder to write into, because {} cannot be used (TMPDIR names another)",
            place.display()
        );
        lacking(&what, error)
    })?;
    let Begun { process, upbringing, ends } = begin(&spec, options, folder.path())?;
    let Ends { memory, control, listening, console } = ends;
    let inner = Arc::new(Inner::new(&spec.piece.name, process, memory, control));
    let start = Start {
        version: protocol::VERSION,
        generation: spec.generation,
        home: spec.piece.folder.clone(),
        folder: folder.path().to_owned(),
        confinement: options.confinement.clone().map(with_the_users_wish),
        bounds: options.bounds,
    };
    // The engine reads the piece once it is confined; what it cannot take before waits in the stream.
    let told = inner
        .ask_within(&Ask::Start(Box::new(start)), options.compile_limit)
        .and_then(|()| inner.ask_within(&Ask::Piece(Box::new(spec)), options.compile_limit));
    if let Err(error) = told {
        inner.end_at_once();
        return Err(lacking(
            &format!("the engine {} does not take the piece", options.program.display()),
            error,
        ));
    }
    Ok(Watch::new(inner, listening, console, folder, upbringing, options))
}

const NO_TALK: &str = "an engine cannot be talked to";

fn lacking(what: &str, error: io::Error) -> StartError {
    let full = [Errno::MFILE, Errno::NFILE].map(Errno::raw_os_error).map(Some);
    let advice = match full.contains(&error.raw_os_error()) {
        true => ". Too many files are open: close some pieces or plugins, or raise the limit (ulimit -n)",
        false => "",
    };
    StartError::Process(format!("{what}: {error}{advice}"))
}

/// The host's ends of what it shares with an engine.
struct Ends {
    memory: SharedMemory,
    /// To tell it something, and to listen to it.
    control: UnixStream,
    listening: UnixStream,
    console: OwnedFd,
}

/// Both ends; the engine's are its first three descriptors.
fn connect() -> Result<(Ends, [OwnedFd; 3]), StartError> {
    let (descriptor, memory) = SharedMemory::create(wire::BYTES)
        .map_err(|error| lacking("there is no memory to share with an engine", error))?;
    let (control, engines_control) = UnixStream::pair().map_err(|error| lacking(NO_TALK, error))?;
    let (console, engines_console) = platform::packet_pair().map_err(|error| lacking(NO_TALK, error))?;
    let listening = control.try_clone().map_err(|error| lacking(NO_TALK, error))?;
    Ok((Ends { memory, control, listening, console }, [engines_control.into(), descriptor, engines_console]))
}

/// An engine's process that has begun.
struct Begun {
    process: Process,
    upbringing: Option<Upbringing>,
    ends: Ends,
}

/// The engine's process, from a nursery if there is one for it, otherwise as a program.
fn begin(spec: &PieceSpec, options: &Options, folder: &Path) -> Result<Begun, StartError> {
    let mut environment = environment(options.confinement.is_some());
    if options.names_files {
        environment.push((FILES_VARIABLE.into(), NAMED.into()));
    }
    let (mut ends, mut theirs) = connect()?;
    if let (Some(nurseries), Some(confinement)) = (&options.nurseries, &options.confinement)
        && fits_a_nursery(confinement)
        && !options.names_files
    {
        let key = Key::new(&options.program, spec.generation, &environment);
        for _ in 0..NURSERIES_TRIED {
            match nurseries.bear(&key, theirs.each_ref().map(AsFd::as_fd), &options.abandoned) {
                Birth::Done(process, upbringing) => {
                    return Ok(Begun { process, upbringing: Some(upbringing), ends });
                }
                Birth::None => break,
                Birth::Failed { is_worth_another } => {
                    // Those go first: there may be no room for others besides.
                    drop((ends, theirs));
                    (ends, theirs) = connect()?;
                    if !is_worth_another {
                        break;
                    }
                }
            }
        }
    }
    let program = Program { file: &options.program, argument: None, folder, environment: &environment };
    let process = Process::start(&program, theirs).map_err(|error| {
        lacking(&format!("the engine {} does not start", options.program.display()), error)
    })?;
    Ok(Begun { process, upbringing: None, ends })
}

/// True if an engine with this confinement can come from a nursery. Code of an opcode library that the user has
/// added runs when it is loaded, which has to be behind the engine's own guards; and an engine whose every refusal
/// is named would be asked about calls that its nursery has refused already. (An engine of a trusted piece may do
/// what a nursery's cannot.)
fn fits_a_nursery(confinement: &Confinement) -> bool {
    confinement.libraries.is_empty() && !with_the_users_wish(confinement.clone()).names_every_refusal
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
    shown.opcodes.truncate(if spec.lists_opcodes { MOST_OPCODES } else { 0 });
    shown.opcodes.retain(is_possible);
    shown.score_length = shown.score_length.filter(|length| length.is_finite() && *length >= 0.0);
    shown.score.truncate(MOST_ENTRIES);
    shown.score.retain(|entry| entry.is_possible());
    Ok((format, shown))
}

/// Whether an opcode may be listed as an engine tells it: the editor shows it, and goes by it.
fn is_possible(opcode: &Opcode) -> bool {
    let is_letter = |letter: char| letter.is_alphanumeric() || letter == '_';
    let is_name =
        !opcode.name.is_empty() && opcode.name.len() <= LONGEST_NAME && opcode.name.chars().all(is_letter);
    let is_types =
        |types: &str| types.len() <= LONGEST_TYPES && types.chars().all(|letter| letter.is_ascii_graphic());
    is_name && is_types(&opcode.results) && is_types(&opcode.arguments)
}
