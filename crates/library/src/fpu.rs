//! The floating-point control register: denormals are flushed while Csound performs, and the
//! caller's setting comes back afterwards.

/// Flushes denormals (FTZ and DAZ) on this thread for as long as it lives, then restores what was.
///
/// # Realtime safety
/// Safe: two instructions at either end.
pub struct FlushDenormals(Saved);

impl FlushDenormals {
    /// Begins.
    #[allow(clippy::new_without_default, reason = "it acts on the thread; a default would hide that")]
    pub fn new() -> Self {
        let saved = Saved::now();
        saved.set(saved.0 | FLUSH);
        Self(saved)
    }
}

impl Drop for FlushDenormals {
    fn drop(&mut self) {
        self.0.set(self.0.0);
    }
}

/// Runs something that may change the register, and restores it. `csoundCreate` sets DAZ and leaves
/// it set.
pub(super) fn preserve<T>(action: impl FnOnce() -> T) -> T {
    let saved = Saved::now();
    let result = action();
    saved.set(saved.0);
    result
}

#[derive(Clone, Copy)]
struct Saved(u64);

/// FTZ is bit 15 and DAZ bit 6 of MXCSR.
#[cfg(target_arch = "x86_64")]
const FLUSH: u64 = 1 << 15 | 1 << 6;

/// FZ is bit 24 of FPCR; it flushes inputs and outputs.
#[cfg(target_arch = "aarch64")]
const FLUSH: u64 = 1 << 24;

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
const FLUSH: u64 = 0;

impl Saved {
    #[cfg(target_arch = "x86_64")]
    fn now() -> Self {
        let mut register = 0_u32;
        // SAFETY: stmxcsr stores 32 bits at the given address, which is a live u32.
        unsafe {
            std::arch::asm!("stmxcsr [{}]", in(reg) &raw mut register, options(nostack, preserves_flags))
        };
        Self(u64::from(register))
    }

    #[cfg(target_arch = "x86_64")]
    fn set(self, register: u64) {
        let register = register as u32;
        // SAFETY: ldmxcsr loads 32 bits from a live u32; only FTZ and DAZ differ from a value that
        // the processor itself gave, so no reserved bit is set.
        unsafe {
            std::arch::asm!("ldmxcsr [{}]", in(reg) &raw const register, options(nostack, preserves_flags))
        };
    }

    #[cfg(target_arch = "aarch64")]
    fn now() -> Self {
        let register: u64;
        // SAFETY: reading FPCR has no side effects.
        unsafe { std::arch::asm!("mrs {}, fpcr", out(reg) register, options(nomem, nostack)) };
        Self(register)
    }

    #[cfg(target_arch = "aarch64")]
    fn set(self, register: u64) {
        // SAFETY: only FZ differs from a value that the processor itself gave.
        unsafe { std::arch::asm!("msr fpcr, {}", in(reg) register, options(nomem, nostack)) };
    }

    #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
    fn now() -> Self {
        Self(0)
    }

    #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
    fn set(self, _register: u64) {}
}

#[cfg(all(test, target_arch = "x86_64"))]
mod tests {
    use super::*;

    #[test]
    fn denormals_are_flushed_for_a_while_and_the_callers_setting_comes_back() {
        let before = Saved::now().0;
        {
            let _flush = FlushDenormals::new();
            assert_eq!(Saved::now().0 & FLUSH, FLUSH);
            let tiny = std::hint::black_box(f64::MIN_POSITIVE);
            assert_eq!(std::hint::black_box(tiny / 2.0), 0.0);
        }
        assert_eq!(Saved::now().0 & FLUSH, before & FLUSH);
    }

    #[test]
    fn what_an_action_sets_does_not_stay() {
        let before = Saved::now().0 & FLUSH;
        preserve(|| Saved::now().set(Saved::now().0 | FLUSH));
        assert_eq!(Saved::now().0 & FLUSH, before);
    }

    #[test]
    fn making_compiling_and_starting_an_instance_leaves_the_callers_setting() {
        let before = Saved::now().0;
        let Some(csound) = crate::testing::start("instr 1\nendin", "i1 0 1") else { return };
        assert_eq!(Saved::now().0 & FLUSH, before & FLUSH);
        drop(csound);
        assert_eq!(Saved::now().0 & FLUSH, before & FLUSH);
    }
}
