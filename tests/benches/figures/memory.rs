//! Memory of a process and all that it starts, watched from outside.

use std::collections::BTreeMap;
use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use proofmark_tests::setup;

/// Most memory seen.
#[derive(Debug, Clone, Default)]
pub(crate) struct Peak {
    /// `VmHWM` of every process that was seen, in bytes.
    peaks: BTreeMap<u32, u64>,
    /// Most that all of them held at one time, shared pages shared out.
    pss: u64,
}

impl Peak {
    /// The peaks of all processes added up: never less than the truth.
    pub(crate) fn sum_of_peaks_mib(&self) -> f64 {
        self.peaks.values().sum::<u64>() as f64 / f64::from(1 << 20)
    }

    /// The largest sample of the proportional set sizes added up.
    pub(crate) fn pss_mib(&self) -> f64 {
        self.pss as f64 / f64::from(1 << 20)
    }

    fn look(&mut self, root: u32) {
        let mut pss = 0;
        for pid in family(root) {
            let peak = self.peaks.entry(pid).or_default();
            *peak = (*peak).max(setup::peak_memory_bytes(pid));
            pss += proportional(pid);
        }
        self.pss = self.pss.max(pss);
    }
}

/// A thread that looks every 20 ms.
pub(crate) struct Watch {
    done: Arc<AtomicBool>,
    thread: JoinHandle<Peak>,
}

const PAUSE: Duration = Duration::from_millis(20);

/// Watch `root` and its descendants.
pub(crate) fn watch(root: u32) -> Watch {
    let done = Arc::new(AtomicBool::new(false));
    let stop = Arc::clone(&done);
    let thread = thread::spawn(move || {
        let mut peak = Peak::default();
        while !stop.load(Ordering::Relaxed) {
            peak.look(root);
            thread::sleep(PAUSE);
        }
        peak
    });
    Watch { done, thread }
}

impl Watch {
    /// The end; what was seen.
    pub(crate) fn stop(self) -> Peak {
        self.done.store(true, Ordering::Relaxed);
        self.thread
            .join()
            .expect("the watching thread does not panic")
    }
}

fn family(root: u32) -> Vec<u32> {
    let mut found = vec![root];
    let mut next = 0;
    while let Some(pid) = found.get(next).copied() {
        next += 1;
        for task in fs::read_dir(format!("/proc/{pid}/task"))
            .into_iter()
            .flatten()
            .flatten()
        {
            let children = fs::read_to_string(task.path().join("children")).unwrap_or_default();
            found.extend(
                children
                    .split_whitespace()
                    .filter_map(|pid| pid.parse::<u32>().ok()),
            );
        }
    }
    found
}

/// 0 where the kernel does not let us look.
fn proportional(pid: u32) -> u64 {
    let text = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("Pss:"));
    let kib = line.and_then(|rest| rest.split_whitespace().next()?.parse::<u64>().ok());
    kib.unwrap_or_default() << 10
}
