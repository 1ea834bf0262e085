//! The piece by the other Csound: a row of the page of settings, below the choice of one.

use egui::{Button, Label, RichText, Ui};

use crate::editor::model::{Action, ComparisonView, FindingKind};
use crate::editor::scene::Scene;
use crate::editor::theme;

/// What the button does.
const HELP: &str = "Renders the first 10 s of the piece by both Csounds and says where they differ. What plays goes \
                    on, and no file is overwritten.";

/// Draws the row.
pub(super) fn show(ui: &mut Ui, scene: &mut Scene) {
    ui.label("Comparison").on_hover_text(HELP);
    let (other, missing) = scene.view.csound.other();
    let why_not =
        missing.or_else(|| scene.view.piece.name.is_empty().then(|| "There is no piece yet".to_owned()));
    let comparison = &scene.view.csound.comparison;
    if *comparison == ComparisonView::UnderWay {
        if ui.button("Stop comparing").clicked() {
            scene.act(Action::StopComparing);
        }
    } else {
        let button = ui.add_enabled(why_not.is_none(), Button::new(format!("Compare with {other}")));
        if button.clicked() {
            scene.act(Action::Compare);
        }
    }
    let palette = theme::palette(ui);
    let (told, colour) = match &scene.view.csound.comparison {
        ComparisonView::None => (why_not.as_deref().unwrap_or(HELP), palette.weak),
        ComparisonView::UnderWay => {
            ("The first 10 s of the piece are being rendered by both Csounds …", palette.weak)
        }
        ComparisonView::Done { told, kind } => {
            let colour = match kind {
                FindingKind::Alike => palette.good,
                FindingKind::Different => palette.warning,
                FindingKind::Failed => palette.error,
            };
            (told.as_str(), colour)
        }
    };
    ui.add(Label::new(RichText::new(told).color(colour)).wrap());
}
