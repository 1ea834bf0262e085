//! Confinement of an engine process, by itself and before it reads the piece. Two kernels' guards,
//! one inside the other: Landlock decides which files can be opened, seccomp which system calls are
//! made at all. Bounds on memory, files and real-time computing hold for trusted pieces too.
//!
//! What a guard refuses fails in the piece with the opcode's own message. Starting programs and
//! opening sockets say nothing by themselves, so those wait for a thread of ours, which counts
//! ([`refused`]) and refuses them; the console names them.

use std::collections::BTreeMap;
use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use landlock::{
    ABI, Access, AccessFs, AccessNet, BitFlags, CompatLevel, Compatible, LandlockStatus, Ruleset,
    RulesetAttr, RulesetCreatedAttr, RulesetStatus, Scope, path_beneath_rules,
};
use rustix::process::{Resource, Rlimit};
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule,
};

use super::protocol::{Bounds, Confinement};

/// What every piece may read: the system's libraries and what they ask of the machine.
const READABLE: &[&str] = &[
    "/usr",
    "/lib",
    "/lib64",
    "/etc/ld.so.cache",
    "/etc/localtime",
    "/proc/cpuinfo",
    "/proc/meminfo",
    "/proc/stat",
    "/sys/devices/system/cpu",
    "/dev/random",
    "/dev/urandom",
    "/dev/zero",
];

/// What every piece may also write: it goes nowhere.
const NOWHERE: &str = "/dev/null";

/// Csound's own variables that name folders to read. They are the user's, not the piece's.
const FOLDER_VARIABLES: &[&str] =
    &["OPCODE6DIR64", "OPCODE6DIR", "SSDIR", "SFDIR", "SADIR", "INCDIR", "MFDIR", "RAWWAVE_PATH"];

/// The newest Landlock that is asked for.
const NEWEST: ABI = ABI::V6;

/// How well an engine is confined.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Confined {
    /// Protections that this kernel lacks.
    pub missing: Vec<String>,
    /// Whether what matters is there: no writing, no programs, no network.
    pub complete: bool,
}

/// Sets the process's bounds.
///
/// # Errors
/// What the system says.
pub fn bound(bounds: &Bounds) -> io::Result<()> {
    // Real-time computing ends with a signal that tells of it, before the kernel's last word.
    let limits = [
        (Resource::As, bounds.memory, bounds.memory),
        (Resource::Fsize, bounds.file, bounds.file),
        (Resource::Rttime, bounds.realtime, bounds.realtime.saturating_mul(2)),
        (Resource::Core, 0, 0),
    ];
    for (resource, soft, hard) in limits {
        // A limit that the user has set lower stays.
        let most = rustix::process::getrlimit(resource).maximum.unwrap_or(u64::MAX);
        let limit = Rlimit { current: Some(soft.min(most)), maximum: Some(hard.min(most)) };
        rustix::process::setrlimit(resource, limit)?;
    }
    // A file that grows too large is an error of the opcode that writes it, not the engine's end.
    // SAFETY: a plain call on the process's own signal state.
    unsafe { libc::signal(libc::SIGXFSZ, libc::SIG_IGN) };
    // First in line when memory runs out. Where this cannot be said, the kernel chooses as ever.
    let _ = std::fs::write("/proc/self/oom_score_adj", "1000");
    Ok(())
}

/// Confines the calling thread and all that it starts: before there is any other.
///
/// # Errors
/// A guard that this kernel has could not be put up.
pub fn confine(confinement: &Confinement, folder: &Path, library: &Path) -> io::Result<Confined> {
    let mut confined = guard_files(confinement, folder, library).map_err(io::Error::other)?;
    match guard_calls() {
        Ok(()) => {}
        Err(seccompiler::Error::Prctl(_) | seccompiler::Error::Seccomp(_)) => {
            confined.missing.push("seccomp filters: nothing keeps a piece from programs and networks".into());
            confined.complete = false;
        }
        Err(error) => return Err(io::Error::other(error)),
    }
    Ok(confined)
}

