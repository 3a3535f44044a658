"""The pages as the server sends them: every state says what it is and what to do, and nothing in them is inline."""

import gzip
import re
from datetime import date
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html
from starlette.datastructures import QueryParams

import searcher.web
from searcher.errors import EncoderUnavailable
from searcher.index.writer_lock import writer_lock
from searcher.records import Explanation, LegScore
from searcher.web import indexing
from searcher.web.asked import State, narrowing_of, read_state
from searcher.web.parts import marked_paragraphs, web_address
from searcher.web.show_search import show_similar, show_why
from tests.fake_encoder import FakeEncoder
from tests.library.samples import NOW, article
from tests.web.served import library_at, served

WEB = Path(searcher.web.__file__).parent
PAGES = (
    "/",
    "/?q=harbour+strike",
    "/library",
    "/article?id=n0&q=harbour",
    "/revisions?id=n0",
    "/similar?id=n0",
)


def text_of(answer):
    return " ".join(html.fromstring(answer.text).xpath("//main")[0].text_content().split())


def test_all_assets_are_small():
    """
    All that the pages need from static/, packed, is under 60 kB, and nothing of it is fetched from elsewhere.
    """
    files = [path for path in (WEB / "static").rglob("*") if path.is_file()]
    assert {path.suffix for path in files} <= {".css", ".js", ".svg"}
    assert 0 < sum(len(gzip.compress(path.read_bytes())) for path in files) < 60_000
    for path in files:
        outside = set(re.findall(r"https?://[^\s\"')]+", path.read_text(encoding="utf-8")))
        assert outside <= {"http://www.w3.org/2000/svg"}


@pytest.mark.parametrize("path", PAGES)
def test_nothing_is_inline(client, path):
    """
    No page has a script or style of its own, a handler, or anything of another site but links.
    """
    answer = client.get(path)
    assert answer.status_code == 200
    tree = html.fromstring(answer.text)
    assert not tree.xpath("//style | //script[not(@src)] | //iframe | //object | //embed")
    assert not [
        name for one in tree.iter() for name in one.attrib if name == "style" or name.startswith("on")
    ]
    assert all(url.startswith("/") for url in tree.xpath("//link/@href | //script/@src | //img/@src"))
    assert "unsafe" not in answer.headers["content-security-policy"]


@pytest.mark.parametrize("path", PAGES)
def test_no_id_is_there_twice(client, path):
    """
    Every id is one element, and what a label or heading is named by exists.
    """
    tree = html.fromstring(client.get(path).text)
    ids = tree.xpath("//@id")
    assert len(ids) == len(set(ids))
    assert set(tree.xpath("//@for | //@aria-labelledby | //@form")) <= set(ids)


def test_a_page_shows_what_the_library_answers(client, library):
    """
    Headlines, order and total are those of the library, page after page.
    """
    for page in (1, 2):
        answer = library.search("harbour strike", limit=10, offset=10 * (page - 1))
        tree = html.fromstring(client.get(f"/?q=harbour+strike&page={page}").text)
        shown = [" ".join(one.text_content().split()) for one in tree.xpath("//*[@class='hit']/h2")]
        assert shown == [hit.article.title for hit in answer]
        assert tree.get_element_by_id("found").text_content() == f"{answer.total} articles"


def test_words_are_marked_in_headlines(tmp_path):
    """
    What was asked is marked in the headlines, whatever its ending, and in each the words that it has; while somebody
    types also what the last word begins. Without words nothing is marked.
    """
    library = library_at(tmp_path, articles=0)
    library.add(
        article("a", "Text of the harbour strikes.", title="Strikes & votes: the harbour <b>"),
        article("b", "Another text of a strike and a harbour."),
        article("c", "The harbour and the strike, again.", title="Harbourmaster speaks"),
        now=NOW,
    )

    def marked(path):
        tree = html.fromstring(client.get(path).text)
        return {
            one.text_content().strip(): [mark.text for mark in one.xpath(".//mark")]
            for one in tree.xpath("//*[@class='hit']/h2")
        }

    with served(library) as client:
        assert marked("/?q=strike+harbour") == {
            "Strikes & votes: the harbour <b>": ["Strikes", "harbour"],
            "Headline of b": [],
            "Harbourmaster speaks": [],
        }
        typed = marked("/results?q=strike+harb&instant=1")
        assert typed["Harbourmaster speaks"] == ["Harbourmaster"]
        assert typed["Strikes & votes: the harbour <b>"] == ["Strikes", "harbour"]
        assert not any(marked("/").values())


def test_an_empty_library_says_how_to_fill_it(tmp_path):
    """
    Without articles the start page says so and what to run, and so does the library's page.
    """
    with served(library_at(tmp_path, articles=0)) as client:
        for path in ("/", "/?q=harbour", "/library"):
            answer = client.get(path)
            assert answer.status_code == 200
            assert "This library is empty" in text_of(answer)
            assert "searcher add" in text_of(answer)


