//! How an instance stands, as a preset keeps it, and how it comes to stand as a preset says.
//!
//! Numbers go through the channel bank, all in one go, so the audio thread hears of them in one block and writes
//! them as it writes what the editor turns; the parameters follow, and the host is told ([`Owed`]): by an open
//! editor as gestures, else on its main thread to look at the values again. What the host automates it sets again,
//! and that stands. Nothing is started anew but where the preset says how the piece is started, and otherwise than
//! it was.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use csound_performance::Phase;
use csound_performance::engine::ConsoleLine;
use serde_json::Value;

use super::errand::{Errand, PresetErrand};
use super::host_params::NoSuchSetting;
use super::link::Link;
use crate::plugin::channels::bank::PARAMETERS;
use crate::plugin::export_session::with_new_names;
use crate::plugin::pieces::files::SHIPPED;
use crate::plugin::presets::desk::Owed;
use crate::plugin::presets::fit::{Fitted, texts_of};
use crate::plugin::presets::preset::{PieceOf, Preset, VERSION};
use crate::plugin::presets::shelf::{self, Owner};
use crate::plugin::tuning::SavedTuning;
use crate::setting::Setting;

/// The longest that an offline render waits for a preset that it chose.
const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// How often it looks.
const LOOK: Duration = Duration::from_millis(20);

impl Link {
    /// How everything stands that a preset keeps.
    pub fn capture(&self, name: &str, tags: &[String], piece: &PieceOf) -> Preset {
        let texts = texts_of(&self.panel_text().unwrap_or_default());
        let set = self.session().channel_texts;
        let mut channels: std::collections::BTreeMap<String, Value> = self
            .bank
            .present()
            .into_iter()
            .map(|(place, name, _)| {
                let value = self.present_value(place, &name);
                (name, value.map_or(Value::Null, Value::from))
            })
            .collect();
        for (name, _) in texts {
            let text = set.get(&name).cloned().map_or(Value::Null, Value::from);
            channels.insert(name, text);
        }
        let settings = self.host_params.get().map(|params| params.settings()).unwrap_or_default();
        let mpe = (Setting::Mpe.id(), Value::from(self.mpe.load(Ordering::Relaxed)));
        // What a session says is a text of JSON already.
        let tuning = serde_json::to_value(self.session().tuning).unwrap_or_default();
        Preset {
            version: VERSION,
            name: name.to_owned(),
            tags: tags.to_vec(),
            piece: Some(piece.clone()),
            channels,
            events: Some(self.slots.texts()),
            settings: settings.into_iter().chain([mpe]).map(|(id, value)| (id.to_owned(), value)).collect(),
            tuning: Some(tuning),
            ..Preset::default()
        }
    }

    /// A channel's value, as an editor shows it: what the piece itself has written, where it does.
    fn present_value(&self, place: usize, name: &String) -> Option<f64> {
        let is_written = place < PARAMETERS
            && self.taps.is_watched()
            && self.performance().phase() == Phase::Playing
            && self.lock().written.both.contains(name);
        let written = self.shared.channel_value(place).filter(|value| is_written && value.is_finite());
        written.or_else(|| self.bank.value(place))
    }

    /// Sets everything as a preset has it, as far as the piece can take it. The rest is told on the console.
    pub fn apply_preset(&self, preset: &Preset) {
        let renamed = self.export.as_ref().map(|export| with_new_names(preset, export));
        let preset = renamed.as_ref().unwrap_or(preset);
        let numbers = self.bank.present();
        let texts = texts_of(&self.panel_text().unwrap_or_default());
        let mut fitted = Fitted::of(preset, &numbers, &texts);
        let mut owed = Owed::default();
        let position = |place, position: f64| {
            let params = self.host_params.get();
            params.map_or(position as f32, |params| params.position(place, position))
        };
        for (place, at) in self.bank.set_as_preset(&fitted.numbers, position) {
            let params = self.host_params.get().filter(|_| place < self.host_places());
            if params.is_some_and(|params| params.set_place(place, at)) {
                owed.places.insert(place);
            }
        }
        self.set_texts(&fitted.texts, &texts);
        if let Some(lines) = &preset.events {
            fitted.told.extend(self.slots.restore(lines));
        }
        for (id, value) in &preset.settings {
            let outcome = match self.host_params.get() {
                _ if id == Setting::Mpe.id() => self.set_mpe(value),
                Some(params) => params.set_setting(id, value),
                None => Ok(None),
            };
            match outcome {
                Ok(changed) => owed.settings.extend(changed),
                Err(NoSuchSetting) => {
                    fitted.told.push(format!("preset {}: {id} cannot be {value}", preset.name))
                }
            }
        }
        fitted.told.extend(self.tune_as_preset(preset).err());
        self.log(fitted.told.into_iter().map(ConsoleLine::note).collect());
        let is_owed = !owed.is_empty();
        {
            let mut locked = self.lock();
            locked.owed.places.append(&mut owed.places);
            locked.owed.settings.append(&mut owed.settings);
        }
        if is_owed {
            self.names.note_values();
        }
    }

