//! The control thread: does whatever may block. It compiles and starts engines, drops those that
//! have left, carries messages to the console, frees what the audio thread hands back.
//!
//! [`Link`] is what the host's threads, the audio thread and the control thread of one instance
//! share. The audio thread touches only its atomics and queues; while it renders offline it may
//! also wait for the control thread.

use std::collections::{BTreeMap, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU16, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use atomic_float::AtomicF64;
use crossbeam_queue::ArrayQueue;

use csound_performance::blocks::Arrivals;
use csound_performance::engine::piece::Piece;
use csound_performance::engine::{Abandoned, ConsoleLine};
use csound_performance::recorder::Tap;
use csound_performance::{Performance, Shared};

use crate::plugin::channels::bank::ChannelBank;
use crate::plugin::channels::range::Range;
use crate::plugin::control::engines::Patience;
use crate::plugin::pieces::files::{self, FileError};
use crate::plugin::pieces::limits::Limits;
use crate::plugin::pieces::plan::Plan;
use crate::plugin::pieces::trust::{Granted, Permission, Trust, wants::Wants};
use crate::plugin::pieces::watch::PieceFiles;
use crate::plugin::session::{self, SavedPiece, Session};
use crate::plugin::shared::held_keys::KeyLights;
use crate::plugin::shared::requests::Requests;
use crate::plugin::shared::requests::StartOptions;
use crate::plugin::shared::scope::Taps;
use crate::plugin::shared::score_line::ScoreLine;
use crate::plugin::slots::event_slots::EventSlots;
use crate::plugin::slots::learning::Learning;

pub mod engines;
mod worker;

use worker::Worker;

/// What building an engine takes beside the piece's own time.
const BUILD_MARGIN: Duration = Duration::from_secs(3);

/// How long the host's main thread waits in real time for a piece to start.
const ACTIVATION_LIMIT: Duration = Duration::from_secs(1);

/// How long an offline render waits for an engine that ended to be noticed.
const NOTICE_LIMIT: Duration = Duration::from_secs(1);

/// Lines that the console keeps, and their bytes.
const CONSOLE_LINES: usize = 10_000;
const CONSOLE_BYTES: usize = 8 << 20;

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
    Failed(String),
}

/// Where an engine begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Begin {
    /// At the start of the score, playing or paused as the parameters say.
    Start,
    /// There too, for a performance that goes on as it is or, if it was over, plays.
    Renew,
    /// Where the present one stands.
    Here,
    /// There too, with the piece that performed: its engine has ended.
    Again,
}

/// What is wanted, and what is there. Behind one lock that the audio thread never takes in real time.
#[derive(Default)]
struct Desk {
    session: Session,
    kept_parameters: Option<String>,
    /// Counts what was wanted; an engine is built for the newest.
    wanted: u64,
    built: u64,
    begin: Option<Begin>,
    host: Option<HostFormat>,
    options: Option<StartOptions>,
    state: PieceState,
    /// Why the last session was refused.
    refused: Option<String>,
    /// How the last engine ended that nobody asked to.
    crash: Option<String>,
    /// Whether an engine ended too often to be started again.
    gave_up: bool,
    console: VecDeque<ConsoleLine>,
    console_bytes: usize,
    /// Lines ever written to it.
    logged: u64,
    isolation: IsolationState,
    /// String channels on their way to the running piece.
    texts: Vec<(String, String)>,
    /// Orchestra code on its way to the running piece, and what came of what was sent: why it failed,
    /// if it did.
    codes: Vec<String>,
    evaluated: Vec<Option<String>>,
    /// The piece's files, as they stood when it was read.
    files: Option<PieceFiles>,
    written: Written,
    /// What the user's configuration allows.
    limits: Limits,
    /// Whether the control thread could not be started.
    has_no_thread: bool,
    closing: bool,
    /// Tells whoever starts a piece that the instance goes.
    abandoned: Abandoned,
}

