"""
Who else answers over HTTP? Datasette with SQLite's FTS5, by words, and txtai's own API, by words and meaning.

Each serves the same articles from a process of its own, and is given new ones while it answers. One that is missing is
left out.
"""

from __future__ import annotations

import json
import os
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from benchmarks import sentences_encoder
from benchmarks.peers import peer
from searcher.library import Library
from searcher.records import Article

SCRIPTS = Path(__file__).resolve().parents[1]
LIMIT = 10

# As ours: the headline counts more, ten best, each with what matched.
FIND = """
select articles.id, articles.title, articles.source, articles.published,
    snippet(words, 1, '[', ']', '…', 40) as snippet, bm25(words, 2.5, 1.0) as score
from words join articles on articles.rowid = words.rowid
where words match :q order by score limit 10
"""


@dataclass(frozen=True, slots=True)
class Server:
    """A server that runs. `path`: gives what to ask for, of a question; `add`: takes new articles while it answers."""

    address: str
    pid: int
    path: Callable[[str], str]
    add: Callable[[Sequence[Article]], None]


@contextmanager
def datasette(library: Library, scratch: Path) -> Iterator[Server | None]:
    """Whole articles in FTS5, stemmed (porter); any of the words, best first, each with a snippet."""
    if peer("datasette") is None:
        yield None
        return
    place = scratch / "news.db"
    with sqlite3.connect(place) as database:
        database.execute("pragma journal_mode = wal")
        database.execute(
            "create table articles (id text, title text, body text, source text, published text)"
        )
        database.execute(
            "create virtual table words using fts5(title, body, content = articles, tokenize = 'porter unicode61')"
        )
        _insert(database, [revision.article for revision in library.store.live()])
    database.close()
    about = scratch / "about.json"
    about.write_text(json.dumps({"databases": {"news": {"queries": {"find": {"sql": FIND}}}}}))

    def path(question: str) -> str:
        # Quoted, so that no word is an operator.
        words = " OR ".join(f'"{word}"' for word in question.split())
        return f"/news/find.json?_shape=array&q={quote(words)}"

    def add(articles: Sequence[Article]) -> None:
        with sqlite3.connect(place, timeout=60) as database:
            _insert(database, articles)
        database.close()

    command = [
        sys.executable,
        "-m",
        "datasette",
        "serve",
        str(place),
        "-m",
        str(about),
        "-h",
        "127.0.0.1",
        "-p",
    ]
    with _running(command, {}) as (address, pid):
        yield Server(address, pid, path, add)


def _insert(database: sqlite3.Connection, articles: Sequence[Article]) -> None:
    for one in articles:
        published = one.published.at.isoformat() if one.published else None
        row = (one.article_id, one.title, one.body, one.source, published)
        number = database.execute("insert into articles values (?, ?, ?, ?, ?)", row).lastrowid
        database.execute(
            "insert into words (rowid, title, body) values (?, ?, ?)", (number, one.title, one.body)
        )


@contextmanager
def txtai(library: Library, scratch: Path) -> Iterator[Server | None]:
    """Our chunks with our vectors, in an exact index; hybrid; texts are kept, and the ten best come with them."""
    found = peer("txtai")
    if found is None or peer("fastapi_mcp") is None:  # Without which it has no API.
        yield None
        return
    place = scratch / "txtai"
    reader = library.reader()
    texts, vectors = sentences_encoder.chunks_of(library, reader)
    sentences_encoder.KNOWN.update(zip(texts, vectors, strict=True))
    config = {
        "method": "external",
        "transform": "benchmarks.sentences_encoder.encode",
        "hybrid": True,
        "content": True,
        "faiss": {"components": "IDMap,Flat"},
    }
    os.environ["ALLOW_RESOLVE_TRANSFORM"] = "True"  # The encoder is named in the settings, and is ours.
    index = found.Embeddings(config)
    index.index((row, text, None) for row, text in enumerate(texts))
    index.save(str(place))
    index.close()
    reader.close()
    settings = scratch / "txtai.json"  # YAML takes JSON.
    settings.write_text(json.dumps({"path": str(place), "writable": True, "embeddings": config}))

    def add(articles: Sequence[Article]) -> None:
        rows = [{"id": one.article_id, "text": f"{one.title}\n{one.body}"} for one in articles]
        _post(f"{address}add", rows)
        with urllib.request.urlopen(f"{address}upsert", timeout=600):
            pass

    environment = {"CONFIG": str(settings), "PYTHONPATH": f"{SCRIPTS}:{SCRIPTS.parent}"}
    command = [sys.executable, "-m", "uvicorn", "txtai.api:app", "--log-level", "warning", "--port"]
    with _running(command, environment) as (address, pid):
        yield Server(address, pid, lambda question: f"/search?limit={LIMIT}&query={quote(question)}", add)


def _post(address: str, body: Any) -> None:
    asked = urllib.request.Request(
        address, json.dumps(body).encode(), {"Content-Type": "application/json"}, method="POST"
    )
    with urllib.request.urlopen(asked, timeout=600):
        pass


@contextmanager
def _running(command: list[str], environment: dict[str, str]) -> Iterator[tuple[str, int]]:
    """Run a server, to which a free port is said last; give where it answers, and the number of its process."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}/"
    with subprocess.Popen(
        [*command, str(port)],
        env={**os.environ, **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as server:
        try:
            while server.poll() is None:
                with suppress(OSError), urllib.request.urlopen(address, timeout=60):
                    break
                with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                    break
                time.sleep(0.2)
            yield address, server.pid
        finally:
            server.terminate()
