//! What an exported piece does to its host where it crashes, hangs, or where something of it is not there: nothing. And
//! the words say what to do.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::json;
use test_host::host::{Block, Host};
use test_host::testing::{CSOUND_6, alone_with};
use test_host::tools::csound_is_missing;

use super::clap::begun;
use super::either::{Either, Loaded};
use super::{Export, HEADER, half, manifest};
use crate::common::vst3::Mode;
use crate::common::{csd, libcsound_is_missing};

/// An export whose piece is heard as 0.5, and then does this.
fn doing(instrument: &str, score: &str) -> Export {
    let body = format!("instr 1\na1 = 0.5\nouts a1, a1\nendin\n{instrument}");
    let text = csd("", HEADER, &body, &format!("i 1 0 3600\n{score}"));
    Export::new("Bad", &manifest("Bad", "instrument", json!([])).to_string(), &[("piece.csd", &text)])
}

/// What both formats say in the end, while another export plays on all the time: what happened, where, and what to do.
fn last_words_beside_another(export: &Export) -> Vec<String> {
    let good = half();
    let good_host = Host::load(&good.clap).unwrap();
    let mut good = begun(&good_host, "org.example.half");
    let input = [vec![0.5_f32; 480], vec![0.5; 480]];
    let input: Vec<_> = input.iter().map(Vec::as_slice).collect();
    let mut told = Vec::new();
    for loaded in Loaded::both(&export.clap, &export.vst3) {
        let mut bad = loaded.instance();
        bad.begin(Mode::RealTime);
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
    for loaded in Loaded::both(&export.clap, &export.vst3) {
        let mut instance = loaded.instance();
        instance.begin(Mode::Offline);
        for _ in 0..10 {
            let heard = instance.block();
            assert!(heard.iter().all(|sample| *sample == 0.0), "it does not perform by another one");
        }
        let told = instance.error().expect("it says why");
        for part in [
            "piece.csd is to perform by Csound 7, for which this plugin was made, and that is not installed here; \
             Csound 6",
            " is, and some opcodes sound different by it. Install Csound 7 (from csound.com) and open your project \
             again",
        ] {
            assert!(told.contains(part), "{part}: {told}");
        }
        assert!(told.starts_with("piece.csd") && told.ends_with("again"), "{told}");
    }
}

/// The last frame of some blocks.
fn last_of(instance: &mut Either) -> f32 {
    (0..10).map(|_| instance.block()[479]).last().unwrap()
}

/// Moves the folder of a format while an instance plays from it, begins others, and puts it back.
fn move_and_put_back(loaded: &Loaded, folder: &Path, moved: &Path, piece: &Path) {
    let mut before = loaded.instance();
    before.begin(Mode::Offline);
    assert_eq!(last_of(&mut before), 0.5, "{:?}", before.error());
    let state = before.save();
    fs::rename(folder, moved).unwrap();
    assert_eq!(last_of(&mut before), 0.5, "what plays plays on");
    // A new one, and one of a session.
    for state in [None, Some(&state)] {
        let mut after = loaded.instance();
        if let Some(state) = state {
            after.load(state);
        }
        after.begin(Mode::Offline);
        assert!((0..10).all(|_| after.block().iter().all(|sample| *sample == 0.0)));
        let words = format!(
            "the plugin's piece {} is missing (No such file or directory (os error 2)): install the plugin again, or put \
             its folder back as it was; if you have moved it, start the DAW again",
            piece.display()
        );
        assert_eq!(after.error(), Some(words));
        // It is put back, and the host activates its plugins again.
        fs::rename(moved, folder).unwrap();
        after.cease();
        after.begin(Mode::Offline);
        assert_eq!(last_of(&mut after), 0.5, "{:?}", after.error());
        assert_eq!(after.error(), None);
        fs::rename(folder, moved).unwrap();
    }
}

#[test]
fn a_folder_that_is_moved_while_the_host_runs_leaves_what_plays_and_says_what_is_missing() {
    if libcsound_is_missing() {
        return;
    }
    let export = doing("", "");
    let [clap, vst3] = Loaded::both(&export.clap, &export.vst3);
    let folder = export.clap.parent().unwrap();
    let (moved, moved_bundle) = (folder.with_file_name("Moved"), export.vst3.with_file_name("Moved.vst3"));
    move_and_put_back(&clap, folder, &moved, &export.clap.with_file_name("piece.csd"));
    let piece = export.vst3.join("Contents/Resources/piece.csd");
    move_and_put_back(&vst3, &export.vst3, &moved_bundle, &piece);
    // Where it lies now it is found by a host that starts now. This one's loader knows the files already, by whatever path.
    fs::rename(
        moved_bundle.join("Contents/x86_64-linux/Bad.so"),
        moved_bundle.join("Contents/x86_64-linux/Moved.so"),
    )
    .unwrap();
    for loaded in Loaded::both_new(&moved.join(export.clap.file_name().unwrap()), &moved_bundle) {
        let mut instance = loaded.instance();
        instance.begin(Mode::Offline);
        assert_eq!(last_of(&mut instance), 0.5, "{:?}", instance.error());
    }
}
