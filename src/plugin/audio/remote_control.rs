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
mod tests {
    use test_host::testing::Random;

    use super::*;

    /// A remote control on channel 16.
    fn remote() -> RemoteControl {
        let mut remote = RemoteControl::default();
        remote.set_channel(Some(15));
        remote
    }

    fn asked(bytes: &[u8]) -> Option<Remote> {
        let mut remote = remote();
        let asked = remote.message(bytes);
        assert_eq!(remote.malformed(), 0, "{bytes:02X?}");
        asked
    }

    fn is_malformed(bytes: &[u8]) -> bool {
        let mut remote = remote();
        remote.message(bytes).is_none() && remote.malformed() == 1
    }

    fn locate(time: [u8; 5]) -> Vec<u8> {
        [&[0xF0, 0x7F, 0x7F, 0x06, 0x44, 0x06, 0x01][..], &time, &[0xF7]].concat()
    }

    fn line(text: &[u8]) -> Vec<u8> {
        [&[0xF0, 0x7D, 0x43, 0x53][..], text, &[0xF7]].concat()
    }

    #[test]
    fn machine_control_moves_the_performance_whatever_the_device_number() {
        for device in [0, 0x10, 0x7F] {
            let command = |command| asked(&[0xF0, 0x7F, device, 0x06, command, 0xF7]);
            assert_eq!(command(0x01), Some(Remote::Stop));
            assert_eq!(command(0x02), Some(Remote::Play));
            assert_eq!(command(0x03), Some(Remote::DeferredPlay));
            assert_eq!(command(0x06), Some(Remote::RecordStrobe));
            assert_eq!(command(0x07), Some(Remote::RecordExit));
            assert_eq!(command(0x09), Some(Remote::Pause));
        }
    }

    #[test]
    fn midi_start_begins_again_and_continue_goes_on_from_a_stop() {
        assert_eq!(asked(&[0xFA]), Some(Remote::Restart));
        assert_eq!(asked(&[0xFB]), Some(Remote::Play));
        assert_eq!(asked(&[0xFC]), Some(Remote::Pause));
    }

    #[test]
    fn a_locate_is_at_the_frames_its_rate_says() {
        let at = |time| match asked(&locate(time)) {
            Some(Remote::Locate(seconds)) => seconds,
            other => panic!("{other:?}"),
        };
        let close = |time, seconds: f64| assert!((at(time) - seconds).abs() < 1e-9, "{time:?}: {}", at(time));
        close([0, 0, 0, 0, 0], 0.0);
        close([1, 2, 3, 12, 0], 3723.5);
        close([0x20 | 1, 2, 3, 5, 50], 3723.22);
        close([0x60 | 1, 2, 3, 15, 0], 3723.5);
        // Ten minutes of drop frames are 17982 frames, and almost exactly ten minutes.
        close([0x40, 10, 0, 0, 0], 17_982.0 * 1001.0 / 30_000.0);
        close([0x40, 1, 0, 2, 0], 1800.0 * 1001.0 / 30_000.0);
    }

    #[test]
    fn flags_in_a_locate_are_not_taken_for_time() {
        assert_eq!(asked(&locate([0, 0x40, 0x40 | 1, 0x20, 0x7F])), Some(Remote::Locate(1.0)));
        assert_eq!(asked(&locate([0, 1, 0, 0x40 | 1, 0])), Some(Remote::Locate(0.0)), "a negative time");
    }

    #[test]
    fn an_impossible_time_is_malformed() {
        for time in [
            [24, 0, 0, 0, 0],
            [0, 60, 0, 0, 0],
            [0, 0, 60, 0, 0],
            [0, 0, 0, 24, 0],
            [0x20, 0, 0, 25, 0],
            [0, 0, 0, 0, 100],
        ] {
            assert!(is_malformed(&locate(time)), "{time:?}");
        }
    }

