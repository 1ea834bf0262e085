//! The opcode whose arguments the cursor stands in: what it takes, and what it gives at each rate.

use std::ops::Range;

use super::cursor::{Place, place_of};
use crate::opcodes::{Opcodes, Variant};
use crate::parse::{Call, Kind, LONGEST_LINE, Word, calls, is_too_long, words};
use crate::piece::{Document, SymbolKind};
use crate::rates::{self, Rate};

/// Lines of a statement that are looked at above the cursor.
const MOST_LINES: usize = 40;

/// A form of an opcode, as it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Form {
    /// What it gives.
    pub results: Vec<String>,
    /// What it takes, in brackets where it may be left out.
    pub arguments: Vec<String>,
    /// It takes what stands there so far.
    pub fits: bool,
    /// The index of the argument that the cursor stands in, where the form has one.
    pub at: Option<usize>,
}

/// What is known of the opcode at the cursor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// Its name.
    pub name: String,
    /// Its forms, those that fit first.
    pub forms: Vec<Form>,
    /// The argument that the cursor stands in, from 0; none where it stands in the name.
    pub argument: Option<usize>,
    /// It is an opcode of the piece's own.
    pub is_own: bool,
}

/// What is known of the opcode at a byte of a text. Nothing is where its statement is longer than [`LONGEST_LINE`] bytes or
/// [`MOST_WORDS`](crate::parse::MOST_WORDS) words: this is asked for each frame.
pub fn signature(
    text: &str,
    byte: usize,
    document: &Document,
    others: &[&Document],
    opcodes: &Opcodes,
) -> Option<Signature> {
    let place = place_of(text, byte);
    let statement = Statement::around(text, document, place)?;
    let known = |name: &str| opcodes.has(name) || !own(name, document, others).is_empty();
    let mut best: Option<(usize, Signature)> = None;
    for call in &statement.calls {
        for call in readings(call, &statement, &known) {
            let Some((argument, width)) = statement.argument_at(&call) else { continue };
            let name = statement.text(call.name);
            if best.as_ref().is_some_and(|(narrow, _)| *narrow <= width) {
                continue;
            }
            let own = own(name, document, others);
            let variants = if own.is_empty() { opcodes.get(name).to_vec() } else { own };
            if variants.is_empty() {
                continue;
            }
            let is_own = !opcodes.has(name);
            let forms = statement.forms(&call, &variants, argument);
            best = Some((width, Signature { name: name.to_owned(), forms, argument, is_own }));
        }
    }
    best.map(|(_, signature)| signature)
}

/// The opcodes of the piece of this name.
fn own(name: &str, document: &Document, others: &[&Document]) -> Vec<Variant> {
    let all = std::iter::once(&document).chain(others).flat_map(|document| document.symbols());
    let own = all.filter(|found| found.symbol.kind == SymbolKind::Opcode && found.symbol.name == name);
    own.map(|found| {
        let letters = |types: &str| match types {
            "0" | "void" => String::new(),
            typed if typed.contains(':') => {
                let kinds = typed.split(',').filter_map(|part| part.split(':').nth(1));
                kinds
                    .map(|kind| {
                        if kind.trim().len() > 1 {
                            format!(":{};", kind.trim())
                        } else {
                            kind.trim().to_owned()
                        }
                    })
                    .collect()
            }
            letters => letters.replace(' ', ""),
        };
        Variant { results: letters(&found.symbol.results), arguments: letters(&found.symbol.arguments) }
    })
    .collect()
}

/// Of two names that begin a statement the one that is an opcode.
fn readings(call: &Call, statement: &Statement, is_known: &dyn Fn(&str) -> bool) -> Vec<Call> {
    let Some(first) = call.or else { return vec![call.clone()] };
    if is_known(statement.text(call.name)) || !is_known(statement.text(first)) {
        return vec![call.clone()];
    }
    let mut arguments = call.arguments.clone();
    match arguments.first_mut() {
        Some(argument) => argument.start = call.name,
        None => arguments.push(call.name..call.name + 1),
    }
    vec![Call { name: first, results: Vec::new(), arguments, or: None, ..call.clone() }]
}

/// A statement, also over several lines, to its end in the cursor's line.
struct Statement {
    text: String,
    words: Vec<Word>,
    calls: Vec<Call>,
    /// The cursor's byte in it.
    cursor: usize,
}

