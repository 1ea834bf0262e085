//! AIFF and AIFF-C files of samples that are not compressed.

use std::io::{Read, Seek, SeekFrom};

use csound_performance::engine::Abandoned;

use super::chunks::{self, DAMAGED, damaged};
use super::samples::{self, Layout};
use crate::editor::model::Sound;

/// Reads what is shown of a file, from its beginning.
///
/// # Errors
/// Why it cannot be shown, for a user to read.
pub(super) fn read(mut reader: impl Read + Seek, given_up: &Abandoned) -> Result<Sound, String> {
    chunks::begin(&mut reader)?;
    let mut layout = None;
    for _ in 0..chunks::MOST {
        let (name, length) = chunks::next(&mut reader)?;
        let length = u32::from_be_bytes(length);
        match &name {
            b"COMM" => layout = Some(common(&mut reader, length)?),
            b"SSND" => {
                let layout = layout.ok_or(DAMAGED)?;
                let mut offset = [0; 8];
                reader.read_exact(&mut offset).map_err(damaged)?;
                let skipped = u32::from_be_bytes([offset[0], offset[1], offset[2], offset[3]]);
                reader.seek(SeekFrom::Current(i64::from(skipped))).map_err(damaged)?;
                return samples::read(reader, layout, given_up);
            }
            _ => chunks::pass(&mut reader, length, 0)?,
        }
    }
    Err(DAMAGED.to_owned())
}

fn common(reader: &mut (impl Read + Seek), length: u32) -> Result<Layout, String> {
    let mut bytes = vec![0; usize::try_from(length).unwrap_or(0).clamp(18, 512)];
    reader.read_exact(&mut bytes).map_err(damaged)?;
    let word = |at: usize| u16::from_be_bytes([bytes[at], bytes[at + 1]]);
    let (is_little, is_float) = match bytes.get(18..22) {
        None | Some(b"NONE" | b"twos") => (false, false),
        Some(b"sowt") => (true, false),
        Some(b"fl32" | b"FL32" | b"fl64" | b"FL64") => (false, true),
        Some(_) => return Err("its samples are compressed: save it as WAV or plain AIFF".to_owned()),
    };
    let frames = u32::from_be_bytes([bytes[2], bytes[3], bytes[4], bytes[5]]);
    chunks::pass(reader, length, bytes.len())?;
    Ok(Layout {
        channels: word(0),
        frames: frames.into(),
        bits: word(6),
        is_little,
        is_float,
        is_unsigned: false,
    })
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    /// A file of one channel with these bytes of samples.
    fn aiff(kind: Option<&[u8; 4]>, bits: u16, frames: u32, data: &[u8]) -> Vec<u8> {
        let mut common =
            [&1_u16.to_be_bytes()[..], &frames.to_be_bytes(), &bits.to_be_bytes(), &[0; 10]].concat();
        common.extend(kind.into_iter().flatten());
        let chunk =
            |name: &[u8; 4], bytes: &[u8]| [name, &(bytes.len() as u32).to_be_bytes()[..], bytes].concat();
        let inside =
            [chunk(b"NAME", b"ab"), chunk(b"COMM", &common), chunk(b"SSND", &[&[0; 8][..], data].concat())]
                .concat();
        let form = if kind.is_some() { b"AIFC" } else { b"AIFF" };
        [b"FORM", &(inside.len() as u32 + 4).to_be_bytes()[..], form, &inside].concat()
    }

    fn bounds(bytes: Vec<u8>) -> Vec<f32> {
        read(Cursor::new(bytes), &Abandoned::default()).unwrap().bounds[0].to_vec()
    }

    #[test]
    fn samples_of_each_width_and_order_are_read() {
        let half = |bounds: Vec<f32>| {
            assert!((bounds[0] - 0.5).abs() < 0.01 && (bounds[2] + 0.5).abs() < 0.01, "{bounds:?}");
        };
        half(bounds(aiff(None, 8, 2, &[64, 192])));
        half(bounds(aiff(None, 16, 2, &[64, 0, 192, 0])));
        half(bounds(aiff(None, 24, 2, &[64, 0, 0, 192, 0, 0])));
        half(bounds(aiff(Some(b"sowt"), 16, 2, &[0, 64, 0, 192])));
        let floats = [0.5_f32.to_be_bytes(), (-0.5_f32).to_be_bytes()].concat();
        half(bounds(aiff(Some(b"fl32"), 32, 2, &floats)));
        let doubles = [0.5_f64.to_be_bytes(), (-0.5_f64).to_be_bytes()].concat();
        half(bounds(aiff(Some(b"fl64"), 64, 2, &doubles)));
    }

    #[test]
    fn what_is_damaged_or_compressed_is_refused_in_words() {
        let refused = |bytes: &[u8]| read(Cursor::new(bytes), &Abandoned::default()).unwrap_err();
        let whole = aiff(None, 16, 2, &[0; 4]);
        assert_eq!(refused(&whole[..30]), DAMAGED);
        assert!(refused(&aiff(Some(b"ima4"), 16, 2, &[0; 4])).contains("compressed"));
        assert!(refused(&aiff(None, 200, 2, &[0; 4])).contains("200 bits"));
        assert!(refused(&aiff(None, 16, 0, &[])).contains("no sound"));
        let many = [&whole[..12], &b"JUNK\0\0\0\0".repeat(2000)].concat();
        assert_eq!(refused(&many), DAMAGED, "chunks without end");
    }
}
