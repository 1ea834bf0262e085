//! Renders a piece through the plugin, faster than real time, as a host's export does.

mod blocks;
mod channels;
mod options;
mod run;
mod typed;

use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail, ensure};

use crate::host::{EventBody, Host, Instance, PortLayout};
use crate::session::{self, AtEnd};
use channels::add_channels;
use run::Run;

pub use blocks::BlockSize;
pub use options::{DEFAULT_RATE, Plugin, RenderOptions, SendSysEx, SetChannel, SetParam};

/// The environment variable that makes the plugin wait for its engine, whatever a host says.
pub const WAIT_VARIABLE: &str = "CSOUND_PERFORMER_WAIT";

/// Its value.
pub const WAIT_OFFLINE: &str = "offline";

/// How long what a piece said last is waited for.
const LISTENING: Duration = Duration::from_millis(100);

/// What was rendered, with the latency taken off.
#[derive(Clone, Debug, PartialEq)]
pub struct Rendered {
    /// The sound, planar, all channels equally long.
    pub samples: Vec<Vec<f32>>,
    /// The rate in Hz.
    pub rate: u32,
    /// The latency that was reported and taken off, in frames.
    pub latency: u32,
    /// The MIDI messages that the piece sent, at frames of `samples`.
    pub midi_out: Vec<(u64, Vec<u8>)>,
    /// Whether the piece ended by itself. Up to one block of silence follows its end, unless a
    /// length was given.
    pub ended: bool,
    /// What is wrong with the piece although it performs, as the plugin says it.
    pub faults: Vec<String>,
    /// Those of them that are refusals.
    pub refusals: Vec<String>,
    /// How and at which second the piece's engine ended on the way, if it did. The plugin starts it again a few
    /// times, so the sound may go on.
    pub crash: Option<String>,
}

impl Rendered {
    /// Frames in each channel.
    pub fn frames(&self) -> usize {
        self.samples.first().map_or(0, Vec::len)
    }

    /// The length in seconds.
    pub fn seconds(&self) -> f64 {
        self.frames() as f64 / f64::from(self.rate)
    }

    /// The greatest absolute value of any sample; infinite if one of them is no number.
    pub fn peak(&self) -> f32 {
        let larger = |peak: f32, x: &f32| {
            if x.is_nan() { f32::INFINITY } else { peak.max(x.abs()) }
        };
        self.samples.iter().flatten().fold(0.0, larger)
    }

    /// The root mean square over all channels.
    pub fn rms(&self) -> f64 {
        let count = self.samples.iter().map(Vec::len).sum::<usize>().max(1);
        let sum: f64 = self.samples.iter().flatten().map(|x| f64::from(*x).powi(2)).sum();
        (sum / count as f64).sqrt()
    }
}

/// Renders, telling `progress` the frames done and, where it is known, how many there will be.
///
/// # Errors
/// The bundle does not load, the piece does not (with the plugin's own words), its engine ends on the way, it has
/// no end and no length is given, or the plugin fails.
pub fn render(options: &RenderOptions, progress: impl FnMut(u64, Option<u64>)) -> Result<Rendered> {
    let rendered = render_whatever_comes(options, progress)?;
    match rendered.crash {
        Some(crash) => Err(anyhow!("{crash}").context(format!("{} broke off", options.session.name))),
        None => Ok(rendered),
    }
}

