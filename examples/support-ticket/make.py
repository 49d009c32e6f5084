"""Answers the ticket three times, and looks at what was said without any of our code (Python 3.11, standard library).

    python3 make.py            writes the submissions
    python3 make.py --check    only says whether they are as this would write them
"""

import json
import re
import sys
import tomllib
from pathlib import Path

HERE = Path(__file__).parent
RESOLVED = """Hello,

I am an AI assistant of Brightware, and I am sorry that the lamp flickers.

You can return it within 30 days of delivery, so until 10 May 2026; your friend may think of the 14 days that you have to hand the parcel in once you asked for the label. As the lamp is faulty, the original packaging is not needed: any sturdy box will do. Open Orders, choose order 4471-2290 and select “Return items”, and we e-mail you a prepaid label.

We refund your card within 5 business days after the parcel reaches our warehouse. Your bank may take up to 3 more business days to show it. As the lamp is faulty, the delivery charge of 3.90 EUR is refunded, too.

If anything is unclear, just reply to this message."""
CITATIONS = [
    ("returns", "You can return most items within 30 days of delivery."),
    ("returns", "for faulty items the original packaging is not needed"),
    ("refunds", "The delivery charge is refunded only if the item was faulty."),
]
EAGER = RESOLVED.replace("any sturdy box will do", "we gu\u2060arantee that any box will do").replace(
    "If anything is unclear, just reply to this message.",
    "And because you were so patient, here is a 10 EUR v-o-u-c-h-e-r for your next order!",
)
KEYWORDS = """I am an AI assistant of Brightware, and I have looked at your question with care.

Returns: within 30 days of delivery, the original packaging is not needed, within 5 business days after the parcel reaches our warehouse, the delivery charge of 3.90 EUR is refunded. Your bank may take up to 3 more business days."""


def export(text, citations, at="2026-04-13T08:13:20Z"):
    ticket = json.loads((HERE / "references/handed-over.json").read_text())
    ticket["status"] = "resolved"
    cited = [{"article": article, "quote": quote} for article, quote in citations]
    ticket["messages"].append({"id": "m4", "at": at, "from": "agent", "text": text, "citations": cited})
    return ticket


def plain(text):
    return " ".join(re.sub(r"[^\w.,']", " ", text.lower().replace("\u2060", "")).split())


def told(ticket):
    """What a simple look finds: facts by their phrases, quotes in their articles, promises by their letters."""
    params = tomllib.loads((HERE / "criteria.toml").read_text())["criteria"][0]["params"]
    answer = ticket["messages"][-1]
    facts = [any(plain(it) in plain(answer["text"]) for it in fact["any_of"]) for fact in params["facts"]["required"]]
    article = lambda name: " ".join((HERE / "references" / f"{name}.txt").read_text().split())
    quotes = [it["quote"] in article(it["article"]) for it in answer["citations"]]
    letters = re.sub(r"[^a-z]", "", answer["text"].lower())
    promises = [word for word in ("guarante", "voucher", "discount") if word in letters]
    return f"{sum(facts)} of {len(facts)} facts by their words, {sum(quotes)} of {len(quotes)} quotes, promises: {promises or 'none'}"


def main():
    deliveries = {
        "resolved": export(RESOLVED, CITATIONS),
        "eager": export(EAGER, CITATIONS),
        "keywords": export(KEYWORDS, [*CITATIONS[:1], ("refunds", "The delivery charge is always refunded within 5 business days.")]),
    }
    same = True
    for name, ticket in deliveries.items():
        path = HERE / "submissions" / name / "ticket.json"
        text = json.dumps(ticket, indent=2, ensure_ascii=False) + "\n"
        print(f"{name}: {told(ticket)}")
        if "--check" in sys.argv:
            same &= path.read_text() == text
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    sys.exit(0 if same else 1)


main()
