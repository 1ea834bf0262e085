//! What must not move, not be cut and not mislead.

use csound_performer::editor::fake::FakePiece;
use csound_performer::editor::model::*;
use egui::accesskit::Role;
use egui_kittest::kittest::Queryable;

use crate::desk::*;

/// The places of what is shown all the time.
fn places(desk: &Desk) -> Vec<egui::Rect> {
    let always = ["Reload", "Stop", "Record", "Follow host", "Channels", "Console", "Position in the score"];
    let mut places: Vec<_> = always.iter().map(|label| desk.rect(label)).collect();
    places.push(desk.window.get_by_role_and_label(Role::Slider, "cutoff").rect());
    places
}

#[test]
fn nothing_moves_when_a_recording_begins_goes_on_and_ends() {
    let mut desk = Desk::on(synth());
    // The button says something else then.
    let record = desk.rect("Record");
    let before = places(&desk);
    let recording = RecordingView {
        active: true,
        seconds: 3.2,
        format: "24 bit · 48 kHz · 2 channels".into(),
        path: Some("/music/a quite long name of a piece 2026-11-26 14.03.12.wav".into()),
        folder: Some("/music".into()),
        ..RecordingView::default()
    };
    desk.backend.change(|view| view.recording = recording.clone());
    desk.steps(3);
    assert!(desk.shows("Recording") && desk.shows("00:03.2") && desk.shows("Show in folder"));
    assert_eq!(desk.rect("Stop recording"), record);
    desk.backend.change(|view| {
        view.recording = RecordingView { active: false, lost: 7, error: Some("full".into()), ..recording };
    });
    desk.steps(3);
    assert!(desk.shows("7 frames lost") && desk.shows("full"));
    assert_eq!(places(&desk), before);
}

#[test]
fn nothing_above_it_moves_when_something_is_told_and_it_is_seen_at_once() {
    let mut desk = Desk::on(synth());
    for (tab, label) in [("Channels", "cutoff"), ("Source", "Apply"), ("Events", "Send")] {
        desk.click(tab);
        desk.steps(3);
        let before = (places_of(&desk, label), places_of(&desk, "Record"));
        type Tell = fn(&mut View);
        let told: [(&str, Tell); 3] = [
            ("That could not be done", |view| view.refused = Some("no such file".into())),
            ("The piece names files that it may not read.", |view| {
                view.isolation.asks_to_read = Some("/music".into());
            }),
            ("The piece broke off and was started again", |view| {
                view.state = State::Restarted("it crashed".into());
            }),
        ];
        for (headline, tell) in told {
            desk.backend.change(tell);
            desk.steps(1);
            let (told, page) = (desk.rect(headline), desk.window.ctx.content_rect());
            assert!(page.contains_rect(told), "{headline}: {told} in the first frame, in {page}");
            assert_eq!((places_of(&desk, label), places_of(&desk, "Record")), before, "{tab}: {headline}");
        }
        desk.backend.change(|view| {
            (view.refused, view.state, view.isolation.asks_to_read) = (None, State::Playing, None);
        });
        desk.steps(2);
        assert_eq!((places_of(&desk, label), places_of(&desk, "Record")), before, "{tab}");
    }
}

#[test]
fn lines_of_instruments_and_slots_stay_where_they_are_when_something_is_told() {
    let instruments: String = (1..30).map(|number| format!("instr {number}\nendin\n")).collect();
    let text = format!("<CsInstruments>\n{instruments}</CsInstruments>\n");
    let mut desk = Desk::on(FakePiece::csd(PATH, &text));
    desk.click("Events");
    desk.steps(3);
    let place =
        |desk: &Desk| (desk.rect("Slot 1"), desk.window.get_by_label_contains("Console on the").rect());
    let before = place(&desk);
    desk.backend.change(|view| view.refused = Some("no such file".into()));
    desk.steps(3);
    assert_eq!(place(&desk), before);
    desk.backend.change(|view| view.refused = None);
    desk.steps(3);
    assert_eq!(place(&desk), before);
}

#[test]
fn the_reason_is_told_beside_the_errors_where_it_says_more() {
    let mut desk = Desk::on(bells());
    desk.click("Source");
    let hint = "It is written for Csound 7: choose it under Settings";
    desk.backend.change(|view| {
        view.source.failure = Some(format!("bells.csd does not compile. Line 3: a comma. {hint}"));
        view.source.errors =
            [SourceError { line: Some(3), text: "a comma".into(), ..SourceError::default() }].into();
    });
    desk.steps(2);
    assert_eq!(desk.window.query_all_by_label_contains(hint).count(), 1);
    let headline = "This text cannot be performed; what played before plays on";
    assert_eq!(desk.window.query_all_by_label(headline).count(), 1);
}

#[test]
fn nothing_moves_when_a_text_is_no_longer_the_saved_one() {
    let mut desk = Desk::on(bells());
    desk.enter_source();
    let place = |desk: &Desk| [desk.rect("Browse"), desk.rect("Reload")];
    let before = place(&desk);
    desk.write("; more");
    assert!(desk.shows("bells.csd *"));
    assert_eq!(place(&desk), before);
}

#[test]
fn what_is_wrong_with_a_text_is_told_once_and_moves_no_line_of_it() {
    let mut desk = Desk::on(bells());
    desk.click("Source");
    desk.steps(2);
    let text = |desk: &Desk| desk.window.get_by_label_contains("Text of").rect().min;
    let before = text(&desk);
    desk.backend.act(Action::Apply([BELLS.replace("oscili", "broken")].into()));
    desk.steps(2);
    let said = |desk: &Desk| {
        let told = desk.window.query_all_by_label_contains("syntax error, unexpected");
        (told.count(), desk.shows("This text cannot be performed; what played before plays on"))
    };
    assert_eq!(said(&desk), (1, true));
    assert_eq!(text(&desk), before);
    desk.click("Channels");
    desk.steps(2);
    assert_eq!(said(&desk), (1, true), "on the other pages by its first error");
}

