"""
What becomes of a batch? Functions over one connection, inside the caller's transaction.

An article is known by its id; if the id was derived from its URL or content and not given, also by its URL.
A given id is always an identity of its own, whatever text or URL it shares: news is full of wire copies.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from searcher.errors import ArticleNotFound
from searcher.records import Article, Outcome, Receipt, Rejection, Revision
from searcher.store.merging import merge, says_the_same
from searcher.store.reading import article_at_url
from searcher.store.rows import (
    FACT_COUNT,
    FACTS,
    SAID,
    SAID_COUNT,
    article_of,
    digest_of,
    facts_of,
    iso,
    sealed,
    storable,
)
from searcher.text import clean

KEPT_REJECTIONS = 10_000

_APPEND = f"INSERT INTO revisions ({SAID}, sha256) VALUES ({', '.join('?' * (SAID_COUNT + 1))})"
_REPEAT = (
    f"INSERT INTO revisions ({SAID}, sha256) SELECT {FACTS}, body_sha256, :withdrawn, :recorded_at, "
    f"sealed({FACTS}, body_sha256, :withdrawn, :recorded_at) FROM revisions WHERE seq = :seq"
)
_LATEST_SAID = f"SELECT {SAID}, seq, sha256 FROM revisions WHERE article_id = ? ORDER BY seq DESC LIMIT 1"


def add_batch(
    connection: sqlite3.Connection, items: Iterable[Article | Revision | Rejection], *, now: datetime
) -> Receipt:
    """Append a revision for each article that says something new; record the rejections."""
    recorded_at = iso(now)
    outcomes: list[Outcome] = []
    rejections: list[Rejection] = []
    for item in items:
        if isinstance(item, Rejection):
            rejections.append(item)
            outcomes.append("rejected")
            continue
        article = item.article if isinstance(item, Revision) else item
        if problem := _problem(article):
            rejections.append(Rejection(clean(str(article.origin)), problem))
            outcomes.append("rejected")
        elif isinstance(item, Revision):
            outcomes.append(_add_revision(connection, item))
        else:
            outcomes.append(_add_article(connection, item, recorded_at))
    counts = Counter(outcomes)
    _record_rejections(connection, rejections, recorded_at)
    return Receipt(
        counts["added"],
        counts["changed"] + counts["restored"],
        counts["unchanged"],
        len(rejections),
        tuple(rejections),
        counts["restored"],
        tuple(outcomes),
    )


def set_withdrawn(
    connection: sqlite3.Connection, article_ids: Iterable[str], withdrawn: bool, *, now: datetime
) -> list[int]:
    """
    Append to each article a revision that withdraws it, or brings it back; give their seqs.

    An article that already is so gets none. Raises ArticleNotFound for an unknown id.
    """
    recorded_at = iso(now)
    seqs = []
    for article_id in article_ids:
        latest = connection.execute(
            "SELECT seq, withdrawn FROM revisions WHERE article_id = ? ORDER BY seq DESC LIMIT 1",
            (storable(article_id),),
        ).fetchone()
        if latest is None:
            raise not_found(article_id)
        if bool(latest[1]) != withdrawn:
            values = {"withdrawn": int(withdrawn), "recorded_at": recorded_at, "seq": latest[0]}
            appended = connection.execute(_REPEAT, values)
            seqs.append(appended.lastrowid or 0)
    return seqs


def not_found(article_id: str) -> ArticleNotFound:
    """Give the error for an id that no article has."""
    return ArticleNotFound(
        f"No article '{article_id}' in the library. Ids are shown by: searcher search QUERY"
    )


def _problem(article: Article) -> str:
    """Why an article cannot be stored: half a surrogate, or a moment without a time zone. "" if it can."""
    try:
        for value in (article.body, *facts_of(article)):
            (value or "").encode("utf-8")
    except UnicodeEncodeError as error:
        return f"not text: {error.reason}"
    except ValueError as error:
        return f"a date of it cannot be kept: {error}"
    return ""


@dataclass(frozen=True, slots=True)
class _Known:
    """The latest state of an article: `article` without its body, or None if it is not what was stored."""

    article_id: str
    article: Article | None
    body_sha256: str
    withdrawn: bool
    recorded_at: str


def _add_article(connection: sqlite3.Connection, given: Article, recorded_at: str) -> Outcome:
    sha256 = digest_of(given.body)
    known = _find_known(connection, given)
    if known is None:
        _append(connection, given, sha256, recorded_at)
        return "added"
    if known.article is None:  # What is given is whole, and stands from now on for what is damaged.
        merged = replace(given, article_id=known.article_id)
    else:
        merged = merge(known.article, given)
        same = sha256 == known.body_sha256 and says_the_same(merged, known.article)
        if same and not known.withdrawn:
            return "unchanged"
    _append(connection, merged, sha256, recorded_at)
    return "restored" if known.withdrawn else "changed"


def _add_revision(connection: sqlite3.Connection, given: Revision) -> Outcome:
    """
    Append a revision of another library as it is, but one that says nothing new, or has been here before the newest.

    Of two that were recorded at one moment it is not known which came first: both are appended.
    """
    article, recorded_at = given.article, iso(given.recorded_at)
    sha256 = digest_of(article.body)
    seal = sealed(*facts_of(article), sha256, int(given.withdrawn), recorded_at)
    known = _latest(connection, article.article_id)
    if known is not None:
        here = connection.execute(
            "SELECT 1 FROM revisions WHERE article_id = ? AND sha256 = ? LIMIT 1", (article.article_id, seal)
        ).fetchone()
        passed = here is not None and recorded_at < known.recorded_at
        same = known.article is not None and says_the_same(article, known.article)
        if passed or (same and (sha256, given.withdrawn) == (known.body_sha256, known.withdrawn)):
            return "unchanged"
    _append(connection, article, sha256, recorded_at, withdrawn=given.withdrawn)
    if known is None:
        return "added"
    return "restored" if known.withdrawn and not given.withdrawn else "changed"


def _find_known(connection: sqlite3.Connection, given: Article) -> _Known | None:
    known = _latest(connection, given.article_id)
    if known is None and given.url and given.id_origin != "given":
        article_id = article_at_url(connection, given.url)
        known = _latest(connection, article_id) if article_id is not None else None
    return known


def _latest(connection: sqlite3.Connection, article_id: str) -> _Known | None:
    row = connection.execute(_LATEST_SAID, (article_id,)).fetchone()
    if row is None:
        return None
    said, (_, seal) = row[:SAID_COUNT], row[SAID_COUNT:]
    article = article_of(row, body="") if sealed(*said) == seal else None
    return _Known(article_id, article, row[FACT_COUNT], bool(row[FACT_COUNT + 1]), row[FACT_COUNT + 2])


def _append(
    connection: sqlite3.Connection,
    article: Article,
    sha256: str,
    recorded_at: str,
    *,
    withdrawn: bool = False,
) -> None:
    connection.execute(
        "INSERT INTO bodies (sha256, text) VALUES (?, ?) ON CONFLICT DO NOTHING", (sha256, article.body)
    )
    said = (*facts_of(article), sha256, int(withdrawn), recorded_at)
    connection.execute(_APPEND, (*said, sealed(*said)))


def _record_rejections(
    connection: sqlite3.Connection, rejections: Iterable[Rejection], recorded_at: str
) -> None:
    """Keep the newest; a complaint that is made again moves to the end."""
    rows = [(clean(item.where), clean(item.reason), recorded_at) for item in rejections]
    if not rows:
        return
    connection.executemany("REPLACE INTO rejections (place, reason, recorded_at) VALUES (?, ?, ?)", rows)
    connection.execute(
        "DELETE FROM rejections WHERE rejection_no <= "
        "(SELECT rejection_no FROM rejections ORDER BY rejection_no DESC LIMIT 1 OFFSET ?)",
        (KEPT_REJECTIONS,),
    )
