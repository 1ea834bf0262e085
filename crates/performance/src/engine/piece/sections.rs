//! The sections of a CSD, found as Csound 6.18 and Csound 7.00 find them.
//!
//! 6 looks for the end of an orchestra or a score outside of comments and strings. 7 does not know strings, in a
//! score not even comments, and in an orchestra only comments that begin a line.

use std::ops::Range;
use std::path::Path;

use csound_library::Generation;

use super::cursor::{Chunk, Cursor, boundary_at};
use super::error::PieceError;
use super::options;

/// The spans of a CSD's orchestras, without their tags, as a Csound reads them; `None` if it is no CSD to it.
pub fn orchestra_spans(text: &str, generation: Generation) -> Option<Vec<Range<usize>>> {
    sections(text, generation).ok().map(|found| found.orchestras)
}

/// The same where it does not matter which Csound performs: as one reads them that can.
pub(super) fn some_orchestra_spans(text: &str) -> Option<Vec<Range<usize>>> {
    Generation::ALL.into_iter().find_map(|generation| orchestra_spans(text, generation))
}

/// The span of a CSD's score, without its tags, if it has one that no program writes.
pub fn score_span(text: &str, generation: Generation) -> Option<Range<usize>> {
    sections(text, generation).ok().and_then(|found| found.score)
}

/// The parts of a CSD.
#[derive(Debug, Default)]
pub(super) struct Sections {
    /// The insides of its orchestras.
    pub(super) orchestras: Vec<Range<usize>>,
    /// The inside of its first score.
    pub(super) score: Option<Range<usize>>,
    /// The parts that must not reach Csound.
    pub(super) blanks: Vec<Range<usize>>,
    /// The lines of all its options.
    pub(super) options: Vec<options::OptionLine>,
    /// Notes for the user.
    pub(super) notes: Vec<String>,
    /// The parts that only a trusted piece may have.
    pub(super) foreign: Vec<Foreign>,
}

/// A part of a CSD that starts a program or writes somewhere while Csound reads it.
#[derive(Debug)]
pub(super) struct Foreign {
    /// With its tags.
    pub(super) span: Range<usize>,
    pub(super) what: String,
}

