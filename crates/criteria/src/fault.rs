//! A run without a report, and who must act.
//!
//! A [`FaultCode`] is deterministic: the same run ends the same way everywhere, so it is recorded and
//! makes its criterion inconclusive. A [`HostFaultCode`] is not: it never enters a record, and the run is
//! tried again. No text of the engine (trap messages, backtraces) is kept, only the code.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Who must act upon a fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Owner {
    /// Whoever wrote the criteria.
    Buyer,
    /// The author of the validator.
    Validator,
    /// The supplier: what was delivered cannot be judged.
    Submission,
    /// Whoever operates the machine.
    Host,
}

impl Owner {
    /// The name as in documents.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Buyer => "buyer",
            Self::Validator => "validator",
            Self::Submission => "submission",
            Self::Host => "host",
        }
    }
}

/// Declares an enum of codes with its text forms and meanings in one table.
macro_rules! codes {
    ($(#[$doc:meta])* $name:ident { $($variant:ident = $text:literal, $meaning:literal;)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum $name {
            $(#[doc = $meaning] #[serde(rename = $text)] $variant,)+
        }

        impl $name {
            /// Every code, in the order of the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The stable name.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }

            /// What happened, one sentence.
            #[must_use]
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $meaning,)+ }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl FromStr for $name {
            type Err = UnknownCode;

            fn from_str(text: &str) -> Result<Self, UnknownCode> {
                Self::ALL.iter().copied().find(|code| code.as_str() == text).ok_or(UnknownCode)
            }
        }
    };
}

/// Text that names no fault. Whoever wrote the document is to blame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no fault has this code")]
pub struct UnknownCode;

codes! {
    /// Why a run gave no report. Closed: a new way to fail is a new version of the record.
    FaultCode {
        OutOfFuel = "out-of-fuel", "The validator used up its fuel.";
        MemoryLimit = "memory-limit", "The validator went over its limit of linear memory.";
        TableLimit = "table-limit", "The validator went over its limit of table elements.";
        InstanceLimit = "instance-limit", "The validator has more core instances, memories or tables than its limits allow.";
        LogLimit = "log-limit", "The validator wrote more log than its limits allow.";
        ReadLimit = "read-limit", "The validator read more bytes than its limits allow.";
        StackOverflow = "stack-overflow", "The validator's call stack overflowed; at which depth depends on the compiled code, so a validator near it must not be relied on.";
        Unreachable = "unreachable", "The validator aborted: a panic, a failed assertion or an unreachable instruction.";
        MemoryOutOfBounds = "memory-out-of-bounds", "The validator accessed memory outside its bounds.";
        TableOutOfBounds = "table-out-of-bounds", "The validator accessed a table outside its bounds.";
        IndirectCall = "indirect-call", "The validator called a function pointer that is null or of another type.";
        IntegerOverflow = "integer-overflow", "An integer operation of the validator overflowed.";
        DivisionByZero = "division-by-zero", "The validator divided an integer by zero.";
        BadConversion = "bad-conversion", "The validator converted a number that the integer type cannot hold.";
        AbiViolation = "abi-violation", "The validator passed a value that its interface does not allow, such as text that is not UTF-8.";
        Exited = "exited", "The validator ended its own process instead of returning.";
        InvalidReport = "invalid-report", "The report contradicts itself, or has other checks than the parameters ask for.";
        ReportLimit = "report-limit", "The report is larger than the limits allow.";
        RefusedInternal = "refused-internal", "The validator says that an assumption of its own does not hold.";
        InstantiationLimit = "instantiation-limit", "The validator used up the budget for its instantiation.";
        TrapOther = "trap-other", "The validator trapped in a way that has no code of its own.";
        RefusedParams = "refused-params", "The validator says that its parameters make no sense.";
        RefusedSubmission = "refused-submission", "The validator says that what was delivered cannot be judged at all.";
    }
}

codes! {
    /// Why the host could not run a validator. Never recorded and never a verdict: the run is tried again,
    /// here or elsewhere.
    HostFaultCode {
        WorkerDied = "worker-died", "The worker process died.";
        WorkerTimeout = "worker-timeout", "The worker process did not answer in time.";
        WorkerCpuLimit = "worker-cpu-limit", "The worker process used up its CPU time.";
        WorkerProtocol = "worker-protocol", "The worker process answered something that is not an answer.";
        WorkerSpawn = "worker-spawn", "The worker process could not be started or locked down.";
        PoolExhausted = "pool-exhausted", "Too many validators run at once.";
        OutOfMemory = "out-of-memory", "The machine has no memory left.";
        Io = "io", "Reading or writing a file failed.";
        ArtifactChanged = "artifact-changed", "A file changed after its digest was taken.";
        ArtifactMissing = "artifact-missing", "A file vanished after its digest was taken.";
        CacheCorrupt = "cache-corrupt", "Compiled code in the cache is not what was put there.";
        Internal = "internal", "Proofmark itself is at fault.";
    }
}

