//! Instructions of a program's first thread, counted step by step: what callgrind cannot run is counted so. It is slow,
//! some hundred thousand instructions a second, and an instruction that is repeated for each byte counts as often.

use std::io::{BufReader, Write};
use std::os::fd::AsFd;
use std::process::{Child, Command};

use anyhow::{Context, Result, bail, ensure};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::ptrace;
use nix::sys::signal::Signal;
use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::Pid;
use test_host::measure::job::{self, READY, Run};

/// A subject whose first thread is stepped through. It ends with this.
struct Stepped(Child);

impl Drop for Stepped {
    fn drop(&mut self) {
        // It has ended already, at worst.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The instructions that a subject's first thread takes for a run, with those of its answer.
///
/// # Errors
/// It does not get ready, or may not be traced.
pub fn steps(mut command: Command, run: Run) -> Result<u64> {
    let mut subject = Stepped(command.spawn().context("the measuring program does not run")?);
    let mut ask = subject.0.stdin.take().context("no pipe to a subject")?;
    let mut answers = BufReader::new(subject.0.stdout.take().context("no pipe from a subject")?);
    let ready = job::next_answer::<String>(&mut answers)?;
    ensure!(ready.as_deref() == Some(READY), "a subject does not get ready: {ready:?}");
    let process = Pid::from_raw(subject.0.id() as i32);
    ptrace::seize(process, ptrace::Options::empty()).context("a subject may not be traced")?;
    ptrace::interrupt(process)?;
    waitpid(process, None)?;
    writeln!(ask, "{}", serde_json::to_string(&run)?)?;
    let mut steps = 0;
    // Until it has answered: the next thing that it does is to wait for us.
    while !is_readable(&answers) {
        ptrace::step(process, None)?;
        match waitpid(process, None)? {
            WaitStatus::Stopped(_, Signal::SIGTRAP) | WaitStatus::PtraceEvent(..) => steps += 1,
            WaitStatus::Stopped(_, signal) => {
                ptrace::step(process, signal)?;
                waitpid(process, None)?;
                steps += 1;
            }
            ended => bail!("a subject has ended: {ended:?}"),
        }
    }
    Ok(steps)
}

fn is_readable(answers: &BufReader<impl std::io::Read + AsFd>) -> bool {
    let mut there = [PollFd::new(answers.get_ref().as_fd(), PollFlags::POLLIN)];
    !answers.buffer().is_empty() || poll(&mut there, PollTimeout::ZERO).is_ok_and(|count| count > 0)
}
