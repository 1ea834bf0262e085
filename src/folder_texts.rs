//! The texts in the piece's folder besides its own, as the editor shows them: what the piece includes, and others that
//! the user opens as tabs.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use csound_language::Language;

/// What files of texts end with.
const ENDINGS: [&str; 6] = ["orc", "sco", "inc", "udo", "csd", "txt"];

/// Texts of a folder that are open at most.
pub const MOST_TEXTS: usize = 64;

/// The texts of a folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FolderTexts {
    /// It was looked for them, and they are of the present piece.
    pub is_known: bool,
    /// The folder; none: the piece has none.
    pub folder: Option<PathBuf>,
    /// The names of those that can be opened, those that the piece includes first.
    pub names: Vec<FolderName>,
    /// Those that were read: what the piece includes, and what is open.
    pub read: Vec<Arc<FolderText>>,
    /// Everything that the piece includes was read.
    pub has_all_includes: bool,
}

/// The name of a text in the folder, with `/` between folders.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FolderName {
    /// The name.
    pub name: String,
    /// The piece includes it, or what it includes does.
    pub is_included: bool,
}

/// A text that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FolderText {
    /// Its name in the folder.
    pub name: String,
    /// The language of the text.
    pub language: Language,
    /// The text, as its file has it.
    pub text: Arc<str>,
    /// From 1; another one whenever the file was found to hold something else.
    pub generation: u64,
    /// The user has opened it.
    pub is_open: bool,
}

impl FolderTexts {
    /// A text that was read, by its name.
    pub fn text(&self, name: &str) -> Option<&FolderText> {
        self.read.iter().find(|text| text.name == name).map(Arc::as_ref)
    }

    /// If the piece includes a text.
    pub fn includes(&self, name: &str) -> bool {
        self.names.iter().any(|known| known.name == name && known.is_included)
    }

    /// The texts that are open.
    pub fn open(&self) -> impl Iterator<Item = &FolderText> {
        self.read.iter().map(Arc::as_ref).filter(|text| text.is_open)
    }
}

/// If a file's name is one that texts have.
pub fn is_text_name(name: &str) -> bool {
    let ending = Path::new(name).extension().and_then(|ending| ending.to_str()).unwrap_or_default();
    ENDINGS.iter().any(|known| known.eq_ignore_ascii_case(ending))
}

/// The language of a text, as its name says.
pub fn language_of(name: &str) -> Language {
    let ending = Path::new(name).extension().and_then(|ending| ending.to_str()).unwrap_or_default();
    match ending.to_ascii_lowercase().as_str() {
        "csd" => Language::Csd,
        "sco" => Language::Score,
        _ => Language::Orchestra,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_what_is_a_text_and_of_which_language() {
        for (name, is_text, language) in [
            ("a.orc", true, Language::Orchestra),
            ("a/b.SCO", true, Language::Score),
            ("a.csd", true, Language::Csd),
            ("a.inc", true, Language::Orchestra),
            ("a.wav", false, Language::Orchestra),
            ("orc", false, Language::Orchestra),
        ] {
            assert_eq!((is_text_name(name), language_of(name)), (is_text, language), "{name}");
        }
    }
}
