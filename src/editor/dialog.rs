//! File dialogs, each on a thread of its own: neither the window nor the host waits for them.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};

use super::model::{Action, Question};

/// Asks for files and folders.
pub trait Dialogs: Send {
    /// Opens a dialog, unless one is open.
    fn ask(&mut self, question: Question);

    /// Whether one is open that is not answered yet.
    fn is_open(&self) -> bool;

    /// The actions that the answers since the last call lead to.
    fn answers(&mut self) -> Vec<Action>;
}

/// The system's dialogs.
pub struct NativeDialogs {
    answer: Sender<Option<Vec<Action>>>,
    answers: Receiver<Option<Vec<Action>>>,
    open: bool,
    /// Called once there is an answer, by the dialog's thread.
    at_answer: Arc<dyn Fn() + Send + Sync>,
}

impl NativeDialogs {
    /// Calls `done` whenever a dialog is closed, from another thread.
    pub fn at_answer(&mut self, done: impl Fn() + Send + Sync + 'static) {
        self.at_answer = Arc::new(done);
    }
}

impl Default for NativeDialogs {
    fn default() -> Self {
        let (answer, answers) = channel();
        Self { answer, answers, open: false, at_answer: Arc::new(|| ()) }
    }
}

impl Dialogs for NativeDialogs {
    fn ask(&mut self, question: Question) {
        if self.open {
            return;
        }
        let (answer, done) = (self.answer.clone(), Arc::clone(&self.at_answer));
        let asking = std::thread::Builder::new().name("csound dialog".into()).spawn(move || {
            let actions = pick(&question).map(|path| question.answered(path));
            // The editor may be gone by now; then nobody wants to know.
            let _ = answer.send(actions);
            done();
        });
        self.open = asking.is_ok();
    }

    fn is_open(&self) -> bool {
        self.open
    }

    fn answers(&mut self) -> Vec<Action> {
        let mut actions = Vec::new();
        while let Ok(answer) = self.answers.try_recv() {
            self.open = false;
            actions.extend(answer.into_iter().flatten());
        }
        actions
    }
}

/// Waits for the user.
fn pick(question: &Question) -> Option<PathBuf> {
    let dialog = rfd::FileDialog::new();
    match question {
        Question::Open => dialog
            .set_title("Open a piece")
            .add_filter("Csound pieces", &["csd", "orc", "sco"])
            .add_filter("All files", &["*"])
            .pick_file(),
        Question::SaveAs(name, _) => dialog
            .set_title("Save the piece")
            .set_file_name(name)
            .add_filter("Csound piece", &["csd", "orc"])
            .save_file(),
        Question::AllowFolder => dialog.set_title("A folder that the piece may read").pick_folder(),
        Question::WriteFolder => dialog.set_title("A folder that the piece may write into").pick_folder(),
        Question::OpcodeLibrary => dialog
            .set_title("An opcode library that every piece may use")
            .add_filter("Opcode libraries", &["so", "dylib", "dll"])
            .pick_file(),
        Question::RecordInto => dialog.set_title("A folder for recordings").pick_folder(),
        Question::ChannelFile(name) => dialog.set_title(format!("A file for {name}")).pick_file(),
    }
}
