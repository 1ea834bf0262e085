//! Notes as score events: what a key that goes down or up is to a piece that plays its notes from
//! the score's side, where they begin on their exact frame. Pure; tables of a fixed size.
//!
//! # The events
//!
//! A note-on is `i <p1> 0 -1 <key> <velocity> <channel> <note id> <voice>`:
//!
//! | field | value |
//! |---|---|
//! | p1 | the instrument's number and a fraction that no other sounding note has |
//! | p3 | -1: until it is ended |
//! | p4 | the key, 0 to 127 |
//! | p5 | the velocity, 0 to 127; with decimals where the host sends them |
//! | p6 | the channel, 0 to 15 |
//! | p7 | the host's note id, -1 where it gives none |
//! | p8 | the note's voice, 1 to [`VOICES`]: the place of its expressions |
//!
//! A note-off is an `i` event with the same p1, negative: it ends that note and no other. Csound
//! 6.18 never acts on it inside a k-cycle, and a note that is ended in the k-cycle of its beginning
//! is never heard: the performer lets it come a k-cycle later then. Its p3 is -1, so
//! that it is not taken for a note that is too short. Where the instrument has ended the note itself
//! by then, Csound writes `could not find playing instr` to the console, and that is all.
//!
//! The fraction is `m / 2^20`, exact in Csound's numbers. The last ten bits of m are the voice, the
//! others count how often the voice was used: two sounding notes differ in their voices, and a p1
//! comes back only when its voice was used 1024 times. The voice that rested longest is used next,
//! so that what still sounds after its end (a release) is not disturbed.
//!
//! # Instruments with a name
//!
//! Csound 6.18 takes `i "bell.25"` and `i "-bell.25"` as live text, but in a score `"-bell.25"`
//! begins a note. A number means the same everywhere and needs no text, so a name is looked up once
//! ([`lookup_code`](csound_performance::engine::local::lookup_code)), and its notes go by number.

use std::collections::VecDeque;

use crate::plugin::channels::expressions::VOICES;

/// Most p-fields of a note-on.
pub const FIELDS: usize = 8;

/// Steps of p1 between two uses of a voice; voices take the numbers below it, but not 0, so that
/// no p1 is whole.
const STRIDE: u32 = VOICES as u32 + 1;

/// Steps of p1 from one instrument to the next.
const STEPS: u32 = 1 << 20;

/// How often a voice is used before its p1s come again.
const LIVES: u32 = STEPS / STRIDE;

/// A velocity this near to a whole one is that one: 100 / 127 is not exact in 32 bits.
const WHOLE: f64 = 1e-4;

const SUSTAIN: u8 = 64;
const ALL_SOUND_OFF: u8 = 120;
const RESET_CONTROLLERS: u8 = 121;
const ALL_NOTES_OFF: u8 = 123;
const LAST_CHANNEL_MODE: u8 = 127;

/// A note's beginning, ready for Csound.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NoteOn {
    /// p1 to p8 of an `i` event; p2 is 0 and counts from the note's frame.
    pub fields: [f64; FIELDS],
    /// The voice, 1 to [`VOICES`], whose expressions have to rest when the note begins.
    pub voice: u16,
}

/// A note's end, ready for Csound. It must not be lost: the note would sound for ever.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NoteOff {
    /// p1 to p3 of an `i` event; p2 is 0.
    pub fields: [f64; 3],
    /// The voice that it ends.
    pub voice: u16,
}

/// Which notes an event is meant for. `None` is any.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Select {
    /// The channel, 0 to 15.
    pub channel: Option<u8>,
    /// The key, 0 to 127.
    pub key: Option<u8>,
    /// The host's note id, which goes before key and channel: where a note has it, it is meant.
    pub id: Option<i32>,
}

/// A note that sounds, or where the next one can.
#[derive(Clone, Copy, Debug, Default)]
struct Voice {
    /// How often it was used, below [`LIVES`].
    life: u32,
    p1: f64,
    channel: u8,
    key: u8,
    id: Option<i32>,
    /// The key is down; else the pedal holds the note.
    held: bool,
}

impl Voice {
    fn is_at(&self, select: Select) -> bool {
        select.channel.is_none_or(|channel| channel == self.channel)
            && select.key.is_none_or(|key| key == self.key)
    }

    fn off(&self, voice: u16) -> NoteOff {
        NoteOff { fields: [-self.p1, 0.0, -1.0], voice }
    }
}

/// The notes that sound.
pub struct Notes {
    instrument: u16,
    /// By voice number; the first is not used.
    voices: Box<[Voice]>,
    /// The voices of sounding notes, the oldest first.
    sounding: Vec<u16>,
    /// The others, the longest at rest first.
    resting: VecDeque<u16>,
    /// Channels whose pedal is down, a bit each.
    pedals: u16,
    refused: u64,
}

impl Default for Notes {
    fn default() -> Self {
        Self {
            instrument: 1,
            voices: vec![Voice::default(); VOICES + 1].into(),
            sounding: Vec::with_capacity(VOICES),
            resting: (1..=VOICES as u16).collect(),
            pedals: 0,
            refused: 0,
        }
    }
}

