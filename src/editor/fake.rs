//! A backend without a plugin: for tests, and for pictures of the editor. It answers as the real one
//! does, at once and without a sound.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::dialog::Dialogs;
use super::model::*;
use csound_performance::engine::piece::live;

/// A piece that lies on no disk.
#[derive(Clone, Debug, Default)]
pub struct FakePiece {
    /// Its path.
    pub path: PathBuf,
    /// Its texts.
    pub files: Vec<SourceFile>,
    /// Its channels.
    pub channels: Vec<Channel>,
    /// Its own layout.
    pub layout: Option<Layout>,
    /// Seconds of its score.
    pub length: Option<f64>,
}

impl FakePiece {
    /// A CSD of this text.
    pub fn csd(path: impl AsRef<Path>, text: &str) -> Self {
        let path = path.as_ref().to_owned();
        let name = file_name(&path);
        let files = vec![SourceFile { name, language: Language::Csd, text: text.to_owned() }];
        Self { path, files, ..Self::default() }
    }
}

#[derive(Default)]
struct Desk {
    view: View,
    pieces: Vec<FakePiece>,
    log: Vec<Action>,
}

/// The backend. A text fails where a line holds `broken`.
#[derive(Default)]
pub struct FakeBackend {
    desk: Mutex<Desk>,
}

impl FakeBackend {
    /// A backend that knows these pieces by their paths. None is open.
    pub fn new(pieces: Vec<FakePiece>) -> Self {
        let view = View { saved: Saved { generation: 1, ..Saved::default() }, ..View::default() };
        Self { desk: Mutex::new(Desk { view, pieces, log: Vec::new() }) }
    }

    /// Changes what is shown.
    pub fn change(&self, change: impl FnOnce(&mut View)) {
        change(&mut self.desk().view);
    }

    /// The actions since the last call, without those that only remember.
    pub fn take_log(&self) -> Vec<Action> {
        let log = std::mem::take(&mut self.desk().log);
        log.into_iter().filter(|action| !matches!(action, Action::Remember(_))).collect()
    }

    /// What the session keeps of the editor.
    pub fn remembered(&self) -> EditorState {
        (*self.desk().view.saved.state).clone()
    }

    /// What is shown.
    pub fn view(&self) -> View {
        self.desk().view.clone()
    }

    fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Backend for FakeBackend {
    fn fill(&self, view: &mut View) {
        let desk = self.desk();
        let shown = std::mem::take(&mut view.console);
        let console = desk.view.console.clone_since(shown);
        *view = View { console, ..desk.view.without_console() };
    }

    fn act(&self, action: Action) {
        let mut desk = self.desk();
        desk.log.push(action.clone());
        desk.carry_out(action);
    }
}

impl Console {
    /// Brings `shown` up to this console.
    fn clone_since(&self, mut shown: Console) -> Console {
        if shown.clears() != self.clears() {
            return self.clone();
        }
        shown.skip_to(self.first());
        for number in shown.next()..self.next() {
            shown.push(self.line(number).cloned().unwrap_or_default());
        }
        shown
    }
}

impl View {
    fn without_console(&self) -> View {
        View {
            piece: self.piece.clone(),
            state: self.state.clone(),
            isolation: self.isolation.clone(),
            transport: self.transport.clone(),
            recording: self.recording.clone(),
            channels: self.channels.clone(),
            values: self.values.clone(),
            layout: self.layout.clone(),
            slots: self.slots.clone(),
            reply: self.reply.clone(),
            held: self.held,
            console: Console::default(),
            picture: self.picture.clone(),
            source: self.source.clone(),
            saved: self.saved.clone(),
        }
    }
}

impl Desk {
    fn carry_out(&mut self, action: Action) {
        match action {
            Action::Open(path) => self.open(&path),
            Action::Reload => self.reload(),
            Action::Play => self.view.state = State::Playing,
            Action::Pause => self.view.state = State::Paused,
            Action::Stop => self.view.state = State::Ended,
            Action::Restart => self.restart(),
            Action::Seek(seconds) => self.view.transport.time = seconds,
            Action::SetSync(sync) => self.view.transport.sync = sync,
            Action::Trust => self.trust(true),
            Action::Untrust => self.trust(false),
            Action::Permit(permission) => self.permit(permission, true),
            Action::Revoke(permission) => self.permit(permission, false),
            Action::SetParam(ParamRef::Slot(slot), position) => self.set(slot, position),
            Action::SetChannel(name, value) => self.set_by_name(&name, value),
            Action::SetText(name, text) => self.set_text(&name, text),
            Action::NoteOn { key, .. } => self.view.held |= 1 << key,
            Action::NoteOff { key } => self.view.held &= !(1 << key),
            Action::Remember(state) => self.view.saved.state = (*state).into(),
            other => self.carry_out_more(other),
        }
    }

