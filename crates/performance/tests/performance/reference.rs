//! The same script of calls against the reference performance thread (ctcsound) and against ours:
//! the status and every sample heard must be the same.

use std::path::Path;
use std::process::Command;

use csound_library::{Csound, Io};
use csound_performance::{PerformanceThread, TimeBase};
use test_host::tools::venv_python;

use crate::common::{csd, is_missing, libcsound_is_missing};

const BODY: &str = "instr 1\naenv linen p4, 0.01, p3, 0.01\na1 oscili aenv, p5\nouts a1, a1\nendin\n\
                    instr 2\na1 oscili 0.1, p4\nouts a1, a1 * 0\nendin\n\
                    instr 9\nexitnow 5\nendin\n";

/// What is called. After `exitnow` only statuses are compared; so are live notes of a sample-accurate
/// piece, where ours is meant to differ: the reference starts those of a k-cycle's second half a k-cycle
/// late.
const SCRIPTS: &[(&str, &str)] = &[
    ("to the end", "play"),
    ("stopped before it played", "stop"),
    ("toggled", "toggle\ntoggle\ntoggle"),
    ("messages before the first k-cycle", "message i 1 0.1 0.5 0.2 300\nmessage i 2 0.252 0.3 500\nplay"),
    ("events from now", "event i 1 0.2 0.4 0.2 250\nevent i 2 0 0.3 700\nplay"),
    ("a held note and its end", "event i 2.1 0.1 -1 600\nevent i -2.1 0.5 0 600\nplay"),
    ("forward", "offset 0.5\nplay"),
    ("forward into a note", "offset 0.123\nplay"),
    ("forward twice", "offset 0.25\noffset 0.75\nplay"),
    ("past the end", "offset 100\nplay"),
    ("an end from an event", "event e 0.3\nplay"),
    ("an end from a message", "message e 0.3\nplay"),
    ("stopped after messages", "message i 1 0 0.5 0.2 300\nstop\nplay"),
    ("exitnow", "event i 9 0.2 1\nplay"),
];

fn ours(piece: &Path, out: &Path, script: &str) -> i32 {
    let mut csound = Csound::new(Io::Own).unwrap();
    csound
        .compile(&["csound", "-W", "-f", "-d", "-o", out.to_str().unwrap(), piece.to_str().unwrap()])
        .unwrap();
    csound.start().unwrap();
    let thread = PerformanceThread::new(csound).unwrap();
    for line in script.lines() {
        let (call, rest) = line.split_once(' ').unwrap_or((line, ""));
        let mut words = rest.split_whitespace();
        match call {
            "play" => thread.play(),
            "stop" => thread.stop(),
            "toggle" => thread.toggle_pause(),
            "message" => thread.input_message(rest),
            "offset" => thread.set_score_offset_seconds(rest.parse().unwrap()),
            "event" => {
                let opcode = words.next().unwrap().chars().next().unwrap();
                let fields: Vec<f64> = words.map(|word| word.parse().unwrap()).collect();
                thread.score_event(TimeBase::Now, opcode, &fields)
            }
            _ => panic!("unknown call {call}"),
        }
        .unwrap();
    }
    thread.join()
}

fn theirs(piece: &Path, out: &Path, script: &Path) -> i32 {
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/python/reference_thread.py");
    let said = Command::new(venv_python()).arg(program).args([piece, out, script]).output().unwrap();
    let words = String::from_utf8_lossy(&said.stdout).into_owned();
    let status = words.split_whitespace().last().and_then(|word| word.parse().ok());
    status.unwrap_or_else(|| panic!("{words}\n{}", String::from_utf8_lossy(&said.stderr)))
}

fn samples(path: &Path) -> Vec<u32> {
    let reader = hound::WavReader::open(path).unwrap();
    reader.into_samples::<f32>().map(|sample| sample.unwrap().to_bits()).collect()
}

#[test]
fn the_same_calls_give_the_same_statuses_and_notes_as_the_reference() {
    let found = Command::new(venv_python()).args(["-c", "import ctcsound"]).output();
    if libcsound_is_missing() || is_missing("ctcsound", found.is_ok_and(|said| said.status.success())) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let score = "i 1 0 0.5 0.3 220\ni 1 0.3 0.9 0.2 330\ni 2 1 0.2 440\nf 0 1.5";
    for accurate in ["", "--sample-accurate"] {
        std::fs::write(path("piece.csd"), csd(accurate, "sr = 48000\nksmps = 64\nnchnls = 2\n", BODY, score))
            .unwrap();
        for (what, script) in SCRIPTS {
            std::fs::write(path("script"), script).unwrap();
            let mine = ours(&path("piece.csd"), &path("ours.wav"), script);
            let reference = theirs(&path("piece.csd"), &path("theirs.wav"), &path("script"));
            assert_eq!(mine, reference, "{what} {accurate}");
            let live_notes = script.contains("message i") || script.contains("event i");
            let meant_to_differ = live_notes && accurate == "--sample-accurate";
            if *what != "exitnow" && !meant_to_differ {
                let (mine, reference) = (samples(&path("ours.wav")), samples(&path("theirs.wav")));
                assert_eq!(mine.len(), reference.len(), "{what} {accurate}: frames");
                let differs = mine.iter().zip(&reference).position(|(mine, reference)| mine != reference);
                assert_eq!(
                    differs.map(|at| at / 2),
                    None,
                    "{what} {accurate}: samples differ from this frame on"
                );
            }
        }
    }
}
