//! What the figures were measured on.

use std::fs;
use std::time::Duration;

use proofmark_tests::setup;
use serde_json::{Value, json};

/// Processor, cores, memory, kernel, and how busy the machine is with other things.
pub(crate) fn facts() -> Value {
    json!({
        "processor": field("/proc/cpuinfo", "model name"),
        "cores": std::thread::available_parallelism().map_or(0, usize::from),
        "memory": field("/proc/meminfo", "MemTotal"),
        "kernel": line("/proc/sys/kernel/osrelease"),
        "load": load(),
        "build": if cfg!(debug_assertions) { "debug: the figures mean nothing" } else { "release" },
    })
}

/// The facts in one line.
pub(crate) fn text(facts: &Value) -> String {
    let fact = |(name, value): (&String, &Value)| match value {
        Value::String(text) => format!("{name} {text}"),
        other => format!("{name} {other}"),
    };
    facts
        .as_object()
        .map(|facts| facts.iter().map(fact).collect::<Vec<_>>().join(" · "))
        .unwrap_or_default()
}

/// Runnable processes over the last minute, five and fifteen.
pub(crate) fn load() -> String {
    line("/proc/loadavg")
        .split(' ')
        .take(3)
        .collect::<Vec<_>>()
        .join(" ")
}

fn line(path: &str) -> String {
    fs::read_to_string(path)
        .unwrap_or_default()
        .trim()
        .to_owned()
}

fn field(path: &str, name: &str) -> String {
    let text = fs::read_to_string(path).unwrap_or_default();
    let found = text
        .lines()
        .find_map(|line| line.strip_prefix(name)?.trim_start().strip_prefix(':'));
    found.unwrap_or("unknown").trim().to_owned()
}

/// Processor time that the calling thread has used.
pub(crate) fn cpu_of_this_thread() -> Duration {
    on_cpu("/proc/thread-self/schedstat")
}

/// Processor time that this process has used, its threads that have ended included (proc(5): fields 14 and 15 of `stat`, in
/// clock ticks of ten milliseconds or so).
pub(crate) fn cpu_of_this_process() -> Duration {
    let stat = line("/proc/self/stat");
    // The second field is the program's name, which may hold spaces.
    let fields = stat.rsplit_once(')').map_or("", |(_, fields)| fields);
    let used = fields.split_whitespace().skip(11).take(2);
    let ticks: u64 = used.filter_map(|field| field.parse::<u64>().ok()).sum();
    Duration::from_millis(ticks * 1_000 / rustix::param::clock_ticks_per_second())
}

/// Cores that this process may use.
pub(crate) fn cores() -> f64 {
    std::thread::available_parallelism().map_or(1.0, |cores| cores.get() as f64)
}

/// Processor time that the living children of this process have used.
pub(crate) fn cpu_of_children() -> Duration {
    let children = setup::children().into_iter();
    let tasks = children.flat_map(|pid| fs::read_dir(format!("/proc/{pid}/task")));
    tasks
        .flatten()
        .flatten()
        .map(|task| on_cpu(&task.path().join("schedstat").display().to_string()))
        .sum()
}

/// The first number of schedstat is the time on a processor in nanoseconds.
fn on_cpu(path: &str) -> Duration {
    let nanoseconds = line(path)
        .split(' ')
        .next()
        .and_then(|word| word.parse().ok());
    Duration::from_nanos(nanoseconds.unwrap_or_default())
}
