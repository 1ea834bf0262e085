//! From a CSD's text to the words of its `<Cabbage>` section: comments taken out, continued lines
//! joined, macros replaced. Pure.

use crate::scan::{find_outside, is_part_of_name};
use crate::warning::Warning;

/// The longest that a line may become by its macros, in bytes.
const LONGEST_LINE: usize = 1 << 16;

/// The depth to which macros may lie in macros.
const DEEPEST: usize = 8;

/// A line to read, with what it takes from macros.
#[derive(Debug, PartialEq)]
pub struct Line {
    /// Its number in the user's file, from 1; where several were joined, the first one's.
    pub number: usize,
    /// What it says.
    pub text: String,
}

/// The lines of the section with something on them, in order.
pub fn lines(text: &str, warnings: &mut Vec<Warning>) -> Vec<Line> {
    let mut macros = Macros::default();
    let mut lines = Vec::new();
    for line in join(section(text, warnings)) {
        if line.text.starts_with('#') {
            macros.define(&line, warnings);
            continue;
        }
        lines.push(Line { text: macros.replace(&line, warnings), ..line });
    }
    lines
}

/// What stands between the tags as it was written, and the line in the user's file on which it begins; `None` where
/// there is no section.
pub(crate) fn section_of(text: &str) -> Option<(usize, &str)> {
    let (mut begun, mut at) = (None, 0);
    for (index, line) in text.split_inclusive('\n').enumerate() {
        let from = at;
        at += line.len();
        let (first, begin) = match begun {
            Some(begun) => begun,
            None => match tag(line.trim_start_matches('\u{feff}').trim_start(), "<cabbage>") {
                Some(rest) => *begun.insert((index + 1, at - rest.len())),
                None => continue,
            },
        };
        let from = from.max(begin);
        if let Some(end) = find_ignoring_case(&text[from..at], "</cabbage>") {
            return Some((first, &text[begin..from + end]));
        }
        if tag(text[from..at].trim_start(), "<csoundsynthesizer>").is_some() {
            return Some((first, &text[begin..from]));
        }
    }
    begun.map(|(first, begin)| (first, &text[begin..]))
}

/// The physical lines between the tags, with their numbers, without comments.
fn section(text: &str, warnings: &mut Vec<Warning>) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut begun = None;
    let mut commented = false;
    for (index, line) in text.lines().enumerate() {
        let number = index + 1;
        let line = match begun {
            Some(_) => line,
            None => match tag(line.trim_start_matches('\u{feff}').trim_start(), "<cabbage>") {
                Some(rest) => {
                    begun = Some(number);
                    rest
                }
                None => continue,
            },
        };
        if let Some(end) = find_ignoring_case(line, "</cabbage>") {
            lines.push(Line { number, text: without_comments(&line[..end], &mut commented) });
            return lines;
        }
        if tag(line.trim_start(), "<csoundsynthesizer>").is_some() {
            break;
        }
        lines.push(Line { number, text: without_comments(line, &mut commented) });
    }
    if let Some(number) = begun {
        warnings
            .push(Warning::new(number, "<Cabbage> is never closed: write </Cabbage> in a line of its own"));
    }
    lines
}

/// The text behind a tag at the beginning of a line.
fn tag<'a>(line: &'a str, tag: &str) -> Option<&'a str> {
    let head = line.get(..tag.len())?;
    head.eq_ignore_ascii_case(tag).then(|| &line[tag.len()..])
}

fn find_ignoring_case(line: &str, wanted: &str) -> Option<usize> {
    // Lowering ASCII letters moves nothing.
    line.to_ascii_lowercase().find(wanted)
}

/// A line without `;`, `//` and `/* */` comments. `commented` says whether the last kind is open.
fn without_comments(line: &str, commented: &mut bool) -> String {
    let mut kept = String::new();
    let mut rest = line;
    let mut quoted = false;
    while let Some(next) = rest.chars().next() {
        let mark = if *commented { "*/" } else { "/*" };
        if !quoted && rest.starts_with(mark) {
            *commented = !*commented;
            rest = &rest[mark.len()..];
            continue;
        }
        if !*commented {
            if !quoted && (next == ';' || rest.starts_with("//")) {
                break;
            }
            quoted ^= next == '"';
            kept.push(next);
        }
        rest = &rest[next.len_utf8()..];
    }
    kept
}

