//! What the host's threads, the audio thread and the control thread of one instance share. The audio thread
//! touches only its atomics and queues; while it renders offline it may also wait for the control thread.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU16, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use atomic_float::AtomicF64;
use crossbeam_queue::ArrayQueue;

use csound_performance::blocks::Arrivals;
use csound_performance::engine::ConsoleLine;
use csound_performance::engine::piece::Piece;
use csound_performance::recorder::Tap;
use csound_performance::{Performance, Shared};

use super::held_keys::KeyLights;
use super::locked::{Begin, HostFormat, IsolationState, Locked, PieceState, Written};
use super::requests::{Requests, StartOptions};
use super::scope::Taps;
use super::score_line::ScoreLine;
use crate::plugin::channels::bank::ChannelBank;
use crate::plugin::pieces::files::{self, FileError};
use crate::plugin::pieces::trust::{Permission, Trust};
use crate::plugin::pieces::watch::PieceFiles;
use crate::plugin::session::{self, SavedPiece, Session};
use crate::plugin::slots::event_slots::EventSlots;
use crate::plugin::slots::learning::Learning;

/// How often the control thread looks after its queues.
pub const LOOK_AFTER: Duration = Duration::from_millis(20);

/// What building an engine takes beside the piece's own time.
const BUILD_MARGIN: Duration = Duration::from_secs(3);

/// How long the host's main thread waits in real time for a piece to start.
const ACTIVATION_LIMIT: Duration = Duration::from_secs(1);

/// How long an offline render waits for an engine that ended to be noticed.
const NOTICE_LIMIT: Duration = Duration::from_secs(1);

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

/// What one instance's threads share. See the module.
pub struct Link {
    /// The channel bank.
    pub bank: Arc<ChannelBank>,
    /// Engines on their way to the audio thread.
    pub arrivals: Arrivals,
    /// What the performance's handles and the audio thread share.
    pub shared: Arc<Shared>,
    locked: Mutex<Locked>,
    /// Told when anything of it changes that somebody waits for.
    pub changed: Condvar,
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
    pub pending: AtomicBool,
    /// Whether a session without a piece has taken the piece away.
    pub emptied: AtomicBool,
    /// Lines of the remote control on their way to be checked and sent. What does not fit is lost.
    pub lines: ArrayQueue<ScoreLine>,
    /// Recordings that were asked for and had nowhere to go.
    pub unready: AtomicU64,
    /// Messages for the remote control that made no sense.
    pub malformed: AtomicU64,
    /// Whether the piece's files have changed since they were read.
    pub files_changed: AtomicBool,
    /// A bit for each of the host's channels that the piece reads.
    pub host_channels: AtomicU16,
    /// Whether the piece reads the expressions of notes.
    pub expressions: AtomicBool,
    /// The number of the instrument that the session names, or 0.
    pub instrument: AtomicU32,
    /// The score's length in seconds, or no number.
    pub score_length: AtomicF64,
}

