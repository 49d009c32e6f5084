#!/usr/bin/env python3
"""Starts the server, puts it under load on the loopback interface, and records every request.

    python record.py within-grade
    python record.py outside-grade

Requirements: Python 3.11, aiohttp==3.10.11

Open loop: requests arrive as a Poisson process (fixed seed) whether or not earlier ones were answered, so
a stall of the server is seen by all who knock during it. Texts are slices of the United States
Constitution (`../quotations/references/constitution.txt`). A row is written per request, in the order of
`start`, and no row is ever changed or left out:

    start     integer microseconds from the beginning of the run to when the request was due
    duration  integer microseconds from then to the last byte of the answer
    status    the HTTP status
    tokens    the number of tokens the server counted; 0 where it did not

`duration` counts from the moment the request was due, so a load generator that lags would add to it and
hide nothing; the largest lag is printed. The arrivals are the same in each run of one kind; durations are
the machine's and differ.
"""

import argparse
import asyncio
import csv
import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path

import aiohttp

HERE = Path(__file__).resolve().parent
SOURCE = HERE.parent / "quotations" / "references" / "constitution.txt"
PORT = 8099
SEED = 20240613

RUNS = {
    # Comfortable: well below what one worker can do.
    "within-grade": {"rate": 50, "seconds": 60, "text_bytes": (4_000, 16_000), "server": ["--queue-limit", "64"]},
    # More and longer texts, a shorter queue, and a journal that is compacted on the event loop.
    "outside-grade": {
        "rate": 70,
        "seconds": 60,
        "text_bytes": (4_000, 40_000),
        "server": ["--queue-limit", "32", "--compact-every", "12"],
    },
}


def plan(rate, seconds, text_bytes):
    """When each request is due, and which slice of the source it carries."""
    source = SOURCE.read_text(encoding="utf-8")
    rng = random.Random(SEED)
    due = 0.0
    while True:
        due += rng.expovariate(rate)
        if due >= seconds:
            return
        length = rng.randint(*text_bytes)
        begin = rng.randrange(len(source) - length)
        yield due, source[begin : begin + length]


async def ask(session, began, due, text, rows, lags):
    await asyncio.sleep(max(0.0, began + due - time.perf_counter()))
    lags.append(time.perf_counter() - began - due)
    async with session.post(f"http://127.0.0.1:{PORT}/texts", data=text.encode()) as response:
        body = await response.read()
    ended = time.perf_counter() - began
    tokens = json.loads(body)["tokens"] if response.status == 200 else 0
    start_us = round(due * 1e6)
    rows.append((start_us, round(ended * 1e6) - start_us, response.status, tokens))


async def wait_for_server(session):
    for _ in range(100):
        try:
            async with session.get(f"http://127.0.0.1:{PORT}/health") as response:
                if response.status == 200:
                    return
        except aiohttp.ClientConnectionError:
            pass
        await asyncio.sleep(0.1)
    raise SystemExit("the server does not answer")


async def load(run):
    requests = list(plan(run["rate"], run["seconds"], run["text_bytes"]))
    rows, lags = [], []
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(total=60)) as session:
        await wait_for_server(session)
        began = time.perf_counter()
        await asyncio.gather(*(ask(session, began, due, text, rows, lags) for due, text in requests))
    assert len(rows) == len(requests), "every request has its row"
    print(f"{len(rows)} requests, largest lag of the load generator {max(lags) * 1e3:.1f} ms", file=sys.stderr)
    return sorted(rows)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("run", choices=sorted(RUNS))
    name = parser.parse_args().run
    run = RUNS[name]
    command = [sys.executable, str(HERE / "server.py"), "--port", str(PORT), *run["server"]]
    server = subprocess.Popen(command)
    print(f"server is process {server.pid}, load generator {os.getpid()}", file=sys.stderr)
    try:
        rows = asyncio.run(load(run))
    finally:
        server.terminate()
        server.wait(timeout=30)
    path = HERE / "submissions" / name / "telemetry.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["start", "duration", "status", "tokens"])
        writer.writerows(rows)


if __name__ == "__main__":
    main()
