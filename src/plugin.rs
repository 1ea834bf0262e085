//! The plugins: *Csound Performer* (instrument) and *Csound Performer FX* (effect). Wiring only.
//!
//! Reading order: this file, [`params`], [`session`] (what is saved); then by thread: [`audio`] (a block on the
//! host's thread), [`control`] (the thread that builds engines and reads files), [`shared`] (what both touch), and
//! what they speak of: [`channels`], [`pieces`], [`slots`]. [`backend`] is what the editor sees.

pub mod audio;
pub mod backend;
pub mod catalogue;
pub mod channels;
pub mod control;
pub mod drafts;
pub mod export_session;
pub mod folder_texts;
pub mod keys;
pub mod manual;
pub mod newest;
pub mod params;
pub mod pieces;
pub mod presets;
pub mod session;
pub mod shared;
pub mod slots;
pub mod tuning;

use std::sync::Arc;
use std::time::Instant;

use nice_plug::prelude::*;

use csound_library::FlushDenormals;
use csound_performance::blocks::{Block, Blocks};
use csound_performance::engine::framing::Timing;
use csound_performance::{Performance, Phase};

use crate::identity;
use crate::layouts;
use audio::clock::Clock;
use audio::midi;
use audio::outgoing::Outgoing;
use audio::output::Output;
use audio::preview::PreviewMixer;
use audio::steering::Steering;
use audio::sysex::SysEx;
use audio::transport::HostBlock;
use audio::transport::Sync;
use control::Control;
use params::PerformerParams;
use shared::link::Link;
use shared::locked::HostFormat;
use shared::remembered;

/// How long a host may take to restart us for another latency, before the waiting engine takes over
/// all the same.
const RESTART_SECONDS: f64 = 1.0;

/// What both plugins are made of.
struct Core {
    link: Arc<Link>,
    params: Arc<PerformerParams>,
    blocks: Blocks,
    control: Arc<Control>,
    clock: Clock,
    steering: Steering,
    output: Output,
    preview: PreviewMixer,
    outgoing: Outgoing,
    events: Vec<NoteEvent<SysEx>>,
    sample_rate: f64,
    /// Frames since a restart was asked for.
    since_restart_asked: Option<f64>,
    /// The effect needs its input, so it cannot perform ahead.
    is_effect: bool,
    /// Channels of the main input, behind which the sidechain's are.
    main_inputs: usize,
}

impl Core {
    fn new(is_effect: bool) -> Self {
        let link = Arc::new(Link::of(identity::exported()));
        newest::note(&link);
        let params = Arc::new(PerformerParams::new(Arc::clone(&link)));
        params.attach();
        if let Some(state) = remembered::take_state() {
            params.begin_with(state);
        }
        Self {
            params,
            blocks: Blocks::new(Arc::clone(&link.shared), Arc::clone(&link.arrivals)),
            steering: Steering::new(Arc::clone(&link)),
            output: Output::default(),
            preview: PreviewMixer::default(),
            outgoing: Outgoing::default(),
            control: Arc::new(Control::new(Arc::clone(&link))),
            link,
            clock: Clock::default(),
            events: Vec::new(),
            sample_rate: 0.0,
            since_restart_asked: None,
            is_effect,
            main_inputs: 0,
        }
    }

    fn timing(&self) -> Timing {
        match self.params.timing() {
            Timing::Immediate if self.is_effect => Timing::Exact,
            timing => timing,
        }
    }

