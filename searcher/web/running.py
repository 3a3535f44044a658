"""One process that listens, until it is told to stop; then it finishes what it has begun."""

from __future__ import annotations

import signal
import socket
from collections.abc import Callable
from functools import partial

import uvicorn

from searcher.errors import SearcherError
from searcher.library import Library
from searcher.processes import cores
from searcher.web.app import create_app
from searcher.web.checkup import examine_apart
from searcher.web.connection import Connection
from searcher.web.tokens import READ_FILE, WRITE_FILE, load_tokens

KEEP_ALIVE_S = 15
GRACE_S = 15
MOST_PROCESSES = 4
"""For questions of each kind. One for words alone takes 30 MB of memory, one that knows meaning 110."""
MOST_CONNECTIONS = 1_000
"""Connections at once, idle ones too; of more, each is answered 503."""


def run(library: Library, *, host: str, port: int, say: Callable[[str], None]) -> None:
    """
    Serve this library at host and port until SIGINT or SIGTERM. `say` is given lines for a person.

    Raises SearcherError when the address cannot be listened at.
    """
    tokens = load_tokens(library.home, closed=library.settings.web.closed)
    listening = _listen(host, port)
    address = listening.getsockname()[:2]
    shown = f"[{address[0]}]" if ":" in address[0] else address[0]
    say(f"http://{shown}:{address[1]}/")
    if tokens.write is not None:
        say(f"Writing needs the token in {library.home / WRITE_FILE}.")
    if tokens.read is not None:
        say(f"Reading needs the token in {library.home / READ_FILE} (in a browser, as the password).")
    config = uvicorn.Config(
        create_app(
            library,
            tokens,
            hosts=(host, address[0]),
            processes=min(cores(), MOST_PROCESSES),
            examine=partial(examine_apart, library.home, library.settings),
        ),
        http=Connection,
        log_level="warning",
        access_log=False,
        ws="none",
        server_header=False,
        proxy_headers=False,  # Else whoever is on this machine may name any address as its own.
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=GRACE_S,
        limit_concurrency=MOST_CONNECTIONS,
    )
    # uvicorn ends well at these signals, and then sends them on to whoever handled them before: that must not kill us.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: None)
    uvicorn.Server(config).run(sockets=[listening])


def _listen(host: str, port: int) -> socket.socket:
    """Bind before anything is opened: a port that is taken is said at once."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listening = socket.socket(family, kind, protocol)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
    except OSError as error:
        raise SearcherError(
            f"{host} port {port} cannot be listened at: {error.strerror or error}. Choose another with --port."
        ) from error
    return listening
