//! Widgets that a piece changes while it performs, over a running instance.

use csound_performer::editor::model::{Action, Backend, PlacedKind, View};
use csound_performer::plugin::session::Session;

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
