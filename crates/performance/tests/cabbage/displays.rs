//! Signals that a piece displays, on their way to the host; what a user draws into tables, on its way down; and that
//! neither costs an audio thread an allocation.

use std::time::{Duration, Instant};

use csound_cabbage::signal::{DECIBELS, SAMPLES, SPECTRUM, WAVEFORM};
use csound_cabbage::table::{MOST_SHOWN, Stroke};
use csound_cabbage::{Change, Value, WidgetName};

use crate::subject::{Subject, both};

/// What comes up of a signal: its name, what of it, and the values.
type Shown = (String, String, Vec<f64>);

/// What has come up of signals.
fn shown(piece: &mut Subject) -> Vec<Shown> {
    let of = |Change { widget, identifier, values, .. }: Change| match widget {
        WidgetName::Signal(name) => {
            Some((name, identifier, values.iter().map(|value| value.as_ref().number()).collect()))
        }
        _ => None,
    };
    piece.changes().into_iter().filter_map(of).collect()
}

/// All that comes up of signals, in turns of so many k-cycles, until it is enough.
fn shown_until(piece: &mut Subject, cycles: usize, enough: impl Fn(&[Shown]) -> bool) -> Vec<Shown> {
    let (began, mut all) = (Instant::now(), Vec::new());
    while !enough(&all) {
        assert!(began.elapsed() < Duration::from_secs(30), "{all:?}");
        piece.cycles(cycles);
        all.extend(shown(piece));
    }
    all
}

fn found<'a>(shown: &'a [Shown], name: &str, identifier: &str) -> Option<&'a [f64]> {
    let is_it = |(signal, what, _): &&Shown| signal == name && what == identifier;
    shown.iter().find(is_it).map(|(.., values)| values.as_slice())
}

const ORCHESTRA: &str = "instr 1\na1 oscili 0.5, 1500\na2 oscili 0.25, 3000\nk1 line 0, 1, 1\n\
    display a1, 0.1\ndispfft a1, 0.05, 1024\ndisplay a2, 0.01\ndispfft a2, 0.05, 512, 0, 1\ndisplay k1, 0.1\n\
    display a1 * 0.5, 0.1\nout a1\nendin";

#[test]
fn signals_that_a_widget_shows_come_up_as_waveform_and_spectrum() {
    let section = "form size(9, 9)\nsignaldisplay bounds(1, 1, 9, 9), signalvariable(\"a1\", \"a2\")";
    both(section, ORCHESTRA, |piece| {
        let shown = shown_until(piece, 400, |shown| {
            [("a1", WAVEFORM), ("a1", SAMPLES), ("a1", SPECTRUM), ("a2", WAVEFORM), ("a2", DECIBELS)]
                .iter()
                .all(|(name, what)| found(shown, name, what).is_some())
        });
        let wave = found(&shown, "a1", WAVEFORM).expect("the waveform");
        assert_eq!((wave[0], wave.len()), (4800.0, MOST_SHOWN + 1));
        assert!(
            wave[1..].iter().all(|value| value.abs() <= 0.51) && wave[1..].iter().any(|value| *value > 0.45)
        );
        let samples = found(&shown, "a1", SAMPLES).expect("its first samples");
        assert_eq!(samples.len(), MOST_SHOWN);
        assert!((samples[1] - samples[0]).abs() < 0.11, "they follow each other");
        let spectrum = &found(&shown, "a1", SPECTRUM).expect("its spectrum")[1..];
        let loudest =
            (0..spectrum.len()).max_by(|one, other| spectrum[*one].total_cmp(&spectrum[*other])).unwrap();
        assert!(loudest.abs_diff(1500 * 1024 / 48_000) <= 1, "{loudest} of {}", spectrum.len());
        assert_eq!(
            found(&shown, "a2", WAVEFORM).map(<[f64]>::len),
            Some(481),
            "a short one is there as it is"
        );
        assert!(found(&shown, "a2", DECIBELS).is_some() && found(&shown, "a2", SAMPLES).is_none());
        assert!(found(&shown, "k1", WAVEFORM).is_none(), "no widget shows it");
        shown_until(piece, 400, |shown| found(shown, "a1", SPECTRUM).is_some());
    });
}

