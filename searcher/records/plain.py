"""How are articles, moments and scores said to programs? As plain values, alike at the terminal and on the web."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from searcher.records.answers import Explanation
from searcher.records.articles import Article, Revision


def plain_moment(at: datetime) -> str:
    """Give a moment as `2025-07-23T14:30:00Z`."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def plain_number(value: float) -> float:
    """Six digits: more differ between machines."""
    return round(float(value), 6)


def plain_explanation(explanation: Explanation) -> dict[str, Any]:
    """Give the formula, the score, and what each leg adds to it."""
    return {
        "formula": explanation.formula,
        "score": plain_number(explanation.score),
        "legs": [
            {
                "leg": leg.leg,
                "rank": leg.rank,
                "score": plain_number(leg.score),
                "normalised": plain_number(leg.normalised),
                "weight": plain_number(leg.weight),
                "part": plain_number(leg.part),
            }
            for leg in explanation.legs
        ],
    }


def plain_date(article: Article) -> dict[str, str | None]:
    """Give when an article was published, and how precisely that is known."""
    published = article.published
    return {
        "published": plain_moment(published.at) if published else None,
        "precision": published.precision.value if published else None,
    }


def plain_revisions(shown: Revision, revisions: Sequence[Revision]) -> dict[str, Any]:
    """Give one revision in full, and the list of all, oldest first."""
    article = shown.article
    return {
        "id": article.article_id,
        "id_origin": article.id_origin,
        "seq": shown.seq,
        "withdrawn": shown.withdrawn,
        "title": article.title,
        "source": article.source,
        "authors": list(article.authors),
        "section": article.section,
        "language": article.language,
        **plain_date(article),
        "published_from": article.published.origin if article.published else None,
        "published_raw": article.published_raw,
        "fetched": plain_moment(article.fetched) if article.fetched else None,
        "url": article.url,
        "origin": str(article.origin),
        "body": article.body,
        "body_sha256": shown.body_sha256,
        "revisions": [
            {
                "seq": one.seq,
                "recorded_at": plain_moment(one.recorded_at),
                "withdrawn": one.withdrawn,
                "title": one.article.title,
                "body_sha256": one.body_sha256,
            }
            for one in revisions
        ],
    }