/// Sections whose content we pass over, with what ends them, and where in the line that may stand.
const OTHERS: [(&str, &[&str], EndPlace); 6] = [
    ("<CsMidifileB>", &["</CsMidiFileB>"], EndPlace::Begin),
    ("<CsVersion>", &["</CsVersion>"], EndPlace::Anywhere),
    ("<CsLicence>", &["</CsLicence>", "</CsLicense>"], EndPlace::Anywhere),
    ("<CsLicense>", &["</CsLicence>", "</CsLicense>"], EndPlace::Anywhere),
    ("<CsShortLicence>", &["</CsShortLicence>", "</CsShortLicense>"], EndPlace::Anywhere),
    ("<CsSortLicense>", &["</CsShortLicence>", "</CsShortLicense>"], EndPlace::Anywhere),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum EndPlace {
    Begin,
    Anywhere,
}

/// Finds the sections of a CSD as Csound does: a tag counts at the beginning of a line, blanks
/// before it allowed, outside of other sections, and also before `<CsoundSynthesizer>`.
pub(super) fn sections(text: &str, generation: Generation) -> Result<Sections, PieceError> {
    let mut found = Sections::default();
    let mut cursor = Cursor { text, at: 0, line: 1 };
    let mut started = false;
    while let Some(chunk) = cursor.next() {
        let begins = |tag: &str| chunk.begins(text, tag);
        if begins("<CsoundSynthesizer>") || begins("<CsoundSynthesiser>") {
            started = true;
        } else if begins("</CsoundSynthesizer>") || begins("</CsoundSynthesiser>") {
            started = true;
            break;
        } else if begins("<CsOptions>") {
            read_options(&mut cursor, &chunk, &mut found)?;
        } else if begins("<CsInstruments>") {
            let tags = ("<CsInstruments>", "</CsInstruments>");
            let span = match generation {
                Generation::Six => read_code(&mut cursor, &chunk, tags, true)?,
                Generation::Seven => read_lines(&mut cursor, &chunk, tags, Some(&mut found.blanks))?,
            };
            found.orchestras.push(span);
        } else if begins("<CsScore>") {
            let tags = ("<CsScore>", "</CsScore>");
            let span = match generation {
                Generation::Six => read_code(&mut cursor, &chunk, tags, false)?,
                Generation::Seven => read_lines(&mut cursor, &chunk, tags, None)?,
            };
            found.score.get_or_insert(span);
        } else if begins("<CsScore") {
            read_score_program(&mut cursor, &chunk, &mut found)?;
        } else if begins("<CsFileB filename=") {
            cursor.skip_base64();
            skip(&mut cursor, &chunk, "<CsFileB>", &["</CsFileB>"], EndPlace::Begin)?;
            found.foreign.extend(foreign_file(text, &chunk, cursor.at));
        } else if begins("<CsSampleB filename=") {
            cursor.skip_base64();
            skip(&mut cursor, &chunk, "<CsSampleB>", &["</CsSampleB>"], EndPlace::Begin)?;
        } else if begins("<CsFile filename=") {
            return Err(PieceError::PlainFile { line: chunk.line });
        } else if let Some((tag, ends, place)) = OTHERS.iter().find(|(tag, ..)| begins(tag)) {
            skip(&mut cursor, &chunk, tag, ends, *place)?;
        }
    }
    if !started {
        return Err(PieceError::Section { tag: "<CsoundSynthesizer>" });
    }
    if found.orchestras.is_empty() {
        return Err(PieceError::Section { tag: "<CsInstruments>" });
    }
    Ok(found)
}

fn read_options(cursor: &mut Cursor, opening: &Chunk, found: &mut Sections) -> Result<(), PieceError> {
    const TAG: &str = "<CsOptions>";
    let mut reader = options::OptionReader::default();
    let after = opening.first + TAG.len();
    while let Some(chunk) = cursor.next() {
        let line = String::from_utf8_lossy(&cursor.text.as_bytes()[chunk.start..chunk.end]);
        if reader.line(chunk.line, &line) {
            found.blanks.push(after..chunk.first);
            found.options.append(&mut reader.lines);
            return Ok(());
        }
    }
    Err(PieceError::Unclosed { tag: TAG, end: "</CsOptions>", line: opening.line })
}

/// The state of reading an orchestra or score.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reading {
    Code,
    Text,
    Comment,
    LongText,
}

/// Passes an orchestra or a score as Csound 7 does. `hidden` takes the ends that a comment hides, for a section
/// in which one may: Csound may find the comment's end too early, among what it has read before.
fn read_lines(
    cursor: &mut Cursor,
    opening: &Chunk,
    (tag, end): (&'static str, &'static str),
    mut hidden: Option<&mut Vec<Range<usize>>>,
) -> Result<Range<usize>, PieceError> {
    let begin = cursor.at;
    let mut is_comment = false;
    while let Some(chunk) = cursor.next() {
        let mut first = chunk.first;
        if hidden.is_some() && chunk.begins(cursor.text, "/*") {
            is_comment = true;
            first += "/*".len();
        }
        if chunk.begins(cursor.text, end) {
            match hidden.as_mut().filter(|_| is_comment) {
                Some(hidden) => hidden.push(chunk.first..chunk.first + end.len()),
                None => return Ok(boundary_at(cursor.text, begin)..chunk.first),
            }
        }
        let line = &cursor.text.as_bytes()[first..chunk.end];
        is_comment &= !line.windows(2).any(|pair| pair == b"*/");
    }
    Err(PieceError::Unclosed { tag, end, line: opening.line })
}

