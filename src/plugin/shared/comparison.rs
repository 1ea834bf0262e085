//! The piece by the one Csound beside the same by the other: how that stands.

use csound_performance::engine::Abandoned;

use crate::plugin::session::SavedPiece;

/// A comparison of a piece by two Csounds.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// The piece as it was when it was asked for.
    pub piece: SavedPiece,
    /// How it stands.
    pub stands: Stands,
    /// Gives it up.
    pub given_up: Abandoned,
}

/// How a comparison stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stands {
    /// Both are being rendered.
    UnderWay,
    /// It is done.
    Done(Finding),
}

/// What came of a comparison.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// In sentences, for the user.
    pub told: String,
    /// Its kind.
    pub kind: FindingKind,
}

/// The kinds of findings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FindingKind {
    /// Both sound alike, bit for bit.
    Alike,
    /// They do not.
    Different,
    /// One of them does not perform the piece, or something went wrong.
    Failed,
}

impl Comparison {
    /// If it is not done yet.
    pub fn is_under_way(&self) -> bool {
        self.stands == Stands::UnderWay
    }
}
