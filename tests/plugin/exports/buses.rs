//! The buses of exported pieces: those that the manifest says, and how the exporter comes to them.

use serde_json::json;
use test_host::host::{EFFECT, Host, INSTRUMENT, Instance};

use super::exporter::Bench;
use super::{Export, manifest};
use crate::common::vst3::{Gives, Instance as Vst3Instance, Module, program};
use crate::common::{csd, csound_is_missing, libcsound_is_missing};

fn text(channels: &str) -> String {
    csd(
        "",
        &format!("sr = 48000\nksmps = 32\n{channels}\n"),
        "instr 1\na1 inch 1\noutch 1, a1\nendin\n",
        "i 1 0 10",
    )
}

/// An export of these buses, none where the manifest says nothing of them.
fn export(kind: &str, buses: Option<serde_json::Value>) -> Export {
    let mut manifest = manifest("Buses", kind, json!([]));
    if let Some(buses) = buses {
        manifest["buses"] = buses;
    }
    Export::new("Buses", &manifest.to_string(), &[("piece.csd", &text("nchnls = 2"))])
}

/// What a new instance has in both formats.
fn of_both(clap: &std::path::Path, vst3: &std::path::Path) -> (Vec<u32>, Vec<u32>) {
    let host = Host::load(clap).unwrap();
    let mut instance = Instance::new(&host, &host.plugins()[0].id).unwrap();
    let found = (instance.port_channels(true), instance.port_channels(false));
    let module = Module::load(&program(vst3));
    let instance = Vst3Instance::new(&module, module.classes()[0].id, Gives::Nothing);
    let widths =
        |is_input| instance.widths(is_input).into_iter().map(|width| width as u32).collect::<Vec<_>>();
    assert_eq!((widths(true), widths(false)), found, "both formats");
    let buses = instance.buses(false);
    assert!(buses.iter().enumerate().all(|(index, bus)| bus.is_active_at_first == (index == 0)));
    found
}

#[test]
fn an_export_begins_with_the_buses_of_its_manifest() {
    for (kind, buses, ins, outs) in [
        ("instrument", None, &[][..], &[2][..]),
        ("instrument", Some(json!({ "outputs": [6] })), &[], &[6]),
        ("instrument", Some(json!({ "outputs": [2, 2, 2] })), &[], &[2, 2, 2]),
        ("effect", None, &[2, 2], &[2]),
        ("effect", Some(json!({ "inputs": [2], "outputs": [2] })), &[2], &[2]),
        ("effect", Some(json!({ "inputs": [1, 2], "outputs": [1] })), &[1, 2], &[1]),
        ("effect", Some(json!({ "inputs": [16, 16], "outputs": [16] })), &[16, 16], &[16]),
        // A layout of a later version.
        ("effect", Some(json!({ "inputs": [3], "outputs": [3] })), &[2, 2], &[2]),
    ] {
        let export = export(kind, buses.clone());
        assert_eq!(of_both(&export.clap, &export.vst3), (ins.to_vec(), outs.to_vec()), "{kind} {buses:?}");
    }
}

#[test]
fn buses_that_cannot_be_leave_no_plugin_and_the_host_stands() {
    for buses in [
        json!({ "outputs": [] }),
        json!({ "outputs": [0] }),
        json!({ "outputs": [17] }),
        json!({ "outputs": [2, 2, 2, 2, 2, 2, 2, 2, 2] }),
        json!({ "inputs": [2] }),
        json!({ "outputs": "stereo" }),
    ] {
        let export = export("instrument", Some(buses.clone()));
        assert_eq!(Host::load(&export.clap).unwrap().plugins(), [], "{buses}");
        assert_eq!(Module::load(&program(&export.vst3)).classes(), [], "{buses}");
    }
}

#[test]
fn the_exporter_takes_what_the_piece_asks_for_and_a_new_version_keeps_it() {
    if libcsound_is_missing() || csound_is_missing() {
        return;
    }
    let bench = Bench::new(&[("piece.csd", &text("nchnls = 4\nnchnls_i = 6"))]);
    let words = ["piece/piece.csd", "-o", "out", "--name", "Four", "--id", "org.example.four"];
    let both = || of_both(&bench.at("out/Four/Four.clap"), &bench.at("out/Four.vst3"));
    bench.export(&words);
    assert_eq!(both(), (vec![4, 2], vec![4]));
    // The piece has become another one; sessions have the buses.
    bench.put(&[("piece.csd", &text("nchnls = 2"))]);
    bench.export(&[&words[..], &["--force"]].concat());
    assert_eq!(bench.manifest("out/Four").buses.unwrap().inputs, [4, 2]);
    // Without the last export, the ids beside the piece say so.
    std::fs::remove_dir_all(bench.at("out")).unwrap();
    bench.export(&words);
    assert_eq!(bench.manifest("out/Four").buses.unwrap().outputs, [4]);
    bench.export(&[&words[..], &["--force", "--outputs", "2", "--inputs", "2,1"]].concat());
    assert_eq!(bench.manifest("out/Four").buses.unwrap().inputs, [2, 1]);
    let why = bench.refused(&[&words[..], &["--force", "--outputs", "3"]].concat(), &[]);
    assert!(why.contains("no such buses") && why.contains("--inputs 6,6 --outputs 6"), "{why}");
    bench.put(&[("plain.csd", &text("nchnls = 2"))]);
    bench.export(&["piece/plain.csd", "-o", "out", "--name", "Plain", "--id", "org.example.plain"]);
    assert_eq!(bench.manifest("out/Plain").buses, None, "the usual ones");
}

#[test]
fn an_export_of_other_buses_lets_a_clap_host_choose_all() {
    let export = export("instrument", Some(json!({ "outputs": [2, 2, 2] })));
    let host = Host::load(&export.clap).unwrap();
    let mut instance = Instance::new(&host, &host.plugins()[0].id).unwrap();
    let own = Host::load(crate::common::plugin()).unwrap();
    for id in [INSTRUMENT, EFFECT] {
        assert_eq!(Instance::new(&own, id).unwrap().present_layout(), Some(0));
    }
    let all = Instance::new(&own, INSTRUMENT).unwrap().layouts().unwrap();
    assert_eq!(instance.layouts().unwrap().len(), all.len());
    let present = instance.present_layout().unwrap();
    assert_eq!(all.iter().find(|layout| layout.id == present).unwrap().name, "3 stereo buses");
    instance.select_layout(0).unwrap();
    assert_eq!(instance.port_channels(false), [2]);
}
