//! All that a session and a preset hold, on its way through instances. The tables take every field apart by name, so
//! that one which comes to be is missed by the compiler here.

use std::sync::Arc;

use serde_json::{Value, json};

use super::*;
use crate::plugin::channels::learned::SavedController;
use crate::plugin::params::PerformerParams;
use crate::plugin::presets::preset::{PieceOf, Preset};
use crate::plugin::session::SavedChannel;
use crate::plugin::slots::event_slots::SlotText;
use crate::plugin::slots::learning::SavedTrigger;
use crate::plugin::tuning::SavedTuning;
use crate::range::ScaleKind;
use crate::setting::Setting;

/// More exact than the 32 bits of a parameter: where the score starts, in seconds, and a channel's value.
const START: f64 = 1.500_000_000_1;
const EXACT: f64 = 0.123_456_789_012_345_67;

/// A session in which everything is otherwise than in a new instance.
fn whole() -> Value {
    json!({
        "version": 1,
        "piece": { "name": "a.csd", "folder": "/gone/song", "below_home": "song", "csd": "first", "orc": "o",
            "sco": "s", "mood": "blue" },
        "last_good": { "name": "a.csd", "folder": "/gone/song", "csd": "before" },
        "csound": 7,
        "csound_of_auto": 6,
        "csound_of_last_good": 6,
        "channel_defaults": false,
        "in_process": true,
        "compile_limit": 3.25,
        "events": (0..16).map(|at| json!({ "line": format!("i 1 0 {at}"), "absolute": at % 2 == 0 }))
            .collect::<Vec<_>>(),
        "triggers": [{ "slot": 3, "kind": "controller", "channel": 16, "number": 119 }],
        "controllers": [{ "name": "cutoff", "channel": 16, "controller": 74 }],
        "note_instrument": "bell",
        "score_start": START,
        "recording_folder": "/gone/takes",
        "channel_texts": { "words": "d\u{e4}mmerung \u{1d11e} \"\n" },
        "widgets": [{ "widget": { "Channel": "cutoff" }, "identifier": "visible", "is_list": true,
            "values": [{ "Number": 0.0 }, { "Text": "no" }] }],
        "editor": { "tab": "source", "later": [1, 2] },
        "channels": [
            { "slot": 1, "name": "level", "min": 1.0, "max": 1e9, "kind": "exponential", "unit": "Hz" },
            { "slot": 128, "name": "cutoff", "min": -1.0, "max": 1e9, "skew": 0.25, "step": 0.125,
                "from_piece": true, "value": EXACT },
        ],
        "preset": { "file": "/gone/Soft.csdpreset", "key": "Soft" },
        "program_channel": 17,
        "mpe": true,
        "tuning": { "scale": { "name": "a.scl", "text": "a\n1\n2/1\n" },
            "keyboard": { "name": "a.kbm", "text": "0\n0\n127\n60\n60\n100\n0\n" } },
        "values_of_last_good": true,
        "export": { "id": "a", "edited": true },
        "error": "it ended",
        "faults": ["one"],
        "refusals": ["one"],
        "later": { "deep": [1, 2] },
    })
}

#[test]
fn every_field_of_a_session_goes_through_an_instance() {
    let read = Session::read(&whole().to_string()).unwrap();
    let link = Link::default();
    // The parameter that it is the exact value of.
    link.requests.set_offset(START as f32);
    link.load(&[(session::FIELD.to_owned(), whole().to_string())].into());
    let saved = Session::read(&link.save()[session::FIELD]).unwrap();
    let new = Session::default();
    macro_rules! all_go_through {
        ($($field:ident)*, but { $($other:ident)* }) => {
            // Every field by its name: another one belongs into one of the lists.
            let Session { $($field: _,)* $($other: _),* } = &read;
            $(
                assert!(read.$field != new.$field, "{}: it is as in a new instance", stringify!($field));
                assert_eq!(saved.$field, read.$field, "{}", stringify!($field));
            )*
            $(assert_eq!(saved.$other, new.$other, "{}", stringify!($other));)*
        };
    }
    // The others are said by the instance that saves: nothing performs here, and it is no export.
    all_go_through! {
        piece last_good csound csound_of_auto csound_of_last_good channel_defaults in_process compile_limit events
        triggers controllers note_instrument score_start recording_folder channel_texts widgets editor channels preset
        program_channel mpe tuning values_of_last_good kept,
        but { version export error faults refusals }
    }
    // And what is in them.
    let SavedPiece {
        name: _,
        folder: Some(_),
        below_home: Some(_),
        csd: Some(_),
        orc: Some(_),
        sco: Some(_),
        kept,
    } = saved.piece.unwrap()
    else {
        panic!("a part of the piece is gone")
    };
    assert_eq!(kept["mood"], "blue");
    let [level, cutoff] = &saved.channels[..] else { panic!("{:?}", saved.channels) };
    let SavedChannel { place, name, min, max, skew, step, kind: _, from_piece, unit: None, value } = cutoff
    else {
        panic!("a unit that nobody has given")
    };
    assert_eq!((*min, *max, *skew, *step, *value), (-1.0, 1e9, 0.25, 0.125, Some(EXACT)));
    assert_eq!((*place, name.as_str(), *from_piece), (128, "cutoff", true));
    assert_eq!((level.kind, level.value), (ScaleKind::Exponential, None));
    assert_eq!(level.unit.as_deref(), Some("Hz"));
    let SavedController { name, channel, controller } = &saved.controllers[0];
    assert_eq!((name.as_str(), *channel, *controller), ("cutoff", 16, 74));
    let SavedTrigger { slot, kind: _, channel, number } = saved.triggers[0];
    assert_eq!((slot, channel, number), (3, 16, 119));
    let SlotText { line, absolute } = &saved.events[14];
    assert_eq!((line.as_str(), *absolute), ("i 1 0 14", true));
    let SavedTuning { scale: Some(_), keyboard: Some(_) } = saved.tuning.unwrap() else {
        panic!("a file of the tuning is gone")
    };
}

