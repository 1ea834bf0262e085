//! Everything that is read as code for a piece, as it is on the disk now, and the one name of it all.
//!
//! Csound 6.18 looks for an included file in the folder of the including file's name as written, then
//! without that; each time in the piece's folder, which is the engine's current one, and in the user's
//! `INCDIR`, its last entry first.

use std::io;
use std::path::{Component, Path, PathBuf};

use sha2::{Digest, Sha256};

use super::includes::{self, Language};
use crate::plugin::pieces::files::read_bounded;
use csound_performance::Generation;
use csound_performance::engine::piece::{self, Piece, Source};

/// How deep included texts are followed, how many there may be, how long one and all may be, in bytes.
const DEEPEST: usize = 16;
const MOST: usize = 512;
const LONGEST: u64 = 16 << 20;
const LONGEST_SUM: u64 = 64 << 20;

/// The longest name of a file that Csound 6.18 has room for, in bytes.
const LONGEST_NAME: usize = 99;

/// What the name is made for: another way to make it is another one.
const KIND: &str = "csound-performer text 2";

/// The user's folders of included files.
const FOLDERS_VARIABLE: &str = "INCDIR";

/// The user's folder of opcodes in Csound's language, which Csound reads by itself.
const OPCODES_VARIABLE: &str = "CS_UDO_DIR";

/// An included file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Included {
    /// Its name as written.
    pub name: String,
    /// Where it was found.
    pub path: Option<PathBuf>,
    /// What it holds, if it could be read.
    pub bytes: Option<Vec<u8>>,
}

impl Included {
    /// If it was found in this file.
    pub fn is_at(&self, file: &Path) -> bool {
        let found = self.path.as_ref().and_then(|path| path.canonicalize().ok());
        found.is_some_and(|found| found == *file)
    }
}

/// A piece's text with all that it includes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pinned {
    /// A name that no other text has. See [`Pinned::of`].
    pub name: String,
    /// The piece's file, or its name where it has none: for people only.
    pub piece: String,
    /// The files, in the order in which they are read.
    pub included: Vec<Included>,
    /// Why it cannot be told what is read as code; then the piece cannot be trusted.
    pub doubts: Vec<String>,
}

impl Pinned {
    /// Reads all that a piece includes, within bounds.
    pub fn of(piece: &Piece) -> Self {
        let environment = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
        let mut walk = Walk {
            folders: piece.folder.iter().cloned().collect(),
            included: Vec::new(),
            doubts: Vec::new(),
            left: LONGEST_SUM,
        };
        let mut more: Vec<_> = environment(FOLDERS_VARIABLE)
            .map(|folders| folders.to_string_lossy().split([';', ':']).map(PathBuf::from).collect())
            .unwrap_or_default();
        more.reverse();
        walk.folders.extend(more);
        for (text, language) in texts(&piece.source) {
            walk.text(text.as_bytes(), language, &At { file: &piece.name, beside: ".", depth: 0 });
        }
        walk.options(&piece.source);
        if environment(OPCODES_VARIABLE).is_some() {
            walk.doubts.push(format!(
                "the environment variable {OPCODES_VARIABLE} has Csound read a folder of code"
            ));
        }
        let name = name(&piece.source, &walk.included);
        let known_as =
            piece.folder.as_ref().map_or_else(|| PathBuf::from(&piece.name), |at| at.join(&piece.name));
        let piece = known_as.display().to_string();
        Self { name, piece, included: walk.included, doubts: walk.doubts }
    }

    /// Why the piece cannot be trusted, if it cannot.
    pub fn refusal(&self) -> Option<String> {
        let first = self.doubts.first()?;
        Some(format!("it cannot be trusted, since it is not certain what it reads as code: {first}"))
    }

    /// Whether it includes nothing that `other` does not include as well, to the letter.
    pub fn includes_no_more_than(&self, other: &Self) -> bool {
        self.included.iter().all(|file| other.included.contains(file))
    }
}

/// The texts of a piece that either Csound reads as code, in its order.
fn texts(source: &Source) -> Vec<(&str, Language)> {
    match source {
        Source::OrcSco { orc, sco } => vec![(orc, Language::Orchestra), (sco, Language::Score)],
        // What is no CSD reaches no Csound.
        Source::Csd(csd) => {
            let mut texts = Vec::new();
            for generation in Generation::ALL {
                let orchestras = piece::orchestra_spans(csd, generation).unwrap_or_default().into_iter();
                let score = piece::score_span(csd, generation).into_iter();
                let orchestras = orchestras.map(|span| (span, Language::Orchestra));
                let read = orchestras.chain(score.map(|span| (span, Language::Score)));
                // Nearly always both read the same.
                texts.extend(read.filter(|span| !texts.contains(span)).collect::<Vec<_>>());
            }
            texts.into_iter().map(|(span, language)| (&csd[span], language)).collect()
        }
    }
}

