"""Answers made by hand, for tests of how they are shown."""

from datetime import UTC, datetime

from searcher.records import (
    Article,
    Explanation,
    Hit,
    LegScore,
    Moment,
    Origin,
    Precision,
    Query,
    Results,
    Snippet,
)

AT = datetime(2025, 7, 23, 14, 30, tzinfo=UTC)


def hit(
    article_id="a", *, title="Title", snippet="The text.", marks=(), kind="words", body=None, rank=1, **rest
):
    """One hit: words .5 x 1.0, meaning .5 x .8, sum .9."""
    legs = (LegScore("lexical", 1, 12.5, 1.0, 0.5), LegScore("dense", None, 0.6, 0.8, 0.5))
    return Hit(
        rank=rank,
        score=0.9,
        article=Article(
            article_id,
            title,
            snippet if body is None else body,
            Origin("test"),
            source=rest.pop("source", "The Herald"),
            published=rest.pop("published", Moment(AT, Precision.MINUTE, "field")),
            url=rest.pop("url", None),
        ),
        snippet=Snippet(snippet, tuple(marks), kind, rest.pop("start", 0)),
        explanation=Explanation("score fusion", legs, 0.9),
        **rest,
    )


def results(*hits, total=None, query=None, **rest):
    """An answer of these hits."""
    total = len(hits) if total is None else total
    return Results(
        query=query or Query(raw="words", text="words", free=("words",)),
        hits=hits,
        total=total,
        offset=rest.pop("offset", 0),
        mode=rest.pop("mode", "hybrid"),
        generation=3,
        took_ms=8.2,
        verdict="strong" if total else "none",
        **rest,
    )
