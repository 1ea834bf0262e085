//! Exports that are disturbed (ended by hand, or two at once), and pieces that want more than a plugin may.

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use test_host::bundle::ENGINE;

use super::bench::{Bench, VALUES, everything};
use crate::common::{csd, libcsound_is_missing};
use crate::exports::HEADER;

const LEVEL: &str =
    "chn_k \"level\", 1, 2, 0.25, 0, 1\ninstr 1\nk1 chnget \"level\"\nouts a(k1), a(k1)\nendin\n";

fn level(score: &str) -> String {
    csd("", HEADER, LEVEL, score)
}

/// Waits until a program listens to Ctrl-C.
fn until_it_listens(child: &Child) {
    let tasks = format!("/proc/{}/task", child.id());
    let is_listening = || {
        let tasks = fs::read_dir(Path::new(&tasks)).into_iter().flatten().flatten();
        let mut names = tasks.filter_map(|task| fs::read_to_string(task.path().join("comm")).ok());
        names.any(|name| name.trim_end() == "ctrl-c")
    };
    let began = Instant::now();
    while !is_listening() {
        assert!(began.elapsed() < Duration::from_secs(60), "it never listens");
        std::thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn ctrl_c_gives_an_export_up_and_nothing_of_it_stays() {
    if libcsound_is_missing() {
        return;
    }
    let bench = Bench::new(&[("piece.csd", &level("i 1 0 3600"))]);
    for signal in ["-INT", "-TERM"] {
        let before = everything(&bench.at("."));
        let mut command = bench.exporter(&["piece/piece.csd", "-o", "out"]);
        let child = command.stderr(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        until_it_listens(&child);
        assert!(Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap().success());
        let output = child.wait_with_output().unwrap();
        let told = String::from_utf8(output.stderr).unwrap();
        assert_eq!(told, "error: nothing was exported: it was given up\n");
        assert_eq!(output.status.code(), Some(1));
        assert_eq!(everything(&bench.at(".")), before);
    }
}

#[test]
fn of_two_exports_at_once_to_one_place_each_is_whole() {
    if libcsound_is_missing() {
        return;
    }
    let bench = Bench::new(&[("one.csd", &level("i 1 0 1")), ("two.csd", &level("i 1 0 1"))]);
    let export = |piece: &str, more: &[&str]| {
        let mut command = bench.exporter(&[piece, "-o", "out", "--ids", "ids.json"]);
        command.args(more).stderr(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap()
    };
    // Of two pieces: both are there, and what is kept of both.
    let both = [export("piece/one.csd", &[]), export("piece/two.csd", &[])];
    for child in both {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    let kept = fs::read_to_string(bench.at("ids.json")).unwrap();
    assert!(kept.contains("csound.one") && kept.contains("csound.two"), "{kept}");
    // Of one plugin: whichever comes last, both formats are its, or it says that the other one came first.
    let both = ["2.0", "3.0"]
        .map(|version| export("piece/one.csd", &["--id", "csound.one", "--force", "--version", version]));
    let mut made = 0;
    for child in both {
        let output = child.wait_with_output().unwrap();
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success() || told.contains("has changed meanwhile"), "{told}");
        made += usize::from(output.status.success());
    }
    assert!(made >= 1);
    let manifests = ["out/one", "out/one.vst3/Contents/Resources"].map(|folder| bench.manifest(folder));
    assert_eq!(manifests[0], manifests[1]);
    assert!(["2.0", "3.0"].contains(&manifests[0].version.as_str()));
    let mut names: Vec<_> =
        fs::read_dir(bench.at("out")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["one", "one.vst3", "two", "two.vst3"], "and nothing else");
}

#[test]
fn what_the_plugin_will_be_refused_is_told_before_it_is_exported() {
    if libcsound_is_missing() {
        return;
    }
    let bench = Bench::new(&[]);
    for (name, line, told) in [
        ("program.csd", "i1 system_i 1, \"true\"", "tried to start a program"),
        (
            "network.csd",
            "OSCsend 1, \"localhost\", 7770, \"/a\", \"i\", 1",
            "tried to open a network connection",
        ),
    ] {
        bench.put(&[(name, &csd("", HEADER, &format!("instr 1\n{line}\nendin\n"), "i 1 0 1"))]);
        let output = bench.try_export(&[&format!("piece/{name}"), "-o", "out"], &[]);
        let said = String::from_utf8_lossy(&output.stderr);
        // Csound 7 has programs in a library of its own, without which the piece does not compile.
        let is_told = match output.status.success() {
            true => said.contains(told) && said.contains("An exported plugin is as confined"),
            false => name == "program.csd" && said.contains("`system_i` needs trust"),
        };
        assert!(is_told, "{said}");
    }
}

#[test]
fn what_a_piece_reads_elsewhere_does_not_go_with_it_whatever_way_it_is_named() {
    if libcsound_is_missing() {
        return;
    }
    let bench = Bench::new(&[("values.txt", VALUES)]);
    fs::write(bench.at("secret.txt"), VALUES).unwrap();
    std::os::unix::fs::symlink("..", bench.at("piece/up")).unwrap();
    let secret = bench.at("secret.txt").display().to_string();
    for (number, file) in ["../secret.txt", "up/secret.txt", "x/../../secret.txt", "/etc/passwd", &secret]
        .into_iter()
        .enumerate()
    {
        let name = format!("piece/p{number}.csd");
        // At the start, and while it performs: the one is refused, the other told.
        for body in [
            format!("gi1 ftgen 1, 0, 0, -23, \"{file}\"\ninstr 1\nendin\n"),
            format!("instr 1\nSline, kn readf \"{file}\"\nendin\n"),
        ] {
            fs::write(bench.at(&name), csd("", HEADER, &body, "i 1 0 1")).unwrap();
            let output = bench.try_export(&[&name, "-o", "out", "--force"], &[]);
            let told = String::from_utf8(output.stderr).unwrap();
            assert!(
                told.contains("in its trial performance: ") || !output.status.success(),
                "{file}: {told}"
            );
        }
        let own = [
            format!("p{number}.csd"),
            format!("p{number}.clap"),
            "plugin.json".to_owned(),
            ENGINE.to_owned(),
        ];
        for (path, _) in everything(&bench.at(&format!("out/p{number}"))) {
            let found = path.file_name().unwrap().to_str().unwrap().to_owned();
            assert!(own.contains(&found), "{file}: {}", path.display());
        }
    }
}
