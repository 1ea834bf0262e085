//! Native code in a confined engine tries every system call there is: those that are carried out are
//! exactly the list in `permitted.txt`, and none of them changes anything outside the engine's folder.
//!
//! The code is an opcode library (`try_calls.c`) that Csound loads as a piece's. Each call on the list has
//! an engine of its own; the others are tried one after another, and where one ends its engine or blocks
//! it, which tells that it was not refused, the rest goes on in a new one. Where an engine loads libraries from
//! is said by the environment, so each test runs once more in a process of its own.
#![cfg(all(target_os = "linux", target_arch = "x86_64"))]

mod attempts;
mod calls;
#[path = "../common/mod.rs"]
mod common;
mod network;
mod victims;

use std::collections::BTreeSet;
use std::path::PathBuf;

use attempts::*;
use calls::*;
use common::{csd, engines};
use csound_performance::engine::protocol::{Confinement, Network};
use csound_performance::engine::remote::{Options, RemoteEngine};
use syscalls::Sysno;
use victims::*;

#[test]
fn the_calls_that_are_carried_out_are_the_list() {
    if in_a_process_of_its_own("the_calls_that_are_carried_out_are_the_list", None) {
        carried_out_is_the_list();
    }
}

#[test]
fn the_calls_that_are_carried_out_for_an_ordinary_user_are_the_list() {
    let name = "the_calls_that_are_carried_out_for_an_ordinary_user_are_the_list";
    // Where this is no root, the other test is one by an ordinary user, too.
    let user = rustix::process::geteuid().is_root().then_some(NOBODY);
    if in_a_process_of_its_own(name, user) {
        assert!(!rustix::process::geteuid().is_root());
        carried_out_is_the_list();
    }
}

#[test]
fn the_calls_that_are_carried_out_in_an_engine_that_is_a_program_are_the_list() {
    if with_programs("the_calls_that_are_carried_out_in_an_engine_that_is_a_program_are_the_list") {
        carried_out_is_the_list();
    }
}

#[test]
fn everything_here_holds_over_csound_7() {
    if test_host::testing::again_over_csound_7(&[]) {
        assert_eq!(csound_library::Library::get().unwrap().generation(), csound_library::Generation::Seven);
    }
}

/// That its engines came from a nursery, or not, as it was meant.
fn assert_way() {
    let is_off = std::env::var_os("CSOUND_PERFORMER_NURSERY").is_some();
    assert_eq!(engines::nurseries().is_empty(), is_off);
}

fn carried_out_is_the_list() {
    let is_permitted = |attempt: &Attempt| {
        PERMITTED
            .lines()
            .any(|name| attempt.name.strip_prefix(name).is_some_and(|rest| rest.starts_with('/')))
    };
    // What is carried out may leave its mark on the process, so each has one of its own.
    let (permitted, refused): (Vec<_>, Vec<_>) = every_call().into_iter().partition(is_permitted);
    let mut results = try_all(&refused, &Confinement::default());
    for alone in &permitted {
        results.extend(try_all(std::slice::from_ref(alone), &Confinement::default()));
    }
    let carried_out: BTreeSet<&str> = results
        .iter()
        .filter(|(_, became)| !became.is_refusal())
        .filter_map(|(name, _)| name.split('/').next())
        .collect();
    assert_way();
    let permitted: BTreeSet<&str> = PERMITTED.lines().collect();
    // The kernel asks no filter about these two: they belong to probes, and end whoever else calls them.
    let probes = ["uprobe", "uretprobe"];
    for name in probes {
        let became = results.get(&format!("{name}/nothing"));
        assert!(matches!(became, Some(Became::End(_) | Became::Result(-1, _))), "{became:?}");
    }
    let surplus: Vec<_> = carried_out.difference(&permitted).filter(|name| !probes.contains(*name)).collect();
    let lacking: Vec<_> = permitted.difference(&carried_out).collect();
    assert!(
        surplus.is_empty() && lacking.is_empty(),
        "not on the list: {surplus:?}; not carried out: {lacking:?}, {results:?}"
    );
}

#[test]
fn no_form_of_a_call_reaches_another_process_or_somebodys_file() {
    if in_a_process_of_its_own("no_form_of_a_call_reaches_another_process_or_somebodys_file", None) {
        nothing_is_reached(&Confinement::default());
    }
}

