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

/// The tables that a widget shows, with the range of `ampRange(least, greatest, table, step)`: for one table, or for
/// all where the table is -1 or missing.
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
        let said = ranges.iter().rev().find(|range| match range[..] {
            [_, _] => true,
            [_, _, named, ..] => named < 0.0 || named == f64::from(table),
            _ => false,
        });
        let range = said.map_or(RANGE, |said| [said[0] as f32, said[1] as f32]);
        let step = said.and_then(|said| said.get(3)).map_or(0.0, |step| step.max(0.0) as f32);
        Trace { table, colour: Some(own), range, step }
    };
    numbers.into_iter().enumerate().map(of).collect()
}

fn numbers(words: Vec<&str>) -> Vec<f64> {
    words
        .iter()
        .map_while(|word| word.trim().parse().ok().filter(|number: &f64| number.is_finite()))
        .collect()
}
