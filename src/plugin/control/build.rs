//! Builds the engine of a piece: what the user lets it do, its values at the start, its process.

use std::panic::AssertUnwindSafe;

use csound_library::LoadError;
use csound_performance::Generation;
use csound_performance::blocks::Seat;
use csound_performance::engine::piece::{Piece, Source};
use csound_performance::engine::{ConsoleLine, Format, PieceSpec, Shown, StartError, resource_file};

use super::choosing::{AtHand, cause_of, in_another_process, missing, unknown};
use super::compile_errors::{by_its_own_name, compile_errors, error_of_reason};
use super::engines::{self, Made, RunningEngine};
use super::faults::{self, Reader, Said};
use super::job::Job;
use crate::layouts::Asked;
use crate::plugin::channels::bank::PARAMETERS;
use crate::plugin::channels::cabbage;
use crate::plugin::channels::expressions::too_many_modulated;
use crate::plugin::channels::host::{FOLDER_CHANNEL, host_channels_used};
use crate::plugin::channels::offered::Offered;
use crate::plugin::channels::told::{Told, knows_of};
use crate::plugin::channels::wiring::{FIRST_OF_HOST, Wiring, text_of};
use crate::plugin::pieces::choice::Named;
use crate::plugin::pieces::files;
use crate::plugin::pieces::plan::Plan;
use crate::plugin::pieces::trust::{
    FolderAccess, Granted, Pinned, Trust, reads::seems_to_read, wants::Wants,
};
use crate::plugin::pieces::which::Why;
use crate::plugin::shared::csounds::{InstalledCsound, name_of};
use crate::plugin::shared::link::Link;
use crate::plugin::shared::locked::{Begin, Failure, IsolationState, Written};
use crate::plugin::shared::ranges::changed_ranges;
use crate::plugin::tuning::{reads_tuning, tuning_channels};
use crate::track::{Track, reads_track};

/// An engine ready for the audio thread.
pub struct Built {
    /// The engine, for the audio thread.
    pub seat: Box<Seat>,
    /// The same, as seen from here.
    pub running: RunningEngine,
    /// What it performs.
    pub piece: Piece,
    /// Its channels by index.
    pub wiring: Wiring,
    /// What the piece showed.
    pub shown: Shown,
    /// What was said to be wrong while it started.
    pub said: Vec<Said>,
}

impl Built {
    /// The generation of the Csound that performs it, as the engine itself says.
    pub fn generation(&self) -> Option<Generation> {
        let (major, ..) = self.shown.csound?;
        u8::try_from(major).ok().and_then(Generation::of_number)
    }
}

/// The channels' values at the start: what the piece's widgets stand at, then what was set.
fn starting_values(piece: &Piece, job: &Job, set: Vec<(String, f64)>) -> Vec<(String, f64)> {
    let mut values = if job.channel_defaults { Offered::defaults(piece) } else { Vec::new() };
    if !job.has_own_values(piece) {
        values.extend(set);
    }
    if reads_tuning(text_of(piece)) {
        values.extend(tuning_channels(job.tuning.as_ref()));
    }
    values
}

/// The string channels' texts at the start: what the piece's widgets stand at, then what was set.
fn starting_texts(piece: &Piece, job: &Job, track: &Track) -> Vec<(String, String)> {
    let mut texts = if job.channel_defaults { Offered::default_texts(piece) } else { Vec::new() };
    if !job.has_own_values(piece) {
        texts.extend(job.channel_texts.iter().cloned());
    }
    if reads_track(text_of(piece)) {
        texts.extend(track.texts());
    }
    if let Some(folder) = piece.folder.as_ref().filter(|_| host_channels_used(text_of(piece)).folder) {
        texts.push((FOLDER_CHANNEL.to_owned(), folder.display().to_string()));
    }
    texts
}

