#!/usr/bin/env python3
"""Makes every data file of this example: the task, the truth, and three submissions.

    python3 -m venv /tmp/venv
    /tmp/venv/bin/pip install scikit-learn==1.5.2 numpy==2.4.6 scipy==1.17.1
    /tmp/venv/bin/python make.py

Requirements: Python 3.11, scikit-learn==1.5.2, numpy==2.4.6, scipy==1.17.1
The seeds are fixed: a second run writes the same bytes.
"""

import csv
from pathlib import Path

import numpy as np
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

HERE = Path(__file__).resolve().parent
SPLIT_SEED = 20240613
TEST_ROWS = 200
DEGRADED_SEED = 7
DEGRADED_ROWS_PER_CLASS = 6

# scikit-learn's coding of the target: 0 is malignant, 1 is benign.
LABELS = ("malignant", "benign")

# What is wrong with the ids of the third submission, as positions in the sorted list of ids.
LEFT_OUT = (4, 31, 77, 120, 163)
TWICE_SAME = (10, 55)
TWICE_OTHER = (90,)
INVENTED_IDS = ("wdbc-570", "wdbc-999")


def write_csv(path, header, rows):
    path = HERE / path
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def classifier():
    return make_pipeline(StandardScaler(), LogisticRegression(C=1.0, max_iter=1000))


def predictions(ids, model, features):
    """Rows `id,label,score`: the score is the probability of malignant, the label follows from it."""
    malignant = list(model.classes_).index(0)
    for name, probability in zip(ids, model.predict_proba(features)[:, malignant]):
        label = LABELS[0] if probability >= 0.5 else LABELS[1]
        yield [name, label, f"{probability:.6f}"]


def main():
    data = load_breast_cancer()
    ids = np.array([f"wdbc-{row:03d}" for row in range(1, len(data.target) + 1)])
    columns = [name.replace(" ", "_") for name in data.feature_names]

    train, test = train_test_split(
        np.arange(len(ids)), test_size=TEST_ROWS, random_state=SPLIT_SEED, stratify=data.target
    )
    train.sort()
    test.sort()

    def table(rows, with_label):
        for row in rows:
            label = [LABELS[data.target[row]]] if with_label else []
            yield [ids[row], *label, *(f"{value:g}" for value in data.data[row])]

    write_csv("task/train.csv", ["id", "label", *columns], table(train, True))
    write_csv("task/test.csv", ["id", *columns], table(test, False))
    write_csv(
        "references/labels.csv", ["id", "label"], ([ids[row], LABELS[data.target[row]]] for row in test)
    )

    # Good: a scaled logistic regression on all training rows.
    good = classifier().fit(data.data[train], data.target[train])
    good_rows = list(predictions(ids[test], good, data.data[test]))
    header = ["id", "label", "score"]
    write_csv("submissions/good/predictions.csv", header, good_rows)

    # Degraded: the same kind of model, trained on twelve rows in each of whose columns the values have
    # been shuffled, so that a row's features no longer belong together, nor to its label.
    random = np.random.default_rng(DEGRADED_SEED)
    few = np.concatenate(
        [
            random.choice(train[data.target[train] == label], DEGRADED_ROWS_PER_CLASS, replace=False)
            for label in (0, 1)
        ]
    )
    shuffled = random.permuted(data.data[few], axis=0)
    degraded = classifier().fit(shuffled, data.target[few])
    degraded_rows = predictions(ids[test], degraded, data.data[test])
    write_csv("submissions/degraded/predictions.csv", header, degraded_rows)

    # Incomplete: the good predictions with five ids left out, three given twice (two of them with the
    # same label, one with the other label) and two ids that nobody asked for.
    incomplete = [row for position, row in enumerate(good_rows) if position not in LEFT_OUT]
    for position in TWICE_SAME:
        incomplete.append(good_rows[position])
    for position in TWICE_OTHER:
        name, label, score = good_rows[position]
        other = LABELS[1 - LABELS.index(label)]
        incomplete.append([name, other, f"{1 - float(score):.6f}"])
    for name in INVENTED_IDS:
        incomplete.append([name, "benign", "0.010000"])
    write_csv("submissions/incomplete/predictions.csv", header, incomplete)


if __name__ == "__main__":
    main()
