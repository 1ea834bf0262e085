//! Pages of an installed manual, as HTML, read as plain text with headings. Nothing of a manual is here, and nothing
//! that is read is trusted: tags that make no sense are left out, and everything is bounded.

mod reader;

use crate::help::score;

/// Bytes of a page that are read at most, the parts and bytes of text that it has, and the examples that it names.
const LONGEST: usize = 1 << 20;
const MOST_PARTS: usize = 2000;
const MOST_TEXT: usize = 200_000;
const MOST_EXAMPLES: usize = 20;

/// A part of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// A heading.
    Heading(String),
    /// A paragraph.
    Text(String),
    /// Code, with its lines.
    Code(String),
}

/// A page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// The name of the opcode, as the page has it.
    pub name: String,
    /// What it is in one line.
    pub about: String,
    /// The page's parts, in order.
    pub parts: Vec<Part>,
    /// The pieces that the page links to, as it names them. They may lie anywhere, or nowhere.
    pub examples: Vec<String>,
    /// Nothing was left out because it is too long.
    pub is_whole: bool,
}

impl Part {
    /// Its words.
    pub fn text(&self) -> &str {
        let (Self::Heading(text) | Self::Text(text) | Self::Code(text)) = self;
        text
    }
}

impl Page {
    /// Reads a page.
    pub fn of(html: &str) -> Self {
        let read = &html[..html.floor_char_boundary(LONGEST)];
        let (mut parts, examples) = reader::parts(read);
        let mut room = MOST_TEXT;
        let fit = parts.iter().take(MOST_PARTS).take_while(|part| {
            let fits = part.text().len() <= room;
            room = room.saturating_sub(part.text().len());
            fits
        });
        let fit = fit.count();
        let is_whole = read.len() == html.len() && fit == parts.len();
        parts.truncate(fit);
        let (name, about) = named(&parts).unwrap_or_default();
        Self { name, about, parts, examples, is_whole }
    }
}

/// `name — what it is`: the first paragraph like that.
fn named(parts: &[Part]) -> Option<(String, String)> {
    let texts = parts.iter().filter_map(|part| match part {
        Part::Text(text) => Some(text),
        _ => None,
    });
    let first = parts.iter().find_map(|part| match part {
        Part::Heading(heading) => Some(heading.clone()),
        _ => None,
    });
    let mut plain = None;
    for text in texts.take(8) {
        if let Some((name, about)) = text.split_once(" — ").or_else(|| text.split_once(" – ")) {
            let is_name = !name.trim().contains(char::is_whitespace);
            if is_name {
                return Some((name.trim().to_owned(), about.trim().to_owned()));
            }
        }
        plain.get_or_insert_with(|| text.clone());
    }
    Some((first?, plain.unwrap_or_default()))
}

/// An entry of a manual's index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The opcode's name.
    pub name: String,
    /// What it is in one line.
    pub about: String,
    /// The page's file within the manual's folder, with `/` between folders.
    pub file: String,
}

/// The entries that fit some words, by their names first, then by what they are; the best first.
pub fn search<'e>(entries: &'e [Entry], words: &str, most: usize) -> Vec<&'e Entry> {
    let words = words.trim();
    let lower = words.to_lowercase();
    let mut found: Vec<(i32, &Entry)> = entries
        .iter()
        .filter_map(|entry| {
            let of_name = score(words, &entry.name);
            let about = entry.about.to_lowercase();
            let of_about = lower.split_whitespace().all(|word| about.contains(word)).then_some(500);
            Some((of_name.max(of_about)?, entry))
        })
        .collect();
    found.sort_by(|(a, one), (b, other)| b.cmp(a).then_with(|| one.name.cmp(&other.name)));
    found.into_iter().take(most).map(|(_, entry)| entry).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = r#"<html><head><title>wobble</title><style>p { x }</style></head><body>
