"""Many people, one library: limits that hold, generations that change under nobody's feet, an end without loss."""

from __future__ import annotations

import asyncio
import io
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import weakref
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from searcher.index.writer_lock import writer_lock
from searcher.library import Library
from searcher.records import Filters
from searcher.settings import WebSettings
from searcher.web import api, connection, indexing
from searcher.web import generations as generations_module
from searcher.web.app import create_app
from searcher.web.generations import MOST_HELD, Generations
from searcher.web.questions import Asked
from searcher.web.serving import Overloaded, Service, TookTooLong
from searcher.web.tokens import Tokens
from tests.library.samples import NOW, article, new_library, wanted
from tests.web.served import GENEROUS, LINES, WRITE, WRITER, library_at, lines, listening, served

ROOT = Path(__file__).parents[2]


@pytest.fixture
def busy(tmp_path):
    """A service whose threads all wait for an event, with room for two more questions."""
    service = Service(library_at(tmp_path, web=WebSettings(queue=2, timeout_s=0.2)))
    service.start()
    release = threading.Event()
    yield service, release
    release.set()
    service.close()


def test_one_question_too_many_is_refused_at_once(busy):
    """With all threads and places taken, the next is Overloaded; those that wait are answered when there is room."""
    service, release = busy

    async def ask():
        service.settings = WebSettings(queue=2, timeout_s=60)
        waiting = [asyncio.ensure_future(service.do(release.wait)) for _ in range(service._threads + 2)]
        await asyncio.sleep(0)
        with pytest.raises(Overloaded):
            await service.do(lambda: None)
        with pytest.raises(Overloaded):
            service.check_room()
        release.set()
        assert all(await asyncio.gather(*waiting))
        return await service.do(lambda: "room again")

    assert asyncio.run(ask()) == "room again"
    assert service.pending == 0


def test_an_answer_that_takes_too_long_is_given_up(busy):
    """
    When time is up the question is TookTooLong, whether it waits or is being worked on; one that only waited is never
    begun; one under way keeps its thread, and its place, until it ends.
    """
    service, release = busy
    begun = []

    async def ask():
        working = [asyncio.ensure_future(service.do(release.wait)) for _ in range(service._threads)]
        waiting = asyncio.ensure_future(service.do(lambda: begun.append("late")))
        results = await asyncio.gather(*working, waiting, return_exceptions=True)
        assert all(isinstance(one, TookTooLong) for one in results)
        assert service.pending == service._threads

    asyncio.run(ask())
    release.set()
    service._pool.shutdown(wait=True)
    assert begun == [] and service.pending == 0


def test_what_is_quick_does_not_wait_for_what_is_not(busy):
    """While every thread is taken and questions wait, a search by words alone and an article are answered."""
    service, release = busy

    async def ask():
        service.settings = WebSettings(queue=2, timeout_s=60)
        waiting = [asyncio.ensure_future(service.do(release.wait)) for _ in range(service._threads)]
        await asyncio.sleep(0)
        found = await service.search(Asked("harbour", mode="lexical"))
        shown = await service.revisions(found[0].article_id)
        assert shown[-1].article == found[0].article and not any(one.done() for one in waiting)
        release.set()
        await asyncio.gather(*waiting)

    asyncio.run(ask())


def test_overload_is_503_with_a_time_to_come_back(tmp_path, monkeypatch):
    """Over HTTP: 503, Retry-After, problem+json; and readiness says the same."""
    library = library_at(tmp_path, web=WebSettings(queue=1, rate=1e9))
    with served(library) as client:
        service = client.app.state.service
        monkeypatch.setattr(service, "pending", 1000)
        for path in ("search", "similar?id=n1", "facets", "status", "ready"):
            answer = client.get(f"/api/v1/{path}")
            assert answer.status_code == 503 and int(answer.headers["retry-after"]) > 0
            assert "Try again" in answer.json()["detail"]
        assert client.get("/api/v1/health").status_code == 200


def test_no_request_is_dropped_while_generations_change(tmp_path):
    """
    Eight clients ask all the time while another process's doing, adds, withdrawals and rebuilds, moves the library
    through twelve generations: every answer is 200, generations never go back, and the last one is reached.
    """
    library = library_at(tmp_path, articles=30)
    writer = new_library(tmp_path, library.settings)
    with served(library) as client:
        stop, failures, seen = threading.Event(), [], set()

        def ask(number):
            last = 0
            while not stop.is_set():
                answer = client.get("/api/v1/search", params={"q": f"harbour strike {number}", "limit": 30})
                if answer.status_code != 200 or answer.json()["generation"] < last:
                    failures.append(answer.text)
                    return
                last = answer.json()["generation"]
                seen.add(last)

        with ThreadPoolExecutor(8) as pool:
            asking = [pool.submit(ask, number) for number in range(8)]
            for number in range(12):
                writer.add(article(f"new{number}", f"A harbour, edition {number}."), now=NOW)
                client.app.state.service.generations.refresh()
                client.app.state.service.generations.drop_old()
                if number % 4 == 3:
                    writer.remove(f"new{number - 1}")
                    writer.rebuild()
            client.app.state.service.generations.refresh()
            newest = writer.status().generation
            assert client.get("/api/v1/search").json()["generation"] == newest
            stop.set()
            for one in asking:
                one.result(60)
        assert failures == [] and len(seen) > 2
    writer.close()


