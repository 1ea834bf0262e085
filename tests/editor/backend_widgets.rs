//! Widgets that a piece changes while it performs, over a running instance.

use csound_performer::editor::model::{Action, Backend, ParamRef, PlacedKind, State, View};
use csound_performer::plugin::session::Session;
use csound_performer::user_input::{InputChannel, InputWanted, UserInput};

use crate::backend_bench::*;
use crate::common::csd;

const SECTION: &str = "<Cabbage>\nform size(300, 200)\n\
    rslider bounds(0, 0, 60, 60), channel(\"gain\"), range(0, 1, 0.25), text(\"Gain\")\n\
    label bounds(0, 100, 80, 20), channel(\"words\"), text(\"old\")\n\
    label bounds(0, 150, 80, 20), identchannel(\"ident\"), text(\"older\")\n</Cabbage>\n";

fn texts(view: &View) -> Vec<&str> {
    let widgets = view.layout.iter().flat_map(|layout| &layout.widgets);
    widgets.filter(|placed| placed.kind == PlacedKind::Label).map(|placed| placed.text.as_str()).collect()
}

#[test]
fn what_a_piece_changes_is_drawn_kept_and_told_to_the_host() {
    if !alone("backend_widgets::what_a_piece_changes_is_drawn_kept_and_told_to_the_host") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let body = "instr 1\ncabbageSet \"words\", \"text(\\\"new\\\"), bounds(5, 6, 7, 8), fontcolour(1, 2, 3)\"\n\
        cabbageSetValue \"gain\", 0.75\nchnset \"visible(0)\", \"ident\"\n\
        cabbageCreate \"label\", \"bounds(1, 1, 9, 9), channel(\\\"made\\\"), text(\\\"made\\\")\"\n\
        kgain cabbageGetValue \"gain\"\nouts a(kgain), a(0)\nendin\n";
    let text = SECTION.to_owned() + &csd("", &format!("{HEADER}0dbfs = 1\n"), body, "i 1 0 1000");
    let path = write(folder.path(), "widgets.csd", &text);
    let mut bench = Bench::new();
    bench.open_window();
    bench.desk.act(Action::Open(path));
    bench.until("what was changed is drawn", |view, heard| {
        heard[511] == 0.75 && texts(view) == ["new", "made"]
    });
    let layout = bench.view.layout.clone().unwrap();
    let words = layout.widgets.iter().find(|placed| placed.text == "new").unwrap();
    assert_eq!((words.bounds, words.text_colour), ([5.0, 6.0, 7.0, 8.0], Some([1, 2, 3, 255])));
    assert!(layout.parts.is_empty(), "what the piece hides is not the user's to open");
    bench.until("the host's parameter follows", |view, _| view.values[0] == 0.75);
    let session: Session = bench.link.session();
    assert!(session.widgets.iter().count() >= 6, "{:?}", session.widgets);
    let saved = serde_json::to_string(&session).unwrap();
    let read: Session = serde_json::from_str(&saved).unwrap();
    assert_eq!(read.widgets, session.widgets);
}

