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
//! # Expressions
//!
//! A note's tuning, pressure and brightness are control channels named after its voice:
//!
//! ```csound
//! ktune   chnget sprintf("note.%d.tuning", p8)      ; semitones, -120 to 120, 0 at first
//! kpress  chnget sprintf("note.%d.pressure", p8)    ; 0 to 1, 0 at first
//! kbright chnget sprintf("note.%d.brightness", p8)  ; 0 to 1, 0.5 at first
//! ```
//!
//! Why the voice: a host's note ids are without bound and often missing, and a channel that a
//! piece has never had cannot be made on the audio thread; keys and channels are shared by
//! overlapping notes. Voices are few, so their channels can be made at the start of a piece that
//! mentions them ([`mentions_expressions`], [`expression_channels`]), and a voice is one p-field
//! away, while p1's fraction would have to be taken apart. Before a note begins, the three are at
//! rest ([`Expression::resting`]): whoever hands a note-on to Csound sets them in the same breath,
//! for an event of its own would wait for a k boundary and make the note wait with it.
//!
//! # Instruments with a name
//!
//! Csound 6.18 takes `i "bell.25"` and `i "-bell.25"` as live text, but in a score `"-bell.25"`
//! begins a note. A number means the same everywhere and needs no text, so a name is looked up once
//! ([`lookup_code`](csound_performance::engine::local::lookup_code)), and its notes go by number.

use std::collections::VecDeque;

/// Notes that can sound or be held by the pedal at a time. A further one is refused and counted.
pub const VOICES: usize = STRIDE as usize - 1;

/// Most p-fields of a note-on.
pub const FIELDS: usize = 8;

/// Steps of p1 between two uses of a voice; voices take the numbers below it, but not 0, so that
/// no p1 is whole.
const STRIDE: u32 = 1 << 10;

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

/// What can be changed about one note while it sounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expression {
    /// Semitones from the key, -120 to 120.
    Tuning,
    /// 0 to 1.
    Pressure,
    /// 0 to 1.
    Brightness,
}

impl Expression {
    /// All of them, in the order of [`expression_channels`].
    pub const ALL: [Self; 3] = [Self::Tuning, Self::Pressure, Self::Brightness];

    /// The last part of its channels' names.
    pub fn name(self) -> &'static str {
        match self {
            Self::Tuning => "tuning",
            Self::Pressure => "pressure",
            Self::Brightness => "brightness",
        }
    }

    /// The value of a note that nothing was said about. The brightness is the middle, as that of
    /// MPE is.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn resting(self) -> f64 {
        match self {
            Self::Tuning | Self::Pressure => 0.0,
            Self::Brightness => 0.5,
        }
    }

    /// The place of a voice's channel among [`expression_channels`].
    ///
    /// # Realtime safety
    /// Safe.
    pub fn index(self, voice: u16) -> usize {
        usize::from(voice).saturating_sub(1) * Self::ALL.len() + self as usize
    }
}

/// The names of all channels of expressions: those of voice 1, of voice 2, and so on.
pub fn expression_channels() -> impl Iterator<Item = String> {
    (1..=VOICES)
        .flat_map(|voice| Expression::ALL.map(|expression| format!("note.{voice}.{}", expression.name())))
}

/// Whether a piece's text names channels of expressions, so that they have to be made for it.
pub fn mentions_expressions(text: &str) -> bool {
    text.contains("\"note.")
}

/// Whether a channel is one of a note's expressions, which have no place in a channel bank.
pub fn is_expression_channel(name: &str) -> bool {
    let parts = name.strip_prefix("note.").and_then(|rest| rest.split_once('.'));
    parts.is_some_and(|(voice, kind)| {
        let known = Expression::ALL.iter().any(|expression| expression.name() == kind);
        known && voice.parse().is_ok_and(|voice| (1..=VOICES).contains(&voice))
    })
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
mod tests {
    use std::collections::HashSet;
    use std::ffi::CString;
    use std::io::Write;

    use csound_library::{Csound, Io};
    use csound_performance::engine::local::lookup_code;

    use super::*;

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
        let mut state = 9_u64;
        let mut below = |limit: usize| {
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            (state >> 33) as usize % limit
        };
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

    #[test]
    fn each_voice_has_its_channels() {
        let names: Vec<_> = expression_channels().collect();
        assert_eq!(names.len(), VOICES * 3);
        assert_eq!(names[..4], ["note.1.tuning", "note.1.pressure", "note.1.brightness", "note.2.tuning"]);
        assert_eq!(names[Expression::Brightness.index(VOICES as u16)], format!("note.{VOICES}.brightness"));
        assert!(names.iter().all(|name| is_expression_channel(name)));
        for other in ["note.0.tuning", "note.1024.tuning", "note.1.volume", "note.x.tuning", "note", "tuning"]
        {
            assert!(!is_expression_channel(other), "{other}");
        }
        assert!(mentions_expressions("k1 chnget sprintf(\"note.%d.tuning\", p8)"));
        assert!(!mentions_expressions("; every note. Really."));
    }

    /// A started instance, ksmps 10, one channel.
    fn start(orchestra: &str) -> Option<Csound> {
        csound_library::Library::get().ok()?;
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
}
