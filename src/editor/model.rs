//! What the editor shows, and what it asks for: plain data, without a lock, a thread or a piece.
//!
//! The editor reads one [`View`] a frame, which a [`Backend`] fills from readings that are at hand,
//! and hands back [`Action`]s. It waits for nothing: what an action leads to is seen in a later view.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::Arc;

use nice_plug::context::gui::GuiContext;
use serde::{Deserialize, Serialize};

/// Slots for events that can be triggered.
pub const SLOTS: usize = 16;

/// Lines that the editor's console keeps.
pub const CONSOLE_LINES: usize = 100_000;

/// Lines that the history of events keeps.
pub const HISTORY: usize = 100;

/// Where the editor's readings come from and its actions go.
///
/// The editor calls it from the window's thread, once a frame and without waiting: an implementation
/// may take a lock that is held shortly, never one that an engine or the audio thread holds.
pub trait Backend: Send + Sync + 'static {
    /// Brings a view up to date. It is the one of the last call, so only what has changed needs to
    /// be written; new console lines are those from [`Console::next`] on.
    fn fill(&self, view: &mut View);

    /// Takes an action. What comes of it is shown by a later view.
    fn act(&self, action: Action);

    /// A window was opened; gestures go to the host over `context`.
    fn opened(&self, context: GuiContext) {
        drop(context);
    }

    /// The window was closed.
    fn closed(&self) {}
}

/// Everything that is shown.
#[derive(Clone, Debug, Default)]
pub struct View {
    /// The piece and where it came from.
    pub piece: PieceView,
    /// How the performance stands.
    pub state: State,
    /// How the piece is confined.
    pub isolation: Isolation,
    /// Time, and the host's.
    pub transport: Transport,
    /// The present or last recording.
    pub recording: RecordingView,
    /// The piece's channels, in its order. They change with the piece.
    pub channels: Arc<[Channel]>,
    /// The values of `channels`, one each; missing ones are shown as the default.
    pub values: Vec<f64>,
    /// How the piece lays out its channels, where it says so.
    pub layout: Option<Arc<Layout>>,
    /// The event slots.
    pub slots: [Slot; SLOTS],
    /// What came of the line or orchestra sent last.
    pub reply: Option<Reply>,
    /// The keys that sound, a bit each.
    pub held: u128,
    /// What Csound says.
    pub console: Console,
    /// The sound, and what it costs.
    pub picture: Picture,
    /// The piece's text.
    pub source: Source,
    /// What a loaded session says about the editor itself. A draft in it belongs to `source`, so both
    /// change in one view.
    pub saved: Saved,
}

impl View {
    /// The value of a channel.
    pub fn value(&self, channel: usize) -> f64 {
        let default = self.channels.get(channel).map_or(0.0, |channel| channel.default);
        self.values.get(channel).copied().unwrap_or(default)
    }
}

/// The piece and where it came from.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PieceView {
    /// Its name, such as `bells.csd`; empty where there is none.
    pub name: String,
    /// The file it was read from.
    pub path: Option<PathBuf>,
    /// Whether that file has changed since.
    pub changed_on_disk: bool,
    /// Pieces opened before, newest first.
    pub recent: Arc<[PathBuf]>,
    /// The pieces that come with the plugin.
    pub shipped: Arc<[Shipped]>,
}

/// A piece that comes with the plugin.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Shipped {
    /// What it is called.
    pub name: String,
    /// What it is, in a sentence.
    pub about: String,
}

/// How the performance stands.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum State {
    /// There is no piece.
    #[default]
    Empty,
    /// It is being compiled.
    Loading,
    /// It performs.
    Playing,
    /// It holds still.
    Paused,
    /// It is over.
    Ended,
    /// It cannot be performed, and this is why.
    Failed(String),
    /// Its engine broke off and was started again, and this is why.
    Restarted(String),
}

