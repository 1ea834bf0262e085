//! The editor in a window that a test looks into, over the real backend of a running instance.

use std::sync::Arc;
use std::time::{Duration, Instant};

use csound_performer::editor::Editor;
use csound_performer::editor::fake::FakeDialogs;
use csound_performer::editor::model::*;
use egui::{Event, Key, Modifiers, PointerButton, Pos2, Rect, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;

use crate::backend_bench::{Bench, write};

/// A window on an instance.
pub struct Real {
    pub bench: Bench,
    pub window: Harness<'static, Editor>,
    pub folder: tempfile::TempDir,
    /// The last frame of the left channel.
    pub heard: f32,
}

impl Real {
    /// A window on a piece that is open and plays.
    pub fn on(text: &str) -> Self {
        let bench = Bench::new();
        bench.open_window();
        let desk = Arc::clone(&bench.desk);
        let window = Harness::builder()
            .with_size(vec2(1000.0, 760.0))
            .with_step_dt(1.0 / 60.0)
            .with_context_setup(Editor::install)
            .build_ui_state(
                move |ui, editor: &mut Editor| editor.show(ui, &*desk),
                Editor::new(Box::new(FakeDialogs::default())),
            );
        let mut real = Self { bench, window, folder: tempfile::tempdir().unwrap(), heard: 0.0 };
        real.open("piece.csd", text);
        real
    }

    pub fn open(&mut self, name: &str, text: &str) {
        let path = write(self.folder.path(), name, text);
        self.bench.desk.act(Action::Open(path));
        let name = name.to_owned();
        self.until("it plays", move |real| {
            real.view().piece.name == name && real.view().state == State::Playing
        });
    }

    /// A block and a frame.
    pub fn step(&mut self) {
        self.heard = self.bench.play()[511];
        self.window.run_steps(1);
    }

    pub fn steps(&mut self, count: usize) {
        (0..count).for_each(|_| self.step());
    }

    /// Plays and draws until it is so.
    pub fn until(&mut self, what: &str, there: impl Fn(&Self) -> bool) {
        let began = Instant::now();
        loop {
            self.step();
            if there(self) {
                return;
            }
            let state = &self.view().state;
            assert!(began.elapsed() < Duration::from_secs(10), "{what}: heard {}, {state:?}", self.heard);
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    pub fn hears(&mut self, what: &str, level: f32) {
        self.until(what, |real| (real.heard - level).abs() < 1e-4);
    }

    pub fn shows(&self, text: &str) -> bool {
        self.window.query_all_by_label(text).next().is_some()
    }

    /// The place of what is labelled so: the smallest where several are.
    pub fn place(&self, label: &str) -> Rect {
        let all = self.window.query_all_by_label(label).map(|node| node.rect());
        all.min_by(|a, b| a.area().total_cmp(&b.area())).unwrap_or_else(|| panic!("{label} is not there"))
    }

    pub fn event(&mut self, event: Event) {
        self.window.event(event);
        self.step();
    }

    pub fn button(&mut self, at: Pos2, button: PointerButton, pressed: bool) {
        self.window.event(Event::PointerMoved(at));
        self.event(Event::PointerButton { pos: at, button, pressed, modifiers: Modifiers::NONE });
    }

    /// A click by the pointer, as a hand does it.
    pub fn click_at(&mut self, at: Pos2, button: PointerButton) {
        self.button(at, button, true);
        self.button(at, button, false);
        self.steps(3);
    }

    /// Scrolls until it can be clicked.
    pub fn scroll_to(&mut self, label: &str) {
        for node in self.window.query_all_by_label(label) {
            node.scroll_to_me();
        }
        self.steps(3);
    }

    pub fn click(&mut self, label: &str) {
        self.click_at(self.place(label).center(), PointerButton::Primary);
    }

    pub fn key(&mut self, modifiers: Modifiers, key: Key) {
        self.window.key_press_modifiers(modifiers, key);
        self.steps(2);
    }

    pub fn write(&mut self, text: &str) {
        self.event(Event::Text(text.to_owned()));
    }

    pub fn value(&self, name: &str) -> f64 {
        let view = self.view();
        view.value(view.channels.iter().position(|channel| channel.name == name).unwrap())
    }

    /// The view that the last frame showed. The backend has one editor: nobody else takes its changes.
    pub fn view(&self) -> View {
        self.window.state().view()
    }
}
