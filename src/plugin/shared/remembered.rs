//! What a program of its own remembers of its instance: the state that a host would save. A plugin in a host has
//! nothing to do with it.
//!
//! The program says with which state its instance begins, and which piece is opened then ([`begin`]); the instance loads
//! it as soon as it is there ([`take_state`]), and the window leaves what there is when it closes ([`wait_for_end`]). No
//! file is read or written here.

use std::path::PathBuf;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use nice_plug::context::gui::GuiContext;
use nice_plug::prelude::PluginState;

use crate::plugin::pieces::choice::Choice;
use crate::plugin::session::{FIELD, Session};

/// How long a window that opens waits for what its state still has to do, such as looking for folders: that may take its
/// time on a slow disk.
const LONGEST_LOAD: Duration = Duration::from_secs(2);

/// How often it looks whether that is done.
const LOOK: Duration = Duration::from_millis(5);

/// How the instance of a program of its own begins.
#[derive(Clone, Debug)]
pub struct Start {
    /// Its state.
    pub state: PluginState,
    /// The piece that is opened then, as if the user chose its file.
    pub opens: Option<PathBuf>,
}

impl Start {
    /// Has its session perform by this Csound. *Auto* comes to one anew.
    fn choose_csound(&mut self, choice: &Choice) {
        let Some(text) = self.state.fields.get_mut(FIELD) else { return };
        // What cannot be read is refused when it is loaded, with the reason.
        let Ok(mut session) = Session::read(text) else { return };
        session.csound = choice.clone();
        session.csound_of_auto = None;
        *text = session.write();
    }
}

/// What the threads of the program share.
struct Remembered {
    /// Whether this is a program of its own.
    on: bool,
    /// By which Csound its instance performs, if that was said when it was started.
    csound: Option<Choice>,
    /// How its instance begins, until that is there.
    start: Option<Start>,
    begins_with_state: bool,
    /// Whether the instance has been there.
    has_begun: bool,
    /// The piece that the first window opens.
    opens: Option<PathBuf>,
    has_window: bool,
    asked_to_end: bool,
    end: Option<PluginState>,
}

static REMEMBERED: Mutex<Remembered> = Mutex::new(Remembered {
    on: false,
    csound: None,
    start: None,
    begins_with_state: false,
    has_begun: false,
    opens: None,
    has_window: false,
    asked_to_end: false,
    end: None,
});
static CHANGED: Condvar = Condvar::new();

fn remembered() -> MutexGuard<'static, Remembered> {
    REMEMBERED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// This is a program of its own, whose instance begins so, or else as new ones do.
pub fn begin(start: Option<Start>) {
    let mut shared = remembered();
    shared.on = true;
    shared.begins_with_state = start.is_some();
    shared.start = start;
}

/// The instance of this program performs by this Csound, whatever was remembered: the user has said so when it was
/// started. To be called before its instance is there.
pub fn choose_csound(choice: Choice) {
    let mut shared = remembered();
    if let Some(start) = &mut shared.start {
        start.choose_csound(&choice);
    }
    shared.csound = Some(choice);
}

/// What was chosen so.
pub fn chosen_csound() -> Option<Choice> {
    remembered().csound.clone()
}

/// Whether the instance begins with a state, so that no piece is opened of itself.
pub fn begins_with_state() -> bool {
    remembered().begins_with_state
}

/// Whether the instance is there, or has been.
pub fn has_begun() -> bool {
    remembered().has_begun
}

/// Whether a window has opened.
pub fn has_window() -> bool {
    remembered().has_window
}

/// The program is asked to end, or has ended.
pub fn ask_to_end() {
    remembered().asked_to_end = true;
    CHANGED.notify_all();
}

/// Waits until the program's window closes, and gives its last state. Once the program was asked to end, a window
/// gets `grace` for that; there is no state if none was open or it did not close.
pub fn wait_for_end(grace: Duration) -> Option<PluginState> {
    let mut shared = remembered();
    while shared.end.is_none() && !shared.asked_to_end {
        shared = CHANGED.wait(shared).unwrap_or_else(PoisonError::into_inner);
    }
    let began = Instant::now();
    while shared.end.is_none() && shared.has_window {
        let left = grace.checked_sub(began.elapsed())?;
        shared = CHANGED.wait_timeout(shared, left).unwrap_or_else(PoisonError::into_inner).0;
    }
    shared.end.take()
}

/// The state with which the instance of this program begins, if it begins with one: to be asked for once, by that
/// instance.
pub fn take_state() -> Option<PluginState> {
    let mut shared = remembered();
    shared.has_begun = true;
    let Start { state, opens } = shared.start.take()?;
    shared.opens = opens;
    Some(state)
}

/// A window has opened. Returns once nothing of the state is left to do, and gives the piece that is to be opened in
/// it as if the user chose it there: what is not saved is asked for first.
pub fn opened(is_busy: impl Fn() -> bool) -> Option<PathBuf> {
    let (begins_with_state, opens) = {
        let mut shared = remembered();
        shared.has_window = shared.on;
        (shared.begins_with_state, shared.opens.take())
    };
    let began = Instant::now();
    // The window takes its size and looks from what it finds at its first frame.
    while begins_with_state && is_busy() && began.elapsed() < LONGEST_LOAD {
        std::thread::sleep(LOOK);
    }
    opens
}

/// A window closes.
pub fn closed(host: &GuiContext) {
    if !remembered().on {
        return;
    }
    let state = host.get_state();
    remembered().end = Some(state);
    CHANGED.notify_all();
}
