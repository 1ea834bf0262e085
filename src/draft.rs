//! What was typed into a piece and not saved when a program broke off, as the editor offers it.

/// It, of the piece that is shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LeftDraft {
    /// When it was typed, for people.
    pub when: String,
    /// The piece's own texts.
    pub texts: Vec<String>,
    /// The texts of its folder that were changed: their names and what was typed.
    pub beside: Vec<(String, String)>,
}
