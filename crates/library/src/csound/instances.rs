//! The instances of instruments that are active.

use super::Csound;
use crate::own_opcodes::Layout;
use crate::stopwatch::{Stopwatch, Times};

/// The most entries that are gone through: there are no more instances in anything that plays.
const MOST: usize = 1 << 20;

impl Csound {
    /// Calls `see` with the p1 of each instance that is active: the number of its instrument, with the fraction that it
    /// was started with. None before `start`, after the piece has ended Csound, and by a Csound before 6.18. Between
    /// k-cycles only, which `&mut self` sees to.
    ///
    /// While [`time_instances`](Self::time_instances) is on, those that are seen are timed from now on.
    ///
    /// # Realtime safety
    /// Allocates and frees inside Csound, once for each instance.
    pub fn each_instance(&mut self, mut see: impl FnMut(f64)) {
        let Some(functions) = self.library().instances.as_ref().filter(|_| self.is_live()) else { return };
        let timed = self.instance.host.stopwatch.get().filter(|_| self.times.is_some());
        // SAFETY: the instance is alive and started, and performs nothing meanwhile: `&mut self`.
        let first = unsafe { (functions.list)(self.raw()) };
        let (mut next, mut seen) = (first, 0);
        // SAFETY: the list is Csound's, its entries are there until it is freed, and the last has no next.
        while let Some(entry) = unsafe { next.as_ref() }.filter(|_| seen < MOST) {
            see(entry.fields[0]);
            if let Some(stopwatch) = timed {
                // SAFETY: the list has instances of instruments, alive and active; the stopwatch was made for this
                // Csound, and is the host's, which goes after it.
                unsafe { stopwatch.follow(entry.instance, entry.fields[0] as u32) };
            }
            (next, seen) = (entry.next, seen + 1);
        }
        // SAFETY: the list is the one from above, and not used any more. Csound takes a null one as empty.
        unsafe { (functions.free)(self.raw(), first) };
    }

    /// Begins to measure how long the instances of each instrument take, or ends it. Each instance is timed once
    /// [`each_instance`](Self::each_instance) has seen it. Nothing is measured of a Csound whose layout in memory is not
    /// known.
    ///
    /// # Realtime safety
    /// Allocates. While it is on, a k-cycle takes two looks at the clock more, and one for each instance.
    pub fn time_instances(&mut self, is_wanted: bool) {
        if is_wanted == self.times.is_some() {
            return;
        }
        let stopwatch = &self.instance.host.stopwatch;
        if is_wanted && stopwatch.get().is_none() {
            // SAFETY: the instance is alive.
            let Ok(layout) = (unsafe { Layout::of(self.library(), self.raw()) }) else { return };
            stopwatch.get_or_init(|| Stopwatch::new(layout.links));
        }
        self.times = is_wanted.then(Times::with_room);
    }

    /// What was measured since this was asked last, or since it began.
    ///
    /// # Realtime safety
    /// Allocates.
    pub fn take_times(&mut self) -> Times {
        self.times.as_mut().map_or_else(Times::default, |times| std::mem::replace(times, Times::with_room()))
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
