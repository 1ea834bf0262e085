use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use egui::{Key, Modifiers};

use super::focus::On;
use super::list::{Keys, Place};
use super::map::called_usually;
use super::*;

const CONTROL: Modifiers = Modifiers { ctrl: true, command: true, ..Modifiers::NONE };
const CONTROL_SHIFT: Modifiers = Modifiers { shift: true, ..CONTROL };

fn on(on: On) -> Focus {
    Focus { on, ..Focus::NOTHING }
}

fn of(key: Key, modifiers: Modifiers, focus: Focus) -> Whose {
    let is_plain = !modifiers.ctrl && !modifiers.alt && !modifiers.command;
    let writes = is_plain && (key.name().chars().count() == 1 || key == Key::Space);
    usual(&Press { key: Some(key), modifiers, writes, is_modifier: false }, focus)
}

/// By the usual keys.
fn usual(press: &Press, focus: Focus) -> Whose {
    whose(press, focus, &KeyMap::default())
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
    assert_eq!(usual(&nameless, on(On::Text)), Whose::Ours);
    assert_eq!(usual(&nameless, Focus::NOTHING), Whose::Host);
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
fn find_is_ours_on_the_page_source_whatever_has_the_focus() {
    for on in [On::Nothing, On::Control, On::Piano, On::Text] {
        let here = Focus { on, in_source: true, ..Focus::NOTHING };
        assert_eq!(of(Key::F, CONTROL, here), Whose::Ours, "{on:?}");
        assert_eq!(of(Key::F, CONTROL, Focus { in_source: false, ..here }), Whose::Host, "{on:?}");
        assert_eq!(of(Key::F, CONTROL, Focus { is_open: true, ..here }), Whose::Host, "{on:?}");
    }
    let without_text = Focus { in_source: true, ..Focus::NOTHING };
    assert_eq!(of(Key::S, CONTROL, without_text), Whose::Host, "what saves in hosts stays theirs");
}

#[test]
fn modifiers_alone_belong_to_what_is_typed() {
    let shift = Press { is_modifier: true, ..Press::default() };
    assert_eq!(usual(&shift, on(On::Text)), Whose::Ours);
    assert_eq!(usual(&shift, Focus::NOTHING), Whose::Host);
    assert_eq!(usual(&shift, on(On::Control)), Whose::Host);
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

#[test]
fn while_a_key_is_asked_for_every_key_is_ours() {
    let asked = Focus { is_asked: true, ..Focus::NOTHING };
    for key in [Key::Space, Key::F9, Key::R, Key::Enter, Key::Escape] {
        assert_eq!(of(key, Modifiers::NONE, asked), Whose::Ours, "{key:?}");
        assert_eq!(of(key, CONTROL, asked), Whose::Ours, "Ctrl and {key:?}");
    }
    assert_eq!(usual(&Press { is_modifier: true, ..Press::default() }, asked), Whose::Ours);
}

/// What the editor's sources take, with the modifier and the key written out: in calls of `consume_key`, and in
/// lists of keys.
fn taken(source: &str) -> Vec<(Modifiers, Key)> {
    let pairs = source.split('(').skip(1).filter_map(|rest| rest.split_once(", Key::"));
    let one = |(modifiers, rest): (&str, &str)| {
        let name = rest.split(|c: char| !c.is_alphanumeric()).next()?;
        let key = Key::from_name(name).or_else(|| Key::from_name(name.trim_start_matches("Num")))?;
        let held = match modifiers.trim().trim_start_matches("Modifiers::") {
            "COMMAND" => CONTROL,
            "COMMAND | Modifiers::SHIFT" | "BOTH" => CONTROL_SHIFT,
            "ALT" => Modifiers::ALT,
            "NONE" => Modifiers::NONE,
            "SHIFT" => Modifiers::SHIFT,
            _ => return None,
        };
        Some((held, key))
    };
    pairs.filter_map(one).collect()
}

/// The editor's sources without those of the list, of the host's names for keys and of tests, each by its path.
fn sources() -> Vec<(PathBuf, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let all = files(&folder.join("editor")).into_iter().chain([folder.join("editor.rs")]);
    let apart =
        ["editor/keys", "editor/window/host_keys.rs", "editor/user_input.rs"].map(|name| folder.join(name));
    let read = |path: PathBuf| {
        let text = std::fs::read_to_string(&path).unwrap();
        let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default().to_owned();
        (path, text)
    };
    all.filter(|path| !apart.iter().any(|apart| path.starts_with(apart))).map(read).collect()
}

#[test]
fn what_the_editor_takes_without_asking_for_a_command_stays_as_it_is() {
    assert_eq!(taken("x.consume_key(Modifiers::COMMAND, Key::Num3)"), [(CONTROL, Key::Num3)]);
    assert_eq!(taken("    (BOTH, Key::Enter, Deed::Apply),"), [(CONTROL_SHIFT, Key::Enter)]);
    let mut count = 0;
    for (path, source) in sources() {
        for (modifiers, key) in taken(&source) {
            count += 1;
            let is_known = KEYS.iter().any(|entry| entry.has_fixed(modifiers, key));
            assert!(is_known, "{}: {modifiers:?} {key:?} is not in the list", path.display());
        }
    }
    assert!(count >= 5, "the sources are read no more: {count} keys");
}

/// Whether words name a key that the user may choose another for.
fn names_a_key(words: &str) -> bool {
    let is_function_key = |word: &str| {
        word.strip_prefix('F')
            .is_some_and(|number| !number.is_empty() && number.bytes().all(|c| c.is_ascii_digit()))
    };
    words.contains("Ctrl+")
        || words.contains("Alt+")
        || words.split(|c: char| !c.is_alphanumeric()).any(is_function_key)
}

#[test]
fn no_words_name_a_key_that_may_be_another_by_now() {
    assert!(names_a_key("Close it (F1)") && names_a_key("Shift+F12") && names_a_key("Alt+Z"));
    assert!(!names_a_key("Shift+Enter, FM, 0xF1"));
    let mut count = 0;
    for (path, source) in sources() {
        let code = source.lines().filter(|line| !line.trim_start().starts_with("//"));
        let literals =
            code.flat_map(|line| line.split('"').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>());
        for words in literals {
            count += 1;
            assert!(!names_a_key(&words), "{}: {words:?} names a key: ask for its name", path.display());
        }
    }
    assert!(count > 500, "the sources are read no more: {count} literals");
}

#[test]
fn every_command_is_in_the_list_once_and_is_asked_for() {
    let all: String = sources().into_iter().map(|(_, source)| source).collect();
    for command in KeyCommand::ALL {
        let entries =
            KEYS.iter().filter(|entry| matches!(entry.keys, Keys::Of(known, ..) if known == *command));
        assert_eq!(entries.count(), 1, "{command:?}");
        assert!(all.contains(&format!("KeyCommand::{command:?}")), "nobody carries {command:?} out");
    }
}

#[test]
fn the_page_of_keys_says_what_the_list_says() {
    let mut expected = String::new();
    for place in Place::ALL {
        write!(expected, "## {}\n\n| keys | what they do | may be others |\n|---|---|---|\n", place.name())
            .unwrap();
        for entry in KEYS.iter().filter(|entry| entry.place == place) {
            let (called, may) = match entry.keys {
                Keys::Fixed(called, _) => (called.to_owned(), ""),
                Keys::Of(command, ..) => (called_usually(command), "yes"),
            };
            writeln!(expected, "| {called} | {} | {may} |", entry.does).unwrap();
        }
        expected.push('\n');
    }
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/keys.md");
    let told = std::fs::read_to_string(&page).unwrap();
    assert!(told.contains(expected.trim_end()), "{} has to say:\n\n{expected}", page.display());
}
