//! What happened to a contract, what may happen next, by whom and until when, and what each branch pays: in plain
//! words, from nothing but the state.

mod branch;
mod sentence;

use std::fmt;

use proofmark_core::Timestamp;
use proofmark_ledger::{Amount, Asset};

use crate::contract::table::{Role, StateName, TABLE, Verb};
use crate::event::Subject;
use crate::ids::ContractId;
use crate::market::Market;
use crate::rejection::Rejection;

pub use branch::Payments;
pub use sentence::money;

/// A contract in plain words. Its `Display` is the text; its parts are for whoever shows it otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// Which contract.
    pub contract: ContractId,
    /// Where it stands.
    pub state: StateName,
    /// In which asset the amounts are.
    pub asset: Asset,
    /// What happened, with its time.
    pub happened: Vec<(Timestamp, String)>,
    /// What may happen next.
    pub next: Vec<Branch>,
}

/// One thing that may happen next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Branch {
    /// By which command.
    pub verb: Verb,
    /// By whom.
    pub by: Vec<Role>,
    /// Until when; a tick only after then. Where a part of the command ends earlier (evidence, offers), that is meant.
    pub deadline: Timestamp,
    /// What it means.
    pub meaning: &'static str,
    /// Where it may lead.
    pub to: Vec<StateName>,
    /// Who gets what at once, where that does not depend on what others say.
    pub pays: Option<Payments>,
}

/// Explains a contract.
///
/// # Errors
/// [`Rejection`] if there is none of this name.
pub fn explain(market: &Market, id: &ContractId) -> Result<Explanation, Rejection> {
    let contract = market.known_contract(id)?;
    let asset = contract.asset();
    let begun = market.story(&Subject::Rfq(id.rfq));
    let own = market.story(&Subject::Contract(*id));
    let happened = begun.iter().chain(own);
    let happened = happened.map(|noted| (noted.at, sentence::of(&noted.event, contract)));
    let state = contract.state.name();
    let next = contract.state.deadline().map(|deadline| {
        let rows = TABLE.iter().filter(|row| row.state == state);
        let open = rows.filter(|row| branch::is_open(contract, row.verb, market.now()));
        open.map(|row| Branch {
            verb: row.verb,
            by: row.by.to_vec(),
            deadline: branch::until(contract, row.verb).unwrap_or(deadline),
            meaning: branch::meaning(state, row.verb),
            to: row.to.to_vec(),
            pays: branch::pays(market, contract, row.verb),
        })
        .collect()
    });
    Ok(Explanation {
        contract: *id,
        state,
        asset,
        happened: happened.collect(),
        next: next.unwrap_or_default(),
    })
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} is {}.", self.contract, self.state.as_str())?;
        for (at, sentence) in &self.happened {
            writeln!(f, "  {at}  {sentence}")?;
        }
        if self.next.is_empty() {
            return writeln!(f, "Nothing can happen to it any more.");
        }
        writeln!(f, "What may happen next:")?;
        for branch in &self.next {
            writeln!(f, "  {}", self.line(branch))?;
        }
        Ok(())
    }
}

impl Explanation {
    fn line(&self, branch: &Branch) -> String {
        let when = match branch.verb {
            Verb::Tick => "after",
            _ => "until",
        };
        let by: Vec<_> = branch.by.iter().map(|role| role.as_str()).collect();
        let to: Vec<_> = branch.to.iter().map(|state| state.as_str()).collect();
        let mut line = format!(
            "{when} {}, {} by {}: {} → {}",
            branch.deadline,
            branch.verb.as_str(),
            by.join(" or "),
            branch.meaning,
            to.join(" | "),
        );
        if let Some(pays) = &branch.pays {
            line.push_str(&format!(". Pays {}", pays.text(self.asset)));
        }
        line
    }
}

/// Used by both parts.
fn is_something(amount: Amount) -> bool {
    !amount.is_zero()
}
