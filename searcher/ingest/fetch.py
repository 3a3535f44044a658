"""
What is at this URL? One page or feed from the web, by rules that hold for URLs that strangers chose.

Only http and https, and no names or passwords in the URL. Connections go to checked public addresses, within one
deadline (`connections`). Redirects are followed by hand, at most five, each checked as if it were given; none from
https down to http: whoever asked for a protected page did not ask for an unprotected one. Nothing is taken from the
environment (no proxy, netrc or certificates) and no cookies are kept. Bodies are cut off at the cap, as they come and
unpacked.

httpcore, the engine of httpx, is used below httpx's client: the client unpacks without a cap, keeps cookies, and
keeps time only between reads. httpx reads the URLs and knows whom to trust.
"""

from __future__ import annotations

import re
import socket
import ssl
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from importlib import metadata
from typing import TYPE_CHECKING

from searcher.errors import SourceUnreadable
from searcher.ingest.draft import IngestOptions
from searcher.text import one_line

if TYPE_CHECKING:
    import httpcore
    import httpx

    from searcher.ingest.connections import Resolver

MAX_REDIRECTS = 5
_REDIRECTS = (301, 302, 303, 307, 308)
_BLOCK = 65_536
_SHOWN = 200
# What is left of a name after IDNA, or an address; httpx lets spaces and brackets through, escaped.
_HOST = re.compile(rb"[A-Za-z0-9._-]{1,253}|[0-9A-Fa-f:.]{2,45}")
_ACCEPT = (
    "text/html, application/xhtml+xml, application/rss+xml, application/atom+xml, application/feed+json, "
    "application/xml;q=0.9, application/json;q=0.9, */*;q=0.5"
)


@dataclass(frozen=True, slots=True)
class Fetched:
    """What was at a URL. `url` is where redirects ended; `body` is unpacked; `content_type` as the server said."""

    url: str
    body: bytes
    content_type: str | None