    /// Waits for the engine of the present state: offline as long as it may take, so that a bounce never
    /// begins with silence; in real time a second, because the host's main thread waits with it.
    fn activate<P: Plugin>(
        &mut self,
        layout: &AudioIOLayout,
        config: &BufferConfig,
        context: &mut impl ActivateContext<P>,
    ) -> bool {
        // Without its thread nothing performs, which the instance then says; the host goes on.
        self.control.start();
        self.sample_rate = f64::from(config.sample_rate);
        self.events = Vec::with_capacity(midi::EVENT_CAPACITY);
        let went_offline =
            self.clock.activate(config.process_mode, self.sample_rate, config.max_buffer_size as usize);
        let performed = self.blocks.has_engine() && self.link.shared.frames() > 0;
        let host = HostFormat {
            sample_rate: self.sample_rate,
            largest: config.max_buffer_size as usize,
            outputs: layouts::outputs(layout).sum::<u32>() as usize,
        };
        let main = layouts::inputs(layout).next().unwrap_or(0) as usize;
        self.main_inputs = self.link.narrow_main.get().unwrap_or(main);
        let sidechain: u32 = layouts::inputs(layout).skip(1).sum();
        // A bounce starts where the piece does, unless the host says where that is.
        let afresh = went_offline && performed && self.params.sync.value() == Sync::Free;
        self.link.activate(host, self.params.start_options(), afresh);
        self.link.wait_at_activation(self.clock.is_offline());
        self.preview.end(&self.link.previews);
        self.blocks.hear(self.main_inputs + sidechain as usize);
        self.blocks.activate(host.sample_rate, host.largest, self.timing());
        self.steering.activate(host.largest);
        let wishes = self.params.wishes();
        self.output.begin_at(wishes.gain, wishes.bypass);
        self.output.activate(host.sample_rate, host.largest, self.main_inputs);
        self.output.reset(self.blocks.latency());
        self.since_restart_asked = None;
        context.set_latency_samples(self.blocks.latency() as u32);
        true
    }

    /// One host block.
    ///
    /// # Realtime safety
    /// Safe, but where the host renders offline: then it waits for an engine that is being built.
    fn process<P: Plugin<SysExMessage = SysEx>>(
        &mut self,
        buffer: &mut Buffer,
        aux: &mut AuxiliaryBuffers,
        context: &mut impl ProcessContext<P>,
    ) -> ProcessStatus {
        let _denormals = FlushDenormals::new();
        let began = self.link.taps.is_watched().then(Instant::now);
        let frames = buffer.samples();
        let wishes = self.params.wishes();
        self.clock.count(frames);
        self.steering.before_block(&wishes);
        self.link.requests.set_options(self.params.start_options());
        let offline = self.clock.is_offline() || !self.blocks.has_engine() && self.clock.runs_ahead();
        if offline {
            self.link.wait_for_engine();
            let link = &self.link;
            self.blocks.collect_with(&mut || link.next_engine());
        } else {
            // The block before may have been offline: this thread does not wait for it as that one would have.
            self.blocks.collect_shortly();
        }
        self.ask_for_restart(frames, context);
        if self.link.take_emptied() {
            self.blocks.unseat();
        }
        self.take_events(context);
        let host = self.host_block(frames, wishes.bypass, context);
        let timing = self.timing();
        self.blocks.stand(wishes.sync == Sync::Host && !host.playing);
        let mut block = self.blocks.begin(frames, offline);
        if offline && let Some(latency) = block.take_over_if_silent(timing) {
            // A host that renders and did not say so has set out already: its next blocks have to sound.
            context.set_latency_samples(latency as u32);
        }
        self.steering.block(&mut block, &wishes, &host, &self.events, context.plugin_api());
        if self.is_effect {
            take_input(&mut block, &mut self.output, self.main_inputs, buffer, aux);
        }
        let link = &self.link;
        let mut outputs = OutputChannels::default();
        let main = buffer.channels();
        let outputs = all_outputs(&mut outputs, buffer, aux);
        let main = main.min(outputs.len());
        let done = block.finish_with(outputs, &mut || link.next_engine());
        self.preview.mix(&link.previews, &mut outputs[..main], frames, offline);
        self.output.shape(outputs, frames, wishes.gain, wishes.bypass, done.latency);
        if let Some(began) = began {
            self.link.taps.take(outputs, frames, self.sample_rate, began.elapsed());
        }
        // First of all: a host wants events in the order of their frames.
        while let Some(reply) = self.link.code_replies.pop() {
            let message = SysEx::of_reply(&reply);
            let _ = context.try_send_event(NoteEvent::MidiSysEx { timing: 0, message });
        }
        self.outgoing.pass(done.midi_out(), self.output.edges(), |frame, message| {
            if let Some(event) = midi::to_host(frame, message) {
                // A host without room for it loses it; there is nobody to tell on this thread.
                let _ = context.try_send_event(event);
            }
        });
        match done.phase {
            // It is to be heard to its end.
            _ if self.preview.is_heard() => ProcessStatus::KeepAlive,
            Phase::Playing | Phase::Paused => ProcessStatus::KeepAlive,
            Phase::Ended => ProcessStatus::Tail(done.latency as u32 + 1),
        }
    }

