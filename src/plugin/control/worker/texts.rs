//! The texts in the piece's folder besides its own, for an editor that is open: what the piece includes is read for
//! completion, and what the user opens is read, written, and read again where another program has written it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use csound_performance::engine::piece::Piece;

use super::Worker;
use super::errands::files_of;
use crate::folder_texts::{FolderText, FolderTexts, MOST_TEXTS, is_text_name, language_of};
use crate::plugin::folder_texts::{self, Stamp, stamp};
use crate::plugin::pieces::files::write_whole;
use crate::plugin::pieces::trust::pinned::Pinned;
use crate::plugin::session::SavedPiece;
use crate::plugin::shared::errand::TextErrand;
use crate::plugin::shared::locked::Begin;

/// How often the piece and the files are looked at.
const LOOK: Duration = Duration::from_millis(500);

/// So much of what the piece includes is shown, in bytes: the window looks through all of it at once.
const MOST_INCLUDED: usize = 1 << 20;

/// What is known of the folder.
#[derive(Default)]
pub(super) struct Folder {
    looked: Option<Instant>,
    /// The piece that was looked at.
    piece: Option<SavedPiece>,
    /// The names of what is open.
    open: BTreeSet<String>,
    /// The names of what the piece includes, and whether that is all.
    included: (Vec<String>, bool),
    known: Vec<Known>,
    /// What was never read since that failed.
    failed: Vec<Failed>,
    /// The number of texts that were read.
    generation: u64,
}

/// A text that was read.
struct Known {
    text: Arc<FolderText>,
    file: PathBuf,
    /// How the file stood when it was read, or could not be read.
    stamp: Stamp,
    /// Why what the file holds by now could not be read, if it could not: the text is an older one.
    unread: Option<String>,
}

/// A text that could not be read.
struct Failed {
    name: String,
    file: PathBuf,
    /// How the file stood then.
    stamp: Stamp,
}

impl Folder {
    fn folder(&self) -> Option<&Path> {
        self.piece.as_ref()?.folder.as_deref()
    }

    /// The files that the piece has itself.
    fn own(&self) -> Vec<String> {
        let Some(piece) = &self.piece else { return Vec::new() };
        let score = piece.orc.as_ref().map(|_| Path::new(&piece.name).with_extension("sco"));
        let score = score.map(|path| path.to_string_lossy().into_owned());
        std::iter::once(piece.name.clone()).chain(score).collect()
    }

    /// Takes another piece, or another text of it. What is open belongs to the folder.
    fn take(&mut self, piece: Option<SavedPiece>) {
        let folder = |piece: &Option<SavedPiece>| piece.as_ref().and_then(|piece| piece.folder.clone());
        if folder(&piece) != folder(&self.piece) {
            self.open.clear();
            self.known.clear();
            self.failed.clear();
        }
        self.piece = piece;
        self.find_included();
    }

    fn find_included(&mut self) {
        let piece = self.piece.as_ref().and_then(SavedPiece::piece);
        self.included = match piece.as_ref().zip(self.folder()) {
            Some((piece, folder)) => folder_texts::included(&Pinned::of(piece), folder),
            None => (Vec::new(), true),
        };
    }

    /// Reads what is to be read and not known as it stands. What is open and cannot be read is told. It is closed
    /// where it never was read; else its text stays, for what was typed in it.
    fn read(&mut self) -> Vec<String> {
        let Some(folder) = self.folder().map(Path::to_owned) else { return Vec::new() };
        let wanted: BTreeSet<String> =
            self.open.iter().chain(&self.included.0).take(2 * MOST_TEXTS).cloned().collect();
        self.known.retain(|known| wanted.contains(&known.text.name));
        self.failed.retain(|failed| wanted.contains(&failed.name));
        let mut told = Vec::new();
        for name in wanted {
            if let Err(why) = self.read_one(&folder, &name)
                && self.open.contains(&name)
            {
                if !self.known.iter().any(|known| known.text.name == name) {
                    self.open.remove(&name);
                }
                told.push(format!("{name} {why}"));
            }
        }
        told
    }

