//! Keys that a VST3 host takes first and offers to the editor.

use std::sync::{Arc, Mutex, PoisonError};

use csound_window::{HostKey, Press, Whose};
use egui::Key;
use nice_plug::editor::{Modifiers, VirtualKeyCode};

use crate::editor::keys::{self, Focus, KeyMap};

/// What a host's thread tells the editor's keys by: as the window's last frame had it. Clones are the same.
#[derive(Clone, Default)]
pub struct Told(Arc<Mutex<Option<Frame>>>);

/// Where the focus was at a frame's end, and the keys of all commands.
type Frame = (Focus, Arc<KeyMap>);

impl Told {
    /// A frame is drawn.
    pub fn set(&self, focus: Focus, map: Arc<KeyMap>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((focus, map));
    }

    /// Who gets a key that the host offers.
    pub fn whose(&self, press: &Press) -> Whose {
        let told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        told.as_ref().map_or(Whose::Host, |(focus, map)| keys::whose(press, *focus, map))
    }
}

/// What egui knows of a key that a host offers; None: nothing.
pub fn key(code: VirtualKeyCode, pressed: bool, held: Modifiers) -> Option<HostKey> {
    let is_mac = cfg!(target_os = "macos");
    let command = held.contains(Modifiers::COMMAND);
    let control = held.contains(Modifiers::CONTROL);
    let modifiers = egui::Modifiers {
        alt: held.contains(Modifiers::ALT),
        shift: held.contains(Modifiers::SHIFT),
        ctrl: if is_mac { control } else { command || control },
        mac_cmd: is_mac && command,
        command: if is_mac { command } else { command || control },
    };
    Some(HostKey { key: name(code)?, modifiers, pressed })
}

fn name(code: VirtualKeyCode) -> Option<Key> {
    Some(match code {
        VirtualKeyCode::Backspace => Key::Backspace,
        VirtualKeyCode::Tab => Key::Tab,
        VirtualKeyCode::Return | VirtualKeyCode::NumpadEnter => Key::Enter,
        VirtualKeyCode::Escape => Key::Escape,
        VirtualKeyCode::Space => Key::Space,
        VirtualKeyCode::End => Key::End,
        VirtualKeyCode::Home => Key::Home,
        VirtualKeyCode::ArrowLeft => Key::ArrowLeft,
        VirtualKeyCode::ArrowUp => Key::ArrowUp,
        VirtualKeyCode::ArrowRight => Key::ArrowRight,
        VirtualKeyCode::ArrowDown => Key::ArrowDown,
        VirtualKeyCode::PageUp => Key::PageUp,
        VirtualKeyCode::PageDown => Key::PageDown,
        VirtualKeyCode::Insert => Key::Insert,
        VirtualKeyCode::Delete => Key::Delete,
        other => return function_key(other),
    })
}

fn function_key(code: VirtualKeyCode) -> Option<Key> {
    Some(match code {
        VirtualKeyCode::F1 => Key::F1,
        VirtualKeyCode::F2 => Key::F2,
        VirtualKeyCode::F3 => Key::F3,
        VirtualKeyCode::F4 => Key::F4,
        VirtualKeyCode::F5 => Key::F5,
        VirtualKeyCode::F6 => Key::F6,
        VirtualKeyCode::F7 => Key::F7,
        VirtualKeyCode::F8 => Key::F8,
        VirtualKeyCode::F9 => Key::F9,
        VirtualKeyCode::F10 => Key::F10,
        VirtualKeyCode::F11 => Key::F11,
        VirtualKeyCode::F12 => Key::F12,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chosen_keys::ChosenKeys;
    use crate::editor::keys::On;

    #[test]
    fn what_a_host_offers_is_told_by_the_last_frame_and_the_user_s_keys() {
        let told = Told::default();
        let press = |code| {
            let given = key(code, true, Modifiers::empty()).unwrap();
            Press { key: Some(given.key), modifiers: given.modifiers, ..Press::default() }
        };
        let [f3, f5] = [VirtualKeyCode::F3, VirtualKeyCode::F5].map(press);
        assert_eq!(told.whose(&f3), Whose::Host, "nothing is drawn yet");
        let text = Focus { on: On::Text, ..Focus::NOTHING };
        told.set(text, Arc::default());
        assert_eq!([told.whose(&f3), told.whose(&f5)], [Whose::Ours, Whose::Host]);
        let chords = [("find-next".to_owned(), "F5".to_owned())].into();
        told.set(text, Arc::new(KeyMap::of(&ChosenKeys { chords, trouble: None })));
        assert_eq!([told.whose(&f3), told.whose(&f5)], [Whose::Host, Whose::Ours]);
        told.set(Focus { is_asked: true, ..Focus::NOTHING }, Arc::default());
        assert_eq!([told.whose(&f3), told.whose(&f5)], [Whose::Ours; 2], "a key is asked for");
    }

    #[test]
    fn a_host_s_keys_get_egui_s_names() {
        let given = key(VirtualKeyCode::Return, true, Modifiers::COMMAND).unwrap();
        assert_eq!((given.key, given.pressed), (Key::Enter, true));
        assert!(given.modifiers.command && !given.modifiers.shift);
        let shifted = key(VirtualKeyCode::ArrowLeft, false, Modifiers::SHIFT).unwrap();
        assert_eq!((shifted.key, shifted.pressed), (Key::ArrowLeft, false));
        assert_eq!(shifted.modifiers, egui::Modifiers::SHIFT);
        assert_eq!(key(VirtualKeyCode::Shift, true, Modifiers::SHIFT), None);
        assert_eq!(key(VirtualKeyCode::F12, true, Modifiers::empty()).unwrap().key, Key::F12);
    }
}
