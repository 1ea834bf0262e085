//! Sounds of the panel, and the files of folders that it lists: read on a thread of their own, because that may take a
//! while. Folders are looked at again now and then.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant, SystemTime};

use csound_performance::engine::{Abandoned, ConsoleLine};

use super::Worker;
use super::readable::Folders;
use crate::editor::model::Sounds;
use crate::plugin::control::aside::Aside;
use crate::plugin::pieces::sounds;
use crate::plugin::shared::panel_files::{Lists, WantedFiles};

/// Sounds and lists of a panel.
const MOST: usize = 64;

/// Files of a list, and entries of all listed folders that are looked at.
const MOST_LISTED: usize = 1000;
const MOST_ENTRIES: usize = 20_000;

/// Kinds that one list may name, and bytes of one.
const MOST_KINDS: usize = 16;
const LONGEST_KIND: usize = 64;

/// How long nothing is read after something was: a piece may name other files all the time.
const REST: Duration = Duration::from_millis(500);

/// Between looks whether files and folders are others now, while an editor is open.
const AGAIN: Duration = Duration::from_secs(3);

/// How long a file is and when it was written, while there is one.
type Stamp = Option<(u64, Option<SystemTime>)>;

/// The stamps of sounds when they were read, by name.
type Stamps = BTreeMap<String, Stamp>;

/// What is being read, or was.
#[derive(Default)]
pub(super) struct PanelReads {
    wanted: WantedFiles,
    /// What was read last: the folders in which files were looked for, and the files.
    read: Option<(Option<Folders>, WantedFiles)>,
    reading: Option<Aside<Found>>,
    /// When something was read last.
    ended: Option<Instant>,
    stamps: Stamps,
}

impl PanelReads {
    /// Reads the files anew with the next look.
    pub(super) fn read_again(&mut self) {
        self.read = None;
    }
}

/// What came of reading.
#[derive(Default)]
struct Found {
    sounds: Sounds,
    stamps: Stamps,
    lists: Lists,
    told: Vec<String>,
}

impl Worker {
    /// Begins to read what is wanted, and takes what was read.
    pub(super) fn look_at_panel_files(&mut self) {
        self.take_panel_files();
        let since = self.panel_files.ended.map(|ended| ended.elapsed());
        if self.panel_files.reading.is_none() && since.is_some_and(|since| since < REST) {
            return;
        }
        let (folders, kept) = {
            let mut locked = self.link.lock();
            if let Some(wanted) = locked.panel_files.wanted.take() {
                self.panel_files.wanted = wanted;
            }
            if self.panel_files.wanted.is_empty() && self.panel_files.read.is_none() {
                // Most pieces have none.
                return;
            }
            (Folders::of(&locked.isolation), Arc::clone(&locked.panel_files.sounds))
        };
        let wanted = self.panel_files.wanted.clone();
        let now = Some((folders, wanted));
        let is_read = self.panel_files.read == now;
        if self.panel_files.reading.is_some() {
            if is_read {
                return;
            }
            // Nobody waits for that any more. It ends with its next look into a file.
            self.panel_files.reading = None;
            self.panel_files.ended = Some(Instant::now());
            return;
        }
        let is_old = self.link.taps.is_watched() && since.is_none_or(|since| since >= AGAIN);
        let Some((folders, wanted)) =
            now.clone().filter(|(_, wanted)| !is_read || is_old && !wanted.is_empty())
        else {
            return;
        };
        let kept = match &self.panel_files.read {
            // Another folder, or one that is permitted now, may have what was missing.
            Some((then, _)) if *then == folders => ((*kept).clone(), self.panel_files.stamps.clone()),
            _ => Default::default(),
        };
        self.panel_files.read = now;
        let work = move |given_up: &Abandoned| read_all(folders.as_ref(), &wanted, &kept, given_up);
        let failed = || {
            let told = "Csound Performer failed at a file of the panel; this is our fault";
            Found { told: vec![told.to_owned()], ..Found::default() }
        };
        match Aside::begin("csound panel files", Abandoned::default(), work, failed) {
            Ok(reading) => self.panel_files.reading = Some(reading),
            Err(error) => self.link.log(vec![ConsoleLine::warning(format!(
                "the panel's files are not shown, because no thread could be started: {error}"
            ))]),
        }
    }

