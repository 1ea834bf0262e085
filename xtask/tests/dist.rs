//! A release, made of the dev bundles: the archive and its scripts, the Debian package, the checksums. What they put
//! somewhere is found and played by the tests' own host.
#![cfg(target_os = "linux")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use csound_library::{Library, VARIABLE};
use tempfile::TempDir;
use test_host::bundle::{ENGINE, dev_bundle};
use test_host::host::{Block, Host, INSTRUMENT, Instance};
use test_host::session::{AtEnd, Session, error_of};
use test_host::testing::csd;
use test_host::tools::{finds, is_missing};

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// A release in a folder of its own, and a home.
struct Bench {
    folder: TempDir,
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

fn ok(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", said(&output));
    said(&output)
}

impl Bench {
    fn new() -> Self {
        let bench = Self { folder: tempfile::tempdir().unwrap() };
        fs::create_dir(bench.at("home")).unwrap();
        // The bundles belong to all tests: only copies may get a Csound.
        let bundle = dev_bundle().unwrap();
        fs::create_dir(bench.at("built")).unwrap();
        for file in [&bundle.clap, &bundle.engine(), &bundle.pieces(), &bundle.vst3] {
            ok(Command::new("cp").arg("-r").arg("--").arg(file).arg(bench.at("built")));
        }
        bench
    }