/// Joins a line that ends in a backslash with the next, and drops empty ones.
fn join(physical: Vec<Line>) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    let mut open = false;
    for Line { number, text } in physical {
        let text = text.trim();
        let (text, continued) = match text.strip_suffix('\\') {
            Some(text) => (text, true),
            None => (text, false),
        };
        match lines.last_mut() {
            Some(line) if open => line.text.extend([" ", text]),
            _ => lines.push(Line { number, text: text.to_owned() }),
        }
        open = continued;
    }
    lines.retain(|line| !line.text.trim().is_empty());
    lines
}

/// The macros that `#define` has defined.
#[derive(Default)]
struct Macros(Vec<(String, String)>);

impl Macros {
    /// Takes `#define NAME text` or `#define NAME # text #`.
    fn define(&mut self, line: &Line, warnings: &mut Vec<Warning>) {
        let Some(rest) = tag(&line.text, "#define") else {
            warnings.push(Warning::new(line.number, "of the lines with a # only #define is read"));
            return;
        };
        let rest = rest.trim_start();
        let end = rest.find(|next| !is_word(next)).unwrap_or(rest.len());
        if end == 0 {
            warnings.push(Warning::new(line.number, "#define needs a name and a text"));
            return;
        }
        let (name, body) = (&rest[..end], rest[end..].trim());
        let body = match body.strip_prefix('#') {
            Some(inner) => inner.strip_suffix('#').unwrap_or(inner),
            None => body,
        };
        self.0.retain(|(defined, _)| defined != name);
        self.0.push((name.to_owned(), body.to_owned()));
    }

    /// A line with its macros replaced, but in strings. One that grows without end is cut.
    fn replace(&self, line: &Line, warnings: &mut Vec<Warning>) -> String {
        let mut replaced = String::new();
        if self.replace_into(&line.text, DEEPEST, &mut replaced, line.number, warnings).is_none() {
            warnings.push(Warning::new(
                line.number,
                "macros lie too deep in each other, or make this line too long",
            ));
        }
        replaced
    }

    fn replace_into(
        &self,
        text: &str,
        depth: usize,
        into: &mut String,
        number: usize,
        warnings: &mut Vec<Warning>,
    ) -> Option<()> {
        let mut rest = text;
        let mut quoted = false;
        while let Some(next) = rest.chars().next() {
            rest = &rest[next.len_utf8()..];
            quoted ^= next == '"';
            if quoted || next != '$' {
                into.push(next);
                continue;
            }
            let end = rest.find(|next| !is_word(next)).unwrap_or(rest.len());
            let name = &rest[..end];
            rest = &rest[end..];
            match self.0.iter().find(|(defined, _)| defined == name) {
                Some((_, body)) => {
                    self.replace_into(body, depth.checked_sub(1)?, into, number, warnings)?;
                }
                None => warnings.push(Warning::new(number, format!("the macro ${name} is not defined"))),
            }
            if into.len() > LONGEST_LINE {
                return None;
            }
        }
        Some(())
    }
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

/// A word, its quotes taken off.
#[derive(Clone, Debug, PartialEq)]
pub struct Argument {
    /// The word.
    pub text: String,
    /// True if it stood in quotes.
    pub quoted: bool,
}

/// `name(arguments)`, such as `bounds(10, 10, 70, 70)`.
#[derive(Clone, Debug, PartialEq)]
pub struct Identifier {
    /// In small letters.
    pub name: String,
    /// Its arguments, in their order.
    pub arguments: Vec<Argument>,
}

/// The parts of a line.
#[derive(Debug, PartialEq)]
pub enum Item {
    /// `{`
    Open,
    /// `}`
    Close,
    /// A word without a parenthesis behind it, in small letters.
    Word(String),
    /// An identifier.
    Identifier(Identifier),
    /// An identifier whose parenthesis or string is not closed, with what could be read of it.
    Broken(Identifier),
    /// Something that belongs nowhere.
    Stray(char),
}

/// The items of a line, one after another.
pub struct Items<'a> {
    rest: &'a str,
    /// Those that were not closed.
    broken: usize,
}

/// After so many identifiers that are not closed the rest of a line is left: each is looked for to the line's end.
const MOST_BROKEN: usize = 16;

