//! An engine's process: started and watched by its host, and its own beginning.

use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Command, Stdio};

use rustix::io::Errno;
use rustix::process::{Pid, PidfdFlags, Signal, WaitId, WaitIdOptions};

use super::birth::exit_status;

/// A started program. It is watched through its descriptor, never through the host's SIGCHLD.
pub(crate) struct Process {
    pid: Pid,
    descriptor: OwnedFd,
}

/// A program to start.
pub(crate) struct Program<'a> {
    /// Its file.
    pub file: &'a Path,
    /// Its argument, if it has one.
    pub argument: Option<&'a str>,
    /// Its current folder, which is also where it puts temporary files.
    pub folder: &'a Path,
    /// Its environment, but for `TMPDIR`.
    pub environment: &'a [(OsString, OsString)],
}

/// The way in which a program ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    /// It returned a code.
    Code(i32),
    /// A signal ended it.
    Signal(i32),
    /// The host has collected it before we could ask, and the system does not tell any more.
    Unknown,
}

impl Process {
    /// Starts a program with three descriptors of ours as its first three.
    ///
    /// # Errors
    /// The system's error.
    pub(crate) fn start(program: &Program<'_>, descriptors: [OwnedFd; 3]) -> io::Result<Self> {
        let [first, second, third] = descriptors;
        let mut command = Command::new(program.file);
        command
            .args(program.argument)
            .current_dir(program.folder)
            .env_clear()
            .envs(program.environment.iter().map(|(name, value)| (name, value)))
            .env("TMPDIR", program.folder)
            .stdin(first)
            .stdout(second)
            .stderr(Stdio::from(third));
        let child = command.spawn()?;
        let pid = Pid::from_child(&child);
        // The child is not collected yet, so the number is still its own; if the host collects
        // all children by itself, the call fails at worst.
        let descriptor = rustix::process::pidfd_open(pid, PidfdFlags::empty())?;
        Ok(Self { pid, descriptor })
    }

    /// A child of this process that another has made, from its number and the descriptor that came with it.
    pub(crate) fn of(number: i32, descriptor: OwnedFd) -> Option<Self> {
        Some(Self { pid: Pid::from_raw(number)?, descriptor })
    }

    /// The process's number.
    pub(crate) fn id(&self) -> i32 {
        self.pid.as_raw_nonzero().get()
    }

    /// Readable once the process has ended.
    pub(crate) fn descriptor(&self) -> BorrowedFd<'_> {
        self.descriptor.as_fd()
    }

    /// Ends it, whatever it does.
    pub(crate) fn kill(&self) {
        // It has ended already, at worst.
        let _ = rustix::process::pidfd_send_signal(&self.descriptor, Signal::KILL);
    }

    /// The way in which it ended, if it has. Collects it.
    pub(crate) fn ended(&self) -> Option<Ended> {
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG;
        match rustix::process::waitid(WaitId::PidFd(self.descriptor.as_fd()), options) {
            Ok(None) => None,
            Ok(Some(status)) => Some(match (status.exit_status(), status.terminating_signal()) {
                (Some(code), _) => Ended::Code(code),
                (None, Some(signal)) => Ended::Signal(signal),
                (None, None) => Ended::Unknown,
            }),
            Err(Errno::INTR) => None,
            // The host has collected it before us: the descriptor may know.
            Err(_) => Some(exit_status(self.descriptor.as_fd()).map_or(Ended::Unknown, Ended::of_status)),
        }
    }
}

impl Ended {
    /// From a status as `wait` gives it.
    fn of_status(status: i32) -> Self {
        match status & 0x7F {
            0 => Self::Code(status >> 8 & 0xFF),
            signal => Self::Signal(signal),
        }
    }
}

