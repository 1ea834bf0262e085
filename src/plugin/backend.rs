//! The editor's backend over [`Link`]: what it sees of an instance, and what its actions do.

use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use nice_plug::context::gui::GuiContext;
use nice_plug::prelude::{BoolParam, FloatParam, Param};

use crate::editor::model::{
    Action, Backend, Channel, Confinement, Curve, EditorState, HostPosition, Isolation, Language, Layout,
    Level, Line, Meter, ParamRef, Permission, PermissionView, Placed, PlacedKind, Range, RecordingView,
    Reply, Shipped, SourceError, SourceFile, State, SyncMode, TrustQuestion, View, Widget,
};
use csound_library::MidiMessage;
use csound_performance::engine::piece::{Piece, Source, live};
use csound_performance::{PerformanceError, Phase, RecordState};

use crate::plugin::channels::bank;
use crate::plugin::channels::cabbage::{self, CabbageSection, WidgetKind};
use crate::plugin::channels::range::{self, ScaleKind};
use crate::plugin::control::Control;
use crate::plugin::control::engines;
use crate::plugin::params::{PerformerParams, SyncChoice};
use crate::plugin::pieces::files;
use crate::plugin::pieces::plan::Plan;
use crate::plugin::pieces::trust::{Network, permissions};
use crate::plugin::session::SavedPiece;
use crate::plugin::shared::errand::Errand;
use crate::plugin::shared::link::Link;
use crate::plugin::shared::locked::{Failure, IsolationState, PieceState};
use crate::plugin::shared::scope;
use crate::plugin::slots::event_slots::SlotText;

/// How often what is not a plain reading is looked at.
const LOOK: Duration = Duration::from_millis(250);

/// The backend of one instance.
pub struct Desk {
    control: Arc<Control>,
    link: Arc<Link>,
    params: Arc<PerformerParams>,
    memory: Mutex<Memory>,
}

/// What only the editor's thread touches.
#[derive(Default)]
struct Memory {
    host: Option<GuiContext>,
    piece: Option<SavedPiece>,
    generation: u64,
    answered: u64,
    /// A text was applied that is not answered yet.
    applied: bool,
    looked: Option<Instant>,
    /// What the control thread had done then.
    done: u64,
    /// The console's next line.
    said: u64,
    reply: Option<Reply>,
    state: Arc<EditorState>,
    /// Counts loaded sessions, and the one that was looked at.
    saved: u64,
    loaded: Option<u32>,
    /// The widgets of the piece's `<Cabbage>` section.
    cabbage: CabbageSection,
    clipped: [bool; scope::CHANNELS],
    /// Keys that the on-screen keyboard holds.
    held: u128,
    /// Where the values of the view's channels come from, one each.
    readings: Vec<Reading>,
}

impl Memory {
    fn answer(&mut self, error: Option<String>) {
        let number = self.reply.as_ref().map_or(0, |reply| reply.number) + 1;
        self.reply = Some(Reply { number, error });
    }
}

/// Where the value of a channel comes from.
#[derive(Clone, Copy, PartialEq)]
enum Reading {
    /// What the slot of the bank was set to, else the value that the piece begins with.
    Set(usize),
    /// The piece itself, while it plays; else as above.
    SetOrWritten(usize),
    /// The piece itself: the slot of a channel that it only writes.
    Written(usize),
}

