//! The callbacks that Csound calls while it performs, and what they work on.

pub(super) mod values;

use std::any::Any;
use std::ffi::{CStr, c_char, c_int, c_uchar, c_void};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use super::displays::Displays;
use super::library::Library;
use super::library::functions::CSOUND;
use super::messages::{Level, MessageQueue, Overheard, TAP};
use super::midi::MidiPort;
use super::stopwatch::Stopwatch;

/// Csound cuts a text here, and loses its line end.
pub(super) const CSOUNDS_LONGEST: usize = 1023;

/// The data that Csound's callbacks work on. It outlives the instance, and is only ever shared.
pub(super) struct Host {
    pub(super) midi: MidiPort,
    pub(super) messages: MessageQueue,
    /// The beginning of what Csound says while it takes code.
    pub(super) of_code: Overheard,
    /// Set while Csound is given what is nobody's code: what it says is of no use to anybody.
    pub(super) is_deaf: AtomicBool,
    /// The opcodes of our own, if there are any; `own_opcodes` knows what it is.
    pub(super) own_opcodes: OnceLock<Box<dyn Any + Send + Sync>>,
    /// Where the piece's graphs go.
    pub(super) displays: Displays,
    /// What times the instances of instruments, once somebody has asked.
    pub(super) stopwatch: OnceLock<Stopwatch>,
}

impl Host {
    pub(super) fn new() -> Self {
        Self {
            midi: MidiPort::new(),
            messages: MessageQueue::new(),
            of_code: Overheard::new(),
            is_deaf: AtomicBool::new(false),
            own_opcodes: OnceLock::new(),
            displays: Displays::default(),
            stopwatch: OnceLock::new(),
        }
    }
}

/// Csound says something. Called on any of its threads.
pub(super) extern "C" fn message(csound: *mut CSOUND, attributes: c_int, text: *const c_char) {
    let Some(library) = Library::loaded().filter(|_| !text.is_null()) else { return };
    // SAFETY: Csound calls with a live instance; the host data is its `Host` (see `Csound::new`),
    // which outlives the instance and is shared only.
    let Some(host) = (unsafe { (library.functions.host_data)(csound).cast::<Host>().as_ref() }) else {
        return;
    };
    if host.is_deaf.load(Ordering::Relaxed) {
        return;
    }
    // SAFETY: Csound gives a NUL-terminated text, which stays for the call.
    let text = unsafe { CStr::from_ptr(text) }.to_bytes();
    let level = Level::from_attributes(attributes);
    let say = |text: &[u8]| {
        host.of_code.hear(level, text);
        match TAP.get() {
            Some(tap) => tap(level, text),
            None => host.messages.push(level, text),
        }
    };
    say(text);
    if text.len() >= CSOUNDS_LONGEST && !text.ends_with(b"\n") {
        say(b"\n");
    }
}

/// Gives Csound what the other callbacks shall get as their user data: the instance's [`Host`].
pub(super) extern "C" fn open(
    csound: *mut CSOUND,
    user_data: *mut *mut c_void,
    _device: *const c_char,
) -> c_int {
    let Some(library) = Library::loaded() else { return -1 };
    // SAFETY: Csound calls this with a live instance and a place for the user data; the host data
    // is the instance's `Host` (see `Csound::new`).
    unsafe { *user_data = (library.functions.host_data)(csound) };
    0
}

/// Gives Csound the messages that wait for this k-cycle.
pub(super) extern "C" fn read(
    _csound: *mut CSOUND,
    user_data: *mut c_void,
    buffer: *mut c_uchar,
    room: c_int,
) -> c_int {
    if user_data.is_null() || buffer.is_null() || room <= 0 {
        return 0;
    }
    // SAFETY: the user data is the instance's `Host` (see `open`), which outlives the instance and
    // is shared only.
    let host = unsafe { &*user_data.cast::<Host>() };
    // SAFETY: Csound gives room for `room` bytes, its own array, which it does not touch meanwhile.
    let room = unsafe { std::slice::from_raw_parts_mut(buffer, room as usize) };
    host.midi.fill(room) as c_int
}

/// Takes what the piece sends. Always content: a piece cannot do anything about a full queue.
pub(super) extern "C" fn write(
    _csound: *mut CSOUND,
    user_data: *mut c_void,
    bytes: *const c_uchar,
    count: c_int,
) -> c_int {
    if user_data.is_null() || bytes.is_null() || count <= 0 {
        return 0;
    }
    // SAFETY: as in `read`.
    let host = unsafe { &*user_data.cast::<Host>() };
    // SAFETY: Csound gives `count` bytes.
    host.midi.take(unsafe { std::slice::from_raw_parts(bytes, count as usize) });
    count
}
