//! Values as text: what a host and the command line may write for a parameter.

use test_host::host::param_id;
use test_host::render::{RenderOptions, render};
use test_host::session::Session;

use crate::common::bench::{Bench, header};
use crate::common::{csd, libcsound_is_missing, plugin};

/// A piece whose sound is its channel *cutoff*, from 20 to 20000 Hz.
fn session() -> Session {
    let body = "instr 1\nkcut chnget \"cutoff\"\nacut upsamp kcut / 20000\nouts acut, acut\nendin\n";
    let widget =
        "<Cabbage>\nrslider channel(\"cutoff\"), range(20, 20000, 1000), valuePostfix(\"Hz\")\n</Cabbage>\n";
    Session::from_csd("cutoff.csd", widget.to_owned() + &csd("", &header(32), body, "i 1 0 1"))
}

#[test]
fn a_host_reads_numbers_units_prefixes_and_words() {
    if libcsound_is_missing() {
        return;
    }
    let mut bench = Bench::new(&session());
    bench.play(960);
    let mut read = |id: &str, text: &str| {
        let value = bench.instance.text_to_value(param_id(id), text)?;
        bench.instance.value_to_text(param_id(id), value)
    };
    for (id, text, shown) in [
        ("play", "1", "On"),
        ("play", "true", "On"),
        ("play", "no", "Off"),
        ("c001", "2.5k", "cutoff 2500 Hz"),
        ("c001", "440 Hz", "cutoff 440 Hz"),
        ("c001", "cutoff 1.5 kHz", "cutoff 1500 Hz"),
        ("c001", "1,234.0", "cutoff 1234 Hz"),
        ("offset", "1500 ms", "1.500 s"),
        ("gain", "-6", "-6.0 dB"),
    ] {
        assert_eq!(read(id, text).as_deref(), Some(shown), "{id} {text}");
    }
    for (id, text) in [("play", "perhaps"), ("play", "2"), ("c001", "5 s"), ("gain", "loud"), ("c001", "1 2")]
    {
        assert_eq!(read(id, text), None, "{id} {text}");
    }
}

#[test]
fn the_command_line_sets_what_it_can_read_and_names_what_there_is() {
    if libcsound_is_missing() {
        return;
    }
    let rendered = |set: &str| {
        let mut options = RenderOptions::new(plugin(), session());
        options.seconds = Some(0.25);
        options.params.push(set.parse().unwrap());
        render(&options, |_, _| ())
    };
    assert!(rendered("play=1").unwrap().peak() > 0.04);
    assert_eq!(rendered("play=false").unwrap().peak(), 0.0);
    assert!((rendered("c001=10k").unwrap().peak() - 0.5).abs() < 1e-3);
    assert!(rendered("note_mode=score").unwrap().peak() > 0.04);
    for (set, named) in [
        ("play=perhaps", "Off, On"),
        ("sync=tape", "Free, Host"),
        ("gain=loud", "from -60.0 dB to 24.0 dB"),
        ("c001=5 s", "from cutoff 20 Hz to cutoff 20000 Hz"),
        ("nothing=1", "no parameter"),
    ] {
        let error = format!("{:#}", rendered(set).unwrap_err());
        assert!(error.contains(named), "{set}: {error}");
    }
}
