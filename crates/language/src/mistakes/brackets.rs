//! Brackets without their partners, within a statement.

use super::skipped::Skipped;
use super::{MOST, Mistake};
use crate::highlight::Section;
use crate::parse::Kind;
use crate::piece::{Block, Document};

const PAIRS: [(char, char); 2] = [('(', ')'), ('[', ']')];

pub fn mistakes(lines: &[&str], document: &Document, skipped: &Skipped) -> Vec<Mistake> {
    let mut found = Vec::new();
    let mut open: Vec<(char, usize, usize)> = Vec::new();
    for number in 0..lines.len() {
        if found.len() >= MOST {
            break;
        }
        let section = document.section(number);
        let is_edge = matches!(document.block(number), Some(Block::Instrument | Block::End | Block::Opcode));
        if is_edge || section.is_none() || section == Some(Section::Score) {
            unclosed_all(&mut open, &mut found);
        }
        if skipped.has(number) || !matches!(section, Some(Section::Orchestra | Section::Score)) {
            if skipped.has(number) {
                // A macro may hold the partner.
                open.clear();
            }
            continue;
        }
        for word in document.words(number) {
            if found.len() >= MOST {
                break;
            }
            let Kind::Symbol(sign) = word.kind else { continue };
            if PAIRS.iter().any(|(opening, _)| *opening == sign) {
                open.push((sign, number, word.at.start));
            } else if let Some((opening, _)) = PAIRS.iter().find(|(_, closing)| *closing == sign) {
                match open.pop() {
                    Some((begun, ..)) if begun == *opening => {}
                    Some((begun, line, at)) => found.push(unclosed(begun, line, at)),
                    None => {
                        let text = format!("{sign} closes nothing: there is no {opening} before it");
                        found.push(Mistake { line: number, at: word.at.clone(), text });
                    }
                }
            }
        }
        let is_whole = section == Some(Section::Score) || ends_statement(document, number, &open);
        if is_whole {
            unclosed_all(&mut open, &mut found);
        }
    }
    if found.len() < MOST {
        unclosed_all(&mut open, &mut found);
    }
    found
}

fn unclosed_all(open: &mut Vec<(char, usize, usize)>, found: &mut Vec<Mistake>) {
    found.extend(open.drain(..).take(MOST).map(|(sign, line, at)| unclosed(sign, line, at)));
}

/// Whether a bracket that is open here cannot be closed in the next line. Csound 7 goes on in the next line within
/// brackets; a bracket that is still open where the next line begins another statement is forgotten.
fn ends_statement(document: &Document, line: usize, open: &[(char, usize, usize)]) -> bool {
    let Some((_, begun, _)) = open.last() else { return false };
    let next = document.words(line + 1);
    let is_call =
        !document.calls(line + 1).is_empty() && document.calls(line + 1).iter().any(|call| !call.is_function);
    *begun <= line && !document.goes_on(line) && is_call && !next.is_empty()
}

fn unclosed(sign: char, line: usize, at: usize) -> Mistake {
    let closing = PAIRS.iter().find(|(opening, _)| *opening == sign).map_or(')', |(_, closing)| *closing);
    Mistake { line, at: at..at + 1, text: format!("{sign} is not closed: write {closing}") }
}
