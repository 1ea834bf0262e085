//! Sessions of exported pieces: what they take over from other sessions, and what they leave.
//!
//! A session moves from the plugin that takes any piece to the export of its piece, and from an export to a later one
//! with other parameters. It is found again by the names of channels: their values are saved with it in their own
//! units, so what a parameter's positions mean may differ.

use nice_plug::prelude::PluginState;
use serde_json::{Map, Value, json};

use crate::identity::Exported;
use crate::plugin::channels::bank::PARAMETERS;
use crate::plugin::session::{FIELD, KEPT_FIELD, SavedExport, Session};

/// Gives an export's parameters the positions that the session's channels have, or where they begin. What other
/// parameters of channels stood at goes: it says nothing here.
pub fn fit_parameters(state: &mut PluginState, export: &Exported) {
    let Some(session) = state.fields.get(FIELD).and_then(|text| Session::read(text).ok()) else { return };
    let value = |name: &str| session.channels.iter().find(|channel| channel.name == name)?.value;
    for ((parameter, steps), (name, range)) in export.parameters().zip(&export.channels) {
        let position = range.to_normalized(value(name).unwrap_or(range.default)).clamp(0.0, 1.0);
        let position = match steps {
            Some(steps) => json!({ "i32": (position * f64::from(steps)).round() as i32 }),
            None => json!({ "f32": position as f32 }),
        };
        // It is written as the shell reads it.
        if let Ok(position) = serde_json::from_value(position) {
            state.params.insert(parameter.id(), position);
        }
    }
    forget_places(state);
}

/// Forgets what was kept of parameters of channels.
fn forget_places(state: &mut PluginState) {
    let kept = state.fields.remove(KEPT_FIELD);
    let kept = kept.and_then(|text| serde_json::from_str::<Map<String, Value>>(&text).ok());
    let is_place = |id: &str| {
        let digits = id.strip_prefix(['c', 'p']);
        digits.is_some_and(|digits| digits.len() >= 3 && digits.bytes().all(|digit| digit.is_ascii_digit()))
    };
    let kept: Map<_, _> = kept.into_iter().flatten().filter(|(id, _)| !is_place(id)).collect();
    if !kept.is_empty() {
        state.fields.insert(KEPT_FIELD.to_owned(), Value::Object(kept).to_string());
    }
}

/// Whether a loaded session's piece stays. An export performs its own, but for a text that was edited in its own
/// editor.
pub fn keeps_piece(session: &Session, export: &Exported) -> bool {
    let is_edited = |saved: &SavedExport| saved.id == export.manifest.id && saved.is_edited;
    export.manifest.show_source && session.piece.is_some() && session.export.as_ref().is_some_and(is_edited)
}

/// What a loaded session has that does not fit into an export, in sentences. Nothing of it is lost: values that have no
/// parameter here stay with the session and the piece's channels.
pub fn misfits(session: &Session, export: &Exported) -> Vec<String> {
    let name = &export.manifest.name;
    let set: Vec<_> = session.channels.iter().filter_map(|found| Some((found, found.value?))).collect();
    let range_of =
        |channel: &str| export.channels.iter().find(|(known, _)| known == channel).map(|(_, range)| range);
    // Those beyond had no parameter when it was saved, either.
    let had_parameter = |place: usize| (1..=PARAMETERS).contains(&place);
    let homeless =
        set.iter().filter(|(found, _)| had_parameter(found.place) && range_of(&found.name).is_none());
    let homeless: Vec<_> = homeless.map(|(found, _)| found.name.as_str()).collect();
    let mut told = Vec::new();
    if !homeless.is_empty() {
        told.push(format!(
            "{name} has no parameter for {} of this session: the piece still gets the value that was saved, and automation of \
             it has no effect",
            few(&homeless)
        ));
    }
    for (found, value) in set {
        let Some(range) = range_of(&found.name) else { continue };
        let (least, most) = (range.scale.minimum(), range.scale.maximum());
        if !(least..=most).contains(&value) {
            told.push(format!(
                "{} was saved as {value}, and here it goes from {least} to {most}: it is set to the nearest of them",
                found.name
            ));
        }
    }
    told.truncate(MOST_TOLD);
    told
}

/// The most that is told of a session, and the most names in a sentence.
const MOST_TOLD: usize = 20;
const MOST_NAMES: usize = 12;

fn few(names: &[&str]) -> String {
    let shown = names[..names.len().min(MOST_NAMES)].join(", ");
    match names.len().saturating_sub(MOST_NAMES) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

#[cfg(test)]
mod tests;
