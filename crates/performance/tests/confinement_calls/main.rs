//! Native code in a confined engine tries every system call there is: those that are carried out are
//! exactly the list in `permitted.txt`, and none of them changes anything outside the engine's folder.
//!
//! The code is an opcode library (`try_calls.c`) that Csound loads as a piece's. Each call on the list has
//! an engine of its own; the others are tried one after another, and where one ends its engine or blocks
//! it, which tells that it was not refused, the rest goes on in a new one. Where an engine loads libraries from is said by the environment, so each test
//! runs once more in a process of its own.
#![cfg(all(target_os = "linux", target_arch = "x86_64"))]

#[path = "../common/mod.rs"]
mod common;
#[path = "../engines/mod.rs"]
mod engines;
mod network;

use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use common::{csd, is_missing, libcsound_is_missing};
use csound_performance::engine::protocol::{Confinement, Network};
use csound_performance::engine::remote::{Options, RemoteEngine};
use syscalls::Sysno;

/// The calls that are carried out, in one form or another.
const PERMITTED: &str = include_str!("permitted.txt");

/// The folder of the test that this process is a part of.
const FOLDER: &str = "TRY_CALLS_FOLDER";

/// An ordinary user.
const NOBODY: u32 = 65_534;

/// How long a call may take before it is taken to block.
const BLOCKS: Duration = Duration::from_secs(3);

/// One call with its arguments, as `try_calls.c` reads them.
#[derive(Clone, Debug)]
struct Attempt {
    name: String,
    call: String,
}

/// What came of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Became {
    /// It returned this, with this error number.
    Result(i64, i32),
    /// Its engine ended; what was said of that.
    End(String),
    /// It did not return.
    Blocked,
}

impl Became {
    /// Whether a filter may have answered: the call is not permitted or not there.
    fn is_refusal(&self) -> bool {
        matches!(self, Self::Result(_, libc::EPERM | libc::ENOSYS))
    }
}

fn attempt(name: impl Into<String>, call: impl Into<String>) -> Attempt {
    Attempt { name: name.into(), call: call.into() }
}

/// A call with arguments; `variant` tells it from others of the same call.
fn calling(call: Sysno, variant: &str, arguments: &str) -> Attempt {
    attempt(format!("{}/{variant}", call.name()), format!("{} {arguments}", call.id()))
}

/// Runs this test once more, in a process of its own whose engines load the library; as another user
/// where one is given. True where this process is that one already.
fn in_a_process_of_its_own(test: &str, user: Option<u32>) -> bool {
    in_a_process_behind(&[], test, user)
}

/// The same behind a program that runs what follows it.
fn in_a_process_behind(before: &[&str], test: &str, user: Option<u32>) -> bool {
    if std::env::var_os(FOLDER).is_some() {
        return true;
    }
    if libcsound_is_missing() || is_missing("a C compiler", succeeds(Command::new("cc").arg("--version"))) {
        return false;
    }
    let folder = tempfile::tempdir().unwrap();
    std::fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o777)).unwrap();
    let (plan, libraries) = (folder.path().join("plan"), folder.path().join("opcodes"));
    std::fs::create_dir(&libraries).unwrap();
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/confinement_calls/try_calls.c");
    let mut compiler = Command::new("cc");
    compiler.args(["-shared", "-fPIC", "-O1", "-o"]).arg(libraries.join("libtry_calls.so")).arg(source);
    compiler.arg(format!("-DPLAN=\"{}\"", plan.display()));
    assert!(compiler.status().unwrap().success());
    // Another user cannot look into the folder that this was built in.
    let copy = |from: PathBuf, name: &str| {
        let to = folder.path().join(name);
        std::fs::copy(from, &to).unwrap();
        to
    };
    let program = copy(std::env::current_exe().unwrap(), "test");
    let engine = copy(env!("CARGO_BIN_EXE_csound-performer-engine").into(), "csound-performer-engine");
    let mut command = match before {
        [] => Command::new(program),
        [first, more @ ..] => {
            let mut command = Command::new(first);
            command.args(more).arg(program);
            command
        }
    };
    command.args([test, "--exact", "--nocapture", "--test-threads=1"]).current_dir(folder.path());
    command.env("OPCODE6DIR64", &libraries).env("CSOUND_PERFORMER_ENGINE", engine);
    command.env("TMPDIR", folder.path()).env("HOME", folder.path()).env(FOLDER, folder.path());
    command.env("SECRET_OF_THE_HOST", "1234");
    if let Some(user) = user {
        command.uid(user).gid(user);
    }
    let output = command.stdin(Stdio::null()).output().unwrap();
    let said =
        [output.stdout, output.stderr].map(|said| String::from_utf8_lossy(&said).into_owned()).concat();
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
    false
}

