//! `cargo xtask render`: a piece through the plugin, faster than real time.

use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail, ensure};
use clap::{Args, ValueEnum};
use indicatif::{ProgressBar, ProgressStyle};

use crate::bundle;
use crate::host::{self, Block, Event, EventBody, Host, Instance};
use crate::session::{self, AtEnd, Channel, Session, Timing};
use crate::{midi, wav};

/// The environment variable that makes the plugin wait for its engine, whatever a host says.
pub const WAIT_VARIABLE: &str = "CSOUND_PERFORMER_WAIT";

/// Its value.
pub const WAIT_OFFLINE: &str = "offline";

/// The rate where nothing says otherwise, in Hz.
const DEFAULT_RATE: u32 = 48_000;

/// The block size where nothing says otherwise, in frames.
const DEFAULT_BLOCK: u32 = 512;

/// The largest block, in frames.
const LARGEST_BLOCK: u32 = 65_536;

/// The largest of blocks of random sizes, in frames.
const LARGEST_RANDOM_BLOCK: u32 = 4096;

/// A piece that has not ended by itself after this time needs `--seconds`.
const LONGEST_SECONDS: f64 = 20.0 * 60.0;

/// How often the progress bar moves.
const BAR_INTERVAL: Duration = Duration::from_millis(100);

/// Which of the two plugins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Plugin {
    /// *Csound Performer*.
    #[default]
    Instrument,
    /// *Csound Performer FX*.
    Fx,
}

impl Plugin {
    /// The plugin's CLAP id.
    pub fn id(self) -> &'static str {
        match self {
            Self::Instrument => host::INSTRUMENT,
            Self::Fx => host::EFFECT,
        }
    }
}

/// The sizes of the blocks in which a host processes, in frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BlockSize {
    /// All alike; only the last may be shorter.
    Fixed(u32),
    /// Another at every call, 1 to 4096, the same ones for the same seed.
    Random {
        /// The seed.
        seed: u64,
    },
}

impl Default for BlockSize {
    fn default() -> Self {
        Self::Fixed(DEFAULT_BLOCK)
    }
}

impl BlockSize {
    /// The largest size that comes up, in frames.
    pub fn largest(self) -> u32 {
        match self {
            Self::Fixed(frames) => frames,
            Self::Random { .. } => LARGEST_RANDOM_BLOCK,
        }
    }

    /// The sizes, without end.
    pub fn sizes(self) -> impl Iterator<Item = u32> {
        // Splitmix64: any seed will do, 0 as well.
        let mut state = match self {
            Self::Fixed(_) => 0,
            Self::Random { seed } => seed,
        };
        std::iter::from_fn(move || {
            let Self::Random { .. } = self else {
                return Some(self.largest());
            };
            state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
            let mut bits = state;
            bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            bits ^= bits >> 31;
            // Every power of two is as likely as any other, so that small blocks are no rarity.
            let octave = 1 << (bits % 12);
            Some(octave + ((bits >> 32) % u64::from(octave + 1)) as u32)
        })
    }
}

impl FromStr for BlockSize {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self> {
        let Some(seed) = text.strip_prefix("random:") else {
            let frames = text.parse().ok().filter(|frames| (1..=LARGEST_BLOCK).contains(frames));
            let wanted = || format!("a block is 1 to {LARGEST_BLOCK} frames, or random:SEED; not {text:?}");
            return frames.map(Self::Fixed).with_context(wanted);
        };
        let seed = seed.parse().ok().with_context(|| format!("the seed {seed:?} is no whole number"))?;
        Ok(Self::Random { seed })
    }
}

/// A channel of the piece takes a value at a time.
#[derive(Clone, Debug, PartialEq)]
pub struct SetChannel {
    /// The channel's name.
    pub name: String,
    /// Its value.
    pub value: f64,
    /// Seconds from the beginning.
    pub seconds: f64,
}

