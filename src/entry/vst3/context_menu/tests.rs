//! Hosts with menus, with none, and with nonsense.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use csound_export::numeric_id;
use nice_plug::wrapper::vst3::vst3::Steinberg::Vst::{IComponentHandlerTrait, ParamValue};
use nice_plug::wrapper::vst3::vst3::Steinberg::{int32, kInvalidArgument, kResultFalse, tresult};
use nice_plug::wrapper::vst3::vst3::{Class, ComWrapper};

use super::*;
use crate::entry::fields::put_utf16;
use crate::host_menu::{DEEPEST, HostEntry, MOST};

/// An item's words, tag and flags, and whether something carries it out.
type Part = (&'static str, i32, i32, bool);

#[derive(Default)]
struct Told {
    parts: RefCell<Vec<Part>>,
    /// The host says that there are so many, whatever there are.
    count: Cell<Option<i32>>,
    gives_none: Cell<bool>,
    asked: RefCell<Vec<ParamID>>,
    chosen: RefCell<Vec<i32>>,
    shown: RefCell<Vec<[i32; 2]>>,
}

struct Host(Rc<Told>);

impl Class for Host {
    type Interfaces = (IComponentHandler, IComponentHandler3);
}

impl IComponentHandlerTrait for Host {
    unsafe fn beginEdit(&self, _: ParamID) -> tresult {
        kResultOk
    }

    unsafe fn performEdit(&self, _: ParamID, _: ParamValue) -> tresult {
        kResultOk
    }

    unsafe fn endEdit(&self, _: ParamID) -> tresult {
        kResultOk
    }

    unsafe fn restartComponent(&self, _: int32) -> tresult {
        kResultOk
    }
}

impl IComponentHandler3Trait for Host {
    unsafe fn createContextMenu(&self, _: *mut IPlugView, id: *const ParamID) -> *mut IContextMenu {
        // SAFETY: the instance gives a parameter.
        self.0.asked.borrow_mut().push(unsafe { *id });
        if self.0.gives_none.get() {
            return std::ptr::null_mut();
        }
        let menu = Menu(Rc::clone(&self.0), ComWrapper::new(Target(Rc::clone(&self.0))));
        ComWrapper::new(menu).to_com_ptr::<IContextMenu>().unwrap().into_raw()
    }
}

/// A menu, which has what carries its entries out, as hosts do.
struct Menu(Rc<Told>, ComWrapper<Target>);

impl Class for Menu {
    type Interfaces = (IContextMenu,);
}

impl IContextMenuTrait for Menu {
    unsafe fn getItemCount(&self) -> int32 {
        self.0.count.get().unwrap_or(self.0.parts.borrow().len() as int32)
    }

    unsafe fn getItem(
        &self,
        index: int32,
        item: *mut IContextMenuItem,
        target: *mut *mut IContextMenuTarget,
    ) -> tresult {
        let parts = self.0.parts.borrow();
        let part = usize::try_from(index).ok().and_then(|at| parts.get(at));
        let Some(&(words, tag, flags, has_target)) = part else { return kInvalidArgument };
        let mut name = [0; 128];
        put_utf16(&mut name, words);
        if words.is_empty() {
            // Not even an end.
            name.fill(0xd800);
        }
        // SAFETY: the places of the instance.
        unsafe {
            item.write(IContextMenuItem { name, tag, flags });
            if has_target {
                target.write(self.1.as_com_ref::<IContextMenuTarget>().unwrap().as_ptr());
            }
        }
        kResultOk
    }

    unsafe fn addItem(&self, _: *const IContextMenuItem, _: *mut IContextMenuTarget) -> tresult {
        kResultFalse
    }

    unsafe fn removeItem(&self, _: *const IContextMenuItem, _: *mut IContextMenuTarget) -> tresult {
        kResultFalse
    }

    unsafe fn popup(&self, x: i32, y: i32) -> tresult {
        self.0.shown.borrow_mut().push([x, y]);
        kResultOk
    }
}

struct Target(Rc<Told>);

impl Class for Target {
    type Interfaces = (IContextMenuTarget,);
}

impl IContextMenuTargetTrait for Target {
    unsafe fn executeMenuItem(&self, tag: int32) -> tresult {
        self.0.chosen.borrow_mut().push(tag);
        if tag == 8 { kResultFalse } else { kResultOk }
    }
}

/// A host, and an instance's side of its menus.
struct Bench {
    told: Rc<Told>,
    handler: ComPtr<IComponentHandler>,
    link: Arc<Link>,
    menus: ContextMenus,
}

impl Bench {
    fn new(parts: Vec<Part>) -> Self {
        let told = Rc::new(Told { parts: RefCell::new(parts), ..Told::default() });
        let handler = ComWrapper::new(Host(Rc::clone(&told))).to_com_ptr::<IComponentHandler>().unwrap();
        let link = Arc::new(Link::default());
        let menus = ContextMenus::new(Arc::clone(&link));
        menus.set_handler(Some(&handler));
        Self { told, handler, link, menus }
    }

    fn wish(&self, wish: MenuWish) {
        self.link.menus.wish(wish);
        assert!(self.menus.is_due());
        self.menus.carry_out(Some(&self.handler));
        assert!(!self.menus.is_due());
    }

    fn items(&self) -> Vec<HostItem> {
        self.wish(MenuWish::Offer(OF));
        self.link.menus.offered().map(|menu| menu.items.clone()).unwrap_or_default()
    }
}

const OF: MenuOf = MenuOf::Channel(2);

const BEGIN: i32 = Flags_::kIsGroupStart as i32;
const END: i32 = Flags_::kIsGroupEnd as i32;

fn entry(label: &str, is_enabled: bool, is_checked: Option<bool>, number: u32) -> HostItem {
    HostItem::Entry(HostEntry { label: label.into(), is_enabled, is_checked, number })
}

#[test]
fn the_entries_are_those_of_the_host_and_do_what_the_host_says() {
    let bench = Bench::new(vec![
        ("Automate", 7, 0, true),
        ("-", 0, Flags_::kIsSeparator as i32, false),
        ("More", 0, BEGIN, false),
        ("Learn", 8, Flags_::kIsChecked as i32, true),
        ("Later", 9, Flags_::kIsDisabled as i32, true),
        ("", 0, END, false),
    ]);
    let more = vec![entry("Learn", true, Some(true), 1), entry("Later", false, None, 2)];
    let expected = vec![
        entry("Automate", true, None, 0),
        HostItem::Separator,
        HostItem::Submenu { label: "More".into(), is_enabled: true, items: more },
    ];
    assert_eq!(bench.items(), expected);
    assert_eq!(bench.told.asked.take(), [numeric_id("c003")]);
    bench.wish(MenuWish::Choose(OF, 0));
    assert!(bench.link.take_refusals().is_empty());
    bench.wish(MenuWish::Choose(OF, 1));
    assert_eq!(bench.told.chosen.take(), [7, 8]);
    assert_eq!(bench.link.take_refusals(), [REFUSED]);
    // What is not in the menu, or of another's, is nothing.
    bench.wish(MenuWish::Choose(OF, 99));
    bench.wish(MenuWish::Choose(MenuOf::Channel(0), 0));
    assert_eq!((bench.told.chosen.take(), bench.link.take_refusals().len()), (vec![], 2));
    assert!(bench.told.asked.take().is_empty());
    // A host that takes its side back has no menus, and nothing of them is kept.
    bench.menus.set_handler(None);
    assert!(!bench.link.menus.is_there());
    assert!(!bench.menus.choose(OF, 0));
}

#[test]
fn a_host_that_gives_no_entries_shows_its_own_menu() {
    for parts in [vec![], vec![("of nobody", 1, 0, false)]] {
        let bench = Bench::new(parts);
        assert!(bench.items().is_empty());
        assert!(bench.link.menus.offered().unwrap().pops_up);
        bench.wish(MenuWish::PopUp(OF, [30, 40]));
        assert_eq!(bench.told.shown.take(), [[30, 40]]);
        assert!(bench.link.take_refusals().is_empty());
    }
}

#[test]
fn nonsense_is_left_out() {
    let bench = Bench::new(vec![("", 0, END, false), ("kept", 3, !0x1b, true), ("", 1, 0, true)]);
    let unpaired = "\u{fffd}".repeat(99) + "…";
    assert_eq!(bench.items(), [entry("kept", true, Some(true), 0), entry(&unpaired, true, None, 1)]);
    bench.told.count.set(Some(i32::MIN));
    assert!(bench.items().is_empty());
    bench.told.count.set(Some(i32::MAX));
    assert_eq!(bench.items().len(), 2);
    bench.told.count.set(None);
    bench.told.parts.replace(vec![("again", 1, 0, true); 20_000]);
    assert_eq!(bench.items().len(), MOST);
    bench.told.parts.replace(vec![("deeper", 1, BEGIN, false); 20_000]);
    assert!(bench.items().is_empty(), "nothing can be chosen");
    let mut deep = vec![("one", 1, 0, true)];
    deep.extend(vec![("deeper", 1, BEGIN, false); 20_000]);
    bench.told.parts.replace(deep);
    let mut inner = bench.items();
    for _ in 0..DEEPEST {
        let Some(HostItem::Submenu { items, .. }) = inner.pop() else { panic!("not so deep") };
        inner = items;
    }
    assert!(inner.is_empty());
    bench.told.gives_none.set(true);
    bench.wish(MenuWish::Offer(OF));
    assert_eq!(bench.link.menus.offered(), None);
    bench.wish(MenuWish::PopUp(OF, [0, 0]));
    assert_eq!(bench.link.take_refusals(), [REFUSED]);
    // One for which the host has no parameter.
    bench.told.asked.take();
    bench.wish(MenuWish::Offer(MenuOf::Own("csound")));
    assert_eq!((bench.link.menus.offered(), bench.told.asked.take()), (None, vec![]));
}
