use nice_plug::prelude::ParamFlags;

use super::*;

#[test]
fn every_parameter_is_known_by_its_id_and_no_other_is() {
    let params = PerformerParams::new(Arc::new(Link::default()));
    let map = params.param_map();
    assert_eq!(map.len(), 16 + EVENT_SLOTS + PARAMETERS + 1);
    assert_eq!(map.last().unwrap().0, "pipelined", "those that were there keep their number");
    for (id, _, _) in &map {
        assert!(PerformerParams::knows(None, id), "{id}");
    }
    for id in [
        "", "c", "c000", "c129", "c1", "c0001", "x001", "Timing", "event_0", "event_17", "event_01", "event_",
    ] {
        assert!(!PerformerParams::knows(None, id), "{id}");
    }
}

#[test]
fn what_changes_the_start_or_the_latency_cannot_be_automated() {
    let params = PerformerParams::new(Arc::new(Link::default()));
    let flags = [
        params.timing.flags(),
        params.pipelined.flags(),
        params.sample_accurate.flags(),
        params.at_end.flags(),
        params.note_mode.flags(),
    ];
    for flags in flags {
        assert!(flags.contains(ParamFlags::NON_AUTOMATABLE));
    }
}

#[test]
fn every_value_has_a_text_with_its_unit_that_is_read_back() {
    let params = PerformerParams::new(Arc::new(Link::default()));
    for (id, param, _) in params.param_map() {
        for position in [0.0, 0.25, 1.0] {
            // SAFETY: `params` lives as long as the pointer is used.
            let (text, read) = unsafe {
                let text = param.normalized_value_to_string(position, true);
                (text.clone(), param.string_to_normalized_value(&text))
            };
            let read = read.unwrap_or_else(|| panic!("{id}: {text:?} is not read back"));
            // SAFETY: as above.
            let again = unsafe { param.normalized_value_to_string(read, true) };
            assert_eq!(again, text, "{id}");
        }
    }
    // SAFETY: as above.
    assert_eq!(unsafe { params.offset.as_ptr().normalized_value_to_string(0.5, true) }, "43200.000 s");
}

#[test]
fn what_is_typed_is_read_by_every_parameter_or_refused() {
    let params = PerformerParams::new(Arc::new(Link::default()));
    let map: BTreeMap<_, _> = params.param_map().into_iter().map(|(id, param, _)| (id, param)).collect();
    // SAFETY: `params` lives as long as the pointers are used.
    let read = |id: &str, text: &str| unsafe { map[id].string_to_normalized_value(text) };
    for switch in ["play", "stop", "restart", "record", "event_16", "bypass"] {
        for (text, value) in [("1", 1.0), ("on", 1.0), ("True", 1.0), ("yes", 1.0), ("0", 0.0), ("OFF", 0.0)]
        {
            assert_eq!(read(switch, text), Some(value), "{switch} {text}");
        }
        for wrong in ["", "2", "0.5", "play", "perhaps"] {
            assert_eq!(read(switch, wrong), None, "{switch} {wrong}");
        }
    }
    // SAFETY: as above.
    let plain = |id: &str, text: &str| Some(unsafe { map[id].preview_plain(read(id, text)?) });
    for (id, text, value) in [
        ("offset", "500 ms", 0.5),
        ("offset", "1,5", 1.5),
        ("offset", "2 k", 2000.0),
        ("gain", "-6 dB", -6.0),
        ("gain", "\u{2212}6,5", -6.5),
        ("gain", "-inf", -60.0),
        ("gain", "99", 24.0),
        ("record_buffers", "1k", 1000.0),
        ("note_instrument", "12", 12.0),
        ("remote_channel", "no", 0.0),
        ("remote_channel", "16", 16.0),
        ("c001", "0.25", 0.25),
        ("c001", "on", 1.0),
    ] {
        let read = plain(id, text).unwrap_or_else(|| panic!("{id} {text}"));
        assert!((read - value).abs() < 1e-2, "{id} {text} {read}");
    }
    for (id, text) in [
        ("offset", "5 Hz"),
        ("gain", "loud"),
        ("gain", "6 s"),
        ("record_buffers", "2000"),
        ("note_instrument", "1.5"),
        ("remote_channel", "on"),
        ("remote_channel", "17"),
        ("c001", "much"),
    ] {
        assert_eq!(plain(id, text), None, "{id} {text}");
    }
}

