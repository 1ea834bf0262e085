//! Presets from the host's side: what its browser finds, what it loads into a playing instance, what a program change
//! chooses, and that a host's own preset, which is a state, recalls everything.

mod in_play;

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use test_host::host::{Answer, EFFECT, Event, FoundPreset, Host, INSTRUMENT, Instance, param_id};
use test_host::session::{AtEnd, Session};

use crate::common::bench::{Bench, KSMPS, LATENCY, header, state_with};
use crate::common::{alone, csd, libcsound_is_missing, plugin};

/// Two levels that a preset sets at once.
const LEVELS: &str = "chn_k \"left\", 1, 2, 0.25, 0, 1\nchn_k \"right\", 1, 2, 0.25, 0, 1\n\
    instr 1\nkleft chnget \"left\"\nkright chnget \"right\"\nSw chnget \"words\"\naleft upsamp kleft\naright upsamp kright\nouts aleft, aright\nendin\n";

/// More exact than a parameter of 32 bits holds.
const EXACT: f64 = 0.123_456_789_012_345_67;

fn text() -> String {
    csd("", &header(KSMPS), LEVELS, "i 1 0 3600")
}

/// A folder with the piece and presets of it.
struct Folder {
    folder: tempfile::TempDir,
}

impl Folder {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("levels.csd"), text()).unwrap();
        std::fs::create_dir(folder.path().join("levels.presets")).unwrap();
        Self { folder }
    }

    fn piece(&self) -> PathBuf {
        self.folder.path().join("levels.csd")
    }

    fn put(&self, name: &str, more: Value) -> PathBuf {
        let mut preset =
            json!({ "csound_performer_preset": 1, "name": name, "piece": { "name": "levels.csd" } });
        for (key, value) in more.as_object().unwrap() {
            preset[key] = value.clone();
        }
        let path = self.folder.path().join("levels.presets").join(format!("{name}.csdpreset"));
        std::fs::write(&path, preset.to_string()).unwrap();
        path
    }

    /// A preset of two levels.
    fn levels(&self, name: &str, left: f64, right: f64) -> PathBuf {
        self.put(
            name,
            json!({ "tags": ["pad"], "channels": { "left": left, "right": right, "words": name } }),
        )
    }

    /// An instance that plays the piece.
    fn bench(&self) -> Bench {
        Bench::with_state(&self.state())
    }

    fn state(&self) -> Vec<u8> {
        let session = Session { at_end: AtEnd::Keep, ..Session::from_file(&self.piece()).unwrap() };
        session.state().unwrap()
    }
}

fn own(instance: &mut Instance) -> Value {
    test_host::session::session_of(&instance.save_state().unwrap()).unwrap()
}

fn value_of(session: &Value, name: &str) -> Option<f64> {
    let channels = session["channels"].as_array().unwrap();
    channels.iter().find(|channel| channel["name"] == name)?["value"].as_f64()
}

/// Runs the test alone, with a configuration of its own.
fn is_alone(test: &str) -> bool {
    let home = tempfile::tempdir().unwrap();
    alone(&format!("presets::{test}"), "XDG_CONFIG_HOME", home.path().to_str().unwrap())
}

