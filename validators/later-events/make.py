"""Writes the fixtures: exports of invented tickets, pull requests and claims (Python 3.11, standard library).

    python3 make.py            writes fixtures/accept, fixtures/reject and fixtures/undecided
    python3 make.py --check    only says whether they are as this would write them

`export` is how an oracle seals an export: events as lines, and before them what they are an export of.
"""

import copy
import hashlib
import json
import sys
from pathlib import Path

HERE = Path(__file__).parent / "fixtures"
FILES = {}


def line(value):
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False) + "\n"


def export(case, **other):
    body = "".join(line(event) for event in case["events"])
    header = {"format": "later-events/v1", "subject": case["params"]["subject"], **case["covers"], "complete": True,
              "events": len(case["events"]), "digest": "sha256:" + hashlib.sha256(body.encode()).hexdigest(), **other}
    return line(header), body


def write(name, case, checks, codes=(), text=None, **header):
    head, body = export(case, **header)
    folder = HERE / name
    FILES[folder / "params.json"] = json.dumps(case["params"], indent=2) + "\n"
    FILES[folder / "expect.json"] = json.dumps({"checks": dict(zip(("export", "required", "forbidden"), checks)), "codes": list(codes)}, indent=2) + "\n"
    if text is None:
        text = head + body
    if callable(text):
        text = text(head, body)
    if text:
        FILES[folder / "submission/events.jsonl"] = text
    else:
        FILES[folder / "submission/.gitkeep"] = ""


def case(params, covers, rows):
    """Rows are time, type, fields."""
    begin, end = covers
    events = [{"id": f"ev-{1001 + at}", "at": when, "subject": params["subject"], "type": kind, **fields}
              for at, (when, kind, fields) in enumerate(rows)]
    return {"params": params, "covers": {"from": begin, "until": end, "made_at": end}, "events": events}


def changed(base, change):
    other = copy.deepcopy(base)
    change(other)
    return other


def put(*events):
    """Further events, in the order of time, each with an id that says what it is."""
    def change(case):
        for at, (when, kind, fields) in enumerate(events):
            event = {"id": f"late-{at + 1}", "at": when, "subject": case["params"]["subject"], "type": kind, **fields}
            case["events"].append(event)
        case["events"].sort(key=lambda event: event["at"])
    return change


def without(case, kind):
    case["events"] = [event for event in case["events"] if event["type"] != kind]


# A ticket: it was resolved, and must stay so for two weeks.
MESSAGE, RATING = {"from": {"one_of": ["customer", "agent"]}}, {"score": {"number": {"at_least": 1, "at_most": 5}}}
TICKET = case(
    {
        "subject": "TICKET-48213",
        "events": {
            "created": {"channel": {"one_of": ["email", "chat", "phone"]}},
            "assigned": {"agent": {"hex": 8}},
            "message": MESSAGE,
            "resolved": {"agent": {"hex": 8}, "resolution": {"one_of": ["fixed", "explained", "duplicate", "not_reproducible"]}},
            "reopened": {"by": {"one_of": ["customer", "agent", "system"]}},
            "escalated": {"level": {"number": {"at_least": 1, "at_most": 3}}},
            "rated": RATING,
            "closed": {"automatic": "boolean"},
        },
        "anchor": {"type": "resolved", "where": {"resolution": {"one_of": ["fixed", "explained"]}}},
        "window": {"from": "2026-03-02T08:00:00Z", "until": "2026-03-05T08:00:00Z", "seconds": 1209600},
        "forbidden": [
            {"type": "reopened"},
            {"type": "escalated"},
            {"type": "rated", "where": {"score": {"at_most": 3}}},
            {"type": "message", "where": {"from": {"equals": "customer"}}, "at_most": 2},
        ],
        "required": [
            {"type": "message", "where": {"from": {"equals": "agent"}},
             "after_each": {"type": "message", "where": {"from": {"equals": "customer"}}}, "within_seconds": 14400},
            {"type": "rated"},
            {"type": "closed", "where": {"automatic": {"equals": True}}},
        ],
    },
    ("2026-03-02T08:00:00Z", "2026-03-18T08:00:00Z"),
    [
        ("2026-03-02T09:14:05Z", "created", {"channel": "email"}),
        ("2026-03-02T09:20:41Z", "assigned", {"agent": "0a31f7c2"}),
        ("2026-03-02T10:02:13Z", "message", {"from": "agent"}),
        ("2026-03-02T11:47:30Z", "message", {"from": "customer"}),
        ("2026-03-02T12:05:58Z", "message", {"from": "agent"}),
        ("2026-03-02T12:06:10Z", "resolved", {"agent": "0a31f7c2", "resolution": "fixed"}),
        ("2026-03-02T15:31:02Z", "message", {"from": "customer"}),
        ("2026-03-02T16:10:44Z", "message", {"from": "agent"}),
        ("2026-03-03T07:58:19Z", "rated", {"score": 4}),
        ("2026-03-05T09:00:00Z", "message", {"from": "customer"}),
        ("2026-03-05T12:59:59Z", "message", {"from": "agent"}),
        ("2026-03-09T12:06:10Z", "closed", {"automatic": True}),
    ],
)

