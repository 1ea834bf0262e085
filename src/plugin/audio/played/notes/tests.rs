//! Notes as events, and what Csound makes of them.

use std::collections::HashSet;
use std::ffi::CString;
use std::io::Write;

use csound_library::{Csound, Io};
use csound_performance::engine::local::lookup_code;
use test_host::testing::Random;

use super::*;
use crate::plugin::channels::expressions::{Expression, expression_channels};

const NONE: [f64; 0] = [];

fn at(channel: u8, key: u8) -> Select {
    Select { channel: Some(channel), key: Some(key), id: None }
}

fn with_id(channel: u8, key: u8, id: i32) -> Select {
    Select { id: Some(id), ..at(channel, key) }
}

fn on(notes: &mut Notes, channel: u8, key: u8) -> f64 {
    notes.on(channel, key, 0.5, None).unwrap().fields[0]
}

fn on_with_id(notes: &mut Notes, channel: u8, key: u8, id: i32) -> f64 {
    notes.on(channel, key, 0.5, Some(id)).unwrap().fields[0]
}

/// The p1s that end.
fn ended(act: impl FnOnce(&mut dyn FnMut(NoteOff))) -> Vec<f64> {
    let mut ended = Vec::new();
    act(&mut |off: NoteOff| {
        assert_eq!(off.fields[1..], [0.0, -1.0]);
        ended.push(-off.fields[0]);
    });
    ended
}

fn off(notes: &mut Notes, select: Select) -> Vec<f64> {
    ended(|end| notes.off(select, end))
}

#[test]
fn a_note_has_its_key_velocity_channel_id_and_voice() {
    let mut notes = Notes::default();
    notes.set_instrument(7);
    let note = notes.on(3, 60, 100.0 / 127.0, Some(42)).unwrap();
    assert_eq!(note.fields, [7.0 + 1.0 / 1_048_576.0, 0.0, -1.0, 60.0, 100.0, 3.0, 42.0, 1.0]);
    assert_eq!(note.voice, 1);
    let other = notes.on(0, 61, 0.505, None).unwrap();
    assert_eq!((other.fields[6], other.fields[7]), (-1.0, 2.0));
    assert!((other.fields[4] - 0.505 * 127.0).abs() < 1e-5);
}

#[test]
fn every_midi_velocity_is_whole_and_odd_ones_are_held_to_their_ends() {
    for velocity in 0..=127_u8 {
        assert_eq!(velocity_field(f32::from(velocity) / 127.0), f64::from(velocity));
    }
    assert_eq!([-1.0, 2.0, f32::NAN].map(velocity_field), [0.0, 127.0, 0.0]);
}

#[test]
fn a_note_off_ends_its_note_with_the_p1_that_began_it() {
    let mut notes = Notes::default();
    let p1 = on(&mut notes, 0, 60);
    notes.set_instrument(9);
    assert_eq!(off(&mut notes, at(1, 60)), NONE);
    assert_eq!(off(&mut notes, at(0, 61)), NONE);
    assert_eq!(off(&mut notes, at(0, 60)), [p1]);
    assert_eq!(off(&mut notes, at(0, 60)), NONE);
    assert_eq!(notes.sounding(), 0);
}

#[test]
fn equal_keys_end_the_oldest_first() {
    let mut notes = Notes::default();
    let p1s: Vec<_> = (0..3).map(|_| on(&mut notes, 0, 60)).collect();
    for p1 in p1s {
        assert_eq!(off(&mut notes, at(0, 60)), [p1]);
    }
}

#[test]
fn an_id_says_which_of_equal_keys_ends() {
    let mut notes = Notes::default();
    let (first, second) = (on_with_id(&mut notes, 0, 60, 5), on_with_id(&mut notes, 0, 60, 6));
    assert_eq!(off(&mut notes, with_id(0, 60, 6)), [second]);
    assert_eq!(off(&mut notes, with_id(0, 60, 6)), NONE, "not another one's note");
    assert_eq!(off(&mut notes, at(0, 60)), [first]);
}

