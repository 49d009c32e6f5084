#!/usr/bin/env python3
"""Measures the submissions with scikit-learn, from the files as committed.

    /tmp/venv/bin/python measure.py

Requirements: Python 3.11, scikit-learn==1.5.2, numpy==2.4.6, scipy==1.17.1
It shares no code with Proofmark, so its figures check those of the `classification` validator. Beside
scikit-learn's floats it prints exact fractions, so that integers (parts per million) can be compared.

Of an id that is given twice, the first row counts. An id that is left out counts as a wrong answer, and has
no score, so AUC is over the others. Ids that are not in the task do not count.
"""

import csv
import sys
from fractions import Fraction
from pathlib import Path

from sklearn.metrics import (
    accuracy_score,
    confusion_matrix,
    f1_score,
    precision_recall_fscore_support,
    roc_auc_score,
)

HERE = Path(__file__).resolve().parent
LABELS = ["malignant", "benign"]


def read(path):
    with (HERE / path).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def ppm(fraction):
    """Parts per million, rounded down."""
    return fraction.numerator * 1_000_000 // fraction.denominator


def auc(truth, scores):
    """The share of pairs (malignant, benign) in the right order, a tie counting half."""
    positive = [score for label, score in zip(truth, scores) if label == "malignant"]
    negative = [score for label, score in zip(truth, scores) if label == "benign"]
    halves = sum(2 * (p > n) + (p == n) for p in positive for n in negative)
    return Fraction(halves, 2 * len(positive) * len(negative))


def show(name, value, exact):
    assert abs(value - float(exact)) < 1e-12, (name, value, exact)
    print(f"| {name} | {value:.6f} | {exact.numerator}/{exact.denominator} | {ppm(exact):,} |")


def measure(submission):
    truth_of = {row["id"]: row["label"] for row in read("references/labels.csv")}
    rows = read(f"submissions/{submission}/predictions.csv")
    first = {row["id"]: row for row in reversed(rows)}
    truth = list(truth_of.values())
    said = [first[name]["label"] if name in first else "(nothing)" for name in truth_of]
    scored = [name for name in truth_of if name in first]
    scores = [int(first[name]["score"].replace(".", "")) for name in scored]  # exact: millionths
    scored_truth = [truth_of[name] for name in scored]

    pairs = list(zip(truth, said))
    tp, fn, fp, tn = (pairs.count((true, label)) for true in LABELS for label in LABELS)
    assert [tp, fn, fp, tn] == confusion_matrix(truth, said, labels=LABELS).ravel().tolist()
    lost = [sum(true == label for true in truth) for label in LABELS]  # ids of each class, then those left out
    lost = [lost[0] - tp - fn, lost[1] - fp - tn]

    print(f"\n### {submission}\n\n{len(rows)} rows. The {len(truth)} ids by truth and prediction:\n")
    print("| | said malignant | said benign | left out |\n|---|---|---|---|")
    print(f"| malignant | {tp} | {fn} | {lost[0]} |\n| benign | {fp} | {tn} | {lost[1]} |\n")
    print("| figure | scikit-learn | exact | ppm, rounded down |\n|---|---|---|---|")
    show("accuracy", accuracy_score(truth, said), Fraction(tp + tn, len(truth)))
    figures = precision_recall_fscore_support(truth, said, labels=LABELS)
    f1s = []
    for at, (label, hit, miss, false) in enumerate(
        [("malignant", tp, fn + lost[0], fp), ("benign", tn, fp + lost[1], fn)]
    ):
        f1s.append(Fraction(2 * hit, 2 * hit + miss + false))
        show(f"precision, {label}", figures[0][at], Fraction(hit, hit + false))
        show(f"recall, {label}", figures[1][at], Fraction(hit, hit + miss))
        show(f"F1, {label}", figures[2][at], f1s[-1])
    show("macro F1", f1_score(truth, said, labels=LABELS, average="macro"), sum(f1s) / 2)
    binary = [label == "malignant" for label in scored_truth]
    show("AUC (malignant)", roc_auc_score(binary, scores), auc(scored_truth, scores))


if __name__ == "__main__":
    for submission in sys.argv[1:] or ["good", "degraded", "incomplete"]:
        measure(submission)