    #[test]
    fn keys_programs_and_a_controller_of_the_remote_channel_are_commands() {
        for (key, command) in [
            (24, Remote::TogglePause),
            (25, Remote::Stop),
            (26, Remote::Restart),
            (27, Remote::ToggleRecord),
            (36, Remote::Slot(0)),
            (51, Remote::Slot(15)),
        ] {
            assert_eq!(asked(&[0x9F, key, 1]), Some(command));
        }
        assert_eq!(asked(&[0xCF, 0]), Some(Remote::Slot(0)));
        assert_eq!(asked(&[0xCF, 15]), Some(Remote::Slot(15)));
        assert_eq!(asked(&[0xBF, 20, 0]), Some(Remote::OffsetPercent(0.0)));
        assert_eq!(asked(&[0xBF, 20, 127]), Some(Remote::OffsetPercent(100.0)));
    }

    #[test]
    fn what_ends_a_key_or_means_nothing_is_taken_silently() {
        let others = [
            &[0x9F, 36, 0][..],
            &[0x8F, 36, 64],
            &[0x9F, 28, 100],
            &[0x9F, 52, 100],
            &[0xBF, 64, 127],
            &[0xCF, 16],
            &[0xDF, 9],
            &[0xEF, 0, 64],
        ];
        for bytes in others {
            assert_eq!(asked(bytes), None, "{bytes:02X?}");
        }
    }

    #[test]
    fn other_channels_belong_to_the_piece() {
        let remote = remote();
        assert!(remote.is_for_remote(15));
        assert!(!remote.is_for_remote(0));
        assert_eq!(asked(&[0x90, 36, 100]), None);
        let mut off = RemoteControl::default();
        assert!((0..=255).all(|channel| !off.is_for_remote(channel)));
        off.set_channel(Some(16));
        assert!((0..=255).all(|channel| !off.is_for_remote(channel)));
        assert_eq!(off.message(&[0x9F, 36, 100]), None);
        assert_eq!(off.message(&[0xFB]), Some(Remote::Play));
    }

    #[test]
    fn a_score_line_is_taken_as_it_came() {
        let Some(Remote::Line(found)) = asked(&line(b"i \"bell\" 0 1 440")) else { panic!("no line") };
        assert_eq!(found.as_str(), "i \"bell\" 0 1 440");
        let longest = line(&[b'a'; LONGEST_LINE]);
        assert_eq!(longest.len(), LONGEST_MESSAGE);
        assert!(matches!(asked(&longest), Some(Remote::Line(_))));
    }

    #[test]
    fn a_line_that_is_empty_too_long_or_not_printable_is_malformed() {
        for text in [&b""[..], &[b'a'; LONGEST_LINE + 1], b"i1 0 1\n", b"i1\t0", b"\x7F"] {
            assert!(is_malformed(&line(text)), "{text:?}");
        }
    }

    #[test]
    fn orchestra_code_may_have_several_lines_and_says_what_is_wanted_of_it() {
        let message = |head: u8, text: &[u8]| [&[0xF0, 0x7D, 0x43, head][..], text, &[0xF7]].concat();
        for (head, purpose) in [(b'O', Purpose::Compile), (b'E', Purpose::Evaluate)] {
            let Some(Remote::Line(found)) = asked(&message(head, b"instr 2\r\n\tout 0\nendin")) else {
                panic!("no code")
            };
            assert_eq!((found.as_str(), found.purpose()), ("instr 2\r\n\tout 0\nendin", Some(purpose)));
            assert!(matches!(asked(&message(head, &[b'a'; LONGEST_LINE])), Some(Remote::Line(_))));
            for text in [&b""[..], &[b'a'; LONGEST_LINE + 1], b"a\0", b"\x7F"] {
                assert!(is_malformed(&message(head, text)), "{text:?}");
            }
        }
        let Some(Remote::Line(line)) = asked(&line(b"i 1 0 1")) else { panic!("no line") };
        assert_eq!(line.purpose(), None);
    }

