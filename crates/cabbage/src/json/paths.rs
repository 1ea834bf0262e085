//! Properties of Cabbage 3's widgets by their paths, and the identifiers that they are here.

/// The place of a property among the identifiers of a widget.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place<'a> {
    /// The identifier, in small letters.
    pub identifier: &'a str,
    /// Which of its values, if it is but one of them.
    pub part: Option<usize>,
}

const fn whole(identifier: &'static str) -> Place<'static> {
    Place { identifier, part: None }
}

const fn part(identifier: &'static str, part: usize) -> Place<'static> {
    Place { identifier, part: Some(part) }
}

/// The paths that have other names here. The first of a place is the one by which it is read.
const KNOWN: [(&str, Place<'static>); 56] = [
    ("bounds.left", part("bounds", 0)),
    ("bounds.top", part("bounds", 1)),
    ("bounds.width", part("bounds", 2)),
    ("bounds.height", part("bounds", 3)),
    ("size.width", part("size", 0)),
    ("size.height", part("size", 1)),
    ("range.min", part("range", 0)),
    ("range.max", part("range", 1)),
    ("range.defaultvalue", part("range", 2)),
    ("range.value", part("range", 2)),
    ("range.skew", part("range", 3)),
    ("range.increment", part("range", 4)),
    ("text.off", part("text", 0)),
    ("text.on", part("text", 1)),
    ("label", whole("text")),
    ("label.text", whole("text")),
    ("label.text.off", part("text", 0)),
    ("label.text.on", part("text", 1)),
    ("label.align", whole("align")),
    ("opacity", whole("alpha")),
    ("color", whole("colour")),
    ("colour.off", whole("colour")),
    ("colour.on", whole("colour:1")),
    ("colour.fill", whole("colour")),
    ("colour.tracker.fill", whole("trackercolour")),
    ("colour.stroke.colour", whole("outlinecolour")),
    ("colour.stroke.width", whole("outlinethickness")),
    ("backgroundcolor", whole("colour")),
    ("stroke.colour", whole("outlinecolour")),
    ("stroke.width", whole("outlinethickness")),
    ("font.colour", whole("fontcolour")),
    ("font.color", whole("fontcolour")),
    ("font.colour.off", whole("fontcolour")),
    ("font.colour.on", whole("fontcolour:1")),
    ("font.size", whole("fontsize")),
    ("font.align", whole("align")),
    ("style.opacity", whole("alpha")),
    ("style.fill", whole("colour")),
    ("style.backgroundcolor", whole("colour")),
    ("style.off.backgroundcolor", whole("colour")),
    ("style.on.backgroundcolor", whole("colour:1")),
    ("style.thumb.backgroundcolor", whole("colour")),
    ("style.track.fillcolor", whole("trackercolour")),
    ("style.track.backgroundcolor", whole("trackerbackgroundcolour")),
    ("style.fontcolor", whole("fontcolour")),
    ("style.color", whole("fontcolour")),
    ("style.off.textcolor", whole("fontcolour")),
    ("style.on.textcolor", whole("fontcolour:1")),
    ("style.label.fontcolor", whole("textcolour")),
    ("style.bordercolor", whole("outlinecolour")),
    ("style.borderwidth", whole("outlinethickness")),
    ("style.borderradius", whole("corners")),
    ("style.fontsize", whole("fontsize")),
    ("style.textalign", whole("align")),
    ("filmstrip.file", part("filmstrip", 0)),
    ("filmstrip.frames.count", part("filmstrip", 1)),
];

/// The place of a property: of one that is not known here, its own path. Case does not matter.
///
/// # Realtime safety
/// Safe.
pub fn place(path: &str) -> Place<'_> {
    let path = path.trim();
    // Of several channels, the first one's range is the widget's.
    let path = path.strip_prefix("channels[0].").unwrap_or(path);
    known(path).unwrap_or(Place { identifier: path, part: None })
}

/// The place of a property that has another name here.
pub(super) fn known(path: &str) -> Option<Place<'static>> {
    KNOWN.iter().find(|(known, _)| known.eq_ignore_ascii_case(path)).map(|(_, place)| *place)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn properties_are_identifiers_in_any_case() {
        assert_eq!(place("bounds.left"), part("bounds", 0));
        assert_eq!(place(" style.fontColor"), whole("fontcolour"));
        assert_eq!(place("channels[0].range.max"), part("range", 1));
        assert_eq!(place("visible").identifier, "visible");
        assert_eq!(place("my.own"), Place { identifier: "my.own", part: None });
    }
}
