//! What reads and writes files: errands of the user's, and the piece's files as they change. No lock is held
//! while the disk is asked.

use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use csound_performance::engine::ConsoleLine;
use csound_performance::engine::piece::Piece;

use super::super::build::isolation_of;
use super::Worker;
use crate::identity::Exported;
use crate::plugin::control::aside::OUR_FAULT;
use crate::plugin::export_session::other_text;
use crate::plugin::pieces::files::{self, FileError};
use crate::plugin::pieces::trust::Trust;
use crate::plugin::pieces::watch::{FileWatch, PieceFiles};
use crate::plugin::session::SavedPiece;
use crate::plugin::shared::errand::{Change, Errand, KeyErrand, PresetErrand, TextErrand};
use crate::plugin::shared::locked::{Begin, Locked, PieceState};
use crate::plugin::shared::remembered;

/// How often the list of opened pieces is read while an editor shows it: other instances write it too.
const READ_RECENT: Duration = Duration::from_secs(1);

impl Worker {
    /// Carries out what is to be carried out next. False if there is nothing.
    pub(super) fn next_errand(&mut self) -> bool {
        let Some((session, errand)) = self.take_errand() else { return false };
        self.session = session;
        let is_hosts = matches!(errand, Errand::OfHost(_));
        // A panic is a defect of ours, and a refusal like any other: the thread goes on.
        let refusal = std::panic::catch_unwind(AssertUnwindSafe(|| self.carry_out_errand(errand)))
            .unwrap_or_else(|_| Some(OUR_FAULT.to_owned()));
        let mut locked = self.link.lock();
        locked.is_on_errand = false;
        if is_hosts {
            locked.of_host = Some(refusal.clone().map_or(Ok(()), Err));
        }
        if let Some(refusal) = refusal {
            locked.log(ConsoleLine::error(&refusal));
            locked.refusals.push(refusal);
        }
        let done = locked.is_done();
        self.link.pending.store(!done && locked.host.is_some(), Ordering::Release);
        self.link.done.fetch_add(1, Ordering::Release);
        self.link.changed.notify_all();
        true
    }

    /// The instance goes: what the user has saved is still written, and nothing else is done.
    pub(super) fn write_what_waits(&mut self) {
        let errands = std::mem::take(&mut self.link.lock().errands);
        for (session, errand) in errands.into_iter().filter(|(_, errand)| writes(errand)) {
            self.session = session;
            // Nobody is left to be told of a failure.
            let _ = std::panic::catch_unwind(AssertUnwindSafe(|| self.carry_out_errand(errand)));
        }
    }

    fn take_errand(&self) -> Option<(u32, Errand)> {
        let mut locked = self.link.lock();
        let errand = locked.errands.pop_front()?;
        locked.is_on_errand = true;
        Some(errand)
    }

    /// Why it failed, if it did.
    fn carry_out_errand(&mut self, errand: Errand) -> Option<String> {
        match errand {
            Errand::OfHost(errand) => {
                return self.link.keep_text(&errand).err().or_else(|| self.carry_out_errand(*errand));
            }
            Errand::Preset(errand) => return self.see_to_presets(errand),
            Errand::Catalogue(errand) => return self.see_to_catalogue(errand),
            Errand::Preview(number) => self.begin_preview(number),
            Errand::Manual(errand) => return self.see_to_manual(errand),
            Errand::Keys(errand) => return self.see_to_keys(errand),
            Errand::Text(errand) => return self.see_to_texts(errand),
            Errand::Draft(errand) => self.see_to_draft(errand),
            Errand::Begin => self.begin(),
            Errand::FindFolders => self.find_folders(),
            Errand::ComeToAuto => self.come_to_auto(),
            Errand::Compare => return self.compare(),
            Errand::Gather(agreed) => self.gather(agreed),
            Errand::Export(wish) => self.export(*wish),
            Errand::Tune(path) => return self.tune(path.as_deref()).err(),
            Errand::Open(path) => return self.open(&path).err().map(|error| error.to_string()),
            Errand::Load(piece) => self.load_chosen(&piece),
            Errand::Apply { before, piece } => {
                self.keep(|trust| trust.edit(&before, &piece));
                self.take_text(&piece);
            }
            Errand::Save { before, path, texts, chosen } => {
                return self.save(&before, &path, &texts, chosen).err();
            }
            Errand::Reload => return self.reload().err().map(|error| error.to_string()),
            Errand::Change(piece, change) => return self.change(&piece, change),
            Errand::RevokeKept(id, permission) => {
                let revoked = Trust::change(|trust| {
                    trust.revoke_kept(&id, permission.as_ref());
                    Ok(())
                });
                self.read_kept();
                if revoked.is_ok() {
                    // It may be the present piece's.
                    self.perform_as_permitted();
                }
                return revoked.err().map(|error| error.to_string());
            }
            Errand::SetLibrary { name, allowed } => {
                let set = Trust::change(|trust| trust.set_library(&name, allowed));
                if set.is_ok() {
                    self.perform_as_permitted();
                }
                return set.err().map(|error| error.to_string());
            }
        }
        None
    }

