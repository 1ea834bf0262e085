//! The editor: see the piece, play it, fix it.
//!
//! Each frame a [`Backend`] fills a [`View`]; each widget is a function of that view
//! which appends to a list of [`Action`]s; the backend carries them out. The editor so never waits
//! for the control thread's work, an engine or the audio thread, and runs without any of them, over
//! [`fake`].
//!
//! Reading order: [`model`] (what is shown and asked for), this file (the window and its layout),
//! then one file per widget.

pub mod dialog;
pub mod fake;
pub mod model;

mod bars;
mod browser;
mod console;
mod drops;
mod events;
mod export;
mod fonts;
mod gather;
mod held;
mod host_menu;
mod icon;
mod keys;
mod manual;
mod opening;
mod panel;
mod pasted;
mod picture;
mod scene;
mod settings;
mod sight;
mod source;
mod theme;
mod timeline;
mod typed;
mod undo;
mod unsaved;
mod user_input;
mod window;
mod zoom;

use std::path::PathBuf;
use std::sync::Arc;

use egui::{CentralPanel, Panel, Ui, UiBuilder};

use bars::{header, presets, status, transport};
use browser::Browser;
use dialog::Dialogs;
use drops::Drops;
use export::Sheet;
use held::Held;
use keys::KeyCommand;
use model::{Action, Backend, EditorState, ParamRef, Question, Tab, View};
use panel::{alone, channels, keyboard};
use scene::{Place, Scene};
use sight::Sight;
use typed::Typed;
use unsaved::Unsaved;
use user_input::Watched;

pub use scene::Laid;
pub use window::{PluginEditor, close_all, create};

/// The least size at which everything is within reach, in points.
pub const SMALLEST: [f32; 2] = [640.0, 400.0];

/// The widgets' memory between frames, which no session keeps.
#[derive(Default)]
struct Panels {
    channels: channels::Channels,
    console: console::Console,
    events: events::Events,
    keys: keys::Keys,
    keyboard: keyboard::Keyboard,
    picture: picture::Pictures,
    presets: presets::Presets,
    source: source::Source,
    transport: transport::Transport,
}

/// The editor without a window: a frame is drawn by [`Editor::show`].
pub struct Editor {
    /// Where the view is between frames.
    sight: Arc<Sight>,
    /// The view, while a frame is drawn.
    view: View,
    state: EditorState,
    /// As the session has it.
    remembered: EditorState,
    /// The size that the session that was loaded last remembers.
    size: [f32; 2],
    /// The generation of the session that `state` was taken from.
    session: Option<u64>,
    /// The piece that the program was started with, once it was opened.
    opened: Option<PathBuf>,
    actions: Vec<Action>,
    questions: Vec<Question>,
    go_to: Option<Place>,
    said_to_show: Option<u64>,
    laid: Laid,
    panels: Panels,
    /// Parameters whose gesture has begun and not ended.
    touched: Vec<ParamRef>,
    held: Held,
    history: undo::History,
    dialogs: Box<dyn Dialogs>,
    unsaved: Unsaved,
    /// The system's answers about fonts that the window knows.
    fonts: u64,
    typed: Typed,
    export: Sheet,
    drops: Drops,
    watched: Watched,
    browser: Browser,
}

impl Editor {
    /// An editor that asks for files over `dialogs`.
    pub fn new(dialogs: Box<dyn Dialogs>) -> Self {
        Self {
            sight: Arc::default(),
            view: View::default(),
            state: EditorState::default(),
            remembered: EditorState::default(),
            size: EditorState::default().size,
            session: None,
            opened: None,
            actions: Vec::new(),
            questions: Vec::new(),
            go_to: None,
            said_to_show: None,
            laid: Laid::default(),
            panels: Panels::default(),
            touched: Vec::new(),
            held: Held::default(),
            history: undo::History::default(),
            dialogs,
            unsaved: Unsaved::default(),
            fonts: 0,
            typed: Typed::default(),
            export: Sheet::default(),
            drops: Drops::default(),
            watched: Watched::default(),
            browser: Browser::default(),
        }
    }

    /// Counts of what the last frame laid out.
    pub fn laid(&self) -> Laid {
        self.laid
    }

    /// The view that the last frame showed, or a newer one.
    pub fn view(&self) -> View {
        self.sight.view()
    }

    /// Gives a context the editor's looks. A window does it by itself.
    pub fn install(context: &egui::Context) {
        theme::install(context);
        fonts::install(context);
    }

