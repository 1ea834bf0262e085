//! Files beside a piece: what the csound command finds when it is started in the piece's folder, an engine
//! finds too, whatever opcode or GEN routine reads it, and what a piece writes it reads back.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use csound_performance::engine::local::LocalEngine;
use csound_performance::engine::opcode_libraries::{Generation, Table};
use csound_performance::engine::piece::{Piece, Source};
use csound_performance::engine::protocol::Confinement;
use csound_performance::engine::remote::{Options, RemoteEngine};
use csound_performance::engine::{Engine, PieceSpec};
use test_host::compare::oracle;
use test_host::tools::{csound_7, csound_is_missing, is_missing, opcodes_7, venv_python};

use crate::common::engines::{eventually, options, plain, spec, turn};
use crate::common::{csd, generation, pieces};

const HEADER: &str = "sr = 48000\nksmps = 32\nnchnls = 1\n0dbfs = 1\n";

/// Frames of a k-cycle.
const KSMPS: usize = 32;

/// The opcodes, and how each is tried.
const OPCODES: &str = include_str!("files/opcodes.txt");

/// Where Csound's package puts the measurements for `hrtfmove` and its kin, and its sounds.
const HRTF: &str = "/usr/share/csound/hrtf/hrtf-48000";
const SOUNDS: &str = "/usr/share/sounds/sf2/sf_GMbank.sf2";

/// An opcode that opens files, with the instrument that writes and the one that reads.
struct Tried {
    opcode: &'static str,
    writes: Option<&'static str>,
    reads: &'static str,
}

/// The lines of the table: their kind, and the rest.
fn lines_of_table() -> impl Iterator<Item = (&'static str, &'static str)> {
    OPCODES.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once(' '))
}

/// What is tried by the generation that performs here.
fn tried() -> Vec<Tried> {
    let kinds: &[&str] = match generation() {
        Generation::Six => &["r", "w"],
        Generation::Seven => &["r", "w", "r7", "w7"],
    };
    let split = |(kind, rest): (&'static str, &'static str)| -> Option<Tried> {
        let mut parts = rest.split(" | ");
        let opcode = parts.next()?;
        let writes = kind.starts_with('w').then(|| parts.next()).flatten();
        kinds.contains(&kind).then_some(())?;
        Some(Tried { opcode, writes, reads: parts.next()? })
    };
    let mut tried: Vec<_> = lines_of_table().filter_map(split).collect();
    // Those that write come last, so nobody reads what another has written over.
    tried.sort_by_key(|one| one.writes.is_some());
    tried
}

/// What the Csound that performs here says where it does not play what is tried with an opcode.
fn refused(opcode: &str) -> Option<&'static str> {
    let lines = lines_of_table().filter(|(kind, _)| *kind == "x7" && generation() == Generation::Seven);
    lines
        .filter_map(|(_, rest)| rest.split_once(" | "))
        .find(|(name, _)| *name == opcode)
        .map(|(_, words)| words)
}

fn lines(body: &str) -> String {
    body.replace(" \\\\ ", "\n")
}

/// An instrument whose one result is heard.
fn instrument(number: usize, body: &str) -> String {
    let body = lines(body);
    let has = |name: &str| body.contains(&format!("{name} ")) || body.contains(&format!("{name},"));
    let sound = match () {
        () if has("a1") || body.contains("#include") => "a1",
        () if has("k1") => "a(k1)",
        () if has("i1") => "a(i1)",
        () => "a(0)",
    };
    format!("instr {number}\n{body}\nout {sound}\nendin\n")
}

impl Tried {
    /// A piece of its instruments, and its length in k-cycles.
    fn piece(&self) -> (String, usize) {
        const TABLES: &str = "gitone ftgen 0, 0, 4096, 10, 1\ngiones ftgen 0, 0, 2049, 7, 1, 2049, 1\n";
        let writes = self.writes.map(|body| format!("instr 1\n{}\nendin\n", lines(body))).unwrap_or_default();
        let (score, seconds) = match self.writes {
            Some(_) => ("i 1 0 0.2\ni 2 0.4 0.3", 0.7),
            None => ("i 2 0 0.3", 0.3),
        };
        let orchestra = writes + &instrument(2, self.reads);
        (csd("", &format!("{HEADER}{TABLES}"), &orchestra, score), (seconds * 1500.0) as usize)
    }
}

