//! The text that is performed: a CSD, or an orchestra with its score. Pure.
//!
//! Csound never sees the user's `<CsOptions>`: an unknown or dangerous option takes its process down
//! or opens it. [`prepare`] blanks them, keeps those that shape the sound ([`options`]) and says
//! what it dropped. Lines keep their numbers, because Csound's messages count them.
//! [`channel_names`] finds the channels that an orchestra names; [`live_text`] checks text that is typed
//! while a piece performs; [`score`] holds a score open; [`length`] says how long it is.
//!
//! The sections of a CSD are found exactly as Csound 6.18 finds them, quirks included: options that
//! we overlook would reach it. What Csound would hang or fail on is an error here.

pub mod channel_names;
pub mod length;
pub mod live_text;
pub mod opcode_uses;
pub mod options;
pub mod score;

pub use live_text as live;

use std::ops::Range;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// The longest text that is taken, in bytes.
const LONGEST: usize = 64 << 20;

/// Csound reads a CSD in pieces of at most this many bytes; each counts as the beginning of a line.
const LONGEST_CHUNK: usize = 4095;

/// What a piece is written in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Source {
    /// One text with everything.
    Csd(String),
    /// An orchestra and its score.
    OrcSco {
        /// The orchestra.
        orc: String,
        /// The score; may be empty: Csound then plays for ever.
        sco: String,
    },
}

/// A piece.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
    /// The text, its lines where the user's are. A CSD's and a score's lines end in `\n`.
    pub text: String,
}

/// A piece made ready for Csound.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prepared {
    /// One csd, or orc and sco.
    pub files: Vec<PreparedFile>,
    /// The options that are kept, each one argument of a command line.
    pub options: Vec<String>,
    /// What was dropped and why, for the console.
    pub notes: Vec<String>,
    /// Whether the piece asks for events on their exact frame.
    pub sample_accurate: bool,
    /// The MIDI file that plays the piece, as written: where relative, from the piece's folder.
    pub midi_file: Option<String>,
}

/// Why a text is not a piece. Lines count from 1.
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
        /// Where.
        line: usize,
    },
    /// A CSD lacks a section.
    #[error(
        "the piece has no {tag} at the beginning of a line (upper and lower case matter); a CSD has <CsoundSynthesizer>, in it <CsInstruments> … </CsInstruments> and, if it likes, <CsScore> … </CsScore>, then </CsoundSynthesizer>"
    )]
    Section {
        /// What is missing.
        tag: &'static str,
    },
    /// A section never ends.
    #[error("{tag} in line {line} is never closed: write {end} at the beginning of a line")]
    Unclosed {
        /// The section.
        tag: &'static str,
        /// What must end it.
        end: &'static str,
        /// Where the section begins.
        line: usize,
    },
    /// A string in the orchestra or score never ends.
    #[error("the string in line {line} is not closed with a quote")]
    OpenString {
        /// Where.
        line: usize,
    },
    /// A score tag with something else in it than a program.
    #[error("line {line} begins a score that a program should write, but names none: <CsScore bin=\"…\">")]
    ScoreProgram {
        /// Where.
        line: usize,
    },
    /// Csound never returns from this section.
    #[error(
        "line {line}: Csound 6.18 hangs on <CsFile>; put the file beside the piece, or use <CsFileB> with base64"
    )]
    PlainFile {
        /// Where.
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
        Source::OrcSco { orc, sco } => prepare_pair(orc, sco),
    }
}

/// The piece without what would start a program or write beyond its own folder while Csound reads
/// it, and what that was. Csound fails the whole piece over such a part, where the rest can play.
pub fn without_foreign_parts(source: &Source) -> (Source, Vec<String>) {
    let Source::Csd(text) = source else { return (source.clone(), Vec::new()) };
    let Ok(found) = sections(text) else { return (source.clone(), Vec::new()) };
    let spans: Vec<_> = found.foreign.iter().map(|part| part.span.clone()).collect();
    let what = found.foreign.into_iter().map(|part| part.what).collect();
    (Source::Csd(blanked(text, &spans)), what)
}

