//! Signals, sounds and tables on a panel: each is seen as it should be, and what a hand does in it reaches the piece.

use std::sync::Arc;

use csound_performer::editor::model::*;

use crate::canvas::Canvas;
use crate::panels::Panel;

const SIZE: [u32; 2] = [300, 200];

fn table(points: Vec<f32>) -> Table {
    Table { length: points.len(), points: points.into() }
}

fn sine(turns: f32, level: f32) -> Vec<f32> {
    (0..480).map(|at| level * (at as f32 / 480.0 * turns * std::f32::consts::TAU).sin()).collect()
}

fn spectrum(at: usize) -> Table {
    table((0..512).map(|bin: usize| if bin.abs_diff(at) < 40 { 0.2 } else { 0.0 }).collect())
}

/// Two signals, the first with a peak at a place of its spectrum.
fn signals(at: usize) -> Signals {
    let of = |turns, at| Signal {
        waveform: table(sine(turns, 0.8)),
        spectrum: spectrum(at),
        spectra: at as u64 + 1,
        ..Signal::default()
    };
    [("a1".to_owned(), of(3.0, at)), ("a2".to_owned(), of(5.0, 100))].into()
}

fn panel(line: &str) -> Panel {
    Panel::of(SIZE, line)
}

fn with_signals(panel: &mut Panel, signals: Signals) -> Canvas {
    panel.desk.backend.change(|view| view.signals = Arc::new(signals));
    panel.desk.steps(3);
    panel.picture()
}

const DISPLAY: &str =
    "signaldisplay bounds(10, 10, 250, 150), colour(250, 200, 0), backgroundcolour(0, 0, 40)";

#[test]
fn each_way_to_show_a_signal_is_seen_follows_it_and_is_its_own() {
    let mut pictures = Vec::new();
    for kind in ["waveform", "spectroscope", "spectrogram", "lissajous"] {
        let line = format!("{DISPLAY}, displaytype(\"{kind}\"), signalvariable(\"a1\", \"a2\")");
        let mut shown = panel(&line);
        let empty = with_signals(&mut shown, Signals::new());
        let first = with_signals(&mut shown, signals(50));
        assert!(first.distance(&empty).1 > 0.0002, "{kind} is seen: {:?}", first.distance(&empty));
        let mut other = signals(300);
        other.get_mut("a1").unwrap().waveform = table(sine(7.0, 0.4));
        let second = with_signals(&mut shown, other);
        assert!(second.distance(&first).1 > 0.0002, "{kind} follows: {:?}", second.distance(&first));
        let gone = with_signals(&mut shown, [("a9".to_owned(), Signal::default())].into());
        assert!(gone == empty, "{kind}: what is not named is not shown");
        pictures.push(first);
    }
    for (index, one) in pictures.iter().enumerate() {
        assert!(pictures[..index].iter().all(|other| one.distance(other).1 > 0.0002), "{index}");
    }
}

#[test]
fn a_spectrogram_moves_on_with_each_spectrum_and_only_then() {
    let line = format!("{DISPLAY}, displaytype(\"spectrogram\"), signalvariable(\"a1\")");
    let mut shown = panel(&line);
    let mut before = with_signals(&mut shown, signals(50));
    for round in 1..5 {
        let next = with_signals(&mut shown, signals(50 + round));
        assert!(next.distance(&before).1 > 0.0, "{round}");
        shown.desk.steps(5);
        assert!(shown.picture() == next, "nothing new has come");
        before = next;
    }
}

#[test]
fn a_long_waveform_is_shown_by_its_bounds_and_a_loud_one_fits() {
    let line = format!("{DISPLAY}, displaytype(\"waveform\"), signalvariable(\"a1\")");
    let mut shown = panel(&line);
    let of = |level: f32| {
        let points: Vec<f32> = (0..1024).map(|at| if at % 2 == 0 { -level } else { level }).collect();
        let waveform = Table { length: 48_000, points: points.into() };
        [("a1".to_owned(), Signal { waveform, ..Signal::default() })].into()
    };
    let (soft, loud, louder) = (
        with_signals(&mut shown, of(0.1)),
        with_signals(&mut shown, of(0.9)),
        with_signals(&mut shown, of(30_000.0)),
    );
    assert!(loud.distance(&soft).1 > 0.1 && louder.distance(&soft).1 > 0.1);
}

fn sounds(level: f32) -> Arc<Sounds> {
    let bounds: Arc<[f32]> = (0..2000).map(|at| if at % 2 == 0 { -level } else { level }).collect();
    let sound = Sound { frames: 100_000, bounds: vec![bounds] };
    Arc::new([("s.wav".to_owned(), Some(Arc::new(sound))), ("gone.wav".to_owned(), None)].into())
}

const SOUND: &str =
    "soundfiler bounds(0, 0, 200, 100), file(\"s.wav\"), colour(0, 200, 0), channel(\"begin\", \"length\")";

fn with_sounds(line: &str) -> Panel {
    let mut shown = panel(line);
    shown.desk.backend.change(|view| view.sounds = sounds(0.5));
    shown.desk.steps(3);
    shown.desk.log();
    shown
}

