//! The one body about webhooks that is compiled for each database; see `backend`.

use crate::StoreError;
use crate::backend::{corrupt, count, time};
use crate::webhooks::{Message, Try, Webhook};

/// A row of `webhooks`.
pub(crate) type Row = (
    String,
    String,
    String,
    String,
    i64,
    i64,
    Option<i64>,
    Option<i64>,
    Option<String>,
);

/// A row of `webhook_messages`.
pub(crate) type MessageRow = (String, String, i64, i64, i64, i64, Option<i64>, i64);

/// A row of `webhook_tries`.
pub(crate) type TryRow = (i64, i64, i64, Option<i64>, Option<String>);

pub(crate) fn webhook(row: Row) -> Result<Webhook, StoreError> {
    let (id, owner, url, listens, cursor, created_at, delivered_at, disabled_at, why) = row;
    let delivered_at = delivered_at.map(|at| time("webhooks.delivered_at", at));
    let disabled_at = disabled_at.map(|at| time("webhooks.disabled_at", at));
    Ok(Webhook {
        id,
        owner,
        url,
        listens,
        cursor: count("webhooks.cursor", cursor)?,
        created_at: time("webhooks.created_at", created_at)?,
        delivered_at: delivered_at.transpose()?,
        disabled: disabled_at
            .transpose()?
            .map(|at| (at, why.unwrap_or_default())),
    })
}

pub(crate) fn message(row: MessageRow) -> Result<Message, StoreError> {
    let (id, webhook, number, created_at, due_at, tries, done_at, delivered) = row;
    let done_at = done_at.map(|at| time("webhook_messages.done_at", at));
    Ok(Message {
        id,
        webhook,
        number: count("webhook_messages.number", number)?,
        created_at: time("webhook_messages.created_at", created_at)?,
        due_at: time("webhook_messages.due_at", due_at)?,
        tries: count("webhook_messages.tries", tries)?,
        done_at: done_at.transpose()?,
        delivered: delivered != 0,
    })
}

pub(crate) fn tried(row: TryRow) -> Result<Try, StoreError> {
    let (number, tried_at, took_ms, status, error) = row;
    let status = status.map(|it| {
        u16::try_from(it).map_err(|_| corrupt("webhook_tries.status", "it is no status"))
    });
    Ok(Try {
        number: count("webhook_tries.number", number)?,
        tried_at: time("webhook_tries.tried_at", tried_at)?,
        took_ms: count("webhook_tries.took_ms", took_ms)?,
        status: status.transpose()?,
        error,
    })
}

