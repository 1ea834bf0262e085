//! VST3's entry: a factory that hands out the shell's instances, each behind a [`door`], under what is found at run
//! time about the plugins of this library.
//!
//! This is a fence of its own to the host: all of its `unsafe` is the COM calling convention. A panic does not
//! cross it.

mod buses;
mod context_menu;
mod door;
mod padding;
mod relay;
mod run_loop;
mod speakers;
mod titles;
mod track;
mod view;

use std::ffi::c_void;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, PoisonError};

use csound_export::Kind;
use nice_plug::prelude::{ClapPlugin, Vst3Plugin};
use nice_plug::wrapper::setup_logger;
use nice_plug::wrapper::vst3::Wrapper;
use nice_plug::wrapper::vst3::vst3::Steinberg::{
    FIDString, FUnknown, IPluginFactory, IPluginFactory2, IPluginFactory2Trait, IPluginFactory3,
    IPluginFactory3Trait, IPluginFactoryTrait, PClassInfo, PClassInfo2, PClassInfoW, PFactoryInfo,
    PFactoryInfo_::FactoryFlags_, TUID, int32, kInternalError, kInvalidArgument, kResultOk, tresult,
};
use nice_plug::wrapper::vst3::vst3::{Class, ComRef, ComWrapper};

use super::about::About;
use super::fields::{put_utf8, put_utf16};
use crate::identity::{Identity, identity};
use crate::layouts::MULTI_OUT;
use crate::plugin::{Effect, Instrument, newest};
use door::Door;
use run_loop::Context;

/// The standard that the shell keeps to.
const SDK: &str = "VST 3.6.14";

/// What the classes are, in the standard's words.
const CATEGORY: &str = "Audio Module Class";

/// Any number of instances.
const MANY: int32 = 0x7FFF_FFFF;

/// The two halves of an instance may not run apart.
const SIMPLE_MODE: u32 = 1 << 1;

/// A class that hosts can have instances of.
struct Offer {
    about: About,
    /// The place of the layout that its instances begin with.
    layout: usize,
    make: unsafe fn(Option<Context>, usize, FIDString, *mut *mut c_void) -> tresult,
}

impl Offer {
    fn of<P: ClapPlugin + Vst3Plugin>(about: About, layout: usize) -> Self {
        Self { about, layout, make: make::<P> }
    }

    fn class_id(&self) -> TUID {
        self.about.class_id.map(|byte| std::ffi::c_char::from_ne_bytes([byte]))
    }
}

struct Factory {
    offers: Vec<Offer>,
    /// What the host gave to be known by.
    context: Mutex<Option<Context>>,
}

impl Class for Factory {
    type Interfaces = (IPluginFactory, IPluginFactory2, IPluginFactory3);
}

impl Factory {
    fn new() -> Self {
        let offers = match identity() {
            Identity::Own => vec![
                Offer::of::<Instrument>(About::of::<Instrument>(), 0),
                Offer::of::<Effect>(About::of::<Effect>(), 0),
                Offer::of::<Instrument>(About::multi_out(), MULTI_OUT),
            ],
            Identity::Exported(exported) => {
                let about = About::exported(&exported.manifest);
                vec![match exported.manifest.kind {
                    Kind::Instrument => Offer::of::<Instrument>(about, exported.layout()),
                    Kind::Effect => Offer::of::<Effect>(about, exported.layout()),
                }]
            }
            Identity::Damaged { .. } => Vec::new(),
        };
        Self { offers, context: Mutex::default() }
    }

    /// Writes what `describe` says of the class with this number.
    ///
    /// # Safety
    /// `into` is null or may be written, and all zeros are one of its kind.
    unsafe fn tell<T>(&self, index: int32, into: *mut T, describe: impl Fn(&Offer, &mut T)) -> tresult {
        let offer = usize::try_from(index).ok().and_then(|index| self.offers.get(index));
        let Some(offer) = offer.filter(|_| !into.is_null()) else { return kInvalidArgument };
        // SAFETY: the caller's; not null.
        let into = unsafe {
            into.write_bytes(0, 1);
            &mut *into
        };
        describe(offer, into);
        kResultOk
    }
}

impl IPluginFactoryTrait for Factory {
    unsafe fn getFactoryInfo(&self, info: *mut PFactoryInfo) -> tresult {
        // A factory without classes has a vendor, too.
        let about = self.offers.first().map_or_else(About::of::<Instrument>, |offer| offer.about.clone());
        if info.is_null() {
            return kInvalidArgument;
        }
        // SAFETY: the host's pointer, as the interface has it; all zeros are one of its kind.
        let info = unsafe {
            info.write_bytes(0, 1);
            &mut *info
        };
        put_utf8(&mut info.vendor, &about.vendor);
        put_utf8(&mut info.url, &about.url);
        info.flags = FactoryFlags_::kUnicode as int32;
        kResultOk
    }

