"""
Which articles are in this JSON Feed? Versions 1 and 1.1 (jsonfeed.org/version/1.1).

Fields of a wrong type are taken as absent: one careless field does not cost the item.
"""

from __future__ import annotations

import json
from typing import Any

from searcher.ingest.draft import Draft
from searcher.ingest.feeditems import FeedItem, drafts_of
from searcher.records import Origin, Rejection


def read_json_feed(text: str, origin: Origin, *, max_items: int) -> list[Draft | Rejection]:
    """Give the items of a JSON Feed as drafts, in order; one Rejection if it is none, or has too many items."""
    try:
        feed = json.loads(text, strict=False)
    except ValueError as error:
        return [Rejection(str(origin), f"feed cannot be read: broken JSON ({error})")]
    except RecursionError:
        return [Rejection(str(origin), "feed cannot be read: its JSON is nested too deeply")]
    listed = feed.get("items") if isinstance(feed, dict) else None
    if not isinstance(listed, list):
        return [Rejection(str(origin), "no RSS, Atom or JSON feed in this file")]
    if len(listed) > max_items:
        return [Rejection(str(origin), f"feed has more than {max_items:,} items: split it")]
    items = [_item(value, f"item {n}") for n, value in enumerate(listed, start=1) if isinstance(value, dict)]
    drafts = drafts_of(items, origin, feed=_item(feed, "", link="home_page_url"))
    return list(drafts) or [Rejection(str(origin), "this feed has no items")]


def _item(value: dict[str, Any], place: str, *, link: str = "url") -> FeedItem:
    tags = value.get("tags")
    bodies = (_text(value, key) for key in ("content_html", "content_text", "summary"))
    return FeedItem(
        place=place,
        title=_text(value, "title") or "",
        bodies=tuple(body for body in bodies if body),
        link=_text(value, link) or _text(value, "external_url"),
        guid=_text(value, "id"),
        authors=_authors(value),
        section=next((tag for tag in tags if isinstance(tag, str)), None) if isinstance(tags, list) else None,
        language=_text(value, "language"),
        published=_text(value, "date_published") or _text(value, "date_modified"),
    )


def _authors(value: dict[str, Any]) -> tuple[str, ...]:
    several, single = value.get("authors"), value.get("author")
    listed = several if isinstance(several, list) else [single]
    return tuple(name for author in listed if isinstance(author, dict) and (name := _text(author, "name")))


def _text(value: dict[str, Any], key: str) -> str | None:
    found = value.get(key)
    if isinstance(found, int) and not isinstance(found, bool) and key == "id":
        return str(found)
    return found if isinstance(found, str) and found.strip() else None
