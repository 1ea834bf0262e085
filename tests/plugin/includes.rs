//! What is pinned by trust is what Csound reads: every way of including, against the csound command, and again over
//! Csound 7 against a program over its library.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use csound_performance::engine::piece::{Piece, Source};
use csound_performer::plugin::pieces::trust::{Pinned, Trust};

use test_host::compare::oracle;

use crate::RATE;
use crate::common::{generation, is_missing, oracle_is_missing};

/// Files of a piece: their names and texts.
type Files = &'static [(&'static str, &'static str)];

struct Way {
    name: &'static str,
    orchestra: &'static str,
    score: &'static str,
    files: Files,
    /// The files that Csound reads, in its order.
    read: &'static [&'static str],
}

const CODE: &str = "giX init 1\n";
const LINES: &str = "f 1 0 8 2 1\n";

const WAYS: [Way; 19] = [
    Way {
        name: "quotes",
        orchestra: "#include \"a.inc\"\n",
        score: "",
        files: &[("a.inc", CODE)],
        read: &["a.inc"],
    },
    Way {
        name: "any other character for the quote, blanks before and words behind",
        orchestra: "giY init 1\n#include\t /a.inc/ and more\n#include xb.incx\n#includezc.incz\n",
        score: "",
        files: &[("a.inc", CODE), ("b.inc", "giZ init 1\n"), ("c.inc", "giW init 1\n")],
        read: &["a.inc", "b.inc", "c.inc"],
    },
    Way {
        name: "a string",
        orchestra: "#includestr \"a.inc\"\n",
        score: "#includestr \"b.inc\"\n",
        files: &[("a.inc", CODE), ("b.inc", LINES)],
        read: &["a.inc", "b.inc"],
    },
    Way {
        name: "from a subfolder, beside the including file",
        orchestra: "#include \"sub/a.inc\"\n",
        score: "",
        files: &[("sub/a.inc", "#include \"b.inc\"\n"), ("sub/b.inc", CODE), ("b.inc", "giOther init 1\n")],
        read: &["sub/a.inc", "sub/b.inc"],
    },
    Way {
        name: "from a subfolder, beside the piece where there is none beside the including file",
        orchestra: "#include \"sub/a.inc\"\n",
        score: "",
        files: &[("sub/a.inc", "#include \"b.inc\"\n"), ("b.inc", CODE)],
        read: &["sub/a.inc", "b.inc"],
    },
    Way {
        name: "the folder of the name as written, and back",
        orchestra: "#include \"s/a.inc\"\n#include \"v.inc\"\n",
        score: "",
        files: &[
            ("s/a.inc", "#include \"t/b.inc\"\n#include \"v.inc\"\n"),
            ("s/t/b.inc", "#include \"w.inc\"\n"),
            ("t/w.inc", "giOne init 1\n"),
            ("s/t/w.inc", "giTwo init 1\n"),
            ("s/v.inc", "giThree init 1\n"),
            ("v.inc", "giFour init 1\n"),
        ],
        read: &["s/a.inc", "s/t/b.inc", "t/w.inc", "s/v.inc", "v.inc"],
    },
    Way {
        name: "a name without a folder keeps the folder",
        orchestra: "#include \"s/a.inc\"\n",
        score: "",
        files: &[
            ("s/a.inc", "#include \"b.inc\"\n"),
            ("s/b.inc", "#include \"c.inc\"\n"),
            ("s/c.inc", CODE),
            ("c.inc", ""),
        ],
        read: &["s/a.inc", "s/b.inc", "s/c.inc"],
    },
    Way {
        name: "a score, from a subfolder",
        orchestra: "",
        score: "#include \"s/a.inc\"\n#include \"v.inc\"\n",
        files: &[
            ("s/a.inc", "; first\n#include \"t/b.inc\"\n#include \"v.inc\"\n"),
            ("s/t/b.inc", "; b\n#include \"w.inc\"\n"),
            ("t/w.inc", LINES),
            ("s/t/w.inc", LINES),
            ("s/v.inc", "; another\n"),
            ("v.inc", LINES),
        ],
        read: &["s/a.inc", "s/t/b.inc", "t/w.inc", "s/v.inc", "v.inc"],
    },
    Way {
        name: "the score's loops and lines",
        orchestra: "",
        score: "{ 2 N\n#include \"a.inc\"\n}\ni 1 0 0.1 #include \"b.inc\"\n",
        files: &[("a.inc", LINES), ("b.inc", "; nothing\n")],
        read: &["a.inc", "b.inc"],
    },
    Way {
        name: "the whole path, and from there",
        orchestra: "#include \"HERE/s/a.inc\"\n",
        score: "",
        files: &[("s/a.inc", "#include \"b.inc\"\n"), ("s/b.inc", CODE), ("b.inc", "giOther init 1\n")],
        read: &["s/a.inc", "s/b.inc"],
    },
    Way {
        name: "not in comments",
        orchestra: "; #include \"no.inc\"\n// #include \"no.inc\"\n/* #include \"no.inc\"\n#include \"no.inc\" */\n#include \"a.inc\"\n",
        score: "; #include \"no.inc\"\n/* #include \"no.inc\" */\nc #include \"no.inc\"\n",
        files: &[("a.inc", CODE), ("no.inc", "")],
        read: &["a.inc"],
    },
    Way {
        name: "not in strings",
        orchestra: "gSa init \"#include \\\" #include \"\ngSb init {{\n#include \"no.inc\"\n}}\n#include \"a.inc\"\n",
        score: "",
        files: &[("a.inc", CODE), ("no.inc", "")],
        read: &["a.inc"],
    },
    Way {
        name: "behind a macro whose body looks like a comment",
        orchestra: "#define M #giM init 1 ; #\n#define N # \\#include \"no.inc\" # #include \"a.inc\"\n",
        score: "",
        files: &[("a.inc", CODE), ("no.inc", "")],
        read: &["a.inc"],
    },
    Way {
        name: "no macro in a plain name",
        orchestra: "#define A #b#\n#include \"$A..inc\"\n",
        score: "",
        files: &[("$A..inc", CODE), ("b.inc", "giOther init 1\n")],
        read: &["$A..inc"],
    },
    Way {
        name: "a file twice",
        orchestra: "#include \"a.inc\"\n#include \"a.inc\"\n",
        score: "",
        files: &[("a.inc", "; nothing\n")],
        read: &["a.inc", "a.inc"],
    },
    Way {
        name: "lines that end as on an old Macintosh",
        orchestra: "#include \"a.inc\"\n",
        score: "",
        files: &[("a.inc", "; a comment\r#include \"b.inc\"\n"), ("b.inc", CODE)],
        read: &["a.inc", "b.inc"],
    },
    Way {
        name: "deeply",
        orchestra: "#include \"1.inc\"\n",
        score: "",
        files: &[
            ("1.inc", "#include \"2.inc\"\n"),
            ("2.inc", "#include \"3.inc\"\n"),
            ("3.inc", "#include \"4.inc\"\n"),
            ("4.inc", "#include \"5.inc\"\n"),
            ("5.inc", CODE),
        ],
        read: &["1.inc", "2.inc", "3.inc", "4.inc", "5.inc"],
    },
    Way {
        name: "behind a text within a text, which is all one text to Csound 7",
        orchestra: "gSa init {{ a {{ b }}\n#include \"a.inc\"\n}}\n",
        score: "",
        files: &[("a.inc", CODE)],
        read: &["a.inc"],
    },
    Way {
        name: "an escaped quote",
        orchestra: "gSa init \"a\\\\\" #include \"a.inc\"\n",
        score: "",
        files: &[("a.inc", "; nothing\n")],
        read: &["a.inc"],
    },
];

