//! What a host and its engine process need of the system: shared memory, a way to wake each other,
//! a program to start and to watch. On Linux: a sealed memfd, futexes, socket pairs, a pidfd. This is
//! the shared-memory fence, and what another system has to bring for engine processes there.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Command, Stdio};
use std::ptr::NonNull;
use std::sync::atomic::{AtomicU32, AtomicU64};
use std::time::{Duration, Instant};

pub mod listener;

use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::fs::{MemfdFlags, SealFlags};
use rustix::io::Errno;
use rustix::mm::{MapFlags, ProtFlags};
use rustix::net::{
    AddressFamily, RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags, SocketFlags, SocketType,
};
use rustix::process::{Pid, PidfdFlags, Signal, WaitId, WaitIdOptions};
use rustix::thread::futex;

/// Memory that two processes see. Neither side ever holds a reference to what the other may write,
/// but for whole atomics: everything else is copied.
pub struct SharedMemory {
    base: NonNull<u8>,
    len: usize,
}

// SAFETY: the memory is mapped until the drop, at any address, and only accessed as the methods
// below do: atomics, and copies of plain bytes.
unsafe impl Send for SharedMemory {}
// SAFETY: as above.
unsafe impl Sync for SharedMemory {}

impl SharedMemory {
    /// New memory of `len` bytes, all zero, and the descriptor to hand over. It can neither grow nor
    /// shrink, whoever holds the descriptor: an access never meets memory that is gone.
    ///
    /// # Errors
    /// What the system says.
    pub fn create(len: usize) -> io::Result<(OwnedFd, Self)> {
        let descriptor =
            rustix::fs::memfd_create("csound-performer", MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING)?;
        rustix::fs::ftruncate(&descriptor, len as u64)?;
        rustix::fs::fcntl_add_seals(&descriptor, SealFlags::SHRINK | SealFlags::GROW | SealFlags::SEAL)?;
        let memory = Self::map(descriptor.as_fd(), len)?;
        Ok((descriptor, memory))
    }

    /// The memory behind a descriptor that [`create`](Self::create) gave.
    ///
    /// # Errors
    /// It is not of `len` bytes, or what the system says.
    pub fn map(descriptor: BorrowedFd<'_>, len: usize) -> io::Result<Self> {
        if rustix::fs::fstat(descriptor)?.st_size as u64 != len as u64 {
            return Err(io::Error::other("the shared memory has another size"));
        }
        // SAFETY: a new mapping, at an address that the system chooses.
        let base = unsafe {
            rustix::mm::mmap(
                std::ptr::null_mut(),
                len,
                ProtFlags::READ | ProtFlags::WRITE,
                MapFlags::SHARED,
                descriptor,
                0,
            )?
        };
        let base = NonNull::new(base.cast()).ok_or_else(|| io::Error::other("mapped nowhere"))?;
        Ok(Self { base, len })
    }

    /// A word that both sides may change.
    ///
    /// # Realtime safety
    /// Safe. Panics where `at` is no word of the memory: a constant of [`wire`](super::wire).
    pub fn word(&self, at: usize) -> &AtomicU32 {
        assert!(at.is_multiple_of(4) && at + 4 <= self.len);
        // SAFETY: within the mapping and aligned (a mapping begins at a page); atomics may change
        // under a shared reference, from another process too.
        unsafe { self.base.add(at).cast::<AtomicU32>().as_ref() }
    }

    /// Eight bytes that both sides may change.
    ///
    /// # Realtime safety
    /// As [`word`](Self::word).
    pub fn long(&self, at: usize) -> &AtomicU64 {
        assert!(at.is_multiple_of(8) && at + 8 <= self.len);
        // SAFETY: as for `word`.
        unsafe { self.base.add(at).cast::<AtomicU64>().as_ref() }
    }

    /// Copies bytes out. What the other side writes meanwhile comes out as any bytes.
    ///
    /// # Realtime safety
    /// Safe. Panics beyond the memory.
    pub fn read(&self, at: usize, into: &mut [u8]) {
        assert!(at <= self.len && into.len() <= self.len - at);
        // SAFETY: within the mapping; `into` is ours alone, so they do not overlap. The source may
        // change during the copy: bytes have no invalid values.
        unsafe { std::ptr::copy_nonoverlapping(self.base.add(at).as_ptr(), into.as_mut_ptr(), into.len()) }
    }

    /// Copies bytes in.
    ///
    /// # Realtime safety
    /// As [`read`](Self::read).
    pub fn write(&self, at: usize, from: &[u8]) {
        assert!(at <= self.len && from.len() <= self.len - at);
        // SAFETY: within the mapping, which nobody holds references into but to atomics; the two do
        // not overlap.
        unsafe { std::ptr::copy_nonoverlapping(from.as_ptr(), self.base.add(at).as_ptr(), from.len()) }
    }

