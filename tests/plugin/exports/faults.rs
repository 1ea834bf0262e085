//! What an exported piece does to its host where it crashes, hangs, or where something of it is not there: nothing. And
//! the words say what to do.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::json;
use test_host::host::{Block, Host, Instance};
use test_host::testing::{CSOUND_6, alone_with};
use test_host::tools::csound_is_missing;

use super::clap::{begun, heard};
use super::{Export, HEADER, half, manifest};
use crate::common::vst3::{Gives, Instance as Vst3Instance, Mode, Module, program};
use crate::common::{csd, libcsound_is_missing};
use crate::error_of;

/// An export whose piece is heard as 0.5, and then does this.
fn doing(instrument: &str, score: &str) -> Export {
    let body = format!("instr 1\na1 = 0.5\nouts a1, a1\nendin\n{instrument}");
    let text = csd("", HEADER, &body, &format!("i 1 0 3600\n{score}"));
    Export::new("Bad", &manifest("Bad", "instrument", json!([])).to_string(), &[("piece.csd", &text)])
}

/// An instance that plays in real time.
fn playing(host: &Host, id: &str) -> Instance {
    let mut instance = Instance::new(host, id).unwrap();
    instance.activate(48_000.0, 1, 480).unwrap();
    instance.settle().unwrap();
    instance.start().unwrap();
    instance
}

/// An instance of the export in either format, in real time.
enum Bad {
    Clap(Instance),
    Vst3(Vst3Instance),
}

impl Bad {
    fn of(export: &Export) -> [Self; 2] {
        let host = Host::load(&export.clap).unwrap();
        let module = Module::load(&program(&export.vst3));
        let mut vst3 = Vst3Instance::new(&module, module.classes()[0].id, Gives::Nothing);
        vst3.activate_in(Mode::RealTime);
        [Self::Clap(playing(&host, "org.example.bad")), Self::Vst3(vst3)]
    }

    fn block(&mut self) -> Vec<f32> {
        match self {
            Self::Clap(bad) => {
                bad.process(Block { frames: 480, ..Block::default() }).unwrap().output[0].clone()
            }
            Self::Vst3(bad) => bad.block(480),
        }
    }

    fn error(&mut self) -> Option<String> {
        match self {
            Self::Clap(bad) => error_of(bad),
            Self::Vst3(bad) => {
                let state = bad.save();
                // As a CLAP has it: with the length before it.
                let state = [&(state.len() as u64).to_le_bytes(), &state[..]].concat();
                test_host::session::error_of(&state).unwrap()
            }
        }
    }
}

/// What both formats say in the end, while another export plays on all the time: what happened, where, and what to do.
fn last_words_beside_another(export: &Export) -> Vec<String> {
    let good = half();
    let good_host = Host::load(&good.clap).unwrap();
    let mut good = begun(&good_host, "org.example.half");
    let input = [vec![0.5_f32; 480], vec![0.5; 480]];
    let input: Vec<_> = input.iter().map(Vec::as_slice).collect();
    let mut told = Vec::new();
    for mut bad in Bad::of(export) {
        let began = Instant::now();
        let (mut has_played, mut first) = (false, None::<String>);
        let last = loop {
            let output = bad.block();
            assert!(output.iter().all(|sample| sample.is_finite()));
            has_played |= output[479] == 0.5;
            for _ in 0..2 {
                good.process(Block { frames: 480, input: &input, ..Block::default() }).unwrap();
            }
            let output =
                good.process(Block { frames: 480, input: &input, ..Block::default() }).unwrap().output;
            assert_eq!(output[0][479], 0.25, "the other one plays on");
            let error = bad.error();
            first = first.or_else(|| error.clone().filter(|_| has_played));
            if let Some(error) = error.filter(|error| error.contains("times")) {
                break error;
            }
            assert!(
                began.elapsed() < Duration::from_secs(240),
                "it is not given up: {first:?}, {has_played}"
            );
            std::thread::sleep(Duration::from_millis(10));
        };
        assert!(has_played);
        // Silent, and the host goes on.
        while bad.block().iter().any(|sample| *sample != 0.0) {
            assert!(began.elapsed() < Duration::from_secs(240), "what was given up is heard");
        }
        told.extend([first.unwrap_or_default(), last]);
    }
    told
}

/// All of these say so, those that come last what to do as well.
fn assert_whole_words(told: &[String], cause: &str) {
    assert_eq!(told.len(), 4);
    for (number, words) in told.iter().enumerate() {
        for part in ["piece.csd: ", cause, "(at ", " s of its score)"] {
            assert!(words.contains(part), "{part}: {words}");
        }
        let is_last = number % 2 == 1;
        let does = "It has ended 4 times without 10 seconds of sound in between; restart it in its editor to try again";
        assert_eq!(words.ends_with(does), is_last, "{words}");
    }
}

