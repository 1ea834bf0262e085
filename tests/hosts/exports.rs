//! Exported pieces in Ardour, without a screen: an instrument and an effect are found and scanned, automated by the names
//! of their channels, saved, opened again and exported as the csound command has them.

use std::path::Path;
use std::process::Command;

use test_host::bundle::dev_bundle;
use test_host::compare::oracle;

use crate::ardour::{Ardour, LENGTH, ardour, run};
use crate::common::{csd, generation};

/// What the effect's channel and the instrument's are automated with, in `session.lua`.
const SHARE: (f32, f32, usize) = (0.5, 0.25, 96_000);
const LEVEL: [(usize, f32); 3] = [(0, 0.5), (24_000, 1.0), (36_000, 0.0)];

const HEADER: &str = "sr = 48000\nksmps = 32\nnchnls = 2\n";

/// A sound on the right that tells each place from all others, and the channel on the left.
fn bells(seconds: u32) -> String {
    let body = "chn_k \"level\", 1, 2, 0.5, 0, 1\nseed 17\ninstr 1\nklevel chnget \"level\"\n\
        aleft upsamp klevel\naright rand 0.5\nouts aleft, aright\nendin\n";
    csd("", HEADER, body, &format!("i 1 0 {seconds}"))
}

fn half() -> String {
    let body = "chn_k \"share\", 1, 2, 1, 0, 1\ninstr 1\nkshare chnget \"share\"\na1, a2 ins\n\
        outs a1 * kshare, a2 * kshare\nendin\n";
    csd("", HEADER, body, "i 1 0 3600")
}

fn exported(folder: &Path, name: &str, text: &str) {
    let file = folder.join(format!("{name}.csd"));
    std::fs::write(&file, text).unwrap();
    let mut program = Command::new(dev_bundle().unwrap().engine());
    run(program.arg("export").arg(file).arg("-o").arg(folder.join("out")));
}

/// What the csound command has on the right, for so many seconds.
fn reference(folder: &Path, seconds: u32) -> Vec<f32> {
    let (piece, out) = (folder.join("reference.csd"), folder.join("reference.wav"));
    std::fs::write(&piece, bells(seconds)).unwrap();
    run(oracle::command(generation(), 48_000, &out).unwrap().arg(piece));
    test_host::wav::read(&out).unwrap().0.remove(1)
}

/// The value of a list of automation at a frame.
fn at(points: &[(usize, f32)], frame: usize) -> f32 {
    points.iter().rev().find(|(begin, _)| *begin <= frame).map_or(0.0, |(_, value)| *value)
}

/// The piece sounds from its first frame on, wherever Ardour begins in it; each automation is at most the two latencies
/// and a k-cycle late.
fn check(heard: &[Vec<f32>], reference: &[f32]) {
    assert_eq!((heard.len(), heard[0].len()), (2, LENGTH));
    let late = 3 * 32;
    let near =
        |frame: usize, points: &[usize]| points.iter().any(|point| (*point..=point + late).contains(&frame));
    let share = |frame: usize| if frame < SHARE.2 { SHARE.0 } else { SHARE.1 };
    let probe: Vec<f32> = heard[1][1000..1400].iter().map(|sample| sample / SHARE.0).collect();
    let begin = reference.windows(probe.len()).position(|part| part == probe);
    let begin = begin.expect("the piece is in what was exported");
    let (mut right, mut left) = (0, 0);
    for frame in 1000..LENGTH {
        if near(frame, &[SHARE.2]) {
            continue;
        }
        assert_eq!(heard[1][frame], reference[begin + frame - 1000] * share(frame), "frame {frame}");
        right += 1;
        if !near(frame, &[LEVEL[1].0, LEVEL[2].0]) {
            assert_eq!(heard[0][frame], at(&LEVEL, frame) * share(frame), "frame {frame}");
            left += 1;
        }
    }
    assert!(right > LENGTH - 1000 - 2 * late && left > LENGTH - 1000 - 4 * late);
}

#[test]
fn an_exported_instrument_and_an_exported_effect_are_automated_by_name_saved_and_exported_in_ardour() {
    let Some(version) = ardour() else { return };
    let folder = tempfile::tempdir().unwrap();
    exported(folder.path(), "Bells", &bells(3600));
    exported(folder.path(), "Half", &half());
    let bundles = ["Bells", "Half"].map(|name| folder.path().join(format!("out/{name}.vst3")));
    let ardour = Ardour::new(version, &[&bundles[0], &bundles[1]]);
    let reference = reference(folder.path(), 40);
    ardour.script("exports", None);
    check(&ardour.export(), &reference);
    ardour.script("saved", None);
    check(&ardour.export(), &reference);
}