#[test]
fn an_id_that_came_only_with_the_note_off_does_not_leave_the_note_sounding() {
    let mut notes = Notes::default();
    let (first, _) = (on(&mut notes, 0, 60), on(&mut notes, 0, 60));
    assert_eq!(off(&mut notes, with_id(0, 60, 5)).first(), Some(&first));
}

#[test]
fn wildcards_end_all_that_they_can_mean() {
    let mut notes = Notes::default();
    let p1s = [(0, 60), (0, 61), (1, 60)].map(|(channel, key)| on(&mut notes, channel, key));
    assert_eq!(off(&mut notes, Select { channel: Some(0), ..Select::default() }), p1s[..2]);
    assert_eq!(off(&mut notes, Select::default()), p1s[2..]);
}

#[test]
fn the_pedal_holds_notes_of_its_channel_until_it_is_lifted() {
    let mut notes = Notes::default();
    assert_eq!(ended(|end| notes.controller(0, 64, 64, end)), NONE);
    let (first, other) = (on(&mut notes, 0, 60), on(&mut notes, 1, 60));
    assert_eq!(off(&mut notes, at(0, 60)), NONE);
    assert_eq!(off(&mut notes, at(1, 60)), [other]);
    let again = on(&mut notes, 0, 60);
    assert_eq!(ended(|end| notes.controller(0, 64, 63, end)), [first], "the second key is down still");
    assert_eq!(off(&mut notes, at(0, 60)), [again]);
}

#[test]
fn all_notes_off_lifts_keys_and_all_sound_off_ends_at_once() {
    let mut notes = Notes::default();
    notes.controller(0, 64, 127, |_| ());
    let p1s = [60, 61].map(|key| on(&mut notes, 0, key));
    let other = on(&mut notes, 1, 60);
    assert_eq!(ended(|end| notes.controller(0, 123, 0, end)), NONE, "the pedal is down");
    assert_eq!(ended(|end| notes.controller(0, 120, 0, end)), p1s);
    assert_eq!(ended(|end| notes.controller(1, 127, 0, end)), [other]);
    on(&mut notes, 0, 60);
    off(&mut notes, at(0, 60));
    assert_eq!(ended(|end| notes.controller(0, 121, 0, end)).len(), 1, "the pedal is lifted");
    assert_eq!(ended(|end| notes.controller(0, 7, 0, end)), NONE);
}

#[test]
fn a_choke_does_not_wait_for_the_pedal() {
    let mut notes = Notes::default();
    notes.controller(0, 64, 127, |_| ());
    let p1s = [on(&mut notes, 0, 60), on(&mut notes, 0, 60)];
    off(&mut notes, at(0, 60));
    assert_eq!(ended(|end| notes.choke(at(0, 60), end)), p1s);
}

#[test]
fn all_off_lifts_the_pedals_and_ends_everything() {
    let mut notes = Notes::default();
    notes.controller(0, 64, 127, |_| ());
    let p1s = [on(&mut notes, 0, 60), on(&mut notes, 5, 61)];
    assert_eq!(ended(|end| notes.all_off(end)), p1s);
    let p1 = on(&mut notes, 0, 60);
    assert_eq!(off(&mut notes, at(0, 60)), [p1]);
}

#[test]
fn more_notes_than_voices_are_refused_and_counted() {
    let mut notes = Notes::default();
    for _ in 0..VOICES {
        on(&mut notes, 0, 60);
    }
    assert_eq!(notes.on(0, 60, 0.5, None), None);
    assert_eq!(notes.refused(), 1);
    assert_eq!(off(&mut notes, at(0, 60)).len(), 1);
    on(&mut notes, 0, 60);
    notes.forget();
    assert_eq!(notes.sounding(), 0);
    assert_eq!(off(&mut notes, at(0, 60)), NONE);
}

#[test]
fn a_p1_comes_back_only_after_a_million_notes() {
    let mut notes = Notes::default();
    let mut used = HashSet::new();
    for note in 0..VOICES * LIVES as usize {
        let p1 = on(&mut notes, 0, 60);
        assert!(p1 > 1.0 && p1 < 2.0);
        assert!(used.insert(p1.to_bits()), "note {note}");
        off(&mut notes, at(0, 60));
    }
    assert_eq!(on(&mut notes, 0, 60), 1.0 + 1.0 / 1_048_576.0);
}

