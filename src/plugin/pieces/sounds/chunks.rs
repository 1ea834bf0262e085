//! What WAV and AIFF have in common: chunks, each with a name and its length, and a byte more where that is odd.

use std::io::{Read, Seek, SeekFrom};

/// Chunks of a file that are looked at.
pub(super) const MOST: usize = 1000;

pub(super) const DAMAGED: &str = "it is damaged, or not as it should be";

/// Goes to the first chunk of a file.
pub(super) fn begin(reader: &mut impl Seek) -> Result<(), String> {
    reader.seek(SeekFrom::Start(12)).map_err(damaged)?;
    Ok(())
}

/// The name of the next chunk, and the bytes of its length.
pub(super) fn next(reader: &mut impl Read) -> Result<([u8; 4], [u8; 4]), String> {
    let (mut name, mut length) = ([0; 4], [0; 4]);
    reader.read_exact(&mut name).map_err(damaged)?;
    reader.read_exact(&mut length).map_err(damaged)?;
    Ok((name, length))
}

/// Passes over what is left of a chunk of this length, of which so many bytes were read.
pub(super) fn pass(reader: &mut impl Seek, length: u32, read: usize) -> Result<(), String> {
    let whole = i64::from(length) + i64::from(length & 1);
    let rest = whole.saturating_sub_unsigned(read as u64).max(0);
    reader.seek(SeekFrom::Current(rest)).map_err(damaged)?;
    Ok(())
}

/// What is said of a file that cannot be read further.
pub(super) fn damaged(_: std::io::Error) -> String {
    DAMAGED.to_owned()
}
