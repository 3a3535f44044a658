import gzip
import json
import logging
import re
import tarfile
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from searcher.ingest.draft import Draft, IngestOptions
from searcher.ingest.html import MAX_ELEMENTS, MAX_PAGE_CHARS, read_html
from searcher.records import Origin, Rejection
from searcher.text import one_line

PAGES = Path(__file__).parents[2] / "../shared/data/html-fundus.tar.gz"
OPTIONS = IngestOptions(now=datetime(2026, 1, 1, tzinfo=UTC))
ORIGIN = Origin("page.html")

LEAD = "The old harbour bridge reopened on Monday after two years of repairs, the port authority said."
SECOND = "Trains will run every ten minutes, and the ferry stays in service until the end of September."
THIRD = "Residents had waited for the crossing since a barge struck its northern pier in a storm."
TEXT = f"{LEAD}\n\n{SECOND}\n\n{THIRD}"


def page(head="", body=None, lang=' lang="en"'):
    paragraphs = "".join(f"<p>{part}</p>" for part in (LEAD, SECOND, THIRD))
    return (
        f"<!DOCTYPE html><html{lang}><head><title>Bridge reopens | Harbour Post</title>{head}</head><body>"
        f"<nav><a href='/'>Home</a> <a href='/sport'>Sport</a></nav>"
        f"<article><h1>Bridge reopens</h1>{body or paragraphs}</article>"
        "<footer>All rights reserved. Imprint. Privacy.</footer></body></html>"
    )


def ld(*nodes, wrap="{}"):
    return "".join(
        f'<script type="application/ld+json">{wrap.format(json.dumps(node))}</script>' for node in nodes
    )


def meta(**names):
    return "".join(f'<meta property="{name}" content="{value}">' for name, value in names.items())


def read(markup, origin=ORIGIN):
    found = read_html(markup, origin, OPTIONS)
    assert not isinstance(found, Rejection), found
    (draft,) = found
    return draft


def reason(markup):
    found = read_html(markup, ORIGIN, OPTIONS)
    assert isinstance(found, Rejection)
    assert found.where == "page.html"
    return found.reason


ARTICLE = {
    "@context": "https://schema.org",
    "@type": "NewsArticle",
    "headline": "Bridge reopens after two years",
    "datePublished": "2024-09-03T10:00:00+02:00",
    "dateModified": "2024-09-04T10:00:00+02:00",
    "author": [{"@type": "Person", "name": "Ann Lee"}, {"@type": "Person", "name": "Bo Ek"}],
    "publisher": {"@type": "Organization", "name": "Harbour Media Ltd"},
    "articleSection": ["City", "Transport"],
    "inLanguage": "en-GB",
}


def test_a_page_gives_its_article_with_its_facts():
    """
    Text with paragraphs, headline, outlet, authors, date as written, section, language and canonical address.
    """
    head = (
        ld(ARTICLE)
        + '<link rel="canonical" href="https://harbour.example/bridge">'
        + meta(**{"og:site_name": "Harbour Post"})
    )
    assert read(page(head)) == Draft(
        origin=ORIGIN,
        body=TEXT,
        title="Bridge reopens after two years",
        url="https://harbour.example/bridge",
        source="Harbour Post",
        authors=("Ann Lee", "Bo Ek"),
        section="City",
        language="en-GB",
        published="2024-09-03T10:00:00+02:00",
        published_from="json-ld",
    )


def test_a_page_without_facts_gives_its_text():
    """
    What the page does not state is absent; nothing is invented.
    """
    draft = read(page(lang=""))
    assert (draft.body, draft.title) == (
        TEXT,
        "Bridge reopens | Harbour Post"[:14] if draft.source else draft.title,
    )
    assert (draft.url, draft.source, draft.authors, draft.section, draft.language) == (
        None,
        None,
        (),
        None,
        None,
    )
    assert (draft.published, draft.moment) == (None, None)


