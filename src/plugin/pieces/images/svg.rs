//! Drawings in SVG. A short one may ask for more work than there are atoms, by elements that refer to others: what it
//! comes to is counted before it is drawn.

use std::collections::HashMap;

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{ImageHrefResolver, Options, Tree};
use roxmltree::{Document, Node, NodeId, ParsingOptions};

use crate::editor::model::Image;

/// Bytes of a file.
pub(super) const LONGEST: u64 = 4 << 20;

/// Elements of a file, and those that it comes to when each reference stands for what it refers to.
const MOST_ELEMENTS: u32 = 50_000;
const MOST_DRAWN: u64 = 100_000;

/// How deep elements may lie in others: each level may take a layer of its own.
const DEEPEST: usize = 40;

/// The longest side of what is drawn, in pixels.
const LONGEST_SIDE: u32 = 1448;

/// Pixels times elements that a file may come to: a second or two of work.
const MOST_WORK: u64 = 2_000_000_000;

/// Bytes of attributes that count as one more element: a path may have a million corners.
const BYTES_OF_AN_ELEMENT: usize = 64;

/// As how many elements one counts whose line is cut into dashes.
const DASHES: u64 = 200;

/// As how many elements an effect counts: it goes over all pixels several times.
const EFFECT: u64 = 16;

/// Elements of SVG that are drawn here, or say nothing of what is drawn. Patterns and markers are not among them: they
/// take pixels and copies without bound, by numbers in the file. Neither are effects that take as long as the file
/// says (`feTurbulence`, `feMorphology`, `feConvolveMatrix`), or that draw elements again (`feImage`, `feTile`).
const DRAWN: [&str; 53] = [
    "a",
    "circle",
    "clipPath",
    "defs",
    "desc",
    "ellipse",
    "feBlend",
    "feColorMatrix",
    "feComponentTransfer",
    "feComposite",
    "feDiffuseLighting",
    "feDisplacementMap",
    "feDistantLight",
    "feDropShadow",
    "feFlood",
    "feFuncA",
    "feFuncB",
    "feFuncG",
    "feFuncR",
    "feGaussianBlur",
    "feMerge",
    "feMergeNode",
    "feOffset",
    "fePointLight",
    "feSpecularLighting",
    "feSpotLight",
    "filter",
    "flowPara",
    "flowRegion",
    "flowRoot",
    "g",
    "image",
    "line",
    "linearGradient",
    "mask",
    "metadata",
    "path",
    "polygon",
    "polyline",
    "radialGradient",
    "rect",
    "script",
    "stop",
    "style",
    "svg",
    "switch",
    "symbol",
    "text",
    "textPath",
    "title",
    "tspan",
    "use",
    "view",
];

/// The name space of SVG; elements of others are notes of the program that made the file.
const SVG: &str = "http://www.w3.org/2000/svg";

/// Draws a file into about `size` pixels. Texts in it, and pictures that it names, are left out.
///
/// # Errors
/// Why it cannot be drawn, for a user to read.
pub(super) fn read(bytes: &[u8], size: [u32; 2]) -> Result<Image, String> {
    let text = std::str::from_utf8(bytes).map_err(|_| "it is no SVG file: it is not UTF-8".to_owned())?;
    let [width, height] = size.map(|side| side.clamp(1, LONGEST_SIDE));
    check(text, u64::from(width) * u64::from(height))?;
    let options = Options {
        image_href_resolver: ImageHrefResolver {
            resolve_data: Box::new(|_, _, _| None),
            resolve_string: Box::new(|_, _| None),
        },
        ..Options::default()
    };
    let tree = Tree::from_str(text, &options).map_err(|error| format!("it cannot be drawn: {error}"))?;
    let mut pixels = Pixmap::new(width, height).ok_or("there is no room for it")?;
    let scale = (width as f32 / tree.size().width(), height as f32 / tree.size().height());
    resvg::render(&tree, Transform::from_scale(scale.0, scale.1), &mut pixels.as_mut());
    let rgba = pixels.pixels().iter().flat_map(|pixel| {
        let plain = pixel.demultiply();
        [plain.red(), plain.green(), plain.blue(), plain.alpha()]
    });
    Ok(Image { size: [width as usize, height as usize], rgba: rgba.collect() })
}

