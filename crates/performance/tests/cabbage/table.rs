//! Every opcode of Cabbage's with every signature, in a piece of its own: what comes out, and that no name, however
//! long, does harm. Those that perform hundreds of pieces have a process of their own: each leaves something of the C
//! library's behind, of which a process has 1024.

use std::collections::BTreeSet;
use std::path::Path;

use csound_performance::engine::PieceSpec;
use csound_performance::engine::local::LocalEngine;
use csound_performance::engine::protocol::Confinement;
use test_host::testing::alone_with;

use crate::common::libcsound_is_missing;
use crate::rows::{ROWS, Row, piece_of};
use crate::subject::Subject;

const SECTION: &str = "form size(9, 9)\n\
    rslider bounds(10, 20, 30, 40), channel(\"gain\"), range(0, 4, 0.5, 1, 0.01), text(\"Gain\"), colour(1, 2, 3), alpha(0.75)\n\
    button bounds(0, 0, 9, 9), channel(\"two\"), text(\"off\", \"on\")\n\
    texteditor bounds(0, 0, 9, 9), channel(\"word\"), text(\"w\u{f6}rd\")";

/// Before each row's own lines: numbers, texts and lists.
const BEFORE: &str = "kOn init 1\nkV init 1.25\nkTime timeinstk\nkC init 0\nkA[] fillarray 1, 2, 3\niA[] fillarray 4, 5\n\
    SW[] fillarray \"word\", \"other\"\nSN[] fillarray \"gain\", \"two\"\naS init 0\n";

/// A note of one tick of 375 to the quarter note: two k-cycles of 32 frames.
const SONG: &[u8] = b"MThd\0\0\0\x06\0\0\0\x01\x01\x77MTrk\0\0\0\x0c\0\x90\x3c\x64\x01\x80\x3c\0\0\xff\x2f\0";

/// A folder with what the rows read.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("one.txt"), "one").unwrap();
    std::fs::write(folder.path().join("kept.pre"), "{\"gain\": 3, \"word\": \"back\"}").unwrap();
    std::fs::write(folder.path().join("song.mid"), SONG).unwrap();
    folder
}

fn piece(code: &str, folder: &Path) -> PieceSpec {
    piece_of(SECTION, &format!("{BEFORE}{code}"), folder)
}

#[test]
fn each_signature_gives_what_it_has_to() {
    if libcsound_is_missing() || !alone_with("table::each_signature_gives_what_it_has_to", &[]) {
        return;
    }
    let folder = folder();
    for row @ Row(name, .., code, _) in ROWS {
        let spec = piece(code, folder.path());
        row.check(Subject::here(&spec), "here");
        // A confined piece makes no folder.
        if *name != "cabbageCopyFile" {
            row.check(Subject::there(&spec, Confinement::default()), "isolated");
        }
    }
}

#[test]
fn no_name_does_harm_however_long_it_is() {
    if libcsound_is_missing() || !alone_with("table::no_name_does_harm_however_long_it_is", &[]) {
        return;
    }
    let folder = folder();
    // Csound itself reads no longer string in a text.
    for name in ["nobody \u{f6}".to_owned(), "\u{f6}".repeat(1000), String::new()] {
        let quoted = format!("\"{name}\"");
        for Row(opcode, results, arguments, code, _) in ROWS {
            let code = code.replace("\"gain\"", &quoted).replace("\"a\"", &quoted);
            let mut piece = Subject::here(&piece(&code, folder.path()));
            piece.watch(&["r"]);
            piece.cycles(3);
            let found = piece.value("r");
            assert!(found.is_finite(), "{results} {opcode} {arguments} with a name of {} bytes", name.len());
        }
    }
}

#[test]
fn there_is_each_signature_of_the_table_and_no_other() {
    if libcsound_is_missing() {
        return;
    }
    let code = "kX cabbageGetValue \"gain\"";
    let spec = PieceSpec { lists_opcodes: true, ..piece(code, folder().path()) };
    let started = LocalEngine::start(&spec, &mut |_| ()).unwrap();
    let name = |one: &str, results: &str, arguments: &str| format!("{results} {one} {arguments}");
    let there: BTreeSet<String> = started
        .shown
        .opcodes
        .iter()
        .filter(|opcode| opcode.name.starts_with("cabbage"))
        .map(|opcode| name(&opcode.name, &opcode.results, &opcode.arguments))
        .collect();
    let table: BTreeSet<String> =
        ROWS.iter().map(|Row(one, results, arguments, ..)| name(one, results, arguments)).collect();
    assert_eq!(table.len(), ROWS.len(), "a signature stands in the table twice");
    assert_eq!(table.difference(&there).collect::<Vec<_>>(), Vec::<&String>::new(), "missing");
    assert_eq!(there.difference(&table).collect::<Vec<_>>(), Vec::<&String>::new(), "not in the table");
}
