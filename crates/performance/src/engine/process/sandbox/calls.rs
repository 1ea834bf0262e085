//! The system calls that a confined engine may make, and the few whose refusal the host names. Found by
//! tracing engines over many pieces while they compile and while they perform; see
//! `tests/confinement_calls`, which has an engine try every call there is.
//!
//! Two filters, one over the other; the kernel takes the stricter word of both. [`asked`] holds what
//! the host is told of. [`listed`] is the list itself: whatever is not on it fails, however it is called.
//!
//! # Sockets
//! A filter sees no addresses. If a piece may talk to this machine, the *host* makes its sockets,
//! bound to the loopback device, and puts them into the engine under numbers from [`UDP`] or [`TCP`]
//! on. They are of IPv4 only: an address of IPv6 can name another device, which goes before the socket's.
//! `connect` is for TCP alone: a UDP socket that is "connected" to no address loses its device. So no
//! datagram socket may get a number of TCP's: nothing from [`UDP`] on can be duplicated.

use syscalls::Sysno;

use super::filter::{Answer, Case, Filter, Rule, Test, is};
use crate::engine::process::protocol::{Network, TCP, UDP};

/// Not permitted.
pub(super) const NO: Answer = Answer::Refuse(libc::EPERM as u16);

/// Not there: libraries go on without it.
const UNKNOWN: Answer = Answer::Refuse(libc::ENOSYS as u16);

/// The first call that is younger than the C libraries which cannot do without: all of them ask for
/// what came later and go on if it is missing (Linux 5.1 numbered anew from here on).
pub(super) const YOUNGER: u32 = 424;

/// Calls that harm nobody, whatever their arguments: they reach only this process, and files that the
/// other guard has let it open. What is called most stands first.
const FREE: &[Sysno] = &[
    Sysno::futex,
    Sysno::read,
    Sysno::write,
    // What the host says comes over a socket that it made.
    Sysno::recvfrom,
    Sysno::sched_yield,
    Sysno::clock_gettime,
    Sysno::clock_nanosleep,
    Sysno::nanosleep,
    Sysno::lseek,
    Sysno::readv,
    Sysno::writev,
    Sysno::pread64,
    Sysno::pwrite64,
    Sysno::close,
    Sysno::fstat,
    #[cfg(target_arch = "x86_64")]
    Sysno::newfstatat,
    #[cfg(not(target_arch = "x86_64"))]
    Sysno::fstatat,
    Sysno::statx,
    Sysno::getdents64,
    Sysno::readlinkat,
    Sysno::faccessat,
    Sysno::faccessat2,
    Sysno::getcwd,
    Sysno::ftruncate,
    Sysno::fsync,
    Sysno::fdatasync,
    Sysno::fadvise64,
    Sysno::ppoll,
    Sysno::pselect6,
    Sysno::munmap,
    Sysno::mprotect,
    Sysno::mremap,
    Sysno::madvise,
    Sysno::brk,
    Sysno::set_robust_list,
    Sysno::rseq,
    Sysno::rt_sigaction,
    Sysno::rt_sigprocmask,
    Sysno::rt_sigreturn,
    Sysno::sigaltstack,
    Sysno::clock_getres,
    Sysno::gettimeofday,
    Sysno::times,
    Sysno::getrusage,
    Sysno::getrandom,
    Sysno::getpid,
    Sysno::gettid,
    Sysno::getuid,
    Sysno::geteuid,
    Sysno::getgid,
    Sysno::getegid,
    Sysno::getcpu,
    Sysno::uname,
    Sysno::sysinfo,
    Sysno::exit,
    Sysno::exit_group,
    Sysno::restart_syscall,
    #[cfg(target_arch = "x86_64")]
    Sysno::stat,
    #[cfg(target_arch = "x86_64")]
    Sysno::lstat,
    #[cfg(target_arch = "x86_64")]
    Sysno::access,
    #[cfg(target_arch = "x86_64")]
    Sysno::readlink,
    #[cfg(target_arch = "x86_64")]
    Sysno::poll,
    #[cfg(target_arch = "x86_64")]
    Sysno::select,
    #[cfg(target_arch = "x86_64")]
    Sysno::time,
];

/// Calls that start a program, whatever their arguments.
const PROGRAMS: &[Sysno] = &[
    Sysno::execve,
    Sysno::execveat,
    #[cfg(target_arch = "x86_64")]
    Sysno::fork,
    #[cfg(target_arch = "x86_64")]
    Sysno::vfork,
];

/// Calls on sockets that a piece with a permission to talk may make, besides those with cases.
const TALK: &[Sysno] = &[
    Sysno::bind,
    Sysno::listen,
    Sysno::accept,
    Sysno::accept4,
    Sysno::getsockname,
    Sysno::getpeername,
    Sysno::getsockopt,
    Sysno::shutdown,
];

