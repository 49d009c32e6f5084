//! What a child gives up before it reads a byte that a stranger wrote.
//!
//! Each measure is tried and its outcome reported: a kernel that lacks one makes the isolation weaker
//! and the report longer, never silent.

use std::collections::BTreeMap;
use std::fmt;

use landlock::{
    ABI, Access, AccessFs, AccessNet, CompatLevel, Compatible, Ruleset, RulesetAttr, RulesetStatus,
    Scope,
};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use seccompiler::{
    BackendError, BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition,
    SeccompFilter, SeccompRule,
};
use serde::{Deserialize, Serialize};

/// Where guests run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Isolation {
    /// In a locked-down child process.
    #[default]
    Process,
    /// In the caller's own process, behind WebAssembly's walls alone. For debugging and benchmarks.
    None,
}

/// One measure, and whether it holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measure {
    /// Stable name.
    pub name: String,
    /// Does it hold in full?
    pub applied: bool,
    /// What exactly holds, or why it does not.
    pub detail: String,
}

/// What a child is locked down with.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct IsolationReport {
    /// In the order in which they were applied.
    pub measures: Vec<Measure>,
    /// The limits on memory and processor time are ours in full. Where the system's own are lower, what
    /// hits them has not used up what it may.
    pub limits_in_force: bool,
}

impl IsolationReport {
    /// Names of the measures that do not hold.
    pub fn missing(&self) -> Vec<&str> {
        self.measures
            .iter()
            .filter(|measure| !measure.applied)
            .map(|measure| measure.name.as_str())
            .collect()
    }

    pub(super) fn note(&mut self, name: &str, outcome: Result<String, impl fmt::Display>) {
        let (applied, detail) = match outcome {
            Ok(detail) => (true, detail),
            Err(error) => (false, error.to_string()),
        };
        self.measures.push(Measure {
            name: name.to_owned(),
            applied,
            detail,
        });
    }
}

impl fmt::Display for IsolationReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words: Vec<_> = self
            .measures
            .iter()
            .map(|measure| {
                format!(
                    "{}{}",
                    if measure.applied { "" } else { "NO " },
                    measure.name
                )
            })
            .collect();
        f.write_str(&words.join(", "))
    }
}

/// What a child may use of the machine. Clock and memory limits protect the host, and only ever lead
/// to a host fault (or, while compiling, to a refusal).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProcessLimits {
    /// Private writable memory, in bytes.
    pub data_bytes: u64,
    /// Processor time over the whole life of the process, in seconds; none for a child that is reused
    /// (its parent watches the time of each run instead).
    pub cpu_seconds: Option<u64>,
}

/// Memory a running child may use: the largest guest there may be, compiled code, a program with what it is passed, and buffers.
pub const RUN_DATA_BYTES: u64 = 4 << 30;
/// Open descriptors: the socket, wasmtime's own, and one for each artifact a run holds open.
const MAX_DESCRIPTORS: u64 = 1_100;
/// wasmtime keeps the initial memory of a component in a memory file.
const MAX_FILE_BYTES: u64 = 256 << 20;

/// Close whatever the parent's parent left open. The very first act of a child.
pub(super) fn close_descriptors(report: &mut IsolationReport) {
    let outcome = std::fs::read_dir("/proc/self/fd").map(|entries| {
        let open =
            entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<i32>().ok());
        for fd in open.filter(|fd| *fd > 2).collect::<Vec<_>>() {
            // SAFETY: nothing in this process has opened a descriptor yet, so no one owns these; the
            // listing's own is closed already, and closing it again fails harmlessly.
            unsafe { libc::close(fd) };
        }
        "all but the socket".to_owned()
    });
    report.note("closed-descriptors", outcome);
}

/// Nothing is inherited through the environment.
pub(super) fn check_environment(report: &mut IsolationReport) {
    let left = std::env::vars_os().count();
    let outcome = if left == 0 {
        Ok("empty".to_owned())
    } else {
        Err(format!("{left} variables"))
    };
    report.note("empty-environment", outcome);
}

/// Resource limits, no new privileges, no capabilities, Landlock. Inherited by the threads started
/// afterwards.
pub(super) fn restrict(limits: ProcessLimits, without: Without, report: &mut IsolationReport) {
    report.note(
        "dies-with-parent",
        Ok::<_, String>("when the socket is closed".to_owned()),
    );
    let limited = resource_limits(limits);
    report.limits_in_force = limited.as_ref().is_ok_and(|set| set.in_full);
    report.note("resource-limits", limited.map(|set| set.detail));
    report.note(
        "no-new-privileges",
        rustix::thread::set_no_new_privs(true).map(|()| "set".to_owned()),
    );
    report.note("no-capabilities", no_capabilities());
    report.note("landlock", unless(without, "landlock", landlock));
}