impl<'a> Items<'a> {
    /// The items of a line.
    pub fn new(line: &'a str) -> Self {
        Self { rest: line, broken: 0 }
    }

    fn take(&mut self, length: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at(length);
        self.rest = rest;
        taken
    }

    fn skip(&mut self, unwanted: impl Fn(char) -> bool) {
        self.rest = self.rest.trim_start_matches(unwanted);
    }

    /// The arguments behind an open parenthesis, and whether they were whole.
    fn arguments(&mut self) -> (Vec<Argument>, bool) {
        if let Some(end) = closing(self.rest) {
            let inside = self.take(end);
            self.take(1);
            return (split(inside), true);
        }
        let quotes = self.rest.matches('"').count();
        let end = match () {
            // The string that is open may have swallowed the parenthesis.
            () if quotes % 2 == 1 => self.rest.find(')').unwrap_or(self.rest.len()),
            // The next identifier's parenthesis tells where this one should have ended.
            () => self.rest.find('(').map_or(self.rest.len(), |open| {
                let before = self.rest[..open].trim_end();
                before.trim_end_matches(is_part_of_name).len()
            }),
        };
        let inside = self.take(end);
        self.rest = self.rest.strip_prefix(')').unwrap_or(self.rest);
        (split(inside), false)
    }
}

impl Iterator for Items<'_> {
    type Item = Item;

    fn next(&mut self) -> Option<Item> {
        self.skip(|next| next.is_whitespace() || next == ',');
        let next = self.rest.chars().next()?;
        let length = self.rest.find(|next| !is_part_of_name(next)).unwrap_or(self.rest.len());
        if length == 0 {
            self.take(next.len_utf8());
            return Some(match next {
                '{' => Item::Open,
                '}' => Item::Close,
                other => Item::Stray(other),
            });
        }
        let name = self.take(length).to_lowercase();
        let Some(inside) = self.rest.trim_start().strip_prefix('(') else { return Some(Item::Word(name)) };
        self.rest = inside;
        let (arguments, whole) = self.arguments();
        let identifier = Identifier { name, arguments };
        if whole {
            return Some(Item::Identifier(identifier));
        }
        self.broken += 1;
        if self.broken >= MOST_BROKEN {
            self.rest = "";
        }
        Some(Item::Broken(identifier))
    }
}

fn closing(text: &str) -> Option<usize> {
    find_outside(text, |next| next == ')')
}

fn split(inside: &str) -> Vec<Argument> {
    let mut arguments = Vec::new();
    let mut rest = inside;
    while let Some(comma) = find_outside(rest, |next| next == ',') {
        arguments.push(argument(&rest[..comma]));
        rest = &rest[comma + 1..];
    }
    let last = argument(rest);
    if last.quoted || !last.text.is_empty() {
        arguments.push(last);
    }
    arguments
}