/// Passes an orchestra or a score as Csound 6 does: in strings and comments its end does not count.
fn read_code(
    cursor: &mut Cursor,
    opening: &Chunk,
    (tag, end): (&'static str, &'static str),
    long_text: bool,
) -> Result<Range<usize>, PieceError> {
    let begin = cursor.at;
    let mut reading = Reading::Code;
    while let Some(chunk) = cursor.next() {
        if reading == Reading::Code && chunk.begins(cursor.text, end) {
            // The tag is ASCII, and so is what stands before it in its line.
            return Ok(boundary_at(cursor.text, begin)..chunk.first);
        }
        let (after, continued) =
            pass_line(&cursor.text.as_bytes()[chunk.start..chunk.end], reading, long_text);
        if after == Reading::Text && !continued {
            return Err(PieceError::OpenString { line: chunk.line });
        }
        reading = after;
    }
    Err(PieceError::Unclosed { tag, end, line: opening.line })
}

/// The reading behind one line, and whether a backslash ends it: only then may a string go on.
fn pass_line(line: &[u8], mut reading: Reading, long_text: bool) -> (Reading, bool) {
    let mut at = 0;
    while at < line.len() {
        let pair = (line[at], line.get(at + 1).copied().unwrap_or(0));
        let (next, length) = match (reading, pair) {
            (Reading::Code, (b'"', _)) => (Reading::Text, 1),
            (Reading::Code, (b'/', b'*')) => (Reading::Comment, 2),
            (Reading::Code, (b';', _) | (b'/', b'/')) => return (Reading::Code, false),
            (Reading::Code, (b'{', b'{')) if long_text => (Reading::LongText, 2),
            (Reading::Text, (b'\\', _)) => (Reading::Text, 2),
            (Reading::Text, (b'"', _)) => (Reading::Code, 1),
            (Reading::Comment, (b'*', b'/')) | (Reading::LongText, (b'}', b'}')) => (Reading::Code, 2),
            (reading, _) => (reading, 1),
        };
        reading = next;
        at += length;
    }
    (reading, at > line.len())
}

/// Passes a score that a program writes. Csound looks for its end without blanks before it.
fn read_score_program(cursor: &mut Cursor, opening: &Chunk, found: &mut Sections) -> Result<(), PieceError> {
    let tag = String::from_utf8_lossy(&cursor.text.as_bytes()[opening.first..opening.end]);
    let program = tag.split_once("bin=\"").and_then(|(_, rest)| rest.split_once('"'));
    let Some((program, _)) = program else {
        return Err(PieceError::ScoreProgram { line: opening.line });
    };
    let line = opening.line;
    found.notes.push(format!("line {line}: the program {program} writes the score: Csound runs it"));
    while let Some(chunk) = cursor.next() {
        if chunk.first == chunk.start && chunk.begins(cursor.text, "</CsScore>") {
            let what = format!("line {line}: the program {program} would have to write the score");
            found.foreign.push(Foreign { span: opening.first..cursor.at.min(cursor.text.len()), what });
            return Ok(());
        }
    }
    Err(PieceError::Unclosed { tag: "<CsScore>", end: "</CsScore>", line })
}

/// An embedded file that goes elsewhere than beside the piece.
fn foreign_file(text: &str, opening: &Chunk, end: usize) -> Option<Foreign> {
    let tag = String::from_utf8_lossy(&text.as_bytes()[opening.first..opening.end]);
    let name = tag.split_once("filename=")?.1.trim_end_matches('>').trim_matches('"').to_owned();
    let elsewhere = Path::new(&name).is_absolute() || name.split(['/', '\\']).any(|part| part == "..");
    let what = format!(
        "line {}: the embedded file {name} would be written outside the piece's folder",
        opening.line
    );
    elsewhere.then(|| Foreign { span: opening.first..end.min(text.len()), what })
}

fn skip(
    cursor: &mut Cursor,
    opening: &Chunk,
    tag: &'static str,
    ends: &'static [&'static str],
    place: EndPlace,
) -> Result<(), PieceError> {
    while let Some(chunk) = cursor.next() {
        let line = &cursor.text.as_bytes()[chunk.start..chunk.end];
        let ended = ends.iter().any(|end| match place {
            EndPlace::Begin => chunk.begins(cursor.text, end),
            EndPlace::Anywhere => line.windows(end.len()).any(|window| window == end.as_bytes()),
        });
        if ended {
            return Ok(());
        }
    }
    Err(PieceError::Unclosed { tag, end: ends[0], line: opening.line })
}
