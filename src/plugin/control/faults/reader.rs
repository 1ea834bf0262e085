//! Reads faults from lines of the console. Pure.

use std::collections::BTreeMap;

use csound_library::Level;
use csound_performance::engine::ConsoleLine;
use csound_performance::engine::piece::Piece;

use super::Said;
use crate::plugin::channels::wiring::text_of;
use crate::plugin::pieces::instrument_names::instrument_names;
use crate::plugin::shared::fault::{Fault, Kind};

/// Csound's words for a file that it could not open. Each opcode has its own.
const NO_FILE: [&str; 17] = [
    "cannot open",
    "can't open",
    "can not open",
    "could not open",
    "couldn't open",
    "unable to open",
    "failed to open",
    "error opening",
    "cannot load",
    "could not load",
    "unable to load",
    "failed to load",
    "cannot read",
    "could not read",
    "cannot find file",
    "no such file",
    "file not found",
];

/// Csound's number for what stands before the first instrument.
const HEADER: &str = "instrument 0";

/// Lines between an error and the echo of its opcode.
const MOST_BETWEEN: usize = 4;

/// Reads what is said, in order; an error may go on in the next lines.
#[derive(Default)]
pub struct Reader {
    pending: Option<Pending>,
    /// The piece's instruments that have a name, by Csound's numbers.
    names: BTreeMap<u32, String>,
    /// Whether a file was said to be missing since the last error: the error is then that one's.
    named: bool,
}

/// An error of an opcode, whose arguments are said after it.
struct Pending {
    begins: bool,
    instrument: String,
    opcode: Option<String>,
    line: Option<u32>,
    text: String,
    waited: usize,
    /// Whether the next line is the echo of the opcode: Csound 7 says the file in a line of its own.
    is_echoed: bool,
}

impl Reader {
    /// Of what is said of a piece, whose instruments are called as it calls them.
    pub fn of(piece: &Piece) -> Self {
        Self { names: instrument_names(text_of(piece)), ..Self::default() }
    }

    /// Reads lines; without any, what waits for more of them is taken as it is.
    pub fn read(&mut self, lines: &[ConsoleLine]) -> Vec<Said> {
        let mut said = Vec::new();
        if lines.is_empty() {
            said.extend(self.finish(None));
        }
        for line in lines {
            if line.level >= Level::Warning {
                self.take(line, &mut said);
            } else if line.level == Level::Default && !line.ours {
                match self.pending.as_ref().is_some_and(|pending| pending.is_echoed) {
                    // Csound 7 says the opcode and its arguments at no level, unlike the error itself.
                    true => said.extend(self.finish(Some(line.text.trim()))),
                    false => said.extend(score_number(line.text.trim())),
                }
            }
        }
        said
    }

    fn take(&mut self, line: &ConsoleLine, said: &mut Vec<Said>) {
        let text = line.text.trim();
        if line.ours {
            if let Some(refused) = text.strip_prefix("refused: ") {
                said.push(other(Kind::Refused, None, capital(refused)));
            }
            return;
        }
        if text.starts_with("INIT ERROR in instr ") && text.contains(": note deleted (") {
            // Csound 7 counts what it has told already.
            said.extend(self.finish(None));
        } else if let Some(pending) = pending(text, line.line, &self.names) {
            said.extend(self.finish(None));
            self.pending = Some(pending);
        } else if let Some(pending) = self.pending.as_mut().filter(|_| is_file_alone(text)) {
            pending.is_echoed = true;
        } else if self.pending.as_ref().is_some_and(|pending| pending.is_echoed) {
            said.extend(self.finish(Some(text)));
        } else if text.starts_with("from file ") {
            said.extend(self.finish(echo(text)));
        } else if let Some((_, why)) = text.split_once("note deleted.") {
            said.extend(self.finish(None));
            said.extend(undefined(why.trim()));
        } else if let Some(pending) = &mut self.pending {
            pending.waited += 1;
            pending.text.push(' ');
            pending.text.push_str(text);
            if pending.waited > MOST_BETWEEN {
                said.extend(self.finish(None));
            }
        } else if is_of_a_file(text)
            && let Some(name) = file_name(text)
        {
            self.named = true;
            said.push(Said::File { name, opcode: None, line: line.line });
        }
    }

