//! The control thread: does whatever may block. It compiles and starts engines, drops those that
//! have left, carries messages to the console, frees what the audio thread hands back.
//!
//! [`Link`] is what the host's threads, the audio thread and the control thread of one instance
//! share. The audio thread touches only its atomics and queues; while it renders offline it may
//! also wait for the control thread.

use std::collections::{BTreeMap, VecDeque};
use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU16, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use atomic_float::AtomicF64;
use crossbeam_queue::ArrayQueue;

use crate::engine::piece::{Piece, Source};
use crate::engine::{ConsoleLine, Format, PieceSpec, Shown};
use crate::performance::blocks::Arrivals;
use crate::performance::performer::Seat;
use crate::performance::recorder::{self, Standby, Tap};
use crate::performance::{BitDepth, Performance, Phase, Shared, Troubles};

use super::asks::{EXPRESSION_SLOTS, HOST_SLOTS, MORE_SLOTS};
use super::channels::{ChannelBank, Offered, SLOTS};
use super::engines::{self, Made, Plan, Voice};
use super::event_slots::EventSlots;
use super::files::{self, FileError};
use super::held_keys::KeyLights;
use super::host_channels::{FOLDER_CHANNEL, HostChannel, host_channels_used};
use super::learning::Learning;
use super::notes;
use super::params::StartOptions;
use super::range::Range;
use super::remote_control::ScoreLine;
use super::requests::Requests;
use super::session::{self, SavedPiece, Session};
use super::taps::Taps;
use super::trust::{FolderAccess, Trust};
use super::watch::{FileWatch, PieceFiles};

/// What building an engine takes beside the piece's own time.
const BUILD_MARGIN: Duration = Duration::from_secs(3);

/// The least and the most that a piece may be given to compile, in seconds.
const COMPILE_SECONDS: (f64, f64) = (0.1, 600.0);

/// An engine that ended is started again so often within so long; then the user has to say so.
const REVIVALS: usize = 3;
const REVIVAL_SPAN: Duration = Duration::from_secs(10);

/// How long an offline render waits for an engine that ended to be noticed.
const NOTICE_LIMIT: Duration = Duration::from_secs(1);

/// How often the thread looks after its queues.
const LOOK_AFTER: Duration = Duration::from_millis(20);

