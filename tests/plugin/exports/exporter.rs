//! Exports made by `csound-performer-engine export` of an installation that is nothing but its own files.

mod bench;
mod hostile;

use std::fs;

use csound_export::{Kind, class_id};
use test_host::host::{Block, Event, Instance, param_id};

use super::clap::{begun, heard, shown};
use super::{HEADER, reference};
use crate::common::vst3::{Module, program};
use crate::common::{csd, csound_is_missing, libcsound_is_missing};
use crate::error_of;

use bench::everything;
pub(super) use bench::{Bench, VALUES};

const PANEL: &str = "<Cabbage>\nform size(400, 300)\ngroupbox bounds(0, 0, 200, 100), text(\"Osc\")\n\
    rslider bounds(10, 10, 60, 60), channel(\"oscaa\"), range(0, 2, 0), valuePostfix(\" Hz\")\n\
    combobox bounds(300, 10, 60, 60), channel(\"wave\"), items(\"saw\", \"sine\")\n</Cabbage>\n";

/// An instrument whose files are named by its text, by what it includes, and by a text that it puts together.
pub(super) fn bells(channels: &str) -> String {
    let body = format!(
        "#include \"lib/more.inc\"\n{channels}\ninstr 1\nkone chnget \"oscaa\"\nSname sprintf \"part%d.txt\", 1\n\
         itable ftgen 0, 0, 16, -23, Sname\na1 oscili 0.25, 440, itable\na2 oscili 0.25, 440, giwave\n\
         aone upsamp kone\nouts a1 + aone, a2\nendin\n"
    );
    PANEL.to_owned() + &csd("", HEADER, &body, "i 1 0 3600")
}

fn bells_bench() -> Bench {
    let more = "giwave ftgen 1, 0, 16, -23, \"lib/values.txt\"\n";
    Bench::new(&[
        ("piece.csd", &bells("chn_k \"oscbB\", 1, 2, 0, 0, 2")),
        ("lib/more.inc", more),
        ("lib/values.txt", VALUES),
        ("part1.txt", VALUES),
        ("unrelated.wav", "none of the piece's"),
    ])
}

const BELLS: [&str; 7] =
    ["piece/piece.csd", "-o", "out", "--name", "Gl\u{f6}ck/chen", "--id", "org.example.b"];

