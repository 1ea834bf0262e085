//! Instances by Csound 6 and by Csound 7 in one host, and what a session is where its Csound is missing.

mod broken;
mod first_version;
mod kept;
mod resource_files;

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use csound_performance::Generation;
use serde_json::{Value, json};
use test_host::host::{Host, INSTRUMENT, Instance};
use test_host::session::{AtEnd, Session, error_of, session_of};
use test_host::testing::{CSOUND_6, alone_with, both_csounds};
use test_host::tools::{csound_7, csound_is_missing, is_missing};
use test_host::wav;

use super::RATE;
use crate::common::bench::state_with;
use crate::common::{SIX_VARIABLE, block, csd, csound_6, playing, plugin};

/// A piece whose oscillator the two Csounds perform differently, in nearly every sample.
fn oscillator() -> String {
    let body = "instr 1\na1 oscili 0.2, 440\na2 oscili 0.3, 551.5\nouts a1, a2\nendin\n";
    csd("", "sr = 48000\nksmps = 32\nnchnls = 2\n", body, "i 1 0 1.5\n")
}

fn level() -> Session {
    let body = "instr 1\nouts a(0.25), a(0.25)\nendin\n";
    let text = csd("", "sr = 48000\nksmps = 32\nnchnls = 2\n", body, "i 1 0 3600\n");
    Session { at_end: AtEnd::Keep, csound: None, ..Session::from_csd("level.csd", text) }
}

fn with(session: &Session, csound: Value) -> Vec<u8> {
    state_with(session, |_, own| own["csound"] = csound)
}

/// What a csound of this generation makes of a piece: by programs that are not ours.
fn oracle(generation: u8, text: &str) -> Vec<Vec<f32>> {
    let folder = tempfile::tempdir().unwrap();
    let (piece, output) = (folder.path().join("piece.csd"), folder.path().join("ref.wav"));
    std::fs::write(&piece, text).unwrap();
    let generation = Generation::of_number(generation).unwrap();
    let mut command = test_host::compare::oracle::command(generation, RATE, &output).unwrap();
    let said = command.arg(&piece).env_remove("HOME").current_dir(folder.path()).output().unwrap();
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    wav::read(&output).unwrap().0
}

fn plain(sample: f32) -> f32 {
    if sample.is_subnormal() { 0.0 } else { sample }
}

/// Runs a test in a process of its own that has these Csounds, and no piece in the host's process unless `here`.
fn alone(test: &str, csounds: Option<OsString>, here: bool) -> bool {
    let Some(csounds) = csounds else { return false };
    let isolation = if here { "off" } else { "on" };
    alone_with(
        &format!("csounds::{test}"),
        &[(csound_library::VARIABLE, &csounds), ("CSOUND_PERFORMER_ISOLATION", isolation.as_ref())],
    )
}

fn seven() -> Option<OsString> {
    let seven = csound_7();
    if is_missing("Csound 7", seven.is_some()) { None } else { seven.map(Into::into) }
}

#[test]
fn one_host_performs_by_6_and_by_7_together_each_as_its_own_csound_does() {
    let test = "one_host_performs_by_6_and_by_7_together_each_as_its_own_csound_does";
    if csound_is_missing() || !alone(test, both_csounds(), false) {
        return;
    }
    let text = oscillator();
    let session =
        Session { channel_defaults: false, csound: None, ..Session::from_csd("both.csd", text.clone()) };
    let host = Host::load(plugin()).unwrap();
    for size in [64, 441, 1024] {
        // Two by each, and one of each restarted by a state in the midst of the others.
        let generations = [6_u8, 7, 7, 6];
        let start = |generation: u8| playing(&host, INSTRUMENT, &with(&session, json!(generation)), 1024);
        let mut instances: Vec<Instance> = generations.map(start).into();
        let mut heard: Vec<[Vec<f32>; 2]> = vec![Default::default(); 4];
        while heard[0][0].len() < RATE as usize * 2 {
            for (instance, heard) in instances.iter_mut().zip(&mut heard) {
                let output = block(instance, size, &[]).output;
                for (heard, now) in heard.iter_mut().zip(output) {
                    heard.extend(now);
                }
            }
        }
        let references = [oracle(6, &text), oracle(7, &text)];
        assert!(references[0] != references[1], "the two differ, so that each is told from the other");
        for ((generation, heard), instance) in generations.iter().zip(&heard).zip(&mut instances) {
            let latency = instance.latency() as usize;
            let reference = &references[usize::from(*generation == 7)];
            assert!(reference[0].iter().any(|sample| sample.abs() > 0.1));
            for (channel, (heard, reference)) in heard.iter().zip(reference).enumerate() {
                let differs = reference
                    .iter()
                    .zip(&heard[latency..])
                    .position(|(theirs, ours)| plain(*theirs) != plain(*ours));
                assert_eq!(differs, None, "by Csound {generation}, blocks of {size}, channel {channel}");
                assert!(heard.len() - latency >= reference.len());
            }
            assert_eq!(error_of(&instance.save_state().unwrap()).unwrap(), None);
        }
    }
}

