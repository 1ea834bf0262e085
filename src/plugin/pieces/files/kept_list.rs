//! A short list in the user's configuration: one that cannot be read is told and never written over.

use std::io;
use std::path::Path;

use serde::Serialize;
use serde::de::{DeserializeOwned, Error};
use serde_json::{Map, Value};

use super::{read_bounded, write_private};

/// The version written. A later one is refused, so that nothing of it is lost.
const VERSION: u64 = 1;

/// A kind of list.
pub struct Kind {
    /// Its words for the user, such as *your list of folders*.
    pub what: &'static str,
    /// What its file calls what is in it.
    pub field: &'static str,
    /// Its greatest length, in bytes.
    pub longest: u64,
}

/// Reads a list; an empty one where there is no file.
///
/// # Errors
/// It is there and cannot be read, in a sentence.
pub fn read<T: Default + DeserializeOwned>(file: &Path, kind: &Kind) -> Result<T, String> {
    let cannot = |why: String| format!("{} {} cannot be read: {why}", kind.what, file.display());
    let text = match read_bounded(file, kind.longest) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(T::default()),
        Err(error) => return Err(cannot(error.to_string())),
    };
    parse(&text, kind.field).map_err(|error| cannot(error.to_string()))
}

fn parse<T: DeserializeOwned>(text: &[u8], field: &'static str) -> serde_json::Result<T> {
    let mut list: Map<String, Value> = serde_json::from_slice(text)?;
    let version = list.get("version").and_then(Value::as_u64);
    match version.ok_or_else(|| serde_json::Error::missing_field("version"))? {
        VERSION => {}
        later => {
            return Err(serde_json::Error::custom(format!(
                "it is of version {later}, this plugin reads {VERSION}: update Csound Performer"
            )));
        }
    }
    serde_json::from_value(list.remove(field).ok_or_else(|| serde_json::Error::missing_field(field))?)
}

/// Writes it.
///
/// # Errors
/// It cannot be written, in a sentence.
pub fn write<T: Serialize>(file: &Path, kind: &Kind, list: T) -> Result<(), String> {
    let cannot = |error: io::Error| format!("{} {} cannot be written: {error}", kind.what, file.display());
    std::fs::create_dir_all(file.parent().unwrap_or(Path::new("."))).map_err(cannot)?;
    // A path that is no UTF-8 has no JSON.
    let text = serde_json::to_value(list).and_then(|list| {
        let all = [("version".to_owned(), VERSION.into()), (kind.field.to_owned(), list)];
        serde_json::to_vec_pretty(&Map::from_iter(all))
    });
    write_private(file, &text.map_err(|error| cannot(error.into()))?).map_err(cannot)
}
