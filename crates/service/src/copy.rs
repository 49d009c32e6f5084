//! A record, once more: a backup, or the way to another database.

use proofmark_core::Digest;
use proofmark_market::{Market, Rules};
use proofmark_storage::{Epoch, Obeyed, Position, Store};

use crate::clock::Clock;
use crate::consequences;
use crate::start::{StartError, again, found};

/// So many commands are appended at a time.
const BATCH: u32 = 256;

/// For so long nobody else can write to the copy after the last batch.
const LEASE_SECONDS: u64 = 60;

/// Copies a record into another, which is empty or ends where this one once was; returns how far the copy goes.
///
/// Every command is obeyed again and what follows from it is computed anew, so a copy is verified as it is made, and
/// nothing that was only changed in the tables gets into it. Jobs are due again; results of runs, incidents and bytes
/// are not copied. The source may be in use.
///
/// # Errors
/// [`StartError::Chain`] if the copy is of another history; everything else as when a market starts.
pub async fn copy(
    from: &dyn Store,
    to: &dyn Store,
    rules: Rules,
    clock: impl Clock,
) -> Result<Position, StartError> {
    found(from, &rules).await?;
    found(to, &rules).await?;
    let now = clock.now();
    let epoch = to.lease(None, now, now.plus_seconds(LEASE_SECONDS)).await?;
    let mut market = Market::new(rules).map_err(StartError::Rules)?;
    let there = to.position().await?;
    let copied = fill(from, (to, epoch), &mut market, &there, &clock).await;
    to.release(epoch).await?;
    copied?;
    Ok(to.position().await?)
}

async fn fill(
    from: &dyn Store,
    (to, epoch): (&dyn Store, Epoch),
    market: &mut Market,
    there: &Position,
    clock: &impl Clock,
) -> Result<(), StartError> {
    same_history(market, there)?;
    loop {
        let page = from.commands(market.sequence(), BATCH).await?;
        if page.is_empty() {
            return longer(market, there);
        }
        let mut batch = Vec::new();
        for command in page {
            let receipt = again(market, &command)?.receipt;
            same_history(market, there)?;
            if command.sequence > there.sequence {
                let followed = consequences::of(market, &command.payload, &receipt.events);
                batch.push(Obeyed {
                    command,
                    consequences: followed,
                });
            }
        }
        let now = clock.now();
        let until = now.plus_seconds(LEASE_SECONDS);
        to.lease(Some(epoch), now, until).await?;
        to.append(epoch, &batch).await?;
    }
}

/// Where the copy ends, both have the same head.
fn same_history(market: &Market, there: &Position) -> Result<(), StartError> {
    let here = (market.sequence(), market.head());
    match here.0 != there.sequence || here.1 == there.head {
        true => Ok(()),
        false => Err(other(there.sequence, here.1, there.head)),
    }
}

/// A copy that goes further than its source is of something else.
fn longer(market: &Market, there: &Position) -> Result<(), StartError> {
    match there.sequence > market.sequence() {
        false => Ok(()),
        true => Err(other(there.sequence, market.head(), there.head)),
    }
}

fn other(sequence: u64, found: Digest, recorded: Digest) -> StartError {
    StartError::Chain {
        sequence,
        found,
        recorded,
    }
}
