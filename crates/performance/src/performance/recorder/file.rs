//! The file of a recording: checked before it is made, never overwritten unasked.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use super::error::{RecordError, create_error};

/// A name in `folder` that no file has yet: "stem.wav", "stem 2.wav" and so on. Characters that a
/// file name cannot hold become "_"; an empty stem becomes "recording". Another program may take
/// the name before it is used: [`open`](super::open) without `overwrite` notices.
pub fn free_name(folder: &Path, stem: &str) -> PathBuf {
    let stem = file_stem(stem);
    let mut path = folder.join(format!("{stem}.wav"));
    let mut number = 2_u64;
    // A link that leads nowhere takes a name too, so links are not followed.
    while path.symlink_metadata().is_ok() {
        path = folder.join(format!("{stem} {number}.wav"));
        number += 1;
    }
    path
}

/// Checks what can be checked before the file is made, and makes the path absolute: the host's
/// current folder may change.
pub(super) fn check_path(path: &Path) -> Result<PathBuf, RecordError> {
    // "take.wav/" and "folder/." have a file name for std, and are none.
    let text = path.as_os_str().to_string_lossy();
    let named = path.file_name().is_some() && !text.ends_with(['/', std::path::MAIN_SEPARATOR]);
    if path.is_dir() {
        return Err(RecordError::IsFolder { path: path.to_owned() });
    }
    let (true, Ok(path)) = (named, std::path::absolute(path)) else {
        return Err(RecordError::NoName { path: path.to_owned() });
    };
    let folder = path.parent().unwrap_or(&path).to_owned();
    match fs::metadata(&folder) {
        Ok(data) if !data.is_dir() => return Err(RecordError::NotAFolder { path, folder }),
        Ok(_) => {}
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return Err(RecordError::NoFolder { path, folder });
        }
        Err(error) if error.kind() == ErrorKind::NotADirectory => {
            return Err(RecordError::NotAFolder { path, folder });
        }
        Err(error) => return Err(create_error(path, error)),
    }
    Ok(path)
}

/// A file just made.
pub(super) struct NewFile {
    pub(super) file: File,
    pub(super) at: PathBuf,
    /// The file whose place it is to take once its header is written.
    pub(super) replaces: Option<PathBuf>,
}

pub(super) fn create(path: &Path, overwrite: bool) -> Result<NewFile, RecordError> {
    // Asking the system to make a new one, rather than looking first, leaves no gap in which
    // another program's file could be overwritten.
    match create_new(path) {
        Ok(file) => Ok(NewFile { file, at: path.to_owned(), replaces: None }),
        Err(error) if error.kind() == ErrorKind::AlreadyExists && overwrite => {
            create_beside(path).map_err(|error| match error.kind() {
                ErrorKind::InvalidInput => RecordError::NotAFile { path: path.to_owned() },
                _ => create_error(path.to_owned(), error),
            })
        }
        Err(error) => Err(create_error(path.to_owned(), error)),
    }
}

/// Makes a file in the folder of the one it is to replace. `InvalidInput` says that this is no
/// ordinary file.
fn create_beside(path: &Path) -> io::Result<NewFile> {
    // What a link leads to is replaced, not the link.
    let old = fs::canonicalize(path)?;
    // Looked at before it is opened: opening a pipe would wait for its reader.
    let found = fs::metadata(&old)?;
    if !found.is_file() {
        return Err(ErrorKind::InvalidInput.into());
    }
    // A file that may not be written is not to be replaced either.
    drop(OpenOptions::new().write(true).open(&old)?);
    let mut number = 0_u32;
    loop {
        let name = format!(".csound-recording-{}-{number}", std::process::id());
        let at = old.with_file_name(name);
        match create_new(&at) {
            Ok(file) => {
                // The new one may be read by those who might read the old one. A disk without modes has none to keep.
                let _ = file.set_permissions(found.permissions());
                return Ok(NewFile { file, at, replaces: Some(old) });
            }
            Err(error) if error.kind() == ErrorKind::AlreadyExists => number += 1,
            Err(error) => return Err(error),
        }
    }
}

pub(super) fn create_new(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).open(path)
}

/// A stem that every system takes as part of a file name.
fn file_stem(stem: &str) -> String {
    let forbidden = |c: char| c.is_control() || r#"/\:*?"<>|"#.contains(c);
    let stem = stem.trim().replace(forbidden, "_");
    if stem.is_empty() { "recording".to_owned() } else { stem }
}
