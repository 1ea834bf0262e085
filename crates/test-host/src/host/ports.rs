//! The layouts of ports that a plugin offers, and the ports of one.

use std::ffi::CStr;

use anyhow::{Context, Result, ensure};
use clack_extensions::audio_ports::{
    AudioPortFlags, AudioPortInfo, AudioPortInfoBuffer, AudioPortType, PluginAudioPorts,
};
use clack_extensions::audio_ports_config::{
    AudioPortsConfigBuffer, PluginAudioPortsConfig, PluginAudioPortsConfigInfo,
};
use clack_extensions::configurable_audio_ports::{
    AudioPortRequest, AudioPortRequestDetails, PluginConfigurableAudioPorts,
};
use clack_extensions::surround::{PluginSurround, SurroundChannels};
use clack_host::utils::ClapId;

use super::Instance;

/// A layout of ports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PortLayout {
    /// What it is known by.
    pub id: u32,
    /// The name that users see.
    pub name: String,
    /// The inputs, the main one first.
    pub inputs: Vec<Port>,
    /// The outputs, likewise.
    pub outputs: Vec<Port>,
}

/// A port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Port {
    /// The name that users see.
    pub name: String,
    /// Its channels.
    pub channels: u32,
    /// `mono`, `stereo`, `surround`; empty where it has no type.
    pub kind: String,
    /// Whether it is the main one.
    pub is_main: bool,
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).trim_end_matches('\0').to_owned()
}

fn kind(kind: Option<AudioPortType<'_>>) -> String {
    kind.map(|kind| CStr::to_string_lossy(kind.0).into_owned()).unwrap_or_default()
}

fn port(info: &AudioPortInfo<'_>) -> Port {
    Port {
        name: text(info.name),
        channels: info.channel_count,
        kind: kind(info.port_type),
        is_main: info.flags.contains(AudioPortFlags::IS_MAIN),
    }
}

impl Instance {
    /// The layouts that the plugin offers, in its order.
    ///
    /// # Errors
    /// The plugin has none, or contradicts itself: the list and the ports of a layout differ.
    pub fn layouts(&mut self) -> Result<Vec<PortLayout>> {
        let configurations = self.extension::<PluginAudioPortsConfig>("audio-ports-config")?;
        let infos = self.extension::<PluginAudioPortsConfigInfo>("audio-ports-config-info")?;
        let handle = self.plugin.plugin_handle();
        let (mut buffer, mut of_port) = (AudioPortsConfigBuffer::new(), AudioPortInfoBuffer::new());
        let mut layouts = Vec::new();
        for index in 0..configurations.count(&handle) {
            let offered = configurations.get(&handle, index, &mut buffer).context("a layout is missing")?;
            let mut ports = |count: u32, is_input: bool| -> Option<Vec<Port>> {
                let of = |index| {
                    infos.get(&handle, offered.id, index, is_input, &mut of_port).map(|info| port(&info))
                };
                (0..count).map(of).collect()
            };
            let inputs = ports(offered.input_port_count, true).context("an input is missing")?;
            let outputs = ports(offered.output_port_count, false).context("an output is missing")?;
            for (main, ports) in [(offered.main_input, &inputs), (offered.main_output, &outputs)] {
                let main = main.map(|main| (main.channel_count, kind(main.port_type)));
                let first = ports.first().map(|port| (port.channels, port.kind.clone()));
                ensure!(main == first, "the main port is {main:?} in the list, and {first:?}");
            }
            layouts.push(PortLayout { id: offered.id.get(), name: text(offered.name), inputs, outputs });
        }
        Ok(layouts)
    }

    /// The id of the layout that the instance has.
    pub fn present_layout(&mut self) -> Option<u32> {
        let infos = self.extension::<PluginAudioPortsConfigInfo>("audio-ports-config-info").ok()?;
        infos.current_config(&self.plugin.plugin_handle()).map(ClapId::get)
    }

    /// Selects a layout by its id. Only while the instance is not active.
    ///
    /// # Errors
    /// The instance is active, or the plugin refuses.
    pub fn select_layout(&mut self, id: u32) -> Result<()> {
        ensure!(!self.is_active(), "ports can only be chosen while the plugin is not active");
        let id = ClapId::from_raw(id).context("that is no id")?;
        let configurations = self.extension::<PluginAudioPortsConfig>("audio-ports-config")?;
        configurations.select(&self.plugin.plugin_handle(), id)?;
        Ok(())
    }

    /// Has ports take so many channels: whether it is an input, its index, and the channels, one or two with the type
    /// that they have. Whether the plugin has said that it can, and whether it did.
    ///
    /// # Errors
    /// The instance is active, or the plugin's ports cannot be configured.
    pub fn configure(&mut self, ports: &[(bool, u32, u32)]) -> Result<(bool, bool)> {
        let configurable = self.extension::<PluginConfigurableAudioPorts>("configurable-audio-ports")?;
        let details = |channels| match channels {
            1 => AudioPortRequestDetails::mono(),
            2 => AudioPortRequestDetails::stereo(),
            channels => AudioPortRequestDetails::untyped(channels),
        };
        let request = |&(is_input, index, channels): &(bool, u32, u32)| {
            AudioPortRequest::new(is_input, index, details(channels))
        };
        let requests: Vec<_> = ports.iter().map(request).collect();
        let mut handle = self.plugin.inactive_plugin_handle().context("the instance is active")?;
        let can = configurable.can_apply_configuration(&mut handle, &requests);
        Ok((can, configurable.apply_configuration(&mut handle, &requests)))
    }

    /// The ports that the instance has.
    ///
    /// # Errors
    /// The plugin has no ports, or one that it has counted is missing.
    pub fn ports(&mut self, is_input: bool) -> Result<Vec<Port>> {
        let ports = self.extension::<PluginAudioPorts>("audio-ports")?;
        let handle = self.plugin.plugin_handle();
        let mut buffer = AudioPortInfoBuffer::new();
        let count = ports.count(&handle, is_input);
        let mut of = |index| ports.get(&handle, index, is_input, &mut buffer).map(|info| port(&info));
        (0..count).map(&mut of).collect::<Option<_>>().context("a port is missing")
    }

    /// The speakers of a port, as CLAP numbers them; empty where it is no surround port.
    ///
    /// # Errors
    /// The plugin has no surround extension.
    pub fn speakers(&mut self, is_input: bool, port: u32) -> Result<Vec<u8>> {
        let surround = self.extension::<PluginSurround>("surround")?;
        let handle = self.plugin.plugin_handle();
        let mut buffer = [0; 64];
        let found = surround.get_channel_map(&handle, is_input, port, &mut buffer);
        Ok(found.as_raw().to_vec())
    }

    /// Whether the plugin has surround ports of these speakers, a bit each.
    ///
    /// # Errors
    /// The plugin has no surround extension.
    pub fn knows_speakers(&mut self, mask: u64) -> Result<bool> {
        let surround = self.extension::<PluginSurround>("surround")?;
        Ok(surround.is_channel_mask_supported(
            &self.plugin.plugin_handle(),
            SurroundChannels::from_bits_retain(mask),
        ))
    }

    /// How often the plugin has said since the last call that its layouts have changed.
    pub fn take_layouts_changed(&mut self) -> usize {
        self.requests.layouts_changed.swap(0, std::sync::atomic::Ordering::AcqRel)
    }
}
