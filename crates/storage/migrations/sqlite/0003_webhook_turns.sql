-- Whose message is next: owners take turns. An index answers for each webhook without passing what waits for it, and what
-- is on its way is found without looking at what is not.
DROP INDEX webhook_messages_due;
DROP INDEX webhook_messages_leased;
CREATE INDEX webhook_messages_waiting ON webhook_messages (webhook, due_at, number, id) WHERE done_at IS NULL;
CREATE INDEX webhook_messages_asked ON webhook_messages (webhook, due_at, number, id)
    WHERE done_at IS NULL AND asked = 1;
CREATE INDEX webhook_messages_leased ON webhook_messages (leased_until) WHERE leased_until > 0;

-- Outlives the webhooks of its owner: who removes one and adds it again is not new. `claimed_at`: when a message was last
-- claimed. `slow_at`: when a receiver last took long.
CREATE TABLE webhook_turns (
    owner TEXT PRIMARY KEY,
    claimed_at INTEGER NOT NULL,
    slow_at INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
