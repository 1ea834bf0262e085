//! Drafts: what is typed and not saved is kept for the case that the host breaks off, and what an earlier one has left
//! of the piece is offered.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use csound_performance::engine::ConsoleLine;
use csound_performance::engine::piece::{Piece, Source};

use super::Worker;
use crate::draft::LeftDraft;
use crate::plugin::drafts::{self, Draft, Keep, Left};
use crate::plugin::session::{SavedPiece, Session};
use crate::plugin::shared::errand::DraftErrand;
use crate::plugin::shared::locked::Locked;

/// How often what is typed is looked at: so much of it is lost at most.
const LOOK: Duration = Duration::from_secs(1);

/// What the user has taken is deleted by then, if it was not typed on.
const TAKEN: Duration = Duration::from_secs(10);

/// The drafts of an instance, and of those before it.
#[derive(Default)]
pub(super) struct Drafts {
    looked: Option<Instant>,
    keep: Option<Keep>,
    /// The draft that was last tried to be kept.
    tried: Option<Draft>,
    /// That one is written.
    is_written: bool,
    /// The piece of which it was looked what is left.
    piece: Option<String>,
    left: Option<Left>,
    /// What the user has taken goes once it is kept for this instance.
    taken: Option<Taken>,
    /// It was told that a draft cannot be kept.
    is_told: bool,
}

/// A draft that the user has taken.
struct Taken {
    left: Left,
    since: Instant,
    /// Something of its piece was kept for this instance since.
    is_kept: bool,
}

impl Drafts {
    /// Keeps what is typed.
    fn keep(&mut self, folder: &Path, typed: Option<Draft>) -> std::io::Result<()> {
        let is_tried = match (&typed, &self.tried) {
            (Some(typed), Some(tried)) => typed.says_as(tried),
            (typed, tried) => typed.is_none() && tried.is_none(),
        };
        if is_tried {
            return Ok(());
        }
        self.is_written = false;
        let Some(typed) = typed else {
            self.tried = None;
            if let Some(keep) = &self.keep {
                keep.clear();
            }
            return Ok(());
        };
        // What cannot be kept is not tried again before it is another text.
        let typed = self.tried.insert(typed);
        let keep = match self.keep.take() {
            Some(keep) => keep,
            None => Keep::new(folder)?,
        };
        let written = self.keep.insert(keep).write(typed);
        self.is_written = written.is_ok();
        written
    }

    /// What is typed could not be kept.
    fn is_unkept(&self) -> bool {
        self.tried.is_some() && !self.is_written
    }

    /// Deletes what the user has taken, once that is safe: it is kept for this instance, or it was and is saved by
    /// now. Where none of that comes to be, and nothing is typed, it is looked for again.
    fn forget_taken(&mut self, now: Instant) {
        let Some(taken) = &mut self.taken else { return };
        let draft = &taken.left.draft;
        let kept = self.tried.as_ref().filter(|kept| self.is_written && kept.piece == draft.piece);
        taken.is_kept |= kept.is_some();
        let is_late = now.duration_since(taken.since) > TAKEN;
        let is_over = match (&self.tried, kept) {
            (_, Some(kept)) => is_late || kept.says_as(draft),
            // What cannot be kept is in the old draft only.
            (Some(tried), None) if tried.piece == draft.piece => false,
            (_, None) => is_late,
        };
        if let Some(taken) = self.taken.take_if(|_| is_over) {
            match taken.is_kept {
                true => _ = taken.left.remove(),
                false => self.piece = None,
            }
        }
    }
}

impl Worker {
    /// Carries one out.
    pub(super) fn see_to_draft(&mut self, errand: DraftErrand) {
        let Some(left) = self.drafts.left.take() else { return };
        match errand {
            DraftErrand::Take => {
                self.drafts.taken = Some(Taken { left, since: Instant::now(), is_kept: false });
            }
            DraftErrand::Drop => _ = left.remove(),
        }
        // There may be an older one.
        self.drafts.piece = None;
        self.drafts.looked = None;
        self.link.lock().draft = None;
        self.link.done.fetch_add(1, Ordering::Release);
    }

