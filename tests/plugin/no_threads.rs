//! What an instance says where the system gives its host no thread.

use std::sync::Arc;

use csound_performer::plugin::control::Control;
use csound_performer::plugin::shared::link::Link;
use csound_performer::plugin::shared::locked::PieceState;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use test_host::testing::alone_as_ordinary_user;

#[test]
fn where_no_thread_can_be_started_the_state_and_the_console_say_so() {
    // The kernel counts no threads of root's.
    if !alone_as_ordinary_user("no_threads::where_no_thread_can_be_started_the_state_and_the_console_say_so")
    {
        return;
    }
    let link = Arc::new(Link::default());
    let limit = Rlimit { current: Some(1), ..getrlimit(Resource::Nproc) };
    setrlimit(Resource::Nproc, limit).unwrap();
    assert!(!Control::new(Arc::clone(&link)).start());
    let PieceState::Failed(failure) = link.piece_state() else { panic!("{:?}", link.piece_state()) };
    let why = failure.reason;
    assert!(why.contains("no thread could be started to load pieces in"), "{why}");
    assert!(link.console().iter().any(|line| line.text == why), "the console says it too");
}
