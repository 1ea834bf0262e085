//! Performing: k-cycles, what goes into them, and what comes out.

use std::ffi::CStr;
use std::sync::atomic::Ordering;

use super::{Csound, MAX_P_FIELDS, Stage};
use crate::instance::thread_number;
use crate::midi::MidiMessage;

/// The least result of `csoundPerformKsmps` that says that the piece ended Csound itself
/// (`exitnow`, or an error that Csound does not survive), as any negative number does.
const EXITED: i32 = 256;

impl Csound {
    /// Performs one k-cycle. Zero: go on; 1 to 255: the end of the score (2, usually); 256 and more,
    /// and negative: the piece has ended Csound (256: `exitnow`; -5: `exitnow 5`), and every further
    /// call gives the same without performing. An instance that was not started gives -1.
    ///
    /// Once the piece has ended Csound, drop the instance on the thread that performed it: on any
    /// other it cannot be destroyed and leaks.
    ///
    /// A piece may end Csound in any k-cycle, on any thread and from any depth of calls. Two cases are
    /// excepted, where it can take the process down: by Csound 6 with [`Io::Own`](crate::Io::Own) or after
    /// the end of the score, and by Csound 7 on a processor that is neither x86-64 nor ARM64, or on Windows.
    /// There, call it from one place of one thread.
    ///
    /// # Realtime safety
    /// As safe as the piece's opcodes. Takes Csound's own lock, free unless it is evaluating code.
    pub fn perform_ksmps(&mut self) -> i32 {
        if self.stage != Stage::Started {
            return -1;
        }
        if let Some(code) = self.exited {
            return code;
        }
        self.instance.write_pending();
        let raw = self.raw();
        let Some(way) = &mut self.way else { return -1 };
        let stopwatch = self.instance.host.stopwatch.get();
        let measured = self.times.as_mut().zip(stopwatch).map(|(times, watch)| (watch.begin(), times, watch));
        // SAFETY: the instance is alive and started; `&mut self` keeps other performers out. A jump
        // out of the k-cycle ends inside the call and passes over none of our frames: our callbacks
        // call nothing of Csound's that jumps.
        let result = unsafe { way.perform(raw) };
        if let Some((began, times, watch)) = measured {
            watch.end(began, times);
        }
        if result != 0 {
            self.note_end(result);
        }
        result
    }

    fn note_end(&mut self, result: i32) {
        let operations = self.operations();
        if let Some(way) = &mut self.way {
            operations.way_after_score(way);
        }
        if !(0..EXITED).contains(&result) {
            self.exited = Some(result);
            self.instance.exited_on.store(thread_number(), Ordering::Release);
        }
    }

    /// The input of the coming k-cycle: ksmps frames of `nchnls_i` samples, interleaved, in units of
    /// 0dbfs. Empty before `start`. Csound does not clear it: write all of it for each k-cycle, or
    /// the last input sounds again.
    pub fn spin(&mut self) -> &mut [f64] {
        let Some(header) = self.instance.header.get() else { return &mut [] };
        // SAFETY: the instance is alive.
        let spin = unsafe { (self.functions().spin)(self.raw()) }.cast::<f64>();
        if spin.is_null() {
            return &mut [];
        }
        let len = header.ksmps as usize * header.nchnls_input as usize;
        // SAFETY: after the start spin has ksmps times nchnls_i samples; `&mut self` makes this the
        // only view of it.
        unsafe { std::slice::from_raw_parts_mut(spin, len) }
    }

    /// The output of the last k-cycle: ksmps frames of `nchnls` samples, interleaved, in units of
    /// 0dbfs. Empty before `start`. Stale once [`perform_ksmps`](Self::perform_ksmps) has given
    /// anything but zero.
    pub fn spout(&self) -> &[f64] {
        let Some(header) = self.instance.header.get() else { return &[] };
        // SAFETY: the instance is alive.
        let spout = unsafe { (self.functions().spout)(self.raw()) }.cast::<f64>();
        if spout.is_null() {
            return &[];
        }
        let len = header.ksmps as usize * header.nchnls as usize;
        // SAFETY: after the start spout has ksmps times nchnls samples, and only performing, which
        // needs `&mut self`, writes them.
        unsafe { std::slice::from_raw_parts(spout, len) }
    }

    /// Hands a score event over: `opcode` is the statement's letter, `fields` are p1, p2, …; p2
    /// counts from now, in seconds. Csound's answer, which is 0 always; -1 if nothing
    /// was handed over: before `start`, after the piece has ended Csound, or with more than
    /// [`MAX_P_FIELDS`] p-fields.
    ///
    /// # Realtime safety
    /// Takes Csound's own lock and allocates inside Csound. By Csound 7, any statement but `i`, `f`, `e` and
    /// `a` allocates here too.
    pub fn score_event(&mut self, opcode: u8, fields: &[f64]) -> i32 {
        if !self.is_live() || fields.len() > MAX_P_FIELDS {
            return -1;
        }
        // SAFETY: the instance is alive and started; the fields live for the call, and are no more
        // than Csound has room for.
        unsafe { self.operations().score_event(self.raw(), opcode, fields) }
    }

    /// Hands a line of score text over, for the coming k-cycle. It must have been checked: Csound's
    /// reader does not. Nothing happens before `start` or after the piece has ended Csound.
    ///
    /// # Realtime safety
    /// Takes Csound's own lock; a long line allocates inside Csound.
    pub fn input_message(&mut self, text: &CStr) {
        if self.is_live() {
            // SAFETY: the instance is alive and started; the text lives for the call.
            unsafe { self.operations().input_message(self.raw(), text) };
        }
    }

    /// Moves the score time, in seconds from the score's beginning. The next k-cycle runs all that
    /// are skipped; going back ends all notes.
    ///
    /// # Realtime safety
    /// Allocates inside Csound; the next k-cycle takes as long as what it skips.
    pub fn set_score_offset_seconds(&mut self, seconds: f64) {
        if self.exited.is_none() {
            // SAFETY: the instance is alive.
            unsafe { (self.functions().set_score_offset)(self.raw(), seconds) };
        }
    }

    /// Has the notes that are read from the score from now on performed, or left out. One is read ahead: it is
    /// performed as it was when it was read. MIDI and events are not touched.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn set_score_pending(&mut self, pending: bool) {
        // SAFETY: the instance is alive; Csound sets a flag.
        unsafe { (self.functions().score_pending)(self.raw(), i32::from(pending)) };
    }

    /// Goes back to the score offset, and ends all notes. Nothing happens before `start`.
    ///
    /// # Realtime safety
    /// Takes no lock; frees inside Csound.
    pub fn rewind_score(&mut self) {
        if self.is_live() {
            // SAFETY: the instance is alive and started.
            unsafe { (self.functions().rewind)(self.raw()) };
        }
    }

    /// Gives Csound's MIDI reader a message for the coming k-cycle. False if too many wait already.
    pub fn push_midi(&mut self, message: MidiMessage) -> bool {
        self.instance.host.midi.push(message)
    }

    /// The next channel message that the piece sent, in its order. System messages (Csound sends no
    /// system exclusive ones) and data bytes out of range are left out.
    pub fn pop_midi_out(&mut self) -> Option<MidiMessage> {
        self.instance.host.midi.pop()
    }
}
