//! Confinement of an engine process, by itself and before it reads the piece. Two guards of the
//! kernel's, one inside the other: Landlock (`files`) decides which files can be opened, seccomp
//! ([`calls`]) which system calls are made at all. Each is a list of what is permitted. Bounds on memory,
//! files and real-time computing hold for trusted pieces too.
//!
//! A call that a guard refuses fails in the piece with the opcode's own message. Starting programs and
//! opening sockets say nothing by themselves, so those calls wait for the *host*, which names and refuses
//! them (`remote/refusals.rs`). The engine keeps nothing that could answer for it: the listener goes to the
//! host and is closed here before the list is put up, and the list permits neither another filter nor the way
//! on which the listener went.

pub(crate) mod calls;
mod files;
pub(crate) mod filter;
mod kernel;
mod never;

use std::io;
use std::os::fd::BorrowedFd;
use std::path::Path;

use rustix::process::{Resource, Rlimit};

use super::platform;
use super::protocol::{Bounds, Confinement, DESCRIPTORS};

pub(crate) use files::FOLDER_VARIABLES;
pub(crate) use never::guard_nursery;

/// The result of confining an engine.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Confined {
    /// Protections that this kernel lacks.
    pub missing: Vec<String>,
    /// True if what matters is there: no writing, no programs, no network.
    pub complete: bool,
    /// True if the host hears of what is refused.
    pub told: bool,
}

/// Sets the process's bounds.
///
/// # Errors
/// The system's error.
pub(crate) fn bound(bounds: &Bounds) -> io::Result<()> {
    // Real-time computing ends with a signal that tells of it, before the kernel's last word.
    let limits = [
        (Resource::As, bounds.memory, bounds.memory),
        (Resource::Fsize, bounds.file, bounds.file),
        (Resource::Rttime, bounds.realtime, bounds.realtime.saturating_mul(2)),
        (Resource::Core, 0, 0),
    ];
    for (resource, soft, hard) in limits {
        set_limit(resource, soft, hard)?;
    }
    // A file that grows too large is an error of the opcode that writes it, not the engine's end.
    // SAFETY: a plain call on the process's own signal state.
    unsafe { libc::signal(libc::SIGXFSZ, libc::SIG_IGN) };
    // First in line when memory runs out. If this cannot be said, the kernel chooses as ever.
    let _ = std::fs::write("/proc/self/oom_score_adj", "1000");
    Ok(())
}

/// A limit that the user has set lower stays.
fn set_limit(resource: Resource, soft: u64, hard: u64) -> io::Result<()> {
    let most = rustix::process::getrlimit(resource).maximum.unwrap_or(u64::MAX);
    let limit = Rlimit { current: Some(soft.min(most)), maximum: Some(hard.min(most)) };
    Ok(rustix::process::setrlimit(resource, limit)?)
}

/// Confines the calling thread and all that it starts: before there is any other, and before the piece
/// is read. `console` is where the host listens.
///
/// # Errors
/// There is another thread already, or a guard that this kernel has could not be put up.
pub(crate) fn confine(
    confinement: &Confinement,
    folder: &Path,
    library: &Path,
    console: BorrowedFd<'_>,
) -> io::Result<Confined> {
    let threads = platform::threads()?;
    if threads != 1 {
        return Err(io::Error::other(format!("{threads} threads run already, and only one would be")));
    }
    // Whatever becomes of the thread that listens to the host: the engine ends with the host's watch,
    // which is the thread that started it.
    rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL))?;
    let most = u64::from(DESCRIPTORS);
    set_limit(Resource::Nofile, most, most)?;
    // The host schedules the thread that performs; nothing here takes more than that.
    set_limit(Resource::Rtprio, 0, 0)?;
    kernel::give_up_capabilities()?;
    let mut missing = Vec::new();
    if !files::guard(confinement, folder, library).map_err(io::Error::other)? {
        missing.push("Landlock: nothing keeps a piece from the user's files".to_owned());
    }
    let told = guard_calls(confinement, console)?;
    if told.is_none() {
        missing.push("seccomp filters: nothing keeps a piece from programs and networks".to_owned());
    }
    Ok(Confined { complete: missing.is_empty(), missing, told: told == Some(true) })
}

/// Puts up both filters; whether the host hears of what is refused. `None` if this kernel has no filters.
fn guard_calls(confinement: &Confinement, console: BorrowedFd<'_>) -> io::Result<Option<bool>> {
    let (network, own, everything) =
        (confinement.network, std::process::id(), confinement.names_every_refusal);
    let asked = calls::asked(network, own, everything).program().map_err(io::Error::other)?;
    let told = match kernel::filter_with_listener(&asked) {
        Ok(listener) => {
            // From here on only the host can answer; until it has the listener, nobody does.
            platform::send_listener(console, listener)?;
            true
        }
        // Another listener is above us, a container manager's for instance, or the kernel has none: then
        // nothing is counted, and the list refuses all by itself.
        Err(error) if matches!(error.raw_os_error(), Some(libc::EBUSY | libc::EINVAL)) => false,
        Err(error) if is_missing(&error) => return Ok(None),
        Err(error) => return Err(error),
    };
    let listed = calls::listed(network, own, told, everything).program().map_err(io::Error::other)?;
    match kernel::filter(&listed) {
        Ok(()) => Ok(Some(told)),
        Err(error) if is_missing(&error) && !told => Ok(None),
        Err(error) => Err(error),
    }
}

/// True if an error says that the kernel has no filters.
fn is_missing(error: &io::Error) -> bool {
    matches!(error.raw_os_error(), Some(libc::ENOSYS | libc::EINVAL | libc::EPERM))
}