    #[test]
    fn what_is_for_others_is_not_counted() {
        for bytes in [
            &[0xF0, 0x41, 1, 2, 3, 0xF7][..],
            &[0xF0, 0x7D, 0x43, 0x54, 0xF7],
            &[0xF0, 0x7E, 0x7F, 6, 1, 0xF7],
            &[0xF0, 0x7F, 0x7F, 0x01, 0x01, 1, 2, 3, 4, 0xF7],
            &[0xF0, 0x7F, 0x7F, 0x06, 0x05, 0xF7],
            &[0xF0, 0x7F, 0x7F, 0x06, 0x44, 0x02, 0x00, 0x08, 0xF7],
            &[0xF2, 0, 0],
            &[0xF8],
            &[0xFE],
        ] {
            assert_eq!(asked(bytes), None, "{bytes:02X?}");
        }
    }

    #[test]
    fn what_is_not_whole_is_counted() {
        for bytes in [
            &[][..],
            &[60],
            &[0x9F],
            &[0x9F, 36],
            &[0x9F, 36, 100, 0],
            &[0x9F, 36, 0x80],
            &[0xCF, 1, 2],
            &[0xFA, 0],
            &[0xF4],
            &[0xF7],
            &[0xF0],
            &[0xF0, 0xF7],
            &[0xF0, 0x7F, 0x7F, 0x06, 0x02],
            &[0xF0, 0x7F, 0x7F, 0x06, 0xF7],
            &[0xF0, 0x7F, 0x7F, 0x06, 0x02, 0x02, 0xF7],
            &[0xF0, 0x7F, 0x7F, 0x06, 0x44, 0x06, 0x01, 0, 0, 0, 0, 0xF7],
            &[0xF0, 0x7F, 0x7F, 0x06, 0x80, 0xF7],
        ] {
            assert!(is_malformed(bytes), "{bytes:02X?}");
        }
    }

    /// What a message is by MIDI alone, in other words than the reader's.
    fn is_whole(bytes: &[u8]) -> bool {
        let data = |count: usize| bytes.len() == count + 1 && bytes[1..].iter().all(|byte| *byte < 128);
        match bytes.first() {
            Some(0xF0) => {
                bytes.len() > 2
                    && bytes.last() == Some(&0xF7)
                    && bytes[1..bytes.len() - 1].iter().all(|byte| *byte < 128)
            }
            Some(0xF2) => data(2),
            Some(0xF1 | 0xF3) => data(1),
            Some(0xF6 | 0xF8 | 0xFA | 0xFB | 0xFC | 0xFE | 0xFF) => data(0),
            Some(status @ 0x80..=0xEF) => data(if (0xC0..0xE0).contains(status) { 1 } else { 2 }),
            _ => false,
        }
    }

    #[test]
    fn of_random_bytes_what_is_no_message_is_counted_and_nothing_panics() {
        let mut random = Random::new(3);
        let mut below = |limit: usize| random.below(limit);
        let seeds =
            [locate([1, 2, 3, 4, 5]), line(b"i 1 0 1"), vec![0x9F, 36, 100], vec![0xF0, 0x7F, 1, 6, 2, 0xF7]];
        let (mut remote, mut asked) = (remote(), 0);
        for _ in 0..20_000 {
            let mut bytes = match below(3) {
                0 => (0..below(24)).map(|_| below(256) as u8).collect(),
                _ => seeds[below(seeds.len())].clone(),
            };
            for _ in 0..below(3) {
                let at = below(bytes.len() + 1);
                match below(3) {
                    0 => bytes.insert(at, below(256) as u8),
                    1 if at < bytes.len() => bytes[at] = below(256) as u8,
                    _ => bytes.truncate(at),
                }
            }
            let before = remote.malformed();
            let found = remote.message(&bytes);
            let counted = remote.malformed() - before;
            asked += usize::from(found.is_some());
            assert!(counted == 0 || found.is_none());
            if !is_whole(&bytes) {
                assert_eq!((found, counted), (None, 1), "{bytes:02X?}");
            }
            match found {
                Some(Remote::Locate(seconds)) => assert!((0.0..86_400.0 * 1.002).contains(&seconds)),
                Some(Remote::Slot(slot)) => assert!(slot < usize::from(SLOTS)),
                Some(Remote::OffsetPercent(percent)) => assert!((0.0..=100.0).contains(&percent)),
                _ => {}
            }
        }
        assert!(asked > 1000, "{asked}");
    }
}