#[test]
fn pictures_and_tables_of_a_panel_are_shown_and_follow_the_piece() {
    if !alone("backend_widgets::pictures_and_tables_of_a_panel_are_shown_and_follow_the_piece") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let svg = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"4\" height=\"2\"><rect width=\"4\" height=\"2\"/></svg>";
    std::fs::write(folder.path().join("ground.svg"), svg).unwrap();
    let section = "<Cabbage>\nform size(300, 200)\nimage bounds(0, 0, 60, 30), file(\"ground.svg\")\n\
        image bounds(0, 50, 60, 30), file(\"gone.png\")\nvmeter bounds(0, 90, 9, 90), channel(\"level\")\n\
        gizmo bounds(80, 0, 60, 60)\n\
        gentable bounds(0, 100, 80, 20), tablenumber(7), amprange(0, 2, 7)\n</Cabbage>\n";
    let body = "gi1 ftgen 7, 0, 4, -2, 0, 0.5, 1, 0.25\ninstr 1\nktime timeinsts\nif ktime > 0.2 then\n\
        tablew 2, 1, 7\nendif\nchnset 0.5, sprintf(\"%s\", \"level\")\nouts a(0.25), a(0)\nendin\n";
    let text = section.to_owned() + &csd("", &format!("{HEADER}0dbfs = 1\n"), body, "i 1 0 1000");
    let path = write(folder.path(), "pictures.csd", &text);
    let mut bench = Bench::new();
    bench.open_window();
    bench.desk.act(Action::Open(path));
    bench.until("the picture is there", |view, _| view.images.contains_key("ground.svg"));
    let picture = bench.view.images["ground.svg"].clone().expect("it can be read");
    assert_eq!((picture.size, &picture.rgba[..4]), ([64, 32], &[0, 0, 0, 255][..]));
    assert_eq!(bench.view.images["gone.png"], None);
    let shows =
        |view: &View, points: &[f32]| view.tables.get(&7).is_some_and(|table| *table.points == *points);
    bench.until("the table is shown as the piece has changed it", |view, _| {
        shows(view, &[0.0, 2.0, 1.0, 0.25])
    });
    let meter = bench.view.channels.iter().position(|channel| channel.name == "level").unwrap();
    assert!(bench.view.channels[meter].is_output, "a meter's channel is the piece's to write");
    bench.until("the meter follows", |view, _| view.value(meter) == 0.5);
    let said = |bench: &Bench, words: &str| bench.view.console.lines().any(|line| line.text.contains(words));
    assert!(said(&bench, "gone.png is not shown on the panel"));
    assert!(said(&bench, "line 6: gizmo is not known here"));
    let session: Session = bench.link.session();
    assert!(session.widgets.is_empty(), "tables are not kept with the project: {:?}", session.widgets);
}

#[test]
fn signals_and_sounds_are_shown_and_what_is_drawn_and_selected_reaches_the_piece() {
    if !alone(
        "backend_widgets::signals_and_sounds_are_shown_and_what_is_drawn_and_selected_reaches_the_piece",
    ) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: 48_000,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut writer = hound::WavWriter::create(folder.path().join("kick.wav"), spec).unwrap();
    (0..1000).for_each(|at| writer.write_sample(if at % 2 == 0 { 16_000_i16 } else { -16_000 }).unwrap());
    writer.finalize().unwrap();
    let section = "<Cabbage>\nform size(300, 200)\n\
        signaldisplay bounds(0, 0, 60, 30), signalvariable(\"aSine\"), displaytype(\"waveform\")\n\
        soundfiler bounds(0, 50, 60, 30), file(\"kick.wav\"), channel(\"begin\", \"length\")\n\
        soundfiler bounds(0, 80, 60, 30), file(\"gone.wav\")\n\
        combobox bounds(100, 0, 60, 30), channel(\"sample\"), channeltype(\"string\"), populate(\"*.wav\", \".\")\n\
        gentable bounds(0, 100, 80, 20), tablenumber(7), active(1)\n</Cabbage>\n";
    let body = "gi1 ftgen 7, 0, 4, -2, 0, 0.5, 1, 0.25\ninstr 1\naSine oscili 0.5, 1000\ndisplay aSine, 0.01\n\
        kdrawn table 2, 7\nkbegin chnget \"begin\"\nouts a(kdrawn), a(kbegin)\nendin\n";
    let text = section.to_owned() + &csd("", &format!("{HEADER}0dbfs = 1\n"), body, "i 1 0 1000");
    let path = write(folder.path(), "graphs.csd", &text);
    let mut bench = Bench::new();
    bench.open_window();
    bench.desk.act(Action::Open(path));
    bench.until("the signal is there", |view, _| {
        let signal = view.signals.get("aSine");
        signal
            .is_some_and(|signal| signal.run().len() == 480 && signal.run().iter().any(|value| *value > 0.4))
    });
    bench.until("the sound is there", |view, _| {
        view.sounds
            .get("kick.wav")
            .is_some_and(|sound| sound.as_ref().is_some_and(|sound| sound.frames == 1000))
    });
    bench.until("the files are listed", |view, _| {
        let list = view.channels.iter().find(|channel| channel.name == "sample");
        list.is_some_and(|channel| channel.range.items == ["kick"])
    });
    let said = |bench: &Bench, words: &str| bench.view.console.lines().any(|line| line.text.contains(words));
    assert!(said(&bench, "gone.wav is not shown on the panel"));
    bench.until("the table is there", |view, _| view.tables.contains_key(&7));
    bench.desk.act(Action::DrawTable { table: 7, places: [2, 2], values: [0.75, 0.75] });
    bench.until("what was drawn is heard", |_, heard| heard[511] == 0.75);
    bench.until("and seen", |view, _| view.tables[&7].points[2] == 0.75);
    bench.desk.act(Action::SetChannel("begin".into(), 123_456_789.0));
    bench.until("a selection is as exact as samples are", |view, _| {
        let place = view.channels.iter().position(|channel| channel.name == "begin").unwrap();
        view.value(place) == 123_456_789.0
    });
}

