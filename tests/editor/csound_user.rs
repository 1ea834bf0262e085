//! A user whose machine may have both Csounds, and what he sees of them.

use csound_performance::Generation;
use csound_performance::engine::piece::{Piece, Source};
use csound_performer::editor::model::{Action, Backend, Setting, State};
use csound_performer::plugin::pieces::choice::Named;
use csound_performer::plugin::session::{self, SavedPiece, Session};
use csound_performer::plugin::shared::locked::PieceState;
use test_host::tools::csound_7;

use crate::backend_bench::*;
use crate::common::csd;

/// A level that only Csound 6 takes: `true` is a word of 7's language.
pub fn of_six(level: &str) -> String {
    csd("", HEADER, &format!("instr 1\ntrue = 1\nouts a({level}), a({level})\nendin\n"), "i 1 0 1000")
}

/// A level that only Csound 7 takes.
pub fn of_seven(level: &str) -> String {
    csd("", HEADER, &format!("instr 1\nlevel:k = {level}\nouts a(level), a(level)\nendin\n"), "i 1 0 1000")
}

pub const ASKS_FOR_7: &str = "; csound-performer: csound=7\n";
pub const ASKS_FOR_6: &str = "; csound-performer: csound=6\n";

pub fn seven() -> Option<std::ffi::OsString> {
    csound_7().map(Into::into)
}

pub fn named(bench: &Bench) -> Option<Generation> {
    bench.link.named_csound().as_ref().and_then(Named::known)
}

pub fn performs_by(bench: &Bench) -> Option<i32> {
    bench.link.lock().performs_by.map(|(major, ..)| major)
}

pub fn said(bench: &Bench, words: &str) -> bool {
    bench.link.console().iter().any(|line| line.text.contains(words))
}

/// Why the piece does not perform.
pub fn failed(bench: &Bench) -> Option<String> {
    match bench.link.piece_state() {
        PieceState::Failed(failure) => Some(failure.reason),
        _ => None,
    }
}

pub fn settle(bench: &mut Bench) {
    bench.until("all is done", |view, _| view.state != State::Loading);
    while bench.link.has_errands() || bench.link.is_pending() {
        bench.play();
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    // An engine that has arrived is seated.
    bench.play();
    bench.desk.fill(&mut bench.view);
}

/// An instance whose editor is open.
pub struct User {
    pub bench: Bench,
    pub folder: tempfile::TempDir,
}

impl User {
    pub fn new() -> Self {
        Self::of(Bench::new())
    }

    pub fn of(bench: Bench) -> Self {
        bench.open_window();
        Self { bench, folder: tempfile::tempdir().unwrap() }
    }

    pub fn open(&mut self, text: &str) {
        let path = write(self.folder.path(), "piece.csd", text);
        self.act(Action::Open(path));
    }

    pub fn act(&mut self, action: Action) {
        self.bench.desk.act(action);
        settle(&mut self.bench);
    }

    pub fn choose(&mut self, index: usize) {
        self.act(Action::Set(Setting::Csound, index as f64));
    }

    pub fn load(&mut self, edit: impl FnOnce(&mut serde_json::Value), text: &str) {
        load(&mut self.bench, self.folder.path(), edit, text);
    }

    /// By which Csound it performs, and what the session says of that.
    pub fn stands(&self) -> (Option<i32>, Option<Generation>) {
        (performs_by(&self.bench), named(&self.bench))
    }
}

pub fn load(
    bench: &mut Bench,
    folder: &std::path::Path,
    edit: impl FnOnce(&mut serde_json::Value),
    text: &str,
) {
    let piece = Piece { name: "a.csd".into(), source: Source::Csd(text.into()), folder: Some(folder.into()) };
    let saved = Session { piece: Some(SavedPiece::from(&piece)), ..Session::default() };
    let mut value: serde_json::Value = serde_json::from_str(&saved.write()).unwrap();
    edit(&mut value);
    bench.link.load(&[(session::FIELD.to_owned(), value.to_string())].into());
    settle(bench);
}

pub fn saved(bench: &Bench) -> serde_json::Value {
    serde_json::from_str(&bench.link.save()[session::FIELD]).unwrap()
}

pub const SIX: (Option<i32>, Option<Generation>) = (Some(6), Some(Generation::Six));
pub const SEVEN: (Option<i32>, Option<Generation>) = (Some(7), Some(Generation::Seven));
