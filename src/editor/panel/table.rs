//! Function tables on a panel: lines over a grid.

use egui::{Color32, Pos2, Rect, Shape, Stroke, Ui, pos2};

use super::plain::Spot;
use crate::editor::model::{Placed, Table, Tables, Trace};
use crate::editor::theme;

/// The lines of the grid either way.
const GRID: usize = 4;

/// Draws the tables of a widget.
pub(super) fn show(ui: &Ui, placed: &Placed, spot: Spot, tables: &Tables) {
    let palette = theme::palette(ui);
    let rect = spot.rect;
    let ground = placed.finish.ground.or(placed.colour).map_or(palette.well, theme::colour);
    let painter = ui.painter_at(rect);
    painter.rect_filled(rect, 0, ground);
    let grid = Stroke::new(1.0, theme::readable(ground).gamma_multiply(0.12));
    for line in 1..GRID {
        let share = line as f32 / GRID as f32;
        painter.hline(rect.x_range(), rect.top() + rect.height() * share, grid);
        painter.vline(rect.left() + rect.width() * share, rect.y_range(), grid);
    }
    for trace in &placed.traces {
        let colour = trace.colour.map_or(palette.accent, theme::colour);
        match tables.get(&trace.table) {
            Some(table) if table.is_of_bounds() => bounds(&painter, table, trace, rect, colour),
            Some(table) => line(&painter, table, trace, rect, (colour, spot.scale)),
            None => {}
        }
    }
}

/// The height of a value.
fn height(value: f32, trace: &Trace, rect: Rect) -> f32 {
    let [least, greatest] = trace.range;
    let share = if least == greatest { 0.5 } else { (value - least) / (greatest - least) };
    rect.bottom() - rect.height() * share.clamp(-1.0, 2.0)
}

fn line(painter: &egui::Painter, table: &Table, trace: &Trace, rect: Rect, (colour, scale): (Color32, f32)) {
    let step = rect.width() / table.points.len().max(1) as f32;
    let at =
        |(index, value): (usize, &f32)| pos2(rect.left() + step * index as f32, height(*value, trace, rect));
    let mut points: Vec<Pos2> = table.points.iter().enumerate().map(at).collect();
    // The last value holds to the end.
    points.extend(points.last().map(|last| pos2(rect.right(), last.y)));
    let zero = height(0.0, trace, rect).clamp(rect.top(), rect.bottom());
    let under = points.windows(2).map(|pair| {
        let part = Rect::from_two_pos(pair[0], pos2(pair[1].x, zero));
        Shape::rect_filled(part, 0, colour.gamma_multiply(0.25))
    });
    painter.extend(under.collect::<Vec<_>>());
    painter.line(points, Stroke::new(1.5 * scale, colour));
}

fn bounds(painter: &egui::Painter, table: &Table, trace: &Trace, rect: Rect, colour: Color32) {
    let parts = table.points.as_chunks::<2>().0;
    let step = rect.width() / parts.len().max(1) as f32;
    let bars = parts.iter().enumerate().map(|(index, [least, greatest])| {
        let left = rect.left() + step * index as f32;
        let bar = Rect::from_two_pos(
            pos2(left, height(*least, trace, rect) + 0.5),
            pos2(left + step.max(1.0), height(*greatest, trace, rect) - 0.5),
        );
        Shape::rect_filled(bar, 0, colour)
    });
    painter.extend(bars.collect::<Vec<_>>());
}