impl FromStr for SetChannel {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self> {
        let wanted = || format!("{text:?} is not of the form CHANNEL=VALUE or CHANNEL=VALUE@SECONDS");
        let (name, rest) = text.split_once('=').with_context(wanted)?;
        let (value, seconds) = split_time(rest).with_context(wanted)?;
        let value = value.trim().parse().ok().filter(|value: &f64| value.is_finite()).with_context(wanted)?;
        ensure!(!name.trim().is_empty(), wanted());
        Ok(Self { name: name.trim().to_owned(), value, seconds })
    }
}

/// A parameter of the plugin takes a value at a time.
#[derive(Clone, Debug, PartialEq)]
pub struct SetParam {
    /// The parameter's id, such as `play`.
    pub id: String,
    /// Its value as its text says it, such as `-6 dB`; for switches `on` and `off`.
    pub value: String,
    /// Seconds from the beginning.
    pub seconds: f64,
}

impl FromStr for SetParam {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self> {
        let wanted = || format!("{text:?} is not of the form ID=VALUE or ID=VALUE@SECONDS");
        let (id, rest) = text.split_once('=').with_context(wanted)?;
        let (value, seconds) = split_time(rest).with_context(wanted)?;
        Ok(Self { id: id.trim().to_owned(), value: value.trim().to_owned(), seconds })
    }
}

/// A system exclusive message at a time.
#[derive(Clone, Debug, PartialEq)]
pub struct SendSysEx {
    /// The message, F0 and F7 included.
    pub bytes: Vec<u8>,
    /// Seconds from the beginning.
    pub seconds: f64,
}

impl FromStr for SendSysEx {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self> {
        let wanted = || format!("{text:?} is not of the form HEX or HEX@SECONDS, such as F07F7F0602F7@1.5");
        let (hex, seconds) = split_time(text).with_context(wanted)?;
        let digits: Vec<char> = hex.chars().filter(|digit| !digit.is_whitespace()).collect();
        ensure!(digits.len().is_multiple_of(2) && !digits.is_empty(), wanted());
        let byte = |pair: &[char]| u8::from_str_radix(&pair.iter().collect::<String>(), 16).ok();
        let bytes = digits.chunks(2).map(byte).collect::<Option<_>>().with_context(wanted)?;
        Ok(Self { bytes, seconds })
    }
}

/// What stands before `@`, and the seconds behind it: 0 where there is none.
fn split_time(text: &str) -> Option<(&str, f64)> {
    let (value, seconds) = text.split_once('@').unwrap_or((text, "0"));
    let seconds =
        seconds.trim().parse().ok().filter(|seconds: &f64| seconds.is_finite() && *seconds >= 0.0)?;
    Some((value, seconds))
}

/// What to render, and how.
#[derive(Clone, Debug)]
pub struct RenderOptions {
    /// The CLAP bundle.
    pub bundle: PathBuf,
    /// The piece, and how it is performed. [`render`] adds the channels of `set`.
    pub session: Session,
    /// Which plugin performs.
    pub plugin: Plugin,
    /// The length, or none for as long as the piece lasts.
    pub seconds: Option<f64>,
    /// The rate in Hz.
    pub rate: u32,
    /// The sizes of the host's blocks.
    pub block: BlockSize,
    /// Output channels, or none for as many as the piece has. Of the instrument only.
    pub channels: Option<u32>,
    /// Audio for the plugin's inputs, planar, at `rate`: two channels for the main input, then two
    /// for the sidechain. Silence follows.
    pub input: Vec<Vec<f32>>,
    /// Events at frames of the piece, in order.
    pub events: Vec<(u64, EventBody)>,
    /// Values of the piece's channels.
    pub set: Vec<SetChannel>,
    /// Values of the plugin's parameters.
    pub params: Vec<SetParam>,
}

