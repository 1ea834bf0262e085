//! Looks for all pieces and presets, within bounds: a folder may be anything, and its files too. What is left out is
//! told. No link to a folder is followed.

use std::collections::{BTreeSet, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

use csound_performance::engine::Abandoned;

use super::folders;
use super::head::{Head, shown};
use crate::bounded::read_head;
use crate::catalogue::{Catalogue, Entry, Opens, Origin};
use crate::plugin::pieces::files::{SHIPPED, recent};
use crate::plugin::presets::preset::LONGEST;
use crate::plugin::presets::shelf::{self, files_in, folder_beside, has_ending, users_folder};
use crate::preset_id::PresetId;

/// The bytes of a piece that are read for what it says of itself.
const HEAD: u64 = 64 << 10;

/// The most pieces, presets and entries of folders that are looked at, and the deepest folder.
const MOST_PIECES: usize = 5000;
const MOST_PRESETS: usize = 2000;
const MOST_SEEN: usize = 200_000;
const DEEPEST: usize = 12;

/// The most bytes of presets that are read.
const MOST_BYTES: u64 = 64 << 20;

/// The most notes, and the longest name that is shown.
const MOST_NOTES: usize = 50;
const LONGEST_NAME: usize = 120;

/// A folder whose pieces came together, by its name.
struct Package {
    name: String,
    folder: PathBuf,
}

/// The places that are looked through.
#[derive(Default)]
struct Places {
    recent: Vec<PathBuf>,
    folders: Vec<PathBuf>,
    /// The user's folder of all presets.
    presets: Option<PathBuf>,
    packages: Vec<Package>,
}

/// All that there is for this user now. Given up, it is what was found until then.
pub fn catalogue(given_up: &Abandoned) -> Catalogue {
    let (folders, wrong) = match folders::read() {
        Ok(folders) => (folders, None),
        Err(why) => (Vec::new(), Some(why)),
    };
    let places = Places { recent: recent(), folders, presets: users_folder(), packages: packages() };
    let mut scan = Scan::new(given_up);
    scan.notes.extend(wrong);
    scan.shipped();
    scan.all(&places);
    Catalogue {
        entries: scan.sorted().into(),
        folders: places.folders.into(),
        notes: scan.notes.into(),
        is_looking: false,
    }
}

/// The packages that are installed: ours, below the folders for programs' data; what risset has fetched, a folder
/// each; and the examples of Debian's manual.
fn packages() -> Vec<Package> {
    let own = dirs::data_dir();
    let system = ["/usr/local/share", "/usr/share"].map(PathBuf::from);
    let data = own.iter().chain(&system);
    let parents = data.map(|data| data.join("csound-performer").join("packages"));
    let parents = parents.chain(own.as_ref().map(|own| own.join("risset").join("clones")));
    let mut found: Vec<_> = parents.flat_map(|parent| packages_in(&parent)).collect();
    let manual = PathBuf::from("/usr/share/doc/csound-doc");
    found.extend(manual.is_dir().then(|| Package { name: "csound-doc".into(), folder: manual }));
    found
}

fn packages_in(parent: &Path) -> Vec<Package> {
    let entries = fs::read_dir(parent).into_iter().flatten().flatten().take(MOST_SEEN);
    let is_folder = |entry: &fs::DirEntry| entry.file_type().is_ok_and(|kind| kind.is_dir());
    let found = entries.filter(is_folder).map(|entry| Package {
        name: shown(&entry.file_name().to_string_lossy(), LONGEST_NAME),
        folder: entry.path(),
    });
    found.filter(|package| !package.name.starts_with('.')).collect()
}

/// What was found so far, and how much more may be.
struct Scan<'a> {
    given_up: &'a Abandoned,
    entries: Vec<Entry>,
    notes: Vec<String>,
    /// Folders of presets that were met.
    presets: BTreeSet<PathBuf>,
    /// Pieces that may still be listed, and entries of folders that may be looked at.
    pieces_left: usize,
    seen_left: usize,
    /// The files that are listed, by origin.
    known: HashSet<(Origin, PathBuf)>,
}

impl<'a> Scan<'a> {
    fn new(given_up: &'a Abandoned) -> Self {
        Self {
            given_up,
            entries: Vec::new(),
            notes: Vec::new(),
            presets: BTreeSet::new(),
            pieces_left: MOST_PIECES,
            seen_left: MOST_SEEN,
            known: HashSet::new(),
        }
    }

    /// The entries in the order in which they are shown.
    fn sorted(&mut self) -> Vec<Entry> {
        let mut entries = std::mem::take(&mut self.entries);
        // A stable order: what was opened before keeps the newest first, what is shipped its own.
        entries.sort_by_cached_key(|entry| {
            let by_name = !matches!(entry.origin, Origin::Recent | Origin::Shipped);
            (entry.origin, by_name.then(|| (entry.name.to_lowercase(), entry.place.clone())))
        });
        entries
    }

    fn note(&mut self, note: String) {
        if self.notes.len() < MOST_NOTES && !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }

    fn shipped(&mut self) {
        for (number, (name, about, text)) in SHIPPED.iter().enumerate() {
            self.entries.push(Entry {
                origin: Origin::Shipped,
                opens: Opens::Shipped(number),
                name: (*name).to_owned(),
                place: "Csound Performer".to_owned(),
                about: (*about).to_owned(),
                tags: Head::of(text).tags,
                trouble: None,
            });
        }
    }

