//! How a turn lies in the memory that a host and its engine process share. Pure: places and bytes.
//!
//! One side writes a block of words, the other reads it; the order is kept by two counters, of which
//! each side owns one. The host puts a turn down and raises *request*; the engine performs it, puts
//! the outcome down and raises *answer* to the same number. In between the memory is the engine's,
//! at all other times the host's. Neither side believes what it reads: a number is held to its range
//! where it is used, and bytes that make no sense end the reading.

use std::ffi::CStr;

use super::timing::EventText;
use super::{
    Event, EventKind, MAX_KSMPS, MIDI_OUT_CAPACITY, MidiMessage, MidiOut, NOTE_FIELDS, Note, Prepared,
    READ_SLOTS, ScoreEvent, TimeBase, VOICES,
};

/// Channels of input that a turn can carry: what a host gives.
pub const INPUTS: usize = 4;

/// Channels of output that a turn can carry.
pub const OUTPUTS: usize = 256;

/// Channel slots whose values come back with every turn.
pub const SLOTS: usize = READ_SLOTS;

/// Bytes of events in one turn.
pub const EVENT_BYTES: usize = 1 << 20;

/// Frames of a turn, unless one k-cycle is longer. Longer requests of a host are several turns, so
/// that no turn takes long.
const TURN_FRAMES: usize = 1024;

/// The host's words. The counter that the host raises: a turn waits.
pub const REQUEST: usize = 0;
/// Whether the host sleeps on the answer.
pub const HOST_SLEEPS: usize = 4;
/// K-cycles to perform, with input and output.
pub const CYCLES: usize = 8;
/// K-cycles to perform before those, unheard: time that went by while the engine was late.
pub const SKIPPED: usize = 12;
/// Bytes of events.
pub const EVENTS_LEN: usize = 16;
/// Bit 0: the host renders offline.
pub const FLAGS: usize = 20;
/// The processor that the host's audio thread runs on.
pub const HOST_PROCESSOR: usize = 32;

/// The engine's words, on a page of their own. The counter that the engine raises: a turn is done.
pub const ANSWER: usize = 4096;
/// Whether the engine sleeps on a request.
pub const ENGINE_SLEEPS: usize = ANSWER + 4;
/// K-cycles performed since the engine began, wrapping: whether it gets on.
pub const PROGRESS: usize = ANSWER + 8;
/// K-cycles of the turn that were performed.
pub const PERFORMED: usize = ANSWER + 12;
/// Whether Csound has ended, and its word.
pub const ENDED: usize = ANSWER + 16;
/// See [`ENDED`].
pub const END: usize = ANSWER + 20;
/// Samples that were not finite.
pub const NON_FINITE: usize = ANSWER + 24;
/// Late score events.
pub const LATE_EVENTS: usize = ANSWER + 28;
/// Lengthened score events.
pub const LENGTHENED: usize = ANSWER + 32;
/// MIDI messages that the piece sent.
pub const MIDI_LEN: usize = ANSWER + 36;
/// Score time, the bits of an f64.
pub const SCORE_TIME: usize = ANSWER + 40;
/// Csound's count of frames.
pub const FRAME_COUNT: usize = ANSWER + 48;

/// The processor that the engine's perform thread runs on.
pub const ENGINE_PROCESSOR: usize = ANSWER + 56;

/// Values of the bank's channels after the turn, f64 bits.
pub const READINGS: usize = 8192;

/// MIDI messages that the piece sent.
pub const MIDI: usize = READINGS + SLOTS * 8;

/// Bytes of one of them: the k-cycle, the length, three bytes.
pub const MIDI_BYTES: usize = 8;

/// The turn's events.
pub const EVENTS: usize = MIDI + MIDI_OUT_CAPACITY * MIDI_BYTES;

/// Planes of input, then planes of output.
const PLANES: usize = EVENTS + EVENT_BYTES;

/// Bytes of the whole. Most are never touched, and so never there.
pub const BYTES: usize = PLANES + (INPUTS + OUTPUTS) * MAX_KSMPS * 4;

/// Where the planes of a piece lie: as close together as its k-cycle allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    ksmps: usize,
}

impl Layout {
    /// For k-cycles of `ksmps` frames, 1 to [`MAX_KSMPS`].
    pub fn new(ksmps: usize) -> Self {
        Self { ksmps: ksmps.clamp(1, MAX_KSMPS) }
    }

