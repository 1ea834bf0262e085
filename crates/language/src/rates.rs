//! The letters of Csound's types, and which values fit them.

/// A value as it stands in a text, as far as its rate is certain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rate {
    /// A number, or what is one for the whole performance.
    Constant,
    /// A variable that is set when a note begins.
    Init,
    /// One that changes each k-cycle.
    Control,
    /// A signal.
    Audio,
    /// A text.
    Text,
    /// Frames of a spectrum.
    Spectrum,
    /// Anything.
    Unknown,
}

impl Rate {
    /// The rate that the name of a variable tells.
    pub fn of_name(name: &str) -> Self {
        const CONSTANTS: [&str; 7] = ["sr", "kr", "ksmps", "nchnls", "nchnls_i", "0dbfs", "A4"];
        if CONSTANTS.contains(&name) {
            return Self::Constant;
        }
        let own = name.strip_prefix('g').filter(|rest| !rest.is_empty()).unwrap_or(name);
        match own.chars().next() {
            Some('i') => Self::Init,
            Some('k') => Self::Control,
            Some('a') => Self::Audio,
            Some('S') => Self::Text,
            Some('f') => Self::Spectrum,
            _ => Self::Unknown,
        }
    }

    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Constant => "a number",
            Self::Init => "i-rate",
            Self::Control => "k-rate",
            Self::Audio => "audio rate",
            Self::Text => "a string",
            Self::Spectrum => "a spectrum",
            Self::Unknown => "anything",
        }
    }
}

/// A type of a list of types.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Type<'t> {
    /// Its letter, or the name of a type of Csound 7: `:InstrDef;`.
    pub name: &'t str,
    /// It is an array.
    pub is_array: bool,
}

impl Type<'_> {
    /// Whether it may be left out.
    pub fn is_optional(self) -> bool {
        matches!(self.name, "o" | "p" | "q" | "v" | "j" | "h" | "J" | "O" | "P" | "V" | "b") && !self.is_array
    }

    /// Whether any number of values may follow, none as well.
    pub fn repeats(self) -> bool {
        matches!(self.name, "m" | "M" | "n" | "N" | "*" | "y" | "z" | "Z" | "W" | "I" | "X" | "F")
            && !self.is_array
    }

    /// Whether a value fits. Where it is not certain that it does not, it does.
    pub fn takes(self, rate: Rate) -> bool {
        if rate == Rate::Unknown {
            return true;
        }
        if self.is_array || self.name.starts_with(':') {
            return false;
        }
        let is_number = matches!(rate, Rate::Constant | Rate::Init);
        match self.name {
            "i" | "o" | "p" | "q" | "v" | "j" | "h" | "m" | "n" | "I" => is_number,
            "k" | "J" | "O" | "P" | "V" | "z" => is_number || rate == Rate::Control,
            "x" | "X" => is_number || matches!(rate, Rate::Control | Rate::Audio),
            "a" | "y" => rate == Rate::Audio,
            "Z" => is_number || matches!(rate, Rate::Control | Rate::Audio),
            "S" | "W" => rate == Rate::Text,
            "T" => is_number || rate == Rate::Text,
            "U" => is_number || matches!(rate, Rate::Text | Rate::Control),
            "f" | "F" => rate == Rate::Spectrum,
            _ => true,
        }
    }

    /// How it is shown to a musician.
    pub fn shown(self) -> String {
        let name = match self.name {
            "o" | "p" | "q" | "v" | "j" | "h" | "m" | "n" | "I" => "i",
            "J" | "O" | "P" | "V" | "z" => "k",
            "y" => "a",
            "W" => "S",
            "T" => "S|i",
            "U" => "S|k",
            "x" | "X" => "a|k",
            "Z" => "k|a",
            "F" => "f",
            "." | "?" | "*" | "M" | "N" => "any",
            "l" => "label",
            "B" | "b" => "condition",
            name => name.trim_start_matches(':').trim_end_matches(';'),
        };
        let mut shown = name.to_owned();
        if self.is_array {
            shown.push_str("[]");
        }
        if self.repeats() {
            shown.push('…');
        }
        shown
    }
}

