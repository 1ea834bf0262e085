//! An engine's process, as its host starts, watches and ends it.

use std::ffi::OsString;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rustix::io::Errno;
use rustix::process::{Pid, PidfdFlags, Signal, WaitId, WaitIdOptions};

use super::birth::exit_status;
use super::sockets::wait_for;

/// The longest wait for the end of a process that was killed. The kernel can hold one up: a disk that does not
/// answer, a machine without memory.
const ENDING: Duration = Duration::from_secs(5);

/// The pause between two looks at it.
const LOOK: Duration = Duration::from_millis(20);

/// The same where it has no descriptor, which would say so at once.
const SHORT_LOOK: Duration = Duration::from_millis(1);

/// A started program. It is watched through its descriptor, never through the host's SIGCHLD. It ends with its
/// owner, at the latest.
pub(crate) struct Process {
    pid: Pid,
    descriptor: OwnedFd,
}

/// A program to start.
pub(crate) struct Program<'a> {
    /// Its file.
    pub file: &'a Path,
    /// Its argument, if it has one.
    pub argument: Option<&'a str>,
    /// Its current folder, which is also where it puts temporary files.
    pub folder: &'a Path,
    /// Its environment, but for `TMPDIR`.
    pub environment: &'a [(OsString, OsString)],
}

/// The way in which a program ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    /// It returned a code.
    Code(i32),
    /// A signal ended it.
    Signal(i32),
    /// The host has collected it before we could ask, and the system does not tell any more.
    Unknown,
}

impl Process {
    /// Starts a program with three descriptors of ours as its first three.
    ///
    /// # Errors
    /// The system's error.
    pub(crate) fn start(program: &Program<'_>, descriptors: [OwnedFd; 3]) -> io::Result<Self> {
        let [first, second, third] = descriptors;
        let mut command = Command::new(program.file);
        command
            .args(program.argument)
            .current_dir(program.folder)
            .env_clear()
            .envs(program.environment.iter().map(|(name, value)| (name, value)))
            .env("TMPDIR", program.folder)
            .stdin(first)
            .stdout(second)
            .stderr(Stdio::from(third));
        let child = command.spawn()?;
        let pid = Pid::from_child(&child);
        // The child is not collected yet, so the number is still its own; if the host collects
        // all children by itself, the call fails at worst.
        let descriptor = rustix::process::pidfd_open(pid, PidfdFlags::empty()).inspect_err(|_| {
            // Without a descriptor (there may be none left) nobody could watch it.
            end_child(pid.as_raw_nonzero().get());
        })?;
        Ok(Self { pid, descriptor })
    }

    /// A child of this process that another has made, from its number and the descriptor that came with it.
    pub(crate) fn of(number: i32, descriptor: OwnedFd) -> Option<Self> {
        Some(Self { pid: Pid::from_raw(number)?, descriptor })
    }

    /// The process's number.
    pub(crate) fn id(&self) -> i32 {
        self.pid.as_raw_nonzero().get()
    }

    /// Readable once the process has ended.
    pub(crate) fn descriptor(&self) -> BorrowedFd<'_> {
        self.descriptor.as_fd()
    }

    /// Ends it, whatever it does.
    pub(crate) fn kill(&self) {
        // It has ended already, at worst.
        let _ = rustix::process::pidfd_send_signal(&self.descriptor, Signal::KILL);
    }

    /// Ends it and collects it; true if it has ended in time.
    pub(crate) fn end(&self) -> bool {
        let until = Instant::now() + ENDING;
        while self.ended().is_none() {
            if Instant::now() > until {
                return false;
            }
            self.kill();
            let [_ended] = wait_for([self.descriptor()], LOOK);
        }
        true
    }

    /// The way in which it ended, if it has. Collects it.
    pub(crate) fn ended(&self) -> Option<Ended> {
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG;
        match rustix::process::waitid(WaitId::PidFd(self.descriptor.as_fd()), options) {
            Ok(None) => None,
            Ok(Some(status)) => Some(match (status.exit_status(), status.terminating_signal()) {
                (Some(code), _) => Ended::Code(code),
                (None, Some(signal)) => Ended::Signal(signal),
                (None, None) => Ended::Unknown,
            }),
            Err(Errno::INTR) => None,
            // The host has collected it before us: the descriptor may know.
            Err(_) => Some(exit_status(self.descriptor.as_fd()).map_or(Ended::Unknown, Ended::of_status)),
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // One that the kernel holds up has its death before it, and nobody else could hasten it.
        let _ = self.end();
    }
}

