//! The guards of a nursery: they bind the engines that it bears as well, and only what no engine ever gets is in
//! them. Each engine puts up its own on top.
//!
//! Starting a program is not among the calls: the host names a piece that tries, and a call that is refused
//! here would never reach it. Landlock keeps the nursery from it instead.

use std::io;

use landlock::{AccessFs, CompatLevel, Compatible, Ruleset, RulesetAttr};
use syscalls::Sysno;

use super::calls::{NO, YOUNGER, rule};
use super::filter::{Answer, Filter};
use super::kernel;

/// Calls that look into other processes or signal them, change the machine or the view of its files, bring code
/// into the kernel, or do unseen what another call does. Engines are forked, which none of these is needed for.
const NEVER: &[Sysno] = &[
    Sysno::ptrace,
    Sysno::process_vm_readv,
    Sysno::process_vm_writev,
    Sysno::process_madvise,
    Sysno::process_mrelease,
    Sysno::pidfd_getfd,
    Sysno::pidfd_send_signal,
    Sysno::kill,
    Sysno::tkill,
    Sysno::rt_sigqueueinfo,
    Sysno::rt_tgsigqueueinfo,
    Sysno::kcmp,
    Sysno::bpf,
    Sysno::perf_event_open,
    Sysno::userfaultfd,
    Sysno::io_uring_setup,
    Sysno::io_uring_enter,
    Sysno::io_uring_register,
    Sysno::init_module,
    Sysno::finit_module,
    Sysno::delete_module,
    Sysno::kexec_load,
    Sysno::kexec_file_load,
    Sysno::reboot,
    Sysno::swapon,
    Sysno::swapoff,
    Sysno::mount,
    Sysno::umount2,
    Sysno::pivot_root,
    Sysno::move_mount,
    Sysno::open_tree,
    Sysno::fsopen,
    Sysno::fsconfig,
    Sysno::fsmount,
    Sysno::fspick,
    Sysno::mount_setattr,
    Sysno::chroot,
    Sysno::setns,
    Sysno::unshare,
    Sysno::keyctl,
    Sysno::add_key,
    Sysno::request_key,
    Sysno::acct,
    Sysno::quotactl,
    Sysno::settimeofday,
    Sysno::clock_settime,
    Sysno::clock_adjtime,
    Sysno::adjtimex,
    Sysno::sethostname,
    Sysno::setdomainname,
    Sysno::personality,
    Sysno::syslog,
    Sysno::name_to_handle_at,
    Sysno::open_by_handle_at,
    Sysno::fanotify_init,
    Sysno::fanotify_mark,
    Sysno::vhangup,
    #[cfg(target_arch = "x86_64")]
    Sysno::iopl,
    #[cfg(target_arch = "x86_64")]
    Sysno::ioperm,
    #[cfg(target_arch = "x86_64")]
    Sysno::modify_ldt,
];

/// Puts the guards up for this process and all that it forks. Where the kernel lacks one, its engines lack it too
/// and say so.
///
/// # Errors
/// A guard that this kernel has could not be put up.
pub(crate) fn guard_nursery() -> io::Result<()> {
    kernel::give_up_capabilities()?;
    // Landlock has been there for longer than what this asks of it.
    Ruleset::default()
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::Execute)
        .and_then(Ruleset::create)
        .and_then(|rules| rules.restrict_self())
        .map_err(io::Error::other)?;
    match kernel::filter(&never().program().map_err(io::Error::other)?) {
        Err(error) if super::is_missing(&error) => Ok(()),
        done => done,
    }
}

fn never() -> Filter {
    let rules = NEVER.iter().map(|call| rule(*call, vec![], NO)).collect();
    Filter { rules, otherwise: Answer::Allow, younger: (YOUNGER, Answer::Allow) }
}

#[cfg(test)]
mod tests {
    use super::super::calls::{asked, listed};
    use super::super::filter::{OWN, tests::run};
    use super::*;
    use crate::engine::process::protocol::Network;

    #[test]
    fn a_nursery_is_refused_only_what_no_engine_gets_and_no_host_is_asked_about() {
        let own = std::process::id();
        for network in [Network::None, Network::Machine, Network::Any] {
            for (call, told) in NEVER.iter().flat_map(|call| [(call, false), (call, true)]) {
                let answered =
                    |filter: Filter| run(&filter.program().unwrap(), OWN, call.id() as u32, [0; 6]);
                let refused = answered(listed(network, own, told, false)) & libc::SECCOMP_RET_ACTION_FULL;
                assert_eq!(refused, libc::SECCOMP_RET_ERRNO, "{call}");
                assert_eq!(answered(asked(network, own, false)), libc::SECCOMP_RET_ALLOW, "{call}");
            }
        }
    }

    #[test]
    fn a_nursery_can_fork_talk_and_open_files() {
        let program = never().program().unwrap();
        for call in
            [Sysno::clone, Sysno::openat, Sysno::sendmsg, Sysno::recvmsg, Sysno::seccomp, Sysno::prctl]
        {
            assert_eq!(run(&program, OWN, call.id() as u32, [0; 6]), libc::SECCOMP_RET_ALLOW, "{call}");
        }
        assert_ne!(run(&program, OWN, Sysno::ptrace.id() as u32, [0; 6]), libc::SECCOMP_RET_ALLOW);
    }
}
