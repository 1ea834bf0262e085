//! The function tables that the piece's panel shows, as its engine has sent them.

use std::collections::BTreeMap;
use std::sync::Arc;

use csound_cabbage::Value;
use csound_cabbage::table::MOST_SHOWN;

use crate::editor::model::{Table, Tables};

/// Tables that are kept at most: an engine may say anything.
const MOST: usize = 64;

/// See the module.
#[derive(Default)]
pub struct ShownTables(Arc<Tables>);

impl ShownTables {
    /// Takes what is shown of a table: its length, and values. False if it cannot be, or there is no room.
    pub fn take(&mut self, number: u32, values: &[Value]) -> bool {
        let is_known = self.0.contains_key(&number);
        let Some((length, values)) = values.split_first().filter(|_| is_known || self.0.len() < MOST) else {
            return false;
        };
        if values.len() > MOST_SHOWN {
            return false;
        }
        let number_of = |value: &Value| match value {
            Value::Number(number) if number.is_finite() => *number as f32,
            _ => 0.0,
        };
        let points: Vec<f32> = values.iter().map(number_of).collect();
        let table = Table { length: number_of(length).max(0.0) as usize, points: points.into() };
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