    fn carry_out_more(&mut self, action: Action) {
        match action {
            Action::Record(on) => self.record(on),
            Action::RecordInto(folder) => self.view.recording.folder = Some(folder),
            Action::SendLine(line) => self.reply(live::check_score_line(&line)),
            Action::SendOrchestra(text) => self.reply(live::check_orchestra(&text)),
            Action::SetSlot(slot, text) => self.set_slot(slot, text),
            Action::TriggerSlot(slot) => self.trigger(slot),
            Action::LearnSlot(slot) => self.view.slots[slot].learning ^= true,
            Action::ForgetSlot(slot) => self.view.slots[slot].learned = None,
            Action::Apply(texts) => self.apply(&texts),
            Action::Save(texts) => self.save(&texts),
            Action::SaveAs(path, texts) => self.save_as(&path, &texts),
            Action::AllowLibrary(name) => self.set_libraries(|libraries| libraries.push(name)),
            Action::RevokeLibrary(name) => {
                self.set_libraries(|libraries| libraries.retain(|known| *known != name))
            }
            Action::ClearConsole => self.view.console.clear(),
            Action::ClearClips => self.view.picture.meters.iter_mut().for_each(|meter| meter.clipped = false),
            _ => {}
        }
    }

    fn open(&mut self, path: &Path) {
        let Some(piece) = self.pieces.iter().find(|piece| piece.path == path).cloned() else {
            let reason = format!("{} could not be read: there is no such file", path.display());
            self.say(Level::Error, None, &reason);
            self.view.state = State::Failed(reason);
            return;
        };
        let view = &mut self.view;
        view.piece.name = file_name(path);
        view.piece.path = Some(path.to_owned());
        view.channels = piece.channels.into();
        view.values = view.channels.iter().map(|channel| channel.range.default).collect();
        view.layout = piece.layout.map(Into::into);
        view.transport.length = piece.length;
        self.take(piece.files);
    }

    /// Performs texts from a file.
    fn take(&mut self, files: Vec<SourceFile>) {
        let source = &mut self.view.source;
        source.generation += 1;
        source.files = files.into();
        source.errors = [].into();
        source.unsaved = false;
        self.view.piece.changed_on_disk = false;
        self.restart();
    }

    fn reload(&mut self) {
        let path = self.view.piece.path.clone();
        let piece = self.pieces.iter().find(|piece| Some(&piece.path) == path.as_ref()).cloned();
        if let Some(piece) = piece {
            self.take(piece.files);
        }
    }

    fn restart(&mut self) {
        self.view.transport.time = 0.0;
        self.view.state = State::Playing;
    }

    fn trust(&mut self, trusted: bool) {
        let isolation = &mut self.view.isolation;
        if trusted && isolation.untrustable.is_some() {
            return;
        }
        isolation.trusted = trusted;
        isolation.level = if trusted { Confinement::Process } else { Confinement::Full };
        isolation.question = None;
    }

    fn permit(&mut self, permission: Permission, granted: bool) {
        let isolation = &mut self.view.isolation;
        if matches!((&isolation.question, &permission), (Some(TrustQuestion::Folder(asked)), Permission::Read(folder)) if asked == folder)
        {
            isolation.question = None;
        }
        let mut permissions = isolation.permissions.to_vec();
        match permissions.iter_mut().find(|shown| shown.permission == permission) {
            Some(shown) => shown.granted = granted && shown.unavailable.is_none(),
            None => {
                permissions.push(PermissionView { permission, granted, wanted_by: None, unavailable: None })
            }
        }
        isolation.permissions = permissions.into();
    }

    fn set_libraries(&mut self, change: impl FnOnce(&mut Vec<String>)) {
        let mut libraries = self.view.isolation.libraries.to_vec();
        change(&mut libraries);
        self.view.isolation.libraries = libraries.into();
    }