    fn take_panel_files(&mut self) {
        let Some(found) = self.panel_files.reading.as_mut().and_then(Aside::look) else { return };
        self.panel_files.reading = None;
        self.panel_files.ended = Some(Instant::now());
        self.panel_files.stamps = found.stamps;
        let mut locked = self.link.lock();
        found.told.into_iter().for_each(|line| locked.log(ConsoleLine::warning(line)));
        let files = &mut locked.panel_files;
        if *files.sounds == found.sounds && *files.lists == found.lists {
            return;
        }
        files.sounds = Arc::new(found.sounds);
        files.lists = Arc::new(found.lists);
        drop(locked);
        self.link.done.fetch_add(1, Ordering::Release);
    }
}

/// Reads the files that are not among the kept ones, or are others now, and lists folders; what cannot be shown is told
/// once.
fn read_all(
    folders: Option<&Folders>,
    wanted: &WantedFiles,
    (kept, stamps): &(Sounds, Stamps),
    given_up: &Abandoned,
) -> Found {
    let mut found = Found::default();
    let unsaved = || "the piece has no folder in which it could lie: save the piece first".to_owned();
    for name in wanted.sounds.iter().take(MOST) {
        if given_up.is_abandoned() {
            return found;
        }
        let path = folders.ok_or_else(unsaved).and_then(|folders| folders.file(name));
        let stamp = path.as_ref().ok().and_then(|path| stamp_of(path));
        found.stamps.insert(name.clone(), stamp);
        if let Some(known) = kept.get(name).filter(|_| stamps.get(name) == Some(&stamp)) {
            found.sounds.insert(name.clone(), known.clone());
            continue;
        }
        // A defect in a reader of files costs its sound.
        let read = path.and_then(|path| {
            let read =
                std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| sounds::read(&path, given_up)));
            read.unwrap_or_else(|_| Err("reading it failed; this is our fault".to_owned()))
        });
        let sound = read.map(Arc::new).map_err(|why| {
            found.told.push(format!("{name} is not shown on the panel: {why}"));
        });
        found.sounds.insert(name.clone(), sound.ok());
    }
    let mut listed = Listed { entries: BTreeMap::new(), room: MOST_ENTRIES, given_up };
    for (kind, folder) in wanted.lists.iter().take(MOST) {
        let path = folders.and_then(|folders| folders.file(folder).ok());
        let files = path.map(|path| list(listed.files_of(&path), kind));
        found.lists.insert((kind.clone(), folder.clone()), files.unwrap_or_default());
    }
    found
}

fn stamp_of(path: &Path) -> Stamp {
    let known = std::fs::metadata(path).ok()?;
    Some((known.len(), known.modified().ok()))
}

/// The files of folders, each read once, and no more than there is room for in all.
struct Listed<'a> {
    entries: BTreeMap<PathBuf, Vec<PathBuf>>,
    room: usize,
    given_up: &'a Abandoned,
}

impl Listed<'_> {
    /// The ordinary files of a folder, and links to some, by their names. Folders, pipes and devices are left out.
    fn files_of(&mut self, folder: &Path) -> &[PathBuf] {
        if !self.entries.contains_key(folder) {
            let mut files = Vec::new();
            for entry in std::fs::read_dir(folder).into_iter().flatten().take(self.room) {
                if self.given_up.is_abandoned() {
                    break;
                }
                self.room -= 1;
                let Ok(entry) = entry else { continue };
                let path = entry.path();
                let is_file = |kind: std::fs::FileType| kind.is_file() || kind.is_symlink() && path.is_file();
                if entry.file_type().is_ok_and(is_file) {
                    files.push(path);
                }
            }
            files.sort();
            self.entries.insert(folder.to_owned(), files);
        }
        self.entries.get(folder).map_or(&[], Vec::as_slice)
    }
}

/// Those of the files that are of a kind such as `*.wav`, or of several with `;` between them.
fn list(files: &[PathBuf], kind: &str) -> Vec<PathBuf> {
    let kinds = kind.split(';').filter(|kind| kind.len() <= LONGEST_KIND).take(MOST_KINDS);
    let kinds: Vec<String> = kinds.map(|kind| kind.trim().to_lowercase()).collect();
    let is_wanted = |path: &Path| {
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else { return false };
        let name = name.to_lowercase();
        !name.starts_with('.') && kinds.iter().any(|kind| matches(kind, &name))
    };
    files.iter().filter(|path| is_wanted(path)).take(MOST_LISTED).cloned().collect()
}

