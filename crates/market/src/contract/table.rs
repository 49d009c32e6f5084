//! Which command, by whom, in which state, leads where. The step function asks this table before anything else,
//! and `docs/market.md` prints it.

use serde::Serialize;

use crate::command::ContractAction;

macro_rules! names {
    ($(#[doc = $doc:literal])+ $name:ident { $($(#[doc = $variant_doc:literal])+ $variant:ident = $text:literal,)+ }) => {
        $(#[doc = $doc])+
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[doc = $variant_doc])+ $variant,)+ }

        impl $name {
            /// All of them, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// Its name in documents.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }
        }
    };
}

names! {
    /// A state of a contract.
    StateName {
        /// The supplier works.
        Active = "Active",
        /// Engines judge a submission.
        Verifying = "Verifying",
        /// It passed; the verdict can be challenged.
        Passed = "Passed",
        /// The last attempt, or a cure, did not pass; the verdict can be challenged.
        Failed = "Failed",
        /// Paid but for the holdback.
        Provisional = "Provisional",
        /// Engines judge the evidence.
        Rechecking = "Rechecking",
        /// The supplier may mend what was found.
        Curing = "Curing",
        /// Other engines run the validators again.
        Disputed = "Disputed",
        /// Offers, then an arbiter's ruling.
        Arbitrating = "Arbitrating",
        /// The work passed, and nothing was found until finality.
        Final = "Final",
        /// The work failed to the end.
        Rejected = "Rejected",
        /// The supplier did not deliver.
        Defaulted = "Defaulted",
        /// The buyer withdrew.
        Cancelled = "Cancelled",
        /// Nobody knows.
        Void = "Void",
        /// The outcome did not last.
        ClawedBack = "ClawedBack",
    }
}

names! {
    /// A command about a contract.
    Verb {
        /// The supplier delivers.
        Submit = "submit",
        /// A signed outcome is presented.
        PresentVerdict = "present_verdict",
        /// The buyer accepts.
        Accept = "accept",
        /// A reviewer accepts, and may withhold.
        Review = "review",
        /// Something is not as it seems.
        Challenge = "challenge",
        /// The other side puts up its fee.
        Respond = "respond",
        /// A side says what it would agree to.
        Offer = "offer",
        /// A side agrees.
        AcceptOffer = "accept_offer",
        /// The arbiter rules.
        Rule = "rule",
        /// An oracle states facts.
        StateEvidence = "state_evidence",
        /// The buyer withdraws.
        Cancel = "cancel",
        /// The supplier withdraws.
        Resign = "resign",
        /// A deadline has passed.
        Tick = "tick",
    }
}

names! {
    /// Who may send a command.
    Role {
        /// The buyer of the contract.
        Buyer = "buyer",
        /// Its supplier.
        Supplier = "supplier",
        /// A reviewer that the terms name.
        Reviewer = "reviewer",
        /// An oracle that the terms name.
        Oracle = "oracle",
        /// The arbiter that the terms name.
        Arbiter = "arbiter",
        /// Any registered party.
        Anybody = "anybody",
    }
}

/// One row: in this state, this command, by one of these, leads to one of these.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    /// In which state.
    pub state: StateName,
    /// Which command.
    pub verb: Verb,
    /// By whom.
    pub by: &'static [Role],
    /// Where it may lead.
    pub to: &'static [StateName],
}

const fn row(state: StateName, verb: Verb, by: &'static [Role], to: &'static [StateName]) -> Row {
    Row {
        state,
        verb,
        by,
        to,
    }
}

use Role::{Anybody, Arbiter, Buyer, Oracle, Reviewer, Supplier};
use StateName::{
    Active, Arbitrating, Cancelled, ClawedBack, Curing, Defaulted, Disputed, Failed, Final, Passed,
    Provisional, Rechecking, Rejected, Verifying, Void,
};

