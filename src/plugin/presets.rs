//! Presets of a piece: its channels, its event slots and how it is started, under a name, in a file each.
//!
//! [`preset`] is the format, [`snaps`] reads Cabbage's, [`shelf`] knows the folders and writes, [`fit`] says what
//! of a preset the present piece can take, and [`desk`] is what an instance remembers of them. All of it runs on
//! threads that may wait for a disk; the audio thread hears of a preset by the channel bank alone.

mod bounds;
pub mod desk;
pub mod fit;
pub mod index;
pub mod preset;
pub mod shelf;
pub mod snaps;