impl Desk {
    /// The backend over an instance's control thread and parameters.
    pub fn new(control: Arc<Control>, params: Arc<PerformerParams>) -> Self {
        Self { link: Arc::clone(control.link()), control, params, memory: Mutex::default() }
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Looks at what takes a lock and a copy.
    fn look(&self, memory: &mut Memory, view: &mut View) {
        let done = self.link.done.load(Ordering::Acquire);
        let due = memory.looked.is_none_or(|looked| looked.elapsed() > LOOK)
            || std::mem::replace(&mut memory.done, done) != done;
        if !due {
            return;
        }
        memory.looked = Some(Instant::now());
        self.look_at_piece(memory, view);
        view.piece.path = self.link.piece_file();
        self.look_at_channels(memory, view);
        self.look_at_console(memory, view);
        self.look_at_isolation(view);
        self.look_at_recording(view);
        self.look_at_slots(view);
        view.piece.recent = self.link.recent();
        if view.piece.shipped.is_empty() {
            let shipped =
                |&(name, about, _): &(&str, &str, &str)| Shipped { name: name.into(), about: about.into() };
            view.piece.shipped = files::SHIPPED.iter().map(shipped).collect();
        }
    }

    fn look_at_console(&self, memory: &mut Memory, view: &mut View) {
        let (first, lines) = self.link.console_from(memory.said);
        view.console.skip_to(first.max(view.console.next()));
        memory.said = first + lines.len() as u64;
        for line in lines {
            let level = level(line.level);
            view.console.push(Line { level, source_line: line.line, text: line.text.as_str().into() });
        }
    }

    fn look_at_isolation(&self, view: &mut View) {
        let state = self.link.isolation();
        let trusted = matches!(state.plan, Some(Plan::Isolated { trusted: true } | Plan::InProcess));
        let (level, explanation) = match state.plan {
            Some(Plan::InProcess) => (
                Confinement::None,
                "It performs in the host's process and may do whatever the host may: a crash takes the host down.",
            ),
            Some(Plan::Isolated { trusted: true }) => (
                Confinement::Process,
                "You trust this text: it performs in a process of its own and may do all that you may.",
            ),
            _ => (
                Confinement::Full,
                "It performs in a process of its own that starts no program and runs no code but Csound's. What \
                 it writes goes with it, and it talks to nobody, unless you let it.",
            ),
        };
        let permissions = permission_views(&state).into();
        let IsolationState { granted, wants, asks, .. } = state;
        view.isolation = Isolation {
            level,
            trusted,
            explanation: explanation.to_owned(),
            folders: granted.folders.into(),
            permissions,
            needs_trust: wants.programs,
            untrustable: granted.untrustable,
            libraries: granted.libraries.into(),
            question: asks.map(TrustQuestion::Folder),
        };
    }

    fn look_at_recording(&self, view: &mut View) {
        let folder = self.link.session().recording_folder;
        let Some(recording) = self.link.performance().recording() else {
            view.recording = RecordingView { folder, ..RecordingView::default() };
            return;
        };
        let rate = f64::from(recording.sample_rate()) / 1000.0;
        view.recording = RecordingView {
            active: recording.state() == RecordState::Recording,
            seconds: recording.seconds(),
            format: format!(
                "{} bit · {rate} kHz · {} channels",
                recording.depth().bits(),
                recording.channels()
            ),
            lost: recording.frames_lost(),
            path: Some(recording.path().to_owned()),
            folder,
            error: recording.result().err().map(|error| error.to_string()),
        };
    }

    fn look_at_slots(&self, view: &mut View) {
        for (slot, text) in view.slots.iter_mut().zip(self.link.slots.texts()) {
            if slot.text != text.line {
                slot.text = text.line;
                slot.error = None;
            }
        }
    }

    /// Says what came of the text that was applied, once its engine was built.
    fn answer_apply(&self, memory: &mut Memory, view: &mut View) {
        let built = !self.link.is_pending() && view.state != State::Loading;
        if !built || !std::mem::take(&mut memory.applied) {
            return;
        }
        memory.looked = None;
        memory.answered += 1;
        let PieceState::Failed(Failure { reason, errors }) = self.link.piece_state() else {
            view.source.errors = [].into();
            return;
        };
        let error = |line, text| SourceError { file: 0, line, text };
        let mut found: Vec<_> = errors.into_iter().map(|found| error(found.line, found.text)).collect();
        if found.is_empty() {
            found.push(error(None, reason));
        }
        view.source.errors = found.into();
    }

    fn look_at_piece(&self, memory: &mut Memory, view: &mut View) {
        let session = self.link.session();
        if memory.loaded.replace(self.link.requests.generation()) != Some(self.link.requests.generation()) {
            memory.saved += 1;
            let state = session.editor.and_then(|state| serde_json::from_value(state).ok());
            memory.state = Arc::new(state.unwrap_or_default());
        }
        let piece = session.piece;
        if piece == memory.piece {
            return;
        }
        memory.generation += 1;
        memory.piece = piece;
        let Some(piece) = memory.piece.as_ref().and_then(SavedPiece::piece) else { return };
        view.piece.name.clone_from(&piece.name);

        memory.cabbage = match &piece.source {
            Source::Csd(csd) => cabbage::parse(csd),
            Source::OrcSco { .. } => CabbageSection::default(),
        };
        view.source.files = source_files(&piece).into();
        view.source.generation = memory.generation;
    }

    fn look_at_channels(&self, memory: &mut Memory, view: &mut View) {
        let written = self.link.written();
        let (mut channels, mut readings) = (Vec::new(), Vec::new());
        for (slot, name, range) in self.link.bank.present() {
            let both = slot < bank::SLOTS && written.both.contains(&name);
            readings.push(if both { Reading::SetOrWritten(slot) } else { Reading::Set(slot) });
            let slot = Some(slot).filter(|slot| *slot < bank::SLOTS);
            channels.push(Channel { slot, ..channel(name, &range, &memory.cabbage) });
        }
        for (number, (name, range)) in written.outputs.into_iter().enumerate() {
            readings.push(Reading::Written(bank::SLOTS + number));
            let group = "Written by the piece".to_owned();
            channels.push(Channel { is_output: true, group, ..channel(name, &range, &memory.cabbage) });
        }
        memory.readings = readings;
        if *view.channels != *channels {
            view.layout = layout(&memory.cabbage, &channels).map(Arc::new);
            view.channels = channels.into();
        }
    }

    fn value(&self, channel: &Channel, reading: Reading) -> f64 {
        let plays = self.link.performance().phase() == Phase::Playing;
        let of_piece = |slot| self.link.shared.slot(slot).unwrap_or(channel.default);
        match reading {
            Reading::Written(slot) => of_piece(slot),
            Reading::SetOrWritten(slot) if plays => of_piece(slot),
            Reading::Set(slot) | Reading::SetOrWritten(slot) => {
                let set = self.link.bank.value(slot);
                // A parameter may be shown before the audio thread has heard of it.
                let param = set.and(self.param(ParamRef::Slot(slot)));
                let value =
                    |param: &FloatParam| channel.range.value(f64::from(param.unmodulated_normalized_value()));
                param.map(value).or(set).unwrap_or(channel.default)
            }
        }
    }

    fn param(&self, ParamRef::Slot(slot): ParamRef) -> Option<&FloatParam> {
        self.params.channels.get(slot).filter(|_| slot < bank::SLOTS)
    }

    /// Tells the host of a gesture.
    fn touch(&self, param: ParamRef, tell: impl FnOnce(&GuiContext, &FloatParam)) {
        let host = self.memory().host.clone();
        if let (Some(host), Some(param)) = (host, self.param(param)) {
            tell(&host, param);
        }
    }

    /// Sets a switch of the host's, as a gesture.
    fn switch(&self, param: impl Fn(&PerformerParams) -> &BoolParam, on: bool) {
        let host = self.memory().host.clone();
        if let Some(host) = host {
            let (setter, param) = (host.param_setter(), param(&self.params));
            setter.begin_set_parameter(param);
            setter.set_parameter(param, on);
            setter.end_set_parameter(param);
        }
    }

    fn set_sync(&self, mode: SyncMode) {
        let host = self.memory().host.clone();
        let sync = match mode {
            SyncMode::Free => SyncChoice::Free,
            SyncMode::Host => SyncChoice::Host,
        };
        if let Some(host) = host {
            let (setter, param) = (host.param_setter(), &self.params.sync);
            setter.begin_set_parameter(param);
            setter.set_parameter(param, sync);
            setter.end_set_parameter(param);
        }
    }

    /// Plays or pauses, and lets the host's parameter follow.
    fn play(&self, on: bool) {
        let performance = self.link.performance();
        self.sent(if on { performance.play() } else { performance.pause() });
        if self.params.play.value() != on {
            self.switch(|params| &params.play, on);
        }
    }

    fn record_into(&self, folder: &Path) {
        self.link.set_recording_folder(folder);
    }

    fn set_slot(&self, slot: usize, line: String) {
        let error = self.link.slots.set(slot, SlotText { line, absolute: false }).err();
        self.answer(error.map(|error| error.to_string()));
    }

    fn trigger_slot(&self, slot: usize) {
        if let Some(text) = self.link.slots.texts().get(slot).filter(|text| !text.line.is_empty()) {
            self.sent(self.link.performance().input_message(&text.line));
        }
    }

    /// Has texts written to the piece's file, or to one that the user has `chosen`, and performed.
    fn save(&self, path: &Path, texts: Vec<String>, chosen: bool) {
        let before = self.memory().piece.as_ref().and_then(SavedPiece::piece);
        if let Some(before) = before.filter(|_| !texts.is_empty()) {
            self.ask(Errand::Save { before, path: path.to_owned(), texts, chosen });
        }
    }

    fn path(&self) -> Option<PathBuf> {
        self.memory().piece.as_ref()?.path()
    }

    /// Has the control thread do what reads or writes files.
    fn ask(&self, errand: Errand) {
        self.control.start();
        self.link.ask(errand);
    }

    fn remember(&self, state: EditorState) {
        if let Ok(value) = serde_json::to_value(&state) {
            self.link.remember_editor(value);
        }
        self.memory().state = Arc::new(state);
    }

    fn apply(&self, texts: &[String]) {
        let mut memory = self.memory();
        let Some(before) = memory.piece.as_ref().and_then(SavedPiece::piece) else { return };
        let mut piece = before.clone();
        match (&mut piece.source, texts) {
            (Source::Csd(csd), [text]) => csd.clone_from(text),
            (Source::OrcSco { orc, sco }, [orchestra, score]) => {
                orc.clone_from(orchestra);
                sco.clone_from(score);
            }
            _ => return,
        }
        // The text is the editor's own: it must not come back as another piece.
        memory.piece = Some(SavedPiece::from(&piece));
        memory.applied = true;
        drop(memory);
        self.ask(Errand::Apply { before, piece });
    }

    fn answer(&self, error: Option<String>) {
        self.memory().answer(error);
    }

    fn sent(&self, result: Result<(), PerformanceError>) {
        self.answer(result.err().map(|error| error.to_string()));
    }

    /// A key of the on-screen keyboard, on the first channel.
    fn play_note(&self, status: u8, key: u8, velocity: u8) {
        let bit = 1_u128 << (key & 0x7F);
        let mut memory = self.memory();
        memory.held = if status == 0x90 { memory.held | bit } else { memory.held & !bit };
        drop(memory);
        if let Some(message) = MidiMessage::new(&[status, key & 0x7F, velocity & 0x7F]) {
            // A full queue drops it, as a MIDI port would.
            let _ = self.link.performance().midi_message(message);
        }
    }

    fn state(&self) -> State {
        match (self.link.piece_state(), self.link.performance().phase()) {
            (PieceState::None, _) => State::Empty,
            (PieceState::Loading, _) => State::Loading,
            (PieceState::Failed(failure), _) => State::Failed(failure.reason),
            (PieceState::Ready, Phase::Playing) => match self.link.last_crash() {
                Some(crash) => State::Restarted(crash),
                None => State::Playing,
            },
            (PieceState::Ready, Phase::Paused) => State::Paused,
            (PieceState::Ready, Phase::Ended) => State::Ended,
        }
    }
}

impl Backend for Desk {
    fn fill(&self, view: &mut View) {
        let mut memory = self.memory();
        self.link.shared.watch_slots(true);
        self.look(&mut memory, view);
        view.state = self.state();
        view.piece.changed_on_disk = self.link.has_changed_on_disk();
        view.transport.time = self.link.performance().score_time();
        self.fill_transport(view);
        self.fill_picture(&mut memory, view);
        self.link.take_answers().into_iter().for_each(|error| memory.answer(error));
        view.reply.clone_from(&memory.reply);
        self.answer_apply(&mut memory, view);
        view.source.answered = memory.answered;
        view.saved.generation = memory.saved;
        view.saved.state = Arc::clone(&memory.state);
        view.held = memory.held | self.link.lights.keys();
        self.fill_learning(view);
        view.values.clear();
        let shown = view.channels.iter().zip(&memory.readings);
        view.values.extend(shown.map(|(channel, reading)| self.value(channel, *reading)));
    }