#[test]
fn a_session_of_the_first_version_performs_by_csound_6_also_where_7_is_installed() {
    let test = "a_session_of_the_first_version_performs_by_csound_6_also_where_7_is_installed";
    if csound_is_missing() || !alone(test, both_csounds(), false) {
        return;
    }
    let text = oscillator();
    let session =
        Session { channel_defaults: false, csound: None, ..Session::from_csd("old.csd", text.clone()) };
    let state = session.state().unwrap();
    assert!(session_of(&state).unwrap().get("csound").is_none(), "as the first version wrote it");
    let host = Host::load(plugin()).unwrap();
    let mut instance = playing(&host, INSTRUMENT, &state, 512);
    let latency = instance.latency() as usize;
    let mut heard = Vec::new();
    while heard.len() < RATE as usize {
        heard.extend(block(&mut instance, 512, &[]).output[0].iter().copied());
    }
    let reference = oracle(6, &text);
    let equal = |(ours, theirs): (&f32, &f32)| plain(*ours) == plain(*theirs);
    assert!(heard[latency..].iter().zip(&reference[0]).all(equal));
    assert_eq!(session_of(&instance.save_state().unwrap()).unwrap()["csound"], 6, "and so it is saved");
}

#[test]
fn a_session_saved_with_7_says_what_is_missing_keeps_everything_and_performs_once_it_is_installed() {
    let test =
        "a_session_saved_with_7_says_what_is_missing_keeps_everything_and_performs_once_it_is_installed";
    let folder = tempfile::tempdir().unwrap();
    let later = folder.path().join("libcsound64.so.7.0");
    let csounds = seven().and(std::env::join_paths([Path::new(CSOUND_6), &later]).ok());
    if csound_is_missing() || !alone(test, csounds, false) {
        return;
    }
    let later: PathBuf =
        std::env::split_paths(&std::env::var_os(csound_library::VARIABLE).unwrap()).last().unwrap();
    std::fs::create_dir_all(later.parent().unwrap()).unwrap();
    let state = state_with(&level(), |params, own| {
        own["csound"] = "auto".into();
        own["csound_of_auto"] = 7.into();
        own["channels"] = json!([{ "slot": 9, "name": "x", "max": 2.0, "value": 0.5 }]);
        own["later"] = json!({ "deep": [1] });
        params["gain"] = json!({ "f32": -3.0 });
    });
    let host = Host::load(plugin()).unwrap();
    let mut instance = playing(&host, INSTRUMENT, &state, 512);
    assert!(block(&mut instance, 512, &[]).output[0].iter().all(|sample| *sample == 0.0), "it is silent");
    let saved = instance.save_state().unwrap();
    let told = error_of(&saved).unwrap().unwrap();
    for part in ["level.csd", "Csound 7", "not installed here", "Csound 6", "csound.com", "Reload"] {
        assert!(told.contains(part), "{part}: {told}");
    }
    let (before, kept) = (session_of(&state).unwrap(), session_of(&saved).unwrap());
    for field in ["piece", "csound", "csound_of_auto", "later"] {
        // A folder that the session does not name may be added.
        let of = |session: &Value| match field {
            "piece" => session["piece"]["csd"].clone(),
            field => session[field].clone(),
        };
        assert_eq!(of(&kept), of(&before), "{field}");
    }
    assert_eq!((&kept["channels"][0]["name"], &kept["channels"][0]["value"]), (&json!("x"), &json!(0.5)));
    let gain = |state: &[u8]| test_host::session::unwrap(state).unwrap()["params"]["gain"].clone();
    assert_eq!(gain(&saved), gain(&state));
    // It is installed, and the host opens its project again.
    std::os::unix::fs::symlink(csound_7().unwrap(), &later).unwrap();
    let mut instance = playing(&host, INSTRUMENT, &saved, 512);
    let heard = block(&mut instance, 512, &[]).output;
    assert!(heard[0][511] > 0.1, "{}", heard[0][511]);
    let again = instance.save_state().unwrap();
    assert_eq!(error_of(&again).unwrap(), None);
    assert_eq!(session_of(&again).unwrap()["csound_of_auto"], 7);
}