#[test]
fn a_panel_is_as_before_when_its_engine_was_killed() {
    if !alone("backend_widgets::a_panel_is_as_before_when_its_engine_was_killed") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let section = SECTION.replace(
        "label bounds(0, 150",
        "gentable bounds(90, 0, 60, 60), tablenumber(7)\nlabel bounds(0, 150",
    );
    let body = "gi1 ftgen 7, 0, 4, -2, 0, 0.5, 1, 0.25\ninstr 1\nktime timeinsts\nif ktime < 0.1 then\n\
        cabbageSet 1, \"words\", \"text\", \"new\"\ncabbageSet 1, \"words\", \"bounds\", 5, 6, 7, 8\n\
        chnset \"visible(0)\", \"ident\"\nendif\nkgain cabbageGetValue \"gain\"\nouts a(kgain), a(0)\nendin\n\
        instr 2\ncabbageCreate \"label\", \"bounds(1, 1, 9, 9), channel(\\\"made\\\"), text(\\\"made\\\")\"\nturnoff\nendin\n";
    let text = section + &csd("", &format!("{HEADER}0dbfs = 1\n"), body, "i 1 0 1000\ni 2 0 1");
    let path = write(folder.path(), "killed.csd", &text);
    let mut bench = Bench::new();
    bench.open_window();
    bench.desk.act(Action::Open(path));
    let is_changed = |view: &View, heard: &[f32]| {
        heard[511] == 0.25 && texts(view) == ["new", "made"] && view.tables.contains_key(&7)
    };
    bench.until("the piece has changed its panel", is_changed);
    let before = bench.view.layout.clone();
    let engines = test_host::measure::usage::engines();
    assert!(!engines.is_empty());
    for engine in &engines {
        // Those that were asked for something else, as the opcodes are, may have ended meanwhile.
        let process = rustix::process::Pid::from_raw(engine.as_raw()).unwrap();
        let _ = rustix::process::kill_process(process, rustix::process::Signal::KILL);
    }
    bench.until("its end is told", |view, _| matches!(view.state, State::Restarted(_)));
    bench.until("it plays again under the same panel", is_changed);
    assert_eq!(bench.view.layout, before);
    assert!(!test_host::measure::usage::engines().iter().any(|engine| engines.contains(engine)));
}

