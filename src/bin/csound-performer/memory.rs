//! What the standalone remembers from one time to the next: all that a host would save, in the user's configuration.

use std::io;
use std::path::{Path, PathBuf};

use csound_performance::engine::piece::Piece;
use csound_performer::plugin::pieces::files;
use csound_performer::plugin::session::{FIELD, SavedPiece, Session};
use csound_performer::plugin::shared::remembered::Start;
use nice_plug::prelude::PluginState;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The version written. A later one is not read.
const VERSION: u32 = 1;

/// The longest memory that is read, in bytes: a piece and its last good text, and more.
const LONGEST: u64 = 256 << 20;

/// Parameters that are a piece's own, besides its channels'.
const PIECES_PARAMETERS: [&str; 2] = ["offset", "play"];

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

/// Takes out of a state what belongs to another piece than this one, unless something of that is not saved: the window asks
/// for it then. False if it is this very text already.
fn makes_room(state: &mut PluginState, piece: &Piece) -> bool {
    let read = state.fields.get(FIELD).and_then(|text| Session::read(text).ok());
    let Some(mut session) = read else { return true };
    let wanted = SavedPiece::from(piece);
    let is_same_file = session.piece.as_ref().and_then(SavedPiece::path) == wanted.path();
    if is_same_file {
        return !session.piece.is_some_and(|saved| saved.has_text_of(&wanted));
    }
    if !is_saved(&session) {
        return true;
    }
    session.piece = None;
    session.last_good = None;
    session.channels.clear();
    session.channel_texts.clear();
    session.score_start = None;
    session.note_instrument = None;
    if let Some(editor) = session.editor.as_mut().and_then(|editor| editor.as_object_mut()) {
        for of_the_piece in ["draft", "open_texts", "tab"] {
            editor.remove(of_the_piece);
        }
    }
    state.params.retain(|id, _| !is_pieces(id));
    state.fields.insert(FIELD.to_owned(), session.write());
    true
}

/// Whether all texts are in files, or come with the plugin.
fn is_saved(session: &Session) -> bool {
    let editor = |name: &str| session.editor.as_ref().and_then(|editor| editor.get(name));
    let has_draft = editor("draft").is_some_and(|draft| !draft.is_null());
    let texts = editor("open_texts").and_then(Value::as_array).into_iter().flatten();
    let has_drafts = texts.into_iter().any(|text| text.get("draft").is_some_and(|draft| !draft.is_null()));
    let Some(piece) = &session.piece else { return !has_draft && !has_drafts };
    let is_kept = match piece.path() {
        Some(path) => files::read_piece(&path).is_ok_and(|file| piece.has_text_of(&SavedPiece::from(&file))),
        None => files::SHIPPED
            .iter()
            .any(|(name, _, text)| piece.name == *name && piece.csd.as_deref() == Some(text)),
    };
    !has_draft && !has_drafts && is_kept
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

    fn piece(folder: &Path, name: &str, text: &str) -> Piece {
        Piece { name: name.into(), source: Source::Csd(text.into()), folder: Some(folder.to_owned()) }
    }

    fn memory(folder: &Path) -> Memory {
        std::fs::write(folder.join("a.csd"), "one").unwrap();
        let session = Session {
            piece: Some(SavedPiece::from(&piece(folder, "a.csd", "one"))),
            editor: Some(serde_json::json!({ "size": [900, 700], "tab": "Events", "draft": null })),
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
    fn what_is_not_saved_stays_and_the_window_asks_for_it() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.csd");
        std::fs::write(&file, "one").unwrap();
        let here = |text: &str| SavedPiece::from(&piece(folder.path(), "a.csd", text));
        let texts = |draft: Value| serde_json::json!({ "open_texts": [{ "name": "b.orc", "draft": draft }] });
        for (saved, editor, is_kept) in [
            (here("one"), Value::Null, false),
            (here("applied and not saved"), Value::Null, true),
            (here("one"), serde_json::json!({ "draft": ["typed"] }), true),
            (here("one"), texts("typed".into()), true),
            (here("one"), texts(Value::Null), false),
            (SavedPiece::from(&files::shipped(0).unwrap()), Value::Null, false),
            (SavedPiece { folder: None, ..here("pasted") }, Value::Null, true),
        ] {
            let session = Session { piece: Some(saved), editor: Some(editor), ..Session::default() };
            let fields = BTreeMap::from([(FIELD.to_owned(), session.write())]);
            let params =
                BTreeMap::from([("play".to_owned(), serde_json::from_str(r#"{"bool":false}"#).unwrap())]);
            let memory = Memory(folder.path().join("standalone.json"));
            memory.keep(PluginState { version: String::new(), params, fields }).unwrap();
            let other = piece(folder.path(), "b.csd", "another");
            let start = memory.start(Some((Path::new("named"), &other))).unwrap().unwrap();
            assert_eq!(start.opens.as_deref(), Some(Path::new("named")));
            let now = self::session(&start);
            assert_eq!(
                (now.piece.is_some(), start.state.params.len()),
                (is_kept, usize::from(is_kept)),
                "{session:?}"
            );
        }
    }

    #[test]
    fn a_piece_that_is_named_wins_and_takes_nothing_of_another() {
        let folder = tempfile::tempdir().unwrap();
        let memory = memory(folder.path());
        let start = |name: &str, text: &str| {
            memory.start(Some((Path::new("named"), &piece(folder.path(), name, text)))).unwrap().unwrap()
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
