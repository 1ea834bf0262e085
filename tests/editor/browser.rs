//! The browser of pieces and presets.

use csound_performer::editor::SMALLEST;
use csound_performer::editor::fake::FakePiece;
use csound_performer::editor::model::*;
use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable;

use crate::backend_bench::{alone, level};
use crate::desk::{BELLS, CONTROL, Desk, bells};
use crate::real::Real;

fn desk() -> Desk {
    let glass = FakePiece::csd("/music/glass.csd", &format!("; Glass, struck softly\n{BELLS}"));
    let glass = FakePiece { length: Some(7.0), ..glass };
    let mut desk = Desk::new(vec![bells(), glass], [960.0, 640.0]);
    for path in ["/music/bells.csd", "/music/glass.csd"] {
        desk.backend.act(Action::Open(path.into()));
    }
    desk.steps(2);
    desk.backend.take_log();
    desk
}

#[test]
fn the_header_opens_it_and_words_origins_and_tags_find_pieces() {
    let mut desk = desk();
    desk.press("Browse");
    assert_eq!(desk.log(), [Action::LookAtCatalogue]);
    for shown in ["first.csd", "glass.csd", "bells.csd", "Glass, struck softly"] {
        assert!(desk.shows(shown), "{shown}");
    }
    desk.write("STRUCK music");
    assert!(desk.has_button("glass.csd") && !desk.has_button("bells.csd") && !desk.has_button("first.csd"));
    desk.write(" nowhere");
    assert!(desk.shows("Nothing of that is here"));
    desk.key(CONTROL, Key::A);
    desk.write("s");
    assert!(desk.has_button("bells.csd") && desk.has_button("first.csd"));
    desk.press("Shipped");
    assert!(!desk.has_button("bells.csd") && desk.has_button("first.csd"));
    desk.press("All");
    assert!(desk.has_button("bells.csd"));
}

#[test]
fn a_piece_is_opened_by_keys_and_by_its_button_and_the_sheet_closes() {
    let mut desk = desk();
    desk.key(CONTROL, Key::B);
    desk.log();
    desk.key(Modifiers::NONE, Key::ArrowDown);
    desk.key(Modifiers::NONE, Key::ArrowDown);
    desk.key(Modifiers::NONE, Key::Enter);
    assert_eq!(desk.log(), [Action::Open("/music/bells.csd".into())], "what was opened last comes first");
    assert!(!desk.shows("Pieces and presets"));
    desk.press("Browse");
    desk.press("first.csd");
    assert!(desk.shows("Tags: MIDI") && desk.shows("A first instrument"));
    desk.log();
    desk.press("Open first.csd");
    assert_eq!(desk.log(), [Action::OpenShipped(0)]);
    assert!(!desk.shows("Pieces and presets"));
    desk.press("Browse");
    desk.log();
    desk.key(Modifiers::NONE, Key::Escape);
    assert!(desk.log().is_empty() && !desk.shows("Pieces and presets"));
}

#[test]
fn a_text_that_is_not_saved_is_asked_for_before_a_preset_takes_its_place() {
    let mut desk = desk();
    let save = Action::SavePreset { name: "Soft".into(), tags: vec!["pad".into()], replace: false };
    desk.backend.act(save);
    desk.enter_source();
    desk.write("x");
    desk.key(CONTROL, Key::B);
    desk.write("pad");
    desk.log();
    desk.press("Open Soft");
    assert_eq!(desk.log(), [], "it is asked first");
    desk.press("Do not save");
    assert!(matches!(desk.log()[..], [Action::OpenPreset(_)]));
}

