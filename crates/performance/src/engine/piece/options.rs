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
//! | `--env:` | the folders in which a piece finds its files |
//!
//! Everything else is dropped with a note: the host plays the sound and sets the rate, and the rest
//! would reach out of the piece or end Csound.
//!
//! [`Reader`] splits the lines into words and [`choose`] reads the words, both as Csound 6.18 does:
//! each line is a command line of its own, and a value does not come from the next one.

/// The environment variables a piece may set. Others decide which code and options Csound loads.
const FOLDERS: [&str; 8] =
    ["SSDIR", "SFDIR", "SADIR", "INCDIR", "MFDIR", "RAWWAVE_PATH", "SNAPDIR", "CS_UDO_DIR"];

/// The end of the section, at the beginning of a line.
const END: &str = "</CsOptions>";

/// One line of `<CsOptions>`, in words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OptionLine {
    /// Its number in the piece, from 1.
    pub number: usize,
    /// The words, without the name of a command before them.
    pub words: Vec<String>,
    /// The first word of a line that does not begin with an option: for Csound, the command's name.
    pub command: Option<String>,
    /// What Csound leaves unread: the rest of a line after a quoted value or a block comment.
    pub unread: Option<String>,
    /// Whether a quote is never closed.
    pub open_quote: bool,
}

/// Reads the lines of one `<CsOptions>` section.
#[derive(Debug, Default)]
pub struct Reader {
    /// What was read so far.
    pub lines: Vec<OptionLine>,
    in_comment: bool,
}

impl Reader {
    /// Takes the next line, without its line end. Returns whether it was the section's end.
    pub fn line(&mut self, number: usize, text: &str) -> bool {
        if self.in_comment {
            // The end of the section does not count inside a comment.
            let Some(end) = text.find("*/") else { return false };
            self.in_comment = false;
            let rest = text[end + 2..].trim();
            if let (false, Some(line)) = (rest.is_empty(), self.lines.last_mut()) {
                line.unread = Some(rest.to_owned());
            }
            return false;
        }
        let text = text.trim_matches(is_blank);
        if text.starts_with(END) {
            return true;
        }
        if text.is_empty() || begins_comment(text) {
            return false;
        }
        let mut line = OptionLine { number, ..OptionLine::default() };
        self.in_comment = read_words(text, &mut line);
        self.lines.push(line);
        false
    }
}

fn is_blank(character: char) -> bool {
    matches!(character, ' ' | '\t')
}

fn begins_comment(text: &str) -> bool {
    text.starts_with([';', '#']) || text.starts_with("//")
}

/// Splits a line. Returns whether a block comment stays open.
fn read_words(text: &str, line: &mut OptionLine) -> bool {
    let mut rest = text;
    let mut first = true;
    let mut comment = false;
    while !rest.is_empty() {
        // A comment begins only where a word could, and not as the line's first word.
        if !first && begins_comment(rest) {
            break;
        }
        if let (false, Some(inner)) = (first, rest.strip_prefix("/*")) {
            match inner.find("*/") {
                Some(end) => leave_unread(&inner[end + 2..], line),
                None => comment = true,
            }
            break;
        }
        let quoted_word = !first && rest.starts_with('"');
        let (word, after, ended) = next_word(rest, quoted_word, line);
        match first && !text.starts_with('-') {
            true => line.command = Some(word),
            false => line.words.push(word),
        }
        first = false;
        rest = after.trim_start_matches(is_blank);
        if ended {
            leave_unread(rest, line);
            break;
        }
    }
    comment
}

fn leave_unread(rest: &str, line: &mut OptionLine) {
    let rest = rest.trim();
    if !rest.is_empty() && !begins_comment(rest) {
        line.unread = Some(rest.to_owned());
    }
}

