//! The functions of libcsound that are used.
//!
//! The declarations are csound-sys's; each entry of the table is checked against them when this
//! crate is compiled. An unused constant makes no link reference, so nothing is linked.

use std::ffi::{c_char, c_double, c_int, c_long, c_void};

use csound_sys as sys;
pub(crate) use csound_sys::CSOUND;

macro_rules! table {
    ($($field:ident: $symbol:ident = unsafe extern "C" fn($($argument:ty),*) $(-> $result:ty)?;)*) => {
        /// The functions that are used, with csound-sys's types.
        pub(crate) struct Functions {
            $(pub(crate) $field: unsafe extern "C" fn($($argument),*) $(-> $result)?,)*
            /// csound-sys does not declare the two below. In C they take a `spin_lock_t *`, which is
            /// what `csoundGetChannelLock` returns as an `int *`, and return nothing.
            pub(crate) lock_channel: unsafe extern "C" fn(*mut c_int),
            pub(crate) unlock_channel: unsafe extern "C" fn(*mut c_int),
        }

        // Each type against its declaration.
        $(const _: unsafe extern "C" fn($($argument),*) $(-> $result)? = sys::$symbol;)*

        impl Functions {
            /// The table, or the name of the first symbol that is missing.
            pub(crate) fn find(library: &libloading::Library) -> Result<Self, &'static str> {
                Ok(Self {
                    $($field: {
                        // SAFETY: the type is csound-sys's declaration of this very symbol, checked
                        // above; the library is never unloaded, so the pointer stays valid.
                        let symbol = unsafe { library.get(concat!(stringify!($symbol), "\0")) };
                        *symbol.map_err(|_| stringify!($symbol))?
                    },)*
                    lock_channel: {
                        // SAFETY: the type is that of csound.h, from 6.15 to 6.18.
                        let symbol = unsafe { library.get(b"csoundSpinLock\0") };
                        *symbol.map_err(|_| "csoundSpinLock")?
                    },
                    unlock_channel: {
                        // SAFETY: as above.
                        let symbol = unsafe { library.get(b"csoundSpinUnLock\0") };
                        *symbol.map_err(|_| "csoundSpinUnLock")?
                    },
                })
            }
        }
    };
}

