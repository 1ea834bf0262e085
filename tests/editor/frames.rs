//! Frames are drawn where there is something new to see, and only there.

use std::time::Duration;

use csound_performer::editor::fake::FakePiece;
use csound_performer::editor::model::*;
use egui::{Modifiers, ViewportId};

use crate::desk::*;

impl Desk {
    /// Whether egui itself wants another frame.
    fn is_restless(&self) -> bool {
        self.window.output().viewport_output[&ViewportId::ROOT].repaint_delay < Duration::MAX
    }

    fn is_behind(&self) -> bool {
        self.window.state().is_behind(&*self.backend)
    }

    /// Whether a change of what there is to show asks for a frame, which is then drawn.
    fn asks_after(&mut self, change: impl FnOnce(&mut View)) -> bool {
        self.backend.change(change);
        let asks = self.is_behind();
        self.steps(1);
        asks
    }

    /// Draws until all that moves by itself has come to rest.
    fn rest(&mut self) {
        for _ in 0..40 {
            self.steps(1);
            if !self.is_restless() && !self.is_behind() {
                return;
            }
        }
        panic!("it does not come to rest");
    }
}

type Change = fn(&mut View);

fn sound(level: f32) -> Picture {
    let wave = |frame: usize| level * (frame as f32 * 0.1).sin();
    Picture {
        meters: vec![Meter { peak: level, rms: level * 0.7, clipped: false }],
        sample_rate: 48_000.0,
        scope: vec![(0..4096).map(wave).collect()],
        ..Picture::default()
    }
}

#[test]
fn nothing_is_drawn_while_nothing_changes() {
    for state in [State::Empty, State::Paused, State::Playing, State::Ended, State::Failed("no".into())] {
        let mut desk = Desk::on(synth());
        desk.backend.change(|view| view.state = state.clone());
        for tab in ["Channels", "Events", "Source", "Console"] {
            desk.click(tab);
            desk.rest();
            for _ in 0..3 {
                desk.steps(1);
                assert!(!desk.is_restless() && !desk.is_behind(), "{state:?}, {tab}");
            }
        }
    }
    let mut desk = Desk::on(synth());
    desk.enter_source();
    desk.rest();
}

#[test]
fn whatever_is_seen_to_change_is_drawn_once() {
    let mut desk = Desk::on(FakePiece { channels: vec![knob("cutoff", 0)], ..synth() });
    desk.rest();
    let changes: [(&str, Change); 13] = [
        ("state", |view| view.state = State::Loading),
        ("time", |view| view.transport.time += 0.15),
        ("host", |view| {
            view.transport.host = Some(HostPosition { seconds: 1.0, bar: None, playing: true });
        }),
        ("tempo", |view| view.transport.tempo = Some(96.0)),
        ("recording", |view| view.recording.active = true),
        ("recorded", |view| view.recording.seconds += 0.2),
        ("value", |view| view.values = vec![1.5]),
        ("refusal", |view| view.refused = Some("no".into())),
        ("keys", |view| view.held = 1 << 60),
        ("console", |view| view.console.push(Line::default())),
        ("a warning", |view| view.picture.worst = 0.8),
        ("gaps", |view| view.picture.late_turns = 3),
        ("slot", |view| view.slots[4].text = "i 1 0 1".into()),
    ];
    for (what, change) in changes {
        assert!(desk.asks_after(change), "{what} is not drawn");
        desk.rest();
        assert!(!desk.is_behind(), "{what} is drawn again");
    }
}

