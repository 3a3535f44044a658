from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searcher.ingest.draft import Draft
from tests.ingest.cases import articles, drafts, options, read, split

SAMPLE = Path(__file__).parents[2] / "../shared/samples/000_e233b43045e43c97.txt"

MAIN = """Harbour bridge closes for repairs
The bridge will close on Monday, the city said.
Ferries will run every ten minutes until it opens again in June.
"""
BLOCK = """Hashtags

Try Our AI Features
Explore what Courier AI can do for you:
Comments
No comments yet...
Related Articles
"""
RELATED = """

The Courier
2 hours ago
- The Courier
Ferries to run all night
The ferries will run all night, their owner said. Tickets will cost nothing until the bri

Evening Post
yesterday
- Evening Post
Shops fear for their trade
Owners of shops near the bridge fear for their trade.
They asked the city for help.
"""


def titles(items):
    return [(item.title, item.source) if isinstance(item, Draft) else item.reason for item in items]


def bodies(text, **changes):
    return [article.body for article in articles(text, options=options(**changes))]


def test_all_articles_come_out():
    """The main article has no outlet and no date; the related ones have theirs, and their headlines."""
    main, ferries, shops = drafts(MAIN + BLOCK + RELATED)
    assert (main.title, main.source, main.published) == ("Harbour bridge closes for repairs", None, None)
    assert titles([ferries, shops]) == [
        ("Ferries to run all night", "The Courier"),
        ("Shops fear for their trade", "Evening Post"),
    ]
    assert [str(item.origin) for item in (main, ferries, shops)] == [
        "news: line 1",
        "news: line 13",
        "news: line 19",
    ]


def test_bodies_are_whole_and_clean():
    """Each body is all of its own lines and none of the site's."""
    assert bodies(MAIN + BLOCK + RELATED) == [
        "The bridge will close on Monday, the city said.\n"
        "Ferries will run every ten minutes until it opens again in June.",
        "The ferries will run all night, their owner said. Tickets will cost nothing until the bri",
        "Owners of shops near the bridge fear for their trade.\nThey asked the city for help.",
    ]


def test_relative_times_count_from_as_of():
    """ "2 hours ago" and "yesterday" are resolved, with their precision, and kept as written."""
    as_of = datetime(2025, 7, 23, 12, tzinfo=UTC)
    _, ferries, shops = articles(MAIN + BLOCK + RELATED, options=options(as_of=as_of))
    assert (ferries.published.at, ferries.published.precision) == (
        datetime(2025, 7, 23, 10, tzinfo=UTC),
        "hour",
    )
    assert (shops.published.at, shops.published.precision) == (datetime(2025, 7, 22, tzinfo=UTC), "day")
    assert {ferries.published.origin, shops.published.origin} == {"relative"}
    assert ferries.published_raw == "2 hours ago"


def test_an_absolute_date_in_a_header():
    """Older related articles have a date instead; a time in words we do not read still makes a header."""
    text = (
        MAIN + BLOCK + RELATED.replace("2 hours ago", "July 3, 2025").replace("yesterday", "il y a 2 heures")
    )
    _, ferries, shops = articles(text)
    assert ferries.published.at == datetime(2025, 7, 3, tzinfo=UTC)
    assert (shops.title, shops.published, shops.published_raw) == (
        *("Shops fear for their trade", None, "il y a 2 heures"),
    )


@pytest.mark.parametrize("ending", ["\r\n", "\r", "\n\n", " \n"])
def test_newlines_vary(ending):
    """Windows line ends, old Mac ones, doubled ones and trailing blanks change no headline and no outlet."""
    text = (MAIN + BLOCK + RELATED).replace("\n", ending)
    assert titles(drafts(text)) == titles(drafts(MAIN + BLOCK + RELATED))


def test_no_related_articles():
    """A main article with its boilerplate alone is one article, clean."""
    assert len(bodies(MAIN + BLOCK)) == 1
    assert bodies(MAIN + BLOCK)[0].endswith("in June.")


def test_only_related_articles():
    """Without a main article, with or without boilerplate above, the related ones come out."""
    assert len(bodies(RELATED)) == len(bodies(BLOCK + RELATED)) == 2


def test_no_boilerplate():
    """Headers are enough to part the articles."""
    assert titles(drafts(MAIN + RELATED)) == titles(drafts(MAIN + BLOCK + RELATED))


def test_a_paragraph_that_equals_a_marker_stays():
    """A body with a paragraph of just "Comments", or two markers apart, keeps every line."""
    body = "He wrote below it:\nComments\nNobody had read it.\nRelated Articles\nThat was all, he said."
    text = f"A blog without readers\n{body}\n"
    assert bodies(text) == [body]
    assert bodies(text + BLOCK + RELATED)[0] == body