#[test]
fn an_exported_instrument_is_found_and_plays_as_the_csound_command_does_wherever_it_is_moved() {
    if libcsound_is_missing() || csound_is_missing() {
        return;
    }
    let bench = bells_bench();
    let said = bench.export(&[&BELLS[..], &["--vendor", "Anna", "--version", "2.1"]].concat());
    assert_eq!(said, "");
    let manifest = bench.manifest("out/Gl\u{f6}ck-chen");
    assert_eq!((manifest.name.as_str(), manifest.vendor.as_str()), ("Gl\u{f6}ck/chen", "Anna"));
    assert_eq!((manifest.kind, manifest.version.as_str()), (Kind::Instrument, "2.1"));
    let generation = csound_library::Library::get().unwrap().generation().number();
    assert_eq!(manifest.generation.map(u8::from), Some(generation));
    // A declared channel first; then what the panel has.
    let keys: Vec<_> = manifest.parameters.iter().map(|found| (found.channel.as_str(), found.key)).collect();
    assert_eq!(keys, [("oscbB", 1), ("oscaa", 2), ("wave", 3)]);
    // Each folder has exactly what is needed, and nothing is left beside them.
    let names = |folder: &str| {
        let folder = bench.at(folder);
        let found =
            everything(&folder).into_iter().map(|(path, _)| path.strip_prefix(&folder).unwrap().to_owned());
        found.map(|path| path.display().to_string()).collect::<Vec<_>>()
    };
    let files = ["lib", "lib/more.inc", "lib/values.txt", "part1.txt", "piece.csd", "plugin.json"];
    assert_eq!(names("out/Gl\u{f6}ck-chen.vst3/Contents/Resources"), files);
    assert_eq!(names("out/Gl\u{f6}ck-chen").len(), files.len() + 2);
    assert_eq!(fs::read_dir(bench.at("out")).unwrap().count(), 2);

    // Nothing of where it was made is needed.
    fs::rename(bench.at("out"), bench.at("moved")).unwrap();
    fs::remove_dir_all(bench.at("installed")).unwrap();
    fs::remove_dir_all(bench.at("piece")).unwrap();
    let expected = {
        let folder = bench.at("reference");
        fs::create_dir(&folder).unwrap();
        let text = bells("").replace("i 1 0 3600", "i 1 0 1");
        fs::create_dir(folder.join("lib")).unwrap();
        for (name, text) in [
            ("piece.csd", text.as_str()),
            ("lib/more.inc", "giwave ftgen 1, 0, 16, -23, \"lib/values.txt\"\n"),
            ("lib/values.txt", VALUES),
            ("part1.txt", VALUES),
        ] {
            fs::write(folder.join(name), text).unwrap();
        }
        reference(&folder)
    };
    let host = bench.host("moved/Gl\u{f6}ck-chen/Gl\u{f6}ck-chen.clap");
    let mut instance = begun(&host, "org.example.b");
    let params = instance.params();
    let own = [
        ("oscbB", "", param_id("p0001")),
        ("oscaa", "Osc", param_id("p0002")),
        ("wave", "", param_id("p0003")),
    ];
    assert_eq!(shown(&params)[..3], own);
    assert_eq!(params[3..].iter().map(|param| param.name.as_str()).collect::<Vec<_>>(), ["Gain", "Bypass"]);
    assert_eq!(instance.value_to_text(param_id("p0002"), 0.5).as_deref(), Some("1 Hz"));
    let heard = heard(&mut instance, 24_000, &[]);
    assert_eq!(error_of(&mut instance), None);
    assert_eq!(heard[0][31..], expected[..24_000 - 31]);
    assert!(heard[0].iter().any(|sample| sample.abs() > 0.1));

    let module = Module::load(&program(&bench.at("moved/Gl\u{f6}ck-chen.vst3")));
    let [class] = &module.classes()[..] else { panic!("one class") };
    assert_eq!((class.id, class.wide_name.as_str()), (class_id("org.example.b"), "Gl\u{f6}ck/chen"));
}

#[test]
fn an_exported_effect_plays_beside_an_exported_instrument() {
    if libcsound_is_missing() {
        return;
    }
    let bench = bells_bench();
    bench.export(&BELLS);
    let body = "chn_k \"level\", 1, 2, 0.5, 0, 1\ninstr 1\nkgain chnget \"level\"\na1, a2 ins\n\
        outs a1 * kgain, a2 * kgain\nendin\n";
    bench.put(&[("half.csd", &csd("", HEADER, body, "i 1 0 3600"))]);
    bench.export(&["piece/half.csd", "-o", "out"]);
    let manifest = bench.manifest("out/half");
    assert_eq!((manifest.kind, manifest.id.as_str()), (Kind::Effect, "csound.half"));
    let (one, two) =
        (bench.host("out/Gl\u{f6}ck-chen/Gl\u{f6}ck-chen.clap"), bench.host("out/half/half.clap"));
    let (mut bells, mut half) = (begun(&one, "org.example.b"), begun(&two, "csound.half"));
    for _ in 0..4 {
        heard(&mut bells, 480, &[]);
        let input = [vec![0.5_f32; 480], vec![0.5; 480]];
        let input: Vec<_> = input.iter().map(Vec::as_slice).collect();
        half.process(Block { frames: 480, input: &input, ..Block::default() }).unwrap();
        let output = half.process(Block { frames: 480, input: &input, ..Block::default() }).unwrap().output;
        assert_eq!(output[0][479], 0.25);
    }
    assert!(heard(&mut bells, 480, &[])[0].iter().any(|sample| *sample != 0.0));
}

