//! What an instance says where the system gives its host no thread.

use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::process::Command;
use std::sync::Arc;

use csound_performer::plugin::control::Control;
use csound_performer::plugin::shared::link::Link;
use csound_performer::plugin::shared::locked::PieceState;
use rustix::process::{Resource, Rlimit, geteuid, getrlimit, setrlimit};

/// Somebody else than root, whose threads the kernel does not count.
const NOBODY: u32 = 65_534;

#[test]
fn where_no_thread_can_be_started_the_state_and_the_console_say_so() {
    const AGAIN: &str = "CSOUND_PERFORMER_TEST_ALONE";
    if std::env::var_os(AGAIN).is_some() {
        is_told();
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    std::fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o777)).unwrap();
    // Another user cannot look into the folder that this was built in.
    let program = folder.path().join("test");
    std::fs::copy(std::env::current_exe().unwrap(), &program).unwrap();
    let mut command = Command::new(program);
    command.args(["no_threads::where_no_thread_can_be_started_the_state_and_the_console_say_so", "--exact"]);
    command.args(["--test-threads=1", "--nocapture"]).env(AGAIN, "1").env("HOME", folder.path());
    command.current_dir(folder.path());
    if geteuid().is_root() {
        command.uid(NOBODY).gid(NOBODY);
    }
    let output = command.output().unwrap();
    let said =
        [output.stdout, output.stderr].map(|said| String::from_utf8_lossy(&said).into_owned()).concat();
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
}

fn is_told() {
    let link = Arc::new(Link::default());
    let limit = Rlimit { current: Some(1), ..getrlimit(Resource::Nproc) };
    setrlimit(Resource::Nproc, limit).unwrap();
    assert!(!Control::new(Arc::clone(&link)).start());
    let PieceState::Failed(failure) = link.piece_state() else { panic!("{:?}", link.piece_state()) };
    let why = failure.reason;
    assert!(why.contains("no thread could be started to load pieces in"), "{why}");
    assert!(link.console().iter().any(|line| line.text == why), "the console says it too");
}
