//! Which opcode libraries an engine loads, what a piece is told that needs another one, and whether the
//! tables of opcodes are right.

mod list;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use csound_library::VARIABLE;
use csound_performance::engine::opcode_libraries::{Generation, Table};
use csound_performance::engine::protocol::Confinement;
use csound_performance::engine::remote::{Options, RemoteEngine};
use csound_performance::engine::{Engine, StartError, Started};
use test_host::compare::oracle;
use test_host::testing::{CSOUND_6, alone_with};
use test_host::tools::{csound_7, csound_is_missing, opcodes_7};

use crate::common::engines::{options, spec};
use crate::common::{alone, csd, is_missing, libcsound_is_missing};

const HEADER: &str = "sr = 48000\nksmps = 32\nnchnls = 1\n";

/// Where Debian keeps Csound 6's opcode libraries, relative to the folder of libraries.
const FOLDER: &str = "csound/plugins64-6.0";

fn piece(orchestra: &str) -> String {
    csd("", HEADER, orchestra, "f 0 10")
}

/// Starts a piece, confined as is said or trusted; with what its console says.
fn start(
    orchestra: &str,
    confinement: Option<Confinement>,
) -> (Result<Started<RemoteEngine>, StartError>, String) {
    let options = Options { confinement, ..options() };
    let mut console = String::new();
    let started = RemoteEngine::start(&spec(piece(orchestra)), &options, &mut |line| {
        console += &format!("{}: {}\n", line.line.unwrap_or(0), line.text);
    });
    (started, console)
}

/// The files that an engine has loaded from folders of opcode libraries.
fn loaded(confinement: Option<Confinement>) -> BTreeSet<PathBuf> {
    let (started, console) = start("instr 1\nendin", confinement);
    let engine = started.unwrap_or_else(|error| panic!("{error}\n{console}")).engine;
    let maps = std::fs::read_to_string(format!("/proc/{}/maps", engine.handle().process_id())).unwrap();
    let paths = maps.lines().filter_map(|line| line.split_whitespace().nth(5)).map(PathBuf::from);
    paths
        .filter(|path| {
            path.components().any(|part| part.as_os_str().to_string_lossy().starts_with("plugins64"))
        })
        .collect()
}

fn names(paths: &BTreeSet<PathBuf>) -> BTreeSet<String> {
    paths.iter().map(|path| path.file_name().unwrap().to_str().unwrap().to_owned()).collect()
}

/// The opcode libraries in a folder, by name.
fn installed(folder: &Path) -> BTreeSet<String> {
    let entries = folder.read_dir().unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    entries.filter(|name| name.ends_with(".so")).collect()
}

/// If the packages with the opcode libraries that the tests need are missing.
fn six_is_missing() -> bool {
    libcsound_is_missing() || is_missing("the package csound-plugins", folder_of_six().is_some())
}

/// The folder of the opcode libraries that the installed Csound 6 loads.
fn folder_of_six() -> Option<PathBuf> {
    let folders = std::fs::read_dir("/usr/lib").unwrap().flatten().map(|entry| entry.path().join(FOLDER));
    folders.chain([Path::new("/usr/lib").join(FOLDER)]).find(|folder| folder.join("libpy.so").exists())
}

#[test]
fn a_confined_engine_loads_exactly_the_installed_libraries_that_are_on_the_list() {
    if six_is_missing() {
        return;
    }
    let folder = folder_of_six().unwrap();
    let table = Table::of(Generation::Six);
    let mut listed = installed(&folder);
    listed.retain(|name| table.allows(name, &[]));
    assert!(listed.len() >= 15, "{listed:?}");
    assert_eq!(names(&loaded(Some(Confinement::default()))), listed);
    let mut all = installed(&folder);
    all.retain(|name| !name.starts_with("librt"));
    assert_eq!(names(&loaded(None)), all, "a trusted engine loads all but those of devices");
}