/// One engine to build.
struct Job {
    wanted: u64,
    /// How the piece stood before.
    before: PieceState,
    piece: Option<Piece>,
    last_good: Option<Piece>,
    begin: Begin,
    host: HostFormat,
    options: StartOptions,
    channel_defaults: bool,
    in_process: bool,
    patience: Patience,
    score_start: f64,
    instrument: Option<String>,
    channel_texts: Vec<(String, String)>,
}

/// The host's transport, for whoever shows it. Written by the audio thread.
#[derive(Default)]
pub struct HostReading {
    /// Quarter notes a minute, 0 where the host does not say.
    pub tempo: AtomicF64,
    /// Its place in seconds, no number where it does not say.
    pub seconds: AtomicF64,
    /// Whether it plays.
    pub playing: AtomicBool,
}

/// The control channels that the piece writes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Written {
    /// Those that it only writes: their slots come after those of parameters.
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
    /// The piece's folder.
    pub folder: Option<PathBuf>,
    /// The piece's own folder, if it may not read that.
    pub asks: Option<PathBuf>,
}

/// What one instance's threads share. See the module.
pub struct Link {
    /// The channel bank.
    pub bank: Arc<ChannelBank>,
    /// Engines on their way to the audio thread.
    pub arrivals: Arrivals,
    /// What the performance's handles and the audio thread share.
    pub shared: Arc<Shared>,
    desk: Mutex<Desk>,
    changed: Condvar,
    /// What the parameters ask for.
    pub requests: Requests,
    /// The event slots.
    pub slots: EventSlots,
    /// The messages that trigger them.
    pub learning: Learning,
    /// The keys that the host holds.
    pub lights: KeyLights,
    /// What an open editor sees of the sound.
    pub taps: Taps,
    /// What the host's transport last said.
    pub host: HostReading,
    /// A recording that stands by for the audio thread to begin.
    pub standby: ArrayQueue<Box<Tap>>,
    /// Whether an engine is wanted and not yet built.
    pending: AtomicBool,
    /// Whether a session without a piece has taken the piece away.
    emptied: AtomicBool,
    /// Lines of the remote control on their way to be checked and sent. What does not fit is lost.
    lines: ArrayQueue<ScoreLine>,
    /// Recordings that were asked for and had nowhere to go.
    unready: AtomicU64,
    /// Messages for the remote control that made no sense.
    malformed: AtomicU64,
    /// Whether the piece's files have changed since they were read.
    files_changed: AtomicBool,
    /// A bit for each of the host's channels that the piece reads.
    host_channels: AtomicU16,
    /// Whether the piece reads the expressions of notes.
    expressions: AtomicBool,
    /// The number of the instrument that the session names, or 0.
    instrument: AtomicU32,
    /// The score's length in seconds, or no number.
    score_length: AtomicF64,
}

impl Default for Link {
    fn default() -> Self {
        Self {
            bank: Arc::default(),
            arrivals: Arc::new(ArrayQueue::new(1)),
            shared: Arc::default(),
            desk: Mutex::default(),
            changed: Condvar::new(),
            requests: Requests::default(),
            slots: EventSlots::default(),
            learning: Learning::default(),
            lights: KeyLights::default(),
            taps: Taps::default(),
            host: HostReading::default(),
            standby: ArrayQueue::new(1),
            pending: AtomicBool::new(false),
            emptied: AtomicBool::new(false),
            lines: ArrayQueue::new(64),
            unready: AtomicU64::new(0),
            malformed: AtomicU64::new(0),
            files_changed: AtomicBool::new(false),
            host_channels: AtomicU16::new(0),
            expressions: AtomicBool::new(false),
            instrument: AtomicU32::new(0),
            score_length: AtomicF64::new(f64::NAN),
        }
    }
}

/// What the audio thread asks of it.
///
/// # Realtime safety
/// All safe.
impl Link {
    /// The instrument that the session names, where the piece has it.
    pub fn named_instrument(&self) -> Option<u16> {
        u16::try_from(self.instrument.load(Ordering::Relaxed)).ok().filter(|number| *number > 0)
    }

