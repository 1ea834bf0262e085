//! Properties of one JSON object, such as `{"visible": 0, "bounds": {"left": 5}}`, without memory of its own: what a
//! piece sends while it performs is read so.

use crate::value::ValueRef;

/// Bytes of a path, and of a text with escapes in it.
const LONGEST_PATH: usize = 64;
const LONGEST_TEXT: usize = 4096;

/// Objects in objects.
const DEEPEST: usize = 8;

/// Values of a list.
const MOST_VALUES: usize = 64;

/// A text whose escapes are taken out.
struct Plain {
    bytes: [u8; LONGEST_TEXT],
    used: usize,
}

impl Plain {
    fn push(&mut self, bytes: &[u8]) -> Option<()> {
        let into = self.bytes.get_mut(self.used..self.used + bytes.len())?;
        into.copy_from_slice(bytes);
        self.used += bytes.len();
        Some(())
    }
}

/// What is read, and how far.
struct Reader<'t> {
    rest: &'t str,
    path: [u8; LONGEST_PATH],
    length: usize,
    plain: Plain,
}

/// A value where it lies: a number, or the bytes of a text among those that are plain.
#[derive(Clone, Copy)]
enum Found {
    Number(f64),
    Text(usize, usize),
}

/// Gives each property of an object with its path, such as `bounds.left`, and its values. False if it is no object, or
/// is damaged, or larger than there is room for; what stands before that is given.
///
/// # Realtime safety
/// Safe, as far as `take` is.
pub fn properties(text: &str, mut take: impl FnMut(&str, &[ValueRef<'_>])) -> bool {
    let plain = Plain { bytes: [0; LONGEST_TEXT], used: 0 };
    let mut reader = Reader { rest: text, path: [0; LONGEST_PATH], length: 0, plain };
    reader.object(0, &mut take).is_some() && reader.rest.trim_start().is_empty()
}

impl<'t> Reader<'t> {
    fn skip(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn eat(&mut self, wanted: char) -> Option<()> {
        self.skip();
        self.rest = self.rest.strip_prefix(wanted)?;
        Some(())
    }

    fn next_is(&mut self, wanted: char) -> bool {
        self.skip();
        self.rest.starts_with(wanted)
    }

    fn object(&mut self, depth: usize, take: &mut impl FnMut(&str, &[ValueRef<'_>])) -> Option<()> {
        self.eat('{')?;
        if self.next_is('}') {
            return self.eat('}');
        }
        loop {
            let length = self.length;
            self.plain.used = 0;
            let (begin, end) = self.string()?;
            if length > 0 {
                self.push_path(b".")?;
            }
            let (from, to) = (begin, end - begin);
            let into = self.path.get_mut(self.length..self.length + to)?;
            into.copy_from_slice(&self.plain.bytes[from..from + to]);
            self.length += to;
            self.eat(':')?;
            self.value(depth, take)?;
            self.length = length;
            if self.next_is('}') {
                return self.eat('}');
            }
            self.eat(',')?;
        }
    }

    fn push_path(&mut self, bytes: &[u8]) -> Option<()> {
        let into = self.path.get_mut(self.length..self.length + bytes.len())?;
        into.copy_from_slice(bytes);
        self.length += bytes.len();
        Some(())
    }

    fn value(&mut self, depth: usize, take: &mut impl FnMut(&str, &[ValueRef<'_>])) -> Option<()> {
        if self.next_is('{') {
            return if depth < DEEPEST { self.object(depth + 1, take) } else { None };
        }
        self.plain.used = 0;
        let (mut found, mut count) = ([Found::Number(0.0); MOST_VALUES], 0);
        if self.next_is('[') {
            self.eat('[')?;
            while !self.next_is(']') {
                *found.get_mut(count)? = self.scalar()?;
                count += 1;
                if !self.next_is(']') {
                    self.eat(',')?;
                }
            }
            self.eat(']')?;
        } else {
            found[0] = self.scalar()?;
            count = 1;
        }
        let mut values = [ValueRef::Number(0.0); MOST_VALUES];
        for (value, found) in values.iter_mut().zip(&found[..count]) {
            *value = match *found {
                Found::Number(number) => ValueRef::Number(number),
                Found::Text(begin, end) => {
                    ValueRef::Text(std::str::from_utf8(&self.plain.bytes[begin..end]).unwrap_or_default())
                }
            };
        }
        take(std::str::from_utf8(&self.path[..self.length]).unwrap_or_default(), &values[..count]);
        Some(())
    }

    fn scalar(&mut self) -> Option<Found> {
        if self.next_is('"') {
            let (begin, end) = self.string()?;
            return Some(Found::Text(begin, end));
        }
        for (word, number) in [("true", 1.0), ("false", 0.0), ("null", 0.0)] {
            if let Some(rest) = self.rest.strip_prefix(word) {
                self.rest = rest;
                return Some(Found::Number(number));
            }
        }
        let end = self.rest.find(|next: char| !matches!(next, '0'..='9' | '+' | '-' | '.' | 'e' | 'E'));
        let (number, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        let number = number.parse().ok().filter(|number: &f64| number.is_finite())?;
        self.rest = rest;
        Some(Found::Number(number))
    }

    /// A string: where it lies among what is plain.
    fn string(&mut self) -> Option<(usize, usize)> {
        self.eat('"')?;
        let begin = self.plain.used;
        loop {
            let end = self.rest.find(['"', '\\'])?;
            let (before, rest) = self.rest.split_at(end);
            self.plain.push(before.as_bytes())?;
            let Some(escaped) = rest.strip_prefix('\\') else {
                self.rest = &rest[1..];
                return Some((begin, self.plain.used));
            };
            self.rest = escaped;
            let character = self.escaped()?;
            let mut utf8 = [0; 4];
            self.plain.push(character.encode_utf8(&mut utf8).as_bytes())?;
        }
    }

    /// The character that stands behind a backslash.
    fn escaped(&mut self) -> Option<char> {
        let next = self.rest.chars().next()?;
        self.rest = &self.rest[next.len_utf8()..];
        Some(match next {
            'n' => '\n',
            't' => '\t',
            'r' => '\r',
            'b' => '\u{8}',
            'f' => '\u{c}',
            'u' => {
                let first = self.code()?;
                if !(0xD800..0xDC00).contains(&first) {
                    return char::from_u32(first);
                }
                self.rest = self.rest.strip_prefix("\\u")?;
                let second = self.code().filter(|second| (0xDC00..0xE000).contains(second))?;
                return char::from_u32(0x1_0000 + ((first - 0xD800) << 10) + (second - 0xDC00));
            }
            other @ ('"' | '\\' | '/') => other,
            _ => return None,
        })
    }

    fn code(&mut self) -> Option<u32> {
        let digits = self.rest.get(..4).filter(|four| four.bytes().all(|digit| digit.is_ascii_hexdigit()))?;
        self.rest = &self.rest[4..];
        u32::from_str_radix(digits, 16).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Value;

    fn read(text: &str) -> (Vec<(String, Vec<Value>)>, bool) {
        let mut found = Vec::new();
        let whole = properties(text, |path, values| {
            found.push((path.to_owned(), values.iter().map(|value| value.to_value()).collect()));
        });
        (found, whole)
    }

    #[test]
    fn properties_are_found_by_their_paths() {
        let text = r#" {"visible": false, "bounds": {"left": -5.5, "size": {"w": 1e2}}, "text": "a \"b\" \u00f6\ud83c\udfb5",
            "items": ["x", 2, true], "none": [], "nothing": {}} "#;
        let (found, whole) = read(text);
        let expected: Vec<(String, Vec<Value>)> = vec![
            ("visible".into(), vec![0.0.into()]),
            ("bounds.left".into(), vec![(-5.5).into()]),
            ("bounds.size.w".into(), vec![100.0.into()]),
            ("text".into(), vec!["a \"b\" \u{f6}\u{1f3b5}".into()]),
            ("items".into(), vec!["x".into(), 2.0.into(), 1.0.into()]),
            ("none".into(), vec![]),
        ];
        assert_eq!((found, whole), (expected, true));
    }

    #[test]
    fn what_is_damaged_or_too_large_is_said_and_harms_nothing() {
        let deep = format!("{}1{}", "{\"a\":".repeat(2000), "}".repeat(2000));
        let long = format!("{{\"{}\": 1}}", "x".repeat(5000));
        let texts = format!("{{\"a\": \"{}\"}}", "y".repeat(5000));
        let many = format!("{{\"a\": [{}0]}}", "0,".repeat(100));
        for text in
            ["", "[]", "{", "{\"a\"", "{\"a\":", "{\"a\": 1", "{\"a\": 1}}", "{a: 1}", "{\"a\": \"\\x\"}"]
                .into_iter()
                .chain(["{\"a\": \"\\ud800\"}", "{\"a\": 1e999}", "{\"a\" 1}", &deep, &long, &texts, &many])
        {
            assert!(!read(text).1, "{}", &text[..text.len().min(40)]);
        }
        assert_eq!(read("{\"a\": 1, b").0, [("a".to_owned(), vec![1.0.into()])], "what stands before it");
    }
}
