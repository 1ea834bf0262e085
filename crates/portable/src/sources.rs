//! SOURCES.txt: what came from where, and what the licences ask of those who pass it on.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use csound_library::Generation;
use sha2::{Digest, Sha256};

use crate::elf::Glibc;
use crate::packages::{Origin, Package};

/// What such a text says.
pub(crate) struct Sources<'a> {
    pub generation: Generation,
    pub glibc: Option<Glibc>,
    /// Where each file comes from, by its place in the folder.
    pub files: &'a BTreeMap<PathBuf, PathBuf>,
    pub owners: &'a BTreeMap<PathBuf, Package>,
    pub folder: &'a Path,
}

impl Sources<'_> {
    /// The text.
    ///
    /// # Errors
    /// A file in the folder cannot be read.
    pub fn text(&self) -> std::io::Result<String> {
        let Self { generation, glibc, files, owners, folder } = self;
        let number = generation.number();
        let mut text = format!(
            "{generation} and what it needs, as they were installed where this plugin was made. Nothing of it was changed.\n\n\
             Csound is under the GNU Lesser General Public License, 2.1 or later (https://csound.com). The licences of \
             everything here are in the folder licences.\n\n\
             You may exchange any of these libraries for another build of it: put it here under the same name. To play by \
             the Csound of your system instead, take this folder (csound{number}) away. libraries.txt says what is loaded, \
             and in which order.\n\n\
             If you pass this on, pass on or offer the source, too: the versions named below, from where they are named, \
             or from a place of your own. Keep this file and the licences with it.\n"
        );
        if let Some(glibc) = glibc {
            text +=
                &format!("\nIt needs glibc {glibc} or later (ldd --version says which one a system has).\n");
        }
        text += "\nPackages and their sources:\n";
        let mut packages: Vec<&Package> = owners.values().collect();
        packages.sort();
        packages.dedup();
        for package in packages {
            text += &format!("  {}\n", of_package(package));
        }
        let others = files.values().filter(|from| !owners.contains_key(*from));
        for from in others {
            text += &format!(
                "  {}: of no package; Csound's source: https://github.com/csound/csound\n",
                from.display()
            );
        }
        text += "\nFiles, with their SHA-256:\n";
        for (place, from) in *files {
            let sum = Sha256::digest(fs::read(folder.join(place))?);
            let sum: String = sum.iter().map(|byte| format!("{byte:02x}")).collect();
            let package = owners.get(from).map_or("-", |package| &package.name);
            text += &format!("  {sum}  {}  {package}\n", place.display());
        }
        Ok(text)
    }
}

fn of_package(package: &Package) -> String {
    let Package { name, version, source: (source, of), origin, .. } = package;
    // In an address, a version's `~` stands as it is, and its `+` would be a blank to some.
    let escaped = of.replace('%', "%25").replace('+', "%2B");
    let place = match origin {
        Origin::Python => {
            return format!(
                "{name} {version}, a Python package: https://pypi.org/project/{name}/{version}/; Csound's source: \
                 https://github.com/csound/csound"
            );
        }
        Origin::Debian => format!("Debian's: https://snapshot.debian.org/package/{source}/{escaped}/"),
        Origin::Ubuntu => format!("Ubuntu's: https://launchpad.net/ubuntu/+source/{source}/{escaped}"),
        Origin::Other(system) => {
            let whose =
                if system.is_empty() { "the system's".to_owned() } else { format!("that of {system}") };
            format!(
                "{whose}; where it is Debian's or Ubuntu's: https://snapshot.debian.org/package/{source}/{escaped}/, \
                 https://launchpad.net/ubuntu/+source/{source}/{escaped}"
            )
        }
    };
    format!(
        "{name} {version}: source package {source} {of} (apt-get source {source}={of} on the system that this was made on), \
         {place}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_package_names_the_source_of_its_own_version_where_its_own_system_keeps_it() {
        let package = |origin| Package {
            name: "libcsound64-6.0".into(),
            version: "1:6.18.1+dfsg-1build2".into(),
            source: ("csound".into(), "1:6.18.1+dfsg-1build2".into()),
            licences: Vec::new(),
            origin,
        };
        let ubuntu = of_package(&package(Origin::Ubuntu));
        let place = "https://launchpad.net/ubuntu/+source/csound/1:6.18.1%2Bdfsg-1build2";
        assert!(ubuntu.ends_with(place) && !ubuntu.contains("snapshot.debian.org"), "{ubuntu}");
        let debian = of_package(&package(Origin::Debian));
        assert!(debian.contains("snapshot.debian.org/package/csound/1:6.18.1%2Bdfsg-1build2/"), "{debian}");
        assert!(!debian.contains("launchpad"), "{debian}");
        let other = of_package(&package(Origin::Other("Linux Mint".into())));
        for part in ["that of Linux Mint", "launchpad.net", "snapshot.debian.org"] {
            assert!(other.contains(part), "{part}: {other}");
        }
    }
}
