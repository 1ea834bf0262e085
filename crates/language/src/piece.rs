//! A text of a piece, read line by line, and what its lines define. A line is read again only if it has changed.

mod line;

use crate::highlight::{Highlighter, Section, Token};
use crate::language::Language;
use crate::parse::{Call, Word};
use line::ReadLine;

pub use line::{Block, Symbol, SymbolKind, names_channel};

/// A text of a piece.
#[derive(Default)]
pub struct Document {
    highlighter: Highlighter,
    keys: Vec<u64>,
    lines: Vec<ReadLine>,
    language: Language,
}

/// A symbol and its line, from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Defined<'d> {
    /// The symbol.
    pub symbol: &'d Symbol,
    /// Its line.
    pub line: usize,
}

impl Document {
    /// Of a text.
    pub fn of(text: &str, language: Language) -> Self {
        let mut document = Self::default();
        document.update(text, language);
        document
    }

    /// Reads what has changed in the text; says how many lines that were.
    pub fn update(&mut self, text: &str, language: Language) -> usize {
        self.highlighter.update(text, language);
        self.language = language;
        let keys: Vec<u64> = self.highlighter.keys().collect();
        let both = self.keys.len().min(keys.len());
        let above = self.keys.iter().zip(&keys).take_while(|(before, now)| before == now).count();
        let same = |(before, now): &(&u64, &u64)| before == now;
        let below = self.keys.iter().rev().zip(keys.iter().rev()).take(both - above).take_while(same).count();
        let fresh = keys.len() - below;
        let texts = text.split('\n').zip(self.highlighter.lines()).zip(self.highlighter.sections());
        let read = texts.skip(above).take(fresh - above);
        let read: Vec<_> = read
            .map(|((text, tokens), (section, is_inside))| ReadLine::of(text, tokens, section, is_inside))
            .collect();
        let end = self.lines.len() - below;
        self.lines.splice(above..end, read);
        self.keys = keys;
        fresh - above
    }

    /// What tells each line from others: its text, and what the line before it leaves open.
    pub fn keys(&self) -> &[u64] {
        &self.keys
    }

    /// The language of the text.
    pub fn language(&self) -> Language {
        self.language
    }

    /// The tokens of each line.
    pub fn tokens(&self) -> impl Iterator<Item = &[(usize, Token)]> {
        self.highlighter.lines()
    }

    /// The number of lines.
    pub fn len(&self) -> usize {
        self.lines.len()
    }

    /// Whether it has no line, which only a document has that was not read yet.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    pub(crate) fn highlighter(&self) -> &Highlighter {
        &self.highlighter
    }

    /// The words of a line, without comments.
    pub fn words(&self, line: usize) -> &[Word] {
        self.lines.get(line).map_or(&[], |line| &line.words)
    }

    /// The calls of a line of an orchestra.
    pub fn calls(&self, line: usize) -> &[Call] {
        self.lines.get(line).map_or(&[], |line| &line.calls)
    }

    /// Whether the statement of a line goes on in the next one.
    pub fn goes_on(&self, line: usize) -> bool {
        let is = |line: usize, what: fn(&ReadLine) -> bool| self.lines.get(line).is_some_and(what);
        is(line, |line| line.goes_on) || is(line + 1, |next| next.begins_inside)
    }

    /// The part of the piece in which a line stands; none for the marks of sections.
    pub fn section(&self, line: usize) -> Option<Section> {
        self.lines.get(line).and_then(|line| line.section)
    }

    /// The block that begins or ends in a line.
    pub fn block(&self, line: usize) -> Option<&Block> {
        self.lines.get(line).and_then(|line| line.block.as_ref())
    }

    /// All symbols, in the order of their lines.
    pub fn symbols(&self) -> impl Iterator<Item = Defined<'_>> {
        let of = |(number, line): (usize, &'_ ReadLine)| (number, line.symbols.len());
        let counted = self.lines.iter().enumerate().map(of).filter(|(_, count)| *count > 0);
        counted
            .flat_map(|(line, _)| self.lines[line].symbols.iter().map(move |symbol| Defined { symbol, line }))
    }

    /// The numbers and names of its instruments, without the `+` of names that come last, in the order of their lines.
    pub fn instruments(&self) -> impl Iterator<Item = &str> {
        let instruments =
            self.symbols().map(|found| found.symbol).filter(|symbol| symbol.kind == SymbolKind::Instrument);
        instruments.map(|symbol| symbol.name.trim_start_matches('+'))
    }

    /// What an outline shows: instruments, opcodes, structures, macros and tables, in the order of their lines.
    pub fn outline(&self) -> Vec<Defined<'_>> {
        self.symbols().filter(|found| found.symbol.kind.is_in_outline()).collect()
    }

    /// The lines of the instrument or opcode around a line, its first and last included; none between them.
    pub fn block_around(&self, line: usize) -> Option<std::ops::RangeInclusive<usize>> {
        let begin = (0..=line.min(self.lines.len().saturating_sub(1))).rev().find_map(|at| match self
            .block(at)
        {
            Some(Block::Instrument | Block::Opcode) => Some(Some(at)),
            Some(Block::End) if at < line => Some(None),
            _ => None,
        })??;
        let end = (line.max(begin)..self.lines.len()).find(|at| self.block(*at) == Some(&Block::End))?;
        Some(begin..=end)
    }

    /// The first definition of a name.
    pub fn definition(&self, name: &str) -> Option<Defined<'_>> {
        let rank = |found: &Defined| (found.symbol.kind == SymbolKind::Channel, found.line);
        self.symbols().filter(|found| found.symbol.name == name).min_by_key(rank)
    }

    /// The places of a name: lines, and bytes in them. Comments and texts are left out, but for a text that is the name.
    pub fn uses(&self, text: &str, name: &str) -> Vec<(usize, std::ops::Range<usize>)> {
        let mut found = Vec::new();
        for (number, line) in text.split('\n').enumerate() {
            if !line.contains(name) {
                continue;
            }
            for word in self.words(number) {
                let Some(said) = line.get(word.at.clone()) else { continue };
                let bare = said.trim_matches('"').trim_start_matches('$').trim_end_matches('.');
                if bare == name {
                    let begin = word.at.start + said.find(name).unwrap_or(0);
                    found.push((number, begin..begin + name.len()));
                }
            }
        }
        found
    }
}
