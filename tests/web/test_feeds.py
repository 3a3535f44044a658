"""A search as a feed: valid, escaped, judged by a parser of others."""

from __future__ import annotations

import calendar
import xml.etree.ElementTree as ET

import feedparser
import pytest

from tests.library.samples import NOW, article, on_day
from tests.web.served import library_at, served

HOSTILE = '<script>alert(1)</script> & ]]> "x" \' &amp; é 漢'


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    """Articles with all facts, with none, and with hostile ones."""
    library = library_at(tmp_path_factory.mktemp("feeds"), articles=0)
    full = article(
        "full/1?x=<&>", "A zeppelin landed.", title="Zeppelin", source="Echo", authors=("Ada Ash", "Bo Birch"),
        section="Aviation", url="https://news.example/z?a=1&b=2", published=on_day(3),
    )  # fmt: skip
    hostile = article(
        HOSTILE,
        f"A zeppelin {HOSTILE}",
        title=HOSTILE,
        source=HOSTILE,
        authors=(HOSTILE,),
        published=on_day(5),
    )
    library.add(full, article("bare", "Zeppelin bare."), hostile, now=NOW)
    with served(library) as client:
        yield client


def test_rss_holds_what_the_search_holds(client):
    """Newest first; guid is the id and no link, the link the original or else our page; dates and names as stored."""
    answer = client.get("/api/v1/search.rss", params={"q": "zeppelin"})
    assert answer.headers["content-type"].startswith("application/rss+xml")
    feed = feedparser.parse(answer.content)
    assert not feed.bozo and feed.version == "rss20"
    hits = client.get("/api/v1/search", params={"q": "zeppelin", "sort": "date"}).json()["hits"]
    assert [entry.id for entry in feed.entries] == [hit["id"] for hit in hits]
    by_id = {entry.id: entry for entry in feed.entries}
    full, bare = by_id["full/1?x=<&>"], by_id["bare"]
    assert full.link == "https://news.example/z?a=1&b=2" and not full.guidislink
    assert calendar.timegm(full.published_parsed) == on_day(3).at.timestamp()
    assert (full.title, full.tags[0].term) == ("Zeppelin", "Aviation")
    assert bare.link == "http://localhost/article?id=bare" and "published" not in bare
    assert feed.feed.title == "searcher: zeppelin"
    self_link = next(link for link in feed.feed.links if link.rel == "self")
    assert self_link.href == "http://localhost/api/v1/search.rss?q=zeppelin"


def test_hostile_texts_are_text(client):
    """Titles, ids, names and descriptions come out of the XML as they are stored; a description is no HTML."""
    root = ET.fromstring(client.get("/api/v1/search.rss", params={"q": "+zeppelin"}).content)
    item = next(one for one in root.iter("item") if one.findtext("guid") == HOSTILE)
    assert item.findtext("title") == HOSTILE
    assert item.findtext("{http://purl.org/dc/elements/1.1/}creator") == HOSTILE
    assert "&lt;script&gt;" in item.findtext("description") and "<" not in item.findtext("description")
    asked = client.get("/api/v1/search.rss", params={"q": f"{HOSTILE}\x00\x1b\ud7ff"})
    assert asked.status_code == 200 and ET.fromstring(asked.content).tag == "rss"


def test_json_feed_holds_the_same(client):
    """Version, home and feed URL, and each item with id, URL, title, text, date and names where there are any."""
    answer = client.get("/api/v1/search.json", params={"q": "zeppelin"})
    assert answer.headers["content-type"] == "application/feed+json"
    feed = answer.json()
    assert feed["version"] == "https://jsonfeed.org/version/1.1" and feed["feed_url"].endswith(
        "search.json?q=zeppelin"
    )
    full = next(item for item in feed["items"] if item["id"] == "full/1?x=<&>")
    assert full == {
        "id": "full/1?x=<&>",
        "url": "https://news.example/z?a=1&b=2",
        "title": "Zeppelin",
        "content_text": "A zeppelin landed.",
        "date_published": "2025-01-04T00:00:00Z",
        "authors": [{"name": "Ada Ash"}, {"name": "Bo Birch"}],
        "tags": ["Aviation"],
        "language": "en",
    }


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("*/*", "application/json"),
        ("application/json", "application/json"),
        ("application/rss+xml", "application/rss+xml"),
        ("application/feed+json", "application/feed+json"),
        ("application/json;q=0.5, application/rss+xml", "application/rss+xml"),
        ("application/rss+xml;q=0.2, application/feed+json;q=0.9", "application/feed+json"),
        ("text/html, application/rss+xml;q=zero", "application/json"),
    ],
)
def test_the_same_search_in_the_form_that_is_liked_best(client, accept, kind):
    """`Accept` chooses between JSON, RSS and JSON Feed, and caches are told so."""
    answer = client.get("/api/v1/search", params={"q": "zeppelin"}, headers={"Accept": accept})
    assert answer.headers["content-type"].split(";")[0] == kind and "Accept" in answer.headers["vary"]


def test_a_feed_that_did_not_change_is_not_sent_again(client):
    """Feed readers ask often: 304 for the same ETag, which is not that of the JSON."""
    first = client.get("/api/v1/search.rss", params={"q": "zeppelin"})
    again = client.get(
        "/api/v1/search.rss", params={"q": "zeppelin"}, headers={"If-None-Match": first.headers["etag"]}
    )
    assert again.status_code == 304
    assert client.get("/api/v1/search", params={"q": "zeppelin"}).headers["etag"] != first.headers["etag"]
