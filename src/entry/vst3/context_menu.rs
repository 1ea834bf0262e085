//! A VST3 host's context menu of a parameter, for the editor's own: its entries, what they do, and the menu that a
//! host shows itself. All on the main thread, with no lock held while the host is called.

use std::mem::MaybeUninit;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use nice_plug::wrapper::vst3::vst3::Steinberg::Vst::IContextMenuItem_::Flags_;
use nice_plug::wrapper::vst3::vst3::Steinberg::Vst::{
    IComponentHandler, IComponentHandler3, IComponentHandler3Trait, IContextMenu, IContextMenuItem,
    IContextMenuTarget, IContextMenuTargetTrait, IContextMenuTrait, ParamID,
};
use nice_plug::wrapper::vst3::vst3::Steinberg::{IPlugView, kResultOk};
use nice_plug::wrapper::vst3::vst3::{ComPtr, ComRef};

use crate::entry::menus::{REFUSED, number_of};
use crate::host_menu::{Builder, HostItem, HostMenu, MenuOf};
use crate::plugin::shared::host_menus::MenuWish;
use crate::plugin::shared::link::Link;

/// The most parts that a host is asked for. A menu takes fewer, but what is left out of it counts as well.
const MOST_ASKED: i32 = 1024;

/// A submenu begins, and ends. The rest of what the standard says with it is in other bits.
const BEGINS: i32 = Flags_::kIsGroupStart as i32 & !(Flags_::kIsDisabled as i32);
const ENDS: i32 = Flags_::kIsGroupEnd as i32 & !(Flags_::kIsSeparator as i32);

/// What carries out an entry, and by which of its numbers.
type Target = (ComPtr<IContextMenuTarget>, i32);

/// The menu that the host gave last. Its entries go by their places among the targets.
struct Given {
    of: MenuOf,
    /// It has what carries them out, and may be open for longer than a call.
    _menu: ComPtr<IContextMenu>,
    targets: Vec<Target>,
}

/// An instance's side of them.
pub(super) struct ContextMenus {
    link: Arc<Link>,
    /// The editor's view, while it is in a window of the host's.
    view: Mutex<Option<ComPtr<IPlugView>>>,
    given: Mutex<Option<Given>>,
}

impl ContextMenus {
    pub fn new(link: Arc<Link>) -> Self {
        Self { link, view: Mutex::default(), given: Mutex::default() }
    }

    /// The host's side has come, or gone.
    pub fn set_handler(&self, handler: Option<&ComPtr<IComponentHandler>>) {
        let has = handler.is_some_and(|handler| handler.cast::<IComponentHandler3>().is_some());
        self.link.menus.set_there(has);
        self.forget();
    }

    /// The editor's view has come into a window, or leaves it.
    pub fn set_view(&self, view: Option<ComPtr<IPlugView>>) {
        let before = std::mem::replace(&mut *lock(&self.view), view);
        drop(before);
        self.forget();
    }

    fn forget(&self) {
        let given = lock(&self.given).take();
        drop(given);
    }

    /// Whether the user wants something.
    pub fn is_due(&self) -> bool {
        self.link.menus.waits()
    }

    /// Carries out what the user wants of the host's menus.
    pub fn carry_out(&self, handler: Option<&ComPtr<IComponentHandler>>) {
        // What comes meanwhile is carried out in this turn, too, or in one that is called in between.
        while let Some(wish) = self.link.menus.take() {
            let host = handler.and_then(|handler| handler.cast::<IComponentHandler3>());
            let Some(host) = host else { continue };
            let is_done = match wish {
                MenuWish::Offer(of) => {
                    self.offer(&host, of);
                    true
                }
                MenuWish::Choose(of, number) => self.choose(of, number),
                MenuWish::PopUp(of, at) => self.pop_up(&host, of, at),
            };
            if !is_done {
                self.link.refuse(REFUSED.to_owned());
            }
        }
    }

    /// Has the host give the entries that the user wants next, if that is what he wants: no window opens by that.
    pub fn offer_next(&self, handler: Option<&ComPtr<IComponentHandler>>) {
        let host = handler.and_then(|handler| handler.cast::<IComponentHandler3>());
        if let Some((host, of)) = host.and_then(|host| Some((host, self.link.menus.take_offer()?))) {
            self.offer(&host, of);
        }
    }