// csound-sys has spin and spout as void pointers (they are doubles) and the text of a string channel
// as a mutable pointer (it is only read). The callbacks are plain `extern "C" fn`s.
table! {
    initialize: csoundInitialize = unsafe extern "C" fn(c_int) -> c_int;
    get_env: csoundGetEnv = unsafe extern "C" fn(*mut CSOUND, *const c_char) -> *const c_char;
    set_global_env: csoundSetGlobalEnv = unsafe extern "C" fn(*const c_char, *const c_char) -> c_int;
    create: csoundCreate = unsafe extern "C" fn(*mut c_void) -> *mut CSOUND;
    destroy: csoundDestroy = unsafe extern "C" fn(*mut CSOUND);
    host_data: csoundGetHostData = unsafe extern "C" fn(*mut CSOUND) -> *mut c_void;
    compile_args: csoundCompileArgs = unsafe extern "C" fn(*mut CSOUND, c_int, *const *const c_char) -> c_int;
    compile_orc: csoundCompileOrc = unsafe extern "C" fn(*mut CSOUND, *const c_char) -> c_int;
    eval_code: csoundEvalCode = unsafe extern "C" fn(*mut CSOUND, *const c_char) -> c_double;
    read_score: csoundReadScore = unsafe extern "C" fn(*mut CSOUND, *const c_char) -> c_int;
    start: csoundStart = unsafe extern "C" fn(*mut CSOUND) -> c_int;
    perform_ksmps: csoundPerformKsmps = unsafe extern "C" fn(*mut CSOUND) -> c_int;
    perform_buffer: csoundPerformBuffer = unsafe extern "C" fn(*mut CSOUND) -> c_int;
    output_buffer_size: csoundGetOutputBufferSize = unsafe extern "C" fn(*mut CSOUND) -> c_long;
    sample_rate: csoundGetSr = unsafe extern "C" fn(*mut CSOUND) -> c_double;
    ksmps: csoundGetKsmps = unsafe extern "C" fn(*mut CSOUND) -> u32;
    nchnls: csoundGetNchnls = unsafe extern "C" fn(*mut CSOUND) -> u32;
    nchnls_input: csoundGetNchnlsInput = unsafe extern "C" fn(*mut CSOUND) -> u32;
    zero_dbfs: csoundGet0dBFS = unsafe extern "C" fn(*mut CSOUND) -> c_double;
    params: csoundGetParams = unsafe extern "C" fn(*mut CSOUND, *mut sys::CSOUND_PARAMS);
    spin: csoundGetSpin = unsafe extern "C" fn(*mut CSOUND) -> *mut c_void;
    spout: csoundGetSpout = unsafe extern "C" fn(*mut CSOUND) -> *mut c_void;
    host_audio: csoundSetHostImplementedAudioIO = unsafe extern "C" fn(*mut CSOUND, c_int, c_int);
    host_midi: csoundSetHostImplementedMIDIIO = unsafe extern "C" fn(*mut CSOUND, c_int);
    midi_in_open: csoundSetExternalMidiInOpenCallback = unsafe extern "C" fn(*mut CSOUND, sys::csound_ext_midi_open_callback);
    midi_out_open: csoundSetExternalMidiOutOpenCallback = unsafe extern "C" fn(*mut CSOUND, sys::csound_ext_midi_open_callback);
    midi_read: csoundSetExternalMidiReadCallback = unsafe extern "C" fn(*mut CSOUND, sys::csound_ext_midi_read_data_callback);
    midi_write: csoundSetExternalMidiWriteCallback = unsafe extern "C" fn(*mut CSOUND, sys::csound_ext_midi_write_data_callback);
    score_event: csoundScoreEvent = unsafe extern "C" fn(*mut CSOUND, c_char, *const c_double, c_long) -> c_int;
    input_message: csoundInputMessage = unsafe extern "C" fn(*mut CSOUND, *const c_char);
    score_time: csoundGetScoreTime = unsafe extern "C" fn(*mut CSOUND) -> c_double;
    time_samples: csoundGetCurrentTimeSamples = unsafe extern "C" fn(*mut CSOUND) -> i64;
    set_score_offset: csoundSetScoreOffsetSeconds = unsafe extern "C" fn(*mut CSOUND, c_double);
    score_pending: csoundSetScorePending = unsafe extern "C" fn(*mut CSOUND, c_int);
    rewind: csoundRewindScore = unsafe extern "C" fn(*mut CSOUND);
    input_callback: csoundSetInputChannelCallback = unsafe extern "C" fn(*mut CSOUND, Option<sys::csound_channel_callback>);
    output_callback: csoundSetOutputChannelCallback = unsafe extern "C" fn(*mut CSOUND, Option<sys::csound_channel_callback>);
    message_callback: csoundSetMessageStringCallback = unsafe extern "C" fn(*mut CSOUND, sys::csound_message_callback);
    channel_pointer: csoundGetChannelPtr = unsafe extern "C" fn(*mut CSOUND, *mut *mut c_double, *const c_char, c_int) -> c_int;
    channel_size: csoundGetChannelDatasize = unsafe extern "C" fn(*mut CSOUND, *const c_char) -> c_int;
    channel_lock: csoundGetChannelLock = unsafe extern "C" fn(*mut CSOUND, *const c_char) -> *mut c_int;
    list_channels: csoundListChannels = unsafe extern "C" fn(*mut CSOUND, *mut *mut sys::controlChannelInfo_t) -> c_int;
    opcode_list: csoundNewOpcodeList = unsafe extern "C" fn(*mut CSOUND, *mut *mut sys::opcodeListEntry) -> c_int;
    delete_opcode_list: csoundDisposeOpcodeList = unsafe extern "C" fn(*mut CSOUND, *mut sys::opcodeListEntry);
    delete_channel_list: csoundDeleteChannelList = unsafe extern "C" fn(*mut CSOUND, *mut sys::controlChannelInfo_t);
    set_string_channel: csoundSetStringChannel = unsafe extern "C" fn(*mut CSOUND, *const c_char, *mut c_char);
}

const _: unsafe extern "C" fn() -> c_int = sys::csoundGetVersion;
