//! The rules, their order, and what became of each.

use std::fmt;

use super::failure::Failure;

/// Declares the rules with their names and questions in one table.
macro_rules! rules {
    ($($variant:ident = $name:literal, $question:literal;)+) => {
        /// A rule of verification. Their order is that of the variants.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Rule {
            $(#[doc = $question] $variant,)+
        }

        impl Rule {
            /// Every rule, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The stable name.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// What holds if the rule holds, one sentence.
            #[must_use]
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $question,)+ }
            }
        }
    };
}

rules! {
    Size = "size", "The bundle is not larger than a bundle can be.";
    Parse = "parse", "The bundle has exactly the members of a bundle, each once.";
    Policy = "policy", "The trust policy is signed by its root, in force, and meant for this audience.";
    Envelope = "envelope", "The envelope is DSSE, with one signature for each key id.";
    PayloadType = "payload-type", "The payload is an in-toto statement.";
    Signatures = "signatures", "A trusted key signed, and no signature under the id of one is false.";
    Threshold = "threshold", "Enough distinct keys of enough distinct operators signed.";
    CanonicalForm = "canonical-form", "The payload is canonical JSON, so that one outcome has one byte string.";
    StatementType = "statement-type", "The payload is an in-toto Statement v1.";
    Predicate = "predicate", "The predicate is validated-outcome/v1, with exactly its members.";
    Audience = "audience", "The outcome is bound to this audience.";
    Contract = "contract", "The outcome is bound to this contract, deliverable and attempt.";
    Nonce = "nonce", "The outcome carries the nonce that was issued for this attempt.";
    Subject = "subject", "The outcome is about this submission, and about nothing else.";
    Criteria = "criteria", "The submission was judged by these criteria and their validators.";
    Profile = "profile", "The engine profile is allowed, and not older than the contract's.";
    Limits = "limits", "The limits are those of the criteria, and no run went over them.";
    Result = "result", "The verdict follows from the checks, and the documents say the same.";
    LogOrigin = "log-origin", "The checkpoint is signed by a log that is trusted.";
    Inclusion = "inclusion", "This very envelope is in the log.";
    WitnessQuorum = "witness-quorum", "Enough witnesses saw that state of the log.";
    Time = "time", "The outcome existed in time, and is neither too old nor from the future.";
    KeyValidity = "key-validity", "Keys and profile counted at the time that the evidence shows.";
    Receipts = "receipts", "Every receipt of a known engine is signed by it and is about this outcome.";
    Conflicts = "conflicts", "No trusted engine is known to have signed another result of this run.";
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What became of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RuleStatus {
    /// It holds.
    Held,
    /// It does not.
    Failed,
    /// Nothing was stated that it could be held against, and the policy does not demand it.
    NotAsked,
    /// An earlier rule failed.
    NotReached,
}

impl RuleStatus {
    /// The name as in documents.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Failed => "failed",
            Self::NotAsked => "not-asked",
            Self::NotReached => "not-reached",
        }
    }
}

/// One rule and what became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RuleReport {
    /// Which.
    pub rule: Rule,
    /// What became of it.
    pub status: RuleStatus,
}

/// Writes down what became of the rules, and sees to it that they come in order.
pub(super) struct Trail {
    reports: Vec<RuleReport>,
}

impl Trail {
    pub(super) fn new() -> Self {
        Self {
            reports: Vec::with_capacity(Rule::ALL.len()),
        }
    }

    /// The rule holds, or it is the first failure.
    pub(super) fn hold<T>(&mut self, rule: Rule, answer: Result<T, Failure>) -> Result<T, Failure> {
        let status = match answer {
            Ok(_) => RuleStatus::Held,
            Err(_) => RuleStatus::Failed,
        };
        self.note(rule, status);
        answer
    }

    /// Writes the rule down only if it fails: there is more to it.
    pub(super) fn fail<T>(&mut self, rule: Rule, answer: Result<T, Failure>) -> Result<T, Failure> {
        answer.inspect_err(|_| self.note(rule, RuleStatus::Failed))
    }

    /// As [`Trail::hold`], where something was asked.
    pub(super) fn ask(
        &mut self,
        rule: Rule,
        answer: Option<Result<(), Failure>>,
    ) -> Result<(), Failure> {
        match answer {
            Some(answer) => self.hold(rule, answer),
            None => {
                self.note(rule, RuleStatus::NotAsked);
                Ok(())
            }
        }
    }

    fn note(&mut self, rule: Rule, status: RuleStatus) {
        self.reports.push(RuleReport { rule, status });
    }

    /// Every rule in order; those that nobody came to are not reached. A rule that fails out of its turn (one
    /// that had to be found out earlier) leaves those before it not reached.
    pub(super) fn finish(self) -> Vec<RuleReport> {
        let status = |rule: &Rule| {
            let found = self
                .reports
                .iter()
                .rev()
                .find(|report| report.rule == *rule);
            found.map_or(RuleStatus::NotReached, |report| report.status)
        };
        let all = Rule::ALL.iter();
        all.map(|rule| RuleReport {
            rule: *rule,
            status: status(rule),
        })
        .collect()
    }
}
