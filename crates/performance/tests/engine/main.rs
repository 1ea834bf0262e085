//! Engines in processes of their own: what they perform, what they may do, which opcode libraries they load.
#![cfg(target_os = "linux")]

#[path = "../common/allocation.rs"]
mod allocation;
#[path = "../common/mod.rs"]
mod common;
mod confinement;
mod files;
mod opcode_libraries;
mod process;