/// Refuses what would take too much, drawn into so many pixels.
fn check(text: &str, pixels: u64) -> Result<(), String> {
    let options = ParsingOptions { allow_dtd: true, nodes_limit: MOST_ELEMENTS, ..ParsingOptions::default() };
    let document = Document::parse_with_options(text, options)
        .map_err(|error| format!("it is no SVG file that can be read: {error}"))?;
    let mut named = HashMap::new();
    for node in document.descendants().filter(Node::is_element) {
        let (name, space) = (node.tag_name().name(), node.tag_name().namespace());
        if space.is_none_or(|space| space == SVG) && !DRAWN.contains(&name) {
            return Err(format!("it has an element that is not drawn here, {name}"));
        }
        if node.has_tag_name("style") && node.text().is_some_and(|text| text.contains("url(")) {
            return Err("its style sheet refers to other elements, which is not drawn here".to_owned());
        }
        if node.ancestors().count() > DEEPEST {
            return Err(format!("its elements lie more than {DEEPEST} deep in each other"));
        }
        if let Some(id) = node.attribute("id") {
            named.insert(id, node);
        }
    }
    // Dashes are handed on from groups, and named by style sheets.
    let has_dashes = text.contains("stroke-dasharray");
    let mut counted = Counted { named, known: HashMap::new(), has_dashes };
    match counted.drawn(document.root_element(), 0) {
        Some(count) if count > MOST_DRAWN => Err(format!("it comes to more than {MOST_DRAWN} elements")),
        Some(count) if count.saturating_mul(pixels) > MOST_WORK => {
            Err(format!("it comes to {count} elements, which is too much for {pixels} pixels"))
        }
        Some(_) => Ok(()),
        None => Err("elements in it refer to themselves, or too deep to each other".to_owned()),
    }
}

/// Counts what elements come to.
struct Counted<'a, 'input> {
    named: HashMap<&'a str, Node<'a, 'input>>,
    /// Elements with what they come to; `None` while that is being counted.
    known: HashMap<NodeId, Option<u64>>,
    /// Whether lines may be cut into dashes.
    has_dashes: bool,
}

impl<'a, 'input> Counted<'a, 'input> {
    /// As how many elements one counts by itself.
    fn own(&self, node: Node) -> u64 {
        let bytes: usize = node.attributes().map(|attribute| attribute.value().len()).sum();
        let is_effect = node.tag_name().name().starts_with("fe");
        let paths = ["path", "line", "polyline", "polygon", "rect", "circle", "ellipse"];
        let is_dashed = self.has_dashes && paths.contains(&node.tag_name().name());
        1 + (bytes / BYTES_OF_AN_ELEMENT) as u64
            + if is_effect { EFFECT } else { 0 }
            + if is_dashed { DASHES } else { 0 }
    }

    /// The elements that one comes to; `None` if it refers to itself, or too deep.
    fn drawn(&mut self, node: Node<'a, 'input>, depth: usize) -> Option<u64> {
        if let Some(known) = self.known.get(&node.id()) {
            return *known;
        }
        if depth > 3 * DEEPEST {
            return None;
        }
        self.known.insert(node.id(), None);
        let mut count = self.own(node);
        for child in node.children().filter(Node::is_element) {
            count = count.saturating_add(self.drawn(child, depth + 1)?);
        }
        for attribute in node.attributes() {
            for target in references(attribute.name(), attribute.value()) {
                if let Some(target) = self.named.get(target).copied() {
                    count = count.saturating_add(self.drawn(target, depth + 1)?);
                }
            }
        }
        self.known.insert(node.id(), Some(count));
        Some(count)
    }
}

