//! A short list of paths in the user's configuration: one that cannot be read is told and never written over.

use std::io;
use std::path::Path;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::{read_bounded, write_private};

/// The version written. A later one is refused, so that nothing of it is lost.
const VERSION: u32 = 1;

#[derive(Serialize, Deserialize)]
struct List<T> {
    version: u32,
    folders: T,
}

/// Reads a list of so many bytes at most; an empty one where there is no file. `what` are its words for the user, such
/// as *your list of folders*.
///
/// # Errors
/// It is there and cannot be read, in a sentence.
pub fn read<T: Default + DeserializeOwned>(file: &Path, what: &str, longest: u64) -> Result<T, String> {
    let cannot = |why: String| format!("{what} {} cannot be read: {why}", file.display());
    let text = match read_bounded(file, longest) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(T::default()),
        Err(error) => return Err(cannot(error.to_string())),
    };
    let list: List<T> = serde_json::from_slice(&text).map_err(|error| cannot(error.to_string()))?;
    match list.version {
        VERSION => Ok(list.folders),
        later => Err(cannot(format!(
            "it is of version {later}, this plugin reads {VERSION}: update Csound Performer"
        ))),
    }
}

/// Writes it.
///
/// # Errors
/// It cannot be written, in a sentence.
pub fn write<T: Serialize>(file: &Path, what: &str, folders: T) -> Result<(), String> {
    let cannot = |error: io::Error| format!("{what} {} cannot be written: {error}", file.display());
    std::fs::create_dir_all(file.parent().unwrap_or(Path::new("."))).map_err(cannot)?;
    // A path that is no UTF-8 has no JSON.
    let text = serde_json::to_vec_pretty(&List { version: VERSION, folders });
    write_private(file, &text.map_err(|error| cannot(error.into()))?).map_err(cannot)
}