    /// Looks at what is typed, and at what is left of another piece.
    pub(super) fn look_at_drafts(&mut self) {
        let is_due = self.drafts.looked.is_none_or(|looked| looked.elapsed() > LOOK);
        let Some(folder) = drafts::folder().filter(|_| is_due && self.link.export.is_none()) else { return };
        self.drafts.looked = Some(Instant::now());
        let typed = typed(&self.link.lock());
        if let Err(error) = self.drafts.keep(&folder, typed)
            && !std::mem::replace(&mut self.drafts.is_told, true)
        {
            self.link.log(vec![ConsoleLine::warning(format!(
                "what you type and do not save is lost if this program breaks off: no draft can be kept in {}: {error}",
                folder.display()
            ))]);
        }
        self.drafts.forget_taken(Instant::now());
        if self.link.taps.is_watched() && self.drafts.taken.is_none() {
            self.find_left(&folder);
        }
    }

    /// Finds what is left of the piece, where it is another one than the last time. What says nothing new goes.
    fn find_left(&mut self, folder: &Path) {
        let piece = self.link.lock().session.piece.as_ref().map(key);
        if piece == self.drafts.piece {
            return;
        }
        self.drafts.piece.clone_from(&piece);
        self.drafts.left = None;
        while let Some(left) = piece.as_deref().and_then(|piece| drafts::find(folder, piece)) {
            if !says_nothing_new(&left.draft, &self.link.lock().session) {
                self.drafts.left = Some(left);
                break;
            }
            // One that cannot be deleted, or is not to be since nothing else is kept, would be found again for ever.
            if self.drafts.is_unkept() || !left.remove() {
                break;
            }
        }
        let shown = self.drafts.left.as_ref().map(|left| {
            let Draft { when, texts, beside, .. } = &left.draft;
            Arc::new(LeftDraft { when: at(*when), texts: texts.clone(), beside: beside.clone() })
        });
        self.link.lock().draft = shown;
        self.link.done.fetch_add(1, Ordering::Release);
    }
}

/// What a piece is known by here: its file, or its name where it has none.
fn key(piece: &SavedPiece) -> String {
    piece.path().map_or_else(|| piece.name.clone(), |path| path.display().to_string())
}

/// What is typed and not saved, or applied and not saved.
fn typed(locked: &Locked) -> Option<Draft> {
    let piece = locked.session.piece.as_ref()?;
    let own = own_draft(&locked.session).or_else(|| locked.is_unsaved().then(|| texts(piece)).flatten());
    let beside = drafts_beside(&locked.session);
    if own.is_none() && beside.is_empty() {
        return None;
    }
    let texts = own.or_else(|| texts(piece))?;
    Some(Draft::of(key(piece), texts, beside))
}

fn texts(piece: &SavedPiece) -> Option<Vec<String>> {
    let Piece { source, .. } = piece.piece()?;
    Some(match source {
        Source::Csd(csd) => vec![csd],
        Source::OrcSco { orc, sco } => vec![orc, sco],
    })
}

fn own_draft(session: &Session) -> Option<Vec<String>> {
    let draft = session.editor.as_ref()?.get("draft")?;
    serde_json::from_value(draft.clone()).ok()?
}

/// The names and drafts of the texts of the folder.
fn drafts_beside(session: &Session) -> Vec<(String, String)> {
    let open = session.editor.as_ref().and_then(|editor| editor.get("open_texts")?.as_array());
    let text = |text: &serde_json::Value, field: &str| Some(text.get(field)?.as_str()?.to_owned());
    let draft = |open: &serde_json::Value| Some((text(open, "name")?, text(open, "draft")?));
    open.into_iter().flatten().filter_map(draft).collect()
}

