//! What comes of constants of an orchestra that are calculated while it is compiled.
//!
//! Csound 6.18 writes such a number into the text that it compiles, and ends on `inf` and `nan`, which are names there.
//! It calculates as far as both sides are constants, as in `1/(2-2)`, `2^5000` and `3/(4 & 3)`; functions and
//! comparisons it leaves alone. Where it is not certain how a text is divided into expressions, more is calculated here
//! than there.

use std::f64::consts;

use super::error::{TextError, TextPlace};
use super::input::{Input, decimal, is_word, quoted};

/// The constants among the macros that Csound has from the beginning.
const MACROS: [(&str, f64); 13] = [
    ("M_E", consts::E),
    ("M_LOG2E", consts::LOG2_E),
    ("M_LOG10E", consts::LOG10_E),
    ("M_LN2", consts::LN_2),
    ("M_LN10", consts::LN_10),
    ("M_PI", consts::PI),
    ("M_PI_2", consts::FRAC_PI_2),
    ("M_PI_4", consts::FRAC_PI_4),
    ("M_1_PI", consts::FRAC_1_PI),
    ("M_2_PI", consts::FRAC_2_PI),
    ("M_2_SQRTPI", consts::FRAC_2_SQRT_PI),
    ("M_SQRT2", consts::SQRT_2),
    ("M_SQRT1_2", consts::FRAC_1_SQRT_2),
];

/// Checks that no constants of a text come to what is infinite or no number. Everything else about the text is good.
pub(super) fn check_constants(text: &str) -> Result<(), TextError> {
    let mut reader = Reader {
        input: Input::new(text),
        values: Vec::new(),
        operations: Vec::new(),
        brackets: 0,
        last: Last::Statement,
    };
    while let Some(found) = reader.input.peek() {
        reader.token(found)?;
    }
    reader.separate()
}

/// A constant, or none.
type Value = Option<f64>;

enum Operation {
    /// Of `<<` and `>>` the first character.
    Binary(char, TextPlace),
    /// `-` or `~`.
    Sign(char, TextPlace),
    Open {
        /// Values below it.
        values: usize,
        /// False if what it encloses is not the value of an expression: the arguments of a function, an index.
        is_value: bool,
    },
}

/// What was read last.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Last {
    /// The beginning of a statement, or a word that stands there and may be an opcode.
    Statement,
    /// What ends an expression, or an operator.
    Separator,
    /// A value; after a name brackets enclose something else.
    Value { is_name: bool },
}

/// Signs bind most; all operators go from left to right. No recursion: brackets may be many.
struct Reader<'a> {
    input: Input<'a>,
    values: Vec<Value>,
    operations: Vec<Operation>,
    /// Those among them that are open brackets.
    brackets: usize,
    last: Last,
}

