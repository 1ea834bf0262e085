//! The function tables that the piece's panel shows, as its engine has sent them.

use std::collections::BTreeMap;
use std::sync::Arc;

use csound_cabbage::Value;
use csound_cabbage::table::{MOST_SHOWN, Stroke};

use super::link::Link;
use crate::editor::model::{Table, Tables};

/// Tables that are kept at most: an engine may say anything.
const MOST: usize = 64;

/// Strokes that wait at most.
const STROKES: usize = 1024;

impl Link {
    /// Has a stroke of the user's hand drawn into a table. Where too many wait nothing takes them, and it is left out.
    pub fn draw(&self, stroke: Stroke) {
        let mut locked = self.lock();
        if locked.strokes.len() < STROKES {
            locked.strokes.push(stroke);
        }
    }
}

/// See the module.
#[derive(Default)]
pub struct ShownTables(Arc<Tables>);

impl ShownTables {
    /// Takes what is shown of a table: its length, and values. False if it cannot be, or there is no room.
    pub fn take(&mut self, number: u32, values: &[Value]) -> bool {
        let is_known = self.0.contains_key(&number);
        let Some(table) = table_of(values).filter(|_| is_known || self.0.len() < MOST) else {
            return false;
        };
        let mut tables: BTreeMap<_, _> = (*self.0).clone();
        tables.insert(number, table);
        self.0 = Arc::new(tables);
        true
    }

    /// All of them.
    pub fn all(&self) -> Arc<Tables> {
        Arc::clone(&self.0)
    }
}

/// What is shown of a table, from its length and values; `None` where that cannot be.
pub(super) fn table_of(values: &[Value]) -> Option<Table> {
    let (length, values) = values.split_first().filter(|(_, values)| values.len() <= MOST_SHOWN)?;
    let length = match length {
        Value::Number(length) if length.is_finite() => length.max(0.0) as usize,
        _ => 0,
    };
    Some(Table { length, points: values.iter().map(number_of).collect() })
}

/// The largest value that is drawn: what is computed with it stays finite.
const MOST_SHOWN_VALUE: f64 = 1e30;

/// A finite number, within what can be drawn.
pub(super) fn number_of(value: &Value) -> f32 {
    match value {
        Value::Number(number) if number.is_finite() => {
            number.clamp(-MOST_SHOWN_VALUE, MOST_SHOWN_VALUE) as f32
        }
        _ => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_engine_may_say_is_held_to_bounds() {
        let mut tables = ShownTables::default();
        assert!(tables.take(1, &[2.0.into(), 0.5.into(), f64::NAN.into()]));
        let all = tables.all();
        assert_eq!((all[&1].length, &*all[&1].points), (2, &[0.5, 0.0][..]));
        assert!(!tables.take(1, &[]), "it has no length");
        assert!(!tables.take(1, &vec![0.0.into(); MOST_SHOWN + 2]), "it is too long");
        assert!((2..=MOST as u32).all(|number| tables.take(number, &[0.0.into()])));
        assert!(!tables.take(1000, &[0.0.into()]), "there are too many");
        assert!(tables.take(1, &[1.0.into(), 1.0.into()]), "one that is known is shown anew");
    }
}