def test_what_another_process_indexes_is_noticed(tmp_path, monkeypatch):
    """Nobody tells the server: it looks by itself, and answers from the new generation."""
    monkeypatch.setattr(generations_module, "POLL_S", 0.01)
    library = library_at(tmp_path, articles=5)
    noticed = threading.Event()
    with served(library) as client:
        found = client.app.state.service.generations
        refresh = found.refresh

        def refreshed():
            refresh()
            if found.current().generation.number == 2:
                noticed.set()

        monkeypatch.setattr(found, "refresh", refreshed)
        with new_library(tmp_path, library.settings) as writer:
            writer.add(article("new", "A zeppelin landed."), now=NOW)
        assert noticed.wait(60)
        hits = client.get("/api/v1/search", params={"q": "+zeppelin"}).json()["hits"]
        assert [hit["id"] for hit in hits] == ["new"]


def test_an_index_that_cannot_be_opened_leaves_the_old_one_answering(tmp_path):
    """
    With a damaged pointer, one that leads nowhere, or no index at all, questions are answered as before, and the
    answers or the server say what is wrong; when it is mended, all is well by itself.
    """
    library = library_at(tmp_path, articles=5)
    generations = Generations(library)
    generations.refresh()
    whole = library.search("harbour", reader=generations.current())
    indexes, current = tmp_path / "indexes", tmp_path / "indexes" / "CURRENT"
    kept = current.read_bytes()

    def break_pointer(text):
        current.write_bytes(text)

    def lose_all():
        indexes.rename(tmp_path / "away")

    def mend():
        if not indexes.exists():
            (tmp_path / "away").rename(indexes)
        current.write_bytes(kept)

    for harm in (
        lambda: break_pointer(b"nonsense"),
        lambda: break_pointer(b"000009.json " + b"0" * 64),
        lose_all,
    ):
        harm()
        generations.refresh()
        found = library.search("harbour", reader=generations.current())
        assert (found.generation, found.hits) == (whole.generation, whole.hits)
        assert found.degraded or generations.problem
        mend()
        generations.refresh()
        assert generations.problem is None
        assert library.search("harbour", reader=generations.current()).degraded is None
    generations.close()
    library.close()


def test_a_segment_that_turns_out_damaged_is_left(tmp_path):
    """A generation with a segment that was found damaged while it answered is opened anew, without it."""
    library = library_at(tmp_path, articles=5)
    library.add(article("other", "A zeppelin."), now=NOW)
    generations = Generations(library)
    generations.refresh()
    before = generations.current()
    assert len(before.segments) == 2 and library.readers.is_current(before)
    library.readers._broken.add(f"{before.segments[1].info.name}/arrays")
    generations.refresh()
    after = generations.current()
    assert after is not before and library.search("zeppelin", reader=after).degraded is not None
    generations.close()
    library.close()


def test_generations_are_held_while_pages_are_turned_and_no_longer(tmp_path, monkeypatch):
    """Unused ones go after ten minutes, and of too many the one unused longest; the current one stays."""
    now = 0.0
    library = library_at(tmp_path, articles=3)
    generations = Generations(library, clock=lambda: now)
    generations.refresh()
    numbers = [generations.current().generation.number]
    for number in range(3):
        now += 1
        library.add(article(f"a{number}", f"Text {number}."), now=NOW)
        generations.refresh()
        numbers.append(generations.current().generation.number)
    assert [generations.held(number).generation.number for number in numbers] == numbers
    now = 500.0
    generations.held(numbers[1])
    now = 700.0
    generations.drop_old()
    assert sorted(generations._held) == [numbers[1], numbers[-1]]
    monkeypatch.setattr(generations_module, "MOST_HELD", 1)
    generations.drop_old()
    assert sorted(generations._held) == numbers[-1:] and MOST_HELD > 1
    generations.close()
    library.close()