#[test]
fn what_the_user_does_on_the_panel_reaches_the_piece() {
    if !alone("backend_widgets::what_the_user_does_on_the_panel_reaches_the_piece") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let body = "instr 1\nkx chnget \"MOUSE_X\"\nkleft cabbageGet \"MOUSE_DOWN_LEFT\"\nkopen chnget \"IS_EDITOR_OPEN\"\n\
        Skeys chnget \"KEY_MODIFIERS\"\nSfile chnget \"LAST_FILE_DROPPED\"\nkclicks init 0\n\
        kclicks += trigger(kleft, 0.5, 0)\n\
        outs a(kx / 1000), a(kclicks / 10 + kopen / 100 + strlenk(Skeys) / 1000 + strlenk(Sfile) / 10000)\nendin\n";
    let text = SECTION.to_owned() + &csd("", &format!("{HEADER}0dbfs = 1\n"), body, "i 1 0 1000");
    let path = write(folder.path(), "input.csd", &text);
    let mut bench = Bench::new();
    bench.open_window();
    bench.desk.act(Action::Open(path));
    bench.until("the editor looks for it", |view, _| {
        view.input_wanted == InputWanted { input: true, files: true } && !view.channels.is_empty()
    });
    let names: Vec<_> = bench.view.channels.iter().map(|channel| channel.name.clone()).collect();
    assert_eq!(names, ["gain"], "they have no place among the parameters");
    let tell = |bench: &Bench, x: f64, left: f64, keys: &str| {
        let mut input = UserInput { modifiers: keys.into(), ..UserInput::default() };
        input.set(InputChannel::PointerX, x);
        input.set(InputChannel::LeftButton, left);
        bench.desk.act(Action::Tell(Box::new(input)));
    };
    // A click between two blocks.
    tell(&bench, 250.0, 1.0, "Alt");
    tell(&bench, 250.0, 0.0, "Alt");
    bench.desk.act(Action::SetText("LAST_FILE_DROPPED".into(), "/a/b.wav".into()));
    let near = |heard: &[f32], wanted: f32| (heard[511] - wanted).abs() < 1e-5;
    bench.until("the pointer is heard", |_, heard| near(heard, 0.25));
    let began = std::time::Instant::now();
    loop {
        let [_, right] = bench.perform(&[]);
        if near(&right, 0.1 + 0.01 + 0.003 + 0.0008) {
            break;
        }
        assert!(began.elapsed().as_secs() < 20, "{}", right[511]);
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    assert_eq!(bench.link.session().channel_texts["LAST_FILE_DROPPED"], "/a/b.wav", "the project keeps it");
}

#[test]
fn a_range_that_a_piece_changes_is_its_channels() {
    if !alone("backend_widgets::a_range_that_a_piece_changes_is_its_channels") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let body = "instr 1\nkon chnget \"on\"\ncabbageSet kon, \"gain\", \"range(0, 10, 5)\"\nkgain chnget \"gain\"\n\
        outs a(kgain), a(0)\nendin\n";
    let text = SECTION
        .replace("label bounds(0, 150", "checkbox bounds(0, 80, 9, 9), channel(\"on\")\nlabel bounds(0, 150")
        + &csd("", &format!("{HEADER}0dbfs = 1\n"), body, "i 1 0 1000");
    let path = write(folder.path(), "range.csd", &text);
    let mut bench = Bench::new();
    bench.open_window();
    bench.desk.act(Action::Open(path));
    bench.until("it plays", |_, heard| heard[511] == 0.25);
    bench.desk.act(Action::SetParam(ParamRef::Bank(0), 0.5));
    bench.until("it is turned", |_, heard| heard[511] == 0.5);
    assert_eq!(bench.link.bank.text(0, 0.5), "gain 0.5");
    let told = bench.link.names.value_changes();
    bench.desk.act(Action::SetParam(ParamRef::Bank(1), 1.0));
    bench.until("its range has changed", |view, _| view.channels[0].range.scale.maximum() == 10.0);
    assert!(bench.link.names.value_changes() > told, "the host is told");
    assert_eq!(bench.link.bank.text(0, 0.5), "gain 5");
    bench.until("the value stays, and is where the parameter is", |view, heard| {
        heard[511] == 0.5 && (view.values[0] - 0.5).abs() < 1e-6
    });
    bench.desk.act(Action::SetParam(ParamRef::Bank(0), 0.75));
    bench.until("the parameter goes through the new range", |_, heard| heard[511] == 7.5);
}