/// Options that a socket may have set: how much it holds, how long it waits, that its address may be used
/// again. Nothing that names a device, a group or a way.
const SOCKET_OPTIONS: &[(i32, i32)] = &[
    (libc::SOL_SOCKET, libc::SO_REUSEADDR),
    (libc::SOL_SOCKET, libc::SO_REUSEPORT),
    (libc::SOL_SOCKET, libc::SO_SNDBUF),
    (libc::SOL_SOCKET, libc::SO_RCVBUF),
    (libc::SOL_SOCKET, libc::SO_SNDTIMEO),
    (libc::SOL_SOCKET, libc::SO_RCVTIMEO),
    (libc::SOL_SOCKET, libc::SO_KEEPALIVE),
    (libc::SOL_SOCKET, libc::SO_LINGER),
    (libc::SOL_SOCKET, libc::SO_BROADCAST),
    (libc::IPPROTO_TCP, libc::TCP_NODELAY),
    (libc::IPPROTO_IPV6, libc::IPV6_V6ONLY),
];

/// The flags with which glibc starts a thread. A clone with others is another process, or something between.
const THREAD: i32 = libc::CLONE_VM
    | libc::CLONE_FS
    | libc::CLONE_FILES
    | libc::CLONE_SIGHAND
    | libc::CLONE_THREAD
    | libc::CLONE_SYSVSEM
    | libc::CLONE_SETTLS
    | libc::CLONE_PARENT_SETTID
    | libc::CLONE_CHILD_CLEARTID;

/// The filter whose refusals the host names: starting a program, opening a socket. It permits all else.
/// `everything` has it ask about whatever is not on the list, for whoever looks for what is missing there.
pub(crate) fn asked(network: Network, own: u32, everything: bool) -> Filter {
    if !everything {
        let mut rules = programs(Answer::Ask);
        rules.push(socket(network, Answer::Ask));
        return Filter { rules, otherwise: Answer::Allow, younger: (YOUNGER, Answer::Allow) };
    }
    let mut rules = list(network, own, Answer::Ask);
    replace(&mut rules, NO, Answer::Ask);
    // What the engine still does before the list is up.
    rules.retain(|rule| !UNTIL_LISTED.iter().any(|call| call.id() as u32 == rule.call));
    rules.extend(UNTIL_LISTED.iter().map(|call| free(*call)));
    Filter { rules, otherwise: Answer::Ask, younger: (YOUNGER, Answer::Ask) }
}

/// The list. `told` says whether there is a listener, which then refuses what [`asked`] asks;
/// `everything` whether it refuses all else too.
pub(crate) fn listed(network: Network, own: u32, told: bool, everything: bool) -> Filter {
    if !(told && everything) {
        // The stricter of two filters counts: what the other asks about has to be permitted here.
        let rules = list(network, own, if told { Answer::Allow } else { NO });
        return Filter { rules, otherwise: NO, younger: (YOUNGER, UNKNOWN) };
    }
    let mut rules = list(network, own, Answer::Allow);
    replace(&mut rules, NO, Answer::Allow);
    for call in UNTIL_LISTED.iter().chain(GUARDS) {
        if !rules.iter().any(|rule| rule.call == call.id() as u32) {
            rules.push(rule(*call, vec![], NO));
        }
    }
    Filter { rules, otherwise: Answer::Allow, younger: (YOUNGER, Answer::Allow) }
}

/// Calls that hand the listener over and put up the list.
const UNTIL_LISTED: &[Sysno] = &[Sysno::sendmsg, Sysno::seccomp];

/// Other calls that put up guards, or change what they guard.
const GUARDS: &[Sysno] =
    &[Sysno::prctl, Sysno::landlock_create_ruleset, Sysno::landlock_add_rule, Sysno::landlock_restrict_self];

fn replace(rules: &mut [Rule], this: Answer, by: Answer) {
    for rule in rules {
        let answers = rule.cases.iter_mut().map(|case| &mut case.answer).chain([&mut rule.otherwise]);
        answers.filter(|answer| **answer == this).for_each(|answer| *answer = by);
    }
}

/// All rules; `left` is what is answered to starting programs and opening sockets.
fn list(network: Network, own: u32, left: Answer) -> Vec<Rule> {
    let mut rules: Vec<Rule> = FREE.iter().map(|call| free(*call)).collect();
    rules.extend(programs(left));
    rules.push(socket(network, left));
    rules.extend(files());
    rules.extend(own_process(own));
    rules.extend(talk(network));
    rules.push(rule(Sysno::clone3, vec![], UNKNOWN));
    rules
}

