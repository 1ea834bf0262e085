//! Projects that version 0.1 saved, from before Csound 7: byte for byte what it wrote, in a CLAP and in a VST3 host.

use csound_library::VARIABLE;
use serde_json::{Value, json};
use test_host::host::{Event, Host, INSTRUMENT, Instance, param_id};
use test_host::session::{error_of, session_of};
use test_host::testing::{alone_with, both_csounds};
use test_host::tools::csound_is_missing;

use super::{oracle, plain};
use crate::common::{block, plugin};

/// A piece with a channel at 0.25 and the gain at 0.5 dB.
const CLAP: &[u8] = include_bytes!("version_0_1/clap.json");

/// The same with the gain as it was.
#[cfg(target_arch = "x86_64")]
const VST3: &[u8] = include_bytes!("version_0_1/vst3.json");

/// Where the gain has become another one, and frames that are compared behind it.
const FROM: usize = 9_600;
const FRAMES: usize = 48_000;

fn alone(test: &str) -> bool {
    let Some(both) = both_csounds().filter(|_| !csound_is_missing()) else { return false };
    let environment = [(VARIABLE, both.as_os_str()), ("CSOUND_PERFORMER_ISOLATION", "on".as_ref())];
    alone_with(&format!("csounds::first_version::{test}"), &environment)
}

/// What each Csound makes of the piece, with the channel as it was saved.
fn references(state: &[u8]) -> [Vec<f32>; 2] {
    let whole: Value = serde_json::from_slice(state).unwrap();
    let own: Value = serde_json::from_str(whole["fields"]["session"].as_str().unwrap()).unwrap();
    assert!(own.get("csound").is_none() && own.get("csound_of_auto").is_none(), "it knew of no other");
    let text = own["piece"]["csd"].as_str().unwrap();
    let with_channel = text.replace("klevel chnget \"level\"", "klevel = 0.25");
    assert!(with_channel != text);
    let references = [6, 7].map(|csound| oracle(csound, &with_channel).remove(0));
    assert!(references[0][FROM..FROM + FRAMES] != references[1][FROM..FROM + FRAMES]);
    references
}

fn assert_by_six(heard: &[f32], reference: &[f32]) {
    let differs = heard.iter().zip(reference).position(|(ours, theirs)| plain(*ours) != plain(*theirs));
    assert_eq!(differs, None);
    assert!(heard.len() >= FRAMES && heard.iter().any(|sample| sample.abs() > 0.1));
}

#[test]
fn what_it_saved_in_a_clap_host_plays_by_csound_6_with_its_values() {
    if !alone("what_it_saved_in_a_clap_host_plays_by_csound_6_with_its_values") {
        return;
    }
    let [six, _] = references(CLAP);
    let state = [&(CLAP.len() as u64).to_le_bytes()[..], CLAP].concat();
    let host = Host::load(plugin()).unwrap();
    let mut instance = Instance::new(&host, INSTRUMENT).unwrap();
    instance.set_offline(true).unwrap();
    instance.load_state(&state).unwrap();
    instance.activate(48_000.0, 1, 512).unwrap();
    instance.settle().unwrap();
    instance.start().unwrap();
    let (gain, level) = (param_id("gain"), param_id("c001"));
    let [half, none] = ["0.5", "0"].map(|text| instance.text_to_value(gain, text).unwrap());
    assert_eq!((instance.param_value(gain).unwrap(), instance.param_value(level).unwrap()), (half, 0.25));
    let latency = instance.latency() as usize;
    let mut heard = block(&mut instance, 512, &[Event::param(0, gain, none)]).output.remove(0);
    while heard.len() < latency + FROM + FRAMES {
        heard.extend(block(&mut instance, 512, &[]).output.remove(0));
    }
    assert_by_six(&heard[latency + FROM..], &six[FROM..]);
    let saved = instance.save_state().unwrap();
    assert_eq!(error_of(&saved).unwrap(), None);
    let own = session_of(&saved).unwrap();
    assert_eq!((&own["csound"], &own["channels"][0]["value"]), (&json!(6), &json!(0.25)));
}

#[cfg(target_arch = "x86_64")]
#[test]
fn what_it_saved_in_a_vst3_host_plays_by_csound_6_with_its_values() {
    use crate::common::vst3::{Gives, INSTRUMENT, Instance, LARGEST, Module, plugin};

    if !alone("what_it_saved_in_a_vst3_host_plays_by_csound_6_with_its_values") {
        return;
    }
    let [six, _] = references(VST3);
    let mut instance = Instance::new(&Module::load(&plugin()), INSTRUMENT, Gives::Nothing);
    instance.load(VST3);
    instance.activate();
    // The k-cycle of the piece but a frame.
    let latency = 31;
    let mut heard = Vec::new();
    while heard.len() < latency + FROM + FRAMES {
        heard.extend(instance.block(LARGEST));
    }
    assert_by_six(&heard[latency + FROM..], &six[FROM..]);
    let whole: Value = serde_json::from_slice(&instance.save()).unwrap();
    let own: Value = serde_json::from_str(whole["fields"]["session"].as_str().unwrap()).unwrap();
    assert_eq!((&own["csound"], &own["error"]), (&json!(6), &Value::Null));
}
