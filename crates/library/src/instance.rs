//! One Csound. It is never reset: a new piece is a new instance, because a reset drops the MIDI
//! callbacks and the channel pointers, leaks as much as a new instance, and saves no time.

use std::cell::Cell;
use std::collections::HashSet;
use std::ffi::{CStr, CString, c_char, c_int, c_long};
use std::marker::PhantomData;
use std::mem::MaybeUninit;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use csound_sys as sys;

use super::channels::PendingWrites;
use super::fpu::preserve;
use super::library::{CSOUND, Functions, Library, LoadError};
use super::messages::{self, Lines, Message, MessageQueue};
use super::midi::{self, MidiMessage, MidiPort};

/// The most p-fields that [`Csound::score_event`] takes. Csound 6.18 writes beyond its own event
/// where there are more.
pub const MAX_P_FIELDS: usize = 1998;

/// What `csoundPerformKsmps` returns from here on says that the piece ended Csound itself
/// (`exitnow`, or an error that Csound does not survive), as any negative number does.
const EXITED: i32 = 256;

/// Who plays what an instance performs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Io {
    /// The host: audio goes through [`Csound::spin`] and [`Csound::spout`], MIDI through
    /// [`Csound::push_midi`] and [`Csound::pop_midi_out`]. The arguments of [`Csound::compile`] must
    /// hold `-M0` and `-Q0` for MIDI to flow. Csound opens no device and writes no output file.
    Host,
    /// Csound itself: its own devices and files, as its options say (`-odac`, `-o FILE`, `-n`).
    Own,
}

/// Why an instance does not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum CsoundError {
    /// There is no library.
    #[error(transparent)]
    Library(#[from] LoadError),
    /// `csoundCreate` gave nothing.
    #[error("Csound could not be created; the system may be out of memory")]
    Create,
    /// An argument held a NUL.
    #[error("an option or file name of the piece holds a NUL character, which Csound cannot take")]
    Argument,
    /// The compiler said no. Its messages say why.
    #[error("Csound could not compile the piece (code {0}); its messages say where")]
    Compile(i32),
    /// An instance compiles one piece, once.
    #[error("this Csound instance has compiled a piece already; another piece needs another instance")]
    AlreadyCompiled,
    /// Compilation failed, so there is nothing to start.
    #[error("the piece was not compiled, so it cannot start")]
    NotCompiled,
    /// Starting failed. The messages say why.
    #[error("Csound could not start the piece (code {0}); its messages say why")]
    Start(i32),
    /// Orchestra code did not compile. The messages say why.
    #[error("the orchestra code does not compile; Csound's messages say where")]
    Code,
    /// A score was refused. The messages say why.
    #[error("Csound does not take the score (code {0}); its messages say why")]
    Score(i32),
    /// The piece has ended Csound.
    #[error("the piece has ended Csound (code {0}); it has to be started anew")]
    Exited(i32),
}

/// What Csound's callbacks work on. It outlives the instance, and is only ever shared.
pub(super) struct Host {
    pub(super) midi: MidiPort,
    pub(super) messages: MessageQueue,
}

/// What a started instance performs with: fixed for its life.
#[derive(Clone, Copy)]
struct Format {
    ksmps: u32,
    nchnls: u32,
    nchnls_input: u32,
    sample_rate: f64,
    zero_dbfs: f64,
}

/// What an instance owns; it goes with the last of its users.
pub(super) struct Instance {
    library: &'static Library,
    raw: NonNull<CSOUND>,
    host: Arc<Host>,
    lines: Mutex<Lines>,
    format: OnceLock<Format>,
    pub(super) pending: PendingWrites,
    /// The thread on which the piece ended Csound, by [`thread_number`]; 0: it did not.
    exited_on: AtomicU64,
}

// SAFETY: what several threads do with an instance through this type (lookups of channels, atomic
// reads and writes of their values, strings under their own locks, single counters) Csound allows
// from any thread. Everything else needs the one `Csound`, which is on one thread at a time.
unsafe impl Send for Instance {}
// SAFETY: as above.
unsafe impl Sync for Instance {}

