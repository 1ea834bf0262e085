//! What `cargo xtask compare` does, over this project's pieces and over pieces of each verdict.

use std::path::{Path, PathBuf};
use std::time::Duration;

use csound_library::Generation;
use test_host::compare::Comparison;
use test_host::compare::scratch::Scratch;
use test_host::compare::verdict::{Equal, Verdict};

use crate::common::{csd, generation, oracle_is_missing, pieces, plugin};

fn comparison(seconds: f64) -> Comparison {
    let (seed, limit) = (test_host::testing::seed(1), Duration::from_secs(60));
    let generation = Some(generation());
    Comparison { bundle: plugin(), generation, rate: 48_000, seconds, limit, seed, notes: None }
}

/// Two channels of a tone, and whatever else.
const TONE: &str = "instr 1\na1 oscili 0.3, 440\nouts a1, a1\nendin";

#[test]
fn each_verdict_is_told_and_nothing_is_left_behind() {
    if oracle_is_missing() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let stereo = "ksmps = 32\nnchnls = 2";
    let piece = |name: &str, header: &str, body: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, csd("-odac", header, body, "i 1 0 0.5\ne")).unwrap();
        path
    };
    let equal = piece("equal.csd", stereo, TONE);
    // The command knows of no tempo.
    let tempo = "instr 1\nk1 chnget \"HOST_BPM\"\na1 oscili 0.5 - k1 / 480, 440\nouts a1, a1\nendin";
    let differs = piece("differs.csd", stereo, tempo);
    let wide = piece("refused.csd", "ksmps = 32\nnchnls = 17", "instr 1\na1 oscili 0.3, 440\nout a1\nendin");
    // The command reads it; the piece may not, without a word of the user's.
    let outside = tempfile::tempdir().unwrap();
    let sound = outside.path().join("sound.wav");
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: 48_000,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut wav = hound::WavWriter::create(&sound, spec).unwrap();
    (0..48_000).for_each(|_| wav.write_sample(9000_i16).unwrap());
    wav.finalize().unwrap();
    let reads = format!("instr 1\na1 diskin2 \"{}\", 1\nouts a1, a1\nendin", sound.display());
    let reads = piece("reads.csd", stereo, &reads);
    let random = "seed 0\ninstr 1\na1 rand 0.3, 2\nouts a1, a1\nendin";
    let random = piece("random.csd", stereo, random);
    let broken = piece("broken.csd", stereo, "instr 1\na1 nosuchopcode 1\nendin");
    let writes = "instr 1\na1 oscili 0.3, 440\nfprints \"left.txt\", \"x\"\nfout \"left.wav\", 4, a1\nouts a1, a1\nendin";
    let writes = piece("writes.csd", stereo, writes);

    let mut scratch = Scratch::of(folder.path()).unwrap();
    let mut of = |piece: &Path| comparison(10.0).of(piece, &mut scratch);
    let found = of(&equal);
    assert!(
        matches!(found, Verdict::Equal(Equal { frames: 24_000..24_100, silent: false, .. })),
        "{found:?}"
    );
    let found = of(&differs);
    assert!(matches!(&found, Verdict::Differs(found) if found.peak > 0.1 && found.frame < 100), "{found:?}");
    let found = of(&wide);
    assert!(matches!(&found, Verdict::Refused { why } if why.contains("17")), "{found:?}");
    let found = of(&reads);
    assert!(matches!(&found, Verdict::Refused { why } if why.contains("sound.wav")), "{found:?}");
    let found = of(&random);
    assert!(matches!(&found, Verdict::NotDeterministic(found) if found.peak > 0.01), "{found:?}");
    let found = of(&broken);
    assert!(matches!(&found, Verdict::DoesNotPerform { why } if why.contains("error")), "{found:?}");
    of(&writes);
    assert!(!folder.path().join("left.txt").exists() && !folder.path().join("left.wav").exists());
}

