use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use egui::{Key, Modifiers};

use super::focus::On;
use super::list::{Chord, Held, Place};
use super::*;

const CONTROL: Modifiers = Modifiers { ctrl: true, command: true, ..Modifiers::NONE };
const CONTROL_SHIFT: Modifiers = Modifiers { shift: true, ..CONTROL };

fn on(on: On) -> Focus {
    Focus { on, ..Focus::NOTHING }
}

fn of(key: Key, modifiers: Modifiers, focus: Focus) -> Whose {
    let is_plain = !modifiers.ctrl && !modifiers.alt && !modifiers.command;
    let writes = is_plain && (key.name().chars().count() == 1 || key == Key::Space);
    whose(&Press { key: Some(key), modifiers, writes, is_modifier: false }, focus)
}

#[test]
fn a_text_keeps_what_hosts_like_to_take() {
    let all = [Key::Space, Key::Enter, Key::Delete, Key::Backspace, Key::Tab, Key::Escape, Key::R, Key::Num0];
    for key in all {
        assert_eq!(of(key, Modifiers::NONE, on(On::Text)), Whose::Ours, "{key:?}");
        assert_eq!(of(key, Modifiers::SHIFT, on(On::Text)), Whose::Ours, "Shift and {key:?}");
    }
    for key in [Key::Z, Key::Y, Key::X, Key::C, Key::V, Key::A, Key::ArrowLeft, Key::Backspace, Key::Home] {
        assert_eq!(of(key, CONTROL, on(On::Text)), Whose::Ours, "{key:?}");
    }
    assert_eq!(of(Key::Z, CONTROL_SHIFT, on(On::Text)), Whose::Ours);
    // Signs that egui has no name for.
    let nameless = Press { writes: true, ..Press::default() };
    assert_eq!(whose(&nameless, on(On::Text)), Whose::Ours);
    assert_eq!(whose(&nameless, Focus::NOTHING), Whose::Host);
}

#[test]
fn without_a_text_the_host_gets_its_transport_and_its_commands() {
    // Play and stop, record, to the beginning, delete and cut clips, save, quit, zoom: in REAPER, Live, Bitwig,
    // Logic and Ardour by one or another of these.
    let plain = [Key::Space, Key::Enter, Key::R, Key::Home, Key::Delete, Key::Backspace, Key::Num0, Key::F9];
    for key in plain {
        assert_eq!(of(key, Modifiers::NONE, Focus::NOTHING), Whose::Host, "{key:?}");
        assert_eq!(of(key, Modifiers::SHIFT, Focus::NOTHING), Whose::Host, "Shift and {key:?}");
    }
    for key in [Key::S, Key::Q, Key::N, Key::X, Key::D, Key::E, Key::ArrowLeft] {
        assert_eq!(of(key, CONTROL, Focus::NOTHING), Whose::Host, "Ctrl and {key:?}");
    }
    for key in [Key::Q, Key::N, Key::P] {
        assert_eq!(of(key, CONTROL, on(On::Text)), Whose::Host, "Ctrl and {key:?}, also while text is typed");
    }
    for key in [Key::Space, Key::Enter] {
        assert_eq!(of(key, CONTROL, on(On::Control)), Whose::Host, "Ctrl and {key:?} on a control");
    }
    assert_eq!(of(Key::F9, Modifiers::NONE, on(On::Text)), Whose::Host);
}

