//! CLAP's entry: one factory that tells of presets, and one that hands out the shell's instances, each behind a [`door`], under what is found at run
//! time about the plugins of this library.
//!
//! This is a fence of its own to the host: all of its `unsafe` is the CLAP calling convention. A panic does not
//! cross it.

mod configure_calls;
mod context_menu;
mod descriptor;
mod discovery;
mod door;
mod note_names;
mod pages;
mod port_calls;
mod ports;
mod preset_load;
mod tables;
mod track;

use std::ffi::{CStr, c_char, c_void};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::OnceLock;

use clap_sys::entry::clap_plugin_entry;
use clap_sys::factory::plugin_factory::{CLAP_PLUGIN_FACTORY_ID, clap_plugin_factory};
use clap_sys::factory::preset_discovery::{
    CLAP_PRESET_DISCOVERY_FACTORY_ID, CLAP_PRESET_DISCOVERY_FACTORY_ID_COMPAT,
};
use clap_sys::host::clap_host;
use clap_sys::plugin::{clap_plugin, clap_plugin_descriptor};
use clap_sys::version::CLAP_VERSION;
use csound_export::Kind;
use nice_plug::prelude::{ClapPlugin, Vst3Plugin};
use nice_plug::wrapper::setup_logger;

use super::about::About;
use crate::identity::{Identity, identity};
use crate::plugin::{Effect, Instrument};
use descriptor::Descriptor;
use door::Tables;

type Make =
    unsafe fn(*const clap_host, &'static clap_plugin_descriptor, usize, Tables) -> Option<*const clap_plugin>;

/// A plugin that hosts can have instances of.
struct Offer {
    descriptor: Descriptor,
    /// The place of the layout that its instances begin with.
    layout: usize,
    make: Make,
}

impl Offer {
    fn of<P: ClapPlugin + Vst3Plugin>(about: &About, layout: usize) -> Self {
        Self { descriptor: Descriptor::new(about), layout, make: door::make::<P> }
    }
}

/// The plugins of this library.
fn offers() -> &'static [Offer] {
    static OFFERS: OnceLock<Vec<Offer>> = OnceLock::new();
    OFFERS.get_or_init(|| match identity() {
        Identity::Own => vec![
            Offer::of::<Instrument>(&About::of::<Instrument>(), 0),
            Offer::of::<Effect>(&About::of::<Effect>(), 0),
        ],
        Identity::Exported(exported) => {
            let about = About::exported(&exported.manifest);
            vec![match exported.manifest.kind {
                Kind::Instrument => Offer::of::<Instrument>(&about, exported.layout()),
                Kind::Effect => Offer::of::<Effect>(&about, exported.layout()),
            }]
        }
        Identity::Damaged { .. } => Vec::new(),
    })
}

/// Our table of functions for an extension, or null.
fn tables_of_ours(id: &CStr) -> *const c_void {
    let found = [
        port_calls::table(id),
        pages::table(id),
        track::table(id),
        note_names::table(id),
        configure_calls::table(id),
    ]
    .map(|table| table.0);
    found.into_iter().find(|table| !table.is_null()).unwrap_or(std::ptr::null())
}

/// What `answer` says, or `otherwise` where it panics.
fn guarded<T>(otherwise: T, answer: impl FnOnce() -> T) -> T {
    catch_unwind(AssertUnwindSafe(answer)).unwrap_or(otherwise)
}

unsafe extern "C" fn get_plugin_count(_: *const clap_plugin_factory) -> u32 {
    guarded(0, || offers().len() as u32)
}

unsafe extern "C" fn get_plugin_descriptor(
    _: *const clap_plugin_factory,
    index: u32,
) -> *const clap_plugin_descriptor {
    guarded(std::ptr::null(), || {
        offers().get(index as usize).map_or(std::ptr::null(), |offer| offer.descriptor.clap())
    })
}

unsafe extern "C" fn create_plugin(
    _: *const clap_plugin_factory,
    host: *const clap_host,
    id: *const c_char,
) -> *const clap_plugin {
    if host.is_null() || id.is_null() {
        return std::ptr::null();
    }
    // SAFETY: a text of the host's.
    let id = unsafe { CStr::from_ptr(id) };
    guarded(std::ptr::null(), || {
        let offer = offers().iter().find(|offer| offer.descriptor.id() == id);
        // SAFETY: the host's own pointer, which it keeps alive as long as the instance.
        let made = offer.and_then(|offer| unsafe {
            (offer.make)(host, offer.descriptor.clap(), offer.layout, tables_of_ours)
        });
        made.unwrap_or(std::ptr::null())
    })
}

unsafe extern "C" fn init(_: *const c_char) -> bool {
    guarded(false, || {
        setup_logger::<Instrument>();
        setup_logger::<Effect>();
        true
    })
}

unsafe extern "C" fn deinit() {}

static FACTORY: clap_plugin_factory = clap_plugin_factory {
    get_plugin_count: Some(get_plugin_count),
    get_plugin_descriptor: Some(get_plugin_descriptor),
    create_plugin: Some(create_plugin),
};

unsafe extern "C" fn get_factory(id: *const c_char) -> *const c_void {
    if id.is_null() {
        return std::ptr::null();
    }
    // SAFETY: a text of the host's.
    let id = unsafe { CStr::from_ptr(id) };
    if id == CLAP_PLUGIN_FACTORY_ID {
        (&raw const FACTORY).cast()
    } else if id == CLAP_PRESET_DISCOVERY_FACTORY_ID || id == CLAP_PRESET_DISCOVERY_FACTORY_ID_COMPAT {
        (&raw const discovery::FACTORY).cast()
    } else {
        std::ptr::null()
    }
}

/// The CLAP entry point.
#[unsafe(no_mangle)]
#[used]
#[allow(non_upper_case_globals, reason = "hosts look for this name")]
pub static clap_entry: clap_plugin_entry = clap_plugin_entry {
    clap_version: CLAP_VERSION,
    init: Some(init),
    deinit: Some(deinit),
    get_factory: Some(get_factory),
};
