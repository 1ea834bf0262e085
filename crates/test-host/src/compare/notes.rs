//! A MIDI file on the beginnings of k-cycles, and the values of a piece's widgets, for the plugin and for the command.
//!
//! Between two beginnings both have to round, and nothing says which way: so nothing is left to round.

use anyhow::{Context, Result};
use midly::live::LiveEvent;
use midly::num::{u15, u24, u28};
use midly::{Format, Header, MetaMessage, Smf, Timing, Track, TrackEvent, TrackEventKind};

use super::widgets;
use crate::host::EventBody;
use crate::midi;

/// Ticks of a quarter note in the file that the command plays, and its tempo in microseconds a quarter: fine enough
/// for k-cycles of one frame at 192 kHz.
const TICKS: u16 = 32_000;
const TEMPO: u32 = 50_000;

/// MIDI for both.
#[derive(Clone, Debug, PartialEq)]
pub struct Notes {
    /// For the plugin, at frames.
    pub events: Vec<(u64, EventBody)>,
    /// For the command: a MIDI file.
    pub file: Vec<u8>,
}

/// Moves the channel messages of a MIDI file to the nearest beginnings of k-cycles of `ksmps` frames at `rate` Hz.
/// A note lasts one k-cycle at least, and SysEx is left out.
///
/// # Errors
/// The bytes are no MIDI file, or one that is too long.
pub fn on_boundaries(file: &[u8], rate: u32, ksmps: u32) -> Result<Notes> {
    let ksmps = u64::from(ksmps.max(1));
    let mut began = [[None; 128]; 16];
    let mut messages: Vec<(u64, [u8; 3])> = Vec::new();
    for (frame, body) in midi::events(file, rate.into())? {
        let EventBody::Midi(bytes) = body else { continue };
        let mut cycle = (frame + ksmps / 2) / ksmps;
        let began = &mut began[usize::from(bytes[0] & 15)][usize::from(bytes[1] & 127)];
        match bytes[0] >> 4 {
            9 if bytes[2] > 0 => *began = Some(cycle),
            8 | 9 if *began == Some(cycle) => cycle += 1,
            _ => (),
        }
        messages.push((cycle, bytes));
    }
    // Stable: what was in order stays so.
    messages.sort_by_key(|(cycle, _)| *cycle);
    let events = messages.iter().map(|(cycle, bytes)| (cycle * ksmps, EventBody::Midi(*bytes))).collect();
    let seconds = ksmps as f64 / f64::from(rate);
    Ok(Notes { events, file: written(&messages, seconds)? })
}

fn written(messages: &[(u64, [u8; 3])], cycle: f64) -> Result<Vec<u8>> {
    let tick = f64::from(TEMPO) * 1e-6 / f64::from(TICKS);
    let tempo = TrackEventKind::Meta(MetaMessage::Tempo(u24::new(TEMPO)));
    let mut track: Track = vec![TrackEvent { delta: u28::new(0), kind: tempo }];
    let mut before = 0;
    for (at, bytes) in messages {
        let now = (*at as f64 * cycle / tick).round() as u64;
        let delta = u32::try_from(now - before)
            .ok()
            .and_then(u28::try_from)
            .context("the notes are too far apart")?;
        let length = if matches!(bytes[0] >> 4, 0xC | 0xD) { 2 } else { 3 };
        let LiveEvent::Midi { channel, message } = LiveEvent::parse(&bytes[..length])? else { continue };
        track.push(TrackEvent { delta, kind: TrackEventKind::Midi { channel, message } });
        before = now;
    }
    track.push(TrackEvent { delta: u28::new(0), kind: TrackEventKind::Meta(MetaMessage::EndOfTrack) });
    let header = Header::new(Format::SingleTrack, Timing::Metrical(u15::new(TICKS)));
    let mut file = Vec::new();
    Smf { header, tracks: vec![track] }.write_std(&mut file)?;
    Ok(file)
}

/// The CSD with the values at which its widgets and declared channels start, set once its orchestra's own
/// instructions have run, as the plugin does.
pub fn with_widgets_set(csd: &str) -> String {
    let Some((before, after)) = csd.split_once("</CsInstruments>") else { return csd.to_owned() };
    let set = |(name, value): (String, widgets::Value)| match value {
        widgets::Value::Number(number) => format!("chnset {number:?}, {}\n", quoted(&name)),
        widgets::Value::Text(text) => format!("chnset {}, {}\n", quoted(&text), quoted(&name)),
    };
    let all: String = widgets::starting_values(csd).into_iter().map(set).collect();
    format!("{before}\n{all}</CsInstruments>{after}")
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(messages: &[(u32, [u8; 3])]) -> Vec<u8> {
        let list: Vec<_> = messages.iter().map(|(ms, bytes)| (u64::from(*ms), *bytes)).collect();
        written(&list, 0.001).unwrap()
    }

    #[test]
    fn messages_move_to_the_nearest_boundary_and_come_back_there() {
        let notes = [(10, [0x90, 60, 100]), (11, [0x80, 60, 0]), (500, [0xC1, 5, 0]), (1000, [0x90, 60, 0])];
        for ksmps in [1, 7, 64, 1000] {
            let notes = on_boundaries(&file(&notes), 48_000, ksmps).unwrap();
            let again = midi::events(&notes.file, 48_000.0).unwrap();
            assert_eq!(notes.events, again, "ksmps {ksmps}");
            assert!(notes.events.iter().all(|(frame, _)| frame % u64::from(ksmps) == 0), "ksmps {ksmps}");
        }
        let notes = on_boundaries(&file(&notes), 48_000, 1000).unwrap();
        let frames: Vec<_> = notes.events.iter().map(|(frame, _)| *frame).collect();
        assert_eq!(frames, [0, 1000, 24_000, 48_000], "the note lasts a k-cycle");
    }

    #[test]
    fn values_are_set_at_the_end_of_the_orchestra() {
        let csd = "<Cabbage>\nhslider channel(\"x\") range(0, 1, 0.25)\n</Cabbage>\n<CsInstruments>\nendin\n</CsInstruments>\n";
        assert!(with_widgets_set(csd).contains("endin\n\nchnset 0.25, \"x\"\n</CsInstruments>\n"));
        assert_eq!(with_widgets_set("no piece"), "no piece");
    }
}
