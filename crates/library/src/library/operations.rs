//! The operations whose functions are other ones in each generation: one set, two tables behind it.

use std::ffi::{CStr, c_char, c_int, c_void};
use std::io;

use super::functions::CSOUND;
use super::way::Way;

/// A function of an opcode, called with an instance and the opcode's block; 0 if all is well.
pub(crate) type Entry = unsafe extern "C" fn(*mut CSOUND, *mut c_void) -> c_int;

/// What is asked of a Csound of either generation, apart from the functions that both share.
///
/// # Safety
/// Of every method that takes an instance: it is alive, and its one owner calls; texts and arrays live
/// for the call. What more an operation needs is said there.
pub(crate) trait Operations: Send + Sync {
    /// Makes an instance that loads its opcode libraries from `folder`; `None`: from where Csound
    /// finds them. One at a time.
    unsafe fn create(&self, host_data: *mut c_void, folder: Option<&CStr>) -> *mut CSOUND;

    /// A function of the table, by whose address the file of the library is found.
    fn address(&self) -> *const c_void;

    /// Leaves audio and MIDI to the host. Before compilation, with the MIDI callbacks set after it.
    unsafe fn host_io(&self, csound: *mut CSOUND);

    /// Options that the way of performing a host's audio needs.
    fn host_options(&self) -> &'static [&'static str];

    /// Registers an opcode before compilation: its name, its results and its arguments, the bytes of its block, what
    /// it does when notes begin and what in each k-cycle. 0 if it was taken. The texts stay as long as the instance.
    unsafe fn append_opcode(
        &self,
        csound: *mut CSOUND,
        texts: [&'static CStr; 3],
        size: usize,
        entries: [Option<Entry>; 2],
    ) -> c_int;

    /// Compiles what a command line names. It does not start.
    unsafe fn compile(&self, csound: *mut CSOUND, args: &[*const c_char]) -> c_int;

    /// Compiles orchestra code, at once.
    unsafe fn compile_orc(&self, csound: *mut CSOUND, code: &CStr) -> c_int;

    /// Makes the reader ready for other code, after it has refused this.
    unsafe fn recover(&self, csound: *mut CSOUND, code: &CStr);

    /// Takes score text: the whole score before the start, events after it.
    unsafe fn read_score(&self, csound: *mut CSOUND, score: &CStr) -> c_int;

    /// Output channels, or input channels.
    unsafe fn nchnls(&self, csound: *mut CSOUND, is_input: bool) -> u32;

    /// The way in which a started instance is performed, one k-cycle of `samples` samples a call.
    ///
    /// # Errors
    /// The system's: there is no memory for it.
    unsafe fn way(&self, csound: *mut CSOUND, is_hosts: bool, samples: u64) -> io::Result<Way>;

    /// The way to go on after the end of the score.
    fn way_after_score(&self, way: &mut Way);

    /// Hands a score event over; 0 if it was taken. The instance is started, and the fields are no more
    /// than [`MAX_P_FIELDS`](crate::MAX_P_FIELDS).
    unsafe fn score_event(&self, csound: *mut CSOUND, opcode: u8, fields: &[f64]) -> c_int;

    /// Hands a line of score text over. The instance is started.
    unsafe fn input_message(&self, csound: *mut CSOUND, text: &CStr);

    /// Reads the text of a string channel under Csound's lock for it. `data` is what
    /// `csoundGetChannelPtr` gives for the channel of this name. `read` calls nothing of Csound's.
    unsafe fn read_text(
        &self,
        csound: *mut CSOUND,
        name: &CStr,
        data: *mut c_void,
        read: &mut dyn FnMut(&[u8]),
    );

    /// If events start on their exact frame, where Csound tells.
    unsafe fn is_sample_accurate(&self, csound: *mut CSOUND) -> Option<bool>;
}