#[test]
fn a_sound_is_seen_and_one_that_is_gone_says_its_name() {
    let empty = panel(SOUND).picture();
    assert!(with_sounds(SOUND).picture().distance(&empty).1 > 0.05);
    let gone = SOUND.replace("s.wav", "gone.wav");
    assert!(
        with_sounds(&gone).picture().distance(&panel(&gone).picture()).1 > 0.002,
        "a frame with its name"
    );
    let zoomed = with_sounds(&format!("{SOUND}, scrubberposition(50000)"));
    assert!(zoomed.picture().distance(&with_sounds(SOUND).picture()).1 > 0.001, "where it plays");
}

#[test]
fn what_the_user_selects_of_a_sound_is_in_its_channels_in_samples() {
    let mut shown = with_sounds(SOUND);
    shown.desk.drag(shown.at(50.0, 50.0), shown.at(150.0, 50.0));
    let view = shown.desk.backend.view();
    let value = |name: &str| {
        let place = view.channels.iter().position(|channel| channel.name == name).unwrap();
        assert_eq!(view.channels[place].parameter, None, "no parameter holds samples exactly");
        view.value(place)
    };
    assert!((value("begin") - 25_000.0).abs() < 600.0, "{}", value("begin"));
    assert!((value("length") - 50_000.0).abs() < 1200.0, "{}", value("length"));
    let selected = shown.picture();
    assert!(selected.distance(&with_sounds(SOUND).picture()).1 > 0.05, "the selection is seen");
    let log = shown.desk.log();
    assert!(log.iter().all(|action| matches!(action, Action::SetChannel(..))), "{log:?}");
    let mut without = with_sounds(&SOUND.replace(", channel(\"begin\", \"length\")", ""));
    without.desk.drag(without.at(50.0, 50.0), without.at(150.0, 50.0));
    assert_eq!(without.desk.log(), []);
}

fn with_tables(line: &str) -> Panel {
    let mut shown = panel(line);
    shown.desk.backend.change(|view| {
        view.tables = Arc::new(Tables::from([
            (1, table(vec![0.0; 100])),
            (2, table(vec![0.9; 100])),
            (3, table(vec![0.0; 20_000])),
        ]));
    });
    shown.desk.steps(3);
    shown.desk.log();
    shown
}

fn strokes(log: &[Action]) -> Vec<(u32, [u32; 2], [f64; 2])> {
    let stroke = |action: &Action| match action {
        Action::DrawTable { table, places, values } => Some((*table, *places, *values)),
        _ => None,
    };
    log.iter().filter_map(stroke).collect()
}

#[test]
fn a_hand_draws_into_a_table_where_the_piece_says_so() {
    let line = "gentable bounds(0, 0, 200, 100), tablenumber(1), amprange(-1, 1, -1), channel(\"t\")";
    let mut fixed = with_tables(line);
    fixed.desk.drag(fixed.at(20.0, 25.0), fixed.at(100.0, 25.0));
    assert_eq!(fixed.desk.log(), [], "it does not say so");
    let mut shown = with_tables(&format!("{line}, active(1)"));
    shown.desk.drag(shown.at(20.0, 25.0), shown.at(100.0, 75.0));
    let strokes = strokes(&shown.desk.log());
    let (first, last) = (strokes.first().unwrap(), strokes.last().unwrap());
    assert_eq!((first.0, first.1), (1, [10, 10]));
    assert!((first.2[0] - 0.5).abs() < 0.05 && (last.2[1] + 0.5).abs() < 0.05, "{strokes:?}");
    assert_eq!(last.1[1], 50);
    assert!(strokes.windows(2).all(|pair| pair[0].1[1] == pair[1].1[0]), "no place is left out: {strokes:?}");
}

#[test]
fn of_several_tables_the_nearest_is_drawn_into_in_its_own_steps_and_none_that_is_too_long() {
    let line = "gentable bounds(0, 0, 200, 100), tablenumber(1, 2), amprange(-1, 1, 1, 0.5), amprange(0, 1, 2, 0.25), active(1)";
    let mut shown = with_tables(line);
    shown.desk.drag(shown.at(20.0, 12.0), shown.at(60.0, 30.0));
    let near_top = strokes(&shown.desk.log());
    assert!(!near_top.is_empty() && near_top.iter().all(|stroke| stroke.0 == 2), "{near_top:?}");
    let steps = near_top.iter().flat_map(|stroke| stroke.2);
    assert!(steps.into_iter().all(|value| (value * 4.0).fract() == 0.0), "{near_top:?}");
    shown.desk.drag(shown.at(20.0, 52.0), shown.at(60.0, 70.0));
    assert!(strokes(&shown.desk.log()).iter().all(|stroke| stroke.0 == 1));
    let mut long = with_tables("gentable bounds(0, 0, 200, 100), tablenumber(3), active(1)");
    long.desk.drag(long.at(20.0, 12.0), long.at(60.0, 30.0));
    assert_eq!(long.desk.log(), []);
}
