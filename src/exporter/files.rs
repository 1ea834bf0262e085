//! The files that go with a piece: what it names in its text and in what it includes, what the user adds, and what a
//! trial performance opened. Each keeps its place below the piece's folder, so the piece finds it by the same name.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use csound_export::file_name;
use csound_performance::engine::Abandoned;
use csound_performance::engine::piece::prepare;
use csound_performance::{Generation, Piece, Source};
use csound_portable::copy;

use super::taken;
use crate::plugin::pieces::trust::Pinned;
use crate::plugin::pieces::trust::strings::{Quoted, names_file, quoted};
use crate::plugin::presets::shelf::{files_in, folder_beside};

/// The most files, and the deepest folder that is added whole.
const MOST: usize = 20_000;
const DEEPEST: usize = 32;

/// What goes with a piece.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Collected {
    /// The piece's file, in the export.
    pub piece: String,
    /// The piece's folder, as the piece has it.
    pub folder: Option<PathBuf>,
    /// Where each file comes from, by its place in the export.
    pub files: BTreeMap<PathBuf, PathBuf>,
    /// What the user has to know.
    pub notes: Vec<String>,
}

impl Collected {
    /// What a piece names, and what is added.
    ///
    /// # Errors
    /// What is to be added is not there, or too much.
    pub fn of(piece: &Piece, path: &Path, with: &[PathBuf]) -> Result<Self, String> {
        let ending =
            path.extension().and_then(|ending| ending.to_str()).unwrap_or("csd").to_ascii_lowercase();
        let stem = path.file_stem().and_then(|stem| stem.to_str()).and_then(|stem| file_name(stem).ok());
        let stem = stem.unwrap_or_else(|| "piece".to_owned());
        let mut collected =
            Self { piece: format!("{stem}.{ending}"), folder: piece.folder.clone(), ..Self::default() };
        collected.put(PathBuf::from(&collected.piece), path);
        let score = path.with_extension("sco");
        if ending == "orc" && is_file(&score) {
            collected.put(PathBuf::from(format!("{stem}.sco")), &score);
        }
        for path in with {
            collected.add(path, DEEPEST)?;
        }
        collected.add_named(piece);
        collected.add_included(piece);
        collected.add_presets(path, &stem);
        match collected.files.len() > MOST {
            true => Err(format!("the piece has more than {MOST} files")),
            false => Ok(collected),
        }
    }

    /// Refuses files in places that are taken in an export whose own files are called `file`.
    ///
    /// # Errors
    /// The first such place, and what to do.
    pub fn refuse_taken(&self, file: &str) -> Result<(), String> {
        self.files.keys().try_for_each(|place| taken::refuse(place, file))
    }

    /// What a trial performance opened, by whole paths. Only what lies below the piece's folder: a piece may print what
    /// it likes, and nothing else is found in an export by the same name.
    pub fn add_read(&mut self, reads: &[PathBuf]) {
        for read in reads.iter().map(|read| normal(read)) {
            match self.below(&read) {
                Some(place) if is_file(&read) => self.put_if_new(place, &read),
                _ if self.files.values().any(|from| *from == read) => {}
                _ if is_file(&read) => self.notes.push(format!(
                    "the piece reads {}, which lies outside its folder and is not exported: put it beside the piece, \
                     or add it to the export (--with)",
                    read.display()
                )),
                _ => {}
            }
        }
    }

    /// Copies everything into a folder: real copies, whatever links there are.
    ///
    /// # Errors
    /// What cannot be copied, by its name; or it was given up.
    pub fn copy_to(&self, folder: &Path, given_up: &Abandoned) -> io::Result<()> {
        for (place, from) in &self.files {
            let to = folder.join(place);
            if let Some(parent) = to.parent() {
                fs::create_dir_all(parent)?;
            }
            let named =
                |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", from.display()));
            // The mode of any new file: what is read-only here could not be taken away there.
            copy(from, &to, &|| given_up.is_abandoned()).map_err(named)?;
        }
        Ok(())
    }

    fn put(&mut self, place: PathBuf, from: &Path) {
        self.files.insert(place, from.to_owned());
    }

