//! What a process sets about itself while it has one thread.

use std::ffi::{CString, OsStr, OsString};
use std::io;
use std::path::Path;
use std::ptr::null_mut;

use rustix::process::Signal;

use super::scheduling::Scheduling;

/// Has the kernel end this process with the thread that started it.
///
/// # Errors
/// The system's error.
pub(crate) fn end_with_parent() -> io::Result<()> {
    Ok(rustix::process::set_parent_process_death_signal(Some(Signal::KILL))?)
}

/// Gives the calling thread a name; the system takes 15 characters of it.
pub(crate) fn set_name(name: &str) {
    if let Ok(name) = CString::new(name) {
        // It is for people who look at processes, and for finding a lost one: without it nothing fails.
        let _ = rustix::thread::set_name(&name);
    }
}

/// Gives this process a folder of its own, as its current one and for temporary files, and has it be scheduled in
/// turn with others.
///
/// # Errors
/// The system's error.
pub(crate) fn settle_in(folder: &Path) -> io::Result<()> {
    std::env::set_current_dir(folder)?;
    set_variable("TMPDIR".as_ref(), folder.as_os_str());
    Scheduling::default().give_to(0)
}

/// Makes the environment again what it was: what was taken from it, the values it had, and nothing more.
pub(crate) fn restore_environment(before: Vec<(OsString, OsString)>) {
    let names: Vec<_> = std::env::vars_os().map(|(name, _)| name).collect();
    for name in names.iter().filter(|name| !before.iter().any(|(known, _)| known == *name)) {
        // SAFETY: as in `set_variable`.
        unsafe { std::env::remove_var(name) };
    }
    for (name, value) in before {
        if std::env::var_os(&name).as_ref() != Some(&value) {
            set_variable(&name, &value);
        }
    }
}

fn set_variable(name: &OsStr, value: &OsStr) {
    // SAFETY: called in a nursery or in an engine that it has just borne, which have one thread each.
    unsafe { std::env::set_var(name, value) };
}

/// Writes out what the C library holds back of this process's output.
pub(crate) fn empty_output() {
    // SAFETY: a plain call: all streams.
    unsafe { libc::fflush(null_mut()) };
}

/// Ends the process. No exit handlers.
pub(crate) fn leave(code: i32) -> ! {
    // SAFETY: ends the process.
    unsafe { libc::_exit(code) }
}