/// The next word, what follows it, and whether Csound reads no further: it stops after a quote that
/// closes inside a word and is followed by a blank, but not after a word that is quoted as a whole.
fn next_word<'a>(text: &'a str, whole: bool, line: &mut OptionLine) -> (String, &'a str, bool) {
    let mut word = String::new();
    let mut characters = text.char_indices().peekable();
    let mut whole = whole;
    let mut previous = ' ';
    while let Some((at, character)) = characters.next() {
        if is_blank(character) && previous != '\\' {
            return (word, &text[at..], false);
        }
        if character != '"' || previous == '\\' {
            word.push(character);
            previous = character;
            continue;
        }
        let mut closed = false;
        while let Some((_, inner)) = characters.next() {
            match (inner, characters.peek()) {
                ('"', _) => {
                    closed = true;
                    break;
                }
                ('\\', Some((_, '"'))) => {
                    word.push('"');
                    characters.next();
                }
                _ => word.push(inner),
            }
        }
        if !closed {
            line.open_quote = true;
            return (word, "", true);
        }
        previous = '"';
        let at_end = characters.peek().is_none_or(|(_, next)| is_blank(*next));
        if at_end && !whole {
            let after = characters.peek().map_or("", |(next, _)| &text[*next..]);
            return (word, after, true);
        }
        whole = false;
    }
    (word, "", false)
}

/// The outcome for one piece.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Chosen {
    /// Arguments for Csound.
    pub kept: Vec<String>,
    /// Notes for the console, one for each option dropped.
    pub notes: Vec<String>,
    /// Whether `--sample-accurate` is among them.
    pub sample_accurate: bool,
    /// The file of the last `-F`.
    pub midi_file: Option<String>,
}

/// Chooses among the options as written in a piece.
pub fn choose(lines: &[OptionLine]) -> Chosen {
    let mut chosen = Chosen::default();
    for line in lines {
        chosen.line(line);
    }
    chosen
}

/// Why an option is dropped, in a musician's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reason {
    HostPlays,
    HostRate,
    HostMidi,
    NoDisplay,
    Network,
    Lines,
    Threads,
    Program,
    Files,
    Ends,
    ScoreFile,
    SetHere,
    Unknown,
}

impl Reason {
    fn words(self) -> &'static str {
        match self {
            Self::HostPlays => "not needed, as the host plays and records the sound",
            Self::HostRate => "not used, as the host's sample rate wins",
            Self::HostMidi => "not used, as MIDI comes from the host and goes to it",
            Self::NoDisplay => "not used, as graphs and verbose listings have no place in a plugin",
            Self::Network => "not used, as it would open the computer to the network",
            Self::Lines => "not used, as events come from the host and not from a terminal",
            Self::Threads => {
                "not used, as threads and real-time modes of Csound's own would disturb the host's audio"
            }
            Self::Program => "not used, as it would run or load other program code",
            Self::Files => "not used, as it would read options from, or write into, files of yours",
            Self::Ends => "not used, as it would end Csound instead of performing",
            Self::ScoreFile => "not used, as it would write the sorted score into a file",
            Self::SetHere => "not used, as it is not among the options that a piece can set here",
            Self::Unknown => "not used, as Csound does not know it and would end",
        }
    }
}

/// What a short option has behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operand {
    /// Nothing: the next letter is the next option.
    None,
    /// Digits, perhaps: the letters behind them are options.
    Digits,
    /// A number, attached or as the next word: the letters behind it are options.
    Number,
    /// All of the word's rest, or the next word.
    Rest,
}

/// How Csound 6.18 reads a short option.
fn operand(letter: char) -> Operand {
    match letter {
        'H' | 'z' | 'Z' => Operand::Digits,
        'b' | 'B' | 'm' | 't' | 'j' => Operand::Number,
        'i' | 'o' | 'x' | 'L' | 'M' | 'F' | 'Q' | '@' | 'O' | 'U' | 'r' | 'k' => Operand::Rest,
        _ => Operand::None,
    }
}

fn reason_for_short(letter: char) -> Reason {
    match letter {
        'r' => Reason::HostRate,
        'o' | 'i' | 'b' | 'B' | 'W' | 'A' | 'J' | 'h' | 'c' | 'a' | 'u' | '8' | 's' | '3' | 'l' | 'f'
        | 'n' | 'R' | 'K' | 'Z' => Reason::HostPlays,
        'M' | 'Q' => Reason::HostMidi,
        'd' | 'g' | 'G' | 'v' | 'N' | 'H' => Reason::NoDisplay,
        'L' => Reason::Lines,
        'j' => Reason::Threads,
        'U' | 'C' => Reason::Program,
        '@' | 'O' | 'x' => Reason::Files,
        'I' | 'z' => Reason::Ends,
        'D' | 'T' => Reason::SetHere,
        _ => Reason::Unknown,
    }
}

