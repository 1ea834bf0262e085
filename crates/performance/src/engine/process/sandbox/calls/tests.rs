use super::*;
use crate::engine::process::sandbox::filter::{OWN, tests::run};

const OURS: u32 = 4321;

const ALLOWED: u32 = libc::SECCOMP_RET_ALLOW;
const REFUSED: u32 = libc::SECCOMP_RET_ERRNO | libc::EPERM as u32;
const UNHEARD_OF: u32 = libc::SECCOMP_RET_ERRNO | libc::ENOSYS as u32;
const ASKED: u32 = libc::SECCOMP_RET_USER_NOTIF;

fn answer(filter: &Filter, call: Sysno, arguments: [u64; 6]) -> u32 {
    run(&filter.program().unwrap(), OWN, call.id() as u32, arguments)
}

#[test]
fn every_permission_with_and_without_a_listener_makes_a_filter_that_the_kernel_takes() {
    for network in [Network::None, Network::Machine, Network::Any] {
        for everything in [false, true] {
            assert!(asked(network, OURS, everything).program().is_ok());
            for told in [false, true] {
                assert!(listed(network, OURS, told, everything).program().is_ok());
            }
        }
    }
}

#[test]
fn the_listener_can_go_to_the_host_before_the_list_is_up_and_never_after() {
    for network in [Network::None, Network::Machine] {
        for everything in [false, true] {
            for call in [Sysno::sendmsg, Sysno::seccomp] {
                assert_eq!(answer(&asked(network, OURS, everything), call, [0; 6]), ALLOWED);
                assert_eq!(answer(&listed(network, OURS, true, everything), call, [0; 6]), REFUSED);
            }
            for call in [Sysno::prctl, Sysno::landlock_restrict_self, Sysno::landlock_add_rule] {
                let refused = answer(&listed(network, OURS, true, everything), call, [0; 6]);
                assert!([REFUSED, UNHEARD_OF].contains(&refused), "{call}");
            }
        }
    }
}

#[test]
fn programs_and_sockets_are_asked_for_and_without_a_listener_refused() {
    let none = (asked(Network::None, OURS, false), listed(Network::None, OURS, true, false));
    let alone = listed(Network::None, OURS, false, false);
    let process = [u64::from(libc::SIGCHLD as u32), 0, 0, 0, 0, 0];
    for (call, arguments) in [
        (Sysno::execve, [0; 6]),
        (Sysno::execveat, [0; 6]),
        (Sysno::clone, process),
        (Sysno::socket, [libc::AF_INET as u64, libc::SOCK_DGRAM as u64, 0, 0, 0, 0]),
    ] {
        assert_eq!(answer(&none.0, call, arguments), ASKED, "{call}");
        // The stricter word counts, and asking is stricter than permitting.
        assert_eq!(answer(&none.1, call, arguments), ALLOWED, "{call}");
        assert_eq!(answer(&alone, call, arguments), REFUSED, "{call}");
    }
    let thread = [THREAD as u64, 0, 0, 0, 0, 0];
    for filter in [&none.0, &none.1, &alone] {
        assert_eq!(answer(filter, Sysno::clone, thread), ALLOWED);
    }
}

