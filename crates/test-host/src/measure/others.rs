//! What other programs take of the machine while something is measured, and which they are.

use std::collections::HashMap;
use std::time::Instant;

/// Clock ticks in a second, as the system tells them.
const TICKS: f64 = 100.0;

/// What others take of the machine.
pub struct Others {
    began: Instant,
    /// Clock ticks of all processes, and of this one's children that have ended.
    ticks: Option<(u64, u64)>,
    /// What each process had used when it was last looked at.
    seen: HashMap<i32, u64>,
    /// By name, what others have used since the beginning, as far as somebody looked.
    used: HashMap<String, u64>,
}

impl Others {
    /// From now on.
    pub fn new() -> Self {
        let seen = processes().into_iter().map(|process| (process.id, process.ticks)).collect();
        Self { began: Instant::now(), ticks: ticks(), seen, used: HashMap::new() }
    }

    /// Notes who runs now and what they have used; a program that comes and ends between two looks is not named.
    pub fn look(&mut self) {
        self.note(&processes(), std::process::id() as i32);
    }

    fn note(&mut self, processes: &[Process], own: i32) {
        let parents: HashMap<i32, i32> =
            processes.iter().map(|process| (process.id, process.parent)).collect();
        for process in processes {
            let before = self.seen.insert(process.id, process.ticks).unwrap_or(0);
            if !descends(process.id, own, &parents) {
                let used = self.used.entry(process.name.clone()).or_default();
                // A number may have gone to another process meanwhile.
                *used += process.ticks.checked_sub(before).unwrap_or(process.ticks);
            }
        }
    }

    /// Their share of the processors' time, 0 to 1, as exactly as the system's clock ticks (a
    /// hundredth of a second) tell. Only children that have ended count as ours.
    pub fn share(&self) -> f64 {
        let (Some((all_before, own_before)), Some((all, own))) = (self.ticks, ticks()) else { return 0.0 };
        self.part(all.saturating_sub(all_before).saturating_sub(own.saturating_sub(own_before)))
    }

    /// The programs that took most, at most `most` of them, each with its share as [`share`](Self::share).
    pub fn busiest(&self, most: usize) -> Vec<(String, f64)> {
        let mut used: Vec<_> = self.used.iter().filter(|(_, ticks)| **ticks > 0).collect();
        used.sort_by(|(name, ticks), (other, theirs)| theirs.cmp(ticks).then(name.cmp(other)));
        used.into_iter().take(most).map(|(name, ticks)| (name.clone(), self.part(*ticks))).collect()
    }

    fn part(&self, ticks: u64) -> f64 {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        ticks as f64 / TICKS / (self.began.elapsed().as_secs_f64() * processors as f64).max(0.01)
    }
}

impl Default for Others {
    fn default() -> Self {
        Self::new()
    }
}

/// The system's load now, over the last minute; none where it does not tell.
pub fn load() -> Option<f64> {
    std::fs::read_to_string("/proc/loadavg").ok()?.split_whitespace().next()?.parse().ok()
}

/// A process that runs.
struct Process {
    id: i32,
    parent: i32,
    name: String,
    ticks: u64,
}

/// True if a process is `ancestor` or was started by it, or by one that it started.
fn descends(process: i32, ancestor: i32, parents: &HashMap<i32, i32>) -> bool {
    let mut at = process;
    // A process may end and its number begin anew while the list is read: no endless way up.
    for _ in 0..64 {
        if at == ancestor {
            return true;
        }
        let Some(parent) = parents.get(&at) else { return false };
        at = *parent;
    }
    false
}

fn processes() -> Vec<Process> {
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let ids = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
    ids.filter_map(|id| process(id, &std::fs::read_to_string(format!("/proc/{id}/stat")).ok()?)).collect()
}

/// A process, from what the system tells of it in one line.
fn process(id: i32, stat: &str) -> Option<Process> {
    // The name, in brackets, may hold anything.
    let (before, after) = stat.rsplit_once(')')?;
    let fields: Vec<&str> = after.split_whitespace().collect();
    let number = |at: usize| fields.get(at)?.parse::<u64>().ok();
    Some(Process {
        id,
        parent: fields.get(1)?.parse().ok()?,
        name: before.split_once('(')?.1.to_owned(),
        ticks: number(11)? + number(12)?,
    })
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
        std::thread::sleep(std::time::Duration::from_millis(20));
        assert!((0.0..=1.5).contains(&others.share()));
        assert!(ticks().is_some() && load().is_some());
        assert!(processes().iter().any(|process| process.id == std::process::id() as i32));
    }

    #[test]
    fn the_busiest_others_are_named_and_our_own_are_not() {
        let line = |id: i32, parent: i32, name: &str, ticks: u64| {
            let stat = format!("{id} ({name}) S {parent} 1 1 0 -1 0 0 0 0 0 {ticks} 5 0 0 20");
            process(id, &stat).unwrap()
        };
        let first = [line(1, 0, "init", 0), line(7, 1, "bench", 10), line(8, 1, "a (b) c", 100)];
        let mut others = Others { seen: HashMap::new(), ..Others::new() };
        others.seen.extend(first.iter().map(|process| (process.id, process.ticks)));
        let second = [
            line(1, 0, "init", 0),
            line(7, 1, "bench", 900),
            line(8, 1, "a (b) c", 400),
            line(9, 7, "engine", 800),
            line(10, 9, "child of it", 800),
            line(11, 1, "compiler", 200),
            line(12, 1, "compiler", 200),
        ];
        others.note(&second, 7);
        let names: Vec<_> = others.busiest(2).into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["compiler", "a (b) c"]);
        let used = |name: &str| others.used.get(name).copied();
        assert_eq!((used("compiler"), used("a (b) c"), used("engine")), (Some(410), Some(300), None));
    }
}
