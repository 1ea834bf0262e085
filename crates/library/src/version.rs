//! Csound's generations: the two lines of releases that are played, and what tells them apart.

use std::ffi::{CStr, c_int};
use std::fmt;

/// The oldest Csound 6 that is used, as `csoundGetVersion` gives it: 6.15. The API header is the same
/// from 6.15 to 6.18 in all that the table uses, as is the structure of a string. The tests run on 6.18.
const OLDEST_SIX: c_int = 6150;

/// The first Csound 7. The tests run on 7.0.
const OLDEST_SEVEN: c_int = 7000;

/// The first version whose API nobody knows yet.
const TOO_NEW: c_int = 8000;

/// A generation of Csound. The two share a language and most of their opcodes; some opcodes sound
/// different in nearly every sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub enum Generation {
    /// Csound 6, from 6.15 on.
    Six,
    /// Csound 7.
    Seven,
}

impl Generation {
    /// Both, the older one first.
    pub const ALL: [Self; 2] = [Self::Six, Self::Seven];

    /// Its number: 6 or 7.
    pub fn number(self) -> u8 {
        match self {
            Self::Six => 6,
            Self::Seven => 7,
        }
    }

    /// The generation of this number.
    pub fn of_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|generation| generation.number() == number)
    }

    /// The generation of a version as `csoundGetVersion` gives it, or why it is not used.
    pub(crate) fn of_version(version: c_int) -> Result<Self, &'static str> {
        match version {
            ..OLDEST_SIX => Err("too old: 6.15 or later is needed"),
            OLDEST_SIX..OLDEST_SEVEN => Ok(Self::Six),
            OLDEST_SEVEN..TOO_NEW => Ok(Self::Seven),
            TOO_NEW.. => Err("whose API is another: Csound 6 or 7 is needed"),
        }
    }

    /// Csound's variable for the folder of its opcode libraries.
    pub(crate) fn opcode_variable(self) -> &'static CStr {
        match self {
            Self::Six => c"OPCODE6DIR64",
            Self::Seven => c"OPCODE7DIR64",
        }
    }

    /// The version in the names of its files and folders: of its API, not of the release.
    pub(crate) fn api(self) -> &'static str {
        match self {
            Self::Six => "6.0",
            Self::Seven => "7.0",
        }
    }

    /// A function that only this generation exports: what tells the file of one from that of the other.
    pub(crate) fn own_symbol(self) -> &'static str {
        match self {
            Self::Six => "csoundSetHostImplementedAudioIO",
            Self::Seven => "csoundSetHostAudioIO",
        }
    }
}

impl fmt::Display for Generation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Csound {}", self.number())
    }
}

/// A version as people write it: 6.18, 7.00.
pub(crate) fn display(version: c_int) -> String {
    format!("{}.{:02}", version / 1000, version / 10 % 100)
}

/// The same with the patch: 6.18.1.
pub(crate) fn display_whole(version: c_int) -> String {
    format!("{}.{}", display(version), version % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn csound_6_from_6_15_and_csound_7_are_used() {
        assert!(Generation::of_version(6149).unwrap_err().contains("too old"));
        assert_eq!(Generation::of_version(6150), Ok(Generation::Six));
        assert_eq!(Generation::of_version(6181), Ok(Generation::Six));
        assert_eq!(Generation::of_version(7000), Ok(Generation::Seven));
        assert_eq!(Generation::of_version(7123), Ok(Generation::Seven));
        assert!(Generation::of_version(8000).unwrap_err().contains("another"));
        assert_eq!((display(6181), display(7000)), ("6.18".into(), "7.00".into()));
        assert_eq!(display_whole(6181), "6.18.1");
    }

    #[test]
    fn a_generation_is_known_by_its_number() {
        for generation in Generation::ALL {
            assert_eq!(Generation::of_number(generation.number()), Some(generation));
        }
        assert_eq!(Generation::of_number(5), None);
    }
}
