//! Limits that the user sets: how long a piece may take to compile, and to get on in an offline render, and whether
//! his own options for Csound reach pieces that he does not trust. Kept in the user's configuration
//! (`limits.json`), never in a session, which comes from anywhere.

use std::io;
use std::time::Duration;

use serde::Deserialize;

use crate::plugin::pieces::files::{config_file, read_bounded};

/// Seconds that a piece may take to compile and start, where the user has not said otherwise: hundreds of
/// times what most pieces take.
pub const USUAL_COMPILE_SECONDS: f64 = 10.0;

/// The longest configuration that is read, in bytes.
const LONGEST: u64 = 1 << 16;

/// The least and the most that either can be, in seconds.
const SECONDS: (f64, f64) = (0.1, 600.0);

/// Seconds that an offline render waits for a piece that does not get on, where the user has not said otherwise.
const USUAL_HANG_SECONDS: f64 = 30.0;

/// What the user has set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize)]
pub struct Limits {
    /// Seconds that a piece may take to compile and start, 0.1 to 600.
    #[serde(default)]
    pub compile_seconds: Option<f64>,
    /// Seconds that an offline render waits for a piece that does not get on, 0.1 to 600.
    #[serde(default)]
    pub hang_seconds: Option<f64>,
    /// True if pieces that are not trusted get the user's own options for Csound as well (`.csound6rc`,
    /// `.csound7rc`), as far as a piece may set them.
    #[serde(default)]
    pub resource_files: bool,
}

impl Limits {
    /// What the user's configuration says; nothing where there is none.
    ///
    /// # Errors
    /// The file cannot be read, or is damaged.
    pub fn read() -> io::Result<Self> {
        match config_file("limits.json").map(|file| read_bounded(&file, LONGEST)) {
            Some(Ok(text)) => serde_json::from_slice(&text).map_err(io::Error::other),
            Some(Err(error)) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(Self::default()),
        }
    }

    /// How long a piece may take. A session asks for so many seconds: fewer than usual are its own matter,
    /// more are the user's word alone.
    pub fn compile(&self, asked: f64) -> Duration {
        let (least, most) = SECONDS;
        let set = self.compile_seconds.filter(|seconds| seconds.is_finite()).unwrap_or(USUAL_COMPILE_SECONDS);
        let seconds = if asked < USUAL_COMPILE_SECONDS { set.min(asked) } else { set };
        Duration::from_secs_f64(seconds.clamp(least, most))
    }

    /// How long an offline render waits for a piece that does not get on. No session has a say in it.
    pub fn hang(&self) -> Duration {
        let (least, most) = SECONDS;
        let set = self.hang_seconds.filter(|seconds| seconds.is_finite()).unwrap_or(USUAL_HANG_SECONDS);
        Duration::from_secs_f64(set.clamp(least, most))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_can_only_ask_for_less_and_the_user_decides() {
        let limits = |compile| Limits { compile_seconds: Some(compile), ..Limits::default() };
        let seconds = |limits: Limits, asked| limits.compile(asked).as_secs_f64();
        let nothing = Limits::default();
        for (asked, given) in [
            (10.0, 10.0),
            (2.0, 2.0),
            (600.0, 10.0),
            (1e308, 10.0),
            (f64::INFINITY, 10.0),
            (f64::NAN, 10.0),
            (f64::NEG_INFINITY, 0.1),
            (-5.0, 0.1),
            (0.0, 0.1),
        ] {
            assert_eq!(seconds(nothing, asked), given, "{asked}");
        }
        let patient = limits(60.0);
        assert_eq!(seconds(patient, 10.0), 60.0);
        assert_eq!(seconds(patient, 600.0), 60.0);
        assert_eq!(seconds(patient, 2.0), 2.0);
        assert_eq!(seconds(limits(3.0), 5.0), 3.0);
        assert_eq!(seconds(limits(1e9), 10.0), 600.0);
        assert_eq!(seconds(limits(f64::NAN), 10.0), 10.0);
    }

    #[test]
    fn a_hang_is_waited_for_as_long_as_the_user_says() {
        let seconds = |set| Limits { hang_seconds: set, ..Limits::default() }.hang().as_secs_f64();
        for (set, given) in [
            (None, 30.0),
            (Some(5.0), 5.0),
            (Some(0.0), 0.1),
            (Some(1e9), 600.0),
            (Some(f64::NAN), 30.0),
            (Some(f64::INFINITY), 30.0),
        ] {
            assert_eq!(seconds(set), given, "{set:?}");
        }
    }

    #[test]
    fn the_users_options_reach_no_piece_unless_he_says_so() {
        let read = |text| serde_json::from_str::<Limits>(text).unwrap().resource_files;
        assert_eq!((read("{}"), read("{\"compile_seconds\": 20}")), (false, false));
        assert!(read("{\"resource_files\": true}"));
    }
}
