//! A trial performance: by which Csound the piece starts, what it declares, which files it opens. Confined like any
//! piece, in an engine process.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use csound_library::{ChannelInfo, Generation, MidiMessage, how_to_install};
use csound_performance::blocks::{Blocks, Seat, arrivals};
use csound_performance::engine::framing::Timing;
use csound_performance::engine::protocol::Confinement;
use csound_performance::engine::remote::{Options, RemoteEngine, file_read};
use csound_performance::engine::{Abandoned, ConsoleLine, Engine, Shown, StartError};
use csound_performance::{Performance, Piece, PieceSpec, Shared};

use crate::layouts::Asked;
use crate::plugin::channels::host::{FOLDER_CHANNEL, host_channels_used};
use crate::plugin::channels::offered::Offered;
use crate::plugin::channels::wiring::text_of;
use crate::plugin::control::compile_errors::{by_its_own_name, compile_errors};
use crate::plugin::pieces::language::sign_of_seven;
use crate::plugin::pieces::wishes::PieceWishes;

/// The rate and the blocks of the trial, and seconds of the piece that it hears at most.
const RATE: f64 = 48_000.0;
const BLOCK: usize = 512;
const LONGEST: f64 = 10.0;

/// Where the piece has no score it hears so much of the keyboard.
const WITHOUT_SCORE: f64 = 2.0;

/// The longest that it may take, and that the piece may take to start.
const PATIENCE: Duration = Duration::from_secs(20);
const STARTING: Duration = Duration::from_secs(60);

/// The errors that a piece which does not start is told with.
const MOST_ERRORS: usize = 5;

/// What tells, in small letters, that a file is not read: ours, and Csound's and its opcodes' many words.
const LACKS: [&str; 9] = [
    REFUSED,
    "cannot open",
    "can't open",
    "could not open",
    "couldn't open",
    "could not be opened",
    "failed to open",
    "error opening",
    "could not find file",
];

/// What a refusal begins with, that of a file, and what an exporter does about a file.
const REFUSED: &str = "refused: ";
const NOT_READ: &str = "refused: the piece may not read";
const ADD_IT: &str = ". A file that lies elsewhere, or is a link to one that does, is added by name: --with FILE (in the \
                      editor More files…)";

/// What is performed.
pub(super) struct Trial<'a> {
    /// The engine program.
    pub program: &'a Path,
    pub piece: &'a Piece,
    /// Folders that the piece may read.
    pub readable: Vec<PathBuf>,
    /// Nobody waits for it any more.
    pub given_up: &'a Abandoned,
}

/// What a performance has shown.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Performed {
    /// The Csound that performed it.
    pub generation: Generation,
    /// The inputs and outputs that it asks for.
    pub asked: Asked,
    /// The channels that it declares.
    pub channels: Vec<ChannelInfo>,
    /// The files that it opened to read, outside the system's folders.
    pub reads: Vec<PathBuf>,
    /// What went wrong, for the user.
    pub notes: Vec<String>,
}

/// The most lines of a trial that are looked at, and the most notes on it.
const MOST_LINES: usize = 20_000;
const MOST_NOTES: usize = 200;

/// A generation as a manifest has it.
pub(super) fn in_manifest(generation: Generation) -> csound_export::Generation {
    match generation {
        Generation::Six => csound_export::Generation::Six,
        Generation::Seven => csound_export::Generation::Seven,
    }
}