    /// The piece of a new instance, unless it has got one meanwhile.
    fn begin(&mut self) {
        if let Some(choice) = remembered::chosen_csound() {
            let mut locked = self.link.lock();
            if locked.session.piece.is_none() && !locked.is_loaded {
                locked.session.csound = choice;
            }
        }
        let found = match &self.link.export {
            Some(export) => Some(self.own_piece(export)),
            None if remembered::begins_with_state() => None,
            None => files::starting_piece().map(|found| found.map_err(|error| error.to_string())),
        };
        if self.link.lock().session.piece.is_some() {
            return;
        }
        match found {
            Some(Ok(piece)) => {
                self.link.lock().missing = None;
                if self.link.export.is_none() {
                    self.keep(|trust| trust.choose(&piece));
                }
                let files = files_of(&piece);
                // A loaded session opens nothing anew: what it says goes before what its piece wishes.
                if self.link.export.is_some() && self.link.lock().is_loaded {
                    self.compare_with_replaced(&piece);
                    return self.take_as(&piece, |locked, piece| locked.take_piece(piece, files));
                }
                self.hear_wishes(&piece);
                self.take_chosen(&piece, files);
            }
            Some(Err(error)) => {
                self.link.log(vec![ConsoleLine::error(&error)]);
                if self.link.export.is_some() {
                    // There is nothing else that the user could open.
                    let mut locked = self.link.lock();
                    locked.missing = Some(error.clone());
                    locked.state = PieceState::Failed(error.into());
                }
            }
            None => {}
        }
    }

    /// Tells if a loaded session's piece has another text than that of the export, which it is taken for.
    fn compare_with_replaced(&self, own: &Piece) {
        let mut locked = self.link.lock();
        let (Some(replaced), Some(export)) = (locked.replaced.take(), &self.link.export) else { return };
        if let Some(told) = other_text(&replaced, &SavedPiece::from(own), export) {
            locked.log(ConsoleLine::note(&told));
            locked.refusals.push(told);
        }
    }

    /// The piece that an export came with.
    fn own_piece(&self, export: &Exported) -> Result<Piece, String> {
        if export.is_replaced() {
            let name = &export.manifest.name;
            self.link.refuse(format!(
                "{name} was replaced by another version of it while the DAW ran: start the DAW again, or its parameters and \
                 its piece may not fit each other"
            ));
        }
        files::read_piece(&export.piece()?).map_err(|error| error.to_string())
    }

    /// Finds the folders of a loaded session's pieces again, and looks what their file holds now.
    fn find_folders(&mut self) {
        // By the time of a later session another Csound may be there.
        self.csounds.look();
        let session = self.link.session();
        let allowed = Trust::read().unwrap_or_default().folders();
        let find = |piece: &Option<SavedPiece>| {
            piece.clone().map(|mut piece| {
                piece.find_again(&allowed);
                piece
            })
        };
        let (piece, last_good) = (find(&session.piece), find(&session.last_good));
        let path = piece.as_ref().and_then(SavedPiece::path);
        let files = path.as_deref().and_then(files_at);
        // What the file holds says if the session's text was saved; a piece without one differs from nothing.
        let on_disk =
            path.and_then(|path| files::read_piece(&path).ok()).map(|piece| SavedPiece::from(&piece));
        let mut locked = self.link.lock();
        // Another session, or another piece, may have come meanwhile.
        if locked.session.piece == session.piece {
            locked.unedited = on_disk.or_else(|| piece.clone()).map(Arc::new);
            locked.session.piece = piece;
            locked.files = files;
        }
        if locked.session.last_good == session.last_good {
            locked.session.last_good = last_good;
        }
    }

    /// Performs a piece that the user has chosen.
    pub(super) fn load_chosen(&mut self, piece: &Piece) {
        self.keep(|trust| trust.choose(piece));
        self.hear_wishes(piece);
        self.take_chosen(piece, files_of(piece));
    }

    pub(super) fn open(&mut self, path: &Path) -> Result<(), FileError> {
        let path = files::main_file(path);
        // As it stands before it is read: what is written meanwhile is a change.
        let files = files_at(&path);
        let piece = files::read_piece(&path)?;
        self.keep(|trust| trust.choose(&piece));
        self.hear_wishes(&piece);
        self.take_chosen(&piece, files);
        self.remember_recent(&path);
        Ok(())
    }

