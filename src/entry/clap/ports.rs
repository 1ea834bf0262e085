//! What a CLAP host is told of the ports: the layouts to choose from, that first which the piece asks for, with the types
//! that hosts know. The shell keeps the layout that is chosen; this knows which one it is.
//!
//! A layout is known by its place in the list of [`layouts`], whatever the order in which it is shown.

use std::cell::Cell;
use std::ffi::{CStr, c_char};

use clap_sys::ext::audio_ports::{
    CLAP_AUDIO_PORT_IS_MAIN, CLAP_PORT_MONO, CLAP_PORT_STEREO, clap_audio_port_info,
};
use clap_sys::ext::audio_ports_config::clap_audio_ports_config;
use clap_sys::ext::surround::{
    CLAP_PORT_SURROUND, CLAP_SURROUND_BL, CLAP_SURROUND_BR, CLAP_SURROUND_FC, CLAP_SURROUND_FL,
    CLAP_SURROUND_FR, CLAP_SURROUND_LFE, CLAP_SURROUND_SL, CLAP_SURROUND_SR,
};
use clap_sys::id::CLAP_INVALID_ID;
use nice_plug::prelude::AudioIOLayout;

use crate::entry::fields::put_utf8;
use crate::layouts::{self, Asked};

/// The speakers of a port of four channels.
static QUAD: [u32; 4] = [CLAP_SURROUND_FL, CLAP_SURROUND_FR, CLAP_SURROUND_BL, CLAP_SURROUND_BR];

/// Those of one of eight channels, 7.1; of which the first six are 5.1.
static SEVEN_ONE: [u32; 8] = [
    CLAP_SURROUND_FL,
    CLAP_SURROUND_FR,
    CLAP_SURROUND_FC,
    CLAP_SURROUND_LFE,
    CLAP_SURROUND_BL,
    CLAP_SURROUND_BR,
    CLAP_SURROUND_SL,
    CLAP_SURROUND_SR,
];

/// The channels of surround ports.
const SURROUND: [u32; 3] = [4, 6, 8];

/// What a host wants of a port.
pub(super) struct Wanted {
    pub is_input: bool,
    pub index: usize,
    pub channels: u32,
}

/// See the module. The main thread's.
pub(super) struct Ports {
    layouts: &'static [AudioIOLayout],
    present: Cell<usize>,
}

/// A text that is there for ever, or none.
fn pointer(text: Option<&'static CStr>) -> *const c_char {
    text.map_or(std::ptr::null(), CStr::as_ptr)
}

/// The type of a port. One of sixteen channels has none: they are what the piece makes of them.
pub(super) fn port_type(channels: u32) -> Option<&'static CStr> {
    match channels {
        1 => Some(CLAP_PORT_MONO),
        2 => Some(CLAP_PORT_STEREO),
        _ => speakers(channels).map(|_| CLAP_PORT_SURROUND),
    }
}

/// The speakers of a surround port.
pub(super) fn speakers(channels: u32) -> Option<&'static [u32]> {
    match channels {
        4 => Some(&QUAD),
        6 => Some(&SEVEN_ONE[..6]),
        8 => Some(&SEVEN_ONE),
        _ => None,
    }
}

/// True where there is a surround port of these speakers, a bit each.
pub(super) fn is_mask_known(mask: u64) -> bool {
    let mask_of = |speakers: &[u32]| speakers.iter().fold(0, |mask, speaker| mask | 1_u64 << speaker);
    SURROUND.into_iter().filter_map(speakers).any(|speakers| mask_of(speakers) == mask)
}

impl Ports {
    /// With the first of these layouts.
    pub fn new(layouts: &'static [AudioIOLayout]) -> Self {
        Self { layouts, present: Cell::new(0) }
    }

    /// The number of layouts.
    pub fn count(&self) -> u32 {
        self.layouts.len() as u32
    }

    /// The host has chosen the layout with this id.
    pub fn choose(&self, id: u32) {
        self.present.set(id as usize);
    }

    /// The id of the present layout.
    pub fn present(&self) -> u32 {
        self.present.get() as u32
    }

    fn layout(&self, id: u32) -> Option<&'static AudioIOLayout> {
        self.layouts.get(id as usize)
    }

    /// The layout that is shown in this place of the list; none behind its end.
    pub fn config(&self, asked: Option<Asked>, index: u32) -> Option<clap_audio_ports_config> {
        let id = *layouts::in_order(self.layouts, asked).get(index as usize)? as u32;
        let layout = self.layout(id)?;
        let main = |is_input| layouts::channels(layout, is_input).first().copied();
        let count = |is_input| layouts::channels(layout, is_input).len() as u32;
        let (input, output) = (main(true), main(false));
        let mut config = clap_audio_ports_config {
            id,
            name: [0; _],
            input_port_count: count(true),
            output_port_count: count(false),
            has_main_input: input.is_some(),
            main_input_channel_count: input.unwrap_or(0),
            main_input_port_type: pointer(input.and_then(port_type)),
            has_main_output: output.is_some(),
            main_output_channel_count: output.unwrap_or(0),
            main_output_port_type: pointer(output.and_then(port_type)),
        };
        put_utf8(&mut config.name, &layout.name());
        Some(config)
    }

    /// The number of ports of the present layout.
    pub fn port_count(&self, is_input: bool) -> u32 {
        self.layout(self.present()).map_or(0, |layout| layouts::channels(layout, is_input).len() as u32)
    }

    /// A port of the layout with this id.
    pub fn port(&self, id: u32, index: u32, is_input: bool) -> Option<clap_audio_port_info> {
        let layout = self.layout(id)?;
        let (inputs, outputs) = (layouts::channels(layout, true), layouts::channels(layout, false));
        let ports = if is_input { &inputs } else { &outputs };
        let channels = *ports.get(index as usize)?;
        // As the shell counts them: the outputs behind the inputs.
        let first_output = inputs.len() as u32;
        let in_place = index == 0 && inputs.first() == outputs.first();
        let mut info = clap_audio_port_info {
            id: if is_input { index } else { first_output + index },
            name: [0; _],
            flags: if index == 0 { CLAP_AUDIO_PORT_IS_MAIN } else { 0 },
            channel_count: channels,
            port_type: pointer(port_type(channels)),
            in_place_pair: match (in_place, is_input) {
                (true, true) => first_output,
                (true, false) => 0,
                (false, _) => CLAP_INVALID_ID,
            },
        };
        put_utf8(&mut info.name, &layouts::bus_name(layout, is_input, index as usize));
        Some(info)
    }

    /// The id of the layout that has what is wanted, and otherwise the ports of the present one; if there is one.
    pub fn fitting(&self, wanted: &[Wanted]) -> Option<u32> {
        let present = self.layout(self.present())?;
        let (mut ins, mut outs) = (layouts::channels(present, true), layouts::channels(present, false));
        for Wanted { is_input, index, channels } in wanted {
            *(if *is_input { &mut ins } else { &mut outs }).get_mut(*index)? = *channels;
        }
        layouts::place_of(self.layouts, &ins, &outs).map(|place| place as u32)
    }

    /// The channels of a port of the present layout.
    pub fn channels(&self, index: u32, is_input: bool) -> Option<u32> {
        layouts::channels(self.layout(self.present())?, is_input).get(index as usize).copied()
    }
}
