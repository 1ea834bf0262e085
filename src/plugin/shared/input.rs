//! What the user does on a piece's panel, on its way from the editor to the audio thread: the newest of each, and
//! whether a button or a key was down in between.

use std::sync::atomic::{AtomicU8, AtomicU16, Ordering};

use atomic_float::AtomicF64;

use super::link::Link;
use crate::plugin::channels::host::HostChannelsUsed;
use crate::user_input::{InputChannel, InputWanted, MODIFIERS_CHANNEL, UserInput, WIDGET_CHANNEL};

/// See the module. Newest wins.
#[derive(Default)]
pub struct Input {
    /// A bit for each channel that the piece reads.
    used: AtomicU16,
    /// What the editor has to look for.
    wanted: AtomicU8,
    values: [AtomicF64; InputChannel::COUNT],
    /// A bit for each button that went down since the audio thread looked.
    pressed: AtomicU16,
}

/// Bits of what is wanted.
const INPUT: u8 = 1;
const FILES: u8 = 2;

impl Input {
    /// Another piece performs.
    pub fn set_used(&self, used: &HostChannelsUsed) {
        let bits = u8::from(used.wanted.input) * INPUT + u8::from(used.wanted.files) * FILES;
        self.wanted.store(bits, Ordering::Relaxed);
        self.used.store(used.input, Ordering::Relaxed);
    }

    /// What the piece that performs wants to be told of.
    pub fn wanted(&self) -> InputWanted {
        let bits = self.wanted.load(Ordering::Relaxed);
        InputWanted { input: bits & INPUT != 0, files: bits & FILES != 0 }
    }

    /// Sets a value; one that is a switch is seen though it be another by the time that somebody looks.
    pub fn set(&self, channel: InputChannel, value: f64) {
        let before = self.values[channel as usize].swap(value, Ordering::Relaxed);
        if channel.is_switch() && before == 0.0 && value != 0.0 {
            self.pressed.fetch_or(1 << channel as u16, Ordering::Relaxed);
        }
    }

    /// A bit for each channel that the piece reads.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn used(&self) -> u16 {
        self.used.load(Ordering::Relaxed)
    }

    /// A bit for each switch that went on since the last call.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn take_pressed(&self) -> u16 {
        self.pressed.swap(0, Ordering::Relaxed)
    }

    /// A value.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn value(&self, channel: InputChannel) -> f64 {
        self.values[channel as usize].load(Ordering::Relaxed)
    }
}

impl Link {
    /// The user has done something on the piece's panel. `before`: what was told last.
    pub fn tell_of_input(&self, input: &UserInput, before: &UserInput) {
        for channel in InputChannel::ALL.into_iter().filter(|channel| *channel != InputChannel::EditorOpen) {
            self.input.set(channel, input.values[channel as usize]);
        }
        let texts = [
            (MODIFIERS_CHANNEL, &input.modifiers, &before.modifiers),
            (WIDGET_CHANNEL, &input.widget, &before.widget),
        ];
        let mut locked = self.lock();
        for (name, text, before) in texts {
            if text != before {
                locked.texts.push((name.to_owned(), text.clone()));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plugin::channels::host::host_channels_used;

    #[test]
    fn a_button_that_is_down_for_a_moment_is_seen_once() {
        let input = Input::default();
        input.set(InputChannel::LeftButton, 1.0);
        input.set(InputChannel::LeftButton, 0.0);
        input.set(InputChannel::PointerX, 5.0);
        assert_eq!(input.take_pressed(), 1 << InputChannel::LeftButton as u16);
        assert_eq!((input.take_pressed(), input.value(InputChannel::LeftButton)), (0, 0.0));
        assert_eq!(input.value(InputChannel::PointerX), 5.0);
    }

    #[test]
    fn what_the_newest_piece_wants_is_what_is_looked_for() {
        let input = Input::default();
        for (line, wanted) in [
            ("k1 chnget \"MOUSE_X\"", InputWanted { input: true, files: false }),
            ("S1 chnget \"LAST_FILE_DROPPED\"", InputWanted { input: false, files: true }),
            ("k1 chnget \"IS_EDITOR_OPEN\"", InputWanted::default()),
        ] {
            input.set_used(&host_channels_used(&format!("instr 1\n{line}\nendin")));
            assert_eq!(input.wanted(), wanted);
        }
    }
}
