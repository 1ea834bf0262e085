//! What a piece that may talk to this machine gets out of it: nothing. Tried in a network of the test's own,
//! which has another interface beside the loopback one, and counts what leaves by it.

use std::process::Command;

use csound_performance::engine::protocol::{Confinement, Network};
use csound_performance::engine::remote::{Options, RemoteEngine};
use syscalls::Sysno as S;

use crate::attempts::{Became, attempt, calling, in_a_process_behind, succeeds, try_all};
use crate::common::engines;
use crate::common::{csd, is_forbidden, is_missing};

/// Packets that have left by the other interface.
fn left() -> u64 {
    let counts = std::fs::read_to_string("/proc/self/net/dev").unwrap();
    let line = counts.lines().find_map(|line| line.trim().strip_prefix("other:")).unwrap();
    line.split_whitespace().nth(9).unwrap().parse().unwrap()
}

fn ip(arguments: &str) {
    let done = Command::new("ip").args(arguments.split(' ')).output().unwrap();
    assert!(done.status.success(), "ip {arguments}: {}", String::from_utf8_lossy(&done.stderr));
}

/// A network with one interface that leads everywhere else.
fn build_a_network() {
    for arguments in [
        "link set lo up",
        "link add other type veth peer name far",
        "link set far addrgenmode none",
        "link set far up",
        "link set other addrgenmode none",
        "addr add 10.9.0.1/24 dev other",
        "addr add fd00:9::1/64 dev other nodad",
        "link set other up",
        "route add default dev other",
        "-6 route add default dev other",
    ] {
        ip(arguments);
    }
}

/// Waits until the network has said all that it says by itself, such as which groups it is in.
fn settle() {
    let mut before = left();
    engines::eventually("the network is quiet", || {
        std::thread::sleep(std::time::Duration::from_secs(3));
        (left() == std::mem::replace(&mut before, left())).then_some(())
    });
}

#[test]
fn nothing_leaves_this_machine_by_ipv4_or_ipv6() {
    let name = "network::nothing_leaves_this_machine_by_ipv4_or_ipv6";
    if is_missing("ip, of iproute2", succeeds(Command::new("ip").arg("-V"))) {
        return;
    }
    let alone = ["unshare", "--net"];
    if is_forbidden("make a network", succeeds(Command::new(alone[0]).args([alone[1], "true"]))) {
        return;
    }
    if !in_a_process_behind(&alone, name) {
        return;
    }
    build_a_network();
    settle();
    let places = ["10.9.0.77", "192.0.2.7"];
    for to in places {
        let before = left();
        send(to, Network::Machine);
        assert_eq!(left(), before, "{to}");
    }
    let before = left();
    let mut attempts = vec![
        calling(S::socket, "udp", "2 2 0"),
        calling(S::socket, "udp6", "10 2 0"),
        calling(S::socket, "tcp", "2 2049 0"),
        calling(S::socket, "tcp6", "10 2049 0"),
    ];
    for (number, place) in
        ["=4,10.9.0.77,9", "=4,192.0.2.7,9", "=4,255.255.255.255,9", "=4,224.0.0.1,9"].into_iter().enumerate()
    {
        attempts.push(calling(S::sendto, &format!("udp{number}"), &format!("768 * 8 0 {place} 16")));
        attempts.push(calling(S::connect, &format!("tcp{number}"), &format!("896 {place} 16")));
        attempts.push(calling(
            S::sendto,
            &format!("fast{number}"),
            &format!("896 * 8 0x20000000 {place} 16"),
        ));
        attempts.push(calling(S::connect, &format!("again{number}"), "896 =0 16"));
    }
    attempts.push(attempt("late", format!("{} 768 * 8 0 =4,10.9.0.77,9 16", S::sendto.id())));
    let confinement = Confinement { network: Network::Machine, ..Confinement::default() };
    let results = try_all(&attempts, &confinement);
    assert_eq!(results["socket/udp"], Became::Result(768, 0), "{results:?}");
    // IPv6 is none of this machine's network: an address of it can name another device, which goes before the
    // one that the socket is bound to.
    for family in ["socket/udp6", "socket/tcp6"] {
        assert_eq!(results[family], Became::Result(-1, libc::EAFNOSUPPORT), "{results:?}");
    }
    assert_eq!(results["socket/tcp"], Became::Result(896, 0), "{results:?}");
    assert!(results.values().all(|became| matches!(became, Became::Result(..))), "{results:?}");
    std::thread::sleep(std::time::Duration::from_millis(300));
    assert_eq!(left(), before, "something left: {results:?}");
    // The same pieces where they may talk to anybody show that the counter counts. (Last: whoever is not
    // there is asked for once a second still.)
    for to in places {
        let before = left();
        send(to, Network::Any);
        assert!(left() > before, "{to}: what is permitted does not leave either");
    }
}

/// Performs a piece that sends to an address.
fn send(to: &str, network: Network) {
    let body = format!("instr 1\na1 = 0.5\nsocksend a1, \"{to}\", 9000, 100\nendin\n");
    let text = csd("", "sr = 48000\nksmps = 32\nnchnls = 1\n", &body, "i 1 0 1");
    let confinement = Confinement { network, ..Confinement::default() };
    let engine = std::env::var_os("CSOUND_PERFORMER_ENGINE").unwrap().into();
    let options = Options::new(engine, Some(confinement));
    let mut started = RemoteEngine::start(&engines::spec(text), &options, &mut |_| ()).unwrap();
    engines::turn(&mut started.engine, 500, &mut [], true);
}
