//! The preview of a piece, as it is asked for and shown.

use csound_performance::engine::Abandoned;

use super::InstanceBackend;
use crate::catalogue::Opens;
use crate::plugin::shared::errand::Errand;
use crate::plugin::shared::preview::Asked;
use crate::preview::{Preview, Stands};

impl InstanceBackend {
    /// Has a piece heard over the present one. The one before it ends at once, whatever the control thread is at.
    pub(super) fn preview(&self, of: Opens) {
        let number = self.link.previews.begin();
        {
            let mut locked = self.link.lock();
            locked.give_up_preview();
            let shown = Preview { of, stands: Stands::Starting, trouble: None };
            locked.preview = Some(Asked { number, shown, given_up: Abandoned::default(), progress: None });
        }
        self.ask(Errand::Preview(number));
    }

    /// Ends it.
    pub(super) fn end_preview(&self) {
        self.link.previews.end();
        self.link.lock().give_up_preview();
    }

    /// How it stands.
    pub(super) fn preview_view(&self) -> Option<Preview> {
        self.link.lock().preview.as_ref().map(Asked::view)
    }
}
