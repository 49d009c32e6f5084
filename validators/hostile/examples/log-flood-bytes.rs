//! Logs more bytes than the limits allow. Fault: `log-limit`.

use proofmark_validator_hostile::{host, hostile};

hostile!({
    let line = "x".repeat(16 << 10);
    loop {
        host::log::write(host::log::Level::Info, &line);
    }
});
