"""The sample news, checked with nothing but the standard library: what the README beside it says is so."""

import json
import re
import xml.etree.ElementTree as ET
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from html import unescape
from itertools import combinations
from pathlib import Path

import pytest

from searcher.samples import AS_OF, sample_paths

_ATOM = "{http://www.w3.org/2005/Atom}"
_CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"
_AGE = re.compile(r"(?:an?|(\d+)) (hour|day)s? ago")
_FIRST = datetime(2025, 3, 1, tzinfo=UTC)
_LAST = datetime(2025, 8, 1, tzinfo=UTC)


def test_paths_are_files_in_one_order():
    """
    Every sample path is a file with something in it, no path comes twice, and the order is always the same.
    """
    paths = sample_paths()
    assert paths == sample_paths()
    assert len(set(paths)) == len(paths) == 6
    assert all(path.is_file() and path.stat().st_size > 1000 for path in paths)


def test_every_data_file_is_named():
    """
    No data file lies in the package without being given by `sample_paths`.
    """
    home = sample_paths()[0].parent
    data = {path for path in home.iterdir() if path.is_file() and path.suffix not in {".py", ".md"}}
    assert data == set(sample_paths())


def test_counts_are_those_of_the_readme():
    """
    53 articles: 32 lines, 8 items, 6 entries, 2 pages, 5 in the dump, in nine stories; README.md says so.
    """
    counts = {
        "newsroom.jsonl": len(_newsroom()),
        "wire.rss": len(_items()),
        "science.atom": len(_entries()),
        "pagedump.txt": 1 + len(_related()),
        "pages": len(_pages()),
    }
    assert counts == {
        "newsroom.jsonl": 32,
        "wire.rss": 8,
        "science.atom": 6,
        "pagedump.txt": 5,
        "pages": 2,
    }
    readme = (sample_paths()[0].parent / "README.md").read_text(encoding="utf-8")
    assert f"{sum(counts.values())} articles" in readme
    rows = [line.split("|") for line in readme.splitlines() if line.startswith("| `")]
    assert sum(int(row[3]) for row in rows) == sum(counts.values())
    stories = re.findall(r"^\| .* \| \d+ \w+ \| \d+ \w+ \| (\d+) \|$", readme, re.MULTILINE)
    assert len(stories) == 9
    assert sum(map(int, stories)) + 2 == sum(counts.values())  # Two belong to no story.


def test_ids_are_unique():
    """
    No two articles of one file share an id, and no two lines of the newsroom share a URL.
    """
    for ids in (
        [article["id"] for article in _newsroom()],
        [article["url"] for article in _newsroom()],
        [item.findtext("guid") for item in _items()],
        [entry.findtext(f"{_ATOM}id") for entry in _entries()],
    ):
        assert all(ids)
        assert len(set(ids)) == len(ids)


def test_newsroom_lines_are_whole():
    """
    Each line has every field, a section and a language, several paragraphs, and a time with its zone.
    """
    fields = {"id", "title", "text", "url", "source", "authors", "section", "lang", "published"}
    for article in _newsroom():
        assert set(article) == fields
        assert all(article.values())
        assert len(article["text"].split("\n\n")) >= 4
        assert 120 <= len(article["text"].split()) <= 700
        assert datetime.fromisoformat(article["published"]).tzinfo is not None


def test_dates_lie_between_march_and_july():
    """
    Everything was published from March to July 2025, and nothing after the moment as of which it is read.
    """
    moments = [datetime.fromisoformat(article["published"]) for article in _newsroom()]
    moments += [parsedate_to_datetime(item.findtext("pubDate", "")) for item in _items()]
    moments += [datetime.fromisoformat(entry.findtext(f"{_ATOM}published", "")) for entry in _entries()]
    moments += [datetime.fromisoformat(page["datePublished"]) for page in _pages()]
    moments += [AS_OF - _age(age) for _, age, *_ in _related()]
    assert len(moments) == 52  # All but the main article of the dump, which has no date.
    assert all(_FIRST <= moment < _LAST and moment <= AS_OF for moment in moments)


def test_weekdays_agree_with_their_dates():
    """
    The weekday that a feed item begins its date with is that of the date.
    """
    for item in _items():
        written = item.findtext("pubDate", "")
        assert written.startswith(parsedate_to_datetime(written).strftime("%a, "))


def test_many_outlets_and_languages():
    """
    At least eight outlets speak, in four languages.
    """
    outlets = {article["source"] for article in _newsroom()} | {row[0] for row in _related()}
    outlets |= {_channel("wire.rss", "channel/title"), _channel("science.atom", f"{_ATOM}title")}
    outlets |= {page["publisher"]["name"] for page in _pages()}
    assert len(outlets) == 12
    assert {article["lang"] for article in _newsroom()} == {"en", "de", "fr", "es"}


def test_one_exact_copy_under_another_id():
    """
    One text, and only one, stands in the newsroom twice, from two outlets.
    """
    copies = [(a, b) for a, b in combinations(_newsroom(), 2) if a["text"] == b["text"]]
    assert len(copies) == 1
    ((first, second),) = copies
    assert first["source"] != second["source"]
    assert first["id"] != second["id"]


def test_five_wire_copies_with_small_edits():
    """
    Five agency texts are printed by a newspaper under another headline, most of their words kept but not all.
    """
    reprints = []
    for item in _items():
        wire = _shingles(_plain(item.findtext(_CONTENT, "")))
        for article in _newsroom():
            shared = len(wire & _shingles(article["text"])) / len(wire)
            if shared > 0.1:
                reprints.append((item.findtext("title"), article, shared))
    assert len(reprints) == 5
    for title, article, shared in reprints:
        assert 0.6 < shared < 1
        assert article["title"] != title
        assert article["authors"] == ["Meridian Wire"]