def look_up(host: str, port: int) -> Sequence[str]:
    """Give the addresses that the system's resolver knows for `host`, in its order. Raises OSError if none."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def fetch(
    url: str, options: IngestOptions, *, resolve: Resolver = look_up, tls: ssl.SSLContext | None = None
) -> Fetched:
    """
    Give what is at `url`, within `options.timeout_s` in all and `options.max_fetch_bytes`.

    `options.allow_private` admits loopback and private addresses. `tls`: whom to trust; certifi's list by default.
    Raises SourceUnreadable, which says what is wrong and what to do, for everything that can go wrong.
    """
    import httpcore

    from searcher.ingest.connections import CheckedBackend, Deadline

    deadline = Deadline(options.timeout_s)
    backend = CheckedBackend(resolve, deadline, allow_private=options.allow_private)
    with httpcore.ConnectionPool(ssl_context=tls or _trusted(), network_backend=backend) as pool:
        target = _checked_url(url)
        for _ in range(MAX_REDIRECTS + 1):
            with _answer(pool, target, options) as response:
                if response.status not in _REDIRECTS:
                    return _fetched(target, response, options)
                target = _redirected(target, response)
    raise SourceUnreadable(
        f"{_shown(url)} redirects more than {MAX_REDIRECTS} times. Give the final address."
    )


@cache
def _trusted() -> ssl.SSLContext:
    import httpx

    return httpx.create_ssl_context(trust_env=False)


def _checked_url(url: str) -> httpx.URL:
    import httpx

    try:
        target = httpx.URL(url)
    except (httpx.InvalidURL, UnicodeError, ValueError) as error:
        raise SourceUnreadable(
            f"{_shown(url)} is not a URL ({one_line(str(error))}). Check its spelling."
        ) from error
    if target.scheme not in ("http", "https") or not target.raw_host:
        raise SourceUnreadable(f"{_shown(url)} is not an http or https URL. Give a web address or a file.")
    if not _HOST.fullmatch(target.raw_host) or not 0 < (80 if target.port is None else target.port) < 65_536:
        raise SourceUnreadable(f"{_shown(url)} has a malformed host or port. Check its spelling.")
    if target.userinfo:
        raise SourceUnreadable(f"The URL of {_shown(target.host)} has a user name in it. Give it without.")
    return target


@contextmanager
def _answer(
    pool: httpcore.ConnectionPool, target: httpx.URL, options: IngestOptions
) -> Iterator[httpcore.Response]:
    """Ask for `target` and give the answer, its body unread; what goes wrong, then or while reading, is explained."""
    import httpcore

    headers = [
        ("Host", target.netloc.decode("ascii")),
        ("User-Agent", f"searcher/{_version()}"),
        ("Accept", _ACCEPT),
        ("Accept-Encoding", "gzip, deflate"),
    ]
    asked = httpcore.URL(
        scheme=target.raw_scheme, host=target.raw_host, port=target.port, target=target.raw_path
    )
    try:
        with pool.stream("GET", asked, headers=headers) as response:
            yield response
    except httpcore.TimeoutException as error:
        raise SourceUnreadable(
            f"{_shown(target)} did not answer within {options.timeout_s:g} s. Try again later, or save the page "
            "and add the file."
        ) from error
    except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.UnsupportedProtocol, OSError) as error:
        reason = one_line(str(error)) or type(error).__name__
        raise SourceUnreadable(
            f"{_shown(target)} cannot be reached ({reason[:_SHOWN]}). Check the address and your connection."
        ) from error


def _redirected(target: httpx.URL, response: httpcore.Response) -> httpx.URL:
    location = _header(response, b"location")
    if not location:
        raise SourceUnreadable(f"{_shown(target)} redirects to nowhere. Give the final address.")
    import httpx

    try:
        joined = str(target.join(location))
    except (httpx.InvalidURL, UnicodeError, ValueError) as error:
        raise SourceUnreadable(
            f"{_shown(target)} redirects to {_shown(location)}, which is not a URL."
        ) from error
    following = _checked_url(joined)
    if target.scheme == "https" and following.scheme == "http":
        raise SourceUnreadable(
            f"{_shown(target)} redirects to unprotected http. If you trust it, give {_shown(following)} yourself."
        )
    return following


def _fetched(target: httpx.URL, response: httpcore.Response, options: IngestOptions) -> Fetched:
    if not 200 <= response.status < 300:
        raise SourceUnreadable(
            f"{_shown(target)} answered {response.status} {_phrase(response.status)}. Check the address, or save "
            "the page in a browser and add the file."
        )
    body = _body(target, response, options.max_fetch_bytes)
    return Fetched(str(target), body, _header(response, b"content-type") or None)


def _phrase(status: int) -> str:
    return HTTPStatus(status).phrase if status in HTTPStatus._value2member_map_ else "(an unknown status)"


def _header(response: httpcore.Response, name: bytes) -> str:
    return next(
        (value.decode("latin-1") for key, value in response.headers if key.lower() == name), ""
    ).strip()


def _body(target: httpx.URL, response: httpcore.Response, cap: int) -> bytes:
    packing = _header(response, b"content-encoding").lower()
    body = bytearray()
    try:
        for block in _unpacked(_capped(target, response.iter_stream(), cap), packing):
            body += block
            if len(body) > cap:
                raise _too_large(target, cap)
    except (zlib.error, EOFError) as error:
        raise SourceUnreadable(
            f"{_shown(target)} sent a body that cannot be unpacked. Try again later."
        ) from error
    except LookupError:
        raise SourceUnreadable(
            f"{_shown(target)} sent a body packed as {_shown(packing)}, which was not asked for. Save the page and "
            "add the file."
        ) from None
    return bytes(body)


def _capped(target: httpx.URL, blocks: Iterable[bytes], cap: int) -> Iterator[bytes]:
    received = 0
    for block in blocks:
        received += len(block)
        if received > cap:
            raise _too_large(target, cap)
        yield block


def _too_large(target: httpx.URL, cap: int) -> SourceUnreadable:
    return SourceUnreadable(f"{_shown(target)} is larger than {cap:,} bytes. Save it and add the file.")


def _unpacked(blocks: Iterable[bytes], packing: str) -> Iterator[bytes]:
    """
    Yield the unpacked body in pieces of at most 64 KB, however far a block unpacks: a bomb is cut off at once.

    Raises LookupError for an unknown packing, zlib.error or EOFError for a broken one.
    """
    if packing in ("", "identity"):
        yield from blocks
        return
    if packing not in ("gzip", "x-gzip", "deflate"):
        raise LookupError(packing)
    unpacker = None
    for block in blocks:
        while block:
            if unpacker is None:
                unpacker = zlib.decompressobj(_window(block, packing))
            yield unpacker.decompress(block, _BLOCK)
            block = unpacker.unconsumed_tail
            if unpacker.eof:
                # A gzip body may hold several members; what follows a deflate body is not ours.
                block, unpacker = (unpacker.unused_data, None) if packing != "deflate" else (b"", unpacker)
    if unpacker is not None and not unpacker.eof:
        yield from _rest(unpacker)


def _rest(unpacker: zlib._Decompress) -> Iterator[bytes]:
    while piece := unpacker.decompress(unpacker.unconsumed_tail, _BLOCK):
        yield piece
    if not unpacker.eof:
        raise EOFError("the body ends early")


def _window(block: bytes, packing: str) -> int:
    """Give zlib's window for this body. "deflate" means zlib's format, but some servers send it bare."""
    if packing != "deflate":
        return 16 + zlib.MAX_WBITS
    return zlib.MAX_WBITS if block[0] & 0x0F == 8 else -zlib.MAX_WBITS


def _shown(url: object) -> str:
    """Give a URL as it may stand in a message: one line, safe and not too long."""
    text = one_line(str(url))
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


@cache
def _version() -> str:
    try:
        return metadata.version("searcher")
    except metadata.PackageNotFoundError:
        return "0"
