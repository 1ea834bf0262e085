//! The guard against allocation, and that it works.

use std::process::Command;

use nice_assert_no_alloc::{AllocDisabler, assert_no_alloc};

/// What the plugin shell brings along in the plugin.
#[global_allocator]
static GUARD: AllocDisabler = AllocDisabler;

#[test]
fn the_guard_against_allocation_works() {
    if std::env::var_os("CSOUND_PERFORMER_TEST_ALLOCATE").is_some() {
        assert_no_alloc(|| std::hint::black_box(vec![1_u8; 100]));
        return;
    }
    let said = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", std::thread::current().name().unwrap()])
        .env("CSOUND_PERFORMER_TEST_ALLOCATE", "1")
        .output()
        .unwrap();
    assert!(!said.status.success(), "an allocation went unnoticed: the other tests prove nothing");
}