/// A folder with a file of each kind; the csound command makes them.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir_in(std::env::var_os("HOME").unwrap()).unwrap();
    let here = folder.path();
    std::fs::create_dir(here.join("below")).unwrap();
    std::fs::write(here.join("prepare.csd"), include_str!("files/prepare.csd")).unwrap();
    csound(here, &["-n", "prepare.csd"]);
    csound(here, &["-U", "pvanal", "tone.wav", "tone.pvx"]);
    csound(here, &["-U", "hetro", "tone.wav", "tone.het"]);
    csound(here, &["-U", "lpanal", "tone.wav", "tone.lpc"]);
    csound(here, &["-U", "cvanal", "-d0.02", "tone.wav", "tone.con"]);
    csound(here, &["-U", "atsa", "tone.wav", "tone.ats"]);
    std::fs::write(here.join("numbers.txt"), "0.5 0.25 0.125 0.75 0.3\n").unwrap();
    std::fs::write(here.join("places.txt"), "0 0.5 0.25\n1 0.75 0.3\n").unwrap();
    std::fs::write(here.join("code.orc"), "instr 99\nout poscil(0.4, 250)\nendin\n").unwrap();
    std::fs::write(here.join("numbers.json"), "[0.5, 0.25]\n").unwrap();
    std::fs::copy(pieces().join("oracle/four_notes.mid"), here.join("notes.mid")).unwrap();
    std::fs::write(here.join("beside.inc"), "a1 poscil 0.5, 200\n").unwrap();
    for side in ["left", "right"] {
        std::fs::copy(format!("{HRTF}-{side}.dat"), here.join(format!("hrtf-{side}.dat"))).unwrap();
    }
    std::os::unix::fs::symlink(SOUNDS, here.join("bank.sf2")).unwrap();
    folder
}

fn csound(here: &Path, args: &[&str]) {
    let done = Command::new("csound").args(args).current_dir(here).output().unwrap();
    let said = String::from_utf8_lossy(&done.stderr).into_owned();
    assert!(done.status.success(), "csound {args:?}: {said}");
}

/// A copy to play in, so that nobody finds what another has written.
fn copy(from: &Path) -> tempfile::TempDir {
    let copy = tempfile::tempdir_in(std::env::var_os("HOME").unwrap()).unwrap();
    let done = Command::new("cp").arg("-a").arg(from.join(".")).arg(copy.path()).status().unwrap();
    assert!(done.success());
    copy
}

/// The csound command's samples, started in the folder.
fn by_the_command(text: &str, here: &Path) -> (Vec<f32>, String) {
    std::fs::write(here.join("piece.csd"), text).unwrap();
    // In a folder of its own: Csound reads a backslash as a slash.
    let own = tempfile::tempdir().unwrap();
    let result = own.path().join("reference.wav");
    let mut command = oracle::command(generation(), 48_000, &result).unwrap();
    let done = command.arg("piece.csd").current_dir(here).env_remove("SFDIR").output().unwrap();
    let said = String::from_utf8_lossy(&done.stderr).into_owned();
    // Without a file it has refused the piece.
    let samples =
        hound::WavReader::open(&result).map(|mut wave| wave.samples().map(Result::unwrap).collect());
    (samples.unwrap_or_default(), said)
}

fn beside(text: &str, here: &Path) -> PieceSpec {
    let source = Source::Csd(text.to_owned());
    let piece = Piece { name: "piece.csd".into(), source, folder: Some(here.to_owned()) };
    PieceSpec { piece, ..spec(String::new()) }
}

/// What a confined engine plays beside its files in so many k-cycles, and what it says.
fn by_an_engine(spec: &PieceSpec, options: &Options, cycles: usize) -> (Vec<f32>, String) {
    let mut console = Vec::new();
    let mut engine = match RemoteEngine::start(spec, options, &mut |line| console.push(line)) {
        Ok(started) => started.engine,
        Err(error) => return (Vec::new(), format!("{error}\n{console:#?}")),
    };
    assert_eq!(engine.format().ksmps, KSMPS);
    let handle = engine.handle();
    let mut heard = Vec::new();
    for _ in 0..cycles.div_ceil(64) {
        let (_, output) = turn(&mut engine, 64, &mut [], true);
        heard.extend_from_slice(output.channel(0));
    }
    heard.truncate(cycles * KSMPS);
    drop(engine);
    console.extend(handle.drain_console());
    (heard, console.into_iter().map(|line| line.text + "\n").collect())
}

fn reading(folder: &Path) -> Options {
    let readable = vec![folder.to_owned()];
    Options { confinement: Some(Confinement { readable, ..Confinement::default() }), ..options() }
}

