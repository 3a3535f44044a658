"""What does an article say, together with what was known of it? Pure functions."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from searcher.records import Article, Moment, Precision

# Two dates closer than this say the same, as far as the vaguer one can tell (the shortest month, the
# shortest year).
_UNIT = {
    Precision.SECOND: timedelta(seconds=1),
    Precision.MINUTE: timedelta(minutes=1),
    Precision.HOUR: timedelta(hours=1),
    Precision.DAY: timedelta(days=1),
    Precision.MONTH: timedelta(days=28),
    Precision.YEAR: timedelta(days=365),
}
_VAGUENESS = {precision: rank for rank, precision in enumerate(_UNIT)}


def merge(known: Article, given: Article) -> Article:
    """
    Give `given` under the id of `known`, with what it leaves out filled in from there.

    A date that agrees with the known one and is no more exact does not replace it: "3 hours ago" read again
    an hour later is no news. The article keeps the known `id_origin`.
    """
    published = _merge_published(known.published, given.published)
    return replace(
        given,
        article_id=known.article_id,
        id_origin=known.id_origin,
        title=given.title or known.title,
        url=given.url or known.url,
        source=given.source or known.source,
        authors=given.authors or known.authors,
        section=given.section or known.section,
        language=given.language or known.language,
        published=published,
        published_raw=_raw_of(published, known, given),
        fetched=given.fetched or known.fetched,
    )


def says_the_same(one: Article, other: Article) -> bool:
    """
    Whether both have the same headline and facts. Bodies, origins and times of fetching are not compared.
    """
    return _facts(one) == _facts(other)


def _merge_published(known: Moment | None, given: Moment | None) -> Moment | None:
    if known is None or given is None:
        return given or known
    vaguer = max(known.precision, given.precision, key=_VAGUENESS.__getitem__)
    agree = abs(known.at - given.at) < _UNIT[vaguer]
    if agree and _VAGUENESS[given.precision] >= _VAGUENESS[known.precision]:
        return known
    return given


def _raw_of(published: Moment | None, known: Article, given: Article) -> str | None:
    """Give the date as written that belongs to `published`."""
    if published is not None and published is known.published:
        return known.published_raw
    return given.published_raw or known.published_raw


def _facts(article: Article) -> tuple[object, ...]:
    published = article.published
    return (
        article.title,
        article.url,
        article.source,
        article.authors,
        article.section,
        article.language,
        (published.at, published.precision) if published else None,
    )