#[test]
fn an_export_has_its_channels_then_gain_and_bypass_then_what_its_manifest_says() {
    let mut manifest = csound_export::Manifest::read(
        br#"{ "csound_performer_export": 1, "name": "A", "id": "a", "kind": "effect", "piece": "a.csd",
            "parameters": [
                { "key": 4, "channel": "b", "range": { "max": 10, "default": 5 } },
                { "key": 1, "channel": "a", "range": { "kind": "integer", "max": 4, "default": 3, "step": 1 } }
            ] }"#,
    )
    .unwrap();
    for (performance, count) in [(false, 4), (true, 4 + 15 + EVENT_SLOTS)] {
        manifest.performance_parameters = performance;
        let export = Arc::new(Exported::new(manifest.clone(), "/nowhere".into()));
        let link = Arc::new(Link::of(Some(&export)));
        let params = PerformerParams::new(Arc::clone(&link));
        let map = params.param_map();
        let ids: Vec<_> = map.iter().map(|(id, ..)| id.as_str()).collect();
        assert_eq!((ids.len(), &ids[..4]), (count, &["p0004", "p0001", "gain", "bypass"][..]));
        for id in &ids {
            assert!(PerformerParams::knows(Some(&export), id), "{id}");
        }
        for id in ["c001", "p0002", "p4", ""] {
            assert!(!PerformerParams::knows(Some(&export), id), "{id}");
        }
        assert_eq!(PerformerParams::knows(Some(&export), "play"), performance);
        assert_eq!((place_at(Some(&export), 1), place_at(Some(&export), 2)), (Some(1), None));
        // It begins where the manifest says, and nothing is set by that.
        assert_eq!((params.channels[0].position(), params.channels[1].position()), (0.5, 0.75));
        assert_eq!((link.bank.value(0), link.bank.value(1)), (None, None));
    }
}

#[test]
fn a_state_is_loaded_before_activation_as_the_shell_would() {
    let link = Arc::new(Link::default());
    let params = PerformerParams::new(Arc::clone(&link));
    let gain = params.gain.unmodulated_plain_value();
    let mut fields = params.serialize_fields();
    let session = fields.get_mut(crate::plugin::session::FIELD).unwrap();
    let mut saved: serde_json::Value = serde_json::from_str(session).unwrap();
    saved["recording_folder"] = "/recordings".into();
    *session = saved.to_string();
    let mut state: nice_plug::prelude::PluginState = serde_json::from_value(serde_json::json!({
        "version": "0.1",
        "params": {
            "gain": { "f32": 0.25 }, "offset": { "f32": 12345.678 }, "play": { "bool": false }, "note_mode": { "string": "score" },
            "note_instrument": { "i32": 7 }, "later": { "f32": 1.0 },
        },
        "fields": fields,
    }))
    .unwrap_or_else(|_| panic!("a state as the shell writes it"));
    params.begin_with(state.clone());
    assert_ne!(gain, 0.25);
    assert_eq!(params.gain.unmodulated_plain_value(), 0.25);
    assert_eq!(params.offset.unmodulated_plain_value(), 12345.678, "to the last bit");
    assert!(!params.play.value());
    assert_eq!(params.note_mode.value(), NoteMode::ScoreEvents);
    assert_eq!(params.note_instrument.value(), 7);
    let saved = params.serialize_fields();
    assert!(saved[crate::plugin::session::FIELD].contains("/recordings"));
    assert!(saved[crate::plugin::session::KEPT_FIELD].contains("later"), "what is unknown is kept");

    // A session that cannot be read changes nothing.
    state.fields.insert(crate::plugin::session::FIELD.to_owned(), "{".to_owned());
    state.params.clear();
    params.begin_with(state);
    assert_eq!(params.gain.unmodulated_plain_value(), 0.25);
    assert!(params.serialize_fields()[crate::plugin::session::FIELD].contains("/recordings"));
}
