//! Reads what a panel shows of sound files of a piece: WAV and AIFF. A file may say anything, so that what it may take is
//! bounded: the samples are looked at as they come, and only the bounds of some parts are kept.

mod aiff;
mod chunks;
mod samples;
mod wav;

use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use csound_performance::engine::Abandoned;

use crate::bounded::open_regular;
use crate::editor::model::Sound;

/// Bytes of a file: some hours of sound.
const LONGEST: u64 = 4 << 30;

const UNKNOWN: &str = "it is no WAV or AIFF file";

/// Reads what is shown of a sound. Given up, it ends with its next look into the file.
///
/// # Errors
/// Why it cannot be shown, for a user to read.
pub fn read(path: &Path, given_up: &Abandoned) -> Result<Sound, String> {
    let (file, length) = open_regular(path).map_err(|error| error.to_string())?;
    if length > LONGEST {
        return Err(format!("it is longer than the {} GB that are looked at", LONGEST >> 30));
    }
    read_from(BufReader::with_capacity(1 << 16, Watched { reader: file, given_up }), given_up)
}

/// Reads what is shown of a sound, from what a file says. See [`read`].
///
/// # Errors
/// Why it cannot be shown, for a user to read.
pub fn read_from(mut reader: impl Read + Seek, given_up: &Abandoned) -> Result<Sound, String> {
    let mut head = [0; 12];
    reader.read_exact(&mut head).map_err(|_| UNKNOWN.to_owned())?;
    match (&head[..4], &head[8..]) {
        (b"RIFF", b"WAVE") => wav::read(reader, given_up),
        (b"FORM", b"AIFF" | b"AIFC") => aiff::read(reader, given_up),
        _ => Err(UNKNOWN.to_owned()),
    }
}

/// A file that nothing more is read of once nobody waits for it.
struct Watched<'a, R> {
    reader: R,
    given_up: &'a Abandoned,
}

impl<R: Read> Read for Watched<'_, R> {
    fn read(&mut self, room: &mut [u8]) -> std::io::Result<usize> {
        if self.given_up.is_abandoned() {
            return Err(std::io::Error::other("it was given up"));
        }
        self.reader.read(room)
    }
}

impl<R: Seek> Seek for Watched<'_, R> {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        self.reader.seek(to)
    }
}

#[cfg(test)]
mod tests {
    use super::samples::PARTS;
    use super::*;

    fn file(bytes: &[u8]) -> Result<Sound, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sound");
        std::fs::write(&path, bytes).unwrap();
        read(&path, &Abandoned::default())
    }

    fn wav_of(bits: u16, format: hound::SampleFormat, frames: &[[f32; 2]]) -> Vec<u8> {
        let spec =
            hound::WavSpec { channels: 2, sample_rate: 48_000, bits_per_sample: bits, sample_format: format };
        let mut bytes = std::io::Cursor::new(Vec::new());
        let mut writer = hound::WavWriter::new(&mut bytes, spec).unwrap();
        for sample in frames.iter().flatten() {
            match format {
                hound::SampleFormat::Float => writer.write_sample(*sample).unwrap(),
                hound::SampleFormat::Int => {
                    let scale = (1_i64 << (bits - 1)) as f32;
                    writer.write_sample((sample * (scale - 1.0)) as i32).unwrap();
                }
            }
        }
        writer.finalize().unwrap();
        bytes.into_inner()
    }

    #[test]
    fn sounds_of_each_kind_of_sample_have_their_bounds() {
        let frames = [[0.5, -0.25], [-1.0, 0.0], [0.0, 0.75]];
        for (bits, format) in [
            (8, hound::SampleFormat::Int),
            (16, hound::SampleFormat::Int),
            (24, hound::SampleFormat::Int),
            (32, hound::SampleFormat::Int),
            (32, hound::SampleFormat::Float),
        ] {
            let sound = file(&wav_of(bits, format, &frames)).unwrap();
            assert_eq!((sound.frames, sound.bounds.len()), (3, 2), "{bits}");
            let near = |one: f32, other: f32| (one - other).abs() < 0.02;
            for (channel, bounds) in sound.bounds.iter().enumerate() {
                for (frame, sample) in frames.iter().map(|frame| frame[channel]).enumerate() {
                    let (least, most) = (bounds[frame * 2], bounds[frame * 2 + 1]);
                    assert!(near(least, sample) && near(most, sample), "{bits}: {bounds:?}");
                }
            }
        }
    }

    #[test]
    fn of_a_long_sound_each_part_has_the_least_and_the_greatest() {
        let frames: Vec<_> = (0..100_000).map(|at| [if at == 50_000 { 0.9 } else { 0.1 }, 0.0]).collect();
        let sound = file(&wav_of(32, hound::SampleFormat::Float, &frames)).unwrap();
        let greatest = |part: usize| sound.bounds[0][part * 2 + 1];
        assert_eq!((sound.bounds[0].len() as u64, greatest(2048)), (PARTS * 2, 0.9));
        assert_eq!((greatest(2047), greatest(2049)), (0.1, 0.1));
    }

    #[test]
    fn what_is_damaged_huge_or_no_sound_is_refused_in_words() {
        assert_eq!(file(b"no sound at all").unwrap_err(), UNKNOWN);
        assert_eq!(file(b"").unwrap_err(), UNKNOWN);
        let whole = wav_of(16, hound::SampleFormat::Int, &[[0.5, 0.5]; 100]);
        assert!(file(&whole[..30]).unwrap_err().contains("damaged"));
        let cut = file(&whole[..200]).unwrap();
        assert_eq!(cut.frames, 39, "as much as there is");
        assert!(file(&wav_of(16, hound::SampleFormat::Int, &[])).unwrap_err().contains("no sound"));
        let folder = tempfile::tempdir().unwrap();
        assert!(read(folder.path(), &Abandoned::default()).unwrap_err().contains("ordinary file"));
        let huge = folder.path().join("huge.wav");
        std::fs::File::create(&huge).unwrap().set_len(LONGEST + 1).unwrap();
        assert!(read(&huge, &Abandoned::default()).unwrap_err().contains("longer than"));
    }
}
