"""
Which articles are in these bytes? Sniffs the format and gives the stream to the reader that knows it.

A stream that breaks in the middle keeps what was read of it, and adds one rejection that says so.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace

from searcher.errors import SourceUnreadable
from searcher.ingest.confined import read_confined
from searcher.ingest.draft import Draft, Found, IngestOptions
from searcher.ingest.encoding import as_utf8
from searcher.ingest.jsonl import read_json, read_json_lines
from searcher.ingest.pagedump import is_dump, read_dump
from searcher.ingest.plain import read_plain
from searcher.ingest.sniff import Format, Sniffed, sniff
from searcher.ingest.streams import HEAD_BYTES, unpacked, with_head
from searcher.ingest.tables import read_table
from searcher.records import Origin, Rejection

_MAX_UNPACKED = 2  # a gzip file may hold one more


def read_stream(
    stream: io.BufferedIOBase, origin: Origin, options: IngestOptions, *, name: str = ""
) -> Iterator[Found]:
    """
    Give the articles in a stream of bytes, in the order in which they stand there.

    `name`: of the file, as a hint of its format. An input without articles gives one Rejection.
    """
    try:
        yield from _read(stream, origin, options, name, depth=0)
    except SourceUnreadable as error:
        yield Rejection(str(origin), str(error))
    except OSError as error:
        yield Rejection(str(origin), f"it cannot be read to its end: {error.strerror or error}")


def _read(
    stream: io.BufferedIOBase, origin: Origin, options: IngestOptions, name: str, depth: int
) -> Iterator[Found]:
    head, stream = with_head(stream)
    sniffed = sniff(head, name=name, complete=len(head) < HEAD_BYTES, options=options)
    if sniffed.format is Format.GZIP and depth < _MAX_UNPACKED:
        inner = name[:-3] if name.lower().endswith(".gz") else name
        yield from _read(unpacked(stream, options.max_file_bytes), origin, options, inner, depth + 1)
    elif reason := _refusal(sniffed):
        yield Rejection(str(origin), reason)
    elif sniffed.format in (Format.HTML, Format.FEED):
        yield from _read_markup(stream, sniffed.format, origin, options)
    else:
        yield from _read_text(
            as_utf8(stream, sniffed.encoding), sniffed, _name_encoding(origin, sniffed), options
        )


def _refusal(sniffed: Sniffed) -> str:
    if sniffed.format is Format.EMPTY:
        return "it is empty"
    if sniffed.format is Format.GZIP:
        return f"it is packed more than {_MAX_UNPACKED} times: unpack it first"
    if sniffed.format is Format.BINARY:
        return f"it is not text but {sniffed.detail}: give the text in it"
    if sniffed.format is Format.UNREADABLE:
        return "its bytes are not UTF-8, and no other encoding surely makes sense of them: save it as UTF-8"
    return ""


def _name_encoding(origin: Origin, sniffed: Sniffed) -> Origin:
    """What was guessed is said with the place, so that a wrong guess can be found."""
    guessed = not sniffed.encoding.startswith("utf-")
    return replace(origin, place=f"read as {sniffed.encoding}") if guessed else origin


def _read_markup(
    stream: io.BufferedIOBase, kind: Format, origin: Origin, options: IngestOptions
) -> Iterator[Draft | Rejection]:
    data = _read_whole(stream, options)
    found = read_confined(str(kind), data, origin, max_item_bytes=options.max_item_bytes)
    yield from found or [Rejection(str(origin), f"there is no article in this {kind}")]


def _read_text(
    stream: io.BufferedIOBase, sniffed: Sniffed, origin: Origin, options: IngestOptions
) -> Iterator[Found]:
    if sniffed.format is Format.JSON_LINES:
        yield from read_json_lines(stream, origin, options)
    elif sniffed.format is Format.JSON:
        yield from read_json(stream, origin, options)
    elif sniffed.format is Format.TABLE:
        yield from read_table(stream, origin, options, delimiter=sniffed.detail)
    else:
        text = _read_whole(stream, options).decode("utf-8", "surrogateescape")
        read = read_dump if is_dump(text, options) else read_plain
        for item in read(text, origin, options):
            yield _checked(item)


def _read_whole(stream: io.BufferedIOBase, options: IngestOptions) -> bytes:
    data = stream.read(options.max_item_bytes + 1)
    if len(data) > options.max_item_bytes:
        raise SourceUnreadable(
            f"it is over {options.max_item_bytes:,} bytes, too long for a page or a text: split it"
        )
    return data


def _checked(item: Draft | Rejection) -> Draft | Rejection:
    """Bytes that are not UTF-8 cost the article they stand in."""
    if isinstance(item, Rejection):
        return item
    try:
        f"{item.title}{item.body}{item.source}".encode()
    except UnicodeEncodeError:
        return Rejection(str(item.origin), "it has bytes that are not UTF-8")
    return item
