-- Who is told of events, and what became of telling. None of it is a part of the record: nothing here follows from
-- the commands, and nothing in the market follows from it.

-- An address that a party gave. `cursor`: every event up to this one has its messages below.
CREATE TABLE webhooks (
    id TEXT COLLATE "C" PRIMARY KEY,
    owner TEXT COLLATE "C" NOT NULL,
    url TEXT COLLATE "C" NOT NULL,
    listens TEXT COLLATE "C" NOT NULL,
    cursor BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    delivered_at BIGINT,
    disabled_at BIGINT,
    disabled_why TEXT COLLATE "C"
);
CREATE INDEX webhooks_by_owner ON webhooks (owner, id);

-- One event for one webhook; number 0 is a test. `asked`: somebody wants it sent now, whatever the webhook's state.
CREATE TABLE webhook_messages (
    id TEXT COLLATE "C" PRIMARY KEY,
    webhook TEXT COLLATE "C" NOT NULL REFERENCES webhooks,
    number BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    asked BIGINT NOT NULL DEFAULT 0,
    epoch BIGINT NOT NULL DEFAULT 0,
    leased_until BIGINT NOT NULL DEFAULT 0,
    tries BIGINT NOT NULL DEFAULT 0,
    done_at BIGINT,
    delivered BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX webhook_messages_due ON webhook_messages (due_at, number, id) WHERE done_at IS NULL;
CREATE INDEX webhook_messages_leased ON webhook_messages (webhook, leased_until) WHERE done_at IS NULL;
CREATE INDEX webhook_messages_of ON webhook_messages (webhook, created_at, number);

-- What a receiver said, or why it said nothing.
CREATE TABLE webhook_tries (
    message TEXT COLLATE "C" NOT NULL REFERENCES webhook_messages,
    number BIGINT NOT NULL,
    tried_at BIGINT NOT NULL,
    took_ms BIGINT NOT NULL,
    status BIGINT,
    error TEXT COLLATE "C",
    PRIMARY KEY (message, number)
);
