//! One Csound. It is never reset: a new piece is a new instance, because a reset drops the MIDI
//! callbacks and the channel pointers, leaks as much as a new instance, and saves no time.

mod instances;
mod perform;

use std::cell::Cell;
use std::collections::HashSet;
use std::ffi::{CStr, CString, c_char, c_int};
use std::marker::PhantomData;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use csound_sys as sys;

use super::callbacks::{self, Host};
use super::error::CsoundError;
use super::fpu::preserve;
use super::handle::CsoundHandle;
use super::instance::{Header, Instance};
use super::library::Library;
use super::library::functions::{CSOUND, Functions};
use super::library::operations::Operations;
use super::library::way::Way;
use super::messages::Level;
use super::opcodes::Opcode;
use super::options::asks_for_sample_accuracy;
use super::stopwatch::Times;

/// The most p-fields that [`Csound::score_event`] takes. Csound writes beyond its own event if there are
/// more.
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
    /// How a k-cycle is performed, from the start on.
    way: Option<Way>,
    /// The times of instruments, while they are measured.
    times: Option<Times>,
    /// What the arguments and the piece's options said of sample accuracy.
    sample_accurate: bool,
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
                library.operations.host_io(raw.as_ptr());
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
            way: None,
            times: None,
            sample_accurate: false,
            _on_one_thread_at_a_time: PhantomData,
        })
    }

    /// The library that this is an instance of.
    pub fn library(&self) -> &'static Library {
        self.instance.library
    }

    /// The opcodes that this instance knows, with the types of their results and arguments, by name; those
    /// of one name beside each other. Takes about a millisecond.
    pub fn opcodes(&self) -> Vec<Opcode> {
        let mut entries = std::ptr::null_mut();
        // SAFETY: the instance is alive; Csound gives a list of as many entries as it says, or a
        // negative number.
        let count = unsafe { (self.functions().opcode_list)(self.raw(), &raw mut entries) };
        if entries.is_null() {
            return Vec::new();
        }
        // SAFETY: as above; the texts are NUL-terminated strings, and copied before the list goes.
        let opcodes = unsafe {
            let list = std::slice::from_raw_parts(entries, usize::try_from(count).unwrap_or(0));
            list.iter().map(|entry: &sys::opcodeListEntry| Opcode::of(entry)).collect()
        };
        // SAFETY: the list is Csound's own, and not used any more.
        unsafe { (self.functions().delete_opcode_list)(self.raw(), entries) };
        opcodes
    }

    /// The names of the opcodes that this instance knows. Takes about a millisecond.
    pub fn opcode_names(&self) -> HashSet<String> {
        self.opcodes().into_iter().map(|opcode| opcode.name).collect()
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
        let ours = if self.io == Io::Host { self.operations().host_options() } else { &[] };
        self.sample_accurate = asks_for_sample_accuracy(options);
        let args = std::iter::once(command).chain(ours).chain(options).copied();
        let args: Vec<CString> =
            args.map(CString::new).collect::<Result<_, _>>().map_err(|_| CsoundError::Argument)?;
        let pointers: Vec<*const c_char> = args.iter().map(|arg| arg.as_ptr()).collect();
        // SAFETY: the pointers are to NUL-terminated strings that live for the call.
        let code = preserve(|| unsafe { self.operations().compile(self.raw(), &pointers) });
        self.stage = if code == 0 { Stage::Compiled } else { Stage::Failed };
        if code == 0 { Ok(()) } else { Err(CsoundError::Compile(code)) }
    }

    /// Compiles orchestra code: before the start as the whole orchestra, after it in addition. The
    /// text must be whole (closed strings, comments and brackets): Csound's parser does not check.
    ///
    /// # Errors
    /// [`CsoundError::Code`]: it does not compile, or what is outside of instruments fails, before which the rest has
    /// been done. [`CsoundError::Exited`], [`CsoundError::NotCompiled`] after a failed
    /// [`compile`](Self::compile).
    pub fn compile_orc(&mut self, code: &CStr) -> Result<(), CsoundError> {
        self.accepts_code()?;
        // SAFETY: the instance is alive; the text lives for the call.
        let result = self.heard(code, || unsafe { self.operations().compile_orc(self.raw(), code) })?;
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
        let take = || unsafe { (self.functions().eval_code)(self.raw(), code.as_ptr()) };
        let result = self.heard(code, take)?;
        // Csound 6 gives no number for code that it cannot compile.
        if result.is_nan() { Err(CsoundError::Code) } else { Ok(result) }
    }

    /// Takes code by `take`, and keeps what Csound says meanwhile. Whatever Csound then returns, an error among that is
    /// one: 7 gives 0 for code that it cannot evaluate, and both give it for code that fails while it runs.
    fn heard<T>(&self, code: &CStr, take: impl FnOnce() -> T) -> Result<T, CsoundError> {
        let host = &self.instance.host;
        host.of_code.begin();
        let taken = preserve(take);
        if !host.of_code.end() {
            return Ok(taken);
        }
        host.is_deaf.store(true, Ordering::Relaxed);
        // SAFETY: the instance is alive; the text lives for the call.
        preserve(|| unsafe { self.operations().recover(self.raw(), code) });
        host.is_deaf.store(false, Ordering::Relaxed);
        Err(CsoundError::Code)
    }

    /// Gives what Csound said while it took the last code ([`compile_orc`](Self::compile_orc) or
    /// [`eval`](Self::eval)), in the pieces in which it said it, once: of long reports the beginning. All of it
    /// is among the messages too. [`Lines`](crate::Lines) puts lines together from the pieces.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn take_said_of_code(&mut self, mut take: impl FnMut(Level, &[u8])) {
        self.instance.host.of_code.take(&mut take);
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
        let result = preserve(|| unsafe { self.operations().read_score(self.raw(), score) });
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
        let header = self.instance.header.get_or_init(|| self.read_header());
        let samples = u64::from(header.ksmps) * u64::from(header.nchnls);
        // SAFETY: the instance is alive and started.
        let way = unsafe { self.operations().way(self.raw(), self.io == Io::Host, samples) };
        self.way = Some(way.map_err(CsoundError::Memory)?);
        self.stage = Stage::Started;
        Ok(())
    }

    /// True if nothing was compiled yet.
    pub(super) fn is_new(&self) -> bool {
        self.stage == Stage::New
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
        // SAFETY: the instance is alive.
        let told = unsafe { self.operations().is_sample_accurate(self.raw()) };
        told.unwrap_or(self.sample_accurate)
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

    /// The values of a function table, without its guard point; `None` where there is no table of this number.
    ///
    /// # Realtime safety
    /// Safe, but for a table whose file Csound has put off reading.
    pub fn table(&self, number: u32) -> Option<&[f64]> {
        let number = c_int::try_from(number).ok().filter(|number| *number > 0)?;
        let mut values = std::ptr::null_mut();
        // SAFETY: the instance is alive, and the one owner calls.
        let length = unsafe { (self.functions().table)(self.raw(), &mut values, number) };
        let length = usize::try_from(length).ok().filter(|_| !values.is_null())?;
        // SAFETY: Csound's table has so many values. It is changed or freed only by what performs or compiles,
        // which takes the instance for itself.
        Some(unsafe { std::slice::from_raw_parts(values, length) })
    }

    /// The same to be changed, and the guard point behind it, which interpolating opcodes read beyond the last value.
    ///
    /// # Realtime safety
    /// As [`table`](Self::table).
    pub fn table_mut(&mut self, number: u32) -> Option<(&mut [f64], &mut f64)> {
        let (values, length) = {
            let table = self.table(number)?;
            (table.as_ptr().cast_mut(), table.len())
        };
        // SAFETY: as in `table`; the values are Csound's, which lets its host write them, and `&mut self` makes this
        // the only view of them. Behind the length that Csound tells lies the guard point, which it does not count
        // (`csoundGetTable` in csound.h).
        let all = unsafe { std::slice::from_raw_parts_mut(values, length + 1) };
        let (guard, table) = all.split_last_mut()?;
        Some((table, guard))
    }

    /// A handle that any thread can use while this performs.
    pub fn handle(&self) -> CsoundHandle {
        CsoundHandle(self.shared())
    }

    fn header(&self) -> Header {
        self.instance.header.get().copied().unwrap_or_else(|| self.read_header())
    }

    fn read_header(&self) -> Header {
        let (functions, operations) = (self.functions(), self.operations());
        // SAFETY: the instance is alive; these read single fields of it.
        unsafe {
            Header {
                ksmps: (functions.ksmps)(self.raw()),
                nchnls: operations.nchnls(self.raw(), false),
                nchnls_input: operations.nchnls(self.raw(), true),
                sample_rate: (functions.sample_rate)(self.raw()),
                zero_dbfs: (functions.zero_dbfs)(self.raw()),
            }
        }
    }

    pub(super) fn functions(&self) -> &'static Functions {
        self.instance.functions()
    }

    fn operations(&self) -> &'static dyn Operations {
        self.instance.operations()
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
