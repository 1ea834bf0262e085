//! Commands on the lines of a selection.

use std::ops::Range;

use super::Edited;

/// What may be done to lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Command {
    /// Makes them comments, or no longer.
    ToggleComment,
    /// Moves them to the right.
    Indent,
    /// Moves them to the left.
    Outdent,
    /// Writes them once more below.
    Duplicate,
    /// Moves them one line up.
    MoveUp,
    /// Moves them one line down.
    MoveDown,
    /// Takes them out.
    Delete,
}

/// What a step to the right is.
const STEP: &str = "  ";

/// Carries out a command on the lines that a selection touches.
pub fn carry_out(command: Command, text: &str, selection: Range<usize>) -> Edited {
    let selection = held(text, selection);
    let lines = lines_of(text, &selection);
    match command {
        Command::ToggleComment => each(text, &selection, lines, comment(&text[lines_of(text, &selection)])),
        Command::Indent => each(text, &selection, lines, |line| {
            if line.is_empty() { (0, String::new()) } else { (0, STEP.to_owned()) }
        }),
        Command::Outdent => each(text, &selection, lines, |line| {
            let blank = line.len() - line.trim_start_matches([' ', '\t']).len();
            let taken = if line.starts_with('\t') { 1 } else { blank.min(STEP.len()) };
            (taken, String::new())
        }),
        Command::Duplicate => {
            let mut new = text.to_owned();
            let copied = format!("\n{}", &text[lines.clone()]);
            new.insert_str(lines.end, &copied);
            Edited { text: new, selection: shifted(&selection, copied.len() as isize) }
        }
        Command::MoveUp => moved(text, selection, lines, true),
        Command::MoveDown => moved(text, selection, lines, false),
        Command::Delete => {
            let mut new = text.to_owned();
            let end = if lines.end < text.len() { lines.end + 1 } else { lines.end };
            let begin = if end == text.len() && end == lines.end {
                lines.start.saturating_sub(1)
            } else {
                lines.start
            };
            new.replace_range(begin..end, "");
            let cursor = new.floor_char_boundary(begin.min(new.len()));
            Edited { text: new, selection: cursor..cursor }
        }
    }
}

/// A selection that lies in the text, between letters.
fn held(text: &str, selection: Range<usize>) -> Range<usize> {
    let begin = text.floor_char_boundary(selection.start.min(selection.end).min(text.len()));
    let end = text.floor_char_boundary(selection.end.max(selection.start).min(text.len()));
    begin..end
}

/// The lines that a selection touches, without the last end of line. One that ends at the beginning of a line does not
/// touch that.
fn lines_of(text: &str, selection: &Range<usize>) -> Range<usize> {
    let begin = text[..selection.start].rfind('\n').map_or(0, |at| at + 1);
    let last = if selection.end > selection.start && text[..selection.end].ends_with('\n') {
        selection.end - 1
    } else {
        selection.end
    };
    let end = text[last..].find('\n').map_or(text.len(), |at| last + at);
    begin..end
}

fn shifted(selection: &Range<usize>, by: isize) -> Range<usize> {
    selection.start.saturating_add_signed(by)..selection.end.saturating_add_signed(by)
}

/// Changes the beginning of each line: so many bytes go, and this text comes.
fn each(
    text: &str,
    selection: &Range<usize>,
    lines: Range<usize>,
    change: impl Fn(&str) -> (usize, String),
) -> Edited {
    let mut new = text[..lines.start].to_owned();
    let mut at = lines.start;
    let (mut begin, mut end) = (selection.start, selection.end);
    for (number, line) in text[lines.clone()].split('\n').enumerate() {
        if number > 0 {
            new.push('\n');
        }
        let (taken, put) = change(line);
        let behind = |place: usize, moved: usize| {
            // What stands within what is taken goes to the beginning of the line.
            let into = place.saturating_sub(at).min(taken);
            if place > at || put.len() > taken { moved + put.len() - into } else { moved }
        };
        if (at..=at + line.len()).contains(&selection.start) || selection.start > at {
            begin = behind(selection.start, begin);
        }
        if selection.end >= at {
            end = behind(selection.end, end);
        }
        new.push_str(&put);
        new.push_str(&line[taken..]);
        at += line.len() + 1;
    }
    new.push_str(&text[lines.end..]);
    Edited { selection: held(&new, begin..end.max(begin)), text: new }
}

