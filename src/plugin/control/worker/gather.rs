//! *Collect files* of the present piece: begun and told of here, carried out on a thread of its own.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use csound_performance::engine::piece::{Piece, Source};
use csound_performance::engine::{Abandoned, ConsoleLine};

use super::Worker;
use crate::gathering::{Gathering, Gathers, NO_FOLDER, NOT_SAVED};
use crate::plugin::control::aside::no_thread;
use crate::plugin::control::gather::Gather;
use crate::plugin::pieces::files::read_piece;
use crate::plugin::session::SavedPiece;

impl Worker {
    /// Looks what is to be collected, or collects it, where that is what was `agreed`. What is under way is given up.
    pub(super) fn gather(&mut self, agreed: Option<Arc<Gathering>>) {
        self.gathering = None;
        if !self.is_its_session() {
            self.link.lock().gathering = None;
            return;
        }
        let given_up = Abandoned::default();
        let stands = match self.begin_to_gather(agreed, &given_up) {
            Ok(()) => Gathers::UnderWay,
            Err(why) => Gathers::Failed(why),
        };
        self.link.lock().gathering = Some((stands, given_up));
        self.link.done.fetch_add(1, Ordering::Release);
    }

    fn begin_to_gather(
        &mut self,
        agreed: Option<Arc<Gathering>>,
        given_up: &Abandoned,
    ) -> Result<(), String> {
        let (piece, path) = {
            let locked = self.link.lock();
            let path = locked.session.piece.as_ref().and_then(SavedPiece::path);
            let path = path.filter(|path| path.is_file()).ok_or(NO_FOLDER)?;
            if locked.is_unsaved() || locked.session.has_draft() {
                return Err(NOT_SAVED.to_owned());
            }
            (locked.piece().ok_or(NO_FOLDER)?, path)
        };
        still_holds(&path, &piece)?;
        let begun = Gather::begin(piece, agreed, given_up.clone());
        self.gathering = Some(begun.map_err(|error| no_thread("collect", &error))?);
        Ok(())
    }

    /// Looks after what is under way: once the files are copied, the text names them.
    pub(super) fn look_at_gathering(&mut self) {
        let Some(gather) = &mut self.gathering else { return };
        let Some(stands) = gather.aside.look() else { return };
        let piece = gather.piece.clone();
        self.gathering = None;
        if self.link.lock().gathering.is_none() {
            // The user has given it up after the last file was copied: the text stays as it is.
            return self.tell_of_copies(&stands);
        }
        let stands = match stands {
            Gathers::Done(done) => match self.name_gathered(&piece, &done) {
                Ok(()) => Gathers::Done(done),
                Err(why) => {
                    Gathers::Failed(format!("The files are copied, and the text is as it was: {why}"))
                }
            },
            stands => stands,
        };
        let mut locked = self.link.lock();
        match &stands {
            Gathers::Done(done) => {
                let told = format!("collected {} files into {}", done.files.len(), done.folder.display());
                locked.log(ConsoleLine::note(told));
                done.notes.iter().for_each(|note| locked.log(ConsoleLine::error(note)));
            }
            Gathers::Failed(why) => locked.log(ConsoleLine::error(format!("not collected: {why}"))),
            Gathers::UnderWay | Gathers::Found(_) => {}
        }
        if let Some((shown, _)) = &mut locked.gathering {
            *shown = stands;
        }
        drop(locked);
        self.link.done.fetch_add(1, Ordering::Release);
    }

    /// Tells what has come into the piece's folder by what was given up too late.
    fn tell_of_copies(&self, stands: &Gathers) {
        let Gathers::Done(done) = stands else { return };
        let what = match &done.files[..] {
            [] => return,
            [one] => format!("{} stays", one.to),
            many => format!("{} files stay", many.len()),
        };
        self.link.log(vec![ConsoleLine::note(format!(
            "collecting was given up once all was copied: the piece's text is as it was, and {what} in {}",
            done.folder.display()
        ))]);
    }

    /// Has the piece's text name the files where they are now, in its file as well.
    fn name_gathered(&mut self, piece: &Piece, done: &Gathering) -> Result<(), String> {
        let before: Vec<&String> = match &piece.source {
            Source::Csd(text) => vec![text],
            Source::OrcSco { orc, sco } => vec![orc, sco],
        };
        if done.texts.iter().eq(before) {
            return Ok(());
        }
        let path = {
            let locked = self.link.lock();
            let is_present = locked.piece().as_ref() == Some(piece);
            self.session = self.link.requests.generation();
            locked
                .session
                .piece
                .as_ref()
                .and_then(SavedPiece::path)
                .filter(|_| is_present && !locked.is_unsaved() && !locked.session.has_draft())
        };
        let path = path.ok_or("another text has come meanwhile. Save it, and collect once more")?;
        still_holds(&path, piece)?;
        self.save(piece, &path, &done.texts, false)
    }
}

/// Refuses to replace what another program has written into the piece's file.
fn still_holds(path: &Path, piece: &Piece) -> Result<(), String> {
    let on_disk = read_piece(path).map_err(|error| error.to_string())?;
    match SavedPiece::from(&on_disk).has_text_of(&SavedPiece::from(piece)) {
        true => Ok(()),
        false => Err(format!(
            "another program has changed {} since it was read here. Reload the piece, and collect once more",
            path.display()
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_another_program_has_written_is_found_in_both_files_of_a_piece() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        for (path, other) in
            [(at("a.csd"), at("a.csd")), (at("b.orc"), at("b.orc")), (at("b.orc"), at("b.sco"))]
        {
            std::fs::write(&path, "; one\n").unwrap();
            let piece = read_piece(&path).unwrap();
            still_holds(&path, &piece).unwrap();
            std::fs::write(&other, "; another\n").unwrap();
            let why = still_holds(&path, &piece).unwrap_err();
            assert!(why.contains("another program has changed") && why.contains("Reload"), "{why}");
        }
        let gone = Piece { name: "c.csd".into(), source: Source::Csd(String::new()), folder: None };
        assert!(still_holds(&at("c.csd"), &gone).is_err());
    }
}
