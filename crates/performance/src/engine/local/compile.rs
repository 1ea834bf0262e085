//! From a piece to a Csound that performs it.

use std::ffi::CString;
use std::path::Path;

use csound_library::{Csound, Generation, Io, Level, Library, Message};

use crate::engine::cabbage::Cabbage;
use crate::engine::console::ConsoleLine;
use crate::engine::opcode_libraries::{self, check::OpcodeCheck};
use crate::engine::piece::{self, Piece, PreparedPiece};
use crate::engine::spec::{AtEnd, PieceSpec, StartError};

use super::Current;

/// The variables by which Csound finds files.
const FOLDER_VARIABLES: [&str; 5] = ["SSDIR", "SFDIR", "SADIR", "INCDIR", "MFDIR"];

/// The characters between two folders in a list.
const SEPARATORS: [char; 2] = [':', ';'];

/// What Csound is to take from its host, and to hand to it, besides audio.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hands {
    /// MIDI, and events.
    pub takes_midi: bool,
    /// The graphs of `display` and `dispfft`.
    pub shows_graphs: bool,
}

/// Writes the piece's files and gives Csound's arguments for them.
pub(super) fn arguments(
    spec: &PieceSpec,
    prepared: &PreparedPiece,
    (folder, current): (&Path, Current),
    generation: Generation,
    hands: Hands,
) -> Result<Vec<String>, StartError> {
    let mut args = vec!["csound".to_owned(), format!("-r{}", spec.sample_rate), "-Q0".into()];
    if !hands.shows_graphs {
        args.push("-d".into());
    }
    if hands.takes_midi {
        args.push("-M0".into());
    }
    if spec.measured {
        args.push("--keep-sorted-score".into());
    }
    if spec.sample_accurate {
        args.push("--sample-accurate".into());
    }
    args.extend(spec.users_options.iter().cloned());
    match spec.piece.folder.as_deref().filter(|_| current == Current::Other) {
        Some(home) => args.extend(from_folder(&prepared.options, home, folder)?),
        None => args.extend(prepared.options.iter().cloned()),
    }
    let stem = Path::new(&spec.piece.name).file_stem().and_then(|stem| stem.to_str()).unwrap_or("piece");
    for file in &prepared.files {
        let path = folder.join(stem).with_extension(file.extension);
        let text = match spec.at_end {
            AtEnd::Keep => piece::hold_score_open(file, generation),
            AtEnd::Stop | AtEnd::Loop => file.text.clone(),
        };
        std::fs::write(&path, text)
            .map_err(|source| StartError::Folder { folder: folder.to_owned(), source })?;
        args.push(path.to_string_lossy().into_owned());
    }
    Ok(args)
}

/// The options for a Csound whose current folder is not the piece's: folders that they name are meant from
/// the piece's, and all of Csound's variables lead there. What goes by the current folder alone is not found.
fn from_folder(options: &[String], home: &Path, files: &Path) -> Result<Vec<String>, StartError> {
    let home = nameable(home, files)?;
    let mut args: Vec<_> = options.iter().map(|option| folders_from(option, &home)).collect();
    // Behind the piece's own: those may set a variable anew.
    args.extend(FOLDER_VARIABLES.map(|variable| format!("--env:{variable}+={home}")));
    Ok(args)
}

/// The folder by a name that can stand in a list of folders: its own, or a link's.
fn nameable(home: &Path, files: &Path) -> Result<String, StartError> {
    if let Some(name) = home.to_str().filter(|name| !name.contains(SEPARATORS) && !name.contains('\\')) {
        return Ok(name.to_owned());
    }
    let link = files.join("folder");
    std::os::unix::fs::symlink(home, &link)
        .map_err(|source| StartError::Folder { folder: link.clone(), source })?;
    Ok(link.to_string_lossy().into_owned())
}

/// An option that sets a list of folders, with each of them from `home`.
fn folders_from(option: &str, home: &str) -> String {
    let Some((name, value)) = option.strip_prefix("--env:").and_then(|setting| setting.split_once('='))
    else {
        return option.to_owned();
    };
    let folders = value.split(SEPARATORS).filter(|folder| !folder.is_empty());
    let folders: Vec<_> = folders.map(|folder| Path::new(home).join(folder).display().to_string()).collect();
    format!("--env:{name}={}", folders.join(";"))
}

pub(super) fn compile(
    piece: &Piece,
    args: &[String],
    (library, cabbage): (&Library, Option<&Cabbage>),
    console: &mut dyn FnMut(ConsoleLine),
) -> Result<Csound, StartError> {
    let failed = |reason: String| StartError::Compile { name: piece.name.clone(), reason };
    let mut csound = Csound::new(Io::Host).map_err(|error| failed(error.to_string()))?;
    if let Some(cabbage) = cabbage {
        cabbage.add_to(&mut csound, console);
    }
    let is_limited = library.loads_listed_opcodes_only();
    let check = || OpcodeCheck::new(piece, opcode_libraries::table_of(library), is_limited);
    // If everything is loaded, nobody looks into a piece that compiles.
    let early = is_limited.then(check);
    let lacking = early.as_ref().map(|check| check.before(|| csound.opcode_names())).unwrap_or_default();
    if !lacking.is_empty() {
        let reason = texts(&lacking);
        lacking.into_iter().for_each(console);
        return Err(failed(reason));
    }
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let result = csound.compile(&args).and_then(|()| csound.start());
    let mut said = Vec::new();
    csound.handle().drain_messages(&mut |message: Message| said.push(ConsoleLine::from(message)));
    if let Err(error) = &result {
        let lacking = early.unwrap_or_else(check).after(&csound.opcode_names());
        // In an engine process Csound's own words are not among these: they have gone to the host.
        said.extend(lacking);
        let errors: Vec<_> = said.iter().filter(|line| line.level == Level::Error).cloned().collect();
        said.into_iter().for_each(console);
        return Err(failed(if errors.is_empty() { error.to_string() } else { texts(&errors) }));
    }
    said.into_iter().for_each(console);
    Ok(csound)
}

fn texts(lines: &[ConsoleLine]) -> String {
    lines.iter().map(|line| line.text.as_str()).collect::<Vec<_>>().join(" / ")
}

/// The orchestra code that returns the number of an instrument with this name, or -1 if there
/// is none (and Csound says so). `None` if it cannot be an instrument's name.
pub fn lookup_code(name: &str) -> Option<CString> {
    let is_first = |first: char| first.is_ascii_alphabetic() || first == '_';
    let is_word = name.chars().all(|next| next.is_ascii_alphanumeric() || next == '_');
    if !name.starts_with(is_first) || !is_word {
        return None;
    }
    CString::new(format!("return nstrnum(\"{name}\")\n")).ok()
}