    /// Whether the piece reads the expressions of notes.
    pub fn hears_expressions(&self) -> bool {
        self.expressions.load(Ordering::Relaxed)
    }

    /// The score's length in seconds, if it has one.
    pub fn score_length(&self) -> Option<f64> {
        Some(self.score_length.load(Ordering::Relaxed)).filter(|length| length.is_finite())
    }

    /// A bit for each of the host's channels that the piece reads, in their order.
    pub fn host_channels(&self) -> u16 {
        self.host_channels.load(Ordering::Relaxed)
    }

    /// Whether the piece was taken away since the last call. An engine that arrives is a later one's.
    pub fn take_emptied(&self) -> bool {
        self.emptied.load(Ordering::Relaxed) && self.emptied.swap(false, Ordering::AcqRel)
    }

    /// Has a line checked and sent by the control thread. Where too many wait it is lost.
    pub fn send_line_later(&self, line: ScoreLine) {
        let _ = self.lines.push(line);
    }

    /// A recording was asked for, and none stood by.
    pub fn note_unready_recording(&self) {
        self.unready.fetch_add(1, Ordering::Relaxed);
    }

    /// Messages for the remote control made no sense.
    pub fn note_malformed(&self, messages: u64) {
        self.malformed.fetch_add(messages, Ordering::Relaxed);
    }
}

impl Link {
    /// A handle onto the performance.
    pub fn performance(&self) -> Performance {
        Performance::new(Arc::clone(&self.shared))
    }

    /// How the piece stands.
    pub fn piece_state(&self) -> PieceState {
        self.desk().state.clone()
    }

    /// The console's lines, oldest first.
    pub fn console(&self) -> Vec<ConsoleLine> {
        self.desk().console.iter().cloned().collect()
    }

    /// The console's lines from number `from` on, which counts all that were ever written, and the
    /// number of the first that is given: a later one where those before it are gone.
    pub fn console_from(&self, from: u64) -> (u64, Vec<ConsoleLine>) {
        let desk = self.desk();
        let oldest = desk.logged - desk.console.len() as u64;
        let first = from.clamp(oldest, desk.logged);
        (first, desk.console.iter().skip((first - oldest) as usize).cloned().collect())
    }

    /// The control channels that the piece writes.
    pub fn written(&self) -> Written {
        self.desk().written.clone()
    }

    /// How the piece that performs is confined.
    pub fn isolation(&self) -> IsolationState {
        self.desk().isolation.clone()
    }

    /// The session as it is, without what is saved with it from elsewhere.
    pub fn session(&self) -> Session {
        self.desk().session.clone()
    }

    /// Keeps what the session says of the editor.
    pub fn remember_editor(&self, state: serde_json::Value) {
        self.desk().session.editor = Some(state);
    }

    /// Sets a string channel of the piece, now and whenever it starts.
    pub fn set_channel_text(&self, name: &str, text: &str) {
        let mut desk = self.desk();
        desk.session.channel_texts.insert(name.to_owned(), text.to_owned());
        desk.texts.push((name.to_owned(), text.to_owned()));
    }

    /// Has orchestra code compiled into the running piece, which has passed the check of live text. It
    /// is no part of the piece: whatever starts that anew leaves it out.
    pub fn evaluate(&self, code: String) {
        self.desk().codes.push(code);
    }

    /// What came of orchestra code since the last call, in its order: why it failed, if it did.
    pub fn take_evaluated(&self) -> Vec<Option<String>> {
        std::mem::take(&mut self.desk().evaluated)
    }

    /// How the last engine ended that nobody asked to, since the last piece was loaded.
    pub fn last_crash(&self) -> Option<String> {
        self.desk().crash.clone()
    }

    /// Reads the piece that the user has chosen, and wants it performed as [`Link::load_piece`] does.
    ///
    /// # Errors
    /// [`FileError`]; what performs performs on.
    pub fn open(&self, path: &Path) -> Result<(), FileError> {
        let path = files::main_file(path);
        // As it stands before it is read: what is written meanwhile is a change.
        let files = PieceFiles::of(&path);
        let piece = files::read_piece(&path)?;
        self.desk().files = Some(files);
        self.load_piece(&piece);
        Ok(())
    }

