//! A channel of its own for each note that reaches the piece as MIDI: the lower zone of MPE, whose member channels are
//! 2 to 16. What a host says of one note (its tuning, pressure and brightness) becomes bend, channel pressure and
//! controller 74 of the note's channel, where an instrument of `massign` reads them as it always does; its vibrato,
//! volume, pan and expression become controllers 1, 7, 10 and 11. Pure; tables of a fixed size.
//!
//! # Which channel
//!
//! A note takes the channel that rested longest, so that releases are not disturbed; one that comes on channel 2 to 16
//! keeps that channel where it rests, so that what an MPE controller plays passes as it is. Where none rests, the
//! oldest note ends and gives its channel: first one that only the pedal holds.
//!
//! # What is said of a channel
//!
//! | of channel | bend, pressure, controller 74 | other controllers, programs |
//! |---|---|---|
//! | 1 | channel 1 and every note | all channels |
//! | 2 to 16 | the notes that came on it | all channels |
//!
//! A note's bend is the sum of what is said of it, of its channel and of channel 1; its pressure the greatest of the
//! three; its controllers the last. The range of a note's bend is [`BEND_RANGE`] semitones either way, as that of
//! channels 2 to 16; that of channel 1 is [`ZONE_BEND_RANGE`].

mod controls;

use std::collections::VecDeque;

use super::notes::Select;
use crate::plugin::channels::expressions::Expression;

pub use controls::Control;
use controls::Controls;

/// Notes that sound at a time, each with its channel.
pub const MEMBERS: usize = 15;

/// Semitones that a note's bend reaches either way.
pub const BEND_RANGE: f32 = 48.0;

/// Semitones that the bend of channel 1 reaches either way.
pub const ZONE_BEND_RANGE: f32 = 2.0;

/// The bend of a channel that is not bent.
const CENTRE: i32 = 8192;

const BRIGHTNESS: u8 = 74;
const BRIGHTNESS_AT_REST: u8 = 64;
const SUSTAIN: u8 = 64;
const ALL_SOUND_OFF: u8 = 120;
const RESET_CONTROLLERS: u8 = 121;
const ALL_NOTES_OFF: u8 = 123;

/// What was said of a channel of the host's.
#[derive(Clone, Copy, Debug)]
struct Said {
    /// From the centre, -8192 to 8191.
    bend: i32,
    pressure: u8,
    brightness: u8,
}

impl Said {
    const NOTHING: Self = Self { bend: 0, pressure: 0, brightness: BRIGHTNESS_AT_REST };
}

/// What a channel of the piece stands at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stand {
    bend: u16,
    pressure: u8,
    brightness: u8,
}

/// A member channel and its note: the one that sounds, or the last one.
#[derive(Clone, Copy, Debug, Default)]
struct Member {
    /// The channel that the note came on, 0 to 15.
    channel: u8,
    key: u8,
    id: Option<i32>,
    /// The key is down; else the pedal holds the note, or it is over.
    held: bool,
    /// Of the note, in steps of its bend.
    tuning: i32,
    pressure: u8,
    brightness: u8,
    /// What the piece was told, if it was.
    stand: Option<Stand>,
}

/// The notes and their channels.
pub struct Members {
    /// Of channel 2 and so on.
    members: [Member; MEMBERS],
    /// Members whose notes sound, the oldest first.
    sounding: Vec<usize>,
    /// The others, the longest at rest first.
    resting: VecDeque<usize>,
    said: [Said; 16],
    controls: Controls<MEMBERS>,
    pedal: bool,
}

impl Default for Members {
    fn default() -> Self {
        let mut resting = VecDeque::with_capacity(MEMBERS);
        resting.extend(0..MEMBERS);
        Self {
            members: [Member::default(); MEMBERS],
            sounding: Vec::with_capacity(MEMBERS),
            resting,
            said: [Said::NOTHING; 16],
            controls: Controls::default(),
            pedal: false,
        }
    }
}

/// The piece's channel of a member.
fn channel_of(member: usize) -> u8 {
    member as u8 + 1
}

