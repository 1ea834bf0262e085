//! What is wanted of an instance and what is there, behind one lock that the audio thread never takes in real
//! time.

pub mod code;

use std::collections::{BTreeMap, VecDeque};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use csound_cabbage::table::Stroke;
use csound_cabbage::{Change, Changes};
use csound_language::opcodes::Opcodes;
use csound_performance::Generation;
use csound_performance::engine::piece::Piece;
use csound_performance::engine::{Abandoned, ActiveInstrument, ConsoleLine, ScoreEntry};

use code::{CodeOutcome, SentCode};

use super::comparison::Comparison;
use super::console::Console;
use super::csounds::{InstalledCsound, Version};
use super::errand::{Errand, ManualErrand};
use super::fault::Fault;
use super::panel_files::PanelFiles;
use super::panel_images::PanelImages;
use super::preview::Asked;
use super::requests::StartOptions;
use super::signals::ShownSignals;
use super::tables::ShownTables;
use crate::catalogue::Catalogue;
use crate::chosen_keys::ChosenKeys;
use crate::draft::LeftDraft;
use crate::editor::model::place_of_error;
use crate::exporting::Exporting;
use crate::folder_texts::FolderTexts;
use crate::gathering::Gathers;
use crate::manual::Manual;
use crate::permission::KeptText;
use crate::plugin::pieces::choice::{Choice, Named};
use crate::plugin::pieces::limits::Limits;
use crate::plugin::pieces::plan::Plan;
use crate::plugin::pieces::trust::{Granted, wants::Wants};
use crate::plugin::pieces::watch::PieceFiles;
use crate::plugin::pieces::which::{Moment, Says, Verdict, Why};
use crate::plugin::pieces::wishes::PieceWishes;
use crate::plugin::presets::desk::{Owed, Presets};
use crate::plugin::session::{SavedPiece, Session};
use crate::range::Range;

/// What the host performs at.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HostFormat {
    /// Frames per second.
    pub sample_rate: f64,
    /// Frames of the largest block.
    pub largest: usize,
    /// Channels of output.
    pub outputs: usize,
}

/// How the piece stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum PieceState {
    /// There is no piece.
    #[default]
    None,
    /// It is being compiled.
    Loading,
    /// It performs.
    Ready,
    /// It does not, and this is why. What performed before performs on.
    Failed(Failure),
}

/// Why a piece does not perform.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Failure {
    /// The reason, in a sentence.
    pub reason: String,
    /// What Csound found wrong in the text, where it says so.
    pub errors: Vec<CompileError>,
    /// The kind of its cause.
    pub cause: Cause,
}

/// The kinds of causes of a failure, as far as they say which Csound is right for a piece.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Cause {
    /// The text's language, by a syntax error or an unknown opcode: another Csound might know it.
    Language,
    /// A file that is missing, or a refusal: Csound has not read all of the text.
    Want,
    /// Anything else.
    #[default]
    Other,
}

impl From<String> for Failure {
    fn from(reason: String) -> Self {
        Self { reason, ..Self::default() }
    }
}

/// What Csound found wrong in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompileError {
    /// The included file that it is in, as the piece names it; none: the piece's own text.
    pub included: Option<String>,
    /// The line in that text, from 1, where Csound names one.
    pub line: Option<u32>,
    /// What is wrong.
    pub text: String,
}

impl CompileError {
    /// One of the piece's own text.
    pub fn own(line: Option<u32>, text: String) -> Self {
        Self { included: None, line, text }
    }

    /// Where it is, for a sentence that follows.
    pub fn place(&self) -> String {
        place_of_error(self.included.as_deref(), self.line)
    }
}

/// Where an engine begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Begin {
    /// At the start of the score, playing or paused as the parameters say.
    AtStart,
    /// There too, for a performance that goes on as it is or, if it was over, plays.
    Restart,
    /// Where the present one stands.
    SamePlace,
    /// As [`Begin::Restart`] with the piece that performs, once the host's transport starts: keys are played while
    /// it stands.
    Spare,
    /// Where the present one stands, with the piece that performed: its engine has ended.
    AfterCrash,
}

impl Begin {
    /// Where an engine begins that is wanted while an earlier one is still to be built.
    pub fn after(self, earlier: Self) -> Self {
        match (earlier, self) {
            // An engine that has to begin at the start does so whatever else was wanted of it.
            (Self::AtStart, _) => Self::AtStart,
            (Self::Restart, Self::SamePlace | Self::AfterCrash) => Self::Restart,
            // Whatever else is built begins afresh, or is too late for one.
            (other, Self::Spare) => other,
            // What the user wants goes before bringing back what was.
            (Self::SamePlace, Self::AfterCrash) => Self::SamePlace,
            _ => self,
        }
    }
}