#[test]
fn nor_does_one_in_an_engine_that_is_a_program() {
    if with_programs("nor_does_one_in_an_engine_that_is_a_program") {
        nothing_is_reached(&Confinement::default());
    }
}

#[test]
fn nor_does_one_for_an_ordinary_user_or_under_an_older_landlock() {
    let name = "nor_does_one_for_an_ordinary_user_or_under_an_older_landlock";
    let user = rustix::process::geteuid().is_root().then_some(NOBODY);
    if in_a_process_of_its_own(name, user) {
        for version in 1..=6 {
            nothing_is_reached(&Confinement { landlock: Some(version), ..Confinement::default() });
        }
    }
}

fn nothing_is_reached(confinement: &Confinement) {
    let mut victims = Victims::new();
    let before = victims.state();
    for process in victims.processes() {
        let results = try_all(&hostile(process), confinement);
        assert_way();
        let reached: Vec<_> = results.iter().filter(|(_, became)| !became.is_refusal()).collect();
        assert!(reached.is_empty(), "{process}: {reached:?}");
        assert_eq!(victims.state(), before);
    }
}

#[test]
fn an_engine_with_more_threads_than_it_may_have_is_ended() {
    if !in_a_process_of_its_own("an_engine_with_more_threads_than_it_may_have_is_ended", None) {
        return;
    }
    let results = try_all(&[attempt("few", "t8"), attempt("many", "t200")], &Confinement::default());
    assert_eq!(results["few"], Became::Result(8, 0));
    assert!(
        matches!(&results["many"], Became::End(how) if how.contains("threads, where 64 are allowed")),
        "{results:?}"
    );
}

#[test]
fn the_hosts_environment_does_not_reach_a_piece_nor_can_it_schedule_itself() {
    let name = "the_hosts_environment_does_not_reach_a_piece_nor_can_it_schedule_itself";
    if !in_a_process_of_its_own(name, None) {
        return;
    }
    assert!(std::env::var_os("SECRET_OF_THE_HOST").is_some());
    std::fs::write(folder().join("plan"), "").unwrap();
    let engine = PathBuf::from(std::env::var_os("CSOUND_PERFORMER_ENGINE").unwrap());
    let text = csd("", "sr = 48000\nksmps = 32\nnchnls = 1\n", "instr 1\nout a(0)\nendin\n", "f 0 1");
    let options = Options::new(engine, Some(Confinement::default()));
    let started = RemoteEngine::start(&engines::spec(text), &options, &mut |_| ()).unwrap();
    let process = format!("/proc/{}", started.engine.handle().process_id());
    // That of the program, which its nursery was: nothing is left of it where a nursery had more.
    let environment = std::fs::read(format!("{process}/environ")).unwrap();
    let environment = String::from_utf8_lossy(&environment);
    assert!(environment.contains(opcode_variable()) && !environment.contains("SECRET_OF"), "{environment}");
    let limits = std::fs::read_to_string(format!("{process}/limits")).unwrap();
    let priority = limits.lines().find(|line| line.starts_with("Max realtime priority")).unwrap();
    assert_eq!(priority.split_whitespace().nth(3), Some("0"), "{priority}");
    let status = std::fs::read_to_string(format!("{process}/status")).unwrap();
    for set in ["CapPrm", "CapEff", "CapInh", "CapAmb"] {
        let line = status.lines().find(|line| line.starts_with(set)).unwrap();
        assert!(line.ends_with("0000000000000000"), "{line}");
    }
}

#[test]
fn where_no_thread_can_be_started_the_error_says_so_and_nothing_ends() {
    let name = "where_no_thread_can_be_started_the_error_says_so_and_nothing_ends";
    // The kernel counts no threads of root's.
    let user = rustix::process::geteuid().is_root().then_some(NOBODY);
    if !in_a_process_of_its_own(name, user) {
        return;
    }
    let engine = PathBuf::from(std::env::var_os("CSOUND_PERFORMER_ENGINE").unwrap());
    let options = Options::new(engine, Some(Confinement::default()));
    let threads = rustix::process::Resource::Nproc;
    let limit = rustix::process::Rlimit { current: Some(1), ..rustix::process::getrlimit(threads) };
    rustix::process::setrlimit(threads, limit).unwrap();
    let text = csd("", "ksmps = 32\n", "instr 1\nendin\n", "f 0 1");
    let error = RemoteEngine::start(&engines::spec(text), &options, &mut |_| ()).err().unwrap().to_string();
    assert!(error.contains("no thread could be started that watches an engine"), "{error}");
}

