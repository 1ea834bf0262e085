//! Parameters as a state has them: the shell's own words for values, and a state that is loaded before the shell is
//! there.

use std::collections::HashMap;

use nice_plug::params::InternalParamMut;
use nice_plug::prelude::{ParamPtr, Params, PluginState};
use serde_json::Value;

use super::PerformerParams;
use crate::identity;
use crate::plugin::{export_session, session};

/// Sets a parameter to a value as the shell writes it into a state, such as `{ "f32": 0.5 }`, to the last bit where it
/// lies within the range. What cannot be read, or is of another kind, leaves it as it is.
///
/// # Safety
/// The parameter is there.
pub(super) unsafe fn set(param: ParamPtr, value: &Value) {
    let number = value.get("f32").or_else(|| value.get("i32")).and_then(Value::as_f64);
    let switch = value.get("bool").and_then(Value::as_bool).map(f64::from);
    let choice = value.get("string").and_then(Value::as_str);
    // SAFETY: the caller's.
    unsafe {
        match (param, choice, switch.or(number)) {
            (ParamPtr::EnumParam(param), Some(choice), _) => {
                (*param).set_from_id(choice);
            }
            // By way of its position it would be another value.
            (ParamPtr::FloatParam(float), None, Some(number)) if number.is_finite() => {
                let ends = [0.0, 1.0].map(|position| param.preview_plain(position));
                let value = (number as f32).max(ends[0].min(ends[1])).min(ends[0].max(ends[1]));
                (*float)._internal_set_plain_value(value);
            }
            (_, None, Some(number)) if number.is_finite() => {
                let position = param.preview_normalized(number as f32).clamp(0.0, 1.0);
                param._internal_set_normalized_value(position);
            }
            _ => {}
        }
    }
}

impl PerformerParams {
    /// Brings a state that is about to be loaded to what this instance can load.
    pub fn filter_state(state: &mut PluginState) {
        let export = identity::exported().map(AsRef::as_ref);
        session::filter(state, |id| Self::knows(export, id));
        if let Some(export) = export {
            export_session::take_new_names(state, export);
            export_session::fit_parameters(state, export);
        }
    }

    /// Loads a state as the shell would, before the instance is activated. The shell itself loads one only on the audio
    /// thread, from a window, and then allocates there.
    pub fn begin_with(&self, mut state: PluginState) {
        Self::filter_state(&mut state);
        let map: HashMap<_, _> = self.param_map().into_iter().map(|(id, param, _)| (id, param)).collect();
        for (id, value) in &state.params {
            if let (Some(param), Ok(value)) = (map.get(id), serde_json::to_value(value)) {
                // SAFETY: the pointers are to fields of `self`.
                unsafe { set(*param, &value) };
            }
        }
        self.deserialize_fields(&state.fields);
    }
}
