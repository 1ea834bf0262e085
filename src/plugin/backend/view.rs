//! Fills the editor's view from an instance.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use csound_library::Level;
use csound_performance::engine::ConsoleLine;
use csound_performance::engine::piece::{Piece, Source, live_text};
use csound_performance::{Phase, RecordState};

use super::InstanceBackend;
use super::comparison::comparison_view;
use super::isolation::isolation_view;
use super::memory::{Memory, Reading};
use super::panel::{Turned, channel, text_channels};
use super::panel_layout::{layout, wanted, wanted_files};
use crate::editor::model::{
    self, Channel, CsoundView, HostPosition, Importance, InstalledView, Language, Line, Meter, ParamRef,
    RecordingView, Shipped, SourceError, SourceFile, State, View,
};
use crate::plugin::audio::transport::Sync;
use crate::plugin::channels::bank;
use crate::plugin::channels::cabbage;
use crate::plugin::channels::told;
use crate::plugin::params::ChannelParam;
use crate::plugin::pieces::files;
use crate::plugin::session::{SavedPiece, Session};
use crate::plugin::shared::console::Said;
use crate::plugin::shared::csounds::{InstalledCsound, name_of};
use crate::plugin::shared::fault::{Fault, Kind};
use crate::plugin::shared::locked::{CompileError, Failure, PieceState};
use crate::plugin::tuning::SavedTuning;

/// The interval at which what is not a plain reading is looked at.
const LOOK: Duration = Duration::from_millis(250);

impl InstanceBackend {
    /// Brings the editor's view up to date.
    pub(super) fn fill_view(&self, view: &mut View) {
        let mut memory = self.memory();
        self.link.shared.watch_channels(true);
        if std::mem::take(&mut memory.clears) {
            view.console.clear();
        }
        self.look(&mut memory, view);
        view.state = self.state();
        view.export = self.export_view();
        view.piece.changed_on_disk = self.link.has_changed_on_disk();
        view.transport.time = self.link.performance().score_time();
        self.fill_transport(&memory, view);
        view.settings = self.settings();
        self.fill_picture(&mut memory, view);
        let answers = self.link.take_answers();
        let errors = answers.iter().filter_map(|answer| answer.error.as_ref());
        self.link.log(errors.map(ConsoleLine::error).collect());
        answers.into_iter().for_each(|answer| memory.answer(answer.error, answer.value));
        view.reply.clone_from(&memory.reply);
        let refusals = self.link.take_refusals();
        if !refusals.is_empty() {
            memory.refused = Some(refusals.join("\n"));
        }
        view.refused.clone_from(&memory.refused);
        self.answer_apply(&mut memory, view);
        self.fill_errors(&mut memory, view);
        view.source.answered = memory.answered;
        view.saved.generation = memory.saved;
        view.saved.state = Arc::clone(&memory.state);
        view.named.clone_from(&memory.named);
        view.is_alone = memory.is_alone();
        view.is_unheard = told::is_unheard();
        view.held = memory.held | self.link.lights.keys();
        view.input_wanted = self.link.input.wanted();
        self.fill_learning(view);
        view.preview = self.preview_view();
        view.has_host_menus = self.link.menus.is_there();
        view.host_menu = self.link.menus.offered();
        view.values.clear();
        let shown = view.channels.iter().zip(&memory.readings);
        view.values.extend(shown.map(|(channel, reading)| self.value(channel, *reading)));
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
        // An applied text has yet to take the piece's place in the session, and a loaded piece's folder is yet
        // to be found: what the session has until then would come into the editor as another piece.
        let is_loaded = memory.loaded != Some(self.link.requests.generation());
        let has_errands = self.link.has_errands();
        let waits = (memory.applied || is_loaded) && has_errands;
        let session = self.link.session();
        if !waits {
            self.look_at_piece(memory, view, &session);
        }
        if !has_errands {
            memory.saving = None;
        }
        view.piece.path = self.link.piece_file();
        self.look_at_channels(memory, view, &session);
        self.look_at_controllers(view);
        self.look_at_activity(memory, view);
        self.look_at_console(memory, view);
        view.isolation = isolation_view(self.link.isolation());
        self.look_at_csounds(view);
        self.look_at_presets(view, &session);
        let faults = Arc::clone(&self.link.lock().faults);
        if view.piece.faults.len() != faults.len() || !view.piece.faults.iter().zip(&*faults).all(is_shown) {
            view.piece.faults = faults.iter().map(fault_view).collect();
        }
        self.look_at_recording(view, &session);
        self.look_at_slots(memory, view);
        view.piece.recent = self.link.recent();
        view.kept = self.link.kept();
        view.gathering = self.link.lock().gathering.as_ref().map(|(stands, _)| stands.clone());
        view.catalogue = self.link.lock().catalogue.clone();
        view.keys = Arc::clone(&self.link.lock().keys);
        view.manual = self.link.lock().manual.clone();
        self.look_at_folder(memory, view);
        view.draft = self.link.lock().draft.clone();
        view.exporting = self.link.lock().exporting.as_ref().map(|(exporting, _)| exporting.clone());
        if view.piece.shipped.is_empty() {
            let shipped =
                |&(name, about, _): &(&str, &str, &str)| Shipped { name: name.into(), about: about.into() };
            view.piece.shipped = files::SHIPPED.iter().map(shipped).collect();
        }
    }

