//! A MIDI channel of its own for each note: what hosts say of one note, against the same notes and controllers by hand.

use serde_json::json;
use test_host::host::{Event, NoteDoes};
use test_host::session::Session;

use crate::common::bench::{Bench, LARGEST, state_with};
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
use crate::common::vst3::{self, Gives, INSTRUMENT, Instance, Module, events::OfNote, moves::Move, plugin};
use crate::common::{csd, libcsound_is_missing};
use crate::{header, session};

/// Reads what a piece of MPE does: the bend over 48 semitones, the pressure and controller 74 of its note's channel.
const BODY: &str = "massign 0, 1\ninstr 1\niamp ampmidi 0.1\nkcps cpsmidib 48\nkpress aftouch\n\
    kbright midictrl 74\nkenv linsegr 1, 1, 1, 0.02, 0\n\
    aout oscili kenv * (iamp + kpress / 1000 + kbright / 2000), kcps\nouts aout, aout\nendin\n";

fn piece(options: &str) -> Session {
    session(csd(options, &header(32), BODY, "f 0 3600"))
}

fn state(mpe: bool) -> Vec<u8> {
    with_mpe(&piece(""), mpe)
}

fn with_mpe(session: &Session, mpe: bool) -> Vec<u8> {
    state_with(session, |_, own| own["mpe"] = json!(mpe))
}

/// The same state in the pipelined timing.
fn pipelined(state: &[u8]) -> Vec<u8> {
    let mut whole = test_host::session::unwrap(state).unwrap();
    whole["params"]["pipelined"] = json!({ "bool": true });
    test_host::session::wrap(&whole)
}

/// A deed of the host, and the MIDI that a hand would have sent instead.
struct Deed {
    frame: u32,
    host: Host,
    by_hand: Vec<[u8; 3]>,
}

/// What the host does.
#[derive(Clone, Copy)]
enum Host {
    Note(u32, u8, u8, NoteDoes),
    Midi([u8; 3]),
}

fn note(frame: u32, id: u32, key: u8, does: NoteDoes, by_hand: &[[u8; 3]]) -> Deed {
    Deed { frame, host: Host::Note(id, 0, key, does), by_hand: by_hand.to_vec() }
}

/// What a channel stands at when a note of it begins: unbent, unpressed, its brightness in the middle.
fn at_rest(channel: u8) -> [[u8; 3]; 3] {
    [[0xE0 | channel, 0, 64], [0xD0 | channel, 0, 0], [0xB0 | channel, 74, 64]]
}

fn begins(frame: u32, id: u32, key: u8, channel: u8) -> Deed {
    let mut by_hand = at_rest(channel).to_vec();
    by_hand.push([0x90 | channel, key, 100]);
    note(frame, id, key, NoteDoes::Begin(100.0 / 127.0), &by_hand)
}

fn bent(channel: u8, steps: i32) -> [u8; 3] {
    let bend = (8192 + steps).clamp(0, 16383);
    [0xE0 | channel, (bend & 0x7F) as u8, (bend >> 7) as u8]
}

/// Four notes, two of them of one key, each with expressions of its own; the second and third of one frame.
fn chord() -> Vec<Deed> {
    vec![
        begins(100, 7, 60, 1),
        begins(2000, 8, 60, 2),
        begins(2000, 9, 67, 3),
        note(3000, 8, 60, NoteDoes::Tune(7.0), &[bent(2, 1195)]),
        note(3100, 9, 67, NoteDoes::Press(0.5), &[[0xD3, 64, 0]]),
        note(3200, 7, 60, NoteDoes::Brighten(1.0), &[[0xB1, 74, 127]]),
        note(4000, 8, 60, NoteDoes::Tune(-12.0), &[bent(2, -2048)]),
        note(4100, 8, 60, NoteDoes::End, &[[0x82, 60, 0]]),
        // While its release sounds.
        note(4300, 8, 60, NoteDoes::Tune(-11.0), &[bent(2, -1877)]),
        begins(4500, 10, 72, 4),
        note(5000, 10, 72, NoteDoes::Tune(100.0), &[bent(4, 8191)]),
        note(6000, 7, 60, NoteDoes::End, &[[0x81, 60, 0]]),
        note(6100, 10, 72, NoteDoes::End, &[[0x84, 72, 0]]),
        note(6200, 9, 67, NoteDoes::End, &[[0x83, 67, 0]]),
    ]
}

