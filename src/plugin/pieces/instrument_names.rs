//! The instruments of a text, and their names by the numbers that Csound gives them. Pure.

use std::collections::{BTreeMap, BTreeSet};

use csound_language::language::Language;
use csound_language::piece::{Defined, Document, SymbolKind};

/// The word by which a CSD is known.
const CSD: &str = "<CsoundSynthesizer";

/// The names of the instruments of a text by their numbers: Csound gives each the first number that is free, in their
/// order, and those whose name begins with `+` come after all others. None where the text includes others, which may have instruments too.
pub fn instrument_names(text: &str) -> BTreeMap<u32, String> {
    let document = document(text);
    let lines: Vec<&str> = text.split('\n').collect();
    let (mut numbers, mut names, mut last) = (BTreeSet::new(), Vec::new(), Vec::new());
    for found in document.symbols() {
        match found.symbol.kind {
            SymbolKind::Include => return BTreeMap::new(),
            SymbolKind::Instrument => match found.symbol.name.parse::<u32>() {
                Ok(number) => drop(numbers.insert(number)),
                Err(_) if is_after_plus(&lines, &found) => last.push(found.symbol.name.clone()),
                Err(_) => names.push(found.symbol.name.clone()),
            },
            _ => {}
        }
    }
    let mut free = (1..).filter(|number| !numbers.contains(number));
    names.into_iter().chain(last).filter_map(|name| Some((free.next()?, name))).collect()
}

/// The instruments of a text, by their numbers and names, in the order of their lines.
pub fn instruments(text: &str) -> Vec<String> {
    document(text).instruments().map(str::to_owned).collect()
}

fn document(text: &str) -> Document {
    Document::of(text, if text.contains(CSD) { Language::Csd } else { Language::Orchestra })
}

/// Whether a `+` stands before the name.
fn is_after_plus(lines: &[&str], found: &Defined<'_>) -> bool {
    let before = lines.get(found.line).and_then(|line| line.get(..found.symbol.at.start));
    before.is_some_and(|before| before.ends_with('+'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<(u32, String)> {
        instrument_names(text).into_iter().collect()
    }

    #[test]
    fn names_have_the_numbers_that_are_free() {
        let text =
            "instr 1\nendin\ninstr bell\nendin\ninstr 3, pad\nendin\n; instr none\ninstr drone\nendin\n";
        let expected =
            [(2, "bell"), (4, "pad"), (5, "drone")].map(|(number, name)| (number, name.to_owned()));
        assert_eq!(names(text), expected);
        let csd = format!(
            "<CsoundSynthesizer>\n<CsInstruments>\n{text}</CsInstruments>\n<CsScore>\ni 1 0 1\n</CsScore>\n\
             </CsoundSynthesizer>\n"
        );
        assert_eq!(names(&csd), expected);
        let with_plus = "instr +pad\nendin\ninstr bell\nendin\n";
        assert_eq!(instruments(with_plus), ["pad", "bell"]);
        assert_eq!(names(with_plus), [(1, "bell".to_owned()), (2, "pad".to_owned())]);
        assert_eq!(names(&format!("#include \"more.orc\"\n{text}")), []);
        assert_eq!(names(""), []);
    }
}
