//! Live orchestra text: what would end Csound's process, or change more than the instruments.

use super::constants::check_constants;
use super::error::{TextError, TextPlace};
use super::input::{Input, check_length, is_blank, is_word, long_text, quoted};
use super::limits::{LONGEST_TEXT, LONGEST_WORD, MOST_INSTRUMENTS, MOST_OPERATORS};

/// Directives of the orchestra's and the score's preprocessor. `#` alone is an operator.
pub(super) const DIRECTIVES: [&str; 12] = [
    "define",
    "include",
    "includestr",
    "undef",
    "ifdef",
    "ifndef",
    "else",
    "end",
    "endif",
    "exit",
    "sline",
    "source",
];

/// Opcodes for the definition of one: Csound 7.00 ends on them elsewhere.
const OF_DEFINITIONS: [&str; 2] = ["xin", "xout"];

pub(super) fn read_orchestra(text: &str) -> Result<(), TextError> {
    check_length(text, LONGEST_TEXT)?;
    let mut reader = Reader::new(text);
    reader.code()?;
    match reader.open.pop() {
        Some((place, bracket)) => Err(TextError::OpenBracket { place, bracket }),
        None if reader.anything => check_constants(text),
        None => Err(TextError::Empty),
    }
}

/// The blocks around a statement.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Block {
    Header,
    Instrument,
    Opcode,
}

/// A condition as far as it was read, while it may be no more than `true` or `false`: Csound 7.00 ends on those in
/// front of `do` and `goto`.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Condition {
    /// None, or one with more in it.
    Whole,
    Begun,
    Constant,
}

impl Condition {
    fn after(self, word: &str) -> Self {
        match (self, word) {
            (_, "if" | "while" | "until") => Self::Begun,
            (Self::Begun, "true" | "false" | "truek" | "falsek") => Self::Constant,
            _ => Self::Whole,
        }
    }
}

/// A text as far as it was read.
struct Reader<'a> {
    input: Input<'a>,
    /// Brackets that are open, each with its place.
    open: Vec<(TextPlace, char)>,
    anything: bool,
    block: Block,
    /// The statement's first word, if it has one.
    first: Option<&'a str>,
    condition: Condition,
    /// Operators and commas of the statement.
    operators: usize,
    /// True if the statement goes on in the next line.
    goes_on: bool,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str) -> Self {
        Self {
            input: Input::new(text),
            open: Vec::new(),
            anything: false,
            block: Block::Header,
            first: None,
            condition: Condition::Whole,
            operators: 0,
            goes_on: false,
        }
    }

    fn code(&mut self) -> Result<(), TextError> {
        while let Some(found) = self.input.peek() {
            if matches!(found, '\n' | '\r') {
                self.end_line();
                self.input.next();
            } else if found == '\\' {
                self.goes_on = true;
                self.input.next();
            } else if found.is_whitespace() {
                self.input.next();
            } else if !self.input.skip_comment()? {
                self.anything = true;
                self.token(found)?;
            }
        }
        Ok(())
    }

    fn end_line(&mut self) {
        if !self.goes_on && self.open.is_empty() {
            self.first = None;
            self.operators = 0;
        }
    }

    fn token(&mut self, found: char) -> Result<(), TextError> {
        let place = self.input.place();
        self.goes_on = false;
        match found {
            '"' if quoted(&mut self.input)?.contains("#exit") => {
                return Err(TextError::Directive { place, word: "#exit".to_owned() });
            }
            '"' => {}
            '{' if self.input.second() == Some('{') => self.long_text()?,
            '(' | '[' => {
                self.open.push((place, found));
                self.input.next();
            }
            ')' | ']' => self.close(place, found)?,
            '{' | '}' => {
                let hint = "braces come in pairs, around a text: {{ … }}";
                return Err(TextError::Character { place, found, hint });
            }
            '#' => self.directive(place)?,
            _ if is_word(found) => self.word(place)?,
            _ => self.operator(place, found)?,
        }
        Ok(())
    }

    /// A text in braces. One with others inside ends earlier for Csound 6: nothing of the rest may take that down.
    fn long_text(&mut self) -> Result<(), TextError> {
        let begin = self.input.at + 2;
        let inside = long_text(&mut self.input)?;
        if let Some(end) = inside.find("}}") {
            let mut rest = Self::new(&self.input.text[..begin + inside.len()]);
            rest.input.at = begin + end + 2;
            rest.braces_left()?;
        }
        Ok(())
    }

    /// Reads the rest of a text as Csound 6 would, whatever braces it holds.
    fn braces_left(&mut self) -> Result<(), TextError> {
        loop {
            match self.code() {
                Err(TextError::Character { found: found @ ('{' | '}'), .. }) => {
                    debug_assert_eq!(self.input.peek(), Some(found));
                    self.input.next();
                }
                Err(TextError::StrayBracket { .. }) => drop(self.input.next()),
                other => return other,
            }
        }
    }

    fn close(&mut self, place: TextPlace, found: char) -> Result<(), TextError> {
        let begin = if found == ')' { '(' } else { '[' };
        if self.open.last().is_none_or(|(_, bracket)| *bracket != begin) {
            return Err(TextError::StrayBracket { place, bracket: found });
        }
        self.open.pop();
        self.input.next();
        Ok(())
    }

    fn directive(&mut self, place: TextPlace) -> Result<(), TextError> {
        self.input.next();
        self.input.skip_while(is_blank);
        let word = self.input.word();
        let resets = word.is_empty() && self.input.peek() == Some('#');
        if resets || DIRECTIVES.contains(&word) {
            return Err(TextError::Directive { place, word: format!("#{word}") });
        }
        self.count(place)
    }

    fn word(&mut self, place: TextPlace) -> Result<(), TextError> {
        let word = self.input.word();
        if word.len() > LONGEST_WORD {
            return Err(TextError::LongWord { place, bytes: word.len() });
        }
        if OF_DEFINITIONS.contains(&word) && self.block != Block::Opcode {
            return Err(TextError::OutsideOpcode { place, word: word.to_owned() });
        }
        let first = *self.first.get_or_insert(word);
        if first == "instr" && word.parse::<f64>().is_ok_and(|number| number > MOST_INSTRUMENTS as f64) {
            return Err(TextError::Field { place, what: "an instrument's number can be at most 1000000" });
        }
        if self.condition == Condition::Constant && matches!(word, "do" | "goto" | "igoto" | "kgoto") {
            let what =
                "Csound 7.00 ends on a condition that is only true or false: compare something, as in 1 == 1";
            return Err(TextError::Field { place, what });
        }
        self.condition = self.condition.after(word);
        match word {
            "instr" if first == word => self.block = Block::Instrument,
            "opcode" if first == word => self.block = Block::Opcode,
            "endin" | "endop" => self.block = Block::Header,
            _ => {}
        }
        Ok(())
    }

    fn operator(&mut self, place: TextPlace, found: char) -> Result<(), TextError> {
        self.input.next();
        // A label is no part of the statement behind it.
        if found != ':' {
            self.first.get_or_insert("");
        }
        self.goes_on = true;
        self.condition = Condition::Whole;
        match found {
            '=' if self.input.ends_line()? => return Err(TextError::NoValue { place }),
            '/' if self.input.is_zero() => return Err(TextError::DividedByZero { place }),
            _ => {}
        }
        self.count(place)
    }

    fn count(&mut self, place: TextPlace) -> Result<(), TextError> {
        self.operators += 1;
        if self.operators > MOST_OPERATORS {
            return Err(TextError::LongStatement { place });
        }
        Ok(())
    }
}
