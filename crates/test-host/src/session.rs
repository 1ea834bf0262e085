//! The state of an instance with a piece in it, as a host would have saved it.
//!
//! The plugin shell's state is JSON after its length (a little-endian u64): `version`, `params`
//! (by id, each value with its kind) and `fields`; the field `session` is our own JSON as text.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use anyhow::{Context, Result, bail, ensure};
use csound_library::Generation;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::testing::generation;

/// The version of the session that is written.
const VERSION: u32 = 1;

/// The slots of the channel bank.
pub const SLOTS: usize = 128;

/// What happens at the end of the score.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AtEnd {
    /// The performance ends.
    #[default]
    Stop,
    /// The score begins again.
    Loop,
    /// MIDI and events go on playing.
    Keep,
}

/// When k-cycles are performed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Timing {
    /// Latency ksmps - 1; every event in its own k-cycle.
    #[default]
    Exact,
    /// Latency 0; an event waits for the next k-cycle.
    Immediate,
    /// As exact, later by the host's largest block.
    Pipelined,
}

impl FromStr for Timing {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self> {
        match text {
            "exact" => Ok(Self::Exact),
            "immediate" => Ok(Self::Immediate),
            "pipelined" => Ok(Self::Pipelined),
            _ => bail!("the timing is exact, immediate or pipelined, not {text:?}"),
        }
    }
}

/// The text of a piece.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Text {
    /// A CSD.
    Csd(String),
    /// An orchestra and a score.
    OrcSco {
        /// The orchestra.
        orc: String,
        /// The score.
        sco: String,
    },
}

/// A slot of the channel bank. The slot's parameter goes from 0 to 1, the channel from `min` to
/// `max`.
#[derive(Clone, Debug, PartialEq)]
pub struct Channel {
    /// The channel's name in the piece.
    pub name: String,
    /// The channel's value at the parameter's 0.
    pub min: f64,
    /// The channel's value at the parameter's 1.
    pub max: f64,
    /// The channel's value at the start, if it is to have one from outside.
    pub value: Option<f64>,
    /// Where the parameter stands at the start, 0 to 1.
    pub position: f64,
}

impl Channel {
    /// Where the parameter has to stand for a value of the channel, 0 to 1.
    pub fn position_of(&self, value: f64) -> f64 {
        if self.min == self.max { 0.0 } else { ((value - self.min) / (self.max - self.min)).clamp(0.0, 1.0) }
    }
}

/// What a new instance is to perform, and how.
#[derive(Clone, Debug, PartialEq)]
pub struct Session {
    /// The piece's file name.
    pub name: String,
    /// The folder in which the piece finds its sounds.
    pub folder: Option<PathBuf>,
    /// The piece.
    pub text: Text,
    /// What happens at the end of the score.
    pub at_end: AtEnd,
    /// When k-cycles are performed.
    pub timing: Timing,
    /// Whether score events are exact even where the piece does not ask for it.
    pub sample_accurate: bool,
    /// Whether the defaults that the piece declares for its channels are applied.
    pub channel_defaults: bool,
    /// How long the piece may take to compile, in seconds, if not as long as usual.
    pub compile_limit: Option<f64>,
    /// By which Csound it is performed: `auto`, 6 or 7; none as in a session of version 0.1, which is 6. Tests that
    /// run over Csound 7 have that.
    pub csound: Option<Value>,
    /// What the session keeps of the editor: the fields of its `EditorState` that are not as new.
    pub editor: Option<Value>,
    /// The channels of slots 1, 2, 3 and so on.
    pub channels: Vec<Channel>,
}

impl Session {
    /// A session with a CSD given as text, and everything else at its default.
    pub fn from_csd(name: &str, csd: impl Into<String>) -> Self {
        Self::new(name, None, Text::Csd(csd.into()))
    }

    /// Reads a `.csd`, or an `.orc` with the `.sco` of the same name beside it, if there is one.
    ///
    /// # Errors
    /// The file cannot be read, or is neither.
    pub fn from_file(path: &Path) -> Result<Self> {
        let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
        let text = match extension.to_ascii_lowercase().as_str() {
            "csd" => Text::Csd(read(path)?),
            "orc" => {
                let score = path.with_extension("sco");
                let sco = if score.exists() { read(&score)? } else { String::new() };
                Text::OrcSco { orc: read(path)?, sco }
            }
            _ => bail!("{} is neither a .csd nor an .orc", path.display()),
        };
        let whole = std::path::absolute(path).with_context(|| format!("where is {}?", path.display()))?;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        Ok(Self::new(&name, whole.parent().map(Path::to_owned), text))
    }

