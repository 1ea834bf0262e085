use super::*;
use crate::testing::{perform, start};

fn note(key: u8) -> MidiMessage {
    MidiMessage::new(&[0x90, key, 1]).unwrap()
}

#[test]
fn only_whole_channel_messages_are_taken() {
    for whole in [&[0x90, 60, 100][..], &[0x8F, 0, 0], &[0xC3, 9], &[0xDF, 127], &[0xE0, 0, 64]] {
        assert_eq!(MidiMessage::new(whole).unwrap().bytes(), whole);
    }
    let garbage: &[&[u8]] = &[
        &[],
        &[60],
        &[0x90],
        &[0x90, 60],
        &[0x90, 60, 0xF8],
        &[0xC0, 1, 2],
        &[0xF8],
        &[0xF0, 1, 0xF7],
        &[0x90, 60, 1, 2],
    ];
    for bytes in garbage {
        assert_eq!(MidiMessage::new(bytes), None, "{bytes:?}");
    }
}

#[test]
fn a_full_queue_refuses() {
    let port = MidiPort::new();
    for _ in 0..CAPACITY {
        assert!(port.push(note(60)));
    }
    assert!(!port.push(note(60)));
}

#[test]
fn csound_never_gets_half_a_message() {
    let port = MidiPort::new();
    for key in 0..10 {
        assert!(port.push(note(key)));
    }
    let mut room = [0; 16];
    assert_eq!(port.fill(&mut room), 15);
    assert_eq!(port.fill(&mut room), 15);
    assert_eq!(room[..3], [0x90, 5, 1]);
    assert_eq!(port.fill(&mut room), 0);
}

#[test]
fn what_a_piece_sends_is_handed_out_whole_and_the_rest_is_left_out() {
    let port = MidiPort::new();
    for sent in [&[0x90, 60, 100][..], &[0xF0, 1, 2, 0xF7], &[0xF8], &[0x90, 200, 1], &[0xC3, 9]] {
        port.take(sent);
    }
    let messages: Vec<_> =
        std::iter::from_fn(|| port.pop()).map(|message| message.bytes().to_vec()).collect();
    assert_eq!(messages, [vec![0x90, 60, 100], vec![0xC3, 9]]);
}

const ECHO: &str = "massign 0, 1
instr 1
  inote notnum
  chnset inote, \"note\"
  noteondur 3, inote + 1, 100, 0.01
endin
instr 2
  midiout_i 176, 2, 7, 99
  turnoff
endin";

#[test]
fn notes_go_through_a_piece_and_back_within_their_k_cycle() {
    let Some(mut csound) = start(ECHO, "i2 0.01 1\ne 10") else { return };
    let channel = csound.control_channel(c"note").unwrap();
    assert_eq!(csound.perform_ksmps(), 0);
    assert_eq!(csound.pop_midi_out(), None);
    assert!(csound.push_midi(note(60)));
    assert_eq!(csound.perform_ksmps(), 0);
    assert_eq!(channel.get(), 60.0);
    assert_eq!(csound.pop_midi_out(), MidiMessage::new(&[0x92, 61, 100]));
    let sent = perform(&mut csound, 200);
    assert!(sent.contains(&vec![0x82, 61, 100]), "the note's end: {sent:?}");
    assert!(sent.contains(&vec![0xB1, 7, 99]), "the controller: {sent:?}");
}

#[test]
fn more_messages_than_csound_reads_at_once_all_arrive() {
    // Csound reads 4096 bytes at once: its last message would be cut in two after number 1364,
    // which is controller 45 of channel 11.
    let numbers = [0, 44, 45, 46, 90];
    let all = || (0..16).flat_map(|channel| numbers.map(|number| (channel, number)));
    let name = |channel: u8, number: u8| format!("{channel}/{number}");
    let mut orchestra = String::from("massign 0, 0\ninstr 1\n");
    for (channel, number) in all() {
        let name = name(channel, number);
        orchestra += &format!("k1 ctrl7 {}, {number}, 0, 127\nchnset k1, \"{name}\"\n", channel + 1);
    }
    let Some(mut csound) = start(&(orchestra + "endin"), "i1 0 10") else { return };
    let value = |channel: u8, number: u8| (channel * 7 + number) % 128;
    for (channel, number) in (0..16).flat_map(|channel| (0..120).map(move |number: u8| (channel, number))) {
        let message = MidiMessage::new(&[0xB0 | channel, number, value(channel, number)]).unwrap();
        assert!(csound.push_midi(message));
    }
    assert_eq!(csound.perform_ksmps(), 0);
    assert_eq!(csound.perform_ksmps(), 0);
    let handle = csound.handle();
    for (channel, number) in all() {
        let read = handle.control_channel(&name(channel, number)).unwrap();
        assert!((read - f64::from(value(channel, number))).abs() < 0.5, "{channel}/{number}: {read}");
    }
}
