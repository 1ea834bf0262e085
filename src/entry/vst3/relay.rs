//! The host's side as the shell has it. The shell tells a host of another latency from a thread of its own where no editor
//! is open; a host takes that on its main thread only. So it comes to us, and goes on from there, if the host has a run
//! loop that calls us back ([`super::run_loop`]); else it is told at once, as the shell does it, because nobody knows when
//! the host calls next. All else is handed on.

use std::sync::{Arc, Weak};

use nice_plug::wrapper::vst3::vst3::Steinberg::Vst::{
    IComponentHandler, IComponentHandlerTrait, ParamID, ParamValue,
};
use nice_plug::wrapper::vst3::vst3::Steinberg::{int32, kResultOk, tresult};
use nice_plug::wrapper::vst3::vst3::{Class, ComPtr, ComWrapper};

use super::run_loop::Caller;
use super::titles::Titles;

/// See the module.
pub(super) struct Relay {
    host: ComPtr<IComponentHandler>,
    titles: Weak<Titles>,
    caller: Caller,
}

impl Class for Relay {
    type Interfaces = (IComponentHandler,);
}

impl Relay {
    /// Before a host's side.
    pub fn before(
        host: ComPtr<IComponentHandler>,
        titles: &Arc<Titles>,
        caller: Caller,
    ) -> Option<ComPtr<IComponentHandler>> {
        let relay = Self { host, titles: Arc::downgrade(titles), caller };
        ComWrapper::new(relay).to_com_ptr::<IComponentHandler>()
    }
}

impl IComponentHandlerTrait for Relay {
    unsafe fn beginEdit(&self, id: ParamID) -> tresult {
        // SAFETY: the shell's own call, for the function that it means.
        unsafe { self.host.beginEdit(id) }
    }

    unsafe fn performEdit(&self, id: ParamID, value: ParamValue) -> tresult {
        // SAFETY: as above.
        unsafe { self.host.performEdit(id, value) }
    }

    unsafe fn endEdit(&self, id: ParamID) -> tresult {
        // SAFETY: as above.
        unsafe { self.host.endEdit(id) }
    }

    unsafe fn restartComponent(&self, flags: int32) -> tresult {
        let titles = self.titles.upgrade().filter(|titles| !titles.is_main() && self.caller.has_somebody());
        if let Some(titles) = titles {
            titles.owe(flags);
            // The run loop may have gone meanwhile: what nobody has taken is told here.
            if self.caller.call() || titles.take_back(flags) == 0 {
                return kResultOk;
            }
        }
        // SAFETY: as above.
        unsafe { self.host.restartComponent(flags) }
    }
}
