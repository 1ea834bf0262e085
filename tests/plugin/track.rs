//! The host's track as a piece hears of it, and the names that a piece gives its keys.

use test_host::host::{INSTRUMENT, Instance};

use crate::common::bench::Bench;
use crate::common::{csd, libcsound_is_missing};
use crate::{header, host, session};

/// How long what a piece is told takes at most.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(10);

/// Levels: the length of the track's name, and that of its colour.
fn piece() -> String {
    piece_that_hears("strlenk(Sname) / 100")
}

/// The same, with something of it on the left.
fn piece_that_hears(left: &str) -> String {
    let body = format!(
        "instr 1\nSname = chnget:S(\"TRACK_NAME\")\nScolour = chnget:S(\"TRACK_COLOUR\")\n\
                kred = strcmpk(Scolour, \"#ff8001\")\n\
                outs a({left}), a(kred == 0 ? 0.5 : 0.25)\nendin\n"
    );
    csd("", &header(32), &body, "i 1 0 3600")
}

fn hears(heard: &mut dyn FnMut() -> (f32, f32), wanted: (f32, f32)) {
    let began = std::time::Instant::now();
    loop {
        let now = heard();
        if (now.0 - wanted.0).abs() < 1e-4 && (now.1 - wanted.1).abs() < 1e-4 {
            return;
        }
        assert!(began.elapsed() < PATIENCE, "{now:?} is not {wanted:?}");
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
}

#[test]
fn a_piece_hears_the_name_and_the_colour_of_the_track_in_a_clap_host() {
    if libcsound_is_missing() {
        return;
    }
    let mut bench = Bench::new(&session(piece()));
    let level = |bench: &mut Bench| {
        let output = bench.play(480);
        (output[0][479], output[1][479])
    };
    hears(&mut || level(&mut bench), (0.0, 0.25));
    bench.instance.set_track("Strings", [255, 128, 1]).unwrap();
    hears(&mut || level(&mut bench), (0.07, 0.5));
    bench.instance.set_track("Low Strings", [0, 0, 0]).unwrap();
    hears(&mut || level(&mut bench), (0.11, 0.25));
    // Another engine begins with it.
    let restart = [bench.set(0, "restart", 1.0)];
    bench.block(480, &restart);
    hears(&mut || level(&mut bench), (0.11, 0.25));
}

#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
#[test]
fn a_piece_hears_the_name_and_the_colour_of_the_track_in_a_vst3_host() {
    use crate::common::vst3::{Gives, INSTRUMENT, Instance, Module, plugin};

    if libcsound_is_missing() {
        return;
    }
    let mut instance = Instance::new(&Module::load(&plugin()), INSTRUMENT, Gives::Nothing);
    let heard = piece_that_hears("strlenk(Sname) / 100 + (kred == 0 ? 0.5 : 0)");
    instance.load(&session(heard).state().unwrap().split_off(size_of::<u64>()));
    // Before it is active, and then while it plays.
    instance.set_track("Brass", 0xFFFF_8001);
    instance.activate();
    hears(&mut || (*instance.block(480).last().unwrap(), 0.0), (0.55, 0.0));
    instance.set_track("Low Brass", 0xFF00_8001);
    hears(&mut || (*instance.block(480).last().unwrap(), 0.0), (0.09, 0.0));
}

#[test]
fn a_clap_host_is_told_the_names_that_a_piece_gives_its_keys() {
    if libcsound_is_missing() {
        return;
    }
    let named = |names: &str| {
        let text = csd("", &header(32), "instr 1\nendin\n", "f 0 3600");
        session(format!("{names}{text}")).state().unwrap()
    };
    let mut instance = Instance::new(&host(), INSTRUMENT).unwrap();
    assert_eq!(instance.note_names().unwrap(), []);
    instance
        .load_state(&named("; csound-performer-note: 36 Kick\n; csound-performer-note: 38 Snäre\n"))
        .unwrap();
    instance.settle().unwrap();
    assert_eq!(instance.note_names().unwrap(), [(36, "Kick".to_owned()), (38, "Snäre".to_owned())]);
    assert!(instance.take_note_names_changed() > 0);
    instance
        .load_state(&named("; csound-performer-note: 36 Kick\n; csound-performer-note: 38 Snäre\n"))
        .unwrap();
    instance.settle().unwrap();
    assert_eq!(instance.take_note_names_changed(), 0, "nothing has changed");
    instance.load_state(&named("")).unwrap();
    instance.settle().unwrap();
    assert_eq!((instance.note_names().unwrap(), instance.take_note_names_changed()), (vec![], 1));
}
