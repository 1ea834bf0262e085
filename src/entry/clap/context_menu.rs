//! A CLAP host's context menu of a parameter, for the editor's own: its entries, what they do, and the menu that a
//! host shows itself. All on the main thread.

use std::ffi::{CStr, c_char, c_void};

use clap_sys::ext::context_menu::{
    CLAP_CONTEXT_MENU_ITEM_BEGIN_SUBMENU, CLAP_CONTEXT_MENU_ITEM_CHECK_ENTRY,
    CLAP_CONTEXT_MENU_ITEM_END_SUBMENU, CLAP_CONTEXT_MENU_ITEM_ENTRY, CLAP_CONTEXT_MENU_ITEM_SEPARATOR,
    CLAP_CONTEXT_MENU_ITEM_TITLE, CLAP_CONTEXT_MENU_TARGET_KIND_PARAM, CLAP_EXT_CONTEXT_MENU,
    CLAP_EXT_CONTEXT_MENU_COMPAT, clap_context_menu_builder, clap_context_menu_check_entry,
    clap_context_menu_entry, clap_context_menu_item_kind, clap_context_menu_item_title,
    clap_context_menu_submenu, clap_context_menu_target, clap_host_context_menu,
};
use clap_sys::host::clap_host;

use super::door::Door;
use super::guarded;
use crate::entry::menus::{REFUSED, number_of};
use crate::host_menu::{Builder, HostItem, HostMenu, LONGEST, MenuOf};
use crate::plugin::shared::host_menus::MenuWish;

/// Both names of the extension.
const IDS: [&CStr; 2] = [CLAP_EXT_CONTEXT_MENU, CLAP_EXT_CONTEXT_MENU_COMPAT];

/// The screen that a host finds by itself: the editor lies in a window of the host's.
const ANY_SCREEN: i32 = 0;

/// The host's side, if it has it.
struct Menus {
    host: *const clap_host,
    table: clap_host_context_menu,
}

impl Menus {
    fn of(door: &Door) -> Option<Self> {
        let (host, table) = door.host_table::<clap_host_context_menu>(&IDS);
        // SAFETY: the host's table, which lives as long as the host does, or null.
        unsafe { table.as_ref() }.map(|table| Self { host, table: *table })
    }

    fn can_pop_up(&self) -> bool {
        let can = self.table.popup.and(self.table.can_popup);
        // SAFETY: the host's own function, on its main thread.
        can.is_some_and(|can| unsafe { can(self.host) })
    }

    fn items(&self, target: &clap_context_menu_target) -> Vec<HostItem> {
        let Some(populate) = self.table.populate else { return Vec::new() };
        let mut menu = Builder::default();
        let builder = clap_context_menu_builder {
            ctx: (&raw mut menu).cast(),
            add_item: Some(add_item),
            supports: Some(supports),
        };
        // SAFETY: the host's own function, on its main thread, with what lives until it returns.
        let is_whole = unsafe { populate(self.host, target, &raw const builder) };
        if is_whole { menu.finish() } else { Vec::new() }
    }

    fn offer(&self, of: MenuOf, target: &clap_context_menu_target) -> HostMenu {
        let items = self.items(target);
        let pops_up = items.is_empty() && self.can_pop_up();
        HostMenu { of, items, pops_up }
    }

    /// False where the host does not do it.
    fn choose(&self, target: &clap_context_menu_target, number: u32) -> bool {
        // SAFETY: the host's own function, on its main thread, with what lives until it returns.
        self.table.perform.is_some_and(|perform| unsafe { perform(self.host, target, number) })
    }

    /// False where the host does not show it.
    fn pop_up(&self, target: &clap_context_menu_target, [x, y]: [i32; 2]) -> bool {
        let popup = self.table.popup.filter(|_| self.can_pop_up());
        // SAFETY: as above.
        popup.is_some_and(|popup| unsafe { popup(self.host, target, ANY_SCREEN, x, y) })
    }
}

/// Whether the host has menus is known from here on.
pub(super) fn look(door: &Door) {
    let has = |menus: Menus| menus.table.populate.is_some() || menus.table.popup.is_some();
    door.link.menus.set_there(Menus::of(door).is_some_and(has));
}