#[test]
fn a_widget_may_show_another_signal_later() {
    let section =
        "form size(9, 9)\nsignaldisplay bounds(1, 1, 9, 9), channel(\"scope\"), signalvariable(\"a1\")";
    let orchestra = "instr 1\na1 oscili 0.5, 1500\nk1 line 0, 1, 1\ndisplay a1, 0.05\ndisplay k1, 0.05\n\
        klate chnget \"late\"\n\
        cabbageSet klate, \"scope\", \"signalvariable\", \"k1\"\nout a1\nendin";
    both(section, orchestra, |piece| {
        piece.watch(&["late"]);
        let before = shown_until(piece, 100, |shown| found(shown, "a1", WAVEFORM).is_some());
        assert!(found(&before, "k1", WAVEFORM).is_none());
        piece.set("late", 1.0);
        shown_until(piece, 400, |shown| found(shown, "k1", WAVEFORM).is_some());
        // What was on its way of the other one has come by now.
        shown_until(piece, 400, |shown| found(shown, "k1", WAVEFORM).is_some());
        let after = shown_until(piece, 400, |shown| found(shown, "k1", WAVEFORM).is_some());
        assert!(found(&after, "a1", WAVEFORM).is_none(), "{after:?}");
    });
}

#[test]
fn what_a_user_draws_is_in_the_table_and_seen() {
    let section = "form size(9, 9)\ngentable bounds(1, 1, 9, 9), tablenumber(3), active(1)";
    let orchestra =
        "gi3 ftgen 3, 0, 8, -2, 0, 0, 0, 0, 0, 0, 0, 0\ninstr 1\nk3 table 3, 3\nchnset k3, \"third\"\nendin";
    both(section, orchestra, |piece| {
        piece.watch(&["third"]);
        let tables = |piece: &mut Subject, last: f64| {
            let began = Instant::now();
            loop {
                assert!(began.elapsed() < Duration::from_secs(30));
                piece.cycles(100);
                let values = piece.changes().into_iter().map(|change| change.values);
                let found = values.into_iter().find(|values| values.last() == Some(&Value::Number(last)));
                if let Some(found) = found {
                    return found;
                }
            }
        };
        tables(piece, 0.0);
        piece.draw(Stroke { table: 3, places: [1, 3], values: [0.0, 1.0] });
        piece.draw(Stroke { table: 99, places: [0, 1], values: [1.0, 1.0] });
        piece.draw(Stroke { table: 3, places: [7, 4_000_000_000], values: [0.5, 0.5] });
        let expected = [8.0, 0.0, 0.0, 0.5, 1.0, 0.0, 0.0, 0.0, 0.5].map(Value::Number);
        assert_eq!(tables(piece, 0.5), expected);
        assert_eq!(piece.value("third"), 1.0);
    });
}

#[test]
fn what_goes_up_and_down_for_the_panel_allocates_nothing_on_an_audio_thread() {
    let section = "form size(9, 9)\nsignaldisplay bounds(1, 1, 9, 9), signalvariable(\"a1\", \"a2\")\n\
        gentable bounds(1, 1, 9, 9), tablenumber(1), channel(\"table\")\n\
        label bounds(1, 1, 9, 9), channel(\"words\"), identchannel(\"ident\"), text(\"first\")\n\
        rslider bounds(1, 1, 9, 9), channel(\"gain\"), range(0, 1, 0)";
    let orchestra = "gi1 ftgen 1, 0, 4096, 10, 1\ninstr 1\na1 oscili 0.5, 1500\na2 oscili 0.25, 3000\n\
        display a1, 0.1\ndispfft a1, 0.05, 1024\ndisplay a2, 0.01\nkcount init 0\nkcount += 1\n\
        tablew kcount, 5, 1\ncabbageSet 1, \"words\", \"bounds\", kcount, 2, 3, 4\n\
        cabbageSet 1, \"words\", \"text\", \"another one\"\ncabbageSetValue \"gain\", kcount / 10000, 1\n\
        chnset \"visible(0), alpha(0.5)\", \"ident\"\nkgain cabbageGetValue \"gain\"\n\
        kx, ky, kw, kh cabbageGet \"words\", \"bounds\"\nout a1 * kgain\nendin";
    let orchestra = orchestra.replace("kx, ky, kw, kh cabbageGet \"words\", \"bounds\"\n", "");
    if crate::common::libcsound_is_missing() {
        return;
    }
    let spec = crate::subject::spec_of(crate::subject::text(section, &orchestra), None);
    let mut piece = Subject::here(&spec);
    // Csound's own memory is not Rust's, and results of opcodes have their room by then.
    piece.cycles(100);
    for round in 0..40 {
        piece.draw(Stroke { table: 1, places: [round, round + 9], values: [0.0, 0.5] });
        piece.cycles_under_guard(64);
        assert!(round > 0 || !piece.changes().is_empty());
    }
    assert!(!shown(&mut piece).is_empty(), "signals went up under the guard");
}
