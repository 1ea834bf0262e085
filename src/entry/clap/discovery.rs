//! CLAP's preset discovery: a host asks where presets lie and what they are, without an instance of the plugin. What
//! there is says [`index`]; this carries it over.

use std::ffi::{CStr, CString, OsStr, c_char, c_void};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use clap_sys::factory::preset_discovery::{
    CLAP_PRESET_DISCOVERY_IS_FACTORY_CONTENT, CLAP_PRESET_DISCOVERY_IS_USER_CONTENT,
    CLAP_PRESET_DISCOVERY_LOCATION_FILE, CLAP_PRESET_DISCOVERY_LOCATION_PLUGIN,
    clap_preset_discovery_factory, clap_preset_discovery_filetype, clap_preset_discovery_indexer,
    clap_preset_discovery_location, clap_preset_discovery_location_kind,
    clap_preset_discovery_metadata_receiver, clap_preset_discovery_provider,
    clap_preset_discovery_provider_descriptor,
};
use clap_sys::universal_plugin_id::clap_universal_plugin_id;
use clap_sys::version::CLAP_VERSION;
use nice_plug::prelude::{ClapPlugin, Plugin};

use super::guarded;
use crate::identity::{Exported, Identity, identity};
use crate::plugin::presets::index::{self, Found, Location};
use crate::plugin::{Effect, Instrument};

/// The factory.
pub(super) static FACTORY: clap_preset_discovery_factory = clap_preset_discovery_factory {
    count: Some(count),
    get_descriptor: Some(get_descriptor),
    create: Some(create),
};

/// What the library's one provider is called, with the texts that the description points to.
struct Description {
    clap: clap_preset_discovery_provider_descriptor,
    id: CString,
    _texts: [CString; 2],
}

// SAFETY: nothing of it changes, and it owns what the pointers are to.
unsafe impl Send for Description {}
// SAFETY: as above.
unsafe impl Sync for Description {}

fn export() -> Option<&'static Exported> {
    match identity() {
        Identity::Exported(exported) => Some(exported),
        _ => None,
    }
}

/// None where the library has no plugin to load a preset into.
fn description() -> Option<&'static Description> {
    static DESCRIPTION: OnceLock<Option<Description>> = OnceLock::new();
    let described = DESCRIPTION.get_or_init(|| {
        let (id, name, vendor) = match identity() {
            Identity::Own => ("csound-performer", Instrument::NAME, Instrument::VENDOR),
            Identity::Exported(own) => {
                let manifest = &own.manifest;
                (manifest.id.as_str(), manifest.name.as_str(), manifest.vendor.as_str())
            }
            Identity::Damaged { .. } => return None,
        };
        let (id, texts) = (c_text(&format!("{id}.presets")), [c_text(name), c_text(vendor)]);
        let clap = clap_preset_discovery_provider_descriptor {
            clap_version: CLAP_VERSION,
            id: id.as_ptr(),
            name: texts[0].as_ptr(),
            vendor: texts[1].as_ptr(),
        };
        Some(Description { clap, id, _texts: texts })
    });
    described.as_ref()
}

/// A text for C, which ends at a zero: one inside becomes a space.
fn c_text(text: &str) -> CString {
    CString::new(text.replace('\0', " ")).unwrap_or_default()
}

unsafe extern "C" fn count(_: *const clap_preset_discovery_factory) -> u32 {
    guarded(0, || u32::from(description().is_some()))
}

unsafe extern "C" fn get_descriptor(
    _: *const clap_preset_discovery_factory,
    index: u32,
) -> *const clap_preset_discovery_provider_descriptor {
    guarded(std::ptr::null(), || {
        description()
            .filter(|_| index == 0)
            .map_or(std::ptr::null(), |description| &raw const description.clap)
    })
}

/// A provider: what the host has a pointer to, and the host's side.
#[repr(C)]
struct Provider {
    clap: clap_preset_discovery_provider,
    indexer: *const clap_preset_discovery_indexer,
}

unsafe extern "C" fn create(
    _: *const clap_preset_discovery_factory,
    indexer: *const clap_preset_discovery_indexer,
    id: *const c_char,
) -> *const clap_preset_discovery_provider {
    guarded(std::ptr::null(), || {
        let Some(description) = description().filter(|_| !indexer.is_null() && !id.is_null()) else {
            return std::ptr::null();
        };
        // SAFETY: a text of the host's.
        if unsafe { CStr::from_ptr(id) } != description.id.as_c_str() {
            return std::ptr::null();
        }
        let clap = clap_preset_discovery_provider {
            desc: &raw const description.clap,
            provider_data: std::ptr::null_mut(),
            init: Some(init),
            destroy: Some(destroy),
            get_metadata: Some(get_metadata),
            get_extension: Some(get_extension),
        };
        Box::into_raw(Box::new(Provider { clap, indexer })).cast_const().cast()
    })
}

unsafe extern "C" fn init(provider: *const clap_preset_discovery_provider) -> bool {
    // SAFETY: the host's call, with what `create` gave.
    let indexer = unsafe { (*provider.cast::<Provider>()).indexer };
    guarded(false, || {
        for (ending, name) in index::FILE_TYPES {
            // SAFETY: the host's indexer lives as long as the provider.
            if !unsafe { declare_file_type(indexer, ending, name) } {
                return false;
            }
        }
        // SAFETY: as above.
        index::locations(export()).iter().all(|place| unsafe { declare_location(indexer, place) })
    })
}

