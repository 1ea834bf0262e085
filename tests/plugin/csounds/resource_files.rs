//! The user's own options for Csound, from the file at home to what is heard of a piece that he does not trust.

use csound_performance::Generation;
use serde_json::json;
use test_host::host::{Host, INSTRUMENT};
use test_host::session::{AtEnd, Session, error_of};
use test_host::testing::{alone_with, both_csounds};
use test_host::tools::csound_is_missing;

use crate::common::bench::state_with;
use crate::common::{block, csd, playing, plugin};

/// A piece that says on the left how long its k-cycles are, and on the right what a macro is: by the user's options
/// where it gets them.
fn piece(options: &str) -> String {
    let header = "sr = 48000\nksmps = 32\nnchnls = 2\n#ifndef LEVEL\n#define LEVEL #0.125#\n#end\n";
    csd(options, header, "instr 1\nouts a(ksmps / 64), a($LEVEL)\nendin\n", "i 1 0 3600\n")
}

#[test]
fn the_users_options_reach_a_piece_that_is_not_trusted_only_where_his_limits_say_so() {
    let test = "csounds::resource_files::the_users_options_reach_a_piece_that_is_not_trusted_only_where_his_limits_say_so";
    let home = tempfile::tempdir().unwrap();
    let Some(both) = both_csounds().filter(|_| !csound_is_missing()) else { return };
    let environment = [
        (csound_library::VARIABLE, both.as_os_str()),
        ("CSOUND_PERFORMER_ISOLATION", "on".as_ref()),
        ("HOME", home.path().as_os_str()),
        ("XDG_CONFIG_HOME", home.path().as_os_str()),
        ("CSOUND6RC", "".as_ref()),
        ("CSOUND7RC", "".as_ref()),
    ];
    if !alone_with(test, &environment) {
        return;
    }
    let home = std::path::PathBuf::from(std::env::var_os("HOME").unwrap());
    // One of them writes a file, and never reaches such a piece.
    let written = home.join("written.wav");
    let config = home.join("csound-performer");
    std::fs::create_dir_all(&config).unwrap();
    for generation in Generation::ALL {
        let number = generation.number();
        let text = format!("--ksmps=16 --omacro:LEVEL=0.{number}\n-o {}\n", written.display());
        std::fs::write(home.join(format!(".csound{number}rc")), text).unwrap();
    }
    let host = Host::load(plugin()).unwrap();
    let heard = |options: &str, csound: u8| {
        let session =
            Session { at_end: AtEnd::Keep, csound: None, ..Session::from_csd("piece.csd", piece(options)) };
        let state = state_with(&session, |_, own| own["csound"] = json!(csound));
        let mut instance = playing(&host, INSTRUMENT, &state, 512);
        block(&mut instance, 512, &[]);
        let output = block(&mut instance, 512, &[]).output;
        assert_eq!(error_of(&instance.save_state().unwrap()).unwrap(), None);
        (output[0][511], output[1][511])
    };
    let off = [None, Some("{}"), Some("{ \"resource_files\": false }")].map(|limits| (limits, false));
    for (limits, reaches) in off.into_iter().chain([(Some("{ \"resource_files\": true }"), true)]) {
        if let Some(limits) = limits {
            std::fs::write(config.join("limits.json"), limits).unwrap();
        }
        for csound in [6, 7] {
            let what = format!("Csound {csound}, {limits:?}");
            // Csound 6 takes no macro from such a file.
            let level = if reaches && csound == 7 { 0.7 } else { 0.125 };
            let expected = if reaches { (0.25, level) } else { (0.5, level) };
            assert_eq!(heard("", csound), expected, "{what}");
            assert_eq!(heard("--ksmps=8", csound), (0.125, level), "{what}: the piece's own word counts");
        }
        assert!(!written.exists(), "{limits:?}");
    }
}
