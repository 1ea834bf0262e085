//! The folders of presets: `NAME.presets` beside the piece `NAME.csd`, and one of the user's configuration, for
//! pieces that lie nowhere or where nothing can be written. Cabbage's `NAME.snaps` beside a piece is read only.
//!
//! Nothing is written over unasked: a new preset gets a new file, and one that is replaced is replaced whole or not
//! at all.

use std::io;
use std::path::{Component, Path, PathBuf};
use std::time::SystemTime;

use super::desk::Entry;
use super::preset::{ENDING, LONGEST, PieceOf, Preset};
use super::snaps;
use crate::identity::Exported;
use crate::plugin::pieces::files::{SHIPPED, config_file, packed, read_bounded, write_new, write_whole};
use crate::preset_id::PresetId;

/// The most files of a folder that are looked at, and the longest that a list or a host's index reads.
pub const MOST_FILES: usize = 2000;

/// The most bytes that a list reads in all: it is read anew whenever a folder changes.
const MOST_BYTES: u64 = 64 << 20;

/// The ending of a folder of presets.
const FOLDER: &str = "presets";

/// The folders of a piece.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shelf {
    /// Beside the piece.
    beside: Option<PathBuf>,
    /// Whether the user writes there.
    writes_beside: bool,
    /// In the user's configuration.
    users: Option<PathBuf>,
    /// Cabbage's file.
    snaps: Option<PathBuf>,
    piece: PieceOf,
}

/// The user's folder of all presets.
pub fn users_folder() -> Option<PathBuf> {
    config_file(FOLDER)
}

/// The folder of presets beside a piece.
pub fn folder_beside(piece: &Path) -> Option<PathBuf> {
    let piece = unpacked(piece);
    let stem = piece.file_stem()?.to_str()?;
    Some(piece.with_file_name(format!("{stem}.{FOLDER}")))
}

/// Cabbage's file beside a piece.
fn snaps_beside(piece: &Path) -> PathBuf {
    unpacked(piece).with_extension(snaps::ENDING)
}

/// What a packed piece would be called if it were not packed.
fn unpacked(piece: &Path) -> PathBuf {
    packed::name(piece).map_or_else(|| piece.to_owned(), |name| piece.with_file_name(name))
}

impl Shelf {
    /// Of a piece by its name and, if it has one, its file; of an exported piece, what came with it is only read.
    pub fn of(name: &str, path: Option<&Path>, export: Option<&Exported>) -> Self {
        let named = unpacked(Path::new(name));
        let stem = named.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        let key = export.map_or(stem, |export| export.manifest.id.as_str());
        let own = export.map(|export| export.folder.join(&export.manifest.piece));
        let path = own.as_deref().or(path);
        let users = users_folder().zip(file_name(key)).map(|(folder, key)| folder.join(key));
        Self {
            beside: path.and_then(folder_beside),
            writes_beside: export.is_none()
                && path.is_some_and(|path| path.parent().is_some_and(Path::is_dir)),
            users,
            snaps: path.map(snaps_beside),
            piece: PieceOf {
                name: name.to_owned(),
                folder: path.and_then(Path::parent).filter(|_| export.is_none()).map(Path::to_owned),
            },
        }
    }

    /// The piece, as its presets name it.
    pub fn piece(&self) -> &PieceOf {
        &self.piece
    }

    /// The times at which its folders have changed: where they are as before, the list is.
    pub fn stamps(&self) -> [Option<SystemTime>; 3] {
        let stamp = |path: &Option<PathBuf>| std::fs::metadata(path.as_ref()?).ok()?.modified().ok();
        [stamp(&self.beside), stamp(&self.users), stamp(&self.snaps)]
    }

