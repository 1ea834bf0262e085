//! The zoom, in a window that counts as a real one does: its size in points shrinks as the zoom grows.

use std::sync::Arc;

use csound_performer::editor::fake::{FakeBackend, FakeDialogs};
use csound_performer::editor::model::*;
use csound_performer::editor::{Editor, SMALLEST};
use egui::accesskit::{Node, Role};
use egui::{Context, Event, Key, Pos2, RawInput, Rect, Vec2, ViewportCommand, ViewportId, pos2, vec2};

use crate::desk::*;

/// A window, whose host lets it have the size that it asks for or does not.
struct Glass {
    context: Context,
    editor: Editor,
    backend: Arc<FakeBackend>,
    /// In points at 100 %.
    size: Vec2,
    is_obeyed: bool,
    nodes: Vec<Node>,
    time: f64,
}

impl Glass {
    fn new(size: [f32; 2], is_obeyed: bool, state: EditorState) -> Self {
        let backend = FakeBackend::new(vec![synth()]);
        backend.act(Action::Open(PATH.into()));
        backend.act(Action::Remember(Box::new(state)));
        let context = Context::default();
        Editor::install(&context);
        context.options_mut(|options| options.zoom_with_keyboard = false);
        context.enable_accesskit();
        let editor = Editor::new(Box::new(FakeDialogs::default()));
        let (backend, size) = (Arc::new(backend), size.into());
        let mut glass = Self { context, editor, backend, size, is_obeyed, nodes: Vec::new(), time: 0.0 };
        glass.frames(8);
        glass
    }

    fn frame(&mut self, events: Vec<Event>) {
        self.time += 0.05;
        let screen = Rect::from_min_size(Pos2::ZERO, self.size / self.context.zoom_factor());
        let mut input =
            RawInput { screen_rect: Some(screen), time: Some(self.time), events, ..RawInput::default() };
        if let Some(viewport) = input.viewports.get_mut(&ViewportId::ROOT) {
            viewport.native_pixels_per_point = Some(1.0);
        }
        let (editor, backend) = (&mut self.editor, &self.backend);
        let mut output = self.context.run_ui(input, |ui| editor.show(ui, &**backend));
        // Nothing is painted.
        output.textures_delta.clear();
        for command in &output.viewport_output[&ViewportId::ROOT].commands {
            if let ViewportCommand::InnerSize(size) = command
                && self.is_obeyed
            {
                self.size = (*size * self.context.zoom_factor()).round();
            }
        }
        let tree = output.platform_output.accesskit_update.unwrap();
        self.nodes = tree.nodes.into_iter().map(|(_, node)| node).collect();
    }

    fn frames(&mut self, count: usize) {
        (0..count).for_each(|_| self.frame(Vec::new()));
    }

    fn key(&mut self, key: Key) {
        for pressed in [true, false] {
            let event = Event::Key { key, physical_key: None, pressed, repeat: false, modifiers: CONTROL };
            self.frame(vec![event]);
        }
        self.frames(6);
    }

    /// The zoom in percent, and the window's size in points at 100 %.
    fn stands_at(&self) -> (u32, [f32; 2]) {
        ((self.context.zoom_factor() * 100.0).round() as u32, self.size.into())
    }

    /// The places of buttons that can be seen, by their words.
    fn buttons(&self) -> Vec<(String, Rect)> {
        let button = |node: &Node| {
            let bounds = node.bounds()?;
            let place = Rect::from_min_max(
                pos2(bounds.x0 as f32, bounds.y0 as f32),
                pos2(bounds.x1 as f32, bounds.y1 as f32),
            );
            (node.role() == Role::Button).then(|| (node.label().unwrap_or_default().to_owned(), place))
        };
        self.nodes.iter().filter_map(button).filter(|(_, place)| place.is_positive()).collect()
    }

