//! A new version of a piece whose channel has a new name, and a picture: exported by the engine program.

use std::fs;

use test_host::host::{Event, Instance, param_id};

use super::HEADER;
use super::clap::{begun, heard};
use super::either::Loaded;
use super::exporter::Bench;
use crate::common::vst3::Mode;
use crate::common::{csd, libcsound_is_missing};
use crate::error_of;

const ID: &str = "org.example.level";
const WORDS: [&str; 7] = ["piece/piece.csd", "-o", "out", "--name", "Level", "--id", ID];

/// A piece that is heard as the value of a channel, with another channel.
fn piece(channel: &str) -> String {
    let body = format!(
        "chn_k \"{channel}\", 1, 2, 0.25, 0, 1\nchn_k \"other\", 1, 2, 0, 0, 1\ninstr 1\n\
         k1 chnget \"{channel}\"\nouts a(k1), a(k1)\nendin\n"
    );
    csd("", HEADER, &body, "i 1 0 3600")
}

fn keys(bench: &Bench, folder: &str) -> Vec<(String, u16)> {
    let parameters = bench.manifest(folder).parameters;
    parameters.into_iter().map(|found| (found.channel, found.key)).collect()
}

fn named(pairs: &[(&str, u16)]) -> Vec<(String, u16)> {
    pairs.iter().map(|(channel, key)| ((*channel).to_owned(), *key)).collect()
}

#[test]
fn a_channel_with_a_new_name_keeps_its_parameter_and_sessions_and_presets_find_it() {
    if libcsound_is_missing() {
        return;
    }
    let preset = r#"{"csound_performer_preset":1,"name":"Soft","piece":{"name":"piece.csd"},"channels":{"level":0.5}}"#;
    let bench = Bench::new(&[("piece.csd", &piece("level")), ("piece.presets/Soft.csdpreset", preset)]);
    bench.export(&WORDS);
    assert_eq!(keys(&bench, "out/Level"), named(&[("level", 1), ("other", 2)]));
    let mut first = begun(&bench.host("out/Level/Level.clap"), ID);
    heard(&mut first, 960, &[Event::param(0, param_id("p0001"), 0.75)]);
    let state = first.save_state().unwrap();
    drop(first);

    // Nobody but the user knows that it is the same: by itself it is told, and a parameter of its own.
    bench.put(&[("piece.csd", &piece("volume"))]);
    let said = bench.export(&[&WORDS[..], &["-o", "guess", "--ids", "guess.json"]].concat());
    assert!(!said.contains("--rename"), "no earlier export is known there: {said}");
    fs::copy(bench.at("piece/piece.csd.ids.json"), bench.at("copy.json")).unwrap();
    let said = bench.export(&[&WORDS[..], &["-o", "guess2", "--ids", "copy.json"]].concat());
    assert!(said.contains("a parameter for level") && said.contains("--rename level=volume"), "{said}");
    assert_eq!(keys(&bench, "guess2/Level"), named(&[("volume", 3), ("other", 2)]));
    // Too late for these ids.
    let rename = [&WORDS[..], &["--ids", "copy.json", "-o", "late", "--rename", "level=volume"]].concat();
    let why = bench.refused(&rename, &[]);
    assert!(why.contains("volume has had a parameter of its own"), "{why}");

    for (words, why) in [
        ("level=none", "no channel none"),
        ("other=volume", "still has a channel other"),
        ("lever=volume", "the last one had: level, other"),
    ] {
        let told = bench.refused(&[&WORDS[..], &["--force", "--rename", words]].concat(), &[]);
        assert!(told.contains(why), "{told}");
    }
    // Twice: it has been said already.
    for _ in 0..2 {
        let said = bench.export(&[&WORDS[..], &["--force", "--rename", "level=volume"]].concat());
        assert_eq!(said, "");
        assert_eq!(keys(&bench, "out/Level"), named(&[("volume", 1), ("other", 2)]));
        assert_eq!(bench.manifest("out/Level").parameters[0].former, ["level"]);
    }
    // Known beside the piece and to the export itself: it need not be said again.
    let said = bench.export(&[&WORDS[..], &["--force"]].concat());
    assert_eq!((said.as_str(), keys(&bench, "out/Level")), ("", named(&[("volume", 1), ("other", 2)])));

    // A loader that has loaded a file of this path takes it for the same.
    fs::rename(bench.at("out"), bench.at("new")).unwrap();
    let host = bench.host("new/Level/Level.clap");
    let mut second = Instance::new(&host, ID).unwrap();
    second.set_offline(true).unwrap();
    second.load_state(&state).unwrap();
    assert_eq!(second.param_value(param_id("p0001")), Some(0.75));
    second.activate(48_000.0, 1, 512).unwrap();
    second.settle().unwrap();
    second.start().unwrap();
    assert_eq!(heard(&mut second, 960, &[])[0][959], 0.75);
    assert_eq!(error_of(&mut second), None);
    let soft = bench.at("new/Level/piece.presets/Soft.csdpreset");
    second.load_preset(Some(&soft), None).unwrap();
    heard(&mut second, 480, &[]);
    assert_eq!(heard(&mut second, 480, &[])[0][479], 0.5);
    assert_eq!(second.param_value(param_id("p0001")), Some(0.5));
}

