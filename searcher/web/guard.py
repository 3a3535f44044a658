"""
Who may ask, how often and how much? Settled before any route is looked at, for pages and programs alike.

- The `Host` must be one of ours: a page of a stranger whose name was made to lead here (DNS rebinding) is refused.
- Each client has a budget of requests; each body has a largest size and a time in which to arrive.
- Every answer says what a browser may do with it: nothing inline, nothing from elsewhere, nothing in frames.
"""

from __future__ import annotations

import asyncio
import ipaddress
import math
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from searcher.settings import WebSettings
from searcher.web.assets import PREFIX
from searcher.web.problems import Problem, answer_problem
from searcher.web.tokens import Tokens

BURST_S = 10.0
"""A client may spend so many seconds' worth of its requests at once."""

MOST_CLIENTS = 10_000
"""Clients whose spending is remembered; of more, those that asked longest ago are forgotten."""

BODY_S = 60.0
"""A body that is not there by then does not come."""

PATIENT_PATHS = ("/api/v1/health", "/api/v1/ready")
"""What watches over the server must not be refused by its limits, nor need a token."""

SECURITY_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


class Guard:
    """The outermost part of the application (ASGI)."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        settings: WebSettings,
        tokens: Tokens,
        hosts: Iterable[str] = (),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._app = app
        self._tokens = tokens
        self._max_body = settings.max_upload_mb * 1_000_000
        self._hosts = {_host_name(host) for host in (*hosts, *settings.hosts)} | {"localhost"}
        self._budgets = Budgets(settings.rate, clock=clock)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse, or let through with a counted body and safe headers."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        send = _without_body(_with_safe_headers(send), scope)
        refusal = self._refusal(scope)
        if refusal is not None:
            await answer_problem(refusal)(scope, receive, send)
            return
        head = scope["method"] == "HEAD"  # Routes know GET only.
        inner = {**scope, "method": "GET"} if head else scope
        await self._app(inner, _Body(receive, self._max_body), send)

    def _refusal(self, scope: Scope) -> Problem | None:
        headers = Headers(scope=scope)
        path = scope["path"]
        if not self._knows(headers.get("host", "")):
            return Problem(
                421, "This name is not one of this server's. Add it to [web] hosts in searcher.toml."
            )
        if path in PATIENT_PATHS:
            return None
        if not path.startswith(PREFIX):
            wait_s = self._budgets.spend(_client(scope))
            if wait_s:
                after = str(math.ceil(wait_s))
                return Problem(
                    429, f"Too many requests. Try again in {after} seconds.", {"Retry-After": after}
                )
        if not self._tokens.may_read(headers.get("authorization")):
            asked = 'Basic realm="searcher", charset="UTF-8"' if not path.startswith("/api/") else "Bearer"
            return Problem(401, "Reading here needs the token of read.token.", {"WWW-Authenticate": asked})
        length = headers.get("content-length", "0")
        if not length.isascii() or not length.isdigit() or int(length) > self._max_body:
            return too_large(self._max_body)
        return None

    def _knows(self, host: str) -> bool:
        name = _host_name(host)
        if name in self._hosts:
            return True
        try:
            # No name leads to a literal address by rebinding.
            ipaddress.ip_address(name)
        except ValueError:
            return False
        return True


class Budgets:
    """Requests that each client has left: a bucket that fills at `rate` a second, for ten seconds at most."""

    def __init__(self, rate: float, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = rate
        self._most = max(1.0, rate * BURST_S)
        self._clock = clock
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def spend(self, client: str) -> float:
        """Spend one request of this client; give 0, or the seconds until it has one again."""
        now = self._clock()
        left, at = self._left.pop(client, (self._most, now))
        left = min(self._most, left + (now - at) * self._rate)
        enough = left >= 1
        self._left[client] = (left - 1 if enough else left), now
        if len(self._left) > MOST_CLIENTS:
            self._left.popitem(last=False)
        return 0.0 if enough else (1 - left) / self._rate


class _Body:
    """`receive`, counting bytes and time. Raises Problem when there is too much of either."""

    def __init__(self, receive: Receive, max_bytes: int) -> None:
        self._receive = receive
        self._max_bytes = max_bytes
        self._bytes = 0
        self._done = False
        self._deadline = time.monotonic() + BODY_S

    async def __call__(self) -> Message:
        if self._done:
            return await self._receive()  # Waiting for the client to leave may take as long as it takes.
        try:
            async with asyncio.timeout(max(0.0, self._deadline - time.monotonic())):
                message = await self._receive()
        except TimeoutError:
            raise Problem(
                408, "The body of the request did not arrive in time.", {"Connection": "close"}
            ) from None
        self._bytes += len(message.get("body", b""))
        self._done = not message.get("more_body", False)
        if self._bytes > self._max_bytes:
            raise too_large(self._max_bytes)
        return message


def too_large(max_bytes: int) -> Problem:
    """The problem of a body that is longer than may be, or does not say how long it is."""
    return Problem(
        413,
        f"A body may have {max_bytes:,} bytes. Send the articles in several requests.",
        {"Connection": "close"},
    )


def _with_safe_headers(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in SECURITY_HEADERS.items():
                headers.setdefault(name, value)
        await send(message)

    return sending


def _without_body(send: Send, scope: Scope) -> Send:
    """An answer to HEAD has the headers of one to GET, and nothing else."""
    if scope["method"] != "HEAD":
        return send

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.body":
            message = {**message, "body": b""}
        await send(message)

    return sending


def _host_name(host: str) -> str:
    """`News.Example:8000` -> `news.example`, `[::1]:8000` -> `::1`."""
    host = host.strip().lower().rstrip(".")
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.rpartition(":")[0] if host.count(":") == 1 else host


def _client(scope: Scope) -> str:
    client = scope.get("client")
    return client[0] if client else ""
