//! The manual of Csound, as the editor shows it beside the source. The plugin reads an installed one; nothing of a
//! manual comes with it.

use std::path::PathBuf;
use std::sync::Arc;

use csound_language::manual::{Entry, Page};
use csound_performance::Generation;

/// How to come to a manual, where there is none.
pub const NO_MANUAL: &str = "No manual of Csound is installed here. Debian and Ubuntu have that of Csound 6: sudo apt \
                             install csound-doc. Of another one, choose the folder that its pages lie in";

/// What is asked for where no name is.
pub const NO_NAME: &str = "Type a name or words of a description above";

/// What was looked up last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manual {
    /// The name that was looked up; empty: none, only the index is wanted.
    pub sought: String,
    /// The Csound of the piece.
    pub wanted: Generation,
    /// The manual that was read, if there is one: of which Csound it is, and its folder.
    pub read: Option<(Generation, PathBuf)>,
    /// That folder is one of the user's choice.
    pub is_chosen: bool,
    /// What came of it.
    pub found: Found,
    /// All pages of that manual that describe something by a name, by their names.
    pub entries: Arc<[Entry]>,
    /// What was left out and why, in sentences.
    pub notes: Vec<String>,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// It is being read.
    Reading,
    /// A page, and the files of the pieces that it names, as far as they lie in the manual's folder.
    Page(Arc<Page>, Vec<PathBuf>),
    /// No page, and this is why.
    Nothing(String),
}

impl Manual {
    /// What is shown while it is looked up.
    pub fn reading(sought: &str, wanted: Generation) -> Self {
        Self {
            sought: sought.to_owned(),
            wanted,
            read: None,
            is_chosen: false,
            found: Found::Reading,
            entries: [].into(),
            notes: Vec::new(),
        }
    }

    /// The address of what was looked up, on Csound's own site: the page of a name, or else the manual's first page.
    pub fn address(&self) -> String {
        let is_plain = |name: &&str| {
            !name.is_empty()
                && name.len() < 80
                && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        };
        // The file of a page may have another name than what it describes.
        let entry = self.entries.iter().find(|entry| entry.name == self.sought);
        let stem = entry.and_then(|entry| stem(&entry.file)).unwrap_or(&self.sought);
        match (self.wanted, Some(stem).filter(is_plain)) {
            (Generation::Six, Some(name)) => format!("https://csound.com/docs/manual/{name}.html"),
            (Generation::Six, None) => "https://csound.com/docs/manual/index.html".to_owned(),
            (Generation::Seven, Some(name)) => format!("https://csound.com/manual/opcodes/{name}/"),
            (Generation::Seven, None) => "https://csound.com/manual/".to_owned(),
        }
    }
}

/// The name of a page's file without its ending; that of its folder, where that is all that says something.
pub fn stem(file: &str) -> Option<&str> {
    let file = file.strip_suffix("/index.html").or_else(|| file.strip_suffix(".html"))?;
    file.rsplit('/').next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_of_the_piece_s_csound_and_holds_nothing_but_a_name() {
        let six = |name: &str| Manual::reading(name, Generation::Six).address();
        assert_eq!(six("wobble"), "https://csound.com/docs/manual/wobble.html");
        for odd in ["", "../x", "a b", "a?b", "--help", "ü", &"a".repeat(100)] {
            assert_eq!(six(odd), "https://csound.com/docs/manual/index.html", "{odd}");
        }
        let mut manual = Manual::reading("wobble", Generation::Seven);
        assert_eq!(manual.address(), "https://csound.com/manual/opcodes/wobble/");
        let file = "opcodes/Wobbles/index.html".to_owned();
        manual.entries = [Entry { name: "wobble".into(), about: String::new(), file }].into();
        assert_eq!(manual.address(), "https://csound.com/manual/opcodes/Wobbles/");
    }
}
