//! Ranges that the user gives channels.

use super::InstanceBackend;
use crate::range::EditedRange;

impl InstanceBackend {
    /// A channel gets this range, or the piece's own again.
    pub(super) fn edit_range(&self, name: &str, edited: Option<&EditedRange>) {
        self.done(self.link.edit_range(name, edited));
        self.memory().looked = None;
    }
}
