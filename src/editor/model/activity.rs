//! The instruments that sound.

pub use csound_performance::engine::ScoreEntry;

/// An instrument of which instances are active.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SoundingInstrument {
    /// Its name, or its number where it has none or the name is not known.
    pub name: String,
    /// How many instances are active.
    pub voices: u32,
    /// How much of one processor they take of late, in thousandths, where that is known.
    pub load: Option<u32>,
}
