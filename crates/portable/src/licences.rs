//! The licence texts that go with what is taken along: those of its packages, and those that they refer to.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::packages::{Origin, Package, Packages};

/// Csound's own licence, by Debian's name for its text.
const CSOUNDS: &str = "LGPL-2.1";

/// Where Debian's copyright files refer to.
const COMMON: &str = "/usr/share/common-licenses/";

/// A file that is taken along.
#[derive(Clone, Debug)]
pub(crate) struct Taken {
    /// Where it comes from.
    pub from: PathBuf,
    /// True if it is a part of Csound: what its licence is, is known wherever it comes from.
    pub is_csound: bool,
}

/// The texts, by the names of their files.
pub(crate) type Texts = BTreeMap<String, Vec<u8>>;

/// The texts for these files.
///
/// # Errors
/// There is no licence text for one of them on this machine, or it cannot be read; in words.
pub(crate) fn texts(
    taken: &[Taken],
    owners: &BTreeMap<PathBuf, Package>,
    packages: &Packages,
) -> Result<Texts, String> {
    let mut texts = Texts::new();
    let mut referred = BTreeSet::new();
    for package in owners.values().collect::<BTreeSet<_>>() {
        for (number, file) in package.licences.iter().enumerate() {
            let more = if number == 0 { String::new() } else { format!("-{}", number + 1) };
            let text = read(file)?;
            referred.extend(common_in(&text));
            texts.insert(format!("{}{more}.txt", package.name), text);
        }
    }
    for Taken { from, is_csound } in taken {
        let package = owners.get(from).filter(|package| !package.licences.is_empty());
        match package {
            Some(package) if package.origin != Origin::Python => {}
            _ if *is_csound => {
                referred.insert(CSOUNDS.to_owned());
            }
            Some(_) => {}
            None => {
                return Err(format!(
                    "there is no licence text for {} on this machine, so it must not be given away: Csound has to come \
                     from packages of Debian or Ubuntu, which bring them",
                    from.display()
                ));
            }
        }
    }
    for name in referred {
        let is_csounds = name == CSOUNDS;
        match packages.common_licence(&name) {
            Some(file) => {
                texts.insert(format!("{name}.txt"), read(&file)?);
            }
            None if is_csounds => {
                return Err(format!(
                    "Csound's licence, {COMMON}{CSOUNDS}, is not on this machine, so it must not be given away: the \
                     package base-files of Debian and Ubuntu has it"
                ));
            }
            // A package may name one that its system has no more; its own text is there.
            None => {}
        }
    }
    Ok(texts)
}

/// Writes the texts into a folder.
pub(crate) fn write(texts: &Texts, folder: &Path) -> io::Result<()> {
    fs::create_dir(folder)?;
    texts.iter().try_for_each(|(name, text)| fs::write(folder.join(name), text))
}

fn read(file: &Path) -> Result<Vec<u8>, String> {
    fs::read(file).map_err(|error| format!("the licence {} cannot be read: {error}", file.display()))
}

/// The common texts that a copyright file refers to.
fn common_in(text: &[u8]) -> BTreeSet<String> {
    let text = String::from_utf8_lossy(text);
    let rest = text.split(COMMON).skip(1);
    let name = |rest: &str| {
        let end = rest.find(|letter: char| !(letter.is_ascii_alphanumeric() || ".-".contains(letter)));
        rest[..end.unwrap_or(rest.len())].trim_end_matches('.').to_owned()
    };
    rest.map(name).filter(|name| !name.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_that_a_copyright_file_refers_to_go_too() {
        let found =
            common_in(b"see '/usr/share/common-licenses/LGPL-2.1'.\nor /usr/share/common-licenses/GPL-2.\n");
        assert_eq!(found, ["GPL-2", "LGPL-2.1"].map(str::to_owned).into());
    }

    #[test]
    fn a_library_without_a_licence_text_is_refused_and_csounds_own_is_known() {
        let root = tempfile::tempdir().unwrap();
        let packages = Packages::below(root.path().to_owned());
        let taken = |is_csound| [Taken { from: "/opt/libx.so".into(), is_csound }];
        let told = texts(&taken(false), &BTreeMap::new(), &packages).unwrap_err();
        assert!(told.contains("no licence text for /opt/libx.so"), "{told}");
        let told = texts(&taken(true), &BTreeMap::new(), &packages).unwrap_err();
        assert!(told.contains("LGPL-2.1, is not on this machine"), "{told}");
        let common = root.path().join("usr/share/common-licenses");
        fs::create_dir_all(&common).unwrap();
        fs::write(common.join("LGPL-2.1"), "the text").unwrap();
        let found = texts(&taken(true), &BTreeMap::new(), &packages).unwrap();
        assert_eq!(found.keys().collect::<Vec<_>>(), ["LGPL-2.1.txt"]);
    }
}