/// How a piece is confined, as the user lets it.
pub(super) fn isolation_of(link: &Link, trust: &Trust, piece: &Piece, in_process: bool) -> IsolationState {
    let mut granted = trust.granted(piece);
    // An exported piece reads the folder that it came in.
    let of_export = link.export.as_ref().filter(|export| export.is_in_folder(piece.folder.as_deref()));
    granted.folders.extend(of_export.and_then(|export| export.readable_folder()));
    let plan = engines::plan(&granted, in_process);
    let asks = match granted.access(piece) {
        FolderAccess::Asks(folder) if plan == (Plan::Isolated { trusted: false }) => {
            Some(folder).filter(|_| seems_to_read(piece))
        }
        _ => None,
    };
    let folder = piece.folder.as_ref();
    let folder = folder.map(|folder| folder.canonicalize().unwrap_or_else(|_| folder.clone()));
    IsolationState { plan: Some(plan), granted, wants: Wants::of(piece), folder, asks }
}

/// The user's own options for Csound, where an isolated piece shall have them: others read them themselves.
pub(super) fn users_options(
    link: &Link,
    plan: Plan,
    generation: Option<Generation>,
    lines: &mut Vec<ConsoleLine>,
) -> Vec<String> {
    if plan != (Plan::Isolated { trusted: false }) || !link.lock().limits.resource_files {
        return Vec::new();
    }
    match resource_file::read(generation.unwrap_or(Generation::Six)) {
        Ok(found) => {
            lines.extend(found.notes.into_iter().map(ConsoleLine::note));
            found.kept
        }
        Err(error) => {
            lines.push(ConsoleLine::error(format!("your options for Csound are not used: {error}")));
            Vec::new()
        }
    }
}

/// How a piece is started by a Csound, with the values that were set for its channels and without options of the user's
/// own. Only for an engine that will perform are these the bank's starting values: asking for them changes the bank.
pub(super) fn spec_of(
    link: &Link,
    piece: &Piece,
    job: &Job,
    set: Vec<(String, f64)>,
    generation: Option<Generation>,
) -> PieceSpec {
    PieceSpec {
        piece: piece.clone(),
        sample_rate: job.host.sample_rate,
        sample_accurate: job.options.sample_accurate,
        at_end: job.options.at_end,
        score_start: match job.begin {
            Begin::AtStart | Begin::Restart | Begin::Spare => job.score_start,
            Begin::SamePlace | Begin::AfterCrash => link.shared.score_time(),
        },
        loop_start: job.score_start,
        channel_defaults: job.channel_defaults,
        channel_values: starting_values(piece, job, set),
        channel_texts: starting_texts(piece, job, &link.track.get()),
        panel: if job.has_own_values(piece) { Vec::new() } else { job.widgets.clone() },
        generation,
        instrument: job.instrument.clone(),
        users_options: Vec::new(),
        measured: false,
        lists_opcodes: false,
    }
}

/// Tells a piece of the machine, before all that is set: of the user's folders what it may know.
pub(super) fn with_what_is_told(spec: PieceSpec, plan: Plan, granted: &Granted) -> PieceSpec {
    let readable = granted.readable();
    let is_free = plan != (Plan::Isolated { trusted: false });
    let Told { numbers, texts } =
        Told::at_start(text_of(&spec.piece), |folder| is_free || knows_of(&readable, folder));
    PieceSpec {
        channel_values: [numbers, spec.channel_values].concat(),
        channel_texts: [texts, spec.channel_texts].concat(),
        ..spec
    }
}