#[test]
fn a_library_that_the_user_added_is_loaded_and_neither_his_others_nor_his_settings() {
    let home = tempfile::tempdir().unwrap();
    let test =
        "opcode_libraries::a_library_that_the_user_added_is_loaded_and_neither_his_others_nor_his_settings";
    if six_is_missing() || !alone(test, "HOME", home.path().to_str().unwrap()) {
        return;
    }
    let folder = folder_of_six().unwrap();
    let home = PathBuf::from(std::env::var_os("HOME").unwrap());
    let users = home.join(".local/lib/csound/6.0/plugins64");
    std::fs::create_dir_all(&users).unwrap();
    for (from, to) in [("liblfsr.so", "libmine.so"), ("libchua.so", "libother.so")] {
        std::fs::copy(folder.join(from), users.join(to)).unwrap();
    }
    std::fs::write(home.join(".csound6rc"), "--ksmps=16\n").unwrap();
    // All may be read, so that it is not the sandbox that keeps it away.
    let confined = |libraries: &[&str]| Confinement {
        readable: vec![home.clone()],
        libraries: libraries.iter().map(|name| (*name).to_owned()).collect(),
        ..Confinement::default()
    };
    let mine = |loaded: BTreeSet<PathBuf>| {
        names(&loaded.into_iter().filter(|path| path.starts_with(&users)).collect())
    };
    assert_eq!(mine(loaded(Some(confined(&[])))), BTreeSet::new());
    assert_eq!(mine(loaded(Some(confined(&["libmine.so"])))), BTreeSet::from(["libmine.so".to_owned()]));
    assert_eq!(mine(loaded(None)).len(), 2, "a trusted engine loads what the csound command loads");
    assert!(names(&loaded(Some(confined(&["libpy.so"])))).contains("libpy.so"));
    let ksmps = |confinement| start("instr 1\nendin", confinement).0.unwrap().engine.format().ksmps;
    assert_eq!(ksmps(Some(confined(&[]))), 32, "the user's settings reach a confined piece");
    assert_eq!(ksmps(None), 16, "the settings are there to be found");
}

/// An orchestra with an opcode of liblfsr.so.
const SHIFTS: &str = "instr 1\nk1 lfsr 8, 5\nout a(k1 / 512)\nendin";

#[test]
fn a_package_that_the_user_installed_for_csound_6_is_used_as_by_the_csound_command() {
    let test =
        "opcode_libraries::a_package_that_the_user_installed_for_csound_6_is_used_as_by_the_csound_command";
    if six_is_missing() || csound_is_missing() {
        return;
    }
    let (home, folder) = (tempfile::tempdir().unwrap(), folder_of_six().unwrap());
    let few = few_libraries(&folder);
    let environment = [("HOME", home.path()), ("OPCODE6DIR64", few.path()), (VARIABLE, Path::new(CSOUND_6))];
    if alone_with(test, &environment.map(|(name, value)| (name, value.as_os_str()))) {
        package_is_used(Generation::Six, "6.0", &folder);
    }
}

#[test]
fn a_package_that_the_user_installed_for_csound_7_is_used_as_by_the_library_alone() {
    let test =
        "opcode_libraries::a_package_that_the_user_installed_for_csound_7_is_used_as_by_the_library_alone";
    if is_missing("Csound 7 (cycsound in target/venv)", csound_7().is_some()) {
        return;
    }
    let (home, folder) = (tempfile::tempdir().unwrap(), opcodes_7().unwrap());
    let (few, library) = (few_libraries(&folder), csound_7().unwrap());
    let environment = [("HOME", home.path()), ("OPCODE7DIR64", few.path()), (VARIABLE, library.as_path())];
    if alone_with(test, &environment.map(|(name, value)| (name, value.as_os_str()))) {
        package_is_used(Generation::Seven, "7.0", &folder);
    }
}

/// A folder of opcode libraries that has one of those.
fn few_libraries(folder: &Path) -> tempfile::TempDir {
    let few = tempfile::tempdir().unwrap();
    std::fs::copy(folder.join("libdoppler.so"), few.path().join("libdoppler.so")).unwrap();
    few
}