/// How the piece is confined.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Isolation {
    /// How far it is.
    pub level: Confinement,
    /// Whether the user trusts this piece.
    pub trusted: bool,
    /// What that means for this piece, in a sentence or two.
    pub explanation: String,
    /// Folders that every piece may read, because the environment says so.
    pub folders: Arc<[PathBuf]>,
    /// What this piece may do, or might be let do, in the order in which it is shown.
    pub permissions: Arc<[PermissionView]>,
    /// What the piece names that only a trusted piece may use, such as `system_i`.
    pub needs_trust: Option<String>,
    /// Why the piece cannot be trusted, if it cannot.
    pub untrustable: Option<String>,
    /// Opcode libraries that the user has added to the list of those that every piece may use.
    pub libraries: Arc<[String]>,
    /// What has to be decided before the piece performs.
    pub question: Option<TrustQuestion>,
}

/// Something that a piece may do only if the user says so.
#[derive(Clone, Debug, PartialEq)]
pub enum Permission {
    /// Read a folder and all below it.
    Read(PathBuf),
    /// Write files into a folder.
    Write(PathBuf),
    /// Talk to programs on this machine.
    MachineNetwork,
    /// Talk to anybody over the network.
    AnyNetwork,
}

/// A permission as it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct PermissionView {
    /// What it is.
    pub permission: Permission,
    /// Whether the piece has it.
    pub granted: bool,
    /// The opcode by which the piece seems to want it.
    pub wanted_by: Option<String>,
    /// Why it cannot be given, where it cannot.
    pub unavailable: Option<String>,
}

/// How far a piece is confined.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Confinement {
    /// In a process of its own that can reach nothing else.
    #[default]
    Full,
    /// In a process of its own, but not kept from the rest of the system.
    Process,
    /// In the host's process.
    None,
}

/// What the user is asked before a piece performs.
#[derive(Clone, Debug, PartialEq)]
pub enum TrustQuestion {
    /// Whether to trust the piece.
    Piece,
    /// Whether it may read this folder.
    Folder(PathBuf),
}

/// Time, and the host's.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Transport {
    /// Seconds into the score.
    pub time: f64,
    /// Seconds of the score; none where it is open-ended or not known.
    pub length: Option<f64>,
    /// Who decides about time.
    pub sync: SyncMode,
    /// Beats a minute, as the host says.
    pub tempo: Option<f64>,
    /// The host's position.
    pub host: Option<HostPosition>,
}

/// Who decides when the piece plays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SyncMode {
    /// The piece has its own time.
    #[default]
    Free,
    /// The host's transport plays, pauses and seeks.
    Host,
}

/// Where the host stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HostPosition {
    /// Seconds from its beginning.
    pub seconds: f64,
    /// The bar and the beat in it, both from 1, where it tells them.
    pub bar: Option<(i32, f64)>,
    /// Whether it plays.
    pub playing: bool,
}

/// The present or last recording.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RecordingView {
    /// Whether it is recording.
    pub active: bool,
    /// Seconds recorded.
    pub seconds: f64,
    /// Such as `24 bit · 48 kHz · stereo`.
    pub format: String,
    /// Frames that the disk was too slow for.
    pub lost: u64,
    /// The file.
    pub path: Option<PathBuf>,
    /// The folder for recordings, once it was chosen.
    pub folder: Option<PathBuf>,
    /// Why the last one failed.
    pub error: Option<String>,
}

/// A channel of the piece, as it is shown.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Channel {
    /// The piece's name for it.
    pub name: String,
    /// What is written on it; empty: the name.
    pub label: String,
    /// The slot of the bank that drives it, from 0; none where the bank is full or it needs none.
    pub slot: Option<usize>,
    /// What it is turned with.
    pub widget: Widget,
    /// Its values.
    pub range: Range,
    /// The value it begins with.
    pub default: f64,
    /// Names of its values, for [`Widget::Choice`]; for a toggle: off, on.
    pub items: Vec<String>,
    /// Behind its value.
    pub unit: String,
    /// The group that it belongs to; empty: none.
    pub group: String,
    /// The piece writes it, and it cannot be set.
    pub is_output: bool,
    /// The text of a string channel.
    pub text: Option<String>,
    /// A hint for the pointer.
    pub help: String,
}