#[test]
fn a_picture_goes_where_vst3_hosts_look_and_what_is_none_is_refused() {
    if libcsound_is_missing() {
        return;
    }
    let png = b"\x89PNG\r\n\x1a\n and the rest";
    let bench = Bench::new(&[("piece.csd", &piece("level")), ("no.png", "GIF89a")]);
    fs::write(bench.at("piece/mine.png"), png).unwrap();
    let with = |picture| [&WORDS[..], &["--picture", picture]].concat();
    for (picture, why) in [("piece/no.png", "is no PNG"), ("piece/gone.png", "gone.png cannot be read")] {
        let told = bench.refused(&with(picture), &[]);
        assert!(told.contains(why), "{told}");
    }
    bench.export(&with("piece/mine.png"));
    // VST3: the class id as the host writes it, and what the picture is of.
    let class: String = csound_export::class_id(ID).iter().map(|byte| format!("{byte:02X}")).collect();
    let place = format!("out/Level.vst3/Contents/Resources/Snapshots/{class}_snapshot.png");
    assert_eq!(fs::read(bench.at(&place)).unwrap(), png);
    let beside_the_clap: Vec<_> = fs::read_dir(bench.at("out/Level")).unwrap().flatten().collect();
    assert!(beside_the_clap.iter().all(|entry| !entry.path().ends_with("mine.png")));
}

#[test]
fn an_export_over_one_that_plays_leaves_what_plays_until_the_host_is_started_again() {
    if libcsound_is_missing() {
        return;
    }
    let bench = Bench::new(&[("piece.csd", &piece("level"))]);
    bench.export(&WORDS);
    let (clap, vst3) = (bench.at("out/Level/Level.clap"), bench.at("out/Level.vst3"));
    let loaded = Loaded::both(&clap, &vst3);
    let mut playing = loaded.each_ref().map(|loaded| {
        let mut instance = loaded.instance();
        instance.begin(Mode::Offline);
        instance.block();
        assert_eq!(instance.block()[479], 0.25, "{:?}", instance.error());
        instance
    });
    bench.put(&[("piece.csd", &piece("level").replace("0.25", "0.5"))]);
    bench.export(&[&WORDS[..], &["--version", "2.0", "--force"]].concat());
    assert_eq!(bench.manifest("out/Level").version, "2.0");
    for (old, loaded) in playing.iter_mut().zip(&loaded) {
        for _ in 0..20 {
            assert_eq!(old.block()[479], 0.25, "what plays plays on: {:?}", old.error());
        }
        // A new one in this host has the old parameters and the new piece, which it tells its user.
        let mut new = loaded.instance();
        new.begin(Mode::Offline);
        new.block();
        assert_eq!(new.block()[479], 0.5, "{:?}", new.error());
        drop(new);
        assert_eq!(old.block()[479], 0.25);
    }
    drop((playing, loaded));
    // The next start of the host, for which a file that its loader does not know stands here.
    for loaded in Loaded::both_new(&clap, &vst3) {
        let mut next = loaded.instance();
        next.begin(Mode::Offline);
        next.block();
        assert_eq!(next.block()[479], 0.5, "{:?}", next.error());
    }
}
