import json
import tarfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from searcher.ingest.sniff import Format, sniff
from tests.ingest.cases import OPTIONS, options

DATA = Path(__file__).parents[2] / "../shared/data"
ARTICLE = json.dumps({"title": "Talks resume", "text": "Words."})


def kind(data, name="", complete=True, **changes):
    data = data.encode() if isinstance(data, str) else data
    return sniff(data, name=name, complete=complete, options=options(**changes)).format.value


@pytest.mark.parametrize(
    ("data", "format"),
    [
        ("", "empty"),
        (" \n\t", "empty"),
        (b"\x1f\x8b\x08", "gzip"),
        (f"{ARTICLE}\n{ARTICLE}\n", "JSON Lines"),
        (f"{{oops}}\n{ARTICLE}\n", "text"),
        (f'{{"oops}}\n{ARTICLE}\n', "JSON Lines"),
        (f"\ufeff\n {ARTICLE}", "JSON"),
        (f"[{ARTICLE}]", "JSON"),
        ("[]", "JSON"),
        (f'{{"articles": [\n{ARTICLE},\n{ARTICLE}]}}', "JSON"),
        ('{"version": "https://jsonfeed.org/version/1.1", "items": []}', "feed"),
        ('<?xml version="1.0"?>\n<!-- <html> -->\n<rss version="2.0"><channel>', "feed"),
        ('<feed xmlns="http://www.w3.org/2005/Atom">', "feed"),
        ("<atom:feed xmlns:atom='x'>", "feed"),
        ("<rdf:RDF xmlns:rdf='x'>", "feed"),
        ('<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "b">]><rss>', "feed"),
        ("<!DOCTYPE html><html><body>", "HTML"),
        ('<?xml version="1.0"?>\n<!DOCTYPE html PUBLIC "x"><html>', "HTML"),
        ("  <!-- saved --><HTML lang=en>", "HTML"),
        ("<div><p>Words.</p></div>", "HTML"),
        ("<BP> says oil will rise", "text"),
        ("title,text\nTalks resume,Words.", "table"),
        ("Headline\tBody\tDate\n", "table"),
        ("id;url;artikel\n", "text"),
        ("[Reuters] Talks resume\nWords.", "text"),
        ("{braces} are words too", "text"),
        ("Talks resume, text follows\nWords.", "text"),
        (b"%PDF-1.7 text", "binary"),
        (b"PK\x03\x04", "binary"),
        (bytes(range(256)), "binary"),
        (b"\x00\x01\x02\x03", "binary"),
        (bytes(128 + (i * 7919 + i * i * 31) % 128 for i in range(400)), "unreadable"),
    ],
)
def test_content_decides(data, format):
    """The bytes say what they are, without a name."""
    assert kind(data) == format


def test_a_wrong_name_changes_nothing():
    """JSON in a .txt, a feed in a .html and a table in a .json are what they are."""
    assert kind(f"{ARTICLE}\n{ARTICLE}", "x.txt") == "JSON Lines"
    assert kind("<rss><channel>", "x.html") == "feed"
    assert kind("title,text\na,b", "x.json") == "table"


def test_a_name_decides_where_bytes_do_not():
    """An unknown element is a feed in .xml, a page in .html; unknown columns are a table in .csv."""
    assert kind("<stuff>", "x.xml") == "feed"
    assert kind("<stuff>", "x.html") == "HTML"
    assert kind("kopf,inhalt\n", "x.csv") == "table"


def test_named_fields_make_a_table():
    """Columns that the user names count as known."""
    assert kind("kopf,inhalt\n", fields={"kopf": "title", "inhalt": "body"}) == "table"


def test_a_long_first_line():
    """A first line longer than the head is one of JSON Lines, unless it holds a list of articles."""
    assert kind('{"text": "' + "x" * 1_000, complete=False) == "JSON Lines"
    assert kind('{"articles": [{"text": "' + "x" * 1_000, complete=False) == "JSON"


def test_utf16_is_text():
    """UTF-16 is full of zeros and is text; a database is full of zeros and is not."""
    assert kind(f"{ARTICLE}\n{ARTICLE}".encode("utf-16")) == "JSON Lines"
    assert kind("title,text\na,b".encode("utf-16-le")) == "table"
    assert kind("<rss><channel>".encode("utf-16")) == "feed"
    assert kind(b"SQLite format 3\0" + bytes(100)) == "binary"


def test_a_stray_zero_does_not_spoil_a_file():
    """One damaged line does not make a file of articles binary."""
    assert kind(f"{ARTICLE}\n" * 10 + '{"text": "\0"}\n' + f"{ARTICLE}\n" * 10) == "JSON Lines"


@settings(deadline=None)  # the first text of some length loads the language model
@given(
    st.binary(max_size=300) | st.text().map(str.encode),
    st.sampled_from(["", "a.csv", "a.xml", "a.json", "a.html"]),
)
def test_no_bytes_raise(data, name):
    """Whatever the bytes and the name, there is an answer."""
    assert sniff(data, name=name, complete=True, options=OPTIONS).format in Format


@pytest.mark.skipif(
    not (DATA / "feeds.tar.gz").exists(), reason="the test feeds are not beside this checkout"
)
def test_two_thousand_odd_feeds():
    """Of feedparser's own test feeds, in all encodings and states of damage, all but two are known without a name."""
    with tarfile.open(DATA / "feeds.tar.gz") as archive:
        files = [member for member in archive if member.name.endswith((".xml", ".json"))]
        missed = [member.name for member in files if kind(archive.extractfile(member).read()) != "feed"]
    assert len(files) == 2107
    assert [Path(name).name for name in missed] == ["rss_empty_document.xml", "always_strip_doctype.xml"]
