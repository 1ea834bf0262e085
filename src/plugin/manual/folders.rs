//! Where manuals lie: one of each Csound, in a folder of the user's that his configuration remembers, or installed.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use csound_performance::Generation;

use super::pages::{generation_of, has_pages};
use crate::plugin::pieces::files::config_file;
use crate::plugin::pieces::files::kept_list::{self, Kind};

/// Where Debian's `csound-doc` puts its pages.
const INSTALLED: &str = "/usr/share/doc/csound-doc/html";

/// The list: folders by the number of the Csound whose manual lies there.
const LIST: Kind = Kind { what: "your list of manuals", field: "folders", longest: 1 << 16 };

/// A manual that is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The Csound that it is of.
    pub generation: Generation,
    /// The folder of its pages, free of links.
    pub folder: PathBuf,
    /// The user has chosen it.
    pub is_chosen: bool,
}

/// The manual to read for a piece: of its Csound if there is one, else of the other; and what is wrong with those that
/// the user has chosen.
pub fn find(wanted: Generation) -> (Option<Place>, Vec<String>) {
    find_in(file().as_deref(), Path::new(INSTALLED), wanted)
}

/// Takes a folder of the user's as the manual of the Csound that it is of. One that holds the pages in a folder `html`
/// will do.
///
/// # Errors
/// It holds no manual, or the choice cannot be kept, in a sentence.
pub fn choose(folder: &Path) -> Result<(), String> {
    choose_in(&own_file()?, folder)
}

/// Forgets a folder of the user's choice. Nothing is deleted.
///
/// # Errors
/// That cannot be kept, in a sentence.
pub fn forget(folder: &Path) -> Result<(), String> {
    forget_in(&own_file()?, folder)
}

fn file() -> Option<PathBuf> {
    config_file("manuals.json")
}

fn own_file() -> Result<PathBuf, String> {
    file().ok_or_else(|| "this system has no configuration folder to remember your manual in".to_owned())
}

fn find_in(file: Option<&Path>, installed: &Path, wanted: Generation) -> (Option<Place>, Vec<String>) {
    let (chosen, mut notes) = match file.map_or(Ok(BTreeMap::new()), read_from) {
        Ok(folders) => (folders, Vec::new()),
        Err(why) => (BTreeMap::new(), vec![why]),
    };
    let mut places = Vec::new();
    for (number, folder) in chosen {
        let generation = Generation::of_number(number);
        match generation.zip(folder.canonicalize().ok().filter(|folder| has_pages(folder))) {
            Some((generation, folder)) => places.push(Place { generation, folder, is_chosen: true }),
            None => notes.push(format!(
                "your manual of Csound {number} is not in {} any more: choose its folder again",
                folder.display()
            )),
        }
    }
    if let Ok(folder) = installed.canonicalize()
        && has_pages(&folder)
    {
        places.push(Place { generation: generation_of(&folder), folder, is_chosen: false });
    }
    let of_piece = places.iter().position(|place| place.generation == wanted);
    let best = of_piece.or_else(|| (!places.is_empty()).then_some(0));
    (best.map(|best| places.swap_remove(best)), notes)
}

fn choose_in(file: &Path, folder: &Path) -> Result<(), String> {
    let pages = [folder.to_owned(), folder.join("html")].into_iter().find(|folder| has_pages(folder));
    let Some(pages) = pages.filter(|_| folder.is_absolute()) else {
        return Err(format!(
            "{} holds no manual of Csound: choose the folder that its pages (oscili.html and others) lie in",
            folder.display()
        ));
    };
    let mut folders = read_from(file)?;
    folders.insert(generation_of(&pages).number(), pages);
    kept_list::write(file, &LIST, folders)
}

fn forget_in(file: &Path, folder: &Path) -> Result<(), String> {
    let mut folders = read_from(file)?;
    folders.retain(|_, known| known != folder && !known.canonicalize().is_ok_and(|known| known == folder));
    kept_list::write(file, &LIST, folders)
}

fn read_from(file: &Path) -> Result<BTreeMap<u8, PathBuf>, String> {
    kept_list::read(file, &LIST)
}