/// The control channels that the piece writes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Written {
    /// Those that it only writes: their indices come after those of parameters.
    pub outputs: Vec<(String, Range)>,
    /// Those of the bank that it writes as well as reads.
    pub both: Vec<String>,
}

/// How the piece that performs is confined.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct IsolationState {
    /// How it is performed, once it is.
    pub plan: Option<Plan>,
    /// What it may do.
    pub granted: Granted,
    /// What it seems to want.
    pub wants: Wants,
    /// The piece's folder, without symbolic links in it.
    pub folder: Option<PathBuf>,
    /// The piece's own folder, if it may not read that and seems to want to.
    pub asks: Option<PathBuf>,
}

/// What this machine and this process have.
#[derive(Clone, Copy, Debug, Default)]
pub struct Machine {
    /// The Csound that this process has loaded, where the piece performs in it.
    pub here: Option<Generation>,
    /// The newest that is installed.
    pub newest: Option<Generation>,
}

/// What is wanted, and what is there. See the module.
#[derive(Default)]
pub struct Locked {
    /// The Csound that the exported plugin was made for which the instance is of, if it is one and says so.
    pub pinned: Option<Generation>,
    /// What is saved, without what comes from elsewhere.
    pub session: Session,
    /// The session was loaded, so it began elsewhere.
    pub is_loaded: bool,
    /// Parameters of a later version, kept for it.
    pub kept_parameters: Option<String>,
    /// Counts what was wanted; an engine is built for the newest.
    pub wanted: u64,
    /// The newest that was built, or failed.
    pub built: u64,
    /// Where the wanted engine begins.
    pub begin: Option<Begin>,
    /// What the host performs at, once it has activated the instance.
    pub host: Option<HostFormat>,
    /// How the last wanted engine is started.
    pub options: Option<StartOptions>,
    /// How the piece stands.
    pub state: PieceState,
    /// The piece of a session that was loaded into an export, which performs its own, until the two are compared.
    pub replaced: Option<SavedPiece>,
    /// Why the piece that an exported plugin came with cannot be read.
    pub missing: Option<String>,
    /// Why the last session was refused.
    pub refused: Option<String>,
    /// How the last engine ended that nobody asked to.
    pub crash: Option<String>,
    /// The engine has ended and is not started again by itself: it ended too often, the performance was over, or
    /// another one could not be started.
    pub stays_ended: bool,
    /// What is wrong with the piece that performs.
    pub faults: Arc<[Fault]>,
    /// What Csound and we say.
    pub console: Console,
    /// How the piece that performs is confined.
    pub isolation: IsolationState,
    /// String channels on their way to the running piece.
    pub texts: Vec<(String, String)>,
    /// The session was loaded with what its piece had changed of its widgets: its first engine goes on from there.
    pub goes_on: bool,
    /// Values that the piece has set of channels with a parameter, by the place in the bank, until the host is told;
    /// with each what the place was set to then.
    pub moves: BTreeMap<usize, (f64, Option<f64>)>,
    /// Orchestra code that was sent to the piece, until the control thread looks for its answer.
    pub codes: Vec<SentCode>,
    /// What came of the editor's code.
    pub answers: Vec<CodeOutcome>,
    /// Why errands failed, in their order.
    pub refusals: Vec<String>,
    /// What is to be carried out, oldest first, each with the count of loaded sessions when it was asked for.
    pub errands: VecDeque<(u32, Errand)>,
    /// One of them is being carried out.
    pub is_on_errand: bool,
    /// How the last thing ended that the host asked for, until it is told.
    pub of_host: Option<Result<(), String>>,
    /// The pieces that the user opened, newest first.
    pub recent: Arc<[PathBuf]>,
    /// The piece whose values the channels still hold, where that is another one than the session's: what
    /// performs until the session's does.
    pub values_of: Option<SavedPiece>,
    /// What the user's configuration lets texts do.
    pub kept: Arc<[KeptText]>,
    /// The piece as its file had it when that was last read or written, or as it was shipped. `None`: a
    /// session's, whose file is yet to be read.
    pub unedited: Option<Arc<SavedPiece>>,
    /// The piece's files, as they stood when it was read.
    pub files: Option<PieceFiles>,
    /// The channels that the piece writes.
    pub written: Written,
    /// What the piece before and a piece that was opened anew wish, until an editor carries it out.
    pub wishes: Option<(PieceWishes, PieceWishes)>,
    /// The text that performs, whose panel and channels are shown.
    pub performing: Option<Arc<str>>,
    /// *Auto* has come to a Csound for a piece that was opened anew, and has not performed by it yet: it may still
    /// try the other one.
    pub may_try_other: bool,
    /// The Csounds of this machine, as they were found last while an editor was open.
    pub csounds: Option<Arc<[InstalledCsound]>>,
    /// The opcodes that the piece's Csound has, as it told while an editor was open; none before.
    pub opcodes: Arc<Opcodes>,
    /// The last comparison of a piece by both.
    pub comparison: Option<Comparison>,
    /// The tables that the panel shows.
    pub tables: ShownTables,
    /// The signals that it shows.
    pub signals: ShownSignals,
    /// What the user has drawn into tables, on its way to the running piece.
    pub strokes: Vec<Stroke>,
    /// The pictures of the panel.
    pub images: PanelImages,
    /// Its sounds, and the files of folders that it lists.
    pub panel_files: PanelFiles,
    /// The export that the user is busy with, and what gives it up.
    pub exporting: Option<(Exporting, Abandoned)>,
    /// How *Collect files* stands, and what gives it up.
    pub gathering: Option<(Gathers, Abandoned)>,
    /// The pieces and presets that there are, as far as they were looked for.
    pub catalogue: Catalogue,
    /// The preview that was asked for last, until it is ended.
    pub preview: Option<Asked>,
    /// The keys that the user has chosen for the editor's commands, once an editor was opened.
    pub keys: Arc<ChosenKeys>,
    /// What was looked up in the manual, while that is open.
    pub manual: Option<Manual>,
    /// The texts in the piece's folder besides its own, as they were found last while an editor was open.
    pub folder_texts: Arc<FolderTexts>,
    /// What was typed into the piece and not saved when a program broke off.
    pub draft: Option<Arc<LeftDraft>>,
    /// The entries of the score that performs.
    pub score: Arc<[ScoreEntry]>,
    /// The instruments that sound, while they are counted.
    pub active: Arc<[ActiveInstrument]>,
    /// The Csound that performs.
    pub performs_by: Option<Version>,
    /// What the user's configuration allows.
    pub limits: Limits,
    /// The control thread could not be started.
    pub has_no_thread: bool,
    /// The control thread is to look after its engine at once.
    pub is_woken: bool,
    /// The presets.
    pub presets: Presets,
    /// What a host is yet to be told that presets have changed.
    pub owed: Owed,
    /// The instance goes: the control thread ends.
    pub closing: bool,
    /// Tells whoever starts a piece that the instance goes.
    pub abandoned: Abandoned,
}

