//! The VST3 in a JUCE host (dawdreamer) against the CLAP in ours.

mod common;

use std::path::Path;
use std::process::Command;

use common::{csound_is_missing, is_missing, onset, pieces, plugin};
use xtask::render::{BlockSize, RenderOptions, render};
use xtask::session::{AtEnd, Session};
use xtask::setup::venv_python;

fn dawdreamer_is_missing() -> bool {
    let python = venv_python();
    let found = Command::new(&python)
        .args(["-c", "import dawdreamer"])
        .output()
        .is_ok_and(|said| said.status.success());
    is_missing("dawdreamer", found)
}

fn through_vst3(piece: &Path, rate: u32, block: u32, seconds: f64, key: Option<u8>) -> Vec<Vec<f32>> {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out.f32");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/python/dawdreamer_render.py");
    let mut command = Command::new(venv_python());
    command
        .arg(script)
        .arg(xtask::bundle::dev_bundle().unwrap().vst3)
        .arg(&out)
        .args([rate.to_string(), block.to_string(), seconds.to_string()])
        .args(key.map(|key| key.to_string()))
        .env("CSOUND_PERFORMER_PIECE", piece)
        .env("CSOUND_PERFORMER_WAIT", "offline");
    let said = command.output().unwrap();
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    let bytes = std::fs::read(&out).unwrap();
    let samples: Vec<f32> =
        bytes.chunks_exact(4).map(|bytes| f32::from_le_bytes(bytes.try_into().unwrap())).collect();
    samples.chunks(samples.len() / 2).map(<[f32]>::to_vec).collect()
}

#[test]
fn the_vst3_sounds_as_the_clap_does() {
    if csound_is_missing() || dawdreamer_is_missing() {
        return;
    }
    for (name, rate, block) in
        [("tones.csd", 48_000, 512), ("quad.csd", 44_100, 64), ("sampled.csd", 48_000, 441)]
    {
        let piece = pieces().join("oracle").join(name);
        let mut session = Session::from_file(&piece).unwrap();
        session.at_end = AtEnd::Keep;
        let mut options = RenderOptions::new(plugin(), session);
        options.rate = rate;
        options.block = BlockSize::Fixed(block);
        options.seconds = Some(1.0);
        let clap = render(&options, |_, _| ()).unwrap();
        let vst3 = through_vst3(&piece, rate, block, 0.8, None);
        // dawdreamer runs a plugin for five blocks and resets it before it renders. A reset keeps
        // the position and empties the framing: the piece goes on, behind the latency.
        let late = clap.latency as usize;
        let ksmps = late + 1;
        let begun = 5 * block as usize / ksmps * ksmps;
        for (theirs, ours) in vst3.iter().zip(&clap.samples) {
            assert_eq!(onset(&theirs[..late]), None);
            let both = (theirs.len() - late).min(ours.len() - begun);
            assert!(both as f64 > 0.7 * f64::from(rate), "{both} frames were compared");
            assert!(onset(&ours[begun..][..both]).is_some());
            assert_eq!(theirs[late..][..both], ours[begun..][..both], "{name}");
        }
    }
}

#[test]
fn a_note_reaches_the_piece_through_the_vst3_and_nothing_else_does() {
    if csound_is_missing() || dawdreamer_is_missing() {
        return;
    }
    let heard = &through_vst3(&pieces().join("midi_synth.csd"), 48_000, 480, 1.2, Some(60))[0];
    let began = onset(heard).unwrap();
    assert!((12_000..12_200).contains(&began), "{began}");
    assert!(heard[20_000..30_000].iter().any(|sample| sample.abs() > 0.05));
    assert!(heard[50_000..].iter().all(|sample| sample.abs() < 1e-3), "the note ends: no pedal is down");
}
