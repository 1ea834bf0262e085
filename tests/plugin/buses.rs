//! The buses: every layout in a CLAP and in a VST3 host, each channel equal to what the csound command renders, and what
//! hosts leave out.

mod clap;
pub mod instances;
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
pub mod vst3;
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
mod vst3_lacks;

use test_host::compare::difference::{Sound, compare_sounds};
use test_host::compare::oracle;
use test_host::session::{Session, Timing};
use test_host::testing::generation;
use test_host::wav;

use crate::common::{Random, csd};

/// Frames that are compared.
pub const FRAMES: usize = 9600;

/// The k-cycle of the pieces here.
pub const KSMPS: usize = 32;

/// The largest block.
const LARGEST: usize = 512;

/// A piece whose every output is a tone of its own, and what it hears on the input of that number and on those behind the
/// outputs, which are the sidechain's.
pub fn piece(inputs: usize, outputs: usize) -> String {
    let mut body = String::from("instr 1\n");
    for output in 1..=outputs {
        body += &format!("a{output} oscili 0.1, {}\n", 110 * output);
        let heard = (1..=inputs).filter(|input| (*input - 1) % outputs + 1 == output);
        for input in heard {
            body += &format!("ain inch {input}\na{output} = a{output} + ain * {}\n", 0.5 / input as f64);
        }
        body += &format!("outch {output}, a{output}\n");
    }
    body += "endin\n";
    let inputs = if inputs == 0 { String::new() } else { format!("nchnls_i = {inputs}\n") };
    let header = format!("sr = 48000\nksmps = {KSMPS}\nnchnls = {outputs}\n{inputs}");
    csd("", &header, &body, &format!("i 1 0 {}", FRAMES as f64 / 48_000.0))
}

fn session(inputs: usize, outputs: usize, timing: Timing) -> Session {
    let mut session = Session::from_csd("buses.csd", piece(inputs, outputs));
    session.timing = timing;
    session
}

/// Noise for so many inputs.
pub fn noise(channels: usize) -> Vec<Vec<f32>> {
    let mut random = Random::new(7);
    (0..channels).map(|_| (0..FRAMES + 2 * LARGEST).map(|_| random.unit() as f32 - 0.5).collect()).collect()
}

/// What Csound itself makes of it.
pub fn reference(inputs: &[Vec<f32>], outputs: usize) -> Vec<Vec<f32>> {
    let folder = tempfile::tempdir().unwrap();
    let (out, file) = (folder.path().join("out.wav"), folder.path().join("piece.csd"));
    std::fs::write(&file, piece(inputs.len(), outputs)).unwrap();
    let mut command = oracle::command(generation(), 48_000, &out).unwrap();
    if !inputs.is_empty() {
        let given = folder.path().join("in.wav");
        wav::write(&given, inputs, 48_000).unwrap();
        command.arg("-i").arg(given);
    }
    let said = command.arg(file).current_dir(folder.path()).output().unwrap();
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    wav::read(&out).unwrap().0
}

/// The latency that a timing has in these hosts.
fn latency_of(timing: Timing) -> usize {
    match timing {
        Timing::Exact => KSMPS - 1,
        Timing::Immediate => 0,
        Timing::Pipelined => KSMPS - 1 + LARGEST,
    }
}

/// The frames that pass before any channel sounds, less those in which the reference does not sound yet either.
fn measured_latency(heard: &[Vec<f32>], reference: &[Vec<f32>]) -> usize {
    let onset = |channels: &[Vec<f32>]| {
        channels.iter().filter_map(|channel| channel.iter().position(|sample| *sample != 0.0)).min().unwrap()
    };
    onset(heard) - onset(reference)
}

/// Holds what was heard, `latency` frames late, to the reference, channel by channel.
pub fn assert_equal(heard: &[Vec<f32>], latency: usize, reference: &[Vec<f32>], what: &str) {
    assert_eq!(heard.len(), reference.len(), "{what}");
    let late = heard.iter().map(|channel| channel[latency..].to_vec()).collect();
    let sound = |samples: Vec<Vec<f32>>| Sound { samples, rate: 48_000, ended: true };
    if let Some(difference) = compare_sounds(&sound(late), &sound(reference.to_vec())) {
        panic!("{what}: it differs {difference}");
    }
    assert!(
        reference.iter().all(|channel| channel.iter().any(|sample| sample.abs() > 0.01)),
        "{what}: silence"
    );
    assert!(reference[0].len() >= FRAMES, "{what}: too short");
}

/// Block sizes, of which one after the other is used.
const SIZES: [usize; 5] = [64, 1, 511, 17, 512];
