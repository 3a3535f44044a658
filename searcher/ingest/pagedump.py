"""
Which articles are in this saved page? A dump is a page's text: a main article, what the site puts under it, then
related articles, each under three lines:

    Outlet name
    2 hours ago
    - Outlet name
    Headline
    Body...

Two things are recognised, both by structure. A *header* is a line, a time, and the first line again after a dash.
A *boilerplate block* is a run of marker lines at the end of an article (markers.txt): a line that equals a marker is
never taken out of the middle of a text, so a paragraph that says only "Comments" stays where it is.

Evidence enough for a block, which must reach to the article's end:

- two different marker lines in a row, with nothing but blank lines and hashtags between them; or
- one marker line right before a related article's header, or one that is enough on its own (`!` in the list).

After three marker lines, as many short lines that end no sentence belong to the block too: buttons nobody listed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple

from searcher.ingest.draft import Draft, IngestOptions
from searcher.ingest.places import place_in
from searcher.ingest.plain import lines_of, split_title
from searcher.ingest.relative import parse_relative
from searcher.records import Origin, Rejection
from searcher.text import fold

MAX_OUTLET = 100
MAX_TIME = 40
MAX_HEADLINE = 300
_MAX_GAP = 2  # blank lines within a header
_MAX_BUTTON = 60
_ENOUGH, _SURE = 2, 3  # marker lines in a row: a block; a block in which unknown buttons may stand
_ANY_MOMENT = datetime(2000, 1, 1, tzinfo=UTC)
_DASHED = re.compile(r"[-–—•]\s*(\S.*)")
_SENTENCE_END = re.compile(r"[.!?…:;,][\"'”’»)\]]*$")


class _Header(NamedTuple):
    """The three lines above a related article: lines `[start, end)`."""

    start: int
    end: int
    outlet: str
    time: str


def is_dump(text: str, options: IngestOptions) -> bool:
    """Whether a text has a related article's header, or ends in a boilerplate block."""
    lines = lines_of(text)
    return bool(_find_headers(lines)) or _body_end(
        lines, _markers(options.markers), before_header=False
    ) < len(lines)


def read_dump(text: str, origin: Origin, options: IngestOptions) -> Iterator[Draft | Rejection]:
    """
    Give the main article, if there is one, then the related ones. Places are `line N`, where each begins.

    Relative times count from `options.as_of` (`options.now` without it). The main article has no outlet and no date.
    """
    lines = lines_of(text)
    headers = _find_headers(lines)
    markers = _markers(options.markers)
    starts = [header.start for header in headers] + [len(lines)]
    main = lines[: starts[0]]
    main = main[: _body_end(main, markers, before_header=bool(headers))]
    if any(line.strip() for line in main):
        title, body = split_title(main)
        begin = next(place for place, line in enumerate(main) if line.strip())
        yield Draft(origin=place_in(origin, f"line {begin + 1}"), title=title, body=body)
    for header, end in zip(headers, starts[1:], strict=True):
        section = lines[header.end : end]
        section = section[: _body_end(section, markers, before_header=end < len(lines))]
        yield _related(header, section, origin, options)


def _related(
    header: _Header, section: Sequence[str], origin: Origin, options: IngestOptions
) -> Draft | Rejection:
    place = place_in(origin, f"line {header.start + 1}")
    written = [line.strip() for line in section if line.strip()]
    if not written:
        return Rejection(str(place), f"the related article of '{header.outlet}' has no text")
    # Below a header the first line is the headline, unless nothing follows it: then it is all there is.
    first = section.index(next(line for line in section if line.strip()))
    has_title = len(written) > 1 and len(written[0]) <= MAX_HEADLINE
    title, body = (written[0], section[first + 1 :]) if has_title else ("", section)
    return Draft(
        origin=place,
        title=title,
        body="\n".join(body),
        source=header.outlet,
        published=header.time,
        published_from="header",
        moment=parse_relative(header.time, options.as_of or options.now),
    )


