//! The settings of an instance: what is set once rather than played. All but the first and the last two are parameters
//! of the host's.
//! Beside plugin and editor, for both.

/// A setting. Choices are counted from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Setting {
    /// By which Csound pieces perform. No parameter: it is a session's, as the piece is.
    Csound,
    /// How notes reach the piece.
    NoteMode,
    /// The instrument that score-event notes start.
    NoteInstrument,
    /// What happens at the end of the score.
    AtEnd,
    /// When k-cycles are performed.
    Timing,
    /// Whether they are performed while the host goes on.
    Pipelined,
    /// Whether score events begin on their exact frame.
    SampleAccurate,
    /// In decibels.
    Gain,
    /// The bits of the next recording.
    RecordBits,
    /// The buffers of its ring.
    RecordBuffers,
    /// The MIDI channel of the remote control, 0 for none.
    RemoteChannel,
    /// The program changes that choose presets. No parameter: it is a session's.
    Programs,
    /// Whether each note has a MIDI channel of its own. No parameter: it is a session's.
    Mpe,
}

/// What can be set.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum SettingKind {
    /// One of these.
    Choice(&'static [&'static str]),
    /// A whole number between two, with the words for the least where it has some.
    Whole(f64, f64, Option<&'static str>),
    /// Decibels between two.
    Decibels(f64, f64),
}

impl SettingKind {
    /// The least and the greatest value.
    pub fn ends(self) -> (f64, f64) {
        match self {
            Self::Choice(items) => (0.0, items.len().saturating_sub(1) as f64),
            Self::Whole(least, greatest, _) | Self::Decibels(least, greatest) => (least, greatest),
        }
    }
}

/// The choices of [`Setting::Programs`].
const PROGRAMS: [&str; 18] = [
    "To the piece",
    "Channel 1",
    "Channel 2",
    "Channel 3",
    "Channel 4",
    "Channel 5",
    "Channel 6",
    "Channel 7",
    "Channel 8",
    "Channel 9",
    "Channel 10",
    "Channel 11",
    "Channel 12",
    "Channel 13",
    "Channel 14",
    "Channel 15",
    "Channel 16",
    "Every channel",
];

impl Setting {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Self; 13] = [
        Self::Csound,
        Self::NoteMode,
        Self::NoteInstrument,
        Self::AtEnd,
        Self::Timing,
        Self::Pipelined,
        Self::SampleAccurate,
        Self::Gain,
        Self::RecordBits,
        Self::RecordBuffers,
        Self::RemoteChannel,
        Self::Programs,
        Self::Mpe,
    ];

    /// The id of its parameter, or the name that it has in a session.
    pub fn id(self) -> &'static str {
        match self {
            Self::Csound => "csound",
            Self::NoteMode => "note_mode",
            Self::NoteInstrument => "note_instrument",
            Self::AtEnd => "at_end",
            Self::Timing => "timing",
            Self::Pipelined => "pipelined",
            Self::SampleAccurate => "sample_accurate",
            Self::Gain => "gain",
            Self::RecordBits => "record_bits",
            Self::RecordBuffers => "record_buffers",
            Self::RemoteChannel => "remote_channel",
            Self::Programs => "program_channel",
            Self::Mpe => "mpe",
        }
    }

    /// Whether the host has a parameter for it.
    pub fn is_parameter(self) -> bool {
        !matches!(self, Self::Csound | Self::Programs | Self::Mpe)
    }

    /// The words for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Csound => "Csound",
            Self::NoteMode => "Notes",
            Self::NoteInstrument => "Note instrument",
            Self::AtEnd => "At the end",
            Self::Timing => "Timing",
            Self::Pipelined => "Pipelined",
            Self::SampleAccurate => "Sample-accurate",
            Self::Gain => "Gain",
            Self::RecordBits => "Record bits",
            Self::RecordBuffers => "Record buffers",
            Self::RemoteChannel => "Remote channel",
            Self::Programs => "Program changes",
            Self::Mpe => "MPE",
        }
    }

    /// What it does, in a sentence.
    pub fn help(self) -> &'static str {
        match self {
            Self::Csound => {
                "By which Csound the piece performs. Auto: what the piece asks for, else the newest that is installed \
                 when a piece is opened; it stays so then, and is saved. Some opcodes sound different."
            }
            Self::NoteMode => "How notes reach the piece: as MIDI, or as score events on their exact frame.",
            Self::NoteInstrument => "The number of the instrument that notes start as score events.",
            Self::AtEnd => "What happens when the score is over. Keep playing: MIDI and events still sound.",
            Self::Timing => {
                "Exact: every event on its place, late by a k-cycle. Immediate: no latency, for playing live; \
                 the effect is always exact."
            }
            Self::Pipelined => {
                "On: the piece performs while the host goes on, exact and later by the host's largest block. For \
                 heavy pieces; one in the host's process gains nothing by it."
            }
            Self::SampleAccurate => {
                "On: score events begin on their exact frame, whatever the piece's options say."
            }
            Self::Gain => "Of what is heard; recordings are made before it.",
            Self::RecordBits => "How the next recording is written.",
            Self::RecordBuffers => "More of them help a recording on a slow disk.",
            Self::RemoteChannel => {
                "The MIDI channel that steers this plugin. Its messages do not reach the piece."
            }
            Self::Programs => {
                "The MIDI channel whose program changes choose presets: program 0 the first of the list. They do \
                 not reach the piece then."
            }
            Self::Mpe => {
                "On: each note that is MIDI to the piece has a channel of its own, 2 to 16, with its own bend (48 \
                 semitones), pressure and controller 74. The piece takes all channels: massign 0."
            }
        }
    }

    /// What it can be set to.
    pub fn kind(self) -> SettingKind {
        match self {
            Self::Csound => SettingKind::Choice(&["Auto", "Csound 6", "Csound 7"]),
            Self::NoteMode => SettingKind::Choice(&["MIDI", "Score events"]),
            Self::NoteInstrument => SettingKind::Whole(1.0, 9999.0, None),
            Self::AtEnd => SettingKind::Choice(&["Stop", "Loop", "Keep playing"]),
            Self::Timing => SettingKind::Choice(&["Exact", "Immediate"]),
            Self::Pipelined => SettingKind::Choice(&["Off", "On"]),
            Self::SampleAccurate => SettingKind::Choice(&["As the piece says", "On"]),
            Self::Gain => SettingKind::Decibels(-60.0, 24.0),
            Self::RecordBits => SettingKind::Choice(&["16 bit", "24 bit", "32 bit float"]),
            Self::RecordBuffers => SettingKind::Whole(1.0, 1024.0, None),
            Self::RemoteChannel => SettingKind::Whole(0.0, 16.0, Some("Off")),
            Self::Programs => SettingKind::Choice(&PROGRAMS),
            Self::Mpe => SettingKind::Choice(&["Off", "On"]),
        }
    }
}

/// The values that the settings stand at.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Settings([f64; Setting::ALL.len()]);

impl Settings {
    /// The value of one.
    pub fn of(&self, setting: Setting) -> f64 {
        self.0[setting as usize]
    }

    /// Sets the value of one.
    pub fn set(&mut self, setting: Setting, value: f64) {
        self.0[setting as usize] = value;
    }
}