    unsafe fn countClasses(&self) -> int32 {
        self.offers.len() as int32
    }

    unsafe fn getClassInfo(&self, index: int32, info: *mut PClassInfo) -> tresult {
        // SAFETY: the host's pointer, as the interface has it.
        unsafe {
            self.tell(index, info, |offer, info| {
                (info.cid, info.cardinality) = (offer.class_id(), MANY);
                put_utf8(&mut info.category, CATEGORY);
                put_utf8(&mut info.name, &offer.about.name);
            })
        }
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
        let Some(offer) = self.offers.iter().find(|offer| offer.about.class_id == class) else {
            return kInvalidArgument;
        };
        let context = self.context.lock().unwrap_or_else(PoisonError::into_inner).clone();
        // SAFETY: neither is null, and they are what the interface says.
        let made = catch_unwind(AssertUnwindSafe(|| unsafe {
            (offer.make)(context, offer.layout, interface, object)
        }));
        made.unwrap_or(kInternalError)
    }
}

impl IPluginFactory2Trait for Factory {
    unsafe fn getClassInfo2(&self, index: int32, info: *mut PClassInfo2) -> tresult {
        // SAFETY: the host's pointer, as the interface has it.
        unsafe {
            self.tell(index, info, |offer, info| {
                (info.cid, info.cardinality, info.classFlags) = (offer.class_id(), MANY, SIMPLE_MODE);
                put_utf8(&mut info.category, CATEGORY);
                put_utf8(&mut info.name, &offer.about.name);
                put_utf8(&mut info.subCategories, &offer.about.subcategories);
                put_utf8(&mut info.vendor, &offer.about.vendor);
                put_utf8(&mut info.version, &offer.about.version);
                put_utf8(&mut info.sdkVersion, SDK);
            })
        }
    }
}

impl IPluginFactory3Trait for Factory {
    unsafe fn getClassInfoUnicode(&self, index: int32, info: *mut PClassInfoW) -> tresult {
        // SAFETY: the host's pointer, as the interface has it.
        unsafe {
            self.tell(index, info, |offer, info| {
                (info.cid, info.cardinality, info.classFlags) = (offer.class_id(), MANY, SIMPLE_MODE);
                put_utf8(&mut info.category, CATEGORY);
                put_utf16(&mut info.name, &offer.about.name);
                put_utf8(&mut info.subCategories, &offer.about.subcategories);
                put_utf16(&mut info.vendor, &offer.about.vendor);
                put_utf16(&mut info.version, &offer.about.version);
                put_utf16(&mut info.sdkVersion, SDK);
            })
        }
    }

    unsafe fn setHostContext(&self, context: *mut FUnknown) -> tresult {
        // SAFETY: the host's object, or none.
        let context = unsafe { ComRef::from_raw(context) }.map(|context| context.to_com_ptr());
        let mut kept = self.context.lock().unwrap_or_else(PoisonError::into_inner);
        let before = std::mem::replace(&mut *kept, context);
        drop(kept);
        drop(before);
        kResultOk
    }
}

/// Makes one of the shell's objects, behind a door, and gives its interface.
///
/// # Safety
/// `interface` is an interface's id, and `object` may be written.
unsafe fn make<P: Vst3Plugin>(
    context: Option<Context>,
    layout: usize,
    interface: FIDString,
    object: *mut *mut c_void,
) -> tresult {
    let shell = Wrapper::<P>::new();
    let Some(link) = newest::take() else { return kInternalError };
    let door = ComWrapper::new(Door::new(shell, link, context, layout));
    let Some(unknown) = door.as_com_ref::<FUnknown>() else { return kInternalError };
    let unknown = unknown.as_ptr();
    // SAFETY: a live object, asked as COM has it; what it gives holds the object from then on.
    unsafe { ((*(*unknown).vtbl).queryInterface)(unknown, interface.cast::<TUID>(), object) }
}

/// The VST3 entry point.
#[unsafe(no_mangle)]
pub extern "system" fn GetPluginFactory() -> *mut c_void {
    let made = catch_unwind(|| ComWrapper::new(Factory::new()).to_com_ptr::<IPluginFactory>());
    made.ok().flatten().map_or(std::ptr::null_mut(), |factory| factory.into_raw().cast())
}

fn begin() -> bool {
    let begun = catch_unwind(|| {
        setup_logger::<Instrument>();
        setup_logger::<Effect>();
    });
    begun.is_ok()
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