def test_counts_leave_out_their_own_filter(tmp_path):
    """
    Beside a chosen outlet stand the others with what each would give, beside chosen days the other days; what is chosen
    of another kind narrows all.
    """
    library = library_at(tmp_path)
    service = Service(library)
    service.start()
    filters = Filters(sources=("Nordwind",), since=NOW.replace(month=2))

    async def ask(asked):
        return await service.count(asked, interval="month")

    found = asyncio.run(ask(Asked("+harbour", mode="lexical", filters=filters)))
    since_only = library.search(
        "+harbour", mode="lexical", filters=Filters(since=filters.since), overview="month"
    ).overview
    source_only = library.search(
        "+harbour", mode="lexical", filters=Filters(sources=("Nordwind",)), overview="month"
    ).overview
    both = library.search("+harbour", mode="lexical", filters=filters, overview="month").overview
    assert found.facets["source"] == since_only.facets["source"] and len(found.facets["source"]) > 1
    assert (found.bars, found.undated) == (source_only.bars, source_only.undated)
    assert found.facets["language"] == both.facets["language"] != since_only.facets["language"]
    service.close()


@pytest.mark.slow
def test_the_command_serves_until_it_is_told_to_stop(tmp_path):
    """
    `searcher serve` says where it listens and where the token is, answers there, refuses a port that is taken, and on
    SIGTERM finishes the answer it has begun and ends with code 0.
    """
    library_at(tmp_path, articles=5).close()
    command = [sys.executable, "-m", "searcher", "--home", str(tmp_path), "serve", "--port"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        [*command, "0"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    ) as server:
        try:
            address = server.stdout.readline().strip()
            assert "write.token" in server.stdout.readline()
            with httpx.Client(
                base_url=address, timeout=60, transport=httpx.HTTPTransport(retries=5)
            ) as client:
                assert client.get("/api/v1/health").json()["status"] == "ok"
                taken = subprocess.run(
                    [*command, address.rstrip("/").rpartition(":")[2]],
                    capture_output=True, text=True, env=environment, check=False,
                )  # fmt: skip
                assert taken.returncode == 1 and "--port" in taken.stderr
                server.send_signal(signal.SIGTERM)
                assert server.wait(60) == 0
        finally:
            server.kill()


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"GET / HTTP/1.1\r\nHost: localhost\r\n",
        b"GET /api/v1/health HTTP/1.1\r\nHost: localhost\r\n\r\nGET",
    ],
)
def test_a_connection_that_never_comes_to_the_point_is_closed(tmp_path, monkeypatch, sent):
    """One that sends nothing, half of its headers, or half a second request is closed when its time is up."""
    monkeypatch.setattr(connection, "HEADERS_S", 0.1)
    app = create_app(library_at(tmp_path, articles=0), Tokens(WRITE, None))
    with listening(app) as port, socket.create_connection(("127.0.0.1", port), timeout=60) as client:
        client.sendall(sent)
        answers = b""
        while piece := client.recv(65536):  # Nothing more comes: it was closed.
            answers += piece
    assert answers.count(b"HTTP/1.1 200") == sent.count(b"\r\n\r\n")


def test_an_answer_may_take_longer_than_headers(tmp_path, monkeypatch):
    """A connection that waits for its answer is not closed, however often it is looked at meanwhile."""
    monkeypatch.setattr(connection, "HEADERS_S", 0.02)
    library = library_at(tmp_path, articles=3)
    app = create_app(library, Tokens(WRITE, None))
    release = threading.Event()
    monkeypatch.setattr(library, "status", lambda: (release.wait(60), Library.status(library))[1])
    with listening(app) as port:
        threading.Timer(0.3, release.set).start()
        answer = httpx.get(f"http://127.0.0.1:{port}/api/v1/status", timeout=60)
        assert answer.status_code == 200


def test_generations_that_nobody_holds_are_let_go(tmp_path, monkeypatch):
    """A dropped generation is closed at once: after many updates as many files are open, and kept, as after one."""
    monkeypatch.setattr(generations_module, "CURSOR_S", -1.0)
    library = library_at(tmp_path, articles=10)
    generations = Generations(library)
    generations.refresh()
    for number in range(5):
        old = weakref.ref(generations.current())
        library.add(article(f"a{number}", f"A harbour, edition {number}."), now=NOW)
        generations.refresh()
        library.search("harbour", overview="auto", reader=generations.current())
        generations.drop_old()
        assert old() is None
    assert len([*(tmp_path / "indexes" / "generations").iterdir()]) <= 3
    generations.close()
    library.close()


def settle(client):
    """Wait until the server has done what it does by itself, without asking it for more."""
    client.app.state.indexer._pool.submit(lambda: None).result(60)


PUT = {"headers": {**WRITER, **LINES}}
LATE = lines({"id": "late", "title": "Zeppelin", "text": "A zeppelin landed."})


@pytest.mark.parametrize("articles", [0, 5])
def test_what_waits_is_indexed_when_the_server_starts(tmp_path, articles):
    """What was kept before the last server ended is found without anybody asking, also where there is no index yet."""
    library = library_at(tmp_path, articles=articles)
    library.put(io.BytesIO(LATE), now=NOW)
    with served(library) as client:
        settle(client)
        hits = client.get("/api/v1/search", params={"q": "+zeppelin"}).json()["hits"]
        assert [hit["id"] for hit in hits] == ["late"]


