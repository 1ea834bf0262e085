//! The plugin in a real CLAP host: its life, what it plays, what steers it, and what it survives.

mod buses;
mod channel_bank;
mod chaos;
#[path = "../common/mod.rs"]
mod common;
#[cfg(target_os = "linux")]
mod crashers;
#[cfg(target_os = "linux")]
mod csounds;
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
mod exports;
#[cfg(target_os = "linux")]
mod includes;
mod life;
mod midi_out;
mod modulation;
mod mpe;
mod names;
#[cfg(target_os = "linux")]
mod no_threads;
mod pipelined;
mod playing;
mod presets;
mod sessions;
mod steering;
mod track;
mod typed;
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
mod vst3_latency;
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
mod vst3_presets;

use common::{csd, plugin};
use test_host::host::{Host, Instance};
use test_host::session::{AtEnd, Session};

/// A MIDI instrument that is a steady level while its key is down, and a held level from the score.
const KEYS: &str = "massign 0, 1\n\
    instr 1\niamp ampmidi 1\naenv linsegr 1, 1, 1, 0.0001, 0\na1 = aenv * iamp * 0.5\nouts a1, a1\nendin\n\
    instr 2\na1 = p4\nouts a1, a1\nendin\n";

/// The rate of what is compared with a csound.
const RATE: u32 = 48_000;

fn header(ksmps: usize) -> String {
    format!("sr = 48000\nksmps = {ksmps}\nnchnls = 2\n")
}

fn session(text: String) -> Session {
    Session { at_end: AtEnd::Keep, ..Session::from_csd("test.csd", text) }
}

fn keys(ksmps: usize, score: &str) -> Session {
    session(csd("", &header(ksmps), KEYS, score))
}

fn host() -> Host {
    Host::load(plugin()).unwrap()
}

fn error_of(instance: &mut Instance) -> Option<String> {
    test_host::session::error_of(&instance.save_state().unwrap()).unwrap()
}

#[test]
fn everything_holds_over_csound_7_too() {
    let but = [
        // They have both.
        "csounds::",
        // By Csound 6, and by a defect of it.
        "a_session_of_the_first_version_loads_as_it_was",
        "a_project_of_version_0_1",
        "a_render_goes_on_without_a_gap_where_csound_6_crashes",
    ];
    if test_host::testing::again_over_csound_7(&but) {
        assert_eq!(csound_library::Library::get().unwrap().generation(), csound_library::Generation::Seven);
    }
}
