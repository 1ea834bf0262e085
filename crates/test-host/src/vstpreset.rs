//! The shipped pieces as VST3 presets, which a host shows in its own list.
//!
//! The format is the VST3 SDK's ("Preset Format" in its documentation): a head with the plugin's class
//! and the place of a list, the chunks, and the list that says where each chunk lies. The plugin
//! keeps everything in its component's state, so that is the only chunk.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::project::root;
use crate::session::{AtEnd, Session, unwrap};

/// A VST3 class, as `src/plugin.rs` names it, and its plugin's name.
#[derive(Clone, Copy, PartialEq)]
struct Plugin {
    class: &'static [u8; 16],
    name: &'static str,
}

const INSTRUMENT: Plugin = Plugin { class: b"CsndPerformerIns", name: "Csound Performer" };
const MULTI_OUT: Plugin = Plugin { class: b"CsndPerformerMlt", name: "Csound Performer Multi-out" };
const EFFECT: Plugin = Plugin { class: b"CsndPerformerEff", name: "Csound Performer FX" };

/// Who makes the plugins: hosts sort presets by it.
pub const VENDOR: &str = "Csound Performer";

/// The pieces: the file below `pieces/`, the preset's name, and whose it is.
const PRESETS: [(&str, &str, Plugin); 9] = [
    ("first.csd", "A first instrument", INSTRUMENT),
    ("panel.csd", "Sequence and keyboard with a panel", INSTRUMENT),
    ("demo.csd", "Demonstration piece", INSTRUMENT),
    ("midi_synth.csd", "Synthesiser for MIDI", INSTRUMENT),
    ("event_synth.csd", "Synthesiser for score events", INSTRUMENT),
    ("midi_through.csd", "MIDI an octave higher", INSTRUMENT),
    ("echo.csd", "Echo", EFFECT),
    ("effect/filter.csd", "Filter", EFFECT),
    ("effect/duck.csd", "Duck by the sidechain", EFFECT),
];

/// The head's length in bytes: `VST3`, a version, a class of 32 digits, the list's place.
const HEAD: u64 = 4 + 4 + 32 + 8;

/// Writes every preset into a folder of its plugin's name below `folder`; where they are.
///
/// # Errors
/// A piece cannot be read, or the folder cannot be written to.
pub fn write_all(folder: &Path) -> Result<Vec<PathBuf>> {
    let write = |(piece, name, plugin): (&str, &str, Plugin)| {
        let folder = folder.join(plugin.name);
        let path = folder.join(format!("{name}.vstpreset"));
        let cannot = || format!("{} cannot be written", path.display());
        fs::create_dir_all(&folder).with_context(cannot)?;
        fs::write(&path, around(&state(piece)?, plugin.class)).with_context(cannot)?;
        Ok(path)
    };
    // A state is the same for both classes of the instrument; a host shows a preset for the class that it names.
    let of_multi_out = |(piece, name, plugin)| (plugin == INSTRUMENT).then_some((piece, name, MULTI_OUT));
    PRESETS.into_iter().chain(PRESETS.into_iter().filter_map(of_multi_out)).map(write).collect()
}

/// A preset of the instrument that holds a session.
///
/// # Errors
/// More channels than the bank has slots.
pub fn of_instrument(session: &Session) -> Result<Vec<u8>> {
    let state = unwrap(&session.state()?)?;
    Ok(around(state.to_string().as_bytes(), INSTRUMENT.class))
}

/// The state of an instance with the piece, as the plugin's component saves it.
fn state(piece: &str) -> Result<Vec<u8>> {
    let mut session = Session::from_file(&root().join("pieces").join(piece))?;
    // It needs nothing beside it, and whoever loads it has other folders.
    session.folder = None;
    session.at_end = AtEnd::Keep;
    // Whatever there is where it is loaded.
    session.csound = Some("auto".into());
    let mut state: Value = unwrap(&session.state()?)?;
    if piece == "event_synth.csd" {
        state["params"]["note_mode"] = json!({ "string": "score" });
    }
    Ok(state.to_string().into_bytes())
}

fn around(state: &[u8], class: &[u8; 16]) -> Vec<u8> {
    let digits: String = class.iter().map(|byte| format!("{byte:02X}")).collect();
    let length = state.len() as u64;
    let mut bytes = b"VST3\x01\0\0\0".to_vec();
    bytes.extend(digits.bytes());
    bytes.extend((HEAD + length).to_le_bytes());
    bytes.extend(state);
    bytes.extend(b"List\x01\0\0\0Comp");
    bytes.extend(HEAD.to_le_bytes());
    bytes.extend(length.to_le_bytes());
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_preset_says_where_its_chunk_lies() {
        let bytes = around(b"state", b"CsndPerformerIns");
        assert_eq!(&bytes[8..40], b"43736E64506572666F726D6572496E73");
        assert_eq!(&bytes[48..53], b"state");
        assert_eq!(bytes[40..48], 53_u64.to_le_bytes());
        assert_eq!(&bytes[53..57], b"List");
        assert_eq!(
            (bytes[65..73].to_vec(), bytes[73..81].to_vec()),
            (vec![48, 0, 0, 0, 0, 0, 0, 0], vec![5, 0, 0, 0, 0, 0, 0, 0])
        );
        assert_eq!(bytes.len(), 81);
    }
}
