//! Which of a piece's `<CsOptions>` reach Csound. Pure.
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
//! | `-m`, `--messagelevel=` | how much Csound says |
//! | `--env:` | environment, but not where opcodes are loaded from |
//!
//! Everything else is dropped with a note: the host plays the sound and sets the rate, and the rest
//! would reach out of the piece or end Csound.

/// The outcome for one piece.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Chosen {
    /// Arguments for Csound.
    pub kept: Vec<String>,
    /// Notes for the console, one for each option dropped.
    pub notes: Vec<String>,
    /// Whether `--sample-accurate` is among them.
    pub sample_accurate: bool,
}

/// What a kept option's value must be.
#[derive(Clone, Copy)]
enum Value {
    /// A number above zero.
    Positive,
    /// A whole number above zero, at most this.
    Count(u32),
    /// Any number from zero.
    Number,
    /// Anything but nothing.
    Text,
}

impl Value {
    fn accepts(self, text: &str) -> bool {
        let number = || text.parse::<f64>().ok().filter(|number| number.is_finite());
        match self {
            Self::Positive => number().is_some_and(|number| number > 0.0),
            Self::Count(most) => text.parse().is_ok_and(|count: u32| (1..=most).contains(&count)),
            Self::Number => number().is_some_and(|number| number >= 0.0),
            Self::Text => !text.is_empty(),
        }
    }
}

/// Short options with a value that are kept.
const SHORT: [(char, Value); 4] =
    [('F', Value::Text), ('k', Value::Positive), ('t', Value::Number), ('m', Value::Number)];

/// Long options with a value that are kept.
const LONG: [(&str, Value); 14] = [
    ("--midifile", Value::Text),
    ("--control-rate", Value::Positive),
    ("--ksmps", Value::Count(65535)),
    ("--nchnls", Value::Count(256)),
    ("--nchnls_i", Value::Count(256)),
    ("--0dbfs", Value::Positive),
    ("--tempo", Value::Number),
    ("--messagelevel", Value::Number),
    ("--midi-key", Value::Count(1000)),
    ("--midi-key-cps", Value::Count(1000)),
    ("--midi-key-oct", Value::Count(1000)),
    ("--midi-key-pch", Value::Count(1000)),
    ("--midi-velocity", Value::Count(1000)),
    ("--midi-velocity-amp", Value::Count(1000)),
];

/// Short options that take a value, attached or as the next word, and are dropped.
const DROPPED_WITH_VALUE: &str = "oibBrMQLxUVOj@";

/// Chooses among the options as written in a piece.
pub fn choose(written: &str) -> Chosen {
    let mut chosen = Chosen::default();
    let words = words(written);
    let mut words = words.iter().map(String::as_str).peekable();
    while let Some(word) = words.next() {
        if let Some(long) = word.strip_prefix("--") {
            chosen.long(word, long);
        } else if let Some(letters) = word.strip_prefix('-') {
            let mut next = || words.next_if(|next| !next.starts_with('-')).map(str::to_owned);
            chosen.short(word, letters, &mut next);
        } else {
            chosen.drop_it(word, "it is no option");
        }
    }
    chosen
}

impl Chosen {
    fn long(&mut self, word: &str, long: &str) {
        if long == "sample-accurate" {
            self.sample_accurate = true;
            self.kept.push(word.to_owned());
            return;
        }
        if let Some((kind, rest)) = long.split_once(':') {
            return self.named(word, kind, rest);
        }
        let (name, value) = word.split_once('=').unwrap_or((word, ""));
        match LONG.iter().find(|(known, _)| *known == name) {
            Some((_, kind)) if kind.accepts(value) => self.kept.push(word.to_owned()),
            Some(_) => self.drop_it(word, "its value is none that Csound could use"),
            None => self.drop_it(word, reason_for_long(name)),
        }
    }

    /// `--env:NAME=VALUE`, `--omacro:NAME=VALUE`, `--smacro:NAME=VALUE`.
    fn named(&mut self, word: &str, kind: &str, rest: &str) {
        let name = rest.split(['=', '+']).next().unwrap_or_default();
        let whole = rest.contains('=') && !name.is_empty();
        match kind {
            "omacro" | "smacro" if !name.is_empty() => self.kept.push(word.to_owned()),
            "env" if whole && name.to_ascii_uppercase().starts_with("OPCODE") => {
                self.drop_it(word, "it would load program code from elsewhere");
            }
            "env" if whole => self.kept.push(word.to_owned()),
            _ => self.drop_it(word, "it is not complete or not known"),
        }
    }

    /// One word of short options: flags may be joined, and the last may take a value.
    fn short(&mut self, word: &str, letters: &str, next: &mut dyn FnMut() -> Option<String>) {
        if letters.starts_with('+') {
            return self.drop_it(word, "devices and modules are the host's");
        }
        let mut rest = letters.char_indices();
        while let Some((at, letter)) = rest.next() {
            let attached = &letters[at + letter.len_utf8()..];
            if let Some((_, kind)) = SHORT.iter().find(|(known, _)| *known == letter) {
                let Some(value) = value_of(attached, next) else {
                    return self.drop_it(word, "it has no value");
                };
                match kind.accepts(&value) {
                    true => self.kept.push(format!("-{letter}{value}")),
                    false => {
                        self.drop_it(&format!("-{letter}{value}"), "its value is none that Csound could use")
                    }
                }
                return;
            }
            if DROPPED_WITH_VALUE.contains(letter) {
                let value = value_of(attached, next).unwrap_or_default();
                return self.drop_it(&format!("-{letter}{value}"), reason_for_short(letter));
            }
            self.drop_it(&format!("-{letter}"), reason_for_short(letter));
            if matches!(letter, 'H' | 'z' | 'Z') {
                return;
            }
        }
    }

