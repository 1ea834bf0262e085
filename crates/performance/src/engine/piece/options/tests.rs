use super::*;

fn read(written: &str) -> Chosen {
    read_by(Generation::Six, written)
}

fn read_by(generation: Generation, written: &str) -> Chosen {
    let mut reader = OptionReader::default();
    for (index, line) in written.split('\n').enumerate() {
        reader.line(index + 1, line);
    }
    choose(&reader.lines, generation)
}

fn kept(written: &str) -> Vec<String> {
    read(written).kept
}

#[test]
fn what_shapes_the_sound_is_kept_in_every_form() {
    assert_eq!(kept("-k 4410 -t60 -m0 -F song.mid"), ["-k4410", "-t60", "-m0", "-Fsong.mid"]);
    assert_eq!(
        kept("--ksmps=10 --nchnls=2 --nchnls_i=1 --0dbfs=1"),
        ["--ksmps=10", "--nchnls=2", "--nchnls_i=1", "--0dbfs=1"]
    );
    assert_eq!(
        kept("--control-rate=100 --tempo=90.5 --messagelevel=7 --midifile=a.mid"),
        ["--control-rate=100", "--tempo=90.5", "--messagelevel=7", "--midifile=a.mid"]
    );
    assert_eq!(
        kept("--omacro:AMP=0.5 --smacro:N=3 --omacro:E"),
        ["--omacro:AMP=0.5", "--smacro:N=3", "--omacro:E"]
    );
    assert_eq!(kept("--midi-key=4 --midi-velocity-amp=5"), ["--midi-key=4", "--midi-velocity-amp=5"]);
    assert_eq!(kept("--env:SSDIR+=sounds"), ["--env:SSDIR+=sounds"]);
    assert!(read("--sample-accurate").sample_accurate);
    assert_eq!(read("-F \"my song.mid\"").midi_file.as_deref(), Some("my song.mid"));
}

#[test]
fn joined_letters_are_read_one_by_one() {
    // Csound 6.18 reads -dm0 as -d -m0, -m0d as -m0 -d, and -d-ksmps=7 as -d --ksmps=7.
    assert_eq!(kept("-dm6"), ["-m6"]);
    assert_eq!(kept("-m6dt60.5W"), ["-m6", "-t60.5"]);
    assert_eq!(kept("-m 6d -t 60"), ["-m6", "-t60"]);
    assert_eq!(kept("-d-ksmps=7"), ["--ksmps=7"]);
    assert_eq!(kept("-H5m1"), ["-m1"]);
    assert_eq!(read("-b128B1024W").notes.len(), 3);
    // The rest of these words is a value and no more letters.
    assert_eq!(kept("-odacm0"), [""; 0]);
    assert_eq!(read("-odac").notes.len(), 1);
    assert_eq!(read("-d -odac -W").notes.len(), 3);
}

#[test]
fn a_value_stays_in_its_line_and_begins_with_no_dash() {
    // Csound 6.18 ends with "no control rate" for both.
    assert_eq!(kept("-k\n4410"), [""; 0]);
    assert_eq!(kept("-k -m0"), ["-m0"]);
    assert_eq!(read("-k\n4410").notes.len(), 2);
    assert_eq!(kept("--ksmps 7"), [""; 0]);
    assert_eq!(kept("--ksmps= 7"), [""; 0]);
}

#[test]
fn what_the_host_does_or_what_is_dangerous_is_dropped_with_a_note_each() {
    for written in [
        "-odac",
        "-o dac",
        "-iadc",
        "-b 128",
        "-B1024",
        "-W",
        "-r 44100",
        "-r44100",
        "-M0",
        "-Q1",
        "-+rtaudio=jack",
        "-+rtmidi=null",
        "--port=1000",
        "--daemon",
        "-L stdin",
        "--utility=cvanal",
        "-U cvanal",
        "-@file",
        "-@ file",
        "-j2",
        "--realtime",
        "-z",
        "-z1",
        "-I",
        "--nope",
        "-y",
        "-;",
        "-é",
        "dac",
        "--env:OPCODE6DIR64=here",
        "--env:CSOUND6RC=here",
        "--env:HOME=/x",
        "--env:X",
        "--env:=x",
        "--ksmps=0",
        "--ksmps=-5",
        "--ksmps=65536",
        "--ksmps=ten",
        "--ksmps=",
        "-k-5",
        "-kfoo",
        "-k inf",
        "-t nan",
        "-t-5",
        "-t0",
        "-t 0",
        "-tfoo",
        "-mfoo",
        "-m-1",
        "-m",
        "--tempo=0",
        "--nchnls=10000",
        "--nchnls=0",
        "--0dbfs=0",
        "--0dbfs=0.5",
        "--0dbfs=-1",
        "--0dbfs=x",
        "--omacro:",
        "--omacro:=3",
        "--omacro:1=2",
        "--smacro:a-b=1",
        "--midi-key=2000",
        "--midi-key=0",
        "--midi-key=foo",
        "-F",
        "-F stdin",
        "--midifile=stdin",
        "--midifile=",
        "--",
        "--Sample-accurate",
        "--sample-accurate=1",
        "--OMACRO:M=1",
        "--keep-sorted-score",
        "--logfile=x",
        "-O x",
        "-x f",
        "--version",
        "--help",
        "--devices",
        "--sched=99",
        "-T",
        "-D",
    ] {
        let chosen = read(written);
        assert_eq!(chosen.kept, [""; 0], "{written}");
        assert_eq!(chosen.notes.len(), 1, "{written}: {:?}", chosen.notes);
        assert!(!chosen.sample_accurate && chosen.midi_file.is_none(), "{written}");
    }
}

