//! What the tests of this crate share.
#![allow(dead_code, unused_imports, reason = "each test program uses its part")]

#[cfg(target_os = "linux")]
pub mod engines;

use csound_library::{Generation, Library};
pub use test_host::testing::{Random, alone, csd, generation, onset, pieces};
pub use test_host::tools::{csound_7, csound_is_missing, is_forbidden, is_missing};

/// If libcsound is missing.
pub fn libcsound_is_missing() -> bool {
    is_missing("libcsound", Library::get().is_ok())
}

/// If there is nothing to compare with.
pub fn oracle_is_missing() -> bool {
    match generation() {
        Generation::Six => csound_is_missing(),
        Generation::Seven => is_missing("Csound 7", csound_7().is_some()),
    }
}