impl FaultCode {
    /// Who must act.
    #[must_use]
    pub const fn owner(self) -> Owner {
        match self {
            Self::RefusedParams => Owner::Buyer,
            Self::RefusedSubmission => Owner::Submission,
            _ => Owner::Validator,
        }
    }

    /// Whether the validator returned a refusal in place of a report.
    #[must_use]
    pub const fn is_refusal(self) -> bool {
        matches!(
            self,
            Self::RefusedInternal | Self::RefusedParams | Self::RefusedSubmission
        )
    }

    /// Whether every engine of one profile ends the same run so. The depth at which a native stack
    /// overflows depends on generated code, so a record with that fault must not be signed.
    #[must_use]
    pub const fn is_deterministic(self) -> bool {
        !matches!(self, Self::StackOverflow)
    }

    /// Whether a higher limit in the criteria could have averted it.
    #[must_use]
    pub const fn is_limit(self) -> bool {
        matches!(
            self,
            Self::OutOfFuel
                | Self::MemoryLimit
                | Self::TableLimit
                | Self::InstanceLimit
                | Self::LogLimit
                | Self::ReadLimit
                | Self::ReportLimit
        )
    }

    /// Whether `evaluate` returned, so that the log is complete and its digest is recorded.
    #[must_use]
    pub const fn returned(self) -> bool {
        self.is_refusal() || matches!(self, Self::InvalidReport | Self::ReportLimit)
    }

    /// Whether the runtime's fuel counter is exact, so that it is recorded: after a normal return and
    /// after running out. After any other trap the counter may lag behind.
    #[must_use]
    pub const fn fuel_is_exact(self) -> bool {
        self.returned() || matches!(self, Self::OutOfFuel)
    }
}

/// A recorded fault: its code, and the owner that follows from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "FaultWire", into = "FaultWire")]
pub struct Fault {
    /// What happened.
    pub code: FaultCode,
}

impl Fault {
    /// Who must act.
    #[must_use]
    pub const fn owner(self) -> Owner {
        self.code.owner()
    }
}

impl From<FaultCode> for Fault {
    fn from(code: FaultCode) -> Self {
        Self { code }
    }
}

/// How a [`Fault`] is written: readers need not know the table of owners.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FaultWire {
    code: FaultCode,
    owner: Owner,
}

impl From<Fault> for FaultWire {
    fn from(fault: Fault) -> Self {
        Self {
            code: fault.code,
            owner: fault.owner(),
        }
    }
}

impl TryFrom<FaultWire> for Fault {
    type Error = &'static str;

    fn try_from(wire: FaultWire) -> Result<Self, &'static str> {
        if wire.owner != wire.code.owner() {
            return Err("the fault has another owner");
        }
        Ok(Self { code: wire.code })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::is_slug;

    #[test]
    fn every_code_has_one_text_form_and_a_meaning() -> Result<(), serde_json::Error> {
        for code in FaultCode::ALL {
            assert!(is_slug(code.as_str()) && code.meaning().ends_with('.'));
            assert_eq!(serde_json::to_string(code)?, format!("\"{code}\""));
            assert_eq!(code.as_str().parse(), Ok(*code));
        }
        for code in HostFaultCode::ALL {
            assert!(is_slug(code.as_str()) && code.meaning().ends_with('.'));
            assert_eq!(code.as_str().parse(), Ok(*code));
        }
        assert_eq!("worker-died".parse::<FaultCode>(), Err(UnknownCode));
        Ok(())
    }

    #[test]
    fn no_recorded_fault_is_the_hosts() {
        assert!(
            FaultCode::ALL
                .iter()
                .all(|code| code.owner() != Owner::Host)
        );
        assert_eq!(FaultCode::RefusedParams.owner(), Owner::Buyer);
        assert_eq!(FaultCode::RefusedSubmission.owner(), Owner::Submission);
    }

    #[test]
    fn fuel_is_exact_only_after_a_return_or_running_out() {
        let exact: Vec<_> = FaultCode::ALL
            .iter()
            .filter(|code| code.fuel_is_exact())
            .map(|code| code.as_str())
            .collect();
        let expected = [
            "out-of-fuel",
            "invalid-report",
            "report-limit",
            "refused-internal",
            "refused-params",
            "refused-submission",
        ];
        assert_eq!(exact, expected);
        assert!(!FaultCode::OutOfFuel.returned());
    }

    #[test]
    fn the_owner_is_written_and_checked() -> Result<(), serde_json::Error> {
        let json = serde_json::to_string(&Fault::from(FaultCode::Unreachable))?;
        assert_eq!(json, r#"{"code":"unreachable","owner":"validator"}"#);
        assert!(serde_json::from_str::<Fault>(&json).is_ok());
        let forged = json.replace("validator", "submission");
        assert!(serde_json::from_str::<Fault>(&forged).is_err());
        Ok(())
    }
}