/// Whether a name is as a pattern says, in which `*` stands for anything.
fn matches(pattern: &str, name: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| name.strip_prefix(first)) else { return false };
    let parts: Vec<&str> = parts.collect();
    let Some((last, between)) = parts.split_last() else { return rest.is_empty() };
    for part in between {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_as_people_write_them() {
        for (pattern, name, expected) in [
            ("*.wav", "a.wav", true),
            ("*.wav", "a.wave", false),
            ("*", "anything", true),
            ("kick*.w*v", "kick 1.wav", true),
            ("kick*", "a kick", false),
            ("a.wav", "a.wav", true),
            ("a.wav", "aa.wav", false),
            ("*a*", "b", false),
        ] {
            assert_eq!(matches(pattern, name), expected, "{pattern} {name}");
        }
    }

    #[test]
    fn files_are_read_and_listed_where_the_piece_may_and_all_others_told() {
        let (home, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        for name in ["b.wav", "a.WAV", "c.txt", ".hidden.wav"] {
            std::fs::write(home.path().join(name), "no sound").unwrap();
        }
        let home = home.path().canonicalize().unwrap();
        let folders = Folders { home: home.clone(), readable: Some(vec![home.clone()]) };
        let foreign = other.path().to_str().unwrap().to_owned();
        let wanted = WantedFiles {
            sounds: ["b.wav", "gone.wav"].map(str::to_owned).into(),
            lists: [("*.wav;*.aif".to_owned(), String::new()), ("*".to_owned(), foreign.clone())].into(),
        };
        let going = Abandoned::default();
        let found = read_all(Some(&folders), &wanted, &Default::default(), &going);
        assert_eq!((found.sounds["b.wav"].clone(), found.sounds["gone.wav"].clone()), (None, None));
        assert_eq!(found.told.len(), 2, "{:?}", found.told);
        let lists = &found.lists;
        assert_eq!(
            lists[&("*.wav;*.aif".to_owned(), String::new())],
            ["a.WAV", "b.wav"].map(|name| home.join(name))
        );
        assert!(lists[&("*".to_owned(), foreign)].is_empty(), "the piece may not read it");
        let kept = (found.sounds, found.stamps);
        let again = read_all(Some(&folders), &wanted, &kept, &going);
        assert!(again.told.is_empty(), "it is told once");
        assert!(read_all(None, &wanted, &Default::default(), &going).told[0].contains("save the piece"));
        // What the piece has written meanwhile is read anew, and so is what was missing.
        for name in ["b.wav", "gone.wav"] {
            std::fs::write(home.join(name), sound_of(3)).unwrap();
        }
        let again = read_all(Some(&folders), &wanted, &kept, &going);
        let frames = |name: &str| again.sounds[name].as_ref().map(|sound| sound.frames);
        assert_eq!((frames("b.wav"), frames("gone.wav")), (Some(3), Some(3)));
        // Nobody waits any more.
        let gone = Abandoned::default();
        gone.abandon();
        let given_up = read_all(Some(&folders), &wanted, &Default::default(), &gone);
        assert!(given_up.sounds.is_empty() && given_up.lists.values().all(Vec::is_empty));
    }

    /// A file of one channel of so many frames.
    fn sound_of(frames: u32) -> Vec<u8> {
        let format = [1, 0, 1, 0, 0x80, 0xBB, 0, 0, 0, 0x77, 1, 0, 2, 0, 16, 0];
        let data = [&b"data"[..], &(frames * 2).to_le_bytes(), &vec![0; frames as usize * 2]].concat();
        [&b"RIFF\0\0\0\0WAVEfmt "[..], &16_u32.to_le_bytes(), &format, &data].concat()
    }

    #[test]
    fn a_list_names_ordinary_files_and_is_bounded_in_every_way() {
        let home = tempfile::tempdir().unwrap();
        std::fs::write(home.path().join("a.wav"), "").unwrap();
        std::fs::create_dir(home.path().join("folder.wav")).unwrap();
        #[cfg(unix)]
        std::os::unix::fs::symlink("/dev/null", home.path().join("link.wav")).unwrap();
        let going = Abandoned::default();
        let mut listed = Listed { entries: BTreeMap::new(), room: 3, given_up: &going };
        assert_eq!(list(listed.files_of(home.path()), "*"), [home.path().join("a.wav")]);
        assert_eq!(listed.room, 0);
        assert!(listed.files_of(&home.path().join("folder.wav")).is_empty(), "there is no more room");
        let files = [PathBuf::from("a.wav")];
        let far = |before: usize| list(&files, &format!("{}*.wav", "b;".repeat(before))).len();
        assert_eq!((far(MOST_KINDS - 1), far(MOST_KINDS)), (1, 0));
        assert!(list(&files, &format!("*{}", "*".repeat(LONGEST_KIND))).is_empty(), "so long a kind is none");
        let many: Vec<_> = (0..2 * MOST_LISTED).map(|at| PathBuf::from(format!("{at}.wav"))).collect();
        assert_eq!(list(&many, "*.wav").len(), MOST_LISTED);
    }
}