    /// Adds a file that the piece itself names or reads. What a link leads to outside the piece's folder is the user's,
    /// and a piece from elsewhere must not get it published.
    fn put_if_new(&mut self, place: PathBuf, from: &Path) {
        if self.files.values().any(|known| known == from) {
            return;
        }
        let folder = self.folder.as_ref().and_then(|folder| folder.canonicalize().ok());
        let is_within =
            folder.zip(from.canonicalize().ok()).is_some_and(|(folder, from)| from.starts_with(folder));
        if !is_within {
            self.notes.push(format!(
                "{} leads out of the piece's folder and is not exported: put a copy beside the piece, or add it to the export (--with)",
                from.display()
            ));
            return;
        }
        self.files.entry(place).or_insert_with(|| from.to_owned());
    }

    /// The place of a file below the piece's folder. Never one that leads out of it.
    fn below(&self, path: &Path) -> Option<PathBuf> {
        let folder = self.folder.as_ref()?;
        let whole = folder.canonicalize().ok();
        let below = [Some(folder), whole.as_ref()]
            .into_iter()
            .flatten()
            .find_map(|folder| path.strip_prefix(folder).ok());
        let is_plain = |part| matches!(part, Component::Normal(_));
        let below = below.filter(|below| below.components().all(is_plain));
        below.filter(|below| !below.as_os_str().is_empty()).map(Path::to_owned)
    }

    /// Adds a file, or all files of a folder: at its place below the piece's folder, or beside the piece.
    fn add(&mut self, path: &Path, depth: usize) -> Result<(), String> {
        let cannot = |error: io::Error| format!("{} cannot be added: {error}", path.display());
        let whole = std::path::absolute(path).map_err(cannot)?;
        let whole = normal(&whole);
        if self.folder.as_ref().is_some_and(|folder| whole.canonicalize().ok() == folder.canonicalize().ok())
        {
            return Err(format!(
                "{} is the piece's whole folder: add the files in it that it reads",
                path.display()
            ));
        }
        let place = self.below(&whole).or_else(|| whole.file_name().map(PathBuf::from));
        let place = place.ok_or_else(|| {
            format!("{} cannot be added: it is the piece's whole folder, or no file", path.display())
        })?;
        self.add_at(&whole, place, depth)
    }

    fn add_at(&mut self, path: &Path, place: PathBuf, depth: usize) -> Result<(), String> {
        let cannot = |error: io::Error| format!("{} cannot be added: {error}", path.display());
        if fs::metadata(path).map_err(cannot)?.is_file() {
            self.put(place, path);
            return Ok(());
        }
        if depth == 0 || self.files.len() > MOST {
            return Err(format!("{} cannot be added: there is too much in it", path.display()));
        }
        for entry in fs::read_dir(path).map_err(cannot)? {
            let entry = entry.map_err(cannot)?;
            if entry.file_type().map_err(cannot)?.is_symlink() {
                self.notes.push(format!(
                    "{} is a link and is not exported: add what it leads to (--with)",
                    entry.path().display()
                ));
                continue;
            }
            self.add_at(&entry.path(), place.join(entry.file_name()), depth - 1)?;
        }
        Ok(())
    }

    /// The presets beside the piece, which the export's editor and hosts show; Cabbage's as well.
    fn add_presets(&mut self, piece: &Path, stem: &str) {
        let Some(folder) = folder_beside(piece) else { return };
        for file in files_in(&folder) {
            if let Some(name) = file.file_name() {
                self.put_if_new(Path::new(&format!("{stem}.presets")).join(name), &file);
            }
        }
        let snaps = piece.with_extension("snaps");
        if is_file(&snaps) {
            self.put_if_new(PathBuf::from(format!("{stem}.snaps")), &snaps);
        }
    }

    /// Files that the text names in strings, and the MIDI file of its options.
    fn add_named(&mut self, piece: &Piece) {
        let texts: Vec<&str> = match &piece.source {
            Source::Csd(text) => vec![text],
            Source::OrcSco { orc, sco } => vec![orc, sco],
        };
        for text in texts {
            self.add_strings(text, &piece.name);
        }
        let midi =
            Generation::ALL.into_iter().filter_map(|generation| prepare(&piece.source, generation).ok());
        for file in midi.filter_map(|prepared| prepared.midi_file).collect::<std::collections::BTreeSet<_>>()
        {
            self.add_name(&file, &piece.name, None, true);
        }
    }

