//! Presets of the piece that is performed for show. They lie in no file, and are told apart as if they did.

use std::path::PathBuf;

use crate::editor::model::*;

/// The folder that they would lie in.
const FOLDER: &str = "/music/presets";

/// How everything stands that a preset keeps.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Stand {
    values: Vec<f64>,
    texts: Vec<Option<String>>,
    slots: Vec<String>,
    mpe: f64,
    tuning: Option<String>,
    current: Option<PresetId>,
}

/// The presets, and what is remembered of them.
#[derive(Default)]
pub(super) struct Presets {
    kept: Vec<(PresetView, Stand)>,
    before: Option<Stand>,
    sides: [Option<Stand>; 2],
    ends: Option<[Stand; 2]>,
    current: Option<PresetId>,
}

impl Presets {
    /// Another piece, which has none.
    pub fn forget(&mut self, view: &mut View) {
        *self = Self::default();
        view.presets = PresetsView::default();
    }

    /// Does what is asked; why it cannot be done, if it cannot.
    pub fn carry_out(&mut self, action: Action, view: &mut View) -> Option<String> {
        let refused = self.try_to(action, view).err();
        self.kept.sort_by_key(|(preset, _)| preset.name.to_lowercase());
        let (list, presets) = (self.kept.iter().map(|(preset, _)| preset.clone()), &mut view.presets);
        presets.list = list.collect();
        let current = self.current.as_ref();
        presets.current = presets.list.iter().position(|preset| Some(&preset.id) == current);
        presets.goes_back = self.before.is_some();
        presets.has_other_side = self.ends.is_some() || self.sides[1 - presets.side].is_some();
        if self.ends.is_none() {
            presets.share = presets.side as f64;
        }
        refused
    }

    fn try_to(&mut self, action: Action, view: &mut View) -> Result<(), String> {
        let there = |name: &str| format!("there is a preset {name} already");
        match action {
            Action::LoadPreset(id) => self.load(&id, view)?,
            Action::StepPreset(by) => {
                let count = self.kept.len() as i32;
                let at = self.kept.iter().position(|(preset, _)| Some(&preset.id) == self.current.as_ref());
                let next = at.map_or(if by < 0 { -1 } else { 0 }, |at| at as i32 + by);
                let next = next.checked_rem_euclid(count).ok_or("this piece has no presets yet: save one")?;
                let id = self.kept[next as usize].0.id.clone();
                self.load(&id, view)?;
            }
            Action::SavePreset { name, tags, replace } => {
                if view.presets.own(&name).is_some() && !replace {
                    return Err(there(&name));
                }
                self.kept.retain(|(preset, _)| preset.name != name);
                let id = PresetId { file: PathBuf::from(FOLDER).join(&name), key: None };
                self.current = Some(id.clone());
                let stand = self.stand(view);
                self.kept.push((PresetView { id, name, tags, is_own: true }, stand));
            }
            Action::RenamePreset { id, name, tags } => {
                if self.kept.iter().any(|(preset, _)| preset.name == name && preset.id != id) {
                    return Err(there(&name));
                }
                let found = self.kept.iter_mut().find(|(preset, _)| preset.id == id);
                let (preset, _) = found.ok_or("this preset is not there any more")?;
                preset.id.file = PathBuf::from(FOLDER).join(&name);
                (preset.name, preset.tags) = (name, tags);
                if self.current.as_ref() == Some(&id) {
                    self.current = Some(preset.id.clone());
                }
            }
            Action::DeletePreset(id) => self.kept.retain(|(preset, _)| preset.id != id),
            Action::ImportPresets(path) => {
                let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
                let id = PresetId { file: PathBuf::from(FOLDER).join(&name), key: None };
                let stand = self.stand(view);
                self.kept.push((PresetView { id, name, tags: Vec::new(), is_own: true }, stand));
            }
            Action::OtherSide => self.other_side(view),
            Action::BackFromPreset => {
                let before = self.before.take().ok_or("there is nothing to go back to")?;
                self.before = Some(self.stand(view));
                self.put(&before, view);
            }
            Action::Morph(share) => self.morph(share, view)?,
            _ => {}
        }
        Ok(())
    }

    fn load(&mut self, id: &PresetId, view: &mut View) -> Result<(), String> {
        let found = self.kept.iter().find(|(preset, _)| preset.id == *id);
        let stand = found.map(|(_, stand)| stand.clone()).ok_or("this preset is not there any more")?;
        self.before = Some(self.stand(view));
        self.ends = None;
        self.put(&stand, view);
        self.current = Some(id.clone());
        Ok(())
    }

    fn other_side(&mut self, view: &mut View) {
        let now = self.stand(view);
        let side = &mut view.presets.side;
        if let Some([first, second]) = self.ends.take() {
            *side = usize::from(view.presets.share >= 0.5);
            self.sides = [Some(first), Some(second)];
        } else {
            self.sides[*side] = Some(now.clone());
        }
        *side = 1 - *side;
        let other = self.sides[*side].take().unwrap_or(now);
        self.put(&other, view);
    }

    fn morph(&mut self, share: f64, view: &mut View) -> Result<(), String> {
        let now = self.stand(view);
        if self.ends.is_none() {
            let side = view.presets.side;
            let other = self.sides[1 - side].clone().ok_or("there is only one side")?;
            self.ends = Some(if side == 0 { [now, other] } else { [other, now] });
        }
        view.presets.share = share;
        let Some([from, to]) = self.ends.clone() else { return Ok(()) };
        let mut stand = if share < 0.5 { from.clone() } else { to.clone() };
        for (at, channel) in view.channels.iter().enumerate() {
            let (first, second) = (from.values[at], to.values[at]);
            let (begin, end) = (channel.range.to_normalized(first), channel.range.to_normalized(second));
            if first != second && share > 0.0 && share < 1.0 {
                stand.values[at] = channel.range.to_value(begin + (end - begin) * share);
            }
        }
        self.put(&stand, view);
        Ok(())
    }

    fn stand(&self, view: &View) -> Stand {
        Stand {
            values: view.values.clone(),
            texts: view.channels.iter().map(|channel| channel.text.clone()).collect(),
            slots: view.slots.iter().map(|slot| slot.text.clone()).collect(),
            mpe: view.settings.of(Setting::Mpe),
            tuning: view.tuning.clone(),
            current: self.current.clone(),
        }
    }

    fn put(&mut self, stand: &Stand, view: &mut View) {
        view.values.clone_from(&stand.values);
        let texts = view.channels.iter().zip(&stand.texts);
        view.channels =
            texts.map(|(channel, text)| Channel { text: text.clone(), ..channel.clone() }).collect();
        for (slot, text) in view.slots.iter_mut().zip(&stand.slots) {
            slot.text.clone_from(text);
        }
        view.settings.set(Setting::Mpe, stand.mpe);
        view.tuning.clone_from(&stand.tuning);
        self.current.clone_from(&stand.current);
    }
}
