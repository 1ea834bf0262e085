//! What the exporter chooses, from the host's side: the text is shown or not, the performance has parameters or not, the
//! Csound is pinned.

use serde_json::json;
use test_host::host::{Event, Host, Instance, param_id};
use test_host::session::{AtEnd, Session, session_of};
use test_host::testing::{alone_with, both_csounds};

use super::clap::{begun, heard};
use super::{Export, HEADER, manifest};
use crate::common::bench::state_with;
use crate::common::{csd, libcsound_is_missing};
use crate::error_of;

fn level(level: &str) -> String {
    csd("", HEADER, &format!("instr 1\na1 = {level}\nouts a1, a1\nendin\n"), "i 1 0 3600")
}

fn export(change: impl FnOnce(&mut serde_json::Value)) -> Export {
    let mut text = manifest("Choice", "instrument", json!([{ "key": 1, "channel": "cutoff" }]));
    change(&mut text);
    Export::new("Choice", &text.to_string(), &[("piece.csd", &level("0.25"))])
}

const ID: &str = "org.example.choice";

#[test]
fn only_an_export_that_shows_its_source_performs_a_text_that_was_edited_in_it() {
    if libcsound_is_missing() {
        return;
    }
    let session = Session { at_end: AtEnd::Keep, ..Session::from_csd("piece.csd", level("0.75")) };
    let edited =
        |id: &str| state_with(&session, |_, own| own["export"] = json!({ "id": id, "edited": true }));
    for (shows, id, expected) in
        [(true, ID, 0.75), (true, "org.example.other", 0.25), (false, ID, 0.25), (false, "", 0.25)]
    {
        let export = export(|text| text["show_source"] = shows.into());
        let mut instance = Instance::new(&Host::load(&export.clap).unwrap(), ID).unwrap();
        instance.set_offline(true).unwrap();
        instance.load_state(&edited(id)).unwrap();
        instance.activate(48_000.0, 1, 512).unwrap();
        instance.settle().unwrap();
        instance.start().unwrap();
        assert_eq!(heard(&mut instance, 960, &[])[0][959], expected, "shows: {shows}, saved by {id:?}");
        let saved = session_of(&instance.save_state().unwrap()).unwrap();
        assert_eq!(saved["export"]["id"], ID);
        let is_edited = saved["export"]["edited"].as_bool().unwrap_or_default();
        assert!(!is_edited || expected == 0.75, "{saved}");
    }
}

#[test]
fn the_performances_parameters_are_the_hosts_only_where_the_exporter_wants_them() {
    if libcsound_is_missing() {
        return;
    }
    for performs in [false, true] {
        let export = export(|text| text["performance_parameters"] = performs.into());
        let mut instance = begun(&Host::load(&export.clap).unwrap(), ID);
        let params = instance.params();
        assert_eq!((params[0].name.as_str(), params[0].id), ("cutoff", param_id("p0001")));
        for id in ["gain", "bypass"] {
            assert!(params.iter().any(|param| param.id == param_id(id)), "{id}");
        }
        let play = params.iter().find(|param| param.id == param_id("play"));
        assert_eq!(play.is_some(), performs);
        assert!(params.iter().all(|param| param.id != param_id("c001")), "the bank is not there");
        assert_eq!(heard(&mut instance, 960, &[])[0][959], 0.25);
        // Automated, it pauses the piece; a host that has no such parameter can say nothing by it.
        heard(&mut instance, 960, &[Event::param(0, param_id("play"), 0.0)]);
        let now = heard(&mut instance, 9600, &[])[0][9599];
        assert_eq!(now == 0.0, performs, "{now}");
    }
}

#[test]
fn an_export_performs_by_the_csound_that_it_was_made_for_whatever_a_session_says() {
    let test =
        "exports::choices::an_export_performs_by_the_csound_that_it_was_made_for_whatever_a_session_says";
    let Some(both) = both_csounds().filter(|_| !libcsound_is_missing()) else { return };
    if !alone_with(test, &[(csound_library::VARIABLE, &both)]) {
        return;
    }
    // Only Csound 7 takes this text.
    let text = csd("", HEADER, "instr 1\nlevel:k = 0.5\na1 = a(level)\nouts a1, a1\nendin\n", "i 1 0 3600");
    for (generation, other) in [(6, 7), (7, 6)] {
        let mut manifest = manifest("Choice", "instrument", json!([]));
        manifest["generation"] = generation.into();
        let export = Export::new("Choice", &manifest.to_string(), &[("piece.csd", &text)]);
        let host = Host::load(&export.clap).unwrap();
        let session =
            Session { at_end: AtEnd::Keep, csound: None, ..Session::from_csd("piece.csd", text.clone()) };
        for state in [None, Some(state_with(&session, |_, own| own["csound"] = other.into()))] {
            let mut instance = Instance::new(&host, ID).unwrap();
            instance.set_offline(true).unwrap();
            if let Some(state) = &state {
                instance.load_state(state).unwrap();
            }
            instance.activate(48_000.0, 1, 512).unwrap();
            instance.settle().unwrap();
            instance.start().unwrap();
            let level = heard(&mut instance, 960, &[])[0][959];
            let error = error_of(&mut instance);
            assert_eq!((level == 0.5, error.is_none()), (generation == 7, generation == 7), "{error:?}");
        }
    }
}
