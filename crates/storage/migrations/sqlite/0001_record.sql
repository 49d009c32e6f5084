-- What a market obeyed, byte for byte, and what followed from it. Times are microseconds since 1970, UTC.

-- One row: who may write, and how far the record goes.
CREATE TABLE record (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    rules BLOB NOT NULL,
    epoch INTEGER NOT NULL,
    leased_until INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    head BLOB NOT NULL,
    events INTEGER NOT NULL,
    transfers INTEGER NOT NULL
) STRICT;

CREATE TABLE commands (
    sequence INTEGER PRIMARY KEY,
    obeyed_at INTEGER NOT NULL,
    payload BLOB NOT NULL UNIQUE,
    head BLOB NOT NULL,
    envelope BLOB NOT NULL,
    attachment BLOB
) STRICT;

CREATE TABLE events (
    number INTEGER PRIMARY KEY,
    sequence INTEGER NOT NULL REFERENCES commands,
    subject TEXT NOT NULL,
    body TEXT NOT NULL
) STRICT;
CREATE INDEX events_by_subject ON events (subject, number);

CREATE TABLE transfers (
    number INTEGER PRIMARY KEY,
    sequence INTEGER NOT NULL REFERENCES commands,
    body TEXT NOT NULL
) STRICT;

CREATE TABLE documents (
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    sequence INTEGER NOT NULL REFERENCES commands,
    body TEXT NOT NULL,
    PRIMARY KEY (kind, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE jobs (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    body TEXT NOT NULL,
    due_at INTEGER NOT NULL,
    epoch INTEGER NOT NULL DEFAULT 0,
    leased_until INTEGER NOT NULL DEFAULT 0,
    attempts INTEGER NOT NULL DEFAULT 0,
    last_error TEXT,
    done_at INTEGER
) STRICT;
CREATE INDEX jobs_waiting ON jobs (kind, due_at, id) WHERE done_at IS NULL;

CREATE TABLE results (
    run_key BLOB PRIMARY KEY,
    body BLOB NOT NULL
) STRICT;

-- A second, different result for the same run: something is broken, and a person must look.
CREATE TABLE incidents (
    run_key BLOB NOT NULL REFERENCES results,
    body BLOB NOT NULL,
    found_at INTEGER NOT NULL,
    PRIMARY KEY (run_key, body)
) STRICT;