    /// Draws a frame and carries out what the user did in it.
    pub fn show(&mut self, ui: &mut Ui, backend: &dyn Backend) {
        backend.follow();
        self.view = self.sight.take(backend);
        self.actions.extend(self.panels.keys.begin_frame(ui, &self.view));
        self.take_session();
        self.panels.source.follow(&self.view.source, &self.view.folder);
        self.panels.events.follow(&self.view);
        self.actions.extend(self.panels.source.take_wishes());
        self.open_named();
        let answers = fonts::answers();
        if std::mem::replace(&mut self.fonts, answers) != answers {
            fonts::install(ui.ctx());
        }
        theme::choose(ui.ctx(), self.state.brightness);
        zoom::follow(ui.ctx(), &self.state);
        self.laid = Laid::default();
        self.take_pasted_paths(ui);
        let settles = self.draw(ui);
        self.actions.extend(self.drops.end_frame(ui.ctx(), &self.view));
        self.actions.extend(self.watched.end_frame(ui.ctx(), &self.view));
        let released = self.held.end_frame(ui.input(|input| input.time));
        self.actions.extend(released);
        if !self.held.is_empty() {
            ui.ctx().request_repaint();
        }
        self.end_lost_gestures(ui);
        self.follow_history(ui);
        self.panels.keys.end_frame(ui.ctx(), &self.view, &self.state);
        self.keep_session(ui);
        if self.carry_out(backend) {
            // What came of it is seen at once, where it is quick.
            ui.request_repaint();
        }
        self.sight.give_back(std::mem::take(&mut self.view), &self.state, settles);
    }

    /// Whether a frame would show something else than the last one did. A window asks for one then.
    pub fn is_behind(&self, backend: &dyn Backend) -> bool {
        self.sight.look(backend).differs
    }

    /// Draws a frame. True: something still moves in it that the view does not tell.
    fn draw(&mut self, ui: &mut Ui) -> bool {
        let Self {
            view,
            state,
            actions,
            questions,
            go_to,
            said_to_show,
            laid,
            panels,
            held,
            unsaved,
            typed,
            export,
            browser,
            ..
        } = self;
        let differs = panels.source.differs(&view.source) || !panels.source.unsaved_beside().is_empty();
        let mut scene = Scene { view, state, actions, questions, held, go_to, said_to_show, laid, differs };
        unsaved.show(ui, &mut scene, &mut panels.source);
        export.show(ui, &mut scene);
        typed.show(ui, &mut scene);
        panel::show_range(ui, &mut scene);
        zoom::take_keys(ui, scene.state);
        let is_sealed = scene.view.is_sealed();
        if is_sealed {
            // Whatever the session says: there are no other pages.
            scene.state.tab = Tab::Channels;
        } else {
            take_shortcuts(ui, &mut scene);
        }
        if scene.view.shows_panel_only(scene.state) {
            alone::show(ui, &mut scene, &mut panels.channels, &mut panels.keyboard);
            return false;
        }
        top(ui, &mut scene, panels);
        gather::show(ui, &mut scene);
        bottom(ui, &mut scene, panels);
        let settles = scene.state.picture && side(ui, &mut scene, panels);
        let palette = theme::palette(ui);
        CentralPanel::default().frame(theme::page(palette)).show(ui, |ui| {
            if !is_sealed {
                tabs(ui, &mut scene, &mut panels.console);
                ui.add_space(theme::GAP);
            }
            page(ui, &mut scene, panels);
        });
        // After all by which it is opened.
        browser.show(ui, &mut scene);
        settles
    }

    /// Takes what a session loaded since says about the editor.
    fn take_session(&mut self) {
        if self.session == Some(self.view.saved.generation) {
            return;
        }
        self.session = Some(self.view.saved.generation);
        self.state = (*self.view.saved.state).clone();
        self.remembered = self.state.clone();
        self.size = self.state.size;
        let open = std::mem::take(&mut self.state.open_texts);
        self.panels.source.restore(self.state.draft.take(), open);
    }

    /// Has the session keep what has changed.
    fn keep_session(&mut self, ui: &Ui) {
        let size = zoom::unzoomed(ui.ctx());
        self.state.size = [size.x.round(), size.y.round()];
        self.state.draft = self.panels.source.draft();
        self.state.open_texts = self.panels.source.open_texts();
        if self.state != self.remembered {
            self.remembered = self.state.clone();
            self.actions.push(Action::Remember(Box::new(self.state.clone())));
        }
    }

