//! The waveform of a sound file or of a table on a panel, and a part of it that the user selects: where it begins
//! and how long it is, in samples, in two channels.

use egui::{Rect, Sense, Stroke, Ui, pos2, vec2};

use super::control::set_once;
use super::plain::{self, Spot};
use super::table::bounds;
use crate::editor::model::{Action, Placed, Table, Trace, View};
use crate::editor::scene::Scene;
use crate::editor::theme;

/// How much of it a view shows, at least.
const CLOSEST: f64 = 0.001;

/// The part of the selection's ground that is seen.
const SELECTED: f32 = 0.35;

/// How the user looks at a sound: its first sample in sight, and how many are.
#[derive(Clone, Copy, PartialEq)]
struct Sight {
    from: f64,
    length: f64,
    /// What the piece asked for then.
    asked: [f64; 2],
}

/// A selection, and whose it is.
#[derive(Clone, Copy, PartialEq)]
struct Selection {
    /// Where the hand went down, in samples.
    begin: f64,
    /// What the piece said of the selection then.
    said: Option<[f64; 2]>,
    is_dragged: bool,
}

/// Draws a sound, and lets the user select a part of it where it has channels for that.
pub(super) fn show(ui: &Ui, scene: &mut Scene, placed: &Placed, spot: Spot, channels: [Option<usize>; 2]) {
    let palette = theme::palette(ui);
    let rect = spot.rect;
    let ground = placed.finish.ground.map_or(palette.well, theme::colour);
    let colour = placed.colour.map_or(palette.accent, theme::colour);
    ui.painter_at(rect).rect_filled(rect, 0, ground);
    let file = placed.finish.file.as_str();
    let Some((length, tracks)) = tracks(placed, scene.view) else {
        if matches!(scene.view.sounds.get(file), Some(None)) {
            plain::kept_place(ui, spot, file, palette.text);
        }
        return;
    };
    let sight = sight(ui, placed, length, rect);
    for (number, points) in tracks.iter().enumerate() {
        let height = rect.height() / tracks.len() as f32;
        let place = Rect::from_min_size(
            pos2(rect.left(), rect.top() + height * number as f32),
            vec2(rect.width(), height),
        );
        let trace = Trace { range: [-1.0, 1.0], ..Trace::default() };
        bounds(&ui.painter_at(rect), seen(points, sight, length), &trace, place, colour);
    }
    let selection = select(ui, scene, placed, (rect, sight), channels);
    let x = |sample: f64| rect.left() + (((sample - sight.from) / sight.length) as f32) * rect.width();
    let painter = ui.painter_at(rect);
    if let Some([begin, size]) = selection {
        let part = Rect::from_x_y_ranges(x(begin)..=x(begin + size).max(x(begin) + 1.0), rect.y_range());
        painter.rect_filled(part, 0, theme::readable(ground).gamma_multiply(SELECTED));
    }
    if let Some(at) = placed.graph.scrubber {
        painter.vline(x(at), rect.y_range(), Stroke::new(1.0, theme::readable(ground)));
    }
}

/// How many samples there are, and the bounds of each channel: of the file, else of the table.
fn tracks(placed: &Placed, view: &View) -> Option<(f64, Vec<Vec<f32>>)> {
    if let Some(Some(sound)) = view.sounds.get(&placed.finish.file) {
        return Some((sound.frames as f64, sound.bounds.iter().map(|bounds| bounds.to_vec()).collect()));
    }
    let table = placed.traces.first().and_then(|trace| view.tables.get(&trace.table))?;
    Some((table.length as f64, vec![bounds_of(table)]))
}

fn bounds_of(table: &Table) -> Vec<f32> {
    match table.is_of_bounds() {
        true => table.points.to_vec(),
        false => table.points.iter().flat_map(|point| [point.min(0.0), point.max(0.0)]).collect(),
    }
}

/// The bounds of the part that is in sight.
fn seen(points: &[f32], sight: Sight, length: f64) -> &[f32] {
    let parts = points.len() / 2;
    let at = |sample: f64| (sample / length.max(1.0) * parts as f64).clamp(0.0, parts as f64) as usize;
    let from = at(sight.from).min(parts.saturating_sub(1));
    let to = at(sight.from + sight.length).max(from + 1).min(parts);
    points.get(from * 2..to * 2).unwrap_or_default()
}