/// Whether all of a draft is in the editor or in the piece already.
fn says_nothing_new(draft: &Draft, session: &Session) -> bool {
    let of_piece = session.piece.as_ref().and_then(texts);
    let shown = own_draft(session).or(of_piece).unwrap_or_default();
    let beside = drafts_beside(session);
    shown == draft.texts && draft.beside.iter().all(|text| beside.contains(text))
}

/// A time for people, of this machine.
fn at(when: u64) -> String {
    let time = i64::try_from(when).ok().and_then(|when| jiff::Timestamp::from_second(when).ok());
    let zoned = time.map(|time| time.to_zoned(jiff::tz::TimeZone::system()));
    zoned.map_or_else(String::new, |zoned| zoned.strftime("%-d %B %Y, %H:%M").to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A draft that an instance has left, taken by the user.
    fn taken(drafts: &Path) -> Drafts {
        let left = drafts.join("left");
        std::fs::create_dir(&left).unwrap();
        std::fs::write(left.join("lock"), "").unwrap();
        let draft = serde_json::to_vec(&typed("typed")).unwrap();
        std::fs::write(left.join("draft.json"), draft).unwrap();
        let left = drafts::find(drafts, "a.csd").unwrap();
        let taken = Some(Taken { left, since: Instant::now(), is_kept: false });
        Drafts { taken, piece: Some("a.csd".into()), ..Drafts::default() }
    }

    fn typed(text: &str) -> Draft {
        Draft::of("a.csd".into(), vec![text.to_owned()], Vec::new())
    }

    fn late() -> Instant {
        Instant::now() + TAKEN * 2
    }

    #[test]
    fn what_the_user_has_taken_stays_until_it_is_kept_for_this_instance() {
        let home = tempfile::tempdir().unwrap();
        let mut drafts = taken(home.path());
        let left = home.path().join("left");
        let long = typed(&"x".repeat(9 << 20));
        assert!(drafts.keep(home.path(), Some(long)).is_err());
        drafts.forget_taken(late());
        assert!(left.exists(), "what was typed on could not be kept");
        drafts.keep(home.path(), Some(typed("typed"))).unwrap();
        drafts.forget_taken(Instant::now());
        assert!(!left.exists() && drafts.taken.is_none());
    }

    #[test]
    fn what_was_tried_and_not_written_is_not_kept() {
        let home = tempfile::tempdir().unwrap();
        let mut drafts = taken(home.path());
        let left = home.path().join("left");
        drafts.tried = Some(typed("typed"));
        drafts.forget_taken(Instant::now());
        drafts.forget_taken(late());
        assert!(left.exists());
    }

    #[test]
    fn what_the_user_has_taken_stays_where_no_draft_can_be_kept_at_all() {
        let home = tempfile::tempdir().unwrap();
        let mut drafts = taken(home.path());
        let file = home.path().join("left/lock");
        assert!(drafts.keep(&file, Some(typed("typed"))).is_err());
        drafts.forget_taken(late());
        assert!(drafts.taken.is_some() && drafts.is_unkept());
    }

    #[test]
    fn what_the_user_has_taken_and_typed_on_and_saved_goes_later() {
        for typed_on in [true, false] {
            let home = tempfile::tempdir().unwrap();
            let mut drafts = taken(home.path());
            let left = home.path().join("left");
            drafts.keep(home.path(), Some(typed("typed on"))).unwrap();
            drafts.forget_taken(Instant::now());
            assert!(left.exists());
            if !typed_on {
                drafts.keep(home.path(), None).unwrap();
            }
            drafts.forget_taken(late());
            assert!(!left.exists(), "{typed_on}");
        }
    }

    #[test]
    fn what_never_came_to_be_typed_is_looked_for_again() {
        let home = tempfile::tempdir().unwrap();
        let mut drafts = taken(home.path());
        drafts.forget_taken(Instant::now());
        assert!(drafts.taken.is_some());
        drafts.forget_taken(late());
        assert!(drafts.taken.is_none() && drafts.piece.is_none());
        assert!(drafts::find(home.path(), "a.csd").is_some());
    }
}
