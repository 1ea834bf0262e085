//! How a widget of a `<Cabbage>` section shows signals, sounds and tables. Pure.

use super::panel_finish::colour;
use crate::editor::model::{Graph, SignalKind};
use crate::plugin::channels::cabbage::{CabbageWidget, WidgetKind};

/// Signals that a widget shows at most.
const MOST_SIGNALS: usize = 8;

/// The closest look: so many times as large as whole.
const CLOSEST: f64 = 1000.0;

/// The widest line, in pixels.
const WIDEST: f64 = 100.0;

/// The graph of a widget; of other kinds the usual one.
pub(super) fn graph(widget: &CabbageWidget) -> Graph {
    let WidgetKind::Other(kind) = &widget.kind else { return Graph::default() };
    let usual = Graph::default();
    let number = |name: &str| widget.number(name).filter(|number| number.is_finite());
    let signals = widget.words("signalvariable").into_iter().filter(|name| !name.is_empty());
    let zoom = number("zoom").unwrap_or(-1.0);
    let is_of_sound = kind == "soundfiler";
    let line_width = match kind.as_str() {
        // It is the line's, there.
        "gentable" | "signaldisplay" => number("outlinethickness").or(number("linethickness")),
        _ => None,
    };
    Graph {
        signals: signals.take(MOST_SIGNALS).map(str::to_owned).collect(),
        skew: number("skew").filter(|skew| *skew > 0.0).unwrap_or(1.0) as f32,
        zoom: if is_of_sound { 1.0 / (1.0 - zoom.clamp(0.0, 0.999)) } else { zoom.clamp(0.0, CLOSEST) + 1.0 }
            as f32,
        is_zoomed: zoom >= 0.0,
        part: part(widget),
        scrubber: scrubber(widget),
        region: match (number("regionstart"), number("regionlength")) {
            (None, None) => None,
            (start, length) => Some([start.unwrap_or(0.0).max(0.0), length.unwrap_or(0.0).max(0.0)]),
        },
        line_width: line_width.map_or(usual.line_width, |width| width.clamp(0.0, WIDEST) as f32),
        is_filled: number("fill") != Some(0.0),
        is_drawn_into: kind == "gentable" && number("active") == Some(1.0),
        grid: widget.colour("tablegridcolour").map(colour),
    }
}

/// The part that is shown: `sampleRange(from, to)`, or `startpos` and `endpos`.
fn part(widget: &CabbageWidget) -> Option<[f64; 2]> {
    let ends = match widget.numbers("samplerange")[..] {
        [from, to, ..] => Some([from, to]),
        _ => widget.number("endpos").map(|end| [widget.number("startpos").unwrap_or(0.0), end]),
    };
    ends.filter(|[from, to]| *from >= 0.0 && to > from)
}

/// What is played now, where the piece says so and shows it.
fn scrubber(widget: &CabbageWidget) -> Option<f64> {
    let shows = widget.number("showscrubber") != Some(0.0);
    widget.number("scrubberposition").filter(|at| shows && *at >= 0.0)
}

/// The way in which a `signaldisplay` shows its signals.
pub(super) fn signal_kind(widget: &CabbageWidget) -> SignalKind {
    let said = widget.words("displaytype").first().map(|said| said.trim().to_lowercase());
    match said.as_deref() {
        Some("waveform") => SignalKind::Waveform,
        Some("spectrogram") => SignalKind::Spectrogram,
        Some("lissajous") => SignalKind::Lissajous,
        _ => SignalKind::Spectrum,
    }
}