    /// Asks the host to restart us where the latency has to change; a host that does not is told
    /// the latency when the engine takes over all the same.
    fn ask_for_restart<P: Plugin>(&mut self, frames: usize, context: &mut impl ProcessContext<P>) {
        if !self.blocks.wants_restart(self.timing()) {
            self.since_restart_asked = None;
            return;
        }
        match &mut self.since_restart_asked {
            None => {
                self.since_restart_asked = Some(0.0);
                context.request_restart();
            }
            Some(waited) => {
                *waited += frames as f64;
                if *waited > RESTART_SECONDS * self.sample_rate {
                    self.since_restart_asked = None;
                    self.blocks.take_over(self.timing());
                    context.set_latency_samples(self.blocks.latency() as u32);
                }
            }
        }
    }

    /// Collects the block's events: what the host made up is seen only among all of them.
    fn take_events<P: Plugin<SysExMessage = SysEx>>(&mut self, context: &mut impl ProcessContext<P>) {
        self.events.clear();
        let api = context.plugin_api();
        while let Some(event) = context.next_event() {
            if self.events.len() < self.events.capacity() {
                self.events.push(midi::as_meant(api, event));
            }
        }
    }

    fn host_block<P: Plugin>(
        &self,
        frames: usize,
        bypassed: bool,
        context: &mut impl ProcessContext<P>,
    ) -> HostBlock {
        let loops = context.plugin_api() == PluginApi::Clap;
        let transport = context.transport();
        HostBlock {
            playing: transport.playing,
            recording: transport.recording,
            seconds: transport.pos_seconds,
            beats: transport.pos_beats,
            samples: transport.pos_samples,
            tempo: transport.tempo,
            signature: transport.time_sig_numerator.zip(transport.time_sig_denominator),
            // What VST3 gives is reckoned from beats, which is wrong where the tempo changes.
            loop_seconds: transport.loop_range_seconds.filter(|_| loops),
            sample_rate: self.sample_rate,
            frames,
            bar: transport.bar_number().zip(transport.bar_start_pos_beats()),
            bypassed,
        }
    }

    /// The host's reset: framing, notes and what is on its way are forgotten.
    fn reset(&mut self) {
        self.steering.reset(&mut self.blocks);
        self.blocks.reset();
        self.output.reset(self.blocks.latency());
    }
}

/// Gives the main input, which also comes through a bypass, and the sidechain.
fn take_input(
    block: &mut Block<'_>,
    output: &mut Output,
    main_inputs: usize,
    buffer: &mut Buffer,
    aux: &mut AuxiliaryBuffers,
) {
    for (channel, samples) in buffer.as_slice_immutable().iter().take(main_inputs).enumerate() {
        block.input(channel, samples);
        output.take_input(channel, samples);
    }
    if let Some(sidechain) = aux.inputs.first() {
        for (channel, samples) in sidechain.as_slice_immutable().iter().enumerate() {
            block.input(main_inputs + channel, samples);
        }
    }
}

type OutputChannels<'a> = [&'a mut [f32]; layouts::MOST_OUTPUTS];

/// The channels of all outputs, in the order of the buses.
fn all_outputs<'a, 'b>(
    room: &'b mut OutputChannels<'a>,
    buffer: &'a mut Buffer,
    aux: &'a mut AuxiliaryBuffers,
) -> &'b mut [&'a mut [f32]] {
    let further =
        aux.outputs.iter_mut().flat_map(|bus| bus.as_slice().iter_mut().map(|channel| &mut **channel));
    let main = buffer.as_slice().iter_mut().map(|channel| &mut **channel);
    let mut count = 0;
    for (place, channel) in room.iter_mut().zip(main.chain(further)) {
        *place = channel;
        count += 1;
    }
    &mut room[..count]
}

impl Drop for Core {
    fn drop(&mut self) {
        // An editor may still hold the thread, which performs for nobody now.
        self.control.end();
    }
}

/// *Csound Performer*: a piece as an instrument.
pub struct Instrument(Core);

/// *Csound Performer FX*: a piece as an effect.
pub struct Effect(Core);

