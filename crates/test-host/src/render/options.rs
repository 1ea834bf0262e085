//! What to render, and the texts of it that a command line takes.

use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};

use super::blocks::BlockSize;
use super::typed::channel_value;
use crate::host::{self, EventBody};
use crate::session::Session;

/// The rate where nothing says otherwise, in Hz.
pub const DEFAULT_RATE: u32 = 48_000;

/// Which of the two plugins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Plugin {
    /// *Csound Performer*.
    #[default]
    Instrument,
    /// *Csound Performer FX*.
    Fx,
}

impl Plugin {
    /// The plugin's CLAP id.
    pub fn id(self) -> &'static str {
        match self {
            Self::Instrument => host::INSTRUMENT,
            Self::Fx => host::EFFECT,
        }
    }
}
impl FromStr for Plugin {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self> {
        match text {
            "instrument" => Ok(Self::Instrument),
            "fx" => Ok(Self::Fx),
            _ => bail!("a plugin is instrument or fx, not {text:?}"),
        }
    }
}

/// A channel of the piece takes a value at a time.
#[derive(Clone, Debug, PartialEq)]
pub struct SetChannel {
    /// The channel's name.
    pub name: String,
    /// Its value.
    pub value: f64,
    /// Seconds from the beginning.
    pub seconds: f64,
}

impl FromStr for SetChannel {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self> {
        let wanted = || format!("{text:?} is not of the form CHANNEL=VALUE or CHANNEL=VALUE@SECONDS");
        let (name, rest) = text.split_once('=').with_context(wanted)?;
        let (value, seconds) = split_time(rest).with_context(wanted)?;
        let takes = || {
            format!(
                "{value:?} is no value of a channel: a number, with a prefix and a unit or not, or on or off"
            )
        };
        let value = channel_value(value).with_context(takes)?;
        ensure!(!name.trim().is_empty(), wanted());
        Ok(Self { name: name.trim().to_owned(), value, seconds })
    }
}

/// A parameter of the plugin takes a value at a time.
#[derive(Clone, Debug, PartialEq)]
pub struct SetParam {
    /// The parameter's id, such as `play`.
    pub id: String,
    /// Its value as its text says it, such as `-6 dB`; for switches `on` and `off`, or 1 and 0; for choices the
    /// name or a part of it.
    pub value: String,
    /// Seconds from the beginning.
    pub seconds: f64,
}

impl FromStr for SetParam {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self> {
        let wanted = || format!("{text:?} is not of the form ID=VALUE or ID=VALUE@SECONDS");
        let (id, rest) = text.split_once('=').with_context(wanted)?;
        let (value, seconds) = split_time(rest).with_context(wanted)?;
        Ok(Self { id: id.trim().to_owned(), value: value.trim().to_owned(), seconds })
    }
}

/// A system exclusive message at a time.
#[derive(Clone, Debug, PartialEq)]
pub struct SendSysEx {
    /// The message, F0 and F7 included.
    pub bytes: Vec<u8>,
    /// Seconds from the beginning.
    pub seconds: f64,
}

impl FromStr for SendSysEx {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self> {
        let wanted = || format!("{text:?} is not of the form HEX or HEX@SECONDS, such as F07F7F0602F7@1.5");
        let (hex, seconds) = split_time(text).with_context(wanted)?;
        let digits: Vec<char> = hex.chars().filter(|digit| !digit.is_whitespace()).collect();
        ensure!(digits.len().is_multiple_of(2) && !digits.is_empty(), wanted());
        let byte = |pair: &[char]| u8::from_str_radix(&pair.iter().collect::<String>(), 16).ok();
        let bytes = digits.chunks(2).map(byte).collect::<Option<_>>().with_context(wanted)?;
        Ok(Self { bytes, seconds })
    }
}

/// What stands before `@`, and the seconds behind it: 0 where there is none.
fn split_time(text: &str) -> Option<(&str, f64)> {
    let (value, seconds) = text.split_once('@').unwrap_or((text, "0"));
    let seconds =
        seconds.trim().parse().ok().filter(|seconds: &f64| seconds.is_finite() && *seconds >= 0.0)?;
    Some((value, seconds))
}

/// What to render, and how.
#[derive(Clone, Debug)]
pub struct RenderOptions {
    /// The CLAP bundle.
    pub bundle: PathBuf,
    /// The piece, and how it is performed. [`render`](super::render()) adds the channels of `set`.
    pub session: Session,
    /// Which plugin performs.
    pub plugin: Plugin,
    /// The length, or none for as long as the piece lasts.
    pub seconds: Option<f64>,
    /// The rate in Hz.
    pub rate: u32,
    /// The sizes of the host's blocks.
    pub block: BlockSize,
    /// Output channels, or none for as many as the piece has. Of the instrument only.
    pub channels: Option<u32>,
    /// Audio for the plugin's inputs, planar, at `rate`: the channels of the main input, as many as the main output
    /// has, then those of the sidechain. Silence follows.
    pub input: Vec<Vec<f32>>,
    /// Events at frames of the piece, in order.
    pub events: Vec<(u64, EventBody)>,
    /// Values of the piece's channels.
    pub set: Vec<SetChannel>,
    /// Values of the plugin's parameters.
    pub params: Vec<SetParam>,
    /// Whether to wait at the end for what the piece said last, a tenth of a second, so that
    /// [`Rendered::faults`](super::Rendered::faults) are all there.
    pub listens: bool,
    /// How long it may take by the clock on the wall, if not for ever.
    pub limit: Option<Duration>,
}

impl RenderOptions {
    /// A piece by the instrument at 48 kHz, to its end.
    pub fn new(bundle: impl Into<PathBuf>, session: Session) -> Self {
        Self {
            bundle: bundle.into(),
            session,
            plugin: Plugin::default(),
            seconds: None,
            rate: DEFAULT_RATE,
            block: BlockSize::default(),
            channels: None,
            input: Vec::new(),
            events: Vec::new(),
            set: Vec::new(),
            params: Vec::new(),
            listens: false,
            limit: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(text: &str) -> SetChannel {
        text.parse().unwrap()
    }

    #[test]
    fn set_takes_a_channel_a_value_and_a_time() {
        let expected = SetChannel { name: "cut=off".into(), value: 440.5, seconds: 1.25 };
        assert_eq!(set("cutoff=-1e3").value, -1000.0);
        assert_eq!(set("cutoff=1").seconds, 0.0);
        assert_eq!(set("a b = 440.5 @ 1.25"), SetChannel { name: "a b".into(), ..expected });
        for wrong in
            ["", "cutoff", "=1", "a=", "a=x", "a=1,234", "a=1@", "a=1@-1", "a=nan", "a=1@inf", "a=1@2@3"]
        {
            assert!(wrong.parse::<SetChannel>().is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn parameters_and_messages_are_read_with_their_times() {
        let set: SetParam = "gain=-6 dB@1.5".parse().unwrap();
        assert_eq!((set.id.as_str(), set.value.as_str(), set.seconds), ("gain", "-6 dB", 1.5));
        let sent: SendSysEx = "F0 7F 7F 06 02 F7".parse().unwrap();
        assert_eq!((sent.bytes, sent.seconds), (vec![0xF0, 0x7F, 0x7F, 6, 2, 0xF7], 0.0));
        for wrong in ["gain", "gain=1@x", "gain=1@-1"] {
            assert!(wrong.parse::<SetParam>().is_err(), "{wrong}");
        }
        for wrong in ["", "F", "F0XX", "F0@", "F0@-1"] {
            assert!(wrong.parse::<SendSysEx>().is_err(), "{wrong}");
        }
    }
}
