import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searcher.ingest.draft import Draft
from searcher.records import Rejection
from tests.ingest.cases import drafts, options

GOOD = '{"id": "%s", "title": "T", "text": "Words."}'
HUGE, DEEP = "9" * 5_000, "[" * 100_000 + "]" * 100_000


def ids(items):
    return [item.article_id if isinstance(item, Draft) else None for item in items]


def places(items):
    return [str(item.origin) if isinstance(item, Draft) else item.where for item in items]


def test_each_line_is_an_article():
    """Lines become articles in order, blank ones are passed over, and each knows its line."""
    found = drafts(f"{GOOD % 1}\r\n\n  \n{GOOD % 2}\n{GOOD % 3}")
    assert ids(found) == ["1", "2", "3"]
    assert places(found) == ["news: line 1", "news: line 4", "news: line 5"]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('{"text": "cut', "not JSON: Unterminated string starting at character 10"),
        ('{"text": "a", "text": "b"}', "not JSON: the key 'text' is there twice"),
        ('{"text": NaN}', "not JSON: NaN is not a number"),
        ('{"text": "a", "n": -Infinity}', "not JSON: -Infinity is not a number"),
        (f'{{"text": "a", "n": {HUGE}}}', "not JSON: Exceeds the limit (4300 digits)"),
        (f'{{"text": {DEEP}}}', "nested too deep"),
        ("[1, 2]", "it is a list, not an object"),
        ('"text"', "it is a text, not an object"),
        ("null", "it is a null, not an object"),
        ('{"title": "x"}', "no field of it is the body"),
        ('{"text": "  "}', "it has no body"),
        (b'{"text": "caf\xe9"}', "bytes that are not UTF-8, as JSON must be"),
        ('{"text": "' + "x" * 3_000 + '"}', "longer than 1,000 bytes"),
    ],
)
def test_a_bad_line_costs_itself_only(line, reason):
    """The line is named with its reason, and the articles around it come out."""
    line = line if isinstance(line, bytes) else line.encode()
    cap = 1_000 if b"xxx" in line else 20_000_000
    found = drafts(
        (GOOD % "ä1").encode() + b"\n" + line + b"\n" + (GOOD % 2).encode(),
        options=options(max_item_bytes=cap),
    )
    assert ids(found) == ["ä1", None, "2"]
    assert found[1].where == "news: line 2"
    assert reason in found[1].reason


def test_a_first_line_that_is_broken_costs_itself_only():
    """JSON Lines are known as such even if the first is not JSON."""
    assert ids(drafts('{"text": oops}\n' + GOOD % 2)) == [None, "2"]


@pytest.mark.parametrize(
    "text",
    [
        f"[{GOOD % 1}, {GOOD % 2}]",
        f"\n[\n  {GOOD % 1},\n  {GOOD % 2}\n]\n",
        f'{{"status": "ok", "articles": [{GOOD % 1}, {GOOD % 2}]}}',
        f'{{\n"total": 2,\n"results": [\n{GOOD % 1},\n{GOOD % 2}]}}',
        f'{{"response": {{"docs": [{GOOD % 1}, {GOOD % 2}]}}}}',
        f"\ufeff[{GOOD % 1}, {GOOD % 2}]",
    ],
)
def test_arrays_and_objects_that_hold_them(text):
    """A list of articles is read wherever it usually stands, and items are counted."""
    found = drafts(text)
    assert ids(found) == ["1", "2"]
    assert places(found) == ["news: item 1", "news: item 2"]


def test_one_object_is_one_article():
    """A single object, on one line or many, is an article; its place is the file."""
    for text in (GOOD % 1, json.dumps(json.loads(GOOD % 1), indent=2)):
        assert (ids(drafts(text)), places(drafts(text))) == (["1"], ["news"])


def test_an_article_with_a_list_of_its_own_is_one_article():
    """Lists inside an article, under any name, are not taken for the articles."""
    assert ids(drafts('{"results": [{"text": "other"}], "id": "1", "text": "Words."}')) == ["1"]


def test_a_broken_element_costs_itself_only():
    """In a list, too, only what is broken is lost."""
    found = drafts(f'[{GOOD % 1}, {{oops}}, {GOOD % 2}, {{"text": "cut')
    assert ids(found) == ["1", None, "2", None]


def test_an_empty_list_says_so():
    """A list without articles is one rejection."""
    assert drafts("[]") == [Rejection("news", "its list of articles is empty")]


def test_a_list_past_the_cap_is_read_item_by_item():
    """The cap is for items: a list far longer than it is read to its end."""
    text = '{"articles": [' + ",".join(GOOD % i for i in range(200)) + "]}"
    found = drafts(text, options=options(max_item_bytes=100))
    assert len(text) > 1_000 and ids(found) == [str(i) for i in range(200)]


def test_utf16_lines_are_read():
    """JSON Lines in UTF-16, as Windows tools write them, are JSON Lines."""
    assert ids(drafts((GOOD % "é" + "\n" + GOOD % 2).encode("utf-16"))) == ["é", "2"]


ARTICLES = st.fixed_dictionaries(
    {
        "id": st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(str.strip),
        "text": st.just("Words."),
    }
)


@given(st.lists(ARTICLES, min_size=2), st.booleans())
def test_round_trip(records, ascii_only):
    """What is written as JSON Lines, or as an array, is read back, whatever the ids are made of."""
    lines = "\n".join(json.dumps(record, ensure_ascii=ascii_only) for record in records)
    expected = [record["id"].strip() for record in records]
    assert ids(drafts(lines)) == expected
    assert ids(drafts(json.dumps(records, ensure_ascii=ascii_only))) == expected