def _find_headers(lines: Sequence[str]) -> list[_Header]:
    found: list[_Header] = []
    for place, line in enumerate(lines):
        dashed = _DASHED.fullmatch(line.strip())
        if dashed is None or len(line) > MAX_OUTLET + 4:
            continue
        floor = found[-1].end if found else 0
        time = _line_before(lines, place, floor)
        outlet = _line_before(lines, time, floor) if time is not None else None
        if time is None or outlet is None or fold(lines[outlet]) != fold(dashed[1]):
            continue
        if _is_time(lines[time].strip()):
            found.append(_Header(outlet, place + 1, lines[outlet].strip(), lines[time].strip()))
    return found


def _line_before(lines: Sequence[str], place: int, floor: int) -> int | None:
    """The line with text above `place`, no further than a small gap and not above `floor`."""
    for above in range(place - 1, max(floor, place - 2 - _MAX_GAP) - 1, -1):
        if lines[above].strip():
            return above
    return None


def _is_time(line: str) -> bool:
    """A time in words we read, or a short line with a number: times in other languages have one too."""
    if len(line) > MAX_TIME:
        return False
    return parse_relative(line, _ANY_MOMENT) is not None or any(map(str.isdigit, line))


def _body_end(lines: Sequence[str], markers: _Markers, *, before_header: bool) -> int:
    """Where the article in `lines` ends and its boilerplate block begins; their number if there is no block."""
    place = 0
    while place < len(lines):
        if not markers.match(lines[place]):
            place += 1
            continue
        stop = _block_stop(lines, place, markers)
        if stop == len(lines) and _is_evidence(lines[place:], markers, before_header):
            return place
        place = max(stop, place + 1)
    return len(lines)


def _block_stop(lines: Sequence[str], start: int, markers: _Markers) -> int:
    """The first line at or after `start` that cannot belong to a block beginning there."""
    seen: set[str] = set()
    buttons = 0
    for place in range(start, len(lines)):
        line = lines[place].strip()
        if markers.match(line):
            seen.add(fold(line))
        elif line and not _is_hashtags(line):
            buttons += 1
            if len(seen) < _SURE or buttons > len(seen) or not _is_button(line):
                return place
    return len(lines)


def _is_evidence(block: Sequence[str], markers: _Markers, before_header: bool) -> bool:
    found = {fold(line) for line in block if markers.match(line)}
    return before_header or len(found) >= _ENOUGH or any(markers.is_enough(line) for line in block)


def _is_hashtags(line: str) -> bool:
    return all(word.startswith("#") for word in re.split(r"[\s,]+", line) if word)


def _is_button(line: str) -> bool:
    return len(line) <= _MAX_BUTTON and not _SENTENCE_END.search(line)


class _Markers:
    """The marker lines: which lines are one, and which of them are enough on their own."""

    def __init__(self, lines: Sequence[str]) -> None:
        self._any = _pattern([line.lstrip("! ") for line in lines])
        self._enough = _pattern([line.lstrip("! ") for line in lines if line.startswith("!")])

    def match(self, line: str) -> bool:
        """Whether a line is one of them, whole."""
        return _matches(self._any, line)

    def is_enough(self, line: str) -> bool:
        """Whether a line is one that ends an article on its own."""
        return _matches(self._enough, line)


def _matches(pattern: re.Pattern[str], line: str) -> bool:
    if len(line) > MAX_OUTLET or not line.strip():
        return False
    # Every line of every dump comes by here, and folding accents costs ten times as much.
    folded = " ".join(line.casefold().split()) if line.isascii() else fold(line)
    return pattern.fullmatch(folded) is not None


def _pattern(lines: Sequence[str]) -> re.Pattern[str]:
    # `*` takes no sentence: at most six words.
    choices = [
        re.escape(fold(line)).replace(r"\*", r"\S+(?: \S+){0,5}") for line in lines if fold(line).strip("* ")
    ]
    return re.compile("|".join(choices) or r"(?!)")


@lru_cache(maxsize=16)
def _markers(own: tuple[str, ...]) -> _Markers:
    shipped = files("searcher.ingest").joinpath("markers.txt").read_text(encoding="utf-8").splitlines()
    return _Markers([line for line in (*shipped, *own) if line.strip() and not line.startswith("#")])
