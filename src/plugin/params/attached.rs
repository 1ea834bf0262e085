//! The parameters as a preset sets them: without a window, and without the host's hand on them.

use std::sync::{Arc, Weak};

use nice_plug::prelude::{Param, ParamPtr};
use serde_json::{Value, json};

use super::PerformerParams;
use crate::plugin::shared::host_params::{HostParams, NoSuchSetting};

/// The parameters of an instance, while it is there.
struct Attached(Weak<PerformerParams>);

impl PerformerParams {
    /// Lets presets set them. Once is enough.
    pub fn attach(self: &Arc<Self>) {
        // It was done already.
        let _ = self.link.host_params.set(Box::new(Attached(Arc::downgrade(self))));
    }

    /// What a preset keeps besides channels and slots: how the piece is started and played.
    fn kept_by_presets(&self) -> [(&'static str, ParamPtr); 4] {
        [
            ("note_mode", self.note_mode.as_ptr()),
            ("note_instrument", self.note_instrument.as_ptr()),
            ("at_end", self.at_end.as_ptr()),
            ("sample_accurate", self.sample_accurate.as_ptr()),
        ]
    }
}

impl HostParams for Attached {
    fn position(&self, place: usize, position: f64) -> f32 {
        let params = self.0.upgrade();
        let param = params.as_ref().and_then(|params| params.channels.get(place));
        param.map_or(position as f32, |param| param.nearest(position))
    }

    fn set_place(&self, place: usize, position: f32) -> bool {
        let params = self.0.upgrade();
        let Some(param) = params.as_ref().and_then(|params| params.channels.get(place)) else { return false };
        if param.position() == position {
            return false;
        }
        // SAFETY: the pointer is to a field of `params`.
        unsafe { param.as_ptr()._internal_set_normalized_value(position) };
        true
    }

    fn settings(&self) -> Vec<(&'static str, Value)> {
        let Some(params) = self.0.upgrade() else { return Vec::new() };
        // SAFETY: the pointers are to fields of `params`.
        params.kept_by_presets().map(|(id, param)| (id, unsafe { value_of(param) })).into()
    }

    fn set_setting(&self, id: &str, value: &Value) -> Result<Option<&'static str>, NoSuchSetting> {
        let Some(params) = self.0.upgrade() else { return Ok(None) };
        let (id, param) =
            params.kept_by_presets().into_iter().find(|(known, _)| *known == id).ok_or(NoSuchSetting)?;
        // SAFETY: the pointers are to fields of `params`.
        unsafe {
            if value_of(param) == *value {
                return Ok(None);
            }
            match (param, value.as_str(), value.as_i64()) {
                (ParamPtr::EnumParam(choice), Some(word), _) => {
                    (*choice).set_from_id(word).then_some(Some(id)).ok_or(NoSuchSetting)
                }
                (ParamPtr::IntParam(_), _, Some(number)) => {
                    let position = param.preview_normalized(number as f32).clamp(0.0, 1.0);
                    if param.preview_plain(position) != number as f32 {
                        return Err(NoSuchSetting);
                    }
                    param._internal_set_normalized_value(position);
                    Ok(Some(id))
                }
                _ => Err(NoSuchSetting),
            }
        }
    }
}

/// # Safety
/// The parameter is there.
unsafe fn value_of(param: ParamPtr) -> Value {
    // SAFETY: the caller's.
    unsafe {
        match param {
            ParamPtr::EnumParam(choice) => json!((*choice).unmodulated_plain_id()),
            _ => json!(param.unmodulated_plain_value() as i64),
        }
    }
}
