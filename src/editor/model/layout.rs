//! A piece's own layout of its channels.

use super::channel::Widget;
use super::finish::{Direction, Finish};
use super::signal::{Graph, SignalKind};
use super::table::Trace;

/// A piece's own layout of its channels: what its `<Cabbage>` section says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Layout {
    /// Width and height, in the units of the bounds.
    pub size: [f32; 2],
    /// The window's title.
    pub caption: String,
    /// The background.
    pub colour: Option<[u8; 4]>,
    /// In the order in which they are drawn.
    pub widgets: Vec<Placed>,
    /// The parts that are not shown at first.
    pub parts: Vec<Part>,
}

/// A part of a layout that is not shown at first: the user opens it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Part {
    /// The words by which it is known; no two have the same.
    pub name: String,
    /// It opens in a window of its own.
    pub is_popup: bool,
    /// Left, top, width, height.
    pub bounds: [f32; 4],
    /// The part that it lies in, by its place in [`Layout::parts`], always before this one.
    pub within: Option<usize>,
}

/// A widget at its place.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Placed {
    /// The kind of widget.
    pub kind: PlacedKind,
    /// Left, top, width, height.
    pub bounds: [f32; 4],
    /// The words written on it.
    pub text: String,
    /// Its colour.
    pub colour: Option<[u8; 4]>,
    /// Its colour while it is on.
    pub lit_colour: Option<[u8; 4]>,
    /// Its text's colour.
    pub text_colour: Option<[u8; 4]>,
    /// The look of a control, where others turn its channel as well.
    pub face: Option<Face>,
    /// All else of its look.
    pub finish: Finish,
    /// The tables that it shows, the last one in front.
    pub traces: Vec<Trace>,
    /// How it shows signals, sounds and tables.
    pub graph: Graph,
    /// The path that it asks for.
    pub wish: PathWish,
    /// The part that it lies in, by its place in [`Layout::parts`].
    pub within: Option<usize>,
}

/// The look of a control that shares its channel.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Face {
    /// The control that the channel is turned with.
    pub widget: Widget,
    /// The words written on it.
    pub label: String,
    /// The words on a button while it is off and while it is on, where they differ.
    pub words: Option<[String; 2]>,
}

/// The kinds of things that stand in a layout. Channels are known by their index in
/// [`View::channels`](super::View::channels).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PlacedKind {
    /// The control of a channel.
    Control(usize),
    /// Two channels at once.
    Pair(PairKind, [usize; 2]),
    /// The level that the piece writes to a channel.
    Meter(usize, Direction),
    /// A choice with all its items in sight.
    List(usize),
    /// A button that goes through its items.
    Option(usize),
    /// A text of several lines to type.
    Paper(usize),
    /// A text of several lines to read.
    Page,
    /// A line of text.
    #[default]
    Label,
    /// A frame with a title.
    Group,
    /// A keyboard to play.
    Keyboard,
    /// A ground, or a picture from a file.
    Image(Shape),
    /// Function tables.
    Table,
    /// Signals that the piece displays.
    Signal(SignalKind),
    /// The waveform of a file, or of a table; the channels that tell where a selection begins and how long it is.
    Sound([Option<usize>; 2]),
    /// A line across or down, whichever is longer.
    Line,
    /// The lines that Csound and the plugin say.
    Console,
    /// A button that leads to a file, or to a page of the web: the words of [`Finish::file`](super::Finish::file).
    Info,
    /// A button with the piece's presets; the channel gets the name of what is chosen.
    Presets(Option<usize>),
    /// A button that asks for the path of [`Placed::wish`].
    Path(usize),
    /// A button that does something with the piece's presets; the channel gets the name of the preset.
    PresetDeed(PresetDeed, Option<usize>),
    /// A choice of the piece's presets, and the channel that gets the name of what is chosen.
    PresetChoice(Option<usize>),
    /// A widget that drives nothing: it has no channel.
    Idle,
    /// A widget that is not known here: its place, and the word for it.
    Unknown,
}

/// A path that a button asks the user for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PathWish {
    /// Of what.
    pub kind: PathKind,
    /// The endings of files that are meant, without dots; none: any.
    pub endings: Vec<String>,
}

/// The kinds of paths.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PathKind {
    /// A file that is there.
    #[default]
    File,
    /// A folder.
    Folder,
    /// A file that the piece will write.
    New,
}

/// What a button does with the piece's presets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PresetDeed {
    /// Keeps how the piece stands, under a new name.
    Keep,
    /// The same under a name that is asked for.
    KeepAs,
    /// Deletes the one that was chosen last, if the user agrees.
    Delete,
}

/// The kinds of controls that turn two channels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PairKind {
    /// A field: the first to the right, the second up.
    Pad,
    /// A slider with two thumbs, the lower value and the upper one.
    Range(Direction),
}

/// The outlines of grounds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Shape {
    /// A rectangle, with the corners that [`Finish::corners`](super::Finish::corners) says.
    #[default]
    Rectangle,
    /// As round as its place allows.
    Ellipse,
    /// Three corners, the first one up.
    Triangle,
}