    fn all(&mut self, places: &Places) {
        for piece in &places.recent {
            // One that is gone has nothing to open.
            if piece.exists() {
                self.piece(Origin::Recent, piece, None);
                self.presets.extend(folder_beside(piece));
            }
        }
        for folder in &places.folders {
            self.folder(Origin::Folder, folder, None);
        }
        for Package { name, folder } in &places.packages {
            self.folder(Origin::Package, folder, Some(name));
        }
        self.presets(places.presets.as_deref());
    }

    /// Looks through a folder and what is below it.
    fn folder(&mut self, origin: Origin, folder: &Path, package: Option<&str>) {
        let mut folders = vec![(folder.to_owned(), 0)];
        while let Some((folder, depth)) = folders.pop() {
            let found = match fs::read_dir(&folder) {
                Ok(found) => found,
                Err(error) => {
                    self.note(format!("{} cannot be looked through: {error}", folder.display()));
                    continue;
                }
            };
            let mut files = Vec::new();
            for entry in found.flatten() {
                if self.given_up.is_abandoned() || !self.may_see(&folder) {
                    return;
                }
                let path = entry.path();
                if entry.file_name().as_encoded_bytes().starts_with(b".") {
                    continue;
                }
                match entry.file_type() {
                    Ok(kind) if kind.is_dir() && has_ending(&path, "presets") => {
                        self.presets.insert(path);
                    }
                    Ok(kind) if kind.is_dir() && depth < DEEPEST => folders.push((path, depth + 1)),
                    Ok(kind) if kind.is_dir() => {
                        self.note(format!("{} lies too deep and is not looked through", path.display()));
                    }
                    Ok(_) if has_ending(&path, "csd") || has_ending(&path, "orc") => files.push(path),
                    _ => {}
                }
            }
            files.sort();
            for file in files {
                if self.given_up.is_abandoned() || !self.piece(origin, &file, package) {
                    return;
                }
            }
        }
    }

    /// Whether one more entry of a folder may be looked at.
    fn may_see(&mut self, folder: &Path) -> bool {
        let left = self.seen_left.checked_sub(1);
        match left {
            Some(left) => self.seen_left = left,
            None => self.note(format!(
                "{} and what comes after it is not looked through: there is too much. Choose smaller folders",
                folder.display()
            )),
        }
        left.is_some()
    }

    /// Lists a piece. False: there may be no more.
    fn piece(&mut self, origin: Origin, path: &Path, package: Option<&str>) -> bool {
        if !self.known.insert((origin, path.to_owned())) {
            return true;
        }
        let Some(left) = self.pieces_left.checked_sub(1) else {
            self.note(format!(
                "{MOST_PIECES} pieces are listed, and the others are left out. Choose smaller folders"
            ));
            return false;
        };
        self.pieces_left = left;
        let (head, trouble) = match read_head(path, HEAD) {
            Ok((bytes, is_whole)) => {
                let text = String::from_utf8_lossy(&bytes);
                let is_none = is_whole && has_ending(path, "csd") && !text.contains("<CsoundSynthesi");
                let trouble = is_none.then(|| "it has no <CsoundSynthesizer>, so it is no piece".to_owned());
                (Head::of(&text), trouble)
            }
            Err(error) => (Head::default(), Some(format!("it cannot be read: {error}"))),
        };
        let folder = path.parent().unwrap_or(Path::new("")).to_string_lossy();
        self.entries.push(Entry {
            origin,
            opens: Opens::File(path.to_owned()),
            name: shown(&path.file_name().unwrap_or_default().to_string_lossy(), LONGEST_NAME),
            place: package.map_or_else(|| shown(&folder, LONGEST_NAME * 4), str::to_owned),
            about: head.about,
            tags: head.tags,
            trouble,
        });
        true
    }

    /// Lists the presets of all folders that were met, and of the user's own.
    fn presets(&mut self, users: Option<&Path>) {
        let mut folders = std::mem::take(&mut self.presets);
        folders.extend(users.into_iter().flat_map(packages_in).map(|found| found.folder));
        let (mut left, mut bytes) = (MOST_PRESETS, MOST_BYTES);
        for file in folders.iter().flat_map(|folder| files_in(folder)) {
            // One that is too long by itself is not read.
            let length = fs::metadata(&file).map_or(0, |found| found.len());
            let length = if length > LONGEST { 0 } else { length };
            let room = left.checked_sub(1).zip(bytes.checked_sub(length));
            let Some(room) = room.filter(|_| !self.given_up.is_abandoned()) else {
                return self.note(format!(
                    "the presets from {} on are left out: there are too many",
                    file.display()
                ));
            };
            (left, bytes) = room;
            self.preset(file);
        }
    }

    fn preset(&mut self, file: PathBuf) {
        let stem = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let (name, place, tags, trouble) = match shelf::read(&file) {
            Ok(preset) => (preset.name, preset.piece.unwrap_or_default().name, preset.tags, None),
            Err(why) => (stem, String::new(), Vec::new(), Some(why)),
        };
        self.entries.push(Entry {
            origin: Origin::Preset,
            opens: Opens::Preset(PresetId { file, key: None }),
            name: shown(&name, LONGEST_NAME),
            about: if place.is_empty() {
                "A preset".to_owned()
            } else {
                shown(&format!("A preset of {place}"), LONGEST_NAME)
            },
            place: shown(&place, LONGEST_NAME),
            tags: tags.iter().map(|tag| shown(tag, LONGEST_NAME)).collect(),
            trouble,
        });
    }
}

#[cfg(test)]
mod tests;
