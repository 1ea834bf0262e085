//! Texts in a piece's folder besides its own: which there are, and the reading of them. All of it is within bounds and
//! within the folder, whatever names and links say.

use std::io;
use std::path::{Component, Path, PathBuf};
use std::time::SystemTime;

use crate::folder_texts::{FolderName, MOST_TEXTS, is_text_name};
use crate::plugin::pieces::files::{read_bounded, text_of};
use crate::plugin::pieces::trust::pinned::Pinned;

/// Files of a folder that are looked at.
const MOST_FILES: usize = 2000;

/// The longest text that is read, in bytes.
const LONGEST: u64 = 4 << 20;

/// A file as it stood: when it was written, and how long it is.
pub type Stamp = Option<(SystemTime, u64)>;

/// How a file stands.
pub fn stamp(path: &Path) -> Stamp {
    let file = std::fs::metadata(path).ok()?;
    Some((file.modified().ok()?, file.len()))
}

/// What a piece includes from its folder, in the order of its text; and whether that is all that it includes.
pub fn included(pinned: &Pinned, folder: &Path) -> (Vec<String>, bool) {
    let mut names: Vec<String> = Vec::new();
    let mut is_all = true;
    for file in &pinned.included {
        match file.path.as_deref().and_then(|path| name_in(folder, path)) {
            Some(name) if names.contains(&name) => {}
            Some(name) if names.len() < MOST_TEXTS => names.push(name),
            _ => is_all = false,
        }
    }
    (names, is_all)
}

/// The name that a file has in a folder, if it lies in there.
fn name_in(folder: &Path, file: &Path) -> Option<String> {
    let (folder, file) = (folder.canonicalize().ok()?, file.canonicalize().ok()?);
    let parts = file.strip_prefix(folder).ok()?.components().map(|part| match part {
        Component::Normal(part) => part.to_str(),
        _ => None,
    });
    Some(parts.collect::<Option<Vec<_>>>()?.join("/"))
}

/// The names of the texts that can be opened: what the piece includes, then what else lies in its folder, but for its
/// `own` files.
pub fn names(folder: &Path, included: &[String], own: &[String]) -> Vec<FolderName> {
    let named = |entry: io::Result<std::fs::DirEntry>| entry.ok()?.file_name().into_string().ok();
    let entries = std::fs::read_dir(folder).into_iter().flatten().take(MOST_FILES).filter_map(named);
    let is_other = |name: &String| is_text_name(name) && !included.contains(name) && !own.contains(name);
    let mut others: Vec<_> = entries.filter(is_other).filter(|name| folder.join(name).is_file()).collect();
    others.sort_unstable();
    let of = |is_included| move |name: String| FolderName { name, is_included };
    included.iter().cloned().map(of(true)).chain(others.into_iter().map(of(false))).collect()
}

/// The file of a text, free of links, if it is one in the folder.
///
/// # Errors
/// It is not, in words that follow its name.
pub fn file_of(folder: &Path, name: &str) -> Result<PathBuf, String> {
    let is_plain = Path::new(name).components().all(|part| matches!(part, Component::Normal(_)));
    if name.is_empty() || name.contains('\0') || !is_plain {
        return Err("is not the name of a file in the piece's folder".to_owned());
    }
    let (whole, file) = (folder.canonicalize(), folder.join(name).canonicalize());
    match (whole, file) {
        (Ok(folder), Ok(file)) if file.starts_with(&folder) => Ok(file),
        (Ok(_), Ok(_)) => Err("leads out of the piece's folder".to_owned()),
        (Err(error), _) | (_, Err(error)) => Err(format!("cannot be read: {error}")),
    }
}

/// Where a text is written whose file is gone: in the place of that, `before`, as long as it still is one in the
/// folder.
///
/// # Errors
/// It is not, in words that follow its name.
pub fn place_of(folder: &Path, before: &Path) -> Result<PathBuf, String> {
    let (Some(parent), Some(name)) = (before.parent(), before.file_name()) else {
        return Err("is not the name of a file in the piece's folder".to_owned());
    };
    match (folder.canonicalize(), parent.canonicalize()) {
        (Ok(folder), Ok(parent)) if parent.starts_with(&folder) => Ok(parent.join(name)),
        (Ok(_), Ok(_)) => Err("leads out of the piece's folder".to_owned()),
        (Err(error), _) | (_, Err(error)) => Err(format!("cannot be written: {error}")),
    }
}

/// Reads a text, with how its file stood before that.
///
/// # Errors
/// What the system says, in words that follow its name.
pub fn read(file: &Path) -> Result<(String, Stamp), String> {
    let before = stamp(file);
    let bytes = read_bounded(file, LONGEST).map_err(|error| format!("cannot be read: {error}"))?;
    if bytes.contains(&0) {
        return Err("is no text".to_owned());
    }
    Ok((text_of(bytes), before))
}