impl RenderOptions {
    /// A piece by the instrument at 48 kHz, to its end.
    pub fn new(bundle: impl Into<PathBuf>, session: Session) -> Self {
        Self {
            bundle: bundle.into(),
            session,
            plugin: Plugin::default(),
            seconds: None,
            rate: DEFAULT_RATE,
            block: BlockSize::default(),
            channels: None,
            input: Vec::new(),
            events: Vec::new(),
            set: Vec::new(),
            params: Vec::new(),
        }
    }
}

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
/// The bundle does not load, the piece does not (with the plugin's own words), it has no end and no
/// length is given, or the plugin fails.
pub fn render(options: &RenderOptions, mut progress: impl FnMut(u64, Option<u64>)) -> Result<Rendered> {
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
    let mut run = Run { instance, options, events, latency, rendered: Vec::new(), midi_out: Vec::new() };
    let ended = run.play(length, &mut progress)?;
    check_piece(&mut run.instance, &session.name)?;
    let mut samples = run.rendered;
    if let Some(channels) = channels {
        samples.truncate(channels as usize);
    }
    Ok(Rendered { samples, rate: options.rate, latency, midi_out: run.midi_out, ended })
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
        let value = match param.value.to_ascii_lowercase().as_str() {
            "on" => Some(1.0),
            "off" if instance.text_to_value(id, "off").is_none() => Some(0.0),
            text => instance.text_to_value(id, text).or_else(|| instance.text_to_value(id, &param.value)),
        };
        let value = value.with_context(|| format!("{} does not take {:?}", param.id, param.value))?;
        Ok(((param.seconds * rate).round() as u64, EventBody::Param { id, value }))
    };
    params.iter().map(event).collect()
}

/// A rendering in progress.
struct Run<'a> {
    instance: Instance,
    options: &'a RenderOptions,
    events: Vec<(u64, EventBody)>,
    latency: u32,
    rendered: Vec<Vec<f32>>,
    midi_out: Vec<(u64, Vec<u8>)>,
}

impl Run<'_> {
    /// Plays `length` frames, or to the end of the piece. True if it ended by itself.
    fn play(&mut self, length: Option<u64>, progress: &mut impl FnMut(u64, Option<u64>)) -> Result<bool> {
        let latency = u64::from(self.latency);
        let longest = (LONGEST_SECONDS * f64::from(self.options.rate)) as u64;
        // The output is late by the latency, so the input goes on for as long.
        let mut end = length.map(|frames| frames + latency);
        let mut ended = false;
        let mut position = 0;
        for size in self.options.block.sizes() {
            let frames = end.map_or(u64::from(size), |end| (end - position).min(size.into()));
            if frames == 0 {
                break;
            }
            let plays = self.block(position, frames as usize)?;
            position += frames;
            if !plays && !ended {
                ended = true;
                end = end.or(Some(position + latency));
            }
            ensure!(
                end.is_some() || position < longest,
                "{} has not ended after {} minutes: give a length with --seconds",
                self.options.session.name,
                LONGEST_SECONDS / 60.0
            );
            self.instance.idle();
            ensure!(
                !self.instance.wants_restart(),
                "the piece's latency changed in the middle of the rendering"
            );
            progress(position, end);
        }
        Ok(ended)
    }

    /// Plays one block. False once the piece has ended.
    fn block(&mut self, position: u64, frames: usize) -> Result<bool> {
        let inputs: Vec<Vec<f32>> =
            self.options.input.iter().map(|channel| slice(channel, position, frames)).collect();
        let inputs: Vec<&[f32]> = inputs.iter().map(Vec::as_slice).collect();
        let (main, sidechain) = inputs.split_at(inputs.len().min(2));
        let due = self.events.partition_point(|(frame, _)| *frame < position + frames as u64);
        let events: Vec<Event> = self
            .events
            .drain(..due)
            .map(|(frame, body)| Event { frame: (frame - position) as u32, body })
            .collect();
        let played = self.instance.process(Block {
            frames,
            input: main,
            sidechain,
            events: &events,
            transport: None,
        })?;
        for event in &played.events {
            let frame = position + u64::from(event.frame);
            if let (Some(message), Some(frame)) =
                (event.body.midi_bytes(), frame.checked_sub(self.latency.into()))
            {
                self.midi_out.push((frame, message));
            }
        }
        self.rendered.resize(played.output.len(), Vec::new());
        let early = u64::from(self.latency).saturating_sub(position).min(frames as u64) as usize;
        for (rendered, channel) in self.rendered.iter_mut().zip(&played.output) {
            rendered.extend_from_slice(&channel[early..]);
        }
        Ok(played.is_playing())
    }
}

