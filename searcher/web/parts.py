"""The small parts that every page is made of: links, facts of an article, marked text. The templates escape."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlencode, urlsplit

from searcher.dates import said_date
from searcher.ingest.language import language_name
from searcher.records import Article

Kind = Literal["", "words", "meaning"]
Span = tuple[int, int]

_LANGUAGE = re.compile(r"[a-z]{2,3}")
_SPACES = re.compile(r"\s+")

Params = dict[str, str | int | Sequence[str] | None]


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text, marked or not. `first`: the first mark of its page, where a link can lead."""

    text: str
    kind: Kind = ""
    first: bool = False


@dataclass(frozen=True, slots=True)
class Card:
    """
    An article as a list names it. `href` leads to its page, `original` to where it was published, or is None.

    `language` is the code, `tongue` its name where the reader may want to know it: English goes without saying.
    """

    title: str
    href: str
    outlet: str | None
    date: str
    iso: str | None
    section: str | None
    language: str | None
    tongue: str | None
    authors: str
    original: str | None


@dataclass(frozen=True, slots=True)
class Link:
    """Where one can go from here. `chosen`: one is there already."""

    label: str
    href: str
    chosen: bool = False


def link(path: str, params: Params) -> str:
    """Give a URL of ours; parameters that are empty are left out, those of several values repeated."""
    return path + (
        f"?{query}" if (query := urlencode({k: v for k, v in params.items() if v}, doseq=True)) else ""
    )


def card_of(article: Article, *, q: str = "") -> Card:
    """Give the card of an article. `q`: what was asked, so that its page marks the same words."""
    language = article.language if _LANGUAGE.fullmatch(article.language or "") else None
    published = article.published
    return Card(
        title=article.title or "(no title)",
        href=link("/article", {"id": article.article_id, "q": q}),
        outlet=article.source,
        date=said_date(published),
        iso=published.at.isoformat().replace("+00:00", "Z") if published else None,
        section=article.section,
        language=language,
        tongue=language_name(language) if language and language != "en" else None,
        authors=", ".join(article.authors),
        original=web_address(article.url),
    )


def web_address(url: str | None) -> str | None:
    """Give `url` if it is one that a page may link to: http or https, with a host; else None."""
    try:
        parts = urlsplit(url or "")
    except ValueError:
        return None
    return url if parts.scheme in ("http", "https") and parts.hostname else None


def said(count: int, one: str, many: str | None = None) -> str:
    """Give a count and what is counted: `1 article`, `1,234 articles`."""
    return f"{count:,} {one if count == 1 else many or f'{one}s'}"


def pieces_of(text: str, spans: Iterable[Span], kind: Kind) -> list[Piece]:
    """Cut `text` at the spans `[start, end)`, which rise and do not overlap; white space runs are one space."""
    return [
        Piece(_SPACES.sub(" ", piece.text), piece.kind)
        for piece in _cut(text, [(start, end, kind) for start, end in spans])
    ]


def marked_paragraphs(body: str, words: Sequence[Span], meaning: Sequence[Span] = ()) -> list[list[Piece]]:
    """
    Give the paragraphs of a body as pieces. `words` and `meaning` are spans of the body, rising, without overlap.

    Of words and meaning in one place words are shown: they are what was typed.
    """
    spans: list[tuple[int, int, Kind]] = [(start, end, "words") for start, end in words]
    spans += [(start, end, "meaning") for one in meaning for start, end in _without(one, words)]
    spans.sort()
    paragraphs: list[list[Piece]] = []
    first = True
    at = start_at = 0
    for line in body.split("\n"):
        end_at = start_at + len(line)
        here: list[tuple[int, int, Kind]] = []
        while at < len(spans) and spans[at][0] < end_at:
            start, end, kind = spans[at]
            if end > start_at:
                here.append((max(start, start_at) - start_at, min(end, end_at) - start_at, kind))
            if end > end_at:
                break  # It goes on in the next line.
            at += 1
        if line.strip():
            pieces = list(_cut(line, here))
            if first and here:
                place = next(n for n, piece in enumerate(pieces) if piece.kind)
                pieces[place] = Piece(pieces[place].text, pieces[place].kind, first=True)
                first = False
            paragraphs.append(pieces)
        start_at = end_at + 1
    return paragraphs


def _cut(text: str, spans: Iterable[tuple[int, int, Kind]]) -> Iterator[Piece]:
    at = 0
    for start, end, kind in spans:
        if at < start:
            yield Piece(text[at:start])
        if start < end:
            yield Piece(text[start:end], kind)
        at = end
    if at < len(text):
        yield Piece(text[at:])


def _without(span: Span, holes: Sequence[Span]) -> Iterator[Span]:
    """The parts of a span that lie in none of the holes."""
    at, end = span
    for start, stop in holes:
        if stop <= at or start >= end:
            continue
        if at < start:
            yield at, start
        at = stop
    if at < end:
        yield at, end
