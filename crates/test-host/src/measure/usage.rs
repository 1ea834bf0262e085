//! What processes use: CPU time and memory, of this process and of the engines that it has started.

use std::time::Duration;

use anyhow::{Context, Result};
use nix::time::{ClockId, clock_getcpuclockid};
use nix::unistd::Pid;

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
    let mut children = children();
    children.retain(|child| !is_nursery(child.as_raw()));
    children
}

/// The processes from which engines are forked, and that still run.
pub fn nurseries() -> Vec<Pid> {
    let mut children = children();
    children.retain(|child| is_nursery(child.as_raw()));
    children
}

fn children() -> Vec<Pid> {
    let own = std::process::id();
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let processes = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
    processes.filter(|process| parent(*process) == Some(own)).map(Pid::from_raw).collect()
}

/// True if a process is a nursery: it has its own number in its name.
pub fn is_nursery(process: i32) -> bool {
    let name = std::fs::read_to_string(format!("/proc/{process}/comm")).unwrap_or_default();
    name.trim_end() == format!("nursery {process}")
}

/// The parent of a process that still runs.
fn parent(process: i32) -> Option<u32> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The name, in brackets, may hold anything.
    let mut after_name = stat.rsplit_once(')')?.1.split_whitespace();
    let state = after_name.next()?;
    let parent = after_name.next()?.parse().ok()?;
    (state != "Z").then_some(parent)
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