/// The part of an input that a block hears, silence after its end.
fn slice(channel: &[f32], position: u64, frames: usize) -> Vec<f32> {
    let begin = usize::try_from(position).unwrap_or(usize::MAX).min(channel.len());
    let end = begin.saturating_add(frames).min(channel.len());
    let mut part = channel[begin..end].to_vec();
    part.resize(frames, 0.0);
    part
}

/// Chooses the plugin's outputs. Returns how many of them to keep: a piece may have a number of
/// channels that no layout has.
fn choose_outputs(options: &RenderOptions, instance: &mut Instance) -> Result<Option<u32>> {
    let wanted = match (options.plugin, options.channels) {
        (Plugin::Fx, None) => return Ok(None),
        (Plugin::Fx, Some(_)) => bail!("the effect is stereo: --channels is for the instrument"),
        (Plugin::Instrument, Some(channels)) => channels,
        (Plugin::Instrument, None) => match options.session.nchnls() {
            Some(channels) => channels,
            None => return Ok(None),
        },
    };
    let offered = instance.offered_output_channels();
    let Some(fitting) = offered.iter().filter(|offered| **offered >= wanted).min() else {
        bail!(
            "{wanted} output channels, where the plugin has at most {}",
            offered.iter().max().unwrap_or(&0)
        );
    };
    instance.select_output_channels(*fitting)?;
    Ok(Some(wanted))
}

fn check_piece(instance: &mut Instance, name: &str) -> Result<()> {
    match session::error_of(&instance.save_state()?)? {
        Some(error) => Err(anyhow!("{error}").context(format!("{name} does not perform"))),
        None => Ok(()),
    }
}

/// Gives each channel of `set` a slot of the bank whose range holds all its values. What is set at
/// the very beginning belongs to the session, the rest becomes parameter events.
fn add_channels(session: &mut Session, set: &[SetChannel], rate: f64) -> Result<Vec<(u64, EventBody)>> {
    let mut set: Vec<&SetChannel> = set.iter().collect();
    set.sort_by(|a, b| a.seconds.total_cmp(&b.seconds));
    let frame = |set: &SetChannel| (set.seconds * rate).round() as u64;
    let mut names: Vec<&str> = Vec::new();
    for channel in &set {
        if !names.contains(&channel.name.as_str()) {
            names.push(&channel.name);
        }
    }
    let mut events = Vec::new();
    for name in names {
        let own: Vec<&SetChannel> = set.iter().copied().filter(|channel| channel.name == name).collect();
        let values = || own.iter().map(|channel| channel.value);
        let mut channel = Channel {
            name: name.to_owned(),
            min: values().fold(f64::INFINITY, f64::min),
            max: values().fold(f64::NEG_INFINITY, f64::max),
            value: own.iter().rev().find(|channel| frame(channel) == 0).map(|channel| channel.value),
            position: 0.0,
        };
        let later: Vec<_> = own.iter().filter(|channel| frame(channel) > 0).collect();
        channel.position = match (channel.value, later.first()) {
            (Some(value), _) => channel.position_of(value),
            // The parameter has to move to be noticed: it begins elsewhere.
            (None, Some(first)) if channel.position_of(first.value) == 0.0 => 1.0,
            (None, _) => 0.0,
        };
        let id = host::param_id(&session::slot_param(session.channels.len()));
        events.extend(
            later
                .iter()
                .map(|set| (frame(set), EventBody::Param { id, value: channel.position_of(set.value) })),
        );
        ensure!(session.channels.len() < session::SLOTS, "more than {} channels are set", session::SLOTS);
        session.channels.push(channel);
    }
    Ok(events)
}

