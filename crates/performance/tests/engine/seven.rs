//! Engines that perform by Csound 7: equal, bit for bit, to a program that is not ours over the same
//! library (subnormal samples apart, as by Csound 6).

use std::path::{Path, PathBuf};

use csound_library::VARIABLE;
use csound_performance::Generation;
use csound_performance::engine::opcode_libraries::Table;
use csound_performance::engine::piece::{Piece, Source};
use csound_performance::engine::protocol::Confinement;
use csound_performance::engine::remote::{Options, RemoteEngine};
use csound_performance::engine::{AtEnd, Engine, PieceSpec};
use test_host::compare::oracle;
use test_host::tools::csound_7;
use test_host::wav;

use crate::common::engines::{eventually, options, plain, spec, turn};
use crate::common::{alone, csd, csound_is_missing, is_missing, libcsound_is_missing, pieces};

const RATE: u32 = 48_000;

/// What the other program makes of a piece.
fn oracle(piece: &Path) -> Vec<Vec<f32>> {
    let folder = tempfile::tempdir().unwrap();
    let output = folder.path().join("ref.wav");
    let mut command = oracle::command(Generation::Seven, RATE, &output).unwrap();
    command.current_dir(piece.parent().unwrap()).env_remove("HOME").arg(piece);
    if piece.extension().is_some_and(|ending| ending == "orc") {
        command.arg(piece.with_extension("sco"));
    }
    let said = command.output().unwrap();
    assert!(said.status.success(), "{}: {}", piece.display(), String::from_utf8_lossy(&said.stderr));
    wav::read(&output).unwrap().0
}

fn spec_of(path: &Path) -> PieceSpec {
    let text = std::fs::read_to_string(path).unwrap();
    let source = match path.extension().and_then(|ending| ending.to_str()) {
        Some("orc") => {
            Source::OrcSco { orc: text, sco: std::fs::read_to_string(path.with_extension("sco")).unwrap() }
        }
        _ => Source::Csd(text),
    };
    let name = path.file_name().unwrap().to_str().unwrap().to_owned();
    let piece = Piece { name, source, folder: path.parent().map(Path::to_owned) };
    PieceSpec {
        at_end: AtEnd::Stop,
        channel_defaults: false,
        generation: Some(Generation::Seven),
        ..PieceSpec::new(piece, f64::from(RATE))
    }
}

/// An engine process, confined to the piece's folder.
fn start(spec: &PieceSpec) -> RemoteEngine {
    let readable = spec.piece.folder.iter().cloned().collect();
    let confinement = Confinement { readable, ..Confinement::default() };
    let options = Options { confinement: Some(confinement), ..options() };
    let mut console = String::new();
    let started = RemoteEngine::start(spec, &options, &mut |line| console += &format!("{}\n", line.text));
    started.unwrap_or_else(|error| panic!("{}: {error}\n{console}", spec.piece.name)).engine
}

/// All that an engine plays, by channels, and how it ended.
fn play(engine: &mut RemoteEngine, most: usize) -> (Vec<Vec<f32>>, Option<i32>) {
    let ksmps = engine.format().ksmps;
    let cycles = (512 / ksmps).max(1);
    let mut played = vec![Vec::new(); engine.format().outputs];
    loop {
        let (outcome, output) = turn(engine, cycles, &mut [], true);
        for (channel, samples) in played.iter_mut().enumerate() {
            samples.extend_from_slice(&output.channel(channel)[..outcome.performed * ksmps]);
        }
        if outcome.engine_ended {
            let how = eventually("the engine's end", || engine.handle().take_end());
            let said: Vec<_> = engine.handle().drain_console().into_iter().map(|line| line.text).collect();
            panic!("after {} frames {how}: {said:?}", played[0].len());
        }
        if outcome.end.is_some() || played[0].len() >= most {
            return (played, outcome.end);
        }
    }
}

