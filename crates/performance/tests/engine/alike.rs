//! An engine that a nursery has forked is to the system what one is that was started as a program: what the one has
//! from the kernel at its start the other sets itself.

use std::collections::BTreeMap;

use csound_performance::engine::protocol::Bounds;
use csound_performance::engine::remote::{Options, RemoteEngine};

use super::nursery::{HEADER, LEVEL, hear, is_nursed, start};
use crate::common::engines::{nurseries, options, spec};
use crate::common::{csd, libcsound_is_missing};

/// All that the system says of a process and that is not its alone.
fn as_the_system_says(process: i32) -> BTreeMap<String, String> {
    let read = |file: &str| std::fs::read_to_string(format!("/proc/{process}/{file}")).unwrap();
    let mut said = BTreeMap::new();
    // What is another in each process, or grows and shrinks; and the number of filters, of which a nursery's
    // engine has one more.
    let own = [
        "Vm",
        "Rss",
        "Pid",
        "Tgid",
        "Ngid",
        "NSpid",
        "NStgid",
        "NSpgid",
        "NSsid",
        "voluntary",
        "nonvol",
        "Hugetlb",
        "Seccomp_filters",
        "FDSize",
        "SigQ",
        "State",
    ];
    for line in read("status").lines().filter(|line| !own.iter().any(|name| line.starts_with(name))) {
        let (name, value) = line.split_once(':').unwrap();
        said.insert(format!("status {name}"), value.trim().to_owned());
    }
    said.insert("limits".into(), read("limits"));
    said.insert("first to be ended when memory runs out".into(), read("oom_score_adj"));
    let stat = read("stat");
    let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
    for (name, field) in [("priority", 15), ("nice", 16), ("real-time priority", 37), ("policy", 38)] {
        said.insert(name.into(), fields[field].into());
    }
    said.insert("current folder".into(), current_folder(process));
    let shared = read("maps").lines().filter(|line| line.contains("memfd:csound-performer")).count();
    said.insert("mappings of shared memory".into(), shared.to_string());
    for descriptor in std::fs::read_dir(format!("/proc/{process}/fd")).unwrap().flatten() {
        let target = std::fs::read_link(descriptor.path()).unwrap().to_string_lossy().into_owned();
        if target.contains("csound-performer-opcodes-") {
            // The folder of links, which the program holds and not the nursery's engine: the host does there.
            continue;
        }
        let kind: String = target.chars().filter(|character| !character.is_ascii_digit()).collect();
        said.insert(format!("descriptor {}", descriptor.file_name().to_string_lossy()), kind);
    }
    said
}

/// The current folder; one of its own by its kind.
fn current_folder(process: i32) -> String {
    let folder = std::fs::read_link(format!("/proc/{process}/cwd")).unwrap();
    let name = folder.parent().unwrap().file_name().unwrap_or_default().to_string_lossy().into_owned();
    if name.starts_with("csound-performer-") { "one of its own".into() } else { folder.display().to_string() }
}

/// Limits of the host's, all of which an engine has as well or narrower.
fn limits_of(process: i32) -> BTreeMap<String, u64> {
    let limits = std::fs::read_to_string(format!("/proc/{process}/limits")).unwrap();
    let limit = |line: &str| {
        let (name, rest) = line.split_at_checked(26)?;
        let soft = rest.split_whitespace().next()?;
        Some((name.trim().to_owned(), soft.parse().unwrap_or(u64::MAX)))
    };
    limits.lines().skip(1).filter_map(limit).collect()
}

#[test]
fn the_system_says_of_it_what_it_says_of_a_program() {
    if libcsound_is_missing() {
        return;
    }
    // Others are there already, whose descriptors a later one must not have.
    let before = [start(&options(), LEVEL), start(&options(), LEVEL)];
    let home = tempfile::tempdir().unwrap();
    let home = home.path().canonicalize().unwrap();
    let narrow = |options: Options| {
        let bounds = Bounds { memory: 1 << 30, file: 1 << 20, realtime: 100_000, ..options.bounds };
        Options { bounds, ..options }
    };
    for (what, folder, options) in [
        ("without a folder", None, options()),
        ("with a folder", Some(&home), options()),
        ("in narrow bounds", None, narrow(options())),
    ] {
        let start = |options: &Options| {
            let mut spec = spec(csd("", HEADER, LEVEL, "i 1 0 3600"));
            spec.piece.folder = folder.cloned();
            RemoteEngine::start(&spec, options, &mut |_| ()).unwrap().engine
        };
        let (mut nursed, mut program) = (start(&options), start(&Options { nurseries: None, ..options }));
        assert!(is_nursed(&nursed) && !is_nursed(&program));
        [&mut nursed, &mut program].into_iter().for_each(hear);
        let [ours, theirs] = [&nursed, &program].map(|engine| engine.handle().process_id());
        let said = as_the_system_says(ours);
        assert_eq!(said, as_the_system_says(theirs), "{what}");
        // What both have is what they are to have, and not what both have by chance.
        let current = folder.map_or("one of its own".into(), |folder| folder.display().to_string());
        assert_eq!(said["current folder"], current, "{what}");
        assert_eq!(said["first to be ended when memory runs out"].trim(), "1000", "{what}");
        assert_eq!((&*said["policy"], &*said["real-time priority"]), ("0", "0"), "{what}");
        let (limits, nursery) = (limits_of(ours), limits_of(nurseries()[0]));
        for name in ["Max address space", "Max file size", "Max realtime timeout"] {
            assert!(limits[name] < limits_of(std::process::id() as i32)[name], "{what}: {name}");
        }
        assert!(nursery["Max file size"] > limits["Max file size"], "{what}: they are its own");
    }
    let folders = [&before[0], &before[1]]
        .map(|engine| std::fs::read_link(format!("/proc/{}/cwd", engine.handle().process_id())).unwrap());
    assert!(folders[0] != folders[1], "{folders:?}");
}
