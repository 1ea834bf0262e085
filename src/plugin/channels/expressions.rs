//! The expressions of notes: channels named after a note's voice. Pure.
//!
//! A note's tuning, pressure and brightness are control channels named after its voice:
//!
//! ```csound
//! ktune   chnget sprintf("note.%d.tuning", p8)      ; semitones, -120 to 120, 0 at first
//! kpress  chnget sprintf("note.%d.pressure", p8)    ; 0 to 1, 0 at first
//! kbright chnget sprintf("note.%d.brightness", p8)  ; 0 to 1, 0.5 at first
//! ```
//!
//! Why the voice: a host's note ids are without bound and often missing, and a channel that a
//! piece has never had cannot be made on the audio thread; keys and channels are shared by
//! overlapping notes. Voices are few, so their channels can be made at the start of a piece that
//! mentions them ([`mentions_expressions`], [`expression_channels`]), and a voice is one p-field
//! away, while p1's fraction would have to be taken apart. Before a note begins, the three are at
//! rest ([`Expression::resting`]): whoever hands a note-on to Csound sets them in the same breath,
//! for an event of its own would wait for a k boundary and make the note wait with it.

/// Notes that can sound or be held by the pedal at a time, each with a voice of its own, from 1.
pub const VOICES: usize = 1023;

/// Most channels that a piece can read for each note besides its expressions.
pub const MODULATED: usize = 16;

/// The most names that are counted of a text.
const MOST_COUNTED: usize = 1000;

/// The most names in one sentence.
const MOST_NAMED: usize = 12;

/// What can be changed about one note while it sounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expression {
    /// Semitones from the key, -120 to 120.
    Tuning,
    /// 0 to 1.
    Pressure,
    /// 0 to 1.
    Brightness,
}

impl Expression {
    /// All of them, in the order of [`expression_channels`].
    pub const ALL: [Self; 3] = [Self::Tuning, Self::Pressure, Self::Brightness];

    /// The last part of its channels' names.
    pub fn name(self) -> &'static str {
        match self {
            Self::Tuning => "tuning",
            Self::Pressure => "pressure",
            Self::Brightness => "brightness",
        }
    }

    /// The value of a note that nothing was said about. The brightness is the middle, as that of
    /// MPE is.
    ///
    /// # Realtime safety
    /// Safe.
    pub fn resting(self) -> f64 {
        match self {
            Self::Tuning | Self::Pressure => 0.0,
            Self::Brightness => 0.5,
        }
    }

    /// The place of a voice's channel among [`expression_channels`].
    ///
    /// # Realtime safety
    /// Safe.
    pub fn index(self, voice: u16) -> usize {
        usize::from(voice).saturating_sub(1) * Self::ALL.len() + self as usize
    }
}

/// The names of all channels of expressions: those of voice 1, of voice 2, and so on.
pub fn expression_channels() -> impl Iterator<Item = String> {
    (1..=VOICES)
        .flat_map(|voice| Expression::ALL.map(|expression| format!("note.{voice}.{}", expression.name())))
}

/// Whether a piece's text names channels of expressions, so that they have to be made for it.
pub fn mentions_expressions(text: &str) -> bool {
    text.contains("\"note.")
}

/// The channels that a text reads for each note, as in `"note.%d.cutoff"`, in its order: at most [`MODULATED`].
pub fn modulated_channels(text: &str) -> Vec<&str> {
    let mut found = read_for_each_note(text);
    found.truncate(MODULATED);
    found
}

/// What is said of a text that reads more channels for each note than there can be.
pub fn too_many_modulated(text: &str) -> Option<String> {
    let found = read_for_each_note(text);
    let (more, rest) =
        found.get(MODULATED..)?.split_at_checked(MOST_NAMED).unwrap_or((&found[MODULATED..], &[]));
    let named: Vec<_> = more.iter().map(|name| format!("note.%d.{name}")).collect();
    let rest = if rest.is_empty() { String::new() } else { format!(" and {} more", rest.len()) };
    (!named.is_empty()).then(|| {
        format!(
            "the piece reads {} channels for each note, of which there can be {MODULATED}: {}{rest} stay at 0",
            found.len(),
            named.join(", ")
        )
    })
}

fn read_for_each_note(text: &str) -> Vec<&str> {
    let mut found: Vec<&str> = Vec::new();
    for after in text.split("\"note.%d.").skip(1) {
        let Some((name, _)) = after.split_once('"') else { break };
        let is_name = !name.is_empty() && !name.contains(['\n', '%', '\\', '$']);
        let is_expression = Expression::ALL.iter().any(|expression| expression.name() == name);
        if is_name && !is_expression && found.len() < MOST_COUNTED && !found.contains(&name) {
            found.push(name);
        }
    }
    found
}

/// Whether a channel is one of a note's expressions, which have no place in a channel bank.
pub fn is_expression_channel(name: &str) -> bool {
    let parts = name.strip_prefix("note.").and_then(|rest| rest.split_once('.'));
    parts.is_some_and(|(voice, kind)| {
        let known = Expression::ALL.iter().any(|expression| expression.name() == kind);
        known && voice.parse().is_ok_and(|voice| (1..=VOICES).contains(&voice))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_voice_has_its_channels() {
        let names: Vec<_> = expression_channels().collect();
        assert_eq!(names.len(), VOICES * 3);
        assert_eq!(names[..4], ["note.1.tuning", "note.1.pressure", "note.1.brightness", "note.2.tuning"]);
        assert_eq!(names[Expression::Brightness.index(VOICES as u16)], format!("note.{VOICES}.brightness"));
        assert!(names.iter().all(|name| is_expression_channel(name)));
        for other in ["note.0.tuning", "note.1024.tuning", "note.1.volume", "note.x.tuning", "note", "tuning"]
        {
            assert!(!is_expression_channel(other), "{other}");
        }
        assert!(mentions_expressions("k1 chnget sprintf(\"note.%d.tuning\", p8)"));
        assert!(!mentions_expressions("; every note. Really."));
    }

    #[test]
    fn what_a_piece_reads_for_each_note_is_found_in_its_text() {
        let text = "k1 chnget sprintf(\"note.%d.tuning\", p8)\nk2 chnget sprintf(\"note.%d.cut off\", p8)\n\
                    k3 chnget sprintf(\"note.%d.q\", p8)\nk4 chnget sprintf(\"note.%d.q\", p8) \"note.%d.\" \
                    \"note.%d.%s\" \"note.%d.broken\n\" \"note.%d.open";
        assert_eq!(modulated_channels(text), ["cut off", "q"]);
        let many: String = (0..40).map(|number| format!("\"note.%d.c{number}\"")).collect();
        assert_eq!(modulated_channels(&many).len(), MODULATED);
        let told = too_many_modulated(&many).unwrap();
        for words in ["reads 40 channels", "can be 16: note.%d.c16, ", "note.%d.c27 and 12 more stay"] {
            assert!(told.contains(words), "{words}: {told}");
        }
        let seventeen: String = (0..17).map(|number| format!("\"note.%d.c{number}\"")).collect();
        assert!(too_many_modulated(&seventeen).unwrap().contains(": note.%d.c16 stay"));
        // One that is named twice is one.
        let sixteen: String = (0..32).map(|number| format!("\"note.%d.c{}\"", number / 2)).collect();
        assert_eq!((too_many_modulated(&sixteen), too_many_modulated(text)), (None, None));
    }
}