#[test]
fn a_session_of_one_version_opens_in_the_next_with_a_channel_added_and_one_retired() {
    if libcsound_is_missing() {
        return;
    }
    let bench = bells_bench();
    bench.export(&BELLS);
    let mut first = begun(&bench.host("out/Gl\u{f6}ck-chen/Gl\u{f6}ck-chen.clap"), "org.example.b");
    heard(&mut first, 960, &[Event::param(0, param_id("p0002"), 0.75)]);
    let state = first.save_state().unwrap();
    drop(first);

    // `oscbB` is gone, `added` is first. Name and id are kept beside the piece.
    bench.put(&[("piece.csd", &bells("chn_k \"added\", 1, 2, 0.5, 0, 1"))]);
    bench.export(&["piece/piece.csd", "-o", "second", "--version", "2.0"]);
    let manifest = bench.manifest("second/Gl\u{f6}ck-chen");
    let keys: Vec<_> = manifest.parameters.iter().map(|found| (found.channel.as_str(), found.key)).collect();
    assert_eq!(keys, [("added", 4), ("oscaa", 2), ("wave", 3)]);
    assert_eq!((manifest.retired[0].channel.as_str(), manifest.retired[0].key), ("oscbB", 1));
    let host = bench.host("second/Gl\u{f6}ck-chen/Gl\u{f6}ck-chen.clap");
    let mut second = Instance::new(&host, "org.example.b").unwrap();
    second.set_offline(true).unwrap();
    second.load_state(&state).unwrap();
    assert_eq!(second.param_value(param_id("p0002")), Some(0.75));
    assert_eq!(second.param_value(param_id("p0004")), Some(0.5));
    second.activate(48_000.0, 1, 512).unwrap();
    second.settle().unwrap();
    second.start().unwrap();
    let heard = heard(&mut second, 4800, &[]);
    assert!(heard[0][960..].iter().all(|sample| (1.2..=1.8).contains(sample)), "the channel is at 1.5");
    assert_eq!(error_of(&mut second), None);

    // A channel that comes back has its key again: known by the old export at the same place alone.
    fs::remove_file(bench.at("piece/piece.csd.ids.json")).unwrap();
    bench.put(&[("piece.csd", &bells("chn_k \"oscbB\", 1, 2, 0, 0, 2"))]);
    bench.export(&[&BELLS[..], &["-o", "second", "--force"]].concat());
    let manifest = bench.manifest("second/Gl\u{f6}ck-chen");
    let keys: Vec<_> = manifest.parameters.iter().map(|found| found.key).collect();
    assert_eq!((keys, manifest.retired[0].key), (vec![1, 2, 3], 4));
    // And by a file of ids.
    bench
        .export(&[&BELLS[..], &["-o", "third", "--ids", "second/Gl\u{f6}ck-chen/plugin.json.copy"]].concat());
    let kept = fs::read_to_string(bench.at("second/Gl\u{f6}ck-chen/plugin.json.copy")).unwrap();
    assert!(kept.contains("csound_performer_ids"), "{kept}");
}

