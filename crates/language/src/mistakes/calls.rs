//! Opcodes that there are not, and values that none of their forms takes.

use std::collections::HashSet;

use super::Mistake;
use super::skipped::Skipped;
use crate::highlight::{KEYWORDS, Section};
use crate::opcodes::{Opcodes, Variant};
use crate::parse::{Argument, Call, Kind, Word};
use crate::piece::{Document, SymbolKind};
use crate::rates::{self, Rate};

/// What the piece says of names.
struct Names<'d> {
    /// Opcodes of its own.
    own: HashSet<&'d str>,
    /// Names whose letters do not tell what they are.
    odd: HashSet<&'d str>,
    /// Variables that are set somewhere.
    variables: HashSet<&'d str>,
}

pub fn mistakes(
    lines: &[&str],
    document: &Document,
    opcodes: &Opcodes,
    skipped: &Skipped,
    included: &[&Document],
) -> Vec<Mistake> {
    let mut found = Vec::new();
    let includes = document.symbols().filter(|found| found.symbol.kind == SymbolKind::Include).count();
    if opcodes.is_empty() || includes > included.len() {
        return found;
    }
    let names = names(document, included);
    let mut goes_on = false;
    let mut depth = 0_isize;
    for (number, line) in lines.iter().enumerate() {
        let begins_within = std::mem::replace(&mut goes_on, document.goes_on(number)) || depth > 0;
        depth = if document.block(number).is_some() { 0 } else { (depth + balance(document, number)).max(0) };
        let is_code = document.section(number) == Some(Section::Orchestra);
        if skipped.has(number) || !is_code || begins_within {
            continue;
        }
        let is_whole = !document.goes_on(number) && depth == 0;
        let words = document.words(number);
        for call in document.calls(number) {
            let look = Look { line, number, words, opcodes, names: &names, is_whole };
            found.extend(look.at(call));
        }
    }
    found
}

fn balance(document: &Document, line: usize) -> isize {
    let of = |word: &Word| match word.kind {
        Kind::Symbol('(' | '[') => 1,
        Kind::Symbol(')' | ']') => -1,
        _ => 0,
    };
    document.words(line).iter().map(of).sum()
}

fn names<'d>(document: &'d Document, included: &[&'d Document]) -> Names<'d> {
    let mut names = Names { own: HashSet::new(), odd: HashSet::new(), variables: HashSet::new() };
    for document in std::iter::once(&document).chain(included) {
        for found in document.symbols() {
            let symbol = found.symbol;
            if matches!(symbol.kind, SymbolKind::Variable | SymbolKind::Table) {
                names.variables.insert(&symbol.name);
            }
            match symbol.kind {
                SymbolKind::Opcode | SymbolKind::Structure => drop(names.own.insert(&symbol.name)),
                SymbolKind::Instrument => drop(names.odd.insert(&symbol.name)),
                _ if symbol.is_odd => drop(names.odd.insert(&symbol.name)),
                _ => {}
            }
        }
    }
    names
}

/// A look at a call.
struct Look<'l> {
    line: &'l str,
    number: usize,
    words: &'l [Word],
    opcodes: &'l Opcodes,
    names: &'l Names<'l>,
    /// The statement ends with the line.
    is_whole: bool,
}

