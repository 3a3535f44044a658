"""
How does one revision travel as a line of JSON, and come back as it was? What `searcher export` writes, `add` reads.

The names are those that other programs expect of an article; `searcher` marks the line as ours. What comes back is not
guessed at, as a stranger's fields are, but a line may have been made by anybody: texts are cleaned like all others, and
a body that is not what its digest says is rejected.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from searcher.ingest.canonical import MAX_AUTHORS, MAX_ID, MAX_NAME, MAX_TITLE, clean_body
from searcher.ingest.draft import IngestOptions
from searcher.ingest.language import language_code
from searcher.ingest.urls import canonical_url
from searcher.records import Article, Moment, Origin, Precision, Rejection, Revision
from searcher.text import clean, one_line

MARK = "revision 1"
"""The value of the field `searcher` in such a line. Its number rises when the meaning of a field changes."""


def as_record(revision: Revision) -> dict[str, Any]:
    """Give a revision as a JSON object. Moments are ISO 8601 in UTC."""
    article = revision.article
    published = article.published
    return {
        "searcher": MARK,
        "id": article.article_id,
        "id_origin": article.id_origin,
        "title": article.title,
        "body": article.body,
        "url": article.url,
        "source": article.source,
        "authors": list(article.authors),
        "section": article.section,
        "language": article.language,
        "published": _iso(published.at) if published else None,
        "precision": published.precision.value if published else None,
        "published_from": published.origin if published else None,
        "published_raw": article.published_raw,
        "fetched": _iso(article.fetched) if article.fetched else None,
        "origin": [article.origin.where, article.origin.place],
        "seq": revision.seq,
        "recorded_at": _iso(revision.recorded_at),
        "withdrawn": revision.withdrawn,
        "body_sha256": revision.body_sha256,
    }


def is_exported(record: Mapping[str, Any]) -> bool:
    """Whether a JSON object says that `export` made it."""
    return record.get("searcher") == MARK


def revision_of(record: Mapping[str, Any], origin: Origin, options: IngestOptions) -> Revision | Rejection:
    """Give the revision of such an object, or a Rejection that names `origin` and says what is wrong with it."""
    try:
        return _revision(record, options)
    except (ValueError, KeyError, TypeError, OverflowError) as error:
        return Rejection(str(origin), f"it is not as searcher exported it: {one_line(str(error))[:MAX_NAME]}")


def _revision(record: Mapping[str, Any], options: IngestOptions) -> Revision:
    said = _text(record["body"])
    if hashlib.sha256(said.encode("utf-8")).hexdigest() != record["body_sha256"]:
        raise ValueError("its body is not what its digest says")
    body = clean_body(said)
    if not any(map(str.isalnum, body)):
        raise ValueError("there are no words in its body")
    if len(body) > options.max_body_chars:
        raise ValueError(f"its body has {len(body):,} characters, more than {options.max_body_chars:,}")
    return Revision(
        seq=int(record["seq"]),
        article=_article(record, body),
        recorded_at=_moment(record["recorded_at"]),
        withdrawn=bool(record["withdrawn"]),
        body_sha256=hashlib.sha256(body.encode("utf-8")).hexdigest(),
    )


def _article(record: Mapping[str, Any], body: str) -> Article:
    if record["id_origin"] not in ("given", "url", "content"):
        raise ValueError("its id_origin is none")
    article_id = one_line(_text(record["id"]))
    if not 0 < len(article_id) <= MAX_ID:
        raise ValueError("its id is empty or too long")
    where, place = record["origin"]
    published = None
    if record["published"] is not None:
        said_by = one_line(_text(record["published_from"]))[:MAX_NAME]
        published = Moment(_moment(record["published"]), Precision(record["precision"]), said_by)
    url = record["url"]
    return Article(
        article_id=article_id,
        title=one_line(_text(record["title"]))[:MAX_TITLE],
        body=body,
        origin=Origin(clean(_text(where)), None if place is None else clean(_text(place))),
        id_origin=record["id_origin"],
        url=None if url is None else canonical_url(_text(url)),
        source=_name(record["source"]),
        authors=tuple(name for one in record["authors"][:MAX_AUTHORS] if (name := _name(one))),
        section=_name(record["section"]),
        language=None if record["language"] is None else language_code(_text(record["language"])),
        published=published,
        published_raw=_name(record["published_raw"]),
        fetched=None if record["fetched"] is None else _moment(record["fetched"]),
    )


def _name(value: Any) -> str | None:
    return None if value is None else one_line(_text(value))[:MAX_NAME].strip() or None


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{str(value)[:40]!r} is not a text")
    return value


def _moment(value: Any) -> datetime:
    moment = datetime.fromisoformat(_text(value))
    if moment.tzinfo is None:
        raise ValueError(f"{value} names no time zone")
    return moment.astimezone(UTC)


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()
