//! The standalone: a piece in a window of its own, on a screen in memory and without a sound card.
#![cfg(target_os = "linux")]

#[allow(dead_code, reason = "only places are asked for")]
#[path = "editor/canvas.rs"]
mod canvas;
mod common;
#[allow(dead_code, reason = "only places are asked for")]
#[path = "editor/desk.rs"]
mod desk;
#[path = "standalone/exporting.rs"]
mod exporting;
#[path = "standalone/screen_reader.rs"]
mod screen_reader;

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use common::{csd, is_missing, libcsound_is_missing, pieces};
use rustix::process::Signal;
use serde_json::{Value, json};
use test_host::processes::{children_of, is_nursery};
use test_host::screen::{Picture, Screen, Xvfb};

/// A program that is ended whatever happens.
struct Program(Child);

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// What a program's window shows once that is as wished.
fn until(program: &mut Program, screen: &Screen, there: impl Fn(&Picture) -> bool) -> Picture {
    let began = Instant::now();
    loop {
        assert!(program.0.try_wait().unwrap().is_none(), "it has ended");
        // A window may go between being seen and being looked at.
        let pictures = screen.windows().unwrap().into_iter().filter_map(|window| screen.picture(window).ok());
        if let Some(picture) = pictures.into_iter().find(&there) {
            return picture;
        }
        assert!(began.elapsed() < Duration::from_secs(60), "nothing is shown within a minute");
        std::thread::sleep(Duration::from_millis(100));
    }
}

