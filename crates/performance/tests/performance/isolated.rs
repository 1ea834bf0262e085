//! The same tests over an engine in a process of its own.

#[path = "blocks.rs"]
mod blocks;
#[path = "calls.rs"]
mod calls;
#[path = "calls_in_blocks.rs"]
mod calls_in_blocks;
#[path = "calls_in_blocks.rs"]
mod calls_pipelined;
#[path = "defects.rs"]
mod defects;
#[path = "pipelined.rs"]
mod pipelined;
#[path = "thread.rs"]
mod thread;
#[path = "thread_bench.rs"]
mod thread_bench;