    /// Writes the texts, and performs what was written where that is another text than the piece's.
    pub(super) fn save(
        &mut self,
        before: &Piece,
        path: &Path,
        texts: &[String],
        chosen: bool,
    ) -> Result<(), String> {
        if !files::is_pieces_name(path) {
            return Err(FileError::Kind(path.to_owned()).to_string());
        }
        let path = files::main_file(path);
        let score = path.with_extension("sco");
        let places = [path.as_path(), &score];
        for (place, text) in places.into_iter().zip(texts) {
            let cannot = |error| format!("{} cannot be written: {error}", place.display());
            files::write_whole(place, text.as_bytes()).map_err(cannot)?;
        }
        let files = PieceFiles::of(&path);
        let piece = files::read_piece(&path).map_err(|error| error.to_string())?;
        self.keep(|trust| {
            trust.edit(before, &piece);
            if chosen {
                trust.choose(&piece);
            }
        });
        if !self.take_file(&piece, &files) {
            self.take(&piece, Some(files));
        }
        self.remember_recent(&path);
        Ok(())
    }

    /// Takes a file for the piece's that holds its text already: the music goes on as it is. False where the
    /// texts differ.
    fn take_file(&mut self, piece: &Piece, files: &PieceFiles) -> bool {
        let saved = SavedPiece::from(piece);
        let trust = Trust::read().unwrap_or_default();
        // It asks the disk where the folder is, so the lock is not held.
        let in_process = self.link.lock().session.in_process;
        let isolation = isolation_of(&self.link, &trust, piece, in_process);
        let mut locked = self.link.lock();
        let is_its_text = locked.session.piece.as_ref().is_some_and(|before| before.has_text_of(&saved));
        if !is_its_text || !self.is_its_session() {
            return false;
        }
        let has_its_text = |known: &&mut SavedPiece| known.has_text_of(&saved);
        if let Some(good) = locked.session.last_good.as_mut().filter(has_its_text) {
            good.clone_from(&saved);
        }
        if let Some(performing) = self.performing.as_mut().filter(|known| known.source == piece.source) {
            performing.clone_from(piece);
        }
        locked.isolation = isolation;
        locked.unedited = Some(Arc::new(saved.clone()));
        locked.session.piece = Some(saved);
        locked.files = Some(files.clone());
        true
    }

    /// Reads the piece's file again; a piece without one is performed once more.
    fn reload(&mut self) -> Result<(), FileError> {
        // Another Csound may have been installed meanwhile.
        self.csounds.forget();
        self.csounds.look();
        let path = self.link.lock().session.piece.as_ref().and_then(SavedPiece::path);
        match path.filter(|path| path.exists()) {
            Some(path) => self.read_again(&path),
            None => {
                let mut locked = self.link.lock();
                locked.forget_comparison();
                locked.crash = None;
                self.link.want(&mut locked, Begin::AtStart);
                Ok(())
            }
        }
    }

    /// What the piece's file holds now takes the piece's place. That is no choice of the user's: the piece may
    /// read no more than before.
    fn read_again(&mut self, path: &Path) -> Result<(), FileError> {
        let files = files_at(path);
        let piece = files::read_piece(path)?;
        let before = Some(self.link.lock()).filter(|_| self.is_its_session());
        let before =
            before.and_then(|locked| Some((locked.piece()?, locked.isolation.granted.permissions.clone())));
        let Some((before, might)) = before else { return Ok(()) };
        self.keep(|trust| trust.read_again(&before, &might, &piece));
        self.take(&piece, files);
        Ok(())
    }

    /// Changes what the present piece may do, and performs it so from where it is.
    fn change(&self, piece: &Piece, change: Change) -> Option<String> {
        if self.link.lock().piece().as_ref() != Some(piece) || !self.is_its_session() {
            return Some("another piece has come meanwhile: look at it, and say it again".to_owned());
        }
        let changed = Trust::change(|trust| match change {
            Change::Trusted(trusted) => trust.set_trusted(piece, trusted),
            Change::Permit(permission) => trust.permit(piece, permission),
            Change::Revoke(permission) => {
                trust.revoke(piece, &permission);
                Ok(())
            }
        });
        if changed.is_ok() {
            self.perform_as_permitted();
        }
        changed.err().map(|error| error.to_string())
    }

    /// The piece may do something else from now on.
    fn perform_as_permitted(&self) {
        let mut locked = self.link.lock();
        locked.forget_comparison();
        self.link.want(&mut locked, Begin::SamePlace);
    }

    /// Keeps what the user's doing means for permissions.
    pub(super) fn keep(&self, change: impl FnOnce(&mut Trust)) {
        let kept = Trust::change(|trust| {
            change(trust);
            Ok(())
        });
        if let Err(error) = kept {
            let told = format!("what pieces may do cannot be kept: {error}");
            self.link.log(vec![ConsoleLine::error(told)]);
        }
    }

