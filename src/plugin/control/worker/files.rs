//! Sounds of the panel, and the files of folders that it lists: read on a thread of their own, because that may take a
//! while. Folders are looked at again now and then.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use csound_performance::engine::{Abandoned, ConsoleLine};

use super::Worker;
use super::readable::Folders;
use crate::editor::model::Sounds;
use crate::plugin::control::aside::Aside;
use crate::plugin::pieces::sounds;
use crate::plugin::shared::panel_files::{Lists, WantedFiles};

/// Sounds and lists of a panel.
const MOST: usize = 64;

/// Files of a list, and entries of a folder that are looked at.
const MOST_LISTED: usize = 1000;
const MOST_ENTRIES: usize = 20_000;

/// How long nothing is read after something was: a piece may name other files all the time.
const REST: Duration = Duration::from_millis(500);

/// Between looks at folders that are listed.
const AGAIN: Duration = Duration::from_secs(3);

/// What is being read, or was.
#[derive(Default)]
pub(super) struct PanelReads {
    wanted: WantedFiles,
    /// What was read last: the folders in which files were looked for, and the files.
    read: Option<(Option<Folders>, WantedFiles)>,
    reading: Option<Aside<Found>>,
    begun: Option<Instant>,
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
    lists: Lists,
    told: Vec<String>,
}

impl Worker {
    /// Begins to read what is wanted, and takes what was read.
    pub(super) fn look_at_panel_files(&mut self) {
        self.take_panel_files();
        let since = self.panel_files.begun.map(|begun| begun.elapsed());
        if self.panel_files.reading.is_some() || since.is_some_and(|since| since < REST) {
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
        let is_old = since.is_none_or(|since| since >= AGAIN);
        let Some((folders, wanted)) =
            now.clone().filter(|(_, wanted)| !is_read || is_old && !wanted.lists.is_empty())
        else {
            return;
        };
        let kept = match &self.panel_files.read {
            // Another folder, or one that is permitted now, may have what was missing.
            Some((then, _)) if *then == folders => (*kept).clone(),
            _ => Sounds::new(),
        };
        self.panel_files.read = now;
        self.panel_files.begun = Some(Instant::now());
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

/// Reads the files that are not among the kept ones, and lists folders; what cannot be shown is told once.
fn read_all(folders: Option<&Folders>, wanted: &WantedFiles, kept: &Sounds, given_up: &Abandoned) -> Found {
    let mut found = Found::default();
    let unsaved = || "the piece has no folder in which it could lie: save the piece first".to_owned();
    for name in wanted.sounds.iter().take(MOST) {
        if given_up.is_abandoned() {
            return found;
        }
        if let Some(known) = kept.get(name) {
            found.sounds.insert(name.clone(), known.clone());
            continue;
        }
        let path = folders.ok_or_else(unsaved).and_then(|folders| folders.file(name));
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
    for (kind, folder) in wanted.lists.iter().take(MOST) {
        let listed = folders.and_then(|folders| folders.file(folder).ok()).map(|folder| list(&folder, kind));
        found.lists.insert((kind.clone(), folder.clone()), listed.unwrap_or_default());
    }
    found
}

/// The files of a folder that are of a kind such as `*.wav`, or of several with `;` between them, by their names.
fn list(folder: &Path, kind: &str) -> Vec<PathBuf> {
    let kinds: Vec<String> = kind.split(';').map(|kind| kind.trim().to_lowercase()).collect();
    let is_wanted = |path: &Path| {
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else { return false };
        let name = name.to_lowercase();
        !name.starts_with('.') && kinds.iter().any(|kind| matches(kind, &name))
    };
    let entries = std::fs::read_dir(folder).into_iter().flatten().take(MOST_ENTRIES);
    let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let mut found: Vec<PathBuf> = paths.filter(|path| is_wanted(path)).collect();
    found.sort();
    found.truncate(MOST_LISTED);
    found
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
        let found = read_all(Some(&folders), &wanted, &Sounds::new(), &going);
        assert_eq!((found.sounds["b.wav"].clone(), found.sounds["gone.wav"].clone()), (None, None));
        assert_eq!(found.told.len(), 2, "{:?}", found.told);
        let lists = &found.lists;
        assert_eq!(
            lists[&("*.wav;*.aif".to_owned(), String::new())],
            ["a.WAV", "b.wav"].map(|name| home.join(name))
        );
        assert!(lists[&("*".to_owned(), foreign)].is_empty(), "the piece may not read it");
        let again = read_all(Some(&folders), &wanted, &found.sounds, &going);
        assert!(again.told.is_empty(), "it is told once");
        assert!(read_all(None, &wanted, &Sounds::new(), &going).told[0].contains("save the piece"));
    }
}
