"""Imported by the fork server: runs `searcher add` once, so that what it imports is there when it is traced."""

import tempfile
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path

from searcher.cli import main
from searcher.library import library
from tests.fake_encoder import FakeEncoder

library.load_encoder = lambda settings: FakeEncoder()  # type: ignore[assignment]

with tempfile.TemporaryDirectory() as home, redirect_stdout(StringIO()), redirect_stderr(StringIO()):
    page = Path(home, "news.jsonl")
    page.write_text(
        '{"id": "a", "body": "The bridge over the river at Port Ellery reopened on Monday, at last."}\n'
    )
    for _ in range(2):
        main(["--home", home, "add", str(page), "--json"])
        main(["--home", home, "rebuild"])
