//! The opcodes that a piece names and that are not there, and what it takes to have them.

use std::collections::HashSet;
use std::io::Read;
use std::path::Path;

use crate::engine::console::ConsoleLine;
use crate::engine::piece::opcode_uses::{OpcodeUse, OpcodeUses, scan_opcode_uses};
use crate::engine::piece::{Piece, Source};

use super::Table;
use super::nearest::nearest;

/// The longest file that is looked into because the piece includes it, in bytes.
const LONGEST_INCLUDED: u64 = 1 << 20;

/// Lines that are said about one piece.
const MOST_LINES: usize = 20;

/// The opcodes of a piece, as far as they are known before Csound compiles it.
pub(crate) struct OpcodeCheck {
    found: OpcodeUses,
    table: &'static Table,
    /// True if only libraries on the list are loaded.
    is_limited: bool,
}

impl OpcodeCheck {
    /// Looks through a piece and the files that it includes.
    pub(crate) fn new(piece: &Piece, table: &'static Table, is_limited: bool) -> Self {
        let text = match &piece.source {
            Source::Csd(text) => text,
            Source::OrcSco { orc, .. } => orc,
        };
        let mut included = |name: &str| included_text(piece.folder.as_deref(), name);
        Self { found: scan_opcode_uses(text, &mut included), table, is_limited }
    }

    /// The opcodes that the piece surely cannot be compiled without and needs trust for, so that Csound need
    /// not read it. `known` gives the opcodes that are loaded; it is asked only if there is a doubt.
    pub(crate) fn before(&self, known: impl FnOnce() -> HashSet<String>) -> Vec<ConsoleLine> {
        let is_off_the_list =
            |used: &&OpcodeUse| used.is_certain && self.trusted_library(&used.name).is_some();
        if !self.is_limited || !self.found.uses.iter().any(|used| is_off_the_list(&used)) {
            return Vec::new();
        }
        let known = known();
        let lacking = self.lacking(&known).filter(is_off_the_list);
        said_once(lacking.filter_map(|used| Some((used, self.library_line(used)?))))
    }

    /// Why Csound may have refused the piece: opcodes that it does not know.
    pub(crate) fn after(&self, known: &HashSet<String>) -> Vec<ConsoleLine> {
        let lines = self.lacking(known).filter_map(|used| {
            let line = self.library_line(used).or_else(|| self.unknown_line(used, known))?;
            Some((used, line))
        });
        said_once(lines)
    }

    /// The words that stand where an opcode stands and are none.
    fn lacking<'a>(&'a self, known: &'a HashSet<String>) -> impl Iterator<Item = &'a OpcodeUse> {
        let is_known = |name: &String| known.contains(name) || self.found.defined.contains(name);
        let is_argument = move |used: &OpcodeUse| used.unless.as_ref().is_some_and(is_known);
        self.found.uses.iter().filter(move |used| !is_known(&used.name) && !is_argument(used))
    }

    fn trusted_library(&self, opcode: &str) -> Option<&super::OpcodeLibrary> {
        self.table.libraries_with(opcode).find(|library| !library.is_listed)
    }

    fn library_line(&self, used: &OpcodeUse) -> Option<String> {
        let name = &used.name;
        if let Some(library) = self.trusted_library(name).filter(|_| self.is_limited) {
            return Some(format!(
                "`{name}` needs trust: it is from {}, which {}",
                library.file, library.what
            ));
        }
        let library = self.table.libraries_with(name).next()?;
        Some(format!("`{name}` is from the opcode library {}, which is not installed", library.file))
    }

    /// A word that is in no table is told if it surely is the opcode: of two words, one that does not
    /// look like a variable.
    fn unknown_line(&self, used: &OpcodeUse, known: &HashSet<String>) -> Option<String> {
        let name = &used.name;
        let is_it = match &used.unless {
            Some(mate) if self.table.libraries_with(mate).next().is_some() => false,
            Some(_) => !is_like_a_variable(name),
            None => true,
        };
        let wants = if self.is_limited { "on the list" } else { "installed" };
        let told = || match nearest(name, known.iter().chain(&self.found.defined)) {
            Some(near) => format!("`{name}` is unknown: did you mean `{near}`?"),
            None => format!("`{name}` is unknown, or from an opcode library that is not {wants}"),
        };
        (used.is_certain && is_it).then(told)
    }
}

/// By its first letter, behind the `g` of a global one: those that most variables have.
fn is_like_a_variable(name: &str) -> bool {
    let name = name.strip_prefix('g').unwrap_or(name);
    name.starts_with(['a', 'k', 'i', 'S'])
}

/// One line for each opcode, with its place in the piece.
fn said_once<'a>(lines: impl Iterator<Item = (&'a OpcodeUse, String)>) -> Vec<ConsoleLine> {
    let mut names = HashSet::new();
    let lines = lines.filter(|(used, _)| names.insert(&used.name));
    lines
        .map(|(used, text)| ConsoleLine { line: used.line, ..ConsoleLine::error(text) })
        .take(MOST_LINES)
        .collect()
}

