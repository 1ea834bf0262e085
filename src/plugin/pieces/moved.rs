//! Finds the folder of a piece again that was moved, or saved on another machine. No format tells a
//! plugin where its project lies, so it asks what it can know: the home folder, and the folders that
//! the user lets pieces read.

use std::path::{Path, PathBuf};

/// A folder's place in the home folder, if it is in there.
pub fn below_home(folder: &Path, home: Option<&Path>) -> Option<PathBuf> {
    folder.strip_prefix(home?).ok().map(Path::to_owned)
}

/// Where the folder of the piece in file `name` is now: where it was; else at the same place of this
/// home folder; else in one of the `allowed` folders, under as much of its old path as is there.
/// `None` where no such file is found.
pub fn find(
    folder: &Path,
    name: &str,
    below_home: Option<&Path>,
    home: Option<&Path>,
    allowed: &[PathBuf],
) -> Option<PathBuf> {
    if folder.is_dir() {
        return Some(folder.to_owned());
    }
    let at_home = home.zip(below_home).map(|(home, below)| home.join(below));
    let below_allowed = tails(folder).flat_map(|tail| allowed.iter().map(move |allowed| allowed.join(tail)));
    at_home.into_iter().chain(below_allowed).find(|folder| folder.join(name).is_file())
}

/// The ends of a path, the longest first and the empty one last.
fn tails(path: &Path) -> impl Iterator<Item = &Path> {
    let mut parts = path.components();
    // What it begins with is no end of it.
    parts.next();
    std::iter::successors(Some(parts), |parts| {
        let mut rest = parts.clone();
        rest.next().map(|_| rest)
    })
    .map(|parts| parts.as_path())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn piece(folder: PathBuf) -> PathBuf {
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("bells.csd"), "").unwrap();
        folder
    }

    #[test]
    fn a_folder_that_is_there_stays() {
        let here = tempfile::tempdir().unwrap();
        let other = tempfile::tempdir().unwrap();
        piece(other.path().to_owned());
        let found = find(here.path(), "bells.csd", None, None, &[other.path().to_owned()]);
        assert_eq!(found.as_deref(), Some(here.path()));
    }

    #[test]
    fn it_is_found_at_its_place_in_another_home_folder() {
        let home = tempfile::tempdir().unwrap();
        let there = piece(home.path().join("Music/song"));
        let below = below_home(Path::new("/home/ann/Music/song"), Some(Path::new("/home/ann"))).unwrap();
        let old = Path::new("/home/ann/Music/song");
        assert_eq!(find(old, "bells.csd", Some(&below), Some(home.path()), &[]), Some(there));
        assert_eq!(find(old, "other.csd", Some(&below), Some(home.path()), &[]), None);
        assert_eq!(below_home(Path::new("/srv/song"), Some(Path::new("/home/ann"))), None);
    }

    #[test]
    fn it_is_found_in_an_allowed_folder_under_the_most_of_its_old_path() {
        let allowed = tempfile::tempdir().unwrap();
        let folders = [allowed.path().to_owned()];
        let old = Path::new("/old/disk/song/pieces");
        assert_eq!(find(old, "bells.csd", None, None, &folders), None);
        let there = piece(allowed.path().to_owned());
        assert_eq!(find(old, "bells.csd", None, None, &folders), Some(there));
        let there = piece(allowed.path().join("pieces"));
        assert_eq!(find(old, "bells.csd", None, None, &folders), Some(there));
        let there = piece(allowed.path().join("song/pieces"));
        assert_eq!(find(old, "bells.csd", None, None, &folders), Some(there));
    }
}
