//! Events as bytes.

use std::ffi::{CStr, CString};

use csound_library::MidiMessage;

use crate::engine::event::{Code, Purpose};
use crate::engine::event::{Event, EventKind, NOTE_FIELDS, Note, Prepared, ScoreEvent, TimeBase, VOICES};
use crate::engine::timing::EventText;

const TAG_MIDI: u8 = 1;
const TAG_SCORE: u8 = 2;
const TAG_MESSAGE: u8 = 3;
const TAG_CHANNEL: u8 = 4;
const TAG_SEEK: u8 = 5;
const TAG_NOTES_OFF: u8 = 6;
const TAG_NOTE: u8 = 7;
const TAG_HOLD: u8 = 8;
const TAG_CODE: u8 = 9;

/// Events as bytes, in a room of a fixed size.
///
/// # Realtime safety
/// Every method but [`new`](Self::new) is safe: the room never grows.
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

    /// The bytes that were written.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Forgets what was written.
    pub fn clear(&mut self) {
        self.bytes.clear();
    }

    /// Forgets what was written after the first `len` bytes.
    pub fn truncate(&mut self, len: usize) {
        self.bytes.truncate(len);
    }

    /// Writes an event of k-cycle `cycle`; false, and nothing is written, if there is no room.
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
            EventKind::Code(code) => {
                self.put(&[TAG_CODE, u8::from(code.purpose() == Purpose::Evaluate)]);
                self.put_bytes(code.text().to_bytes());
            }
            EventKind::Prepared(event) => match event.as_ref() {
                Prepared::Score(score) => self.put_score(score),
                Prepared::Message(text) => self.put_message(text),
            },
            EventKind::Note(note) => {
                self.put(&[TAG_NOTE, note.count]);
                self.put_u32(u32::from(note.voice));
                note.fields().iter().for_each(|field| self.put(&field.to_le_bytes()));
            }
            EventKind::Channel { index, value } => {
                self.put(&[TAG_CHANNEL]);
                self.put_u32(*index as u32);
                self.put(&value.to_le_bytes());
            }
            EventKind::Seek(seconds) => {
                self.put(&[TAG_SEEK]);
                self.put(&seconds.to_le_bytes());
            }
            EventKind::Hold => self.put(&[TAG_HOLD]),
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
        EventKind::Code(code) => code.text().count_bytes(),
        EventKind::Prepared(event) => match event.as_ref() {
            Prepared::Score(score) => score_size(score),
            Prepared::Message(text) => text.as_bytes().len(),
        },
        EventKind::Note(_) => NOTE_FIELDS * 8,
        EventKind::Midi(_)
        | EventKind::Channel { .. }
        | EventKind::Seek(_)
        | EventKind::Hold
        | EventKind::NotesOff => 0,
    };
    HEAD + body
}

/// The events in `bytes`, up to the first that makes no sense.
pub fn read_events(bytes: &[u8]) -> impl Iterator<Item = Event> {
    let mut left = EventReader(bytes);
    std::iter::from_fn(move || left.event())
}

struct EventReader<'a>(&'a [u8]);

impl<'a> EventReader<'a> {
    fn event(&mut self) -> Option<Event> {
        let cycle = self.u32()? as usize;
        let frame = self.u32()? as usize;
        let kind = match self.byte()? {
            TAG_MIDI => {
                let len = usize::from(self.byte()?);
                EventKind::Midi(MidiMessage::new(self.take(len)?)?)
            }
            TAG_SCORE => EventKind::Score(Box::new(self.score()?)),
            TAG_MESSAGE => EventKind::Message(Box::new(CString::new(self.bytes()?).ok()?)),
            TAG_CODE => {
                let purpose = if self.byte()? == 0 { Purpose::Compile } else { Purpose::Evaluate };
                EventKind::Code(Code::new(CString::new(self.bytes()?).ok()?, purpose).0)
            }
            TAG_CHANNEL => EventKind::Channel { index: self.u32()? as usize, value: self.f64()? },
            TAG_SEEK => EventKind::Seek(self.f64()?),
            TAG_HOLD => EventKind::Hold,
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

/// An event in words for the console: the last that an engine was given before its end.
pub fn describe(kind: &EventKind) -> String {
    match kind {
        EventKind::Midi(message) => format!("the MIDI message {:02X?}", message.bytes()),
        EventKind::Score(score) => describe_score(score),
        EventKind::Message(text) => format!("the message \"{}\"", text.to_string_lossy()),
        EventKind::Code(code) => {
            let first: String = code.text().to_string_lossy().chars().take(200).collect();
            format!("the orchestra code \"{first}\"")
        }
        EventKind::Prepared(event) => match event.as_ref() {
            Prepared::Score(score) => describe_score(score),
            Prepared::Message(text) => format!("the message \"{}\"", text.to_string_lossy()),
        },
        EventKind::Note(note) => format!("the score event \"i {}\"", words(note.fields())),
        EventKind::Channel { index, value } => format!("the value {value} for channel {}", index + 1),
        EventKind::Seek(seconds) => format!("a move to {seconds} s of the score"),
        EventKind::Hold => "a key while the score waits".to_owned(),
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
mod tests;
