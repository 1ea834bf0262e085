//! One Csound. It is never reset: a new piece is a new instance, because a reset drops the MIDI
//! callbacks and the channel pointers, leaks as much as a new instance, and saves no time.

mod perform;

use std::cell::Cell;
use std::collections::HashSet;
use std::ffi::{CStr, CString, c_char, c_int};
use std::marker::PhantomData;
use std::mem::MaybeUninit;
use std::sync::Arc;

use csound_sys as sys;

use super::callbacks::{self, Host};
use super::error::CsoundError;
use super::fpu::preserve;
use super::handle::CsoundHandle;
use super::instance::{Header, Instance};
use super::library::Library;
use super::library::functions::{CSOUND, Functions};

/// The most p-fields that [`Csound::score_event`] takes. Csound 6.18 writes beyond its own event
/// if there are more.
pub const MAX_P_FIELDS: usize = 1998;

/// The side that plays an instance's audio and MIDI.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Io {
    /// The host: audio goes through [`Csound::spin`] and [`Csound::spout`], MIDI through
    /// [`Csound::push_midi`] and [`Csound::pop_midi_out`]. The arguments of [`Csound::compile`] must
    /// hold `-M0` and `-Q0` for MIDI to flow. Csound opens no device and writes no output file.
    Host,
    /// Csound itself: its own devices and files, as its options say (`-odac`, `-o FILE`, `-n`).
    Own,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    New,
    Compiled,
    Failed,
    Started,
}

/// One Csound, owned: compiles, starts and performs. `Send`, not `Sync`.
///
/// Dropping it, and the last [`CsoundHandle`], destroys the instance, which takes about a
/// millisecond, frees and closes files: never on an audio thread.
///
/// # Realtime safety
/// Readings (times, ksmps, channels, rate, full scale), [`spin`](Self::spin), [`spout`](Self::spout) and
/// MIDI are safe. Performing, events and seeking say what they do; nothing else is for an audio thread.
///
/// ```compile_fail
/// fn shared_between_threads<T: Sync>() {}
/// shared_between_threads::<csound_library::Csound>();
/// ```
pub struct Csound {
    instance: Arc<Instance>,
    io: Io,
    stage: Stage,
    /// Csound's result when the piece ended it.
    exited: Option<i32>,
    /// True if a k-cycle is performed by `csoundPerformBuffer`; see [`Csound::perform_ksmps`].
    by_buffer: bool,
    _on_one_thread_at_a_time: PhantomData<Cell<()>>,
}

impl Csound {
    /// A new instance, in about 3 ms.
    ///
    /// Csound may set the process's numeric locale to "C" here and whenever it formats numbers; it
    /// is left so. To set it back would not last, would break what else in Csound reads numbers by
    /// the locale, and races with every other thread of the process that formats one.
    ///
    /// # Errors
    /// [`CsoundError::Library`], [`CsoundError::Create`].
    pub fn new(io: Io) -> Result<Self, CsoundError> {
        let library = Library::get()?;
        let functions = &library.functions;
        let host = Arc::new(Host::new());
        let host_data = Arc::as_ptr(&host).cast_mut().cast();
        // SAFETY: the callbacks set below take the host data for a shared `Host`, which the
        // instance keeps alive until it is destroyed.
        let raw = unsafe { library.create(host_data, io == Io::Own) }.ok_or(CsoundError::Create)?;
        // SAFETY: the instance was just created; all of this comes before compilation, as it must.
        unsafe {
            (functions.message_callback)(raw.as_ptr(), callbacks::message);
            (functions.input_callback)(raw.as_ptr(), Some(callbacks::values::input));
            (functions.output_callback)(raw.as_ptr(), Some(callbacks::values::output));
            if io == Io::Host {
                (functions.host_audio)(raw.as_ptr(), 1, 0);
                (functions.host_midi)(raw.as_ptr(), 1);
                (functions.midi_in_open)(raw.as_ptr(), Some(callbacks::open));
                (functions.midi_out_open)(raw.as_ptr(), Some(callbacks::open));
                (functions.midi_read)(raw.as_ptr(), Some(callbacks::read));
                (functions.midi_write)(raw.as_ptr(), Some(callbacks::write));
            }
        }
        Ok(Self {
            instance: Arc::new(Instance::new(library, raw, host)),
            io,
            stage: Stage::New,
            exited: None,
            by_buffer: false,
            _on_one_thread_at_a_time: PhantomData,
        })
    }

