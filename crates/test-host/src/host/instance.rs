//! One instance of a plugin, from its creation to its end.

use std::ffi::CString;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use anyhow::{Context, Result, anyhow, bail, ensure};
use clack_extensions::audio_ports::{AudioPortInfoBuffer, PluginAudioPorts};
use clack_extensions::audio_ports_config::{AudioPortsConfigBuffer, PluginAudioPortsConfig};
use clack_extensions::latency::PluginLatency;
use clack_extensions::render::{PluginRender, RenderMode};
use clack_extensions::state::PluginState;
use clack_extensions::tail::{PluginTail, TailLength};
use clack_host::events::event_types::TransportEvent;
use clack_host::events::io::{EventBuffer, InputEvents, OutputEvents};
use clack_host::extensions::Extension;
use clack_host::prelude::{
    AudioPortBuffer, AudioPortBufferType, AudioPorts, HostInfo, InputAudioBuffers, InputChannel,
    PluginAudioConfiguration, PluginInstance,
};
use clack_host::process::{PluginAudioProcessor, ProcessStatus};
use clack_host::utils::ClapId;

use super::callbacks::{Ended, Handlers, MainThread, Requests, Shared};
use super::event::{Collector, fill};
use super::{Block, Host, Processed};

/// How often a plugin may ask for a restart in a row before [`Instance::settle`] gives up.
const RESTARTS: usize = 4;

/// How often [`Instance::idle`] calls a plugin that keeps on asking.
const CALLBACKS: usize = 64;

/// A plugin's instance. It lives and is dropped on the thread that made it.
pub struct Instance {
    // Dropped before `plugin`, which would otherwise not be destroyed.
    pub(super) processor: Option<PluginAudioProcessor<Handlers>>,
    pub(super) plugin: PluginInstance<Handlers>,
    pub(super) requests: Arc<Requests>,
    activation: Option<PluginAudioConfiguration>,
    inputs: Ports,
    outputs: Ports,
    pub(super) events: EventBuffer,
    /// Frames processed since the activation.
    time: u64,
}

/// Buffers of the ports of one direction, planar, of the largest block's length.
#[derive(Default)]
struct Ports {
    ports: Vec<Vec<Vec<f32>>>,
    descriptors: Option<AudioPorts>,
}

impl Ports {
    fn new(channels: &[u32], frames: usize) -> Self {
        let port = |&channels: &u32| vec![vec![0.0; frames]; channels as usize];
        let total: u32 = channels.iter().sum();
        Self {
            ports: channels.iter().map(port).collect(),
            descriptors: Some(AudioPorts::with_capacity(total as usize, channels.len())),
        }
    }

    fn set(&mut self, port: usize, signal: &[&[f32]], frames: usize) {
        let Some(channels) = self.ports.get_mut(port) else {
            return;
        };
        for (index, channel) in channels.iter_mut().enumerate() {
            match signal.get(index) {
                Some(samples) => channel[..frames].copy_from_slice(&samples[..frames]),
                None => channel[..frames].fill(0.0),
            }
        }
    }
}

impl Instance {
    /// Makes an instance of one of the library's plugins, neither active nor processing.
    ///
    /// # Errors
    /// The library has no such plugin, or the plugin refuses to be made.
    pub fn new(host: &Host, plugin_id: &str) -> Result<Self> {
        let requests = Requests::new();
        let info = HostInfo::new("test-host", "Csound Performer", "", env!("CARGO_PKG_VERSION"))?;
        let (shared, main_thread) = (Shared(Arc::clone(&requests)), MainThread(Arc::clone(&requests)));
        let plugin = PluginInstance::<Handlers>::new(
            move |_| shared,
            move |_| main_thread,
            host.entry(),
            &CString::new(plugin_id)?,
            &info,
        )
        .with_context(|| format!("{} gives no instance of {plugin_id}", host.path().display()))?;
        Ok(Self {
            processor: None,
            plugin,
            requests,
            activation: None,
            inputs: Ports::default(),
            outputs: Ports::default(),
            events: EventBuffer::new(),
            time: 0,
        })
    }

    /// Selects the port configuration whose main output has this many channels. Only while the
    /// instance is not active.
    ///
    /// # Errors
    /// The instance is active, or the plugin offers no such configuration.
    pub fn select_output_channels(&mut self, channels: u32) -> Result<()> {
        ensure!(!self.is_active(), "ports can only be chosen while the plugin is not active");
        let offered = self.offered_configurations();
        let Some((id, _)) = offered.iter().find(|(_, offered)| *offered == channels) else {
            let counts: Vec<_> = offered.iter().map(|(_, channels)| channels.to_string()).collect();
            bail!("the plugin offers no output of {channels} channels, but of {}", counts.join(", "));
        };
        let id = ClapId::from_raw(*id).context("the plugin offers a configuration without an id")?;
        let configurations = self.extension::<PluginAudioPortsConfig>("audio-ports-config")?;
        configurations.select(&self.plugin.plugin_handle(), id)?;
        Ok(())
    }