impl Statement {
    fn around(text: &str, document: &Document, place: Place) -> Option<Self> {
        let mut first = place.line;
        while first > 0 && place.line - first < MOST_LINES && document.goes_on(first - 1) {
            first -= 1;
        }
        let mut joined = String::new();
        let mut tokens = Vec::new();
        let mut cursor = 0;
        let lines = text.split('\n').zip(document.tokens()).enumerate().skip(first);
        for (number, (line, of_line)) in lines.take(place.line - first + 1) {
            if number == place.line {
                cursor = joined.len() + place.column;
            }
            if joined.len() + line.len() > LONGEST_LINE {
                return None;
            }
            joined.push_str(line);
            tokens.extend_from_slice(of_line);
            if number < place.line {
                // What goes on is one line; the sign for it is none of its words.
                joined.push(' ');
                tokens.push((1, crate::highlight::Token::Plain));
            }
        }
        let mut words = words(&joined, &tokens);
        words.retain(|word| !word.is('\\'));
        if is_too_long(&joined, &words)
            || document.section(place.line)? != crate::highlight::Section::Orchestra
        {
            return None;
        }
        let calls = calls(&joined, &words);
        Some(Self { text: joined, words, calls, cursor })
    }

    fn text(&self, at: usize) -> &str {
        self.words.get(at).and_then(|word| self.text.get(word.at.clone())).unwrap_or_default()
    }

    /// The argument of a call that the cursor stands in, none for its name, and how wide the call is; nothing where the
    /// cursor stands elsewhere.
    fn argument_at(&self, call: &Call) -> Option<(Option<usize>, usize)> {
        let name = &self.words.get(call.name)?.at;
        if name.contains(&self.cursor) || name.end == self.cursor {
            return Some((None, name.len()));
        }
        let end = self.end_of(call);
        if self.cursor <= name.end || self.cursor > end {
            return None;
        }
        let commas = self.commas(call);
        let argument = commas.iter().filter(|comma| **comma < self.cursor).count();
        Some((Some(argument), end - name.start))
    }

    /// The end of a call: its bracket, or the end of the statement.
    fn end_of(&self, call: &Call) -> usize {
        if !call.is_function {
            return self.text.len();
        }
        let bracket = match call.arguments.last() {
            Some(argument) => self.words.get(argument.end),
            None => self.words[call.name..].iter().find(|word| word.is(')')),
        };
        bracket.map_or(self.text.len(), |bracket| bracket.at.start)
    }

    /// The bytes of the commas between its arguments.
    fn commas(&self, call: &Call) -> Vec<usize> {
        let ends = call.arguments.iter().map(|argument| argument.end);
        ends.filter_map(|end| self.words.get(end))
            .filter(|word| word.is(','))
            .map(|word| word.at.start)
            .collect()
    }

    fn forms(&self, call: &Call, variants: &[Variant], argument: Option<usize>) -> Vec<Form> {
        let values: Vec<Rate> = call.arguments.iter().map(|argument| self.rate(argument)).collect();
        let results: Vec<Rate> = call.results.iter().map(|result| self.rate(result)).collect();
        let of_type = call.of_type.map(|at| self.text(at));
        let mut forms: Vec<Form> =
            variants
                .iter()
                .map(|variant| {
                    let types = rates::types(&variant.arguments);
                    let so_far = argument.map_or(0, |argument| argument.min(values.len()));
                    let takes = takes(&types, &values[..so_far]);
                    let gives = match of_type {
                        Some(wanted) => variant.results.starts_with(wanted),
                        None => results.is_empty() || rates::give(&variant.results, &results),
                    };
                    let last = types.len().checked_sub(1);
                    let is_endless = last.is_some_and(|last| types[last].repeats());
                    let at = argument
                        .and_then(|at| if is_endless { last.map(|last| at.min(last)) } else { Some(at) });
                    Form {
                        results: rates::types(&variant.results).iter().map(|kind| kind.shown()).collect(),
                        arguments: types
                            .iter()
                            .map(|kind| {
                                if kind.is_optional() { format!("[{}]", kind.shown()) } else { kind.shown() }
                            })
                            .collect(),
                        fits: takes && gives,
                        at: at.filter(|at| *at < types.len()),
                    }
                })
                .collect();
        forms.sort_by_key(|form| !form.fits);
        forms.dedup();
        forms
    }

    /// The rate of what stands there, where one word makes it certain.
    fn rate(&self, at: &Range<usize>) -> Rate {
        match self.words.get(at.clone()) {
            Some([word]) => match word.kind {
                Kind::Number => Rate::Constant,
                Kind::Text => Rate::Text,
                Kind::Name => Rate::of_name(&self.text[word.at.clone()]),
                _ => Rate::Unknown,
            },
            _ => Rate::Unknown,
        }
    }
}

