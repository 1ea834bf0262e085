//! A latency that changes while a VST3 host plays: what the host is told, and what it has after a restart.

use std::time::{Duration, Instant};

use test_host::host::NoteDoes;
use test_host::session::{Session, Timing};
use vst3::Steinberg::Vst::RestartFlags_;

use crate::common::libcsound_is_missing;
use crate::common::vst3::events::OfNote;
use crate::common::vst3::{Gives, INSTRUMENT, Instance, LARGEST, Module, plugin};
use crate::keys;

const KSMPS: usize = 32;

fn state(timing: Timing) -> Vec<u8> {
    Session { timing, ..keys(KSMPS, "f 0 3600") }.state().unwrap().split_off(size_of::<u64>())
}

/// The frame in which a note is heard that begins with the next block, and ends with the one behind that.
fn measured(instance: &Instance) -> usize {
    let note = |does| OfNote { frame: 0, id: 1, channel: 0, key: 60, does };
    let mut heard = instance.plays(480, &[note(NoteDoes::Begin(1.0))]);
    heard.extend(instance.plays(480, &[note(NoteDoes::End)]));
    // Its end is heard, too.
    (0..4).for_each(|_| heard.extend(instance.block(480)));
    heard.iter().position(|sample| *sample != 0.0).unwrap()
}

#[test]
fn a_vst3_host_is_told_of_another_latency_on_its_main_thread_and_has_it_after_a_restart() {
    if libcsound_is_missing() {
        return;
    }
    let mut instance = Instance::new(&Module::load(&plugin()), INSTRUMENT, Gives::Instance);
    instance.load(&state(Timing::Exact));
    instance.activate();
    assert_eq!((instance.latency(), measured(&instance)), (KSMPS - 1, KSMPS - 1));
    for (timing, latency) in [
        (Timing::Pipelined, KSMPS - 1 + LARGEST),
        (Timing::Immediate, 0),
        (Timing::Pipelined, KSMPS - 1 + LARGEST),
        (Timing::Exact, KSMPS - 1),
    ] {
        instance.idle();
        instance.take_told();
        instance.load(&state(timing));
        for _ in 0..4 {
            instance.block_elsewhere(480);
        }
        // The shell has a thread of its own for it.
        let began = Instant::now();
        let mut told = Vec::new();
        let changed = RestartFlags_::kLatencyChanged;
        while !told.iter().any(|(flags, _)| flags & changed != 0) {
            assert!(began.elapsed() < Duration::from_secs(60), "{timing:?}: not within a minute");
            std::thread::sleep(Duration::from_millis(5));
            instance.idle();
            told.extend(instance.take_told());
        }
        assert!(told.iter().all(|(_, is_main)| *is_main), "{timing:?}: {told:?}");
        instance.deactivate();
        instance.activate();
        assert_eq!((instance.latency(), measured(&instance)), (latency, latency), "{timing:?}");
    }
}
