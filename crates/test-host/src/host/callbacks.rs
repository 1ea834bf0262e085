//! What a plugin may ask of this host. Requests become flags that [`super::Instance`] acts on.

use std::ffi::CStr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::ThreadId;

use clack_extensions::audio_ports::{AudioPortRescanFlags, HostAudioPorts, HostAudioPortsImpl};
use clack_extensions::audio_ports_config::{HostAudioPortsConfig, HostAudioPortsConfigImpl};
use clack_extensions::context_menu::HostContextMenu;
use clack_extensions::gui::{GuiSize, HostGui, HostGuiImpl};
use clack_extensions::latency::{HostLatency, HostLatencyImpl};
use clack_extensions::log::{HostLog, HostLogImpl, LogSeverity};
use clack_extensions::note_name::{HostNoteName, HostNoteNameImpl};
use clack_extensions::params::{
    HostParams, HostParamsImplMainThread, HostParamsImplShared, ParamClearFlags, ParamRescanFlags,
};
use clack_extensions::preset_discovery::HostPresetLoadImpl;
use clack_extensions::preset_discovery::prelude::{HostPresetLoad, Location};
use clack_extensions::remote_controls::{HostRemoteControls, HostRemoteControlsImpl};
use clack_extensions::state::{HostState, HostStateImpl};
use clack_extensions::thread_check::{HostThreadCheck, HostThreadCheckImpl};
use clack_extensions::track_info::{HostTrackInfo, HostTrackInfoImpl, TrackInfo, TrackInfoWriter};
use clack_host::host::HostExtensions;
use clack_host::prelude::{HostError, HostHandlers, MainThreadHandler, SharedHandler};
use clack_host::utils::{ClapId, Color};

use super::menus::Menu;

/// A plugin's answer to a preset that it was to load.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It is loaded.
    Loaded,
    /// It is not, and why.
    Failed(String),
}

/// A plugin's word that its parameters have changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rescan {
    /// What has changed, as CLAP has it: 1 values, 2 texts, 4 names and modules, 8 all else.
    pub flags: u32,
    /// If it came on the instance's main thread.
    pub is_on_main_thread: bool,
}