impl Channel {
    /// What is written on it.
    pub fn title(&self) -> &str {
        if self.label.is_empty() { &self.name } else { &self.label }
    }

    /// A value as text, with its unit.
    pub fn show(&self, value: f64) -> String {
        if let Some(item) = self.item(value) {
            return item.to_owned();
        }
        let number = self.range.show(value);
        if self.unit.is_empty() { number } else { format!("{number} {}", self.unit) }
    }

    /// The value that a text means.
    pub fn parse(&self, text: &str) -> Option<f64> {
        let text = text.trim();
        if let Some(item) = self.items.iter().position(|item| item == text) {
            return Some(self.first_item() + item as f64);
        }
        let number = text.strip_suffix(self.unit.as_str()).unwrap_or(text).trim().replace(',', ".");
        number.parse().ok().filter(|value: &f64| value.is_finite()).map(|value| self.range.clamp(value))
    }

    /// The name of a value, where values have names.
    pub fn item(&self, value: f64) -> Option<&str> {
        let index = (value - self.first_item()).round();
        (index >= 0.0).then(|| self.items.get(index as usize)).flatten().map(String::as_str)
    }

    /// The value of the first item: choices count from the range's lower end.
    pub fn first_item(&self) -> f64 {
        self.range.min.min(self.range.max)
    }
}

/// What a channel is turned with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Widget {
    /// A rotary.
    #[default]
    Knob,
    /// A slider from left to right.
    Horizontal,
    /// A slider from below to above.
    Vertical,
    /// A number to drag or type.
    Number,
    /// On or off.
    Toggle,
    /// On while it is pressed.
    Trigger,
    /// One of some names.
    Choice,
    /// A text.
    Text,
    /// A file's path.
    File,
}

/// The values of a channel.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Range {
    /// At position 0.
    pub min: f64,
    /// At position 1. May be below `min`.
    pub max: f64,
    /// What lies between.
    pub curve: Curve,
    /// Distance between values; 0: none.
    pub step: f64,
}

/// How positions become values.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Curve {
    /// Evenly.
    #[default]
    Linear,
    /// The position to the power of 1 / skew; below 1 there is more room for small values.
    Skew(f64),
    /// Evenly by ratio; both ends have to be of one sign and not 0, else it is linear.
    Exponential,
}

impl Default for Range {
    fn default() -> Self {
        Self { min: 0.0, max: 1.0, curve: Curve::Linear, step: 0.0 }
    }
}

impl Range {
    /// The value at a position from 0 to 1.
    pub fn value(&self, position: f64) -> f64 {
        let position = position.clamp(0.0, 1.0);
        let value = match self.curve {
            Curve::Exponential if self.min * self.max > 0.0 => {
                self.min * (self.max / self.min).powf(position)
            }
            Curve::Skew(skew) if skew > 0.0 => self.along(position.powf(1.0 / skew)),
            _ => self.along(position),
        };
        self.clamp(self.stepped(value))
    }

    /// The position of a value.
    pub fn position(&self, value: f64) -> f64 {
        if self.min == self.max {
            return 0.0;
        }
        let value = self.clamp(value);
        let share = (value - self.min) / (self.max - self.min);
        match self.curve {
            Curve::Exponential if self.min * self.max > 0.0 => {
                (value / self.min).ln() / (self.max / self.min).ln()
            }
            Curve::Skew(skew) if skew > 0.0 => share.powf(skew),
            _ => share,
        }
    }

    /// The nearest value inside.
    pub fn clamp(&self, value: f64) -> f64 {
        value.clamp(self.min.min(self.max), self.min.max(self.max))
    }

