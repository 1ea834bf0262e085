//! A parameter of the channel bank: even from 0 to 1, or in steps where an exported piece says so.

use std::sync::Arc;

use nice_plug::prelude::{FloatParam, FloatRange, IntParam, IntRange, Param, ParamPtr, ParamSetter};

use crate::identity::Exported;
use crate::plugin::channels::bank::{ChannelBank, PARAMETERS};
use crate::range::Range;

/// A parameter that moves a place of the bank.
pub enum ChannelParam {
    /// From 0 to 1.
    Even(FloatParam),
    /// From 0 to the number of its steps.
    Stepped(IntParam),
}

/// Does the same with either kind.
macro_rules! either {
    ($param:expr, $kind:ident => $do:expr) => {
        match $param {
            Self::Even($kind) => $do,
            Self::Stepped($kind) => $do,
        }
    };
}

impl ChannelParam {
    /// The parameters of the whole bank: the first ones as the exported piece has them, if it is one.
    pub(super) fn bank(bank: &Arc<ChannelBank>, export: Option<&Exported>) -> Vec<Self> {
        let mut channels: Vec<_> = match export {
            None => Vec::new(),
            Some(export) => {
                let named = export.parameters().zip(&export.channels).enumerate();
                named
                    .map(|(index, ((parameter, steps), (_, range)))| {
                        Self::named(index, parameter.shown_name(), range, steps, bank)
                    })
                    .collect()
            }
        };
        channels.extend((channels.len()..PARAMETERS).map(|index| Self::unnamed(index, bank)));
        channels
    }

    /// One whose text has the channel's name in it, whatever that will be.
    fn unnamed(index: usize, bank: &Arc<ChannelBank>) -> Self {
        let (moved, shown, parsed) = (Arc::clone(bank), Arc::clone(bank), Arc::clone(bank));
        let name = format!("Channel {:03}", index + 1);
        Self::Even(
            FloatParam::new(name, 0.0, FloatRange::Linear { min: 0.0, max: 1.0 })
                .with_poly_modulation_id(index as u32)
                .with_callback(Arc::new(move |position| moved.moved_to(index, position)))
                .with_value_to_string(Arc::new(move |position| shown.text(index, position)))
                .with_string_to_value(Arc::new(move |text| parsed.position(index, text))),
        )
    }

    /// One of a fixed name, whose text is the value.
    fn named(index: usize, name: &str, range: &Range, steps: Option<u32>, bank: &Arc<ChannelBank>) -> Self {
        let (shown, moved) = (range.clone(), Arc::clone(bank));
        let parsed = range.clone();
        let start = range.to_normalized(range.default);
        let parse = move |text: &str| Some(parsed.to_normalized(parsed.parse(text)?).clamp(0.0, 1.0));
        let Some(steps) = steps else {
            return Self::Even(
                FloatParam::new(name, start as f32, FloatRange::Linear { min: 0.0, max: 1.0 })
                    .with_poly_modulation_id(index as u32)
                    .with_callback(Arc::new(move |position| moved.moved_to(index, position)))
                    .with_value_to_string(Arc::new(move |position| {
                        shown.text(shown.to_value(f64::from(position)))
                    }))
                    .with_string_to_value(Arc::new(move |text| Some(parse(text)? as f32))),
            );
        };
        let most = f64::from(steps);
        let position = move |step: i32| f64::from(step) / most;
        Self::Stepped(
            IntParam::new(name, nearest(start, most), IntRange::Linear { min: 0, max: steps as i32 })
                .with_poly_modulation_id(index as u32)
                .with_callback(Arc::new(move |step| moved.moved_to(index, position(step) as f32)))
                .with_value_to_string(Arc::new(move |step| shown.text(shown.to_value(position(step)))))
                .with_string_to_value(Arc::new(move |text| Some(nearest(parse(text)?, most)))),
        )
    }

    /// Where it stands, 0 to 1.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn position(&self) -> f32 {
        either!(self, param => param.unmodulated_normalized_value())
    }

    /// The position nearest to this one that it can stand at.
    pub fn nearest(&self, position: f64) -> f32 {
        match self {
            Self::Even(_) => position as f32,
            Self::Stepped(param) => param.preview_normalized(param.preview_plain(position as f32)),
        }
    }

    /// As the shell has it.
    pub fn as_ptr(&self) -> ParamPtr {
        either!(self, param => param.as_ptr())
    }

    /// Tells the host that the user takes hold of it.
    pub fn begin(&self, setter: &ParamSetter<'_>) {
        either!(self, param => setter.begin_set_parameter(param));
    }

    /// Moves it, 0 to 1.
    pub fn set(&self, setter: &ParamSetter<'_>, position: f32) {
        either!(self, param => setter.set_parameter_normalized(param, position));
    }

    /// Tells the host that the user lets it go.
    pub fn end(&self, setter: &ParamSetter<'_>) {
        either!(self, param => setter.end_set_parameter(param));
    }
}

fn nearest(position: f64, steps: f64) -> i32 {
    (position * steps).round() as i32
}
