//! What is wrong with a piece that performs is said, over a running instance.

use csound_library::Generation;
use csound_performer::editor::model::{Action, Backend, Fault, FaultKind, State};
use csound_performer::permission::Permission;
use test_host::testing::generation;

use crate::backend_bench::*;
use crate::common::csd;

fn piece(body: &str) -> String {
    csd("", HEADER, &format!("instr 1\n{body}\nendin\n"), "i 1 0 1000")
}

/// Opens a piece in a folder of its own, beside a sound that lies a folder further up.
fn faults_of(body: &str) -> (Vec<Fault>, std::path::PathBuf) {
    let above = tempfile::tempdir().unwrap();
    let root = above.path().canonicalize().unwrap();
    std::fs::create_dir(root.join("piece")).unwrap();
    std::fs::write(root.join("x.wav"), "sound").unwrap();
    let path = write(&root.join("piece"), "piece.csd", &piece(body));
    let mut bench = Bench::new();
    bench.desk.act(Action::Open(path));
    bench.until("it plays, and what is wrong is said", |view, _| {
        view.state == State::Playing && !view.piece.faults.is_empty()
    });
    let saved = bench.link.save();
    let faults = bench.view.piece.faults.to_vec();
    assert!(saved.values().any(|text| text.contains("\"faults\"")), "a render finds it in the state");
    (faults, root)
}

#[test]
fn a_file_that_is_missing_or_refused_is_named_with_the_place_and_what_helps() {
    if !alone("backend_faults::a_file_that_is_missing_or_refused_is_named_with_the_place_and_what_helps") {
        return;
    }
    for body in [
        "a1 diskin2 \"gone.wav\", 1\nouts a1, a1",
        "a1 soundin \"gone.wav\"\nouts a1, a1",
        "i1 ftgen 0, 0, 0, 1, \"gone.wav\", 0, 0, 0\nouts a(0), a(0)",
        "ftload \"gone.wav\", 0, 1\nouts a(0), a(0)",
        "S1, k1 readf \"gone.wav\"\nouts a(0), a(0)",
        "i1 compileorc \"gone.wav\"\nouts a(0), a(0)",
    ] {
        let (faults, root) = faults_of(body);
        let [fault] = &faults[..] else { panic!("{body}: {faults:?}") };
        assert_eq!(fault.kind, FaultKind::Missing, "{body}");
        let place = root.join("piece").display().to_string();
        for word in ["gone.wav was not found", &place, "Allow folder"] {
            assert!(fault.text.contains(word), "{body}: {}", fault.text);
        }
    }
    let (faults, root) = faults_of("a1 diskin2 \"../x.wav\", 1\nouts a1, a1");
    assert_eq!((faults.len(), faults[0].kind, faults[0].line), (1, FaultKind::Refused, Some(12)));
    assert!(faults[0].text.contains("../x.wav was refused"), "{}", faults[0].text);
    assert!(faults[0].text.contains(&format!("{}, which this piece may not read", root.display())));
    let (faults, _) = faults_of("fout \"../new.wav\", 4, a(0)\nouts a(0), a(0)");
    assert!(faults[0].text.contains("cannot be written"), "{}", faults[0].text);
}

#[test]
fn errors_of_opcodes_and_refused_programs_are_said_until_another_engine_comes() {
    if !alone("backend_faults::errors_of_opcodes_and_refused_programs_are_said_until_another_engine_comes") {
        return;
    }
    let (faults, _) = faults_of("a1 oscili 1, 440, 99\nouts a1, a1");
    assert_eq!((faults[0].kind, faults[0].line), (FaultKind::Error, Some(12)));
    assert!(faults[0].text.starts_with("Line 12: oscili cannot begin"), "{}", faults[0].text);
    let folder = tempfile::tempdir().unwrap();
    let starts_program = "i1 system_i 1, \"ls\"\nouts a(0), a(0)";
    match generation() {
        Generation::Six => {
            let (faults, _) = faults_of(starts_program);
            assert_eq!(faults[0].kind, FaultKind::Refused);
            assert!(faults[0].text.contains("start a program"), "{}", faults[0].text);
        }
        // It is in a library of its own there, which pieces without trust do not get.
        Generation::Seven => {
            let path = write(folder.path(), "program.csd", &piece(starts_program));
            let mut bench = Bench::new();
            bench.desk.act(Action::Open(path));
            bench.until("it does not compile", |view, _| !view.source.errors.is_empty());
            let [error] = &bench.view.source.errors[..] else { panic!("{:?}", bench.view.source.errors) };
            assert_eq!(error.line, Some(12), "{error:?}");
            assert!(error.text.contains("`system_i` needs trust"), "{error:?}");
            assert!(error.text.contains("starts programs"), "{error:?}");
        }
    }

    let path = write(folder.path(), "a.csd", &piece("a1 diskin2 \"gone.wav\", 1\nouts a1, a1"));
    let mut bench = Bench::new();
    bench.desk.act(Action::Open(path));
    bench.until("a file is missing", |view, _| !view.piece.faults.is_empty());
    bench.desk.act(Action::Permit(Permission::Read(folder.path().to_owned())));
    bench.desk.act(Action::Apply(vec![piece("outs a(0.25), a(0)")]));
    bench.until("the next text lacks nothing", |view, heard| {
        heard[511] == 0.25 && view.piece.faults.is_empty()
    });
}