/// The text of a prepared file with its score held open, so that the performance does not end.
pub fn hold_score_open(file: &PreparedFile) -> String {
    let text = &file.text;
    if file.extension == "sco" {
        return score::hold_open(text);
    }
    // Without a score Csound plays for ever; a score that a program writes is not ours to change.
    let score =
        if file.extension == "csd" { sections(text).ok().and_then(|found| found.score) } else { None };
    match score {
        Some(Range { start, end }) => {
            [&text[..start], &score::hold_open(&text[start..end]), &text[end..]].concat()
        }
        None => text.clone(),
    }
}

/// The spans of a CSD's orchestras, without their tags; `None` if the text is no CSD.
pub fn orchestra_spans(text: &str) -> Option<Vec<Range<usize>>> {
    sections(text).ok().map(|found| found.orchestras)
}

/// The span of a CSD's score, without its tags, where it has one that no program writes.
pub fn score_span(text: &str) -> Option<Range<usize>> {
    sections(text).ok().and_then(|found| found.score)
}

fn prepare_pair(orc: &str, sco: &str) -> Result<Prepared, PieceError> {
    check_text(orc)?;
    if !sco.trim().is_empty() {
        check_text(sco)?;
    }
    // Csound 6.18 takes the mark that some editors put before a text for a syntax error.
    let unmarked = |text: &str| text.strip_prefix('\u{feff}').unwrap_or(text).to_owned();
    Ok(Prepared {
        files: vec![
            PreparedFile { extension: "orc", text: unmarked(orc) },
            PreparedFile { extension: "sco", text: with_line_feeds(&unmarked(sco)) },
        ],
        options: Vec::new(),
        notes: Vec::new(),
        sample_accurate: false,
        midi_file: None,
    })
}

fn prepare_csd(text: &str) -> Result<Prepared, PieceError> {
    check_text(text)?;
    let found = sections(text)?;
    let chosen = options::choose(&found.options);
    let mut notes = chosen.notes;
    notes.extend(found.notes);
    Ok(Prepared {
        files: vec![PreparedFile { extension: "csd", text: with_line_feeds(&blanked(text, &found.blanks)) }],
        options: chosen.kept,
        notes,
        sample_accurate: chosen.sample_accurate,
        midi_file: chosen.midi_file,
    })
}

fn check_text(text: &str) -> Result<(), PieceError> {
    if text.len() > LONGEST {
        return Err(PieceError::TooLong(text.len()));
    }
    if text.trim_matches(|character: char| character.is_whitespace() || character == '\u{feff}').is_empty() {
        return Err(PieceError::Empty);
    }
    match text.find('\0') {
        Some(at) => Err(PieceError::Nul { line: line_at(text, at) }),
        None => Ok(()),
    }
}

/// Puts blanks where options were. All bytes stay where they are, because Csound counts them.
fn blanked(text: &str, blanks: &[Range<usize>]) -> String {
    let mut result = String::with_capacity(text.len());
    let mut at = 0;
    for Range { start, end } in blanks {
        result.push_str(&text[at..*start]);
        result.extend(text[*start..*end].bytes().map(|byte| match byte {
            b'\n' | b'\r' => char::from(byte),
            _ => ' ',
        }));
        at = *end;
    }
    result.push_str(&text[at..]);
    result
}

/// Ends all lines alike, as Csound does when it reads them.
fn with_line_feeds(text: &str) -> String {
    match text.contains('\r') {
        true => text.replace("\r\n", "\n").replace('\r', "\n"),
        false => text.to_owned(),
    }
}

/// The line, from 1, in which a byte stands. Lines end in `\n`, `\r\n` or `\r`.
fn line_at(text: &str, at: usize) -> usize {
    line_ends(&text.as_bytes()[..at]) + 1
}

