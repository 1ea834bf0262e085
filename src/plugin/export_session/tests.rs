use std::collections::BTreeMap;
use std::sync::Arc;

use csound_export::Manifest;

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
