"""
Which articles are in this JSON? JSON Lines, an array, one object, or an object that holds a list of articles.

A line, or an element of a list, that cannot be read costs itself only. Strict where looseness would hide damage:
a key given twice, NaN, and numbers of thousands of digits reject their article.
"""

from __future__ import annotations

import codecs
import io
import json
from collections.abc import Iterator
from itertools import chain
from typing import Any, NoReturn

from searcher.ingest.draft import Found, IngestOptions
from searcher.ingest.elements import find_list, split_elements
from searcher.ingest.exported import is_exported, revision_of
from searcher.ingest.fields import draft_from_record, is_body_name, is_list_name
from searcher.ingest.places import place_in
from searcher.ingest.streams import read_lines
from searcher.records import Origin, Rejection

_BLOCK = 262_144


def read_json_lines(stream: io.BufferedIOBase, origin: Origin, options: IngestOptions) -> Iterator[Found]:
    """Give one article, or the reason why not, for each line of UTF-8 that is not blank. Places are `line N`."""
    for number, data in read_lines(stream, options.max_item_bytes):
        place = place_in(origin, f"line {number}")
        if data is None:
            yield _too_long(place, options)
        elif data.strip():
            yield _read_object(data, place, options)


def read_json(stream: io.BufferedIOBase, origin: Origin, options: IngestOptions) -> Iterator[Found]:
    """
    Give the articles of one JSON value in UTF-8: an array of objects, an object, or one that holds such an array.

    Arrays are read piece by piece, whatever their size. Places are `item N`, counted from 1.
    """
    blocks = _blocks(stream)
    text = ""
    while len(text) <= options.max_item_bytes and (block := next(blocks, "")):
        text += block
        if text.lstrip().startswith("["):
            break
    text = text.lstrip()
    start = (
        1 if text.startswith("[") else find_list(text, is_list_name, lambda name: is_body_name(name, options))
    )
    if start is not None:
        yield from _read_elements(chain((text[start:],), blocks), origin, options)
    elif len(text) > options.max_item_bytes:
        yield _too_long(origin, options)
    else:
        yield _read_object(text, origin, options)


def _read_elements(blocks: Iterator[str], origin: Origin, options: IngestOptions) -> Iterator[Found]:
    count = 0
    for count, element in enumerate(split_elements(blocks, options.max_item_bytes), start=1):
        place = place_in(origin, f"item {count}")
        yield _too_long(place, options) if element is None else _read_object(element, place, options)
    if not count:
        yield Rejection(str(origin), "its list of articles is empty")


def _read_object(data: str | bytes, origin: Origin, options: IngestOptions) -> Found:
    try:
        text = data.decode("utf-8") if isinstance(data, bytes) else data
        # Bytes that are not UTF-8 come out of `_blocks` as lone surrogates; JSON's own \ud800 is ASCII here.
        text.encode("utf-8")
        value = json.loads(text, object_pairs_hook=_object, parse_constant=_refuse_constant)
    except UnicodeError:
        return Rejection(str(origin), "it has bytes that are not UTF-8, as JSON must be")
    except RecursionError:
        return Rejection(str(origin), "it is nested too deep")
    except ValueError as error:
        return Rejection(str(origin), f"it is not JSON: {_first_sentence(error)}")
    if not isinstance(value, dict):
        return Rejection(str(origin), f"it is a {_kind(value)}, not an object with an article's fields")
    return (
        revision_of(value, origin, options)
        if is_exported(value)
        else draft_from_record(value, origin, options)
    )


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    record = dict(pairs)
    if len(record) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the key {twice[:60]!r} is there twice")
    return record


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number")


def _first_sentence(error: ValueError) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg.removesuffix(' at')} at character {error.pos + 1}"
    return str(error).partition(";")[0]


def _kind(value: Any) -> str:
    kinds = {list: "list", str: "text", bool: "true or false", type(None): "null"}
    return kinds.get(type(value), "number")


def _blocks(stream: io.BufferedIOBase) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    while data := stream.read(_BLOCK):
        yield decoder.decode(data)
    yield decoder.decode(b"", final=True)


def _too_long(origin: Origin, options: IngestOptions) -> Rejection:
    return Rejection(
        str(origin), f"it is longer than {options.max_item_bytes:,} bytes, too long for an article"
    )