/// Names of measures that are not taken: for tests that show what each is worth by itself.
pub(super) type Without = &'static [&'static str];

fn unless(
    without: Without,
    name: &str,
    apply: impl FnOnce() -> Result<String, String>,
) -> Result<String, String> {
    match without.contains(&name) {
        true => Err("left out".to_owned()),
        false => apply(),
    }
}

/// Whoever starts a worker as root gets one that may do no more than any other.
fn no_capabilities() -> rustix::io::Result<String> {
    use rustix::thread::{CapabilitySet, CapabilitySets};
    // Ambient ones are gone with the permitted ones.
    let none = CapabilitySets {
        effective: CapabilitySet::empty(),
        permitted: CapabilitySet::empty(),
        inheritable: CapabilitySet::empty(),
    };
    rustix::thread::set_capabilities(None, none).map(|()| "none".to_owned())
}

/// What came of setting limits.
struct LimitsSet {
    detail: String,
    in_full: bool,
}

/// Each limit on its own: one that cannot be set must not keep the others from being set.
fn resource_limits(limits: ProcessLimits) -> Result<LimitsSet, String> {
    let mut wanted = vec![
        ("core", Resource::Core, 0, 0),
        (
            "descriptors",
            Resource::Nofile,
            MAX_DESCRIPTORS,
            MAX_DESCRIPTORS,
        ),
        ("file size", Resource::Fsize, MAX_FILE_BYTES, MAX_FILE_BYTES),
        ("data", Resource::Data, limits.data_bytes, limits.data_bytes),
    ];
    if let Some(seconds) = limits.cpu_seconds {
        // The soft limit first, so that the parent sees SIGXCPU and knows why.
        wanted.push(("processor time", Resource::Cpu, seconds, seconds + 5));
    }
    let (mut failed, mut lower_already) = (Vec::new(), Vec::new());
    for (name, resource, soft, hard) in wanted {
        match lower(resource, soft, hard) {
            Ok(set) if set < soft => lower_already.push(format!("{name} {set}")),
            Ok(_) => {}
            Err(error) => failed.push(format!("{name}: {error}")),
        }
    }
    if !failed.is_empty() {
        return Err(failed.join(", "));
    }
    let detail = format!("data {} MiB, no core", limits.data_bytes >> 20);
    Ok(LimitsSet {
        in_full: lower_already.is_empty() && no_address_limit(),
        detail: match lower_already.is_empty() {
            true => detail,
            false => format!(
                "{detail}; lower by the system: {}",
                lower_already.join(", ")
            ),
        },
    })
}

/// Another limit that refuses memory, and is not ours.
fn no_address_limit() -> bool {
    getrlimit(Resource::As).current.is_none()
}

/// Set a limit, or keep what the system has set lower already; what it is now.
fn lower(resource: Resource, soft: u64, hard: u64) -> rustix::io::Result<u64> {
    let now = getrlimit(resource);
    let ceiling = now.maximum.unwrap_or(u64::MAX);
    let soft = soft.min(ceiling).min(now.current.unwrap_or(u64::MAX));
    let limit = Rlimit {
        current: Some(soft),
        maximum: Some(hard.min(ceiling)),
    };
    setrlimit(resource, limit).map(|()| soft)
}

/// The interface version is pinned: a newer kernel must not change what is allowed.
const LANDLOCK_ABI: ABI = ABI::V6;

fn landlock() -> Result<String, String> {
    let status = Ruleset::default()
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::from_all(LANDLOCK_ABI))
        .and_then(|ruleset| ruleset.handle_access(AccessNet::from_all(LANDLOCK_ABI)))
        .and_then(|ruleset| ruleset.scope(Scope::from_all(LANDLOCK_ABI)))
        .and_then(landlock::Ruleset::create)
        .and_then(landlock::RulesetCreated::restrict_self)
        .map_err(|error| error.to_string())?;
    match status.ruleset {
        RulesetStatus::FullyEnforced => {
            Ok("no file, no TCP, no signal or abstract socket outside".to_owned())
        }
        RulesetStatus::PartiallyEnforced => Err("the kernel enforces a part of it".to_owned()),
        RulesetStatus::NotEnforced => Err("the kernel has no Landlock".to_owned()),
    }
}

/// No thread and no process can be started from here on. Not earlier: the thread that runs guests is one.
pub(super) fn forbid_new_processes(report: &mut IsolationReport) {
    let outcome = lower(Resource::Nproc, 0, 0).map(|_| "none can be started".to_owned());
    report.note("no-new-process", outcome);
}

