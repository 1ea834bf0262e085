//! The operations of Csound 6.

mod process_lock;

use std::ffi::{CStr, CString, c_char, c_double, c_int, c_long, c_void};
use std::io;
use std::mem::MaybeUninit;
use std::ptr::{null, null_mut};

use csound_sys as sys;

use process_lock::ProcessLock;

use super::functions::{CSOUND, declared_table, table};
use super::operations::{Entry, Operations};
use super::way::Way;
use crate::version::Generation;

declared_table! {
    /// The functions of Csound 6 that 7 does not have, or has with other arguments.
    struct Declared {
        create: csoundCreate = unsafe extern "C" fn(*mut c_void) -> *mut CSOUND;
        get_env: csoundGetEnv = unsafe extern "C" fn(*mut CSOUND, *const c_char) -> *const c_char;
        set_global_env: csoundSetGlobalEnv = unsafe extern "C" fn(*const c_char, *const c_char) -> c_int;
        compile_args: csoundCompileArgs = unsafe extern "C" fn(*mut CSOUND, c_int, *const *const c_char) -> c_int;
        compile_orc: csoundCompileOrc = unsafe extern "C" fn(*mut CSOUND, *const c_char) -> c_int;
        read_score: csoundReadScore = unsafe extern "C" fn(*mut CSOUND, *const c_char) -> c_int;
        perform_ksmps: csoundPerformKsmps = unsafe extern "C" fn(*mut CSOUND) -> c_int;
        perform_buffer: csoundPerformBuffer = unsafe extern "C" fn(*mut CSOUND) -> c_int;
        output_buffer_size: csoundGetOutputBufferSize = unsafe extern "C" fn(*mut CSOUND) -> c_long;
        nchnls: csoundGetNchnls = unsafe extern "C" fn(*mut CSOUND) -> u32;
        nchnls_input: csoundGetNchnlsInput = unsafe extern "C" fn(*mut CSOUND) -> u32;
        params: csoundGetParams = unsafe extern "C" fn(*mut CSOUND, *mut sys::CSOUND_PARAMS);
        host_audio: csoundSetHostImplementedAudioIO = unsafe extern "C" fn(*mut CSOUND, c_int, c_int);
        host_midi: csoundSetHostImplementedMIDIIO = unsafe extern "C" fn(*mut CSOUND, c_int);
        score_event: csoundScoreEvent = unsafe extern "C" fn(*mut CSOUND, c_char, *const c_double, c_long) -> c_int;
        input_message: csoundInputMessage = unsafe extern "C" fn(*mut CSOUND, *const c_char);
        append_opcode: csoundAppendOpcode = unsafe extern "C" fn(*mut CSOUND, *const c_char, c_int, c_int, c_int, *const c_char, *const c_char, Option<Entry>, Option<Entry>, Option<Entry>) -> c_int;
        channel_lock: csoundGetChannelLock = unsafe extern "C" fn(*mut CSOUND, *const c_char) -> *mut c_int;
    }
}

table! {
    /// csound-sys does not declare these. In C they take a `spin_lock_t *`, which is what
    /// `csoundGetChannelLock` returns as an `int *`, and return nothing, from 6.15 to 6.18.
    struct Locks {
        lock: csoundSpinLock = unsafe extern "C" fn(*mut c_int);
        unlock: csoundSpinUnLock = unsafe extern "C" fn(*mut c_int);
    }
}

/// Csound 6.
pub(super) struct Six {
    functions: Declared,
    locks: Locks,
}

/// Csound's string, as csoundCore.h declares it from 6.15 to 6.18.
#[repr(C)]
struct StringData {
    data: *const c_char,
    size: c_int,
}

/// The word that begins an opcode's definition.
const OPCODE: &[u8] = b"opcode";

/// The definition of an opcode that does nothing.
const DEFINITION: &CStr = c"opcode csound_performer_nothing, 0, 0\nendop\n";

impl Six {
    /// The table, or the name of the first symbol that is missing.
    pub(super) fn find(library: &libloading::Library) -> Result<Self, &'static str> {
        Ok(Self { functions: Declared::find(library)?, locks: Locks::find(library)? })
    }

    /// Csound's variable for the folder of its opcode libraries, as it is set now.
    fn opcode_variable(&self) -> Option<CString> {
        // SAFETY: without an instance Csound looks at its global variables and at the environment,
        // and gives a NUL-terminated string, which is copied at once.
        unsafe {
            let value = (self.functions.get_env)(null_mut(), Generation::Six.opcode_variable().as_ptr());
            (!value.is_null()).then(|| CStr::from_ptr(value).to_owned())
        }
    }

    fn set_opcode_variable(&self, folder: Option<&CStr>) {
        let name = Generation::Six.opcode_variable();
        // SAFETY: both are NUL-terminated; a null value takes the variable away. Csound reads it in
        // csoundCreate only, of which there is one at a time.
        unsafe { (self.functions.set_global_env)(name.as_ptr(), folder.map_or(null(), CStr::as_ptr)) };
    }
}

impl Operations for Six {
    /// The folder is set for all of libcsound meanwhile, and put back then, so that others who share
    /// libcsound in this process find it as it was.
    unsafe fn create(&self, host_data: *mut c_void, folder: Option<&CStr>) -> *mut CSOUND {
        let _alone = folder.map(|_| ProcessLock::take());
        let before = folder.and_then(|_| self.opcode_variable());
        if folder.is_some() {
            self.set_opcode_variable(folder);
        }
        // SAFETY: the caller answers for the host data.
        let csound = unsafe { (self.functions.create)(host_data) };
        if folder.is_some() {
            self.set_opcode_variable(before.as_deref());
        }
        csound
    }

