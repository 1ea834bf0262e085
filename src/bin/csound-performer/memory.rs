//! What the standalone remembers from one time to the next: all that a host would save, in the user's configuration.

use std::io;
use std::path::{Path, PathBuf};

use csound_performance::engine::piece::Piece;
use csound_performer::plugin::pieces::files;
use csound_performer::plugin::session::{FIELD, SavedPiece, Session};
use csound_performer::plugin::shared::remembered::Start;
use nice_plug::prelude::PluginState;
use serde::{Deserialize, Serialize};

/// The version written. A later one is not read.
const VERSION: u32 = 1;

/// The longest memory that is read, in bytes: a piece and its last good text, and more.
const LONGEST: u64 = 256 << 20;

/// Parameters that are a piece's own, besides its channels'.
const PIECES_PARAMETERS: [&str; 1] = ["offset"];

/// Where it lies.
pub struct Memory(PathBuf);

#[derive(Serialize, Deserialize)]
struct Saved {
    version: u32,
    state: PluginState,
}

impl Memory {
    /// The instrument's or the effect's, if this system has a configuration folder.
    pub fn of(is_effect: bool) -> Option<Self> {
        let name = if is_effect { "standalone-fx.json" } else { "standalone.json" };
        Some(Self(dirs::config_dir()?.join("csound-performer").join(name)))
    }

    /// How the standalone begins, with a piece if one is named; nothing where nothing was remembered.
    ///
    /// # Errors
    /// The file cannot be read, or not be understood. It stays until it is written again.
    pub fn start(&self, named: Option<(&Path, &Piece)>) -> io::Result<Option<Start>> {
        let bytes = match files::read_bounded(&self.0, LONGEST) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let saved: Saved = serde_json::from_slice(&bytes)?;
        if saved.version > VERSION {
            return Err(io::Error::other("it comes from a later version"));
        }
        let mut state = saved.state;
        let opens = named.filter(|(_, piece)| makes_room(&mut state, piece)).map(|(path, _)| path.to_owned());
        Ok(Some(Start { state, opens }))
    }

    /// Remembers a state.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn keep(&self, state: PluginState) -> io::Result<()> {
        if let Some(folder) = self.0.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let bytes = serde_json::to_vec(&Saved { version: VERSION, state })?;
        files::write_private(&self.0, &bytes)
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

/// Takes out of a state what belongs to another piece than this one. False if it is this very text already.
fn makes_room(state: &mut PluginState, piece: &Piece) -> bool {
    let read = state.fields.get(FIELD).and_then(|text| Session::read(text).ok());
    let Some(mut session) = read else { return true };
    let wanted = SavedPiece::from(piece);
    let is_same_file = session.piece.as_ref().and_then(SavedPiece::path) == wanted.path();
    if is_same_file {
        return !session.piece.is_some_and(|saved| saved.has_text_of(&wanted));
    }
    session.piece = None;
    session.last_good = None;
    session.channels.clear();
    session.channel_texts.clear();
    session.score_start = None;
    session.note_instrument = None;
    if let Some(editor) = session.editor.as_mut().and_then(|editor| editor.as_object_mut()) {
        editor.remove("draft");
        editor.remove("open_texts");
    }
    state.params.retain(|id, _| !is_pieces(id));
    state.fields.insert(FIELD.to_owned(), session.write());
    true
}

fn is_pieces(id: &str) -> bool {
    let is_channel = id.strip_prefix('c').is_some_and(|rest| rest.len() == 3 && rest.parse::<u8>().is_ok());
    is_channel || PIECES_PARAMETERS.contains(&id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use csound_performance::engine::piece::Source;
    use std::collections::BTreeMap;

    fn piece(name: &str, text: &str) -> Piece {
        Piece { name: name.into(), source: Source::Csd(text.into()), folder: Some("/pieces".into()) }
    }

    fn memory(folder: &Path) -> Memory {
        let session = Session {
            piece: Some(SavedPiece::from(&piece("a.csd", "one"))),
            editor: Some(serde_json::json!({ "size": [900, 700], "draft": ["edited"] })),
            recording_folder: Some("/takes".into()),
            note_instrument: Some("bell".into()),
            ..Session::default()
        };
        let value = |json| serde_json::from_str(json).unwrap();
        let params = [("c001", r#"{"f32":0.5}"#), ("gain", r#"{"f32":1.0}"#), ("offset", r#"{"f32":3.0}"#)];
        let state = PluginState {
            version: String::new(),
            params: params.map(|(id, json)| (id.to_owned(), value(json))).into(),
            fields: BTreeMap::from([(FIELD.to_owned(), session.write())]),
        };
        let memory = Memory(folder.join("new/standalone.json"));
        memory.keep(state).unwrap();
        memory
    }

    fn session(start: &Start) -> Session {
        Session::read(&start.state.fields[FIELD]).unwrap()
    }

    #[test]
    fn what_was_kept_comes_back_and_is_its_owners_only() {
        let folder = tempfile::tempdir().unwrap();
        let memory = memory(folder.path());
        let start = memory.start(None).unwrap().unwrap();
        assert_eq!(session(&start).piece.unwrap().name, "a.csd");
        assert_eq!((start.state.params.len(), start.opens), (3, None));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(std::fs::metadata(memory.path()).unwrap().permissions().mode() & 0o777, 0o600);
        }
        assert!(Memory(folder.path().join("none")).start(None).unwrap().is_none());
        std::fs::write(memory.path(), "half").unwrap();
        assert!(memory.start(None).is_err());
    }

    #[test]
    fn a_piece_that_is_named_wins_and_takes_nothing_of_another() {
        let folder = tempfile::tempdir().unwrap();
        let memory = memory(folder.path());
        let start = |name: &str, text: &str| {
            memory.start(Some((Path::new("named"), &piece(name, text)))).unwrap().unwrap()
        };
        assert_eq!(start("a.csd", "one").opens, None);
        let changed = start("a.csd", "two");
        assert_eq!((changed.opens.as_deref(), changed.state.params.len()), (Some(Path::new("named")), 3));
        let other = start("b.csd", "one");
        assert_eq!(other.opens.as_deref(), Some(Path::new("named")));
        assert_eq!(other.state.params.keys().collect::<Vec<_>>(), ["gain"]);
        let session = session(&other);
        assert_eq!((session.piece, session.note_instrument), (None, None));
        assert_eq!(session.recording_folder, Some("/takes".into()));
        assert_eq!(session.editor.unwrap(), serde_json::json!({ "size": [900, 700] }));
    }
}