/// In a process whose home folder is empty. The opcode is nowhere else: Csound's own folder lacks it.
fn package_is_used(generation: Generation, api: &str, folder: &Path) {
    let home = PathBuf::from(std::env::var_os("HOME").unwrap());
    let users = home.join(".local/lib/csound").join(api).join("plugins64");
    let starts = |confinement| start(SHIFTS, confinement).0.is_ok();
    let allowed = |libraries: &[&str]| {
        let libraries = libraries.iter().map(|name| (*name).to_owned()).collect();
        Some(Confinement { libraries, ..Confinement::default() })
    };
    assert!(!starts(None) && !command_performs(generation, &home), "the opcode is elsewhere");
    std::fs::create_dir_all(&users).unwrap();
    std::fs::copy(folder.join("liblfsr.so"), users.join("libmine.so")).unwrap();
    assert!(command_performs(generation, &home), "the command");
    assert!(starts(None), "a trusted piece");
    assert!(starts(allowed(&["libmine.so"])), "a piece whose user allows the library");
    assert!(!starts(allowed(&[])), "a piece whose user allows none");
}

/// If the csound command of this generation performs the piece, with opcode libraries from where Csound looks itself.
fn command_performs(generation: Generation, folder: &Path) -> bool {
    let (path, output) = (folder.join("piece.csd"), folder.join("out.wav"));
    std::fs::write(&path, csd("", HEADER, SHIFTS, "i 1 0 0.1")).unwrap();
    let usual = oracle::command(generation, 48_000, &output).unwrap();
    let mut command = Command::new(usual.get_program());
    let own = (generation == Generation::Seven).then(|| opcodes_7().unwrap());
    for argument in usual.get_args() {
        let is_own = own.as_ref().is_some_and(|own| argument == own.as_os_str());
        command.arg(if is_own { "".as_ref() } else { argument });
    }
    let performs = command.arg(&path).output().unwrap().status.success();
    performs && std::fs::metadata(&output).is_ok_and(|file| file.len() > 10_000)
}

#[test]
fn python_opcodes_are_refused_by_name_and_trusted_they_work() {
    if six_is_missing() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let mark = folder.path().join("mark");
    let orchestra =
        format!("pyinit\ninstr 1\nendin\npyruni {{{{open(\"{}\", \"w\").write(\"here\")}}}}", mark.display());
    let (started, console) = start(&orchestra, Some(Confinement::default()));
    let error = started.err().expect("a confined piece has no Python").to_string();
    for text in [&error, &console] {
        for opcode in ["pyinit", "pyruni"] {
            let told = format!("`{opcode}` needs trust: it is from libpy.so, which runs Python code");
            assert!(text.contains(&told), "{text}");
        }
    }
    assert!(!console.contains("syntax error"), "{console}");
    assert!(!mark.exists());
    let (started, console) = start(&orchestra, None);
    assert!(started.is_ok(), "{console}");
    assert_eq!(std::fs::read_to_string(&mark).unwrap(), "here");
}

