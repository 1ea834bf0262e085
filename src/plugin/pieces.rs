//! Pieces as the user has them: files, their changes, folders that moved, and what a piece may do.

pub mod files;
pub mod limits;
pub mod moved;
pub mod plan;
pub mod trust;
pub mod watch;
pub mod wishes;