/// An instance whose piece has a channel and a text.
fn instance() -> (Arc<Link>, Arc<PerformerParams>) {
    let link = Arc::new(Link::default());
    let params = Arc::new(PerformerParams::new(Arc::clone(&link)));
    params.attach();
    let text = "<CsoundSynthesizer>\n<CsInstruments>\ninstr 1\nSwords chnget \"words\"\nendin\n</CsInstruments>\n\
        <CsScore>\n</CsScore>\n</CsoundSynthesizer>\n";
    let session = json!({ "version": 1, "piece": { "name": "a.csd", "csd": text } });
    link.load(&[(session::FIELD.to_owned(), session.to_string())].into());
    let range = crate::range::Range::default();
    link.bank.adopt(&[("level".to_owned(), range.clone()), ("free".to_owned(), range)]);
    (link, params)
}

/// What a preset has of a setting otherwise than a new instance; none if presets leave it to the project.
fn in_presets(setting: Setting) -> Option<Value> {
    match setting {
        Setting::NoteMode => Some("score".into()),
        Setting::NoteInstrument => Some(9999.into()),
        Setting::AtEnd => Some("loop".into()),
        Setting::SampleAccurate => Some("on".into()),
        Setting::Mpe => Some(true.into()),
        // What performs, how late it is, how loud, what is recorded, and who steers it, is the project's.
        Setting::Csound
        | Setting::Timing
        | Setting::Pipelined
        | Setting::Gain
        | Setting::RecordBits
        | Setting::RecordBuffers
        | Setting::RemoteChannel
        | Setting::Programs => None,
    }
}

#[test]
fn every_field_of_a_preset_goes_through_a_file_and_instances() {
    let settings: serde_json::Map<String, Value> = Setting::ALL
        .into_iter()
        .filter_map(|setting| Some((setting.id().to_owned(), in_presets(setting)?)))
        .collect();
    let written = json!({
        "csound_performer_preset": 1,
        "name": "Whole",
        "tags": ["pad", "d\u{e4}mmerung"],
        "piece": { "name": "a.csd", "folder": "/gone/song" },
        "channels": { "level": EXACT, "free": null, "words": "\u{1d11e} \"\n" },
        "events": (0..16).map(|at| json!({ "line": format!("i 1 0 {at}"), "absolute": at % 2 == 0 }))
            .collect::<Vec<_>>(),
        "settings": settings,
        "tuning": { "scale": { "name": "a.scl", "text": "a\n1\n2/1\n" } },
    });
    let preset = Preset::read(written.to_string().as_bytes()).unwrap();
    assert_eq!(Preset::read(&preset.write().unwrap()).unwrap(), preset, "a file");
    // Every field by its name.
    let Preset { version, name, tags, piece, channels, events, settings, tuning, kept } = &preset;
    assert!(kept.is_empty() && [events.is_some(), tuning.is_some(), !tags.is_empty()] == [true; 3]);
    let (first, _first_params) = instance();
    let new = first.capture("", &[], &PieceOf::default());
    assert_eq!(new.channels.keys().collect::<Vec<_>>(), channels.keys().collect::<Vec<_>>());
    assert_eq!(
        new.settings.keys().collect::<Vec<_>>(),
        settings.keys().collect::<Vec<_>>(),
        "what presets keep"
    );
    for (id, value) in settings {
        assert_ne!(new.settings[id], *value, "{id}: it is as in a new instance");
    }
    // From the file into one, and on into another that stands otherwise.
    first.apply_preset(&preset);
    let captured = first.capture(name, tags, piece.as_ref().unwrap());
    let (second, _second_params) = instance();
    second.bank.moved_to(1, 0.5);
    second.apply_preset(&captured);
    for (link, what) in [(&first, "the first"), (&second, "the second")] {
        let now = link.capture(name, tags, piece.as_ref().unwrap());
        assert_eq!((now.version, &now.channels, &now.events), (*version, channels, events), "{what}");
        assert_eq!(now.settings, *settings, "{what}");
        let of = |tuning: &Option<Value>| SavedTuning::of_preset(tuning.as_ref().unwrap()).unwrap();
        assert_eq!(of(&now.tuning), of(tuning), "{what}");
    }
}