fn succeeds(command: &mut Command) -> bool {
    command.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}

fn folder() -> PathBuf {
    std::env::var_os(FOLDER).unwrap().into()
}

/// What comes of each attempt, made by a piece confined like this.
fn try_all(attempts: &[Attempt], confinement: &Confinement) -> BTreeMap<String, Became> {
    let mut results = BTreeMap::new();
    let mut left = attempts;
    while !left.is_empty() {
        let done = try_some(left, confinement, &mut results);
        left = &left[done..];
    }
    results
}

/// The same as far as one engine gets; how many of them were tried.
fn try_some(
    attempts: &[Attempt],
    confinement: &Confinement,
    results: &mut BTreeMap<String, Became>,
) -> usize {
    let plan: String = attempts.iter().map(|Attempt { name, call }| format!("{name} {call}\n")).collect();
    std::fs::write(folder().join("plan"), plan).unwrap();
    let confinement = Confinement {
        readable: vec![folder()],
        libraries: vec!["libtry_calls.so".into()],
        ..confinement.clone()
    };
    let engine = PathBuf::from(std::env::var_os("CSOUND_PERFORMER_ENGINE").unwrap());
    let options = Options { compile_limit: BLOCKS, ..Options::new(engine, Some(confinement)) };
    let mut said = Vec::new();
    let text = csd("", "sr = 48000\nksmps = 32\nnchnls = 1\n", "instr 1\nout a(0)\nendin\n", "f 0 1");
    let ended = RemoteEngine::start(&engines::spec(text), &options, &mut |line| said.push(line.text));
    let mut tried = None;
    let mut count = 0;
    for line in &said {
        let words: Vec<&str> = line.split(' ').collect();
        match words[..] {
            ["try", name, ..] => {
                tried = Some(name);
                count += 1;
            }
            ["did", name, result, error] => {
                tried = None;
                let became = Became::Result(result.parse().unwrap(), error.parse().unwrap());
                results.insert(name.to_owned(), became);
            }
            _ => {}
        }
    }
    let reason = ended.err().map(|error| error.to_string()).unwrap_or_default();
    assert!(count > 0, "the library was not loaded: {said:?}, {reason}");
    if let Some(name) = tried {
        let blocked = reason.contains("not done after");
        results.insert(name.to_owned(), if blocked { Became::Blocked } else { Became::End(reason) });
    }
    count
}

/// Arguments with which a call that is permitted does something, where none do not. What would wait
/// is given no time.
const SENSIBLE: &[(Sysno, &str)] = &[
    (Sysno::mmap, "0 4096 3 0x22 -1 0"),
    (Sysno::fcntl, "1 3"),
    (Sysno::ioctl, "1 0x5401 *"),
    (Sysno::prlimit64, "0 7 0 *"),
    (Sysno::tgkill, "@ 1 0"),
    (Sysno::clone, "0x3d0f00 0 0 0 0"),
    (Sysno::sendto, "1 * 0 0 0 0"),
    (Sysno::openat, "-100 \"/dev/null 0"),
    (Sysno::ppoll, "0 0 * 0"),
    (Sysno::pselect6, "0 0 0 0 * 0"),
    (Sysno::select, "0 0 0 0 *"),
    (Sysno::poll, "0 0 0"),
    (Sysno::futex, "* 1 1"),
];