    fn drop_it(&mut self, option: &str, why: &str) {
        self.notes.push(format!("the option {option} is not used: {why}"));
    }
}

fn value_of(attached: &str, next: &mut dyn FnMut() -> Option<String>) -> Option<String> {
    if attached.is_empty() { next() } else { Some(attached.to_owned()) }
}

fn reason_for_short(letter: char) -> &'static str {
    match letter {
        'r' => "the host's sample rate is used",
        'o' | 'i' | 'b' | 'B' | 'W' | 'A' | 'J' | 'h' | 's' | 'f' | '3' | '8' | 'a' | 'u' | 'c' | 'n'
        | 'R' | 'K' => "the host plays and records the sound",
        'M' | 'Q' => "MIDI comes from and goes to the host",
        'd' | 'g' | 'G' | 'v' | 'N' | 'H' => "a plugin has no such display",
        '@' | 'L' | 'x' | 'U' | 'C' | 'D' | 'I' | 'z' | 'j' | 'O' => {
            "it would reach out of the piece or end it"
        }
        _ => "it is not among those that a piece can set here",
    }
}

fn reason_for_long(name: &str) -> &'static str {
    match name {
        "--sample-rate" => "the host's sample rate is used",
        "--output" | "--input" | "--nosound" | "--format" | "--wave" | "--aiff" | "--nodisplays"
        | "--displays" => "the host plays and records the sound",
        "--port" | "--daemon" | "--utility" | "--realtime" | "--sched" | "--num-threads" => {
            "it would reach out of the piece or end it"
        }
        _ => "it is not among those that a piece can set here",
    }
}

/// The words of the options: quotes hold spaces, `;` and `#` begin a comment.
fn words(written: &str) -> Vec<String> {
    let mut words = Vec::new();
    for line in written.lines() {
        let (mut word, mut quoted) = (String::new(), false);
        for character in line.chars() {
            match character {
                '"' => quoted = !quoted,
                ';' | '#' if !quoted && word.is_empty() => break,
                ';' if !quoted => break,
                space if space.is_whitespace() && !quoted => {
                    if !word.is_empty() {
                        words.push(std::mem::take(&mut word));
                    }
                }
                other => word.push(other),
            }
        }
        if !word.is_empty() {
            words.push(word);
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(written: &str) -> Vec<String> {
        choose(written).kept
    }

    #[test]
    fn what_shapes_the_sound_is_kept_in_every_form() {
        assert_eq!(kept("-k 4410 -t60 -m0 -F song.mid"), ["-k4410", "-t60", "-m0", "-Fsong.mid"]);
        assert_eq!(
            kept("--ksmps=10 --nchnls=2 --nchnls_i=1 --0dbfs=1"),
            ["--ksmps=10", "--nchnls=2", "--nchnls_i=1", "--0dbfs=1"]
        );
        assert_eq!(kept("--omacro:AMP=0.5 --smacro:N=3"), ["--omacro:AMP=0.5", "--smacro:N=3"]);
        assert_eq!(kept("--midi-key=4 --midi-velocity-amp=5"), ["--midi-key=4", "--midi-velocity-amp=5"]);
        assert_eq!(kept("--env:SSDIR+=sounds"), ["--env:SSDIR+=sounds"]);
        assert_eq!(kept("-dm6"), ["-m6"]);
        assert!(choose("--sample-accurate").sample_accurate);
    }

    #[test]
    fn what_the_host_does_or_what_is_dangerous_is_dropped_with_a_note_each() {
        for written in [
            "-odac",
            "-o dac",
            "-iadc",
            "-b 128",
            "-B1024",
            "-W",
            "-r 44100",
            "-M0",
            "-+rtaudio=jack",
            "--port=1000",
            "--daemon",
            "-L stdin",
            "--utility=cvanal",
            "-@file",
            "-j2",
            "--realtime",
            "-z",
            "-I",
            "--nope",
            "-y",
            "dac",
            "--env:OPCODE6DIR64=here",
            "--ksmps=0",
            "--ksmps=ten",
            "-k -5",
            "-t nan",
            "--nchnls=10000",
            "--0dbfs=0",
            "--omacro:",
        ] {
            let chosen = choose(written);
            assert_eq!(chosen.kept, [""; 0], "{written}");
            assert!(!chosen.notes.is_empty(), "{written}");
        }
        assert_eq!(choose("-d -odac -W").notes.len(), 3);
    }

    #[test]
    fn comments_and_quotes_are_understood() {
        assert_eq!(kept("; -m0\n# -m1\n-m2 ; -m3\n\"--omacro:A=b c\""), ["-m2", "--omacro:A=b c"]);
    }
}