impl Default for Link {
    fn default() -> Self {
        Self {
            bank: Arc::default(),
            arrivals: Arc::new(ArrayQueue::new(1)),
            shared: Arc::default(),
            locked: Mutex::default(),
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
        self.lock().state.clone()
    }

    /// The console's lines, oldest first.
    pub fn console(&self) -> Vec<ConsoleLine> {
        self.lock().console.lines()
    }

    /// The console's lines from number `from` on, which counts all that were ever written, and the
    /// number of the first that is given: a later one where those before it are gone.
    pub fn console_from(&self, from: u64) -> (u64, Vec<ConsoleLine>) {
        self.lock().console.from(from)
    }

    /// The control channels that the piece writes.
    pub fn written(&self) -> Written {
        self.lock().written.clone()
    }

    /// How the piece that performs is confined.
    pub fn isolation(&self) -> IsolationState {
        self.lock().isolation.clone()
    }

    /// The session as it is, without what is saved with it from elsewhere.
    pub fn session(&self) -> Session {
        self.lock().session.clone()
    }

    /// Keeps what the session says of the editor.
    pub fn remember_editor(&self, state: serde_json::Value) {
        self.lock().session.editor = Some(state);
    }

    /// Sets a string channel of the piece, now and whenever it starts.
    pub fn set_channel_text(&self, name: &str, text: &str) {
        let mut locked = self.lock();
        locked.session.channel_texts.insert(name.to_owned(), text.to_owned());
        locked.texts.push((name.to_owned(), text.to_owned()));
    }

    /// Has orchestra code compiled into the running piece, which has passed the check of live text. It
    /// is no part of the piece: whatever starts that anew leaves it out.
    pub fn evaluate(&self, code: String) {
        self.lock().codes.push(code);
    }

    /// What came of orchestra code since the last call, in its order: why it failed, if it did.
    pub fn take_evaluated(&self) -> Vec<Option<String>> {
        std::mem::take(&mut self.lock().evaluated)
    }

    /// How the last engine ended that nobody asked to, since the last piece was loaded.
    pub fn last_crash(&self) -> Option<String> {
        self.lock().crash.clone()
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
        self.lock().files = Some(files);
        self.load_piece(&piece);
        Ok(())
    }

    /// Wants a piece performed that the user has chosen, from its start. It may read its folder from
    /// now on.
    pub fn load_piece(&self, piece: &Piece) {
        let mut locked = self.lock();
        locked.keep(|trust| trust.choose(piece));
        locked.take_piece(piece);
        self.want(&mut locked, Begin::AtStart);
    }

    /// Wants a text performed, from its start, that the user has made of `before` in the editor. It may
    /// do what that might, and nothing new: where `before` came from is not known here.
    pub fn apply(&self, before: &Piece, piece: &Piece) {
        let mut locked = self.lock();
        locked.keep(|trust| trust.edit(before, piece));
        locked.take_piece(piece);
        self.want(&mut locked, Begin::AtStart);
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
        let mut locked = self.lock();
        locked.keep(|trust| {
            trust.edit(before, &piece);
            if chosen {
                trust.choose(&piece);
            }
        });
        locked.files = Some(files);
        locked.take_piece(&piece);
        self.want(&mut locked, Begin::AtStart);
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
        let mut locked = self.lock();
        locked.files = Some(files);
        locked.take_again(&piece);
        self.want(&mut locked, Begin::AtStart);
        Ok(())
    }

    /// Whether the piece's file, or the score beside it, has changed since it was read.
    pub fn has_changed_on_disk(&self) -> bool {
        self.files_changed.load(Ordering::Relaxed)
    }

    /// Performs the piece that is there once more, from its start.
    pub fn reload(&self) {
        let mut locked = self.lock();
        locked.crash = None;
        self.want(&mut locked, Begin::AtStart);
    }

    /// Trusts the present piece, or no longer, and performs it so from where it is.
    ///
    /// # Errors
    /// The user's configuration cannot be read or written.
    pub fn set_trusted(&self, trusted: bool) -> std::io::Result<()> {
        let mut locked = self.lock();
        if let Some(piece) = locked.session.piece.as_ref().and_then(SavedPiece::piece) {
            Trust::change(|trust| trust.set_trusted(&piece, trusted))?;
            self.want(&mut locked, Begin::SamePlace);
        }
        Ok(())
    }

    /// Gives the present piece a permission, and performs it with that from where it is.
    ///
    /// # Errors
    /// Why nobody may have it, or the user's configuration cannot be read or written.
    pub fn permit(&self, permission: Permission) -> std::io::Result<()> {
        let mut locked = self.lock();
        if let Some(piece) = locked.session.piece.as_ref().and_then(SavedPiece::piece) {
            Trust::change(|trust| trust.permit(&piece, permission))?;
            self.want(&mut locked, Begin::SamePlace);
        }
        Ok(())
    }

    /// Takes a permission back from the present piece, and performs it without from where it is.
    ///
    /// # Errors
    /// The user's configuration cannot be read or written.
    pub fn revoke(&self, permission: &Permission) -> std::io::Result<()> {
        let mut locked = self.lock();
        if let Some(piece) = locked.session.piece.as_ref().and_then(SavedPiece::piece) {
            Trust::change(|trust| {
                trust.revoke(&piece, permission);
                Ok(())
            })?;
            self.want(&mut locked, Begin::SamePlace);
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
        self.want(&mut self.lock(), Begin::SamePlace);
        Ok(())
    }

    /// Sets the folder for recordings.
    pub fn set_recording_folder(&self, folder: &Path) {
        self.lock().session.recording_folder = Some(folder.to_owned());
    }

    /// The state's fields, to save.
    pub fn save(&self) -> BTreeMap<String, String> {
        let locked = self.lock();
        let mut session = locked.session.clone();
        session.channels = self.bank.save();
        session.events = self.slots.texts();
        session.triggers = self.learning.save();
        session.score_start = locked.exact_start(self.requests.offset());
        session.error = match (&locked.refused, &locked.state) {
            (Some(refused), _) => Some(refused.clone()),
            (None, PieceState::Failed(reason)) => Some(reason.clone()),
            (None, _) => locked.crash.clone(),
        };
        let text = |piece: &Option<SavedPiece>| piece.as_ref().and_then(SavedPiece::piece);
        if text(&session.last_good) == text(&session.piece) {
            session.last_good = None;
        }
        let mut fields = BTreeMap::from([(session::FIELD.to_owned(), session.write())]);
        if let Some(kept) = &locked.kept_parameters {
            fields.insert(session::KEPT_FIELD.to_owned(), kept.clone());
        }
        fields
    }

    /// Takes the fields of a loaded state. Its piece begins at its start, with its channels.
    pub fn load(&self, fields: &BTreeMap<String, String>) {
        let mut locked = self.lock();
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
                session.last_good = session.last_good.or(locked.session.last_good.take());
                self.bank.restore(&session.channels);
                self.learning.restore(&session.triggers);
                self.requests.begin_afresh();
                for wrong in self.slots.restore(&session.events) {
                    locked.log(ConsoleLine::error(wrong));
                }
                locked.session = session;
                locked.files = locked
                    .session
                    .piece
                    .as_ref()
                    .and_then(SavedPiece::path)
                    .map(|path| PieceFiles::of(&path));
                locked.refused = None;
                locked.crash = None;
                locked.kept_parameters = fields.get(session::KEPT_FIELD).cloned();
                // What the session's parameters say is how its engine starts, not another change.
                locked.options = locked.options.map(|_| self.requests.options());
                self.want(&mut locked, Begin::AtStart);
            }
            Err(refused) => {
                locked.log(ConsoleLine::error(&refused));
                locked.refused = Some(refused);
            }
        }
    }

