//! Presets, as the editor shows them and asks for them.

use std::sync::Arc;

use nice_plug::prelude::Param;

use super::InstanceBackend;
use crate::editor::model::{ParamRef, PresetView, PresetsView, Setting, View};
use crate::plugin::params::PerformerParams;
use crate::plugin::presets::desk::Entry;
use crate::plugin::session::Session;
use crate::plugin::shared::errand::{Errand, PresetErrand};

impl InstanceBackend {
    /// Has the control thread see to it. Of a morph only the newest place matters.
    pub(super) fn preset(&self, errand: PresetErrand) {
        if matches!(errand, PresetErrand::Morph(_)) {
            let is_morph = |errand: &Errand| matches!(errand, Errand::Preset(PresetErrand::Morph(_)));
            self.link.lock().errands.retain(|(_, errand)| !is_morph(errand));
        }
        self.ask(Errand::Preset(errand));
    }

    /// Tells the host, as gestures, of what presets have set.
    pub(super) fn tell_of_presets(&self) {
        if self.memory().host.is_none() || !self.link.has_owed() {
            return;
        }
        let owed = self.link.take_owed();
        for place in owed.places {
            let param = ParamRef::Bank(place);
            let Some(position) = self.param(param).map(|param| param.position()) else { continue };
            self.touch(param, |host, param| {
                let setter = host.param_setter();
                param.begin(&setter);
                param.set(&setter, position);
                param.end(&setter);
            });
        }
        let export = self.link.export.as_deref();
        for id in owed.settings.into_iter().filter(|id| PerformerParams::knows(export, id)) {
            let position = match id {
                "note_mode" => self.params.note_mode.unmodulated_normalized_value(),
                "note_instrument" => self.params.note_instrument.unmodulated_normalized_value(),
                "at_end" => self.params.at_end.unmodulated_normalized_value(),
                _ => self.params.sample_accurate.unmodulated_normalized_value(),
            };
            if let Some(setting) = Setting::ALL.into_iter().find(|setting| setting.id() == id) {
                self.set_setting_to(setting, position);
            }
        }
    }

    pub(super) fn look_at_presets(&self, view: &mut View, session: &Session) {
        let locked = self.link.lock();
        let presets = &locked.presets;
        let is_shown = view.presets.list.len() == presets.list.len()
            && view
                .presets
                .list
                .iter()
                .zip(presets.list.iter())
                .all(|(shown, entry)| *shown == shown_as(entry));
        let list = if is_shown {
            Arc::clone(&view.presets.list)
        } else {
            presets.list.iter().map(shown_as).collect()
        };
        view.presets = PresetsView {
            current: session.preset.as_ref().and_then(|id| list.iter().position(|preset| preset.id == *id)),
            list,
            side: presets.side,
            has_other_side: presets.ends.is_some() || presets.sides[1 - presets.side].is_some(),
            share: if presets.ends.is_some() { presets.share } else { presets.side as f64 },
            goes_back: presets.before.is_some(),
        };
    }
}

fn shown_as(entry: &Entry) -> PresetView {
    PresetView {
        id: entry.id.clone(),
        name: entry.name.clone(),
        tags: entry.tags.clone(),
        is_own: entry.is_own,
    }
}
