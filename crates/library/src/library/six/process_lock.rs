//! A lock that all copies of this code in a process share.

/// Held while something is set for all of libcsound: by one library in this process at a time. Several copies of this
/// code may be in it (each exported plugin is one), which share libcsound and none of their own locks, so it is one of
/// the C library's: that of the standard error stream. Whoever has it may print.
pub(super) struct ProcessLock {
    /// It is given back by the thread that has taken it.
    _not_send: std::marker::PhantomData<*const ()>,
}

#[cfg(unix)]
unsafe extern "C" {
    #[cfg_attr(target_os = "macos", link_name = "__stderrp")]
    static stderr: *mut libc::FILE;
    fn flockfile(stream: *mut libc::FILE);
    fn funlockfile(stream: *mut libc::FILE);
}

impl ProcessLock {
    /// Waits for the lock, at most as long as others make an instance or print.
    pub(super) fn take() -> Self {
        #[cfg(unix)]
        // SAFETY: the stream is there as long as the C library is.
        unsafe {
            flockfile(stderr);
        }
        Self { _not_send: std::marker::PhantomData }
    }
}

impl Drop for ProcessLock {
    fn drop(&mut self) {
        #[cfg(unix)]
        // SAFETY: this thread has taken it.
        unsafe {
            funlockfile(stderr);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_has_it_at_a_time_and_the_same_thread_may_print_meanwhile() {
        let held = std::sync::atomic::AtomicBool::new(false);
        let hold = || {
            for _ in 0..200 {
                let _lock = ProcessLock::take();
                assert!(!held.swap(true, std::sync::atomic::Ordering::SeqCst));
                std::thread::yield_now();
                held.store(false, std::sync::atomic::Ordering::SeqCst);
            }
        };
        std::thread::scope(|scope| {
            (0..3).for_each(|_| drop(scope.spawn(hold)));
        });
    }

    /// The lock as another copy of this code takes it, which knows nothing of ours but the C library's stream.
    #[cfg(unix)]
    struct OtherCopy;

    #[cfg(unix)]
    impl OtherCopy {
        fn take() -> Self {
            // SAFETY: the stream is there as long as the C library is.
            unsafe { flockfile(stderr) };
            Self
        }
    }

    #[cfg(unix)]
    impl Drop for OtherCopy {
        fn drop(&mut self) {
            // SAFETY: the test's own thread has taken it.
            unsafe { funlockfile(stderr) };
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn an_instance_is_not_made_while_another_copy_of_this_code_has_csounds_variable_set() {
        use std::sync::mpsc::{RecvTimeoutError, channel};

        use crate::{Csound, Generation, Io};

        let Some(library) = crate::testing::library() else { return };
        // Csound 7 is told of the folder without a variable for all.
        if library.generation() == Generation::Six {
            let (made, is_made) = channel();
            std::thread::scope(|scope| {
                let other = OtherCopy::take();
                scope.spawn(move || made.send(Csound::new(Io::Host).is_ok()).unwrap());
                let meanwhile = is_made.recv_timeout(std::time::Duration::from_secs(1));
                assert_eq!(meanwhile, Err(RecvTimeoutError::Timeout), "one was made");
                drop(other);
                assert!(is_made.recv().unwrap());
            });
        }
    }
}
