//! Csound's errors in a musician's words. Pure.

use super::blocks::{Loose, loose};
use crate::plugin::pieces::language::code_and_strings;
use crate::plugin::shared::locked::CompileError;

/// A piece's text, for what Csound does not say: lines without comments and the insides of strings.
pub(super) struct Text {
    code: Vec<String>,
    /// Whether a line has a string that nothing closes in it.
    opens: Vec<bool>,
    raw: Vec<String>,
    /// The lines of the orchestra and of the score, from 0.
    orchestra: std::ops::Range<usize>,
    score: std::ops::Range<usize>,
}

impl Text {
    pub fn of(text: &str) -> Self {
        let raw: Vec<_> = text.lines().map(str::to_owned).collect();
        let place = |tag: &str| raw.iter().position(|line| line.trim_start().starts_with(tag));
        let section = |open: &str, close: &str| match (place(open), place(close)) {
            (Some(open), Some(close)) if open < close => Some(open + 1..close),
            (Some(open), _) => Some(open + 1..raw.len()),
            _ => None,
        };
        // An orchestra of its own is all of it.
        let orchestra = section("<CsInstruments", "</CsInstruments").unwrap_or(0..raw.len());
        let score = section("<CsScore", "</CsScore").unwrap_or(0..0);
        let (code, opens) = code(&raw, &orchestra);
        Self { code, opens, raw, orchestra, score }
    }

    fn line(&self, line: Option<u32>) -> &str {
        let index = line.and_then(|line| (line as usize).checked_sub(1));
        index.and_then(|index| self.code.get(index)).map_or("", String::as_str)
    }

    /// Whether a line, from 1, has a word.
    pub fn has_word(&self, line: u32, word: &str) -> bool {
        words_of(self.line(Some(line))).any(|found| found == word)
    }

    /// The lines of the orchestra that have a word, from 1.
    fn lines_with(&self, word: &str) -> Vec<u32> {
        let has = |line: &&usize| {
            let is_part = |letter: char| letter.is_alphanumeric() || letter == '_';
            self.code[**line].split(|letter| !is_part(letter)).any(|found| found == word)
        };
        self.orchestra.clone().collect::<Vec<_>>().iter().filter(has).map(|line| *line as u32 + 1).collect()
    }

    /// The line of a string that Csound stumbles over: Csound 6 names the one before it.
    fn string_at(&self, line: u32) -> u32 {
        let has = |line: &u32| self.line(Some(*line)).contains('"');
        let is_code = |line: &u32| !self.line(Some(*line)).trim().is_empty();
        let next = (line + 1..=self.code.len() as u32).find(is_code);
        // A macro may be a string.
        let may_have = |line: &u32| has(line) || self.line(Some(*line)).contains('$');
        next.filter(|next| !may_have(&line) && has(next)).unwrap_or(line)
    }

    /// Whether a line has a quote that nothing closes.
    fn leaves_string_open(&self, line: Option<u32>) -> bool {
        let index = line.and_then(|line| (line as usize).checked_sub(1));
        index.and_then(|index| self.opens.get(index)).is_some_and(|opens| *opens)
    }

    /// The round brackets of the instrument or opcode that a line is in, as far as this line: Csound 7 lets them go
    /// over several lines.
    fn brackets(&self, line: Option<u32>) -> Brackets {
        let Some(here) = line.and_then(|line| (line as usize).checked_sub(1)) else {
            return Brackets::default();
        };
        let mut brackets = Brackets::default();
        let mut open = Vec::new();
        for index in self.block(here) {
            for letter in self.code[index].chars() {
                match letter {
                    '(' => open.push(index),
                    ')' if open.pop().is_none() => brackets.closes_nothing |= index == here,
                    _ => {}
                }
            }
        }
        brackets.unclosed = open.into_iter().rfind(|index| *index <= here).map(|index| index as u32 + 1);
        brackets
    }

