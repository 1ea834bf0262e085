//! Performances: the host's driver and the performance thread, each over an engine in this process and over one
//! in a process of its own, and the reference that the thread is compared with.

#[path = "../common/allocation.rs"]
mod allocation;
mod blocks;
mod calls;
mod calls_in_blocks;
#[path = "calls_in_blocks.rs"]
#[allow(clippy::duplicate_mod, reason = "the same over the pipelined timing")]
mod calls_pipelined;
#[path = "../common/mod.rs"]
mod common;
mod defects;
#[cfg(target_os = "linux")]
#[allow(clippy::duplicate_mod, reason = "its modules are those here, and look at their own path")]
mod isolated;
mod pipelined;
mod reference;
mod thread;
mod thread_bench;

#[test]
fn everything_here_holds_over_csound_7() {
    let but = [
        // The reference for each Csound is a test there.
        "reference::",
    ];
    if test_host::testing::again_over_csound_7(&but) {
        assert_eq!(csound_library::Library::get().unwrap().generation(), csound_library::Generation::Seven);
    }
}