    /// No button lies on another, and those that have to be within reach are.
    fn assert_sound(&self, what: &str) {
        let window = Rect::from_min_size(Pos2::ZERO, self.size / self.context.zoom_factor());
        let buttons = self.buttons();
        for label in ["Reload", "Pause", "Stop", "From the beginning", "Record", "Follow host"] {
            let (_, place) = buttons.iter().find(|(known, _)| known == label).expect(label);
            assert!(window.expand(0.5).contains_rect(*place), "{what}: {label} at {place} of {window}");
        }
        for (index, (one, place)) in buttons.iter().enumerate() {
            for (other, beside) in &buttons[index + 1..] {
                assert!(
                    !place.shrink(1.0).intersects(beside.shrink(1.0)),
                    "{what}: {one} {place} on {other} {beside}"
                );
            }
        }
    }
}

fn zoomed(zoom: u16) -> EditorState {
    EditorState { zoom, ..EditorState::default() }
}

#[test]
fn keys_zoom_and_the_window_goes_with_it() {
    let mut glass = Glass::new([960.0, 640.0], true, EditorState::default());
    assert_eq!(glass.stands_at(), (100, [960.0, 640.0]));
    for (key, expected) in [
        (Key::Plus, (110, [1056.0, 704.0])),
        (Key::Equals, (125, [1200.0, 800.0])),
        (Key::Minus, (110, [1056.0, 704.0])),
        (Key::Num0, (100, [960.0, 640.0])),
        (Key::Minus, (90, [864.0, 576.0])),
        (Key::Minus, (75, [720.0, 480.0])),
        (Key::Minus, (75, [720.0, 480.0])),
    ] {
        glass.key(key);
        assert_eq!(glass.stands_at(), expected, "{key:?}");
    }
    for _ in 0..10 {
        glass.key(Key::Plus);
    }
    assert_eq!(glass.stands_at(), (200, [1920.0, 1280.0]));
    let kept = glass.backend.remembered();
    assert_eq!((kept.zoom, kept.size), (200, [1920.0, 1280.0]), "the session keeps it");
    let again = Glass::new([1920.0, 1280.0], true, kept);
    assert_eq!(again.stands_at(), (200, [1920.0, 1280.0]));
}

#[test]
fn a_window_that_stays_small_is_zoomed_as_far_as_it_has_room() {
    let mut glass = Glass::new([960.0, 640.0], false, EditorState::default());
    for _ in 0..10 {
        glass.key(Key::Plus);
    }
    assert_eq!(glass.stands_at(), (150, [960.0, 640.0]));
    glass.assert_sound("at most");
    glass.size = vec2(1280.0, 800.0);
    glass.frames(3);
    assert_eq!(glass.stands_at().0, 200, "there is room now");
    glass.size = SMALLEST.into();
    glass.frames(3);
    assert_eq!(glass.stands_at().0, 100);
    let odd = Glass::new([960.0, 640.0], false, zoomed(9999));
    assert_eq!(odd.stands_at().0, 150, "a session may say anything");
}

#[test]
fn nothing_lies_on_something_else_at_either_end_on_any_page() {
    for (zoom, size) in [
        (75, [480.0, 300.0]),
        (75, SMALLEST),
        (75, [960.0, 640.0]),
        (200, [1280.0, 800.0]),
        (200, [1920.0, 1280.0]),
        (200, SMALLEST),
    ] {
        let mut glass = Glass::new(size, false, zoomed(zoom));
        for (tab, key) in [Key::Num1, Key::Num2, Key::Num3, Key::Num4, Key::Num5].into_iter().enumerate() {
            glass.key(key);
            glass.assert_sound(&format!("{zoom} % in {size:?}, page {}", tab + 1));
        }
    }
}

#[test]
fn the_settings_choose_it_and_keys_stay_those_of_the_letters_while_text_is_typed() {
    let mut desk = Desk::on(bells());
    desk.click("Settings");
    assert!(desk.shows("How large all of this is drawn"));
    egui_kittest::kittest::Queryable::get_by_role_and_label(&desk.window, Role::ComboBox, "Zoom").click();
    desk.steps(3);
    desk.click("125 %");
    assert_eq!(desk.backend.remembered().zoom, 125);
    desk.enter_source();
    desk.key(CONTROL, Key::Plus);
    let kept = desk.backend.remembered();
    assert!(kept.zoom == 125 && kept.source_zoom > 1.0, "{} {}", kept.zoom, kept.source_zoom);
}
