use csound_window::{Press, Whose};
use egui::{Key, Modifiers};

use super::*;
use crate::editor::keys::focus::{Focus, On};
use crate::editor::keys::whose;

const CONTROL: Modifiers = Modifiers { ctrl: true, command: true, ..Modifiers::NONE };

fn kept(all: &[(&str, &str)]) -> ChosenKeys {
    let chords = all.iter().map(|(name, chord)| ((*name).to_owned(), (*chord).to_owned())).collect();
    ChosenKeys { chords, trouble: None }
}

fn map(all: &[(&str, &str)]) -> KeyMap {
    let map = KeyMap::of(&kept(all));
    assert_eq!(map.notes, [""; 0]);
    map
}

fn goes(map: &KeyMap, (modifiers, key): (Modifiers, Key), on: On) -> Whose {
    let press = Press { key: Some(key), modifiers, ..Press::default() };
    whose(&press, Focus { on, ..Focus::NOTHING }, map)
}

/// Why a command may not have a chord.
fn refused(map: &KeyMap, command: KeyCommand, chord: &str) -> String {
    map.allows(command, Chord::read(chord).unwrap(), false).unwrap_err()
}

#[test]
fn a_chosen_key_is_ours_and_the_usual_one_is_the_host_s() {
    let chosen =
        map(&[("browse", "Ctrl+J"), ("save", "F2"), ("undo", ""), ("preset-before", "Ctrl+Shift+Alt+F5")]);
    for on in [On::Nothing, On::Control, On::Piano, On::Text] {
        assert_eq!(goes(&chosen, (CONTROL, Key::J), on), Whose::Ours);
        assert_eq!(goes(&chosen, (CONTROL, Key::B), on), Whose::Host);
    }
    let f2 = (Modifiers::NONE, Key::F2);
    assert_eq!([On::Text, On::Nothing].map(|on| goes(&chosen, f2, on)), [Whose::Ours, Whose::Host]);
    assert_eq!(goes(&chosen, (Modifiers::SHIFT, Key::F2), On::Text), Whose::Host, "exactly that one");
    assert_eq!(goes(&chosen, (CONTROL, Key::S), On::Text), Whose::Host);
    // No key at all; a text has its own all the same.
    assert_eq!(goes(&chosen, (CONTROL, Key::Z), On::Nothing), Whose::Host);
    assert_eq!(goes(&chosen, (CONTROL, Key::Z), On::Text), Whose::Ours);
    let all = CONTROL | Modifiers::SHIFT | Modifiers::ALT;
    assert_eq!(goes(&chosen, (all, Key::F5), On::Nothing), Whose::Ours);
    assert_eq!(goes(&chosen, (CONTROL, Key::PageUp), On::Nothing), Whose::Host);
    assert_eq!(goes(&chosen, (CONTROL, Key::PageUp), On::Text), Whose::Ours, "there it is another command's");
}

#[test]
fn what_a_command_gives_up_in_a_text_is_the_host_s_unless_it_edits() {
    let chosen = map(&[("move-up", ""), ("text-before", ""), ("replace", "")]);
    assert_eq!(goes(&chosen, (Modifiers::ALT, Key::ArrowUp), On::Text), Whose::Host);
    assert_eq!(goes(&chosen, (CONTROL, Key::PageUp), On::Text), Whose::Host);
    assert_eq!(goes(&chosen, (CONTROL, Key::H), On::Text), Whose::Ours, "it deletes, as in any field");
    assert_eq!(goes(&chosen, (Modifiers::NONE, Key::ArrowUp), On::Text), Whose::Ours);
    assert_eq!(goes(&chosen, (Modifiers::ALT, Key::ArrowDown), On::Text), Whose::Ours);
    let swapped = map(&[("move-up", "Alt+Down"), ("move-down", "Alt+Up")]);
    assert_eq!(swapped.called(KeyCommand::MoveUp).as_deref(), Some("Alt+Down"));
}

#[test]
fn all_forms_of_a_usual_key_go_with_it() {
    let chosen = map(&[("larger", "Ctrl+Shift+L"), ("redo", "")]);
    for key in [Key::Plus, Key::Equals] {
        for modifiers in [CONTROL, CONTROL | Modifiers::SHIFT] {
            assert_eq!(goes(&KeyMap::default(), (modifiers, key), On::Nothing), Whose::Ours);
            assert_eq!(goes(&chosen, (modifiers, key), On::Nothing), Whose::Host, "{key:?}");
            assert_eq!(goes(&chosen, (modifiers, key), On::Text), Whose::Ours, "the letters' own");
        }
    }
    assert_eq!(KeyMap::default().called(KeyCommand::Redo).as_deref(), Some("Ctrl+Shift+Z, Ctrl+Y"));
    assert_eq!(chosen.called(KeyCommand::Redo), None);
    assert_eq!(goes(&chosen, (CONTROL, Key::Y), On::Nothing), Whose::Host);
}