#[test]
fn folders_are_added_and_taken_away_and_what_is_wrong_is_told() {
    let mut desk = desk();
    desk.backend.change(|view| view.catalogue.folders = [].into());
    desk.press("Browse");
    desk.backend.act(Action::AddPieceFolder("/music".into()));
    desk.steps(2);
    desk.press("My folders");
    assert!(desk.has_button("glass.csd") && !desk.has_button("first.csd"));
    desk.log();
    desk.press("Remove music");
    assert_eq!(desk.log(), [Action::RemovePieceFolder("/music".into())]);
    assert!(!desk.has_button("glass.csd"));
    desk.press("All");
    desk.backend.change(|view| {
        view.catalogue.notes = ["/far cannot be looked through: no".to_owned()].into();
        let entry = Entry {
            origin: Origin::Folder,
            opens: Opens::File("/music/pipe.csd".into()),
            name: "pipe.csd".into(),
            place: "/music".into(),
            about: String::new(),
            tags: Vec::new(),
            trouble: Some("it cannot be read: it is not an ordinary file".into()),
        };
        view.catalogue.entries = [entry].into();
    });
    desk.steps(2);
    assert!(desk.shows("/far cannot be looked through") && desk.shows("it is not an ordinary file"));
}

/// A piece of a folder, which says nothing of itself.
fn in_a_folder(number: u32) -> Entry {
    Entry {
        origin: Origin::Folder,
        opens: Opens::File(format!("/music/{number}.csd").into()),
        name: format!("{number}.csd"),
        place: "/music".into(),
        about: String::new(),
        tags: Vec::new(),
        trouble: None,
    }
}

#[test]
fn a_list_of_thousands_is_laid_out_as_far_as_it_is_seen() {
    let mut desk = desk();
    desk.press("Browse");
    desk.backend.change(|view| {
        view.catalogue.entries = (0..5000).map(in_a_folder).collect();
    });
    desk.steps(2);
    assert!(desk.has_button("0.csd") && !desk.has_button("400.csd"));
    for _ in 0..50 {
        desk.key(Modifiers::NONE, Key::PageDown);
    }
    desk.steps(3);
    assert!(desk.has_button("400.csd") && desk.has_button("Open 400.csd") && !desk.has_button("0.csd"));
}

/// A catalogue of pieces that say much of themselves.
fn with_much_to_say(desk: &mut Desk) {
    let words = "a bell that rings ".repeat(11);
    desk.backend.change(|view| {
        let entry = |number| Entry {
            about: format!("{number}: {words}and ends"),
            tags: (0..16).map(|tag| format!("a tag of some length {tag}")).collect(),
            ..in_a_folder(number)
        };
        view.catalogue.entries = (0..100).map(entry).collect();
    });
    desk.steps(4);
}

#[test]
fn what_a_piece_says_is_read_in_full_below_whole_rows_and_under_no_tooltip() {
    let mut desk = desk();
    desk.press("Browse");
    with_much_to_say(&mut desk);
    let texts = |desk: &Desk, begin: &str| {
        let shapes = desk.window.output().shapes.iter();
        let found = shapes.filter_map(|clipped| match &clipped.shape {
            egui::Shape::Text(text) if text.galley.text().starts_with(begin) => {
                let place = text.galley.rect.translate(text.pos.to_vec2());
                Some((text.galley.elided, place, clipped.clip_rect))
            }
            _ => None,
        });
        found.collect::<Vec<_>>()
    };
    let of_first = texts(&desk, "0: ");
    assert_eq!(
        of_first.iter().map(|(is_cut, ..)| *is_cut).collect::<Vec<_>>(),
        [true, false],
        "row, details"
    );
    assert!(!texts(&desk, "Tags: a tag of some length 0, ")[0].0 && desk.shows(" more"), "whole tags");
    let mut rows = 0;
    for number in 0..100 {
        for (is_cut, place, sight) in texts(&desk, &format!("{number}: ")) {
            rows += usize::from(is_cut && sight.is_positive());
            let is_whole = sight.height() + 1.0 >= place.height();
            assert!(!is_cut || !sight.is_positive() || is_whole, "{number}: {place} in {sight}");
        }
    }
    assert!(rows > 3, "{rows}");
    let row = desk.window.get_by_role_and_label(Role::Button, "0.csd").rect();
    let at = row.center() + egui::vec2(0.0, 8.0);
    desk.window.event(egui::Event::PointerMoved(at));
    desk.steps(90);
    assert_eq!(texts(&desk, "0: ").len(), 2, "no tooltip says it once more");
}

