"""Invented articles and moments for the tests of the store."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from searcher.records import Article, Moment, Origin, Precision
from searcher.store import Store

NOW = datetime(2025, 7, 23, 12, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)


def article(article_id: str = "a", body: str = "Kyiv voted.\n\nProtests followed.", **facts: Any) -> Article:
    """Give an article; whatever is not named is plain."""
    facts = {"title": f"Headline of {article_id}", "origin": Origin("news.jsonl", "line 1"), **facts}
    return Article(article_id=article_id, body=body, **facts)


def moment(at: datetime, precision: Precision = Precision.MINUTE, origin: str = "field") -> Moment:
    """Give a date as the reading-in gives it."""
    return Moment(at, precision, origin)


def new_store(directory: Path, **options: Any) -> Store:
    """Make an empty library in `directory`."""
    return Store.open(directory / "articles.db", create=True, **options)


def change(path: Path, *statements: str) -> None:
    """Run these statements on the file, behind the store's back."""
    raw = sqlite3.connect(path, isolation_level=None)
    for statement in statements:
        raw.execute(statement)
    raw.close()
