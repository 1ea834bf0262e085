//! Values of channels: `cabbageGetValue`, `cabbageSetValue`, `cabbageGet` of a channel, `cabbageChanged`.

use csound_performance::engine::PieceSpec;

use crate::common::{csound_is_missing, libcsound_is_missing};
use crate::subject::{Subject, both, both_of, spec_of, text, told};

const SLIDERS: &str = "form size(100, 100)\n\
    rslider bounds(0, 0, 10, 10), channel(\"one\"), range(0, 10, 1)\n\
    rslider bounds(0, 0, 10, 10), channel(\"two\"), range(0, 10, 2)";

/// A piece of which some channels have values at the start.
fn with(orchestra: &str, numbers: &[(&str, f64)], texts: &[(&str, &str)]) -> PieceSpec {
    let spec = spec_of(text(SLIDERS, orchestra), None);
    PieceSpec {
        channel_values: numbers.iter().map(|(name, value)| ((*name).to_owned(), *value)).collect(),
        channel_texts: texts.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        ..spec
    }
}

#[test]
fn a_value_is_the_channels_at_init_and_in_each_k_cycle() {
    let orchestra = "instr 1\niOne cabbageGetValue \"one\"\nkTwo cabbageGetValue \"two\"\n\
        kThree = cabbageGetValue:k(\"one\") + cabbageGetValue:i(\"two\")\nkNone cabbageGetValue \"nobody\"\n\
        chnset iOne, \"i\"\nchnset kTwo, \"k\"\nchnset kThree, \"sum\"\nchnset kNone, \"none\"\nendin";
    both_of(&with(orchestra, &[("one", 1.5), ("two", 2.5)], &[]), |piece| {
        piece.watch(&["one", "two", "i", "k", "sum", "none"]);
        piece.cycles(1);
        assert_eq!(piece.all(&["i", "k", "sum", "none"]), [1.5, 2.5, 4.0, 0.0]);
        piece.set("two", 7.25);
        piece.set("one", 3.0);
        assert_eq!(piece.all(&["i", "k", "sum", "none"]), [1.5, 7.25, 5.5, 0.0]);
    });
}

#[test]
fn a_trigger_is_on_in_the_k_cycle_of_a_change_only() {
    let orchestra = "instr 1\nkCount init 0\nkFirst init 0\nkV, kT cabbageGetValue \"one\"\n\
        kV2, kT2 cabbageGetValue \"one\", 1\nkV3, kT3 cabbageGet \"one\"\nkCount += kT + kT3 * 100\nkFirst += kT2\n\
        chnset kV, \"v\"\nchnset kT, \"t\"\nchnset kCount, \"count\"\nchnset kFirst, \"first\"\nendin";
    both_of(&with(orchestra, &[("one", 1.5)], &[]), |piece| {
        piece.watch(&["one", "v", "t", "count", "first"]);
        piece.cycles(3);
        assert_eq!(piece.all(&["v", "t", "count", "first"]), [1.5, 0.0, 0.0, 1.0]);
        piece.set("one", 4.0);
        assert_eq!(piece.all(&["v", "t", "count", "first"]), [4.0, 1.0, 101.0, 2.0]);
        piece.cycles(5);
        piece.set("one", 4.0);
        assert_eq!(piece.all(&["v", "t", "count", "first"]), [4.0, 0.0, 101.0, 2.0]);
    });
}

#[test]
fn texts_of_any_length_are_those_of_their_channels_with_their_triggers() {
    let orchestra = "instr 1\nkCount init 0\nSone cabbageGetValue \"word\"\nStwo, kT cabbageGetValue \"word\"\n\
        Sthree cabbageGet \"word\"\nSfour, kT4 cabbageGet \"word\"\nkCount += kT + kT4 * 100\n\
        kOne strlenk Sone\nkTwo strlenk Stwo\nkThree strcmpk Sthree, Sone\nkFour strcmpk Sfour, \"z\u{f6}lf\"\n\
        chnset kOne, \"n1\"\nchnset kTwo, \"n2\"\nchnset kThree, \"n3\"\nchnset kFour, \"n4\"\nchnset kCount, \"count\"\nendin";
    both_of(&with(orchestra, &[], &[("word", "first")]), |piece| {
        piece.watch(&["n1", "n2", "n3", "n4", "count"]);
        piece.cycles(2);
        assert_eq!(piece.all(&["n1", "n2", "n3", "count"]), [5.0, 5.0, 0.0, 0.0]);
        piece.set_text("word", &"long ".repeat(2000));
        assert_eq!(piece.all(&["n1", "n2", "n3", "count"]), [10_000.0, 10_000.0, 0.0, 101.0]);
        piece.set_text("word", "z\u{f6}lf");
        piece.cycles(3);
        assert_eq!(piece.all(&["n1", "n2", "n3", "n4", "count"]), [5.0, 5.0, 0.0, 0.0, 202.0]);
        piece.set_text("word", "");
        assert_eq!(piece.all(&["n1", "n2", "n3", "count"]), [0.0, 0.0, 0.0, 303.0]);
    });
}