#[cfg(test)]
mod tests {
    use csound_performance::engine::piece::{Piece, Source};

    use super::*;

    fn folder() -> tempfile::TempDir {
        let home = tempfile::tempdir().unwrap();
        let at = home.path().join("piece");
        std::fs::create_dir_all(at.join("lib.orc")).unwrap();
        std::fs::create_dir(at.join("parts")).unwrap();
        for name in
            ["piece/a.csd", "piece/b.orc", "piece/z.inc", "piece/a.wav", "piece/parts/deep.inc", "out.inc"]
        {
            std::fs::write(home.path().join(name), "instr 1\nendin\n").unwrap();
        }
        home
    }

    #[test]
    fn what_a_piece_includes_goes_before_what_else_lies_there() {
        let home = folder();
        let at = home.path().join("piece");
        std::fs::write(at.join("b.orc"), "#include \"parts/deep.inc\"\n").unwrap();
        let orc = |text: &str| Piece {
            name: "a.csd".into(),
            source: Source::OrcSco { orc: text.into(), sco: String::new() },
            folder: Some(at.clone()),
        };
        let found = |text: &str| included(&Pinned::of(&orc(text)), &at);
        let (inner, is_all) = found("#include \"b.orc\"\n#include \"b.orc\"\n");
        assert_eq!((inner.as_slice(), is_all), (&["b.orc".to_owned(), "parts/deep.inc".into()][..], true));
        assert_eq!(found("#include \"none.orc\"\n"), (vec![], false));
        let outside = format!("#include \"{}\"\n", home.path().join("out.inc").display());
        assert_eq!(found(&outside), (vec![], false), "it is read from elsewhere");
        let listed = names(&at, &inner, &["a.csd".to_owned()]);
        let listed: Vec<_> = listed.iter().map(|known| (known.name.as_str(), known.is_included)).collect();
        assert_eq!(listed, [("b.orc", true), ("parts/deep.inc", true), ("z.inc", false)]);
    }

    #[test]
    fn no_name_leads_out_of_the_folder() {
        let home = folder();
        let at = home.path().join("piece");
        assert!(file_of(&at, "z.inc").is_ok() && file_of(&at, "parts/deep.inc").is_ok());
        let absolute = home.path().join("out.inc").display().to_string();
        for odd in ["", ".", "..", "../out.inc", "parts/../../out.inc", "\0", "none.inc", &absolute] {
            assert!(file_of(&at, odd).is_err(), "{odd}");
        }
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink(home.path().join("out.inc"), at.join("link.inc")).unwrap();
            assert_eq!(file_of(&at, "link.inc").unwrap_err(), "leads out of the piece's folder");
            std::os::unix::fs::symlink("z.inc", at.join("inner.inc")).unwrap();
            assert!(file_of(&at, "inner.inc").is_ok());
        }
    }

    #[test]
    fn what_is_gone_is_written_within_the_folder_only() {
        let home = folder();
        let home = home.path().canonicalize().unwrap();
        let at = home.join("piece");
        assert_eq!(place_of(&at, &at.join("new.inc")), Ok(at.join("new.inc")));
        assert_eq!(place_of(&at, &at.join("parts/new.inc")), Ok(at.join("parts/new.inc")));
        assert!(place_of(&at, &at.join("none/new.inc")).unwrap_err().starts_with("cannot be written"));
        assert!(place_of(&at, &home.join("out.inc")).is_err());
        #[cfg(unix)]
        {
            std::fs::remove_dir_all(at.join("parts")).unwrap();
            std::os::unix::fs::symlink(&home, at.join("parts")).unwrap();
            let told = place_of(&at, &at.join("parts/deep.inc")).unwrap_err();
            assert_eq!(told, "leads out of the piece's folder");
        }
    }

    #[test]
    fn what_is_no_text_or_too_long_is_not_read() {
        let home = folder();
        let file = home.path().join("piece/z.inc");
        assert_eq!(read(&file).unwrap().0, "instr 1\nendin\n");
        std::fs::write(&file, b"caf\xe9").unwrap();
        assert_eq!(read(&file).unwrap(), ("caf\u{e9}".to_owned(), stamp(&file)));
        std::fs::write(&file, b"a\0b").unwrap();
        assert_eq!(read(&file).unwrap_err(), "is no text");
        std::fs::File::create(&file).unwrap().set_len(LONGEST + 1).unwrap();
        assert!(read(&file).unwrap_err().starts_with("cannot be read: it is longer"));
        assert!(read(&home.path().join("piece/lib.orc")).is_err());
    }
}