    /// The error that waits, with the echo of its opcode, where that was said.
    fn finish(&mut self, echo: Option<&str>) -> Option<Said> {
        let pending = self.pending.take()?;
        let named = std::mem::take(&mut self.named);
        let Pending { begins, instrument, opcode, line, text, .. } = pending;
        if is_of_a_file(&text) {
            let quoted = || quoted(echo?).into_iter().find(|name| text.contains(name.as_str()));
            let first = || quoted_first(echo?);
            if let Some(name) = quoted().or_else(|| file_name(&text)).or_else(first) {
                return Some(Said::File { name, opcode, line });
            }
        }
        if named {
            return None;
        }
        let by = opcode.unwrap_or_else(|| "an opcode".into());
        let at = line.map(|line| format!("Line {line}: ")).unwrap_or_default();
        let text = text.trim().trim_end_matches('.');
        let text = match begins {
            true if instrument == HEADER => format!("{at}{by} fails in the orchestra's header: {text}"),
            true => format!("{at}{by} cannot begin, so this note of {instrument} is silent: {text}"),
            false => format!("{at}{by} failed while {instrument} played, and its note ended: {text}"),
        };
        Some(other(Kind::Error, line, text))
    }
}

fn other(kind: Kind, line: Option<u32>, text: String) -> Said {
    Said::Other(Fault { kind, line, text })
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// `INIT ERROR in instr 1 (opcode diskin2.a) line 10: …`, with less of it where Csound knows less.
fn pending(text: &str, line: Option<u32>, names: &BTreeMap<u32, String>) -> Option<Pending> {
    let begins = text.starts_with("INIT ERROR");
    let rest = text.strip_prefix("INIT ERROR").or_else(|| text.strip_prefix("PERF ERROR"))?;
    let (head, what) = rest.split_once(':').unwrap_or((rest, ""));
    let after = |word: &str| head.split_once(word).map(|(_, after)| after);
    let end = |text: &str| text.split([' ', ')']).next().unwrap_or_default().to_owned();
    let instrument = after("in instr ").map(end).map(|name| {
        let named = name.parse().ok().and_then(|number| names.get(&number));
        format!("instrument {}", named.unwrap_or(&name))
    });
    let opcode = after("(opcode ").map(end).map(|name| plain_opcode(&name).to_owned());
    Some(Pending {
        begins,
        instrument: instrument.unwrap_or_else(|| "the piece".into()),
        opcode: opcode.filter(|name| !name.is_empty()),
        line,
        text: what.trim().to_owned(),
        waited: 0,
        is_echoed: false,
    })
}

/// The name that is written in pieces: `oscili.a` is `oscili`.
fn plain_opcode(name: &str) -> &str {
    name.split('.').next().unwrap_or(name)
}

/// `from file piece.csd (1)`, with nothing behind it.
fn is_file_alone(text: &str) -> bool {
    text.starts_with("from file ") && text.ends_with(')')
}

/// The opcode and its arguments behind `from file piece.csd (1),`.
fn echo(text: &str) -> Option<&str> {
    Some(text.split_once("),")?.1)
}

fn quoted(echo: &str) -> Vec<String> {
    echo.split('"').skip(1).step_by(2).map(str::to_owned).filter(|name| !name.is_empty()).collect()
}

fn quoted_first(echo: &str) -> Option<String> {
    quoted(echo).into_iter().next()
}

/// An instrument that a note names and that is not there.
fn undefined(why: &str) -> Option<Said> {
    let name = why.strip_prefix("instr ")?.strip_suffix("undefined")?.trim();
    let name = name.split('(').next().unwrap_or(name);
    Some(other(
        Kind::Missing,
        None,
        format!("A note is for instrument {name}, which the piece does not have"),
    ))
}

/// `swrite: output, sect1 line2 p4 has illegal number  z    String truncated`, which Csound says by the way.
fn score_number(text: &str) -> Option<Said> {
    let (place, number) = text.strip_prefix("swrite: output, ")?.split_once(" has illegal number")?;
    let number = number.trim().trim_end_matches("String truncated").trim();
    let field = place.rsplit(' ').next().unwrap_or(place);
    let text =
        format!("A number of the score cannot be read: {field} is {number} ({place} of the sorted score)");
    Some(other(Kind::Error, None, text))
}

fn is_of_a_file(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    NO_FILE.iter().any(|words| text.contains(words))
}

/// The first word that looks like a file's name, or what stands in quotes.
fn file_name(text: &str) -> Option<String> {
    let inner = text.split_once('\'').and_then(|(_, rest)| rest.rsplit_once('\''));
    if let Some((name, _)) = inner.filter(|(name, _)| is_file_name(name)) {
        return Some(name.to_owned());
    }
    let words = text.split_whitespace().map(|word| word.trim_matches(['"', '\'', ':', ',', ';', '(', ')']));
    words.map(|word| word.trim_end_matches('.')).find(|word| is_file_name(word)).map(str::to_owned)
}

fn is_file_name(word: &str) -> bool {
    let ending = word.rsplit_once('.').map(|(stem, ending)| !stem.is_empty() && is_ending(ending));
    ending.unwrap_or(false) || (word.contains('/') && word.len() > 1)
}

fn is_ending(ending: &str) -> bool {
    (1..=6).contains(&ending.len()) && ending.chars().all(|letter| letter.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use csound_performance::engine::piece::Source;

    use super::*;

    fn error(text: &str) -> ConsoleLine {
        ConsoleLine { ours: false, ..ConsoleLine::error(text) }
    }

    fn read(texts: &[&str]) -> Vec<Said> {
        let mut reader = Reader::default();
        let lines: Vec<_> = texts.iter().map(|text| error(text)).collect();
        let mut said = reader.read(&lines);
        said.extend(reader.read(&[]));
        said
    }

    fn file(name: &str) -> impl Fn(&Said) -> bool {
        move |said| matches!(said, Said::File { name: found, .. } if found == name)
    }

    /// As Csound 6.18 says it of each opcode.
    #[test]
    fn a_file_that_is_not_found_is_named_whatever_opcode_wanted_it() {
        let table: [(&[&str], &str); 16] = [
            (
                &[
                    "INIT ERROR in instr 1 (opcode diskin2) line 10: diskin2: gone.wav: failed to open file (No Error.)",
                ],
                "gone.wav",
            ),
            (
                &[
                    "INIT ERROR in instr 1 (opcode diskin2) line 10: diskin2: ../x.wav: failed to open file (No Error.)",
                ],
                "../x.wav",
            ),
            (
                &[
                    "INIT ERROR in instr 1 (opcode diskin2) line 10: diskin2: my own.wav: failed to open file (No Error.)",
                    " from file a.csd (1),a1\tdiskin2\t\"my own.wav\"\t1",
                ],
                "my own.wav",
            ),
            (
                &[
                    "INIT ERROR in instr 1 (opcode diskin2.i) line 10: diskin2: soundin.5: failed to open file (No Error.)",
                ],
                "soundin.5",
            ),
            (
                &[
                    "soundin cannot open gone.wav: No Error.ftable 101: Failed to open file gone.wav",
                    "INIT ERROR in instr 1 (opcode ftgen.iS) line 10: ftgen error",
                    " from file a.csd (1),i1\tftgen.iS\t0\t0\t0\t1\t\"gone.wav\"\t0",
                ],
                "gone.wav",
            ),
            (&["INIT ERROR in instr 1 (opcode pvoc) line 10: PVOC cannot load gone.pvx"], "gone.pvx"),
            (
                &[
                    "PVOCEX_LoadFile(): error:",
                    "    unable to open pvocex file gone.pvx:",
                    "pvsys: unable to open file",
                ],
                "gone.pvx",
            ),
            (
                &[
                    "INIT ERROR in instr 1 (opcode ftload.S) line 10: ftload: unable to open file",
                    " from file a.csd (1),\tftload.S\t\"gone.tab\"\t0\t1",
                ],
                "gone.tab",
            ),
            (
                &["INIT ERROR in instr 1 (opcode mp3in) line 10: mp3in: gone.mp3: failed to open file"],
                "gone.mp3",
            ),
            (
                &[
                    "INIT ERROR in instr 1 (opcode readf.S) line 10: readf: failed to open file",
                    " from file a.csd (1),S1\tk1\treadf.S\t\"gone.txt\"",
                ],
                "gone.txt",
            ),
            (
                &["INIT ERROR in instr 1 (opcode fout) line 10: error opening sound file '../x.wav'"],
                "../x.wav",
            ),
            (&["WARNING: compileorc: could not open gone.orc"], "gone.orc"),
            (&["INIT ERROR in instr 1 (opcode filelen) line 10: diskinfo cannot open gone.wav"], "gone.wav"),
            (&["INIT ERROR in instr 1 (opcode lpread) line 10: LPREAD cannot load gone.lpc"], "gone.lpc"),
            (
                &[
                    "INIT ERROR in instr 1 (opcode pvsfread) line 10: Failed to load PVOC-EX file",
                    " from file a.csd (1),fsig\tpvsfread\t1\t\"gone.pvx\"\t0",
                ],
                "gone.pvx",
            ),
            (
                &[
                    "INIT ERROR in instr 1 (opcode hrtfmove2) line 10:",
                    "Cannot load left data file, exiting",
                    " from file a.csd (1),a1\ta2\thrtfmove2\t#a0\t0\t0\t\"left.dat\"\t\"right.dat\"",
                ],
                "left.dat",
            ),
        ];
        for (texts, name) in table {
            let said = read(texts);
            assert_eq!(said.len(), 1, "{texts:?}: {said:?}");
            assert!(file(name)(&said[0]), "{texts:?}: {said:?}");
        }
    }

    /// As Csound 7.00 says it: the opcode and its arguments at another level than the error.
    #[test]
    fn a_file_that_an_error_of_csound_7_does_not_name_is_named_by_what_follows() {
        for (opcode, what, echo, name) in [
            ("ftload.S", "ftload: unable to open file", "ftload \"gone.tab\":S,0:c,1:c", "gone.tab"),
            ("readf.S", "readf: failed to open file", "S1:S,k1:k readf \"gone.txt\":S", "gone.txt"),
        ] {
            let echo = ConsoleLine { level: Level::Default, ..error(echo) };
            let first = error(&format!("INIT ERROR in instr 1 (opcode {opcode}) line 12: {what}"));
            let lines = [first, error("from file a.csd (1)"), echo];
            let mut reader = Reader::default();
            // The lines may come one by one.
            let said: Vec<_> =
                lines.iter().flat_map(|line| reader.read(std::slice::from_ref(line))).collect();
            assert!(said.len() == 1 && file(name)(&said[0]), "{said:?}");
        }
    }

    /// As Csound 7.00 says it.
    #[test]
    fn what_csound_7_says_comes_to_the_same() {
        let lines = [
            "INIT ERROR in instr 2 (opcode diskin2) line 14: diskin2: gone.wav: failed to open file (No Error.)",
            "from file a.csd (1)",
            "a1:a diskin2 \"gone.wav\":S,1:c,0:c",
            "INIT ERROR in instr 2: note deleted (1 init errors)",
        ];
        let said = read(&lines);
        assert!(said.len() == 1 && file("gone.wav")(&said[0]), "{said:?}");
        let lines = [
            "INIT ERROR in instr 1 (opcode ftload.S) line 10: ftload: unable to open file",
            "from file a.csd (1)",
            "ftload \"gone.tab\":S,0:c,1:c",
        ];
        let said = read(&lines);
        assert!(said.len() == 1 && file("gone.tab")(&said[0]), "{said:?}");
        let lines = [
            "INIT ERROR in instr 1 (opcode oscili.a) line 11: Invalid ftable no. 99.000000",
            "from file a.csd (1)",
            "a1:a oscili 1:c,1:c,99:c,0:c",
            "  B  0.000",
            "INIT ERROR in instr 1: note deleted (2 init errors)",
        ];
        let said = read(&lines);
        let [Said::Other(fault)] = &said[..] else { panic!("{said:?}") };
        assert!(
            fault.text.ends_with("so this note of instrument 1 is silent: Invalid ftable no. 99.000000"),
            "{}",
            fault.text
        );
        let said = read(&["  B  0.000 - note deleted. instr Foo undefined"]);
        assert!(
            matches!(&said[..], [Said::Other(fault)] if fault.text.contains("instrument Foo,")),
            "{said:?}"
        );
    }

    #[test]
    fn an_instrument_is_called_as_the_piece_calls_it() {
        let orc = "instr 1\nendin\ninstr Bell\nendin\n".to_owned();
        let source = Source::OrcSco { orc, sco: String::new() };
        let mut reader = Reader::of(&Piece { name: "a.orc".into(), source, folder: None });
        let said = error("INIT ERROR in instr 2 (opcode oscili.a): Invalid ftable no. 99.000000");
        let said = [reader.read(&[said]), reader.read(&[])].concat();
        assert!(
            matches!(&said[..], [Said::Other(fault)] if fault.text.contains("this note of instrument Bell is silent")),
            "{said:?}"
        );
    }

    #[test]
    fn other_errors_are_sentences_with_their_line() {
        let mut line = error("INIT ERROR in instr 1 (opcode oscili.a) line 10: Invalid ftable no. 99.000000");
        line.line = Some(10);
        let mut reader = Reader::default();
        assert_eq!(reader.read(&[line]), [], "its arguments may follow");
        let said = reader.read(&[error("\t  B  0.000 - note deleted.  i1 had 1 init errors")]);
        let [Said::Other(fault)] = &said[..] else { panic!("{said:?}") };
        assert_eq!((fault.kind, fault.line), (Kind::Error, Some(10)));
        assert_eq!(
            fault.text,
            "Line 10: oscili cannot begin, so this note of instrument 1 is silent: Invalid ftable no. 99.000000"
        );
        let said = read(&["PERF ERROR in instr 2 (opcode tablekt.kk): not a table"]);
        assert!(
            matches!(&said[..], [Said::Other(fault)] if fault.text.starts_with("tablekt failed while instrument 2 played"))
        );
        let said = read(&["\t  B  0.000 - note deleted. instr 5(200) undefined"]);
        assert!(
            matches!(&said[..], [Said::Other(fault)] if fault.text.contains("instrument 5,")),
            "{said:?}"
        );
    }

    #[test]
    fn refusals_of_the_guards_are_faults_and_ordinary_words_are_none() {
        let refused = ConsoleLine::error(
            "refused: the piece tried to start a program; only a piece that you trust may",
        );
        let said = Reader::default().read(&[refused]);
        assert!(
            matches!(&said[..], [Said::Other(Fault { kind: Kind::Refused, text, .. })] if text.starts_with("The piece tried"))
        );
        let print = ConsoleLine { level: Level::Orchestra, ..error("cannot open gone.wav") };
        assert_eq!(Reader::default().read(&[print, ConsoleLine::error("gone.wav could not be read")]), []);
        let number = "swrite: output, sect1 line2 p4 has illegal number  z    String truncated";
        let number = ConsoleLine { level: Level::Default, ..error(number) };
        let said = Reader::default().read(&[number]);
        assert!(
            matches!(&said[..], [Said::Other(Fault { text, .. })] if text.contains("p4 is z")),
            "{said:?}"
        );
        assert_eq!(read(&["WARNING: instr 1 uses 3 p-fields but is given 7"]), []);
    }
}
