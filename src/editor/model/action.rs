//! The user's wishes.

use std::path::PathBuf;
use std::sync::Arc;

use super::layout::{PathKind, PathWish};
use super::state::EditorState;

use crate::catalogue::Opens;
use crate::chosen_keys::KeyChoice;
use crate::exporting::ExportWish;
use crate::gathering::Gathering;
use crate::host_menu::MenuOf;
use crate::permission::Permission;
use crate::preset_id::PresetId;
use crate::range::EditedRange;
use crate::setting::Setting;
use crate::user_input::UserInput;

/// A parameter that is touched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ParamRef {
    /// A place of the channel bank, from 0.
    Bank(usize),
}

/// The user's wishes.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Perform this file.
    Open(PathBuf),
    /// Perform a piece that comes with the plugin, by its index.
    OpenShipped(usize),
    /// Look what the piece reads from elsewhere, or bring what was agreed into its folder.
    Gather(Option<Arc<Gathering>>),
    /// Busy with that no longer; what is under way is given up.
    CloseGathering,
    /// Look what pieces and presets there are.
    LookAtCatalogue,
    /// Show the pieces of a folder in the browser, too.
    AddPieceFolder(PathBuf),
    /// Show them no longer. Nothing is deleted.
    RemovePieceFolder(PathBuf),
    /// Have a piece of the catalogue heard over the present one, which stays as it is. Another one that is heard ends.
    Preview(Opens),
    /// Have it heard no longer, nor told how it ended.
    EndPreview,
    /// Look a name up in the manual; an empty one opens it with its index alone.
    LookUp(String),
    /// The manual is open no longer.
    CloseManual,
    /// Take a folder as the manual of the Csound that it is of.
    ChooseManual(PathBuf),
    /// Take it no longer. Nothing is deleted.
    ForgetManual(PathBuf),
    /// Show what was looked up last on Csound's own site, in the browser.
    ShowOnline,
    /// Set what a preset holds, and perform the piece that it was made with.
    OpenPreset(PresetId),
    /// Read the file again; what was changed here is dropped.
    Reload,
    /// Compare the piece by both Csounds.
    Compare,
    /// Compare no longer.
    StopComparing,
    /// Make the piece a plugin of its own, or look what that would be.
    Export(Box<ExportWish>),
    /// Busy with the export no longer; one that is under way is given up.
    CloseExport,
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
    /// Take a permission, or without one trust, back from a text of [`View::kept`](super::View::kept), by its id.
    RevokeKept(String, Option<Permission>),
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
    /// Let the host's transport play, pause and seek the piece, or no longer.
    FollowHost(bool),
    /// A parameter is touched.
    BeginGesture(ParamRef),
    /// It moves to a position from 0 to 1.
    SetParam(ParamRef, f64),
    /// It is left alone.
    EndGesture(ParamRef),
    /// Ask the host for its menu of a parameter.
    AskHostMenu(MenuOf),
    /// Have the host do what an entry of that menu stands for, by its number.
    ChooseOfHost(MenuOf, u32),
    /// Have the host show a menu of its own, at a place of the window in its pixels.
    PopUpHostMenu(MenuOf, [i32; 2]),
    /// Set a channel that has no parameter.
    SetChannel(String, f64),
    /// Set a string channel.
    SetText(String, String),
    /// Draw a straight line into a function table, from one place in it to another.
    DrawTable {
        /// The table's number.
        table: u32,
        /// The places, from 0.
        places: [u32; 2],
        /// The values there.
        values: [f64; 2],
    },
    /// Give a channel another range, or without one the piece's own again.
    EditRange(String, Option<EditedRange>),
    /// Set a setting.
    Set(Setting, f64),
    /// Take the tuning of a file, or twelve equal steps again.
    Tune(Option<PathBuf>),
    /// Set what a preset holds.
    LoadPreset(PresetId),
    /// Go so far along the list of presets, and begin again at its end.
    StepPreset(i32),
    /// Keep how the piece stands as a preset.
    SavePreset {
        /// Its name.
        name: String,
        /// Words to find it by.
        tags: Vec<String>,
        /// One of that name is replaced: the user was asked.
        replace: bool,
    },
    /// Give a preset another name, and other tags.
    RenamePreset {
        /// Which one.
        id: PresetId,
        /// Its new name.
        name: String,
        /// Its new tags.
        tags: Vec<String>,
    },
    /// Delete a preset: the user was asked.
    DeletePreset(PresetId),
    /// Take the presets of a file over.
    ImportPresets(PathBuf),
    /// Go to the other side of the comparison of two.
    OtherSide,
    /// Go back to how it was before the last preset was loaded.
    BackFromPreset,
    /// Go so far from the first side to the second, from 0 to 1.
    Morph(f64),
    /// Send a score event.
    SendLine(String),
    /// Compile a piece of orchestra into what performs.
    SendOrchestra(String),
    /// Evaluate a piece of orchestra in what performs, and show the number that it gives.
    Evaluate(String),
    /// Take the next MIDI controller as what turns this channel, or no longer wait for it.
    LearnChannel(String),
    /// No controller turns this channel any more.
    ForgetChannel(String),
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
    /// Perform these texts, in the order of [`Source::files`](super::Source::files).
    Apply(Vec<String>),
    /// Write these texts to the piece's file.
    Save(Vec<String>),
    /// Write these texts to another file, which becomes the piece's.
    SaveAs(PathBuf, Vec<String>),
    /// Look which texts lie in the piece's folder.
    LookAtFolder,
    /// Open a text of the piece's folder beside the piece's own, by its name there.
    OpenText(String),
    /// It is open no longer.
    CloseText(String),
    /// Write a text of the piece's folder into its file.
    SaveText {
        /// Its name there.
        name: String,
        /// What it is to hold.
        text: String,
        /// The generation of the text that the user has changed. Another one by then stays, and that is told.
        over: u64,
    },
    /// Go on with what [`View::draft`](super::View::draft) holds.
    TakeDraft,
    /// Delete it.
    DropDraft,
    /// Edit the piece's file, or a text of its folder by its name, in the user's own editor.
    EditOutside(Option<String>),
    /// Write on the console what the editor could not do by itself.
    Report(String),
    /// What was refused is read: it is told no more.
    Dismiss,
    /// Forget the console's lines.
    ClearConsole,
    /// Forget that a channel went beyond full scale.
    ClearClips,
    /// Tell the piece of the pointer and keys.
    Tell(Box<UserInput>),
    /// Have a command of the editor have these keys, by the name that it is kept by.
    ChooseKey(String, KeyChoice),
    /// All of them have their usual keys again.
    ResetKeys,
    /// Keep this with the session.
    Remember(Box<EditorState>),
}