    fn act(&self, action: Action) {
        let performance = self.link.performance();
        match action {
            Action::Open(path) => self.ask(Errand::Open(path)),
            Action::Reload => self.ask(Errand::Reload),
            Action::Apply(texts) => self.apply(&texts),
            Action::OpenShipped(number) => {
                if let Some(piece) = files::shipped(number) {
                    self.ask(Errand::Load(piece));
                }
            }
            Action::Trust => self.ask(Errand::SetTrusted(true)),
            Action::Untrust => self.ask(Errand::SetTrusted(false)),
            Action::Permit(permission) => self.ask(Errand::Permit(kept(permission))),
            Action::Revoke(permission) => self.ask(Errand::Revoke(kept(permission))),
            Action::AllowLibrary(name) => self.ask(Errand::SetLibrary { name, allowed: true }),
            Action::RevokeLibrary(name) => self.ask(Errand::SetLibrary { name, allowed: false }),
            Action::Play => self.play(true),
            Action::Pause => self.play(false),
            Action::Stop => self.sent(performance.stop()),
            Action::Restart => self.link.shared.ask_for_renewal(),
            Action::Record(on) => self.switch(|params| &params.record, on),
            Action::RecordInto(folder) => self.record_into(&folder),
            Action::SetSync(mode) => self.set_sync(mode),
            Action::SetText(name, text) => self.link.set_channel_text(&name, &text),
            Action::SetSlot(slot, line) => self.set_slot(slot, line),
            Action::TriggerSlot(slot) => self.trigger_slot(slot),
            Action::SendOrchestra(code) => match live::check_orchestra(&code) {
                Ok(()) => self.link.evaluate(code),
                Err(error) => self.answer(Some(error.to_string())),
            },
            Action::Save(texts) => {
                if let Some(path) = self.path() {
                    self.save(&path, texts, false);
                }
            }
            Action::SaveAs(path, texts) => self.save(&path, texts, true),
            Action::ShowInFolder(path) => show_in_folder(&path),
            Action::ClearClips => self.memory().clipped = Default::default(),
            Action::Seek(seconds) => self.sent(performance.set_score_offset_seconds(seconds)),
            Action::SendLine(line) => self.sent(performance.input_message(&line)),
            Action::NoteOn { key, velocity } => self.play_note(0x90, key, velocity),
            Action::NoteOff { key } => self.play_note(0x80, key, 0),
            Action::BeginGesture(param) => {
                self.touch(param, |host, param| host.param_setter().begin_set_parameter(param));
            }
            Action::SetParam(param, position) => self.touch(param, |host, param| {
                host.param_setter().set_parameter_normalized(param, position as f32);
            }),
            Action::EndGesture(param) => {
                self.touch(param, |host, param| host.param_setter().end_set_parameter(param));
            }
            Action::Remember(state) => self.remember(*state),
            Action::ReloadByItself(on) => {
                let state = EditorState { reload_by_itself: on, ..(*self.memory().state).clone() };
                self.remember(state);
            }
            Action::SetChannel(name, value) => {
                self.link.bank.set(&name, value);
            }
            Action::LearnSlot(slot) => self.link.learning.wait_or_cancel(slot),
            Action::ForgetSlot(slot) => self.link.learning.forget(slot),
            // The editor asks and clears by itself.
            Action::ClearConsole | Action::Ask(_) => {}
        }
    }