#[test]
fn a_browser_finds_what_there_is_without_an_instance_a_csound_or_a_process() {
    if !is_alone("a_browser_finds_what_there_is_without_an_instance_a_csound_or_a_process") {
        return;
    }
    let folder = Folder::new();
    let preset = folder.levels("Soft", 0.5, 0.5);
    let config = PathBuf::from(std::env::var_os("XDG_CONFIG_HOME").unwrap()).join("csound-performer");
    std::fs::create_dir_all(config.join("presets/first")).unwrap();
    std::fs::write(config.join("recent.json"), json!([folder.piece(), "/gone/a.csd"]).to_string()).unwrap();
    let mut presets = Host::load(plugin()).unwrap().presets().unwrap();
    assert_eq!(presets.endings(), ["csdpreset", "csd"]);
    let beside = folder.folder.path().join("levels.presets");
    let places: Vec<_> =
        presets.places().iter().map(|place| (place.path.clone(), place.is_factory)).collect();
    let pieces = plugin().with_file_name("Csound Performer pieces");
    let expected = [
        (Some(pieces.clone()), true),
        (Some(config.join("presets")), false),
        (Some(folder.piece()), false),
        (Some(beside), false),
    ];
    assert_eq!(places, expected);

    let shipped = presets.at(None).unwrap();
    let named = |key: &str| shipped.iter().find(|preset| preset.key.as_deref() == Some(key)).unwrap();
    assert_eq!(named("echo.csd").plugins, [format!("clap:{EFFECT}")]);
    assert_eq!(named("first.csd").plugins, [format!("clap:{INSTRUMENT}")]);
    assert!(shipped.iter().all(|preset| preset.is_factory && !preset.about.is_empty()));
    // Each is a file, too, of which nothing else is told. Some hosts take one preset of a place only.
    for preset in &shipped {
        let file = pieces.join(preset.key.as_ref().unwrap());
        assert_eq!(presets.at(Some(&file)).unwrap(), [FoundPreset { key: None, ..preset.clone() }]);
    }
    assert_eq!(std::fs::read_dir(&pieces).unwrap().count(), shipped.len());
    let found = presets.at(Some(&preset)).unwrap();
    assert_eq!((found[0].name.as_str(), &found[0].features[..]), ("Soft", &["pad".to_owned()][..]));
    assert!(!found[0].is_factory && found[0].about.contains("levels.csd"));
    assert_eq!(presets.at(Some(&folder.piece())).unwrap()[0].name, "levels");
    for wrong in ["damaged.csdpreset", "notes.txt", "none.csdpreset", "none.csd"] {
        let path = folder.folder.path().join(wrong);
        if !wrong.starts_with("none") {
            std::fs::write(&path, "{").unwrap();
        }
        assert!(presets.at(Some(&path)).unwrap_err().to_string().contains(wrong), "{wrong}");
    }
    drop(presets);
    #[cfg(target_os = "linux")]
    {
        let maps = std::fs::read_to_string("/proc/self/maps").unwrap();
        assert!(!maps.contains("libcsound64"), "a Csound was loaded");
        assert_eq!(test_host::processes::children(), [0; 0], "a process was started");
    }
}

#[test]
fn a_preset_that_a_host_loads_comes_in_one_k_cycle_without_a_gap_and_to_the_last_bit() {
    if libcsound_is_missing() {
        return;
    }
    let folder = Folder::new();
    let preset = folder.levels("Exact", EXACT, 0.75);
    let mut bench = folder.bench();
    bench.play(960);
    bench.instance.idle();
    bench.instance.take_rescans();
    assert_eq!(bench.instance.load_preset(Some(&preset), None).unwrap(), [Answer::Loaded]);
    let output = bench.block(480, &[]).output;
    let change = output[0].iter().position(|sample| *sample != 0.25).unwrap();
    // As soon as it can be, and both in the same frame; before and after nothing else is heard.
    assert!(change <= LATENCY, "{change}");
    for (channel, after) in output.iter().zip([EXACT as f32, 0.75]) {
        assert!(channel[..change].iter().all(|sample| *sample == 0.25));
        assert!(channel[change..].iter().all(|sample| *sample == after));
    }
    let session = own(&mut bench.instance);
    assert_eq!((value_of(&session, "left"), value_of(&session, "right")), (Some(EXACT), Some(0.75)));
    assert_eq!(session["channel_texts"]["words"], "Exact");
    // The host hears of the values on its main thread, and has them.
    bench.instance.idle();
    let told = bench.instance.take_rescans();
    assert!(told.iter().any(|rescan| rescan.flags & 1 != 0 && rescan.is_on_main_thread), "{told:?}");
    assert_eq!(bench.instance.param_value(param_id("c002")), Some(0.75));
    // What the host automates is the host's.
    bench.block(480, &[Event::param(0, param_id("c002"), 0.5)]);
    assert_eq!(bench.play(480)[1][479], 0.5);
    assert_eq!(value_of(&own(&mut bench.instance), "left"), Some(EXACT));
}

