//! What is saved with the host's session besides the parameters: the piece, its channels and the
//! choices that are not parameters. JSON, versioned, every field named.
//!
//! A session that cannot be read changes nothing: [`filter`] leaves only an error behind, which the
//! instance reports.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use nice_plug::prelude::PluginState;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use csound_cabbage::Changes;
use csound_performance::engine::piece::{Piece, Source};

use crate::plugin::channels::learned::SavedController;
use crate::plugin::pieces::choice::{Choice, Named};
use crate::plugin::pieces::moved::{self, below_home};
use crate::plugin::slots::event_slots::SlotText;
use crate::plugin::slots::learning::SavedTrigger;
use crate::plugin::tuning::SavedTuning;
use crate::preset_id::PresetId;
use crate::range::ScaleKind;

/// The version written. Newer ones are refused, older ones read.
pub const VERSION: u32 = 1;

/// The state field that holds the session.
pub const FIELD: &str = "session";

/// The state field that a refused session leaves behind.
pub const ERROR_FIELD: &str = "session_error";

/// The state field with parameters that this version does not know.
pub const KEPT_FIELD: &str = "kept_parameters";

/// The id of a parameter that came after all others: sessions from before do not hold it.
pub const PIPELINED: &str = "pipelined";

/// A saved session.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Session {
    /// The version of the format.
    pub version: u32,
    /// What is to be performed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub piece: Option<SavedPiece>,
    /// What performed last, if `piece` did not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_good: Option<SavedPiece>,
    /// By which Csound the instance performs.
    #[serde(default = "Choice::of_the_first_version")]
    pub csound: Choice,
    /// What *Auto* has come to, once it has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub csound_of_auto: Option<Named>,
    /// What performed `last_good`, where that is another one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub csound_of_last_good: Option<Named>,
    /// Whether the defaults that the piece declares for its channels are applied at the start.
    #[serde(default = "yes")]
    pub channel_defaults: bool,
    /// Whether a piece that the user trusts performs in the host's process. Any other never does.
    #[serde(default, skip_serializing_if = "is_no")]
    pub in_process: bool,
    /// How long a piece may take to compile and start, in seconds: as long as usual at most. More is the
    /// user's word, not a session's ([`limits`](crate::plugin::pieces::limits)).
    #[serde(default = "usual_compile_limit")]
    pub compile_limit: f64,
    /// The lines of the event slots, from the first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub events: Vec<SlotText>,
    /// The messages that trigger event slots.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub triggers: Vec<SavedTrigger>,
    /// The controllers that turn channels.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub controllers: Vec<SavedController>,
    /// The name of the instrument that score-event notes start; takes the number's place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note_instrument: Option<String>,
    /// Where the score starts, in seconds, more exactly than the parameter `offset` holds it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score_start: Option<f64>,
    /// Where recordings go; none are made without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recording_folder: Option<PathBuf>,
    /// The texts of string channels, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub channel_texts: BTreeMap<String, String>,
    /// What the piece has changed of its widgets, and its own data.
    #[serde(default, skip_serializing_if = "Changes::is_empty")]
    pub widgets: Changes,
    /// How the editor looked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub editor: Option<Value>,
    /// The places of the channel bank that are taken.
    #[serde(default)]
    pub channels: Vec<SavedChannel>,
    /// The preset that was chosen last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preset: Option<PresetId>,
    /// The MIDI channel whose program changes choose presets: 0 for none, 1 to 16, 17 for every one.
    #[serde(default, skip_serializing_if = "is_off")]
    pub program_channel: u8,
    /// Whether each note that is MIDI to the piece has a channel of its own.
    #[serde(default, skip_serializing_if = "is_no")]
    pub mpe: bool,
    /// The tuning, else twelve equal steps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tuning: Option<SavedTuning>,
    /// Whether the values of channels are those of `last_good`, and `piece` begins with its own.
    #[serde(default, skip_serializing_if = "is_no")]
    pub values_of_last_good: bool,
    /// The exported piece that saved it, if one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub export: Option<SavedExport>,
    /// Why `piece` does not perform, or how its engine last ended. Written for the reader; ignored
    /// when read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// What is wrong with the piece although it performs. Written for the reader; ignored when read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub faults: Vec<String>,
    /// Those of the faults that are refusals: the piece wanted what it may not. As them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refusals: Vec<String>,
    /// Fields of a later version, kept as they are.
    #[serde(flatten)]
    pub kept: Map<String, Value>,
}

/// The exported piece that saved a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedExport {
    /// Its id.
    pub id: String,
    /// Whether the text of the session's piece is another one than it came with.
    #[serde(default, rename = "edited", skip_serializing_if = "is_no")]
    pub is_edited: bool,
}