/// The same, but an engine that ends on the way is told in what was rendered, and is no error.
///
/// # Errors
/// As [`render`], but for the end of an engine.
pub fn render_whatever_comes(
    options: &RenderOptions,
    mut progress: impl FnMut(u64, Option<u64>),
) -> Result<Rendered> {
    ensure!(
        options.seconds.is_some()
            || options.session.at_end == AtEnd::Stop && !options.session.has_open_score(),
        "{} plays without end: give a length with --seconds",
        options.session.name
    );
    let mut session = options.session.clone();
    let rate = f64::from(options.rate);
    let mut events = add_channels(&mut session, &options.set, rate)?;
    events.extend(options.events.iter().cloned());
    // Stable: at one frame, channels are set before the notes that may read them.
    events.sort_by_key(|(frame, _)| *frame);

    let host = Host::load(&options.bundle)?;
    let mut instance = Instance::new(&host, options.plugin.id())?;
    instance.set_offline(true)?;
    let channels = choose_outputs(options, &mut instance)?;
    instance.load_state(&session.state()?)?;
    instance.activate(rate, 1, options.block.largest())?;
    instance.settle()?;
    check_piece(&mut instance, &session.name)?;
    instance.start()?;
    events.extend(parameter_events(&mut instance, &options.params, rate)?);
    events.sort_by_key(|(frame, _)| *frame);

    let latency = instance.latency();
    let length = options.seconds.map(|seconds| (seconds * rate).round() as u64);
    let main_inputs = instance.port_channels(true).first().copied().unwrap_or(0) as usize;
    let mut run =
        Run { instance, options, events, latency, main_inputs, rendered: Vec::new(), midi_out: Vec::new() };
    let ended = run.play(length, &mut progress)?;
    if options.listens {
        // What the piece said last is on its way.
        std::thread::sleep(LISTENING);
    }
    let saved = run.instance.save_state()?;
    let (faults, refusals) = (session::faults_of(&saved)?, session::refusals_of(&saved)?);
    let crash = session::error_of(&saved)?;
    let mut samples = run.rendered;
    if let Some(channels) = channels {
        samples.truncate(channels as usize);
    }
    let (rate, midi_out) = (options.rate, run.midi_out);
    Ok(Rendered { samples, rate, latency, midi_out, ended, faults, refusals, crash })
}

/// The parameters' values as events; their texts are the plugin's to read.
fn parameter_events(
    instance: &mut Instance,
    params: &[SetParam],
    rate: f64,
) -> Result<Vec<(u64, EventBody)>> {
    let event = |param: &SetParam| {
        let id =
            instance.param(&param.id).with_context(|| format!("there is no parameter {:?}", param.id))?;
        let value = typed::parameter_value(instance, &param.id, id, &param.value)?;
        Ok(((param.seconds * rate).round() as u64, EventBody::Param { id, value }))
    };
    params.iter().map(event).collect()
}

/// Chooses the plugin's outputs. Returns how many of them to keep: a piece may have a number of
/// channels that no layout has.
fn choose_outputs(options: &RenderOptions, instance: &mut Instance) -> Result<Option<u32>> {
    let Some(wanted) = options.channels.or_else(|| options.session.nchnls()) else { return Ok(None) };
    let offered: Vec<PortLayout> =
        instance.layouts()?.into_iter().filter(|layout| layout.outputs.len() == 1).collect();
    let main = |layout: &PortLayout| layout.outputs[0].channels;
    // Half of the channels that it hears go to the sidechain, if there are more than the main bus has.
    let least = wanted.max(options.input.len().div_ceil(2) as u32);
    let Some(width) = offered.iter().map(main).filter(|channels| *channels >= least).min() else {
        let most = offered.iter().map(main).max().unwrap_or(0);
        bail!("{least} output channels, where the plugin has at most {most}");
    };
    // As wide an input, and a sidechain as wide as that: what is not given is silent.
    let widths = |layout: &PortLayout| layout.inputs.iter().map(|port| port.channels).collect::<Vec<_>>();
    let is_it = |layout: &&PortLayout| {
        main(layout) == width && (options.plugin == Plugin::Instrument || widths(layout) == [width, width])
    };
    let fitting = offered.iter().find(is_it).context("the plugin has no layout of that width")?;
    instance.select_layout(fitting.id)?;
    Ok(Some(wanted))
}

fn check_piece(instance: &mut Instance, name: &str) -> Result<()> {
    match session::error_of(&instance.save_state()?)? {
        // Most errors begin with the piece's name.
        Some(error) if error.contains(name) => Err(anyhow!("{error}")),
        Some(error) => Err(anyhow!("{error}").context(format!("{name} does not perform"))),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::Session;

    #[test]
    fn a_piece_without_end_needs_a_length() {
        let options = RenderOptions::new("no-bundle", Session::from_csd("drone.csd", "<CsScore></CsScore>"));
        let error = render(&options, |_, _| ()).unwrap_err().to_string();
        assert!(error.contains("drone.csd") && error.contains("--seconds"), "{error}");
    }
}
