//! The instances of instruments that are active.

use super::Csound;

/// The most entries that are gone through: there are no more instances in anything that plays.
const MOST: usize = 1 << 20;

impl Csound {
    /// Calls `see` with the p1 of each instance that is active: the number of its instrument, with the fraction that it
    /// was started with. None before `start`, after the piece has ended Csound, and by a Csound before 6.18. Between
    /// k-cycles only, which `&mut self` sees to.
    ///
    /// # Realtime safety
    /// Allocates and frees inside Csound, once for each instance.
    pub fn each_instance(&mut self, mut see: impl FnMut(f64)) {
        let Some(functions) = self.library().instances.as_ref().filter(|_| self.is_live()) else { return };
        // SAFETY: the instance is alive and started, and performs nothing meanwhile: `&mut self`.
        let first = unsafe { (functions.list)(self.raw()) };
        let (mut next, mut seen) = (first, 0);
        // SAFETY: the list is Csound's, its entries are there until it is freed, and the last has no next.
        while let Some(entry) = unsafe { next.as_ref() }.filter(|_| seen < MOST) {
            see(entry.fields[0]);
            (next, seen) = (entry.next, seen + 1);
        }
        // SAFETY: the list is the one from above, and not used any more. Csound takes a null one as empty.
        unsafe { (functions.free)(self.raw(), first) };
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::start;

    #[test]
    fn instances_that_are_active_are_seen_by_their_instruments() {
        let score = "i1 0 1\ni1.5 0 1\ni2 0 1\ni \"bell\" 0 1\ni1 0.5 0.1";
        let Some(mut csound) = start("instr 1\nendin\ninstr 2\nendin\ninstr bell\nendin", score) else {
            return;
        };
        let mut active = |cycles: usize| {
            for _ in 0..cycles {
                assert_eq!(csound.perform_ksmps(), 0);
            }
            let mut found = Vec::new();
            csound.each_instance(|p1| found.push(p1));
            found.sort_by(f64::total_cmp);
            found
        };
        assert_eq!(active(1), [1.0, 1.5, 2.0, 3.0]);
        let cycles = (0.55 * 48_000.0 / 10.0) as usize;
        assert_eq!(active(cycles), [1.0, 1.0, 1.5, 2.0, 3.0]);
    }
}
