//! The same script of calls against the reference performance thread and against ours: the status and every sample
//! heard must be the same, and what code gives. The reference is that of the library in question: for Csound 6
//! through ctcsound, for Csound 7 through cycsound.

use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use csound_library::{Csound, Io, VARIABLE};
use csound_performance::{Answer, AnswerError, Cycle, PerformanceError, PerformanceThread, TimeBase};
use test_host::tools::{csound_7, venv_python};

use crate::common::{alone, csd, is_missing, libcsound_is_missing};

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

/// What the thread of Csound 7 has beyond that: code, and functions that it runs. `\\n` ends a line of code.
const SCRIPTS_OF_SEVEN: &[(&str, &str)] = &[
    ("numbers", "eval return 2 + 3\neval giA = 4\neval return giA * 0.1\neval return 1e300 * -3\nplay"),
    (
        "an instrument for what comes after it",
        "compile instr 7\\na1 oscili 0.2, 500\\nouts a1, a1\\nendin\nevent i 7 0.1 0.2\nmessage i 7 0.5 0.2\nplay",
    ),
    (
        "an instrument anew",
        "compile instr 2\\na1 oscili 0.05, 777\\nouts a1, a1\\nendin\nevent i 2 0.1 0.2\nplay",
    ),
    ("a note from code", "eval schedule 1, 0.2, 0.3, 0.1, 640\\nreturn 1\nplay"),
    ("code that is none", "eval return nonsense\ncompile instr 8\\nnonsense\\nendin\neval return 6\nplay"),
    (
        "callbacks in their order",
        "callback\neval chnset 3, \"told\"\\nreturn 1\ncallback\neval chnset 4, \"told\"\\nreturn 2\ncallback\nplay",
    ),
    ("code after a seek", "offset 0.4\neval return 9\ncompile schedule 2, 0, 0.1, 555\nplay"),
    ("toggled", "toggle\neval return 8\ntoggle\ntoggle"),
];

/// What the script's code gave and its callbacks found, in that order, and the status.
type Told = (Vec<String>, i32);

/// The longest wait for an answer.
const LIMIT: Duration = Duration::from_secs(60);

fn ours(piece: &Path, out: &Path, script: &str) -> Told {
    let mut csound = Csound::new(Io::Own).unwrap();
    csound
        .compile(&["csound", "-W", "-f", "-d", "-o", out.to_str().unwrap(), piece.to_str().unwrap()])
        .unwrap();
    csound.start().unwrap();
    let thread = PerformanceThread::new(csound).unwrap();
    let (mut numbers, found) = (Vec::new(), Arc::new(Mutex::new(Vec::new())));
    for line in script.lines() {
        let (call, rest) = line.split_once(' ').unwrap_or((line, ""));
        let mut words = rest.split_whitespace();
        match call {
            "play" => thread.play(),
            "stop" => thread.stop(),
            "toggle" => thread.toggle_pause(),
            "message" => thread.input_message(rest),
            "compile" => thread.compile_orc(&rest.replace("\\n", "\n")).map(drop),
            "eval" => thread.eval_code(&rest.replace("\\n", "\n")).map(|number| numbers.push(number)),
            "callback" => {
                let found = Arc::clone(&found);
                let look = move |cycle: &Cycle<'_>| {
                    let value = cycle.csound().unwrap().control_channel("told").unwrap_or(0.0);
                    found.lock().unwrap().push(value);
                };
                thread.request_callback(look).map(drop)
            }
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
    let status = thread.join();
    // The reference gives 0 for what is an error here.
    let number = |answer: &Answer<f64>| match answer.wait(LIMIT) {
        Err(PerformanceError::Answer(AnswerError::Csound(_))) => 0.0,
        answer => answer.unwrap(),
    };
    let numbers = numbers.iter().map(|answer| format!("gives {:?}", number(answer)));
    let found =
        found.lock().unwrap().iter().map(|value: &f64| format!("finds {value:?}")).collect::<Vec<_>>();
    (numbers.chain(found).collect(), status)
}

fn theirs(program: &str, piece: &Path, out: &Path, script: &Path) -> Told {
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/python").join(program);
    let said = Command::new(venv_python()).arg(program).args([piece, out, script]).output().unwrap();
    let words = String::from_utf8_lossy(&said.stdout).into_owned();
    let status = words.split_whitespace().last().and_then(|word| word.parse().ok());
    let status = status.unwrap_or_else(|| panic!("{words}\n{}", String::from_utf8_lossy(&said.stderr)));
    let told = |word: &str| words.lines().filter(|line| line.starts_with(word)).map(in_our_words).collect();
    let (mut numbers, found): (Vec<String>, Vec<String>) = (told("gives "), told("finds "));
    numbers.extend(found);
    (numbers, status)
}

/// A line with its number as Rust writes it.
fn in_our_words(line: &str) -> String {
    let (word, number) = line.split_once(' ').unwrap();
    format!("{word} {:?}", number.parse::<f64>().unwrap())
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
    compare("reference_thread.py", SCRIPTS);
}

#[test]
fn the_same_calls_give_the_same_as_the_performance_thread_of_csound_7() {
    let (library, wheel) = (csound_7(), Command::new(venv_python()).args(["-c", "import cycsound"]).output());
    let is_there = library.is_some() && wheel.is_ok_and(|said| said.status.success());
    if is_missing("Csound 7 with cycsound", is_there) {
        return;
    }
    let test = "reference::the_same_calls_give_the_same_as_the_performance_thread_of_csound_7";
    if alone(test, VARIABLE, library.unwrap_or_default().to_str().unwrap()) {
        compare("reference_thread_seven.py", &[SCRIPTS, SCRIPTS_OF_SEVEN].concat());
    }
}

fn compare(program: &str, scripts: &[(&str, &str)]) {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let score = "i 1 0 0.5 0.3 220\ni 1 0.3 0.9 0.2 330\ni 2 1 0.2 440\nf 0 1.5";
    for accurate in ["", "--sample-accurate"] {
        std::fs::write(path("piece.csd"), csd(accurate, "sr = 48000\nksmps = 64\nnchnls = 2\n", BODY, score))
            .unwrap();
        for (what, script) in scripts {
            std::fs::write(path("script"), script).unwrap();
            let mine = ours(&path("piece.csd"), &path("ours.wav"), script);
            let reference = theirs(program, &path("piece.csd"), &path("theirs.wav"), &path("script"));
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
