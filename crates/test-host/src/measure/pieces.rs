//! The pieces that are measured. Each sounds for longer than any measurement, and costs the same at
//! every moment.

use serde::{Deserialize, Serialize};

/// Frames in a k-cycle of every measured piece.
pub const KSMPS: usize = 32;

/// Frames per second of every measurement.
pub const RATE: f64 = 48_000.0;

/// How long every note lasts, in seconds: a hundred hours.
const SECONDS: u32 = 360_000;

/// Voices of the moderate piece, and of the heavy one.
const MODERATE_VOICES: u32 = 16;
const HEAVY_VOICES: u32 = 48;

/// How much a piece computes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Weight {
    /// An instrument that does nothing: what is left is the way to Csound and back.
    Empty,
    /// One oscillator.
    Trivial,
    /// 16 voices of vco2 and moogladder.
    Moderate,
    /// 48 of them, into a reverb.
    Heavy,
}

/// The pieces that are compared, the lightest first.
pub const COMPARED: [Weight; 3] = [Weight::Trivial, Weight::Moderate, Weight::Heavy];

impl Weight {
    /// The piece's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::Trivial => "trivial",
            Self::Moderate => "moderate",
            Self::Heavy => "heavy",
        }
    }

    /// What the piece is, for a reader.
    pub fn description(self) -> String {
        match self {
            Self::Empty => "an instrument that does nothing".to_owned(),
            Self::Trivial => "one oscillator".to_owned(),
            Self::Moderate => format!("{MODERATE_VOICES} voices of vco2 + moogladder"),
            Self::Heavy => format!("{HEAVY_VOICES} voices of vco2 + moogladder, and reverbsc"),
        }
    }

    /// The piece as a CSD. Instrument 9 does nothing, for events that are to cost no more than being
    /// carried.
    pub fn csd(self) -> String {
        let (orchestra, score) = match self {
            Self::Empty => ("instr 1\nendin\n".to_owned(), format!("i 1 0 {SECONDS}\n")),
            Self::Trivial => {
                ("instr 1\na1 poscil 0.2, 440\nouts a1, a1\nendin\n".to_owned(), format!("i 1 0 {SECONDS}\n"))
            }
            Self::Moderate => (voice("outs a2, a2\n"), voices(MODERATE_VOICES)),
            Self::Heavy => (
                format!(
                    "gamix init 0\n{}instr 2\naL, aR reverbsc gamix, gamix, 0.85, 9000\nouts aL, aR\ngamix = 0\nendin\n",
                    voice("gamix = gamix + a2\n")
                ),
                format!("{}i 2 0 {SECONDS}\n", voices(HEAVY_VOICES)),
            ),
        };
        format!(
            "<CsoundSynthesizer>\n<CsInstruments>\nsr = {RATE}\nksmps = {KSMPS}\nnchnls = 2\n0dbfs = 1\n{orchestra}\
             instr 9\nendin\n</CsInstruments>\n<CsScore>\n{score}</CsScore>\n</CsoundSynthesizer>\n"
        )
    }
}

/// A voice whose filter moves, so that its coefficients are computed in every k-cycle.
fn voice(output: &str) -> String {
    format!(
        "instr 1\nkmove lfo 600, p5\na1 vco2 0.02, p4\na2 moogladder a1, 1200 + kmove, 0.4\n{output}endin\n"
    )
}

fn voices(count: u32) -> String {
    let note = |voice: u32| {
        // Fifths, within three octaves.
        let pitch = 55.0 * (f64::from(voice * 7 % 36) / 12.0).exp2();
        format!("i 1.{:03} 0 {SECONDS} {pitch:.3} {:.3}\n", voice + 1, 0.1 + 0.013 * f64::from(voice))
    };
    (0..count).map(note).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_piece_has_its_voices() {
        let notes = |weight: Weight| weight.csd().lines().filter(|line| line.starts_with("i 1.")).count();
        assert_eq!((notes(Weight::Moderate), notes(Weight::Heavy)), (16, 48));
        assert!(Weight::Trivial.csd().contains("poscil"));
        let pitches = voices(48);
        let pitches = pitches.lines().map(|note| note.split(' ').nth(4).unwrap().parse::<f64>().unwrap());
        assert!(pitches.into_iter().all(|pitch| (50.0..500.0).contains(&pitch)));
    }
}
