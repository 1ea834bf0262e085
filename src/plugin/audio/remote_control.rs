//! MIDI as a remote control: messages in, what they ask of the performance out. Pure.
//!
//! | message | asks for |
//! |---|---|
//! | MMC `F0 7F <device> 06 01 F7` | [`Remote::Stop`] |
//! | MMC 02, 03 | [`Remote::Play`], [`Remote::DeferredPlay`] |
//! | MMC 06, 07 | [`Remote::RecordStrobe`], [`Remote::RecordExit`] |
//! | MMC 09 | [`Remote::Pause`] |
//! | MMC 44 06 01 hh mm ss ff sf | [`Remote::Locate`] |
//! | MIDI start FA | [`Remote::Restart`]: a start is one from the beginning |
//! | MIDI continue FB | [`Remote::Play`] |
//! | MIDI stop FC | [`Remote::Pause`]: it has to be one that continue goes on from |
//! | `F0 7D 43 53 <score line in ASCII> F7` | [`Remote::Line`] |
//! | `F0 7D 43 4F <orchestra code in ASCII> F7`, `F0 7D 43 45 …` | [`Remote::Line`], to compile or to evaluate |
//!
//! and on the remote channel:
//!
//! | message | asks for |
//! |---|---|
//! | note on, key 24 | [`Remote::TogglePause`] |
//! | note on, key 25 | [`Remote::Stop`] |
//! | note on, key 26 | [`Remote::Restart`] |
//! | note on, key 27 | [`Remote::ToggleRecord`] |
//! | note on, keys 36 to 51 | [`Remote::Slot`], 1 to 16 |
//! | controller 20 | [`Remote::OffsetPercent`], 0 to 127 for 0 to 100 % |
//! | program 1 to 16 (bytes 0 to 15) | [`Remote::Slot`], 1 to 16 |
//!
//! Every MMC device number is listened to. Whatever else comes on the remote channel (note-offs,
//! other keys, other controllers) is taken and does nothing; the piece never gets it. A message
//! that is not whole, or begins as one of these and goes on otherwise, does nothing and is counted.

use csound_performance::engine::Purpose;

use crate::plugin::shared::score_line::{LONGEST_LINE, ScoreLine};

/// Most bytes of a message that asks for something: a score line with what is around it.
pub const LONGEST_MESSAGE: usize = LINE_HEAD.len() + LONGEST_LINE + 2;

/// What a score line's SysEx begins with, behind F0: the number for private use, then `CS`.
const LINE_HEAD: [u8; 3] = [0x7D, b'C', b'S'];

/// The same of orchestra code to compile, `CO`, and to evaluate, `CE`.
const COMPILE_HEAD: [u8; 3] = [0x7D, b'C', b'O'];
const EVALUATE_HEAD: [u8; 3] = [0x7D, b'C', b'E'];

/// Event slots that keys and programs reach.
pub const SLOTS: u8 = 16;

const TOGGLE_PAUSE_KEY: u8 = 24;
const STOP_KEY: u8 = 25;
const RESTART_KEY: u8 = 26;
const TOGGLE_RECORD_KEY: u8 = 27;
const FIRST_SLOT_KEY: u8 = 36;
const LAST_SLOT_KEY: u8 = FIRST_SLOT_KEY + SLOTS - 1;
const OFFSET_CONTROLLER: u8 = 20;

/// What a message asks for.
#[derive(Clone, Copy, Debug, PartialEq)]
#[allow(clippy::large_enum_variant, reason = "a box would allocate on the audio thread")]
pub enum Remote {
    /// To play.
    Play,
    /// To play as soon as it can: after a locate, where there is one to wait for.
    DeferredPlay,
    /// To pause.
    Pause,
    /// To pause, or to go on.
    TogglePause,
    /// To end the performance.
    Stop,
    /// To begin again.
    Restart,
    /// To begin a recording.
    RecordStrobe,
    /// To end the recording.
    RecordExit,
    /// To begin a recording, or to end it.
    ToggleRecord,
    /// To go to a score time, in seconds, 0 or more.
    Locate(f64),
    /// To go to a part of the score's length, in percent, 0 to 100.
    OffsetPercent(f64),
    /// To send the line of an event slot, 0 to 15.
    Slot(usize),
    /// To send this line, or this orchestra code.
    Line(ScoreLine),
}

/// Something that is not as it has to be; [`RemoteControl`] counts it.
struct Malformed;

/// The remote control.
#[derive(Debug, Default)]
pub struct RemoteControl {
    channel: Option<u8>,
    malformed: u64,
}

impl RemoteControl {
    /// Sets the remote channel, 0 to 15; `None` switches it off. The other messages do not need it.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn set_channel(&mut self, channel: Option<u8>) {
        self.channel = channel.filter(|channel| *channel < 16);
    }

    /// Whether the channel messages of `channel`, 0 to 15, are the remote control's, so that the
    /// piece must not get them.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn is_for_remote(&self, channel: u8) -> bool {
        self.channel == Some(channel)
    }

    /// Messages so far that were not whole, or not as the tables have them.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn malformed(&self) -> u64 {
        self.malformed
    }

    /// What one whole message asks for. What is for the piece, or for others, asks for nothing.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn message(&mut self, bytes: &[u8]) -> Option<Remote> {
        match self.read(bytes) {
            Ok(asked) => asked,
            Err(Malformed) => {
                self.malformed = self.malformed.saturating_add(1);
                None
            }
        }
    }

    fn read(&self, bytes: &[u8]) -> Result<Option<Remote>, Malformed> {
        let (&status, data) = bytes.split_first().ok_or(Malformed)?;
        if status == 0xF0 {
            return system_exclusive(data);
        }
        if data_length(status) != Some(data.len()) || data.iter().any(|byte| *byte > 0x7F) {
            return Err(Malformed);
        }
        Ok(match status {
            0xFA => Some(Remote::Restart),
            0xFB => Some(Remote::Play),
            0xFC => Some(Remote::Pause),
            0x80..=0xEF if self.is_for_remote(status & 0x0F) => channel_message(status & 0xF0, data),
            _ => None,
        })
    }
}

