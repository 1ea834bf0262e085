//! Bounds of an XML file from elsewhere, before it is parsed: the parser goes one call deeper for each element within
//! another, and compares each attribute of an element with those before it. Pure.

/// The deepest element; Cabbage's lie two deep.
const DEEPEST: usize = 16;

/// The longest tag, in bytes.
const LONGEST_TAG: usize = 64 << 10;

/// The most attributes of an element.
const MOST_ATTRIBUTES: usize = 10_000;

/// The most comparisons of attributes in a whole file.
const MOST_COMPARISONS: usize = 500_000_000;

/// Reads a text as far as its tags, without what they mean. What is no XML at all may pass: the parser stops there.
///
/// # Errors
/// It goes beyond a bound, in words that go on from "it".
pub(super) fn check(text: &str) -> Result<(), String> {
    let (mut rest, mut depth, mut comparisons) = (text, 0_usize, 0_usize);
    while let Some(at) = rest.find('<') {
        rest = &rest[at..];
        if let Some(after) = past_what_is_no_tag(rest) {
            rest = after;
            continue;
        }
        if rest.starts_with("<!") {
            return Err("it declares a type of document, which Cabbage's files do not".into());
        }
        let tag = Tag::of(rest)?;
        rest = &rest[tag.length..];
        comparisons = comparisons.saturating_add(tag.attributes * tag.attributes);
        depth = match tag.kind {
            Kind::Opens => depth + 1,
            Kind::Closes => depth.saturating_sub(1),
            Kind::Stands => depth,
        };
        // One that stands alone lies one deeper than what it is in.
        if depth + usize::from(matches!(tag.kind, Kind::Stands)) > DEEPEST {
            return Err(format!("it has elements more than {DEEPEST} deep within each other"));
        }
        if tag.attributes > MOST_ATTRIBUTES || comparisons > MOST_COMPARISONS {
            return Err(format!(
                "it has too many values: at most {MOST_ATTRIBUTES} in a preset are read, and fewer where it has many presets"
            ));
        }
    }
    Ok(())
}

/// What follows a comment, a CDATA section or an instruction; nothing, where it never ends.
fn past_what_is_no_tag(text: &str) -> Option<&str> {
    let kinds = [("<!--", "-->"), ("<![CDATA[", "]]>"), ("<?", "?>")];
    let (begin, end) = kinds.into_iter().find(|(begin, _)| text.starts_with(begin))?;
    let inside = &text[begin.len()..];
    Some(inside.find(end).map_or("", |at| &inside[at + end.len()..]))
}

enum Kind {
    Opens,
    Closes,
    Stands,
}

struct Tag {
    kind: Kind,
    /// In bytes.
    length: usize,
    attributes: usize,
}

impl Tag {
    /// The tag that a text begins with.
    fn of(text: &str) -> Result<Self, String> {
        let bytes = text.as_bytes();
        let (mut quote, mut attributes) = (None, 0);
        for (at, &byte) in bytes.iter().enumerate().take(LONGEST_TAG) {
            match (quote, byte) {
                (Some(open), _) if open == byte => quote = None,
                (Some(_), _) => {}
                (None, b'"' | b'\'') => quote = Some(byte),
                (None, b'=') => attributes += 1,
                // The parser hands namespaces down from each element to all that are in it.
                (None, b'x') if bytes[at..].starts_with(b"xmlns") => {
                    return Err("it has namespaces, which Cabbage's files do not".into());
                }
                (None, b'>') => {
                    let kind = match (bytes.get(1), bytes[at - 1]) {
                        (Some(b'/'), _) => Kind::Closes,
                        (_, b'/') => Kind::Stands,
                        _ => Kind::Opens,
                    };
                    return Ok(Self { kind, length: at + 1, attributes });
                }
                (None, _) => {}
            }
        }
        match bytes.len() > LONGEST_TAG {
            true => Err(format!("it has a tag of more than {LONGEST_TAG} bytes")),
            false => Err("it ends within a tag".into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_within_bounds_passes_whatever_is_quoted_in_it() {
        let comment = format!("<!-- {} -->", "<a>".repeat(100));
        let cdata = format!("<![CDATA[{}]]>", "<a>".repeat(100));
        let quoted = format!("<b x='{}' y=\"{}\"/>", ">\"/".repeat(100), "<a> = '".repeat(100));
        let siblings = "<b></b><c/>".repeat(1000);
        for inside in [&comment, &cdata, &quoted, &siblings, &"it's \"so\"".to_owned()] {
            let text = format!("<?xml version='1.0'?><a>{inside}</a>");
            assert_eq!(check(&text), Ok(()), "{inside}");
        }
        let deep = |depth: usize| format!("{}<b/>{}", "<a>".repeat(depth - 1), "</a>".repeat(depth - 1));
        assert_eq!(check(&deep(DEEPEST)), Ok(()));
        assert!(check(&deep(DEEPEST + 1)).unwrap_err().contains("16 deep"));
    }

    #[test]
    fn depth_is_not_hidden_behind_what_looks_quoted() {
        let deep = "<a>".repeat(200_000);
        for before in
            ["", "it's ", "<!--'-->", "<?x ' ?>", "<b c='\"'/>", "<b c=\"'>\"/>", "<![CDATA[<!--]]>", "</b>"]
        {
            assert!(check(&format!("<a>{before}{deep}")).unwrap_err().contains("deep"), "{before}");
        }
    }

    #[test]
    fn attributes_are_bounded_in_an_element_and_in_all() {
        // Names of four letters, so that as many as may be fit into a tag.
        let name = |number: usize| {
            let letter = |by: usize| char::from(b'a' + u8::try_from(number / by % 26).unwrap());
            [letter(1), letter(26), letter(676), 'z'].into_iter().collect::<String>()
        };
        let element =
            |count: usize| (0..count).map(|number| format!(" {}=''", name(number))).collect::<String>();
        let full = element(7000);
        assert_eq!(check(&format!("<a{full}/>")), Ok(()));
        assert!(check(&format!("<a{}/>", element(9000))).unwrap_err().contains("a tag of more"));
        assert!(
            check(&format!("<a{}/>", "=".repeat(MOST_ATTRIBUTES + 1)))
                .unwrap_err()
                .contains("too many values")
        );
        assert!(
            check(&format!("<r>{}</r>", format!("<a{full}/>").repeat(11)))
                .unwrap_err()
                .contains("many presets")
        );
        // A thousand presets of five hundred values.
        assert_eq!(check(&format!("<r>{}</r>", format!("<a{}/>", element(500)).repeat(1000))), Ok(()));
        assert!(check("<a xmlns:b='c'/>").unwrap_err().contains("namespaces"));
        assert_eq!(check("<a b='xmlns'/>"), Ok(()));
        assert!(check("<!DOCTYPE a><a/>").is_err());
    }
}
