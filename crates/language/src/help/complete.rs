//! What may be completed where the cursor is.

use std::collections::HashMap;
use std::ops::Range;

use super::cursor::{Place, place_of};
use super::fuzzy::score;
use super::snippets::SNIPPETS;
use crate::highlight::{KEYWORDS, Section, Token};
use crate::language::Language;
use crate::opcodes::Opcodes;
use crate::parse::is_name;
use crate::piece::{Document, SymbolKind, names_channel};

/// The most that are offered.
const MOST: usize = 60;

/// Letters that have to be typed before anything is offered by itself.
const FEWEST: usize = 2;

/// The kinds of what may be put in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CandidateKind {
    /// An opcode of Csound.
    Opcode,
    /// Something of the piece.
    Symbol(SymbolKind),
    /// A word of the language.
    Keyword,
    /// A piece of text.
    Snippet,
}

impl CandidateKind {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Opcode => "opcode",
            Self::Symbol(kind) => kind.word(),
            Self::Keyword => "word",
            Self::Snippet => "snippet",
        }
    }
}

/// Something that may be put in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Its name.
    pub name: String,
    /// Its kind.
    pub kind: CandidateKind,
    /// A few words about it: the form of an opcode.
    pub about: String,
    /// The text that takes the place of what was typed.
    pub text: String,
    /// Bytes in that text before the cursor.
    pub cursor: usize,
}

/// What may be completed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Completion {
    /// The bytes of the text that are replaced.
    pub range: Range<usize>,
    /// What may be put in, the best first.
    pub candidates: Vec<Candidate>,
}

/// What the cursor stands in.
enum Within {
    Code,
    Channel,
    Macro,
    Instrument,
    Mark,
}

/// What may be completed at a byte of a text. `asked`: the user asks for it, also where little or nothing is typed.
pub fn completion(
    text: &str,
    byte: usize,
    document: &Document,
    others: &[&Document],
    opcodes: &Opcodes,
    asked: bool,
) -> Option<Completion> {
    let byte = text.floor_char_boundary(byte.min(text.len()));
    let Place { line, column } = place_of(text, byte);
    let begin = byte - column;
    let before = &text[begin..byte];
    let within = within(document, line, before)?;
    let is_part =
        |letter: char| is_name(letter) || matches!(within, Within::Channel) && !matches!(letter, '"');
    let typed = before.rfind(|letter| !is_part(letter)).map_or(before, |at| {
        let length = before[at..].chars().next().map_or(1, char::len_utf8);
        &before[at + length..]
    });
    let is_quoted = matches!(within, Within::Channel | Within::Macro | Within::Instrument);
    let is_number = typed.starts_with(|first: char| first.is_ascii_digit());
    if (typed.chars().count() < FEWEST && !asked && !is_quoted) || is_number {
        return None;
    }
    let mut offer = Offer { typed, scored: Vec::new(), indent: indent_of(before) };
    match within {
        Within::Code => offer.code(document, others, opcodes, line),
        Within::Channel => offer.symbols(document, others, line, &[SymbolKind::Channel]),
        Within::Macro => offer.symbols(document, others, line, &[SymbolKind::Macro]),
        Within::Instrument => offer.symbols(document, others, line, &[SymbolKind::Instrument]),
        Within::Mark => offer.snippets(true),
    }
    let candidates = offer.best();
    let is_done = candidates.len() == 1 && candidates[0].text == typed;
    if candidates.is_empty() || is_done {
        return None;
    }
    let mark = usize::from(matches!(within, Within::Mark));
    Some(Completion { range: byte - typed.len() - mark..byte, candidates })
}

fn indent_of(before: &str) -> &str {
    &before[..before.len() - before.trim_start().len()]
}

/// What the end of a line's beginning stands in; none: in a comment, a text, a number.
fn within(document: &Document, line: usize, before: &str) -> Option<Within> {
    let trimmed = before.trim_start();
    let section = document.section(line);
    if let Some(mark) = trimmed.strip_prefix('<')
        && document.language() == Language::Csd
        && section.is_none_or(|section| section != Section::Orchestra || mark.starts_with("Cs"))
    {
        return mark.chars().all(is_name).then_some(Within::Mark);
    }
    let token = token_before(document, line, before.len());
    if token == Some(Token::Text) || before.matches('"').count() % 2 == 1 {
        let (code, _) = before.rsplit_once('"')?;
        let opcode = opcode_before(code);
        return match opcode {
            Some(name) if names_channel(name) => Some(Within::Channel),
            Some("schedule" | "schedulek" | "event" | "event_i" | "turnoff2" | "nstrnum" | "schedkwhen") => {
                Some(Within::Instrument)
            }
            _ if section == Some(Section::Score) => Some(Within::Instrument),
            _ => None,
        };
    }
    if token == Some(Token::Comment) || section.is_some_and(|section| matches!(section, Section::Other)) {
        return None;
    }
    let name = before.trim_end_matches(is_name);
    if name.ends_with('$') {
        return Some(Within::Macro);
    }
    (section == Some(Section::Orchestra)).then_some(Within::Code)
}