    /// Why a text could not be read is told once for each way in which its file stands.
    fn read_one(&mut self, folder: &Path, name: &str) -> Result<(), String> {
        let is_open = self.open.contains(name);
        let before = self.known.iter().position(|known| known.text.name == name);
        if let Some(known) = before.map(|at| &mut self.known[at]) {
            if known.text.is_open != is_open {
                known.text = Arc::new(FolderText { is_open, ..(*known.text).clone() });
            }
            // What was read stays, where its file is gone: it may be saved again.
            if stamp(&known.file).is_none_or(|now| Some(now) == known.stamp) {
                return Ok(());
            }
        }
        let is_failed = |failed: &Failed| failed.name == name && failed.stamp == stamp(&failed.file);
        if !is_open && self.failed.iter().any(is_failed) {
            return Ok(());
        }
        let at = folder.join(name);
        let stood_there = stamp(&at);
        let stood = before.and_then(|at| stamp(&self.known[at].file));
        let read = folder_texts::file_of(folder, name)
            .and_then(|file| folder_texts::read(&file).map(|(text, stamp)| (file, text, stamp)));
        let (file, text, stamp) = match (read, before.map(|at| &mut self.known[at])) {
            (Ok(read), _) => read,
            (Err(why), None) => {
                self.failed.retain(|failed| failed.name != name);
                self.failed.push(Failed { name: name.to_owned(), file: at, stamp: stood_there });
                return Err(why);
            }
            (Err(why), Some(known)) => {
                known.stamp = stood;
                known.unread = Some(why.clone());
                return Err(why);
            }
        };
        self.failed.retain(|failed| failed.name != name);
        self.generation += 1;
        let generation = match before.map(|at| &self.known[at].text) {
            Some(known) if *known.text == *text => known.generation,
            _ => self.generation,
        };
        let language = language_of(name);
        let text = FolderText { name: name.to_owned(), language, text: text.into(), generation, is_open };
        let known = Known { text: Arc::new(text), file, stamp, unread: None };
        match before {
            Some(at) => self.known[at] = known,
            None => self.known.push(known),
        }
        Ok(())
    }

    /// Whether a file that was read stands otherwise by now.
    fn is_behind(&self) -> bool {
        let differs = |known: &Known| stamp(&known.file).is_some_and(|now| Some(now) != known.stamp);
        let may_be_read = |failed: &Failed| stamp(&failed.file) != failed.stamp;
        self.known.iter().any(differs) || self.failed.iter().any(may_be_read)
    }

    /// Whether what the file of a text holds is known, as far as it was looked.
    fn is_read(&self, name: &str) -> bool {
        self.known.iter().any(|known| known.text.name == *name && known.unread.is_none())
    }

    fn shown(&self) -> FolderTexts {
        let folder = self.folder().map(Path::to_owned);
        let (included, is_all) = &self.included;
        let names = folder.as_deref().map(|at| folder_texts::names(at, included, &self.own()));
        let mut left = MOST_INCLUDED;
        let fits = |text: &&Arc<FolderText>| {
            let fits = text.is_open || text.text.len() <= left;
            left -= if fits && !text.is_open { text.text.len() } else { 0 };
            fits
        };
        let read: Vec<_> = self.known.iter().map(|known| &known.text).filter(fits).cloned().collect();
        let is_whole = read.len() == self.known.len();
        FolderTexts {
            is_known: true,
            names: names.unwrap_or_default(),
            read,
            has_all_includes: *is_all && is_whole && included.iter().all(|name| self.is_read(name)),
            folder,
        }
    }
}

impl Worker {
    /// Looks at the piece and its folder now and then.
    pub(super) fn look_at_texts(&mut self) {
        if self.hides_source() || self.folder.looked.is_some_and(|looked| looked.elapsed() < LOOK) {
            return;
        }
        self.folder.looked = Some(Instant::now());
        let is_another = self.link.lock().session.piece != self.folder.piece;
        if is_another || self.folder.is_behind() {
            self.show_texts();
        }
    }

    /// Whether the piece is one whose text nobody is to see.
    pub(super) fn hides_source(&self) -> bool {
        self.link.export.as_ref().is_some_and(|export| !export.manifest.show_source)
    }