    /// The line, from 1, that ends with an operator, where Csound notices in this line that a value is missing: both
    /// Csounds read on behind an operator. `token` is what it stumbled over, if that is known.
    fn breaks_off(&self, line: Option<u32>, token: &str) -> Option<u32> {
        let here = (line? as usize).checked_sub(1)?;
        let code = self.code.get(here)?;
        if lacks_value(code) && !words_of(code).any(|word| word == token) {
            return line;
        }
        let before = (self.orchestra.start..here).rfind(|index| !self.code[*index].trim().is_empty())?;
        (lacks_value(&self.code[before]) && begins_anew(code, token)).then_some(before as u32 + 1)
    }

    /// The lines of the instrument or opcode that a line is in, from 0.
    fn block(&self, here: usize) -> std::ops::Range<usize> {
        let has = |index: usize, ends: [&str; 2]| {
            let mut words = self.code[index].split(|letter: char| !letter.is_alphanumeric() && letter != '_');
            words.any(|word| ends.contains(&word))
        };
        let end = self.orchestra.end.min(self.code.len());
        let start = self.orchestra.start.min(end);
        let first = (start..end.min(here)).rfind(|index| has(*index, ["instr", "opcode"])).unwrap_or(start);
        let last = (first..end).find(|index| has(*index, ["endin", "endop"])).unwrap_or(end);
        first..last.max((here + 1).min(end))
    }

    fn loose(&self) -> Option<Loose> {
        loose(&self.code[self.orchestra.clone()], self.orchestra.start as u32 + 1)
    }
}

/// Whether a line ends with an operator, so that a value is missing behind it.
fn lacks_value(code: &str) -> bool {
    code.trim_end().ends_with(['+', '-', '*', '/', '%', '^', '=', '<', '>', '&', '|'])
}

/// Whether a line does not go on with a value: it is empty, sets a variable, or Csound stumbled over its first word, or
/// behind that where the word is no variable.
fn begins_anew(code: &str, token: &str) -> bool {
    let mut words = words_of(code);
    let Some(first) = words.next() else { return code.trim().is_empty() };
    let rest = code.trim_start().strip_prefix(first).map_or("", str::trim_start);
    let sets = rest.starts_with('=') && !rest.starts_with("==");
    let is_word = first.starts_with(|letter: char| letter.is_ascii_alphabetic());
    let is_opcode = is_word && !first.starts_with(['a', 'f', 'g', 'i', 'k', 'p', 'S', 'w']);
    sets || is_word && first == token || is_opcode && words.next() == Some(token)
}

fn words_of(code: &str) -> impl Iterator<Item = &str> {
    let is_part = |letter: char| letter.is_alphanumeric() || letter == '_';
    code.split(move |letter| !is_part(letter)).filter(|word| !word.is_empty())
}

/// What is wrong with round brackets.
#[derive(Default)]
struct Brackets {
    /// The line, from 1, of the last bracket that nothing closes.
    unclosed: Option<u32>,
    /// Whether the line itself closes one that nothing opened.
    closes_nothing: bool,
}

/// Without comments, and with a quote for each string and text. What is open before the orchestra or behind it says nothing
/// of it.
fn code(lines: &[String], orchestra: &std::ops::Range<usize>) -> (Vec<String>, Vec<bool>) {
    let parts = [&lines[..orchestra.start], &lines[orchestra.clone()], &lines[orchestra.end..]];
    parts.into_iter().flat_map(code_and_strings).unzip()
}

