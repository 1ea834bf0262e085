//! Csound's named channels.
//!
//! A control channel is a number in memory, which [`ControlChannel`] reads and writes without
//! Csound. The owner of an instance makes channels ([`Csound::control_channel`]); other threads use
//! them by name ([`CsoundHandle`]). Csound lets any thread look a channel up, but two threads that
//! make channels at the same time may lose one; so a handle's write to a channel that does not exist
//! yet is left for the performing thread, which makes it before its next k-cycle.

mod made;

use std::ffi::{CStr, CString, c_char, c_int};
use std::ptr::{NonNull, null_mut};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use csound_sys as sys;

use serde::{Deserialize, Serialize};

use super::csound::Csound;
use super::handle::CsoundHandle;
use super::instance::Instance;
use super::pending::{ChannelValue, PendingWrite};

pub use made::MadeChannel;

/// Bytes of a string channel's text that are read at most.
pub const LONGEST_TEXT: usize = 1 << 16;

/// The kind of a channel's data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ChannelKind {
    /// A number a k-cycle.
    Control,
    /// Audio.
    Audio,
    /// A string.
    Text,
    /// A spectrum (pvs).
    Spectrum,
    /// Something else (arrays and other variables).
    Other,
}

/// The scale on which a control channel's range is even.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Behaviour {
    /// Whole numbers.
    Integer,
    /// Even steps sound even.
    Linear,
    /// Even ratios sound even.
    Exponential,
}

/// A piece's declaration of a control channel (`chn_k`). Csound itself neither applies the default
/// nor keeps to the range.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChannelHints {
    /// The scale on which the range is even.
    pub behaviour: Behaviour,
    /// The value at the start, in the channel's own unit.
    pub default: f64,
    /// The least value.
    pub minimum: f64,
    /// The greatest value.
    pub maximum: f64,
    /// Whatever else the piece wants to tell whoever shows the channel; often empty.
    pub attributes: String,
}

/// A channel, with what the piece says about it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChannelInfo {
    /// Its name.
    pub name: String,
    /// The kind of its data.
    pub kind: ChannelKind,
    /// True if the piece reads it.
    pub input: bool,
    /// True if the piece writes it.
    pub output: bool,
    /// The hints of a control channel, if the piece gives any.
    pub hints: Option<ChannelHints>,
}

impl ChannelInfo {
    /// True if it can be driven from outside by a number.
    fn is_control_input(&self) -> bool {
        self.kind == ChannelKind::Control && self.input
    }

    /// The declared default of a channel that the piece reads. Csound itself does not apply it.
    pub fn default_value(&self) -> Option<f64> {
        self.hints.as_ref().filter(|_| self.is_control_input()).map(|hints| hints.default)
    }

    /// The declared range, minimum and maximum.
    pub fn range(&self) -> Option<(f64, f64)> {
        self.hints.as_ref().map(|hints| (hints.minimum, hints.maximum))
    }
}

/// A control channel's value: a plain place in memory, valid as long as the instance, which this
/// keeps alive. Newest value wins.
///
/// # Realtime safety
/// Both methods are safe; the last one of an instance must not be dropped on an audio thread.
#[derive(Clone)]
pub struct ControlChannel {
    value: NonNull<AtomicU64>,
    _instance: Arc<Instance>,
}

// SAFETY: the place is accessed as an atomic only, and the instance is kept alive.
unsafe impl Send for ControlChannel {}
// SAFETY: as above.
unsafe impl Sync for ControlChannel {}

impl ControlChannel {
    /// The value.
    pub fn get(&self) -> f64 {
        f64::from_bits(self.place().load(Ordering::Relaxed))
    }

    /// Writes the value. The piece reads it in its next k-cycle, or at the next point of the present
    /// one.
    pub fn set(&self, value: f64) {
        self.place().store(value.to_bits(), Ordering::Relaxed);
    }

    fn place(&self) -> &AtomicU64 {
        // SAFETY: Csound keeps a channel's data until reset, which never happens here; the place
        // was found aligned; the instance is alive.
        unsafe { self.value.as_ref() }
    }
}

impl Csound {
    /// A control channel by name, made if the piece does not have it yet, for reading and writing.
    /// `None` if the name is empty or belongs to a channel of another kind.
    ///
    /// For the thread that owns the instance, before or between k-cycles, but not for an audio
    /// thread: a new channel allocates.
    pub fn control_channel(&self, name: &CStr) -> Option<ControlChannel> {
        let value = self.shared().pointer(name, sys::CSOUND_CONTROL_CHANNEL)?.cast::<AtomicU64>();
        value.is_aligned().then(|| ControlChannel { value, _instance: self.shared() })
    }