def test_without_an_index_articles_can_be_read(tmp_path, monkeypatch):
    """
    Where nothing is indexed a search says what to run, with a status that says so; articles can be read all the same.
    """
    library = library_at(tmp_path, articles=0)
    library.add(article("a1", "A harbour."), index=False, now=NOW)
    monkeypatch.setattr(indexing, "PATIENCE_S", 0.01)
    with writer_lock(tmp_path), served(library) as client:  # Somebody else writes: it goes on waiting.
        answer = client.get("/?q=harbour")
        assert answer.status_code == 503
        assert "There is no answer without an index" in text_of(answer)
        assert "searcher rebuild" in text_of(answer)
        assert "A harbour." in text_of(client.get("/article?id=a1&q=harbour"))
        assert "Answering" in text_of(client.get("/library"))


def test_what_waits_is_told(tmp_path, monkeypatch):
    """
    Where articles came in since the indexes were built, answers and the library's page say how many, and what to run.
    """
    library = library_at(tmp_path, articles=5)
    library.add(article("late", "A harbour."), index=False, now=NOW)
    monkeypatch.setattr(indexing, "PATIENCE_S", 0.01)
    with writer_lock(tmp_path), served(library) as client:  # Somebody else writes: it goes on waiting.
        for path in ("/?q=harbour", "/library"):
            assert "1 article came in or changed since the indexes were built" in text_of(client.get(path))
            assert "searcher update" in text_of(client.get(path))


def test_a_degraded_answer_is_told(tmp_path, monkeypatch):
    """
    Where meaning cannot be searched the words answer, and the page says what is missing.
    """

    def fails(*_):
        raise EncoderUnavailable("The encoder is gone. Install it again.")

    with served(library_at(tmp_path)) as client:
        monkeypatch.setattr(FakeEncoder, "encode_query", fails)
        answer = client.get("/?q=harbour+strike")
        assert answer.status_code == 200
        assert "Only words were searched, not meaning: The encoder is gone. Install it again." in text_of(
            answer
        )
        assert "by words" in text_of(answer)
        assert html.fromstring(answer.text).xpath("//*[@class='hit']")


def test_a_withdrawn_article_is_not_shown(tmp_path):
    """
    What was withdrawn is gone from its own page, from the comparison of its revisions, and from what is like it.
    """
    library = library_at(tmp_path)
    library.remove("n3")
    with served(library) as client:
        for path in ("/article", "/revisions", "/similar"):
            answer = client.get(f"{path}?id=n3")
            assert answer.status_code == 410
            assert "withdrawn" in text_of(answer)
            state = library.show("n3")[-1].article
            assert state.body not in answer.text and state.title not in answer.text


def test_what_is_like_an_article_says_what_it_left_out(client, library):
    """
    Before or after an article without a date, or both at once: what is like it at any time, with a note.
    """
    live = [one.article for one in library.store.live()]
    dated = next(one.article_id for one in live if one.published)
    undated = next(one.article_id for one in live if not one.published)
    for asked, told in (
        (f"id={undated}&when=before", "has no date"),
        (f"id={undated}&after=true", "has no date"),
        (f"id={dated}&before=true&after=true", "was left out"),
        (f"id={dated}&when=sideways", "was left out"),
    ):
        answer = client.get(f"/similar?{asked}")
        assert answer.status_code == 200 and told in text_of(answer)
    before = text_of(client.get(f"/similar?id={dated}&when=before"))
    assert text_of(client.get(f"/similar?id={dated}&before=true")) == before
    assert "left out" not in before


def test_a_page_after_the_last_says_how_many_there_are(tmp_path):
    """
    Of a search and of what is like an article: how many pages there are, and no place among them; one is "1 page".
    """
    with served(library_at(tmp_path)) as client:
        for path in ("/?q=harbour", "/similar?id=n0"):
            shown = text_of(client.get(f"{path}&page=999"))
            assert re.search(r"There are only \d pages\.", shown) and "999" not in shown
            assert not re.search(r"[Pp]age \d", shown)
    with library_at(tmp_path / "other", articles=20) as library:
        one = library.show("n0")[-1].article
        for number, place in ((2, "Page 2 of 2"), (3, "")):
            like = library.similar("n0", offset=10 * (number - 1), intent="any")
            assert show_similar(one, like, when="", page=number, copies={}).place == place
    with served(library_at(tmp_path / "small", articles=5)) as client:
        assert "There is only 1 page." in text_of(client.get("/?q=harbour&page=2"))


def test_a_page_of_no_article_leads_to_the_search(client):
    """
    Who reads in a browser is not told to run a command.
    """
    for path in ("/article?id=nobody", "/revisions?id=nobody", "/similar?id=nobody", "/article"):
        answer = client.get(path)
        assert answer.status_code == 404 and html.fromstring(answer.text).xpath("//main//a[@href='/']")
        assert "Choose one from a search" in text_of(answer) and "searcher search" not in text_of(answer)


def test_one_article_is_no_articles(tmp_path):
    """
    Beside an outlet with one article stands "1 article", also for a screen reader.
    """
    library = library_at(tmp_path, articles=0)
    for name, outlet in (("a", "Echo"), ("b", "Wire"), ("c", "Wire")):
        library.add(article(name, f"A harbour of {name}.", source=outlet), now=NOW)
    with served(library) as client:
        tree = html.fromstring(client.get("/?q=harbour").text)
        counts = {" ".join(one.text_content().split()) for one in tree.xpath("//*[@class='count']")}
        assert {"1 article", "2 articles"} <= counts and "1 articles" not in counts


