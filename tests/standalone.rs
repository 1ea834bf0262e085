//! The standalone: a piece in a window of its own, on a screen in memory and without a sound card.
#![cfg(target_os = "linux")]

mod common;

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use common::{is_missing, libcsound_is_missing, pieces};
use rustix::process::Signal;
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
    let mut command = Command::new(env!("CARGO_BIN_EXE_csound-performer"));
    command
        .arg(pieces().join("demo.csd"))
        .args(["--backend", "dummy"])
        .env("DISPLAY", server.display())
        .env("LIBGL_ALWAYS_SOFTWARE", "1")
        .env("XDG_CONFIG_HOME", settings.path())
        .stdout(Stdio::null());
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

    let engines = children(program.0.id());
    assert_eq!(engines.len(), 1, "the piece has an engine");
    // As with Ctrl+C.
    common::signal(program.0.id(), Signal::INT);
    let began = Instant::now();
    while program.0.try_wait().unwrap().is_none() || engines.iter().any(is_there) {
        assert!(began.elapsed() < Duration::from_secs(60), "it goes on, or its engine does");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn children(process: u32) -> Vec<u32> {
    let tasks = std::fs::read_dir(format!("/proc/{process}/task")).unwrap().flatten();
    let children = tasks.filter_map(|task| std::fs::read_to_string(task.path().join("children")).ok());
    children.collect::<String>().split_whitespace().map(|child| child.parse().unwrap()).collect()
}

fn is_there(process: &u32) -> bool {
    std::path::Path::new(&format!("/proc/{process}")).exists()
}

#[test]
fn a_piece_that_is_not_there_is_named() {
    let said = Command::new(env!("CARGO_BIN_EXE_csound-performer")).arg("nowhere.csd").output().unwrap();
    assert!(!said.status.success());
    let said = String::from_utf8_lossy(&said.stderr).into_owned();
    assert!(said.contains("nowhere.csd could not be read"), "{said}");
}
