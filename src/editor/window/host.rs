//! The shell's way to the host, for the window.

use csound_window::baseview::host::{Host, HostCallbacks, HostMainThreadCaller};
use csound_window::baseview::{HandlerError, WindowSize};
use nice_plug::editor::HostMethods;

/// The host as the window wants it.
pub fn host(methods: HostMethods) -> Host {
    Host::new()
        .with_callbacks(Callbacks(methods.callbacks))
        .with_main_thread(MainThread(methods.main_thread_caller))
}

struct Callbacks(Box<dyn nice_plug::editor::HostCallbacks>);

impl HostCallbacks for Callbacks {
    fn request_resize(&mut self, size: WindowSize) -> Result<(), HandlerError> {
        let asked = self.0.request_resize(size.physical.into(), size.scale_factor);
        asked.map_err(HandlerError::from_boxed)
    }

    fn destroyed(&mut self) {
        self.0.destroyed();
    }
}

struct MainThread(Box<dyn nice_plug::editor::HostMainThreadCaller>);

impl HostMainThreadCaller for MainThread {
    fn call_main_thread(&mut self) {
        self.0.call_main_thread();
    }
}
