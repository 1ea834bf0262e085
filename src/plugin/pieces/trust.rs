//! What the user lets pieces do. Kept in the user's configuration, never in a session: a session comes
//! from anywhere.
//!
//! Every permission is for one text, with all the files that it includes ([`pinned`]). Who gets one:
//!
//! - The user opens a file: what was read from it may read its folder, unless that is a whole home or more.
//! - The user gives or takes back a permission in the editor: the present text.
//! - The user edits a text and applies or saves it: the new text may do what the edited one might. It is
//!   trusted as well only if it includes no file that the edited one did not include.
//! - A text that was read again because its file changed may read its own folder if the text before it
//!   might. It writes, talks over a network and is trusted only once the user says so again: somebody else
//!   may have written it.
//! - A text from a session, a preset or another piece: nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use csound_performance::engine::folders::{Homes, is_too_much};
use csound_performance::engine::piece::Piece;

use crate::plugin::pieces::files::{config_file, read_bounded, write_private};

pub mod includes;
pub mod permissions;
pub mod pinned;
pub mod reads;
pub mod strings;
pub mod wants;

use crate::permission::{KeptText, Permission};

pub use permissions::{Network, Permissions};
pub use pinned::{Included, Pinned};

/// The environment variable with more folders to read, for this process: the user's word too.
pub const FOLDERS_VARIABLE: &str = "CSOUND_PERFORMER_FOLDERS";

/// The version written. What older ones hold is asked for again.
const VERSION: u32 = 2;

/// The longest configuration that is read, in bytes, and the most texts that it keeps.
const LONGEST: u64 = 4 << 20;
const MOST_TEXTS: usize = 4000;

/// What the user lets pieces do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trust {
    version: u32,
    /// The permissions of texts, by [`Pinned::name`].
    #[serde(default)]
    texts: BTreeMap<String, Kept>,
    /// File names of opcode libraries that untrusted pieces may use besides those that are listed.
    #[serde(default)]
    libraries: BTreeSet<String>,
    /// Counts changes: which text was changed last.
    #[serde(default)]
    changes: u64,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Kept {
    #[serde(flatten)]
    permissions: Permissions,
    changed: u64,
    /// The piece's file or name when it was given, to be known by.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    piece: String,
}

impl Default for Trust {
    fn default() -> Self {
        Self { version: VERSION, texts: BTreeMap::new(), libraries: BTreeSet::new(), changes: 0 }
    }
}

/// What one piece may do, as things are now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Granted {
    /// What it may do. It is trusted only if it is certain what it reads as code.
    pub permissions: Permissions,
    /// Folders that all pieces of this process may read.
    pub folders: Vec<PathBuf>,
    /// Opcode libraries that all pieces may use besides those that are listed.
    pub libraries: Vec<String>,
    /// Why it cannot be trusted, if it cannot.
    pub untrustable: Option<String>,
}

/// Whether a piece may read the folder it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FolderAccess {
    /// It has none, or may read it.
    Granted,
    /// The user has to say so first.
    Asks(PathBuf),
}

impl Granted {
    /// All folders that it may read.
    pub fn readable(&self) -> Vec<PathBuf> {
        self.permissions.read.iter().chain(&self.folders).cloned().collect()
    }

    /// Whether it may read its own folder.
    pub fn access(&self, piece: &Piece) -> FolderAccess {
        let Some(folder) = &piece.folder else { return FolderAccess::Granted };
        let whole = folder.canonicalize().unwrap_or_else(|_| folder.clone());
        let of_all = self.folders.iter().any(|allowed| whole.starts_with(allowed));
        match of_all || self.permissions.reads(folder) {
            true => FolderAccess::Granted,
            false => FolderAccess::Asks(folder.clone()),
        }
    }
}

impl Trust {
    /// What the user's configuration says; nothing where there is none. That of an older version is taken
    /// as saying nothing: it knew no kinds, and its trust did not pin all that was read as code. It stays
    /// as it is until something is changed.
    ///
    /// # Errors
    /// The file cannot be read, is damaged or comes from a later version. It is not overwritten then.
    pub fn read() -> io::Result<Self> {
        let Some(file) = file() else { return Ok(Self::default()) };
        match read_bounded(&file, LONGEST) {
            Ok(text) => Self::parse(&text),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(error),
        }
    }

    fn parse(text: &[u8]) -> io::Result<Self> {
        #[derive(Deserialize)]
        struct Versioned {
            #[serde(default)]
            version: u32,
        }
        match serde_json::from_slice::<Versioned>(text)?.version {
            VERSION => Ok(serde_json::from_slice(text)?),
            older if older < VERSION => Ok(Self::default()),
            later => Err(io::Error::other(format!(
                "it is of version {later}, this plugin reads up to {VERSION}: update Csound Performer"
            ))),
        }
    }