const LENGTH: u32 = 9600;

const BLOCK: u32 = 480;

/// What sounds in a CLAP host, of events at frames of the whole. In the pipelined timing it is the same, later by the
/// largest block.
fn clap(state: &[u8], events: &[Event]) -> Vec<f32> {
    let mut exact = Bench::with_state(state);
    let heard = exact.left(LENGTH, BLOCK, events);
    let mut late = Bench::with_state(&pipelined(state));
    assert_eq!(late.instance.latency(), exact.instance.latency() + LARGEST as u32);
    let all = late.left(LENGTH + LARGEST as u32, BLOCK, events);
    assert!(all[..LARGEST].iter().all(|sample| *sample == 0.0) && all[LARGEST..][..heard.len()] == heard);
    heard
}

fn by_host(deeds: &[Deed]) -> Vec<Event> {
    deeds
        .iter()
        .map(|deed| match deed.host {
            Host::Note(id, channel, key, does) => Event::note(deed.frame, id, channel, key, does),
            Host::Midi(bytes) => Event::midi(deed.frame, bytes),
        })
        .collect()
}

fn by_hand(deeds: &[Deed]) -> Vec<Event> {
    deeds.iter().flat_map(|deed| deed.by_hand.iter().map(|bytes| Event::midi(deed.frame, *bytes))).collect()
}

fn sounds(heard: &[f32]) -> bool {
    heard.iter().any(|sample| sample.abs() > 0.05)
}

/// Asserts that the deeds of a host, each note with a channel of its own, sound as what a hand sends.
fn check(deeds: &[Deed], what: &str) {
    let hand = clap(&state(false), &by_hand(deeds));
    assert!(sounds(&hand), "{what}");
    assert!(clap(&state(true), &by_host(deeds)) == hand, "{what}: they differ");
}

#[test]
fn each_note_of_a_clap_host_has_its_own_bend_pressure_and_brightness() {
    if libcsound_is_missing() {
        return;
    }
    check(&chord(), "four notes");
    // Off, which it is in projects that do not know of it, no note has any.
    let events = by_host(&chord());
    let plain: Vec<Event> = events
        .iter()
        .filter(|event| match event.body {
            test_host::host::EventBody::Note { does, .. } => {
                matches!(does, NoteDoes::Begin(_) | NoteDoes::End | NoteDoes::Press(_))
            }
            _ => true,
        })
        .cloned()
        .collect();
    let off = clap(&piece("").state().unwrap(), &events);
    assert!(sounds(&off) && off == clap(&piece("").state().unwrap(), &plain));
    assert!(off != clap(&state(true), &events));
}

/// What a host says of a note besides: each on a controller of the note's channel, and in one host as in the other.
const CONTROLLED: &str = "massign 0, 1\ninstr 1\niamp ampmidi 0.1\nicps cpsmidi\nkvib midictrl 1, 0, 0.1\n\
    kvol midictrl 7, 0, 1\nkpan midictrl 10, 0, 1\nkexp midictrl 11, 0, 1\nkbright midictrl 74, 0, 0.01\n\
    kenv linsegr 1, 1, 1, 0.02, 0\naout oscili kenv * iamp * kvol * (kexp + kbright), icps * (1 + kvib)\n\
    outs aout * (1 - kpan), aout * kpan\nendin\n";

