//! A file that could not be opened: where it was looked for, and what can be done.

use std::path::Path;

use crate::plugin::pieces::trust::Granted;
use crate::plugin::shared::fault::{Fault, Kind};

/// The beginnings of the names of opcodes that write files.
const WRITERS: [&str; 7] = ["fout", "fiopen", "fprint", "dumpk", "ftsave", "pvsfwrite", "hdf5write"];

/// The fault of a file that a piece in `folder` named.
pub(super) fn fault(
    name: &str,
    opcode: Option<&str>,
    line: Option<u32>,
    folder: Option<&Path>,
    granted: &Granted,
) -> Fault {
    let by = opcode.map(|opcode| format!(" for {opcode}")).unwrap_or_default();
    let at = line.map(|line| format!("Line {line}: ")).unwrap_or_default();
    let fault = |kind, text: String| Fault { kind, line, text: format!("{at}{text}") };
    if opcode.is_some_and(|opcode| WRITERS.iter().any(|writer| opcode.starts_with(writer))) {
        return fault(
            Kind::Refused,
            format!(
                "{name} cannot be written{by}. To write there the piece needs the permission: at the shield, \
                 choose a folder to write into"
            ),
        );
    }
    let Some(folder) = folder else {
        return fault(
            Kind::Missing,
            format!(
                "{name} was not found{by}: the piece is in no folder yet. Save it beside its files, or allow \
                 their folder at the shield (Allow folder…)"
            ),
        );
    };
    let path = folder.join(name);
    let place = path.parent().unwrap_or(folder);
    let place = place.canonicalize().unwrap_or_else(|_| place.to_owned());
    if !path.is_file() {
        let elsewhere =
            if granted.readable().is_empty() { "" } else { " and in the folders that it may read" };
        return fault(
            Kind::Missing,
            format!(
                "{name} was not found{by}: it was looked for in {}{elsewhere}. Put it there, or allow the folder \
                 where it lies at the shield (Allow folder…)",
                place.display()
            ),
        );
    }
    let may_read =
        granted.permissions.trusted || granted.readable().iter().any(|ours| place.starts_with(ours));
    if may_read {
        return fault(
            Kind::Missing,
            format!(
                "{name} is in {}, but cannot be read{by}: Csound does not read this kind of file, or it is damaged",
                place.display()
            ),
        );
    }
    fault(
        Kind::Refused,
        format!(
            "{name} was refused{by}: it lies in {}, which this piece may not read. Allow that folder at the \
             shield (Allow folder…)",
            place.display()
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_said_where_a_file_was_looked_for_and_what_helps() {
        let there = tempfile::tempdir().unwrap();
        let root = there.path().canonicalize().unwrap();
        let folder = root.join("piece");
        std::fs::create_dir(&folder).unwrap();
        for path in ["x.wav", "piece/own.wav"] {
            std::fs::write(root.join(path), "no sound").unwrap();
        }
        let mut granted = Granted::default();
        granted.permissions.read.insert(folder.clone());
        let of = |name, opcode: &str| fault(name, Some(opcode), Some(7), Some(&folder), &granted);
        let gone = of("gone.wav", "diskin2");
        assert_eq!((gone.kind, gone.line), (Kind::Missing, Some(7)));
        assert!(gone.text.starts_with("Line 7: gone.wav was not found for diskin2"), "{}", gone.text);
        assert!(gone.text.contains(&folder.display().to_string()) && gone.text.contains("Allow folder"));
        let refused = of("../x.wav", "diskin2");
        assert_eq!(refused.kind, Kind::Refused);
        assert!(refused.text.contains(&format!("lies in {},", root.display())), "{}", refused.text);
        let damaged = of("own.wav", "diskin2");
        assert!(damaged.text.contains("damaged"), "{}", damaged.text);
        let written = of("../new.wav", "fout");
        assert!(
            written.kind == Kind::Refused && written.text.contains("folder to write"),
            "{}",
            written.text
        );
        let homeless = fault("gone.wav", None, None, None, &granted);
        assert!(homeless.text.starts_with("gone.wav was not found: the piece is in no folder"));
    }
}
