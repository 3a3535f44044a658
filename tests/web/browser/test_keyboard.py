"""Everything can be done without a pointer: keys do what the help says, and lead into no trap."""

from tests.web.browser.driving import expect, settled, titles

QUERY = "dockers strike over cranes"


def test_from_the_question_to_the_article_and_back(opened):
    """
    `/` leads to the field, Enter asks, `j` and `k` walk the hits, Enter opens one, Esc leads back to where one was.
    """
    page = opened()
    page.keyboard.press("/")
    expect(page.locator("#q")).to_be_focused()
    page.keyboard.type(QUERY)
    page.keyboard.press("Enter")
    expect(page.locator("#found")).to_be_focused()
    settled(page)
    found = titles(page)
    for key, hit in (("j", 1), ("j", 2), ("j", 3), ("k", 2)):
        page.keyboard.press(key)
        expect(page.locator(f"#hit-{hit}")).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url("**/article?*")
    assert page.locator("h1").inner_text() == found[1]
    page.keyboard.press("Escape")
    page.wait_for_url("**/?q=*")
    assert titles(page) == found


def test_escape_leaves_the_field_as_it_is(opened):
    """
    Esc leads from the field to the answer without emptying it, and from there to the field.
    """
    page = opened(f"/?q={QUERY}")
    page.keyboard.press("/")
    page.keyboard.press("Escape")
    expect(page.locator("#found")).to_be_focused()
    assert page.input_value("#q") == QUERY
    page.keyboard.press("Escape")
    expect(page.locator("#q")).to_be_focused()


def test_escape_closes_what_was_opened(opened):
    """
    Within an explanation Esc closes it, and the keyboard stays there.
    """
    page = opened(f"/?q={QUERY}")
    summary = page.locator("#why-1 summary")
    summary.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#why-1 table")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#why-1 table")).to_be_hidden()
    expect(summary).to_be_focused()


def test_walking_ends_at_the_ends(opened):
    """
    `k` on the first hit and `j` on the last stay there; `k` from elsewhere begins with the last.
    """
    page = opened(f"/?q={QUERY}")
    last = len(titles(page))
    page.keyboard.press("k")
    expect(page.locator(f"#hit-{last}")).to_be_focused()
    page.keyboard.press("j")
    expect(page.locator(f"#hit-{last}")).to_be_focused()


def test_single_keys_can_be_switched_off(opened):
    """
    Who would press them by mistake switches them off, for this browser and the next visit, too (WCAG 2.1.4).
    """
    page = opened(f"/?q={QUERY}")
    page.locator("#help summary").click()
    page.get_by_role("checkbox", name="Single keys work in this browser").uncheck()
    page.reload()
    page.keyboard.press("j")
    page.keyboard.press("/")
    expect(page.locator("#q")).not_to_be_focused()
    expect(page.locator("#hit-1")).not_to_be_focused()
    assert not page.locator("#keys").is_checked()


def test_keys_are_letters_where_one_writes(opened):
    """
    In the field `/`, `j` and `k` are what one types.
    """
    page = opened()
    page.locator("#q").press_sequentially("k/j")
    assert page.input_value("#q") == "k/j"


def test_there_is_no_trap(opened):
    """
    Tab visits field, hits, facets and sliders in order, each once, and leaves the page at its end.
    """
    page = opened(f"/?q={QUERY}")
    visited = []
    for _ in range(300):
        page.keyboard.press("Tab")
        here = page.evaluate(
            "() => { const one = document.activeElement; return one === document.body ? '' : "
            "(one.dataset.seen ??= String(Math.random())) }"
        )
        if here == "" or here in visited[:-1]:
            break
        if here not in visited:  # A date field is three stops.
            visited.append(here)
    else:
        raise AssertionError("There is no end.")
    focusable = page.evaluate(
        "() => [...document.querySelectorAll('a[href], button, input:not([type=hidden]), summary, [tabindex=\"0\"]')]"
        ".filter((one) => one.checkVisibility()).length"
    )
    assert len(visited) >= focusable