/// Every call of the table, with nothing, with room, and with a guess; the listed ones as they are meant.
fn every_call() -> Vec<Attempt> {
    let mut attempts = Vec::new();
    for call in Sysno::iter() {
        let sensible = SENSIBLE.iter().find(|(sensible, _)| *sensible == call);
        if let Some((_, arguments)) = sensible {
            attempts.push(calling(call, "sensible", arguments));
        } else {
            attempts.push(calling(call, "nothing", ""));
        }
        if !PERMITTED.lines().any(|name| name == call.name()) {
            attempts.push(calling(call, "room", "* * 4096 * * *"));
            attempts.push(calling(call, "descriptor", "1 * 1 * 1 0"));
            attempts.push(calling(call, "path", "\"/etc/passwd \"/tmp 0777 0 0 0"));
        }
    }
    // And beyond the table.
    let beyond = (470..560).chain([1000, 5000, 0xFFFF]);
    attempts.extend(beyond.map(|number| attempt(format!("number-{number}/nothing"), format!("{number}"))));
    attempts
}

#[test]
fn the_calls_that_are_carried_out_are_the_list() {
    if in_a_process_of_its_own("the_calls_that_are_carried_out_are_the_list", None) {
        carried_out_is_the_list();
    }
}

#[test]
fn the_calls_that_are_carried_out_for_an_ordinary_user_are_the_list() {
    let name = "the_calls_that_are_carried_out_for_an_ordinary_user_are_the_list";
    if std::env::var_os(FOLDER).is_none() && !rustix::process::geteuid().is_root() {
        // The other test is one by an ordinary user then.
        return;
    }
    if in_a_process_of_its_own(name, Some(NOBODY)) {
        assert_eq!(rustix::process::geteuid().as_raw(), NOBODY);
        carried_out_is_the_list();
    }
}

fn carried_out_is_the_list() {
    let is_permitted = |attempt: &Attempt| {
        PERMITTED
            .lines()
            .any(|name| attempt.name.strip_prefix(name).is_some_and(|rest| rest.starts_with('/')))
    };
    // What is carried out may leave its mark on the process, so each has one of its own.
    let (permitted, refused): (Vec<_>, Vec<_>) = every_call().into_iter().partition(is_permitted);
    let mut results = try_all(&refused, &Confinement::default());
    for alone in &permitted {
        results.extend(try_all(std::slice::from_ref(alone), &Confinement::default()));
    }
    let carried_out: BTreeSet<&str> = results
        .iter()
        .filter(|(_, became)| !became.is_refusal())
        .filter_map(|(name, _)| name.split('/').next())
        .collect();
    let permitted: BTreeSet<&str> = PERMITTED.lines().collect();
    // The kernel asks no filter about these two: they belong to probes, and end whoever else calls them.
    let probes = ["uprobe", "uretprobe"];
    for name in probes {
        let became = results.get(&format!("{name}/nothing"));
        assert!(matches!(became, Some(Became::End(_) | Became::Result(-1, _))), "{became:?}");
    }
    let surplus: Vec<_> = carried_out.difference(&permitted).filter(|name| !probes.contains(*name)).collect();
    let lacking: Vec<_> = permitted.difference(&carried_out).collect();
    assert!(
        surplus.is_empty() && lacking.is_empty(),
        "not on the list: {surplus:?}; not carried out: {lacking:?}, {results:?}"
    );
}

