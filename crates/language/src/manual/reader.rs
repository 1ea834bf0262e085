//! From HTML to the parts of a page.

use super::{MOST_EXAMPLES, Part};

/// Elements of which nothing is shown.
const HIDDEN: [&str; 6] = ["head", "script", "style", "nav", "header", "footer"];

/// Elements that begin a paragraph of their own.
const BLOCKS: [&str; 18] = [
    "p",
    "div",
    "li",
    "dt",
    "dd",
    "tr",
    "td",
    "th",
    "table",
    "ul",
    "ol",
    "dl",
    "section",
    "article",
    "body",
    "blockquote",
    "hr",
    "figure",
];

const HEADINGS: [&str; 6] = ["h1", "h2", "h3", "h4", "h5", "h6"];

/// The parts of a page, and the pieces that it links to.
pub(super) fn parts(html: &str) -> (Vec<Part>, Vec<String>) {
    let mut reader = Reader::default();
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        reader.text(&rest[..at]);
        rest = &rest[at..];
        if let Some(comment) = rest.strip_prefix("<!--") {
            rest = comment.find("-->").map_or("", |end| &comment[end + 3..]);
            continue;
        }
        let Some(end) = rest.find('>') else { return reader.end() };
        let tag = &rest[1..end];
        rest = &rest[end + 1..];
        if let Some(hidden) = reader.tag(tag) {
            rest = behind(rest, hidden);
        }
    }
    reader.text(rest);
    reader.end()
}

/// What follows the end of a hidden element.
fn behind<'h>(rest: &'h str, name: &str) -> &'h str {
    let end = format!("</{name}");
    let at = rest.char_indices().map(|(at, _)| at).find(|at| {
        rest.as_bytes()[*at..]
            .get(..end.len())
            .is_some_and(|there| there.eq_ignore_ascii_case(end.as_bytes()))
    });
    at.and_then(|at| rest[at..].find('>').map(|close| &rest[at + close + 1..])).unwrap_or("")
}

#[derive(Default)]
struct Reader {
    parts: Vec<Part>,
    examples: Vec<String>,
    text: String,
    /// It stands in code, whose blanks count.
    in_code: bool,
    in_heading: bool,
    /// Divisions that are open within the one that leads to other pages.
    in_navigation: usize,
}

impl Reader {
    /// Takes a tag; the name of an element that is hidden.
    fn tag(&mut self, tag: &str) -> Option<&'static str> {
        let (is_end, tag) = tag.strip_prefix('/').map_or((false, tag), |tag| (true, tag));
        let name = tag.split(|letter: char| !letter.is_ascii_alphanumeric()).next().unwrap_or_default();
        let name = name.to_ascii_lowercase();
        if name == "div" && self.in_navigation > 0 {
            self.in_navigation = if is_end { self.in_navigation - 1 } else { self.in_navigation + 1 };
        } else if name == "div" && (tag.contains("navheader") || tag.contains("navfooter")) {
            self.in_navigation = 1;
        }
        if let Some(hidden) = HIDDEN.into_iter().find(|hidden| *hidden == name) {
            return (!is_end).then_some(hidden);
        }
        if name == "pre" {
            self.finish();
            self.in_code = !is_end;
        } else if HEADINGS.contains(&name.as_str()) {
            self.finish();
            self.in_heading = !is_end;
        } else if name == "br" {
            self.text.push('\n');
        } else if name == "a" && !is_end {
            let has_room = self.examples.len() < MOST_EXAMPLES;
            let linked = piece(tag).filter(|linked| has_room && !self.examples.contains(linked));
            self.examples.extend(linked);
        } else if BLOCKS.contains(&name.as_str()) && !self.in_code {
            // No heading holds one: where its end is missing, it ends here.
            self.finish();
            self.in_heading = false;
        }
        None
    }

    fn text(&mut self, html: &str) {
        if self.in_navigation == 0 {
            decode(html, &mut self.text);
        }
    }

    fn finish(&mut self) {
        let text = std::mem::take(&mut self.text);
        if self.in_code {
            let code = text.trim_matches(['\n', '\r']).trim_end();
            if !code.is_empty() {
                self.parts.push(Part::Code(code.to_owned()));
            }
            return;
        }
        let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
        // Generators put a sign behind headings that links to them.
        let words = words.trim_end_matches('¶').trim_end().to_owned();
        if words.is_empty() {
            return;
        }
        self.parts.push(if self.in_heading { Part::Heading(words) } else { Part::Text(words) });
    }

    fn end(mut self) -> (Vec<Part>, Vec<String>) {
        self.finish();
        (self.parts, self.examples)
    }
}

/// The piece that a tag links to, if it does.
fn piece(tag: &str) -> Option<String> {
    let rest = tag[tag.find("href=")? + 5..].trim_start();
    let quote = rest.chars().next().filter(|sign| ['"', '\''].contains(sign))?;
    let link = rest[1..].split(quote).next()?;
    link.to_ascii_lowercase().ends_with(".csd").then(|| link.to_owned())
}

/// Bytes of the longest name of a character.
const LONGEST_NAME: usize = 12;

/// Characters that have names.
fn decode(html: &str, into: &mut String) {
    let mut rest = html;
    while let Some(at) = rest.find('&') {
        into.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let near = &rest.as_bytes()[..rest.len().min(LONGEST_NAME)];
        let name = near.iter().position(|byte| *byte == b';').map(|end| &rest[..end]);
        match name.and_then(|name| Some((name, character(name)?))) {
            Some((name, character)) => {
                into.push(character);
                rest = &rest[name.len() + 1..];
            }
            None => into.push('&'),
        }
    }
    into.push_str(rest);
}

fn character(name: &str) -> Option<char> {
    if let Some(number) = name.strip_prefix('#') {
        let number = match number.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16).ok()?,
            None => number.parse().ok()?,
        };
        return char::from_u32(number);
    }
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" | "lsquo" | "rsquo" => '\'',
        "ldquo" | "rdquo" => '"',
        "nbsp" => ' ',
        "mdash" => '—',
        "ndash" => '–',
        "hellip" => '…',
        "times" => '×',
        "micro" => 'µ',
        "deg" => '°',
        "copy" => '©',
        _ => return None,
    })
}
