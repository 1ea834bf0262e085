//! Opens, applies and saves what the editor shows.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use csound_performance::engine::piece::Source;

use super::InstanceBackend;
use crate::folder_texts::is_text_name;
use crate::manual::Manual;
use crate::plugin::folder_texts;
use crate::plugin::pieces::files::{is_pieces_name, main_file};
use crate::plugin::session::SavedPiece;
use crate::plugin::shared::errand::Errand;

/// The environment variable that names the user's editor, where that is not what the desktop opens a text with.
const EDITOR_VARIABLE: &str = "CSOUND_PERFORMER_EDITOR";

/// The program by which the desktop is asked.
const OPENER: &str = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };

/// A program that has not failed by then is taken as started.
const SOON: std::time::Duration = std::time::Duration::from_secs(10);

impl InstanceBackend {
    pub(super) fn apply(&self, texts: &[String]) {
        let mut memory = self.memory();
        let Some(before) = memory.piece.as_ref().and_then(SavedPiece::piece) else { return };
        let mut piece = before.clone();
        if let Some(path) = &memory.saving {
            let name = path.file_name().unwrap_or_default();
            piece.name = name.to_string_lossy().into_owned();
            piece.folder = path.parent().map(Path::to_owned);
        }
        match (&mut piece.source, texts) {
            (Source::Csd(csd), [text]) => csd.clone_from(text),
            (Source::OrcSco { orc, sco }, [orchestra, score]) => {
                orc.clone_from(orchestra);
                sco.clone_from(score);
            }
            _ => return,
        }
        // The text is the editor's own: it must not come back as another piece.
        memory.piece = Some(SavedPiece::from(&piece));
        memory.applied = true;
        drop(memory);
        self.ask(Errand::Apply { before, piece });
    }

    /// Has texts written to the piece's file, or to one that the user has `chosen`, and performed.
    pub(super) fn save(&self, path: &Path, texts: Vec<String>, chosen: bool) {
        let mut memory = self.memory();
        let before = memory.piece.as_ref().and_then(SavedPiece::piece);
        if let Some(before) = before.filter(|_| !texts.is_empty()) {
            if chosen {
                memory.saving = Some(main_file(path));
            }
            drop(memory);
            self.ask(Errand::Save { before, path: path.to_owned(), texts, chosen });
        }
    }

    /// The piece's file: the one that it is being saved to, if it is.
    pub(super) fn path(&self) -> Option<PathBuf> {
        let memory = self.memory();
        memory.saving.clone().or_else(|| memory.piece.as_ref()?.path())
    }

    /// Opens the system's view of the folder that something lies in. Where that fails the user is told where it is.
    pub(super) fn show_in_folder(&self, path: &Path) {
        let folder = path.parent().unwrap_or(path).to_owned();
        let told = format!("the folder {} could not be shown", folder.display());
        self.hand_to_desktop(folder.into(), told);
    }

    /// Shows the page that was looked up, in the user's browser.
    pub(super) fn show_online(&self) {
        let Some(address) = self.link.lock().manual.as_ref().map(Manual::address) else { return };
        let told = format!("{address} could not be shown");
        self.hand_to_desktop(address.into(), told);
    }

    /// Opens the piece's file, or a text of its folder, in the user's own editor.
    pub(super) fn edit_outside(&self, name: Option<&str>) {
        let file = self.link.piece_file();
        let Some(file) = file else {
            return self.refuse("the piece has no file that an editor could open: save it first".to_owned());
        };
        let file = match text_file(&file, name) {
            Ok(file) => file,
            Err(why) => return self.refuse(why),
        };
        let told = format!("{} could not be opened in your editor", file.display());
        match std::env::var_os(EDITOR_VARIABLE).filter(|editor| !editor.is_empty()) {
            Some(editor) => self.start(editor, file.into(), told),
            None => self.hand_to_desktop(file.into(), told),
        }
    }

    /// Has the desktop open something; `told` says what has not come to be if it does not.
    fn hand_to_desktop(&self, what: OsString, told: String) {
        self.start(OPENER.into(), what, told);
    }

    /// Starts a program with something, on a thread of its own. One that goes on is left to the user.
    fn start(&self, program: OsString, what: OsString, told: String) {
        let opener = program.to_string_lossy().into_owned();
        let (link, failed) = (Arc::clone(&self.link), told.clone());
        let opening = std::thread::Builder::new().spawn(move || {
            let why = match std::process::Command::new(&program).arg(&what).spawn() {
                Ok(mut started) => match ended(&mut started) {
                    Some(status) if !status.success() => format!("{opener} does not show it"),
                    Some(_) => return,
                    None => {
                        // It goes on: nobody of the instance waits for its end.
                        drop(link);
                        let _ = started.wait();
                        return;
                    }
                },
                Err(error) => format!("{opener} cannot be started: {error}"),
            };
            link.refuse(not_shown(&failed, &why));
        });
        if let Err(error) = opening {
            self.link.refuse(not_shown(&told, &format!("no thread could be started: {error}")));
        }
    }
}

/// The file of a piece, or of a text of its folder, for an editor. The desktop starts whatever it has for a name, and
/// names come from sessions too: only those of texts are handed on, links followed.
fn text_file(piece: &Path, name: Option<&str>) -> Result<PathBuf, String> {
    let shown = name.map_or_else(|| piece.display().to_string(), str::to_owned);
    let found = match name {
        None => piece.canonicalize().map_err(|error| format!("cannot be read: {error}")),
        Some(name) => folder_texts::file_of(piece.parent().unwrap_or(Path::new(".")), name),
    };
    let file = found.map_err(|why| format!("{shown} is not opened in your editor: it {why}"))?;
    let is_text = match name {
        None => is_pieces_name(&file),
        Some(_) => file.to_str().is_some_and(is_text_name),
    };
    match is_text {
        true => Ok(file),
        false => Err(format!(
            "{shown} is not opened in your editor: its name is not that of a text. Open it yourself"
        )),
    }
}

/// How a program has ended, if it has soon.
fn ended(started: &mut std::process::Child) -> Option<std::process::ExitStatus> {
    let began = std::time::Instant::now();
    while began.elapsed() < SOON {
        if let Ok(Some(status)) = started.try_wait() {
            return Some(status);
        }
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    None
}

fn not_shown(told: &str, why: &str) -> String {
    format!("{told} ({why}): open it yourself")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_files_with_names_of_texts_are_handed_to_an_editor() {
        let home = tempfile::tempdir().unwrap();
        let at = home.path().canonicalize().unwrap().join("piece");
        std::fs::create_dir(&at).unwrap();
        for name in ["a.csd", "part.inc", "x.desktop", "x.sh", "../out.inc"] {
            std::fs::write(at.join(name), "").unwrap();
        }
        let piece = at.join("a.csd");
        assert_eq!(text_file(&piece, None), Ok(piece.clone()));
        assert_eq!(text_file(&piece, Some("part.inc")), Ok(at.join("part.inc")));
        for odd in ["x.desktop", "x.sh", "../out.inc", "none.inc", ""] {
            let told = text_file(&piece, Some(odd)).unwrap_err();
            assert!(told.contains("is not opened in your editor"), "{told}");
        }
        assert!(text_file(&at.join("x.desktop"), None).is_err(), "a session names its piece as it likes");
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink("x.desktop", at.join("link.inc")).unwrap();
            std::os::unix::fs::symlink("x.desktop", at.join("link.csd")).unwrap();
            assert!(text_file(&piece, Some("link.inc")).is_err());
            assert!(text_file(&at.join("link.csd"), None).is_err());
        }
    }
}