#[test]
fn controls_and_what_is_open_have_their_keys() {
    for key in [Key::Space, Key::Enter, Key::ArrowUp, Key::Delete, Key::Escape, Key::Tab] {
        assert_eq!(of(key, Modifiers::NONE, on(On::Control)), Whose::Ours, "{key:?}");
    }
    assert_eq!(of(Key::R, Modifiers::NONE, on(On::Control)), Whose::Host);
    assert_eq!(of(Key::Escape, Modifiers::NONE, Focus::NOTHING), Whose::Host);
    let open = Focus { is_open: true, ..Focus::NOTHING };
    for key in [Key::Escape, Key::Enter, Key::ArrowDown] {
        assert_eq!(of(key, Modifiers::NONE, open), Whose::Ours, "{key:?}");
    }
    let selects = Focus { selects: true, ..Focus::NOTHING };
    assert_eq!(of(Key::C, CONTROL, selects), Whose::Ours);
    assert_eq!(of(Key::C, CONTROL, Focus::NOTHING), Whose::Host);
    for key in [Key::Z, Key::Num9, Key::P, Key::ArrowLeft, Key::Escape] {
        assert_eq!(of(key, Modifiers::NONE, on(On::Piano)), Whose::Ours, "{key:?}");
    }
    for key in [Key::A, Key::K, Key::Num1] {
        assert_eq!(of(key, Modifiers::NONE, on(On::Piano)), Whose::Host, "{key:?} plays nothing");
    }
    assert_eq!(of(Key::S, CONTROL, on(On::Piano)), Whose::Host);
}

#[test]
fn modifiers_alone_belong_to_what_is_typed() {
    let shift = Press { is_modifier: true, ..Press::default() };
    assert_eq!(whose(&shift, on(On::Text)), Whose::Ours);
    assert_eq!(whose(&shift, Focus::NOTHING), Whose::Host);
    assert_eq!(whose(&shift, on(On::Control)), Whose::Host);
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut found = Vec::new();
    for path in entries {
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
    found
}

/// What the editor's sources take, with the modifier and the key written out: in calls of `consume_key`, and in
/// lists of keys.
fn taken(source: &str) -> Vec<(Held, Key)> {
    let pairs = source.split('(').skip(1).filter_map(|rest| rest.split_once(", Key::"));
    let one = |(modifiers, rest): (&str, &str)| {
        let name = rest.split(|c: char| !c.is_alphanumeric()).next()?;
        let key = Key::from_name(name).or_else(|| Key::from_name(name.trim_start_matches("Num")))?;
        let held = match modifiers.trim().trim_start_matches("Modifiers::") {
            "COMMAND" => Held::Command,
            "COMMAND | Modifiers::SHIFT" | "BOTH" => Held::CommandShift,
            "NONE" | "SHIFT" => Held::Plain,
            _ => return None,
        };
        Some((held, key))
    };
    pairs.filter_map(one).collect()
}

#[test]
fn no_key_that_the_editor_takes_is_missing_in_the_list() {
    assert_eq!(taken("x.consume_key(Modifiers::COMMAND, Key::Num3)"), [(Held::Command, Key::Num3)]);
    assert_eq!(taken("    (BOTH, Key::Enter, Deed::Apply),"), [(Held::CommandShift, Key::Enter)]);
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut count = 0;
    let all = files(&sources.join("editor")).into_iter().chain([sources.join("editor.rs")]);
    for file in all.filter(|file| !file.ends_with("keys/tests.rs")) {
        for (held, key) in taken(&std::fs::read_to_string(&file).unwrap()) {
            count += 1;
            let is_it = |chord: &Chord| chord.1 == key && (chord.0 == held || chord.0 == Held::Any);
            let known = KEYS.iter().any(|entry| entry.chords.iter().any(is_it));
            assert!(known, "{}: {held:?} {key:?} would go to the host", file.display());
        }
    }
    assert!(count >= 5, "the sources are read no more: {count} keys");
}

#[test]
fn the_page_of_keys_says_what_the_list_says() {
    let mut expected = String::new();
    for place in Place::ALL {
        write!(expected, "## {}\n\n| keys | what they do |\n|---|---|\n", place.name()).unwrap();
        for entry in KEYS.iter().filter(|entry| entry.place == place) {
            writeln!(expected, "| {} | {} |", entry.keys, entry.does).unwrap();
        }
        expected.push('\n');
    }
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/keys.md");
    let told = std::fs::read_to_string(&page).unwrap();
    assert!(told.contains(expected.trim_end()), "{} has to say:\n\n{expected}", page.display());
}
