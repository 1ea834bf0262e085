//! Text that reaches Csound while a piece performs, read before Csound reads it. Pure.
//!
//! Csound's own readers trust what they read. Csound 6.18 ends its process on an unterminated string
//! in a line event, on an unterminated comment, an unfinished `[` or a stray `}` in a score, on
//! some `np`, and on a line of an orchestra that ends with `=`, divides by zero or has constants that come to no finite
//! number. So the checks
//! here accept what is known to be good rather than refuse what is known to be bad:
//!
//! - [`line_event`] for one event, as `csoundInputMessage` takes it: numbers and strings only;
//! - [`check_score`] for a score, as `csoundReadScore` takes it: with expressions and loops;
//! - [`check_orchestra`] for instruments, as `csoundCompileOrc` takes them.
//!
//! Csound 7.00 is hardier, and yet ends on some of that and on more: what takes either down is refused for both, but
//! for strings of events, which 6 leaves alone: `ends_csound_7`.

mod constants;
mod error;
mod event;
pub(super) mod input;
mod limits;
mod orchestra;
mod score;

pub use error::{TextError, TextPlace};
pub(crate) use event::ends_csound_7;

use event::read_event;
use orchestra::read_orchestra;
use score::read_score;

/// Checks one line of score text, as for `csound -L`.
///
/// # Errors
/// [`TextError`], with the place and what to do.
pub fn check_score_line(text: &str) -> Result<(), TextError> {
    line_event(text).map(drop)
}

/// Checks one line of score text, as for `csound -L`, and returns what `csoundInputMessage` should
/// get: the line without the blanks around it and without comments, which Csound 6.18 refuses there.
///
/// # Errors
/// [`TextError`], with the place and what to do.
pub fn line_event(text: &str) -> Result<String, TextError> {
    read_event(text).map_err(|error| error.within(text))
}

/// Checks a score for a performance that is going on: events, expressions in `[ ]`, ramps, carries
/// and `{ }` loops. Tempo, sections, repeats, marks and macros of one's own belong in a piece's
/// score and are refused: live they do nothing, or too much.
///
/// # Errors
/// [`TextError`], with the place and what to do.
pub fn check_score(text: &str) -> Result<(), TextError> {
    read_score(text).map_err(|error| error.within(text))
}

/// Checks an orchestra for a performance that is going on: strings, comments and brackets closed, no
/// directives, no constants that are divided by zero or come to no finite number. Whether it compiles, Csound says.
///
/// # Errors
/// [`TextError`], with the place and what to do.
pub fn check_orchestra(text: &str) -> Result<(), TextError> {
    read_orchestra(text).map_err(|error| error.within(text))
}

#[cfg(test)]
mod tests;
