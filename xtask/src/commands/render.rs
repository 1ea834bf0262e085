//! `cargo xtask render`: a piece through the plugin, faster than real time.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use test_host::host::EventBody;
use test_host::render::{
    BlockSize, DEFAULT_RATE, Plugin, RenderOptions, Rendered, SendSysEx, SetChannel, SetParam,
    render_whatever_comes,
};
use test_host::session::{Session, Timing};
use test_host::{midi, wav};

use crate::commands::bundle;

/// The exit code where the engine ended on the way. A piece that does not perform at all is an error as any other.
const BROKE_OFF: u8 = 3;

/// How often the progress bar moves.
const BAR_INTERVAL: Duration = Duration::from_millis(100);

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
    /// When k-cycles are performed: exact, immediate or pipelined
    #[arg(long, default_value = "exact")]
    pub timing: Timing,
    /// Start score events on their exact frame, even if the piece does not ask for it
    #[arg(long)]
    pub sample_accurate: bool,
    /// Which plugin performs: instrument or fx
    #[arg(long, default_value = "instrument")]
    pub plugin: Plugin,
    /// Output channels [default: as many as the piece has]
    #[arg(long, value_name = "N")]
    pub channels: Option<u32>,
    /// Sound for the inputs: as many channels as the piece has outputs, then those of the sidechain
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
    /// Use the plugin that was built into this folder, such as target/bundled, and build nothing
    #[arg(long, value_name = "FOLDER")]
    pub bundle: Option<PathBuf>,
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
        options.listens = true;
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
/// As [`render_whatever_comes`]; or the plugin cannot be built, or the result not be written.
pub fn run(args: &RenderArgs) -> Result<ExitCode> {
    let clap = plugin(args.bundle.as_deref())?;
    let options = args.options(&clap)?;
    allow_folders(options.session.folder.as_deref());
    let rendered = render_with_bar(&options)?;
    let output = args
        .output
        .clone()
        .unwrap_or_else(|| PathBuf::from(args.piece.file_stem().unwrap_or_default()).with_extension("wav"));
    wav::write(&output, &rendered.samples, rendered.rate)?;
    println!("{}: {}", output.display(), describe(&rendered));
    for fault in &rendered.faults {
        println!("  {fault}");
    }
    Ok(exit_code(&rendered))
}

/// Says how the engine ended on the way, if it did. What was performed until then is written.
fn exit_code(rendered: &Rendered) -> ExitCode {
    let Some(crash) = &rendered.crash else { return ExitCode::SUCCESS };
    let heard =
        if rendered.ended { "what was performed until then is written" } else { "it was started again" };
    eprintln!("error: {crash}; {heard}");
    ExitCode::from(BROKE_OFF)
}

/// The CLAP plugin in a folder, or else the one that is built now.
///
/// # Errors
/// There is none, or it does not build.
pub(crate) fn plugin(folder: Option<&Path>) -> Result<PathBuf> {
    match folder {
        Some(folder) => bundled_in(folder),
        None => Ok(bundle::release(bundle::Quiet::Yes)?.clap),
    }
}

/// The CLAP plugin in a folder.
fn bundled_in(folder: &Path) -> Result<PathBuf> {
    let mut found: Vec<PathBuf> = std::fs::read_dir(folder)
        .with_context(|| format!("{} cannot be read", folder.display()))?
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "clap"))
        .collect();
    found.sort();
    let first = found.into_iter().next();
    first.with_context(|| format!("{} holds no .clap: `cargo xtask bundle` makes one", folder.display()))
}

/// Lets pieces read the folders that they were named in: the user who names a file on the command line means it.
pub(crate) fn allow_folders<'a>(folders: impl IntoIterator<Item = &'a Path>) {
    const VARIABLE: &str = "CSOUND_PERFORMER_FOLDERS";
    let allowed = std::env::var_os(VARIABLE).unwrap_or_default();
    let folders = std::env::split_paths(&allowed).chain(folders.into_iter().map(Path::to_owned));
    if let Ok(folders) = std::env::join_paths(folders.filter(|folder| !folder.as_os_str().is_empty())) {
        tell_the_plugin(VARIABLE, &folders);
    }
}

/// Sets a variable that the plugin reads when it is loaded.
pub(crate) fn tell_the_plugin(variable: &str, value: &OsStr) {
    // SAFETY: this program has not started a thread yet, and the plugin is not loaded.
    unsafe { std::env::set_var(variable, value) };
}

/// Renders with a progress bar, where there is a terminal to show it.
///
/// # Errors
/// As [`render_whatever_comes`].
pub fn render_with_bar(options: &RenderOptions) -> Result<Rendered> {
    let bar = ProgressBar::no_length();
    let rate = f64::from(options.rate);
    let style =
        |template| ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    bar.set_style(style("{spinner} {prefix} {msg}"));
    bar.set_prefix(options.session.name.clone());
    let started = Instant::now();
    let mut shown = started;
    let rendered = render_whatever_comes(options, |done, total| {
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
    let faults = match rendered.faults.len() {
        0 => String::new(),
        1 => ", with an error of the piece".to_owned(),
        many => format!(", with {many} errors of the piece"),
    };
    format!("{:.2} s, {channels} at {} Hz, {level}{faults}", rendered.seconds(), rendered.rate)
}
