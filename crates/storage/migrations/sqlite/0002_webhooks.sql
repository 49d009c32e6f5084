-- Who is told of events, and what became of telling. None of it is a part of the record: nothing here follows from
-- the commands, and nothing in the market follows from it.

-- An address that a party gave. `cursor`: every event up to this one has its messages below.
CREATE TABLE webhooks (
    id TEXT PRIMARY KEY,
    owner TEXT NOT NULL,
    url TEXT NOT NULL,
    listens TEXT NOT NULL,
    cursor INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    delivered_at INTEGER,
    disabled_at INTEGER,
    disabled_why TEXT
) STRICT;
CREATE INDEX webhooks_by_owner ON webhooks (owner, id);

-- One event for one webhook; number 0 is a test. `asked`: somebody wants it sent now, whatever the webhook's state.
CREATE TABLE webhook_messages (
    id TEXT PRIMARY KEY,
    webhook TEXT NOT NULL REFERENCES webhooks,
    number INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    asked INTEGER NOT NULL DEFAULT 0,
    epoch INTEGER NOT NULL DEFAULT 0,
    leased_until INTEGER NOT NULL DEFAULT 0,
    tries INTEGER NOT NULL DEFAULT 0,
    done_at INTEGER,
    delivered INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX webhook_messages_due ON webhook_messages (due_at, number, id) WHERE done_at IS NULL;
CREATE INDEX webhook_messages_leased ON webhook_messages (webhook, leased_until) WHERE done_at IS NULL;
CREATE INDEX webhook_messages_of ON webhook_messages (webhook, created_at, number);

-- What a receiver said, or why it said nothing.
CREATE TABLE webhook_tries (
    message TEXT NOT NULL REFERENCES webhook_messages,
    number INTEGER NOT NULL,
    tried_at INTEGER NOT NULL,
    took_ms INTEGER NOT NULL,
    status INTEGER,
    error TEXT,
    PRIMARY KEY (message, number)
) STRICT, WITHOUT ROWID;
