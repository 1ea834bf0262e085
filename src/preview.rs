//! A piece that is heard before it is opened, as the browser shows it. It stands beside plugin and editor, for both.

use crate::catalogue::Opens;

/// The longest that a preview is heard, in seconds.
pub const LONGEST: f64 = 20.0;

/// How the preview stands that was asked for last.
#[derive(Clone, Debug, PartialEq)]
pub struct Preview {
    /// The piece.
    pub of: Opens,
    /// How far it is.
    pub stands: Stands,
    /// What is wrong with it, in a sentence.
    pub trouble: Option<String>,
}

/// How far a preview is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Stands {
    /// Its piece is being started.
    Starting,
    /// It is heard.
    Heard {
        /// The seconds so far.
        seconds: f64,
        /// Those that are heard of it in all, where that is known; else [`LONGEST`] at most.
        of: Option<f64>,
    },
    /// It is over.
    Over,
}

impl Preview {
    /// If a piece is being started or heard by it.
    pub fn is_of(&self, opens: &Opens) -> bool {
        self.stands != Stands::Over && self.of == *opens
    }
}