    fn offered_configurations(&mut self) -> Vec<(u32, u32)> {
        let Ok(configurations) = self.extension::<PluginAudioPortsConfig>("audio-ports-config") else {
            return Vec::new();
        };
        let handle = self.plugin.plugin_handle();
        let mut buffer = AudioPortsConfigBuffer::new();
        (0..configurations.count(&handle))
            .filter_map(|index| {
                let offered = configurations.get(&handle, index, &mut buffer)?;
                Some((offered.id.get(), offered.main_output?.channel_count))
            })
            .collect()
    }

    /// Channels of each port, the main port first.
    pub fn port_channels(&mut self, is_input: bool) -> Vec<u32> {
        let Ok(ports) = self.extension::<PluginAudioPorts>("audio-ports") else {
            return Vec::new();
        };
        let handle = self.plugin.plugin_handle();
        let mut buffer = AudioPortInfoBuffer::new();
        (0..ports.count(&handle, is_input))
            .filter_map(|index| Some(ports.get(&handle, index, is_input, &mut buffer)?.channel_count))
            .collect()
    }

    /// Says whether the audio is rendered offline, so that the plugin may take its time.
    ///
    /// # Errors
    /// The plugin has no render modes, or refuses.
    pub fn set_offline(&mut self, offline: bool) -> Result<()> {
        let render = self.extension::<PluginRender>("render")?;
        let mode = if offline { RenderMode::Offline } else { RenderMode::Realtime };
        render.set(&self.plugin.plugin_handle(), mode)?;
        Ok(())
    }

    /// Activates: blocks of `min_frames` to `max_frames` frames at `rate` Hz will come.
    ///
    /// # Errors
    /// The instance is active already, the sizes contradict each other, or the plugin refuses.
    pub fn activate(&mut self, rate: f64, min_frames: u32, max_frames: u32) -> Result<()> {
        ensure!(!self.is_active(), "the plugin is active already");
        ensure!(
            (1..=max_frames).contains(&min_frames),
            "blocks of {min_frames} to {max_frames} frames cannot be"
        );
        let activation = PluginAudioConfiguration {
            sample_rate: rate,
            min_frames_count: min_frames,
            max_frames_count: max_frames,
        };
        let (inputs, outputs) = (self.port_channels(true), self.port_channels(false));
        self.inputs = Ports::new(&inputs, max_frames as usize);
        self.outputs = Ports::new(&outputs, max_frames as usize);
        let processor =
            self.plugin.activate(|_, _| (), activation).context("the plugin refuses to be activated")?;
        self.processor = Some(processor.into());
        self.activation = Some(activation);
        self.time = 0;
        Ok(())
    }

    /// Whether the instance is active.
    pub fn is_active(&self) -> bool {
        self.processor.is_some()
    }

    /// Starts processing.
    ///
    /// # Errors
    /// The instance is not active, or the plugin refuses.
    pub fn start(&mut self) -> Result<()> {
        self.as_audio(|processor| {
            processor.ensure_processing_started().context("the plugin refuses to start")?;
            Ok(())
        })
    }

    /// Stops processing. It can be started again.
    ///
    /// # Errors
    /// The instance is not active.
    pub fn stop(&mut self) -> Result<()> {
        self.as_audio(|processor| {
            processor.ensure_processing_stopped();
            Ok(())
        })
    }

    /// Resets: voices and tails end, the time begins again.
    ///
    /// # Errors
    /// The instance is not active.
    pub fn reset(&mut self) -> Result<()> {
        self.time = 0;
        self.as_audio(|processor| {
            processor.reset();
            Ok(())
        })
    }

    /// Deactivates, after stopping. Nothing happens if the instance is not active.
    pub fn deactivate(&mut self) {
        let Some(processor) = self.processor.take() else {
            return;
        };
        self.requests.in_audio.store(true, Ordering::Release);
        let stopped = processor.into_stopped();
        self.requests.in_audio.store(false, Ordering::Release);
        self.plugin.deactivate(stopped);
    }