/// The types of a list, as Csound writes it: a letter each, `[]` behind arrays, `:Name;` for types with names.
pub fn types(list: &str) -> Vec<Type<'_>> {
    let mut found: Vec<Type> = Vec::new();
    let mut at = 0;
    while let Some(next) = list[at..].chars().next() {
        let rest = &list[at..];
        let length = match next {
            ':' => rest.find(';').map_or(rest.len(), |end| end + 1),
            '[' | ']' => {
                if let Some(last) = found.last_mut() {
                    last.is_array = true;
                }
                at += 1;
                continue;
            }
            _ => next.len_utf8(),
        };
        found.push(Type { name: &rest[..length], is_array: false });
        at += length;
    }
    found
}

/// Whether values fit a list of types.
pub fn fit(list: &str, values: &[Rate]) -> bool {
    let types = types(list);
    let mut at = 0;
    for value in values {
        let Some(expected) = types.get(at) else { return false };
        if !expected.takes(*value) {
            return false;
        }
        if !expected.repeats() {
            at += 1;
        }
    }
    // What may be left out is.
    types[at..].iter().all(|left| left.is_optional() || left.repeats())
}

/// Whether the variables on the left of an opcode may take its results. Only what is certain speaks against it: signals
/// and numbers are not each other.
pub fn give(list: &str, variables: &[Rate]) -> bool {
    let types = types(list);
    let last = types.last().copied();
    variables.iter().enumerate().all(|(at, variable)| {
        let Some(given) = types.get(at).copied().or(last.filter(|last| last.repeats())) else { return false };
        if given.is_array || given.name.starts_with(':') {
            return *variable == Rate::Unknown;
        }
        match given.name {
            "a" => !matches!(variable, Rate::Init | Rate::Text | Rate::Control),
            "k" => !matches!(variable, Rate::Init | Rate::Text | Rate::Audio),
            "i" => !matches!(variable, Rate::Text | Rate::Audio),
            "S" => matches!(variable, Rate::Text | Rate::Unknown),
            _ => true,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_both_generations_are_read() {
        let of = |list: &'static str| types(list).iter().map(|kind| kind.shown()).collect::<Vec<_>>();
        assert_eq!(of("akjo"), ["a", "k", "i", "i"]);
        assert_eq!(of(":Csound;k[]S"), ["Csound", "k[]", "S"]);
        assert_eq!(of("iim"), ["i", "i", "i…"]);
    }

    #[test]
    fn values_fit_or_do_not() {
        use Rate::{Audio, Constant, Control, Init, Text, Unknown};
        assert!(fit("kkjo", &[Constant, Control]));
        assert!(fit("kkjo", &[Init, Control, Constant, Constant]));
        assert!(!fit("kkjo", &[Constant]), "too few");
        assert!(!fit("kkjo", &[Audio, Control]), "a signal");
        assert!(!fit("kkjo", &[Constant; 5]), "too many");
        assert!(!fit("i", &[Control]));
        assert!(fit("iim", &[Constant; 9]) && fit("iim", &[Constant; 2]));
        assert!(!fit("S", &[Constant]) && fit("S", &[Text]) && fit("S", &[Unknown]));
        assert!(!fit("", &[Constant]) && fit("", &[]));
    }

    #[test]
    fn results_are_taken_or_not() {
        assert!(give("a", &[Rate::Audio]) && !give("a", &[Rate::Control]));
        assert!(!give("", &[Rate::Audio]), "it has none");
        assert!(give("mmmm", &[Rate::Audio, Rate::Audio]), "as many as are wanted");
        assert!(give("k", &[Rate::Unknown]));
    }
}
