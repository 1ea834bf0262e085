//! CLAP's preset-load: a host has an instance load what its browser found, and is told how it went.

use std::ffi::{CStr, CString, c_char};

use clap_sys::ext::preset_load::{CLAP_EXT_PRESET_LOAD, CLAP_EXT_PRESET_LOAD_COMPAT, clap_host_preset_load};
use clap_sys::factory::preset_discovery::clap_preset_discovery_location_kind;
use clap_sys::host::clap_host;

use super::discovery::path_of;
use super::guarded;
use crate::entry::loading;
use crate::plugin::shared::link::Link;

/// Whether an extension's id is this one's.
pub(super) fn is_its_id(id: &CStr) -> bool {
    id == CLAP_EXT_PRESET_LOAD || id == CLAP_EXT_PRESET_LOAD_COMPAT
}

/// The host's side, which is told how it went. For the main thread.
#[derive(Clone, Copy)]
pub(super) struct HostPresetLoad {
    host: *const clap_host,
    extension: *const clap_host_preset_load,
}

impl Default for HostPresetLoad {
    fn default() -> Self {
        Self { host: std::ptr::null(), extension: std::ptr::null() }
    }
}

impl HostPresetLoad {
    /// # Safety
    /// The host is there, and may be asked for its extensions.
    pub unsafe fn of(host: *const clap_host) -> Self {
        // SAFETY: the caller's.
        let find = |id: &CStr| unsafe {
            (*host).get_extension.map_or(std::ptr::null(), |extension| extension(host, id.as_ptr()))
        };
        let found = find(CLAP_EXT_PRESET_LOAD);
        let found = if found.is_null() { find(CLAP_EXT_PRESET_LOAD_COMPAT) } else { found };
        Self { host, extension: found.cast() }
    }

    /// # Safety
    /// As [`of`](Self::of), and on the main thread; the texts are the host's own.
    unsafe fn tell(
        self,
        outcome: &Result<(), String>,
        kind: clap_preset_discovery_location_kind,
        location: *const c_char,
        key: *const c_char,
    ) {
        if self.extension.is_null() {
            return;
        }
        // SAFETY: the caller's; the host's table lives as long as the host does.
        unsafe {
            let told = &*self.extension;
            match outcome {
                Ok(()) => {
                    if let Some(loaded) = told.loaded {
                        loaded(self.host, kind, location, key);
                    }
                }
                Err(why) => {
                    let why = CString::new(why.replace('\0', " ")).unwrap_or_default();
                    if let Some(on_error) = told.on_error {
                        on_error(self.host, kind, location, key, 0, why.as_ptr());
                    }
                }
            }
        }
    }
}

/// Loads what a host names into an instance.
///
/// # Safety
/// This is the main thread, and the texts are the host's own.
pub(super) unsafe fn load(
    link: &Link,
    host: HostPresetLoad,
    kind: clap_preset_discovery_location_kind,
    location: *const c_char,
    key: *const c_char,
) -> bool {
    guarded(false, || {
        // SAFETY: the host's own texts.
        let (path, name) = unsafe {
            let name = (!key.is_null()).then(|| CStr::from_ptr(key).to_string_lossy().into_owned());
            (path_of(kind, location), name)
        };
        let outcome = path.and_then(|path| loading::load(link, path.as_deref(), name.as_deref()));
        // SAFETY: as above.
        unsafe { host.tell(&outcome, kind, location, key) };
        outcome.is_ok()
    })
}
