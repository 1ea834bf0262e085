//! The fake, as it is held to the contract.

use std::path::{Path, PathBuf};

use csound_performer::editor::fake::{FakeBackend, FakePiece};
use csound_performer::editor::model::{Action, Backend, ScoreEntry, View};

use super::held::Side;
use super::piece::{channels, layout, piece};

pub struct Fake {
    backend: FakeBackend,
    view: View,
}

impl Fake {
    pub fn new() -> Self {
        Self { backend: FakeBackend::new(known()), view: View::default() }
    }

    pub fn with_both_csounds() -> Self {
        Self { backend: FakeBackend::with_both_csounds(known()), view: View::default() }
    }
}

fn known() -> Vec<FakePiece> {
    let csd = FakePiece::csd(path("contract.csd"), &piece("0.25"));
    let score = vec![ScoreEntry { instrument: "1".into(), begin: 0.0, length: 1000.0 }];
    vec![FakePiece { channels: channels(), layout: Some(layout()), score, length: Some(1000.0), ..csd }]
}

fn path(name: &str) -> PathBuf {
    Path::new("/music").join(name)
}

impl Side for Fake {
    fn act(&mut self, action: Action) {
        self.backend.act(action);
    }

    /// No time has to pass for it.
    fn until(&mut self, what: &str, there: &dyn Fn(&View) -> bool) {
        self.backend.fill(&mut self.view);
        assert!(there(&self.view), "{what}: {:?}, refused: {:?}", self.view.state, self.view.refused);
    }

    fn view(&self) -> &View {
        &self.view
    }

    fn write(&mut self, name: &str, text: &str) -> PathBuf {
        self.backend.write_file(&path(name), text);
        path(name)
    }

    fn is_exported(&self, path: &Path) -> bool {
        self.backend.is_exported(path)
    }

    fn read(&self, path: &Path) -> String {
        self.backend.file(path).unwrap()
    }
}