    fn address(&self) -> *const c_void {
        self.functions.create as *const c_void
    }

    unsafe fn host_io(&self, csound: *mut CSOUND) {
        // SAFETY: the caller's promise.
        unsafe {
            (self.functions.host_audio)(csound, 1, 0);
            (self.functions.host_midi)(csound, 1);
        }
    }

    /// Buffers of one k-cycle: `way` says what for. Nothing else uses them with host audio.
    fn host_options(&self) -> &'static [&'static str] {
        &["-b-1"]
    }

    unsafe fn append_opcode(
        &self,
        csound: *mut CSOUND,
        [name, results, arguments]: [&'static CStr; 3],
        size: usize,
        [init, perform]: [Option<Entry>; 2],
    ) -> c_int {
        let moments = c_int::from(init.is_some()) | c_int::from(perform.is_some()) << 1;
        let Ok(size) = u16::try_from(size) else { return -1 };
        let (name, results, arguments) = (name.as_ptr(), results.as_ptr(), arguments.as_ptr());
        let append = self.functions.append_opcode;
        // SAFETY: the caller's promise.
        unsafe { append(csound, name, size.into(), 0, moments, results, arguments, init, perform, None) }
    }

    unsafe fn compile(&self, csound: *mut CSOUND, args: &[*const c_char]) -> c_int {
        // SAFETY: the caller's promise.
        unsafe { (self.functions.compile_args)(csound, args.len() as c_int, args.as_ptr()) }
    }

    unsafe fn compile_orc(&self, csound: *mut CSOUND, code: &CStr) -> c_int {
        // SAFETY: the caller's promise.
        unsafe { (self.functions.compile_orc)(csound, code.as_ptr()) }
    }

    /// The reader stays within the first line of an opcode's definition that it could not read, and reads all later code
    /// as the rest of it, up to a whole definition.
    unsafe fn recover(&self, csound: *mut CSOUND, code: &CStr) {
        if code.to_bytes().windows(OPCODE.len()).any(|word| word == OPCODE) {
            // SAFETY: the caller's promise.
            unsafe { (self.functions.compile_orc)(csound, DEFINITION.as_ptr()) };
        }
    }

    unsafe fn read_score(&self, csound: *mut CSOUND, score: &CStr) -> c_int {
        // SAFETY: the caller's promise.
        unsafe { (self.functions.read_score)(csound, score.as_ptr()) }
    }

    unsafe fn nchnls(&self, csound: *mut CSOUND, is_input: bool) -> u32 {
        let read = if is_input { self.functions.nchnls_input } else { self.functions.nchnls };
        // SAFETY: the caller's promise.
        unsafe { read(csound) }
    }

    /// For a host this is `csoundPerformBuffer` with a buffer of one k-cycle: the same work, but it
    /// prepares for the end of Csound anew each time. `csoundPerformKsmps` does so in its first call only,
    /// and a piece that ends Csound in a later one, called from elsewhere, takes the process down.
    unsafe fn way(&self, csound: *mut CSOUND, is_hosts: bool, samples: u64) -> io::Result<Way> {
        // SAFETY: the caller's promise.
        let buffer = unsafe { (self.functions.output_buffer_size)(csound) };
        let by_buffer = is_hosts && buffer > 0 && buffer as u64 == samples;
        Ok(Way::call(if by_buffer { self.functions.perform_buffer } else { self.functions.perform_ksmps }))
    }

    /// The buffer's count is off by one then.
    fn way_after_score(&self, way: &mut Way) {
        *way = Way::call(self.functions.perform_ksmps);
    }

    unsafe fn score_event(&self, csound: *mut CSOUND, opcode: u8, fields: &[f64]) -> c_int {
        let count = fields.len() as c_long;
        // SAFETY: the caller's promise.
        unsafe { (self.functions.score_event)(csound, opcode as c_char, fields.as_ptr(), count) }
    }

    unsafe fn input_message(&self, csound: *mut CSOUND, text: &CStr) {
        // SAFETY: the caller's promise.
        unsafe { (self.functions.input_message)(csound, text.as_ptr()) };
    }

    unsafe fn read_text(
        &self,
        csound: *mut CSOUND,
        name: &CStr,
        data: *mut c_void,
        read: &mut dyn FnMut(&[u8]),
    ) {
        // SAFETY: `data` is a string channel's, which stays as long as the instance; the lock is that
        // channel's, and it is held by all that change the text. The text has `size` bytes.
        unsafe {
            let lock = (self.functions.channel_lock)(csound, name.as_ptr());
            if !lock.is_null() {
                (self.locks.lock)(lock);
            }
            let StringData { data, size } = data.cast::<StringData>().read();
            if !data.is_null() {
                read(std::slice::from_raw_parts(data.cast::<u8>(), size.max(0) as usize));
            }
            if !lock.is_null() {
                (self.locks.unlock)(lock);
            }
        }
    }

    unsafe fn is_sample_accurate(&self, csound: *mut CSOUND) -> Option<bool> {
        // Room beyond csound-sys's idea of the structure, should a later Csound 6 write more.
        #[repr(C)]
        struct Roomy(sys::CSOUND_PARAMS, [u8; 1024]);
        let mut params = MaybeUninit::<Roomy>::zeroed();
        // SAFETY: the structure is plain numbers, for which zero is valid, and large enough.
        let params = unsafe {
            (self.functions.params)(csound, params.as_mut_ptr().cast());
            params.assume_init()
        };
        Some(params.0.sample_accurate != 0)
    }
}
