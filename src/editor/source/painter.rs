//! The colours of a text.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use egui::text::{LayoutJob, TextFormat};
use egui::{Color32, FontId, Galley, Ui};

use super::highlight::{Highlighter, Token};
use crate::editor::model::Language;
use crate::editor::theme::{Code, Palette};

/// Gives a text its colours, again only if text or colours have changed.
#[derive(Default)]
pub(super) struct Painter {
    highlighter: Highlighter,
    key: u64,
    job: LayoutJob,
}

impl Painter {
    pub fn galley(
        &mut self,
        ui: &Ui,
        text: &str,
        language: Language,
        font: &FontId,
        palette: &Palette,
    ) -> Arc<Galley> {
        let mut hasher = DefaultHasher::new();
        (text, language, font, palette.text).hash(&mut hasher);
        let key = hasher.finish();
        if self.key != key || self.job.text.is_empty() {
            self.highlighter.update(text, language);
            self.job = job(text, &self.highlighter, font, palette);
            self.key = key;
        }
        ui.fonts_mut(|fonts| fonts.layout_job(self.job.clone()))
    }
}

fn job(text: &str, highlighter: &Highlighter, font: &FontId, palette: &Palette) -> LayoutJob {
    let mut job = LayoutJob::default();
    job.wrap.max_width = f32::INFINITY;
    let format = |colour| TextFormat::simple(font.clone(), colour);
    let mut at = 0;
    for (line, tokens) in text.split('\n').zip(highlighter.lines()) {
        let mut begin = at;
        for &(length, token) in tokens {
            job.append(&text[begin..begin + length], 0.0, format(colour(&palette.code, token)));
            begin += length;
        }
        at += line.len() + 1;
        if at <= text.len() {
            job.append("\n", 0.0, format(palette.text));
        }
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