/// Notes with all of it: two of one key at a time, one that comes on a channel that another had moved, and one after the
/// end of its note.
fn controlled() -> Vec<Deed> {
    let control = |channel: u8, number: u8, value: u8| [0xB0 | channel, number, value];
    let mut deeds = vec![
        begins(100, 1, 60, 1),
        begins(200, 2, 60, 2),
        note(1000, 1, 60, NoteDoes::Louden(0.5), &[control(1, 7, 64)]),
        note(1100, 2, 60, NoteDoes::Place(0.0), &[control(2, 10, 0)]),
        note(1200, 2, 60, NoteDoes::Shake(1.0), &[control(2, 1, 127)]),
        note(1300, 1, 60, NoteDoes::Express(0.25), &[control(1, 11, 32)]),
        note(1400, 1, 60, NoteDoes::Brighten(0.0), &[control(1, 74, 0)]),
        // Louder than it is has no place in seven bits; the middle is theirs.
        note(1500, 2, 60, NoteDoes::Louden(4.0), &[]),
        note(1600, 1, 60, NoteDoes::Place(0.5), &[]),
        note(1700, 1, 60, NoteDoes::Place(1.0), &[control(1, 10, 127)]),
        note(2000, 1, 60, NoteDoes::End, &[[0x81, 60, 0]]),
        note(2300, 1, 60, NoteDoes::Louden(1.0), &[control(1, 7, 127)]),
        note(2500, 2, 60, NoteDoes::End, &[[0x82, 60, 0]]),
    ];
    // The channels that rested longest come first.
    for id in 3..16 {
        let frame = 2600 + 100 * id;
        deeds.push(begins(frame, id, 72, id as u8));
        let end = note(frame + 50, id, 72, NoteDoes::End, &[[0x80 | id as u8, 72, 0]]);
        deeds.push(end);
    }
    // What was said of the note before is not this one's.
    let mut again = begins(4500, 20, 64, 1);
    let back = [control(1, 74, 64), control(1, 10, 64), control(1, 11, 127), [0x91, 64, 100]];
    again.by_hand = back.to_vec();
    deeds.push(again);
    deeds.push(note(6000, 20, 64, NoteDoes::End, &[[0x81, 64, 0]]));
    deeds
}

fn controlled_state(mpe: bool) -> Vec<u8> {
    with_mpe(&session(csd("", &header(32), CONTROLLED, "f 0 3600")), mpe)
}

#[test]
fn volume_pan_vibrato_and_expression_of_a_note_of_a_clap_host_are_controllers_of_its_channel() {
    if libcsound_is_missing() {
        return;
    }
    let deeds = controlled();
    let hand = clap(&controlled_state(false), &by_hand(&deeds));
    assert!(sounds(&hand) && clap(&controlled_state(true), &by_host(&deeds)) == hand, "they differ");
    // What the host puts for all channels is where they go back to.
    let mut all: Vec<Deed> = vec![Deed {
        frame: 50,
        host: Host::Midi([0xB0, 7, 90]),
        by_hand: (0..16).map(|channel| [0xB0 | channel, 7, 90]).collect(),
    }];
    let mut deeds = controlled();
    let again = deeds.iter_mut().find(|deed| deed.frame == 4500).unwrap();
    again.by_hand.insert(0, [0xB1, 7, 90]);
    let louder = deeds.iter_mut().find(|deed| deed.frame == 1500).unwrap();
    louder.by_hand = vec![[0xB2, 7, 127]];
    all.append(&mut deeds);
    let hand = clap(&controlled_state(false), &by_hand(&all));
    assert!(sounds(&hand) && clap(&controlled_state(true), &by_host(&all)) == hand, "they differ");
}

#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
#[test]
fn volume_pan_vibrato_and_expression_of_a_note_of_a_vst3_host_are_controllers_of_its_channel() {
    if libcsound_is_missing() {
        return;
    }
    let deeds = controlled();
    let hand = clap(&controlled_state(false), &by_hand(&deeds));
    assert!(sounds(&hand) && vst3(&controlled_state(true), &deeds) == hand, "they differ");
}

#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
#[test]
fn each_note_of_a_vst3_host_has_its_own_bend_pressure_and_brightness() {
    if libcsound_is_missing() {
        return;
    }
    let deeds = chord();
    let hand = clap(&state(false), &by_hand(&deeds));
    assert!(sounds(&hand) && vst3(&state(true), &deeds) == hand, "they differ");
}

