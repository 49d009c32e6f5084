//! Logs more messages than the limits allow. Fault: `log-limit`.

use proofmark_validator_hostile::{host, hostile};

hostile!(loop {
    host::log::write(host::log::Level::Debug, "");
});
