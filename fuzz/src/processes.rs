//! Readers of what another process has put down.

use std::fmt::Debug;
use std::io::{self, Read};

use csound_performance::engine::foreign::{
    EventBytes, Inbox, LONGEST_FROM_ENGINE, LONGEST_TO_ENGINE, MIDI_BYTES, describe, midi_from_bytes,
    midi_to_bytes, read_events, to_bytes,
};
use csound_performance::engine::protocol::{Ask, Say};
use csound_performance::engine::{Event, EventKind};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A stream that gives a few bytes at a time.
struct Drops<'a>(&'a [u8]);

impl Read for Drops<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let now = self.0.len().min(7).min(into.len());
        into[..now].copy_from_slice(&self.0[..now]);
        self.0 = &self.0[now..];
        Ok(now)
    }
}

/// What a host reads from its engine, and an engine from its host.
pub fn protocol(bytes: &[u8]) {
    messages::<Say>(bytes, LONGEST_FROM_ENGINE);
    messages::<Ask>(bytes, LONGEST_TO_ENGINE);
}

/// The messages in `bytes`, up to the first that makes no sense; how many there are.
pub fn messages<T: Serialize + DeserializeOwned + Debug>(bytes: &[u8], longest: usize) -> usize {
    let (mut stream, mut inbox, mut count) = (Drops(bytes), Inbox::new(longest), 0);
    loop {
        match inbox.message::<T>() {
            Ok(Some(message)) => {
                count += 1;
                assert_same_again(&message);
            }
            Ok(None) if inbox.take(&mut stream, usize::MAX).is_ok() => {}
            Ok(None) | Err(_) => return count,
        }
    }
}

fn assert_same_again<T: Serialize + DeserializeOwned + Debug>(message: &T) {
    let sent = to_bytes(message).expect("what was read can be sent");
    let mut inbox = Inbox::new(sent.len());
    inbox.take(&mut &sent[..], usize::MAX).expect("there are bytes");
    // Only what is longer than one helping is not there yet.
    if let Some(again) = inbox.message::<T>().expect("what was sent can be read") {
        assert_eq!(format!("{again:?}"), format!("{message:?}"));
    }
}

/// A turn's events, and the MIDI of an engine, as they lie in the shared memory.
pub fn wire(bytes: &[u8]) {
    let mut room = EventBytes::new(bytes.len() + 4096);
    let events: Vec<Event> = read_events(bytes).collect();
    for event in &events {
        let _ = describe(&event.kind);
        room.push(event.cycle, event.frame, &event.kind);
    }
    let again: Vec<Event> = read_events(room.bytes()).take(events.len()).collect();
    for (again, event) in again.iter().zip(&events) {
        assert_eq!(format!("{again:?}"), format!("{event:?}"));
    }
    for event in events {
        if let EventKind::Score(mut score) = event.kind
            && let Some(text) = &mut score.text
        {
            let _ = text.with_times(Some(-0.25), Some(f64::MAX));
            let _ = text.with_times(Some(f64::NAN), None);
        }
    }
    for message in bytes.as_chunks::<MIDI_BYTES>().0 {
        if let Some(sent) = midi_from_bytes(*message, 32) {
            assert!(sent.cycle < 32);
            assert_eq!(midi_from_bytes(midi_to_bytes(&sent), 32), Some(sent));
        }
    }
}