    fn new(name: &str, folder: Option<PathBuf>, text: Text) -> Self {
        Self {
            name: name.to_owned(),
            folder,
            text,
            at_end: AtEnd::default(),
            timing: Timing::default(),
            sample_accurate: false,
            channel_defaults: true,
            compile_limit: None,
            csound: (generation() == Generation::Seven).then(|| 7.into()),
            editor: None,
            channels: Vec::new(),
        }
    }

    /// The state, for [`crate::host::Instance::load_state`].
    ///
    /// # Errors
    /// More channels than the bank has slots.
    pub fn state(&self) -> Result<Vec<u8>> {
        let count = self.channels.len();
        ensure!(count <= SLOTS, "{count} channels, where the bank has {SLOTS}");
        let mut params = Map::from_iter([
            (
                "at_end".to_owned(),
                choice(match self.at_end {
                    AtEnd::Stop => "stop",
                    AtEnd::Loop => "loop",
                    AtEnd::Keep => "keep",
                }),
            ),
            (
                "timing".to_owned(),
                choice(match self.timing {
                    Timing::Exact | Timing::Pipelined => "exact",
                    Timing::Immediate => "immediate",
                }),
            ),
            ("pipelined".to_owned(), json!({ "bool": self.timing == Timing::Pipelined })),
            ("sample_accurate".to_owned(), choice(if self.sample_accurate { "on" } else { "piece" })),
        ]);
        for (index, channel) in self.channels.iter().enumerate() {
            params.insert(slot_param(index), json!({ "f32": channel.position }));
        }
        Ok(wrap(&json!({
            "version": env!("CARGO_PKG_VERSION"),
            "params": params,
            "fields": { "session": self.json().to_string() },
        })))
    }

    /// The session's own JSON.
    pub fn json(&self) -> Value {
        let mut piece = json!({ "name": self.name, "folder": self.folder });
        match &self.text {
            Text::Csd(csd) => piece["csd"] = json!(csd),
            Text::OrcSco { orc, sco } => {
                piece["orc"] = json!(orc);
                piece["sco"] = json!(sco);
            }
        }
        let channel = |(index, channel): (usize, &Channel)| {
            let mut entry =
                json!({ "slot": index + 1, "name": channel.name, "min": channel.min, "max": channel.max });
            if let Some(value) = channel.value {
                entry["value"] = json!(value);
            }
            entry
        };
        let mut session = json!({
            "version": VERSION,
            "piece": piece,
            "channel_defaults": self.channel_defaults,
            "channels": self.channels.iter().enumerate().map(channel).collect::<Vec<_>>(),
        });
        if let Some(seconds) = self.compile_limit {
            session["compile_limit"] = json!(seconds);
        }
        if let Some(csound) = &self.csound {
            session["csound"] = csound.clone();
        }
        if let Some(editor) = &self.editor {
            session["editor"] = editor.clone();
        }
        session
    }

    /// The number of output channels that the piece declares, in its options or its orchestra:
    /// Csound's default of 1 if it is silent about it, none where it is no plain number.
    pub fn nchnls(&self) -> Option<u32> {
        let (options, orchestra) = match &self.text {
            Text::Csd(csd) => (section(csd, "CsOptions"), section(csd, "CsInstruments")),
            Text::OrcSco { orc, .. } => (None, Some(orc.as_str())),
        };
        let options = without_comments(options.unwrap_or_default());
        if let Some(count) = options.split_whitespace().find_map(|option| option.strip_prefix("--nchnls=")) {
            return count.parse().ok();
        }
        let orchestra = orchestra.unwrap_or_default();
        let orchestra = without_comments(orchestra);
        let mut assignments = orchestra.lines().filter_map(|line| {
            let value = line.trim().strip_prefix("nchnls")?.trim_start().strip_prefix('=')?;
            Some(value.trim().parse().ok())
        });
        assignments.next().unwrap_or(Some(1))
    }