/// What `cargo xtask render` is given.
#[derive(Args, Debug)]
pub struct RenderArgs {
    /// A .csd, or an .orc with its .sco beside it
    pub piece: PathBuf,
    /// The WAV file to write [default: the piece's name, in this folder]
    #[arg(short, long, value_name = "OUT.wav")]
    pub output: Option<PathBuf>,
    /// The length, for pieces without an end of their own
    #[arg(long, value_name = "S")]
    pub seconds: Option<f64>,
    /// The sample rate in Hz [default: the input's, else 48000]
    #[arg(long)]
    pub rate: Option<u32>,
    /// The host's block size in frames, or random:SEED
    #[arg(long, value_name = "N|random:SEED", default_value = "512")]
    pub block: BlockSize,
    /// When k-cycles are performed
    #[arg(long, value_enum, default_value = "exact")]
    pub timing: Timing,
    /// Start score events on their exact frame, even if the piece does not ask for it
    #[arg(long)]
    pub sample_accurate: bool,
    /// Which plugin performs
    #[arg(long, value_enum, default_value = "instrument")]
    pub plugin: Plugin,
    /// Output channels [default: as many as the piece has]
    #[arg(long, value_name = "N")]
    pub channels: Option<u32>,
    /// Sound for the inputs: two channels, then two for the sidechain
    #[arg(long, value_name = "IN.wav")]
    pub input: Option<PathBuf>,
    /// A MIDI file to play
    #[arg(long, value_name = "FILE.mid")]
    pub midi: Option<PathBuf>,
    /// Set a channel of the piece, at a time; may be given again
    #[arg(long, value_name = "CHANNEL=VALUE[@SECONDS]")]
    pub set: Vec<SetChannel>,
    /// Set a parameter of the plugin, at a time; may be given again
    #[arg(long, value_name = "ID=VALUE[@SECONDS]")]
    pub param: Vec<SetParam>,
    /// Send a system exclusive message, at a time; may be given again
    #[arg(long, value_name = "HEX[@SECONDS]")]
    pub sysex: Vec<SendSysEx>,
    /// Leave out the defaults that the piece declares for its channels
    #[arg(long)]
    pub no_defaults: bool,
}

impl RenderArgs {
    /// The options, with all files read.
    ///
    /// # Errors
    /// A file cannot be read, or the arguments contradict each other.
    pub fn options(&self, bundle: &Path) -> Result<RenderOptions> {
        let mut session = Session::from_file(&self.piece)?;
        session.timing = self.timing;
        session.sample_accurate = self.sample_accurate;
        session.channel_defaults = !self.no_defaults;
        let seconds = self.seconds;
        ensure!(seconds.is_none_or(|s| s.is_finite() && s > 0.0), "--seconds wants a length above 0");
        let input = self.input.as_deref().map(wav::read).transpose()?;
        ensure!(
            input.is_none() || self.plugin == Plugin::Fx,
            "--input is for --plugin fx: the instrument has none"
        );
        let rate = self.rate.or(input.as_ref().map(|(_, rate)| *rate)).unwrap_or(DEFAULT_RATE);
        ensure!((1000..=768_000).contains(&rate), "a rate of {rate} Hz cannot be rendered");
        let mut input = match input {
            Some((_, other)) if other != rate => {
                bail!("the input is at {other} Hz, the rendering at {rate} Hz")
            }
            Some((channels, _)) => channels,
            None => Vec::new(),
        };
        if let [mono] = &input[..] {
            input = vec![mono.clone(), mono.clone()];
        }
        let mut options = RenderOptions { seconds, rate, input, ..RenderOptions::new(bundle, session) };
        if let Some(path) = &self.midi {
            let bytes = std::fs::read(path).with_context(|| format!("{} cannot be read", path.display()))?;
            options.events = midi::events(&bytes, rate.into()).with_context(|| path.display().to_string())?;
        }
        options.plugin = self.plugin;
        options.block = self.block;
        options.channels = self.channels;
        options.set.clone_from(&self.set);
        options.params.clone_from(&self.param);
        for SendSysEx { bytes, seconds } in &self.sysex {
            let frame = (seconds * f64::from(rate)).round() as u64;
            options.events.push((frame, EventBody::SysEx(bytes.clone())));
        }
        Ok(options)
    }
}