/// The data bytes that belong to a status; `None` where it is no status, or one that MIDI leaves
/// undefined.
fn data_length(status: u8) -> Option<usize> {
    match status {
        0x80..=0xBF | 0xE0..=0xEF | 0xF2 => Some(2),
        0xC0..=0xDF | 0xF1 | 0xF3 => Some(1),
        0xF6 | 0xF8 | 0xFA..=0xFC | 0xFE | 0xFF => Some(0),
        _ => None,
    }
}

fn channel_message(kind: u8, data: &[u8]) -> Option<Remote> {
    match (kind, data) {
        (0x90, &[key, velocity]) if velocity > 0 => key_down(key),
        (0xB0, &[OFFSET_CONTROLLER, value]) => Some(Remote::OffsetPercent(f64::from(value) * 100.0 / 127.0)),
        (0xC0, &[program]) if program < SLOTS => Some(Remote::Slot(usize::from(program))),
        _ => None,
    }
}

fn key_down(key: u8) -> Option<Remote> {
    match key {
        TOGGLE_PAUSE_KEY => Some(Remote::TogglePause),
        STOP_KEY => Some(Remote::Stop),
        RESTART_KEY => Some(Remote::Restart),
        TOGGLE_RECORD_KEY => Some(Remote::ToggleRecord),
        FIRST_SLOT_KEY..=LAST_SLOT_KEY => Some(Remote::Slot(usize::from(key - FIRST_SLOT_KEY))),
        _ => None,
    }
}

/// Reads what stands behind an F0.
fn system_exclusive(data: &[u8]) -> Result<Option<Remote>, Malformed> {
    let Some((0xF7, body)) = data.split_last() else { return Err(Malformed) };
    if body.is_empty() || body.iter().any(|byte| *byte > 0x7F) {
        return Err(Malformed);
    }
    let line = match body.split_first_chunk() {
        Some((&LINE_HEAD, line)) => Some(ScoreLine::new(line)),
        Some((&COMPILE_HEAD, code)) => Some(ScoreLine::code(code, Purpose::Compile)),
        Some((&EVALUATE_HEAD, code)) => Some(ScoreLine::code(code, Purpose::Evaluate)),
        _ => None,
    };
    if let Some(line) = line {
        return line.map(|line| Some(Remote::Line(line))).ok_or(Malformed);
    }
    match body {
        [0x7F, _device, 0x06, command @ ..] => machine_control(command),
        _ => Ok(None),
    }
}

/// Reads one MMC command. Those that this table lacks are for other machines.
fn machine_control(command: &[u8]) -> Result<Option<Remote>, Malformed> {
    let asked = match command {
        [0x01] => Remote::Stop,
        [0x02] => Remote::Play,
        [0x03] => Remote::DeferredPlay,
        [0x06] => Remote::RecordStrobe,
        [0x07] => Remote::RecordExit,
        [0x09] => Remote::Pause,
        [0x44, 0x06, 0x01, time @ ..] => Remote::Locate(seconds(time).ok_or(Malformed)?),
        // To a place that another machine remembers under a number.
        [0x44, 0x02, 0x00, _] => return Ok(None),
        [] | [0x01..=0x03 | 0x06 | 0x07 | 0x09 | 0x44, ..] => return Err(Malformed),
        _ => return Ok(None),
    };
    Ok(Some(asked))
}

/// The time of MMC's standard time code, `hh mm ss ff sf`, in seconds. The two bits above the hours
/// say how many frames a second has; those above the others (colour frame, status) say nothing about
/// the time, but one: a negative time is before the beginning, so it is the beginning.
fn seconds(time: &[u8]) -> Option<f64> {
    let &[hours, minutes, seconds, frames, subframes] = time else { return None };
    let rate = (hours >> 5) & 3;
    let (negative, has_status) = (frames & 0x40 != 0, frames & 0x20 != 0);
    let (hours, minutes, seconds, frames) = (hours & 0x1F, minutes & 0x3F, seconds & 0x3F, frames & 0x1F);
    let rounded = [24, 25, 30, 30][usize::from(rate)];
    // With a status the last byte is no part of a frame.
    let subframes = if has_status { 0 } else { subframes };
    if hours > 23 || minutes > 59 || seconds > 59 || frames >= rounded || subframes > 99 {
        return None;
    }
    let whole_minutes = u32::from(hours) * 60 + u32::from(minutes);
    let whole_seconds = whole_minutes * 60 + u32::from(seconds);
    let frames = f64::from(frames) + f64::from(subframes) / 100.0;
    let time = match rate {
        // 30 drop: 29.97 frames a second, and two numbers left out a minute but every tenth.
        2 => {
            let dropped = 2 * (whole_minutes - whole_minutes / 10);
            (f64::from(whole_seconds * 30 - dropped) + frames) * 1001.0 / 30_000.0
        }
        _ => f64::from(whole_seconds) + frames / f64::from(rounded),
    };
    Some(if negative { 0.0 } else { time })
}

#[cfg(test)]
mod tests;
