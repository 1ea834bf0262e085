//! Notes and their channels, without a piece.

use nice_assert_no_alloc::assert_no_alloc;
use test_host::testing::Random;

use super::*;

/// What the piece is told by something.
fn told(act: impl FnOnce(&mut dyn FnMut(&[u8]))) -> Vec<Vec<u8>> {
    let mut told = Vec::new();
    act(&mut |bytes: &[u8]| told.push(bytes.to_vec()));
    told
}

fn on(members: &mut Members, channel: u8, key: u8, id: Option<i32>) -> Vec<Vec<u8>> {
    told(|mut tell| members.on(channel, key, 100, id, &mut tell))
}

fn at(channel: u8, key: u8, id: Option<i32>) -> Select {
    Select { channel: Some(channel), key: Some(key), id }
}

#[test]
fn a_channel_that_rested_longest_is_next_and_what_it_stood_at_is_told_only_where_it_changed() {
    let mut members = Members::default();
    let first = on(&mut members, 0, 60, None);
    assert_eq!(first, [vec![0xE1, 0, 64], vec![0xD1, 0], vec![0xB1, 74, 64], vec![0x91, 60, 100]]);
    assert_eq!(
        told(|mut tell| members.express(at(0, 60, None), Expression::Pressure, 1.0, &mut tell)),
        [[0xD1, 127]]
    );
    assert!(
        told(|mut tell| members.express(at(0, 60, None), Expression::Pressure, 1.0, &mut tell)).is_empty()
    );
    assert_eq!(told(|mut tell| assert!(members.off(at(0, 60, None), 0, &mut tell))), [[0x81, 60, 0]]);
    for member in 2..16 {
        assert_eq!(on(&mut members, 0, 61, None).last().unwrap()[0], 0x90 | member);
        told(|mut tell| assert!(members.off(at(0, 61, None), 0, &mut tell)));
    }
    assert_eq!(on(&mut members, 0, 62, None), [vec![0xD1, 0], vec![0x91, 62, 100]]);
}

#[test]
fn a_note_that_is_not_known_is_left_to_others_and_wildcards_end_all() {
    let mut members = Members::default();
    on(&mut members, 0, 60, Some(5));
    on(&mut members, 3, 60, Some(6));
    assert!(told(|mut tell| assert!(!members.off(at(0, 61, None), 0, &mut tell))).is_empty());
    assert!(told(|mut tell| assert!(!members.off(at(0, 60, Some(9)), 0, &mut tell))).is_empty());
    let all = Select { channel: None, key: None, id: None };
    let ends = told(|mut tell| assert!(members.off(all, 0, &mut tell)));
    assert_eq!(ends, [[0x81, 60, 0], [0x83, 60, 0]]);
    assert!(!members.off(all, 0, &mut |_| {}));
}

#[test]
fn what_only_the_pedal_holds_gives_its_channel_first_and_is_heard_no_more() {
    let mut members = Members::default();
    assert_eq!(told(|mut tell| members.controller(0, 64, 127, &mut tell)).len(), 16);
    for key in 0..15 {
        on(&mut members, 0, key, None);
    }
    told(|mut tell| assert!(members.off(at(0, 9, None), 0, &mut tell)));
    let next = on(&mut members, 0, 70, None);
    assert_eq!(next, [vec![0xBA, 64, 0], vec![0xBA, 64, 127], vec![0x9A, 70, 100]]);
    // Of those that are held the oldest, but none of the new one's key.
    let next = on(&mut members, 0, 0, None);
    assert_eq!(next[0], [0x82, 1, 0]);
    assert_eq!(next.last().unwrap(), &[0x92, 0, 100]);
    let choked = told(|mut tell| assert!(members.choke(at(0, 70, None), &mut tell)));
    assert_eq!(choked, [[0x8A, 70, 64], [0xBA, 64, 0], [0xBA, 64, 127]]);
}

#[test]
fn a_reset_of_controllers_is_one_of_what_was_said_and_a_fresh_engine_is_told_anew() {
    let mut members = Members::default();
    members.bend(2, 0, &mut |_| {});
    members.bend(0, 16383, &mut |_| {});
    // -8192 of its own, a twenty-fourth of 8191 of all.
    assert_eq!(on(&mut members, 2, 60, None)[0], [0xE2, (341 & 0x7F) as u8, (341 >> 7) as u8]);
    let reset = told(|mut tell| members.controller(0, 121, 0, &mut tell));
    assert_eq!(reset[..16].iter().map(|bytes| bytes[1]).collect::<Vec<_>>(), [121; 16]);
    assert_eq!(reset[16..], [vec![0xE2, 0, 64], vec![0xD2, 0], vec![0xB2, 74, 64]]);
    members.forget();
    assert!(!members.off(at(2, 60, None), 0, &mut |_| {}), "it is gone with its engine");
    assert_eq!(on(&mut members, 2, 60, None).len(), 4, "which another one does not know");
}

#[test]
fn leaving_ends_all_notes_and_leaves_no_channel_bent() {
    let mut members = Members::default();
    on(&mut members, 0, 60, Some(1));
    on(&mut members, 0, 61, Some(2));
    members.express(at(0, 60, Some(1)), Expression::Tuning, 1.0, &mut |_| {});
    members.express(at(0, 61, Some(2)), Expression::Brightness, 0.0, &mut |_| {});
    members.off(at(0, 60, Some(1)), 0, &mut |_| {});
    let left = told(|mut tell| members.leave(&mut tell));
    assert_eq!(left, [[0x82, 61, 0], [0xE1, 0, 64], [0xB2, 74, 64]]);
}

