"""
What takes time in building an index, besides encoding? Cutting articles and taking them apart into words.

Each article alone, so it can be done page by page, in any process: a page is a few hundred revisions, and gives the
same wherever it is prepared.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from searcher.index.cutting import Cut, Digests, Recipe, cut_key, cut_whole, facts_as_words, text_digests
from searcher.index.known import KnownCuts
from searcher.index.lexical.numbering import NumberedWords, number_words
from searcher.records import Article, Revision

PAGE = 200
"""Revisions prepared at a time, and"""
PAGE_CHARS = 1_000_000
"""characters of their bodies, about: what two processes hand each other at once."""


@dataclass(frozen=True, slots=True)
class Page:
    """Some revisions in order, the digest of each one's `cut_key` (uint64[n, 2]), and their cuts, as far as known."""

    revisions: list[Revision]
    keys: Digests
    cuts: list[Cut | None]

    @property
    def articles(self) -> list[Article]:
        """The articles of its revisions."""
        return [revision.article for revision in self.revisions]


@dataclass(frozen=True, slots=True)
class Prepared:
    """What a page gives: the cut of each article, and all their words."""

    cuts: list[Cut]
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


def prepare(articles: Sequence[Article], cuts: Sequence[Cut | None], recipe: Recipe) -> Prepared:
    """Cut the articles whose cut is not known, and number the words of all."""
    made = [cut or cut_whole(article, recipe) for article, cut in zip(articles, cuts, strict=True)]
    texts = (
        (
            article.title,
            facts_as_words(article),
            [article.body[chunk.start : chunk.end] for chunk in cut.chunks],
        )
        for article, cut in zip(articles, made, strict=True)
    )
    return Prepared(made, number_words(texts, recipe.analyzer))
