"""
What strangers write is text: none of it runs, and the browser has nothing to report to the page's own policy.

One library holds an article for each of 200 payloads, which is its headline, text, author, outlet, section, address and
id at once. Every page that shows it is opened; every payload is asked as a question, too.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import quote

import pytest

from searcher.records import Article, Moment, Origin, Precision
from tests.web.browser.driving import expect, sample_library, site_of
from tests.web.browser.payloads import PAYLOADS

WATCH = """
window.ran = [];
for (const name of ['alert', 'prompt', 'confirm', 'print', 'open'])
  window[name] = (...said) => ran.push([name, ...said]);
document.addEventListener('securitypolicyviolation', (event) =>
  ran.push(['refused', event.violatedDirective, event.blockedURI, event.sample]));
"""


def hostile(payload: str, number: int) -> Article:
    """An article whose every field is the payload."""
    at = datetime(2025, 1, 1 + number % 28, tzinfo=UTC)
    return Article(
        article_id=payload,
        title=payload,
        body=f"{payload}\n\nA quiet sentence about {payload} and harbours.\n\n{payload}",
        origin=Origin(payload, payload),
        url=payload if "://" in payload else f"https://example.com/{payload}",
        source=payload,
        authors=(payload, payload),
        section=payload,
        language="en",
        published=Moment(at, Precision.DAY, payload),
        published_raw=payload,
    )


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    """One article for each payload, each corrected once."""
    first = [hostile(payload, number) for number, payload in enumerate(PAYLOADS)]
    library = sample_library(tmp_path_factory.mktemp("hostile"), *first)
    library.add(*(replace(one, body=f"{one.body} {one.title}", section=f"x{one.title}") for one in first))
    return library


@pytest.fixture(scope="module")
def hostile_site(library):
    """Where it is served."""
    with site_of(library) as address:
        yield address


@pytest.fixture
def watched(windows, hostile_site):
    """A window that notes whatever runs or is refused; at the end there must be nothing. Gives a function to visit."""
    page = windows(hostile_site)
    page.add_init_script(WATCH)
    noticed = []
    page.on("dialog", lambda dialog: (noticed.append(dialog.message), dialog.dismiss()))
    page.on("pageerror", lambda error: noticed.append(str(error)))
    page.on(
        "console",
        lambda message: (
            noticed.append(message.text) if "Failed to load resource" not in message.text else None
        ),
    )
    page.on("request", lambda request: request.url.startswith(hostile_site) or noticed.append(request.url))

    def visit(path):
        answer = page.goto(path, wait_until="load")
        assert page.evaluate("ran") == [], path
        assert noticed == [], path
        assert page.url == hostile_site + path, path
        return answer

    visit.page, visit.noticed = page, noticed
    return visit


def test_there_are_two_hundred(library):
    """
    No payload is there twice; each is an article that was kept, and corrected (two ids differ in white space only).
    """
    assert len(set(PAYLOADS)) == len(PAYLOADS)
    assert library.status().articles >= 200
    assert library.status().rejected == 0


@pytest.mark.slow
def test_no_article_runs(watched, library):
    """
    The page of each article, with what is similar beside it, shows the payload as it was written and runs nothing.
    """
    for article in [revision.article for revision in library.store.live()]:
        answer = watched(
            f"/article?id={quote(article.article_id, safe='')}&q={quote(article.title, safe='')}"
        )
        assert answer.status == 200
        assert watched.page.locator("h1").inner_text().split() == article.title.split()


@pytest.mark.slow
def test_no_question_runs(watched):
    """
    A payload asked by URL, as a question and as every filter at once, is answered (every fourth; below all are typed).
    """
    for payload in PAYLOADS[::4]:
        one = quote(payload, safe="")
        assert (
            watched(f"/?q={one}&source={one}&section={one}&lang={one}&since={one}&until={one}").status == 200
        )
        assert watched(f"/?q={one}").status == 200


@pytest.mark.slow
def test_nothing_typed_runs(watched):
    """
    Each payload asked with scripts, whose answer is put into the page, runs nothing either; nor do its explanations.
    """
    watched("/")
    page = watched.page
    for payload in PAYLOADS:
        page.locator("#q").fill(payload)
        page.keyboard.press("Enter")
        expect(page.locator("#working.on")).to_have_count(0)
        page.wait_for_function(
            "(asked) => document.title.startsWith(asked)", arg=" ".join(payload.split())[:20]
        )
        assert page.evaluate("ran") == [], payload
        assert watched.noticed == [], payload


@pytest.mark.slow
def test_no_revision_runs(watched, library):
    """
    The comparison of an article's revisions runs nothing, nor does the list of what is similar to it (every fourth).
    """
    for revision in list(library.store.live())[::4]:
        one = quote(revision.article.article_id, safe="")
        assert watched(f"/revisions?id={one}").status == 200
        assert watched.page.locator("ins").count() > 0
        assert watched(f"/similar?id={one}").status == 200


def test_no_list_runs(watched):
    """
    Neither the library, whose tables name every outlet, nor all pages of all articles, nor pages for what is not there.
    """
    watched("/library")
    for number in range(1, len(PAYLOADS) // 10 + 2):
        watched(f"/?page={number}")
    for payload in PAYLOADS[::7]:
        for path in ("/article", "/similar", "/revisions"):
            assert watched(f"{path}?id=not-there-{quote(payload, safe='')}").status == 404


def test_links_lead_to_the_web_only(watched):
    """
    Whatever an article's address is, a link leads to http or https, and says nothing of who follows it.
    """
    outside = set()
    for number in range(1, len(PAYLOADS) // 10 + 2):
        watched(f"/?page={number}")
        for link in watched.page.locator("main a[href]").all():
            href = link.get_attribute("href")
            if href.startswith(("/", "#")) and not href.startswith("//"):
                continue
            assert href.startswith(("https://", "http://")), href
            assert link.get_attribute("rel") == "noopener noreferrer nofollow"
            outside.add(href)
    assert len(outside) > 100
