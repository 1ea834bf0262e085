//! What a piece says of itself at its head: a description, and tags. Pure.
//!
//! The description is the first paragraph of comments: before `<CsoundSynthesizer>`, else at the beginning of the
//! orchestra; without one, the caption of the `<Cabbage>` section's form. Tags are listed in a comment such as
//! `; tags: pad, warm`. What the text shows by itself is a tag as well.

use crate::plugin::channels::cabbage;

/// The longest description, and the longest tag, in characters.
const LONGEST: usize = 200;
const LONGEST_TAG: usize = 30;

/// The most tags that a piece gives itself.
const MOST_TAGS: usize = 16;

/// The word that a comment with tags begins with.
const TAGS: &str = "tags:";

/// The word that a comment with wishes begins with: it is for the plugin.
const WISHES: &str = "csound-performer:";

/// What a piece says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Head {
    /// A sentence or two; empty: none.
    pub about: String,
    /// Words to find it by.
    pub tags: Vec<String>,
}

impl Head {
    /// Of the beginning of a piece's text.
    pub fn of(text: &str) -> Self {
        let mut head = Self::default();
        let (before, from) = parts(text);
        for part in [before, from] {
            head.take_comments(part);
        }
        if head.about.is_empty() {
            head.about = caption(text).unwrap_or_default();
        }
        head.add_signs(text);
        head
    }

    /// Takes the comments at the beginning of a part: the first paragraph of them, and tags.
    fn take_comments(&mut self, part: &str) {
        let mut about = Vec::new();
        let mut is_over = !self.about.is_empty();
        for line in comments(part) {
            let small = line.get(..TAGS.len()).map(str::to_ascii_lowercase);
            if small.as_deref() == Some(TAGS) {
                line[TAGS.len()..].split(',').for_each(|tag| self.add_tag(tag));
            } else if is_decoration(line) {
                is_over |= !about.is_empty();
            } else if !is_over && !line.starts_with(WISHES) {
                about.push(line);
            }
        }
        if self.about.is_empty() {
            self.about = shown(&about.join(" "), LONGEST);
        }
    }

    fn add_tag(&mut self, tag: &str) {
        let tag = shown(tag, LONGEST_TAG);
        if !tag.is_empty() && self.tags.len() < MOST_TAGS && !self.tags.contains(&tag) {
            self.tags.push(tag);
        }
    }

    /// Adds what the text shows by itself.
    fn add_signs(&mut self, text: &str) {
        for (sign, tag) in [("<Cabbage>", "panel"), ("nchnls_i", "effect"), ("massign", "MIDI")] {
            if text.contains(sign) {
                self.add_tag(tag);
            }
        }
    }
}

/// The part before the first section, and the orchestra's: of an orchestra alone, all of it.
fn parts(text: &str) -> (&str, &str) {
    let Some(begin) = ["<CsoundSynthesi", "<Cabbage>"].iter().filter_map(|tag| text.find(tag)).min() else {
        return (text, "");
    };
    let orchestra = text.find("<CsInstruments>").map_or("", |at| &text[at + "<CsInstruments>".len()..]);
    (&text[..begin], orchestra)
}

/// The lines of the comments that a text begins with, without their marks; blank ones between them, too.
fn comments(text: &str) -> impl Iterator<Item = &str> {
    let mut is_block = false;
    text.trim_start_matches('\u{feff}').lines().map_while(move |line| {
        let line = line.trim();
        if is_block {
            let (inside, after) =
                line.split_once("*/").map_or((line, None), |(inside, after)| (inside, Some(after)));
            is_block = after.is_none();
            // What follows the comment on its line is no comment.
            return Some(inside.trim().trim_start_matches('*').trim_start());
        }
        if let Some(begun) = line.strip_prefix("/*") {
            let (inside, is_over) =
                begun.split_once("*/").map_or((begun, false), |(inside, _)| (inside, true));
            is_block = !is_over;
            return Some(inside.trim_matches(['*', ' ']));
        }
        let comment = line.strip_prefix(';').or_else(|| line.strip_prefix("//"));
        match comment {
            Some(comment) => Some(comment.trim_start_matches([';', '/']).trim()),
            None => line.is_empty().then_some(""),
        }
    })
}

/// Whether a comment says nothing in words.
fn is_decoration(line: &str) -> bool {
    !line.chars().any(char::is_alphanumeric) || line.starts_with("-*-")
}

/// The caption of a `<Cabbage>` section's form.
fn caption(text: &str) -> Option<String> {
    let form = cabbage::parse(text).form?;
    Some(shown(&form.caption, LONGEST)).filter(|caption| !caption.is_empty())
}