/// Carries out what the user wants of the host's menus.
pub(super) fn carry_out(door: &Door) {
    // What comes meanwhile comes with a call of its own.
    while let Some(wish) = door.link.menus.take() {
        let Some(menus) = Menus::of(door) else { continue };
        let (MenuWish::Offer(of) | MenuWish::Choose(of, _) | MenuWish::PopUp(of, _)) = wish;
        let Some(id) = number_of(&door.link, of) else { continue };
        let target = clap_context_menu_target { kind: CLAP_CONTEXT_MENU_TARGET_KIND_PARAM, id };
        let is_done = match wish {
            MenuWish::Offer(of) => {
                door.link.menus.offer(menus.offer(of, &target));
                true
            }
            MenuWish::Choose(_, number) => menus.choose(&target, number),
            MenuWish::PopUp(_, at) => menus.pop_up(&target, at),
        };
        if !is_done {
            door.link.refuse(REFUSED.to_owned());
        }
    }
}

unsafe extern "C" fn supports(
    _: *const clap_context_menu_builder,
    kind: clap_context_menu_item_kind,
) -> bool {
    kind <= CLAP_CONTEXT_MENU_ITEM_TITLE
}

unsafe extern "C" fn add_item(
    builder: *const clap_context_menu_builder,
    kind: clap_context_menu_item_kind,
    data: *const c_void,
) -> bool {
    guarded(false, || {
        // SAFETY: the builder that was given to the host, or null; its `ctx` is a menu that nobody else has now.
        let Some(menu) =
            (unsafe { builder.as_ref().and_then(|builder| builder.ctx.cast::<Builder>().as_mut()) })
        else {
            return false;
        };
        // SAFETY: the host's own part of a menu, of the kind that it says, or null.
        unsafe { add(menu, kind, data) }
    })
}

/// # Safety
/// `data` is what the kind says, or null.
unsafe fn add(menu: &mut Builder, kind: clap_context_menu_item_kind, data: *const c_void) -> bool {
    // SAFETY: the caller's, for each of the kinds.
    unsafe {
        match kind {
            CLAP_CONTEXT_MENU_ITEM_ENTRY => data
                .cast::<clap_context_menu_entry>()
                .as_ref()
                .is_some_and(|entry| menu.entry(&text(entry.label), entry.is_enabled, None, entry.action_id)),
            CLAP_CONTEXT_MENU_ITEM_CHECK_ENTRY => {
                data.cast::<clap_context_menu_check_entry>().as_ref().is_some_and(|entry| {
                    let is_checked = Some(entry.is_checked);
                    menu.entry(&text(entry.label), entry.is_enabled, is_checked, entry.action_id)
                })
            }
            CLAP_CONTEXT_MENU_ITEM_SEPARATOR => menu.separator(),
            // One of which nothing is known begins all the same, to be left out with what is in it.
            CLAP_CONTEXT_MENU_ITEM_BEGIN_SUBMENU => match data.cast::<clap_context_menu_submenu>().as_ref() {
                Some(submenu) => menu.begin(&text(submenu.label), submenu.is_enabled),
                None => menu.begin("", false),
            },
            CLAP_CONTEXT_MENU_ITEM_END_SUBMENU => menu.end(),
            CLAP_CONTEXT_MENU_ITEM_TITLE => {
                let title = data.cast::<clap_context_menu_item_title>().as_ref();
                title.is_some_and(|title| menu.title(&text(title.title)))
            }
            _ => false,
        }
    }
}

/// The beginning of a text of the host's, as far as it can be shown; empty where there is none.
///
/// # Safety
/// It is null, or ends with a zero.
unsafe fn text(text: *const c_char) -> String {
    // A character has four bytes at most, and one more tells that there are more.
    let most = 4 * (LONGEST + 1);
    let mut bytes = Vec::new();
    while !text.is_null() && bytes.len() < most {
        // SAFETY: the caller's; nothing is read behind the zero.
        match unsafe { text.add(bytes.len()).read() }.to_ne_bytes()[0] {
            0 => break,
            byte => bytes.push(byte),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests;