@pytest.mark.parametrize(
    ("head", "published", "said_by"),
    [
        (ld(ARTICLE), "2024-09-03T10:00:00+02:00", "json-ld"),
        (ld({"@graph": [{"@type": "WebSite"}, ARTICLE]}), "2024-09-03T10:00:00+02:00", "json-ld"),
        (ld([{"@type": "BreadcrumbList"}, ARTICLE]), "2024-09-03T10:00:00+02:00", "json-ld"),
        (ld({"@type": "WebPage", "mainEntity": ARTICLE}), "2024-09-03T10:00:00+02:00", "json-ld"),
        (ld({"@type": "WebPage", "datePublished": "2024-09-03"}), "2024-09-03", "json-ld"),
        (ld(ARTICLE, wrap="<!-- {} -->"), "2024-09-03T10:00:00+02:00", "json-ld"),
        (ld(ARTICLE, wrap="//<![CDATA[\n{}\n//]]>"), "2024-09-03T10:00:00+02:00", "json-ld"),
        ("<script type='application/ld+json'>{broken</script>" + ld(ARTICLE), "2024-09-03T10:00:00+02:00", "json-ld"),
        (meta(**{"article:published_time": "2024-09-03T10:00Z"}), "2024-09-03T10:00Z", "meta"),
        ('<meta name="date" content="3 September 2024">', "3 September 2024", "meta"),
        ('<meta itemprop="datePublished" content="2024-09-03">', "2024-09-03", "meta"),
        (ld(ARTICLE | {"datePublished": "soon"}) + '<meta name="pubdate" content="2024-09-03">', "2024-09-03", "meta"),
    ],
)  # fmt: skip
def test_dates_that_a_page_states(head, published, said_by):
    """
    A date is taken from JSON-LD, else from meta elements, with its precision, and what said so is named.
    """
    draft = read(page(head))
    assert (draft.published, draft.published_from) == (published, said_by)


def test_a_time_element_of_the_article_is_its_date():
    """
    The first time element of the article counts; one outside it does not, unless it is marked as the publication.
    """
    inside = f'<time datetime="2024-09-03T10:00">3 Sept</time><p>{LEAD}</p><p>{SECOND}</p><p>{THIRD}</p>'
    draft = read(page(body=inside).replace("<nav>", '<nav><time datetime="2020-01-01">now</time>'))
    assert (draft.published, draft.published_from) == ("2024-09-03T10:00", "time")
    aside = page().replace("<nav>", '<nav><time datetime="2020-01-01">now</time>')
    assert read(aside).published is None
    marked = page().replace(
        "<footer>", '<footer><time itemprop="datePublished" datetime="2021-05-06">x</time>'
    )
    assert read(marked).published == "2021-05-06"


@pytest.mark.parametrize(
    "extra",
    [
        "<p>On 12 May 1999 the first stone was laid, and on 2001-02-03 the last.</p>",
        "<p>Call 20240903 or order 2024/09/03-77 today for the bridge brochure.</p>",
        "<!-- built 2024-09-03 --><script>var t='2024-09-03'</script>",
    ],
)
def test_no_date_is_made_of_prose(extra):
    """
    Dates in sentences, numbers, comments and scripts are not the date of the article.
    """
    markup = page(body=f"<p>{LEAD}</p><p>{SECOND}</p>{extra}<p>{THIRD}</p>")
    assert read(markup, Origin("saved/2024/09/03/page.html")).published is None


@pytest.mark.parametrize(
    ("head", "where", "url"),
    [
        ('<link rel="canonical" href="https://a.example/1">' + meta(**{"og:url": "https://a.example/2"}), "x", "https://a.example/1"),
        (meta(**{"og:url": "https://a.example/2"}), "x", "https://a.example/2"),
        ("", "https://a.example/3", "https://a.example/3"),
        ('<link rel="canonical" href="/4">', "https://a.example/3", "https://a.example/4"),
        ('<link rel="canonical" href="/4">', "x", None),
        ('<link rel="canonical" href="javascript:alert(1)">', "x", None),
        ('<link rel="canonical" href="http://[x">', "https://a.example/3", "https://a.example/3"),
        ('<link rel="canonical" href="https://a.example/">' + meta(**{"og:url": "https://a.example/2"}), "x", "https://a.example/2"),
        ('<link rel="canonical" href="https://a.example/">', "https://a.example/3", "https://a.example/3"),
        ('<link rel="alternate" href="https://a.example/5">', "x", None),
    ],
)  # fmt: skip
def test_the_address_of_a_page(head, where, url):
    """
    The canonical link, else og:url, else where it was fetched; a front page is no article's address.
    """
    assert read(page(head), Origin(where)).url == url