    /// What is read as code, and what that names.
    fn add_included(&mut self, piece: &Piece) {
        for included in Pinned::of(piece).included {
            let Some(path) = included.path.map(|path| normal(&path)) else { continue };
            let beside = || {
                let name = normal(Path::new(&included.name));
                name.components().all(|part| matches!(part, Component::Normal(_))).then_some(name)
            };
            match self.below(&path).or_else(beside) {
                Some(place) => self.put_if_new(place, &path),
                None => self.notes.push(format!(
                    "{} is included from outside the piece's folder: put it beside the piece, and name it so",
                    included.name
                )),
            }
            if let Some(bytes) = included.bytes {
                self.add_strings(&String::from_utf8_lossy(&bytes), &included.name);
            }
        }
    }

    fn add_strings(&mut self, text: &str, of: &str) {
        for Quoted { line, text, is_written } in quoted(text) {
            if !is_written {
                self.add_name(text, of, Some(line), false);
            }
        }
    }

    /// Adds the file of a name, if there is one, and tells what is in the way.
    fn add_name(&mut self, name: &str, of: &str, line: Option<usize>, is_sure: bool) {
        let Some(folder) = self.folder.clone() else { return };
        // A piece that asks for its folder puts the name behind it.
        let behind = name.strip_prefix("%s").unwrap_or(name);
        let behind = behind.trim_start_matches('/');
        if behind.is_empty() || name.contains('\0') || name.len() > 1000 {
            return;
        }
        let at = line.map_or_else(|| of.to_owned(), |line| format!("{of}, line {line}"));
        let file = normal(&folder.join(behind));
        match self.below(&file) {
            Some(place) if is_file(&file) => return self.put_if_new(place, &file),
            Some(_) => {}
            None if is_file(&file) => {
                return self.notes.push(format!(
                    "{at}: {name} lies outside the piece's folder and is not exported: put it beside the piece, and \
                     name it so"
                ));
            }
            None => {}
        }
        let is_known = |file: &PathBuf| file.ends_with(behind);
        if self.files.keys().any(is_known) || !(is_sure || names_file(name)) {
            return;
        }
        self.notes.push(match Path::new(name).is_absolute() && is_file(Path::new(name)) {
            true => format!(
                "{at}: {name} is named by its whole path, which is not there on other machines: put it beside the piece, \
                 and name it so"
            ),
            false => format!("{at}: {name} is not found beside the piece"),
        });
    }
}

pub(super) fn is_file(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|found| found.is_file())
}

