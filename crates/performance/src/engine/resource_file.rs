//! The user's own options for Csound: the file `.csound6rc` or `.csound7rc`.
//!
//! The csound command reads it for each piece. A confined engine does not; whoever asks for it reads it here, and what
//! shapes the sound goes along with the piece, as its own options do: devices, files and networks stay with the host.

use std::path::PathBuf;

use csound_library::Generation;

use super::piece::options::{OptionReader, choose};

/// The longest file that is read, in bytes.
const LONGEST: u64 = 1 << 16;

/// What a file of options comes to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UsersOptions {
    /// Arguments for Csound.
    pub kept: Vec<String>,
    /// For the console: the options that are not used, and why.
    pub notes: Vec<String>,
}

/// Where the csound command of this generation finds the file: as its variable says, otherwise in the home folder.
pub fn place(generation: Generation) -> Option<PathBuf> {
    let variable = format!("CSOUND{}RC", generation.number());
    let named = std::env::var_os(variable).filter(|path| !path.is_empty()).map(PathBuf::from);
    let at_home = || {
        let home = std::env::var_os("HOME").filter(|home| !home.is_empty())?;
        Some(PathBuf::from(home).join(format!(".csound{}rc", generation.number())))
    };
    // A variable that names no file leads to the home folder.
    named.filter(|path| path.is_file()).or_else(at_home)
}

/// Reads the user's options; none where there is no file.
///
/// # Errors
/// The file is there and cannot be read, or is no such file; the text says which.
pub fn read(generation: Generation) -> Result<UsersOptions, String> {
    let Some(path) = place(generation).filter(|path| path.exists()) else {
        return Ok(UsersOptions::default());
    };
    let failed = |why: String| format!("{} cannot be read: {why}", path.display());
    let length = std::fs::metadata(&path).map_err(|error| failed(error.to_string()))?.len();
    if length > LONGEST {
        return Err(failed(format!("it has {length} bytes, and at most {LONGEST} are read")));
    }
    let text = std::fs::read_to_string(&path).map_err(|error| failed(error.to_string()))?;
    Ok(options_in(&text, &path.display().to_string(), generation))
}

fn options_in(text: &str, name: &str, generation: Generation) -> UsersOptions {
    let mut reader = OptionReader::default();
    for (index, line) in text.replace('\0', " ").lines().enumerate() {
        if reader.line(index + 1, line) {
            break;
        }
    }
    let chosen = choose(&reader.lines, generation);
    let notes = chosen.notes.iter().map(|note| note.replacen("<CsOptions>", name, 1));
    let (lost, kept): (Vec<_>, Vec<_>) =
        chosen.kept.into_iter().partition(|option| generation == Generation::Six && is_macro(option));
    let lost = lost.into_iter().map(|option| {
        format!("{name}: {option} is not used, as Csound 6 takes macros from pieces and command lines only")
    });
    UsersOptions { notes: notes.chain(lost).collect(), kept }
}

/// Whether an option defines a macro. Csound 6 forgets those of such a file before it reads a piece.
fn is_macro(option: &str) -> bool {
    option.starts_with("--omacro:") || option.starts_with("--smacro:")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_shapes_the_sound_is_kept_and_the_rest_is_named_with_its_line() {
        let text = "-odac -m0\n; a comment\n--ksmps=16 --recursion-depth=9\n-+rtmidi=null\n";
        let six = options_in(text, "/home/me/.csound6rc", Generation::Six);
        assert_eq!(six.kept, ["-m0", "--ksmps=16"]);
        assert_eq!(six.notes.len(), 3, "{:?}", six.notes);
        assert!(
            six.notes[0].starts_with("/home/me/.csound6rc, line 1: -odac is not needed"),
            "{:?}",
            six.notes
        );
        assert_eq!(
            options_in(text, "x", Generation::Seven).kept,
            ["-m0", "--ksmps=16", "--recursion-depth=9"]
        );
        assert_eq!(options_in("", "x", Generation::Six), UsersOptions::default());
        let macros = "--omacro:A=1 --ksmps=16 --smacro:B=2";
        let six = options_in(macros, "/home/me/.csound6rc", Generation::Six);
        assert_eq!(six.kept, ["--ksmps=16"]);
        assert!(six.notes[0].starts_with("/home/me/.csound6rc: --omacro:A=1 is not used"), "{:?}", six.notes);
        assert_eq!(six.notes.len(), 2);
        let seven = options_in(macros, "x", Generation::Seven);
        assert_eq!(
            seven,
            UsersOptions { kept: macros.split(' ').map(str::to_owned).collect(), notes: vec![] }
        );
    }
}
