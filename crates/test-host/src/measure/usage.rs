//! What processes use: CPU time and memory, of this process and of the engines that it has started.

use std::time::Duration;

use anyhow::{Context, Result};
use nix::time::{ClockId, clock_getcpuclockid};
use nix::unistd::Pid;

use crate::processes::{children, is_alive, is_nursery};

/// The CPU time that this process and its engines have used. Engines that come later are not in it.
pub struct CpuMeter {
    clocks: Vec<ClockId>,
}

impl CpuMeter {
    /// Of this process and the engines it has now.
    ///
    /// # Errors
    /// An engine has ended meanwhile.
    pub fn new() -> Result<Self> {
        let mut clocks = vec![ClockId::CLOCK_PROCESS_CPUTIME_ID];
        for engine in engines() {
            clocks.push(clock_getcpuclockid(engine).context("an engine has ended")?);
        }
        Ok(Self { clocks })
    }

    /// Of this process alone, whatever it has started.
    pub fn of_this_process() -> Self {
        Self { clocks: vec![ClockId::CLOCK_PROCESS_CPUTIME_ID] }
    }

    /// The sum so far.
    ///
    /// # Errors
    /// An engine has ended.
    pub fn read(&self) -> Result<Duration> {
        let mut sum = Duration::ZERO;
        for clock in &self.clocks {
            sum += Duration::from(clock.now().context("an engine has ended")?);
        }
        Ok(sum)
    }
}

/// The processes that this one has started and that still run, but for nurseries.
pub fn engines() -> Vec<Pid> {
    running(|child| !is_nursery(child))
}

/// The processes from which engines are forked, and that still run.
pub fn nurseries() -> Vec<Pid> {
    running(is_nursery)
}

fn running(which: impl Fn(i32) -> bool) -> Vec<Pid> {
    let running = children().into_iter().filter(|child| is_alive(*child) && which(*child));
    running.map(Pid::from_raw).collect()
}

/// What memory a process uses, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Memory {
    /// Pages that several processes use count in parts (PSS).
    pub share: u64,
    /// Pages that the process has changed and nobody shares: what one more such process takes.
    pub own: u64,
}

/// A process's memory.
///
/// # Errors
/// The process has ended, or the system does not tell.
pub fn memory_of(process: Pid) -> Result<Memory> {
    let rollup = std::fs::read_to_string(format!("/proc/{process}/smaps_rollup"))
        .context("the system does not tell how much memory a process uses")?;
    let bytes = |name: &str| {
        let told = rollup.lines().find_map(|line| line.strip_prefix(name));
        let kilobytes = told.and_then(|told| told.split_whitespace().next()?.parse::<u64>().ok());
        Ok::<_, anyhow::Error>(kilobytes.with_context(|| format!("{name} is not told"))? * 1024)
    };
    Ok(Memory { share: bytes("Pss:")?, own: bytes("Private_Dirty:")? })
}

/// A process's share of memory in bytes: see [`Memory::share`].
///
/// # Errors
/// As [`memory_of`].
pub fn memory(process: Pid) -> Result<u64> {
    Ok(memory_of(process)?.share)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_child_is_found_with_its_memory_and_time() {
        let mut child = std::process::Command::new("sleep").arg("30").spawn().unwrap();
        let pid = Pid::from_raw(child.id() as i32);
        assert!(engines().contains(&pid));
        assert!(memory(Pid::this()).unwrap() > 1 << 16);
        let memory = memory_of(pid).unwrap();
        assert!(memory.own > 0 && memory.own < memory_of(Pid::this()).unwrap().own, "{memory:?}");
        // Tests of other threads may start and end children.
        if let Ok(meter) = CpuMeter::new() {
            let _ = meter.read();
        }
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(!engines().contains(&pid));
    }
}