/// The opcode to whose arguments the end of some code belongs: the last word before a bracket, or that with words
/// before it.
fn opcode_before(code: &str) -> Option<&str> {
    let mut words = code.split(|letter: char| !is_name(letter)).filter(|word| !word.is_empty()).rev();
    words.find(|word| {
        names_channel(word)
            || word.starts_with("event")
            || word.starts_with("sched")
            || *word == "nstrnum"
            || *word == "turnoff2"
    })
}

/// The kind of what stands before a byte of a line.
fn token_before(document: &Document, line: usize, column: usize) -> Option<Token> {
    let tokens = document.tokens().nth(line)?;
    let mut at = 0;
    tokens.iter().find_map(|(length, token)| {
        at += length;
        (at >= column).then_some(*token)
    })
}

struct Offer<'t> {
    typed: &'t str,
    scored: Vec<(i32, Candidate)>,
    indent: &'t str,
}

impl Offer<'_> {
    fn code(&mut self, document: &Document, others: &[&Document], opcodes: &Opcodes, line: usize) {
        self.variables(document, line);
        for other in others {
            self.globals(other);
        }
        self.symbols(document, others, line, &[SymbolKind::Opcode, SymbolKind::Structure]);
        for name in opcodes.names() {
            if let Some(score) = score(self.typed, name).filter(|_| name.starts_with(is_name)) {
                let about = opcodes.get(name).first().map(|variant| variant.shown(name)).unwrap_or_default();
                self.add(score, name, CandidateKind::Opcode, about);
            }
        }
        for word in KEYWORDS {
            if let Some(score) = score(self.typed, word).filter(|_| self.typed.len() > 1) {
                self.add(score + 1, word, CandidateKind::Keyword, String::new());
            }
        }
        self.snippets(false);
    }

    /// The variables of the instrument around a line, and those that are global. What is being typed is none.
    fn variables(&mut self, document: &Document, line: usize) {
        let block = document.block_around(line).unwrap_or(0..=0);
        let mut known: HashMap<&str, (bool, SymbolKind, usize)> = HashMap::new();
        for found in document.symbols() {
            let symbol = found.symbol;
            if !matches!(symbol.kind, SymbolKind::Variable | SymbolKind::Table)
                || found.line == line && symbol.name == self.typed
            {
                continue;
            }
            let is_global = symbol.name.starts_with('g') || symbol.arguments == "global";
            let is_near = block.contains(&found.line);
            if is_global || is_near {
                known.entry(&symbol.name).or_insert((is_near, symbol.kind, found.line));
            }
        }
        for (name, (is_near, kind, line)) in known {
            if let Some(score) = score(self.typed, name) {
                let about = format!("line {}", line + 1);
                self.add(score + if is_near { 200 } else { 100 }, name, CandidateKind::Symbol(kind), about);
            }
        }
    }

    fn globals(&mut self, document: &Document) {
        for found in document.symbols() {
            let symbol = found.symbol;
            let is_global = symbol.name.starts_with('g') || symbol.arguments == "global";
            if matches!(symbol.kind, SymbolKind::Variable | SymbolKind::Table)
                && is_global
                && let Some(score) = score(self.typed, &symbol.name)
            {
                self.add(score + 100, &symbol.name, CandidateKind::Symbol(symbol.kind), String::new());
            }
        }
    }

    fn symbols(&mut self, document: &Document, others: &[&Document], line: usize, kinds: &[SymbolKind]) {
        for (number, document) in std::iter::once(&document).chain(others).enumerate() {
            for found in document.symbols() {
                let symbol = found.symbol;
                // What is being typed is none yet.
                let is_typed = number == 0 && found.line == line && symbol.name == self.typed;
                if !kinds.contains(&symbol.kind) || is_typed {
                    continue;
                }
                let Some(score) = score(self.typed, &symbol.name) else { continue };
                let about = match symbol.kind {
                    SymbolKind::Opcode => format!("{} {} {}", symbol.results, symbol.name, symbol.arguments),
                    _ => format!("line {}", found.line + 1),
                };
                self.add(
                    score + 150,
                    &symbol.name,
                    CandidateKind::Symbol(symbol.kind),
                    about.trim().to_owned(),
                );
            }
        }
    }

    fn snippets(&mut self, is_section: bool) {
        for snippet in SNIPPETS.iter().filter(|snippet| snippet.is_section == is_section) {
            let Some(score) = score(self.typed, snippet.name) else { continue };
            let text = snippet.text.replace('\n', &format!("\n{}", self.indent));
            let cursor = text.find('|').unwrap_or(text.len());
            let candidate = Candidate {
                name: snippet.name.to_owned(),
                kind: CandidateKind::Snippet,
                about: snippet.about.to_owned(),
                text: text.replacen('|', "", 1),
                cursor,
            };
            self.scored.push((score, candidate));
        }
    }

    fn add(&mut self, score: i32, name: &str, kind: CandidateKind, about: String) {
        let candidate =
            Candidate { name: name.to_owned(), kind, about, text: name.to_owned(), cursor: name.len() };
        self.scored.push((score, candidate));
    }

    /// The best, each once.
    fn best(mut self) -> Vec<Candidate> {
        self.scored.sort_by(|(a, one), (b, other)| b.cmp(a).then_with(|| one.name.cmp(&other.name)));
        let mut best: Vec<Candidate> = Vec::new();
        for (_, candidate) in self.scored {
            if best.len() == MOST {
                break;
            }
            let is_same = |known: &Candidate| known.name == candidate.name && known.text == candidate.text;
            if !best.iter().any(is_same) {
                best.push(candidate);
            }
        }
        best
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PIECE: &str = "\
giSine ftgen 1, 0, 1024, 10, 1
#define LEVEL #0.5#
opcode Echo, a, ak
ain, kgain xin
xout ain
endop
instr Bell
  kCutoff chnget \"cutoff\"
  aTone oscili 0.1, 440
  
endin
instr 2
  kOther = 1
endin
";

    fn opcodes() -> Opcodes {
        let list = [
            ("MixerGetLevel", "k", "ii"),
            ("oscili", "a", "kkjo"),
            ("oscil3", "a", "kkjo"),
            ("outs", "", "y"),
            ("moogladder", "a", "akk"),
        ];
        Opcodes::named(&list)
    }

    /// The names that are offered where `typed` is typed in an empty line of an instrument.
    fn offered(typed: &str) -> Vec<String> {
        let text = PIECE.replacen("  \n", &format!("  {typed}\n"), 1);
        let byte = text.find(&format!("  {typed}\nendin")).unwrap() + 2 + typed.len();
        names(&text, byte, Language::Orchestra)
    }

    fn names(text: &str, byte: usize, language: Language) -> Vec<String> {
        let document = Document::of(text, language);
        let found = completion(text, byte, &document, &[], &opcodes(), false);
        found.unwrap_or_default().candidates.into_iter().map(|found| found.name).collect()
    }

    #[test]
    fn opcodes_variables_and_the_pieces_own_are_offered() {
        assert_eq!(offered("osc")[..2], ["oscil3", "oscili"]);
        assert_eq!(offered("mgl"), ["moogladder", "MixerGetLevel"]);
        assert_eq!(offered("kCu"), ["kCutoff"]);
        assert!(!offered("kO").contains(&"kOther".to_owned()), "a variable of another instrument");
        assert_eq!(offered("giS"), ["giSine"]);
        assert_eq!(offered("aOut Ech"), ["Echo"]);
        assert!(offered("k1 = $LE").contains(&"LEVEL".to_owned()));
        assert_eq!(offered("chnset 1, \"cu"), ["cutoff"]);
        assert_eq!(offered("schedule \"Be"), ["Bell"]);
        assert_eq!(offered("; osc"), [""; 0], "a comment");
        assert_eq!(offered("prints \"osc"), [""; 0], "a text");
        assert_eq!(offered("k1 = 12"), [""; 0]);
        assert_eq!(offered("o"), [""; 0], "too little");
    }

    #[test]
    fn snippets_keep_the_indent_and_say_where_the_cursor_goes() {
        let text = "instr 1\n  whi\nendin";
        let document = Document::of(text, Language::Orchestra);
        let found = completion(text, 13, &document, &[], &opcodes(), false).unwrap();
        let snippet = found.candidates.iter().find(|found| found.kind == CandidateKind::Snippet).unwrap();
        assert_eq!((snippet.text.as_str(), snippet.cursor), ("while  do\n    \n  od", 6));
        assert_eq!(&text[found.range], "whi");
        let found = names("<CsSc", 5, Language::Csd);
        assert_eq!(found, ["CsScore"]);
    }

    #[test]
    fn no_place_is_too_strange() {
        for text in ["", "é", "<", "\"", "a\u{301}b $", "/*", "{{", PIECE] {
            for language in [Language::Csd, Language::Orchestra, Language::Score] {
                let document = Document::of(text, language);
                for byte in 0..=text.len() + 1 {
                    let _ = completion(text, byte, &document, &[], &opcodes(), true);
                }
            }
        }
    }
}
