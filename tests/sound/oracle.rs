//! The plugin's sound against the csound command's, and by Csound 7 against a program's over its library, bit for bit (subnormal samples apart: the
//! command writes them, a host's flush-to-zero removes them).

use std::path::{Path, PathBuf};

use csound_performance::engine::opcode_libraries::{Generation, Table};
use test_host::compare::difference::{Sound, compare_sounds};
use test_host::render::{BlockSize, Plugin, RenderOptions, Rendered, render};
use test_host::session::{AtEnd, Session, Timing};
use test_host::wav;

use crate::common::{Random, generation, oracle_is_missing, pieces, plugin};

const RATES: [u32; 3] = [44_100, 48_000, 96_000];

const BLOCKS: [BlockSize; 7] = [
    BlockSize::Fixed(1),
    BlockSize::Fixed(17),
    BlockSize::Fixed(64),
    BlockSize::Fixed(441),
    BlockSize::Fixed(512),
    BlockSize::Fixed(4096),
    BlockSize::Random { seed: 5 },
];

/// What Csound itself makes of a piece.
fn oracle(piece: &Path, rate: u32, input: Option<&Path>) -> Vec<Vec<f32>> {
    let folder = tempfile::tempdir().unwrap();
    let output = folder.path().join("ref.wav");
    let mut command = test_host::compare::oracle::command(generation(), rate, &output).unwrap();
    command.current_dir(piece.parent().unwrap());
    if let Some(input) = input {
        command.arg("-i").arg(input);
    }
    command.arg(piece);
    let score = piece.with_extension("sco");
    if piece.extension().is_some_and(|ending| ending == "orc") {
        command.arg(score);
    }
    let said = command.output().unwrap();
    assert!(said.status.success(), "{}: {}", piece.display(), String::from_utf8_lossy(&said.stderr));
    wav::read(&output).unwrap().0
}

/// Equal over the reference's length; nothing but silence after it.
fn assert_equal(rendered: &Rendered, reference: &[Vec<f32>], what: &str) {
    let sound = |samples: &[Vec<f32>]| Sound { samples: samples.to_vec(), rate: rendered.rate, ended: true };
    if let Some(difference) = compare_sounds(&sound(&rendered.samples), &sound(reference)) {
        panic!("{what}: it differs {difference}");
    }
    assert!(rendered.frames() >= reference[0].len(), "{what}: it breaks off");
    let heard = reference.iter().flatten().any(|sample| sample.abs() > 0.01);
    assert!(heard, "{what}: the reference is silent, so nothing was compared");
}

fn options(piece: &Path, rate: u32, block: BlockSize, timing: Timing) -> RenderOptions {
    let mut session = Session::from_file(piece).unwrap();
    session.channel_defaults = false;
    session.timing = timing;
    let mut options = RenderOptions::new(plugin(), session);
    options.rate = rate;
    options.block = block;
    options
}

/// Renders a piece in every rate with every block; timings alternate, so that every pair of
/// choices occurs. `full` takes each timing with everything.
fn compare(name: &str, full: bool) {
    if oracle_is_missing() {
        return;
    }
    let piece: PathBuf = pieces().join(name);
    for (at, rate) in RATES.into_iter().enumerate() {
        let reference = oracle(&piece, rate, None);
        for (offset, block) in BLOCKS.into_iter().enumerate() {
            let all = [Timing::Exact, Timing::Immediate, Timing::Pipelined];
            let timings = if full { &all[..] } else { &all[(at + offset) % 3..][..1] };
            for timing in timings {
                let rendered = render(&options(&piece, rate, block, *timing), |_, _| ()).unwrap();
                let what = format!("{name} at {rate} Hz, {block:?}, {timing:?}");
                assert!(rendered.ended, "{what}: it did not end");
                assert_equal(&rendered, &reference, &what);
            }
        }
    }
}

macro_rules! equal {
    ($($test:ident: $name:literal, $full:literal;)*) => {
        $(#[test]
        fn $test() {
            compare(concat!("oracle/", $name), $full);
        })*
    };
}

equal! {
    tones: "tones.csd", true;
    exact_events: "exact_events.csd", true;
    old_scale: "old_scale.csd", false;
    sample_by_sample: "sample_by_sample.csd", false;
    quad: "quad.csd", false;
    long_cycles: "long_cycles.csd", false;
    odd_cycles: "odd_cycles.csd", false;
    held_notes: "held_notes.csd", false;
    macros: "macros.csd", false;
    decay: "decay.csd", false;
    sampled: "sampled.csd", false;
    channels: "channels.csd", false;
    self_playing: "self_playing.csd", false;
    midi_file: "midi_file.csd", false;
    two_files: "two_files.orc", false;
    conductor: "conductor.csd", false;
    control_rate: "control_rate.csd", false;
    room: "room.csd", false;
    stereo_file: "stereo_file.csd", false;
    tables: "tables.csd", false;
}