    /// Copies samples out.
    ///
    /// # Realtime safety
    /// As [`read`](Self::read).
    pub fn read_samples(&self, at: usize, into: &mut [f32]) {
        let bytes = std::mem::size_of_val(into);
        // SAFETY: every pattern of bytes is an f32, and an f32 has no padding.
        self.read(at, unsafe { std::slice::from_raw_parts_mut(into.as_mut_ptr().cast(), bytes) });
    }

    /// Copies samples in.
    ///
    /// # Realtime safety
    /// As [`read`](Self::read).
    pub fn write_samples(&self, at: usize, from: &[f32]) {
        let bytes = std::mem::size_of_val(from);
        // SAFETY: an f32 has no padding.
        self.write(at, unsafe { std::slice::from_raw_parts(from.as_ptr().cast(), bytes) });
    }
}

impl Drop for SharedMemory {
    fn drop(&mut self) {
        // SAFETY: mapped in `map` with this length, and no reference outlives `self`. An error would
        // leave it mapped, which harms nobody.
        let _ = unsafe { rustix::mm::munmap(self.base.as_ptr().cast(), self.len) };
    }
}

/// Sleeps until `word` is no longer `expected`, somebody calls [`wake`], or `limit` has passed. May
/// wake for nothing.
///
/// # Realtime safety
/// Waits, at most `limit`.
pub fn sleep_while(word: &AtomicU32, expected: u32, limit: Duration) {
    let limit = timespec(limit);
    // Every error means: look again.
    let _ = futex::wait(word, futex::Flags::empty(), expected, Some(&limit));
}

/// Wakes who sleeps on `word`.
///
/// # Realtime safety
/// One system call.
pub fn wake(word: &AtomicU32) {
    // Nobody asleep, or nobody there any more: both are well.
    let _ = futex::wake(word, futex::Flags::empty(), u32::MAX >> 1);
}

/// The two ends of the console: whole packets, kept by the system when the writer has died.
///
/// # Errors
/// What the system says.
pub fn packet_pair() -> io::Result<(OwnedFd, OwnedFd)> {
    let kind = SocketType::SEQPACKET;
    Ok(rustix::net::socketpair(AddressFamily::UNIX, kind, SocketFlags::CLOEXEC, None)?)
}

/// One packet, if one waits: its length, 0 at the end, and the descriptor that came with it.
///
/// # Errors
/// `WouldBlock` where none waits.
pub fn receive_packet(socket: &OwnedFd, into: &mut [u8]) -> io::Result<(usize, Option<OwnedFd>)> {
    let mut room = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut ancillary = RecvAncillaryBuffer::new(&mut room);
    let flags = RecvFlags::DONTWAIT | RecvFlags::CMSG_CLOEXEC;
    let received = rustix::net::recvmsg(socket, &mut [IoSliceMut::new(into)], &mut ancillary, flags)?;
    let mut came = None;
    for message in ancillary.drain() {
        if let RecvAncillaryMessage::ScmRights(descriptors) = message {
            // More than one is not what we send: those go with the loop.
            came = descriptors.last();
        }
    }
    Ok((received.bytes, came))
}

/// The first byte of the packet that an engine's listener comes with.
pub const LISTENER_PACKET: u8 = 0xFF;

/// Sends a listener to the host, on the console, and closes it here.
///
/// # Errors
/// What the system says.
pub fn send_listener(console: BorrowedFd<'_>, listener: OwnedFd) -> io::Result<()> {
    let descriptors = [listener.as_fd()];
    let mut room = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut ancillary = SendAncillaryBuffer::new(&mut room);
    ancillary.push(SendAncillaryMessage::ScmRights(&descriptors));
    let packet = [IoSlice::new(&[LISTENER_PACKET])];
    rustix::net::sendmsg(console, &packet, &mut ancillary, SendFlags::NOSIGNAL)?;
    Ok(())
}

/// Sends one packet if there is room for it.
///
/// # Realtime safety
/// One system call; never waits.
pub fn send_packet(socket: BorrowedFd<'_>, packet: &[u8]) -> bool {
    rustix::net::send(socket, packet, SendFlags::DONTWAIT | SendFlags::NOSIGNAL).is_ok()
}

/// Reads what a stream has, and never waits: what is there may be nothing that can be read.
pub struct Present<'a>(pub &'a UnixStream);

impl io::Read for Present<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let (read, _) = rustix::net::recv(self.0, into, RecvFlags::DONTWAIT)?;
        Ok(read)
    }
}

