//! *Collect files*: what a piece reads from elsewhere, on its way into the piece's folder, as the editor asks for it and
//! sees it. It stands beside plugin and editor, for both.

use std::path::PathBuf;
use std::sync::Arc;

/// A file to be copied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileToCopy {
    /// Where it lies.
    pub from: PathBuf,
    /// Its name in the piece's folder. Nothing is there yet.
    pub to: String,
    /// Its length in bytes.
    pub length: u64,
}

/// What collecting would do, before anything is written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Gathering {
    /// The piece's folder.
    pub folder: PathBuf,
    /// The files that are copied into it.
    pub files: Vec<FileToCopy>,
    /// The names that become others in the text, in a sentence each.
    pub renames: Vec<String>,
    /// The text then: one, or an orchestra's and a score's.
    pub texts: Vec<String>,
    /// What is not found or stays where it is, in sentences.
    pub notes: Vec<String>,
}

impl Gathering {
    /// If there is nothing to be done.
    pub fn is_nothing(&self) -> bool {
        self.files.is_empty() && self.renames.is_empty()
    }
}

/// How collecting stands.
#[derive(Clone, Debug, PartialEq)]
pub enum Gathers {
    /// The piece's files are looked for, or copied.
    UnderWay,
    /// This was found, and waits for the user.
    Found(Arc<Gathering>),
    /// It is done.
    Done(Arc<Gathering>),
    /// It cannot be done, and this is why.
    Failed(String),
}

/// Why the files of a piece are not collected whose text is not in its file.
pub const NOT_SAVED: &str =
    "The text has changes that are not saved, and collecting writes the piece's file: save it first";

/// Why the files of a piece that is in no file are not collected.
pub const NO_FOLDER: &str =
    "The piece is in no file yet, so there is no folder to collect into: save it first (Source, Save as…)";
