//! The calls that put filters up and powers down: the fence to the kernel.

use std::io;
use std::os::fd::{FromRawFd, OwnedFd};

use rustix::thread::{CapabilitySet, CapabilitySets};

use super::filter::Step;

/// Gives up whatever a privileged user's programs may do beyond others: what this process can reach is
/// then what its user owns.
///
/// # Errors
/// The system's error.
pub(super) fn give_up_capabilities() -> io::Result<()> {
    let none = CapabilitySet::empty();
    rustix::thread::set_capabilities(
        None,
        CapabilitySets { effective: none, permitted: none, inheritable: none },
    )?;
    rustix::thread::set_no_new_privs(true)?;
    Ok(())
}

/// Puts up a filter whose [`Answer::Ask`](super::filter::Answer::Ask) goes to the listener that it gives.
///
/// # Errors
/// The kernel's error: `EBUSY` if a filter above has a listener already.
pub(super) fn filter_with_listener(program: &[Step]) -> io::Result<OwnedFd> {
    let listener = install(program, libc::SECCOMP_FILTER_FLAG_NEW_LISTENER)?;
    // SAFETY: the call gave a descriptor that was just made and is nobody else's.
    Ok(unsafe { OwnedFd::from_raw_fd(listener) })
}

/// Puts up a filter.
///
/// # Errors
/// The kernel's error.
pub(super) fn filter(program: &[Step]) -> io::Result<()> {
    install(program, 0).map(drop)
}

fn install(program: &[Step], flags: libc::c_ulong) -> io::Result<i32> {
    let mut steps = program.to_vec();
    let len = u16::try_from(steps.len()).map_err(io::Error::other)?;
    let program = libc::sock_fprog { len, filter: steps.as_mut_ptr() };
    // SAFETY: the program is a valid one of that length and lives for the call, which copies it.
    let result =
        unsafe { libc::syscall(libc::SYS_seccomp, libc::SECCOMP_SET_MODE_FILTER, flags, &raw const program) };
    if result < 0 { Err(io::Error::last_os_error()) } else { Ok(result as i32) }
}