#[test]
fn in_the_smallest_window_all_of_the_sheet_is_seen() {
    let mut desk = Desk::new(vec![bells()], SMALLEST);
    desk.press("Browse");
    with_much_to_say(&mut desk);
    let (sheet, window) = (desk.rect("Close"), desk.window.ctx.content_rect());
    assert!(window.contains_rect(sheet), "{sheet} in {window}");
}

#[test]
fn a_plugin_of_one_piece_has_no_browser() {
    let mut desk = desk();
    desk.backend.change(|view| {
        view.export = Some(ExportView { name: "Bells".into(), shows_source: true });
    });
    desk.steps(2);
    desk.key(CONTROL, Key::B);
    assert!(!desk.has_button("Browse") && desk.log().is_empty() && !desk.shows("Pieces and presets"));
}

#[test]
fn a_piece_is_heard_by_its_button_or_a_key_and_no_longer_once_the_sheet_is_closed() {
    let mut desk = desk();
    desk.press("Browse");
    desk.press("glass.csd");
    desk.log();
    desk.press("Preview glass.csd");
    let glass = Opens::File("/music/glass.csd".into());
    assert_eq!(desk.log(), [Action::Preview(glass.clone())]);
    assert!(desk.shows("0 of 7 s") && desk.has_button("Stop glass.csd"));
    desk.press("first.csd");
    assert!(desk.shows("glass.csd: 0 of 7 s") && desk.has_button("Preview first.csd"));
    desk.key(CONTROL, Key::P);
    assert_eq!(desk.log(), [Action::Preview(Opens::Shipped(0))]);
    assert!(desk.shows("0 of 20 s at most"), "how long it is is not known");
    desk.key(CONTROL, Key::P);
    assert_eq!(desk.log(), [Action::EndPreview]);
    desk.key(CONTROL, Key::P);
    desk.log();
    desk.key(Modifiers::NONE, Key::Escape);
    assert_eq!(desk.log(), [Action::EndPreview], "the sheet is closed");
    desk.press("Browse");
    desk.press("glass.csd");
    desk.press("Preview glass.csd");
    desk.log();
    desk.press("Open glass.csd");
    assert_eq!(desk.log(), [Action::Open("/music/glass.csd".into()), Action::EndPreview]);
}

#[test]
fn what_is_wrong_with_a_preview_is_said_at_its_entry_and_presets_have_none() {
    let mut desk = desk();
    desk.backend.write_file("/music/glass.csd".as_ref(), "broken");
    desk.backend.act(Action::SavePreset { name: "Soft".into(), tags: Vec::new(), replace: false });
    desk.press("Browse");
    desk.press("glass.csd");
    desk.press("Preview glass.csd");
    assert!(desk.shows("it does not compile") && desk.has_button("Preview glass.csd"));
    desk.backend.change(|view| {
        if let Some(preview) = &mut view.preview {
            preview.stands = PreviewStands::Starting;
            preview.trouble = None;
        }
    });
    desk.steps(2);
    assert!(desk.shows("Starting …") && desk.has_button("Stop glass.csd"));
    desk.press("Soft");
    desk.log();
    assert!(desk.has_button("Open Soft") && !desk.has_button("Preview Soft"));
    desk.key(CONTROL, Key::P);
    assert_eq!(desk.log(), []);
}

#[test]
fn over_an_instance_a_piece_is_heard_beside_the_present_one() {
    if !alone("browser::over_an_instance_a_piece_is_heard_beside_the_present_one") {
        return;
    }
    let mut real = Real::on(&level("0.25"));
    real.open("quiet.csd", &level("0.0625"));
    real.hears("the present piece", 0.0625);
    real.key(CONTROL, Key::B);
    real.write("piece.csd");
    real.until("it is found", |real| real.shows("Preview piece.csd"));
    // The sheet finds its place.
    real.steps(10);
    real.click("Preview piece.csd");
    real.hears("both", 0.3125);
    assert_eq!(real.view().piece.name, "quiet.csd");
    real.key(Modifiers::NONE, Key::Escape);
    real.hears("the present piece alone", 0.0625);
    assert_eq!(real.view().preview, None);
    assert_eq!((real.view().piece.name, real.view().state), ("quiet.csd".to_owned(), State::Playing));
}
