"""
Whom do we connect to, and for how long? The network under `fetch`: checked addresses, one deadline.

A name is looked up here and nowhere else, once for each connection, and the connection goes to an address of that
answer: httpcore still knows the host by its name, so the Host header, TLS's server name and the certificate are all
for the name. Every wait on the socket ends at the deadline, so no server can hold us by sending a byte now and then.
"""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import httpcore

from searcher.errors import SourceUnreadable
from searcher.ingest.addresses import literal_address, why_refused

# Gives all addresses of a host. Raises OSError if it has none.
Resolver = Callable[[str, int], Sequence[str]]


class Deadline:
    """A moment after which nothing waits any more."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        """Give the seconds that are left. Raises httpcore.TimeoutException if there are none."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise httpcore.TimeoutException("the time is up")
        return left


class CheckedBackend(httpcore.NetworkBackend):
    """
    Connects to public addresses only, or also to one's own with `allow_private`.

    A host is refused if any of its addresses is: who mixes them means to be let in by chance.
    Raises SourceUnreadable for what is refused or unknown.
    """

    def __init__(self, resolve: Resolver, deadline: Deadline, *, allow_private: bool) -> None:
        self._resolve = resolve
        self._deadline = deadline
        self._allow_private = allow_private
        self._network = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        addresses = self._checked_addresses(host, port)
        failed: Exception | None = None
        for tried, address in enumerate(addresses):
            # Each address gets its share of the time: the first may be a black hole.
            share = self._deadline.left() / (len(addresses) - tried)
            try:
                stream = self._network.connect_tcp(address, port, share, local_address, socket_options)
                return _TimedStream(stream, self._deadline)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failed = error
        raise failed or httpcore.ConnectError(f"{host} has no address")

    def connect_unix_socket(self, path: str, *_: Any, **__: Any) -> httpcore.NetworkStream:
        raise SourceUnreadable(f"{path} is a socket of this machine, not a web address.")

    def _checked_addresses(self, host: str, port: int) -> list[str]:
        try:
            literal = literal_address(host)
        except ValueError:
            raise SourceUnreadable(f"{host} is not an address. Check its spelling.") from None
        addresses = [literal] if literal else list(self._look_up(host, port))
        for address in addresses:
            self._check(host, address)
        return addresses

    def _check(self, host: str, address: str) -> None:
        what = why_refused(address, allow_private=self._allow_private)
        if what is None:
            return
        leads = f"{host} is {what}" if host == address else f"{host} leads to {address}, {what}"
        if why_refused(address, allow_private=True):
            raise SourceUnreadable(f"{leads}, where no website is. Check the URL.")
        raise SourceUnreadable(
            f"{leads}: it may be a part of your own network. If you trust it, pass --allow-private."
        )

    def _look_up(self, host: str, port: int) -> Sequence[str]:
        """Ask the resolver, in a thread of its own: it knows no deadline and cannot be interrupted."""
        answers: list[Sequence[str] | Exception] = []

        def ask() -> None:
            try:
                answers.append(self._resolve(host, port))
            except (OSError, ValueError, OverflowError) as error:
                answers.append(error)

        asking = threading.Thread(target=ask, daemon=True)
        asking.start()
        asking.join(self._deadline.left())
        if not answers:
            raise httpcore.ConnectTimeout(f"looking up {host}")
        if isinstance(answers[0], Exception):
            raise SourceUnreadable(
                f"Nobody knows the host {host}. Check its spelling and your connection."
            ) from answers[0]
        return answers[0]


class _TimedStream(httpcore.NetworkStream):
    """A stream that waits until the deadline and no longer, whatever timeout it is called with."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._deadline.left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._deadline.left())

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        secured = self._stream.start_tls(ssl_context, server_hostname, self._deadline.left())
        return _TimedStream(secured, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
