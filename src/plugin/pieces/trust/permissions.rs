//! What a piece may do beyond computing sound: permissions by kind. Pure, but for the names of folders.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use csound_performance::engine::folders::{Homes, is_too_much, whole};
use serde::{Deserialize, Serialize};

use crate::permission::Permission;

/// Whom a piece may talk to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Network {
    /// Nobody.
    #[default]
    None,
    /// Programs on this machine.
    Machine,
    /// Anybody.
    Any,
}

/// What a piece may do. All of it together is less than trust: it starts no program and runs no code
/// that is not Csound's.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Permissions {
    /// Folders to read, with all below them.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub read: BTreeSet<PathBuf>,
    /// Folders to write files into, and to read.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub write: BTreeSet<PathBuf>,
    /// Whom it may talk to.
    #[serde(default)]
    pub network: Network,
    /// Whether it may do all that its user may: start programs, run native code.
    #[serde(default)]
    pub trusted: bool,
}

impl Permissions {
    /// Whether nothing is permitted.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Adds others.
    pub fn add(&mut self, more: Self) {
        self.read.extend(more.read);
        self.write.extend(more.write);
        self.network = self.network.max(more.network);
        self.trusted |= more.trusted;
    }

    /// All of them but trust, one by one.
    pub fn list(&self) -> Vec<Permission> {
        let read = self.read.iter().cloned().map(Permission::Read);
        let write = self.write.iter().cloned().map(Permission::Write);
        let machine = (self.network >= Network::Machine).then_some(Permission::MachineNetwork);
        let any = (self.network == Network::Any).then_some(Permission::AnyNetwork);
        read.chain(write).chain(machine).chain(any).collect()
    }

    /// Gives a permission.
    ///
    /// # Errors
    /// Why nobody may have it, for the user.
    pub fn give(&mut self, permission: Permission) -> Result<(), String> {
        match permission {
            Permission::Read(folder) => drop(self.read.insert(whole(&folder))),
            Permission::Write(folder) => {
                let folder = whole(&folder);
                if let Some(why) = refusal_to_write(&folder) {
                    return Err(format!(
                        "{} cannot be given to a piece to write into: {why}",
                        folder.display()
                    ));
                }
                self.write.insert(folder);
            }
            Permission::MachineNetwork => self.network = self.network.max(Network::Machine),
            Permission::AnyNetwork => self.network = Network::Any,
        }
        Ok(())
    }

    /// Takes a permission back. Whoever may talk to nobody on this machine may talk to nobody at all.
    pub fn take_back(&mut self, permission: &Permission) {
        match permission {
            Permission::Read(folder) => drop(self.read.remove(&whole(folder)) | self.read.remove(folder)),
            Permission::Write(folder) => drop(self.write.remove(&whole(folder)) | self.write.remove(folder)),
            Permission::MachineNetwork => self.network = Network::None,
            Permission::AnyNetwork => self.network = self.network.min(Network::Machine),
        }
    }

    /// Whether a folder may be read.
    pub fn reads(&self, folder: &Path) -> bool {
        let folder = whole(folder);
        self.read.iter().chain(&self.write).any(|allowed| folder.starts_with(allowed))
    }
}

/// Why no piece may write into a folder: what lies there starts programs, or says what pieces may do.
fn refusal_to_write(folder: &Path) -> Option<&'static str> {
    if is_too_much(folder, Homes::All) {
        return Some("it holds more than one piece's files; choose a folder below it");
    }
    let home = dirs::home_dir().map(|home| whole(&home));
    let below_home = home.and_then(|home| folder.strip_prefix(&home).ok().map(Path::to_owned));
    let is_hidden = |path: &Path| {
        path.components().any(|part| part.as_os_str().as_encoded_bytes().first() == Some(&b'.'))
    };
    let ours = dirs::config_dir().map(|folder| whole(&folder));
    let is_ours = ours.is_some_and(|ours| folder.starts_with(&ours) || ours.starts_with(folder));
    let of_system =
        ["/bin", "/boot", "/dev", "/etc", "/lib", "/opt", "/proc", "/run/user", "/sbin", "/sys", "/usr"];
    if below_home.as_deref().is_some_and(is_hidden) || is_ours {
        return Some("programs keep their settings there");
    }
    of_system.iter().any(|system| folder.starts_with(system)).then_some("it belongs to the system")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_is_given_and_taken_back_by_itself() {
        let folder = tempfile::tempdir().unwrap();
        let here = folder.path().to_owned();
        let kinds = [
            Permission::Read(here.clone()),
            Permission::Write(here.clone()),
            Permission::MachineNetwork,
            Permission::AnyNetwork,
        ];
        for kind in &kinds {
            let mut permissions = Permissions::default();
            permissions.give(kind.clone()).unwrap();
            assert!(!permissions.is_empty() && !permissions.trusted, "{kind:?}");
            permissions.take_back(kind);
            permissions.take_back(&Permission::MachineNetwork);
            assert!(permissions.is_empty(), "{kind:?}");
        }
        let mut all = Permissions::default();
        kinds.into_iter().for_each(|kind| all.give(kind).unwrap());
        assert!(!all.trusted, "all kinds singly are not trust");
        assert!(all.reads(&here.join("below")) && !all.reads(here.parent().unwrap()));
        all.take_back(&Permission::AnyNetwork);
        assert_eq!(all.network, Network::Machine);
        all.give(Permission::AnyNetwork).unwrap();
        all.give(Permission::MachineNetwork).unwrap();
        assert_eq!(all.network, Network::Any);
    }

    #[test]
    fn a_folder_that_is_gone_can_still_be_taken_back() {
        let folder = tempfile::tempdir().unwrap();
        let here = folder.path().canonicalize().unwrap();
        let mut permissions = Permissions::default();
        permissions.give(Permission::Read(here.clone())).unwrap();
        drop(folder);
        permissions.take_back(&Permission::Read(here));
        assert!(permissions.is_empty());
    }

    #[test]
    fn no_piece_may_write_where_programs_and_settings_lie() {
        let home = dirs::home_dir().unwrap();
        let config = dirs::config_dir().unwrap();
        let refused = ["/", "/home", "/home/somebody", "/etc", "/usr/lib", "/proc/self"].map(PathBuf::from);
        let own =
            [home.clone(), home.join(".ssh"), home.join("a/.git/hooks"), config.join("csound-performer")];
        for folder in refused.into_iter().chain(own) {
            assert!(
                Permissions::default().give(Permission::Write(folder.clone())).is_err(),
                "{}",
                folder.display()
            );
        }
        assert!(Permissions::default().give(Permission::Write(home.join("Music/song"))).is_ok());
    }
}
