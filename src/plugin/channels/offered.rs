//! What a piece offers to be driven by. It comes, in this order of authority, from its `chn_k`
//! declarations, from the widgets of its `<Cabbage>` section, and from the names that its orchestra reads.

use std::collections::BTreeSet;

use csound_library::{ChannelInfo, ChannelKind};
use csound_performance::engine::piece::channel_names::scan_channel_names;
use csound_performance::engine::piece::{Piece, Source};

use super::cabbage::{self, CabbageSection, CabbageWidget};
use super::expressions::is_expression_channel;
use super::host::is_reserved;
use super::told::is_host_name;
use crate::plugin::tuning::is_tuning_channel;
use crate::range::Range;
use crate::track::is_track_channel;

/// What a piece offers to be driven by.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Offered {
    /// Control channels that it reads, the declared ones first.
    pub inputs: Vec<(String, Range)>,
    /// Control channels that it only writes.
    pub outputs: Vec<(String, Range)>,
    /// Those of the inputs that it writes as well.
    pub both: Vec<String>,
    /// Those that no parameter drives: their values are more exact than a host's.
    pub quiet: BTreeSet<String>,
}

impl Offered {
    /// What a piece offers, with the channels that it declared when it was started.
    pub fn find(piece: &Piece, declared: &[ChannelInfo]) -> Self {
        let texts: Vec<&str> = match &piece.source {
            Source::Csd(csd) => vec![csd],
            Source::OrcSco { orc, .. } => vec![orc],
        };
        let mut offered = Self::default();
        let sections: Vec<_> = texts.iter().map(|text| cabbage::parse(text)).collect();
        let controls: Vec<_> = sections.iter().flat_map(CabbageSection::controls).collect();
        // Csound lists them by name; people expect them as they wrote them.
        let place = |channel: &&ChannelInfo| {
            let quoted = format!("\"{}\"", channel.name);
            texts.iter().find_map(|text| text.find(&quoted)).unwrap_or(usize::MAX)
        };
        let mut declared: Vec<_> =
            declared.iter().filter(|channel| channel.kind == ChannelKind::Control).collect();
        declared.sort_by_cached_key(place);
        for channel in declared {
            if !channel.input {
                let range = channel.hints.as_ref().map_or_else(Range::default, Range::from);
                offered.output(&channel.name, range);
                continue;
            }
            if channel.output {
                offered.both.push(channel.name.clone());
            }
            let widget = || controls.iter().find(|control| control.channel == channel.name);
            let range = match &channel.hints {
                Some(hints) => Range::from(hints),
                None => widget().map_or_else(Range::default, |control| control.range.clone()),
            };
            offered.input(&channel.name, range);
        }
        for control in controls {
            offered.input(&control.channel, control.range);
        }
        for (name, range) in sections.iter().flat_map(CabbageSection::selections) {
            // A control of the same channel has its parameter.
            if offered.input(&name, range) {
                offered.quiet.insert(name);
            }
        }
        for scanned in texts.iter().flat_map(|text| scan_channel_names(text)) {
            let is_known = offered.inputs.iter().any(|(known, _)| *known == scanned.name);
            if is_host_name(&scanned.name) && scanned.reads && !is_known {
                continue;
            }
            match (scanned.kind, scanned.reads) {
                (ChannelKind::Control, true) => {
                    offered.input(&scanned.name, Range::default());
                    if scanned.writes {
                        offered.output(&scanned.name, Range::default());
                    }
                }
                (ChannelKind::Control, false) => offered.output(&scanned.name, Range::default()),
                _ => {}
            }
        }
        // The name of a meter's channel may be put together while the piece performs.
        let widgets = sections.iter().flat_map(|section| &section.widgets);
        for meter in widgets.filter_map(CabbageWidget::meter_channel).filter(|name| !is_reserved(name)) {
            offered.output(meter, Range::default());
        }
        offered
    }

    /// True if it is new.
    fn input(&mut self, name: &str, range: Range) -> bool {
        let taken = self.inputs.iter().any(|(known, _)| known == name);
        let is_new = !taken && !name.is_empty() && !is_ours(name);
        if is_new {
            self.inputs.push((name.to_owned(), range));
        }
        is_new
    }

