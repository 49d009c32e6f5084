#!/usr/bin/env python3
"""A small HTTP service that does real work: it takes a text, and answers with its number of tokens, its
most frequent tokens, its SHA-256 and its compressed size.

    python server.py --port 8099 [--queue-limit N] [--compact-every SECONDS]

Requirements: Python 3.11, aiohttp==3.10.11

One worker thread does the work; requests wait in a bounded queue before it. A request that finds the
queue full is answered with 503 at once. Every text is kept in a journal. With `--compact-every`, the
server compresses its journal with LZMA from time to time, and does so on the event loop: for as long as
that takes it answers nobody, like a runtime whose garbage collector stops the world. When it wakes, all
who have knocked meanwhile come in at once, and those over the queue's limit are turned away. That is the
fault this example shows; without the option the journal is dropped and nothing stalls.
"""

import argparse
import asyncio
import collections
import concurrent.futures
import hashlib
import json
import lzma
import re
import sys
import time
import zlib

from aiohttp import web

TOKEN = re.compile(r"\w+|[^\w\s]")


def digest(text):
    """The work of one request, some milliseconds of it."""
    raw = text.encode()
    tokens = TOKEN.findall(text)
    return {
        "tokens": len(tokens),
        "frequent": collections.Counter(token.lower() for token in tokens).most_common(5),
        "sha256": hashlib.sha256(raw).hexdigest(),
        "compressed_bytes": len(zlib.compress(raw, 9)),
    }


class Service:
    def __init__(self, queue_limit, compact_every):
        self.queue_limit = queue_limit
        self.compact_every = compact_every
        self.waiting = 0
        self.journal = []
        self.worker = concurrent.futures.ThreadPoolExecutor(max_workers=1)

    async def post_text(self, request):
        if self.waiting >= self.queue_limit:
            return web.json_response({"error": "queue full"}, status=503, headers={"Retry-After": "1"})
        self.waiting += 1
        try:
            text = await request.text()
            if self.compact_every:
                self.journal.append(text)
            answer = await asyncio.get_running_loop().run_in_executor(self.worker, digest, text)
            return web.json_response(answer)
        finally:
            self.waiting -= 1

    async def health(self, _request):
        return web.json_response({"waiting": self.waiting})

    async def compact(self):
        """Stops the world: nothing here yields to the event loop while the journal is compressed."""
        while True:
            await asyncio.sleep(self.compact_every)
            began = time.perf_counter()
            raw = json.dumps(self.journal).encode()
            kept = len(lzma.compress(raw, preset=9 | lzma.PRESET_EXTREME))
            self.journal.clear()
            print(
                f"compacted {len(raw)} bytes to {kept} in {time.perf_counter() - began:.3f} s",
                file=sys.stderr,
                flush=True,
            )


async def serve(arguments):
    service = Service(arguments.queue_limit, arguments.compact_every)
    app = web.Application(client_max_size=1 << 20)
    app.add_routes([web.post("/texts", service.post_text), web.get("/health", service.health)])
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", arguments.port, backlog=2048).start()
    if arguments.compact_every:
        await service.compact()
    await asyncio.Event().wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--queue-limit", type=int, default=64)
    parser.add_argument("--compact-every", type=float, default=0, help="seconds; 0: never")
    try:
        asyncio.run(serve(parser.parse_args()))
    except KeyboardInterrupt:
        pass
