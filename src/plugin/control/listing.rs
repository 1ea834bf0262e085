//! Asks a Csound which opcodes it has, on a thread of its own. An engine with a piece of ours tells it when it has started,
//! and ends: what performs is not disturbed, a piece that does not compile is helped too, and no piece has a say in it.

use std::io;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use csound_language::opcodes::Opcodes;
use csound_library::{Library, Opcode};
use csound_performance::Generation;
use csound_performance::engine::piece::{Piece, Source};
use csound_performance::engine::{Abandoned, PieceSpec};

use super::aside::Aside;
use super::engines::{self, Patience};
use crate::plugin::pieces::trust::Granted;

/// The longest that a Csound may take to tell.
const LIMIT: Duration = Duration::from_secs(20);

/// The piece: it plays nothing. Cabbage's opcodes are there for a text that names one.
const PIECE: &str = "\
<CsoundSynthesizer>
<CsInstruments>
; with cabbageGetValue and its like
instr 1
endin
</CsInstruments>
<CsScore>
</CsScore>
</CsoundSynthesizer>
";

/// The Csound whose opcodes are wanted, and what it loads.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Wanted {
    /// Its generation; none: the first that is found.
    pub generation: Option<Generation>,
    /// The libraries that the user has added to those that are loaded.
    pub libraries: Vec<String>,
    /// The piece is trusted, and has all that are installed.
    pub is_trusted: bool,
    /// The Csounds of this machine: where they change, it is asked again.
    pub installed: Vec<PathBuf>,
    /// The one that this process has loaded: where pieces perform in it, no other is asked.
    pub loaded: Option<Generation>,
}

impl Wanted {
    /// The generation of the Csound that this process has. This loads none.
    pub fn loaded() -> Option<Generation> {
        Library::loaded().map(Library::generation)
    }
}

/// The pause before a Csound is asked again that did not tell, and how often it is asked in all.
const PAUSE: Duration = Duration::from_secs(10);
const MOST_ASKED: u32 = 3;

/// What a Csound was asked for last.
#[derive(Debug)]
pub(super) struct Last {
    wanted: Wanted,
    /// How often it has not told, one time after the other.
    failures: u32,
    at: Instant,
}

impl Last {
    /// After it was asked, and told or not; `before`: the time before.
    pub fn of(wanted: Wanted, has_told: bool, before: Option<&Self>, at: Instant) -> Self {
        let before = before.filter(|before| before.wanted == wanted).map_or(0, |before| before.failures);
        Self { wanted, failures: if has_told { 0 } else { before + 1 }, at }
    }

    /// Whether it need not be asked for this, or not yet.
    pub fn is_enough_for(&self, wanted: &Wanted, now: Instant) -> bool {
        let is_over = self.failures == 0 || self.failures >= MOST_ASKED;
        self.wanted == *wanted && (is_over || now.duration_since(self.at) < PAUSE)
    }
}

/// A list that is being made.
pub(super) struct Listing {
    /// What it is made for.
    pub wanted: Wanted,
    /// What comes of it: nothing where that Csound has not told.
    pub aside: Aside<Option<Opcodes>>,
}

impl Listing {
    /// Begins.
    ///
    /// # Errors
    /// The system starts no thread.
    pub fn begin(wanted: Wanted) -> io::Result<Self> {
        let asked = wanted.clone();
        let work = move |given_up: &Abandoned| opcodes(&asked, given_up.clone());
        let aside = Aside::begin("csound opcodes", Abandoned::default(), work, || None)?;
        Ok(Self { wanted, aside })
    }
}

/// Why a Csound does not start is told where a piece is performed by it.
fn opcodes(wanted: &Wanted, abandoned: Abandoned) -> Option<Opcodes> {
    let piece = Piece { name: "opcodes.csd".into(), source: Source::Csd(PIECE.to_owned()), folder: None };
    let spec =
        PieceSpec { generation: wanted.generation, lists_opcodes: true, ..PieceSpec::new(piece, 48_000.0) };
    let mut granted = Granted { libraries: wanted.libraries.clone(), ..Granted::default() };
    granted.permissions.trusted = wanted.is_trusted;
    let plan = engines::plan(&granted, false);
    if engines::is_in_process(plan) && !is_asked_here(wanted) {
        return Some(Opcodes::default());
    }
    let patience = Patience { limit: LIMIT, hang: LIMIT, abandoned };
    let made = engines::make(&spec, plan, &granted, patience, &mut |_| ()).ok()?;
    let of = |opcode: Opcode| (opcode.name, opcode.results, opcode.arguments);
    Some(Opcodes::of(made.shown.opcodes.into_iter().map(of)))
}

/// Whether a Csound is asked in this process: the one alone that it has. To load one only for that would decide which one
/// the process has until its end.
fn is_asked_here(wanted: &Wanted) -> bool {
    wanted.loaded.is_some() && wanted.loaded == wanted.generation
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_csound_that_does_not_tell_is_asked_again_after_a_pause_and_so_often() {
        let (wanted, mut now) = (Wanted::default(), Instant::now());
        let mut last = Last::of(wanted.clone(), false, None, now);
        for asked in 1..MOST_ASKED {
            assert!(last.is_enough_for(&wanted, now), "{asked}: it has its pause");
            now += PAUSE;
            assert!(!last.is_enough_for(&wanted, now), "{asked}: it is asked again");
            last = Last::of(wanted.clone(), false, Some(&last), now);
        }
        assert!(last.is_enough_for(&wanted, now + 100 * PAUSE), "at some time it is enough");
        let other = Wanted { generation: Some(Generation::Seven), ..Wanted::default() };
        assert!(!last.is_enough_for(&other, now));
        let told = Last::of(wanted.clone(), true, Some(&last), now);
        assert!(told.is_enough_for(&wanted, now + 100 * PAUSE));
        assert!(!Last::of(wanted.clone(), false, Some(&told), now).is_enough_for(&wanted, now + PAUSE));
    }

    #[test]
    fn in_this_process_no_csound_is_asked_but_the_one_that_it_has() {
        let here = |generation, loaded| is_asked_here(&Wanted { generation, loaded, ..Wanted::default() });
        let (six, seven) = (Some(Generation::Six), Some(Generation::Seven));
        assert!(here(six, six) && here(seven, seven));
        for (generation, loaded) in [(None, None), (None, six), (six, None), (six, seven)] {
            assert!(!here(generation, loaded), "{generation:?}, {loaded:?}");
        }
    }
}
