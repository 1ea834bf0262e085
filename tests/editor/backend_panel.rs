//! The panel of the text that performs, over a running instance.

use csound_performer::editor::model::{Action, Backend, PlacedKind, View};

use crate::backend_bench::*;
use crate::common::csd;

/// A piece with this section, heard at this level.
fn with_section(section: &str, level: &str) -> String {
    format!("<Cabbage>\n{section}\n</Cabbage>\n{}", crate::backend_bench::level(level))
}

fn caption(view: &View) -> Option<&str> {
    view.layout.as_ref().map(|layout| layout.caption.as_str())
}

#[test]
fn the_panel_is_the_performing_texts_whatever_changed_it() {
    if !alone("backend_panel::the_panel_is_the_performing_texts_whatever_changed_it") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let keys = |caption: &str| {
        format!("form caption(\"{caption}\") size(300, 200)\nkeyboard bounds(0, 100, 300, 100)")
    };
    let path = write(folder.path(), "keys.csd", &with_section(&keys("Opened"), "0.25"));
    let mut bench = Bench::new();
    bench.desk.act(Action::Open(path.clone()));
    bench.until("a section without channels is shown", |view, heard| {
        heard[511] == 0.25 && caption(view) == Some("Opened")
    });
    let kinds: Vec<_> =
        bench.view.layout.as_ref().unwrap().widgets.iter().map(|placed| placed.kind).collect();
    assert_eq!(kinds, [PlacedKind::Keyboard]);
    let shows = |bench: &mut Bench, expected: &str| {
        bench.until(expected, |view, _| caption(view) == Some(expected));
    };

    bench.desk.act(Action::Apply(vec![with_section(&keys("Applied"), "0.25")]));
    shows(&mut bench, "Applied");
    bench.desk.act(Action::Save(vec![with_section(&keys("Saved"), "0.25")]));
    shows(&mut bench, "Saved");
    write(folder.path(), "keys.csd", &with_section(&keys("Reloaded"), "0.25"));
    bench.until("the change is seen", |view, _| view.piece.changed_on_disk);
    assert_eq!(caption(&bench.view), Some("Saved"), "what performs is shown");
    bench.desk.act(Action::Reload);
    shows(&mut bench, "Reloaded");
    bench.desk.act(Action::ReloadByItself(true));
    bench.until("it is watched", |view, _| view.saved.state.reload_by_itself);
    write(folder.path(), "keys.csd", &with_section(&keys("By itself"), "0.25"));
    shows(&mut bench, "By itself");
    bench.desk.act(Action::Apply(vec![level("0.25")]));
    bench.until("a section that is gone is not shown", |view, _| view.layout.is_none());
}

#[test]
fn a_text_that_fails_leaves_the_panel_of_what_plays_on() {
    if !alone("backend_panel::a_text_that_fails_leaves_the_panel_of_what_plays_on") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let section = |caption: &str, left: u32| {
        format!(
            "form caption(\"{caption}\") size(300, 200)\n\
             rslider bounds({left}, 0, 60, 60), channel(\"cutoff\"), range(0, 1, 0)"
        )
    };
    let path = write(folder.path(), "knob.csd", &with_section(&section("First", 0), "0.25"));
    let mut bench = Bench::new();
    bench.desk.act(Action::Open(path));
    bench.until("it plays", |view, heard| heard[511] == 0.25 && caption(view) == Some("First"));
    bench.desk.act(Action::Apply(vec![with_section(&section("Second", 100), "broken +,")]));
    bench.until("it fails", |view, _| view.source.answered == 1 && !view.source.errors.is_empty());
    for _ in 0..20 {
        bench.play();
        bench.desk.fill(&mut bench.view);
        std::thread::sleep(std::time::Duration::from_millis(20));
        assert_eq!(caption(&bench.view), Some("First"));
    }
    bench.desk.act(Action::Apply(vec![with_section(&section("First", 100), "0.25")]));
    bench.until("a widget of the same channel is moved", |view, _| {
        view.layout.as_ref().is_some_and(|layout| layout.widgets[0].bounds[0] == 100.0)
    });
    let other = write(folder.path(), "other.csd", &csd("", HEADER, "instr 1\nouts a(+,", "i 1 0 1000"));
    bench.desk.act(Action::Open(other));
    bench.until("another piece fails", |view, _| {
        view.piece.name == "other.csd" && view.source.failure.is_some()
    });
    assert_eq!(caption(&bench.view), Some("First"), "the first plays on under its own panel");
}