impl Reader<'_> {
    fn token(&mut self, found: char) -> Result<(), TextError> {
        let is_number = |character: char| character.is_ascii_digit();
        let rest = self.input.rest();
        match found {
            '\n' | '\r' => {
                self.input.next();
                self.end_line()
            }
            // Where an operator ends a line Csound 7 goes on in the next.
            '\\' => self.pass(),
            _ if found.is_whitespace() => self.pass(),
            '"' => {
                quoted(&mut self.input)?;
                self.value(None, false)
            }
            '{' if rest.starts_with("{{") => {
                // As Csound 6 reads it, which alone calculates this.
                let length = rest.find("}}").map_or(rest.len(), |end| end + 2);
                self.input.at += length;
                self.value(None, false)
            }
            '(' | '[' => self.open(found),
            ')' | ']' => self.close(),
            '$' => {
                self.input.next();
                let word = self.input.word();
                let constant = MACROS.iter().find(|(name, _)| *name == word).map(|(_, value)| *value);
                if self.input.peek() == Some('.') {
                    self.input.next();
                }
                self.value(constant, constant.is_none())
            }
            '.' if self.input.second().is_some_and(is_number) => self.number(),
            _ if is_number(found) => self.number(),
            _ if is_word(found) => self.word(),
            _ if self.input.skip_comment()? => Ok(()),
            _ => self.operator(found),
        }
    }

    fn pass(&mut self) -> Result<(), TextError> {
        self.input.next();
        Ok(())
    }

    fn end_line(&mut self) -> Result<(), TextError> {
        if self.last == Last::Separator || self.brackets > 0 {
            return Ok(());
        }
        self.separate()?;
        self.last = Last::Statement;
        Ok(())
    }

    /// A word at the beginning of a statement, or behind a value, may be an opcode, with arguments behind it.
    fn word(&mut self) -> Result<(), TextError> {
        self.input.word();
        if self.last == Last::Separator {
            return self.value(None, true);
        }
        self.separate()?;
        self.last = Last::Statement;
        Ok(())
    }

    fn number(&mut self) -> Result<(), TextError> {
        let begin = self.input.at;
        let is_hexadecimal = self.input.rest().get(..2).is_some_and(|two| two.eq_ignore_ascii_case("0x"));
        if is_hexadecimal {
            let digits = self.input.word().get(2..).unwrap_or_default();
            let value = u64::from_str_radix(digits, 16).ok().map(|value| value as f64);
            return self.value(value, false);
        }
        decimal(&mut self.input);
        let number = &self.input.text[begin..self.input.at];
        if self.input.peek().is_some_and(is_word) {
            // 0dbfs
            self.input.word();
            return self.value(None, true);
        }
        let is_whole = number.bytes().all(|byte| byte.is_ascii_digit());
        let value = if is_whole { Some(whole(number)) } else { number.parse().ok() };
        self.value(value, false)
    }

    fn operator(&mut self, found: char) -> Result<(), TextError> {
        let place = self.input.place();
        let follows_value = matches!(self.last, Last::Value { .. });
        let is_double = self.input.second() == Some(found);
        self.input.next();
        match (found, is_double) {
            ('+', _) if !follows_value => {}
            ('-' | '~', _) if !follows_value => self.operations.push(Operation::Sign(found, place)),
            ('<' | '>', true) => {
                self.input.next();
                self.binary(found, place)?;
            }
            ('&' | '|', true) => {
                self.input.next();
                self.separate()?;
            }
            ('+' | '-' | '*' | '/' | '%' | '^' | '#' | '&' | '|', _) => self.binary(found, place)?,
            _ => self.separate()?,
        }
        self.last = Last::Separator;
        Ok(())
    }

    fn binary(&mut self, operator: char, place: TextPlace) -> Result<(), TextError> {
        self.complete()?;
        if !matches!(self.last, Last::Value { .. }) {
            self.values.push(None);
        }
        self.reduce(strength(operator))?;
        self.operations.push(Operation::Binary(operator, place));
        Ok(())
    }

    fn open(&mut self, found: char) -> Result<(), TextError> {
        self.input.next();
        let is_name = self.last == Last::Value { is_name: true };
        match self.last {
            Last::Value { is_name: true } => drop(self.values.pop()),
            Last::Value { is_name: false } => self.separate()?,
            Last::Statement | Last::Separator => {}
        }
        let is_value = !is_name && found == '(';
        self.operations.push(Operation::Open { values: self.values.len(), is_value });
        self.brackets += 1;
        self.last = Last::Separator;
        Ok(())
    }

    fn close(&mut self) -> Result<(), TextError> {
        self.input.next();
        self.complete()?;
        self.reduce(0)?;
        let Some(Operation::Open { values, is_value }) = self.operations.pop() else { return Ok(()) };
        self.brackets -= 1;
        let value = if self.values.len() == values + 1 { self.values.pop().flatten() } else { None };
        self.values.truncate(values);
        self.last = Last::Separator;
        self.value(value.filter(|_| is_value), false)
    }

    fn value(&mut self, mut value: Value, is_name: bool) -> Result<(), TextError> {
        if matches!(self.last, Last::Value { .. }) {
            self.separate()?;
        }
        while let Some(Operation::Sign(sign, place)) = self.operations.last() {
            value = finite(
                value.map(|value| if *sign == '-' { -value } else { f64::from(!bits(value)) }),
                *place,
            )?;
            self.operations.pop();
        }
        self.values.push(value);
        self.last = Last::Value { is_name };
        Ok(())
    }

    /// Ends an expression. Behind others its brackets have no value.
    fn separate(&mut self) -> Result<(), TextError> {
        self.complete()?;
        self.reduce(0)?;
        let below = match self.operations.last_mut() {
            Some(Operation::Open { values, is_value }) => {
                *is_value = false;
                *values
            }
            _ => 0,
        };
        self.values.truncate(below);
        self.last = Last::Separator;
        Ok(())
    }

    /// Gives an operator the value that is missing behind it.
    fn complete(&mut self) -> Result<(), TextError> {
        let is_missing = !matches!(self.last, Last::Value { .. });
        match self.operations.last() {
            Some(Operation::Binary(..) | Operation::Sign(..)) if is_missing => self.value(None, false),
            _ => Ok(()),
        }
    }

    /// Calculates what binds at least so much.
    fn reduce(&mut self, least: u8) -> Result<(), TextError> {
        while let Some(Operation::Binary(operator, place)) = self.operations.last() {
            if strength(*operator) < least {
                break;
            }
            let (right, left) = (self.values.pop().flatten(), self.values.pop().flatten());
            let value = left.zip(right).map(|(left, right)| calculated(left, *operator, right));
            self.values.push(finite(value, *place)?);
            self.operations.pop();
        }
        Ok(())
    }
}