/// Forms of permitted calls that are not, and calls at somebody else. `host` is a process of this user.
fn hostile(host: u32) -> Vec<Attempt> {
    use Sysno as S;
    let secret = folder().join("secret");
    let secret = secret.display();
    let forms: &[(S, &str, String)] = &[
        (S::prlimit64, "of-the-host", format!("{host} 0 * 0")),
        (S::prlimit64, "of-its-own", "0 7 * 0".into()),
        (S::setrlimit, "of-its-own", "7 *".into()),
        (S::kill, "host", format!("{host} 9")),
        (S::kill, "all", "-1 9".into()),
        (S::tkill, "host", format!("{host} 9")),
        (S::tgkill, "host", format!("{host} {host} 9")),
        (S::rt_sigqueueinfo, "host", format!("{host} 9 *")),
        (S::pidfd_open, "host", format!("{host} 0")),
        (S::pidfd_send_signal, "any", "1 9 0 0".into()),
        (S::ptrace, "host", format!("16 {host} 0 0")),
        (S::process_vm_writev, "host", format!("{host} * 1 * 1 0")),
        (S::setpriority, "host", format!("0 {host} 19")),
        (S::sched_setscheduler, "host", format!("{host} 0 *")),
        (S::sched_setscheduler, "deadline", "0 6 *".into()),
        (S::sched_setscheduler, "real-time", "0 1 *".into()),
        (S::sched_setattr, "host", format!("{host} * 0")),
        (S::sched_setaffinity, "host", format!("{host} 8 *")),
        (S::sched_setparam, "host", format!("{host} *")),
        (S::ioprio_set, "host", format!("1 {host} 16384")),
        (S::clone, "process", "17 0 0 0 0".into()),
        (S::clone, "users", "0x10000011 0 0 0 0".into()),
        (S::clone, "nearly-a-thread", "0x103d0f00 0 0 0 0".into()),
        (S::clone3, "any", "* 88".into()),
        (S::fork, "any", String::new()),
        (S::execve, "program", "\"/bin/true 0 0".into()),
        (S::execveat, "memory", "1 \"/bin/true 0 0 0x1000".into()),
        (S::memfd_create, "any", "\"x 0".into()),
        (S::memfd_secret, "any", "0".into()),
        (S::socket, "udp", "2 2 0".into()),
        (S::socket, "local", "1 1 0".into()),
        (S::socketpair, "datagrams", "1 2 0 *".into()),
        (S::socketpair, "stream", "1 1 0 *".into()),
        (S::sendto, "address", "1 * 1 0 * 16".into()),
        (S::sendmsg, "any", "1 * 0".into()),
        (S::recvmsg, "any", "1 * 0".into()),
        (S::seccomp, "another", "1 8 *".into()),
        (S::prctl, "name", "15 *".into()),
        (S::prctl, "dumpable", "4 0".into()),
        (S::landlock_create_ruleset, "any", "* 8 0".into()),
        (S::landlock_restrict_self, "any", "1 0".into()),
        (S::ioctl, "typing", "1 0x5412 *".into()),
        (S::ioctl, "notification", "1 0xc0502100 *".into()),
        (S::fcntl, "owner", format!("1 8 {host}")),
        (S::fcntl, "notify", "0 1026 0x8000003f".into()),
        (S::fcntl, "lease", "0 1024 0".into()),
        (S::fcntl, "seal", "1 1033 1".into()),
        (S::fcntl, "pipe", "1 1031 1048576".into()),
        (S::mmap, "shared", "0 4096 3 0x21 -1 0".into()),
        (S::mmap, "shared-file", "0 4096 3 1 0 0".into()),
        (S::openat, "emptied", format!("-100 \"{secret} 0x200")),
        (S::open, "emptied", format!("\"{secret} 0x200")),
        (S::open, "emptied-by-neither", format!("\"{secret} 0x203")),
        (S::openat, "emptied-by-neither", format!("-100 \"{secret} 0x203")),
        (S::openat, "neither", "-100 \"/etc/passwd 3".into()),
        (S::sendto, "out-of-band", "3 * 1 1 0 0".into()),
        (S::openat, "nameless", "-100 \". 0x410002 0600".into()),
        (S::shmget, "new", "1234 4096 01600".into()),
        (S::shmat, "first", "0 0 0".into()),
        (S::shmctl, "remove", "0 0 0".into()),
        (S::msgget, "new", "1234 01600".into()),
        (S::semget, "new", "1234 1 01600".into()),
        (S::inotify_init, "any", String::new()),
        (S::inotify_init1, "any", "0".into()),
        (S::chmod, "secret", format!("\"{secret} 0777")),
        (S::fchmodat, "secret", format!("-100 \"{secret} 0777")),
        (S::fchmodat2, "secret", format!("-100 \"{secret} 0777 0")),
        (S::utimensat, "secret", format!("-100 \"{secret} 0 0")),
        (S::utime, "secret", format!("\"{secret} 0")),
        (S::chown, "secret", format!("\"{secret} 0 0")),
        (S::truncate, "secret", format!("\"{secret} 0")),
        (S::unlink, "secret", format!("\"{secret}")),
        (S::rename, "secret", format!("\"{secret} \"{secret}2")),
        (S::link, "secret", format!("\"{secret} \"stolen")),
        (S::symlink, "secret", format!("\"{secret} \"stolen")),
        (S::setxattr, "secret", format!("\"{secret} \"user.x * 1 0")),
        (S::removexattrat, "secret", format!("-100 \"{secret} 0 \"user.x")),
        (S::setxattrat, "secret", format!("-100 \"{secret} 0 \"user.x * 8")),
        (S::mkdir, "own", "\"folder 0700".into()),
        (S::io_uring_setup, "any", "8 *".into()),
        (S::userfaultfd, "any", "0".into()),
        (S::add_key, "any", "\"user \"x * 1 -3".into()),
        (S::quotactl, "any", "0 0 0 0".into()),
        (S::syslog, "read", "3 * 4096".into()),
        (S::capset, "any", "* *".into()),
        (S::setuid, "root", "0".into()),
        (S::unshare, "users", "0x10000000".into()),
        (S::close_range, "any", "3 0xffffffff 0".into()),
        (S::mount, "any", "\"x \"/tmp \"tmpfs 0 0".into()),
        (S::open_by_handle_at, "any", "-100 * 0".into()),
        (S::personality, "any", "0xffffffff".into()),
    ];
    forms.iter().map(|(call, variant, arguments)| calling(*call, variant, arguments)).collect()
}

