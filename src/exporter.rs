//! The exporter: makes a piece a plugin of its own, by copies of files and a manifest (see [`csound_export`]). One piece
//! of code for `csound-performer-engine export`, which hands its words to this library, for `cargo xtask export`,
//! which starts that program, and for the editor, whose control thread asks for it.
//!
//! Reading order: `request.rs`, then `making.rs`, which does everything in its order: who the plugin is (`who.rs`), which
//! files the piece names (`files.rs`), in places that are not `taken.rs`, and opens in a trial performance (`trial.rs`), its parameters and their keys
//! (`parameters.rs`, `ids.rs`), its buses (`buses.rs`). What is missing is told then, before anything is written. The
//! folders are put together beside their place (`stage.rs`), with a Csound where one is to be inside (`making/inside.rs`),
//! performed once more as they lie there, alone, and moved to their place at the end.

mod buses;
pub mod command;
mod files;
mod gather;
mod ids;
mod installed;
mod kind;
mod making;
mod parameters;
mod picture;
mod request;
mod stage;
mod taken;
mod trial;
mod who;

pub use gather::{copy_files, gather};
pub use installed::installed;
pub use making::{Prepared, export, prepare};
pub use request::{Done, Installed, Request};
