//! Opcodes that there are not, and values that none of their forms takes.

use std::collections::{HashMap, HashSet};

use super::skipped::Skipped;
use super::{MOST, Mistake};
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
    let includes = document.symbols().filter(|found| found.symbol.kind == SymbolKind::Include).count();
    if opcodes.is_empty() || includes > included.len() {
        return Vec::new();
    }
    let names = names(document, included);
    let mut found: Vec<Wrong> = Vec::new();
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
        let look = Look { line, number, words, opcodes, names: &names, is_whole };
        let mut of_line: Vec<Wrong> =
            document.calls(number).iter().filter_map(|call| look.at(call)).collect();
        of_line.sort_by_key(|wrong| wrong.mistake.at.start);
        of_line.dedup_by(|one, other| one.mistake.at == other.mistake.at);
        found.extend(of_line);
        if found.len() >= MOST {
            found.truncate(MOST);
            break;
        }
    }
    let mut hints = Hints::of(opcodes);
    found.into_iter().map(|wrong| hints.on(wrong)).collect()
}

/// A mistake, and the opcode's name if there is none of it.
struct Wrong<'l> {
    mistake: Mistake,
    unknown: Option<&'l str>,
}

impl From<Mistake> for Wrong<'_> {
    fn from(mistake: Mistake) -> Self {
        Self { mistake, unknown: None }
    }
}

/// What may be meant by names that no opcode has. Each name is compared with those of all opcodes once.
struct Hints<'o> {
    opcodes: &'o Opcodes,
    near: HashMap<String, Option<&'o str>>,
}

impl<'o> Hints<'o> {
    fn of(opcodes: &'o Opcodes) -> Self {
        Self { opcodes, near: HashMap::new() }
    }

    fn on(&mut self, wrong: Wrong) -> Mistake {
        let mut mistake = wrong.mistake;
        if let Some(name) = wrong.unknown {
            let near = *self.near.entry(name.to_owned()).or_insert_with(|| nearest(name, self.opcodes));
            mistake.text.extend(near.map(|near| format!(". Do you mean {near}?")));
        }
        mistake
    }
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

impl<'l> Look<'l> {
    fn at(&self, call: &Call) -> Option<Wrong<'l>> {
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
                    return self.fits(&call).map(Wrong::from);
                }
                (false, false) if self.must_be_first(call, before) => return Some(self.unknown(first)),
                (false, _) => {}
            }
        }
        if !self.opcodes.has(name) {
            return Some(self.unknown(call.name));
        }
        self.fits(call).map(Wrong::from)
    }

    /// Of two names that begin a statement, and are both no opcodes, the first must be meant as one: it is no variable's
    /// name, or a list of arguments begins with the second.
    fn must_be_first(&self, call: &Call, before: &str) -> bool {
        let is_list = call.arguments.first().is_some_and(Argument::is_empty);
        Rate::of_name(before) == Rate::Unknown
            || is_list
            || self.names.variables.contains(self.text(call.name))
    }

    fn text(&self, at: usize) -> &'l str {
        self.words.get(at).and_then(|word| self.line.get(word.at.clone())).unwrap_or_default()
    }

    fn unknown(&self, at: usize) -> Wrong<'l> {
        let name = self.text(at);
        let text = format!("there is no opcode {name} in this Csound, nor in the piece");
        let mistake = Mistake { line: self.number, at: self.words[at].at.clone(), text };
        Wrong { mistake, unknown: Some(name) }
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
        let taken = variants.iter().map(|variant| taken(&variant.arguments, values)).max().unwrap_or(0);
        let wrong = Some(taken + 1).filter(|count| *count <= values.len());
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

/// How many of these values a list of types takes, from the first one on.
fn taken(list: &str, values: &[Rate]) -> usize {
    let types = rates::types(list);
    let mut at = 0;
    let takes = |value: &&Rate| {
        let Some(expected) = types.get(at) else { return false };
        at += usize::from(!expected.repeats());
        expected.takes(**value)
    };
    values.iter().take_while(takes).count()
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
    let letters: Vec<char> = name.chars().collect();
    let most = (letters.len() / 3).clamp(1, 2);
    let near = opcodes.names().iter().filter(|known| may_be_near(name, known, most));
    let near = near.map(|known| (distance(&letters, known, most), known.as_str()));
    near.filter(|(distance, _)| *distance <= most).min().map(|(_, known)| known)
}

/// Whether two words may be at most so many letters from each other, by their bytes: a letter has 4 at most.
fn may_be_near(one: &str, other: &str, most: usize) -> bool {
    one.len().abs_diff(other.len()) <= 4 * most
}

/// Letters to change, add or leave out to come from one word to the other; more than `most` is not counted.
fn distance(one: &[char], other: &str, most: usize) -> usize {
    if one.len().abs_diff(other.chars().count()) > most {
        return most + 1;
    }
    let other: Vec<char> = other.chars().collect();
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::Language;
    use crate::mistakes::skipped;

    fn found(text: &str, opcodes: &Opcodes) -> Vec<Mistake> {
        let lines: Vec<&str> = text.split('\n').collect();
        let document = Document::of(text, Language::Orchestra);
        mistakes(&lines, &document, opcodes, &skipped::skipped(&lines), &[])
    }

    fn opcodes() -> Opcodes {
        let list = [("oscili", "a", "kk"), ("print", "", "m"), ("ü", "k", "")];
        Opcodes::named(&list)
    }

    #[test]
    fn no_more_are_looked_for_than_are_told() {
        let lines: Vec<String> = (0..1000).map(|number| format!("a1 nosuch{number} 1")).collect();
        let found_of_many = found(&lines.join("\n"), &opcodes());
        assert_eq!(found_of_many.len(), MOST);
        assert_eq!(found_of_many.last().unwrap().line, MOST - 1, "the first ones");
        let line = format!("a1 = {}1", "nosuch(1) + ".repeat(150));
        assert_eq!(found(&line, &opcodes()).len(), MOST, "of one line");
    }

    #[test]
    fn a_name_is_compared_once() {
        let opcodes = opcodes();
        let mut hints = Hints::of(&opcodes);
        let wrong =
            |name| Wrong { mistake: Mistake { line: 0, at: 0..1, text: String::new() }, unknown: name };
        for _ in 0..3 {
            assert_eq!(hints.on(wrong(Some("oscilli"))).text, ". Do you mean oscili?");
            assert_eq!(hints.on(wrong(Some("nothing_like_it"))).text, "");
            assert_eq!(hints.on(wrong(None)).text, "");
        }
        assert_eq!(hints.near.len(), 2);
        assert!(!may_be_near("a", "abcdefghijk", 2), "too long to be counted");
        assert_eq!(nearest("u", &opcodes), Some("ü"), "letters, not bytes");
    }

    #[test]
    fn what_does_not_fit_is_found_in_a_long_line() {
        let line = format!("print {}a1", "1, ".repeat(200_000));
        let found = found(&line, &opcodes());
        assert_eq!(found.len(), 1);
        assert_eq!(&line[found[0].at.clone()], "a1");
    }
}
