//! The first line: the piece and how it stands; what the editor shows.

use std::path::Path;

use egui::containers::menu::MenuButton;
use egui::{
    Align, Atom, Button, Color32, Layout, Rect, Response, RichText, ScrollArea, Sense, TextStyle,
    TextWrapMode, Ui, WidgetText, vec2,
};

use super::trust;
use crate::editor::export;
use crate::editor::icon::{self, Icon};
use crate::editor::keys::{self, KeyCommand};
use crate::editor::model::{Action, Brightness, FaultKind, Question, State, Tab, View};
use crate::editor::scene::Scene;
use crate::editor::theme;

/// The widest that the piece's name gets.
const NAME: usize = 34;

/// Why a piece that plays is not heard.
const UNHEARD: &str = "No sound system can be used as it was asked for, neither JACK nor a sound card: the piece \
                       performs, and nobody hears it. The terminal says what was tried";

/// The height that a notice's reason gets at most: four lines.
const REASON: f32 = 66.0;

/// Draws this part of the window.
pub(crate) fn show(ui: &mut Ui, scene: &mut Scene) {
    ui.horizontal(|ui| {
        match &scene.view.export {
            Some(export) => {
                ui.label(RichText::new(shortened(&export.name)).strong().size(14.0))
                    .on_hover_text(&export.name);
            }
            None => choice(ui, scene),
        }
        ui.add_space(theme::GAP);
        state(ui, scene.view);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            switches(ui, scene);
            if !scene.view.is_sealed() {
                trust::badge(ui, scene);
            }
        });
    });
}

/// The piece, and what lets the user choose another one or read it again.
fn choice(ui: &mut Ui, scene: &mut Scene) {
    piece(ui, scene);
    let key = keys::in_brackets(ui.ctx(), KeyCommand::Browse);
    let help = format!("All pieces and presets: shipped, opened before, in your folders, of packages{key}");
    if ui.button("Browse").on_hover_text(help).clicked() {
        scene.act(Action::LookAtCatalogue);
    }
    let reload = ui.add_enabled(scene.view.piece.path.is_some(), Button::new("Reload"));
    if reload.on_hover_text("Read the file again").clicked() {
        scene.act(Action::Reload);
    }
}

/// The things that need to be told at once.
pub(crate) fn notices(ui: &mut Ui, scene: &mut Scene) {
    theme::messages("notices").show(ui, |ui| {
        if !scene.view.is_sealed() && !scene.view.shows_panel_only(scene.state) {
            trust::notice(ui, scene);
        }
        all_notices(ui, scene);
    });
}

fn all_notices(ui: &mut Ui, scene: &mut Scene) {
    let palette = theme::palette(ui);
    if let Some(reason) = &scene.view.refused {
        notice(ui, palette.error, "That could not be done", reason, |ui| {
            if ui.button("Close").on_hover_text("It is said on the console, too").clicked() {
                scene.actions.push(Action::Dismiss);
            }
        });
    }
    if let Some((headline, reason)) = trouble(scene.view).filter(|_| !is_told_by_source(scene)) {
        notice(ui, palette.error, headline, reason, |ui| show_button(ui, scene));
    }
    draft(ui, scene);
    faults(ui, scene);
    if let State::Restarted(reason) = &scene.view.state {
        let headline = "The piece broke off and was started again";
        notice(ui, palette.warning, headline, reason, |ui| show_button(ui, scene));
    }
}

/// Whether the page of the source is in front and says with the errors all that is wrong.
pub(crate) fn is_told_by_source(scene: &Scene) -> bool {
    let is_in_front = scene.state.tab == Tab::Source && !scene.view.shows_panel_only(scene.state);
    let is_all = trouble(scene.view).is_some_and(|(_, reason)| match &*scene.view.source.errors {
        [] => false,
        [error] => reason.ends_with(&error.text),
        // The reason names the first, and how many more there are.
        [..] => reason.ends_with(" more)"),
    });
    is_in_front && is_all
}

/// What is wrong with a text that cannot be performed, in a few words and as a whole.
pub(crate) fn trouble(view: &View) -> Option<(&'static str, &str)> {
    match (&view.source.failure, &view.state) {
        (Some(reason), _) => Some(("This text cannot be performed; what played before plays on", reason)),
        (None, State::Failed(reason)) => Some(("The piece cannot be performed", reason)),
        (None, _) => None,
    }
}

