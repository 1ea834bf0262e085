//! The texts of the piece's folder that are open beside the piece's own, and those that it includes.

use std::cell::OnceCell;
use std::collections::BTreeSet;
use std::sync::Arc;

use csound_language::Language;
use csound_language::piece::Document;

use super::Source;
use super::buffer::Buffer;
use crate::editor::model::{Action, FolderText, FolderTexts, LeftDraft, OpenText};
use crate::editor::scene::Place;
use crate::folder_texts::MOST_TEXTS;

/// All that is taken of the open texts of a session, in bytes.
const MOST_BYTES: usize = 32 << 20;

/// An open text of the folder.
pub(super) struct Beside {
    pub name: String,
    pub language: Language,
    /// The generation of the text that the one here was made of; 0 where that is not known.
    pub of: u64,
    /// The newest generation that was seen.
    pub seen: u64,
    /// The text that was sent to be saved.
    pub sent: Option<String>,
    /// The fingerprint of what the file was found to hold, once it is asked for.
    print: OnceCell<String>,
}

/// A text that the piece includes.
pub(super) struct Included {
    pub text: Arc<FolderText>,
    pub document: Document,
}

impl Source {
    /// The open texts of the folder, with what was typed in them.
    pub fn open_texts(&self) -> Vec<OpenText> {
        let own = self.own();
        let open = self.beside.iter().enumerate().map(|(number, beside)| {
            let (text, original) = (&self.texts[own + number], &self.originals[own + number]);
            let is_typed = text != original;
            // A text of which is not known what it was made of stays one.
            let print = || beside.print.get_or_init(|| fingerprint(original)).clone();
            let of = if is_typed && beside.of == beside.seen { print() } else { String::new() };
            OpenText { name: beside.name.clone(), draft: is_typed.then(|| text.clone()), of }
        });
        open.chain(self.restored.iter().cloned()).collect()
    }

    /// The names of the texts of the folder that were changed and are not saved, be their files there or not.
    pub fn unsaved_beside(&self) -> Vec<&str> {
        let own = self.own();
        let texts = self.texts[own..].iter().zip(&self.originals[own..]).zip(&self.beside);
        let open = texts.filter(|((text, original), _)| text != original).map(|(_, beside)| &*beside.name);
        let restored = self.restored.iter().filter(|restored| restored.draft.is_some());
        open.chain(restored.map(|restored| &*restored.name)).collect()
    }

    /// Notes that a text of the folder is being saved, and has that done. One that could not be opened cannot be
    /// saved either: the user is told so.
    pub fn send_beside(&mut self, name: &str) -> Option<Action> {
        let Some(number) = self.beside.iter().position(|beside| beside.name == name) else {
            let restored = self.restored.iter().find(|restored| restored.name == name)?;
            let text = restored.draft.clone()?;
            return Some(Action::SaveText { name: name.to_owned(), text, over: 0 });
        };
        let text = self.texts[self.own() + number].clone();
        let beside = &mut self.beside[number];
        beside.sent = Some(text.clone());
        Some(Action::SaveText { name: beside.name.clone(), text, over: beside.of })
    }

    /// Takes what was typed when a program broke off, in the place of what is here. It can be taken back.
    pub fn take_draft(&mut self, draft: &LeftDraft) {
        let own = self.own();
        if draft.texts.len() == own {
            self.texts.splice(..own, draft.texts.iter().cloned());
            let texts = self.buffers.iter_mut().zip(&self.texts).take(own);
            texts.for_each(|(buffer, text)| buffer.see(text, 0..0));
        }
        for (name, typed) in &draft.beside {
            match self.beside.iter().position(|beside| beside.name == *name) {
                Some(number) => {
                    let at = own + number;
                    self.texts[at].clone_from(typed);
                    self.buffers[at].see(typed, 0..0);
                    // Nobody knows which text of the file it was made of.
                    self.beside[number].of = 0;
                }
                None => {
                    self.wishes.push(Action::OpenText(name.clone()));
                    let draft = Some(typed.clone());
                    self.restored.retain(|restored| restored.name != *name);
                    self.restored.push(OpenText { name: name.clone(), draft, of: String::new() });
                }
            }
        }
    }

    /// Takes what the file of a text of the folder holds, in the place of what was typed.
    pub fn take_file(&mut self, name: &str) {
        let Some(number) = self.beside.iter().position(|beside| beside.name == name) else { return };
        let at = self.own() + number;
        self.texts[at].clone_from(&self.originals[at]);
        self.buffers[at].see(&self.texts[at], 0..0);
        self.beside[number].of = self.beside[number].seen;
    }

