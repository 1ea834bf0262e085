//! Settings of the performance that an exported piece keeps though its host has no parameters for them: a session
//! that comes from the plugin that takes any piece sounds as it did there. Whether it plays is not among them: without
//! the parameter, what was paused could not be played any more.

use std::collections::BTreeMap;

use nice_plug::prelude::{Param, ParamPtr};
use serde_json::{Map, Value, json};

use super::{PerformerParams, saved};
use crate::plugin::session::KEPT_FIELD;

/// What is kept in a state beside the parameters that the host has: values by their ids, as the shell writes them.
fn kept(fields: &BTreeMap<String, String>) -> Map<String, Value> {
    let kept = fields.get(KEPT_FIELD).and_then(|text| serde_json::from_str(text).ok());
    kept.unwrap_or_default()
}

impl PerformerParams {
    /// The settings, where there are such.
    fn hidden(&self) -> Vec<(&'static str, ParamPtr)> {
        let export = self.link.export.as_ref();
        if export.is_none_or(|export| export.manifest.performance_parameters) {
            return Vec::new();
        }
        vec![
            ("offset", self.offset.as_ptr()),
            ("sync", self.sync.as_ptr()),
            ("note_mode", self.note_mode.as_ptr()),
            ("note_instrument", self.note_instrument.as_ptr()),
            ("remote_channel", self.remote_channel.as_ptr()),
            ("timing", self.timing.as_ptr()),
            ("sample_accurate", self.sample_accurate.as_ptr()),
            ("at_end", self.at_end.as_ptr()),
        ]
    }

    /// Adds them to a state that is saved.
    pub(super) fn save_hidden(&self, fields: &mut BTreeMap<String, String>) {
        let hidden = self.hidden();
        if hidden.is_empty() {
            return;
        }
        let mut kept = kept(fields);
        for (id, param) in hidden {
            // SAFETY: the pointers are to fields of `self`.
            let value = unsafe {
                match param {
                    ParamPtr::IntParam(_) => json!({ "i32": param.unmodulated_plain_value() as i32 }),
                    ParamPtr::EnumParam(choice) => json!({ "string": (*choice).unmodulated_plain_id() }),
                    _ => json!({ "f32": param.unmodulated_plain_value() }),
                }
            };
            kept.insert(id.to_owned(), value);
        }
        fields.insert(KEPT_FIELD.to_owned(), Value::Object(kept).to_string());
    }

    /// Takes them from a state that is loaded. What is not there, or cannot be read, stays as it is.
    pub(super) fn load_hidden(&self, fields: &BTreeMap<String, String>) {
        let hidden = self.hidden();
        if hidden.is_empty() {
            return;
        }
        let kept = kept(fields);
        for (id, param) in hidden {
            if let Some(value) = kept.get(id) {
                // SAFETY: the pointers are to fields of `self`.
                unsafe { saved::set(param, value) };
            }
        }
    }
}
