//! The channels of a piece for show: set, and given other ranges.

use super::stage::Stage;
use crate::editor::model::{Channel, Widget};
use crate::range::{EditedRange, Range};

impl Stage {
    /// A parameter goes to a position, 0 to 1.
    pub(super) fn set(&mut self, index: usize, position: f64) {
        let found = self.view.channels.iter().position(|channel| channel.parameter == Some(index));
        if let Some(index) = found {
            self.view.values[index] = self.view.channels[index].range.to_value(position);
        }
    }

    /// A channel without a parameter is set.
    pub(super) fn set_by_name(&mut self, name: &str, value: f64) {
        let named =
            |channel: &Channel| channel.name == name && channel.parameter.is_none() && !channel.is_output;
        if let Some(index) = self.view.channels.iter().position(named) {
            self.view.values[index] = value;
        }
    }

    /// A string channel is set.
    pub(super) fn set_text(&mut self, name: &str, text: String) {
        let mut channels = self.view.channels.to_vec();
        if let Some(channel) = channels.iter_mut().find(|channel| channel.name == name) {
            channel.text = Some(text);
        }
        self.view.channels = channels.into();
    }

    /// A channel gets another range, or the piece's own again; its value stays, brought into it.
    pub(super) fn edit_range(&mut self, name: &str, edited: Option<&EditedRange>) {
        let mut channels = self.view.channels.to_vec();
        let is_it = |channel: &Channel| channel.name == name && !channel.is_output && channel.text.is_none();
        let Some(index) = channels.iter().position(is_it) else {
            self.refuse_range(name, "the piece has no such channel to be set");
            return;
        };
        let channel = &mut channels[index];
        if !channel.range.is_editable() || channel.widget == Widget::Choice {
            self.refuse_range(name, "it is a choice: its values are its items");
            return;
        }
        let own: Range = channel.own_range.take().unwrap_or_else(|| channel.range.clone());
        channel.range = edited.map_or_else(|| own.clone(), |edited| edited.over(&own));
        channel.own_range = Some(own).filter(|own| *own != channel.range);
        self.view.values[index] = channel.range.scale.nearest(self.view.values[index]);
        self.view.channels = channels.into();
    }

    fn refuse_range(&mut self, name: &str, why: &str) {
        self.view.refused = Some(format!("the range of {name} stays as it is: {why}"));
    }
}
