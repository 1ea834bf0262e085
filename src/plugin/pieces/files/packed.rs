//! Pieces that are packed by gzip, as Debian does with long examples of the manual. They are read, and saved under
//! another name only.

use std::io::{self, Read};
use std::path::Path;

use flate2::read::MultiGzDecoder;

use crate::bounded::read_bounded;

/// What the name of a packed file ends with.
pub const PACKED: &str = ".gz";

/// The name that a packed CSD has once it is unpacked; none for any other file.
pub fn name(path: &Path) -> Option<String> {
    let name = path.file_name()?.to_str()?.strip_suffix(PACKED)?;
    let ending = Path::new(name).extension()?;
    ending.eq_ignore_ascii_case("csd").then(|| name.to_owned())
}

/// What a packed file of at most `longest` bytes holds, if that is no more: a short file may unpack to an endless one.
///
/// # Errors
/// What the system says, or why the file is not read.
pub fn unpack(path: &Path, longest: u64) -> io::Result<Vec<u8>> {
    let bytes = read_bounded(path, longest)?;
    let mut unpacked = Vec::new();
    MultiGzDecoder::new(&*bytes).take(longest + 1).read_to_end(&mut unpacked)?;
    let fits = unpacked.len() as u64 <= longest;
    fits.then_some(unpacked).ok_or_else(|| io::Error::other(format!("it holds more than {longest} bytes")))
}

#[cfg(test)]
mod tests {
    use std::fs::File;

    use super::*;

    fn pack(path: &Path, text: &[u8]) {
        let file = File::create(path).unwrap();
        let mut packer = flate2::write::GzEncoder::new(file, flate2::Compression::fast());
        std::io::Write::write_all(&mut packer, text).unwrap();
        packer.finish().unwrap();
    }

    #[test]
    fn a_csd_may_be_packed_and_nothing_else() {
        let named = |path: &str| name(Path::new(path));
        assert_eq!(named("/a/b.csd.gz").as_deref(), Some("b.csd"));
        assert_eq!(named("b.CSD.gz").as_deref(), Some("b.CSD"));
        for odd in ["b.csd", "b.orc.gz", "b.gz", ".gz", "csd.gz", "b.csd.GZ", ""] {
            assert_eq!(named(odd), None, "{odd}");
        }
    }

    #[test]
    fn what_is_packed_and_broken_or_endless_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.csd.gz");
        pack(&path, &[b' '; 100_001]);
        assert!(std::fs::metadata(&path).unwrap().len() < 1000);
        assert_eq!(unpack(&path, 100_001).unwrap().len(), 100_001);
        assert_eq!(unpack(&path, 100_000).unwrap_err().to_string(), "it holds more than 100000 bytes");
        pack(&path, b"a piece that is long enough to be cut");
        let whole = std::fs::read(&path).unwrap();
        for bytes in [&whole[..whole.len() - 9], &whole[..5], b"no gzip at all", b""] {
            std::fs::write(&path, bytes).unwrap();
            assert!(unpack(&path, 1000).is_err(), "{bytes:?}");
        }
    }
}