    fn opened(&self, context: GuiContext) {
        self.memory().host = Some(context);
        // Pieces are loaded before the host activates the instance, too.
        self.control.start();
        self.link.taps.watch(true);
    }

    fn closed(&self) {
        self.memory().host = None;
        self.link.taps.watch(false);
        self.link.shared.watch_slots(false);
    }
}

impl Desk {
    fn fill_transport(&self, view: &mut View) {
        let (link, transport) = (&self.link, &mut view.transport);
        transport.length = link.score_length();
        transport.sync = match self.params.sync.value() {
            SyncChoice::Free => SyncMode::Free,
            SyncChoice::Host => SyncMode::Host,
        };
        let tempo = link.host.tempo.load(Ordering::Relaxed);
        transport.tempo = (tempo > 0.0).then_some(tempo);
        let seconds = link.host.seconds.load(Ordering::Relaxed);
        let playing = link.host.playing.load(Ordering::Relaxed);
        transport.host = seconds.is_finite().then_some(HostPosition { seconds, bar: None, playing });
    }

    fn fill_learning(&self, view: &mut View) {
        let waiting = self.link.learning.waiting();
        for (slot, shown) in view.slots.iter_mut().enumerate() {
            shown.learned = self.link.learning.learned(slot).map(|learned| learned.to_string());
            shown.learning = waiting == Some(slot);
        }
    }