/// What was typed and not saved when a program broke off.
fn draft(ui: &mut Ui, scene: &mut Scene) {
    let Some(draft) = scene.view.draft.as_ref().filter(|_| !scene.view.is_sealed()) else { return };
    let reason = format!(
        "It was typed by {}, and the program that it was typed in broke off. Taken, it stands in the source; nothing of it \
         is performed or saved before you say so.",
        draft.when
    );
    let headline = "A text of this piece was typed and not saved";
    notice(ui, theme::palette(ui).accent, headline, &reason, |ui| {
        if ui.button("Drop it").on_hover_text("Delete what was typed").clicked() {
            scene.act(Action::DropDraft);
        }
        let fits = draft.texts.len() == scene.view.source.files.len();
        let take = ui.add_enabled(fits, Button::new("Take it")).on_hover_text("Go on with what was typed");
        let why = "What was typed are other texts than the piece has: open the piece as it was first";
        if take.on_disabled_hover_text(why).clicked() {
            scene.act(Action::TakeDraft);
        }
    });
}

/// What is wrong with the piece that performs: the first of it, and all of it for the pointer.
fn faults(ui: &mut Ui, scene: &mut Scene) {
    let faults = &scene.view.piece.faults;
    let Some(first) = faults.first() else { return };
    let headline = match first.kind {
        FaultKind::Missing => "Something is missing",
        FaultKind::Refused => "Something was refused",
        FaultKind::Error => "A part of the piece fails",
    };
    let headline = match faults.len() {
        1 => headline.to_owned(),
        many => format!("{headline} ({many} errors)"),
    };
    let all: Vec<_> = faults.iter().map(|fault| fault.text.as_str()).collect();
    let is_about_files = first.kind != FaultKind::Error;
    let line = first.line;
    let is_sealed = scene.view.is_sealed();
    notice(ui, theme::palette(ui).warning, &headline, &all.join("\n"), |ui| {
        if is_sealed {
            return;
        }
        if ui.button("Show").on_hover_text("Show the line, or what Csound says").clicked() {
            match line {
                Some(line) => scene.show_line(0, line),
                None => scene.state.tab = Tab::Console,
            }
        }
        if is_about_files && ui.button("Allow folder…").on_hover_text("Let the piece read a folder").clicked()
        {
            scene.ask(Question::AllowFolder);
        }
    });
}

fn show_button(ui: &mut Ui, scene: &mut Scene) {
    if scene.view.is_sealed() {
        return;
    }
    if ui.button("Show").on_hover_text("Show what Csound says").clicked() {
        show_trouble(scene);
    }
}

fn notice(ui: &mut Ui, colour: Color32, headline: &str, reason: &str, button: impl FnOnce(&mut Ui)) {
    theme::notice(theme::palette(ui), colour).show(ui, |ui| {
        ui.horizontal(|ui| {
            ui.label(RichText::new(headline).color(colour));
            ui.with_layout(Layout::right_to_left(Align::Center), button);
        });
        whole(ui, reason);
    });
}

/// To the first error that has a line, else to the console.
fn show_trouble(scene: &mut Scene) {
    let error = scene.view.source.errors.iter().find_map(|error| Some((error, error.line?)));
    match error {
        Some((error, line)) if error.included.is_none() => scene.show_line(error.file, line),
        // There it stands with a way to the included file.
        Some(_) => scene.state.tab = Tab::Source,
        None => scene.state.tab = Tab::Console,
    }
}

/// A reason in as many lines as it needs: its useful part may be its last one. The longest are scrolled.
pub(super) fn whole(ui: &mut Ui, reason: &str) {
    ScrollArea::vertical().id_salt(reason).max_height(REASON).show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.add(egui::Label::new(reason).wrap());
    });
}

fn piece(ui: &mut Ui, scene: &mut Scene) {
    let name = match scene.view.piece.name.as_str() {
        "" => "Choose a piece".to_owned(),
        name => shortened(name),
    };
    // The blanks leave room for the arrow.
    let words = |draft: &str| RichText::new(format!("{name}{draft}      ")).strong().size(14.0);
    // It is as wide with the star as without, so that what stands behind it stays where it is.
    let (wrap, font) = (Some(TextWrapMode::Extend), TextStyle::Button);
    let widest = WidgetText::from(words(" *")).into_galley(ui, wrap, f32::INFINITY, font).size().x;
    let width = widest + 2.0 * ui.spacing().button_padding.x;
    let text = words(if scene.differs { " *" } else { "" });
    let button = Button::new((text, Atom::grow())).gap(0.0).min_size(vec2(width, 0.0));
    let (response, _) = MenuButton::from_button(button).ui(ui, |ui| menu(ui, scene));
    let arrow = Rect::from_center_size(response.rect.right_center() - vec2(15.0, 0.0), vec2(9.0, 9.0));
    icon::paint(ui.painter(), Icon::Down, arrow, theme::palette(ui).weak);
    let mut help = scene.view.piece.path.as_deref().map_or("Open a piece".into(), Path::to_string_lossy);
    if scene.differs {
        help.to_mut().push_str("\nThe text is not saved");
    }
    response.on_hover_text(help);
}