    fn create(&self, host: &ComPtr<IComponentHandler3>, of: MenuOf) -> Option<ComPtr<IContextMenu>> {
        let id: ParamID = number_of(&self.link, of)?;
        let view = lock(&self.view).clone();
        let view = view.as_ref().map_or(std::ptr::null_mut(), ComPtr::as_ptr);
        // SAFETY: the host's own object, on its main thread, with what lives until it returns. It gives a menu that
        // is ours to let go, or none.
        unsafe { ComPtr::from_raw(host.createContextMenu(view, &id)) }
    }

    fn offer(&self, host: &ComPtr<IComponentHandler3>, of: MenuOf) {
        let Some(menu) = self.create(host, of) else { return };
        let (items, targets) = entries(&menu);
        let pops_up = items.is_empty();
        self.keep(Given { of, _menu: menu, targets });
        self.link.menus.offer(HostMenu { of, items, pops_up });
    }

    fn keep(&self, given: Given) {
        let before = lock(&self.given).replace(given);
        drop(before);
    }

    /// False where there is no such entry any more, or the host does not do it.
    fn choose(&self, of: MenuOf, number: u32) -> bool {
        let target = lock(&self.given)
            .as_ref()
            .filter(|given| given.of == of)
            .and_then(|given| given.targets.get(number as usize).cloned());
        // SAFETY: the host's own object, on its main thread.
        target.is_some_and(|(target, tag)| unsafe { target.executeMenuItem(tag) } == kResultOk)
    }

    /// False where the host does not show one.
    fn pop_up(&self, host: &ComPtr<IComponentHandler3>, of: MenuOf, [x, y]: [i32; 2]) -> bool {
        let Some(menu) = self.create(host, of) else { return false };
        self.keep(Given { of, _menu: menu.clone(), targets: Vec::new() });
        // SAFETY: as above.
        unsafe { menu.popup(x, y) == kResultOk }
    }
}

/// The entries of a menu, and what carries them out. Where nothing does, there is nothing to show.
fn entries(menu: &ComPtr<IContextMenu>) -> (Vec<HostItem>, Vec<Target>) {
    let (mut builder, mut targets) = (Builder::default(), Vec::new());
    // SAFETY: the host's own object, on its main thread.
    let count = unsafe { menu.getItemCount() };
    for index in 0..count.min(MOST_ASKED) {
        let mut item = MaybeUninit::<IContextMenuItem>::zeroed();
        let mut target = std::ptr::null_mut();
        // SAFETY: as above, with places of ours; all of an item may be zero.
        let item = unsafe {
            if menu.getItem(index, item.as_mut_ptr(), &mut target) != kResultOk {
                continue;
            }
            item.assume_init()
        };
        // SAFETY: the host's object, which the menu has as long as it is there, or none.
        let target = unsafe { ComRef::from_raw(target) }.map(|target| target.to_com_ptr());
        add(&mut builder, &item, target, &mut targets);
    }
    if targets.is_empty() { (Vec::new(), targets) } else { (builder.finish(), targets) }
}

fn add(
    menu: &mut Builder,
    item: &IContextMenuItem,
    target: Option<ComPtr<IContextMenuTarget>>,
    targets: &mut Vec<Target>,
) {
    let has = |flags: i32| item.flags & flags != 0;
    let end = item.name.iter().position(|unit| *unit == 0).unwrap_or(item.name.len());
    let label = String::from_utf16_lossy(&item.name[..end]);
    if has(BEGINS) {
        // The bit of what is disabled stands in each that begins.
        menu.begin(&label, true);
    } else if has(ENDS) {
        menu.end();
    } else if has(Flags_::kIsSeparator as i32) {
        menu.separator();
    } else {
        let is_enabled = !has(Flags_::kIsDisabled as i32) && target.is_some();
        let is_checked = has(Flags_::kIsChecked as i32).then_some(true);
        let is_added = menu.entry(&label, is_enabled, is_checked, targets.len() as u32);
        if let Some(target) = target.filter(|_| is_added) {
            targets.push((target, item.tag));
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
