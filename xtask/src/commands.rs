//! One command a file.

#[cfg(target_os = "linux")]
pub mod bench;
pub mod bundle;
pub mod compare;
pub mod demo;
#[cfg(target_os = "linux")]
pub mod dist;
#[cfg(target_os = "linux")]
pub mod export;
pub mod install;
pub mod render;
pub mod run;
#[cfg(target_os = "linux")]
pub mod screenshot;
pub mod setup;
pub mod test;
