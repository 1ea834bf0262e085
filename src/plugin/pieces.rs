//! Pieces as the user has them: files, their changes, folders that moved, and what a piece may do.

pub mod choice;
pub mod files;
pub mod images;
pub mod instrument_names;
pub mod language;
pub mod limits;
pub mod moved;
pub mod note_names;
pub mod plan;
pub mod sounds;
pub mod trust;
pub mod watch;
pub mod which;
pub mod wishes;
