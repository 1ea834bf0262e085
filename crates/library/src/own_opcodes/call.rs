//! One call of an opcode of our own.

use std::any::Any;
use std::ffi::{CStr, c_char, c_void};
use std::marker::PhantomData;

use super::data::{Array, Text};
use super::layout::Layout;
use super::memory::Memory;
use super::registered::{KEPT, OwnOpcode, Registered};
use crate::channels::MadeChannel;
use crate::library::Library;
use crate::library::functions::CSOUND;
use crate::messages::{Level, MessageQueue, TAP};

/// The most arguments that Csound's parser lets through.
const MOST_ARGUMENTS: usize = 1999;

/// The letters that stand for any number of arguments.
const ANY_NUMBER: &[u8] = b"mMnNWyzZ*";

/// The types of a signature, one after another.
fn count(types: &CStr) -> usize {
    types.to_bytes().iter().filter(|letter| !matches!(letter, b'[' | b']')).count()
}

/// The most arguments that a signature has.
fn most_arguments(opcode: &OwnOpcode) -> usize {
    match opcode.arguments.to_bytes().last() {
        Some(last) if ANY_NUMBER.contains(last) => MOST_ARGUMENTS,
        _ => count(opcode.arguments),
    }
}

/// Bytes of an opcode's block.
pub(super) fn block_size(layout: &Layout, opcode: &OwnOpcode) -> usize {
    layout.header + size_of::<*mut f64>() * (count(opcode.results) + most_arguments(opcode)) + 8 * KEPT
}

/// One call of an opcode: its arguments, its results, and what it works on. Results and arguments count from 0.
/// What is not there, or of another kind, reads as 0 or nothing and is written nowhere.
pub struct Call<'a> {
    csound: *mut CSOUND,
    library: &'static Library,
    messages: &'a MessageQueue,
    registered: &'a Registered,
    memory: Memory,
    /// The places of the results, and those of the arguments behind them.
    places: *const *mut f64,
    results: usize,
    arguments: usize,
    kept: *mut f64,
    _of_this_call: PhantomData<&'a mut f64>,
}

impl<'a> Call<'a> {
    /// The call of an opcode with this block.
    ///
    /// # Safety
    /// Csound calls with a live instance whose opcodes these are, and with the block of this one.
    pub(super) unsafe fn new(
        csound: *mut CSOUND,
        (library, messages, registered): (&'static Library, &'a MessageQueue, &'a Registered),
        block: *mut c_void,
        opcode: &OwnOpcode,
    ) -> Self {
        let (results, most) = (count(opcode.results), most_arguments(opcode));
        // SAFETY: Csound makes blocks of zeros, of the size that they were registered with; what was not given is
        // null. The layout is the instance's.
        unsafe {
            let places = block.cast::<u8>().add(registered.layout.header).cast::<*mut f64>();
            let arguments = (0..most).take_while(|at| !places.add(results + at).read().is_null()).count();
            let kept = places.add(results + most).cast::<f64>();
            let memory = registered.layout.memory(csound);
            Self {
                csound,
                library,
                messages,
                registered,
                memory,
                places,
                results,
                arguments,
                kept,
                _of_this_call: PhantomData,
            }
        }
    }

    /// What the opcodes of this instance work on, if it is of this type.
    pub fn context<T: Any>(&self) -> Option<&'a T> {
        self.registered.context.downcast_ref()
    }

    /// The number of arguments that were given.
    pub fn count(&self) -> usize {
        self.arguments
    }

    /// Numbers that are kept from call to call at this place of a note; 0 before the first.
    pub fn kept(&mut self) -> &mut [f64; KEPT] {
        // SAFETY: they are the end of the block, which nobody else uses during the call.
        unsafe { &mut *self.kept.cast() }
    }

    pub(super) fn argument(&self, at: usize) -> Option<*mut f64> {
        // SAFETY: as many are there.
        (at < self.arguments).then(|| unsafe { self.places.add(self.results + at).read() })
    }

    fn result(&self, at: usize) -> Option<*mut f64> {
        // SAFETY: as many are there; one that is not wanted is null.
        let place = (at < self.results).then(|| unsafe { self.places.add(at).read() });
        place.filter(|place| !place.is_null())
    }

    /// A number.
    pub fn number(&self, at: usize) -> f64 {
        // SAFETY: the signature says that it is a number.
        self.argument(at).map_or(0.0, |place| unsafe { place.read() })
    }

    /// True if an argument that may be anything is a string.
    pub fn is_text(&self, at: usize) -> bool {
        /// Csound's types begin with their name.
        #[repr(C)]
        struct Kind {
            name: *const c_char,
        }
        // SAFETY: before each argument Csound has its type, null or with a name that ends in a NUL: so its own
        // opcodes find strings among other arguments.
        self.argument(at).is_some_and(|place| unsafe {
            let kind = place.cast::<*const Kind>().sub(1).read().as_ref();
            kind.is_some_and(|kind| !kind.name.is_null() && CStr::from_ptr(kind.name) == c"S")
        })
    }

    /// A string.
    pub fn text(&self, at: usize) -> &CStr {
        // SAFETY: the signature says that it is a string.
        self.argument(at).map_or(c"", |place| unsafe { Text::read(place.cast()) })
    }

    /// The length of an array.
    pub fn length(&self, at: usize) -> usize {
        // SAFETY: the signature says that it is an array.
        self.argument(at).map_or(0, |place| unsafe { Array::elements(place.cast()).1 })
    }