    /// The position one step (or a hundredth) further.
    pub fn nudge(&self, position: f64, by: f64) -> f64 {
        let width = (self.max - self.min).abs();
        let step = if self.step > 0.0 && width > 0.0 { (self.step / width).max(0.01) } else { 0.01 };
        (position + by * step).clamp(0.0, 1.0)
    }

    /// A value with as many decimals as its range needs.
    pub fn show(&self, value: f64) -> String {
        let width = (self.max - self.min).abs();
        let decimals = match self.step {
            step if step >= 1.0 && step.fract() == 0.0 && self.min.fract() == 0.0 => 0,
            _ if width >= 1000.0 => 0,
            _ if width >= 100.0 => 1,
            _ if width >= 10.0 => 2,
            _ => 3,
        };
        let shown = format!("{value:.decimals$}");
        // A rounded nothing has no sign.
        if shown.trim_matches(['-', '0', '.']).is_empty() { format!("{:.decimals$}", 0.0) } else { shown }
    }

    fn along(&self, share: f64) -> f64 {
        self.min + (self.max - self.min) * share
    }

    fn stepped(&self, value: f64) -> f64 {
        if self.step > 0.0 { self.min + ((value - self.min) / self.step).round() * self.step } else { value }
    }
}

/// How a piece lays out its channels: what its `<Cabbage>` section says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Layout {
    /// Width and height, in the units of the bounds.
    pub size: [f32; 2],
    /// The window's title.
    pub caption: String,
    /// The background.
    pub colour: Option<[u8; 4]>,
    /// In the order in which they are drawn.
    pub widgets: Vec<Placed>,
}

/// A widget at its place.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Placed {
    /// What it is.
    pub kind: PlacedKind,
    /// Left, top, width, height.
    pub bounds: [f32; 4],
    /// What is written on it.
    pub text: String,
    /// Its colour.
    pub colour: Option<[u8; 4]>,
    /// Its text's colour.
    pub text_colour: Option<[u8; 4]>,
}

/// What stands at a place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PlacedKind {
    /// The control of a channel, by its index in [`View::channels`].
    Control(usize),
    /// A text.
    #[default]
    Label,
    /// A frame with a title.
    Group,
    /// A keyboard to play.
    Keyboard,
}

/// An event to trigger.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Slot {
    /// The score line.
    pub text: String,
    /// What triggers it besides the button, such as `CC 20 ch 1`.
    pub learned: Option<String>,
    /// Whether it waits for a message to learn.
    pub learning: bool,
    /// Why the line cannot be sent.
    pub error: Option<String>,
}

/// What came of a line that was sent.
#[derive(Clone, Debug, PartialEq)]
pub struct Reply {
    /// Counts up with each reply.
    pub number: u64,
    /// Why it was refused; none: it was sent.
    pub error: Option<String>,
}

/// What Csound says: the last [`CONSOLE_LINES`] lines, each with a number that never changes.
#[derive(Clone, Debug, Default)]
pub struct Console {
    next: u64,
    lines: VecDeque<Line>,
    clears: u64,
}

impl Console {
    /// The number of the next line: a backend pushes the lines from here on.
    pub fn next(&self) -> u64 {
        self.next
    }

    /// The number of the oldest line.
    pub fn first(&self) -> u64 {
        self.next - self.lines.len() as u64
    }

    /// Adds a line; the oldest leaves a full console.
    pub fn push(&mut self, line: Line) {
        if self.lines.len() == CONSOLE_LINES {
            self.lines.pop_front();
        }
        self.lines.push_back(line);
        self.next += 1;
    }

    /// Leaves out lines that are no more, so that `number` comes next.
    pub fn skip_to(&mut self, number: u64) {
        if number > self.next {
            self.lines.clear();
            self.next = number;
        }
    }

    /// Forgets all lines; numbers go on.
    pub fn clear(&mut self) {
        self.lines.clear();
        self.clears += 1;
    }

    /// Counts how often it was cleared.
    pub fn clears(&self) -> u64 {
        self.clears
    }

    /// The line of a number.
    pub fn line(&self, number: u64) -> Option<&Line> {
        self.lines.get(usize::try_from(number.checked_sub(self.first())?).ok()?)
    }

