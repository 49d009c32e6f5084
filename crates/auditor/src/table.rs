//! Which command, by whom, in which state.

/// The states of a contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    Active,
    Verifying,
    Passed,
    Failed,
    Provisional,
    Rechecking,
    Curing,
    Disputed,
    Arbitrating,
    Final,
    Rejected,
    Defaulted,
    Cancelled,
    Void,
    ClawedBack,
}

/// Who may send a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Anybody,
    Buyer,
    Supplier,
    Reviewer,
    Oracle,
    Arbiter,
}

use Role::{Anybody, Arbiter, Buyer, Oracle, Reviewer, Supplier};
use State::{
    Active, Arbitrating, Curing, Disputed, Failed, Passed, Provisional, Rechecking, Verifying,
};

/// Who may send this command in this state: nobody where the table has no such row.
pub(super) fn who(state: State, verb: &str) -> &'static [Role] {
    match (state, verb) {
        (Active | Curing, "submit") | (Active, "resign") => &[Supplier],
        (Active, "cancel") | (Passed, "accept") => &[Buyer],
        (Passed, "review") => &[Reviewer],
        (Provisional, "state_evidence") => &[Oracle],
        (Verifying | Rechecking | Passed | Failed | Curing | Disputed, "present_verdict") => {
            &[Anybody]
        }
        (Passed | Failed | Curing, "challenge") => &[Anybody],
        (Provisional, "challenge") => &[Buyer, Supplier],
        (Arbitrating, "respond" | "offer" | "accept_offer") => &[Buyer, Supplier],
        (Arbitrating, "rule") => &[Arbiter],
        (state, "tick") if !state.is_end() => &[Anybody],
        _ => &[],
    }
}

impl State {
    pub(super) fn is_end(self) -> bool {
        use State::{Cancelled, ClawedBack, Defaulted, Final, Rejected, Void};
        matches!(
            self,
            Final | Rejected | Defaulted | Cancelled | Void | ClawedBack
        )
    }
}
