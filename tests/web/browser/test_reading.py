"""The pages of one article and of the library, as they are read."""

import re

import pytest

from tests.web.browser.driving import CORRECTED, expect

QUERY = "dam water"
ARTICLE = f"/article?id={CORRECTED}&q={QUERY}"


def test_passages_are_marked_in_two_tones(opened, library):
    """
    The words asked for are marked everywhere, the sentence nearest in meaning as a whole; the text stays as it is.
    """
    page = opened(ARTICLE)
    body = library.show(CORRECTED)[-1].article.body
    words = page.locator(".text mark.words").all_inner_texts()
    assert {word.lower() for word in words} == {"water", "dam", "dams"}
    assert len(words) == len(library.marks(QUERY, body))
    assert page.locator(".text mark.meaning").count() > 0
    assert [text for text in body.split("\n") if text.strip()] == page.locator(".text p").all_text_contents()
    page.get_by_role("link", name="Go to the first").click()
    expect(page).to_have_url(re.compile("#match$"))
    expect(page.locator("mark#match")).to_be_in_viewport()


def test_it_says_where_it_is_from(opened, library):
    """
    Outlet and date stand under the headline, and the original is linked without telling it who asks. Where the
    library lies on disk is nobody's business.
    """
    page = opened(ARTICLE)
    article = library.show(CORRECTED)[-1].article
    assert (
        page.locator("article > .facts")
        .first.inner_text()
        .startswith("Harrock Vale Courier · 11 Mar 2025, 09:30 UTC")
    )
    original = page.get_by_role("link", name="Read the original")
    assert original.get_attribute("href") == article.url
    assert original.get_attribute("rel") == "noopener noreferrer nofollow"
    assert "newsroom.jsonl: line 2" in page.locator("aside").inner_text()
    assert article.origin.where not in page.content()


def test_similar_articles_are_beside_it(opened, library):
    """
    What is similar is split into before and after.
    """
    page = opened(ARTICLE)
    for label, similar in (
        ("Similar, before it", library.similar(CORRECTED, before_it=True, limit=5)),
        ("Similar, after it", library.similar(CORRECTED, after_it=True, limit=5)),
    ):
        section = page.locator("section", has=page.get_by_role("heading", name=label))
        assert section.locator("li > a").all_inner_texts() == [hit.article.title for hit in similar]
        assert len(similar) > 0


def test_copies_are_named(opened):
    """
    An article with the same text is folded under the hit that it copies, and named beside that article.
    """
    page = opened("/?q=Dockers+end+two-week+strike+deal")
    hit = page.locator(".hit", has=page.locator(".copies")).first
    hit.locator(".copies summary").click()
    copy = hit.locator(".copies li")
    assert copy.count() == 1
    outlet = copy.get_by_role("link").inner_text()
    assert {outlet, hit.locator(".facts b").inner_text()} == {"The Morning Tide", "The Sennick Herald"}
    hit.locator("h2 a").click()
    page.wait_for_url("**/article?*")
    copies = page.locator("section", has=page.get_by_role("heading", name="1 copy of the same text"))
    assert copies.locator(".facts b").all_inner_texts() == [outlet]


def test_revisions_are_compared_word_by_word(opened):
    """
    The last two are compared first; any two can be. What went out and came in is told, also without colours.
    """
    page = opened(ARTICLE)
    assert page.locator("aside ol li").count() == 3
    page.get_by_role("link", name="Compare any two").click()
    page.wait_for_url("**/revisions?*")
    assert page.locator("#what-changed").inner_text() == "From revision 2 to revision 3"
    headline = page.locator(".changes tr", has_text="Headline")
    assert headline.locator("ins").inner_text().strip() == "again"
    assert headline.locator("del").count() == 0
    page.get_by_role("radio", name="From revision 1").check()
    page.get_by_role("radio", name="To revision 2").check()
    page.get_by_role("button", name="Compare").click()
    page.wait_for_url("**from=*")
    text = page.locator("#changes p:not(.legend)")
    assert text.locator("del").all_inner_texts() == ["four"]
    assert text.locator("ins").all_inner_texts() == ["five and a half", "More follows."]
    assert page.locator(".skipped").all_inner_texts() == ["3 paragraphs unchanged"]


def test_the_library_is_counted(opened, library):
    """
    Figures, pictures and tables say what the library holds; an outlet's name leads to its articles.
    """
    page = opened("/library")
    status = library.status()
    figures = dict(
        zip(page.locator("dt").all_inner_texts(), page.locator(".figures dd").all_inner_texts(), strict=True)
    )
    assert figures["articles"] == str(status.articles)
    assert figures["corrections"] == "2"
    bars = page.locator(".days rect title").all_text_contents()
    dated = sum(int(bar.split(": ")[1].split()[0]) for bar in bars)
    undated = int(page.locator(".days .under").inner_text().split("\n")[1].split()[0])
    found = library.search("", browse=True, limit=1).total
    assert dated + undated == found
    outlet = page.locator(".counts tr", has_text="Meridian Wire")
    promised = int(outlet.locator(".number").inner_text())
    outlet.get_by_role("link").click()
    page.wait_for_url("**source=Meridian+Wire")
    assert int(page.locator("#found").inner_text().split()[0]) == promised


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("/article?id=nobody", 404, "nobody"),
        ("/article", 404, "No article was named"),
        ("/revisions?id=nobody", 404, "nobody"),
        ("/similar?id=nobody", 404, "nobody"),
        ("/nowhere", 404, "Not Found"),
    ],
)
def test_what_is_not_there_is_a_page_too(opened, path, status, said):
    """
    A wrong address gives a page that says so, with the right status, and a way on.
    """
    page = opened()
    answer = page.goto(path)
    assert answer.status == status
    assert said in page.locator("main").inner_text()
    page.get_by_role("link", name="All articles, newest first").click()
    expect(page.locator(".hit").first).to_be_visible()
