//! The channels and the panel of a text that does not perform. Pure.

use csound_cabbage::Changes;
use csound_performance::engine::piece::{Piece, Source};

use super::{panel, panel_layout};
use crate::editor::model::{Channel, Layout};
use crate::plugin::channels::offered::Offered;
use crate::plugin::channels::{bank, cabbage};
use crate::plugin::shared::panel_files::Lists;

/// The channels and the panel of a piece of this text, with what it has changed of its widgets.
pub fn panel_of(text: &str, changes: &Changes) -> (Vec<Channel>, Option<Layout>) {
    let section = cabbage::parse(text).changed(changes);
    let piece = Piece { name: String::new(), source: Source::Csd(text.to_owned()), folder: None };
    let offered = Offered::find(&piece, &[]);
    let mut channels = Vec::new();
    let (mut places, turned) = (0..bank::PARAMETERS, panel::Turned::of(&section));
    for (name, range) in offered.inputs {
        let is_quiet = offered.quiet.contains(&name);
        let parameter = if is_quiet { None } else { places.next() };
        channels.push(Channel { parameter, ..panel::channel(name, range, &turned) });
    }
    channels.extend(panel::text_channels(text, &section, &Lists::new()).iter().map(|text| text.shown(None)));
    for (name, range) in offered.outputs {
        channels.push(Channel { is_output: true, ..panel::channel(name, range, &turned) });
    }
    let layout = panel_layout::layout(&section, &channels);
    (channels, layout)
}
