//! A root folder with nothing in it but glibc, libgcc_s and what a test puts there: a system on which nobody has
//! installed anything, and which has no network.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use csound_portable::{Elf, Place, is_everywhere};
use tempfile::TempDir;
use test_host::tools::is_forbidden;

/// The parts of glibc that a library may need.
const GLIBC: [&str; 6] =
    ["libc.so.6", "libm.so.6", "libpthread.so.0", "libdl.so.2", "librt.so.1", "libutil.so.1"];

/// Such a root.
pub struct Bare {
    root: TempDir,
}

impl Bare {
    /// A new one, if this user may enter one; otherwise that is said.
    pub fn new() -> Option<Self> {
        let bare = Self { root: tempfile::tempdir().unwrap() };
        for folder in ["tmp", "proc", "dev", "home"] {
            fs::create_dir(bare.at(folder)).unwrap();
        }
        fs::write(bare.at("dev/null"), "").unwrap();
        // The test itself is the host in there.
        bare.put(&std::env::current_exe().unwrap(), "test");
        bare.needs_of(&std::env::current_exe().unwrap());
        for name in GLIBC.into_iter().filter(|name| !bare.at(&format!("lib/{name}")).exists()) {
            if let Some(file) = Place::system().find(name, Path::new("/test"), &[]) {
                bare.put(&file, &format!("lib/{name}"));
            }
        }
        let entered = bare.command("/test").arg("--list").output();
        let may = entered.is_ok_and(|said| said.status.success());
        (!is_forbidden("enter a root folder of its own (unshare)", may)).then_some(bare)
    }

    /// The place of a path of the bare root, seen from here.
    pub fn at(&self, path: &str) -> PathBuf {
        self.root.path().join(path.trim_start_matches('/'))
    }

    /// Copies a file or a folder to a place in it.
    pub fn put(&self, from: &Path, to: &str) {
        let to = self.at(to);
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        let status = Command::new("cp").arg("-rL").arg("--").arg(from).arg(to).status().unwrap();
        assert!(status.success(), "{}", from.display());
    }

    /// Puts what every system has of what a program needs: glibc's parts, its loader, and libgcc_s.
    pub fn needs_of(&self, program: &Path) {
        for name in Elf::of(program).unwrap().needs {
            assert!(is_everywhere(&name), "{} needs {name}", program.display());
            let file = Place::system().find(&name, program, &[]).unwrap();
            // The loader lies where programs say, the rest where the loader looks by itself.
            let place = if name.starts_with("ld-") { format!("lib64/{name}") } else { format!("lib/{name}") };
            if !self.at(&place).exists() {
                self.put(&file, &place);
                self.needs_of(&file);
            }
        }
    }

    /// A program of it, with nothing in its environment.
    pub fn command(&self, program: &str) -> Command {
        let mut command = Command::new("unshare");
        command.env_clear().env("PATH", "/usr/bin:/bin:/usr/sbin:/sbin");
        command.args(["--user", "--map-root-user", "--net", "--pid", "--fork", "--kill-child"]);
        command.arg("--mount-proc").arg(format!("--root={}", self.root.path().display()));
        command.arg("--wd=/").arg(program);
        command.env("HOME", "/home").env("LC_ALL", "C");
        command
    }

    /// Runs one test of this program (its whole path) in it. That test asks [`is_inside`] whether it is there.
    pub fn test(&self, name: &str) -> Output {
        let mut command = self.command("/test");
        command.args(["--exact", name, "--nocapture", "--test-threads=1"]).env(INSIDE, "1");
        command.output().unwrap()
    }
}

const INSIDE: &str = "CSOUND_PERFORMER_TEST_INSIDE";

/// True in a test that runs in a bare root.
pub fn is_inside() -> bool {
    std::env::var_os(INSIDE).is_some()
}
