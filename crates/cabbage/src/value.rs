//! Values of identifiers, and changes of them.

use serde::{Deserialize, Serialize};

/// A value of an identifier.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Value {
    /// A number.
    Number(f64),
    /// A text.
    Text(String),
}

/// The same, where it lies.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ValueRef<'a> {
    /// A number.
    Number(f64),
    /// A text.
    Text(&'a str),
}

impl ValueRef<'_> {
    /// The number that it is, or that its text says; 0 if it says none.
    pub fn number(self) -> f64 {
        match self {
            Self::Number(number) => number,
            Self::Text(text) => text.trim().parse().unwrap_or(0.0),
        }
    }

    /// A copy.
    pub fn to_value(self) -> Value {
        match self {
            Self::Number(number) => Value::Number(number),
            Self::Text(text) => Value::Text(text.to_owned()),
        }
    }
}

impl Value {
    /// The value where it lies.
    pub fn as_ref(&self) -> ValueRef<'_> {
        match self {
            Self::Number(number) => ValueRef::Number(*number),
            Self::Text(text) => ValueRef::Text(text),
        }
    }
}

impl From<f64> for Value {
    fn from(number: f64) -> Self {
        Self::Number(number)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

/// The name by which a piece knows a widget.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum WidgetName {
    /// Its channel.
    Channel(String),
    /// The channel by which it hears of new identifiers (`identchannel`), where it has no other.
    Ident(String),
    /// No widget: data of the piece's own, which the session keeps. The identifier is the key.
    State,
    /// No widget yet: the identifier is the kind of one to make, and its values are its identifiers as a text.
    New(u32),
    /// No widget: a function table of the piece by its number, which widgets show. Its values are its length, and what
    /// [`table::sketch`](crate::table::sketch) makes of it.
    Table(u32),
    /// No widget: a signal that the piece displays, by the name of its variable. The identifier and the values are
    /// those of [`signal`](crate::signal).
    Signal(String),
}

impl WidgetName {
    /// What tells the kinds apart in a store, and the name.
    pub(crate) fn parts(&self) -> (u8, &str, u32) {
        match self {
            Self::Channel(name) => (b'c', name, 0),
            Self::Ident(name) => (b'i', name, 0),
            Self::State => (b's', "", 0),
            Self::New(number) => (b'n', "", *number),
            Self::Table(number) => (b't', "", *number),
            Self::Signal(name) => (b'g', name, 0),
        }
    }
}

/// The new values of an identifier of a widget.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// The widget.
    pub widget: WidgetName,
    /// The identifier, in small letters.
    pub identifier: String,
    /// True if the values are a list, also where there is one of them.
    pub is_list: bool,
    /// The values.
    pub values: Vec<Value>,
}

impl Change {
    /// A change of a widget that is known by its channel.
    pub fn of(channel: &str, identifier: &str, values: impl IntoIterator<Item = Value>) -> Self {
        Self {
            widget: WidgetName::Channel(channel.to_owned()),
            identifier: identifier.to_owned(),
            is_list: false,
            values: values.into_iter().collect(),
        }
    }
}
