"""What the API answers is what the library answers, and says so in the words of its contract."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime

import pytest

from searcher.cli.machine import hit_as_json
from searcher.records import Filters
from searcher.records.plain import plain_revisions
from searcher.web import schemas
from searcher.web.serving import Service
from tests.library.samples import MODES, NOW, article, on_day
from tests.web.served import LINES, READ, WRITER, library_at, lines, served

QUERIES = ("harbour strike", "vote -storm", '"harbour strike"', "bridge source:wire", "zzz", "")


def of(client, path, **params):
    """Give the JSON of a GET that must be answered."""
    response = client.get(f"/api/v1/{path}", params=params)
    assert response.status_code == 200, response.text
    return response.json()


@pytest.mark.parametrize("query", QUERIES)
@pytest.mark.parametrize("mode", MODES)
def test_a_search_is_the_library_s(client, library, mode, query):
    """
    Hits, order, scores, marks, totals, notes and verdict are those of `Library.search`, in the keys of the command
    line's JSON.
    """
    answer = of(client, "search", q=query, mode=mode, limit=20)
    results = library.search(query, mode=mode, limit=20, browse=True)
    assert [{key: hit[key] for key in hit_as_json(results[n])} for n, hit in enumerate(answer["hits"])] == [
        hit_as_json(hit) for hit in results
    ]
    assert (answer["total"], answer["notes"]) == (results.total, list(results.notes))
    assert (answer["verdict"], answer["generation"]) == (results.verdict, results.generation)
    assert (answer["next"] is None) == (results.total <= 20)
    schemas.Answer.model_validate(answer, strict=False)


@pytest.mark.parametrize(
    ("params", "filters"),
    [
        ({"source": ["Daily Echo", "wire"]}, Filters(sources=("daily echo", "Wire"))),
        ({"lang": "de"}, Filters(languages=("de",))),
        ({"since": "2025-02-01"}, Filters(since=datetime(2025, 2, 1, tzinfo=UTC))),
        ({"until": "2025-02-01"}, Filters(until=datetime(2025, 2, 2, tzinfo=UTC))),
        ({"until": "2025-02-01T00:00:00Z"}, Filters(until=datetime(2025, 2, 1, tzinfo=UTC))),
        ({"since": "2025-02-01T01:00:00+01:00"}, Filters(since=datetime(2025, 2, 1, tzinfo=UTC))),
    ],
)
def test_filters_mean_what_the_library_s_do(client, library, params, filters):
    """A parameter is a filter: repeated names add up, `until` as a date includes that day."""
    answer = of(client, "search", q="harbour", limit=100, **params)
    results = library.search("harbour", filters=filters, limit=100)
    assert [hit["id"] for hit in answer["hits"]] == [hit.article_id for hit in results]


def test_meaning_only_of_what_has_none_finds_nothing_and_says_why(client):
    """Of marks that no encoder reads: an empty answer with a note, in counts and feeds too, not an error."""
    asked = {"q": "\U000d6f0b", "mode": "dense", "source": "Wire"}
    answer = of(client, "search", **asked)
    assert (answer["total"], answer["verdict"]) == (0, "none") and "cannot read" in answer["notes"][-1]
    assert of(client, "facets", **asked) == {"source": [], "section": [], "language": []}
    assert client.get("/api/v1/search.rss", params=asked).status_code == 200


def test_sorting_and_copies_are_the_library_s(client, library):
    """`sort=date` is newest first; `copies=true` shows each copy by itself."""
    for params, asked in (({"sort": "date"}, {"sort": "date"}), ({"copies": "true"}, {"fold": False})):
        answer = of(client, "search", q="harbour", limit=100, **params)
        results = library.search("harbour", limit=100, **asked)
        assert [hit["id"] for hit in answer["hits"]] == [hit.article_id for hit in results]
        assert answer["total"] == results.total


def test_nothing_asked_is_everything_newest_first(client, library):
    """Without words and filters the pages hold all articles, newest first, copies folded."""
    answer = of(client, "search", limit=100)
    dates = [hit["published"] for hit in answer["hits"] if hit["published"]]
    assert dates == sorted(dates, reverse=True)
    shown = {name for hit in answer["hits"] for name in (hit["id"], *hit["copies"])}
    assert shown == {revision.article.article_id for revision in library.store.live()}


@pytest.mark.parametrize("params", [{}, {"before": "true"}, {"after": "true"}])
def test_similar_articles_are_the_library_s(client, library, params):
    """By id, and by the URL; before and after it."""
    asked = {f"{name}_it": True for name in params}
    dated = next(one.article for one in library.store.live() if one.article.published)
    answer = of(client, "similar", id=dated.article_id, limit=30, **params)
    results = library.similar(dated.article_id, limit=30, **asked)
    assert results.total > 0
    assert [hit["id"] for hit in answer["hits"]] == [hit.article_id for hit in results]
    assert answer["query"] == dated.article_id


def test_before_what_has_no_date_cannot_be_asked(client, library):
    """Before or after an article without a date, or before and after one at once: 400, with the library's words."""
    live = [one.article for one in library.store.live()]
    dated = next(one.article_id for one in live if one.published)
    undated = next(one.article_id for one in live if not one.published)
    for params, told in (
        ({"id": undated, "before": "true"}, "no date"),
        ({"id": undated, "after": "true"}, "no date"),
        ({"id": dated, "before": "true", "after": "true"}, "Choose one"),
    ):
        answer = client.get("/api/v1/similar", params=params)
        assert answer.status_code == 400 and told in answer.json()["detail"]


