//! What the host's threads, the audio thread and the control thread of one instance share. The audio thread
//! touches only its atomics and queues; while it renders offline it may also wait for the control thread.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU16, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};

use atomic_float::AtomicF64;
use crossbeam_queue::ArrayQueue;

use csound_export::Parameter;
use csound_performance::blocks::Arrivals;
use csound_performance::engine::{ConsoleLine, EventKind};
use csound_performance::recorder::Tap;
use csound_performance::{Performance, Phase, Shared};

use super::console::Said;
use super::errand::Errand;
use super::held_keys::KeyLights;
use super::host_menus::HostMenus;
use super::host_params::HostParams;
use super::input::Input;
use super::locked::{Begin, Failure, IsolationState, Locked, PieceState, Written};
use super::modulated::Modulated;
use super::preview::Previews;
use super::programs::Programs;
use super::requests::Requests;
use super::scope::Taps;
use super::score_line::{CodeReply, ScoreLine};
use super::track::HostTrack;
use crate::identity::Exported;
use crate::layouts::{Asked, AskedChannels, NarrowMain};
use crate::permission::KeptText;
use crate::plugin::channels::bank::{ChannelBank, PARAMETERS};
use crate::plugin::channels::groups::groups;
use crate::plugin::channels::learned::LearnedControllers;
use crate::plugin::channels::names::{Names, Shown};
use crate::plugin::channels::wiring::text_of;
use crate::plugin::pieces::note_names::note_names;
use crate::plugin::pieces::wishes::PieceWishes;
use crate::plugin::session::{SavedPiece, Session};
use crate::plugin::slots::event_slots::EventSlots;
use crate::plugin::slots::learning::Learning;

/// The host's transport, for whoever shows it. Written by the audio thread.
#[derive(Default)]
pub struct HostReading {
    /// Quarter notes a minute, 0 where the host does not say.
    pub tempo: AtomicF64,
    /// Its place in seconds, no number where it does not say.
    pub seconds: AtomicF64,
    /// The bar that it is in, from 1; no number where it does not say.
    pub bar: AtomicF64,
    /// The beat in that bar, from 1; less where it does not say.
    pub beat: AtomicF64,
    /// Whether it plays.
    pub playing: AtomicBool,
}

/// What one instance's threads share. See the module.
pub struct Link {
    /// The exported piece that the plugin is, if it is one.
    pub export: Option<Arc<Exported>>,
    /// The channel bank.
    pub bank: Arc<ChannelBank>,
    /// What a host shows of its parameters.
    pub names: Names,
    /// The host's menus of them.
    pub menus: HostMenus,
    /// The parameters, for presets. They come before the first preset does.
    pub host_params: OnceLock<Box<dyn HostParams>>,
    /// Program changes that choose presets.
    pub programs: Programs,
    /// Whether each note has a MIDI channel of its own.
    pub mpe: AtomicBool,
    /// Engines on their way to the audio thread.
    pub arrivals: Arrivals,
    /// Previews on their way to the audio thread.
    pub previews: Previews,
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
    /// The controllers that turn channels.
    pub learned: LearnedControllers,
    /// The keys that the host holds.
    pub lights: KeyLights,
    /// What an open editor sees of the sound.
    pub taps: Taps,
    /// Keys of the editor's keyboard on their way to the piece, as MIDI messages.
    pub keys: ArrayQueue<[u8; 3]>,
    /// What the host's transport last said.
    pub host: HostReading,
    /// A recording that stands by for the audio thread to begin.
    pub standby: ArrayQueue<Box<Tap>>,
    /// Whether an engine is wanted and not yet built.
    pub pending: AtomicBool,
    /// Whether a session without a piece has taken the piece away.
    pub emptied: AtomicBool,
    /// Counts what the control thread has done: an editor looks again when it has.
    pub done: AtomicU64,
    /// Lines of the remote control on their way to be checked and sent. What does not fit is lost.
    pub lines: ArrayQueue<ScoreLine>,
    /// Answers to orchestra code of messages, on their way to the host. The oldest gives way.
    pub code_replies: ArrayQueue<CodeReply>,
    /// A line for which an offline render waits.
    pub awaited_line: ArrayQueue<ScoreLine>,
    /// What that was made into: nothing if it cannot be sent.
    pub made_line: ArrayQueue<Option<EventKind>>,
    /// Recordings that were asked for and had nowhere to go.
    pub unready: AtomicU64,
    /// The user has pressed *Record* in the editor.
    pub recording_asked: AtomicBool,
    /// A recording that was asked for cannot be made: the audio thread waits for it no more.
    pub recording_given_up: AtomicBool,
    /// Counts recordings that could not be made, or broke off.
    pub failed_recordings: AtomicU64,
    /// Messages for the remote control that made no sense.
    pub malformed: AtomicU64,
    /// Whether the piece's files have changed since they were read.
    pub files_changed: AtomicBool,
    /// The channels of the main input where the shell's layout has more of them.
    pub narrow_main: NarrowMain,
    /// What the piece asks for.
    pub asked: AskedChannels,
    /// The host's track.
    pub track: HostTrack,
    /// A bit for each of the host's channels that the piece reads.
    pub host_channels: AtomicU16,
    /// What the user does on the piece's panel.
    pub input: Input,
    /// Whether the piece reads the expressions of notes.
    pub expressions: AtomicBool,
    /// The parameters that the piece reads for each note.
    pub modulated: Modulated,
    /// The number of the instrument that the session names, or 0.
    pub instrument: AtomicU32,
    /// The score's length in seconds, or no number.
    pub score_length: AtomicF64,
}

