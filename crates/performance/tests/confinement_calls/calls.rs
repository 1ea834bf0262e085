//! The calls that are tried: every one there is, and the forms of permitted ones that are not.

use syscalls::Sysno;

use crate::attempts::*;

/// The calls that are carried out, in one form or another.
pub const PERMITTED: &str = include_str!("permitted.txt");

/// Arguments with which a call that is permitted does something, where none do not. What would wait
/// is given no time.
pub const SENSIBLE: &[(Sysno, &str)] = &[
    (Sysno::mmap, "0 4096 3 0x22 -1 0"),
    (Sysno::fcntl, "1 3"),
    (Sysno::ioctl, "1 0x5401 *"),
    (Sysno::prlimit64, "0 7 0 *"),
    (Sysno::tgkill, "@ 1 0"),
    (Sysno::clone, "0x3d0f00 0 0 0 0"),
    (Sysno::sendto, "1 * 0 0 0 0"),
    (Sysno::openat, "-100 \"/dev/null 0"),
    (Sysno::ppoll, "0 0 * 0"),
    (Sysno::pselect6, "0 0 0 0 * 0"),
    (Sysno::select, "0 0 0 0 *"),
    (Sysno::poll, "0 0 0"),
    (Sysno::futex, "* 1 1"),
];

/// Every call of the table, with nothing, with room, and with a guess; the listed ones as they are meant.
pub fn every_call() -> Vec<Attempt> {
    let mut attempts = Vec::new();
    for call in Sysno::iter() {
        let sensible = SENSIBLE.iter().find(|(sensible, _)| *sensible == call);
        if let Some((_, arguments)) = sensible {
            attempts.push(calling(call, "sensible", arguments));
        } else {
            attempts.push(calling(call, "nothing", ""));
        }
        if !PERMITTED.lines().any(|name| name == call.name()) {
            attempts.push(calling(call, "room", "* * 4096 * * *"));
            attempts.push(calling(call, "descriptor", "1 * 1 * 1 0"));
            attempts.push(calling(call, "path", "\"/etc/passwd \"/tmp 0777 0 0 0"));
        }
    }
    // And beyond the table.
    let beyond = (470..560).chain([1000, 5000, 0xFFFF]);
    attempts.extend(beyond.map(|number| attempt(format!("number-{number}/nothing"), format!("{number}"))));
    attempts
}