impl Default for Instrument {
    fn default() -> Self {
        Self(Core::new(false))
    }
}

impl Default for Effect {
    fn default() -> Self {
        Self(Core::new(true))
    }
}

impl Instrument {
    /// A handle onto the performance.
    pub fn performance(&self) -> Performance {
        self.0.link.performance()
    }
}

const URL: &str = "https://csound.com";

/// What is alike in both plugins: only names and layouts differ.
macro_rules! plugin {
    ($plugin:ty, $name:literal, $layouts:expr) => {
        impl Plugin for $plugin {
            const NAME: &'static str = $name;
            const VENDOR: &'static str = "Csound Performer";
            const URL: &'static str = URL;
            const EMAIL: &'static str = "";
            const VERSION: &'static str = env!("CARGO_PKG_VERSION");
            const AUDIO_IO_LAYOUTS: &'static [AudioIOLayout] = $layouts;
            const MIDI_INPUT: MidiConfig = MidiConfig::MidiCCs;
            const MIDI_OUTPUT: MidiConfig = MidiConfig::MidiCCs;
            const SAMPLE_ACCURATE_AUTOMATION: bool = true;
            const INPUT_EVENT_CAPACITY: usize = midi::EVENT_CAPACITY;
            type SysExMessage = SysEx;
            type BackgroundTask = ();
            type Editor = crate::editor::PluginEditor;

            fn params(&self) -> Arc<dyn Params> {
                self.0.params.clone()
            }

            fn editor(&mut self, _: AsyncExecutor<Self>) -> Option<Self::Editor> {
                let backend =
                    backend::InstanceBackend::new(Arc::clone(&self.0.control), self.0.params.clone());
                crate::editor::create(Arc::new(backend), channels::told::is_standalone())
            }

            fn filter_state(state: &mut PluginState) {
                PerformerParams::filter_state(state);
            }

            fn activate(
                &mut self,
                layout: &AudioIOLayout,
                config: &BufferConfig,
                context: &mut impl ActivateContext<Self>,
            ) -> bool {
                self.0.activate(layout, config, context)
            }

            fn reset(&mut self) {
                self.0.reset();
            }

            fn process(
                &mut self,
                buffer: &mut Buffer,
                aux: &mut AuxiliaryBuffers,
                context: &mut impl ProcessContext<Self>,
            ) -> ProcessStatus {
                self.0.process(buffer, aux, context)
            }
        }
    };
}

plugin!(Instrument, "Csound Performer", layouts::INSTRUMENT);
plugin!(Effect, "Csound Performer FX", layouts::EFFECT);

impl ClapPlugin for Instrument {
    const CLAP_ID: &'static str = "csound-performer.instrument";
    const CLAP_DESCRIPTION: Option<&'static str> = Some("Performs any Csound piece as an instrument");
    const CLAP_MANUAL_URL: Option<&'static str> = None;
    const CLAP_SUPPORT_URL: Option<&'static str> = None;
    const CLAP_FEATURES: &'static [ClapFeature] =
        &[ClapFeature::Instrument, ClapFeature::Synthesizer, ClapFeature::Stereo];
}

impl ClapPlugin for Effect {
    const CLAP_ID: &'static str = "csound-performer.fx";
    const CLAP_DESCRIPTION: Option<&'static str> = Some("Performs any Csound piece as an effect");
    const CLAP_MANUAL_URL: Option<&'static str> = None;
    const CLAP_SUPPORT_URL: Option<&'static str> = None;
    const CLAP_FEATURES: &'static [ClapFeature] = &[ClapFeature::AudioEffect, ClapFeature::Stereo];
}

impl Vst3Plugin for Instrument {
    const VST3_CLASS_ID: [u8; 16] = *b"CsndPerformerIns";
    const VST3_SUBCATEGORIES: &'static [Vst3SubCategory] =
        &[Vst3SubCategory::Instrument, Vst3SubCategory::Synth];
}

impl Vst3Plugin for Effect {
    const VST3_CLASS_ID: [u8; 16] = *b"CsndPerformerEff";
    const VST3_SUBCATEGORIES: &'static [Vst3SubCategory] = &[Vst3SubCategory::Fx];
}

#[cfg(all(test, target_os = "linux"))]
mod tests;