# A pull request: the tree that passed was merged, deployed, and is not taken back for ten days.
TREE, HEAD = "7c0e5d0f4a1b9a3d2e8f6c5b4a39281706f5e4d3", "2b1f8a7c6d5e4f30918273645546372819a0b1c2"
COMMIT, OTHER = "e4d909c290d0fb1ca068ffaddf22cbd0aabbccdd", "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b"
RUN = {"name": {"one_of": ["build", "unit", "integration", "end_to_end"]}, "commit": {"hex": 40},
       "result": {"one_of": ["success", "failure"]}}


def run(name, commit=COMMIT, result="success"):
    return {"name": name, "commit": commit, "result": result}


PULL = case(
    {
        "subject": "acme/shop#1841",
        "events": {
            "opened": {"head": {"hex": 40}},
            "approved": {"head": {"hex": 40}},
            "merged": {"head": {"hex": 40}, "tree": {"hex": 40}, "commit": {"hex": 40}, "branch": {"one_of": ["main", "release"]}},
            "check_run": RUN,
            "deployed": {"commit": {"hex": 40}, "environment": {"one_of": ["staging", "production"]}},
            "reverted": {"commit": {"hex": 40}},
            "incident": {"commit": {"hex": 40}, "severity": {"number": {"at_least": 1, "at_most": 4}}},
        },
        "anchor": {"type": "merged", "where": {"tree": {"equals": TREE}, "branch": {"equals": "main"}}},
        "window": {"from": "2026-04-07T00:00:00Z", "until": "2026-04-14T00:00:00Z", "seconds": 864000},
        "forbidden": [
            {"type": "reverted", "where": {"commit": {"same_as": "commit"}}},
            {"type": "merged", "at_most": 1},
            {"type": "incident", "where": {"commit": {"same_as": "commit"}, "severity": {"at_most": 2}}},
            {"type": "check_run", "where": {"commit": {"same_as": "commit"}, "result": {"none_of": ["success"]}}},
        ],
        "required": [
            *({"type": "check_run", "where": {"name": {"equals": name}, "commit": {"same_as": "commit"}}, "within_seconds": 3600}
              for name in ("build", "unit", "integration", "end_to_end")),
            *({"type": "deployed", "where": {"commit": {"same_as": "commit"}, "environment": {"equals": where}}, "within_seconds": 172800}
              for where in ("staging", "production")),
        ],
    },
    ("2026-04-07T00:00:00Z", "2026-04-19T00:00:00Z"),
    [
        ("2026-04-07T13:20:00Z", "opened", {"head": HEAD}),
        ("2026-04-08T08:41:17Z", "approved", {"head": HEAD}),
        ("2026-04-08T08:42:03Z", "merged", {"head": HEAD, "tree": TREE, "commit": COMMIT, "branch": "main"}),
        ("2026-04-08T08:44:10Z", "check_run", run("build")),
        ("2026-04-08T08:49:52Z", "check_run", run("unit")),
        ("2026-04-08T09:03:29Z", "check_run", run("integration")),
        ("2026-04-08T09:42:03Z", "check_run", run("end_to_end")),
        ("2026-04-08T10:00:00Z", "deployed", {"commit": COMMIT, "environment": "staging"}),
        ("2026-04-09T07:30:00Z", "deployed", {"commit": COMMIT, "environment": "production"}),
        ("2026-04-15T06:12:40Z", "incident", {"commit": COMMIT, "severity": 3}),
    ],
)

