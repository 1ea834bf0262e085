//! WAV files of samples that are not compressed.

use std::io::{Read, Seek, SeekFrom};

use csound_performance::engine::Abandoned;

use super::chunks::{self, DAMAGED, damaged};
use super::samples::{self, Layout};
use crate::editor::model::Sound;

/// Formats of samples: whole numbers, floating point numbers, and what is said further on.
const WHOLE: u16 = 1;
const FLOAT: u16 = 3;
const EXTENSIBLE: u16 = 0xFFFE;

/// Reads what is shown of a file, from its beginning.
///
/// # Errors
/// Why it cannot be shown, for a user to read.
pub(super) fn read(mut reader: impl Read + Seek, given_up: &Abandoned) -> Result<Sound, String> {
    chunks::begin(&mut reader)?;
    let mut format = None;
    for _ in 0..chunks::MOST {
        let (name, length) = chunks::next(&mut reader)?;
        let length = u32::from_le_bytes(length);
        match &name {
            b"fmt " => format = Some(Format::read(&mut reader, length)?),
            b"data" => {
                let format = format.ok_or(DAMAGED)?;
                let rest = rest_of(&mut reader).map_err(damaged)?;
                let bytes = match length {
                    // As it is recorded, nobody knows how long it becomes: it goes to the end of the file.
                    0 if !is_chunk_next(&mut reader) => rest,
                    length => u64::from(length).min(rest),
                };
                return samples::read(reader, format.layout(bytes), given_up);
            }
            _ => chunks::pass(&mut reader, length, 0)?,
        }
    }
    Err(DAMAGED.to_owned())
}

/// Bytes from here to the end.
fn rest_of(reader: &mut impl Seek) -> std::io::Result<u64> {
    let here = reader.stream_position()?;
    let end = reader.seek(SeekFrom::End(0))?;
    reader.seek(SeekFrom::Start(here))?;
    Ok(end.saturating_sub(here))
}

/// Whether a chunk of those follows that programs write behind samples: there are none then.
fn is_chunk_next(reader: &mut (impl Read + Seek)) -> bool {
    let Ok(here) = reader.stream_position() else { return false };
    let mut name = [0; 4];
    let is_read = reader.read_exact(&mut name).is_ok();
    // What cannot go back is told by the next read.
    let _ = reader.seek(SeekFrom::Start(here));
    is_read && matches!(&name, b"LIST" | b"id3 " | b"ID3 " | b"cue " | b"smpl" | b"bext" | b"fact" | b"JUNK")
}

/// What a file says of its samples.
#[derive(Clone, Copy)]
struct Format {
    is_float: bool,
    channels: u16,
    bits: u16,
}

impl Format {
    fn read(reader: &mut (impl Read + Seek), length: u32) -> Result<Self, String> {
        let mut bytes = [0; 40];
        let kept = length.min(40) as usize;
        if kept < 16 {
            return Err(DAMAGED.to_owned());
        }
        reader.read_exact(&mut bytes[..kept]).map_err(damaged)?;
        chunks::pass(reader, length, kept)?;
        let word = |at: usize| u16::from_le_bytes([bytes[at], bytes[at + 1]]);
        let kind = if word(0) == EXTENSIBLE { word(24) } else { word(0) };
        let is_float = match kind {
            WHOLE => false,
            FLOAT => true,
            _ => return Err("its samples are compressed: save it as plain WAV or AIFF".to_owned()),
        };
        let (channels, block, bits) = (word(2), word(12), word(14));
        // What a sample takes, which may be more than it has.
        let taken = block.checked_div(channels).filter(|bytes| *bytes > 0 && block % channels == 0);
        let bits = taken.map_or(bits, |bytes| bytes.saturating_mul(8));
        Ok(Self { is_float, channels, bits })
    }

