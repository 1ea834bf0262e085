//! A piece's own layout of its channels.

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
    /// Its text's colour.
    pub text_colour: Option<[u8; 4]>,
}

/// The kinds of things that stand in a layout.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PlacedKind {
    /// The control of a channel, by its index in [`View::channels`](super::View::channels).
    Control(usize),
    /// A line of text.
    #[default]
    Label,
    /// A frame with a title.
    Group,
    /// A keyboard to play.
    Keyboard,
}