/// Makes lines comments, unless all of them are.
fn comment(lines: &str) -> impl Fn(&str) -> (usize, String) + use<> {
    let are_comments =
        lines.split('\n').filter(|line| !line.trim().is_empty()).all(|line| line.starts_with(';'));
    move |line: &str| match (are_comments, line.trim().is_empty()) {
        (_, true) => (0, String::new()),
        (true, false) => (if line.starts_with("; ") { 2 } else { 1 }, String::new()),
        (false, false) => (0, "; ".to_owned()),
    }
}

fn moved(text: &str, selection: Range<usize>, lines: Range<usize>, up: bool) -> Edited {
    let unchanged = || Edited { text: text.to_owned(), selection: selection.clone() };
    if up {
        let Some(end_above) = lines.start.checked_sub(1) else { return unchanged() };
        let above = text[..end_above].rfind('\n').map_or(0, |at| at + 1);
        let new = [&text[..above], &text[lines.clone()], "\n", &text[above..end_above], &text[lines.end..]]
            .concat();
        let by = (lines.start - above) as isize;
        let selection = held(&new, shifted(&selection, -by));
        return Edited { text: new, selection };
    }
    if lines.end >= text.len() {
        return unchanged();
    }
    let below = lines.end + 1;
    let end_below = text[below..].find('\n').map_or(text.len(), |at| below + at);
    let new = [&text[..lines.start], &text[below..end_below], "\n", &text[lines.clone()], &text[end_below..]]
        .concat();
    let by = (end_below - below + 1) as isize;
    let selection = held(&new, shifted(&selection, by));
    Edited { text: new, selection }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A text with its selection between `[` and `]`, or the cursor at `|`.
    fn read(text: &str) -> (String, Range<usize>) {
        let plain = text.replace(['‹', '›'], "");
        let begin = text.find('‹').unwrap();
        let end = text.find('›').unwrap() - '‹'.len_utf8();
        (plain, begin..end)
    }

    fn check(command: Command, before: &str, after: &str) {
        let (text, selection) = read(before);
        let edited = carry_out(command, &text, selection);
        let mut shown = edited.text.clone();
        shown.insert(edited.selection.end, '›');
        shown.insert(edited.selection.start, '‹');
        assert_eq!(shown, after, "{command:?}");
    }

    #[test]
    fn lines_become_comments_and_back() {
        check(Command::ToggleComment, "a\nb‹›b\nc", "a\n; b‹›b\nc");
        check(Command::ToggleComment, "a\n; b‹›b\nc", "a\nb‹›b\nc");
        check(Command::ToggleComment, "‹a\n\n; b›\nc", "; ‹a\n\n; ; b›\nc");
        check(Command::ToggleComment, "‹;a\n;b\n›c", "‹a\nb\n›c");
    }

    #[test]
    fn lines_go_right_and_left() {
        check(Command::Indent, "‹a\n\nb›", "  ‹a\n\n  b›");
        check(Command::Outdent, "    a‹›\nb", "  a‹›\nb");
        check(Command::Outdent, "‹\ta\n b›", "‹a\nb›");
        check(Command::Outdent, "a‹›", "a‹›");
    }

    #[test]
    fn lines_are_doubled_moved_and_deleted() {
        check(Command::Duplicate, "a\nb‹›b\nc", "a\nbb\nb‹›b\nc");
        check(Command::Duplicate, "é‹›", "é\né‹›");
        check(Command::MoveUp, "a\nb‹›b\nc", "b‹›b\na\nc");
        check(Command::MoveUp, "‹a›\nb", "‹a›\nb");
        check(Command::MoveDown, "a‹›\nb\nc", "b\na‹›\nc");
        check(Command::MoveDown, "a\n‹b›", "a\n‹b›");
        check(Command::MoveDown, "‹a\nb›\nc", "c\n‹a\nb›");
        check(Command::Delete, "a\n‹b›\nc", "a\n‹›c");
        check(Command::Delete, "a\n‹b›", "a‹›");
        check(Command::Delete, "‹a›", "‹›");
    }

    #[test]
    fn no_selection_is_too_strange() {
        let commands = [
            Command::ToggleComment,
            Command::Indent,
            Command::Outdent,
            Command::Duplicate,
            Command::MoveUp,
            Command::MoveDown,
            Command::Delete,
        ];
        for text in ["", "\n", "é\n; ü\n\n  x", "a"] {
            for begin in 0..=text.len() + 1 {
                for end in 0..=text.len() + 1 {
                    for command in commands {
                        let edited = carry_out(command, text, begin..end);
                        assert!(edited.text.get(edited.selection.clone()).is_some(), "{command:?} {text:?}");
                    }
                }
            }
        }
    }
}
