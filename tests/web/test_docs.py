"""What docs/api.md shows is what happens: each example is run, in order, against the sample news over HTTP."""

from __future__ import annotations

import re
import tomllib
from dataclasses import fields, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from searcher.samples import AS_OF, sample_paths
from searcher.settings import WebSettings, _parse
from searcher.web.app import create_app
from searcher.web.tokens import load_tokens
from tests.library.samples import new_library, wanted
from tests.web.served import GENEROUS, listening

PAGE = (Path(__file__).parents[2] / "docs/api.md").read_text(encoding="utf-8")
# Each example, and what it prints, where it prints something.
EXAMPLES = re.findall(r"^```python\n(.*?)^```\n(?:\n```text\n(.*?)^```)?", PAGE, re.MULTILINE | re.DOTALL)


@pytest.fixture
def home(tmp_path):
    """The home of a server that answers from the sample news, and where it listens."""
    library = new_library(tmp_path, replace(wanted(words=100), web=GENEROUS))
    library.add(*map(str, sample_paths()), as_of=AS_OF, now=datetime.now(UTC))
    with listening(create_app(library, load_tokens(tmp_path, closed=False))) as port:
        yield tmp_path, port


def test_every_example_runs(home, capsys):
    """They run one after the other, as a reader would run them, and print what the page says."""
    directory, port = home
    names: dict[str, object] = {}
    for example, printed in EXAMPLES:
        code = example.replace("127.0.0.1:8321", f"127.0.0.1:{port}").replace("~/news", str(directory))
        exec(compile(code, "docs/api.md", "exec"), names)
        assert capsys.readouterr().out == printed, example
    names["api"].close()
    assert len(EXAMPLES) == 10


def test_the_settings_that_are_shown_are_those_there_are():
    """The example of searcher.toml names every setting of [web], and can be read."""
    shown = re.search(r"^```toml\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    parsed = tomllib.loads(shown[1])
    assert set(parsed["web"]) == {field.name for field in fields(WebSettings)}
    assert _parse(parsed, "docs/api.md").web == replace(WebSettings(), hosts=("news.example",), closed=True)


def test_every_route_is_told_of(client):
    """Each path of the contract stands in the page."""
    for path in client.get("/api/v1/openapi.json").json()["paths"]:
        assert path.removeprefix("/api/v1") in PAGE