    /// Reads what is to be read, and shows it.
    fn show_texts(&mut self) {
        let piece = self.link.lock().session.piece.clone();
        match piece != self.folder.piece {
            true => self.folder.take(piece),
            // An included file may include others by now.
            false => self.folder.find_included(),
        }
        let told = self.folder.read();
        let shown = self.folder.shown();
        let mut locked = self.link.lock();
        if *locked.folder_texts != shown {
            locked.folder_texts = Arc::new(shown);
        }
        drop(locked);
        told.into_iter().for_each(|why| self.link.refuse(why));
        self.link.done.fetch_add(1, Ordering::Release);
    }

    /// Carries one out; why it failed, if it did.
    pub(super) fn see_to_texts(&mut self, errand: TextErrand) -> Option<String> {
        match errand {
            TextErrand::Look => self.show_texts(),
            TextErrand::Open(name) => {
                self.show_texts();
                if self.folder.folder().is_none() {
                    return Some(format!("{name} is not open: the piece has no folder. Save it first"));
                }
                if self.folder.open.len() >= MOST_TEXTS {
                    return Some(format!("{name} is not open: {MOST_TEXTS} texts are. Close some"));
                }
                if !is_text_name(&name) && !self.folder.included.0.contains(&name) {
                    return Some(format!("{name} is not open: its name is not that of a text"));
                }
                self.folder.open.insert(name);
                self.show_texts();
            }
            TextErrand::Close(name) => {
                self.folder.open.remove(&name);
                self.show_texts();
            }
            TextErrand::Save { name, text, over } => return self.save_text(&name, &text, over).err(),
        }
        None
    }

    /// Writes a text over the one that the user has seen, and performs the piece anew where it includes it.
    fn save_text(&mut self, name: &str, text: &str, over: u64) -> Result<(), String> {
        // It may be readable again without another stamp, and nobody has seen what it holds.
        let unread = self.folder.known.iter_mut().filter(|known| known.text.name == name);
        unread.filter(|known| known.unread.is_some()).for_each(|known| known.stamp = None);
        self.show_texts();
        let folder = self.folder.folder().map(Path::to_owned).unwrap_or_default();
        let known = self.folder.known.iter().find(|known| known.text.name == name && known.text.is_open);
        let Some(known) = known else {
            return Err(format!("{name} is not saved: it is not open any more"));
        };
        if known.text.generation != over {
            return Err(format!(
                "{name} is not saved: its file has changed on the disk. Save again to be asked what to do"
            ));
        }
        if let Some(why) = known.unread.as_ref().filter(|_| stamp(&known.file).is_some()) {
            return Err(format!("{name} is not saved: its file {why}. Move that file away, then save again"));
        }
        // Where it was removed meanwhile, it comes back where it was.
        let file = match stamp(&known.file) {
            Some(_) => folder_texts::file_of(&folder, name),
            None => folder_texts::place_of(&folder, &known.file),
        };
        let file = file.map_err(|why| format!("{name} is not saved: it {why}"))?;
        let piece = self.link.lock().piece().filter(|_| self.folder.included.0.iter().any(|n| n == name));
        let before = piece.as_ref().map(Pinned::of);
        write_whole(&file, text.as_bytes()).map_err(|error| format!("{name} cannot be written: {error}"))?;
        // It is read again, though a file of the same length may have the same time.
        self.folder
            .known
            .iter_mut()
            .filter(|known| known.text.name == name)
            .for_each(|known| known.stamp = None);
        self.show_texts();
        if let Some((piece, before)) = piece.zip(before) {
            self.perform_included(&piece, &before, &file, text);
        }
        Ok(())
    }

    /// Performs the piece with the text that the user has written into a file that it includes.
    fn perform_included(&self, piece: &Piece, before: &Pinned, written: &Path, text: &str) {
        self.keep(|trust| trust.edit_included(before, piece, written, text));
        let files = files_of(piece);
        let mut locked = self.link.lock();
        if !self.is_its_session() || locked.piece().as_ref() != Some(piece) {
            return;
        }
        // What the user has written is no change that is offered.
        if locked.files.is_some() {
            locked.files = files;
        }
        locked.forget_comparison();
        locked.crash = None;
        self.link.want(&mut locked, Begin::AtStart);
    }
}

#[cfg(test)]
mod tests;
