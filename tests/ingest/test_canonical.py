import hashlib
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from searcher.ingest import canonicalise
from searcher.ingest.canonical import clean_body, derive_title, split_authors
from searcher.ingest.draft import Draft
from searcher.records import Article, Moment, Precision, Rejection
from tests.ingest.cases import NOW, OPTIONS, WHERE, options

DRAFT = Draft(origin=WHERE, title="Talks resume", body="The talks resumed on Monday.")


def made(_options=OPTIONS, **changes):
    return canonicalise(replace(DRAFT, **changes), _options)


def test_every_text_is_cleaned():
    """Normal form, no control or bidi characters, surrogates replaced, in every text an article has."""
    dirty = "e\u0301\x00 \u202eabc\ud800"
    article = made(
        title=dirty,
        body=f"{dirty} and many more words than were lost",
        source=dirty,
        section=dirty,
        authors=(dirty,),
        article_id=dirty,
    )
    texts = (
        article.title,
        article.source,
        article.section,
        *article.authors,
        article.article_id,
    )
    assert set(texts) == {"é abc\ufffd"}
    assert article.body == "é abc\ufffd and many more words than were lost"


def test_bodies_keep_their_paragraphs():
    """One blank line at most between paragraphs, no blanks at the ends of lines, nothing else changed."""
    assert clean_body("\r\n one \t\r\n\r\n \r\n\r\ntwo\u2029three\xa0four  \n") == "one\n\ntwo\nthree four"


@given(st.text())
def test_cleaning_is_stable(text):
    """A clean body stays as it is."""
    assert clean_body(clean_body(text)) == clean_body(text)


def test_ids_given_by_url_and_by_content():
    """The given id, else the page's, else the text's: 16 hexadecimal digits of SHA-256."""
    url = "HTTPS://Example.org/a?utm_source=x"
    given = made(article_id=" a\n1 ", url=url)
    by_url = made(url=url)
    by_content = made(source="Courier")
    digest = hashlib.sha256(b"https://example.org/a").hexdigest()[:16]
    text = "courier\x1ftalks resume\x1fthe talks resumed on monday."
    assert (given.article_id, given.id_origin) == ("a 1", "given")
    assert (by_url.article_id, by_url.id_origin) == (f"u-{digest}", "url")
    assert (by_content.article_id, by_content.id_origin) == (
        *(f"c-{hashlib.sha256(text.encode()).hexdigest()[:16]}", "content"),
    )


def test_an_id_too_long_is_not_one():
    """An id of over 512 characters is somebody's text: the URL names the article instead."""
    assert made(article_id="x" * 512).id_origin == "given"
    assert made(article_id="x" * 513, url="https://e.org/").id_origin == "url"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("", "it has no body"),
        (" \n\x00\u200b", "it has no body"),
        ("... -- !", "there are no words in it"),
        ("words " * 20, "its body has 119 characters, more than the 100 allowed"),
        ("ab\ufffd\ufffd", "it is not text"),
        ("a\x01b\x02c\x03", "it is not text"),
    ],
)
def test_what_is_no_article_is_rejected(body, reason):
    """No body, no words, too long, or not text: named with its place."""
    rejection = made(options(max_body_chars=100), body=body)
    assert isinstance(rejection, Rejection) and rejection.where == "news" and reason in rejection.reason


def test_a_body_that_is_only_the_title_is_kept():
    """A flash of one line is an article: its title is its text."""
    article = made(title="Bridge closed", body="Bridge closed")
    assert (article.title, article.body) == ("Bridge closed", "Bridge closed")


def test_a_missing_title_is_the_first_sentence():
    """Without a title the first sentence stands for it, and of a long one the words that fit."""
    assert derive_title("The U.S. talks resumed. They ended.") == "The U.S. talks resumed."
    long = derive_title("word " * 100)
    assert len(long) <= 120 and long.endswith("word…")
    assert made(title=" ").title == "The talks resumed on Monday."
    assert derive_title("首相は述べた。会談は続く。") == "首相は述べた。"


def test_titles_are_one_line_with_an_end():
    """A title is one line of at most 1,000 characters."""
    assert made(title="Talks\n  resume ").title == "Talks resume"
    assert len(made(title="x" * 5_000).title) == 1_000


@pytest.mark.parametrize(
    ("bylines", "people"),
    [
        (("By Jane Doe and John Roe",), ("Jane Doe", "John Roe")),
        (("Jane Doe, John Roe and Ann Poe",), ("Jane Doe", "John Roe", "Ann Poe")),
        (("JANE DOE", "Jane Doe", " ", "jane@example.org"), ("JANE DOE",)),
        (("Martin Luther King, Jr.",), ("Martin Luther King, Jr.",)),
        (("by: Anders Andersson; Sandy Brand",), ("Anders Andersson", "Sandy Brand")),
    ],
)
def test_bylines_become_people(bylines, people):
    """Each person once, without "By"; names that contain "and" stay whole."""
    assert split_authors(bylines) == people


def test_languages_are_given_or_detected():
    """What the input says is made a code; what it does not say, or says wrongly, is detected."""
    text = "Der Präsident sagte am Dienstag, die Gespräche würden nächste Woche fortgesetzt."
    assert [made(language=given, body=text).language for given in ("en-US", "English", "xx", None)] == [
        *("en", "en", "de", "de"),
    ]
    assert made(title="Hm", body="No idea").language is None


def test_dates_keep_what_was_written():
    """A good date is a moment; an impossible one is none; both are kept as written."""
    good, bad = made(published="2025-07-23"), made(published="2025-02-30")
    assert good.published == Moment(datetime(2025, 7, 23, tzinfo=UTC), Precision.DAY, "field")
    assert (bad.published, bad.published_raw) == (None, "2025-02-30")


def test_a_moment_resolved_by_the_reader_is_checked_too():
    """A reader's moment is taken, unless it lies in no newspaper's time."""
    moment = Moment(datetime(2025, 7, 1, tzinfo=UTC), Precision.DAY, "feed")
    assert made(moment=moment, published="x").published == moment
    assert made(moment=replace(moment, at=datetime(9999, 1, 1, tzinfo=UTC))).published is None


def test_the_outlet_of_those_that_name_none():
    """`--source` is for articles without an outlet, and for no others."""
    assert made(options(source="Courier")).source == "Courier"
    assert made(options(source="Courier"), source="Post").source == "Post"


def test_fetched_is_the_moment_of_reading():
    """No clock but the caller's."""
    assert made().fetched == NOW


@settings(deadline=None)  # the first text of some length loads the language model
@given(
    st.builds(
        Draft,
        origin=st.just(WHERE),
        body=st.text(),
        title=st.text(),
        url=st.none() | st.text(),
        published=st.none() | st.text(),
    )
)
def test_any_draft_gives_an_article_or_a_reason(draft):
    """No draft raises; an article always has an id, a title and words."""
    found = canonicalise(draft, OPTIONS)
    if isinstance(found, Article):
        assert found.article_id and found.title and any(map(str.isalnum, found.body))
        f"{found}".encode()
        assert found == canonicalise(draft, OPTIONS)
    else:
        assert found.reason
