//! Engines in processes of their own.
//!
//! Reading order: [`wire`] (a turn in shared memory), [`protocol`] (what else is said), `platform` (what
//! both need of the system), `remote` (the host's side), `serve` and `sandbox` (the engine program's), `nursery`
//! (a process that engines are forked from; both sides of it).

#[cfg(target_os = "linux")]
mod folder;
#[cfg(target_os = "linux")]
pub(crate) mod nursery;
#[cfg(target_os = "linux")]
pub mod platform;
pub mod protocol;
#[cfg(target_os = "linux")]
mod reading;
#[cfg(target_os = "linux")]
pub mod remote;
#[cfg(target_os = "linux")]
pub(crate) mod sandbox;
#[cfg(target_os = "linux")]
pub mod serve;
pub mod wire;