/// A file and a process that a piece may not touch, and how they stand.
struct Victims {
    host: std::process::Child,
    secret: PathBuf,
    datagrams: std::net::UdpSocket,
}

impl Victims {
    fn new() -> Self {
        let secret = folder().join("secret");
        std::fs::write(&secret, "the password is 1234\n").unwrap();
        let datagrams = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
        datagrams.set_nonblocking(true).unwrap();
        let host = Command::new("sleep").arg("600").spawn().unwrap();
        Self { host, secret, datagrams }
    }

    /// All that can be told of them.
    fn state(&mut self) -> String {
        let found = std::fs::metadata(&self.secret).unwrap();
        let process = format!("/proc/{}", self.host.id());
        let status = std::fs::read_to_string(format!("{process}/status")).unwrap();
        let lines = status.lines().filter(|line| line.starts_with("Cpus_allowed"));
        let scheduling = std::fs::read_to_string(format!("{process}/stat")).unwrap();
        let nice: Vec<&str> = scheduling.split(' ').skip(17).take(2).collect();
        format!(
            "{:?} {:?} {:o} {} {} {} {:?} {:?} {nice:?} {} {:?} {:?}",
            self.host.try_wait().unwrap(),
            std::fs::read_to_string(&self.secret).unwrap(),
            found.mode(),
            found.uid(),
            found.mtime_nsec(),
            found.nlink(),
            lines.collect::<Vec<_>>(),
            std::fs::read_to_string(format!("{process}/limits")).unwrap(),
            std::fs::read_to_string("/proc/sysvipc/shm").unwrap_or_default().lines().count(),
            std::fs::read_to_string("/proc/sysvipc/msg").unwrap_or_default().lines().count(),
            self.datagrams.recv(&mut [0; 16]).is_ok(),
        )
    }
}

impl Drop for Victims {
    fn drop(&mut self) {
        let _ = self.host.kill();
        let _ = self.host.wait();
    }
}

#[test]
fn no_form_of_a_call_reaches_another_process_or_somebodys_file() {
    if in_a_process_of_its_own("no_form_of_a_call_reaches_another_process_or_somebodys_file", None) {
        nothing_is_reached(&Confinement::default());
    }
}