    /// Wants a piece performed that the user has chosen, from its start. It may read its folder from
    /// now on.
    pub fn load_piece(&self, piece: &Piece) {
        let mut desk = self.desk();
        desk.keep(|trust| trust.choose(piece));
        desk.take_piece(piece);
        self.want(&mut desk, Begin::Start);
    }

    /// Wants a text performed, from its start, that the user has made of `before` in the editor. It may
    /// do what that might, and nothing new: where `before` came from is not known here.
    pub fn apply(&self, before: &Piece, piece: &Piece) {
        let mut desk = self.desk();
        desk.keep(|trust| trust.edit(before, piece));
        desk.take_piece(piece);
        self.want(&mut desk, Begin::Start);
    }

    /// As [`Link::apply`], for a text that was saved to the piece's file, or to one that the user has
    /// `chosen`: then it may read the folder of that.
    ///
    /// # Errors
    /// [`FileError`]; what performs performs on.
    pub fn saved(&self, before: &Piece, path: &Path, chosen: bool) -> Result<(), FileError> {
        let path = files::main_file(path);
        let files = PieceFiles::of(&path);
        let piece = files::read_piece(&path)?;
        let mut desk = self.desk();
        desk.keep(|trust| {
            trust.edit(before, &piece);
            if chosen {
                trust.choose(&piece);
            }
        });
        desk.files = Some(files);
        desk.take_piece(&piece);
        self.want(&mut desk, Begin::Start);
        Ok(())
    }

    /// Reads the present piece's file again, and performs what is in it now from its start. The user
    /// has chosen no file by that: see [`Trust::read_again`].
    ///
    /// # Errors
    /// [`FileError`]; what performs performs on.
    pub fn read_again(&self, path: &Path) -> Result<(), FileError> {
        let files = PieceFiles::of(path);
        let piece = files::read_piece(path)?;
        let mut desk = self.desk();
        desk.files = Some(files);
        desk.take_again(&piece);
        self.want(&mut desk, Begin::Start);
        Ok(())
    }

    /// Whether the piece's file, or the score beside it, has changed since it was read.
    pub fn has_changed_on_disk(&self) -> bool {
        self.files_changed.load(Ordering::Relaxed)
    }

    /// Performs the piece that is there once more, from its start.
    pub fn reload(&self) {
        let mut desk = self.desk();
        desk.crash = None;
        self.want(&mut desk, Begin::Start);
    }

    /// Trusts the present piece, or no longer, and performs it so from where it is.
    ///
    /// # Errors
    /// The user's configuration cannot be read or written.
    pub fn set_trusted(&self, trusted: bool) -> std::io::Result<()> {
        let mut desk = self.desk();
        if let Some(piece) = desk.session.piece.as_ref().and_then(SavedPiece::piece) {
            Trust::change(|trust| trust.set_trusted(&piece, trusted))?;
            self.want(&mut desk, Begin::Here);
        }
        Ok(())
    }

    /// Gives the present piece a permission, and performs it with that from where it is.
    ///
    /// # Errors
    /// Why nobody may have it, or the user's configuration cannot be read or written.
    pub fn permit(&self, permission: Permission) -> std::io::Result<()> {
        let mut desk = self.desk();
        if let Some(piece) = desk.session.piece.as_ref().and_then(SavedPiece::piece) {
            Trust::change(|trust| trust.permit(&piece, permission))?;
            self.want(&mut desk, Begin::Here);
        }
        Ok(())
    }

    /// Takes a permission back from the present piece, and performs it without from where it is.
    ///
    /// # Errors
    /// The user's configuration cannot be read or written.
    pub fn revoke(&self, permission: &Permission) -> std::io::Result<()> {
        let mut desk = self.desk();
        if let Some(piece) = desk.session.piece.as_ref().and_then(SavedPiece::piece) {
            Trust::change(|trust| {
                trust.revoke(&piece, permission);
                Ok(())
            })?;
            self.want(&mut desk, Begin::Here);
        }
        Ok(())
    }