    fn at(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    fn xtask(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
        command
            .args(words)
            .env("HOME", self.at("home"))
            .env_remove("XDG_DATA_HOME")
            .env("SOURCE_DATE_EPOCH", "1700000000");
        // Cargo keeps its crates in the real home.
        let cargo = std::env::var_os("CARGO_HOME").map(PathBuf::from);
        let cargo = cargo.or_else(|| Some(Path::new(&std::env::var_os("HOME")?).join(".cargo")));
        command.env("CARGO_HOME", cargo.unwrap());
        let rustup = std::env::var_os("RUSTUP_HOME").map(PathBuf::from);
        let rustup = rustup.or_else(|| Some(Path::new(&std::env::var_os("HOME")?).join(".rustup")));
        command.env("RUSTUP_HOME", rustup.unwrap());
        command
    }

    /// Makes a release in a folder of this name.
    fn dist(&self, out: &str, words: &[&str]) -> String {
        let (built, out) = (self.at("built"), self.at(out));
        // Any program will do for the standalone: it is not started.
        let standalone = built.join(ENGINE);
        let given =
            ["dist", "--bundle", built.to_str().unwrap(), "--standalone", standalone.to_str().unwrap()];
        ok(self.xtask(&given).args(["--out", out.to_str().unwrap()]).args(words))
    }

    fn unpack(&self, out: &str) -> PathBuf {
        let name = format!("csound-performer-{VERSION}-linux-{}", std::env::consts::ARCH);
        ok(Command::new("tar")
            .arg("xzf")
            .arg(self.at(out).join(format!("{name}.tar.gz")))
            .arg("-C")
            .arg(self.folder.path()));
        self.at(&name)
    }

    fn sh(&self, script: &Path) -> Command {
        let mut command = Command::new("sh");
        command
            .arg(script)
            .env("HOME", self.at("home"))
            .env_remove("XDG_DATA_HOME")
            .env_remove("XDG_CONFIG_HOME");
        command
    }

    /// All files below the home folder.
    fn home(&self) -> Vec<String> {
        let found = ok(Command::new("find").arg(".").args(["-type", "f"]).current_dir(self.at("home")));
        let mut found: Vec<String> = found.lines().map(str::to_owned).collect();
        found.sort();
        found
    }
}

/// The links of our own texts that lead to nothing in a release, each with its text.
fn broken_links(release: &Path) -> Vec<String> {
    let texts =
        ok(Command::new("find").arg(release).args(["-name", "*.md", "-not", "-path", "*/licences/*"]));
    let mut broken = Vec::new();
    for text in texts.lines().map(Path::new) {
        let written = fs::read_to_string(text).unwrap();
        let links = written.split("](").skip(1).filter_map(|rest| rest.split([')', '#']).next());
        for link in links.filter(|link| !link.is_empty() && !link.contains("://")) {
            if !text.parent().unwrap().join(link).exists() {
                broken.push(format!("{}: {link}", text.display()));
            }
        }
    }
    broken
}

fn libcsound_is_missing() -> bool {
    is_missing("libcsound", Library::get().is_ok())
}

/// The instrument in a CLAP plays.
fn plays(clap: &Path) {
    let host = Host::load(clap).unwrap();
    let text = csd(
        "",
        "sr = 48000\nksmps = 32\nnchnls = 2\n",
        "instr 1\nouts a(0.25), a(0.25)\nendin\n",
        "i 1 0 3600\n",
    );
    let session = Session { at_end: AtEnd::Keep, ..Session::from_csd("level.csd", text) };
    let mut instance = Instance::new(&host, INSTRUMENT).unwrap();
    instance.set_offline(true).unwrap();
    instance.load_state(&session.state().unwrap()).unwrap();
    instance.activate(48_000.0, 1, 512).unwrap();
    instance.settle().unwrap();
    instance.start().unwrap();
    let heard = instance.process(Block { frames: 512, ..Block::default() }).unwrap().output;
    assert_eq!(error_of(&instance.save_state().unwrap()).unwrap(), None);
    assert_eq!((heard[0][0], heard[0][511]), (0.0, 0.25));
}

#[test]
fn a_release_is_checked_installed_played_replaced_and_taken_away_without_a_trace() {
    if libcsound_is_missing() {
        return;
    }
    let bench = Bench::new();
    bench.dist("out", &["--no-deb"]);
    ok(Command::new("sha256sum").args(["-c", "SHA256SUMS"]).current_dir(bench.at("out")));
    let release = bench.unpack("out");
    for file in ["README.md", "LICENSE-MIT", "licences/LIST.txt", "pieces/first.csd", "docs/guide.md"] {
        assert!(release.join(file).is_file(), "{file}");
    }
    assert_eq!(broken_links(&release), [""; 0]);
    let list = fs::read_to_string(release.join("licences/LIST.txt")).unwrap();
    assert!(list.contains("\nnice-plug ") && list.contains("\nepaint_default_fonts "), "{list}");
    assert!(!list.contains("\nproptest "), "what only tests need is not given away: {list}");
    let texts = ok(Command::new("find").arg(release.join("licences")).args(["-name", "*OFL*"]));
    assert!(!texts.is_empty(), "the fonts' licences are there");

    // The user's own things stay, whatever comes and goes.
    let own = bench.at("home/.vst3/presets/Csound Performer/Csound Performer/Mine.vstpreset");
    fs::create_dir_all(own.parent().unwrap()).unwrap();
    fs::write(&own, "years").unwrap();
    let taken = own.with_file_name("A first instrument.vstpreset");
    fs::write(&taken, "the user's, of a shipped one's name").unwrap();
    let exported = bench.at("home/.vst3/Bells.vst3/Contents/Resources/plugin.json");
    fs::create_dir_all(exported.parent().unwrap()).unwrap();
    fs::write(&exported, "{ \"csound_performer_export\": 1 }").unwrap();
    let before = bench.home();
    let told = ok(&mut bench.sh(&release.join("install.sh")));
    assert!(told.contains("left, because it is yours") && told.contains("A first instrument"), "{told}");
    let installed = bench.home();
    plays(&bench.at("home/.clap/Csound Performer.clap"));
    let start = bench.at("home/.local/bin/csound-performer");
    let usage = said(
        &Command::new(&start).args(["export", "--help"]).env("HOME", bench.at("home")).output().unwrap(),
    );
    assert!(usage.contains("PIECE"), "what starts the standalone starts it: {usage}");

    // The next release: something is gone, a file was changed.
    let next = bench.at("next");
    ok(Command::new("cp").arg("-r").arg(&release).arg(&next));
    fs::remove_file(next.join("pieces/echo.csd")).unwrap();
    let sums = fs::read_to_string(next.join("SHA256SUMS")).unwrap();
    let sums: String = sums
        .lines()
        .filter(|line| !line.ends_with("pieces/echo.csd"))
        .map(|line| format!("{line}\n"))
        .collect();
    fs::write(next.join("SHA256SUMS"), sums).unwrap();
    ok(&mut bench.sh(&next.join("install.sh")));
    let gone: Vec<_> = installed.iter().filter(|file| !bench.home().contains(file)).cloned().collect();
    assert_eq!(gone, ["./.local/share/csound-performer/pieces/echo.csd"]);

    let changed = bench.at("home/.local/share/csound-performer/pieces/first.csd");
    fs::write(&changed, "changed").unwrap();
    let told = ok(&mut bench.sh(&bench.at("home/.local/share/csound-performer/uninstall.sh")));
    assert!(told.contains("left, because you changed it") && told.contains("first.csd"), "{told}");
    let left = format!("an exported plugin, {} (delete it", bench.at("home/.vst3/Bells.vst3").display());
    assert!(told.contains(&left), "{told}");
    let mut expected = before;
    expected.push("./.local/share/csound-performer/pieces/first.csd".into());
    expected.sort();
    assert_eq!(bench.home(), expected);
    assert_eq!(fs::read_to_string(&own).unwrap(), "years");

    // A damaged one is not installed.
    fs::write(release.join("pieces/first.csd"), "damaged").unwrap();
    let output = bench.sh(&release.join("install.sh")).output().unwrap();
    assert!(!output.status.success() && said(&output).contains("get the archive again"), "{}", said(&output));
    assert_eq!(bench.home(), expected);
}

#[test]
fn the_debian_package_is_laid_out_as_hosts_look_and_plays_and_each_release_of_the_same_is_the_same() {
    if libcsound_is_missing() || is_missing("dpkg-deb", finds("dpkg-deb")) {
        return;
    }
    let bench = Bench::new();
    bench.dist("one", &[]);
    bench.dist("two", &[]);
    let sums = |out: &str| fs::read_to_string(bench.at(out).join("SHA256SUMS")).unwrap();
    assert_eq!(sums("one"), sums("two"));
    assert_eq!(sums("one").lines().count(), 2);
    let package = fs::read_dir(bench.at("one")).unwrap().flatten().map(|entry| entry.path());
    let package = package.into_iter().find(|path| path.extension().is_some_and(|end| end == "deb")).unwrap();
    let about = ok(Command::new("dpkg-deb").arg("--info").arg(&package));
    assert!(about.contains(&format!("Version: {VERSION}")) && about.contains("libc6 (>= 2."), "{about}");
    assert!(about.contains("Recommends: libcsound64-6.0"), "{about}");
    let listed = ok(Command::new("dpkg-deb").arg("--contents").arg(&package));
    assert!(listed.lines().all(|line| line.contains(" root/root ")), "{listed}");
    ok(Command::new("dpkg-deb").arg("-x").arg(&package).arg(bench.at("root")));
    for file in [
        "lib/vst3/Csound Performer.vst3/Contents",
        "share/doc/csound-performer/copyright",
        "share/csound-performer/pieces/first.csd",
        "share/vst3/presets/Csound Performer",
        "bin/csound-performer",
    ] {
        assert!(bench.at("root/usr").join(file).exists(), "{file}");
    }
    plays(&bench.at("root/usr/lib/clap/Csound Performer.clap"));
}

#[test]
fn a_release_with_csound_inside_has_it_beside_each_library_and_says_so() {
    if libcsound_is_missing() || std::env::var_os(VARIABLE).is_some() {
        return;
    }
    let bench = Bench::new();
    let told = bench.dist("out", &["--with-csound", "--no-deb"]);
    assert!(told.contains("has Csound 6 inside"), "{told}");
    let release = bench.unpack("out");
    for place in ["clap", &format!("vst3/Csound Performer.vst3/Contents/{}-linux", std::env::consts::ARCH)] {
        assert!(release.join(place).join("csound6/SOURCES.txt").is_file(), "{place}");
    }
    ok(&mut bench.sh(&release.join("install.sh")));
    assert!(bench.at("home/.clap/csound6/libcsound64.so.6.0").is_file());
    // This one and the next: what was inside goes with it.
    bench.dist("plain", &["--no-deb"]);
    let plain = bench.unpack("plain");
    fs::remove_dir_all(&release).unwrap();
    let plain = if plain.exists() { plain } else { bench.unpack("plain") };
    ok(&mut bench.sh(&plain.join("install.sh")));
    assert!(!bench.at("home/.clap/csound6").exists(), "{:?}", bench.home());
}

#[test]
fn install_and_uninstall_take_away_what_they_put_and_exports_only_where_they_are_named() {
    if libcsound_is_missing() {
        return;
    }
    let bench = Bench::new();
    let built = bench.at("built");
    let export = bench.at("home/.clap/Bells");
    fs::create_dir_all(&export).unwrap();
    let manifest = r#"{ "csound_performer_export": 1, "name": "Bells", "id": "org.a.bells", "kind": "effect",
        "piece": "a.csd", "parameters": [] }"#;
    fs::write(export.join("plugin.json"), manifest).unwrap();
    fs::create_dir_all(bench.at("home/.clap/Other")).unwrap();
    fs::write(bench.at("home/.clap/Other/plugin.json"), "{}").unwrap();
    let before = bench.home();
    ok(&mut bench.xtask(&["install", "--bundle", built.to_str().unwrap()]));
    plays(&bench.at("home/.clap/Csound Performer.clap"));
    assert!(bench.home().len() > before.len() + 10);
    let told = ok(&mut bench.xtask(&["uninstall"]));
    assert!(told.contains("left: Bells, an exported plugin") && told.contains("--export NAME"), "{told}");
    assert_eq!(bench.home(), before);
    let output = bench.xtask(&["uninstall", "--export", "Gongs"]).output().unwrap();
    assert!(
        !output.status.success() && said(&output).contains("no exported plugin Gongs"),
        "{}",
        said(&output)
    );
    ok(&mut bench.xtask(&["uninstall", "--export", "org.a.bells"]));
    assert_eq!(bench.home(), ["./.clap/Other/plugin.json"]);
}