#[test]
fn without_any_csound_an_instance_says_so_keeps_everything_and_takes_the_newest_later() {
    let test = "without_any_csound_an_instance_says_so_keeps_everything_and_takes_the_newest_later";
    let folder = tempfile::tempdir().unwrap();
    let places = [folder.path().join("libcsound64.so.6.0"), folder.path().join("libcsound64.so.7.0")];
    let six = csound_6().filter(|_| seven().is_some());
    if csound_is_missing() || is_missing("Csound 6 or Csound 7", six.is_some()) {
        return;
    }
    let (csounds, six) = (std::env::join_paths(&places).unwrap(), six.unwrap());
    let environment = [
        (csound_library::VARIABLE, csounds.as_os_str()),
        ("CSOUND_PERFORMER_ISOLATION", "on".as_ref()),
        (SIX_VARIABLE, six.as_os_str()),
    ];
    if !alone_with(&format!("csounds::{test}"), &environment) {
        return;
    }
    let places: Vec<PathBuf> =
        std::env::split_paths(&std::env::var_os(csound_library::VARIABLE).unwrap()).collect();
    std::fs::create_dir_all(places[0].parent().unwrap()).unwrap();
    let state = with(&level(), json!("auto"));
    let host = Host::load(plugin()).unwrap();
    let mut instance = playing(&host, INSTRUMENT, &state, 512);
    assert!(block(&mut instance, 512, &[]).output[0].iter().all(|sample| *sample == 0.0), "it is silent");
    let saved = instance.save_state().unwrap();
    let told = error_of(&saved).unwrap().unwrap();
    assert!(told.contains("Csound") && told.to_lowercase().contains("install"), "{told}");
    let kept = session_of(&saved).unwrap();
    assert_eq!((&kept["csound"], kept.get("csound_of_auto")), (&json!("auto"), None));
    assert_eq!(kept["piece"]["csd"], session_of(&state).unwrap()["piece"]["csd"]);
    std::os::unix::fs::symlink(six, &places[0]).unwrap();
    std::os::unix::fs::symlink(csound_7().unwrap(), &places[1]).unwrap();
    // The same instance, in a host that reactivates it.
    instance.load_state(&saved).unwrap();
    instance.settle().unwrap();
    instance.start().unwrap();
    block(&mut instance, 512, &[]);
    assert_eq!(block(&mut instance, 512, &[]).output[0][511], 0.25);
    let again = instance.save_state().unwrap();
    assert_eq!(
        (error_of(&again).unwrap(), &session_of(&again).unwrap()["csound_of_auto"]),
        (None, &json!(7))
    );
}

#[test]
fn in_a_host_process_that_has_csound_6_auto_performs_by_it() {
    let test = "in_a_host_process_that_has_csound_6_auto_performs_by_it";
    if csound_is_missing() || !alone(test, both_csounds(), true) {
        return;
    }
    let host = Host::load(plugin()).unwrap();
    let mut one = playing(&host, INSTRUMENT, &with(&level(), json!(6)), 512);
    let mut other = playing(&host, INSTRUMENT, &with(&level(), json!("auto")), 512);
    let plays = |instance: &mut Instance| block(instance, 512, &[]).output[0][511];
    assert_eq!((plays(&mut one), plays(&mut other)), (0.25, 0.25));
    let saved = other.save_state().unwrap();
    assert_eq!(
        (error_of(&saved).unwrap(), &session_of(&saved).unwrap()["csound_of_auto"]),
        (None, &json!(6))
    );
}

/// One instance by `first`, then one that wants `second`, all in the host's process.
fn a_process_has_one(first: u8, second: u8) {
    let host = Host::load(plugin()).unwrap();
    let start = |csound: u8| playing(&host, INSTRUMENT, &with(&level(), json!(csound)), 512);
    let plays = |instance: &mut Instance| block(instance, 512, &[]).output[0][511];
    let mut one = start(first);
    assert_eq!(plays(&mut one), 0.25);
    let mut other = start(second);
    let told = error_of(&other.save_state().unwrap()).unwrap().unwrap();
    let cause = format!("Csound {second} cannot be loaded: this process performs by Csound {first}.");
    for part in [cause.as_str(), "process of its own", "settings page"] {
        assert!(told.contains(part), "{part}: {told}");
    }
    assert_eq!((plays(&mut one), plays(&mut other)), (0.25, 0.0), "nothing performs by another one unasked");
    let saved = session_of(&other.save_state().unwrap()).unwrap();
    assert_eq!(saved["csound"], second, "it is kept for the next time");
    other.load_state(&with(&level(), json!(first))).unwrap();
    other.settle().unwrap();
    other.start().unwrap();
    block(&mut other, 512, &[]);
    assert_eq!((plays(&mut one), plays(&mut other)), (0.25, 0.25));
}

#[test]
fn a_host_process_has_one_csound_6_and_says_so_where_7_is_asked_for() {
    let test = "a_host_process_has_one_csound_6_and_says_so_where_7_is_asked_for";
    if csound_is_missing() || !alone(test, both_csounds(), true) {
        return;
    }
    a_process_has_one(6, 7);
}

#[test]
fn a_host_process_has_one_csound_7_and_says_so_where_6_is_asked_for() {
    let test = "a_host_process_has_one_csound_7_and_says_so_where_6_is_asked_for";
    if csound_is_missing() || !alone(test, both_csounds(), true) {
        return;
    }
    a_process_has_one(7, 6);
}
