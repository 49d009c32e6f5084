//! The one body that is compiled for each database: only the driver's types differ.

use proofmark_core::{Digest, Timestamp};

use crate::StoreError;
use crate::record::{Obeyed, Position};

/// A transaction that another one got in the way of is tried again so often.
pub(crate) const RETRIES: u32 = 20;

/// Rows of one `INSERT`: with six values each far below the 32,766 that SQLite takes.
pub(crate) const ROWS: usize = 500;

/// As the databases take it; they count to 2^63 − 1.
pub(crate) fn integer(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

pub(crate) fn count(place: &'static str, value: i64) -> Result<u64, StoreError> {
    u64::try_from(value).map_err(|_| corrupt(place, "it is below zero"))
}

pub(crate) fn digest(place: &'static str, bytes: &[u8]) -> Result<Digest, StoreError> {
    let bytes = bytes.try_into();
    bytes
        .map(Digest::from_bytes)
        .map_err(|_| corrupt(place, "it has not 32 bytes"))
}

pub(crate) fn time(place: &'static str, micros: i64) -> Result<Timestamp, StoreError> {
    let time = Timestamp::from_micros(micros);
    time.map_err(|_| corrupt(place, "it is not a time"))
}

pub(crate) fn corrupt(place: &'static str, why: &str) -> StoreError {
    StoreError::Corrupt {
        place,
        why: why.to_owned(),
    }
}

pub(crate) fn position(row: (i64, Vec<u8>, i64, i64)) -> Result<Position, StoreError> {
    let (sequence, head, events, transfers) = row;
    Ok(Position {
        sequence: count("record.sequence", sequence)?,
        head: digest("record.head", &head)?,
        events: count("record.events", events)?,
        transfers: count("record.transfers", transfers)?,
    })
}

/// Another transaction got in the way, and nothing was done.
pub(crate) fn got_in_the_way(error: &StoreError) -> bool {
    let (StoreError::Database(error) | StoreError::Unknown(error)) = error else {
        return false;
    };
    let code = error.as_database_error().and_then(|error| error.code());
    // PostgreSQL: serialization_failure, deadlock_detected. SQLite: busy, busy_snapshot.
    code.is_some_and(|code| matches!(&*code, "40001" | "40P01" | "5" | "517"))
}

/// What a batch adds to the record.
pub(crate) struct Growth<'b> {
    /// The command before its first.
    pub(crate) after: u64,
    pub(crate) commands: i64,
    pub(crate) head: &'b Digest,
    pub(crate) events: i64,
    pub(crate) transfers: i64,
}

impl<'b> Growth<'b> {
    /// Nothing for a batch of nothing.
    ///
    /// # Panics
    /// If the commands do not follow each other: the caller's mistake, before anything is written.
    pub(crate) fn of(batch: &'b [Obeyed]) -> Option<Self> {
        let (first, last) = (batch.first()?, batch.last()?);
        let sequences = batch.iter().map(|obeyed| obeyed.command.sequence);
        assert!(
            sequences
                .zip(first.command.sequence..)
                .all(|(is, due)| is == due),
            "commands of a batch follow each other"
        );
        let sum = |of: fn(&Obeyed) -> usize| {
            let sum: usize = batch.iter().map(of).sum();
            integer(sum as u64)
        };
        Some(Self {
            after: first.command.sequence.saturating_sub(1),
            commands: sum(|_| 1),
            head: &last.command.head,
            events: sum(|obeyed| obeyed.consequences.events.len()),
            transfers: sum(|obeyed| obeyed.consequences.transfers.len()),
        })
    }
}

/// Carries out what is asked in a transaction, again where another one got in the way.
macro_rules! transaction {
    ($store:expr, $tx:ident => $ask:expr) => {
        $crate::backend::transaction!($store, BEGIN, $tx => $ask)
    };
    ($store:expr, $begin:ident, $tx:ident => $ask:expr) => {{
        let mut tries = 0;
        loop {
            let mut connection = $store.writer().await?;
            let begun = sqlx::Connection::begin_with(&mut *connection, Self::$begin).await;
            let done = match begun {
                Ok(mut $tx) => match $ask.await {
                    Ok(answer) => $tx
                        .commit()
                        .await
                        .map(|()| answer)
                        .map_err(StoreError::Unknown),
                    Err(error) => Err(error),
                },
                Err(error) => Err(StoreError::from(error)),
            };
            match done {
                Err(error) if got_in_the_way(&error) && tries < RETRIES => tries += 1,
                done => {
                    if let Err(StoreError::Database(_) | StoreError::Unknown(_)) = &done {
                        $store.suspect();
                    }
                    break done;
                }
            }
        }
    }};
}
pub(crate) use transaction;

