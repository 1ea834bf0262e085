//! The editor's backend over a running instance: what it shows, and what its actions do.
#![cfg(target_os = "linux")]

mod common;

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use common::{csd, is_missing};
use csound_performer::csound::Library;
use csound_performer::editor::model::{Action, Backend, PlacedKind, State, View, Widget};
use csound_performer::engine::framing::Timing;
use csound_performer::performance::blocks::Blocks;
use csound_performer::plugin::control::{Control, HostFormat, Link};
use csound_performer::plugin::desk::Desk;
use csound_performer::plugin::params::PerformerParams;

const HEADER: &str = "sr = 48000\nksmps = 32\nnchnls = 2\n";

/// An instance without a host: its control thread, and blocks that the test performs.
struct Bench {
    link: Arc<Link>,
    desk: Desk,
    blocks: Blocks,
    view: View,
    _control: Control,
}

impl Bench {
    fn new() -> Self {
        let link = Arc::new(Link::default());
        let params = Arc::new(PerformerParams::new(Arc::clone(&link)));
        let control = Control::start(Arc::clone(&link)).unwrap();
        let host = HostFormat { sample_rate: 48_000.0, largest: 512, outputs: 2 };
        link.activate(host, params.start_options(), false);
        let mut blocks = Blocks::new(Arc::clone(&link.shared), Arc::clone(&link.arrivals));
        blocks.activate(48_000.0, 512, Timing::Exact);
        let desk = Desk::new(Arc::clone(&link), params);
        Self { link, desk, blocks, view: View::default(), _control: control }
    }

    fn play(&mut self) -> Vec<f32> {
        let mut left = vec![0.0; 512];
        if !self.blocks.has_engine() {
            self.blocks.activate(48_000.0, 512, Timing::Exact);
        }
        self.blocks.begin();
        self.blocks.process(&mut [&mut left], 512, true);
        left
    }

    /// Plays and looks until the view shows it.
    fn until(&mut self, what: &str, there: impl Fn(&View, &[f32]) -> bool) {
        let began = Instant::now();
        loop {
            let heard = self.play();
            self.desk.fill(&mut self.view);
            if there(&self.view, &heard) {
                return;
            }
            assert!(began.elapsed() < Duration::from_secs(40), "{what}: {:?}", self.view.state);
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

/// Runs the test in a process of its own whose configuration is empty.
fn alone(test: &str) -> bool {
    if std::env::var_os("CSOUND_PERFORMER_TEST_ALONE").is_some() {
        return true;
    }
    if is_missing("libcsound", Library::get().is_ok()) {
        return false;
    }
    let home = tempfile::tempdir().unwrap();
    let status = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test])
        .env("CSOUND_PERFORMER_TEST_ALONE", "1")
        .env("XDG_CONFIG_HOME", home.path())
        .status()
        .unwrap();
    assert!(status.success());
    false
}

fn write(folder: &Path, name: &str, text: &str) -> std::path::PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, text).unwrap();
    path
}

#[test]
fn a_piece_is_opened_edited_applied_in_vain_and_reloaded() {
    if !alone("a_piece_is_opened_edited_applied_in_vain_and_reloaded") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let level = |level: &str| {
        csd("", HEADER, &format!("instr 1\nouts a({level}), a({level})\nendin\n"), "i 1 0 1000")
    };
    let path = write(folder.path(), "level.csd", &level("0.25"));
    let mut bench = Bench::new();
    bench.desk.act(Action::Open(path.clone()));
    bench.until("it plays", |view, heard| view.state == State::Playing && heard[511] == 0.25);
    assert_eq!(
        (bench.view.piece.name.as_str(), bench.view.piece.path.as_deref()),
        ("level.csd", Some(path.as_path()))
    );
    assert_eq!(bench.view.piece.recent.as_ref(), std::slice::from_ref(&path));
    bench.desk.act(Action::Apply(vec![level("0.5")]));
    bench.until("the new text plays", |view, heard| view.source.answered == 1 && heard[511] == 0.5);
    assert!(bench.view.source.errors.is_empty());
    bench.desk.act(Action::Apply(vec![level("0.5 +,")]));
    bench.until("the broken one is answered", |view, _| view.source.answered == 2);
    assert!(
        bench
            .view
            .source
            .errors
            .iter()
            .any(|error| error.line == Some(12) && error.text.contains("syntax error")),
        "{:?}",
        bench.view.source.errors
    );
    assert_eq!(bench.play()[511], 0.5, "what played plays on");
    bench.desk.act(Action::Reload);
    bench.until("the file plays again", |view, heard| view.state == State::Playing && heard[511] == 0.25);
    bench.desk.act(Action::SaveAs(folder.path().join("copy.csd"), vec![level("0.75")]));
    bench.until("the copy plays", |view, heard| view.piece.name == "copy.csd" && heard[511] == 0.75);
    assert!(std::fs::read_to_string(folder.path().join("copy.csd")).unwrap().contains("0.75"));
    assert!(std::fs::read_to_string(&path).unwrap().contains("0.25"), "the first file is as it was");
}

