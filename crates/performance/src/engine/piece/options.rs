//! The part of a piece's `<CsOptions>` that reaches Csound. Pure.
//!
//! Kept, because they shape the sound or the piece:
//!
//! | option | meaning |
//! |---|---|
//! | `-F`, `--midifile=` | a MIDI file that plays the piece |
//! | `-k`, `--control-rate=` | the control rate |
//! | `--ksmps=`, `--nchnls=`, `--nchnls_i=`, `--0dbfs=` | beat the orchestra's own |
//! | `-t`, `--tempo=` | the score's tempo |
//! | `--omacro:`, `--smacro:` | macros |
//! | `--midi-key=` and its kin | what a MIDI note's p-fields are |
//! | `--sample-accurate` | events on their exact frame |
//! | `--recursion-depth=` (Csound 7) | how deep an opcode may call itself |
//! | `-m`, `--messagelevel=` | how much Csound says |
//! | `--env:` | the folders in which a piece finds its files |
//!
//! Everything else is dropped with a note: the host plays the sound and sets the rate, and the rest
//! would reach out of the piece or end Csound.
//!
//! [`OptionReader`] splits the lines into words and [`choose`] reads the words, both as Csound 6.18 and 7.00 do:
//! each line is a command line of its own, and a value does not come from the next one. 7 has options that 6 ends
//! on, and takes what stands behind `--` for arguments of the piece.

mod table;
mod words;

use csound_library::Generation;

use table::{
    LONG, LONG_OF_SEVEN, Operand, Reason, SHORT, ValueKind, operand, reason_for_long, reason_for_short,
};

pub(crate) use words::OptionLine;
pub use words::OptionReader;

/// The environment variables a piece may set. Others decide which code and options Csound loads.
const FOLDERS: [&str; 8] =
    ["SSDIR", "SFDIR", "SADIR", "INCDIR", "MFDIR", "RAWWAVE_PATH", "SNAPDIR", "CS_UDO_DIR"];

/// The outcome for one piece.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Chosen {
    /// Arguments for Csound.
    pub kept: Vec<String>,
    /// Notes for the console, one for each option dropped.
    pub notes: Vec<String>,
    /// True if `--sample-accurate` is among them.
    pub sample_accurate: bool,
    /// The file of the last `-F`.
    pub midi_file: Option<String>,
}

/// Chooses among the options as written in a piece, for the Csound that gets them.
pub fn choose(lines: &[OptionLine], generation: Generation) -> Chosen {
    let mut choice = Choice { generation, chosen: Chosen::default() };
    for line in lines {
        choice.line(line);
    }
    choice.chosen
}

/// The choice so far.
struct Choice {
    generation: Generation,
    chosen: Chosen,
}

impl Choice {
    fn line(&mut self, line: &OptionLine) {
        let number = line.number;
        if line.open_quote {
            let first = line.words.first().map_or("", String::as_str);
            self.note(number, first, "and its line are not used, as a quote is not closed");
            return;
        }
        if let Some(command) = line.command.as_deref().filter(|command| *command != "csound") {
            self.note(number, command, "is not used, as a line of options begins with - (or csound)");
        }
        let mut words = line.words.iter().map(String::as_str).peekable();
        while let Some(word) = words.next() {
            if word == "--" && self.generation == Generation::Seven {
                let arguments: Vec<_> = std::iter::once(word).chain(words).collect();
                return self.drop_it(number, &arguments.join(" "), Reason::Arguments);
            }
            match word.strip_prefix('-') {
                // A separate value never begins with a dash.
                Some(letters) => {
                    let mut next = || words.next_if(|next| !next.starts_with('-') && !next.is_empty());
                    self.flags(number, letters, &mut next);
                }
                None if word.is_empty() => {}
                None => self.note(number, word, "is not used, as only options belong here and no files"),
            }
        }
        if let Some(rest) = &line.unread {
            let why = "is not used, as Csound reads no further in a line after a quoted value or a comment";
            self.note(number, rest, why);
        }
    }