    /// The presets that there are, by name, and why others cannot be read, or are not.
    pub fn list(&self) -> (Vec<Entry>, Vec<(PathBuf, String)>) {
        let (mut found, mut wrong) = (Vec::new(), Vec::new());
        let mut room = Room { bytes: MOST_BYTES };
        let own = self.writes_beside;
        for (folder, is_own) in [(&self.beside, own), (&self.users, true)] {
            for file in folder.iter().flat_map(|folder| files_in(folder)) {
                if let Err(why) = room.take(&file) {
                    wrong.push((file, why));
                    break;
                }
                match read(&file) {
                    Ok(preset) => found.push(entry(PresetId { file, key: None }, &preset, is_own)),
                    Err(error) => wrong.push((file, error)),
                }
            }
        }
        let snaps = self.snaps.as_ref().filter(|file| file.is_file());
        if let Some((file, Err(why))) = snaps.map(|file| (file, room.take(file))) {
            wrong.push((file.clone(), why));
        } else if let Some(file) = snaps {
            match read_snaps(file) {
                Ok(presets) => found.extend(presets.iter().map(|preset| {
                    entry(PresetId { file: file.clone(), key: Some(preset.name.clone()) }, preset, false)
                })),
                Err(error) => wrong.push((file.clone(), error)),
            }
        }
        let key = |entry: &Entry| (entry.name.to_lowercase(), entry.name.clone(), entry.id.clone());
        found.sort_by_cached_key(key);
        (found, wrong)
    }

    /// Keeps a new preset in a file of its own.
    ///
    /// # Errors
    /// It cannot be written, in a sentence.
    pub fn add(&self, preset: &Preset) -> Result<PresetId, String> {
        let beside = self.beside.as_ref().filter(|_| self.writes_beside);
        let mut why = "there is no folder for presets: your configuration has none".to_owned();
        for folder in beside.into_iter().chain(&self.users) {
            match add_to(folder, preset) {
                Ok(file) => return Ok(PresetId { file, key: None }),
                Err(error) => why = format!("{} cannot be written: {error}", folder.display()),
            }
        }
        Err(why)
    }
}

/// How much a list may still read.
struct Room {
    bytes: u64,
}

impl Room {
    /// Takes what a file needs. One that is too long by itself is not read, and needs nothing.
    ///
    /// # Errors
    /// It is too much, in a sentence; then nothing needs to be asked for any more.
    fn take(&mut self, file: &Path) -> Result<(), String> {
        let length = std::fs::metadata(file).map_or(0, |found| found.len());
        if length > LONGEST {
            return Ok(());
        }
        let left = self.bytes.checked_sub(length);
        self.bytes = left.unwrap_or(0);
        left.map(drop).ok_or_else(|| {
            format!(
                "the presets from {} on are not listed: at most {} MiB are read in all. Move those that you do not need \
                 elsewhere",
                file.display(),
                MOST_BYTES >> 20
            )
        })
    }
}

/// A text as a file's name, where one is left of it.
fn file_name(name: &str) -> Option<String> {
    csound_export::file_name(name).ok()
}

/// Keeps a preset in a folder, under a name that no file has.
///
/// # Errors
/// What the system says.
pub fn add_to(folder: &Path, preset: &Preset) -> io::Result<PathBuf> {
    let bytes = bytes_of(preset)?;
    std::fs::create_dir_all(folder)?;
    let name = file_name(&preset.name).unwrap_or_else(|| "preset".to_owned());
    for number in 1..=MOST_FILES {
        let name = if number == 1 { format!("{name}.{ENDING}") } else { format!("{name} {number}.{ENDING}") };
        let file = folder.join(name);
        match write_new(&file, &bytes) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            written => return written.map(|()| file),
        }
    }
    Err(io::Error::other("there are too many presets of that name"))
}

/// Writes a preset in place of the one in this file.
///
/// # Errors
/// It cannot be written, in a sentence; the file is as it was.
pub fn replace(file: &Path, preset: &Preset) -> Result<(), String> {
    let written = bytes_of(preset).and_then(|bytes| write_whole(file, &bytes));
    written.map_err(|error| format!("{} cannot be written: {error}", file.display()))
}

fn bytes_of(preset: &Preset) -> io::Result<Vec<u8>> {
    let bytes = preset.write()?;
    if bytes.len() as u64 > LONGEST {
        return Err(io::Error::other(format!("the preset is longer than {LONGEST} bytes")));
    }
    Ok(bytes)
}

/// Reads the preset of a file.
///
/// # Errors
/// Why not, in a sentence that names the file.
pub fn read(file: &Path) -> Result<Preset, String> {
    let named = |why: String| format!("the preset {} cannot be read: {why}", file.display());
    let bytes = read_bounded(file, LONGEST).map_err(|error| named(error.to_string()))?;
    Preset::read(&bytes).map_err(|error| named(error.to_string()))
}

