//! The editor over a backend without a plugin, in a window that a test looks into.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use csound_performer::editor::fake::{FakeBackend, FakeDialogs, FakePiece};
use csound_performer::editor::model::*;
use csound_performer::editor::{Editor, Laid};
use csound_performer::range::{Range, Scale, ScaleKind};
use egui::accesskit::Role;
use egui::{Key, Modifiers, PointerButton, Pos2, Rect};
use egui_kittest::kittest::{By, Queryable};
use egui_kittest::{Harness, HarnessBuilder, TestRenderer};

pub const BELLS: &str = "\
<CsoundSynthesizer>
<CsInstruments>
instr 1
  a1 oscili 0.2, 440
  outs a1, a1
endin
</CsInstruments>
<CsScore>
i 1 0 60
</CsScore>
</CsoundSynthesizer>
";

/// As a keyboard reports it where there is no command key.
pub const CONTROL: Modifiers = Modifiers { ctrl: true, command: true, ..Modifiers::NONE };

/// With Enter: the whole text is applied.
pub const APPLY: Modifiers = Modifiers { shift: true, ..CONTROL };

pub const PATH: &str = "/music/bells.csd";

/// A window on a backend.
pub struct Desk {
    pub backend: Arc<FakeBackend>,
    pub window: Harness<'static, Editor>,
}

impl Desk {
    pub fn new(pieces: Vec<FakePiece>, size: [f32; 2]) -> Self {
        Self::with_dialogs(pieces, size, FakeDialogs::new(PATH))
    }

    pub fn with_dialogs(pieces: Vec<FakePiece>, size: [f32; 2], dialogs: FakeDialogs) -> Self {
        Self::over(Arc::new(FakeBackend::new(pieces)), size, dialogs)
    }

    pub fn over(backend: Arc<FakeBackend>, size: [f32; 2], dialogs: FakeDialogs) -> Self {
        Self::built(backend, size, dialogs, Harness::builder())
    }

    /// A window on one piece that is open, of which the textures are kept.
    pub fn painted(piece: FakePiece, size: [f32; 2], textures: impl TestRenderer + 'static) -> Self {
        let path = piece.path.clone();
        let backend = Arc::new(FakeBackend::new(vec![piece]));
        let builder = Harness::builder().renderer(textures);
        let mut desk = Self::built(backend, size, FakeDialogs::new(PATH), builder);
        desk.backend.act(Action::Open(path));
        desk.steps(2);
        desk.backend.take_log();
        desk
    }

    fn built(
        backend: Arc<FakeBackend>,
        size: [f32; 2],
        dialogs: FakeDialogs,
        builder: HarnessBuilder<Editor>,
    ) -> Self {
        let shown = Arc::clone(&backend);
        let window = builder.with_size(size).with_context_setup(Editor::install).build_ui_state(
            move |ui, editor: &mut Editor| editor.show(ui, &*shown),
            Editor::new(Box::new(dialogs)),
        );
        let mut desk = Self { backend, window };
        desk.steps(3);
        desk
    }

    /// A window on one piece that is open.
    pub fn on(piece: FakePiece) -> Self {
        let path = piece.path.clone();
        let mut desk = Self::new(vec![piece], [960.0, 640.0]);
        desk.open(&path);
        desk
    }

    /// Opens one of the pieces.
    pub fn open(&mut self, path: &std::path::Path) {
        self.backend.act(Action::Open(path.to_owned()));
        self.steps(2);
        self.backend.take_log();
    }

    pub fn steps(&mut self, count: usize) {
        self.window.run_steps(count);
    }

    pub fn click(&mut self, label: &str) {
        self.window.get_by_label(label).click();
        self.steps(3);
    }

    /// The button that says so: tooltips and texts may say the same.
    pub fn press(&mut self, label: &str) {
        self.window.get_by_role_and_label(Role::Button, label).click();
        self.steps(3);
    }

    /// The button that says so among other words.
    pub fn press_that_says(&mut self, words: &str) {
        self.window.get(By::new().role(Role::Button).label_contains(words)).click();
        self.steps(3);
    }

    pub fn rect(&self, label: &str) -> Rect {
        self.window.get_by_label(label).rect()
    }

    pub fn pointer(&mut self, at: Pos2, pressed: bool) {
        self.button(PointerButton::Primary, at, pressed);
    }

    fn button(&mut self, button: PointerButton, at: Pos2, pressed: bool) {
        let modifiers = Modifiers::NONE;
        self.window.event(egui::Event::PointerMoved(at));
        self.window.event(egui::Event::PointerButton { pos: at, button, pressed, modifiers });
        self.steps(1);
    }

    pub fn drag(&mut self, from: Pos2, to: Pos2) {
        self.drag_with(PointerButton::Primary, from, to);
    }

    pub fn drag_with(&mut self, button: PointerButton, from: Pos2, to: Pos2) {
        self.button(button, from, true);
        for step in 1..=4 {
            self.window.event(egui::Event::PointerMoved(from + (to - from) * (step as f32 / 4.0)));
            self.steps(1);
        }
        self.button(button, to, false);
    }

    pub fn key(&mut self, modifiers: Modifiers, key: Key) {
        self.window.key_press_modifiers(modifiers, key);
        self.steps(2);
    }

    pub fn write(&mut self, text: &str) {
        self.window.event(egui::Event::Text(text.to_owned()));
        self.steps(2);
    }

    pub fn log(&self) -> Vec<Action> {
        self.backend.take_log()
    }

    pub fn laid(&self) -> Laid {
        self.window.state().laid()
    }

    pub fn shows(&self, text: &str) -> bool {
        self.window.query_all_by_label_contains(text).next().is_some()
    }

    /// If there is a button that says so.
    pub fn has_button(&self, label: &str) -> bool {
        self.window.query_by_role_and_label(Role::Button, label).is_some()
    }

    /// Puts the cursor before the piece's fourth line, in the source.
    pub fn enter_source(&mut self) {
        self.click("Source");
        let field = self.window.get_by_role(Role::MultilineTextInput);
        field.focus();
        self.steps(2);
        self.key(CONTROL, Key::Home);
        for _ in 0..3 {
            self.key(Modifiers::NONE, Key::ArrowDown);
        }
    }
}

pub fn bells() -> FakePiece {
    FakePiece { length: Some(60.0), ..FakePiece::csd(PATH, BELLS) }
}

pub fn knob(name: &str, parameter: usize) -> Channel {
    Channel {
        name: name.into(),
        parameter: Some(parameter),
        range: Range::new(Scale::new(ScaleKind::Linear, 0.0, 10.0), 5.0),
        ..Channel::default()
    }
}

pub fn synth() -> FakePiece {
    FakePiece { channels: vec![knob("cutoff", 0), knob("decay", 1)], ..bells() }
}

/// A file that is dropped on the window.
#[derive(Debug)]
pub struct Dropped(pub PathBuf);

impl egui::DroppedFile for Dropped {
    fn path(&self) -> &Path {
        &self.0
    }

    fn bytes(&self) -> Result<Vec<u8>, String> {
        Ok(Vec::new())
    }
}
