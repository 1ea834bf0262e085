//! Tables of libcsound's functions, and those that are the same in both generations.
//!
//! What csound-sys declares (version 6 only) is checked against it when this crate is compiled. An
//! unused constant makes no link reference, so nothing is linked.

use std::ffi::{c_char, c_double, c_int, c_void};

use csound_sys as sys;
pub(crate) use csound_sys::CSOUND;

/// A table of functions, found by their names.
macro_rules! table {
    ($(#[$doc:meta])* $visible:vis struct $name:ident {
        $($field:ident: $symbol:ident = unsafe extern "C" fn($($argument:ty),*) $(-> $result:ty)?;)*
    }) => {
        $(#[$doc])*
        $visible struct $name {
            $(pub(crate) $field: unsafe extern "C" fn($($argument),*) $(-> $result)?,)*
        }

        impl $name {
            /// The table, or the name of the first symbol that is missing.
            pub(crate) fn find(library: &libloading::Library) -> Result<Self, &'static str> {
                Ok(Self {
                    $($field: {
                        // SAFETY: the type is that of the symbol's declaration in csound.h of the
                        // generation that this table is for; the library is never unloaded, so the
                        // pointer stays valid.
                        let symbol = unsafe { library.get(concat!(stringify!($symbol), "\0")) };
                        *symbol.map_err(|_| stringify!($symbol))?
                    },)*
                })
            }
        }
    };
}

/// Each type of a table against csound-sys's declaration of the function.
macro_rules! declared {
    ($($symbol:ident = unsafe extern "C" fn($($argument:ty),*) $(-> $result:ty)?;)*) => {
        $(const _: unsafe extern "C" fn($($argument),*) $(-> $result)? = sys::$symbol;)*
    };
}

/// A table whose types csound-sys declares.
macro_rules! declared_table {
    ($(#[$doc:meta])* $visible:vis struct $name:ident {
        $($field:ident: $symbol:ident = unsafe extern "C" fn($($argument:ty),*) $(-> $result:ty)?;)*
    }) => {
        $crate::library::functions::table! {
            $(#[$doc])* $visible struct $name {
                $($field: $symbol = unsafe extern "C" fn($($argument),*) $(-> $result)?;)*
            }
        }
        $crate::library::functions::declared! {
            $($symbol = unsafe extern "C" fn($($argument),*) $(-> $result)?;)*
        }
    };
}

pub(super) use {declared, declared_table, table};

// csound-sys has spin and spout as void pointers (they are doubles) and the text of a string channel
// as a mutable pointer (it is only read). The callbacks are plain `extern "C" fn`s.
declared_table! {
    /// The functions that are the same in both generations, in name, arguments and meaning.
    pub(crate) struct Functions {
        initialize: csoundInitialize = unsafe extern "C" fn(c_int) -> c_int;
        get_env: csoundGetEnv = unsafe extern "C" fn(*mut CSOUND, *const c_char) -> *const c_char;
        destroy: csoundDestroy = unsafe extern "C" fn(*mut CSOUND);
        host_data: csoundGetHostData = unsafe extern "C" fn(*mut CSOUND) -> *mut c_void;
        eval_code: csoundEvalCode = unsafe extern "C" fn(*mut CSOUND, *const c_char) -> c_double;
        start: csoundStart = unsafe extern "C" fn(*mut CSOUND) -> c_int;
        sample_rate: csoundGetSr = unsafe extern "C" fn(*mut CSOUND) -> c_double;
        ksmps: csoundGetKsmps = unsafe extern "C" fn(*mut CSOUND) -> u32;
        zero_dbfs: csoundGet0dBFS = unsafe extern "C" fn(*mut CSOUND) -> c_double;
        spin: csoundGetSpin = unsafe extern "C" fn(*mut CSOUND) -> *mut c_void;
        spout: csoundGetSpout = unsafe extern "C" fn(*mut CSOUND) -> *mut c_void;
        midi_in_open: csoundSetExternalMidiInOpenCallback = unsafe extern "C" fn(*mut CSOUND, sys::csound_ext_midi_open_callback);
        midi_out_open: csoundSetExternalMidiOutOpenCallback = unsafe extern "C" fn(*mut CSOUND, sys::csound_ext_midi_open_callback);
        midi_read: csoundSetExternalMidiReadCallback = unsafe extern "C" fn(*mut CSOUND, sys::csound_ext_midi_read_data_callback);
        midi_write: csoundSetExternalMidiWriteCallback = unsafe extern "C" fn(*mut CSOUND, sys::csound_ext_midi_write_data_callback);
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
        list_channels: csoundListChannels = unsafe extern "C" fn(*mut CSOUND, *mut *mut sys::controlChannelInfo_t) -> c_int;
        delete_channel_list: csoundDeleteChannelList = unsafe extern "C" fn(*mut CSOUND, *mut sys::controlChannelInfo_t);
        set_string_channel: csoundSetStringChannel = unsafe extern "C" fn(*mut CSOUND, *const c_char, *mut c_char);
        is_graphable: csoundSetIsGraphable = unsafe extern "C" fn(*mut CSOUND, c_int) -> c_int;
        make_graph: csoundSetMakeGraphCallback = unsafe extern "C" fn(*mut CSOUND, Option<unsafe extern "C" fn(*mut CSOUND, *mut sys::WINDAT, *const c_char)>);
        draw_graph: csoundSetDrawGraphCallback = unsafe extern "C" fn(*mut CSOUND, Option<unsafe extern "C" fn(*mut CSOUND, *mut sys::WINDAT)>);
        kill_graph: csoundSetKillGraphCallback = unsafe extern "C" fn(*mut CSOUND, Option<unsafe extern "C" fn(*mut CSOUND, *mut sys::WINDAT)>);
        exit_graph: csoundSetExitGraphCallback = unsafe extern "C" fn(*mut CSOUND, Option<unsafe extern "C" fn(*mut CSOUND) -> c_int>);
        table: csoundGetTable = unsafe extern "C" fn(*mut CSOUND, *mut *mut c_double, c_int) -> c_int;
        opcode_list: csoundNewOpcodeList = unsafe extern "C" fn(*mut CSOUND, *mut *mut sys::opcodeListEntry) -> c_int;
        delete_opcode_list: csoundDisposeOpcodeList = unsafe extern "C" fn(*mut CSOUND, *mut sys::opcodeListEntry);
    }
}

const _: unsafe extern "C" fn() -> c_int = sys::csoundGetVersion;
