//! An engine tells which opcodes its Csound has, where it is asked: as many as Csound's own list has, as a program of
//! somebody else's reads it.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use csound_library::{Library, Opcode, VARIABLE};
use csound_performance::Generation;
use csound_performance::engine::PieceSpec;
use csound_performance::engine::opcode_libraries::Table;
use csound_performance::engine::remote::RemoteEngine;
use test_host::tools::{csound_7, opcodes_7, venv_python};

use crate::common::engines::{options, spec};
use crate::common::{alone, csd, is_missing, libcsound_is_missing};

/// All that an engine tells of a piece.
fn told(generation: Option<Generation>, text: String, asks: bool) -> Vec<Opcode> {
    let spec = PieceSpec { generation, lists_opcodes: asks, ..spec(text) };
    let started =
        RemoteEngine::start(&spec, &options(), &mut |_| ()).unwrap_or_else(|error| panic!("{error}"));
    started.shown.opcodes
}

fn empty() -> String {
    csd("", "sr = 48000\nksmps = 32\n", "instr 1\nendin\n", "")
}

/// The variants in Csound's own list, by ctypes, with the opcode libraries that a confined engine loads.
fn own_list(generation: Generation, library: &Path, folder: &Path) -> BTreeSet<String> {
    let links = tempfile::tempdir().unwrap();
    let table = Table::of(generation);
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let name = entry.file_name().into_string().unwrap();
        if table.allows(&name, &[]) {
            std::os::unix::fs::symlink(entry.path(), links.path().join(name)).unwrap();
        }
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/python/opcode_names.py");
    let number = generation.number().to_string();
    let mut command = Command::new(venv_python());
    command.arg(script).arg(library).arg(number).arg(links.path()).arg("types");
    let said = command.output().unwrap();
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    let text = String::from_utf8(said.stdout).unwrap();
    text.lines().filter(|line| line.split(' ').count() == 3).map(str::to_owned).collect()
}

fn lines(opcodes: &[Opcode]) -> BTreeSet<String> {
    let letters = |types: &str| if types.is_empty() { "-".to_owned() } else { types.to_owned() };
    let line = |opcode: &Opcode| {
        format!("{} {} {}", opcode.name, letters(&opcode.results), letters(&opcode.arguments))
    };
    opcodes.iter().map(line).collect()
}

/// What an engine tells has every variant of Csound's own list, and no name besides.
fn compare(generation: Generation, library: &Path, folder: &Path) {
    let own = own_list(generation, library, folder);
    let told = lines(&told(Some(generation), empty(), true));
    assert!(own.len() > 2000, "{}", own.len());
    let missing: Vec<_> = own.difference(&told).collect();
    let surplus: Vec<_> = told.difference(&own).collect();
    assert_eq!((missing.len(), surplus.len()), (0, 0), "missing {missing:?}, surplus {surplus:?}");
}

#[test]
fn an_engine_by_csound_6_tells_all_of_its_opcodes() {
    if libcsound_is_missing() || is_missing("target/venv", venv_python().exists()) {
        return;
    }
    let folders = Library::get().unwrap().opcode_folders();
    let folder = folders.into_iter().find(|folder| folder.is_dir()).unwrap();
    compare(Generation::Six, Path::new("libcsound64.so.6.0"), &folder);
}

#[test]
fn an_engine_by_csound_7_tells_all_of_its_opcodes() {
    if is_missing("Csound 7 (cycsound in target/venv)", csound_7().is_some()) {
        return;
    }
    let library = csound_7().unwrap();
    let this = "opcode_libraries::list::an_engine_by_csound_7_tells_all_of_its_opcodes";
    if alone(this, VARIABLE, library.to_str().unwrap()) {
        compare(Generation::Seven, &library, &opcodes_7().unwrap());
    }
}

#[test]
fn an_engine_tells_no_opcodes_unless_it_is_asked_and_cabbages_where_the_text_names_one() {
    if libcsound_is_missing() {
        return;
    }
    assert_eq!(told(None, empty(), false), []);
    let cabbage = csd("", "", "; cabbageGetValue\ninstr 1\nendin\n", "");
    let told = told(None, cabbage, true);
    assert!(told.iter().any(|opcode| opcode.name == "cabbageSetValue"));
    assert!(told.iter().any(|opcode| opcode.name == "oscili" && opcode.results == "a"));
}
