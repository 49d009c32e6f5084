//! A market, from its record.

use proofmark_core::{Digest, canonical};
use proofmark_market::{Action, Market, Receipt, Rejection, Rules, RulesError, step};
use proofmark_storage::{Command, Store, StoreError};

use crate::papers::{Noted, Papers};
use crate::recorder::Standing;

/// Why a market did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// No market opens with these rules. The operator is to blame.
    #[error("the rules are none")]
    Rules(#[source] RulesError),
    /// The store did not do its part.
    #[error("the record cannot be read or written")]
    Store(#[from] StoreError),
    /// The market that obeyed the commands before does not obey this one. Whoever changed the record is to blame.
    #[error("command {sequence} of the record is rejected")]
    Command {
        /// Which, counted from 1.
        sequence: u64,
        /// Why.
        source: Rejection,
    },
    /// The chain of commands is not the one that was recorded.
    #[error("the chain breaks at command {sequence}: it is {found}, and {recorded} was recorded")]
    Chain {
        /// Where.
        sequence: u64,
        /// What follows from the commands.
        found: Digest,
        /// What was recorded.
        recorded: Digest,
    },
}

/// So many commands are read at a time.
const PAGE: u32 = 1_000;

/// Makes the record of a market with these rules, or makes sure that it is that.
///
/// # Errors
/// [`StartError::Rules`], [`StartError::Store`].
pub async fn found(store: &dyn Store, rules: &Rules) -> Result<(), StartError> {
    rules.check().map_err(StartError::Rules)?;
    let bytes = canonical::to_bytes(rules).expect("text and safe integers");
    store.found(&bytes).await?;
    Ok(())
}

/// The market that follows from the record. Every signature and every attestation is verified again, and the chain is
/// compared command by command.
pub(crate) async fn market(store: &dyn Store, rules: Rules) -> Result<Standing, StartError> {
    let mut market = Market::new(rules).map_err(StartError::Rules)?;
    let mut papers = Papers::default();
    loop {
        let page = store.commands(market.sequence(), PAGE).await?;
        for command in &page {
            let again = again(&mut market, command)?;
            papers.note(&market, &again.noted(command));
        }
        if page.is_empty() {
            break;
        }
    }
    let position = store.position().await?;
    match (position.sequence, position.head) == (market.sequence(), market.head()) {
        true => Ok(Standing { market, papers }),
        false => Err(StartError::Chain {
            sequence: position.sequence,
            found: market.head(),
            recorded: position.head,
        }),
    }
}

/// A command of the record that was obeyed once more.
pub(crate) struct Again {
    pub(crate) action: Action,
    pub(crate) receipt: Receipt,
}

impl Again {
    pub(crate) fn noted<'c>(&'c self, command: &'c Command) -> Noted<'c> {
        Noted {
            action: &self.action,
            attachment: command.attachment.as_deref(),
            receipt: &self.receipt,
        }
    }
}

/// Obeys a command of the record once more. The market is of no use after an error.
pub(crate) fn again(market: &mut Market, command: &Command) -> Result<Again, StartError> {
    let sequence = market.sequence() + 1;
    let refused = |source| StartError::Command { sequence, source };
    let attachment = command.attachment.as_deref();
    let opened = market.open(&command.envelope, attachment, command.at);
    let opened = opened.map_err(refused)?;
    let (payload, action) = (opened.digest(), opened.action().clone());
    let receipt = step(market, opened, command.at).map_err(refused)?;
    let found = (market.sequence(), market.head(), payload);
    match found == (command.sequence, command.head, command.payload) {
        true => Ok(Again { action, receipt }),
        false => Err(StartError::Chain {
            sequence,
            found: market.head(),
            recorded: command.head,
        }),
    }
}