@pytest.mark.parametrize(
    ("head", "title"),
    [
        (meta(**{"og:site_name": "Harbour Post", "og:title": "Calm - Harbour Post"}), "Calm"),
        (meta(**{"og:site_name": "Harbour Post", "og:title": "HARBOUR POST | Calm"}), "Calm"),
        (meta(**{"og:site_name": "Other", "og:title": "Calm - Harbour Post"}), "Calm - Harbour Post"),
        (meta(**{"og:site_name": "Harbour Post", "og:title": "Calm - and storm"}), "Calm - and storm"),
        (ld({"@type": "Article", "headline": "Tom &amp; Ann"}), "Tom & Ann"),
        ("", "Bridge reopens"),
    ],
)
def test_the_headline(head, title):
    """
    JSON-LD, og:title, h1 or title, without the outlet's own name at either end.
    """
    assert read(page(head)).title == title


@pytest.mark.parametrize(
    ("author", "authors"),
    [
        ("Ann Lee", ("Ann Lee",)),
        ({"name": ["Ann Lee", "Bo Ek"]}, ("Ann Lee", "Bo Ek")),
        ([{"@id": "#ann"}, {"name": "https://social.example/bo"}], ("Ann Lee",)),
        ({"name": "Harbour Post"}, ("Cy Ott",)),
        (None, ("Cy Ott",)),
        ({"name": {"name": {"name": {"name": {"name": "deep"}}}}}, ("Cy Ott",)),
    ],
)
def test_authors(author, authors):
    """
    Names in JSON-LD, also by reference; addresses are no names, and a byline goes before the outlet as its author.
    """
    nodes = [ARTICLE | {"author": author}, {"@type": "Person", "@id": "#ann", "name": "Ann Lee"}]
    head = (
        ld({"@graph": nodes})
        + '<meta name="author" content="Cy Ott">'
        + meta(**{"og:site_name": "Harbour Post"})
    )
    assert read(page(head)).authors == authors


def test_the_article_among_others_is_the_one_with_the_pages_address():
    """
    Related articles in JSON-LD lend the page nothing.
    """
    other = ARTICLE | {"headline": "Other", "url": "https://a.example/other"}
    own = ARTICLE | {"headline": "Own", "url": "https://a.example/own"}
    listed = {"@type": "ItemList", "itemListElement": [other]}
    link = '<link rel="canonical" href="https://a.example/own">'
    assert read(page(link + ld(other, own))).title == "Own"
    assert read(page(ld(listed))).title == "Bridge reopens"


def test_text_that_only_json_ld_holds_is_taken():
    """
    A page whose text is drawn by scripts gives the text that its JSON-LD holds.
    """
    head = ld(ARTICLE | {"articleBody": f"<p>{LEAD}</p><p>{SECOND}</p><p>{THIRD}</p>"})
    assert read(page(head, body="<div id='root'></div>")).body == TEXT


@pytest.mark.parametrize(
    "markup",
    [
        "<html><body></body></html>",
        "<html><body><p>Sign in to continue.</p></body></html>",
        "<html><head><title>404</title></head><body><h1>Not found</h1></body></html>",
        "<html><body><script>var a = 'words in a script are not an article'</script></body></html>",
        page('<link rel="canonical" href="https://a.example/">'),
    ],
)
def test_a_page_without_an_article_says_so(markup):
    """
    Empty, short, scripted and front pages give a rejection with a plain reason.
    """
    assert reason(markup) == "no article text found in this page"


def test_a_short_article_is_one():
    """
    A news flash of one sentence is taken if the page calls itself an article.
    """
    flash = "Port closed after collision."
    markup = f"<html><head>{meta(**{'og:type': 'article'})}</head><body><article><p>{flash}</p></article></body></html>"
    assert read(markup).body == flash


