//! What the user trusts: pieces that may do anything, folders that every piece may read. Kept in the
//! user's configuration, never in a session: a session comes from anywhere.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::engine::piece::{Piece, Source};

/// The environment variable with more folders to read, for this process: the user's word too.
pub const FOLDERS_VARIABLE: &str = "CSOUND_PERFORMER_FOLDERS";

/// How deep included texts are followed, and how long one may be, in bytes.
const DEEPEST: usize = 16;
const LONGEST: u64 = 16 << 20;

/// What the user trusts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trust {
    /// The [`fingerprint`]s of trusted pieces.
    #[serde(default)]
    pieces: BTreeSet<String>,
    /// Folders to read.
    #[serde(default)]
    folders: BTreeSet<PathBuf>,
}

/// Whether a piece may read the folder it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FolderAccess {
    /// It has none, or may read it.
    Granted,
    /// The user has to say so first.
    Asks(PathBuf),
}

impl Trust {
    /// What the user's configuration says; nothing where there is none.
    ///
    /// # Errors
    /// The file cannot be read, or is damaged. It is not overwritten then.
    pub fn read() -> io::Result<Self> {
        match file().map(fs::read_to_string) {
            Some(Ok(text)) => serde_json::from_str(&text).map_err(io::Error::other),
            Some(Err(error)) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(Self::default()),
        }
    }

    /// Changes what the configuration says: reads it anew, so that other instances' words are kept.
    ///
    /// # Errors
    /// As [`read`](Self::read), or it cannot be written.
    pub fn change(change: impl FnOnce(&mut Self)) -> io::Result<Self> {
        let mut trust = Self::read()?;
        let before = trust.clone();
        change(&mut trust);
        if trust != before {
            trust.write()?;
        }
        Ok(trust)
    }

    fn write(&self) -> io::Result<()> {
        let file = file().ok_or_else(|| io::Error::other("this system has no configuration folder"))?;
        let folder = file.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(folder)?;
        // Whole or not at all, whoever else reads it meanwhile.
        let mut whole = tempfile::NamedTempFile::new_in(folder)?;
        whole.write_all(&serde_json::to_vec_pretty(self)?)?;
        whole.persist(file).map(drop).map_err(|error| error.error)
    }

    /// Whether the user trusts this very text.
    pub fn trusts(&self, piece: &Piece) -> bool {
        !self.pieces.is_empty() && self.pieces.contains(&fingerprint(piece))
    }

    /// Trusts a piece, or no longer.
    pub fn set_trusted(&mut self, piece: &Piece, trusted: bool) {
        let print = fingerprint(piece);
        if trusted {
            self.pieces.insert(print);
        } else {
            self.pieces.remove(&print);
        }
    }

    /// Lets every piece read a folder and all below it.
    pub fn allow(&mut self, folder: &Path) {
        self.folders.insert(folder.canonicalize().unwrap_or_else(|_| folder.to_owned()));
    }

    /// Lets every piece read the folder of a file that the user has chosen, unless that is too much
    /// to be meant: the root, or the home folder with everything in it.
    pub fn allow_chosen(&mut self, folder: &Path) {
        if !is_too_much(&folder.canonicalize().unwrap_or_else(|_| folder.to_owned())) {
            self.allow(folder);
        }
    }

    /// The folders that pieces may read.
    pub fn folders(&self) -> Vec<PathBuf> {
        let named = std::env::var_os(FOLDERS_VARIABLE).unwrap_or_default();
        let named = std::env::split_paths(&named).filter(|folder| !folder.as_os_str().is_empty());
        let named = named.filter_map(|folder| folder.canonicalize().ok());
        self.folders.iter().cloned().chain(named).collect()
    }

    /// Whether a piece may read its own folder.
    pub fn access(&self, piece: &Piece) -> FolderAccess {
        let Some(folder) = &piece.folder else { return FolderAccess::Granted };
        let whole = folder.canonicalize().unwrap_or_else(|_| folder.clone());
        match self.folders().iter().any(|allowed| whole.starts_with(allowed)) {
            true => FolderAccess::Granted,
            false => FolderAccess::Asks(folder.clone()),
        }
    }
}

fn file() -> Option<PathBuf> {
    Some(dirs::config_dir()?.join("csound-performer").join("trust.json"))
}

