//! Calls that an engine asks its host for, because a filter has it ask: to start a program, to open a socket.
//! Refused, counted and named; but for sockets of a piece that may talk to this machine. Those the host
//! makes itself, so that they reach nowhere else, and puts into the engine.
//!
//! The watch answers, so nobody waits for the audio thread or the control thread.

use std::collections::BTreeMap;
use std::io;
use std::ops::Range;
use std::os::fd::{BorrowedFd, OwnedFd};
use std::path::PathBuf;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use syscalls::Sysno;

use crate::engine::console::ConsoleLine;
use crate::engine::process::platform::listener::{Listener, ListenerState, Waiting, loopback_socket};
use crate::engine::process::protocol::{Network, TCP, UDP};

/// Calls that are answered in one go: an engine that asks without end gets a share of the watch.
const AT_A_TIME: usize = 64;

/// The shortest time between two lines of the console about the same thing.
const TELL_EVERY: Duration = Duration::from_secs(1);

/// Kinds of refusals that are counted.
const MOST_KINDS: usize = 600;

/// A kind of call that is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Refused {
    Program,
    Socket,
    Call(i32),
}

/// The number of refusals of one kind, and the part of it that the console knows.
#[derive(Clone, Copy, Default)]
struct Count {
    now: u64,
    told: u64,
    told_at: Option<Instant>,
}

/// Answers one engine's calls.
pub(super) struct Refusals {
    listener: Listener,
    network: Network,
    /// The engine's descriptors, as the system shows them.
    descriptors: PathBuf,
    counts: BTreeMap<Refused, Count>,
}

impl Refusals {
    pub(super) fn new(listener: OwnedFd, network: Network, process: i32) -> Self {
        Self {
            listener: Listener::new(listener),
            network,
            descriptors: PathBuf::from(format!("/proc/{process}/fd")),
            counts: BTreeMap::new(),
        }
    }

