//! The manifest: JSON, every field named.

use serde::{Deserialize, Serialize};

use crate::error::ManifestError;
use crate::ids::{class_id, parameter_id};
use crate::rules;

/// The format that is written. Later ones are refused, earlier ones read.
pub const FORMAT: u32 = 1;

/// The longest manifest that is read, in bytes.
pub const LONGEST: u64 = 4 << 20;

/// Who an exported plugin is. Fields that are not known are ignored.
///
/// What it says is held to rules, in [`read`](Self::read) and [`write`](Self::write) alike; each field says its own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// The format, and the mark by which a manifest is known to be ours.
    #[serde(rename = "csound_performer_export")]
    pub format: u32,
    /// The name that hosts show. Not blank.
    pub name: String,
    /// Who made it; may be empty.
    #[serde(default)]
    pub vendor: String,
    /// Its version, such as `1.2.0`; may be empty.
    #[serde(default)]
    pub version: String,
    /// A page about it; may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub url: String,
    /// A line on what it is; may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// How CLAP tells it from all other plugins, and VST3 by [`class_id`]: letters, digits, `.`, `-` and `_`, 1 to 128
    /// of them, and not beginning with `csound-performer.`.
    pub id: String,
    /// Whether it is played or is given sound.
    pub kind: Kind,
    /// CLAP's words for what it is, such as `synthesizer` and `stereo`: small letters, digits and `-`, at most 32.
    /// What the kind says is not among them.
    #[serde(default)]
    pub features: Vec<String>,
    /// The piece's file, seen from the manifest's folder: below it, with `/` between folders, without `.` and `..`.
    pub piece: String,
    /// The buses that it begins with; the usual ones of its kind where it is `None`, or where there is no such layout.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub buses: Option<Buses>,
    /// The Csound that performs it; any that is found where it is `None`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub generation: Option<Generation>,
    /// The parameters, in the order in which hosts list them: at most [`MOST_PARAMETERS`](crate::MOST_PARAMETERS), each
    /// with a key and a channel of its own.
    #[serde(default)]
    pub parameters: Vec<Parameter>,
    /// Parameters that there were in earlier exports: their keys belong to their channels for ever.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub retired: Vec<Retired>,
    /// Whether hosts see the parameters of the performance (play, record, events and so on), too.
    #[serde(default)]
    pub performance_parameters: bool,
    /// Whether its editor shows the piece's text, the console and what the piece may do.
    #[serde(default)]
    pub show_source: bool,
}

/// Whether a plugin is played or is given sound.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// It is played.
    Instrument,
    /// It is given sound.
    Effect,
}

/// The channels of each bus, the main one first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Buses {
    /// Of an effect the main input, and the sidechain if there is one; of an instrument none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub inputs: Vec<u32>,
    /// The outputs, 1 to 8 of them.
    pub outputs: Vec<u32>,
}

/// A generation of Csound, `6` or `7` in the manifest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub enum Generation {
    /// Csound 6.
    Six,
    /// Csound 7.
    Seven,
}

impl TryFrom<u8> for Generation {
    type Error = String;

    fn try_from(number: u8) -> Result<Self, String> {
        match number {
            6 => Ok(Self::Six),
            7 => Ok(Self::Seven),
            other => Err(format!("there is a Csound 6 and a Csound 7, and no Csound {other}")),
        }
    }
}

impl From<Generation> for u8 {
    fn from(generation: Generation) -> Self {
        match generation {
            Generation::Six => 6,
            Generation::Seven => 7,
        }
    }
}

/// A parameter, which drives a control channel of the piece.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Parameter {
    /// What sessions know it by, 1 to [`LAST_KEY`](crate::LAST_KEY). Assigned once to a channel, and kept.
    pub key: u16,
    /// The channel. Not empty.
    pub channel: String,
    /// The name that hosts show; the channel's where it is blank.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// Names that the channel had in earlier versions, the oldest first: sessions and presets may have them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub former: Vec<String>,
    /// The group that hosts show it in, of which the parts have `/` between them; may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub module: String,
    /// The channel's values.
    #[serde(default)]
    pub range: ValueRange,
}

