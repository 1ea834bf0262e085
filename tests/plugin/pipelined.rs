//! The pipelined timing in a host: what is heard and sent is the exact performance later by the largest block,
//! whatever the host asks for.

use serde_json::json;
use test_host::host::{Block, EFFECT, Event, Host, INSTRUMENT, Instance, Transport, param_id};
use test_host::session::{AtEnd, Session, Timing};

use crate::common::bench::{slots, state_with};
use crate::common::{Random, csd, libcsound_is_missing, playing, plugin};

/// The largest block.
const LARGEST: usize = 1024;

/// A score, keys that send MIDI of their own, a slot's note, a channel; and the effect's input.
const BODY: &str = "massign 0, 2\nchn_k \"level\", 1, 2, 0.5, 0, 1\n\
    instr 1\nktime timeinsts\nklevel chnget \"level\"\nain, ain2 ins\n\
    outs a(ktime / 100) + ain * 0.5, a(klevel)\nendin\n\
    instr 2\nnoteondur 3, notnum(), 90, 0.05\niamp ampmidi 0.1\na1 oscili iamp, cpsmidi()\nouts a1, a1\nendin\n\
    instr 3\na1 = 0.1\nouts a1, a(0)\nendin\n";

/// What a host hears.
struct Heard {
    latency: usize,
    sound: Vec<Vec<f32>>,
    midi: Vec<(usize, Vec<u8>)>,
}

/// Something that an instance is asked for at a random frame, the same for the same random numbers.
fn event(random: &mut Random, frames: usize) -> Event {
    let frame = random.below(frames) as u32;
    let key = 40 + random.below(6) as u8;
    let set = |id: &str, value: f64| Event::param(frame, param_id(id), value);
    match random.below(16) {
        0..=4 => Event::note_on(frame, 0, key, 0.5),
        5..=7 => Event::note_off(frame, 0, key),
        8 => set("play", random.below(2) as f64),
        9 => set("play", 1.0),
        10 => set("offset", random.unit() * 1e-4),
        11 => set("gain", 0.5 + random.unit() * 0.3),
        12 => set("bypass", (random.below(3) == 0).into()),
        13 => set("c001", random.unit()),
        14 => set("event_1", random.below(2) as f64),
        _ => set(["restart", "stop"][usize::from(random.below(4) == 0)], random.below(2) as f64),
    }
}

fn session(ksmps: usize, timing: Timing) -> Session {
    let header = format!("sr = 48000\nksmps = {ksmps}\nnchnls = 2\nnchnls_i = 2\n");
    let text = csd("--sample-accurate", &header, BODY, "i 1 0 3600");
    Session { at_end: AtEnd::Keep, timing, ..Session::from_csd("late.csd", text) }
}

/// Plays blocks of changing size with everything that a host does, and then enough to hear all of it.
fn heard(id: &str, ksmps: usize, timing: Timing, follows: bool) -> Heard {
    let host = Host::load(plugin()).unwrap();
    let state = state_with(&session(ksmps, timing), |params, own| {
        params["sync"] = json!({ "string": if follows { "host" } else { "free" } });
        own["events"] = slots("i 3 0 0.01", false);
    });
    let mut instance = playing(&host, id, &state, LARGEST as u32);
    let latency = instance.latency() as usize;
    let mut heard = Heard { latency, sound: vec![Vec::new(); 2], midi: Vec::new() };
    let mut random = Random::new(ksmps as u64 + 70);
    let (mut seconds, mut plays) = (0.0, true);
    let loops = (follows && ksmps != 441).then_some((0.1, 0.35));
    for number in 0..400 {
        let most = 1 << random.below(LARGEST.ilog2() as usize + 1);
        let frames = if number < 380 { 1 + random.below(most) } else { LARGEST };
        let mut events: Vec<Event> = match number {
            20..360 => (0..random.below(4)).map(|_| event(&mut random, frames)).collect(),
            _ => Vec::new(),
        };
        events.sort_by_key(|event| event.frame);
        if random.below(30) == 0 {
            plays = !plays;
        }
        if random.below(40) == 0 {
            seconds = random.unit();
        }
        let input: Vec<Vec<f32>> =
            (0..2).map(|_| (0..frames).map(|_| random.unit() as f32 - 0.5).collect()).collect();
        one_block(&mut instance, &mut heard, Sent { id, frames, events, input }, {
            follows.then_some(Transport { playing: plays, seconds, tempo: 120.0, looped: loops })
        });
        if plays {
            seconds += frames as f64 / 48_000.0;
        }
        if let Some((start, end)) = loops
            && seconds >= end
        {
            seconds -= end - start;
        }
    }
    heard
}

