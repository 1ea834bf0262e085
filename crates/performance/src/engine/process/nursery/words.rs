//! What a host and a nursery say to each other: packets over one socket, an answer to each.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::PathBuf;

use csound_library::Generation;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::engine::process::platform;

/// The longest packet, in bytes.
const LONGEST: usize = 64 << 10;

/// A packet to a nursery.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum ToNursery {
    /// Get ready. The first packet, once.
    Prepare {
        /// The version of the host's conversation with engines.
        version: u32,
        /// The generation of Csound that is wanted.
        generation: Option<Generation>,
    },
    /// Bear an engine. Its descriptors come along: its stream, its memory, its console.
    Bear,
}

/// The answer to it.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum FromNursery {
    /// It is ready.
    Ready {
        /// Files and folders that it was made from: another Csound, or another library beside them, is another
        /// nursery.
        seen: Vec<PathBuf>,
    },
    /// An engine has begun, with this number. A descriptor of it comes along.
    Born(i32),
    /// It cannot; why.
    Failed(String),
}

/// Sends a packet.
///
/// # Errors
/// The other side is gone, or the system's error.
pub(super) fn send(
    socket: &OwnedFd,
    packet: &impl Serialize,
    descriptors: &[BorrowedFd<'_>],
) -> io::Result<()> {
    let bytes = postcard::to_stdvec(packet).map_err(io::Error::other)?;
    if bytes.len() > LONGEST {
        return Err(io::Error::other("a packet to a nursery is too long"));
    }
    platform::send_with(socket.as_fd(), &bytes, descriptors)
}

/// Receives a packet and what came with it, waiting for it. `None` if the other side is gone.
///
/// # Errors
/// It makes no sense, or the system's error.
pub(super) fn receive<T: DeserializeOwned>(socket: &OwnedFd) -> io::Result<Option<(T, Vec<OwnedFd>)>> {
    let mut bytes = vec![0; LONGEST];
    let (len, descriptors) = platform::receive_with(socket.as_fd(), &mut bytes)?;
    if len == 0 {
        return Ok(None);
    }
    let packet = postcard::from_bytes(&bytes[..len]).map_err(io::Error::other)?;
    Ok(Some((packet, descriptors)))
}