#[test]
fn several_channels_at_once_with_their_triggers() {
    let orchestra = "instr 1\nSnames[] fillarray \"one\", \"two\"\nkV[] cabbageGetValue Snames\n\
        kV2[], kT[] cabbageGetValue Snames\nSwords[] fillarray \"word\", \"other\"\nS1[] cabbageGetValue Swords\n\
        S2[], kT2[] cabbageGetValue Swords\nkA init 0\nkB init 0\nkC init 0\nkA += kT[0]\nkB += kT[1]\nkC += kT2[1]\n\
        Sx = S1[0]\nSy = S2[1]\nkX strlenk Sx\nkY strlenk Sy\n\
        chnset kV[0] + kV2[0], \"v1\"\nchnset kV[1] + kV2[1], \"v2\"\nchnset kA, \"a\"\nchnset kB, \"b\"\nchnset kC, \"c\"\n\
        chnset kX, \"x\"\nchnset kY, \"y\"\nchnset lenarray(kV), \"len\"\nendin";
    let spec = with(orchestra, &[("one", 1.0), ("two", 2.0)], &[("word", "abc"), ("other", "de")]);
    both_of(&spec, |piece| {
        piece.watch(&["one", "two", "v1", "v2", "a", "b", "c", "x", "y", "len"]);
        piece.cycles(3);
        let names = ["v1", "v2", "a", "b", "c", "x", "y", "len"];
        assert_eq!(piece.all(&names), [2.0, 4.0, 0.0, 0.0, 0.0, 3.0, 2.0, 2.0]);
        piece.set("two", 5.0);
        piece.cycles(2);
        assert_eq!(piece.all(&names), [2.0, 10.0, 0.0, 1.0, 0.0, 3.0, 2.0, 2.0]);
        piece.set_text("other", "a longer one than before");
        piece.cycles(2);
        assert_eq!(piece.all(&["a", "b", "c"]), [0.0, 1.0, 1.0]);
    });
}

#[test]
fn a_value_that_is_set_reaches_its_channel_and_the_host() {
    let orchestra = "instr 1\ncabbageSetValue \"one\", 4.5\nkOn chnget \"on\"\nkTwo = timeinstk()\n\
        cabbageSetValue \"two\", kTwo, kOn\nkBack chnget \"one\"\nkBack2 chnget \"two\"\nchnset kBack, \"b1\"\n\
        chnset kBack2, \"b2\"\nendin";
    both(SLIDERS, orchestra, |piece| {
        piece.watch(&["on", "b1", "b2", "one"]);
        piece.cycles(3);
        assert_eq!(piece.all(&["b1", "b2"]), [4.5, 0.0]);
        let changes = piece.changes();
        assert_eq!(told(&changes, "one", "value"), Some(vec![4.5.into()]));
        assert_eq!(told(&changes, "two", "value"), None, "its trigger is off");
        piece.set("on", 1.0);
        assert_eq!(piece.value("b2"), 4.0);
        piece.set("on", 2.0);
        assert_eq!(piece.value("b2"), 4.0, "a trigger is on at 1 only");
        assert_eq!(told(&piece.changes(), "two", "value"), Some(vec![4.0.into()]));
    });
}

#[test]
fn a_value_without_a_trigger_is_set_in_each_k_cycle_and_told_where_it_is_news() {
    let orchestra = "instr 1\nkV init 3\ncabbageSetValue \"one\", kV\nendin";
    both(SLIDERS, orchestra, |piece| {
        piece.watch(&["one"]);
        piece.cycles(4);
        assert_eq!(told(&piece.changes(), "one", "value"), Some(vec![3.0.into()]));
        piece.cycles(4);
        assert_eq!(piece.changes(), [], "nothing has changed");
        // The user turns it: the piece turns it back.
        piece.set("one", 9.0);
        assert_eq!(piece.value("one"), 3.0);
        assert_eq!(told(&piece.changes(), "one", "value"), Some(vec![3.0.into()]));
    });
}

#[test]
fn texts_are_set_at_init_and_by_triggers() {
    let section = "combobox channel(\"word\"), channelType(\"string\")\ntexteditor channel(\"note\")";
    let orchestra = "instr 1\ncabbageSetValue \"word\", \"at init\"\nkOn init 1\n\
        cabbageSetValue \"note\", sprintfk(\"turn %d\", timeinstk()), kOn\n\
        Sword chnget \"word\"\nkSame strcmpk Sword, \"at init\"\nSnote cabbageGetValue \"note\"\nkNote strlenk Snote\n\
        chnset kSame, \"same\"\nchnset kNote, \"length\"\nendin";
    both(section, orchestra, |piece| {
        piece.watch(&["same", "length"]);
        piece.cycles(10);
        assert_eq!(piece.all(&["same", "length"]), [0.0, 7.0]);
        let changes = piece.changes();
        assert_eq!(told(&changes, "word", "value"), Some(vec!["at init".into()]));
        assert!(told(&changes, "note", "value").is_some());
    });
}

