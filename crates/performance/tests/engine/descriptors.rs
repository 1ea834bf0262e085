//! A host that has as many files open as it may: its engines start or do not, and none is left that is nobody's.

use std::fs::File;

use csound_performance::engine::remote::{Options, RemoteEngine};
use rustix::io::Errno;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::common::engines::{children, eventually, options, spec, turn};
use crate::common::{alone, csd, libcsound_is_missing};

const HEADER: &str = "sr = 48000\nksmps = 32\nnchnls = 1\n";

const LEVEL: &str = "instr 1\na1 = 0.25\nout a1\nendin\n";

/// More descriptors than a start takes.
const ENOUGH: usize = 40;

/// Opens files until there is room for `left` more.
fn fill(left: usize) -> Vec<File> {
    let mut all = Vec::new();
    let error = loop {
        match File::open("/dev/null") {
            Ok(file) => all.push(file),
            Err(error) => break error,
        }
    };
    assert_eq!(error.raw_os_error(), Some(Errno::MFILE.raw_os_error()));
    all.truncate(all.len() - left);
    all
}

fn start(options: &Options) -> Result<RemoteEngine, String> {
    let started = RemoteEngine::start(&spec(csd("", HEADER, LEVEL, "i 1 0 3600")), options, &mut |_| ());
    started.map(|started| started.engine).map_err(|error| error.to_string())
}

fn hear(engine: &mut RemoteEngine) {
    let (outcome, output) = turn(engine, 8, &mut [], true);
    assert_eq!((outcome.performed, output.channel(0)[200]), (8, 0.25), "{outcome:?}");
}

#[test]
fn an_engine_that_finds_no_descriptors_at_its_birth_is_nobodys_for_no_time_at_all() {
    let test = "descriptors::an_engine_that_finds_no_descriptors_at_its_birth_is_nobodys_for_no_time_at_all";
    if libcsound_is_missing() || !alone(test, "UNUSED", "") {
        return;
    }
    let limit = Rlimit { current: Some(200), ..getrlimit(Resource::Nofile) };
    setrlimit(Resource::Nofile, limit).unwrap();
    let programs = || Options { nurseries: None, ..options() };
    for (kind, options) in [("from a nursery", options()), ("as a program", programs())] {
        // A nursery is there before there is no room.
        hear(&mut start(&options).unwrap());
        let (mut failed, mut performed) = (0, 0);
        for left in 0..ENOUGH {
            let filling = fill(left);
            let started = start(&options);
            drop(filling);
            match started {
                Ok(mut engine) => {
                    hear(&mut engine);
                    performed += 1;
                }
                Err(error) => {
                    assert!(error.contains("open files"), "{kind}, room for {left}: {error}");
                    failed += 1;
                }
            }
            let what = format!("{kind}, with room for {left}: an engine is left");
            eventually(&what, || children().is_empty().then_some(()));
        }
        assert!(failed > 0 && performed > 0, "{kind}: {failed} failed, {performed} performed");
        hear(&mut start(&options).unwrap());
    }
}