    /// One word of options: letters may be joined, and some have a value behind them.
    fn flags<'a>(&mut self, number: usize, letters: &'a str, next: &mut dyn FnMut() -> Option<&'a str>) {
        let mut rest = letters;
        while let Some(letter) = rest.chars().next() {
            rest = &rest[letter.len_utf8()..];
            match letter {
                '-' => return self.long(number, rest),
                '+' => return self.module(number, rest),
                _ => {}
            }
            let value = match operand(letter) {
                Operand::None => Some(""),
                Operand::Digits => Some(split_at_end_of_digits(&mut rest)),
                Operand::Rest | Operand::Number if rest.is_empty() => {
                    let value = next();
                    // Letters behind the number of a separate word are options too.
                    rest = value.unwrap_or_default();
                    match operand(letter) {
                        Operand::Number => value.map(|_| split_at_end_of_number(letter, &mut rest)),
                        _ => value.map(|_| std::mem::take(&mut rest)),
                    }
                }
                Operand::Rest => Some(std::mem::take(&mut rest)),
                Operand::Number => Some(split_at_end_of_number(letter, &mut rest)),
            };
            let option = format!("-{letter}{}", value.unwrap_or_default());
            let kept = SHORT.iter().find(|(known, _)| *known == letter);
            match (kept, value) {
                (_, None) => self.note(number, &option, "is not used, as its value is missing"),
                (Some((_, kind)), Some(value)) => self.keep(number, option, *kind, value),
                (None, Some(_)) => self.drop_it(number, &option, reason_for_short(letter, self.generation)),
            }
            // If Csound wants a number and finds none, the letters behind mean nothing.
            if operand(letter) == Operand::Number && value == Some("") {
                return;
            }
        }
    }

    fn long(&mut self, number: usize, long: &str) {
        let word = format!("--{long}");
        if long == "sample-accurate" {
            self.chosen.sample_accurate = true;
            self.chosen.kept.push(word);
            return;
        }
        if let Some((kind @ ("omacro" | "smacro"), definition)) = long.split_once(':') {
            return self.macro_definition(number, word.clone(), kind, definition);
        }
        if let Some(assignment) = long.strip_prefix("env:") {
            return self.environment(number, word.clone(), assignment);
        }
        let (name, value) = long.split_once('=').unwrap_or((long, ""));
        let more: &[_] = if self.generation == Generation::Seven { &LONG_OF_SEVEN } else { &[] };
        match LONG.iter().chain(more).find(|(known, _)| *known == name) {
            Some((_, kind)) => self.keep(number, word.clone(), *kind, value),
            None => self.drop_it(number, &word, reason_for_long(name, self.generation)),
        }
    }

    fn keep(&mut self, number: usize, option: String, kind: ValueKind, value: &str) {
        if let Some(wanted) = kind.refuses(value) {
            return self.note(number, &option, &format!("is not used, as its value must be {wanted}"));
        }
        if let ValueKind::MidiFile = kind {
            self.chosen.midi_file = Some(value.to_owned());
        }
        self.chosen.kept.push(option);
    }

    /// `--omacro:NAME=VALUE`, `--smacro:NAME=VALUE`.
    fn macro_definition(&mut self, number: usize, word: String, kind: &str, definition: &str) {
        let name = definition.split('=').next().unwrap_or_default();
        let good = name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
            && name.chars().all(|next| next.is_ascii_alphanumeric() || next == '_');
        if good {
            self.chosen.kept.push(word);
        } else {
            let why = format!("is not used, as a macro is written --{kind}:NAME=VALUE");
            self.note(number, &word, &why);
        }
    }

    /// `--env:NAME=VALUE`, `--env:NAME+=VALUE`.
    fn environment(&mut self, number: usize, word: String, assignment: &str) {
        let Some((name, _)) = assignment.split_once('=') else {
            return self.note(number, &word, "is not used, as a variable is written --env:NAME=VALUE");
        };
        let name = name.strip_suffix('+').unwrap_or(name);
        if FOLDERS.contains(&name) {
            self.chosen.kept.push(word);
        } else {
            let names = FOLDERS.join(", ");
            self.note(number, &word, &format!("is not used, as a piece can only set {names}"));
        }
    }

    /// `-+NAME=VALUE`.
    fn module(&mut self, number: usize, rest: &str) {
        let reason = match rest.split('=').next().unwrap_or_default() {
            "rtaudio" | "jack_client" | "jack_inportname" | "jack_outportname" | "server" => {
                Reason::HostPlays
            }
            "rtmidi" | "raw_controller_mode" => Reason::HostMidi,
            _ => Reason::SetHere,
        };
        self.drop_it(number, &format!("-+{rest}"), reason);
    }

    fn drop_it(&mut self, number: usize, option: &str, reason: Reason) {
        self.note(number, option, &format!("is {}", reason.words()));
    }

    fn note(&mut self, number: usize, option: &str, why: &str) {
        self.chosen.notes.push(format!("<CsOptions>, line {number}: {option} {why}"));
    }
}

fn split_at_end_of_digits<'a>(rest: &mut &'a str) -> &'a str {
    let end = rest.find(|next: char| !next.is_ascii_digit()).unwrap_or(rest.len());
    let (digits, after) = rest.split_at(end);
    *rest = after;
    digits
}

/// The number that begins a text: whole, or for the tempo with decimals and exponent. `inf` and
/// `nan`, which Csound reads too, stay together, so that they are refused as one.
fn split_at_end_of_number<'a>(letter: char, rest: &mut &'a str) -> &'a str {
    let bytes = rest.as_bytes();
    let digits = |from: usize| bytes[from..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let sign = usize::from(matches!(bytes.first(), Some(b'+' | b'-')));
    let mut end = sign + digits(sign);
    if letter == 't' {
        let mut found = end > sign;
        if bytes.get(end) == Some(&b'.') {
            let decimals = digits(end + 1);
            found |= decimals > 0;
            end += if found { 1 + decimals } else { 0 };
        }
        if found && matches!(bytes.get(end), Some(b'e' | b'E')) {
            let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
            let exponent = digits((end + 1 + sign).min(bytes.len()));
            end += if exponent > 0 { 1 + sign + exponent } else { 0 };
        }
        if !found {
            end = rest.len();
        }
    } else if end == sign {
        end = 0;
    }
    let (number, after) = rest.split_at(end);
    *rest = after;
    number
}

#[cfg(test)]
mod tests;
