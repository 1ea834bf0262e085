//! What processes use: CPU time and memory, of this process and of the engines that it has started,
//! and what others take of the machine meanwhile.

use std::time::{Duration, Instant};

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

/// What others take of the machine.
pub struct Others {
    began: Instant,
    /// Clock ticks of all processes, and of this one's children that have ended.
    ticks: Option<(u64, u64)>,
}

impl Others {
    /// From now on.
    pub fn new() -> Self {
        Self { began: Instant::now(), ticks: ticks() }
    }

    /// Their share of the processors' time, 0 to 1, as exactly as the system's clock ticks (a
    /// hundredth of a second) tell. Only children that have ended count as ours.
    pub fn share(&self) -> f64 {
        let (Some((all_before, own_before)), Some((all, own))) = (self.ticks, ticks()) else { return 0.0 };
        let others = (all - all_before).saturating_sub(own - own_before);
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        others as f64 / 100.0 / (self.began.elapsed().as_secs_f64() * processors as f64).max(0.01)
    }
}

impl Default for Others {
    fn default() -> Self {
        Self::new()
    }
}

/// Clock ticks of all processes, and of this one's children that have ended.
fn ticks() -> Option<(u64, u64)> {
    let machine = std::fs::read_to_string("/proc/stat").ok()?;
    let times: Vec<u64> =
        machine.lines().next()?.split_whitespace().skip(1).filter_map(|time| time.parse().ok()).collect();
    // user nice system idle iowait irq softirq; steal is time that the machine itself did not get.
    let all = [0, 1, 2, 5, 6].iter().filter_map(|at| times.get(*at)).sum();
    let own = std::fs::read_to_string("/proc/self/stat").ok()?;
    let fields = own.rsplit_once(')')?.1.split_whitespace();
    let own = fields.skip(13).take(2).filter_map(|time| time.parse::<u64>().ok()).sum();
    Some((all, own))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn others_take_a_share_of_the_machine() {
        let others = Others::new();
        std::thread::sleep(Duration::from_millis(20));
        assert!((0.0..=1.5).contains(&others.share()));
        assert!(ticks().is_some());
    }

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
