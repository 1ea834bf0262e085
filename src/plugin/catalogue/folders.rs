//! The user's folders of pieces, which the browser shows: a list in the user's configuration. A folder is only looked
//! through; what its pieces may read is said elsewhere.

use std::path::{Path, PathBuf};

use crate::plugin::pieces::files::config_file;
use crate::plugin::pieces::files::kept_list::{self, Kind};

/// The most folders in the list.
const MOST: usize = 100;

/// The list.
const LIST: Kind = Kind { what: "your list of folders", field: "folders", longest: 1 << 20 };

/// The folders, in the order in which they were added.
///
/// # Errors
/// The list is there and cannot be read, in a sentence.
pub fn read() -> Result<Vec<PathBuf>, String> {
    file().map_or(Ok(Vec::new()), |file| read_from(&file))
}

/// Adds a folder.
///
/// # Errors
/// It is none, or the list cannot be written, in a sentence.
pub fn add(folder: &Path) -> Result<(), String> {
    add_to(&own_file()?, folder)
}

/// Takes a folder out of the list; nothing is deleted.
///
/// # Errors
/// The list cannot be written, in a sentence.
pub fn remove(folder: &Path) -> Result<(), String> {
    remove_from(&own_file()?, folder)
}

fn file() -> Option<PathBuf> {
    config_file("folders.json")
}

fn own_file() -> Result<PathBuf, String> {
    file()
        .ok_or_else(|| "this system has no configuration folder to keep your folders of pieces in".to_owned())
}

fn read_from(file: &Path) -> Result<Vec<PathBuf>, String> {
    kept_list::read(file, &LIST)
}

fn add_to(file: &Path, folder: &Path) -> Result<(), String> {
    if !folder.is_absolute() || !folder.is_dir() {
        return Err(format!("{} is not a folder", folder.display()));
    }
    let mut folders = read_from(file)?;
    if folders.iter().any(|known| known == folder) {
        return Ok(());
    }
    if folders.len() >= MOST {
        return Err(format!("there are {MOST} folders already: take one away first"));
    }
    folders.push(folder.to_owned());
    kept_list::write(file, &LIST, folders)
}

fn remove_from(file: &Path, folder: &Path) -> Result<(), String> {
    let mut folders = read_from(file)?;
    folders.retain(|known| known != folder);
    kept_list::write(file, &LIST, folders)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_kept_in_their_order_once_each() {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("new").join("folders.json");
        assert_eq!(read_from(&file), Ok(Vec::new()));
        let [one, two] = ["one", "two"].map(|name| home.path().join(name));
        for folder in [&two, &one] {
            std::fs::create_dir(folder).unwrap();
            add_to(&file, folder).unwrap();
        }
        add_to(&file, &two).unwrap();
        assert_eq!(read_from(&file), Ok(vec![two.clone(), one.clone()]));
        remove_from(&file, &two).unwrap();
        assert_eq!(read_from(&file), Ok(vec![one]));
        assert!(two.is_dir());
        for odd in [home.path().join("none"), file.clone(), PathBuf::from("relative")] {
            assert!(add_to(&file, &odd).unwrap_err().contains("is not a folder"), "{odd:?}");
        }
    }

    #[test]
    fn a_list_that_cannot_be_read_is_told_and_not_written_over() {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("folders.json");
        for text in ["", "{", "[]", "{\"version\": 2, \"folders\": []}"] {
            std::fs::write(&file, text).unwrap();
            for outcome in
                [read_from(&file).map(drop), add_to(&file, home.path()), remove_from(&file, home.path())]
            {
                assert!(outcome.unwrap_err().contains("folders.json cannot be read"), "{text}");
            }
            assert_eq!(std::fs::read_to_string(&file).unwrap(), text);
        }
    }
}