/// Reads Cabbage's presets of a file.
///
/// # Errors
/// As [`read`].
pub fn read_snaps(file: &Path) -> Result<Vec<Preset>, String> {
    let named = |why: String| format!("the presets of {} cannot be read: {why}", file.display());
    let bytes = read_bounded(file, LONGEST).map_err(|error| named(error.to_string()))?;
    let name = file.file_stem().unwrap_or_default().to_string_lossy();
    snaps::read(&bytes, &name).map_err(|error| named(error.to_string()))
}

/// Reads a preset of either kind.
///
/// # Errors
/// As [`read`].
pub fn read_by_id(id: &PresetId) -> Result<Preset, String> {
    let Some(key) = &id.key else { return read(&id.file) };
    let found = read_snaps(&id.file)?.into_iter().find(|preset| preset.name == *key);
    found.ok_or_else(|| format!("{} has no preset {key:?}", id.file.display()))
}

/// The presets of a file that the user brings.
///
/// # Errors
/// It is none, or cannot be read.
pub fn read_import(file: &Path) -> Result<Vec<Preset>, String> {
    if has_ending(file, snaps::ENDING) { read_snaps(file) } else { read(file).map(|preset| vec![preset]) }
}

/// Whether a file's name ends so.
pub fn has_ending(file: &Path, ending: &str) -> bool {
    file.extension().is_some_and(|found| found.eq_ignore_ascii_case(ending))
}

/// The files of presets in a folder, in a fixed order.
pub fn files_in(folder: &Path) -> Vec<PathBuf> {
    let Ok(found) = std::fs::read_dir(folder) else { return Vec::new() };
    let paths = found.filter_map(|entry| Some(entry.ok()?.path()));
    let mut files: Vec<_> = paths.filter(|path| has_ending(path, ENDING)).take(MOST_FILES).collect();
    files.sort();
    files
}

fn entry(id: PresetId, preset: &Preset, is_own: bool) -> Entry {
    Entry { id, name: preset.name.clone(), tags: preset.tags.clone(), is_own }
}

/// The piece that a preset's file belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Owner {
    /// The piece of a file.
    File(PathBuf),
    /// A piece that comes with the plugin.
    Shipped(usize),
}

