//! Whether a piece seems to read files, by what its text names: only then is the user asked if it may read its folder.
//! Lenient, because a piece may put a name together as it performs. Pure.

use csound_performance::engine::piece::{Piece, Source};

use crate::plugin::pieces::trust::strings::{has_file_ending, quoted};

/// Opcodes, directives and widgets whose names of files may be numbers or come from elsewhere.
const READERS: [&str; 45] = [
    "include",
    "includestr",
    "soundin",
    "soundins",
    "diskin",
    "diskin2",
    "diskgrain",
    "filescal",
    "mp3in",
    "mp3len",
    "mp3scal",
    "filebit",
    "filelen",
    "filenchnls",
    "filepeak",
    "filesr",
    "filevalid",
    "directory",
    "ftload",
    "ftloadk",
    "ftsamplebank",
    "fini",
    "fink",
    "readf",
    "readfi",
    "readk",
    "readk2",
    "readk3",
    "readk4",
    "convolve",
    "pconvolve",
    "pvoc",
    "vpvoc",
    "pvadd",
    "pvsfread",
    "pvsdiskin",
    "adsyn",
    "lpread",
    "ATSinfo",
    "ATSread",
    "ATSadd",
    "sfload",
    "fluidLoad",
    "filebutton",
    "soundfiler",
];

/// If a text of the piece names a file, or something that reads files.
pub fn seems_to_read(piece: &Piece) -> bool {
    let texts: [&str; 2] = match &piece.source {
        Source::Csd(csd) => [csd, ""],
        Source::OrcSco { orc, sco } => [orc, sco],
    };
    texts.into_iter().any(|text| has_reader(text) || names_a_file(text) || loads_a_numbered_sound(text))
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '_'))
        .filter(|word| !word.is_empty())
}

fn has_reader(text: &str) -> bool {
    words(text).any(|word| READERS.contains(&word))
}

fn names_a_file(text: &str) -> bool {
    // A name that is written may be read again; that it is written is asked for elsewhere.
    quoted(text).iter().any(|found| has_file_ending(found.text))
}

/// If a line of a score makes a table by GEN01 and the like, whose file may be a number: `f 1 0 0 1 5 0 0 0` reads
/// `soundin.5`.
fn loads_a_numbered_sound(text: &str) -> bool {
    text.lines().filter_map(|line| line.trim_start().strip_prefix('f')).any(|fields| {
        let generator = fields.split_ascii_whitespace().nth(3);
        matches!(generator.map(|generator| generator.trim_start_matches('-')), Some("1" | "01" | "23" | "49"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reads(text: &str) -> bool {
        seems_to_read(&Piece { name: "a.csd".into(), source: Source::Csd(text.into()), folder: None })
    }

    #[test]
    fn a_piece_that_names_no_file_reads_none() {
        let plain = "chn_k \"osc.cutoff\", 1, 2, 440, 20, 20000\nSmode = \"v1.2\"\nSname chnget \"mode\"\n\
            a1 oscili 0.2, 440 ; \"kick.wav\"\nprints \"%f Hz.\\n\"\n\
            <CsScore>\nf 1 0 4096 10 1\nf2 0 8 -2 1 23 49\nf 0 1000\ni 1 0 1 1";
        assert!(!reads(plain));
        assert!(!reads(""));
    }

    #[test]
    fn names_directives_and_opcodes_of_files_are_found() {
        for text in [
            "gi1 ftgen 0, 0, 0, 1, \"kick.WAV\", 0, 0, 0",
            "Sname sprintf \"part%d.txt\", 1",
            "#include \"lib/more\"",
            "#includestr \"$NAME\"",
            "a1 soundin 3",
            "a1, a2 diskin2 Sfile, 1",
            "a1:a = soundin(3)",
            "filebutton bounds(0, 0, 90, 90), channel(\"sample\")",
            "f 1 0 0 1 5 0 0 0",
            "f1 0 0 -1 5 0 0 0",
        ] {
            assert!(reads(text), "{text}");
        }
        let score = Source::OrcSco { orc: String::new(), sco: "f 1 0 0 1 \"kick.aif\" 0 0 0".into() };
        assert!(seems_to_read(&Piece { name: "a.orc".into(), source: score, folder: None }));
    }
}