    /// Lets all pieces use an opcode library besides those that are listed, by its file's name, or no
    /// longer, and performs the present piece so from where it is.
    ///
    /// # Errors
    /// That is no file's name, or the user's configuration cannot be read or written.
    pub fn set_library(&self, name: &str, allowed: bool) -> std::io::Result<()> {
        Trust::change(|trust| trust.set_library(name, allowed))?;
        self.want(&mut self.desk(), Begin::Here);
        Ok(())
    }

    /// Sets the folder for recordings.
    pub fn set_recording_folder(&self, folder: &Path) {
        self.desk().session.recording_folder = Some(folder.to_owned());
    }

    /// The state's fields, to save.
    pub fn save(&self) -> BTreeMap<String, String> {
        let desk = self.desk();
        let mut session = desk.session.clone();
        session.channels = self.bank.save();
        session.events = self.slots.texts();
        session.triggers = self.learning.save();
        session.score_start = desk.exact_start(self.requests.offset());
        session.error = match (&desk.refused, &desk.state) {
            (Some(refused), _) => Some(refused.clone()),
            (None, PieceState::Failed(reason)) => Some(reason.clone()),
            (None, _) => desk.crash.clone(),
        };
        let text = |piece: &Option<SavedPiece>| piece.as_ref().and_then(SavedPiece::piece);
        if text(&session.last_good) == text(&session.piece) {
            session.last_good = None;
        }
        let mut fields = BTreeMap::from([(session::FIELD.to_owned(), session.write())]);
        if let Some(kept) = &desk.kept_parameters {
            fields.insert(session::KEPT_FIELD.to_owned(), kept.clone());
        }
        fields
    }

    /// Takes the fields of a loaded state. Its piece begins at its start, with its channels.
    pub fn load(&self, fields: &BTreeMap<String, String>) {
        let mut desk = self.desk();
        let read = match fields.get(session::ERROR_FIELD) {
            Some(refused) => Err(refused.clone()),
            None => fields
                .get(session::FIELD)
                .map_or(Err(String::new()), |text| Session::read(text).map_err(|error| error.to_string())),
        };
        match read {
            Ok(mut session) => {
                let allowed = Trust::read().unwrap_or_default().folders();
                for piece in [&mut session.piece, &mut session.last_good].into_iter().flatten() {
                    piece.find_again(&allowed);
                }
                // What plays now is what is left if the loaded piece fails.
                session.last_good = session.last_good.or(desk.session.last_good.take());
                self.bank.restore(&session.channels);
                self.learning.restore(&session.triggers);
                self.requests.begin_afresh();
                for wrong in self.slots.restore(&session.events) {
                    desk.log(ConsoleLine::error(wrong));
                }
                desk.session = session;
                desk.files =
                    desk.session.piece.as_ref().and_then(SavedPiece::path).map(|path| PieceFiles::of(&path));
                desk.refused = None;
                desk.crash = None;
                desk.kept_parameters = fields.get(session::KEPT_FIELD).cloned();
                // What the session's parameters say is how its engine starts, not another change.
                desk.options = desk.options.map(|_| self.requests.options());
                self.want(&mut desk, Begin::Start);
            }
            Err(refused) => {
                desk.log(ConsoleLine::error(&refused));
                desk.refused = Some(refused);
            }
        }
    }

    /// Notes what the host performs at and how pieces are started; wants another engine if that
    /// changed, and from the start if `afresh`.
    pub fn activate(&self, host: HostFormat, options: StartOptions, afresh: bool) {
        let mut desk = self.desk();
        let rate_changed = desk.host.is_none_or(|before| before.sample_rate != host.sample_rate);
        let first = desk.host.is_none();
        desk.host = Some(host);
        if first && desk.session.piece.is_none() {
            desk.take_starting_piece();
        }
        self.requests.set_options(options);
        let options_changed = desk.options.replace(options) != Some(options);
        if afresh {
            self.want(&mut desk, Begin::Start);
        } else if rate_changed || options_changed {
            self.want(&mut desk, Begin::Here);
        }
    }