    fn fill_picture(&self, memory: &mut Memory, view: &mut View) {
        let picture = &mut view.picture;
        picture.late_turns = self.link.performance().troubles().late_turns;
        picture.sample_rate = self.link.shared.running_format().map_or(48_000.0, |(rate, ..)| rate);
        let (load, worst) = self.link.taps.load();
        (picture.load, picture.worst) = (f64::from(load), f64::from(worst));
        picture.scope = self.link.taps.scope();
        picture.meters = picture.scope.iter().map(|samples| meter(samples)).collect();
        for (meter, clipped) in picture.meters.iter_mut().zip(&mut memory.clipped) {
            *clipped |= meter.peak > 1.0;
            meter.clipped = *clipped;
        }
    }
}

/// A permission of the editor's as it is kept.
fn kept(permission: Permission) -> permissions::Permission {
    match permission {
        Permission::Read(folder) => permissions::Permission::Read(folder),
        Permission::Write(folder) => permissions::Permission::Write(folder),
        Permission::MachineNetwork => permissions::Permission::MachineNetwork,
        Permission::AnyNetwork => permissions::Permission::AnyNetwork,
    }
}

/// The permissions that are shown: what the piece has, its own folder, and the network.
fn permission_views(state: &IsolationState) -> Vec<PermissionView> {
    let IsolationState { granted, wants, folder, .. } = state;
    let has = &granted.permissions;
    let mut views = Vec::new();
    let mut show = |permission, granted, wanted_by: &Option<String>, unavailable| {
        views.push(PermissionView { permission, granted, wanted_by: wanted_by.clone(), unavailable });
    };
    let own = folder.as_ref();
    for read in has.read.iter().chain(own.filter(|own| !has.read.contains(*own))) {
        show(Permission::Read(read.clone()), has.read.contains(read), &None, None);
    }
    for write in has.write.iter().chain(own.filter(|own| !has.write.contains(*own))) {
        let wanted_by = if own == Some(write) { &wants.writes } else { &None };
        show(Permission::Write(write.clone()), has.write.contains(write), wanted_by, None);
    }
    let machine = engines::offers_machine_network().err();
    show(Permission::MachineNetwork, has.network >= Network::Machine, &wants.network, machine);
    show(Permission::AnyNetwork, has.network == Network::Any, &None, None);
    views
}

/// Frames over which a meter looks back: about a twentieth of a second.
const METER_FRAMES: usize = 2400;

fn meter(samples: &[f32]) -> Meter {
    let newest = &samples[samples.len().saturating_sub(METER_FRAMES)..];
    let peak = newest.iter().fold(0.0, |peak: f32, sample| peak.max(sample.abs()));
    let power: f32 = newest.iter().map(|sample| sample * sample).sum();
    Meter { peak, rms: (power / newest.len().max(1) as f32).sqrt(), clipped: false }
}

/// Opens the system's view of a folder; where there is none, nothing happens.
fn show_in_folder(path: &Path) {
    let folder = path.parent().unwrap_or(path).to_owned();
    let opener = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };
    let opening = std::thread::Builder::new().spawn(move || {
        if let Ok(mut opened) = std::process::Command::new(opener).arg(folder).spawn() {
            // It is only collected.
            let _ = opened.wait();
        }
    });
    drop(opening);
}