/// A text as one line of so many characters that shows nothing else than it holds.
pub fn shown(text: &str, longest: usize) -> String {
    // Characters that turn the direction of what follows would do so in what stands beside it.
    let turns = |letter: char| matches!(letter, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let plain = text.chars().map(|letter| if letter.is_control() { ' ' } else { letter });
    let plain: String = plain.filter(|letter| !turns(*letter)).collect();
    let plain = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    match plain.char_indices().nth(longest) {
        Some((end, _)) => {
            let (cut, rest) = plain.split_at(end);
            // A word that is cut goes as a whole, unless hardly anything else is there.
            let whole = cut.rfind(' ').filter(|at| !rest.starts_with(' ') && *at * 2 > end);
            let cut = whole.map_or(cut, |at| &cut[..at]);
            format!("{}…", cut.trim_end_matches([' ', '.', '…', ',', ';', ':', '-']))
        }
        None => plain,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn about(text: &str) -> String {
        Head::of(text).about
    }

    #[test]
    fn the_first_paragraph_of_comments_is_what_a_piece_says_of_itself() {
        let csd = "<CsoundSynthesizer>\n<CsOptions>\n; flags by platform\n</CsOptions>\n<CsInstruments>\n";
        for (text, said) in [
            ("; Bells, slowly.\n; They ring.\n;\n; Long ago I wrote it.\n", "Bells, slowly. They ring."),
            ("// One line\ninstr 1\n; not this\n", "One line"),
            ("/* A block\n * of lines\n */\n; and not this\n", "A block of lines"),
            ("/* Whole. */\n", "Whole."),
            ("\n; =====\n; Framed\n; =====\n; more\n", "Framed"),
            ("; csound-performer: note_mode=score\n; A synth\n", "A synth"),
            ("instr 1\n; inside\n", ""),
            ("", ""),
        ] {
            assert_eq!(about(&format!("{text}{csd}")), said, "before the sections: {text}");
            assert_eq!(about(&format!("{csd}{text}")), said, "in the orchestra: {text}");
            assert_eq!(about(text), said, "of an orchestra alone: {text}");
            assert_eq!(about(&format!("\u{feff}{text}{csd}")), said, "behind a byte order mark: {text}");
        }
    }

    #[test]
    fn a_panels_caption_stands_where_no_comment_does() {
        let panel =
            "<Cabbage>\nform caption(\"Glass machine\") size(700, 360)\n</Cabbage>\n<CsoundSynthesizer>\n";
        assert_eq!(Head::of(panel), Head { about: "Glass machine".into(), tags: vec!["panel".into()] });
        assert_eq!(about(&format!("; A comment\n{panel}")), "A comment");
    }

    #[test]
    fn tags_are_listed_in_a_comment_and_by_what_the_text_shows() {
        let head = Head::of(
            "; Bells\n; Tags: Metal,  slow bells , ,Metal\n<CsoundSynthesizer>\nnchnls_i = 2\nmassign 0, 1\n",
        );
        assert_eq!(head.tags, ["Metal", "slow bells", "effect", "MIDI"]);
        assert_eq!(head.about, "Bells");
        let many = (0..100).map(|number| format!("t{number}")).collect::<Vec<_>>().join(",");
        assert_eq!(Head::of(&format!("; tags: {many}\n")).tags.len(), MOST_TAGS);
    }

    #[test]
    fn what_is_too_long_ends_with_a_whole_word_and_one_ellipsis() {
        assert_eq!(shown("a bell that rings", 12), "a bell that…");
        assert_eq!(shown("a bell that rings", 13), "a bell that…");
        assert_eq!(shown("a bell that rings", 11), "a bell that…");
        assert_eq!(shown("a bell that rings", 17), "a bell that rings");
        assert_eq!(shown("a bell... and more", 9), "a bell…");
        assert_eq!(shown("a bellthatringsandrings", 12), "a bellthatri…");
    }

    #[test]
    fn what_a_hostile_head_says_is_one_short_line() {
        let long = format!("; {}\n", "ä".repeat(10_000));
        assert_eq!(about(&long).chars().count(), LONGEST + 1);
        assert_eq!(about("; a\u{202e}b\u{0}\u{1b}[31mc\n"), "ab [31mc");
        for odd in [
            "/*",
            "/* a",
            "*/",
            "; \u{0}",
            "/**/",
            "//",
            "<Cabbage>",
            "<CsInstruments>",
            "ä; x",
            "tag",
            "; ta\u{308}gs:",
        ] {
            let _ = Head::of(odd);
        }
        assert_eq!(
            Head::of(&format!("; tags: {}\n", "x".repeat(500))).tags[0].chars().count(),
            LONGEST_TAG + 1
        );
    }
}