#[test]
fn nor_does_one_for_an_ordinary_user_or_under_an_older_landlock() {
    let name = "nor_does_one_for_an_ordinary_user_or_under_an_older_landlock";
    let user = rustix::process::geteuid().is_root().then_some(NOBODY);
    if in_a_process_of_its_own(name, user) {
        for version in 1..=6 {
            nothing_is_reached(&Confinement { landlock: Some(version), ..Confinement::default() });
        }
    }
}

fn nothing_is_reached(confinement: &Confinement) {
    let mut victims = Victims::new();
    let before = victims.state();
    let results = try_all(&hostile(victims.host.id()), confinement);
    let reached: Vec<_> = results.iter().filter(|(_, became)| !became.is_refusal()).collect();
    assert!(reached.is_empty(), "{reached:?}");
    assert_eq!(victims.state(), before);
}

#[test]
fn an_engine_with_more_threads_than_it_may_have_is_ended() {
    if !in_a_process_of_its_own("an_engine_with_more_threads_than_it_may_have_is_ended", None) {
        return;
    }
    let results = try_all(&[attempt("few", "t8"), attempt("many", "t200")], &Confinement::default());
    assert_eq!(results["few"], Became::Result(8, 0));
    assert!(
        matches!(&results["many"], Became::End(how) if how.contains("threads, where 64 are allowed")),
        "{results:?}"
    );
}

#[test]
fn the_hosts_environment_does_not_reach_a_piece_nor_can_it_schedule_itself() {
    let name = "the_hosts_environment_does_not_reach_a_piece_nor_can_it_schedule_itself";
    if !in_a_process_of_its_own(name, None) {
        return;
    }
    assert!(std::env::var_os("SECRET_OF_THE_HOST").is_some());
    std::fs::write(folder().join("plan"), "").unwrap();
    let engine = PathBuf::from(std::env::var_os("CSOUND_PERFORMER_ENGINE").unwrap());
    let text = csd("", "sr = 48000\nksmps = 32\nnchnls = 1\n", "instr 1\nout a(0)\nendin\n", "f 0 1");
    let options = Options::new(engine, Some(Confinement::default()));
    let started = RemoteEngine::start(&engines::spec(text), &options, &mut |_| ()).unwrap();
    let process = format!("/proc/{}", started.engine.handle().process_id());
    let environment = std::fs::read(format!("{process}/environ")).unwrap();
    let environment = String::from_utf8_lossy(&environment);
    assert!(environment.contains("OPCODE6DIR64") && !environment.contains("SECRET_OF"), "{environment}");
    let limits = std::fs::read_to_string(format!("{process}/limits")).unwrap();
    let priority = limits.lines().find(|line| line.starts_with("Max realtime priority")).unwrap();
    assert_eq!(priority.split_whitespace().nth(3), Some("0"), "{priority}");
    let status = std::fs::read_to_string(format!("{process}/status")).unwrap();
    for set in ["CapPrm", "CapEff", "CapInh", "CapAmb"] {
        let line = status.lines().find(|line| line.starts_with(set)).unwrap();
        assert!(line.ends_with("0000000000000000"), "{line}");
    }
}

#[test]
fn where_no_thread_can_be_started_the_error_says_so_and_nothing_ends() {
    let name = "where_no_thread_can_be_started_the_error_says_so_and_nothing_ends";
    // The kernel counts no threads of root's.
    let user = rustix::process::geteuid().is_root().then_some(NOBODY);
    if !in_a_process_of_its_own(name, user) {
        return;
    }
    let engine = PathBuf::from(std::env::var_os("CSOUND_PERFORMER_ENGINE").unwrap());
    let options = Options::new(engine, Some(Confinement::default()));
    let threads = rustix::process::Resource::Nproc;
    let limit = rustix::process::Rlimit { current: Some(1), ..rustix::process::getrlimit(threads) };
    rustix::process::setrlimit(threads, limit).unwrap();
    let text = csd("", "ksmps = 32\n", "instr 1\nendin\n", "f 0 1");
    let error = RemoteEngine::start(&engines::spec(text), &options, &mut |_| ()).err().unwrap().to_string();
    assert!(error.contains("no thread could be started that watches an engine"), "{error}");
}