@pytest.mark.parametrize("articles", [0, 5])
def test_a_server_where_nothing_waits_writes_nothing(tmp_path, articles):
    """
    One that is indexed, with a withdrawal since, and one without articles have the same indexes when their server has
    ended, and nobody took the writer's lock.
    """
    library = library_at(tmp_path, articles=articles)
    if articles:
        library.remove("n3")
    (tmp_path / "writer.lock").unlink(missing_ok=True)

    def files():
        return {
            path: path.stat().st_mtime_ns
            for path in tmp_path.rglob("*")
            if path.is_file() and not path.name.startswith("articles.db")  # SQLite tidies its own.
        }

    before = files()
    with served(library) as client:
        settle(client)
    assert files() == before and not (tmp_path / "writer.lock").exists()


def test_a_home_that_cannot_be_written_to_is_served(tmp_path, caplog):
    """What is indexed answers where nobody can have the writer's lock; the log says what could not be done."""
    library = library_at(tmp_path, articles=5)
    library.put(io.BytesIO(LATE), now=NOW)
    (tmp_path / "writer.lock").unlink()
    (tmp_path / "writer.lock").mkdir()  # Nobody opens this, not even root.
    with served(library) as client:
        settle(client)
        answer = client.get("/api/v1/search", params={"q": "harbour"}).json()
        assert answer["total"] > 0 and answer["waiting"] == 1
    assert "could not be indexed" in caplog.text and "cannot be written to" in caplog.text


def test_a_server_beside_a_writer_waits_its_turn(tmp_path, monkeypatch, caplog):
    """While another process writes the server answers, and says once that it waits; then it indexes what waits."""
    monkeypatch.setattr(indexing, "PATIENCE_S", 0.01)
    library = library_at(tmp_path, articles=5)
    library.put(io.BytesIO(LATE), now=NOW)
    with ExitStack() as stack:
        writing = stack.enter_context(ExitStack())
        writing.enter_context(writer_lock(tmp_path))
        client = stack.enter_context(served(library))
        assert client.get("/api/v1/search", params={"q": "harbour"}).json()["waiting"] == 1
        end = time.monotonic() + 60
        while "nobody else writes" not in caplog.text and time.monotonic() < end:
            time.sleep(0.01)
        writing.close()
        settle(client)
        assert client.get("/api/v1/search", params={"q": "+zeppelin"}).json()["total"] == 1
    assert caplog.text.count("nobody else writes") == 1


def test_indexes_that_are_there_and_cannot_be_used_are_left_to_a_person(tmp_path, caplog):
    """Built by another recipe, they are not built anew because a server starts: the log says what to run."""
    library_at(tmp_path, articles=5).close()
    other = new_library(tmp_path, replace(wanted(words=33), web=GENEROUS))
    current = (tmp_path / "indexes" / "CURRENT").read_bytes()
    with served(other) as client:
        settle(client)
        assert client.get("/api/v1/search").status_code == 503
    assert (tmp_path / "indexes" / "CURRENT").read_bytes() == current
    assert "searcher rebuild" in caplog.text and "could not be indexed" not in caplog.text


@pytest.mark.parametrize("body", [LATE, b""])
def test_a_put_says_whether_anything_waits(tmp_path, monkeypatch, body):
    """
    Lines that are unchanged, or none, are not called indexed while what was put before waits: 202 at once; with `wait`
    200, and it is found. When nothing waits, 200 either way.
    """
    monkeypatch.setattr(indexing, "PATIENCE_S", 0.01)
    library = library_at(tmp_path, articles=5)
    with served(library) as client:
        with writer_lock(tmp_path):
            first = client.put("/api/v1/articles", content=LATE, **PUT)
            again = client.put("/api/v1/articles", content=body, **PUT)
            monkeypatch.setattr(api, "WAIT_S", 0.05)
            waited = client.put("/api/v1/articles", params={"wait": "true"}, content=body, **PUT)
            monkeypatch.setattr(api, "WAIT_S", 60.0)
            assert [one.status_code for one in (first, again, waited)] == [202] * 3
            assert not any(one.json()["indexed"] for one in (first, again, waited))
        done = client.put("/api/v1/articles", params={"wait": "true"}, content=body, **PUT)
        assert (done.status_code, done.json()["indexed"]) == (200, True)
        assert client.get("/api/v1/search", params={"q": "+zeppelin"}).json()["total"] == 1
        still = client.put("/api/v1/articles", content=body, **PUT)
        assert (still.status_code, still.json()["indexed"]) == (200, True)
