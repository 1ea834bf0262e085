//! A backend without a plugin: for tests, and for pictures of the editor. It answers as the real one
//! does, at once and without a sound.

mod activity;
mod catalogue;
mod channels;
mod controllers;
mod exporting;
mod gather;
mod manual;
mod opcodes;
mod piece;
mod presets;
mod preview;
mod stage;
mod texts;

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::dialog::Dialogs;
use super::model::*;
use stage::Stage;

pub use piece::FakePiece;

/// The backend. A text fails where a line holds `broken`.
#[derive(Default)]
pub struct FakeBackend {
    stage: Mutex<Stage>,
}

impl FakeBackend {
    /// A backend that knows these pieces by their paths, and has one that is shipped. None is open.
    pub fn new(pieces: Vec<FakePiece>) -> Self {
        Self { stage: Mutex::new(Stage::new(pieces)) }
    }

    /// The same on a machine that has Csound 7 beside Csound 6, by which the pieces perform.
    pub fn with_both_csounds(pieces: Vec<FakePiece>) -> Self {
        let both = Self::new(pieces);
        both.stage().has_seven = true;
        both
    }

    /// Changes what is shown.
    pub fn change(&self, change: impl FnOnce(&mut View)) {
        change(&mut self.stage().view);
    }

    /// Writes a text into the file of a piece that it knows, as another program would.
    pub fn write_file(&self, path: &Path, text: &str) {
        self.stage().write_file(path, text);
    }

    /// The text in the file of a piece.
    pub fn file(&self, path: &Path) -> Option<String> {
        self.stage().file(path)
    }

    /// The actions since the last call, without those that only remember.
    pub fn take_log(&self) -> Vec<Action> {
        let log = std::mem::take(&mut self.stage().log);
        log.into_iter().filter(|action| !matches!(action, Action::Remember(_))).collect()
    }

    /// The editor's part of the session.
    pub fn remembered(&self) -> EditorState {
        (*self.stage().view.saved.state).clone()
    }

    /// A copy of what is shown.
    pub fn view(&self) -> View {
        self.stage().view.clone()
    }

    /// If an export lies there.
    pub fn is_exported(&self, path: &Path) -> bool {
        self.stage().exported.contains(path)
    }

    fn stage(&self) -> MutexGuard<'_, Stage> {
        self.stage.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Backend for FakeBackend {
    fn fill(&self, view: &mut View) {
        let stage = self.stage();
        let shown = std::mem::take(&mut view.console);
        let console = stage.view.console.clone_since(shown);
        *view = View { console, ..stage.view.without_console() };
        if view.sounding.is_empty() {
            view.sounding = activity::sounding(view).into();
        }
        view.transport.plays = matches!(view.state, State::Playing | State::Restarted(_));
    }

    fn act(&self, action: Action) {
        let mut stage = self.stage();
        stage.log.push(action.clone());
        stage.carry_out(action);
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
            export: self.export.clone(),
            exporting: self.exporting.clone(),
            gathering: self.gathering.clone(),
            catalogue: self.catalogue.clone(),
            preview: self.preview.clone(),
            manual: self.manual.clone(),
            keys: self.keys.clone(),
            state: self.state.clone(),
            csound: self.csound.clone(),
            opcodes: self.opcodes.clone(),
            isolation: self.isolation.clone(),
            transport: self.transport.clone(),
            recording: self.recording.clone(),
            channels: self.channels.clone(),
            controllers: self.controllers.clone(),
            values: self.values.clone(),
            layout: self.layout.clone(),
            tables: self.tables.clone(),
            signals: self.signals.clone(),
            score: self.score.clone(),
            instruments: self.instruments.clone(),
            sounding: self.sounding.clone(),
            images: self.images.clone(),
            sounds: self.sounds.clone(),
            input_wanted: self.input_wanted,
            kept: self.kept.clone(),
            presets: self.presets.clone(),
            settings: self.settings,
            has_host_menus: self.has_host_menus,
            host_menu: self.host_menu.clone(),
            track: self.track.clone(),
            tuning: self.tuning.clone(),
            slots: self.slots.clone(),
            reply: self.reply.clone(),
            refused: self.refused.clone(),
            named: self.named.clone(),
            is_alone: self.is_alone,
            is_unheard: self.is_unheard,
            owes_host: self.owes_host,
            held: self.held,
            console: Console::default(),
            picture: self.picture.clone(),
            source: self.source.clone(),
            folder: self.folder.clone(),
            draft: self.draft.clone(),
            saved: self.saved.clone(),
        }
    }
}

/// Dialogs that answer with this path at once; without one, they are cancelled.
#[derive(Default)]
pub struct FakeDialogs {
    /// The answer.
    pub path: Option<PathBuf>,
    are_missing: bool,
    failed: Option<Question>,
    answers: Vec<Action>,
}

impl FakeDialogs {
    /// As on a system that has none.
    pub fn missing() -> Self {
        Self { are_missing: true, ..Self::default() }
    }

    /// Answers with `path`.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: Some(path.into()), ..Self::default() }
    }
}

impl Dialogs for FakeDialogs {
    fn ask(&mut self, question: Question) {
        if self.are_missing {
            self.failed = Some(question);
            return;
        }
        self.answers.extend(self.path.clone().into_iter().flat_map(|path| question.clone().answered(path)));
    }

    fn is_open(&self) -> bool {
        false
    }

    fn take_failed(&mut self) -> Option<Question> {
        self.failed.take()
    }

    fn answers(&mut self) -> Vec<Action> {
        std::mem::take(&mut self.answers)
    }
}
