//! A piece that has started is rendered ahead of the audio thread, which hears what is there.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use rtrb::Producer;

use csound_performance::engine::piece::Piece;
use csound_performance::engine::{Abandoned, ConsoleLine, Engine, EventKind, Format, Shown};

use super::input::reads_input;
use super::phrase::{END, phrase};
use super::{Subject, TOO_SLOW, WANTS};
use crate::plugin::control::engines::RunningEngine;
use crate::plugin::control::faults::{self, Reader};
use crate::plugin::control::renderer::{End, Played, Renderer};
use crate::plugin::pieces::trust::Granted;
use crate::plugin::pieces::wishes::PieceWishes;
use crate::plugin::shared::fault::{Fault, Kind};
use crate::plugin::shared::preview::{PreviewFormat, PreviewSound, Progress, put};
use crate::preview::{LONGEST, Stands};
use crate::setting::Setting;

/// Frames of a turn, or one k-cycle where that is more.
const TURN: usize = 1024;

/// The seconds that are rendered before the first is heard.
const LEAD: f64 = 0.15;

/// How long that may take.
const LEAD_LIMIT: Duration = Duration::from_secs(5);

/// The pause between two looks whether the ring has room.
const LOOK: Duration = Duration::from_millis(5);

/// What counts as silence, and how long it lasts, in seconds, before a piece that has played its notes is taken to be
/// over.
const SILENCE: f32 = 1e-4;
const SILENT: f64 = 0.5;

/// How long a piece may sound on behind the end of its score, in seconds.
const TAIL: f64 = 2.0;

/// What is wrong with an effect by itself.
const IS_EFFECT: &str = "It sounds only with something at its input: open it to play that through it";

/// What is said at once of a piece that reads its input, as long as it is silent.
const READS_INPUT: &str =
    "It reads its input, where a preview has silence: open it to play something through it";

/// What is wrong with a piece that is silent.
const IS_SILENT: &str = "Nothing was heard of it: it may wait for what a preview does not play";

/// How long a piece is heard.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Length {
    /// Seconds, at most.
    at_most: f64,
    /// Those that its score lasts, as far as they are heard, where they are known.
    known: Option<f64>,
    /// The second from which on silence ends it.
    may_end: f64,
    /// The phrase is played to it.
    is_played: bool,
}

impl Length {
    fn of(shown: &Shown) -> Self {
        let (at_most, may_end, is_played) = match (shown.score.is_empty(), shown.score_length) {
            (true, _) => (LONGEST, END, true),
            (false, Some(length)) => ((length + TAIL).min(LONGEST), length, false),
            (false, None) => (LONGEST, LONGEST, false),
        };
        let known = shown.score_length.filter(|_| !is_played).map(|length| length.min(LONGEST));
        Self { at_most, known, may_end, is_played }
    }

    /// What is played to the piece: as notes come to it in the plugin, which it may wish.
    fn events(&self, piece: &Piece) -> VecDeque<(f64, EventKind)> {
        if !self.is_played {
            return VecDeque::new();
        }
        let wishes = PieceWishes::of(piece);
        let is_score = wishes.value(Setting::NoteMode) == Some(1.0);
        let instrument = wishes.value(Setting::NoteInstrument).map_or(1, |number| number as u16);
        phrase(is_score.then_some(instrument))
    }
}

/// A piece that is heard.
struct Hearing<'a> {
    subject: &'a Subject,
    piece: &'a Piece,
    granted: &'a Granted,
    length: Length,
    /// Frames per second.
    rate: f64,
    /// Its sound, until the audio thread has it.
    sound: Option<Box<PreviewSound>>,
    progress: Arc<Progress>,
    reader: Reader,
    faults: Vec<Fault>,
    /// What is wrong with it is told.
    is_told: bool,
    /// Its text reads the input.
    is_to_hear: bool,
    /// Something was heard of it.
    sounds: bool,
}

/// Has the piece heard, and ends once all that it plays is rendered. What is wrong with it, if anything is.
pub(super) fn hear(
    subject: &Subject,
    piece: &Piece,
    granted: &Granted,
    (engine, running, reader): (Box<dyn Engine>, RunningEngine, Reader),
    shown: &Shown,
    given_up: &Abandoned,
) -> Result<(), String> {
    let length = Length::of(shown);
    let played = Played { events: length.events(piece), noise: 0.0 };
    let mut renderer = Renderer::new(engine, running, TURN, played, Vec::new());
    let Format { sample_rate: rate, inputs, .. } = renderer.format();
    let channels = renderer.channels();
    if channels == 0 {
        return Err(IS_SILENT.to_owned());
    }
    let largest = subject.job.host.largest;
    let format = PreviewFormat { sample_rate: rate, largest, channels, seconds: length.at_most };
    let (sound, mut ring, progress) = PreviewSound::new(subject.number, format);
    let (sound, faults) = (Some(sound), Vec::new());
    let (is_told, is_to_hear, sounds) = (false, reads_input(piece), false);
    let mut hearing = Hearing {
        subject,
        piece,
        granted,
        length,
        rate,
        sound,
        progress,
        reader,
        faults,
        is_told,
        is_to_hear,
        sounds,
    };
    hearing.render(&mut renderer, &mut ring, &|| given_up.is_abandoned())?;
    if given_up.is_abandoned() {
        return Ok(());
    }
    hearing.begin();
    hearing.progress.is_whole.store(true, Ordering::Release);
    hearing.read(&[]);
    match renderer.end.take() {
        Some(End::Error(status)) => Err(format!("Csound failed while it performed it ({status})")),
        Some(End::Engine(how)) => Err(format!("It broke off: {how}")),
        Some(End::OfPiece) | None if hearing.sounds || hearing.is_told => Ok(()),
        Some(End::OfPiece) | None if inputs > 0 => Err(IS_EFFECT.to_owned()),
        Some(End::OfPiece) | None => Err(IS_SILENT.to_owned()),
    }
}