fn guard_files(
    confinement: &Confinement,
    folder: &Path,
    library: &Path,
) -> Result<Confined, landlock::RulesetError> {
    let read: BitFlags<AccessFs> = AccessFs::ReadFile | AccessFs::ReadDir;
    let mut readable: Vec<PathBuf> = READABLE.iter().map(PathBuf::from).collect();
    readable.extend(users_folders());
    readable.extend(library.parent().filter(|folder| folder.is_absolute()).map(Path::to_owned));
    readable.extend(confinement.readable.iter().cloned());
    let status = Ruleset::default()
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::from_all(NEWEST))?
        .handle_access(AccessNet::from_all(NEWEST))?
        .scope(Scope::from_all(NEWEST))?
        .create()?
        .add_rules(path_beneath_rules(readable, read))?
        .add_rules(path_beneath_rules([NOWHERE], AccessFs::ReadFile | AccessFs::WriteFile))?
        .add_rules(path_beneath_rules([folder], AccessFs::from_all(NEWEST) & !AccessFs::Execute))?
        // The folder itself goes with the engine, also when the host can no longer see to it.
        .add_rules(path_beneath_rules(folder.parent(), AccessFs::RemoveDir))?
        .restrict_self()?;
    let mut missing = Vec::new();
    let enforced = status.ruleset != RulesetStatus::NotEnforced && status.no_new_privs;
    match status.landlock {
        LandlockStatus::Available { effective_abi, .. } if enforced => {
            missing.extend(missing_below(effective_abi).map(str::to_owned));
        }
        _ => missing.push("Landlock: nothing keeps a piece from the user's files".into()),
    }
    Ok(Confined { missing, complete: enforced })
}

/// What an older Landlock lacks that the other guard does not make up for.
fn missing_below(abi: ABI) -> impl Iterator<Item = &'static str> {
    [
        (ABI::V5, "Landlock before Linux 6.10 does not see what a piece asks of devices"),
        (ABI::V6, "Landlock before Linux 6.12 does not see signals to other processes of the user"),
    ]
    .into_iter()
    .filter(move |(needed, _)| abi < *needed)
    .map(|(_, lacks)| lacks)
}

/// Folders that the user's environment gives to Csound, and Csound's own under the home folder.
fn users_folders() -> Vec<PathBuf> {
    let named = FOLDER_VARIABLES.iter().filter_map(std::env::var_os);
    let mut folders: Vec<_> =
        named.flat_map(|value| std::env::split_paths(&value).collect::<Vec<_>>()).collect();
    // Csound separates its folders with semicolons too.
    folders.extend(
        FOLDER_VARIABLES
            .iter()
            .filter_map(|name| std::env::var(name).ok())
            .flat_map(|value| value.split(';').map(PathBuf::from).collect::<Vec<_>>()),
    );
    folders.retain(|folder| folder.is_absolute() && folder.parent().is_some());
    if let Some(home) = dirs::home_dir() {
        folders.push(home.join(".local/lib/csound"));
    }
    folders
}

/// System calls that start a program, whatever their arguments.
#[cfg(target_arch = "x86_64")]
const PROGRAMS: &[i64] = &[libc::SYS_execve, libc::SYS_execveat, libc::SYS_fork, libc::SYS_vfork];
#[cfg(not(target_arch = "x86_64"))]
const PROGRAMS: &[i64] = &[libc::SYS_execve, libc::SYS_execveat];

