//! The manual at the cursor: looked up on a thread of its own, begun and told of here.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::Worker;
use crate::manual::{Found, Manual};
use crate::plugin::control::aside::{Aside, no_thread};
use crate::plugin::control::manual;
use crate::plugin::manual::folders;
use crate::plugin::shared::errand::ManualErrand;

impl Worker {
    /// Carries one out; why it failed, if it did.
    pub(super) fn see_to_manual(&mut self, errand: ManualErrand) -> Option<String> {
        match errand {
            ManualErrand::LookUp(name) => self.look_up(&name).err(),
            ManualErrand::Choose(folder) => folders::choose(&folder).and_then(|()| self.look_again()).err(),
            ManualErrand::Forget(folder) => folders::forget(&folder).and_then(|()| self.look_again()).err(),
        }
    }

    /// Looks up what is shown, in another folder.
    fn look_again(&mut self) -> Result<(), String> {
        let shown = self.link.lock().manual.as_ref().map(|manual| manual.sought.clone());
        shown.map_or(Ok(()), |name| self.look_up(&name))
    }

    /// Looks a name up; what is under way is given up.
    fn look_up(&mut self, name: &str) -> Result<(), String> {
        self.reading = None;
        let wanted = self.wanted_generation().unwrap_or(csound_performance::Generation::Six);
        let before = self.link.lock().manual.clone();
        let known = before.as_ref().and_then(|manual| {
            let (_, folder) = manual.read.as_ref()?;
            Some((folder.clone(), Arc::clone(&manual.entries)))
        });
        let reading = manual::begin(name.to_owned(), wanted, known);
        self.reading = Some(reading.map_err(|error| no_thread("read the manual", &error))?);
        let shown = before.unwrap_or_else(|| Manual::reading(name, wanted));
        let shown = Manual { sought: name.to_owned(), wanted, found: Found::Reading, ..shown };
        self.link.lock().manual = Some(shown);
        self.link.done.fetch_add(1, Ordering::Release);
        Ok(())
    }

    /// Tells what was found, once it is, unless the user has closed the manual meanwhile.
    pub(super) fn look_at_manual(&mut self) {
        let Some(found) = self.reading.as_mut().and_then(Aside::look) else { return };
        self.reading = None;
        let mut locked = self.link.lock();
        if locked.manual.is_some() {
            locked.manual = Some(found);
        }
        drop(locked);
        self.link.done.fetch_add(1, Ordering::Release);
    }
}