    /// All lines, oldest first.
    pub fn lines(&self) -> impl DoubleEndedIterator<Item = &Line> {
        self.lines.iter()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.lines.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }
}

/// A line of the console.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Line {
    /// How much it matters.
    pub level: Level,
    /// The line of the source that it speaks of, from 1.
    pub source_line: Option<u32>,
    /// What it says.
    pub text: Arc<str>,
}

/// How much a line matters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Level {
    /// What Csound says of itself.
    #[default]
    Info,
    /// What the piece prints.
    Print,
    /// What the plugin says.
    Note,
    /// What may sound wrong.
    Warning,
    /// What went wrong.
    Error,
}

/// The sound, and what it costs.
#[derive(Clone, Debug, Default)]
pub struct Picture {
    /// Each channel's level.
    pub meters: Vec<Meter>,
    /// Frames per second of `scope`.
    pub sample_rate: f64,
    /// The newest samples of each channel, oldest first: 4096 are enough.
    pub scope: Vec<Vec<f32>>,
    /// The share of the time at hand that performing takes, 1 being all of it.
    pub load: f64,
    /// The most of the last seconds.
    pub worst: f64,
    /// Turns that came late.
    pub late_turns: u64,
}

/// A channel's level. Amplitudes: 1 is full scale.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Meter {
    /// The greatest since the last view.
    pub peak: f32,
    /// The mean of about 300 ms, as a root of squares.
    pub rms: f32,
    /// Whether it went beyond full scale since the clips were cleared.
    pub clipped: bool,
}

/// The piece's text.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Source {
    /// Counts up whenever the text comes from elsewhere than this editor's *Apply*.
    pub generation: u64,
    /// One CSD, or an orchestra and a score.
    pub files: Arc<[SourceFile]>,
    /// Counts up with each *Apply* that was answered.
    pub answered: u64,
    /// What is wrong with the text that was applied last.
    pub errors: Arc<[SourceError]>,
    /// Whether what performs differs from the file.
    pub unsaved: bool,
}

/// A text of the piece.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SourceFile {
    /// Its file's name.
    pub name: String,
    /// What it is written in.
    pub language: Language,
    /// The text.
    pub text: String,
}

/// What a text is written in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Language {
    /// Sections of everything.
    #[default]
    Csd,
    /// Instruments.
    Orchestra,
    /// Events.
    Score,
}

/// An error in a text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SourceError {
    /// Which text, by its index in [`Source::files`].
    pub file: usize,
    /// The line, from 1; none where Csound does not tell.
    pub line: Option<u32>,
    /// What is wrong.
    pub text: String,
}

/// What a loaded session says about the editor itself.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Saved {
    /// Counts up with each session that was loaded.
    pub generation: u64,
    /// The editor's part of it.
    pub state: Arc<EditorState>,
}

/// A parameter that is touched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ParamRef {
    /// A slot of the channel bank, from 0.
    Slot(usize),
}

