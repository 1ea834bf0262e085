//! Whether a library lies on the disk whole. The system's loader does not look: it maps what a library should have, and
//! a process that touches what is not there ends with a bus error, whoever it belongs to.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use goblin::container::Ctx;
use goblin::elf::Elf;
use goblin::elf::program_header::{PT_LOAD, ProgramHeader};

/// The bytes in which an ELF file says what it is.
const HEADER: usize = 64;

/// Looks whether all that would be loaded of a library is in its file. What is no library at all is left to the
/// loader, which says so.
///
/// # Errors
/// It is a folder, or its file ends too early, in words.
pub(crate) fn check(library: &Path) -> Result<(), String> {
    if library.is_dir() {
        return Err("it is a folder: name the library in it".into());
    }
    let Ok(mut file) = File::open(library) else { return Ok(()) };
    let (Ok(about), Some(needed)) = (file.metadata(), needed(&mut file)) else { return Ok(()) };
    if about.len() < needed {
        return Err(format!("it is cut short: {} of {needed} bytes are there", about.len()));
    }
    Ok(())
}

/// The bytes that a library's file must have at least, by its own account; none if it gives none.
fn needed(file: &mut File) -> Option<u64> {
    let header = Elf::parse_header(&read(file, 0, HEADER).ok()?).ok()?;
    let context = Ctx::new(header.container().ok()?, header.endianness().ok()?);
    let count = usize::from(header.e_phnum);
    let length = count * ProgramHeader::size(context);
    let end = header.e_phoff.checked_add(u64::try_from(length).ok()?)?;
    // They may stand at the end, and be what is missing.
    let Ok(listed) = read(file, header.e_phoff, length) else { return Some(end) };
    let parts = ProgramHeader::parse(&listed, 0, count, context).ok()?;
    let ends = parts.iter().filter(|part| part.p_type == PT_LOAD);
    ends.map(|part| part.p_offset.saturating_add(part.p_filesz)).chain([end]).max()
}

fn read(file: &mut File, from: u64, length: usize) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; length];
    file.seek(SeekFrom::Start(from))?;
    file.read_exact(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_library_is_whole_however_it_was_built_and_cut_short_wherever_it_was_cut() {
        let program = std::env::current_exe().unwrap();
        assert_eq!(check(&program), Ok(()));
        let needed = needed(&mut File::open(&program).unwrap()).unwrap();
        let whole = fs::read(&program).unwrap();
        let place = tempfile::tempdir().unwrap();
        let cut = place.path().join("libcsound64.so.6.0");
        let all = usize::try_from(needed).unwrap();
        for length in [HEADER, 4096, all / 2, all - 1] {
            fs::write(&cut, &whole[..length]).unwrap();
            let told = check(&cut).unwrap_err();
            assert!(told.contains(&format!("cut short: {length} of ")), "{told}");
        }
        // Names for debuggers stand behind, and need not be there.
        fs::write(&cut, &whole[..all]).unwrap();
        assert_eq!(check(&cut), Ok(()));
    }

    #[test]
    fn what_is_no_library_is_left_to_the_loader_and_a_folder_is_told() {
        let place = tempfile::tempdir().unwrap();
        let file = place.path().join("libcsound64.so.6.0");
        assert_eq!(check(&file), Ok(()), "it is not there");
        for text in ["", "no library", &"\x7fELF".repeat(40)] {
            fs::write(&file, text).unwrap();
            assert_eq!(check(&file), Ok(()), "{text:?}");
        }
        assert!(check(place.path()).unwrap_err().contains("is a folder"));
    }
}