    fn output(&mut self, name: &str, range: Range) {
        // What a widget sets and the piece writes is both.
        if self.inputs.iter().any(|(known, _)| known == name) {
            if !self.both.iter().any(|known| known == name) {
                self.both.push(name.to_owned());
            }
        } else if !self.outputs.iter().any(|(known, _)| known == name) && !name.is_empty() {
            self.outputs.push((name.to_owned(), range));
        }
    }

    /// The values that the piece's widgets stand at, which Csound knows nothing of.
    pub fn defaults(piece: &Piece) -> Vec<(String, f64)> {
        let Source::Csd(text) = &piece.source else { return Vec::new() };
        let controls = cabbage::parse(text).controls();
        controls.into_iter().map(|control| (control.channel, control.range.default)).collect()
    }

    /// The texts that its widgets stand at.
    pub fn default_texts(piece: &Piece) -> Vec<(String, String)> {
        let Source::Csd(text) = &piece.source else { return Vec::new() };
        cabbage::parse(text).starting_texts()
    }
}

/// Whether a name is one that the plugin writes.
fn is_ours(name: &str) -> bool {
    is_reserved(name) || is_track_channel(name) || is_expression_channel(name) || is_tuning_channel(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn piece(text: &str) -> Piece {
        Piece { name: "a.csd".into(), source: Source::Csd(text.into()), folder: None }
    }

    #[test]
    fn declarations_go_before_widgets_and_widgets_before_names() {
        let text = "<Cabbage>\nrslider channel(\"cutoff\"), range(20, 20000, 1000, 0.5, 1)\n\
                    hslider channel(\"width\"), range(0, 2, 1)\n</Cabbage>\n<CsoundSynthesizer>\n\
                    <CsInstruments>\ninstr 1\nk1 chnget \"cutoff\"\nk2 chnget \"plain\"\n\
                    k3 chnget \"HOST_BPM\"\nchnset k1, \"level\"\nendin\n</CsInstruments>\n</CsoundSynthesizer>\n";
        let declared = ChannelInfo {
            name: "width".into(),
            kind: ChannelKind::Control,
            input: true,
            output: false,
            hints: None,
        };
        let offered = Offered::find(&piece(text), &[declared]);
        let names: Vec<_> = offered.inputs.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["width", "cutoff", "plain"]);
        assert_eq!(offered.inputs[0].1.scale.maximum(), 2.0, "the widget's, for want of hints");
        assert_eq!(offered.inputs[1].1.scale.skew(), 0.5);
        assert_eq!(offered.outputs, [("level".to_owned(), Range::default())]);
        assert_eq!(
            Offered::defaults(&piece(text)),
            [("cutoff".to_owned(), 1000.0), ("width".to_owned(), 1.0)]
        );
    }

    #[test]
    fn declarations_come_in_the_order_of_the_text() {
        let declared = ["a", "b", "computed"].map(|name| ChannelInfo {
            name: name.into(),
            kind: ChannelKind::Control,
            input: true,
            output: false,
            hints: None,
        });
        let offered = Offered::find(&piece("chn_k \"b\", 1\nchn_k \"a\", 1\n"), &declared);
        let names: Vec<_> = offered.inputs.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["b", "a", "computed"]);
    }

    #[test]
    fn a_channel_that_is_read_and_written_is_both() {
        let text = "<CsoundSynthesizer>\n<CsInstruments>\ninstr 1\nk1 chnget \"a\"\nchnset k1, \"b\"\nendin\n\
                    </CsInstruments>\n</CsoundSynthesizer>\n";
        let declared = |name: &str, input| ChannelInfo {
            name: name.into(),
            kind: ChannelKind::Control,
            input,
            output: true,
            hints: None,
        };
        let offered = Offered::find(&piece(text), &[declared("both", true), declared("level", false)]);
        let outputs: Vec<_> = offered.outputs.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!((outputs, offered.both), (vec!["level", "b"], vec!["both".to_owned()]));
    }
}