/// Compiles and starts by a Csound, or by the library's first where none is named. A panic on the way is a defect of
/// ours, and a failure like any other.
pub fn build(
    link: &Link,
    piece: &Piece,
    job: &Job,
    csound: Option<&Named>,
    installed: &[InstalledCsound],
) -> Result<Built, Failure> {
    let generation = csound.and_then(Named::known);
    if let Some(named) = csound.filter(|named| named.known().is_none()) {
        return Err(Failure::from(unknown(&piece.name, named, AtHand::of(link.export.is_some()))));
    }
    let spec = spec_of(link, piece, job, link.bank.starting_values(), generation);
    let mut lines = Vec::new();
    let trust = Trust::read().unwrap_or_else(|error| {
        lines.push(ConsoleLine::error(format!(
            "what pieces may do cannot be read, so this one may do nothing: {error}"
        )));
        Trust::default()
    });
    let isolation = isolation_of(link, &trust, piece, job.in_process);
    let granted = isolation.granted.clone();
    let plan = engines::plan(&granted, job.in_process);
    link.lock().isolation = isolation;
    let users_options = users_options(link, plan, spec.generation, &mut lines);
    let spec = with_what_is_told(PieceSpec { users_options, ..spec }, plan, &granted);
    let made = std::panic::catch_unwind(AssertUnwindSafe(|| {
        engines::make(&spec, plan, &granted, job.patience.clone(), &mut |line| lines.push(line))
    }));
    by_their_own_name(&mut lines, &piece.name);
    let mut reader = Reader::of(piece);
    let said = [reader.read(&lines), reader.read(&[])].concat();
    link.log(lines.clone());
    let Made { mut engine, shown, running } = match made {
        Ok(Ok(made)) => made,
        Ok(Err(error)) => {
            if let Some(reason) =
                without_csound(&error, piece, job.why, csound, installed, AtHand::of(link.export.is_some()))
            {
                link.log(vec![ConsoleLine::note(error.to_string())]);
                return Err(Failure::from(reason));
            }
            return Err(failure(&error, &lines, said, piece, &granted));
        }
        Err(_) => {
            return Err(Failure::from(format!(
                "{}: Csound Performer failed while loading it; this is our fault",
                piece.name
            )));
        }
    };
    let offered = Offered::find(piece, &shown.channels);
    if job.has_own_values(piece) {
        link.begin_with_own_values(job.wanted);
    }
    let names = link.bank.names();
    link.bank.adopt_each(&offered.inputs, |name| offered.quiet.contains(name));
    link.learned.follow(&names, &link.bank.names());
    if !spec.panel.is_empty() {
        // As the piece has changed them since it began.
        if link.change_ranges(&changed_ranges(text_of(piece), &spec.panel.clone().into())) {
            link.names.note_texts();
        }
    }
    link.keep_edited_ranges();
    link.show_names(text_of(piece));
    let written = Written {
        outputs: offered.outputs.iter().take(FIRST_OF_HOST - PARAMETERS).cloned().collect(),
        both: offered.both.clone(),
    };
    {
        let mut locked = link.lock();
        locked.written = written;
        if locked.performing.as_deref() != Some(text_of(piece)) {
            let remarks = cabbage::parse(text_of(piece)).remarks();
            let too_many = too_many_modulated(text_of(piece));
            (locked.tables, locked.signals) = Default::default();
            locked.strokes.clear();
            remarks.iter().for_each(|remark| locked.log(ConsoleLine::warning(remark.to_string())));
            too_many.into_iter().for_each(|told| locked.log(ConsoleLine::warning(told)));
        }
        locked.performing = Some(text_of(piece).into());
        locked.performs_by = shown.csound;
    }
    let wiring = Wiring::of(piece, &offered, &link.bank);
    engine.bind(&wiring.names);
    let format = engine.format();
    link.ask_channels(Some(Asked { inputs: format.inputs, outputs: format.outputs }));
    describe(link, &format, job.host.outputs, &shown);
    let mut seat = Box::new(Seat::new(engine, job.host.largest));
    seat.plays = (job.begin == Begin::AtStart).then(|| link.requests.plays());
    seat.is_spare = job.begin == Begin::Spare;
    Ok(Built { seat, running, piece: piece.clone(), wiring, shown, said })
}

