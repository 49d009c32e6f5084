//! The statements. Both databases take `$1` for the first value, so each is written once.
//!
//! SQLite (since 3.47) prepares a statement again each time that another value is bound to a bare `LIMIT $1`, and so as often
//! as it is used; behind a `CAST` it does not look.

pub(crate) const FOUND: &str = "INSERT INTO record \
    (one, rules, epoch, leased_until, sequence, head, events, transfers) \
    VALUES (1, $1, 0, 0, 0, $2, 0, 0) ON CONFLICT (one) DO NOTHING";
pub(crate) const RULES: &str = "SELECT rules FROM record WHERE one = 1";
pub(crate) const POSITION: &str =
    "SELECT sequence, head, events, transfers FROM record WHERE one = 1";

/// What a writer must know: the epoch, until when it is leased, and the position.
pub(crate) const WRITER: &str = "SELECT epoch, leased_until FROM record WHERE one = 1";
pub(crate) const LEASE: &str =
    "UPDATE record SET epoch = $1, leased_until = $2 WHERE one = 1 AND epoch = $3";

pub(crate) const RELEASE: &str = "UPDATE record SET leased_until = 0 WHERE one = 1 AND epoch = $1";

/// The one place where a record grows: not under another writer, and not from another place.
pub(crate) const ADVANCE: &str = "UPDATE record \
    SET sequence = sequence + $3, head = $4, events = events + $5, transfers = transfers + $6 \
    WHERE one = 1 AND epoch = $1 AND sequence = $2 \
    RETURNING sequence, head, events, transfers";

pub(crate) const INSERT_COMMANDS: &str =
    "INSERT INTO commands (sequence, obeyed_at, payload, head, envelope, attachment) ";
pub(crate) const INSERT_EVENTS: &str = "INSERT INTO events (number, sequence, subject, body) ";
pub(crate) const INSERT_TRANSFERS: &str = "INSERT INTO transfers (number, sequence, body) ";
pub(crate) const INSERT_DOCUMENTS: &str = "INSERT INTO documents (kind, key, sequence, body) ";
pub(crate) const REPLACE_DOCUMENTS: &str = " ON CONFLICT (kind, key) \
    DO UPDATE SET sequence = excluded.sequence, body = excluded.body";
pub(crate) const INSERT_JOBS: &str = "INSERT INTO jobs (id, kind, body, due_at) ";

pub(crate) const COMMANDS: &str = "SELECT sequence, obeyed_at, payload, head, envelope, attachment \
    FROM commands WHERE sequence > $1 ORDER BY sequence LIMIT CAST($2 AS BIGINT)";
pub(crate) const EVENTS: &str = "SELECT number, sequence, subject, body FROM events WHERE number > $1 ORDER BY number LIMIT CAST($2 AS BIGINT)";
pub(crate) const TRANSFERS: &str = "SELECT number, sequence, body FROM transfers WHERE number > $1 ORDER BY number LIMIT CAST($2 AS BIGINT)";
pub(crate) const DOCUMENT: &str = "SELECT key, body FROM documents WHERE kind = $1 AND key = $2";
pub(crate) const DOCUMENTS: &str = "SELECT key, body FROM documents WHERE kind = $1 AND key > $2 ORDER BY key LIMIT CAST($3 AS BIGINT)";

pub(crate) const JOBS: &str =
    "SELECT id, kind, body, due_at FROM jobs WHERE id > $1 ORDER BY id LIMIT CAST($2 AS BIGINT)";
pub(crate) const EXTEND: &str = "UPDATE jobs SET leased_until = $3 \
    WHERE id = $1 AND epoch = $2 AND done_at IS NULL";
pub(crate) const FINISH: &str = "UPDATE jobs SET last_error = NULL, done_at = ";
pub(crate) const FINISH_THESE: &str = " WHERE done_at IS NULL AND (id, epoch) IN (";
pub(crate) const FAIL: &str = "UPDATE jobs SET due_at = $3, leased_until = 0, last_error = $4 \
    WHERE id = $1 AND epoch = $2 AND done_at IS NULL";

pub(crate) const KEEP_RESULTS: &str = "INSERT INTO results (run_key, body) ";
pub(crate) const UNLESS_KNOWN: &str = " ON CONFLICT (run_key) DO NOTHING RETURNING run_key";
pub(crate) const RESULT: &str = "SELECT body FROM results WHERE run_key = $1";
pub(crate) const KEEP_INCIDENT: &str = "INSERT INTO incidents (run_key, body, found_at) \
    VALUES ($1, $2, $3) ON CONFLICT (run_key, body) DO NOTHING";
pub(crate) const INCIDENTS: &str = "SELECT count(*) FROM incidents";

/// Whether a job of this kind is due, and nobody's.
pub(crate) const IS_DUE: &str = "SELECT 1 FROM jobs WHERE kind = $1 \
    AND done_at IS NULL AND due_at <= $2 AND leased_until <= $2 LIMIT 1";

/// Claims the jobs that are due longest. `$lock` keeps two workers from waiting for each other where many write at once.
macro_rules! claim {
    ($lock:literal) => {
        concat!(
            "UPDATE jobs SET epoch = epoch + 1, attempts = attempts + 1, leased_until = $3 ",
            "WHERE id IN (SELECT id FROM jobs ",
            "WHERE kind = $1 AND done_at IS NULL AND due_at <= $2 AND leased_until <= $2 ",
            "ORDER BY due_at, id LIMIT CAST($4 AS BIGINT) ",
            $lock,
            ") RETURNING id, body, epoch"
        )
    };
}
pub(crate) use claim;
