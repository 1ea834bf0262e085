//! Sections, instruments and blocks without an end; comments and texts.

use super::{MOST, Mistake};
use crate::highlight::{LeftOpen, Section};
use crate::language::Language;
use crate::parse::Kind;
use crate::piece::{Block, Document};

const SECTIONS: [&str; 7] =
    ["CsoundSynthesizer", "CsoundSynthesiser", "CsOptions", "CsInstruments", "CsOrc", "CsScore", "CsSco"];

pub fn mistakes(lines: &[&str], document: &Document) -> Vec<Mistake> {
    let mut found = Vec::new();
    if document.language() == Language::Csd {
        marks(lines, &mut found);
    }
    blocks(lines, document, &mut found);
    texts(lines, document, &mut found);
    if let Some(open) = document.highlighter().left_open() {
        let (sign, end) = match open {
            LeftOpen::Comment => ("/*", "*/"),
            LeftOpen::Text => ("{{", "}}"),
        };
        if let Some((line, at)) = last_of(lines, sign) {
            let text = format!("{sign} has no end: write {end} behind it");
            found.push(Mistake { line, at: at..at + sign.len(), text });
        }
    }
    found
}

/// The last place of a sign that its end does not follow.
fn last_of(lines: &[&str], sign: &str) -> Option<(usize, usize)> {
    lines.iter().enumerate().rev().find_map(|(number, line)| Some((number, line.rfind(sign)?)))
}

/// The marks of a CSD.
fn marks(lines: &[&str], found: &mut Vec<Mistake>) {
    let mut open: Vec<(&str, usize, std::ops::Range<usize>)> = Vec::new();
    for (number, line) in lines.iter().enumerate() {
        if found.len() >= MOST {
            return;
        }
        let trimmed = line.trim_start();
        let Some(mark) = trimmed.strip_prefix('<') else { continue };
        let begin = line.len() - trimmed.len();
        let (is_end, name) = mark.strip_prefix('/').map_or((false, mark), |name| (true, name));
        let Some((name, behind)) = name.split_once('>') else { continue };
        let Some(name) = SECTIONS.into_iter().find(|known| *known == name.trim()) else { continue };
        let at = begin..begin + trimmed.find('>').map_or(trimmed.len(), |end| end + 1);
        if is_end {
            if let Some(place) = open.iter().rposition(|(begun, ..)| *begun == name) {
                // What was begun within it has no end.
                let within = open.drain(place..).skip(1).take(MOST);
                found.extend(within.map(|(name, line, at)| without_end(name, line, at)));
            }
            continue;
        }
        if let Some(inside) = behind.split(&format!("</{name}>")).next().filter(|_| behind.contains("</")) {
            if name == "CsOptions" && !inside.trim().is_empty() {
                let text = "Csound does not read options that stand on one line with their marks: write \
                            <CsOptions>, the options and </CsOptions> on lines of their own"
                    .to_owned();
                found.push(Mistake { line: number, at: begin..line.trim_end().len(), text });
            }
            continue;
        }
        // What was begun before ends here at the latest, but for the whole.
        if let Some((before, line, at)) =
            open.last().filter(|(before, ..)| !before.starts_with("CsoundS")).cloned()
        {
            found.push(without_end(before, line, at));
            open.pop();
        }
        open.push((name, number, at));
    }
    found.extend(open.into_iter().take(MOST).map(|(name, line, at)| without_end(name, line, at)));
}

fn without_end(name: &str, line: usize, at: std::ops::Range<usize>) -> Mistake {
    Mistake { line, at, text: format!("<{name}> has no end: write </{name}> on a line of its own behind it") }
}

/// `instr` and `opcode` with their ends.
fn blocks(lines: &[&str], document: &Document, found: &mut Vec<Mistake>) {
    let mut open: Option<(usize, &str, &str)> = None;
    let most = found.len() + MOST;
    let at = |line: usize| {
        let text = lines[line];
        let begin = text.len() - text.trim_start().len();
        begin..text.trim_end().len().max(begin)
    };
    let unended = |(line, what, end): (usize, &str, &str)| Mistake {
        line,
        at: at(line),
        text: format!("this {what} has no end: write {end} behind its last line"),
    };
    for (line, text) in lines.iter().enumerate() {
        if found.len() >= most {
            return;
        }
        if document.section(line).is_some_and(|section| section != Section::Orchestra) {
            found.extend(open.take().map(unended));
        }
        match document.block(line) {
            Some(Block::Instrument) => found.extend(open.replace((line, "instrument", "endin")).map(unended)),
            Some(Block::Opcode) => found.extend(open.replace((line, "opcode", "endop")).map(unended)),
            Some(Block::End) => {
                let said = text.trim_start();
                let word = if said.starts_with("endop") { "endop" } else { "endin" };
                match open.take() {
                    Some((begun, what, end)) if end != word => {
                        let text = format!("the {what} of line {} ends with {end}, not {word}", begun + 1);
                        found.push(Mistake { line, at: at(line), text });
                    }
                    Some(_) => {}
                    None => {
                        let what = if word == "endop" { "opcode" } else { "instr" };
                        let text = format!("{word} ends nothing: there is no {what} before it");
                        found.push(Mistake { line, at: at(line), text });
                    }
                }
            }
            None => {}
        }
    }
    found.extend(open.map(unended));
}

/// Texts without their last quote.
fn texts(lines: &[&str], document: &Document, found: &mut Vec<Mistake>) {
    let most = found.len() + MOST;
    for (number, line) in lines.iter().enumerate() {
        if found.len() >= most {
            return;
        }
        if !matches!(document.section(number), Some(Section::Orchestra | Section::Score)) {
            continue;
        }
        let open = document.words(number).iter().find(|word| word.kind == Kind::Text && !word.is_closed);
        if let Some(word) = open.filter(|_| !line.trim_end().ends_with('\\')) {
            let text = "this text has no end: write \" behind it".to_owned();
            found.push(Mistake { line: number, at: word.at.start..line.trim_end().len(), text });
        }
    }
}