#[test]
fn a_host_loads_a_preset_with_its_piece_a_piece_and_what_comes_with_the_plugin() {
    if libcsound_is_missing()
        || !is_alone("a_host_loads_a_preset_with_its_piece_a_piece_and_what_comes_with_the_plugin")
    {
        return;
    }
    let folder = Folder::new();
    let preset = folder.levels("Soft", 0.5, 0.75);
    let other = csd("", &header(KSMPS), "instr 1\nouts a(0.125), a(0.125)\nendin\n", "i 1 0 3600");
    let mut bench = Bench::new(&Session { at_end: AtEnd::Keep, ..Session::from_csd("other.csd", other) });
    assert_eq!(bench.play(960)[0][479], 0.125);
    assert_eq!(bench.instance.load_preset(Some(&preset), None).unwrap(), [Answer::Loaded]);
    // Another engine is faded in; the preset is there from its first block on.
    bench.play(4800);
    let now = bench.play(480);
    assert_eq!((now[0][479], now[1][479]), (0.5, 0.75));
    let session = own(&mut bench.instance);
    assert_eq!(session["piece"]["name"], "levels.csd");
    assert_eq!(session["preset"]["file"], preset.to_str().unwrap());
    // A piece begins as it is.
    bench.instance.load_preset(Some(&folder.piece()), None).unwrap();
    bench.play(4800);
    bench.instance.load_preset(None, Some("first.csd")).unwrap();
    bench.play(4800);
    assert_eq!(own(&mut bench.instance)["piece"]["name"], "first.csd");
    // One of the plugin's files is the same as the menu's: nobody saves into the plugin's folder.
    let piece = own(&mut bench.instance)["piece"].clone();
    let file = plugin().with_file_name("Csound Performer pieces").join("first.csd");
    bench.instance.load_preset(Some(&folder.piece()), None).unwrap();
    assert_eq!(bench.instance.load_preset(Some(&file), None).unwrap(), [Answer::Loaded]);
    bench.play(4800);
    assert_eq!(own(&mut bench.instance)["piece"], piece);

    let damaged = folder.folder.path().join("levels.presets/damaged.csdpreset");
    std::fs::write(&damaged, "{\"csound_performer_preset\": 2}").unwrap();
    // Longer than any piece, which is found out as it is read.
    let long = folder.folder.path().join("long.csd");
    std::fs::File::create(&long).unwrap().set_len(1 << 30).unwrap();
    let wrong = [damaged.as_path(), Path::new("/none.csd"), &long].map(|path| (Some(path), None));
    for (path, key) in wrong.into_iter().chain([(None, Some("none"))]) {
        let answers = bench.instance.load_preset(path, key).unwrap();
        assert!(matches!(&answers[..], [Answer::Failed(why)] if !why.is_empty()), "{answers:?}");
    }
    assert_eq!(own(&mut bench.instance)["piece"]["name"], "first.csd");
}

