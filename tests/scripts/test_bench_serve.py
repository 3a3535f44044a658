"""scripts/bench_serve.py: what it needs it says, and what wrk finds is counted."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from urllib.request import urlopen

import pytest

pytest.importorskip("fastapi", reason="the web is an extra: pip install 'searcher[web]'")

from benchmarks.servers import datasette
from benchmarks.wrk import load

from searcher.web.app import create_app
from searcher.web.tokens import Tokens
from tests.library.samples import article
from tests.web.served import WRITE, library_at, listening

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "scripts/bench_serve.py"


def run(*arguments, **environment):
    """Run the script."""
    return subprocess.run(
        [sys.executable, SCRIPT, *arguments],
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_without_wrk_it_says_how_to_get_it(tmp_path):
    """Where wrk is missing it ends with a line that names the package, and touches nothing."""
    ran = run("--home", str(tmp_path), PATH=str(tmp_path))
    assert ran.returncode == 1 and "apt install wrk" in ran.stderr and not list(tmp_path.iterdir())


def test_load_is_counted(tmp_path):
    """A second of load on a small library: requests, latencies in order, no refusal, nothing broken."""
    if shutil.which("wrk") is None:
        pytest.skip("wrk is not installed: apt install wrk")
    (tmp_path / "home").mkdir()
    paths = tmp_path / "paths"
    paths.write_text("/api/v1/search?mode=lexical&q=harbour\n/api/v1/search?mode=lexical&q=strike\n")
    with listening(create_app(library_at(tmp_path / "home"), Tokens(WRITE, None))) as port:
        found = load(f"http://127.0.0.1:{port}/", paths, connections=2, seconds=1)
    assert found.requests > 0 and found.refused == found.failed == 0
    assert 0 < found.p50_ms <= found.p95_ms <= found.p99_ms <= found.max_ms


def test_datasette_finds_the_same_articles(tmp_path):
    """It answers what is asked as ours is, with articles that hold the words, and with what is added meanwhile."""
    if find_spec("datasette") is None:
        pytest.skip("Datasette is not installed: pip install -c scripts/constraints.txt -e '.[bench]'")
    library = library_at(tmp_path / "home", articles=30)
    (tmp_path / "other").mkdir()

    def ask(server, text):
        with urlopen(server.address.rstrip("/") + server.path(text), timeout=60) as answer:
            return json.load(answer)

    with datasette(library, tmp_path / "other") as server:
        found = ask(server, "harbour strike")
        texts = {one.article.article_id: one.article for one in library.store.live()}
        held = [(texts[one["id"]].title + texts[one["id"]].body).lower() for one in found]
        assert len(found) == 10 and all("harbour" in text or "strike" in text for text in held)
        server.add([article("new", "A zeppelin landed.")])
        assert [one["id"] for one in ask(server, "zeppelin")] == ["new"]
    library.close()
