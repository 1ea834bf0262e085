//! From a piece to a Csound that performs it.

use std::ffi::CString;
use std::path::Path;

use csound_library::{Csound, Io, Level, Library, Message};

use crate::engine::console::ConsoleLine;
use crate::engine::opcode_libraries::{self, check::OpcodeCheck};
use crate::engine::piece::{self, Piece, PreparedPiece};
use crate::engine::spec::{AtEnd, PieceSpec, StartError};

/// Writes the piece's files and gives Csound's arguments for them.
pub(super) fn arguments(
    spec: &PieceSpec,
    prepared: &PreparedPiece,
    folder: &Path,
) -> Result<Vec<String>, StartError> {
    let mut args =
        vec!["csound".to_owned(), format!("-r{}", spec.sample_rate), "-d".into(), "-M0".into(), "-Q0".into()];
    if let Some(home) = spec.piece.folder.as_deref().and_then(Path::to_str) {
        args.extend(["SSDIR", "SFDIR", "INCDIR"].map(|variable| format!("--env:{variable}+={home}")));
    }
    if spec.measured {
        args.push("--keep-sorted-score".into());
    }
    if spec.sample_accurate {
        args.push("--sample-accurate".into());
    }
    args.extend(prepared.options.iter().map(|option| in_folder(option, spec.piece.folder.as_deref())));
    let stem = Path::new(&spec.piece.name).file_stem().and_then(|stem| stem.to_str()).unwrap_or("piece");
    for file in &prepared.files {
        let path = folder.join(stem).with_extension(file.extension);
        let text = match spec.at_end {
            AtEnd::Keep => piece::hold_score_open(file),
            AtEnd::Stop | AtEnd::Loop => file.text.clone(),
        };
        std::fs::write(&path, text)
            .map_err(|source| StartError::Folder { folder: folder.to_owned(), source })?;
        args.push(path.to_string_lossy().into_owned());
    }
    Ok(args)
}

/// A folder that an option names is meant from the piece's own, not from the process's.
fn in_folder(option: &str, folder: Option<&Path>) -> String {
    let (Some(folder), true, Some((name, value))) =
        (folder, option.starts_with("--env:"), option.split_once('='))
    else {
        return option.to_owned();
    };
    format!("{name}={}", folder.join(value).display())
}

pub(super) fn compile(
    piece: &Piece,
    args: &[String],
    library: &Library,
    console: &mut dyn FnMut(ConsoleLine),
) -> Result<Csound, StartError> {
    let failed = |reason: String| StartError::Compile { name: piece.name.clone(), reason };
    let mut csound = Csound::new(Io::Host).map_err(|error| failed(error.to_string()))?;
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
