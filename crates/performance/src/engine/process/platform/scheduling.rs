//! Threads and processors.

use std::io;

/// The number of the processor that the calling thread runs on.
///
/// # Realtime safety
/// Safe: no system call.
pub(crate) fn processor() -> u32 {
    // SAFETY: asks about the calling thread. An error is no processor's number.
    unsafe { libc::sched_getcpu() as u32 }
}

/// A thread's scheduling: in turn with others, or before them.
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
    /// The system's error; not everybody may schedule in real time.
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
pub(crate) fn scheduling() -> Scheduling {
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