impl Hearing<'_> {
    /// Renders the piece until it is over or given up, and notes whether it sounds.
    fn render(
        &mut self,
        renderer: &mut Renderer,
        ring: &mut Producer<f32>,
        is_over: &dyn Fn() -> bool,
    ) -> Result<(), String> {
        let began = Instant::now();
        let most = (self.length.at_most * self.rate) as usize;
        let (mut rendered, mut silent) = (0, 0);
        while rendered < most && renderer.end.is_none() && !is_over() {
            let lines = renderer.render(is_over);
            if !lines.is_empty() {
                self.read(&lines);
            }
            let frames = renderer.ahead();
            let turn = renderer.waiting();
            let is_silent = turn.iter().all(|channel| channel.iter().all(|sample| sample.abs() < SILENCE));
            silent = if is_silent { silent + frames } else { 0 };
            if !is_silent && !std::mem::replace(&mut self.sounds, true) {
                self.take_back();
            }
            let mut at = 0;
            while at < frames && !is_over() {
                at += put(ring, &turn, at);
                if at < frames || self.seconds(rendered + at) > LEAD {
                    self.begin();
                }
                if at < frames {
                    std::thread::sleep(LOOK);
                }
            }
            rendered += frames;
            renderer.forget(frames);
            if self.sound.is_some() && began.elapsed() > LEAD_LIMIT {
                return Err(TOO_SLOW.to_owned());
            }
            if self.seconds(rendered) > self.length.may_end + SILENT && self.seconds(silent) > SILENT {
                break;
            }
        }
        Ok(())
    }

    fn seconds(&self, frames: usize) -> f64 {
        frames as f64 / self.rate
    }

    /// Hands the sound to the audio thread, if that has not got it yet.
    fn begin(&mut self) {
        let Some(sound) = self.sound.take() else { return };
        let Subject { link, number, .. } = self.subject;
        let mut locked = link.lock();
        let Some(asked) = locked.preview.as_mut().filter(|asked| asked.number == *number) else { return };
        asked.shown.stands = Stands::Heard { seconds: 0.0, of: self.length.known };
        if self.is_to_hear && !self.sounds && !self.is_told {
            asked.shown.trouble = Some(READS_INPUT.to_owned());
        }
        asked.progress = Some((Arc::clone(&self.progress), self.rate));
        drop(link.previews.arrivals.force_push(sound));
    }

    /// It sounds by itself although it reads its input.
    fn take_back(&self) {
        let mut locked = self.subject.link.lock();
        if let Some(asked) = locked.preview.as_mut().filter(|asked| asked.number == self.subject.number) {
            asked.shown.trouble.take_if(|told| told == READS_INPUT);
        }
    }

    /// Reads what the piece says; without any lines, what waits for more of them. The first that is wrong is told.
    fn read(&mut self, lines: &[ConsoleLine]) {
        let said = self.reader.read(lines);
        if self.is_told {
            return;
        }
        faults::add(&mut self.faults, said, self.piece, self.granted);
        let Some(first) = self.faults.first() else { return };
        let told = match first.kind {
            Kind::Missing | Kind::Refused => WANTS.to_owned(),
            Kind::Error => first.text.clone(),
        };
        self.is_told = true;
        let mut locked = self.subject.link.lock();
        if let Some(asked) = locked.preview.as_mut().filter(|asked| asked.number == self.subject.number) {
            asked.shown.trouble = Some(told);
        }
    }
}

#[cfg(test)]
mod tests {
    use csound_performance::engine::ScoreEntry;

    use super::*;

    #[test]
    fn a_score_is_heard_to_its_end_and_a_piece_without_notes_is_played_to() {
        let entry = ScoreEntry { instrument: "1".into(), begin: 0.0, length: 1.0 };
        let of = |score: Vec<ScoreEntry>, score_length| {
            let Length { at_most, known, may_end, is_played } =
                Length::of(&Shown { score, score_length, ..Shown::default() });
            (at_most, known, may_end, is_played)
        };
        assert_eq!(of(vec![entry.clone()], Some(3.0)), (3.0 + TAIL, Some(3.0), 3.0, false));
        assert_eq!(of(vec![entry.clone()], Some(300.0)), (LONGEST, Some(LONGEST), 300.0, false));
        assert_eq!(of(vec![entry], None), (LONGEST, None, LONGEST, false));
        assert_eq!(of(Vec::new(), Some(3600.0)), (LONGEST, None, END, true));
    }
}