/// The text of a regular file, if it can be read here: what a piece names may be anything.
pub(crate) fn included_text(folder: Option<&Path>, name: &str) -> Option<String> {
    let path = folder.unwrap_or(Path::new("")).join(name);
    let mut options = std::fs::OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        // A pipe or a terminal must not hold this thread before it is known for one.
        options.custom_flags(libc::O_NONBLOCK | libc::O_NOCTTY);
    }
    let file = options.open(path).ok()?;
    let metadata = file.metadata().ok()?;
    if !metadata.is_file() || metadata.len() > LONGEST_INCLUDED {
        return None;
    }
    let mut bytes = Vec::new();
    file.take(LONGEST_INCLUDED).read_to_end(&mut bytes).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use csound_library::Level;

    use super::super::Generation;
    use super::*;

    fn check(orchestra: &str, is_limited: bool) -> OpcodeCheck {
        let source = Source::OrcSco { orc: orchestra.to_owned(), sco: String::new() };
        let piece = Piece { name: "piece.orc".into(), source, folder: None };
        OpcodeCheck::new(&piece, Table::of(Generation::Six), is_limited)
    }

    fn known() -> HashSet<String> {
        ["out", "oscili", "rand", "prints"].map(str::to_owned).into()
    }

    fn texts(lines: Vec<ConsoleLine>) -> Vec<String> {
        lines.into_iter().map(|line| line.text).collect()
    }

    #[test]
    fn an_opcode_that_needs_trust_is_named_with_its_library_and_what_that_does() {
        let lines = check("instr 1\nkx pycall1 \"f\", 1\nky pycall1 \"g\", 1\nendin", true).before(known);
        assert_eq!(lines.len(), 1);
        assert_eq!(lines[0].text, "`pycall1` needs trust: it is from libpy.so, which runs Python code");
        assert_eq!((lines[0].line, lines[0].level), (Some(2), Level::Error));
        assert_eq!(texts(check("instr 1\nFLrun\nendin", true).before(known)).len(), 1);
    }

    #[test]
    fn nothing_is_refused_that_is_loaded_defined_uncertain_or_trusted() {
        let all: HashSet<String> = ["pyinit".to_owned()].into();
        assert_eq!(check("pyinit", true).before(|| all), []);
        for orchestra in [
            "opcode pyinit, 0, 0\nendop\npyinit\n",
            "#ifdef PY\npyinit\n#end\n",
            "out fluidOut",
            "fluidOut rand 1",
        ] {
            assert_eq!(check(orchestra, true).before(known), [], "{orchestra}");
        }
        assert_eq!(check("pyinit", false).before(known), []);
        let asked = check("a1 oscili 1, 2\nout a1", true).before(|| panic!("there is no doubt to ask for"));
        assert_eq!(asked, []);
    }

    #[test]
    fn after_a_failure_what_is_uncertain_is_told_and_what_is_not_installed() {
        let told = texts(check("#ifdef PY\npyinit\n#end\n", true).after(&known()));
        assert_eq!(told, ["`pyinit` needs trust: it is from libpy.so, which runs Python code"]);
        let told = texts(check("pyinit\nOSCinitM \"x\", 1", false).after(&known()));
        assert_eq!(
            told,
            [
                "`pyinit` is from the opcode library libpy.so, which is not installed",
                "`OSCinitM` is from the opcode library libosc.so, which is not installed",
            ]
        );
    }

    #[test]
    fn an_opcode_in_no_table_is_told_where_it_surely_is_one() {
        let unknown = |orchestra| texts(check(orchestra, true).after(&known()));
        let told = ["`foo` is unknown, or from an opcode library that is not on the list"];
        for orchestra in ["kx foo 1", "a1 = foo(1)", "a1, a2 foo 1", "foo a1", "foo 1", "foo"] {
            assert_eq!(unknown(orchestra), told, "{orchestra}");
        }
        for orchestra in ["#ifdef X\nfoo 1\n#end", "#include \"gone.inc\"\nfoo 1", "out foo", "foo = 1"] {
            assert_eq!(unknown(orchestra), [""; 0], "{orchestra}");
        }
        assert_eq!(texts(check("foo 1", false).after(&known())).len(), 1);
    }

    #[test]
    fn a_misspelt_opcode_is_told_with_the_nearest_that_is_known() {
        let told = texts(check("a1 oscilli 1, 2", true).after(&known()));
        assert_eq!(told, ["`oscilli` is unknown: did you mean `oscili`?"]);
    }

    #[test]
    fn only_a_regular_file_is_looked_into() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("part.inc"), "pyinit").unwrap();
        assert_eq!(included_text(Some(folder.path()), "part.inc").as_deref(), Some("pyinit"));
        for name in ["/dev/zero", "gone.inc", ""] {
            assert_eq!(included_text(Some(folder.path()), name), None, "{name}");
        }
    }
}