/// System calls that no piece needs and that reach beyond the process or around the guards.
const FORBIDDEN: &[i64] = &[
    libc::SYS_ptrace,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_pidfd_open,
    libc::SYS_pidfd_getfd,
    libc::SYS_pidfd_send_signal,
    libc::SYS_rt_sigqueueinfo,
    libc::SYS_rt_tgsigqueueinfo,
    libc::SYS_io_uring_setup,
    libc::SYS_io_uring_enter,
    libc::SYS_io_uring_register,
    libc::SYS_bpf,
    libc::SYS_perf_event_open,
    libc::SYS_userfaultfd,
    libc::SYS_unshare,
    libc::SYS_setns,
    libc::SYS_mount,
    libc::SYS_umount2,
    libc::SYS_pivot_root,
    libc::SYS_chroot,
    libc::SYS_open_by_handle_at,
    libc::SYS_name_to_handle_at,
    libc::SYS_keyctl,
    libc::SYS_add_key,
    libc::SYS_request_key,
    libc::SYS_shmget,
    libc::SYS_semget,
    libc::SYS_msgget,
    libc::SYS_mq_open,
    libc::SYS_truncate,
    libc::SYS_fchmod,
    libc::SYS_fchmodat,
    libc::SYS_fchown,
    libc::SYS_fchownat,
    libc::SYS_setxattr,
    libc::SYS_lsetxattr,
    libc::SYS_fsetxattr,
    libc::SYS_removexattr,
    libc::SYS_lremovexattr,
    libc::SYS_fremovexattr,
    libc::SYS_fanotify_init,
    libc::SYS_personality,
    libc::SYS_acct,
    libc::SYS_quotactl,
    libc::SYS_reboot,
    libc::SYS_kexec_load,
    libc::SYS_init_module,
    libc::SYS_finit_module,
    libc::SYS_delete_module,
    libc::SYS_swapon,
    libc::SYS_swapoff,
    libc::SYS_settimeofday,
    libc::SYS_clock_settime,
    libc::SYS_sethostname,
    libc::SYS_setdomainname,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_chmod,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_chown,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_lchown,
];

/// System calls with arguments out of a filter's sight. Libraries go on without them.
const UNKNOWN: &[i64] = &[libc::SYS_clone3, libc::SYS_openat2];

fn guard_calls() -> Result<(), seccompiler::Error> {
    let own = i64::from(std::process::id());
    let mut trapped = always(PROGRAMS);
    trapped.insert(libc::SYS_socket, Vec::new());
    trapped.insert(libc::SYS_clone, vec![all(&[(0, masked(libc::CLONE_THREAD as u64, 0))])?]);
    let mut denied = always(FORBIDDEN);
    for call in [libc::SYS_kill, libc::SYS_tgkill] {
        denied.insert(call, vec![all(&[(0, (SeccompCmpOp::Ne, own as u64))])?]);
    }
    // Older Landlocks let a file that is opened for reading only be emptied all the same.
    let emptied = masked((libc::O_TRUNC | libc::O_ACCMODE) as u64, libc::O_TRUNC as u64);
    denied.insert(libc::SYS_openat, vec![all(&[(2, emptied.clone())])?]);
    #[cfg(target_arch = "x86_64")]
    denied.insert(libc::SYS_open, vec![all(&[(1, emptied)])?]);
    // All are asked; the strictest answer counts.
    for (calls, answer) in [
        (always(UNKNOWN), SeccompAction::Errno(libc::ENOSYS as u32)),
        (denied, SeccompAction::Errno(libc::EPERM as u32)),
    ] {
        let filter =
            SeccompFilter::new(calls, SeccompAction::Allow, answer, std::env::consts::ARCH.try_into()?)?;
        let program: BpfProgram = filter.try_into()?;
        seccompiler::apply_filter(&program)?;
    }
    name_refusals(trapped)
}

fn always(calls: &[i64]) -> BTreeMap<i64, Vec<SeccompRule>> {
    calls.iter().map(|call| (*call, Vec::new())).collect()
}

fn masked(mask: u64, value: u64) -> (SeccompCmpOp, u64) {
    (SeccompCmpOp::MaskedEq(mask), value)
}

/// All of these conditions on arguments, as 32 bits.
fn all(conditions: &[(u8, (SeccompCmpOp, u64))]) -> Result<SeccompRule, seccompiler::Error> {
    let condition = |(argument, (operator, value)): &(u8, (SeccompCmpOp, u64))| {
        SeccompCondition::new(*argument, SeccompCmpArgLen::Dword, operator.clone(), *value)
    };
    let conditions = conditions.iter().map(condition).collect::<Result<Vec<_>, _>>()?;
    Ok(SeccompRule::new(conditions)?)
}

