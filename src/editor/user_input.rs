//! The pointer on the piece's panel, and keys, for pieces that listen: at the end of a frame what has changed goes down
//! as one action, or as two where a button was down only in between.

use egui::{Context, Event, Id, Key, Modifiers, MouseWheelUnit, PointerButton, Pos2, Rect, Ui, Vec2};

use super::drops;
use super::model::{Action, Layout, PlacedKind, View};
use crate::user_input::{FILE_CHANNEL, InputChannel, UserInput};

/// The buttons, with the channels that tell of them.
const BUTTONS: [(PointerButton, InputChannel); 3] = [
    (PointerButton::Primary, InputChannel::LeftButton),
    (PointerButton::Middle, InputChannel::MiddleButton),
    (PointerButton::Secondary, InputChannel::RightButton),
];

/// How far a notch of the wheel is told to go.
const NOTCH: f64 = 0.2;

/// So many points of a smooth wheel are told as 1.
const POINTS: f64 = 256.0;

/// Where the panel lies in this frame, and how large it is drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Ground {
    rect: Option<Rect>,
    scale: f32,
}

fn ground() -> Id {
    Id::unique("the panel's ground")
}

/// The panel is drawn here now.
pub(super) fn note_panel(ui: &Ui, origin: Pos2, size: Vec2, scale: f32, view: &View) {
    let rect = Rect::from_min_size(origin, size).intersect(ui.clip_rect());
    if view.input_wanted.files {
        drops::take_files(ui, rect, FILE_CHANNEL);
    }
    ui.data_mut(|data| data.insert_temp(ground(), (Ground { rect: Some(rect), scale }, origin)));
}

/// What the editor remembers of the user's input between frames.
#[derive(Default)]
pub(super) struct Watched {
    told: UserInput,
    /// A text had the keys at the end of the last frame: what leaves it is a key, too, and typed.
    typed: bool,
    /// Keys that were down while a text had them, until they go up.
    held: Vec<Key>,
}

impl Watched {
    /// At the end of a frame: what the piece is to be told.
    pub fn end_frame(&mut self, context: &Context, view: &View) -> Vec<Action> {
        let noted = context.data_mut(|data| data.remove_temp::<(Ground, Pos2)>(ground()));
        if !view.input_wanted.input {
            return self.let_go();
        }
        let Some((Ground { rect: Some(rect), scale }, origin)) = noted else { return self.let_go() };
        let mut now = self.told.clone();
        let on_panel = context.pointer_latest_pos().filter(|at| rect.contains(*at));
        let drags = BUTTONS.iter().any(|(_, channel)| now.values[*channel as usize] != 0.0);
        let shown = context.pointer_latest_pos().filter(|_| on_panel.is_some() || drags);
        if let Some(at) = shown {
            let at = (at - origin) / scale.max(f32::MIN_POSITIVE);
            now.set(InputChannel::PointerX, f64::from(at.x).round());
            now.set(InputChannel::PointerY, f64::from(at.y).round());
            now.widget = view.layout.as_deref().map_or(String::new(), |layout| widget_at(layout, view, at));
        }
        take_wheel(context, on_panel.is_some(), &mut now);
        self.take_keys(context, &mut now);
        let mut actions = Vec::new();
        let ends = take_buttons(context, on_panel.is_some(), &mut now);
        self.tell(now.clone(), &mut actions);
        for channel in ends {
            now.set(channel, 0.0);
        }
        self.tell(now, &mut actions);
        actions
    }

    /// Lets go of all that is down: the panel is not there any more.
    pub fn let_go(&mut self) -> Vec<Action> {
        let mut now = self.told.clone();
        for channel in InputChannel::ALL.into_iter().filter(|channel| channel.is_switch()) {
            now.set(channel, 0.0);
        }
        now.modifiers.clear();
        now.widget.clear();
        let mut actions = Vec::new();
        self.tell(now, &mut actions);
        actions
    }

    /// Keys are the piece's as well as the editor's, but for those of a text that is typed.
    fn take_keys(&mut self, context: &Context, now: &mut UserInput) {
        let types = context.egui_wants_keyboard_input();
        let typed = std::mem::replace(&mut self.typed, types) || types;
        context.input(|input| {
            if typed {
                self.held = input.keys_down.iter().copied().collect();
                now.set(InputChannel::KeyDown, 0.0);
                return;
            }
            self.held.retain(|key| input.keys_down.contains(key));
            for event in &input.events {
                if let Event::Key { key, pressed: true, repeat: false, .. } = event
                    && let Some(code) = code(*key)
                {
                    now.set(InputChannel::KeyPressed, f64::from(code));
                }
            }
            let is_down = input.keys_down.iter().any(|key| !self.held.contains(key));
            now.set(InputChannel::KeyDown, if is_down { 1.0 } else { 0.0 });
            now.modifiers = words(input.modifiers);
        });
    }