/// What only Csound 7 reads, when this wing runs over it.
fn compare_by_seven(name: &str) {
    if generation() == Generation::Seven {
        compare(&format!("seven/{name}"), false);
    }
}

macro_rules! equal_by_seven {
    ($($test:ident: $name:literal;)*) => {
        $(#[test]
        fn $test() {
            compare_by_seven($name);
        })*
    };
}

equal_by_seven! {
    typed_variables: "typed_variables.csd";
    structures: "struct.csd";
    new_opcodes: "new_opcodes.csd";
    for_loops: "for_loops.csd";
    oversampled: "oversampled.csd";
    objects: "objects.csd";
    opcode_objects: "opcode_objects.csd";
}

/// Of five libraries this shows that they are loaded and perform, not what they sound like: chance is left
/// no range (urandom, fractalnoise), no port is opened (osc), no sound is found (ftsamplebank), and what is
/// written is not read (mp3out).
#[test]
fn each_opcode_library_on_the_list_sounds_the_same_when_confined() {
    if oracle_is_missing() {
        return;
    }
    let (table, mut compared) = (Table::of(generation()), 0);
    for library in table.libraries().iter().filter(|library| library.is_listed) {
        let name = library.file.trim_start_matches("lib").trim_end_matches(".so");
        let piece = pieces().join("libraries").join(name.to_ascii_lowercase()).with_extension("csd");
        // What Csound 6 has built in is in libraries of their own in Csound 7: the other pieces use it.
        if generation() == Generation::Seven && !piece.is_file() {
            continue;
        }
        compared += 1;
        let text = std::fs::read_to_string(&piece).unwrap();
        // A library without opcodes brings a GEN routine of its name.
        let mut names = library.opcodes.iter().copied().chain([name]);
        assert!(names.any(|name| text.contains(name)), "{name}.csd does not use its library");
        let reference = oracle(&piece, 48_000, None);
        for block in [BlockSize::Fixed(64), BlockSize::Random { seed: 5 }] {
            let rendered = render(&options(&piece, 48_000, block, Timing::Exact), |_, _| ()).unwrap();
            assert_equal(&rendered, &reference, &format!("{name}.csd, {block:?}"));
        }
    }
    assert!(compared >= 14, "{compared}");
}

#[test]
fn a_score_that_is_held_open_sounds_the_same_until_its_end() {
    if oracle_is_missing() {
        return;
    }
    for (at, entry) in std::fs::read_dir(pieces().join("oracle")).unwrap().enumerate() {
        let piece = entry.unwrap().path();
        if !piece.extension().is_some_and(|ending| ending == "csd" || ending == "orc") {
            continue;
        }
        let timing = [Timing::Exact, Timing::Pipelined][at % 2];
        let reference = oracle(&piece, 48_000, None);
        let mut options = options(&piece, 48_000, BlockSize::Fixed(512), timing);
        options.session.at_end = AtEnd::Keep;
        options.seconds = Some(reference[0].len() as f64 / 48_000.0);
        let rendered = render(&options, |_, _| ()).unwrap();
        assert!(!rendered.ended, "{}", piece.display());
        assert_equal(&rendered, &reference, &format!("{} held open", piece.display()));
    }
}

#[test]
fn effects_hear_their_input_and_their_sidechain_on_time() {
    if oracle_is_missing() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let noise = |random: &mut Random, frames: usize| -> Vec<f32> {
        (0..frames).map(|_| random.unit() as f32 - 0.5).collect()
    };
    let mut random = Random::new(1);
    for (name, channels) in [("filter.csd", 2), ("duck.csd", 4)] {
        let piece = pieces().join("effect").join(name);
        let samples: Vec<_> = (0..channels).map(|_| noise(&mut random, 48_000)).collect();
        let input = folder.path().join("in.wav");
        wav::write(&input, &samples, 48_000).unwrap();
        let reference = oracle(&piece, 48_000, Some(&input));
        for (at, block) in BLOCKS.into_iter().enumerate() {
            let timing = [Timing::Exact, Timing::Pipelined][at % 2];
            let mut options = options(&piece, 48_000, block, timing);
            options.plugin = Plugin::Fx;
            options.input = samples.clone();
            let rendered = render(&options, |_, _| ()).unwrap();
            assert_equal(&rendered, &reference, &format!("{name}, {block:?}, {timing:?}"));
        }
    }
}
