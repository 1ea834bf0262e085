//! The host's entries in the menu of a right click on a control, by hand: in a CLAP and in a VST3 host.
//!
//! A real window does not tell where its entries are: the same editor over the fake backend does.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use csound_performer::editor::fake::FakePiece;
use csound_performer::editor::model::{Channel, HostEntry, HostItem, HostMenu, MenuOf, Widget};
use csound_performer::range::{Range, Scale, ScaleKind};
use egui::Pos2;
use egui::accesskit::Role;
use egui_kittest::kittest::Queryable;
use test_host::hands::Hands;
use test_host::host::{Host, INSTRUMENT, param_id};
use test_host::screen::Screen;
use test_host::session::Session;
use vst3::Steinberg::Vst::{
    IComponentHandler, IComponentHandler3, IComponentHandler3Trait, IComponentHandlerTrait, IContextMenu,
    IContextMenuItem, IContextMenuTarget, IContextMenuTargetTrait, IContextMenuTrait, ParamID, ParamValue,
};
use vst3::Steinberg::{IPlugView, int32, kInvalidArgument, kNotImplemented, kResultOk, tresult};
use vst3::{Class, ComPtr, ComWrapper};

use crate::common::{playing, plugin};
use crate::desk::Desk;
use crate::drops::lit_below;
use crate::tests::{FRAMES, is_drawn, keep, play, until};
use crate::vst3::Editor;

/// A piece with one channel, so that its control is where the twin has its own.
const PIECE: &str = "<CsoundSynthesizer>\n<CsInstruments>\nsr = 48000\nksmps = 32\nnchnls = 2\n0dbfs = 1\n\
    chn_k \"cutoff\", 1, 2, 5, 0, 10\ninstr 1\nkcut chnget \"cutoff\"\nendin\n</CsInstruments>\n<CsScore>\n\
    i 1 0 1000\n</CsScore>\n</CsoundSynthesizer>\n";

/// The words of the host's entry, and the number that it has there.
const ENTRY: (u32, &str) = (77, "Show automation");

fn session() -> Session {
    Session::from_csd("piece.csd", PIECE)
}

/// The same editor, to ask for places.
struct Twin(Desk);

impl Twin {
    fn new() -> Self {
        let cutoff = Channel {
            name: "cutoff".into(),
            parameter: Some(0),
            widget: Widget::Knob,
            range: Range::new(Scale::new(ScaleKind::Linear, 0.0, 10.0), 5.0),
            ..Channel::default()
        };
        let piece = FakePiece { channels: vec![cutoff], ..FakePiece::csd("/music/piece.csd", PIECE) };
        let mut desk = Desk::on(piece);
        desk.backend.change(|view| view.has_host_menus = true);
        desk.steps(2);
        Self(desk)
    }

    fn knob(&self) -> Pos2 {
        self.0.window.get_by_role_and_label(Role::Slider, "cutoff").rect().center()
    }

    /// The place of an entry in the menu that a right click there opens, where the host gives that menu.
    fn entry(&mut self, items: Vec<HostItem>, label: &str) -> Pos2 {
        let pops_up = items.is_empty();
        let menu = HostMenu { of: MenuOf::Channel(0), items, pops_up };
        self.0.backend.change(|view| view.host_menu = Some(Arc::new(menu)));
        self.0.window.get_by_role_and_label(Role::Slider, "cutoff").click_secondary();
        self.0.steps(4);
        let place = self.0.rect(label).center();
        self.0.key(egui::Modifiers::NONE, egui::Key::Escape);
        self.0.steps(4);
        place
    }
}

fn items() -> Vec<HostItem> {
    let (number, label) = ENTRY;
    vec![HostItem::Entry(HostEntry { label: label.into(), is_enabled: true, is_checked: None, number })]
}

/// Does so again and again until something is there.
pub fn wait<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(began.elapsed() < Duration::from_secs(60), "{what}: not within a minute");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Plays until the piece's control is drawn.
pub fn wait_for_the_control(editor: &Editor, (screen, window): (&Screen, u32)) {
    let play = || {
        editor.play();
        editor.idle();
    };
    until("the control", (screen, window), play, |picture| lit_below(picture, 150) > 300);
}