fn lay_out(way: &Way) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path().canonicalize().unwrap();
    for (name, text) in way.files {
        let path = here.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    (folder, here)
}

/// The piece of a way: as a CSD, or as an orchestra with its score.
fn piece(way: &Way, here: &Path, as_csd: bool) -> Piece {
    let text = |text: &str| text.replace("HERE", here.to_str().unwrap());
    let (orchestra, score) = (text(way.orchestra), text(way.score));
    let orc = format!("sr = 48000\nksmps = 32\n{orchestra}instr 1\nendin\n");
    let sco = format!("{score}i 1 0 0.01\n");
    let source = match as_csd {
        true => Source::Csd(format!(
            "<CsoundSynthesizer>\n<CsInstruments>\n{orc}</CsInstruments>\n<CsScore>\n{sco}</CsScore>\n</CsoundSynthesizer>\n"
        )),
        false => Source::OrcSco { orc, sco },
    };
    Piece { name: "piece.csd".into(), source, folder: Some(here.to_owned()) }
}

/// The files below `here` that the csound command opens.
fn opened(piece: &Piece, here: &Path) -> (Vec<PathBuf>, String) {
    let engine = tempfile::tempdir().unwrap();
    let texts = match &piece.source {
        Source::Csd(csd) => vec![("piece.csd", csd)],
        Source::OrcSco { orc, sco } => vec![("piece.orc", orc), ("piece.sco", sco)],
    };
    let mut command = Command::new("strace");
    command.args(["-f", "-e", "trace=open,openat", "-o"]).arg(engine.path().join("trace"));
    let csound = oracle::command(generation(), RATE, &engine.path().join("out.wav")).unwrap();
    command.arg(csound.get_program()).args(csound.get_args()).current_dir(here).env_remove("INCDIR");
    for (name, text) in texts {
        std::fs::write(engine.path().join(name), text).unwrap();
        command.arg(engine.path().join(name));
    }
    let said = command.output().unwrap();
    let trace = std::fs::read_to_string(engine.path().join("trace")).unwrap();
    let opens = trace.lines().filter(|line| line.contains("O_RDONLY") && !line.contains("ENOENT"));
    let paths = opens.filter_map(|line| Some(here.join(line.split('"').nth(1)?)));
    (
        paths.filter(|path| path.starts_with(here)).collect(),
        String::from_utf8_lossy(&said.stderr).into_owned(),
    )
}

