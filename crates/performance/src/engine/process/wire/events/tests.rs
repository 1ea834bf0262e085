use test_host::testing::Random;

use super::*;

fn score(text: Option<EventText>) -> EventKind {
    let fields = vec![1.5, 0.25, -1.0, f64::MAX];
    EventKind::Score(Box::new(ScoreEvent { time_base: TimeBase::Start, opcode: b'i', fields, text }))
}

fn all() -> Vec<EventKind> {
    vec![
        EventKind::Midi(MidiMessage::new(&[0x90, 60, 100]).unwrap()),
        EventKind::Midi(MidiMessage::new(&[0xC3, 7]).unwrap()),
        score(None),
        score(EventText::new("i \"bell\"", "0", Some("1"), "440 \"soft\"")),
        score(EventText::new("e", "0.5", None, "")),
        EventKind::Message(Box::new(c"i 1 0 1".to_owned())),
        EventKind::Code(Code::new(c"giOne = 1".to_owned(), Purpose::Compile).0),
        EventKind::Code(Code::new(c"return 2".to_owned(), Purpose::Evaluate).0),
        EventKind::Channel { index: 127, value: -0.0 },
        EventKind::Seek(36_000.37),
        EventKind::Hold,
        EventKind::NotesOff,
        EventKind::Note(Note { fields: [-1.5, 0.0, -1.0, 0.0, 0.0, 0.0, 0.0, 0.0], count: 3, voice: 1023 }),
        EventKind::Note(Note { fields: [1.5, 0.0, -1.0, 60.0, 100.0, 0.0, -1.0, 7.0], count: 8, voice: 7 }),
    ]
}

#[test]
fn every_event_comes_out_as_it_went_in() {
    let mut room = EventBytes::new(4096);
    for (at, kind) in all().iter().enumerate() {
        assert!(room.push(at, at * 3, kind));
    }
    let read: Vec<_> = read_events(room.bytes()).collect();
    for (at, (event, kind)) in read.iter().zip(all()).enumerate() {
        assert_eq!((event.cycle, event.frame), (at, at * 3));
        assert_eq!(format!("{:?}", event.kind), format!("{kind:?}"));
    }
    assert_eq!(read.len(), all().len());
}

#[test]
fn a_room_never_grows_and_never_holds_half_an_event() {
    let mut room = EventBytes::new(100);
    let before = room.bytes.capacity();
    while room.push(0, 0, &EventKind::NotesOff) {}
    assert_eq!(room.bytes.capacity(), before);
    assert!(!room.push(0, 0, &score(None)));
    assert!(read_events(room.bytes()).all(|event| matches!(event.kind, EventKind::NotesOff)));
}

#[test]
fn the_room_that_is_asked_for_suffices() {
    for kind in all() {
        let mut room = EventBytes::new(1 << 12);
        room.push(0, 0, &kind);
        assert!(room.bytes().len() <= size_of_event(&kind), "{kind:?}");
    }
}

#[test]
fn bytes_that_make_no_sense_end_the_reading() {
    let mut room = EventBytes::new(4096);
    all().iter().for_each(|kind| assert!(room.push(1, 2, kind)));
    let mut random = Random::new(7);
    for _ in 0..5000 {
        let mut bytes = room.bytes().to_vec();
        for _ in 0..4 {
            let at = random.below(bytes.len());
            bytes[at] = random.byte();
        }
        assert!(read_events(&bytes).count() <= bytes.len());
    }
}
