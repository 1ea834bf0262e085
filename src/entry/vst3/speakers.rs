//! Speaker arrangements: the usual one for a number of channels. Hosts may choose any other of as many channels, and
//! Csound's channels are its speakers in the standard's order. Pure.

use nice_plug::wrapper::vst3::vst3::Steinberg::Vst::{SpeakerArr, SpeakerArrangement};

/// What a host is shown before it chooses.
pub(super) fn usual(channels: u32) -> SpeakerArrangement {
    match channels {
        0 => SpeakerArr::kEmpty,
        1 => SpeakerArr::kMono,
        2 => SpeakerArr::kStereo,
        4 => SpeakerArr::k40Music,
        6 => SpeakerArr::k51,
        8 => SpeakerArr::k71Music,
        16 => SpeakerArr::k91_6,
        // No layout has any other number.
        other => 1_u64.checked_shl(other).map_or(u64::MAX, |next| next - 1),
    }
}

/// Its channels.
pub(super) fn channels(arrangement: SpeakerArrangement) -> u32 {
    arrangement.count_ones()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_usual_arrangement_has_so_many_speakers() {
        for count in 0..=64 {
            assert_eq!(channels(usual(count)), count);
        }
    }
}