    /// A string channel by name, made if the piece does not have it yet; `None` if the name is empty or belongs to a
    /// channel of another kind.
    ///
    /// # Realtime safety
    /// A new channel allocates inside Csound; one that is there is found.
    pub fn text_channel<'a>(&'a self, name: &'a CStr) -> Option<MadeChannel<'a>> {
        // SAFETY: the instance is alive, and its owner's thread is the one that performs.
        unsafe { MadeChannel::text(self.library(), self.raw(), name) }
    }

    /// The channels that exist, by name in ascending order: after `start` those that the piece
    /// declares in its header, later also those that its instruments have used.
    ///
    /// Csound keeps the little memory that a list costs until the instance goes: not for polling.
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

impl CsoundHandle {
    /// The value of a control channel; `None` if there is no such channel.
    pub fn control_channel(&self, name: &str) -> Option<f64> {
        let name = CString::new(name).ok()?;
        if let Some(pending) = self.0.pending_value(&name, ChannelValue::number) {
            return pending;
        }
        let place = self.0.pointer(&name, sys::CSOUND_CONTROL_CHANNEL)?.cast::<AtomicU64>();
        // SAFETY: Csound keeps a channel's data, aligned to eight bytes, as long as the instance,
        // which is alive.
        place.is_aligned().then(|| f64::from_bits(unsafe { place.as_ref() }.load(Ordering::Relaxed)))
    }

    /// Writes a control channel. One that the piece does not have yet is made before the next
    /// k-cycle, or at the start. False if the name cannot be a control channel's: it is empty, holds
    /// a NUL, or belongs to a channel of another kind.
    pub fn set_control_channel(&self, name: &str, value: f64) -> bool {
        let Ok(name) = CString::new(name) else { return false };
        self.0.write_or_wait(name, ChannelValue::Number(value))
    }

    /// The text of a string channel, at most [`LONGEST_TEXT`] bytes of it; `None` if there is no
    /// such channel. A string that the piece shares with `chnexport` is not guarded by Csound: do
    /// not read such a one.
    pub fn string_channel(&self, name: &str) -> Option<String> {
        let name = CString::new(name).ok()?;
        if let Some(pending) = self.0.pending_value(&name, ChannelValue::text) {
            return pending;
        }
        self.0.read_text(&name)
    }

    /// Writes a string channel, under the rules of
    /// [`set_control_channel`](Self::set_control_channel). False also if the text holds a NUL. A
    /// piece's `chnget` reads strings when a note starts.
    pub fn set_string_channel(&self, name: &str, text: &str) -> bool {
        let (Ok(name), Ok(text)) = (CString::new(name), CString::new(text)) else { return false };
        self.0.write_or_wait(name, ChannelValue::Text(text))
    }
}

impl Instance {
    /// True if there is a channel of this name. It is not made by the question.
    fn has_channel(&self, name: &CStr) -> bool {
        // SAFETY: the instance is alive, the name NUL-terminated.
        unsafe { (self.functions().channel_size)(self.raw(), name.as_ptr()) > 0 }
    }

    /// A channel's data, of the given kind. Makes the channel if it is not there yet: only the
    /// owner may do that.
    fn pointer(&self, name: &CStr, kind: u32) -> Option<NonNull<f64>> {
        if name.is_empty() {
            return None;
        }
        let kind = (kind | sys::CSOUND_INPUT_CHANNEL | sys::CSOUND_OUTPUT_CHANNEL) as c_int;
        let mut data = null_mut();
        // SAFETY: the instance is alive, the name NUL-terminated, and the pointer's place is ours.
        let result =
            unsafe { (self.functions().channel_pointer)(self.raw(), &raw mut data, name.as_ptr(), kind) };
        NonNull::new(data).filter(|_| result == 0)
    }

    /// Writes an existing channel at once and leaves any other for the performing thread. Newest
    /// value wins.
    fn write_or_wait(&self, name: CString, value: ChannelValue) -> bool {
        if name.is_empty() {
            return false;
        }
        if !self.pending.any.load(Ordering::Acquire) && self.has_channel(&name) {
            return self.write(&name, &value);
        }
        // While this is held the performing thread makes none of the channels that wait.
        let mut writes = self.pending.lock();
        writes.retain(|write| !write.written && write.name != name);
        if self.has_channel(&name) {
            return self.write(&name, &value);
        }
        writes.push(PendingWrite { name, value, written: false });
        self.pending.any.store(true, Ordering::Release);
        true
    }

    /// The value that waits for a channel to be made, if there is one; `None` if the channel
    /// exists.
    fn pending_value<T>(&self, name: &CStr, read: impl Fn(&ChannelValue) -> Option<T>) -> Option<Option<T>> {
        if self.has_channel(name) {
            return None;
        }
        let writes = self.pending.lock();
        if self.has_channel(name) {
            return None;
        }
        let pending = writes.iter().find(|write| write.name.as_c_str() == name);
        Some(pending.and_then(|write| read(&write.value)))
    }

