//! The real backend over an instance with an engine, without a host: its control thread, blocks that the test
//! performs, and a host that does nothing but set parameters.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use csound_performance::engine::piece::{Piece, Source};
use csound_performer::editor::model::{Action, Backend, State, View};
use csound_performer::plugin::audio::transport::HostBlock;
use csound_performer::plugin::session::{self, SavedPiece, Session};

use super::held::Side;
use super::piece::piece;
use crate::backend_bench::Bench;

pub struct Instance {
    bench: Bench,
    folder: tempfile::TempDir,
}

impl Instance {
    pub fn new() -> Self {
        let bench = Bench::new();
        bench.open_window();
        Self { bench, folder: tempfile::tempdir().unwrap() }
    }
}

impl Side for Instance {
    fn act(&mut self, action: Action) {
        self.bench.desk.act(action);
    }

    fn until(&mut self, what: &str, there: &dyn Fn(&View) -> bool) {
        let began = Instant::now();
        loop {
            self.bench.perform(&[]);
            self.bench.desk.follow();
            self.bench.desk.fill(&mut self.bench.view);
            if there(&self.bench.view) {
                return;
            }
            let (state, refused) = (&self.bench.view.state, &self.bench.view.refused);
            assert!(began.elapsed() < Duration::from_secs(30), "{what}: {state:?}, refused: {refused:?}");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    fn view(&self) -> &View {
        &self.bench.view
    }

    fn write(&mut self, name: &str, text: &str) -> PathBuf {
        let path = self.folder.path().canonicalize().unwrap().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    fn is_exported(&self, path: &Path) -> bool {
        ["plugin.json", "Contents/Resources/plugin.json"].iter().any(|name| path.join(name).is_file())
    }

    fn read(&self, path: &Path) -> String {
        std::fs::read_to_string(path).unwrap()
    }
}

pub fn a_sessions_text_that_was_not_saved_can_be() {
    let mut instance = Instance::new();
    let path = instance.write("contract.csd", &piece("0.25"));
    let folder = path.parent().map(Path::to_owned);
    for (text, unsaved) in [("0.5", true), ("0.25", false)] {
        let piece =
            Piece { name: "contract.csd".into(), source: Source::Csd(piece(text)), folder: folder.clone() };
        let session = Session { piece: Some(SavedPiece::from(&piece)), ..Session::default() };
        instance.bench.link.load(&[(session::FIELD.to_owned(), session.write())].into());
        instance.until("it is known whether it was saved", &|view| {
            view.state == State::Playing && view.source.unsaved == unsaved
        });
    }
}

pub fn the_hosts_bar_is_shown() {
    let mut instance = Instance::new();
    instance.until("a host that says nothing has none", &|view| view.transport.host.is_none());
    let place = HostBlock { seconds: Some(4.0), beats: Some(7.5), tempo: Some(120.0), ..instance.bench.host };
    instance.bench.host = HostBlock { bar: Some((2, 6.0)), signature: Some((6, 8)), ..place };
    instance.until("the third bar, the fourth eighth", &|view| {
        view.transport.host.and_then(|host| host.bar) == Some((3, 4.0))
    });
    instance.bench.host = place;
    instance.until("only its seconds", &|view| {
        view.transport.host.is_some_and(|host| host.seconds == 4.0 && host.bar.is_none())
    });
}