#[test]
fn what_is_there_and_names_that_cannot_be_are_refused_and_nothing_changes() {
    if libcsound_is_missing() {
        return;
    }
    let bench = bells_bench();
    let long = "x".repeat(300);
    for (name, why) in
        [("", "blank"), (" ", "blank"), ("..", "cannot be called so"), (&*long, "63"), ("a\nb", "control")]
    {
        let told = bench.refused(&["piece/piece.csd", "-o", "out", "--name", name], &[]);
        assert!(told.contains(why), "{name:?}: {told}");
    }
    let told = bench.refused(&["piece/piece.csd", "-o", "out", "--name", "Csound Performer"], &[]);
    assert!(told.contains("takes any piece"), "{told}");
    let told = bench.refused(&["piece/piece.csd", "-o", "out", "--id", "csound-performer.x"], &[]);
    assert!(told.contains("id: "), "{told}");
    let told = bench.refused(&["piece/none.csd", "-o", "out"], &[]);
    assert!(told.contains("none.csd"), "{told}");
    let told =
        bench.refused(&["piece/piece.csd", "-o", "out"], &[("CSOUND_PERFORMER_LIBCSOUND", "/nowhere.so")]);
    assert!(told.contains("no Csound"), "{told}");
    bench.put(&[("broken.csd", &csd("", HEADER, "instr 1\na1 nosuch 1\nendin\n", ""))]);
    let told = bench.refused(&["piece/broken.csd", "-o", "out"], &[]);
    assert!(told.contains("broken.csd does not compile. line ") && told.contains("nosuch"), "{told}");
    assert!(!told.contains("/csound-performer-"), "by the piece's name, not the engine's copy of it: {told}");

    bench.export(&BELLS);
    let told = bench.refused(&BELLS, &[]);
    assert!(told.contains("--force"), "{told}");
    let told = bench.refused(&[&BELLS[..5], &["--id", "org.example.other", "--force"]].concat(), &[]);
    assert!(told.contains("another plugin"), "{told}");
    let told = bench.refused(&["piece/piece.csd", "-o", "out", "--name", "GL\u{d6}CK/chen"], &[]);
    assert!(told.contains("macOS and Windows"), "{told}");
    fs::create_dir(bench.at("out/Mine")).unwrap();
    fs::write(bench.at("out/Mine/work.txt"), "years").unwrap();
    let told = bench.refused(&["piece/piece.csd", "-o", "out", "--name", "Mine", "--force"], &[]);
    assert!(told.contains("no export that can be replaced"), "{told}");
    fs::write(bench.at("piece/piece.csd.ids.json"), "{").unwrap();
    let told = bench.refused(&[&BELLS[..], &["--force"]].concat(), &[]);
    assert!(told.contains("ids"), "{told}");
}

#[test]
fn files_that_are_not_found_are_told_and_the_rest_is_exported() {
    if libcsound_is_missing() {
        return;
    }
    let bench = Bench::new(&[("sound.wav", ""), ("more/deep/a.txt", "1")]);
    let body =
        "instr 1\nif p4 > 1 then\na1 diskin2 \"gone.wav\", 1\na2 diskin2 \"../far.wav\", 1\nendif\nendin\n";
    bench.put(&[("piece.csd", &csd("", HEADER, body, "i 1 0 1 0"))]);
    fs::write(bench.at("far.wav"), "").unwrap();
    let said = bench.export(&["piece/piece.csd", "-o", "out", "--with", "piece/more"]);
    assert!(said.contains("gone.wav is not found") && said.contains("../far.wav lies outside"), "{said}");
    assert!(bench.at("out/piece/more/deep/a.txt").is_file());
    assert!(!bench.at("out/piece/sound.wav").exists());
}

#[test]
fn a_link_out_of_the_folder_is_refused_with_what_to_do_and_taken_as_a_file_where_it_is_named() {
    if libcsound_is_missing() {
        return;
    }
    let body = "giwave ftgen 1, 0, 16, -23, \"link.txt\"\ninstr 1\nendin\n";
    let bench = Bench::new(&[("piece.csd", &csd("", HEADER, body, "i 1 0 1"))]);
    let elsewhere = tempfile::tempdir().unwrap();
    fs::write(elsewhere.path().join("values.txt"), VALUES).unwrap();
    std::os::unix::fs::symlink(elsewhere.path().join("values.txt"), bench.at("piece/link.txt")).unwrap();
    let output = bench.try_export(&["piece/piece.csd", "-o", "out"], &[]);
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success() && told.contains("is added by name: --with FILE"), "{told}");
    assert!(!bench.at("out").exists());
    bench.export(&["piece/piece.csd", "-o", "out", "--with", "piece/link.txt"]);
    let taken = bench.at("out/piece/link.txt");
    assert!(fs::symlink_metadata(&taken).unwrap().is_file());
    assert_eq!(fs::read_to_string(taken).unwrap(), VALUES);
}

