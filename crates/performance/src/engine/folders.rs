//! Folders that hold too much to be given to a piece as a whole.

use std::path::{Path, PathBuf};

/// The homes that a folder must not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Homes {
    /// The user's own.
    Own,
    /// Everybody's, and each of them is too much itself.
    All,
}

/// A folder by the name that leads through no link; as it is if it cannot be found.
pub fn whole(folder: &Path) -> PathBuf {
    folder.canonicalize().unwrap_or_else(|_| folder.to_owned())
}

/// True for the root, the user's home, and whatever that lies in; with [`Homes::All`] also for any
/// other home, and for the folders that homes lie in.
///
/// An engine asks with [`Homes::Own`] about folders that the user's environment names. Whoever takes a
/// file that the user has chosen for a permission to its folder asks with [`Homes::All`].
pub fn is_too_much(folder: &Path, homes: Homes) -> bool {
    let folder = whole(folder);
    let lies_above = dirs::home_dir().is_some_and(|home| whole(&home).starts_with(&folder));
    let holds_homes = |folder: &Path| [Path::new("/home"), Path::new("/Users")].contains(&folder);
    let is_home = folder.parent().is_some_and(holds_homes) || folder == Path::new("/root");
    let is_of_homes = homes == Homes::All && (holds_homes(&folder) || is_home);
    folder.parent().is_none() || lies_above || is_of_homes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_root_and_homes_are_too_much() {
        let home = dirs::home_dir().unwrap();
        for folder in [Path::new("/"), &home, home.parent().unwrap()] {
            assert!(is_too_much(folder, Homes::Own), "{}", folder.display());
            assert!(is_too_much(folder, Homes::All), "{}", folder.display());
        }
        for folder in ["/home", "/home/somebody", "/Users", "/Users/somebody", "/root"] {
            assert!(is_too_much(Path::new(folder), Homes::All), "{folder}");
        }
        let other = Path::new("/home/somebody else");
        assert!(!is_too_much(other, Homes::Own), "an engine is given what the environment names");
        assert!(!is_too_much(&home.join("Music"), Homes::All));
    }
}
