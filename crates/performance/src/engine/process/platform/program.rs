//! An engine's process: started and watched by its host, and its own beginning.

use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Command, Stdio};

use rustix::io::Errno;
use rustix::process::{Pid, PidfdFlags, Signal, WaitId, WaitIdOptions};

/// A started program. It is watched through its descriptor, never through the host's SIGCHLD.
pub(crate) struct Process {
    pid: Pid,
    descriptor: OwnedFd,
}

/// The way in which a program ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    /// It returned a code.
    Code(i32),
    /// A signal ended it.
    Signal(i32),
    /// The host has collected it before we could ask.
    Unknown,
}

impl Process {
    /// Starts `program` in `folder`, which is also where it puts temporary files, with three
    /// descriptors of ours as its first three, and of the host's environment only the variables whose
    /// names are wanted.
    ///
    /// # Errors
    /// The system's error.
    pub(crate) fn start(
        program: &Path,
        folder: &Path,
        descriptors: [OwnedFd; 3],
        is_wanted: fn(&OsStr) -> bool,
    ) -> io::Result<Self> {
        let [first, second, third] = descriptors;
        let mut command = Command::new(program);
        command
            .current_dir(folder)
            .env("TMPDIR", folder)
            .stdin(first)
            .stdout(second)
            .stderr(Stdio::from(third));
        for (name, _) in std::env::vars_os().filter(|(name, _)| !is_wanted(name)) {
            command.env_remove(name);
        }
        let child = command.spawn()?;
        let pid = Pid::from_child(&child);
        // The child is not collected yet, so the number is still its own; if the host collects
        // all children by itself, the call fails at worst.
        let descriptor = rustix::process::pidfd_open(pid, PidfdFlags::empty())?;
        Ok(Self { pid, descriptor })
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
            Err(_) => Some(Ended::Unknown),
        }
    }
}

/// The descriptors that `Process::start` handed to this process: a stream to the host, the shared
/// memory, the console. Closes every other that was inherited, puts nothing in the place of the
/// three, and forgets what signals the host blocked or ignored.
///
/// # Errors
/// This process was not started by a host.
pub fn inherited() -> io::Result<(UnixStream, OwnedFd, OwnedFd)> {
    // SAFETY: nothing of this process has opened a descriptor above 2 yet: it is the first thing
    // that `main` does.
    unsafe { libc::close_range(3, u32::MAX, 0) };
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
    let ours = |descriptor: BorrowedFd<'_>| rustix::io::fcntl_dupfd_cloexec(descriptor, 3);
    let (control, memory) = (ours(rustix::stdio::stdin())?, ours(rustix::stdio::stdout())?);
    let console = ours(rustix::stdio::stderr())?;
    let nothing = File::options().read(true).write(true).open("/dev/null")?;
    rustix::stdio::dup2_stdin(&nothing)?;
    // What an opcode prints by itself belongs on the console too.
    rustix::stdio::dup2_stdout(&console)?;
    Ok((UnixStream::from(control), memory, console))
}