    /// Changes what the configuration says: reads it anew, so that other instances' words are kept.
    ///
    /// # Errors
    /// As [`read`](Self::read), what the change says, or it cannot be written.
    pub fn change(change: impl FnOnce(&mut Self) -> io::Result<()>) -> io::Result<()> {
        let mut trust = Self::read()?;
        let before = trust.clone();
        change(&mut trust)?;
        if trust != before { trust.write() } else { Ok(()) }
    }

    fn write(&self) -> io::Result<()> {
        let file = file().ok_or_else(|| io::Error::other("this system has no configuration folder"))?;
        let folder = file.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(folder)?;
        let text = serde_json::to_vec_pretty(self)?;
        if text.len() as u64 > LONGEST {
            return Err(io::Error::other("there is too much in it already"));
        }
        write_private(&file, &text)
    }

    /// What a piece may do.
    pub fn granted(&self, piece: &Piece) -> Granted {
        let pinned = Pinned::of(piece);
        let mut permissions = self.of(&pinned);
        let untrustable = pinned.refusal();
        permissions.trusted &= untrustable.is_none();
        Granted {
            permissions,
            folders: folders_of_all(),
            libraries: self.libraries.iter().cloned().collect(),
            untrustable,
        }
    }

    /// Gives the piece's text a permission.
    ///
    /// # Errors
    /// Why nobody may have it.
    pub fn permit(&mut self, piece: &Piece, permission: Permission) -> io::Result<()> {
        let pinned = Pinned::of(piece);
        let mut permissions = self.of(&pinned);
        permissions.give(permission).map_err(io::Error::other)?;
        self.set(pinned, permissions);
        Ok(())
    }

    /// Takes a permission back from the piece's text.
    pub fn revoke(&mut self, piece: &Piece, permission: &Permission) {
        let pinned = Pinned::of(piece);
        let mut permissions = self.of(&pinned);
        permissions.take_back(permission);
        self.set(pinned, permissions);
    }

    /// Trusts the piece's text, or no longer.
    ///
    /// # Errors
    /// Why it cannot be trusted.
    pub fn set_trusted(&mut self, piece: &Piece, trusted: bool) -> io::Result<()> {
        let pinned = Pinned::of(piece);
        if let Some(refusal) = pinned.refusal().filter(|_| trusted) {
            return Err(io::Error::other(refusal));
        }
        let permissions = Permissions { trusted, ..self.of(&pinned) };
        self.set(pinned, permissions);
        Ok(())
    }

    /// The user has chosen the file that this piece was read from: it may read its folder, unless that is
    /// too much to be meant.
    pub fn choose(&mut self, piece: &Piece) {
        let Some(folder) = piece.folder.as_deref().filter(|folder| !is_too_much(folder, Homes::All)) else {
            return;
        };
        // Only a folder to write into is ever refused.
        let _ = self.permit(piece, Permission::Read(folder.to_owned()));
    }

    /// The user has edited a text: what the one before might, the one after may.
    pub fn edit(&mut self, before: &Piece, after: &Piece) {
        let (before, after) = (Pinned::of(before), Pinned::of(after));
        let mut permissions = self.of(&before);
        permissions.trusted &=
            before.doubts.is_empty() && after.doubts.is_empty() && after.includes_no_more_than(&before);
        self.add(after, permissions);
    }

    /// The user has written a text into a file that the piece includes: what it might before, it may. Where the file
    /// holds something else by now, somebody else has written that: as with any text that was read again, it may read
    /// its folder if the one before might.
    pub fn edit_included(&mut self, before: &Pinned, piece: &Piece, written: &Path, text: &str) {
        let after = Pinned::of(piece);
        let mut permissions = self.of(before);
        let holds_text = |file: &Included| file.bytes.as_deref() == Some(text.as_bytes());
        if after.included.iter().any(|file| file.is_at(written) && !holds_text(file)) {
            if let Some(folder) = piece.folder.as_deref().filter(|folder| permissions.reads(folder)) {
                // Only a folder to write into is ever refused.
                let _ = self.permit(piece, Permission::Read(folder.to_owned()));
            }
            return;
        }
        let is_known = |file: &Included| before.included.contains(file) || file.is_at(written);
        permissions.trusted &=
            before.doubts.is_empty() && after.doubts.is_empty() && after.included.iter().all(is_known);
        self.add(after, permissions);
    }