    /// Whether the score can be seen to have no end: it is empty, or holds an `f0` that waits for
    /// ever. Other scores may be without end as well.
    pub fn has_open_score(&self) -> bool {
        let score = match &self.text {
            Text::Csd(csd) if csd.contains("<CsScore ") => return false,
            Text::Csd(csd) => section(csd, "CsScore").unwrap_or_default(),
            Text::OrcSco { sco, .. } => sco,
        };
        let score = without_comments(score);
        let mut lines = score.lines().map(str::trim).filter(|line| !line.is_empty()).peekable();
        lines.peek().is_none()
            || lines.any(|line| {
                let words =
                    line.strip_prefix('f').map(|rest| rest.split_whitespace().take(2).collect::<Vec<_>>());
                words.is_some_and(|words| words == ["0", "z"])
            })
    }
}

/// The parameter of a slot of the channel bank, counted from 0.
pub fn slot_param(index: usize) -> String {
    format!("c{:03}", index + 1)
}

/// A state as the host stores it: its length, then the JSON.
pub fn wrap(state: &Value) -> Vec<u8> {
    let text = state.to_string();
    let mut bytes = (text.len() as u64).to_le_bytes().to_vec();
    bytes.extend(text.into_bytes());
    bytes
}

/// The JSON of a state as the host stores it.
///
/// # Errors
/// The bytes are cut off, or hold no JSON.
pub fn unwrap(bytes: &[u8]) -> Result<Value> {
    let (length, text) =
        bytes.split_first_chunk::<8>().context("the state is shorter than its length field")?;
    let length = usize::try_from(u64::from_le_bytes(*length))?;
    let text = text.get(..length).with_context(|| format!("the state ends before its {length} bytes"))?;
    serde_json::from_slice(text).context("the state is no JSON")
}

/// Our session in a state.
///
/// # Errors
/// The state is damaged, or holds no session.
pub fn session_of(state: &[u8]) -> Result<Value> {
    let state = unwrap(state)?;
    let text = state["fields"]["session"].as_str().context("the state holds no session")?;
    serde_json::from_str(text).context("the session in the state is damaged")
}

/// Why the piece in a state does not perform, if the plugin says so in it.
///
/// # Errors
/// As [`session_of`].
pub fn error_of(state: &[u8]) -> Result<Option<String>> {
    let session = session_of(state)?;
    Ok(session["error"].as_str().filter(|error| !error.is_empty()).map(str::to_owned))
}

/// What is wrong with the piece in a state although it performs, as the plugin says in it.
///
/// # Errors
/// As [`session_of`].
pub fn faults_of(state: &[u8]) -> Result<Vec<String>> {
    texts_of(state, "faults")
}

/// Those of them that are refusals: the piece wanted what it may not.
///
/// # Errors
/// As [`session_of`].
pub fn refusals_of(state: &[u8]) -> Result<Vec<String>> {
    texts_of(state, "refusals")
}

fn texts_of(state: &[u8], field: &str) -> Result<Vec<String>> {
    let session = session_of(state)?;
    let texts = session[field].as_array().into_iter().flatten();
    Ok(texts.filter_map(Value::as_str).map(str::to_owned).collect())
}

fn choice(id: &str) -> Value {
    json!({ "string": id })
}

fn read(path: &Path) -> Result<String> {
    let bytes = std::fs::read(path).with_context(|| format!("{} cannot be read", path.display()))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn section<'a>(csd: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = csd.split_once(&format!("<{name}>"))?;
    Some(rest.split_once(&format!("</{name}>")).map_or(rest, |(inside, _)| inside))
}

