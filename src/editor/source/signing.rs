//! The line below the source: the opcode at the cursor with its arguments, or what is wrong in the cursor's line.

use csound_language::help::Signature;
use egui::text::{LayoutJob, TextFormat};
use egui::{CursorIcon, Label, RichText, Role, Sense, Stroke, TextStyle, Ui, WidgetInfo};

use crate::editor::keys::{self, KeyCommand};
use crate::editor::theme::{self, Palette};

/// Draws the line. True: the opcode was clicked, its page is wanted.
pub(super) fn show(ui: &mut Ui, signature: Option<&Signature>, mistake: Option<&str>) -> bool {
    let palette = theme::palette(ui);
    if let Some(mistake) = mistake {
        let label = Label::new(RichText::new(mistake).small().color(palette.warning)).truncate();
        ui.add(label).on_hover_text(mistake);
        return false;
    }
    let Some(signature) = signature else {
        ui.label(RichText::new(" ").small());
        return false;
    };
    let job = job(ui, signature, palette);
    let key =
        keys::called(ui.ctx(), KeyCommand::Manual).map_or_else(String::new, |key| format!(", or {key}"));
    let help = format!("{}\nClick{key}: its page in the manual", all(signature));
    let text = job.text.clone();
    let shown = ui.add(Label::new(job).truncate().sense(Sense::click()));
    shown.widget_info(|| WidgetInfo::labeled(Role::Button, true, &text));
    shown.on_hover_text(help).on_hover_cursor(CursorIcon::PointingHand).clicked()
}

/// The first form, with the cursor's argument marked.
fn job(ui: &Ui, signature: &Signature, palette: &Palette) -> LayoutJob {
    let font = TextStyle::Monospace.resolve(ui.style());
    let format = |colour| TextFormat::simple(font.clone(), colour);
    let mut job = LayoutJob::default();
    let Some(form) = signature.forms.first() else { return job };
    if !form.results.is_empty() {
        job.append(&format!("{} ", form.results.join(", ")), 0.0, format(palette.code.audio));
    }
    job.append(&signature.name, 0.0, format(palette.code.opcode));
    for (number, argument) in form.arguments.iter().enumerate() {
        job.append(if number == 0 { " " } else { ", " }, 0.0, format(palette.weak));
        let mut look = format(palette.text);
        if form.at == Some(number) {
            look.color = palette.accent;
            look.underline = Stroke::new(1.5, palette.accent);
        }
        job.append(argument, 0.0, look);
    }
    let others = signature.forms.len() - 1;
    if others > 0 {
        let more = if others == 1 { "   1 more form".to_owned() } else { format!("   {others} more forms") };
        job.append(&more, 0.0, format(palette.weak));
    }
    if !form.fits {
        job.append("   (no form fits what stands there)", 0.0, format(palette.warning));
    }
    job
}

/// All forms, a line each.
fn all(signature: &Signature) -> String {
    let form = |form: &csound_language::help::Form| {
        let results = if form.results.is_empty() { "nothing".to_owned() } else { form.results.join(", ") };
        format!("{} {}   gives {results}", signature.name, form.arguments.join(", "))
    };
    signature.forms.iter().map(form).collect::<Vec<_>>().join("\n")
}
