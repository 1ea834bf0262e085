//! Processes that this one or its plugins have started, as the system tells of them.

use std::fs;

/// The processes that a process has started and not yet waited for, in the order of their numbers. (The lists of
/// children that threads have in `/proc` can lack one while another ends.)
pub fn children_of(process: i32) -> Vec<i32> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let processes = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
    let mut children: Vec<_> = processes.filter(|child| parent(*child) == Some(process)).collect();
    children.sort_unstable();
    children
}

/// Those of this process.
pub fn children() -> Vec<i32> {
    children_of(std::process::id().cast_signed())
}

/// True while a process runs: not if it has ended and nobody has waited for it.
pub fn is_alive(process: i32) -> bool {
    state_and_parent(process).is_some_and(|(state, _)| state != "Z")
}

/// The name of a process, of which the system keeps 15 bytes; empty where there is none.
pub fn name(process: i32) -> String {
    fs::read_to_string(format!("/proc/{process}/comm")).unwrap_or_default().trim_end().to_owned()
}

/// True if a process is a nursery: it has its own number in its name.
pub fn is_nursery(process: i32) -> bool {
    name(process) == format!("nursery {process}")
}

fn parent(process: i32) -> Option<i32> {
    state_and_parent(process).map(|(_, parent)| parent)
}

fn state_and_parent(process: i32) -> Option<(String, i32)> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The name, in brackets, may hold anything.
    let mut after_name = stat.rsplit_once(')')?.1.split_whitespace();
    Some((after_name.next()?.to_owned(), after_name.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use std::process::{Command, Stdio};

    use super::*;

    #[test]
    fn a_child_is_told_of_until_it_is_waited_for_and_alive_until_it_ends() {
        let mut child = Command::new("cat").stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        let number = child.id().cast_signed();
        assert!(children().contains(&number) && is_alive(number) && !is_nursery(number));
        drop(child.stdin.take());
        while is_alive(number) {
            std::thread::yield_now();
        }
        assert!(children().contains(&number), "nobody has waited for it");
        child.wait().unwrap();
        assert!(!children().contains(&number) && !is_alive(number));
        assert_eq!(name(number), "");
    }
}