<div class="navheader"><a href="a.html">Prev</a></div>
<div class="refentry"><h1>wobble</h1><p>wobble &mdash; Wobbles a signal &amp; more.</p>
<h2>Syntax</h2><pre class="synopsis">ares <span class="command"><strong>wobble</strong></span> asig, kcps</pre>
<p>It <em>wobbles</em>
  slowly&#46;</p><ul><li><p>one</p></li><li>two</li></ul>
<p>It uses <a class="ulink" href="examples/wobble.csd" target="_top">wobble.csd</a> and <a href='other.html'>this</a>.</p>
<pre class="programlisting">
&lt;CsInstruments&gt;

  instr 1
</pre></div><script>var x = "<p>no</p>";</script></body></html>"#;

    #[test]
    fn a_page_is_read_as_headings_text_and_code() {
        let page = Page::of(PAGE);
        assert_eq!((page.name.as_str(), page.about.as_str()), ("wobble", "Wobbles a signal & more."));
        assert!(page.parts.contains(&Part::Heading("Syntax".into())));
        assert!(page.parts.contains(&Part::Code("ares wobble asig, kcps".into())));
        assert!(page.parts.contains(&Part::Text("It wobbles slowly.".into())));
        assert!(page.parts.contains(&Part::Text("two".into())));
        let is_hidden = |part: &Part| {
            ["\"no\"", "Prev", "{ x }"].iter().any(|hidden| format!("{part:?}").contains(hidden))
        };
        assert!(!page.parts.iter().any(is_hidden), "{:?}", page.parts);
        assert_eq!(page.examples, ["examples/wobble.csd"]);
        assert!(page.is_whole);
        assert!(page.parts.contains(&Part::Code("<CsInstruments>\n\n  instr 1".into())), "{:?}", page.parts);
    }

    #[test]
    fn entries_are_found_by_name_and_by_what_they_are() {
        let entry =
            |name: &str, about: &str| Entry { name: name.into(), about: about.into(), file: String::new() };
        let entries =
            [entry("wobble", "A slow shaker"), entry("shake", "Makes noise"), entry("tone", "A filter")];
        let names = |words: &str| {
            search(&entries, words, 9).iter().map(|found| found.name.clone()).collect::<Vec<_>>()
        };
        assert_eq!(names("shake"), ["shake", "wobble"]);
        assert_eq!(names("FILTER"), ["tone"]);
        assert_eq!(names("xyz"), [""; 0]);
    }

    #[test]
    fn no_page_is_too_strange() {
        for html in [
            "",
            "<",
            "<p",
            "</",
            "<pre>&",
            "&#x;",
            "&#99999999;",
            "<p><p></pre>é",
            "<!-- <p>",
            "<script>",
            "<a href='",
        ] {
            let _ = Page::of(html);
        }
        assert_eq!(Page::of("plain").parts, [Part::Text("plain".into())]);
        let unended = Page::of("<h1>wobble<p>One<p>Two<ul><li>Three");
        let texts = ["One", "Two", "Three"].map(|text| Part::Text(text.into()));
        assert_eq!(unended.parts[0], Part::Heading("wobble".into()));
        assert_eq!(unended.parts[1..], texts);
    }

    #[test]
    fn a_page_made_to_be_slow_costs_no_more_than_its_length() {
        // Each would take hours if every piece of it led to a look at the rest.
        for unit in [
            "&",
            "letters ",
            "<div>",
            "<!--",
            "<script>",
            "<h1><p>",
            "<pre>",
            "<a href=\"x.csd\">",
            "<",
            "é&#",
        ] {
            let page = Page::of(&unit.repeat((20 << 20) / unit.len()));
            assert!(page.parts.len() <= MOST_PARTS && page.examples.len() <= MOST_EXAMPLES, "{unit}");
            assert!(page.parts.iter().map(|part| part.text().len()).sum::<usize>() <= MOST_TEXT, "{unit}");
            assert!(!page.is_whole, "{unit}");
        }
    }
}
