//! The opcode libraries of Csound: which of them a confined engine loads, and which opcode is in
//! which of them.
//!
//! The tables are text of this project, beside this file: they say why a library is not on the list,
//! and name the opcodes of those that are not loaded, so that a piece can be told what it needs.
//! `check` says that of a piece, [`limit`] holds an engine to the list.

pub(crate) mod check;
mod nearest;

use std::collections::HashMap;
use std::io;
use std::sync::OnceLock;

use csound_library::Library;

pub use csound_library::Generation;

/// An opcode library.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpcodeLibrary {
    /// The name of its file.
    pub file: &'static str,
    /// True if a confined engine loads it.
    pub is_listed: bool,
    /// Its purpose, going on from "which".
    pub what: &'static str,
    /// Its opcodes, sorted.
    pub opcodes: Vec<&'static str>,
}

/// The opcode libraries of one Csound.
pub struct Table {
    libraries: Vec<OpcodeLibrary>,
    /// The places of an opcode's libraries in the list of libraries.
    by_opcode: HashMap<&'static str, Vec<usize>>,
}

impl Table {
    /// The table of a Csound.
    pub fn of(generation: Generation) -> &'static Self {
        static SIX: OnceLock<Table> = OnceLock::new();
        static SEVEN: OnceLock<Table> = OnceLock::new();
        match generation {
            Generation::Six => SIX.get_or_init(|| Self::read(include_str!("opcode_libraries/six.txt"))),
            Generation::Seven => SEVEN.get_or_init(|| Self::read(include_str!("opcode_libraries/seven.txt"))),
        }
    }

    /// All libraries, in the order of their names.
    pub fn libraries(&self) -> &[OpcodeLibrary] {
        &self.libraries
    }

    /// The libraries that have an opcode: more than one if its variants are spread.
    pub fn libraries_with(&self, opcode: &str) -> impl Iterator<Item = &OpcodeLibrary> {
        self.by_opcode.get(opcode).into_iter().flatten().map(|at| &self.libraries[*at])
    }

    /// True if a confined engine loads a file of this name: because it is on the list, or because the
    /// user has added it.
    pub fn allows(&self, file: &str, added: &[String]) -> bool {
        added.iter().any(|added| added == file)
            || self.libraries.iter().any(|library| library.is_listed && library.file == file)
    }

    fn read(text: &'static str) -> Self {
        let mut libraries: Vec<OpcodeLibrary> = Vec::new();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            if let Some(opcodes) = line.strip_prefix("  ") {
                if let Some(library) = libraries.last_mut() {
                    library.opcodes.extend(opcodes.split(' '));
                }
                continue;
            }
            let mut words = line.splitn(3, ' ');
            if let (Some(mark), Some(file), Some(what)) = (words.next(), words.next(), words.next()) {
                libraries.push(OpcodeLibrary { file, is_listed: mark == "+", what, opcodes: Vec::new() });
            }
        }
        let mut by_opcode: HashMap<_, Vec<_>> = HashMap::new();
        for (at, library) in libraries.iter().enumerate() {
            library.opcodes.iter().for_each(|opcode| by_opcode.entry(*opcode).or_default().push(at));
        }
        Self { libraries, by_opcode }
    }
}

/// The table of the Csound that is loaded.
pub(crate) fn table_of(library: &Library) -> &'static Table {
    Table::of(library.generation())
}

/// Holds this process to the libraries on the list and those that the user has added. Before its first
/// Csound.
///
/// # Errors
/// As [`Library::limit_opcodes`].
pub fn limit(library: &Library, added: &[String]) -> io::Result<()> {
    let table = table_of(library);
    library.limit_opcodes(&|file| table.allows(file, added))
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOTH: [Generation; 2] = [Generation::Six, Generation::Seven];

    #[test]
    fn the_tables_are_whole_sorted_and_say_of_each_library_what_it_does() {
        for (generation, libraries, listed) in [(Generation::Six, 40, 20), (Generation::Seven, 92, 84)] {
            let table = Table::of(generation);
            assert_eq!(table.libraries().len(), libraries);
            assert_eq!(table.libraries().iter().filter(|library| library.is_listed).count(), listed);
            assert!(table.libraries().is_sorted_by(|one, next| one.file < next.file));
            for library in table.libraries() {
                assert!(library.file.starts_with("lib") && library.file.ends_with(".so"), "{}", library.file);
                assert!(library.what.len() > 8, "{}: {}", library.file, library.what);
                assert!(library.opcodes.is_sorted_by(|one, next| one < next), "{}", library.file);
                assert!(library.opcodes.iter().all(|opcode| !opcode.is_empty()), "{}", library.file);
            }
        }
    }

    #[test]
    fn what_runs_code_or_talks_to_devices_servers_and_windows_is_on_no_list() {
        let kinds = [
            "py",
            "lua",
            "faust",
            "java",
            "dssi",
            "vst",
            "jack",
            "rtalsa",
            "rtpa",
            "rtpulse",
            "websocket",
            "widget",
            "virtual",
            "midi.so",
            "serial.so",
            "system",
            "joystick",
            "control.so",
            "link",
            "fluid",
        ];
        for library in BOTH.iter().flat_map(|generation| Table::of(*generation).libraries()) {
            let harms =
                kinds.iter().any(|kind| library.file.contains(kind)) && library.file != "libampmidid.so";
            assert!(!(harms && library.is_listed), "{}", library.file);
        }
    }

    #[test]
    fn a_file_is_allowed_by_its_whole_name_or_because_the_user_added_it() {
        let table = Table::of(Generation::Six);
        assert!(table.allows("libosc.so", &[]));
        for name in ["libpy.so", "osc", "libosc.so.1", "LIBOSC.SO", "libmine.so", ""] {
            assert!(!table.allows(name, &[]), "{name}");
        }
        let added = ["libmine.so".to_owned(), "libpy.so".to_owned()];
        assert!(table.allows("libmine.so", &added) && table.allows("libpy.so", &added));
        assert!(!table.allows("libpython.so", &added));
    }

    #[test]
    fn an_opcode_is_found_with_all_its_libraries() {
        let found = |generation, opcode| {
            Table::of(generation).libraries_with(opcode).map(|library| library.file).collect::<Vec<_>>()
        };
        assert_eq!(found(Generation::Six, "pyinit"), ["libpy.so"]);
        assert_eq!(found(Generation::Seven, "butlp"), ["libafilters.so", "libstdopcodes.so"]);
        assert_eq!(found(Generation::Six, "oscili"), [""; 0]);
    }
}
