//! What a line of a piece defines.

use std::collections::HashMap;
use std::ops::Range;

use crate::highlight::{Section, Token};
use crate::parse::{Call, Kind, Word, behind_labels, calls, goes_on, words};

/// The kinds of what a piece defines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SymbolKind {
    /// An instrument, by its number or name.
    Instrument,
    /// An opcode of the piece's own.
    Opcode,
    /// A structure of Csound 7.
    Structure,
    /// A function table: the variable that has its number, or its number in the score.
    Table,
    /// A macro.
    Macro,
    /// A channel of the software bus.
    Channel,
    /// A variable.
    Variable,
    /// A file that is included.
    Include,
}

impl SymbolKind {
    /// Whether the outline shows it.
    pub fn is_in_outline(self) -> bool {
        matches!(self, Self::Instrument | Self::Opcode | Self::Structure | Self::Table | Self::Macro)
    }

    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Instrument => "instrument",
            Self::Opcode => "opcode of the piece",
            Self::Structure => "structure",
            Self::Table => "table",
            Self::Macro => "macro",
            Self::Channel => "channel",
            Self::Variable => "variable",
            Self::Include => "included file",
        }
    }
}

/// Something that a piece defines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Symbol {
    /// Its kind.
    pub kind: SymbolKind,
    /// Its name.
    pub name: String,
    /// Its bytes in the line.
    pub at: Range<usize>,
    /// For an opcode: what it takes, and what it gives, as the line says. For a variable of Csound 7: its type.
    pub results: String,
    /// See `results`.
    pub arguments: String,
    /// The variable is an array, or the name has a type that its letters do not tell.
    pub is_odd: bool,
}

/// The beginning or the end of a block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    /// `instr`
    Instrument,
    /// `opcode`
    Opcode,
    /// `endin` or `endop`
    End,
}

/// A line as it was read.
#[derive(Default)]
pub struct ReadLine {
    pub words: Vec<Word>,
    pub calls: Vec<Call>,
    pub goes_on: bool,
    /// It begins inside a comment or a text.
    pub begins_inside: bool,
    pub section: Option<Section>,
    pub block: Option<Block>,
    pub symbols: Vec<Symbol>,
}

impl ReadLine {
    pub fn of(text: &str, tokens: &[(usize, Token)], section: Section, is_inside: bool) -> Self {
        if tokens.iter().any(|(_, token)| *token == Token::Tag) {
            return Self::default();
        }
        let words = words(text, tokens);
        let mut read = Self {
            goes_on: goes_on(text, &words),
            begins_inside: is_inside,
            section: Some(section),
            words,
            ..Self::default()
        };
        match section {
            Section::Orchestra if !is_inside || !read.words.is_empty() => read.orchestra(text),
            Section::Score => read.score(text),
            _ => {}
        }
        read
    }