    /// Processes a block.
    ///
    /// # Errors
    /// The instance does not process, the block is larger than announced, an input is too short,
    /// an event lies outside of the block, or the plugin fails.
    pub fn process(&mut self, block: Block<'_>) -> Result<Processed> {
        let activation = self.activation.filter(|_| self.is_active()).context("the plugin is not active")?;
        let frames = block.frames;
        ensure!(
            frames <= activation.max_frames_count as usize,
            "a block of {frames} frames, where at most {} were announced",
            activation.max_frames_count
        );
        let mut inputs = block.input.iter().chain(block.sidechain);
        ensure!(inputs.all(|channel| channel.len() >= frames), "an input is shorter than the block");
        if let Some(late) = block.events.iter().find(|event| event.frame as usize >= frames.max(1)) {
            bail!("an event at frame {} of a block of {frames}", late.frame);
        }
        self.inputs.set(0, block.input, frames);
        self.inputs.set(1, block.sidechain, frames);
        fill(&mut self.events, block.events);
        self.run(frames, block.transport.map(|transport| transport.event()))
    }

    /// Processes a block without events and with the input of the last one (silence at first), and
    /// looks at nothing but the status: for a benchmark, with as little of this host in it as can be.
    ///
    /// # Errors
    /// The instance does not process, the block is larger than announced, or the plugin fails.
    pub fn play(&mut self, frames: usize) -> Result<ProcessStatus> {
        let largest = self.activation.map_or(0, |activation| activation.max_frames_count as usize);
        ensure!(frames <= largest, "a block of {frames} frames, where at most {largest} were announced");
        self.events.clear();
        self.call(frames, None, &mut Collector::default())
    }

    /// The main output of the last block, channel by channel, from its first frame on.
    pub fn heard(&self) -> &[Vec<f32>] {
        self.outputs.ports.first().map(Vec::as_slice).unwrap_or_default()
    }

    fn run(&mut self, frames: usize, transport: Option<TransportEvent>) -> Result<Processed> {
        let tail = self.extension::<PluginTail>("tail").ok();
        let mut collector = Collector::default();
        // What the plugin leaves as it was must not pass for sound.
        self.outputs.ports.iter_mut().flatten().for_each(|channel| channel[..frames].fill(f32::NAN));
        let status = self.call(frames, transport.as_ref(), &mut collector)?;
        self.requests.in_audio.store(true, Ordering::Release);
        let tail = match (tail, &mut self.processor) {
            (Some(tail), Some(processor)) => tail.get(&processor.plugin_handle()),
            _ => TailLength::Infinite,
        };
        self.requests.in_audio.store(false, Ordering::Release);
        Ok(Processed {
            status,
            output: first_frames(self.heard(), frames),
            further: self.outputs.ports.iter().skip(1).map(|port| first_frames(port, frames)).collect(),
            events: collector.0,
            tail,
        })
    }

    /// Calls the plugin with the buffers and events as they are.
    fn call(
        &mut self,
        frames: usize,
        transport: Option<&TransportEvent>,
        collector: &mut Collector,
    ) -> Result<ProcessStatus> {
        let processor = self.processor.as_mut().context("the plugin is not active")?;
        let processor = processor.as_started_mut().context("the plugin does not process: start it")?;
        let inputs = input_buffers(&mut self.inputs, frames);
        let mut descriptors =
            self.outputs.descriptors.take().unwrap_or_else(|| AudioPorts::with_capacity(0, 0));
        let mut outputs =
            descriptors.with_output_buffers(self.outputs.ports.iter_mut().map(|port| AudioPortBuffer {
                latency: 0,
                channels: AudioPortBufferType::f32_output_only(
                    port.iter_mut().map(|channel| &mut channel[..frames]),
                ),
            }));
        self.requests.in_audio.store(true, Ordering::Release);
        let status = processor.process(
            &inputs,
            &mut outputs,
            &InputEvents::from_buffer(&self.events),
            &mut OutputEvents::from_buffer(collector),
            Some(self.time),
            transport,
        );
        self.requests.in_audio.store(false, Ordering::Release);
        self.outputs.descriptors = Some(descriptors);
        self.time += frames as u64;
        status.context("the plugin failed to process")
    }

    /// Runs what the plugin wants to be run on the main thread. Call it now and then.
    pub fn idle(&mut self) {
        for _ in 0..CALLBACKS {
            if !self.requests.callback.swap(false, Ordering::AcqRel) {
                return;
            }
            self.plugin.call_on_main_thread_callback();
        }
    }

    /// Ends the instance, and tells what it still calls then.
    pub fn end(self) -> Ended {
        let requests = Arc::clone(&self.requests);
        drop(self);
        // What came before its end is none of that.
        Ended::of(requests)
    }

