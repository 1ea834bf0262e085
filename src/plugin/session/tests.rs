//! Sessions as they are read and written, and what is made of states that hold none.

use serde::de::DeserializeOwned;

use super::*;

/// A parameter value as the host's state holds it.
fn value<T: DeserializeOwned>(json: &str) -> T {
    serde_json::from_str(json).unwrap()
}

fn state(session: &str) -> PluginState {
    PluginState {
        version: "0.1.0".into(),
        params: BTreeMap::from([
            ("gain".into(), value(r#"{"f32":1.0}"#)),
            ("from_the_future".into(), value(r#"{"f32":0.5}"#)),
        ]),
        fields: BTreeMap::from([(FIELD.into(), session.into())]),
    }
}

#[test]
fn a_session_comes_back_as_it_was_with_fields_it_does_not_know() {
    let text = r#"{"version":1,"piece":{"name":"a.csd","folder":"/x","csd":"text","mood":"blue"},
        "channels":[{"slot":1,"name":"cutoff","min":20.0,"max":2000.0,"value":440.0}],"later":{"deep":[1,2]}}"#;
    let session = Session::read(text).unwrap();
    assert_eq!(session.kept["later"]["deep"][1], 2);
    assert_eq!(session.piece.as_ref().unwrap().kept["mood"], "blue");
    assert_eq!(Session::read(&session.write()).unwrap(), session);
    assert_eq!(session.channels[0].value, Some(440.0));
    assert!(session.channel_defaults);
}

#[test]
fn a_damaged_missing_or_future_session_leaves_only_an_error() {
    for session in ["", "{", "[]", "{\"version\":2}", "{\"version\":1,\"channels\":7}", "{\"version\":-1}"] {
        let mut state = state(session);
        filter(&mut state, |id| id == "gain");
        assert!(state.params.is_empty(), "{session}");
        assert_eq!(state.fields.keys().collect::<Vec<_>>(), [ERROR_FIELD], "{session}");
    }
    let mut empty = state("{}");
    empty.fields.clear();
    filter(&mut empty, |_| true);
    assert!(empty.fields[ERROR_FIELD].contains("holds no"));
}

#[test]
fn unknown_parameters_are_kept_aside() {
    let mut state = state("{\"version\":1}");
    filter(&mut state, |id| id == "gain");
    assert_eq!(
        state.params.keys().collect::<Vec<_>>(),
        ["gain", PIPELINED],
        "which is off where it is not named"
    );
    assert!(state.fields[KEPT_FIELD].contains("from_the_future"));
}

#[test]
fn a_piece_whose_name_is_a_path_lies_nowhere() {
    let piece = |name: &str| Piece {
        name: name.into(),
        source: Source::Csd("x".into()),
        folder: Some("/srv/song".into()),
    };
    assert_eq!(SavedPiece::from(&piece("a.csd")).path(), Some("/srv/song/a.csd".into()));
    for name in ["", ".", "..", "/etc/a.csd", "../a.csd", "below/a.csd"] {
        assert_eq!(SavedPiece::from(&piece(name)).path(), None, "{name}");
    }
}

#[test]
fn no_text_makes_the_reader_panic() {
    let whole = r#"{"version":1,"piece":{"name":"a.csd","csd":"text"},"channels":[{"slot":1,"name":"x"}]}"#;
    for end in 0..whole.len() {
        assert!(Session::read(&whole[..end]).is_err());
    }
}

#[test]
fn every_number_comes_back_to_the_last_bit() {
    let mut session = Session::read(r#"{"version":1}"#).unwrap();
    for n in 1..10_000_u32 {
        let number = f64::from(n).sqrt() * 1e3;
        session.score_start = Some(number);
        assert_eq!(Session::read(&session.write()).unwrap().score_start, Some(number));
    }
}
