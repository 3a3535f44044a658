"""Without JavaScript everything that matters works: forms and links, made by the server."""

import pytest

from tests.web.browser.driving import asked, count, expect, titles

QUERY = "dockers strike over cranes"


@pytest.fixture
def plain(opened):
    """Open a page in a browser that runs no scripts."""
    return lambda path="/": opened(path, java_script_enabled=False)


def test_a_search_is_a_form(plain, opened):
    """
    Typing and Enter give the same answer as with scripts.
    """
    page = plain()
    page.fill("#q", QUERY)
    page.keyboard.press("Enter")
    page.wait_for_url("**q=dockers*")
    assert titles(page) == titles(opened(f"/?q={QUERY}"))
    assert page.title() == f"{QUERY} · searcher"


def test_facets_and_dates_are_applied_by_a_button(plain):
    """
    Outlet and days are chosen in fields and applied together; chips and "any date" take them off.
    """
    page = plain(f"/?q={QUERY}")
    label = page.locator("label", has_text="The Morning Tide")
    label.click()
    page.fill("#since", "2025-05-01")
    page.fill("#until", "2025-05-31")
    page.get_by_role("button", name="Apply").first.click()
    page.wait_for_url("**since=2025-05-01*")
    assert asked(page)["source"] == ["The Morning Tide"]
    assert asked(page)["until"] == ["2025-05-31"]
    assert set(page.locator(".hit .facts b").all_inner_texts()) == {"The Morning Tide"}
    assert all("May 2025" in text for text in page.locator(".hit .facts time").all_inner_texts())
    page.locator("#any-date").click()
    page.wait_for_url("**source=*")
    assert "since" not in asked(page)
    expect(page.locator(".chips a")).to_have_count(1)


def test_order_and_pages_are_links(plain):
    """
    Newest first, and the next page of it.
    """
    page = plain("/?q=the")
    page.get_by_role("link", name="Newest first").click()
    page.wait_for_url("**sort=date*")
    first = titles(page)
    page.get_by_role("link", name="Next", exact=True).click()
    page.wait_for_url("**page=2*")
    assert count(page) > 10
    assert not set(first) & set(titles(page))
    # The order is kept by the next question.
    page.fill("#q", "dam")
    page.keyboard.press("Enter")
    page.wait_for_url("**q=dam*")
    assert asked(page) == {"q": ["dam"], "sort": ["date"]}


def test_articles_are_read_and_compared(plain):
    """
    An article opens with its words marked; two of its revisions are compared by a form.
    """
    page = plain("/?q=dam+water&source=Harrock+Vale+Courier")
    page.get_by_role("link", name="Water level cut again at Tarn Mallow", exact=False).first.click()
    page.wait_for_url("**/article?*")
    assert "dam" in page.locator(".text mark").all_inner_texts()
    page.get_by_role("link", name="Compare any two").click()
    page.wait_for_url("**/revisions?*")
    page.get_by_role("radio", name="From revision 1").check()
    page.get_by_role("radio", name="To revision 3").check()
    page.get_by_role("button", name="Compare").click()
    page.wait_for_url("**from=*")
    assert page.locator("ins").all_inner_texts() and page.locator("del").all_inner_texts()
    page.locator("#back").click()
    page.wait_for_url("**/article?*")


def test_what_needs_scripts_is_not_shown(plain, opened):
    """
    Without scripts nothing is offered that they would do; with them there is no button that they do without.
    """
    page = plain(f"/?q={QUERY}")
    assert page.locator(".handle").count() == 0
    page.locator("#help summary").click()
    expect(page.locator("#keys")).to_be_hidden()
    expect(page.get_by_role("button", name="Apply").first).to_be_visible()
    expect(opened(f"/?q={QUERY}").get_by_role("button", name="Apply").first).to_be_hidden()