    fn layout(self, bytes: u64) -> Layout {
        let Self { is_float, channels, bits } = self;
        let frame = u64::from(bits.div_ceil(8)) * u64::from(channels);
        Layout {
            channels,
            frames: bytes.checked_div(frame).unwrap_or(0),
            bits,
            is_little: true,
            is_float,
            is_unsigned: !is_float && bits <= 8,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    fn chunk(name: &[u8; 4], bytes: &[u8]) -> Vec<u8> {
        let pad: &[u8] = if bytes.len() % 2 == 1 { &[0] } else { &[] };
        [name, &(bytes.len() as u32).to_le_bytes()[..], bytes, pad].concat()
    }

    /// What a format chunk says: the kind, one channel, and bits.
    fn format(kind: u16, bits: u16) -> Vec<u8> {
        let block = bits.div_ceil(8);
        let words = [&kind.to_le_bytes()[..], &1_u16.to_le_bytes(), &[0; 8], &block.to_le_bytes()];
        [words.concat(), bits.to_le_bytes().to_vec()].concat()
    }

    fn wav(chunks: &[Vec<u8>]) -> Vec<u8> {
        [b"RIFF\0\0\0\0WAVE".to_vec(), chunks.concat()].concat()
    }

    fn bounds(bytes: Vec<u8>) -> Result<Vec<f32>, String> {
        Ok(read(Cursor::new(bytes), &Abandoned::default())?.bounds[0].to_vec())
    }

    #[test]
    fn chunks_that_musicians_programs_write_are_passed_over() {
        let data = chunk(b"data", &[0, 64, 0, 192]);
        let expected = vec![0.5, 0.5, -0.5, -0.5];
        let odd = chunk(b"LIST", b"odd");
        assert_eq!(
            bounds(wav(&[odd.clone(), chunk(b"fmt ", &format(1, 16)), odd, data.clone()])),
            Ok(expected.clone())
        );
        // The longer form, with its kind further on, and 20 bits in three bytes.
        let mut long = format(EXTENSIBLE, 24);
        long[14] = 20;
        long.extend([22, 0, 20, 0, 0, 0, 0, 0, 1, 0]);
        long.extend([0; 14]);
        let wide = chunk(b"data", &[0, 0, 64, 0, 0, 192]);
        assert_eq!(bounds(wav(&[chunk(b"fmt ", &long), wide])), Ok(expected.clone()));
        let doubles = [0.5_f64.to_le_bytes(), (-0.5_f64).to_le_bytes()].concat();
        assert_eq!(
            bounds(wav(&[chunk(b"fmt ", &format(3, 64)), chunk(b"data", &doubles)])),
            Ok(expected.clone())
        );
        // A recording that was not finished.
        let mut open = data;
        open[4..8].copy_from_slice(&[0; 4]);
        assert_eq!(bounds(wav(&[chunk(b"fmt ", &format(1, 16)), open.clone()])), Ok(expected.clone()));
        open[4..8].copy_from_slice(&0x7FFF_F000_u32.to_le_bytes());
        assert_eq!(
            bounds(wav(&[chunk(b"fmt ", &format(1, 16)), open])),
            Ok(expected),
            "no longer than the file"
        );
        let empty = [chunk(b"fmt ", &format(1, 16)), chunk(b"data", b""), chunk(b"LIST", b"more")];
        assert!(bounds(wav(&empty)).unwrap_err().contains("no sound"));
    }

    #[test]
    fn what_is_damaged_or_compressed_is_refused_in_words() {
        let data = chunk(b"data", &[0; 4]);
        let refused = |chunks: &[Vec<u8>]| bounds(wav(chunks)).unwrap_err();
        assert!(refused(&[chunk(b"fmt ", &format(2, 16)), data.clone()]).contains("compressed"));
        assert_eq!(refused(std::slice::from_ref(&data)), DAMAGED);
        assert_eq!(refused(&[chunk(b"fmt ", &[1, 0]), data]), DAMAGED);
        assert_eq!(refused(&[b"JUNK\0\0\0\0".repeat(2000)]), DAMAGED, "chunks without end");
    }
}
