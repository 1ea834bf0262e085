//! The layouts of buses that hosts can choose from. Csound's channels come in the order of the buses: on an input those
//! of the main bus and behind them those of the sidechain, on an output those of one bus behind those of another. Pure.
//!
//! **The order is for ever.** A CLAP host's project keeps a layout by its place in the list, and the first one is what a
//! new instance has. So further layouts go to the end.

mod asked;
mod counts;
mod told;

use std::num::NonZeroU32;

use csound_export::Kind;
use nice_plug::prelude::{AudioIOLayout, PortNames, new_nonzero_u32};

pub use asked::Asked;
pub use counts::{inputs, outputs};
pub use told::{AskedChannels, NarrowMain};

/// Most channels of one bus.
pub const MOST_CHANNELS: usize = 16;

/// Most channels of all outputs.
pub const MOST_OUTPUTS: usize = 16;

/// Most channels of all inputs: a main bus and a sidechain.
pub const MOST_INPUTS: usize = 32;

/// The place of the instrument's layout with the most buses.
pub const MULTI_OUT: usize = INSTRUMENT.len() - 1;

type Channels = &'static [NonZeroU32];

const ONE: Channels = &[new_nonzero_u32(1)];
const TWO: Channels = &[new_nonzero_u32(2)];
const FOUR: Channels = &[new_nonzero_u32(4)];
const SIX: Channels = &[new_nonzero_u32(6)];
const EIGHT: Channels = &[new_nonzero_u32(8)];
const SIXTEEN: Channels = &[new_nonzero_u32(16)];
const PAIRS: &[NonZeroU32; 7] = &[new_nonzero_u32(2); 7];

const fn layout(
    name: &'static str,
    input: u32,
    sidechain: Channels,
    output: u32,
    further: Channels,
) -> AudioIOLayout {
    AudioIOLayout {
        main_input_channels: NonZeroU32::new(input),
        main_output_channels: NonZeroU32::new(output),
        aux_input_ports: sidechain,
        aux_output_ports: further,
        names: PortNames { layout: Some(name), ..PortNames::const_default() },
    }
}

const fn wide(name: &'static str, channels: u32) -> AudioIOLayout {
    layout(name, 0, &[], channels, &[])
}

/// So many stereo buses and one.
const fn pairs(name: &'static str, further: usize) -> AudioIOLayout {
    layout(name, 0, &[], 2, PAIRS.split_at(further).0)
}

/// As many channels out as in.
const fn through(name: &'static str, channels: u32, sidechain: Channels) -> AudioIOLayout {
    layout(name, channels, sidechain, channels, &[])
}

/// The instrument's: one wide bus, or up to eight stereo buses.
pub const INSTRUMENT: &[AudioIOLayout] = &[
    wide("Stereo", 2),
    wide("Mono", 1),
    wide("4 channels", 4),
    wide("6 channels", 6),
    wide("8 channels", 8),
    wide("16 channels", 16),
    pairs("2 stereo buses", 1),
    pairs("3 stereo buses", 2),
    pairs("4 stereo buses", 3),
    pairs("5 stereo buses", 4),
    pairs("6 stereo buses", 5),
    pairs("7 stereo buses", 6),
    pairs("8 stereo buses", 7),
];

/// The effect's.
pub const EFFECT: &[AudioIOLayout] = &[
    through("Stereo with sidechain", 2, TWO),
    through("Stereo", 2, &[]),
    through("Mono with sidechain", 1, ONE),
    through("Mono", 1, &[]),
    through("4 channels with sidechain", 4, FOUR),
    through("4 channels", 4, &[]),
    through("6 channels with sidechain", 6, SIX),
    through("6 channels", 6, &[]),
    through("8 channels with sidechain", 8, EIGHT),
    through("8 channels", 8, &[]),
    through("16 channels with sidechain", 16, SIXTEEN),
    through("16 channels", 16, &[]),
    through("Mono with stereo sidechain", 1, TWO),
    through("Stereo with mono sidechain", 2, ONE),
    through("4 channels with stereo sidechain", 4, TWO),
    through("4 channels with mono sidechain", 4, ONE),
    through("6 channels with stereo sidechain", 6, TWO),
    through("6 channels with mono sidechain", 6, ONE),
    through("8 channels with stereo sidechain", 8, TWO),
    through("8 channels with mono sidechain", 8, ONE),
    through("16 channels with stereo sidechain", 16, TWO),
    through("16 channels with mono sidechain", 16, ONE),
    layout("Mono to stereo with sidechain", 1, ONE, 2, &[]),
    layout("Mono to stereo", 1, &[], 2, &[]),
    layout("Mono to stereo with stereo sidechain", 1, TWO, 2, &[]),
];

