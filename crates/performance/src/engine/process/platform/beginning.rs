//! The beginning of a process that a host has started: its descriptors and signals.

use std::fs::File;
use std::io;
use std::os::fd::{BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;

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