/// Lines that the console keeps.
const CONSOLE_LINES: usize = 10_000;

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
    closing: bool,
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
    compile_limit: Duration,
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
    /// Folders that pieces may read.
    pub folders: Vec<PathBuf>,
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
        desk.remember_chosen(piece);
        desk.take_piece(piece);
        self.want(&mut desk, Begin::Start);
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

    /// Lets every piece read a folder, and performs the present one with it from where it is.
    ///
    /// # Errors
    /// The user's configuration cannot be read or written.
    pub fn allow_folder(&self, folder: &Path) -> std::io::Result<()> {
        Trust::change(|trust| trust.allow(folder))?;
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
            std::thread::sleep(LOOK_AFTER / 4);
        }
        if self.is_pending() {
            self.wait_built();
        }
    }

    /// Waits until the wanted engine is built or has failed, as long as its piece may take. Never in
    /// real time.
    pub fn wait_built(&self) {
        let mut desk = self.desk();
        let until = Instant::now() + desk.compile_limit() + BUILD_MARGIN;
        while desk.built != desk.wanted {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return;
            }
            desk = self.changed.wait_timeout(desk, left).unwrap_or_else(PoisonError::into_inner).0;
        }
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
        if self.console.len() == CONSOLE_LINES {
            self.console.pop_front();
        }
        self.console.push_back(line);
        self.logged += 1;
    }

    fn take_starting_piece(&mut self) {
        match files::starting_piece() {
            Some(Ok(piece)) => {
                self.remember_chosen(&piece);
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

    /// The user has chosen a file: pieces may read its folder.
    fn remember_chosen(&mut self, piece: &Piece) {
        let Some(folder) = &piece.folder else { return };
        if let Err(error) = Trust::change(|trust| trust.allow_chosen(folder)) {
            self.log(ConsoleLine::error(format!("the folders that pieces may read cannot be kept: {error}")));
        }
    }

    /// Where the score starts, more exactly than the parameter has it, if they mean the same.
    fn exact_start(&self, offset: f32) -> Option<f64> {
        self.session.score_start.filter(|start| *start as f32 == offset)
    }

    fn compile_limit(&self) -> Duration {
        let (least, most) = COMPILE_SECONDS;
        let seconds = self.session.compile_limit.clamp(least, most);
        Duration::from_secs_f64(if seconds.is_finite() { seconds } else { most })
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
            compile_limit: self.compile_limit(),
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
    /// Starts the thread.
    ///
    /// # Errors
    /// What the system says when it cannot start a thread.
    pub fn start(link: Arc<Link>) -> std::io::Result<Self> {
        let shared = Arc::clone(&link);
        link.desk().closing = false;
        let thread = std::thread::Builder::new()
            .name("csound control".into())
            .spawn(move || Worker::new(shared).run())?;
        Ok(Self { link, thread: Some(thread) })
    }
}

impl Drop for Control {
    fn drop(&mut self) {
        self.link.desk().closing = true;
        self.link.changed.notify_all();
        if let Some(thread) = self.thread.take() {
            // A panic was reported when it happened; there is nothing more to do about it here.
            let _ = thread.join();
        }
        self.link.shared.free_spent();
    }
}

/// An engine ready for the audio thread.
struct Built {
    seat: Box<Seat>,
    voice: Voice,
    piece: Piece,
    wiring: Wiring,
    shown: Shown,
}

/// The channels of an engine's slots.
struct Wiring {
    names: Vec<Option<String>>,
    host_channels: u16,
    expressions: bool,
}

impl Wiring {
    /// The bank's channels that have a parameter, then those that the piece writes, the host's, the
    /// rest of the bank's, and those of expressions.
    fn of(piece: &Piece, offered: &Offered, bank: &ChannelBank) -> Self {
        let text = text_of(piece);
        let used = host_channels_used(text);
        let expressions = notes::mentions_expressions(text);
        let mut names = bank.slot_names();
        let more = names.split_off(SLOTS);
        names.extend(offered.outputs.iter().take(HOST_SLOTS - SLOTS).map(|(name, _)| Some(name.clone())));
        names.resize(HOST_SLOTS, None);
        names.extend(HostChannel::ALL.map(|channel| used.has(channel).then(|| channel.name().to_owned())));
        debug_assert_eq!(names.len(), MORE_SLOTS);
        names.extend(more);
        debug_assert_eq!(names.len(), EXPRESSION_SLOTS);
        if expressions {
            names.extend(notes::expression_channels().map(Some));
        }
        let bit = |(number, channel)| u16::from(used.has(channel)) << number;
        let host_channels = HostChannel::ALL.into_iter().enumerate().map(bit).sum();
        Self { names, host_channels, expressions }
    }
}

/// The text in which a piece names its channels.
fn text_of(piece: &Piece) -> &str {
    match &piece.source {
        Source::Csd(csd) => csd,
        Source::OrcSco { orc, .. } => orc,
    }
}

/// The channels' values at the start: what the piece's widgets stand at, then what was set.
fn starting_values(piece: &Piece, job: &Job, bank: &ChannelBank) -> Vec<(String, f64)> {
    let mut values = if job.channel_defaults { Offered::defaults(piece) } else { Vec::new() };
    values.extend(bank.starting_values());
    values
}

/// The string channels' texts at the start.
fn starting_texts(piece: &Piece, job: &Job) -> Vec<(String, String)> {
    let mut texts = job.channel_texts.clone();
    if let Some(folder) = piece.folder.as_ref().filter(|_| host_channels_used(text_of(piece)).folder) {
        texts.push((FOLDER_CHANNEL.to_owned(), folder.display().to_string()));
    }
    texts
}

struct Worker {
    link: Arc<Link>,
    /// The running engine, as seen from here.
    voice: Option<Voice>,
    /// What it performs.
    performing: Option<Piece>,
    /// When engines that had ended were started again, lately.
    revivals: VecDeque<Instant>,
    /// The other end of the tap that stands by.
    standby: Option<Standby>,
    /// Why none could, as the console was told.
    no_standby: Option<String>,
    /// Watches the piece's files.
    files: Option<FileWatch>,
    /// Orchestra code that the running engine has not answered for.
    evaluating: usize,
    /// What the console was told of already.
    reported: Troubles,
    unready: u64,
    malformed: u64,
}

impl Worker {
    fn new(link: Arc<Link>) -> Self {
        let reported = link.shared.troubles();
        Self {
            link,
            voice: None,
            performing: None,
            revivals: VecDeque::new(),
            standby: None,
            no_standby: None,
            files: None,
            evaluating: 0,
            reported,
            unready: 0,
            malformed: 0,
        }
    }

    fn run(mut self) {
        loop {
            let mut desk = self.link.desk();
            if desk.closing {
                return;
            }
            if let Some(job) = desk.job(self.link.requests.score_start()) {
                drop(desk);
                self.carry_out(job);
                continue;
            }
            let waited = self.link.changed.wait_timeout(desk, LOOK_AFTER);
            drop(waited.unwrap_or_else(PoisonError::into_inner));
            self.look_after();
        }
    }

    fn look_after(&mut self) {
        self.link.shared.free_spent();
        self.link.notice_options();
        if self.link.shared.take_renewal() {
            let mut desk = self.link.desk();
            self.link.want(&mut desk, Begin::Renew);
        }
        self.send_lines();
        self.send_texts();
        self.send_code();
        self.keep_recording_ready();
        self.watch_files();
        self.report_troubles();
        self.log(self.voice.as_ref().map(Voice::drain).unwrap_or_default());
        if let Some(how) = self.voice.as_ref().and_then(Voice::take_end) {
            self.revive(how);
        }
    }

    /// The running engine has ended: starts it again where it was, if that has not failed too often.
    fn revive(&mut self, how: String) {
        self.give_up_code(&how);
        let now = Instant::now();
        self.revivals.retain(|then| now.duration_since(*then) < REVIVAL_SPAN);
        let again = self.revivals.len() < REVIVALS;
        let over = self.link.shared.phase() == Phase::Ended;
        let mut desk = self.link.desk();
        desk.log(ConsoleLine::error(&how));
        desk.crash = Some(how.clone());
        if over {
            desk.log(ConsoleLine::note("the performance was over; play starts it again"));
        } else if again {
            self.revivals.push_back(now);
            desk.log(ConsoleLine::note("starting it again where it was"));
            self.link.want(&mut desk, Begin::Again);
        } else {
            desk.gave_up = true;
            let why =
                format!("{how}. It has ended {} times now; reload the piece to try again", REVIVALS + 1);
            desk.log(ConsoleLine::error(&why));
            desk.state = PieceState::Failed(why);
        }
    }

    /// Sends string channels to the running piece.
    fn send_texts(&mut self) {
        let texts = std::mem::take(&mut self.link.desk().texts);
        for (name, text) in texts {
            if let Some(Err(error)) = self.voice.as_ref().map(|voice| voice.set_text(&name, &text)) {
                self.log(vec![ConsoleLine::error(format!("channel {name}: {error}"))]);
            }
        }
    }

    /// Sends orchestra code to the running piece, and takes what came of it.
    fn send_code(&mut self) {
        let codes = std::mem::take(&mut self.link.desk().codes);
        for code in codes {
            let nobody = || Err("nothing is performed yet: load a piece first".to_owned());
            match self.voice.as_ref().map_or_else(nobody, |voice| voice.evaluate(&code)) {
                Ok(()) => self.evaluating += 1,
                Err(reason) => self.link.desk().evaluated.push(Some(reason)),
            }
        }
        let answers = self.voice.as_ref().map(Voice::take_evaluated).unwrap_or_default();
        self.evaluating = self.evaluating.saturating_sub(answers.len());
        if !answers.is_empty() {
            self.link.desk().evaluated.extend(answers);
        }
    }

    /// The engine that was to compile code does so no more.
    fn give_up_code(&mut self, why: &str) {
        let evaluating = std::mem::take(&mut self.evaluating);
        self.link.desk().evaluated.extend(std::iter::repeat_n(Some(why.to_owned()), evaluating));
    }

    /// Looks whether the piece's files have changed and, where that is wanted, performs them as they
    /// are now. That is no choice of the user's: the piece may read no more than before.
    fn watch_files(&mut self) {
        let mut desk = self.link.desk();
        if self.files.as_ref().is_none_or(|watch| desk.files.as_ref().is_none_or(|files| !watch.is_on(files)))
        {
            self.link.files_changed.store(false, Ordering::Relaxed);
            let files = desk.files.clone();
            drop(desk);
            self.files = files.map(FileWatch::new);
            return;
        }
        let by_itself = desk.session.reloads_by_itself();
        let path = desk.files.as_ref().map(|files| files.path().to_owned());
        drop(desk);
        let Some(changed) = self.files.as_mut().and_then(FileWatch::look) else { return };
        self.link.files_changed.store(changed, Ordering::Relaxed);
        let Some(path) = path.filter(|_| changed && by_itself) else { return };
        let files = PieceFiles::of(&path);
        let read = files::read_piece(&path);
        desk = self.link.desk();
        if desk.files.as_ref().map(PieceFiles::path) != Some(&*path) {
            // The user has opened another piece meanwhile.
            return;
        }
        desk.files = Some(files);
        match read {
            Ok(piece) => {
                desk.take_piece(&piece);
                self.link.want(&mut desk, Begin::Start);
            }
            Err(error) => desk.log(ConsoleLine::error(error.to_string())),
        }
    }

    /// Keeps a recording standing by, once there is a folder for it, and opens the file of one that
    /// the audio thread has begun.
    fn keep_recording_ready(&mut self) {
        let folder = self.link.desk().session.recording_folder.clone();
        if let (Some(standby), Some(folder)) = (self.standby.take_if(|standby| standby.is_begun()), &folder) {
            self.open_recording(standby, folder);
        }
        let unready = self.link.unready.load(Ordering::Relaxed);
        if unready > std::mem::replace(&mut self.unready, unready) && folder.is_none() {
            self.log(vec![ConsoleLine::error("nothing is recorded: choose a folder for recordings first")]);
        }
        let (Some(_), Some((rate, ksmps, outputs))) = (folder, self.link.shared.running_format()) else {
            return;
        };
        let (bits, buffers) = self.link.requests.recording();
        let Ok(depth) = BitDepth::from_bits(bits) else { return };
        let rate = rate.round() as u32;
        if let Some(standby) = &self.standby {
            // A tap that the audio thread has taken stays as it is, although it may not have begun.
            if standby.is_for(depth, buffers, outputs, rate, ksmps) || self.link.standby.pop().is_none() {
                return;
            }
            self.standby = None;
        }
        match recorder::stand_by(depth, buffers, outputs, rate, ksmps) {
            Ok((tap, standby)) => {
                drop(self.link.standby.force_push(Box::new(tap)));
                self.standby = Some(standby);
            }
            Err(error) => {
                let refused = error.to_string();
                if self.no_standby.replace(refused.clone()).is_none_or(|before| before != refused) {
                    self.log(vec![ConsoleLine::error(refused)]);
                }
            }
        }
    }

    /// Names the file after the piece, the date and the time.
    fn open_recording(&mut self, standby: Standby, folder: &Path) {
        let piece = self.performing.as_ref().map_or("recording", |piece| piece.name.as_str());
        let stem = Path::new(piece).file_stem().unwrap_or_default().to_string_lossy();
        let now = jiff::Zoned::now().strftime("%Y-%m-%d %H-%M-%S").to_string();
        let path = recorder::free_name(folder, &format!("{stem} {now}"));
        match standby.open(&path, false) {
            Ok(recording) => {
                self.log(vec![ConsoleLine::note(format!("recording into {}", path.display()))]);
                self.link.performance().adopt_recording(recording);
            }
            Err(error) => self.log(vec![ConsoleLine::error(error.to_string())]),
        }
    }

    /// Sends the remote control's lines.
    fn send_lines(&mut self) {
        while let Some(line) = self.link.lines.pop() {
            if let Err(error) = self.link.performance().input_message(line.as_str()) {
                self.log(vec![ConsoleLine::error(format!(
                    "{:?} from the remote control: {error}",
                    line.as_str()
                ))]);
            }
        }
    }

    /// Says what the audio thread could only count.
    fn report_troubles(&mut self) {
        let now = self.link.shared.troubles();
        let before = std::mem::replace(&mut self.reported, now);
        let kinds = [
            (before.late_turns, now.late_turns, "turns were late and became silence"),
            (
                before.late_events,
                now.late_events,
                "score events came after their time: shortened, or dropped",
            ),
            (
                before.lengthened_events,
                now.lengthened_events,
                "score events were shorter than a k-cycle, which Csound does not survive in a sample-accurate \
                 piece: lengthened",
            ),
            (before.non_finite_samples, now.non_finite_samples, "samples were not finite and became silence"),
        ];
        let malformed = self.link.malformed.load(Ordering::Relaxed);
        let malformed = (
            std::mem::replace(&mut self.malformed, malformed),
            malformed,
            "messages for the remote control made no sense and were ignored",
        );
        let kinds = kinds.into_iter().chain([malformed]);
        let more = kinds.filter(|(before, now, _)| now > before);
        self.log(
            more.map(|(before, now, what)| ConsoleLine::note(format!("{} {what}", now - before))).collect(),
        );
    }

    fn log(&self, lines: Vec<ConsoleLine>) {
        if lines.is_empty() {
            return;
        }
        let mut desk = self.link.desk();
        lines.into_iter().for_each(|line| desk.log(line));
    }

    /// Builds the wanted engine; if its piece fails and nothing performs yet, the last good one.
    fn carry_out(&mut self, job: Job) {
        let mut state = PieceState::None;
        let mut good = None;
        let again = self.performing.clone().filter(|_| job.begin == Begin::Again);
        if let Some(piece) = again.as_ref().or(job.piece.as_ref()) {
            match self.build(piece, &job) {
                Ok(built) => {
                    // What is brought back need not be what was wanted and failed.
                    let wanted = job.piece.as_ref() == Some(piece);
                    state = if wanted { PieceState::Ready } else { job.before.clone() };
                    good = Some(SavedPiece::from(piece));
                    self.deliver(built);
                }
                Err(reason) => {
                    self.log(vec![ConsoleLine::error(&reason)]);
                    state = PieceState::Failed(reason);
                    self.fall_back(&job);
                }
            }
        } else {
            self.voice = None;
            self.performing = None;
            self.link.emptied.store(true, Ordering::Release);
            drop(self.link.arrivals.pop());
        }
        let mut desk = self.link.desk();
        desk.built = job.wanted;
        if good.is_some() {
            desk.session.last_good = good;
        }
        let done = desk.built == desk.wanted;
        if done {
            desk.state = state;
        }
        self.link.pending.store(!done, Ordering::Release);
        self.link.changed.notify_all();
    }

    fn fall_back(&mut self, job: &Job) {
        let nothing_performs = self.link.shared.running_format().is_none();
        if let Some(piece) = job.last_good.as_ref().filter(|_| nothing_performs)
            && let Ok(built) = self.build(piece, job)
        {
            self.log(vec![ConsoleLine::note(format!("{} performs instead, as it did last", piece.name))]);
            self.deliver(built);
        }
    }

    /// Compiles and starts. A panic on the way is a defect of ours, and a failure like any other.
    fn build(&mut self, piece: &Piece, job: &Job) -> Result<Built, String> {
        let spec = PieceSpec {
            piece: piece.clone(),
            sample_rate: job.host.sample_rate,
            sample_accurate: job.options.sample_accurate,
            at_end: job.options.at_end,
            score_start: match job.begin {
                Begin::Start | Begin::Renew => job.score_start,
                Begin::Here | Begin::Again => self.link.shared.score_time(),
            },
            loop_start: job.score_start,
            channel_defaults: job.channel_defaults,
            channel_values: starting_values(piece, job, &self.link.bank),
            channel_texts: starting_texts(piece, job),
            instrument: job.instrument.clone(),
            measured: false,
        };
        let mut lines = Vec::new();
        let trust = Trust::read().unwrap_or_else(|error| {
            lines.push(ConsoleLine::error(format!("what you trust cannot be read, so nothing is: {error}")));
            Trust::default()
        });
        let plan = engines::plan(&trust, piece, job.in_process);
        let asks = match trust.access(piece) {
            FolderAccess::Asks(folder) if plan == (Plan::Isolated { trusted: false }) => Some(folder),
            _ => None,
        };
        self.link.desk().isolation = IsolationState { plan: Some(plan), folders: trust.folders(), asks };
        let made = std::panic::catch_unwind(AssertUnwindSafe(|| {
            engines::make(&spec, plan, &trust, job.compile_limit, &mut |line| lines.push(line))
        }));
        self.log(lines);
        let Made { mut engine, shown, voice } = match made {
            Ok(made) => made.map_err(|error| error.to_string())?,
            Err(_) => {
                return Err(format!(
                    "{}: Csound Performer failed while loading it; this is our fault",
                    piece.name
                ));
            }
        };
        let offered = Offered::find(piece, &shown.channels);
        self.link.bank.adopt(&offered.inputs);
        self.link.desk().written = Written {
            outputs: offered.outputs.iter().take(HOST_SLOTS - SLOTS).cloned().collect(),
            both: offered.both.clone(),
        };
        let wiring = Wiring::of(piece, &offered, &self.link.bank);
        engine.bind(&wiring.names);
        self.describe(&engine.format(), job.host.outputs);
        let mut seat = Box::new(Seat::new(engine, job.host.largest));
        seat.plays = (job.begin == Begin::Start).then(|| self.link.requests.plays());
        Ok(Built { seat, voice, piece: piece.clone(), wiring, shown })
    }

    fn describe(&self, format: &Format, host_outputs: usize) {
        let Format { sample_rate, ksmps, inputs, outputs, .. } = *format;
        let mut lines = vec![ConsoleLine::note(format!(
            "performing at {sample_rate} Hz, ksmps {ksmps}, {inputs} in, {outputs} out"
        ))];
        lines.extend(mapping_note(outputs, host_outputs).map(ConsoleLine::note));
        self.log(lines);
    }

    fn deliver(&mut self, built: Built) {
        self.link.performance().set_csound(built.voice.csound());
        self.link.host_channels.store(built.wiring.host_channels, Ordering::Relaxed);
        self.link.expressions.store(built.wiring.expressions, Ordering::Relaxed);
        self.link.instrument.store(built.shown.instrument.map_or(0, u32::from), Ordering::Relaxed);
        self.link.score_length.store(built.shown.score_length.unwrap_or(f64::NAN), Ordering::Relaxed);
        self.give_up_code("the piece was started anew before the code was compiled: send it again");
        // The engine before this one says no more that anybody waits for.
        self.voice = Some(built.voice);
        self.performing = Some(built.piece);
        // Newest wins: one that the audio thread has not taken yet is dropped here.
        drop(self.link.arrivals.force_push(built.seat));
    }
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

    #[test]
    fn what_was_counted_is_told_once() {
        let link = Arc::new(Link::default());
        let mut worker = Worker::new(Arc::clone(&link));
        worker.report_troubles();
        assert_eq!(link.console(), []);
        worker.reported = Troubles::default();
        link.shared.count(&crate::engine::Outcome {
            late_events: 3,
            lengthened_events: 2,
            ..Default::default()
        });
        link.note_malformed(5);
        worker.report_troubles();
        worker.report_troubles();
        let lines: Vec<_> = link.console().into_iter().map(|line| line.text).collect();
        assert_eq!(lines.len(), 3, "{lines:?}");
        assert!(lines[2].starts_with("5 messages for the remote control"));
        assert!(lines[0].starts_with("3 score events came after"));
    }
}