/// Calls that open and map files. A read-only file cannot be emptied, which older Landlocks let through; a
/// file without a name, or one that is written through memory, would grow out of the watch's sight.
fn files() -> Vec<Rule> {
    let opening = |call, flags| {
        let emptied = (libc::O_TRUNC | libc::O_ACCMODE) as u32;
        let nameless = (libc::O_TMPFILE & !libc::O_DIRECTORY) as u32;
        let neither = libc::O_ACCMODE as u32;
        rule(
            call,
            vec![
                // Neither to read nor to write: the other guard then asks for no right at all.
                when([bits(flags, neither, neither)], NO),
                when([bits(flags, emptied, libc::O_TRUNC as u32)], NO),
                when([bits(flags, nameless, nameless)], NO),
            ],
            Answer::Allow,
        )
    };
    let kind = |value: i32| when([bits(3, libc::MAP_TYPE as u32, value as u32)], Answer::Allow);
    let duplicable = Test::Below(0, UDP.start);
    let control = |command: i32| when([is(1, command as u32)], Answer::Allow);
    let duplicate = |command: i32| when([is(1, command as u32), duplicable], Answer::Allow);
    let copies = |call| rule(call, vec![when([duplicable], Answer::Allow)], NO);
    vec![
        opening(Sysno::openat, 2),
        #[cfg(target_arch = "x86_64")]
        opening(Sysno::open, 1),
        rule(Sysno::mmap, vec![kind(libc::MAP_PRIVATE)], NO),
        rule(
            Sysno::fcntl,
            vec![
                control(libc::F_GETFD),
                control(libc::F_SETFD),
                control(libc::F_GETFL),
                control(libc::F_SETFL),
                duplicate(libc::F_DUPFD),
                duplicate(libc::F_DUPFD_CLOEXEC),
            ],
            NO,
        ),
        copies(Sysno::dup),
        #[cfg(target_arch = "x86_64")]
        copies(Sysno::dup2),
        copies(Sysno::dup3),
    ]
}

/// Calls that could reach other processes, held to this one.
fn own_process(own: u32) -> Vec<Rule> {
    vec![
        rule(Sysno::tgkill, vec![when([is(0, own)], Answer::Allow)], NO),
        // Reading one's own limits, never setting them.
        rule(Sysno::prlimit64, vec![when([is(0, 0), Test::Nothing(2)], Answer::Allow)], NO),
        // The C library asks for a thread's processors by its number, and goes on if nobody knows.
        rule(
            Sysno::sched_getaffinity,
            vec![when([is(0, 0)], Answer::Allow), when([is(0, own)], Answer::Allow)],
            UNKNOWN,
        ),
    ]
}

fn programs(left: Answer) -> Vec<Rule> {
    let mut rules: Vec<Rule> = PROGRAMS.iter().map(|call| rule(*call, vec![], left)).collect();
    let thread = when([is(0, THREAD as u32)], Answer::Allow);
    let odd = when([bits(0, libc::CLONE_THREAD as u32, libc::CLONE_THREAD as u32)], NO);
    rules.push(rule(Sysno::clone, vec![thread, odd], left));
    rules
}

fn socket(network: Network, left: Answer) -> Rule {
    let internet = |family: i32| {
        let kind = |kind: i32| {
            let any_flag = !((libc::SOCK_NONBLOCK | libc::SOCK_CLOEXEC) as u32);
            when([is(0, family as u32), bits(1, any_flag, kind as u32)], Answer::Allow)
        };
        [kind(libc::SOCK_DGRAM), kind(libc::SOCK_STREAM)]
    };
    let cases = match network {
        Network::None | Network::Machine => vec![],
        Network::Any => [internet(libc::AF_INET), internet(libc::AF_INET6)].concat(),
    };
    rule(Sysno::socket, cases, left)
}

/// Calls that send and receive over sockets, or ask a descriptor for more than its bytes.
fn talk(network: Network) -> Vec<Rule> {
    let asking = |command: u64| when([is(1, command as u32)], Answer::Allow);
    let mut requests = vec![asking(libc::TCGETS)];
    // Without an address it goes to the other end of the descriptor: to the host.
    // Nothing out of band, which is seen to be there and cannot be read.
    let out_of_band = when([bits(3, libc::MSG_OOB as u32, libc::MSG_OOB as u32)], NO);
    let mut to = rule(Sysno::sendto, vec![out_of_band, when([Test::Nothing(4)], Answer::Allow)], NO);
    let mut rules = Vec::new();
    if network != Network::None {
        requests.extend([asking(libc::FIONREAD), asking(libc::FIONBIO)]);
        to.otherwise = Answer::Allow;
        rules.extend(TALK.iter().map(|call| free(*call)));
        let option =
            |(level, name): &(i32, i32)| when([is(1, *level as u32), is(2, *name as u32)], Answer::Allow);
        rules.push(rule(Sysno::setsockopt, SOCKET_OPTIONS.iter().map(option).collect(), NO));
    }
    match network {
        Network::None => {}
        Network::Machine => {
            rules.push(rule(Sysno::connect, vec![when([Test::AtLeast(0, TCP.start)], Answer::Allow)], NO));
        }
        Network::Any => {
            rules.extend([Sysno::connect, Sysno::sendmsg, Sysno::sendmmsg, Sysno::recvmsg].map(free));
        }
    }
    rules.push(rule(Sysno::ioctl, requests, NO));
    rules.push(to);
    rules
}

fn free(call: Sysno) -> Rule {
    rule(call, vec![], Answer::Allow)
}

pub(super) fn rule(call: Sysno, cases: Vec<Case>, otherwise: Answer) -> Rule {
    Rule { call: call.id() as u32, cases, otherwise }
}

fn when<const N: usize>(tests: [Test; N], answer: Answer) -> Case {
    Case { tests: tests.into(), answer }
}

fn bits(argument: u8, mask: u32, value: u32) -> Test {
    Test::Bits { argument, mask, value }
}

#[cfg(test)]
mod tests;