/// Runs `cargo xtask render`.
///
/// # Errors
/// As [`render`]; or the plugin cannot be built, or the result not be written.
pub fn run(args: &RenderArgs) -> Result<()> {
    let bundle = bundle::release(bundle::Quiet::Yes)?;
    let options = args.options(&bundle.clap)?;
    allow_folder(options.session.folder.as_deref());
    let rendered = render_with_bar(&options)?;
    let output = args
        .output
        .clone()
        .unwrap_or_else(|| PathBuf::from(args.piece.file_stem().unwrap_or_default()).with_extension("wav"));
    wav::write(&output, &rendered.samples, rendered.rate)?;
    println!("{}: {}", output.display(), describe(&rendered));
    Ok(())
}

/// Lets the piece read the folder it was named in: whoever names a file on the command line means it.
pub(crate) fn allow_folder(folder: Option<&Path>) {
    const VARIABLE: &str = "CSOUND_PERFORMER_FOLDERS";
    let allowed = std::env::var_os(VARIABLE).unwrap_or_default();
    let folders = std::env::split_paths(&allowed).chain(folder.map(Path::to_owned));
    if let Ok(folders) = std::env::join_paths(folders.filter(|folder| !folder.as_os_str().is_empty())) {
        // SAFETY: this program has not started a thread yet, and the plugin is not loaded.
        unsafe { std::env::set_var(VARIABLE, folders) };
    }
}

/// Renders with a progress bar, where there is a terminal to show it.
///
/// # Errors
/// As [`render`].
pub fn render_with_bar(options: &RenderOptions) -> Result<Rendered> {
    let bar = ProgressBar::no_length();
    let rate = f64::from(options.rate);
    let style =
        |template| ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    bar.set_style(style("{spinner} {prefix} {msg}"));
    bar.set_prefix(options.session.name.clone());
    let started = Instant::now();
    let mut shown = started;
    let rendered = render(options, |done, total| {
        // Blocks may be single frames: the bar is not for each of them.
        if shown.elapsed() < BAR_INTERVAL {
            return;
        }
        shown = Instant::now();
        if let (Some(total), None) = (total, bar.length()) {
            bar.set_style(style("{prefix} {wide_bar} {msg}"));
            bar.set_length(total);
        }
        let seconds = done as f64 / rate;
        let speed = seconds / started.elapsed().as_secs_f64();
        bar.set_message(format!("{seconds:.1} s, {speed:.0} times real time"));
        bar.set_position(done);
    });
    bar.finish_and_clear();
    rendered
}