# A claim: the decision stands, what was decided is paid out, and no complaint about it is upheld.
AMOUNT = {"number": {"at_least": 0}}
CLAIM = case(
    {
        "subject": "CLM-2026-0417",
        "events": {
            "filed": {"amount": AMOUNT},
            "decided": {"decision": {"hex": 64}, "paid": AMOUNT},
            "notified": {"by": {"one_of": ["letter", "portal"]}},
            "paid_out": {"amount": AMOUNT, "currency": {"one_of": ["EUR"]}},
            "payment_returned": {"amount": AMOUNT},
            "complaint_filed": {"complaint": {"hex": 6}},
            "complaint_closed": {"complaint": {"hex": 6}, "result": {"one_of": ["upheld", "partly_upheld", "dismissed", "withdrawn"]}},
            "decision_reversed": {"decision": {"hex": 64}},
            "correction": {"amount": AMOUNT},
        },
        "anchor": {"type": "decided", "where": {"decision": {"equals": hashlib.sha256(b"decision").hexdigest()}, "paid": {"equals": 93425}}},
        "window": {"from": "2026-05-04T00:00:00Z", "until": "2026-05-18T23:59:59Z", "seconds": 5184000},
        "forbidden": [
            {"type": "decision_reversed", "where": {"decision": {"same_as": "decision"}}},
            {"type": "complaint_closed", "where": {"result": {"one_of": ["upheld", "partly_upheld"]}}},
            {"type": "complaint_filed", "at_most": 1},
            {"type": "correction", "where": {"amount": {"at_least": "50.01"}}},
            {"type": "payment_returned"},
        ],
        "required": [
            {"type": "notified", "where": {"by": {"equals": "portal"}}, "within_seconds": 86400},
            {"type": "notified", "where": {"by": {"equals": "letter"}}, "within_seconds": 432000},
            {"type": "paid_out", "where": {"amount": {"same_as": "paid"}}, "within_seconds": 864000},
            {"type": "complaint_closed", "after_each": {"type": "complaint_filed"}, "within_seconds": 1814400},
        ],
    },
    ("2026-05-01T00:00:00+02:00", "2026-07-11T00:00:00+02:00"),
    [
        ("2026-05-04T10:15:00+02:00", "filed", {"amount": 261535}),
        ("2026-05-11T09:30:12+02:00", "decided", {"decision": hashlib.sha256(b"decision").hexdigest(), "paid": 93425}),
        ("2026-05-11T09:30:14+02:00", "notified", {"by": "portal"}),
        ("2026-05-13T16:00:00+02:00", "notified", {"by": "letter"}),
        ("2026-05-18T04:00:00+02:00", "paid_out", {"amount": 93425, "currency": "EUR"}),
        ("2026-05-20T11:26:51+02:00", "complaint_filed", {"complaint": "00c417"}),
        ("2026-06-09T14:02:33+02:00", "complaint_closed", {"complaint": "00c417", "result": "dismissed"}),
        ("2026-06-12T08:00:00+02:00", "correction", {"amount": 50}),
    ],
)

# Everything at the very edge: fractions of seconds, offsets, events at the ends, types to pass over, fixed bounds.
EDGES = case(
    {
        "subject": "Störung-7/ä",
        "export": "events.jsonl",
        "unknown": "ignore",
        "max_events": 14,
        "events": {
            "restored": {"share": {"number": {"at_least": 0, "at_most": 1}}, "at_first": "time"},
            "measured": {"share": {"number": {"at_least": 0, "at_most": 1}}, "good": "boolean"},
            "failed": {"cause": {"text": 20}},
        },
        "anchor": {"type": "restored", "where": {"share": {"at_least": "0.995"}}},
        "window": {"from": "2026-01-01T00:00:00Z", "until": "2026-01-02T00:00:00Z"},
        "forbidden": [
            {"type": "failed"},
            {"type": "measured", "where": {"share": {"at_most": "0.989999999"}}, "at_most": 1},
            {"type": "measured", "where": {"good": {"equals": False}}, "at_most": 2},
            {"type": "restored", "at_most": 1},
        ],
        "required": [
            {"type": "measured", "where": {"good": {"equals": True}}, "at_least": 3, "within_seconds": 43200},
            {"type": "measured", "where": {"share": {"at_least": "0.99"}}, "at_least": 4},
        ],
    },
    ("2026-01-01T00:00:00Z", "2026-01-02T01:00:00+01:00"),
    [
        ("2026-01-01T00:00:00Z", "restored", {"share": 0.5, "at_first": "2026-01-01T00:00:00Z"}),
        ("2026-01-01T06:00:00.000000000Z", "failed", {"cause": "still being repaired"}),
        ("2026-01-01T06:00:00Z", "restored", {"share": 0.995, "at_first": "2025-12-31T23:00:00-02:00"}),
        ("2026-01-01T06:00:00Z", "measured", {"share": 1, "good": True}),
        ("2026-01-01T12:00:00.5+05:30", "looked_at", {"by": ["anybody"], "failed": None}),
        ("2026-01-01T06:30:00.50000001Z", "measured", {"share": 0.99, "good": False}),
        ("2026-01-01T12:00:00Z", "measured", {"share": 0.999999999, "good": True}),
        ("2026-01-01T18:00:00Z", "measured", {"share": 0.99, "good": True}),
        ("2026-01-02T00:00:00Z", "measured", {"share": 0.98, "good": False}),
    ],
)