#[test]
fn the_network_is_what_was_permitted() {
    let udp = [libc::AF_INET as u64, (libc::SOCK_DGRAM | libc::SOCK_CLOEXEC) as u64, 0, 0, 0, 0];
    let raw = [libc::AF_INET as u64, libc::SOCK_RAW as u64, 0, 0, 0, 0];
    let local = [libc::AF_UNIX as u64, libc::SOCK_STREAM as u64, 0, 0, 0, 0];
    for (network, expected) in [(Network::None, ASKED), (Network::Machine, ASKED), (Network::Any, ALLOWED)] {
        assert_eq!(answer(&asked(network, OURS, false), Sysno::socket, udp), expected, "{network:?}");
        for other in [raw, local] {
            assert_eq!(answer(&asked(network, OURS, false), Sysno::socket, other), ASKED);
        }
    }
    let machine = listed(Network::Machine, OURS, true, false);
    let to = [u64::from(UDP.start), 1, 1, 0, 0x7000_0000_0000, 16];
    assert_eq!(answer(&machine, Sysno::sendto, to), ALLOWED);
    assert_eq!(answer(&listed(Network::None, OURS, true, false), Sysno::sendto, to), REFUSED);
    assert_eq!(answer(&machine, Sysno::connect, [u64::from(TCP.start), 1, 16, 0, 0, 0]), ALLOWED);
    assert_eq!(answer(&machine, Sysno::connect, [u64::from(UDP.start), 1, 16, 0, 0, 0]), REFUSED);
    for call in [Sysno::dup, Sysno::dup2, Sysno::dup3] {
        assert_eq!(answer(&machine, call, [u64::from(UDP.start), 900, 0, 0, 0, 0]), REFUSED, "{call}");
        assert_eq!(answer(&machine, call, [5, 900, 0, 0, 0, 0]), ALLOWED, "{call}");
    }
    let duplicate = [u64::from(UDP.start), libc::F_DUPFD as u64, 900, 0, 0, 0];
    assert_eq!(answer(&machine, Sysno::fcntl, duplicate), REFUSED);
    let device = [u64::from(UDP.start), libc::SOL_SOCKET as u64, libc::SO_BINDTODEVICE as u64, 0, 0, 0];
    assert_eq!(answer(&machine, Sysno::setsockopt, device), REFUSED);
}

/// Calls that a C library of about 2018 and one of 2026 need to start threads, to load libraries, to read and
/// to sleep: each is permitted, or unknown, which they take for an old kernel.
#[test]
fn the_oldest_and_the_newest_c_library_find_what_they_cannot_do_without() {
    let list = listed(Network::None, OURS, true, false);
    for call in [
        "openat",
        "read",
        "pread64",
        "fstat",
        "newfstatat",
        "statx",
        "mmap",
        "mprotect",
        "munmap",
        "brk",
        "madvise",
        "close",
        "readlink",
        "readlinkat",
        "access",
        "faccessat",
        "faccessat2",
        "getcwd",
        "lseek",
        "getdents64",
        "write",
        "writev",
        "futex",
        "set_robust_list",
        "rseq",
        "rt_sigprocmask",
        "rt_sigaction",
        "rt_sigreturn",
        "sigaltstack",
        "tgkill",
        "gettid",
        "getpid",
        "exit",
        "exit_group",
        "nanosleep",
        "clock_nanosleep",
        "clock_gettime",
        "gettimeofday",
        "time",
        "poll",
        "ppoll",
        "select",
        "pselect6",
        "getrandom",
        "sched_yield",
        "sched_getaffinity",
        "prlimit64",
        "sysinfo",
        "uname",
        "mremap",
        "stat",
        "lstat",
        "open",
        "dup",
        "dup2",
        "dup3",
        "fcntl",
        "ioctl",
    ] {
        let call: Sysno = call.parse().unwrap();
        let fitting = match call {
            Sysno::mmap => [0, 0, 0, libc::MAP_PRIVATE as u64, 0, 0],
            Sysno::tgkill => [u64::from(OURS), 0, 0, 0, 0, 0],
            Sysno::fcntl => [1, libc::F_GETFL as u64, 0, 0, 0, 0],
            Sysno::ioctl => [1, libc::TCGETS, 0, 0, 0, 0],
            _ => [0; 6],
        };
        assert_eq!(answer(&list, call, fitting), ALLOWED, "{call}");
    }
    for call in
        ["clone3", "close_range", "openat2", "epoll_pwait2", "futex_waitv", "map_shadow_stack", "mseal"]
    {
        let call: Sysno = call.parse().unwrap();
        assert_eq!(answer(&list, call, [0; 6]), UNHEARD_OF, "{call}");
    }
}