/// Length, channels, peak and loudness, for the user.
pub fn describe(rendered: &Rendered) -> String {
    let decibels = |x: f64| format!("{:.1} dB", 20.0 * x.log10());
    let level = match rendered.peak() {
        0.0 => "silent".to_owned(),
        peak => format!("peak {}, RMS {}", decibels(peak.into()), decibels(rendered.rms())),
    };
    let channels = match rendered.samples.len() {
        1 => "1 channel".to_owned(),
        count => format!("{count} channels"),
    };
    format!("{:.2} s, {channels} at {} Hz, {level}", rendered.seconds(), rendered.rate)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(text: &str) -> SetChannel {
        text.parse().unwrap()
    }

    #[test]
    fn set_takes_a_channel_a_value_and_a_time() {
        let expected = SetChannel { name: "cut=off".into(), value: 440.5, seconds: 1.25 };
        assert_eq!(set("cutoff=-1e3").value, -1000.0);
        assert_eq!(set("cutoff=1").seconds, 0.0);
        assert_eq!(set("a b = 440.5 @ 1.25"), SetChannel { name: "a b".into(), ..expected });
        for wrong in ["", "cutoff", "=1", "a=", "a=x", "a=1@", "a=1@-1", "a=nan", "a=1@inf", "a=1@2@3"] {
            assert!(wrong.parse::<SetChannel>().is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn block_takes_a_size_or_a_seed() {
        assert_eq!("17".parse::<BlockSize>().unwrap(), BlockSize::Fixed(17));
        assert_eq!("random:9".parse::<BlockSize>().unwrap(), BlockSize::Random { seed: 9 });
        for wrong in ["", "0", "65537", "-1", "x", "random", "random:", "random:x"] {
            assert!(wrong.parse::<BlockSize>().is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn random_blocks_are_small_and_large_and_the_same_for_a_seed() {
        let sizes = |seed| BlockSize::Random { seed }.sizes().take(1000).collect::<Vec<_>>();
        assert_eq!(sizes(1), sizes(1));
        assert_ne!(sizes(1), sizes(2));
        let largest = BlockSize::Random { seed: 0 }.largest();
        assert!(sizes(0).iter().all(|size| (1..=largest).contains(size)));
        assert!(sizes(0).contains(&1) && sizes(0).iter().any(|size| *size > 2048));
        assert_eq!(BlockSize::Fixed(64).sizes().take(3).collect::<Vec<_>>(), [64, 64, 64]);
    }

    fn channels(set: &[SetChannel]) -> (Vec<Channel>, Vec<(u64, EventBody)>) {
        let mut session = Session::from_csd("a.csd", "");
        let events = add_channels(&mut session, set, 1000.0).unwrap();
        (session.channels, events)
    }

    #[test]
    fn a_value_at_the_beginning_belongs_to_the_session() {
        let (channels, events) = channels(&[set("a=440"), set("b=2")]);
        assert_eq!(events, []);
        assert_eq!(channels[0].value, Some(440.0));
        assert_eq!((channels[1].name.as_str(), channels[1].value), ("b", Some(2.0)));
    }

    #[test]
    fn later_values_are_parameter_events_in_the_range_of_all() {
        let (channels, events) = channels(&[set("a=300@2"), set("b=7@0.5"), set("a=100"), set("a=200@1")]);
        assert_eq!((channels[0].min, channels[0].max, channels[0].position), (100.0, 300.0, 0.0));
        let (a, b) = (host::param_id("c001"), host::param_id("c002"));
        assert_eq!(
            events,
            [
                (1000, EventBody::Param { id: a, value: 0.5 }),
                (2000, EventBody::Param { id: a, value: 1.0 }),
                (500, EventBody::Param { id: b, value: 0.0 }),
            ]
        );
        // A parameter that is told to stay where it is would not be noticed.
        assert_eq!(channels[1].position, 1.0);
        assert_eq!((channels[1].min, channels[1].max, channels[1].value), (7.0, 7.0, None));
    }

    #[test]
    fn an_input_is_followed_by_silence() {
        let input = [1.0, 2.0, 3.0];
        assert_eq!(slice(&input, 0, 2), [1.0, 2.0]);
        assert_eq!(slice(&input, 2, 3), [3.0, 0.0, 0.0]);
        assert_eq!(slice(&input, 9, 2), [0.0, 0.0]);
    }

    #[test]
    fn parameters_and_messages_are_read_with_their_times() {
        let set: SetParam = "gain=-6 dB@1.5".parse().unwrap();
        assert_eq!((set.id.as_str(), set.value.as_str(), set.seconds), ("gain", "-6 dB", 1.5));
        let sent: SendSysEx = "F0 7F 7F 06 02 F7".parse().unwrap();
        assert_eq!((sent.bytes, sent.seconds), (vec![0xF0, 0x7F, 0x7F, 6, 2, 0xF7], 0.0));
        for wrong in ["gain", "gain=1@x", "gain=1@-1"] {
            assert!(wrong.parse::<SetParam>().is_err(), "{wrong}");
        }
        for wrong in ["", "F", "F0XX", "F0@", "F0@-1"] {
            assert!(wrong.parse::<SendSysEx>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_piece_without_end_needs_a_length() {
        let options = RenderOptions::new("no-bundle", Session::from_csd("drone.csd", "<CsScore></CsScore>"));
        let error = render(&options, |_, _| ()).unwrap_err().to_string();
        assert!(error.contains("drone.csd") && error.contains("--seconds"), "{error}");
    }
}
