"""
Makes the pictures in docs/images: the pages of the sample news in Chromium, light and dark, wide and on a phone.

    PYTHONPATH=. python scripts/screenshots.py [DIRECTORY]

Needs the extras `web` and `dev`, Pillow, and Chromium (CHROMIUM names another than the system's). Look at what it made.
"""

from __future__ import annotations

import io
import sys
import tempfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from searcher.library import Library, open_library
from searcher.library.health import doctor
from searcher.samples import AS_OF, sample_paths
from tests.web.browser.driving import ARGUMENTS, CHROMIUM, CORRECTED, site_of

ROOT = Path(__file__).parents[1]
WIDE, PHONE = {"width": 1120, "height": 720}, {"width": 390, "height": 760}
QUERY = "/?q=dockers+strike"
PICTURES = {
    "search-light": (QUERY, "light", WIDE, None),
    "search-dark": (f"{QUERY}&source=The+Morning+Tide&source=Meridian+Wire", "dark", WIDE, "#why-1 summary"),
    "search-phone": (QUERY, "light", PHONE, None),
    "article-light": (f"/article?id={CORRECTED}&q=dam+water+seepage", "light", WIDE, None),
    "article-phone": (f"/article?id={CORRECTED}&q=dam+water+seepage", "dark", PHONE, None),
    "revisions-light": (f"/revisions?id={CORRECTED}", "light", WIDE, None),
    "library-dark": ("/library", "dark", WIDE, None),
}
COLOURS = 48


def main(directory: Path) -> None:
    """Make all pictures in `directory`."""
    directory.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as home, sync_playwright() as playwright:
        library = sample_library(Path(home) / "demo")
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=ARGUMENTS, ignore_default_args=["--hide-scrollbars"]
        )
        with site_of(library, doctor(library.home)) as site:
            for name in PICTURES:
                path = directory / f"{name}.png"
                take(browser, site, name).save(path, optimize=True)
                print(f"{path}: {path.stat().st_size / 1000:.0f} kB")
        browser.close()


def sample_library(home: Path) -> Library:
    """Give a library of the sample news, one of them corrected."""
    library = open_library(home, create=True)
    library.add(*sample_paths(), as_of=AS_OF, now=AS_OF)
    first = library.show(CORRECTED)[-1].article
    body = first.body.replace("four metres", "five and a half metres").replace("nine days", "twelve days")
    library.add(
        replace(first, body=body, title=first.title.replace("cut", "cut further")),
        now=datetime(2025, 7, 23, 15, tzinfo=UTC),
    )
    return library


def take(browser: Browser, site: str, name: str) -> Image.Image:
    """Give one picture, in few colours: what is seen is paper, ink and three tones."""
    path, theme, size, opened = PICTURES[name]
    page = browser.new_page(viewport=size, color_scheme=theme, is_mobile=size is PHONE, locale="en-GB")
    page.goto(f"{site}{path}")
    page.reload()  # The first question opens the encoder, and says how long that took.
    if opened:
        page.locator(opened).click()
    page.wait_for_timeout(200)
    picture = Image.open(io.BytesIO(page.screenshot()))
    page.close()
    return picture.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs/images")
