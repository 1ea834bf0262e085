//! The page of an instance without a piece: it says what to do next.

use csound_performer::editor::fake::FakeDialogs;
use csound_performer::editor::model::*;

use crate::desk::{Desk, PATH, bells};

fn desk() -> Desk {
    let mut desk = Desk::with_dialogs(vec![bells()], [960.0, 640.0], FakeDialogs::new(PATH));
    desk.backend.take_log();
    desk.steps(1);
    desk
}

#[test]
fn a_first_instrument_plays_by_one_click() {
    let mut desk = desk();
    assert!(desk.shows("Begin here") && desk.shows("paste it here"));
    desk.press("Play a first instrument");
    assert_eq!(desk.log(), [Action::OpenShipped(0)]);
    assert!(!desk.shows("Begin here") && desk.shows("This piece has no channels"));
}

#[test]
fn pieces_are_browsed_and_files_opened_from_it() {
    let mut desk = desk();
    desk.press("Browse pieces");
    assert_eq!(desk.log(), [Action::LookAtCatalogue]);
    assert!(desk.has_button("Open first.csd"), "the browser is open, with the first piece at hand");
    desk.press("Close");
    desk.press("Open a file…");
    assert_eq!(desk.log(), [Action::Open(PATH.into())]);
}
