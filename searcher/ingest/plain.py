"""
What is the headline of a plain text? Its first line, where that is short and text follows; or a `Title:` line.

A few `Name: value` lines may stand at the top (Title, Date, Source, URL, Author, Section, Language, Id).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from searcher.ingest.draft import Draft, IngestOptions
from searcher.ingest.fields import field_of
from searcher.ingest.places import place_in
from searcher.records import Origin, Rejection

MAX_TITLE = 200
_HEADER = re.compile(r"([A-Za-z][A-Za-z _-]{1,20}):\s*(.*)")
_HEADER_NAMES = frozenset(
    str.split(
        "title headline date published source outlet publisher url link author authors byline section category "
        "language lang id"
    )
)


def read_plain(text: str, origin: Origin, options: IngestOptions) -> Iterator[Draft | Rejection]:
    """Give the one article of a plain text. Its place is `line N`, where it begins."""
    lines = lines_of(text)
    header, first = _read_header(lines)
    title, body = (
        split_title(lines[first:]) if "title" not in header else (header["title"], "\n".join(lines[first:]))
    )
    begin = next((number for number, line in enumerate(lines, start=1) if line.strip()), 1)
    place = place_in(origin, f"line {begin}")
    given: dict[str, Any] = {
        name: value for name, value in header.items() if name not in ("title", "id", "authors")
    }
    yield replace(
        Draft(origin=place, title=title, body=body, article_id=header.get("id"), **given),
        authors=(header["authors"],) if "authors" in header else (),
    )


def lines_of(text: str) -> list[str]:
    """Give the lines of a text, whichever way they end, numbered as an editor does."""
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def split_title(lines: Sequence[str]) -> tuple[str, str]:
    """Give the headline (or "") and the body of a text in lines."""
    first = next((place for place, line in enumerate(lines) if line.strip()), 0)
    head, rest = lines[first : first + 1], lines[first + 1 :]
    if not head or not _is_title(head[0].strip(), rest):
        return "", "\n".join(lines)
    return head[0].strip(), "\n".join(rest)


def _is_title(line: str, rest: Sequence[str]) -> bool:
    """Short, with text after it, and not the first line of a paragraph that goes on in the next."""
    following = next((text.strip() for text in rest if text.strip()), "")
    if not following or len(line) > MAX_TITLE or line.endswith((",", ";")):
        return False
    return not (rest[0].strip() and following[0].islower())


def _read_header(lines: Sequence[str]) -> tuple[dict[str, str], int]:
    """The `Name: value` lines at the top by our names, and the number of lines they take."""
    found: dict[str, str] = {}
    for place, line in enumerate(lines):
        if not line.strip() and not found:
            continue
        match = _HEADER.fullmatch(line.strip())
        name = field_of(match[1]) if match and match[1].strip().lower() in _HEADER_NAMES else None
        if match is None or name is None or name in found:
            return found, place if found else 0
        if match[2].strip():
            found[name] = match[2].strip()
    return {}, 0