#[test]
fn where_nothing_is_told_the_page_has_all_the_room() {
    let mut desk = Desk::on(synth());
    desk.click("Console");
    desk.backend.change(|view| {
        for number in 0..200 {
            view.console.push(Line { text: format!("line {number}").into(), ..Line::default() });
        }
    });
    desk.steps(3);
    let foot = desk.window.get_by_label_contains("CPU").rect().top();
    let room = foot - desk.rect("line 199").bottom();
    assert!(room < 35.0, "{room} points between the page and the foot");
}

/// The places of all that is called so.
fn places_of(desk: &Desk, label: &str) -> Vec<egui::Rect> {
    let places: Vec<_> = desk.window.query_all_by_label(label).map(|found| found.rect()).collect();
    assert!(!places.is_empty(), "{label}");
    places
}

#[test]
fn what_was_refused_is_closed_and_a_recording_that_waits_is_seen() {
    let mut desk = Desk::on(synth());
    desk.backend.change(|view| view.refused = Some("no such file".into()));
    desk.steps(2);
    let notice = desk.rect("no such file");
    let close = desk.window.get_all_by_label("Close").find(|close| close.rect().bottom() <= notice.top());
    close.unwrap().click();
    desk.steps(2);
    assert!(!desk.shows("no such file"));
    desk.backend.change(|view| {
        view.recording =
            RecordingView { waits: true, folder: Some("/music".into()), ..RecordingView::default() };
    });
    desk.steps(2);
    desk.log();
    desk.press("Do not record: it waits until the piece plays");
    assert!(desk.log().contains(&Action::Record(false)));
}

#[test]
fn a_program_without_a_host_follows_none_and_asks_before_it_opens_the_named_piece_over_what_is_not_saved() {
    let mut desk = Desk::new(vec![bells(), FakePiece::csd("/music/other.csd", BELLS)], [960.0, 640.0]);
    desk.open(std::path::Path::new(PATH));
    assert!(desk.shows("Follow host"));
    desk.backend.change(|view| view.is_alone = true);
    desk.steps(2);
    assert!(!desk.shows("Follow host"));
    desk.enter_source();
    desk.write("; not saved");
    desk.log();
    desk.backend.change(|view| view.named = Some("/music/other.csd".into()));
    desk.steps(3);
    assert!(!desk.log().iter().any(|action| matches!(action, Action::Open(_))), "it is asked for first");
    desk.press("Do not save");
    assert!(desk.log().contains(&Action::Open("/music/other.csd".into())));
    desk.steps(5);
    assert!(!desk.log().iter().any(|action| matches!(action, Action::Open(_))), "once");
}

#[test]
fn a_piece_that_nobody_hears_says_so() {
    let mut desk = Desk::on(synth());
    assert!(desk.shows("Playing"));
    desk.backend.change(|view| view.is_unheard = true);
    desk.steps(2);
    assert!(desk.shows("Playing, not heard"));
}

#[test]
fn the_score_s_time_ends_with_the_score() {
    let mut desk = Desk::on(synth());
    desk.backend.change(|view| view.transport.time = 75.0);
    desk.steps(2);
    assert!(desk.shows("01:00.0 of 01:00.0"), "the score has 60 seconds");
    desk.backend.change(|view| view.transport.length = None);
    desk.steps(2);
    assert!(desk.shows("01:15.0"), "a score without an end");
}

#[test]
fn the_whole_reason_is_shown_at_the_narrowest_too() {
    let reason = "The piece needs a permission that it does not have, and this sentence goes on for long enough to \
                  be cut in any window before it comes to the point: allow the folder /music/samples in the shield";
    let mut desk = Desk::new(vec![synth()], csound_performer::editor::SMALLEST);
    desk.backend.act(Action::Open(PATH.into()));
    for change in [
        (|view, reason| view.refused = Some(reason)) as fn(&mut View, String),
        |view, reason| (view.refused, view.state) = (None, State::Failed(reason)),
        |view, reason| view.state = State::Restarted(reason),
        |view, reason| {
            view.state = State::Playing;
            view.isolation.asks_to_read = Some(format!("/home/somebody/{}", reason.replace(' ', "/")).into());
        },
    ] {
        desk.backend.change(|view| change(view, reason.to_owned()));
        desk.steps(3);
        let end = if desk.shows("May this piece") { "in/the/shield" } else { "in the shield" };
        let shapes = &desk.window.output().shapes;
        let whole = shapes.iter().any(|clipped| match &clipped.shape {
            egui::Shape::Text(text) if text.galley.text().contains(end) => {
                !text.galley.elided
                    && clipped.clip_rect.expand(2.0).contains_rect(text.visual_bounding_rect())
            }
            _ => false,
        });
        assert!(whole, "{:?}", desk.backend.view().state);
    }
}

#[test]
fn the_menu_says_what_each_piece_is() {
    let mut desk = Desk::on(synth());
    desk.backend.change(|view| view.piece.recent = ["/music/old/strings.csd".into()].into());
    desk.steps(2);
    desk.window.get_by_label_contains("bells.csd").click();
    desk.steps(3);
    assert!(desk.shows("A first instrument"), "of a shipped piece, its sentence");
    assert!(desk.shows("/music/old"), "of another one, its folder");
    desk.window.get_by_label_contains("first.csd").click();
    desk.steps(2);
    assert!(desk.log().contains(&Action::OpenShipped(0)));
}