    /// Takes what was read in the folder.
    pub(super) fn follow_folder(&mut self, folder: &FolderTexts) {
        for text in folder.open() {
            match self.beside.iter().position(|beside| beside.name == text.name) {
                Some(number) => self.follow_text(number, text),
                None => self.take_in(text),
            }
        }
        for number in (0..self.beside.len()).rev() {
            let is_open = folder.text(&self.beside[number].name).is_some_and(|text| text.is_open);
            if !is_open {
                self.take_out(number);
            }
        }
        let is_read = |included: &Included| folder.read.iter().any(|text| Arc::ptr_eq(text, &included.text));
        self.included.retain(is_read);
        for text in folder.read.iter().filter(|text| !text.is_open) {
            if !self.included.iter().any(|included| Arc::ptr_eq(text, &included.text)) {
                let document = Document::of(&text.text, text.language);
                self.included.push(Included { text: Arc::clone(text), document });
            }
        }
    }

    /// Opens a text of the folder, with what a session has of it.
    fn take_in(&mut self, text: &FolderText) {
        let restored = self.restored.iter().position(|restored| restored.name == text.name);
        let restored = restored.map(|at| self.restored.remove(at)).unwrap_or_default();
        let is_of_it = restored.draft.is_none() || restored.of == fingerprint(&text.text);
        let typed = restored.draft.unwrap_or_else(|| text.text.to_string());
        self.buffers.push(Buffer::of(&typed));
        self.texts.push(typed);
        self.originals.push(text.text.to_string());
        self.beside.push(Beside {
            name: text.name.clone(),
            language: text.language,
            of: if is_of_it { text.generation } else { 0 },
            seen: text.generation,
            sent: None,
            print: OnceCell::new(),
        });
    }

    /// What the file of an open text holds now. What was typed and not saved stays.
    fn follow_text(&mut self, number: usize, read: &FolderText) {
        let at = self.own() + number;
        let beside = &mut self.beside[number];
        if beside.seen == read.generation {
            return;
        }
        beside.seen = read.generation;
        beside.print = OnceCell::new();
        let is_typed = self.texts[at] != self.originals[at];
        let is_sent = beside.sent.take().is_some_and(|sent| *sent == *read.text);
        self.originals[at] = read.text.to_string();
        if is_sent || *self.texts[at] == *read.text {
            beside.of = read.generation;
        } else if !is_typed {
            beside.of = read.generation;
            self.texts[at] = read.text.to_string();
            self.buffers[at].see(&self.texts[at], 0..0);
        }
    }

    /// Forgets an open text of the folder.
    pub(super) fn take_out(&mut self, number: usize) {
        let at = self.own() + number;
        self.beside.remove(number);
        self.texts.remove(at);
        self.originals.remove(at);
        self.buffers.remove(at);
        self.completing.close();
        self.evaluating.forget();
        if self.file >= at {
            self.file = self.file.saturating_sub(1);
        }
    }

    /// Brings a line, from 0, of a text of the folder into sight, which is opened if it is not.
    pub(super) fn open_text(&mut self, name: &str, line: usize) {
        if !self.beside.iter().any(|beside| beside.name == name) {
            self.wishes.push(Action::OpenText(name.to_owned()));
        }
        self.awaited = Some((name.to_owned(), line));
    }

    /// The place of the text that is awaited, once it is there.
    pub(super) fn arrived(&mut self) -> Option<Place> {
        let (name, _) = self.awaited.as_ref()?;
        let number = self.beside.iter().position(|beside| beside.name == *name)?;
        let (_, line) = self.awaited.take()?;
        Some(Place { file: self.own() + number, line })
    }
}

/// The open texts of a session as far as they are taken: so many, each name once, and so much of them.
pub(super) fn bounded(open: Vec<OpenText>) -> Vec<OpenText> {
    let mut names = BTreeSet::new();
    let mut left = MOST_BYTES;
    let fits = |text: &OpenText| {
        let bytes = text.name.len() + text.of.len() + text.draft.as_ref().map_or(0, String::len);
        let fits = bytes <= left && names.insert(text.name.clone());
        left -= if fits { bytes } else { 0 };
        fits
    };
    open.into_iter().filter(fits).take(MOST_TEXTS).collect()
}

/// A name that no other text has.
fn fingerprint(text: &str) -> String {
    use sha2::Digest as _;
    sha2::Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_session_has_open_is_bounded_in_number_and_size() {
        let text = |name: usize, draft: usize| OpenText {
            name: name.to_string(),
            draft: Some("x".repeat(draft)),
            of: String::new(),
        };
        assert_eq!(bounded((0..1000).map(|name| text(name, 1)).collect()).len(), MOST_TEXTS);
        assert_eq!(bounded(vec![text(1, 1), text(1, 2)]), [text(1, 1)]);
        let names = |open: Vec<OpenText>| open.into_iter().map(|text| text.name).collect::<Vec<_>>();
        let long = vec![text(1, 1), text(2, MOST_BYTES), text(3, MOST_BYTES / 2), text(4, 1)];
        assert_eq!(names(bounded(long)), ["1", "3", "4"]);
    }
}
