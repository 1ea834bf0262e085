//! Hosts with menus, with none, and with nonsense.

use std::cell::RefCell;
use std::ptr::null;

use clap_sys::id::clap_id;
use csound_export::numeric_id;

use super::*;
use crate::host_menu::{HostEntry, MOST};

thread_local! {
    static TOLD: RefCell<Vec<(clap_id, u32)>> = const { RefCell::new(Vec::new()) };
}

type Add = fn(&dyn Fn(u32, *const c_void) -> bool);

type Populate = unsafe extern "C" fn(
    *const clap_host,
    *const clap_context_menu_target,
    *const clap_context_menu_builder,
) -> bool;

/// A host that gives a menu so.
fn menus(populate: Populate) -> Menus {
    let table = clap_host_context_menu {
        populate: Some(populate),
        perform: Some(perform),
        can_popup: None,
        popup: None,
    };
    Menus { host: null(), table }
}

unsafe extern "C" fn perform(
    _: *const clap_host,
    target: *const clap_context_menu_target,
    action: clap_id,
) -> bool {
    // SAFETY: the caller gives one.
    TOLD.with_borrow_mut(|told| told.push((unsafe { (*target).id }, action)));
    action == 5
}

/// # Safety
/// The builder is the plugin's.
unsafe fn give(builder: *const clap_context_menu_builder, add: Add) {
    add(&|kind, data| {
        // SAFETY: the caller's; what is added is what its kind says, or null.
        unsafe { (*builder).add_item.unwrap()(builder, kind, data) }
    });
}

fn entry(label: *const c_char, action_id: clap_id) -> clap_context_menu_entry {
    clap_context_menu_entry { label, is_enabled: true, action_id }
}

fn as_data<T>(item: &T) -> *const c_void {
    std::ptr::from_ref(item).cast()
}

fn target() -> clap_context_menu_target {
    clap_context_menu_target { kind: CLAP_CONTEXT_MENU_TARGET_KIND_PARAM, id: numeric_id("c001") }
}

fn add_each_kind(give: &dyn Fn(u32, *const c_void) -> bool) {
    let title = clap_context_menu_item_title { title: c"Cutoff".as_ptr(), is_enabled: true };
    let checked = clap_context_menu_check_entry {
        label: c"Learn".as_ptr(),
        is_enabled: false,
        is_checked: true,
        action_id: 6,
    };
    let submenu = clap_context_menu_submenu { label: c"More".as_ptr(), is_enabled: true };
    assert!(give(CLAP_CONTEXT_MENU_ITEM_TITLE, as_data(&title)));
    assert!(give(CLAP_CONTEXT_MENU_ITEM_ENTRY, as_data(&entry(c"Automate".as_ptr(), 5))));
    assert!(give(CLAP_CONTEXT_MENU_ITEM_SEPARATOR, null()));
    assert!(give(CLAP_CONTEXT_MENU_ITEM_BEGIN_SUBMENU, as_data(&submenu)));
    assert!(give(CLAP_CONTEXT_MENU_ITEM_CHECK_ENTRY, as_data(&checked)));
    assert!(give(CLAP_CONTEXT_MENU_ITEM_END_SUBMENU, null()));
}

unsafe extern "C" fn each_kind(
    _: *const clap_host,
    target: *const clap_context_menu_target,
    builder: *const clap_context_menu_builder,
) -> bool {
    // SAFETY: as the plugin gives them.
    unsafe {
        assert_eq!((*target).id, numeric_id("c001"));
        assert!((*builder).supports.unwrap()(builder, CLAP_CONTEXT_MENU_ITEM_TITLE));
        assert!(!(*builder).supports.unwrap()(builder, 99));
        give(builder, add_each_kind);
    }
    true
}

#[test]
fn the_entries_are_those_of_the_host_and_do_what_the_host_says() {
    let menus = menus(each_kind);
    let of = MenuOf::Channel(0);
    let menu = menus.offer(of, &target());
    let entry = |label: &str, is_enabled, is_checked, number| {
        HostItem::Entry(HostEntry { label: label.into(), is_enabled, is_checked, number })
    };
    let learn = entry("Learn", false, Some(true), 6);
    let items = vec![
        HostItem::Title("Cutoff".into()),
        entry("Automate", true, None, 5),
        HostItem::Separator,
        HostItem::Submenu { label: "More".into(), is_enabled: true, items: vec![learn] },
    ];
    assert_eq!(menu, HostMenu { of, items, pops_up: false });
    assert!(menus.choose(&target(), 5) && !menus.choose(&target(), 6));
    let id = numeric_id("c001");
    assert_eq!(TOLD.take(), [(id, 5), (id, 6)]);
    assert!(!menus.pop_up(&target(), [1, 2]), "it cannot");
}

