//! A Csound whose file is cut short, as by a download that broke off: the loader of the system would end the process
//! that loads it.

use std::path::PathBuf;

use serde_json::json;
use test_host::host::{Host, INSTRUMENT};
use test_host::session::{error_of, session_of};
use test_host::testing::{CSOUND_6, alone_with};
use test_host::tools::{csound_7, csound_is_missing};

use super::{level, seven, with};
use crate::common::{block, playing, plugin};

/// Beside a Csound 6 that is whole.
fn it_is_told_and_the_host_goes_on(test: &str, isolation: &str) {
    let folder = tempfile::tempdir().unwrap();
    let cut = folder.path().join("libcsound64.so.7.0");
    let csounds = seven().and(std::env::join_paths([CSOUND_6.as_ref(), cut.as_path()]).ok());
    let Some(csounds) = csounds.filter(|_| !csound_is_missing()) else { return };
    std::fs::write(&cut, &std::fs::read(csound_7().unwrap()).unwrap()[..1_000_000]).unwrap();
    let environment =
        [(csound_library::VARIABLE, csounds.as_os_str()), ("CSOUND_PERFORMER_ISOLATION", isolation.as_ref())];
    if !alone_with(&format!("csounds::broken::{test}"), &environment) {
        return;
    }
    let cut: PathBuf =
        std::env::split_paths(&std::env::var_os(csound_library::VARIABLE).unwrap()).last().unwrap();
    let state = with(&level(), json!(7));
    let host = Host::load(plugin()).unwrap();
    let mut instance = playing(&host, INSTRUMENT, &state, 512);
    assert!(block(&mut instance, 512, &[]).output[0].iter().all(|sample| *sample == 0.0), "it is silent");
    let saved = instance.save_state().unwrap();
    let told = error_of(&saved).unwrap().unwrap();
    for part in [&*cut.to_string_lossy(), "cut short: 1000000 of", "Install Csound 7 again"] {
        assert!(told.contains(part), "{part}: {told}");
    }
    assert!(!told.contains("not installed"), "{told}");
    assert_eq!(session_of(&saved).unwrap()["csound"], 7);
    // It is installed again, and the host opens its project again.
    std::fs::remove_file(&cut).unwrap();
    std::os::unix::fs::symlink(csound_7().unwrap(), &cut).unwrap();
    let mut instance = playing(&host, INSTRUMENT, &saved, 512);
    block(&mut instance, 512, &[]);
    assert_eq!(block(&mut instance, 512, &[]).output[0][511], 0.25);
}

#[test]
fn a_csound_that_is_cut_short_is_told_and_plays_once_it_is_whole() {
    it_is_told_and_the_host_goes_on("a_csound_that_is_cut_short_is_told_and_plays_once_it_is_whole", "on");
}

#[test]
fn a_csound_that_is_cut_short_does_not_end_the_host_whose_process_performs() {
    it_is_told_and_the_host_goes_on(
        "a_csound_that_is_cut_short_does_not_end_the_host_whose_process_performs",
        "off",
    );
}