fn strength(operator: char) -> u8 {
    match operator {
        '|' => 1,
        '&' => 2,
        '<' | '>' => 3,
        '+' | '-' => 4,
        '*' | '/' | '%' => 5,
        '^' => 6,
        _ => 7,
    }
}

fn calculated(left: f64, operator: char, right: f64) -> f64 {
    match operator {
        '|' => f64::from(bits(left) | bits(right)),
        '&' => f64::from(bits(left) & bits(right)),
        '#' => f64::from(bits(left) ^ bits(right)),
        '<' => f64::from(bits(left).wrapping_shl(bits(right) as u32)),
        '>' => f64::from(bits(left).wrapping_shr(bits(right) as u32)),
        '+' => left + right,
        '-' => left - right,
        '*' => left * right,
        '/' => left / right,
        '%' if right == 0.0 => 0.0,
        '%' => left % right,
        _ => left.powf(right),
    }
}

/// What operators on bits take of a number: what is too large becomes the least.
fn bits(value: f64) -> i32 {
    let whole = value.trunc();
    if (f64::from(i32::MIN)..=f64::from(i32::MAX)).contains(&whole) { whole as i32 } else { i32::MIN }
}

fn finite(value: Value, place: TextPlace) -> Result<Value, TextError> {
    match value {
        Some(value) if !value.is_finite() => Err(TextError::Infinite { place }),
        value => Ok(value),
    }
}