    /// The most k-cycles of one turn.
    pub fn cycles(&self) -> usize {
        (TURN_FRAMES / self.ksmps).max(1)
    }

    /// The most frames of one turn.
    pub fn frames(&self) -> usize {
        self.cycles() * self.ksmps
    }

    /// Where a channel of input begins.
    pub fn input(&self, channel: usize) -> usize {
        PLANES + channel.min(INPUTS - 1) * self.frames() * 4
    }

    /// Where a channel of output begins.
    pub fn output(&self, channel: usize) -> usize {
        PLANES + (INPUTS + channel.min(OUTPUTS - 1)) * self.frames() * 4
    }
}

/// A MIDI message that the piece sent, as bytes.
///
/// # Realtime safety
/// Safe.
pub fn midi_to_bytes(sent: &MidiOut) -> [u8; MIDI_BYTES] {
    let mut bytes = [0; MIDI_BYTES];
    let message = sent.message.bytes();
    bytes[..4].copy_from_slice(&(sent.cycle as u32).to_le_bytes());
    bytes[4] = message.len() as u8;
    bytes[5..5 + message.len()].copy_from_slice(message);
    bytes
}

/// The message in `bytes`, if there is one, in a turn of `cycles` k-cycles.
///
/// # Realtime safety
/// Safe.
pub fn midi_from_bytes(bytes: [u8; MIDI_BYTES], cycles: usize) -> Option<MidiOut> {
    let [c0, c1, c2, c3, len, message @ ..] = bytes;
    let cycle = u32::from_le_bytes([c0, c1, c2, c3]) as usize;
    let message = MidiMessage::new(message.get(..usize::from(len))?)?;
    (cycle < cycles).then_some(MidiOut { cycle, message })
}

const TAG_MIDI: u8 = 1;
const TAG_SCORE: u8 = 2;
const TAG_MESSAGE: u8 = 3;
const TAG_CHANNEL: u8 = 4;
const TAG_SEEK: u8 = 5;
const TAG_NOTES_OFF: u8 = 6;
const TAG_NOTE: u8 = 7;

/// Events as bytes, in a room of a fixed size.
pub struct EventBytes {
    bytes: Vec<u8>,
}

impl EventBytes {
    /// An empty room of `capacity` bytes, all of it there already.
    pub fn new(capacity: usize) -> Self {
        let mut bytes = vec![0; capacity];
        bytes.clear();
        Self { bytes }
    }

    /// What was written.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Forgets what was written.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn clear(&mut self) {
        self.bytes.clear();
    }

    /// Adds what another room holds; false if there is no room for it.
    ///
    /// # Realtime safety
    /// Safe: never grows.
    pub fn append(&mut self, bytes: &[u8]) -> bool {
        let fits = self.bytes.len() + bytes.len() <= self.bytes.capacity();
        if fits {
            self.bytes.extend_from_slice(bytes);
        }
        fits
    }

    /// Writes an event of k-cycle `cycle`; false, and nothing is written, if there is no room.
    ///
    /// # Realtime safety
    /// Safe: never grows.
    pub fn push(&mut self, cycle: usize, frame: usize, kind: &EventKind) -> bool {
        if self.bytes.len() + size_of_event(kind) > self.bytes.capacity() {
            return false;
        }
        self.put_u32(cycle as u32);
        self.put_u32(frame as u32);
        match kind {
            EventKind::Midi(message) => {
                self.put(&[TAG_MIDI, message.bytes().len() as u8]);
                self.put(message.bytes());
            }
            EventKind::Score(score) => self.put_score(score),
            EventKind::Message(text) => self.put_message(text),
            EventKind::Prepared(event) => match event.as_ref() {
                Prepared::Score(score) => self.put_score(score),
                Prepared::Message(text) => self.put_message(text),
            },
            EventKind::Note(note) => {
                self.put(&[TAG_NOTE, note.count]);
                self.put_u32(u32::from(note.voice));
                note.fields().iter().for_each(|field| self.put(&field.to_le_bytes()));
            }
            EventKind::Channel { slot, value } => {
                self.put(&[TAG_CHANNEL]);
                self.put_u32(*slot as u32);
                self.put(&value.to_le_bytes());
            }
            EventKind::Seek(seconds) => {
                self.put(&[TAG_SEEK]);
                self.put(&seconds.to_le_bytes());
            }
            EventKind::NotesOff => self.put(&[TAG_NOTES_OFF]),
        }
        true
    }

    fn put_message(&mut self, text: &CStr) {
        self.put(&[TAG_MESSAGE]);
        self.put_bytes(text.to_bytes());
    }

    fn put_score(&mut self, score: &ScoreEvent) {
        self.put(&[TAG_SCORE, u8::from(score.time_base == TimeBase::Start), score.opcode]);
        self.put_u32(score.fields.len() as u32);
        for field in &score.fields {
            self.put(&field.to_le_bytes());
        }
        match &score.text {
            None => self.put(&[0]),
            Some(text) => {
                let (bytes, p2, p3) = text.parts();
                self.put(&[1]);
                self.put_u32(p2 as u32);
                self.put_u32(p3.map_or(u32::MAX, |p3| p3 as u32));
                self.put_bytes(bytes);
            }
        }
    }

    fn put_bytes(&mut self, bytes: &[u8]) {
        self.put_u32(bytes.len() as u32);
        self.put(bytes);
    }

    fn put_u32(&mut self, value: u32) {
        self.put(&value.to_le_bytes());
    }

    fn put(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }
}

