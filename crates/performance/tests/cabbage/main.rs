//! Cabbage's opcodes and `identchannel`, in engines of either kind, over Csound 6 and again over Csound 7.
#![cfg(target_os = "linux")]

#[path = "../common/allocation.rs"]
mod allocation;
#[path = "../common/mod.rs"]
mod common;
mod displays;
mod files;
mod identifiers;
mod json;
mod rows;
mod state;
mod subject;
mod table;
mod tables;
mod upward;
mod values;

/// A process loads one Csound.
#[test]
fn everything_here_holds_over_csound_7() {
    if test_host::testing::again_over_csound_7(&[]) {
        assert_eq!(csound_library::Library::get().unwrap().generation(), csound_library::Generation::Seven);
    }
}
