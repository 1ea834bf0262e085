//! Plays a piece through the csound command and through the plugin, and says whether both sound the same.
//!
//! The command (for Csound 7 a program over its library, which plays as a command would) is the oracle: it plays twice, so that what is not deterministic is known, in a copy of the folder
//! ([`scratch`]), so that what a piece writes never reaches the user's files. The plugin plays the piece where it
//! lies, in blocks of random sizes from a seed.
//!
//! Reading order: [`verdict`] (what is said), [`oracle`] (the command), [`difference`] (what equal means), [`notes`]
//! (a MIDI file and the widgets' values, for both).

pub mod difference;
pub mod notes;
pub mod oracle;
pub mod scratch;
pub mod verdict;
mod widgets;

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Result;
use csound_library::Generation;

use crate::render::{BlockSize, RenderOptions, Rendered, render};
use crate::session::{AtEnd, Session};
use difference::{Sound, compare_sounds};
use oracle::{Heard, Wanted};
use scratch::Scratch;
use verdict::{Difference, Equal, Verdict};

/// Silence that must follow where the command ended by itself, in seconds.
const TAIL: f64 = 0.1;

/// How pieces are compared.
#[derive(Clone, Debug)]
pub struct Comparison {
    /// The plugin's CLAP bundle.
    pub bundle: PathBuf,
    /// The generation of Csound that both perform by; without one [`asked_for`](Self::asked_for), otherwise 6.
    pub generation: Option<Generation>,
    /// The rate in Hz.
    pub rate: u32,
    /// The most that is played of a piece, in seconds.
    pub seconds: f64,
    /// How long one performance may take, by the clock on the wall.
    pub limit: Duration,
    /// The seed of the block sizes.
    pub seed: u64,
    /// A MIDI file to play, as it is on disk. The widgets' values are then set in both.
    pub notes: Option<Vec<u8>>,
}

impl Comparison {
    /// The generation by which a piece is compared.
    pub fn generation_of(&self, piece: &Path) -> Generation {
        self.generation.or_else(|| Self::asked_for(piece)).unwrap_or(Generation::Six)
    }

    /// The generation that a piece asks for in a comment: `; csound-performer: csound=7`. Of several, the last.
    pub fn asked_for(piece: &Path) -> Option<Generation> {
        let text = std::fs::read(piece).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let wishes = text.lines().filter_map(|line| line.split_once("csound-performer:"));
        let is_comment = |before: &str| {
            let before = before.trim();
            !before.is_empty() && before.chars().all(|mark| matches!(mark, ';' | '/'))
        };
        let words = wishes.filter(|(before, _)| is_comment(before)).flat_map(|(_, wishes)| {
            // Blanks around the equals sign are none between words.
            let wishes = wishes.split('=').map(str::trim).collect::<Vec<_>>().join("=");
            let number = |wish: &str| wish.trim().strip_prefix("csound=").map(str::to_owned);
            wishes.split([' ', ',', '\t']).filter_map(number).collect::<Vec<_>>()
        });
        words.filter_map(|number| Generation::of_number(number.parse().ok()?)).next_back()
    }

    /// Compares a piece in the folder that `scratch` is a copy of.
    pub fn of(&self, piece: &Path, scratch: &mut Scratch) -> Verdict {
        self.tried(piece, scratch)
            .unwrap_or_else(|error| Verdict::DoesNotPerform { why: format!("{error:#}") })
    }