    /// True: something was done that may show.
    fn carry_out(&mut self, backend: &dyn Backend) -> bool {
        let mut shows = false;
        self.questions.drain(..).for_each(|question| self.dialogs.ask(question));
        self.actions.extend(self.dialogs.answers());
        if let Some(question) = self.dialogs.take_failed() {
            self.actions.push(self.typed.ask(question));
        }
        let is_asking = self.dialogs.is_open() || self.typed.is_open();
        self.unsaved.follow_dialog(&self.actions, is_asking);
        let source = &self.panels.source;
        let wished = self.actions.drain(..).filter_map(|wish| self.unsaved.hold(wish, &self.view, source));
        let mut actions: Vec<_> = wished.collect();
        actions.extend(self.unsaved.take_decided());
        for action in actions {
            match action {
                Action::BeginGesture(param) => self.touched.push(param),
                Action::EndGesture(param) => self.touched.retain(|touched| *touched != param),
                Action::TakeDraft => {
                    if let Some(draft) = &self.view.draft {
                        self.panels.source.take_draft(draft);
                        self.state.tab = Tab::Source;
                    }
                }
                _ => {}
            }
            shows |= !matches!(action, Action::Remember(_) | Action::Tell(_));
            backend.act(action);
        }
        shows
    }

    /// Ends gestures whose control went away while it was held: a host would wait for it for ever.
    fn end_lost_gestures(&mut self, ui: &Ui) {
        if !self.touched.is_empty()
            && self.held.is_empty()
            && !ui.input(|input| input.pointer.any_down() || input.pointer.any_released())
        {
            self.end_touched();
        }
    }

    /// Ends all gestures that go on, once.
    fn end_touched(&mut self) {
        for param in self.touched.iter().filter(|param| !self.held.moves(**param)) {
            if !self.actions.contains(&Action::EndGesture(*param)) {
                self.actions.push(Action::EndGesture(*param));
            }
        }
    }

    /// Keeps what was turned, and takes it back or does it again where no text is typed: texts have their own.
    fn follow_history(&mut self, ui: &Ui) {
        let ends = |action: &Action| matches!(action, Action::EndGesture(_));
        let begun = self.actions.iter().filter(|action| matches!(action, Action::BeginGesture(_))).count();
        let touched = self.touched.iter().filter(|param| !self.held.moves(**param)).count();
        let over = touched + begun <= self.actions.iter().filter(|action| ends(action)).count();
        let rests = over && self.held.is_empty() && !ui.input(|input| input.pointer.any_down());
        let by_itself = |channel: &str| self.held.moves_channel(channel);
        self.history.see(&self.actions, &self.view, (rests, &by_itself));
        if ui.ctx().text_edit_focused() {
            return;
        }
        if keys::take(ui, KeyCommand::Redo) {
            self.actions.extend(self.history.redo(&self.view));
        } else if keys::take(ui, KeyCommand::Undo) {
            self.actions.extend(self.history.undo(&self.view));
        }
    }

    /// Lets go of what is held: the window closes.
    pub fn close(&mut self, backend: &dyn Backend) {
        self.view = self.sight.take(backend);
        let Self { view, state, actions, questions, go_to, said_to_show, laid, panels, held, .. } = self;
        panels.keyboard.hide(&mut Scene {
            view,
            state,
            actions,
            questions,
            held,
            go_to,
            said_to_show,
            laid,
            differs: false,
        });
        let released = self.held.let_go();
        self.actions.extend(released);
        self.actions.extend(self.watched.let_go());
        self.end_touched();
        self.carry_out(backend);
        self.sight.give_back(std::mem::take(&mut self.view), &self.state, false);
    }

    /// Asks for the size that the session remembers, unless the host has chosen another than it was
    /// offered.
    fn take_size(&self, ui: &Ui, offered: egui::Vec2) {
        let [width, height] = self.size;
        let wanted = egui::vec2(width.max(SMALLEST[0]), height.max(SMALLEST[1]));
        let differs = |from: egui::Vec2| (from - zoom::unzoomed(ui.ctx())).abs().max_elem() > 1.0;
        if differs(wanted) && !differs(offered) {
            zoom::ask_size(ui.ctx(), wanted);
        }
    }
}

