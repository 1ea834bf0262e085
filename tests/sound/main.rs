//! What is heard: bit for bit as the csound command, at the right frame, and the same whichever way it is asked for.

#[path = "../common/mod.rs"]
mod common;
mod compare;
mod event_times;
mod oracle;
mod three_ways;
