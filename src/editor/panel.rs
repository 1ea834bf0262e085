//! The piece's controls and its keyboard.

pub(super) mod alone;
pub(super) mod channels;
pub(super) mod keyboard;

mod control;
mod layout;
mod outlets;
mod paint;
mod plain;
mod room;
mod signal;
mod sound;
mod table;
mod textures;
mod thin;
mod turned;

pub(super) use control::show_range;
