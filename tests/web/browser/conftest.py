"""Fixtures of the browser's tests: Chromium, the site, and windows on it."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest


@pytest.fixture(scope="package")
def browser():
    """Chromium, headless."""
    from tests.web.browser import driving

    if driving.CHROMIUM is None:
        pytest.skip("no Chromium here: install Debian's package 'chromium', or name one in CHROMIUM")
    with driving.sync_playwright() as playwright:
        driving.expect.set_options(timeout=driving.PATIENCE_MS)
        browser = playwright.chromium.launch(executable_path=driving.CHROMIUM, args=driving.ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def library(tmp_path_factory):
    """The sample news, one of them corrected twice."""
    from tests.web.browser.driving import CORRECTED, sample_library

    library = sample_library(tmp_path_factory.mktemp("browser"))
    first = library.show(CORRECTED)[-1].article
    second = replace(
        first, body=first.body.replace("four metres", "five and a half metres") + "\nMore follows."
    )
    third = replace(second, title=first.title.replace("cut", "cut again"))
    for article in (second, third):
        library.add(article, now=datetime(2025, 7, 24, tzinfo=UTC))
    return library


@pytest.fixture(scope="package")
def site(library):
    """Where the sample news is served."""
    from tests.web.browser.driving import site_of

    with site_of(library) as address:
        yield address


@pytest.fixture
def windows(browser):
    """Open windows of their own on a site: `windows(site, color_scheme="dark")`; closed at the end."""
    from tests.web.browser.driving import PATIENCE_MS

    contexts = []

    def open_window(base_url, **how):
        context = browser.new_context(
            base_url=base_url, **{"viewport": {"width": 1200, "height": 900}, **how}
        )
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        return context.new_page()

    yield open_window
    for context in contexts:
        context.close()


@pytest.fixture
def opened(windows, site):
    """Open a page of the sample news in a window of its own: `opened("/library", color_scheme="dark")`."""

    def open_page(path="/", **how):
        page = windows(site, **how)
        page.goto(path)
        return page

    return open_page
