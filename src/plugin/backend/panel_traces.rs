//! The tables that a widget of a `<Cabbage>` section shows. Pure.

use csound_cabbage::colour::Colour;

use super::panel_finish::colour;
use crate::editor::model::Trace;
use crate::plugin::channels::cabbage::CabbageWidget;

/// The values at the edges of a table for which the piece does not say them.
const RANGE: [f32; 2] = [-1.0, 1.0];

/// The colours of tables for which the piece names none, in turn.
const COLOURS: [[u8; 4]; 4] =
    [[147, 210, 0, 255], [90, 170, 255, 255], [255, 170, 60, 255], [230, 100, 200, 255]];

/// The tables that a widget shows, with the range of `ampRange(least, greatest, table)`: for one table, or for all
/// where the table is -1 or missing.
pub(super) fn traces(widget: &CabbageWidget) -> Vec<Trace> {
    let colours: Vec<[u8; 4]> = match widget.colour("tablecolour") {
        Some(one) => vec![colour(one)],
        None => {
            let listed = widget.words("tablecolour").into_iter();
            listed.filter_map(|word| Colour::from_text(word).map(colour)).collect()
        }
    };
    let ranges: Vec<Vec<f64>> = widget.each("amprange").map(numbers).collect();
    let numbers = widget.tables();
    let of = |(index, table): (usize, u32)| {
        let usual = COLOURS[index % COLOURS.len()];
        let own = colours.get(index).or(colours.last()).copied().unwrap_or(usual);
        let range = ranges.iter().rev().find_map(|range| match range[..] {
            [least, greatest] => Some([least, greatest]),
            [least, greatest, named, ..] if named < 0.0 || named == f64::from(table) => {
                Some([least, greatest])
            }
            _ => None,
        });
        let range = range.map_or(RANGE, |range| range.map(|value| value as f32));
        Trace { table, colour: Some(own), range }
    };
    numbers.into_iter().enumerate().map(of).collect()
}

fn numbers(words: Vec<&str>) -> Vec<f64> {
    words
        .iter()
        .map_while(|word| word.trim().parse().ok().filter(|number: &f64| number.is_finite()))
        .collect()
}
