//! What Csound calls: one function for each opcode of an instance, by its number. (Csound gives no data of ours
//! with a call.)

use std::ffi::{c_int, c_void};
use std::panic::AssertUnwindSafe;

use super::call::Call;
use super::error::MOST;
use super::registered::{OwnOpcode, Registered};
use crate::callbacks::Host;
use crate::library::Library;
use crate::library::functions::CSOUND;
use crate::library::operations::Entry;
use crate::messages::Level;

/// The moment of a call.
#[derive(Clone, Copy)]
enum Moment {
    Init,
    Perform,
}

/// The functions of the opcode with this number: when notes begin, and in each k-cycle.
pub(super) fn of(index: usize, opcode: &OwnOpcode) -> (Option<Entry>, Option<Entry>) {
    let [init, perform] = ENTRIES[index];
    (opcode.init.map(|_| init), opcode.perform.map(|_| perform))
}

/// # Safety
/// Csound calls with a live instance and the block of the opcode with this number.
unsafe extern "C" fn init<const INDEX: usize>(csound: *mut CSOUND, block: *mut c_void) -> c_int {
    // SAFETY: the caller's promise.
    unsafe { enter(INDEX, Moment::Init, csound, block) }
}

/// # Safety
/// As [`init`].
unsafe extern "C" fn perform<const INDEX: usize>(csound: *mut CSOUND, block: *mut c_void) -> c_int {
    // SAFETY: the caller's promise.
    unsafe { enter(INDEX, Moment::Perform, csound, block) }
}

/// Carries a call out. A panic is a defect of ours: it is told, and Csound goes on.
///
/// # Safety
/// As [`init`].
unsafe fn enter(index: usize, moment: Moment, csound: *mut CSOUND, block: *mut c_void) -> c_int {
    let Some(library) = Library::loaded().filter(|_| !block.is_null()) else { return 0 };
    // SAFETY: the host data of an instance is its `Host` (see `Csound::new`), which outlives it and is shared only.
    let Some(host) = (unsafe { (library.functions.host_data)(csound).cast::<Host>().as_ref() }) else {
        return 0;
    };
    let own = host.own_opcodes.get().and_then(|own| own.downcast_ref::<Registered>());
    let Some(registered) = own else { return 0 };
    let Some(opcode) = registered.opcodes.get(index) else { return 0 };
    let carry_out = match moment {
        Moment::Init => opcode.init,
        Moment::Perform => opcode.perform,
    };
    let Some(carry_out) = carry_out else { return 0 };
    // SAFETY: the caller's promise; these are the opcodes of this instance.
    let mut call = unsafe { Call::new(csound, (library, &host.messages, registered), block, opcode) };
    if std::panic::catch_unwind(AssertUnwindSafe(|| carry_out(&mut call))).is_err() {
        call.tell(Level::Error, "Csound Performer failed in an opcode of its own; this is our fault");
    }
    0
}

macro_rules! entries {
    ($($index:literal)*) => {
        [$([init::<$index> as Entry, perform::<$index> as Entry],)*]
    };
}

#[rustfmt::skip]
static ENTRIES: [[Entry; 2]; MOST] = entries!(
    0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15
    16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31
    32 33 34 35 36 37 38 39 40 41 42 43 44 45 46 47
    48 49 50 51 52 53 54 55 56 57 58 59 60 61 62 63
    64 65 66 67 68 69 70 71 72 73 74 75 76 77 78 79
    80 81 82 83 84 85 86 87 88 89 90 91 92 93 94 95
    96 97 98 99 100 101 102 103 104 105 106 107 108 109 110 111
    112 113 114 115 116 117 118 119 120 121 122 123 124 125 126 127
);