impl Parameter {
    /// The name that hosts show.
    pub fn shown_name(&self) -> &str {
        if self.name.trim().is_empty() { &self.channel } else { &self.name }
    }

    /// The group that hosts show it in: parts that are not blank, with `/` between them.
    pub fn shown_module(&self) -> String {
        let parts = self.module.split('/').map(str::trim).filter(|part| !part.is_empty());
        parts.collect::<Vec<_>>().join("/")
    }

    /// Its id, as the plugin shell has it.
    pub fn id(&self) -> String {
        parameter_id(self.key)
    }
}

/// The values of a channel. All numbers are finite.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ValueRange {
    /// The ways in which values lie between the ends.
    pub kind: RangeKind,
    /// The least value.
    pub min: f64,
    /// The greatest value, above the least; of a single item the same.
    pub max: f64,
    /// The value at the start, between the ends.
    pub default: f64,
    /// The bend: 1 is none, below 1 the low values have more of the way. Above 0.
    #[serde(skip_serializing_if = "is_one")]
    pub skew: f64,
    /// The distance of two neighbours, 0 where every value will do.
    #[serde(skip_serializing_if = "is_zero")]
    pub step: f64,
    /// What stands before a value, such as `$`; often empty.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub prefix: String,
    /// The unit after a value, such as `Hz`; often empty.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub unit: String,
    /// The names of a choice, from the least value on; empty where it is none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<String>,
}

impl Default for ValueRange {
    fn default() -> Self {
        Self {
            kind: RangeKind::Linear,
            min: 0.0,
            max: 1.0,
            default: 0.0,
            skew: 1.0,
            step: 0.0,
            prefix: String::new(),
            unit: String::new(),
            items: Vec::new(),
        }
    }
}

/// The ways in which values lie between the ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RangeKind {
    /// Even steps, bent by the skew.
    #[default]
    Linear,
    /// Whole numbers.
    Integer,
    /// Even ratios. Both ends are above zero.
    Exponential,
    /// A choice: the least value is the first item, one more is the next.
    Items,
}

/// A parameter that there was in an earlier export.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retired {
    /// Its key, which no other channel gets.
    pub key: u16,
    /// Its channel, which gets the key back if it comes back.
    pub channel: String,
}

fn is_one(value: &f64) -> bool {
    *value == 1.0
}

fn is_zero(value: &f64) -> bool {
    *value == 0.0
}

impl Manifest {
    /// Reads a manifest, which may come from anywhere.
    ///
    /// # Errors
    /// [`ManifestError`]; [`Foreign`](ManifestError::Foreign) says that it is another program's file and no fault.
    pub fn read(bytes: &[u8]) -> Result<Self, ManifestError> {
        #[derive(Deserialize)]
        #[serde(expecting = "an object ({…})")]
        struct Marked {
            #[serde(rename = "csound_performer_export")]
            format: Option<u32>,
        }
        if bytes.len() as u64 > LONGEST {
            return Err(ManifestError::TooLong);
        }
        // The mark first: another program's file, and a later format, may differ in everything else.
        let Marked { format } = serde_json::from_slice(bytes)?;
        match format.ok_or(ManifestError::Foreign)? {
            0..=FORMAT => {}
            found => return Err(ManifestError::TooNew { found }),
        }
        let manifest: Self = serde_json::from_slice(bytes)?;
        rules::check(&manifest)?;
        Ok(manifest)
    }

    /// The manifest as text, to be written beside the plugin.
    ///
    /// # Errors
    /// It says something that [`read`](Self::read) would refuse.
    pub fn write(&self) -> Result<String, ManifestError> {
        rules::check(self)?;
        let text = serde_json::to_string_pretty(self)?;
        if text.len() as u64 > LONGEST { Err(ManifestError::TooLong) } else { Ok(text) }
    }

    /// The VST3 class id, in the order of bytes that all systems but Windows have.
    pub fn class_id(&self) -> [u8; 16] {
        class_id(&self.id)
    }
}

#[cfg(test)]
mod tests;
