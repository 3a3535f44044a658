"""
Which articles of a corpus are a headline and nothing more?

`add` rejects them: there is nothing in them to read. A judged collection counts them, though, and a question about them
has no other text to be answered with. Here, and only here, the headline is taken for the text.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from searcher.evaluation.lines import read_text_lines
from searcher.records import Article, Origin


def read_headlines(corpus: Path) -> list[Article]:
    """Give the articles of `corpus` (`_id` or `id`, `title`, `text`) that have a title and no text, as records."""
    found = []
    for place, line in read_text_lines(corpus):
        try:
            record = json.loads(line)
        except (ValueError, RecursionError):
            continue  # It is rejected when the corpus is read.
        if isinstance(record, dict) and not _word(record, "text"):
            title, key = _word(record, "title"), _word(record, "_id") or _word(record, "id")
            if title and key:
                found.append(_article(key, title, record, Origin(str(corpus), place)))
    return found


def _article(key: str, title: str, record: dict[str, Any], origin: Origin) -> Article:
    return Article(
        key,
        title,
        title,
        origin,
        url=_word(record, "url") or None,
        source=_word(record, "source") or None,
        section=_word(record, "section") or None,
        language=_word(record, "lang") or None,
        published_raw=_word(record, "published") or None,
    )


def _word(record: dict[str, Any], key: str) -> str:
    value = record.get(key)
    return value.strip() if isinstance(value, str) else ""