/// A name for a text and the files that it includes. Everything stands behind a tag and its length, so
/// no two lists of them are written alike.
fn name(source: &Source, included: &[Included]) -> String {
    let mut hash = Sha256::new();
    let mut add = |tag: u8, bytes: &[u8]| {
        hash.update([tag]);
        hash.update((bytes.len() as u64).to_le_bytes());
        hash.update(bytes);
    };
    add(b'K', KIND.as_bytes());
    match source {
        Source::Csd(csd) => add(b'C', csd.as_bytes()),
        Source::OrcSco { orc, sco } => {
            add(b'O', orc.as_bytes());
            add(b'S', sco.as_bytes());
        }
    }
    for file in included {
        add(b'N', file.name.as_bytes());
        match &file.bytes {
            Some(bytes) => add(b'F', bytes),
            None => add(b'-', &[]),
        }
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Where the reading stands.
struct At<'a> {
    /// The file, for the user.
    file: &'a str,
    /// What Csound puts before names there.
    beside: &'a str,
    depth: usize,
}

struct Walk {
    /// Where files are looked for, in Csound's order.
    folders: Vec<PathBuf>,
    included: Vec<Included>,
    doubts: Vec<String>,
    /// Bytes that may still be read.
    left: u64,
}

impl Walk {
    /// What the piece's options say of where code comes from.
    fn options(&mut self, source: &Source) {
        let prepared = Generation::ALL.into_iter().filter_map(|each| piece::prepare(source, each).ok());
        let mut seen = Vec::new();
        for option in prepared.flat_map(|prepared| prepared.options) {
            if seen.contains(&option) {
                continue;
            }
            seen.push(option.clone());
            let variable = option.strip_prefix("--env:").unwrap_or_default();
            let mut decides = [FOLDERS_VARIABLE, OPCODES_VARIABLE].into_iter();
            let is_macro = option.starts_with("--omacro") || option.starts_with("--smacro");
            if let Some(name) = decides.find(|name| variable.starts_with(name)) {
                self.doubts.push(format!(
                    "<CsOptions> sets {name}, which decides what is read as code; take it out"
                ));
            } else if is_macro && option.contains(['#', '"']) {
                self.doubts.push(
                    "<CsOptions> defines a macro with # or a quote in it; define it in the orchestra".into(),
                );
            }
        }
        if let Source::Csd(csd) = source
            && !self.included.is_empty()
            && csd.lines().any(|line| line.trim_start().starts_with("<CsFileB"))
        {
            self.doubts.push(
                "it embeds files and includes files, and an embedded one could be read in another's place"
                    .into(),
            );
        }
    }

    fn text(&mut self, text: &[u8], language: Language, at: &At) {
        let found = includes::find(text, language);
        let place = |line: usize| format!("{}, line {line}", at.file);
        for doubt in found.doubts {
            self.doubts.push(format!("{}: {}", place(doubt.line), doubt.why));
        }
        for include in found.includes {
            if at.depth == DEEPEST || self.included.len() == MOST {
                self.doubts
                    .push(format!("{}: files include each other too often or too deep", place(include.line)));
                return;
            }
            let name = include.name;
            let read = self.read(&name, at.beside);
            let index = self.included.len();
            let (path, bytes) = match read {
                Ok((path, bytes)) => (Some(path), Some(bytes)),
                Err(why) => {
                    self.doubts.push(format!("{}: {name} {why}", place(include.line)));
                    (None, None)
                }
            };
            self.included.push(Included { name: name.clone(), path, bytes });
            if let Some(bytes) = self.included[index].bytes.clone() {
                // A name without a folder leaves Csound where it was.
                let beside = name.rfind('/').map_or(at.beside, |end| &name[..end]);
                self.text(&bytes, language, &At { file: &name, beside, depth: at.depth + 1 });
            }
        }
    }

    /// Reads the file that Csound would read, or says why none is.
    fn read(&mut self, name: &str, beside: &str) -> Result<(PathBuf, Vec<u8>), String> {
        let path = Path::new(name);
        if path.components().any(|part| part == Component::ParentDir) {
            return Err("is named with `..`; write its whole path".into());
        }
        if name.contains('\\') || path.parent() == Some(Path::new("/")) || name.len() > LONGEST_NAME {
            return Err(
                "is named in a way that Csound may read otherwise; put it into the piece's folder".into()
            );
        }
        if self.folders.iter().any(|folder| !folder.is_absolute()) {
            return Err(format!(
                "is looked for in a folder that is not named with its whole path; see {FOLDERS_VARIABLE}"
            ));
        }
        let joined = Path::new(beside).join(path);
        let candidates = match path.is_absolute() {
            true => vec![path.to_owned()],
            false if joined.is_absolute() => {
                std::iter::once(joined).chain(self.folders.iter().map(|folder| folder.join(path))).collect()
            }
            false => {
                let names = [joined.as_path(), path];
                names
                    .iter()
                    .flat_map(|name| self.folders.iter().map(move |folder| folder.join(name)))
                    .collect()
            }
        };
        for candidate in candidates {
            match read_bounded(&candidate, LONGEST.min(self.left)) {
                Ok(bytes) if bytes.contains(&0) => return Err("is no text".into()),
                Ok(bytes) => {
                    self.left -= bytes.len() as u64;
                    return Ok((candidate, bytes));
                }
                Err(error) if is_absent(&error) => {}
                Err(error) => return Err(format!("cannot be read: {error}")),
            }
        }
        Err("is not there; put it into the piece's folder".into())
    }
}

/// Whether nothing has that name.
fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn orc(text: &str, folder: Option<&Path>) -> Piece {
        let source = Source::OrcSco { orc: text.into(), sco: String::new() };
        Piece { name: "a.orc".into(), source, folder: folder.map(Path::to_owned) }
    }

    fn csd(text: &str) -> Piece {
        Piece { name: "a.csd".into(), source: Source::Csd(text.into()), folder: None }
    }

    #[test]
    fn no_two_texts_have_one_name() {
        let pair = |orc: &str, sco: &str| Piece {
            name: "a.orc".into(),
            source: Source::OrcSco { orc: orc.into(), sco: sco.into() },
            folder: None,
        };
        let pieces = [
            csd("x"),
            csd("y"),
            csd(""),
            pair("x", ""),
            pair("", "x"),
            pair("", ""),
            csd("xy"),
            pair("x", "y"),
        ];
        let names: std::collections::BTreeSet<_> =
            pieces.iter().map(|piece| Pinned::of(piece).name).collect();
        assert_eq!(names.len(), pieces.len());
        let file = |name: &str, bytes: Option<&[u8]>| Included {
            name: name.into(),
            path: None,
            bytes: bytes.map(<[u8]>::to_vec),
        };
        let lists = [
            vec![],
            vec![file("a", None)],
            vec![file("a", Some(b""))],
            vec![file("a", Some(b"-"))],
            vec![file("a", Some(b"")), file("b", None)],
            vec![file("a", None), file("b", Some(b""))],
            vec![file("ab", None)],
        ];
        let source = Source::Csd("x".into());
        let names: std::collections::BTreeSet<_> = lists.iter().map(|list| name(&source, list)).collect();
        assert_eq!(names.len(), lists.len());
    }

    #[test]
    fn the_name_does_not_depend_on_where_the_piece_lies_or_what_it_is_called() {
        let folder = tempfile::tempdir().unwrap();
        let there = orc("x", Some(folder.path()));
        assert_eq!(Pinned::of(&orc("x", None)).name, Pinned::of(&there).name);
        assert_eq!(
            Pinned::of(&Piece { name: "b.orc".into(), ..orc("x", None) }).name,
            Pinned::of(&there).name
        );
    }

    #[test]
    fn what_is_missing_odd_too_deep_or_too_long_is_a_doubt() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        write("good.inc", "instr 1\nendin\n");
        write("round.inc", "#include \"round.inc\"\n");
        write("nul.inc", "a\0b");
        std::fs::create_dir(folder.path().join("folder.inc")).unwrap();
        std::fs::File::create(folder.path().join("long.inc")).unwrap().set_len(17 << 20).unwrap();
        let doubts = |text: &str| Pinned::of(&orc(text, Some(folder.path()))).doubts;
        assert_eq!(doubts("#include \"good.inc\"\n"), [""; 0]);
        for (name, why) in [
            ("missing.inc", "is not there"),
            ("round.inc", "too deep"),
            ("nul.inc", "is no text"),
            ("folder.inc", "not an ordinary file"),
            ("long.inc", "longer than"),
            ("../good.inc", ".."),
            ("/dev/zero", "not an ordinary file"),
            ("/proc/kcore", ""),
        ] {
            let found = doubts(&format!("\n#include \"{name}\"\n"));
            let told = found.iter().any(|doubt| doubt.contains(why));
            assert!(told && found[0].contains("line"), "{name}: {found:?}");
        }
        assert_eq!(doubts("; #include \"/dev/zero\"\n"), [""; 0], "a comment names no file");
    }

    #[test]
    fn options_that_decide_where_code_comes_from_are_a_doubt() {
        let piece = |options: &str| {
            csd(&format!(
                "<CsoundSynthesizer>\n<CsOptions>\n{options}\n</CsOptions>\n<CsInstruments>\ninstr 1\nendin\n\
                 </CsInstruments>\n</CsoundSynthesizer>\n"
            ))
        };
        assert_eq!(Pinned::of(&piece("--omacro:A=1 --env:SSDIR=sounds")).doubts, [""; 0]);
        for options in
            ["--env:INCDIR=more", "--env:INCDIR+=more", "--env:CS_UDO_DIR=more", "--omacro:A=#include"]
        {
            assert_eq!(Pinned::of(&piece(options)).doubts.len(), 1, "{options}");
        }
    }
}