    fn look_at_piece(&self, memory: &mut Memory, view: &mut View, session: &Session) {
        view.source.unsaved = self.link.is_unsaved();
        self.look_at_file(memory, view);
        if memory.loaded.replace(self.link.requests.generation()) != Some(self.link.requests.generation()) {
            memory.saved += 1;
            let state = session.editor.clone().and_then(|state| serde_json::from_value(state).ok());
            memory.state = Arc::new(state.unwrap_or_default());
        }
        if session.piece == memory.piece {
            return;
        }
        memory.generation += 1;
        memory.piece.clone_from(&session.piece);
        let Some(piece) = memory.piece.as_ref().and_then(SavedPiece::piece) else { return };
        view.piece.name.clone_from(&piece.name);
        view.source.files = source_files(&piece).into();
        view.source.generation = memory.generation;
    }

    /// The texts in the folder of the piece that is shown: those of another one are not known yet.
    fn look_at_folder(&self, memory: &Memory, view: &mut View) {
        let found = Arc::clone(&self.link.lock().folder_texts);
        let folder = memory.piece.as_ref().and_then(|piece| piece.folder.as_ref());
        let is_its = found.is_known && found.folder.as_ref() == folder;
        if is_its {
            view.folder = found;
        } else if view.folder.is_known {
            view.folder = Arc::default();
        }
    }

    fn look_at_file(&self, memory: &mut Memory, view: &mut View) {
        let unedited = self.link.unedited();
        let is_known = match (&memory.unedited, &unedited) {
            (Some(known), Some(now)) => Arc::ptr_eq(known, now),
            (known, now) => known.is_none() && now.is_none(),
        };
        if is_known {
            return;
        }
        let piece = unedited.as_ref().and_then(|saved| saved.piece());
        let texts = piece.map(|piece| source_files(&piece)).unwrap_or_default();
        view.source.saved = texts.into_iter().map(|file| file.text).collect();
        memory.unedited = unedited;
    }

    /// Reads the section of another text, and takes what the piece has changed of it. Whether there is anything new.
    fn look_at_section(&self, memory: &mut Memory, session: &Session) -> bool {
        let text = self.link.panel_text();
        let is_another = memory.panel != text;
        let lists = Arc::clone(&self.link.lock().panel_files.lists);
        let has_other_files = !Arc::ptr_eq(&memory.lists, &lists);
        if !is_another && !has_other_files && memory.changes == session.widgets {
            return false;
        }
        memory.lists = lists;
        let known = text.as_deref().unwrap_or_default();
        if is_another {
            memory.section = cabbage::parse(known);
        }
        memory.changes.clone_from(&session.widgets);
        memory.cabbage = memory.section.changed(&memory.changes);
        memory.texts = text_channels(known, &memory.cabbage, &memory.lists);
        memory.panel = text;
        true
    }

    fn look_at_channels(&self, memory: &mut Memory, view: &mut View, session: &Session) {
        let another = self.look_at_section(memory, session);
        let written = self.link.written();
        let (mut channels, mut readings) = (Vec::new(), Vec::new());
        let turned = Turned::of(&memory.cabbage);
        let mut own_ranges = self.link.bank.own_ranges();
        for (index, name, range) in self.link.bank.present() {
            let both = index < bank::PARAMETERS && written.both.contains(&name);
            readings.push(if both { Reading::SetOrWritten(index) } else { Reading::Set(index) });
            let parameter = Some(index).filter(|index| *index < bank::PARAMETERS);
            let own_range = own_ranges.remove(&index);
            channels.push(Channel { parameter, own_range, ..channel(name, range, &turned) });
        }
        for text in &memory.texts {
            readings.push(Reading::Text);
            channels.push(text.shown(session.channel_texts.get(&text.name)));
        }
        for (number, (name, range)) in written.outputs.into_iter().enumerate() {
            readings.push(Reading::Written(bank::PARAMETERS + number));
            let group = "Written by the piece".to_owned();
            channels.push(Channel { is_output: true, group, ..channel(name, range, &turned) });
        }
        memory.readings = readings;
        if another || *view.channels != *channels {
            view.layout = layout(&memory.cabbage, &channels).map(Arc::new);
            view.channels = channels.into();
            let wanted = view.layout.as_deref().map(wanted).unwrap_or_default();
            let files = view.layout.as_deref().map(|layout| wanted_files(layout, &memory.cabbage));
            let mut locked = self.link.lock();
            locked.images.wanted = Some(wanted);
            locked.panel_files.wanted = Some(files.unwrap_or_default());
        }
        let locked = self.link.lock();
        view.sounds = Arc::clone(&locked.panel_files.sounds);
        view.images = Arc::clone(&locked.images.found);
        view.tables = locked.tables.all();
        view.signals = locked.signals.all();
    }