    /// Readable while a call waits.
    pub(super) fn descriptor(&self) -> BorrowedFd<'_> {
        self.listener.descriptor()
    }

    /// Answers the calls that wait, up to some. False when there will be no more.
    pub(super) fn answer(&mut self) -> bool {
        for _ in 0..AT_A_TIME {
            // Receiving waits if nobody asks, for ever if nobody is left to.
            match self.listener.state() {
                ListenerState::Asked => {}
                ListenerState::Quiet => return true,
                ListenerState::Over => return false,
            }
            match self.listener.receive() {
                Ok(Some(waiting)) => self.answer_one(&waiting),
                Ok(None) => {}
                Err(_) => return false,
            }
        }
        true
    }

    fn answer_one(&mut self, waiting: &Waiting) {
        let refused = match Sysno::new(waiting.call as usize) {
            Some(Sysno::socket) => match self.socket(waiting) {
                Ok(()) => return,
                // Libraries ask for these on the way, and go on without.
                Err(error) if error.raw_os_error() == Some(libc::EAFNOSUPPORT) => {
                    return self.listener.refuse(waiting, libc::EAFNOSUPPORT);
                }
                Err(_) => Refused::Socket,
            },
            Some(Sysno::execve | Sysno::execveat | Sysno::clone) => Refused::Program,
            #[cfg(target_arch = "x86_64")]
            Some(Sysno::fork | Sysno::vfork) => Refused::Program,
            _ => Refused::Call(waiting.call),
        };
        // A number can be any; there are not so many kinds that one could not keep count.
        if self.counts.len() < MOST_KINDS || self.counts.contains_key(&refused) {
            self.counts.entry(refused).or_default().now += 1;
        }
        self.listener.refuse(waiting, libc::EPERM);
    }

    /// Makes the socket that the engine asks for, if the piece may have it.
    fn socket(&self, waiting: &Waiting) -> io::Result<()> {
        let [family, kind, protocol, ..] = waiting.arguments.map(|argument| argument as i32);
        if self.network == Network::None {
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        // An address of IPv6 names a device of its own, past the one that the socket is bound to.
        let is_past_the_device = family == libc::AF_INET6 && self.network == Network::Machine;
        if is_past_the_device || matches!(family, libc::AF_UNIX | libc::AF_NETLINK) {
            return Err(io::Error::from_raw_os_error(libc::EAFNOSUPPORT));
        }
        let flags = libc::SOCK_NONBLOCK | libc::SOCK_CLOEXEC;
        let numbers = match (kind & !flags, protocol) {
            (libc::SOCK_DGRAM, 0 | libc::IPPROTO_UDP) => UDP,
            (libc::SOCK_STREAM, 0 | libc::IPPROTO_TCP) => TCP,
            _ => return Err(io::ErrorKind::PermissionDenied.into()),
        };
        if self.network != Network::Machine || family != libc::AF_INET {
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        let number = self.free(numbers).ok_or(io::ErrorKind::QuotaExceeded)?;
        let socket = loopback_socket(family, kind & !libc::SOCK_CLOEXEC)?;
        self.listener.give(waiting, std::os::fd::AsFd::as_fd(&socket), number)
    }

    /// A number that the engine has no descriptor under. (It could close and open meanwhile: then it
    /// takes its own away.)
    fn free(&self, mut numbers: Range<u32>) -> Option<u32> {
        numbers.find(|number| self.descriptors.join(number.to_string()).symlink_metadata().is_err())
    }

    /// The number of sockets that the piece was kept from opening.
    pub(super) fn sockets(&self) -> u64 {
        self.counts.get(&Refused::Socket).map_or(0, |count| count.now)
    }

    /// The number of programs that it was kept from starting.
    pub(super) fn programs(&self) -> u64 {
        self.counts.get(&Refused::Program).map_or(0, |count| count.now)
    }

    /// Lines for the console; of the same thing once a second, all of it at the end.
    pub(super) fn lines(&mut self, at_the_end: bool) -> Vec<ConsoleLine> {
        let mut lines = Vec::new();
        for (refused, count) in &mut self.counts {
            let due = at_the_end || count.told_at.is_none_or(|then| then.elapsed() >= TELL_EVERY);
            if count.now > count.told && due {
                lines.push(ConsoleLine::error(refused.words(count.now - count.told)));
                *count = Count { told: count.now, told_at: Some(Instant::now()), ..*count };
            }
        }
        lines
    }
}

impl Refused {
    fn words(self, times: u64) -> String {
        let times = if times == 1 { String::new() } else { format!(" ({times} times)") };
        match self {
            Self::Program => {
                format!("refused: the piece tried to start a program{times}; only a piece that you trust may")
            }
            Self::Socket => format!(
                "refused: the piece tried to open a network connection{times}. The shield can let it talk to \
                 programs on this machine, or to anybody over the network"
            ),
            Self::Call(number) => {
                let name = Sysno::new(number as usize).map_or("an unknown one", |call| call.name());
                format!("refused: the system call {name}, number {number}{times}, is not on the list")
            }
        }
    }
}

/// Finds out if this system can keep a piece to this machine's network.
///
/// # Errors
/// Why it cannot, as a sentence.
pub fn offers_machine_network() -> Result<(), String> {
    static OFFERED: OnceLock<Result<(), String>> = OnceLock::new();
    let look = || {
        let release = rustix::system::uname().release().to_string_lossy().into_owned();
        let mut parts = release.split(|letter: char| !letter.is_ascii_digit()).map(str::parse::<u32>);
        let version = (parts.next(), parts.next());
        if !matches!(version, (Some(Ok(major)), Some(Ok(minor))) if (major, minor) >= (5, 14)) {
            return Err(format!("Linux 5.14 or later is needed for it, and this is {release}"));
        }
        loopback_socket(libc::AF_INET, libc::SOCK_DGRAM).map(drop).map_err(|error| {
            format!("a socket cannot be bound to this machine's loopback device here: {error}")
        })
    };
    OFFERED.get_or_init(look).clone()
}
