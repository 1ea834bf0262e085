//! The engine program: starts one piece and performs the turns that its host puts into the shared
//! memory, until the host is gone.
//!
//! Two threads. The main thread listens to the host, and ends the process when the host's end of the
//! stream closes, however the host ended. The perform thread
//! does nothing but turns.

mod activity;
mod answers;
mod bell;
mod console;
mod overlay;
mod shared;
mod turns;

use std::os::fd::{AsFd, AsRawFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use csound_library::{CsoundHandle, Library, tap_all};

use super::nursery::{self, Nursed};
use super::platform::{self, SharedMemory};
use super::protocol::{self, Ask, Confinement, Inbox, Say, Start};
use super::{sandbox, wire};
use crate::engine::console::ConsoleLine;
use crate::engine::local::{Current, LocalEngine};
use crate::engine::spec::{PieceSpec, StartError, Started};
use crate::engine::turn::Engine;
use crate::engine::{opcode_libraries, piece};

pub use overlay::{Access, place_of, tell_of_reading, tell_of_refusal};

use activity::Activity;
use answers::Answers;
use bell::Bell;
use console::{CONSOLE, PATIENT, say_on_console};
use shared::SharedByThreads;
use turns::Turns;

/// The pause between two looks of the main thread at a host that is silent.
const LOOK_AFTER: Duration = Duration::from_secs(60);

/// The least time between two tellings of changed widgets: no screen shows more.
const BETWEEN_CHANGES: Duration = Duration::from_millis(5);

/// The folder of the piece's text, in the engine's own.
const PIECE_FOLDER: &str = "piece";

/// The longest that the piece may take to close its files at the end.
const CLOSING: Duration = Duration::from_millis(700);

/// Stack of the perform thread: what a program's first thread usually has.
const STACK: usize = 8 << 20;

/// The engine's name among processes, which shows 15 characters.
const NAME: &str = "csound-performer-engine";

/// Runs the engine program to its end. Returns only if there is no host.
///
/// # Errors
/// This process was not started by a host, or the host did not begin as it has to.
pub fn run() -> std::io::Result<()> {
    let is_nursery = std::env::args_os().nth(1).is_some_and(|argument| argument == nursery::ARGUMENT);
    // From here on one that a nursery has borne is like any other.
    let nursed = if is_nursery { Some(nursery::attend()?) } else { None };
    let (mut control, memory, console) = platform::inherited()?;
    let memory = Arc::new(SharedMemory::map(memory.as_fd(), wire::BYTES)?);
    CONSOLE.store(console.as_raw_fd(), Ordering::Release);
    tap_all(say_on_console);
    let (answers, activity, panel_bell) = (Answers::new()?, Activity::new()?, Arc::new(Bell::new()?));
    let Ask::Start(start) = protocol::receive(&mut control, protocol::LONGEST_TO_ENGINE)? else {
        return Err(std::io::Error::other("the host did not begin with how the piece is held"));
    };
    platform::set_name(NAME);
    let (folder, is_confined) = (start.folder.clone(), start.confinement.is_some());
    let started = match start_piece(*start, nursed.as_ref(), &mut control, console.as_fd()) {
        Ok(started) => started,
        Err(reason) => {
            protocol::send(&mut control, &Say::Failed(reason))?;
            wait_for_the_end(&control);
            leave(&folder, is_confined)
        }
    };
    PATIENT.store(false, Ordering::Release);
    let handle = started.engine.csound();
    let (format, shown) = (started.engine.format(), started.shown);
    let panel = started.engine.panel();
    if let Some(panel) = &panel {
        let bell = Arc::clone(&panel_bell);
        panel.at_change(move || bell.ring());
    }
    let shared = Arc::new(SharedByThreads {
        memory,
        bindings: Mutex::new(None),
        answers,
        activity,
        panel,
        panel_bell,
        ending: AtomicBool::new(false),
    });
    let (thread, finished) = match perform_on_a_thread(Arc::clone(&shared), started.engine) {
        Ok(started) => started,
        Err(error) => {
            let reason = format!("no thread could be started to perform in: {error}");
            protocol::send(&mut control, &Say::Failed(reason))?;
            wait_for_the_end(&control);
            leave(&folder, is_confined)
        }
    };
    protocol::send(&mut control, &Say::Started { format, shown, thread })?;
    // Whatever ends the conversation is the end of the host, as far as this process can tell.
    let _ = attend(&mut control, &shared, handle.as_ref());
    shared.ending.store(true, Ordering::Release);
    platform::wake(shared.memory.word(wire::REQUEST));
    // A piece that hangs is left as it is: the process ends all the same.
    let _ = finished.recv_timeout(CLOSING);
    // Code of the last turns may have been evaluated since. A host that is gone does not hear it.
    let _ = tell_answers(&mut control, &shared);
    leave(&folder, is_confined)
}

/// Confines the process, and receives and starts the piece.
fn start_piece(
    start: Start,
    nursed: Option<&Nursed>,
    control: &mut UnixStream,
    console: BorrowedFd<'_>,
) -> Result<Started<LocalEngine>, String> {
    if start.version != protocol::VERSION {
        return Err(format!(
            "the engine program is of another version than the plugin ({} and {}): install both again",
            protocol::VERSION,
            start.version
        ));
    }
    if nursed.is_some() {
        platform::settle_in(&start.folder).map_err(|error| {
            format!("the engine's folder {} cannot be used: {error}", start.folder.display())
        })?;
    }
    sandbox::bound(&start.bounds).map_err(|error| format!("the engine's bounds cannot be set: {error}"))?;
    let library = Library::of(start.generation).map_err(|error| error.to_string())?;
    let files = start.folder.join(PIECE_FOLDER);
    // A confined engine makes no folders.
    for folder in [&files, &start.folder.join(overlay::WRITTEN)] {
        std::fs::create_dir(folder)
            .map_err(|error| format!("the engine's folder {} cannot be used: {error}", folder.display()))?;
    }
    let mut lines = Vec::new();
    let home = enter(start.home.as_deref(), &start.folder, &mut lines);
    if let Some(mut confinement) = start.confinement.clone() {
        // Its opcode libraries are linked to where they lie.
        confinement.readable.extend(library.opcode_folders());
        limit_opcodes(library, &mut confinement, nursed)?;
        let confined = sandbox::confine(&confinement, &start.folder, library.path(), console)
            .map_err(|error| format!("the engine cannot be confined: {error}"))?;
        let sandbox::Confined { missing, complete, told } = confined;
        let said = Say::Confined { missing, complete, told };
        protocol::send(control, &said).map_err(|error| error.to_string())?;
        if !complete {
            return Err("the engine is not confined".into());
        }
        library.forget_users_settings();
    } else if nursed.is_some() {
        return Err("a piece that is trusted has nothing of a nursery; this is our fault".into());
    }
    let writable = start.confinement.as_ref().map(|confinement| &*confinement.writable);
    overlay::lay(&home, &start.folder, writable);
    // Nothing of the piece was read until here.
    let Ask::Piece(spec) = protocol::receive(control, protocol::LONGEST_TO_ENGINE)
        .map_err(|error| format!("the piece does not arrive: {error}"))?
    else {
        return Err("the host did not go on with a piece".into());
    };
    let mut spec = PieceSpec { measured: true, ..*spec };
    if start.confinement.is_some() {
        let taken_out = piece::take_out_foreign_parts(&mut spec.piece.source, library.generation());
        lines.extend(taken_out.into_iter().map(|what| {
            ConsoleLine::error(format!("refused: {what}; only a piece that you trust may have that"))
        }));
    }
    let started = std::panic::catch_unwind(AssertUnwindSafe(|| {
        LocalEngine::start_from(&spec, &files, Current::Piece, &mut |line| lines.push(line))
    }));
    for line in lines {
        protocol::send(control, &Say::Console(line)).map_err(|error| error.to_string())?;
    }
    match started {
        Ok(started) => started
            .map(|started| measured(started, &start.folder))
            .map_err(|error: StartError| error.to_string()),
        Err(_) => Err("Csound Performer failed while loading the piece; this is our fault".into()),
    }
}

/// Holds the process to the opcode libraries that it may load. One that comes from a nursery is held to them
/// already.
fn limit_opcodes(
    library: &Library,
    confinement: &mut Confinement,
    nursed: Option<&Nursed>,
) -> Result<(), String> {
    let Some(Nursed { opcodes }) = nursed else {
        return opcode_libraries::limit(library, &confinement.libraries)
            .map_err(|error| format!("the folder of opcode libraries cannot be made: {error}"));
    };
    if !confinement.libraries.is_empty() {
        return Err("opcode libraries that the user has added are in no nursery; this is our fault".into());
    }
    confinement.readable.extend(opcodes.clone());
    Ok(())
}

/// Makes the piece's folder the current one, as it is for the csound command started there. Without one, or
/// if it cannot be entered, it is the engine's own.
fn enter(home: Option<&Path>, own: &Path, lines: &mut Vec<ConsoleLine>) -> PathBuf {
    let Some(home) = home else { return own.to_owned() };
    match std::env::set_current_dir(home) {
        Ok(()) => home.to_owned(),
        Err(error) => {
            let home = home.display();
            lines.push(ConsoleLine::warning(format!(
                "the piece's folder {home} cannot be entered ({error}): files that the piece names are not found"
            )));
            own.to_owned()
        }
    }
}

/// With the length and the entries of the score that Csound has written.
fn measured(mut started: Started<LocalEngine>, own: &Path) -> Started<LocalEngine> {
    let sorted = std::fs::read_to_string(own.join(overlay::SORTED_SCORE)).ok();
    started.shown.score_length = sorted.as_deref().and_then(piece::length::score_length);
    started.shown.score = sorted.as_deref().map(piece::score_entries::score_entries).unwrap_or_default();
    started
}

/// Listens to the host until it is gone.
fn attend(
    control: &mut UnixStream,
    shared: &SharedByThreads,
    csound: Option<&CsoundHandle>,
) -> std::io::Result<()> {
    let mut inbox = Inbox::new(protocol::LONGEST_TO_ENGINE);
    loop {
        let (answers, panel) = (shared.answers.descriptor(), shared.panel_bell.descriptor());
        let bells = [control.as_fd(), answers, panel, shared.activity.descriptor()];
        let [spoken, answered, changed, counted] = platform::wait_for(bells, LOOK_AFTER);
        if spoken {
            inbox.take(control, usize::MAX)?;
            while let Some(ask) = inbox.message()? {
                carry_out(ask, control, shared, csound)?;
            }
        }
        if answered {
            tell_answers(control, shared)?;
        }
        if changed {
            tell_changes(control, shared)?;
        }
        if counted {
            protocol::send(control, &Say::Active(shared.activity.take()))?;
        }
    }
}

/// Tells the host what the piece has changed of its widgets since the last time. What it changes meanwhile waits,
/// and the newest of it stands.
fn tell_changes(control: &mut UnixStream, shared: &SharedByThreads) -> std::io::Result<()> {
    shared.panel_bell.hear();
    let changes = shared.panel.as_ref().map(|panel| panel.take()).unwrap_or_default();
    if changes.is_empty() {
        return Ok(());
    }
    protocol::send(control, &Say::Panel(changes))?;
    std::thread::sleep(BETWEEN_CHANGES);
    Ok(())
}

/// Tells the host what came of code since the last time.
fn tell_answers(control: &mut UnixStream, shared: &SharedByThreads) -> std::io::Result<()> {
    shared.answers.take().into_iter().try_for_each(|answer| protocol::send(control, &Say::Evaluated(answer)))
}

fn carry_out(
    ask: Ask,
    control: &mut UnixStream,
    shared: &SharedByThreads,
    csound: Option<&CsoundHandle>,
) -> std::io::Result<()> {
    match ask {
        Ask::Start(_) | Ask::Piece(_) => Err(std::io::Error::other("a second piece")),
        Ask::CountActive(is_wanted) => {
            shared.activity.want(is_wanted);
            Ok(())
        }
        Ask::Bind(names) => {
            *shared.bindings.lock().unwrap_or_else(PoisonError::into_inner) = Some(names);
            protocol::send(control, &Say::Bound)
        }
        Ask::Text { name, text } => {
            if let Some(csound) = csound {
                csound.set_string_channel(&name, &text);
            }
            Ok(())
        }
        Ask::Draw(stroke) => {
            if let Some(panel) = &shared.panel {
                // Where too many wait nothing performs, and nobody sees what is drawn.
                let _ = panel.draw(stroke);
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
/// Its folder is the host's to remove. If there is no host any more a trusted engine removes it; a
/// confined one can remove nothing, and the next host does.
fn leave(folder: &Path, is_confined: bool) -> ! {
    if !is_confined {
        // What cannot be removed the next host finds.
        let _ = std::fs::remove_dir_all(folder);
    }
    platform::leave(0)
}

/// The number of the thread, and what hears of its end.
fn perform_on_a_thread(
    shared: Arc<SharedByThreads>,
    engine: LocalEngine,
) -> std::io::Result<(i32, Receiver<()>)> {
    let (finished, wait): (Sender<()>, _) = channel();
    let (begun, number) = channel();
    std::thread::Builder::new().name("csound perform".into()).stack_size(STACK).spawn(move || {
        // Somebody waits for it, below.
        let _ = begun.send(platform::thread_number());
        let mut performer = Turns::new(&shared, Box::new(engine));
        performer.run();
        // Closes the piece's files.
        drop(performer);
        let _ = finished.send(());
    })?;
    Ok((number.recv().map_err(std::io::Error::other)?, wait))
}