static PROGRAMS_REFUSED: AtomicU32 = AtomicU32::new(0);
static SOCKETS_REFUSED: AtomicU32 = AtomicU32::new(0);

/// How often the piece was kept from something that fails without a word, since the last call: from
/// starting a program, from opening a network connection.
pub fn refused() -> (u32, u32) {
    (PROGRAMS_REFUSED.swap(0, Ordering::Relaxed), SOCKETS_REFUSED.swap(0, Ordering::Relaxed))
}

/// A request to answer for a system call, and the answer: the kernel's numbers for an `ioctl` that
/// reads and writes a structure of this size.
const RECEIVE: libc::c_ulong = 0xC000_2100 | (size_of::<libc::seccomp_notif>() as libc::c_ulong) << 16;
const SEND: libc::c_ulong = 0xC000_2101 | (size_of::<libc::seccomp_notif_resp>() as libc::c_ulong) << 16;

/// Puts up a filter whose `trapped` calls wait for a thread of ours, which counts and refuses them.
/// A signal would not do: who starts a program blocks all signals first, and would be killed by it.
fn name_refusals(trapped: BTreeMap<i64, Vec<SeccompRule>>) -> Result<(), seccompiler::Error> {
    // The library knows no such answer; this one stands in its place until the filter is made.
    const STAND_IN: u32 = 0x7FFF;
    let marked = SeccompAction::Trace(STAND_IN);
    let filter = SeccompFilter::new(
        trapped,
        SeccompAction::Allow,
        marked.clone(),
        std::env::consts::ARCH.try_into()?,
    )?;
    let mut program: BpfProgram = filter.try_into()?;
    let marked = u32::from(marked);
    program.iter_mut().filter(|step| step.k == marked).for_each(|step| step.k = libc::SECCOMP_RET_USER_NOTIF);
    let steps = libc::sock_fprog { len: program.len() as u16, filter: program.as_mut_ptr().cast() };
    // SAFETY: the program is a valid one of that length and lives for the call; the result is a new
    // descriptor or an error.
    let listener = unsafe {
        libc::syscall(
            libc::SYS_seccomp,
            libc::SECCOMP_SET_MODE_FILTER,
            libc::SECCOMP_FILTER_FLAG_NEW_LISTENER,
            &raw const steps,
        )
    };
    if listener < 0 {
        return Err(seccompiler::Error::Seccomp(io::Error::last_os_error()));
    }
    // SAFETY: just made, and nobody else's.
    let listener = unsafe { OwnedFd::from_raw_fd(listener as i32) };
    // Without the thread the calls are refused all the same, as unknown ones.
    std::thread::Builder::new()
        .name("csound refusals".into())
        .spawn(move || while refuse_one(&listener) {})
        .map_err(seccompiler::Error::Prctl)?;
    Ok(())
}

/// Waits for one call, counts and refuses it; false when there will be no more.
fn refuse_one(listener: &OwnedFd) -> bool {
    // SAFETY: plain numbers, for which zero is a value; the kernel asks for zeros.
    let mut asked: libc::seccomp_notif = unsafe { std::mem::zeroed() };
    // SAFETY: the descriptor is a listener, and the structure the one that the request fills.
    if unsafe { libc::ioctl(listener.as_raw_fd(), RECEIVE, &raw mut asked) } != 0 {
        return io::Error::last_os_error().kind() == io::ErrorKind::Interrupted;
    }
    let socket = i64::from(asked.data.nr) == libc::SYS_socket;
    let count = if socket { &SOCKETS_REFUSED } else { &PROGRAMS_REFUSED };
    count.fetch_add(1, Ordering::Relaxed);
    let mut answer = libc::seccomp_notif_resp { id: asked.id, val: 0, error: -libc::EPERM, flags: 0 };
    // SAFETY: as above. The caller may have gone meanwhile, which is as well.
    unsafe { libc::ioctl(listener.as_raw_fd(), SEND, &raw mut answer) };
    true
}
