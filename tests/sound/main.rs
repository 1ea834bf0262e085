//! What is heard: bit for bit as the csound command, at the right frame, and the same whichever way it is asked for.

#[path = "../common/mod.rs"]
mod common;
mod compare;
mod event_times;
mod oracle;
mod three_ways;

#[test]
fn everything_here_holds_over_csound_7() {
    if test_host::testing::again_over_csound_7(&[]) {
        assert_eq!(csound_library::Library::get().unwrap().generation(), csound_library::Generation::Seven);
    }
}
