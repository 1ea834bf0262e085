//! Reading of files that may be anything: a bound on their length, and no waiting for whoever is at the other end.

use std::fs::{File, OpenOptions};
use std::io::{self, Read};
use std::path::Path;

/// Reads a regular file of at most `longest` bytes. Nothing else is opened, because that may block,
/// never end, or do something to a device; a link to a regular file is as good as the file.
///
/// # Errors
/// What the system says, or why the file is not read.
pub fn read_bounded(path: &Path, longest: u64) -> io::Result<Vec<u8>> {
    let (file, length) = open_regular(path)?;
    let too_long =
        || io::Error::other(format!("it is longer than the {} that are read of it", in_words(longest)));
    if length > longest {
        return Err(too_long());
    }
    // What the system makes up while it is read has no length beforehand.
    let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or(0));
    file.take(longest + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > longest { Err(too_long()) } else { Ok(bytes) }
}

/// A length in the largest unit in which it is whole.
fn in_words(bytes: u64) -> String {
    match bytes {
        _ if bytes >= 1 << 20 && bytes.is_multiple_of(1 << 20) => format!("{} MB", bytes >> 20),
        _ => format!("{bytes} bytes"),
    }
}

/// Reads at most the first `most` bytes of a regular file, however long it is, and says if that is all of it. Nothing
/// else is opened, as by [`read_bounded`].
///
/// # Errors
/// As [`read_bounded`].
pub fn read_head(path: &Path, most: u64) -> io::Result<(Vec<u8>, bool)> {
    let (file, _) = open_regular(path)?;
    let mut bytes = Vec::new();
    file.take(most + 1).read_to_end(&mut bytes)?;
    let is_whole = bytes.len() as u64 <= most;
    bytes.truncate(usize::try_from(most).unwrap_or(usize::MAX));
    Ok((bytes, is_whole))
}

/// Opens a file that is an ordinary one, and gives its length.
///
/// # Errors
/// What the system says, or that it is another kind of file.
pub fn open_regular(path: &Path) -> io::Result<(File, u64)> {
    let regular = |is_file: bool| match is_file {
        true => Ok(()),
        false => Err(io::Error::other("it is not an ordinary file")),
    };
    // Before it is opened: opening alone may wait, or make a device do something.
    regular(std::fs::metadata(path)?.is_file())?;
    let file = open(path)?;
    // Another file may have taken its name meanwhile.
    let found = file.metadata()?;
    regular(found.is_file())?;
    Ok((file, found.len()))
}

/// Opens a file to read, without waiting for whoever is at its other end.
#[cfg(unix)]
fn open(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    let flags = libc::O_NONBLOCK | libc::O_NOCTTY;
    OpenOptions::new().read(true).custom_flags(flags).open(path)
}

#[cfg(not(unix))]
fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).open(path)
}
