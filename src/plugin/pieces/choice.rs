//! By which Csound an instance performs: the user's choice, and what *Auto* has come to. Pure.

use std::fmt;

use csound_performance::Generation;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

/// The word for [`Choice::Auto`] in a session.
const AUTO: &str = "auto";

/// Characters of what makes no sense, as it is told.
const LONGEST_TOLD: usize = 40;

/// A generation as a session names it.
#[derive(Clone, Debug, PartialEq)]
pub enum Named {
    /// One that is known.
    Known(Generation),
    /// One of a later version, or nonsense: it is kept as it is.
    Unknown(Value),
}

/// By which Csound an instance performs.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Choice {
    /// What the piece asks for, else the newest that is installed when a piece is opened.
    #[default]
    Auto,
    /// This one, whatever the piece says.
    Always(Named),
}

impl Named {
    /// The generation, if it is known.
    pub fn known(&self) -> Option<Generation> {
        match self {
            Self::Known(generation) => Some(*generation),
            Self::Unknown(_) => None,
        }
    }

    fn of(value: Value) -> Self {
        let number = match &value {
            Value::String(text) => text.trim().parse().ok(),
            other => other.as_f64(),
        };
        let generation = Generation::ALL.into_iter().find(|known| Some(f64::from(known.number())) == number);
        generation.map_or(Self::Unknown(value), Self::Known)
    }

    fn value(&self) -> Value {
        match self {
            Self::Known(generation) => generation.number().into(),
            Self::Unknown(value) => value.clone(),
        }
    }
}

impl From<Generation> for Named {
    fn from(generation: Generation) -> Self {
        Self::Known(generation)
    }
}

impl fmt::Display for Named {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Known(generation) => generation.fmt(formatter),
            Self::Unknown(value) => {
                let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                let is_long = text.chars().count() > LONGEST_TOLD;
                let told: String =
                    text.chars().filter(|letter| !letter.is_control()).take(LONGEST_TOLD).collect();
                write!(formatter, "Csound {told}{}", if is_long { "…" } else { "" })
            }
        }
    }
}

impl Choice {
    /// What a session of before there was a choice performs by.
    pub fn of_the_first_version() -> Self {
        Self::Always(Generation::Six.into())
    }

    /// The choices that the setting offers, in its order.
    pub fn offered(index: usize) -> Self {
        match index {
            1 => Self::Always(Generation::Six.into()),
            2 => Self::Always(Generation::Seven.into()),
            _ => Self::Auto,
        }
    }

    /// Its place among those, or less than the first.
    pub fn index(&self) -> Option<usize> {
        match self {
            Self::Auto => Some(0),
            Self::Always(Named::Known(Generation::Six)) => Some(1),
            Self::Always(Named::Known(Generation::Seven)) => Some(2),
            Self::Always(Named::Unknown(_)) => None,
        }
    }
}

impl Serialize for Named {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.value().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Named {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self::of(Value::deserialize(deserializer)?))
    }
}

impl Serialize for Choice {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Auto => AUTO.serialize(serializer),
            Self::Always(named) => named.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Choice {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match Value::deserialize(deserializer)? {
            Value::Null => Self::of_the_first_version(),
            Value::String(text) if text.eq_ignore_ascii_case(AUTO) => Self::Auto,
            value => Self::Always(Named::of(value)),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::plugin::session::Session;

    fn read(value: Value) -> Session {
        Session::read(&json!({ "version": 1, "csound": value }).to_string()).unwrap()
    }

    #[test]
    fn a_session_without_the_word_performs_by_csound_6_and_a_new_instance_by_auto() {
        let first = Session::read(r#"{"version":1}"#).unwrap();
        assert_eq!(first.csound, Choice::Always(Generation::Six.into()));
        assert_eq!(Session::default().csound, Choice::Auto);
        assert_eq!(Session::default().csound_of_auto, None);
        assert_eq!(read(Value::Null).csound, first.csound);
    }

    #[test]
    fn each_choice_is_written_and_read_back() {
        for (value, choice, index) in [
            (json!("auto"), Choice::Auto, 0),
            (json!("Auto"), Choice::Auto, 0),
            (json!(6), Choice::Always(Generation::Six.into()), 1),
            (json!("6"), Choice::Always(Generation::Six.into()), 1),
            (json!(7.0), Choice::Always(Generation::Seven.into()), 2),
        ] {
            let session = read(value.clone());
            assert_eq!((&session.csound, session.csound.index()), (&choice, Some(index)), "{value}");
            assert_eq!(Choice::offered(index), choice);
            assert_eq!(Session::read(&session.write()).unwrap(), session);
        }
        let session = Session { csound_of_auto: Some(Generation::Seven.into()), ..Session::default() };
        assert_eq!(Session::read(&session.write()).unwrap(), session);
    }

    #[test]
    fn what_no_version_knows_yet_is_kept_as_it_is_and_told_in_few_words() {
        let long = "x".repeat(100_000);
        for value in
            [json!(8), json!(-1), json!(6.5), json!(""), json!("seven"), json!({ "a": [1] }), json!(long)]
        {
            let session = read(value.clone());
            assert_eq!(session.csound, Choice::Always(Named::Unknown(value.clone())));
            let Choice::Always(named) = &session.csound else { unreachable!() };
            assert_eq!((named.known(), session.csound.index()), (None, None));
            assert!(named.to_string().chars().count() < 60, "{named}");
            let written: Value = serde_json::from_str(&session.write()).unwrap();
            assert_eq!(written["csound"], value);
        }
        assert_eq!(Named::Unknown(json!(8)).to_string(), "Csound 8");
    }
}
