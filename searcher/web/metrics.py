"""
How is the server doing? Numbers in the text format of Prometheus.

Source: https://prometheus.io/docs/instrumenting/exposition_formats/. A page of them takes no library of its own.
"""

from __future__ import annotations

import os
import threading
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

from starlette.types import ASGIApp, Message, Receive, Scope, Send

MEDIA_TYPE = "text/plain; version=0.0.4"

BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

Labels = tuple[tuple[str, str], ...]


class Metrics:
    """Counts of requests and times. Methods may be called from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._requests: Counter[Labels] = Counter()
        self._buckets: Counter[tuple[str, float]] = Counter()
        self._seconds: dict[str, float] = {}
        self._counts: Counter[str] = Counter()
        self._started = time.time()

    def count(self, route: str, method: str, status: int, took_s: float) -> None:
        """Count one request."""
        with self._lock:
            self._requests[("route", route), ("method", method), ("status", str(status))] += 1
            self._counts[route] += 1
            self._seconds[route] = self._seconds.get(route, 0.0) + took_s
            for bound in BUCKETS_S:
                if took_s <= bound:
                    self._buckets[route, bound] += 1

    def text(self, gauges: Mapping[str, tuple[str, float]]) -> str:
        """Give all numbers, and the gauges: name -> (what it says, its value)."""
        with self._lock:
            lines = [
                *_family("searcher_requests_total", "counter", "Requests by route, method and status."),
                *(
                    _line("searcher_requests_total", labels, n)
                    for labels, n in sorted(self._requests.items())
                ),
                *_family("searcher_request_seconds", "histogram", "Time until the answer was sent."),
                *(line for route in sorted(self._counts) for line in self._histogram(route)),
            ]
        process = {
            "process_start_time_seconds": ("When the server started, since 1970.", self._started),
            "process_resident_memory_bytes": ("Memory in use.", _resident_bytes()),
        }
        for name, (said, value) in {**gauges, **process}.items():
            lines += [*_family(name, "gauge", said), _line(name, (), value)]
        return "\n".join(lines) + "\n"

    def _histogram(self, route: str) -> Iterable[str]:
        name = "searcher_request_seconds"
        of_route = ("route", route)
        for bound in BUCKETS_S:
            yield _line(f"{name}_bucket", (of_route, ("le", str(bound))), self._buckets[route, bound])
        yield _line(f"{name}_bucket", (of_route, ("le", "+Inf")), self._counts[route])
        yield _line(f"{name}_sum", (of_route,), self._seconds[route])
        yield _line(f"{name}_count", (of_route,), self._counts[route])


class Measure:
    """Counts every request (ASGI), also those that the guard inside it refuses."""

    def __init__(self, app: ASGIApp, *, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request through, and count it when it is answered."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        status = 500

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, sending)
        finally:
            # The names of routes are few; paths, which strangers choose, are not.
            route = getattr(scope.get("route"), "path", "other")
            method = (
                scope["method"] if scope["method"] in ("GET", "HEAD", "POST", "PUT", "DELETE") else "other"
            )
            self._metrics.count(route, method, status, time.perf_counter() - started)


def _family(name: str, kind: str, said: str) -> list[str]:
    return [f"# HELP {name} {said}", f"# TYPE {name} {kind}"]


def _line(name: str, labels: Labels, value: float) -> str:
    inside = ",".join(f'{label}="{_escaped(text)}"' for label, text in labels)
    return f"{name}{{{inside}}} {value!r}" if inside else f"{name} {value!r}"


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


def _resident_bytes() -> int:
    """Source: proc(5), /proc/self/statm. 0 where there is none."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except (OSError, IndexError, ValueError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")
