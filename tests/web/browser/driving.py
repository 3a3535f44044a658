"""
What the browser's tests share: a server of the sample news, and how to read its pages.

Chromium is that of the system (CHROMIUM names another); nothing is fetched. Without a browser's driver, whoever imports
this is skipped.
"""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

pytest.importorskip("fastapi", reason="the web is an extra: pip install 'searcher[web]'")
pytest.importorskip("playwright", reason="the browser is driven by playwright: pip install 'searcher[dev]'")

import uvicorn
from playwright.sync_api import expect, sync_playwright

from searcher.library import Library
from searcher.records import Article, Examination, Finding
from searcher.samples import AS_OF, sample_paths
from searcher.settings import WebSettings
from searcher.web.app import create_app
from searcher.web.tokens import Tokens
from tests.fake_encoder import FakeEncoder
from tests.library.samples import new_library, wanted

__all__ = ["expect", "sync_playwright"]

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
ARGUMENTS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
CORRECTED = "courier-2025-03-11-tarn-mallow-water-level-cut"
PATIENCE_MS = 30_000
"""The machine may be busy; who waits for what never comes waits so long."""


def titles(page):
    """The headlines of the hits, in order."""
    return page.locator(".hit h2").all_inner_texts()


def count(page):
    """How many articles the answer says there are."""
    return int(page.locator("#found").inner_text().split()[0].replace(",", "").replace("No", "0"))


def asked(page):
    """What the URL asks, as a dictionary of lists."""
    return parse_qs(urlsplit(page.url).query)


def settled(page):
    """Wait for the whole answer to what was asked last."""
    expect(page.locator("#working.on")).to_have_count(0)
    expect(page.locator("#found").locator("xpath=..")).not_to_contain_text("meaning follows")


FOUND = Examination(
    Path("home"),
    (
        Finding("articles", "ok", "all revisions are as stored"),
        Finding("segments", "broken", "a file is not what was written", "searcher doctor --repair"),
        Finding("disk", "warning", "1.0 GB free", "free some space"),
    ),
)
"""What the library's page says of its health: something of each kind."""


def sample_library(home: Path, *articles: Article) -> Library:
    """Give a library of these articles, or of the sample news."""
    library = new_library(home, replace(wanted(), web=WebSettings(rate=1e9)), encoder=FakeEncoder(dim=256))
    library.add(*(articles or sample_paths()), as_of=AS_OF, now=AS_OF)
    return library


@contextmanager
def site_of(library: Library, found: Examination = FOUND) -> Iterator[str]:
    """Serve a library on a free port until the block ends, and close it. `found`: what its examination finds."""
    app = create_app(library, Tokens(None, None), examine=lambda: found)
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="warning", ws="none", lifespan="on"))
    thread = threading.Thread(target=server.run, name="site")
    thread.start()
    try:
        while not server.started:
            thread.join(0.05)
            assert thread.is_alive()
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()