impl Trial<'_> {
    /// Performs by the Csound that the piece asks for, else by the newest installed by which it starts.
    pub fn by_the_newest(&self) -> Result<Performed, String> {
        let installed: BTreeSet<Generation> =
            csound_library::installed().into_iter().map(|found| found.generation).collect();
        let asked = PieceWishes::of(self.piece).csound;
        if let Some(generation) = asked.or_else(|| sign_of_seven(self.piece).map(|_| Generation::Seven)) {
            if !installed.contains(&generation) {
                let install = how_to_install(generation);
                return Err(format!(
                    "{} is for {generation}, which is not installed here. Install it ({install}) and export again",
                    self.piece.name
                ));
            }
            return self.by(generation);
        }
        let mut first = None;
        for generation in installed.into_iter().rev() {
            if self.given_up.is_abandoned() {
                break;
            }
            match self.by(generation) {
                Ok(performed) => return Ok(performed),
                Err(why) => first = first.or(Some(why)),
            }
        }
        let none = || {
            let install = how_to_install(Generation::Six);
            format!("there is no Csound here to try the piece by. Install it ({install}) and export again")
        };
        Err(first.unwrap_or_else(none))
    }

    /// Performs by this Csound.
    pub fn by(&self, generation: Generation) -> Result<Performed, String> {
        let mut lines = Vec::new();
        let confinement = Confinement { readable: self.readable.clone(), ..Confinement::default() };
        let options = Options {
            names_files: true,
            compile_limit: STARTING,
            abandoned: self.given_up.clone(),
            ..Options::new(self.program.to_owned(), Some(confinement))
        };
        let started = RemoteEngine::start(&self.spec(generation), &options, &mut |line| lines.push(line));
        let started = started.map_err(|error| self.failure(&error, generation, &lines))?;
        let format = started.engine.format();
        let asked = Asked { inputs: format.inputs, outputs: format.outputs };
        let handle = started.engine.handle();
        let seconds = started.shown.score_length.unwrap_or(WITHOUT_SCORE).clamp(WITHOUT_SCORE, LONGEST);
        let mut drain = || {
            // A piece may print without end.
            let room = MOST_LINES.saturating_sub(lines.len());
            lines.extend(handle.drain_console().into_iter().take(room));
        };
        listen(started.engine, seconds, self.given_up, &mut drain);
        drain();
        let ended = handle.take_end().map(|why| format!("in its trial performance the piece ended: {why}"));
        Ok(performed(generation, asked, started.shown, &lines, ended))
    }

    fn spec(&self, generation: Generation) -> PieceSpec {
        let mut texts = Offered::default_texts(self.piece);
        if let Some(folder) =
            self.piece.folder.as_ref().filter(|_| host_channels_used(text_of(self.piece)).folder)
        {
            texts.push((FOLDER_CHANNEL.to_owned(), folder.display().to_string()));
        }
        PieceSpec {
            generation: Some(generation),
            channel_values: Offered::defaults(self.piece),
            channel_texts: texts,
            ..PieceSpec::new(self.piece.clone(), RATE)
        }
    }

    /// Why it does not start: its errors with their lines, as the editor has them, else what Csound said.
    fn failure(&self, error: &StartError, generation: Generation, lines: &[ConsoleLine]) -> String {
        let name = &self.piece.name;
        let refused = lines.iter().filter(|line| line.text.contains(NOT_READ));
        let refused: Vec<&str> = refused.map(|line| line.text.trim()).collect();
        let helps = if refused.is_empty() { "" } else { ADD_IT };
        let is_of_text = matches!(error, StartError::Compile { .. });
        let found = if is_of_text { compile_errors(lines, text_of(self.piece), &[]) } else { Vec::new() };
        if !found.is_empty() {
            let told = found
                .iter()
                .map(|error| format!("{}{}", error.place().replacen("Line", "line", 1), error.text));
            let told: Vec<String> =
                refused.iter().map(|text| (*text).to_owned()).chain(told).take(MOST_ERRORS).collect();
            return format!(
                "by {generation}: {name} does not compile. {}{helps}",
                self.by_own_name(&told.join("; "))
            );
        }
        let reason = error.to_string();
        let mut errors: Vec<&str> = Vec::new();
        for line in lines.iter().filter(|line| line.level == csound_library::Level::Error) {
            let text = line.text.trim();
            if !text.is_empty() && !errors.contains(&text) && !reason.contains(text) {
                errors.push(text);
            }
        }
        errors.truncate(MOST_ERRORS);
        let reason = reason.trim_end_matches('.');
        let begins = if reason.contains(name.as_str()) { String::new() } else { format!("{name}: ") };
        let said = if errors.is_empty() { String::new() } else { format!(" ({})", errors.join("; ")) };
        self.by_own_name(&format!("by {generation}: {begins}{reason}{said}{helps}"))
    }

    /// With the piece's name in place of the engine's copy of it.
    fn by_own_name(&self, text: &str) -> String {
        by_its_own_name(text, &std::env::temp_dir().to_string_lossy(), &self.piece.name)
    }
}

/// Performs so many seconds, with a key pressed in the first half.
fn listen(engine: RemoteEngine, seconds: f64, given_up: &Abandoned, drain: &mut dyn FnMut()) {
    let (shared, arrivals) = (Arc::<Shared>::default(), arrivals());
    let performance = Performance::new(Arc::clone(&shared));
    let mut blocks = Blocks::new(shared, Arc::clone(&arrivals));
    arrivals.force_push(Box::new(Seat::new(Box::new(engine), BLOCK)));
    blocks.activate(RATE, BLOCK, Timing::Exact);
    // A full queue would be a key less in the trial.
    let key = |bytes: [u8; 3]| MidiMessage::new(&bytes).map(|message| performance.midi_message(message));
    let _ = performance.play();
    let _ = key([0x90, 60, 100]);
    let number = (seconds * RATE / BLOCK as f64) as usize;
    let began = Instant::now();
    let (mut left, mut right) = ([0.0; BLOCK], [0.0; BLOCK]);
    for block in 0..number {
        if block == number / 2 {
            let _ = key([0x80, 60, 0]);
        }
        blocks.begin(BLOCK, true).finish(&mut [&mut left, &mut right]);
        drain();
        if began.elapsed() > PATIENCE || given_up.is_abandoned() {
            break;
        }
    }
    blocks.unseat();
}

fn performed(
    generation: Generation,
    asked: Asked,
    shown: Shown,
    lines: &[ConsoleLine],
    ended: Option<String>,
) -> Performed {
    let reads: BTreeSet<PathBuf> = lines.iter().filter_map(file_read).map(Path::to_owned).collect();
    let mut notes: Vec<String> = ended.into_iter().collect();
    // A refusal, and a file that Csound does not find, are what the export would lack.
    for line in lines {
        let text = line.text.trim();
        let small = text.to_lowercase();
        let is_lack = LACKS.iter().any(|sign| small.contains(sign));
        // Whoever plays the plugin has no shield to allow it with, unless the source is shown.
        let is_confined = text.starts_with(REFUSED) && !text.starts_with(NOT_READ);
        let helps =
            if is_confined { ". An exported plugin is as confined: it plays without that" } else { "" };
        let note = format!("in its trial performance: {text}{helps}");
        if is_lack && notes.len() < MOST_NOTES && !notes.contains(&note) {
            notes.push(note);
        }
    }
    Performed { generation, asked, channels: shown.channels, reads: reads.into_iter().collect(), notes }
}