/// Implements [`crate::Store`] for a type with the field `reads` (a pool), the constants `BEGIN` and `BEGIN_BY_ROW`, and the
/// methods `writer` (a connection), `suspect` (the last one may be broken) and `close_writes`. `together` says whether
/// several statements can be one request.
macro_rules! backend {
    ($Store:ident, $Db:ty, together: $together:expr, claim: $claim:expr, integrity: $integrity:expr, alone: $alone:expr) => {
        use async_trait::async_trait;
        use proofmark_core::{Digest, Timestamp};
        use sqlx::{QueryBuilder, Transaction};

        use $crate::StoreError;
        use $crate::backend::{
            Growth, RETRIES, ROWS, count, digest, got_in_the_way, integer, position, time,
            transaction,
        };
        use $crate::jobs::{Claim, Job, Results, RunResult};
        use $crate::record::{
            Command, Document, Epoch, Event, Numbered, Obeyed, Position, Transfer,
        };
        use $crate::sql;
        use $crate::store::Store;
        use $crate::webhooks::Webhooks;

        type Tx<'t> = Transaction<'t, $Db>;

        async fn found(tx: &mut Tx<'_>, rules: &[u8]) -> Result<Position, StoreError> {
            let head = Digest::of(rules);
            let insert = sqlx::query(sql::FOUND).bind(rules);
            insert.bind(&head.as_bytes()[..]).execute(&mut **tx).await?;
            let stored: (Vec<u8>,) = sqlx::query_as(sql::RULES).fetch_one(&mut **tx).await?;
            if stored.0 != rules {
                return Err(StoreError::OtherMarket);
            }
            position(sqlx::query_as(sql::POSITION).fetch_one(&mut **tx).await?)
        }

        async fn lease(
            tx: &mut Tx<'_>,
            held: Option<Epoch>,
            alone: bool,
            now: Timestamp,
            until: Timestamp,
        ) -> Result<Epoch, StoreError> {
            let (epoch, leased): (i64, i64) =
                sqlx::query_as(sql::WRITER).fetch_one(&mut **tx).await?;
            let latest = Epoch(count("record.epoch", epoch)?);
            let next = match held {
                Some(held) if held == latest => held,
                Some(held) => return Err(StoreError::Fenced(held)),
                None if !alone && leased > now.micros() => return Err(StoreError::Leased { until: leased }),
                None => Epoch(latest.0 + 1),
            };
            let update = sqlx::query(sql::LEASE).bind(integer(next.0)).bind(until.micros());
            let updated = update.bind(epoch).execute(&mut **tx).await?;
            match updated.rows_affected() {
                1 => Ok(next),
                _ => Err(StoreError::Leased { until: leased }),
            }
        }

        async fn append(
            tx: &mut Tx<'_>,
            epoch: Epoch,
            batch: &[Obeyed],
        ) -> Result<Position, StoreError> {
            let Some(growth) = Growth::of(batch) else {
                return position(sqlx::query_as(sql::POSITION).fetch_one(&mut **tx).await?);
            };
            let advanced: Option<(i64, Vec<u8>, i64, i64)> = sqlx::query_as(sql::ADVANCE)
                .bind(integer(epoch.0))
                .bind(integer(growth.after))
                .bind(growth.commands)
                .bind(&growth.head.as_bytes()[..])
                .bind(growth.events)
                .bind(growth.transfers)
                .fetch_optional(&mut **tx)
                .await?;
            let Some(advanced) = advanced else {
                return Err(why_not(tx, epoch, growth.after + 1).await?);
            };
            let after = position(advanced)?;
            let mut statements = Statements::default();
            insert_commands(&mut statements, batch);
            insert_events(&mut statements, batch, integer(after.events) - growth.events);
            insert_transfers(&mut statements, batch, integer(after.transfers) - growth.transfers);
            insert_documents(&mut statements, batch);
            insert_jobs(&mut statements, batch);
            for mut query in statements.0 {
                // As many rows as there happen to be: to keep the statement would drive out those that come again.
                query.build().persistent(false).execute(&mut **tx).await?;
            }
            Ok(after)
        }

        /// Why the record did not advance.
        async fn why_not(
            tx: &mut Tx<'_>,
            epoch: Epoch,
            first: u64,
        ) -> Result<StoreError, StoreError> {
            let (latest, _): (i64, i64) = sqlx::query_as(sql::WRITER).fetch_one(&mut **tx).await?;
            let is = position(sqlx::query_as(sql::POSITION).fetch_one(&mut **tx).await?)?;
            Ok(match latest == integer(epoch.0) {
                true => StoreError::Gap {
                    stored: is.sequence,
                    first,
                },
                false => StoreError::Fenced(epoch),
            })
        }

        /// Statements to be carried out one after the other: each its own request, or all of them one.
        #[derive(Default)]
        struct Statements(Vec<QueryBuilder<$Db>>);

        impl Statements {
            /// Begins the next one.
            fn next(&mut self, begin: &str) -> &mut QueryBuilder<$Db> {
                match self.0.last_mut() {
                    Some(last) if $together => {
                        last.push("; ").push(begin);
                    }
                    _ => self.0.push(QueryBuilder::new(begin)),
                }
                self.0.last_mut().expect("one was begun")
            }
        }

        fn insert_commands(statements: &mut Statements, batch: &[Obeyed]) {
            for rows in batch.chunks(ROWS) {
                let query = statements.next(sql::INSERT_COMMANDS);
                query.push_values(rows, |mut row, obeyed| {
                    let it = &obeyed.command;
                    row.push_bind(integer(it.sequence))
                        .push_bind(it.at.micros())
                        .push_bind(&it.payload.as_bytes()[..])
                        .push_bind(&it.head.as_bytes()[..])
                        .push_bind(&it.envelope)
                        .push_bind(&it.attachment);
                });
            }
        }

        fn insert_events(statements: &mut Statements, batch: &[Obeyed], before: i64) {
            let events = batch.iter().flat_map(|obeyed| {
                let sequence = integer(obeyed.command.sequence);
                obeyed.consequences.events.iter().map(move |it| (sequence, it))
            });
            let numbered: Vec<_> = (before + 1..).zip(events).collect();
            for rows in numbered.chunks(ROWS) {
                let query = statements.next(sql::INSERT_EVENTS);
                query.push_values(rows, |mut row, (number, (sequence, event))| {
                    row.push_bind(*number)
                        .push_bind(*sequence)
                        .push_bind(&event.subject)
                        .push_bind(&event.body);
                });
            }
        }

        fn insert_transfers(statements: &mut Statements, batch: &[Obeyed], before: i64) {
            let transfers = batch.iter().flat_map(|obeyed| {
                let sequence = integer(obeyed.command.sequence);
                obeyed.consequences.transfers.iter().map(move |it| (sequence, it))
            });
            let numbered: Vec<_> = (before + 1..).zip(transfers).collect();
            for rows in numbered.chunks(ROWS) {
                let query = statements.next(sql::INSERT_TRANSFERS);
                query.push_values(rows, |mut row, (number, (sequence, transfer))| {
                    row.push_bind(*number)
                        .push_bind(*sequence)
                        .push_bind(&transfer.body);
                });
            }
        }

        /// The last state that a batch gives to each thing.
        fn insert_documents(statements: &mut Statements, batch: &[Obeyed]) {
            let mut latest = std::collections::BTreeMap::new();
            for obeyed in batch {
                for it in &obeyed.consequences.documents {
                    latest.insert((&it.kind, &it.key), (obeyed.command.sequence, &it.body));
                }
            }
            let latest: Vec<_> = latest.into_iter().collect();
            for rows in latest.chunks(ROWS) {
                let query = statements.next(sql::INSERT_DOCUMENTS);
                query.push_values(rows, |mut row, ((kind, key), (sequence, body))| {
                    row.push_bind(*kind)
                        .push_bind(*key)
                        .push_bind(integer(*sequence))
                        .push_bind(*body);
                });
                query.push(sql::REPLACE_DOCUMENTS);
            }
        }

        fn insert_jobs(statements: &mut Statements, batch: &[Obeyed]) {
            let jobs = batch.iter().flat_map(|obeyed| &obeyed.consequences.jobs);
            let jobs: Vec<_> = jobs.collect();
            for rows in jobs.chunks(ROWS) {
                let query = statements.next(sql::INSERT_JOBS);
                query.push_values(rows, |mut row, job| {
                    row.push_bind(&job.id)
                        .push_bind(&job.kind)
                        .push_bind(&job.body)
                        .push_bind(job.due_at.micros());
                });
            }
        }

        async fn claim(
            tx: &mut Tx<'_>,
            kind: &str,
            most: u32,
            now: Timestamp,
            until: Timestamp,
        ) -> Result<Vec<Claim>, StoreError> {
            let claimed: Vec<(String, String, i64)> = sqlx::query_as($claim)
                .bind(kind)
                .bind(now.micros())
                .bind(until.micros())
                .bind(i64::from(most))
                .fetch_all(&mut **tx)
                .await?;
            let claims = claimed.into_iter().map(|(id, body, epoch)| {
                Ok(Claim {
                    id,
                    body,
                    epoch: count("jobs.epoch", epoch)?,
                    leased_until: until,
                })
            });
            claims.collect()
        }

        async fn finish(
            tx: &mut Tx<'_>,
            claims: &[Claim],
            at: Timestamp,
        ) -> Result<Vec<bool>, StoreError> {
            let mut finished = std::collections::BTreeSet::new();
            for rows in claims.chunks(ROWS) {
                let mut query = QueryBuilder::<$Db>::new(sql::FINISH);
                query.push_bind(at.micros()).push(sql::FINISH_THESE);
                query.push_values(rows, |mut row, claim| {
                    row.push_bind(&claim.id).push_bind(integer(claim.epoch));
                });
                query.push(") RETURNING id, epoch");
                let those: Vec<(String, i64)> = query.build_query_as().fetch_all(&mut **tx).await?;
                finished.extend(those);
            }
            // The same twice is finished once, and told of once.
            let done = claims.iter().map(|it| (it.id.clone(), integer(it.epoch)));
            Ok(done.map(|it| finished.remove(&it)).collect())
        }

        /// One statement about a claimed job.
        async fn about(
            tx: &mut Tx<'_>,
            claim: &Claim,
            statement: &'static str,
            at: Timestamp,
            why: Option<&str>,
        ) -> Result<bool, StoreError> {
            let query = sqlx::query(statement)
                .bind(&claim.id)
                .bind(integer(claim.epoch))
                .bind(at.micros());
            let query = match why {
                Some(why) => query.bind(why),
                None => query,
            };
            let done = query.execute(&mut **tx).await?;
            Ok(done.rows_affected() == 1)
        }

        async fn keep_results(
            tx: &mut Tx<'_>,
            results: &[RunResult],
            at: Timestamp,
        ) -> Result<Vec<Results>, StoreError> {
            let mut new = std::collections::BTreeSet::new();
            for rows in results.chunks(ROWS) {
                let mut query = QueryBuilder::<$Db>::new(sql::KEEP_RESULTS);
                query.push_values(rows, |mut row, it| {
                    row.push_bind(&it.run_key.as_bytes()[..]).push_bind(&it.body);
                });
                query.push(sql::UNLESS_KNOWN);
                let keys: Vec<(Vec<u8>,)> = query.build_query_as().fetch_all(&mut **tx).await?;
                new.extend(keys.into_iter().map(|(key,)| key));
            }
            let mut kept = Vec::with_capacity(results.len());
            for result in results {
                kept.push(match new.remove(&result.run_key.as_bytes()[..]) {
                    true => Results::New,
                    false => compare(tx, result, at).await?,
                });
            }
            Ok(kept)
        }

        /// A result beside the one that is known.
        async fn compare(
            tx: &mut Tx<'_>,
            RunResult { run_key, body }: &RunResult,
            at: Timestamp,
        ) -> Result<Results, StoreError> {
            let key = &run_key.as_bytes()[..];
            let known: (Vec<u8>,) = sqlx::query_as(sql::RESULT)
                .bind(key)
                .fetch_one(&mut **tx)
                .await?;
            if known.0 == *body {
                return Ok(Results::Same);
            }
            let incident = sqlx::query(sql::KEEP_INCIDENT).bind(key).bind(body);
            incident.bind(at.micros()).execute(&mut **tx).await?;
            Ok(Results::Conflict { known: known.0 })
        }

        #[async_trait]
        impl Store for $Store {
            async fn found(&self, rules: &[u8]) -> Result<Position, StoreError> {
                transaction!(self, tx => found(&mut tx, rules))
            }

            async fn lease(
                &self,
                held: Option<Epoch>,
                now: Timestamp,
                until: Timestamp,
            ) -> Result<Epoch, StoreError> {
                let alone: fn(&Self) -> bool = $alone;
                let alone = alone(self);
                transaction!(self, tx => lease(&mut tx, held, alone, now, until))
            }

            async fn release(&self, epoch: Epoch) -> Result<(), StoreError> {
                let release = sqlx::query(sql::RELEASE).bind(integer(epoch.0));
                release.execute(&mut *self.writer().await?).await?;
                Ok(())
            }

            async fn rules(&self) -> Result<Option<Vec<u8>>, StoreError> {
                let row: Option<(Vec<u8>,)> =
                    sqlx::query_as(sql::RULES).fetch_optional(&self.reads).await?;
                Ok(row.map(|(rules,)| rules))
            }

            async fn append(
                &self,
                epoch: Epoch,
                batch: &[Obeyed],
            ) -> Result<Position, StoreError> {
                transaction!(self, tx => append(&mut tx, epoch, batch))
            }

            async fn position(&self) -> Result<Position, StoreError> {
                position(sqlx::query_as(sql::POSITION).fetch_one(&self.reads).await?)
            }

            async fn commands(&self, after: u64, most: u32) -> Result<Vec<Command>, StoreError> {
                type Row = (i64, i64, Vec<u8>, Vec<u8>, Vec<u8>, Option<Vec<u8>>);
                let query = sqlx::query_as(sql::COMMANDS);
                let query = query.bind(integer(after)).bind(i64::from(most));
                let rows: Vec<Row> = query.fetch_all(&self.reads).await?;
                let commands = rows.into_iter().map(|row| {
                    let (sequence, at, payload, head, envelope, attachment) = row;
                    Ok(Command {
                        sequence: count("commands.sequence", sequence)?,
                        at: time("commands.obeyed_at", at)?,
                        payload: digest("commands.payload", &payload)?,
                        head: digest("commands.head", &head)?,
                        envelope,
                        attachment,
                    })
                });
                commands.collect()
            }

            async fn events(
                &self,
                after: u64,
                most: u32,
            ) -> Result<Vec<Numbered<Event>>, StoreError> {
                let query = sqlx::query_as(sql::EVENTS);
                let query = query.bind(integer(after)).bind(i64::from(most));
                let rows: Vec<(i64, i64, String, String)> = query.fetch_all(&self.reads).await?;
                let events = rows.into_iter().map(|(number, sequence, subject, body)| {
                    Ok(Numbered {
                        number: count("events.number", number)?,
                        sequence: count("events.sequence", sequence)?,
                        it: Event { subject, body },
                    })
                });
                events.collect()
            }

            async fn transfers(
                &self,
                after: u64,
                most: u32,
            ) -> Result<Vec<Numbered<Transfer>>, StoreError> {
                let query = sqlx::query_as(sql::TRANSFERS);
                let query = query.bind(integer(after)).bind(i64::from(most));
                let rows: Vec<(i64, i64, String)> = query.fetch_all(&self.reads).await?;
                let transfers = rows.into_iter().map(|(number, sequence, body)| {
                    Ok(Numbered {
                        number: count("transfers.number", number)?,
                        sequence: count("transfers.sequence", sequence)?,
                        it: Transfer { body },
                    })
                });
                transfers.collect()
            }

            async fn document(
                &self,
                kind: &str,
                key: &str,
            ) -> Result<Option<Document>, StoreError> {
                let query = sqlx::query_as(sql::DOCUMENT).bind(kind).bind(key);
                let row: Option<(String, String)> = query.fetch_optional(&self.reads).await?;
                let kind = kind.to_owned();
                Ok(row.map(|(key, body)| Document { kind, key, body }))
            }

            async fn documents(
                &self,
                kind: &str,
                after: &str,
                most: u32,
            ) -> Result<Vec<Document>, StoreError> {
                let query = sqlx::query_as(sql::DOCUMENTS).bind(kind).bind(after);
                let query = query.bind(i64::from(most));
                let rows: Vec<(String, String)> = query.fetch_all(&self.reads).await?;
                let documents = rows.into_iter().map(|(key, body)| Document {
                    kind: kind.to_owned(),
                    key,
                    body,
                });
                Ok(documents.collect())
            }

            async fn jobs(&self, after: &str, most: u32) -> Result<Vec<Job>, StoreError> {
                let query = sqlx::query_as(sql::JOBS).bind(after).bind(i64::from(most));
                type Row = (String, String, String, i64);
                let rows: Vec<Row> = query.fetch_all(&self.reads).await?;
                let jobs = rows.into_iter().map(|(id, kind, body, due_at)| {
                    let due_at = time("jobs.due_at", due_at)?;
                    Ok(Job { id, kind, due_at, body })
                });
                jobs.collect()
            }

            async fn claim(
                &self,
                kind: &str,
                most: u32,
                now: Timestamp,
                until: Timestamp,
            ) -> Result<Vec<Claim>, StoreError> {
                // Where nothing is due, nobody who writes waits for it to be looked at.
                let due: Option<(i32,)> = sqlx::query_as(sql::IS_DUE)
                    .bind(kind)
                    .bind(now.micros())
                    .fetch_optional(&self.reads)
                    .await?;
                match due {
                    None => Ok(Vec::new()),
                    Some(_) => {
                        transaction!(self, BEGIN_BY_ROW, tx => claim(&mut tx, kind, most, now, until))
                    }
                }
            }

            async fn extend(&self, claim: &Claim, until: Timestamp) -> Result<bool, StoreError> {
                transaction!(self, BEGIN_BY_ROW, tx => about(&mut tx, claim, sql::EXTEND, until, None))
            }

            async fn finish(
                &self,
                claims: &[Claim],
                at: Timestamp,
            ) -> Result<Vec<bool>, StoreError> {
                if claims.is_empty() {
                    return Ok(Vec::new());
                }
                transaction!(self, BEGIN_BY_ROW, tx => finish(&mut tx, claims, at))
            }

            async fn fail(
                &self,
                claim: &Claim,
                due_at: Timestamp,
                why: &str,
            ) -> Result<bool, StoreError> {
                transaction!(self, BEGIN_BY_ROW, tx => about(&mut tx, claim, sql::FAIL, due_at, Some(why)))
            }

            async fn keep_results(
                &self,
                results: &[RunResult],
                at: Timestamp,
            ) -> Result<Vec<Results>, StoreError> {
                transaction!(self, tx => keep_results(&mut tx, results, at))
            }

            async fn result(&self, run_key: &Digest) -> Result<Option<Vec<u8>>, StoreError> {
                let query = sqlx::query_as(sql::RESULT).bind(&run_key.as_bytes()[..]);
                let row: Option<(Vec<u8>,)> = query.fetch_optional(&self.reads).await?;
                Ok(row.map(|(body,)| body))
            }

            async fn incidents(&self) -> Result<u64, StoreError> {
                let query = sqlx::query_as(sql::INCIDENTS);
                let (found,): (i64,) = query.fetch_one(&self.reads).await?;
                count("incidents", found)
            }

            fn webhooks(&self) -> &dyn Webhooks {
                self
            }

            async fn close(&self) {
                // The last one that can write tidies up.
                self.reads.close().await;
                self.close_writes().await;
            }

            async fn integrity(&self) -> Result<Vec<String>, StoreError> {
                let ask: Option<&'static str> = $integrity;
                let Some(ask) = ask else {
                    return Ok(Vec::new());
                };
                let said: Vec<(String,)> = sqlx::query_as(ask).fetch_all(&self.reads).await?;
                let said = said.into_iter().map(|(line,)| line);
                Ok(said.filter(|line| line != "ok").collect())
            }
        }
    };
}
pub(crate) use backend;
