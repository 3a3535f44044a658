"""The health of the library: examined apart, once in a while, and said on its page and by the API."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from searcher.records import Examination, Finding
from searcher.web.app import create_app
from searcher.web.checkup import AGE_S, LEAST_S, Checkup, examine_apart, worst
from searcher.web.tokens import Tokens
from tests.web.served import library_at

WELL = Finding("articles", "ok", "all is as stored")
FULL = Finding("disk", "warning", "1.0 GB free", "free some space")
BAD = Finding("segments", "broken", "a file is not what was written", "searcher doctor --repair")


class Examiner:
    """Examines when it is let, and counts."""

    def __init__(self, *findings):
        self.findings, self.calls = findings, 0
        self.begun, self.go_on = threading.Semaphore(0), threading.Semaphore(0)

    def __call__(self):
        self.begun.release()
        assert self.go_on.acquire(timeout=60)
        self.calls += 1
        return Examination(Path("home"), self.findings)


def finished(checkup):
    """Wait for the examination that is under way; give what it found."""
    for thread in threading.enumerate():
        if thread.name == "checkup":
            thread.join(60)
    return checkup.last()


def test_who_looks_does_not_wait():
    """The first look gives nothing and begins one examination; the next ones give its findings, and begin no other."""
    examine = Examiner(WELL)
    checkup = Checkup(examine)
    for _ in range(3):
        first = checkup.look(1)
        assert first.examination is None and first.under_way
    examine.go_on.release()
    found = finished(checkup)
    assert found.examination.findings == (WELL,) and found.at is not None and not found.under_way
    assert checkup.look(1) == found and examine.calls == 1


def test_it_is_examined_again_when_it_is_old_or_another():
    """After a day, or a minute if the generation is another; until that ends the last findings are given."""
    now = 0.0
    examine = Examiner(WELL)
    checkup = Checkup(examine, clock=lambda: now)
    begun = []
    for moment, generation in (
        (0.0, 1), (LEAST_S / 2, 2), (LEAST_S + 1, 1), (LEAST_S + 2, 2), (AGE_S, 2), (LEAST_S + AGE_S + 3, 2),
    ):  # fmt: skip
        now = moment
        if checkup.look(generation).under_way:
            begun.append(moment)
            assert examine.begun.acquire(timeout=60)
            assert (checkup.last().examination is None) == (moment == 0.0)
            examine.go_on.release()
            finished(checkup)
    assert begun == [0.0, LEAST_S + 2, LEAST_S + AGE_S + 3]


def test_an_examination_that_fails_is_no_finding(caplog):
    """What was found before stays; it is tried again a day later."""

    def fail():
        raise OSError("no process")

    checkup = Checkup(fail)
    checkup.look(1)
    assert finished(checkup).examination is None and not checkup.look(1).under_way
    assert "could not be examined" in caplog.text


def test_the_worst_counts():
    """Broken before warning before ok; nothing found is ok."""
    assert [worst(some) for some in ((), (WELL,), (WELL, FULL), (FULL, BAD, WELL))] == [
        "ok",
        "ok",
        "warning",
        "broken",
    ]


@pytest.mark.parametrize("findings", [(WELL,), (WELL, FULL), (WELL, FULL, BAD)])
def test_page_and_api_say_what_was_found(tmp_path, findings):
    """The page has each finding with what to do, and the API the same; before there is one both say so."""
    examine = Examiner(*findings)
    app = create_app(library_at(tmp_path, articles=3), Tokens(None, None), examine=examine)
    with TestClient(app, base_url="http://localhost") as client:
        assert "It is being examined now" in client.get("/library").text
        assert client.get("/api/v1/health").json() == {"status": "ok", "library": None, "examined": None}
        examine.go_on.release()
        finished(app.state.service.checkup)
        page = client.get("/library").text
        status, health = (client.get(f"/api/v1/{name}").json() for name in ("status", "health"))
        for one in findings:
            assert one.said in page and (one.next_step or "") in page
        told = status["examination"]
        assert [(one["check"], one["state"], one["said"], one["next_step"]) for one in told["findings"]] == [
            (one.check, one.state, one.said, one.next_step) for one in findings
        ]
        assert health == {"status": "ok", "library": told["state"], "examined": told["at"]}
        assert told["state"] == findings[-1].state and examine.calls == 1
        assert ("All is well" in page) == (told["state"] == "ok")


def test_another_process_examines(tmp_path):
    """The findings are those of `doctor`; where the library lies is not said."""
    library = library_at(tmp_path, articles=3)
    app = create_app(
        library, Tokens(None, None), examine=lambda: examine_apart(library.home, library.settings)
    )
    with TestClient(app, base_url="http://localhost") as client:
        finished(app.state.service.checkup)
        answer = client.get("/api/v1/status")
        found = {one["check"]: one["state"] for one in answer.json()["examination"]["findings"]}
        assert found["articles"] == found["segments"] == found["contents"] == "ok"
        assert str(tmp_path) not in answer.text and str(tmp_path) not in client.get("/library").text


def test_an_examination_ends_with_its_server(tmp_path):
    """The process that examines ends when its server does, with nothing found and nothing said."""
    library = library_at(tmp_path / "home", articles=3)
    asked = pickle.dumps((library.home, library.settings))
    library.close()
    ran = subprocess.run(
        [sys.executable, "-m", "searcher.web.checkup"],
        input=asked,  # Closed behind it, as by a server that dies.
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        capture_output=True,
        check=False,
    )
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, b"", b"")
