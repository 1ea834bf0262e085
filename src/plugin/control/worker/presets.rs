//! Errands about presets: files are read and written here, and what they hold is applied.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::SystemTime;

use csound_performance::engine::ConsoleLine;

use super::Worker;
use crate::plugin::pieces::files;
use crate::plugin::presets::desk::{Entry, Kept};
use crate::plugin::presets::fit::between;
use crate::plugin::presets::preset::{self, Preset};
use crate::plugin::presets::shelf::{self, Owner, Shelf};
use crate::plugin::shared::errand::PresetErrand;
use crate::plugin::shared::locked::PieceState;
use crate::preset_id::PresetId;

/// What the control thread knows of the presets on the disk.
#[derive(Default)]
pub(super) struct Shelved {
    shelf: Shelf,
    stamps: Option<[Option<SystemTime>; 3]>,
    /// Files that cannot be read, of which the user knows.
    told: Vec<(PathBuf, String)>,
}

impl Worker {
    /// Carries one out; why it failed, if it did.
    pub(super) fn see_to_presets(&mut self, errand: PresetErrand) -> Option<String> {
        self.look_at_presets();
        self.try_presets(errand).err()
    }

    fn try_presets(&mut self, errand: PresetErrand) -> Result<(), String> {
        match errand {
            PresetErrand::Load(id) => {
                let preset = shelf::read_by_id(&id)?;
                self.load_preset(preset, id);
            }
            PresetErrand::Open(id) => self.open_preset(id)?,
            PresetErrand::Step(by) => self.step_preset(by)?,
            PresetErrand::Save { name, tags, replace } => self.save_preset(&name, &tags, replace)?,
            PresetErrand::Rename { id, name, tags } => self.rename_preset(&id, &name, &tags)?,
            PresetErrand::Delete(id) => self.delete_preset(&id)?,
            PresetErrand::Import(path) => self.import_presets(&path)?,
            PresetErrand::OtherSide => self.other_side(),
            PresetErrand::Back => self.go_back()?,
            PresetErrand::Morph(share) => self.morph(share)?,
        }
        Ok(())
    }

    /// Reads the list, where the piece or its folders have changed since.
    pub(super) fn look_at_presets(&mut self) {
        let piece = self.link.lock().session.piece.clone();
        let name = piece.as_ref().map(|piece| piece.name.clone()).unwrap_or_default();
        let path = piece.as_ref().and_then(|piece| piece.path());
        let shelf = match piece {
            Some(_) => Shelf::of(&name, path.as_deref(), self.link.export.as_deref()),
            None => Shelf::default(),
        };
        let is_another = shelf != self.shelved.shelf;
        let stamps = shelf.stamps();
        if !is_another && self.shelved.stamps == Some(stamps) {
            return;
        }
        let (list, wrong) = shelf.list();
        let known = std::mem::take(&mut self.shelved.told);
        let news = wrong.iter().filter(|wrong| !known.contains(wrong));
        self.link.log(news.map(|(_, why)| ConsoleLine::error(why)).collect());
        self.shelved = Shelved { shelf, stamps: Some(stamps), told: wrong };
        let mut locked = self.link.lock();
        if is_another {
            locked.presets.forget();
        }
        locked.presets.list = list.into();
        drop(locked);
        self.link.done.fetch_add(1, Ordering::Release);
    }

    /// The list after something of ours was written: clocks of disks are coarse.
    fn read_presets_again(&mut self) {
        self.shelved.stamps = None;
        self.look_at_presets();
    }

    /// How everything stands, under the name of the preset that was chosen last.
    fn present(&self) -> Kept {
        let id = self.link.lock().session.preset.clone();
        let name = id.as_ref().and_then(|id| self.entry(id)).map(|entry| entry.name);
        let preset = self.link.capture(&name.unwrap_or_default(), &[], self.shelved.shelf.piece());
        Kept { preset: Arc::new(preset), id }
    }

    fn entry(&self, id: &PresetId) -> Option<Entry> {
        self.link.lock().presets.list.iter().find(|entry| entry.id == *id).cloned()
    }

    /// The user's own preset of this name.
    fn own_entry(&self, name: &str) -> Option<Entry> {
        let is_it = |entry: &&Entry| entry.is_own && entry.name == name;
        self.link.lock().presets.list.iter().find(is_it).cloned()
    }

    fn load_preset(&mut self, preset: Preset, id: PresetId) {
        let is_built = {
            let locked = self.link.lock();
            locked.built == locked.wanted && locked.state != PieceState::Loading
        };
        if !is_built {
            self.link.lock().presets.waits = Some((Arc::new(preset), id));
            return;
        }
        let before = self.present();
        self.link.apply_preset(&preset);
        let mut locked = self.link.lock();
        locked.presets.before = Some(before);
        locked.presets.ends = None;
        locked.session.preset = Some(id);
    }

