#!/usr/bin/env python3
"""Measures both recordings, from the files as committed, with nothing but the standard library.

    python3 measure.py

It shares no code with Proofmark, so its figures check those of the `service-level` validator. All integer
arithmetic. Definitions:

    percentile p    nearest rank: the value at rank ceil(p/100 * n) of the n durations in ascending order
    error           a status outside 200..399
    throughput      requests without error, and their tokens, over the 60 s of the run
    gap             the time between two starts, and from either end of the run to the nearest start
    window          a second (or five) from time zero on; it holds the requests that started in it, and is up
                    when at least so many of them were without error
"""

import collections
import csv
from pathlib import Path

HERE = Path(__file__).resolve().parent
RUN_US = 60_000_000


def read(name):
    with (HERE / "submissions" / name / "telemetry.csv").open(newline="", encoding="utf-8") as file:
        return [{key: int(value) for key, value in row.items()} for row in csv.DictReader(file)]


def nearest_rank(values, percent):
    rank = -(-percent * len(values) // 100)
    return sorted(values)[rank - 1]


def windows(rows, seconds, percent):
    """(windows of the run, those with requests, those that are up)"""
    total, good = collections.Counter(), collections.Counter()
    for row in rows:
        window = row["start"] // (seconds * 1_000_000)
        total[window] += 1
        good[window] += not is_error(row)
    up = sum(100 * good[window] >= percent * count for window, count in total.items())
    return -(-RUN_US // (seconds * 1_000_000)), len(total), up


def is_error(row):
    return not 200 <= row["status"] < 400


def longest_gap(rows):
    starts = [0, *sorted(row["start"] for row in rows), RUN_US]
    return max(after - before for before, after in zip(starts, starts[1:]))


def share(part, whole):
    return f"{part}/{whole} = {part * 1_000_000 // whole:,} ppm"


def measure(name):
    rows = read(name)
    good = [row for row in rows if not is_error(row)]
    first, last = min(row["start"] for row in rows), max(row["start"] + row["duration"] for row in rows)
    assert all(0 <= row["start"] < RUN_US for row in rows)
    print(f"\n### {name}\n\n| figure | all requests | without errors |\n|---|---|---|")
    print(f"| requests | {len(rows):,} | {len(good):,} |")
    for percent in (50, 90, 95, 99, 100):
        both = [nearest_rank([row["duration"] for row in some], percent) for some in (rows, good)]
        print(f"| p{percent} of duration, µs | {both[0]:,} | {both[1]:,} |")
    tokens = sum(row["tokens"] for row in good)
    statuses = sorted(collections.Counter(row["status"] for row in rows).items())
    print("\n| figure | value |\n|---|---|")
    print(f"| statuses | {', '.join(f'{count:,} × {status}' for status, count in statuses)} |")
    print(f"| error rate | {share(len(rows) - len(good), len(rows))} |")
    print(f"| first start to last end | {last - first:,} µs |")
    print(f"| longest gap | {longest_gap(rows):,} µs |")
    print(f"| throughput, in 1,000 s | {len(good) * 1_000_000_000 // RUN_US:,} requests |")
    print(f"| throughput, in 1,000 s | {tokens * 1_000_000_000 // RUN_US:,} tokens ({tokens:,} in all) |")
    for seconds in (1, 5):
        for percent in (50, 95, 100):
            count, used, up = windows(rows, seconds, percent)
            assert used == count, "no window is empty"
            print(f"| {seconds}-second windows with at least {percent} % without error | {share(up, count)} |")


if __name__ == "__main__":
    for name in ("within-grade", "outside-grade"):
        measure(name)
