//! One Csound. It is never reset: a new piece is a new instance, because a reset drops the MIDI
//! callbacks and the channel pointers and saves no time.

use std::cell::UnsafeCell;
use std::ffi::{CStr, CString, c_char, c_int, c_long};
use std::mem::MaybeUninit;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use csound_sys as sys;

use super::fpu::preserve;
use super::library::{CSOUND, Functions, Library, LoadError};
use super::messages::{Level, Lines, Message};
use super::midi::{self, MidiPort};

/// The largest value that `csoundPerformKsmps` returns at an ordinary end: section, score or list.
const SCORE_ENDS: i32 = 3;

/// Who plays what an instance performs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Io {
    /// The host: audio and MIDI go through this crate.
    Host,
    /// Csound itself: its own devices and files, as its options say.
    Own,
}

/// Why an instance does not perform.
#[derive(Debug, thiserror::Error)]
pub enum CsoundError {
    /// There is no library.
    #[error(transparent)]
    Library(#[from] LoadError),
    /// `csoundCreate` gave nothing.
    #[error("Csound could not be created; the system may be out of memory")]
    Create,
    /// An argument held a NUL.
    #[error("an option of the piece holds a NUL character")]
    Argument,
    /// The compiler said no. Its messages say why.
    #[error("Csound could not compile the piece (code {0})")]
    Compile(i32),
    /// Starting failed. The messages say why.
    #[error("Csound could not start the piece (code {0})")]
    Start(i32),
}

/// What an instance owns; it goes with the last of its users.
pub(super) struct Instance {
    library: &'static Library,
    raw: NonNull<CSOUND>,
    /// Touched by the performing thread only, directly or inside Csound's callbacks.
    port: Box<UnsafeCell<MidiPort>>,
    lines: Mutex<Lines>,
    /// Csound jumped out of a k-cycle and left its own lock held: whatever takes that lock now,
    /// destruction among it, would wait for ever.
    jumped_out: AtomicBool,
}

// SAFETY: what several threads may call on an instance (channels, messages, readings) Csound guards
// itself or reads from single words; everything else needs `&mut Csound`, of which there is one.
unsafe impl Send for Instance {}
// SAFETY: as above.
unsafe impl Sync for Instance {}

impl Drop for Instance {
    fn drop(&mut self) {
        if self.jumped_out.load(Ordering::Relaxed) {
            // Leaked, with what its callbacks may touch: the lesser evil.
            std::mem::forget(std::mem::take(&mut self.port));
            return;
        }
        let functions = &self.library.functions;
        // SAFETY: the last user is gone, so nobody else holds the instance. Csound's parting words
        // go to the message buffer, not to the host's terminal; the buffer is destroyed before the
        // instance, as the API asks.
        unsafe {
            (functions.cleanup)(self.raw.as_ptr());
            (functions.destroy_message_buffer)(self.raw.as_ptr());
            (functions.destroy)(self.raw.as_ptr());
        }
    }
}

/// One Csound, owned: compiles, starts and performs. `Send`, not `Sync`.
pub struct Csound {
    instance: Arc<Instance>,
    started: bool,
}

impl Csound {
    /// A new instance.
    ///
    /// Csound sets the process's numeric locale to "C" here, without which it could not read
    /// numbers; it is left so.
    ///
    /// # Errors
    /// [`CsoundError::Library`], [`CsoundError::Create`].
    pub fn new(io: Io) -> Result<Self, CsoundError> {
        let library = Library::get()?;
        let functions = &library.functions;
        let port = Box::new(UnsafeCell::new(MidiPort::default()));
        // SAFETY: the host data is the port, which the instance keeps alive.
        let raw = preserve(|| unsafe { (functions.create)(port.get().cast()) });
        let raw = NonNull::new(raw).ok_or(CsoundError::Create)?;
        // SAFETY: the instance was just created; all of this comes before compilation, as it must.
        unsafe {
            (functions.message_buffer)(raw.as_ptr(), 0);
            if io == Io::Host {
                (functions.host_audio)(raw.as_ptr(), 1, 0);
                (functions.host_midi)(raw.as_ptr(), 1);
                (functions.midi_in_open)(raw.as_ptr(), Some(midi::open));
                (functions.midi_out_open)(raw.as_ptr(), Some(midi::open));
                (functions.midi_read)(raw.as_ptr(), Some(midi::read));
                (functions.midi_write)(raw.as_ptr(), Some(midi::write));
            }
        }
        let instance = Instance { library, raw, port, lines: Mutex::default(), jumped_out: AtomicBool::new(false) };
        Ok(Self { instance: Arc::new(instance), started: false })
    }