def test_caps_are_named():
    """
    Pages past a cap, and pages nested too deeply, give a rejection that says so.
    """
    assert "3,000,000 characters" in reason("x" * (MAX_PAGE_CHARS + 1))
    assert "3,000,000 characters" in reason(b"x" * (4 * MAX_PAGE_CHARS + 1))
    assert "20,000 HTML elements" in reason("<html><body>" + "<p>a</p>" * MAX_ELEMENTS)
    assert "nested too deeply" in reason("<html><body>" + "<div>" * 300 + f"<p>{LEAD}</p>")
    assert "no HTML" in reason("")


@pytest.mark.parametrize(
    "markup",
    [
        "<!DOCTYPE" + "/" * 200_000,
        '<html><script type="application/ld+json">'
        + '"@type":[' * 30_000
        + "</script><body><p>x</p></body></html>",
        '<html><script type="application/ld+json">' + "[" * 200_000 + "</script><body><p>x</p></body></html>",
        page(f"<title>{' - ' * 100_000}</title>"),
        page(body="<p>a</p>" * 5_000),
        page(body="<" * 200_000),
    ],
)
def test_no_page_takes_long(markup):
    """
    What is quadratic in trafilatura or in a pattern is kept from it: processor time stays below two seconds.
    """
    started = time.process_time()
    read_html(markup, ORIGIN, OPTIONS)
    assert time.process_time() - started < 2


def test_nothing_is_logged(caplog, capfd):
    """
    Pages that trafilatura complains about leave no line on the terminal.
    """
    with caplog.at_level(logging.CRITICAL):
        read_html("<p>x", ORIGIN, OPTIONS)
        read_html("<html><body></body></html>", ORIGIN, OPTIONS)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("encoding", "declared"),
    [
        ("utf-8", ""),
        ("utf-8", "latin-1"),
        ("utf-16", ""),
        ("cp1252", "ISO-8859-1"),
        ("cp1252", ""),
        ("cp1250", "windows-1250"),
    ],
)
def test_encodings(encoding, declared):
    """
    A page is read in the encoding that it has or declares; labels mean what browsers take them for.
    """
    sentence = "Die Brücke über den Fluss wurde am Montag wieder geöffnet, sagte die Behörde für Häfen."
    markup = page(f'<meta charset="{declared}">' if declared else "", body=f"<p>{sentence}</p><p>{LEAD}</p>")
    assert sentence in read(markup.encode(encoding)).body


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_damage_never_raises(data):
    """
    A page with bytes cut out, put in or changed anywhere gives an article or a rejection, and the same one again.
    """
    source = page(ld(ARTICLE)).encode()
    start = data.draw(st.integers(0, len(source)))
    end = data.draw(st.integers(start, min(len(source), start + 400)))
    damaged = source[:start] + data.draw(st.binary(max_size=30)) + source[end:]
    found = read_html(damaged, ORIGIN, OPTIONS)
    assert found == read_html(damaged, ORIGIN, OPTIONS)
    assert isinstance(found, Rejection) or (len(found) == 1 and found[0].body)


@pytest.mark.slow
@pytest.mark.skipif(not PAGES.exists(), reason="needs the saved news pages")
def test_real_pages():
    """
    On 258 saved pages of 181 publishers: token F1 of the text above .95, titles above 80 %, days above 95 %.
    """
    scores, titles, days = [], 0, 0
    for truth, data in _pages():
        found = read_html(data, ORIGIN, OPTIONS)
        if isinstance(found, Rejection):
            scores.append(0.0)
            continue
        (draft,) = found
        scores.append(_f1(draft.body, truth["text"]))
        titles += one_line(draft.title) == one_line(truth["title"])
        days += (draft.published or "")[:10] == truth["published"][:10]
    assert sum(scores) / len(scores) > 0.95
    assert titles > 0.8 * len(scores)
    assert days > 0.94 * len(scores)


def _pages():
    with tarfile.open(PAGES) as archive:
        files = {
            m.name.removeprefix("html-fundus/"): archive.extractfile(m).read() for m in archive if m.isfile()
        }
    for line in files["index.jsonl"].splitlines():
        truth = json.loads(line)
        yield truth, gzip.decompress(files[truth["file"]])


def _f1(found, true):
    found, true = (
        Counter(re.findall(r"[\u0e00-\u0eff\u3040-\u9fff]|\w+", text.lower())) for text in (found, true)
    )
    return 2 * sum((found & true).values()) / (sum(found.values()) + sum(true.values()))