#[test]
fn what_cannot_be_seen_is_not_drawn() {
    let mut desk = Desk::on(synth());
    desk.backend.change(|view| view.transport.time = 2.0);
    desk.rest();
    assert!(!desk.asks_after(|view| view.transport.time = 2.09), "less than is shown of the time");
    assert!(desk.asks_after(|view| view.transport.time = 70.0), "the end of the score");
    assert!(!desk.asks_after(|view| view.transport.time = 80.0), "the clock ends with the score");
    assert!(!desk.asks_after(|view| view.picture.load = 0.4), "the load of a piece, which the clock draws");
    desk.click("Console");
    desk.rest();
    assert!(!desk.asks_after(|view| view.values = vec![1.0]), "a control on another page");
    desk.key(CONTROL, egui::Key::Num1);
    desk.key(Modifiers::NONE, egui::Key::Escape);
    desk.rest();
    assert!(desk.asks_after(|view| view.values = vec![2.0]));
    let nothing = |view: &mut View| view.values = vec![f64::NAN];
    assert!(desk.asks_after(nothing));
    assert!(!desk.asks_after(nothing), "no number is not another one each time");
}

#[test]
fn the_sound_is_drawn_while_its_picture_is_open_and_it_is_loud_enough() {
    let mut desk = Desk::on(synth());
    desk.backend.change(|view| view.picture = sound(0.0));
    desk.rest();
    assert!(!desk.asks_after(|view| view.picture = sound(1e-5)), "silence");
    desk.rest();
    assert!(desk.asks_after(|view| view.picture = sound(0.5)));
    assert!(desk.asks_after(|view| view.picture = sound(0.6)));
    assert!(desk.asks_after(|view| view.picture = sound(0.0)));
    assert!(desk.is_behind(), "the peak falls");
    desk.rest();
    desk.press("Meters and pictures of the sound");
    desk.rest();
    assert!(!desk.asks_after(|view| view.picture = sound(0.7)), "the picture is closed");
    assert!(!desk.asks_after(|view| view.picture.meters[0].clipped = true), "the picture is closed");
    desk.press("Meters and pictures of the sound");
    assert!(desk.asks_after(|view| view.picture = sound(0.4)));
}

#[test]
fn a_panel_of_300_widgets_with_pictures_rests_where_nothing_changes() {
    let kinds = ["rslider", "button", "image", "vmeter", "label", "gentable"];
    let line = |number: usize| {
        let (kind, left, top) = (kinds[number % kinds.len()], number % 20 * 40, number / 20 * 30);
        let says = match kind {
            "image" => "file(\"a.png\")".to_owned(),
            "gentable" => "tablenumber(1)".to_owned(),
            _ => format!("channel(\"c{number}\"), text(\"{number}\")"),
        };
        format!("{kind} bounds({left}, {top}, 38, 28), {says}\n")
    };
    let lines: String = (0..300).map(line).collect();
    let text = format!("<Cabbage>\nform size(800, 450)\n{lines}</Cabbage>\n");
    let (channels, layout) = csound_performer::plugin::backend::panel_of(&text, &Default::default());
    assert_eq!(layout.as_ref().unwrap().widgets.len(), 300);
    let piece = FakePiece { channels, layout, ..FakePiece::csd(PATH, &text) };
    let mut desk = Desk::on(piece);
    let image = Image { size: [64, 64], rgba: vec![200; 64 * 64 * 4] };
    let table = Table { length: 512, points: vec![0.5; 512].into() };
    desk.backend.change(|view| {
        view.images = [("a.png".to_owned(), Some(image.into()))].into_iter().collect::<Images>().into();
        view.tables = [(1, table)].into_iter().collect::<Tables>().into();
    });
    desk.rest();
    for _ in 0..5 {
        desk.steps(1);
        assert!(!desk.is_restless() && !desk.is_behind());
    }
    let meter = desk.backend.view().channels.iter().position(|channel| channel.is_output).unwrap();
    assert!(desk.asks_after(|view| view.values[meter] = 0.5), "a meter that moves is drawn");
    let other = Table { length: 1, points: vec![1.0].into() };
    assert!(desk.asks_after(|view| view.tables = [(1, other)].into_iter().collect::<Tables>().into()));
    desk.rest();
    assert!(!desk.is_behind());
}
