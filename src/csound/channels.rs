//! Csound's named channels.

use std::ffi::{CStr, CString};
use std::ptr::null_mut;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use csound_sys as sys;

use super::instance::{Csound, Instance};

/// What a channel carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChannelKind {
    /// A number a k-cycle.
    Control,
    /// Audio.
    Audio,
    /// A string.
    Text,
    /// Something else (spectra, arrays).
    Other,
}

/// A channel that a piece declares, with its hints.
#[derive(Clone, Debug, PartialEq)]
pub struct ChannelInfo {
    /// Its name.
    pub name: String,
    /// What it carries.
    pub kind: ChannelKind,
    /// Whether the piece reads it.
    pub input: bool,
    /// Whether the piece writes it.
    pub output: bool,
    /// Default, minimum and maximum, where the piece gives them.
    pub hints: Option<(f64, f64, f64)>,
}

impl ChannelInfo {
    /// Whether it can be driven from outside by a number.
    pub fn is_control_input(&self) -> bool {
        self.kind == ChannelKind::Control && self.input
    }

    /// The declared default of a channel that the piece reads. Csound itself does not apply it.
    pub fn default_value(&self) -> Option<f64> {
        let (default, _, _) = self.hints.filter(|_| self.is_control_input())?;
        Some(default)
    }

    /// The declared range.
    pub fn range(&self) -> Option<(f64, f64)> {
        self.hints.map(|(_, minimum, maximum)| (minimum, maximum))
    }
}

/// A control channel's value: a plain place in memory, valid as long as the instance, which this
/// keeps alive.
pub struct ControlChannel {
    value: *const AtomicU64,
    _instance: Arc<Instance>,
}

// SAFETY: the place is accessed as an atomic only, and the instance is kept alive.
unsafe impl Send for ControlChannel {}

impl ControlChannel {
    /// The value.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn get(&self) -> f64 {
        // SAFETY: Csound aligns channel data to eight bytes and keeps it until reset, which never
        // happens here; the instance is alive.
        f64::from_bits(unsafe { &*self.value }.load(Ordering::Relaxed))
    }

    /// Writes the value.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn set(&self, value: f64) {
        // SAFETY: as in `get`.
        unsafe { &*self.value }.store(value.to_bits(), Ordering::Relaxed);
    }
}

impl Csound {
    /// A control channel by name, made if the piece does not have it yet. `None` if the name belongs
    /// to a channel of another kind.
    pub fn control_channel(&self, name: &CStr) -> Option<ControlChannel> {
        let kind =
            (sys::CSOUND_CONTROL_CHANNEL | sys::CSOUND_INPUT_CHANNEL | sys::CSOUND_OUTPUT_CHANNEL) as i32;
        let mut value = null_mut();
        // SAFETY: the instance is alive, the name NUL-terminated, and the pointer's place is ours.
        let result =
            unsafe { (self.functions().channel_pointer)(self.raw(), &raw mut value, name.as_ptr(), kind) };
        let found = result == 0 && !value.is_null() && value.cast::<AtomicU64>().is_aligned();
        found.then(|| ControlChannel { value: value.cast::<AtomicU64>(), _instance: self.shared() })
    }

    /// The channels that exist: after `start`, those that the piece declares.
    pub fn list_channels(&self) -> Vec<ChannelInfo> {
        let mut list = null_mut();
        // SAFETY: the instance is alive; Csound allocates the list and says its length.
        let count = unsafe { (self.functions().list_channels)(self.raw(), &raw mut list) };
        if count <= 0 || list.is_null() {
            return Vec::new();
        }
        // SAFETY: Csound gave `count` entries at `list`.
        let entries = unsafe { std::slice::from_raw_parts(list, count as usize) };
        let channels = entries.iter().filter_map(describe).collect();
        // SAFETY: the list is Csound's and is not used again.
        unsafe { (self.functions().delete_channel_list)(self.raw(), list) };
        channels
    }
}

fn describe(entry: &sys::controlChannelInfo_t) -> Option<ChannelInfo> {
    if entry.name.is_null() {
        return None;
    }
    // SAFETY: a channel's name is NUL-terminated and lives as long as the list.
    let name: CString = unsafe { CStr::from_ptr(entry.name) }.to_owned();
    let flags = entry.type_ as u32;
    let kind = match flags & sys::CSOUND_CHANNEL_TYPE_MASK {
        sys::CSOUND_CONTROL_CHANNEL => ChannelKind::Control,
        sys::CSOUND_AUDIO_CHANNEL => ChannelKind::Audio,
        sys::CSOUND_STRING_CHANNEL => ChannelKind::Text,
        _ => ChannelKind::Other,
    };
    let hints = &entry.hints;
    let hinted = hints.behav != sys::CSOUND_CONTROL_CHANNEL_NO_HINTS;
    Some(ChannelInfo {
        name: name.to_string_lossy().into_owned(),
        kind,
        input: flags & sys::CSOUND_INPUT_CHANNEL != 0,
        output: flags & sys::CSOUND_OUTPUT_CHANNEL != 0,
        hints: hinted.then_some((hints.dflt, hints.min, hints.max)),
    })
}