#[test]
fn a_piece_plays_in_a_window_of_its_own_until_it_is_closed() {
    let server = Xvfb::start(1280, 1000);
    if is_missing("Xvfb", server.is_ok()) || libcsound_is_missing() {
        return;
    }
    let server = server.unwrap();
    let screen = Screen::connect(server.display()).unwrap();
    let settings = tempfile::tempdir().unwrap();
    let mut command = standalone(server.display(), settings.path());
    command.arg(pieces().join("demo.csd")).args(["--backend", "dummy"]);
    let mut program = Program(command.spawn().unwrap());
    // The level's green is on a large surface only while something sounds.
    let plays = |picture: &Picture| {
        let green = |pixel: &&[u8]| pixel[1] > 150 && pixel[0] < 160 && pixel[2] < 160;
        picture.colours() > 100 && picture.rgb.chunks_exact(3).filter(green).count() > 1500
    };
    let picture = until(&mut program, &screen, plays);
    let folder = test_host::project::target_dir().join("screenshots");
    std::fs::create_dir_all(&folder).unwrap();
    picture.write(&folder.join("standalone.png")).unwrap();

    let children = children_of(program.0.id().cast_signed());
    let engines = children.iter().filter(|child| !is_nursery(**child)).count();
    assert_eq!(engines, 1, "the piece has an engine");
    // As with Ctrl+C.
    common::signal(program.0.id(), Signal::INT);
    let began = Instant::now();
    while program.0.try_wait().unwrap().is_none() || children.iter().any(is_there) {
        assert!(began.elapsed() < Duration::from_secs(60), "it goes on, or its engine does");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// The standalone on a screen, with its settings in a folder of the test's.
fn standalone(display: &str, settings: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_csound-performer"));
    command
        .env("DISPLAY", display)
        .env("LIBGL_ALWAYS_SOFTWARE", "1")
        .env("XDG_CONFIG_HOME", settings)
        .env("XDG_STATE_HOME", settings)
        .stdout(Stdio::null());
    command
}

/// Asks a program to end, as Ctrl+C does, and waits for it.
fn end(mut program: Program) {
    common::signal(program.0.id(), Signal::INT);
    let began = Instant::now();
    while program.0.try_wait().unwrap().is_none() {
        assert!(began.elapsed() < Duration::from_secs(60), "it goes on");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// The session that the standalone remembers.
fn remembered(file: &Path) -> Value {
    let saved: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    serde_json::from_str(saved["state"]["fields"]["session"].as_str().unwrap()).unwrap()
}

/// Runs it until this is on the screen, and on until the piece is taken, and what the window remembers.
fn run_for_a_while(command: &mut Command, screen: &Screen, there: &dyn Fn(&Picture) -> bool) {
    let mut program = Program(command.args(["--backend", "dummy"]).spawn().unwrap());
    until(&mut program, screen, there);
    std::thread::sleep(Duration::from_secs(3));
    end(program);
}

#[test]
fn the_standalone_begins_as_it_ended_and_a_named_piece_wins() {
    let server = Xvfb::start(1280, 1000);
    if is_missing("Xvfb", server.is_ok()) || libcsound_is_missing() {
        return;
    }
    let server = server.unwrap();
    let screen = Screen::connect(server.display()).unwrap();
    let settings = tempfile::tempdir().unwrap();
    let file = settings.path().join("csound-performer/standalone.json");
    let run = |piece: Option<&str>, there: &dyn Fn(&Picture) -> bool| {
        let mut command = standalone(server.display(), settings.path());
        run_for_a_while(command.args(piece.map(|piece| pieces().join(piece))), &screen, there);
    };
    let is_drawn = |picture: &Picture| picture.colours() > 50;
    run(Some("panel.csd"), &is_drawn);
    let session = remembered(&file);
    assert_eq!(session["piece"]["name"], "panel.csd");

    // As if the user had changed all that meanwhile.
    let mut saved: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    let mut changed = session;
    changed["editor"]["size"] = json!([900, 700]);
    changed["editor"]["brightness"] = json!("Light");
    changed["events"] = json!([{ "line": "i 1 0 1" }]);
    changed["recording_folder"] = json!(settings.path());
    saved["state"]["fields"]["session"] = json!(changed.to_string());
    saved["state"]["params"]["gain"] = json!({ "f32": 0.25 });
    std::fs::write(&file, saved.to_string()).unwrap();
    let is_as_left = |picture: &Picture| (picture.width, picture.height) == (900, 700) && is_drawn(picture);
    let has_all = |name: &str| {
        let session = remembered(&file);
        assert_eq!(session["piece"]["name"], name);
        assert_eq!(session["editor"]["size"], json!([900.0, 700.0]));
        assert_eq!(session["editor"]["brightness"], "Light");
        assert_eq!(session["recording_folder"], json!(settings.path()));
        assert!(session["events"].to_string().contains("i 1 0 1"), "{}", session["events"]);
        let saved: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
        assert_eq!(saved["state"]["params"]["gain"]["f32"], 0.25);
    };
    run(None, &is_as_left);
    has_all("panel.csd");
    run(Some("first.csd"), &is_as_left);
    has_all("first.csd");
}

#[test]
fn a_piece_that_is_named_again_reads_its_folder_though_a_file_that_it_includes_has_changed() {
    let server = Xvfb::start(1280, 1000);
    if is_missing("Xvfb", server.is_ok()) || libcsound_is_missing() {
        return;
    }
    let server = server.unwrap();
    let screen = Screen::connect(server.display()).unwrap();
    let (settings, folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let piece = folder.path().join("song.csd");
    let header = "ksmps = 32\nnchnls = 2\n#include \"level.inc\"\n";
    std::fs::write(&piece, csd("", header, "instr 1\nouts a(iLevel), a(0)\nendin\n", "i 1 0 3600")).unwrap();
    let kept = |name: &str| {
        let text = std::fs::read_to_string(settings.path().join("csound-performer").join(name)).unwrap();
        serde_json::from_str::<Value>(&text).unwrap()
    };
    for level in 1..3 {
        std::fs::write(folder.path().join("level.inc"), format!("iLevel = 0.{level}\n")).unwrap();
        let mut command = standalone(server.display(), settings.path());
        run_for_a_while(command.arg(&piece), &screen, &|picture| picture.colours() > 50);
        let texts = kept("trust.json")["texts"].as_object().unwrap().len();
        assert_eq!(texts, level, "this text with what it includes may read its folder");
    }
    assert_eq!(kept("recent.json"), json!([piece]));
}

#[test]
fn the_csound_that_is_named_goes_before_what_was_remembered() {
    let server = Xvfb::start(1280, 1000);
    if is_missing("Xvfb", server.is_ok()) || libcsound_is_missing() {
        return;
    }
    let server = server.unwrap();
    let screen = Screen::connect(server.display()).unwrap();
    let settings = tempfile::tempdir().unwrap();
    let file = settings.path().join("csound-performer/standalone.json");
    let run = |words: &[&str]| {
        let mut command = standalone(server.display(), settings.path());
        run_for_a_while(command.args(words), &screen, &|picture| picture.colours() > 50);
        remembered(&file)
    };
    let first = pieces().join("first.csd");
    // The first time, with what was remembered, and not named: as it was.
    for (words, csound) in [
        (&["--csound", "6", first.to_str().unwrap()][..], json!(6)),
        (&["--csound=7"], json!(7)),
        (&[], json!(7)),
        (&["--csound", "auto"], json!("auto")),
    ] {
        let session = run(words);
        assert_eq!(
            (&session["csound"], &session["piece"]["name"]),
            (&csound, &json!("first.csd")),
            "{words:?}"
        );
        let of_auto = session.get("csound_of_auto");
        assert_eq!(of_auto.is_some(), csound == "auto", "it comes to one anew: {words:?}, {of_auto:?}");
    }
}

#[test]
fn a_csound_that_there_is_not_is_refused_in_words_and_help_names_those_that_there_are() {
    let run =
        |words: &[&str]| Command::new(env!("CARGO_BIN_EXE_csound-performer")).args(words).output().unwrap();
    let said = run(&["--csound", "8"]);
    assert!(!said.status.success());
    let said = String::from_utf8_lossy(&said.stderr).into_owned();
    assert!(said.contains("--csound can be 6, 7 or auto, not \"8\""), "{said}");
    let help = String::from_utf8_lossy(&run(&["--help"]).stdout).into_owned();
    assert!(help.contains("--csound 6|7|auto"), "{help}");
}

#[test]
fn ctrl_c_ends_it_where_no_window_can_open() {
    if libcsound_is_missing() {
        return;
    }
    let settings = tempfile::tempdir().unwrap();
    let mut command = standalone("", settings.path());
    command.env_remove("DISPLAY").env_remove("WAYLAND_DISPLAY").args(["--backend", "dummy"]);
    let program = Program(command.arg("--new").stderr(Stdio::null()).spawn().unwrap());
    std::thread::sleep(Duration::from_secs(2));
    end(program);
}

/// JACK's library may wait for ever for a thread of its own. Here the shell waits for its audio thread, in which a
/// piece hangs.
#[test]
fn it_ends_and_remembers_even_if_its_audio_thread_does_not_end() {
    let server = Xvfb::start(1280, 1000);
    if is_missing("Xvfb", server.is_ok()) || libcsound_is_missing() {
        return;
    }
    let server = server.unwrap();
    let screen = Screen::connect(server.display()).unwrap();
    let settings = tempfile::tempdir().unwrap();
    let hangs = settings.path().join("hangs.csd");
    let body = "instr 1\nk1 = 0\nwhile k1 < 1 do\nk1 = 0\nod\nendin";
    std::fs::write(&hangs, common::csd("", "ksmps = 32\nnchnls = 2", body, "i 1 1 9")).unwrap();
    let mut command = standalone(server.display(), settings.path());
    command.env("CSOUND_PERFORMER_ISOLATION", "off").arg(&hangs).args(["--backend", "dummy"]);
    let mut program = Program(command.spawn().unwrap());
    until(&mut program, &screen, |picture| picture.colours() > 50);
    std::thread::sleep(Duration::from_secs(4));
    end(program);
    assert_eq!(
        remembered(&settings.path().join("csound-performer/standalone.json"))["piece"]["name"],
        "hangs.csd"
    );
}

fn is_there(process: &i32) -> bool {
    std::path::Path::new(&format!("/proc/{process}")).exists()
}

#[test]
fn a_piece_that_is_not_there_is_named() {
    let said = Command::new(env!("CARGO_BIN_EXE_csound-performer")).arg("nowhere.csd").output().unwrap();
    assert!(!said.status.success());
    let said = String::from_utf8_lossy(&said.stderr).into_owned();
    assert!(said.contains("nowhere.csd could not be read"), "{said}");
}

#[test]
fn everything_here_holds_over_csound_7() {
    if test_host::testing::again_over_csound_7(&[]) {
        assert_eq!(csound_library::Library::get().unwrap().generation(), csound_library::Generation::Seven);
    }
}
