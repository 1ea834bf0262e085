//! A piece becomes a plugin by the mouse, in the standalone's window.
//!
//! A real window does not tell where its buttons are. The same editor is laid out beside it over the fake backend, at
//! the same size and with the same piece, and asked.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::time::{Duration, Instant};

use csound_performer::editor::fake::FakePiece;
use egui::Rect;
use egui::accesskit::Role;
use egui_kittest::kittest::Queryable;
use test_host::bundle::{ENGINE, dev_bundle};
use test_host::hands::Hands;
use test_host::host::Host;
use test_host::screen::{Screen, Xvfb};

use crate::common::{csd, is_missing, libcsound_is_missing};
use crate::desk::Desk;
use crate::{Program, end, standalone, until};

/// The buttons that say so among other words.
fn place(twin: &Desk, role: Role, label: &str) -> Rect {
    twin.window.get_by_role_and_label(role, label).rect()
}

/// Clicks there again and again, until something has come of it.
fn click_until(hands: &Hands, at: Rect, what: &str, there: impl Fn() -> bool) {
    let began = Instant::now();
    while !there() {
        assert!(began.elapsed() < Duration::from_secs(60), "{what}: not within a minute");
        hands.click(at.center().x as i16, at.center().y as i16).unwrap();
        std::thread::sleep(Duration::from_millis(500));
    }
}

#[test]
fn a_piece_is_exported_from_the_standalones_editor_and_shown_in_its_folder() {
    let server = Xvfb::start(1280, 1000);
    if is_missing("Xvfb", server.is_ok()) || libcsound_is_missing() {
        return;
    }
    let server = server.unwrap();
    let screen = Screen::connect(server.display()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let text = csd("", "ksmps = 32\nnchnls = 2", "instr 1\nouts a(0.1), a(0.1)\nendin", "i 1 0 3600");
    fs::write(at("bells.csd"), &text).unwrap();
    fs::write(at("xdg-open"), format!("#!/bin/sh\necho \"$1\" > '{}'\n", at("shown").display())).unwrap();
    fs::set_permissions(at("xdg-open"), PermissionsExt::from_mode(0o755)).unwrap();

    let mut command = standalone(server.display(), folder.path());
    // Installed: the plugin's library lies beside the engine program.
    command.env("CSOUND_PERFORMER_ENGINE", dev_bundle().unwrap().clap.with_file_name(ENGINE));
    command.env("PATH", folder.path()).arg(at("bells.csd")).args(["--backend", "dummy"]);
    let mut program = Program(command.spawn().unwrap());
    let picture = until(&mut program, &screen, |picture| picture.colours() > 100);
    let mut twin = Desk::new(
        vec![FakePiece::csd(at("bells.csd"), &text)],
        [picture.width as f32, picture.height as f32],
    );
    twin.backend.change(|view| view.piece.recent = [].into());
    twin.open(&at("bells.csd"));
    let hands = Hands::on(server.display()).unwrap();

    // Long enough for a piece that is being taken.
    std::thread::sleep(Duration::from_secs(3));
    let menu = twin.window.get_by_label_contains("bells.csd").rect().center();
    hands.click(menu.x as i16, menu.y as i16).unwrap();
    std::thread::sleep(Duration::from_secs(1));
    twin.press_that_says("bells.csd");
    let export = place(&twin, Role::Button, "Export as plugin\u{2026}").center();
    hands.click(export.x as i16, export.y as i16).unwrap();
    twin.press("Export as plugin\u{2026}");
    let (clap, vst3) = (at("exported/bells/bells.clap"), at("exported/bells.vst3"));
    // Long enough for a look that writes: the window does not tell when it has looked.
    std::thread::sleep(Duration::from_secs(10));
    assert!(!clap.exists(), "nothing is written before it is agreed to");
    click_until(&hands, place(&twin, Role::Button, "Export"), "the export", || {
        clap.exists() && vst3.exists() && at("bells.csd.ids.json").exists()
    });
    twin.press("Export");
    click_until(&hands, place(&twin, Role::Button, "Show in folder"), "the folder", || at("shown").exists());
    let shown = fs::read_to_string(at("shown")).unwrap();
    assert_eq!(shown.trim_end(), at("exported").display().to_string());
    end(program);
    let plugins = Host::load(&clap).unwrap().plugins();
    assert_eq!(plugins.iter().map(|plugin| plugin.name.as_str()).collect::<Vec<_>>(), ["bells"]);
}