#[test]
fn more_channels_than_a_plugin_has_parameters_are_told_in_one_sentence() {
    if libcsound_is_missing() {
        return;
    }
    let channels: String =
        (0..300).map(|number| format!("chn_k \"c{number:03}\", 1, 2, 0, 0, 1\n")).collect();
    let bench = Bench::new(&[("piece.csd", &csd("", HEADER, &(channels + "instr 1\nendin\n"), "i 1 0 1"))]);
    let told = bench.export(&["piece/piece.csd", "-o", "out"]);
    let notes: Vec<_> = told.lines().filter(|line| line.contains("no parameter")).collect();
    let [note] = notes[..] else { panic!("{told}") };
    assert!(note.contains("172 channels") && note.contains("at most 128: c128, c129"), "{note}");
    assert_eq!(bench.manifest("out/piece").parameters.len(), 128);
}

#[test]
fn a_piece_that_would_not_find_its_file_elsewhere_is_refused() {
    if libcsound_is_missing() {
        return;
    }
    let bench = Bench::new(&[("values.txt", VALUES)]);
    let whole = bench.at("piece/values.txt");
    let body = format!("giwave ftgen 1, 0, 16, -23, \"{}\"\ninstr 1\nendin\n", whole.display());
    bench.put(&[("piece.csd", &csd("", HEADER, &body, "i 1 0 1"))]);
    let told = bench.refused(&["piece/piece.csd", "-o", "piece"], &[]);
    assert!(told.contains("by its whole path") && told.contains("nothing was exported"), "{told}");
}

#[test]
fn presets_beside_a_piece_go_with_it_and_are_found_and_loaded() {
    if libcsound_is_missing() {
        return;
    }
    let body = "chn_k \"level\", 1, 2, 0.25, 0, 1\ninstr 1\nk1 chnget \"level\"\nouts a(k1), a(k1)\nendin\n";
    let preset = r#"{"csound_performer_preset":1,"name":"Soft","piece":{"name":"piece.csd"},"channels":{"level":0.5}}"#;
    let bench = Bench::new(&[
        ("piece.csd", &csd("", HEADER, body, "i 1 0 3600")),
        ("piece.presets/Soft.csdpreset", preset),
        ("piece.presets/notes.txt", "none of the piece's"),
        ("piece.snaps", "{ \"Full\": { \"level\": 1.0 } }"),
    ]);
    bench.export(&["piece/piece.csd", "-o", "out", "--name", "Level", "--id", "org.example.level"]);
    let folder = bench.at("out/Level");
    assert!(folder.join("piece.snaps").is_file() && !folder.join("piece.presets/notes.txt").exists());
    let host = bench.host("out/Level/Level.clap");
    let mut presets = host.presets().unwrap();
    let own = |place: &&test_host::host::Place| place.path == Some(folder.join("piece.presets"));
    assert!(presets.places().iter().find(own).unwrap().is_factory);
    assert!(presets.at(None).unwrap().is_empty(), "there are no other pieces");
    let soft = folder.join("piece.presets/Soft.csdpreset");
    let found = presets.at(Some(&soft)).unwrap();
    assert_eq!((found[0].name.as_str(), found[0].is_factory), ("Soft", true));
    assert_eq!(found[0].plugins, ["clap:org.example.level"]);
    assert!(presets.at(Some(&bench.at("piece/piece.csd"))).is_err(), "it performs no other piece");
    let mut instance = begun(&host, "org.example.level");
    heard(&mut instance, 960, &[]);
    instance.load_preset(Some(&soft), None).unwrap();
    heard(&mut instance, 480, &[]);
    assert_eq!(heard(&mut instance, 480, &[])[0][479], 0.5);
    assert_eq!(instance.param_value(param_id("p0001")), Some(0.5));
    assert!(instance.load_preset(Some(&bench.at("piece/piece.csd")), None).is_ok());
    assert_eq!(heard(&mut instance, 480, &[])[0][479], 0.5);
}
