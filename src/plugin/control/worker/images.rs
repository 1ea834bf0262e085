//! The pictures of the panel: read on a thread of their own, because a large one takes a while.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use csound_performance::engine::ConsoleLine;

use super::Worker;
use crate::editor::model::{Image, Images};
use crate::plugin::pieces::images;
use crate::plugin::pieces::trust::Granted;
use crate::plugin::shared::locked::IsolationState;
use crate::plugin::shared::panel_images::Wanted;

/// Bytes of all pictures of a panel.
const MOST_BYTES: usize = 128 << 20;

/// Files of a panel's pictures.
const MOST_FILES: usize = 256;

/// How long nothing is read after something was: a piece may name other files all the time.
const REST: Duration = Duration::from_millis(500);

/// Pictures that are being read, or were.
#[derive(Default)]
pub(super) struct Pictures {
    /// The files that are wanted.
    wanted: Wanted,
    /// What was read last: the folders in which files were looked for, and the files.
    read: Option<(Option<Folders>, Wanted)>,
    reading: Option<JoinHandle<(Images, Vec<String>)>>,
    /// When that began last.
    begun: Option<Instant>,
    /// Ends it before the next file.
    given_up: Arc<AtomicBool>,
}

impl Pictures {
    /// Reads the files anew with the next look.
    pub(super) fn read_again(&mut self) {
        self.read = None;
    }
}

impl Drop for Pictures {
    fn drop(&mut self) {
        // The plugin's code may be unloaded once the instance is gone. One file takes a second or two at most.
        self.given_up.store(true, Ordering::Relaxed);
        if let Some(thread) = self.reading.take() {
            let _ = thread.join();
        }
    }
}

/// Where the files lie, and which of them may be read.
#[derive(Clone, Debug, PartialEq)]
struct Folders {
    home: PathBuf,
    /// Folders that the piece may read; none: it is trusted.
    readable: Option<Vec<PathBuf>>,
}

impl Folders {
    fn of(isolation: &IsolationState) -> Option<Self> {
        let Granted { permissions, .. } = &isolation.granted;
        let readable = (!permissions.trusted).then(|| isolation.granted.readable());
        Some(Self { home: isolation.folder.clone()?, readable })
    }

    /// The file of a name, if the piece may read it.
    fn file(&self, name: &str) -> Result<PathBuf, String> {
        let path = self.home.join(name);
        let whole = path.canonicalize().map_err(|error| error.to_string())?;
        match &self.readable {
            Some(folders) if !folders.iter().any(|folder| is_within(&whole, folder)) => {
                Err("the piece may not read it: permit its folder in the shield".to_owned())
            }
            _ => Ok(whole),
        }
    }
}

fn is_within(file: &Path, folder: &Path) -> bool {
    folder.canonicalize().is_ok_and(|folder| file.starts_with(folder))
}

impl Worker {
    /// Begins to read what is wanted, and takes what was read.
    pub(super) fn look_at_images(&mut self) {
        self.take_images();
        let rests = self.pictures.begun.is_some_and(|begun| begun.elapsed() < REST);
        if self.pictures.reading.is_some() || rests {
            return;
        }
        let (folders, found) = {
            let mut locked = self.link.lock();
            if let Some(wanted) = locked.images.wanted.take() {
                self.pictures.wanted = wanted;
            }
            (Folders::of(&locked.isolation), Arc::clone(&locked.images.found))
        };
        let wanted = &self.pictures.wanted;
        let is_read = match &self.pictures.read {
            // Another folder, or one that is permitted now, may have what was missing.
            Some((then, read)) => *then == folders && read == wanted,
            None => wanted.is_empty(),
        };
        if is_read {
            return;
        }
        // What is there already is not read again, unless its folder or its pixels are others.
        let mut kept = Images::new();
        if let Some((then, read)) = &self.pictures.read
            && *then == folders
        {
            let stays = |name: &String| read.get(name).is_some_and(|size| wanted.get(name) == Some(size));
            let pictures = found.iter().filter(|(name, image)| image.is_some() && stays(name));
            kept.extend(pictures.map(|(name, image)| (name.clone(), image.clone())));
        }
        let asked = (folders, wanted.clone());
        self.pictures.read = Some(asked.clone());
        self.pictures.begun = Some(Instant::now());
        let given_up = Arc::clone(&self.pictures.given_up);
        let begun = std::thread::Builder::new().name("csound panel".into());
        match begun.spawn(move || read_all(asked.0.as_ref(), &asked.1, kept, &given_up)) {
            Ok(thread) => self.pictures.reading = Some(thread),
            Err(error) => self.link.log(vec![ConsoleLine::warning(format!(
                "the panel's pictures are not shown, because no thread could be started: {error}"
            ))]),
        }
    }

