//! How fast the editor draws a piece with many channels, a full console and a long source that is typed into:
//! everything but what the graphics card does.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use anyhow::Result;
use csound_performer::editor::Editor;
use csound_performer::editor::fake::{FakeBackend, FakeDialogs, FakePiece};
use csound_performer::editor::model::{
    Action, Backend, CONSOLE_LINES, Channel, EditorState, Line, Saved, State, Tab,
};
use egui::{Context, Event, Modifiers, PointerButton, Pos2, RawInput, Rect, vec2};
use test_host::measure::figures::Spread;
use test_host::measure::job::{self, Frames};

/// Channels of the piece.
const CHANNELS: usize = 300;

/// Lines of the long source.
const LINES: usize = 20_000;

/// Measures `frames` frames of each tab that shows much.
pub fn measure(frames: usize) -> Result<()> {
    tabs(frames)?;
    for (what, letters) in [("typing into 20000 lines", "; a "), ("completing in 20000 lines", " osci")] {
        typing(what, letters, frames.min(300))?;
    }
    Ok(())
}

/// Each frame has a letter: what it changes is read, laid out and drawn, and what may come is offered.
fn typing(what: &str, letters: &str, frames: usize) -> Result<()> {
    let backend = long_source();
    let (context, mut editor) = (Context::default(), Editor::new(Box::<FakeDialogs>::default()));
    Editor::install(&context);
    let mut letters = letters.chars().cycle();
    let mut seconds = Vec::new();
    for number in 0..frames + WARM {
        let events = match number {
            // A click gives the text the focus, a little later than it is drawn first.
            3 => vec![Event::PointerMoved(TEXT), button(true)],
            4 => vec![button(false)],
            0..WARM => Vec::new(),
            _ => vec![Event::Text(letters.next().unwrap_or('a').to_string())],
        };
        let screen = Rect::from_min_size(Pos2::ZERO, vec2(960.0, 640.0));
        let time = Some(number as f64 / 60.0);
        let input = RawInput { screen_rect: Some(screen), time, events, ..RawInput::default() };
        let began = Instant::now();
        let mut drawn = context.run_ui(input, |ui| editor.show(ui, &*backend));
        drawn.textures_delta.clear();
        std::hint::black_box(context.tessellate(drawn.shapes, drawn.pixels_per_point));
        if number >= WARM {
            seconds.push(began.elapsed().as_secs_f64());
            anyhow::ensure!(editor.laid().source_laid <= 1, "more than the line is laid out");
        }
    }
    let per_second = Spread::of(seconds.into_iter().map(|seconds| 1.0 / seconds));
    job::answer(&Frames { what: what.to_owned(), per_second })
}

/// Frames before anything is typed, and a place in the text.
const WARM: usize = 30;
const TEXT: Pos2 = Pos2::new(400.0, 300.0);

fn button(pressed: bool) -> Event {
    Event::PointerButton { pos: TEXT, button: PointerButton::Primary, pressed, modifiers: Modifiers::NONE }
}

fn long_source() -> Arc<FakeBackend> {
    let path = PathBuf::from("/long.csd");
    let line = |number: usize| match number % 5 {
        0 => format!("instr {}", number + 1),
        1 => "  kamp linseg 0, 0.1, 0.5, 0.1, 0".to_owned(),
        2 => "  a1 oscili kamp * 0.5, 440 ; a tone".to_owned(),
        3 => "  outs a1, a1".to_owned(),
        _ => "endin".to_owned(),
    };
    let lines: Vec<_> = (0..LINES).map(line).collect();
    let text = format!(
        "<CsoundSynthesizer>\n<CsInstruments>\n{}\n</CsInstruments>\n</CsoundSynthesizer>\n",
        lines.join("\n")
    );
    let backend = FakeBackend::new(vec![FakePiece::csd(&path, &text)]);
    backend.act(Action::Open(path));
    let state = EditorState { tab: Tab::Source, ..EditorState::default() };
    backend.change(|view| view.saved = Saved { generation: 2, state: Arc::new(state) });
    Arc::new(backend)
}

fn tabs(frames: usize) -> Result<()> {
    for (what, tab) in [("300 channels", Tab::Channels), ("100000 console lines", Tab::Console)] {
        let backend = backend(tab);
        let (context, mut editor) = (Context::default(), Editor::new(Box::<FakeDialogs>::default()));
        Editor::install(&context);
        let mut seconds = Vec::new();
        for number in 0..frames + frames / 10 {
            // Nothing is kept from the frame before: values move and lines come.
            backend.change(|view| {
                view.values.iter_mut().for_each(|value| *value = number as f64 / 100.0 % 1.0);
                view.console.push(line(number));
            });
            let began = Instant::now();
            let screen = Rect::from_min_size(Pos2::ZERO, vec2(960.0, 640.0));
            let input = RawInput {
                screen_rect: Some(screen),
                time: Some(number as f64 / 60.0),
                ..RawInput::default()
            };
            let mut drawn = context.run_ui(input, |ui| editor.show(ui, &*backend));
            // They would go to the graphics card.
            drawn.textures_delta.clear();
            std::hint::black_box(context.tessellate(drawn.shapes, drawn.pixels_per_point));
            // The first frames load fonts.
            if number >= frames / 10 {
                seconds.push(began.elapsed().as_secs_f64());
            }
        }
        let per_second = Spread::of(seconds.into_iter().map(|seconds| 1.0 / seconds));
        job::answer(&Frames { what: what.to_owned(), per_second })?;
    }
    Ok(())
}

fn backend(tab: Tab) -> Arc<FakeBackend> {
    let channel = |index| Channel { name: format!("channel {index}"), ..Channel::default() };
    let channels = (0..CHANNELS).map(channel).collect();
    let path = PathBuf::from("/piece.csd");
    let piece = FakePiece { channels, ..FakePiece::csd(&path, "<CsoundSynthesizer>") };
    let backend = FakeBackend::new(vec![piece]);
    backend.act(Action::Open(path));
    backend.change(|view| {
        view.state = State::Playing;
        view.saved = Saved { generation: 2, state: Arc::new(EditorState { tab, ..EditorState::default() }) };
        (0..CONSOLE_LINES).for_each(|number| view.console.push(line(number)));
    });
    Arc::new(backend)
}

fn line(number: usize) -> Line {
    let text = format!("rtevent: T{number:9.3} TT{number:9.3} M: 0.20000 0.20000");
    Line { text: text.into(), ..Line::default() }
}
