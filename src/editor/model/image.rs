//! Pictures from files, for a panel.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// A picture.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Image {
    /// Columns and rows of pixels.
    pub size: [usize; 2],
    /// Red, green, blue and alpha of each pixel, row by row; colours are not multiplied by alpha.
    pub rgba: Vec<u8>,
}

impl fmt::Debug for Image {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Image of {} x {}", self.size[0], self.size[1])
    }
}

/// The pictures of a panel by their files' names, as the piece has them; `None`: the file cannot be shown.
pub type Images = BTreeMap<String, Option<Arc<Image>>>;