/// A channel as it is shown: with the words of the piece's widget, where it has one.
fn channel(name: String, range: &range::Range, cabbage: &CabbageSection) -> Channel {
    let scale = range.scale;
    let curve = match scale.kind() {
        ScaleKind::Exponential => Curve::Exponential,
        _ if scale.skew() != 1.0 => Curve::Skew(scale.skew()),
        _ => Curve::Linear,
    };
    let step = match scale.kind() {
        ScaleKind::Integer | ScaleKind::Items => scale.step().max(1.0),
        _ => scale.step(),
    };
    let found = cabbage.widgets.iter().find_map(|widget| {
        let control = widget.controls().into_iter().find(|control| control.channel == name)?;
        Some((widget, control.label))
    });
    let items = range.items.clone();
    let widget = match found.as_ref().map(|(widget, _)| &widget.kind) {
        Some(WidgetKind::Hslider) => Widget::Horizontal,
        Some(WidgetKind::Vslider) => Widget::Vertical,
        Some(WidgetKind::Nslider) => Widget::Number,
        Some(WidgetKind::Button) => Widget::Toggle,
        Some(WidgetKind::Checkbox) => Widget::Toggle,
        Some(WidgetKind::Combobox) => Widget::Choice,
        _ if !items.is_empty() => Widget::Choice,
        _ => Widget::Knob,
    };
    Channel {
        range: Range { min: scale.minimum(), max: scale.maximum(), curve, step },
        default: range.default,
        label: found.map(|(_, label)| label).unwrap_or_default(),
        items,
        unit: range.unit.trim().to_owned(),
        widget,
        name,
        ..Channel::default()
    }
}