#[cfg(test)]
mod tests {
    use super::*;
    use Generation::{Seven, Six};

    /// A folder with pages of a Csound.
    fn manual(home: &Path, name: &str, of: Generation) -> PathBuf {
        let folder = home.join(name);
        let pages = if of == Seven { folder.join("opcodes") } else { folder.clone() };
        std::fs::create_dir_all(&pages).unwrap();
        std::fs::write(pages.join("wobble.html"), "<p>wobble — Wobbles").unwrap();
        folder.canonicalize().unwrap()
    }

    #[test]
    fn the_piece_s_csound_goes_first_and_the_user_s_choice_before_what_is_installed() {
        let home = tempfile::tempdir().unwrap();
        let (file, none) = (home.path().join("new/manuals.json"), home.path().join("none"));
        let found = |installed: &Path, wanted| {
            let (place, notes) = find_in(Some(&file), installed, wanted);
            assert_eq!(notes, [""; 0]);
            place.map(|place| (place.generation, place.folder, place.is_chosen))
        };
        assert_eq!(found(&none, Six), None);
        let installed = manual(home.path(), "installed", Six);
        assert_eq!(found(&installed, Six), Some((Six, installed.clone(), false)));
        assert_eq!(
            found(&installed, Seven),
            Some((Six, installed.clone(), false)),
            "the other one, for want of it"
        );
        let [six, seven] = [("six", Six), ("seven", Seven)].map(|(name, of)| manual(home.path(), name, of));
        choose_in(&file, &seven).unwrap();
        assert_eq!(found(&installed, Seven), Some((Seven, seven.clone(), true)));
        assert_eq!(found(&installed, Six), Some((Six, installed.clone(), false)));
        choose_in(&file, &six).unwrap();
        assert_eq!(found(&installed, Six), Some((Six, six.clone(), true)));
        assert_eq!(found(&none, Seven), Some((Seven, seven.clone(), true)), "one of each");
        // The disk of the other one is away meanwhile.
        let away = home.path().join("away");
        std::fs::rename(&seven, &away).unwrap();
        forget_in(&file, &six).unwrap();
        std::fs::rename(&away, &seven).unwrap();
        assert_eq!(found(&none, Seven), Some((Seven, seven, true)), "it is remembered");
        assert_eq!(found(&installed, Six), Some((Six, installed, false)));
        assert!(six.is_dir());
    }

    #[test]
    fn a_folder_is_taken_with_its_pages_in_html_and_refused_without_any() {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("manuals.json");
        let pages = manual(home.path(), "doc/html", Six);
        choose_in(&file, &home.path().join("doc")).unwrap();
        let (place, _) = find_in(Some(&file), &home.path().join("none"), Six);
        assert_eq!(place.unwrap().folder, pages);
        for odd in [home.path().to_owned(), file.clone(), home.path().join("none"), PathBuf::from("doc")] {
            assert!(choose_in(&file, &odd).unwrap_err().contains("holds no manual of Csound"), "{odd:?}");
        }
        std::fs::remove_dir_all(&pages).unwrap();
        let (place, notes) = find_in(Some(&file), &home.path().join("none"), Six);
        assert!(place.is_none() && notes[0].contains("choose its folder again"), "{notes:?}");
    }

    #[test]
    fn a_list_that_cannot_be_read_is_told_and_not_written_over() {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("manuals.json");
        let pages = manual(home.path(), "pages", Six);
        for text in ["", "{", "[]", "{\"version\": 2, \"folders\": {}}"] {
            std::fs::write(&file, text).unwrap();
            for outcome in [choose_in(&file, &pages), forget_in(&file, &pages)] {
                assert!(outcome.unwrap_err().contains("manuals.json cannot be read"), "{text}");
            }
            let (_, notes) = find_in(Some(&file), &pages, Six);
            assert!(notes[0].contains("manuals.json cannot be read"), "{notes:?}");
            assert_eq!(std::fs::read_to_string(&file).unwrap(), text);
        }
    }
}
