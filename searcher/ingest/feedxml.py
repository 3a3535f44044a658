"""
Where are the items in this XML, sound or broken? The tree of a feed, and of each item of a broken one by itself.

A sound feed is parsed in one go. A broken one is cut at its item tags, and each piece is parsed with lxml's recovery,
so that what is wrong in one item ends with it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html.entities import name2codepoint
from typing import NamedTuple

from searcher.ingest.html_text import Element

_ROOT = re.compile(r"<((?:[\w.-]+:)?(?:rss|feed|rdf|channel))(?=[\s>])", re.I)
_ITEM = re.compile(r"<(/?)((?:(?:rss|rdf|atom|a):)?(?:item|entry))(?=[\s>/])")
_ENTITY = re.compile(r"&(?!(?:amp|lt|gt|quot|apos);)([A-Za-z][A-Za-z0-9]{1,9});")
_STRAY_AMPERSAND = re.compile(r"&(?!#\d{1,7};|#x[0-9a-fA-F]{1,6};|(?:amp|lt|gt|quot|apos);)")
_STRAY_BRACKET = re.compile(r"<(?![A-Za-z_/!?])")
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_ROOT_TAG_CHARS = 20_000
_MOST_SAID = 200
"""Characters of what the parser says: it repeats the feed."""


@dataclass(frozen=True, slots=True)
class FeedTree:
    """A feed's elements: its own (`root`, with the items of a sound feed in it) and its items, in order.

    `problem` says what is broken and where, if an item was lost; "" otherwise.
    """

    root: Element
    items: list[Element]
    problem: str = ""


class _Piece(NamedTuple):
    """One item cut out of a broken feed; `closed`: its end tag is there."""

    text: str
    closed: bool


def count_items(text: str) -> int:
    """Give how many items begin in this text."""
    return sum(1 for match in _ITEM.finditer(text) if not match[1])


def parse_feed(text: str) -> FeedTree | str:
    """
    Give the elements of the feed in `text`, or a reason why there are none.

    The XML declaration and a DTD are passed over: the text is decoded, and entities are a stranger's program.
    """
    start = _ROOT.search(text)
    if start is None:
        return "no RSS, Atom or JSON feed in this file"
    from lxml import etree  # type: ignore[import-untyped]

    feed = _FORBIDDEN.sub("\ufffd", text[start.start() :])
    try:
        root = etree.fromstring(feed.encode(), _parser(recover=False))
    except etree.XMLSyntaxError as error:
        line = (error.lineno or 0) + text.count("\n", 0, start.start())
        message = (error.msg or "not XML").rpartition(", line ")[0] or str(error.msg)
        return _parse_broken(feed, start[1], f"broken XML at line {line} ({message[:_MOST_SAID]})")
    items = [element for element in root.iter() if _is_item(element)]
    inside = set(items)  # what stands inside another item belongs to that
    return FeedTree(
        root, [item for item in items if not any(above in inside for above in item.iterancestors())]
    )


def _parse_broken(feed: str, name: str, problem: str) -> FeedTree | str:
    opening = feed[: feed.find(">", 0, _ROOT_TAG_CHARS) + 1]
    first = _ITEM.search(feed)
    root = _recovered(feed[: first.start()] if first else feed)
    if not opening or root is None:
        return f"feed cannot be read: {problem}"
    pieces = list(_pieces(feed))
    cut_off = bool(pieces) and not pieces[-1].closed
    whole = pieces[:-1] if cut_off else pieces
    parsed = (_recovered(f"{opening}{piece.text}</{name}>") for piece in whole)
    items = [
        next((child for child in tree if _is_item(child)), None) if tree is not None else None
        for tree in parsed
    ]
    found = [item for item in items if item is not None]
    if cut_off:
        return FeedTree(root, found, f"item {len(pieces)} is incomplete: {problem}")
    if len(found) < len(pieces) or not pieces:
        lost = f"{len(pieces) - len(found)} of {len(pieces)} items could not" if found else "no item could"
        return FeedTree(root, found, f"{lost} be read: {problem}")
    return FeedTree(root, found)


def _pieces(feed: str) -> Iterator[_Piece]:
    """Cut out the items: each from its start tag to its end tag, to the next item, or to the end of the feed."""
    start: int | None = None
    for tag in _ITEM.finditer(feed):
        end = feed.find(">", tag.end(), tag.end() + _ROOT_TAG_CHARS) + 1 or len(feed)
        if start is not None:
            yield _Piece(feed[start : end if tag[1] else tag.start()], closed=True)
            start = None
        if not tag[1] and feed[end - 2] == "/":
            yield _Piece(feed[tag.start() : end], closed=True)
        elif not tag[1]:
            start = tag.start()
    if start is not None:
        yield _Piece(feed[start:], closed=False)


def _recovered(piece: str) -> Element | None:
    from lxml import etree

    try:
        return etree.fromstring(_mended(piece).encode(), _parser(recover=True))
    except etree.XMLSyntaxError:
        return None


def _mended(piece: str) -> str:
    """Give `piece` with what recovery would drop: HTML's entities as characters, stray `&` and `<` escaped."""
    piece = _ENTITY.sub(lambda m: chr(name2codepoint[m[1]]) if m[1] in name2codepoint else m[0], piece)
    return _STRAY_BRACKET.sub("&lt;", _STRAY_AMPERSAND.sub("&amp;", piece))


def _is_item(element: Element) -> bool:
    return isinstance(element.tag, str) and re.split("[}:]", element.tag)[-1] in ("item", "entry")


def _parser(*, recover: bool) -> Element:
    from lxml import etree

    return etree.XMLParser(
        encoding="utf-8",
        recover=recover,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        remove_comments=True,
        remove_pis=True,
        collect_ids=False,
        huge_tree=False,
    )
