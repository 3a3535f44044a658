"""
A search as a feed: RSS 2.0 and JSON Feed 1.1, so that a feed reader is told of what is new.

Sources: https://www.rssboard.org/rss-specification, https://www.jsonfeed.org/version/1.1/. An item's guid is the
article's id, which never changes. Texts are texts: readers take an item's description for HTML, so it is escaped twice.
"""

from __future__ import annotations

import html
import json
import xml.etree.ElementTree as ET
from datetime import UTC
from email.utils import format_datetime
from urllib.parse import quote

from searcher.records import Hit, Results
from searcher.records.plain import plain_moment
from searcher.text import one_line

RSS_TYPE = "application/rss+xml"
JSON_FEED_TYPE = "application/feed+json"

_ATOM = "http://www.w3.org/2005/Atom"
_DC = "http://purl.org/dc/elements/1.1/"
ET.register_namespace("atom", _ATOM)
ET.register_namespace("dc", _DC)


def as_rss(results: Results, *, base: str, page: str, feed: str) -> bytes:
    """Give the hits as RSS. `base`: where this server is; `page`, `feed`: where this search is, as both."""
    rss = ET.Element("rss", version="2.0")
    channel = ET.SubElement(rss, "channel")
    _add(channel, "title", _title(results))
    _add(channel, "link", page)
    _add(channel, "description", f"Articles that match: {_asked(results)}")
    _add(channel, "generator", "searcher")
    ET.SubElement(channel, f"{{{_ATOM}}}link", href=feed, rel="self", type=RSS_TYPE)
    for hit in results:
        article = hit.article
        item = ET.SubElement(channel, "item")
        _add(item, "title", article.title)
        _add(item, "link", _link(hit, base))
        _add(item, "description", html.escape(hit.snippet.text))
        ET.SubElement(item, "guid", isPermaLink="false").text = article.article_id
        if article.published:
            _add(item, "pubDate", format_datetime(article.published.at.astimezone(UTC), usegmt=True))
        for author in article.authors or ((article.source,) if article.source else ()):
            _add(item, f"{{{_DC}}}creator", author)
        if article.section:
            _add(item, "category", article.section)
    written: bytes = ET.tostring(rss, encoding="utf-8", xml_declaration=True)
    return written


def as_json_feed(results: Results, *, base: str, page: str, feed: str) -> bytes:
    """Give the hits as JSON Feed."""
    document = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": _title(results),
        "home_page_url": page,
        "feed_url": feed,
        "items": [_item(hit, base) for hit in results],
    }
    return json.dumps(document, ensure_ascii=True).encode("ascii")


def _item(hit: Hit, base: str) -> dict[str, object]:
    article = hit.article
    item: dict[str, object] = {
        "id": article.article_id,
        "url": _link(hit, base),
        "title": article.title,
        "content_text": hit.snippet.text,
    }
    if article.published:
        item["date_published"] = plain_moment(article.published.at)
    if names := article.authors or ((article.source,) if article.source else ()):
        item["authors"] = [{"name": name} for name in names]
    if article.section:
        item["tags"] = [article.section]
    if article.language:
        item["language"] = article.language
    return item


def _title(results: Results) -> str:
    return f"searcher: {_asked(results)}"


def _asked(results: Results) -> str:
    return one_line(results.query.raw) or "all articles"


def _link(hit: Hit, base: str) -> str:
    """Where the article was published; where nobody knows, our own page of it."""
    url = hit.article.url or ""
    if url.startswith(("http://", "https://")):
        return url
    return f"{base}/article?id={quote(hit.article_id, safe='')}"


def _add(parent: ET.Element, name: str, text: str) -> None:
    ET.SubElement(parent, name).text = text
