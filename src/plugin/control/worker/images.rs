//! The pictures of the panel: read on a thread of their own, because a large one takes a while.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use csound_performance::engine::{Abandoned, ConsoleLine};

use super::Worker;
use super::readable::Folders;
use crate::editor::model::{Image, Images};
use crate::plugin::control::aside::Aside;
use crate::plugin::pieces::images;
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
    /// What comes of those that are being read: given up, it ends before the next file, a second or two later at most.
    reading: Option<Aside<(Images, Vec<String>)>>,
    /// When that began last.
    begun: Option<Instant>,
}

impl Pictures {
    /// Reads the files anew with the next look.
    pub(super) fn read_again(&mut self) {
        self.read = None;
    }
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
            if self.pictures.wanted.is_empty() && locked.images.found.is_empty() {
                // Most pieces have none.
                return;
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
        let work = move |given_up: &Abandoned| read_all(asked.0.as_ref(), &asked.1, kept, given_up);
        let failed = || {
            let told = "Csound Performer failed at a picture of the panel; this is our fault";
            (Images::new(), vec![told.to_owned()])
        };
        match Aside::begin("csound panel", Abandoned::default(), work, failed) {
            Ok(reading) => self.pictures.reading = Some(reading),
            Err(error) => self.link.log(vec![ConsoleLine::warning(format!(
                "the panel's pictures are not shown, because no thread could be started: {error}"
            ))]),
        }
    }

    fn take_images(&mut self) {
        let Some((found, told)) = self.pictures.reading.as_mut().and_then(Aside::look) else { return };
        self.pictures.reading = None;
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
    given_up: &Abandoned,
) -> (Images, Vec<String>) {
    let mut reading = Reading::after(folders, &kept);
    let (mut images, mut told) = (kept, Vec::new());
    for (name, size) in wanted {
        if given_up.is_abandoned() {
            break;
        }
        if images.contains_key(name) {
            continue;
        }
        let read = match images.len() < MOST_FILES {
            true => reading.read(name, *size),
            false => Err(format!("a panel has {MOST_FILES} pictures at most")),
        };
        let image = match read {
            Ok(image) => Some(image),
            Err(why) => {
                if told.len() < MOST_FILES {
                    told.push(format!("{name} is not shown on the panel: {why}"));
                }
                None
            }
        };
        images.insert(name.clone(), image);
    }
    (images, told)
}

/// Reads pictures, one after the other.
struct Reading<'a> {
    folders: Option<&'a Folders>,
    /// Bytes that there is room for.
    room: usize,
    /// What was read: the same file by another name is the same picture.
    by_file: HashMap<(PathBuf, [u32; 2]), Arc<Image>>,
}

impl<'a> Reading<'a> {
    /// Beside those that are kept.
    fn after(folders: Option<&'a Folders>, kept: &Images) -> Self {
        let bytes: usize = kept.values().flatten().map(|image| image.rgba.len()).sum();
        Self { folders, room: MOST_BYTES.saturating_sub(bytes), by_file: HashMap::new() }
    }

    fn read(&mut self, name: &str, size: [u32; 2]) -> Result<Arc<Image>, String> {
        let folders =
            self.folders.ok_or("the piece has no folder in which it could lie: save the piece first")?;
        let key = (folders.file(name)?, size);
        if let Some(image) = self.by_file.get(&key) {
            return Ok(Arc::clone(image));
        }
        // A defect in a reader of files costs its picture.
        let read = std::panic::catch_unwind(|| images::read(&key.0, size, self.room));
        let image = read.unwrap_or_else(|_| Err("reading it failed; this is our fault".to_owned()))?;
        self.room -= image.rgba.len();
        let image = Arc::new(image);
        self.by_file.insert(key, Arc::clone(&image));
        Ok(image)
    }
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
        let going = Abandoned::default();
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
        let mut reading = Reading { room: 10, ..Reading::after(Some(&trusted), &Images::new()) };
        assert!(reading.read("own.svg", [4, 2]).unwrap_err().contains("room"));
        reading.room = 32;
        let first = reading.read("own.svg", [4, 2]).unwrap();
        assert_eq!(reading.room, 0);
        let again = reading.read("./own.svg", [4, 2]).unwrap();
        assert!(Arc::ptr_eq(&first, &again), "the same file, and no room for it twice");
        let many: Wanted = (0..300).map(|number| (format!("{number}.png"), [4, 2])).collect();
        let (images, told) = all(Some(&trusted), &many);
        assert_eq!((images.len(), told.len()), (300, 256));
        going.abandon();
        assert!(read_all(Some(&trusted), &many, Images::new(), &going).0.is_empty());
    }
}
