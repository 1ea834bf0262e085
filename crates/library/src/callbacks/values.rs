//! `invalue` and `outvalue`: Csound asks its host for their values. They are those of the named channels, as in
//! CsoundQt, so that `invalue` and `chnget` read the same.
//!
//! The opcodes have made their channel, with the kind of what they read, before they first call. Csound writes
//! numbers of `outvalue` into it by itself, once there is a callback.
//!
//! # Realtime safety
//! Called in k-cycles. Looks a channel up, which takes no lock; texts take Csound's own lock for the channel, as
//! `chnget` does, and one that is longer than all before allocates inside Csound.

use std::ffi::{CStr, c_char, c_void};
use std::ptr::null_mut;

use csound_sys as sys;

use crate::library::Library;
use crate::library::functions::{CSOUND, Functions};

/// Csound gives `invalue` room for this many bytes of a text, its NUL included, and does not say if it is more.
const ROOM: usize = 256;

/// What Csound says of the kind of a value: its structure begins with the kind's name.
#[repr(C)]
struct Kind {
    name: *const c_char,
}

/// Whether a value is a text.
///
/// # Safety
/// `kind` is what Csound gave: null, or one of its kinds.
unsafe fn is_text(kind: *const c_void) -> bool {
    // SAFETY: see the function; a kind's name is NUL-terminated and stays.
    let name = unsafe { kind.cast::<Kind>().as_ref() }.map(|kind| kind.name).filter(|name| !name.is_null());
    // SAFETY: as above.
    name.is_some_and(|name| unsafe { CStr::from_ptr(name) } == c"S")
}

/// Gives `invalue` the value of its channel; 0 or nothing where the channel is of another kind.
pub(crate) extern "C" fn input(
    csound: *mut CSOUND,
    name: *const c_char,
    value: *mut c_void,
    kind: *const c_void,
) {
    let Some(library) = Library::loaded().filter(|_| !name.is_null() && !value.is_null()) else { return };
    let functions = &library.functions;
    // SAFETY: Csound calls with a live instance, on its performing thread, and with one of its kinds. A number has
    // a place for it, a text has `ROOM` bytes.
    unsafe {
        if is_text(kind) {
            read_text(library, csound, name, value.cast());
        } else {
            let channel = find(functions, csound, name, sys::CSOUND_CONTROL_CHANNEL).cast::<f64>();
            *value.cast::<f64>() = if channel.is_null() { 0.0 } else { channel.read() };
        }
    }
}

/// Takes the text of `outvalue` into its channel. Numbers Csound writes itself.
pub(crate) extern "C" fn output(
    csound: *mut CSOUND,
    name: *const c_char,
    value: *mut c_void,
    kind: *const c_void,
) {
    let Some(library) = Library::loaded().filter(|_| !name.is_null() && !value.is_null()) else { return };
    let functions = &library.functions;
    // SAFETY: Csound calls with a live instance, on its performing thread, and with one of its kinds; a text is
    // NUL-terminated and only read.
    unsafe {
        if is_text(kind) && !find(functions, csound, name, sys::CSOUND_STRING_CHANNEL).is_null() {
            (functions.set_string_channel)(csound, name, value.cast());
        }
    }
}

/// The data of a channel, or null where it is of another kind.
///
/// # Safety
/// The instance is alive and this its performing thread; the name is NUL-terminated.
unsafe fn find(functions: &Functions, csound: *mut CSOUND, name: *const c_char, kind: u32) -> *mut c_void {
    let mut data = null_mut();
    // SAFETY: see the function. The direction is left as it is.
    let result = unsafe { (functions.channel_pointer)(csound, &raw mut data, name, kind as i32) };
    if result == 0 { data.cast() } else { null_mut() }
}

/// Copies a channel's text, as much as there is room for in whole characters.
///
/// # Safety
/// As [`find`]; `into` has [`ROOM`] bytes.
unsafe fn read_text(library: &Library, csound: *mut CSOUND, name: *const c_char, into: *mut u8) {
    // SAFETY: see the function. What is copied stays within the text and within the room.
    unsafe {
        into.write(0);
        let data = find(&library.functions, csound, name, sys::CSOUND_STRING_CHANNEL);
        if data.is_null() {
            return;
        }
        let mut copy = |held: &[u8]| {
            let length = length_that_fits(held);
            into.copy_from_nonoverlapping(held.as_ptr(), length);
            into.add(length).write(0);
        };
        library.operations.read_text(csound, CStr::from_ptr(name), data, &mut copy);
    }
}

