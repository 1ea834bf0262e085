//! The score, and the instruments that sound, as the editor shows them.

use std::collections::BTreeMap;
use std::sync::Arc;

use csound_performance::Phase;
use csound_performance::engine::ActiveInstrument;

use super::InstanceBackend;
use super::memory::Memory;
use crate::editor::model::{SoundingInstrument, View};
use crate::plugin::pieces::instrument_names::{instrument_names, instruments};

impl InstanceBackend {
    /// Looks at what sounds and what comes.
    pub(super) fn look_at_activity(&self, memory: &mut Memory, view: &mut View) {
        let (score, active, text) = {
            let locked = self.link.lock();
            (Arc::clone(&locked.score), Arc::clone(&locked.active), locked.performing.clone())
        };
        let is_same = match (&memory.performing, &text) {
            (Some(known), Some(text)) => Arc::ptr_eq(known, text) || known == text,
            (None, None) => true,
            _ => false,
        };
        if !is_same {
            memory.names = text.as_deref().map(instrument_names).unwrap_or_default();
            memory.instruments = text.as_deref().map(instruments).unwrap_or_default().into();
        }
        // The same text may have come anew, and is compared once.
        memory.performing = text;
        if !Arc::ptr_eq(&view.instruments, &memory.instruments) {
            view.instruments = Arc::clone(&memory.instruments);
        }
        if !Arc::ptr_eq(&view.score, &score) {
            view.score = score;
        }
        // What is over does not sound, whatever was counted before.
        let is_over = self.link.performance().phase() == Phase::Ended;
        let sounding = if is_over { Vec::new() } else { sounding(&active, &memory.names) };
        if *view.sounding != *sounding {
            view.sounding = sounding.into();
        }
    }
}

fn sounding(active: &[ActiveInstrument], names: &BTreeMap<u32, String>) -> Vec<SoundingInstrument> {
    let mut active = active.to_vec();
    active.sort_by_key(|active| active.number);
    let named = |active: ActiveInstrument| SoundingInstrument {
        name: names.get(&active.number).cloned().unwrap_or_else(|| active.number.to_string()),
        voices: active.instances,
        load: active.load,
    };
    active.into_iter().map(named).collect()
}
