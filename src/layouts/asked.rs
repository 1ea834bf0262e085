//! What a piece asks for by its `nchnls` and `nchnls_i`, and the layout that fits it best. Pure.

use std::cmp::Reverse;

use csound_performance::engine::piece::{Piece, Source};
use nice_plug::prelude::AudioIOLayout;

use super::counts::{inputs, outputs};

/// The channels of a piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asked {
    /// `nchnls_i`.
    pub inputs: usize,
    /// `nchnls`.
    pub outputs: usize,
}

impl Asked {
    /// What the text says, as far as that can be seen without Csound: none where a number is a macro, or is worked out.
    pub fn by_text(piece: &Piece) -> Option<Self> {
        let (options, orchestra) = match &piece.source {
            Source::Csd(csd) => {
                (section(csd, "CsOptions").unwrap_or_default(), section(csd, "CsInstruments")?)
            }
            Source::OrcSco { orc, .. } => ("", orc.as_str()),
        };
        let option = |name: &str| {
            let lines = options.lines().map(|line| line.split(';').next().unwrap_or_default());
            let mut words = lines.flat_map(str::split_whitespace);
            words
                .find_map(|word| word.strip_prefix("--")?.strip_prefix(name)?.strip_prefix('=')?.parse().ok())
        };
        let (mut by_outputs, mut by_inputs) = (Some(1), None);
        for statement in header(orchestra) {
            let Some((name, value)) = statement.split_once('=') else { continue };
            match name.trim() {
                "nchnls" => by_outputs = value.trim().parse().ok(),
                "nchnls_i" => by_inputs = Some(value.trim().parse().ok()),
                _ => {}
            }
        }
        let outputs = option("nchnls").or(by_outputs)?;
        let inputs = match (option("nchnls_i"), by_inputs) {
            (Some(inputs), _) => inputs,
            (None, Some(inputs)) => inputs?,
            (None, None) => outputs,
        };
        Some(Self { inputs, outputs })
    }

    /// The place of the layout that fits best: as many outputs in one bus, or else the fewest that are enough, and the
    /// inputs likewise. A piece that asks for no more inputs than it has outputs has the usual layout of its width, with
    /// a sidechain. None where no layout is wide enough.
    pub fn preferred(self, layouts: &[AudioIOLayout]) -> Option<usize> {
        let fit = |layout: &AudioIOLayout| {
            let main = outputs(layout).next().unwrap_or(0) as usize;
            let ins: Vec<usize> = inputs(layout).map(|channels| channels as usize).collect();
            let all: usize = ins.iter().sum();
            let is_alone = outputs(layout).count() == 1;
            let wants_more = self.inputs > self.outputs;
            let is_effect = !ins.is_empty();
            if main < self.outputs || !is_alone || is_effect && all < self.inputs {
                return None;
            }
            let spare = match (is_effect, wants_more) {
                // The sidechain's own channels, no more.
                (true, true) => all - self.inputs,
                // The main bus as wide as what is read, or heard where nothing is read.
                (true, false) => ins[0].abs_diff(if self.inputs == 0 { self.outputs } else { self.inputs }),
                (false, _) => 0,
            };
            Some((main - self.outputs, spare))
        };
        let fitting =
            layouts.iter().enumerate().filter_map(|(place, layout)| Some((fit(layout)?, Reverse(place))));
        // Of those that fit alike, the first.
        fitting.min_by_key(|(fit, Reverse(place))| (*fit, *place)).map(|(_, Reverse(place))| place)
    }
}

/// What stands in the first section of this name.
fn section<'a>(csd: &'a str, tag: &str) -> Option<&'a str> {
    let (_, rest) = csd.split_once(&format!("<{tag}>"))?;
    Some(rest.split_once(&format!("</{tag}>")).map_or(rest, |(inside, _)| inside))
}