def accept():
    good = ("pass", "pass", "pass")
    write("accept/ticket", TICKET, good)
    write("accept/pull-request", PULL, good)
    write("accept/claim", CLAIM, good)
    write("accept/edges", EDGES, good)


def failing():
    """What did not last."""
    lasted = ("pass", "pass", "fail")
    reopened = put(("2026-03-04T18:20:00Z", "reopened", {"by": "customer"}))
    write("reject/ticket-reopened", changed(TICKET, reopened), lasted, ["forbidden-event"])
    escalated = put(("2026-03-16T12:06:10Z", "escalated", {"level": 2}))
    write("reject/ticket-escalated-at-the-last-instant", changed(TICKET, escalated), lasted, ["forbidden-event"])
    rated = changed(TICKET, lambda case: [event.update(score=3) for event in case["events"] if event["type"] == "rated"])
    write("reject/ticket-rated-badly", rated, lasted, ["forbidden-event"])
    asks = put(("2026-03-06T09:00:00Z", "message", {"from": "customer"}), ("2026-03-06T09:30:00Z", "message", {"from": "agent"}))
    write("reject/ticket-asked-about-too-often", changed(TICKET, asks), lasted, ["forbidden-event"])
    late = changed(TICKET, lambda case: case["events"][10].update(at="2026-03-05T13:00:00.000000001Z"))
    write("reject/ticket-answered-too-late", late, ("pass", "fail", "pass"), ["unanswered"])

    reverted = put(("2026-04-12T19:00:00Z", "reverted", {"commit": COMMIT}))
    write("reject/pull-request-reverted", changed(PULL, reverted), lasted, ["forbidden-event"])
    write("reject/pull-request-breaks-a-check", changed(PULL, put(("2026-04-10T02:00:00Z", "check_run", run("unit", result="failure")))),
          lasted, ["forbidden-event"])
    never = ("pass", "fail", "inconclusive")
    write("reject/pull-request-never-merged", changed(PULL, lambda case: case.update(events=case["events"][:2])), never, ["anchor-missing"])
    other = changed(PULL, lambda case: case["events"][2].update(tree=OTHER))
    write("reject/pull-request-merged-another-tree", other, never, ["anchor-missing"])
    staging = changed(PULL, lambda case: case["events"].pop(8))
    write("reject/pull-request-not-deployed", staging, ("pass", "fail", "pass"), ["required-missing"])

    decision = CLAIM["events"][1]["decision"]
    reversal = put(("2026-06-20T12:00:00+02:00", "decision_reversed", {"decision": decision}))
    write("reject/claim-reversed", changed(CLAIM, reversal), lasted, ["forbidden-event"])
    upheld = changed(CLAIM, lambda case: case["events"][6].update(result="partly_upheld"))
    write("reject/claim-complaint-upheld", upheld, lasted, ["forbidden-event"])
    unpaid = changed(CLAIM, lambda case: case["events"][4].update(amount=93424))
    write("reject/claim-paid-a-cent-less", unpaid, ("pass", "fail", "pass"), ["required-missing"])

    # What is there is there, whatever is missing.
    early = changed(TICKET, reopened)
    early["covers"].update(until="2026-03-04T19:00:00Z", made_at="2026-03-04T19:00:00Z")
    early["events"] = [event for event in early["events"] if event["at"] < "2026-03-04T19"]
    write("reject/ticket-reopened-stated-at-once", early, ("inconclusive", "inconclusive", "fail"), ["forbidden-event", "window-not-covered"])
    write("reject/ticket-reopened-and-the-rest-cut-off", changed(TICKET, reopened), ("inconclusive", "inconclusive", "fail"),
          ["forbidden-event", "export-incomplete"], text=lambda head, body: head + "".join(body.splitlines(True)[:10]))
    write("reject/ticket-reopened-among-lines-that-are-none", changed(TICKET, reopened), ("inconclusive", "inconclusive", "fail"),
          ["forbidden-event", "export-incomplete"],
          text=lambda head, body: head + "[[[[\n" + "x" * 20000 + "\n" + "".join(body.splitlines(True)[3:10]))
    supplied = changed(TICKET, lambda case: case["params"].update(delivered_by="supplier"))
    write("reject/supplier-delivers-half", supplied, ("fail", "fail", "fail"), ["export-incomplete"],
          text=lambda head, body: head + body[:700])
    write("reject/supplier-delivers-nothing", supplied, ("fail", "fail", "fail"), ["export-missing"], text="")


