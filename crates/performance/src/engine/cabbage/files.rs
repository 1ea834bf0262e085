//! Paths and files: `cabbageGetFilename` and its like, `cabbageFindFiles`, `cabbageCopyFile`. What a piece may not
//! see or write the system refuses, as it does to Csound's own opcodes.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use csound_library::{Call, Level};

use super::context::{self, Work};

/// Files that are found at most.
const MOST: usize = 10_000;

/// A path as a piece names it: from its folder.
pub(super) fn from_home(work: &Work, name: &[u8]) -> PathBuf {
    let name = Path::new(OsStr::from_bytes(name));
    work.home.as_deref().map_or_else(|| name.to_owned(), |home| home.join(name))
}

/// Gives a part of a path.
fn give_part(call: &mut Call<'_>, part: impl Fn(&Path) -> Option<&OsStr>, dot: bool) {
    let Some(context) = context::of(call) else { return };
    context.with(|work| {
        work.scratch.clear();
        let path = Path::new(OsStr::from_bytes(call.text(0).to_bytes()));
        if let Some(part) = part(path) {
            if dot {
                work.scratch.push(b'.');
            }
            work.scratch.extend_from_slice(part.as_bytes());
        }
        call.set_text(0, &work.scratch);
    });
}

/// The name of a file.
pub(super) fn name(call: &mut Call<'_>) {
    give_part(call, Path::file_name, false);
}

/// The name without its ending.
pub(super) fn name_without_extension(call: &mut Call<'_>) {
    give_part(call, Path::file_stem, false);
}

/// The ending, with its dot.
pub(super) fn extension(call: &mut Call<'_>) {
    give_part(call, Path::extension, true);
}

/// The folder that a file is in.
pub(super) fn folder(call: &mut Call<'_>) {
    give_part(call, |path| path.parent().map(Path::as_os_str), false);
}

/// Finds files in the folder that the argument `at` names: of the kind and with the names behind it.
fn find_from(call: &mut Call<'_>, at: usize) {
    let Some(context) = context::of(call) else { return };
    context.with(|work| {
        let path = from_home(work, call.text(at).to_bytes());
        let kind = call.text(at + 1).to_string_lossy().to_lowercase();
        let wanted = call.text(at + 2).to_string_lossy().into_owned();
        let (files, folders) = match kind.as_str() {
            "directories" => (false, true),
            "filesanddirectories" | "directoriesandfiles" => (true, true),
            _ => (true, false),
        };
        let found = found_in(&path, files, folders, &wanted);
        if let Err(error) = &found {
            let told = format!("cabbageFindFiles: {} cannot be looked into: {error}", path.display());
            call.tell(Level::Warning, &told);
        }
        let found = found.unwrap_or_default();
        call.set_text_length(0, found.len());
        for (index, file) in found.iter().enumerate() {
            call.set_text_in(0, index, file.as_os_str().as_bytes());
        }
    });
}

/// The files and folders in a folder whose names fit, by name.
pub(super) fn found_in(folder: &Path, files: bool, folders: bool, wanted: &str) -> io::Result<Vec<PathBuf>> {
    let is_wanted = |entry: &std::fs::DirEntry| {
        let is_folder = entry.path().is_dir();
        (if is_folder { folders } else { files }) && fits_any(&entry.file_name().to_string_lossy(), wanted)
    };
    let mut found: Vec<_> =
        folder.read_dir()?.flatten().filter(is_wanted).map(|entry| entry.path()).take(MOST).collect();
    found.sort();
    Ok(found)
}

/// True if a name fits one of several patterns, such as `*.wav;*.aif`. Case does not matter.
fn fits_any(name: &str, patterns: &str) -> bool {
    let name: Vec<char> = name.to_lowercase().chars().collect();
    let mut each = patterns.split([';', ',']).map(str::trim).filter(|pattern| !pattern.is_empty()).peekable();
    each.peek().is_none()
        || each.any(|pattern| fits(&name, &pattern.to_lowercase().chars().collect::<Vec<_>>()))
}