/// Those of a kind of plugin.
pub fn of_kind(kind: Kind) -> &'static [AudioIOLayout] {
    match kind {
        Kind::Instrument => INSTRUMENT,
        Kind::Effect => EFFECT,
    }
}

/// The channels of the inputs or of the outputs.
pub fn channels(layout: &AudioIOLayout, is_input: bool) -> Vec<u32> {
    if is_input { inputs(layout).collect() } else { outputs(layout).collect() }
}

/// The place of the layout with these buses.
pub fn place_of(layouts: &[AudioIOLayout], ins: &[u32], outs: &[u32]) -> Option<usize> {
    let is_it = |layout: &AudioIOLayout| {
        inputs(layout).eq(ins.iter().copied()) && outputs(layout).eq(outs.iter().copied())
    };
    layouts.iter().position(is_it)
}

/// The name of a bus: what is in it, where there are several.
pub fn bus_name(layout: &AudioIOLayout, is_input: bool, bus: usize) -> String {
    if is_input {
        return if bus == 0 { "Input".into() } else { "Sidechain Input".into() };
    }
    let counts: Vec<u32> = outputs(layout).collect();
    if counts.len() == 1 {
        return "Output".into();
    }
    let before: u32 = counts.iter().take(bus).sum();
    let count = counts.get(bus).copied().unwrap_or_default();
    format!("Output {}-{}", before + 1, before + count)
}

/// The places of all layouts, that first which the piece asks for.
pub fn in_order(layouts: &[AudioIOLayout], asked: Option<Asked>) -> Vec<usize> {
    let first = asked.and_then(|asked| asked.preferred(layouts)).unwrap_or(0);
    let rest = (0..layouts.len()).filter(|place| *place != first);
    std::iter::once(first).chain(rest).take(layouts.len()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_layouts_of_version_0_1_have_the_places_that_they_had() {
        let places = |layouts: &[AudioIOLayout], count: usize| {
            let of = |layout: &AudioIOLayout| (channels(layout, true), channels(layout, false));
            layouts.iter().take(count).map(of).collect::<Vec<_>>()
        };
        let wide = [2, 1, 4, 6, 8, 16].map(|channels| (vec![], vec![channels]));
        assert_eq!(places(INSTRUMENT, 6), wide);
        assert_eq!(places(EFFECT, 2), [(vec![2, 2], vec![2]), (vec![2], vec![2])]);
    }

    #[test]
    fn no_layout_is_there_twice_or_is_larger_than_we_perform() {
        for layouts in [INSTRUMENT, EFFECT] {
            for (place, layout) in layouts.iter().enumerate() {
                let (ins, outs) = (channels(layout, true), channels(layout, false));
                assert_eq!(place_of(layouts, &ins, &outs), Some(place), "{}", layout.name());
                assert!(ins.iter().sum::<u32>() <= MOST_INPUTS as u32, "{}", layout.name());
                assert!(outs.iter().sum::<u32>() <= MOST_OUTPUTS as u32, "{}", layout.name());
                assert!(ins.iter().chain(&outs).all(|count| *count <= MOST_CHANNELS as u32));
            }
        }
        assert_eq!(channels(&INSTRUMENT[MULTI_OUT], false), [2; 8]);
        assert_eq!(bus_name(&INSTRUMENT[MULTI_OUT], false, 7), "Output 15-16");
        assert_eq!(bus_name(&INSTRUMENT[0], false, 0), "Output");
    }

    #[test]
    fn what_a_piece_asks_for_comes_first_and_all_others_keep_their_order() {
        for layouts in [INSTRUMENT, EFFECT] {
            let usual: Vec<_> = (0..layouts.len()).collect();
            assert_eq!(in_order(layouts, None), usual);
            for (inputs, outputs) in (0..40).flat_map(|inputs| (0..40).map(move |outputs| (inputs, outputs)))
            {
                let order = in_order(layouts, Some(Asked { inputs, outputs }));
                let mut sorted = order.clone();
                sorted.sort_unstable();
                assert_eq!(sorted, usual);
                assert!(order[1..].is_sorted());
            }
        }
        assert_eq!(in_order(&[], None), [0; 0]);
    }
}
