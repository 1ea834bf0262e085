//! The first export through the VST3 of a fresh instance: a host that sets the plugin up for rendering and
//! begins. It does nothing else with the instance first, so that nothing warms the plugin up. A program of its own,
//! because a piece is made that takes a certain time here, and no other test is to take that time away.
#![cfg(all(target_os = "linux", target_arch = "x86_64"))]

mod common;

use std::path::Path;
use std::process::Command;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use common::vst3::{Gives, INSTRUMENT, Instance, LARGEST, Mode, Module, plugin};
use common::{csd, generation, oracle_is_missing};
use test_host::compare::oracle;

/// No test takes the time away in which another one's piece compiles.
static IN_TURN: Mutex<()> = Mutex::new(());

const BLOCK: usize = LARGEST;

/// An instance that was set up and activated, by a host that has nothing for it and asks it nothing.
fn started(mode: Mode) -> Instance {
    let mut instance = Instance::new(&Module::load(&plugin()), INSTRUMENT, Gives::Nothing);
    instance.activate_in(mode);
    instance
}

/// A piece that takes about this long to compile, and sounds from its first frame on.
fn slow_piece(folder: &Path, seconds: f64) -> std::path::PathBuf {
    let text = |rounds: u64| {
        let header = format!(
            "sr = 48000\nksmps = 32\nnchnls = 2\niround = 0\nwhile iround < {rounds} do\niround += 1\nod\n"
        );
        csd("", &header, "instr 1\na1 poscil 0.5, 440, -1, 0.25\nouts a1, a1\nendin\n", "i 1 0 2")
    };
    let path = folder.join("slow.csd");
    let takes = |rounds: u64| {
        std::fs::write(&path, text(rounds)).unwrap();
        let began = Instant::now();
        assert!(render(&path, folder).status.success());
        began.elapsed().as_secs_f64()
    };
    // The least of three: whatever else this machine does, the piece takes no less than it should.
    let least = |rounds| (0..3).map(|_| takes(rounds)).fold(f64::INFINITY, f64::min);
    let (none, some) = (least(0), least(40_000_000));
    std::fs::write(&path, text((40_000_000.0 * seconds / (some - none)) as u64)).unwrap();
    path
}

fn render(piece: &Path, folder: &Path) -> std::process::Output {
    let mut csound = oracle::command(generation(), 48_000, &folder.join("ref.wav")).unwrap();
    csound.arg(piece).output().unwrap()
}

/// The first channel of what is rendered of it by the csound command, or for Csound 7 over its library.
fn reference(folder: &Path) -> Vec<f32> {
    assert!(render(&folder.join("slow.csd"), folder).status.success());
    let mut reference = hound::WavReader::open(folder.join("ref.wav")).unwrap();
    reference.samples::<f32>().step_by(2).map(Result::unwrap).collect()
}

/// In a process of its own, which has the piece in its environment from the start.
fn in_a_process_of_its_own(test: &str) -> Option<std::path::PathBuf> {
    const FOLDER: &str = "VST3_EXPORT_FOLDER";
    if let Some(folder) = std::env::var_os(FOLDER) {
        return Some(folder.into());
    }
    if oracle_is_missing() {
        return None;
    }
    let _in_turn = IN_TURN.lock();
    let folder = tempfile::tempdir().unwrap();
    let piece = slow_piece(folder.path(), 3.0);
    let output = Command::new(std::env::current_exe().unwrap())
        .args([test, "--exact", "--nocapture"])
        .env(FOLDER, folder.path())
        .env("CSOUND_PERFORMER_PIECE", piece)
        .env("HOME", folder.path())
        .env_remove("XDG_CONFIG_HOME")
        .env_remove("CSOUND_PERFORMER_WAIT")
        .output()
        .unwrap();
    let said =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
    None
}

#[test]
fn the_first_export_of_a_piece_that_compiles_for_three_seconds_begins_with_its_sound() {
    let name = "the_first_export_of_a_piece_that_compiles_for_three_seconds_begins_with_its_sound";
    let Some(folder) = in_a_process_of_its_own(name) else { return };
    let expected = reference(&folder);
    let instance = started(Mode::Offline);
    let heard: Vec<f32> = (0..20).flat_map(|_| instance.block(BLOCK)).collect();
    // Behind the latency, ksmps - 1.
    assert_eq!(heard[..31], [0.0; 31]);
    assert_eq!(heard[31..], expected[..heard.len() - 31]);
    assert_ne!(heard[31], 0.0, "the piece sounds from its first frame on");
}

#[test]
fn a_host_that_renders_without_saying_so_waits_from_its_second_block_on() {
    let name = "a_host_that_renders_without_saying_so_waits_from_its_second_block_on";
    let Some(folder) = in_a_process_of_its_own(name) else { return };
    let expected = reference(&folder);
    let instance = started(Mode::RealTime);
    assert_eq!(instance.block(BLOCK), [0.0; BLOCK], "nobody could know it yet");
    let heard: Vec<f32> = (0..20).flat_map(|_| instance.block(BLOCK)).collect();
    assert_eq!(heard[..31], [0.0; 31]);
    assert_eq!(heard[31..], expected[..heard.len() - 31]);
}

#[test]
fn in_real_time_activation_does_not_wait_for_a_slow_piece_which_comes_in_later() {
    let name = "in_real_time_activation_does_not_wait_for_a_slow_piece_which_comes_in_later";
    if in_a_process_of_its_own(name).is_none() {
        return;
    }
    let instance = started(Mode::RealTime);
    let began = Instant::now();
    let mut silent = 0;
    while instance.block(BLOCK).iter().all(|sample| *sample == 0.0) {
        silent += 1;
        assert!(began.elapsed() < Duration::from_secs(60), "it never came in");
        std::thread::sleep(Duration::from_secs_f64(BLOCK as f64 / 48_000.0));
    }
    assert!(silent > 10, "it was there at once: the piece was not slow");
}

#[test]
fn everything_here_holds_over_csound_7() {
    let _in_turn = IN_TURN.lock();
    if test_host::testing::again_over_csound_7(&[]) {
        assert_eq!(csound_library::Library::get().unwrap().generation(), csound_library::Generation::Seven);
    }
}
