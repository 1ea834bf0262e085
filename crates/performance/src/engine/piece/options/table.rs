//! Csound's options: how each is read, which are kept, and why the others are not.

use csound_library::Generation;

/// Why an option is dropped, in a musician's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reason {
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
    Code,
    Arguments,
    SetHere,
    Unknown,
}

impl Reason {
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::HostPlays => "not needed, as the host plays and records the sound",
            Self::HostRate => "not used, as the host's sample rate wins",
            Self::HostMidi => "not used, as MIDI comes from the host and goes to it",
            Self::NoDisplay => {
                "not needed: graphs are shown where the panel has a signaldisplay, and verbose listings have no place here"
            }
            Self::Network => "not used, as it would open the computer to the network",
            Self::Lines => "not used, as events come from the host and not from a terminal",
            Self::Threads => {
                "not used, as threads and real-time modes of Csound's own would disturb the host's audio"
            }
            Self::Program => "not used, as it would run or load other program code",
            Self::Files => "not used, as it would read options from, or write into, files of yours",
            Self::Ends => "not used, as it would end Csound instead of performing",
            Self::ScoreFile => "not used, as it would write the sorted score into a file",
            Self::Code => "not used, as code and events of a piece stand in <CsInstruments> and <CsScore>",
            Self::Arguments => "not used, as a piece gets no arguments from a command line here",
            Self::SetHere => "not used, as it is not among the options that a piece can set here",
            Self::Unknown => "not used, as Csound does not know it",
        }
    }
}

/// The operand of a short option.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operand {
    /// Nothing: the next letter is the next option.
    None,
    /// Digits, perhaps: the letters behind them are options.
    Digits,
    /// A number, attached or as the next word: the letters behind it are options.
    Number,
    /// All of the word's rest, or the next word.
    Rest,
}

/// The operand that Csound reads behind a short option.
pub(super) fn operand(letter: char) -> Operand {
    match letter {
        'H' | 'z' | 'Z' => Operand::Digits,
        'b' | 'B' | 'm' | 't' | 'j' => Operand::Number,
        'i' | 'o' | 'x' | 'L' | 'M' | 'F' | 'Q' | '@' | 'O' | 'U' | 'r' | 'k' => Operand::Rest,
        _ => Operand::None,
    }
}

pub(super) fn reason_for_short(letter: char, generation: Generation) -> Reason {
    match letter {
        // Csound 7 has no scores that a program in C makes.
        'C' if generation == Generation::Seven => Reason::Unknown,
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
pub(super) fn reason_for_long(name: &str, generation: Generation) -> Reason {
    match (generation, name) {
        (Generation::Six, _) => reason_in_six(name),
        (Generation::Seven, "code" | "events") => Reason::Code,
        (
            Generation::Seven,
            "suppress-version"
            | "print-version"
            | "run-unit-tests"
            | "error-deprecated"
            | "no-deprecated-warnings",
        ) => Reason::SetHere,
        (Generation::Seven, "opcode-omit" | "cscore") => Reason::Unknown,
        (Generation::Seven, _) => reason_in_six(name),
    }
}

fn reason_in_six(name: &str) -> Reason {
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

/// The kind of a kept option's value.
#[derive(Clone, Copy)]
pub(super) enum ValueKind {
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

impl ValueKind {
    /// A description of the right values, if this is not one.
    pub(super) fn refuses(self, text: &str) -> Option<String> {
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
pub(super) const LONG: [(&str, ValueKind); 14] = [
    ("midifile", ValueKind::MidiFile),
    ("control-rate", ValueKind::Rate),
    ("ksmps", ValueKind::Count(65535)),
    ("nchnls", ValueKind::Count(256)),
    ("nchnls_i", ValueKind::Count(256)),
    ("0dbfs", ValueKind::FullScale),
    ("tempo", ValueKind::Tempo),
    ("messagelevel", ValueKind::Level),
    ("midi-key", ValueKind::Count(1000)),
    ("midi-key-cps", ValueKind::Count(1000)),
    ("midi-key-oct", ValueKind::Count(1000)),
    ("midi-key-pch", ValueKind::Count(1000)),
    ("midi-velocity", ValueKind::Count(1000)),
    ("midi-velocity-amp", ValueKind::Count(1000)),
];

/// Those that only Csound 7 has. A depth of hundreds of thousands ends it.
pub(super) const LONG_OF_SEVEN: [(&str, ValueKind); 1] = [("recursion-depth", ValueKind::Count(10_000))];

/// Short options that are kept.
pub(super) const SHORT: [(char, ValueKind); 4] =
    [('F', ValueKind::MidiFile), ('k', ValueKind::Rate), ('t', ValueKind::Tempo), ('m', ValueKind::Level)];
