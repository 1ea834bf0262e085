//! The looks of a widget of a `<Cabbage>` section, as the editor has them. Pure.

use csound_cabbage::colour::Colour;

use crate::editor::model::{Direction, Finish, Shape, Side, Skin, Strip};
use crate::plugin::channels::cabbage::{CabbageWidget, WidgetKind};

/// The greatest width of an outline, and radius of a corner, in pixels.
const WIDEST: f64 = 1000.0;

/// The most frames of a film strip.
const MOST_FRAMES: f64 = 10_000.0;

/// The radius of the corners of a shape that is said to be rounded, in pixels.
const ROUNDED: f64 = 5.0;

/// The outline of a widget that says how thick it is and not in which colour.
const OUTLINE: [u8; 4] = [140, 140, 140, 255];

/// The colours of a widget.
pub(super) struct Colours {
    /// Its own.
    pub own: Option<[u8; 4]>,
    /// While it is on, or where its value stands.
    pub lit: Option<[u8; 4]>,
    /// Of its words.
    pub text: Option<[u8; 4]>,
}

/// The colours of a widget, by the names that its kind has for them.
pub(super) fn colours(widget: &CabbageWidget) -> Colours {
    use WidgetKind as Kind;
    let first = |names: &[&str]| names.iter().find_map(|name| widget.colour(name)).map(colour);
    let lit: &[&str] = match widget.kind {
        Kind::Button | Kind::Checkbox | Kind::Optionbutton => &["colour:1"],
        Kind::Hmeter | Kind::Vmeter => &["metercolour", "metercolour:0", "colour:0", "colour"],
        Kind::Listbox => &["highlightcolour", "colour:1"],
        _ => &["trackercolour", "colour:1"],
    };
    let text: &[&str] = match widget.kind {
        // The words of a slider, where it says so.
        Kind::Rslider | Kind::Hslider | Kind::Vslider | Kind::Nslider | Kind::Encoder => {
            &["textcolour", "fontcolour", "fontcolour:0"]
        }
        _ => &["fontcolour", "fontcolour:0", "textcolour"],
    };
    Colours { own: first(&["colour", "colour:0"]), lit: first(lit), text: first(text) }
}

/// All else of its looks.
pub(super) fn finish(widget: &CabbageWidget) -> Finish {
    let number = |name: &str| widget.number(name);
    let thick = number("outlinethickness").is_some_and(|width| width > 0.0);
    let outline = widget.colour("outlinecolour").map(colour).or(thick.then_some(OUTLINE));
    let is_outlined = if outline.is_some() { 1.0 } else { 0.0 };
    let turned: Vec<f32> = widget.numbers("rotate").into_iter().map(|number| number as f32).collect();
    let ground = ["overlaycolour", "tablebackgroundcolour", "backgroundcolour"];
    Finish {
        alpha: number("alpha").unwrap_or(1.0).clamp(0.0, 1.0) as f32,
        angle: turned.first().copied().unwrap_or(0.0),
        pivot: match turned[..] {
            [_, x, y, ..] => Some([x, y]),
            _ => None,
        },
        corners: corners(widget) as f32,
        outline,
        outline_width: number("outlinethickness").unwrap_or(is_outlined).clamp(0.0, WIDEST) as f32,
        align: side(widget),
        font_size: number("fontsize").filter(|size| *size >= 1.0).map(|size| size.min(WIDEST) as f32),
        is_active: widget.active || !is_turned(widget),
        ground: ground.iter().find_map(|name| widget.colour(name)).map(colour),
        file: widget.words("file").first().map_or(String::new(), |file| (*file).to_owned()),
        skin: skin(widget),
    }
}

/// Whether the user turns it, so that one that is not active looks so.
fn is_turned(widget: &CabbageWidget) -> bool {
    match &widget.kind {
        WidgetKind::Label | WidgetKind::Groupbox | WidgetKind::Hmeter | WidgetKind::Vmeter => false,
        WidgetKind::Other(name) => !matches!(
            name.as_str(),
            "gentable" | "image" | "line" | "shape" | "signaldisplay" | "csoundoutput"
        ),
        _ => true,
    }
}

/// The pictures of `imgFile("On", "on.png")`, of which a line has several, and of `filmStrip("knob.png", 31)`.
fn skin(widget: &CabbageWidget) -> Skin {
    let mut skin = Skin::default();
    for words in widget.each("imgfile") {
        let [part, file, ..] = words[..] else { continue };
        let place = match part.trim().to_lowercase().as_str() {
            "off" => &mut skin.off,
            "on" => &mut skin.on,
            "slider" => &mut skin.hand,
            "background" => &mut skin.ground,
            _ => continue,
        };
        file.clone_into(place);
    }
    skin.strip = strip(widget).or_else(|| {
        // The picture of a slider may be a strip: then `filmStrip` says only how many frames it has.
        let frames = widget.number("filmstrip").filter(|_| !skin.hand.is_empty())?;
        let file = std::mem::take(&mut skin.hand);
        Some(Strip { file, frames: frames_of(frames), direction: Direction::Up })
    });
    skin
}

/// A strip: a file, how many frames, and `"horizontal"` where they do not lie below each other.
fn strip(widget: &CabbageWidget) -> Option<Strip> {
    let words = widget.words("filmstrip");
    let (file, rest) = words.split_first().filter(|(file, _)| file.parse::<f64>().is_err())?;
    let frames = rest.iter().find_map(|word| word.trim().parse().ok())?;
    let is_across = rest.iter().any(|word| word.trim().eq_ignore_ascii_case("horizontal"));
    let direction = if is_across { Direction::Across } else { Direction::Up };
    Some(Strip { file: (*file).to_owned(), frames: frames_of(frames), direction })
}

fn frames_of(number: f64) -> usize {
    number.clamp(1.0, MOST_FRAMES) as usize
}

fn corners(widget: &CabbageWidget) -> f64 {
    let is_rounded = widget.words("shape").first().is_some_and(|shape| shape.eq_ignore_ascii_case("rounded"));
    let usual = if is_rounded { ROUNDED } else { 0.0 };
    widget.number("corners").unwrap_or(usual).clamp(0.0, WIDEST)
}

/// The side at which its words stand: what it says, else what is usual for its kind.
fn side(widget: &CabbageWidget) -> Side {
    let said = widget.words("align").first().map(|side| side.trim().to_lowercase());
    match said.as_deref() {
        Some("left") => Side::Left,
        Some("right") => Side::Right,
        Some(_) => Side::Centre,
        None => match &widget.kind {
            WidgetKind::Checkbox => Side::Left,
            WidgetKind::Other(name) if name == "texteditor" || name == "textbox" => Side::Left,
            _ => Side::Centre,
        },
    }
}

/// The outline of an image without a file.
pub(super) fn shape(widget: &CabbageWidget) -> Shape {
    let said = widget.words("shape").first().map(|shape| shape.trim().to_lowercase());
    match said.as_deref() {
        Some("ellipse" | "circle" | "round") => Shape::Ellipse,
        Some("triangle") => Shape::Triangle,
        _ => Shape::Rectangle,
    }
}

pub(super) fn colour(colour: Colour) -> [u8; 4] {
    [colour.red, colour.green, colour.blue, colour.alpha]
}
