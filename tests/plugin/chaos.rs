//! Host calls in any order, seeded: automation, notes, SysEx, transport jumps, state loads, activation,
//! rates and blocks. Nothing crashes, hangs or sounds what is not finite, and afterwards a piece
//! still renders as the csound command does.

use serde_json::{Value, json};
use test_host::compare::oracle;
use test_host::host::{Block, Event, EventBody, Host, INSTRUMENT, Instance, Transport, param_id};
use test_host::render::{RenderOptions, render};
use test_host::session::{AtEnd, Session, Timing};

use test_host::testing::generation;

use super::RATE;
use crate::common::{Random, csd, csound_is_missing, pieces, plugin};

/// Pieces of several k-cycles and channel counts, one of them broken.
fn states() -> Vec<Vec<u8>> {
    let body = "massign 0, 1\nchn_k \"level\", 1, 2, 0.5, 0, 1\n\
                instr 1\niamp ampmidi 0.2\nklevel chnget \"level\"\na1 oscili iamp * klevel, cpsmidi()\nouts a1, a1\nendin\n\
                instr 2\na1 oscili 0.1, 440\nouts a1, a1\nktempo chnget \"HOST_BPM\"\nendin\n";
    let session = |ksmps: usize, timing: Timing, at_end: AtEnd| {
        let header = format!("sr = 48000\nksmps = {ksmps}\nnchnls = 2\n");
        let text = csd("", &header, body, "i 2 0 2\ni 2 3 1");
        Session { timing, at_end, ..Session::from_csd("chaos.csd", text) }.state().unwrap()
    };
    // The random choice of a state is one of a Csound as well.
    let by = |csound: Value, ksmps: usize| {
        let header = format!("sr = 48000\nksmps = {ksmps}\nnchnls = 2\n");
        let text = csd("", &header, body, "i 2 0 2\ni 2 3 1");
        Session { csound: Some(csound), ..Session::from_csd("chaos.csd", text) }.state().unwrap()
    };
    vec![
        session(1, Timing::Exact, AtEnd::Keep),
        session(32, Timing::Immediate, AtEnd::Loop),
        session(64, Timing::Exact, AtEnd::Stop),
        session(441, Timing::Exact, AtEnd::Keep),
        session(32, Timing::Pipelined, AtEnd::Keep),
        session(441, Timing::Pipelined, AtEnd::Loop),
        by(json!("auto"), 32),
        by(json!(7), 32),
        by(json!({ "no": "Csound" }), 32),
        Session::from_csd("broken.csd", "no piece at all").state().unwrap(),
        b"no state at all".to_vec(),
    ]
}

fn random_events(random: &mut Random, ids: &[u32], frames: usize) -> Vec<Event> {
    let count = random.below(12);
    let event = |random: &mut Random| {
        let frame = random.below(frames.max(1)) as u32;
        let (channel, key) = (random.below(16) as u8, random.below(128) as u8);
        match random.below(10) {
            0..=2 => Event::note_on(frame, channel, key, random.unit()),
            3 => Event::note_off(frame, channel, key),
            4 => Event::note_choke(frame, channel, key),
            5 => Event::midi(
                frame,
                [random.below(256) as u8, random.below(256) as u8, random.below(256) as u8],
            ),
            6 => {
                let mut message = vec![0xF0];
                message.extend(random.bytes(40));
                message.push(0xF7);
                Event::sysex(frame, message)
            }
            7 => {
                let semitones = random.unit() * 24.0 - 12.0;
                Event { frame, body: EventBody::NoteTuning { channel, key, semitones } }
            }
            _ => {
                let id = ids[random.below(ids.len())];
                // Hours of a score take Csound many seconds to skip, and an offline host waits for it.
                let reach = if id == param_id("offset") { 1e-4 } else { 1.0 };
                Event::param(frame, id, random.unit() * reach)
            }
        }
    };
    (0..count).map(|_| event(random)).collect()
}

/// One call; gives false where the instance has to be activated again.
fn call(instance: &mut Instance, random: &mut Random, states: &[Vec<u8>], ids: &[u32]) {
    match random.below(200) {
        0 => drop(instance.load_state(&states[random.below(states.len())])),
        1 => drop(instance.save_state().unwrap()),
        2 => instance.reset().unwrap(),
        3 => {
            instance.stop().unwrap();
            instance.deactivate();
            let rate = [44_100.0, 48_000.0, 96_000.0][random.below(3)];
            instance.set_offline(random.below(2) == 0).unwrap();
            instance.activate(rate, 1, 1024).unwrap();
            instance.start().unwrap();
        }
        4 => drop(instance.flush(&[Event::param(0, param_id("c001"), random.unit())])),
        5 => instance.idle(),
        _ => {
            let frames = [1, 17, 64, 100, 441, 512, 1024][random.below(7)];
            let events = random_events(random, ids, frames);
            let transport = (random.below(3) > 0).then(|| Transport {
                playing: random.below(4) > 0,
                seconds: random.unit() * 10.0 - 1.0,
                tempo: 20.0 + random.unit() * 300.0,
                looped: (random.below(4) == 0).then(|| (random.unit() * 5.0, random.unit() * 10.0)),
            });
            let block = Block { frames, events: &events, transport, ..Block::default() };
            let heard = instance.process(block).unwrap();
            assert!(heard.output.iter().flatten().all(|sample| sample.is_finite()));
        }
    }
}

#[test]
fn host_calls_in_any_order_leave_a_plugin_that_renders_as_ever() {
    if csound_is_missing() {
        return;
    }
    let calls = if std::env::var_os("CSOUND_PERFORMER_LONG").is_some() { 1_000_000 } else { 20_000 };
    let host = Host::load(plugin()).unwrap();
    let mut instance = Instance::new(&host, INSTRUMENT).unwrap();
    // What would open files or end everything at once is left to tests of its own.
    let ids: Vec<u32> = instance.params().into_iter().map(|param| param.id).collect();
    let ids: Vec<u32> = ids.into_iter().filter(|id| *id != param_id("record")).collect();
    let states = states();
    instance.load_state(&states[0]).unwrap();
    instance.activate(48_000.0, 1, 1024).unwrap();
    instance.start().unwrap();
    let mut random = Random::new(4242);
    for _ in 0..calls {
        call(&mut instance, &mut random, &states, &ids);
    }
    drop(instance);
    let piece = pieces().join("oracle").join("tones.csd");
    let folder = tempfile::tempdir().unwrap();
    let reference = folder.path().join("ref.wav");
    let mut oracle = oracle::command(generation(), RATE, &reference).unwrap();
    assert!(oracle.arg(&piece).status().unwrap().success());
    let mut session = Session::from_file(&piece).unwrap();
    session.channel_defaults = false;
    let mut options = RenderOptions::new(plugin(), session);
    options.rate = 48_000;
    let rendered = render(&options, |_, _| ()).unwrap();
    let (expected, _) = test_host::wav::read(&reference).unwrap();
    for (ours, theirs) in rendered.samples.iter().zip(&expected) {
        let plain = |sample: &f32| if sample.is_subnormal() { 0 } else { (sample + 0.0).to_bits() };
        assert!(ours.iter().map(plain).take(theirs.len()).eq(theirs.iter().map(plain)));
    }
}