/// The text without `;`, `//` and `/* */` comments. Strings are not looked at: what is asked of
/// the result does not depend on them.
fn without_comments(text: &str) -> String {
    let mut kept = String::new();
    let mut rest = text;
    while let Some((before, comment)) = rest.split_once("/*") {
        kept.push_str(before);
        rest = comment.split_once("*/").map_or("", |(_, after)| after);
    }
    kept.push_str(rest);
    let code = |line: &str| {
        let end = line.find(';').into_iter().chain(line.find("//")).min();
        line[..end.unwrap_or(line.len())].to_owned()
    };
    kept.lines().map(code).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn csd(orchestra: &str, score: &str) -> Session {
        let text = format!(
            "<CsoundSynthesizer>\n<CsInstruments>\n{orchestra}\n</CsInstruments>\n<CsScore>\n{score}\n</CsScore>\n"
        );
        Session::from_csd("test.csd", text)
    }

    #[test]
    fn a_state_holds_the_piece_the_choices_and_the_channels() {
        let mut session = csd("nchnls = 2", "i1 0 1");
        session.timing = Timing::Immediate;
        session.channel_defaults = false;
        session.channels.push(Channel {
            name: "cutoff".into(),
            min: 20.0,
            max: 2020.0,
            value: Some(1020.0),
            position: 0.5,
        });
        let state = session.state().unwrap();
        let outer = unwrap(&state).unwrap();
        assert_eq!(outer["params"]["timing"]["string"], "immediate");
        assert_eq!(outer["params"]["at_end"]["string"], "stop");
        assert_eq!(outer["params"]["c001"]["f32"], 0.5);
        let inner = session_of(&state).unwrap();
        assert_eq!(inner["version"], 1);
        assert_eq!(inner["piece"]["name"], "test.csd");
        assert!(inner["piece"]["csd"].as_str().unwrap().contains("i1 0 1"));
        assert_eq!(inner["channel_defaults"], false);
        assert_eq!(inner["channels"][0]["slot"], 1);
        assert_eq!(inner["channels"][0]["value"], 1020.0);
        assert_eq!(error_of(&state).unwrap(), None);
    }

    #[test]
    fn a_state_cut_off_anywhere_is_an_error() {
        let state = csd("", "").state().unwrap();
        for end in 0..state.len() {
            assert!(unwrap(&state[..end]).is_err(), "{end}");
        }
        assert!(unwrap(&state).is_ok());
    }

    #[test]
    fn the_error_in_a_saved_session_is_found() {
        let session = json!({ "version": 1, "error": "no such piece" }).to_string();
        let state = wrap(&json!({ "version": "", "params": {}, "fields": { "session": session } }));
        assert_eq!(error_of(&state).unwrap().as_deref(), Some("no such piece"));
    }

    #[test]
    fn the_channel_count_is_read_where_it_is_a_plain_number() {
        assert_eq!(csd("sr = 48000\n nchnls=4 ; quad", "").nchnls(), Some(4));
        assert_eq!(csd("nchnls_i = 2\n/* nchnls = 6\n */ nchnls = 1", "").nchnls(), Some(1));
        assert_eq!(csd("nchnls = $OUTS", "").nchnls(), None);
        assert_eq!(csd("instr 1\nendin", "").nchnls(), Some(1));
        let mut with_options = csd("nchnls = 2", "");
        let Text::Csd(text) = &mut with_options.text else { unreachable!() };
        text.insert_str(0, "<CsOptions>\n-d --nchnls=4 ; not 2\n</CsOptions>\n");
        assert_eq!(with_options.nchnls(), Some(4));
    }

    #[test]
    fn scores_without_end_are_told_from_others() {
        assert!(csd("", "").has_open_score());
        assert!(csd("", " ; only a comment\n/* i1 0 1 */").has_open_score());
        assert!(csd("", "f 0 z\n").has_open_score());
        assert!(csd("", "i1 0 1\nf0 z").has_open_score());
        assert!(!csd("", "f0 3\ni1 0 1").has_open_score());
        assert!(!csd("", "i1 0 1").has_open_score());
    }

    #[test]
    fn a_position_gives_its_value_back() {
        let channel = Channel { name: "x".into(), min: -1.0, max: 3.0, value: None, position: 0.0 };
        assert_eq!(channel.position_of(0.0), 0.25);
        assert_eq!(channel.position_of(9.0), 1.0);
    }

    #[test]
    fn more_channels_than_slots_are_refused() {
        let mut session = csd("", "");
        let channel = Channel { name: "x".into(), min: 0.0, max: 1.0, value: None, position: 0.0 };
        session.channels = vec![channel; SLOTS + 1];
        assert!(session.state().is_err());
    }

    #[test]
    fn only_pieces_are_read() {
        let folder = std::env::temp_dir().join(format!("csound-performer-session-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let (orc, sco) = (folder.join("a.orc"), folder.join("a.sco"));
        std::fs::write(&orc, "instr 1\nendin\n").unwrap();
        assert!(Session::from_file(&orc).unwrap().has_open_score());
        std::fs::write(&sco, "i1 0 1\n").unwrap();
        let session = Session::from_file(&orc).unwrap();
        assert_eq!(session.name, "a.orc");
        assert_eq!(session.folder.as_deref(), Some(folder.as_path()));
        assert!(matches!(session.text, Text::OrcSco { ref sco, .. } if sco == "i1 0 1\n"));
        assert!(Session::from_file(&sco).is_err());
        assert!(Session::from_file(&folder.join("missing.csd")).is_err());
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