impl Locked {
    /// Writes a line of ours to the console.
    pub fn log(&mut self, line: ConsoleLine) {
        self.console.log(line, None);
    }

    /// What an engine that begins so is told of the piece's widgets. A performance that begins anew begins with them
    /// as the section has them, but for the first of a loaded session.
    pub fn widgets_at(&mut self, begin: Begin) -> Vec<Change> {
        let goes_on = match begin {
            Begin::SamePlace | Begin::Spare | Begin::AfterCrash => true,
            Begin::AtStart | Begin::Restart => std::mem::take(&mut self.goes_on),
        };
        if !goes_on {
            self.session.widgets.forget_widgets();
        }
        self.session.widgets.iter().collect()
    }

    /// The session's piece is this one from now on, with its files as they stood when it was read; where it
    /// was not read, those that are known stay while they are the same ones.
    pub fn take_piece(&mut self, piece: SavedPiece, files: Option<PieceFiles>) {
        let path = piece.path();
        if files.is_some() || self.files.as_ref().map(PieceFiles::path) != path.as_deref() {
            self.files = files;
        }
        self.session.piece = Some(piece);
        self.crash = None;
    }

    /// The same for a piece that the user has chosen, which may be another one: that begins with its own values
    /// once it performs.
    pub fn take_chosen(&mut self, piece: SavedPiece, files: Option<PieceFiles>) {
        let before = self.values_of.take().or_else(|| self.session.piece.clone());
        self.values_of = before.filter(|before| !before.is_same_piece(&piece));
        if self.values_of.is_some() {
            self.session.widgets = Changes::default();
            self.moves.clear();
        }
        self.take_piece(piece, files);
    }

    /// By which Csound the instance performs, as far as that is settled; none where *Auto* is yet to come to one.
    pub fn named(&self) -> Option<Named> {
        self.says(Machine::default(), None).decide(Moment::Later).named
    }

    /// Whether *Auto* decides.
    pub fn is_auto(&self) -> bool {
        self.pinned.is_none() && self.session.csound == Choice::Auto
    }

