//! `cabbageChannelStateSave` and `cabbageChannelStateRecall`: the values of all channels of widgets in a file of
//! JSON. Where a piece may write decides as for its other files.

use std::ffi::CString;
use std::fs::File;
use std::io::Read;

use csound_library::{Call, Level};
use serde_json::{Map, Value as Json};

use super::context::{self, Work, said};
use super::files::from_home;
use super::values::{read_text, set_number_of, set_text_of};

/// The largest file that is read, in bytes.
const LARGEST: u64 = 4 << 20;

/// Saves the channels; gives 1 if that worked.
pub(super) fn save(call: &mut Call<'_>) {
    let Some(context) = context::of(call) else { return };
    let saved = context.with(|work| {
        let path = from_home(work, call.text(0).to_bytes());
        let text = Json::Object(channels(call, work)).to_string();
        let shown = path.display();
        let told = match std::fs::write(&path, text) {
            // What a confined piece may not write beside it lies elsewhere, as long as it performs.
            Ok(()) if !path.exists() => Some(format!(
                "{shown} is kept while the piece performs, and lost then: permit it to write into that folder (see \
                 the shield)"
            )),
            Ok(()) => None,
            Err(error) => {
                call.tell(Level::Warning, &format!("cabbageChannelStateSave: {shown} cannot be written: {error}"));
                return false;
            }
        };
        told.iter().for_each(|told| call.tell(Level::Warning, &format!("cabbageChannelStateSave: {told}")));
        true
    });
    call.set_number(0, f64::from(u8::from(saved.unwrap_or(false))));
}

fn names(work: &Work) -> Vec<CString> {
    let channels = work.tree.widgets().iter().flat_map(|widget| &widget.channels);
    channels.filter_map(|channel| CString::new(channel.as_str()).ok()).collect()
}

fn channels(call: &Call<'_>, work: &mut Work) -> Map<String, Json> {
    let mut all = Map::new();
    for name in names(work) {
        let value = match call.channel(&name) {
            Some(channel) => Json::from(channel.get()),
            None => {
                read_text(call, &name, work);
                Json::from(context::utf8(&work.scratch))
            }
        };
        all.insert(said(&name).to_owned(), value);
    }
    all
}

/// Recalls the channels, but for those of a list if there is one; gives 1 if that worked.
pub(super) fn recall(call: &mut Call<'_>) {
    recall_but(call, |_, _| false);
}

/// The same with a list of channels that stay as they are.
pub(super) fn recall_but_some(call: &mut Call<'_>) {
    recall_but(call, |call, name| (0..call.length(1)).any(|index| said(call.text_in(1, index)) == name));
}

fn recall_but(call: &mut Call<'_>, stays: impl Fn(&Call<'_>, &str) -> bool) {
    let Some(context) = context::of(call) else { return };
    let recalled = context.with(|work| {
        let path = from_home(work, call.text(0).to_bytes());
        let all = match read(&path) {
            Ok(all) => all,
            Err(error) => {
                let told = format!("cabbageChannelStateRecall: {} cannot be read: {error}", path.display());
                call.tell(Level::Warning, &told);
                return false;
            }
        };
        for (name, value) in all.iter().filter(|(name, _)| !stays(call, name)) {
            let Ok(name) = CString::new(name.as_str()) else { continue };
            match value {
                Json::Number(number) => {
                    set_number_of(call, work, &name, number.as_f64().unwrap_or(0.0));
                }
                Json::String(text) => {
                    if let Ok(text) = CString::new(text.as_str()) {
                        set_text_of(call, work, &name, &text);
                    }
                }
                _ => {}
            }
        }
        true
    });
    call.set_number(0, f64::from(u8::from(recalled.unwrap_or(false))));
}

fn read(path: &std::path::Path) -> std::io::Result<Map<String, Json>> {
    let mut text = Vec::new();
    File::open(path)?.take(LARGEST + 1).read_to_end(&mut text)?;
    if text.len() as u64 > LARGEST {
        return Err(std::io::Error::other("it is too large for a preset"));
    }
    serde_json::from_slice(&text).map_err(std::io::Error::other)
}
