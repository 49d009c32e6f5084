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
pub(crate) use message;

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
    " FROM webhook_messages WHERE webhook = $1 ORDER BY created_at DESC, number DESC LIMIT $2"
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

/// Claims the message that is due longest, but for those of webhooks and owners to whom enough is on its way.
macro_rules! claim_message {
    ($lock:literal) => {
        concat!(
            "UPDATE webhook_messages SET epoch = epoch + 1, tries = tries + 1, leased_until = $2 ",
            "WHERE id = (SELECT m.id FROM webhook_messages AS m ",
            "JOIN webhooks AS w ON w.id = m.webhook ",
            "WHERE m.done_at IS NULL AND m.due_at <= $1 AND m.leased_until <= $1 ",
            "AND (w.disabled_at IS NULL OR m.asked = 1) ",
            "AND (SELECT count(*) FROM webhook_messages AS o WHERE o.webhook = m.webhook ",
            "AND o.done_at IS NULL AND o.leased_until > $1) < $3 ",
            "AND (SELECT count(*) FROM webhook_messages AS o ",
            "JOIN webhooks AS v ON v.id = o.webhook WHERE v.owner = w.owner ",
            "AND o.done_at IS NULL AND o.leased_until > $1) < $4 ",
            "ORDER BY m.due_at, m.number, m.id LIMIT 1 ",
            $lock,
            ") RETURNING asked, epoch, ",
            $crate::webhook_sql::message!()
        )
    };
}
pub(crate) use claim_message;