impl Default for Link {
    fn default() -> Self {
        Self {
            export: None,
            bank: Arc::default(),
            names: Names::default(),
            menus: HostMenus::default(),
            host_params: OnceLock::new(),
            programs: Programs::default(),
            mpe: AtomicBool::new(false),
            arrivals: Arc::new(ArrayQueue::new(1)),
            previews: Previews::default(),
            shared: Arc::default(),
            locked: Mutex::default(),
            changed: Condvar::new(),
            requests: Requests::default(),
            slots: EventSlots::default(),
            learning: Learning::default(),
            learned: LearnedControllers::default(),
            lights: KeyLights::default(),
            taps: Taps::default(),
            keys: ArrayQueue::new(256),
            host: HostReading::default(),
            standby: ArrayQueue::new(1),
            pending: AtomicBool::new(false),
            emptied: AtomicBool::new(false),
            done: AtomicU64::new(0),
            lines: ArrayQueue::new(64),
            code_replies: ArrayQueue::new(64),
            awaited_line: ArrayQueue::new(1),
            made_line: ArrayQueue::new(1),
            unready: AtomicU64::new(0),
            recording_asked: AtomicBool::new(false),
            recording_given_up: AtomicBool::new(false),
            failed_recordings: AtomicU64::new(0),
            malformed: AtomicU64::new(0),
            files_changed: AtomicBool::new(false),
            narrow_main: NarrowMain::default(),
            asked: AskedChannels::default(),
            host_channels: AtomicU16::new(0),
            input: Input::default(),
            modulated: Modulated::default(),
            track: HostTrack::default(),
            expressions: AtomicBool::new(false),
            instrument: AtomicU32::new(0),
            score_length: AtomicF64::new(f64::NAN),
        }
    }
}