    /// The names of the opcodes that this instance knows, without what tells the variants of one apart.
    /// Takes about a millisecond.
    pub fn opcode_names(&self) -> HashSet<String> {
        let mut entries = std::ptr::null_mut();
        // SAFETY: the instance is alive; Csound gives a list of as many entries as it says, or a
        // negative number.
        let count = unsafe { (self.functions().opcode_list)(self.raw(), &raw mut entries) };
        if entries.is_null() {
            return HashSet::new();
        }
        // SAFETY: as above; the names are NUL-terminated strings, and copied before the list goes.
        let names = unsafe {
            let list = std::slice::from_raw_parts(entries, usize::try_from(count).unwrap_or(0));
            let name =
                |entry: &sys::opcodeListEntry| CStr::from_ptr(entry.opname).to_string_lossy().into_owned();
            list.iter().map(name).collect::<Vec<_>>()
        };
        // SAFETY: the list is Csound's own, and not used any more.
        unsafe { (self.functions().delete_opcode_list)(self.raw(), entries) };
        let known = |name: String| name.split('.').next().unwrap_or_default().to_owned();
        names.into_iter().map(known).collect()
    }

    /// Compiles what the arguments name, as the csound command would: the first is the command's
    /// name ("csound"), the last the piece's file. Once for an instance; after a failure the
    /// messages say why, and the instance is good for nothing else.
    ///
    /// # Errors
    /// [`CsoundError::Compile`], [`CsoundError::Argument`], [`CsoundError::AlreadyCompiled`].
    pub fn compile(&mut self, args: &[&str]) -> Result<(), CsoundError> {
        if self.stage != Stage::New {
            return Err(CsoundError::AlreadyCompiled);
        }
        let Some((command, options)) = args.split_first() else { return Err(CsoundError::Argument) };
        // Buffers of one k-cycle: `start` says what for. Nothing else uses them with host audio.
        let k_aligned = (self.io == Io::Host).then_some("-b-1");
        let args = std::iter::once(*command).chain(k_aligned).chain(options.iter().copied());
        let args: Vec<CString> =
            args.map(CString::new).collect::<Result<_, _>>().map_err(|_| CsoundError::Argument)?;
        let pointers: Vec<*const c_char> = args.iter().map(|arg| arg.as_ptr()).collect();
        // SAFETY: the pointers are to NUL-terminated strings that live for the call.
        let code = preserve(|| unsafe {
            (self.functions().compile_args)(self.raw(), pointers.len() as c_int, pointers.as_ptr())
        });
        self.stage = if code == 0 { Stage::Compiled } else { Stage::Failed };
        if code == 0 { Ok(()) } else { Err(CsoundError::Compile(code)) }
    }

    /// Compiles orchestra code: before the start as the whole orchestra, after it in addition. The
    /// text must be whole (closed strings, comments and brackets): Csound's parser does not check.
    ///
    /// # Errors
    /// [`CsoundError::Code`], [`CsoundError::Exited`], [`CsoundError::NotCompiled`] after a failed
    /// [`compile`](Self::compile).
    pub fn compile_orc(&mut self, code: &CStr) -> Result<(), CsoundError> {
        self.accepts_code()?;
        // SAFETY: the instance is alive; the text lives for the call.
        let result = preserve(|| unsafe { (self.functions().compile_orc)(self.raw(), code.as_ptr()) });
        if result == 0 { Ok(()) } else { Err(CsoundError::Code) }
    }

    /// Compiles and runs orchestra code, and gives what its `return` says, or 0. The text must be
    /// whole, as for [`compile_orc`](Self::compile_orc).
    ///
    /// # Errors
    /// As [`compile_orc`](Self::compile_orc).
    pub fn eval(&mut self, code: &CStr) -> Result<f64, CsoundError> {
        self.accepts_code()?;
        // SAFETY: the instance is alive; the text lives for the call.
        let result = preserve(|| unsafe { (self.functions().eval_code)(self.raw(), code.as_ptr()) });
        if result.is_nan() { Err(CsoundError::Code) } else { Ok(result) }
    }

    /// Hands score text over: before the start as the whole score, after it in addition. The text
    /// must be whole and its expressions right: Csound ends the process over a mistyped one.
    ///
    /// # Errors
    /// [`CsoundError::Score`], [`CsoundError::Exited`], [`CsoundError::NotCompiled`] after a failed
    /// [`compile`](Self::compile).
    pub fn read_score(&mut self, score: &CStr) -> Result<(), CsoundError> {
        self.accepts_code()?;
        // SAFETY: the instance is alive; the text lives for the call.
        let result = preserve(|| unsafe { (self.functions().read_score)(self.raw(), score.as_ptr()) });
        if result == 0 { Ok(()) } else { Err(CsoundError::Score(result)) }
    }

