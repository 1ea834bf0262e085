//! The letters of a text, laid out a line at a time: what has not changed is laid out no second time, so that the work of
//! a keystroke does not grow with the text.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use csound_language::piece::Document;
use csound_language::{Language, Token};
use egui::text::{LayoutJob, TextFormat};
use egui::{Color32, FontId, Galley, Ui};

use crate::editor::theme::{Code, Palette};

/// How a text is laid out.
#[derive(Clone)]
pub(super) struct Look {
    pub font: FontId,
    /// Points to which lines are wrapped; endless if they are not.
    pub width: f32,
}

/// Gives a text its colours and places.
#[derive(Default)]
pub(super) struct Painter {
    document: Document,
    keys: Vec<u64>,
    lines: Vec<Arc<Galley>>,
    look: u64,
    /// A galley of egui's own. It is another one as soon as egui has forgotten what it laid out, and with it what our
    /// lines are drawn from.
    witness: Option<Arc<Galley>>,
    whole: Option<Arc<Galley>>,
    /// The text that was read.
    text: String,
    language: Language,
    /// Counts up with each other text.
    version: u64,
    /// Lines that were laid out the last time that something changed.
    laid: usize,
}

impl Painter {
    /// The text as it was read.
    pub fn document(&self) -> &Document {
        &self.document
    }

    /// Counts up with each other text.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// Lines that were laid out the last time that something changed.
    pub fn laid(&self) -> usize {
        self.laid
    }

    /// Reads a text, where it is another one.
    pub fn read(&mut self, text: &str, language: Language) {
        if self.text != text || self.language != language || self.document.is_empty() {
            self.document.update(text, language);
            text.clone_into(&mut self.text);
            self.language = language;
            self.whole = None;
            self.version += 1;
        }
    }

    pub fn galley(
        &mut self,
        ui: &Ui,
        text: &str,
        language: Language,
        look: &Look,
        palette: &Palette,
    ) -> Arc<Galley> {
        self.read(text, language);
        self.take_look(ui, look, palette);
        if let Some(whole) = &self.whole {
            return Arc::clone(whole);
        }
        self.lay_out(ui, text, look, palette);
        // egui draws no text of which no section says how it looks.
        let job = plain(text, look, palette);
        let whole = Arc::new(Galley::concat(Arc::new(job), &self.lines, ui.pixels_per_point()));
        self.whole = Some(Arc::clone(&whole));
        whole
    }

    /// Forgets all that was laid out otherwise.
    fn take_look(&mut self, ui: &Ui, look: &Look, palette: &Palette) {
        let mut hasher = DefaultHasher::new();
        (&look.font, look.width.to_bits(), palette.text, ui.pixels_per_point().to_bits()).hash(&mut hasher);
        let key = hasher.finish();
        let witness = ui.fonts_mut(|fonts| fonts.layout_job(plain("0", look, palette)));
        let is_same = self.witness.as_ref().is_some_and(|before| Arc::ptr_eq(before, &witness));
        if !is_same || self.look != key {
            (self.look, self.witness, self.whole) = (key, Some(witness), None);
            self.keys.clear();
            self.lines.clear();
        }
    }

    /// Lays out the lines that have changed.
    fn lay_out(&mut self, ui: &Ui, text: &str, look: &Look, palette: &Palette) {
        let keys: Vec<u64> = self.document.keys().to_vec();
        let both = self.keys.len().min(keys.len());
        let above = self.keys.iter().zip(&keys).take_while(|(before, now)| before == now).count();
        let backward = self.keys.iter().rev().zip(keys.iter().rev()).take(both - above);
        let below = backward.take_while(|(before, now)| before == now).count();
        let fresh = keys.len() - above - below;
        let lines = text.split('\n').zip(self.document.tokens()).skip(above).take(fresh);
        let laid: Vec<_> = ui.fonts_mut(|fonts| {
            lines.map(|(line, tokens)| fonts.layout_job(job(line, tokens, look, palette))).collect()
        });
        let end = self.lines.len() - below;
        self.lines.splice(above..end, laid);
        self.keys = keys;
        self.laid = fresh;
    }
}

/// A text without colours.
fn plain(text: &str, look: &Look, palette: &Palette) -> LayoutJob {
    LayoutJob::single_section(text.to_owned(), TextFormat::simple(look.font.clone(), palette.text))
}

fn job(line: &str, tokens: &[(usize, Token)], look: &Look, palette: &Palette) -> LayoutJob {
    let mut job = LayoutJob::default();
    job.wrap.max_width = look.width;
    job.keep_trailing_whitespace = true;
    let mut at = 0;
    for &(length, token) in tokens {
        let format = TextFormat::simple(look.font.clone(), colour(&palette.code, token));
        job.append(&line[at..at + length], 0.0, format);
        at += length;
    }
    job
}

fn colour(code: &Code, token: Token) -> Color32 {
    match token {
        Token::Plain | Token::Variable => code.control,
        Token::Comment => code.comment,
        Token::Text => code.string,
        Token::Number => code.number,
        Token::Keyword => code.keyword,
        Token::Opcode => code.opcode,
        Token::Audio => code.audio,
        Token::Macro => code.macros,
        Token::Tag => code.tag,
    }
}