/// Everything that can happen to a contract. What is not here is rejected.
pub const TABLE: &[Row] = &[
    row(Active, Verb::Submit, &[Supplier], &[Verifying]),
    row(Active, Verb::Cancel, &[Buyer], &[Cancelled]),
    row(Active, Verb::Resign, &[Supplier], &[Defaulted]),
    row(Active, Verb::Tick, &[Anybody], &[Defaulted]),
    row(
        Verifying,
        Verb::PresentVerdict,
        &[Anybody],
        &[Verifying, Passed, Active, Failed, Provisional],
    ),
    row(
        Verifying,
        Verb::Tick,
        &[Anybody],
        &[Verifying, Void, ClawedBack],
    ),
    row(Passed, Verb::Accept, &[Buyer], &[Provisional, Final]),
    row(Passed, Verb::Review, &[Reviewer], &[Provisional, Final]),
    row(
        Passed,
        Verb::Challenge,
        &[Anybody],
        &[Disputed, Arbitrating],
    ),
    row(
        Passed,
        Verb::PresentVerdict,
        &[Anybody],
        &[Disputed, Passed, Active, Failed],
    ),
    row(Passed, Verb::Tick, &[Anybody], &[Provisional, Final]),
    row(Failed, Verb::Challenge, &[Anybody], &[Disputed]),
    row(
        Failed,
        Verb::PresentVerdict,
        &[Anybody],
        &[Disputed, Passed, Failed, Provisional],
    ),
    row(
        Failed,
        Verb::Tick,
        &[Anybody],
        &[Rejected, Void, ClawedBack],
    ),
    row(Provisional, Verb::StateEvidence, &[Oracle], &[Rechecking]),
    row(
        Provisional,
        Verb::Challenge,
        &[Buyer, Supplier],
        &[Arbitrating],
    ),
    row(Provisional, Verb::Tick, &[Anybody], &[Final]),
    row(
        Rechecking,
        Verb::PresentVerdict,
        &[Anybody],
        &[Rechecking, Provisional, Curing],
    ),
    row(
        Rechecking,
        Verb::Tick,
        &[Anybody],
        &[Rechecking, Provisional],
    ),
    row(Curing, Verb::Submit, &[Supplier], &[Verifying]),
    row(
        Curing,
        Verb::Challenge,
        &[Anybody],
        &[Disputed, Arbitrating],
    ),
    row(
        Curing,
        Verb::PresentVerdict,
        &[Anybody],
        &[Disputed, Provisional, Curing],
    ),
    row(Curing, Verb::Tick, &[Anybody], &[ClawedBack]),
    row(
        Disputed,
        Verb::PresentVerdict,
        &[Anybody],
        &[Disputed, Passed, Failed, Active, Provisional, Curing],
    ),
    row(
        Disputed,
        Verb::Tick,
        &[Anybody],
        &[Passed, Failed, Curing, Provisional, Void, ClawedBack],
    ),
    row(
        Arbitrating,
        Verb::Respond,
        &[Buyer, Supplier],
        &[Arbitrating],
    ),
    row(Arbitrating, Verb::Offer, &[Buyer, Supplier], &[Arbitrating]),
    row(
        Arbitrating,
        Verb::AcceptOffer,
        &[Buyer, Supplier],
        &[Provisional, Final, ClawedBack],
    ),
    row(
        Arbitrating,
        Verb::Rule,
        &[Arbiter],
        &[Provisional, Final, ClawedBack],
    ),
    row(
        Arbitrating,
        Verb::Tick,
        &[Anybody],
        &[Provisional, Final, ClawedBack, Curing],
    ),
];

impl StateName {
    /// Whether nothing can happen any more.
    #[must_use]
    pub const fn is_end(self) -> bool {
        matches!(
            self,
            Final | Rejected | Defaulted | Cancelled | Void | ClawedBack
        )
    }
}

impl From<&ContractAction> for Verb {
    fn from(action: &ContractAction) -> Self {
        match action {
            ContractAction::Submit { .. } => Self::Submit,
            ContractAction::PresentVerdict { .. } => Self::PresentVerdict,
            ContractAction::Accept => Self::Accept,
            ContractAction::Review { .. } => Self::Review,
            ContractAction::Challenge { .. } => Self::Challenge,
            ContractAction::Respond { .. } => Self::Respond,
            ContractAction::Offer { .. } => Self::Offer,
            ContractAction::AcceptOffer { .. } => Self::AcceptOffer,
            ContractAction::Rule { .. } => Self::Rule,
            ContractAction::StateEvidence { .. } => Self::StateEvidence,
            ContractAction::Cancel => Self::Cancel,
            ContractAction::Resign => Self::Resign,
            ContractAction::Tick => Self::Tick,
        }
    }
}

/// The row for a command in a state, if there is one.
#[must_use]
pub fn find(state: StateName, verb: Verb) -> Option<&'static Row> {
    TABLE
        .iter()
        .find(|row| row.state == state && row.verb == verb)
}

/// The table in Markdown.
#[must_use]
pub fn markdown() -> String {
    let mut text = String::from("| State | Command | By | Leads to |\n|---|---|---|---|\n");
    for row in TABLE {
        let by: Vec<_> = row.by.iter().map(|role| role.as_str()).collect();
        let to: Vec<_> = row.to.iter().map(|state| state.as_str()).collect();
        let cells = [
            row.state.as_str(),
            row.verb.as_str(),
            &by.join(", "),
            &to.join(", "),
        ];
        text.push_str(&format!("| {} |\n", cells.join(" | ")));
    }
    text
}