/// The descriptors that the host handed to this process as its first three: a stream to the host, the
/// shared memory, the console. Closes every other, puts nothing in the place of the three, and forgets what
/// signals the host blocked or ignored.
///
/// # Errors
/// This process was not started by a host.
pub fn inherited() -> io::Result<(UnixStream, OwnedFd, OwnedFd)> {
    close_all_but_three();
    forget_signals();
    let (control, memory) = (kept(rustix::stdio::stdin())?, kept(rustix::stdio::stdout())?);
    let console = kept(rustix::stdio::stderr())?;
    let nothing = nothing()?;
    rustix::stdio::dup2_stdin(&nothing)?;
    // What an opcode prints by itself belongs on the console too.
    rustix::stdio::dup2_stdout(&console)?;
    Ok((UnixStream::from(control), memory, console))
}

/// The same for a process that has only a socket to the host, as its first descriptor.
///
/// # Errors
/// This process was not started by a host.
pub(crate) fn inherited_socket() -> io::Result<OwnedFd> {
    close_all_but_three();
    forget_signals();
    let socket = kept(rustix::stdio::stdin())?;
    rustix::stdio::dup2_stdin(&nothing()?)?;
    Ok(socket)
}

/// Makes these the process's first three descriptors, as if it had been started with them. The others are for
/// [`inherited`] to close.
///
/// # Errors
/// The system's error.
pub(crate) fn inherit(descriptors: &[OwnedFd; 3]) -> io::Result<()> {
    let [first, second, third] = descriptors;
    rustix::stdio::dup2_stdin(first)?;
    rustix::stdio::dup2_stdout(second)?;
    rustix::stdio::dup2_stderr(third)?;
    Ok(())
}

/// A file into which everything goes, and out of which nothing comes.
///
/// # Errors
/// The system's error.
pub(crate) fn nothing() -> io::Result<OwnedFd> {
    Ok(File::options().read(true).write(true).open("/dev/null")?.into())
}

fn kept(descriptor: BorrowedFd<'_>) -> rustix::io::Result<OwnedFd> {
    rustix::io::fcntl_dupfd_cloexec(descriptor, 3)
}

fn close_all_but_three() {
    // SAFETY: called first thing in `main`, before anything of this process has opened a descriptor above 2,
    // or first thing in a process that was forked off: what its parent had opened is not used there again.
    unsafe { libc::close_range(3, u32::MAX, 0) };
}

fn forget_signals() {
    // SAFETY: plain calls on the process's own signal state; no other thread runs yet.
    unsafe {
        let mut none: libc::sigset_t = std::mem::zeroed();
        libc::sigemptyset(&raw mut none);
        libc::pthread_sigmask(libc::SIG_SETMASK, &raw const none, std::ptr::null_mut());
        for signal in 1..32 {
            libc::signal(signal, libc::SIG_DFL);
        }
        libc::signal(libc::SIGPIPE, libc::SIG_IGN);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_process_that_somebody_else_has_collected_is_known_where_the_kernel_tells() {
        let mut child = Command::new("sh").args(["-c", "exit 7"]).spawn().unwrap();
        let pid = Pid::from_child(&child);
        let descriptor = rustix::process::pidfd_open(pid, PidfdFlags::empty()).unwrap();
        let process = Process::of(pid.as_raw_nonzero().get(), descriptor).unwrap();
        child.wait().unwrap();
        let release = rustix::system::uname().release().to_string_lossy().into_owned();
        let mut numbers = release.split(['.', '-']).map_while(|number| number.parse::<u32>().ok());
        let tells = (numbers.next(), numbers.next()) >= (Some(6), Some(15));
        assert_eq!(process.ended(), Some(if tells { Ended::Code(7) } else { Ended::Unknown }));
    }

    #[test]
    fn a_status_is_a_code_or_a_signal() {
        assert_eq!(Ended::of_status(0), Ended::Code(0));
        assert_eq!(Ended::of_status(3 << 8), Ended::Code(3));
        assert_eq!(Ended::of_status(libc::SIGSEGV), Ended::Signal(libc::SIGSEGV));
        // With a core beside it.
        assert_eq!(Ended::of_status(libc::SIGSEGV | 0x80), Ended::Signal(libc::SIGSEGV));
    }
}
