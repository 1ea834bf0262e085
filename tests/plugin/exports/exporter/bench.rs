//! An installation that is nothing but its own files, with its exporter.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use csound_export::Manifest;
use tempfile::TempDir;
use test_host::bundle::{ENGINE, dev_bundle};
use test_host::host::Host;

/// A table of 16 values, as a file of text.
pub(in crate::exports) const VALUES: &str =
    "0 0.3 0.7 0.9 1 0.9 0.7 0.3 0 -0.3 -0.7 -0.9 -1 -0.9 -0.7 -0.3\n";

/// An installation, a folder for a piece, and one for what is exported.
pub(in crate::exports) struct Bench {
    folder: TempDir,
}

impl Bench {
    pub(in crate::exports) fn new(files: &[(&str, &str)]) -> Self {
        let bench = Self { folder: tempfile::tempdir().unwrap() };
        let installed = bench.at("installed");
        fs::create_dir(&installed).unwrap();
        let clap = dev_bundle().unwrap().clap;
        fs::copy(clap.with_file_name(ENGINE), installed.join(ENGINE)).unwrap();
        fs::copy(&clap, installed.join("Csound Performer.clap")).unwrap();
        bench.put(files);
        bench
    }

    pub(in crate::exports) fn put(&self, files: &[(&str, &str)]) {
        for (name, text) in files {
            let file = self.at("piece").join(name);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, text).unwrap();
        }
    }

    pub(in crate::exports) fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The exporter with an empty environment, but for the Csound that the tests are over.
    pub(super) fn exporter(&self, words: &[&str]) -> Command {
        let mut command = Command::new(self.at("installed").join(ENGINE));
        command.env_clear().current_dir(self.folder.path()).arg("export").args(words);
        for name in ["CSOUND_PERFORMER_LIBCSOUND", "OPCODE6DIR64", "OPCODE7DIR64", "LD_LIBRARY_PATH"] {
            command.envs(std::env::var_os(name).map(|value| (name, value)));
        }
        command
    }

    pub(super) fn try_export(&self, words: &[&str], variables: &[(&str, &str)]) -> Output {
        self.exporter(words).envs(variables.iter().copied()).output().unwrap()
    }

    /// What is said on the way.
    pub(in crate::exports) fn export(&self, words: &[&str]) -> String {
        let output = self.try_export(words, &[]);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{words:?}: {said}");
        said
    }

    /// Why it is refused. Nothing has changed then.
    pub(in crate::exports) fn refused(&self, words: &[&str], variables: &[(&str, &str)]) -> String {
        let before = everything(self.folder.path());
        let output = self.try_export(words, variables);
        assert!(!output.status.success(), "{words:?}");
        assert_eq!(everything(self.folder.path()), before, "{words:?}");
        String::from_utf8(output.stderr).unwrap()
    }

    pub(in crate::exports) fn manifest(&self, folder: &str) -> Manifest {
        Manifest::read(&fs::read(self.at(folder).join("plugin.json")).unwrap()).unwrap()
    }

    pub(in crate::exports) fn host(&self, clap: &str) -> Host {
        Host::load(self.at(clap)).unwrap()
    }
}

/// All files below a folder, with their lengths. Links are none that there may be.
pub(super) fn everything(folder: &Path) -> Vec<(PathBuf, u64)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        // An engine of an export that was refused may still be clearing its own folder away.
        let Ok(about) = fs::symlink_metadata(&path) else { continue };
        assert!(!about.is_symlink(), "{}", path.display());
        found.push((path.clone(), about.len()));
        if about.is_dir() {
            found.extend(everything(&path));
        }
    }
    found.sort();
    found
}