fn top(ui: &mut Ui, scene: &mut Scene, panels: &mut Panels) {
    let bar = theme::bar(theme::palette(ui));
    Panel::top("header").frame(bar).resizable(false).show(ui, |ui| {
        header::show(ui, scene);
        ui.add_space(2.0);
        if !scene.view.is_sealed() {
            panels.transport.show(ui, scene);
        }
        panels.presets.show(ui, scene);
    });
}

fn bottom(ui: &mut Ui, scene: &mut Scene, panels: &mut Panels) {
    let bar = theme::bar(theme::palette(ui));
    Panel::bottom("status").frame(bar).resizable(false).show(ui, |ui| status::show(ui, scene));
    if scene.state.keyboard {
        Panel::bottom("keyboard").frame(bar).resizable(false).show(ui, |ui| panels.keyboard.show(ui, scene));
    } else {
        panels.keyboard.hide(scene);
    }
    header::notices(ui, scene);
}

/// True: something still moves in it.
fn side(ui: &mut Ui, scene: &mut Scene, panels: &mut Panels) -> bool {
    let bar = theme::bar(theme::palette(ui));
    let width = egui::Rangef::new(150.0, (ui.available_width() * 0.5).max(150.0));
    Panel::right("picture")
        .frame(bar)
        .default_size(210.0)
        .size_range(width)
        .show(ui, |ui| panels.picture.show(ui, scene))
        .inner
}

const TABS: [(Tab, &str, &str, KeyCommand); 5] = [
    (Tab::Channels, "Channels", "The piece's controls", KeyCommand::ShowChannels),
    (Tab::Events, "Events", "Send score lines and orchestra code", KeyCommand::ShowEvents),
    (Tab::Source, "Source", "The piece's text", KeyCommand::ShowSource),
    (Tab::Console, "Console", "What Csound says", KeyCommand::ShowConsole),
    (
        Tab::Settings,
        "Settings",
        "How notes are played, the end of the score, gain, keys and more",
        KeyCommand::ShowSettings,
    ),
];

fn tabs(ui: &mut Ui, scene: &mut Scene, console: &mut console::Console) {
    let unseen = console.unseen(&scene.view.console, scene.state.tab == Tab::Console);
    ui.horizontal(|ui| {
        for (tab, name, help, command) in TABS {
            let chosen = scene.state.tab == tab;
            let text = egui::RichText::new(name).size(14.0);
            let help = format!("{help}{}", keys::in_brackets(ui.ctx(), command));
            let label = ui.selectable_label(chosen, text).on_hover_text(help);
            let badge_clicked = tab == Tab::Console && unseen > 0 && badge(ui, label.rect, unseen);
            if label.clicked() || badge_clicked {
                scene.state.tab = tab;
            }
        }
    });
}

/// The number of warnings and errors on the console that were not seen, at the upper right of its tab, where it
/// moves nothing; true: it is clicked.
fn badge(ui: &mut Ui, tab: egui::Rect, unseen: usize) -> bool {
    let palette = theme::palette(ui);
    let count = if unseen > 99 { "99+".to_owned() } else { unseen.to_string() };
    let text = egui::RichText::new(count).small().strong().color(palette.error);
    let label = egui::Label::new(text).sense(egui::Sense::click()).selectable(false).extend();
    let place = egui::Rect::from_min_size(tab.right_top() - egui::vec2(7.0, 3.0), egui::vec2(22.0, 14.0));
    let place = UiBuilder::new().max_rect(place).layout(egui::Layout::left_to_right(egui::Align::Center));
    let response = ui.new_child(place).add(label);
    let response = response.on_hover_text("Warnings and errors on the console that you have not seen");
    let told = match unseen {
        1 => "1 unseen warning or error".to_owned(),
        _ => format!("{unseen} unseen warnings and errors"),
    };
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, told.clone()));
    response.clicked()
}

fn page(ui: &mut Ui, scene: &mut Scene, panels: &mut Panels) {
    match scene.state.tab {
        Tab::Channels => panels.channels.show(ui, scene, &mut panels.keyboard),
        Tab::Events => panels.events.show(ui, scene),
        Tab::Source => panels.source.show(ui, scene),
        Tab::Console => panels.console.show(ui, scene),
        Tab::Settings => settings::show(ui, scene, &mut panels.keys),
    }
}

/// Keys choose a tab.
fn take_shortcuts(ui: &Ui, scene: &mut Scene) {
    for (tab, .., command) in TABS {
        if keys::take(ui, command) {
            scene.state.tab = tab;
        }
    }
}
