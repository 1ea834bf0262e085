//! A plugin's parameters, from the host's side.

use std::ffi::CString;
use std::sync::atomic::Ordering;

use anyhow::{Context, Result};
use clack_extensions::params::{ParamInfoBuffer, ParamInfoFlags, PluginParams};
use clack_host::events::io::{InputEvents, OutputEvents};
use clack_host::utils::ClapId;

use super::callbacks::Rescan;
use super::event::{Collector, fill};
use super::{Event, Instance, param_id};

/// The longest text that a parameter's value is given room for, in bytes.
const TEXT_LENGTH: usize = 256;

/// What a plugin says about a parameter.
#[derive(Clone, Debug, PartialEq)]
pub struct Param {
    /// The CLAP id.
    pub id: u32,
    /// The name that users see.
    pub name: String,
    /// The group that users see it in.
    pub module: String,
    /// The lowest plain value.
    pub min: f64,
    /// The highest plain value.
    pub max: f64,
    /// The plain value at first.
    pub default: f64,
    /// Whether its plain values are whole numbers.
    pub stepped: bool,
    /// Whether a host may automate it.
    pub automatable: bool,
}

impl Instance {
    /// All parameters, in the plugin's order.
    pub fn params(&mut self) -> Vec<Param> {
        let Ok(params) = self.extension::<PluginParams>("params") else {
            return Vec::new();
        };
        let handle = self.plugin.plugin_handle();
        let mut buffer = ParamInfoBuffer::new();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (0..params.count(&handle))
            .filter_map(|index| {
                let info = params.get_info(&handle, index, &mut buffer)?;
                Some(Param {
                    id: info.id.get(),
                    name: text(info.name),
                    module: text(info.module),
                    min: info.min_value,
                    max: info.max_value,
                    default: info.default_value,
                    stepped: info.flags.contains(ParamInfoFlags::IS_STEPPED),
                    automatable: info.flags.contains(ParamInfoFlags::IS_AUTOMATABLE),
                })
            })
            .collect()
    }

    /// The CLAP id of a parameter, by its own id, such as `c001`.
    ///
    /// # Errors
    /// The plugin has no such parameter.
    pub fn param(&mut self, id: &str) -> Result<u32> {
        let hashed = param_id(id);
        self.param_value(hashed).with_context(|| format!("the plugin has no parameter {id}"))?;
        Ok(hashed)
    }

    /// A parameter's plain value.
    pub fn param_value(&mut self, id: u32) -> Option<f64> {
        let params = self.extension::<PluginParams>("params").ok()?;
        params.get_value(&self.plugin.plugin_handle(), ClapId::from_raw(id)?)
    }

    /// The text that users see for a parameter's plain value.
    pub fn value_to_text(&mut self, id: u32, value: f64) -> Option<String> {
        let params = self.extension::<PluginParams>("params").ok()?;
        let mut buffer = [0; TEXT_LENGTH];
        let handle = self.plugin.plugin_handle();
        let text = params.value_to_text(&handle, ClapId::from_raw(id)?, value, &mut buffer).ok()?;
        Some(String::from_utf8_lossy(text).into_owned())
    }

    /// The plain value that a text means for a parameter.
    pub fn text_to_value(&mut self, id: u32, text: &str) -> Option<f64> {
        let params = self.extension::<PluginParams>("params").ok()?;
        params.text_to_value(&self.plugin.plugin_handle(), ClapId::from_raw(id)?, &CString::new(text).ok()?)
    }

    /// Gives the plugin parameter values outside of a block, active or not, and returns those that
    /// it gives back.
    ///
    /// # Errors
    /// The plugin has no parameters.
    pub fn flush(&mut self, events: &[Event]) -> Result<Vec<Event>> {
        let params = self.extension::<PluginParams>("params")?;
        self.requests.flush.store(false, Ordering::Release);
        let mut collector = Collector::default();
        fill(&mut self.events, events);
        let input = InputEvents::from_buffer(&self.events);
        let mut output = OutputEvents::from_buffer(&mut collector);
        if let Some(processor) = &mut self.processor {
            self.requests.in_audio.store(true, Ordering::Release);
            params.flush_active(&mut processor.plugin_handle(), &input, &mut output);
            self.requests.in_audio.store(false, Ordering::Release);
        } else if let Some(mut handle) = self.plugin.inactive_plugin_handle() {
            params.flush(&mut handle, &input, &mut output);
        }
        Ok(collector.0)
    }

    /// What the plugin has said of its parameters since the last call.
    pub fn take_rescans(&mut self) -> Vec<Rescan> {
        self.requests.take_rescans()
    }

    /// Whether the plugin has asked for a [`Self::flush`].
    pub fn wants_flush(&self) -> bool {
        self.requests.flush.load(Ordering::Acquire)
    }
}