fn shortened(name: &str) -> String {
    match name.char_indices().nth(NAME) {
        Some((end, _)) => format!("{}…", &name[..end]),
        None => name.to_owned(),
    }
}

fn menu(ui: &mut Ui, scene: &mut Scene) {
    ui.set_min_width(320.0);
    if ui.button("Open…").on_hover_text("Choose a .csd, .orc or .sco file").clicked() {
        scene.ask(Question::Open);
    }
    let export = ui.add_enabled(!scene.view.piece.name.is_empty(), Button::new("Export as plugin…"));
    if export.on_hover_text("Make the piece a plugin of its own, under its own name").clicked() {
        scene.act(export::first_look(scene.view));
    }
    let collect = ui.add_enabled(scene.view.piece.path.is_some(), Button::new("Collect files…"));
    if collect.on_hover_text("Copy what the piece reads from elsewhere into its folder").clicked() {
        scene.act(Action::Gather(None));
    }
    recent(ui, scene);
    shipped(ui, scene);
}

fn recent(ui: &mut Ui, scene: &mut Scene) {
    if scene.view.piece.recent.is_empty() {
        return;
    }
    ui.separator();
    ui.weak("Opened before");
    for path in scene.view.piece.recent.iter() {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let folder = path.parent().unwrap_or(Path::new("")).to_string_lossy();
        if entry(ui, &shortened(&name), &shortened_before(&folder))
            .on_hover_text(path.to_string_lossy())
            .clicked()
        {
            scene.actions.push(Action::Open(path.clone()));
        }
    }
}

fn shipped(ui: &mut Ui, scene: &mut Scene) {
    if scene.view.piece.shipped.is_empty() {
        return;
    }
    ui.separator();
    ui.weak("Pieces to begin with");
    for (index, piece) in scene.view.piece.shipped.iter().enumerate() {
        if entry(ui, &piece.name, &piece.about).clicked() {
            scene.actions.push(Action::OpenShipped(index));
        }
    }
}

/// A piece of the menu, and in a weaker colour beside it what it is.
fn entry(ui: &mut Ui, name: &str, about: &str) -> Response {
    let about = RichText::new(about).color(theme::palette(ui).weak);
    ui.add(Button::new((name, Atom::grow(), about)))
}

/// The end of a path, which says more than its beginning.
fn shortened_before(path: &str) -> String {
    match path.char_indices().rev().nth(NAME) {
        Some((begin, left)) => format!("…{}", &path[begin + left.len_utf8()..]),
        None => path.to_owned(),
    }
}

/// Draws the state of the piece, in a word and a colour.
fn state(ui: &mut Ui, view: &View) {
    let palette = theme::palette(ui);
    let fault = view.piece.faults.first().map(|fault| fault.text.as_str());
    let (word, colour, about): (_, Color32, &str) = match &view.state {
        State::Empty if view.is_unheard => ("No piece, and no sound system", palette.warning, UNHEARD),
        State::Playing if view.is_unheard => ("Playing, not heard", palette.warning, UNHEARD),
        State::Empty => ("No piece", palette.weak, "Open a piece, or paste its path"),
        State::Loading => ("Loading…", palette.accent, "Csound compiles the piece"),
        State::Playing => match fault {
            Some(fault) => ("Playing, with errors", palette.warning, fault),
            None => ("Playing", palette.good, "The piece plays"),
        },
        State::Paused => ("Paused", palette.warning, "The piece holds still"),
        State::Ended => ("Ended", palette.weak, "The piece is over"),
        State::Failed(reason) => ("Failed", palette.error, reason),
        State::Restarted(reason) => ("Restarted", palette.warning, reason),
    };
    let (rect, _) = ui.allocate_exact_size(vec2(9.0, 9.0), Sense::hover());
    ui.painter().circle_filled(rect.center(), 4.0, colour);
    ui.label(RichText::new(word).color(colour)).on_hover_text(about);
}

fn switches(ui: &mut Ui, scene: &mut Scene) {
    let (label, other) = match scene.state.brightness {
        Brightness::Dark => ("Light colours", Brightness::Light),
        Brightness::Light => ("Dark colours", Brightness::Dark),
    };
    if icon::button(ui, Icon::Contrast, label, None).clicked() {
        scene.state.brightness = other;
    }
    if icon::switch(ui, Icon::Wave, "Meters and pictures of the sound", scene.state.picture).clicked() {
        scene.state.picture = !scene.state.picture;
    }
    if icon::switch(ui, Icon::Keys, "Keyboard", scene.state.keyboard).clicked() {
        scene.state.keyboard = !scene.state.keyboard;
    }
}