/// When a user clicks again where nothing has come of it.
const AGAIN: Duration = Duration::from_secs(10);

/// Opens the menu and clicks at a place of it once the host was asked for its entries and some frames were drawn.
fn choose(hands: &Hands, knob: Pos2, at: Pos2, mut is_asked: impl FnMut() -> bool, mut idle: impl FnMut()) {
    let mut clicked: Option<Instant> = None;
    wait("the host is asked", || {
        // A click on a control that is drawn for the first time may be lost: the user clicks again.
        if clicked.is_none_or(|clicked| clicked.elapsed() > AGAIN) {
            hands.click_secondary(knob.x as i16, knob.y as i16).unwrap();
            clicked = Some(Instant::now());
        }
        is_asked().then_some(())
    });
    for _ in 0..50 {
        idle();
        std::thread::sleep(Duration::from_millis(10));
    }
    hands.click(at.x as i16, at.y as i16).unwrap();
}

pub fn a_clap_host_s_menu_is_in_ours(screen: &Screen) {
    let host = Host::load(plugin()).unwrap();
    let mut instance = playing(&host, INSTRUMENT, &session().state().unwrap(), FRAMES as u32);
    let window = screen.window(960, 640).unwrap();
    instance.open_editor(window).unwrap();
    let (instance, blocks) = (RefCell::new(instance), RefCell::new(0));
    let idle = || drop(play(&mut instance.borrow_mut(), &mut blocks.borrow_mut()));
    let hands = Hands::on(&std::env::var("DISPLAY").unwrap()).unwrap();
    let mut twin = Twin::new();
    let (knob, entry) = (twin.knob(), twin.entry(items(), ENTRY.1));
    let pops_up = twin.entry(Vec::new(), "The host's menu…");
    keep(&until("the editor", (screen, window), idle, is_drawn), "menu-before.png");
    let asked = || {
        idle();
        instance.borrow_mut().take_asked_menus().contains(&param_id("c001"))
    };
    instance.borrow_mut().set_menu(&[ENTRY], false).unwrap();
    choose(&hands, knob, entry, asked, idle);
    let chosen = wait("the entry is chosen", || {
        idle();
        Some(instance.borrow_mut().take_chosen_of_menus()).filter(|chosen| !chosen.is_empty())
    });
    assert_eq!(chosen, [(param_id("c001"), ENTRY.0)]);
    // A host that gives none shows its own, where the user clicks.
    instance.borrow_mut().set_menu(&[], true).unwrap();
    choose(&hands, knob, pops_up, asked, idle);
    let shown = wait("the host shows a menu", || {
        idle();
        Some(instance.borrow_mut().take_shown_menus()).filter(|shown| !shown.is_empty())
    });
    let [(of, [x, y])] = shown[..] else { panic!("{shown:?}") };
    assert_eq!(of, param_id("c001"));
    assert!((x - pops_up.x as i32).abs() <= 1 && (y - pops_up.y as i32).abs() <= 1, "{x} {y} {pops_up}");
    instance.borrow_mut().close_editor().unwrap();
    screen.close(window).unwrap();
}

/// What a VST3 host was asked for.
#[derive(Default)]
pub struct Told {
    entries: RefCell<Vec<(u32, &'static str)>>,
    /// Parameters, and whether their view was named.
    made: RefCell<Vec<(ParamID, bool)>>,
    chosen: RefCell<Vec<int32>>,
    shown: RefCell<Vec<[int32; 2]>>,
}

/// A host with menus.
pub struct Menus(Rc<Told>);

impl Menus {
    /// On the thread that makes it.
    pub fn host() -> (Rc<Told>, ComPtr<IComponentHandler>) {
        let told = Rc::new(Told::default());
        let handler = ComWrapper::new(Self(Rc::clone(&told))).to_com_ptr::<IComponentHandler>();
        (told, handler.unwrap())
    }
}

impl Class for Menus {
    type Interfaces = (IComponentHandler, IComponentHandler3);
}

impl IComponentHandlerTrait for Menus {
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

impl IComponentHandler3Trait for Menus {
    unsafe fn createContextMenu(&self, view: *mut IPlugView, id: *const ParamID) -> *mut IContextMenu {
        // SAFETY: the instance gives a parameter.
        self.0.made.borrow_mut().push((unsafe { *id }, !view.is_null()));
        let menu = ComWrapper::new(Menu(Rc::clone(&self.0), Entry::of(&self.0)));
        menu.to_com_ptr::<IContextMenu>().unwrap().into_raw()
    }
}

/// A menu, which has what carries its entries out.
struct Menu(Rc<Told>, ComWrapper<Entry>);

impl Class for Menu {
    type Interfaces = (IContextMenu,);
}

impl IContextMenuTrait for Menu {
    unsafe fn getItemCount(&self) -> int32 {
        self.0.entries.borrow().len() as int32
    }

