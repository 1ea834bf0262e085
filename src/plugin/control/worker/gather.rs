//! *Collect files* of the present piece: begun and told of here, carried out on a thread of its own.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use csound_performance::engine::piece::{Piece, Source};
use csound_performance::engine::{Abandoned, ConsoleLine};

use super::Worker;
use crate::gathering::{Gathering, Gathers, NO_FOLDER, NOT_SAVED};
use crate::plugin::control::gather::Gather;
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
        let piece = {
            let locked = self.link.lock();
            let path = locked.session.piece.as_ref().and_then(SavedPiece::path);
            path.filter(|path| path.is_file()).ok_or(NO_FOLDER)?;
            if locked.is_unsaved() || locked.session.has_draft() {
                return Err(NOT_SAVED.to_owned());
            }
            locked.piece().ok_or(NO_FOLDER)?
        };
        self.gathering = Some(Gather::begin(piece, agreed, given_up.clone()).map_err(|error| {
            format!("no thread could be started to collect in: {error}. Close what runs many threads")
        })?);
        Ok(())
    }

    /// Looks after what is under way: once the files are copied, the text names them.
    pub(super) fn look_at_gathering(&mut self) {
        let Some(gather) = &mut self.gathering else { return };
        let Some(stands) = gather.look() else { return };
        let piece = gather.piece.clone();
        self.gathering = None;
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
                .filter(|_| is_present && !locked.is_unsaved())
        };
        let path = path.ok_or("another text has come meanwhile. Collect once more")?;
        self.save(piece, &path, &done.texts, false)
    }
}
