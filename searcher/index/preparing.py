"""
What takes time in building an index, besides encoding? Cutting articles and taking them apart into words.

Each article alone, so it can be done page by page, in any process: a page is a few hundred revisions, and gives the
same wherever it is prepared.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from searcher.index.cutting import Cut, Digests, Recipe, cut_key, cut_whole, facts_as_words, text_digests
from searcher.index.known import KnownCuts
from searcher.index.lexical.numbering import NumberedWords, number_words
from searcher.records import Revision

PAGE = 500
"""Revisions prepared at a time, and"""
PAGE_CHARS = 1_000_000
"""characters of their bodies, about: what two processes hand each other at once."""


@dataclass(frozen=True, slots=True)
class Page:
    """Some revisions in order, the digest of each one's `cut_key` (uint64[n, 2]), and their cuts, as far as known."""

    revisions: list[Revision]
    keys: Digests
    cuts: list[Cut | None]

    def texts(self) -> list[Text]:
        """Give what must be known of each article to prepare it."""
        return [
            Text(
                revision.article.title,
                facts_as_words(revision.article),
                revision.article.body,
                [(chunk.start, chunk.end) for chunk in cut.chunks] if cut else None,
            )
            for revision, cut in zip(self.revisions, self.cuts, strict=True)
        ]


class Text(NamedTuple):
    """An article that is to be prepared: title, facts as words, body, and its chunks' spans if it is cut already."""

    title: str
    facts: str
    body: str
    spans: list[tuple[int, int]] | None


@dataclass(frozen=True, slots=True)
class Prepared:
    """What a page gives: the cuts of those articles that were not cut yet (None: it was), and the words of all."""

    cuts: list[Cut | None]
    words: NumberedWords


def pages_of(revisions: Iterable[Revision], known: KnownCuts) -> Iterator[Page]:
    """Give the revisions page by page, with the cuts that are known."""
    batch: list[Revision] = []
    chars = 0
    for revision in revisions:
        batch.append(revision)
        chars += len(revision.article.body)
        if len(batch) >= PAGE or chars >= PAGE_CHARS:
            yield _page(batch, known)
            batch, chars = [], 0
    if batch:
        yield _page(batch, known)


def _page(revisions: list[Revision], known: KnownCuts) -> Page:
    keys = text_digests([cut_key(revision.article) for revision in revisions])
    return Page(revisions, keys, known.look_up(keys))


def prepare(texts: Sequence[Text], recipe: Recipe) -> Prepared:
    """Cut the articles that are not cut yet, and number the words of all."""
    cuts: list[Cut | None] = []
    split: list[tuple[str, str, list[str]]] = []
    for title, facts, body, spans in texts:
        made = cut_whole(title, body, recipe) if spans is None else None
        if made is not None:
            spans = [(chunk.start, chunk.end) for chunk in made.chunks]
        cuts.append(made)
        split.append((title, facts, [body[start:end] for start, end in spans or ()]))
    return Prepared(cuts, number_words(split, recipe.analyzer))
