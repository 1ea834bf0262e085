//! What a piece wishes of the plugin: comments of ours in its text, such as
//!
//! ```text
//! ; csound-performer: note_mode=score, at_end=loop
//! ```
//!
//! Names are those of parameters, values those of their ids. With `csound=7` it asks for a Csound. A section in
//! Cabbage 3's JSON asks for Csound 7 by itself. Pure.

use csound_cabbage::json::section::is_json;
use csound_performance::Generation;
use csound_performance::engine::piece::{Piece, Source};

use crate::setting::{Setting, SettingKind};

/// The word that such a comment begins with.
const MARK: &str = "csound-performer:";

/// What a piece wishes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PieceWishes {
    /// Settings and what they are to stand at; of several for one, the last.
    pub settings: Vec<(Setting, f64)>,
    /// The Csound that it asks for; of several the last.
    pub csound: Option<Generation>,
    /// What is no wish, in a sentence each.
    pub wrong: Vec<String>,
}

impl PieceWishes {
    /// Reads them.
    pub fn of(piece: &Piece) -> Self {
        let mut wishes = Self::default();
        if let Source::Csd(text) = &piece.source
            && is_json(text)
        {
            wishes.csound = Some(Generation::Seven);
        }
        let texts: &[&str] = match &piece.source {
            Source::Csd(csd) => &[csd],
            Source::OrcSco { orc, sco } => &[orc, sco],
        };
        for line in texts.iter().flat_map(|text| text.lines()) {
            let comment = line.trim().trim_start_matches([';', '/']);
            if comment.len() < line.trim().len()
                && let Some(listed) = comment.trim_start().strip_prefix(MARK)
            {
                joined(listed)
                    .split([',', ' ', '\t'])
                    .filter(|word| !word.is_empty())
                    .for_each(|word| wishes.take(word));
            }
        }
        wishes
    }

    /// The value that a setting is wished at.
    pub fn value(&self, setting: Setting) -> Option<f64> {
        self.settings.iter().find(|(known, _)| *known == setting).map(|(_, value)| *value)
    }

    fn take(&mut self, word: &str) {
        let Some((name, value)) = word.split_once('=') else {
            return self.wrong.push(format!("{MARK} {word:?} is no wish such as note_mode=score"));
        };
        if name == Setting::Csound.id() {
            let generation = value.parse().ok().and_then(Generation::of_number);
            match generation {
                Some(generation) => self.csound = Some(generation),
                None => self.wrong.push(format!("{MARK} {name} can be 6 or 7, not {value:?}")),
            }
            return;
        }
        let Some((setting, values)) = WISHES.into_iter().find(|(setting, _)| setting.id() == name) else {
            let settings = WISHES.iter().map(|(setting, _)| setting.id());
            let names: Vec<_> = [Setting::Csound.id()].into_iter().chain(settings).collect();
            return self.wrong.push(format!("{MARK} a piece can wish {}, not {name:?}", names.join(", ")));
        };
        match read(setting, values, value) {
            Some(value) => {
                self.settings.retain(|(known, _)| *known != setting);
                self.settings.push((setting, value));
            }
            None => self.wrong.push(format!("{MARK} {name} cannot be {value:?}")),
        }
    }
}

/// The settings that a piece can wish, with the ids of their values; none for a number.
const WISHES: [(Setting, &[&str]); 6] = [
    (Setting::NoteMode, &["midi", "score"]),
    (Setting::NoteInstrument, &[]),
    (Setting::AtEnd, &["stop", "loop", "keep"]),
    (Setting::Timing, &["exact", "immediate"]),
    (Setting::SampleAccurate, &["piece", "on"]),
    (Setting::Mpe, &["off", "on"]),
];

/// The words of a comment, without blanks around their equals signs.
fn joined(listed: &str) -> String {
    listed.split('=').map(str::trim).collect::<Vec<_>>().join("=")
}

fn read(setting: Setting, values: &[&str], text: &str) -> Option<f64> {
    match setting.kind() {
        SettingKind::Choice(_) => values.iter().position(|known| *known == text).map(|index| index as f64),
        kind => {
            let (least, greatest) = kind.ends();
            let number: u16 = text.parse().ok()?;
            Some(f64::from(number)).filter(|number| (least..=greatest).contains(number))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wishes(text: &str) -> PieceWishes {
        PieceWishes::of(&Piece { name: "a.csd".into(), source: Source::Csd(text.into()), folder: None })
    }

    #[test]
    fn a_section_in_json_asks_for_csound_7() {
        assert_eq!(wishes("<Cabbage>[]</Cabbage>\n").csound, Some(Generation::Seven));
        assert_eq!(wishes("<Cabbage>\nform size(1, 1)\n</Cabbage>\n").csound, None);
        assert_eq!(
            wishes("<Cabbage>[]</Cabbage>\n; csound-performer: csound=6\n").csound,
            Some(Generation::Six)
        );
    }

    #[test]
    fn wishes_are_read_from_comments_and_the_last_one_stands() {
        let text = "; csound-performer: note_mode=score, note_instrument=7\n  // csound-performer: at_end=stop\n\
                    ;csound-performer: at_end=loop timing=immediate mpe=on\ncsound-performer: sample_accurate=on\n";
        let found = wishes(text);
        assert_eq!(found.wrong, [""; 0]);
        assert_eq!(
            found.settings,
            [
                (Setting::NoteMode, 1.0),
                (Setting::NoteInstrument, 7.0),
                (Setting::AtEnd, 1.0),
                (Setting::Timing, 1.0),
                (Setting::Mpe, 1.0)
            ]
        );
    }

    #[test]
    fn a_piece_asks_for_a_csound_by_its_number() {
        assert_eq!(wishes("; csound-performer: csound=7 at_end=loop\n").csound, Some(Generation::Seven));
        assert_eq!(
            wishes("//csound-performer: csound=7\n; csound-performer: csound=6\n").csound,
            Some(Generation::Six)
        );
        for text in ["csound-performer: csound=7\n", "; csound-performer: note_mode=midi\n", "; csound=7\n"] {
            assert_eq!(wishes(text).csound, None, "{text}");
        }
        let found = wishes("; csound-performer:csound = 7 , at_end =loop mpe\t= on\r\n");
        assert_eq!((found.csound, found.settings.len()), (Some(Generation::Seven), 2), "{found:?}");
        assert_eq!(found.wrong, [""; 0]);
        for value in ["8", "auto", "", "seven", "7.0", "700000000000"] {
            let found = wishes(&format!("; csound-performer: csound={value}\n"));
            assert_eq!((found.csound, found.wrong.len(), found.settings.len()), (None, 1, 0), "{value}");
            assert!(found.wrong[0].contains("6 or 7"), "{found:?}");
        }
    }

    #[test]
    fn what_is_no_wish_is_told() {
        let found =
            wishes("; csound-performer: note_mode=loud gain=3 hello note_instrument=0 note_instrument=x\n");
        assert_eq!((found.settings.len(), found.wrong.len()), (0, 5), "{found:?}");
    }
}