impl Members {
    /// A key goes down: `channel` 0 to 15, `key` 0 to 127, `velocity` 1 to 127. `tell` is given what the piece is told:
    /// where its channel stands first.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn on(&mut self, channel: u8, key: u8, velocity: u8, id: Option<i32>, tell: &mut impl FnMut(&[u8])) {
        let index = self.free(channel, key, tell);
        let brightness = self.said[usize::from(channel)].brightness;
        let stand = self.members[index].stand;
        self.members[index] =
            Member { channel, key, id, held: true, tuning: 0, pressure: 0, brightness, stand };
        self.stand(index, tell);
        self.rest_controls(index, tell);
        tell(&[0x90 | channel_of(index), key, velocity]);
        self.sounding.push(index);
    }

    /// A member for a note, which rests no more.
    fn free(&mut self, channel: u8, key: u8, tell: &mut impl FnMut(&[u8])) -> usize {
        let own = self.resting.iter().position(|member| channel_of(*member) == channel);
        if let Some(index) = self.resting.remove(own.unwrap_or(0)) {
            return index;
        }
        // The end of a note with this key might have to wait until the new one has begun, and would be taken for its.
        let members = &self.members;
        let first =
            |is: &dyn Fn(&Member) -> bool| self.sounding.iter().position(|index| is(&members[*index]));
        let oldest =
            first(&|member| !member.held).or_else(|| first(&|member| member.key != key)).unwrap_or(0);
        let index = self.sounding.remove(oldest);
        self.cut(index, 0, tell);
        index
    }

    /// A key goes up, `velocity` 0 to 127. False where no note is meant: it is one that began elsewhere.
    ///
    /// Of several notes with this channel and key the oldest that is held ends, unless an id says which. Where channel
    /// or key are any, all that they can mean end.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn off(&mut self, select: Select, velocity: u8, tell: &mut impl FnMut(&[u8])) -> bool {
        let id = self.known_id(select);
        let one = id.is_none() && select.channel.is_some() && select.key.is_some();
        let mut found = false;
        let mut at = 0;
        while let Some(&index) = self.sounding.get(at) {
            let member = &mut self.members[index];
            if !member.held || !is_meant(member, select, id) {
                at += 1;
                continue;
            }
            member.held = false;
            found = true;
            tell(&[0x80 | channel_of(index), member.key, velocity]);
            if self.pedal {
                at += 1;
            } else {
                self.rest(at);
            }
            if one {
                break;
            }
        }
        found
    }

    /// Ends what is meant at once, whatever the pedal says. False where no note is meant.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn choke(&mut self, select: Select, tell: &mut impl FnMut(&[u8])) -> bool {
        let id = self.known_id(select);
        let mut found = false;
        let mut at = 0;
        while let Some(&index) = self.sounding.get(at) {
            if is_meant(&self.members[index], select, id) {
                found = true;
                self.cut(index, 64, tell);
                self.rest(at);
            } else {
                at += 1;
            }
        }
        found
    }

    /// An expression of notes: of the one with the id, also after its end; or of all that sound with channel and key.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn express(
        &mut self,
        select: Select,
        expression: Expression,
        value: f32,
        tell: &mut impl FnMut(&[u8]),
    ) {
        let are_meant = self.meant(select);
        for index in (0..MEMBERS).filter(|index| are_meant[*index]) {
            let member = &mut self.members[index];
            match expression {
                Expression::Tuning => member.tuning = bend_steps(value),
                Expression::Pressure => member.pressure = seven_bits(value),
                Expression::Brightness => member.brightness = seven_bits(value),
            }
            self.stand(index, tell);
        }
    }

    /// Where a controller stands for notes, 0 to 127: for those of [`express`](Self::express).
    ///
    /// # Realtime safety
    /// Safe.
    pub fn control(&mut self, select: Select, control: Control, value: u8, tell: &mut impl FnMut(&[u8])) {
        let are_meant = self.meant(select);
        for index in (0..MEMBERS).filter(|index| are_meant[*index]) {
            if self.controls.move_to(index, control, value) {
                tell(&[0xB0 | channel_of(index), control.number(), value]);
            }
        }
    }

    fn rest_controls(&mut self, index: usize, tell: &mut impl FnMut(&[u8])) {
        let tell = |number, value| tell(&[0xB0 | channel_of(index), number, value]);
        self.controls.rest(index, tell);
    }

    /// The members whose notes an expression is meant for.
    fn meant(&self, select: Select) -> [bool; MEMBERS] {
        let sounding = self.known_id(select);
        let known = sounding.or_else(|| {
            select.id.filter(|id| self.resting.iter().any(|index| self.members[*index].id == Some(*id)))
        });
        let of_one_that_is_over = known.is_some() && sounding.is_none();
        std::array::from_fn(|index| {
            let is_over = self.resting.contains(&index);
            is_over == of_one_that_is_over && is_meant(&self.members[index], select, known)
        })
    }

    /// A channel's bend, 0 to 16383.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn bend(&mut self, channel: u8, bend: u16, tell: &mut impl FnMut(&[u8])) {
        self.said[usize::from(channel)].bend = i32::from(bend) - CENTRE;
        if channel == 0 {
            tell(&[0xE0, (bend & 0x7F) as u8, (bend >> 7) as u8]);
        }
        self.stand_all(tell);
    }

    /// A channel's pressure, 0 to 127.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn pressure(&mut self, channel: u8, pressure: u8, tell: &mut impl FnMut(&[u8])) {
        self.said[usize::from(channel)].pressure = pressure;
        if channel == 0 {
            tell(&[0xD0, pressure]);
        }
        self.stand_all(tell);
    }

    /// A channel's controller, both 0 to 127.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn controller(&mut self, channel: u8, number: u8, value: u8, tell: &mut impl FnMut(&[u8])) {
        if number == BRIGHTNESS {
            return self.brightness(channel, value, tell);
        }
        tell_all(&[0xB0, number, value], tell);
        self.controls.move_all(number, value);
        match number {
            SUSTAIN => self.pedal = value >= 64,
            ALL_SOUND_OFF | ALL_NOTES_OFF.. => {
                self.sounding.iter().for_each(|index| self.members[*index].held = false)
            }
            RESET_CONTROLLERS => {
                self.pedal = false;
                self.said = [Said::NOTHING; 16];
                self.controls.reset();
                self.members.iter_mut().for_each(|member| member.stand = None);
            }
            _ => return,
        }
        if !self.pedal || number == ALL_SOUND_OFF {
            self.rest_all_let_go();
        }
        if number == RESET_CONTROLLERS {
            self.stand_all(tell);
        }
    }

    fn brightness(&mut self, channel: u8, value: u8, tell: &mut impl FnMut(&[u8])) {
        if channel == 0 {
            tell(&[0xB0, BRIGHTNESS, value]);
            self.said.iter_mut().for_each(|said| said.brightness = value);
        }
        self.said[usize::from(channel)].brightness = value;
        for &index in &self.sounding {
            let member = &mut self.members[index];
            if channel == 0 || member.channel == channel {
                member.brightness = value;
            }
        }
        self.stand_all(tell);
    }

    /// A program of a channel, which all of them take.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn program(&mut self, program: u8, tell: &mut impl FnMut(&[u8])) {
        tell_all(&[0xC0, program], tell);
    }

    /// Ends all notes and lets the channels rest: notes are no longer given channels.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn leave(&mut self, tell: &mut impl FnMut(&[u8])) {
        while let Some(&index) = self.sounding.first() {
            self.cut(index, 0, tell);
            self.rest(0);
        }
        let said = std::mem::replace(&mut self.said, [Said::NOTHING; 16]);
        for index in 0..MEMBERS {
            let member = &mut self.members[index];
            (member.channel, member.tuning) = (channel_of(index), 0);
            (member.pressure, member.brightness) = (0, BRIGHTNESS_AT_REST);
            if member.stand.is_some() {
                self.stand(index, tell);
            }
            self.rest_controls(index, tell);
        }
        self.said = said;
        self.forget();
    }

    /// Forgets all notes without ending them, and what the channels stand at: where they are gone already, with their
    /// engine, by a seek, or by a host's reset. What was said of the host's channels stays.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn forget(&mut self) {
        self.resting.extend(self.sounding.drain(..));
        self.pedal = false;
        for member in &mut self.members {
            (member.stand, member.id, member.held) = (None, None, false);
        }
    }

    /// The id, if a sounding note has it.
    fn known_id(&self, select: Select) -> Option<i32> {
        select.id.filter(|id| self.sounding.iter().any(|index| self.members[*index].id == Some(*id)))
    }

    /// The note at a place of those that sound is over.
    fn rest(&mut self, at: usize) {
        let index = self.sounding.remove(at);
        self.resting.push_back(index);
    }

    fn rest_all_let_go(&mut self) {
        let Self { members, sounding, resting, .. } = self;
        sounding.retain(|index| {
            let stays = members[*index].held;
            if !stays {
                resting.push_back(*index);
            }
            stays
        });
    }

    /// Ends a member's note for the piece, also where the pedal is down.
    fn cut(&mut self, index: usize, velocity: u8, tell: &mut impl FnMut(&[u8])) {
        let (channel, member) = (channel_of(index), &mut self.members[index]);
        if std::mem::take(&mut member.held) {
            tell(&[0x80 | channel, member.key, velocity]);
        }
        if self.pedal {
            tell(&[0xB0 | channel, SUSTAIN, 0]);
            tell(&[0xB0 | channel, SUSTAIN, 127]);
        }
    }

    fn stand_all(&mut self, tell: &mut impl FnMut(&[u8])) {
        for at in 0..self.sounding.len() {
            self.stand(self.sounding[at], tell);
        }
    }

    /// Tells the piece where a member's channel stands, as far as that has changed.
    fn stand(&mut self, index: usize, tell: &mut impl FnMut(&[u8])) {
        let (channel, member, zone) = (channel_of(index), &mut self.members[index], self.said[0]);
        let of_zone = (zone.bend as f32 * ZONE_BEND_RANGE / BEND_RANGE).round() as i32;
        let own = match member.channel {
            0 => Said { bend: 0, pressure: 0, ..zone },
            own => self.said[usize::from(own)],
        };
        let now = Stand {
            bend: (CENTRE + member.tuning + own.bend + of_zone).clamp(0, 2 * CENTRE - 1) as u16,
            pressure: member.pressure.max(own.pressure).max(zone.pressure),
            brightness: member.brightness,
        };
        let before = member.stand.replace(now);
        if before.is_none_or(|before| before.bend != now.bend) {
            tell(&[0xE0 | channel, (now.bend & 0x7F) as u8, (now.bend >> 7) as u8]);
        }
        if before.is_none_or(|before| before.pressure != now.pressure) {
            tell(&[0xD0 | channel, now.pressure]);
        }
        if before.is_none_or(|before| before.brightness != now.brightness) {
            tell(&[0xB0 | channel, BRIGHTNESS, now.brightness]);
        }
    }
}

/// Whether a note is meant: by an id that is known, or else by channel and key, if the event has no id or the note has
/// none.
fn is_meant(member: &Member, select: Select, known: Option<i32>) -> bool {
    match known {
        Some(id) => member.id == Some(id),
        None => {
            select.channel.is_none_or(|channel| channel == member.channel)
                && select.key.is_none_or(|key| key == member.key)
                && (select.id.is_none() || member.id.is_none())
        }
    }
}

/// A message to all channels, of which this is the one to channel 1.
fn tell_all(message: &[u8], tell: &mut impl FnMut(&[u8])) {
    let mut bytes = [0; 3];
    let bytes = &mut bytes[..message.len()];
    bytes.copy_from_slice(message);
    for channel in 0..16 {
        bytes[0] = message[0] | channel;
        tell(bytes);
    }
}

fn bend_steps(semitones: f32) -> i32 {
    // What is no number is no bend.
    (semitones / BEND_RANGE * CENTRE as f32).round().clamp(-2.5e4, 2.5e4) as i32
}

/// What goes from 0 to 1, as MIDI says it: 0 to 127.
pub fn seven_bits(value: f32) -> u8 {
    (value * 127.0).round().clamp(0.0, 127.0) as u8
}

#[cfg(test)]
mod tests;
