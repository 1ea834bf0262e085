//! A live score: statements, expressions in brackets, loops in braces.

use super::error::{TextError, TextPlace};
use super::event::{Field, Fields};
use super::input::{Input, check_length, is_blank, is_word, number, score_string};
use super::limits::{LONGEST_TEXT, MOST_EVENTS};

/// Most operators and brackets of an expression: Csound 6.18 has room for 29 and does not check.
const MOST_OPERATORS: usize = 20;

/// Longest number in an expression: Csound 6.18 has room for 99 characters and does not check.
const LONGEST_NUMBER: usize = 40;

/// Deepest nesting of loops in a live score.
const DEEPEST_LOOP: usize = 8;

/// The statements that work in a live score.
const STATEMENTS: &str = "ifaqdebvBCxy";

pub(super) fn read_score(text: &str) -> Result<(), TextError> {
    check_length(text, LONGEST_TEXT)?;
    let mut input = Input::new(text);
    let mut loops: Vec<Loop> = Vec::new();
    let mut events = 0_u64;
    let mut anything = false;
    loop {
        input.skip_while(char::is_whitespace);
        let place = input.place();
        if input.skip_score_comment()? {
            continue;
        }
        let Some(found) = input.next() else { break };
        anything = true;
        match found {
            '{' => loops.push(begin_loop(&mut input, place, &loops)?),
            '}' => {
                if loops.pop().is_none() {
                    return Err(TextError::StrayBracket { place, bracket: '}' });
                }
                end_of_line(&mut input)?;
            }
            '#' => return Err(directive(&mut input, place)),
            _ if STATEMENTS.contains(found) => {
                score_statement(&mut input, found, place, &loops)?;
                events += loops.last().map_or(1, |around| around.turns);
                if events > MOST_EVENTS {
                    return Err(TextError::ManyEvents { place });
                }
            }
            _ => return Err(TextError::Statement { place, found, hint: statement_hint(found) }),
        }
    }
    match loops.pop() {
        Some(open) => Err(TextError::Open { place: open.place, what: "loop", end: "} in a line of its own" }),
        None if anything => Ok(()),
        None => Err(TextError::Empty),
    }
}

/// A loop in a score, around what is read.
#[derive(Clone, Debug)]
pub(super) struct Loop {
    place: TextPlace,
    name: String,
    /// The number of times that its inside is read, outer loops counted.
    turns: u64,
}

/// `{ COUNT NAME`, in a line of its own.
pub(super) fn begin_loop(input: &mut Input, place: TextPlace, around: &[Loop]) -> Result<Loop, TextError> {
    let wrong = |input: &Input| TextError::Field {
        place: input.place(),
        what: "a loop begins with { COUNT NAME in a line of its own, such as { 4 N",
    };
    if around.len() >= DEEPEST_LOOP {
        return Err(TextError::Field { place, what: "loops are nested too deeply" });
    }
    input.skip_while(is_blank);
    let digits = input.clone().word();
    let count = digits.parse::<u64>().ok().filter(|count| (1..=MOST_EVENTS).contains(count));
    let Some(count) = count else { return Err(wrong(input)) };
    input.at += digits.len();
    input.skip_while(is_blank);
    let name = input.word();
    let good = name.starts_with(|first: char| first.is_ascii_alphabetic()) && name.len() <= 30;
    // A c would begin a comment in Csound's eyes.
    if !good || name.contains('c') {
        return Err(wrong(input));
    }
    end_of_line(input)?;
    let turns = around.last().map_or(1, |outer| outer.turns).saturating_mul(count);
    if turns > MOST_EVENTS {
        return Err(TextError::ManyEvents { place });
    }
    Ok(Loop { place, name: name.to_owned(), turns })
}

/// Expects nothing more in the line but a comment. Block comments do not count: Csound does not
/// look for their end there.
pub(super) fn end_of_line(input: &mut Input) -> Result<(), TextError> {
    input.skip_while(is_blank);
    match input.peek() {
        None | Some('\n' | '\r') => Ok(()),
        Some(';') => {
            input.skip_line();
            Ok(())
        }
        Some(found) => {
            let hint = "the braces of a loop stand in lines of their own";
            Err(TextError::Character { place: input.place(), found, hint })
        }
    }
}