    /// Compiles what the arguments name, as the csound command would: the first is the command's
    /// name, the last the piece's file.
    ///
    /// # Errors
    /// [`CsoundError::Compile`]; the messages say why.
    pub fn compile(&mut self, args: &[&str]) -> Result<(), CsoundError> {
        let args: Vec<CString> = args
            .iter()
            .map(|arg| CString::new(*arg))
            .collect::<Result<_, _>>()
            .map_err(|_| CsoundError::Argument)?;
        let pointers: Vec<*const c_char> = args.iter().map(|arg| arg.as_ptr()).collect();
        // SAFETY: the pointers are to NUL-terminated strings that live for the call.
        let code = preserve(|| unsafe {
            (self.functions().compile_args)(self.raw(), pointers.len() as c_int, pointers.as_ptr())
        });
        if code == 0 { Ok(()) } else { Err(CsoundError::Compile(code)) }
    }

    /// Starts what was compiled. After a failure nothing can be performed.
    ///
    /// # Errors
    /// [`CsoundError::Start`]; the messages say why.
    pub fn start(&mut self) -> Result<(), CsoundError> {
        // SAFETY: the instance is alive.
        let code = preserve(|| unsafe { (self.functions().start)(self.raw()) });
        self.started = code == 0;
        if self.started { Ok(()) } else { Err(CsoundError::Start(code)) }
    }

    /// Performs one k-cycle. Zero: go on; positive: the end of the score; negative: an error. An
    /// instance that was not started gives -1.
    ///
    /// # Realtime safety
    /// As safe as the piece's opcodes.
    pub fn perform_ksmps(&mut self) -> i32 {
        if !self.started {
            return -1;
        }
        // SAFETY: the instance is alive and started; `&mut self` keeps other performers out.
        let result = unsafe { (self.functions().perform_ksmps)(self.raw()) };
        if result < 0 || result > SCORE_ENDS {
            // `exitnow` and fatal errors end in a jump.
            self.instance.jumped_out.store(true, Ordering::Relaxed);
            self.started = false;
        }
        result
    }

    /// Whether `start` succeeded.
    pub fn is_started(&self) -> bool {
        self.started
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

    /// The input of the coming k-cycle: interleaved, in units of 0dbfs. Empty before `start`.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn spin(&mut self) -> &mut [f64] {
        let len = (self.ksmps() * self.nchnls_input()) as usize;
        // SAFETY: the instance is alive.
        let spin = unsafe { (self.functions().spin)(self.raw()) }.cast::<f64>();
        if !self.started || spin.is_null() {
            return &mut [];
        }
        // SAFETY: after the start spin has ksmps times nchnls_i samples; `&mut self` makes this the
        // only view of it.
        unsafe { std::slice::from_raw_parts_mut(spin, len) }
    }

    /// The output of the last k-cycle: interleaved, in units of 0dbfs. Empty before `start`.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn spout(&self) -> &[f64] {
        let len = (self.ksmps() * self.nchnls()) as usize;
        // SAFETY: the instance is alive.
        let spout = unsafe { (self.functions().spout)(self.raw()) }.cast::<f64>();
        if !self.started || spout.is_null() {
            return &[];
        }
        // SAFETY: after the start spout has ksmps times nchnls samples, and only performing, which
        // needs `&mut self`, writes them.
        unsafe { std::slice::from_raw_parts(spout, len) }
    }

    /// Hands a score event over.
    ///
    /// # Realtime safety
    /// Takes Csound's own lock; a new voice may allocate inside Csound.
    pub fn score_event(&mut self, opcode: u8, fields: &[f64]) -> i32 {
        if !self.started {
            return -1;
        }
        // SAFETY: the instance is alive and started; the fields live for the call.
        unsafe {
            (self.functions().score_event)(
                self.raw(),
                opcode as c_char,
                fields.as_ptr(),
                fields.len() as c_long,
            )
        }
    }

    /// Hands a line of score text over. It must have been checked: Csound's reader does not.
    ///
    /// # Realtime safety
    /// Takes Csound's own lock.
    pub fn input_message(&mut self, text: &CStr) {
        if self.started {
            // SAFETY: the instance is alive and started; the text lives for the call.
            unsafe { (self.functions().input_message)(self.raw(), text.as_ptr()) };
        }
    }

    /// Moves the score time. The next k-cycle runs all that are skipped.
    ///
    /// # Realtime safety
    /// Safe itself; the next k-cycle takes as long as what it skips.
    pub fn set_score_offset_seconds(&mut self, seconds: f64) {
        // SAFETY: the instance is alive.
        unsafe { (self.functions().set_score_offset)(self.raw(), seconds) };
    }

    /// Goes back to the score offset.
    ///
    /// # Realtime safety
    /// Ends all notes inside Csound.
    pub fn rewind_score(&mut self) {
        // SAFETY: the instance is alive.
        unsafe { (self.functions().rewind)(self.raw()) };
    }