def test_a_packed_body_is_not_taken_for_text(client):
    """One that says that it is packed is 415 before anything is read, and the answer says what to do."""
    body = gzip.compress(lines({"id": "p", "title": "Packed", "text": "A text."}))
    for method, path, headers in (
        ("PUT", "articles", {**WRITER, **LINES}),
        ("POST", "similar", {"Content-Type": "text/plain"}),
    ):
        headers = {**headers, "Content-Encoding": "gzip"}
        answer = client.request(method, f"/api/v1/{path}", content=body, headers=headers)
        assert answer.status_code == 415 and "unpacked" in answer.json()["detail"]
    plain = {"Content-Type": "text/plain", "Content-Encoding": "identity"}
    assert client.post("/api/v1/similar", content="A text.", headers=plain).status_code == 200


def test_a_posted_text_finds_what_is_like_it(client, library):
    """The body of an article, posted as text, finds what the library finds for the same text from outside."""
    body = library.show("n3")[-1].article.body
    response = client.post(
        "/api/v1/similar", params={"limit": 5}, content=body, headers={"Content-Type": "text/plain"}
    )
    outside = article("outside", body, title=response.json()["hits"][0]["title"])
    found = {hit["id"] for hit in response.json()["hits"]}
    assert len(found) == 5 and "n3" not in found
    assert found & {hit.article_id for hit in library.similar(outside, limit=5)}
    empty = client.post("/api/v1/similar", content="…", headers={"Content-Type": "text/plain"})
    assert (empty.status_code, empty.json()["hits"]) == (200, [])


def test_an_article_is_shown_as_the_command_line_shows_it(tmp_path):
    """By id or URL, the newest state or any revision, with the list of all: the keys of `searcher show --json`."""
    library = library_at(tmp_path, articles=0)
    first = article("a/b?c", "First text.", url="https://news.example/1", published=on_day(3))
    library.add(first, now=NOW)
    library.add(article("a/b?c", "Second text."), now=NOW)
    with served(library) as client:
        revisions = library.show("a/b?c")
        assert of(client, "articles", id="a/b?c") == plain_revisions(revisions[-1], revisions)
        old = of(client, "articles", id="https://news.example/1", seq=1)
        assert old == plain_revisions(revisions[0], revisions)
        assert client.get("/api/v1/articles", params={"id": "a/b?c", "seq": 99}).status_code == 404
        assert client.get("/api/v1/articles", params={"id": "nobody"}).status_code == 404
        schemas.ArticleModel.model_validate(old, strict=False)


