//! The host's context menus of parameters.

use std::ffi::CString;
use std::sync::{MutexGuard, PoisonError};

use anyhow::Result;
use clack_extensions::context_menu::{ContextMenuBuilder, ContextMenuTarget, HostContextMenuImpl, Item};
use clack_host::prelude::HostError;
use clack_host::utils::ClapId;

use super::Instance;
use super::callbacks::{MainThread, Requests};

/// A menu of every parameter, and what a plugin has wanted of it.
#[derive(Default)]
pub(super) struct Menu {
    entries: Vec<(ClapId, CString)>,
    pops_up: bool,
    asked: Vec<u32>,
    chosen: Vec<(u32, u32)>,
    shown: Vec<(u32, [i32; 2])>,
}

impl Requests {
    /// For the main thread, where plugins call.
    fn menu_of_main_thread(&self) -> MutexGuard<'_, Menu> {
        assert!(self.is_on_main_thread(), "the main thread's");
        self.menu.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Instance {
    /// The host's menus have these entries: numbers and words. A menu of the host's own opens where it can.
    ///
    /// # Errors
    /// A text or a number is none that CLAP has.
    pub fn set_menu(&mut self, entries: &[(u32, &str)], pops_up: bool) -> Result<()> {
        let mut menu = self.requests.menu_of_main_thread();
        menu.entries.clear();
        for (number, words) in entries {
            let id = ClapId::from_raw(*number).ok_or_else(|| anyhow::anyhow!("no number of CLAP's"))?;
            menu.entries.push((id, CString::new(*words)?));
        }
        menu.pops_up = pops_up;
        Ok(())
    }

    /// The parameters whose menus the plugin has asked for since the last call.
    pub fn take_asked_menus(&mut self) -> Vec<u32> {
        std::mem::take(&mut self.requests.menu_of_main_thread().asked)
    }

    /// What was chosen of menus since the last call: the parameter and the entry's number.
    pub fn take_chosen_of_menus(&mut self) -> Vec<(u32, u32)> {
        std::mem::take(&mut self.requests.menu_of_main_thread().chosen)
    }

    /// The menus that the host has shown itself since the last call: the parameter, and the place in the window.
    pub fn take_shown_menus(&mut self) -> Vec<(u32, [i32; 2])> {
        std::mem::take(&mut self.requests.menu_of_main_thread().shown)
    }
}

/// The number of a parameter.
fn parameter(target: ContextMenuTarget) -> Result<u32, HostError> {
    match target {
        ContextMenuTarget::Param(id) => Ok(id.get()),
        _ => Err(HostError::Message("a menu of a parameter is wanted")),
    }
}

impl HostContextMenuImpl for MainThread {
    fn populate(&self, target: ContextMenuTarget, builder: &mut ContextMenuBuilder) -> Result<(), HostError> {
        let mut menu = self.0.menu_of_main_thread();
        menu.asked.push(parameter(target)?);
        for (action_id, label) in &menu.entries {
            builder.add_item(&Item::Entry { label, enabled: true, action_id: *action_id })?;
        }
        Ok(())
    }

    fn perform(&self, target: ContextMenuTarget, action_id: ClapId) -> Result<(), HostError> {
        let chosen = (parameter(target)?, action_id.get());
        self.0.menu_of_main_thread().chosen.push(chosen);
        Ok(())
    }

    fn can_popup(&self) -> bool {
        self.0.menu_of_main_thread().pops_up
    }

    fn popup(&self, target: ContextMenuTarget, _: i32, x: i32, y: i32) -> Result<(), HostError> {
        let shown = (parameter(target)?, [x, y]);
        self.0.menu_of_main_thread().shown.push(shown);
        Ok(())
    }
}
