//! The sheet of *Export as plugin…*, over the fake.

use csound_performer::editor::fake::{FakeBackend, FakeDialogs, FakePiece};
use csound_performer::editor::model::*;
use egui::Key;
use egui::accesskit::Role;
use egui_kittest::kittest::Queryable;

use crate::desk::{BELLS, Desk, PATH, synth};

fn lacking() -> FakePiece {
    let mut piece = synth();
    piece.files[0].text = BELLS.replace("instr 1\n", "instr 1\n  Sgone = \"gone.wav\"\n");
    piece
}

fn open_sheet(desk: &mut Desk) {
    desk.press_that_says("bells.csd");
    desk.press("Export as plugin\u{2026}");
}

fn wishes(desk: &Desk) -> Vec<ExportWish> {
    let wishes = desk.log().into_iter().filter_map(|action| match action {
        Action::Export(wish) => Some(*wish),
        _ => None,
    });
    wishes.collect()
}

#[test]
fn the_sheet_says_what_would_be_made_before_it_is_and_where_it_is_then() {
    let mut desk = Desk::on(lacking());
    open_sheet(&mut desk);
    let first = wishes(&desk);
    assert_eq!(first[0], ExportWish { out: "/music/exported".into(), ..ExportWish::default() });
    for shown in [
        "Export bells.csd as a plugin",
        "/music/exported",
        "gone.wav is not found",
        "cutoff, decay",
        "By Csound 6",
    ] {
        assert!(desk.shows(shown), "{shown}");
    }
    assert!(!desk.backend.is_exported("/music/exported/bells".as_ref()));
    desk.press("Export all the same");
    assert!(desk.shows("bells is exported") && desk.shows("/music/exported/bells.vst3"));
    desk.log();
    desk.press("Show in folder");
    assert!(desk.log().contains(&Action::ShowInFolder("/music/exported/bells".into())));
    desk.press("Close");
    assert!(!desk.shows("is exported"));
    // What is there is replaced only by a button that says so.
    open_sheet(&mut desk);
    assert!(desk.shows("older export of the same id"));
    assert!(desk.window.query_by_role_and_label(Role::Button, "Export all the same").is_none());
    desk.press("Replace it");
    assert!(desk.shows("bells is exported"));
}

#[test]
fn what_is_typed_and_chosen_is_wished_for() {
    let mut desk = Desk::on(synth());
    open_sheet(&mut desk);
    desk.log();
    for (field, text) in [("Name", "B\u{e4}lls/2"), ("Vendor", "Anna"), ("Version", "2.0"), ("Id", "org.a.b")]
    {
        desk.window.get_by_role_and_label(Role::TextInput, field).focus();
        desk.steps(2);
        desk.write(text);
    }
    desk.click("Put Csound inside, so that it plays where none is installed");
    desk.click("Show the source, the console and the permissions in its editor");
    desk.click("Let the DAW see play, record and so on as well");
    // The dialog answers at once with the piece's path.
    desk.press("Picture\u{2026}");
    let wish = wishes(&desk).pop().unwrap();
    let expected = ExportWish {
        name: "B\u{e4}lls/2".into(),
        vendor: "Anna".into(),
        version: "2.0".into(),
        id: "org.a.b".into(),
        out: "/music/exported".into(),
        picture: Some(PATH.into()),
        with_csound: true,
        show_source: true,
        performance_parameters: true,
        ..ExportWish::default()
    };
    assert_eq!(wish, expected);
    desk.press("More files\u{2026}");
    desk.press("Folder\u{2026}");
    let wish = wishes(&desk).pop().unwrap();
    let expected = ExportWish { with: vec![PATH.into()], out: PATH.into(), ..expected };
    assert_eq!(wish, expected, "what was chosen before stays");
    desk.press("Export");
    let wish = wishes(&desk).pop().unwrap();
    assert!(wish.agreed.is_some_and(|agreed| {
        agreed.name == "B\u{e4}lls/2" && agreed.csound == "Csound 6, which goes with it"
    }));
    assert!(desk.shows("Csound is inside"));
}

#[test]
fn a_channel_that_is_gone_can_be_said_to_have_a_new_name() {
    let mut desk = Desk::on(synth());
    open_sheet(&mut desk);
    desk.backend.change(|view| {
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        let found = Findings {
            gone: words(&["tone", "level"]),
            new: words(&["cutoff", "decay"]),
            notes: words(&["the last export had a parameter for tone, level"]),
            ..Findings::default()
        };
        view.exporting =
            Some(Exporting { wish: Default::default(), stands: Stands::Found(std::sync::Arc::new(found)) });
    });
    desk.steps(3);
    assert!(desk.shows("tone is gone. It is now called") && desk.shows("level is gone. It is now called"));
    desk.window.get_all_by_role(Role::ComboBox).nth(1).unwrap().click();
    desk.steps(3);
    desk.press("cutoff");
    desk.log();
    desk.press("Export all the same");
    let wish = wishes(&desk).pop().unwrap();
    assert_eq!(wish.renames, [("tone".to_owned(), "cutoff".to_owned())]);
    assert!(wish.agreed.is_some());
}

#[test]
fn a_text_that_is_not_saved_is_not_exported_and_a_failure_is_shown() {
    let mut desk = Desk::on(synth());
    desk.enter_source();
    desk.write("; a change\n");
    open_sheet(&mut desk);
    assert!(desk.shows("not saved"));
    desk.press("Cancel");
    assert!(!desk.shows("as a plugin"));
    desk.backend.change(|view| {
        let stands = Stands::Failed("there is no room on the disk".into());
        view.exporting = Some(Exporting { wish: Default::default(), stands });
    });
    desk.steps(3);
    assert!(desk.shows("no room on the disk"));
    desk.key(egui::Modifiers::NONE, Key::Escape);
    desk.steps(2);
    assert!(!desk.shows("no room on the disk"), "Escape closes it");
}

#[test]
fn without_file_dialogs_the_folder_can_be_typed() {
    let backend = std::sync::Arc::new(FakeBackend::new(vec![synth()]));
    backend.act(Action::Open(PATH.into()));
    let mut desk = Desk::over(backend, [960.0, 640.0], FakeDialogs::missing());
    open_sheet(&mut desk);
    desk.press("Folder\u{2026}");
    desk.window.get_by_role_and_label(Role::TextInput, "Path").focus();
    desk.steps(2);
    desk.write("/plugins");
    desk.press("OK");
    assert_eq!(wishes(&desk).pop().unwrap().out, std::path::PathBuf::from("/plugins"));
}