/// What a plugin has asked for and has not been given yet. Any thread may set these.
pub(super) struct Requests {
    pub(super) restart: AtomicBool,
    pub(super) callback: AtomicBool,
    pub(super) flush: AtomicBool,
    pub(super) latency_changed: AtomicBool,
    pub(super) params_changed: AtomicBool,
    pub(super) state_changed: AtomicBool,
    pub(super) layouts_changed: AtomicUsize,
    pub(super) pages_changed: AtomicUsize,
    pub(super) note_names_changed: AtomicUsize,
    /// The name and the colour of the track. A name that was told stays: clack asks for one as old as the host.
    pub(super) track: Mutex<Option<(&'static str, [u8; 3])>>,
    /// The menus of parameters.
    pub(super) menu: Mutex<Menu>,
    /// True while the instance's thread acts as its audio thread.
    pub(super) in_audio: AtomicBool,
    log: Mutex<Vec<String>>,
    answers: Mutex<Vec<Answer>>,
    rescans: Mutex<Vec<Rescan>>,
    thread: ThreadId,
}

impl Requests {
    /// The calling thread becomes the instance's.
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self {
            restart: AtomicBool::new(false),
            callback: AtomicBool::new(false),
            flush: AtomicBool::new(false),
            latency_changed: AtomicBool::new(false),
            params_changed: AtomicBool::new(false),
            state_changed: AtomicBool::new(false),
            layouts_changed: AtomicUsize::new(0),
            pages_changed: AtomicUsize::new(0),
            note_names_changed: AtomicUsize::new(0),
            track: Mutex::default(),
            menu: Mutex::default(),
            in_audio: AtomicBool::new(false),
            log: Mutex::default(),
            answers: Mutex::default(),
            rescans: Mutex::default(),
            thread: std::thread::current().id(),
        })
    }

    /// What the plugin has logged since the last call.
    pub(super) fn take_log(&self) -> Vec<String> {
        std::mem::take(&mut self.log.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// What the plugin has had scanned again since the last call.
    pub(super) fn take_rescans(&self) -> Vec<Rescan> {
        std::mem::take(&mut self.rescans.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The plugin's answers to presets that it was to load, since the last call.
    pub(super) fn take_answers(&self) -> Vec<Answer> {
        std::mem::take(&mut self.answers.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Whether this is the instance's thread, and acts as the main thread.
    pub(super) fn is_on_main_thread(&self) -> bool {
        self.is_own_thread() && !self.in_audio.load(Ordering::Acquire)
    }

    fn is_own_thread(&self) -> bool {
        std::thread::current().id() == self.thread
    }
}

/// What an instance that has gone still calls: nothing, if it is sound.
pub struct Ended(Arc<Requests>);

impl Ended {
    pub(super) fn of(requests: Arc<Requests>) -> Self {
        requests.restart.store(false, Ordering::Release);
        requests.callback.store(false, Ordering::Release);
        requests.take_rescans();
        Self(requests)
    }

    /// If it has called since it went.
    pub fn has_called(&self) -> bool {
        self.0.restart.load(Ordering::Acquire)
            || self.0.callback.load(Ordering::Acquire)
            || !self.0.take_rescans().is_empty()
    }
}

/// The types by which clack calls back.
pub(super) struct Handlers;

impl HostHandlers for Handlers {
    type Shared<'a> = Shared;
    type MainThread<'a> = MainThread;
    type AudioProcessor<'a> = ();

    fn declare_extensions(builder: &mut HostExtensions<Self>, _shared: &Self::Shared<'_>) {
        builder
            .register::<HostAudioPorts>()
            .register::<HostAudioPortsConfig>()
            .register::<HostContextMenu>()
            .register::<HostGui>()
            .register::<HostLatency>()
            .register::<HostLog>()
            .register::<HostNoteName>()
            .register::<HostParams>()
            .register::<HostPresetLoad>()
            .register::<HostRemoteControls>()
            .register::<HostState>()
            .register::<HostThreadCheck>()
            .register::<HostTrackInfo>();
    }
}

/// Callbacks from any thread.
pub(super) struct Shared(pub(super) Arc<Requests>);

impl SharedHandler<'_> for Shared {
    fn request_restart(&self) {
        self.0.restart.store(true, Ordering::Release);
    }

    // The caller decides when to process.
    fn request_process(&self) {}

    fn request_callback(&self) {
        self.0.callback.store(true, Ordering::Release);
    }
}

// The host's window keeps its size; it is as large as the editor was when it opened.
impl HostGuiImpl for Shared {
    fn resize_hints_changed(&self) {}

    fn request_resize(&self, _size: GuiSize) -> Result<(), HostError> {
        Ok(())
    }

    fn request_show(&self) -> Result<(), HostError> {
        Ok(())
    }

    fn request_hide(&self) -> Result<(), HostError> {
        Ok(())
    }

    fn closed(&self, _was_destroyed: bool) {}
}

impl HostLogImpl for Shared {
    fn log(&self, severity: LogSeverity, message: &str) {
        let line = format!("{severity:?}: {message}");
        self.0.log.lock().unwrap_or_else(PoisonError::into_inner).push(line);
    }
}

impl HostParamsImplShared for Shared {
    fn request_flush(&self) {
        self.0.flush.store(true, Ordering::Release);
    }
}

// One thread plays both roles in turn. A plugin has to see them apart, as with a real host, so that
// what it may not do on the audio thread goes the long way round.
impl HostThreadCheckImpl for Shared {
    fn is_main_thread(&self) -> bool {
        self.0.is_on_main_thread()
    }

    fn is_audio_thread(&self) -> bool {
        self.0.is_own_thread() && self.0.in_audio.load(Ordering::Acquire)
    }
}

/// Callbacks from the main thread.
pub(super) struct MainThread(pub(super) Arc<Requests>);

impl MainThreadHandler<'_> for MainThread {}

impl HostLatencyImpl for MainThread {
    fn changed(&self) {
        self.0.latency_changed.store(true, Ordering::Release);
    }
}

impl HostParamsImplMainThread for MainThread {
    fn rescan(&self, flags: ParamRescanFlags) {
        self.0.params_changed.store(true, Ordering::Release);
        let is_on_main_thread = self.0.is_on_main_thread();
        let rescan = Rescan { flags: flags.bits(), is_on_main_thread };
        self.0.rescans.lock().unwrap_or_else(PoisonError::into_inner).push(rescan);
    }

    fn clear(&self, _param_id: ClapId, _flags: ParamClearFlags) {}
}

impl HostPresetLoadImpl for MainThread {
    fn on_error(&self, _: Location, _: Option<&CStr>, _: i32, message: Option<&CStr>) {
        let why = message.unwrap_or_default().to_string_lossy().into_owned();
        self.0.answers.lock().unwrap_or_else(PoisonError::into_inner).push(Answer::Failed(why));
    }

    fn loaded(&self, _: Location, _: Option<&CStr>) {
        self.0.answers.lock().unwrap_or_else(PoisonError::into_inner).push(Answer::Loaded);
    }
}

impl HostStateImpl for MainThread {
    fn mark_dirty(&self) {
        self.0.state_changed.store(true, Ordering::Release);
    }
}

impl HostAudioPortsConfigImpl for MainThread {
    fn rescan(&self) {
        assert!(self.0.is_on_main_thread(), "the main thread's");
        self.0.layouts_changed.fetch_add(1, Ordering::AcqRel);
    }
}

impl HostRemoteControlsImpl for MainThread {
    fn changed(&self) {
        assert!(self.0.is_on_main_thread(), "the main thread's");
        self.0.pages_changed.fetch_add(1, Ordering::AcqRel);
    }

    // Nobody looks at a page here.
    fn suggest_page(&self, _page_id: ClapId) {}
}

impl HostNoteNameImpl for MainThread {
    fn changed(&self) {
        assert!(self.0.is_on_main_thread(), "the main thread's");
        self.0.note_names_changed.fetch_add(1, Ordering::AcqRel);
    }
}

impl HostTrackInfoImpl for MainThread {
    fn get<'a>(&'a self, writer: &mut TrackInfoWriter<'_, 'a>) {
        let track = *self.0.track.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((name, [red, green, blue])) = track {
            let color = Color { alpha: 255, red, green, blue };
            writer.set(&TrackInfo::new().with_name(Some(name.as_bytes())).with_color(Some(color)));
        }
    }
}

// Ports are asked for at every activation, so there is nothing to scan again.
impl HostAudioPortsImpl for MainThread {
    fn is_rescan_flag_supported(&self, _flag: AudioPortRescanFlags) -> bool {
        true
    }

    fn rescan(&self, _flags: AudioPortRescanFlags) {}
}