/// A piece with its text.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SavedPiece {
    /// The file's name, such as `bells.csd`.
    pub name: String,
    /// The folder in which the piece finds its sounds.
    #[serde(default)]
    pub folder: Option<PathBuf>,
    /// The same from the home folder on, if it is in there: the next home may have another name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub below_home: Option<PathBuf>,
    /// The text of a CSD.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub csd: Option<String>,
    /// The orchestra, where the piece is not a CSD.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub orc: Option<String>,
    /// The score that goes with `orc`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sco: Option<String>,
    /// Fields of a later version, kept as they are.
    #[serde(flatten)]
    pub kept: Map<String, Value>,
}

/// A place of the channel bank and the channel that it drives.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SavedChannel {
    /// The place, 1 to 128: parameter `c001` to `c128`. Above that no parameter drives it.
    #[serde(rename = "slot")]
    pub place: usize,
    /// The channel's name.
    pub name: String,
    /// The value at the parameter's 0.
    #[serde(default)]
    pub min: f64,
    /// The value at the parameter's 1.
    #[serde(default = "one")]
    pub max: f64,
    /// How the values lie between the ends: 1 evenly, below 1 the lower ones close together.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub skew: f64,
    /// The step of the values, 0 for none.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub step: f64,
    /// How the range is meant.
    #[serde(default = "linear", skip_serializing_if = "is_linear")]
    pub kind: ScaleKind,
    /// Whether the range is the piece's own, and follows it.
    #[serde(default, skip_serializing_if = "is_no")]
    pub from_piece: bool,
    /// The unit, where the user has given another than the piece's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// The value at the start, where something other than the piece has set one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<f64>,
}

fn yes() -> bool {
    true
}

fn is_one(value: &f64) -> bool {
    *value == 1.0
}

fn is_zero(value: &f64) -> bool {
    *value == 0.0
}

fn linear() -> ScaleKind {
    ScaleKind::Linear
}

fn is_linear(kind: &ScaleKind) -> bool {
    *kind == ScaleKind::Linear
}

fn is_off(channel: &u8) -> bool {
    *channel == 0
}

fn is_no(flag: &bool) -> bool {
    !flag
}

fn usual_compile_limit() -> f64 {
    crate::plugin::pieces::limits::USUAL_COMPILE_SECONDS
}

fn one() -> f64 {
    1.0
}

impl Default for Session {
    fn default() -> Self {
        Self {
            version: VERSION,
            piece: None,
            last_good: None,
            csound: Choice::Auto,
            csound_of_auto: None,
            csound_of_last_good: None,
            channel_defaults: true,
            in_process: false,
            compile_limit: usual_compile_limit(),
            events: Vec::new(),
            triggers: Vec::new(),
            controllers: Vec::new(),
            note_instrument: None,
            score_start: None,
            recording_folder: None,
            channel_texts: BTreeMap::new(),
            widgets: Changes::default(),
            editor: None,
            channels: Vec::new(),
            preset: None,
            program_channel: 0,
            mpe: false,
            tuning: None,
            values_of_last_good: false,
            export: None,
            error: None,
            faults: Vec::new(),
            refusals: Vec::new(),
            kept: Map::new(),
        }
    }
}

impl From<&Piece> for SavedPiece {
    fn from(piece: &Piece) -> Self {
        let (csd, orc, sco) = match &piece.source {
            Source::Csd(csd) => (Some(csd.clone()), None, None),
            Source::OrcSco { orc, sco } => (None, Some(orc.clone()), Some(sco.clone())),
        };
        let home = dirs::home_dir();
        let below_home = piece.folder.as_deref().and_then(|folder| below_home(folder, home.as_deref()));
        let (name, folder) = (piece.name.clone(), piece.folder.clone());
        Self { name, folder, below_home, csd, orc, sco, kept: Map::new() }
    }
}

impl Session {
    /// Whether a piece whose file changes is read again by itself: the editor's setting.
    pub fn reloads_by_itself(&self) -> bool {
        let setting = self.editor.as_ref().and_then(|editor| editor.get("reload_by_itself"));
        setting.and_then(Value::as_bool).unwrap_or(false)
    }

    /// Whether the editor holds a text that was changed and not applied, the piece's own or another of its folder.
    pub fn has_draft(&self) -> bool {
        let open = self.editor.as_ref().and_then(|editor| editor.get("open_texts"));
        let is_typed = |text: &Value| text.get("draft").is_some_and(|draft| !draft.is_null());
        let others = open.and_then(Value::as_array).is_some_and(|open| open.iter().any(is_typed));
        others || self.has_own_draft()
    }