/// Runs a test (its name in this file) in a process that knows Csound 6 by its name and Csound 7 by its path.
/// True in that process.
fn alone_with_both(test: &str) -> bool {
    let seven = csound_7();
    if is_missing("Csound 7", seven.is_some()) {
        return false;
    }
    let paths =
        std::env::join_paths([PathBuf::from("libcsound64.so.6.0"), seven.unwrap_or_default()]).unwrap();
    alone(&format!("seven::{test}"), VARIABLE, paths.to_str().unwrap())
}

/// Equal over the reference's length, and the end of its score soon after it; true if it is heard.
fn assert_equal(path: &Path) -> bool {
    let reference = oracle(path);
    let (played, end) = play(&mut start(&spec_of(path)), reference[0].len() + RATE as usize);
    assert_eq!(end, Some(2), "{}: it did not end as its score does", path.display());
    assert_same(path, &played, &reference)
}

fn assert_same(path: &Path, played: &[Vec<f32>], reference: &[Vec<f32>]) -> bool {
    let what = path.display();
    assert_eq!(played.len(), reference.len(), "{what}: channels");
    for (channel, (ours, theirs)) in played.iter().zip(reference).enumerate() {
        let differs = ours.iter().zip(theirs).position(|(ours, theirs)| plain(*ours) != plain(*theirs));
        if let Some(frame) = differs {
            panic!("{what}: channel {channel} frame {frame}: {} is not {}", ours[frame], theirs[frame]);
        }
        assert!(ours.len() >= theirs.len(), "{what}: {} frames of {}", ours.len(), theirs.len());
    }
    reference.iter().flatten().any(|sample| sample.abs() > 0.01)
}

fn pieces_in(folder: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(pieces().join(folder)).unwrap().map(|entry| entry.unwrap().path());
    let mut found: Vec<_> = entries
        .filter(|path| path.extension().is_some_and(|ending| ending == "csd" || ending == "orc"))
        .collect();
    found.sort();
    assert!(!found.is_empty());
    found
}

#[test]
fn a_confined_engine_by_csound_7_sounds_as_csound_7_does() {
    if !alone_with_both("a_confined_engine_by_csound_7_sounds_as_csound_7_does") {
        return;
    }
    for path in pieces_in("oracle").iter().chain(&pieces_in("seven")) {
        assert!(assert_equal(path), "{}: the reference is silent: nothing was compared", path.display());
    }
}

#[test]
fn each_opcode_library_that_csound_7_still_has_sounds_the_same_when_confined() {
    if !alone_with_both("each_opcode_library_that_csound_7_still_has_sounds_the_same_when_confined") {
        return;
    }
    let table = Table::of(Generation::Seven);
    let mut compared = 0;
    for path in pieces_in("libraries") {
        let file = format!("lib{}.so", path.file_stem().unwrap().to_str().unwrap());
        if table.libraries().iter().any(|library| library.is_listed && library.file == file) {
            assert!(assert_equal(&path), "{file}: nothing was compared");
            compared += 1;
        }
    }
    assert!(compared >= 13, "{compared}");
}

/// What the csound command, which is of Csound 6, makes of a piece.
fn oracle_of_six(piece: &Path) -> Vec<Vec<f32>> {
    let folder = tempfile::tempdir().unwrap();
    let output = folder.path().join("ref.wav");
    let mut command = oracle::command(Generation::Six, RATE, &output).unwrap();
    let said = command.current_dir(piece.parent().unwrap()).arg(piece).output().unwrap();
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    wav::read(&output).unwrap().0
}

#[test]
fn an_engine_by_six_and_one_by_seven_play_together_each_as_its_own_csound_does() {
    if csound_is_missing()
        || !alone_with_both("an_engine_by_six_and_one_by_seven_play_together_each_as_its_own_csound_does")
    {
        return;
    }
    let path = pieces().join("oracle/tones.csd");
    let of_six = PieceSpec { generation: Some(Generation::Six), ..spec_of(&path) };
    let mut engines = [start(&of_six), start(&spec_of(&path))];
    let references = [oracle_of_six(&path), oracle(&path)];
    assert_ne!(references[0], references[1], "the two sound alike: nothing tells them apart");
    let mut played = [const { Vec::new() }; 2].map(|_: Vec<Vec<f32>>| vec![Vec::new(); 2]);
    let frames = references[0][0].len().max(references[1][0].len());
    while played[0][0].len() < frames || played[1][0].len() < frames {
        for (engine, played) in engines.iter_mut().zip(&mut played) {
            let (_, output) = turn(engine, 4, &mut [], true);
            for (channel, samples) in played.iter_mut().enumerate() {
                samples.extend_from_slice(output.channel(channel));
            }
        }
    }
    for (played, reference) in played.iter().zip(&references) {
        assert!(assert_same(&path, played, reference));
    }
}