    fn tell(&mut self, now: UserInput, actions: &mut Vec<Action>) {
        if now != self.told {
            self.told = now.clone();
            actions.push(Action::Tell(Box::new(now)));
        }
    }
}

/// Buttons that go down on the panel are down until they go up, wherever that is. Those that go up in this very frame.
fn take_buttons(context: &Context, on_panel: bool, now: &mut UserInput) -> Vec<InputChannel> {
    let mut ends = Vec::new();
    context.input(|input| {
        for (button, channel) in BUTTONS {
            let (pressed, down) = (input.pointer.button_pressed(button), input.pointer.button_down(button));
            if pressed && on_panel {
                now.set(channel, 1.0);
            }
            if !down && pressed {
                ends.push(channel);
            } else if !down {
                now.set(channel, 0.0);
            }
        }
    });
    ends
}

fn take_wheel(context: &Context, on_panel: bool, now: &mut UserInput) {
    if !on_panel {
        return;
    }
    context.input(|input| {
        for event in &input.events {
            let Event::MouseWheel { unit, delta, .. } = event else { continue };
            let per = match unit {
                MouseWheelUnit::Point => 1.0 / POINTS,
                MouseWheelUnit::Line => NOTCH,
                MouseWheelUnit::Page => 1.0,
            };
            now.set(InputChannel::WheelX, f64::from(delta.x) * per);
            now.set(InputChannel::WheelY, f64::from(delta.y) * per);
        }
    });
}

/// The modifiers as words.
fn words(modifiers: Modifiers) -> String {
    let held = [
        (modifiers.command, "Command"),
        (modifiers.shift, "Shift"),
        (modifiers.ctrl, "Ctrl"),
        (modifiers.alt, "Alt"),
    ];
    let held: Vec<_> = held.into_iter().filter_map(|(is_held, word)| is_held.then_some(word)).collect();
    held.join(" ")
}

/// A key's ASCII code, of letters that of the capital; arrows, and the keys F1 and up, have numbers of their own.
fn code(key: Key) -> Option<u32> {
    let first_function = 63_236;
    match key {
        Key::Space => Some(32),
        Key::Enter => Some(13),
        Key::Escape => Some(27),
        Key::Backspace => Some(8),
        Key::Tab => Some(9),
        Key::Delete => Some(127),
        Key::Minus => Some(u32::from(b'-')),
        Key::ArrowUp => Some(63_232),
        Key::ArrowDown => Some(63_233),
        Key::ArrowLeft => Some(63_234),
        Key::ArrowRight => Some(63_235),
        other => {
            let name = other.symbol_or_name();
            let number = name.strip_prefix('F').and_then(|number| number.parse::<u32>().ok());
            match (number, name.as_bytes()) {
                (Some(number), _) => Some(first_function + number - 1),
                (None, [one]) if one.is_ascii_graphic() => Some(u32::from(*one)),
                _ => None,
            }
        }
    }
}

/// The channel of the widget at a place of the panel: of several that of the one above.
fn widget_at(layout: &Layout, view: &View, at: Vec2) -> String {
    let is_there = |bounds: [f32; 4]| {
        let [left, top, width, height] = bounds;
        (left..=left + width).contains(&at.x) && (top..=top + height).contains(&at.y)
    };
    let shown = layout.widgets.iter().rev().filter(|placed| placed.within.is_none());
    let found = shown.filter(|placed| is_there(placed.bounds)).find_map(|placed| match placed.kind {
        PlacedKind::Control(channel)
        | PlacedKind::List(channel)
        | PlacedKind::Option(channel)
        | PlacedKind::Paper(channel)
        | PlacedKind::Meter(channel, _)
        | PlacedKind::Pair(_, [channel, _]) => view.channels.get(channel),
        _ => None,
    });
    found.map_or(String::new(), |channel| channel.name.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_have_the_codes_of_their_characters() {
        let codes = [Key::A, Key::Num7, Key::Comma, Key::Minus, Key::Space, Key::F1, Key::F12].map(code);
        assert_eq!(codes, [65, 55, 44, 45, 32, 63_236, 63_247].map(Some));
    }

    #[test]
    fn modifiers_are_words_in_a_fixed_order() {
        assert_eq!(words(Modifiers::NONE), "");
        assert_eq!(words(Modifiers::ALT | Modifiers::SHIFT), "Shift Alt");
    }
}