/// Writes all of these bytes to a stream, or fails after `limit`; what was written until then was.
///
/// # Errors
/// The other side has not taken them in time, or what the system says.
pub fn write_within(stream: &UnixStream, mut bytes: &[u8], limit: Duration) -> io::Result<()> {
    let until = Instant::now() + limit;
    while !bytes.is_empty() {
        match rustix::net::send(stream, bytes, SendFlags::DONTWAIT | SendFlags::NOSIGNAL) {
            Ok(written) => bytes = &bytes[written..],
            Err(Errno::INTR) => {}
            Err(Errno::AGAIN) => {
                let left = until.saturating_duration_since(Instant::now());
                if left.is_zero() {
                    return Err(io::ErrorKind::TimedOut.into());
                }
                let mut polled = [PollFd::new(stream, PollFlags::OUT)];
                // An interrupted wait is looked at again.
                let _ = rustix::event::poll(&mut polled, Some(&timespec(left)));
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// Waits until one of the descriptors has something to read or is at its end; which.
pub fn wait_for<const N: usize>(descriptors: [BorrowedFd<'_>; N], limit: Duration) -> [bool; N] {
    let mut polled = descriptors.map(|descriptor| PollFd::from_borrowed_fd(descriptor, PollFlags::IN));
    // An interrupted wait is one that saw nothing.
    if rustix::event::poll(&mut polled, Some(&timespec(limit))).is_err() {
        return [false; N];
    }
    polled.map(|descriptor| !descriptor.revents().is_empty())
}

fn timespec(duration: Duration) -> Timespec {
    Timespec { tv_sec: duration.as_secs() as i64, tv_nsec: i64::from(duration.subsec_nanos()) }
}

/// A started program. It is watched through its descriptor, never through the host's SIGCHLD.
pub struct Process {
    pid: Pid,
    descriptor: OwnedFd,
}

/// How a program ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
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
    /// What the system says.
    pub fn start(
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
        // The child is not collected yet, so the number is still its own; where the host collects
        // all children by itself, the call fails at worst.
        let descriptor = rustix::process::pidfd_open(pid, PidfdFlags::empty())?;
        Ok(Self { pid, descriptor })
    }

    /// The process's number.
    pub fn id(&self) -> i32 {
        self.pid.as_raw_nonzero().get()
    }

    /// Readable once the process has ended.
    pub fn descriptor(&self) -> BorrowedFd<'_> {
        self.descriptor.as_fd()
    }

    /// Ends it, whatever it does.
    pub fn kill(&self) {
        // It has ended already, at worst.
        let _ = rustix::process::pidfd_send_signal(&self.descriptor, Signal::KILL);
    }

    /// How it ended, if it has. Collects it.
    pub fn ended(&self) -> Option<Ended> {
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

/// The number of the processor that the calling thread runs on.
///
/// # Realtime safety
/// Safe: no system call.
pub fn processor() -> u32 {
    // SAFETY: asks about the calling thread. An error is no processor's number.
    unsafe { libc::sched_getcpu() as u32 }
}

/// How a thread is scheduled: in turn with others, or before them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Scheduling {
    policy: u32,
    priority: u32,
}

impl Scheduling {
    /// The same as one number.
    pub fn to_bits(self) -> u64 {
        u64::from(self.policy) << 32 | u64::from(self.priority)
    }

    /// From such a number.
    pub fn from_bits(bits: u64) -> Self {
        Self { policy: (bits >> 32) as u32, priority: bits as u32 }
    }

    /// The next lower priority, if there is one.
    pub fn one_below(self) -> Self {
        Self { priority: if self.priority > 1 { self.priority - 1 } else { self.priority }, ..self }
    }

    /// In real time, first in first out.
    pub fn in_real_time(priority: u32) -> Self {
        Self { policy: libc::SCHED_FIFO as u32, priority }
    }

    /// Gives a thread of this user's this scheduling; 0 is the calling one. What it starts does not have it.
    ///
    /// # Errors
    /// What the system says; not everybody may schedule in real time.
    pub fn give_to(self, thread: i32) -> io::Result<()> {
        let policy = self.policy as i32 & !libc::SCHED_RESET_ON_FORK;
        if !matches!(policy, libc::SCHED_OTHER | libc::SCHED_FIFO | libc::SCHED_RR) {
            return Err(io::ErrorKind::Unsupported.into());
        }
        // SAFETY: a parameter of the right type; a number that is no thread's is an error.
        let done = unsafe {
            let mut parameter: libc::sched_param = std::mem::zeroed();
            parameter.sched_priority = (self.priority as i32).clamp(0, 98);
            libc::sched_setscheduler(thread, policy | libc::SCHED_RESET_ON_FORK, &raw const parameter)
        };
        if done == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
    }
}

/// The calling thread's scheduling.
///
/// # Realtime safety
/// Two system calls.
pub fn scheduling() -> Scheduling {
    // SAFETY: asks about the calling thread; the parameter is written by the call.
    unsafe {
        let mut parameter: libc::sched_param = std::mem::zeroed();
        let policy = libc::sched_getscheduler(0);
        libc::sched_getparam(0, &raw mut parameter);
        Scheduling { policy: policy.max(0) as u32, priority: parameter.sched_priority.max(0) as u32 }
    }
}

/// The system's number of the calling thread.
pub fn thread_number() -> i32 {
    // SAFETY: asks about the calling thread.
    unsafe { libc::gettid() }
}

/// The descriptors that [`Process::start`] handed to this process: a stream to the host, the shared
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