/// The names that an attribute refers to: `href="#name"`, or `url(#name)` wherever it stands.
fn references<'a>(name: &str, value: &'a str) -> impl Iterator<Item = &'a str> {
    let whole = value.trim().strip_prefix('#').filter(|_| name == "href");
    let inside = value.split("url(").skip(1).filter_map(|rest| {
        let quoted = |next: char| next == '"' || next == '\'' || next.is_whitespace();
        let (target, _) = rest.trim_start_matches(quoted).strip_prefix('#')?.split_once(')')?;
        Some(target.trim_end_matches(quoted))
    });
    whole.into_iter().chain(inside)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: [u32; 2] = [40, 20];

    fn svg(inside: &str) -> Result<Image, String> {
        let text = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" xmlns:xlink=\"http://www.w3.org/1999/xlink\" width=\"4\" \
             height=\"2\">{inside}</svg>"
        );
        read(text.as_bytes(), SIZE)
    }

    #[test]
    fn a_drawing_fills_the_pixels_that_it_is_drawn_into() {
        let image = svg("<rect width=\"2\" height=\"2\" fill=\"#ff0000\"/>").unwrap();
        assert_eq!(image.size, [40, 20]);
        let pixel = |column: usize, row: usize| &image.rgba[(row * 40 + column) * 4..][..4];
        assert_eq!((pixel(3, 10), pixel(37, 10)), (&[255, 0, 0, 255][..], &[0, 0, 0, 0][..]));
    }

    #[test]
    fn what_would_take_too_long_or_too_much_is_refused_in_words() {
        let twice = |name: u32| {
            format!("<g id=\"g{name}\"><use href=\"#g{0}\"/><use xlink:href=\"#g{0}\"/></g>", name + 1)
        };
        let doubling: String = (0..40).map(twice).collect::<String>() + "<g id=\"g40\"><rect/></g>";
        assert!(svg(&doubling).unwrap_err().contains("100000"));
        let masks = |name: u32| {
            let next = format!("<rect mask=\"url(#m{})\"/>", name + 1);
            format!("<mask id=\"m{name}\">{next}{next}</mask>")
        };
        let masked = (0..40).map(masks).collect::<String>() + "<rect style=\"mask: url('#m0')\"/>";
        assert!(svg(&masked).unwrap_err().contains("100000"));
        assert!(svg("<g id=\"a\"><use href=\"#a\"/></g>").unwrap_err().contains("themselves"));
        let deep = "<g opacity=\"0.9\">".repeat(1000) + &"</g>".repeat(1000);
        assert!(svg(&deep).unwrap_err().contains("deep"));
        let noise = "<filter id=\"f\"><feTurbulence numOctaves=\"1000000000\"/></filter>";
        assert!(svg(noise).unwrap_err().contains("feTurbulence"));
        // Numbers in the file would be so many pixels, or copies.
        let pattern = "<pattern id=\"p\" patternUnits=\"userSpaceOnUse\" width=\"1e6\" height=\"1e6\"/>";
        assert!(svg(pattern).unwrap_err().contains("pattern"));
        assert!(svg("<marker id=\"m\"><rect/></marker>").unwrap_err().contains("marker"));
        assert!(svg("<rect/><unheard-of/>").unwrap_err().contains("unheard-of"));
        let corners = format!("<path id=\"p\" d=\"M0 0{}\"/>", " l1 1".repeat(50_000));
        assert!(svg(&corners).is_ok());
        let again = corners + &"<use href=\"#p\"/>".repeat(100);
        assert!(svg(&again).unwrap_err().contains("elements"));
        let dashes =
            "<g stroke-dasharray=\"0.001\">".to_owned() + &"<path d=\"M0 0h9\"/>".repeat(1000) + "</g>";
        assert!(svg(&dashes).unwrap_err().contains("elements"));
        let text = format!("<svg xmlns=\"{SVG}\" width=\"4\" height=\"2\">{}</svg>", "<rect/>".repeat(5000));
        assert!(read(text.as_bytes(), SIZE).is_ok());
        assert!(read(text.as_bytes(), [1000, 1000]).unwrap_err().contains("1000000 pixels"));
        assert!(svg("<style>rect { mask: url(#m) }</style>").unwrap_err().contains("style"));
        assert!(svg(&"<rect/>".repeat(60_000)).is_err());
        assert!(svg("<rect").unwrap_err().contains("no SVG file"));
        let tenfold = |name: u32| format!("<!ENTITY e{name} \"{}\">", format!("&e{};", name + 1).repeat(10));
        let entities: String = (0..9).map(tenfold).collect();
        let entities = format!(
            "<!DOCTYPE svg [{entities}<!ENTITY e9 \"<g/>\">]><svg xmlns=\"http://www.w3.org/2000/svg\">&e0;</svg>"
        );
        assert!(read(entities.as_bytes(), SIZE).is_err());
        assert!(read(&[0xFF; 10], SIZE).is_err());
    }

    #[test]
    fn nothing_outside_of_the_file_is_looked_at() {
        let outside =
            "<image width=\"4\" height=\"2\" href=\"/etc/hostname\"/><rect width=\"1\" height=\"1\"/>";
        assert!(svg(outside).is_ok());
        // Notes of the program that made it are none of ours.
        assert!(svg("<n:view xmlns:n=\"urn:notes\"/><rect width=\"1\" height=\"1\"/>").is_ok());
    }
}
