//! The text that is performed: a CSD, or an orchestra with its score. Pure.
//!
//! Csound never sees the user's `<CsOptions>`: an unknown or dangerous option takes its process down
//! or opens it. [`prepare`] blanks them, keeps those that shape the sound ([`options`]) and says
//! what it dropped. Lines keep their numbers, because Csound's messages count them.
//! [`live`] checks text that is typed while a piece performs; [`score`] holds a score open.

pub mod live;
pub mod options;
pub mod score;

use std::path::PathBuf;

/// The longest text that is taken, in bytes.
const LONGEST: usize = 64 << 20;

const OPTIONS_TAG: &str = "<CsOptions>";
const OPTIONS_END: &str = "</CsOptions>";

/// What a piece is written in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// One text with everything.
    Csd(String),
    /// An orchestra and its score.
    OrcSco {
        /// The orchestra.
        orc: String,
        /// The score; may be empty.
        sco: String,
    },
}

/// A piece.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// The name of its file, such as `bells.csd`.
    pub name: String,
    /// Its text.
    pub source: Source,
    /// The folder in which it finds its sounds and includes.
    pub folder: Option<PathBuf>,
}

/// A text for Csound to read from a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PreparedFile {
    /// `csd`, `orc` or `sco`.
    pub extension: &'static str,
    /// The text, its lines where the user's are.
    pub text: String,
}

/// A piece made ready for Csound.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prepared {
    /// One csd, or orc and sco.
    pub files: Vec<PreparedFile>,
    /// The options that are kept, each an argument.
    pub options: Vec<String>,
    /// What was dropped and why, for the console.
    pub notes: Vec<String>,
    /// Whether the piece asks for events on their exact frame.
    pub sample_accurate: bool,
}

/// Why a text is not a piece.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PieceError {
    /// Nothing is there.
    #[error("the piece is empty; a CSD needs at least <CsoundSynthesizer> with <CsInstruments>")]
    Empty,
    /// More than anybody writes.
    #[error("the piece has {0} bytes; at most {LONGEST} are read")]
    TooLong(usize),
    /// Csound would stop reading there.
    #[error("line {line} holds a NUL character, at which Csound would stop reading; is this a text file?")]
    Nul {
        /// From 1.
        line: usize,
    },
    /// A CSD lacks a section.
    #[error(
        "the piece has no {tag} section; a CSD has <CsoundSynthesizer> around <CsInstruments> … </CsInstruments> and, if it likes, <CsScore>"
    )]
    Section {
        /// What is missing.
        tag: &'static str,
    },
    /// The options never end.
    #[error("<CsOptions> in line {line} is never closed with </CsOptions>")]
    OpenOptions {
        /// From 1.
        line: usize,
    },
}

/// Makes a piece ready for Csound.
///
/// # Errors
/// [`PieceError`], where the text cannot be a piece.
pub fn prepare(source: &Source) -> Result<Prepared, PieceError> {
    match source {
        Source::Csd(text) => prepare_csd(text),
        Source::OrcSco { orc, sco } => {
            check_text(orc)?;
            if !sco.is_empty() {
                check_text(sco)?;
            }
            let files = vec![file("orc", orc), file("sco", sco)];
            Ok(Prepared { files, options: Vec::new(), notes: Vec::new(), sample_accurate: false })
        }
    }
}

fn file(extension: &'static str, text: &str) -> PreparedFile {
    PreparedFile { extension, text: text.to_owned() }
}

fn check_text(text: &str) -> Result<(), PieceError> {
    if text.trim().is_empty() {
        return Err(PieceError::Empty);
    }
    if text.len() > LONGEST {
        return Err(PieceError::TooLong(text.len()));
    }
    match text.find('\0') {
        Some(at) => Err(PieceError::Nul { line: line_at(text, at) }),
        None => Ok(()),
    }
}

fn prepare_csd(text: &str) -> Result<Prepared, PieceError> {
    check_text(text)?;
    for tag in ["<CsoundSynthesizer>", "<CsInstruments>"] {
        if tag_at(text, tag, 0).is_none() {
            return Err(PieceError::Section { tag });
        }
    }
    let (text, written) = blank_options(text)?;
    let chosen = options::choose(&written);
    Ok(Prepared {
        files: vec![PreparedFile { extension: "csd", text }],
        sample_accurate: chosen.sample_accurate,
        options: chosen.kept,
        notes: chosen.notes,
    })
}

/// Where a tag begins a line, from `from` on: only there Csound reads it as one.
fn tag_at(text: &str, tag: &str, from: usize) -> Option<usize> {
    let mut from = from;
    while let Some(at) = text[from..].find(tag).map(|at| at + from) {
        let line = text[..at].rfind(['\n', '\r']).map_or(0, |end| end + 1);
        if text[line..at].chars().all(|character| character.is_whitespace() || character == '\u{feff}') {
            return Some(at);
        }
        from = at + tag.len();
    }
    None
}