    fn value(&self, channel: &Channel, reading: Reading) -> f64 {
        let plays = self.link.performance().phase() == Phase::Playing;
        let of_piece = |index| self.link.shared.channel_value(index).unwrap_or(channel.range.default);
        match reading {
            Reading::Text => 0.0,
            Reading::Written(index) => of_piece(index),
            Reading::SetOrWritten(index) if plays => of_piece(index),
            Reading::Set(index) | Reading::SetOrWritten(index) => {
                let set = self.link.bank.value(index);
                // A parameter may be shown before the audio thread has heard of it.
                let param = set.and(self.param(ParamRef::Bank(index)));
                let value = |param: &ChannelParam| channel.range.to_value(f64::from(param.position()));
                param.map(value).or(set).unwrap_or(channel.range.default)
            }
        }
    }

    /// The plugin that the piece is, if it is one of its own.
    fn export_view(&self) -> Option<model::ExportView> {
        let manifest = &self.link.export.as_ref()?.manifest;
        Some(model::ExportView { name: manifest.name.clone(), shows_source: manifest.show_source })
    }

    fn look_at_console(&self, memory: &mut Memory, view: &mut View) {
        let (first, lines) = self.link.console_from(memory.said);
        view.console.skip_to(first.max(view.console.next()));
        memory.said = first + lines.len() as u64;
        for Said { line, at } in lines {
            let importance = importance(&line);
            view.console.push(Line {
                importance,
                source_line: line.line,
                at,
                text: line.text.as_str().into(),
            });
        }
    }

    fn look_at_csounds(&self, view: &mut View) {
        let locked = self.link.lock();
        let shown =
            |csound: &InstalledCsound| InstalledView { name: csound.name(), place: csound.path.clone() };
        view.csound = CsoundView {
            performing: locked.performs_by.map(name_of),
            named: locked.named().map(|named| named.to_string()),
            installed: locked.csounds.as_ref().map(|found| found.iter().map(shown).collect()),
            comparison: comparison_view(&locked),
        };
        view.opcodes = Arc::clone(&locked.opcodes);
    }