    /// The file of `before`, or one that it includes, was read again: `after` may read their folder if `before` might,
    /// which performed with these permissions.
    pub fn read_again(&mut self, before: &Piece, might: &Permissions, after: &Piece) {
        let Some(folder) = after.folder.as_deref().filter(|_| before.folder == after.folder) else { return };
        if might.reads(folder) {
            // Only a folder to write into is ever refused.
            let _ = self.permit(after, Permission::Read(folder.to_owned()));
        }
    }

    /// Lets all pieces use an opcode library, by its file's name, or no longer.
    ///
    /// # Errors
    /// That is no file's name.
    pub fn set_library(&mut self, name: &str, allowed: bool) -> io::Result<()> {
        let is_name = !name.is_empty() && !name.starts_with('.') && !name.contains(['/', '\\', '\0']);
        if !allowed {
            self.libraries.remove(name);
        } else if is_name && name.len() < 256 {
            self.libraries.insert(name.to_owned());
        } else {
            return Err(io::Error::other(format!(
                "{name:?} is not the name of an opcode library's file, such as libfoo.so"
            )));
        }
        Ok(())
    }

    /// All that texts may do, what was changed last first. The texts of one piece are one entry: whoever edits
    /// leaves many.
    pub fn kept(&self) -> Vec<KeptText> {
        let mut kept: Vec<_> = self.texts.iter().collect();
        kept.sort_by_key(|(_, kept)| std::cmp::Reverse(kept.changed));
        let mut found: Vec<(KeptText, Permissions)> = Vec::new();
        for (key, Kept { permissions, piece, .. }) in kept {
            let id = if piece.is_empty() { key } else { piece };
            match found.iter_mut().find(|(known, _)| known.id == *id) {
                Some((_, all)) => all.add(permissions.clone()),
                None => {
                    let text = KeptText { id: id.clone(), piece: piece.clone(), ..KeptText::default() };
                    found.push((text, permissions.clone()));
                }
            }
        }
        let shown = |(text, all): (KeptText, Permissions)| KeptText {
            trusted: all.trusted,
            permissions: all.list(),
            ..text
        };
        found.into_iter().map(shown).collect()
    }

    /// Takes a permission back from the texts of an entry of [`Trust::kept`], by its id; without one, trust.
    pub fn revoke_kept(&mut self, id: &str, permission: Option<&Permission>) {
        for (_, kept) in self.texts.iter_mut().filter(|(key, kept)| *key == id || kept.piece == id) {
            match permission {
                Some(permission) => kept.permissions.take_back(permission),
                None => kept.permissions.trusted = false,
            }
        }
        self.texts.retain(|_, kept| !kept.permissions.is_empty());
    }

    /// All folders that any piece may read: where a piece that has moved may be looked for.
    pub fn folders(&self) -> Vec<PathBuf> {
        let read: BTreeSet<_> =
            self.texts.values().flat_map(|kept| kept.permissions.read.iter().cloned()).collect();
        read.into_iter().chain(folders_of_all()).collect()
    }

    fn of(&self, pinned: &Pinned) -> Permissions {
        self.texts.get(&pinned.name).map(|kept| kept.permissions.clone()).unwrap_or_default()
    }

    /// Adds to what a text may do already.
    fn add(&mut self, pinned: Pinned, more: Permissions) {
        let mut permissions = self.of(&pinned);
        permissions.add(more);
        self.set(pinned, permissions);
    }

    fn set(&mut self, pinned: Pinned, permissions: Permissions) {
        if self.of(&pinned) == permissions {
            return;
        }
        if permissions.is_empty() {
            self.texts.remove(&pinned.name);
            return;
        }
        self.changes += 1;
        let Pinned { name, piece, .. } = pinned;
        self.texts.insert(name, Kept { permissions, changed: self.changes, piece });
        while self.texts.len() > MOST_TEXTS {
            let oldest = self.texts.iter().min_by_key(|(_, kept)| (kept.permissions.trusted, kept.changed));
            let Some(oldest) = oldest.map(|(name, _)| name.clone()) else { return };
            self.texts.remove(&oldest);
        }
    }
}

/// The folders that all pieces of this process may read: the user's word, in the environment.
fn folders_of_all() -> Vec<PathBuf> {
    let named = std::env::var_os(FOLDERS_VARIABLE).unwrap_or_default();
    let named = std::env::split_paths(&named).filter(|folder| !folder.as_os_str().is_empty());
    named.filter_map(|folder| folder.canonicalize().ok()).collect()
}

fn file() -> Option<PathBuf> {
    config_file("trust.json")
}

#[cfg(test)]
mod tests;