    unsafe fn getItem(
        &self,
        index: int32,
        item: *mut IContextMenuItem,
        target: *mut *mut IContextMenuTarget,
    ) -> tresult {
        let entries = self.0.entries.borrow();
        let Some((tag, words)) = entries.get(index as usize) else { return kInvalidArgument };
        let mut name = [0; 128];
        for (unit, letter) in name.iter_mut().zip(words.encode_utf16()) {
            *unit = letter;
        }
        // SAFETY: the places of the instance. The menu keeps the target, as hosts do.
        unsafe {
            item.write(IContextMenuItem { name, tag: *tag as int32, flags: 0 });
            target.write(self.1.as_com_ref::<IContextMenuTarget>().unwrap().as_ptr());
        }
        kResultOk
    }

    unsafe fn addItem(&self, _: *const IContextMenuItem, _: *mut IContextMenuTarget) -> tresult {
        kNotImplemented
    }

    unsafe fn removeItem(&self, _: *const IContextMenuItem, _: *mut IContextMenuTarget) -> tresult {
        kNotImplemented
    }

    unsafe fn popup(&self, x: int32, y: int32) -> tresult {
        self.0.shown.borrow_mut().push([x, y]);
        kResultOk
    }
}

struct Entry(Rc<Told>);

impl Entry {
    fn of(told: &Rc<Told>) -> ComWrapper<Self> {
        ComWrapper::new(Self(Rc::clone(told)))
    }
}

impl Class for Entry {
    type Interfaces = (IContextMenuTarget,);
}

impl IContextMenuTargetTrait for Entry {
    unsafe fn executeMenuItem(&self, tag: int32) -> tresult {
        self.0.chosen.borrow_mut().push(tag);
        kResultOk
    }
}

pub fn a_vst3_host_s_menu_is_in_ours(screen: &Screen) {
    let window = screen.window(960, 640).unwrap();
    let bundle = test_host::bundle::dev_bundle().unwrap().vst3;
    let (told, handler) = Menus::host();
    told.entries.borrow_mut().push(ENTRY);
    let state = session().state().unwrap().split_off(size_of::<u64>());
    let editor = Editor::open_in(&bundle, window, Some((&state, handler)));
    let idle = || {
        editor.play();
        editor.idle();
    };
    let hands = Hands::on(&std::env::var("DISPLAY").unwrap()).unwrap();
    let mut twin = Twin::new();
    let (knob, entry) = (twin.knob(), twin.entry(items(), ENTRY.1));
    let pops_up = twin.entry(Vec::new(), "The host's menu…");
    until("the editor", (screen, window), idle, is_drawn);
    wait_for_the_control(&editor, (screen, window));
    let asked = || {
        idle();
        std::mem::take(&mut *told.made.borrow_mut()).contains(&(param_id("c001"), true))
    };
    choose(&hands, knob, entry, asked, idle);
    let chosen = wait("the entry is chosen", || {
        idle();
        Some(told.chosen.take()).filter(|chosen| !chosen.is_empty())
    });
    assert_eq!(chosen, [ENTRY.0 as int32]);
    told.entries.borrow_mut().clear();
    choose(&hands, knob, pops_up, asked, idle);
    let shown = wait("the host shows a menu", || {
        idle();
        Some(told.shown.take()).filter(|shown| !shown.is_empty())
    });
    let [[x, y]] = shown[..] else { panic!("{shown:?}") };
    assert!((x - pops_up.x as i32).abs() <= 1 && (y - pops_up.y as i32).abs() <= 1, "{x} {y} {pops_up}");
    drop(editor);
    screen.close(window).unwrap();
}
