//! What a library or program says of itself: what it is called, what it needs, and of which glibc.

use std::fmt;
use std::fs;
use std::path::Path;

/// A version of glibc, such as 2.36.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Glibc {
    /// The number before the point.
    pub major: u32,
    /// The number behind it.
    pub minor: u32,
}

impl Glibc {
    /// The version in the name of a set of symbols: `GLIBC_2.36`, `GLIBC_2.2.5`.
    fn of_symbols(name: &str) -> Option<Self> {
        let mut numbers = name.strip_prefix("GLIBC_")?.split('.').map(str::parse);
        let major = numbers.next()?.ok()?;
        Some(Self { major, minor: numbers.next().and_then(Result::ok).unwrap_or(0) })
    }
}

impl fmt::Display for Glibc {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}.{}", self.major, self.minor)
    }
}

/// Why a file is not understood, in words that name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ElfError(pub String);

impl fmt::Display for ElfError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for ElfError {}

/// What a file says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Elf {
    /// The name that others know it by, if it has one.
    pub name: Option<String>,
    /// The names of the libraries that it needs.
    pub needs: Vec<String>,
    /// The folders in which it wants them looked for; `$ORIGIN` is its own.
    pub folders: Vec<String>,
    /// The least glibc, as its symbols say. None where it uses none of glibc's.
    pub glibc: Option<Glibc>,
}

impl Elf {
    /// Reads a file.
    ///
    /// # Errors
    /// It cannot be read, or is no library or program of this kind of system.
    pub fn of(path: &Path) -> Result<Self, ElfError> {
        let wrong = |why: String| ElfError(format!("{}: {why}", path.display()));
        let bytes = fs::read(path).map_err(|error| wrong(error.to_string()))?;
        let elf = goblin::elf::Elf::parse(&bytes).map_err(|error| wrong(error.to_string()))?;
        let texts =
            |texts: &[&str]| texts.iter().flat_map(|text| text.split(':')).map(str::to_owned).collect();
        let used = elf.verneed.iter().flat_map(|needed| needed.iter());
        let versions = used.flat_map(|file| file.iter().collect::<Vec<_>>());
        let names = versions.filter_map(|version| elf.dynstrtab.get_at(version.vna_name));
        Ok(Self {
            name: elf.soname.map(str::to_owned),
            needs: elf.libraries.iter().map(|name| (*name).to_owned()).collect(),
            folders: if elf.runpaths.is_empty() { texts(&elf.rpaths) } else { texts(&elf.runpaths) },
            glibc: names.filter_map(Glibc::of_symbols).max(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_of_glibc_is_read_from_the_name_of_its_symbols() {
        let glibc = |major, minor| Some(Glibc { major, minor });
        assert_eq!(Glibc::of_symbols("GLIBC_2.36"), glibc(2, 36));
        assert_eq!(Glibc::of_symbols("GLIBC_2.2.5"), glibc(2, 2));
        assert_eq!(Glibc::of_symbols("GLIBC_PRIVATE"), None);
        assert_eq!(Glibc::of_symbols("GLIBCXX_3.4"), None);
        assert!(glibc(2, 4) < glibc(2, 36), "numbers, not texts");
        assert_eq!(Glibc { major: 2, minor: 36 }.to_string(), "2.36");
    }

    #[test]
    fn a_program_says_what_it_needs_and_what_is_none_is_named() {
        let program = std::env::current_exe().unwrap();
        let elf = Elf::of(&program).unwrap();
        assert!(elf.needs.iter().any(|name| name.starts_with("libc.so")), "{elf:?}");
        assert!(elf.glibc >= Some(Glibc { major: 2, minor: 2 }), "{elf:?}");
        let told = Elf::of(Path::new("/etc/hostname")).unwrap_err().to_string();
        assert!(told.starts_with("/etc/hostname: "), "{told}");
    }
}
