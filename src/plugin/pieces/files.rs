//! Pieces on disk: a CSD, or an ORC with the SCO beside it.
//!
//! Whatever this plugin reads by a name that a piece, a session or the user has given goes through
//! [`read_bounded`]: a name may lead to a device, a pipe, or a file that never ends.

pub mod kept_list;
pub mod packed;

use std::fs::OpenOptions;
use std::io;
use std::path::{Path, PathBuf};

use csound_performance::engine::piece::{Piece, Source};

pub use crate::bounded::read_bounded;

/// The environment variable that names the piece of new instances.
pub const PIECE_VARIABLE: &str = "CSOUND_PERFORMER_PIECE";

/// The longest text of a piece that is read, in bytes.
const LONGEST_PIECE: u64 = 64 << 20;

/// The mode of a new file, from which the system takes what the user forbids.
#[cfg(unix)]
const ORDINARY_MODE: u32 = 0o666;

/// The longest list of recent pieces, in bytes.
const LONGEST_LIST: u64 = 1 << 20;

/// Why a piece could not be read.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The disk said no.
    #[error("{path} could not be read: {source}")]
    Read {
        /// Which file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// Its ending names no kind of piece.
    #[error("{0} is no piece: choose a .csd file, or an .orc file with its .sco beside it")]
    Kind(PathBuf),
}

/// The file that a piece is named after: an orchestra, where its score was chosen.
pub fn main_file(path: &Path) -> PathBuf {
    let is_score = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("sco"));
    if is_score { path.with_extension("orc") } else { path.to_owned() }
}

/// Whether a file's name says that it is a piece's. Nothing else is written over: a session names its
/// piece's file as it likes.
pub fn is_pieces_name(path: &Path) -> bool {
    let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
    ["csd", "orc", "sco"].iter().any(|kind| ending.eq_ignore_ascii_case(kind))
}

/// Reads a piece; its folder is the file's.
///
/// # Errors
/// [`FileError`].
pub fn read_piece(path: &Path) -> Result<Piece, FileError> {
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    if packed::name(path).is_some() {
        let cannot = |source| FileError::Read { path: path.to_owned(), source };
        let text = text_of(packed::unpack(path, LONGEST_PIECE).map_err(cannot)?);
        return Ok(Piece { name, source: Source::Csd(text), folder: folder_of(path) });
    }
    let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default().to_ascii_lowercase();
    let source = match ending.as_str() {
        "csd" => Source::Csd(read_text(path)?),
        "orc" => {
            let score = path.with_extension("sco");
            // An orchestra may stand alone: then MIDI and events play it.
            let sco = if score.exists() { read_text(&score)? } else { String::new() };
            Source::OrcSco { orc: read_text(path)?, sco }
        }
        _ => return Err(FileError::Kind(path.to_owned())),
    };
    Ok(Piece { name, source, folder: folder_of(path) })
}

fn folder_of(path: &Path) -> Option<PathBuf> {
    std::path::absolute(path).ok().and_then(|path| path.parent().map(Path::to_owned))
}

/// A file, or a folder, of the user's configuration for Csound Performer, if this system has a place for that.
pub fn config_file(name: &str) -> Option<PathBuf> {
    Some(dirs::config_dir()?.join("csound-performer").join(name))
}

/// The piece of a new instance: what the environment names, else `start.csd` in the user's
/// configuration folder for Csound Performer, else none.
pub fn starting_piece() -> Option<Result<Piece, FileError>> {
    if let Some(path) = std::env::var_os(PIECE_VARIABLE) {
        return Some(read_piece(Path::new(&path)));
    }
    let path = config_file("start.csd")?;
    path.exists().then(|| read_piece(&path))
}

/// The pieces that come with the plugin: name, what it is, text.
pub const SHIPPED: [(&str, &str, &str); 6] = [
    ("first.csd", "A first instrument, to begin with", include_str!("../../../pieces/first.csd")),
    (
        "panel.csd",
        "A sequence and a keyboard, with a panel of its own",
        include_str!("../../../pieces/panel.csd"),
    ),
    (
        "midi_synth.csd",
        "A subtractive synthesiser for the keyboard",
        include_str!("../../../pieces/midi_synth.csd"),
    ),
    ("event_synth.csd", "A synthesiser for score events", include_str!("../../../pieces/event_synth.csd")),
    ("echo.csd", "An echo, for the effect", include_str!("../../../pieces/echo.csd")),
    ("demo.csd", "The demonstration piece", include_str!("../../../pieces/demo.csd")),
];

/// The folder beside the plugin's library that holds them as files, for hosts that browse files.
const SHIPPED_FOLDER: &str = "Csound Performer pieces";

/// The folder of the pieces that come with the plugin, if it was installed with the library.
pub fn shipped_folder() -> Option<PathBuf> {
    csound_library::own_folder().map(|folder| folder.join(SHIPPED_FOLDER)).filter(|folder| folder.is_dir())
}

