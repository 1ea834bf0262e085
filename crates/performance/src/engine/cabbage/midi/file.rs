//! Standard MIDI files as `cabbageMidiFileReader` and `cabbageMidiFileInfo` see them: the events of a track with their
//! times in seconds. Pure, but for the bytes that it is given.

use midly::{MetaMessage, MidiMessage, Smf, Timing, TrackEventKind};

/// An event of a track.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct FileEvent {
    pub seconds: f64,
    /// As Cabbage has them: 128 and 144 for notes, 160 for the pressure of a key, 176 for controllers, 208 for
    /// programs, 244 for the bend, else 0.
    pub status: u16,
    /// From 1.
    pub channel: u8,
    /// The note, the controller or the program.
    pub number: u8,
    /// The velocity or the value.
    pub value: u8,
}

/// A file.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct MidiFile {
    /// 0: one track; 1: several at the same time; 2: several one after another.
    pub format: u8,
    /// The events of each track, by time.
    pub tracks: Vec<Vec<FileEvent>>,
    /// The time of the last event, in seconds.
    pub length: f64,
    /// Times in seconds, with how long a quarter note lasts from there on, in seconds.
    pub tempos: Vec<(f64, f64)>,
    /// Times in seconds, with the time signatures from there on.
    pub signatures: Vec<(f64, u8, u32)>,
}

/// The tempo as long as a file says none: a quarter note lasts so many microseconds.
const USUAL_TEMPO: f64 = 500_000.0;

/// From ticks to seconds.
struct Clock {
    /// Seconds in a tick, where no tempo decides.
    fixed: Option<f64>,
    /// Ticks in a quarter note.
    per_quarter: f64,
    /// The ticks at which the tempo changes, with the seconds until there and the microseconds of a quarter note
    /// from there on.
    changes: Vec<(u64, f64, f64)>,
}

impl Clock {
    fn of(smf: &Smf<'_>) -> Self {
        let fixed = match smf.header.timing {
            Timing::Metrical(_) => None,
            Timing::Timecode(frames, ticks) => {
                Some(1.0 / (f64::from(frames.as_f32()) * f64::from(ticks.max(1))))
            }
        };
        let per_quarter = match smf.header.timing {
            Timing::Metrical(ticks) => f64::from(ticks.as_int().max(1)),
            Timing::Timecode(..) => 1.0,
        };
        let mut clock = Self { fixed, per_quarter, changes: vec![(0, 0.0, USUAL_TEMPO)] };
        let mut tempos: Vec<(u64, f64)> = ticks_of(smf)
            .filter_map(|(tick, kind)| match kind {
                TrackEventKind::Meta(MetaMessage::Tempo(tempo)) => Some((tick, f64::from(tempo.as_int()))),
                _ => None,
            })
            .collect();
        tempos.sort_by_key(|(tick, _)| *tick);
        for (tick, tempo) in tempos {
            let seconds = clock.seconds(tick);
            clock.changes.push((tick, seconds, tempo));
        }
        clock
    }

    fn seconds(&self, tick: u64) -> f64 {
        if let Some(fixed) = self.fixed {
            return tick as f64 * fixed;
        }
        let after = self.changes.partition_point(|(change, ..)| *change <= tick);
        let (change, seconds, tempo) = self.changes[after.max(1) - 1];
        seconds + (tick - change) as f64 * tempo / self.per_quarter / 1e6
    }
}

/// If a file counts -128 frames a second, the opposite of which is no number of its size: the reader would overflow.
fn has_impossible_frames(bytes: &[u8]) -> bool {
    let mark = b"MThd";
    let header = bytes.windows(mark.len()).position(|window| window == mark);
    header.and_then(|at| bytes.get(at + 12)) == Some(&0x80)
}

/// The events of all tracks, each with its tick from the beginning.
fn ticks_of<'a>(smf: &'a Smf<'a>) -> impl Iterator<Item = (u64, &'a TrackEventKind<'a>)> {
    smf.tracks.iter().flat_map(|track| {
        let mut tick = 0_u64;
        track.iter().map(move |event| {
            tick += u64::from(event.delta.as_int());
            (tick, &event.kind)
        })
    })
}

