"""How does an article become a row, and a row an article? The only place that knows the order of columns."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, cast

from searcher.errors import StoreDamaged
from searcher.records import Article, Moment, Origin, Precision, Revision

# What an article's row holds but for its body; `facts_of` gives the values in this order.
FACTS = (
    "article_id, id_origin, title, url, source, authors, section, language, "
    "published_at, published_precision, published_origin, published_raw, fetched_at, "
    "origin_where, origin_place"
)
FACT_COUNT = FACTS.count(",") + 1

# All that a revision says, in the order in which its seal is taken.
SAID = f"{FACTS}, body_sha256, withdrawn, recorded_at"
SAID_COUNT = FACT_COUNT + 3

# What `revision_of` reads. The body comes as bytes, as it lies in the file: the digest is taken before
# decoding.
REVISION = ", ".join(f"r.{name}" for name in SAID.split(", ")) + ", r.seq, r.sha256, CAST(b.text AS BLOB)"
FROM_REVISIONS = "FROM revisions AS r LEFT JOIN bodies AS b ON b.sha256 = r.body_sha256"


def facts_of(article: Article) -> tuple[str | None, ...]:
    """Give the values of the columns `FACTS` for `article`."""
    published = article.published
    place = article.origin.place
    return (
        article.article_id,
        article.id_origin,
        article.title,
        article.url,
        article.source,
        json.dumps(article.authors, ensure_ascii=False),
        article.section,
        article.language,
        iso(published.at) if published else None,
        published.precision.value if published else None,
        published.origin if published else None,
        article.published_raw,
        iso(article.fetched) if article.fetched else None,
        storable(article.origin.where),  # A file's name may hold what no text may hold.
        storable(place) if place is not None else None,
    )


def article_of(row: Sequence[Any], body: str) -> Article:
    """Give the article of a row that begins with `FACTS`. Raises ValueError or TypeError if it is not one."""
    authors = json.loads(row[5])
    if not isinstance(authors, list) or not all(isinstance(name, str) for name in authors):
        raise ValueError("its authors are not a list of names")
    published = None
    if row[8] is not None:
        published = Moment(datetime.fromisoformat(row[8]), Precision(row[9]), row[10])
    return Article(
        article_id=row[0],
        id_origin=row[1],
        title=row[2],
        body=body,
        url=row[3],
        source=row[4],
        authors=tuple(authors),
        section=row[6],
        language=row[7],
        published=published,
        published_raw=row[11],
        fetched=datetime.fromisoformat(row[12]) if row[12] is not None else None,
        origin=Origin(row[13], row[14]),
    )


def revision_of(row: Sequence[Any]) -> Revision:
    """Give the revision of a row of `REVISION`. Raises StoreDamaged if it is not what was stored."""
    sha256, withdrawn, recorded_at = row[FACT_COUNT:SAID_COUNT]
    seq, seal, raw = row[SAID_COUNT:]
    try:
        if sealed(*row[:SAID_COUNT]) != seal:
            raise ValueError("its headline or facts are not what was stored")
        if raw is None or hashlib.sha256(raw).hexdigest() != sha256:
            raise ValueError("its body is not what was stored")
        return Revision(
            seq=seq,
            article=article_of(row, cast(bytes, raw).decode("utf-8")),
            recorded_at=datetime.fromisoformat(recorded_at),
            withdrawn=bool(withdrawn),
            body_sha256=sha256,
        )
    except (ValueError, TypeError) as error:
        raise _damaged(row[0], seq, error) from error


def sealed(*said: str | int | None) -> str:
    """Give the seal of a revision: the SHA-256, in hexadecimal, of the values of `SAID` as one JSON list."""
    return hashlib.sha256(json.dumps(said).encode("ascii")).hexdigest()


def digest_of(body: str) -> str:
    """Give the SHA-256 of `body` in UTF-8, in hexadecimal. Raises UnicodeEncodeError on a surrogate."""
    return hashlib.sha256(body.encode("utf-8")).hexdigest()


def storable(text: str) -> str:
    """Give `text` with half surrogates, which no stored text holds, replaced by U+FFFD."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def iso(moment: datetime) -> str:
    """
    Give `moment` in UTC as ISO 8601: these texts sort as the moments do.

    Raises ValueError if it names no time zone.
    """
    if moment.tzinfo is None:
        raise ValueError(f"{moment!r} names no time zone")
    return moment.astimezone(UTC).isoformat()


def _damaged(article_id: object, seq: int, error: Exception) -> StoreDamaged:
    return StoreDamaged(
        f"Article '{storable(str(article_id))}' (revision {seq}) is damaged in articles.db: {error}. "
        "Restore articles.db from a backup."
    )