fn line_ends(bytes: &[u8]) -> usize {
    let single = |index: usize| bytes.get(index + 1) != Some(&b'\n');
    bytes
        .iter()
        .enumerate()
        .filter(|(index, byte)| **byte == b'\n' || (**byte == b'\r' && single(*index)))
        .count()
}

/// The beginning of the character in which a byte stands.
fn boundary_at(text: &str, at: usize) -> usize {
    (0..=at).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

/// What a CSD is made of.
#[derive(Debug, Default)]
struct Sections {
    /// The insides of its orchestras.
    orchestras: Vec<Range<usize>>,
    /// The inside of its first score.
    score: Option<Range<usize>>,
    /// What must not reach Csound.
    blanks: Vec<Range<usize>>,
    /// The lines of all its options.
    options: Vec<options::OptionLine>,
    /// What the user should know.
    notes: Vec<String>,
    /// What only a trusted piece may have.
    foreign: Vec<Foreign>,
}

/// A part of a CSD that starts a program or writes somewhere while Csound reads it.
#[derive(Debug)]
struct Foreign {
    /// With its tags.
    span: Range<usize>,
    what: String,
}

/// Sections whose content we pass over, with what ends them, and where in the line that may stand.
const OTHERS: [(&str, &[&str], Place); 6] = [
    ("<CsMidifileB>", &["</CsMidiFileB>"], Place::Begin),
    ("<CsVersion>", &["</CsVersion>"], Place::Anywhere),
    ("<CsLicence>", &["</CsLicence>", "</CsLicense>"], Place::Anywhere),
    ("<CsLicense>", &["</CsLicence>", "</CsLicense>"], Place::Anywhere),
    ("<CsShortLicence>", &["</CsShortLicence>", "</CsShortLicense>"], Place::Anywhere),
    ("<CsSortLicense>", &["</CsShortLicence>", "</CsShortLicense>"], Place::Anywhere),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Begin,
    Anywhere,
}

/// Finds the sections of a CSD as Csound 6.18 does: a tag counts at the beginning of a line, blanks
/// before it allowed, outside of other sections, and also before `<CsoundSynthesizer>`.
fn sections(text: &str) -> Result<Sections, PieceError> {
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
            let span = read_code(&mut cursor, &chunk, tags, true)?;
            found.orchestras.push(span);
        } else if begins("<CsScore>") {
            let span = read_code(&mut cursor, &chunk, ("<CsScore>", "</CsScore>"), false)?;
            found.score.get_or_insert(span);
        } else if begins("<CsScore") {
            read_score_program(&mut cursor, &chunk, &mut found)?;
        } else if begins("<CsFileB filename=") {
            cursor.skip_base64();
            skip(&mut cursor, &chunk, "<CsFileB>", &["</CsFileB>"], Place::Begin)?;
            found.foreign.extend(foreign_file(text, &chunk, cursor.at));
        } else if begins("<CsSampleB filename=") {
            cursor.skip_base64();
            skip(&mut cursor, &chunk, "<CsSampleB>", &["</CsSampleB>"], Place::Begin)?;
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
    let mut reader = options::Reader::default();
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

/// Where in an orchestra or score the reading stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Code,
    Text,
    Comment,
    LongText,
}

/// Passes an orchestra or a score, in whose strings and comments its end does not count.
fn read_code(
    cursor: &mut Cursor,
    opening: &Chunk,
    (tag, end): (&'static str, &'static str),
    long_text: bool,
) -> Result<Range<usize>, PieceError> {
    let begin = cursor.at;
    let mut state = State::Code;
    while let Some(chunk) = cursor.next() {
        if state == State::Code && chunk.begins(cursor.text, end) {
            // The tag is ASCII, and so is what stands before it in its line.
            return Ok(boundary_at(cursor.text, begin)..chunk.first);
        }
        let (after, continued) = pass_line(&cursor.text.as_bytes()[chunk.start..chunk.end], state, long_text);
        if after == State::Text && !continued {
            return Err(PieceError::OpenString { line: chunk.line });
        }
        state = after;
    }
    Err(PieceError::Unclosed { tag, end, line: opening.line })
}

/// The state behind one line, and whether a backslash ends it: only then may a string go on.
fn pass_line(line: &[u8], mut state: State, long_text: bool) -> (State, bool) {
    let mut at = 0;
    while at < line.len() {
        let pair = (line[at], line.get(at + 1).copied().unwrap_or(0));
        let (next, length) = match (state, pair) {
            (State::Code, (b'"', _)) => (State::Text, 1),
            (State::Code, (b'/', b'*')) => (State::Comment, 2),
            (State::Code, (b';', _) | (b'/', b'/')) => return (State::Code, false),
            (State::Code, (b'{', b'{')) if long_text => (State::LongText, 2),
            (State::Text, (b'\\', _)) => (State::Text, 2),
            (State::Text, (b'"', _)) => (State::Code, 1),
            (State::Comment, (b'*', b'/')) | (State::LongText, (b'}', b'}')) => (State::Code, 2),
            (state, _) => (state, 1),
        };
        state = next;
        at += length;
    }
    (state, at > line.len())
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
    place: Place,
) -> Result<(), PieceError> {
    while let Some(chunk) = cursor.next() {
        let line = &cursor.text.as_bytes()[chunk.start..chunk.end];
        let ended = ends.iter().any(|end| match place {
            Place::Begin => chunk.begins(cursor.text, end),
            Place::Anywhere => line.windows(end.len()).any(|window| window == end.as_bytes()),
        });
        if ended {
            return Ok(());
        }
    }
    Err(PieceError::Unclosed { tag, end: ends[0], line: opening.line })
}

/// What Csound reads at once: a line, or a part of a very long one. May cut a character in two.
#[derive(Debug)]
struct Chunk {
    start: usize,
    /// Behind the last byte that is no line end.
    end: usize,
    /// The first byte that is no blank.
    first: usize,
    /// From 1.
    line: usize,
}

impl Chunk {
    fn begins(&self, text: &str, tag: &str) -> bool {
        text.as_bytes()[self.first..self.end].starts_with(tag.as_bytes())
    }
}

/// A place in a CSD.
struct Cursor<'a> {
    text: &'a str,
    at: usize,
    line: usize,
}