/// The number of the shipped piece that a file is: one of their folder, of the same text. One that somebody has
/// changed there is a piece like any other.
pub fn shipped_at(path: &Path) -> Option<usize> {
    let (folder, name) = (path.parent()?, path.file_name()?);
    let number = SHIPPED.iter().position(|(shipped, ..)| name == *shipped)?;
    let text = SHIPPED[number].2;
    let is_there = shipped_folder().is_some_and(|own| own.canonicalize().ok() == folder.canonicalize().ok());
    let is_same = || read_bounded(path, text.len() as u64).is_ok_and(|bytes| bytes == text.as_bytes());
    (is_there && is_same()).then_some(number)
}

/// A piece that comes with the plugin.
pub fn shipped(number: usize) -> Option<Piece> {
    let (name, _, text) = SHIPPED.get(number)?;
    Some(Piece { name: (*name).to_owned(), source: Source::Csd((*text).to_owned()), folder: None })
}

/// Writes a file of the user's, whole or not at all, whoever reads it meanwhile. What is there keeps its mode, and a
/// link stays one; what is new gets the mode of any new file.
///
/// # Errors
/// What the system says; the file is as it was.
pub fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let place = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let kept = match std::fs::metadata(&place) {
        Ok(found) if !found.is_file() => return Err(io::Error::other("it is not an ordinary file")),
        // A file that may not be written is not to be replaced either.
        Ok(found) => OpenOptions::new().write(true).open(&place).map(|_| Some(found.permissions()))?,
        Err(_) => None,
    };
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(ORDINARY_MODE));
    replace(&builder, &place, bytes, kept)
}

/// Writes a new file of the user's, whole or not at all, with the mode of any new file.
///
/// # Errors
/// What the system says; of kind `AlreadyExists` where there is one of that name, which is as it was.
pub fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(ORDINARY_MODE));
    let mut whole = builder.tempfile_in(path.parent().unwrap_or(Path::new(".")))?;
    io::Write::write_all(&mut whole, bytes)?;
    whole.persist_noclobber(path).map(drop).map_err(|error| error.error)
}

/// Writes a file of this plugin's that is nobody else's to read, whole or not at all.
///
/// # Errors
/// As [`write_whole`].
pub fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    replace(&tempfile::Builder::new(), path, bytes, None)
}

fn replace(
    builder: &tempfile::Builder,
    path: &Path,
    bytes: &[u8],
    kept: Option<std::fs::Permissions>,
) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut whole = builder.tempfile_in(folder)?;
    io::Write::write_all(&mut whole, bytes)?;
    if let Some(kept) = kept {
        whole.as_file().set_permissions(kept)?;
    }
    whole.persist(path).map(drop).map_err(|error| error.error)
}

/// Most pieces that are remembered.
const MOST_RECENT: usize = 12;

/// The pieces that the user opened, the newest first.
pub fn recent() -> Vec<PathBuf> {
    let text = recent_file().and_then(|file| read_bounded(&file, LONGEST_LIST).ok());
    text.and_then(|text| serde_json::from_slice(&text).ok()).unwrap_or_default()
}

/// Remembers that the user opened a piece. Where that cannot be written, it is forgotten.
pub fn remember_recent(path: &Path) {
    let Some(file) = recent_file() else { return };
    let mut paths = recent();
    paths.retain(|known| known != path);
    paths.insert(0, path.to_owned());
    paths.truncate(MOST_RECENT);
    let folder = file.parent().map(std::fs::create_dir_all);
    if let (Some(Ok(())), Ok(text)) = (folder, serde_json::to_string(&paths)) {
        let _ = write_private(&file, text.as_bytes());
    }
}

fn recent_file() -> Option<PathBuf> {
    config_file("recent.json")
}

fn read_text(path: &Path) -> Result<String, FileError> {
    let bytes = read_bounded(path, LONGEST_PIECE)
        .map_err(|source| FileError::Read { path: path.to_owned(), source })?;
    Ok(text_of(bytes))
}

/// Text as UTF-8 or, from the time before it, Latin-1.
pub fn text_of(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_else(|error| error.into_bytes().into_iter().map(char::from).collect())
}

#[cfg(test)]
mod tests {
    use std::fs::File;

    use super::*;

