//! Tells a VST3 host that parameters have other titles than before: `restartComponent`, on the main thread and
//! nowhere else. What the shell has to tell so from a thread of its own goes the same way ([`super::relay`]), and so
//! does what the user wants of the host's menus ([`super::context_menu`]).
//!
//! Where the host has a run loop to be called back from (Linux: [`super::run_loop`]) it is told from there.
//! Elsewhere it is told after its next call on the main thread, which is the one that made the instance.

use std::sync::atomic::{AtomicBool, AtomicI32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::ThreadId;

use nice_plug::wrapper::vst3::vst3::ComPtr;
use nice_plug::wrapper::vst3::vst3::Steinberg::Vst::{
    IComponentHandler, IComponentHandlerTrait, RestartFlags_,
};
use nice_plug::wrapper::vst3::vst3::Steinberg::int32;

use super::context_menu::ContextMenus;
use crate::plugin::shared::link::Link;

/// What an instance's host was told of titles.
pub(super) struct Titles {
    pub link: Arc<Link>,
    pub menus: ContextMenus,
    handler: Mutex<Option<ComPtr<IComponentHandler>>>,
    /// The changes of names that the host was told of.
    told: AtomicU64,
    /// The changes of values.
    told_values: AtomicU64,
    /// What the shell has to tell it.
    owed: AtomicI32,
    /// It is being told.
    is_telling: AtomicBool,
    main: ThreadId,
}

impl Titles {
    /// The thread that calls this is the main thread.
    pub fn new(link: Arc<Link>) -> Self {
        let told = AtomicU64::new(link.names.changes());
        let told_values = AtomicU64::new(link.names.value_changes());
        Self {
            menus: ContextMenus::new(Arc::clone(&link)),
            link,
            handler: Mutex::default(),
            told,
            told_values,
            owed: AtomicI32::new(0),
            is_telling: AtomicBool::new(false),
            main: std::thread::current().id(),
        }
    }

    /// The host's side, which it gives and takes back.
    pub fn set_handler(&self, handler: Option<ComPtr<IComponentHandler>>) {
        self.menus.set_handler(handler.as_ref());
        // What it was before is let go outside of the lock: that is the host's code.
        let before = std::mem::replace(&mut *lock(&self.handler), handler);
        drop(before);
    }

    /// Whether this is the main thread.
    pub fn is_main(&self) -> bool {
        std::thread::current().id() == self.main
    }

    /// The host is to be told of these flags on the main thread.
    pub fn owe(&self, flags: int32) {
        self.owed.fetch_or(flags, Ordering::AcqRel);
    }

    /// These flags are not owed any more; those of them that were.
    pub fn take_back(&self, flags: int32) -> int32 {
        self.owed.fetch_and(!flags, Ordering::AcqRel) & flags
    }

    /// Tells the host of what it was not told yet, after a call of its own, if that was on the main thread.
    pub fn tell_after_call(&self) {
        if (self.is_due() || self.menus.is_due()) && self.is_main() {
            // A host takes what is owed as it comes from its run loop: within a call it may be activating us.
            self.tell_of_changes(0);
            self.carry_out_menus();
        }
    }

    /// The user wants something of the host's menus. A window that is drawn on the main thread has the entries at once;
    /// what may open another window waits until none is being drawn.
    pub fn offer_menu(&self) {
        if self.is_main() {
            let handler = lock(&self.handler).clone();
            self.menus.offer_next(handler.as_ref());
        }
    }

    /// The same of everything, from the host's run loop or as that goes: on the main thread.
    pub fn tell(&self) {
        let owed = self.owed.swap(0, Ordering::AcqRel);
        self.tell_of_changes(owed);
        self.carry_out_menus();
    }

    fn carry_out_menus(&self) {
        if self.menus.is_due() {
            let handler = lock(&self.handler).clone();
            self.menus.carry_out(handler.as_ref());
        }
    }

    fn tell_of_changes(&self, owed: int32) {
        // The host may ask for titles while it is told of them, which is a call like any other.
        if owed == 0 && !self.is_due() {
            return;
        }
        if self.is_telling.swap(true, Ordering::AcqRel) {
            self.owe(owed);
            return;
        }
        let handler = lock(&self.handler).clone();
        if let Some(handler) = handler {
            let names = &self.link.names;
            let mut flags = owed;
            if self.told.swap(names.changes(), Ordering::AcqRel) != names.changes() {
                flags |= RestartFlags_::kParamTitlesChanged;
            }
            if self.told_values.swap(names.value_changes(), Ordering::AcqRel) != names.value_changes() {
                flags |= RestartFlags_::kParamValuesChanged;
            }
            if flags != 0 {
                // SAFETY: the host's own object, on its main thread.
                let _ = unsafe { handler.restartComponent(flags) };
            }
        }
        self.is_telling.store(false, Ordering::Release);
    }

    fn is_due(&self) -> bool {
        self.told.load(Ordering::Acquire) != self.link.names.changes()
            || self.told_values.load(Ordering::Acquire) != self.link.names.value_changes()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use nice_plug::wrapper::vst3::vst3::Steinberg::Vst::{ParamID, ParamValue};
    use nice_plug::wrapper::vst3::vst3::Steinberg::{int32, kResultOk, tresult};
    use nice_plug::wrapper::vst3::vst3::{Class, ComWrapper};

    use super::*;

    /// A host's side that keeps what it is told.
    #[derive(Default)]
    struct Host(RefCell<Vec<int32>>);

    impl Class for Host {
        type Interfaces = (IComponentHandler,);
    }

    impl IComponentHandlerTrait for Host {
        unsafe fn beginEdit(&self, _: ParamID) -> tresult {
            kResultOk
        }

        unsafe fn performEdit(&self, _: ParamID, _: ParamValue) -> tresult {
            kResultOk
        }

        unsafe fn endEdit(&self, _: ParamID) -> tresult {
            kResultOk
        }

        unsafe fn restartComponent(&self, flags: int32) -> tresult {
            self.0.borrow_mut().push(flags);
            kResultOk
        }
    }

    #[test]
    fn a_host_is_told_once_of_values_that_a_preset_has_changed() {
        let link = Arc::new(Link::default());
        let (titles, host) = (Titles::new(Arc::clone(&link)), ComWrapper::new(Host::default()));
        titles.set_handler(host.to_com_ptr::<IComponentHandler>());
        titles.tell_after_call();
        assert!(host.0.borrow().is_empty(), "nothing has changed");
        link.names.note_values();
        titles.tell_after_call();
        titles.tell_after_call();
        assert_eq!(*host.0.borrow(), [RestartFlags_::kParamValuesChanged as int32]);
        titles.set_handler(None);
    }
}