/// It happens again each time that the piece goes on.
const SCORE: &str = "i 2 0.2 0.1\ni 2 0.4 0.1\ni 2 0.6 0.1\ni 2 0.8 0.1\ni 2 1.0 0.1\n";

#[test]
fn a_crash_in_an_export_is_told_and_disturbs_nobody() {
    if libcsound_is_missing() {
        return;
    }
    let tap = "instr 2\nadel delayr 1\natap deltap 1e9\ndelayw atap\nouts atap, atap\nendin\n";
    assert_whole_words(&last_words_beside_another(&doing(tap, SCORE)), "its engine crashed (signal 11");
}

#[test]
fn a_hang_in_an_export_is_told_and_disturbs_nobody() {
    if libcsound_is_missing() {
        return;
    }
    let forever = "instr 2\nwhile 1 == 1 do\nod\nendin\n";
    assert_whole_words(
        &last_words_beside_another(&doing(forever, SCORE)),
        "its engine was ended, because it did not get on for ",
    );
}

#[test]
fn an_export_whose_csound_is_not_installed_says_which_one_and_where_to_get_it() {
    let here = Path::new(CSOUND_6).as_os_str();
    let test = "exports::faults::an_export_whose_csound_is_not_installed_says_which_one_and_where_to_get_it";
    if csound_is_missing() || !alone_with(test, &[(csound_library::VARIABLE, here)]) {
        return;
    }
    let mut text = manifest("Seven", "instrument", json!([]));
    text["generation"] = 7.into();
    let piece = csd("", HEADER, "instr 1\na1 = 0.5\nouts a1, a1\nendin\n", "i 1 0 3600");
    let export = Export::new("Seven", &text.to_string(), &[("piece.csd", &piece)]);
    let host = Host::load(&export.clap).unwrap();
    assert_eq!(host.plugins().len(), 1, "the scan finds it");
    let mut instance = begun(&host, "org.example.seven");
    let silent = heard(&mut instance, 4800, &[]);
    assert!(silent.iter().flatten().all(|sample| *sample == 0.0), "it does not perform by another one");
    let told = error_of(&mut instance).expect("it says why");
    for part in ["Csound 7", "not installed here", "csound.com"] {
        assert!(told.contains(part), "{part}: {told}");
    }
}

#[test]
fn a_folder_that_is_moved_while_the_host_runs_leaves_what_plays_and_says_what_is_missing() {
    if libcsound_is_missing() {
        return;
    }
    let export = doing("", "");
    let host = Host::load(&export.clap).unwrap();
    let mut before = begun(&host, "org.example.bad");
    assert_eq!(heard(&mut before, 960, &[])[0][959], 0.5);
    let state = before.save_state().unwrap();
    let folder = export.clap.parent().unwrap();
    let moved = folder.with_file_name("Moved");
    fs::rename(folder, &moved).unwrap();
    assert_eq!(heard(&mut before, 4800, &[])[0][4799], 0.5, "what plays plays on");
    // A new one, and one of a session.
    for state in [None, Some(&state)] {
        let mut after = Instance::new(&host, "org.example.bad").unwrap();
        after.set_offline(true).unwrap();
        if let Some(state) = state {
            after.load_state(state).unwrap();
        }
        after.activate(48_000.0, 1, 512).unwrap();
        after.start().unwrap();
        assert!(heard(&mut after, 960, &[])[0].iter().all(|sample| *sample == 0.0));
        let told = error_of(&mut after).expect("it says why");
        for part in
            ["piece.csd is missing", "put its folder back", "if you have moved it, start the DAW again"]
        {
            assert!(told.contains(part), "{part}: {told}");
        }
        // It is put back, and the host activates its plugins again.
        fs::rename(&moved, folder).unwrap();
        after.stop().unwrap();
        after.deactivate();
        after.activate(48_000.0, 1, 512).unwrap();
        after.settle().unwrap();
        after.start().unwrap();
        assert_eq!(heard(&mut after, 4800, &[])[0][4799], 0.5, "{:?}", error_of(&mut after));
        assert_eq!(error_of(&mut after), None);
        fs::rename(folder, &moved).unwrap();
    }
    // Where it lies now it is found by a host that starts now. This one's loader knows the file already, by whatever path.
    let (there, again) = (moved.join(export.clap.file_name().unwrap()), moved.join("again.clap"));
    fs::copy(&there, &again).unwrap();
    fs::rename(&again, &there).unwrap();
    let there = Host::load(&there).unwrap();
    assert_eq!(heard(&mut begun(&there, "org.example.bad"), 960, &[])[0][959], 0.5);
}
