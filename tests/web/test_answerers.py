"""Processes that answer: the answers are those that one gives alone, and nobody notices when a process goes."""

from __future__ import annotations

import json
import os
import pickle
import signal
from functools import partial

import pytest
from starlette.testclient import TestClient

from searcher.errors import ArticleNotFound
from searcher.web.answerer import Job, Opened, known
from searcher.web.answerers import Answerers, Died
from searcher.web.app import create_app
from searcher.web.questions import Asked, search, similar
from searcher.web.tokens import Tokens
from tests.library.samples import NOW, article, new_library
from tests.web.served import LINES, WRITE, WRITER, library_at, lines

PATHS = (
    "/api/v1/search?q=harbour+strike",
    "/api/v1/search?q=harbour+strike&mode=lexical&limit=3",
    "/api/v1/search?q=%22%22&mode=dense",
    "/api/v1/search?q=harb&source=Nordwind&sort=date",
    "/api/v1/search.rss?q=harbour",
    "/api/v1/search.json?q=harbour",
    "/api/v1/facets?q=harbour&source=Nordwind",
    "/api/v1/histogram?q=harbour&interval=month",
    "/api/v1/similar?id=n1",
    "/api/v1/similar?id=nobody",
    "/api/v1/search?q=harbour&cursor=nonsense",
    "/?q=harbour+strike",
    "/results?q=harbour+str&instant=1",
    "/results?q=harbor&source=Nordwind",
    "/similar?id=n1&when=after",
    "/article?id=n1&q=harbour",
    "/article?id=nobody",
)


def ends_here(library, reader, *, where):
    """Ends any process but one, as the system does when memory is short."""
    if os.getpid() != where:
        os.kill(os.getpid(), signal.SIGKILL)
    return "alive"


def ends_once(library, reader, *, mark):
    """Ends the first process that is asked."""
    if not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return "answered"


def process_number(library, reader):
    """Says who answers."""
    return os.getpid()


def fails(library, reader):
    """Raises what nobody raises on purpose."""
    raise ZeroDivisionError("by nothing")


@pytest.fixture
def asked(tmp_path):
    """Two processes that answer for a library, and what asks them."""
    library = library_at(tmp_path, articles=10)
    reader = library.reader()
    answerers = Answerers(library.opener(), 2)

    def ask(work):
        return answerers.ask(Job(work, known(reader), frozenset([known(reader)]), frozenset()))

    yield library, reader, answerers, ask
    answerers.close()
    library.close()


def served_with(library, processes):
    """Give a client of the library's server, with so many processes of each kind."""
    app = create_app(library, Tokens(WRITE, None), processes=processes)
    return TestClient(app, base_url="http://localhost", raise_server_exceptions=False)


def without_times(text):
    """The answer without what differs each time."""
    if text.startswith("{"):
        return {name: value for name, value in json.loads(text).items() if name != "took_ms"}
    return [line for line in text.splitlines() if 'class="took"' not in line]


def test_processes_give_the_answers_of_one(tmp_path):
    """Every kind of question, errors too, has the same status, headers and body with processes as without."""
    library_at(tmp_path).close()
    found = []
    for processes in (0, 2):
        with served_with(
            new_library(tmp_path, library_at(tmp_path, articles=0).settings), processes
        ) as client:
            answers = [client.get(path) for path in PATHS]
            found.append(
                [(one.status_code, one.headers.get("etag"), without_times(one.text)) for one in answers]
            )
    assert found[0] == found[1]
    assert {status for status, _, _ in found[0]} == {200, 404}


def test_what_was_put_is_found_when_its_answer_says_so(tmp_path):
    """Whichever process is asked after `wait=true` answers from the new generation, and a cursor from its own."""
    with served_with(library_at(tmp_path, articles=20), 2) as client:
        first = client.get("/api/v1/search", params={"q": "harbour", "limit": 2}).json()
        for number in range(3):
            line = lines({"id": f"new{number}", "title": "Zeppelin", "text": f"A zeppelin, number {number}."})
            put = client.put("/api/v1/articles?wait=true", content=line, headers={**WRITER, **LINES}).json()
            assert put["indexed"]
            for _ in range(4):
                for mode in ("hybrid", "lexical"):
                    asked = {"q": "+zeppelin", "mode": mode}
                    assert client.get("/api/v1/search", params=asked).json()["total"] == number + 1
        for _ in range(4):
            asked = {"q": "harbour", "limit": 2, "cursor": first["next"]}
            assert client.get("/api/v1/search", params=asked).json()["generation"] == first["generation"]
        assert client.delete("/api/v1/articles?id=new0", headers=WRITER).status_code == 200
        assert all(client.get("/api/v1/search?q=%2Bzeppelin").json()["total"] == 2 for _ in range(4))


def test_each_process_answers_and_none_twice_at_once(asked):
    """Questions go to the process that is free; all of them are other processes than this."""
    *_, ask = asked
    numbers = [ask(process_number) for _ in range(6)]
    assert len(set(numbers)) == 2 and os.getpid() not in numbers and numbers[:2] == numbers[2:4]


def test_one_that_dies_is_replaced_and_its_question_asked_again(asked, tmp_path):
    """A process that is killed costs nothing but time, whether it was idle or answering."""
    _, _, answerers, ask = asked
    before = {ask(process_number) for _ in range(2)}
    assert ask(partial(ends_once, mark=tmp_path / "mark")) == "answered"
    for one in answerers._all:
        one.process.kill()
    assert not before & {ask(process_number) for _ in range(4)}


def test_a_question_that_ends_processes_is_given_up(asked):
    """It is asked twice; the next question is answered."""
    *_, ask = asked
    with pytest.raises(Died, match="exit code -9"):
        ask(partial(ends_here, where=os.getpid()))
    assert ask(process_number) > 0


def test_errors_come_through(asked):
    """Errors of ours as they are, others too; the process goes on."""
    *_, ask = asked
    with pytest.raises(ArticleNotFound):
        ask(partial(similar, article="nobody"))
    with pytest.raises(ZeroDivisionError):
        ask(fails)
    assert ask(partial(search, asked=Asked("harbour"), now=NOW)).total > 0


def test_generations_are_opened_once_and_let_go(tmp_path):
    """A process keeps a generation open while it may be asked for, and what is found damaged no longer."""
    library = library_at(tmp_path, articles=5)
    first = library.reader()
    library.add(article("b", "A zeppelin landed."), now=NOW)
    second = library.reader()
    both = frozenset([known(first), known(second)])
    readers = Opened(library)

    def reader(wanted, still_open=both):
        return readers.reader(Job(process_number, known(wanted), still_open, frozenset()))

    one, other = reader(first), reader(second)
    assert (one.generation.number, other.generation.number) == (1, 2)
    assert reader(first) is one and reader(second) is other
    assert reader(second, frozenset([known(second)])) is other
    assert reader(first) is not one
    library.readers._broken.add(f"{second.segments[1].info.name}/arrays")
    partial_reader = reader(second)
    assert partial_reader is not other and partial_reader.problem
    assert reader(second) is partial_reader
    told = Job(
        process_number, known(second), both, frozenset([f"{second.segments[0].info.name}/vectors.faiss"])
    )
    assert readers.reader(told) is not partial_reader, "the server knows of more damage"
    library.close()


def test_questions_can_be_pickled_small():
    """What goes to a process is the question, not the server."""
    question = Job(partial(search, asked=Asked("harbour"), now=NOW), (1, "name"), frozenset(), frozenset())
    assert len(pickle.dumps(question)) < 1_000
