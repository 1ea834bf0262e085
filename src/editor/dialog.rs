//! File dialogs, each on a thread of its own: neither the window nor the host waits for them.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use super::model::{Action, PathKind, Question};

/// Asks for files and folders.
pub trait Dialogs: Send {
    /// Opens a dialog, unless one is open.
    fn ask(&mut self, question: Question);

    /// Whether one is open that is not answered yet.
    fn is_open(&self) -> bool;

    /// The question whose dialog could not be opened, once.
    fn take_failed(&mut self) -> Option<Question>;

    /// The actions that the answers since the last call lead to.
    fn answers(&mut self) -> Vec<Action>;
}

/// The system's dialogs.
pub struct NativeDialogs {
    answer: Sender<Answer>,
    answers: Receiver<Answer>,
    open: bool,
    failed: Option<Question>,
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
        Self { answer, answers, open: false, failed: None, at_answer: Arc::new(|| ()) }
    }
}

impl Dialogs for NativeDialogs {
    fn ask(&mut self, question: Question) {
        if self.open {
            return;
        }
        let (answer, asked, done) = (self.answer.clone(), question.clone(), Arc::clone(&self.at_answer));
        let asking = std::thread::Builder::new().name("csound dialog".into()).spawn(move || {
            // The editor may be gone by now; then nobody wants to know.
            let _ = answer.send(ask(asked));
            done();
        });
        self.open = asking.is_ok();
        self.failed = (!self.open).then_some(question);
    }

    fn is_open(&self) -> bool {
        self.open
    }

    fn take_failed(&mut self) -> Option<Question> {
        self.failed.take()
    }

    fn answers(&mut self) -> Vec<Action> {
        let mut actions = Vec::new();
        while let Ok(answer) = self.answers.try_recv() {
            self.open = false;
            match answer {
                Answer::Actions(chosen) => actions.extend(chosen),
                Answer::Failed(question) => self.failed = Some(question),
            }
        }
        actions
    }
}

/// Nobody calls a dialog off in so short a time: there was none.
const SHORTEST: Duration = Duration::from_millis(250);

/// What came of a dialog.
enum Answer {
    /// Actions, or none: it was called off.
    Actions(Vec<Action>),
    /// It could not be opened.
    Failed(Question),
}

/// Waits for the user.
fn ask(question: Question) -> Answer {
    let began = Instant::now();
    match pick(&question) {
        Some(path) => Answer::Actions(question.answered(path)),
        None if began.elapsed() < SHORTEST => Answer::Failed(question),
        None => Answer::Actions(Vec::new()),
    }
}

fn pick(question: &Question) -> Option<PathBuf> {
    let dialog = rfd::FileDialog::new().set_title(question.title());
    match question {
        Question::Open => dialog
            .add_filter("Csound pieces", &["csd", "orc", "sco"])
            .add_filter("All files", &["*"])
            .pick_file(),
        Question::SaveAs(name, _) => {
            dialog.set_file_name(name).add_filter("Csound piece", &["csd", "orc"]).save_file()
        }
        Question::OpcodeLibrary => dialog.add_filter("Opcode libraries", &["so", "dylib", "dll"]).pick_file(),
        Question::ImportPresets => dialog.add_filter("Presets", &["csdpreset", "snaps"]).pick_file(),
        Question::Tuning => dialog.add_filter("Tunings", &["scl", "kbm", "SCL", "KBM"]).pick_file(),
        Question::AllowFolder
        | Question::WriteFolder
        | Question::PieceFolder
        | Question::ManualFolder
        | Question::RecordInto
        | Question::ExportFolder(_) => dialog.pick_folder(),
        Question::ExportPicture(_) => dialog.add_filter("Pictures", &["png"]).pick_file(),
        Question::ChannelPath(_, wish) => {
            let dialog = match wish.endings.is_empty() {
                true => dialog,
                false => dialog
                    .add_filter("Files that the piece asks for", &wish.endings)
                    .add_filter("All files", &["*"]),
            };
            match wish.kind {
                PathKind::File => dialog.pick_file(),
                PathKind::Folder => dialog.pick_folder(),
                PathKind::New => dialog.save_file(),
            }
        }
        Question::ExportFile(_) => dialog.pick_file(),
    }
}