fn is_too_much(folder: &Path) -> bool {
    folder.parent().is_none() || dirs::home_dir().is_some_and(|home| home.starts_with(folder))
}

/// A name for a piece's text that no other text has: its own, and that of the files it includes.
pub fn fingerprint(piece: &Piece) -> String {
    let mut hash = Sha256::new();
    let texts: &[&str] = match &piece.source {
        Source::Csd(csd) => &[csd],
        Source::OrcSco { orc, sco } => &[orc, sco],
    };
    for text in texts {
        add_text(&mut hash, text, piece.folder.as_deref(), DEEPEST);
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn add_text(hash: &mut Sha256, text: &str, folder: Option<&Path>, depth: usize) {
    hash.update((text.len() as u64).to_le_bytes());
    hash.update(text);
    for name in included(text).filter(|_| depth > 0) {
        let path = folder.map_or_else(|| PathBuf::from(name), |folder| folder.join(name));
        let short = fs::metadata(&path).is_ok_and(|file| file.is_file() && file.len() <= LONGEST);
        match fs::read(&path).ok().filter(|_| short) {
            Some(bytes) => add_text(hash, &String::from_utf8_lossy(&bytes), folder, depth - 1),
            // That it is missing is part of what was trusted.
            None => hash.update([0]),
        }
    }
}

/// The files that a text includes. Csound takes any character for the quote.
fn included(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices("#include").filter_map(|(at, word)| {
        let rest = text[at + word.len()..].trim_start_matches(|letter: char| letter.is_alphabetic());
        let rest = rest.trim_start_matches([' ', '\t']);
        let quote = rest.chars().next()?;
        let rest = &rest[quote.len_utf8()..];
        rest.find(quote).map(|end| &rest[..end]).filter(|name| !name.contains('\n'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn piece(text: &str, folder: Option<&Path>) -> Piece {
        Piece { name: "a.csd".into(), source: Source::Csd(text.into()), folder: folder.map(Path::to_owned) }
    }

    #[test]
    fn trust_is_for_one_text_with_all_that_it_includes() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
        write("one.inc", "#include \"two.inc\"");
        write("two.inc", "instr 1");
        let text = "#include \"one.inc\"\n#include \"missing.inc\"";
        let piece = piece(text, Some(folder.path()));
        let mut trust = Trust::default();
        assert!(!trust.trusts(&piece));
        trust.set_trusted(&piece, true);
        assert!(trust.trusts(&piece));
        write("two.inc", "instr 2");
        assert!(!trust.trusts(&piece), "an included text changed");
        write("two.inc", "instr 1");
        assert!(trust.trusts(&piece));
        write("missing.inc", "");
        assert!(!trust.trusts(&piece), "an included text appeared");
    }

    #[test]
    fn the_name_and_the_folder_are_not_part_of_the_text() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(fingerprint(&piece("x", None)), fingerprint(&piece("x", Some(folder.path()))));
        assert_ne!(fingerprint(&piece("x", None)), fingerprint(&piece("y", None)));
        let parted = Piece {
            name: "a.orc".into(),
            source: Source::OrcSco { orc: "x".into(), sco: String::new() },
            folder: None,
        };
        assert_ne!(fingerprint(&parted), fingerprint(&piece("x", None)));
    }

    #[test]
    fn a_folder_is_read_once_the_user_has_said_so_with_all_below_it() {
        let folder = tempfile::tempdir().unwrap();
        let below = folder.path().join("sounds");
        fs::create_dir(&below).unwrap();
        let mut trust = Trust::default();
        let piece = piece("x", Some(&below));
        assert_eq!(trust.access(&piece), FolderAccess::Asks(below.clone()));
        trust.allow_chosen(folder.path());
        assert_eq!(trust.access(&piece), FolderAccess::Granted);
    }

    #[test]
    fn choosing_a_file_in_the_root_or_the_home_folder_opens_neither() {
        let mut trust = Trust::default();
        trust.allow_chosen(Path::new("/"));
        trust.allow_chosen(&dirs::home_dir().unwrap());
        assert_eq!(trust, Trust::default());
    }

    #[test]
    fn included_names_are_found_in_every_spelling() {
        let text = "#include \"a b.inc\"\n  #include\t/c.inc/\n#includestr \"d.inc\"\n#include \"open\n";
        assert_eq!(included(text).collect::<Vec<_>>(), ["a b.inc", "c.inc", "d.inc"]);
    }
}