/// What is in sight: what the piece says, until the user turns the wheel over it.
fn sight(ui: &Ui, placed: &Placed, length: f64, rect: Rect) -> Sight {
    let zoom = f64::from(placed.graph.zoom).max(1.0);
    let asked = match placed.graph.part {
        Some([from, to]) => [from.min(length - 1.0).max(0.0), (to - from).max(1.0)],
        None => [0.0, length / zoom],
    };
    let own = Sight { from: asked[0], length: asked[1].clamp(1.0, length.max(1.0)), asked };
    let id = ui.scope_id().with("sight");
    let known = ui.data(|data| data.get_temp::<Sight>(id)).filter(|known| known.asked == asked);
    let mut sight = known.unwrap_or(own);
    let over = ui.rect_contains_pointer(rect) && ui.is_enabled();
    let (wheel, shift, at) =
        ui.input(|input| (input.smooth_scroll_delta(), input.modifiers.shift, input.pointer.latest_pos()));
    if let Some(at) = at.filter(|_| over && wheel != vec2(0.0, 0.0) && placed.graph.is_zoomed) {
        let share = f64::from((at.x - rect.left()) / rect.width().max(1.0));
        if shift || wheel.x != 0.0 {
            sight.from -= f64::from(wheel.x + wheel.y) / f64::from(rect.width()) * sight.length;
        } else {
            let longer = (sight.length * (-f64::from(wheel.y) / 200.0).exp()).clamp(length * CLOSEST, length);
            sight.from += (sight.length - longer) * share;
            sight.length = longer;
        }
        sight.from = sight.from.clamp(0.0, (length - sight.length).max(0.0));
        ui.data_mut(|data| data.insert_temp(id, sight));
    }
    sight
}

/// Takes the user's selection; gives the one that is shown: where it begins, and its length.
fn select(
    ui: &Ui,
    scene: &mut Scene,
    placed: &Placed,
    (rect, sight): (Rect, Sight),
    [begin, length]: [Option<usize>; 2],
) -> Option<[f64; 2]> {
    let said = placed.graph.region;
    let id = ui.scope_id().with("selection");
    let Some(first) = begin else { return said };
    let response = ui.interact(rect, id, Sense::click_and_drag());
    let known = ui.data(|data| data.get_temp::<Selection>(id));
    let pointed = response.interact_pointer_pos().filter(|_| ui.is_enabled());
    if let Some(at) = pointed.filter(|_| response.is_pointer_button_down_on() || response.clicked()) {
        let share = f64::from(((at.x - rect.left()) / rect.width().max(1.0)).clamp(0.0, 1.0));
        let sample = (sight.from + sight.length * share).floor();
        let begun = known.filter(|known| known.is_dragged).map_or(sample, |known| known.begin);
        let is_new = known.is_none_or(|known| !known.is_dragged);
        let selection = Selection { begin: begun, said, is_dragged: response.is_pointer_button_down_on() };
        ui.data_mut(|data| data.insert_temp(id, selection));
        let [from, size] = [begun.min(sample), (begun - sample).abs()];
        let moved =
            scene.view.value(first) != from || length.is_some_and(|index| scene.view.value(index) != size);
        if is_new || moved {
            set(scene, first, from);
            length.into_iter().for_each(|index| set(scene, index, size));
        }
        return Some([from, size]);
    }
    if let Some(known) = known.filter(|known| known.is_dragged) {
        ui.data_mut(|data| data.insert_temp(id, Selection { is_dragged: false, ..known }));
    }
    match said {
        // What the piece has said since the user's hand was there.
        Some(said) if known.is_none_or(|known| known.said != Some(said)) => Some(said),
        _ => Some([scene.view.value(first), length.map_or(0.0, |index| scene.view.value(index))]),
    }
}

fn set(scene: &mut Scene, index: usize, value: f64) {
    let view = scene.view;
    match view.channels.get(index) {
        // It had a parameter before the piece had this widget, or it is another control's as well.
        Some(channel) if channel.parameter.is_some() => {
            set_once(channel, channel.range.to_normalized(value).clamp(0.0, 1.0), scene.actions);
        }
        Some(channel) => scene.act(Action::SetChannel(channel.name.clone(), value)),
        None => {}
    }
}
