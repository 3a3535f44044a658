"""A library of five short articles, and the command line run against it within this process."""

import io
import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from searcher.cli import main
from searcher.library import Library
from searcher.records import Article, Moment, Origin, Precision
from searcher.settings import Settings
from searcher.store import Store
from tests.fake_encoder import FakeEncoder

NOW = datetime(2025, 7, 23, 12, tzinfo=UTC)


class Ran(NamedTuple):
    """What a command line gave: exit code, standard output, standard error."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Its output, which must be one JSON document."""
        return json.loads(self.out)


Cli = Callable[..., Ran]


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch, tmp_path):
    """Nothing of the machine that runs the tests is seen: no home, no colour, no width."""
    for name in ("SEARCHER_HOME", "SEARCHER_DEBUG", "NO_COLOR", "FORCE_COLOR", "COLUMNS", "LINES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))


@pytest.fixture
def home(tmp_path) -> Path:
    """Where the library of this test is, or will be."""
    return tmp_path / "home"


@pytest.fixture
def cli(monkeypatch, capsys, home) -> Cli:
    """Run one command line on the library at `home`, with the fake encoder."""
    monkeypatch.setattr("searcher.library.library.load_encoder", lambda settings: FakeEncoder())

    def run(*arguments: str, stdin: bytes = b"") -> Ran:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8"))
        capsys.readouterr()
        code = main(["--home", str(home), *arguments])
        said = capsys.readouterr()
        return Ran(code, said.out, said.err)

    return run


@pytest.fixture
def news(home) -> Path:
    """The library with five articles, indexed; `wire` and `reprint` have the same text."""
    home.mkdir()
    with Library(
        home, Store.open(home / "articles.db", create=True), Settings(), encoder=FakeEncoder()
    ) as library:
        library.add(*ARTICLES, now=NOW)
    return home


def article(
    article_id: str, title: str, body: str, *, day: int | None, source: str | None, **facts: Any
) -> Article:
    """One article of July 2025, in canonical form."""
    published = Moment(datetime(2025, 7, day, tzinfo=UTC), Precision.DAY, "field") if day else None
    return Article(article_id, title, body, Origin("test"), source=source, published=published, **facts)


_STRIKE = "Dockers at Port Ellery voted to strike. The strike begins on Friday and stops all cranes."
ARTICLES = (
    article("wire", "Dockers vote to strike", _STRIKE, day=6, source="Meridian Wire", language="en"),
    article("reprint", "Strike at the port", _STRIKE, day=7, source="The Herald", language="en"),
    article(
        "deal",
        "Dockers end strike after deal",
        "The strike of the dockers at Port Ellery is over. A deal on the cranes was signed at midnight.",
        day=22,
        source="The Herald",
        section="Business",
        language="en",
        url="https://herald.example/deal",
    ),
    article(
        "dam",
        "Dam inquiry finds warnings",
        "The inquiry into the Tarn Mallow dam found six years of warnings. Nobody was prosecuted.",
        day=23,
        source="The Courier",
        language="en",
    ),
    article(
        "undated",
        "Blackbirds and lamps",
        "City blackbirds rise with the street lamps.",
        day=None,
        source=None,
    ),
)
