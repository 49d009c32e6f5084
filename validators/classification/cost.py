#!/usr/bin/env python3
"""Measures what the worst inputs cost: the table "What it costs" of README.md.

    python3 validators/classification/cost.py target/release/proofmark [classification.wasm]

Requirements: Python 3.11. Each line is one run of `proofmark check` on made-up files. "per byte" is what the
submission adds to the fuel of a run without one, divided by its bytes; of the reference, what such a run takes,
divided by the reference's bytes, if they are many.
"""

import json
import random
import re
import subprocess
import sys
import tempfile
from pathlib import Path

random.seed(1)
MANY = list(range(100_000))
MIXED = random.sample(MANY, len(MANY))
LONG = "0" * 990
ALL = {
    "min_accuracy_ppm": 950_000,
    "every_class": {"min_precision_ppm": 950_000, "min_f1_ppm": 950_000},
    "min_macro_f1_ppm": 950_000,
    "show_mistakes": True,
}


def table(header, rows):
    return header + "\n" + "".join(row + "\n" for row in rows)


def labels(ids):
    return table("id,label", (f"{one},{'cd'[number % 2]}" for number, one in enumerate(ids)))


TWO = labels([1, 2])
HUNDRED_THOUSAND = labels(MANY)
# What it is, the submission, the reference. The submission's beginning says which parameters go with it.
INPUTS = [
    ("rows that cannot be read", "id,label\n" + "x\n" * 1_000_000, TWO),
    ("blank lines", "id,label\n" + "\n" * 1_000_000, TWO),
    ("ids that are not in the reference", "id,label\n" + "9,d\n" * 500_000, labels(range(10, 100_010))),
    ("one id again and again", "id,label\n" + "1,d\n" * 500_000, TWO),
    ("one id, ever new labels of 500 bytes", table("id,label", (f"1,{one:0500}" for one in MANY)), TWO),
    ("unknown labels of 500 bytes", table("id,label", (f"{one},{one:0500}" for one in MIXED)), HUNDRED_THOUSAND),
    ("long ids that differ at their ends", table("id,label", [f"{LONG}9999,d"] * 10_000),
     labels(f"{LONG}{one:04}" for one in range(10_000))),
    ("empty columns", "id,label" + "," * 1_000_000 + "\n" + ("1,d" + "," * 1_000_000 + "\n") * 3, TWO),
    ("escapes", ('{"id":1,"label":"' + "\\n" * 500_000 + '"}\n') * 3, TWO),
    ("members of JSON", ('{"id":1,"label":1' + ',"":1' * 200_000 + "}\n") * 3, TWO),
    ("JSON, nested", ('{"id":1,"label":1,"x":' + "[" * 500_000 + "]" * 500_000 + "}\n") * 3, TWO),
    ("short scores, mixed", table("id,label,score", (f"{one},d,{one % 10}" for one in MIXED)), HUNDRED_THOUSAND),
    ("scores of 36 digits", table("id,label,score", (f"{one},d,{10**35 + one}" for one in MIXED)), HUNDRED_THOUSAND),
    ("scores of 900 KB", table("id,label,score", ("1,d,0." + "0" * 900_000 for _ in range(3))), TWO),
    ("scores that are none", table("id,label,score", (f"{one},?,-" for one in MIXED)), HUNDRED_THOUSAND),
    ("100,000 classes", table("id,label", (f"{one},c{one}" for one in MIXED)),
     table("id,label", (f"{one},c{one}" for one in MANY))),
    ("all right", HUNDRED_THOUSAND, HUNDRED_THOUSAND),
]


def params(submission):
    predictions = {"artifact": "predictions"}
    if submission.startswith("{"):
        predictions["format"] = "json-lines"
    if submission.startswith("id,label,score"):
        predictions["score"] = "score"
        return ALL | {"predictions": predictions, "auc": {"positive": "c", "min_ppm": 950_000}}
    return ALL | {"predictions": predictions}


def fuel(binary, criteria, work):
    told = subprocess.run([binary, "check", criteria, work], capture_output=True, text=True).stdout
    found = re.search(r"fuel ([\d,]+) of [\d,]+, memory ([\d,]+) KiB", told)
    if not found:
        sys.exit(f"no verdict:\n{told}")
    return (int(text.replace(",", "")) for text in found.groups())


def measure(binary, validator, submission, reference):
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for name, content in {"work/predictions": submission, "none/readme": "", "labels.csv": reference}.items():
            (root / name).parent.mkdir(exist_ok=True)
            (root / name).write_text(content)
        criterion = {"name": "cost", "validator": validator, "params": params(submission), "required": True}
        criterion["references"] = {"labels.csv": {"path": "labels.csv"}}
        (root / "draft.json").write_text(json.dumps({"name": "cost", "criteria": [criterion]}))
        lock = [binary, "criteria", "lock", root / "draft.json", "--to", root / "criteria.json"]
        subprocess.run(lock, check=True, capture_output=True)
        used, memory = fuel(binary, root / "criteria.json", root / "work")
        without, _ = fuel(binary, root / "criteria.json", root / "none")
        of_reference = f"{without / len(reference):.1f}" if len(reference) > 500_000 else ""
        return f"{(used - without) / len(submission):.1f} | {of_reference} | {memory / 1024:.0f}"


def main():
    binary = Path(sys.argv[1]).resolve()
    path = sys.argv[2:]
    validator = {"path": str(Path(path[0]).resolve())} if path else {"builtin": "classification"}
    print("| Input | Fuel per byte | of the reference | Memory, MiB |\n|---|---|---|---|")
    for name, submission, reference in INPUTS:
        print(f"| {name} | {measure(binary, validator, submission, reference)} |")


if __name__ == "__main__":
    main()