def test_status_says_what_the_library_says(client, library):
    """All numbers of `Library.status` but where it lies, and the generation that answers."""
    status = of(client, "status")
    known = library.status()
    for name in ("articles", "revisions", "chunks", "waiting", "generation", "problem", "encoder"):
        assert status[name] == getattr(known, name)
    assert status["answering"] == known.generation and str(known.home) not in str(status)
    assert of(client, "ready") == {"status": "ok"} and status["examination"] is None
    assert of(client, "health") == {"status": "ok", "library": None, "examined": None}


def test_every_line_that_is_put_says_what_became_of_it(tmp_path):
    """
    New, corrected, the same, not an article, no JSON, withdrawn before: one result for each line that is not blank,
    in order, under the number of the line; what is kept is found when the answer says so.
    """
    library = library_at(tmp_path, articles=0)
    with served(library) as client:
        put = {"params": {"wait": "true"}, "headers": {**WRITER, **LINES}}
        first = client.put(
            "/api/v1/articles",
            content=lines(
                {"id": "a", "title": "Storm", "text": "A storm hit the harbour."},
                {"id": "b", "title": "Vote", "text": "The union voted."},
            ),
            **put,
        )
        assert (first.status_code, first.json()["added"], first.json()["indexed"]) == (200, 2, True)
        client.delete("/api/v1/articles", params={"id": "b"}, headers=WRITER)
        body = lines({"id": "a", "title": "Storm", "text": "A storm hit the bridge."}) + b"\n{nonsense\n"
        body += lines(
            {"id": "b", "title": "Vote", "text": "The union voted."}, {"id": "c", "title": "No body"}
        )
        body += lines({"id": "a", "title": "Storm", "text": "A storm hit the bridge."})
        body += lines({"url": "https://news.example/x", "title": "Ferry", "text": "The ferry sank."})
        answer = client.put("/api/v1/articles", content=body, **put).json()
        told = [(one["line"], one["outcome"], one["id"]) for one in answer["results"]]
        ferry = library.find("https://news.example/x")
        assert told == [
            (1, "changed", "a"),
            (3, "rejected", None),
            (4, "restored", "b"),
            (5, "rejected", None),
            (6, "unchanged", "a"),
            (7, "added", ferry),
        ]
        assert "not JSON" in answer["results"][1]["reason"] and "no field" in answer["results"][3]["reason"]
        assert (answer["added"], answer["changed"], answer["unchanged"], answer["rejected"]) == (1, 2, 1, 2)
        assert [hit["id"] for hit in of(client, "search", q="+bridge")["hits"]] == ["a"]
        assert {hit["id"] for hit in of(client, "search")["hits"]} == {"a", "b", ferry}


def test_what_is_put_is_kept_at_once_and_found_soon(tmp_path):
    """Without `wait` the answer is 202, the article is in the store already, and the index follows by itself."""
    library = library_at(tmp_path, articles=5)
    with served(library) as client:
        answer = client.put(
            "/api/v1/articles",
            content=lines({"id": "late", "title": "Zeppelin", "text": "A zeppelin landed."}),
            headers={**WRITER, **LINES},
        )
        assert (answer.status_code, answer.json()["indexed"]) == (202, False)
        assert library.show("late")[-1].article.title == "Zeppelin"
        client.app.state.indexer.ask().result(60)
        assert [hit["id"] for hit in of(client, "search", q="+zeppelin")["hits"]] == ["late"]
        again = client.put(
            "/api/v1/articles",
            content=lines({"id": "late", "title": "Zeppelin", "text": "A zeppelin landed."}),
            headers={**WRITER, **LINES},
        )
        assert (again.status_code, again.json()["indexed"]) == (200, True)