impl Link {
    /// Of an instance of an exported piece, or of the plugin that takes any.
    pub fn of(export: Option<&Arc<Exported>>) -> Self {
        let Some(export) = export else { return Self::default() };
        let shown = |(parameter, _): (&Parameter, _)| {
            Some(Shown { name: parameter.shown_name().to_owned(), group: parameter.shown_module() })
        };
        Self {
            bank: Arc::new(ChannelBank::fixed(export.channels.clone())),
            names: Names::of(export.parameters().map(shown).collect()),
            export: Some(Arc::clone(export)),
            locked: Mutex::new(Locked { pinned: export.generation(), ..Locked::default() }),
            ..Self::default()
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

    /// Whether the user has pressed *Record* in the editor since the last call.
    pub fn take_recording_asked(&self) -> bool {
        self.recording_asked.load(Ordering::Relaxed) && self.recording_asked.swap(false, Ordering::AcqRel)
    }

    /// Whether the recording that was asked for was given up since the last call.
    pub fn take_recording_given_up(&self) -> bool {
        self.recording_given_up.load(Ordering::Relaxed)
            && self.recording_given_up.swap(false, Ordering::AcqRel)
    }

    /// A recording was asked for, and none stood by.
    pub fn note_unready_recording(&self) {
        self.recording_given_up.store(false, Ordering::Relaxed);
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

    /// Has the control thread look after its engine at once: the thread that watches the engine calls it.
    pub fn wake_control(&self) {
        self.lock().is_woken = true;
        self.changed.notify_all();
    }

    /// Writes lines to the console.
    pub fn log(&self, lines: Vec<ConsoleLine>) {
        if lines.is_empty() {
            return;
        }
        let performance = self.performance();
        let now = (performance.phase() == Phase::Playing).then(|| performance.score_time());
        let mut locked = self.lock();
        for line in lines {
            let at = now.filter(|_| !line.ours);
            locked.console.log(line, at);
        }
    }

    /// The console's lines, oldest first.
    pub fn console(&self) -> Vec<ConsoleLine> {
        self.lock().console.lines()
    }

    /// The console's lines from number `from` on, which counts all that were ever written, and the
    /// number of the first that is given: a later one where those before it are gone.
    pub fn console_from(&self, from: u64) -> (u64, Vec<Said>) {
        self.lock().console.from(from)
    }

    /// Has the host show the parameters under the names of the bank's channels, in the groups that they have in
    /// a piece's text.
    pub fn show_names(&self, text: &str) {
        self.names.show_notes(note_names(text));
        // An export's stay as its manifest has them.
        if self.export.is_some() {
            return;
        }
        let mut channels = self.bank.names();
        channels.truncate(PARAMETERS);
        self.names.show(channels, &groups(text));
    }

    /// The piece asks for these channels. Whoever is told of names is told of that, too.
    pub fn ask_channels(&self, asked: Option<Asked>) {
        if self.asked.set(asked) {
            self.names.tell();
        }
    }

    /// The control channels that the piece writes.
    pub fn written(&self) -> Written {
        self.lock().written.clone()
    }

    /// The text whose panel is shown: the one that performs, else the present piece's.
    pub fn panel_text(&self) -> Option<Arc<str>> {
        let locked = self.lock();
        let present = || locked.piece().map(|piece| Arc::from(text_of(&piece)));
        locked.performing.clone().or_else(present)
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

    /// The piece that was wanted as number `wanted` has been built and is another one than performed: what was
    /// set for that one is forgotten. If something else is wanted by now, that decides.
    pub fn begin_with_own_values(&self, wanted: u64) {
        let mut locked = self.lock();
        if locked.wanted == wanted {
            locked.values_of = None;
            locked.session.channel_texts.clear();
            locked.texts.clear();
            self.bank.forget_values();
        }
    }

    /// How the last engine ended that nobody asked to, since the last piece was loaded.
    pub fn last_crash(&self) -> Option<String> {
        self.lock().crash.clone()
    }

    /// Whether the piece's file, or the score beside it, has changed since it was read.
    pub fn has_changed_on_disk(&self) -> bool {
        self.files_changed.load(Ordering::Relaxed)
    }

    /// Has something carried out that reads or writes files. Where it fails, that is a refusal; see
    /// [`Link::take_refusals`].
    pub fn ask(&self, errand: Errand) {
        let mut locked = self.lock();
        if locked.has_no_thread {
            let PieceState::Failed(Failure { reason, .. }) = &locked.state else { return };
            let reason = reason.clone();
            locked.refusals.push(reason);
            return;
        }
        locked.errands.push_back((self.requests.generation(), errand));
        self.pending.store(locked.host.is_some(), Ordering::Release);
        self.changed.notify_all();
    }

    /// True while something waits to be carried out, or is.
    pub fn has_errands(&self) -> bool {
        let locked = self.lock();
        !locked.has_no_thread && (locked.is_on_errand || !locked.errands.is_empty())
    }

    /// Why errands failed since the last call, in their order.
    pub fn take_refusals(&self) -> Vec<String> {
        std::mem::take(&mut self.lock().refusals)
    }

    /// See [`Locked::is_unsaved`].
    pub fn is_unsaved(&self) -> bool {
        self.lock().is_unsaved()
    }

    /// The piece as its file had it when that was last read or written, or as it was shipped.
    pub fn unedited(&self) -> Option<Arc<SavedPiece>> {
        self.lock().unedited.clone()
    }

    /// The pieces that the user opened, newest first.
    pub fn recent(&self) -> Arc<[PathBuf]> {
        Arc::clone(&self.lock().recent)
    }

    /// What the user's configuration lets texts do, while an editor is open.
    pub fn kept(&self) -> Arc<[KeptText]> {
        Arc::clone(&self.lock().kept)
    }

    /// The piece's file, where it was there when it was looked at last.
    pub fn piece_file(&self) -> Option<PathBuf> {
        self.lock().files.as_ref().filter(|files| files.are_there()).map(|files| files.path().to_owned())
    }

    /// What the piece before and a piece that was opened anew wish, once.
    pub fn take_wishes(&self) -> Option<(PieceWishes, PieceWishes)> {
        self.lock().wishes.take()
    }

    /// Whether there are such wishes.
    pub fn has_wishes(&self) -> bool {
        self.lock().wishes.is_some()
    }

    /// A recording could not be made or broke off: tells the user, and the host's parameter goes back.
    pub fn fail_recording(&self, why: String) {
        self.recording_given_up.store(true, Ordering::Release);
        self.failed_recordings.fetch_add(1, Ordering::Release);
        self.refuse(why);
    }

    /// Tells the user why something that he asked for was not done.
    pub fn refuse(&self, why: String) {
        let mut locked = self.lock();
        locked.log(ConsoleLine::error(&why));
        locked.refusals.push(why);
    }

    /// Sets the folder for recordings.
    pub fn set_recording_folder(&self, folder: &Path) {
        self.lock().session.recording_folder = Some(folder.to_owned());
    }

    /// Wants an engine, and tells the control thread.
    pub fn want(&self, locked: &mut Locked, begin: Begin) {
        locked.wanted += 1;
        locked.begin = Some(locked.begin.map_or(begin, |earlier| begin.after(earlier)));
        locked.stays_ended = false;
        self.pending.store(locked.host.is_some(), Ordering::Release);
        self.changed.notify_all();
    }

    /// The locked part. The audio thread must not, in real time.
    pub fn lock(&self) -> MutexGuard<'_, Locked> {
        self.locked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