impl Notes {
    /// Sets the number of the instrument that plays, 1 or more. Notes that sound end with the one
    /// that began them.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn set_instrument(&mut self, number: u16) {
        self.instrument = number.max(1);
    }

    /// Notes refused because [`VOICES`] sounded already.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn refused(&self) -> u64 {
        self.refused
    }

    /// Notes that sound or that a pedal holds.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn sounding(&self) -> usize {
        self.sounding.len()
    }

    /// A key goes down: `channel` 0 to 15, `key` 0 to 127, `velocity` 0 to 1 (0 is a very soft note; a MIDI note-on that means a note-off
    /// is the caller's to know), `id` the host's note id. `None` where too many notes sound.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn on(&mut self, channel: u8, key: u8, velocity: f32, id: Option<i32>) -> Option<NoteOn> {
        let Some(index) = self.resting.pop_front() else {
            self.refused = self.refused.saturating_add(1);
            return None;
        };
        let voice = &mut self.voices[usize::from(index)];
        let step = voice.life * STRIDE + u32::from(index);
        let p1 = f64::from(self.instrument) + f64::from(step) / f64::from(STEPS);
        let life = (voice.life + 1) % LIVES;
        *voice = Voice { life, p1, channel, key, id, held: true };
        self.sounding.push(index);
        let (key, channel, id) = (f64::from(key), f64::from(channel), f64::from(id.unwrap_or(-1)));
        let fields = [p1, 0.0, -1.0, key, velocity_field(velocity), channel, id, f64::from(index)];
        Some(NoteOn { fields, voice: index })
    }

    /// A key goes up. Calls `end` for what ends by that, which under a pedal is nothing yet.
    ///
    /// Of several notes with this channel and key the oldest that is held ends, unless an id says
    /// which. An id that no note has is meant for a note without one. Where channel or key are any,
    /// all held notes that they can mean end.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn off(&mut self, select: Select, end: impl FnMut(NoteOff)) {
        let id = self.known_id(select);
        let one = id.is_none() && select.channel.is_some() && select.key.is_some();
        let picked = |voice: &Voice| voice.held && is_meant(voice, select, id);
        self.release(picked, if one { 1 } else { VOICES }, false, end);
    }

    /// Ends what is meant at once, whatever the pedal says: a choke. The release of an instrument
    /// still sounds.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn choke(&mut self, select: Select, end: impl FnMut(NoteOff)) {
        let id = self.known_id(select);
        self.release(|voice| is_meant(voice, select, id), VOICES, true, end);
    }

    /// A controller moves, 0 to 127: the sustain pedal (64), and the ends of all notes of a channel
    /// (120 at once, 123 to 127 as if their keys went up; 121 lifts the pedal). Others do nothing
    /// here.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn controller(&mut self, channel: u8, number: u8, value: u8, end: impl FnMut(NoteOff)) {
        let on_channel = |voice: &Voice| voice.channel == channel;
        match number {
            SUSTAIN if value >= 64 => self.pedals |= pedal(channel),
            SUSTAIN | RESET_CONTROLLERS => {
                self.pedals &= !pedal(channel);
                self.release(|voice| on_channel(voice) && !voice.held, VOICES, true, end);
            }
            ALL_SOUND_OFF => self.release(on_channel, VOICES, true, end),
            ALL_NOTES_OFF..=LAST_CHANNEL_MODE => self.release(on_channel, VOICES, false, end),
            _ => {}
        }
    }

    /// Lifts all pedals and ends all notes: at a host's reset, a stop, or another note mode.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn all_off(&mut self, end: impl FnMut(NoteOff)) {
        self.pedals = 0;
        self.release(|_| true, VOICES, true, end);
    }

    /// Forgets all notes without ending them: where they are gone already, with their engine or by
    /// a seek. Pedals stay as they are, and p1s go on: none comes back sooner.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn forget(&mut self) {
        self.resting.extend(self.sounding.drain(..));
    }

    /// Calls `write` with the voice of each sounding note that an expression is meant for: by its
    /// id, or every one with this channel and key.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn express(&self, select: Select, mut write: impl FnMut(u16)) {
        let id = self.known_id(select);
        for &index in &self.sounding {
            if is_meant(&self.voices[usize::from(index)], select, id) {
                write(index);
            }
        }
    }

    /// Calls `write` with the voice of each sounding note that has this id.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn express_id(&self, id: i32, write: impl FnMut(u16)) {
        let with_id = |index: &u16| self.voices[usize::from(*index)].id == Some(id);
        self.sounding.iter().copied().filter(with_id).for_each(write);
    }

    /// The id, if a sounding note has it.
    fn known_id(&self, select: Select) -> Option<i32> {
        let mut voices = self.sounding.iter().map(|&index| &self.voices[usize::from(index)]);
        select.id.filter(|id| voices.any(|voice| voice.id == Some(*id)))
    }

    /// Releases up to `most` of the notes that are picked, the oldest first: they end, but where a
    /// pedal holds them and it is not `at_once`.
    fn release(
        &mut self,
        picked: impl Fn(&Voice) -> bool,
        most: usize,
        at_once: bool,
        mut end: impl FnMut(NoteOff),
    ) {
        let Self { voices, sounding, resting, pedals, .. } = self;
        let mut left = most;
        sounding.retain(|&index| {
            let voice = &mut voices[usize::from(index)];
            if left == 0 || !picked(voice) {
                return true;
            }
            left -= 1;
            voice.held = false;
            let stays = !at_once && *pedals & pedal(voice.channel) != 0;
            if !stays {
                end(voice.off(index));
                resting.push_back(index);
            }
            stays
        });
    }
}

/// Whether a note is meant: by an id that is known, or else by channel and key, if the event has no
/// id or the note has none.
fn is_meant(voice: &Voice, select: Select, known: Option<i32>) -> bool {
    match known {
        Some(id) => voice.id == Some(id),
        None => voice.is_at(select) && (select.id.is_none() || voice.id.is_none()),
    }
}

fn pedal(channel: u8) -> u16 {
    1 << (channel & 0x0F)
}

fn velocity_field(velocity: f32) -> f64 {
    let field = f64::from(velocity.clamp(0.0, 1.0)) * 127.0;
    let whole = field.round();
    match () {
        () if field.is_nan() => 0.0,
        () if (field - whole).abs() < WHOLE => whole,
        () => field,
    }
}

#[cfg(test)]
mod tests;
