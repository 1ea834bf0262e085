//! The signals that the piece's panel shows, as its engine has sent them.

use std::sync::Arc;

use csound_cabbage::Value;
use csound_cabbage::signal::{DECIBELS, SAMPLES, SPECTRUM, WAVEFORM};
use csound_cabbage::table::MOST_SHOWN;

use super::tables::table_of;
use crate::editor::model::Signals;

/// Signals that are kept at most: an engine may say anything.
const MOST: usize = 32;

/// See the module.
#[derive(Default)]
pub struct ShownSignals(Arc<Signals>);

impl ShownSignals {
    /// Takes what is shown of a signal. False if it cannot be, or there is no room.
    pub fn take(&mut self, name: &str, identifier: &str, values: &[Value]) -> bool {
        let is_known = self.0.contains_key(name);
        if !is_known && self.0.len() >= MOST {
            return false;
        }
        let mut signals = (*self.0).clone();
        let signal = signals.entry(name.to_owned()).or_default();
        match identifier {
            SAMPLES if values.len() <= MOST_SHOWN => {
                signal.samples = values.iter().map(super::tables::number_of).collect();
            }
            WAVEFORM | SPECTRUM | DECIBELS => {
                let Some(table) = table_of(values) else { return false };
                if identifier == WAVEFORM {
                    signal.waveform = table;
                } else {
                    signal.spectrum = table;
                    signal.is_in_decibels = identifier == DECIBELS;
                    signal.spectra += 1;
                }
            }
            _ => return false,
        }
        self.0 = Arc::new(signals);
        true
    }

    /// All of them.
    pub fn all(&self) -> Arc<Signals> {
        Arc::clone(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_engine_may_say_is_held_to_bounds() {
        let mut signals = ShownSignals::default();
        let wave = [2.0.into(), 0.5.into(), f64::NAN.into()];
        assert!(signals.take("a1", WAVEFORM, &wave) && signals.take("a1", DECIBELS, &wave));
        let all = signals.all();
        assert_eq!(all["a1"].run(), [0.5, 0.0]);
        assert!(all["a1"].is_in_decibels && all["a1"].spectra == 1);
        let long = vec![Value::Number(0.0); MOST_SHOWN + 2];
        assert!(!signals.take("a1", WAVEFORM, &[]) && !signals.take("a1", SPECTRUM, &long));
        assert!(!signals.take("a1", SAMPLES, &long) && !signals.take("a1", "other", &wave));
        assert!((1..MOST).all(|number| signals.take(&number.to_string(), WAVEFORM, &wave)));
        assert!(!signals.take("one too many", WAVEFORM, &wave));
        assert!(signals.take("a1", SPECTRUM, &wave), "one that is known is shown anew");
    }
}