    fn set(&mut self, slot: usize, position: f64) {
        let found = self.view.channels.iter().position(|channel| channel.slot == Some(slot));
        if let Some(index) = found {
            self.view.values[index] = self.view.channels[index].range.to_value(position);
        }
    }

    fn set_by_name(&mut self, name: &str, value: f64) {
        if let Some(index) = self.view.channels.iter().position(|channel| channel.name == name) {
            self.view.values[index] = value;
        }
    }

    fn set_text(&mut self, name: &str, text: String) {
        let mut channels = self.view.channels.to_vec();
        if let Some(channel) = channels.iter_mut().find(|channel| channel.name == name) {
            channel.text = Some(text);
        }
        self.view.channels = channels.into();
    }

    fn record(&mut self, on: bool) {
        let recording = &mut self.view.recording;
        let Some(folder) = &recording.folder else { return };
        recording.active = on;
        if on {
            recording.path = Some(folder.join("take.wav"));
            recording.format = "24 bit, 48 kHz, stereo".into();
            recording.seconds = 0.0;
        }
    }

    fn reply(&mut self, checked: Result<(), live::TextError>) {
        let number = self.view.reply.as_ref().map_or(0, |reply| reply.number) + 1;
        self.view.reply = Some(Reply { number, error: checked.err().map(|error| error.to_string()) });
    }

    fn set_slot(&mut self, slot: usize, text: String) {
        let error = live::check_score_line(&text).err().map(|error| error.to_string());
        self.view.slots[slot].error = error.filter(|_| !text.trim().is_empty());
        self.view.slots[slot].text = text;
    }

    fn trigger(&mut self, slot: usize) {
        let text = self.view.slots[slot].text.clone();
        self.say(Level::Print, None, &format!("new alloc for {text}"));
    }

    fn apply(&mut self, texts: &[String]) {
        let broken = |file: usize, text: &str| {
            let lines = text.lines().enumerate().filter(|(_, line)| line.contains("broken"));
            let error = |(line, _): (usize, &str)| SourceError {
                file,
                line: Some(line as u32 + 1),
                text: "syntax error, unexpected T_IDENT".into(),
            };
            lines.map(error).collect::<Vec<_>>()
        };
        let errors: Vec<_> = texts.iter().enumerate().flat_map(|(file, text)| broken(file, text)).collect();
        for error in &errors {
            let line = error.line.unwrap_or(1);
            self.say(Level::Error, error.line, &format!("error: {}, line {line}", error.text));
        }
        if errors.is_empty() {
            self.replace(texts);
            self.view.source.unsaved = true;
            self.view.state = State::Playing;
        }
        self.view.source.errors = errors.into();
        self.view.source.answered += 1;
    }

    fn replace(&mut self, texts: &[String]) {
        let old = self.view.source.files.iter().cloned();
        let new = old.zip(texts).map(|(file, text)| SourceFile { text: text.clone(), ..file });
        self.view.source.files = new.collect();
    }

    fn save(&mut self, texts: &[String]) {
        self.replace(texts);
        let files = self.view.source.files.to_vec();
        let path = self.view.piece.path.clone();
        if let Some(piece) = self.pieces.iter_mut().find(|piece| Some(&piece.path) == path.as_ref()) {
            piece.files = files;
        }
        self.view.source.unsaved = false;
    }

    fn save_as(&mut self, path: &Path, texts: &[String]) {
        self.replace(texts);
        let files = self.view.source.files.to_vec();
        self.pieces.push(FakePiece { path: path.to_owned(), files, ..FakePiece::default() });
        self.view.piece.path = Some(path.to_owned());
        self.view.piece.name = file_name(path);
        self.view.source.unsaved = false;
    }

    fn say(&mut self, level: Level, source_line: Option<u32>, text: &str) {
        self.view.console.push(Line { level, source_line, text: text.into() });
    }
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// Dialogs that answer with this path at once; without one, they are cancelled.
#[derive(Default)]
pub struct FakeDialogs {
    /// The answer.
    pub path: Option<PathBuf>,
    answers: Vec<Action>,
}

impl FakeDialogs {
    /// Answers with `path`.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: Some(path.into()), answers: Vec::new() }
    }
}

impl Dialogs for FakeDialogs {
    fn ask(&mut self, question: Question) {
        self.answers.extend(self.path.clone().into_iter().flat_map(|path| question.clone().answered(path)));
    }

    fn answers(&mut self) -> Vec<Action> {
        std::mem::take(&mut self.answers)
    }
}
