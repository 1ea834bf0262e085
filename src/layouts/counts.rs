//! The channels of a layout's buses. Pure.

use std::num::NonZeroU32;

use nice_plug::prelude::AudioIOLayout;

fn buses(main: Option<NonZeroU32>, further: &'static [NonZeroU32]) -> impl Iterator<Item = u32> + Clone {
    main.into_iter().chain(further.iter().copied()).map(NonZeroU32::get)
}

/// The channels of each input, the main bus first.
pub fn inputs(layout: &AudioIOLayout) -> impl Iterator<Item = u32> + Clone + use<> {
    buses(layout.main_input_channels, layout.aux_input_ports)
}

/// The channels of each output, the main bus first.
pub fn outputs(layout: &AudioIOLayout) -> impl Iterator<Item = u32> + Clone + use<> {
    buses(layout.main_output_channels, layout.aux_output_ports)
}
