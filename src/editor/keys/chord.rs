//! A key with what else is held.

use std::fmt;

use egui::{Key, Modifiers};

/// A key with what else is held, exactly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::editor) struct Chord {
    /// Control, on macOS Command.
    pub command: bool,
    pub shift: bool,
    pub alt: bool,
    pub key: Key,
}

impl Chord {
    pub const fn plain(key: Key) -> Self {
        Self { command: false, shift: false, alt: false, key }
    }

    pub const fn command(key: Key) -> Self {
        Self { command: true, ..Self::plain(key) }
    }

    pub const fn alt(key: Key) -> Self {
        Self { alt: true, ..Self::plain(key) }
    }

    pub const fn with_shift(self) -> Self {
        Self { shift: true, ..self }
    }

    /// What is pressed, if it is a chord: Control of macOS and modifiers by themselves are none.
    pub fn pressed(modifiers: Modifiers, key: Key) -> Option<Self> {
        let Modifiers { alt, ctrl, shift, mac_cmd, command } = modifiers;
        let others = (ctrl || mac_cmd) && !command;
        (!others && !is_modifier(key)).then_some(Self { command, shift, alt, key })
    }

    /// Reads what [`Display`](fmt::Display) writes.
    pub fn read(text: &str) -> Option<Self> {
        let mut rest = text;
        let mut take = |modifier: &str| {
            let behind = rest.strip_prefix(modifier);
            rest = behind.unwrap_or(rest);
            behind.is_some()
        };
        let (command, shift, alt) = (take("Ctrl+"), take("Shift+"), take("Alt+"));
        let key = *Key::ALL.iter().find(|key| name(**key) == rest)?;
        (!is_modifier(key)).then_some(Self { command, shift, alt, key })
    }

    /// Whether its key has no use but for commands, whatever is typed or played.
    pub fn is_function_key(self) -> bool {
        self.key.name().strip_prefix('F').is_some_and(|number| number.parse::<u8>().is_ok())
    }

    /// Whether the clipboard is used by it, here and in the window.
    pub fn is_the_clipboards(self) -> bool {
        let command = self.command && !self.shift && !self.alt;
        match self.key {
            Key::C | Key::X | Key::V => command,
            Key::Insert => self.command || self.shift,
            Key::Delete => self.shift,
            Key::Copy | Key::Cut | Key::Paste => true,
            _ => false,
        }
    }
}

impl fmt::Display for Chord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (is_held, modifier) in [(self.command, "Ctrl+"), (self.shift, "Shift+"), (self.alt, "Alt+")] {
            if is_held {
                f.write_str(modifier)?;
            }
        }
        f.write_str(name(self.key))
    }
}

/// How a key is called to the user.
fn name(key: Key) -> &'static str {
    match key {
        Key::ArrowUp | Key::ArrowDown | Key::ArrowLeft | Key::ArrowRight => key.name(),
        Key::PageUp => "Page Up",
        Key::PageDown => "Page Down",
        Key::Minus => "-",
        Key::Quote => "'",
        _ => key.symbol_or_name(),
    }
}

/// Whether a key is held for another one.
pub(super) fn is_modifier(key: Key) -> bool {
    use Key::{
        AltLeft, AltRight, CapsLock, ControlLeft, ControlRight, Fn, NumLock, ScrollLock, ShiftLeft,
        ShiftRight, SuperLeft, SuperRight,
    };
    let left = [AltLeft, ControlLeft, ShiftLeft, SuperLeft];
    let right = [AltRight, ControlRight, ShiftRight, SuperRight];
    left.contains(&key) || right.contains(&key) || [CapsLock, Fn, NumLock, ScrollLock].contains(&key)
}