#[test]
fn what_reads_and_writes_files_does_it_as_for_the_csound_command_started_in_the_folder() {
    let has_data =
        [format!("{HRTF}-left.dat"), SOUNDS.to_owned()].iter().all(|file| Path::new(file).exists());
    if csound_is_missing() || is_missing("csound-data and csound-soundfont", has_data) {
        return;
    }
    let files = folder();
    let ours = copy(files.path());
    let before = listing(ours.path());
    let mut wrong = BTreeMap::new();
    for one in tried() {
        let (text, cycles) = one.piece();
        let (reference, said) = by_the_command(&text, files.path());
        let (heard, console) = by_an_engine(&beside(&text, ours.path()), &reading(ours.path()), cycles);
        if let Some(words) = refused(one.opcode) {
            // What is said while it performs may come later.
            let both = said.contains(words) && (!heard.is_empty() || console.contains(words));
            if !both || reference.iter().chain(&heard).any(|sample| *sample != 0.0) {
                wrong.insert(
                    one.opcode,
                    format!("not as it stands there\nwe say:\n{console}\nCsound says:\n{said}"),
                );
            }
            continue;
        }
        let length = reference.len().min(heard.len());
        let differs = (0..length).find(|at| plain(heard[*at]) != plain(reference[*at]));
        let why = match differs {
            _ if length < cycles * KSMPS - KSMPS => "the command ends early".to_owned(),
            _ if reference.iter().all(|sample| *sample == 0.0) => "the command plays nothing".to_owned(),
            Some(at) => format!("frame {at}: {} for {}", heard[at], reference[at]),
            None => continue,
        };
        wrong.insert(one.opcode, format!("{why}\nwe say:\n{console}\nthe command says:\n{said}"));
    }
    for (opcode, why) in &wrong {
        println!("{opcode}: {why}");
    }
    assert!(wrong.is_empty(), "{:?}", wrong.keys());
    assert_eq!(listing(ours.path()), before, "nothing was written beside the piece");
}

/// The files of a folder, with their lengths.
fn listing(folder: &Path) -> BTreeSet<(PathBuf, u64)> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    entries
        .flat_map(|entry| match entry.file_type().unwrap().is_dir() {
            true => listing(&entry.path()),
            false => BTreeSet::from([(entry.path(), entry.metadata().unwrap().len())]),
        })
        .collect()
}

/// The opcodes of the Csound that performs here: a name, the types of its results and of its arguments in each line.
fn opcodes_with_types() -> String {
    let said = match generation() {
        Generation::Six => Command::new("csound").arg("-z1").output().unwrap().stderr,
        Generation::Seven => {
            let mut command = Command::new(venv_python());
            command.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/python/opcode_names.py"));
            let (library, opcodes) = (csound_7().unwrap(), opcodes_7().unwrap());
            command.arg(library).arg("7").arg(opcodes).arg("types").output().unwrap().stdout
        }
    };
    String::from_utf8_lossy(&said).into_owned()
}

#[test]
fn each_opcode_that_takes_a_text_is_known_to_open_files_or_not_to() {
    if csound_is_missing() {
        return;
    }
    let listed = opcodes_with_types();
    // A name, its results and its arguments; texts are S, and among any arguments there may be some.
    let takes_texts = |line: &&str| {
        let arguments = line.split_whitespace().nth(2).unwrap_or_default();
        arguments.contains(['S', 'T', 'U', 'W', 'N', 'M'])
    };
    let named = listed.lines().filter(takes_texts).filter_map(|line| line.split_whitespace().next());
    let table = Table::of(generation());
    // What no confined engine loads reads nothing.
    let is_loaded = |opcode: &&str| {
        let mut libraries = table.libraries_with(opcode).peekable();
        libraries.peek().is_none() || libraries.any(|library| library.is_listed)
    };
    let named: BTreeSet<&str> = named.filter(is_loaded).collect();
    assert!(named.len() > 150, "{named:?}");
    let known: BTreeSet<&str> = lines_of_table()
        .flat_map(|(kind, rest)| rest.split(' ').take(if kind.starts_with('.') { usize::MAX } else { 1 }))
        .collect();
    let unknown: Vec<_> =
        named.difference(&known).filter(|name| name.starts_with(char::is_alphabetic)).collect();
    assert!(
        unknown.is_empty(),
        "they take texts, and files/opcodes.txt does not say of which kind: {unknown:?}"
    );
}

