//! What a piece is told of the user: the pointer on its panel and keys, by the names that instruments made for Cabbage
//! expect. Pure; beside plugin and editor.

/// A control channel that tells of the user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InputChannel {
    /// Where the pointer is on the panel, to the right, in the panel's own pixels.
    PointerX,
    /// And down.
    PointerY,
    /// 1 while the left button is down, else 0.
    LeftButton,
    /// The same of the middle one.
    MiddleButton,
    /// The same of the right one.
    RightButton,
    /// How far the wheel was turned last to the right: a notch is about 0.2.
    WheelX,
    /// And up.
    WheelY,
    /// The code of the key that went down last.
    KeyPressed,
    /// 1 while a key is down, else 0.
    KeyDown,
    /// 1 while the editor is open, else 0.
    EditorOpen,
}

impl InputChannel {
    /// How many there are.
    pub const COUNT: usize = 10;

    /// All of them, in the order of their numbers.
    pub const ALL: [Self; Self::COUNT] = [
        Self::PointerX,
        Self::PointerY,
        Self::LeftButton,
        Self::MiddleButton,
        Self::RightButton,
        Self::WheelX,
        Self::WheelY,
        Self::KeyPressed,
        Self::KeyDown,
        Self::EditorOpen,
    ];

    /// The channel's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::PointerX => "MOUSE_X",
            Self::PointerY => "MOUSE_Y",
            Self::LeftButton => "MOUSE_DOWN_LEFT",
            Self::MiddleButton => "MOUSE_DOWN_MIDDLE",
            Self::RightButton => "MOUSE_DOWN_RIGHT",
            Self::WheelX => "MOUSEWHEEL_DELTA_X",
            Self::WheelY => "MOUSEWHEEL_DELTA_Y",
            Self::KeyPressed => "KEY_PRESSED",
            Self::KeyDown => "KEY_DOWN",
            Self::EditorOpen => "IS_EDITOR_OPEN",
        }
    }

    /// The channel with this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|channel| channel.name() == name)
    }

    /// True for buttons and keys: one that went down and up again before anybody looked was down all the same.
    pub const fn is_switch(self) -> bool {
        matches!(self, Self::LeftButton | Self::MiddleButton | Self::RightButton | Self::KeyDown)
    }
}

/// The string channel with the modifiers that are held, such as `Shift Alt`.
pub const MODIFIERS_CHANNEL: &str = "KEY_MODIFIERS";

/// The string channel with the channel of the widget under the pointer; empty where there is none.
pub const WIDGET_CHANNEL: &str = "CURRENT_WIDGET";

/// The string channel with the path of the file that was dropped on the panel last.
pub const FILE_CHANNEL: &str = "LAST_FILE_DROPPED";

/// The string channel with the text that was dropped last. Windows here take files only, so it stays empty.
pub const TEXT_CHANNEL: &str = "LAST_TEXT_DROPPED";

/// Whether a channel is one of these.
pub fn is_input_channel(name: &str) -> bool {
    InputChannel::named(name).is_some()
        || [MODIFIERS_CHANNEL, WIDGET_CHANNEL, FILE_CHANNEL, TEXT_CHANNEL].contains(&name)
}

/// What a piece wants to be told of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct InputWanted {
    /// The pointer, keys, or both.
    pub input: bool,
    /// Files that are dropped on its panel.
    pub files: bool,
}

/// What the user does.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct UserInput {
    /// The values of [`InputChannel::ALL`], but for [`InputChannel::EditorOpen`].
    pub values: [f64; InputChannel::COUNT],
    /// The text of [`MODIFIERS_CHANNEL`].
    pub modifiers: String,
    /// The text of [`WIDGET_CHANNEL`].
    pub widget: String,
}

impl UserInput {
    /// Sets a value.
    pub fn set(&mut self, channel: InputChannel, value: f64) {
        self.values[channel as usize] = value;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_channel_has_its_number_and_name() {
        for (number, channel) in InputChannel::ALL.into_iter().enumerate() {
            assert_eq!(channel as usize, number);
            assert_eq!(InputChannel::named(channel.name()), Some(channel));
            assert!(is_input_channel(channel.name()));
        }
        assert!(is_input_channel("LAST_FILE_DROPPED") && !is_input_channel("mouse_x"));
    }
}
