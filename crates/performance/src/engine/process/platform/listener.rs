//! The host's end of a filter that asks: it hears of system calls that wait in an engine, and answers
//! them. Nothing is ever permitted; the most that an engine gets is a descriptor that the host made.
//!
//! Source: seccomp_unotify(2).

use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd};

use rustix::event::{PollFd, PollFlags, Timespec};

/// The kernel's numbers for requests that read and write a structure of this size.
const RECEIVE: libc::c_ulong = 0xC000_2100 | (size_of::<libc::seccomp_notif>() as libc::c_ulong) << 16;
const SEND: libc::c_ulong = 0xC000_2101 | (size_of::<libc::seccomp_notif_resp>() as libc::c_ulong) << 16;
const ADD: libc::c_ulong = 0x4000_2103 | (size_of::<libc::seccomp_notif_addfd>() as libc::c_ulong) << 16;

/// Flags for a descriptor that is added under a number of ours, and as the waiting call's result.
const AT_A_NUMBER: u32 = 1;
const AS_RESULT: u32 = 2;

/// A call that waits for an answer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Waiting {
    id: u64,
    /// The call's number.
    pub call: i32,
    /// Its arguments.
    pub arguments: [u64; 6],
}

/// The state of a listener.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ListenerState {
    /// A call waits.
    Asked,
    /// None does.
    Quiet,
    /// Nobody is left to make one.
    Over,
}

/// Hears of the calls of one engine.
pub(crate) struct Listener(OwnedFd);

impl Listener {
    /// Over the descriptor that an engine sent.
    pub(crate) fn new(descriptor: OwnedFd) -> Self {
        Self(descriptor)
    }

    /// Readable while a call waits; at its end once nobody is left to make one.
    pub(crate) fn descriptor(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }

    /// The present state.
    pub(crate) fn state(&self) -> ListenerState {
        let mut polled = [PollFd::new(&self.0, PollFlags::IN)];
        let now = Timespec { tv_sec: 0, tv_nsec: 0 };
        if rustix::event::poll(&mut polled, Some(&now)).is_err() {
            return ListenerState::Quiet;
        }
        let found = polled[0].revents();
        match (found.contains(PollFlags::IN), found.is_empty()) {
            (true, _) => ListenerState::Asked,
            (false, true) => ListenerState::Quiet,
            (false, false) => ListenerState::Over,
        }
    }

    /// The call that waits, once the descriptor is readable. `None` if its thread has gone meanwhile.
    ///
    /// # Errors
    /// The system's error; there will be no more then.
    pub(crate) fn receive(&self) -> io::Result<Option<Waiting>> {
        // SAFETY: plain numbers, for which zero is a value; the kernel asks for zeros.
        let mut asked: libc::seccomp_notif = unsafe { std::mem::zeroed() };
        // SAFETY: the structure is the one that the request fills, whatever the descriptor is.
        if unsafe { libc::ioctl(self.0.as_raw_fd(), RECEIVE, &raw mut asked) } == 0 {
            let libc::seccomp_notif { id, data, .. } = asked;
            return Ok(Some(Waiting { id, call: data.nr, arguments: data.args }));
        }
        let error = io::Error::last_os_error();
        match error.raw_os_error() {
            Some(libc::EINTR | libc::ENOENT) => Ok(None),
            _ => Err(error),
        }
    }

    /// Fails a call with an error number.
    pub(crate) fn refuse(&self, waiting: &Waiting, error: i32) {
        let mut answer = libc::seccomp_notif_resp { id: waiting.id, val: 0, error: -error, flags: 0 };
        // SAFETY: the structure is the one that the request reads. The caller may have gone meanwhile,
        // which is as well.
        unsafe { libc::ioctl(self.0.as_raw_fd(), SEND, &raw mut answer) };
    }

    /// Gives a call a descriptor as its result, under this number in the engine.
    ///
    /// # Errors
    /// The system's error; the call still waits.
    pub(crate) fn give(&self, waiting: &Waiting, descriptor: BorrowedFd<'_>, number: u32) -> io::Result<()> {
        let mut given = libc::seccomp_notif_addfd {
            id: waiting.id,
            flags: AT_A_NUMBER | AS_RESULT,
            srcfd: descriptor.as_raw_fd() as u32,
            newfd: number,
            newfd_flags: libc::O_CLOEXEC as u32,
        };
        // SAFETY: the structure is the one that the request reads.
        match unsafe { libc::ioctl(self.0.as_raw_fd(), ADD, &raw mut given) } {
            ..0 => Err(io::Error::last_os_error()),
            _ => Ok(()),
        }
    }
}

/// A socket that reaches this machine only: bound to its loopback device, which whoever gets it may
/// neither change nor see past.
///
/// # Errors
/// The system's error.
pub(crate) fn loopback_socket(family: i32, kind: i32) -> io::Result<OwnedFd> {
    // SAFETY: a plain call, whose result is a new descriptor or an error.
    let socket = unsafe { libc::socket(family, kind | libc::SOCK_CLOEXEC, 0) };
    if socket < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: just made, and nobody else's.
    let socket = unsafe { OwnedFd::from_raw_fd(socket) };
    let device = c"lo".to_bytes_with_nul();
    // SAFETY: the option takes that many bytes, which live for the call.
    let bound = unsafe {
        libc::setsockopt(
            socket.as_raw_fd(),
            libc::SOL_SOCKET,
            libc::SO_BINDTODEVICE,
            device.as_ptr().cast(),
            device.len() as libc::socklen_t,
        )
    };
    if bound == 0 { Ok(socket) } else { Err(io::Error::last_os_error()) }
}