/// The piece's own layout, if it has one.
fn layout(cabbage: &CabbageSection, channels: &[Channel]) -> Option<Layout> {
    let form = cabbage.form.as_ref()?;
    let colour = |colour: cabbage::colour::Colour| [colour.red, colour.green, colour.blue, colour.alpha];
    let mut widgets = Vec::new();
    for (index, widget) in cabbage.widgets.iter().enumerate().filter(|(index, _)| cabbage.is_visible(*index))
    {
        let Some(bounds) = cabbage.place(index) else { continue };
        let control = widget.controls().into_iter().next();
        let shown =
            control.and_then(|control| channels.iter().position(|channel| channel.name == control.channel));
        let kind = match (&widget.kind, shown) {
            (WidgetKind::Label, _) => PlacedKind::Label,
            (WidgetKind::Groupbox, _) => PlacedKind::Group,
            (WidgetKind::Keyboard, _) => PlacedKind::Keyboard,
            (_, Some(channel)) => PlacedKind::Control(channel),
            _ => continue,
        };
        widgets.push(Placed {
            kind,
            bounds: [bounds.x, bounds.y, bounds.width, bounds.height].map(|side| side as f32),
            text: widget.texts.first().cloned().unwrap_or_default(),
            colour: widget.colour("colour").map(colour),
            text_colour: widget.colour("fontcolour").map(colour),
        });
    }
    let size = [form.width as f32, form.height as f32];
    let layout = Layout { size, caption: form.caption.clone(), colour: form.colour.map(colour), widgets };
    (!layout.widgets.is_empty()).then_some(layout)
}

fn source_files(piece: &Piece) -> Vec<SourceFile> {
    let file =
        |language, text: &String| SourceFile { name: piece.name.clone(), language, text: text.clone() };
    match &piece.source {
        Source::Csd(csd) => vec![file(Language::Csd, csd)],
        Source::OrcSco { orc, sco } => {
            let score = SourceFile { name: "Score".into(), ..file(Language::Score, sco) };
            vec![file(Language::Orchestra, orc), score]
        }
    }
}

fn level(level: csound_library::Level) -> Level {
    match level {
        csound_library::Level::Default => Level::Info,
        csound_library::Level::Orchestra | csound_library::Level::Realtime => Level::Print,
        csound_library::Level::Warning => Level::Warning,
        csound_library::Level::Error => Level::Error,
    }
}
