//! `cargo xtask compare` performs a piece by the Csound that the piece asks for in a comment.

use std::time::Duration;

use csound_library::VARIABLE;
use test_host::compare::Comparison;
use test_host::compare::scratch::Scratch;
use test_host::compare::verdict::Verdict;
use test_host::testing::{alone_with, both_csounds, csd};
use test_host::tools::{csound_is_missing, is_missing};

/// Only Csound 7 reads it.
const TYPED: &str = "instr 1\nlevel:a = 0.25\nout level\nendin";

#[test]
fn a_piece_is_compared_by_the_csound_that_its_comment_asks_for() {
    let both = both_csounds();
    if csound_is_missing() || is_missing("Csound 7", both.is_some()) {
        return;
    }
    let test = "a_piece_is_compared_by_the_csound_that_its_comment_asks_for";
    if !alone_with(test, &[(VARIABLE, both.unwrap().as_ref())]) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let bundle = test_host::bundle::dev_bundle().unwrap().clap;
    let (seed, limit) = (test_host::testing::seed(1), Duration::from_secs(60));
    let comparison =
        Comparison { bundle, generation: None, rate: 48_000, seconds: 1.0, limit, seed, notes: None };
    let asks = "; csound-performer: csound=7\n";
    for (name, before, is_played) in [("typed.csd", "", false), ("typed_by_7.csd", asks, true)] {
        let path = folder.path().join(name);
        std::fs::write(&path, before.to_owned() + &csd("", "ksmps = 32\nnchnls = 1", TYPED, "i 1 0 0.2"))
            .unwrap();
        let mut scratch = Scratch::of(folder.path()).unwrap();
        let found = comparison.of(&path, &mut scratch);
        let is_equal = matches!(&found, Verdict::Equal(equal) if !equal.silent);
        let is_refused = matches!(&found, Verdict::DoesNotPerform { .. });
        assert!(if is_played { is_equal } else { is_refused }, "{name}: {found:?}");
    }
}