#[test]
fn what_is_pinned_is_what_csound_reads_in_its_order() {
    let traces = Command::new("strace").arg("-V").output().is_ok();
    if oracle_is_missing() || is_missing("strace", traces) {
        return;
    }
    for way in &WAYS {
        let (_folder, here) = lay_out(way);
        for as_csd in [true, false] {
            let piece = piece(way, &here, as_csd);
            let expected: Vec<_> = way.read.iter().map(|name| here.join(name)).collect();
            let pinned = Pinned::of(&piece);
            assert_eq!(pinned.doubts, [""; 0], "{}", way.name);
            let paths: Vec<_> = pinned.included.into_iter().filter_map(|file| file.path).collect();
            // `..` and `.` are no part of a path that is compared.
            let plain = |paths: Vec<PathBuf>| -> Vec<PathBuf> {
                paths.into_iter().map(|path| path.components().collect()).collect()
            };
            assert_eq!(plain(paths), expected, "pinned: {}", way.name);
            let (opened, said) = opened(&piece, &here);
            assert_eq!(plain(opened), expected, "opened: {}\n{said}", way.name);
        }
    }
}

#[test]
fn a_piece_is_trusted_until_any_file_that_it_reads_as_code_changes() {
    for way in &WAYS {
        let (_folder, here) = lay_out(way);
        for as_csd in [true, false] {
            let piece = piece(way, &here, as_csd);
            let mut trust = Trust::default();
            trust.set_trusted(&piece, true).unwrap();
            let is_trusted = || trust.granted(&piece).permissions.trusted;
            assert!(is_trusted(), "{}", way.name);
            let read: BTreeSet<_> = way.read.iter().collect();
            for (name, text) in way.files {
                let path = here.join(name);
                std::fs::write(&path, format!("{text}; changed\n")).unwrap();
                assert_eq!(is_trusted(), !read.contains(name), "{}: {name} changed", way.name);
                std::fs::remove_file(&path).unwrap();
                assert_eq!(is_trusted(), !read.contains(name), "{}: {name} is gone", way.name);
                let fifo = Command::new("mkfifo").arg(&path).status().unwrap();
                assert!(fifo.success());
                assert_eq!(is_trusted(), !read.contains(name), "{}: {name} is a pipe", way.name);
                std::fs::remove_file(&path).unwrap();
                std::fs::write(&path, text).unwrap();
                assert!(is_trusted(), "{}: {name} is as it was", way.name);
            }
        }
    }
}

#[test]
fn what_cannot_be_resolved_exactly_is_not_trusted_and_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path().canonicalize().unwrap();
    std::fs::write(here.join("a.inc"), CODE).unwrap();
    let deep = |number: usize| here.join(format!("{number}.inc"));
    for number in 0..20 {
        std::fs::write(deep(number), format!("#include \"{}.inc\"\n", number + 1)).unwrap();
    }
    std::fs::write(deep(20), CODE).unwrap();
    for (orchestra, why) in [
        ("#define A #a#\n#includestr \"$A..inc\"\n", "macro"),
        ("#include \"0.inc\"\n", "too deep"),
        ("#include \"../a.inc\"\n", ".."),
        ("#include \"gone.inc\"\n", "gone.inc is not there"),
        ("#include \"/dev/zero\"\n", "not an ordinary file"),
        ("instr 2\nires compileorc \"a.inc\"\nendin\n", "compileorc"),
        ("instr 2\nSfile = \"a.inc\"\nires compilestr Sfile\nendin\n", "compilestr"),
        ("instr 2\nires evalstr {{#include \"a.inc\"\n}}\nendin\n", "evalstr"),
    ] {
        let source = Source::OrcSco { orc: orchestra.into(), sco: String::new() };
        let piece = Piece { name: "piece.orc".into(), source, folder: Some(here.clone()) };
        let refused = Trust::default().set_trusted(&piece, true).unwrap_err().to_string();
        assert!(refused.contains(why) && refused.contains(", line "), "{orchestra}: {refused}");
    }
}