/// What a host gives with a block.
struct Sent<'a> {
    id: &'a str,
    frames: usize,
    events: Vec<Event>,
    input: Vec<Vec<f32>>,
}

fn one_block(instance: &mut Instance, heard: &mut Heard, sent: Sent<'_>, transport: Option<Transport>) {
    let Sent { id, frames, events, input } = sent;
    let channels: Vec<&[f32]> = input.iter().map(Vec::as_slice).collect();
    let input = if id == EFFECT { &channels[..] } else { &[] };
    let block = Block { frames, events: &events, input, transport, ..Block::default() };
    let processed = instance.process(block).unwrap();
    let at = heard.sound[0].len();
    assert_eq!(instance.latency() as usize, heard.latency, "the latency is constant");
    for (sound, now) in heard.sound.iter_mut().zip(processed.output) {
        sound.extend(now);
    }
    let midi =
        processed.events.iter().filter_map(|event| Some((event.frame as usize, event.body.midi_bytes()?)));
    heard.midi.extend(midi.map(|(frame, bytes)| (at + frame, bytes)));
}

#[test]
fn whatever_a_host_does_it_hears_the_exact_performance_later_by_the_largest_block() {
    if libcsound_is_missing() {
        return;
    }
    let (mut sent, mut sounded) = (0, 0);
    for (id, ksmps, follows) in [
        (INSTRUMENT, 1, false),
        (INSTRUMENT, 32, false),
        (INSTRUMENT, 441, false),
        (INSTRUMENT, 64, true),
        (INSTRUMENT, 441, true),
        (EFFECT, 10, false),
        (EFFECT, 64, true),
    ] {
        let what = format!("{id}, ksmps {ksmps}, {}", if follows { "following the host" } else { "free" });
        let [exact, late] =
            [Timing::Exact, Timing::Pipelined].map(|timing| heard(id, ksmps, timing, follows));
        assert_eq!((exact.latency, late.latency), (ksmps - 1, ksmps - 1 + LARGEST), "{what}");
        let end = exact.sound[0].len() - LARGEST;
        for (channel, (exact, late)) in exact.sound.iter().zip(&late.sound).enumerate() {
            let differs = (0..end).find(|frame| exact[*frame].to_bits() != late[frame + LARGEST].to_bits());
            assert_eq!(differs, None, "{what}, channel {channel}: the first frame that differs");
        }
        let exact_midi: Vec<_> = exact.midi.iter().filter(|(frame, _)| *frame < end).cloned().collect();
        let late_midi: Vec<_> =
            late.midi.iter().map(|(frame, sent)| (frame - LARGEST, sent.clone())).collect();
        assert_eq!(exact_midi, late_midi[..exact_midi.len().min(late_midi.len())], "{what}");
        sent += exact_midi.len();
        sounded += exact.sound.iter().flatten().filter(|sample| **sample != 0.0).count();
    }
    assert!(sent > 100 && sounded > 500_000, "{sent} messages, {sounded} samples");
}

#[test]
fn a_session_from_before_the_pipelined_timing_is_not_pipelined() {
    if libcsound_is_missing() {
        return;
    }
    let host = Host::load(plugin()).unwrap();
    let pipelined = session(64, Timing::Pipelined).state().unwrap();
    let mut instance = playing(&host, INSTRUMENT, &pipelined, 512);
    assert_eq!(instance.latency(), 63 + 512);
    instance.stop().unwrap();
    instance.deactivate();
    let before = state_with(&session(64, Timing::Immediate), |params, _| {
        params.as_object_mut().unwrap().remove("pipelined");
    });
    instance.load_state(&before).unwrap();
    instance.activate(48_000.0, 1, 512).unwrap();
    assert_eq!(instance.latency(), 0);
}