    fn take_images(&mut self) {
        let Some(thread) = self.pictures.reading.take_if(|thread| thread.is_finished()) else { return };
        let (found, told) = thread.join().unwrap_or_else(|_| {
            let told = "Csound Performer failed at a picture of the panel; this is our fault";
            (Images::new(), vec![told.to_owned()])
        });
        let mut locked = self.link.lock();
        told.into_iter().for_each(|line| locked.log(ConsoleLine::warning(line)));
        locked.images.found = Arc::new(found);
        drop(locked);
        self.link.done.fetch_add(1, Ordering::Release);
    }
}

/// Reads the files that are not among the kept ones; what cannot be shown is told.
fn read_all(
    folders: Option<&Folders>,
    wanted: &Wanted,
    kept: Images,
    given_up: &AtomicBool,
) -> (Images, Vec<String>) {
    let (mut images, mut told) = (kept, Vec::new());
    let mut bytes: usize = images.values().flatten().map(|image| image.rgba.len()).sum();
    // The same file by another name is the same picture.
    let mut by_file: HashMap<(PathBuf, [u32; 2]), Arc<Image>> = HashMap::new();
    for (name, size) in wanted {
        if given_up.load(Ordering::Relaxed) {
            break;
        }
        if images.contains_key(name) {
            continue;
        }
        let read = match images.len() < MOST_FILES {
            true => read_one(folders, name, *size, MOST_BYTES - bytes, &mut by_file, &mut bytes),
            false => Err(format!("a panel has {MOST_FILES} pictures at most")),
        };
        let is_told = told.len() < MOST_FILES;
        let image = read.map_err(|why| {
            if is_told {
                told.push(format!("{name} is not shown on the panel: {why}"));
            }
        });
        images.insert(name.clone(), image.ok());
    }
    (images, told)
}

fn read_one(
    folders: Option<&Folders>,
    name: &str,
    size: [u32; 2],
    room: usize,
    by_file: &mut HashMap<(PathBuf, [u32; 2]), Arc<Image>>,
    bytes: &mut usize,
) -> Result<Arc<Image>, String> {
    let folders = folders.ok_or("the piece has no folder in which it could lie: save the piece first")?;
    let file = folders.file(name)?;
    let key = (file, size);
    if let Some(image) = by_file.get(&key) {
        return Ok(Arc::clone(image));
    }
    // A defect in a reader of files costs its picture.
    let read = std::panic::catch_unwind(|| images::read(&key.0, size, room));
    let image = read.unwrap_or_else(|_| Err("reading it failed; this is our fault".to_owned()))?;
    *bytes += image.rgba.len();
    let image = Arc::new(image);
    by_file.insert(key, Arc::clone(&image));
    Ok(image)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_read_where_the_piece_may_read_and_all_others_told() {
        let (home, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let svg = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"4\" height=\"2\"><rect width=\"4\" height=\"2\"/></svg>";
        let (own, foreign) = (home.path().join("own.svg"), other.path().join("foreign.svg"));
        std::fs::write(own, svg).unwrap();
        std::fs::write(&foreign, svg).unwrap();
        let foreign = foreign.to_str().unwrap().to_owned();
        let wanted: Wanted =
            ["own.svg".to_owned(), foreign.clone(), "gone.png".to_owned()].map(|name| (name, [4, 2])).into();
        let readable = Some(vec![home.path().to_owned()]);
        let folders = Folders { home: home.path().to_owned(), readable };
        let going = AtomicBool::new(false);
        let all =
            |folders: Option<&Folders>, wanted: &Wanted| read_all(folders, wanted, Images::new(), &going);
        let (images, told) = all(Some(&folders), &wanted);
        assert_eq!(images["own.svg"].as_ref().unwrap().size, [4, 2]);
        assert_eq!((images[&foreign].as_ref(), images["gone.png"].as_ref()), (None, None));
        assert!(told.iter().any(|line| line.starts_with(&foreign) && line.contains("shield")), "{told:?}");
        assert!(told.iter().any(|line| line.starts_with("gone.png")), "{told:?}");
        let trusted = Folders { readable: None, ..folders };
        assert!(all(Some(&trusted), &wanted).0[&foreign].is_some());
        assert!(all(None, &wanted).1.iter().all(|line| line.contains("save the piece")));
        let (mut by_file, mut bytes) = (HashMap::new(), 0);
        let mut one = |name, room| read_one(Some(&trusted), name, [4, 2], room, &mut by_file, &mut bytes);
        assert!(one("own.svg", 10).unwrap_err().contains("room"));
        let first = one("own.svg", 1000).unwrap();
        assert!(
            Arc::ptr_eq(&first, &one("./own.svg", 0).unwrap()),
            "the same file, and no room for it twice"
        );
        assert_eq!(bytes, 32);
        let many: Wanted = (0..300).map(|number| (format!("{number}.png"), [4, 2])).collect();
        let (images, told) = all(Some(&trusted), &many);
        assert_eq!((images.len(), told.len()), (300, 256));
        going.store(true, Ordering::Relaxed);
        assert!(read_all(Some(&trusted), &many, Images::new(), &going).0.is_empty());
    }
}
