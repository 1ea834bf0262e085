//! Standard MIDI files: all tracks as one list of messages, at frames.

use anyhow::{Context, Result, bail};
use midly::live::LiveEvent;
use midly::{Format, MetaMessage, MidiMessage, Smf, Timing, TrackEventKind};

use crate::host::EventBody;

/// Microseconds in a quarter note before the first tempo event: 120 beats a minute.
const DEFAULT_TEMPO: f64 = 500_000.0;

/// The file's channel messages and SysEx, at frames of `rate` Hz from its beginning, in order.
///
/// # Errors
/// The bytes are no MIDI file of format 0 or 1.
pub fn events(file: &[u8], rate: f64) -> Result<Vec<(u64, EventBody)>> {
    let smf = Smf::parse(file).context("this is no MIDI file")?;
    if smf.header.format == Format::Sequential {
        bail!("this MIDI file is of format 2 (a set of patterns); only formats 0 and 1 can be played");
    }
    let mut merged: Vec<(u64, TrackEventKind)> = Vec::new();
    for track in &smf.tracks {
        let mut tick = 0_u64;
        for event in track {
            tick += u64::from(event.delta.as_int());
            merged.push((tick, event.kind));
        }
    }
    // Stable: at one tick the tracks keep their order, so the tempo track comes first.
    merged.sort_by_key(|(tick, _)| *tick);
    let mut clock = Clock::new(smf.header.timing);
    let mut events = Vec::new();
    for (tick, kind) in merged {
        clock.advance(tick);
        let body = match kind {
            TrackEventKind::Midi { channel, message } => channel_message(channel.as_int(), message),
            TrackEventKind::SysEx(data) => EventBody::SysEx([&[0xF0], data].concat()),
            TrackEventKind::Meta(MetaMessage::Tempo(tempo)) => {
                clock.set_tempo(tempo.as_int().into());
                continue;
            }
            _ => continue,
        };
        events.push(((clock.seconds * rate).round() as u64, body));
    }
    Ok(events)
}

fn channel_message(channel: u8, message: MidiMessage) -> EventBody {
    let mut bytes = [0; 3];
    let mut rest = &mut bytes[..];
    let live = LiveEvent::Midi { channel: channel.into(), message };
    // A channel message has two or three bytes: it always fits.
    let _ = live.write(&mut rest);
    EventBody::Midi(bytes)
}

/// Seconds from ticks.
struct Clock {
    tick: u64,
    seconds: f64,
    seconds_per_tick: f64,
    /// None where ticks do not depend on the tempo.
    ticks_per_quarter: Option<f64>,
}

impl Clock {
    fn new(timing: Timing) -> Self {
        let (seconds_per_tick, ticks_per_quarter) = match timing {
            Timing::Metrical(ticks) => {
                let ticks = f64::from(ticks.as_int().max(1));
                (DEFAULT_TEMPO * 1e-6 / ticks, Some(ticks))
            }
            Timing::Timecode(fps, ticks) => (1.0 / f64::from(fps.as_f32()) / f64::from(ticks.max(1)), None),
        };
        Self { tick: 0, seconds: 0.0, seconds_per_tick, ticks_per_quarter }
    }

    fn advance(&mut self, tick: u64) {
        self.seconds += (tick - self.tick) as f64 * self.seconds_per_tick;
        self.tick = tick;
    }

    fn set_tempo(&mut self, microseconds_per_quarter: f64) {
        if let Some(ticks) = self.ticks_per_quarter {
            self.seconds_per_tick = microseconds_per_quarter * 1e-6 / ticks;
        }
    }
}

#[cfg(test)]
mod tests {
    use midly::num::{u4, u7, u15, u24, u28};
    use midly::{Fps, Header, Track, TrackEvent};

    use super::*;

    fn note(delta: u32, key: u8) -> TrackEvent<'static> {
        let message = MidiMessage::NoteOn { key: u7::new(key), vel: u7::new(100) };
        TrackEvent { delta: u28::new(delta), kind: TrackEventKind::Midi { channel: u4::new(2), message } }
    }

    fn tempo(delta: u32, microseconds: u32) -> TrackEvent<'static> {
        let kind = TrackEventKind::Meta(MetaMessage::Tempo(u24::new(microseconds)));
        TrackEvent { delta: u28::new(delta), kind }
    }

    fn file(format: Format, timing: Timing, tracks: Vec<Track<'static>>) -> Vec<u8> {
        let mut bytes = Vec::new();
        Smf { header: Header::new(format, timing), tracks }.write_std(&mut bytes).unwrap();
        bytes
    }

    fn quarters() -> Timing {
        Timing::Metrical(u15::new(480))
    }

    #[test]
    fn a_tempo_change_on_one_track_moves_the_notes_of_another() {
        let tempos = vec![tempo(0, 500_000), tempo(960, 1_000_000)];
        let notes = vec![note(480, 60), note(960, 61), note(240, 62)];
        let events = events(&file(Format::Parallel, quarters(), vec![tempos, notes]), 1000.0).unwrap();
        // A quarter at 0.5 s; at 2 quarters (1 s) a quarter becomes 1 s.
        let frames: Vec<_> = events.iter().map(|(frame, _)| *frame).collect();
        assert_eq!(frames, [500, 2000, 2500]);
        assert_eq!(events[1].1, EventBody::Midi([0x92, 61, 100]));
    }

    #[test]
    fn time_code_ticks_do_not_follow_the_tempo() {
        let track = vec![tempo(0, 1_000_000), note(25 * 40, 60)];
        let events =
            events(&file(Format::SingleTrack, Timing::Timecode(Fps::Fps25, 40), vec![track]), 44_100.0);
        assert_eq!(events.unwrap()[0].0, 44_100);
    }

    #[test]
    fn two_byte_messages_are_padded_and_sysex_is_whole() {
        let program = MidiMessage::ProgramChange { program: u7::new(9) };
        let track = vec![
            TrackEvent {
                delta: u28::new(0),
                kind: TrackEventKind::Midi { channel: u4::new(0), message: program },
            },
            TrackEvent { delta: u28::new(0), kind: TrackEventKind::SysEx(&[1, 2, 0xF7]) },
        ];
        let events = events(&file(Format::SingleTrack, quarters(), vec![track]), 48_000.0).unwrap();
        assert_eq!(events[0].1, EventBody::Midi([0xC0, 9, 0]));
        assert_eq!(events[1].1, EventBody::SysEx(vec![0xF0, 1, 2, 0xF7]));
    }

    #[test]
    fn what_is_no_midi_file_is_refused() {
        assert!(events(b"RIFF", 48_000.0).is_err());
        let patterns = file(Format::Sequential, quarters(), vec![vec![note(0, 60)]]);
        assert!(events(&patterns, 48_000.0).unwrap_err().to_string().contains("format 2"));
    }
}