    fn write(&self, name: &CStr, value: &ChannelValue) -> bool {
        match value {
            ChannelValue::Number(number) => {
                let Some(place) = self.pointer(name, sys::CSOUND_CONTROL_CHANNEL) else { return false };
                let place = place.cast::<AtomicU64>();
                if place.is_aligned() {
                    // SAFETY: as in `ControlChannel::place`.
                    unsafe { place.as_ref() }.store(number.to_bits(), Ordering::Relaxed);
                }
                place.is_aligned()
            }
            ChannelValue::Text(text) => {
                let found = self.pointer(name, sys::CSOUND_STRING_CHANNEL).is_some();
                if found {
                    // SAFETY: the instance is alive; the text is only read (csound-sys declares it
                    // mutable), and Csound guards the channel by its own lock.
                    unsafe {
                        let text = text.as_ptr().cast_mut();
                        (self.functions().set_string_channel)(self.raw(), name.as_ptr(), text);
                    }
                }
                found
            }
        }
    }

    /// Makes the channels that handles have asked for. Called by the owner only.
    ///
    /// # Realtime safety
    /// Does not wait: while a handle adds to the list, the list stays for the next time. A channel
    /// that is made allocates inside Csound.
    pub(super) fn write_pending(&self) {
        if !self.pending.any.load(Ordering::Acquire) {
            return;
        }
        let Ok(mut writes) = self.pending.writes.try_lock() else { return };
        for write in writes.iter_mut().filter(|write| !write.written) {
            self.write(&write.name, &write.value);
            write.written = true;
        }
        self.pending.any.store(false, Ordering::Relaxed);
    }

    /// The text of an existing string channel, copied under Csound's own lock for the channel.
    /// (`csoundGetStringChannel` copies into a buffer whose size it does not know, and the text may
    /// grow after one has asked for its size.)
    fn read_text(&self, name: &CStr) -> Option<String> {
        let data = self.pointer(name, sys::CSOUND_STRING_CHANNEL)?.cast();
        let mut text = Vec::with_capacity(LONGEST_TEXT);
        // What is copied stays within the capacity, so that nothing is allocated under the lock.
        let mut copy = |held: &[u8]| {
            let held = held.split(|byte| *byte == 0).next().unwrap_or_default();
            text.extend_from_slice(&held[..held.len().min(LONGEST_TEXT)]);
        };
        // SAFETY: the instance is alive, and `data` is that of its channel of this name.
        unsafe { self.operations().read_text(self.raw(), name, data.as_ptr(), &mut copy) };
        Some(String::from_utf8_lossy(&text).into_owned())
    }
}

fn describe(entry: &sys::controlChannelInfo_t) -> Option<ChannelInfo> {
    let flags = entry.type_ as u32;
    let kind = match flags & sys::CSOUND_CHANNEL_TYPE_MASK {
        sys::CSOUND_CONTROL_CHANNEL => ChannelKind::Control,
        sys::CSOUND_AUDIO_CHANNEL => ChannelKind::Audio,
        sys::CSOUND_STRING_CHANNEL => ChannelKind::Text,
        sys::CSOUND_PVS_CHANNEL => ChannelKind::Spectrum,
        _ => ChannelKind::Other,
    };
    Some(ChannelInfo {
        name: text_at(entry.name)?,
        kind,
        input: flags & sys::CSOUND_INPUT_CHANNEL != 0,
        output: flags & sys::CSOUND_OUTPUT_CHANNEL != 0,
        hints: hints(entry).filter(|_| kind == ChannelKind::Control),
    })
}

fn hints(entry: &sys::controlChannelInfo_t) -> Option<ChannelHints> {
    let hints = &entry.hints;
    let behaviour = match hints.behav {
        sys::CSOUND_CONTROL_CHANNEL_INT => Behaviour::Integer,
        sys::CSOUND_CONTROL_CHANNEL_LIN => Behaviour::Linear,
        sys::CSOUND_CONTROL_CHANNEL_EXP => Behaviour::Exponential,
        _ => return None,
    };
    Some(ChannelHints {
        behaviour,
        default: hints.dflt,
        minimum: hints.min,
        maximum: hints.max,
        attributes: text_at(hints.attributes).unwrap_or_default(),
    })
}

/// The text of an entry of Csound's list.
fn text_at(text: *const c_char) -> Option<String> {
    // SAFETY: the name and attributes of a channel are null or NUL-terminated, and live as long as
    // the channel.
    (!text.is_null()).then(|| unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned())
}

#[cfg(test)]
mod tests;
