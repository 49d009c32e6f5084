//! The statements about webhooks; see `sql`.

/// Columns of a webhook, in the order of [`crate::webhook_backend::Row`].
macro_rules! columns {
    () => {
        "id, owner, url, listens, cursor, created_at, delivered_at, disabled_at, disabled_why"
    };
}

/// Columns of a message.
macro_rules! message {
    () => {
        "id, webhook, number, created_at, due_at, tries, done_at, delivered"
    };
}

pub(crate) const ADD: &str = concat!(
    "INSERT INTO webhooks (",
    columns!(),
    ") VALUES ($1, $2, $3, $4, $5, $6, NULL, NULL, NULL) ON CONFLICT (id) DO NOTHING"
);
pub(crate) const COUNTS: &str =
    "SELECT (SELECT count(*) FROM webhooks WHERE owner = $1), (SELECT count(*) FROM webhooks)";
pub(crate) const WEBHOOK: &str = concat!("SELECT ", columns!(), " FROM webhooks WHERE id = $1");
pub(crate) const OF_OWNER: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM webhooks WHERE owner = $1 ORDER BY id"
);
pub(crate) const HUNGRY: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM webhooks WHERE disabled_at IS NULL AND cursor < $1 AND (SELECT count(*) ",
    "FROM webhook_messages AS m WHERE m.webhook = webhooks.id AND m.done_at IS NULL) < $2 ",
    "ORDER BY cursor, id"
);

pub(crate) const HOLD: &str = "UPDATE webhooks SET owner = owner WHERE id = $1";
pub(crate) const REMOVE_TRIES: &str = "DELETE FROM webhook_tries \
    WHERE message IN (SELECT id FROM webhook_messages WHERE webhook = $1)";
pub(crate) const REMOVE_MESSAGES: &str = "DELETE FROM webhook_messages WHERE webhook = $1";
pub(crate) const REMOVE: &str = "DELETE FROM webhooks WHERE id = $1";

/// The one place where a cursor moves: only from where the caller saw it.
pub(crate) const MOVE: &str = "UPDATE webhooks SET cursor = $3 \
    WHERE id = $1 AND cursor = $2 AND disabled_at IS NULL";
pub(crate) const INSERT_MESSAGES: &str =
    "INSERT INTO webhook_messages (id, webhook, number, created_at, due_at) ";

pub(crate) const DONE: &str = "UPDATE webhook_messages \
    SET leased_until = 0, asked = 0, due_at = $3, done_at = $4, delivered = $5 \
    WHERE id = $1 AND epoch = $2 AND done_at IS NULL";
pub(crate) const INSERT_TRY: &str = "INSERT INTO webhook_tries \
    (message, number, tried_at, took_ms, status, error) VALUES ($1, $2, $3, $4, $5, $6) \
    ON CONFLICT (message, number) DO NOTHING";
pub(crate) const FORGET_OLD_TRIES: &str =
    "DELETE FROM webhook_tries WHERE message = $1 AND number <= $2";
pub(crate) const ARRIVED: &str = "UPDATE webhooks \
    SET delivered_at = $2, disabled_at = NULL, disabled_why = NULL WHERE id = $1";
pub(crate) const DISABLE: &str = "UPDATE webhooks SET disabled_at = $2, disabled_why = $3 \
    WHERE id = $1 AND disabled_at IS NULL AND (delivered_at IS NULL OR delivered_at < $4)";

pub(crate) const MESSAGES: &str = concat!(
    "SELECT ",
    message!(),
    " FROM webhook_messages WHERE webhook = $1 ORDER BY created_at DESC, number DESC LIMIT CAST($2 AS BIGINT)"
);
pub(crate) const MESSAGE: &str = concat!(
    "SELECT ",
    message!(),
    " FROM webhook_messages WHERE webhook = $1 AND id = $2"
);
pub(crate) const TRIES: &str = "SELECT number, tried_at, took_ms, status, error \
    FROM webhook_tries WHERE message = $1 ORDER BY number";
pub(crate) const REDELIVER: &str = "UPDATE webhook_messages \
    SET due_at = $3, asked = 1, done_at = NULL, delivered = 0 WHERE webhook = $1 AND id = $2";

pub(crate) const REMOVE_TEST_TRIES: &str = "DELETE FROM webhook_tries \
    WHERE message IN (SELECT id FROM webhook_messages WHERE webhook = $1 AND number = 0)";