/// Takes the options out of a CSD and leaves blanks, so that all lines stay where they are.
fn blank_options(text: &str) -> Result<(String, String), PieceError> {
    let mut blanked = text.to_owned();
    let mut written = String::new();
    let mut from = 0;
    while let Some(begin) = tag_at(&blanked, OPTIONS_TAG, from) {
        let content = begin + OPTIONS_TAG.len();
        let Some(end) = blanked[content..].find(OPTIONS_END).map(|end| end + content) else {
            return Err(PieceError::OpenOptions { line: line_at(text, begin) });
        };
        written.push_str(&blanked[content..end]);
        written.push('\n');
        let blank: String =
            blanked[content..end].chars().filter(|character| matches!(character, '\n' | '\r')).collect();
        blanked.replace_range(content..end, &blank);
        from = content + blank.len() + OPTIONS_END.len();
    }
    Ok((blanked, written))
}

/// The line, from 1, in which a byte stands.
fn line_at(text: &str, at: usize) -> usize {
    text[..at].matches('\n').count() + 1
}

/// The text of a prepared file with its score held open, so that the performance does not end.
pub fn hold_score_open(file: &PreparedFile) -> String {
    let text = &file.text;
    if file.extension == "sco" {
        return score::hold_open(text);
    }
    let span = tag_at(text, "<CsScore>", 0).and_then(|begin| {
        let content = begin + "<CsScore>".len();
        Some((content, text[content..].find("</CsScore>")? + content))
    });
    // Without a score Csound plays for ever; a score that a program writes is not ours to change.
    match span {
        Some((begin, end)) => [&text[..begin], &score::hold_open(&text[begin..end]), &text[end..]].concat(),
        None => text.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CSD: &str = "<CsoundSynthesizer>\n<CsOptions>\n-odac -m0 ; loud\n--ksmps=10\n</CsOptions>\n<CsInstruments>\ninstr 1\nendin\n</CsInstruments>\n<CsScore>\ni1 0 1\ne\n</CsScore>\n</CsoundSynthesizer>\n";

    fn csd(text: &str) -> Result<Prepared, PieceError> {
        prepare(&Source::Csd(text.to_owned()))
    }

    fn lines(text: &str) -> usize {
        text.matches('\n').count()
    }

    #[test]
    fn options_are_blanked_and_every_line_stays_where_it_is() {
        let prepared = csd(CSD).unwrap();
        let text = &prepared.files[0].text;
        assert_eq!(lines(text), lines(CSD));
        assert!(!text.contains("odac"));
        assert_eq!(
            text.lines().position(|line| line == "instr 1"),
            CSD.lines().position(|line| line == "instr 1")
        );
        assert_eq!(prepared.options, ["-m0", "--ksmps=10"]);
        assert_eq!(prepared.notes.len(), 1, "{:?}", prepared.notes);
    }

    #[test]
    fn what_lacks_a_section_or_an_end_is_refused_with_what_is_missing() {
        assert_eq!(csd("  \n"), Err(PieceError::Empty));
        assert_eq!(csd("hello"), Err(PieceError::Section { tag: "<CsoundSynthesizer>" }));
        assert_eq!(csd("<CsoundSynthesizer>"), Err(PieceError::Section { tag: "<CsInstruments>" }));
        let open = CSD.replace("</CsOptions>", "");
        assert_eq!(csd(&open), Err(PieceError::OpenOptions { line: 2 }));
        let nul = CSD.replace("instr 1", "instr\0");
        assert_eq!(csd(&nul), Err(PieceError::Nul { line: 7 }));
    }

    #[test]
    fn a_tag_inside_a_comment_is_none() {
        let commented = CSD.replace("instr 1", "; see <CsOptions>\ninstr 1");
        let prepared = csd(&commented).unwrap();
        assert!(prepared.files[0].text.contains("; see <CsOptions>"));
    }

    #[test]
    fn a_score_is_held_open_where_it_stands() {
        let prepared = csd(CSD).unwrap();
        let text = hold_score_open(&prepared.files[0]);
        assert_eq!(lines(&text), lines(CSD));
        assert!(text.contains("i1 0 1\nf 0 "), "{text}");
        assert!(!text.contains("\ne\n"));
        let none = PreparedFile { extension: "csd", text: "<CsInstruments>\n</CsInstruments>".into() };
        assert_eq!(hold_score_open(&none), none.text);
    }

    #[test]
    fn no_mutation_makes_the_reader_panic_or_lose_lines() {
        let mut state = 1_u64;
        let mut random = |below: usize| {
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            (state >> 33) as usize % below
        };
        let parts = [
            "<CsOptions>",
            "</CsOptions>",
            "\n",
            "\r\n",
            "\"",
            "/*",
            "-",
            "--env:",
            "é",
            "<CsScore>",
            "{",
            "e\n",
            "-F",
            "=",
        ];
        for _ in 0..20_000 {
            let mut text: Vec<char> = CSD.chars().collect();
            for _ in 0..random(4) + 1 {
                let at = random(text.len());
                match random(3) {
                    0 => drop(text.remove(at)),
                    1 => drop(text.splice(at..at, parts[random(parts.len())].chars()).count()),
                    _ => text.truncate(at.max(1)),
                }
                if text.is_empty() {
                    text.push('x');
                }
            }
            let text: String = text.into_iter().collect();
            if let Ok(prepared) = csd(&text) {
                assert_eq!(lines(&prepared.files[0].text), lines(&text));
                hold_score_open(&prepared.files[0]);
            }
            let _ = live::check_score_line(&text);
        }
    }
}