/// Not before the pool is made: wasmtime opens /proc/self/pagemap, which an undumpable process may not.
pub(super) fn close_memory(report: &mut IsolationReport) {
    let closed =
        rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable);
    report.note(
        "not-dumpable",
        closed.map(|()| "memory closed to debuggers".to_owned()),
    );
}

/// The last door: from here on only these system calls exist. Everything else answers EPERM.
pub(super) fn filter_system_calls(without: Without, report: &mut IsolationReport) {
    let filter = || {
        let applied = seccompiler::apply_filter_all_threads(&program()?);
        applied.map_err(|error| error.to_string())?;
        Ok(format!("{} system calls left", ALLOWED.len() + CONDITIONAL))
    };
    report.note("seccomp", unless(without, "seccomp", filter));
}

/// What the loop, wasmtime and the allocator need. None of them opens, connects, starts or signals
/// anything outside the process.
const ALLOWED: &[libc::c_long] = &[
    // the socket to the parent, and reading artifacts
    libc::SYS_read,
    libc::SYS_write,
    libc::SYS_recvmsg,
    libc::SYS_sendmsg,
    libc::SYS_recvfrom,
    libc::SYS_sendto,
    libc::SYS_pread64,
    libc::SYS_close,
    libc::SYS_fstat,
    libc::SYS_lseek,
    libc::SYS_poll,
    libc::SYS_ppoll,
    // memory
    libc::SYS_munmap,
    libc::SYS_mprotect,
    libc::SYS_madvise,
    libc::SYS_mremap,
    libc::SYS_brk,
    // memory images of components
    libc::SYS_memfd_create,
    libc::SYS_ftruncate,
    libc::SYS_pwrite64,
    // traps are signals
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_sigaltstack,
    // threads waiting for each other, time, the end
    libc::SYS_futex,
    libc::SYS_sched_yield,
    libc::SYS_clock_gettime,
    libc::SYS_restart_syscall,
    libc::SYS_getrandom,
    libc::SYS_gettid,
    libc::SYS_getpid,
    libc::SYS_exit,
    libc::SYS_exit_group,
];

/// Calls that are allowed with certain arguments only: `fcntl`, `ioctl`, `mmap`, `tgkill`.
const CONDITIONAL: usize = 4;

/// What is asked of descriptors: copies, flags, seals. Not who is told of what happens to them, which can
/// signal other processes.
const FCNTL: [libc::c_int; 6] = [
    libc::F_DUPFD_CLOEXEC,
    libc::F_GETFD,
    libc::F_SETFD,
    libc::F_GETFL,
    libc::F_ADD_SEALS,
    libc::F_GET_SEALS,
];

/// The type of a mapping, in the flags of `mmap`, and the one type that the data limit counts.
const MAP_TYPE: u64 = 0x0f;

/// `PAGEMAP_SCAN` (linux/fs.h): finds the pages a run touched, so that only those are cleared.
const PAGEMAP_SCAN: u64 = 0xc060_6610;

fn program() -> Result<BpfProgram, String> {
    // `abort` signals itself: the parent must see SIGABRT, not what glibc falls back to.
    let own = u64::from(std::process::id());
    let private = SeccompCmpOp::MaskedEq(MAP_TYPE);
    let commands =
        FCNTL.map(|command| only(1, SeccompCmpOp::Eq, u64::from(command.cast_unsigned())));
    let conditional = [
        (libc::SYS_fcntl, commands.into_iter().collect()),
        (
            libc::SYS_ioctl,
            only(1, SeccompCmpOp::Eq, PAGEMAP_SCAN).map(|rule| vec![rule]),
        ),
        (
            libc::SYS_mmap,
            only(3, private, libc::MAP_PRIVATE as u64).map(|rule| vec![rule]),
        ),
        (
            libc::SYS_tgkill,
            only(0, SeccompCmpOp::Eq, own).map(|rule| vec![rule]),
        ),
    ];
    let mut rules: BTreeMap<i64, Vec<SeccompRule>> =
        ALLOWED.iter().map(|call| (*call, Vec::new())).collect();
    for (call, allowed) in conditional {
        rules.insert(call, allowed.map_err(text)?);
    }
    let denied = SeccompAction::Errno(libc::EPERM as u32);
    let arch = std::env::consts::ARCH.try_into().map_err(text)?;
    SeccompFilter::new(rules, denied, SeccompAction::Allow, arch)
        .and_then(TryInto::try_into)
        .map_err(text)
}

/// The call with one argument compared in its lower 32 bits.
fn only(argument: u8, how: SeccompCmpOp, value: u64) -> Result<SeccompRule, BackendError> {
    let condition = SeccompCondition::new(argument, SeccompCmpArgLen::Dword, how, value)?;
    SeccompRule::new(vec![condition])
}

fn text(error: BackendError) -> String {
    error.to_string()
}