/// The error that a statement of Csound's means; none where it goes with another one.
pub(super) fn error(said: &str, line: Option<u32>, text: &Text, next: Option<&str>) -> Option<CompileError> {
    let what = said.strip_prefix("error:").unwrap_or(said).trim();
    if let Some(name) = between(what, "Undefined macro: '", "'") {
        return Some(at(line, format!("the macro {name} is not defined")));
    }
    let syntax = what.strip_prefix("syntax error, ");
    // Csound 7 calls nearly everything a syntax error.
    let what = syntax.unwrap_or(what);
    if let Some(name) = between(what, "Unable to find opcode entry for '", "'") {
        return Some(wrong_arguments(name, line, text));
    }
    if let Some(name) = between(what, "Variable '", "' used before defined") {
        return Some(undefined(name, line, text));
    }
    if let Some(name) = unknown_opcode(said) {
        return Some(at(
            line,
            format!("`{name}` is unknown: it is misspelt, or its opcode library is not there"),
        ));
    }
    if let Some(name) = between(what, "No member '", "'") {
        return Some(at(line, format!("the structure has no member `{name}`")));
    }
    if what.starts_with("Variable type for ") {
        return None;
    }
    if let Some(name) = what.strip_prefix("Cannot open #include'd file ") {
        let line = text.raw.iter().position(|raw| raw.contains("#include") && raw.contains(name.trim()));
        let line = line.map(|line| line as u32 + 1);
        let place =
            "it was looked for in the piece's folder. Put it there, or allow the folder where it lies";
        return Some(at(line, format!("the included file {} was not found: {place}", name.trim())));
    }
    let redefined =
        between(what, "instr ", " redefined").or_else(|| between(what, "instr ", " redefinition"));
    if let Some(name) = redefined {
        let mut again = text.lines_with("instr").into_iter().filter(|line| {
            text.line(Some(*line)).split(|letter: char| !letter.is_alphanumeric()).any(|word| word == name)
        });
        return Some(at(again.next_back(), format!("instrument {name} is there twice")));
    }
    if let Some(what) = said.strip_prefix("score error:") {
        return Some(score_error(what, next, text));
    }
    Some(syntax_error(syntax?, line, text))
}

/// The opcode that Csound 7 does not know, where that is what it says.
pub(super) fn unknown_opcode(said: &str) -> Option<&str> {
    let (_, name) = said.split_once("unable to find opcode with name: ")?;
    name.split(',').next()
}

fn at(line: Option<u32>, text: String) -> CompileError {
    CompileError::own(line, sentence(&text))
}

/// With a capital letter.
pub(super) fn sentence(text: &str) -> String {
    let mut letters = text.trim().chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> Option<&'a str> {
    Some(text.split_once(before)?.1.split_once(after)?.0)
}

/// What Csound calls most of what it cannot read.
pub(super) const SYNTAX: &str = "(syntax error)";

/// What is said of a line that breaks off.
const ENDS_EARLY: &str = "the line ends too early: something is missing at its end";

