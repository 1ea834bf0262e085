//! What Csound found wrong in a text, from what it said while it compiled it, in a musician's words and at the
//! line where it can be mended. Pure.

mod blocks;
mod included;
mod names;
mod words;

use csound_library::Level;
use csound_performance::engine::ConsoleLine;

use crate::plugin::shared::locked::CompileError;
use words::Text;

pub use names::by_its_own_name;

/// The errors in a text and in what it includes, given by name and text: each once, its own before those of the others,
/// by their lines.
///
/// Csound 6 says what is wrong, then in a line of its own where (`from file piece.csd (1), line 12:`), then
/// shows the place (`>>> a1 oscili 0.1,, <<<`). If the types do not fit it says `Line 12` in between, or no line.
/// Csound 7 says what and where in one line (`syntax error, …, line 12, columns 4-9`), or in the lines that follow.
pub fn compile_errors(lines: &[ConsoleLine], text: &str, others: &[(String, String)]) -> Vec<CompileError> {
    let text = Text::of(text);
    let others: Vec<_> = others.iter().map(|(name, text)| (name.as_str(), Text::of(text))).collect();
    let mut errors: Vec<CompileError> = Vec::new();
    let ours = lines.iter().filter(|line| line.ours && line.level == Level::Error && line.line.is_some());
    let told: Vec<_> = ours.map(|line| (line.line, line.text.as_str())).collect();
    for (line, what) in &told {
        add(&mut errors, CompileError::own(*line, words::sentence(what)));
    }
    let said = statements(lines);
    for (at, what) in said.iter().enumerate() {
        let next = said.get(at + 1).map(|next| next.text.as_str());
        if let Some((name, line)) = included::place_of(&said[at..])
            .or_else(|| included::of_unknown_opcode(&what.text, what.line, &text, &others))
        {
            let nothing = Text::of("");
            let text = others.iter().find(|(known, _)| *known == name).map_or(&nothing, |(_, text)| text);
            if let Some(error) = words::error(&what.text, line, text, next) {
                let line = error.line.or(line);
                add(&mut errors, CompileError { included: Some(name), line, text: error.text });
            }
            continue;
        }
        let line = what.line.or_else(|| place_of(&said[at + 1..]));
        let Some(error) = words::error(&what.text, line, &text, next) else {
            continue;
        };
        // An opcode that is not known is a syntax error to Csound, and told already.
        let is_told = |at: Option<u32>| at.is_some() && told.iter().any(|(told, _)| *told == at);
        // It moves to the line that it is about, and only there is it the same.
        let is_moved_to_one = error.text.ends_with(words::SYNTAX) && is_told(error.line);
        if !is_told(line) && !is_moved_to_one {
            add(&mut errors, error);
        }
    }
    errors.sort_by_key(|error| (error.included.clone(), error.line.unwrap_or(u32::MAX)));
    errors
}

/// The error in what was said where Csound was not asked: the piece's own sections, whose reason names a line
/// behind the piece's name. Whoever shows it names both.
pub fn error_of_reason(reason: &str, piece: &str) -> Option<CompileError> {
    let reason = reason.strip_prefix(piece).and_then(|rest| rest.strip_prefix(": ")).unwrap_or(reason);
    let (before, after) = match reason.strip_prefix("line ") {
        Some(after) => ("this line", after),
        None => reason.split_once(" in line ")?,
    };
    let end = after.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(after.len());
    let (digits, after) = after.split_at(end);
    let text = match after.strip_prefix(':') {
        Some(after) => after.to_owned(),
        None => format!("{before}{after}"),
    };
    Some(CompileError::own(Some(digits.parse().ok()?), words::sentence(&text)))
}

fn add(errors: &mut Vec<CompileError>, error: CompileError) {
    if !errors.contains(&error) {
        errors.push(error);
    }
}

/// Something that Csound said, with the line that it names itself.
struct Statement {
    text: String,
    line: Option<u32>,
    /// The place in an included file that this says of what was said before, and nothing else.
    place: Option<included::Place>,
}

impl Statement {
    fn of(text: &str, line: Option<u32>) -> Self {
        Self { text: text.to_owned(), line, place: None }
    }
}

/// Csound's errors, a statement each: it leaves out line ends after a place, and puts some into a token.
fn statements(lines: &[ConsoleLine]) -> Vec<Statement> {
    let mut statements: Vec<Statement> = Vec::new();
    for line in lines.iter().filter(|line| !line.ours && line.level >= Level::Warning) {
        let text = line.text.trim();
        if let Some(open) = statements.last_mut().filter(|open| open.text.ends_with("(token \"")) {
            open.text.push_str(text);
            open.line = open.line.or(line.line);
            continue;
        }
        let text = match included::place(text) {
            // Behind the place of an error another one may begin.
            Some((place, rest)) => {
                statements.push(Statement { text: String::new(), line: None, place: Some(place) });
                rest
            }
            None => text,
        };
        if text.is_empty() {
            continue;
        }
        match text.strip_prefix("from file ").and_then(|place| place.split_once("),")) {
            Some((_, rest)) if !rest.trim_start().starts_with("line ") => {
                statements.push(Statement::of(rest.trim(), None));
            }
            _ => statements.push(Statement::of(text, line.line)),
        }
    }
    statements
}

/// The line that is named behind an error, if what follows is its place.
fn place_of(following: &[Statement]) -> Option<u32> {
    let next = following.first()?;
    if next.text.starts_with("with matching argument types") {
        // Behind all that it could be stands the line, if it is one of the piece.
        return following.iter().find(|said| said.text.starts_with("Line:"))?.line;
    }
    let is_place = next.text.starts_with("from file ") || next.text.to_ascii_lowercase().starts_with("line");
    next.line.filter(|_| is_place)
}

#[cfg(test)]
mod tests;
