//! The operations of Csound 7. csound-sys does not know it: the types are declared here.

use std::ffi::{CStr, CString, c_char, c_double, c_int, c_void};
use std::fmt::Write;
use std::io;

use super::functions::{CSOUND, table};
use super::operations::{Entry, Operations};
use super::way::Way;

/// Text events and code are taken at once, not by a thread of Csound's.
const AT_ONCE: c_int = 0;

table! {
    /// The functions of Csound 7 that 6 does not have, or has with other arguments.
    struct Declared {
        create: csoundCreate = unsafe extern "C" fn(*mut c_void, *const c_char) -> *mut CSOUND;
        host_audio: csoundSetHostAudioIO = unsafe extern "C" fn(*mut CSOUND);
        host_midi: csoundSetHostMIDIIO = unsafe extern "C" fn(*mut CSOUND);
        compile: csoundCompile = unsafe extern "C" fn(*mut CSOUND, c_int, *const *const c_char) -> c_int;
        compile_orc: csoundCompileOrc = unsafe extern "C" fn(*mut CSOUND, *const c_char, c_int) -> c_int;
        perform_ksmps: csoundPerformKsmps = unsafe extern "C" fn(*mut CSOUND) -> c_int;
        channels: csoundGetChannels = unsafe extern "C" fn(*mut CSOUND, c_int) -> u32;
        event: csoundEvent = unsafe extern "C" fn(*mut CSOUND, c_int, *const c_double, c_int, c_int);
        event_string: csoundEventString = unsafe extern "C" fn(*mut CSOUND, *const c_char, c_int);
        append_opcode: csoundAppendOpcode = unsafe extern "C" fn(*mut CSOUND, *const c_char, c_int, c_int, *const c_char, *const c_char, Option<Entry>, Option<Entry>, Option<Entry>) -> c_int;
        lock_channel: csoundLockChannel = unsafe extern "C" fn(*mut CSOUND, *const c_char);
        unlock_channel: csoundUnlockChannel = unsafe extern "C" fn(*mut CSOUND, *const c_char);
        string_data: csoundGetStringData = unsafe extern "C" fn(*mut CSOUND, *mut c_void) -> *const c_char;
    }
}

/// Csound 7.
pub(super) struct Seven {
    functions: Declared,
}

impl Seven {
    /// The table, or the name of the first symbol that is missing.
    pub(super) fn find(library: &libloading::Library) -> Result<Self, &'static str> {
        Ok(Self { functions: Declared::find(library)? })
    }
}

/// The number of an event's kind, for those that have one.
fn event_kind(opcode: u8) -> Option<c_int> {
    match opcode {
        b'i' => Some(0),
        b'f' => Some(1),
        b'e' => Some(2),
        b'a' => Some(3),
        _ => None,
    }
}

/// An event as score text.
fn event_text(opcode: u8, fields: &[f64]) -> Option<CString> {
    let mut text = char::from(opcode).to_string();
    fields.iter().try_for_each(|field| write!(text, " {field}")).ok()?;
    CString::new(text).ok()
}

impl Operations for Seven {
    unsafe fn create(&self, host_data: *mut c_void, folder: Option<&CStr>) -> *mut CSOUND {
        // SAFETY: the caller answers for the host data; without a folder Csound finds its own.
        unsafe { (self.functions.create)(host_data, folder.map_or(std::ptr::null(), CStr::as_ptr)) }
    }

    fn address(&self) -> *const c_void {
        self.functions.create as *const c_void
    }

    unsafe fn host_io(&self, csound: *mut CSOUND) {
        // SAFETY: the caller's promise.
        unsafe {
            (self.functions.host_audio)(csound);
            (self.functions.host_midi)(csound);
        }
    }