/// `unexpected NEWLINE, expecting ')'  (token "…")`, and by Csound 7 with the line behind.
fn syntax_error(syntax: &str, line: Option<u32>, text: &Text) -> CompileError {
    let unexpected = between(syntax, "unexpected ", "(token").unwrap_or(syntax).trim();
    let kind = unexpected.split(", expecting").next().unwrap_or(unexpected);
    let line = if kind == "STRING_TOKEN" { line.map(|line| text.string_at(line)) } else { line };
    let token = syntax.split_once("(token \"").map_or("", |(_, token)| token);
    let token = token.rsplit_once("\")").map_or(token, |(token, _)| token).trim();
    if text.leaves_string_open(line) {
        return at(line, "a string in this line is not closed with a quote (syntax error)".into());
    }
    let is_of_blocks = matches!(
        kind,
        "end of file"
            | "$end"
            | "INSTR_TOKEN"
            | "ENDIN_TOKEN"
            | "UDOSTART_DEFINITION"
            | "UDOEND_TOKEN"
            | "UDO_DEFINITION"
    ) || ["instr", "endin", "opcode", "endop", "endif", "od"].contains(&token);
    if is_of_blocks && let Some(loose) = text.loose() {
        return loose_block(&loose);
    }
    let code = text.line(line);
    let brackets = text.brackets(line);
    let ends_open = kind == "NEWLINE" && code.matches('(').count() > code.matches(')').count();
    // Csound 7 reads on behind a bracket that is not closed, and stumbles in a line after it.
    if let Some(line) = line.filter(|_| ends_open).or(brackets.unclosed) {
        return at(Some(line), "a bracket ( is not closed in this line (syntax error)".into());
    }
    if brackets.closes_nothing {
        return at(line, "a bracket ) closes nothing in this line".into());
    }
    if let Some(line) = text.breaks_off(line, token) {
        return at(Some(line), format!("{ENDS_EARLY} (syntax error)"));
    }
    let what = match kind {
        "NEWLINE" => ENDS_EARLY.to_owned(),
        "end of file" | "$end" => "the orchestra ends too early: something is not closed".to_owned(),
        "','" => "something is missing before or after a comma".to_owned(),
        "ERROR_TOKEN" if token == "$" => match macro_in(code) {
            Some(name) => format!("the macro {name} is not defined"),
            None => "a macro is not defined".to_owned(),
        },
        "T_IDENT" => format!(
            "`{token}` is not expected here: what stands before it is no opcode, or a comma or an operator is missing"
        ),
        _ if token.is_empty() => "this line cannot be understood".to_owned(),
        _ => format!("`{token}` is not expected here"),
    };
    at(line, format!("{what} (syntax error)"))
}

fn loose_block(loose: &Loose) -> CompileError {
    let Loose { line, word, missing, opens } = loose;
    let text = match opens {
        true => format!("the `{word}` that begins here is never closed: `{missing}` is missing"),
        false => format!("this `{word}` closes nothing: there is no `{missing}` before it"),
    };
    at(Some(*line), format!("{text} (syntax error)"))
}

fn macro_in(code: &str) -> Option<&str> {
    let at = code.find('$')?;
    let name = &code[at + 1..];
    let end = name.find(|letter: char| !letter.is_alphanumeric() && letter != '_').unwrap_or(name.len());
    (end > 0).then(|| &code[at..at + 1 + end])
}

fn wrong_arguments(name: &str, line: Option<u32>, text: &Text) -> CompileError {
    let uses = text.lines_with(name);
    let line = line.or_else(|| uses.first().copied());
    let which = match &uses[..] {
        [] | [_] => String::new(),
        [others @ .., last] => {
            let others: Vec<_> = others.iter().map(u32::to_string).collect();
            format!(" (one of those in lines {} and {last})", others.join(", "))
        }
    };
    at(line, format!("`{name}`{which} does not take these arguments, or does not give this kind of result"))
}

fn undefined(name: &str, line: Option<u32>, text: &Text) -> CompileError {
    // Csound names the line before, where it is the first of an instrument.
    let line = text.lines_with(name).into_iter().find(|here| Some(*here) >= line).or(line);
    if let Some(line) = text.breaks_off(line, "") {
        return at(Some(line), ENDS_EARLY.into());
    }
    if text.line(line).contains("goto") || text.line(line).contains("reinit") {
        return at(line, format!("there is no label {name}: in this instrument"));
    }
    at(line, format!("`{name}` is used before it has a value: it is misspelt, or is set only later"))
}

fn score_error(what: &str, next: Option<&str>, text: &Text) -> CompileError {
    let next = next.filter(|next| !next.starts_with("section")).unwrap_or_default();
    let words = format!("{} {}", what.trim(), next.trim());
    let words = words.replace("(0a)", "(a line end)");
    let is_loose = |line: &usize| {
        let code = &text.code[*line];
        code.matches('[').count() != code.matches(']').count()
            || code.matches('{').count() != code.matches('}').count()
    };
    let line = text.score.clone().find(is_loose).map(|line| line as u32 + 1);
    at(line, format!("the score cannot be read: {}", words.trim()))
}
