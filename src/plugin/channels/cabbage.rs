//! The `<Cabbage>` section of a CSD: the controls that thousands of published instruments describe
//! for Cabbage. Pure.
//!
//! One widget a line, such as
//!
//! ```text
//! rslider bounds(10, 10, 70, 70), channel("cutoff"), range(20, 20000, 1000, 0.5, 1), text("Cutoff")
//! ```
//!
//! A widget with a `{` behind it holds those up to its `}`; their positions are relative to it. A
//! line ends at `;` or `//`, is continued by a `\`, and may use what `#define` has defined before.
//! Case does not matter in the names of widgets and identifiers.
//!
//! The reader is tolerant: what it cannot read is told with its line ([`Warning`]), and the rest
//! stands. Identifiers that it does not know are kept for the code that draws the widget
//! ([`CabbageWidget::number`], [`CabbageWidget::words`], [`CabbageWidget::colour`]). Files that a section imports are not
//! read. A section in Cabbage 3's JSON has the same widgets by other names.
//!
//! Reading order: `cabbage/section.rs` and `cabbage/widget.rs` (what there is, and what it means),
//! `cabbage/reader.rs` (from words to widgets); from text to words goes csound-cabbage, which engines use too.

mod changed;
mod known;
mod reader;
mod section;
#[cfg(test)]
mod tests;
mod widget;

use csound_cabbage::json::section as json_section;
use csound_cabbage::text;

use reader::Reader;

pub use csound_cabbage::warning::Warning;
pub use section::{CabbageSection, Form};
pub use widget::{Bounds, CabbageWidget, Control, Span, WidgetKind};

/// Reads the `<Cabbage>` section of a CSD; one that is not there is empty.
pub fn parse(text: &str) -> CabbageSection {
    let mut reader = Reader::default();
    if let Some(widgets) = json_section::widgets(text, &mut reader.section.warnings) {
        widgets.into_iter().for_each(|widget| reader.json(widget));
        return reader.finish();
    }
    let lines = text::lines(text, &mut reader.section.warnings);
    for line in &lines {
        reader.line(line.number, &line.text);
    }
    reader.finish()
}
