//! Several exported pieces, the plugin that takes any piece, and a second installation of it, in one process: each is a
//! library of its own, with its own static data, and none disturbs another.

use std::collections::BTreeMap;
use std::ffi::{CStr, OsString, c_char, c_void};
use std::fs;
use std::path::{Path, PathBuf};

use csound_library::Library;
use test_host::bundle::{ENGINE, dev_bundle};
use test_host::host::{Block, Host, INSTRUMENT, Instance};
use test_host::session::{AtEnd, Session};
use test_host::testing::alone_with;

use super::exporter::Bench;
use super::{HEADER, clap, reference};
use crate::common::vst3::{Gives, Instance as Vst3Instance, Module, program};
use crate::common::{csd, csound_is_missing, libcsound_is_missing, playing};
use crate::error_of;

const FRAMES: usize = 24_000;
const BLOCK: usize = 480;

/// A piece whose every sample tells it from the others, with a channel of the same name and a global variable of the
/// same name as theirs.
fn piece(frequency: u32, seconds: u32) -> String {
    let body = format!(
        "chn_k \"level\", 1, 2, 0, 0, 1\ngkfrequency init {frequency}\nseed {frequency}\ninstr 1\n\
         klevel chnget \"level\"\na1 poscil (klevel + 1) * 0.25, gkfrequency\na2 rand 0.1\nouts a1 + a2, a1\nendin\n"
    );
    csd("", HEADER, &body, &format!("i 1 0 {seconds}"))
}

/// The first channel of what the csound command makes of it.
fn expected(bench: &Bench, frequency: u32) -> Vec<f32> {
    let folder = bench.at(&format!("reference{frequency}"));
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("piece.csd"), piece(frequency, 1)).unwrap();
    reference(&folder)
}

/// What plays, in either format.
enum Playing {
    Clap(Instance),
    Vst3(Vst3Instance),
}

impl Playing {
    fn block(&mut self) -> Vec<f32> {
        match self {
            Self::Clap(instance) => {
                instance.process(Block { frames: BLOCK, ..Block::default() }).unwrap().output[0].clone()
            }
            Self::Vst3(instance) => instance.block(BLOCK),
        }
    }
}

/// Names a folder with the CLAP and the engine program of another version, for these tests by hand.
const OTHER_VERSION: &str = "CSOUND_PERFORMER_TEST_OTHER_VERSION";

/// Another installation, with a library and an engine program of its own: of another version where one is named.
fn second_installation(bench: &Bench) -> PathBuf {
    let folder = bench.at("second");
    fs::create_dir(&folder).unwrap();
    let other =
        std::env::var_os(OTHER_VERSION).map(|folder| Path::new(&folder).join("Csound Performer.clap"));
    let bundle = other.unwrap_or_else(|| dev_bundle().unwrap().clap);
    for from in [bundle.with_file_name(ENGINE), bundle] {
        fs::copy(&from, folder.join(from.file_name().unwrap())).unwrap();
    }
    folder.join("Csound Performer.clap")
}

fn session(frequency: u32) -> Vec<u8> {
    let session = Session { at_end: AtEnd::Keep, ..Session::from_csd("any.csd", piece(frequency, 3600)) };
    session.state().unwrap()
}

fn exported(bench: &Bench, name: &str, frequency: u32) {
    let file = format!("{name}.csd");
    bench.put(&[(&file, &piece(frequency, 3600))]);
    bench.export(&[&format!("piece/{file}"), "-o", "out", "--name", name]);
}

fn vst3(bundle: &Path) -> (Module, Vst3Instance) {
    let module = Module::load(&program(bundle));
    let [class] = &module.classes()[..] else { panic!("one class") };
    let mut instance = Vst3Instance::new(&module, class.id, Gives::Nothing);
    instance.activate();
    (module, instance)
}

/// Csound's own idea of a variable, which all in a process share who have the same libcsound.
fn variable_of_csound(name: &CStr) -> Option<String> {
    type GetEnv = unsafe extern "C" fn(*mut c_void, *const c_char) -> *const c_char;
    let file = Library::get().unwrap().file().unwrap();
    // SAFETY: it is loaded already; the type is that of Csound's declaration.
    unsafe {
        let library = libloading::Library::new(file).unwrap();
        let get: libloading::Symbol<GetEnv> = library.get(b"csoundGetEnv\0").unwrap();
        let value = get(std::ptr::null_mut(), name.as_ptr());
        (!value.is_null()).then(|| CStr::from_ptr(value).to_string_lossy().into_owned())
    }
}