    /// Whether the editor holds a text of the piece's own that was changed and not applied.
    pub fn has_own_draft(&self) -> bool {
        let draft = self.editor.as_ref().and_then(|editor| editor.get("draft"));
        draft.is_some_and(|draft| !draft.is_null())
    }
}

impl SavedPiece {
    /// Whether both have the same text, whatever they are called.
    pub fn has_text_of(&self, other: &Self) -> bool {
        (&self.csd, &self.orc, &self.sco) == (&other.csd, &other.orc, &other.sco)
    }

    /// Whether both are the same piece, as a user means it: the same file, whatever it holds; without a file,
    /// the same name.
    pub fn is_same_piece(&self, other: &Self) -> bool {
        match (self.path(), other.path()) {
            (Some(path), Some(other)) => path == other,
            (None, None) => self.name == other.name,
            _ => false,
        }
    }

    /// Looks for a folder that is not where it was; see [`crate::plugin::pieces::moved`].
    pub fn find_again(&mut self, allowed: &[PathBuf]) {
        let (Some(folder), Some(_)) = (&self.folder, self.path()) else { return };
        let home = dirs::home_dir();
        let found = moved::find(folder, &self.name, self.below_home.as_deref(), home.as_deref(), allowed);
        if let Some(found) = found {
            self.below_home = below_home(&found, home.as_deref());
            self.folder = Some(found);
        }
    }

    /// Where its file lies, or lay. A session may say anything: what is no mere name of a file leads
    /// nowhere.
    pub fn path(&self) -> Option<PathBuf> {
        let mut parts = Path::new(&self.name).components();
        let is_name = matches!((parts.next(), parts.next()), (Some(Component::Normal(_)), None));
        Some(self.folder.as_ref().filter(|_| is_name)?.join(&self.name))
    }

    /// The piece, if any text was saved with it.
    pub fn piece(&self) -> Option<Piece> {
        let source = match (&self.csd, &self.orc) {
            (Some(csd), _) => Source::Csd(csd.clone()),
            (None, Some(orc)) => {
                Source::OrcSco { orc: orc.clone(), sco: self.sco.clone().unwrap_or_default() }
            }
            (None, None) => return None,
        };
        Some(Piece { name: self.name.clone(), source, folder: self.folder.clone() })
    }
}

/// Why a session was refused.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// It holds none of ours.
    #[error("the saved state holds no Csound Performer session; nothing was changed")]
    Missing,
    /// It is damaged.
    #[error("the saved session is damaged and nothing was changed ({0})")]
    Damaged(#[from] serde_json::Error),
    /// It comes from a later version.
    #[error(
        "the saved session is of version {found}, this plugin reads up to {VERSION}: update Csound Performer; nothing was changed"
    )]
    TooNew {
        /// The session's version.
        found: u32,
    },
}

impl Session {
    /// Reads a session.
    ///
    /// # Errors
    /// [`SessionError`].
    pub fn read(text: &str) -> Result<Self, SessionError> {
        // The version first: a later format may differ in everything else.
        #[derive(Deserialize)]
        struct Versioned {
            version: u32,
        }
        let Versioned { version } = serde_json::from_str(text)?;
        if version > VERSION {
            return Err(SessionError::TooNew { found: version });
        }
        let mut session: Self = serde_json::from_str(text)?;
        session.error = None;
        Ok(session)
    }

    /// The session as text.
    pub fn write(&self) -> String {
        // Maps with text keys and finite numbers always serialise; JSON has no other numbers.
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// Makes a state safe to load. A state without a readable session loses everything but an error, so
/// that loading it changes nothing. Parameters that `known` does not know are kept aside.
pub fn filter(state: &mut PluginState, known: impl Fn(&str) -> bool) {
    let session = state.fields.get(FIELD).ok_or(SessionError::Missing).and_then(|text| Session::read(text));
    if let Err(error) = session {
        state.params.clear();
        state.fields = BTreeMap::from([(ERROR_FIELD.to_owned(), error.to_string())]);
        return;
    }
    let unknown: BTreeMap<_, _> = state
        .params
        .iter()
        .filter(|(id, _)| !known(id))
        .map(|(id, value)| (id.clone(), value.clone()))
        .collect();
    state.params.retain(|id, _| known(id));
    // A session from before it is not pipelined, whatever the instance was that loads it.
    if !state.params.contains_key(PIPELINED)
        && let Ok(off) = serde_json::from_value(json!({ "bool": false }))
    {
        state.params.insert(PIPELINED.to_owned(), off);
    }
    if !unknown.is_empty()
        && let Ok(text) = serde_json::to_string(&unknown)
    {
        state.fields.insert(KEPT_FIELD.to_owned(), text);
    }
}

#[cfg(test)]
mod tests;