    /// Notes what the host performs at and how pieces are started; wants another engine if that
    /// changed, and from the start if `afresh`.
    pub fn activate(&self, host: HostFormat, options: StartOptions, afresh: bool) {
        let mut locked = self.lock();
        let rate_changed = locked.host.is_none_or(|before| before.sample_rate != host.sample_rate);
        let first = locked.host.is_none();
        locked.host = Some(host);
        if first && locked.session.piece.is_none() {
            locked.take_starting_piece();
        }
        self.requests.set_options(options);
        let options_changed = locked.options.replace(options) != Some(options);
        if afresh {
            self.want(&mut locked, Begin::AtStart);
        } else if rate_changed || options_changed {
            self.want(&mut locked, Begin::SamePlace);
        }
    }

    /// Wants another engine if the start options are not those of the last one.
    pub fn notice_options(&self) {
        let options = self.requests.options();
        let mut locked = self.lock();
        if locked.options.replace(options).is_some_and(|before| before != options) {
            self.want(&mut locked, Begin::SamePlace);
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
            if self.lock().gave_up || !self.arrivals.is_empty() {
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
        let most = self.lock().compile_limit() + BUILD_MARGIN;
        self.wait_until_built(most);
    }

    /// The same when the host activates the instance: in real time a second at most. The engine then comes
    /// in when it is built.
    pub fn wait_at_activation(&self, offline: bool) {
        if offline {
            return self.wait_built();
        }
        if !self.wait_until_built(ACTIVATION_LIMIT) && !self.lock().has_no_thread {
            self.lock().log(ConsoleLine::note(
                "the piece takes more than a second to start: it is silent until then",
            ));
        }
    }

    /// Whether it is built or has failed by then.
    fn wait_until_built(&self, most: Duration) -> bool {
        let mut locked = self.lock();
        let until = Instant::now() + most;
        while locked.built != locked.wanted {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() || locked.has_no_thread {
                return false;
            }
            locked = self.changed.wait_timeout(locked, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        true
    }

    /// Wants an engine, and tells the control thread.
    pub fn want(&self, locked: &mut Locked, begin: Begin) {
        locked.wanted += 1;
        // An engine that has to begin at the start does so whatever else was wanted of it.
        locked.begin = match (locked.begin, begin) {
            (Some(Begin::AtStart), _) => Some(Begin::AtStart),
            (Some(Begin::Restart), Begin::SamePlace | Begin::AfterCrash) => Some(Begin::Restart),
            // What the user wants goes before bringing back what was.
            (Some(Begin::SamePlace), Begin::AfterCrash) => Some(Begin::SamePlace),
            _ => Some(begin),
        };
        locked.gave_up = false;
        self.pending.store(locked.host.is_some(), Ordering::Release);
        self.changed.notify_all();
    }

    /// The locked part. The audio thread must not, in real time.
    pub fn lock(&self) -> MutexGuard<'_, Locked> {
        self.locked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