#[test]
fn another_numbering_of_the_calls_ends_the_engine() {
    if !in_a_process_of_its_own("another_numbering_of_the_calls_ends_the_engine", None) {
        return;
    }
    let all = std::env::var_os("CSOUND_PERFORMER_LONG").is_some();
    // x32's own calls, and some that are free as they are.
    let few = [0, 1, 9, 39, 41, 56, 57, 59, 157, 202, 302, 512, 520, 545];
    let numbers: Vec<u32> = if all { (0..600).collect() } else { few.into() };
    let mut attempts: Vec<_> = numbers
        .into_iter()
        .map(|number| attempt(format!("x32-{number}"), format!("{}", 0x4000_0000 | number)))
        .collect();
    // Those of 32 bit programs: getpid and prctl.
    attempts.extend([20, 172].map(|number| attempt(format!("i386-{number}"), format!("i{number}"))));
    for (name, became) in try_all(&attempts, &Confinement::default()) {
        assert!(
            matches!(&became, Became::End(how) if how.contains("forbidden system call")),
            "{name}: {became:?}"
        );
    }
}

#[test]
fn a_piece_that_may_talk_to_this_machine_gets_no_other_way_out() {
    if !in_a_process_of_its_own("a_piece_that_may_talk_to_this_machine_gets_no_other_way_out", None) {
        return;
    }
    use Sysno as S;
    let confinement = Confinement { network: Network::Machine, ..Confinement::default() };
    let attempts = [
        // The host's sockets come under numbers of their own.
        calling(S::socket, "udp", "2 2 0"),
        calling(S::socket, "tcp", "2 1 0"),
        // An address of IPv6 can name another device.
        calling(S::socket, "udp6", "10 2 0"),
        calling(S::socket, "tcp6", "10 1 0"),
        // A datagram socket that is connected to no address would lose its device.
        calling(S::connect, "udp", "768 * 16"),
        calling(S::dup, "udp", "768"),
        calling(S::dup2, "udp", "768 900"),
        calling(S::fcntl, "udp", "768 0 900"),
        calling(S::setsockopt, "device", "768 1 25 * 4"),
        calling(S::setsockopt, "interface", "768 0 50 * 4"),
        calling(S::setsockopt, "group", "768 0 35 * 8"),
        calling(S::setsockopt, "packet-info", "768 41 50 * 20"),
        calling(S::sendmsg, "udp", "768 * 0"),
        calling(S::sendmmsg, "udp", "768 * 1 0"),
        calling(S::socket, "raw", "2 3 1"),
        calling(S::socket, "ping", "2 2 1"),
        calling(S::socket, "packets", "17 3 0"),
        calling(S::socket, "local", "1 1 0"),
        calling(S::socket, "routes", "16 3 0"),
        // The device's name is still there.
        calling(S::getsockopt, "device", "768 1 25 * *"),
        calling(S::connect, "tcp", "896 * 16"),
    ];
    let results = try_all(&attempts, &confinement);
    assert_eq!(results["socket/udp"], Became::Result(768, 0));
    assert_eq!(results["socket/tcp"], Became::Result(896, 0));
    assert_eq!(results["connect/tcp"], Became::Result(0, 0), "to no address: that undoes nothing of TCP's");
    for family in ["socket/local", "socket/routes", "socket/udp6", "socket/tcp6"] {
        assert_eq!(results[family], Became::Result(-1, libc::EAFNOSUPPORT));
    }
    for (name, became) in &results {
        let meant = ["socket/udp", "socket/tcp", "getsockopt/device", "connect/tcp"];
        let unknown = *became == Became::Result(-1, libc::EAFNOSUPPORT);
        assert!(meant.contains(&name.as_str()) || unknown || became.is_refusal(), "{name}: {became:?}");
    }
}