#[test]
fn a_host_takes_no_text_away_that_is_in_no_file() {
    if libcsound_is_missing() || !is_alone("a_host_takes_no_text_away_that_is_in_no_file") {
        return;
    }
    let (folder, other) = (Folder::new(), Folder::new());
    let own_preset = folder.levels("Own", 0.5, 0.75);
    let others = other.levels("Other", 0.25, 0.5);
    let of_folder = |text: String| {
        let mut session = Session::from_csd("levels.csd", text);
        session.folder = Some(folder.folder.path().to_owned());
        Session { at_end: AtEnd::Keep, ..session }
    };
    let edited = text() + "; and not saved";
    let draft = state_with(&of_folder(text()), |_, own| own["editor"] = json!({ "draft": ["; a draft"] }));
    for state in [of_folder(edited.clone()).state().unwrap(), draft] {
        let mut bench = Bench::with_state(&state);
        bench.play(960);
        let before = own(&mut bench.instance)["piece"].clone();
        let piece = other.piece();
        for (path, key) in [(Some(others.as_path()), None), (Some(&piece), None), (None, Some("first.csd"))] {
            let answers = bench.instance.load_preset(path, key).unwrap();
            let is_told =
                matches!(&answers[..], [Answer::Failed(why)] if why.contains("levels.csd has changes"));
            assert!(is_told, "{answers:?}");
            assert_eq!(own(&mut bench.instance)["piece"], before);
        }
        // One of the same piece takes nothing away.
        assert_eq!(bench.instance.load_preset(Some(&own_preset), None).unwrap(), [Answer::Loaded]);
        bench.play(4800);
        assert_eq!(own(&mut bench.instance)["piece"], before);
    }
    // Before the host has activated the instance, nobody has compared its text with the file.
    let host = Host::load(plugin()).unwrap();
    for (path, key) in [(Some(others.as_path()), None), (None, Some("first.csd"))] {
        let mut early = Instance::new(&host, INSTRUMENT).unwrap();
        early.set_offline(true).unwrap();
        early.load_state(&of_folder(edited.clone()).state().unwrap()).unwrap();
        early.load_preset(path, key).unwrap();
        early.activate(48_000.0, 1, 4096).unwrap();
        early.settle().unwrap();
        let piece = own(&mut early)["piece"].clone();
        assert_eq!((&piece["name"], &piece["csd"]), (&json!("levels.csd"), &json!(edited)), "{key:?}");
    }
    let mut saved = Bench::new(&of_folder(text()));
    saved.play(960);
    assert_eq!(saved.instance.load_preset(Some(&others), None).unwrap(), [Answer::Loaded]);
}

#[test]
fn a_piece_whose_channels_have_changed_takes_what_fits() {
    if libcsound_is_missing() {
        return;
    }
    let folder = Folder::new();
    let preset = folder.put(
        "Old",
        json!({
            "channels": { "left": 7.5, "gone": 1.0, "words": 3.0, "right": [1] },
            "settings": { "at_end": "never", "warp": 1 }, "events": [{ "line": "i 1 0 [1+" }],
        }),
    );
    let mut bench = folder.bench();
    bench.play(960);
    assert_eq!(bench.instance.load_preset(Some(&preset), None).unwrap(), [Answer::Loaded]);
    let now = bench.play(480);
    assert_eq!((now[0][479], now[1][479]), (1.0, 0.25), "brought into the range; left as it was");
    let session = own(&mut bench.instance);
    assert_eq!(session["events"][0]["line"], "i 1 0 [1+", "to be mended");
}

#[test]
fn how_a_piece_is_started_is_a_presets_and_nothing_is_started_anew_where_it_is_alike() {
    if libcsound_is_missing() {
        return;
    }
    let folder = Folder::new();
    let alike = folder.put("Alike", json!({ "settings": { "at_end": "keep", "note_mode": "midi" } }));
    let other = folder.put("Other", json!({ "settings": { "at_end": "loop", "note_mode": "score" } }));
    let mut bench = folder.bench();
    bench.play(960);
    let at_end = |bench: &mut Bench| bench.instance.param_value(param_id("at_end"));
    let before = at_end(&mut bench);
    assert_eq!(bench.instance.load_preset(Some(&alike), None).unwrap(), [Answer::Loaded]);
    assert!(bench.block(480, &[]).output[0].iter().all(|sample| *sample == 0.25), "it plays on");
    assert_eq!(at_end(&mut bench), before);
    assert_eq!(bench.instance.load_preset(Some(&other), None).unwrap(), [Answer::Loaded]);
    bench.play(4800);
    assert_eq!(bench.play(480)[0][479], 0.25);
    assert_ne!(at_end(&mut bench), before);
    assert_eq!(bench.instance.param_value(param_id("note_mode")), Some(1.0));
}