/// What sounds in a VST3 host of what notes do and wheels, pedals and pressure, which are parameters there. In the
/// pipelined timing it is the same, later by the largest block.
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
fn vst3(state: &[u8], deeds: &[Deed]) -> Vec<f32> {
    let (heard, latency) = in_vst3_host(state, deeds, LENGTH);
    let (all, later) = in_vst3_host(&pipelined(state), deeds, LENGTH + vst3::LARGEST as u32);
    assert_eq!(later, latency + vst3::LARGEST);
    let (nothing, late) = all.split_at(vst3::LARGEST);
    assert!(nothing.iter().all(|sample| *sample == 0.0) && late[..heard.len()] == heard);
    heard
}

#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
fn in_vst3_host(state: &[u8], deeds: &[Deed], length: u32) -> (Vec<f32>, usize) {
    let mut instance = Instance::new(&Module::load(&plugin()), INSTRUMENT, Gives::Nothing);
    // VST3 has it without the length before it.
    instance.load(&state[size_of::<u64>()..]);
    instance.activate();
    let mut heard = Vec::new();
    for begin in (0..length).step_by(BLOCK as usize) {
        let (mut notes, mut moves) = (Vec::new(), Vec::new());
        for deed in deeds.iter().filter(|deed| (begin..begin + BLOCK).contains(&deed.frame)) {
            let frame = deed.frame - begin;
            match deed.host {
                Host::Note(id, channel, key, does) => notes.push(OfNote { frame, id, channel, key, does }),
                Host::Midi(bytes) => moves.push(of_midi(&instance, frame, bytes)),
            }
        }
        heard.extend_from_slice(&instance.plays_while(BLOCK as usize, &notes, &moves));
    }
    (heard, instance.latency())
}

/// What a message of MIDI is in a VST3 host.
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
fn of_midi(instance: &Instance, frame: u32, [status, first, second]: [u8; 3]) -> Move {
    let steps = f64::from(first) + 128.0 * f64::from(second);
    let (number, position) = match status & 0xF0 {
        0xB0 => (first, f64::from(second) / 127.0),
        0xD0 => (PRESSURE, f64::from(first) / 127.0),
        0xE0 => (BEND, steps / 16383.0),
        _ => panic!("{status:#x} has no parameter"),
    };
    Move { frame, id: instance.controller(status & 0x0F, number), position }
}

/// What VST3 counts as controllers, too.
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
const PRESSURE: u8 = 128;
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
const BEND: u8 = 129;

#[test]
fn the_sixteenth_note_takes_the_channel_of_the_oldest_which_ends() {
    if libcsound_is_missing() {
        return;
    }
    let mut deeds: Vec<Deed> =
        (0..15).map(|id| begins(100 + 100 * id, id, 60 + id as u8, 1 + id as u8)).collect();
    deeds.push(note(1900, 1, 61, NoteDoes::Tune(1.0), &[bent(2, 171)]));
    let mut sixteenth = begins(2000, 15, 40, 1);
    sixteenth.by_hand = vec![[0x81, 60, 0], [0x91, 40, 100]];
    deeds.push(sixteenth);
    // The next one finds the second, whose bend goes; the end of what has ended already is no end of it.
    let mut next = begins(3000, 16, 41, 2);
    next.by_hand = vec![[0x82, 61, 0], bent(2, 0), [0x92, 41, 100]];
    deeds.push(next);
    deeds.push(note(4000, 1, 61, NoteDoes::End, &[]));
    deeds.push(note(4100, 15, 40, NoteDoes::Tune(2.0), &[bent(1, 341)]));
    deeds.push(note(5000, 15, 40, NoteDoes::End, &[[0x81, 40, 0]]));
    check(&deeds, "sixteen notes");
}

