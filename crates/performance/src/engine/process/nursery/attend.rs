//! The nursery itself: the engine program, started with [`ARGUMENT`].

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::path::PathBuf;

use csound_library::{Csound, Generation, Io, Library};

use super::words::{FromNursery, ToNursery, receive, send};
use crate::engine::opcode_libraries;
use crate::engine::process::platform::{self, Forked};
use crate::engine::process::{protocol, sandbox};

/// The engine program's argument that makes it a nursery.
pub(crate) const ARGUMENT: &str = "nursery";

/// What an engine has from its nursery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Nursed {
    /// The folder that Csound loads its opcode libraries from.
    pub opcodes: Option<PathBuf>,
}

/// Bears engines until the host is gone, and ends then. Returns in each engine that was borne, whose first three
/// descriptors are its own.
///
/// # Errors
/// This process was not started by a host.
pub(crate) fn attend() -> io::Result<Nursed> {
    let socket = platform::inherited_socket()?;
    platform::end_with_parent()?;
    // The engines that it bears begin with its name, by which a host finds one that it was never told of.
    platform::set_name(&name_of(std::process::id()));
    let Some((ToNursery::Prepare { version, generation }, _)) = receive(&socket)? else {
        return Err(io::Error::other("the host did not begin with what the nursery is for"));
    };
    let prepared = match version {
        protocol::VERSION => prepare(generation),
        _ => Err("the engine program is of another version than the plugin".into()),
    };
    let (nursed, seen) = match prepared {
        Ok((opcodes, seen)) => (Nursed { opcodes }, seen),
        Err(reason) => {
            send(&socket, &FromNursery::Failed(reason), &[])?;
            platform::leave(1);
        }
    };
    send(&socket, &FromNursery::Ready { seen }, &[])?;
    loop {
        let Some((ToNursery::Bear, descriptors)) = receive(&socket)? else { platform::leave(0) };
        if bear(&socket, descriptors)? {
            return Ok(nursed);
        }
    }
}

/// The name of a nursery's first thread.
pub(super) fn name_of(process: u32) -> String {
    format!("nursery {process}")
}

/// True in the engine that was borne.
fn bear(socket: &OwnedFd, descriptors: Vec<OwnedFd>) -> io::Result<bool> {
    let forked = <[OwnedFd; 3]>::try_from(descriptors)
        .map_err(|_| io::Error::other("the engine's descriptors did not come along"))
        .and_then(|descriptors| Ok((platform::fork_beside()?, descriptors)));
    match forked {
        Ok((Forked::Here, descriptors)) => {
            platform::inherit(&descriptors)?;
            Ok(true)
        }
        Ok((Forked::There(number, process), _)) => {
            send(socket, &FromNursery::Born(number), &[process.as_fd()])?;
            Ok(false)
        }
        Err(error) => {
            send(socket, &FromNursery::Failed(error.to_string()), &[])?;
            Ok(false)
        }
    }
}

/// Loads Csound and makes an instance, behind the guards. The folder of opcode libraries, and what all this was
/// made from.
///
/// What lies below the home folder the user has put there: it is for an engine to load, behind its own guards.
fn prepare(generation: Option<Generation>) -> Result<(Option<PathBuf>, Vec<PathBuf>), String> {
    sandbox::guard_nursery().map_err(|error| format!("the nursery cannot be guarded: {error}"))?;
    let environment: Vec<_> = std::env::vars_os().collect();
    let library = Library::of(generation).map_err(|error| error.to_string())?;
    let mut seen = library.opcode_sources();
    seen.extend(library.file());
    opcode_libraries::limit(library, &[])
        .map_err(|error| format!("the folder of opcode libraries cannot be made: {error}"))?;
    if library.links_users_opcodes() {
        return Err("the user has opcode libraries of his own under names that are on the list".into());
    }
    library.forget_users_settings();
    let mut csound = Csound::new(Io::Host).map_err(|error| error.to_string())?;
    // Csound 7 loads its opcode libraries when it compiles for the first time, Csound 6 when it is made.
    csound.compile_orc(c"giOne = 1").map_err(|error| error.to_string())?;
    // It is never performed. As long as it is there, the libraries are.
    std::mem::forget(csound);
    // An engine begins with the whole environment, and forgets the same once it is confined.
    platform::restore_environment(environment);
    // What was printed so far is nothing that an engine has to say.
    platform::empty_output();
    Ok((library.opcode_links(), seen))
}