#[test]
fn a_cabbage_piece_shows_its_widgets_at_their_places_and_its_slots_send() {
    if !alone("a_cabbage_piece_shows_its_widgets_at_their_places_and_its_slots_send") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let body = "instr 1\nkcut chnget \"cutoff\"\nouts a(kcut / 10000), a(0)\nendin\ninstr 2\nouts a(p4), a(p4)\nendin\n";
    let cabbage = "<Cabbage>\nform caption(\"Glass\") size(300, 200)\n\
                   rslider bounds(10, 20, 70, 80), channel(\"cutoff\"), range(20, 20000, 1000, 0.5, 1), text(\"Cutoff\")\n\
                   label bounds(5, 5, 100, 15), text(\"hello\")\n</Cabbage>\n";
    let path =
        write(folder.path(), "glass.csd", &(cabbage.to_owned() + &csd("", HEADER, body, "i 1 0 1000")));
    let mut bench = Bench::new();
    bench.desk.act(Action::Open(path));
    bench.until("the widget's value is applied", |view, heard| {
        view.state == State::Playing && (heard[511] - 0.1).abs() < 1e-6 && view.layout.is_some()
    });
    let channel = &bench.view.channels[0];
    assert_eq!((channel.name.as_str(), channel.title(), channel.widget), ("cutoff", "Cutoff", Widget::Knob));
    assert_eq!(channel.default, 1000.0);
    let layout = bench.view.layout.clone().unwrap();
    assert_eq!((layout.caption.as_str(), layout.size), ("Glass", [300.0, 200.0]));
    assert!(
        layout
            .widgets
            .iter()
            .any(|placed| placed.kind == PlacedKind::Control(0) && placed.bounds == [10.0, 20.0, 70.0, 80.0])
    );
    bench.desk.act(Action::SetSlot(4, "i 2 0 100 0.5".into()));
    bench.desk.act(Action::TriggerSlot(4));
    bench.until("the slot's note sounds", |view, heard| {
        view.slots[4].text.starts_with("i 2") && heard[511] > 0.55
    });
    bench.desk.act(Action::SetSlot(4, "i 2 0 [1+".into()));
    bench.desk.fill(&mut bench.view);
    assert!(bench.view.reply.as_ref().unwrap().error.is_some(), "a line that cannot be sent is refused");
    assert_eq!(bench.link.slots.texts()[4].line, "i 2 0 100 0.5");
}

#[test]
fn isolation_is_shown_and_a_folder_that_was_chosen_is_known() {
    if !alone("isolation_is_shown_and_a_folder_that_was_chosen_is_known") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path =
        write(folder.path(), "a.csd", &csd("", HEADER, "instr 1\nouts a(0.25), a(0)\nendin\n", "i 1 0 1000"));
    let mut bench = Bench::new();
    bench.desk.act(Action::Open(path));
    bench.until("it plays", |view, heard| view.state == State::Playing && heard[511] == 0.25);
    bench.until("its folder is known", |view, _| !view.isolation.folders.is_empty());
    assert!(!bench.view.isolation.trusted && bench.view.isolation.question.is_none());
    bench.desk.act(Action::Trust);
    bench.until("it is trusted", |view, _| view.isolation.trusted);
    bench.until("and plays on", |view, heard| view.state == State::Playing && heard[511] == 0.25);
}
