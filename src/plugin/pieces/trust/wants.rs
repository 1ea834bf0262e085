//! What a piece seems to want that it may not do unasked, by the opcodes that its text names. For the
//! user to see beside the permissions; nothing is permitted or refused by it. Pure.

use csound_performance::engine::piece::{Piece, Source};

/// The first opcode of each kind that a text names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wants {
    /// Writes files.
    pub writes: Option<String>,
    /// Talks over a network.
    pub network: Option<String>,
    /// Starts programs, or runs other code than Csound's.
    pub programs: Option<String>,
}

const WRITES: [&str; 22] = [
    "fout",
    "foutk",
    "fouti",
    "foutir",
    "fiopen",
    "fprints",
    "fprintks",
    "dumpk",
    "dumpk2",
    "dumpk3",
    "dumpk4",
    "ftsave",
    "ftsavek",
    "ftaudio",
    "pvsfwrite",
    "hdf5write",
    "mp3out",
    "remove",
    "soundout",
    "soundouts",
    "fink",
    "lpcanal",
];

const NETWORK: [&str; 23] = [
    "OSCinit",
    "OSCinitM",
    "OSClisten",
    "OSCraw",
    "OSCsend",
    "OSCsend_lo",
    "OSCbundle",
    "OSCcount",
    "sockrecv",
    "sockrecvs",
    "socksend",
    "socksends",
    "socksendk",
    "stsend",
    "strecv",
    // As Csound 7 writes them too.
    "oscinit",
    "oscinitm",
    "osclisten",
    "oscraw",
    "oscsend",
    "oscsendlo",
    "oscbundle",
    "osccount",
];

const PROGRAMS: [&str; 13] = [
    "system",
    "system_i",
    "systemi",
    "pyinit",
    "pyruni",
    "pyrun",
    "pyexeci",
    "lua_exec",
    "lua_opdef",
    "faustcompile",
    "faustgen",
    "vstinit",
    "dssiinit",
];

/// Whether a word is an opcode that writes files.
pub fn is_writer(word: &str) -> bool {
    WRITES.contains(&word)
}

impl Wants {
    /// Looks for the opcodes' names. Comments count: it is only a hint.
    pub fn of(piece: &Piece) -> Self {
        let text = match &piece.source {
            Source::Csd(csd) => csd,
            Source::OrcSco { orc, .. } => orc,
        };
        let mut wants = Self::default();
        for word in text.split(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '_')) {
            let kinds: [(&mut Option<String>, &[&str]); 3] = [
                (&mut wants.writes, &WRITES),
                (&mut wants.network, &NETWORK),
                (&mut wants.programs, &PROGRAMS),
            ];
            for (kind, names) in kinds {
                if kind.is_none() && names.contains(&word) {
                    *kind = Some(word.to_owned());
                }
            }
        }
        wants
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_piece_wants_is_told_by_its_opcodes() {
        let piece =
            |text: &str| Piece { name: "a.csd".into(), source: Source::Csd(text.into()), folder: None };
        assert_eq!(Wants::of(&piece("kout oscil 1, 2\nmyfout = 1")), Wants::default());
        let wants =
            Wants::of(&piece("ih OSCinit 7770\nfout \"a.wav\", 4, a1\nires system_i 1, \"ls\"\nOSCsend 1"));
        assert_eq!(wants.network.as_deref(), Some("OSCinit"));
        assert_eq!(wants.writes.as_deref(), Some("fout"));
        assert_eq!(wants.programs.as_deref(), Some("system_i"));
        let wants = Wants::of(&piece("ih:i = oscinit(7770)\nres:i = systemi(1, \"ls\")"));
        assert_eq!((wants.network.as_deref(), wants.programs.as_deref()), (Some("oscinit"), Some("systemi")));
    }
}