#[test]
fn a_piece_without_end_is_cut_and_one_that_hangs_is_told() {
    if oracle_is_missing() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let header = "ksmps = 32\nnchnls = 2";
    let (endless, hangs) = (folder.path().join("endless.csd"), folder.path().join("hangs.csd"));
    std::fs::write(&endless, csd("", header, TONE, "i 1 0 z\nf 0 z")).unwrap();
    let spins = "instr 1\nk1 = 0\nwhile k1 < 1 do\nk1 = 0\nod\nendin";
    std::fs::write(&hangs, csd("", header, spins, "i 1 0 1")).unwrap();
    let mut scratch = Scratch::of(folder.path()).unwrap();
    let mut comparison = comparison(1.5);
    let found = comparison.of(&endless, &mut scratch);
    assert!(matches!(found, Verdict::Equal(Equal { frames: 72_000, silent: false, .. })), "{found:?}");
    comparison.limit = Duration::from_secs(2);
    if generation() == Generation::Seven {
        let sections = folder.path().join("sections.csd");
        let text = csd("-M0 -+rtmidi=null", header, TONE, "i 1 0 0.1\ns\ni 1 0 0.1\ne");
        std::fs::write(&sections, text).unwrap();
        scratch = Scratch::of(folder.path()).unwrap();
        let found = comparison.of(&sections, &mut scratch);
        assert!(matches!(&found, Verdict::DoesNotPerform { why } if why.contains("section")), "{found:?}");
    }
    let found = comparison.of(&hangs, &mut scratch);
    assert!(matches!(&found, Verdict::DoesNotPerform { why } if why.contains("2 s")), "{found:?}");
}

#[test]
fn every_piece_of_this_project_is_equal() {
    if oracle_is_missing() {
        return;
    }
    let mut scratch = Scratch::of(&pieces()).unwrap();
    let comparison = comparison(2.0);
    for piece in pieces_below(&pieces()) {
        let found = comparison.of(&piece, &mut scratch);
        let is_right = match (lacking(&piece), &found) {
            (None, found) => matches!(found, Verdict::Equal(_)),
            // Its own Csound refuses it, and says this.
            (Some(reason), Verdict::DoesNotPerform { why }) => why.contains(reason),
            (Some(_), _) => false,
        };
        assert!(is_right, "{}: {} {}", piece.display(), found.name(), found.details());
    }
}

/// Opcodes whose libraries Csound 7.0 comes without, by the pieces that need them.
const NOT_IN_SEVEN: [(&str, &str); 5] = [
    ("chua", "chuap"),
    ("image", "imagecreate"),
    ("linear_algebra", "la_i_vr_create"),
    ("mp3out", "mp3out"),
    ("stkops", "STKBowed"),
];

/// The reason for which the generation that plays here cannot play a piece, as Csound says it.
fn lacking(piece: &Path) -> Option<&'static str> {
    let is_for_seven = piece.starts_with(pieces().join("seven"));
    let needs = |(name, _): &&(&str, &str)| piece.ends_with(format!("libraries/{name}.csd"));
    match generation() {
        Generation::Six => is_for_seven.then_some("error"),
        Generation::Seven => NOT_IN_SEVEN.iter().find(needs).map(|(_, opcode)| *opcode),
    }
}

#[test]
fn pieces_that_are_played_by_midi_are_equal_with_their_widgets_values() {
    if oracle_is_missing() {
        return;
    }
    let mut scratch = Scratch::of(&pieces()).unwrap();
    let notes = std::fs::read(pieces().join("demo.mid")).unwrap();
    let comparison = Comparison { notes: Some(notes), ..comparison(4.0) };
    for name in ["midi_synth.csd", "panel.csd", "demo.csd"] {
        let found = comparison.of(&pieces().join(name), &mut scratch);
        let heard = matches!(found, Verdict::Equal(Equal { silent: false, .. }));
        assert!(heard, "{name}: {} {}", found.name(), found.details());
    }
}

fn pieces_below(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let below = |path: PathBuf| match path.is_dir() {
        true => pieces_below(&path),
        false => vec![path],
    };
    entries.flat_map(below).filter(|path| path.extension().is_some_and(|ending| ending == "csd")).collect()
}
