//! Scripts that the editor's own fonts lack are drawn with the system's.

use std::time::{Duration, Instant};

use csound_performer::editor::fake::FakePiece;
use egui::{FontId, MissingGlyphPolicy};
use test_host::tools::{finds_font, is_missing};

use crate::desk::*;

#[test]
fn other_scripts_are_drawn_with_the_system_s_fonts() {
    if is_missing("a font for Chinese", finds_font()) {
        return;
    }
    let text = "; 音の高さ, 频率\n";
    let path = "/music/鐘の音.csd";
    let mut desk = Desk::new(Vec::new(), [960.0, 640.0]);
    // What has no font is a box until one is found.
    desk.window.ctx.set_missing_glyph_policy(MissingGlyphPolicy::Tofu);
    let piece = FakePiece::csd(path, text);
    desk.backend.change(|view| {
        view.piece.name = "鐘の音.csd".into();
        view.channels = [knob("频率", 0)].into();
        view.console.push(csound_performer::editor::model::Line { text: text.into(), ..Default::default() });
    });
    drop(piece);
    let has = |desk: &Desk, font: FontId, text: &str| {
        desk.window.ctx.fonts_mut(|fonts| fonts.has_glyphs(&font, text))
    };
    let began = Instant::now();
    let (proportional, monospace) = (FontId::proportional(13.0), FontId::monospace(13.0));
    while !has(&desk, proportional.clone(), "鐘の音频率") || !has(&desk, monospace.clone(), "音の高さ频率")
    {
        assert!(began.elapsed() < Duration::from_secs(60), "not within a minute");
        std::thread::sleep(Duration::from_millis(20));
        if desk.window.state().is_behind(&*desk.backend) {
            desk.steps(1);
        }
    }
    // No font has this one; the search for it ends, too.
    assert!(!has(&desk, proportional.clone(), "\u{10fffd}"));
    let mut quiet = 0;
    while quiet < 10 {
        assert!(began.elapsed() < Duration::from_secs(60), "it does not come to rest");
        std::thread::sleep(Duration::from_millis(20));
        quiet = if desk.window.state().is_behind(&*desk.backend) { 0 } else { quiet + 1 };
        desk.steps(1);
    }
    assert!(!has(&desk, proportional, "\u{10fffd}"));
}
