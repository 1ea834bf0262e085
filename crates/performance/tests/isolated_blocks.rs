//! The tests of the host's driver, over an engine in a process of its own.
#![cfg(target_os = "linux")]

#[path = "blocks.rs"]
mod cases;