/// The reason for a long option, by its name without dashes, `=` and what follows it.
fn reason_for_long(name: &str) -> Reason {
    match name {
        "sample-rate" | "use-system-sr" => Reason::HostRate,
        "output" | "input" | "nosound" | "format" | "wave" | "aiff" | "au" | "ircam" | "ogg" | "mpeg"
        | "noheader" | "nopeaks" | "rewrite" | "iobufsamps" | "hardwarebufsamps" | "limiter" | "dither"
        | "dither-triangular" | "dither-uniform" | "vbr" | "vbr-quality" => Reason::HostPlays,
        "midi-device" | "midioutfile" => Reason::HostMidi,
        "nodisplays" | "displays" | "asciidisplay" | "postscriptdisplay" | "verbose" | "notify"
        | "heartbeat" => Reason::NoDisplay,
        "port" | "daemon" | "udp-echo" | "udp-console" | "udp-mirror-console" => Reason::Network,
        "score-in" => Reason::Lines,
        "num-threads" | "realtime" | "sched" => Reason::Threads,
        "utility" | "opcode-dir" | "opcode-lib" | "opcode-omit" | "pyvar" | "cscore" => Reason::Program,
        "logfile" | "extract-score" => Reason::Files,
        "keep-sorted-score" | "simple-sorted-score" => Reason::ScoreFile,
        "version" | "help" | "i-only" | "syntax-check-only" | "list-opcodes" | "list-opcodes0"
        | "list-opcodes1" | "list-opcodes2" | "list-opcodes3" | "devices" | "midi-devices"
        | "get-system-sr" | "print_version" => Reason::Ends,
        "terminate-on-midi" | "defer-gen1" | "sinesize" | "aft-zero" | "fftlib" | "default-ksmps"
        | "messageolevel" | "m-amps" | "m-range" | "m-warnings" | "m-dB" | "m-raw" | "m-colours"
        | "m-colors" | "m-benchmarks" | "csd-line-nums" | "orc" | "sco-parser" | "new-parser"
        | "old-parser" | "expression-opt" | "no-expression-opt" | "default-paths" | "no-default-paths" => {
            Reason::SetHere
        }
        _ if name.starts_with("strset") => Reason::SetHere,
        _ => Reason::Unknown,
    }
}

/// What a kept option's value must be.
#[derive(Clone, Copy)]
enum Value {
    /// Control cycles a second, above zero.
    Rate,
    /// Beats a minute, above zero.
    Tempo,
    /// A whole number from one, at most this.
    Count(u32),
    /// A sum of message flags.
    Level,
    /// Full scale, of which Csound reads the whole part.
    FullScale,
    /// The name of a MIDI file.
    MidiFile,
}

impl Value {
    /// What the value should have been, where it is not.
    fn refuses(self, text: &str) -> Option<String> {
        let number = text.parse::<f64>().ok().filter(|number| number.is_finite());
        let within = |low: f64, high: f64| number.is_some_and(|number| number > low && number <= high);
        let wanted = match self {
            Self::Rate if within(0.0, 1e6) => return None,
            Self::Rate => "a number of control cycles a second above 0".to_owned(),
            Self::Tempo if within(0.0, 1e6) => return None,
            Self::Tempo => "a number of beats a minute above 0 (0 would write a file)".to_owned(),
            Self::Count(most) if text.parse().is_ok_and(|count: u32| (1..=most).contains(&count)) => {
                return None;
            }
            Self::Count(most) => format!("a whole number from 1 to {most}"),
            Self::Level if text.parse().is_ok_and(|level: u32| level <= 0xffff) => return None,
            Self::Level => "a whole number from 0 to 65535".to_owned(),
            Self::FullScale if number.is_some() && (1..=1 << 30).contains(&whole_part(text)) => return None,
            Self::FullScale => "a whole number from 1 (Csound reads no decimals here)".to_owned(),
            Self::MidiFile if !matches!(text, "" | "stdin") => return None,
            Self::MidiFile => "the name of a MIDI file".to_owned(),
        };
        Some(wanted)
    }
}

