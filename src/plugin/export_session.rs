//! Sessions of exported pieces: what they take over from other sessions, and what they leave.
//!
//! A session moves from the plugin that takes any piece to the export of its piece, and from an export to a later one
//! with other parameters. It is found again by the names of channels: their values are saved with it in their own
//! units, so what a parameter's positions mean may differ.

use std::collections::BTreeSet;

use nice_plug::prelude::PluginState;
use serde_json::{Map, Value, json};

use crate::identity::Exported;
use crate::plugin::channels::bank::PARAMETERS;
use crate::plugin::presets::preset::Preset;
use crate::plugin::session::{FIELD, KEPT_FIELD, SavedExport, SavedPiece, Session};

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

/// Gives a session's channels the names that they have in this version of the export. A value that stands there under its
/// name of today goes before one under a former name.
pub fn take_new_names(state: &mut PluginState, export: &Exported) {
    let Some(mut session) = state.fields.get(FIELD).and_then(|text| Session::read(text).ok()) else { return };
    let known: BTreeSet<_> = session.channels.iter().map(|channel| channel.name.clone()).collect();
    let mut is_changed = false;
    for channel in &mut session.channels {
        let name = export.name_of(&channel.name);
        if name != channel.name && !known.contains(name) {
            channel.name = name.to_owned();
            is_changed = true;
        }
    }
    if is_changed {
        state.fields.insert(FIELD.to_owned(), session.write());
    }
}

/// A preset with the names that its channels have in this version of the export.
pub fn with_new_names(preset: &Preset, export: &Exported) -> Preset {
    let mut renamed = preset.clone();
    for (old, value) in &preset.channels {
        let name = export.name_of(old);
        if name != old {
            renamed.channels.remove(old);
            renamed.channels.entry(name.to_owned()).or_insert_with(|| value.clone());
        }
    }
    renamed
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

/// Whether a loaded session was not saved by the export itself, or by an older version of it, as it came.
pub fn is_of_another(session: &Session, export: &Exported) -> bool {
    !session.export.as_ref().is_some_and(|saved| saved.id == export.manifest.id && !saved.is_edited)
}

/// That the piece which a session comes with has another text than the export's own, which is performed in its place; in
/// a sentence. Ends of lines do not count.
pub fn other_text(replaced: &SavedPiece, own: &SavedPiece, export: &Exported) -> Option<String> {
    let text = |piece: &SavedPiece| {
        let texts = [&piece.csd, &piece.orc, &piece.sco].map(|text| text.as_deref().unwrap_or_default());
        let lines = texts.iter().flat_map(|text| text.lines().map(|line| line.trim_end().to_owned()));
        lines.filter(|line| !line.is_empty()).collect::<Vec<_>>()
    };
    let name = &export.manifest.name;
    (replaced.piece().is_some() && text(replaced) != text(own)).then(|| {
        format!(
            "the text of {} in this session is not that of {name}, which performs its own: it may sound different. To \
             hear or export the session's text, open the session in Csound Performer",
            replaced.name
        )
    })
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
