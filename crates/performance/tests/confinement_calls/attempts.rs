//! Calls that are tried in an engine, and what comes of them.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use csound_library::{Generation, VARIABLE};
use csound_performance::engine::protocol::Confinement;
use csound_performance::engine::remote::{Options, RemoteEngine};
use syscalls::Sysno;
use test_host::testing::generation;
use test_host::tools::opcodes_7;

use crate::common::{csd, engines, is_missing, libcsound_is_missing};

/// The folder of the test that this process is a part of.
pub const FOLDER: &str = "TRY_CALLS_FOLDER";

/// An ordinary user.
pub const NOBODY: u32 = 65_534;

/// How long a call may take before it is taken to block.
pub const BLOCKS: Duration = Duration::from_secs(3);

/// One call with its arguments, as `try_calls.c` reads them.
#[derive(Clone, Debug)]
pub struct Attempt {
    pub name: String,
    pub call: String,
}

/// What came of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Became {
    /// It returned this, with this error number.
    Result(i64, i32),
    /// Its engine ended; what was said of that.
    End(String),
    /// It did not return.
    Blocked,
}

impl Became {
    /// Whether a filter may have answered: the call is not permitted or not there.
    pub fn is_refusal(&self) -> bool {
        matches!(self, Self::Result(_, libc::EPERM | libc::ENOSYS))
    }
}

pub fn attempt(name: impl Into<String>, call: impl Into<String>) -> Attempt {
    Attempt { name: name.into(), call: call.into() }
}

/// A call with arguments; `variant` tells it from others of the same call.
pub fn calling(call: Sysno, variant: &str, arguments: &str) -> Attempt {
    attempt(format!("{}/{variant}", call.name()), format!("{} {arguments}", call.id()))
}

/// Runs this test once more, in a process of its own whose engines load the library; as another user
/// where one is given. True where this process is that one already.
pub fn in_a_process_of_its_own(test: &str, user: Option<u32>) -> bool {
    run_again(&[], test, user, None)
}

/// The same, where engines are started as programs and come from no nursery.
pub fn with_programs(test: &str) -> bool {
    run_again(&[], test, None, Some(("CSOUND_PERFORMER_NURSERY", "off")))
}

/// The same behind a program that runs what follows it.
pub fn in_a_process_behind(before: &[&str], test: &str) -> bool {
    run_again(before, test, None, None)
}

fn run_again(before: &[&str], test: &str, user: Option<u32>, variable: Option<(&str, &str)>) -> bool {
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
    // Under a name that is on the list: an engine with others comes from no nursery.
    compiler.args(["-shared", "-fPIC", "-O1", "-o"]).arg(libraries.join("liblfsr.so")).arg(source);
    compiler.arg(format!("-DPLAN=\"{}\"", plan.display()));
    if generation() == Generation::Seven {
        compiler.arg("-DFOR_7");
    }
    assert!(compiler.status().unwrap().success());
    // Another user cannot look into the folder that this was built in.
    let copy = |from: PathBuf, name: &str| {
        let to = folder.path().join(name);
        test_host::project::copy_program(&from, &to).unwrap();
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
    command.env(opcode_variable(), &libraries).env("CSOUND_PERFORMER_ENGINE", engine);
    if generation() == Generation::Seven {
        let library = PathBuf::from(std::env::var_os(VARIABLE).unwrap());
        let name = library.file_name().unwrap().to_str().unwrap();
        command.env(VARIABLE, copy(library.clone(), name));
        // What 6 has built in.
        std::fs::copy(opcodes_7().unwrap().join("libsocksend.so"), libraries.join("libsocksend.so")).unwrap();
    }
    command.env("TMPDIR", folder.path()).env("HOME", folder.path()).env(FOLDER, folder.path());
    command.env("SECRET_OF_THE_HOST", "1234").envs(variable);
    if let Some(user) = user {
        command.uid(user).gid(user);
    }
    let output = command.stdin(Stdio::null()).output().unwrap();
    let said =
        [output.stdout, output.stderr].map(|said| String::from_utf8_lossy(&said).into_owned()).concat();
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
    false
}

/// The variable that says where Csound's opcode libraries are.
pub fn opcode_variable() -> &'static str {
    match generation() {
        Generation::Six => "OPCODE6DIR64",
        Generation::Seven => "OPCODE7DIR64",
    }
}

pub fn succeeds(command: &mut Command) -> bool {
    command.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}

pub fn folder() -> PathBuf {
    std::env::var_os(FOLDER).unwrap().into()
}

/// What comes of each attempt, made by a piece confined like this.
pub fn try_all(attempts: &[Attempt], confinement: &Confinement) -> BTreeMap<String, Became> {
    let mut results = BTreeMap::new();
    let mut left = attempts;
    while !left.is_empty() {
        let done = try_some(left, confinement, &mut results);
        left = &left[done..];
    }
    results
}

/// The same as far as one engine gets; how many of them were tried.
pub fn try_some(
    attempts: &[Attempt],
    confinement: &Confinement,
    results: &mut BTreeMap<String, Became>,
) -> usize {
    let plan: String = attempts.iter().map(|Attempt { name, call }| format!("{name} {call}\n")).collect();
    std::fs::write(folder().join("plan"), plan).unwrap();
    let confinement = Confinement { readable: vec![folder()], ..confinement.clone() };
    engines::keep_nurseries();
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
