//! What the user asks for that reads or writes files. The control thread carries it out, in the order in which
//! it was asked, so that neither the window's thread nor the host's waits for a disk.

use std::path::PathBuf;
use std::sync::Arc;

use csound_performance::engine::piece::Piece;

use crate::chosen_keys::KeyChoice;
use crate::exporting::ExportWish;
use crate::gathering::Gathering;
use crate::permission::Permission;
use crate::preset_id::PresetId;

/// What a piece may do from now on.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// It is trusted, or no longer.
    Trusted(bool),
    /// It has a permission.
    Permit(Permission),
    /// It has it no longer.
    Revoke(Permission),
}

/// Something about presets.
#[derive(Clone, Debug, PartialEq)]
pub enum PresetErrand {
    /// Sets what this one holds.
    Load(PresetId),
    /// The same for one that a host has chosen: with the piece that it was made with.
    Open(PresetId),
    /// Goes so far along the list.
    Step(i32),
    /// Keeps how everything stands.
    Save {
        /// Its name.
        name: String,
        /// Words to find it by.
        tags: Vec<String>,
        /// The user has said that one of that name is replaced.
        replace: bool,
    },
    /// Gives one another name, and other tags.
    Rename {
        /// Which one.
        id: PresetId,
        /// Its new name.
        name: String,
        /// Its new tags.
        tags: Vec<String>,
    },
    /// Deletes one, as the user has said.
    Delete(PresetId),
    /// Takes those of a file over.
    Import(PathBuf),
    /// Goes to the other side of a comparison.
    OtherSide,
    /// Goes back to how it was before the last one was loaded.
    Back,
    /// Goes between the two sides, from 0 to 1.
    Morph(f64),
}

/// Something about the pieces and presets that there are.
#[derive(Clone, Debug, PartialEq)]
pub enum CatalogueErrand {
    /// Looks for all of them.
    Look,
    /// Adds a folder of the user's, and looks.
    Add(PathBuf),
    /// Takes one out of the list, and looks.
    Remove(PathBuf),
}

/// Something about the manual of Csound.
#[derive(Clone, Debug, PartialEq)]
pub enum ManualErrand {
    /// Looks a name up, and shows its page.
    LookUp(String),
    /// Takes a folder of the user's as a manual.
    Choose(PathBuf),
    /// Takes it no longer.
    Forget(PathBuf),
}

/// Something about the keys of the editor's commands.
#[derive(Clone, Debug, PartialEq)]
pub enum KeyErrand {
    /// Reads what the user has chosen.
    Read,
    /// Takes a choice for a command over, by the name that it is kept by.
    Choose(String, KeyChoice),
    /// Forgets all choices.
    Reset,
}

/// Something about the texts in the piece's folder besides its own.
#[derive(Clone, Debug, PartialEq)]
pub enum TextErrand {
    /// Looks which there are.
    Look,
    /// Reads one, by its name there, and keeps it open.
    Open(String),
    /// Keeps it open no longer.
    Close(String),
    /// Writes one over the text of this generation, and has the piece performed where it includes it.
    Save {
        /// Its name.
        name: String,
        /// What it is to hold.
        text: String,
        /// The generation that the user has seen.
        over: u64,
    },
}

/// Something about what was typed and not saved when a program broke off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DraftErrand {
    /// The user goes on with it.
    Take,
    /// It is deleted.
    Drop,
}

/// Something to carry out.
#[derive(Clone, Debug, PartialEq)]
pub enum Errand {
    /// What a host asks for, which asks nobody: refused where it would take a text away that is in no file.
    OfHost(Box<Self>),
    /// Sees to presets.
    Preset(PresetErrand),
    /// Looks what pieces and presets there are.
    Catalogue(CatalogueErrand),
    /// Has the piece of this preview, by its number, heard over the present one.
    Preview(u64),
    /// Reads the manual.
    Manual(ManualErrand),
    /// Reads and keeps the user's choice of keys.
    Keys(KeyErrand),
    /// Reads and writes texts in the piece's folder.
    Text(TextErrand),
    /// Decides on what was typed when a program broke off.
    Draft(DraftErrand),
    /// Performs the piece that new instances begin with, if there is one.
    Begin,
    /// Looks for the folders of a loaded session's pieces, which may have moved.
    FindFolders,
    /// The user has chosen *Auto*, which comes to a Csound now.
    ComeToAuto,
    /// Compares the present piece by both Csounds.
    Compare,
    /// Looks what the present piece reads from elsewhere, or brings what was agreed into its folder.
    Gather(Option<Arc<Gathering>>),
    /// Makes the present piece a plugin of its own, or looks what that would be.
    Export(Box<ExportWish>),
    /// Takes the tuning of a file, or twelve equal steps again.
    Tune(Option<PathBuf>),
    /// Reads the piece of a file that the user has chosen, and performs it.
    Open(PathBuf),
    /// Performs a piece that the user has chosen.
    Load(Piece),
    /// Takes a permission, or without one trust, back from a text that the user's configuration keeps, by its id.
    RevokeKept(String, Option<Permission>),
    /// Performs a text that the user has made of another in the editor. It may do what that might, and
    /// nothing new: where `before` came from is not known here.
    Apply {
        /// The text before.
        before: Piece,
        /// The text now.
        piece: Piece,
    },
    /// Writes the texts that the user has made of a piece to a file, and performs them as [`Errand::Apply`].
    Save {
        /// The text before.
        before: Piece,
        /// The file; a score goes beside it.
        path: PathBuf,
        /// One text, or an orchestra's and a score's.
        texts: Vec<String>,
        /// The user has chosen this file just now: its piece may read the folder.
        chosen: bool,
    },
    /// Reads the piece's file again, where it has one, and performs it from its start. The user has chosen no
    /// file by that: see [`Trust::read_again`](crate::plugin::pieces::trust::Trust::read_again).
    Reload,
    /// Changes what the piece that the user sees may do. Where another has taken its place by then, nothing is
    /// changed: nobody has looked at that one.
    Change(Piece, Change),
    /// Lets all pieces use an opcode library besides those that are listed, or no longer.
    SetLibrary {
        /// The name of its file.
        name: String,
        /// If they may.
        allowed: bool,
    },
}