/// A folder with `tone.raw`'s kind of table in files of these names, each 0.25 in its third place.
fn folder_with(name: &str, files: &[&str]) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir_in(std::env::var_os("HOME").unwrap()).unwrap();
    let here = folder.path().join(name);
    for file in files {
        std::fs::create_dir_all(here.join(file).parent().unwrap()).unwrap();
        std::fs::write(here.join(file), format!("1 1 {} 1\n", file.len() as f64 / 100.0)).unwrap();
    }
    (folder, here)
}

/// A piece that plays the third number of a file, or nothing.
fn plays_number_of(options: &str, file: &str) -> String {
    let reads = format!("instr 1\nit ftgen 0, 0, 0, -23, \"{file}\"\nout a(tab_i:i(2, it))\nendin\n");
    csd(options, HEADER, &reads, "i 1 0 0.05")
}

#[test]
fn folders_in_the_options_mean_what_the_command_makes_of_them_in_folders_of_any_name() {
    if csound_is_missing() {
        return;
    }
    let options = [
        ("", "file.txt"),
        ("--env:INCDIR=one", "file.txt"),
        ("--env:SSDIR=one", "in_one.txt"),
        ("--env:SSDIR=one;two", "in_one.txt"),
        ("--env:SSDIR=one;two", "in_two.txt"),
        ("--env:SSDIR=one:two", "in_one.txt"),
        ("--env:SSDIR=one:two", "in_two.txt"),
        ("--env:SSDIR+=;one", "in_one.txt"),
        ("--env:SADIR+=one/../two", "in_two.txt"),
        ("--env:SADIR=one\n--env:SADIR+=;two", "in_one.txt"),
        ("--env:SSDIR=nowhere", "file.txt"),
        ("--env:SSDIR=./one", "both.txt"),
        ("--env:SSDIR=one;two", "both.txt"),
    ];
    let files = ["file.txt", "one/in_one.txt", "two/in_two.txt", "two/both.txt", "one/both.txt"];
    for name in ["plain", "with spaces", "with:colon", "with;semicolon", "with\\backslash", "Übung", "50%"] {
        let (_folder, here) = folder_with(name, &files);
        // Two names try all of it, the others what is different about them.
        let few = if ["plain", "with:colon"].contains(&name) { options.len() } else { 4 };
        for (options, file) in &options[..few] {
            // GEN23 goes by SSDIR, SFDIR and INCDIR.
            let text = plays_number_of(options, file);
            let (reference, _) = by_the_command(&text, &here);
            let (heard, console) = by_an_engine(&beside(&text, &here), &reading(&here), 75);
            let length = reference.len();
            assert!(length >= 2400 - KSMPS || reference.is_empty(), "{length}");
            assert_eq!(heard[..length], reference, "{options} in a folder {name}\n{console}");
            let in_process = played_here(&beside(&text, &here), 75);
            assert_eq!(in_process[..length], reference, "in this process: {options} in a folder {name}");
        }
        let (heard, console) =
            by_an_engine(&beside(&plays_number_of("", "file.txt"), &here), &reading(&here), 75);
        assert_eq!(heard[2 * KSMPS], 0.08, "in a folder {name}: {console}");
    }
}

/// The same in this process, whose current folder is not the piece's.
fn played_here(spec: &PieceSpec, cycles: usize) -> Vec<f32> {
    let mut engine = LocalEngine::start(spec, &mut |_| {}).unwrap().engine;
    let (_, output) = turn(&mut engine, cycles, &mut [], true);
    output.channel(0).to_vec()
}

#[test]
fn a_file_that_is_made_after_the_start_is_found_among_a_hundred_thousand() {
    if csound_is_missing() {
        return;
    }
    let folder = tempfile::tempdir_in(std::env::var_os("HOME").unwrap()).unwrap();
    let here = folder.path();
    for number in 0..100_000 {
        std::fs::File::create(here.join(number.to_string())).unwrap();
    }
    let orchestra = "instr 1\nit ftgen 0, 0, 0, -23, \"late.txt\"\nout a(tab_i:i(2, it))\nendin\n";
    let text = csd("", HEADER, orchestra, "i 1 1 0.05\nf 0 3");
    let mut engine = RemoteEngine::start(&beside(&text, here), &reading(here), &mut |_| {}).unwrap().engine;
    let _ = turn(&mut engine, 64, &mut [], true);
    std::fs::write(here.join("late.txt"), "1 1 0.5 1\n").unwrap();
    let (_, output) = turn(&mut engine, 1500, &mut [], true);
    assert!(output.channel(0).contains(&0.5));
}

