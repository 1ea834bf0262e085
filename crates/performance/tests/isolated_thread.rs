//! The tests of the performance thread, over an engine in a process of its own.
#![cfg(target_os = "linux")]

#[path = "performance_thread.rs"]
mod cases;
