//! Other hosts than the tests' own: Ardour and a JUCE host.

mod ardour;
#[path = "../common/mod.rs"]
mod common;
mod exports;
mod vst3;

#[test]
fn a_juce_host_over_csound_7_holds_the_same() {
    let but = [
        // A whole DAW takes minutes, and meets nothing of Csound but what the JUCE host meets.
        "ardour::",
        "exports::",
    ];
    if test_host::testing::again_over_csound_7(&but) {
        assert_eq!(csound_library::Library::get().unwrap().generation(), csound_library::Generation::Seven);
    }
}