impl Action {
    /// Whether it is a wish whose refusal is told: no movement, no key, nothing that the editor does by itself.
    pub fn is_request(&self) -> bool {
        !matches!(
            self,
            Self::BeginGesture(_)
                | Self::SetParam(..)
                | Self::EndGesture(_)
                | Self::SetChannel(..)
                | Self::DrawTable { .. }
                | Self::NoteOn { .. }
                | Self::NoteOff { .. }
                | Self::Morph(_)
                | Self::AskHostMenu(_)
                | Self::Tell(_)
                | Self::Remember(_)
                | Self::Report(_)
                | Self::EndPreview
        )
    }
}

/// The purpose of a file dialog. The editor asks by itself; the answer is an action.
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
    /// A folder with pieces, for the browser.
    PieceFolder,
    /// A folder with the pages of a manual.
    ManualFolder,
    /// A file of presets to take over.
    ImportPresets,
    /// A scale or a keyboard mapping.
    Tuning,
    /// A path for a string channel.
    ChannelPath(String, PathWish),
    /// The folder for this export.
    ExportFolder(Box<ExportWish>),
    /// A picture for this export.
    ExportPicture(Box<ExportWish>),
    /// A file that this export takes along.
    ExportFile(Box<ExportWish>),
}

impl Question {
    /// The headline of the dialog.
    pub fn title(&self) -> String {
        match self {
            Self::Open => "Open a piece".into(),
            Self::SaveAs(..) => "Save the piece".into(),
            Self::AllowFolder => "A folder that the piece may read".into(),
            Self::WriteFolder => "A folder that the piece may write into".into(),
            Self::OpcodeLibrary => "An opcode library that every piece may use".into(),
            Self::RecordInto => "A folder for recordings".into(),
            Self::PieceFolder => "A folder with pieces".into(),
            Self::ManualFolder => "The folder of a manual's pages".into(),
            Self::ImportPresets => "Import presets".into(),
            Self::Tuning => "A scale (.scl) or a keyboard mapping (.kbm)".into(),
            Self::ChannelPath(name, wish) => match wish.kind {
                PathKind::File => format!("A file for {name}"),
                PathKind::Folder => format!("A folder for {name}"),
                PathKind::New => format!("A file to write for {name}"),
            },
            Self::ExportFolder(_) => "A folder for the plugin".into(),
            Self::ExportPicture(_) => "A picture of the plugin, a PNG".into(),
            Self::ExportFile(_) => "A file that the piece reads".into(),
        }
    }

    /// The actions that a chosen path leads to.
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
            Self::PieceFolder => vec![Action::AddPieceFolder(path)],
            Self::ManualFolder => vec![Action::ChooseManual(path)],
            Self::ImportPresets => vec![Action::ImportPresets(path)],
            Self::Tuning => vec![Action::Tune(Some(path))],
            Self::ChannelPath(name, _) => vec![Action::SetText(name, path.to_string_lossy().into_owned())],
            // What is wished for is another export: it is looked at again.
            Self::ExportFolder(wish) => vec![look(ExportWish { out: path, ..*wish })],
            Self::ExportPicture(wish) => vec![look(ExportWish { picture: Some(path), ..*wish })],
            Self::ExportFile(mut wish) => {
                wish.with.push(path);
                vec![look(*wish)]
            }
        }
    }
}

/// Looks what an export would be.
fn look(wish: ExportWish) -> Action {
    Action::Export(Box::new(ExportWish { agreed: None, ..wish }))
}
