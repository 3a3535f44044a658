"""The search page as a person uses it: answers come as one types, and the URL holds all that was chosen."""

import re

import pytest

from tests.web.browser.driving import asked, count, expect, settled, titles

QUERY = "dockers strike over cranes"


def test_answers_come_while_typing(opened):
    """
    Words are answered as they are typed, then, after a pause, the whole question is; the URL and title say it.
    """
    page = opened()
    asked_of_server = []
    page.on("request", lambda request: asked_of_server.append(request.url))
    page.locator("#q").press_sequentially(QUERY, delay=80)
    expect(page).to_have_title(f"{QUERY} · searcher")
    settled(page)
    answers = [url for url in asked_of_server if "/results?" in url]
    assert any("instant=1" in url for url in answers)
    assert "instant=1" not in answers[-1]
    assert asked(page) == {"q": [QUERY]}
    assert titles(page) == titles(opened(page.url))
    assert (
        page.locator("#said").inner_text()
        == f"{count(page)} articles for {QUERY}. Page 1 of {-(-count(page) // 10)}"
    )


def test_an_unfinished_word_is_found(opened, site):
    """
    While a word is being typed, articles with words that begin so are shown.
    """
    page = opened(f"{site}/results?q=tarn+mall&instant=1")
    assert count(page) > 2
    assert all("Mallow" in text for text in page.locator(".hit .snippet").all_inner_texts()[:2])


def test_late_answers_do_not_replace_newer_ones(opened):
    """
    An answer that arrives after that to a later question is dropped.
    """
    page = opened()
    held = []

    def hold(route):
        if "q=dam" in route.request.url:
            held.append(route)
        else:
            route.continue_()

    page.route("**/results?*", hold)
    page.fill("#q", "dam")
    expect(page).to_have_url(re.compile("q=dam$"))
    page.wait_for_timeout(700)
    page.fill("#q", "comet probe")
    settled(page)
    expect(page).to_have_title("comet probe · searcher")
    before = titles(page)
    for route in held:
        route.continue_()
    page.wait_for_timeout(500)
    assert titles(page) == before
    assert held


def test_a_facet_narrows_to_what_it_counts(opened):
    """
    Choosing an outlet shows as many articles as stand beside it, all of that outlet; taking it off shows all again.
    """
    page = opened(f"/?q={QUERY}")
    before = titles(page), count(page)
    value = page.locator("label", has_text="The Morning Tide")
    promised = int(value.locator(".count").inner_text().split()[0])
    value.click()
    settled(page)
    expect(page.locator(".chips a")).to_have_count(1)
    assert count(page) == promised
    assert set(page.locator(".hit .facts b").all_inner_texts()) == {"The Morning Tide"}
    assert asked(page)["source"] == ["The Morning Tide"]
    expect(page.locator("label", has_text="Meridian Wire")).to_be_visible()
    page.locator(".chips a").click()
    expect(page.locator(".chips a")).to_have_count(0)
    settled(page)
    assert (titles(page), count(page)) == before


def test_dates_are_chosen_by_dragging(opened):
    """
    Dragging over bars narrows to their days: the articles that they count, the fields, and the URL say so.
    """
    page = opened()
    bars = page.locator("#timeline rect[data-since]")
    promised = sum(
        int(bars.nth(n).locator("title").text_content().split(": ")[1].split()[0]) for n in range(8, 12)
    )
    since = bars.nth(8).get_attribute("data-since")
    until = bars.nth(11).get_attribute("data-until")
    box = page.locator("#timeline svg").bounding_box()
    width = box["width"] / bars.count()
    page.mouse.move(box["x"] + 8.5 * width, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + 11.5 * width, box["y"] + 20, steps=4)
    page.mouse.up()
    expect(page.locator("#any-date")).to_be_visible()
    settled(page)
    assert asked(page) == {"since": [since], "until": [until]}
    assert count(page) == promised
    assert (page.input_value("#since"), page.input_value("#until")) == (since, until)
    assert bars.count() == page.locator("#timeline rect[data-since]").count()
    assert page.locator("#timeline rect.in").count() == 4
    page.locator("#any-date").click()
    expect(page.locator("#any-date")).to_have_count(0)
    assert asked(page) == {}


def test_dates_are_chosen_with_arrow_keys(opened):
    """
    The ends of the stretch are sliders: arrows move them by a bar, they say their days, and stay in focus.
    """
    page = opened()
    first = page.get_by_role("slider", name="From")
    first.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(first).to_have_attribute("aria-valuenow", "2")
    said = page.locator("#timeline rect[data-since]").nth(2).get_attribute("data-said")
    expect(first).to_have_attribute("aria-valuetext", said)
    expect(page.locator("#any-date")).to_be_visible()
    settled(page)
    assert list(asked(page)) == ["since"]
    expect(page.get_by_role("slider", name="From")).to_be_focused()
    last = page.get_by_role("slider", name="To")
    last.focus()
    page.keyboard.press("Home")
    expect(last).to_have_attribute("aria-valuenow", "2")


