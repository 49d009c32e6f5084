//! Reports what clocks, random numbers, arguments, environment and directories say. No fault: they say
//! the same everywhere.

use std::collections::HashMap;
use std::time::{Instant, SystemTime};

use proofmark_validator_hostile::{hostile, passed, report};

hostile!({
    let started = Instant::now();
    let map: HashMap<u32, u32> = (0..16).map(|n| (n, n)).collect();
    let order: Vec<_> = map.keys().map(u32::to_string).collect();
    let since = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .map_or(0, |time| time.as_nanos());
    let directory = std::fs::read_dir("/").is_err();
    Ok(report(passed(format!(
        "{} {since} {} {} {} {directory}",
        order.join(","),
        started.elapsed().as_nanos(),
        std::env::args().count(),
        std::env::vars().count(),
    ))))
});
