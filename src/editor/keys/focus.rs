//! Where a key goes that is pressed.

use egui::text_selection::LabelSelectionState;
use egui::{Context, Id, LayerId};

use super::played;

/// What has the focus.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::editor) enum On {
    /// Nothing.
    Nothing,
    /// A knob, a button or another control.
    Control,
    /// The keys to play.
    Piano,
    /// A field that text is typed into.
    Text,
}

/// Where a key goes that is pressed now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::editor) struct Focus {
    /// What has the focus.
    pub on: On,
    /// Whether a menu, a list or a dialog is open.
    pub is_open: bool,
    /// Whether some text is selected that cannot be edited.
    pub selects: bool,
    /// Whether the page Source is in front.
    pub in_source: bool,
    /// Whether the page of keys asks for the next key, whatever it is.
    pub is_asked: bool,
}

impl Focus {
    /// Nothing has it.
    pub const NOTHING: Self =
        Self { on: On::Nothing, is_open: false, selects: false, in_source: false, is_asked: false };

    /// Where it is at the end of a frame.
    pub fn of(context: &Context) -> Self {
        let focused = context.memory(|memory| memory.focused());
        let on = match focused {
            None => On::Nothing,
            Some(_) if context.text_edit_focused() => On::Text,
            Some(id) if played::is_played(context, id) => On::Piano,
            Some(_) => On::Control,
        };
        let is_modal = context.memory(|memory| !memory.allows_interaction(LayerId::background()));
        let selects = context.plugin::<LabelSelectionState>().lock().has_selection();
        let [in_source, is_asked] =
            [in_source(), asked()].map(|place| context.data(|data| data.get_temp(place)) == Some(true));
        Self { on, is_open: is_modal || context.any_popup_open(), selects, in_source, is_asked }
    }

    /// Whether text is typed.
    pub fn is_text(self) -> bool {
        self.on == On::Text
    }
}

/// Under this egui remembers whether the page of keys asks for a key.
fn asked() -> Id {
    Id::unique("a key is asked for")
}

/// Under this egui remembers whether the page Source is in front.
fn in_source() -> Id {
    Id::unique("the page Source is in front")
}

/// Says whether it is.
pub(super) fn set_in_source(context: &Context, is_it: bool) {
    context.data_mut(|data| data.insert_temp(in_source(), is_it));
}

/// Says whether it does.
pub(super) fn set_asked(context: &Context, is_asked: bool) {
    context.data_mut(|data| data.insert_temp(asked(), is_asked));
}