/// At least as many bytes as [`EventBytes::push`] writes.
fn size_of_event(kind: &EventKind) -> usize {
    const HEAD: usize = 32;
    let score_size = |score: &ScoreEvent| {
        score.fields.len() * 8 + score.text.as_ref().map_or(0, |text| text.parts().0.len())
    };
    let body = match kind {
        EventKind::Score(score) => score_size(score),
        EventKind::Message(text) => text.as_bytes().len(),
        EventKind::Prepared(event) => match event.as_ref() {
            Prepared::Score(score) => score_size(score),
            Prepared::Message(text) => text.as_bytes().len(),
        },
        EventKind::Note(_) => NOTE_FIELDS * 8,
        EventKind::Midi(_) | EventKind::Channel { .. } | EventKind::Seek(_) | EventKind::NotesOff => 0,
    };
    HEAD + body
}

/// The events in `bytes`, up to the first that makes no sense.
pub fn read_events(bytes: &[u8]) -> impl Iterator<Item = Event> {
    let mut left = Reader(bytes);
    std::iter::from_fn(move || left.event())
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn event(&mut self) -> Option<Event> {
        let cycle = self.u32()? as usize;
        let frame = self.u32()? as usize;
        let kind = match self.byte()? {
            TAG_MIDI => {
                let len = usize::from(self.byte()?);
                EventKind::Midi(MidiMessage::new(self.take(len)?)?)
            }
            TAG_SCORE => EventKind::Score(Box::new(self.score()?)),
            TAG_MESSAGE => EventKind::Message(Box::new(std::ffi::CString::new(self.bytes()?).ok()?)),
            TAG_CHANNEL => EventKind::Channel { slot: self.u32()? as usize, value: self.f64()? },
            TAG_SEEK => EventKind::Seek(self.f64()?),
            TAG_NOTES_OFF => EventKind::NotesOff,
            TAG_NOTE => EventKind::Note(self.note()?),
            _ => return None,
        };
        Some(Event { cycle, frame, kind })
    }

    fn note(&mut self) -> Option<Note> {
        let count = self.byte()?;
        let voice = u16::try_from(self.u32()?).ok().filter(|voice| usize::from(*voice) < VOICES)?;
        let mut fields = [0.0; NOTE_FIELDS];
        for field in fields.get_mut(..usize::from(count))? {
            *field = self.f64()?;
        }
        (count >= 3).then_some(Note { fields, count, voice })
    }

    fn score(&mut self) -> Option<ScoreEvent> {
        let time_base = if self.byte()? == 0 { TimeBase::Now } else { TimeBase::Start };
        let opcode = self.byte()?;
        let count = self.u32()? as usize;
        let fields = self.take(count.checked_mul(8)?)?;
        let fields =
            fields.chunks_exact(8).map(|field| f64::from_le_bytes(field.try_into().unwrap_or([0; 8])));
        let fields = fields.collect();
        let text = match self.byte()? {
            0 => None,
            _ => {
                let p2 = self.u32()? as usize;
                let p3 = Some(self.u32()?).filter(|p3| *p3 != u32::MAX).map(|p3| p3 as usize);
                Some(EventText::from_parts(self.bytes()?, p2, p3)?)
            }
        };
        Some(ScoreEvent { time_base, opcode, fields, text })
    }

    fn bytes(&mut self) -> Option<&'a [u8]> {
        let len = self.u32()? as usize;
        self.take(len)
    }

    fn f64(&mut self) -> Option<f64> {
        Some(f64::from_le_bytes(self.take(8)?.try_into().ok()?))
    }

    fn u32(&mut self) -> Option<u32> {
        Some(u32::from_le_bytes(self.take(4)?.try_into().ok()?))
    }

    fn byte(&mut self) -> Option<u8> {
        Some(self.take(1)?[0])
    }

    fn take(&mut self, len: usize) -> Option<&'a [u8]> {
        let (taken, left) = self.0.split_at_checked(len)?;
        self.0 = left;
        Some(taken)
    }
}