/// The piece that the preset of a file was made with: the one that it lies beside; for what lies in the user's own
/// folder, the one that it names. A file from elsewhere may name what it likes: none.
pub fn owner(file: &Path, preset: &Preset) -> Option<Owner> {
    let piece = preset.piece.as_ref()?;
    let mut parts = Path::new(&piece.name).components();
    if !matches!((parts.next(), parts.next()), (Some(Component::Normal(_)), None)) {
        return None;
    }
    let folder = file.parent()?;
    let beside = folder.with_file_name(&piece.name);
    if folder_beside(&beside).as_deref() == Some(folder) && beside.is_file() {
        return Some(Owner::File(beside));
    }
    if !file.starts_with(users_folder()?) {
        return None;
    }
    let named = piece.folder.as_ref().map(|folder| folder.join(&piece.name)).filter(|path| path.is_file());
    let shipped = || SHIPPED.iter().position(|(name, ..)| *name == piece.name).map(Owner::Shipped);
    named.map(Owner::File).or_else(shipped)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plugin::presets::preset::VERSION;

    fn preset(name: &str) -> Preset {
        let piece = Some(PieceOf { name: "bells.csd".into(), folder: None });
        Preset { version: VERSION, name: name.into(), piece, ..Preset::default() }
    }

    fn shelf() -> (tempfile::TempDir, Shelf) {
        let folder = tempfile::tempdir().unwrap();
        let piece = folder.path().join("bells.csd");
        std::fs::write(&piece, "").unwrap();
        let shelf = Shelf { users: None, ..Shelf::of("bells.csd", Some(&piece), None) };
        (folder, shelf)
    }

    #[test]
    fn presets_lie_beside_the_piece_and_none_is_written_over() {
        let (folder, shelf) = shelf();
        let first = shelf.add(&preset("a/b")).unwrap();
        assert_eq!(first.file.parent(), Some(folder.path().join("bells.presets").as_path()));
        // Another name, which a file cannot tell from the first.
        let second = shelf.add(&preset("a:b")).unwrap();
        assert_ne!(first, second);
        let names: Vec<_> = shelf.list().0.into_iter().map(|entry| (entry.name, entry.is_own)).collect();
        assert_eq!(names, [("a/b".into(), true), ("a:b".into(), true)]);
        for odd in ["..", "con", "\u{1d11e}", ".hidden"] {
            let id = shelf.add(&preset(odd)).unwrap();
            assert_eq!(read_by_id(&id).unwrap().name, odd);
            assert_eq!(id.file.parent(), first.file.parent());
        }
        assert_eq!(owner(&first.file, &preset("a/b")), Some(Owner::File(folder.path().join("bells.csd"))));
        for name in ["../bells.csd", "/etc/passwd", "other.csd", ""] {
            let piece = Some(PieceOf { name: name.into(), folder: Some("/etc".into()) });
            assert_eq!(owner(&first.file, &Preset { piece, ..preset("a") }), None, "{name}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_named_and_the_others_are_listed() {
        let (folder, shelf) = shelf();
        shelf.add(&preset("good")).unwrap();
        let beside = folder.path().join("bells.presets");
        let put = |name: &str, text: &str| std::fs::write(beside.join(name), text).unwrap();
        put("empty.csdpreset", "");
        put("wrong.csdpreset", "[1]");
        put("newer.csdpreset", "{\"csound_performer_preset\": 9}");
        put("notes.txt", "none");
        std::fs::create_dir(beside.join("folder.csdpreset")).unwrap();
        std::fs::File::create(beside.join("huge.csdpreset")).unwrap().set_len(LONGEST + 1).unwrap();
        std::fs::write(folder.path().join("bells.snaps"), "{\"Soft\": {\"cutoff\": 1.5}}").unwrap();
        let (found, wrong) = shelf.list();
        let names: Vec<_> = found.iter().map(|entry| (entry.name.as_str(), entry.is_own)).collect();
        assert_eq!(names, [("good", true), ("Soft", false)]);
        assert_eq!(wrong.len(), 5, "{wrong:?}");
        assert!(wrong.iter().all(|(file, why)| why.contains(&*file.to_string_lossy())), "{wrong:?}");
        assert_eq!(read_by_id(&found[1].id).unwrap().channels["cutoff"], 1.5);
    }

    #[test]
    fn a_list_reads_so_much_and_says_where_it_stops() {
        let (folder, shelf) = shelf();
        let shelf = Shelf { users: Some(folder.path().join("users")), ..shelf };
        let (beside, users) = (shelf.beside.clone().unwrap(), shelf.users.clone().unwrap());
        let small = add_to(&beside, &preset("0")).unwrap();
        let text = std::fs::read(small).unwrap();
        // Half of the longest, filled up with what means nothing.
        let long = [text, vec![b' '; LONGEST as usize / 2]].concat();
        for number in 1..=9 {
            std::fs::write(beside.join(format!("{number}.{ENDING}")), &long).unwrap();
        }
        let huge = std::fs::File::create(beside.join(format!("00.{ENDING}"))).unwrap();
        huge.set_len(LONGEST + 1).unwrap();
        add_to(&users, &preset("users")).unwrap();
        std::fs::write(folder.path().join("bells.snaps"), "{\"Soft\": {\"cutoff\": 1.5}}").unwrap();
        let (found, wrong) = shelf.list();
        assert_eq!(found.len(), 8, "the small one, and seven long ones");
        let told: Vec<_> = wrong.iter().map(|(_, why)| why.as_str()).collect();
        assert_eq!(told.len(), 4, "{told:?}");
        assert!(told[0].contains("00.csdpreset cannot be read"), "{told:?}");
        for (why, from) in told[1..].iter().zip(["8.csdpreset", "users.csdpreset", "bells.snaps"]) {
            assert!(why.contains(&format!("{from} on are not listed")) && why.contains("64 MiB"), "{told:?}");
        }
        // Without one of them there is room for the others.
        for number in 7..=9 {
            std::fs::remove_file(beside.join(format!("{number}.{ENDING}"))).unwrap();
        }
        assert_eq!(shelf.list().0.len(), 9);
    }

    #[test]
    fn a_preset_that_is_too_long_is_not_written() {
        let (folder, shelf) = shelf();
        let mut long = preset("long");
        long.channels.insert("text".into(), "x".repeat(LONGEST as usize).into());
        assert!(shelf.add(&long).unwrap_err().contains("longer"));
        let id = shelf.add(&preset("a")).unwrap();
        let before = std::fs::read(&id.file).unwrap();
        assert!(replace(&id.file, &long).is_err());
        assert_eq!(std::fs::read(&id.file).unwrap(), before);
        assert!(folder.path().join("bells.presets").is_dir());
    }
}