    /// Applies a preset that waited for its piece, once that performs.
    pub(super) fn load_what_waits(&mut self) {
        let waits = {
            let mut locked = self.link.lock();
            let is_built = locked.built == locked.wanted && locked.errands.is_empty();
            if is_built { locked.presets.waits.take() } else { None }
        };
        let Some((preset, id)) = waits else { return };
        let is_ready = self.link.piece_state() == PieceState::Ready;
        if is_ready {
            self.look_at_presets();
            self.load_preset((*preset).clone(), id);
        } else {
            let told = format!("preset {} is not loaded, because its piece does not perform", preset.name);
            self.link.log(vec![ConsoleLine::error(told)]);
        }
        let locked = self.link.lock();
        self.link.pending.store(!locked.is_done() && locked.host.is_some(), Ordering::Release);
        self.link.done.fetch_add(1, Ordering::Release);
        self.link.changed.notify_all();
    }

    /// Loads a preset that a host has chosen, with the piece that it was made with.
    fn open_preset(&mut self, id: PresetId) -> Result<(), String> {
        let preset = shelf::read_by_id(&id)?;
        let owner = shelf::owner(&id.file, &preset).filter(|_| self.link.export.is_none());
        let (path, name) = {
            let locked = self.link.lock();
            let piece = locked.session.piece.as_ref();
            (piece.and_then(|piece| piece.path()), piece.map(|piece| piece.name.clone()))
        };
        match owner {
            Some(Owner::File(piece)) if path.as_deref() != Some(piece.as_path()) => {
                self.open(&piece).map_err(|error| error.to_string())?;
            }
            Some(Owner::Shipped(number)) => {
                let piece = files::shipped(number)
                    .filter(|piece| path.is_some() || name.as_ref() != Some(&piece.name));
                if let Some(piece) = piece {
                    self.load_chosen(&piece);
                }
            }
            _ => {}
        }
        self.look_at_presets();
        self.load_preset(preset, id);
        Ok(())
    }

    fn step_preset(&mut self, by: i32) -> Result<(), String> {
        let (list, current) = {
            let locked = self.link.lock();
            (Arc::clone(&locked.presets.list), locked.session.preset.clone())
        };
        let count = list.len() as i32;
        if count == 0 {
            return Err("this piece has no presets yet: save one".to_owned());
        }
        let at = list.iter().position(|entry| Some(&entry.id) == current.as_ref());
        let next = match at {
            Some(at) => (at as i32 + by).rem_euclid(count),
            None if by < 0 => count - 1,
            None => 0,
        };
        let id = list[next as usize].id.clone();
        let preset = shelf::read_by_id(&id)?;
        self.load_preset(preset, id);
        Ok(())
    }

    /// Sets what a program change has chosen.
    pub(super) fn follow_programs(&mut self) {
        let Some(program) = self.link.programs.newest() else { return };
        self.look_at_presets();
        let entry = self.link.lock().presets.list.get(usize::from(program)).cloned();
        let outcome = match entry {
            Some(entry) => shelf::read_by_id(&entry.id).map(|preset| self.load_preset(preset, entry.id)),
            None => Err(format!("program {program} chooses no preset: the piece has fewer")),
        };
        if let Err(why) = outcome {
            self.link.log(vec![ConsoleLine::error(why)]);
        }
        self.link.programs.done(program);
        self.link.done.fetch_add(1, Ordering::Release);
        self.link.changed.notify_all();
    }

    fn save_preset(&mut self, name: &str, tags: &[String], replace: bool) -> Result<(), String> {
        if self.link.lock().session.piece.is_none() {
            return Err("there is no piece of which a preset could be saved".to_owned());
        }
        let name = preset::name(name).map_err(|error| error.to_string())?;
        let preset = self.link.capture(&name, &preset::tags(tags), self.shelved.shelf.piece());
        let id = match self.own_entry(&name) {
            Some(known) if replace => {
                shelf::replace(&known.id.file, &preset)?;
                known.id
            }
            Some(_) => {
                return Err(format!("there is a preset {name} already: replace it, or choose another name"));
            }
            None => self.shelved.shelf.add(&preset)?,
        };
        self.link.lock().session.preset = Some(id);
        self.read_presets_again();
        Ok(())
    }

    /// A preset that the user may change.
    fn changeable(&self, id: &PresetId) -> Result<Entry, String> {
        let entry = self.entry(id).ok_or("this preset is not there any more")?;
        let why = "came with the piece and is not changed: save it under a name of your own";
        Some(entry.clone()).filter(|entry| entry.is_own).ok_or_else(|| format!("preset {} {why}", entry.name))
    }

