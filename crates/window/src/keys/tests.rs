use egui::Modifiers;
use keyboard_types::{KeyState, Location};

use super::*;

fn event(key: keyboard_types::Key, code: Code) -> KeyboardEvent {
    KeyboardEvent {
        state: KeyState::Down,
        key,
        code,
        location: Location::Standard,
        modifiers: keyboard_types::Modifiers::empty(),
        repeat: false,
        is_composing: false,
    }
}

fn character(written: &str, code: Code) -> KeyboardEvent {
    event(keyboard_types::Key::Character(written.to_owned()), code)
}

fn named(key: NamedKey, code: Code) -> KeyboardEvent {
    event(keyboard_types::Key::Named(key), code)
}

#[test]
fn keys_have_the_names_that_egui_knows() {
    let all = [
        (character("a", Code::KeyA), Key::A),
        (character("Z", Code::KeyZ), Key::Z),
        (character("z", Code::KeyY), Key::Z),
        (character(" ", Code::Space), Key::Space),
        (character("+", Code::NumpadAdd), Key::Plus),
        (character("/", Code::Slash), Key::Slash),
        (character("!", Code::Digit1), Key::Exclamationmark),
        (character("@", Code::Digit2), Key::Num2),
        (character("я", Code::KeyZ), Key::Z),
        (named(NamedKey::Enter, Code::NumpadEnter), Key::Enter),
        (named(NamedKey::Escape, Code::Escape), Key::Escape),
        (named(NamedKey::ArrowUp, Code::ArrowUp), Key::ArrowUp),
        (named(NamedKey::PageDown, Code::PageDown), Key::PageDown),
        (named(NamedKey::Delete, Code::Delete), Key::Delete),
        (named(NamedKey::F1, Code::F1), Key::F1),
        (named(NamedKey::F12, Code::F12), Key::F12),
    ];
    for (event, key) in all {
        assert_eq!(meaning(&event), Some(key), "{event:?}");
    }
    assert!(press(&named(NamedKey::Shift, Code::ShiftLeft), Modifiers::NONE, None).is_modifier);
    assert!(!press(&named(NamedKey::Enter, Code::Enter), Modifiers::NONE, None).is_modifier);
}

#[test]
fn text_is_what_is_written_without_a_command() {
    let a = character("a", Code::KeyA);
    assert_eq!(written(&a, Modifiers::NONE), Some("a"));
    assert_eq!(written(&a, Modifiers::SHIFT), Some("a"));
    assert_eq!(written(&a, Modifiers::CTRL | Modifiers::COMMAND), None);
    assert_eq!(written(&a, Modifiers::ALT).is_some(), cfg!(target_os = "macos"));
    assert_eq!(written(&character("\u{1a}", Code::KeyZ), Modifiers::NONE), None);
    assert_eq!(written(&character("", Code::KeyZ), Modifiers::NONE), None);
    assert_eq!(written(&named(NamedKey::Enter, Code::Enter), Modifiers::NONE), None);
}

#[test]
fn the_clipboard_has_its_keys() {
    let control = Modifiers::CTRL | Modifiers::COMMAND;
    let of = |key, modifiers| clip(&Press { key: Some(key), modifiers, ..Press::default() });
    assert_eq!(of(Key::C, control), Some(Clip::Copy));
    assert_eq!(of(Key::X, control), Some(Clip::Cut));
    assert_eq!(of(Key::V, control), Some(Clip::Paste));
    assert_eq!(of(Key::V, control | Modifiers::SHIFT), None, "another key");
    assert_eq!(of(Key::C, Modifiers::NONE), None);
    if cfg!(not(target_os = "macos")) {
        assert_eq!(of(Key::Insert, Modifiers::SHIFT), Some(Clip::Paste));
        assert_eq!(of(Key::Insert, Modifiers::CTRL), Some(Clip::Copy));
        assert_eq!(of(Key::Delete, Modifiers::SHIFT), Some(Clip::Cut));
        assert_eq!(of(Key::Delete, Modifiers::NONE), None);
    }
}

#[test]
fn a_release_goes_where_the_press_went() {
    let mut held = Held::default();
    assert_eq!(held.owner(Code::KeyA), None);
    held.press(Code::KeyA, Whose::Ours, Some(Key::A));
    held.press(Code::Space, Whose::Host, Some(Key::Space));
    assert_eq!(held.owner(Code::KeyA), Some(Whose::Ours), "if it comes again it repeats itself");
    assert_eq!(held.release(Code::KeyA), Whose::Ours);
    assert_eq!(held.owner(Code::KeyA), None);
    assert_eq!(held.release(Code::Space), Whose::Host);
    assert_eq!(held.release(Code::KeyB), Whose::Host, "the host has seen it go down");
    held.press(Code::KeyA, Whose::Ours, Some(Key::A));
    held.press(Code::Space, Whose::Host, Some(Key::Space));
    held.press(Code::Unidentified, Whose::Host, None);
    assert_eq!(held.owner(Code::Unidentified), None, "it may be any");
    assert_eq!(held.let_go(), [Key::A], "the host looks after its own");
    assert_eq!(held.release(Code::KeyA), Whose::Host, "nothing is down any more");
}
