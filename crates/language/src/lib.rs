//! Csound's text as an editor reads it. No window, no files and no Csound: text in, answers out, so that everything here
//! is tested by itself and costs a part of a frame.
//!
//! Nothing here decides what is right. Csound does, when the text is applied; what is said before is said only where it
//! is certain, in the language of Csound 6 and in that of Csound 7.
//!
//! Reading order: [`highlight`] (lines and their words), [`parse`] (statements), [`piece`] (what the lines define),
//! [`opcodes`] (what Csound has), then what is made of them: [`help`], [`mistakes`], and [`edit`].

pub mod edit;
pub mod help;
pub mod highlight;
pub mod language;
pub mod manual;
pub mod mistakes;
pub mod opcodes;
pub mod parse;
pub mod piece;
pub mod rates;

pub use highlight::{Highlighter, Token};
pub use language::Language;
