//! The languages of a piece's texts.

/// The languages of a piece's texts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Language {
    /// Sections of everything.
    #[default]
    Csd,
    /// Instruments.
    Orchestra,
    /// Events.
    Score,
}