@pytest.mark.parametrize(
    "spellings",
    [
        ("Grigoriev", "Grigoryev", "Grigorjew"),
        ("Al-Hadi", "El Hadi"),
        ("Sorova", "Sorowa"),
        ("Wierzick", "Wierzik"),
    ],
)
def test_names_are_spelt_differently(spellings):
    """
    Each spelling of these names occurs, and no newspaper of the newsroom uses two in one article.
    """
    everything = "\n".join(path.read_text(encoding="utf-8") for path in sample_paths())
    assert all(spelling in everything for spelling in spellings)
    for article in _newsroom():
        assert sum(spelling in article["text"] for spelling in spellings) <= 1


def test_feed_items_are_whole():
    """
    Each item and entry has a title, a link, an author, a category and a text of more than 120 words.
    """
    for item in _items():
        assert all(item.findtext(tag) for tag in ("title", "link", "category", "description"))
        assert item.findtext("{http://purl.org/dc/elements/1.1/}creator")
        assert len(_plain(item.findtext(_CONTENT, "")).split()) > 120
    for entry in _entries():
        content = entry.find(f"{_ATOM}content")
        assert content is not None
        assert content.get("type") == "html"
        assert entry.findtext(f"{_ATOM}title")
        assert entry.findtext(f"{_ATOM}author/{_ATOM}name")
        published, updated = (
            datetime.fromisoformat(entry.findtext(f"{_ATOM}{tag}", "")) for tag in ("published", "updated")
        )
        assert published <= updated <= AS_OF
        assert len(_plain(content.text or "").split()) > 120


def test_page_dump_has_the_shape_of_one():
    """
    Title, paragraphs, one block of boilerplate; then outlet, age, `- outlet`, title, one line of text each.
    """
    lines = _text("pagedump.txt").split("\n")
    start = lines.index("Hashtags")
    assert all(lines[:start])
    assert lines[start + 1] == ""
    assert lines[start + 4 : start + 7] == ["Comments", "No comments yet...", "Related Articles"]
    related = _related()
    assert len(lines) == start + 9 + 6 * len(related) - 1
    for outlet, age, again, title, body in related:
        assert again == f"- {outlet}"
        assert _AGE.fullmatch(age)
        assert 10 < len(title) < 120 < len(body)
    assert [_has_ending(body) for *_, body in related] == [False, True, False, True]


def test_pages_carry_their_facts():
    """
    Each saved page names its headline, date, outlet and section in JSON-LD, and shows that headline.
    """
    for page in _pages():
        assert page["headline"]
        assert datetime.fromisoformat(page["datePublished"]).tzinfo is not None
        assert page["publisher"]["name"]
        assert page["articleSection"] == "business"
    for path in sample_paths():
        if path.suffix == ".html":
            html = path.read_text(encoding="utf-8")
            headline = re.search(r"<h1>(.*?)</h1>", html)
            assert headline is not None
            assert headline[1] in [page["headline"] for page in _pages()]
            assert len(re.findall(r"<p>", html.partition("<h1>")[2].partition("</article>")[0])) >= 8


def test_hosts_are_nobodys():
    """
    Every link leads to a host under `.example`, which can never exist (RFC 2606), or names a format.
    """
    formats = {"www.w3.org", "purl.org", "schema.org"}
    for path in sample_paths():
        hosts = re.findall(r"https?://([^/\"\s<]+)", path.read_text(encoding="utf-8"))
        assert {host for host in hosts if not host.endswith(".example")} <= formats


def _path(name: str) -> Path:
    return next(path for path in sample_paths() if path.name == name)


def _text(name: str) -> str:
    return _path(name).read_text(encoding="utf-8")


def _newsroom() -> list[dict]:
    return [json.loads(line) for line in _text("newsroom.jsonl").splitlines()]


def _items() -> list[ET.Element]:
    return list(ET.parse(_path("wire.rss")).iter("item"))


def _entries() -> list[ET.Element]:
    return list(ET.parse(_path("science.atom")).iter(f"{_ATOM}entry"))


def _channel(name: str, tag: str) -> str | None:
    return ET.parse(_path(name)).getroot().findtext(tag)


def _pages() -> list[dict]:
    found = []
    for path in sample_paths():
        if path.suffix == ".html":
            html = path.read_text(encoding="utf-8")
            for block in re.findall(r'<script type="application/ld\+json">(.*?)</script>', html, re.DOTALL):
                data = json.loads(block)
                things = data if isinstance(data, list) else [data]
                found += [thing for thing in things if thing["@type"] == "NewsArticle"]
    return found


def _related() -> list[tuple[str, ...]]:
    """Give outlet, age, `- outlet`, title and text of each related article."""
    tail = _text("pagedump.txt").partition("Related Articles\n\n\n")[2]
    return [tuple(block.split("\n")) for block in tail.split("\n\n")]


def _age(written: str) -> timedelta:
    match = _AGE.fullmatch(written)
    assert match is not None
    count = int(match[1] or 1)
    return timedelta(hours=count) if match[2] == "hour" else timedelta(days=count)


def _has_ending(body: str) -> bool:
    """Whether a body is whole: it ends in a full stop or in a line of credit."""
    return body.endswith(".") or re.search(r"\. Source: [^.]+$", body) is not None


def _plain(html: str) -> str:
    return unescape(re.sub(r"<[^>]+>", " ", html))


def _shingles(text: str) -> set[tuple[str, ...]]:
    words = text.split()
    return {tuple(words[i : i + 5]) for i in range(len(words) - 4)}
