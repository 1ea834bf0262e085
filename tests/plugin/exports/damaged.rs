//! Manifests that are damaged, hostile or none of ours, and pieces that are not there.

use std::fs;

use csound_performer::identity::Identity;
use serde_json::json;
use test_host::bundle::dev_bundle;
use test_host::host::{Block, EFFECT, Host, INSTRUMENT, Instance};

use super::{Export, manifest, put};
use crate::common::libcsound_is_missing;
use crate::common::vst3::{Module, program};
use crate::error_of;

#[test]
fn with_a_damaged_manifest_there_is_no_plugin_and_the_scan_goes_on() {
    let outside = manifest("Out", "instrument", json!([])).to_string().replace("piece.csd", "../piece.csd");
    let too_many: Vec<_> = (1..=129).map(|key| json!({ "key": key, "channel": key.to_string() })).collect();
    let too_many = manifest("Many", "instrument", json!(too_many)).to_string();
    let ours = manifest("Ours", "instrument", json!([])).to_string();
    let ours = ours.replace("org.example.ours", INSTRUMENT);
    let newer = manifest("New", "instrument", json!([])).to_string();
    let newer = newer.replace("\"csound_performer_export\":1", "\"csound_performer_export\":2");
    let huge = format!("{}{}", manifest("Huge", "instrument", json!([])), " ".repeat(5 << 20));
    // What is wrong, which is said with what can be done.
    let damaged: [(&str, &str); 9] = [
        ("", "damaged"),
        ("{", "damaged"),
        ("\u{0}", "damaged"),
        (&"[".repeat(1 << 20), "damaged"),
        (&outside, "below the manifest's folder"),
        (&too_many, "at most 128"),
        (&ours, "Csound Performer's own"),
        (&newer, "format 2"),
        (&huge, "longer than"),
    ];
    // One copy of the library: what lies beside it is looked at when it is loaded, so each gets a name of its own.
    let export = Export::new("Damaged", damaged[0].0, &[]);
    for (number, (text, why)) in damaged.into_iter().enumerate() {
        let folder = export.clap.parent().unwrap().with_file_name(format!("d{number}"));
        put(&folder, text, &[]);
        let clap = folder.join("Damaged.clap");
        fs::copy(&export.clap, &clap).unwrap();
        assert_eq!(Host::load(&clap).unwrap().plugins(), [], "{number}");
        let told = Identity::of(&clap).complaint().expect("it is said");
        let places = [folder.join("plugin.json").display().to_string(), why.to_owned(), "again".to_owned()];
        assert!(places.iter().all(|part| told.contains(part)), "{number}: {told}");
        fs::remove_file(&clap).unwrap();
    }
    assert_eq!(Module::load(&program(&export.vst3)).classes(), []);
}

#[test]
#[cfg(unix)]
fn a_manifest_that_is_no_ordinary_file_or_has_no_end_does_not_hold_the_scan() {
    let export = Export::new("Odd", "", &[]);
    let manifest = export.clap.with_file_name("plugin.json");
    fs::remove_file(&manifest).unwrap();
    std::os::unix::fs::symlink("/dev/zero", &manifest).unwrap();
    assert_eq!(Host::load(&export.clap).unwrap().plugins(), []);
}

#[test]
fn a_foreign_file_of_that_name_changes_nothing() {
    let export = Export::new("Foreign", r#"{ "name": "another program's" }"#, &[]);
    let ids: Vec<_> = Host::load(&export.clap).unwrap().plugins().into_iter().map(|found| found.id).collect();
    assert_eq!(ids, [INSTRUMENT, EFFECT]);
    // Nor does anything beside the plugin that takes any piece.
    let own = export.clap.with_file_name("Csound Performer.clap");
    fs::copy(dev_bundle().unwrap().clap, &own).unwrap();
    fs::write(export.clap.with_file_name("plugin.json"), "{").unwrap();
    assert_eq!(Host::load(&own).unwrap().plugins().len(), 2);
}

#[test]
fn an_export_whose_piece_is_missing_or_elsewhere_stays_and_says_what_to_do() {
    if libcsound_is_missing() {
        return;
    }
    let text = manifest("Lost", "instrument", json!([])).to_string();
    let export = Export::new("Lost", &text, &[]);
    let host = Host::load(&export.clap).unwrap();
    let said = || {
        let mut instance = Instance::new(&host, "org.example.lost").unwrap();
        instance.set_offline(true).unwrap();
        instance.activate(48_000.0, 1, 512).unwrap();
        instance.start().unwrap();
        let heard = instance.process(Block { frames: 480, ..Block::default() }).unwrap();
        assert!(heard.output[0].iter().all(|sample| *sample == 0.0));
        error_of(&mut instance).expect("it says why")
    };
    let missing = said();
    assert!(
        missing.contains("piece.csd is missing") && missing.contains("install the plugin again"),
        "{missing}"
    );
    #[cfg(unix)]
    {
        let other = export.clap.parent().unwrap().with_file_name("other.csd");
        fs::write(&other, "").unwrap();
        std::os::unix::fs::symlink(&other, export.clap.with_file_name("piece.csd")).unwrap();
        let elsewhere = said();
        assert!(elsewhere.contains("leads out of the plugin's folder"), "{elsewhere}");
    }
}
