"""Pages and feeds are parsed in a process that may be killed: they give the same, and a bad one costs itself."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from searcher.ingest import confined
from searcher.ingest.draft import IngestOptions
from searcher.ingest.feed import read_feed
from searcher.ingest.html import read_html
from searcher.records import Rejection
from tests.ingest.cases import NOW, OPTIONS, WHERE, drafts

PAGE = b"""<html><head><title>Bridge reopens</title><meta name=author content="Ann Ode"></head><body><article>
<h1>Bridge reopens</h1><p>The bridge at Port Ellery reopened on Monday, two years after it was closed.</p>
<p>Its cables had been found to be worn, and were changed one by one while ferries took the cars across.</p>
<p>The council said that the tolls will stay as they are until the end of next year.</p></article></body></html>"""
FEED = b"""<rss version="2.0"><channel><title>Echo</title><item><title>Dam</title><link>https://echo.example/dam</link>
<description>The dam holds.</description><pubDate>Mon, 02 Jun 2025 10:00:00 GMT</pubDate></item></channel></rss>"""


def ask(kind, data):
    return confined.read_confined(kind, data, WHERE, max_item_bytes=OPTIONS.max_item_bytes)


@pytest.fixture
def limits(monkeypatch):
    """Set limits for the next worker, and end that worker afterwards."""
    real = subprocess.Popen

    def set_to(**values):
        lines = "\n".join(f"worker.{name} = {value}" for name, value in values.items())
        code = f"from searcher.ingest import worker\n{lines}\nworker.main()"

        def start(command, **how):
            return real([sys.executable, "-c", code], **how)

        confined._end_worker()
        monkeypatch.setattr(confined.subprocess, "Popen", start)

    yield set_to
    confined._end_worker()


def test_what_is_found_is_what_the_readers_find():
    """
    A page, a feed and a page without an article give the drafts and reasons that their readers give in this process.
    """
    assert ask("HTML", PAGE) == read_html(PAGE, WHERE, OPTIONS) != []
    assert ask("feed", FEED) == read_feed(FEED, WHERE, OPTIONS) != []
    assert ask("HTML", b"<html></html>") == [read_html(b"<html></html>", WHERE, OPTIONS)]
    assert ask("feed", FEED)[0].origin.place == "item 1"


def test_one_worker_serves_many_pages():
    """
    The worker of the first page serves the next ones, from any thread.
    """
    ask("HTML", PAGE)
    first = confined._WORKER
    found = []
    threads = [threading.Thread(target=lambda: found.append(ask("HTML", PAGE))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [read_html(PAGE, WHERE, OPTIONS)] * 4
    assert confined._WORKER is first


@pytest.mark.parametrize("status", [signal.SIGSEGV, signal.SIGABRT])
def test_a_parser_that_crashes_costs_its_page(limits, monkeypatch, status):
    """
    A worker that dies of a page rejects this page, saying so, and the next page is read.
    """
    limits(parse=f"lambda *asked, **how: __import__('os').kill(__import__('os').getpid(), {int(status)})")
    (found,) = ask("HTML", PAGE)
    assert isinstance(found, Rejection) and f"made its parser fail (status {-status})" in found.reason
    monkeypatch.undo()
    assert ask("HTML", PAGE) == read_html(PAGE, WHERE, OPTIONS)


def test_a_page_that_takes_too_long_is_rejected(limits, monkeypatch):
    """
    Both clocks count: processor time, and time on the wall. Each is named, and the rest of the batch is read.
    """
    limits(CPU_S=0.2, parse="lambda *asked, **how: [i for i in iter(int, 1)]")
    (found,) = ask("HTML", PAGE)
    assert found.reason == "the HTML takes more than 6 s of processor time to parse"
    monkeypatch.setattr(confined, "WALL_S", 0.3)
    limits(parse="lambda *asked, **how: __import__('time').sleep(60)")
    (found,) = ask("HTML", PAGE)
    assert found.reason == "the HTML could not be parsed within 0.3 s"
    monkeypatch.undo()
    assert ask("feed", FEED) == read_feed(FEED, WHERE, OPTIONS)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux enforces the limit on memory")
def test_a_page_that_takes_too_much_memory_is_rejected(limits):
    """
    What would need more than the limit ends the worker, not us.
    """
    limits(parse="lambda *asked, **how: b'x' * 2_000_000_000")
    (found,) = ask("HTML", PAGE)
    assert found.reason == "the HTML takes more than 1,000,000,000 bytes of memory to parse"


def test_a_worker_that_was_idle_ends_and_is_replaced(limits, monkeypatch):
    """
    A worker ends when nobody asks it for long; a page that comes at that very moment is read by the next one.
    """
    limits(IDLE_S=0.05)
    worker = confined._running()
    worker._process.wait(20)
    assert worker.ended == 0
    monkeypatch.setattr(confined.Worker, "ended", property(lambda self: None), raising=True)
    assert worker.ask(b"{}\n") is None
    monkeypatch.undo()
    real, asked = confined.Worker.is_ours, []

    def late_news(self):
        """The first time, it is not known yet that the worker has ended."""
        asked.append(self)
        return len(asked) == 1 or real(self)

    monkeypatch.setattr(confined.Worker, "is_ours", late_news)
    assert ask("HTML", PAGE) == read_html(PAGE, WHERE, OPTIONS)
    assert len(asked) == 2


def test_without_processes_pages_are_rejected_and_nothing_else(monkeypatch):
    """
    Where no process can be started pages and feeds are rejected with the reason: never parsed without limits. Other
    formats do not need one.
    """
    confined._end_worker()

    def no_process(*command, **how):
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(confined.subprocess, "Popen", no_process)
    (found,) = drafts(PAGE, "page.html")
    assert "no process can be started" in found.reason and "temporarily unavailable" in found.reason
    assert drafts(b'{"id": "a", "body": "The bridge is open."}\n', "a.jsonl")[0].body == "The bridge is open."
    monkeypatch.setattr(confined.sys, "executable", "")
    assert "no executable" in drafts(FEED, "feed.xml")[0].reason


def test_a_worker_that_does_not_start_is_no_fault_of_the_page(limits, monkeypatch):
    """
    The time that starting takes is not the page's; a worker that never begins is said to be the reason.
    """
    monkeypatch.setattr(confined, "START_S", 0.3)
    limits(_set_limits="lambda: __import__('time').sleep(60)")
    (found,) = ask("HTML", PAGE)
    assert "no process can be started (it ended with status -9 before it had begun)" in found.reason
    monkeypatch.undo()
    monkeypatch.setattr(confined, "WALL_S", 2.0)
    limits(_set_limits="lambda: __import__('time').sleep(3)")
    assert ask("feed", FEED) == read_feed(FEED, WHERE, OPTIONS)


def test_jsonl_never_starts_it():
    """
    Lines of JSON and plain texts are read without a worker; neither is one started by importing.
    """
    code = (
        "import io\nfrom datetime import UTC, datetime\nfrom searcher.ingest import confined, IngestOptions\n"
        "from searcher.ingest.reading import read_stream\nfrom searcher.records import Origin\n"
        "now = IngestOptions(now=datetime.now(UTC))\n"
        "for data in (b'{\"body\": \"The bridge.\"}\\n', b'The bridge is open.'):\n"
        "    assert list(read_stream(io.BufferedReader(io.BytesIO(data)), Origin('x'), now))\n"
        "assert confined._WORKER is None"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[2])


def test_a_fork_starts_its_own(tmp_path):
    """
    A process that was forked never speaks to its parent's worker, and does not end it.
    """
    ask("HTML", PAGE)
    worker = confined._WORKER
    assert worker is not None and worker.is_ours()
    worker._pid += 1  # As if this process were another than the one that started it.
    try:
        assert not worker.is_ours()
        worker.end()
        assert worker.ended is None
    finally:
        worker._pid = os.getpid()


def test_the_worker_ends_with_us():
    """
    When the process that started it is killed, the worker sees its input end, and ends too.
    """
    code = (
        "import os, signal\nfrom searcher.ingest import confined\n"
        "print(confined._running()._process.pid, flush=True)\nos.kill(os.getpid(), signal.SIGKILL)"
    )
    ran = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, cwd=Path(__file__).parents[2]
    )
    assert ran.stdout is not None
    with ran:
        pid = int(ran.stdout.readline())
        # The worker holds the other end of our pipe? No: its output is its own. It ends, and its pid is free.
        ran.wait()
    for _ in range(400):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        threading.Event().wait(0.05)
    pytest.fail("the worker lives on")


@pytest.mark.parametrize(
    "reply", [b"", b"x\n", b"999999999999\n", b"5\nabcde", b"4\nnull", b'14\n[{"where": 1}]', b"20\n[]"]
)
def test_a_worker_that_answers_nonsense_is_not_believed(monkeypatch, reply):
    """
    Whatever comes back is a list of drafts and rejections or a rejection.
    """
    confined._end_worker()
    real = subprocess.Popen
    code = (
        f"import sys; o = sys.stdout.buffer; o.write(b'ready\\n'); o.flush(); "
        f"sys.stdin.buffer.readline(); o.write({reply!r}); o.flush()"
    )
    monkeypatch.setattr(
        confined.subprocess, "Popen", lambda command, **how: real([sys.executable, "-c", code], **how)
    )
    (found,) = ask("HTML", PAGE)
    assert isinstance(found, Rejection)
    confined._end_worker()


def test_options_are_those_asked_for():
    """
    The size cap of the options holds in the worker.
    """
    options = IngestOptions(now=NOW, max_item_bytes=len(FEED) - 1)
    assert (
        "larger"
        in confined.read_confined("feed", FEED, WHERE, max_item_bytes=options.max_item_bytes)[0].reason
    )
