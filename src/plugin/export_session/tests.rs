use std::collections::BTreeMap;
use std::sync::Arc;

use csound_export::Manifest;
use csound_performance::Piece;
use csound_performance::engine::piece::Source;

use super::*;
use crate::plugin::shared::link::Link;

fn export() -> Exported {
    let manifest = br#"{
        "csound_performer_export": 1, "name": "Bells", "id": "org.example.bells", "kind": "instrument",
        "piece": "bells.csd", "show_source": true,
        "parameters": [
            { "key": 5, "channel": "cutoff", "range": { "max": 200 } },
            { "key": 2, "channel": "wave", "range": { "kind": "items", "min": 1, "max": 3, "default": 2,
              "items": ["saw", "square", "sine"] } }
        ]
    }"#;
    Exported::new(Manifest::read(manifest).unwrap(), "/nowhere".into())
}

fn state(session: &Value, params: &Value) -> PluginState {
    PluginState {
        version: "0.1.0".into(),
        params: serde_json::from_value(params.clone()).unwrap(),
        fields: BTreeMap::from([(FIELD.into(), session.to_string())]),
    }
}

fn params(state: &PluginState) -> Value {
    serde_json::to_value(&state.params).unwrap()
}

#[test]
fn a_session_of_any_plugin_gives_an_exports_parameters_its_channels_values() {
    let session = json!({ "version": 1, "channels": [
        { "slot": 1, "name": "other", "value": 0.5 },
        { "slot": 7, "name": "wave", "min": 1, "max": 3, "value": 3 },
        { "slot": 9, "name": "cutoff", "min": 0, "max": 100, "value": 50 },
    ] });
    let mut state = state(&session, &json!({ "gain": { "f32": -6.0 } }));
    state.fields.insert(
        KEPT_FIELD.into(),
        json!({ "c009": { "f32": 0.5 }, "p0003": { "f32": 0.5 }, "timing": { "string": "exact" } })
            .to_string(),
    );
    fit_parameters(&mut state, &export());
    let expected = json!({ "gain": { "f32": -6.0 }, "p0002": { "i32": 2 }, "p0005": { "f32": 0.25 } });
    assert_eq!(params(&state), expected);
    assert_eq!(state.fields[KEPT_FIELD], r#"{"timing":{"string":"exact"}}"#);
}

#[test]
fn channels_that_nobody_has_set_stand_where_the_export_begins() {
    let mut state = state(&json!({ "version": 1 }), &json!({ "p0005": { "f32": 0.9 } }));
    fit_parameters(&mut state, &export());
    assert_eq!(params(&state), json!({ "p0002": { "i32": 1 }, "p0005": { "f32": 0.0 } }));
}

#[test]
fn only_a_text_that_was_edited_in_the_export_itself_takes_its_pieces_place() {
    let session = |export: Value| {
        let text = json!({ "version": 1, "piece": { "name": "a.csd", "csd": "" }, "export": export });
        Session::read(&text.to_string()).unwrap()
    };
    let edited = session(json!({ "id": "org.example.bells", "edited": true }));
    assert!(keeps_piece(&edited, &export()));
    for other in [json!(null), json!({ "id": "org.example.bells" }), json!({ "id": "other", "edited": true })]
    {
        assert!(!keeps_piece(&session(other), &export()));
    }
    let mut sealed = export();
    sealed.manifest.show_source = false;
    assert!(!keeps_piece(&edited, &sealed));
}

#[test]
fn a_loaded_session_brings_no_piece_into_an_export_but_a_text_that_was_edited_there() {
    let link = Link::of(Some(&Arc::new(export())));
    let load = |export: Value| {
        let session = json!({ "version": 1, "piece": { "name": "a.csd", "csd": "other" }, "export": export });
        link.load(&BTreeMap::from([(FIELD.to_owned(), session.to_string())]));
        link.session().piece.is_some()
    };
    assert!(!load(json!(null)));
    assert!(load(json!({ "id": "org.example.bells", "edited": true })));
    assert!(!load(json!({ "id": "org.example.bells" })), "what was there before goes, too");
    assert!(link.has_errands(), "its own piece is read");
    let saved = Session::read(&link.save()[FIELD]).unwrap();
    assert_eq!(saved.export.unwrap().id, "org.example.bells");
}

#[test]
fn what_does_not_fit_of_a_session_is_said() {
    let export = export();
    let told = |channels: Value| {
        let session = json!({ "version": 1, "channels": channels }).to_string();
        misfits(&Session::read(&session).unwrap(), &export)
    };
    let fits = json!([
        { "slot": 1, "name": "cutoff", "value": 200.0 }, { "slot": 2, "name": "other" },
        // It had no parameter before.
        { "slot": 129, "name": "further", "value": 1.0 },
    ]);
    assert_eq!(told(fits), [""; 0]);
    let not = told(json!([
        { "slot": 1, "name": "cutoff", "value": 300.0 }, { "slot": 2, "name": "other", "value": 1.0 },
        { "slot": 3, "name": "more", "value": 1.0 },
    ]));
    assert!(not[0].contains("no parameter for other, more of"), "{not:?}");
    assert!(not[1].contains("cutoff was saved as 300") && not[1].contains("from 0 to 200"), "{not:?}");
    let many: Vec<_> =
        (1..=128).map(|place| json!({ "slot": place, "name": format!("n{place}"), "value": 1.0 })).collect();
    assert!(told(json!(many))[0].contains("n12 and 116 more"));
}

#[test]
fn what_does_not_fit_reaches_the_console_and_the_editor_once() {
    let link = Link::of(Some(&Arc::new(export())));
    let old = json!({ "version": 1, "export": { "id": "org.example.bells" }, "channels": [
        { "slot": 1, "name": "retired", "value": 1.0 }, { "slot": 2, "name": "cutoff", "value": 50.0 },
    ] });
    link.load(&BTreeMap::from([(FIELD.to_owned(), old.to_string())]));
    let told = link.take_refusals();
    assert!(matches!(&told[..], [one] if one.contains("no parameter for retired")), "{told:?}");
    assert!(link.console().iter().any(|line| line.text == told[0]));
    // Saved again, its value is kept, and nothing is said any more.
    let saved = link.save();
    assert!(saved[FIELD].contains("retired"));
    link.load(&saved);
    assert_eq!(link.take_refusals(), [""; 0]);
}

fn session_with(text: Value) -> Session {
    Session::read(&text.to_string()).unwrap()
}

#[test]
fn a_session_whose_text_is_another_than_the_exports_is_told_and_line_ends_are_no_difference() {
    let saved = |text: &str| SavedPiece {
        ..SavedPiece::from(&Piece { name: "mine.csd".into(), source: Source::Csd(text.into()), folder: None })
    };
    let own = saved("instr 1\na1 = 0.5\nendin\n");
    assert_eq!(other_text(&saved("instr 1\r\na1 = 0.5  \r\nendin"), &own, &export()), None);
    let told = other_text(&saved("instr 1\na1 = 0.25\nendin\n"), &own, &export()).unwrap();
    for part in ["mine.csd", "Bells", "may sound different", "in Csound Performer"] {
        assert!(told.contains(part), "{part}: {told}");
    }
    let textless = SavedPiece { csd: None, ..saved("") };
    assert_eq!(other_text(&textless, &own, &export()), None, "there is nothing to compare");
    let of = |export: Value| session_with(json!({ "version": 1, "export": export }));
    for (saved, expected) in [
        (json!(null), true),
        (json!({ "id": "other" }), true),
        (json!({ "id": "org.example.bells", "edited": true }), true),
        // An older version of it: its text may well be another one.
        (json!({ "id": "org.example.bells" }), false),
    ] {
        assert_eq!(is_of_another(&of(saved.clone()), &export()), expected, "{saved}");
    }
}

/// An export whose *cutoff* was called *freq* before, and *filter* before that.
fn renamed() -> Exported {
    let mut export = export();
    export.manifest.parameters[0].former = vec!["filter".into(), "freq".into()];
    export
}

#[test]
fn a_session_from_before_a_channel_had_its_name_gives_it_its_value() {
    let before = json!({ "version": 1, "channels": [
        { "slot": 4, "name": "freq", "value": 50.0 }, { "slot": 5, "name": "wave", "value": 3.0 },
    ], "further": true });
    let mut moved = state(&before, &json!({}));
    take_new_names(&mut moved, &renamed());
    let session = Session::read(&moved.fields[FIELD]).unwrap();
    assert_eq!((session.channels[0].name.as_str(), session.channels[0].place), ("cutoff", 4));
    assert_eq!(session.kept["further"], true, "nothing else changes");
    fit_parameters(&mut moved, &renamed());
    assert_eq!(params(&moved), json!({ "p0002": { "i32": 2 }, "p0005": { "f32": 0.25 } }));
    assert_eq!(misfits(&session, &renamed()), [""; 0]);
    // What has the name of today goes before.
    let both = json!({ "version": 1, "channels": [
        { "slot": 1, "name": "cutoff", "value": 100.0 }, { "slot": 2, "name": "filter", "value": 50.0 },
    ] });
    let mut moved = state(&both, &json!({}));
    take_new_names(&mut moved, &renamed());
    fit_parameters(&mut moved, &renamed());
    assert_eq!(params(&moved)["p0005"], json!({ "f32": 0.5 }));
}

#[test]
fn a_preset_from_before_a_channel_had_its_name_sets_it() {
    let preset = |channels: Value| {
        let text = json!({ "csound_performer_preset": 1, "name": "Soft", "channels": channels });
        serde_json::from_value::<Preset>(text).unwrap()
    };
    let new = with_new_names(&preset(json!({ "filter": 50, "wave": 2 })), &renamed());
    assert_eq!(json!(new.channels), json!({ "cutoff": 50, "wave": 2 }));
    let new = with_new_names(&preset(json!({ "cutoff": 10, "freq": 50 })), &renamed());
    assert_eq!(json!(new.channels), json!({ "cutoff": 10 }));
}
