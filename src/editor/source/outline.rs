//! The outline: instruments, opcodes, tables and macros of the text; a click goes there.

use csound_language::piece::{Document, SymbolKind};
use egui::{RichText, ScrollArea, Ui};

use crate::editor::theme;

/// Draws it; the line that was clicked, from 0.
pub(super) fn show(ui: &mut Ui, document: &Document) -> Option<usize> {
    let palette = theme::palette(ui);
    let found = document.outline();
    if found.is_empty() {
        ui.label(RichText::new("No instruments, opcodes or tables yet").small().color(palette.weak));
        return None;
    }
    let mut clicked = None;
    let height = ui.text_style_height(&egui::TextStyle::Body) + 4.0;
    ScrollArea::vertical().auto_shrink(false).id_salt("outline").show_rows(
        ui,
        height,
        found.len(),
        |ui, rows| {
            for place in &found[rows] {
                let word = match place.symbol.kind {
                    SymbolKind::Instrument => "instr",
                    SymbolKind::Opcode => "opcode",
                    SymbolKind::Structure => "struct",
                    SymbolKind::Table => "table",
                    _ => "macro",
                };
                let label = format!("{word} {}", place.symbol.name);
                let response =
                    ui.selectable_label(false, label).on_hover_text(format!("Line {}", place.line + 1));
                if response.clicked() {
                    clicked = Some(place.line);
                }
            }
        },
    );
    clicked
}