    fn text<'t>(&self, line: &'t str, at: usize) -> &'t str {
        self.words.get(at).and_then(|word| line.get(word.at.clone())).unwrap_or_default()
    }

    fn add(&mut self, kind: SymbolKind, line: &str, at: usize) -> Option<&mut Symbol> {
        let word = self.words.get(at)?;
        let said = line.get(word.at.clone())?;
        let name = said.trim_matches('"').trim_start_matches('$').to_owned();
        if name.is_empty() {
            return None;
        }
        let symbol = Symbol {
            kind,
            name,
            at: word.at.clone(),
            results: String::new(),
            arguments: String::new(),
            is_odd: false,
        };
        self.symbols.push(symbol);
        self.symbols.last_mut()
    }

    fn note(&mut self, kind: SymbolKind, line: &str, at: usize) {
        let _ = self.add(kind, line, at);
    }

    fn orchestra(&mut self, line: &str) {
        let begin = behind_labels(line, &self.words);
        match self.text(line, begin) {
            "instr" => {
                self.block = Some(Block::Instrument);
                for at in begin + 1..self.words.len() {
                    if matches!(self.words[at].kind, Kind::Name | Kind::Number) {
                        self.add(SymbolKind::Instrument, line, at);
                    }
                }
            }
            "opcode" => {
                self.block = Some(Block::Opcode);
                self.opcode(line, begin + 1);
            }
            "endin" | "endop" => self.block = Some(Block::End),
            "struct" => self.note(SymbolKind::Structure, line, begin + 1),
            "declare" => self.opcode(line, begin + 1),
            _ if line.trim_start().starts_with('#') => self.directive(line),
            _ => self.statement(line, begin),
        }
        self.arrays(line);
    }

    /// `opcode name, outs, ins` or `opcode name(arguments):types`.
    fn opcode(&mut self, line: &str, at: usize) {
        let Some(name) = self.words.get(at) else { return };
        let behind = name.at.end;
        let rest = &line[behind..self.words.last().map_or(behind, |last| last.at.end).max(behind)];
        let (results, arguments) = match rest.trim_start().strip_prefix('(') {
            Some(inside) => {
                let (arguments, behind) = inside.split_once(')').unwrap_or((inside, ""));
                let results = behind.trim().trim_start_matches(':').trim_matches(['(', ')']);
                (results.replace("void", ""), arguments.to_owned())
            }
            None => {
                let mut parts = rest.trim_start().trim_start_matches(',').split(',').map(str::trim);
                (parts.next().unwrap_or_default().to_owned(), parts.next().unwrap_or_default().to_owned())
            }
        };
        if let Some(symbol) = self.add(SymbolKind::Opcode, line, at) {
            (symbol.results, symbol.arguments) = (results.trim().to_owned(), arguments.trim().to_owned());
        }
    }

    /// `#define NAME …` and `#include "file"`.
    fn directive(&mut self, line: &str) {
        match self.text(line, 0) {
            "#define" => self.note(SymbolKind::Macro, line, 1),
            "#include" | "#includestr" => self.note(SymbolKind::Include, line, 1),
            // `# define`
            _ => {
                let rest = line.trim_start().trim_start_matches('#').trim_start();
                if rest.starts_with("include") {
                    let last = self.words.len().saturating_sub(1);
                    self.note(SymbolKind::Include, line, last);
                }
            }
        }
    }

    fn statement(&mut self, line: &str, begin: usize) {
        self.calls = calls(line, &self.words);
        let calls = std::mem::take(&mut self.calls);
        for call in &calls {
            let name = self.text(line, call.name);
            let makes_table = name.starts_with("ftgen") || name == "ftmake";
            for result in &call.results {
                let kind = if makes_table { SymbolKind::Table } else { SymbolKind::Variable };
                self.variable(line, result.start, kind);
            }
            if names_channel(name) {
                let text = call
                    .arguments
                    .iter()
                    .find(|argument| argument.len() == 1 && self.words[argument.start].kind == Kind::Text);
                if let Some(at) = text.map(|argument| argument.start) {
                    self.add(SymbolKind::Channel, line, at);
                }
            }
        }
        self.calls = calls;
        let assigns = |at: usize, read: &Self| read.words.get(at).is_some_and(|word| word.is('='));
        if let Some(at) = (begin..self.words.len()).find(|at| assigns(*at, self)) {
            // `k1, k2 = …`, `k1 += …`, `name:k = …`
            let is_call = self.words[begin..at].iter().any(|word| word.is('('));
            let is_keyword =
                matches!(self.text(line, begin), "if" | "elseif" | "while" | "until" | "for" | "return");
            if !is_call && !is_keyword {
                let makes_table = self.text(line, at + 1).starts_with("ftgen");
                let kind = if makes_table { SymbolKind::Table } else { SymbolKind::Variable };
                for place in begin..at {
                    let before = place.checked_sub(1).map(|before| &self.words[before]);
                    if before.is_none_or(|before| before.is(',')) || place == begin {
                        self.variable(line, place, kind);
                    }
                }
            }
        }
    }

    fn variable(&mut self, line: &str, at: usize, kind: SymbolKind) {
        if self.words.get(at).is_none_or(|word| word.kind != Kind::Name) {
            return;
        }
        let is_typed =
            self.words.get(at + 1).is_some_and(|next| next.is(':') || next.is('@') || next.is('.'));
        let is_global = self.words.get(at + 1).is_some_and(|next| next.is('@'));
        let type_at = if is_global { at + 4 } else { at + 2 };
        let results = if is_typed { self.text(line, type_at).to_owned() } else { String::new() };
        if let Some(symbol) = self.add(kind, line, at) {
            symbol.is_odd = is_typed;
            symbol.results = results;
            if is_global {
                symbol.arguments = "global".to_owned();
            }
        }
    }

    /// Names before `[`: their letters do not tell that they are arrays.
    fn arrays(&mut self, line: &str) {
        let mut known: HashMap<String, usize> = HashMap::new();
        for (place, symbol) in self.symbols.iter().enumerate() {
            known.entry(symbol.name.clone()).or_insert(place);
        }
        for at in 0..self.words.len() {
            let is_array =
                self.words[at].kind == Kind::Name && self.words.get(at + 1).is_some_and(|next| next.is('['));
            let is_typed = self.words[at].kind == Kind::Name
                && at > 0
                && self.words[at - 1].kind != Kind::Name
                && self.words.get(at + 1).is_some_and(|next| next.is(':'))
                && self.words.get(at + 2).is_some_and(|next| next.kind == Kind::Name)
                && !self.words.get(at + 3).is_some_and(|next| next.is('('));
            if is_array || is_typed {
                let name = self.text(line, at).to_owned();
                if let Some(place) = known.get(&name) {
                    self.symbols[*place].is_odd = true;
                } else if let Some(symbol) = self.add(SymbolKind::Variable, line, at) {
                    symbol.is_odd = true;
                    known.insert(name, self.symbols.len() - 1);
                }
            }
        }
    }

    /// `f 1 0 …`
    fn score(&mut self, line: &str) {
        let first = self.text(line, 0);
        if first == "f" && self.words.get(1).is_some_and(|word| word.kind == Kind::Number) {
            self.add(SymbolKind::Table, line, 1);
        } else if line.trim_start().starts_with("#") {
            self.directive(line);
        }
    }
}

/// Whether an opcode of this name takes the name of a channel as a text.
pub fn names_channel(name: &str) -> bool {
    const OTHERS: [&str; 6] = ["invalue", "outvalue", "chani", "chano", "cabbageGet", "cabbageSet"];
    name.starts_with("chn")
        || OTHERS.contains(&name)
        || name.starts_with("cabbageGetValue")
        || name.starts_with("cabbageSetValue")
}