def test_who_puts_what_is_new_does_not_wait_for_the_rest_to_be_counted(tmp_path, monkeypatch):
    """
    That it waits is known already, so a great library is filled in as many steps as it has lines; what is put again is
    said to be indexed, or not, by what waits.
    """
    library = library_at(tmp_path, articles=5)
    late = {"id": "late", "title": "Zeppelin", "text": "A zeppelin landed."}
    counted = []
    count = Service.waiting
    monkeypatch.setattr(Service, "waiting", lambda service: counted.append(1) or count(service))
    with served(library) as client:
        counted.clear()
        put = {"params": {"wait": "true"}, "headers": {**WRITER, **LINES}}
        for change in ({}, {"title": "A zeppelin"}):
            answer = client.put("/api/v1/articles", content=lines({**late, **change}), **put)
            assert (answer.status_code, answer.json()["indexed"], counted) == (200, True, [])
        client.delete("/api/v1/articles", params={"id": "late"}, headers=WRITER)
        answer = client.put("/api/v1/articles", content=lines(late), **put)
        assert (answer.json()["results"][0]["outcome"], counted) == ("restored", [])
        assert client.put("/api/v1/articles", content=lines(late), **put).status_code == 200
        assert counted == [1]


def test_a_withdrawal_holds_from_its_answer_on(tmp_path):
    """After DELETE nothing finds the article; its revisions are still there, and say that it is withdrawn."""
    library = library_at(tmp_path)
    with served(library) as client:
        first = of(client, "search", q="harbour")["hits"][0]["id"]
        answer = client.delete("/api/v1/articles", params={"id": first}, headers=WRITER)
        assert answer.json() == {"id": first, "withdrawn": True, "changed": True}
        assert first not in [hit["id"] for hit in of(client, "search", q="harbour", limit=100)["hits"]]
        again = client.delete("/api/v1/articles", params={"id": first}, headers=WRITER)
        assert again.json()["changed"] is False
        kept = client.get("/api/v1/articles", params={"id": first}, headers=WRITER)
        assert (kept.status_code, kept.json()["withdrawn"]) == (200, True)
        assert client.delete("/api/v1/articles", params={"id": "nobody"}, headers=WRITER).status_code == 404


def test_what_was_withdrawn_is_shown_to_who_may_write_only(tmp_path):
    """
    Neither its text nor its headline, of any revision, nor what is like it: 410, by id and by URL, also for whoever may
    read a closed library. The writer's token shows it; brought back it is shown to all.
    """
    library = library_at(tmp_path)
    url = "https://news.example/secret"
    library.add(article("s", "A zeppelin landed.", title="Zeppelin", url=url), now=NOW)
    library.add(article("s", "A zeppelin never landed.", title="Zeppelin", url=url), now=NOW)
    old = library.show("s")[0].seq
    library.remove("s")
    asked = [
        f"{path}{named}"
        for named in ("s", url)
        for path in ("articles?id=", f"articles?seq={old}&id=", "similar?id=", "similar?before=true&id=")
    ]
    with served(library, closed=True) as client:
        for path in asked:
            gone = client.get(f"/api/v1/{path}", headers={"Authorization": f"Bearer {READ}"})
            assert (gone.status_code, gone.headers["content-type"]) == (410, "application/problem+json")
            assert "withdrawn" in gone.json()["detail"] and "eppelin" not in gone.text
            again = client.get(f"/api/v1/{path}", headers=WRITER)
            assert again.status_code == (200 if path.startswith("articles") else 410)
        assert "never" not in client.get(f"/api/v1/{asked[1]}", headers=WRITER).text
        library.remove("s", undo=True)
        shown = client.get("/api/v1/articles?id=s", headers={"Authorization": f"Bearer {READ}"})
        assert shown.json()["withdrawn"] is False


