//! The VST3 factory. It hands out the shell's objects, as the shell's own factory would, with one call
//! changed: `IAudioProcessor::setupProcessing`.
//!
//! The shell reads the process mode before it stores the one that it is given (nice-plug 0.4.2,
//! `wrapper/vst3/wrapper.rs`), so a plugin that is set up for an export believes to play in real time, and
//! an export could begin while its piece is still being compiled. Given the same setup twice, it has the
//! right mode after the second time; nothing else happens in that call.
//!
//! This is a fence of its own to the host: all of its `unsafe` is the COM calling convention.

use std::ffi::c_void;
use std::sync::{Mutex, PoisonError};

use nice_plug::prelude::Vst3Plugin;
use nice_plug::wrapper::setup_logger;
use nice_plug::wrapper::vst3::vst3::Steinberg::Vst::{IAudioProcessor, IAudioProcessorVtbl, ProcessSetup};
use nice_plug::wrapper::vst3::vst3::Steinberg::{
    FIDString, FUnknown, IPluginFactory, IPluginFactory2, IPluginFactory2Trait, IPluginFactory3,
    IPluginFactory3Trait, IPluginFactoryTrait, PClassInfo, PClassInfo2, PClassInfoW, PFactoryInfo, TUID,
    int32, kInvalidArgument, kResultOk, tresult,
};
use nice_plug::wrapper::vst3::vst3::{Class, ComWrapper};
use nice_plug::wrapper::vst3::{PluginInfo, Wrapper};

use crate::plugin::{Effect, Instrument};

/// A class that hosts can have instances of.
struct Offer {
    info: PluginInfo,
    make: unsafe fn(FIDString, *mut *mut c_void) -> tresult,
}

impl Offer {
    fn of<P: Vst3Plugin>() -> Self {
        Self { info: PluginInfo::for_plugin::<P>(), make: make::<P> }
    }
}

struct Factory {
    offers: [Offer; 2],
}

impl Class for Factory {
    type Interfaces = (IPluginFactory, IPluginFactory2, IPluginFactory3);
}

impl Factory {
    fn new() -> Self {
        Self { offers: [Offer::of::<Instrument>(), Offer::of::<Effect>()] }
    }

    /// Writes what `describe` says of the class with this number.
    ///
    /// # Safety
    /// `into` is null or may be written.
    unsafe fn tell<T>(&self, index: int32, into: *mut T, describe: impl Fn(&PluginInfo) -> T) -> tresult {
        let offer = usize::try_from(index).ok().and_then(|index| self.offers.get(index));
        match offer.filter(|_| !into.is_null()) {
            Some(offer) => {
                // SAFETY: not null, and the caller's to write.
                unsafe { into.write(describe(&offer.info)) };
                kResultOk
            }
            None => kInvalidArgument,
        }
    }
}

impl IPluginFactoryTrait for Factory {
    unsafe fn getFactoryInfo(&self, info: *mut PFactoryInfo) -> tresult {
        // SAFETY: the host's pointer, as the interface has it.
        unsafe { self.tell(0, info, PluginInfo::create_factory_info) }
    }

    unsafe fn countClasses(&self) -> int32 {
        self.offers.len() as int32
    }

    unsafe fn getClassInfo(&self, index: int32, info: *mut PClassInfo) -> tresult {
        // SAFETY: the host's pointer, as the interface has it.
        unsafe { self.tell(index, info, PluginInfo::create_class_info) }
    }

    unsafe fn createInstance(
        &self,
        class: FIDString,
        interface: FIDString,
        object: *mut *mut c_void,
    ) -> tresult {
        if class.is_null() || interface.is_null() || object.is_null() {
            return kInvalidArgument;
        }
        // SAFETY: a class id is 16 bytes.
        let class = unsafe { class.cast::<[u8; 16]>().read() };
        match self.offers.iter().find(|offer| *offer.info.cid == class) {
            // SAFETY: neither is null, and they are what the interface says.
            Some(offer) => unsafe { (offer.make)(interface, object) },
            None => kInvalidArgument,
        }
    }
}

impl IPluginFactory2Trait for Factory {
    unsafe fn getClassInfo2(&self, index: int32, info: *mut PClassInfo2) -> tresult {
        // SAFETY: the host's pointer, as the interface has it.
        unsafe { self.tell(index, info, PluginInfo::create_class_info_2) }
    }
}

impl IPluginFactory3Trait for Factory {
    unsafe fn getClassInfoUnicode(&self, index: int32, info: *mut PClassInfoW) -> tresult {
        // SAFETY: the host's pointer, as the interface has it.
        unsafe { self.tell(index, info, PluginInfo::create_class_info_unicode) }
    }