#[test]
fn a_key_that_another_one_has_is_refused_by_its_name() {
    let usual = KeyMap::default();
    let refused = |command, chord| refused(&usual, command, chord);
    assert_eq!(refused(KeyCommand::Find, "Ctrl+B"), "Ctrl+B is taken: Browse pieces and presets");
    assert_eq!(refused(KeyCommand::Browse, "F3"), "F3 is taken: In the source: find the next");
    assert_eq!(refused(KeyCommand::Undo, "Ctrl+="), "Ctrl+= is taken: All of the editor larger");
    assert_eq!(refused(KeyCommand::Find, "Ctrl+A"), "Ctrl+A is taken: Select all");
    assert!(refused(KeyCommand::Find, "Ctrl+Left").starts_with("Ctrl+Left is taken: Move;"));
    assert!(
        refused(KeyCommand::Browse, "Ctrl+Alt+Backspace").starts_with("Ctrl+Alt+Backspace is taken: Delete")
    );
    // Where the focus is never in both places, both may have it.
    for chord in ["Ctrl+G", "F1", "Ctrl+A", "Ctrl+Left"] {
        assert_eq!(usual.allows(KeyCommand::Undo, Chord::read(chord).unwrap(), false), Ok(()), "{chord}");
    }
    let freed = map(&[("browse", "")]);
    let b = Chord::command(Key::B);
    assert_eq!(freed.allows(KeyCommand::Find, b, false), Ok(()));
    let given = map(&[("browse", ""), ("find", "Ctrl+B")]);
    assert_eq!(
        given.allows_usual(KeyCommand::Browse),
        Err("Ctrl+B is taken: In the source: find".to_owned())
    );
    assert_eq!(given.allows_usual(KeyCommand::Find), Ok(()));
    assert_eq!(given.allows_usual(KeyCommand::Replace), Ok(()), "what edits a text has Ctrl+H usually, too");
}

#[test]
fn what_writes_is_played_or_is_the_daws_is_refused() {
    let map = KeyMap::default();
    for command in [KeyCommand::Undo, KeyCommand::Find, KeyCommand::Browse] {
        for key in
            ["Space", "Enter", "Escape", "Tab", "Home", "Up", "Page Up", "Delete", "Backspace", "R", "0", "-"]
        {
            for chord in [key.to_owned(), format!("Shift+{key}")] {
                let why = refused(&map, command, &chord);
                assert!(why.contains("is for writing, playing or the DAW"), "{why}");
            }
        }
        for chord in ["Ctrl+C", "Ctrl+X", "Ctrl+V", "Ctrl+Insert"] {
            assert_eq!(refused(&map, command, chord), format!("{chord} is the clipboard's"));
        }
        for chord in ["F2", "Shift+F2", "F24", "Alt+R", "Ctrl+Shift+R", "Ctrl+Shift+Space"] {
            assert_eq!(map.allows(command, Chord::read(chord).unwrap(), false), Ok(()), "{chord}");
        }
    }
    // AltGr on Windows, Option on macOS.
    let writes = Chord::read("Ctrl+Alt+Q").unwrap();
    assert_eq!(map.allows(KeyCommand::Browse, writes, true), Err("Ctrl+Alt+Q writes a character".to_owned()));
    assert_eq!(map.allows(KeyCommand::Undo, writes, true), Ok(()), "no text is typed there");
}

#[test]
fn what_was_kept_and_cannot_stand_is_named_and_left_out() {
    let chosen = kept(&[
        ("browse", "Ctrl+3"),
        ("find", "Q"),
        ("fly", "Ctrl+J"),
        ("outline", "Hyper+J"),
        ("save", "F2"),
        ("wrap", "F2"),
    ]);
    let map = KeyMap::of(&chosen);
    let told =
        |words: &str| assert!(map.notes.iter().any(|note| note.contains(words)), "{words}: {:?}", map.notes);
    told("\"fly\", which is no command here");
    told("\"Hyper+J\", chosen for \"outline\", is no key");
    told("Browse pieces and presets: Ctrl+3 is taken: Show the page Source");
    told("In the source: find: Q is for writing");
    told("F2 is taken");
    assert_eq!(map.notes.len(), 5);
    let named = [KeyCommand::Browse, KeyCommand::Find, KeyCommand::Outline]
        .map(|command| map.called(command).unwrap());
    assert_eq!(named, ["Ctrl+B", "Ctrl+F", "Ctrl+Shift+O"]);
    // The usual key of what is left out was given to another one: that cannot stand either.
    let map = KeyMap::of(&kept(&[("browse", "Ctrl+3"), ("undo", "Ctrl+B")]));
    assert_eq!(map.called(KeyCommand::Undo).as_deref(), Some("Ctrl+Z"));
    assert_eq!(map.notes.len(), 2);
    let trouble = ChosenKeys { trouble: Some("it is damaged".into()), ..ChosenKeys::default() };
    assert_eq!(KeyMap::of(&trouble).notes, ["it is damaged"]);
}

#[test]
fn the_usual_keys_stand_together() {
    let map = KeyMap::default();
    for command in KeyCommand::ALL {
        assert_eq!(map.allows_usual(*command), Ok(()), "{command:?}");
        assert_eq!(KeyCommand::named(command.name()), Some(*command));
        for chord in all_usual(*command) {
            assert_eq!(Chord::read(&chord.to_string()), Some(chord));
        }
    }
}

#[test]
fn every_key_is_read_as_it_is_written() {
    for key in Key::ALL.iter().filter(|key| !crate::editor::keys::chord::is_modifier(**key)) {
        for chord in [
            Chord::plain(*key),
            Chord::command(*key).with_shift(),
            Chord { alt: true, ..Chord::command(*key) },
        ] {
            assert_eq!(Chord::read(&chord.to_string()), Some(chord));
        }
    }
    for odd in ["", "Ctrl+", "ctrl+b", "Shift+Ctrl+B", "Ctrl+ShiftLeft", "Ctrl+B ", &"Ctrl+".repeat(10_000)] {
        assert_eq!(Chord::read(odd), None, "{odd}");
    }
    assert_eq!(Chord::read("Ctrl++"), Some(Chord::command(Key::Plus)));
    assert_eq!(Chord::pressed(Modifiers { ctrl: true, ..Modifiers::NONE }, Key::B), None, "Control of macOS");
    assert_eq!(Chord::pressed(CONTROL, Key::ControlLeft), None);
}