/// What the user wants.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Perform this file.
    Open(PathBuf),
    /// Perform a piece that comes with the plugin, by its index.
    OpenShipped(usize),
    /// Read the file again; what was changed here is dropped.
    Reload,
    /// Whether to do so by itself when the file changes.
    ReloadByItself(bool),
    /// Trust this piece.
    Trust,
    /// Trust it no longer.
    Untrust,
    /// Let the piece do this.
    Permit(Permission),
    /// Let it no longer do this.
    Revoke(Permission),
    /// Let every piece use an opcode library, by its file's name.
    AllowLibrary(String),
    /// Or no longer.
    RevokeLibrary(String),
    /// Play, or play on.
    Play,
    /// Hold still.
    Pause,
    /// End the performance.
    Stop,
    /// From the beginning.
    Restart,
    /// Start or stop recording.
    Record(bool),
    /// Put recordings into this folder.
    RecordInto(PathBuf),
    /// Show a file where it lies.
    ShowInFolder(PathBuf),
    /// To these seconds of the score.
    Seek(f64),
    /// Who decides about time.
    SetSync(SyncMode),
    /// A parameter is touched.
    BeginGesture(ParamRef),
    /// It moves to a position from 0 to 1.
    SetParam(ParamRef, f64),
    /// It is left alone.
    EndGesture(ParamRef),
    /// Set a channel that has no parameter.
    SetChannel(String, f64),
    /// Set a string channel.
    SetText(String, String),
    /// Send a score event.
    SendLine(String),
    /// Compile a piece of orchestra into what performs.
    SendOrchestra(String),
    /// Keep a score line in a slot.
    SetSlot(usize, String),
    /// Send a slot's line.
    TriggerSlot(usize),
    /// Take the next message as a slot's trigger, or no longer wait for it.
    LearnSlot(usize),
    /// No message triggers a slot any more.
    ForgetSlot(usize),
    /// A key goes down.
    NoteOn {
        /// 0 to 127.
        key: u8,
        /// 1 to 127.
        velocity: u8,
    },
    /// A key goes up.
    NoteOff {
        /// 0 to 127.
        key: u8,
    },
    /// Perform these texts, in the order of [`Source::files`].
    Apply(Vec<String>),
    /// Write these texts to the piece's file.
    Save(Vec<String>),
    /// Write these texts to another file, which becomes the piece's.
    SaveAs(PathBuf, Vec<String>),
    /// Forget the console's lines.
    ClearConsole,
    /// Forget that a channel went beyond full scale.
    ClearClips,
    /// Keep this with the session.
    Remember(Box<EditorState>),
    /// Ask for a file or folder; the editor turns the answer into another action.
    Ask(Question),
}

/// What a file dialog is opened for.
#[derive(Clone, Debug, PartialEq)]
pub enum Question {
    /// A piece to open.
    Open,
    /// A file to save these texts to, under this name at first.
    SaveAs(String, Vec<String>),
    /// A folder that the piece may read.
    AllowFolder,
    /// A folder that the piece may write into.
    WriteFolder,
    /// An opcode library that every piece may use.
    OpcodeLibrary,
    /// A folder for recordings, to start one at once.
    RecordInto,
    /// A file for a string channel.
    ChannelFile(String),
}

impl Question {
    /// What the chosen path leads to.
    pub fn answered(self, path: PathBuf) -> Vec<Action> {
        match self {
            Self::Open => vec![Action::Open(path)],
            Self::SaveAs(_, texts) => vec![Action::SaveAs(path, texts)],
            Self::AllowFolder => vec![Action::Permit(Permission::Read(path))],
            Self::WriteFolder => vec![Action::Permit(Permission::Write(path))],
            Self::OpcodeLibrary => {
                let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
                name.map(Action::AllowLibrary).into_iter().collect()
            }
            Self::RecordInto => vec![Action::RecordInto(path), Action::Record(true)],
            Self::ChannelFile(name) => vec![Action::SetText(name, path.to_string_lossy().into_owned())],
        }
    }
}

/// What the editor is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Tab {
    /// The piece's controls.
    #[default]
    Channels,
    /// Lines to send, and slots.
    Events,
    /// The piece's text.
    Source,
    /// What Csound says.
    Console,
}

/// Light or dark.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Brightness {
    /// Dark.
    #[default]
    Dark,
    /// Light.
    Light,
}

/// What is sent from the line of the *Events* tab.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Sending {
    /// A score event.
    #[default]
    Event,
    /// A line of orchestra.
    Orchestra,
}

