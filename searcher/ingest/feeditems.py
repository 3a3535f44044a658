"""
Which article does this item of a feed stand for? Its text, its address and its identity, whatever the feed's format.

A feed's ids are unique in that feed only, if at all: an id is believed when it is one by its form (`tag:`, `urn:`),
or when the item has nothing else; otherwise the address says which article it is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from searcher.ingest.draft import Draft
from searcher.ingest.html_text import line_of, resolved, text_of, without_outlet
from searcher.records import Origin

_WEB = re.compile(r"https?://[^\s/]", re.I)
_TITLE_CHARS = 10_000  # of markup: more is no headline
_WORLDWIDE_ID = re.compile(r"(?:tag|urn):\S+", re.I)


@dataclass(frozen=True, slots=True)
class FeedItem:
    """
    One item as the feed has it, or the feed itself. Texts are HTML or plain; `bodies`: all that there are.

    `place` names it in the feed; `guid` is its id as written, an address or not.
    """

    place: str
    title: str = ""
    bodies: tuple[str, ...] = ()
    link: str | None = None
    guid: str | None = None
    source: str | None = None
    authors: tuple[str, ...] = ()
    section: str | None = None
    language: str | None = None
    published: str | None = None


def drafts_of(items: Sequence[FeedItem], origin: Origin, *, feed: FeedItem) -> list[Draft]:
    """
    Give each item as a draft, in order. What an item leaves unsaid, `feed` says: its title names the outlet, its
    language and authors hold for all, and relative addresses count from its link, or from where it was fetched.
    """
    base = resolved(feed.link or "", origin.where) or origin.where
    urls = [_url(item, base) for item in items]
    shared = _shared_ids(items, urls)
    outlet = line_of(feed.title[:_TITLE_CHARS]) or None
    return [
        _draft(item, url, Origin(origin.where, item.place), shared=shared, outlet=outlet, feed=feed)
        for item, url in zip(items, urls, strict=True)
    ]


def _draft(
    item: FeedItem, url: str | None, origin: Origin, *, shared: set[str], outlet: str | None, feed: FeedItem
) -> Draft:
    source = line_of(item.source or "") or outlet
    return Draft(
        origin=origin,
        body=_body(item),
        title=without_outlet(line_of(item.title[:_TITLE_CHARS]), source),
        article_id=_id(item, url, shared),
        url=url,
        source=source,
        authors=tuple(name for author in item.authors or feed.authors if (name := line_of(author))),
        section=line_of(item.section or "") or None,
        language=item.language or feed.language,
        published=item.published,
        published_from="feed",
    )


def _body(item: FeedItem) -> str:
    """Give the longest of the item's texts: full content stands beside a summary, under names that feeds mix up."""
    texts = [text_of(body) for body in item.bodies]
    return max(texts, key=len, default="")


def _url(item: FeedItem, base: str) -> str | None:
    for address in (item.link, item.guid if _WEB.match(item.guid or "") else None):
        if address and _WEB.match(found := resolved(address, base)):
            return found
    return None


def _id(item: FeedItem, url: str | None, shared: set[str]) -> str | None:
    if not item.guid or _WEB.match(item.guid) or item.guid in shared:
        return None
    return item.guid if url is None or _WORLDWIDE_ID.fullmatch(item.guid) else None


def _shared_ids(items: Sequence[FeedItem], urls: Sequence[str | None]) -> set[str]:
    """Give the ids that items with different addresses share: they identify nothing."""
    first: dict[str, str | None] = {}
    return {
        item.guid
        for item, url in zip(items, urls, strict=True)
        if item.guid and first.setdefault(item.guid, url) != url
    }