    /// Gives Csound's MIDI reader a message for the coming k-cycle. It must be whole: the reader
    /// does not survive anything else. False if the ring is full.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn push_midi(&mut self, message: &[u8]) -> bool {
        self.port().to_csound.push(message)
    }

    /// The next whole channel message that the piece sent, with its length.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn pop_midi_out(&mut self) -> Option<([u8; 3], usize)> {
        self.port().next_message()
    }

    /// Score time in seconds.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn score_time(&self) -> f64 {
        // SAFETY: the instance is alive.
        unsafe { (self.functions().score_time)(self.raw()) }
    }

    /// Frames that Csound counts as performed.
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
        // SAFETY: the instance is alive.
        unsafe { (self.functions().ksmps)(self.raw()) }
    }

    /// Output channels.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn nchnls(&self) -> u32 {
        // SAFETY: the instance is alive.
        unsafe { (self.functions().nchnls)(self.raw()) }
    }

    /// Input channels.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn nchnls_input(&self) -> u32 {
        // SAFETY: the instance is alive.
        unsafe { (self.functions().nchnls_input)(self.raw()) }
    }

    /// Frames per second.
    pub fn sample_rate(&self) -> f64 {
        // SAFETY: the instance is alive.
        unsafe { (self.functions().sample_rate)(self.raw()) }
    }

    /// The sample value that is full scale.
    pub fn zero_dbfs(&self) -> f64 {
        // SAFETY: the instance is alive.
        unsafe { (self.functions().zero_dbfs)(self.raw()) }
    }

    /// A handle that any thread can use while this performs.
    pub fn handle(&self) -> CsoundHandle {
        CsoundHandle(self.shared())
    }

    pub(super) fn functions(&self) -> &'static Functions {
        &self.instance.library.functions
    }

    pub(super) fn raw(&self) -> *mut CSOUND {
        self.instance.raw.as_ptr()
    }

    pub(super) fn shared(&self) -> Arc<Instance> {
        Arc::clone(&self.instance)
    }

    fn port(&mut self) -> &mut MidiPort {
        // SAFETY: `&mut self` is the only way to the port outside of performing, which needs it too.
        unsafe { &mut *self.instance.port.get() }
    }
}

/// An instance seen from any thread: what Csound guards itself. It keeps the instance alive.
#[derive(Clone)]
pub struct CsoundHandle(Arc<Instance>);

impl CsoundHandle {
    /// The value of a control channel; `None` if there is no such channel.
    pub fn control_channel(&self, name: &str) -> Option<f64> {
        let name = CString::new(name).ok()?;
        let mut error = 0;
        // SAFETY: the instance is alive; the name and the place for the error live for the call.
        let value = unsafe {
            (self.0.library.functions.control_channel)(self.0.raw.as_ptr(), name.as_ptr(), &raw mut error)
        };
        (error == 0).then_some(value)
    }

    /// Writes a control channel, making it if need be.
    pub fn set_control_channel(&self, name: &str, value: f64) {
        if let Ok(name) = CString::new(name) {
            // SAFETY: the instance is alive; the name lives for the call.
            unsafe {
                (self.0.library.functions.set_control_channel)(self.0.raw.as_ptr(), name.as_ptr(), value)
            };
        }
    }

    /// Score time in seconds.
    pub fn score_time(&self) -> f64 {
        // SAFETY: the instance is alive; Csound reads a single counter.
        unsafe { (self.0.library.functions.score_time)(self.0.raw.as_ptr()) }
    }

    /// Frames per second.
    pub fn sample_rate(&self) -> f64 {
        // SAFETY: the instance is alive; the rate never changes after the start.
        unsafe { (self.0.library.functions.sample_rate)(self.0.raw.as_ptr()) }
    }

    /// Frames in a k-cycle.
    pub fn ksmps(&self) -> u32 {
        // SAFETY: the instance is alive; ksmps never changes after the start.
        unsafe { (self.0.library.functions.ksmps)(self.0.raw.as_ptr()) }
    }

    /// Gives each whole line that Csound has printed since the last call.
    pub fn drain_messages(&self, mut give: impl FnMut(Message)) {
        let functions = &self.0.library.functions;
        // One drain at a time: the first message must stay until it is copied.
        let mut lines = self.0.lines.lock().unwrap_or_else(PoisonError::into_inner);
        // SAFETY: the instance is alive and its message buffer guards itself; the text is copied
        // before it is popped, and only this lock's holder pops.
        unsafe {
            while (functions.message_count)(self.0.raw.as_ptr()) > 0 {
                let text = (functions.first_message)(self.0.raw.as_ptr());
                if text.is_null() {
                    return;
                }
                let level = Level::from_attributes((functions.first_message_attributes)(self.0.raw.as_ptr()));
                lines.take(CStr::from_ptr(text), level, &mut give);
                (functions.pop_message)(self.0.raw.as_ptr());
            }
        }
    }
}
