//! What a place of the bank drives: a channel with its range, which is the piece's or what the user has made of it.

use crate::plugin::session::SavedChannel;
use crate::range::{EditedRange, Range, Scale};

/// What a place drives.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Entry {
    pub name: Option<String>,
    pub range: Range,
    /// Whether the range is the piece's own.
    pub from_piece: bool,
    /// Whether the present piece has the channel, as far as is known.
    pub is_present: bool,
    /// The piece's own range, where `range` is another one and the piece has told.
    pub own: Option<Range>,
    /// The unit, where the user has given another than the piece's.
    unit: Option<String>,
}

/// Why a channel's range cannot be edited.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotEditable {
    /// There is no such channel, or the piece alone writes it.
    #[error("the piece has no such channel to be set")]
    Unknown,
    /// It is a choice or a switch.
    #[error("it is a choice: its values are its items")]
    Choice,
    /// It is an exported plugin's parameter.
    #[error("it is a parameter of this plugin, which was made with its range")]
    Fixed,
}

impl Entry {
    /// A channel of the present piece, as that has it.
    pub fn of_piece(name: &str, range: &Range) -> Self {
        let (name, range) = (Some(name.to_owned()), range.clone());
        Self { name, range, from_piece: true, is_present: true, ..Self::default() }
    }

    /// A channel that stays as it is.
    pub fn fixed(name: &str, range: &Range) -> Self {
        Self { from_piece: false, ..Self::of_piece(name, range) }
    }

    /// A channel of a saved session. The piece is yet to tell what it knows of it.
    pub fn saved(channel: &SavedChannel) -> Self {
        let scale = Scale::new(channel.kind, channel.min, channel.max)
            .with_skew(channel.skew)
            .with_step(channel.step);
        // A session may say anything.
        let is_unit = |unit: &String| !channel.from_piece && EditedRange::is_unit(unit);
        let unit = channel.unit.clone().filter(is_unit);
        let range = Range { unit: unit.clone().unwrap_or_default(), ..Range::new(scale, scale.minimum()) };
        let from_piece = channel.from_piece;
        Self { name: Some(channel.name.clone()), range, from_piece, is_present: true, own: None, unit }
    }

    /// As a session keeps it, at a place from 0.
    pub fn save(&self, index: usize, name: String, value: Option<f64>) -> SavedChannel {
        let scale = &self.range.scale;
        SavedChannel {
            place: index + 1,
            name,
            min: scale.minimum(),
            max: scale.maximum(),
            skew: scale.skew(),
            step: scale.step(),
            kind: scale.kind(),
            from_piece: self.from_piece,
            unit: self.unit.clone(),
            value,
        }
    }

    /// Whether it is this channel of the present piece.
    pub fn is_of(&self, name: &str) -> bool {
        self.is_present && self.name.as_deref() == Some(name)
    }

    /// The piece has this range for the channel. One that was edited stays, with the piece's words where the user has
    /// given none; but a choice has the ends of its items.
    pub fn follow(&mut self, own: &Range) {
        let is_as_piece_says = self.range.scale == own.scale && self.unit.is_none();
        if self.from_piece || is_as_piece_says || !own.is_editable() {
            *self = Self::of_piece(self.name.as_deref().unwrap_or_default(), own);
            return;
        }
        let unit = self.unit.clone().unwrap_or_else(|| own.unit.clone());
        self.range = Range { unit, prefix: own.prefix.clone(), ..Range::new(self.range.scale, own.default) };
        self.own = Some(own.clone());
    }

    /// The piece gives the channel another range while it performs: whether that is the channel's now. One that was
    /// edited stays.
    pub fn change(&mut self, range: &Range) -> bool {
        let default = self.own.as_ref().unwrap_or(&self.range).default;
        let own = Range { default, ..range.clone() };
        if !self.from_piece {
            self.own = self.own.is_some().then_some(own);
            return false;
        }
        let is_same = (&self.range.scale, &self.range.items) == (&range.scale, &range.items);
        if !is_same {
            self.range = own;
        }
        !is_same
    }

    /// The user gives the channel a range, or the piece's own again.
    pub fn edit(&mut self, edited: Option<&EditedRange>) {
        let own = if self.from_piece { Some(self.range.clone()) } else { self.own.take() };
        let base = own.clone().unwrap_or_else(|| self.range.clone());
        let range = edited.map_or_else(|| base.clone(), |edited| edited.over(&base));
        self.from_piece = edited.is_none() || (own.is_some() && range == base);
        self.unit = (!self.from_piece && range.unit != base.unit).then(|| range.unit.clone());
        self.own = own.filter(|_| !self.from_piece);
        self.range = range;
    }

    /// What was set for the piece before is forgotten, and so what was edited.
    pub fn forget_edit(&mut self) {
        self.edit(None);
    }
}
