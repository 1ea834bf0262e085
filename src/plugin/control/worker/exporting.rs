//! The present piece as a plugin of its own: begun, looked after and told of here, carried out on a thread of its own.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use csound_performance::engine::{Abandoned, ConsoleLine};

use super::Worker;
use crate::exporting::{ExportWish, Exporting, NO_FILE, Stands, UNSAVED};
use crate::plugin::control::aside::no_thread;
use crate::plugin::control::exporting;
use crate::plugin::session::SavedPiece;

impl Worker {
    /// Begins to export the present piece. One that is under way is given up.
    pub(super) fn export(&mut self, wish: ExportWish) {
        if !self.is_its_session() {
            return;
        }
        self.exporting = None;
        let given_up = Abandoned::default();
        let stands = match self.begin_to_export(&wish, &given_up) {
            Ok(()) => Stands::UnderWay,
            Err(why) => Stands::Failed(why),
        };
        let mut locked = self.link.lock();
        if let Stands::Failed(why) = &stands {
            locked.log(ConsoleLine::error(why));
        }
        locked.exporting = Some((Exporting { wish: Arc::new(wish), stands }, given_up));
        drop(locked);
        self.link.done.fetch_add(1, Ordering::Release);
    }

    fn begin_to_export(&mut self, wish: &ExportWish, given_up: &Abandoned) -> Result<(), String> {
        let (path, is_unsaved) = {
            let locked = self.link.lock();
            let path = locked.session.piece.as_ref().and_then(SavedPiece::path);
            (path, locked.is_unsaved() || locked.session.has_draft())
        };
        let path = path.filter(|path| path.is_file()).ok_or(NO_FILE)?;
        if is_unsaved {
            return Err(UNSAVED.to_owned());
        }
        let begun = exporting::begin(path, wish.clone(), given_up.clone());
        self.exporting = Some(begun.map_err(|error| no_thread("export", &error))?);
        Ok(())
    }

    /// Looks after the export that is under way, and tells what came of it.
    pub(super) fn look_at_export(&mut self) {
        let Some(export) = &mut self.exporting else { return };
        let Some(stands) = export.look() else { return };
        let is_given_up = export.is_given_up();
        self.exporting = None;
        let mut locked = self.link.lock();
        match &stands {
            Stands::Exported(made) => {
                let places = format!("{} and {}", made.clap.display(), made.vst3.display());
                locked.log(ConsoleLine::note(format!("exported {}: {places}", made.name)));
                made.notes.iter().for_each(|note| locked.log(ConsoleLine::error(note)));
            }
            Stands::Failed(why) if !is_given_up => {
                locked.log(ConsoleLine::error(format!("not exported: {why}")))
            }
            Stands::Failed(_) | Stands::Found(_) | Stands::UnderWay => {}
        }
        // Where the user waits no more, the console says it.
        if let Some((exporting, _)) = &mut locked.exporting {
            exporting.stands = stands;
        }
        drop(locked);
        self.link.done.fetch_add(1, Ordering::Release);
    }
}