#[test]
fn whatever_is_played_sounding_p1s_differ_and_every_note_ends_once() {
    let mut random = Random::new(9);
    let mut below = |limit: usize| random.below(limit);
    let mut notes = Notes::default();
    let mut sounding = HashSet::new();
    for _ in 0..50_000 {
        let (channel, key) = (below(3) as u8, 60 + below(4) as u8);
        let id = (below(2) == 0).then(|| below(50) as i32);
        let select = Select { channel: Some(channel), key: Some(key), id };
        let ended = match below(20) {
            0..=8 => {
                let note = notes.on(channel, key, 0.5, id);
                assert!(note.is_none_or(|note| sounding.insert(note.fields[0].to_bits())));
                Vec::new()
            }
            9..=16 => off(&mut notes, select),
            17 => ended(|end| notes.controller(channel, 64, below(128) as u8, end)),
            18 => ended(|end| notes.choke(select, end)),
            _ => ended(|end| notes.controller(channel, 120 + below(8) as u8, 0, end)),
        };
        for p1 in ended {
            assert!(sounding.remove(&p1.to_bits()));
        }
        assert_eq!(notes.sounding(), sounding.len());
        assert_eq!(notes.sounding() + notes.resting.len(), VOICES);
    }
    assert_eq!(ended(|end| notes.all_off(end)).len(), sounding.len());
}

#[test]
fn an_expression_reaches_the_notes_it_is_meant_for() {
    let mut notes = Notes::default();
    on_with_id(&mut notes, 0, 60, 5);
    on(&mut notes, 0, 60);
    on(&mut notes, 1, 60);
    let reached = |select| {
        let mut voices = Vec::new();
        notes.express(select, |voice| voices.push(voice));
        voices
    };
    assert_eq!(reached(with_id(0, 60, 5)), [1]);
    assert_eq!(reached(at(0, 60)), [1, 2]);
    assert_eq!(reached(with_id(0, 60, 99)), [2]);
    assert_eq!(reached(Select { channel: Some(1), ..Select::default() }), [3]);
    assert!(reached(at(0, 61)).is_empty());
}

/// A started instance, ksmps 10, one channel.
fn start(orchestra: &str) -> Option<Csound> {
    if test_host::tools::is_missing("libcsound", csound_library::Library::get().is_ok()) {
        return None;
    }
    let mut file = tempfile::Builder::new().suffix(".csd").tempfile().unwrap();
    write!(
        file,
        "<CsoundSynthesizer>\n<CsInstruments>\nsr = 48000\nksmps = 10\nnchnls = 1\n0dbfs = 1\n{orchestra}\n\
         </CsInstruments>\n<CsScore>\nf0 100\n</CsScore>\n</CsoundSynthesizer>\n"
    )
    .unwrap();
    let mut csound = Csound::new(Io::Host).unwrap();
    csound.compile(&["csound", "-d", file.path().to_str().unwrap()]).unwrap();
    csound.start().unwrap();
    Some(csound)
}

/// The sum of what the notes add to each sample after a few k-cycles, without the rounding of
/// Csound's way from one k-cycle to the next.
fn level(csound: &mut Csound) -> f64 {
    for _ in 0..3 {
        assert_eq!(csound.perform_ksmps(), 0);
    }
    (csound.spout().last().unwrap() * 1e6).round() / 1e6
}

/// Each note adds its velocity.
const LEVELS: &str = "instr 1, bell\n out a(p5)\nendin\ninstr 9999\n out a(p5 * 1000)\nendin";