fn add_nonsense(give: &dyn Fn(u32, *const c_void) -> bool) {
    for kind in [0, 1, 3, 5, 6, u32::MAX] {
        assert!(!give(kind, null()), "{kind}: there is nothing");
    }
    // That was a submenu which is still open.
    assert!(give(CLAP_CONTEXT_MENU_ITEM_END_SUBMENU, null()));
    assert!(!give(CLAP_CONTEXT_MENU_ITEM_END_SUBMENU, null()), "none is open");
    assert!(!give(CLAP_CONTEXT_MENU_ITEM_ENTRY, as_data(&entry(null(), 1))), "no words");
    let bytes: [u8; 3] = [0xff, b'x', 0];
    assert!(give(CLAP_CONTEXT_MENU_ITEM_ENTRY, as_data(&entry(bytes.as_ptr().cast(), 2))));
    // No end within reach.
    let endless = vec![b'a'; 1 << 16];
    assert!(give(CLAP_CONTEXT_MENU_ITEM_ENTRY, as_data(&entry(endless.as_ptr().cast(), 3))));
    let submenu = clap_context_menu_submenu { label: c"deeper".as_ptr(), is_enabled: true };
    for _ in 0..5000 {
        give(CLAP_CONTEXT_MENU_ITEM_BEGIN_SUBMENU, as_data(&submenu));
    }
}

unsafe extern "C" fn nonsense(
    _: *const clap_host,
    _: *const clap_context_menu_target,
    builder: *const clap_context_menu_builder,
) -> bool {
    // SAFETY: as the plugin gives it; what is no builder adds nothing.
    unsafe {
        assert!(!add_item(null(), CLAP_CONTEXT_MENU_ITEM_SEPARATOR, null()));
        give(builder, add_nonsense);
    }
    true
}

#[test]
fn a_host_that_gives_nonsense_gets_a_menu_of_what_makes_sense() {
    let items = menus(nonsense).offer(MenuOf::Channel(0), &target()).items;
    let words: Vec<_> = items
        .iter()
        .map(|item| match item {
            HostItem::Entry(entry) => (entry.label.chars().count(), entry.number),
            HostItem::Submenu { .. } => (0, 0),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(words, [(2, 2), (LONGEST, 3), (0, 0)]);
}

fn add_many(give: &dyn Fn(u32, *const c_void) -> bool) {
    let label = c"again".as_ptr();
    let add = |number: &u32| give(CLAP_CONTEXT_MENU_ITEM_ENTRY, as_data(&entry(label, *number)));
    assert_eq!((0..20_000).filter(add).count(), MOST);
}

unsafe extern "C" fn many(
    _: *const clap_host,
    _: *const clap_context_menu_target,
    builder: *const clap_context_menu_builder,
) -> bool {
    // SAFETY: as the plugin gives it.
    unsafe { give(builder, add_many) };
    true
}

unsafe extern "C" fn failing(
    host: *const clap_host,
    target: *const clap_context_menu_target,
    builder: *const clap_context_menu_builder,
) -> bool {
    // SAFETY: as the plugin gives them.
    unsafe { many(host, target, builder) };
    false
}

#[test]
fn thousands_of_entries_are_cut_off_and_a_menu_that_failed_is_none() {
    assert_eq!(menus(many).offer(MenuOf::Channel(0), &target()).items.len(), MOST);
    let failed = menus(failing).offer(MenuOf::Channel(0), &target());
    assert!(failed.items.is_empty() && !failed.pops_up);
    let table = clap_host_context_menu { populate: None, perform: None, can_popup: None, popup: None };
    let empty = Menus { host: null(), table };
    assert!(empty.offer(MenuOf::Channel(0), &target()).items.is_empty());
    assert!(!empty.choose(&target(), 1) && !empty.pop_up(&target(), [0, 0]));
}