#[test]
fn values_that_are_none_are_held_to_their_ends() {
    assert_eq!([f32::NAN, f32::INFINITY, -1.0].map(seven_bits), [0, 127, 0]);
    assert_eq!(bend_steps(f32::NAN), 0);
    let mut members = Members::default();
    on(&mut members, 0, 60, None);
    for wild in [f32::INFINITY, f32::NEG_INFINITY, f32::MAX] {
        for bytes in told(|mut tell| members.express(at(0, 60, None), Expression::Tuning, wild, &mut tell)) {
            assert!(bytes[1..].iter().all(|byte| *byte < 128), "{bytes:?}");
        }
    }
}

#[test]
fn whatever_comes_no_channel_has_two_notes_and_none_is_left_sounding() {
    let mut random = Random::new(15);
    let mut members = Members::default();
    let mut sounding = [None; 16];
    let mut follow = |bytes: &[u8]| {
        let channel = usize::from(bytes[0] & 0x0F);
        assert!(bytes[1..].iter().all(|byte| *byte < 128), "{bytes:?}");
        match bytes[0] & 0xF0 {
            0x90 => assert_eq!(sounding[channel].replace(bytes[1]), None, "two notes"),
            0x80 => assert_eq!(sounding[channel].take(), Some(bytes[1]), "an end of no note"),
            0xB0 if bytes[1] == 120 || bytes[1] >= 123 => sounding[channel] = None,
            _ => {}
        }
    };
    for _ in 0..100_000 {
        let (channel, key) = (random.below(16) as u8, random.below(6) as u8);
        let id = (random.below(2) == 0).then(|| random.below(30) as i32);
        let select = Select {
            channel: (random.below(9) > 0).then_some(channel),
            key: (random.below(9) > 0).then_some(key),
            id,
        };
        assert_no_alloc(|| match random.below(14) {
            0..=4 => members.on(channel, key, 1 + random.below(127) as u8, id, &mut follow),
            5..=7 => drop(members.off(select, 0, &mut follow)),
            8 => drop(members.choke(select, &mut follow)),
            9 => members.bend(channel, random.below(16384) as u16, &mut follow),
            10 => members.pressure(channel, random.below(128) as u8, &mut follow),
            11 => {
                let number = [64, 64, 64, 74, 1, 120, 121, 123, 127][random.below(9)];
                members.controller(channel, number, random.below(128) as u8, &mut follow);
            }
            _ => {
                let kind = Expression::ALL[random.below(3)];
                members.express(select, kind, random.unit() as f32 * 60.0 - 30.0, &mut follow);
            }
        });
        assert_eq!(members.sounding.len() + members.resting.len(), MEMBERS);
    }
    assert_no_alloc(|| members.leave(&mut follow));
    assert_eq!(sounding, [None; 16]);
}

#[test]
fn what_controllers_say_of_a_note_goes_with_it() {
    let mut members = Members::default();
    let say = |members: &mut Members, control, value| {
        told(|mut tell| members.control(at(0, 60, None), control, value, &mut tell))
    };
    assert_eq!(on(&mut members, 0, 60, None).len(), 4, "nothing is said of them at first");
    assert_eq!(say(&mut members, Control::Volume, 64), [[0xB1, 7, 64]]);
    assert!(say(&mut members, Control::Volume, 64).is_empty(), "it stands there");
    assert!(say(&mut members, Control::Pan, 64).is_empty(), "as it did at first");
    assert_eq!(say(&mut members, Control::Vibrato, 9), [[0xB1, 1, 9]]);
    told(|mut tell| assert!(members.off(at(0, 60, None), 0, &mut tell)));
    let next = |members: &mut Members| {
        for key in 61..75 {
            on(members, 0, key, None);
            told(|mut tell| assert!(members.off(at(0, key, None), 0, &mut tell)));
        }
        let begins = on(members, 0, 60, None);
        assert_eq!(begins.last().unwrap()[..], [0x91, 60, 100]);
        begins[..begins.len() - 1].to_vec()
    };
    assert_eq!(next(&mut members), [[0xB1, 1, 0], [0xB1, 7, 127]]);
    // Where the host has put it for all is where it goes back to.
    say(&mut members, Control::Expression, 5);
    assert_eq!(told(|mut tell| members.controller(3, 11, 90, &mut tell)).len(), 16);
    assert!(say(&mut members, Control::Expression, 90).is_empty());
    assert_eq!(say(&mut members, Control::Expression, 5), [[0xB1, 11, 5]]);
    told(|mut tell| assert!(members.off(at(0, 60, None), 0, &mut tell)));
    assert_eq!(next(&mut members), [[0xB1, 11, 90]]);
    // A reset of controllers is one of these, too.
    say(&mut members, Control::Expression, 5);
    told(|mut tell| members.controller(0, 121, 0, &mut tell));
    assert!(say(&mut members, Control::Expression, 127).is_empty());
    say(&mut members, Control::Pan, 1);
    let left = told(|mut tell| members.leave(&mut tell));
    assert!(left.contains(&vec![0xB1, 10, 64]), "{left:?}");
    assert_no_alloc(|| {
        members.on(0, 60, 100, None, &mut |_| {});
        members.control(at(0, 60, None), Control::Volume, 64, &mut |_| {});
        members.controller(0, 7, 3, &mut |_| {});
    });
}
