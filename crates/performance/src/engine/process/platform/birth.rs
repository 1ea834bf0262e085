//! A process that begins as a copy of this one, as a child of this one's parent; and the way in which a
//! process ended that somebody else has collected.
//!
//! Sources: clone(2), pidfd_open(2), the kernel's `include/uapi/linux/pidfd.h`.

use std::io;
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};
use std::ptr::null_mut;

/// The two ways on from [`fork_beside`].
pub(crate) enum Forked {
    /// In the copy.
    Here,
    /// In the process that was copied: the copy's number, and the descriptor of it.
    There(i32, OwnedFd),
}

/// The kernel's word for a process beside this one, with a descriptor of it, that knows its own number.
const BESIDE: libc::c_int =
    libc::CLONE_PARENT | libc::CLONE_PIDFD | libc::CLONE_CHILD_SETTID | libc::CLONE_CHILD_CLEARTID;

/// The place of the list of locks that the kernel opens when a thread ends.
type RobustList = (usize, usize);

/// Copies this process. The copy's parent is this one's: the parent collects it, and its parent-death signal
/// comes from there, as if the parent had started it. `fork` cannot do that.
///
/// Nothing is called that libraries have registered to happen at a fork. They are there for the locks of other
/// threads, and there are none.
///
/// # Errors
/// This process has other threads, the kernel does not tell what the C library has to know, or its own error.
pub(crate) fn fork_beside() -> io::Result<Forked> {
    let threads = threads()?;
    if threads != 1 {
        return Err(io::Error::other(format!("{threads} threads run, and only one would be")));
    }
    // What the C library's own `fork` has the kernel do: the thread's number lies in the C library's memory,
    // and is another in the copy.
    let (own_number, robust) = (place_of_own_number()?, robust_list()?);
    let mut descriptor: RawFd = -1;
    let flags = BESIDE | libc::SIGCHLD;
    // SAFETY: without CLONE_VM both go on with a memory of their own, and this process has one thread, so the
    // copy is whole. The kernel writes the descriptor here and the number there, to places that are alive.
    // Neither stack nor thread memory is named: the copy goes on with those that it has.
    let number = unsafe { clone(flags, &raw mut descriptor, own_number) };
    match number {
        ..0 => Err(io::Error::last_os_error()),
        0 => {
            // SAFETY: the list is this thread's, whose memory was copied.
            unsafe { libc::syscall(libc::SYS_set_robust_list, robust.0, robust.1) };
            Ok(Forked::Here)
        }
        // SAFETY: the call gave a descriptor that was just made and is nobody else's.
        number => Ok(Forked::There(number as i32, unsafe { OwnedFd::from_raw_fd(descriptor) })),
    }
}

/// The number of threads of this process.
pub(crate) fn threads() -> io::Result<usize> {
    Ok(std::fs::read_dir("/proc/self/task")?.count())
}

/// # Safety
/// As clone(2).
unsafe fn clone(flags: libc::c_int, descriptor: *mut RawFd, own_number: *mut libc::pid_t) -> libc::c_long {
    let nothing = null_mut::<u8>();
    // SAFETY: the caller's promise. The order of the last two differs.
    #[cfg(target_arch = "x86_64")]
    return unsafe { libc::syscall(libc::SYS_clone, flags, nothing, descriptor, own_number, nothing) };
    // SAFETY: as above.
    #[cfg(not(target_arch = "x86_64"))]
    return unsafe { libc::syscall(libc::SYS_clone, flags, nothing, descriptor, nothing, own_number) };
}

/// Where the C library keeps this thread's number: it has told the kernel.
fn place_of_own_number() -> io::Result<*mut libc::pid_t> {
    let mut place: *mut libc::pid_t = null_mut();
    // SAFETY: the kernel writes one pointer.
    let told = unsafe { libc::prctl(libc::PR_GET_TID_ADDRESS, &raw mut place) };
    if told < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: asks about the calling thread; the place was the C library's word and is aligned and alive.
    let is_number = !place.is_null() && unsafe { *place == libc::gettid() };
    is_number
        .then_some(place)
        .ok_or_else(|| io::Error::other("the C library keeps its thread's number elsewhere"))
}

fn robust_list() -> io::Result<RobustList> {
    let (mut head, mut len) = (0_usize, 0_usize);
    // SAFETY: asks about the calling thread; the kernel writes two words.
    let told = unsafe { libc::syscall(libc::SYS_get_robust_list, 0, &raw mut head, &raw mut len) };
    if told < 0 { Err(io::Error::last_os_error()) } else { Ok((head, len)) }
}

/// What the kernel tells of a process by its descriptor, in the form of its first version.
#[repr(C)]
#[derive(Default)]
struct Told {
    mask: u64,
    group: u64,
    numbers: [u32; 11],
    status: i32,
}

/// The part of it that is asked for.
const STATUS: u64 = 1 << 3;

/// The number of the request.
const TELL: libc::c_ulong = 0xC000_FF0B | (size_of::<Told>() as libc::c_ulong) << 16;

/// The status of a process that has ended and that somebody has collected, as `wait` gave it to him. Kernels
/// before 6.15 do not tell.
pub(super) fn exit_status(process: BorrowedFd<'_>) -> Option<i32> {
    let mut told = Told { mask: STATUS, ..Told::default() };
    // SAFETY: the structure is the one that the request names by its size.
    let done = unsafe { libc::ioctl(process.as_raw_fd(), TELL, &raw mut told) };
    (done == 0 && told.mask & STATUS != 0).then_some(told.status)
}
