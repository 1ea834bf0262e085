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
    /// The pictures that stand in the place of what is drawn.
    pub skin: Skin,
}

/// Files of pictures in which a control is drawn; empty names stand for none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Skin {
    /// Behind it.
    pub ground: String,
    /// A button that is off.
    pub off: String,
    /// A button that is on.
    pub on: String,
    /// The part of a slider that moves or turns.
    pub hand: String,
    /// A slider at every position.
    pub strip: Option<Strip>,
}

/// A picture of many frames in a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Strip {
    /// Its file.
    pub file: String,
    /// How many frames, from the least position to the greatest; at least 1.
    pub frames: usize,
    /// Where the next one lies: to the right, or (for [`Direction::Up`]) below.
    pub direction: Direction,
}

impl Finish {
    /// All files of pictures that it names, for a widget that is one itself or is drawn in some.
    pub fn pictures(&self, is_image: bool) -> impl Iterator<Item = &str> {
        let skin = &self.skin;
        let strip = skin.strip.as_ref().map_or("", |strip| strip.file.as_str());
        let own = if is_image { self.file.as_str() } else { "" };
        let all = [own, &skin.ground, &skin.off, &skin.on, &skin.hand, strip];
        all.into_iter().filter(|name| !name.is_empty())
    }
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
            skin: Skin::default(),
        }
    }
}

/// The way in which values grow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Direction {
    /// From left to right.
    #[default]
    Across,
    /// From below to above.
    Up,
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
