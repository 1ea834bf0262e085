//! CLAP's description of a plugin: pointers to texts that live as long as it does.

use std::ffi::{CStr, CString, c_char};

use clap_sys::plugin::clap_plugin_descriptor;
use clap_sys::version::CLAP_VERSION;

use crate::entry::about::About;

/// A description and the texts that it points to.
pub(super) struct Descriptor {
    clap: clap_plugin_descriptor,
    id: CString,
    // The pointers above are to these.
    _texts: Vec<CString>,
    _features: Vec<*const c_char>,
}

// SAFETY: nothing of it changes, and it owns what the pointers are to.
unsafe impl Send for Descriptor {}
// SAFETY: as above.
unsafe impl Sync for Descriptor {}

impl Descriptor {
    pub fn new(about: &About) -> Self {
        let mut texts = Vec::new();
        // A text's bytes stay where they are when the text is moved.
        let mut keep = |text: &str| {
            let text = c_text(text);
            let pointer = text.as_ptr();
            texts.push(text);
            pointer
        };
        let id = c_text(&about.clap_id);
        let mut features: Vec<_> = about.clap_features.iter().map(|feature| keep(feature)).collect();
        features.push(std::ptr::null());
        let clap = clap_plugin_descriptor {
            clap_version: CLAP_VERSION,
            id: id.as_ptr(),
            name: keep(&about.name),
            vendor: keep(&about.vendor),
            url: keep(&about.url),
            manual_url: keep(""),
            support_url: keep(""),
            version: keep(&about.version),
            description: keep(&about.description),
            features: features.as_ptr(),
        };
        Self { clap, id, _texts: texts, _features: features }
    }

    pub fn clap(&self) -> &clap_plugin_descriptor {
        &self.clap
    }

    pub fn id(&self) -> &CStr {
        &self.id
    }
}

/// A text for C, which ends at a zero: one inside becomes a space.
fn c_text(text: &str) -> CString {
    CString::new(text.replace('\0', " ")).unwrap_or_default()
}
