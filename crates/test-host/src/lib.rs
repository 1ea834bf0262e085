//! The headless CLAP host that renders pieces: what tests, benchmarks and the project's commands share.
//!
//! This crate does not depend on the plugin: it builds it with cargo, lays out the bundles, and loads them
//! through the CLAP interface, as any host does.
//!
//! For tests: [`bundle::dev_bundle`] gives the plugin under test, [`host::Host`] loads it,
//! [`host::Instance`] plays it block by block, [`session::Session`] makes a state with a piece in it, and
//! [`render::render`] does all of that at once, and [`compare`] holds its sound against the csound command's. [`tools`] says which tools are missing.

pub mod bundle;
pub mod compare;
#[cfg(target_os = "linux")]
pub mod hands;
pub mod host;
#[cfg(target_os = "linux")]
pub mod measure;
pub mod midi;
#[cfg(target_os = "linux")]
pub mod processes;
pub mod project;
pub mod render;
#[cfg(target_os = "linux")]
pub mod screen;
pub mod session;
pub mod testing;
pub mod tools;
pub mod vstpreset;
pub mod wav;