    /// Wants the piece performed from its start as its files have it, which stood so when they were read.
    fn take(&self, piece: &Piece, files: Option<PieceFiles>) {
        self.take_as(piece, |locked, saved| {
            locked.hear_csound(piece);
            locked.take_piece(saved, files);
        });
    }

    /// The same for a piece that the user has chosen: it may be another one.
    fn take_chosen(&mut self, piece: &Piece, files: Option<PieceFiles>) {
        let in_process = self.link.lock().session.in_process;
        let machine = self.machine(Some(piece), in_process);
        self.take_as(piece, |locked, saved| {
            locked.take_chosen(saved, files);
            self.come_to(locked, piece, machine);
        });
    }

    fn take_as(&self, piece: &Piece, take: impl FnOnce(&mut Locked, SavedPiece)) {
        let mut locked = self.link.lock();
        if !self.is_its_session() {
            return;
        }
        locked.forget_comparison();
        locked.files = None;
        locked.unedited = Some(Arc::new(SavedPiece::from(piece)));
        take(&mut locked, SavedPiece::from(piece));
        self.link.want(&mut locked, Begin::AtStart);
    }

    /// The same with a text that was not read from its file: the file stands as it was read.
    fn take_text(&self, piece: &Piece) {
        let mut locked = self.link.lock();
        if !self.is_its_session() {
            return;
        }
        locked.forget_comparison();
        locked.hear_csound(piece);
        locked.take_piece(SavedPiece::from(piece), None);
        self.link.want(&mut locked, Begin::AtStart);
    }

    /// False where another session was loaded since the errand was asked for: what it brought stays. Asked with
    /// the link locked, under which sessions are loaded.
    pub(super) fn is_its_session(&self) -> bool {
        self.session == self.link.requests.generation()
    }

    fn remember_recent(&mut self, path: &Path) {
        files::remember_recent(path);
        self.recent_read = None;
        self.read_recent();
    }

    /// Reads the list of opened pieces now and then.
    fn read_recent(&mut self) {
        if self.recent_read.is_some_and(|read| read.elapsed() < READ_RECENT) {
            return;
        }
        self.recent_read = Some(Instant::now());
        self.read_kept();
        let recent: Vec<PathBuf> = files::recent();
        let mut locked = self.link.lock();
        if *locked.recent != *recent {
            locked.recent = recent.into();
        }
    }

    /// Reads what texts may do. Where it cannot be read, nothing is permitted either.
    fn read_kept(&self) {
        let kept = Trust::read().unwrap_or_default().kept();
        let mut locked = self.link.lock();
        if *locked.kept != *kept {
            locked.kept = kept.into();
        }
    }

    /// Looks at the piece's files and, while an editor is open, at the list of opened pieces.
    pub(super) fn look_at_files(&mut self) {
        if self.link.taps.is_watched() {
            self.read_recent();
            self.show_csounds();
            self.look_at_opcodes();
            self.look_at_texts();
            self.look_at_presets();
        }
        let (files, by_itself) = {
            let locked = self.link.lock();
            self.session = self.link.requests.generation();
            // A text that would be lost is not replaced without a question: the change is offered.
            let is_kept = locked.is_unsaved() || locked.session.has_own_draft();
            (locked.files.clone(), locked.session.reloads_by_itself() && !is_kept)
        };
        let is_watched =
            files.as_ref().zip(self.files.as_ref()).is_some_and(|(files, watch)| watch.is_on(files));
        if !is_watched {
            self.link.files_changed.store(false, Ordering::Relaxed);
            self.files = files.map(FileWatch::new);
            return;
        }
        let Some(changed) = self.files.as_mut().and_then(FileWatch::look) else { return };
        self.link.files_changed.store(changed, Ordering::Relaxed);
        let Some(files) = files.filter(|_| changed && by_itself) else { return };
        if let Err(error) = self.read_again(files.path()) {
            // As it stands now it has been looked at; what comes later is another change.
            self.link.lock().files = Some(PieceFiles::of(files.path()));
            self.link.log(vec![ConsoleLine::error(error.to_string())]);
        }
    }
}

/// Whether an errand writes what the user has made.
fn writes(errand: &Errand) -> bool {
    matches!(
        errand,
        Errand::Save { .. }
            | Errand::Text(TextErrand::Save { .. })
            | Errand::Keys(KeyErrand::Choose(..) | KeyErrand::Reset)
            | Errand::Preset(PresetErrand::Save { .. } | PresetErrand::Rename { .. })
    )
}

/// The files of a piece that names its folder, as they stand.
pub(super) fn files_of(piece: &Piece) -> Option<PieceFiles> {
    SavedPiece::from(piece).path().and_then(|path| files_at(&path))
}

/// The files of a piece, as they stand. A packed one is never written: its text is in no file until it is saved.
fn files_at(path: &Path) -> Option<PieceFiles> {
    files::packed::name(path).is_none().then(|| PieceFiles::of(path))
}
