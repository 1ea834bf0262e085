//! The host's menus of parameters, between the editor and the door to the host.
//!
//! The window's thread wishes, and hosts take such calls on their main thread only: the door is woken by whoever
//! listens ([`HostMenus::listen`]), carries the wishes out there, and leaves the menu for the editor's next view.
//! What is wished where no door listens is forgotten. The audio thread has no part in it.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::host_menu::{HostMenu, MenuOf};
use crate::plugin::channels::names::Listener;

/// The wishes that wait at a time. The oldest gives way: whoever clicks on does not want them any more.
const MOST: usize = 8;

/// What the user wants of the host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MenuWish {
    /// The entries for a parameter.
    Offer(MenuOf),
    /// What an entry stands for, by its number in the menu that was offered last.
    Choose(MenuOf, u32),
    /// The host's own menu at a place of the window, in its pixels.
    PopUp(MenuOf, [i32; 2]),
}

/// Called where something is wished, on that thread. It may call the host, which may do anything meanwhile.
pub type OnWish = Arc<dyn Fn() + Send + Sync>;

/// See the module.
#[derive(Default)]
pub struct HostMenus {
    state: Mutex<State>,
    listener: Mutex<Option<Listener>>,
    on_wish: Mutex<Option<OnWish>>,
}

#[derive(Default)]
struct State {
    /// Whether the host has menus.
    has: bool,
    wishes: VecDeque<MenuWish>,
    /// The parameter whose menu was wished for last.
    wanted: Option<MenuOf>,
    offered: Option<Arc<HostMenu>>,
}

impl HostMenus {
    /// Whether the host has menus.
    pub fn is_there(&self) -> bool {
        lock(&self.state).has
    }

    /// The host has menus, or has none.
    pub fn set_there(&self, has: bool) {
        lock(&self.state).has = has;
    }

    /// The menu that was wished for last, once the host has given it.
    pub fn offered(&self) -> Option<Arc<HostMenu>> {
        lock(&self.state).offered.clone()
    }

    /// Wishes something of a host that has menus. From the window's thread.
    pub fn wish(&self, wish: MenuWish) {
        {
            let mut state = lock(&self.state);
            if !state.has {
                return;
            }
            if let MenuWish::Offer(of) = wish {
                // Of several menus one is open.
                state.wishes.retain(|waiting| !matches!(waiting, MenuWish::Offer(_)));
                state.offered = None;
                state.wanted = Some(of);
            }
            if state.wishes.len() == MOST {
                state.wishes.pop_front();
            }
            state.wishes.push_back(wish);
        }
        if let Some(listener) = &*lock(&self.listener) {
            listener();
        }
        // With no lock held: the host may run its loop in there, or let the instance go.
        let on_wish = lock(&self.on_wish).clone();
        if let Some(on_wish) = on_wish {
            on_wish();
        }
    }

    /// Whether something waits to be carried out.
    pub fn waits(&self) -> bool {
        !lock(&self.state).wishes.is_empty()
    }

    /// The next wish to carry out. For the door, on the host's main thread.
    pub fn take(&self) -> Option<MenuWish> {
        lock(&self.state).wishes.pop_front()
    }

    /// The next wish, if it is for a menu. For the same.
    pub fn take_offer(&self) -> Option<MenuOf> {
        let mut state = lock(&self.state);
        let Some(MenuWish::Offer(of)) = state.wishes.front().copied() else { return None };
        state.wishes.pop_front();
        Some(of)
    }

    /// Takes a menu of the host's, unless another one is wanted by now.
    pub fn offer(&self, menu: HostMenu) {
        let mut state = lock(&self.state);
        if state.wanted == Some(menu.of) {
            state.offered = Some(Arc::new(menu));
        }
    }

    /// Wakes this one for each wish from now on. It only wakes: a lock is held meanwhile.
    pub fn listen(&self, listener: Listener) {
        *lock(&self.listener) = Some(listener);
    }

    /// Calls this one for each wish from now on, once the listener is awake. No lock is held meanwhile, so a call may be
    /// under way on another thread even after [`leave`](Self::leave): it does nothing but on the thread that leaves.
    pub fn on_wish(&self, call: OnWish) {
        *lock(&self.on_wish) = Some(call);
    }

    /// Wakes nobody any more. A call of the listener that is under way has returned when this does.
    pub fn leave(&self) {
        *lock(&self.listener) = None;
        *lock(&self.on_wish) = None;
        *lock(&self.state) = State::default();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    fn menu(of: MenuOf) -> HostMenu {
        HostMenu { of, items: Vec::new(), pops_up: true }
    }

    #[test]
    fn a_host_may_let_the_instance_go_while_it_is_called_for_a_wish() {
        let menus = Arc::new(HostMenus::default());
        let (done, is_done) = std::sync::mpsc::channel();
        let inner = Arc::clone(&menus);
        std::thread::spawn(move || {
            menus.set_there(true);
            menus.on_wish(Arc::new(move || {
                if let Some(MenuWish::Offer(_)) = inner.take() {
                    // Its loop runs in there: another wish, and the end of the instance.
                    inner.wish(MenuWish::Choose(MenuOf::Channel(1), 0));
                    inner.leave();
                }
            }));
            menus.wish(MenuWish::Offer(MenuOf::Channel(0)));
            done.send(menus.is_there()).unwrap();
        });
        assert_eq!(is_done.recv_timeout(std::time::Duration::from_secs(60)), Ok(false));
    }

    #[test]
    fn the_editor_is_offered_the_menu_that_it_wanted_last() {
        let menus = HostMenus::default();
        let woken = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&woken);
        menus.listen(Box::new(move || {
            count.fetch_add(1, Ordering::Relaxed);
        }));
        let [first, second] = [0, 1].map(MenuOf::Channel);
        menus.wish(MenuWish::Offer(first));
        assert_eq!((menus.take(), woken.load(Ordering::Relaxed)), (None, 0), "the host has none");
        menus.set_there(true);
        menus.wish(MenuWish::Offer(first));
        menus.wish(MenuWish::Offer(second));
        assert_eq!(woken.load(Ordering::Relaxed), 2);
        assert!(menus.waits());
        assert_eq!((menus.take(), menus.take()), (Some(MenuWish::Offer(second)), None));
        menus.offer(menu(first));
        assert_eq!(menus.offered(), None, "it is another's");
        menus.offer(menu(second));
        assert_eq!(menus.offered().as_deref(), Some(&menu(second)));
        menus.wish(MenuWish::Offer(second));
        assert_eq!(menus.offered(), None, "it may have changed");
        for number in 0..100 {
            menus.wish(MenuWish::Choose(first, number));
        }
        let left: Vec<_> = std::iter::from_fn(|| menus.take()).collect();
        assert_eq!((left.len(), left.last()), (MOST, Some(&MenuWish::Choose(first, 99))));
        menus.leave();
        menus.wish(MenuWish::Offer(first));
        assert_eq!((menus.take(), woken.load(Ordering::Relaxed)), (None, 103));
    }
}