/// Whether a list of types takes these values and may want more.
fn takes(types: &[rates::Type], values: &[Rate]) -> bool {
    let mut at = 0;
    values.iter().all(|value| {
        let Some(expected) = types.get(at) else { return false };
        at += usize::from(!expected.repeats());
        expected.takes(*value)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::Language;

    fn opcodes() -> Opcodes {
        let list = [
            ("oscili", "a", "kkjo"),
            ("oscili", "k", "kkjo"),
            ("oscili", "a", "akjo"),
            ("outs", "", "y"),
            ("abs", "k", "k"),
            ("abs", "a", "a"),
            ("linseg", "a", "iim"),
        ];
        Opcodes::named(&list)
    }

    /// What is known where `|` stands.
    fn at(text: &str) -> Option<Signature> {
        let byte = text.find('|').unwrap();
        let text = text.replacen('|', "", 1);
        let document = Document::of(&text, Language::Orchestra);
        signature(&text, byte, &document, &[], &opcodes())
    }

    fn place(text: &str) -> Option<(String, Option<usize>)> {
        at(text).map(|found| (found.name, found.argument))
    }

    fn is(name: &str, argument: usize) -> Option<(String, Option<usize>)> {
        Some((name.to_owned(), Some(argument)))
    }

    #[test]
    fn the_argument_is_found_in_statements_functions_and_over_lines() {
        assert_eq!(place("a1 oscili |"), is("oscili", 0));
        assert_eq!(place("a1 oscili 0.5, |"), is("oscili", 1));
        assert_eq!(place("a1 oscili 0.5,|440, 1"), is("oscili", 1));
        assert_eq!(place("a1 oscili 0.5|, 440"), is("oscili", 0));
        assert_eq!(place("a1 osc|ili 0.5, 440"), Some(("oscili".into(), None)));
        assert_eq!(place("outs a1, ab|"), is("outs", 1));
        assert_eq!(place("a1 = oscili(0.5, abs(k1|), 2)"), is("abs", 0));
        assert_eq!(place("a1 = oscili(0.5, abs(k1), |2)"), is("oscili", 2));
        assert_eq!(place("a1 linseg 0,\\\n  1, |"), is("linseg", 2));
        assert_eq!(place("a1 = 1 + |2"), None);
        assert_eq!(place("k1 = 1 ; oscili |"), None);
        assert_eq!(place("|"), None);
        assert_eq!(place("oscili(1, 2)|"), None);
    }

    #[test]
    fn a_statement_that_is_too_long_has_none() {
        let of = |count: usize| place(&format!("a1 linseg 0{}, |", ", 1".repeat(count)));
        assert_eq!(of(400), is("linseg", 401));
        assert_eq!(of(600), None, "words");
        assert_eq!(of(400_000), None);
        assert_eq!(place(&format!("a1 linseg {}, |", "1".repeat(LONGEST_LINE))), None, "bytes");
        assert_eq!(place(&format!("k1 = {}|", "abs(".repeat(250_000))), None);
        let lines = format!("a1 linseg 0,\\\n{} |", " 1,".repeat(LONGEST_LINE / 3));
        assert_eq!(place(&lines), None, "over two lines");
    }

    #[test]
    fn forms_that_fit_come_first_and_show_what_they_give() {
        let found = at("k1 oscili 0.5, |").unwrap();
        assert_eq!((found.forms[0].results.as_slice(), found.forms[0].fits), (&["k".to_owned()][..], true));
        assert_eq!(found.forms[0].arguments, ["k", "k", "[i]", "[i]"]);
        assert_eq!(found.forms[0].at, Some(1));
        assert_eq!(found.forms.len(), 3, "each rate");
        assert!(!found.forms[1].fits);
        let found = at("a1 = abs:a(|)").unwrap();
        assert_eq!(found.forms[0].results, ["a"]);
        let found = at("a1 linseg 0, 1, 2, 3, 4|").unwrap();
        assert_eq!((found.forms[0].at, found.argument), (Some(2), Some(4)), "as many as are wanted");
    }

    #[test]
    fn the_pieces_own_opcodes_have_signatures_too() {
        let found = at("opcode Mine, ak, aik\nendop\na1, k1 Mine a2, |").unwrap();
        assert!(found.is_own);
        assert_eq!(found.forms[0].arguments, ["a", "i", "k"]);
        let found = at("opcode mine(x:a, y:k):(a,k)\nendop\nout mine(a2, |)").unwrap();
        assert_eq!(found.forms[0].arguments, ["a", "k"]);
    }
}
