//! Function tables on a panel: lines over a grid, and what a hand draws into them.

use egui::{Color32, Mesh, Painter, Pos2, Rect, Sense, Stroke, Ui, pos2};

use super::plain::Spot;
use super::thin::thin;
use crate::editor::model::{Action, Placed, Table, Trace, View};
use crate::editor::scene::Scene;
use crate::editor::theme;

/// The lines of the grid either way.
const GRID: usize = 4;

/// The longest table that can be drawn into.
const LONGEST: usize = 16_384;

/// Draws the tables of a widget, and lets a hand draw into them where the piece says so.
pub(super) fn show(ui: &Ui, scene: &mut Scene, placed: &Placed, spot: Spot) {
    let palette = theme::palette(ui);
    let rect = spot.rect;
    let ground = placed.finish.ground.or(placed.colour).map_or(palette.well, theme::colour);
    let painter = ui.painter_at(rect);
    painter.rect_filled(rect, 0, ground);
    let usual = theme::readable(ground).gamma_multiply(0.12);
    let grid = Stroke::new(1.0, placed.graph.grid.map_or(usual, theme::colour));
    for line in 1..GRID {
        let share = line as f32 / GRID as f32;
        painter.hline(rect.x_range(), rect.top() + rect.height() * share, grid);
        painter.vline(rect.left() + rect.width() * share, rect.y_range(), grid);
    }
    let graph = &placed.graph;
    for trace in &placed.traces {
        let colour = trace.colour.map_or(palette.accent, theme::colour);
        let Some(table) = scene.view.tables.get(&trace.table) else { continue };
        let points = part(table, graph.part);
        if table.is_of_bounds() {
            bounds(&painter, points, trace, rect, colour);
        } else {
            let stroke = Stroke::new(graph.line_width * spot.scale, colour);
            line(&painter, points, trace, rect, (stroke, graph.is_filled));
        }
    }
    scrubber(&painter, placed, rect, scene.view);
    if graph.is_drawn_into && ui.is_enabled() {
        drawn_into(ui, scene, placed, rect);
    }
}

/// Where the piece says that it plays now.
fn scrubber(painter: &Painter, placed: &Placed, rect: Rect, view: &View) {
    let table = placed.traces.first().and_then(|trace| view.tables.get(&trace.table));
    let (Some(at), Some(table)) = (placed.graph.scrubber, table) else { return };
    let [from, to] = seen(table, placed.graph.part);
    let share = ((at - from) / (to - from).max(1.0)) as f32;
    if (0.0..=1.0).contains(&share) {
        let colour = theme::readable(placed.finish.ground.map_or(Color32::BLACK, theme::colour));
        painter.vline(rect.left() + rect.width() * share, rect.y_range(), Stroke::new(1.0, colour));
    }
}

/// The samples that are shown: those of the part that the table has, or all.
fn seen(table: &Table, part: Option<[f64; 2]>) -> [f64; 2] {
    let length = table.length as f64;
    let part = part.map(|part| part.map(|sample| sample.clamp(0.0, length)));
    part.filter(|[from, to]| from < to).unwrap_or([0.0, length])
}

/// The points of a part of a table.
fn part(table: &Table, part: Option<[f64; 2]>) -> &[f32] {
    if part.is_none() || table.length == 0 {
        return &table.points;
    }
    let [from, to] = seen(table, part);
    // Bounds come in pairs.
    let unit = if table.is_of_bounds() { 2 } else { 1 };
    let units = table.points.len() / unit;
    let place = |sample: f64| (sample / table.length as f64 * units as f64).clamp(0.0, units as f64) as usize;
    let from = place(from).min(units.saturating_sub(1));
    let to = place(to).max(from + 1).min(units);
    &table.points[from * unit..to * unit]
}

/// The height of a value.
fn height(value: f32, trace: &Trace, rect: Rect) -> f32 {
    let [least, greatest] = trace.range;
    let share = if least == greatest { 0.5 } else { (value - least) / (greatest - least) };
    rect.bottom() - rect.height() * share.clamp(-1.0, 2.0)
}

/// The value at a height.
fn value_at(height: f32, trace: &Trace, rect: Rect) -> f64 {
    let share = ((rect.bottom() - height) / rect.height().max(1.0)).clamp(0.0, 1.0);
    let [least, greatest] = trace.range.map(f64::from);
    let value = least + (greatest - least) * f64::from(share);
    match f64::from(trace.step) {
        step if step > 0.0 => (least + ((value - least) / step).round() * step).min(least.max(greatest)),
        _ => value,
    }
}