    unsafe fn setHostContext(&self, _: *mut FUnknown) -> tresult {
        kResultOk
    }
}

/// Makes one of the shell's objects, with the call changed, and gives its interface.
///
/// # Safety
/// `interface` is an interface's id, and `object` may be written.
unsafe fn make<P: Vst3Plugin>(interface: FIDString, object: *mut *mut c_void) -> tresult {
    let wrapper = ComWrapper::new(Wrapper::<P>::new());
    if let Some(processor) = wrapper.as_com_ref::<IAudioProcessor>() {
        // SAFETY: nobody else has the object yet.
        unsafe { change(processor.as_ptr()) };
    }
    let Some(unknown) = wrapper.as_com_ref::<FUnknown>() else { return kInvalidArgument };
    let unknown = unknown.as_ptr();
    // SAFETY: a live object, asked as COM has it; what it gives holds the object from then on.
    unsafe { ((*(*unknown).vtbl).queryInterface)(unknown, interface.cast::<TUID>(), object) }
}

/// A table of functions with one changed, and the one that it was made from. The table comes first, so that
/// a pointer to it is one to this.
#[repr(C)]
struct Changed {
    table: IAudioProcessorVtbl,
    original: &'static IAudioProcessorVtbl,
}

/// The tables that were made: one for each class of this library, so they are few and stay.
static MADE: Mutex<Vec<&'static Changed>> = Mutex::new(Vec::new());

/// Gives an object the changed table.
///
/// # Safety
/// A live object of the shell's that nobody else has yet.
unsafe fn change(processor: *mut IAudioProcessor) {
    // SAFETY: the tables of a class are constants.
    let original: &'static IAudioProcessorVtbl = unsafe { &*(*processor).vtbl };
    let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
    let known = made.iter().find(|changed| std::ptr::eq(changed.original, original)).copied();
    let changed = known.unwrap_or_else(|| {
        let table = IAudioProcessorVtbl { setupProcessing: setup_processing, ..*original };
        let changed: &'static Changed = Box::leak(Box::new(Changed { table, original }));
        made.push(changed);
        changed
    });
    // SAFETY: the word is the object's own, in memory that it owns; whoever has the object reads it through
    // such pointers only, and nobody has it yet.
    unsafe { (&raw mut (*processor).vtbl).write(&raw const changed.table) };
}

/// The changed call: the mode is stored by the first, and read by the second.
unsafe extern "system" fn setup_processing(this: *mut IAudioProcessor, setup: *mut ProcessSetup) -> tresult {
    // SAFETY: only objects with a table of ours call this, and the table begins its `Changed`.
    let original = unsafe { (*(*this).vtbl.cast::<Changed>()).original };
    // SAFETY: the host's own arguments, for the function that it meant.
    unsafe {
        match (original.setupProcessing)(this, setup) {
            result if result == kResultOk => (original.setupProcessing)(this, setup),
            result => result,
        }
    }
}

/// The VST3 entry point.
#[unsafe(no_mangle)]
pub extern "system" fn GetPluginFactory() -> *mut c_void {
    let factory = ComWrapper::new(Factory::new()).to_com_ptr::<IPluginFactory>();
    factory.map_or(std::ptr::null_mut(), |factory| factory.into_raw().cast())
}

fn begin() -> bool {
    setup_logger::<Instrument>();
    setup_logger::<Effect>();
    true
}

/// What a host calls before the first use, where it is Linux's.
#[unsafe(no_mangle)]
#[cfg(all(unix, not(target_os = "macos")))]
pub extern "C" fn ModuleEntry(_: *mut c_void) -> bool {
    begin()
}

/// What a host calls after the last use.
#[unsafe(no_mangle)]
#[cfg(all(unix, not(target_os = "macos")))]
pub extern "C" fn ModuleExit() -> bool {
    true
}

/// What a host calls before the first use, on macOS.
#[unsafe(no_mangle)]
#[cfg(target_os = "macos")]
pub extern "C" fn bundleEntry(_: *mut c_void) -> bool {
    begin()
}

/// What a host calls after the last use.
#[unsafe(no_mangle)]
#[cfg(target_os = "macos")]
pub extern "C" fn bundleExit() -> bool {
    true
}

/// What a host calls before the first use, on Windows.
#[unsafe(no_mangle)]
#[cfg(windows)]
pub extern "system" fn InitDll() -> bool {
    begin()
}

/// What a host calls after the last use.
#[unsafe(no_mangle)]
#[cfg(windows)]
pub extern "system" fn ExitDll() -> bool {
    true
}
