//! The VST3 in a JUCE host (dawdreamer) against the CLAP in ours.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use test_host::render::{BlockSize, RenderOptions, render};
use test_host::session::{AtEnd, Session};
use test_host::tools::venv_python;

use crate::common::{csd, csound_is_missing, is_missing, onset, pieces, plugin};

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
        .arg(test_host::bundle::dev_bundle().unwrap().vst3)
        .arg(&out)
        .args([rate.to_string(), block.to_string(), seconds.to_string()])
        .args(key.map(|key| key.to_string()))
        .env("CSOUND_PERFORMER_PIECE", piece)
        .env("CSOUND_PERFORMER_WAIT", "offline");
    let said = command.output().unwrap();
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    heard(&out)
}

fn heard(out: &Path) -> Vec<Vec<f32>> {
    let bytes = std::fs::read(out).unwrap();
    let samples: Vec<f32> =
        bytes.chunks_exact(4).map(|bytes| f32::from_le_bytes(bytes.try_into().unwrap())).collect();
    samples.chunks(samples.len() / 2).map(<[f32]>::to_vec).collect()
}

/// Blocks of the automation's host, in frames: it sets parameters where they begin.
const BLOCK: usize = 480;

/// A preset through the VST3 at 48 kHz for a second and a half, with what `happens` to it.
fn automated(preset: &Path, happens: &str) -> Vec<Vec<f32>> {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out.f32");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/python/dawdreamer_automation.py");
    let mut command = Command::new(venv_python());
    command
        .arg(script)
        .arg(test_host::bundle::dev_bundle().unwrap().vst3)
        .args([preset, &out])
        .args(["48000", &BLOCK.to_string(), "1.5"])
        .env_remove("CSOUND_PERFORMER_PIECE")
        .env("CSOUND_PERFORMER_WAIT", "offline")
        .stdin(Stdio::piped())
        .stderr(Stdio::piped());
    let mut host = command.spawn().unwrap();
    host.stdin.take().unwrap().write_all(happens.as_bytes()).unwrap();
    let said = host.wait_with_output().unwrap();
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    heard(&out)
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
        // dawdreamer runs a plugin for five blocks, says that it renders offline, and renders. The plugin
        // knows that, through its own door, and begins with the piece, behind the latency.
        let late = clap.latency as usize;
        for (theirs, ours) in vst3.iter().zip(&clap.samples) {
            assert_eq!(onset(&theirs[..late]), None);
            let both = (theirs.len() - late).min(ours.len());
            assert!(both as f64 > 0.7 * f64::from(rate), "{both} frames were compared");
            assert!(onset(&ours[..both]).is_some());
            assert_eq!(theirs[late..][..both], ours[..both], "{name}");
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

#[test]
fn notes_a_channel_and_play_are_automated_through_the_vst3() {
    if csound_is_missing() || dawdreamer_is_missing() {
        return;
    }
    let body = "massign 0, 2\nchn_k \"level\", 1, 2, 0.125, 0, 1\n\
                instr 1\nklevel chnget \"level\"\nalevel upsamp 0.25 + klevel * 0.5\nouts alevel, a(0)\nendin\n\
                instr 2\niloud ampmidi 0.5\nanote init iloud\nouts a(0), anote\nendin\n";
    let text = csd("", "sr = 48000\nksmps = 32\nnchnls = 2\n", body, "i 1 0 3600");
    let session = Session { at_end: AtEnd::Keep, ..Session::from_csd("automated.csd", text) };
    let folder = tempfile::tempdir().unwrap();
    let preset = folder.path().join("automated.vstpreset");
    std::fs::write(&preset, test_host::vstpreset::of_instrument(&session).unwrap()).unwrap();
    let happens = "param\tChannel 001\t0.5\t0\nparam\tChannel 001\t1\t0.3\nparam\tChannel 001\t0\t0.5\n\
                   param\tPlay\t1\t0\nparam\tPlay\t0\t0.8\nparam\tPlay\t1\t1\n\
                   note\t60\t100\t0.2\t0.25\nnote\t64\t127\t0.6\t0.1\n";
    let heard = automated(&preset, happens);
    // The latency, and the nearest k boundary; parameters move where the host's blocks begin.
    let (note, moved) = (31 + 16, 31 + 16 + BLOCK);
    let left = [
        (0, 0.5, moved),
        (14_400, 0.75, moved),
        (24_000, 0.25, moved),
        (38_400, 0.0, moved),
        (48_000, 0.25, moved),
    ];
    assert_steps("level", &heard[0], &left);
    let loud = |velocity: f32| velocity / 256.0;
    let right =
        [(9_600, loud(100.0), note), (21_600, 0.0, note), (28_800, loud(127.0), note), (33_600, 0.0, note)];
    assert_steps("notes", &heard[1], &right);
}

/// A channel is constant but for steps: at a frame or up to so many later, to a value.
fn assert_steps(what: &str, samples: &[f32], steps: &[(usize, f32, usize)]) {
    let mut last = 0.0;
    let mut heard = Vec::new();
    for (frame, sample) in samples.iter().copied().enumerate() {
        if (sample - last).abs() > 1e-6 {
            heard.push((frame, sample));
            last = sample;
        }
    }
    assert_eq!(heard.len(), steps.len(), "{what}: {heard:?} is not {steps:?}");
    for ((frame, value), (from, to, late)) in heard.iter().zip(steps) {
        let timely = (*from..=from + late).contains(frame);
        assert!(timely && (value - to).abs() < 1e-6, "{what}: {heard:?} is not {steps:?}");
    }
}

#[test]
fn every_shipped_preset_loads_and_sounds() {
    if csound_is_missing() || dawdreamer_is_missing() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let presets = test_host::vstpreset::write_all(folder.path()).unwrap();
    let instruments = presets.iter().filter(|path| path.parent().unwrap().ends_with("Csound Performer"));
    let mut heard = 0;
    for preset in instruments {
        let heard_here = automated(preset, "note\t60\t100\t0.2\t0.5\n");
        let silent = preset.to_string_lossy().contains("octave");
        assert_eq!(onset(&heard_here[0]).is_none(), silent, "{}", preset.display());
        heard += 1;
    }
    assert_eq!(heard, 6);
}