#[test]
fn a_piece_that_may_write_writes_beside_itself_and_one_that_may_not_is_told() {
    if csound_is_missing() {
        return;
    }
    let writes =
        csd("", HEADER, "instr 1\nfprints \"new.txt\", \"1 2 3\"\nout a(0.5)\nendin\n", "i 1 0 0.05");
    let permitted = |here: &Path| Options {
        confinement: Some(Confinement {
            readable: vec![here.to_owned()],
            writable: vec![here.to_owned()],
            ..Confinement::default()
        }),
        ..options()
    };
    let trusted = |_: &Path| Options { confinement: None, ..options() };
    type As = fn(&Path) -> Options;
    for (options, lands) in [(reading as As, false), (permitted, true), (trusted, true)] {
        let folder = tempfile::tempdir_in(std::env::var_os("HOME").unwrap()).unwrap();
        let (_, console) = by_an_engine(&beside(&writes, folder.path()), &options(folder.path()), 75);
        let left: Vec<_> = listing(folder.path()).into_iter().collect();
        assert_eq!(left.len(), usize::from(lands), "{left:?}\n{console}");
        assert!(!lands || !console.contains("new.txt is written"), "{console}");
    }
    let folder = tempfile::tempdir_in(std::env::var_os("HOME").unwrap()).unwrap();
    let elsewhere = tempfile::tempdir_in(std::env::var_os("HOME").unwrap()).unwrap();
    std::fs::write(elsewhere.path().join("there.txt"), "1 2 3 4").unwrap();
    let read = plays_number_of("", &elsewhere.path().join("there.txt").display().to_string());
    let confined = reading(folder.path());
    is_told(&beside(&writes, folder.path()), &confined, "new.txt is written into the engine's own folder");
    is_told(&beside(&read, folder.path()), &confined, "refused: the piece may not read");
    let writes = writes.replace("new.txt", &elsewhere.path().join("new.txt").display().to_string());
    is_told(&beside(&writes, folder.path()), &confined, "refused: the piece may not write");
    assert!(!elsewhere.path().join("new.txt").exists());
}

/// Waits for a line on the console of a piece that performs for a moment.
fn is_told(spec: &PieceSpec, options: &Options, line: &str) {
    let mut engine = RemoteEngine::start(spec, options, &mut |_| {}).unwrap().engine;
    let handle = engine.handle();
    let _ = turn(&mut engine, 75, &mut [], true);
    eventually(line, || handle.drain_console().into_iter().find(|said| said.text.contains(line)));
}

#[test]
fn what_was_there_is_kept_while_a_piece_writes_on_at_its_end() {
    if csound_is_missing() {
        return;
    }
    let folder = tempfile::tempdir_in(std::env::var_os("HOME").unwrap()).unwrap();
    std::fs::write(folder.path().join("list.txt"), "0.1 0.2\n").unwrap();
    // fprints opens to append.
    let orchestra = "instr 1\nfprints \"list.txt\", \"0.3 0.4%n\"\nendin\n\
        instr 2\nit ftgen 0, 0, 0, -23, \"list.txt\"\nout a(tab_i:i(0, it) + 10 * ftlen(it))\nendin\n";
    let text = csd("", HEADER, orchestra, "i 1 0 0.01\ni 2 0.02 0.03");
    let theirs = copy(folder.path());
    let (reference, _) = by_the_command(&text, theirs.path());
    let (heard, console) = by_an_engine(&beside(&text, folder.path()), &reading(folder.path()), 75);
    assert_eq!(heard[..reference.len()], reference, "{console}");
    assert!(reference.iter().any(|sample| *sample != 0.0));
    assert_eq!(std::fs::read_to_string(folder.path().join("list.txt")).unwrap(), "0.1 0.2\n");
}

#[test]
fn options_that_lie_in_the_folder_reach_no_confined_engine() {
    if csound_is_missing() {
        return;
    }
    let folder = tempfile::tempdir_in(std::env::var_os("HOME").unwrap()).unwrap();
    let rc = folder.path().join(".csound6rc");
    std::fs::write(&rc, "--ksmps=16 --omacro:LEVEL=0.75").unwrap();
    let text = csd(
        "",
        HEADER,
        "#ifndef LEVEL\n#define LEVEL #0.25#\n#end\ninstr 1\nout a($LEVEL)\nendin\n",
        "i 1 0 1",
    );
    // It has the k-cycle of its text, which this asserts.
    let (heard, console) = by_an_engine(&beside(&text, folder.path()), &reading(folder.path()), 75);
    assert_eq!(heard[2 * KSMPS], 0.25, "{console}");
}