    #[test]
    fn a_piece_is_read_with_its_name_and_folder() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a.csd"), "caf\u{e9}").unwrap();
        std::fs::write(folder.path().join("b.orc"), b"caf\xe9").unwrap();
        std::fs::write(folder.path().join("b.sco"), "i1 0 1").unwrap();
        let csd = read_piece(&folder.path().join("a.csd")).unwrap();
        assert_eq!((csd.name.as_str(), csd.folder.as_deref()), ("a.csd", Some(folder.path())));
        let orc = read_piece(&folder.path().join("b.orc")).unwrap();
        assert_eq!(main_file(&folder.path().join("b.SCO")), folder.path().join("b.orc"));
        assert_eq!(orc.source, Source::OrcSco { orc: "caf\u{e9}".into(), sco: "i1 0 1".into() });
    }

    #[test]
    fn a_packed_csd_is_a_piece_that_is_never_written_over() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.csd.gz");
        let mut packer =
            flate2::write::GzEncoder::new(File::create(&path).unwrap(), flate2::Compression::fast());
        io::Write::write_all(&mut packer, b"caf\xe9").unwrap();
        packer.finish().unwrap();
        let piece = read_piece(&path).unwrap();
        assert_eq!((piece.name.as_str(), piece.folder.as_deref()), ("a.csd.gz", Some(folder.path())));
        assert_eq!(piece.source, Source::Csd("caf\u{e9}".into()));
        std::fs::write(folder.path().join("a.csd"), "another piece").unwrap();
        let again = crate::plugin::session::SavedPiece::from(&piece).path().unwrap();
        assert_eq!((read_piece(&again).unwrap(), &again), (piece, &path), "the one beside it is another");
        assert!(!is_pieces_name(&path));
        std::fs::write(&path, "no gzip").unwrap();
        assert!(read_piece(&path).unwrap_err().to_string().contains("a.csd.gz could not be read"));
    }

    #[test]
    #[cfg(unix)]
    fn what_is_written_keeps_its_mode_and_its_link_or_gets_an_ordinary_mode() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let mode = |name: &str| std::fs::metadata(at(name)).unwrap().permissions().mode() & 0o777;
        // As any program makes it.
        std::fs::write(at("ordinary"), "").unwrap();
        write_whole(&at("new.csd"), b"new").unwrap();
        assert_eq!(mode("new.csd"), mode("ordinary"));
        for kept in [0o600, 0o644, 0o664, 0o755] {
            std::fs::set_permissions(at("new.csd"), PermissionsExt::from_mode(kept)).unwrap();
            write_whole(&at("new.csd"), b"again").unwrap();
            assert_eq!(mode("new.csd"), kept);
        }
        std::os::unix::fs::symlink(at("new.csd"), at("link.csd")).unwrap();
        write_whole(&at("link.csd"), b"through").unwrap();
        assert!(at("link.csd").is_symlink());
        assert_eq!(std::fs::read(at("new.csd")).unwrap(), b"through");
        assert!(write_whole(folder.path(), b"x").is_err());
        write_private(&at("private"), b"mine").unwrap();
        assert_eq!(mode("private"), 0o600);
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        let missing = read_piece(Path::new("nowhere/a.csd")).unwrap_err().to_string();
        assert!(missing.contains("nowhere/a.csd"), "{missing}");
        let kind = read_piece(Path::new("song.mp3")).unwrap_err().to_string();
        assert!(kind.contains(".csd"), "{kind}");
    }

    /// Reads on another thread, so that a read that never comes back fails the test.
    #[cfg(unix)]
    fn read_in_time(path: &Path, longest: u64) -> io::Result<Vec<u8>> {
        let (answer, answers) = std::sync::mpsc::channel();
        let path = path.to_owned();
        std::thread::spawn(move || answer.send(read_bounded(&path, longest)));
        answers.recv_timeout(std::time::Duration::from_secs(60)).expect("it is answered")
    }

    #[test]
    #[cfg(unix)]
    fn only_regular_files_are_read_and_only_so_far() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::write(at("short"), "1234").unwrap();
        std::os::unix::fs::symlink(at("short"), at("link")).unwrap();
        for name in ["short", "link"] {
            assert_eq!(read_in_time(&at(name), 4).unwrap(), b"1234", "{name}");
        }
        assert!(read_in_time(&at("short"), 3).unwrap_err().to_string().contains("longer than the 3 bytes"));
        File::create(at("sparse")).unwrap().set_len(100 << 30).unwrap();
        let _socket = std::os::unix::net::UnixListener::bind(at("socket")).unwrap();
        let made = std::process::Command::new("mkfifo").arg(at("pipe")).status().unwrap();
        assert!(made.success());
        std::os::unix::fs::symlink(at("pipe"), at("link to a pipe")).unwrap();
        let odd = ["sparse", "socket", "pipe", "link to a pipe", "."].map(at);
        let devices = ["/dev/zero", "/dev/tty", "/dev/ptmx", "/dev/stdin"].map(PathBuf::from);
        for path in odd.into_iter().chain(devices) {
            assert!(read_in_time(&path, 1 << 20).is_err(), "{}", path.display());
        }
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn files_that_the_system_makes_up_are_read_within_the_bound() {
        assert!(read_in_time(Path::new("/proc/self/status"), 1 << 20).unwrap().starts_with(b"Name:"));
        assert!(read_in_time(Path::new("/proc/self/status"), 5).is_err());
        for name in ["/proc/kmsg", "/proc/kcore", "/proc/self/mem", "/proc/self/pagemap"] {
            // Some may be read by some users; what matters is that they are answered.
            let _ = read_in_time(Path::new(name), 1 << 20);
        }
    }

    #[test]
    #[cfg(unix)]
    fn a_score_beside_an_orchestra_that_is_no_file_is_named() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a.orc"), "instr 1").unwrap();
        std::os::unix::fs::symlink("/dev/zero", folder.path().join("a.sco")).unwrap();
        let error = read_piece(&folder.path().join("a.orc")).unwrap_err().to_string();
        assert!(error.contains("a.sco") && error.contains("not an ordinary file"), "{error}");
    }
}