    /// Whether the plugin has asked to be deactivated and activated again.
    pub fn wants_restart(&self) -> bool {
        self.requests.restart.load(Ordering::Acquire)
    }

    /// Deactivates and activates as before; processing goes on if it did. Time begins again.
    ///
    /// # Errors
    /// The instance was never activated, or the plugin refuses.
    pub fn restart(&mut self) -> Result<()> {
        let activation = self.activation.context("the plugin was never activated")?;
        let was_processing = self.processor.as_ref().is_some_and(PluginAudioProcessor::is_started);
        self.deactivate();
        self.requests.restart.store(false, Ordering::Release);
        self.activate(activation.sample_rate, activation.min_frames_count, activation.max_frames_count)?;
        if was_processing { self.start() } else { Ok(()) }
    }

    /// Runs main-thread callbacks and restarts until the plugin asks for neither.
    ///
    /// # Errors
    /// A restart fails, or the plugin never stops asking.
    pub fn settle(&mut self) -> Result<()> {
        for _ in 0..RESTARTS {
            self.idle();
            if !self.wants_restart() {
                return Ok(());
            }
            self.restart()?;
        }
        self.idle();
        ensure!(!self.wants_restart(), "the plugin asks for a restart again and again");
        Ok(())
    }

    /// The latency that the plugin reports, in frames. 0 if it reports none.
    pub fn latency(&mut self) -> u32 {
        let Ok(latency) = self.extension::<PluginLatency>("latency") else {
            return 0;
        };
        latency.get(&self.plugin.plugin_handle())
    }

    /// Whether the plugin has said since the last call that its latency changed.
    pub fn take_latency_changed(&mut self) -> bool {
        self.requests.latency_changed.swap(false, Ordering::AcqRel)
    }

    /// Whether the plugin has said since the last call that its parameters' values or texts changed.
    pub fn take_params_changed(&mut self) -> bool {
        self.requests.params_changed.swap(false, Ordering::AcqRel)
    }

    /// Whether the plugin has said since the last call that its state is worth saving.
    pub fn take_state_changed(&mut self) -> bool {
        self.requests.state_changed.swap(false, Ordering::AcqRel)
    }

    /// What the plugin has logged through the host since the last call.
    pub fn take_log(&mut self) -> Vec<String> {
        self.requests.take_log()
    }

    /// The plugin's state, as a host saves it. See [`crate::session`] for what is in it.
    ///
    /// # Errors
    /// The plugin has no state, or fails to save it.
    pub fn save_state(&mut self) -> Result<Vec<u8>> {
        let state = self.extension::<PluginState>("state")?;
        let mut bytes = Vec::new();
        state.save(&self.plugin.plugin_handle(), &mut bytes)?;
        Ok(bytes)
    }

    /// Gives the plugin a state.
    ///
    /// # Errors
    /// The plugin has no state, or refuses this one.
    pub fn load_state(&mut self, bytes: &[u8]) -> Result<()> {
        let state = self.extension::<PluginState>("state")?;
        let mut reader = bytes;
        state.load(&self.plugin.plugin_handle(), &mut reader)?;
        Ok(())
    }

    pub(super) fn extension<E>(&self, name: &str) -> Result<E>
    where
        E: Extension<ExtensionSide = clack_host::extensions::PluginExtensionSide>,
    {
        let found = self.plugin.plugin_shared_handle().get_extension::<E>();
        found.ok_or_else(|| anyhow!("the plugin has no {name} extension"))
    }

    fn as_audio(
        &mut self,
        run: impl FnOnce(&mut PluginAudioProcessor<Handlers>) -> Result<()>,
    ) -> Result<()> {
        let processor = self.processor.as_mut().context("the plugin is not active")?;
        self.requests.in_audio.store(true, Ordering::Release);
        let result = run(processor);
        self.requests.in_audio.store(false, Ordering::Release);
        result
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        self.deactivate();
    }
}

fn first_frames(port: &[Vec<f32>], frames: usize) -> Vec<Vec<f32>> {
    port.iter().map(|channel| channel[..frames].to_vec()).collect()
}

fn input_buffers(inputs: &mut Ports, frames: usize) -> InputAudioBuffers<'_> {
    let Some(descriptors) = inputs.descriptors.as_mut().filter(|_| !inputs.ports.is_empty()) else {
        return InputAudioBuffers::empty();
    };
    descriptors.with_input_buffers(inputs.ports.iter_mut().map(|port| AudioPortBuffer {
        latency: 0,
        channels: AudioPortBufferType::f32_input_only(
            port.iter_mut().map(|channel| InputChannel::variable(&mut channel[..frames])),
        ),
    }))
}