pub(crate) const REMOVE_TEST: &str =
    "DELETE FROM webhook_messages WHERE webhook = $1 AND number = 0";
pub(crate) const TEST: &str = "INSERT INTO webhook_messages \
    (id, webhook, number, created_at, due_at, asked) VALUES ($1, $2, 0, $3, $3, 1)";

pub(crate) const FORGET_TRIES: &str = "DELETE FROM webhook_tries \
    WHERE message IN (SELECT id FROM webhook_messages WHERE done_at < $1)";
pub(crate) const FORGET: &str = "DELETE FROM webhook_messages WHERE done_at < $1";

/// What is on its way at $1, and whose it is.
macro_rules! flight {
    () => {
        concat!(
            "WITH flight AS MATERIALIZED (SELECT o.webhook, v.owner FROM webhook_messages AS o ",
            "JOIN webhooks AS v ON v.id = o.webhook ",
            "WHERE o.leased_until > 0 AND o.leased_until > $1)"
        )
    };
}

/// The first message of webhook `w` that is due at $1.
macro_rules! first_due {
    ($which:literal) => {
        concat!(
            "(SELECT q.id FROM webhook_messages AS q WHERE q.webhook = w.id ",
            "AND q.done_at IS NULL AND q.due_at <= $1 AND q.leased_until <= $1",
            $which,
            " ORDER BY q.due_at, q.number, q.id LIMIT 1)"
        )
    };
}

/// $6 are the owners of whom nothing is asked for, between commas; they are names of keys, without a wildcard in them.
/// The owner first: who has fewest on their way, and of those whose turn is longest ago. Each webhook is looked at once,
/// however much waits for it.
pub(crate) const NEXT: &str = concat!(
    flight!(),
    ", of_owner AS (SELECT owner, count(*) AS many FROM flight GROUP BY owner)",
    ", of_webhook AS (SELECT webhook, count(*) AS many FROM flight GROUP BY webhook) ",
    "SELECT m.id FROM webhooks AS w ",
    "LEFT JOIN of_owner AS p ON p.owner = w.owner ",
    "LEFT JOIN of_webhook AS h ON h.webhook = w.id ",
    "LEFT JOIN webhook_turns AS t ON t.owner = w.owner ",
    "JOIN webhook_messages AS m ON m.id = CASE WHEN w.disabled_at IS NULL THEN ",
    first_due!(""),
    " ELSE ",
    first_due!(" AND q.asked = 1"),
    " END WHERE COALESCE(h.many, 0) < $2 AND COALESCE(p.many, 0) < $3 ",
    "AND $6 NOT LIKE '%,' || w.owner || ',%' ",
    "AND (COALESCE(t.slow_at, 0) <= $5 OR (SELECT count(*) FROM flight AS f ",
    "JOIN webhook_turns AS s ON s.owner = f.owner WHERE s.slow_at > $5) < $4) ",
    "ORDER BY COALESCE(p.many, 0), COALESCE(t.claimed_at, 0), m.due_at, m.number, m.id LIMIT 1"
);

/// Claims a message that was seen to be next, if nobody was faster.
pub(crate) const TAKE: &str = concat!(
    flight!(),
    " UPDATE webhook_messages SET epoch = epoch + 1, tries = tries + 1, leased_until = $2 ",
    "WHERE id = $5 AND done_at IS NULL AND due_at <= $1 AND leased_until <= $1 ",
    "AND EXISTS (SELECT 1 FROM webhooks AS w WHERE w.id = webhook_messages.webhook ",
    "AND (w.disabled_at IS NULL OR webhook_messages.asked = 1) ",
    "AND (SELECT count(*) FROM flight WHERE flight.webhook = w.id) < $3 ",
    "AND (SELECT count(*) FROM flight WHERE flight.owner = w.owner) < $4) ",
    "RETURNING asked, epoch, ",
    message!()
);
pub(crate) const TURN: &str = "INSERT INTO webhook_turns (owner, claimed_at) VALUES ($1, $2) \
    ON CONFLICT (owner) DO UPDATE SET claimed_at = excluded.claimed_at";
pub(crate) const SLOW: &str = "UPDATE webhook_turns SET slow_at = $2 WHERE owner = $1";
pub(crate) const FORGET_TURNS: &str = "DELETE FROM webhook_turns WHERE claimed_at < $1";
