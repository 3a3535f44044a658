"""A line that `searcher export` wrote is read as it was; one that somebody changed is no article."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searcher.ingest.draft import IngestOptions
from searcher.ingest.exported import as_record, revision_of
from searcher.ingest.jsonl import read_json, read_json_lines
from searcher.records import Article, Moment, Origin, Precision, Rejection, Revision
from searcher.store.rows import digest_of

NOW = datetime(2025, 7, 23, 12, tzinfo=UTC)
OPTIONS = IngestOptions(now=NOW)
HERE = Origin("all.jsonl", "line 1")


def revision(**facts) -> Revision:
    """Give a revision with all facts; `facts` of the article replace them."""
    plain = {
        "article_id": "a",
        "title": "Headline",
        "body": "Body.",
        "origin": Origin("news.jsonl", "line 7"),
        "id_origin": "content",
        "url": "https://echo.example/a",
        "source": "Echo",
        "authors": ("A B", "C, Jr."),
        "section": "World",
        "language": "en",
        "published": Moment(NOW - timedelta(days=3), Precision.HOUR, "relative"),
        "published_raw": "3 days ago",
        "fetched": NOW,
    }
    article = Article(**{**plain, **facts})
    return Revision(4, article, NOW + timedelta(microseconds=7), True, digest_of(article.body))


def read(record, options=OPTIONS):
    """Give what a line with this object is read as."""
    (item,) = read_json_lines(io.BytesIO(json.dumps(record).encode()), Origin("all.jsonl"), options)
    return item


def test_a_revision_comes_back_as_it_was():
    """Every field, from JSON Lines and from an array; what is unknown stays unknown and is not guessed."""
    bare = dict.fromkeys(("url", "source", "section", "language", "published", "published_raw", "fetched"))
    for one in (revision(), revision(authors=(), origin=Origin("-"), **bare)):
        assert read(as_record(one)) == one
        (item,) = read_json(io.BytesIO(json.dumps([as_record(one)]).encode()), Origin("x"), OPTIONS)
        assert item == one


@given(
    st.text(st.characters(categories=["L", "N", "P", "Zs"]), min_size=1),
    st.sampled_from(Precision),
    st.integers(-10_000_000_000, 4_000_000_000),
)
def test_whatever_was_kept_comes_back(text, precision, at):
    """Texts in canonical form and moments of any precision, also of the future."""
    from searcher.ingest.canonical import clean_body
    from searcher.text import one_line

    body = clean_body(f"word {text}")
    moment = Moment(NOW + timedelta(seconds=at), precision, "feed")
    one = revision(title=one_line(text)[:200] or "x", body=body, published=moment)
    assert revision_of(as_record(one), HERE, OPTIONS) == one


BAD = {
    "body": "Another.",
    "body_sha256": "0" * 64,
    "id": "",
    "id_origin": "mine",
    "title": 7,
    "url": ["x"],
    "authors": 3,
    "published": "2025-07-20",
    "precision": "century",
    "recorded_at": "noon",
    "fetched": "2025-07-20T12:00:00",
    "seq": "x",
    "origin": ["x"],
    "language": {},
}


@pytest.mark.parametrize("field", BAD)
def test_what_was_changed_is_rejected_by_name(field):
    """A field of another type or meaning, or a body that is not its digest's."""
    item = read({**as_record(revision()), field: BAD[field]})
    assert isinstance(item, Rejection)
    assert item.where == "all.jsonl: line 1" and "not as searcher exported it" in item.reason


@pytest.mark.parametrize("field", [name for name in as_record(revision()) if name != "searcher"])
def test_what_is_missing_is_rejected(field):
    """Every field stands in every line."""
    record = as_record(revision())
    del record[field]
    assert isinstance(read(record), Rejection)


def test_what_a_stranger_made_is_cleaned():
    """The mark opens no way in for control characters, endless names or other schemes."""
    record = as_record(revision())
    body = "Evil \x1b[31mbody\u202e text."
    record |= {
        "title": "a\x1b]0;b\n" + "x" * 5000,
        "source": "s" * 5000,
        "authors": ["\u202ea"] * 500,
        "url": "javascript:alert(1)",
        "body": body,
        "body_sha256": digest_of(body),
        "language": "xx-invented",
    }
    item = read(record)
    assert isinstance(item, Revision)
    article = item.article
    assert "\x1b" not in article.title + article.body and "\u202e" not in article.body
    assert len(article.title) <= 1000 and len(article.source) == 200 and len(article.authors) == 50
    assert article.url is None and article.language is None
    assert item.body_sha256 == digest_of(article.body)


def test_the_caps_hold():
    """A body over the size allowed, or without words, is rejected."""
    small = IngestOptions(now=NOW, max_body_chars=4)
    assert "5 characters" in read(as_record(revision()), small).reason
    assert "no words" in read(as_record(revision(body="--"))).reason
