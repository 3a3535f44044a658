"""Everybody can use it: no violation of WCAG A or AA that axe finds, in both themes, on wide screens and phones."""

from importlib.resources import files

import pytest

from tests.web.browser.driving import CORRECTED, count, expect, settled

pytest.importorskip(
    "axe_playwright_python", reason="axe-core comes with axe-playwright-python, of the extra 'dev'"
)

AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RUN = "async (tags) => (await axe.run({runOnly: {type: 'tag', values: tags}})).violations"
PAGES = {
    "start": "/",
    "search": "/?q=dockers+strike+over+cranes",
    "misspelt": "/?q=dokcers+strike",
    "narrowed": "/?q=dam&source=The+Sennick+Herald&since=2025-03-01&until=2025-06-30&sort=date",
    "second page": "/?page=2",
    "nothing": "/?q=xyzzy&source=Nobody&since=someday",
    "similar": f"/similar?id={CORRECTED}",
    "article": f"/article?id={CORRECTED}&q=dam+water",
    "revisions": f"/revisions?id={CORRECTED}&from=1&to=55",
    "library": "/library",
    "not there": "/article?id=nobody",
}
PHONE = {"viewport": {"width": 360, "height": 740}, "is_mobile": True, "has_touch": True}


def violations(page):
    """What axe finds, each as `rule: where`. Opens all that can be opened first."""
    for summary in page.locator("summary:visible").all():
        if not summary.locator("xpath=..").evaluate("(one) => one.open"):
            summary.click()
    page.evaluate(AXE)
    return [
        f"{found['id']} ({found['impact']}): {node['target'][0]} {node['failureSummary']}"
        for found in page.evaluate(RUN, RULES)
        for node in found["nodes"]
    ]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing(opened, name, theme):
    """
    Each page, with all that can be unfolded, has no violation in this theme.
    """
    page = opened(PAGES[name], color_scheme=theme)
    assert violations(page) == []


@pytest.mark.parametrize("name", ["search", "article", "revisions", "library"])
def test_axe_finds_nothing_on_a_phone(opened, name):
    """
    Nor on a phone.
    """
    assert violations(opened(PAGES[name], **PHONE)) == []


def test_axe_finds_what_is_wrong(opened):
    """
    The check itself works: a picture without words and pale text are found.
    """
    page = opened("/library")
    page.evaluate(
        "() => { const bad = document.createElement('p'); bad.innerHTML = '<img src=\"/static/x\">pale'; "
        "bad.style.color = '#ddd'; bad.style.background = '#fff'; document.querySelector('main').append(bad); }"
    )
    assert {one.split()[0] for one in violations(page)} >= {"image-alt", "color-contrast"}


@pytest.mark.parametrize("name", PAGES)
def test_a_phone_shows_all_of_it(opened, name):
    """
    On the narrowest phones nothing needs scrolling sideways, and what is tapped is large enough (24 px, WCAG 2.5.8).
    """
    page = opened(PAGES[name], **PHONE)
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 360
    small = page.evaluate(
        "() => [...document.querySelectorAll("
        "'button, summary, input:not([type=hidden]), .more > a, .sort a, .chips a')]"
        ".filter((one) => one.checkVisibility({contentVisibilityAuto: true}) && !one.closest('label'))"
        ".map((one) => [one.outerHTML.slice(0, 80), one.getBoundingClientRect()])"
        ".filter(([, box]) => box.height < 24 || box.width < 24).map(([html]) => html)"
    )
    assert small == []


def test_what_narrows_folds_away_on_a_phone(opened):
    """
    Facets and dates are behind one button above the hits; what is chosen there applies at once, and it stays open.
    """
    page = opened(PAGES["search"], **PHONE)
    checkbox = page.get_by_role("checkbox", name="The Morning Tide")
    expect(checkbox).to_be_hidden()
    narrow = page.locator("#narrow > summary")
    assert narrow.bounding_box()["y"] < page.locator("#hit-1").bounding_box()["y"]
    narrow.tap()
    before = count(page)
    checkbox.tap()
    expect(page.locator(".chips a")).to_have_count(1)
    settled(page)
    assert 0 < count(page) < before
    expect(page.get_by_role("checkbox", name="The Morning Tide")).to_be_visible()


@pytest.mark.parametrize("how", [{}, PHONE])
@pytest.mark.parametrize("name", PAGES)
def test_nothing_jumps(opened, name, how):
    """
    While a page is loaded and scripts add their part nothing on it moves.
    """
    page = opened("/library", **how)
    page.add_init_script(
        "window.moved = []; new PerformanceObserver((list) => moved.push(...list.getEntries().map((one) => one.value)))"
        ".observe({type: 'layout-shift', buffered: true})"
    )
    page.goto(PAGES[name])
    page.wait_for_timeout(200)
    assert sum(page.evaluate("moved")) == 0


def test_an_answer_is_told_once(opened):
    """
    A screen reader is told of the whole answer, not of each while typing.
    """
    page = opened()
    page.evaluate(
        "() => { window.told = []; new MutationObserver(() => told.push(document.querySelector('#said').textContent))"
        ".observe(document.querySelector('#said'), {childList: true}) }"
    )
    page.locator("#q").press_sequentially("comet probe", delay=90)
    expect(page).to_have_title("comet probe · searcher")
    settled(page)
    page.wait_for_timeout(300)
    told = page.evaluate("told")
    assert told[-1].startswith(f"{count(page)} articles for comet probe.")
    assert len([one for one in told if one]) <= 2