    fn tried(&self, piece: &Path, scratch: &mut Scratch) -> Result<Verdict> {
        let session = self.session(piece)?;
        let ksmps = match &self.notes {
            Some(_) => match self.ksmps(&session) {
                Ok(ksmps) => ksmps,
                Err(error) => return Ok(Verdict::Refused { why: format!("{error:#}") }),
            },
            None => 1,
        };
        let notes =
            self.notes.as_deref().map(|file| notes::on_boundaries(file, self.rate, ksmps)).transpose()?;
        let generation = self.generation_of(piece);
        let (rate, seconds, limit) = (self.rate, self.seconds, self.limit);
        let wanted = Wanted { generation, rate, seconds, limit, notes: notes.as_ref() };
        let first = match oracle::play(piece, scratch, &wanted)? {
            Heard::Sound(sound) => sound,
            Heard::Nothing(why) => return Ok(Verdict::DoesNotPerform { why }),
        };
        // Whatever the second one says: it said something else the first time.
        let again = |scratch: &mut Scratch| match oracle::play(piece, scratch, &wanted)? {
            Heard::Sound(other) => Ok::<_, anyhow::Error>(compare_sounds(&other, &first)),
            Heard::Nothing(_) => Ok(Some(Difference::at(0, 0, self.rate))),
        };
        if let Some(difference) = again(scratch)? {
            return Ok(Verdict::NotDeterministic(difference));
        }
        let options = self.options(session, &first, notes.as_ref());
        let rendered = match render(&options, |_, _| ()) {
            Ok(rendered) => rendered,
            Err(error) => return Ok(Verdict::Refused { why: format!("{error:#}") }),
        };
        let Some(difference) = self.difference(&rendered, &first) else {
            return Ok(Verdict::Equal(Equal {
                frames: first.frames() as u64,
                silent: first.is_silent(),
                not_numbers: first.not_numbers() as u64,
            }));
        };
        // What goes by the clock may be the same twice in a moment, and another one now.
        Ok(match again(scratch)? {
            Some(difference) => Verdict::NotDeterministic(difference),
            None if rendered.refusals.is_empty() => Verdict::Differs(difference),
            // It sounds otherwise because it may not do what the command does.
            None => Verdict::Refused { why: rendered.refusals.join("; ") },
        })
    }

    fn session(&self, piece: &Path) -> Result<Session> {
        let mut session = Session::from_file(piece)?;
        session.csound = Some(self.generation_of(piece).number().into());
        session.channel_defaults = self.notes.is_some();
        session.at_end = if self.notes.is_some() { AtEnd::Keep } else { AtEnd::Stop };
        Ok(session)
    }

    /// The piece's ksmps, which the plugin's latency tells.
    fn ksmps(&self, session: &Session) -> Result<u32> {
        let mut options = RenderOptions::new(&self.bundle, session.clone());
        options.rate = self.rate;
        options.seconds = Some(1.0 / f64::from(self.rate));
        Ok(render(&options, |_, _| ())?.latency + 1)
    }

    fn options(&self, session: Session, first: &Sound, notes: Option<&notes::Notes>) -> RenderOptions {
        let tail = if first.ended && self.notes.is_none() { TAIL } else { 0.0 };
        let mut options = RenderOptions::new(&self.bundle, session);
        options.rate = self.rate;
        options.block = BlockSize::Random { seed: self.seed };
        options.seconds = Some(first.frames() as f64 / f64::from(self.rate) + tail);
        options.channels = Some(first.samples.len() as u32);
        options.limit = Some(self.limit);
        options.listens = true;
        options.events = notes.map(|notes| notes.events.clone()).unwrap_or_default();
        options
    }

    fn difference(&self, rendered: &Rendered, first: &Sound) -> Option<Difference> {
        let ours = Sound { samples: rendered.samples.clone(), rate: self.rate, ended: rendered.ended };
        compare_sounds(&ours, first)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_piece_asks_for_a_csound_in_a_comment() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("piece.csd");
        for (text, generation) in [
            ("; csound-performer: csound=7\n<CsoundSynthesizer>\n", Some(Generation::Seven)),
            ("  ;; csound-performer: csound=7\r\n", Some(Generation::Seven)),
            ("; csound-performer: csound = 7 at_end= loop\n", Some(Generation::Seven)),
            ("a1 = 1 ; csound-performer: csound=7\n", None),
            ("//csound-performer: note_mode=score, csound=6\n", Some(Generation::Six)),
            ("; csound-performer: csound=7\n; csound-performer: csound=6\n", Some(Generation::Six)),
            ("csound-performer: csound=7\n; csound-performer: csound=8\n; csound=7\n", None),
        ] {
            std::fs::write(&path, text).unwrap();
            assert_eq!(Comparison::asked_for(&path), generation, "{text}");
        }
    }
}
