"""Writes what came later: for three examples, exports of events as an oracle states them, and nothing else (Python 3.11, standard
library). `warranty.toml` beside each says what may come and what must; `proofmark submission manifest` says the digest of a tree.

    python3 later.py            writes <example>/later/<name>/events.jsonl
    python3 later.py --check    only says whether they are as this would write them
"""

import hashlib
import json
import sys
from pathlib import Path

HERE = Path(__file__).parent


def line(value):
    return json.dumps(value, separators=(",", ":")) + "\n"


def export(subject, begin, end, rows):
    """Rows are time, type, fields."""
    events = [{"id": f"ev-{1001 + at}", "at": when, "subject": subject, "type": kind, **fields} for at, (when, kind, fields) in enumerate(rows)]
    body = "".join(map(line, events))
    digest = "sha256:" + hashlib.sha256(body.encode()).hexdigest()
    header = {"format": "later-events/v1", "subject": subject, "from": begin, "until": end, "made_at": end, "complete": True, "events": len(events), "digest": digest}
    return line(header) + body


def digest_of(path):
    return hashlib.sha256((HERE / path).read_bytes()).hexdigest()


def claim():
    decision = digest_of("claim/submissions/right/decision.json")
    decided = [
        ("2026-05-04T10:15:00+02:00", "filed", {"amount": 261535}),
        ("2026-05-11T09:30:12+02:00", "decided", {"decision": decision, "paid": 93425}),
        ("2026-05-11T09:30:14+02:00", "notified", {"by": "portal"}),
        ("2026-05-18T04:00:00+02:00", "paid_out", {"amount": 93425, "currency": "EUR"}),
    ]
    complaint = [
        ("2026-05-20T11:26:51+02:00", "complaint_filed", {"complaint": "00c417"}),
        ("2026-06-09T14:02:33+02:00", "complaint_closed", {"complaint": "00c417", "result": "dismissed"}),
    ]
    reversed_later = [("2026-06-22T10:00:00+02:00", "decision_reversed", {"decision": decision})]
    covers = ("2026-05-01T00:00:00+02:00", "2026-07-11T00:00:00+02:00")
    yield "claim/later/stands", export("CLM-2026-0417", *covers, decided + complaint)
    yield "claim/later/reversed", export("CLM-2026-0417", *covers, decided + complaint + reversed_later)


def ticket():
    resolved = [
        ("2026-04-13T08:02:44Z", "created", {"channel": "email"}),
        ("2026-04-13T08:13:21Z", "resolved", {"ticket": digest_of("support-ticket/submissions/resolved/ticket.json")}),
        ("2026-04-14T08:02:44Z", "rated", {"score": 5}),
    ]
    reopened = [("2026-04-16T18:40:10Z", "reopened", {"by": "customer"})]
    covers = ("2026-04-13T00:00:00Z", "2026-04-28T00:00:00Z")
    yield "support-ticket/later/stays-resolved", export("BW-20981", *covers, resolved)
    yield "support-ticket/later/reopened", export("BW-20981", *covers, resolved + reopened)


def pull_request():
    commit = "9f2c1b7ad04e5c6f8831a2b3c4d5e6f708192a3b"
    merged = [
        ("2026-03-16T10:02:11Z", "opened", {}),
        ("2026-03-16T14:31:05Z", "merged", {"tree": TREE, "commit": commit, "branch": "main"}),
        ("2026-03-16T14:38:40Z", "check_run", {"commit": commit, "result": "success"}),
    ]
    reverted = [("2026-03-19T07:55:20Z", "reverted", {"commit": commit})]
    covers = ("2026-03-16T00:00:00Z", "2026-03-31T00:00:00Z")
    yield "code-change/later/stays-merged", export("spans#214", *covers, merged)
    yield "code-change/later/reverted", export("spans#214", *covers, merged + reverted)


# Of the base with submissions/good applied.
TREE = "72a0b171ba2fef5270edb639a3fae9c3473205ea0f75cbe18fdedca1a56f43f3"


def main():
    different = []
    for folder, text in [*claim(), *ticket(), *pull_request()]:
        path = HERE / folder / "events.jsonl"
        if "--check" in sys.argv:
            if not path.is_file() or path.read_text() != text:
                different.append(str(path))
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    for path in different:
        print(f"another one: {path}")
    sys.exit(bool(different))


main()