#[test]
fn program_changes_choose_presets_only_where_the_session_says_so_and_are_in_time_offline() {
    if libcsound_is_missing() {
        return;
    }
    let folder = Folder::new();
    folder.levels("A", 0.5, 0.5);
    folder.levels("B", 0.75, 1.0);
    let mut bench = folder.bench();
    bench.play(960);
    bench.block(480, &[Event::midi(0, [0xC0, 1, 0])]);
    assert_eq!(bench.play(480)[0][479], 0.25, "a session from before does not know of it");
    let session = Session { at_end: AtEnd::Keep, ..Session::from_file(&folder.piece()).unwrap() };
    let state = state_with(&session, |_, own| own["program_channel"] = json!(2));
    let mut bench = Bench::with_state(&state);
    bench.play(960);
    bench.block(480, &[Event::midi(0, [0xC0, 1, 0])]);
    assert_eq!(bench.play(480)[0][479], 0.25, "another channel");
    // In the k-cycle that begins next to its frame.
    let at = bench.at;
    let output = bench.block(480, &[Event::midi(200, [0xC1, 1, 0])]).output;
    let change = output[0].iter().position(|sample| *sample == 0.75).unwrap();
    assert_eq!(change, crate::common::bench::heard_boundary(at, 200));
    assert!(output[1][change..].iter().all(|sample| *sample == 1.0));
    bench.block(480, &[Event::midi(0, [0xC1, 0, 0])]);
    assert_eq!(bench.play(480)[1][479], 0.5);
    bench.block(480, &[Event::midi(0, [0xC1, 99, 0])]);
    assert_eq!(bench.play(480)[1][479], 0.5, "one that there is not changes nothing");
    assert_eq!(own(&mut bench.instance)["program_channel"], 2, "it is saved");
}

#[test]
fn a_hosts_own_preset_recalls_everything() {
    if libcsound_is_missing() {
        return;
    }
    let folder = Folder::new();
    let preset = folder.put(
        "Whole",
        json!({
            "channels": { "left": EXACT, "right": 0.75, "words": "d\u{e4}mmerung \u{1d11e}" },
            "events": [{ "line": "i 1 0 1" }], "settings": { "note_mode": "score", "note_instrument": 7 },
        }),
    );
    let mut bench = folder.bench();
    bench.play(960);
    bench.instance.load_preset(Some(&preset), None).unwrap();
    bench.play(4800);
    let saved = bench.instance.save_state().unwrap();
    let expected = bench.play(480);
    // Into a new instance, and into one that stands otherwise.
    let mut fresh = Bench::with_state(&saved);
    let other = folder.levels("Other", 1.0, 0.0);
    let mut stands = folder.bench();
    stands.play(960);
    stands.instance.load_preset(Some(&other), None).unwrap();
    stands.play(480);
    stands.instance.load_state(&saved).unwrap();
    for bench in [&mut fresh, &mut stands] {
        bench.play(4800);
        let now = bench.play(480);
        assert_eq!((now[0][479], now[1][479]), (expected[0][479], expected[1][479]));
        let session = own(&mut bench.instance);
        assert_eq!(value_of(&session, "left"), Some(EXACT));
        assert_eq!(session["channel_texts"]["words"], "d\u{e4}mmerung \u{1d11e}");
        assert_eq!(session["events"][0]["line"], "i 1 0 1");
        assert_eq!(session["preset"]["file"], preset.to_str().unwrap());
        let id = param_id("note_instrument");
        let value = bench.instance.param_value(id).unwrap();
        assert_eq!(bench.instance.value_to_text(id, value).unwrap(), "7");
    }
}