#[test]
fn wheels_and_pedals_of_a_keyboard_reach_every_note_and_a_controller_of_mpe_passes_as_it_is() {
    if libcsound_is_missing() {
        return;
    }
    let midi = |frame, bytes, by_hand: &[[u8; 3]]| Deed {
        frame,
        host: Host::Midi(bytes),
        by_hand: by_hand.to_vec(),
    };
    let all =
        |bytes: [u8; 3]| -> Vec<[u8; 3]> { (0..16).map(|to| [bytes[0] | to, bytes[1], bytes[2]]).collect() };
    let keyboard = vec![
        begins(100, 1, 60, 1),
        begins(200, 2, 64, 2),
        // A semitone of the two that the wheel has.
        midi(1000, bent(0, 4096), &[bent(0, 4096), bent(1, 171), bent(2, 171)]),
        note(1500, 2, 64, NoteDoes::Tune(1.0), &[bent(2, 342)]),
        midi(2000, [0xD0, 80, 0], &[[0xD0, 80, 0], [0xD1, 80, 0], [0xD2, 80, 0]]),
        midi(2500, [0xB0, 74, 20], &[[0xB0, 74, 20], [0xB1, 74, 20], [0xB2, 74, 20]]),
        midi(3000, [0xB0, 64, 127], &all([0xB0, 64, 127])),
        note(3500, 1, 60, NoteDoes::End, &[[0x81, 60, 0]]),
        midi(5000, [0xB0, 64, 0], &all([0xB0, 64, 0])),
        note(6000, 2, 64, NoteDoes::End, &[[0x82, 64, 0]]),
    ];
    check(&keyboard, "a keyboard");
    #[cfg(all(target_os = "linux", target_arch = "x86_64"))]
    assert!(vst3(&state(true), &keyboard) == clap(&state(false), &by_hand(&keyboard)), "in a VST3 host");
    let played = played_on_members();
    let hand = by_hand(&played);
    let heard = clap(&state(false), &hand);
    assert!(sounds(&heard) && clap(&state(true), &hand) == heard, "a controller of MPE");
    assert!(clap(&state(true), &by_host(&played)) == heard, "its notes as the host's");
}

/// What an MPE controller plays: two notes on member channels, with bends, pressure and brightness of their channels, from
/// before they begin on.
fn played_on_members() -> Vec<Deed> {
    let midi = |frame, bytes| Deed { frame, host: Host::Midi(bytes), by_hand: vec![bytes] };
    let note = |frame, channel: u8, key, does, bytes| Deed {
        frame,
        host: Host::Note(u32::from(channel), channel, key, does),
        by_hand: vec![bytes],
    };
    let velocity = 100.0 / 127.0;
    vec![
        midi(100, bent(4, 300)),
        midi(101, [0xD4, 10, 0]),
        midi(102, [0xB4, 74, 90]),
        note(103, 4, 60, NoteDoes::Begin(velocity), [0x94, 60, 100]),
        midi(1000, bent(4, 2000)),
        midi(1200, bent(9, -500)),
        midi(1201, [0xD9, 3, 0]),
        midi(1202, [0xB9, 74, 64]),
        note(1203, 9, 67, NoteDoes::Begin(velocity), [0x99, 67, 100]),
        midi(2000, [0xD9, 99, 0]),
        midi(2500, [0xB4, 74, 3]),
        note(5000, 4, 60, NoteDoes::End, [0x84, 60, 0]),
        note(6000, 9, 67, NoteDoes::End, [0x89, 67, 0]),
    ]
}

#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
#[test]
fn bend_pressure_and_brightness_of_member_channels_of_a_vst3_host_reach_their_notes_alone() {
    if libcsound_is_missing() {
        return;
    }
    let played = played_on_members();
    let hand = clap(&state(false), &by_hand(&played));
    assert!(sounds(&hand) && vst3(&state(true), &played) == hand, "they differ");
    // The second note hears nothing of the first one's channel, nor the first of the second's.
    let without = |channel: u8| -> Vec<Deed> {
        let is_of_it =
            |deed: &Deed| matches!(deed.host, Host::Midi([status, ..]) if status & 0x0F == channel);
        played_on_members().into_iter().filter(|deed| !is_of_it(deed)).collect()
    };
    for channel in [4, 9] {
        let fewer = without(channel);
        let heard = vst3(&state(true), &fewer);
        // The channel begins at rest.
        let mut by_hand: Vec<Event> =
            at_rest(channel).into_iter().map(|bytes| Event::midi(50, bytes)).collect();
        by_hand.extend(self::by_hand(&fewer));
        assert!(heard == clap(&state(false), &by_hand) && heard != hand, "channel {channel}");
    }
}