#[test]
fn csound_ends_exactly_the_note_that_is_meant() {
    let Some(mut csound) = start(LEVELS) else { return };
    let mut notes = Notes::default();
    for velocity in [1, 2, 4, 8] {
        let note = notes.on(0, 60, f32::from(velocity as u8) / 127.0, Some(velocity)).unwrap();
        csound.score_event(b'i', &note.fields);
    }
    assert_eq!(level(&mut csound), 15.0);
    let mut end = |notes: &mut Notes, select| {
        notes.off(select, |off| {
            csound.score_event(b'i', &off.fields);
        });
        level(&mut csound)
    };
    assert_eq!(end(&mut notes, with_id(0, 60, 4)), 11.0);
    assert_eq!(end(&mut notes, at(0, 60)), 10.0);
    assert_eq!(end(&mut notes, Select::default()), 0.0);
}

#[test]
fn csound_tells_every_voice_and_every_life_of_it_from_the_others() {
    let Some(mut csound) = start(LEVELS) else { return };
    let mut notes = Notes::default();
    notes.set_instrument(9999);
    for life in [0, 1, 511, 1023] {
        notes.voices.iter_mut().for_each(|voice| voice.life = life);
        for velocity in [1, 2] {
            let note = notes.on(0, velocity, f32::from(velocity) / 127.0, None).unwrap();
            csound.score_event(b'i', &note.fields);
        }
        assert_eq!(level(&mut csound), 3000.0, "life {life}");
        notes.off(at(0, 1), |off| {
            csound.score_event(b'i', &off.fields);
        });
        assert_eq!(level(&mut csound), 2000.0, "life {life}");
        notes.all_off(|off| {
            csound.score_event(b'i', &off.fields);
        });
        assert_eq!(level(&mut csound), 0.0, "life {life}");
    }
}

#[test]
fn csound_never_sounds_a_note_that_ends_in_its_own_k_cycle() {
    let Some(mut csound) = start(LEVELS) else { return };
    let mut notes = Notes::default();
    let note = notes.on(0, 60, 1.0, None).unwrap();
    csound.score_event(b'i', &note.fields);
    notes.all_off(|off| {
        csound.score_event(b'i', &off.fields);
    });
    assert_eq!(csound.perform_ksmps(), 0);
    assert!(csound.spout().iter().all(|sample| *sample == 0.0));
}

#[test]
fn csound_knows_the_number_of_an_instrument_with_a_name() {
    let Some(mut csound) = start("instr 1\nendin\ninstr bell\n out a(p5)\nendin") else { return };
    assert_eq!(csound.eval(&lookup_code("nobody").unwrap()).unwrap(), -1.0);
    let number = csound.eval(&lookup_code("bell").unwrap()).unwrap();
    let mut notes = Notes::default();
    notes.set_instrument(number as u16);
    let note = notes.on(0, 60, 3.0 / 127.0, None).unwrap();
    csound.score_event(b'i', &note.fields);
    assert_eq!(level(&mut csound), 3.0);
    notes.all_off(|off| {
        csound.score_event(b'i', &off.fields);
    });
    assert_eq!(level(&mut csound), 0.0);
}

#[test]
fn only_an_instruments_name_is_looked_up() {
    assert_eq!(lookup_code("_b2").unwrap().to_str(), Ok("return nstrnum(\"_b2\")\n"));
    for name in ["", "2b", "a b", "a\"", "a\n", "ä", "a\0"] {
        assert_eq!(lookup_code(name), None, "{name:?}");
    }
}

#[test]
fn csound_reads_the_expressions_of_a_notes_voice() {
    let orchestra = "instr 1\nktune chnget sprintf(\"note.%d.tuning\", p8)\n out a(ktune)\nendin";
    let Some(mut csound) = start(orchestra) else { return };
    let names = expression_channels().map(|name| CString::new(name).unwrap());
    let channels: Vec<_> = names.map(|name| csound.control_channel(&name).unwrap()).collect();
    let mut notes = Notes::default();
    let mut begin = |csound: &mut Csound| {
        let note = notes.on(0, 60, 1.0, None).unwrap();
        csound.score_event(b'i', &note.fields);
        &channels[Expression::Tuning.index(note.voice)]
    };
    let (first, second) = (begin(&mut csound), begin(&mut csound));
    assert_eq!(level(&mut csound), 0.0);
    first.set(0.25);
    assert_eq!(level(&mut csound), 0.25);
    second.set(2.0);
    assert_eq!(level(&mut csound), 2.25);
}
