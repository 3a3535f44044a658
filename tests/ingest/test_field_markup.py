import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searcher.ingest.field_markup import plain_text


def test_tags_go_and_paragraphs_stay():
    """HTML in a field becomes text: one line for each paragraph, entities read, scripts and comments gone."""
    html = (
        "<p>First &amp; <b>foremost</b>,\n said he.</p><script>var x = '<p>no</p>';</script>"
        "<!-- <p>hidden</p> --><p>Second<br/>line &lt;b&gt;</p>"
    )
    assert plain_text(html) == "First & foremost, said he.\nSecond\nline <b>"


@pytest.mark.parametrize(
    "text",
    ["STANDARD OIL <SRD> TO FORM UNIT", "a < b and b > c", "x <p> y", "if <i> were you", "AT&T", "a & b; c"],
)
def test_brackets_alone_are_no_proof(text):
    """Stock symbols, comparisons and lone tags are left as they are."""
    assert plain_text(text) == text


def test_entities_are_read_without_tags():
    """A headline escaped for HTML is unescaped, once."""
    assert plain_text("Kyiv&#8217;s &quot;new&quot; law &amp;amp; more") == 'Kyiv’s "new" law &amp; more'


def test_what_never_ends_hides_nothing():
    """An open comment or script that is never closed does not take the rest of the text with it."""
    assert plain_text("<p>one</p><!-- two<p>three</p>") == "one\ntwo\nthree"
    assert plain_text("<p>one</p><script>two<p>three</p>") == "one\ntwo\nthree"


@pytest.mark.parametrize(
    "piece", ["<!--", "<script>", "<p ", "</p", "<p><script>", "&", "<br", "</script><style>"]
)
def test_time_grows_with_the_text_only(piece):
    """A megabyte of any one piece of markup is read in a moment."""
    started = time.perf_counter()
    plain_text("</p>" + piece * (1_000_000 // len(piece)))
    assert time.perf_counter() - started < 5


@given(
    st.lists(st.sampled_from(["<p>", "</p>", "<!--", "-->", "<script>", "</script>", "a", " b", "&lt;", "<"]))
)
def test_text_outside_hidden_parts_survives(pieces):
    """No mixture of tags raises, and without anything hidden every letter is kept."""
    text = "".join(pieces)
    if "<!--" not in pieces and "<script>" not in pieces:
        assert plain_text(text).count("a") == pieces.count("a")
    else:
        plain_text(text)
