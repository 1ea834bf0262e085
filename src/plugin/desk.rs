//! The editor's backend over [`Link`]: what it sees of an instance, and what its actions do.

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use nice_plug::context::gui::GuiContext;
use nice_plug::prelude::{FloatParam, Param};

use crate::csound::{self, MidiMessage};
use crate::editor::model::{
    Action, Backend, Channel, EditorState, Language, Level, Line, ParamRef, Range, Reply, SourceError,
    SourceFile, State, View,
};
use crate::engine::piece::{Piece, Source};
use crate::performance::{PerformanceError, Phase};

use super::control::{Link, PieceState};
use super::params::PerformerParams;
use super::session::{self, SavedPiece, Session};
use super::{channels, files};

/// How often what is not a plain reading is looked at.
const LOOK: Duration = Duration::from_millis(250);

/// The backend of one instance.
pub struct Desk {
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
    /// The console's length when a text was applied that is not answered yet.
    applied: Option<usize>,
    looked: Option<Instant>,
    said: usize,
    reply: Option<Reply>,
    state: Arc<EditorState>,
}

impl Desk {
    /// The backend over an instance's link and parameters.
    pub fn new(link: Arc<Link>, params: Arc<PerformerParams>) -> Self {
        Self { link, params, memory: Mutex::default() }
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Looks at what takes a lock and a copy.
    fn look(&self, memory: &mut Memory, view: &mut View) {
        let due = memory.looked.is_none_or(|looked| looked.elapsed() > LOOK);
        if !due {
            return;
        }
        memory.looked = Some(Instant::now());
        self.look_at_piece(memory, view);
        self.look_at_channels(view);
        let lines = self.link.console();
        memory.said = memory.said.min(lines.len());
        for line in &lines[memory.said..] {
            let level = level(line.level);
            view.console.push(Line { level, source_line: line.line, text: line.text.as_str().into() });
        }
        memory.said = lines.len();
    }

    /// Says what came of the text that was applied, once its engine was built.
    fn answer_apply(&self, memory: &mut Memory, view: &mut View) {
        let built = !self.link.is_pending() && view.state != State::Loading;
        let Some(from) = memory.applied.take_if(|_| built) else { return };
        memory.looked = None;
        memory.answered += 1;
        let State::Failed(reason) = &view.state else {
            view.source.errors = [].into();
            return;
        };
        let lines = self.link.console();
        let said = lines.iter().skip(from).filter(|line| line.level == csound::Level::Error);
        let placed = said.filter(|line| line.line.is_some());
        let error = |line: Option<u32>, text: &str| SourceError { file: 0, line, text: text.to_owned() };
        let mut errors: Vec<_> = placed.map(|line| error(line.line, &line.text)).collect();
        if errors.is_empty() {
            errors.push(error(None, reason));
        }
        view.source.errors = errors.into();
    }

    fn look_at_piece(&self, memory: &mut Memory, view: &mut View) {
        let fields = self.link.save();
        let session = fields.get(session::FIELD).and_then(|text| Session::read(text).ok());
        let piece = session.and_then(|session| session.piece);
        if piece == memory.piece {
            return;
        }
        memory.generation += 1;
        memory.piece = piece;
        let Some(piece) = memory.piece.as_ref().and_then(SavedPiece::piece) else { return };
        view.piece.name.clone_from(&piece.name);
        view.piece.path = piece.folder.as_ref().map(|folder| folder.join(&piece.name));
        view.source.files = source_files(&piece).into();
        view.source.generation = memory.generation;
    }

    fn look_at_channels(&self, view: &mut View) {
        let channels: Vec<Channel> = self.link.bank.save().into_iter().map(channel).collect();
        if *view.channels != *channels {
            view.channels = channels.into();
        }
    }

    fn param(&self, ParamRef::Slot(slot): ParamRef) -> Option<&FloatParam> {
        self.params.channels.get(slot).filter(|_| slot < channels::SLOTS)
    }

    /// Tells the host of a gesture.
    fn touch(&self, param: ParamRef, tell: impl FnOnce(&GuiContext, &FloatParam)) {
        let host = self.memory().host.clone();
        if let (Some(host), Some(param)) = (host, self.param(param)) {
            tell(&host, param);
        }
    }

    fn open(&self, path: &Path) {
        match files::read_piece(path) {
            Ok(piece) => self.link.load_piece(&piece),
            Err(error) => self.answer(Some(error.to_string())),
        }
    }

    fn reload(&self) {
        let piece = self.memory().piece.clone();
        if let Some(SavedPiece { folder: Some(folder), name, .. }) = piece {
            self.open(&folder.join(name));
        }
    }

    fn apply(&self, texts: &[String]) {
        let mut memory = self.memory();
        let Some(mut piece) = memory.piece.as_ref().and_then(SavedPiece::piece) else { return };
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
        memory.applied = Some(memory.said);
        drop(memory);
        self.link.load_piece(&piece);
    }

    fn answer(&self, error: Option<String>) {
        let mut memory = self.memory();
        let number = memory.reply.as_ref().map_or(0, |reply| reply.number) + 1;
        memory.reply = Some(Reply { number, error });
    }

    fn sent(&self, result: Result<(), PerformanceError>) {
        self.answer(result.err().map(|error| error.to_string()));
    }

    /// A key of the on-screen keyboard, on the first channel.
    fn play_note(&self, status: u8, key: u8, velocity: u8) {
        if let Some(message) = MidiMessage::new(&[status, key & 0x7F, velocity & 0x7F]) {
            // A full queue drops it, as a MIDI port would.
            let _ = self.link.performance().midi_message(message);
        }
    }

    fn state(&self) -> State {
        match (self.link.piece_state(), self.link.performance().phase()) {
            (PieceState::None, _) => State::Empty,
            (PieceState::Loading, _) => State::Loading,
            (PieceState::Failed(reason), _) => State::Failed(reason),
            (PieceState::Ready, Phase::Playing) => State::Playing,
            (PieceState::Ready, Phase::Paused) => State::Paused,
            (PieceState::Ready, Phase::Ended) => State::Ended,
        }
    }
}

impl Backend for Desk {
    fn fill(&self, view: &mut View) {
        let mut memory = self.memory();
        self.look(&mut memory, view);
        view.state = self.state();
        view.transport.time = self.link.performance().score_time();
        view.picture.late_turns = self.link.performance().troubles().late_turns;
        view.reply.clone_from(&memory.reply);
        self.answer_apply(&mut memory, view);
        view.source.answered = memory.answered;
        view.saved.state = Arc::clone(&memory.state);
        view.values.clear();
        let value = |channel: &Channel| {
            let param = self.param(ParamRef::Slot(channel.slot?))?;
            Some(channel.range.value(f64::from(param.unmodulated_normalized_value())))
        };
        view.values.extend(view.channels.iter().map(|channel| value(channel).unwrap_or(channel.default)));
    }

    fn act(&self, action: Action) {
        let performance = self.link.performance();
        match action {
            Action::Open(path) => self.open(&path),
            Action::Reload => self.reload(),
            Action::Apply(texts) => self.apply(&texts),
            Action::Play => self.sent(performance.play()),
            Action::Pause => self.sent(performance.pause()),
            Action::Stop => self.sent(performance.stop()),
            Action::Restart => self.sent(performance.stop().and_then(|()| performance.play())),
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
            Action::Remember(state) => self.memory().state = (*state).into(),
            _ => {}
        }
    }

    fn opened(&self, context: GuiContext) {
        self.memory().host = Some(context);
    }

    fn closed(&self) {
        self.memory().host = None;
    }
}

fn channel(saved: session::SavedChannel) -> Channel {
    Channel {
        slot: Some(saved.slot - 1),
        range: Range { min: saved.min, max: saved.max, ..Range::default() },
        default: saved.min,
        name: saved.name,
        ..Channel::default()
    }
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

fn level(level: csound::Level) -> Level {
    match level {
        csound::Level::Default => Level::Info,
        csound::Level::Orchestra | csound::Level::Realtime => Level::Print,
        csound::Level::Warning => Level::Warning,
        csound::Level::Error => Level::Error,
    }
}
