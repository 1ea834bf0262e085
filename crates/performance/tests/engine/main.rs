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
mod seven;

/// Two files choose between the generations themselves, and what opcodes do with files is compared with the csound
/// command of 6.
#[test]
fn everything_else_here_holds_over_csound_7() {
    if test_host::testing::again_over_csound_7(&[
        "opcode_libraries::",
        "seven::",
        "what_reads_and_writes_files",
    ]) {
        assert_eq!(csound_library::Library::get().unwrap().generation(), csound_library::Generation::Seven);
    }
}