def test_an_unchanged_answer_is_not_sent_again(tmp_path):
    """
    An ETag is good for the same question until the library changes: then the answer is 304 without a body. A
    withdrawal and an update each end that. Another question has another.
    """
    library = library_at(tmp_path)
    with served(library) as client:

        def ask(tag=None, **params):
            headers = {"If-None-Match": tag} if tag else {}
            return client.get("/api/v1/search", params={"q": "harbour", **params}, headers=headers)

        tag = ask().headers["etag"]
        same = ask(f'"other", {tag}')
        assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", tag)
        others = [ask(limit=11), ask(sort="date"), ask(q="bridge"), ask(source="wire"), ask(mode="lexical")]
        assert tag not in {other.headers["etag"] for other in others}
        library.remove(ask().json()["hits"][0]["id"])
        withdrawn = ask(tag)
        assert withdrawn.status_code == 200 and withdrawn.headers["etag"] != tag
        library.add(article("new", "A harbour."))
        client.app.state.service.generations.refresh()
        assert ask(withdrawn.headers["etag"]).json()["generation"] == 2


def test_a_question_about_the_last_days_has_no_lasting_tag(client, monkeypatch):
    """`since:7d` means another time tomorrow, and its ETag says so; that of a plain question stays."""
    from searcher.web import serving

    def tags():
        answers = [client.get("/api/v1/search", params={"q": q}) for q in ("harbour since:7d", "harbour")]
        return [answer.headers["etag"] for answer in answers]

    monkeypatch.setattr(serving, "this_minute", lambda: NOW)
    today = tags()
    monkeypatch.setattr(serving, "this_minute", lambda: NOW.replace(day=24))
    tomorrow = tags()
    assert today[0] != tomorrow[0] and today[1] == tomorrow[1]


@pytest.mark.parametrize(
    ("path", "params", "status"),
    [
        ("search", {"limit": 0}, 422),
        ("search", {"limit": 101}, 422),
        ("search", {"since": "yesterday"}, 422),
        ("search", {"since": "2025-02-30"}, 422),
        ("search", {"lang": "Klingon"}, 422),
        ("search", {"sort": "upside-down"}, 422),
        ("search", {"lmit": 5}, 422),
        ("search", {"cursor": "nonsense"}, 404),
        ("search", {"cursor": "W10"}, 404),
        ("similar", {}, 422),
        ("similar", {"id": "nobody"}, 404),
        ("articles", {"id": "nobody"}, 404),
        ("nothing", {}, 404),
    ],
)
def test_a_wrong_question_is_a_problem_that_says_why(client, path, params, status):
    """Every error is problem+json with its status, a title and a sentence."""
    response = client.get(f"/api/v1/{path}", params=params)
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    problem = response.json()
    assert problem["status"] == status and problem["title"] and problem["detail"]
    schemas.ProblemModel.model_validate(problem)


def test_a_library_without_an_index_is_not_ready(tmp_path):
    """Health is fine, readiness and search are 503 with Retry-After, and the detail names the command."""
    library = library_at(tmp_path, articles=0)
    with served(library) as client:
        assert client.get("/api/v1/health").status_code == 200
        for path in ("ready", "search"):
            response = client.get(f"/api/v1/{path}")
            assert response.status_code == 503 and int(response.headers["retry-after"]) > 0
            assert "searcher rebuild" in response.json()["detail"]
            assert str(tmp_path) not in response.text
        assert (
            of(client, "status")["answering"] is None
            and str(tmp_path) not in client.get("/api/v1/status").text
        )


def test_head_is_get_without_a_body(client):
    """The same status and headers, nothing else."""
    head, get = (client.request(method, "/api/v1/search?q=harbour") for method in ("HEAD", "GET"))
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["etag"] == get.headers["etag"] and get.content