impl Look<'_> {
    fn at(&self, call: &Call) -> Option<Mistake> {
        let name = self.text(call.name);
        if KEYWORDS.contains(&name) && name != "in" || self.names.own.contains(name) {
            return None;
        }
        if let Some(first) = call.or {
            let before = self.text(first);
            let is_known = |name: &str| self.opcodes.has(name) || self.names.own.contains(name);
            match (is_known(before), is_known(name)) {
                // Either may be it, or the first is: `out a1`.
                (true, true) => return None,
                (true, false) if self.names.own.contains(before) => return None,
                (true, false) => {
                    let mut arguments = call.arguments.clone();
                    match arguments.first_mut() {
                        Some(argument) => argument.start = call.name,
                        None => arguments.push(call.name..call.name + 1),
                    }
                    let call = Call { name: first, results: Vec::new(), arguments, or: None, ..call.clone() };
                    return self.fits(&call);
                }
                (false, false) if self.must_be_first(call, before) => return Some(self.unknown(first)),
                (false, _) => {}
            }
        }
        if !self.opcodes.has(name) {
            return Some(self.unknown(call.name));
        }
        self.fits(call)
    }

    /// Of two names that begin a statement, and are both no opcodes, the first must be meant as one: it is no variable's
    /// name, or a list of arguments begins with the second.
    fn must_be_first(&self, call: &Call, before: &str) -> bool {
        let is_list = call.arguments.first().is_some_and(Argument::is_empty);
        Rate::of_name(before) == Rate::Unknown
            || is_list
            || self.names.variables.contains(self.text(call.name))
    }

    fn text(&self, at: usize) -> &str {
        self.words.get(at).and_then(|word| self.line.get(word.at.clone())).unwrap_or_default()
    }

    fn unknown(&self, at: usize) -> Mistake {
        let name = self.text(at);
        let near = nearest(name, self.opcodes);
        let hint = near.map(|near| format!(". Do you mean {near}?")).unwrap_or_default();
        let text = format!("there is no opcode {name} in this Csound, nor in the piece{hint}");
        Mistake { line: self.number, at: self.words[at].at.clone(), text }
    }

    /// Whether any form of the opcode takes the values and gives what is wanted.
    fn fits(&self, call: &Call) -> Option<Mistake> {
        if !self.is_whole {
            return None;
        }
        let name = self.text(call.name);
        let variants = self.opcodes.get(name);
        let values: Vec<Rate> = call.arguments.iter().map(|argument| self.rate(argument)).collect();
        let fitting: Vec<&Variant> =
            variants.iter().filter(|variant| rates::fit(&variant.arguments, &values)).collect();
        let all: Vec<&Variant> = variants.iter().collect();
        if fitting.is_empty() {
            return Some(self.misfit(call, name, &values, &all));
        }
        let results: Vec<Rate> = call.results.iter().map(|result| self.rate_of_result(result)).collect();
        let is_wanted = call.results.is_empty() || call.is_function;
        if is_wanted || fitting.iter().any(|variant| rates::give(&variant.results, &results)) {
            return None;
        }
        let first = call.results.first()?.start;
        let last = call.results.last()?.end;
        let at = self.words[first].at.start..self.words[last - 1].at.end;
        let text = format!("{name} does not give this. It is {}", forms(name, &fitting));
        Some(Mistake { line: self.number, at, text })
    }

    fn misfit(&self, call: &Call, name: &str, values: &[Rate], variants: &[&Variant]) -> Mistake {
        let takes = |count: usize, variant: &&&Variant| begins(&variant.arguments, &values[..count]);
        let wrong = (1..=values.len()).find(|count| !variants.iter().any(|variant| takes(*count, &variant)));
        let span = |argument: &Argument| {
            let (first, last) =
                (self.words.get(argument.start), self.words.get(argument.end.wrapping_sub(1)));
            first.zip(last).map(|(first, last)| first.at.start..last.at.end.max(first.at.end))
        };
        let at = wrong.and_then(|count| span(&call.arguments[count - 1]));
        let said = match wrong {
            Some(count) if at.is_some() => match values[count - 1] {
                Rate::Unknown => "this is one argument too many".to_owned(),
                rate if variants.iter().any(|variant| rates::types(&variant.arguments).len() >= count) => {
                    format!("this is {}, which does not fit here", rate.word())
                }
                _ => "this is one argument too many".to_owned(),
            },
            _ => "an argument is missing".to_owned(),
        };
        let at = at.unwrap_or_else(|| self.words[call.name].at.clone());
        Mistake { line: self.number, at, text: format!("{said}: {name} is {}", forms(name, variants)) }
    }

    /// The rate of an argument, where one word makes it certain.
    fn rate(&self, argument: &Argument) -> Rate {
        let [word] = self.words.get(argument.clone()).unwrap_or_default() else { return Rate::Unknown };
        match word.kind {
            Kind::Number => Rate::Constant,
            Kind::Text => Rate::Text,
            Kind::Name => self.rate_of_name(&self.line[word.at.clone()]),
            Kind::Macro | Kind::Symbol(_) => Rate::Unknown,
        }
    }

    fn rate_of_name(&self, name: &str) -> Rate {
        let is_odd = self.names.odd.contains(name) || self.names.own.contains(name) || self.opcodes.has(name);
        if is_odd { Rate::Unknown } else { Rate::of_name(name) }
    }

    fn rate_of_result(&self, result: &Argument) -> Rate {
        match self.words.get(result.clone()) {
            Some([word]) => self.rate_of_name(&self.line[word.at.clone()]),
            _ => Rate::Unknown,
        }
    }
}

/// Whether a list of types takes these values and may want more.
fn begins(list: &str, values: &[Rate]) -> bool {
    let types = rates::types(list);
    let mut at = 0;
    values.iter().all(|value| {
        let Some(expected) = types.get(at) else { return false };
        at += usize::from(!expected.repeats());
        expected.takes(*value)
    })
}

/// The forms of an opcode in a few words.
fn forms(name: &str, variants: &[&Variant]) -> String {
    let mut shown: Vec<String> = variants.iter().map(|variant| variant.shown(name)).collect();
    shown.dedup();
    let more = shown.len().saturating_sub(3);
    shown.truncate(3);
    let mut text = shown.join("  or  ");
    if more > 0 {
        text.push_str(&format!("  or {more} more"));
    }
    text
}

/// The opcode whose name is nearest, where one is near.
fn nearest<'o>(name: &str, opcodes: &'o Opcodes) -> Option<&'o str> {
    let most = (name.chars().count() / 3).clamp(1, 2);
    let near = opcodes.names().iter().map(|known| (distance(name, known, most), known.as_str()));
    near.filter(|(distance, _)| *distance <= most).min().map(|(_, known)| known)
}

/// Letters to change, add or leave out to come from one word to the other; more than `most` is not counted.
fn distance(one: &str, other: &str, most: usize) -> usize {
    let (one, other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    if one.len().abs_diff(other.len()) > most {
        return most + 1;
    }
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (number, letter) in one.iter().enumerate() {
        let mut before = row[0];
        row[0] = number + 1;
        for (at, with) in other.iter().enumerate() {
            let cost = before + usize::from(letter != with);
            before = row[at + 1];
            row[at + 1] = cost.min(before + 1).min(row[at] + 1);
        }
    }
    row[other.len()]
}