#[test]
fn which_channel_has_changed_is_told_by_name_and_by_place() {
    let orchestra = "instr 1\nSAll[] fillarray \"one\", \"two\", \"word\"\nSname, kT cabbageChanged SAll\nkIndex, kT2 cabbageChanged SAll\n\
        kCount init 0\nkCount += kT\nkIs strcmpk Sname, \"two\"\nkWord strcmpk Sname, \"word\"\n\
        chnset kCount, \"count\"\nchnset kIndex, \"index\"\nchnset kIs, \"is\"\nchnset kWord, \"isword\"\nchnset kT2, \"t2\"\nendin";
    both_of(&with(orchestra, &[("one", 1.0), ("two", 2.0)], &[("word", "x")]), |piece| {
        piece.watch(&["one", "two", "count", "index", "is", "isword", "t2"]);
        piece.cycles(3);
        assert_eq!(piece.value("count"), 0.0, "nothing has changed yet");
        piece.set("two", 3.0);
        assert_eq!(piece.all(&["count", "index", "is", "t2"]), [1.0, 1.0, 0.0, 1.0]);
        piece.cycles(2);
        assert_eq!(piece.all(&["count", "index", "is", "t2"]), [1.0, 1.0, 0.0, 0.0]);
        piece.set_text("word", "y");
        piece.cycles(1);
        assert_eq!(piece.all(&["count", "index", "isword"]), [2.0, 2.0, 0.0]);
    });
}

#[test]
fn changes_across_a_threshold_are_told_by_their_direction() {
    let orchestra = "instr 1\nSAll[] fillarray \"one\", \"two\"\nkUp init 0\nkDown init 0\nkBoth init 0\nkFirst init 0\nkLine init 5\n\
        kI, kT0 cabbageChanged SAll, kLine, 0\nkI, kT1 cabbageChanged SAll, kLine, 1\nkI, kT2 cabbageChanged SAll, kLine\n\
        kI, kT3 cabbageChanged SAll, kLine, 3\nkUp += kT0\nkDown += kT1\nkBoth += kT2\nkFirst += kT3\n\
        chnset kUp, \"up\"\nchnset kDown, \"down\"\nchnset kBoth, \"both\"\nchnset kFirst, \"first\"\nendin";
    both_of(&with(orchestra, &[("one", 1.0)], &[]), |piece| {
        piece.watch(&["one", "up", "down", "both", "first"]);
        let counts = |piece: &Subject| piece.all(&["up", "down", "both", "first"]);
        piece.cycles(2);
        assert_eq!(counts(piece), [0.0, 0.0, 0.0, 1.0]);
        piece.set("one", 4.0);
        assert_eq!(counts(piece), [0.0, 0.0, 0.0, 2.0]);
        piece.set("one", 6.0);
        assert_eq!(counts(piece), [1.0, 0.0, 1.0, 3.0]);
        piece.set("one", 7.0);
        piece.set("one", 2.0);
        assert_eq!(counts(piece), [1.0, 1.0, 2.0, 5.0]);
    });
}

#[test]
fn a_piece_that_only_reads_values_sounds_as_the_csound_command_with_chnget() {
    if libcsound_is_missing() || csound_is_missing() {
        return;
    }
    let orchestra = "instr 1\niAmp cabbageGetValue \"one\"\nkF, kT cabbageGetValue \"two\"\n\
        out oscili(0.1 * iAmp, 200 + 100 * kF) + (kT == 1 ? 0.5 : 0)\nendin";
    let plain = orchestra
        .replace("iAmp cabbageGetValue \"one\"", "iAmp chnget \"one\"")
        .replace("kF, kT cabbageGetValue \"two\"", "kF chnget \"two\"\nkT init 0");
    let header = "chnset 1.5, \"one\"\nchnset 2.25, \"two\"\n";
    let folder = tempfile::tempdir().unwrap();
    let (file, wave) = (folder.path().join("plain.csd"), folder.path().join("plain.wav"));
    let ending = text(SLIDERS, &format!("{header}{plain}")).replace("i1 0 3600", "i1 0 0.5");
    std::fs::write(&file, ending).unwrap();
    let generation = csound_library::Library::get().unwrap().generation();
    let mut command = test_host::compare::oracle::command(generation, 48_000, &wave).unwrap();
    let said = command.current_dir(folder.path()).arg(&file).output().unwrap();
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    let reference = test_host::wav::read(&wave).unwrap().0;
    both_of(&spec_of(text(SLIDERS, &format!("{header}{orchestra}")), None), |piece| {
        let played = piece.play(600);
        let compared = reference[0].len().min(played.len());
        assert!(compared > 19_000 && reference[0].iter().any(|sample| sample.abs() > 0.1));
        let differs = (0..compared).find(|at| reference[0][*at].to_bits() != played[*at].to_bits());
        assert_eq!(differs, None, "the first frame that differs");
    });
}