pub(super) fn statement_hint(found: char) -> &'static str {
    match found {
        't' | 'w' => "the tempo belongs in a piece's own score",
        's' | 'r' | 'm' | 'n' => "sections, repeats and marks belong in a piece's own score",
        '$' => "macros belong in a piece's own score",
        _ => "a score statement begins with i, f, a, q, d, e, b, v, B, C, x or y",
    }
}

pub(super) fn directive(input: &mut Input, place: TextPlace) -> TextError {
    input.skip_while(is_blank);
    TextError::Directive { place, word: format!("#{}", input.word()) }
}

/// The p-fields of one statement, to the end of its line.
pub(super) fn score_statement(
    input: &mut Input,
    opcode: char,
    place: TextPlace,
    loops: &[Loop],
) -> Result<(), TextError> {
    let mut fields = Fields::new(opcode, place);
    loop {
        input.skip_while(is_blank);
        let place = input.place();
        let Some(found) = input.peek() else { break };
        if matches!(found, '\n' | '\r') {
            break;
        }
        if input.skip_score_comment()? {
            continue;
        }
        let field = score_field(input, opcode, found, fields.count, loops)?;
        fields.take(field, place)?;
        // A string shows its own end.
        if !matches!(field, Field::Text(_)) {
            input.expect_end_of_field()?;
        }
    }
    fields.check_count()
}

pub(super) fn score_field(
    input: &mut Input,
    opcode: char,
    found: char,
    before: usize,
    loops: &[Loop],
) -> Result<Field, TextError> {
    let place = input.place();
    let digit_follows = |next: Option<char>| next.is_some_and(|next| next.is_ascii_digit() || next == '.');
    match found {
        '[' => {
            let mut expression = Expression { input, loops, operators: 0 };
            expression.bracket(']')?;
            Ok(Field::Carry)
        }
        '"' => {
            let inside = score_string(input)?;
            // Csound 6.18 crashes on an instrument's name with a blank in it.
            let plain = |next: char| is_word(next) || matches!(next, '.' | '-' | '+');
            if before == 0 && (inside.is_empty() || !inside.chars().all(plain)) {
                let what = "the name of an instrument has letters, digits and _ only";
                return Err(TextError::Field { place, what });
            }
            Ok(Field::Text(inside.len()))
        }
        '$' => {
            loop_name(input, loops)?;
            Ok(Field::Carry)
        }
        '.' | '+' if opcode == 'i' && !digit_follows(input.second()) => {
            input.next();
            Ok(Field::Carry)
        }
        '^' if opcode == 'i' && before == 1 && matches!(input.second(), Some('+' | '-')) => {
            input.next();
            number(input)?;
            Ok(Field::Carry)
        }
        '<' | '>' | '(' | ')' | '~' | '!' if opcode == 'i' && before >= 3 => {
            input.next();
            Ok(Field::Carry)
        }
        'n' | 'p' => {
            let what =
                "np and pp belong in a piece's own score: Csound 6.18 does not survive some of them live";
            Err(TextError::Field { place, what })
        }
        'z' if (1..=2).contains(&before) => {
            input.next();
            Ok(Field::Carry)
        }
        '0'..='9' | '.' | '+' | '-' => {
            if input.rest().trim_start_matches(['+', '-']).to_ascii_lowercase().starts_with("0x") {
                return Err(TextError::Number { place, word: "0x".to_owned() });
            }
            number(input).map(Field::Number)
        }
        '#' => Err(directive(input, place)),
        ']' | '}' | ')' => Err(TextError::StrayBracket { place, bracket: found }),
        _ => {
            let hint = "p-fields are numbers, strings in quotes, expressions in [ ], carries and ramps";
            Err(TextError::Character { place, found, hint })
        }
    }
}

