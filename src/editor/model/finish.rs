//! The look of a placed widget beside its colours and its words.

/// The look of a placed widget beside its colours and its words. Sizes are in the units of the bounds.
#[derive(Clone, Debug, PartialEq)]
pub struct Finish {
    /// From 0, which is not seen, to 1.
    pub alpha: f32,
    /// Radians by which it is turned, clockwise.
    pub angle: f32,
    /// The point around which it is turned, from its upper left corner; `None`: its middle.
    pub pivot: Option<[f32; 2]>,
    /// The radius of its corners.
    pub corners: f32,
    /// The colour around it, where the piece names one.
    pub outline: Option<[u8; 4]>,
    /// The width of that line.
    pub outline_width: f32,
    /// The side at which its words stand.
    pub align: Side,
    /// The height of its words; `None`: as its bounds have it.
    pub font_size: Option<f32>,
    /// The user can turn it.
    pub is_active: bool,
    /// The ground behind what is drawn: of a meter, a table, a field.
    pub ground: Option<[u8; 4]>,
    /// A file, or an address, that it names.
    pub file: String,
}

impl Default for Finish {
    fn default() -> Self {
        Self {
            alpha: 1.0,
            angle: 0.0,
            pivot: None,
            corners: 0.0,
            outline: None,
            outline_width: 0.0,
            align: Side::Centre,
            font_size: None,
            is_active: true,
            ground: None,
            file: String::new(),
        }
    }
}

/// The side at which words stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Side {
    /// At the left.
    Left,
    /// In the middle.
    #[default]
    Centre,
    /// At the right.
    Right,
}
