//! What a host saves of an instance besides its parameters, and how it is loaded. No file is read here: the
//! host's main thread does it.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;

use csound_performance::engine::ConsoleLine;

use super::errand::Errand;
use super::fault::Kind;
use super::link::Link;
use super::locked::{Begin, PieceState};
use crate::layouts::Asked;
use crate::plugin::channels::wiring::text_of;
use crate::plugin::export_session::{is_of_another, keeps_piece, misfits};
use crate::plugin::session::{self, SavedExport, SavedPiece, Session};

impl Link {
    /// The state's fields, to save.
    pub fn save(&self) -> BTreeMap<String, String> {
        let locked = self.lock();
        let mut session = locked.session.clone();
        session.channels = self.bank.save();
        session.events = self.slots.texts();
        session.triggers = self.learning.save();
        let learned = self.learned.all(&self.bank.names());
        session.controllers = learned.into_iter().map(|(_, saved)| saved).collect();
        session.program_channel = self.programs.channel();
        session.mpe = self.mpe.load(Ordering::Relaxed);
        session.export = self
            .export
            .as_ref()
            .map(|export| SavedExport { id: export.manifest.id.clone(), is_edited: locked.is_unsaved() });
        session.score_start = locked.exact_start(self.requests.offset());
        session.error = match (&locked.refused, &locked.state) {
            (Some(refused), _) => Some(refused.clone()),
            (None, PieceState::Failed(failure)) => Some(failure.reason.clone()),
            (None, _) => locked.crash.clone(),
        };
        session.faults = locked.faults.iter().map(|fault| fault.text.clone()).collect();
        let refused = locked.faults.iter().filter(|fault| fault.kind == Kind::Refused);
        session.refusals = refused.map(|fault| fault.text.clone()).collect();
        let text = |piece: &Option<SavedPiece>| piece.as_ref().and_then(SavedPiece::piece);
        // One text that performed by another Csound is another performance.
        if session.csound_of_last_good == locked.named() {
            session.csound_of_last_good = None;
        }
        if text(&session.last_good) == text(&session.piece) && session.csound_of_last_good.is_none() {
            session.last_good = None;
        }
        if session.last_good.is_none() {
            session.csound_of_last_good = None;
        }
        session.values_of_last_good = locked.values_of.is_some() && session.last_good.is_some();
        let mut fields = BTreeMap::from([(session::FIELD.to_owned(), session.write())]);
        if let Some(kept) = &locked.kept_parameters {
            fields.insert(session::KEPT_FIELD.to_owned(), kept.clone());
        }
        fields
    }

    /// Takes the fields of a loaded state. Its piece begins at its start, with its channels.
    pub fn load(&self, fields: &BTreeMap<String, String>) {
        let mut locked = self.lock();
        let mut text = None;
        let read = match fields.get(session::ERROR_FIELD) {
            Some(refused) => Err(refused.clone()),
            None => fields
                .get(session::FIELD)
                .map_or(Err(String::new()), |text| Session::read(text).map_err(|error| error.to_string())),
        };
        match read {
            Ok(mut session) => {
                let is_own = self.export.as_ref().is_some_and(|export| !keeps_piece(&session, export));
                for told in self.export.iter().flat_map(|export| misfits(&session, export)) {
                    locked.log(ConsoleLine::note(&told));
                    // The editor of an export need not have a console.
                    locked.refusals.push(told);
                }
                let other = self.export.as_ref().is_some_and(|export| is_of_another(&session, export));
                locked.replaced = session.piece.clone().filter(|_| is_own && other);
                if is_own {
                    (session.piece, session.last_good, session.values_of_last_good) = (None, None, false);
                    locked.session.last_good = None;
                }
                let mistuned = session.tuning.as_ref().and_then(|tuning| tuning.tuning().err());
                if let Some(why) = mistuned {
                    let told = format!(
                        "the session's tuning cannot be used, so there are twelve equal steps: {why}"
                    );
                    locked.log(ConsoleLine::error(&told));
                    locked.refusals.push(told);
                }
                locked.values_of = session.last_good.clone().filter(|_| session.values_of_last_good);
                // What plays now is what is left if the loaded piece fails.
                let has_last_good = session.last_good.is_some();
                if !has_last_good {
                    session.last_good = locked.session.last_good.take();
                    session.csound_of_last_good = locked.session.csound_of_last_good.take();
                }
                self.bank.restore(&session.channels);
                self.learning.restore(&session.triggers);
                self.learned.restore(&session.controllers, &self.bank.names());
                self.programs.set_channel(session.program_channel);
                self.mpe.store(session.mpe, Ordering::Relaxed);
                locked.presets.waits = None;
                locked.presets.forget();
                self.requests.begin_afresh();
                for wrong in self.slots.restore(&session.events) {
                    locked.log(ConsoleLine::error(wrong));
                }
                let names_no_csound_of_last_good = session.csound_of_last_good.is_none();
                locked.goes_on = !session.widgets.is_empty();
                locked.moves.clear();
                locked.session = session;
                locked.is_loaded = true;
                locked.forget_comparison();
                if names_no_csound_of_last_good && has_last_good {
                    locked.session.csound_of_last_good = locked.named();
                }
                locked.files = None;
                // What a session says goes before what its piece wishes.
                locked.wishes = None;
                // It was opened elsewhere, at another time.
                locked.may_try_other = false;
                locked.unedited = None;
                // Folders may have moved: that takes a look at the disk.
                let first = if is_own { Errand::Begin } else { Errand::FindFolders };
                locked.errands.push_back((self.requests.generation(), first));
                locked.refused = None;
                locked.crash = None;
                locked.kept_parameters = fields.get(session::KEPT_FIELD).cloned();
                // What the session's parameters say is how its engine starts, not another change.
                locked.options = locked.options.map(|_| self.requests.options());
                if is_own {
                    // The piece is yet to be read; what plays plays until it is.
                    self.pending.store(locked.host.is_some(), Ordering::Release);
                    self.changed.notify_all();
                } else {
                    self.want(&mut locked, Begin::AtStart);
                }
                let piece = locked.piece();
                let asked = piece.as_ref().and_then(Asked::by_text);
                text = Some((piece.map(|piece| text_of(&piece).to_owned()).unwrap_or_default(), asked));
            }
            Err(refused) => {
                locked.log(ConsoleLine::error(&refused));
                locked.refused = Some(refused);
            }
        }
        drop(locked);
        // A host that asks before the piece performs hears the names of its session, and what it asks for.
        if let Some((text, asked)) = text {
            self.show_names(&text);
            self.ask_channels(asked);
        }
    }
}

#[cfg(test)]
mod tests;