#[test]
fn another_numbering_of_the_calls_ends_the_engine() {
    if !in_a_process_of_its_own("another_numbering_of_the_calls_ends_the_engine", None) {
        return;
    }
    let all = std::env::var_os("CSOUND_PERFORMER_LONG").is_some();
    // x32's own calls, and some that are free as they are.
    let few = [0, 1, 9, 39, 41, 56, 57, 59, 157, 202, 302, 512, 520, 545];
    let numbers: Vec<u32> = if all { (0..600).collect() } else { few.into() };
    let mut attempts: Vec<_> = numbers
        .into_iter()
        .map(|number| attempt(format!("x32-{number}"), format!("{}", 0x4000_0000 | number)))
        .collect();
    // Those of 32 bit programs: getpid and prctl.
    attempts.extend([20, 172].map(|number| attempt(format!("i386-{number}"), format!("i{number}"))));
    for (name, became) in try_all(&attempts, &Confinement::default()) {
        assert!(
            matches!(&became, Became::End(how) if how.contains("forbidden system call")),
            "{name}: {became:?}"
        );
    }
}

#[test]
fn a_piece_that_may_talk_to_this_machine_gets_no_other_way_out() {
    if !in_a_process_of_its_own("a_piece_that_may_talk_to_this_machine_gets_no_other_way_out", None) {
        return;
    }
    use Sysno as S;
    let confinement = Confinement { network: Network::Machine, ..Confinement::default() };
    let attempts = [
        // The host's sockets come under numbers of their own.
        calling(S::socket, "udp", "2 2 0"),
        calling(S::socket, "tcp", "2 1 0"),
        // An address of IPv6 can name another device.
        calling(S::socket, "udp6", "10 2 0"),
        calling(S::socket, "tcp6", "10 1 0"),
        // A datagram socket that is connected to no address would lose its device.
        calling(S::connect, "udp", "768 * 16"),
        calling(S::dup, "udp", "768"),
        calling(S::dup2, "udp", "768 900"),
        calling(S::fcntl, "udp", "768 0 900"),
        calling(S::setsockopt, "device", "768 1 25 * 4"),
        calling(S::setsockopt, "interface", "768 0 50 * 4"),
        calling(S::setsockopt, "group", "768 0 35 * 8"),
        calling(S::setsockopt, "packet-info", "768 41 50 * 20"),
        calling(S::sendmsg, "udp", "768 * 0"),
        calling(S::sendmmsg, "udp", "768 * 1 0"),
        calling(S::socket, "raw", "2 3 1"),
        calling(S::socket, "ping", "2 2 1"),
        calling(S::socket, "packets", "17 3 0"),
        calling(S::socket, "local", "1 1 0"),
        calling(S::socket, "routes", "16 3 0"),
        // The device's name is still there.
        calling(S::getsockopt, "device", "768 1 25 * *"),
        calling(S::connect, "tcp", "896 * 16"),
    ];
    let results = try_all(&attempts, &confinement);
    assert_eq!(results["socket/udp"], Became::Result(768, 0));
    assert_eq!(results["socket/tcp"], Became::Result(896, 0));
    assert_eq!(results["connect/tcp"], Became::Result(0, 0), "to no address: that undoes nothing of TCP's");
    for family in ["socket/local", "socket/routes", "socket/udp6", "socket/tcp6"] {
        assert_eq!(results[family], Became::Result(-1, libc::EAFNOSUPPORT));
    }
    for (name, became) in &results {
        let meant = ["socket/udp", "socket/tcp", "getsockopt/device", "connect/tcp"];
        let unknown = *became == Became::Result(-1, libc::EAFNOSUPPORT);
        assert!(meant.contains(&name.as_str()) || unknown || became.is_refusal(), "{name}: {became:?}");
    }
}
