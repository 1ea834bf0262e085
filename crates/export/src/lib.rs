//! What an exported plugin is.
//!
//! A piece becomes a plugin of its own by copies of files: our libraries and the engine program, the piece with its
//! files, and a [`Manifest`] that says who the plugin is. The library that a host has loaded looks for the manifest
//! where it lies itself ([`manifest_places`]), so nothing is compiled and nothing patched:
//!
//! ```text
//! NAME/            NAME.clap, the engine program, plugin.json, the piece and its files
//! NAME.vst3/       Contents/<system>/ with the library and the engine program,
//!                  Contents/Resources/ with plugin.json, the piece and its files
//! ```
//!
//! The exporter writes a manifest ([`Manifest::write`]), the plugin reads it ([`Manifest::read`]); both hold it to the
//! same rules.

mod error;
mod ids;
mod keys;
mod manifest;
mod names;
mod places;
mod renames;
mod rules;

pub use error::ManifestError;
pub use ids::{LAST_KEY, class_id, numeric_id, parameter_id};
pub use keys::{Former, Keys, Known, KnownPlugins, assign};
pub use manifest::{
    Buses, FORMAT, Generation, Kind, LONGEST, Manifest, Parameter, RangeKind, Retired, ValueRange,
};
pub use names::{LONGEST_NAME, file_name, id_of_name};
pub use places::{MANIFEST, OWN_NAME, manifest_places};
pub use renames::Before;
pub use rules::{LONGEST_TEXT, MOST_ITEMS, MOST_PARAMETERS};