fn argument(text: &str) -> Argument {
    let text = text.trim();
    match text.strip_prefix('"') {
        Some(open) => Argument { text: open.strip_suffix('"').unwrap_or(open).to_owned(), quoted: true },
        None => Argument { text: text.to_owned(), quoted: false },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_closes_nothing_is_given_up_soon() {
        let line = "a(".repeat(1 << 20);
        assert_eq!(Items::new(&line).count(), MOST_BROKEN);
    }

    fn read(inside: &str) -> (Vec<(usize, String)>, Vec<Warning>) {
        let mut warnings = Vec::new();
        let text = format!("<Cabbage>\n{inside}\n</Cabbage>\n<CsoundSynthesizer>\n");
        let lines = lines(&text, &mut warnings);
        (lines.into_iter().map(|line| (line.number, line.text)).collect(), warnings)
    }

    fn identifier(name: &str, arguments: &[&str]) -> Identifier {
        let argument =
            |text: &&str| Argument { text: text.trim_matches('"').into(), quoted: text.starts_with('"') };
        Identifier { name: name.into(), arguments: arguments.iter().map(argument).collect() }
    }

    #[test]
    fn comments_and_blank_lines_are_left_out_but_not_in_strings() {
        let (lines, warnings) = read(
            "; all of it\n\nlabel text(\"a;b//c\") ; the rest\n// all of it\nform /* in\nbetween */ size(1, 2) // x",
        );
        assert_eq!(
            lines,
            [(4, "label text(\"a;b//c\")".into()), (6, "form".into()), (7, "size(1, 2)".into())]
        );
        assert_eq!(warnings, []);
    }

    #[test]
    fn a_backslash_joins_lines_under_the_first_ones_number() {
        let (lines, _) =
            read("rslider bounds(1, 2, 3, 4), \\ ; first\n  channel(\"x\"), \\\n  text(\"X\")\nlabel");
        assert_eq!(
            lines,
            [(2, "rslider bounds(1, 2, 3, 4),  channel(\"x\"),  text(\"X\")".into()), (5, "label".into())]
        );
    }

    #[test]
    fn macros_are_replaced_with_or_without_their_hashes() {
        let (lines, warnings) = read(
            "#define LOOK # colour(\"#ff0000\"), $SIZE #\n#define SIZE size(1, 2)\nform $LOOK, caption(\"$5\")\nlabel $OTHER",
        );
        assert_eq!(lines[0].1, "form  colour(\"#ff0000\"), size(1, 2) , caption(\"$5\")");
        assert_eq!(warnings, [Warning::new(5, "the macro $OTHER is not defined")]);
    }

    #[test]
    fn macros_that_grow_without_end_are_cut_and_told() {
        for bomb in ["#define A $A\nlabel $A", "#define A $B $B\n#define B $A $A\nlabel $A"] {
            let (lines, warnings) = read(bomb);
            assert!(lines[0].1.len() < 100_000);
            assert!(warnings[0].text.contains("too deep"), "{warnings:?}");
        }
        let long = format!("#define A {}\nlabel {}", "x".repeat(5000), "$A ".repeat(5000));
        let (lines, warnings) = read(&long);
        assert!(lines[0].1.len() < 100_000);
        assert_eq!(warnings.len(), 1);
    }

    #[test]
    fn tags_may_be_written_in_any_case_and_share_a_line_with_widgets() {
        let mut warnings = Vec::new();
        let text = "\u{feff}<CABBAGE> form\nlabel</cabbage>\nnot this";
        assert_eq!(lines(text, &mut warnings).len(), 2);
        assert_eq!(lines("no section", &mut warnings), []);
        assert_eq!(warnings, []);
        assert_eq!(lines("<Cabbage>\nform\n<CsoundSynthesizer>\nnot this", &mut warnings).len(), 1);
        assert_eq!(warnings.len(), 1);
    }

    #[test]
    fn a_line_is_words_identifiers_and_braces() {
        let items: Vec<_> =
            Items::new("Image Bounds (1,2 , 3), COLOUR:1(\"a, (b\", c(d, e)) plant(\"p\"){ }").collect();
        assert_eq!(
            items,
            [
                Item::Word("image".into()),
                Item::Identifier(identifier("bounds", &["1", "2", "3"])),
                Item::Identifier(identifier("colour:1", &["\"a, (b\"", "c(d, e)"])),
                Item::Identifier(identifier("plant", &["\"p\""])),
                Item::Open,
                Item::Close,
            ]
        );
    }

    #[test]
    fn what_is_not_closed_does_not_take_the_rest_with_it() {
        let items: Vec<_> = Items::new("bounds(1, 2, channel(\"x\")").collect();
        assert_eq!(
            items,
            [
                Item::Broken(identifier("bounds", &["1", "2"])),
                Item::Identifier(identifier("channel", &["\"x\""])),
            ]
        );
        let items: Vec<_> = Items::new("text(\"Cut), channel(\"x\"), value(1)").collect();
        assert_eq!(items[0], Item::Broken(identifier("text", &["\"Cut\""])));
        assert_eq!(items[1..].len(), 2);
        assert_eq!(
            Items::new("size(1, 2").collect::<Vec<_>>(),
            [Item::Broken(identifier("size", &["1", "2"]))]
        );
        assert_eq!(Items::new(")§").collect::<Vec<_>>(), [Item::Stray(')'), Item::Stray('§')]);
    }

    #[test]
    fn a_missing_argument_keeps_its_place() {
        let items: Vec<_> = Items::new("range(0, 1, , 0.5) none()").collect();
        assert_eq!(items[0], Item::Identifier(identifier("range", &["0", "1", "", "0.5"])));
        assert_eq!(items[1], Item::Identifier(identifier("none", &[])));
    }
}
