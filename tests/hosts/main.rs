//! Other hosts than the tests' own: Ardour and a JUCE host.

mod ardour;
#[path = "../common/mod.rs"]
mod common;
mod exports;
mod vst3;

#[test]
fn everything_here_holds_over_csound_7() {
    if test_host::testing::again_over_csound_7(&[]) {
        assert_eq!(csound_library::Library::get().unwrap().generation(), csound_library::Generation::Seven);
    }
}
