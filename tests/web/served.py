"""A library with invented news, served to a test's own client."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI
from starlette.testclient import TestClient

from searcher.library import Library
from searcher.settings import WebSettings
from searcher.web.app import create_app
from searcher.web.connection import Connection
from searcher.web.tokens import Tokens
from tests.library.samples import NOW, new_library, news, wanted

WRITE, READ = "w" * 30, "r" * 30
WRITER = {"Authorization": f"Bearer {WRITE}"}
LINES = {"Content-Type": "application/x-ndjson"}
GENEROUS = WebSettings(rate=1e9)


def library_at(home: Path, *, articles: int = 60, web: WebSettings = GENEROUS) -> Library:
    """Give a library of invented news, indexed."""
    library = new_library(home, replace(wanted(), web=web))
    if articles:
        library.add(*news(articles), now=NOW)
    return library


@contextmanager
def served(library: Library, *, closed: bool = False, host: str = "localhost") -> Iterator[TestClient]:
    """Give a client of this library's server, which runs until the block ends and then closes the library."""
    app = create_app(library, Tokens(WRITE, READ if closed else None))
    with TestClient(app, base_url=f"http://{host}", raise_server_exceptions=False) as client:
        yield client


@contextmanager
def listening(app: FastAPI) -> Iterator[int]:
    """Serve an application from a thread, as the command does; give its port on 127.0.0.1."""
    place = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(app, http=Connection, log_level="critical", ws="none")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [place]})
    thread.start()
    try:
        yield place.getsockname()[1]
    finally:
        server.should_exit = True
        thread.join()


def lines(*records: dict[str, Any]) -> bytes:
    """Give these records as JSON lines."""
    return "".join(f"{json.dumps(record)}\n" for record in records).encode()
