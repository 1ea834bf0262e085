//! Previews for show: a piece is heard at once and without an end, unless it cannot be.

use super::stage::Stage;
use crate::editor::model::*;
use crate::preview::LONGEST;

impl Stage {
    /// A piece that the fake does not know cannot be read, and one that holds `broken` does not compile.
    pub(super) fn preview(&mut self, of: Opens) {
        let trouble = match &of {
            Opens::Shipped(_) => None,
            Opens::Preset(_) => Some("a preset is heard once it is opened".to_owned()),
            Opens::File(path) => match self.file(path) {
                None => Some(format!("{} could not be read: there is no such file", path.display())),
                Some(text) if text.contains("broken") => {
                    Some("it does not compile. Line 1: syntax error".to_owned())
                }
                Some(_) => None,
            },
        };
        let stands = match &trouble {
            Some(_) => PreviewStands::Over,
            None => PreviewStands::Heard { seconds: 0.0, of: self.length_of(&of) },
        };
        self.view.preview = Some(Preview { of, stands, trouble });
    }

    /// The seconds that are heard of a piece, where its score's length is known.
    fn length_of(&self, of: &Opens) -> Option<f64> {
        let Opens::File(path) = of else { return None };
        let piece = self.pieces.iter().find(|piece| piece.path == *path)?;
        piece.length.map(|length| length.min(LONGEST))
    }
}