def undecided():
    """Whose export it is has made a mistake, and nobody else pays for it."""
    nothing = ("inconclusive",) * 3
    write("undecided/no-export", TICKET, nothing, ["export-missing"], text="")
    write("undecided/no-header", TICKET, nothing, ["header-malformed"], text=lambda head, body: body)
    reopened = put(("2026-03-04T18:20:00Z", "reopened", {"by": "customer"}))
    write("undecided/another-ticket", changed(TICKET, reopened), nothing, ["other-subject"], subject="TICKET-48231")
    write("undecided/a-line-edited", TICKET, nothing, ["export-altered"],
          text=lambda head, body: head + body.replace('"closed","automatic":true', '"reopened","by":"agent"'))
    write("undecided/an-event-of-another-ticket", changed(TICKET, lambda case: case["events"][8].update(subject="TICKET-48214")), nothing,
          ["other-subject"])
    write("undecided/cut-off", TICKET, nothing, ["export-incomplete"], text=lambda head, body: head + "".join(body.splitlines(True)[:-1]))
    write("undecided/a-page-of-it", TICKET, nothing, ["export-incomplete"], complete=False)
    write("undecided/ends-too-early", changed(TICKET, lambda case: case["covers"].update(made_at="2026-03-16T12:06:09Z")), nothing, ["window-not-covered"])
    write("undecided/a-word-in-capitals", changed(TICKET, lambda case: case["events"][6].update({"from": "Customer"})), nothing, ["event-malformed"])
    merged = put(("2026-03-12T00:00:00Z", "merged", {"into": "TICKET-48001"}))
    write("undecided/a-type-nobody-knows", changed(TICKET, merged), nothing, ["type-unknown"])
    write("undecided/an-event-twice", changed(TICKET, lambda case: case["events"].append(case["events"][-1])), nothing, ["id-duplicate"])
    write("undecided/newest-first", changed(TICKET, lambda case: case["events"].reverse()), nothing, ["out-of-order"])
    write("undecided/from-the-future", changed(TICKET, put(("2026-03-19T00:00:00Z", "message", {"from": "agent"}))), nothing, ["outside-export"])
    write("undecided/more-than-of-one-ticket", changed(TICKET, lambda case: case["params"].update(max_events=11)), nothing, ["too-many-events"])
    # The first resolution is missing, so it may have lasted until its window was over.
    again = put(("2026-03-17T09:00:00Z", "reopened", {"by": "customer"}))
    second = changed(TICKET, again)
    second["covers"]["from"] = "2026-03-04T00:00:00Z"
    second["events"] = [event for event in second["events"] if event["at"] > "2026-03-04"]
    second["events"].insert(0, {"id": "r2", "at": "2026-03-04T12:00:00Z", "subject": "TICKET-48213", "type": "resolved", "agent": "0a31f7c2", "resolution": "fixed"})
    write("undecided/resolved-before-the-export-begins", second, nothing, ["forbidden-uncertain", "window-not-covered"])
    unresolved = changed(TICKET, lambda case: (without(case, "resolved"), case["params"]["window"].pop("until")))
    write("undecided/no-resolution-is-there", unresolved, nothing, ["anchor-missing"])


accept()
failing()
undecided()
same = True
for path, text in FILES.items():
    if "--check" in sys.argv:
        same &= path.exists() and path.read_text() == text
    else:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
there = {path for path in HERE.rglob("*") if path.is_file()}
if there != set(FILES):
    print("not written by this:", *sorted(map(str, there ^ set(FILES))))
    same = False
sys.exit(0 if same else 1)
