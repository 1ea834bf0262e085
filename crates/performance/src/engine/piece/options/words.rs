//! The lines of `<CsOptions>` in words, split as Csound 6.18 splits them.

/// The end of the section, at the beginning of a line.
const END: &str = "</CsOptions>";

/// One line of `<CsOptions>`, in words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OptionLine {
    /// Its number in the piece, from 1.
    pub number: usize,
    /// The words, without the name of a command before them.
    pub words: Vec<String>,
    /// The first word of a line that does not begin with an option: for Csound, the command's name.
    pub command: Option<String>,
    /// The part that Csound leaves unread: the rest of a line after a quoted value or a block comment.
    pub unread: Option<String>,
    /// True if a quote is never closed.
    pub open_quote: bool,
}

/// Reads the lines of one `<CsOptions>` section.
#[derive(Debug, Default)]
pub struct OptionReader {
    /// The lines that were read so far.
    pub lines: Vec<OptionLine>,
    in_comment: bool,
}

impl OptionReader {
    /// Takes the next line, without its line end. Returns whether it was the section's end.
    pub fn line(&mut self, number: usize, text: &str) -> bool {
        if self.in_comment {
            // The end of the section does not count inside a comment.
            let Some(end) = text.find("*/") else { return false };
            self.in_comment = false;
            let rest = text[end + 2..].trim();
            if let (false, Some(line)) = (rest.is_empty(), self.lines.last_mut()) {
                line.unread = Some(rest.to_owned());
            }
            return false;
        }
        let text = text.trim_matches(is_blank);
        if text.starts_with(END) {
            return true;
        }
        if text.is_empty() || begins_comment(text) {
            return false;
        }
        let mut line = OptionLine { number, ..OptionLine::default() };
        self.in_comment = read_words(text, &mut line);
        self.lines.push(line);
        false
    }
}

fn is_blank(character: char) -> bool {
    matches!(character, ' ' | '\t')
}

fn begins_comment(text: &str) -> bool {
    text.starts_with([';', '#']) || text.starts_with("//")
}

/// Splits a line. Returns whether a block comment stays open.
fn read_words(text: &str, line: &mut OptionLine) -> bool {
    let mut rest = text;
    let mut first = true;
    let mut comment = false;
    while !rest.is_empty() {
        // A comment begins only where a word could, and not as the line's first word.
        if !first && begins_comment(rest) {
            break;
        }
        if let (false, Some(inner)) = (first, rest.strip_prefix("/*")) {
            match inner.find("*/") {
                Some(end) => leave_unread(&inner[end + 2..], line),
                None => comment = true,
            }
            break;
        }
        let quoted_word = !first && rest.starts_with('"');
        let (word, after, ended) = next_word(rest, quoted_word, line);
        if first && !text.starts_with('-') {
            line.command = Some(word);
        } else {
            line.words.push(word);
        }
        first = false;
        rest = after.trim_start_matches(is_blank);
        if ended {
            leave_unread(rest, line);
            break;
        }
    }
    comment
}

fn leave_unread(rest: &str, line: &mut OptionLine) {
    let rest = rest.trim();
    if !rest.is_empty() && !begins_comment(rest) {
        line.unread = Some(rest.to_owned());
    }
}

/// The next word, what follows it, and whether Csound reads no further: it stops after a quote that
/// closes inside a word and is followed by a blank, but not after a word that is quoted as a whole.
fn next_word<'a>(text: &'a str, whole: bool, line: &mut OptionLine) -> (String, &'a str, bool) {
    let mut word = String::new();
    let mut characters = text.char_indices().peekable();
    let mut whole = whole;
    let mut previous = ' ';
    while let Some((at, character)) = characters.next() {
        if is_blank(character) && previous != '\\' {
            return (word, &text[at..], false);
        }
        if character != '"' || previous == '\\' {
            word.push(character);
            previous = character;
            continue;
        }
        let mut closed = false;
        while let Some((_, inner)) = characters.next() {
            match (inner, characters.peek()) {
                ('"', _) => {
                    closed = true;
                    break;
                }
                ('\\', Some((_, '"'))) => {
                    word.push('"');
                    characters.next();
                }
                _ => word.push(inner),
            }
        }
        if !closed {
            line.open_quote = true;
            return (word, "", true);
        }
        previous = '"';
        let at_end = characters.peek().is_none_or(|(_, next)| is_blank(*next));
        if at_end && !whole {
            let after = characters.peek().map_or("", |(next, _)| &text[*next..]);
            return (word, after, true);
        }
        whole = false;
    }
    (word, "", false)
}