/// Forms of permitted calls that are not, and calls at somebody else. `host` is a process of this user.
pub fn hostile(host: u32) -> Vec<Attempt> {
    use Sysno as S;
    let secret = folder().join("secret");
    let secret = secret.display();
    let forms: &[(S, &str, String)] = &[
        (S::prlimit64, "of-the-host", format!("{host} 0 * 0")),
        (S::prlimit64, "of-its-own", "0 7 * 0".into()),
        (S::setrlimit, "of-its-own", "7 *".into()),
        (S::kill, "host", format!("{host} 9")),
        (S::kill, "all", "-1 9".into()),
        (S::tkill, "host", format!("{host} 9")),
        (S::tgkill, "host", format!("{host} {host} 9")),
        (S::rt_sigqueueinfo, "host", format!("{host} 9 *")),
        (S::pidfd_open, "host", format!("{host} 0")),
        (S::pidfd_send_signal, "any", "1 9 0 0".into()),
        (S::ptrace, "host", format!("16 {host} 0 0")),
        (S::process_vm_writev, "host", format!("{host} * 1 * 1 0")),
        (S::setpriority, "host", format!("0 {host} 19")),
        (S::sched_setscheduler, "host", format!("{host} 0 *")),
        (S::sched_setscheduler, "deadline", "0 6 *".into()),
        (S::sched_setscheduler, "real-time", "0 1 *".into()),
        (S::sched_setattr, "host", format!("{host} * 0")),
        (S::sched_setaffinity, "host", format!("{host} 8 *")),
        (S::sched_setparam, "host", format!("{host} *")),
        (S::ioprio_set, "host", format!("1 {host} 16384")),
        (S::clone, "process", "17 0 0 0 0".into()),
        (S::clone, "users", "0x10000011 0 0 0 0".into()),
        (S::clone, "nearly-a-thread", "0x103d0f00 0 0 0 0".into()),
        (S::clone3, "any", "* 88".into()),
        (S::fork, "any", String::new()),
        (S::execve, "program", "\"/bin/true 0 0".into()),
        (S::execveat, "memory", "1 \"/bin/true 0 0 0x1000".into()),
        (S::memfd_create, "any", "\"x 0".into()),
        (S::memfd_secret, "any", "0".into()),
        (S::socket, "udp", "2 2 0".into()),
        (S::socket, "local", "1 1 0".into()),
        (S::socketpair, "datagrams", "1 2 0 *".into()),
        (S::socketpair, "stream", "1 1 0 *".into()),
        (S::sendto, "address", "1 * 1 0 * 16".into()),
        (S::sendmsg, "any", "1 * 0".into()),
        (S::recvmsg, "any", "1 * 0".into()),
        (S::seccomp, "another", "1 8 *".into()),
        (S::prctl, "name", "15 *".into()),
        (S::prctl, "dumpable", "4 0".into()),
        (S::landlock_create_ruleset, "any", "* 8 0".into()),
        (S::landlock_restrict_self, "any", "1 0".into()),
        (S::ioctl, "typing", "1 0x5412 *".into()),
        (S::ioctl, "notification", "1 0xc0502100 *".into()),
        (S::fcntl, "owner", format!("1 8 {host}")),
        (S::fcntl, "notify", "0 1026 0x8000003f".into()),
        (S::fcntl, "lease", "0 1024 0".into()),
        (S::fcntl, "seal", "1 1033 1".into()),
        (S::fcntl, "pipe", "1 1031 1048576".into()),
        (S::mmap, "shared", "0 4096 3 0x21 -1 0".into()),
        (S::mmap, "shared-file", "0 4096 3 1 0 0".into()),
        (S::openat, "emptied", format!("-100 \"{secret} 0x200")),
        (S::open, "emptied", format!("\"{secret} 0x200")),
        (S::open, "emptied-by-neither", format!("\"{secret} 0x203")),
        (S::openat, "emptied-by-neither", format!("-100 \"{secret} 0x203")),
        (S::openat, "neither", "-100 \"/etc/passwd 3".into()),
        (S::sendto, "out-of-band", "3 * 1 1 0 0".into()),
        (S::openat, "nameless", "-100 \". 0x410002 0600".into()),
        (S::shmget, "new", "1234 4096 01600".into()),
        (S::shmat, "first", "0 0 0".into()),
        (S::shmctl, "remove", "0 0 0".into()),
        (S::msgget, "new", "1234 01600".into()),
        (S::semget, "new", "1234 1 01600".into()),
        (S::inotify_init, "any", String::new()),
        (S::inotify_init1, "any", "0".into()),
        (S::chmod, "secret", format!("\"{secret} 0777")),
        (S::fchmodat, "secret", format!("-100 \"{secret} 0777")),
        (S::fchmodat2, "secret", format!("-100 \"{secret} 0777 0")),
        (S::utimensat, "secret", format!("-100 \"{secret} 0 0")),
        (S::utime, "secret", format!("\"{secret} 0")),
        (S::chown, "secret", format!("\"{secret} 0 0")),
        (S::truncate, "secret", format!("\"{secret} 0")),
        (S::unlink, "secret", format!("\"{secret}")),
        (S::rename, "secret", format!("\"{secret} \"{secret}2")),
        (S::link, "secret", format!("\"{secret} \"stolen")),
        (S::symlink, "secret", format!("\"{secret} \"stolen")),
        (S::setxattr, "secret", format!("\"{secret} \"user.x * 1 0")),
        (S::removexattrat, "secret", format!("-100 \"{secret} 0 \"user.x")),
        (S::setxattrat, "secret", format!("-100 \"{secret} 0 \"user.x * 8")),
        (S::mkdir, "own", "\"folder 0700".into()),
        (S::io_uring_setup, "any", "8 *".into()),
        (S::userfaultfd, "any", "0".into()),
        (S::add_key, "any", "\"user \"x * 1 -3".into()),
        (S::quotactl, "any", "0 0 0 0".into()),
        (S::syslog, "read", "3 * 4096".into()),
        (S::capset, "any", "* *".into()),
        (S::setuid, "root", "0".into()),
        (S::unshare, "users", "0x10000000".into()),
        (S::close_range, "any", "3 0xffffffff 0".into()),
        (S::mount, "any", "\"x \"/tmp \"tmpfs 0 0".into()),
        (S::open_by_handle_at, "any", "-100 * 0".into()),
        (S::personality, "any", "0xffffffff".into()),
    ];
    forms.iter().map(|(call, variant, arguments)| calling(*call, variant, arguments)).collect()
}