#[test]
fn a_piece_is_told_by_name_and_line_what_it_lacks() {
    if six_is_missing() {
        return;
    }
    // The first line of the orchestra is the piece's eleventh.
    for (orchestra, told) in [
        (
            "FLpanel \"x\", 100, 100\nFLpanelEnd\nFLrun",
            "13: `FLrun` needs trust: it is from libwidgets.so, which opens",
        ),
        ("instr 1\nieng fluidEngine\nendin", "12: `fluidEngine` needs trust: it is from libfluidOpcodes.so"),
        ("instr 1\na1 = faustplay:a(1)\nendin", "12: `faustplay` needs trust: it is from libfaustcsound.so"),
        (
            "#ifndef NOTHING\njacktransport 1\n#end",
            "12: `jacktransport` needs trust: it is from libjackTransport.so",
        ),
        ("#define PY #pyinit#\n$PY", "11: `pyinit` needs trust: it is from libpy.so"),
        (
            "instr 1\na1 nosuch 3\nendin",
            "12: `nosuch` is unknown, or from an opcode library that is not on the list",
        ),
        ("instr 1\na1 = nosuch(3)\nendin", "12: `nosuch` is unknown, or from an opcode library"),
    ] {
        let (started, console) = start(orchestra, Some(Confinement::default()));
        assert!(started.is_err(), "{orchestra}");
        assert!(console.contains(told), "{orchestra}: {told} is not in\n{console}");
    }
    for orchestra in [
        "#ifdef NOTHING\npyinit\n#end\ninstr 1\nendin",
        "opcode pyinit, 0, 0\nprints \"mine\"\nendop\npyinit",
        "instr pyinit\nendin\nprints \"pyinit\" ; pyinit",
    ] {
        let (started, console) = start(orchestra, Some(Confinement::default()));
        assert!(started.is_ok(), "{orchestra}: {console}");
    }
}

#[test]
fn an_opcode_is_also_looked_for_in_what_a_piece_includes() {
    if six_is_missing() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("python.inc"), "pyinit\n").unwrap();
    let mut spec = spec(piece("#include \"python.inc\"\ninstr 1\nendin"));
    spec.piece.folder = Some(folder.path().to_owned());
    let confinement = Confinement { readable: vec![folder.path().to_owned()], ..Confinement::default() };
    let options = Options { confinement: Some(confinement), ..options() };
    let error = RemoteEngine::start(&spec, &options, &mut |_| ()).err().unwrap().to_string();
    assert!(error.contains("`pyinit` needs trust") && !error.contains("syntax error"), "{error}");
}

/// The opcodes of a Csound with these libraries, and no others.
fn opcodes(library: &Path, generation: &str, folder: &Path, files: &[&str]) -> BTreeSet<String> {
    let links = tempfile::tempdir().unwrap();
    for file in files {
        std::os::unix::fs::symlink(folder.join(file), links.path().join(file)).unwrap();
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/python/opcode_names.py");
    let mut command = Command::new(test_host::tools::venv_python());
    command.arg(script).arg(library).arg(generation).arg(links.path());
    let said = command.output().unwrap();
    assert!(said.status.success(), "{files:?}: {}", String::from_utf8_lossy(&said.stderr));
    // 7 tells where it loads from.
    let text = String::from_utf8(said.stdout).unwrap();
    let names = text.lines().filter(|line| !line.contains(' '));
    names.map(str::to_owned).collect()
}

/// Loads each library alone and compares what it brings with the table.
fn compare(generation: Generation, number: &str, library: &Path, folder: &Path) {
    let table = Table::of(generation);
    let built_in = opcodes(library, number, folder, &[]);
    assert!(built_in.contains("oscili"), "{built_in:?}");
    let mut wrong = String::new();
    for file in installed(folder) {
        let brought = opcodes(library, number, folder, &[&file]);
        let brought: Vec<&str> = brought.difference(&built_in).map(String::as_str).collect();
        let known = table.libraries().iter().find(|known| known.file == file);
        if known.is_none_or(|known| known.opcodes != brought) {
            wrong += &format!("{file}\n  {}\n", brought.join(" "));
        }
    }
    assert_eq!(wrong, "", "these do not stand in the table as they are");
}

#[test]
fn the_table_names_each_opcode_of_each_library_of_the_installed_csound_6() {
    if six_is_missing() || is_missing("target/venv", test_host::tools::venv_python().exists()) {
        return;
    }
    compare(Generation::Six, "6", Path::new("libcsound64.so.6.0"), &folder_of_six().unwrap());
}

#[test]
fn the_table_names_each_opcode_of_each_library_of_csound_7() {
    if is_missing("Csound 7 (cycsound in target/venv)", csound_7().is_some()) {
        return;
    }
    compare(Generation::Seven, "7", &csound_7().unwrap(), &opcodes_7().unwrap());
}
