//! Performs a piece to be heard over the present one, on a thread of its own and in an engine process of its own. It
//! is confined as a piece that nobody has ever trusted, whatever the user lets the same text do when it is opened.

mod hearing;
mod input;
mod phrase;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use csound_performance::Generation;
use csound_performance::engine::piece::Piece;
use csound_performance::engine::{Abandoned, AtEnd, ConsoleLine};

use super::aside::{Aside, OUR_FAULT};
use super::build::{by_their_own_name, failure, spec_of, users_options, with_what_is_told, without_csound};
use super::choosing::{AtHand, unknown};
use super::engines::{self, Made, RunningEngine};
use super::faults::Reader;
use super::job::Job;
use crate::catalogue::Opens;
use crate::plugin::pieces::choice::Named;
use crate::plugin::pieces::files;
use crate::plugin::pieces::plan::Plan;
use crate::plugin::pieces::trust::{Granted, Permissions, Trust};
use crate::plugin::pieces::which::{Moment, Verdict};
use crate::plugin::pieces::wishes::PieceWishes;
use crate::plugin::session::SavedPiece;
use crate::plugin::shared::csounds::{InstalledCsound, newest};
use crate::plugin::shared::link::Link;
use crate::plugin::shared::locked::{Begin, Cause, Failure, Machine};
use crate::setting::Setting;

/// The longest that a piece may take to start for a preview.
const START_LIMIT: Duration = Duration::from_secs(15);

/// The longest that its engine may not get on.
const HANG_LIMIT: Duration = Duration::from_secs(3);

/// What is wrong with a piece that lacks what a preview does not have.
pub(super) const WANTS: &str =
    "It needs its own files, or more than a preview may do: open it to hear all of it";

/// What is wrong with one that is slower than it sounds.
pub(super) const TOO_SLOW: &str = "It is too slow to be heard here";

/// What a preview is made of.
pub(super) struct Subject {
    pub link: Arc<Link>,
    /// Its number.
    pub number: u64,
    /// The piece.
    pub of: Opens,
    /// The count of loaded sessions and the present piece, over which it is heard.
    pub over: (u32, Option<SavedPiece>),
    /// The present piece's engine, as it would be built now.
    pub job: Job,
    /// The Csounds of this machine.
    pub installed: Vec<InstalledCsound>,
}

/// A preview that is under way. Dropped, it is given up, and its thread and engine have ended.
pub(super) struct Previewing {
    number: u64,
    /// The count of loaded sessions and the piece over which it is heard.
    over: (u32, Option<SavedPiece>),
    given_up: Abandoned,
    engine: Arc<Mutex<Option<RunningEngine>>>,
    /// What was wrong, if anything was.
    aside: Option<Aside<Result<(), String>>>,
    /// How far its sound was at the last look, and since when; none before there is any.
    seen: Option<(u64, Instant)>,
}

impl Previewing {
    /// Begins. Where it is given up its thread and engine end.
    ///
    /// # Errors
    /// The system starts no thread.
    pub fn begin(subject: Subject, given_up: Abandoned) -> std::io::Result<Self> {
        let engine = Arc::new(Mutex::default());
        let shared = Arc::clone(&engine);
        let (number, over) = (subject.number, subject.over.clone());
        let work = move |given_up: &Abandoned| {
            let heard = preview(&subject, &shared, given_up);
            drop(shared.lock().unwrap_or_else(PoisonError::into_inner).take());
            heard
        };
        let aside = Aside::begin("csound preview", given_up.clone(), work, || Err(OUR_FAULT.to_owned()))?;
        Ok(Self { number, over, given_up, engine, aside: Some(aside), seen: None })
    }

    /// Its number.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// Whether it is heard over this piece of this session.
    pub fn is_over_piece(&self, session: u32, piece: &Option<SavedPiece>) -> bool {
        self.over.0 == session && self.over.1 == *piece
    }

    /// What came of it, once all that it plays is rendered, or it has failed.
    pub fn look(&mut self) -> Option<Result<(), String>> {
        let came = self.aside.as_mut()?.look()?;
        self.aside = None;
        Some(came)
    }

    /// For how long its sound has not got on, which is this far now. It counts from the first look at it: a piece may take
    /// its time to start.
    pub fn stands_for(&mut self, passed: u64) -> Duration {
        let now = Instant::now();
        match self.seen {
            Some((before, since)) if before == passed => now.duration_since(since),
            _ => {
                self.seen = Some((passed, now));
                Duration::ZERO
            }
        }
    }
}

impl Drop for Previewing {
    fn drop(&mut self) {
        self.given_up.abandon();
        if let Some(engine) = &*self.engine.lock().unwrap_or_else(PoisonError::into_inner) {
            engine.end();
        }
        // Its thread ends with it.
        self.aside = None;
    }
}

