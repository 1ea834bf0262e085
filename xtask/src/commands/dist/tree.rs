//! What is in a release: a folder as it lies in the archive.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use csound_library::Generation;
use csound_portable::{Elf, Glibc};
use test_host::bundle::{Bundle, ENGINE};
use test_host::project::root;
use test_host::vstpreset;

use super::{copy, files_below, licences, set_mode};
use crate::commands::bundle::{Inside, beside_the_clap};
use crate::commands::install::list::sum_of;

/// The standalone's name.
pub(super) const STANDALONE: &str = "csound-performer";

/// The checksums of all files in the archive, which `install.sh` looks at first.
const SUMS: &str = "SHA256SUMS";

/// The scripts: their names, and their texts.
const SCRIPTS: [(&str, &str); 2] =
    [("install.sh", include_str!("install.sh")), ("uninstall.sh", include_str!("uninstall.sh"))];

/// Our own texts, by their places in the project. They keep their names.
const TEXTS: [&str; 8] = [
    "README.md",
    "CHANGELOG.md",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "SECURITY.md",
    "CONTRIBUTING.md",
    "ARCHITECTURE.md",
    // Whole, pictures and decisions as well: the texts lead to each other.
    "docs",
];

/// A release, put together in a folder.
pub(super) struct Release {
    /// The folder, called as the archive.
    pub folder: PathBuf,
    /// The least glibc that anything in it needs.
    pub glibc: Option<Glibc>,
    csounds: &'static [Generation],
}

/// The name of a release for this system, without an ending.
pub(super) fn name() -> String {
    let (system, machine) = (std::env::consts::OS, std::env::consts::ARCH);
    format!("csound-performer-{}-{system}-{machine}", env!("CARGO_PKG_VERSION"))
}

/// True if a file of this name is run.
pub(super) fn is_run(file: &Path) -> bool {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    name == ENGINE || name == STANDALONE || name.ends_with(".sh")
}

impl Release {
    /// Puts a release together below a folder.
    ///
    /// # Errors
    /// Something is missing, or cannot be written.
    pub fn stage(bundle: &Bundle, standalone: Option<&Path>, inside: Inside, below: &Path) -> Result<Self> {
        let folder = below.join(name());
        let at = |path: &str| folder.join(path);
        let named = |path: &Path| path.file_name().unwrap_or_default().to_owned();
        let ours =
            Bundle { clap: at("clap").join(named(&bundle.clap)), vst3: at("vst3").join(named(&bundle.vst3)) };
        // A Csound that an earlier bundle has inside is none of this one's.
        for from in [bundle.clap.clone(), bundle.engine(), bundle.pieces()] {
            copy(&from, &at("clap").join(named(&from)))?;
        }
        copy(&bundle.vst3, &ours.vst3)?;
        inside.put_into(&ours)?;
        if let Some(standalone) = standalone {
            copy(standalone, &at("bin").join(STANDALONE))?;
        }
        vstpreset::write_all(&at("presets").join(vstpreset::VENDOR))?;
        pieces(&at("pieces"))?;
        for text in TEXTS {
            copy(&root().join(text), &at(text))?;
        }
        for (name, text) in SCRIPTS {
            fs::write(at(name), text).with_context(|| format!("{name} cannot be written"))?;
            set_mode(&at(name))?;
        }
        licences::write(&at("licences"), standalone.is_some())?;
        let mut sums = String::new();
        let mut glibc = None;
        for file in files_below(&folder)? {
            let path = folder.join(&file);
            sums += &format!("{}  {}\n", sum_of(&path)?, file.display());
            glibc = glibc.max(Elf::of(&path).ok().and_then(|elf| elf.glibc));
        }
        fs::write(at(SUMS), sums).with_context(|| format!("{SUMS} cannot be written"))?;
        set_mode(&at(SUMS))?;
        Ok(Self { folder, glibc, csounds: inside.generations() })
    }

    /// The engine program, the CLAP, its pieces and Csounds that are inside.
    pub fn beside_the_clap(&self) -> Vec<PathBuf> {
        beside_the_clap(&self.bundle())
    }

    /// The folder of the pieces that hosts' browsers show.
    pub fn pieces(&self) -> PathBuf {
        self.bundle().pieces()
    }

    fn bundle(&self) -> Bundle {
        Bundle { clap: self.folder.join("clap/Csound Performer.clap"), vst3: PathBuf::new() }
    }

    /// Whether Csound goes with it, in words.
    pub fn about_csound(&self) -> String {
        match self.csounds {
            [] => "needs Csound to be installed".into(),
            [one] => format!("has {one} inside"),
            both => format!(
                "has {} inside",
                both.iter().map(ToString::to_string).collect::<Vec<_>>().join(" and ")
            ),
        }
    }

    /// True if a Csound is inside.
    pub fn has_csound(&self) -> bool {
        !self.csounds.is_empty()
    }
}

/// The shipped pieces: those to hear and to learn from.
fn pieces(to: &Path) -> Result<()> {
    let from = root().join("pieces");
    for file in files_below(&from)? {
        let is_tests_own = ["oracle", "libraries", "seven"].iter().any(|folder| file.starts_with(folder));
        // Whoever has tried the exporter here has ids beside a piece, which are nobody else's.
        let are_ids = file.to_string_lossy().ends_with(".ids.json");
        if !is_tests_own && !are_ids {
            copy(&from.join(&file), &to.join(&file))?;
        }
    }
    Ok(())
}