    fn look_at_recording(&self, view: &mut View, session: &Session) {
        view.track = self.link.track.get();
        view.tuning = session.tuning.as_ref().map(SavedTuning::names);
        let folder = session.recording_folder.clone();
        let Some(recording) = self.link.performance().recording() else {
            let waits = self.params.record.value() && folder.is_some();
            view.recording = RecordingView { folder, waits, ..RecordingView::default() };
            return;
        };
        let rate = f64::from(recording.sample_rate()) / 1000.0;
        view.recording = RecordingView {
            active: recording.state() == RecordState::Recording,
            waits: recording.state() != RecordState::Recording
                && self.params.record.value()
                && folder.is_some(),
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

    fn look_at_slots(&self, memory: &Memory, view: &mut View) {
        for (number, text) in self.link.slots.texts().into_iter().enumerate().take(view.slots.len()) {
            let slot = &mut view.slots[number];
            let (shown, error) = match &memory.unsendable[number] {
                Some((typed, why)) => (typed.clone(), Some(why.clone())),
                None => (text.line, None),
            };
            slot.error = error.or_else(|| why_unsendable(&shown));
            slot.text = shown;
        }
    }

    /// Says that the text that was applied is answered, once its engine was built or has failed.
    fn answer_apply(&self, memory: &mut Memory, view: &View) {
        let built = !self.link.has_errands() && !self.link.is_pending() && view.state != State::Loading;
        if built && std::mem::take(&mut memory.applied) {
            memory.looked = None;
            memory.answered += 1;
        }
    }

    /// The errors of the text that is shown, wherever it came from, and what they mean for what plays.
    fn fill_errors(&self, memory: &mut Memory, view: &mut View) {
        let is_another = memory.errors_of != memory.generation;
        let failure = match self.link.piece_state() {
            PieceState::Failed(failure) => Some(failure),
            // Until it is known better, the text has the errors that it had.
            PieceState::Loading if !is_another => return,
            _ => None,
        };
        memory.errors_of = memory.generation;
        let found = failure.as_ref().map(source_errors).unwrap_or_default();
        if *view.source.errors != *found {
            view.source.errors = found.into();
        }
        view.source.failure = failure.filter(|_| self.performs()).map(|failure| failure.reason);
    }

    /// Whether a piece performs, be it another than the one that was wanted last.
    fn performs(&self) -> bool {
        let shared = &self.link.shared;
        !self.link.arrivals.is_empty() || (shared.running_format().is_some() && !shared.has_engine_ended())
    }

    fn state(&self) -> State {
        match self.link.piece_state() {
            PieceState::None => State::Empty,
            PieceState::Loading => State::Loading,
            PieceState::Failed(failure) if !self.performs() => State::Failed(failure.reason),
            PieceState::Ready | PieceState::Failed(_) => self.state_of_performance(),
        }
    }

    fn state_of_performance(&self) -> State {
        match self.link.performance().phase() {
            Phase::Playing => match self.link.last_crash() {
                Some(crash) => State::Restarted(crash),
                None => State::Playing,
            },
            Phase::Paused => State::Paused,
            Phase::Ended => State::Ended,
        }
    }

    fn fill_transport(&self, memory: &Memory, view: &mut View) {
        let (link, transport) = (&self.link, &mut view.transport);
        transport.length = link.score_length();
        transport.plays = self.performs() && link.performance().phase() == Phase::Playing;
        transport.follows_host = self.params.sync.value() == Sync::Host;
        if memory.is_alone() {
            (transport.tempo, transport.host) = (None, None);
            return;
        }
        let tempo = link.host.tempo.load(Ordering::Relaxed);
        transport.tempo = (tempo > 0.0).then_some(tempo);
        let seconds = link.host.seconds.load(Ordering::Relaxed);
        let playing = link.host.playing.load(Ordering::Relaxed);
        let (bar, beat) = (link.host.bar.load(Ordering::Relaxed), link.host.beat.load(Ordering::Relaxed));
        let bar = (beat >= 1.0).then_some((bar as i32, beat));
        transport.host = seconds.is_finite().then_some(HostPosition { seconds, bar, playing });
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
        picture.sample_rate = self.link.shared.running_format().map_or(48_000.0, |format| format.sample_rate);
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

/// Frames over which a meter looks back: about a twentieth of a second.
const METER_FRAMES: usize = 2400;

fn meter(samples: &[f32]) -> Meter {
    let newest = &samples[samples.len().saturating_sub(METER_FRAMES)..];
    let peak = newest.iter().fold(0.0, |peak: f32, sample| peak.max(sample.abs()));
    let power: f32 = newest.iter().map(|sample| sample * sample).sum();
    Meter { peak, rms: (power / newest.len().max(1) as f32).sqrt(), clipped: false }
}

fn is_shown((shown, fault): (&model::Fault, &Fault)) -> bool {
    shown.text == fault.text
}

fn fault_view(fault: &Fault) -> model::Fault {
    let kind = match fault.kind {
        Kind::Missing => model::FaultKind::Missing,
        Kind::Refused => model::FaultKind::Refused,
        Kind::Error => model::FaultKind::Error,
    };
    model::Fault { kind, line: fault.line, text: fault.text.clone() }
}

/// The errors of a text that failed: those that Csound names, or the one reason.
fn source_errors(failure: &Failure) -> Vec<SourceError> {
    if failure.errors.is_empty() {
        return vec![SourceError { text: failure.reason.clone(), ..SourceError::default() }];
    }
    let error = |found: &CompileError| SourceError {
        file: 0,
        included: found.included.clone(),
        line: found.line,
        text: found.text.clone(),
    };
    failure.errors.iter().map(error).collect()
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

/// Why a slot's line cannot be sent, if it is one and cannot.
pub(super) fn why_unsendable(line: &str) -> Option<String> {
    let checked = live_text::check_score_line(line).err().filter(|_| !line.trim().is_empty());
    checked.map(|error| error.to_string())
}

fn importance(line: &ConsoleLine) -> Importance {
    match line.level {
        Level::Default if line.ours => Importance::Note,
        Level::Default => Importance::Info,
        Level::Orchestra | Level::Realtime => Importance::Print,
        Level::Warning => Importance::Warning,
        Level::Error => Importance::Error,
    }
}
