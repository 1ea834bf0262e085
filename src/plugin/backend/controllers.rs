//! The MIDI controllers that turn channels: learned, forgotten, shown, and followed by the host's parameters.

use super::InstanceBackend;
use crate::editor::model::{Controllers, ParamRef, View};

impl InstanceBackend {
    /// Has the host's parameters follow the controllers that turn their channels, where nobody else has moved them since.
    /// This takes an open editor, too.
    pub(super) fn carry_out_learned(&self) {
        if self.memory().host.is_none() {
            return;
        }
        for (index, position) in self.link.learned.take_moves(|index| self.link.bank.stands_at(index)) {
            self.touch(ParamRef::Bank(index), |host, param| {
                let setter = host.param_setter();
                param.begin(&setter);
                param.set(&setter, position);
                param.end(&setter);
            });
        }
    }

    /// A channel takes the next controller, or none any more; or it forgets what it has learned.
    pub(super) fn learn(&self, name: &str, forgets: bool) {
        let present = self.link.bank.present();
        let Some((place, ..)) = present.into_iter().find(|(_, known, _)| known == name) else { return };
        match forgets {
            true => self.link.learned.forget(place),
            false => self.link.learned.wait_or_cancel(place),
        }
        self.memory().looked = None;
    }

    /// The controllers that turn channels.
    pub(super) fn look_at_controllers(&self, view: &mut View) {
        let names = self.link.bank.names();
        let learned = self.link.learned.all(&names).into_iter();
        let controllers = Controllers {
            waiting: self.link.learned.waiting().and_then(|place| names.get(place).cloned().flatten()),
            learned: learned.map(|(_, saved)| (saved.name.clone(), saved.to_string())).collect(),
        };
        if *view.controllers != controllers {
            view.controllers = controllers.into();
        }
    }
}