#[test]
fn a_note_names_line_option_and_reason() {
    assert_eq!(
        read("\n-m0 -odac").notes,
        ["<CsOptions>, line 2: -odac is not needed, as the host plays and records the sound"]
    );
    assert!(read("-r 44100").notes[0].contains("-r44100 is not used, as the host's sample rate wins"));
    assert!(read("--port=9").notes[0].contains("network"));
    assert!(read("--ksmps=x").notes[0].contains("from 1 to 65535"));
}

#[test]
fn comments_begin_where_a_word_could() {
    // Csound 6.18 ends with "unknown flag -;" for the last one.
    assert_eq!(kept("; -m0\n# -m1\n// -m5\n-m2 ; -m3\n-m3 # x\n-m4 // x"), ["-m2", "-m3", "-m4"]);
    assert_eq!(read("; -d\n# -d\n// -d\n  ; -d").notes, [""; 0]);
    assert_eq!(read("-m0;x").notes.len(), 2);
    assert_eq!(kept("-m0;x"), ["-m0"]);
}

#[test]
fn after_a_block_comment_nothing_of_the_line_is_read() {
    let chosen = read("-m2 /* x */ --ksmps=7\n-t60");
    assert_eq!(chosen.kept, ["-m2", "-t60"]);
    assert!(chosen.notes[0].contains("--ksmps=7 is not used"), "{:?}", chosen.notes);
    // Over several lines it hides even the section's end, as in Csound 6.18.
    assert_eq!(kept("-m2 /* x\n</CsOptions>\n-m4 */ -m5\n-m3"), ["-m2", "-m3"]);
}

#[test]
fn quotes_are_read_as_csound_reads_them() {
    assert_eq!(kept("-d \"--omacro:M=a b\" --ksmps=7"), ["--omacro:M=a b", "--ksmps=7"]);
    assert_eq!(kept("-d --omacro:M=a\"b c\"d --ksmps=7"), ["--omacro:M=ab cd", "--ksmps=7"]);
    assert_eq!(kept("-F \"my song.mid\" -m0"), ["-Fmy song.mid", "-m0"]);
    // Csound 6.18 reads no further after a quote that closes inside a word before a blank.
    let chosen = read("--omacro:M=\"a b\" --ksmps=7");
    assert_eq!(chosen.kept, ["--omacro:M=a b"]);
    assert!(chosen.notes[0].contains("--ksmps=7"), "{:?}", chosen.notes);
    // A quoted first word is the command's name.
    assert_eq!(read("\"--omacro:M=a b\"").kept, [""; 0]);
    assert_eq!(read("\"--omacro:M=a b\"").notes.len(), 1);
    // A blank behind a backslash does not end a word.
    assert_eq!(kept("-d --omacro:M=a\\ b -m0"), ["--omacro:M=a\\ b", "-m0"]);
    assert_eq!(kept("-d --omacro:M=\"a\\\"b\""), ["--omacro:M=a\"b"]);
    assert_eq!(read("-m0 --omacro:M=\"a b").kept, [""; 0]);
    assert_eq!(read("-m0 --omacro:M=\"a b").notes.len(), 1);
}

#[test]
fn the_command_before_the_options_is_no_option() {
    assert_eq!(kept("csound -m0 piece.csd"), ["-m0"]);
    assert_eq!(read("csound -m0 piece.csd").notes.len(), 1);
    assert_eq!(kept("foo -m0"), ["-m0"]);
    assert_eq!(read("csound -m0").notes, [""; 0]);
}

#[test]
fn what_only_csound_7_knows_is_kept_for_it_alone_and_all_else_is_read_alike() {
    let by = |written| (read_by(Generation::Six, written), read_by(Generation::Seven, written));
    let (six, seven) = by("--recursion-depth=50");
    assert_eq!(six.kept, [""; 0]);
    assert!(six.notes[0].contains("does not know it"), "{:?}", six.notes);
    assert_eq!((seven.kept, seven.notes.len()), (vec!["--recursion-depth=50".to_owned()], 0));
    for wrong in ["--recursion-depth=0", "--recursion-depth=x", "--recursion-depth=1000000"] {
        let (_, seven) = by(wrong);
        assert!(seven.kept.is_empty() && seven.notes[0].contains("from 1 to 10000"), "{:?}", seven.notes);
    }
    for (written, why) in [
        ("--code=instr", "<CsInstruments>"),
        ("--events=i", "<CsInstruments>"),
        ("--run-unit-tests", "that a piece can set"),
        ("--print-version", "that a piece can set"),
        ("--suppress-version", "that a piece can set"),
        ("--error-deprecated", "that a piece can set"),
        ("--no-deprecated-warnings", "that a piece can set"),
        ("--opcode-omit=x", "does not know it"),
        ("-C", "does not know it"),
    ] {
        let (_, seven) = by(written);
        assert!(seven.kept.is_empty() && seven.notes.len() == 1, "{written}: {:?}", seven.notes);
        assert!(seven.notes[0].contains(why), "{:?}", seven.notes);
    }
    for written in ["-m0 --ksmps=7 -F tune.mid", "-odac -y --nope", "--omacro:M=\"a b\" --ksmps=7"] {
        let (six, seven) = by(written);
        assert_eq!(six, seven, "{written}");
    }
}

#[test]
fn behind_two_dashes_csound_7_reads_arguments() {
    let written = "--omacro:M=1 -- --omacro:M=2 -m0\n--ksmps=7";
    let seven = read_by(Generation::Seven, written);
    assert_eq!(seven.kept, ["--omacro:M=1", "--ksmps=7"]);
    assert!(seven.notes[0].contains("-- --omacro:M=2 -m0 is not used"), "{:?}", seven.notes);
    // 6 knows no such thing, and reads on.
    assert_eq!(read(written).kept, ["--omacro:M=1", "--omacro:M=2", "-m0", "--ksmps=7"]);
}
