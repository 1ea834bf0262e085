//! A stack of an instance's own, for calls that have to stand at the same place each time.
//!
//! C's `setjmp` remembers where the calling function stands on the stack, and what the registers hold
//! that a function leaves as they are. `longjmp` goes back there, which works while that function has not
//! returned. Csound 7 calls `setjmp` once, in the first k-cycle, and a later k-cycle may jump. It goes
//! right if the later call stands exactly where the first one stood, and if its caller does not rely on
//! those registers: so a call here begins at the top of the same stack and keeps the registers itself.
//! The thread does not matter, nor the depth of the caller.

use std::ffi::c_int;
use std::io;

use super::functions::CSOUND;
use super::way::Perform;

/// As much as a main thread has, on which the csound command performs. It is memory once it is used.
#[cfg(unix)]
const SIZE: usize = 8 << 20;

/// Below it, so that too deep a recursion ends the process rather than writes into other memory.
#[cfg(unix)]
const GUARD: usize = 64 << 10;

/// The part that is made memory at once, so that an audio thread need not wait for it.
#[cfg(unix)]
const READY: usize = 64 << 10;

#[cfg(all(unix, any(target_arch = "x86_64", target_arch = "aarch64")))]
pub(super) use of_its_own::Stack;

#[cfg(not(all(unix, any(target_arch = "x86_64", target_arch = "aarch64"))))]
pub(super) use callers::Stack;

#[cfg(all(unix, any(target_arch = "x86_64", target_arch = "aarch64")))]
mod of_its_own {
    use std::arch::naked_asm;
    use std::ptr::NonNull;

    use super::*;

    /// A stack that nothing uses between two calls.
    pub(in crate::library) struct Stack {
        lowest: NonNull<u8>,
    }

    // SAFETY: the memory is this value's alone, and used within a call only, which needs it mutably.
    unsafe impl Send for Stack {}

    impl Stack {
        /// A new one, or `None` where this is not known to this system.
        ///
        /// # Errors
        /// The system's: there is no memory for it.
        pub(in crate::library) fn new() -> io::Result<Option<Self>> {
            let (protection, flags) = (libc::PROT_NONE, libc::MAP_PRIVATE | libc::MAP_ANON);
            // SAFETY: a new mapping at a place that the system chooses.
            let lowest = unsafe { libc::mmap(std::ptr::null_mut(), GUARD + SIZE, protection, flags, -1, 0) };
            if lowest == libc::MAP_FAILED {
                return Err(io::Error::last_os_error());
            }
            let stack = Self { lowest: NonNull::new(lowest.cast()).ok_or(io::ErrorKind::OutOfMemory)? };
            let usable = stack.top().wrapping_sub(SIZE);
            // SAFETY: the mapping's upper part, which is ours.
            if unsafe { libc::mprotect(usable.cast(), SIZE, libc::PROT_READ | libc::PROT_WRITE) } != 0 {
                return Err(io::Error::last_os_error());
            }
            // SAFETY: within that part; all of it are bytes that nothing uses yet.
            unsafe { stack.top().wrapping_sub(READY).write_bytes(0, READY) };
            Ok(Some(stack))
        }

        /// The end of the stack, where it begins to be used: a multiple of the page size.
        fn top(&self) -> *mut u8 {
            self.lowest.as_ptr().wrapping_add(GUARD + SIZE)
        }

        /// Calls a function on this stack.
        ///
        /// # Safety
        /// As the function's own. It does not unwind.
        pub(in crate::library) unsafe fn call(&mut self, function: Perform, csound: *mut CSOUND) -> c_int {
            // SAFETY: the top is that of a mapped, aligned stack, which `&mut self` keeps others off; the
            // rest is the caller's promise.
            unsafe { call_on(function, csound, self.top()) }
        }
    }

    impl Drop for Stack {
        fn drop(&mut self) {
            // SAFETY: the mapping is this value's own, and no call is under way.
            unsafe { libc::munmap(self.lowest.as_ptr().cast(), GUARD + SIZE) };
        }
    }

    /// Keeps the registers that a function leaves as they are on the caller's stack, and that stack's
    /// pointer at the top of the other one. What comes back finds both by the stack pointer alone.
    #[cfg(target_arch = "x86_64")]
    #[unsafe(naked)]
    unsafe extern "sysv64" fn call_on(function: Perform, csound: *mut CSOUND, top: *mut u8) -> c_int {
        naked_asm!(
            "push rbp",
            "push rbx",
            "push r12",
            "push r13",
            "push r14",
            "push r15",
            "mov [rdx - 16], rsp",
            "lea rsp, [rdx - 16]",
            "mov rax, rdi",
            "mov rdi, rsi",
            "call rax",
            "mov rsp, [rsp]",
            "pop r15",
            "pop r14",
            "pop r13",
            "pop r12",
            "pop rbx",
            "pop rbp",
            "ret",
        )
    }

