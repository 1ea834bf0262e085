//! Where the keys lie, by the numbers that X11 has for them: those of Linux's input devices, and 8.

use keyboard_types::Code;

/// The first number that is a key's.
const FIRST: u8 = 9;

/// The keys from there on.
#[rustfmt::skip]
const CODES: [Code; 173] = {
    use Code::*;
    [
        Escape, Digit1, Digit2, Digit3, Digit4, Digit5, Digit6, Digit7, Digit8, Digit9, Digit0, Minus, Equal,
        Backspace, Tab, KeyQ, KeyW, KeyE, KeyR, KeyT, KeyY, KeyU, KeyI, KeyO, KeyP, BracketLeft,
        BracketRight, Enter, ControlLeft, KeyA, KeyS, KeyD, KeyF, KeyG, KeyH, KeyJ, KeyK, KeyL, Semicolon,
        Quote, Backquote, ShiftLeft, Backslash, KeyZ, KeyX, KeyC, KeyV, KeyB, KeyN, KeyM, Comma, Period,
        Slash, ShiftRight, NumpadMultiply, AltLeft, Space, CapsLock, F1, F2, F3, F4, F5, F6, F7, F8, F9, F10,
        NumLock, ScrollLock, Numpad7, Numpad8, Numpad9, NumpadSubtract, Numpad4, Numpad5, Numpad6, NumpadAdd,
        Numpad1, Numpad2, Numpad3, Numpad0, NumpadDecimal, Unidentified, Unidentified, IntlBackslash, F11,
        F12, IntlRo, Unidentified, Unidentified, Convert, KanaMode, NonConvert, Unidentified, NumpadEnter,
        ControlRight, NumpadDivide, PrintScreen, AltRight, Unidentified, Home, ArrowUp, PageUp, ArrowLeft,
        ArrowRight, End, ArrowDown, PageDown, Insert, Delete, Unidentified, AudioVolumeMute, AudioVolumeDown,
        AudioVolumeUp, Unidentified, NumpadEqual, Unidentified, Pause, Unidentified, NumpadComma, Lang1,
        Lang2, IntlYen, MetaLeft, MetaRight, ContextMenu, BrowserStop, Again, Props, Undo, Select, Copy,
        Open, Paste, Find, Cut, Help, Unidentified, LaunchApp2, Unidentified, Unidentified, WakeUp,
        LaunchApp1, Unidentified, Unidentified, Unidentified, Unidentified, Unidentified, Unidentified,
        Unidentified, Unidentified, Unidentified, Unidentified, LaunchMail, BrowserFavorites, Unidentified,
        BrowserBack, BrowserForward, Unidentified, Eject, Unidentified, MediaTrackNext, MediaPlayPause,
        MediaTrackPrevious, MediaStop, Unidentified, Unidentified, Unidentified, Unidentified, MediaSelect,
        BrowserHome, BrowserRefresh,
    ]
};

/// Where the key with a number lies; None: nowhere that has a name.
pub(super) fn code(number: u8) -> Option<Code> {
    let code = *CODES.get(usize::from(number.checked_sub(FIRST)?))?;
    (code != Code::Unidentified).then_some(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_lie_where_linux_has_them() {
        let known =
            [(9, Code::Escape), (24, Code::KeyQ), (36, Code::Enter), (38, Code::KeyA), (65, Code::Space)];
        for (number, place) in known.into_iter().chain([(67, Code::F1), (96, Code::F12), (119, Code::Delete)])
        {
            assert_eq!(code(number), Some(place), "{number}");
        }
        assert_eq!([code(0), code(8), code(255)], [None; 3]);
    }
}
