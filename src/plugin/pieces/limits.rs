//! Limits that the user sets: how long a piece may take to compile. Kept in the user's configuration
//! (`limits.json`), never in a session, which comes from anywhere.

use std::io;
use std::time::Duration;

use serde::Deserialize;

use crate::plugin::pieces::files::read_bounded;

/// Seconds that a piece may take to compile and start, where the user has not said otherwise: hundreds of
/// times what most pieces take.
pub const USUAL_COMPILE_SECONDS: f64 = 10.0;

/// The longest configuration that is read, in bytes.
const LONGEST: u64 = 1 << 16;

/// The least and the most that it can be, in seconds.
const COMPILE_SECONDS: (f64, f64) = (0.1, 600.0);

/// What the user has set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize)]
pub struct Limits {
    /// Seconds that a piece may take to compile and start, 0.1 to 600.
    #[serde(default)]
    pub compile_seconds: Option<f64>,
}

impl Limits {
    /// What the user's configuration says; nothing where there is none.
    ///
    /// # Errors
    /// The file cannot be read, or is damaged.
    pub fn read() -> io::Result<Self> {
        let file = dirs::config_dir().map(|folder| folder.join("csound-performer").join("limits.json"));
        match file.map(|file| read_bounded(&file, LONGEST)) {
            Some(Ok(text)) => serde_json::from_slice(&text).map_err(io::Error::other),
            Some(Err(error)) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(Self::default()),
        }
    }

    /// How long a piece may take. A session asks for so many seconds: fewer than usual are its own matter,
    /// more are the user's word alone.
    pub fn compile(&self, asked: f64) -> Duration {
        let (least, most) = COMPILE_SECONDS;
        let set = self.compile_seconds.filter(|seconds| seconds.is_finite()).unwrap_or(USUAL_COMPILE_SECONDS);
        let seconds = if asked < USUAL_COMPILE_SECONDS { set.min(asked) } else { set };
        Duration::from_secs_f64(seconds.clamp(least, most))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_can_only_ask_for_less_and_the_user_decides() {
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
        let patient = Limits { compile_seconds: Some(60.0) };
        assert_eq!(seconds(patient, 10.0), 60.0);
        assert_eq!(seconds(patient, 600.0), 60.0);
        assert_eq!(seconds(patient, 2.0), 2.0);
        assert_eq!(seconds(Limits { compile_seconds: Some(3.0) }, 5.0), 3.0);
        assert_eq!(seconds(Limits { compile_seconds: Some(1e9) }, 10.0), 600.0);
        assert_eq!(seconds(Limits { compile_seconds: Some(f64::NAN) }, 10.0), 10.0);
    }
}
