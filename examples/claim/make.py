"""Decides the claim by its rules, without any of our code, and writes the deliveries (Python 3.11, standard library).

    python3 make.py            writes submissions/right and submissions/generous
    python3 make.py --check    only says whether they are as this would write them
"""

import json
import sys
from datetime import date, timedelta
from pathlib import Path

HERE = Path(__file__).parent
OF_THE_CATEGORY = {"not-covered", "waiting-period", "category-limit", "coinsurance"}
AMOUNTS = ("claimed", "allowed", "deductible", "coinsurance", "paid")


def read(name):
    return json.loads((HERE / "references" / name).read_text())


def denials(claim, rules, item):
    category = rules["categories"].get(item["category"])
    day, first, last = (date.fromisoformat(it) for it in (item["date"], rules["from"], rules["to"]))
    within = first <= day <= last
    reasons = []
    if category is None:
        reasons.append("unknown-category")
    elif not category["covered"]:
        reasons.append("not-covered")
    if not within:
        reasons.append("outside-period")
    elif category and day < first + timedelta(category.get("waiting_days", 0)):
        reasons.append("waiting-period")
    if date.fromisoformat(claim["filed_on"]) > day + timedelta(rules["file_within_days"]):
        reasons.append("filed-late")
    return reasons


def decide(claim, rules, decided_on):
    deductible_left, limit_left, used, lines = rules.get("deductible", 0), rules["limit"], {}, []
    for item in claim["lines"]:
        category = rules["categories"].get(item["category"])
        reasons = denials(claim, rules, item)
        allowed = deductible = coinsurance = paid = 0
        if reasons:
            decision = "denied"
        else:
            before = used.get(item["category"], 0)
            allowed = min(item["claimed"], max(0, category.get("limit", 10**12) - before))
            used[item["category"]] = before + allowed
            if category.get("deductible", True):
                deductible = min(deductible_left, allowed)
            deductible_left -= deductible
            # Half up, to the cent.
            coinsurance = ((allowed - deductible) * category.get("coinsurance_ppm", 0) + 500_000) // 1_000_000
            payable = allowed - deductible - coinsurance
            paid = min(payable, limit_left)
            limit_left -= paid
            applies = {
                "category-limit": allowed < item["claimed"],
                "deductible": deductible > 0,
                "coinsurance": coinsurance > 0,
                "policy-limit": paid < payable,
            }
            reasons = [reason for reason, it in applies.items() if it]
            decision = "paid" if paid == item["claimed"] else "reduced"
        clauses = {category["clause"] if it in OF_THE_CATEGORY else rules["clauses"][it] for it in reasons}
        lines.append(
            {"line": item["line"], "decision": decision, "claimed": item["claimed"], "allowed": allowed, "deductible": deductible,
             "coinsurance": coinsurance, "paid": paid, "reasons": reasons, "clauses": sorted(clauses)}
        )
    return summed({"claim": claim["claim"], "policy": claim["policy"], "currency": rules["currency"], "decided_on": decided_on, "lines": lines})


def summed(decision):
    decision["totals"] = {amount: sum(line[amount] for line in decision["lines"]) for amount in AMOUNTS}
    return decision


def generous(decision):
    """What a clerk in a hurry does: pays a line during the waiting period."""
    for line in decision["lines"]:
        if line["reasons"] == ["waiting-period"]:
            share = (line["claimed"] * 250_000 + 500_000) // 1_000_000
            line.update(decision="reduced", allowed=line["claimed"], coinsurance=share, paid=line["claimed"] - share,
                        reasons=["coinsurance"])
    return summed(decision)


def main():
    claim, rules = read("claim.json"), read("rules.json")
    right = decide(claim, rules, "2026-05-11")
    deliveries = {"right": right, "generous": generous(json.loads(json.dumps(right)))}
    same = True
    for name, decision in deliveries.items():
        path = HERE / "submissions" / name / "decision.json"
        text = json.dumps(decision, indent=2) + "\n"
        if "--check" in sys.argv:
            same &= path.read_text() == text
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    for name, decision in deliveries.items():
        totals = " ".join(f"{amount} {decision['totals'][amount]}" for amount in AMOUNTS)
        print(f"{name}: {totals}")
    sys.exit(0 if same else 1)


main()