/// What the session keeps of the editor. Fields that a session lacks are as new.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct EditorState {
    /// The window's width and height, in points.
    pub size: [f32; 2],
    /// What is in front.
    pub tab: Tab,
    /// Whether meters, oscilloscope and spectrum are shown.
    pub picture: bool,
    /// Whether the keyboard is shown.
    pub keyboard: bool,
    /// Whether the piece's own layout is shown, where it has one.
    pub own_layout: bool,
    /// Light or dark.
    pub brightness: Brightness,
    /// Lines that were sent, oldest first.
    pub history: Vec<String>,
    /// What the line is sent as.
    pub sending: Sending,
    /// The octave of the keyboard's left end, in C notation.
    pub octave: i8,
    /// The least level of console lines that are shown.
    pub level: Level,
    /// Whether a file that changes is read again by itself.
    pub reload_by_itself: bool,
    /// Texts that were changed and not applied.
    pub draft: Option<Vec<String>>,
}

impl Default for EditorState {
    fn default() -> Self {
        Self {
            size: [960.0, 640.0],
            tab: Tab::Channels,
            picture: true,
            keyboard: false,
            own_layout: true,
            brightness: Brightness::Dark,
            history: Vec::new(),
            sending: Sending::Event,
            octave: 3,
            level: Level::Info,
            reload_by_itself: false,
            draft: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(min: f64, max: f64, curve: Curve, step: f64) -> Range {
        Range { min, max, curve, step }
    }

    #[test]
    fn positions_and_values_are_each_others_inverse() {
        let ranges = [
            range(0.0, 1.0, Curve::Linear, 0.0),
            range(20.0, 20_000.0, Curve::Exponential, 0.0),
            range(20.0, 20_000.0, Curve::Skew(0.5), 0.0),
            range(5.0, -5.0, Curve::Linear, 0.0),
        ];
        for range in ranges {
            for position in [0.0, 0.25, 0.5, 1.0] {
                assert!((range.position(range.value(position)) - position).abs() < 1e-9, "{range:?}");
            }
        }
    }

    #[test]
    fn ranges_without_width_or_with_wrong_signs_are_harmless() {
        assert_eq!(range(3.0, 3.0, Curve::Linear, 0.0).position(3.0), 0.0);
        assert_eq!(range(3.0, 3.0, Curve::Linear, 1.0).value(0.5), 3.0);
        assert_eq!(range(-1.0, 1.0, Curve::Exponential, 0.0).value(0.5), 0.0);
        assert_eq!(range(0.0, 10.0, Curve::Linear, 2.5).value(0.3), 2.5);
        assert_eq!(range(-1.0, 1.0, Curve::Linear, 0.0).show(-0.0001), "0.000");
    }

    #[test]
    fn a_channels_text_is_read_back() {
        let cutoff = Channel {
            range: range(20.0, 20_000.0, Curve::Skew(0.5), 1.0),
            unit: "Hz".into(),
            ..Channel::default()
        };
        assert_eq!(cutoff.show(440.0), "440 Hz");
        assert_eq!(cutoff.parse("440 Hz"), Some(440.0));
        assert_eq!(cutoff.parse("1e9"), Some(20_000.0));
        assert_eq!(cutoff.parse("loud"), None);
        let wave = Channel {
            widget: Widget::Choice,
            range: range(1.0, 2.0, Curve::Linear, 1.0),
            items: vec!["sine".into(), "saw".into()],
            ..Channel::default()
        };
        assert_eq!((wave.show(2.0).as_str(), wave.parse("sine")), ("saw", Some(1.0)));
    }

    #[test]
    fn a_full_console_drops_its_oldest_lines_and_numbers_stay() {
        let mut console = Console::default();
        for number in 0..CONSOLE_LINES + 5 {
            console.push(Line { text: number.to_string().into(), ..Line::default() });
        }
        assert_eq!((console.len(), console.first()), (CONSOLE_LINES, 5));
        assert_eq!(&*console.line(7).unwrap().text, "7");
        assert!(console.line(4).is_none());
        console.skip_to(200_000);
        assert_eq!((console.first(), console.len()), (200_000, 0));
    }

    #[test]
    fn a_session_of_before_the_editor_opens_as_new() {
        let state: EditorState = serde_json::from_str("{}").unwrap();
        assert_eq!(state, EditorState::default());
    }
}
