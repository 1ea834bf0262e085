//! The project's commands (`cargo xtask …`), and the headless CLAP host that renders pieces and that
//! the project's tests use.
//!
//! This crate does not depend on the plugin: it builds the plugin with cargo, bundles it, and loads
//! the bundle through the CLAP interface, as any host does.
//!
//! For tests: [`bundle::dev_bundle`] gives the plugin under test, [`host::Host`] loads it,
//! [`host::Instance`] plays it block by block, [`session::Session`] makes a state with a piece in
//! it, and [`render::render`] does all of that at once.

#[cfg(target_os = "linux")]
pub mod bench;
pub mod bundle;
pub mod canvas;
pub mod demo;
pub mod host;
pub mod install;
pub mod midi;
pub mod picture;
pub mod render;
pub mod run;
#[cfg(target_os = "linux")]
pub mod screen;
#[cfg(target_os = "linux")]
pub mod screenshot;
pub mod session;
pub mod setup;
pub mod test;
pub mod vstpreset;
pub mod wav;