/// # Safety
/// `indexer` is the host's.
unsafe fn declare_file_type(indexer: *const clap_preset_discovery_indexer, ending: &str, name: &str) -> bool {
    let (ending, name) = (c_text(ending), c_text(name));
    let kind = clap_preset_discovery_filetype {
        name: name.as_ptr(),
        description: name.as_ptr(),
        file_extension: ending.as_ptr(),
    };
    // SAFETY: the caller's; the host copies what it needs.
    unsafe { (*indexer).declare_filetype.is_some_and(|declare| declare(indexer, &raw const kind)) }
}

/// # Safety
/// `indexer` is the host's.
unsafe fn declare_location(indexer: *const clap_preset_discovery_indexer, place: &Location) -> bool {
    // One that no host could name back is left out.
    let path = match &place.path {
        Some(path) => match path.to_str().map(c_text) {
            Some(path) => Some(path),
            None => return true,
        },
        None => None,
    };
    let name = c_text(&place.name);
    let location = clap_preset_discovery_location {
        flags: flags(place.is_factory),
        name: name.as_ptr(),
        kind: match path {
            Some(_) => CLAP_PRESET_DISCOVERY_LOCATION_FILE,
            None => CLAP_PRESET_DISCOVERY_LOCATION_PLUGIN,
        },
        location: path.as_ref().map_or(std::ptr::null(), |path| path.as_ptr()),
    };
    // SAFETY: the caller's; the host copies what it needs.
    unsafe { (*indexer).declare_location.is_some_and(|declare| declare(indexer, &raw const location)) }
}

fn flags(is_factory: bool) -> u32 {
    if is_factory { CLAP_PRESET_DISCOVERY_IS_FACTORY_CONTENT } else { CLAP_PRESET_DISCOVERY_IS_USER_CONTENT }
}

unsafe extern "C" fn destroy(provider: *const clap_preset_discovery_provider) {
    // SAFETY: the host's last call, with what `create` made of a box.
    drop(unsafe { Box::from_raw(provider.cast::<Provider>().cast_mut()) });
}

unsafe extern "C" fn get_extension(
    _: *const clap_preset_discovery_provider,
    _: *const c_char,
) -> *const c_void {
    std::ptr::null()
}

/// The path that a location of a host's means: none for the plugin itself.
///
/// # Errors
/// It is neither.
///
/// # Safety
/// `location` is null or a text.
pub(super) unsafe fn path_of(
    kind: clap_preset_discovery_location_kind,
    location: *const c_char,
) -> Result<Option<PathBuf>, String> {
    match kind {
        CLAP_PRESET_DISCOVERY_LOCATION_PLUGIN => Ok(None),
        CLAP_PRESET_DISCOVERY_LOCATION_FILE if !location.is_null() => {
            // SAFETY: the caller's.
            let text = unsafe { CStr::from_ptr(location) };
            let path = text.to_str().map(|text| PathBuf::from(OsStr::new(text)));
            path.map(Some).map_err(|_| "the host names a file in a text that is no UTF-8".to_owned())
        }
        _ => Err("the host names a place of an unknown kind".to_owned()),
    }
}

unsafe extern "C" fn get_metadata(
    _: *const clap_preset_discovery_provider,
    kind: clap_preset_discovery_location_kind,
    location: *const c_char,
    receiver: *const clap_preset_discovery_metadata_receiver,
) -> bool {
    if receiver.is_null() {
        return false;
    }
    guarded(false, || {
        // SAFETY: the host's own arguments.
        let path = unsafe { path_of(kind, location) };
        let found = path.and_then(|path| index::found_at(path.as_deref().map(Path::new), export()));
        match found {
            // SAFETY: the host's receiver, which is there while it is told.
            Ok(found) => found.iter().all(|found| unsafe { tell(receiver, found) }),
            Err(why) => {
                let why = c_text(&why);
                // SAFETY: as above.
                unsafe {
                    if let Some(on_error) = (*receiver).on_error {
                        on_error(receiver, 0, why.as_ptr());
                    }
                }
                false
            }
        }
    })
}

/// Tells of one. False: the host wants no more.
///
/// # Safety
/// `receiver` is the host's.
unsafe fn tell(receiver: *const clap_preset_discovery_metadata_receiver, found: &Found) -> bool {
    let (name, key) = (c_text(&found.name), found.key.as_deref().map(c_text));
    let key = key.as_ref().map_or(std::ptr::null(), |key| key.as_ptr());
    // SAFETY: the caller's; all texts live until it has returned.
    unsafe {
        let told = &*receiver;
        if !told.begin_preset.is_some_and(|begin| begin(receiver, name.as_ptr(), key)) {
            return false;
        }
        let ids = match export() {
            Some(export) => vec![c_text(&export.manifest.id)],
            None => {
                let both = [Instrument::CLAP_ID, Effect::CLAP_ID].into_iter().zip(found.plays);
                both.filter(|(_, plays)| *plays).map(|(id, _)| c_text(id)).collect()
            }
        };
        for id in &ids {
            let id = clap_universal_plugin_id { abi: c"clap".as_ptr(), id: id.as_ptr() };
            if let Some(add) = told.add_plugin_id {
                add(receiver, &raw const id);
            }
        }
        if let Some(set) = told.set_flags {
            set(receiver, flags(found.is_factory));
        }
        if let Some(set) = told.set_description {
            set(receiver, c_text(&found.about).as_ptr());
        }
        for tag in &found.tags {
            if let Some(add) = told.add_feature {
                add(receiver, c_text(tag).as_ptr());
            }
        }
    }
    true
}
