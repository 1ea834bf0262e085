use super::*;

#[test]
fn planes_lie_within_the_memory_and_apart() {
    for ksmps in [1, 10, 32, 64, 441, 1024, 1025, MAX_KSMPS] {
        let layout = Layout::new(ksmps);
        assert_eq!(layout.frames() % ksmps, 0);
        assert!(layout.frames() <= MAX_KSMPS);
        assert_eq!(layout.input(INPUTS - 1) + layout.frames() * 4, layout.output(0));
        assert!(layout.output(OUTPUTS - 1) + layout.frames() * 4 <= BYTES);
        assert_eq!(layout.output(0) % 4, 0);
    }
    assert!(const { EVENTS.is_multiple_of(8) && SCORE_TIME.is_multiple_of(8) && READINGS.is_multiple_of(8) });
}

#[test]
fn midi_out_of_range_is_no_midi() {
    let sent = MidiOut { cycle: 3, message: MidiMessage::new(&[0xB0, 7, 99]).unwrap() };
    assert_eq!(midi_from_bytes(midi_to_bytes(&sent), 4), Some(sent));
    assert_eq!(midi_from_bytes(midi_to_bytes(&sent), 3), None);
    assert_eq!(midi_from_bytes([0, 0, 0, 0, 9, 0x90, 60, 1], 4), None);
    assert_eq!(midi_from_bytes([0xFF; MIDI_BYTES], usize::MAX), None);
}