/// A line through points, and what lies between it and 0 where it `is_filled`.
pub(super) fn line(
    painter: &Painter,
    points: &[f32],
    trace: &Trace,
    rect: Rect,
    (stroke, is_filled): (Stroke, bool),
) {
    let step = rect.width() / points.len().max(1) as f32;
    let at =
        |(index, value): (usize, &f32)| pos2(rect.left() + step * index as f32, height(*value, trace, rect));
    let mut points: Vec<Pos2> = points.iter().enumerate().map(at).collect();
    // The last value holds to the end.
    points.extend(points.last().map(|last| pos2(rect.right(), last.y)));
    thin(&mut points, 1.0 / painter.pixels_per_point());
    if is_filled {
        let zero = height(0.0, trace, rect).clamp(rect.top(), rect.bottom());
        // One mesh: a shape for each point would cost more than all else of a panel.
        let (mut under, colour) = (Mesh::default(), stroke.color.gamma_multiply(0.25));
        for pair in points.windows(2) {
            under.add_colored_rect(Rect::from_two_pos(pair[0], pos2(pair[1].x, zero)), colour);
        }
        painter.add(under);
    }
    if stroke.width > 0.0 {
        painter.line(points, stroke);
    }
}

/// The bounds of parts: the least and the greatest value of each in turn.
pub(super) fn bounds(painter: &Painter, points: &[f32], trace: &Trace, rect: Rect, colour: Color32) {
    let parts = points.as_chunks::<2>().0;
    let step = rect.width() / parts.len().max(1) as f32;
    let mut bars = Mesh::default();
    for (index, [least, greatest]) in parts.iter().enumerate() {
        let left = rect.left() + step * index as f32;
        let bar = Rect::from_two_pos(
            pos2(left, height(*least, trace, rect) + 0.5),
            pos2(left + step.max(1.0), height(*greatest, trace, rect) - 0.5),
        );
        bars.add_colored_rect(bar, colour);
    }
    painter.add(bars);
}

/// The table that a hand draws into, and where it was last.
#[derive(Clone, Copy)]
struct Hand {
    table: u32,
    place: u32,
    value: f64,
}

/// Draws into the table whose line is nearest where the hand begins.
fn drawn_into(ui: &Ui, scene: &mut Scene, placed: &Placed, rect: Rect) {
    let id = ui.scope_id().with("table");
    let response = ui.interact(rect, id, Sense::click_and_drag());
    let response = response.on_hover_cursor(egui::CursorIcon::Crosshair);
    let before: Option<Hand> = ui.data(|data| data.get_temp(id));
    if !response.is_pointer_button_down_on() {
        if before.is_some() {
            ui.data_mut(|data| data.remove::<Hand>(id));
        }
        return;
    }
    let Some(at) = response.interact_pointer_pos() else { return };
    let known = before.and_then(|hand| placed.traces.iter().find(|trace| trace.table == hand.table));
    let Some(trace) = known.or_else(|| nearest(placed, scene.view, at, rect)) else { return };
    let Some(table) = scene.view.tables.get(&trace.table).filter(|table| can_be_drawn(table)) else { return };
    let share = ((at.x - rect.left()) / rect.width().max(1.0)).clamp(0.0, 1.0);
    let [from, to] = seen(table, placed.graph.part);
    let place = from + (to - from).max(1.0) * f64::from(share);
    let place = place.clamp(0.0, (table.length - 1) as f64) as u32;
    let hand = Hand { table: trace.table, place, value: value_at(at.y, trace, rect) };
    ui.data_mut(|data| data.insert_temp::<Hand>(id, hand));
    let last = before.filter(|last| last.table == hand.table).unwrap_or(hand);
    if before.is_some() && (last.place, last.value) == (hand.place, hand.value) {
        return;
    }
    scene.act(Action::DrawTable {
        table: hand.table,
        places: [last.place, hand.place],
        values: [last.value, hand.value],
    });
}

fn can_be_drawn(table: &Table) -> bool {
    (1..=LONGEST).contains(&table.length)
}

/// The trace that runs nearest to a point.
fn nearest<'a>(placed: &'a Placed, view: &View, at: Pos2, rect: Rect) -> Option<&'a Trace> {
    let share = ((at.x - rect.left()) / rect.width().max(1.0)).clamp(0.0, 1.0);
    let away = |trace: &Trace| {
        let table = view.tables.get(&trace.table).filter(|table| can_be_drawn(table))?;
        let points = part(table, placed.graph.part);
        let index = ((share * points.len() as f32) as usize).min(points.len().checked_sub(1)?);
        Some((height(points[index], trace, rect) - at.y).abs())
    };
    // Of two that run alike the one in front.
    let known = placed.traces.iter().rev().filter_map(|trace| Some((trace, away(trace)?)));
    known.min_by(|one, other| one.1.total_cmp(&other.1)).map(|(trace, _)| trace)
}