/// The digits that a number begins with, as a number.
fn whole_part(text: &str) -> u64 {
    let text = text.strip_prefix('+').unwrap_or(text);
    let digits = text.find(|next: char| !next.is_ascii_digit()).unwrap_or(text.len());
    text[..digits].parse().unwrap_or(0)
}

/// Long options with a value that are kept.
const LONG: [(&str, Value); 14] = [
    ("midifile", Value::MidiFile),
    ("control-rate", Value::Rate),
    ("ksmps", Value::Count(65535)),
    ("nchnls", Value::Count(256)),
    ("nchnls_i", Value::Count(256)),
    ("0dbfs", Value::FullScale),
    ("tempo", Value::Tempo),
    ("messagelevel", Value::Level),
    ("midi-key", Value::Count(1000)),
    ("midi-key-cps", Value::Count(1000)),
    ("midi-key-oct", Value::Count(1000)),
    ("midi-key-pch", Value::Count(1000)),
    ("midi-velocity", Value::Count(1000)),
    ("midi-velocity-amp", Value::Count(1000)),
];

/// Short options that are kept.
const SHORT: [(char, Value); 4] =
    [('F', Value::MidiFile), ('k', Value::Rate), ('t', Value::Tempo), ('m', Value::Level)];

impl Chosen {
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
                (None, Some(_)) => self.drop_it(number, &option, reason_for_short(letter)),
            }
            // Where Csound wants a number and finds none, the letters behind mean nothing.
            if operand(letter) == Operand::Number && value == Some("") {
                return;
            }
        }
    }

    fn long(&mut self, number: usize, long: &str) {
        let word = format!("--{long}");
        if long == "sample-accurate" {
            self.sample_accurate = true;
            self.kept.push(word);
            return;
        }
        if let Some((kind @ ("omacro" | "smacro"), definition)) = long.split_once(':') {
            return self.macro_definition(number, word.clone(), kind, definition);
        }
        if let Some(assignment) = long.strip_prefix("env:") {
            return self.environment(number, word.clone(), assignment);
        }
        let (name, value) = long.split_once('=').unwrap_or((long, ""));
        match LONG.iter().find(|(known, _)| *known == name) {
            Some((_, kind)) => self.keep(number, word.clone(), *kind, value),
            None => self.drop_it(number, &word, reason_for_long(name)),
        }
    }

    fn keep(&mut self, number: usize, option: String, kind: Value, value: &str) {
        if let Some(wanted) = kind.refuses(value) {
            return self.note(number, &option, &format!("is not used, as its value must be {wanted}"));
        }
        if let Value::MidiFile = kind {
            self.midi_file = Some(value.to_owned());
        }
        self.kept.push(option);
    }

    /// `--omacro:NAME=VALUE`, `--smacro:NAME=VALUE`.
    fn macro_definition(&mut self, number: usize, word: String, kind: &str, definition: &str) {
        let name = definition.split('=').next().unwrap_or_default();
        let good = name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
            && name.chars().all(|next| next.is_ascii_alphanumeric() || next == '_');
        match good {
            true => self.kept.push(word),
            false => {
                let why = format!("is not used, as a macro is written --{kind}:NAME=VALUE");
                self.note(number, &word, &why);
            }
        }
    }

    /// `--env:NAME=VALUE`, `--env:NAME+=VALUE`.
    fn environment(&mut self, number: usize, word: String, assignment: &str) {
        let Some((name, _)) = assignment.split_once('=') else {
            return self.note(number, &word, "is not used, as a variable is written --env:NAME=VALUE");
        };
        let name = name.strip_suffix('+').unwrap_or(name);
        match FOLDERS.contains(&name) {
            true => self.kept.push(word),
            false => {
                let names = FOLDERS.join(", ");
                self.note(number, &word, &format!("is not used, as a piece can only set {names}"));
            }
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
        self.notes.push(format!("<CsOptions>, line {number}: {option} {why}"));
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
mod tests {
    use super::*;

    fn read(written: &str) -> Chosen {
        let mut reader = Reader::default();
        for (index, line) in written.split('\n').enumerate() {
            reader.line(index + 1, line);
        }
        choose(&reader.lines)
    }

    fn kept(written: &str) -> Vec<String> {
        read(written).kept
    }

    #[test]
    fn what_shapes_the_sound_is_kept_in_every_form() {
        assert_eq!(kept("-k 4410 -t60 -m0 -F song.mid"), ["-k4410", "-t60", "-m0", "-Fsong.mid"]);
        assert_eq!(
            kept("--ksmps=10 --nchnls=2 --nchnls_i=1 --0dbfs=1"),
            ["--ksmps=10", "--nchnls=2", "--nchnls_i=1", "--0dbfs=1"]
        );
        assert_eq!(
            kept("--control-rate=100 --tempo=90.5 --messagelevel=7 --midifile=a.mid"),
            ["--control-rate=100", "--tempo=90.5", "--messagelevel=7", "--midifile=a.mid"]
        );
        assert_eq!(
            kept("--omacro:AMP=0.5 --smacro:N=3 --omacro:E"),
            ["--omacro:AMP=0.5", "--smacro:N=3", "--omacro:E"]
        );
        assert_eq!(kept("--midi-key=4 --midi-velocity-amp=5"), ["--midi-key=4", "--midi-velocity-amp=5"]);
        assert_eq!(kept("--env:SSDIR+=sounds"), ["--env:SSDIR+=sounds"]);
        assert!(read("--sample-accurate").sample_accurate);
        assert_eq!(read("-F \"my song.mid\"").midi_file.as_deref(), Some("my song.mid"));
    }

    #[test]
    fn joined_letters_are_read_one_by_one() {
        // Csound 6.18 reads -dm0 as -d -m0, -m0d as -m0 -d, and -d-ksmps=7 as -d --ksmps=7.
        assert_eq!(kept("-dm6"), ["-m6"]);
        assert_eq!(kept("-m6dt60.5W"), ["-m6", "-t60.5"]);
        assert_eq!(kept("-m 6d -t 60"), ["-m6", "-t60"]);
        assert_eq!(kept("-d-ksmps=7"), ["--ksmps=7"]);
        assert_eq!(kept("-H5m1"), ["-m1"]);
        assert_eq!(read("-b128B1024W").notes.len(), 3);
        // The rest of these words is a value and no more letters.
        assert_eq!(kept("-odacm0"), [""; 0]);
        assert_eq!(read("-odac").notes.len(), 1);
        assert_eq!(read("-d -odac -W").notes.len(), 3);
    }

    #[test]
    fn a_value_stays_in_its_line_and_begins_with_no_dash() {
        // Csound 6.18 ends with "no control rate" for both.
        assert_eq!(kept("-k\n4410"), [""; 0]);
        assert_eq!(kept("-k -m0"), ["-m0"]);
        assert_eq!(read("-k\n4410").notes.len(), 2);
        assert_eq!(kept("--ksmps 7"), [""; 0]);
        assert_eq!(kept("--ksmps= 7"), [""; 0]);
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
            "-r44100",
            "-M0",
            "-Q1",
            "-+rtaudio=jack",
            "-+rtmidi=null",
            "--port=1000",
            "--daemon",
            "-L stdin",
            "--utility=cvanal",
            "-U cvanal",
            "-@file",
            "-@ file",
            "-j2",
            "--realtime",
            "-z",
            "-z1",
            "-I",
            "--nope",
            "-y",
            "-;",
            "-é",
            "dac",
            "--env:OPCODE6DIR64=here",
            "--env:CSOUND6RC=here",
            "--env:HOME=/x",
            "--env:X",
            "--env:=x",
            "--ksmps=0",
            "--ksmps=-5",
            "--ksmps=65536",
            "--ksmps=ten",
            "--ksmps=",
            "-k-5",
            "-kfoo",
            "-k inf",
            "-t nan",
            "-t-5",
            "-t0",
            "-t 0",
            "-tfoo",
            "-mfoo",
            "-m-1",
            "-m",
            "--tempo=0",
            "--nchnls=10000",
            "--nchnls=0",
            "--0dbfs=0",
            "--0dbfs=0.5",
            "--0dbfs=-1",
            "--0dbfs=x",
            "--omacro:",
            "--omacro:=3",
            "--omacro:1=2",
            "--smacro:a-b=1",
            "--midi-key=2000",
            "--midi-key=0",
            "--midi-key=foo",
            "-F",
            "-F stdin",
            "--midifile=stdin",
            "--midifile=",
            "--",
            "--Sample-accurate",
            "--sample-accurate=1",
            "--OMACRO:M=1",
            "--keep-sorted-score",
            "--logfile=x",
            "-O x",
            "-x f",
            "--version",
            "--help",
            "--devices",
            "--sched=99",
            "-T",
            "-D",
        ] {
            let chosen = read(written);
            assert_eq!(chosen.kept, [""; 0], "{written}");
            assert_eq!(chosen.notes.len(), 1, "{written}: {:?}", chosen.notes);
            assert!(!chosen.sample_accurate && chosen.midi_file.is_none(), "{written}");
        }
    }

    #[test]
    fn a_note_names_line_option_and_reason() {
        assert_eq!(
            read("\n-m0 -odac").notes,
            ["<CsOptions>, line 2: -odac is not needed, as the host plays and records the sound"]
        );
        assert!(read("-r 44100").notes[0].contains("-r44100 is not used, as the host's sample rate wins"));
        assert!(read("--port=9").notes[0].contains("network"));
        assert!(read("--ksmps=x").notes[0].contains("from 1 to 65535"));
    }

    #[test]
    fn comments_begin_where_a_word_could() {
        // Csound 6.18 ends with "unknown flag -;" for the last one.
        assert_eq!(kept("; -m0\n# -m1\n// -m5\n-m2 ; -m3\n-m3 # x\n-m4 // x"), ["-m2", "-m3", "-m4"]);
        assert_eq!(read("; -d\n# -d\n// -d\n  ; -d").notes, [""; 0]);
        assert_eq!(read("-m0;x").notes.len(), 2);
        assert_eq!(kept("-m0;x"), ["-m0"]);
    }

    #[test]
    fn after_a_block_comment_nothing_of_the_line_is_read() {
        let chosen = read("-m2 /* x */ --ksmps=7\n-t60");
        assert_eq!(chosen.kept, ["-m2", "-t60"]);
        assert!(chosen.notes[0].contains("--ksmps=7 is not used"), "{:?}", chosen.notes);
        // Over several lines it hides even the section's end, as in Csound 6.18.
        assert_eq!(kept("-m2 /* x\n</CsOptions>\n-m4 */ -m5\n-m3"), ["-m2", "-m3"]);
    }

    #[test]
    fn quotes_are_read_as_csound_reads_them() {
        assert_eq!(kept("-d \"--omacro:M=a b\" --ksmps=7"), ["--omacro:M=a b", "--ksmps=7"]);
        assert_eq!(kept("-d --omacro:M=a\"b c\"d --ksmps=7"), ["--omacro:M=ab cd", "--ksmps=7"]);
        assert_eq!(kept("-F \"my song.mid\" -m0"), ["-Fmy song.mid", "-m0"]);
        // Csound 6.18 reads no further after a quote that closes inside a word before a blank.
        let chosen = read("--omacro:M=\"a b\" --ksmps=7");
        assert_eq!(chosen.kept, ["--omacro:M=a b"]);
        assert!(chosen.notes[0].contains("--ksmps=7"), "{:?}", chosen.notes);
        // A quoted first word is the command's name.
        assert_eq!(read("\"--omacro:M=a b\"").kept, [""; 0]);
        assert_eq!(read("\"--omacro:M=a b\"").notes.len(), 1);
        // A blank behind a backslash does not end a word.
        assert_eq!(kept("-d --omacro:M=a\\ b -m0"), ["--omacro:M=a\\ b", "-m0"]);
        assert_eq!(kept("-d --omacro:M=\"a\\\"b\""), ["--omacro:M=a\"b"]);
        assert_eq!(read("-m0 --omacro:M=\"a b").kept, [""; 0]);
        assert_eq!(read("-m0 --omacro:M=\"a b").notes.len(), 1);
    }

    #[test]
    fn the_command_before_the_options_is_no_option() {
        assert_eq!(kept("csound -m0 piece.csd"), ["-m0"]);
        assert_eq!(read("csound -m0 piece.csd").notes.len(), 1);
        assert_eq!(kept("foo -m0"), ["-m0"]);
        assert_eq!(read("csound -m0").notes, [""; 0]);
    }
}