    fn set_mpe(&self, value: &Value) -> Result<Option<&'static str>, NoSuchSetting> {
        let on = value.as_bool().ok_or(NoSuchSetting)?;
        self.mpe.store(on, Ordering::Relaxed);
        // The host has no parameter for it.
        Ok(None)
    }

    /// Takes a preset's tuning, if it says something of it.
    ///
    /// # Errors
    /// It cannot be used, in a sentence; the tuning is as it was.
    fn tune_as_preset(&self, preset: &Preset) -> Result<(), String> {
        let Some(said) = &preset.tuning else { return Ok(()) };
        let tuning = SavedTuning::of_preset(said)
            .map_err(|why| format!("preset {}: the tuning stays as it is: {why}", preset.name))?;
        self.take_tuning(&mut self.lock(), tuning);
        Ok(())
    }

    /// The places of the bank for which the host has parameters: the first ones.
    fn host_places(&self) -> usize {
        self.export.as_ref().map_or(PARAMETERS, |export| export.channels.len())
    }

    fn set_texts(&self, texts: &[(String, Option<String>)], starts: &[(String, String)]) {
        let mut locked = self.lock();
        for (name, text) in texts {
            let told = match text {
                Some(text) => {
                    locked.session.channel_texts.insert(name.clone(), text.clone());
                    text.clone()
                }
                None => {
                    // What nobody has set is as the piece has it.
                    let Some(_) = locked.session.channel_texts.remove(name) else { continue };
                    let start = starts.iter().find(|(known, _)| known == name);
                    start.map_or(String::new(), |(_, start)| start.clone())
                }
            };
            locked.texts.push((name.clone(), told));
        }
    }

    /// What a host is yet to be told of, once.
    pub fn take_owed(&self) -> Owed {
        std::mem::take(&mut self.lock().owed)
    }

    /// Refuses what a host asks for where it would put another piece in the place of a text that was changed and not
    /// saved: a host asks nobody.
    ///
    /// # Errors
    /// It would, or what is asked for cannot be read, in a sentence.
    pub fn keep_text(&self, errand: &Errand) -> Result<(), String> {
        let owner = match errand {
            Errand::Preset(PresetErrand::Open(id)) => {
                let preset = shelf::read(&id.file)?;
                shelf::owner(&id.file, &preset).filter(|_| self.export.is_none())
            }
            _ => None,
        };
        let locked = self.lock();
        let is_at_risk = locked.is_unsaved() || locked.session.has_draft();
        let Some(piece) = locked.session.piece.as_ref().filter(|_| is_at_risk) else { return Ok(()) };
        let is_another = match (errand, owner) {
            (Errand::Preset(_), Some(Owner::File(path))) => piece.path() != Some(path),
            (Errand::Preset(_), Some(Owner::Shipped(number))) => {
                let name = SHIPPED.get(number).map(|(name, ..)| *name);
                piece.path().is_some() || name != Some(piece.name.as_str())
            }
            (Errand::Preset(_), None) => false,
            _ => true,
        };
        match is_another {
            true => Err(format!(
                "{} has changes that are in no file: save them in the editor, or open its file again, and then load this",
                piece.name
            )),
            false => Ok(()),
        }
    }

    /// Whether there is such.
    pub fn has_owed(&self) -> bool {
        !self.lock().owed.is_empty()
    }

    /// Waits until the control thread has set what a program change has chosen. Never in real time.
    pub fn wait_for_program(&self) {
        self.wait_while(LONGEST_WAIT, |link| link.programs.waits());
    }

    /// Waits until errands are carried out, so long at most; whoever cannot wait for a piece gives little.
    pub fn wait_for_errands(&self, most: Duration) {
        self.wait_while(most, Self::has_errands);
    }

    fn wait_while(&self, most: Duration, is_so: impl Fn(&Self) -> bool) {
        let until = Instant::now() + most;
        while is_so(self) && Instant::now() < until {
            let mut locked = self.lock();
            if locked.has_no_thread {
                return;
            }
            locked.is_woken = true;
            self.changed.notify_all();
            let waited = self.changed.wait_timeout(locked, LOOK);
            drop(waited.unwrap_or_else(std::sync::PoisonError::into_inner));
        }
    }
}
