//! The host's entries in the menu of a right click on what has a parameter.
//!
//! Hosts give them on a thread of theirs, so the menu opens without them and they appear in it once they are there.

use egui::{Button, Checkbox, Popup, Response, RichText, ScrollArea, Ui};

use super::model::{Action, HostEntry, HostItem, HostMenu, MenuOf, View};
use super::theme;

/// The greatest height of the host's entries, in points. More are scrolled to.
const TALLEST: f32 = 320.0;

/// The parameter whose entries an open menu has asked for.
#[derive(Clone, Copy, Default)]
struct Asked(Option<MenuOf>);

/// The menu of a right click. A control may have a list of its own under its name, as a choice has.
pub(super) fn popup(response: &Response) -> Popup<'_> {
    Popup::context_menu(response).id(response.id.with("right click"))
}

/// Asks for the entries when a right click opens a menu.
pub(super) fn ask(response: &Response, (view, of): (&View, MenuOf), actions: &mut Vec<Action>) {
    if view.has_host_menus && response.secondary_clicked() {
        actions.push(Action::AskHostMenu(of));
    }
}

/// Lets a right click on a control that has no menu of ours open the host's.
pub(super) fn open(response: &Response, (view, of): (&View, MenuOf), actions: &mut Vec<Action>) {
    if !view.has_host_menus {
        return;
    }
    ask(response, (view, of), actions);
    popup(response).show(|ui| {
        let has = |menu: &HostMenu| menu.of == of && (menu.pops_up || !menu.items.is_empty());
        if !view.host_menu.as_deref().is_some_and(has) {
            ui.label(RichText::new("The host has no entries for this").color(theme::palette(ui).weak));
        }
        show(ui, (view, of), actions, false);
    });
}

/// The same where a control has several parameters: it is said which one first.
pub(super) fn open_one_of(
    response: &Response,
    (view, of): (&View, &[(String, MenuOf)]),
    actions: &mut Vec<Action>,
) {
    let asked = response.id.with("asked");
    if !view.has_host_menus || of.is_empty() {
        return;
    }
    popup(response).show(|ui| {
        let opens = response.secondary_clicked();
        let mut known =
            ui.data(|data| data.get_temp::<Asked>(asked)).and_then(|asked| asked.0).filter(|_| !opens);
        for (title, of) in of {
            ui.menu_button(title, |ui| {
                if known != Some(*of) {
                    known = Some(*of);
                    actions.push(Action::AskHostMenu(*of));
                }
                show(ui, (view, *of), actions, false);
            });
        }
        ui.data_mut(|data| data.insert_temp(asked, Asked(known)));
    });
}

/// Shows the entries, behind a line where something of ours stands above them.
pub(super) fn show(ui: &mut Ui, (view, of): (&View, MenuOf), actions: &mut Vec<Action>, follows: bool) {
    let Some(menu) = view.host_menu.as_ref().filter(|menu| view.has_host_menus && menu.of == of) else {
        return;
    };
    if follows && (menu.pops_up || !menu.items.is_empty()) {
        ui.separator();
    }
    if menu.pops_up && ui.button("The host's menu…").clicked() {
        actions.push(Action::PopUpHostMenu(of, place(ui)));
    }
    let mut chosen = None;
    ScrollArea::vertical().max_height(TALLEST).show(ui, |ui| items(ui, &menu.items, &mut chosen));
    actions.extend(chosen.map(|number| Action::ChooseOfHost(of, number)));
}

/// The place of the pointer in the window, in the pixels that hosts count in.
fn place(ui: &Ui) -> [i32; 2] {
    let at = ui.ctx().pointer_latest_pos().unwrap_or(ui.min_rect().left_top());
    // Windows are measured in points on macOS, and in pixels elsewhere.
    let scale = if cfg!(target_os = "macos") { ui.ctx().zoom_factor() } else { ui.pixels_per_point() };
    [at.x, at.y].map(|points| (points * scale).round() as i32)
}

fn items(ui: &mut Ui, items: &[HostItem], chosen: &mut Option<u32>) {
    for item in items {
        match item {
            HostItem::Entry(entry) if is_clicked(ui, entry) => {
                *chosen = Some(entry.number);
                ui.close();
            }
            HostItem::Entry(_) => {}
            HostItem::Title(title) => {
                ui.label(RichText::new(title).small().color(theme::palette(ui).weak));
            }
            HostItem::Separator => {
                ui.separator();
            }
            HostItem::Submenu { label, is_enabled, items: inner } => {
                ui.add_enabled_ui(*is_enabled, |ui| {
                    ui.menu_button(label, |ui| {
                        let area = ScrollArea::vertical().id_salt("submenu").max_height(TALLEST);
                        area.show(ui, |ui| self::items(ui, inner, chosen));
                    });
                });
            }
        }
    }
}

fn is_clicked(ui: &mut Ui, entry: &HostEntry) -> bool {
    let shown = match entry.is_checked {
        None => ui.add_enabled(entry.is_enabled, Button::new(&entry.label)),
        Some(is_checked) => {
            let mut checked = is_checked;
            ui.add_enabled(entry.is_enabled, Checkbox::new(&mut checked, &entry.label))
        }
    };
    shown.clicked()
}