    fn host_options(&self) -> &'static [&'static str] {
        &[]
    }

    unsafe fn append_opcode(
        &self,
        csound: *mut CSOUND,
        [name, results, arguments]: [&'static CStr; 3],
        size: usize,
        [init, perform]: [Option<Entry>; 2],
    ) -> c_int {
        let Ok(size) = c_int::try_from(size) else { return -1 };
        let (name, results, arguments) = (name.as_ptr(), results.as_ptr(), arguments.as_ptr());
        // SAFETY: the caller's promise.
        unsafe {
            (self.functions.append_opcode)(csound, name, size, 0, results, arguments, init, perform, None)
        }
    }

    unsafe fn compile(&self, csound: *mut CSOUND, args: &[*const c_char]) -> c_int {
        // SAFETY: the caller's promise.
        unsafe { (self.functions.compile)(csound, args.len() as c_int, args.as_ptr()) }
    }

    unsafe fn compile_orc(&self, csound: *mut CSOUND, code: &CStr) -> c_int {
        // SAFETY: the caller's promise.
        unsafe { (self.functions.compile_orc)(csound, code.as_ptr(), AT_ONCE) }
    }

    unsafe fn recover(&self, _csound: *mut CSOUND, _code: &CStr) {}

    unsafe fn read_score(&self, csound: *mut CSOUND, score: &CStr) -> c_int {
        // SAFETY: the caller's promise. Before the start this is the score, after it events.
        unsafe { (self.functions.event_string)(csound, score.as_ptr(), AT_ONCE) };
        0
    }

    unsafe fn nchnls(&self, csound: *mut CSOUND, is_input: bool) -> u32 {
        // SAFETY: the caller's promise.
        unsafe { (self.functions.channels)(csound, c_int::from(is_input)) }
    }

    /// `csoundPerformKsmps` prepares for the end of Csound in its first call only, and jumps to where
    /// that call stood on the stack. So every call stands at the same place: on a stack of the
    /// instance's own.
    unsafe fn way(&self, _csound: *mut CSOUND, _is_hosts: bool, _samples: u64) -> io::Result<Way> {
        Way::call_on_own_stack(self.functions.perform_ksmps)
    }

    fn way_after_score(&self, _way: &mut Way) {}

    unsafe fn score_event(&self, csound: *mut CSOUND, opcode: u8, fields: &[f64]) -> c_int {
        if let Some(kind) = event_kind(opcode) {
            // SAFETY: the caller's promise; the fields are only read (Csound declares them mutable), and
            // no more than Csound's count of 16 bits holds.
            unsafe { (self.functions.event)(csound, kind, fields.as_ptr(), fields.len() as c_int, AT_ONCE) };
            return 0;
        }
        let Some(text) = event_text(opcode, fields) else { return -1 };
        // SAFETY: the caller's promise.
        unsafe { (self.functions.event_string)(csound, text.as_ptr(), AT_ONCE) };
        0
    }

    unsafe fn input_message(&self, csound: *mut CSOUND, text: &CStr) {
        // SAFETY: the caller's promise.
        unsafe { (self.functions.event_string)(csound, text.as_ptr(), AT_ONCE) };
    }

    unsafe fn read_text(
        &self,
        csound: *mut CSOUND,
        name: &CStr,
        data: *mut c_void,
        read: &mut dyn FnMut(&[u8]),
    ) {
        // SAFETY: `data` is a string channel's, which stays as long as the instance; the lock is that
        // channel's, and it is held by all that change the text, which ends with a NUL.
        unsafe {
            (self.functions.lock_channel)(csound, name.as_ptr());
            let text = (self.functions.string_data)(csound, data);
            if !text.is_null() {
                read(CStr::from_ptr(text).to_bytes());
            }
            (self.functions.unlock_channel)(csound, name.as_ptr());
        }
    }

    /// Csound 7 gives its parameters as a structure that changes with its versions: it is not read.
    unsafe fn is_sample_accurate(&self, _csound: *mut CSOUND) -> Option<bool> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_without_a_number_is_text_that_keeps_its_fields() {
        assert_eq!(event_text(b'q', &[1.0, 0.1, 0.0]).unwrap().as_c_str(), c"q 1 0.1 0");
        assert_eq!(event_text(0, &[]), None);
        assert_eq!(event_kind(b'q'), None);
    }
}