    /// What has a say in that, for a piece that asks for `wished`.
    pub fn says(&self, machine: Machine, wished: Option<Generation>) -> Says<'_> {
        let Machine { here, newest } = machine;
        let of_auto = self.session.csound_of_auto.as_ref();
        Says { pinned: self.pinned, choice: &self.session.csound, of_auto, wished, here, newest }
    }

    /// A piece is opened anew, or the user has chosen *Auto*: that comes to a Csound.
    pub fn come_to(&mut self, wished: Option<Generation>, machine: Machine) -> Verdict {
        let verdict = self.says(machine, wished).decide(Moment::Anew);
        self.session.csound_of_auto = verdict.named.clone().filter(|_| self.is_auto());
        self.may_try_other = verdict.may_try_other;
        verdict
    }

    /// The piece's text becomes another one, which may ask for another Csound. The console says so.
    pub fn hear_csound(&mut self, text: &Piece) {
        let Some(present) = self.piece().filter(|_| self.is_auto()) else { return };
        let wished = |piece: &Piece| PieceWishes::of(piece).csound;
        let moment = Moment::Text { before: wished(&present), performed: self.performed_before() };
        let verdict = self.says(Machine::default(), wished(text)).decide(moment);
        // Where it has not come to any yet it does when the piece is built.
        let (Some(before), Some(now)) = (self.session.csound_of_auto.clone(), verdict.named) else { return };
        if before == now {
            return;
        }
        let name = &text.name;
        self.log(ConsoleLine::note(match verdict.why {
            Why::Back => format!(
                "{name} no longer asks for {before}: it goes back to {now}, by which it performed last"
            ),
            _ => format!("{name} asks for {now} now, and so far it was to perform by {before}"),
        }));
        self.session.csound_of_auto = Some(now);
    }

    /// What the present piece performed by last, if its present text has not performed.
    fn performed_before(&self) -> Option<Generation> {
        let (piece, good) = (self.session.piece.as_ref()?, self.session.last_good.as_ref()?);
        let is_of_it = good.is_same_piece(piece) && !good.has_text_of(piece);
        self.session.csound_of_last_good.as_ref().filter(|_| is_of_it)?.known()
    }

    /// True if the piece's text differs from its file, as that was last read or written, or from what it was
    /// shipped as. A session's piece is compared by the control thread, and does not differ until then.
    pub fn is_unsaved(&self) -> bool {
        let both = self.unedited.as_ref().zip(self.session.piece.as_ref());
        both.is_some_and(|(unedited, piece)| !unedited.has_text_of(piece))
    }

    /// The present piece.
    pub fn piece(&self) -> Option<Piece> {
        self.session.piece.as_ref().and_then(SavedPiece::piece)
    }

    /// Nobody waits any more for the comparison that is under way, or is to begin.
    pub fn give_up_comparison(&mut self) {
        self.errands.retain(|(_, errand)| *errand != Errand::Compare);
        if let Some(comparison) = &self.comparison {
            comparison.given_up.abandon();
        }
    }

    /// What a comparison found, or is to find, no longer holds: another text, other files, other permissions.
    pub fn forget_comparison(&mut self) {
        if let Some(comparison) = &self.comparison {
            comparison.given_up.abandon();
        }
        self.comparison = self.comparison.take().filter(Comparison::is_under_way);
    }

    /// Nobody waits any more for the export that is under way, or is to begin, nor looks at what came of it.
    pub fn give_up_export(&mut self) {
        self.errands.retain(|(_, errand)| !matches!(errand, Errand::Export(_)));
        if let Some((_, given_up)) = self.exporting.take() {
            given_up.abandon();
        }
    }

    /// The same for the collecting of files.
    pub fn give_up_gathering(&mut self) {
        self.errands.retain(|(_, errand)| !matches!(errand, Errand::Gather(_)));
        if let Some((_, given_up)) = self.gathering.take() {
            given_up.abandon();
        }
    }

    /// The preview is ended, and one that is still to begin does not.
    pub fn give_up_preview(&mut self) {
        self.errands.retain(|(_, errand)| !matches!(errand, Errand::Preview(_)));
        if let Some(preview) = self.preview.take() {
            preview.given_up.abandon();
        }
    }

    /// The manual is closed: nobody waits for a page.
    pub fn close_manual(&mut self) {
        self.errands.retain(|(_, errand)| !matches!(errand, Errand::Manual(ManualErrand::LookUp(_))));
        self.manual = None;
    }

    /// All that was wanted is there, or has failed.
    pub fn is_done(&self) -> bool {
        let has_errands = !self.errands.is_empty() || self.is_on_errand;
        !has_errands && self.built == self.wanted && self.presets.waits.is_none()
    }

    /// Where the score starts, more exactly than the parameter has it, if they mean the same.
    pub fn exact_start(&self, offset: f32) -> Option<f64> {
        self.session.score_start.filter(|start| *start as f32 == offset)
    }

    /// How long the piece may take to start.
    pub fn compile_limit(&self) -> Duration {
        self.limits.compile(self.session.compile_limit)
    }
}