    fn accepts_code(&self) -> Result<(), CsoundError> {
        match (self.exited, self.stage) {
            (Some(code), _) => Err(CsoundError::Exited(code)),
            (None, Stage::Failed) => Err(CsoundError::NotCompiled),
            (None, Stage::New | Stage::Compiled | Stage::Started) => Ok(()),
        }
    }

    /// Starts what was compiled. After a failure nothing can be performed. Starting again does
    /// nothing.
    ///
    /// # Errors
    /// [`CsoundError::Start`], [`CsoundError::NotCompiled`]; the messages say why.
    pub fn start(&mut self) -> Result<(), CsoundError> {
        match self.stage {
            Stage::Failed => return Err(CsoundError::NotCompiled),
            Stage::Started => return Ok(()),
            Stage::New | Stage::Compiled => {}
        }
        self.instance.write_pending();
        // SAFETY: the instance is alive.
        let code = preserve(|| unsafe { (self.functions().start)(self.raw()) });
        if code != 0 {
            self.stage = Stage::Failed;
            return Err(CsoundError::Start(code));
        }
        self.stage = Stage::Started;
        let header = self.instance.header.get_or_init(|| self.read_header());
        let samples = u64::from(header.ksmps) * u64::from(header.nchnls);
        // SAFETY: the instance is alive.
        let buffer = unsafe { (self.functions().output_buffer_size)(self.raw()) };
        self.by_buffer = self.io == Io::Host && buffer > 0 && buffer as u64 == samples;
        Ok(())
    }

    fn is_started(&self) -> bool {
        self.stage == Stage::Started
    }

    /// True if there is a Csound to hand anything to.
    fn is_live(&self) -> bool {
        self.is_started() && self.exited.is_none()
    }

    /// True if events start on their exact frame (`--sample-accurate`).
    pub fn is_sample_accurate(&self) -> bool {
        // Room beyond csound-sys's idea of the structure, should a later Csound 6 write more.
        #[repr(C)]
        struct Roomy(sys::CSOUND_PARAMS, [u8; 1024]);
        let mut params = MaybeUninit::<Roomy>::zeroed();
        // SAFETY: the structure is plain numbers, for which zero is valid, and large enough.
        let params = unsafe {
            (self.functions().params)(self.raw(), params.as_mut_ptr().cast());
            params.assume_init()
        };
        params.0.sample_accurate != 0
    }

    /// Score time in seconds. A seek makes it jump.
    pub fn score_time(&self) -> f64 {
        self.instance.score_time()
    }

    /// Frames that Csound counts as performed. A seek makes it jump.
    pub fn current_time_samples(&self) -> i64 {
        // SAFETY: the instance is alive.
        unsafe { (self.functions().time_samples)(self.raw()) }
    }

    /// Frames in a k-cycle.
    pub fn ksmps(&self) -> u32 {
        self.header().ksmps
    }

    /// Output channels.
    pub fn nchnls(&self) -> u32 {
        self.header().nchnls
    }

    /// Input channels.
    pub fn nchnls_input(&self) -> u32 {
        self.header().nchnls_input
    }

    /// Frames per second.
    pub fn sample_rate(&self) -> f64 {
        self.header().sample_rate
    }

    /// The sample value that is full scale.
    pub fn zero_dbfs(&self) -> f64 {
        self.header().zero_dbfs
    }

    /// A handle that any thread can use while this performs.
    pub fn handle(&self) -> CsoundHandle {
        CsoundHandle(self.shared())
    }

    fn header(&self) -> Header {
        self.instance.header.get().copied().unwrap_or_else(|| self.read_header())
    }

    fn read_header(&self) -> Header {
        let functions = self.functions();
        // SAFETY: the instance is alive; these read single fields of it.
        unsafe {
            Header {
                ksmps: (functions.ksmps)(self.raw()),
                nchnls: (functions.nchnls)(self.raw()),
                nchnls_input: (functions.nchnls_input)(self.raw()),
                sample_rate: (functions.sample_rate)(self.raw()),
                zero_dbfs: (functions.zero_dbfs)(self.raw()),
            }
        }
    }

    pub(super) fn functions(&self) -> &'static Functions {
        self.instance.functions()
    }

    pub(super) fn raw(&self) -> *mut CSOUND {
        self.instance.raw()
    }

    pub(super) fn shared(&self) -> Arc<Instance> {
        Arc::clone(&self.instance)
    }
}

#[cfg(test)]
mod tests;
