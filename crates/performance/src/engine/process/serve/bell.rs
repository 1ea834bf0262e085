//! A bell from the perform thread to the main thread.

use std::io::{self, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;

/// See the module.
pub(super) struct Bell {
    rung: UnixStream,
    heard: UnixStream,
}

impl Bell {
    /// Before the process is confined.
    ///
    /// # Errors
    /// The system's error.
    pub(super) fn new() -> io::Result<Self> {
        let (rung, heard) = UnixStream::pair()?;
        rung.set_nonblocking(true)?;
        heard.set_nonblocking(true)?;
        Ok(Self { rung, heard })
    }

    /// Rings it.
    pub(super) fn ring(&self) {
        // If there is no room it has been rung often enough.
        let _ = (&self.rung).write(&[1]);
    }

    /// Whatever has rung is answered by what is there now.
    pub(super) fn hear(&self) {
        while matches!((&self.heard).read(&mut [0; 64]), Ok(1..)) {}
    }

    /// Readable when it has rung.
    pub(super) fn descriptor(&self) -> BorrowedFd<'_> {
        self.heard.as_fd()
    }
}