/// `$NAME` or `$NAME.` of a loop around.
pub(super) fn loop_name(input: &mut Input, loops: &[Loop]) -> Result<(), TextError> {
    let place = input.place();
    input.next();
    let name = input.word();
    if !loops.iter().any(|around| around.name == name) {
        let hint = "only the names of the loops around can be used; macros belong in a piece's own score";
        return Err(TextError::Character { place, found: '$', hint });
    }
    if input.peek() == Some('.') {
        input.next();
    }
    Ok(())
}

/// An expression in square brackets. Csound 6.18 checks little of what it assumes, so it has to be
/// well formed: operands and operators in turn, signs before numbers only, blanks but no tabs.
pub(super) struct Expression<'i, 'a, 'l> {
    input: &'i mut Input<'a>,
    loops: &'l [Loop],
    operators: usize,
}

impl Expression<'_, '_, '_> {
    /// Reads from an opening bracket to its end.
    fn bracket(&mut self, end: char) -> Result<(), TextError> {
        let opening = self.input.place();
        let bracket = self.input.next().unwrap_or('[');
        self.count(opening)?;
        loop {
            self.operand(opening, bracket)?;
            self.blanks();
            let place = self.input.place();
            let Some(found) = self.input.peek() else {
                return Err(TextError::OpenBracket { place: opening, bracket });
            };
            match found {
                _ if found == end => {
                    self.input.next();
                    return Ok(());
                }
                '+' | '-' | '*' | '/' | '%' | '^' | '&' | '|' | '#' => {
                    self.input.next();
                    self.count(place)?;
                    let comment = found == '/' && matches!(self.input.peek(), Some('/' | '*'));
                    if found == '/' && !comment && self.input.is_zero() {
                        return Err(TextError::DividedByZero { place });
                    }
                }
                ')' | ']' => return Err(TextError::StrayBracket { place, bracket: found }),
                '\n' | '\r' => return Err(TextError::OpenBracket { place: opening, bracket }),
                _ => {
                    let what = "an operator or the closing bracket is missing here";
                    return Err(TextError::Expression { place, what });
                }
            }
        }
    }

    fn operand(&mut self, opening: TextPlace, bracket: char) -> Result<(), TextError> {
        self.blanks();
        let place = self.input.place();
        match self.input.peek() {
            None | Some('\n' | '\r') => Err(TextError::OpenBracket { place: opening, bracket }),
            Some('(') => self.bracket(')'),
            Some('[') => self.bracket(']'),
            Some('~') => {
                self.input.next();
                Ok(())
            }
            Some('$') => loop_name(self.input, self.loops),
            Some('@') => {
                let begin = self.input.at;
                self.input.skip_while(|next| next == '@');
                let marks = self.input.at - begin;
                let digits = self.input.clone().word();
                let good = digits.len() <= 7 && digits.parse::<u32>().is_ok() && marks <= 2;
                if !good {
                    let what = "@ and @@ need a whole number behind them";
                    return Err(TextError::Expression { place, what });
                }
                self.input.at += digits.len();
                Ok(())
            }
            Some('0'..='9' | '.' | '+' | '-') => self.literal(),
            Some(_) => {
                let what = "a number is missing here";
                Err(TextError::Expression { place, what })
            }
        }
    }

    fn literal(&mut self) -> Result<(), TextError> {
        let begin = self.input.at;
        let place = self.input.place();
        let hexadecimal = self.input.rest().trim_start_matches(['+', '-']).to_ascii_lowercase();
        if hexadecimal.starts_with("0x") {
            return Err(TextError::Expression { place, what: "hexadecimal numbers cannot be used" });
        }
        number(self.input)?;
        if self.input.at - begin > LONGEST_NUMBER {
            return Err(TextError::Expression { place, what: "this number is too long" });
        }
        Ok(())
    }

    fn blanks(&mut self) {
        self.input.skip_while(|next| next == ' ');
    }

    fn count(&mut self, place: TextPlace) -> Result<(), TextError> {
        self.operators += 1;
        if self.operators > MOST_OPERATORS {
            return Err(TextError::Expression { place, what: "there are too many operators; use less" });
        }
        Ok(())
    }
}