/// Why a piece failed: its first error with the line, where Csound names errors of the text.
pub(super) fn failure(
    error: &StartError,
    lines: &[ConsoleLine],
    said: Vec<Said>,
    piece: &Piece,
    granted: &Granted,
) -> Failure {
    let reason = error.to_string();
    let is_of_text = matches!(error, StartError::Compile { .. } | StartError::Process(_));
    let mut errors = if is_of_text {
        compile_errors(lines, &whole_text(piece), &included_texts(piece))
    } else {
        Vec::new()
    };
    if errors.is_empty() {
        errors.extend(error_of_reason(&reason, &piece.name));
    }
    let mut what = "does not compile";
    if errors.is_empty() && matches!(error, StartError::Compile { .. }) {
        what = "does not start";
        errors = faults::of_header(said, piece, granted);
    }
    let reason = match &errors[..] {
        [] => reason_by_its_own_name(&reason, &piece.name),
        [first, others @ ..] => {
            let at = first.place();
            let more =
                if others.is_empty() { String::new() } else { format!(" (and {} more)", others.len()) };
            format!("{} {what}. {at}{}{more}", piece.name, first.text)
        }
    };
    Failure { reason, errors, cause: cause_of(error, lines) }
}

/// The texts that a piece includes, by the names that it names them by.
fn included_texts(piece: &Piece) -> Vec<(String, String)> {
    let included = Pinned::of(piece).included.into_iter();
    included.filter_map(|file| Some((file.name, files::text_of(file.bytes?)))).collect()
}

/// Why a piece does not perform if that is for want of its Csound.
pub(super) fn without_csound(
    error: &StartError,
    piece: &Piece,
    why: Why,
    csound: Option<&Named>,
    installed: &[InstalledCsound],
    at_hand: AtHand,
) -> Option<String> {
    let named = csound?;
    let generation = named.known()?;
    if let StartError::Library(library) = error
        && library.is_for_another_process()
    {
        return Some(format!("{}: {error} {}", piece.name, in_another_process(at_hand)));
    }
    // Where there is no Csound at all, the error itself says where it was looked for.
    let has_others = installed.iter().any(|other| other.generation != generation);
    (has_others && LoadError::tells_that_missing(&error.to_string(), generation))
        .then(|| missing(&piece.name, generation, why, installed, at_hand))
}

/// The text that lines are counted in.
fn whole_text(piece: &Piece) -> String {
    match &piece.source {
        Source::Csd(text) => text.clone(),
        Source::OrcSco { orc, .. } => orc.clone(),
    }
}

fn reason_by_its_own_name(reason: &str, piece: &str) -> String {
    by_its_own_name(reason, &std::env::temp_dir().to_string_lossy(), piece)
}

/// The console's lines with the user's own file name in them.
pub(super) fn by_their_own_name(lines: &mut [ConsoleLine], piece: &str) {
    let temporary = std::env::temp_dir();
    let temporary = temporary.to_string_lossy();
    for line in lines.iter_mut().filter(|line| line.text.contains(&*temporary)) {
        line.text = by_its_own_name(&line.text, &temporary, piece);
    }
}

fn describe(link: &Link, format: &Format, host_outputs: usize, shown: &Shown) {
    let Format { sample_rate, ksmps, inputs, outputs, .. } = *format;
    let by = shown.csound.map(|version| format!(", by {}", name_of(version))).unwrap_or_default();
    let mut lines = vec![ConsoleLine::note(format!(
        "performing at {sample_rate} Hz, ksmps {ksmps}, {inputs} in, {outputs} out{by}"
    ))];
    lines.extend(mapping_note(outputs, host_outputs).map(ConsoleLine::note));
    link.log(lines);
}

/// How a piece's channels go to a host with another number of them.
fn mapping_note(piece: usize, host: usize) -> Option<String> {
    match (piece, host) {
        (piece, host) if piece == host => None,
        (1, _) => Some("the piece's single channel is heard on both of the first pair".to_owned()),
        (piece, host) if piece > host => Some(format!(
            "the piece has {piece} channels, the host {host}: channels from {} on are not heard",
            host + 1
        )),
        _ => Some(format!("the piece has {piece} channels, the host {host}: the others are silent")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mapping_is_told_only_where_there_is_one() {
        assert_eq!(mapping_note(2, 2), None);
        assert!(mapping_note(1, 2).unwrap().contains("both"));
        assert!(mapping_note(4, 2).unwrap().contains("from 3 on"));
        assert!(mapping_note(2, 8).unwrap().contains("silent"));
    }
}