/// Bytes of a text, up to its NUL, for which there is room: no character is cut.
fn length_that_fits(held: &[u8]) -> usize {
    let whole = held.iter().position(|byte| *byte == 0).unwrap_or(held.len());
    let mut length = whole.min(ROOM - 1);
    if length < whole {
        while length > 0 && held[length] & 0xC0 == 0x80 {
            length -= 1;
        }
    }
    length
}

#[cfg(test)]
mod tests {
    use crate::testing::{perform, start};

    #[test]
    fn numbers_of_all_forms_are_those_of_the_channels() {
        let orchestra = "instr 1\ni1 invalue \"given\"\nk1 invalue \"given\"\nk2 invalue 7\n\
            chnset i1, \"at init\"\nchnset k1, \"at k\"\nchnset k2, \"seven\"\n\
            outvalue \"out k\", k1 + 1\noutvalue \"out i\", i1 + 2\noutvalue 8, k2\n\
            kout invalue \"out k\"\nchnset kout, \"read back\"\nendin";
        let Some(mut csound) = start(orchestra, "i1 0 1") else { return };
        let handle = csound.handle();
        for (name, value) in [("given", 0.25), ("7", 7.5)] {
            csound.control_channel(&std::ffi::CString::new(name).unwrap()).unwrap().set(value);
        }
        perform(&mut csound, 1);
        let read = |name: &str| handle.control_channel(name).unwrap();
        let first = ["at init", "at k", "seven", "out k", "out i", "8", "read back"].map(read);
        assert_eq!(first, [0.25, 0.25, 7.5, 1.25, 2.25, 7.5, 1.25]);
        handle.set_control_channel("given", 0.5);
        perform(&mut csound, 1);
        assert_eq!(["at init", "at k", "out k", "out i"].map(read), [0.25, 0.5, 1.5, 2.25]);
    }

    #[test]
    fn texts_are_those_of_the_channels_and_too_long_ones_are_cut() {
        let orchestra = "instr 1\nS1 invalue \"given\"\noutvalue \"copy\", S1\noutvalue \"said\", \"hello\"\n\
            S2 invalue \"said\"\nchnset S2, \"heard\"\nk1 strlenk S1\nchnset k1, \"length\"\nendin";
        let Some(mut csound) = start(orchestra, "i1 0 1") else { return };
        let handle = csound.handle();
        assert!(handle.set_string_channel("given", "a w\u{f6}rd"));
        perform(&mut csound, 1);
        let read = |name: &str| handle.string_channel(name).unwrap();
        assert_eq!(["copy", "said", "heard"].map(read), ["a w\u{f6}rd", "hello", "hello"]);
        handle.set_string_channel("given", &"\u{f6}".repeat(2000));
        perform(&mut csound, 2);
        assert_eq!(handle.control_channel("length"), Some(254.0));
        assert_eq!(read("copy"), "\u{f6}".repeat(127));
        handle.set_string_channel("given", "");
        perform(&mut csound, 2);
        assert_eq!(read("copy"), "");
    }

    #[test]
    fn channels_of_another_kind_harm_nobody() {
        let orchestra = "chn_S \"text\", 3\nchn_k \"number\", 3\nchn_a \"sound\", 3\n\
            instr 1\nk1 invalue \"text\"\noutvalue \"text\", k1\nendin\n\
            instr 2\nS1 invalue \"number\"\noutvalue \"number\", S1\nendin\n\
            instr 3\nk1 invalue \"sound\"\noutvalue \"\", k1\nendin\n\
            instr 4\nchnset 0.5, \"alive\"\nendin\n";
        let Some(mut csound) = start(orchestra, "i1 0 1\ni2 0 1\ni3 0 1\ni4 0 1") else { return };
        perform(&mut csound, 4);
        assert_eq!(csound.handle().control_channel("alive"), Some(0.5));
    }
}