/// A whole number as Csound 6.18 reads it: of a large one it keeps the lowest 32 bits, which may all be zero.
fn whole(digits: &str) -> f64 {
    f64::from(digits.parse::<i64>().unwrap_or(i64::MAX) as i32)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_refused(text: &str) -> bool {
        matches!(check_constants(text), Err(TextError::Infinite { .. }))
    }

    /// Each ended Csound 6.18.
    const ENDS: [&str; 62] = [
        "1e308*10",
        "1e308+1e308",
        "1e308 - -1e308",
        "1/(1-1)",
        "1/(2*0)",
        "-(0/0)",
        "1e999*1",
        "1e999+0",
        "- -1e999",
        "-(-1e999)",
        "2^5000",
        "4^512",
        "10^400",
        "0^-1",
        "0^(0-1)",
        "1e154^2.5",
        "1e308 ^ /* c */ 2",
        "(1e308*10)",
        "((((2^5000))))",
        "abs(1e308*10)",
        "sin:i(1e308*10)",
        "sin(0)+1e308*10",
        "1e308*10*giB",
        "giB+1e308*10",
        "giB-1e308*10",
        "giB*(1e308*10)",
        "2^5000^giB",
        "2^5000#2",
        "3%2*1e308*10",
        "0x7fffffff*1e300",
        "1/1e-400",
        "1/1e-320",
        "1/1e-309",
        "1/00",
        "1/00000000000",
        "1/4294967296",
        "1/$M_PI*1e308*1e3",
        "1/($M_PI-3.14159265358979323846)",
        "1/(0.1-0.1)",
        "1/(3-2.9999999999999999999)",
        "1.e308*10",
        "1.0e+308*10",
        "1E308*10",
        "1e308*10.",
        "+1e308*10",
        "1e308*+10",
        "1e308+(+1e308)",
        ".5/0",
        "1/(2#2)",
        "1/(2.7#2)",
        "2#3/1e-320",
        "1/(2&1)",
        "1/(1e30&1)",
        "1/(0|0)",
        "1/(0.5|0)",
        "1/(1>>5)",
        "1/(0<<1)",
        "1/(4%2)",
        "1/(7%0)",
        "1/((-7%3)+1)",
        "1/(~(-1.4))",
        "1/(((-1)>>1)+1)",
    ];

    #[test]
    fn constants_that_come_to_no_finite_number_are_found_wherever_they_stand() {
        for ends in ENDS {
            for text in [
                format!("giA = {ends}"),
                format!("return {ends}\n"),
                format!("print {ends}"),
                format!("prints \"%f\", 1, {ends}"),
                format!("giA ftgen 0, 0, 8, -2, {ends}, 1"),
                format!("instr 5\nif {ends} > 3 then\nk1 = 1\nendif\nendin"),
                format!("gkA[] fillarray 1, {ends}"),
                format!("giA = giX[{ends}]"),
                format!("giA:i[] = [1, {ends}]"),
                format!("gS = {{{{ a {{{{ b }}}} giA = {ends} }}}}"),
                format!("giA = (1 == 1 ? {ends} : 2) ; and more"),
                format!("giA +=\\\n {ends}"),
            ] {
                assert!(is_refused(&text), "{text}");
            }
        }
        // Signs of arguments are none of an operator.
        assert!(is_refused("print - -1e308 + 1e308") && is_refused("a1 oscili -1e308 * -10, 440"));
        assert!(is_refused("i1, i2 pan2 -1e308 * -10, 0"));
    }

    #[test]
    fn other_numbers_and_what_is_not_constant_are_left_alone() {
        for good in [
            "giA = 1/3 + 2^10 - 4^511 + 1e200*1e100",
            "giA = giB*1e308*10 + giB^2^5000 + giB/(giB-giB)",
            "giA = sr*1e308*10\ngiB = 1e308\ngiC = 10",
            "giA = 1e308*sin(10)*10",
            "giA = 1/sin(0) + 1/cos(1-1) + 1/giX[0] + 1/(0, 1)",
            "giA = 5 % 0 + sqrt(-1)",
            "giA = 1/(1<<64) + 1/(1.5#2) + 1/(2.5#3) + 1/((7%-3)+2) + 1/(1e10|1) + 1/(-1>>1+1)",
            "giA = (1 > 2 && 1 == 1 || giB & 1 ? 1 : 2)/3",
            "giA = 1/0.1 + 1/-3 + 1/0x10",
            "giA = 1e999",
            "giA = 1/0dbfs + 0dbfs/2",
            "giA = 1/0xFFFFFFFFFFFFFFFFF",
            "gS = \"1/(1-1)\" ; 1/(1-1)\n/* 1/(1-1) */",
            "gS = {{ 2^5000 }}",
            "giA = $M_PI*2/$M_SQRT2 + $OTHER*1e308*10",
            "instr 5\na1 oscili 0.5, 440, -1\nif k1 - 3 > -4 then\nendif\nendin",
            "struct P x:i\np:P init 1e308\nx:i = 1/p.x",
            "giA = ) + ] * (",
            "*",
            "/",
            "-",
            "(-",
            "",
        ] {
            assert_eq!(check_constants(good), Ok(()), "{good}");
        }
        let many = |part: &str| part.repeat(100_000);
        assert_eq!(check_constants(&format!("giA = {}1{}", many("("), many(")"))), Ok(()));
        assert_eq!(check_constants(&format!("giA = {}1{}", many("-("), many(")"))), Ok(()));
    }

    #[test]
    fn the_place_is_the_operators() {
        let place = TextPlace::byte(7);
        assert_eq!(check_constants("giA = 2^5000"), Err(TextError::Infinite { place }));
    }
}