/// What an event is, for the reader of a console: the last that an engine was given before it died.
pub fn describe(kind: &EventKind) -> String {
    match kind {
        EventKind::Midi(message) => format!("the MIDI message {:02X?}", message.bytes()),
        EventKind::Score(score) => describe_score(score),
        EventKind::Message(text) => format!("the message \"{}\"", text.to_string_lossy()),
        EventKind::Prepared(event) => match event.as_ref() {
            Prepared::Score(score) => describe_score(score),
            Prepared::Message(text) => format!("the message \"{}\"", text.to_string_lossy()),
        },
        EventKind::Note(note) => format!("the score event \"i {}\"", words(note.fields())),
        EventKind::Channel { slot, value } => format!("the value {value} for channel slot {}", slot + 1),
        EventKind::Seek(seconds) => format!("a move to {seconds} s of the score"),
        EventKind::NotesOff => "the end of all notes".to_owned(),
    }
}

fn describe_score(score: &ScoreEvent) -> String {
    match &score.text {
        Some(text) => format!("the score event \"{}\"", String::from_utf8_lossy(text.parts().0).trim()),
        None => format!("the score event \"{} {}\"", char::from(score.opcode), words(&score.fields)),
    }
}

fn words(fields: &[f64]) -> String {
    fields.iter().take(8).map(f64::to_string).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
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
            EventKind::Channel { slot: 127, value: -0.0 },
            EventKind::Seek(36_000.37),
            EventKind::NotesOff,
            EventKind::Note(Note {
                fields: [-1.5, 0.0, -1.0, 0.0, 0.0, 0.0, 0.0, 0.0],
                count: 3,
                voice: 1023,
            }),
            EventKind::Note(Note {
                fields: [1.5, 0.0, -1.0, 60.0, 100.0, 0.0, -1.0, 7.0],
                count: 8,
                voice: 7,
            }),
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
        let held = room.bytes().len();
        assert!(!room.append(&[0; 100]));
        assert_eq!(room.bytes().len(), held);
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
        let mut state = 7_u64;
        for _ in 0..5000 {
            let mut bytes = room.bytes().to_vec();
            for _ in 0..4 {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                let at = (state >> 33) as usize % bytes.len();
                bytes[at] = (state >> 24) as u8;
            }
            assert!(read_events(&bytes).count() <= bytes.len());
        }
    }

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
        assert!(
            const { EVENTS.is_multiple_of(8) && SCORE_TIME.is_multiple_of(8) && READINGS.is_multiple_of(8) }
        );
    }

    #[test]
    fn midi_out_of_range_is_no_midi() {
        let sent = MidiOut { cycle: 3, message: MidiMessage::new(&[0xB0, 7, 99]).unwrap() };
        assert_eq!(midi_from_bytes(midi_to_bytes(&sent), 4), Some(sent));
        assert_eq!(midi_from_bytes(midi_to_bytes(&sent), 3), None);
        assert_eq!(midi_from_bytes([0, 0, 0, 0, 9, 0x90, 60, 1], 4), None);
        assert_eq!(midi_from_bytes([0xFF; MIDI_BYTES], usize::MAX), None);
    }
}
