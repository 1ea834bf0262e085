//! `cargo xtask export`: a piece becomes a plugin that the tests' own host finds and plays.
#![cfg(target_os = "linux")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use csound_library::Library;
use test_host::bundle::dev_bundle;
use test_host::host::{Block, Host, Instance};
use test_host::testing::csd;
use test_host::tools::is_missing;

fn export(words: &[&str]) -> Output {
    let built = dev_bundle().unwrap().clap.parent().unwrap().to_owned();
    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
    command.arg("export").args(words).arg("--bundle").arg(built).output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

/// What is in a folder.
fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn a_piece_is_exported_by_the_command_and_what_it_refuses_is_an_exit_code() {
    if is_missing("libcsound", Library::get().is_ok()) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let (piece, out) = (folder.path().join("tone.csd"), folder.path().join("out"));
    let body =
        "chn_k \"level\", 1, 2, 0.25, 0, 1\ninstr 1\nklevel chnget \"level\"\nouts a(klevel), a(0)\nendin\n";
    fs::write(&piece, csd("", "sr = 48000\nksmps = 32\nnchnls = 2\n0dbfs = 1\n", body, "i 1 0 3600"))
        .unwrap();
    let [piece, to] = [&piece, &out].map(|path| path.to_str().unwrap());

    let refused = export(&[piece, "-o", to, "--id", "no id at all!"]);
    assert!(!refused.status.success() && !said(&refused).is_empty());
    assert_eq!(names(&out), [""; 0], "nothing is left of it");

    let done = export(&[piece, "-o", to, "--name", "Tone", "--id", "org.example.tone"]);
    assert!(done.status.success(), "{}", said(&done));
    assert_eq!(names(&out), ["Tone", "Tone.vst3"]);
    let clap = fs::read_dir(out.join("Tone")).unwrap().map(|entry| entry.unwrap().path());
    let clap = clap.into_iter().find(|path| path.extension().is_some_and(|ext| ext == "clap")).unwrap();
    let host = Host::load(&clap).unwrap();
    let mut plugin = Instance::new(&host, "org.example.tone").unwrap();
    let level = plugin.params().into_iter().find(|param| param.name == "level").unwrap();
    assert_eq!((level.min, level.max), (0.0, 1.0), "the piece's own channel");
    plugin.set_offline(true).unwrap();
    plugin.activate(48_000.0, 1, 512).unwrap();
    plugin.settle().unwrap();
    plugin.start().unwrap();
    let heard = plugin.process(Block { frames: 512, ..Block::default() }).unwrap();
    assert_eq!(heard.output[0][511], 0.25);
}
