//! `cabbageMidiFileReader`, which gives the events of a MIDI file in the k-cycles in which they fall, and
//! `cabbageMidiFileInfo`, which says what is in one. A file is read when a note begins.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;

use csound_library::{Call, Level};

use super::file::{FileEvent, MidiFile};
use crate::engine::cabbage::context::{self, Work};
use crate::engine::cabbage::files::from_home;

/// Events that are given in a k-cycle at most: the length of the arrays.
const MOST: usize = 1024;

/// The largest file that is read, in bytes.
const LARGEST: u64 = 2 << 20;

/// Lines of a kind that are said of a file.
const MOST_LINES: usize = 100;

/// What an opcode of a note reads.
#[derive(Clone, Default)]
pub(in crate::engine::cabbage) struct Reading {
    file: Arc<MidiFile>,
    track: usize,
    skip: f64,
}

/// What an opcode keeps: the place of its [`Reading`], from 1; the frames that it has played; 1 once it has said that
/// it does not play.
const READING: usize = 0;
const FRAMES: usize = 1;
const HAS_STOPPED: usize = 2;

fn read(path: &Path) -> io::Result<MidiFile> {
    let mut bytes = Vec::new();
    File::open(path)?.take(LARGEST + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LARGEST {
        return Err(io::Error::other("it is larger than 2 MB"));
    }
    MidiFile::read(&bytes).map_err(io::Error::other)
}

/// The file that the first argument names; none where the console was told why.
fn open(call: &Call<'_>, work: &Work, opcode: &str) -> Option<MidiFile> {
    let path = from_home(work, call.text(0).to_bytes());
    match read(&path) {
        Ok(file) => Some(file),
        Err(error) => {
            call.tell(Level::Warning, &format!("{opcode}: {} cannot be read: {error}", path.display()));
            None
        }
    }
}

/// `cabbageMidiFileReader` when a note begins.
pub(in crate::engine::cabbage) fn begin(call: &mut Call<'_>) {
    let Some(context) = context::of(call) else { return };
    context.with(|work| {
        let file = open(call, work, "cabbageMidiFileReader").unwrap_or_default();
        let track = call.number(1).max(0.0) as usize;
        if track >= file.tracks.len().max(1) {
            let told = format!(
                "cabbageMidiFileReader: there is no track {track}: the file has {}, counted from 0",
                file.tracks.len()
            );
            call.tell(Level::Warning, &told);
        }
        let reading = Reading { file: Arc::new(file), track, skip: call.number(6).max(0.0) };
        let place = call.kept()[READING] as usize;
        let place = match work.readings.get_mut(place.wrapping_sub(1)) {
            Some(kept) => {
                *kept = reading;
                place
            }
            None => {
                work.readings.push(reading);
                work.readings.len()
            }
        };
        (call.kept()[READING], call.kept()[FRAMES], call.kept()[HAS_STOPPED]) = (place as f64, 0.0, 0.0);
    });
    for result in 0..4 {
        call.set_length(result, MOST);
    }
    call.set_number(4, 0.0);
    call.set_number(5, 0.0);
}

/// The same in a k-cycle.
pub(in crate::engine::cabbage) fn play(call: &mut Call<'_>) {
    let Some(context) = context::of(call) else { return };
    if call.number(5) == 1.0 {
        call.kept()[FRAMES] = 0.0;
    }
    let count = match call.number(2) != 0.0 {
        true => context.with(|work| give_events(call, work)).unwrap_or(0),
        false => give_ends(call),
    };
    call.set_number(4, count as f64);
    call.set_number(5, f64::from(u8::from(count > 0)));
}

/// Gives the events of this k-cycle, and how many there are.
fn give_events(call: &mut Call<'_>, work: &Work) -> usize {
    let place = call.kept()[READING] as usize;
    let Some(Reading { file, track, skip }) = work.readings.get(place.wrapping_sub(1)) else { return 0 };
    let (loops, speed) = (call.number(3) != 0.0, call.number(4));
    let (rate, ksmps) = (call.sample_rate(), f64::from(call.ksmps()));
    let kept = call.kept();
    kept[HAS_STOPPED] = 0.0;
    let mut start = kept[FRAMES] / rate + skip;
    // Cabbage's speed stretches the file: at 2 it is half as fast.
    if start > file.length * speed && loops {
        (kept[FRAMES], start) = (0.0, *skip);
    }
    kept[FRAMES] += ksmps;
    let end = start + ksmps / rate;
    let events = file.tracks.get(*track).map_or(&[][..], Vec::as_slice);
    let before = |time: f64| events.partition_point(|event| event.seconds * speed < time);
    let found = if speed > 0.0 { &events[before(start)..before(end)] } else { &[] };
    let found = &found[..found.len().min(MOST)];
    found.iter().enumerate().for_each(|(index, event)| give(call, index, event));
    found.len()
}

fn give(call: &mut Call<'_>, index: usize, event: &FileEvent) {
    call.set_number_in(0, index, f64::from(event.status));
    call.set_number_in(1, index, f64::from(event.channel));
    call.set_number_in(2, index, f64::from(event.number));
    call.set_number_in(3, index, f64::from(event.value));
}

/// Where it has played, or never has: gives the end of each note, once. How many there are.
fn give_ends(call: &mut Call<'_>) -> usize {
    call.kept()[FRAMES] = 0.0;
    if std::mem::replace(&mut call.kept()[HAS_STOPPED], 1.0) != 0.0 {
        return 0;
    }
    for number in 0..=127 {
        let end = FileEvent { seconds: 0.0, status: 128, channel: 1, number, value: 0 };
        give(call, usize::from(number), &end);
    }
    128
}

/// `cabbageMidiFileInfo`: says what is in a file, when a note begins.
pub(in crate::engine::cabbage) fn info(call: &mut Call<'_>) {
    let Some(context) = context::of(call) else { return };
    let found = context.with(|work| open(call, work, "cabbageMidiFileInfo")).flatten();
    let Some(file) = found else { return };
    let say = |line: String| call.tell(Level::Default, &line);
    say(format!("MIDI file {}", call.text(0).to_string_lossy()));
    say(format!("format {}, {} tracks, {:.3} seconds", file.format, file.tracks.len(), file.length));
    for (seconds, quarter) in file.tempos.iter().take(MOST_LINES) {
        say(format!("{seconds:.3} s: {quarter:.6} seconds in a quarter note"));
    }
    for (seconds, beats, of) in file.signatures.iter().take(MOST_LINES) {
        say(format!("{seconds:.3} s: {beats}/{of}"));
    }
}