impl Instance {
    pub(super) fn functions(&self) -> &'static Functions {
        &self.library.functions
    }

    pub(super) fn raw(&self) -> *mut CSOUND {
        self.raw.as_ptr()
    }

    fn score_time(&self) -> f64 {
        if self.format.get().is_none() {
            return 0.0;
        }
        // SAFETY: the instance is alive; Csound divides a counter by the rate.
        unsafe { (self.functions().score_time)(self.raw()) }
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        let exited_on = *self.exited_on.get_mut();
        if exited_on != 0 && exited_on != thread_number() {
            // A piece that ends Csound jumps out of a k-cycle and leaves Csound's own lock held by
            // the thread that performed. Destroying the instance takes that lock: on another thread
            // that would wait for ever. So the instance stays, a few megabytes of it.
            std::mem::forget(Arc::clone(&self.host));
            return;
        }
        // SAFETY: the last user is gone, so nobody else holds the instance. The host data, which
        // the callbacks of its last messages and notes use, is dropped after it.
        unsafe { (self.functions().destroy)(self.raw()) };
    }
}

/// A number for this thread, never given to another one. Unlike the standard library's it costs no
/// allocation on a thread that Rust did not make.
fn thread_number() -> u64 {
    static LAST: AtomicU64 = AtomicU64::new(0);
    thread_local! {
        static NUMBER: Cell<u64> = const { Cell::new(0) };
    }
    NUMBER.with(|number| {
        if number.get() == 0 {
            number.set(LAST.fetch_add(1, Ordering::Relaxed) + 1);
        }
        number.get()
    })
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
/// ```compile_fail
/// fn shared_between_threads<T: Sync>() {}
/// shared_between_threads::<csound_library::Csound>();
/// ```
pub struct Csound {
    instance: Arc<Instance>,
    io: Io,
    stage: Stage,
    /// What Csound said when the piece ended it.
    exited: Option<i32>,
    /// Whether a k-cycle is performed by `csoundPerformBuffer`; see [`Csound::perform_ksmps`].
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
        let host = Arc::new(Host { midi: MidiPort::new(), messages: MessageQueue::new() });
        let host_data = Arc::as_ptr(&host).cast_mut().cast();
        // SAFETY: the callbacks set below take the host data for a shared `Host`, which the
        // instance keeps alive until it is destroyed.
        let raw = unsafe { library.create(host_data, io == Io::Own) }.ok_or(CsoundError::Create)?;
        // SAFETY: the instance was just created; all of this comes before compilation, as it must.
        unsafe {
            (functions.message_callback)(raw.as_ptr(), messages::message);
            if io == Io::Host {
                (functions.host_audio)(raw.as_ptr(), 1, 0);
                (functions.host_midi)(raw.as_ptr(), 1);
                (functions.midi_in_open)(raw.as_ptr(), Some(midi::open));
                (functions.midi_out_open)(raw.as_ptr(), Some(midi::open));
                (functions.midi_read)(raw.as_ptr(), Some(midi::read));
                (functions.midi_write)(raw.as_ptr(), Some(midi::write));
            }
        }
        let instance = Instance {
            library,
            raw,
            host,
            lines: Mutex::default(),
            format: OnceLock::new(),
            pending: PendingWrites::default(),
            exited_on: AtomicU64::new(0),
        };
        Ok(Self {
            instance: Arc::new(instance),
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
        let format = self.instance.format.get_or_init(|| self.read_format());
        let samples = u64::from(format.ksmps) * u64::from(format.nchnls);
        // SAFETY: the instance is alive.
        let buffer = unsafe { (self.functions().output_buffer_size)(self.raw()) };
        self.by_buffer = self.io == Io::Host && buffer > 0 && buffer as u64 == samples;
        Ok(())
    }

    /// Performs one k-cycle. Zero: go on; 1 to 255: the end of the score (2, usually); 256 and more,
    /// and negative: the piece has ended Csound (256: `exitnow`; -5: `exitnow 5`), and every further
    /// call gives the same without performing. An instance that was not started gives -1.
    ///
    /// Once the piece has ended Csound, drop the instance on the thread that performed it: on any
    /// other it cannot be destroyed and leaks.
    ///
    /// With [`Io::Host`] this is `csoundPerformBuffer` with a buffer of one k-cycle: the same work,
    /// but it prepares for the end of Csound anew each time. `csoundPerformKsmps` does so in its
    /// first call only, and a piece that ends Csound in a later one, called from elsewhere, takes
    /// the process down. It is used with [`Io::Own`], whose buffers are its options', and after the
    /// end of the score, when the buffer's count is off by one: call it from one place of one
    /// thread there.
    ///
    /// # Realtime safety
    /// As safe as the piece's opcodes. Takes Csound's own lock, free unless it is evaluating code.
    pub fn perform_ksmps(&mut self) -> i32 {
        if self.stage != Stage::Started {
            return -1;
        }
        if let Some(code) = self.exited {
            return code;
        }
        self.instance.write_pending();
        let functions = self.functions();
        // SAFETY: the instance is alive and started; `&mut self` keeps other performers out. A jump
        // out of the k-cycle ends inside the call and passes over none of our frames: our callbacks
        // call nothing of Csound's that jumps.
        let result = unsafe {
            if self.by_buffer {
                (functions.perform_buffer)(self.raw())
            } else {
                (functions.perform_ksmps)(self.raw())
            }
        };
        if result != 0 {
            self.note_end(result);
        }
        result
    }

    fn note_end(&mut self, result: i32) {
        self.by_buffer = false;
        if !(0..EXITED).contains(&result) {
            self.exited = Some(result);
            self.instance.exited_on.store(thread_number(), Ordering::Release);
        }
    }

    /// Whether `start` succeeded.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn is_started(&self) -> bool {
        self.stage == Stage::Started
    }

    /// Whether there is a Csound to hand anything to.
    fn is_live(&self) -> bool {
        self.is_started() && self.exited.is_none()
    }

    /// Whether events start on their exact frame (`--sample-accurate`).
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

    /// The input of the coming k-cycle: ksmps frames of `nchnls_i` samples, interleaved, in units of
    /// 0dbfs. Empty before `start`. Csound does not clear it: write all of it for each k-cycle, or
    /// the last input sounds again.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn spin(&mut self) -> &mut [f64] {
        let Some(format) = self.instance.format.get() else { return &mut [] };
        // SAFETY: the instance is alive.
        let spin = unsafe { (self.functions().spin)(self.raw()) }.cast::<f64>();
        if spin.is_null() {
            return &mut [];
        }
        let len = format.ksmps as usize * format.nchnls_input as usize;
        // SAFETY: after the start spin has ksmps times nchnls_i samples; `&mut self` makes this the
        // only view of it.
        unsafe { std::slice::from_raw_parts_mut(spin, len) }
    }

    /// The output of the last k-cycle: ksmps frames of `nchnls` samples, interleaved, in units of
    /// 0dbfs. Empty before `start`. Stale once [`perform_ksmps`](Self::perform_ksmps) has given
    /// anything but zero.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn spout(&self) -> &[f64] {
        let Some(format) = self.instance.format.get() else { return &[] };
        // SAFETY: the instance is alive.
        let spout = unsafe { (self.functions().spout)(self.raw()) }.cast::<f64>();
        if spout.is_null() {
            return &[];
        }
        let len = format.ksmps as usize * format.nchnls as usize;
        // SAFETY: after the start spout has ksmps times nchnls samples, and only performing, which
        // needs `&mut self`, writes them.
        unsafe { std::slice::from_raw_parts(spout, len) }
    }

    /// Hands a score event over: `opcode` is the statement's letter, `fields` are p1, p2, …; p2
    /// counts from now, in seconds. Csound's answer, which 6.18 always gives as 0; -1 where nothing
    /// was handed over: before `start`, after the piece has ended Csound, or with more than
    /// [`MAX_P_FIELDS`] p-fields.
    ///
    /// # Realtime safety
    /// Takes Csound's own lock and allocates inside Csound.
    pub fn score_event(&mut self, opcode: u8, fields: &[f64]) -> i32 {
        if !self.is_live() || fields.len() > MAX_P_FIELDS {
            return -1;
        }
        // SAFETY: the instance is alive and started; the fields live for the call, and are no more
        // than Csound has room for.
        unsafe {
            let count = fields.len() as c_long;
            (self.functions().score_event)(self.raw(), opcode as c_char, fields.as_ptr(), count)
        }
    }

    /// Hands a line of score text over, for the coming k-cycle. It must have been checked: Csound's
    /// reader does not. Nothing happens before `start` or after the piece has ended Csound.
    ///
    /// # Realtime safety
    /// Takes Csound's own lock; a long line allocates inside Csound.
    pub fn input_message(&mut self, text: &CStr) {
        if self.is_live() {
            // SAFETY: the instance is alive and started; the text lives for the call.
            unsafe { (self.functions().input_message)(self.raw(), text.as_ptr()) };
        }
    }

    /// Moves the score time, in seconds from the score's beginning. The next k-cycle runs all that
    /// are skipped; going back ends all notes.
    ///
    /// # Realtime safety
    /// Allocates inside Csound; the next k-cycle takes as long as what it skips.
    pub fn set_score_offset_seconds(&mut self, seconds: f64) {
        if self.exited.is_none() {
            // SAFETY: the instance is alive.
            unsafe { (self.functions().set_score_offset)(self.raw(), seconds) };
        }
    }

    /// Goes back to the score offset, and ends all notes. Nothing happens before `start`.
    ///
    /// # Realtime safety
    /// Takes no lock; frees inside Csound.
    pub fn rewind_score(&mut self) {
        if self.is_live() {
            // SAFETY: the instance is alive and started.
            unsafe { (self.functions().rewind)(self.raw()) };
        }
    }

    /// Gives Csound's MIDI reader a message for the coming k-cycle. False, and counted, if too many
    /// wait already.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn push_midi(&mut self, message: MidiMessage) -> bool {
        self.instance.host.midi.push(message)
    }

    /// The next channel message that the piece sent, in its order. System messages (Csound sends no
    /// system exclusive ones) and data bytes out of range are left out and counted.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn pop_midi_out(&mut self) -> Option<MidiMessage> {
        self.instance.host.midi.pop()
    }

    /// Messages lost so far: refused by [`push_midi`](Self::push_midi), and sent by the piece in
    /// vain.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn midi_lost(&self) -> (u64, u64) {
        self.instance.host.midi.lost()
    }

    /// Score time in seconds. A seek makes it jump.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn score_time(&self) -> f64 {
        self.instance.score_time()
    }

    /// Frames that Csound counts as performed. A seek makes it jump.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn current_time_samples(&self) -> i64 {
        // SAFETY: the instance is alive.
        unsafe { (self.functions().time_samples)(self.raw()) }
    }

    /// Frames in a k-cycle.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn ksmps(&self) -> u32 {
        self.format().ksmps
    }

    /// Output channels.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn nchnls(&self) -> u32 {
        self.format().nchnls
    }

    /// Input channels.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn nchnls_input(&self) -> u32 {
        self.format().nchnls_input
    }

    /// Frames per second.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn sample_rate(&self) -> f64 {
        self.format().sample_rate
    }

    /// The sample value that is full scale.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn zero_dbfs(&self) -> f64 {
        self.format().zero_dbfs
    }

    /// A handle that any thread can use while this performs.
    pub fn handle(&self) -> CsoundHandle {
        CsoundHandle(self.shared())
    }

    fn format(&self) -> Format {
        self.instance.format.get().copied().unwrap_or_else(|| self.read_format())
    }

    fn read_format(&self) -> Format {
        let functions = self.functions();
        // SAFETY: the instance is alive; these read single fields of it.
        unsafe {
            Format {
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

/// An instance seen from any thread: what Csound allows while it performs. It keeps the instance
/// alive; the last one to go destroys it, so it must not go on an audio thread.
///
/// Channels are [here](super::channels).
#[derive(Clone)]
pub struct CsoundHandle(pub(super) Arc<Instance>);

impl CsoundHandle {
    /// Csound's version: major, minor, patch.
    pub fn version(&self) -> (i32, i32, i32) {
        self.0.library.version()
    }

    /// Score time in seconds; 0 before the start.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn score_time(&self) -> f64 {
        self.0.score_time()
    }

    /// Frames per second; 0 before the start.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn sample_rate(&self) -> f64 {
        self.0.format.get().map_or(0.0, |format| format.sample_rate)
    }

    /// Frames in a k-cycle; 0 before the start.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn ksmps(&self) -> u32 {
        self.0.format.get().map_or(0, |format| format.ksmps)
    }

    /// Output channels; 0 before the start.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn nchnls(&self) -> u32 {
        self.0.format.get().map_or(0, |format| format.nchnls)
    }

    /// Input channels; 0 before the start.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn nchnls_input(&self) -> u32 {
        self.0.format.get().map_or(0, |format| format.nchnls_input)
    }

    /// The sample value that is full scale; 0 before the start.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn zero_dbfs(&self) -> f64 {
        self.0.format.get().map_or(0.0, |format| format.zero_dbfs)
    }

    /// Gives each whole line that Csound has printed since the last call, in order. A line without
    /// its end yet waits for it. With several readers each line goes to one of them.
    pub fn drain_messages(&self, give: impl FnMut(Message)) {
        // The lock is for the readers' sake only: Csound's side never takes it.
        let mut lines = self.0.lines.lock().unwrap_or_else(PoisonError::into_inner);
        let messages = self.0.host.messages.drain(&mut lines);
        drop(lines);
        messages.into_iter().for_each(give);
    }
}

#[cfg(test)]
pub(super) mod tests;