/// Implements [`crate::Webhooks`] for a type that `backend!` was given.
macro_rules! webhook_backend {
    ($Store:ident, $Db:ty) => {
        mod webhooks {
            use async_trait::async_trait;
            use proofmark_core::Timestamp;
            use sqlx::{QueryBuilder, Transaction};

            use super::$Store;
            use $crate::StoreError;
            use $crate::backend::{RETRIES, ROWS, count, got_in_the_way, integer, transaction};
            use $crate::webhook_backend::{MessageRow, Row, TryRow, message, tried, webhook};
            use $crate::webhook_sql as sql;
            use $crate::webhooks::{
                Added, Flight, Message, MessageClaim, Next, Room, SLOW_MILLISECONDS, SLOW_SECONDS,
                TRIES_KEPT, Try, Webhook, Webhooks,
            };

            type Tx<'t> = Transaction<'t, $Db>;

            async fn find(tx: &mut Tx<'_>, id: &str) -> Result<Option<Webhook>, StoreError> {
                let query = sqlx::query_as(sql::WEBHOOK).bind(id);
                let row: Option<Row> = query.fetch_optional(&mut **tx).await?;
                row.map(webhook).transpose()
            }

            async fn add(tx: &mut Tx<'_>, it: &Webhook, room: Room) -> Result<Added, StoreError> {
                if let Some(known) = find(tx, &it.id).await? {
                    return Ok(Added::Exists(known));
                }
                let counts = sqlx::query_as(sql::COUNTS).bind(&it.owner);
                let (own, all): (i64, i64) = counts.fetch_one(&mut **tx).await?;
                if own >= i64::from(room.of_owner) {
                    return Ok(Added::TooMany);
                }
                if all >= i64::from(room.of_all) {
                    return Ok(Added::Full);
                }
                let insert = sqlx::query(sql::ADD)
                    .bind(&it.id)
                    .bind(&it.owner)
                    .bind(&it.url)
                    .bind(&it.listens)
                    .bind(integer(it.cursor))
                    .bind(it.created_at.micros());
                insert.execute(&mut **tx).await?;
                Ok(Added::New)
            }

            async fn remove(tx: &mut Tx<'_>, id: &str) -> Result<bool, StoreError> {
                // First the row whose change makes messages, so that none comes between.
                let first = [sql::HOLD, sql::REMOVE_TRIES, sql::REMOVE_MESSAGES];
                for statement in first {
                    sqlx::query(statement).bind(id).execute(&mut **tx).await?;
                }
                let removed = sqlx::query(sql::REMOVE).bind(id).execute(&mut **tx).await?;
                Ok(removed.rows_affected() == 1)
            }

            async fn feed(
                tx: &mut Tx<'_>,
                webhook: &Webhook,
                to: u64,
                messages: &[(String, u64)],
                now: Timestamp,
            ) -> Result<bool, StoreError> {
                let moved = sqlx::query(sql::MOVE)
                    .bind(&webhook.id)
                    .bind(integer(webhook.cursor))
                    .bind(integer(to));
                if moved.execute(&mut **tx).await?.rows_affected() != 1 {
                    return Ok(false);
                }
                for rows in messages.chunks(ROWS) {
                    let mut query = QueryBuilder::<$Db>::new(sql::INSERT_MESSAGES);
                    query.push_values(rows, |mut row, (id, number)| {
                        row.push_bind(id)
                            .push_bind(&webhook.id)
                            .push_bind(integer(*number))
                            .push_bind(now.micros())
                            .push_bind(now.micros());
                    });
                    query.build().execute(&mut **tx).await?;
                }
                Ok(true)
            }

            async fn claim(
                tx: &mut Tx<'_>,
                now: Timestamp,
                until: Timestamp,
                flight: Flight,
                id: &str,
            ) -> Result<Option<MessageClaim>, StoreError> {
                type Claimed = (
                    i64,
                    i64,
                    String,
                    String,
                    i64,
                    i64,
                    i64,
                    i64,
                    Option<i64>,
                    i64,
                );
                let claimed: Option<Claimed> = sqlx::query_as(sql::TAKE)
                    .bind(now.micros())
                    .bind(until.micros())
                    .bind(i64::from(flight.of_webhook))
                    .bind(i64::from(flight.of_owner))
                    .bind(id)
                    .fetch_optional(&mut **tx)
                    .await?;
                let Some((asked, epoch, a, b, c, d, e, f, g, h)) = claimed else {
                    return Ok(None);
                };
                let message = message((a, b, c, d, e, f, g, h))?;
                let Some(webhook) = find(tx, &message.webhook).await? else {
                    return Ok(None);
                };
                let turn = sqlx::query(sql::TURN).bind(&webhook.owner);
                turn.bind(now.micros()).execute(&mut **tx).await?;
                Ok(Some(MessageClaim {
                    message,
                    webhook,
                    asked: asked != 0,
                    epoch: count("webhook_messages.epoch", epoch)?,
                }))
            }

            async fn keep(
                tx: &mut Tx<'_>,
                claim: &MessageClaim,
                tried: &Try,
                next: Next<'_>,
            ) -> Result<bool, StoreError> {
                let (id, at) = (&claim.message.id, tried.tried_at.micros());
                // Also of what its owner has removed meanwhile.
                if tried.took_ms >= SLOW_MILLISECONDS {
                    let slow = sqlx::query(sql::SLOW).bind(&claim.webhook.owner).bind(at);
                    slow.execute(&mut **tx).await?;
                }
                let (due_at, done_at) = match next {
                    Next::Again(due_at) => (due_at.micros(), None),
                    _ => (claim.message.due_at.micros(), Some(at)),
                };
                let done = sqlx::query(sql::DONE)
                    .bind(id)
                    .bind(integer(claim.epoch))
                    .bind(due_at)
                    .bind(done_at)
                    .bind(i64::from(next == Next::Delivered));
                if done.execute(&mut **tx).await?.rows_affected() != 1 {
                    return Ok(false);
                }
                let insert = sqlx::query(sql::INSERT_TRY)
                    .bind(id)
                    .bind(integer(tried.number))
                    .bind(at)
                    .bind(integer(tried.took_ms))
                    .bind(tried.status.map(i64::from))
                    .bind(&tried.error);
                insert.execute(&mut **tx).await?;
                let old = integer(tried.number.saturating_sub(TRIES_KEPT));
                let forget = sqlx::query(sql::FORGET_OLD_TRIES).bind(id).bind(old);
                forget.execute(&mut **tx).await?;
                mark(tx, claim, at, next).await?;
                Ok(true)
            }

            /// What follows for the webhook.
            async fn mark(
                tx: &mut Tx<'_>,
                claim: &MessageClaim,
                at: i64,
                next: Next<'_>,
            ) -> Result<(), StoreError> {
                let id = &claim.webhook.id;
                let (why, nothing_since) = match next {
                    Next::Again(_) | Next::GivenUp => return Ok(()),
                    Next::Delivered => {
                        let arrived = sqlx::query(sql::ARRIVED).bind(id).bind(at);
                        arrived.execute(&mut **tx).await?;
                        return Ok(());
                    }
                    Next::Disabled(why) => (why, claim.message.created_at.micros()),
                    Next::Gone(why) => (why, i64::MAX),
                };
                let disable = sqlx::query(sql::DISABLE).bind(id).bind(at).bind(why);
                disable.bind(nothing_since).execute(&mut **tx).await?;
                Ok(())
            }

            async fn test(
                tx: &mut Tx<'_>,
                webhook: &str,
                id: &str,
                now: Timestamp,
            ) -> Result<(), StoreError> {
                for statement in [sql::REMOVE_TEST_TRIES, sql::REMOVE_TEST] {
                    sqlx::query(statement)
                        .bind(webhook)
                        .execute(&mut **tx)
                        .await?;
                }
                let insert = sqlx::query(sql::TEST).bind(id).bind(webhook);
                insert.bind(now.micros()).execute(&mut **tx).await?;
                Ok(())
            }

            async fn forget(tx: &mut Tx<'_>, before: Timestamp) -> Result<u64, StoreError> {
                let before = before.micros();
                let tries = sqlx::query(sql::FORGET_TRIES).bind(before);
                tries.execute(&mut **tx).await?;
                let turns = sqlx::query(sql::FORGET_TURNS).bind(before);
                turns.execute(&mut **tx).await?;
                let messages = sqlx::query(sql::FORGET).bind(before);
                Ok(messages.execute(&mut **tx).await?.rows_affected())
            }

            #[async_trait]
            impl Webhooks for $Store {
                async fn add(&self, webhook: &Webhook, room: Room) -> Result<Added, StoreError> {
                    transaction!(self, tx => add(&mut tx, webhook, room))
                }

                async fn of_owner(&self, owner: &str) -> Result<Vec<Webhook>, StoreError> {
                    let query = sqlx::query_as(sql::OF_OWNER).bind(owner);
                    let rows: Vec<Row> = query.fetch_all(&self.reads).await?;
                    rows.into_iter().map(webhook).collect()
                }

                async fn webhook(&self, id: &str) -> Result<Option<Webhook>, StoreError> {
                    let query = sqlx::query_as(sql::WEBHOOK).bind(id);
                    let row: Option<Row> = query.fetch_optional(&self.reads).await?;
                    row.map(webhook).transpose()
                }

                async fn remove(&self, id: &str) -> Result<bool, StoreError> {
                    transaction!(self, tx => remove(&mut tx, id))
                }

                async fn hungry(
                    &self,
                    events: u64,
                    waiting: u32,
                ) -> Result<Vec<Webhook>, StoreError> {
                    let query = sqlx::query_as(sql::HUNGRY).bind(integer(events));
                    let query = query.bind(i64::from(waiting));
                    let rows: Vec<Row> = query.fetch_all(&self.reads).await?;
                    rows.into_iter().map(webhook).collect()
                }

                async fn feed(
                    &self,
                    webhook: &Webhook,
                    to: u64,
                    messages: &[(String, u64)],
                    now: Timestamp,
                ) -> Result<bool, StoreError> {
                    transaction!(self, BEGIN_BY_ROW, tx => feed(&mut tx, webhook, to, messages, now))
                }

                async fn claim_message(
                    &self,
                    now: Timestamp,
                    until: Timestamp,
                    flight: Flight,
                    busy: &[String],
                ) -> Result<Option<MessageClaim>, StoreError> {
                    let busy = format!(",{},", busy.join(","));
                    let slow_since = now.micros() - integer(SLOW_SECONDS * 1_000_000);
                    // Of couriers that saw the same message one gets it, and the others look again.
                    for _ in 0..RETRIES {
                        // Where nothing is due, nobody who writes waits for it to be looked at.
                        let next: Option<(String,)> = sqlx::query_as(sql::NEXT)
                            .bind(now.micros())
                            .bind(i64::from(flight.of_webhook))
                            .bind(i64::from(flight.of_owner))
                            .bind(i64::from(flight.of_slow))
                            .bind(slow_since)
                            .bind(&busy)
                            .fetch_optional(&self.reads)
                            .await?;
                        let Some((id,)) = next else { break };
                        let claimed = transaction!(self, BEGIN_BY_ROW, tx => claim(&mut tx, now, until, flight, &id))?;
                        if claimed.is_some() {
                            return Ok(claimed);
                        }
                    }
                    Ok(None)
                }

                async fn tried(
                    &self,
                    claim: &MessageClaim,
                    tried: &Try,
                    next: Next<'_>,
                ) -> Result<bool, StoreError> {
                    transaction!(self, BEGIN_BY_ROW, tx => keep(&mut tx, claim, tried, next))
                }

                async fn messages(
                    &self,
                    webhook: &str,
                    most: u32,
                ) -> Result<Vec<Message>, StoreError> {
                    let query = sqlx::query_as(sql::MESSAGES).bind(webhook);
                    let query = query.bind(i64::from(most));
                    let rows: Vec<MessageRow> = query.fetch_all(&self.reads).await?;
                    rows.into_iter().map(message).collect()
                }

                async fn message(
                    &self,
                    webhook: &str,
                    id: &str,
                ) -> Result<Option<Message>, StoreError> {
                    let query = sqlx::query_as(sql::MESSAGE).bind(webhook).bind(id);
                    let row: Option<MessageRow> = query.fetch_optional(&self.reads).await?;
                    row.map(message).transpose()
                }

                async fn tries(&self, message: &str) -> Result<Vec<Try>, StoreError> {
                    let query = sqlx::query_as(sql::TRIES).bind(message);
                    let rows: Vec<TryRow> = query.fetch_all(&self.reads).await?;
                    rows.into_iter().map(tried).collect()
                }

                async fn redeliver(
                    &self,
                    webhook: &str,
                    id: &str,
                    now: Timestamp,
                ) -> Result<bool, StoreError> {
                    let redeliver = sqlx::query(sql::REDELIVER).bind(webhook).bind(id);
                    let done = redeliver.bind(now.micros()).execute(&mut *self.writer().await?).await?;
                    Ok(done.rows_affected() == 1)
                }

                async fn test(
                    &self,
                    webhook: &str,
                    id: &str,
                    now: Timestamp,
                ) -> Result<(), StoreError> {
                    transaction!(self, tx => test(&mut tx, webhook, id, now))
                }

                async fn forget(&self, before: Timestamp) -> Result<u64, StoreError> {
                    transaction!(self, tx => forget(&mut tx, before))
                }
            }
        }
    };
}
pub(crate) use webhook_backend;
