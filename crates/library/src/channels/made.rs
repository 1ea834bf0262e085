//! A channel as an opcode of ours has it: looked up by name, on the performing thread, for the length of a call.

use std::ffi::{CStr, c_int, c_void};
use std::ptr::{NonNull, null_mut};
use std::sync::atomic::{AtomicU64, Ordering};

use csound_sys as sys;

use crate::library::Library;
use crate::library::functions::CSOUND;

/// A channel that is there: it was made if the piece did not have it yet.
pub struct MadeChannel<'a> {
    library: &'static Library,
    csound: *mut CSOUND,
    name: &'a CStr,
    data: NonNull<c_void>,
}

impl<'a> MadeChannel<'a> {
    /// A channel of numbers; `None` if the name is empty or belongs to a channel of another kind.
    ///
    /// # Safety
    /// The instance is alive, and this its performing thread.
    pub(crate) unsafe fn number(
        library: &'static Library,
        csound: *mut CSOUND,
        name: &'a CStr,
    ) -> Option<Self> {
        // SAFETY: the caller's promise.
        let found = unsafe { Self::find(library, csound, name, sys::CSOUND_CONTROL_CHANNEL) };
        found.filter(|channel| channel.data.cast::<AtomicU64>().is_aligned())
    }

    /// A channel of strings, as [`number`](Self::number).
    ///
    /// # Safety
    /// As [`number`](Self::number).
    pub(crate) unsafe fn text(
        library: &'static Library,
        csound: *mut CSOUND,
        name: &'a CStr,
    ) -> Option<Self> {
        // SAFETY: the caller's promise.
        unsafe { Self::find(library, csound, name, sys::CSOUND_STRING_CHANNEL) }
    }

    unsafe fn find(
        library: &'static Library,
        csound: *mut CSOUND,
        name: &'a CStr,
        kind: u32,
    ) -> Option<Self> {
        if name.is_empty() {
            return None;
        }
        let mut data = null_mut();
        let kind = (kind | sys::CSOUND_INPUT_CHANNEL | sys::CSOUND_OUTPUT_CHANNEL) as c_int;
        // SAFETY: the caller's promise; the name is NUL-terminated, and the pointer's place is ours.
        let code = unsafe { (library.functions.channel_pointer)(csound, &raw mut data, name.as_ptr(), kind) };
        let data = NonNull::new(data.cast()).filter(|_| code == 0)?;
        Some(Self { library, csound, name, data })
    }

    /// The number.
    pub fn get(&self) -> f64 {
        f64::from_bits(self.place().load(Ordering::Relaxed))
    }

    /// Writes the number.
    pub fn set(&self, number: f64) {
        self.place().store(number.to_bits(), Ordering::Relaxed);
    }

    fn place(&self) -> &AtomicU64 {
        // SAFETY: Csound keeps a channel's data as long as the instance, eight bytes at least; where they are a
        // number they are aligned.
        unsafe { self.data.cast().as_ref() }
    }

    /// Lends the string to `read`, without its NUL, under Csound's lock for the channel: `read` calls nothing of
    /// Csound's.
    pub fn read(&self, read: &mut dyn FnMut(&[u8])) {
        let mut until_nul = |held: &[u8]| read(held.split(|byte| *byte == 0).next().unwrap_or_default());
        // SAFETY: the instance is alive, and the data are those of its channel of this name.
        unsafe {
            self.library.operations.read_text(self.csound, self.name, self.data.as_ptr(), &mut until_nul)
        };
    }

    /// Writes the string.
    ///
    /// # Realtime safety
    /// Takes Csound's lock for the channel, and allocates inside Csound if it is longer than all before.
    pub fn write(&self, text: &CStr) {
        // SAFETY: the instance is alive; the text is only read.
        unsafe {
            let text = text.as_ptr().cast_mut();
            (self.library.functions.set_string_channel)(self.csound, self.name.as_ptr(), text);
        }
    }
}
