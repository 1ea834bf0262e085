//! Other hosts than the tests' own: Ardour and a JUCE host.

mod ardour;
#[path = "../common/mod.rs"]
mod common;
mod vst3;

/// The JUCE host; the whole DAW is asked for one Csound.
#[test]
fn a_juce_host_over_csound_7_holds_the_same() {
    if test_host::testing::again_over_csound_7(&["ardour::"]) {
        assert_eq!(csound_library::Library::get().unwrap().generation(), csound_library::Generation::Seven);
    }
}