/// The lines before the first instrument or opcode, without their comments.
fn header(orchestra: &str) -> impl Iterator<Item = String> {
    let mut lines = Vec::new();
    let mut in_comment = false;
    for line in orchestra.lines() {
        let code = code_of(line, &mut in_comment);
        let first = code.split_whitespace().next().unwrap_or_default();
        if first == "instr" || first == "opcode" {
            break;
        }
        lines.push(code);
    }
    lines.into_iter()
}

fn code_of(line: &str, in_comment: &mut bool) -> String {
    let (mut code, mut rest) = (String::new(), line);
    while !rest.is_empty() {
        if *in_comment {
            let Some((_, after)) = rest.split_once("*/") else { break };
            (*in_comment, rest) = (false, after);
            continue;
        }
        let end = ["/*", "//", ";"].into_iter().filter_map(|mark| rest.find(mark)).min();
        let Some(end) = end else {
            code.push_str(rest);
            break;
        };
        code.push_str(&rest[..end]);
        if !rest[end..].starts_with("/*") {
            break;
        }
        (*in_comment, rest) = (true, &rest[end + 2..]);
    }
    code
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layouts::{EFFECT, INSTRUMENT};

    fn asked(header: &str, options: &str) -> Option<(usize, usize)> {
        let text = format!(
            "<CsoundSynthesizer>\n<CsOptions>\n{options}\n</CsOptions>\n<CsInstruments>\n{header}\ninstr 1\nnchnls = 9\n\
             endin\n</CsInstruments>\n</CsoundSynthesizer>\n"
        );
        let piece = Piece { name: "a.csd".into(), source: Source::Csd(text), folder: None };
        Asked::by_text(&piece).map(|asked| (asked.inputs, asked.outputs))
    }

    #[test]
    fn channels_are_read_from_the_header_and_the_options() {
        for (header, options, expected) in [
            ("nchnls = 4", "", Some((4, 4))),
            ("nchnls=2 ; nchnls = 7\n nchnls_i\t=\t4", "-d", Some((4, 2))),
            ("/* nchnls = 6\nnchnls = 7 */ nchnls = 8 // 9", "", Some((8, 8))),
            ("", "", Some((1, 1))),
            ("nchnls = 2", "-d --nchnls=6 ; --nchnls=7", Some((6, 6))),
            ("nchnls = 2\nnchnls_i = 2", "--nchnls_i=4", Some((4, 2))),
            ("nchnls = $OUTS", "", None),
            ("nchnls = 2\nnchnls_i = $INS", "", None),
            ("nchnls = 2\nnchnls = 4", "", Some((4, 4))),
        ] {
            assert_eq!(asked(header, options), expected, "{header} {options}");
        }
    }

    #[test]
    fn the_layout_that_fits_best_is_preferred() {
        let name = |layouts: &'static [AudioIOLayout], inputs, outputs| {
            let place = Asked { inputs, outputs }.preferred(layouts)?;
            layouts[place].names.layout
        };
        for (outputs, expected) in [
            (1, Some("Mono")),
            (2, Some("Stereo")),
            (3, Some("4 channels")),
            (5, Some("6 channels")),
            (8, Some("8 channels")),
            (9, Some("16 channels")),
            (17, None),
        ] {
            assert_eq!(name(INSTRUMENT, outputs, outputs), expected, "{outputs}");
        }
        for (inputs, outputs, expected) in [
            (2, 2, Some("Stereo with sidechain")),
            (4, 2, Some("Stereo with sidechain")),
            (3, 2, Some("Stereo with mono sidechain")),
            (1, 1, Some("Mono with sidechain")),
            (3, 1, Some("Mono with stereo sidechain")),
            (1, 2, Some("Mono to stereo with sidechain")),
            (6, 4, Some("4 channels with stereo sidechain")),
            (8, 8, Some("8 channels with sidechain")),
            (32, 16, Some("16 channels with sidechain")),
            (18, 16, Some("16 channels with stereo sidechain")),
            (5, 5, Some("6 channels with sidechain")),
            (0, 2, Some("Stereo with sidechain")),
            (40, 2, None),
        ] {
            assert_eq!(name(EFFECT, inputs, outputs), expected, "{inputs} in, {outputs} out");
        }
    }
}