    /// A number of an array of numbers.
    pub fn number_in(&self, at: usize, index: usize) -> f64 {
        let Some(place) = self.argument(at) else { return 0.0 };
        // SAFETY: the signature says that it is an array of numbers.
        unsafe {
            let (first, count, step) = Array::elements(place.cast());
            if index < count { first.add(index * step).cast::<f64>().read() } else { 0.0 }
        }
    }

    /// A string of an array of strings.
    pub fn text_in(&self, at: usize, index: usize) -> &CStr {
        let Some(place) = self.argument(at) else { return c"" };
        // SAFETY: the signature says that it is an array of strings.
        unsafe {
            let (first, count, step) = Array::elements(place.cast());
            if index < count { Text::read(first.add(index * step).cast()) } else { c"" }
        }
    }

    /// Gives a number.
    pub fn set_number(&mut self, at: usize, number: f64) {
        if let Some(place) = self.result(at) {
            // SAFETY: the signature says that it is a number.
            unsafe { place.write(number) };
        }
    }

    /// Gives a string, up to a NUL in it.
    ///
    /// # Realtime safety
    /// Allocates by Csound's allocator if it is longer than what the variable has held so far.
    pub fn set_text(&mut self, at: usize, said: &[u8]) {
        if let Some(place) = self.result(at) {
            // SAFETY: the signature says that it is a string; `said` is borrowed, so it lies elsewhere.
            unsafe { Text::write(place.cast(), said, self.registered.layout, &self.memory) };
        }
    }

    /// Gives an array its length: of numbers, what is new is 0.
    ///
    /// # Realtime safety
    /// Allocates by Csound's allocator if it is longer than it has been so far.
    pub fn set_length(&mut self, at: usize, length: usize) {
        if let Some(place) = self.result(at) {
            // SAFETY: the signature says that it is an array of numbers.
            unsafe { Array::resize(place.cast(), length, size_of::<f64>(), &self.memory) };
        }
    }

    /// Gives a number of an array of numbers, within its length.
    pub fn set_number_in(&mut self, at: usize, index: usize, number: f64) {
        let Some(place) = self.result(at) else { return };
        // SAFETY: the signature says that it is an array of numbers.
        unsafe {
            let (first, count, step) = Array::elements(place.cast());
            if index < count {
                first.add(index * step).cast::<f64>().write(number);
            }
        }
    }

    /// Gives an array of strings its length; the strings that are new are empty.
    ///
    /// # Realtime safety
    /// As [`set_length`](Self::set_length).
    pub fn set_text_length(&mut self, at: usize, length: usize) {
        let Some(place) = self.result(at) else { return };
        let layout = self.registered.layout;
        // SAFETY: the signature says that it is an array of strings.
        unsafe {
            Array::resize(place.cast(), length, layout.text_member, &self.memory);
            let (first, count, step) = Array::elements(place.cast());
            for index in 0..count {
                let text = first.add(index * step).cast::<Text>();
                // Other opcodes expect that there is something.
                if Text::read(text).is_empty() {
                    Text::write(text, b"", layout, &self.memory);
                }
            }
        }
    }

    /// Gives a string of an array of strings, within its length.
    ///
    /// # Realtime safety
    /// As [`set_text`](Self::set_text).
    pub fn set_text_in(&mut self, at: usize, index: usize, said: &[u8]) {
        let Some(place) = self.result(at) else { return };
        // SAFETY: the signature says that it is an array of strings; `said` is borrowed, so it lies elsewhere.
        unsafe {
            let (first, count, step) = Array::elements(place.cast());
            if index < count {
                Text::write(first.add(index * step).cast(), said, self.registered.layout, &self.memory);
            }
        }
    }

    /// A named channel for numbers, made if the piece does not have it yet; `None` if it has another kind, or the
    /// name is empty.
    ///
    /// # Realtime safety
    /// A new channel allocates inside Csound, as with `chnget`.
    pub fn channel<'n>(&'n self, name: &'n CStr) -> Option<MadeChannel<'n>> {
        // SAFETY: this is a call of an opcode: the instance is alive, and this its performing thread.
        unsafe { MadeChannel::number(self.library, self.csound, name) }
    }

    /// A named channel for strings, as [`channel`](Self::channel).
    pub fn text_channel<'n>(&'n self, name: &'n CStr) -> Option<MadeChannel<'n>> {
        // SAFETY: as above.
        unsafe { MadeChannel::text(self.library, self.csound, name) }
    }

    /// Frames per second.
    pub fn sample_rate(&self) -> f64 {
        // SAFETY: the instance is alive.
        unsafe { (self.library.functions.sample_rate)(self.csound) }
    }

    /// Frames in a k-cycle.
    pub fn ksmps(&self) -> u32 {
        // SAFETY: the instance is alive.
        unsafe { (self.library.functions.ksmps)(self.csound) }
    }

    /// Says a line where Csound's own messages go.
    ///
    /// # Realtime safety
    /// As Csound's own messages: safe, but for a tap of this process that writes them somewhere.
    pub fn tell(&self, level: Level, line: &str) {
        for text in [line, "\n"] {
            match TAP.get() {
                Some(tap) => tap(level, text.as_bytes()),
                None => self.messages.push(level, text.as_bytes()),
            }
        }
    }
}