def test_going_back_undoes_one_step(opened):
    """
    What was typed in one go is one step, a facet another, an article a third; back undoes them one by one.
    """
    page = opened()
    start = titles(page)
    page.locator("#q").press_sequentially("comet probe", delay=30)
    settled(page)
    expect(page).to_have_title("comet probe · searcher")
    found = titles(page)
    page.locator("label", has_text="Orrery Weekly").click()
    expect(page.locator(".chips a")).to_have_count(1)
    settled(page)
    narrowed = titles(page)
    page.locator(".hit h2 a").first.click()
    page.wait_for_url("**/article?*")
    page.locator("#back").click()
    expect(page.locator(".chips a")).to_have_count(1)
    assert titles(page) == narrowed
    page.go_back()
    expect(page.locator(".chips a")).to_have_count(0)
    settled(page)
    assert titles(page) == found
    assert page.input_value("#q") == "comet probe"
    page.go_back()
    expect(page).to_have_title("searcher")
    settled(page)
    assert titles(page) == start
    assert page.input_value("#q") == ""


def test_a_url_says_it_all(opened):
    """
    Somebody else who opens the URL sees the same: words, outlet, dates, order, page.
    """
    page = opened("/?sort=date&q=the")
    page.locator("label", has_text="The Sennick Herald").click()
    settled(page)
    expect(page.locator(".chips a")).to_have_count(1)
    page.get_by_role("link", name="Next", exact=True).click()
    page.wait_for_url("**page=2*")
    settled(page)
    other = opened(page.url)
    assert titles(other) == titles(page)
    assert other.locator("#found").inner_text() == page.locator("#found").inner_text()
    assert other.locator(".hits").get_attribute("start") == "11"
    assert other.get_by_role("checkbox", name="The Sennick Herald").is_checked()
    assert other.locator(".sort [aria-current]").inner_text() == "Newest first"


def test_pages_do_not_repeat_each_other(opened):
    """
    Turning pages shows every article once, leads to the top, and says which page it is.
    """
    page = opened()
    total, seen = count(page), titles(page)
    while page.get_by_role("link", name="Next", exact=True).count():
        number = len(seen) // 10 + 1
        page.get_by_role("link", name="Next", exact=True).click()
        page.wait_for_url(f"**page={number}")
        settled(page)
        expect(page.locator("#found")).to_be_focused()
        assert page.evaluate("scrollY") == 0
        seen += titles(page)
    assert len(seen) == total


def test_more_like_this(opened):
    """
    Each hit leads to articles like it, which can be narrowed to those before or after it.
    """
    page = opened("/?q=dam+seepage")
    name = titles(page)[0]
    page.get_by_role("link", name=f"More like this – {name}").click()
    page.wait_for_url("**/similar?*")
    assert f"like “{name}”" in page.locator("#found").inner_text()
    assert name not in titles(page)
    everything = count(page)
    page.get_by_role("link", name="After it").click()
    page.wait_for_url("**when=after*")
    assert 0 < count(page) < everything


def test_why_this_sums_up(opened):
    """
    The explanation names what words and meaning add, and the parts, as they are written, sum to the score.
    """
    page = opened(f"/?q={QUERY}")
    page.locator("#why-1 summary").click()
    page.locator("#why-3 summary").click()
    for number in (1, 3):
        why = page.locator(f"#why-{number}")
        parts = [float(text) for text in why.locator("tbody .number").all_inner_texts()]
        assert len(parts) == 2
        assert round(sum(parts), 3) == float(why.locator("tfoot .number").inner_text())


def test_what_was_perhaps_meant(opened):
    """
    A misspelt question offers the right one, which is one click away.
    """
    page = opened("/?q=dokcers+strkie")
    page.locator(".meant a", has_text="dockers strike").click()
    page.wait_for_url("**q=dockers+strike")
    expect(page.locator(".meant")).to_have_count(0)
    assert count(page) > 0
    assert page.input_value("#q") == "dockers strike"


def test_nothing_found_says_what_to_do(opened):
    """
    Where nothing matches the page says so, and leads to a question that does: the same without what narrows it.
    """
    page = opened("/?q=dockers+strike&source=Qasira+Post&since=2025-07-01&until=2025-07-02")
    assert count(page) == 0
    assert page.locator(".nothing h2").inner_text() == "No good match for “dockers strike”"
    page.get_by_role("link", name="Ask the same of all").click()
    expect(page.locator(".nothing")).to_have_count(0)
    assert asked(page) == {"q": ["dockers strike"]}


@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_server_is_asked_again(opened, status):
    """
    Who is told to come back later does so without being asked, and then has the answer.
    """
    page = opened()
    refused = []

    def refuse(route):
        if refused:
            route.continue_()
        else:
            refused.append(route.request.url)
            route.fulfill(
                status=status, headers={"Retry-After": "1"}, body="<p>Busy", content_type="text/html"
            )

    page.route("**/results?*", refuse)
    page.fill("#q", "comet")
    page.keyboard.press("Enter")
    expect(page).to_have_title("comet · searcher")
    assert len(refused) == 1
    expect(page.locator("#warning")).to_have_count(0)


def test_a_server_that_is_gone_is_told(opened):
    """
    Without a server the page says so, keeps the last answer, and goes on when there is one again.
    """
    page = opened("/?q=comet")
    before = titles(page)
    page.route("**/results?*", lambda route: route.abort())
    page.fill("#q", "dam")
    page.keyboard.press("Enter")
    expect(page.locator("#warning")).to_contain_text("does not answer")
    assert titles(page) == before
    page.unroute("**/results?*")
    page.keyboard.press("/")
    page.keyboard.press("Enter")
    expect(page).to_have_title("dam · searcher")
    expect(page.locator("#warning")).to_have_count(0)