/// Starts the piece and has it heard. What is wrong with it, if anything is.
fn preview(
    subject: &Subject,
    engine: &Mutex<Option<RunningEngine>>,
    given_up: &Abandoned,
) -> Result<(), String> {
    let piece = read(&subject.of)?;
    let granted = granted(&piece);
    let link = &subject.link;
    let machine = Machine { here: None, newest: newest(&subject.installed) };
    let verdict = link.lock().says(machine, PieceWishes::of(&piece).csound).decide(Moment::Anew);
    let start = |csound: Option<&Named>| start(subject, &piece, &granted, &verdict, csound, given_up);
    let first = verdict.named.as_ref();
    let made = start(first).or_else(|failure| {
        let tried = first.and_then(Named::known);
        let mut others = subject.installed.iter().map(|found| found.generation);
        let other = others.find(|other| Some(*other) != tried).filter(|_| verdict.may_try_other);
        match other.filter(|_| failure.cause == Cause::Language) {
            Some(other) => start(Some(&other.into())).map_err(|_| failure),
            None => Err(failure),
        }
    });
    let (Made { engine: performs, shown, running }, reader) =
        made.map_err(|failure| match failure.cause {
            Cause::Want => WANTS.to_owned(),
            Cause::Language | Cause::Other => failure.reason,
        })?;
    *engine.lock().unwrap_or_else(PoisonError::into_inner) = Some(running.clone());
    hearing::hear(subject, &piece, &granted, (performs, running, reader), &shown, given_up)
}

/// The piece of an entry. This reads the disk.
fn read(opens: &Opens) -> Result<Piece, String> {
    match opens {
        Opens::Shipped(number) => files::shipped(*number).ok_or_else(|| "there is no such piece".to_owned()),
        Opens::File(path) => files::read_piece(&files::main_file(path)).map_err(|error| error.to_string()),
        Opens::Preset(_) => Err("a preset is heard once it is opened".to_owned()),
    }
}

/// What any piece may do that nobody has let do anything. Folders that all pieces of the process may read are left out
/// too: the user has let them be read by what is opened.
fn granted(piece: &Piece) -> Granted {
    // Where that cannot be read it is nothing.
    let trust = Trust::read().unwrap_or_default();
    let Granted { libraries, untrustable, .. } = trust.granted(piece);
    Granted { permissions: Permissions::default(), folders: Vec::new(), libraries, untrustable }
}

/// Starts the piece by a Csound.
fn start(
    subject: &Subject,
    piece: &Piece,
    granted: &Granted,
    verdict: &Verdict,
    csound: Option<&Named>,
    given_up: &Abandoned,
) -> Result<(Made, Reader), Failure> {
    let Subject { link, job, installed, .. } = subject;
    let at_hand = AtHand::of(link.export.is_some());
    if let Some(named) = csound.filter(|named| named.known().is_none()) {
        return Err(Failure::from(unknown(&piece.name, named, at_hand)));
    }
    let generation: Option<Generation> = csound.and_then(Named::known);
    let confined = Plan::Isolated { trusted: false };
    let mut lines: Vec<ConsoleLine> = Vec::new();
    // What is set is set for the present piece, and no business of another one.
    let mut spec = spec_of(link, piece, job, Vec::new(), generation);
    spec.users_options = users_options(link, confined, generation, &mut lines);
    spec.at_end = AtEnd::Keep;
    spec.sample_accurate = PieceWishes::of(piece).value(Setting::SampleAccurate) == Some(1.0);
    let spec = with_what_is_told(spec, confined, granted);
    let mut patience = job.patience.clone();
    patience.limit = patience.limit.min(START_LIMIT);
    patience.hang = patience.hang.min(HANG_LIMIT);
    patience.abandoned = given_up.clone();
    let made = engines::make_to_look_at(&spec, granted, patience, &mut |line| lines.push(line));
    by_their_own_name(&mut lines, &piece.name);
    let mut reader = Reader::of(piece);
    let said = reader.read(&lines);
    match made {
        Ok(made) => Ok((made, reader)),
        Err(error) => {
            let said = [said, reader.read(&[])].concat();
            let named = csound.or(verdict.named.as_ref());
            match without_csound(&error, piece, verdict.why, named, installed, at_hand) {
                Some(reason) => Err(Failure::from(reason)),
                None => Err(failure(&error, &lines, said, piece, granted)),
            }
        }
    }
}

impl Job {
    /// This one, for another piece that begins with its own values and texts.
    pub fn into_preview(self) -> Self {
        let (widgets, channel_texts) = (Vec::new(), Vec::new());
        Self { begin: Begin::AtStart, score_start: 0.0, instrument: None, widgets, channel_texts, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_takes_its_time_to_start_has_not_stood_for_it() {
        let mut previewing = Previewing {
            number: 1,
            over: (0, None),
            given_up: Abandoned::default(),
            engine: Arc::default(),
            aside: None,
            seen: None,
        };
        std::thread::sleep(Duration::from_millis(30));
        assert_eq!(previewing.stands_for(0), Duration::ZERO, "it counts from the first look");
        std::thread::sleep(Duration::from_millis(30));
        assert!(previewing.stands_for(0) >= Duration::from_millis(30));
        assert_eq!(previewing.stands_for(512), Duration::ZERO);
    }
}