/// A piece by Csound 7 that needs no file.
fn spec_by_seven(orchestra: &str, score: &str) -> PieceSpec {
    let header = "sr = 48000\nksmps = 32\nnchnls = 1\n";
    PieceSpec { generation: Some(Generation::Seven), ..spec(csd("", header, orchestra, score)) }
}

#[test]
fn a_piece_by_seven_that_ends_csound_ends_and_its_process_stays() {
    if !alone_with_both("a_piece_by_seven_that_ends_csound_ends_and_its_process_stays") {
        return;
    }
    for (code, end) in [(0, 256), (5, -5)] {
        let mut engine =
            start(&spec_by_seven("instr 1\nexitnow p4\nendin", &format!("i 1 0.5 1 {code}\nf 0 9")));
        let (played, said) = play(&mut engine, 48_000);
        assert_eq!((said, played[0].len()), (Some(end), 24_000));
        assert_eq!(turn(&mut engine, 4, &mut [], true).0.end, Some(end), "the process answers");
    }
}

#[test]
fn the_users_settings_for_csound_7_do_not_reach_a_confined_piece() {
    if !alone_with_both("the_users_settings_for_csound_7_do_not_reach_a_confined_piece") {
        return;
    }
    let home = tempfile::tempdir().unwrap();
    std::fs::write(home.path().join(".csound7rc"), "--ksmps=16\n").unwrap();
    // SAFETY: this test is alone in its process, which has no other thread that looks at it now.
    unsafe { std::env::set_var("HOME", home.path()) };
    let spec = spec_by_seven("instr 1\nendin", "f 0 9");
    assert_eq!(start(&spec).format().ksmps, 32);
    let trusted = RemoteEngine::start(&spec, &Options { confinement: None, ..options() }, &mut |_| ());
    assert_eq!(trusted.unwrap().engine.format().ksmps, 16, "the settings are there to be found");
}

#[test]
fn a_generation_that_is_not_installed_is_named_and_the_other_one_is_not_taken() {
    let test = "seven::a_generation_that_is_not_installed_is_named_and_the_other_one_is_not_taken";
    if libcsound_is_missing() || !alone(test, VARIABLE, "libcsound64.so.6.0") {
        return;
    }
    let spec = spec_by_seven("instr 1\nendin", "f 0 9");
    let error = RemoteEngine::start(&spec, &options(), &mut |_| ()).err().unwrap().to_string();
    assert!(error.contains("and Csound 7 is needed. Install Csound 7"), "{error}");
}

#[test]
fn a_score_with_sections_gets_no_midi_by_seven_and_says_so() {
    if !alone_with_both("a_score_with_sections_gets_no_midi_by_seven_and_says_so") {
        return;
    }
    let said = |score: &str| {
        let mut said = String::new();
        let spec = spec_by_seven("instr 1\nout oscili:a(0.1, 440)\nendin", score);
        let started = RemoteEngine::start(&spec, &options(), &mut |line| said += &line.text).unwrap();
        let (played, end) = play(&mut { started.engine }, 2 * 48_000);
        assert_eq!(end, Some(2), "it does not leave its section");
        (said.contains("gets no MIDI"), played[0].len())
    };
    assert_eq!(said("i 1 0 0.5\ns\ni 1 0 0.5\ne"), (true, 48_000));
    assert_eq!(said("i 1 0 0.5\ne"), (false, 24_000));
}
