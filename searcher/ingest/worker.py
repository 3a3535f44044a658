"""
What runs in the process that parses pages and feeds? This: read a request, parse it within limits, answer, repeat.

Run by `confined.py` as `python -m searcher.ingest.worker`; says `ready`, and then nothing but its answers. A request
is one line of JSON (`kind`, `where`, `place`, `max_item_bytes`, `bytes`), then so many bytes; an answer is the length
of what follows, in digits on one line, then JSON: a list of drafts and rejections.
"""

from __future__ import annotations

import json
import os
import resource
import select
import signal
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any, BinaryIO

from searcher.ingest.confined import CPU_S, IDLE_S, MEMORY_BYTES, NO_MEMORY, READY
from searcher.ingest.draft import Draft, IngestOptions
from searcher.ingest.feed import read_feed
from searcher.ingest.html import read_html
from searcher.processes import keep_for_answers
from searcher.records import Origin, Rejection


def main() -> None:
    """Serve requests until there are no more."""
    answers = keep_for_answers()
    _set_limits()
    answers.write(READY)
    answers.flush()
    requests = sys.stdin.buffer
    while select.select([requests], [], [], IDLE_S)[0] and (line := requests.readline()):
        asked = json.loads(line)
        data = requests.read(asked["bytes"])
        # The default of this signal is to end the process, also in the middle of a library's C code.
        signal.setitimer(signal.ITIMER_PROF, CPU_S)
        reply = _answer(data, asked)
        signal.setitimer(signal.ITIMER_PROF, 0)
        _send(answers, reply)


def _set_limits() -> None:
    for limit, value in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 64),
    ):
        _, most = resource.getrlimit(limit)
        value = value if most == resource.RLIM_INFINITY else min(value, most)
        try:
            resource.setrlimit(limit, (value, value))
        except (OSError, ValueError):
            continue  # macOS refuses some: the clock is watched from outside.


def _answer(data: bytes, asked: dict[str, Any]) -> bytes:
    origin = Origin(asked["where"], asked["place"])
    try:
        found = parse(asked["kind"], data, origin, max_item_bytes=asked["max_item_bytes"])
        return json.dumps([_as_json(item) for item in found]).encode("ascii")
    except MemoryError:
        os._exit(NO_MEMORY)  # Nothing here can be relied on any more.


def parse(kind: str, data: bytes, origin: Origin, *, max_item_bytes: int) -> list[Draft | Rejection]:
    """Give what is in a page ("html") or feed ("feed"); what the parsers trip over is a Rejection."""
    # Markup has no relative times: when it is read makes no difference.
    options = IngestOptions(now=datetime.fromtimestamp(0, UTC), max_item_bytes=max_item_bytes)
    try:
        if kind == "feed":
            return list(read_feed(data, origin, options))
        page = read_html(data, origin, options)
        return [page] if isinstance(page, Rejection) else list(page)
    except MemoryError:
        raise
    except Exception as error:  # other people's parsers of markup meet bytes that nobody foresaw
        reason = f"the {kind} could not be parsed ({type(error).__name__}: {error})"[:300]
        return [Rejection(str(origin), reason)]


def _as_json(item: Draft | Rejection) -> dict[str, Any]:
    if isinstance(item, Rejection):
        return {"where": item.where, "reason": item.reason}
    said = asdict(item)
    origin, moment = said.pop("origin"), said.pop("moment")
    assert moment is None  # Dates stay as written here.
    return {**said, **origin}


def _send(answers: BinaryIO, reply: bytes) -> None:
    answers.write(b"%d\n" % len(reply))
    answers.write(reply)
    answers.flush()


if __name__ == "__main__":
    main()
