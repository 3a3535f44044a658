"""
Does anything reach a server on this machine that strangers' addresses lead to? A canary listens on loopback.

Every spelling, redirect and answer of a resolver is really fetched, through the door that `searcher add` uses. Nothing
else is faked but the names: the canary hears any connection.
"""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest

from searcher.errors import SourceUnreadable
from searcher.ingest import IngestOptions, read_articles
from searcher.ingest.fetch import fetch
from searcher.records import Rejection
from tests.ingest.test_fetch import HOSTILE, Site, connect_instead

OPTIONS = IngestOptions(now=datetime(2026, 1, 1, tzinfo=UTC), timeout_s=5.0)

# Spellings of loopback, this host, and networks where only machines of one's own are; PORT is the canary's.
_SPELLINGS = """
127.0.0.1:PORT 127.1:PORT 127.0.1:PORT 127.000.000.001:PORT 0x7f.1:PORT 0x7f000001:PORT 0X7F000001:PORT 2130706433:PORT
017700000001:PORT 0177.0.0.1:PORT 0177.1:PORT 0x7f.0x0.0x0.0x1:PORT 127.0.0.1.:PORT 127.255.255.254:PORT 127.0.0.2:PORT
0:PORT 0.0.0.0:PORT 00000000:PORT 0x0:PORT localhost:PORT LOCALHOST:PORT localhost.:PORT localhost.localdomain:PORT
ip6-localhost:PORT [::1]:PORT [::]:PORT [0:0:0:0:0:0:0:1]:PORT [0000::0001]:PORT [::ffff:127.0.0.1]:PORT
[::ffff:7f00:1]:PORT [::127.0.0.1]:PORT [64:ff9b::127.0.0.1]:PORT [64:ff9b::7f00:1]:PORT [2002:7f00:1::]:PORT
[2001:0:7f00:1::]:PORT [::1%25lo]:PORT [::1%lo]:PORT [fe80::1%25lo]:PORT １２７.0.0.1:PORT ①②⑦.0.0.1:PORT
127。0。0。1:PORT 127．0．0．1:PORT %31%32%37.0.0.1:PORT 127%2e0%2e0%2e1:PORT user@127.0.0.1:PORT a:b@127.0.0.1:PORT
example.org@127.0.0.1:PORT 127.0.0.1:PORT\\@example.org 127.0.0.1:PORT#@example.org 127.0.0.1:PORT?@example.org
127.0.0.1%00.example.org:PORT [::ffff:0:127.0.0.1]:PORT [::ffff:127.1]:PORT
0x100000000000000007f000001:PORT 127.0.0.1%09:PORT
127.0.0.1;:PORT //127.0.0.1:PORT \\127.0.0.1:PORT
340282366920938463463374607431768211457:PORT 1.0.0.127.in-addr.arpa:PORT 127.0.0.1:0PORT 4294967295:PORT
"""
SPELLINGS = _SPELLINGS.split()
SCHEMES = ("http", "https", "HTTP", "hTtP")


@contextmanager
def canary():
    """Listen on every loopback address; give the port, and the list of what connected."""
    listeners, heard = [socket.create_server(("127.0.0.1", 0))], []
    port = listeners[0].getsockname()[1]
    for family, address in ((socket.AF_INET, "127.0.0.2"), (socket.AF_INET6, "::1")):
        try:
            listeners.append(socket.create_server((address, port), family=family))
        except OSError:
            continue  # This machine has no IPv6, or only one loopback address.

    def listen(listener):
        while True:
            try:
                connection, sender = listener.accept()
            except OSError:
                return
            heard.append(sender)
            connection.close()

    for listener in listeners:
        threading.Thread(target=listen, args=(listener,), daemon=True).start()
    try:
        yield port, heard
    finally:
        for listener in listeners:
            listener.shutdown(socket.SHUT_RDWR)
            listener.close()


def test_there_are_sixty_spellings():
    """
    Sixty or more spellings, no two of them the same; the canary itself can be reached where that is allowed.
    """
    assert len(set(SPELLINGS)) == len(SPELLINGS) >= 60
    with canary() as (port, heard):
        with pytest.raises(SourceUnreadable):
            fetch(
                f"http://127.0.0.1:{port}/", IngestOptions(now=OPTIONS.now, timeout_s=5.0, allow_private=True)
            )
        assert len(heard) == 1


def test_no_spelling_reaches_the_canary(monkeypatch):
    """
    Each spelling, with each scheme, ends in one rejection with a reason, and the canary hears nothing. Whatever is
    asked of the system's resolver leads to this machine.
    """
    loopback = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 80))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *asked, **how: loopback)
    with canary() as (port, heard):
        urls = [f"{scheme}://{one.replace('PORT', str(port))}/x" for one in SPELLINGS for scheme in SCHEMES]
        for url in [*urls, *HOSTILE]:
            found = list(read_articles([url], OPTIONS))
            assert len(found) == 1 and isinstance(found[0], Rejection) and found[0].reason, url
        assert heard == []


@pytest.mark.parametrize("status", [302, 308])
def test_no_redirect_reaches_the_canary(monkeypatch, status):
    """
    A public page that redirects to any of the spellings, at once or after another public page, is not followed there.
    """

    def resolve(host, port):
        """One name is public; all others are this machine's."""
        return ["93.184.215.14" if host == "news.example" else "127.0.0.1"]

    with canary() as (port, heard):
        places = [f"http://{one.replace('PORT', str(port))}/x" for one in SPELLINGS]
        places += [
            f"//127.0.0.1:{port}/",
            f"http://inside.example:{port}/",
            "\\\\127.0.0.1\\x",
            f"/\\127.0.0.1:{port}/",
        ]
        sendable = [place for place in places if place.isascii()]
        pages = {f"/{n}": (status, [("Location", place)], b"") for n, place in enumerate(sendable)}
        pages |= {f"/far{n}": (status, [("Location", f"/{n}")], b"") for n in range(0, len(sendable), 5)}
        with Site(pages) as site:
            connected = connect_instead(monkeypatch, {"93.184.215.14": "127.0.0.1"})
            for path in pages:
                with pytest.raises(SourceUnreadable):
                    fetch(
                        f"http://news.example:{site.port}{path}",
                        OPTIONS,
                        resolve=resolve,
                    )
        assert set(connected) == {"93.184.215.14"} and len(connected) >= len(pages)
        assert heard == []


@pytest.mark.parametrize("first", ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"])
@pytest.mark.parametrize("second", ["127.0.0.1", "::1", "169.254.169.254", "10.0.0.1", "::ffff:127.0.0.1"])
def test_no_resolver_that_changes_its_mind_reaches_the_canary(monkeypatch, first, second):
    """
    A name that is public when it is checked and private when it would be asked again is asked once: the connection goes
    to the address that was checked. One that is public for the page and private for its redirect is refused there.
    """
    answers = [[first], [second], [second]]
    with (
        canary() as (port, heard),
        Site({"/": (302, [("Location", f"http://news.example:{port}/")], b"")}) as site,
    ):
        connected = connect_instead(monkeypatch, {first: "127.0.0.1"})
        with pytest.raises(SourceUnreadable, match="leads to"):
            fetch(f"http://news.example:{site.port}/", OPTIONS, resolve=lambda host, port: answers.pop(0))
        assert connected == [first] and len(answers) == 1
        assert heard == []