    /// As on the other processor. Of d8 to d15 a function leaves the lower halves as they are.
    #[cfg(target_arch = "aarch64")]
    #[unsafe(naked)]
    unsafe extern "C" fn call_on(function: Perform, csound: *mut CSOUND, top: *mut u8) -> c_int {
        naked_asm!(
            "stp x29, x30, [sp, #-160]!",
            "stp x19, x20, [sp, #16]",
            "stp x21, x22, [sp, #32]",
            "stp x23, x24, [sp, #48]",
            "stp x25, x26, [sp, #64]",
            "stp x27, x28, [sp, #80]",
            "stp d8, d9, [sp, #96]",
            "stp d10, d11, [sp, #112]",
            "stp d12, d13, [sp, #128]",
            "stp d14, d15, [sp, #144]",
            "mov x9, sp",
            "str x9, [x2, #-16]",
            "sub x10, x2, #16",
            "mov x9, x0",
            "mov x0, x1",
            "mov sp, x10",
            "blr x9",
            "ldr x9, [sp]",
            "mov sp, x9",
            "ldp x19, x20, [sp, #16]",
            "ldp x21, x22, [sp, #32]",
            "ldp x23, x24, [sp, #48]",
            "ldp x25, x26, [sp, #64]",
            "ldp x27, x28, [sp, #80]",
            "ldp d8, d9, [sp, #96]",
            "ldp d10, d11, [sp, #112]",
            "ldp d12, d13, [sp, #128]",
            "ldp d14, d15, [sp, #144]",
            "ldp x29, x30, [sp], #160",
            "ret",
        )
    }
}

/// Elsewhere the caller's stack serves. There a piece that ends Csound 7 takes its process down unless it
/// is performed from one place.
#[cfg(not(all(unix, any(target_arch = "x86_64", target_arch = "aarch64"))))]
mod callers {
    use super::*;

    pub(in crate::library) enum Stack {}

    impl Stack {
        pub(in crate::library) fn new() -> io::Result<Option<Self>> {
            Ok(None)
        }

        pub(in crate::library) unsafe fn call(&mut self, _function: Perform, _csound: *mut CSOUND) -> c_int {
            match *self {}
        }
    }
}

#[cfg(all(test, unix, any(target_arch = "x86_64", target_arch = "aarch64")))]
mod tests {
    use std::cell::Cell;

    use super::*;

    thread_local! {
        static PLACE: Cell<usize> = const { Cell::new(0) };
    }

    unsafe extern "C" fn note_place(csound: *mut CSOUND) -> c_int {
        let here = 0_u8;
        PLACE.set(std::hint::black_box(&raw const here) as usize);
        csound as usize as c_int
    }

    #[inline(never)]
    fn call_deeper(stack: &mut Stack, depth: usize) -> usize {
        let room = std::hint::black_box([depth; 50]);
        let place = if depth == 0 {
            // SAFETY: the function takes any pointer.
            assert_eq!(unsafe { stack.call(note_place, 77 as *mut CSOUND) }, 77);
            PLACE.get()
        } else {
            call_deeper(stack, depth - 1)
        };
        std::hint::black_box(room);
        place
    }

    #[test]
    fn a_call_stands_at_the_same_place_whatever_the_callers_depth_and_thread() {
        let mut stack = Stack::new().unwrap().unwrap();
        let first = call_deeper(&mut stack, 0);
        assert_eq!(call_deeper(&mut stack, 20), first);
        let there = std::thread::spawn(move || call_deeper(&mut stack, 3)).join().unwrap();
        assert_eq!(there, first);
    }

    /// Spoils every register that a function has to leave as it is, as a jump to an older call would.
    #[cfg(target_arch = "x86_64")]
    #[unsafe(naked)]
    unsafe extern "C" fn spoil(_csound: *mut CSOUND) -> c_int {
        std::arch::naked_asm!(
            "xor ebx, ebx",
            "xor ebp, ebp",
            "xor r12d, r12d",
            "xor r13d, r13d",
            "xor r14d, r14d",
            "xor r15d, r15d",
            "mov eax, 5",
            "ret",
        )
    }

    #[cfg(target_arch = "x86_64")]
    #[test]
    fn the_callers_registers_come_back_though_the_function_has_spoilt_them() {
        let mut stack = Stack::new().unwrap().unwrap();
        let values: Vec<usize> = (0..32).map(|value| std::hint::black_box(value * 3)).collect();
        let mut sum = 0;
        for (place, value) in values.iter().enumerate() {
            // SAFETY: the function takes any pointer.
            assert_eq!(unsafe { stack.call(spoil, std::ptr::null_mut()) }, 5);
            sum += value * place;
        }
        assert_eq!(sum, (0..32_usize).map(|value| value * value * 3).sum::<usize>());
    }
}