fn all_play_as_alone() {
    let bench = Bench::new(&[]);
    exported(&bench, "Bells", 330);
    exported(&bench, "Gongs", 440);
    let environment: BTreeMap<OsString, OsString> = std::env::vars_os().collect();
    let folder = std::env::current_dir().unwrap();
    let opcodes = variable_of_csound(c"OPCODE6DIR64");

    let hosts = [
        bench.host("out/Bells/Bells.clap"),
        bench.host("out/Gongs/Gongs.clap"),
        Host::load(dev_bundle().unwrap().clap).unwrap(),
        Host::load(second_installation(&bench)).unwrap(),
    ];
    let [bells, gongs, own, second] = &hosts;
    let ((bells_module, bells_vst3), (gongs_module, gongs_vst3)) =
        (vst3(&bench.at("out/Bells.vst3")), vst3(&bench.at("out/Gongs.vst3")));
    assert_ne!(bells_module.classes()[0].id, gongs_module.classes()[0].id);
    let mut all = [
        (330, Playing::Clap(clap::begun(bells, "csound.bells"))),
        (440, Playing::Clap(clap::begun(gongs, "csound.gongs"))),
        (550, Playing::Clap(playing(own, INSTRUMENT, &session(550), 512))),
        (660, Playing::Clap(playing(second, INSTRUMENT, &session(660), 512))),
        (330, Playing::Vst3(bells_vst3)),
        (440, Playing::Vst3(gongs_vst3)),
    ];
    let mut heard = vec![Vec::new(); all.len()];
    for _ in 0..FRAMES / BLOCK {
        for ((_, instance), heard) in all.iter_mut().zip(&mut heard) {
            heard.extend(instance.block());
        }
    }
    for (number, ((frequency, instance), heard)) in all.iter_mut().zip(&heard).enumerate() {
        if let Playing::Clap(instance) = instance {
            assert_eq!(error_of(instance), None, "{number}");
        }
        assert_eq!(
            heard[31..],
            expected(&bench, *frequency)[..FRAMES - 31],
            "number {number}, {frequency} Hz"
        );
    }
    // One goes; the others go on.
    let mut all: Vec<_> = all.into_iter().collect();
    drop(all.remove(1));
    drop(all.remove(2));
    for (_, instance) in &mut all {
        assert!(instance.block().iter().any(|sample| *sample != 0.0));
    }
    drop(all);
    assert_eq!(std::env::vars_os().collect::<BTreeMap<_, _>>(), environment);
    assert_eq!(std::env::current_dir().unwrap(), folder);
    assert_eq!(variable_of_csound(c"OPCODE6DIR64"), opcodes);
}

#[test]
fn two_exports_and_two_installations_play_in_one_process_each_as_the_csound_command_does() {
    if libcsound_is_missing() || csound_is_missing() {
        return;
    }
    all_play_as_alone();
}

#[test]
fn so_they_do_where_all_pieces_perform_in_that_process_by_one_libcsound() {
    if libcsound_is_missing() || csound_is_missing() {
        return;
    }
    let test = "exports::together::so_they_do_where_all_pieces_perform_in_that_process_by_one_libcsound";
    if alone_with(test, &[("CSOUND_PERFORMER_ISOLATION", "off".as_ref())]) {
        all_play_as_alone();
    }
}

/// Every library's control thread makes Csounds, and Csound is told of their folder of opcodes by a variable that they
/// share: each puts it back. That one waits for the other is tested where the lock is (`process_lock.rs`): here it
/// would be luck.
#[test]
fn instances_of_several_libraries_leave_csounds_variable_as_it_was() {
    if libcsound_is_missing() {
        return;
    }
    let test = "exports::together::instances_of_several_libraries_leave_csounds_variable_as_it_was";
    if !alone_with(test, &[("CSOUND_PERFORMER_ISOLATION", "off".as_ref())]) {
        return;
    }
    let bench = Bench::new(&[]);
    let own = Host::load(dev_bundle().unwrap().clap).unwrap();
    let second = Host::load(second_installation(&bench)).unwrap();
    let before = variable_of_csound(c"OPCODE6DIR64");
    for _ in 0..5 {
        let mut all: Vec<Instance> = Vec::new();
        for host in [&own, &second, &own, &second] {
            let mut instance = Instance::new(host, INSTRUMENT).unwrap();
            instance.load_state(&session(440)).unwrap();
            instance.activate(48_000.0, 1, 512).unwrap();
            all.push(instance);
        }
        all.iter_mut().for_each(|instance| instance.settle().unwrap());
        assert_eq!(variable_of_csound(c"OPCODE6DIR64"), before);
    }
}