impl MidiFile {
    /// Reads a file.
    ///
    /// # Errors
    /// It is no MIDI file, or is damaged.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, String> {
        if has_impossible_frames(bytes) {
            return Err("invalid smpte fps".to_owned());
        }
        let smf = Smf::parse(bytes).map_err(|error| error.to_string())?;
        let clock = Clock::of(&smf);
        let mut file = Self { format: smf.header.format as u8, ..Self::default() };
        for track in &smf.tracks {
            let (mut tick, mut events) = (0_u64, Vec::new());
            for event in track {
                tick += u64::from(event.delta.as_int());
                let seconds = clock.seconds(tick);
                file.length = file.length.max(seconds);
                match event.kind {
                    TrackEventKind::Midi { channel, message } => {
                        events.push(event_of(seconds, channel.as_int() + 1, message));
                    }
                    TrackEventKind::Meta(MetaMessage::Tempo(tempo)) => {
                        file.tempos.push((seconds, f64::from(tempo.as_int()) / 1e6));
                    }
                    TrackEventKind::Meta(MetaMessage::TimeSignature(beats, power, ..)) => {
                        file.signatures.push((seconds, beats, 1 << u32::from(power).min(31)));
                    }
                    _ => {}
                }
            }
            file.tracks.push(events);
        }
        file.tempos.sort_by(|one, other| one.0.total_cmp(&other.0));
        file.signatures.sort_by(|one, other| one.0.total_cmp(&other.0));
        Ok(file)
    }
}

fn event_of(seconds: f64, channel: u8, message: MidiMessage) -> FileEvent {
    let (status, number, value) = match message {
        MidiMessage::NoteOn { key, vel } if vel > 0 => (144, key.as_int(), vel.as_int()),
        MidiMessage::NoteOn { key, vel } | MidiMessage::NoteOff { key, vel } => {
            (128, key.as_int(), vel.as_int())
        }
        MidiMessage::Aftertouch { key, vel } => (160, key.as_int(), vel.as_int()),
        MidiMessage::Controller { controller, value } => (176, controller.as_int(), value.as_int()),
        MidiMessage::ProgramChange { program } => (208, program.as_int(), 0),
        MidiMessage::ChannelAftertouch { vel } => (0, vel.as_int(), 0),
        MidiMessage::PitchBend { bend } => {
            let bits = bend.0.as_int();
            (244, (bits & 0x7F) as u8, (bits >> 7) as u8)
        }
    };
    FileEvent { seconds, status, channel, number, value }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file of format 1 with 96 ticks in a quarter note.
    fn file(tracks: &[&[u8]]) -> Vec<u8> {
        let mut bytes = b"MThd\0\0\0\x06\0\x01\0".to_vec();
        bytes.extend([tracks.len() as u8, 0, 96]);
        for track in tracks {
            let mut inside = track.to_vec();
            inside.extend([0, 0xFF, 0x2F, 0]);
            bytes.extend(b"MTrk");
            bytes.extend((inside.len() as u32).to_be_bytes());
            bytes.extend(inside);
        }
        bytes
    }

    #[test]
    fn times_follow_the_tempo_of_all_tracks() {
        // A quarter note lasts half a second, from the second one on a whole one.
        let tempos = [0, 0xFF, 0x58, 4, 3, 3, 24, 8, 96, 0xFF, 0x51, 3, 0x0F, 0x42, 0x40];
        let notes = [0, 0x91, 60, 100, 96, 0x91, 60, 0, 48, 0xB0, 7, 99, 0, 0xC0, 5, 0, 0xE0, 1, 64];
        let read = MidiFile::read(&file(&[&tempos, &notes])).unwrap();
        let told: Vec<_> = read.tracks[1]
            .iter()
            .map(|event| (event.seconds, event.status, event.channel, event.number, event.value))
            .collect();
        let expected = [
            (0.0, 144, 2, 60, 100),
            (0.5, 128, 2, 60, 0),
            (1.0, 176, 1, 7, 99),
            (1.0, 208, 1, 5, 0),
            (1.0, 244, 1, 1, 64),
        ];
        assert_eq!(told, expected);
        assert_eq!((read.format, read.tracks.len(), read.length), (1, 2, 1.0));
        assert_eq!((read.tempos, read.signatures), (vec![(0.5, 1.0)], vec![(0.0, 3, 8)]));
    }

    #[test]
    fn what_is_no_midi_file_is_an_error() {
        for bytes in [&b""[..], b"RIFF", b"MThd\0\0\0\x06\0\x01\0\x01\0"] {
            assert!(MidiFile::read(bytes).is_err());
        }
    }

    #[test]
    fn damaged_files_do_no_harm() {
        let whole = file(&[&[0, 0x90, 60, 100, 96, 0x80, 60, 0]]);
        for at in 0..whole.len() {
            let _ = MidiFile::read(&whole[..at]);
            for other in [0, 0x7F, 0x80, 0xFF] {
                let mut damaged = whole.clone();
                damaged[at] = other;
                let _ = MidiFile::read(&damaged);
            }
        }
    }
}