    fn rename_preset(&mut self, id: &PresetId, name: &str, tags: &[String]) -> Result<(), String> {
        let before = self.changeable(id)?;
        let name = preset::name(name).map_err(|error| error.to_string())?;
        if name != before.name && self.own_entry(&name).is_some() {
            return Err(format!("there is a preset {name} already: choose another name"));
        }
        let preset = Preset { name, tags: preset::tags(tags), ..shelf::read_by_id(id)? };
        if preset.name == before.name {
            shelf::replace(&id.file, &preset)?;
        } else {
            let folder = id.file.parent().unwrap_or(Path::new("."));
            let now = PresetId {
                file: shelf::add_to(folder, &preset).map_err(|error| error.to_string())?,
                key: None,
            };
            remove(&id.file)?;
            let mut locked = self.link.lock();
            if locked.session.preset.as_ref() == Some(id) {
                locked.session.preset = Some(now);
            }
        }
        self.read_presets_again();
        Ok(())
    }

    fn delete_preset(&mut self, id: &PresetId) -> Result<(), String> {
        self.changeable(id)?;
        remove(&id.file)?;
        self.read_presets_again();
        Ok(())
    }

    fn import_presets(&mut self, path: &Path) -> Result<(), String> {
        if self.link.lock().session.piece.is_none() {
            return Err("open the piece first that these presets are for".to_owned());
        }
        let piece = self.shelved.shelf.piece().clone();
        let mut taken: Vec<String> =
            self.link.lock().presets.list.iter().map(|entry| entry.name.clone()).collect();
        let mut added = Vec::new();
        for preset in shelf::read_import(path)? {
            let name = free_name(&preset.name, &taken);
            taken.push(name.clone());
            added.push(self.shelved.shelf.add(&Preset { name, piece: Some(piece.clone()), ..preset })?);
        }
        self.link.log(vec![ConsoleLine::note(format!(
            "imported {} presets of {}",
            added.len(),
            path.display()
        ))]);
        self.read_presets_again();
        Ok(())
    }

    /// Goes over to the other side of a comparison. The first time both are alike.
    fn other_side(&mut self) {
        let now = self.present();
        let other = {
            let mut locked = self.link.lock();
            let presets = &mut locked.presets;
            if let Some([first, second]) = presets.ends.take() {
                presets.side = usize::from(presets.share >= 0.5);
                presets.sides = [Some(first), Some(second)];
            } else {
                let side = presets.side;
                presets.sides[side] = Some(now.clone());
            }
            presets.side = 1 - presets.side;
            let side = presets.side;
            presets.sides[side].take().unwrap_or(now)
        };
        self.put_back(&other);
    }

    fn put_back(&self, kept: &Kept) {
        self.link.apply_preset(&kept.preset);
        self.link.lock().session.preset.clone_from(&kept.id);
    }

    fn go_back(&mut self) -> Result<(), String> {
        let now = self.present();
        let before = self.link.lock().presets.before.replace(now);
        let Some(before) = before else {
            self.link.lock().presets.before = None;
            return Err("no preset was loaded yet, so there is nothing to go back to".to_owned());
        };
        self.link.lock().presets.ends = None;
        self.put_back(&before);
        Ok(())
    }

    /// Between the two sides.
    fn morph(&mut self, share: f64) -> Result<(), String> {
        let share = if share.is_finite() { share.clamp(0.0, 1.0) } else { 0.0 };
        let now = self.present();
        let ends = {
            let mut locked = self.link.lock();
            let presets = &mut locked.presets;
            if presets.ends.is_none() {
                let side = presets.side;
                let Some(other) = presets.sides[1 - side].clone() else {
                    return Err("there is only one side: choose A/B and set the other one first".to_owned());
                };
                presets.ends = Some(if side == 0 { [now, other] } else { [other, now] });
            }
            presets.share = share;
            presets.ends.clone()
        };
        if let Some([from, to]) = ends {
            let numbers = self.link.bank.present();
            self.link.apply_preset(&between(&from.preset, &to.preset, share, &numbers));
        }
        Ok(())
    }
}

/// A name that none of these has.
fn free_name(name: &str, taken: &[String]) -> String {
    let numbered = (2..).map(|number| format!("{name} {number}"));
    let mut names = std::iter::once(name.to_owned()).chain(numbered);
    names.find(|name| !taken.contains(name)).unwrap_or_default()
}

fn remove(file: &Path) -> Result<(), String> {
    std::fs::remove_file(file).map_err(|error| format!("{} cannot be deleted: {error}", file.display()))
}
