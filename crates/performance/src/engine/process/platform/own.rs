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

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::super::scheduling;
    use super::*;

    /// Set, to a folder, in the process that settles in there.
    const VARIABLE: &str = "CSOUND_PERFORMER_TEST_FOLDER";

    #[test]
    fn a_process_that_settles_in_has_a_folder_for_everything_and_waits_its_turn() {
        if let Some(folder) = std::env::var_os(VARIABLE) {
            // What a host that schedules in batches, or in real time, has handed down.
            // SAFETY: a parameter of the right type, for the calling thread.
            let changed = unsafe {
                let parameter: libc::sched_param = std::mem::zeroed();
                libc::sched_setscheduler(0, libc::SCHED_BATCH, &raw const parameter)
            };
            assert!(changed == 0 && scheduling() != Scheduling::default());
            settle_in(Path::new(&folder)).unwrap();
            assert_eq!(std::env::current_dir().unwrap(), Path::new(&folder));
            assert_eq!(std::env::temp_dir(), Path::new(&folder), "TMPDIR");
            let policy = scheduling().to_bits() & !(u64::from(libc::SCHED_RESET_ON_FORK as u32) << 32);
            assert_eq!(Scheduling::from_bits(policy), Scheduling::default());
            return;
        }
        let folder = tempfile::tempdir().unwrap();
        let name = "a_process_that_settles_in_has_a_folder_for_everything_and_waits_its_turn";
        let name = format!("{}::{name}", module_path!().split_once("::").unwrap().1);
        let output = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", &name, "--test-threads", "1"])
            .env(VARIABLE, folder.path().canonicalize().unwrap())
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success() && said.contains("1 passed"), "{said}");
    }
}