impl Cursor<'_> {
    fn next(&mut self) -> Option<Chunk> {
        let rest = &self.text.as_bytes()[self.at..];
        if rest.is_empty() {
            return None;
        }
        let window = &rest[..rest.len().min(LONGEST_CHUNK)];
        let length = window.iter().position(|byte| matches!(byte, b'\n' | b'\r')).unwrap_or(window.len());
        let blanks = rest[..length].iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        let chunk = Chunk { start: self.at, end: self.at + length, first: self.at + blanks, line: self.line };
        let end = match &rest[length..] {
            _ if length == window.len() => 0,
            [b'\r', b'\n', ..] => 2,
            _ => 1,
        };
        self.at += length + end;
        self.line += end.min(1);
        Some(chunk)
    }

    /// Goes behind the data of an embedded file: behind the first `=`, or to the first `<`.
    fn skip_base64(&mut self) {
        let rest = &self.text.as_bytes()[self.at..];
        let length = rest.iter().position(|byte| matches!(byte, b'=' | b'<'));
        let length = length.map_or(rest.len(), |length| length + usize::from(rest[length] == b'='));
        self.line += line_ends(&rest[..length]);
        self.at += length;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CSD: &str = "<CsoundSynthesizer>\n<CsOptions>\n-odac -m0 ; loud\n--ksmps=10\n</CsOptions>\n<CsInstruments>\ninstr 1\nendin\n</CsInstruments>\n<CsScore>\ni1 0 1\ne\n</CsScore>\n</CsoundSynthesizer>\n";

    const ORCHESTRA: &str = "<CsInstruments>\ninstr 1\nendin\n</CsInstruments>\n";
    const OPTIONS: &str = "<CsOptions>\n--ksmps=7\n</CsOptions>\n";

    fn csd(text: &str) -> Result<Prepared, PieceError> {
        prepare(&Source::Csd(text.to_owned()))
    }

    fn within(body: &str) -> String {
        format!("<CsoundSynthesizer>\n{body}</CsoundSynthesizer>\n")
    }

    /// The lines as Csound counts them.
    fn lines(text: &str) -> usize {
        line_at(text, text.len())
    }

    fn options_of(text: &str) -> Vec<String> {
        csd(text).unwrap().options
    }

    /// A reader of its own for the tests: which lines would Csound still take for options?
    fn options_left(text: &str) -> usize {
        sections(text).unwrap().options.len()
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
        assert!(prepared.notes[0].contains("line 3"), "{:?}", prepared.notes);
        assert_eq!(options_left(text), 0);
    }

    #[test]
    fn what_lacks_a_section_or_an_end_is_refused_with_what_is_missing() {
        assert_eq!(csd("  \n"), Err(PieceError::Empty));
        assert_eq!(csd("\u{feff}\n"), Err(PieceError::Empty));
        assert_eq!(csd("hello"), Err(PieceError::Section { tag: "<CsoundSynthesizer>" }));
        assert_eq!(csd("<CsoundSynthesizer>"), Err(PieceError::Section { tag: "<CsInstruments>" }));
        let unclosed = |tag, end, line| Err(PieceError::Unclosed { tag, end, line });
        assert_eq!(csd(&CSD.replace("</CsOptions>", "")), unclosed("<CsOptions>", "</CsOptions>", 2));
        assert_eq!(
            csd(&CSD.replace("</CsInstruments>", "")),
            unclosed("<CsInstruments>", "</CsInstruments>", 6)
        );
        assert_eq!(csd(&CSD.replace("</CsScore>", "")), unclosed("<CsScore>", "</CsScore>", 10));
        assert_eq!(csd(&CSD.replace("instr 1", "instr\0")), Err(PieceError::Nul { line: 7 }));
        assert_eq!(csd(&CSD.replace('\n', "\r").replace("instr 1", "\0")), Err(PieceError::Nul { line: 7 }));
        assert_eq!(csd(&CSD.replace("instr 1", "prints \"a")), Err(PieceError::OpenString { line: 7 }));
        let long = format!("{CSD}{}", " ".repeat(LONGEST));
        assert_eq!(csd(&long), Err(PieceError::TooLong(long.len())));
        let words = csd("hello").unwrap_err().to_string();
        assert!(words.contains("<CsInstruments>") && words.contains("</CsoundSynthesizer>"), "{words}");
    }

    #[test]
    fn tags_are_told_by_their_case() {
        // Csound 6.18 says "unknown CSD tag: <csoptions>" and plays without.
        assert_eq!(options_of(&within(&format!("{}{ORCHESTRA}", OPTIONS.to_lowercase()))), [""; 0]);
        assert_eq!(
            csd(&within(&ORCHESTRA.to_lowercase())),
            Err(PieceError::Section { tag: "<CsInstruments>" })
        );
    }

    #[test]
    fn the_outer_tag_may_be_spelled_in_two_ways_and_one_of_its_ends_suffices() {
        // All of these play in Csound 6.18.
        let body = format!("{OPTIONS}{ORCHESTRA}");
        for text in [
            format!("<CsoundSynthesiser>\n{body}</CsoundSynthesiser>"),
            format!("<CsoundSynthesizer>\n{body}"),
            format!("{body}</CsoundSynthesizer>"),
            format!("\u{feff}<CsoundSynthesizer>\n{body}</CsoundSynthesizer>"),
            format!("{OPTIONS}<CsoundSynthesizer>\n{ORCHESTRA}</CsoundSynthesizer>"),
            format!("<CsoundSynthesizer>\n{ORCHESTRA}{OPTIONS}</CsoundSynthesizer>"),
        ] {
            assert_eq!(options_of(&text), ["--ksmps=7"], "{text}");
        }
        // What follows the end is not read.
        assert_eq!(options_of(&format!("{}{OPTIONS}", within(ORCHESTRA))), [""; 0]);
    }

    #[test]
    fn blanks_may_stand_before_a_tag_and_anything_behind_it() {
        for section in [
            "  \t<CsOptions>\n--ksmps=7\n\t </CsOptions>\n",
            "<CsOptions> -odac\n--ksmps=7\n</CsOptions> -odac\n",
            "<CsOptions> </CsOptions>\n--ksmps=7\n</CsOptions>\n",
            "<CsOptions>\n--ksmps=7\n\n</CsOptions>\n",
        ] {
            let text = within(&format!("{section}{ORCHESTRA}"));
            let prepared = csd(&text).unwrap();
            assert_eq!(prepared.options, ["--ksmps=7"], "{section}");
            assert_eq!(options_left(&prepared.files[0].text), 0, "{section}");
            assert_eq!(prepared.files[0].text.len(), text.len(), "{section}");
        }
        // These are no options in Csound 6.18.
        for section in ["\u{a0}<CsOptions>\n--ksmps=7\n", "\u{b}<CsOptions>\n--ksmps=7\n", "<CsOptions x>\n"]
        {
            assert_eq!(options_of(&within(&format!("{section}{ORCHESTRA}"))), [""; 0], "{section}");
        }
    }

    #[test]
    fn several_option_sections_are_all_read_and_all_blanked() {
        let text = within(&format!("{OPTIONS}{ORCHESTRA}<CsOptions>\n--nchnls=2\n-odac\n</CsOptions>\n"));
        let prepared = csd(&text).unwrap();
        assert_eq!(prepared.options, ["--ksmps=7", "--nchnls=2"]);
        assert_eq!(options_left(&prepared.files[0].text), 0);
        assert!(!prepared.files[0].text.contains("odac"));
    }

    #[test]
    fn a_line_that_csound_cannot_read_at_once_begins_anew_behind_4095_bytes() {
        for (before, expected) in [(4094, 0), (4095, 1), (4096, 0)] {
            let text = within(&format!("{}{OPTIONS}{ORCHESTRA}", "x".repeat(before)));
            let prepared = csd(&text).unwrap();
            assert_eq!(prepared.options.len(), expected, "{before}");
            assert_eq!(options_left(&prepared.files[0].text), 0);
        }
    }

    #[test]
    fn every_kind_of_line_end_is_understood() {
        for end in ["\r\n", "\r", "\n"] {
            let text = CSD.replace('\n', end);
            let prepared = csd(&text).unwrap();
            assert_eq!(prepared.options, ["-m0", "--ksmps=10"], "{end:?}");
            assert_eq!(lines(&prepared.files[0].text), lines(&text), "{end:?}");
            assert_eq!(lines(&text), lines(CSD));
            assert!(!prepared.files[0].text.contains('\r'));
        }
    }

    #[test]
    fn a_tag_inside_a_comment_string_or_other_section_is_none() {
        for (body, expected) in [
            (format!("<CsInstruments>\n/*\n{OPTIONS}*/\n</CsInstruments>\n"), 0),
            (format!("<CsInstruments>\nprints {{{{\n{OPTIONS}}}}}\n</CsInstruments>\n"), 0),
            (format!("<CsInstruments>\n; {{{{ /* \"\n</CsInstruments>\n{OPTIONS}"), 1),
            (format!("<CsInstruments>\n{{{{\n</CsInstruments>\n}}}}\n</CsInstruments>\n{OPTIONS}"), 1),
            (format!("<CsInstruments>\n\"\\\"/*\"\n</CsInstruments>\n{OPTIONS}"), 1),
            (format!("{ORCHESTRA}<CsScore>\n/*\n</CsScore>\n{OPTIONS}*/\n</CsScore>\n"), 0),
            (format!("{ORCHESTRA}<CsScore>\n{{{{\n</CsScore>\n{OPTIONS}"), 1),
            (format!("<CsLicence>\n{OPTIONS}</CsLicence>\n{ORCHESTRA}"), 0),
            (format!("<CsVersion>\n{OPTIONS}</CsVersion>\n{ORCHESTRA}"), 0),
            (format!("<html>\n{OPTIONS}</html>\n{ORCHESTRA}"), 1),
            (format!("; see <CsOptions>\n{ORCHESTRA}"), 0),
            (format!("<CsMidifileB>\nAAAA\n</CsMidiFileB>\n{OPTIONS}{ORCHESTRA}"), 1),
            (format!("<CsFileB filename=a>\naGVsbG8=\n{OPTIONS}</CsFileB>\n{OPTIONS}{ORCHESTRA}"), 1),
            (format!("<CsFileB filename=a>\naGVsbG8</CsFileB>\n{OPTIONS}{ORCHESTRA}"), 1),
        ] {
            assert_eq!(options_of(&within(&body)).len(), expected, "{body}");
        }
        // A block comment among the options hides their end, as in Csound 6.18.
        let hidden = "<CsOptions>\n-m0 /* x\n</CsOptions>\n*/\n--ksmps=7\n</CsOptions>\n";
        let text = within(&format!("{hidden}{ORCHESTRA}"));
        assert_eq!(options_of(&text), ["-m0", "--ksmps=7"]);
    }

    #[test]
    fn what_csound_would_hang_or_fail_on_is_an_error() {
        let file = csd(&within(&format!("<CsFileB filename=a>\naGVsbG8=\n{ORCHESTRA}")));
        assert_eq!(file, Err(PieceError::Unclosed { tag: "<CsFileB>", end: "</CsFileB>", line: 2 }));
        let plain = csd(&within(&format!("<CsFile filename=a>\nx\n</CsFile>\n{ORCHESTRA}")));
        assert_eq!(plain, Err(PieceError::PlainFile { line: 2 }));
        // Csound 6.18 looks for </CsMidiFileB> behind <CsMidifileB>.
        let midi = csd(&within(&format!("<CsMidifileB>\nAAAA\n</CsMidifileB>\n{ORCHESTRA}")));
        assert!(matches!(midi, Err(PieceError::Unclosed { end: "</CsMidiFileB>", .. })), "{midi:?}");
        let program = csd(&within(&format!("{ORCHESTRA}<CsScore foo>\n</CsScore>\n")));
        assert_eq!(program, Err(PieceError::ScoreProgram { line: 6 }));
    }

    #[test]
    fn a_score_that_a_program_writes_is_said() {
        let prepared = csd(&within(&format!("{ORCHESTRA}<CsScore bin=\"make\">\nx\n</CsScore>\n"))).unwrap();
        assert!(prepared.notes[0].contains("make"), "{:?}", prepared.notes);
        assert_eq!(hold_score_open(&prepared.files[0]), prepared.files[0].text);
    }

    #[test]
    fn an_orchestra_and_its_score_lose_the_editors_mark_only() {
        let source =
            Source::OrcSco { orc: "\u{feff}instr 1\nendin\n".into(), sco: "\u{feff}i1 0 1\r\n".into() };
        let prepared = prepare(&source).unwrap();
        assert_eq!(prepared.files[0], PreparedFile { extension: "orc", text: "instr 1\nendin\n".into() });
        assert_eq!(prepared.files[1], PreparedFile { extension: "sco", text: "i1 0 1\n".into() });
        assert!(prepared.options.is_empty() && prepared.notes.is_empty());
        // Without a score Csound 6.18 plays for ever.
        assert!(prepare(&Source::OrcSco { orc: "instr 1\nendin\n".into(), sco: " \n".into() }).is_ok());
        let empty = Source::OrcSco { orc: " ".into(), sco: "i1 0 1".into() };
        assert_eq!(prepare(&empty), Err(PieceError::Empty));
        let nul = Source::OrcSco { orc: "instr 1\nendin\n".into(), sco: "i1 0 1\n\0".into() };
        assert_eq!(prepare(&nul), Err(PieceError::Nul { line: 2 }));
    }

    #[test]
    fn what_the_options_ask_for_is_handed_on() {
        let text = within(&format!("<CsOptions>\n--sample-accurate -F tune.mid\n</CsOptions>\n{ORCHESTRA}"));
        let prepared = csd(&text).unwrap();
        assert!(prepared.sample_accurate);
        assert_eq!(prepared.midi_file.as_deref(), Some("tune.mid"));
        assert_eq!(prepared.options, ["--sample-accurate", "-Ftune.mid"]);
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
        let orchestra = PreparedFile { extension: "orc", text: "instr 1\nendin\n".into() };
        assert_eq!(hold_score_open(&orchestra), orchestra.text);
    }

    #[test]
    fn parts_that_reach_out_while_csound_reads_are_taken_out_and_named() {
        let text = within(&format!(
            "{ORCHESTRA}<CsScore bin=\"make it\">\nx\n</CsScore>\n<CsFileB filename=\"/etc/x\">\nQUJD\n</CsFileB>\n\
             <CsFileB filename=\"../y\">\nQUJD\n</CsFileB>\n<CsFileB filename=\"z.wav\">\nQUJD\n</CsFileB>\n"
        ));
        let (Source::Csd(rest), what) = without_foreign_parts(&Source::Csd(text.clone())) else { panic!() };
        assert_eq!(rest.lines().count(), text.lines().count(), "lines keep their numbers");
        assert!(!rest.contains("make it") && !rest.contains("/etc/x") && !rest.contains("../y"));
        assert!(rest.contains("z.wav") && rest.contains("<CsInstruments>"));
        assert_eq!(what.len(), 3, "{what:?}");
        assert!(csd(&rest).is_ok());
        let plain = Source::Csd(within(ORCHESTRA));
        assert_eq!(without_foreign_parts(&plain), (plain.clone(), Vec::new()));
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
            "\r",
            "\"",
            "/*",
            "*/",
            "-",
            "--env:",
            "é",
            "😀",
            "<CsScore>",
            "<CsScore bin=\"",
            "{{",
            "}}",
            "e\n",
            "-F",
            "=",
            "\\",
            "<CsFileB filename=",
            ";",
            "<CsLicence>",
            "</CsoundSynthesizer>",
            "\u{feff}",
            " ",
            "[",
            "#define",
        ];
        let long = "é".repeat(2047);
        let mut taken = 0;
        for _ in 0..20_000 {
            let mut text: Vec<char> = CSD.chars().collect();
            for _ in 0..random(4) + 1 {
                let at = random(text.len());
                match random(20) {
                    0 => text.truncate(at.max(1)),
                    1 => drop(text.splice(at..at, long.chars())),
                    2..9 => drop(text.remove(at)),
                    _ => drop(text.splice(at..at, parts[random(parts.len())].chars())),
                }
                if text.is_empty() {
                    text.push('x');
                }
            }
            let text: String = text.into_iter().collect();
            if let Ok(prepared) = csd(&text) {
                let made = &prepared.files[0].text;
                assert_eq!(lines(made), lines(&text), "{text}");
                assert_eq!(options_left(made), 0, "{text}");
                assert_eq!(csd(made).unwrap().files[0].text, *made, "{text}");
                hold_score_open(&prepared.files[0]);
                taken += 1;
            }
            let _ = live::check_score_line(&text);
            let _ = live::check_score(&text);
            let _ = live::check_orchestra(&text);
            channel_names::scan_channel_names(&text);
        }
        assert!(taken > 5000, "only {taken} mutations were still pieces");
    }
}
