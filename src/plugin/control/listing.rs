//! Asks a Csound which opcodes it has, on a thread of its own. An engine with a piece of ours tells it when it has started,
//! and ends: what performs is not disturbed, a piece that does not compile is helped too, and no piece has a say in it.

use std::path::PathBuf;
use std::thread::JoinHandle;
use std::time::Duration;

use csound_language::opcodes::Opcodes;
use csound_library::Opcode;
use csound_performance::Generation;
use csound_performance::engine::piece::{Piece, Source};
use csound_performance::engine::{Abandoned, PieceSpec};

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
}

/// A list that is being made. Dropped, it is given up.
pub(super) struct Listing {
    /// What it is made for.
    pub wanted: Wanted,
    given_up: Abandoned,
    thread: Option<JoinHandle<Option<Opcodes>>>,
}

impl Listing {
    /// Begins.
    ///
    /// # Errors
    /// The system starts no thread.
    pub fn begin(wanted: Wanted) -> std::io::Result<Self> {
        let given_up = Abandoned::default();
        let (seen, asked) = (given_up.clone(), wanted.clone());
        let thread = std::thread::Builder::new().name("csound opcodes".into());
        let thread = thread.spawn(move || opcodes(&asked, seen))?;
        Ok(Self { wanted, given_up, thread: Some(thread) })
    }

    /// What came of it, once there is something: no opcodes where that Csound does not tell.
    pub fn look(&mut self) -> Option<Opcodes> {
        let thread = self.thread.take_if(|thread| thread.is_finished())?;
        // A panic there was reported when it happened; nothing is known then.
        Some(thread.join().ok().flatten().unwrap_or_default())
    }
}

impl Drop for Listing {
    fn drop(&mut self) {
        if let Some(thread) = self.thread.take() {
            self.given_up.abandon();
            let _ = thread.join();
        }
    }
}

/// Why a Csound does not start is told where a piece is performed by it.
fn opcodes(wanted: &Wanted, abandoned: Abandoned) -> Option<Opcodes> {
    let piece = Piece { name: "opcodes.csd".into(), source: Source::Csd(PIECE.to_owned()), folder: None };
    let spec =
        PieceSpec { generation: wanted.generation, lists_opcodes: true, ..PieceSpec::new(piece, 48_000.0) };
    let mut granted = Granted { libraries: wanted.libraries.clone(), ..Granted::default() };
    granted.permissions.trusted = wanted.is_trusted;
    let patience = Patience { limit: LIMIT, hang: LIMIT, abandoned };
    let made = engines::make(&spec, engines::plan(&granted, false), &granted, patience, &mut |_| ()).ok()?;
    let of = |opcode: Opcode| (opcode.name, opcode.results, opcode.arguments);
    Some(Opcodes::of(made.shown.opcodes.into_iter().map(of)))
}
