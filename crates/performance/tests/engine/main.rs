//! Engines in processes of their own: what they perform, what they may do, which opcode libraries they load.
#![cfg(target_os = "linux")]

mod activity;
mod alike;
#[path = "../common/allocation.rs"]
mod allocation;
#[path = "../common/mod.rs"]
mod common;
mod confinement;
mod descriptors;
mod files;
mod language_of_seven;
mod late;
mod long_turns;
mod nursery;
mod opcode_libraries;
mod process;
mod seven;

use std::sync::Mutex;

/// Those that run the others again do it one after another.
static IN_TURN: Mutex<()> = Mutex::new(());

/// How an engine starts makes no difference to what it may do and how it ends.
#[test]
fn what_is_said_of_engines_holds_when_they_are_started_as_programs() {
    let _in_turn = IN_TURN.lock();
    test_host::testing::again_with(
        "CSOUND_PERFORMER_NURSERY",
        "off",
        &["confinement::", "late::", "process::"],
    );
}

#[test]
fn everything_else_here_holds_over_csound_7() {
    let _in_turn = IN_TURN.lock();
    let but = [
        // They choose the Csound themselves.
        "language_of_seven::",
        "opcode_libraries::",
        "seven::",
    ];
    if test_host::testing::again_over_csound_7(&but) {
        assert_eq!(csound_library::Library::get().unwrap().generation(), csound_library::Generation::Seven);
    }
}
