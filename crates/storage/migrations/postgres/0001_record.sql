-- What a market obeyed, byte for byte, and what followed from it. Times are microseconds since 1970, UTC.

-- One row: who may write, and how far the record goes.
CREATE TABLE record (
    one BIGINT PRIMARY KEY CHECK (one = 1),
    rules BYTEA NOT NULL,
    epoch BIGINT NOT NULL,
    leased_until BIGINT NOT NULL,
    sequence BIGINT NOT NULL,
    head BYTEA NOT NULL,
    events BIGINT NOT NULL,
    transfers BIGINT NOT NULL
);

CREATE TABLE commands (
    sequence BIGINT PRIMARY KEY,
    obeyed_at BIGINT NOT NULL,
    payload BYTEA NOT NULL UNIQUE,
    head BYTEA NOT NULL,
    envelope BYTEA NOT NULL,
    attachment BYTEA
);

CREATE TABLE events (
    number BIGINT PRIMARY KEY,
    sequence BIGINT NOT NULL REFERENCES commands,
    subject TEXT COLLATE "C" NOT NULL,
    body TEXT COLLATE "C" NOT NULL
);
CREATE INDEX events_by_subject ON events (subject, number);

CREATE TABLE transfers (
    number BIGINT PRIMARY KEY,
    sequence BIGINT NOT NULL REFERENCES commands,
    body TEXT COLLATE "C" NOT NULL
);

CREATE TABLE documents (
    kind TEXT COLLATE "C" NOT NULL,
    key TEXT COLLATE "C" NOT NULL,
    sequence BIGINT NOT NULL REFERENCES commands,
    body TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (kind, key)
);

CREATE TABLE jobs (
    id TEXT COLLATE "C" PRIMARY KEY,
    kind TEXT COLLATE "C" NOT NULL,
    body TEXT COLLATE "C" NOT NULL,
    due_at BIGINT NOT NULL,
    epoch BIGINT NOT NULL DEFAULT 0,
    leased_until BIGINT NOT NULL DEFAULT 0,
    attempts BIGINT NOT NULL DEFAULT 0,
    last_error TEXT,
    done_at BIGINT
);
CREATE INDEX jobs_waiting ON jobs (kind, due_at, id) WHERE done_at IS NULL;

CREATE TABLE results (
    run_key BYTEA PRIMARY KEY,
    body BYTEA NOT NULL
);

-- A second, different result for the same run: something is broken, and a person must look.
CREATE TABLE incidents (
    run_key BYTEA NOT NULL REFERENCES results,
    body BYTEA NOT NULL,
    found_at BIGINT NOT NULL,
    PRIMARY KEY (run_key, body)
);