/// A path without `.`, and without `..` as far as it goes.
pub(super) fn normal(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if matches!(normal.components().next_back(), Some(Component::Normal(_))) => {
                normal.pop();
            }
            part => normal.push(part),
        }
    }
    normal
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plugin::pieces::files::read_piece;

    fn collected(text: &str, files: &[&str], with: &[&str]) -> (Vec<String>, Vec<String>) {
        let folder = tempfile::tempdir().unwrap();
        let own = folder.path().join("own");
        for file in files {
            let file = own.join(file);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, "").unwrap();
        }
        fs::create_dir_all(&own).unwrap();
        fs::write(own.join("a.csd"), text).unwrap();
        let piece = read_piece(&own.join("a.csd")).unwrap();
        let with: Vec<_> = with.iter().map(|file| own.join(file)).collect();
        let collected = Collected::of(&piece, &own.join("a.csd"), &with).unwrap();
        let files = collected.files.keys().map(|file| file.display().to_string()).collect();
        (files, collected.notes)
    }

    #[test]
    fn what_a_text_names_and_is_there_is_collected_at_its_place() {
        let text = "<CsoundSynthesizer>\n<CsOptions>\n-F tune.mid\n</CsOptions>\n<CsInstruments>\n#include \"lib/one.inc\"\n\
            a1 diskin \"in/a b.wav\"\nS1 = \"/png/x.png\"\nfout \"made.wav\", 1, a1\nprints \"hello.\"\n\
            ; diskin \"no.wav\"\na2 diskin \"gone.wav\"\na3 diskin \"../other.wav\"\n</CsInstruments>\n\
            </CsoundSynthesizer>\n";
        let files =
            ["tune.mid", "lib/one.inc", "in/a b.wav", "png/x.png", "made.wav", "no.wav", "../other.wav"];
        let (found, notes) = collected(text, &files, &[]);
        assert_eq!(found, ["a.csd", "in/a b.wav", "lib/one.inc", "png/x.png", "tune.mid"]);
        assert_eq!(notes.len(), 2, "{notes:?}");
        assert!(notes[0].contains("line 12: gone.wav is not found"), "{notes:?}");
        assert!(notes[1].contains("line 13: ../other.wav lies outside"), "{notes:?}");
    }

    #[test]
    #[cfg(unix)]
    fn nothing_that_a_piece_says_or_links_leads_out_of_its_folder() {
        let folder = tempfile::tempdir().unwrap();
        let (own, private) = (folder.path().join("own"), folder.path().join("private.txt"));
        fs::create_dir_all(own.join("deep/a")).unwrap();
        fs::write(&private, "mine").unwrap();
        fs::write(own.join("inside.txt"), "").unwrap();
        std::os::unix::fs::symlink(&private, own.join("link.txt")).unwrap();
        std::os::unix::fs::symlink("deep/a", own.join("d")).unwrap();
        let text = "<CsInstruments>\na1 diskin \"link.txt\"\n</CsInstruments>\n";
        fs::write(own.join("a.csd"), text).unwrap();
        let piece = read_piece(&own.join("a.csd")).unwrap();
        let mut collected = Collected::of(&piece, &own.join("a.csd"), &[]).unwrap();
        assert!(
            collected.notes.iter().any(|note| note.contains("link.txt leads out")),
            "{:?}",
            collected.notes
        );
        // A piece may print that it has read what it likes.
        for said in
            ["../private.txt", "x/../../private.txt", "d/../../private.txt", "link.txt", "d/../inside.txt"]
        {
            collected.add_read(&[own.join(said)]);
        }
        let places: Vec<_> = collected.files.keys().map(|place| place.display().to_string()).collect();
        assert_eq!(places, ["a.csd", "inside.txt"]);
        // What is there is never written over.
        let out = folder.path().join("out");
        collected.copy_to(&out, &Abandoned::default()).unwrap();
        assert!(collected.copy_to(&out, &Abandoned::default()).is_err());
        assert_eq!(fs::read_to_string(&private).unwrap(), "mine");
    }

    #[test]
    fn whoever_brings_a_file_it_gets_no_place_that_is_taken() {
        let folder = tempfile::tempdir().unwrap();
        let put = |name: &str| {
            let file = folder.path().join(name);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(&file, "no library").unwrap();
            file
        };
        let csound = put("csound6/libcsound64.so.6.0");
        let refused = |text: &str, with: &[PathBuf], reads: &[PathBuf]| {
            let path = put("a.csd");
            fs::write(&path, text).unwrap();
            let mut collected = Collected::of(&read_piece(&path).unwrap(), &path, with).unwrap();
            collected.add_read(reads);
            collected.refuse_taken("Bells")
        };
        let piece = |line: &str| format!("<CsInstruments>\n{line}\n</CsInstruments>\n");
        assert_eq!(refused(&piece(""), &[], &[]), Ok(()));
        for (text, with, reads) in [
            (piece("S1 = \"csound6/libcsound64.so.6.0\""), vec![], vec![]),
            (piece("#include \"csound6/libcsound64.so.6.0\""), vec![], vec![]),
            (piece(""), vec![csound.clone()], vec![]),
            (piece(""), vec![folder.path().join("csound6")], vec![]),
            (piece(""), vec![], vec![csound.clone()]),
        ] {
            let why = refused(&text, &with, &reads).unwrap_err();
            assert!(why.contains("csound6/libcsound64.so.6.0 would lie where"), "{why}");
        }
        let own = [put("Bells.clap"), put("Plugin.json"), put("csound-performer-engine")];
        for own in own {
            assert!(refused(&piece(""), std::slice::from_ref(&own), &[]).is_err(), "{}", own.display());
        }
    }

    #[test]
    fn what_is_added_keeps_its_place_or_lies_beside_the_piece() {
        let text = "<CsInstruments>\na1 diskin \"other.wav\"\n</CsInstruments>\n";
        let (found, notes) =
            collected(text, &["s/a.wav", "s/t/b.wav", "../other.wav"], &["s", "../other.wav"]);
        assert_eq!(found, ["a.csd", "other.wav", "s/a.wav", "s/t/b.wav"]);
        assert_eq!(notes, [""; 0]);
    }
}