def test_a_last_paragraph_that_equals_a_marker_stays():
    """At the end of a text, a single marker line is no evidence; before a related article it is."""
    text = "A blog without readers\nNobody had read what he wrote below it:\nComments"
    assert bodies(text) == ["Nobody had read what he wrote below it:\nComments"]
    assert bodies(text + RELATED)[0] == "Nobody had read what he wrote below it:"


def test_a_sure_marker_ends_an_article_alone():
    """ "Related Articles" at the very end is enough on its own."""
    assert bodies(MAIN + "\nRelated Articles\n")[0].endswith("in June.")


def test_hashtags_and_unlisted_buttons_belong_to_the_block():
    """Hashtags under their marker, and a button nobody listed after three markers, are not the article's."""
    block = BLOCK.replace("Hashtags\n", "Hashtags\n#Bridge #Ferries\n") + "Ask the Courier Bot\n"
    assert bodies(MAIN + block + RELATED) == bodies(MAIN + BLOCK + RELATED)


def test_a_share_bar_above_the_text_takes_nothing():
    """Markers in a row at the top are no block: text follows them, also where it is a table of short lines."""
    table = "\n".join(f"{place}. Team {place} {90 - place}" for place in range(1, 20))
    assert table in bodies(f"League table\nShare\nPrint\nSave\n{table}\n")[0]


def test_lines_with_dashes_are_no_headers():
    """A crosshead between dashes, a list and a dialogue have no outlet and no time above them."""
    body = "The army said so.\n- Five killed in strikes -\nMore text follows.\n- one\n- two\n2 hours ago\n- three"
    assert bodies(f"Strikes go on\n{body}") == [body]


def test_users_add_markers():
    """A marker line of the user's own counts like the built-in ones."""
    text = MAIN + "Join the Harbour Club\nShare\n"
    assert bodies(text)[0].endswith("Join the Harbour Club\nShare")
    assert bodies(text, markers=("Join the * Club",))[0].endswith("in June.")


def test_a_related_article_without_text_is_named():
    """A header with nothing under it is a rejection with its line; the next article is whole."""
    text = MAIN + RELATED.replace("Ferries to run all night\n", "").replace(
        "The ferries will run all night, their owner said. Tickets will cost nothing until the bri\n", ""
    )
    assert titles(drafts(text)) == [
        ("Harbour bridge closes for repairs", None),
        "the related article of 'The Courier' has no text",
        ("Shops fear for their trade", "Evening Post"),
    ]


def test_bytes_that_are_not_utf8_cost_their_article():
    """One article with bytes that are not UTF-8 is rejected with its line; the others come out."""
    data = (
        (MAIN + BLOCK + RELATED).replace("their owner", "thé öwner ä").encode().replace("ö".encode(), b"\xff")
    )
    found = drafts(data)
    assert [isinstance(item, Draft) for item in found] == [True, False, True]
    assert found[1].where == "news: line 13"


def test_many_dumps_in_a_directory(tmp_path):
    """A directory of dumps gives all their articles, in the order of the file names."""
    for name in ("b.txt", "a.txt", "c.txt"):
        (tmp_path / name).write_text(MAIN.replace("Harbour", name) + BLOCK + RELATED)
    found, rejected = split(read(tmp_path))
    assert (len(found), rejected) == (9, [])
    assert [article.title[:1] for article in found[::3]] == ["a", "b", "c"]


@given(
    st.lists(
        st.sampled_from(["Comments", "Share", "Related Articles", "", "A real sentence, said he.", "#tag"])
    )
)
def test_no_sentence_is_ever_lost(lines):
    """However markers and sentences are mixed, every sentence is still there, in order."""
    text = "\n".join(["Headline", "It begins here.", *lines])
    kept = [line for body in bodies(text) for line in body.split("\n") if line.endswith(".")]
    assert kept == ["It begins here.", *(line for line in lines if line.endswith("."))]


@pytest.mark.skipif(not SAMPLE.exists(), reason="the sample page dump is not beside this checkout")
def test_the_sample_page():
    """A real dump gives its four articles, clean, with outlets and times."""
    found = read(SAMPLE, options=options(as_of=datetime(2025, 7, 23, 12, tzinfo=UTC)))
    assert [(article.source, article.published and article.published.at.hour) for article in found] == [
        (None, None),
        ("SBS Australia", 11),
        ("News.com.au", 10),
        ("News.com.au", 8),
    ]
    lines = SAMPLE.read_text(encoding="utf-8").split("\n")
    assert [article.title for article in found] == [lines[0], lines[29], lines[35], lines[41]]
    assert found[0].body == "\n".join(lines[1:17])
    assert [article.body for article in found[1:]] == [
        lines[30].strip(),
        lines[36].strip(),
        lines[42].strip(),
    ]