/// `*` stands for any characters, `?` for one.
fn fits(name: &[char], pattern: &[char]) -> bool {
    let (mut at, mut with, mut star) = (0, 0, None);
    while at < name.len() {
        match pattern.get(with) {
            Some('*') => {
                star = Some((at, with));
                with += 1;
            }
            Some(next) if *next == '?' || *next == name[at] => (at, with) = (at + 1, with + 1),
            _ => {
                let Some((from, star_at)) = star else { return false };
                star = Some((from + 1, star_at));
                (at, with) = (from + 1, star_at + 1);
            }
        }
    }
    pattern[with..].iter().all(|next| *next == '*')
}

/// `cabbageFindFiles` when a note begins.
pub(super) fn find_at_init(call: &mut Call<'_>) {
    find_from(call, 0);
}

/// `cabbageFindFiles` while its trigger is on.
pub(super) fn find(call: &mut Call<'_>) {
    if super::values::is_on(call.number(0)) {
        find_from(call, 1);
    }
}

/// The same when a note begins; without the trigger there is an array with nothing in it.
pub(super) fn find_with_trigger_at_init(call: &mut Call<'_>) {
    call.set_text_length(0, 0);
    find(call);
}

/// `cabbageCopyFile`: copies files into a folder, which is made if it is not there (a confined piece makes none).
pub(super) fn copy(call: &mut Call<'_>) {
    let Some(context) = context::of(call) else { return };
    context.with(|work| {
        let folder = from_home(work, call.text(0).to_bytes());
        let made = if folder.is_dir() { Ok(()) } else { std::fs::create_dir(&folder) };
        if let Err(error) = made {
            let needs = "; it is not there, and only a piece that you trust may make a folder";
            return tell_of_copy(call, &folder, &error, needs);
        }
        for at in 1..call.count() {
            let from = from_home(work, call.text(at).to_bytes());
            let Some(name) = from.file_name() else { continue };
            if let Err(error) = copy_file(&from, &folder.join(name)) {
                tell_of_copy(call, &from, &error, "; a piece may write where you permit it (see the shield)");
            }
        }
    });
}

/// Copies what is in a file. The system's own copying is more than a confined piece may ask for.
fn copy_file(from: &Path, to: &Path) -> io::Result<()> {
    let (mut from, mut to) = (File::open(from)?, File::create(to)?);
    let mut part = vec![0; 64 << 10];
    loop {
        match from.read(&mut part)? {
            0 => return Ok(()),
            read => to.write_all(&part[..read])?,
        }
    }
}

fn tell_of_copy(call: &Call<'_>, path: &Path, error: &io::Error, needs: &str) {
    let needs = if error.kind() == io::ErrorKind::PermissionDenied { needs } else { "" };
    call.tell(Level::Warning, &format!("cabbageCopyFile: {}: {error}{needs}", path.display()));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_fit_patterns_in_any_case() {
        for (name, patterns) in [
            ("Kick.WAV", "*.wav"),
            ("kick.aif", "*.wav;*.aif"),
            ("kick.aif", "*.wav, *.aif"),
            ("anything", "*"),
            ("anything", ""),
            ("take 12.wav", "take ??.*"),
            ("aXbXc", "a*b*c"),
        ] {
            assert!(fits_any(name, patterns), "{name} {patterns}");
        }
        for (name, patterns) in
            [("kick.wave", "*.wav"), ("kick", "?"), ("", "?"), ("abc", "a*d"), ("b", "a;c")]
        {
            assert!(!fits_any(name, patterns), "{name} {patterns}");
        }
    }

    #[test]
    fn a_folder_is_looked_through_by_kind_and_in_order() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["b.wav", "a.wav", "c.txt"] {
            std::fs::write(folder.path().join(name), "").unwrap();
        }
        std::fs::create_dir(folder.path().join("d.wav")).unwrap();
        let found = |files, folders, wanted| {
            let found = found_in(folder.path(), files, folders, wanted).unwrap();
            found
                .iter()
                .map(|path| path.file_name().unwrap().to_str().unwrap().to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(found(true, false, "*.wav"), ["a.wav", "b.wav"]);
        assert_eq!(found(false, true, ""), ["d.wav"]);
        assert_eq!(found(true, true, "*.wav"), ["a.wav", "b.wav", "d.wav"]);
        assert!(found_in(&folder.path().join("gone"), true, true, "").is_err());
    }
}
