//! The track that a VST3 host has an instance on.

use nice_plug::wrapper::vst3::vst3::ComRef;
use nice_plug::wrapper::vst3::vst3::Steinberg::Vst::ChannelContext::{kChannelColorKey, kChannelNameKey};
use nice_plug::wrapper::vst3::vst3::Steinberg::Vst::{IAttributeList, IAttributeListTrait, String128};
use nice_plug::wrapper::vst3::vst3::Steinberg::kResultOk;

use crate::track::Track;

/// What a list of the host's tells of the track.
///
/// # Safety
/// `list` is the host's own, or null.
pub(super) unsafe fn track_of(list: *mut IAttributeList) -> Track {
    // SAFETY: the caller's.
    let Some(list) = (unsafe { ComRef::from_raw(list) }) else { return Track::default() };
    let (mut name, mut colour): (String128, i64) = ([0; 128], 0);
    // SAFETY: the host's own object, with places of ours of that size.
    let (has_name, has_colour) = unsafe {
        let named = list.getString(kChannelNameKey, name.as_mut_ptr(), size_of::<String128>() as u32);
        (named == kResultOk, list.getInt(kChannelColorKey, &mut colour) == kResultOk)
    };
    let end = name.iter().position(|unit| *unit == 0).unwrap_or(name.len());
    // Alpha, red, green, blue.
    let [.., red, green, blue] = colour.to_be_bytes();
    Track {
        name: has_name.then(|| String::from_utf16_lossy(&name[..end])),
        colour: has_colour.then_some([red, green, blue]),
    }
}
