//! Every target on its seeds and on mutations of them, without a fuzzer.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::PathBuf;

use csound_performance::engine::foreign::read_events;
use csound_performance::engine::protocol::{Ask, Say};
use csound_performer_fuzz::{TARGETS, messages, seeds};
use test_host::project::root;
use test_host::testing::Random;

/// Mutations of each seed.
const MUTATIONS: usize = 200;

/// Most bytes that a mutation leaves.
const LONGEST: usize = 4096;

fn folder(target: &str) -> PathBuf {
    root().join("fuzz/corpus").join(target)
}

fn corpus(target: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let mut paths: Vec<_> =
        std::fs::read_dir(folder(target)).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.into_iter().map(|path| (path.clone(), std::fs::read(path).unwrap())).collect()
}

/// The bytes with some of them changed, left out, doubled, or taken from another seed.
fn mutated(bytes: &[u8], others: &[(PathBuf, Vec<u8>)], random: &mut Random) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for _ in 0..1 + random.below(4) {
        let (from, length) = (random.below(bytes.len() + 1), random.below(24));
        let to = (from + length).min(bytes.len());
        match random.below(5) {
            0 if from < bytes.len() => bytes[from] = random.below(256) as u8,
            1 => drop(bytes.drain(from..to)),
            2 => {
                let span = bytes[from..to].to_vec();
                let at = random.below(bytes.len() + 1);
                drop(bytes.splice(at..at, span));
            }
            3 => {
                let other = &others[random.below(others.len())].1;
                let begin = random.below(other.len() + 1);
                let end = (begin + length).min(other.len());
                drop(bytes.splice(from..to, other[begin..end].iter().copied()));
            }
            _ => bytes.insert(from, random.below(256) as u8),
        }
    }
    bytes.truncate(LONGEST);
    bytes
}

#[test]
fn no_seed_and_no_mutation_of_one_breaks_its_reader() {
    for (name, target) in TARGETS {
        let seeds = corpus(name);
        assert!(!seeds.is_empty(), "{name} has no seeds");
        for (path, bytes) in &seeds {
            target(bytes);
            for seed in 0..MUTATIONS as u64 {
                let bytes = mutated(bytes, &seeds, &mut Random::new(seed));
                if let Err(panic) = catch_unwind(AssertUnwindSafe(|| target(&bytes))) {
                    eprintln!("seed {seed} of {}: {:?}", path.display(), String::from_utf8_lossy(&bytes));
                    resume_unwind(panic);
                }
            }
        }
    }
}

#[test]
fn every_target_is_a_program_of_its_own() {
    let manifest = std::fs::read_to_string(root().join("fuzz/Cargo.toml")).unwrap();
    for (name, _) in TARGETS {
        assert!(manifest.contains(&format!("path = \"fuzz_targets/{name}.rs\"")), "{name}");
        let program = std::fs::read_to_string(root().join(format!("fuzz/fuzz_targets/{name}.rs"))).unwrap();
        assert!(program.contains(&format!("csound_performer_fuzz::{name}(")), "{program}");
    }
    assert_eq!(manifest.matches("[[bin]]").count(), TARGETS.len());
}

#[test]
fn seeds_that_processes_exchange_are_of_the_present_format() {
    for (target, name, bytes) in seeds::made() {
        let there = std::fs::read(folder(target).join(name)).unwrap_or_default();
        assert!(there == bytes, "{target}/{name} is old: cargo test -p csound-performer-fuzz -- --ignored");
    }
    let seed = |name: &str| std::fs::read(folder("protocol").join(name)).unwrap();
    assert_eq!(messages::<Ask>(&seed("asks"), 1 << 20), 6);
    assert_eq!(messages::<Say>(&seed("says"), 1 << 20), 10);
    let events = std::fs::read(folder("wire").join("events")).unwrap();
    assert_eq!(read_events(&events).count(), 11);
}

#[test]
#[ignore = "writes into the source"]
fn write_the_seeds_that_processes_exchange() {
    for (target, name, bytes) in seeds::made() {
        std::fs::create_dir_all(folder(target)).unwrap();
        std::fs::write(folder(target).join(name), bytes).unwrap();
    }
}