/// Ends a child of this process that is known by its number alone, whatever it does, and collects it. It needs no
/// descriptor, of which there may be none left. True if it has ended in time, or is none of this process's.
pub(crate) fn end_child(child: i32) -> bool {
    let Some(child) = Pid::from_raw(child) else { return true };
    let until = Instant::now() + ENDING;
    loop {
        match rustix::process::waitid(WaitId::Pid(child), WaitIdOptions::EXITED | WaitIdOptions::NOHANG) {
            Ok(None) | Err(Errno::INTR) => {}
            // It is collected now, or somebody else has done so.
            Ok(Some(_)) | Err(_) => return true,
        }
        if Instant::now() > until {
            return false;
        }
        // It was just seen to be there, not collected: the number is its own.
        let _ = rustix::process::kill_process(child, Signal::KILL);
        std::thread::sleep(SHORT_LOOK);
    }
}

impl Ended {
    /// From a status as `wait` gives it.
    fn of_status(status: i32) -> Self {
        match status & 0x7F {
            0 => Self::Code(status >> 8 & 0xFF),
            signal => Self::Signal(signal),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_process_that_somebody_else_has_collected_is_known_where_the_kernel_tells() {
        let mut child = Command::new("sh").args(["-c", "exit 7"]).spawn().unwrap();
        let pid = Pid::from_child(&child);
        let descriptor = rustix::process::pidfd_open(pid, PidfdFlags::empty()).unwrap();
        let process = Process::of(pid.as_raw_nonzero().get(), descriptor).unwrap();
        child.wait().unwrap();
        let release = rustix::system::uname().release().to_string_lossy().into_owned();
        let mut numbers = release.split(['.', '-']).map_while(|number| number.parse::<u32>().ok());
        let tells = (numbers.next(), numbers.next()) >= (Some(6), Some(15));
        assert_eq!(process.ended(), Some(if tells { Ended::Code(7) } else { Ended::Unknown }));
    }

    /// A program that does nothing for a minute, and its number.
    fn sleeper() -> (Process, i32) {
        let environment = [("PATH".into(), std::env::var_os("PATH").unwrap())];
        let program = Program {
            file: Path::new("sleep"),
            argument: Some("60"),
            folder: Path::new("/"),
            environment: &environment,
        };
        let nothing = || super::super::nothing().unwrap();
        let process = Process::start(&program, [nothing(), nothing(), nothing()]).unwrap();
        let number = process.id();
        (process, number)
    }

    #[test]
    fn a_process_ends_with_its_owner_and_one_that_is_known_by_its_number_when_told() {
        let is_there = |number: i32| Path::new(&format!("/proc/{number}")).exists();
        let (process, number) = sleeper();
        assert!(is_there(number));
        drop(process);
        assert!(!is_there(number), "it is collected, too");
        let (process, number) = sleeper();
        assert!(is_there(number) && end_child(number) && !is_there(number));
        // It was collected behind its owner's back.
        assert!(process.ended().is_some() && process.end());
        assert!(end_child(number) && end_child(1), "neither is a child of this process");
        assert!(is_there(1));
    }

    #[test]
    fn a_status_is_a_code_or_a_signal() {
        assert_eq!(Ended::of_status(0), Ended::Code(0));
        assert_eq!(Ended::of_status(3 << 8), Ended::Code(3));
        assert_eq!(Ended::of_status(libc::SIGSEGV), Ended::Signal(libc::SIGSEGV));
        // With a core beside it.
        assert_eq!(Ended::of_status(libc::SIGSEGV | 0x80), Ended::Signal(libc::SIGSEGV));
    }
}