    /// Wants another engine if the start options are not those of the last one.
    fn notice_options(&self) {
        let options = self.requests.options();
        let mut desk = self.desk();
        if desk.options.replace(options).is_some_and(|before| before != options) {
            self.want(&mut desk, Begin::Here);
        }
    }

    /// Whether an engine is wanted and not yet built.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn is_pending(&self) -> bool {
        self.pending.load(Ordering::Acquire)
    }

    /// Waits, before an offline block, for the engine that is wanted; also where the last one has
    /// ended, or is started otherwise now, and nobody has noticed yet. Never in real time.
    pub fn wait_for_engine(&self) {
        self.notice_options();
        let began = Instant::now();
        let unnoticed = || self.shared.is_engine_gone() && !self.is_pending();
        while (unnoticed() || self.shared.is_renewal_asked()) && began.elapsed() < NOTICE_LIMIT {
            if self.desk().gave_up || !self.arrivals.is_empty() {
                break;
            }
            std::thread::sleep(worker::LOOK_AFTER / 4);
        }
        if self.is_pending() {
            self.wait_built();
        }
    }

    /// Waits until the wanted engine is built or has failed, as long as its piece may take. Never in
    /// real time.
    pub fn wait_built(&self) {
        let most = self.desk().compile_limit() + BUILD_MARGIN;
        self.wait_until_built(most);
    }

    /// The same when the host activates the instance: in real time a second at most. The engine then comes
    /// in when it is built.
    pub fn wait_at_activation(&self, offline: bool) {
        if offline {
            return self.wait_built();
        }
        if !self.wait_until_built(ACTIVATION_LIMIT) && !self.desk().has_no_thread {
            self.desk().log(ConsoleLine::note(
                "the piece takes more than a second to start: it is silent until then",
            ));
        }
    }

    /// Whether it is built or has failed by then.
    fn wait_until_built(&self, most: Duration) -> bool {
        let mut desk = self.desk();
        let until = Instant::now() + most;
        while desk.built != desk.wanted {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() || desk.has_no_thread {
                return false;
            }
            desk = self.changed.wait_timeout(desk, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        true
    }

    fn want(&self, desk: &mut Desk, begin: Begin) {
        desk.wanted += 1;
        // An engine that has to begin at the start does so whatever else was wanted of it.
        desk.begin = match (desk.begin, begin) {
            (Some(Begin::Start), _) => Some(Begin::Start),
            (Some(Begin::Renew), Begin::Here | Begin::Again) => Some(Begin::Renew),
            // What the user wants goes before bringing back what was.
            (Some(Begin::Here), Begin::Again) => Some(Begin::Here),
            _ => Some(begin),
        };
        desk.gave_up = false;
        self.pending.store(desk.host.is_some(), Ordering::Release);
        self.changed.notify_all();
    }

    fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Desk {
    fn log(&mut self, line: ConsoleLine) {
        let line = line.shortened();
        self.console_bytes += line.text.len();
        self.console.push_back(line);
        self.logged += 1;
        while self.console.len() > CONSOLE_LINES || self.console_bytes > CONSOLE_BYTES {
            let Some(oldest) = self.console.pop_front() else { return };
            self.console_bytes -= oldest.text.len();
        }
    }

    fn take_starting_piece(&mut self) {
        match files::starting_piece() {
            Some(Ok(piece)) => {
                self.keep(|trust| trust.choose(&piece));
                self.take_piece(&piece);
            }
            Some(Err(error)) => self.log(ConsoleLine::error(error.to_string())),
            None => {}
        }
    }

    /// The session's piece is this one from now on.
    fn take_piece(&mut self, piece: &Piece) {
        let piece = SavedPiece::from(piece);
        let path = piece.path();
        // Another text of the same file was not read from it.
        if self.files.as_ref().map(PieceFiles::path) != path.as_deref() {
            self.files = path.map(|path| PieceFiles::of(&path));
        }
        self.session.piece = Some(piece);
        self.crash = None;
    }

    /// What the piece's file holds now takes the piece's place.
    fn take_again(&mut self, piece: &Piece) {
        if let Some(before) = self.session.piece.as_ref().and_then(SavedPiece::piece) {
            self.keep(|trust| trust.read_again(&before, piece));
        }
        self.take_piece(piece);
    }

    /// Keeps what the user's doing means for permissions.
    fn keep(&mut self, change: impl FnOnce(&mut Trust)) {
        let kept = Trust::change(|trust| {
            change(trust);
            Ok(())
        });
        if let Err(error) = kept {
            self.log(ConsoleLine::error(format!("what pieces may do cannot be kept: {error}")));
        }
    }

    /// Where the score starts, more exactly than the parameter has it, if they mean the same.
    fn exact_start(&self, offset: f32) -> Option<f64> {
        self.session.score_start.filter(|start| *start as f32 == offset)
    }

    fn compile_limit(&self) -> Duration {
        self.limits.compile(self.session.compile_limit)
    }

    /// What is to be built, if anything; `start` is where the parameters say the score starts.
    fn job(&mut self, start: f32) -> Option<Job> {
        let (Some(host), Some(options)) = (self.host, self.options) else { return None };
        if self.built == self.wanted {
            return None;
        }
        let before = std::mem::replace(&mut self.state, PieceState::Loading);
        Some(Job {
            wanted: self.wanted,
            before,
            piece: self.session.piece.as_ref().and_then(SavedPiece::piece),
            last_good: self.session.last_good.as_ref().and_then(SavedPiece::piece),
            begin: self.begin.take().unwrap_or(Begin::Start),
            host,
            options,
            channel_defaults: self.session.channel_defaults,
            in_process: self.session.in_process,
            patience: Patience { limit: self.compile_limit(), abandoned: self.abandoned.clone() },
            score_start: self.exact_start(start).unwrap_or(f64::from(start)),
            instrument: self.session.note_instrument.clone(),
            channel_texts: self.session.channel_texts.clone().into_iter().collect(),
        })
    }
}

/// The control thread of one instance. Dropping it ends and joins the thread.
pub struct Control {
    link: Arc<Link>,
    thread: Option<JoinHandle<()>>,
}

impl Control {
    /// Starts the thread. `None` where the system starts no more; the instance's state says so then.
    pub fn start(link: Arc<Link>) -> Option<Self> {
        let shared = Arc::clone(&link);
        let limits = Limits::read();
        let mut desk = link.desk();
        desk.closing = false;
        desk.abandoned = Abandoned::default();
        desk.limits = limits.unwrap_or_else(|error| {
            desk.log(ConsoleLine::error(format!(
                "your limits cannot be read, so the usual ones hold: {error}"
            )));
            Limits::default()
        });
        drop(desk);
        let worker = std::thread::Builder::new().name("csound control".into());
        let started = worker.spawn(move || Worker::new(shared).run());
        let mut desk = link.desk();
        desk.has_no_thread = started.is_err();
        match started {
            Ok(thread) => {
                drop(desk);
                Some(Self { link, thread: Some(thread) })
            }
            Err(error) => {
                let why = format!(
                    "no thread could be started to load pieces in: {error}. Close what runs many threads, and \
                     activate the plugin again"
                );
                desk.log(ConsoleLine::error(&why));
                desk.state = PieceState::Failed(why);
                None
            }
        }
    }
}

impl Drop for Control {
    fn drop(&mut self) {
        let mut desk = self.link.desk();
        desk.closing = true;
        // Whoever removes an instance does not wait for a piece that is being compiled.
        desk.abandoned.abandon();
        drop(desk);
        self.link.changed.notify_all();
        if let Some(thread) = self.thread.take() {
            // A panic was reported when it happened; there is nothing more to do about it here.
            let _ = thread.join();
        }
        self.link.shared.free_spent();
    }
}
