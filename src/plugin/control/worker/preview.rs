//! The preview of a piece: begun, looked after and ended here, carried out on a thread of its own.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::Worker;
use crate::plugin::control::aside::no_thread;
use crate::plugin::control::engines;
use crate::plugin::control::job::Job;
use crate::plugin::control::preview::{Previewing, Subject, TOO_SLOW};
use crate::preview::Stands;

/// How long nobody may hear a preview that waits to be heard.
const UNHEARD: Duration = Duration::from_secs(2);

/// The most sound that may come too late, in seconds.
const MOST_MISSED: f64 = 1.0;

const NO_AUDIO: &str = "Nothing is heard: your DAW has stopped its audio";

#[cfg(target_os = "linux")]
const NO_PROGRAM: &str = "Previews perform in processes of their own, and the program csound-performer-engine for that is \
                          not beside the plugin: install Csound Performer again";
#[cfg(not(target_os = "linux"))]
const NO_PROGRAM: &str =
    "Previews perform in processes of their own, which there are on Linux only so far: open the piece";

const OFFLINE: &str = "Previews are silent while your DAW exports";

impl Worker {
    /// Begins a preview, unless it is wanted no longer. The one before it ends.
    pub(super) fn begin_preview(&mut self, number: u64) {
        self.previewing = None;
        if !self.link.previews.is_wanted(number) {
            // The host has begun anew meanwhile, or the user has something else in mind: it does not start any more.
            return self.end_preview(number, None);
        }
        if let Err(why) = self.try_to_preview(number) {
            self.end_preview(number, Some(&why));
        }
    }

    fn try_to_preview(&mut self, number: u64) -> Result<(), String> {
        if !engines::has_program() {
            return Err(NO_PROGRAM.to_owned());
        }
        let installed = self.csounds.look().to_vec();
        let requests = &self.link.requests;
        let (job, over, asked) = {
            let locked = self.link.lock();
            let asked = locked.preview.as_ref().filter(|asked| asked.number == number);
            let asked = asked.map(|asked| (asked.shown.of.clone(), asked.given_up.clone()));
            let job = Job::to_look_at(&locked, requests.generation(), requests.score_start());
            (job, (requests.generation(), locked.session.piece.clone()), asked)
        };
        let Some((of, given_up)) = asked else { return Ok(()) };
        let job = job.ok_or("Nothing is heard before your DAW has started the plugin")?.into_preview();
        let subject = Subject { link: Arc::clone(&self.link), number, of, over, job, installed };
        let begun = Previewing::begin(subject, given_up).map_err(|error| no_thread("preview", &error))?;
        self.previewing = Some(begun);
        Ok(())
    }

    /// Looks after the preview that is under way, and ends it where it is over, unheard, or over another piece.
    pub(super) fn look_at_preview(&mut self) {
        while let Some(spent) = self.link.previews.spent.pop() {
            drop(spent);
        }
        let Some(previewing) = &mut self.previewing else { return };
        let number = previewing.number();
        let came = previewing.look();
        let (is_asked, progress, is_same) = {
            let locked = self.link.lock();
            let asked = locked.preview.as_ref().filter(|asked| asked.number == number);
            let is_same = previewing.is_over_piece(self.link.requests.generation(), &locked.session.piece);
            (asked.is_some(), asked.and_then(|asked| asked.progress.clone()), is_same)
        };
        if !is_asked || !is_same || !self.link.previews.is_wanted(number) {
            // Its sound fades by what is there of it.
            return self.end_preview(number, None);
        }
        let is_rendered = came.is_some();
        let why = came.and_then(Result::err);
        let Some((progress, rate)) = progress else {
            if is_rendered {
                self.end_preview(number, why.as_deref());
            }
            return;
        };
        if let Some(why) = why {
            self.tell_of_preview(number, why);
        }
        let heard = progress.heard.load(Ordering::Acquire);
        let missed = progress.missed.load(Ordering::Relaxed);
        if progress.was_offline.load(Ordering::Acquire) {
            self.end_preview(number, Some(OFFLINE));
        } else if progress.is_over.load(Ordering::Acquire) {
            self.end_preview(number, None);
        } else if missed as f64 > MOST_MISSED * rate {
            self.end_preview(number, Some(TOO_SLOW));
        } else if self.previewing.as_mut().is_some_and(|it| it.stands_for(heard + missed) > UNHEARD) {
            progress.is_cut.store(true, Ordering::Release);
            self.end_preview(number, Some(NO_AUDIO));
        }
    }

    /// Tells what is wrong with one that is heard.
    fn tell_of_preview(&self, number: u64, why: String) {
        let mut locked = self.link.lock();
        if let Some(asked) = locked.preview.as_mut().filter(|asked| asked.number == number) {
            asked.shown.trouble = Some(why);
        }
    }

    /// It is over, and its sound fades where there is any. What was wrong with it stays to be read.
    fn end_preview(&mut self, number: u64, why: Option<&str>) {
        self.link.previews.end_that(number);
        self.previewing = None;
        let mut locked = self.link.lock();
        let Some(asked) = locked.preview.as_mut().filter(|asked| asked.number == number) else { return };
        asked.shown.stands = Stands::Over;
        asked.shown.trouble = why.map(str::to_owned).or_else(|| asked.shown.trouble.take());
        if asked.shown.trouble.is_none() {
            // There is nothing to say of it.
            locked.preview = None;
        }
        drop(locked);
        self.link.done.fetch_add(1, Ordering::Release);
    }
}