def test_instant_answers_are_parts_of_pages(client):
    """
    While typing only the hits are sent, by words and with the last word taken as a beginning; then all of it.
    """
    instant = client.get("/results?q=harbour+str&instant=1").text
    assert "<html" not in instant and 'id="results"' in instant and 'id="narrow"' not in instant
    assert "meaning follows" in instant
    assert "strike" in instant.lower()
    whole = client.get("/results?q=harbour+str").text
    assert 'id="results"' in whole and 'id="narrow"' in whole and "meaning follows" not in whole


TEXT = st.text(alphabet='abc é"&=<+', max_size=12)
STATES = st.builds(
    State,
    q=TEXT.map(str.strip),
    source=st.lists(TEXT.map(str.strip).filter(bool), unique=True, max_size=3).map(tuple),
    language=st.sampled_from([(), ("en",), ("en", "de")]),
    since=st.sampled_from(["", "2025-05-01", "7d"]),
    sort=st.sampled_from(["relevance", "date"]),
    page=st.integers(1, 1000),
)


@given(STATES)
def test_a_state_is_its_url(state):
    """
    Whatever was asked, the URL that says it is read as the same.
    """
    assert read_state(QueryParams(urlsplit(state.url()).query)) == state


@pytest.mark.parametrize("page", ["", "0", "-1", "x", "9" * 30, "²", "1.5"])
def test_what_a_url_cannot_mean_is_left_out(page):
    """
    A page that is none is the first (or the last there can be); a date that is none is left out with a note.
    """
    state = read_state(
        QueryParams({"page": page, "sort": "sideways", "since": "someday", "until": "2025-02"})
    )
    assert state.page == 1
    assert state.sort == "relevance"
    narrowing = narrowing_of(state, now=NOW)
    assert (narrowing.first, narrowing.last) == (None, date(2025, 2, 28))
    assert narrowing.notes == ("“someday” is no date, and was left out. Write 2025-05-12, 2025-05 or 7d.",)


def test_one_chosen_name_can_be_taken_out():
    """
    The way to do without an outlet keeps all else but the page.
    """
    state = State(q="a", source=("x", "y"), sort="date", page=3)
    assert parse_qs(urlsplit(state.without("source", "x").url()).query) == {
        "q": ["a"],
        "source": ["y"],
        "sort": ["date"],
    }


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("https://example.com/a?b#c", True),
        ("http://example.com", True),
        ("javascript:alert(1)", False),
        ("JavaScript://example.com/%0aalert(1)", False),
        ("data:text/html,x", False),
        ("//example.com/x", False),
        ("/etc/passwd", False),
        ("file:///etc/passwd", False),
        ("https://", False),
        ("http://[::1", False),
        ("ftp://example.com", False),
        ("", False),
        (None, False),
    ],
)
def test_links_lead_to_the_web(url, safe):
    """
    Only http and https addresses with a host become links.
    """
    assert web_address(url) == (url if safe else None)


SPANS = st.lists(st.integers(0, 60), max_size=8, unique=True).map(sorted)


@given(st.text(alphabet="ab \n", max_size=60), SPANS, SPANS)
def test_marks_change_no_text(body, words, meaning):
    """
    The pieces of each paragraph, joined, are the paragraph; what is marked is what was asked, words before meaning.
    """
    pairs = [
        [(a, min(b, len(body))) for a, b in zip(ends[::2], ends[1::2], strict=False) if a < len(body)]
        for ends in (words, meaning)
    ]
    paragraphs = marked_paragraphs(body, *pairs)
    assert ["".join(piece.text for piece in one) for one in paragraphs] == [
        line for line in body.split("\n") if line.strip()
    ]
    kinds = {at: "meaning" for start, end in pairs[1] for at in range(start, end)}
    kinds.update({at: "words" for start, end in pairs[0] for at in range(start, end)})
    wanted, at = [], 0
    for line in body.split("\n"):
        if line.strip():
            wanted += [kinds.get(at + n, "") for n in range(len(line))]
        at += len(line) + 1
    assert [piece.kind for one in paragraphs for piece in one for _ in piece.text] == wanted
    marked = [piece.first for one in paragraphs for piece in one if piece.kind]
    assert marked == [True] + [False] * (len(marked) - 1) if marked else True


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1))
def test_the_parts_of_a_score_sum_as_they_are_written(words, meaning, weight):
    """
    Rounded parts sum to the rounded score.
    """
    legs = (
        LegScore("lexical", 1, 12.5, words, 1 - weight),
        LegScore("dense", None, 0.5, meaning, weight),
    )
    why = show_why(Explanation("summed", legs, sum(leg.part for leg in legs)))
    assert round(sum(float(row.part) for row in why.rows), 3) == float(why.score)
    assert [row.place for row in why.rows] == ["no. 1", "beyond the best"]
