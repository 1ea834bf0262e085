//! The names of an export's files, and the id that a plugin gets of its name. Pure.

use sha2::{Digest, Sha256};

use crate::error::ManifestError;
use crate::places::OWN_NAME;

/// The longest name of an exported plugin, in characters: VST3 hosts are given no more.
pub const LONGEST_NAME: usize = 63;

/// The longest file name that is made, in bytes, before its ending: systems take 255 with it.
const LONGEST_FILE: usize = 200;

/// What a system takes for something else than a name.
const RESERVED: [&str; 8] = ["con", "prn", "aux", "nul", "conin$", "conout$", "com", "lpt"];

/// The name of the export's folders and library: the plugin's, with `-` for what some system cannot have in a file's
/// name.
///
/// # Errors
/// The name is blank, too long, has control characters in it, or is that of the plugin that takes any piece.
pub fn file_name(name: &str) -> Result<String, ManifestError> {
    let wrong = |why: String| Err(ManifestError::wrong("name", why));
    let name = name.trim();
    if name.is_empty() {
        return wrong("it is blank: give the plugin one".into());
    }
    if name.contains(char::is_control) {
        return wrong("there are control characters in it".into());
    }
    if name.chars().count() > LONGEST_NAME || name.len() > LONGEST_FILE {
        return wrong(format!("it is longer than the {LONGEST_NAME} characters that hosts show"));
    }
    let is_foreign = |letter: char| "/\\:*?\"<>|".contains(letter);
    let plain: String = name.chars().map(|letter| if is_foreign(letter) { '-' } else { letter }).collect();
    // A leading dot hides a file, and some systems drop one at the end.
    let plain = plain.trim_matches(|letter: char| letter == '.' || letter.is_whitespace());
    if plain.is_empty() {
        return wrong("a file cannot be called so: give the plugin another one".into());
    }
    if plain.to_lowercase() == OWN_NAME.to_lowercase() {
        return wrong(format!("{OWN_NAME} is the plugin that takes any piece: give this one another name"));
    }
    let stem = plain.split('.').next().unwrap_or_default().trim_end().to_lowercase();
    let is_reserved = |word: &str| {
        stem.strip_prefix(word).is_some_and(|rest| match word {
            "com" | "lpt" => {
                ["\u{b9}", "\u{b2}", "\u{b3}"].contains(&rest) || (rest.len() == 1 && is_number(rest))
            }
            _ => rest.is_empty(),
        })
    };
    let mark = if RESERVED.into_iter().any(is_reserved) { "_" } else { "" };
    Ok(format!("{mark}{plain}"))
}

fn is_number(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The id of a plugin that is given none: of its vendor and its name, the same each time.
pub fn id_of_name(vendor: &str, name: &str) -> String {
    let parts = ["csound", vendor, name].map(word).into_iter().filter(|part| !part.is_empty());
    parts.collect::<Vec<_>>().join(".")
}

/// A text in the letters of an id. Where they cannot tell it from others, the beginning of its hash is added.
fn word(text: &str) -> String {
    let text = text.trim().to_lowercase();
    let mut word = String::new();
    for letter in text.chars() {
        match letter.is_ascii_alphanumeric() {
            true => word.push(letter),
            false if !word.is_empty() && !word.ends_with('-') => word.push('-'),
            false => {}
        }
    }
    word.truncate(48);
    let word = word.trim_end_matches('-');
    let is_told =
        text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b" -_".contains(&byte)) && text.len() <= 48;
    if is_told {
        return word.to_owned();
    }
    let hash = Sha256::digest(&text)[..4].iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    if word.is_empty() { hash } else { format!("{word}-{hash}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_names_become_file_names_or_are_refused() {
        for (name, expected) in [
            ("Bells", "Bells"),
            (" Bells 2 ", "Bells 2"),
            ("../../etc/passwd", "-..-etc-passwd"),
            ("A/B\\C:D", "A-B-C-D"),
            ("say \"hi\"", "say -hi-"),
            ("Gl\u{f6}ckchen \u{1d11e}", "Gl\u{f6}ckchen \u{1d11e}"),
            (".hidden.", "hidden"),
            ("con", "_con"),
            ("COM1.x", "_COM1.x"),
            ("com\u{b9}", "_com\u{b9}"),
            ("CONIN$", "_CONIN$"),
            ("NUL .txt", "_NUL .txt"),
            ("Console", "Console"),
            ("csound performer 2", "csound performer 2"),
        ] {
            assert_eq!(file_name(name).unwrap(), expected);
        }
        for name in [
            "",
            "  ",
            "..",
            "a\nb",
            "a\0b",
            &"x".repeat(300),
            &"\u{1d11e}".repeat(60),
            "csound Performer",
            ".",
        ] {
            assert!(file_name(name).is_err(), "{name:?}");
        }
    }

    #[test]
    fn ids_of_names_are_stable_and_differ_where_names_do() {
        assert_eq!(id_of_name("", "Bells"), "csound.bells");
        assert_eq!(id_of_name("Anna B", "Bells 2"), "csound.anna-b.bells-2");
        let ids = ["\u{e4}", "\u{f6}", "a/b", "a:b", "\u{1d11e}"].map(|name| id_of_name("", name));
        let different: std::collections::BTreeSet<_> = ids.iter().collect();
        assert_eq!(different.len(), ids.len(), "{ids:?}");
        for id in ids {
            let is_sound = |byte: u8| byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
            assert!(id.bytes().all(is_sound), "{id}");
        }
    }
}
